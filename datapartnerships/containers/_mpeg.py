"""MP3: frames of sound are kept (ISO/IEC 11172-3, 2.4), what is before and behind them is not."""

from __future__ import annotations

import struct

from datapartnerships.errors import DocumentError

_KBIT_1 = {
    1: (0, 32, 64, 96, 128, 160, 192, 224, 256, 288, 320, 352, 384, 416, 448),
    2: (0, 32, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384),
    3: (0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320),
}
_KBIT_2 = {
    1: (0, 32, 48, 56, 64, 80, 96, 112, 128, 144, 160, 176, 192, 224, 256),
    2: (0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160),
}
_RATES = (44100, 48000, 32000)
# How far the first frame may be behind the tags, and one frame behind another.
_LOST = 1 << 16
_MARKS = ((b"TAG", "tags"), (b"APETAGEX", "tags"), (b"LYRICSBEGIN", "lyrics"), (b"ID3", "tags"))
_ENCODERS = (b"LAME", b"Lavf", b"Lavc", b"GOGO")


def scrub(data: bytes, removed: set[str]) -> bytes:
    """Without tags: the frames of sound, and how many samples to leave out at both ends."""
    at = 0
    while data[at : at + 3] == b"ID3" and at + 10 <= len(data):
        size = sum((data[at + 6 + n] & 0x7F) << 7 * (3 - n) for n in range(4))
        at += 10 + size + (10 if data[at + 5] & 0x10 else 0)
        removed.add("tags")
    out: list[bytes] = []
    while at + 4 <= len(data):
        size = frame_bytes(data, at)
        if size and at + size <= len(data):
            out.append(data[at : at + size])
            at += size
            continue
        found = _next(data, at)
        removed.add(next((name for mark, name in _MARKS if data.startswith(mark, at)), "junk"))
        if found is None:
            break
        at = found
    if not out:
        raise DocumentError("damaged recording", "no sound in the MP3 file")
    out[0] = _head(out[0], removed)
    return b"".join(out)


def frame_bytes(data: bytes, at: int) -> int:
    """Of the frame whose header is at `at`; 0 where there is none."""
    if at + 4 > len(data) or data[at] != 0xFF or data[at + 1] & 0xE0 != 0xE0:
        return 0
    version, layer = data[at + 1] >> 3 & 3, 4 - (data[at + 1] >> 1 & 3)
    rate, speed, padding = data[at + 2] >> 2 & 3, data[at + 2] >> 4, data[at + 2] >> 1 & 1
    if version == 1 or layer == 4 or rate == 3 or speed in (0, 15):
        return 0
    first = version == 3
    hertz = _RATES[rate] >> (0 if first else 1 if version == 2 else 2)
    kbit = (_KBIT_1[layer] if first else _KBIT_2[min(layer, 2)])[speed]
    if layer == 1:
        return (12000 * kbit // hertz + padding) * 4
    return (144000 if first or layer == 2 else 72000) * kbit // hertz + padding


def _next(data: bytes, at: int) -> int | None:
    """Where the next frame is that another one, or the end, follows."""
    end = min(len(data), at + 1 + _LOST)
    while (at := data.find(b"\xff", at + 1, end)) >= 0:
        size = frame_bytes(data, at)
        if size and (frame_bytes(data, at + size) or at + size == len(data)):
            return at
    return None


def _head(frame: bytes, removed: set[str]) -> bytes:
    """The first frame, where it is no sound but a table of contents: its numbers, and no text."""
    version, mono = frame[1] >> 3 & 3, frame[3] >> 6 == 3
    side = (17 if mono else 32) if version == 3 else (9 if mono else 17)
    at = 4 + side
    if frame[at : at + 4] not in (b"Xing", b"Info"):
        return frame
    (flags,) = struct.unpack_from(">I", frame, at + 4)
    end = at + 8 + 4 * (flags & 1) + 4 * (flags >> 1 & 1) + 100 * (flags >> 2 & 1)
    end += 4 * (flags >> 3 & 1)
    new = bytearray(frame[:4]) + bytes(side) + frame[at:end]
    if (name := frame[end : end + 4]) in _ENCODERS:
        # Delay and padding: 12 bits each, 21 bytes behind the name of the encoder.
        new += name + bytes(17) + frame[end + 21 : end + 24]
    new = new[: len(frame)].ljust(len(frame), b"\0")
    if new != frame:
        removed.add("name of the encoder")
    return bytes(new)
