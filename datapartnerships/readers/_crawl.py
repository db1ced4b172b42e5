"""The records of WARC (0.17 to 1.1) and ARC files, and what is between them.

ISO 28500:2017 is the format of WARC; that of ARC is the Internet Archive's file format reference.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from datapartnerships.errors import DocumentError
from datapartnerships.readers._crawlbytes import CrawlBytes, begins_record

_HEADER_BYTES = 1 << 20
_DATE = re.compile(r"(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)")


@dataclass(frozen=True, slots=True)
class Trouble:
    """A place of the file that is no record, and why."""

    place: str
    error: DocumentError


class Record:
    """One record; read its block, then call `finish`, before the next is asked for.

    Attributes:
        place: where it begins; see `CrawlBytes.place`.
        kind: its WARC-Type; of ARC ``response``, or ``warcinfo`` for the head of the file.
        headers: in small letters; those of ARC by the names of WARC.
        length: bytes of its block.
    """

    def __init__(
        self, stream: CrawlBytes, place: str, kind: str, headers: dict[str, str], length: int
    ) -> None:
        self.place = place
        self.kind = kind
        self.headers = headers
        self.length = length
        self._stream = stream
        self._begin = stream.position
        self._left = length
        self._finished = False

    def read(self, size: int) -> bytes:
        """The next bytes of the block, b"" at its end or where the file ends before it."""
        data = self._stream.read(min(size, self._left)) if self._left > 0 else b""
        self._left -= len(data)
        return data

    def readline(self, limit: int) -> bytes:
        """The next line of the block."""
        if self._left <= 0:
            return b""
        data = self._stream.readline(limit)
        self._left -= len(data)
        if self._left < 0:
            raise DocumentError("record length is wrong", "the block ends within its header")
        return data

    def close(self) -> None:
        """Nothing: the file is closed by whoever opened it."""

    def finish(self) -> None:
        """Read what is left of the block. `DocumentError` when it does not end where it says."""
        if self._finished:
            return
        self._finished = True
        while self.read(1 << 16):
            pass
        stream = self._stream
        if self._left > 0:
            missing = f"{self._left:,} of {self.length:,} bytes are missing"
            if stream.damage:
                error, stream.damage = stream.damage, None
                raise error
            if stream.back_to(self._begin) and stream.to_next_record() < self.length - self._left:
                raise DocumentError("record length is wrong", missing)
            raise DocumentError("record is cut off", missing)
        closed = self._is_closed()
        stream.skip_blank()
        if stream.damage:  # the digest of the gzip member is wrong
            error, stream.damage = stream.damage, None
            raise error
        if not closed and stream.peek(1) and not begins_record(_line_ahead(stream)):
            if stream.back_to(self._begin):
                stream.to_next_record()
            raise DocumentError(
                "record length is wrong", f"{self.length:,} bytes, and no end there"
            )

    def _is_closed(self) -> bool:
        """Whether the line ends that end a record are here: two of WARC, one of ARC."""
        end = self._stream.peek(4)
        if "warc-type" in self.headers:
            return end.startswith((b"\r\n\r\n", b"\n\n"))
        return end.startswith((b"\r\n", b"\n"))


def _line_ahead(stream: CrawlBytes) -> bytes:
    for size in (4096, 1 << 16):
        if b"\n" in (head := stream.peek(size)):
            return head
    return head


def records(stream: CrawlBytes) -> Iterator[Record | Trouble]:
    """Every record, and a `Trouble` for each part that is none."""
    while True:
        more = stream.next_member()
        if stream.gap:
            begin, count = stream.gap
            detail = f"{count:,} bytes that are no gzip member"
            yield Trouble(str(begin), DocumentError("damaged web archive", detail))
        if not more:
            break
        while True:
            stream.skip_blank()
            if not stream.peek(1):
                break
            place = stream.place
            if not begins_record(_line_ahead(stream)):
                count = stream.to_next_record()
                detail = f"{count:,} bytes that are no record"
                yield Trouble(place, DocumentError("damaged web archive", detail))
                continue
            try:
                record = _head(stream, place)
            except DocumentError as error:
                stream.to_next_record()
                yield Trouble(place, error)
                continue
            yield record
            try:
                record.finish()
            except DocumentError as error:
                yield Trouble(place, error)
        if stream.damage:
            yield Trouble(stream.place, stream.damage)


def _head(stream: CrawlBytes, place: str) -> Record:
    line = stream.readline()
    if not line.startswith(b"WARC/"):
        return _arc_head(stream, place, line)
    headers = header_fields(stream)
    kind = headers.get("warc-type", "").lower()
    length = _number(headers.get("content-length", ""))
    if not kind or length is None:
        raise DocumentError("damaged web archive", "a record without its type or its length")
    return Record(stream, place, kind, headers, length)


def _arc_head(stream: CrawlBytes, place: str, line: bytes) -> Record:
    values = as_text(line).split()
    # Two versions, of five and of ten fields; the head of the file is written as one of five.
    url, date, length = values[0], values[2], _number(values[-1])
    if length is None:
        raise DocumentError("damaged web archive", "a record without its length")
    headers = {"warc-target-uri": url, "warc-date": _iso(date), "content-type": values[3]}
    kind = "warcinfo" if url.startswith("filedesc://") else "response"
    return Record(stream, place, kind, headers, length)


def header_fields(stream: CrawlBytes | Record) -> dict[str, str]:
    """Name in small letters to value, up to the empty line; a repeated name keeps its first."""
    found: dict[str, str] = {}
    name, left = "", _HEADER_BYTES
    while line := stream.readline(1 << 16):
        left -= len(line)
        if left < 0:
            raise DocumentError("damaged web archive", f"a header of over {_HEADER_BYTES:,} bytes")
        text = as_text(line).rstrip("\r\n")
        if not text.strip():
            break
        if text[0] in " \t" and name:
            found[name] += " " + text.strip()
            continue
        name, _, value = text.partition(":")
        name = name.strip().lower()
        if name in found:
            name = f"{name} (again)"
        found[name] = value.strip()
    return found


def as_text(data: bytes) -> str:
    """A header: UTF-8 (WARC 1.1, 4), or the bytes one by one."""
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return data.decode("latin-1")


def _number(value: str) -> int | None:
    return int(value) if value.isascii() and value.isdigit() and len(value) < 19 else None


def _iso(date: str) -> str:
    found = _DATE.match(date.ljust(14, "0"))
    return "{}-{}-{}T{}:{}:{}Z".format(*found.groups()) if found else date
