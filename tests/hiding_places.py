"""Containers made here, with a word in every place where something can hide."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

WORD = "Quokka"


class Words:
    """A word of its own for every hiding place, so that none is overlooked."""

    def __init__(self) -> None:
        self.planted: list[str] = []

    def __call__(self) -> str:
        self.planted.append(f"{WORD}{len(self.planted):03d}")
        return self.planted[-1]

    def raw(self) -> bytes:
        return self().encode()


def every_byte(data: bytes, depth: int = 0) -> Iterator[bytes]:
    """The bytes, and those of whatever is packed in them: zip members, deflated streams."""
    yield data
    if depth > 3:
        return
    if data[:2] == b"PK":
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            for name in archive.namelist():
                yield name.encode()
                yield from every_byte(archive.read(name), depth + 1)
    at = data.find(b"\x78")
    while at >= 0:
        if data[at + 1 : at + 2] in (b"\x01", b"\x5e", b"\x9c", b"\xda"):
            try:
                inflate = zlib.decompressobj()
                inner = inflate.decompress(data[at:], 1 << 24)
            except zlib.error:
                inner = b""
            if inner:
                yield from every_byte(inner, depth + 1)
        at = data.find(b"\x78", at + 1)


def holds(data: bytes, word: str) -> bool:
    forms = [word.encode(code) for code in ("utf-8", "utf-16-le", "utf-16-be")]
    # Strings of a PDF may stand in hexadecimal.
    forms += [form.hex().encode() for form in forms]
    forms += [form.upper() for form in forms[3:]]
    return any(form in piece for piece in every_byte(data) for form in forms)


def picture(mode: str = "RGB", size: tuple[int, int] = (48, 32)) -> Any:
    from PIL import Image

    y, x = np.mgrid[0 : size[1], 0 : size[0]]
    pixels = np.stack([x * 5 % 256, y * 7 % 256, (x + y) * 3 % 256], -1).astype(np.uint8)
    return Image.fromarray(pixels).convert(mode)


def profile(words: Words) -> bytes:
    """A color profile whose names are words."""
    from PIL import ImageCms

    old = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    count = struct.unpack_from(">I", old, 128)[0]
    tags = [struct.unpack_from(">4sII", old, 132 + 12 * n) for n in range(count)]
    parts = {name: old[start : start + size] for name, start, size in tags}
    text = words().encode("utf-16-be")
    parts[b"cprt"] = b"mluc\0\0\0\0" + struct.pack(">II4sII", 1, 12, b"enUS", len(text), 28) + text
    parts[b"dmnd"] = b"text\0\0\0\0" + words.raw() + b"\0"
    table, body, start = struct.pack(">I", len(parts)), b"", 132 + 12 * len(parts)
    for name, value in parts.items():
        table += struct.pack(">4sII", name, start + len(body), len(value))
        body += value + bytes(-len(value) % 4)
    whole = old[:128] + table + body
    return struct.pack(">I", len(whole)) + whole[4:]


def exif(words: Words, orientation: int = 6) -> bytes:
    from PIL import Image

    block = Image.Exif()
    block[0x0112], block[0x013B], block[0x010E] = orientation, words(), words()
    block[0x8825] = {1: "N", 2: (64.0, 8.0, 7.0), 29: words()}
    block[0x8769] = {0xA431: words(), 0x9286: b"ASCII\0\0\0" + words.raw(), 0x927C: words.raw()}
    inner = io.BytesIO()
    picture(size=(16, 8)).save(inner, "JPEG", comment=words.raw())
    return block.tobytes() + inner.getvalue()


def xmp(words: Words) -> bytes:
    return (
        '<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF '
        'xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description '
        f'creator="{words()}"/></rdf:RDF></x:xmpmeta>'
    ).encode()


def jpeg(words: Words) -> bytes:
    out = io.BytesIO()
    picture().save(
        out, "JPEG", exif=exif(words), icc_profile=profile(words), comment=words.raw(),
        xmp=xmp(words), dpi=(300, 300), progressive=True,
    )  # fmt: skip
    data = out.getvalue()
    iptc = b"\x1c\x02\x50" + struct.pack(">H", 9) + words.raw()
    more = b""
    for marker, body in (
        (0xED, b"Photoshop 3.0\08BIM\x04\x04\0\0" + struct.pack(">I", len(iptc)) + iptc),
        (0xE0, b"JFXX\0\x10" + words.raw()),
        (0xE2, b"FPXR\0" + words.raw()),
        (0xEB, b"JP\0\0" + words.raw()),
        (0xEF, words.raw()),
    ):
        more += bytes([0xFF, marker]) + struct.pack(">H", len(body) + 2) + body
    # Behind the first segment, and a second picture behind the end.
    first = 4 + struct.unpack_from(">H", data, 4)[0]
    again = io.BytesIO()
    picture(size=(8, 8)).save(again, "JPEG", comment=words.raw())
    return data[:first] + more + data[first:] + again.getvalue()


def _chunk(name: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))


def png(words: Words) -> bytes:
    from PIL import PngImagePlugin

    info = PngImagePlugin.PngInfo()
    info.add_text("Author", words())
    info.add_text("Comment", words(), zip=True)
    info.add_itxt("XML:com.adobe.xmp", xmp(words).decode(), zip=True)
    out = io.BytesIO()
    picture().save(out, "PNG", pnginfo=info, exif=exif(words), icc_profile=profile(words))
    data = out.getvalue()
    at = data.index(b"IDAT") - 4
    size = struct.unpack_from(">I", data, at)[0]
    pixels = zlib.decompress(data[at + 8 : at + 8 + size])
    # Behind the pixels, inside what is packed and behind it.
    hidden = _chunk(b"IDAT", zlib.compress(pixels + words.raw()) + words.raw())
    added = _chunk(b"prVt", words.raw()) + _chunk(b"tIME", words.raw()[:7])
    words.planted[-1] = words.planted[-1][:7]
    return data[:at] + added + hidden + data[at + 12 + size :] + words.raw()


def apng(words: Words) -> bytes:
    from PIL import PngImagePlugin

    info = PngImagePlugin.PngInfo()
    info.add_text("Author", words())
    out = io.BytesIO()
    frames = [picture(), picture().rotate(180), picture("L").convert("RGB")]
    frames[0].save(out, "PNG", save_all=True, append_images=frames[1:], pnginfo=info)
    return out.getvalue() + words.raw()


def tiff(words: Words) -> bytes:
    from PIL import TiffImagePlugin

    tags = TiffImagePlugin.ImageFileDirectory_v2()
    tags[270], tags[315], tags[306], tags[285] = words(), words(), words(), words()
    tags[700], tags[33723], tags[65000] = xmp(words), words.raw(), words()
    tags.tagtype[700] = tags.tagtype[33723] = 7
    tags.tagtype[65000] = 2
    tags[274] = 8
    out = io.BytesIO()
    second = picture("L", (20, 10))
    small = picture(size=(8, 8))
    picture().save(
        out, "TIFF", tiffinfo=tags, icc_profile=profile(words), save_all=True,
        append_images=[second, small], compression="tiff_adobe_deflate",
    )  # fmt: skip
    data = bytearray(out.getvalue())
    # The third page becomes a reduced picture, the first gets a place, text lies between pages.
    links = [4]
    for _ in range(2):
        at = struct.unpack_from("<I", data, links[-1])[0]
        links.append(at + 2 + 12 * struct.unpack_from("<H", data, at)[0])
    _add_entry(data, links[2], struct.pack("<HHII", 254, 4, 1, 1))
    data += words.raw()
    place = len(data) + 20
    gps = struct.pack("<HHHII", 1, 29, 2, 9, place + 18) + bytes(4) + words.raw()
    data += bytes(20) + gps
    _add_entry(data, links[0], struct.pack("<HHII", 34853, 4, 1, place))
    return bytes(data)


def _add_entry(data: bytearray, link: int, entry: bytes) -> None:
    """A directory of a TIFF file, written anew at its end with an entry more."""
    at = struct.unpack_from("<I", data, link)[0]
    count = struct.unpack_from("<H", data, at)[0]
    entries = [bytes(data[n : n + 12]) for n in range(at + 2, at + 2 + 12 * count, 12)]
    entries.append(entry)
    after = bytes(data[at + 2 + 12 * count : at + 6 + 12 * count])
    data += bytes(len(data) % 2)
    struct.pack_into("<I", data, link, len(data))
    entries.sort(key=lambda item: struct.unpack_from("<H", item)[0])
    data += struct.pack("<H", count + 1) + b"".join(entries) + after


def webp(words: Words) -> bytes:
    out = io.BytesIO()
    picture().save(
        out, "WEBP", lossless=True, exif=b"Exif\0\0" + exif(words), icc_profile=profile(words),
        xmp=xmp(words),
    )  # fmt: skip
    body = words.raw()
    data = out.getvalue() + b"PRIV" + struct.pack("<I", len(body)) + body + bytes(len(body) & 1)
    return b"RIFF" + struct.pack("<I", len(data) - 8) + data[8:] + words.raw()


def gif(words: Words) -> bytes:
    out = io.BytesIO()
    frames = [picture("P"), picture("L").convert("P")]
    frames[0].save(out, "GIF", save_all=True, append_images=frames[1:], loop=0, duration=80)
    data = out.getvalue()

    def blocks(body: bytes) -> bytes:
        return bytes([len(body)]) + body + b"\0"

    added = b"!\xfe" + blocks(words.raw())
    added += b"!\xff\x0bXMP DataXMP" + blocks(words.raw())
    added += b"!\xff\x0bPRIVATE 1.0" + blocks(words.raw())
    added += b"!\x01\x0c" + bytes(12) + blocks(words.raw())
    return data[:-1] + added + b";" + words.raw()


def heic(words: Words, kind: str = "HEIF") -> bytes:
    import pillow_heif

    pillow_heif.register_heif_opener()
    out = io.BytesIO()
    block = exif(words, 1)
    if kind == "AVIF":  # its writer leaves out what is behind the directory
        words.planted.pop()
    picture("RGBA", (64, 64)).save(out, kind, exif=block, xmp=xmp(words), quality=60)
    return out.getvalue() + struct.pack(">I4s", 17, b"free") + words.raw()


def grid(words: Words) -> bytes:
    """Two tiles beside each other, as telephones write them: their grid lies in `idat`."""
    import pillow_heif

    from datapartnerships.containers._boxes import box, boxes

    out = io.BytesIO()
    pillow_heif.register_heif_opener()
    picture(size=(64, 64)).save(out, "HEIF", quality=60)
    data = out.getvalue()
    top = {item.name: item for item in boxes(data)}
    inner = {i.name: i for i in boxes(data, top[b"meta"].start + 4, top[b"meta"].end)}
    shared = next(i for i in boxes(data, inner[b"iprp"].start, inner[b"iprp"].end))
    properties = {i.name: data[i.at : i.end] for i in boxes(data, shared.start, shared.end)}
    coded = data[top[b"mdat"].start : top[b"mdat"].end]
    block = b"\0\0\0\0" + exif(words, 1)
    kinds = {1: b"hvc1", 2: b"hvc1", 3: b"grid", 4: b"Exif", 5: b"hvc1"}
    infos = [
        box(b"infe", b"\2\0\0\0", struct.pack(">HH4s", n, 0, kind), words.raw() + b"\0")
        for n, kind in kinds.items()
    ]
    size = b"ispe\0\0\0\0" + struct.pack(">II", 128, 64)
    note = box(b"udes", b"\0\0\0\0en\0" + words.raw() + b"\0\0\0")
    ipco = [properties[b"hvcC"], properties[b"ispe"], box(size[:4], size[4:]), note]
    rows = ((1, (0x81, 2)), (2, (0x81, 2)), (3, (3, 4)), (5, (0x81, 2)))
    links = b"".join(struct.pack(">HBBB", n, 2, *has) for n, has in rows)

    def meta(start: int) -> bytes:
        places = [(1, 0, start, len(coded)), (2, 0, start, len(coded)), (3, 1, 0, 8),
                  (4, 0, start + len(coded), len(block)), (5, 0, start, len(coded))]  # fmt: skip
        entries = [struct.pack(">HHHHII", n, m, 0, 1, at, size) for n, m, at, size in places]
        return box(
            b"meta", b"\0\0\0\0",
            box(b"hdlr", bytes(8) + b"pict" + bytes(12) + words.planted[0].encode() + b"\0"),
            box(b"pitm", b"\0\0\0\0\0\3"),
            box(b"iinf", b"\0\0\0\0\0\5", *infos),
            box(
                b"iref", b"\0\0\0\0", box(b"dimg", struct.pack(">4H", 3, 2, 1, 2)),
                box(b"thmb", struct.pack(">3H", 5, 1, 3)), box(b"cdsc", b"\0\4\0\1\0\3"),
            ),
            box(b"iprp", box(b"ipco", *ipco), box(b"ipma", bytes(4), struct.pack(">I", 4), links)),
            box(b"idat", b"\0\0\0\1" + struct.pack(">HH", 128, 64)),
            box(b"iloc", b"\1\0\0\0\x44\0\0\5", *entries),
        )  # fmt: skip

    head = data[top[b"ftyp"].at : top[b"ftyp"].end]
    start = len(head) + len(meta(0)) + 8
    return head + meta(start) + box(b"mdat", coded + block)


def avif(words: Words) -> bytes:
    return heic(words, "AVIF")


PICTURES: dict[str, Callable[[Words], bytes]] = {
    "image/jpeg": jpeg,
    "image/png": png,
    "image/png animated": apng,
    "image/tiff": tiff,
    "image/webp": webp,
    "image/gif": gif,
    "image/heic": heic,
    "image/heic tiles": grid,
    "image/avif": avif,
}
