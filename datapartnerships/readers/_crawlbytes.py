"""The bytes of a web archive, read forward only, with where in the file they stand.

A compressed web archive is one gzip member a record (WARC 1.1, annex D), so that damage costs one
record. `gzip.GzipFile` would join the members and stop at the first damaged one; here a member
that begins a record is a border, and reading goes on after damage at the next member.
"""

from __future__ import annotations

import re
import zlib
from typing import BinaryIO

from datapartnerships.errors import DocumentError
from datapartnerships.readers import _packed
from datapartnerships.readers._source import Limits

WARC_LINE = re.compile(rb"WARC/\d+\.\d+[ \t]*\r?\n")
# url, IP address, date, media type and, last, length: the versions of ARC differ between these.
ARC_LINE = re.compile(rb"[a-zA-Z][\w+.-]*:\S* [\da-fA-F.:]+ \d{8,14} [^\n]* \d+\r?\n")
# A line that says what a record is has a URL in it, which may be long.
LINE_BYTES = 1 << 16

_GZIP_MARK = b"\x1f\x8b\x08"
_CHUNK = 1 << 16
_HEAD_BYTES = 2048


def begins_record(data: bytes | bytearray) -> bool:
    return bool(WARC_LINE.match(data) or ARC_LINE.match(data))


def begins_crawl(head: bytes) -> bool:
    """Whether a file that begins with `head`, compressed or not, is a web archive."""
    if head.startswith(_GZIP_MARK):
        try:
            head = zlib.decompressobj(wbits=31).decompress(head, _HEAD_BYTES)
        except zlib.error:
            return False
    return bool(WARC_LINE.match(head)) or head.startswith(b"filedesc://")


class CrawlBytes:
    """A window on the file that moves forward; it ends at the end of a gzip member.

    Attributes:
        damage: why the gzip member that was read last could not be read to its end, if so.
        gap: where the bytes begin that are between it and the one before, and how many.
    """

    def __init__(self, stream: BinaryIO, limits: Limits) -> None:
        self._stream = stream
        self._limits = limits
        self._window = bytearray()
        self._passed = 0  # bytes of this member before the window
        self._member = 0  # where it begins in the file
        self._raw = bytearray(stream.read(_CHUNK))
        self._raw_end = len(self._raw)  # bytes of the file read so far
        self._gzip = bytes(self._raw[:3]) == _GZIP_MARK
        self._decoder: zlib._Decompress | None = None
        self._made = self._made_here = 0  # bytes that were decompressed: all, of this member
        self._started = self._gave_up = False
        self.gap: tuple[int, int] | None = None
        self.damage: DocumentError | None = None

    @property
    def position(self) -> int:
        """Bytes of this member, decompressed, that were read."""
        return self._passed

    @property
    def place(self) -> str:
        """Where reading is: an offset in the file, and after a "+" one in the gzip member."""
        if not self._gzip:
            return str(self._passed)
        return f"{self._member}+{self._passed}" if self._passed else str(self._member)

    def next_member(self) -> bool:
        """Go to the next gzip member; False at the end of the file.

        A file that is not compressed is a single member.
        """
        first, self._started = not self._started, True
        self.gap = None
        if not self._gzip:
            return first
        if not first and not self._find_member():
            return False
        self._member = self._raw_end - len(self._raw)
        self._decoder = zlib.decompressobj(wbits=31)
        self._passed = self._made_here = 0
        self.damage = None
        self._gave_up = False
        return True

    def _find_member(self) -> bool:
        """Move to the next mark of gzip that can be decompressed; what is before it is a gap."""
        begin, skipped = self._raw_end - len(self._raw), 0
        found = False
        while not found:
            at = self._raw.find(_GZIP_MARK)
            if at < 0:
                more = self._refill()
                # The mark may be cut at the end of what is here.
                at = max(0, len(self._raw) - _CHUNK - 2) if more else len(self._raw)
                skipped += len(bytes(self._raw[:at]).strip(b"\0"))
                del self._raw[:at]
                if more:
                    continue
                break
            skipped += len(bytes(self._raw[:at]).strip(b"\0"))
            del self._raw[:at]
            while len(self._raw) < _HEAD_BYTES and self._refill():
                pass
            found = self._can_begin()
            if not found:
                skipped += 1
                del self._raw[:1]
        # After damage it is the rest of the member that was given up.
        self.gap = (begin, skipped) if skipped and not self._gave_up else None
        return found

    def _can_begin(self) -> bool:
        try:
            head = zlib.decompressobj(wbits=31).decompress(bytes(self._raw[:_HEAD_BYTES]), 256)
        except zlib.error:
            return False
        return bool(head)

    def _refill(self) -> bool:
        data = self._stream.read(_CHUNK)
        self._raw += data
        self._raw_end += len(data)
        return bool(data)

    def _more(self) -> bool:
        """Add bytes to the window; False at the end of the member."""
        if not self._gzip:
            if not self._raw and not self._refill():
                return False
            self._window += self._raw
            self._raw.clear()
            return True
        while self._decoder is not None:
            try:
                data = self._decoder.decompress(self._raw, _CHUNK)
            except zlib.error as error:
                self._give_up("compressed data are damaged", str(error)[:200])
                # From here the next member is looked for; the mark of this one is not it.
                del self._raw[:1]
                return False
            self._raw = bytearray(self._decoder.unconsumed_tail or self._decoder.unused_data)
            ended = self._decoder.eof
            if data and not self._spend(len(data)):
                return False
            self._window += data
            if ended:
                self._decoder = None
                if self._goes_on() or data:
                    return bool(data) or self._more()
                return False
            if data:
                return True
            if not self._refill():
                self._give_up("compressed data are damaged", "they end before their end mark")
        return False

    def _give_up(self, reason: str, detail: str) -> None:
        self.damage, self._decoder = DocumentError(reason, detail), None
        self._gave_up = True

    def _goes_on(self) -> bool:
        """Whether the next member is more of this one: files cut into members by size."""
        while len(self._raw) < _HEAD_BYTES and self._refill():
            pass
        if bytes(self._raw[:3]) != _GZIP_MARK:
            return False
        try:
            head = zlib.decompressobj(wbits=31).decompress(bytes(self._raw[:_HEAD_BYTES]), 256)
        except zlib.error:
            return False
        if not head or begins_record(head):
            return False
        self._decoder = zlib.decompressobj(wbits=31)
        return True

    def _spend(self, count: int) -> bool:
        """Whether this much more may be made; a member that is a bomb costs only itself."""
        self._made += count
        self._made_here += count
        limits = self._limits
        if self._made > limits.max_expanded_bytes:
            detail = f"max_expanded_bytes is {limits.max_expanded_bytes:,}"
            raise _packed.OverBudgetError("expands too much", detail)
        read = self._raw_end - len(self._raw) - self._member
        if _packed.over_ratio(limits, self._made_here, read):
            detail = f"over {limits.max_ratio:g} times its size; max_ratio is {limits.max_ratio:g}"
            self._give_up("expands too much", detail)
        return self.damage is None

    def peek(self, size: int) -> bytes:
        while len(self._window) < size and self._more():
            pass
        return bytes(self._window[:size])

    def read(self, size: int) -> bytes:
        if size and not self._window:
            self._more()
        data = bytes(self._window[:size])
        del self._window[:size]
        self._passed += len(data)
        return data

    def readline(self, limit: int = LINE_BYTES) -> bytes:
        """A line with its end; at the end of the member, what is left."""
        seen = 0
        while (at := self._window.find(b"\n", seen)) < 0:
            seen = len(self._window)
            if seen > limit or not self._more():
                break
        end = at + 1 if at >= 0 else len(self._window)
        if end > limit:
            raise DocumentError("damaged web archive", f"a header line of over {limit:,} bytes")
        return self.read(end) if end else b""

    def skip_blank(self) -> None:
        """Past the line ends between records."""
        while window := self.peek(1):
            if window not in (b"\r", b"\n"):
                return
            self.read(1)

    def to_next_record(self) -> int:
        """Past everything up to a line that begins a record, or all: how many bytes."""
        skipped = 0
        while True:
            at = _any_record(self._window)
            if at >= 0:
                self.read(at)
                return skipped + at
            # The line may be cut at the end of the window.
            done = max(0, len(self._window) - LINE_BYTES)
            cut = self._window.rfind(b"\n", done)
            done = cut if cut >= 0 else done
            self.read(done)
            skipped += done
            if not self._more():
                rest = len(self._window)
                self.read(rest)
                return skipped + rest

    def back_to(self, position: int) -> bool:
        """Return to a position of a file that is not compressed; False where that cannot be."""
        if self._gzip or not self._stream.seekable():
            return False
        self._stream.seek(position)
        self._window.clear()
        self._raw.clear()
        self._raw_end = self._passed = position
        return True


_RECORD = re.compile(rb"(?:\A|\n)(?=" + WARC_LINE.pattern + rb"|" + ARC_LINE.pattern + rb")")


def _any_record(window: bytearray) -> int:
    found = _RECORD.search(window)
    return found.end() if found else -1
