"""Word files of before 2007 (.doc), read from their piece table.

The running text is kept in pieces that stand anywhere in the file; styles, deletions and tables
are kept apart from it, by the place in the file where the characters stand ([MS-DOC], Microsoft's
open specification; the numbers in brackets below are its sections). Read here because antiword
gives nothing for short files and catdoc gives deleted text as if it stood.
"""

from __future__ import annotations

import bisect
import struct
from array import array
from collections.abc import Iterator
from dataclasses import dataclass, field

from datapartnerships.errors import DocumentError
from datapartnerships.readers._blocks import Block, table_text

# Places of the tables in the header: number of the pair "offset, length" (2.5.6).
_STYLES, _FOOTNOTE_REFS, _FOOTNOTES, _COMMENT_REFS, _COMMENTS = 1, 2, 3, 4, 5
_HEADERS, _CHARACTER_RUNS, _PARAGRAPHS, _PIECES, _ENDNOTE_REFS, _ENDNOTES = 11, 12, 13, 33, 46, 47
# Properties (2.6): a number, and after it as many bytes as its upper three bits say.
_DELETED, _IN_TABLE, _ROW_END, _LIST, _LIST_LEVEL = 0x0800, 0x2416, 0x2417, 0x460B, 0x260A
_OUTLINE, _INNER_CELL, _INNER_ROW_END = 0x2640, 0x244B, 0x244C
_OPERAND_BYTES = (1, 1, 2, 4, 2, 2, 0, 3)
_PAGE = 512
_NO_STYLE = 0xFFF
# Word 97, the first with this layout; before it, text was not Unicode.
_WORD_97 = 0xC1
# Characters that stand for something else (2.4.1); all other control characters go.
_SIGNS = {0x0B: "\n", 0x0C: "\n", 0x0E: "\n", 0x09: "\t", 0x1E: "-", 0x1F: "", 0xAD: ""}
_FIELD_BEGIN, _FIELD_RESULT, _FIELD_END = 0x13, 0x14, 0x15
_PARAGRAPH_END, _CELL_END = 0x0D, 0x07
_PARTS = ("even header", "header", "even footer", "footer", "first header", "first footer")


@dataclass(slots=True)
class _Piece:
    """Characters [start, stop), at `place` in the file, one or two bytes each."""

    start: int
    stop: int
    place: int
    width: int


@dataclass(slots=True)
class _Runs:
    """Where in the file each run of equal properties begins, and what they are."""

    starts: list[int] = field(default_factory=list)
    ends: list[int] = field(default_factory=list)
    values: list[bytes] = field(default_factory=list)

    def at(self, place: int) -> bytes:
        number = bisect.bisect_right(self.starts, place) - 1
        return self.values[number] if number >= 0 and place < self.ends[number] else b""


@dataclass(slots=True)
class _Paragraph:
    start: int
    text: str
    level: int
    cell: bool
    row: bool
    depth_mark: bool


def doc_blocks(main: bytes, streams: dict[str, bytes], *, comments: bool = True) -> Iterator[Block]:
    """The blocks of a .doc: running text, notes, comments, text boxes, headers and footers.

    Args:
        main: the stream ``WordDocument``.
        streams: those named ``0Table`` and ``1Table``.
        comments: whether comments are read.
    """
    try:
        yield from _Word(main, streams).blocks(comments)
    except DocumentError:
        raise
    except (struct.error, IndexError, ValueError) as error:
        detail = f"its tables point outside of it ({error})"
        raise DocumentError("damaged legacy office file", detail) from None


class _Word:
    def __init__(self, main: bytes, streams: dict[str, bytes]) -> None:
        magic, version = struct.unpack_from("<HH", main)
        flags = struct.unpack_from("<H", main, 10)[0]
        if magic != 0xA5EC or version < _WORD_97:
            raise DocumentError("legacy office format", "a Word file of before 1997")
        if flags & 0x0100:
            raise DocumentError("encrypted", "needs a password: decrypt it first")
        self.main = main
        self.table = streams.get("1Table" if flags & 0x0200 else "0Table", b"")
        if not self.table:
            raise DocumentError("damaged legacy office file", "its table of pieces is missing")
        # Lengths of the parts, in characters, one after another (2.5.5).
        text, notes, headers, macros, comments, endnotes, boxes, header_boxes = struct.unpack_from(
            "<8i", main, 76
        )
        sizes = (text, notes, headers, macros, comments, endnotes, boxes, header_boxes)
        if min(sizes) < 0:
            raise DocumentError("damaged legacy office file", "a part has a negative length")
        self.ends = [sum(sizes[: i + 1]) for i in range(len(sizes))]
        self.pieces = list(self._pieces())
        self.starts = [piece.start for piece in self.pieces]
        self.characters = self._characters()
        if len(self.characters) < text:
            missing = f"{text:,} characters are declared, {len(self.characters):,} are there"
            raise DocumentError("damaged legacy office file", missing)
        self.paragraphs = self._runs(_PARAGRAPHS)
        self.levels = self._heading_levels()
        self.marks: dict[int, str] = {}

    def blocks(self, with_comments: bool) -> Iterator[Block]:
        starts = [0, *self.ends]
        notes = self._marked(_FOOTNOTE_REFS, 2, "[{}]")
        endnotes = self._marked(_ENDNOTE_REFS, 2, "[endnote {}]")
        comments = self._marked(_COMMENT_REFS, 30, "[comment {}]" if with_comments else "")
        yield from self._body(0, self.ends[0])
        yield from self._notes(_FOOTNOTES, starts[1], starts[2], notes, "footnotes")
        yield from self._notes(_ENDNOTES, starts[5], starts[6], endnotes, "endnotes")
        if with_comments:
            yield from self._notes(_COMMENTS, starts[4], starts[5], comments, "comments")
        for start, stop in ((starts[6], starts[7]), (starts[7], starts[8])):
            for block in self._body(start, stop):
                yield Block(block.text, place="text boxes")
        yield from self._headers(starts[2], starts[3])

    def _plex(self, number: int) -> bytes:
        place, size = struct.unpack_from("<II", self.main, 154 + 8 * number)
        if place + size > len(self.table):
            raise DocumentError("damaged legacy office file", "it is cut off")
        return self.table[place : place + size]

    def _pieces(self) -> Iterator[_Piece]:
        """The pieces of the text, in its order (2.8.35)."""
        clx = self._plex(_PIECES)
        at = 0
        while clx[at] == 1:
            at += 3 + struct.unpack_from("<H", clx, at + 1)[0]
        size = struct.unpack_from("<I", clx, at + 1)[0]
        table = clx[at + 5 : at + 5 + size]
        count = (len(table) - 4) // 12
        places = struct.unpack_from(f"<{count + 1}I", table)
        for i in range(count):
            raw = struct.unpack_from("<I", table, 4 * (count + 1) + 8 * i + 2)[0]
            narrow, place = raw & 0x40000000, raw & 0x3FFFFFFF
            width = 1 if narrow else 2
            yield _Piece(places[i], places[i + 1], place // 2 if narrow else place, width)

    def _characters(self) -> list[int]:
        """The code units of the whole text, 0 where they were deleted."""
        found: list[int] = []
        deleted = [
            (start, stop)
            for runs in (self._runs(_CHARACTER_RUNS),)
            for start, stop, value in zip(runs.starts, runs.ends, runs.values, strict=True)
            if _properties(value).get(_DELETED) == 1
        ]
        for piece in self.pieces:
            size = piece.stop - piece.start
            data = self.main[piece.place : piece.place + size * piece.width]
            if size < 0 or len(data) < size * piece.width:
                raise DocumentError("damaged legacy office file", "its text is cut off")
            if piece.width == 1:
                units = [ord(c) for c in data.decode("cp1252", "replace")]
            else:
                units = array("H", data).tolist()
            for start, stop in deleted:
                first = max(0, (start - piece.place) // piece.width)
                for i in range(first, min(size, (stop - piece.place) // piece.width)):
                    units[i] = 0
            found += units
        return found

    def _runs(self, number: int) -> _Runs:
        """Properties of characters or paragraphs, by their place in the file (2.9.33, 2.9.175)."""
        table = self._plex(number)
        count = max(0, (len(table) - 4) // 8)
        pages = struct.unpack_from(f"<{count}I", table, 4 * (count + 1)) if count else ()
        found: list[tuple[int, int, bytes]] = []
        for page in pages:
            data = self.main[(page & 0x3FFFFF) * _PAGE :][:_PAGE]
            if len(data) == _PAGE:
                found += _page_runs(data, of_paragraphs=number == _PARAGRAPHS)
        found.sort(key=lambda run: run[0])
        return _Runs([r[0] for r in found], [r[1] for r in found], [r[2] for r in found])

    def _heading_levels(self) -> dict[int, int]:
        """Style to heading level: headings are built-in styles 1 to 9, or based on one."""
        sheet = self._plex(_STYLES)
        if len(sheet) < 6:
            return {}
        at = 2 + struct.unpack_from("<H", sheet)[0]
        count = struct.unpack_from("<H", sheet, 2)[0]
        kinds: dict[int, tuple[int, int]] = {}
        for style in range(count):
            if at + 2 > len(sheet):
                break
            size = struct.unpack_from("<H", sheet, at)[0]
            if size >= 4:
                own, base = struct.unpack_from("<HH", sheet, at + 2)
                kinds[style] = own & 0xFFF, base >> 4
            at += 2 + size + size % 2
        levels = {}
        for style in kinds:
            kind, base = kinds[style]
            for _ in range(10):
                if 1 <= kind <= 9 or base == _NO_STYLE or base not in kinds:
                    break
                kind, base = kinds[base]
            if 1 <= kind <= 9:
                levels[style] = kind
        return levels

    def _place(self, character: int) -> int:
        """Where in the file a character stands."""
        number = bisect.bisect_right(self.starts, character) - 1
        piece = self.pieces[number]
        return piece.place + (character - piece.start) * piece.width

    def _marked(self, number: int, size: int, form: str) -> list[str]:
        """Number the references to notes of one kind, in the running text."""
        table = self._plex(number)
        count = max(0, (len(table) - 4) // (4 + size))
        places = struct.unpack_from(f"<{count}I", table) if count else ()
        marks = [form.format(i) for i in range(1, count + 1)]
        self.marks.update(zip(places, marks, strict=True))
        return marks

    def _notes(
        self, number: int, start: int, stop: int, marks: list[str], place: str
    ) -> Iterator[Block]:
        table = self._plex(number)
        places = struct.unpack_from(f"<{len(table) // 4}I", table)
        for mark, first, last in zip(marks, places, places[1:], strict=False):
            blocks = self._body(start + first, min(start + last, stop))
            text = "\n".join(block.text.strip() for block in blocks if block.text.strip())
            if text:
                yield Block(f"{mark} {text}", place=place)

    def _headers(self, start: int, stop: int) -> Iterator[Block]:
        """Headers and footers, each once; the first six are lines above notes (2.3.3)."""
        table = self._plex(_HEADERS)
        places = struct.unpack_from(f"<{len(table) // 4}I", table)
        known: set[str] = set()
        for story in range(6, len(places) - 2):
            first, last = start + places[story], min(start + places[story + 1], stop)
            text = "\n".join(block.text for block in self._body(first, last)).strip("\n")
            if text.strip() and text not in known:
                known.add(text)
                part = _PARTS[story % 6].split()[-1]
                yield Block(text, place=f"page {part}")

    def _body(self, start: int, stop: int) -> Iterator[Block]:
        rows: list[list[str]] = []
        cells: list[str] = []
        cell: list[str] = []
        for paragraph in self._split(start, min(stop, len(self.characters))):
            if not paragraph.cell:
                if cell or cells:
                    rows.append([*cells, " ".join(cell)])
                    cells, cell = [], []
                if rows:
                    yield Block(table_text(rows))
                    rows = []
                yield Block(paragraph.text, level=paragraph.level)
            elif paragraph.row:
                rows.append(cells)
                cells = []
            else:
                cell.append(paragraph.text)
                if paragraph.depth_mark:
                    cells.append(" ".join(text for text in cell if text))
                    cell = []
        if cell or cells:
            rows.append([*cells, " ".join(cell)])
        if rows:
            yield Block(table_text(rows))

    def _split(self, start: int, stop: int) -> Iterator[_Paragraph]:
        """The paragraphs of characters [start, stop); what deletion joined is one."""
        first = start
        text: list[str] = []
        # How many fields are open, and in how many of them the instruction goes on.
        fields: list[bool] = []
        for at in range(start, stop):
            unit = self.characters[at]
            if unit == _FIELD_BEGIN:
                fields.append(True)
            elif unit == _FIELD_RESULT and fields:
                fields[-1] = False
            elif unit == _FIELD_END and fields:
                fields.pop()
            elif unit in (_PARAGRAPH_END, _CELL_END):
                yield self._paragraph(first, at, "".join(text), unit == _CELL_END)
                first, text = at + 1, []
                fields = []
            elif at in self.marks and unit:
                text.append(self.marks[at])
            elif any(fields):
                continue
            elif unit >= 32 and unit not in _SIGNS:
                text.append(chr(unit))
            else:
                text.append(_SIGNS.get(unit, ""))
        if text:
            yield self._paragraph(first, stop - 1, "".join(text), False)

    def _paragraph(self, first: int, last: int, text: str, ends_cell: bool) -> _Paragraph:
        value = self.paragraphs.at(self._place(last))
        style = struct.unpack_from("<H", value)[0] if len(value) >= 2 else 0
        said = _properties(value[2:])
        # Two code units of one letter meet again here; what is half a letter is none.
        text = text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace").rstrip()
        in_table = bool(said.get(_IN_TABLE)) or ends_cell
        level = self.levels.get(style, 0)
        outline = said.get(_OUTLINE, 9)
        if not level and 0 <= outline < 9:
            level = outline + 1
        if said.get(_LIST, 0) not in (0, 0xF801) and not level and text.strip() and not in_table:
            text = f"{'  ' * min(said.get(_LIST_LEVEL, 0), 8)}- {text.lstrip()}"
        row = bool(said.get(_ROW_END) or said.get(_INNER_ROW_END))
        return _Paragraph(first, text, level, in_table, row, ends_cell)


def _page_runs(data: bytes, *, of_paragraphs: bool) -> Iterator[tuple[int, int, bytes]]:
    count = data[-1]
    step = 13 if of_paragraphs else 1
    if 4 * (count + 1) + step * count > _PAGE:
        return
    places = struct.unpack_from(f"<{count + 1}I", data)
    for i in range(count):
        at = 2 * data[4 * (count + 1) + step * i]
        value = b""
        if at:
            size = data[at]
            if not of_paragraphs:
                value = data[at + 1 : at + 1 + size]
            elif size:
                value = data[at + 1 : at + 2 * size]
            else:
                value = data[at + 2 : at + 2 + 2 * data[at + 1]]
        yield places[i], places[i + 1], value


def _properties(value: bytes) -> dict[int, int]:
    """Properties and their values, as far as they can be told apart (2.6.1)."""
    found: dict[int, int] = {}
    at = 0
    while at + 2 < len(value):
        name = struct.unpack_from("<H", value, at)[0]
        at += 2
        size = _OPERAND_BYTES[name >> 13]
        if not size:
            if name == 0xD608:
                size = struct.unpack_from("<H", value, at)[0] + 1 if at + 2 <= len(value) else 2
            else:
                size = value[at] + 1
        found[name] = int.from_bytes(value[at : at + min(size, 4)], "little")
        at += size
    return found
