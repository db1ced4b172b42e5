"""RIFF: WebP pictures and WAVE sound. Chunks are dropped, pixels and samples are copied."""

from __future__ import annotations

import struct
from collections.abc import Iterator

from datapartnerships.containers._exif import minimal
from datapartnerships.containers._icc import rebuilt
from datapartnerships.errors import DocumentError

_PICTURE = (b"VP8 ", b"VP8L", b"ALPH", b"ANIM", b"ANMF")
_ICC, _EXIF, _XMP = 0x20, 0x08, 0x04
# Samples as they are, as floating point, by A-law and by mu-law.
_PCM = (1, 3, 6, 7)
_EXTENSIBLE = 0xFFFE


def _chunks(data: bytes, at: int, end: int) -> Iterator[tuple[bytes, bytes]]:
    while at + 8 <= end:
        name, size = struct.unpack_from("<4sI", data, at)
        if at + 8 + size > end:
            raise DocumentError("damaged container", "a chunk runs past the end")
        yield name, data[at + 8 : at + 8 + size]
        at += 8 + size + (size & 1)


def _chunk(name: bytes, body: bytes) -> bytes:
    return name + struct.pack("<I", len(body)) + body + bytes(len(body) & 1)


def _end(data: bytes, removed: set[str]) -> int:
    """Where the file ends by what it says of itself."""
    end = 8 + struct.unpack_from("<I", data, 4)[0]
    if data[end + (end & 1) :].strip(b"\0"):
        removed.add("bytes behind the end")
    return min(int(end), len(data))


def webp(data: bytes, removed: set[str]) -> bytes:
    """Without any chunk but those of the pixels, their colors and their orientation."""
    picture: list[bytes] = []
    head, colors, turned = b"", None, b""
    for name, body in _chunks(data, 12, _end(data, removed)):
        if name == b"VP8X" and len(body) >= 10:
            head = body[:10]
        elif name == b"ANMF":
            inner = [_chunk(n, b) for n, b in _chunks(body, 16, len(body)) if n in _PICTURE[:3]]
            if sum(map(len, inner)) + 16 < len(body) - 1:
                removed.add("other chunks")
            picture.append(_chunk(name, body[:16] + b"".join(inner)))
        elif name in _PICTURE:
            picture.append(_chunk(name, body))
        elif name == b"ICCP":
            colors = rebuilt(body)
            if colors != body:
                removed.add("names in the color profile" if colors else "color profile")
        elif name == b"EXIF":
            turned = minimal(body.removeprefix(b"Exif\0\0"), removed)
        else:
            removed.add("XMP" if name == b"XMP " else "other chunks")
    if not picture:
        raise DocumentError("damaged image", "no picture in the WebP file")
    if head:
        flags = head[0] & ~(_ICC | _EXIF | _XMP)
        flags |= (_ICC if colors else 0) | (_EXIF if turned else 0)
        picture.insert(0, _chunk(b"VP8X", bytes([flags]) + head[1:]))
        if colors:
            picture.insert(1, _chunk(b"ICCP", colors))
        if turned:
            picture.append(_chunk(b"EXIF", turned))
    whole = b"WEBP" + b"".join(picture)
    return b"RIFF" + struct.pack("<I", len(whole)) + whole


def wave(data: bytes, removed: set[str]) -> bytes:
    """Without any chunk but the format and the samples."""
    if data[:4] != b"RIFF":
        raise DocumentError("no scrubber for this format", "WAVE of more than 4 GiB")
    form, samples = b"", b""
    # What recorders leave at 0 or -1 when they are cut off.
    (declared,) = struct.unpack_from("<I", data, 4)
    end = len(data) if declared in (0, 0xFFFFFFFF) else _end(data, removed)
    at = 12
    while at + 8 <= end:
        name, size = struct.unpack_from("<4sI", data, at)
        body = data[at + 8 : min(at + 8 + size, end)]
        if name == b"fmt " and not form:
            form = _format(body)
        elif name == b"data" and not samples:
            samples = body
        elif name != b"fact":
            removed.add("tags" if name in (b"LIST", b"id3 ", b"ID3 ") else "other chunks")
        at += 8 + size + (size & 1)
    if not form or not samples:
        raise DocumentError("damaged recording", "no format, or no samples")
    # Whole samples only.
    samples = samples[: len(samples) - len(samples) % max(1, struct.unpack_from("<H", form, 12)[0])]
    whole = b"WAVE" + _chunk(b"fmt ", form) + _chunk(b"data", samples)
    return b"RIFF" + struct.pack("<I", len(whole)) + whole


def _format(body: bytes) -> bytes:
    (kind,) = struct.unpack_from("<H", body)
    if kind == _EXTENSIBLE and len(body) >= 40:
        if struct.unpack_from("<H", body, 24)[0] not in _PCM:
            raise DocumentError("no scrubber for this format", "compressed WAVE")
        return body[:16] + b"\x16\0" + body[18:40]
    if kind not in _PCM or len(body) < 16:
        raise DocumentError("no scrubber for this format", "compressed WAVE")
    return body[:16]
