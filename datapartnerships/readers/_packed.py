"""Compressed streams read under a budget: what expands is counted as it expands."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import tempfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any, BinaryIO, Protocol, cast

import pyarrow as pa

from datapartnerships.errors import DocumentError
from datapartnerships.readers import _magic
from datapartnerships.readers._source import Limits, Source

# Larger members wait in a file without a name, not in memory.
MEMORY_BYTES = 32 << 20
# Below this much output a high ratio is only a form full of empty cells.
RATIO_APPLIES_BYTES = 64 << 20
# An xz header may ask for gigabytes; `xz -9` needs 65 MiB.
_XZ_MEMORY_BYTES = 512 << 20
_CHUNK = 1 << 16

SUFFIXES = {".gz": _magic.GZIP, ".bz2": _magic.BZIP2, ".xz": _magic.XZ, ".zst": _magic.ZSTD}
_TARS = {".tgz": ".tar", ".tbz2": ".tar", ".tbz": ".tar", ".txz": ".tar", ".tzst": ".tar"}
PACKED_TYPES = frozenset(SUFFIXES.values())


class OverBudgetError(DocumentError):
    """The archive as a whole is past its limits: nothing more of it is read."""


class Budget:
    """What one file of the deposit has expanded to so far, its inner archives included."""

    def __init__(self, limits: Limits, packed_bytes: int) -> None:
        self.limits = limits
        self.packed_bytes = max(packed_bytes, 1)
        self.members = 0
        self.expanded_bytes = 0

    def member(self) -> None:
        self.members += 1
        if self.members > self.limits.max_members:
            limit = f"max_members is {self.limits.max_members:,}"
            raise OverBudgetError("too many members", limit)

    def spend(self, count: int) -> None:
        self.expanded_bytes += count
        if self.expanded_bytes > self.limits.max_expanded_bytes:
            limit = f"max_expanded_bytes is {self.limits.max_expanded_bytes:,}"
            raise OverBudgetError("expands too much", limit)
        if over_ratio(self.limits, self.expanded_bytes, self.packed_bytes):
            raise OverBudgetError("expands too much", _ratio(self.limits))


def over_ratio(limits: Limits, expanded: int, packed: int) -> bool:
    return expanded > RATIO_APPLIES_BYTES and expanded > limits.max_ratio * max(packed, 1)


def _ratio(limits: Limits) -> str:
    return f"over {limits.max_ratio:g} times its size; max_ratio is {limits.max_ratio:g}"


class Meter:
    """Counts one member however often it is opened, against its own ratio and the budget."""

    def __init__(self, budget: Budget, packed_bytes: int) -> None:
        self.budget = budget
        self.packed_bytes = packed_bytes
        self._seen = 0

    def reached(self, position: int) -> None:
        if position > self._seen:
            new, self._seen = position - self._seen, position
            self.budget.spend(new)
        if self.packed_bytes >= 0 and over_ratio(self.budget.limits, position, self.packed_bytes):
            raise DocumentError("expands too much", _ratio(self.budget.limits))


class Readable(Protocol):
    def read(self, size: int, /) -> bytes: ...
    def close(self) -> None: ...


class Metered(io.RawIOBase):
    """A decompressing stream whose every byte is counted, and whose errors say what is wrong."""

    def __init__(self, stream: Readable, meter: Meter, below: BinaryIO | None = None) -> None:
        self._stream = stream
        self._meter = meter
        self._below = below
        self._position = 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        try:
            data = self._stream.read(min(len(buffer), _CHUNK))
        except DocumentError:
            raise
        except (zlib.error, lzma.LZMAError, EOFError, OSError, ValueError) as error:
            raise DocumentError("compressed data are damaged", str(error)[:200]) from None
        self._position += len(data)
        self._meter.reached(self._position)
        buffer[: len(data)] = data
        return len(data)

    def close(self) -> None:
        if not self.closed:
            self._stream.close()
            if self._below is not None:
                self._below.close()
        super().close()


class _Xz:
    """`lzma.LZMAFile` with a memory limit, which that class does not take."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self._decoder: lzma.LZMADecompressor | None = None
        self._rest = b""

    def read(self, size: int) -> bytes:
        while True:
            if self._decoder is None:
                # Streams may follow one another with zero bytes between them.
                self._rest = self._rest.lstrip(b"\0") or self._stream.read(_CHUNK)
                if not self._rest:
                    return b""
                if not self._rest.lstrip(b"\0"):
                    continue
                self._decoder = lzma.LZMADecompressor(memlimit=_XZ_MEMORY_BYTES)
                given, self._rest = self._rest.lstrip(b"\0"), b""
            else:
                given = self._stream.read(_CHUNK) if self._decoder.needs_input else b""
                if not given and self._decoder.needs_input:
                    raise EOFError("the stream ends before its end mark")
            data = self._decoder.decompress(given, size)
            if self._decoder.eof:
                self._rest, self._decoder = self._decoder.unused_data, None
            if data:
                return data

    def close(self) -> None:
        self._decoder = None


def _zstd(stream: BinaryIO) -> Readable:
    return cast(Readable, pa.CompressedInputStream(pa.PythonFile(stream, mode="r"), "zstd"))


_DECODERS: dict[str, Callable[[BinaryIO], Readable]] = {
    _magic.GZIP: lambda stream: gzip.GzipFile(fileobj=stream, mode="rb"),
    _magic.BZIP2: lambda stream: bz2.BZ2File(stream),
    _magic.XZ: _Xz,
    _magic.ZSTD: _zstd,
}


def unpacked(source: Source, packing: str, budget: Budget) -> Source:
    """What a compressed file holds, as a stream: the same document, no member of anything."""
    meter = Meter(budget, source.size)

    def open_unpacked() -> BinaryIO:
        below = source.open()
        return cast(
            BinaryIO, io.BufferedReader(Metered(_DECODERS[packing](below), meter, below), _CHUNK)
        )

    return replace(
        source, open=open_unpacked, size=-1, local=None, media_type="", start=0, stop=None
    )


def unpacked_name(name: str) -> str:
    """``notes.txt.gz`` to ``notes.txt``, ``backup.tgz`` to ``backup.tar``."""
    stem, dot, suffix = name.rpartition(".")
    suffix = (dot + suffix).lower()
    if suffix in SUFFIXES:
        return stem
    return stem + _TARS[suffix] if suffix in _TARS else name


def by_suffix(source: Source, limits: Limits) -> Source:
    """`source`, decompressed where its name says that it is: for readers of a single format."""
    packing = SUFFIXES.get(source.suffix)
    return unpacked(source, packing, Budget(limits, source.size)) if packing else source


class _View(io.RawIOBase):
    """A reader of its own over a file that others read too."""

    def __init__(self, file: Any) -> None:
        self._file = file
        self._position = 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        if whence == io.SEEK_CUR:
            offset += self._position
        elif whence == io.SEEK_END:
            offset += self._file.seek(0, io.SEEK_END)
        self._position = max(0, offset)
        return self._position

    def tell(self) -> int:
        return self._position

    def readinto(self, buffer: Any) -> int:
        self._file.seek(self._position)
        data = self._file.read(len(buffer))
        buffer[: len(data)] = data
        self._position += len(data)
        return len(data)


def _in_memory(data: bytes) -> Callable[[], BinaryIO]:
    return lambda: io.BytesIO(data)


@contextmanager
def spooled(source: Source, stream: Readable, chunk: int = _CHUNK) -> Iterator[Source]:
    """`source` with the bytes of `stream` at hand, to be opened often and anywhere in them.

    The bytes are gone when the context ends.
    """
    first = bytearray()
    while data := stream.read(chunk):
        first += data
        if len(first) > MEMORY_BYTES:
            break
    else:
        yield replace(source, open=_in_memory(bytes(first)), size=len(first))
        return
    with tempfile.TemporaryFile() as file:
        file.write(first)
        del first
        while data := stream.read(chunk):
            file.write(data)
        size = file.tell()

        def open_view() -> BinaryIO:
            return cast(BinaryIO, io.BufferedReader(_View(file), _CHUNK))

        yield replace(source, open=open_view, size=size)
