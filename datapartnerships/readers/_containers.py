"""Recordings by their content: which streams a container has, and sound without a container.

Several formats hold sound alone or pictures with it under one signature; what the streams are
stands in a table of each. Nothing is decoded here, and a few kilobytes are read.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from contextlib import suppress
from typing import BinaryIO

MATROSKA, WEBM, OGG, ASF = "video/matroska", "video/webm", "audio/ogg", "video/x-ms-asf"
_MP4 = frozenset({"video/mp4", "video/quicktime", "video/3gpp"})
_REAL = "application/vnd.rn-realmedia"

# ASF stream types (ASF specification 1.20, section 10.4), as they stand in the file.
_ASF_SOUND = bytes.fromhex("409e69f84d5bcf11a8fd00805f5c442b")
_ASF_PICTURES = bytes.fromhex("c0ef19bc4d5bcf11a8fd00805f5c442b")
# Begin the first packet of a stream of pictures in Ogg: Theora, OGM, VP8, Dirac.
_OGG_PICTURES = (b"\x80theora", b"\x01video", b"OVP80", b"BBCD\0")
_TS_PACKET, _TS_SYNC = 188, 0x47
# Boxes of MP4 that are gone through, and how many of them in all.
_MP4_WAY = (b"moov", b"trak", b"mdia")
_MOST_BOXES = 2000

# Layer III, II and I of MPEG 1; of MPEG 2 and 2.5: kilobits a second (ISO/IEC 11172-3, 13818-3).
_BITRATES = {
    (1, 1): (32, 64, 96, 128, 160, 192, 224, 256, 288, 320, 352, 384, 416, 448),
    (1, 2): (32, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384),
    (1, 3): (32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320),
    (2, 1): (32, 48, 56, 64, 80, 96, 112, 128, 144, 160, 176, 192, 224, 256),
    (2, 2): (8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160),
    (2, 3): (8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160),
}


def streams_type(found: str, head: bytes, stream: BinaryIO) -> str:
    """The media type of what `found` is by its signature: sound alone, or pictures too.

    "" where the table of the streams cannot be read: then the signature, or the name, decides.
    """
    if found in _MP4 and stream.seekable():
        with suppress(OSError, struct.error, ValueError):
            handlers = set(_handlers(stream))
            if b"soun" in handlers and b"vide" not in handlers:
                return found.replace("video/", "audio/")
            return found if b"vide" in handlers else ""
    if found in (MATROSKA, WEBM):
        if _has_codec(head, b"V_"):
            return found
        return found.replace("video/", "audio/") if _has_codec(head, b"A_") else ""
    if found == OGG and any(mark in head for mark in _OGG_PICTURES):
        return "video/ogg"
    if found == ASF:
        if _ASF_PICTURES in head:
            return "video/x-ms-wmv"
        return "audio/x-ms-wma" if _ASF_SOUND in head else ""
    if found == _REAL:
        return "video/vnd.rn-realvideo" if b"video/x-pn-" in head else "audio/vnd.rn-realaudio"
    return ""


def sound_type(head: bytes) -> str:
    """MPEG sound or an MPEG transport stream without any signature, by what must repeat."""
    for packet, at in ((_TS_PACKET, 0), (_TS_PACKET + 4, 4)):
        marks = head[at::packet]
        if len(marks) >= 5 and marks.count(_TS_SYNC) == len(marks) and not head.isascii():
            return "video/mp2t"
    return _frames(head, 0)


def late_sound_type(head: bytes) -> str:
    """MPEG sound that begins behind some other bytes."""
    at = head.find(b"\xff")
    while 0 <= at < len(head) - 4:
        if found := _frames(head, at, least=4):
            return found
        at = head.find(b"\xff", at + 1)
    return ""


def _frames(head: bytes, at: int, least: int = 2) -> str:
    """What the frames from `at` on are, where at least so many follow each other."""
    kind = b""
    for _ in range(least):
        found, size = _frame(head[at : at + 6])
        if not size or (kind and found != kind):
            return ""
        kind, at = found, at + size
    return kind.decode()


def _frame(header: bytes) -> tuple[bytes, int]:
    """The type and the bytes of the frame with this header; 0 bytes for what is none."""
    if len(header) < 6 or header[0] != 0xFF or header[1] & 0xE0 != 0xE0:
        return b"", 0
    if header[1] & 0xF6 == 0xF0:
        size = (header[3] & 3) << 11 | header[4] << 3 | header[5] >> 5
        return b"audio/aac", size if size > 6 and header[2] >> 2 & 15 < 13 else 0
    version, layer = header[1] >> 3 & 3, 4 - (header[1] >> 1 & 3)
    rate, speed = header[2] >> 4, header[2] >> 2 & 3
    if version == 1 or layer == 4 or speed == 3 or not 0 < rate < 15:
        return b"", 0
    hertz = (44_100, 48_000, 32_000)[speed] // {3: 1, 2: 2, 0: 4}[version]
    bits = _BITRATES[1 if version == 3 else 2, layer][rate - 1] * 1000
    padding = header[2] >> 1 & 1
    if layer == 1:
        return b"audio/mpeg", (12 * bits // hertz + padding) * 4
    samples = 576 if layer == 3 and version != 3 else 1152
    return b"audio/mpeg", samples // 8 * bits // hertz + padding


def _has_codec(head: bytes, prefix: bytes) -> bool:
    """Whether the tracks in the head of a Matroska file have such a CodecID (element 0x86)."""
    at = head.find(prefix)
    while at > 1:
        if head[at - 2] == 0x86 and head[at - 1] & 0x80:
            return True
        at = head.find(prefix, at + 1)
    return False


def _handlers(stream: BinaryIO) -> Iterator[bytes]:
    """The kinds of the tracks of an MP4 or MOV file."""
    size = stream.seek(0, 2)
    waiting, seen = [(0, size)], 0
    while waiting:
        at, end = waiting.pop()
        while at + 8 <= end and seen < _MOST_BOXES:
            seen += 1
            stream.seek(at)
            head = stream.read(20)
            length, name = struct.unpack_from(">I4s", head)
            begin = at + 8
            if length == 1:
                length, begin = struct.unpack_from(">Q", head, 8)[0], at + 16
            stop = end if length == 0 else at + length
            if stop < begin:
                return
            if name in _MP4_WAY:
                waiting.append((begin, min(stop, end)))
            elif name == b"hdlr":
                yield head[16:20]
            at = stop
