"""GIF 89a: comments and extensions of programs are dropped, the pictures are copied."""

from __future__ import annotations

from datapartnerships.errors import DocumentError

_LOOP = b"\x21\xff\x0bNETSCAPE2.0"


def scrub(data: bytes, removed: set[str]) -> bytes:
    """Without any block but the pictures, how each is shown, and how often all are."""
    try:
        return _scrub(data, removed)
    except IndexError:
        raise DocumentError("damaged image", "it was cut off") from None


def _scrub(data: bytes, removed: set[str]) -> bytes:
    at = 13 + _table(data[10])
    out = [data[:at]]
    while data[at] != 0x3B:
        start = at
        if data[at] == 0x2C:
            at = _blocks(data, at + 11 + _table(data[at + 9]))
            out.append(data[start:at])
            continue
        if data[at] != 0x21:
            raise DocumentError("damaged image", "no block where one must be")
        label = data[at + 1]
        at = _blocks(data, at + 2)
        block = data[start:at]
        if label == 0xF9 and len(block) == 8:
            out.append(block)
        elif block.startswith(_LOOP) and block[14:16] == b"\x03\x01":
            out.append(block[:18] + b"\0")
            if len(block) > 19:
                removed.add("other blocks")
        else:
            name = "comment" if label == 0xFE else "other blocks"
            removed.add("XMP" if block[3:14] == b"XMP DataXMP" else name)
    if data[at + 1 :].strip(b"\0"):
        removed.add("bytes behind the end")
    return b"".join(out) + b";"


def _table(flags: int) -> int:
    return 3 << ((flags & 7) + 1) if flags & 0x80 else 0


def _blocks(data: bytes, at: int) -> int:
    """Where the data blocks that begin at `at` end."""
    while size := data[at]:
        at += 1 + size
    if at >= len(data):
        raise IndexError
    return at + 1
