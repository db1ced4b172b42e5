"""What an HTTP response holds, as it lies in a web archive: status, headers, decoded body."""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
import zlib
from dataclasses import dataclass
from email.message import Message
from typing import Any, cast

import pyarrow as pa

from datapartnerships.errors import DocumentError
from datapartnerships.readers import _packed
from datapartnerships.readers._crawl import Record, as_text, header_fields
from datapartnerships.readers._packed import Readable
from datapartnerships.readers._source import Limits

_STATUS = re.compile(r"(?:HTTP/\d(?:\.\d)?|ICY)\s+(\d{3})\b")
_CHUNK_SIZE = re.compile(rb"\s*([0-9a-fA-F]{1,15})\s*(?:;[^\n]*)?\r?\n")
_CHUNK = 1 << 16
# Each is a stream in another. What servers send has one, now and then two.
_MAX_ENCODINGS = 8


@dataclass(frozen=True, slots=True)
class Response:
    """Status 0 for what came over no HTTP."""

    status: int
    headers: dict[str, str]

    @property
    def content_type(self) -> str:
        """The media type alone, in small letters."""
        return self.headers.get("content-type", "").partition(";")[0].strip().lower()

    @property
    def charset(self) -> str:
        message = Message()
        message["content-type"] = " ".join(self.headers.get("content-type", "").split())
        return message.get_content_charset("") or ""


def response(record: Record) -> Response:
    """Reads status line and headers; the body is what is left of the block."""
    found = _STATUS.match(as_text(record.readline(1 << 16)))
    if not found:
        raise DocumentError("damaged HTTP header", "there is no status line")
    return Response(int(found[1]), header_fields(record))


class Hashed:
    """A stream that is digested as it is read."""

    def __init__(self, stream: Readable, algorithm: str) -> None:
        self._stream = stream
        self._hash = hashlib.new(algorithm, usedforsecurity=False) if algorithm else None

    def read(self, size: int, /) -> bytes:
        data = self._stream.read(size)
        if self._hash is not None:
            self._hash.update(data)
        return data

    def close(self) -> None:
        self._stream.close()

    def digest(self) -> bytes:
        return self._hash.digest() if self._hash is not None else b""


def wanted_digest(value: str) -> tuple[str, bytes]:
    """Algorithm and digest of ``sha1:3EF4...`` (base 32 or hexadecimal); "" for what is unknown."""
    name, _, text = value.partition(":")
    name = name.strip().lower().replace("-", "")
    text = text.strip()
    if name not in ("md5", "sha1", "sha256", "sha384", "sha512", "blake2b", "blake2s"):
        return "", b""
    size = hashlib.new(name, usedforsecurity=False).digest_size
    try:
        if len(text) == 2 * size:
            return name, bytes.fromhex(text)
        data = base64.b32decode(text.upper() + "=" * (-len(text) % 8))
    except (ValueError, binascii.Error):
        return "", b""
    return (name, data) if len(data) == size else ("", b"")


class Dechunked:
    """The body of ``Transfer-Encoding: chunked``.

    Some crawlers store the body in one piece and keep the header: what begins with no length of
    a chunk is handed on as it is.
    """

    def __init__(self, stream: Readable) -> None:
        self._stream = stream
        self._window = b""
        self._left = 0
        self._first = True
        self._state = "chunks"

    def read(self, size: int, /) -> bytes:
        if self._state == "chunks" and not self._left:
            self._next()
        if self._state == "ended":
            return b""
        if self._state == "plain":
            data, self._window = self._window or self._stream.read(size), b""
            return data
        data = self._window[: self._left] or self._stream.read(min(size, self._left))
        self._window = self._window[len(data) :]
        if not data:
            raise DocumentError("record is cut off", "a chunk ends before its length")
        self._left -= len(data)
        return data

    def _next(self) -> None:
        first, self._first = self._first, False
        while len(self._window) < 1024 and (more := self._stream.read(1024)):
            self._window += more
        window = self._window if first else self._window.lstrip(b"\r\n")
        found = _CHUNK_SIZE.match(window)
        if found:
            self._left = int(found[1], 16)
            self._window = window[found.end() :]
            if not self._left:
                self._state = "ended"
        elif first:
            self._state = "plain"
        elif not window:
            # The end mark is missing; all chunks are there.
            self._state = "ended"
        else:
            raise DocumentError("damaged HTTP body", "there is no length where a chunk begins")

    def close(self) -> None:
        self._stream.close()


class Unzipped:
    """``Content-Encoding`` gzip or deflate (RFC 9110, 8.4.1); deflate with or without a header."""

    def __init__(self, stream: Readable) -> None:
        self._stream = stream
        self._rest = stream.read(_CHUNK)
        self._decoder = zlib.decompressobj(wbits=_wbits(self._rest))

    def read(self, size: int, /) -> bytes:
        while not self._decoder.eof:
            data = self._decoder.decompress(self._rest, size)
            self._rest = self._decoder.unconsumed_tail
            if data:
                return data
            if not self._rest:
                self._rest = self._stream.read(_CHUNK)
                if not self._rest and not self._decoder.eof:
                    raise EOFError("the stream ends before its end mark")
        return b""

    def close(self) -> None:
        self._stream.close()


def _wbits(head: bytes) -> int:
    if head[:2] == b"\x1f\x8b":
        return 31
    zlib_header = len(head) > 1 and head[0] & 15 == 8 and int.from_bytes(head[:2], "big") % 31 == 0
    return 15 if zlib_header else -15


class Ahead:
    """A stream whose first bytes were looked at."""

    def __init__(self, head: bytes, stream: Readable) -> None:
        self._head = head
        self._stream = stream

    def read(self, size: int, /) -> bytes:
        if self._head:
            data, self._head = self._head[:size], self._head[size:]
            return data
        return self._stream.read(size)

    def close(self) -> None:
        self._stream.close()


class Counted:
    """A decoded body: its size against the limits, its errors in words."""

    def __init__(self, stream: Readable, limits: Limits, packed_bytes: int) -> None:
        self._stream = stream
        self._limits = limits
        self._packed = packed_bytes
        self._made = 0

    def read(self, size: int, /) -> bytes:
        try:
            data = self._stream.read(size)
        except (zlib.error, EOFError, OSError) as error:
            raise DocumentError("compressed data are damaged", str(error)[:200]) from None
        self._made += len(data)
        limits = self._limits
        if self._made > limits.max_expanded_bytes:
            detail = f"max_expanded_bytes is {limits.max_expanded_bytes:,}"
            raise DocumentError("expands too much", detail)
        if _packed.over_ratio(limits, self._made, self._packed):
            detail = f"over {limits.max_ratio:g} times its size; max_ratio is {limits.max_ratio:g}"
            raise DocumentError("expands too much", detail)
        return data

    def close(self) -> None:
        self._stream.close()


def decoded(body: Readable, found: Response, limits: Limits, packed_bytes: int) -> Readable:
    """The body without its encodings, in the reverse order of their being applied."""
    names = _list(found.headers.get("content-encoding", ""))
    if len(names) > _MAX_ENCODINGS:
        raise DocumentError("content encoding not supported", f"{len(names):,} of them")
    if "chunked" in _list(found.headers.get("transfer-encoding", "")):
        body = Dechunked(body)
    for name in reversed(names):
        if name == "identity":
            continue
        head = body.read(_CHUNK)
        body = Ahead(head, body)
        if name in ("gzip", "x-gzip"):
            # Some crawlers store the body decoded and keep the header.
            body = Unzipped(body) if head[:2] == b"\x1f\x8b" else body
        elif name == "deflate":
            body = Unzipped(body)
        elif name == "zstd":
            body = cast(Readable, pa.CompressedInputStream(pa.PythonFile(_File(body)), "zstd"))
        elif name == "br":
            from datapartnerships._backends import brotli

            body = brotli.Decoder(body)
        else:
            raise DocumentError("content encoding not supported", name[:40])
        body = Counted(body, limits, packed_bytes)
    return body


def _list(value: str) -> list[str]:
    return [name for part in value.lower().split(",") if (name := part.strip())]


class _File:
    """What Arrow asks of a file that is only read forward."""

    closed = False
    mode = "rb"

    def __init__(self, stream: Readable) -> None:
        self._stream = stream

    def read(self, size: int) -> bytes:
        return self._stream.read(size)

    def __getattr__(self, name: str) -> Any:
        raise AttributeError(name)
