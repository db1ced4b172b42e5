"""TIFF 6.0: written anew with the pixels as they are packed and the tags that show them."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from datapartnerships.containers import _jpeg
from datapartnerships.containers._icc import rebuilt
from datapartnerships.errors import DocumentError

_SIZES = {1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 6: 1, 7: 1, 8: 2, 9: 4, 10: 8, 11: 4, 12: 8}
_STRIPS, _STRIP_BYTES, _TILES, _TILE_BYTES = 273, 279, 324, 325
_TABLES, _ICC, _SUBFILE, _COMPRESSION = 347, 34675, 254, 259
# Size, packing, colors, orientation and resolution; each with the most values it can have.
_SHOWN = {
    254: 1, 255: 1, 256: 1, 257: 1, 258: 8, 259: 1, 262: 1, 263: 1, 264: 1, 265: 1, 266: 1,
    274: 1, 277: 1, 278: 1, 280: 8, 281: 8, 282: 1, 283: 1, 284: 1, 292: 1, 293: 1, 296: 1,
    297: 2, 301: 3 << 16, 317: 1, 318: 2, 319: 6, 320: 3 << 16, 322: 1, 323: 1, 338: 8, 339: 8,
    529: 3, 530: 2, 531: 1, 532: 6,
}  # fmt: skip
_NAMES = {700: "XMP", 33723: "IPTC", 34377: "IPTC", 34665: "EXIF", 34853: "GPS", 330: "thumbnail"}
_RAW = 50706  # DNGVersion
# None, fax, LZW, JPEG, deflate, PackBits.
_NONE, _JPEG, _DEFLATE = 1, 7, (8, 32946)
_PACKINGS = (_NONE, 2, 3, 4, 5, _JPEG, *_DEFLATE, 32773)
_MOST_PAGES = 100_000


@dataclass
class _Entry:
    kind: int
    count: int
    value: bytes


def scrub(data: bytes, removed: set[str]) -> bytes:
    """Without any tag but those of the pixels; reduced pictures of others are left out."""
    order = "<" if data[:2] == b"II" else ">"
    if struct.unpack_from(order + "H", data, 2)[0] != 42:
        raise DocumentError("no scrubber for this format", "BigTIFF")
    try:
        pages = list(_pages(data, order))
    except struct.error:
        raise DocumentError("damaged image", "it was cut off") from None
    kept = [page for page in pages if not _number(page, _SUBFILE, order, 0) & 1]
    if len(kept) < len(pages):
        removed.add("thumbnail")
    if not kept:
        raise DocumentError("damaged image", "no picture in the TIFF")
    # Each page: its pixels, its long values, its directory. The link to it stands before it.
    out = bytearray(data[:4] + bytes(4))
    link = 4
    for page in kept:
        link = _write(out, link, page, data, order, removed)
    if len(data) > len(out) + 64 and not removed:
        removed.add("bytes that belong to nothing")
    return bytes(out)


def _pages(data: bytes, order: str) -> Iterator[dict[int, _Entry]]:
    (at,) = struct.unpack_from(order + "I", data, 4)
    seen: set[int] = set()
    while at:
        if at in seen or len(seen) > _MOST_PAGES:
            raise DocumentError("damaged image", "its directories go round in a circle")
        seen.add(at)
        (count,) = struct.unpack_from(order + "H", data, at)
        page = {}
        for place in range(at + 2, at + 2 + 12 * count, 12):
            tag, kind, number = struct.unpack_from(order + "HHI", data, place)
            size = _SIZES.get(kind, 1) * number
            start = place + 8
            if size > 4:
                (start,) = struct.unpack_from(order + "I", data, place + 8)
            page[tag] = _Entry(kind, number, data[start : start + size])
        yield page
        (at,) = struct.unpack_from(order + "I", data, at + 2 + 12 * count)


def _number(page: dict[int, _Entry], tag: int, order: str, default: int) -> int:
    return _numbers(page[tag], order)[0] if tag in page else default


def _numbers(entry: _Entry, order: str) -> tuple[int, ...]:
    letter = {1: "B", 3: "H", 4: "I"}.get(entry.kind)
    if letter is None or not entry.count or len(entry.value) != _SIZES[entry.kind] * entry.count:
        raise DocumentError("damaged image", "a tag of another type than its own")
    return struct.unpack(f"{order}{entry.count}{letter}", entry.value)


def _write(
    out: bytearray, link: int, page: dict[int, _Entry], data: bytes, order: str, removed: set[str]
) -> int:
    """Adds a page, and gives where the link to the next one stands."""
    packing = _number(page, _COMPRESSION, order, _NONE)
    if packing not in _PACKINGS or _RAW in page:
        raise DocumentError("no scrubber for this format", "TIFF in a packing of its own, or raw")
    tiled = _TILES in page
    places, sizes = (_TILES, _TILE_BYTES) if tiled else (_STRIPS, _STRIP_BYTES)
    if places not in page or sizes not in page:
        raise DocumentError("damaged image", "it does not say where its pixels are")
    new: dict[int, _Entry] = {}
    for tag, entry in page.items():
        if tag in _SHOWN and 0 < entry.count <= _SHOWN[tag] and entry.kind not in (2, 7):
            new[tag] = entry
        elif tag not in (places, sizes, _TABLES, _ICC):
            removed.add(_NAMES.get(tag, "other tags"))
    if _ICC in page:
        old = page[_ICC].value
        if (colors := rebuilt(old)) is not None:
            new[_ICC] = _Entry(7, len(colors), colors)
        if colors != old:
            removed.add("names in the color profile" if colors else "color profile")
    if _TABLES in page and packing == _JPEG:
        tables = _jpeg.scrub(page[_TABLES].value, removed, tables_only=True)
        new[_TABLES] = _Entry(7, len(tables), tables)
    starts, lengths = [], []
    exact = _row_bytes(page, order) if packing == _NONE else None
    for number, (start, length) in enumerate(
        zip(_numbers(page[places], order), _numbers(page[sizes], order), strict=True)
    ):
        piece = _piece(data[start : start + length], packing, removed)
        if exact is not None and len(piece) > (most := exact(number)):
            piece = piece[:most]
            removed.add("bytes behind the pixels")
        starts.append(len(out))
        lengths.append(len(piece))
        out += piece + bytes(len(piece) & 1)
    new[places] = _Entry(4, len(starts), struct.pack(f"{order}{len(starts)}I", *starts))
    new[sizes] = _Entry(4, len(lengths), struct.pack(f"{order}{len(lengths)}I", *lengths))
    return _directory(out, link, new, order)


def _row_bytes(page: dict[int, _Entry], order: str) -> Callable[[int], int] | None:
    """How many bytes strip or tile number n has where nothing is packed; None if unknown."""
    bits = _numbers(page[258], order) if 258 in page else (1,)
    samples = _number(page, 277, order, 1)
    apart = _number(page, 284, order, 1) == 2
    if 530 in page or len(set(bits)) > 1:
        return None
    deep = bits[0] * (1 if apart else samples)
    if _TILES in page:
        width, height = _number(page, 322, order, 0), _number(page, 323, order, 0)
        return lambda _: (width * deep + 7) // 8 * height
    width, height = _number(page, 256, order, 0), _number(page, 257, order, 0)
    rows = min(_number(page, 278, order, height), height) or height
    strips = max(1, -(-height // rows))
    row = (width * deep + 7) // 8
    return lambda number: row * min(rows, height - number % strips * rows)


def _piece(packed: bytes, packing: int, removed: set[str]) -> bytes:
    if packing == _JPEG:
        return _jpeg.scrub(packed, removed)
    if packing in _DEFLATE and (behind := _behind(packed)):
        removed.add("bytes behind the pixels")
        return packed[:-behind]
    return packed


def _behind(packed: bytes) -> int:
    """How many bytes are behind what is packed, a part of it in memory at a time."""
    inflate, rest = zlib.decompressobj(), packed
    try:
        while rest and not inflate.eof:
            inflate.decompress(rest, 1 << 20)
            rest = inflate.unconsumed_tail
    except zlib.error:
        raise DocumentError("damaged image", "its pixels cannot be unpacked") from None
    return len(inflate.unused_data)


def _directory(out: bytearray, link: int, new: dict[int, _Entry], order: str) -> int:
    table = bytearray(struct.pack(order + "H", len(new)))
    for tag in sorted(new):
        entry = new[tag]
        value = entry.value
        if len(value) > 4:
            if len(out) & 1:
                out += b"\0"
            place = struct.pack(order + "I", len(out))
            out += value
        else:
            place = value.ljust(4, b"\0")
        table += struct.pack(order + "HHI", tag, entry.kind, entry.count) + place
    if len(out) & 1:
        out += b"\0"
    struct.pack_into(order + "I", out, link, len(out))
    out += table + bytes(4)
    return len(out) - 4
