"""Bodies that servers compressed with brotli. The only importer of it."""

from __future__ import annotations

from typing import Protocol

from datapartnerships.errors import extra

with extra("documents", needed_by="WarcReader"):
    import brotli

_CHUNK = 1 << 16


class _Stream(Protocol):
    def read(self, size: int, /) -> bytes: ...
    def close(self) -> None: ...


class Decoder:
    """A stream decompressed as it is read; `OSError` for damaged data."""

    def __init__(self, stream: _Stream) -> None:
        self._stream = stream
        self._decoder = brotli.Decompressor()

    def read(self, size: int, /) -> bytes:
        """Up to about `size` bytes."""
        while not self._decoder.is_finished():
            given = b""
            if self._decoder.can_accept_more_data():
                given = self._stream.read(_CHUNK)
                if not given:
                    raise OSError("the stream ends before its end mark")
            try:
                data: bytes = self._decoder.process(given, output_buffer_limit=size)
            except brotli.error as error:
                raise OSError(str(error)) from None
            if data:
                return data
        return b""

    def close(self) -> None:
        self._stream.close()
