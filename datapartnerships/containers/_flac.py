"""FLAC (RFC 9639): the frames of sound behind STREAMINFO, and nothing else."""

from __future__ import annotations

import array
from collections.abc import Callable

from datapartnerships.errors import DocumentError

_NAMES = {
    2: "application data", 3: "seek points", 4: "tags", 5: "cue sheet", 6: "cover picture",
}  # fmt: skip
# The largest frame: 8 channels of 65,535 samples of 32 bits, and some.
_FRAME = 8 * 65_535 * 4 + 1024


def scrub(data: bytes, removed: set[str], decodes: Callable[[bytes], bool]) -> bytes:
    """Without tags, pictures and whatever is behind the last frame.

    `decodes` says whether a FLAC file of one frame can be decoded: where the last one ends is
    known only so. Seek points are left out as well: programs find their way without.
    """
    at = 0
    if data[:3] == b"ID3":
        at = 10 + sum((data[6 + n] & 0x7F) << 7 * (3 - n) for n in range(4))
        removed.add("tags")
    if data[at : at + 4] != b"fLaC":
        raise DocumentError("damaged recording", "no start of a FLAC file")
    at += 4
    last, head = False, b""
    while not last:
        if at + 4 > len(data):
            raise DocumentError("damaged recording", "it was cut off")
        last, kind = bool(data[at] & 0x80), data[at] & 0x7F
        size = int.from_bytes(data[at + 1 : at + 4], "big")
        if kind == 0 and size == 34 and not head:
            head = b"fLaC\x80\0\0\x22" + data[at + 4 : at + 38]
        elif kind == 1:
            if data[at + 4 : at + 4 + size].strip(b"\0"):
                removed.add("padding")
        else:
            removed.add(_NAMES.get(kind, "other blocks"))
        at += 4 + size
    if not head or data[at : at + 2] not in (b"\xff\xf8", b"\xff\xf9"):
        raise DocumentError("damaged recording", "no sound in the FLAC file")
    sync = data[at : at + 2]
    end = _end(data, at, sync, head, decodes)
    if data[end:].strip(b"\0"):
        removed.add("bytes behind the end")
    return head + data[at:end]


def _end(
    data: bytes, first: int, sync: bytes, head: bytes, decodes: Callable[[bytes], bool]
) -> int:
    """Where the last frame ends: the first place where its checksum is right and it decodes."""
    start = len(data)
    while (start := data.rfind(sync, first, start)) >= first:
        if not _is_header(data, start):
            continue
        crc = 0
        for at in range(start, min(len(data), start + _FRAME)):
            crc = (crc << 8 & 0xFFFF) ^ _TABLE_16[crc >> 8 ^ data[at]]
            if not crc and at > start + 5 and decodes(head + data[start : at + 1]):
                return at + 1
    raise DocumentError("damaged recording", "its last frame cannot be decoded")


def _is_header(data: bytes, at: int) -> bool:
    """Whether the checksum of a frame header that begins here is right (RFC 9639, 9.1)."""
    if at + 6 > len(data) or data[at + 2] >> 4 == 0 or data[at + 3] & 1:
        return False
    first = data[at + 4]
    coded = 1
    while coded < 7 and first & 0x80 and first & 0x80 >> coded:
        coded += 1
    size = 4 + coded
    size += {6: 1, 7: 2}.get(data[at + 2] >> 4, 0)
    size += {12: 1, 13: 2, 14: 2}.get(data[at + 2] & 15, 0)
    crc = 0
    for byte in data[at : at + size]:
        crc = _TABLE_8[crc ^ byte]
    return at + size < len(data) and crc == data[at + size]


def _table(polynomial: int, bits: int) -> array.array[int]:
    out = array.array("H")
    for byte in range(256):
        value = byte << bits - 8
        for _ in range(8):
            value = value << 1 ^ (polynomial if value >> bits - 1 & 1 else 0)
        out.append(value & (1 << bits) - 1)
    return out


_TABLE_8, _TABLE_16 = _table(0x07, 8), _table(0x8005, 16)
