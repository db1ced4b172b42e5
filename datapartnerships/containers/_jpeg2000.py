"""JPEG 2000 inside a PDF (ITU-T T.800, annex I): boxes and comments are dropped."""

from __future__ import annotations

from datapartnerships.containers._boxes import box, boxes
from datapartnerships.containers._icc import rebuilt
from datapartnerships.errors import DocumentError

_START, _COMMENT, _TILE = b"\xff\x4f", 0xFF64, 0xFF90
_HEADER = (b"ihdr", b"bpcc", b"pclr", b"cmap", b"cdef")


def scrub(data: bytes) -> bytes:
    """The codestream without comments, and the boxes that show its colors."""
    if data[:2] == _START:
        return _codestream(data)
    out = []
    for item in boxes(data):
        body = data[item.start : item.end]
        if item.name in (b"jP  ", b"ftyp"):
            out.append(data[item.at : item.end])
        elif item.name == b"jp2h":
            out.append(box(b"jp2h", *_header(body)))
        elif item.name == b"jp2c":
            out.append(box(b"jp2c", _codestream(body)))
    return b"".join(out)


def _header(body: bytes) -> list[bytes]:
    out = []
    for item in boxes(body):
        content = body[item.start : item.end]
        if item.name in _HEADER:
            out.append(box(item.name, content))
        elif item.name == b"colr" and content[:1] == b"\1":
            out.append(box(b"colr", content[:7]))
        elif item.name == b"colr" and (colors := rebuilt(content[3:])):
            out.append(box(b"colr", content[:3], colors))
    return out


def _codestream(data: bytes) -> bytes:
    out, at = [data[:2]], 2
    while at + 4 <= len(data):
        marker = int.from_bytes(data[at : at + 2], "big")
        size = int.from_bytes(data[at + 2 : at + 4], "big")
        if marker == _TILE:
            end = data.rfind(b"\xff\xd9")
            return b"".join(out) + data[at : end + 2 if end > at else len(data)]
        if marker < 0xFF00 or size < 2:
            break
        if marker != _COMMENT:
            out.append(data[at : at + 2 + size])
        at += 2 + size
    raise DocumentError("damaged image", "no tile in the JPEG 2000 file")
