"""JPEG (ITU-T T.81): segments are dropped, the picture itself is copied byte by byte."""

from __future__ import annotations

import re
import struct

from datapartnerships.containers._exif import minimal
from datapartnerships.containers._icc import rebuilt
from datapartnerships.errors import DocumentError

# Tables, frames, scans, restart intervals, number of lines: the picture.
_PICTURE = {0xC4, 0xCC, 0xDA, 0xDB, 0xDC, 0xDD, *range(0xC0, 0xD0)} - {0xC8}
_EOI, _SOS = 0xD9, 0xDA
# The next marker behind a scan: neither a stuffed zero nor a restart.
_MARKER = re.compile(rb"\xff+([^\x00\xff\xd0-\xd7])")
_NAMES = (
    (b"Exif\0", "EXIF"),
    (b"http://ns.adobe.com/", "XMP"),
    (b"Photoshop 3.0", "IPTC"),
    (b"MPF\0", "further pictures"),
    (b"JFXX", "thumbnail"),
)


def scrub(data: bytes, removed: set[str], *, tables_only: bool = False) -> bytes:
    """Without any segment but those of the picture, its colors and its orientation.

    `tables_only`: part of a TIFF file, where tables and scans are apart.
    """
    if data[:2] != b"\xff\xd8":
        raise DocumentError("damaged image", "no start of a JPEG")
    kept: list[bytes] = []
    turned, profile = b"", b""
    at = 2
    while True:
        marker, body, after = _segment(data, at)
        if marker == _EOI:
            break
        if marker in _PICTURE:
            if not _fits(marker, body):
                raise DocumentError("damaged image", "a segment holds more than it can")
            kept.append(b"\xff" + bytes([marker]) + body)
        elif marker == 0xE0 and body[2:7] == b"JFIF\0":
            kept.append(b"\xff\xe0\0\x10" + body[2:14] + b"\0\0")
            if len(body) > 16:
                removed.add("thumbnail")
        elif marker == 0xEE and body[2:7] == b"Adobe":
            kept.append(b"\xff\xee\0\x0e" + body[2:14])
        elif marker == 0xE1 and body[2:7] == b"Exif\0" and not turned:
            turned = minimal(body[8:], removed)
        elif marker == 0xE2 and body[2:14] == b"ICC_PROFILE\0":
            profile += body[16:]
        else:
            removed.add(_what(marker, body))
        at = after
        if marker == _SOS:
            # Where it has no end, what is there is the picture.
            found = _MARKER.search(data, at)
            end = found.start() if found else len(data)
            kept.append(data[at:end])
            if found is None:
                after = end
                break
            at = end
    if data[after:].strip(b"\0"):
        removed.add("bytes behind the end")
    if not tables_only and not any(part[1] == _SOS for part in kept if part[:1] == b"\xff"):
        raise DocumentError("damaged image", "no picture in the JPEG")
    return b"\xff\xd8" + b"".join(_in_order(kept, turned, profile, removed)) + b"\xff\xd9"


def _segment(data: bytes, at: int) -> tuple[int, bytes, int]:
    """The marker at `at`, its segment with the two bytes of its length, where the next begins."""
    if data[at : at + 1] != b"\xff":
        raise DocumentError("damaged image", "no marker where one must be")
    while data[at + 1 : at + 2] == b"\xff":
        at += 1
    if at + 2 > len(data):
        raise DocumentError("damaged image", "it was cut off")
    marker = data[at + 1]
    if marker == _EOI:
        return marker, b"", at + 2
    size = int.from_bytes(data[at + 2 : at + 4], "big")
    if marker in (0, 1) or 0xD0 <= marker <= 0xD8 or size < 2 or at + 2 + size > len(data):
        raise DocumentError("damaged image", "a segment runs past the end")
    return marker, data[at + 2 : at + 2 + size], at + 2 + size


def _fits(marker: int, body: bytes) -> bool:
    """Whether a segment is as long as what it holds (ITU-T T.81, annex B.2)."""
    if marker in (0xDC, 0xDD):
        return len(body) == 4
    if marker == _SOS:
        return len(body) > 2 and len(body) == 6 + 2 * body[2]
    if marker == 0xCC:
        return len(body) % 2 == 0
    if marker not in (0xC4, 0xDB):
        return len(body) > 7 and len(body) == 8 + 3 * body[7]
    at = 2
    while at < len(body):
        wide = 129 if body[at] >> 4 else 65
        at += wide if marker == 0xDB else 17 + sum(body[at + 1 : at + 17])
    return at == len(body)


def _in_order(kept: list[bytes], turned: bytes, profile: bytes, removed: set[str]) -> list[bytes]:
    """JFIF first, then the orientation and the colors, then the picture."""
    added = []
    if turned:
        block = b"Exif\0\0" + turned
        added.append(b"\xff\xe1" + struct.pack(">H", len(block) + 2) + block)
    colors = rebuilt(profile) if profile else None
    if profile and colors != profile:
        removed.add("names in the color profile" if colors else "color profile")
    pieces = [colors[n : n + 60_000] for n in range(0, len(colors), 60_000)] if colors else []
    for number, piece in enumerate(pieces, 1):
        block = b"ICC_PROFILE\0" + bytes([number, len(pieces)]) + piece
        added.append(b"\xff\xe2" + struct.pack(">H", len(block) + 2) + block)
    place = 1 if kept and kept[0][:2] == b"\xff\xe0" else 0
    return kept[:place] + added + kept[place:]


def _what(marker: int, body: bytes) -> str:
    if marker == 0xFE:
        return "comment"
    return next((name for mark, name in _NAMES if body[2:].startswith(mark)), "other segments")
