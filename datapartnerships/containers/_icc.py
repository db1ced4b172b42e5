"""Color profiles (ICC.1:2022), rebuilt with what makes the colors and nothing that can be read."""

from __future__ import annotations

import struct

# Tags that make the colors. Not here: copyright, makers, models, descriptions, measurements.
_COLOR = (
    b"rXYZ", b"gXYZ", b"bXYZ", b"wtpt", b"bkpt", b"rTRC", b"gTRC", b"bTRC", b"kTRC", b"chad",
    b"A2B0", b"A2B1", b"A2B2", b"B2A0", b"B2A1", b"B2A2", b"gamt", b"cicp",
)  # fmt: skip
_PARAMETERS = (1, 3, 4, 5, 7)


def rebuilt(profile: bytes) -> bytes | None:
    """The same colors without a name, maker or date; None for a profile of another make."""
    try:
        return _rebuilt(profile)
    except (struct.error, IndexError):
        return None


def _rebuilt(profile: bytes) -> bytes | None:
    if profile[36:40] != b"acsp" or profile[12:16] not in (b"mntr", b"scnr", b"prtr", b"spac"):
        return None
    tags: dict[bytes, bytes] = {}
    (count,) = struct.unpack_from(">I", profile, 128)
    for at in range(132, 132 + 12 * min(count, 100), 12):
        name, start, size = struct.unpack_from(">4sII", profile, at)
        if name in _COLOR:
            value = _value(profile[start : start + size])
            if value is None:
                return None
            tags[name] = value
    if not tags:
        return None
    old = profile[8] < 4
    tags[b"desc"] = _text(b"color", old)
    tags[b"cprt"] = b"text\0\0\0\0none\0" if old else _text(b"none", old)
    return _written(profile, tags)


def _value(value: bytes) -> bytes | None:
    """As many bytes as its type needs; None for a type that could hold anything."""
    kind = value[:4]
    (count,) = struct.unpack_from(">I", value, 8)
    if kind == b"XYZ ":
        size = 20
    elif kind == b"sf32":
        size = 44
    elif kind == b"cicp":
        size = 12
    elif kind == b"curv":
        size = 12 + 2 * count
    elif kind == b"para":
        size = 12 + 4 * _PARAMETERS[count >> 16]
    elif kind == b"mft1":
        ins, outs, grid = value[8:11]
        size = 48 + 256 * ins + grid**ins * outs + 256 * outs
    elif kind == b"mft2":
        ins, outs, grid = value[8:11]
        first, last = struct.unpack_from(">HH", value, 48)
        size = 52 + 2 * (first * ins + grid**ins * outs + last * outs)
    else:
        return None
    if size > len(value):
        return None
    return kind + bytes(4) + value[8:size]


def _text(words: bytes, old: bool) -> bytes:
    if old:
        body = struct.pack(">I", len(words) + 1) + words + b"\0"
        return b"desc\0\0\0\0" + body + bytes(4 + 4 + 2 + 1 + 67)
    wide = words.decode().encode("utf-16-be")
    return b"mluc\0\0\0\0" + struct.pack(">II2s2sII", 1, 12, b"en", b"US", len(wide), 28) + wide


def _written(profile: bytes, tags: dict[bytes, bytes]) -> bytes:
    table, body = struct.pack(">I", len(tags)), b""
    start = 132 + 12 * len(tags)
    for name in sorted(tags):
        table += struct.pack(">4sII", name, start + len(body), len(tags[name]))
        body += tags[name] + bytes(-len(tags[name]) % 4)
    head = bytearray(128)
    head[8:12] = profile[8:12]  # version
    head[12:24] = profile[12:24]  # class, color space, space of the connection
    head[24:36] = struct.pack(">6H", 2000, 1, 1, 0, 0, 0)
    head[36:40] = b"acsp"
    head[64:80] = profile[64:80]  # rendering intent, illuminant
    whole = bytes(head) + table + body
    return struct.pack(">I", len(whole)) + whole[4:]
