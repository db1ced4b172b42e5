"""Files of before 2007, written from Microsoft's open specifications, for the tests of readers."""

from __future__ import annotations

import struct
from dataclasses import dataclass

_FREE, _END, _FAT = 0xFFFFFFFF, 0xFFFFFFFE, 0xFFFFFFFD
HEADING_1, HEADING_2 = 1, 2
IN_TABLE = struct.pack("<HB", 0x2416, 1)
ROW_END = IN_TABLE + struct.pack("<HB", 0x2417, 1)
LIST_ITEM = struct.pack("<HH", 0x460B, 1)
SECOND_LEVEL = LIST_ITEM + struct.pack("<HB", 0x260A, 1)


def compound(**streams: bytes) -> bytes:
    """An OLE2 file; streams are padded to 4096 bytes, below which they are kept elsewhere."""
    sectors: list[bytes] = []
    fat: list[int] = []

    def put(data: bytes) -> int:
        data += b"\0" * (-len(data) % 512)
        first, count = len(sectors), len(data) // 512
        sectors.extend(data[i : i + 512] for i in range(0, len(data), 512))
        fat.extend([*range(first + 1, first + count), _END])
        return first

    def entry(name: str, kind: int, start: int, size: int, left: int, child: int) -> bytes:
        raw = name.encode("utf-16-le") + b"\0\0"
        head = raw.ljust(64, b"\0") + struct.pack("<HBB", len(raw), kind, 1)
        links = struct.pack("<3I", left, _FREE, child)
        return head + links + b"\0" * 36 + struct.pack("<IQ", start, size)

    names = sorted(streams, key=lambda name: (len(name), name.upper()), reverse=True)
    entries = [entry("Root Entry", 5, _END, 0, _FREE, 1)]
    for number, name in enumerate(names, 1):
        data = streams[name].ljust(4096, b"\0")
        # A chain to the left, in falling order, is a tree too.
        left = number + 1 if number < len(names) else _FREE
        entries.append(entry(name.replace("_", " "), 2, put(data), len(data), left, _FREE))
    while len(entries) % 4:
        entries.append(entry("", 0, 0, 0, _FREE, _FREE))
    directory = put(b"".join(entries))
    count = 1
    while count * 128 < len(fat) + count:
        count += 1
    places = list(range(len(sectors), len(sectors) + count))
    table = [*fat, *[_FAT] * count]
    table += [_FREE] * (count * 128 - len(table))
    sectors += [struct.pack("<128I", *table[i * 128 : (i + 1) * 128]) for i in range(count)]
    header = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 16
    header += struct.pack("<5H", 0x3E, 3, 0xFFFE, 9, 6) + b"\0" * 6
    header += struct.pack("<9I", 0, count, directory, 0, 4096, _END, 0, _END, 0)
    header += struct.pack("<109I", *places, *[_FREE] * (109 - count))
    return header + b"".join(sectors)


@dataclass
class Paragraph:
    """One paragraph of a Word file: `properties` are those of the format ([MS-DOC] 2.6.2)."""

    text: str
    style: int = 0
    properties: bytes = b""
    end: str = "\r"


def row(*cells: str) -> list[Paragraph]:
    made = [Paragraph(text, properties=IN_TABLE, end="\x07") for text in cells]
    return [*made, Paragraph("", properties=ROW_END, end="\x07")]


def word_streams(
    paragraphs: list[Paragraph],
    *,
    deleted: str = "",
    footnotes: list[str] | None = None,
    comments: list[str] | None = None,
    narrow: bool = False,
    flags: int = 0x0200,
    version: int = 0xC1,
) -> dict[str, bytes]:
    """The two streams of a .doc.

    A ``\\x02`` in the text refers to the next footnote and a ``\\x05`` to the next comment; the
    words `deleted` are marked as deleted; `narrow` is one byte a character.
    """
    footnotes, comments = footnotes or [], comments or []
    body = "".join(p.text + p.end for p in paragraphs)
    parts = [body, "".join(f"\x02 {note}\r" for note in footnotes),
             "".join(f"\x05{note}\r" for note in comments)]  # fmt: skip
    width, base = (1, 2048) if narrow else (2, 2048)
    codec = "cp1252" if narrow else "utf-16-le"
    raw = [part.encode(codec) for part in parts]
    sizes = [len(part) // width for part in raw]
    text = b"".join(raw) + "\r".encode(codec)
    main = bytearray(base + len(text))
    main[base:] = text
    main += b"\0" * (-len(main) % 512)
    end = base + len(text)

    def page(places: list[int], values: list[bytes], step: int) -> int:
        """One page of runs; gives its number."""
        data = bytearray(512)
        struct.pack_into(f"<{len(places)}I", data, 0, *places)
        at = 510
        for i, value in enumerate(values):
            if value:
                at = (at - len(value)) & ~1
                data[at : at + len(value)] = value
                data[4 * len(places) + step * i] = at // 2
        data[511] = len(values)
        number = len(main) // 512
        main.extend(data)
        return number

    places, values, at = [base], [], base
    for p in paragraphs:
        at += len((p.text + p.end).encode(codec))
        content = struct.pack("<H", p.style) + p.properties
        content += b"\0" * (1 - len(content) % 2)  # odd, as its length byte makes it even
        values.append(bytes([(len(content) + 1) // 2]) + content)
        places.append(at)
    papx = struct.pack("<3I", base, end, page(places, values, 13))
    chpx = b""
    if deleted:
        first = base + len(body[: body.index(deleted)].encode(codec))
        last = first + len(deleted.encode(codec))
        mark = b"\x03" + struct.pack("<HB", 0x0800, 1)
        number = page([base, first, last, end], [b"", mark, b""], 1)
        chpx = struct.pack("<3I", base, end, number)

    def references(sign: str, size: int) -> bytes:
        units = body.encode("utf-16-le")
        found = [
            i // 2 for i in range(0, len(units), 2) if units[i : i + 2] == sign.encode("utf-16-le")
        ]
        return struct.pack(f"<{len(found) + 1}I", *found, sizes[0]) + b"\0" * size * len(found)

    def stories(texts: list[str], extra: int) -> bytes:
        found = [0]
        for item in texts:
            found.append(found[-1] + len(item.encode("utf-16-le")) // 2 + extra)
        return struct.pack(f"<{len(found) + 1}I", *found, found[-1] + 3)

    styles = b"".join(
        struct.pack("<HHHHHH", 10, kind, (base_style << 4) | 1, 0, 0, 0)
        for kind, base_style in ((0, 0xFFF), (1, 0), (2, 0), (0xFFE, 2))
    )
    total = sum(sizes) + 1
    place = base * 2 | 0x40000000 if narrow else base
    pieces = struct.pack("<2I", 0, total) + struct.pack("<HIH", 0, place, 0)
    tables = {
        1: struct.pack("<HHH", 4, 4, 10) + styles,
        13: papx,
        12: chpx,
        33: b"\x01\x02\x00\0\0" + b"\x02" + struct.pack("<I", len(pieces)) + pieces,
    }
    if footnotes:
        tables |= {2: references("\x02", 2), 3: stories(footnotes, 3)}
    if comments:
        tables |= {4: references("\x05", 30), 5: stories(comments, 2)}
    table = bytearray(b"\0" * 16)
    for number, content in tables.items():
        struct.pack_into("<II", main, 154 + 8 * number, len(table), len(content))
        table += content
    struct.pack_into("<HH", main, 0, 0xA5EC, version)
    struct.pack_into("<H", main, 10, flags)
    struct.pack_into("<8i", main, 76, sizes[0], sizes[1], 0, 0, sizes[2], 0, 0, 0)
    return {"WordDocument": bytes(main), "1Table": bytes(table)}


def word(paragraphs: list[Paragraph], **options: object) -> bytes:
    return compound(**word_streams(paragraphs, **options))  # type: ignore[arg-type]


def _record(kind: int, content: bytes, *, container: bool = False, instance: int = 0) -> bytes:
    first = instance << 4 | (0xF if container else 0)
    return struct.pack("<HHI", first, kind, len(content)) + content


def _box(kind: int, text: str) -> bytes:
    inside = _record(0x0F9F, struct.pack("<I", kind)) + _record(0x0FA0, text.encode("utf-16-le"))
    return _record(0xF004, _record(0xF00D, inside, container=True), container=True)


@dataclass
class Slide:
    title: str
    body: str = ""
    notes: str = ""
    hidden: bool = False


def powerpoint(slides: list[Slide]) -> bytes:
    """A .ppt: titles are kept in the outline, bodies in the slide, as PowerPoint does."""
    parts: list[bytes] = []
    listing = noted = b""
    for number, slide in enumerate(slides, 1):
        mark = 256 + number
        title = _record(0x0F9F, struct.pack("<I", 0)) + _record(
            0x0FA0, slide.title.encode("utf-16-le")
        )
        listing += _record(0x03F3, struct.pack("<IIiII", 2 * number, 0, 1, mark, 0)) + title
        outline = _record(0xF00D, _record(0x0F9E, struct.pack("<I", 0)), container=True)
        drawing = _record(0xF004, outline, container=True) + _box(1, slide.body)
        atom = struct.pack("<I8xIIHH", 1, 0, mark if slide.notes else 0, 7, 0)
        show = _record(0x03F9, struct.pack("<iIBBHBB2x", 0, 0, 0, 0, 4 * slide.hidden, 0, 0))
        content = _record(0x03EF, atom) + show + _record(0x040C, drawing, container=True)
        parts.append(_record(0x03EE, content, container=True))
        box = _record(0x040C, _box(2, slide.notes) + _box(4, "*"), container=True)
        noted += _record(0x03F3, struct.pack("<IIiII", 2 * number + 1, 0, 0, mark, 0))
        parts.append(_record(0x03F0, box, container=True))
    lists = _record(0x0FF0, listing, container=True, instance=0)
    lists += _record(0x0FF0, noted, container=True, instance=2)
    parts.insert(0, _record(0x03E8, lists, container=True))
    places, at = [], 0
    for part in parts:
        places.append(at)
        at += len(part)
    directory = struct.pack("<I", 1 | len(places) << 20) + struct.pack(f"<{len(places)}I", *places)
    edit = struct.pack("<IHBBIIIIHH", 0, 0, 0, 3, 0, at, 1, len(places) + 1, 0, 0)
    data = b"".join(parts) + _record(0x1772, directory) + _record(0x0FF5, edit)
    user = _record(
        0x0FF6, struct.pack("<III", 20, 0xE391C05F, at + 8 + len(directory)) + b"\0" * 12
    )
    return compound(PowerPoint_Document=data, Current_User=user)


def excel(sheets: dict[str, list[list[str | float]]], hidden: tuple[str, ...] = ()) -> bytes:
    """A .xls (BIFF8), cells as labels and numbers."""

    def record(kind: int, content: bytes) -> bytes:
        return struct.pack("<HH", kind, len(content)) + content

    def begin(kind: int) -> bytes:
        return record(0x0809, struct.pack("<HHHHII", 0x0600, kind, 0x0DBB, 0x07CC, 0, 6))

    bodies = []
    for rows in sheets.values():
        body = begin(0x0010)
        for r, cells in enumerate(rows):
            for c, cell in enumerate(cells):
                if isinstance(cell, str):
                    text = struct.pack("<HB", len(cell), 1) + cell.encode("utf-16-le")
                    body += record(0x0204, struct.pack("<HHH", r, c, 0) + text)
                else:
                    body += record(0x0203, struct.pack("<HHHd", r, c, 0, cell))
        bodies.append(body + record(0x000A, b""))
    head = begin(0x0005) + record(0x0042, struct.pack("<H", 1200))
    bounds = [struct.pack("<BB", len(name), 1) + name.encode("utf-16-le") for name in sheets]
    at = len(head) + sum(len(bound) + 10 for bound in bounds) + 4
    for name, bound, body in zip(sheets, bounds, bodies, strict=True):
        head += record(0x0085, struct.pack("<IBB", at, name in hidden, 0) + bound)
        at += len(body)
    return compound(Workbook=head + record(0x000A, b"") + b"".join(bodies))


def wordperfect(lines: list[str]) -> bytes:
    """A WordPerfect 5.1 file of plain lines."""
    head = b"\xffWPC" + struct.pack("<IBBBBHH", 16, 1, 10, 0, 1, 0, 0)
    return head + "\n".join(lines).encode("ascii") + b"\n"
