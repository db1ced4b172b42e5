"""EXIF: all that is wanted of it is how a picture is turned."""

from __future__ import annotations

import struct

_ORIENTATION = 0x0112
_SHORT = 3


def orientation(block: bytes) -> int:
    """1 to 8, of a block that begins with its TIFF header (EXIF 2.32, 4.6.4); 1 where unknown."""
    order = {b"II": "<", b"MM": ">"}.get(block[:2])
    if order is None or len(block) < 8:
        return 1
    (start,) = struct.unpack_from(order + "I", block, 4)
    if start + 2 > len(block):
        return 1
    (count,) = struct.unpack_from(order + "H", block, start)
    for at in range(start + 2, min(start + 2 + 12 * count, len(block) - 11), 12):
        tag, kind, _, value = struct.unpack_from(order + "HHIH", block, at)
        if tag == _ORIENTATION and kind == _SHORT and 1 <= value <= 8:
            return int(value)
    return 1


def minimal(block: bytes, removed: set[str]) -> bytes:
    """Of an EXIF block what says how the picture is turned; empty where it is upright."""
    turned = orientation(block)
    kept = only_orientation(turned) if turned != 1 else b""
    if kept != block:
        removed.add("EXIF")
    return kept


def only_orientation(value: int) -> bytes:
    """An EXIF block that says how the picture is turned, and nothing else."""
    return b"MM\0*\0\0\0\x08\0\1" + struct.pack(">HHIHHI", _ORIENTATION, _SHORT, 1, value, 0, 0)
