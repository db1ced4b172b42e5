"""HEIC and AVIF (ISO/IEC 23008-12): what is not the picture is taken out where it stands.

Nothing moves, so that every place the file names stays right: the list of items becomes shorter
and is filled up, and bytes that no kept item owns become zeros.
"""

from __future__ import annotations

import struct
from collections.abc import Mapping
from typing import NamedTuple

from datapartnerships.containers._boxes import Box, box, boxes
from datapartnerships.containers._icc import rebuilt
from datapartnerships.errors import DocumentError

_CODED = (b"hvc1", b"av01", b"grid", b"iden", b"iovl")
# Properties that decode and show the picture. The others are descriptions and times.
_SHOWN = (
    b"ispe", b"pixi", b"colr", b"irot", b"imir", b"clap", b"pasp", b"auxC", b"hvcC", b"av1C",
    b"a1op", b"a1lx", b"lsel", b"mdcv", b"clli", b"cclv", b"amve", b"rloc",
)  # fmt: skip
_ALPHA = (b"urn:mpeg:hevc:2015:auxid:1\0", b"urn:mpeg:mpegB:cicp:systems:auxiliary:alpha\0")
_SEI = (39, 40)


def scrub(data: bytes, removed: set[str]) -> bytes:
    """Without any item but the pictures, their tiles and what is see-through of them."""
    try:
        return _scrub(data, removed)
    except (struct.error, IndexError):
        raise DocumentError("damaged image", "it was cut off") from None


def _scrub(data: bytes, removed: set[str]) -> bytes:
    top = list(boxes(data))
    while top[-1].name == b"free":
        if data[top[-1].start : top.pop().end].strip(b"\0"):
            removed.add("other boxes")
    metas = [item for item in top if item.name == b"meta"]
    if len(metas) != 1 or any(item.name == b"moov" for item in top):
        raise DocumentError("no scrubber for this format", "a sequence of HEIF pictures")
    meta = metas[0]
    parts = {item.name: item for item in boxes(data, meta.start + 4, meta.end)}
    for name in (b"hdlr", b"pitm", b"iinf", b"iloc", b"iprp"):
        if name not in parts:
            raise DocumentError("damaged image", "its list of pictures is not whole")
    kinds = _kinds(data, parts[b"iinf"])
    references = _references(data, parts.get(b"iref"))
    places = _places(data, parts)
    kept = _kept(data, parts, kinds, references)
    for number, kind in kinds.items():
        if number not in kept:
            names = {b"Exif": "EXIF", b"mime": "XMP"}
            removed.add(names.get(kind, "thumbnail" if kind in _CODED else "other items"))
    out = bytearray(len(data))
    for item in top:
        if item.name == b"ftyp":
            out[item.at : item.end] = data[item.at : item.end]
        elif item.name == b"mdat":
            out[item.at : item.start] = data[item.at : item.start]
        elif item is not meta:
            struct.pack_into(">I4s", out, item.at, item.end - item.at, b"free")
            if item.name != b"free" or data[item.start : item.end].strip(b"\0"):
                removed.add("other boxes")
    for number in kept:
        if number not in places:
            raise DocumentError("damaged image", "a picture without a place")
        for start, end in places[number].extents:
            out[start:end] = data[start:end]
    new = b"".join(_meta(data, bytes(out), parts, kept, places, removed))
    # What became free is added to the name of the handler, which is zeros to its end.
    handler = bytes(8) + b"pict" + bytes(12)
    spare = meta.end - meta.start - 4 - 8 - len(handler) - len(new)
    if spare < 1:
        raise DocumentError("no scrubber for this format", "no room in the list of pictures")
    out[meta.at : meta.start + 4] = data[meta.at : meta.start] + bytes(4)
    out[meta.start + 4 : meta.end] = box(b"hdlr", handler + bytes(spare)) + new
    last = top[-1].end
    return bytes(out[:last])


def _kinds(data: bytes, part: Box) -> dict[int, bytes]:
    found = {}
    at = part.start + (6 if data[part.start] == 0 else 8)
    for item in boxes(data, at, part.end):
        version = data[item.start]
        if item.name != b"infe" or version not in (2, 3):
            raise DocumentError("no scrubber for this format", "an old list of pictures")
        number, place = _id(data, item.start + 4, version == 3)
        found[number] = data[place + 2 : place + 6]
    return found


def _id(data: bytes, at: int, wide: bool) -> tuple[int, int]:
    size = 4 if wide else 2
    return int.from_bytes(data[at : at + size], "big"), at + size


def _references(data: bytes, part: Box | None) -> list[tuple[bytes, int, list[int]]]:
    if part is None:
        return []
    wide, found = data[part.start] == 1, []
    for item in boxes(data, part.start + 4, part.end):
        number, at = _id(data, item.start, wide)
        (count,) = struct.unpack_from(">H", data, at)
        at += 2
        targets = []
        for _ in range(count):
            target, at = _id(data, at, wide)
            targets.append(target)
        found.append((item.name, number, targets))
    return found


def _kept(
    data: bytes,
    parts: Mapping[bytes, Box],
    kinds: Mapping[int, bytes],
    references: list[tuple[bytes, int, list[int]]],
) -> set[int]:
    """The picture that is shown, what it is made of, and how much of it is see-through."""
    place = parts[b"pitm"].start
    primary, _ = _id(data, place + 4, data[place] != 0)
    kept, waiting = set[int](), [primary]
    while waiting:
        number = waiting.pop()
        if number in kept:
            continue
        if kinds.get(number) not in _CODED:
            raise DocumentError("no scrubber for this format", "a picture of an unknown make")
        kept.add(number)
        for name, origin, targets in references:
            if name == b"dimg" and origin == number:
                waiting += targets
            if name == b"auxl" and number in targets and _is_alpha(data, parts, origin):
                waiting.append(origin)
    return kept


def _associations(data: bytes, part: Box) -> dict[int, list[tuple[int, bool]]]:
    """Of each item: the numbers of its properties, from 1, and whether they must be known."""
    found: dict[int, list[tuple[int, bool]]] = {}
    for item in boxes(data, part.start, part.end):
        if item.name != b"ipma":
            continue
        wide_id, wide = data[item.start] != 0, bool(data[item.start + 3] & 1)
        (count,) = struct.unpack_from(">I", data, item.start + 4)
        at = item.start + 8
        for _ in range(count):
            number, at = _id(data, at, wide_id)
            many, at = data[at], at + 1
            for _ in range(many):
                value, at = _id(data, at, False) if wide else (data[at], at + 1)
                top = 0x8000 if wide else 0x80
                found.setdefault(number, []).append((value & (top - 1), bool(value & top)))
    return found


def _properties(data: bytes, part: Box) -> list[Box]:
    for item in boxes(data, part.start, part.end):
        if item.name == b"ipco":
            return list(boxes(data, item.start, item.end))
    raise DocumentError("damaged image", "its list of properties is missing")


def _is_alpha(data: bytes, parts: Mapping[bytes, Box], number: int) -> bool:
    properties = _properties(data, parts[b"iprp"])
    for index, _ in _associations(data, parts[b"iprp"]).get(number, ()):
        item = properties[index - 1]
        if item.name == b"auxC" and data[item.start + 4 : item.end].startswith(_ALPHA):
            return True
    return False


class _Place(NamedTuple):
    """Where an item stands in the table of places, and where in the file its bytes are."""

    at: int
    end: int
    extents: list[tuple[int, int]]


def _places(data: bytes, parts: Mapping[bytes, Box]) -> dict[int, _Place]:
    part = parts[b"iloc"]
    version = data[part.start]
    sizes = data[part.start + 4 : part.start + 6]
    offset_size, length_size = sizes[0] >> 4, sizes[0] & 15
    base_size, index_size = sizes[1] >> 4, (sizes[1] & 15 if version else 0)
    count, at = _id(data, part.start + 6, version == 2)
    found: dict[int, _Place] = {}

    def take(size: int) -> int:
        nonlocal at
        at += size
        if at > part.end:
            raise IndexError
        return int.from_bytes(data[at - size : at], "big")

    for _ in range(count):
        began, extents = at, []
        number = take(4 if version == 2 else 2)
        method = take(2) & 15 if version else 0
        take(2)
        base = take(base_size)
        if method == 1 and b"idat" in parts:
            base += parts[b"idat"].start
        elif method:
            raise DocumentError("no scrubber for this format", "a picture made of others")
        for _ in range(take(2)):
            take(index_size)
            start = base + take(offset_size)
            length = take(length_size)
            if start + length > len(data):
                raise DocumentError("damaged image", "it was cut off")
            extents.append((start, start + length))
        found[number] = _Place(began, at, extents)
    return found


def _meta(
    data: bytes,
    clean: bytes,
    parts: Mapping[bytes, Box],
    kept: set[int],
    places: Mapping[int, _Place],
    removed: set[str],
) -> list[bytes]:
    """The boxes of the list of pictures, without those of what is not kept."""
    version = data[parts[b"iloc"].start]
    entries = [data[places[n].at : places[n].end] for n in sorted(kept)]
    count = struct.pack(">I" if version == 2 else ">H", len(entries))
    start = parts[b"iloc"].start
    out = [
        data[parts[b"pitm"].at : parts[b"pitm"].end],
        box(b"iloc", data[start : start + 6], count, *entries),
        _items(data, parts[b"iinf"], kept, removed),
        _iref(data, parts.get(b"iref"), kept),
        _iprp(data, parts[b"iprp"], kept, removed),
    ]
    if b"idat" in parts:
        # Places in it are counted from its own beginning: it can move.
        out.append(box(b"idat", clean[parts[b"idat"].start : parts[b"idat"].end]))
    for name in parts:
        if name not in (b"hdlr", b"pitm", b"iloc", b"iinf", b"iref", b"iprp", b"idat", b"free"):
            removed.add("other boxes")
    return [part for part in out if part]


def _items(data: bytes, part: Box, kept: set[int], removed: set[str]) -> bytes:
    old = data[part.start] == 0
    infos = []
    for item in boxes(data, part.start + (6 if old else 8), part.end):
        number, place = _id(data, item.start + 4, data[item.start] == 3)
        if number in kept:
            if data[place + 6 : item.end].strip(b"\0"):
                removed.add("names of items")
            infos.append(box(b"infe", data[item.start : place + 6], b"\0"))
    count = struct.pack(">H" if old else ">I", len(infos))
    return box(b"iinf", data[part.start : part.start + 4], count, *infos)


def _iref(data: bytes, part: Box | None, kept: set[int]) -> bytes:
    if part is None:
        return b""
    wide = data[part.start] == 1
    form = ">I" if wide else ">H"
    out = []
    for name, origin, targets in _references(data, part):
        if origin in kept and name in (b"dimg", b"auxl") and set(targets) <= kept:
            numbers = b"".join(struct.pack(form, n) for n in targets)
            out.append(
                box(name, struct.pack(form, origin), struct.pack(">H", len(targets)), numbers)
            )
    return box(b"iref", data[part.start : part.start + 4], *out) if out else b""


def _iprp(data: bytes, part: Box, kept: set[int], removed: set[str]) -> bytes:
    new = [_property(data, item, removed) for item in _properties(data, part)]
    rows = []
    for number, properties in sorted(_associations(data, part).items()):
        if number in kept:
            shown = [(n, must) for n, must in properties if n and new[n - 1]]
            values = b"".join(struct.pack(">H", n | (must << 15)) for n, must in shown)
            rows.append(struct.pack(">IB", number, len(shown)) + values)
    ipma = box(b"ipma", b"\1\0\0\1", struct.pack(">I", len(rows)), *rows)
    # An empty box keeps the numbers of those behind it.
    return box(b"iprp", box(b"ipco", *(item or box(b"free") for item in new)), ipma)


def _property(data: bytes, item: Box, removed: set[str]) -> bytes | None:
    body = data[item.start : item.end]
    if item.name not in _SHOWN:
        if body:
            removed.add("descriptions and times")
        return None
    if item.name == b"colr" and body[:4] in (b"prof", b"rICC"):
        colors = rebuilt(body[4:])
        if colors != body[4:]:
            removed.add("names in the color profile" if colors else "color profile")
        return box(b"colr", b"prof", colors) if colors else None
    if item.name == b"colr" and body[:4] != b"nclx":
        return None
    if item.name == b"hvcC":
        body = _without_sei(body)
    return box(item.name, body)


def _without_sei(body: bytes) -> bytes:
    """The configuration of a decoder without messages (ISO/IEC 14496-15, 8.3.3.1)."""
    kept, at = [], 23
    for _ in range(body[22]):
        start, kind = at, body[at] & 63
        (count,) = struct.unpack_from(">H", body, at + 1)
        at += 3
        for _ in range(count):
            at += 2 + int.from_bytes(body[at : at + 2], "big")
        if kind not in _SEI:
            kept.append(body[start:at])
    return body[:22] + bytes([len(kept)]) + b"".join(kept)
