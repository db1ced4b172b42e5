"""What a file is, by its first bytes and, of a zip file, its members; names decide nothing."""

from __future__ import annotations

import io
import zipfile

from datapartnerships.containers._mpeg import frame_bytes

_OFFICE = "application/vnd.openxmlformats-officedocument."
_OPEN = "application/vnd.oasis.opendocument."
_STARTS = (
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
    (b"II*\0", "image/tiff"),
    (b"MM\0*", "image/tiff"),
    (b"II+\0", "image/tiff"),
    (b"MM\0+", "image/tiff"),
    (b"%PDF-", "application/pdf"),
    (b"fLaC", "audio/flac"),
    (b"OggS", "audio/ogg"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "application/x-ole-storage"),
    (b"{\\rtf", "application/rtf"),
)
_PARTS = (
    ("word/", _OFFICE + "wordprocessingml.document"),
    ("xl/", _OFFICE + "spreadsheetml.sheet"),
    ("ppt/", _OFFICE + "presentationml.presentation"),
)


def media_type(data: bytes) -> str:
    """The media type that the content proves; ``application/octet-stream`` where none is known."""
    for start, found in _STARTS:
        if data.startswith(start):
            return found if found != "audio/ogg" else _ogg(data)
    if data[:4] == b"RIFF":
        return {b"WEBP": "image/webp", b"WAVE": "audio/wav"}.get(data[8:12], _UNKNOWN)
    if data[4:8] == b"ftyp":
        return _brand(data)
    if data[4:8] in (b"moov", b"mdat", b"wide", b"free") and data[:1] < b"\x20":
        return "video/quicktime"
    if data[:4] == b"\x1aE\xdf\xa3":
        return "video/webm" if b"webm" in data[:64] else "video/matroska"
    if data[:4] == b"PK\3\4":
        return _zip(data)
    if data[:3] == b"ID3":
        after = 10 + sum((data[6 + n] & 0x7F) << 7 * (3 - n) for n in range(4))
        return "audio/flac" if data[after : after + 4] == b"fLaC" else "audio/mpeg"
    if b"%PDF-" in data[:1040]:
        # Gateways put bytes before the header; programs accept 1 KB of them.
        return "application/pdf"
    if frame_bytes(data, 0):
        return "audio/mpeg"
    return _UNKNOWN


_UNKNOWN = "application/octet-stream"


def _ogg(data: bytes) -> str:
    return "video/ogg" if b"\x80theora" in data[:512] else "audio/ogg"


def _brand(data: bytes) -> str:
    brands = data[8 : max(12, min(int.from_bytes(data[:4], "big"), 256))]
    if any(name in brands for name in (b"avif", b"avis")):
        return "image/avif"
    if any(name in brands for name in (b"heic", b"heix", b"mif1", b"heim", b"msf1")):
        return "image/heic"
    if brands[:4] in (b"M4A ", b"M4B "):
        return "audio/mp4"
    return "video/quicktime" if brands[:4] == b"qt  " else "video/mp4"


def _zip(data: bytes) -> str:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            names = archive.namelist()
            if "mimetype" in names and archive.getinfo("mimetype").file_size < 100:
                kind = archive.read("mimetype").decode("latin-1").strip()
                return kind if kind.startswith(_OPEN) else "application/zip"
    except Exception:  # whatever a damaged archive raises: it is then no office document
        return "application/zip"
    if "[Content_Types].xml" in names:
        for start, found in _PARTS:
            if any(name.startswith(start) for name in names):
                return found
    return "application/zip"
