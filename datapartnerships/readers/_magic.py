"""What the first bytes of binary formats look like; zip and OLE2 containers by their directory.

Kept apart from `sniff`, which decides; this knows signatures only and never reads a name.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Iterator
from typing import BinaryIO

ZIP = "application/zip"
TAR = "application/x-tar"
GZIP = "application/gzip"
BZIP2 = "application/x-bzip2"
XZ = "application/x-xz"
ZSTD = "application/zstd"
PDF = "application/pdf"
OLE2 = "application/x-ole-storage"
PROTECTED = "application/x-ooxml-protected"
UNKNOWN = "application/octet-stream"

_OOXML = "application/vnd.openxmlformats-officedocument."
_MACRO = {
    "word/": "application/vnd.ms-word.document.macroEnabled.12",
    "xl/": "application/vnd.ms-excel.sheet.macroEnabled.12",
    "ppt/": "application/vnd.ms-powerpoint.presentation.macroEnabled.12",
}
_PLAIN = {
    "word/": _OOXML + "wordprocessingml.document",
    "xl/": _OOXML + "spreadsheetml.sheet",
    "ppt/": _OOXML + "presentationml.presentation",
    "visio/": "application/vnd.ms-visio.drawing",
}

# (offset, signature, media type), for signatures that no text can begin with.
_SIGNATURES: tuple[tuple[int, bytes, str], ...] = (
    (0, b"%PDF-", PDF),
    (0, b"{\\rt", "application/rtf"),
    (0, b"\x1f\x8b\x08", GZIP),
    (0, b"\x28\xb5\x2f\xfd", ZSTD),
    (0, b"\xfd7zXZ\0", XZ),
    (0, b"\xffWPC", "application/vnd.wordperfect"),
    (0, b"PAR1", "application/vnd.apache.parquet"),
    (0, b"ARROW1\0\0", "application/vnd.apache.arrow.file"),
    (0, b"\x89PNG\r\n\x1a\n", "image/png"),
    (0, b"\xff\xd8\xff", "image/jpeg"),
    (0, b"GIF87a", "image/gif"),
    (0, b"GIF89a", "image/gif"),
    (0, b"II*\0", "image/tiff"),
    (0, b"MM\0*", "image/tiff"),
    (0, b"II+\0", "image/tiff"),
    (0, b"MM\0+", "image/tiff"),
    (0, b"\0\0\0\x0cjP  \r\n", "image/jp2"),
    (0, b"\xff\x4f\xff\x51", "image/jp2"),
    (0, b"\0\0\0\x0cJXL ", "image/jxl"),
    (0, b"AT&TFORM", "image/vnd.djvu"),
    (0, b"8BPS\0", "image/vnd.adobe.photoshop"),
    (0, b"fLaC", "audio/flac"),
    (0, b"ID3", "audio/mpeg"),
    (0, b"OggS", "audio/ogg"),
    (0, b"#!AMR", "audio/AMR"),
    (0, b"riff\x2e\x91\xcf\x11", "audio/x-w64"),
    (0, b".snd\0", "audio/basic"),
    (0, b"MAC \x96\x0f", "audio/x-ape"),
    (0, b"wvpk", "audio/x-wavpack"),
    (0, b"TTA1", "audio/x-tta"),
    (0, b"Creative Voice File\x1a", "audio/x-voc"),
    (0, b"NIST_1A\n", "audio/x-nist"),
    (0, b"\x02dss", "audio/x-dss"),
    (0, b"\x03ds2", "audio/x-dss"),
    (0, b".ra\xfd", "audio/vnd.rn-realaudio"),
    (0, b".RMF\0", "application/vnd.rn-realmedia"),
    (0, b"\x06\x0e\x2b\x34\x02\x05\x01\x01\x0d\x01\x02\x01", "application/mxf"),
    (0, b"caff\0", "audio/x-caf"),
    (0, b"MThd\0\0\0\x06", "audio/midi"),
    (0, b"\x30\x26\xb2\x75\x8e\x66\xcf\x11", "video/x-ms-asf"),
    (0, b"FLV\x01", "video/x-flv"),
    (0, b"\0\0\x01\xba", "video/mpeg"),
    (0, b"\0\0\x01\xb3", "video/mpeg"),
    (0, b"SQLite format 3\0", "application/vnd.sqlite3"),
    (0, b"\0\x01\0\0Standard Jet DB", "application/x-msaccess"),
    (0, b"\0\x01\0\0Standard ACE DB", "application/x-msaccess"),
    (0, b"!BDN", "application/vnd.ms-outlook-pst"),
    (0, b"7z\xbc\xaf\x27\x1c", "application/x-7z-compressed"),
    (0, b"Rar!\x1a\x07", "application/vnd.rar"),
    (0, b"MSCF\0\0\0\0", "application/vnd.ms-cab-compressed"),
    (0, b"\x04\x22\x4d\x18", "application/x-lz4"),
    (0, b"\x1f\x9d", "application/x-compress"),
    (0, b"\x7fELF", "application/x-executable"),
    (0, b"\xcf\xfa\xed\xfe", "application/x-mach-binary"),
    (0, b"\xca\xfe\xba\xbe", "application/x-mach-binary"),
    (0, b"\0asm\x01\0\0\0", "application/wasm"),
    (0, b"%!PS", "application/postscript"),
    (257, b"ustar", TAR),
)
_BY_FIRST: dict[int, list[tuple[bytes, str]]] = {}
for _offset, _mark, _type in _SIGNATURES:
    if _offset == 0:
        _BY_FIRST.setdefault(_mark[0], []).append((_mark, _type))

_BRANDS = (
    (("M4A ", "M4B ", "M4P "), "audio/mp4"),
    (("qt  ",), "video/quicktime"),
    (("heic", "heix", "mif1", "msf1", "heim", "heis"), "image/heic"),
    (("avif", "avis"), "image/avif"),
    (("3gp4", "3gp5", "3gp6", "3g2a"), "video/3gpp"),
)
_RIFF = {b"WAVE": "audio/wav", b"AVI ": "video/vnd.avi", b"WEBP": "image/webp"}
_PDF_LATER = re.compile(rb"(?:^|[\r\n\0]|%%EOF\s*)%PDF-\d\.\d")


def binary_type(head: bytes) -> str:
    """The media type that `head` proves, or "" when no signature is there."""
    for mark, found in _BY_FIRST.get(head[0] if head else -1, ()):
        if head.startswith(mark):
            return found
    if head[257:262] == b"ustar":
        return TAR
    if head[:3] == b"BZh" and head[4:10] in (b"1AY&SY", b"\x17\x72\x45\x38\x50\x90"):
        return BZIP2
    if head[:4] in (b"RIFF", b"RF64", b"BW64"):
        return _RIFF.get(head[8:12], UNKNOWN)
    if head[:4] == b"FORM" and head[8:12] in (b"AIFF", b"AIFC"):
        return "audio/aiff"
    if head[4:8] == b"ftyp":
        brand = head[8:12].decode("latin-1")
        return next((found for brands, found in _BRANDS if brand in brands), "video/mp4")
    if head[4:8] in (b"moov", b"mdat", b"wide") and head[0] < 0x20:
        return "video/quicktime"
    if head[:4] == b"\x1aE\xdf\xa3":
        return "video/webm" if b"webm" in head[:64] else "video/matroska"
    # Mail gateways and bad converters put bytes before the header; viewers accept 1 KB of them.
    return PDF if _PDF_LATER.search(head[:1040]) else ""


def weak_type(head: bytes) -> str:
    """Types with short signatures, asked for only once `head` is known not to be text."""
    if head[:2] == b"BM" and len(head) > 18 and head[14:18] in (
        b"\x0c\0\0\0", b"\x28\0\0\0", b"\x38\0\0\0", b"\x6c\0\0\0", b"\x7c\0\0\0",
    ):  # fmt: skip
        return "image/bmp"
    if head[:2] == b"MZ":
        return "application/vnd.microsoft.portable-executable"
    if len(head) > 3 and head[0] == 0xFF and head[1] & 0xE0 == 0xE0:
        if head[1] & 0xF6 == 0xF0:
            return "audio/aac"
        if head[1] & 0x18 != 0x08 and head[1] & 0x06 and head[2] >> 4 != 15:
            return "audio/mpeg"
    if len(head) >= 512 and _old_tar(head):
        return TAR
    return UNKNOWN


def _old_tar(head: bytes) -> bool:
    """Tar from before 1988 has no signature: its header sum must be right."""
    try:
        said = int(head[148:156].strip(b" \0") or b"x", 8)
    except ValueError:
        return False
    return said == sum(head[:148]) + 8 * 32 + sum(head[156:512])


def zip_type(stream: BinaryIO, head: bytes) -> str:
    """What a zip file holds: an office format, or `ZIP`. "" where its directory is damaged."""
    if head[30:38] == b"mimetype" and head[8:10] == b"\0\0":
        size = struct.unpack_from("<I", head, 18)[0]
        declared = head[38 : 38 + min(size, 100)].decode("latin-1").strip()
        if re.fullmatch(r"application/[\w.+-]+", declared):
            return declared
    try:
        names = list(zip_names(stream))
    except (OSError, struct.error, ValueError):
        return ""
    if not names:
        return ""
    if "META-INF/container.xml" in names and any(name.endswith(".opf") for name in names):
        return "application/epub+zip"
    if "[Content_Types].xml" not in names:
        return ZIP
    if "xl/workbook.bin" in names:
        return "application/vnd.ms-excel.sheet.binary.macroEnabled.12"
    for prefix, found in _PLAIN.items():
        if any(name.startswith(prefix) for name in names):
            return _MACRO.get(prefix, found) if prefix + "vbaProject.bin" in names else found
    return ZIP


def zip_names(stream: BinaryIO, most: int = 2000) -> Iterator[str]:
    """The first `most` names of a zip's central directory. `ValueError` without one."""
    size = stream.seek(0, 2)
    stream.seek(max(0, size - 66_000))
    tail = stream.read()
    place = tail.rfind(b"PK\5\6")
    if place < 0 or len(tail) < place + 22:
        raise ValueError("no end of central directory")
    length, start = struct.unpack_from("<II", tail, place + 12)
    stream.seek(min(start, size))
    if start < 0xFFFFFFFF and stream.read(4) != b"PK\1\2":
        # Bytes were lost or added before it; it still ends where the end record begins.
        start = max(0, max(0, size - 66_000) + place - length)
    if start == 0xFFFFFFFF or length > 1 << 20:
        length = 1 << 20
    if start == 0xFFFFFFFF:
        locator = tail.rfind(b"PK\6\7", 0, place)
        stream.seek(struct.unpack_from("<Q", tail, locator + 8)[0] + 48)
        start = struct.unpack("<Q", stream.read(8))[0]
    stream.seek(start)
    directory = stream.read(length)
    at = 0
    while most and directory[at : at + 4] == b"PK\1\2" and len(directory) >= at + 46:
        name, extra, comment = struct.unpack_from("<HHH", directory, at + 28)
        yield directory[at + 46 : at + 46 + name].decode("utf-8", "replace").replace("\\", "/")
        at += 46 + name + extra + comment
        most -= 1


# Names of streams at the top of an OLE2 file, and what has them. The first that fits counts.
_STREAMS = (
    ("EncryptedPackage", PROTECTED),
    ("__properties_version1.0", "application/vnd.ms-outlook"),
    ("WordDocument", "application/msword"),
    ("Workbook", "application/vnd.ms-excel"),
    ("Book", "application/vnd.ms-excel"),
    ("PowerPoint Document", "application/vnd.ms-powerpoint"),
    ("VisioDocument", "application/vnd.visio"),
    ("Quill", "application/x-mspublisher"),
    ("MatOST", "application/vnd.ms-works"),
)


def ole_type(stream: BinaryIO, head: bytes) -> str:
    """What an OLE2 file is, by the names in its directory."""
    try:
        names = set(_ole_names(stream, head))
    except (OSError, struct.error, IndexError):
        return OLE2
    return next((found for name, found in _STREAMS if name in names), OLE2)


def _ole_names(stream: BinaryIO, head: bytes, most: int = 64) -> Iterator[str]:
    shift = struct.unpack_from("<H", head, 30)[0]
    if shift not in (9, 12):
        return
    sector_bytes = 1 << shift
    tables = struct.unpack_from("<109I", head, 76)
    entries = sector_bytes // 4
    sector = struct.unpack_from("<I", head, 48)[0]

    def read(number: int) -> bytes:
        stream.seek((number + 1) << shift)
        return stream.read(sector_bytes)

    while most and sector < 0xFFFFFFFA:
        page = read(sector)
        for at in range(0, len(page) - 127, 128):
            length = struct.unpack_from("<H", page, at + 64)[0]
            if 2 < length <= 64 and page[at + 66]:
                yield page[at : at + length - 2].decode("utf-16-le", "replace")
        sector = struct.unpack_from("<I", read(tables[sector // entries]), sector % entries * 4)[0]
        most -= 1
