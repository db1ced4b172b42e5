"""JSON Lines, one document a line."""

from __future__ import annotations

import gzip
import json
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from typing import IO, Any, ClassVar, cast

from datapartnerships.errors import InvalidParameter
from datapartnerships.schema import iter_rows
from datapartnerships.writers._base import Ahead, FolderWriter
from datapartnerships.writers._folder import Folder


@dataclass(frozen=True)
class JsonlWriter(FolderWriter):
    """One JSON object a line with every column of the document; nothing escaped to ASCII.

    Attributes:
        compression: ``gzip`` or None.
    """

    compression: str | None = "gzip"

    version: ClassVar[int] = 1
    format = "json"

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.compression not in (None, "gzip"):
            raise InvalidParameter(self, "compression", "None or 'gzip'", self.compression)

    @property
    def suffix(self) -> str:  # type: ignore[override]
        return ".jsonl.gz" if self.compression else ".jsonl"

    def fill(self, stream: Any, waiting: Ahead) -> int:
        rows = 0
        while waiting:
            # One gzip member a chunk, so that the size on disk is known between chunks; members
            # one after another are a valid file.
            with self._member(stream) as member:
                for row in iter_rows(waiting.take()):
                    member.write(json.dumps(row, ensure_ascii=False, default=str).encode() + b"\n")
                    rows += 1
            if stream.tell() >= self.target_bytes:
                break
        return rows

    def _member(self, stream: Any) -> IO[bytes] | _Open:
        if self.compression is None:
            return _Open(stream)
        # No time and no name in the header: the same rows give the same bytes.
        return cast(
            IO[bytes],
            gzip.GzipFile(filename="", mode="wb", fileobj=stream, mtime=0, compresslevel=6),
        )

    def merge(self, stream: Any, output: Folder, parts: Sequence[str]) -> None:
        for part in parts:
            with output.system.open(output.at(part), "rb") as source:
                shutil.copyfileobj(source, stream, 1 << 20)


class _Open:
    """A stream that a `with` leaves open."""

    def __init__(self, stream: Any) -> None:
        self._stream = stream

    def write(self, data: bytes) -> int:
        return int(self._stream.write(data))

    def __enter__(self) -> _Open:
        return self

    def __exit__(self, *_: object) -> None:
        pass
