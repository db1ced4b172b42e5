"""Boxes (ISO/IEC 14496-12): what MP4, MOV, HEIC, AVIF and JPEG 2000 files are made of."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import NamedTuple

from datapartnerships.errors import DocumentError


class Box(NamedTuple):
    """A box: its name, where it begins, where its content begins and ends."""

    name: bytes
    at: int
    start: int
    end: int


def boxes(data: bytes, at: int = 0, end: int | None = None) -> Iterator[Box]:
    """The boxes of one level. `DocumentError` where one runs past the end."""
    end = len(data) if end is None else end
    while at + 8 <= end:
        size, name = struct.unpack_from(">I4s", data, at)
        start = at + 8
        if size == 1:
            size, start = int.from_bytes(data[start : start + 8], "big"), start + 8
        elif size == 0:
            size = end - at
        if size < start - at or at + size > end:
            raise DocumentError("damaged container", "a box runs past the end")
        yield Box(name, at, start, at + size)
        at += size


def box(name: bytes, *content: bytes) -> bytes:
    body = b"".join(content)
    return struct.pack(">I", len(body) + 8) + name + body
