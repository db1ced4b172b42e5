"""PNG and APNG (W3C, third edition): chunks are dropped, the pixels stay."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator

from datapartnerships.containers._exif import minimal
from datapartnerships.containers._icc import rebuilt
from datapartnerships.errors import DocumentError

MARK = b"\x89PNG\r\n\x1a\n"
# Ancillary chunks that say how the pixels look, each with the sizes it can have.
_LOOKS = {
    b"PLTE": range(3, 769, 3),
    b"tRNS": range(1, 257),
    b"gAMA": (4,),
    b"cHRM": (32,),
    b"sRGB": (1,),
    b"sBIT": range(1, 5),
    b"bKGD": (1, 2, 6),
    b"pHYs": (9,),
    b"cICP": (4,),
    b"mDCV": (24,),
    b"cLLI": (8,),
    b"acTL": (8,),
    b"fcTL": (26,),
}
_NAMES = {
    b"tEXt": "text", b"zTXt": "text", b"iTXt": "text", b"tIME": "time",
    b"caBX": "content credentials",
}  # fmt: skip
_CHANNELS = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}
# Adam7: first column, first row, step of columns, step of rows.
_PASSES = (
    (0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2),
    (0, 1, 1, 2),
)  # fmt: skip


def scrub(data: bytes, removed: set[str]) -> bytes:
    """Without any chunk but those of the pixels, their colors and their orientation."""
    out, head = [MARK], b""
    pixels: list[bytes] = []
    frame: list[bytes] = []
    size, sequence, ended = (0, 0), 0, 0

    def close() -> None:
        """Writes the pixels that were gathered, as one chunk each."""
        nonlocal sequence
        if pixels:
            out.append(_chunk(b"IDAT", _exact(b"".join(pixels), head, size, removed)))
            pixels.clear()
        if frame:
            body = _exact(b"".join(frame), head, size, removed)
            out.append(_chunk(b"fdAT", struct.pack(">I", sequence) + body))
            sequence += 1
            frame.clear()

    for name, body, after in _chunks(data):
        if name == b"IHDR" and len(body) == 13 and not head:
            head, size = body, struct.unpack_from(">II", body)
            out.append(_chunk(name, body))
        elif not head:
            raise DocumentError("damaged image", "no header chunk where one must be")
        elif name == b"IDAT":
            pixels.append(body)
            continue
        elif name == b"fdAT":
            frame.append(body[4:])
            continue
        elif name == b"IEND":
            close()
            out.append(_chunk(name, b""))
            ended = after
            break
        elif name == b"iCCP":
            _put_colors(body, out, removed)
        elif name in _LOOKS and len(body) in _LOOKS[name]:
            close()
            if name == b"fcTL":
                size = struct.unpack_from(">II", body, 4)
                body = struct.pack(">I", sequence) + body[4:]
                sequence += 1
            out.append(_chunk(name, body))
        elif name == b"eXIf":
            if turned := minimal(body, removed):
                out.append(_chunk(name, turned))
        else:
            removed.add(_NAMES.get(name, "other chunks"))
    if not ended:
        raise DocumentError("damaged image", "it was cut off")
    if data[ended:].strip(b"\0"):
        removed.add("bytes behind the end")
    return b"".join(out)


def _chunks(data: bytes) -> Iterator[tuple[bytes, bytes, int]]:
    at = len(MARK)
    while at + 12 <= len(data):
        (length,) = struct.unpack_from(">I", data, at)
        name, end = data[at + 4 : at + 8], at + 12 + length
        if end > len(data):
            return
        yield name, data[at + 8 : at + 8 + length], end
        at = end


def _chunk(name: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))


def _put_colors(body: bytes, out: list[bytes], removed: set[str]) -> None:
    profile = b""
    end = body.find(b"\0")
    try:
        inflate = zlib.decompressobj()
        profile = inflate.decompress(body[end + 2 :], 16 << 20)
    except zlib.error:
        pass
    if (colors := rebuilt(profile)) is None:
        removed.add("color profile")
        return
    if colors != profile or body[:end] != b"icc":
        removed.add("names in the color profile")
    out.append(_chunk(b"iCCP", b"icc\0\0" + zlib.compress(colors, 9)))


def _exact(packed: bytes, head: bytes, size: tuple[int, int], removed: set[str]) -> bytes:
    """The pixels as they were packed, and anew where there are bytes behind them."""
    wanted = _bytes(head, size)
    inflate = zlib.decompressobj()
    try:
        # A part at a time: of a bomb no more than the pixels is ever held.
        got = inflate.decompress(packed, wanted + 1)
        inflate.decompress(inflate.unconsumed_tail, 1)
    except zlib.error:
        raise DocumentError("damaged image", "its pixels cannot be unpacked") from None
    if len(got) < wanted:
        raise DocumentError("damaged image", "it was cut off")
    if len(got) == wanted and inflate.eof and not inflate.unused_data:
        return packed
    removed.add("bytes behind the pixels")
    return zlib.compress(got[:wanted], 9)


def _bytes(head: bytes, size: tuple[int, int]) -> int:
    """How many bytes the pixels have: each row with the number of its filter before it."""
    depth, color, _, _, interlaced = head[8:13]
    if color not in _CHANNELS:
        raise DocumentError("damaged image", "an unknown kind of pixels")
    bits = depth * _CHANNELS[color]
    passes = _PASSES if interlaced else ((0, 0, 1, 1),)
    total = 0
    for left, top, across, down in passes:
        width = -(-(size[0] - left) // across)
        height = -(-(size[1] - top) // down)
        if width > 0 and height > 0:
            total += height * (1 + (width * bits + 7) // 8)
    return total
