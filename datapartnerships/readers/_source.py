"""What a reader is given to read: bytes with a name, never a path it has to trust."""

from __future__ import annotations

import dataclasses
import hashlib
import io
import os
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any, BinaryIO

from datapartnerships.errors import DocumentError, InvalidParameter
from datapartnerships.schema import Document, Segment, document_id

MEMBER_SEPARATOR = "!"
RECORD_SEPARATOR = "#"


@dataclass(frozen=True, slots=True)
class Limits:
    """What one file may cost. They decide what is rejected, so they belong to the recipe.

    Attributes:
        max_file_bytes: largest file a reader may hold in memory (formats read as a stream,
            such as JSON Lines, are not bound by it).
        max_document_bytes: largest text of one document, UTF-8 bytes.
        max_seconds: wall-clock time a parser of an untrusted format may take for one file, or
            for one page where pages are recognized one by one.
        max_memory_bytes: memory that such a parser's process may take.
        max_depth: archives inside archives.
        max_members: members of one archive, those of inner archives included.
        max_expanded_bytes: bytes one archive may expand to.
        max_ratio: expanded to packed size of one archive or member, once past 64 MiB: real
            text stays below 100, a bomb is far above.
    """

    max_file_bytes: int = 1 << 30
    max_document_bytes: int = 256 << 20
    max_seconds: float = 120.0
    max_memory_bytes: int = 4 << 30
    max_depth: int = 4
    max_members: int = 100_000
    max_expanded_bytes: int = 16 << 30
    max_ratio: float = 200.0

    def __post_init__(self) -> None:
        for item in dataclasses.fields(self):
            value = getattr(self, item.name)
            if not isinstance(value, int | float) or value <= 0:
                raise InvalidParameter(self, item.name, "a number > 0", value)


@dataclass(frozen=True, slots=True)
class Source:
    """One file, or one member of a container, to be read.

    Attributes:
        deposit: name of the deposit, which becomes the column `source`.
        path: path inside the deposit, with forward slashes.
        member: the way inside the file (``inner.zip!note.md``), if any.
        media_type: as sniffed from the content; empty while unknown.
        size: bytes, or -1 where it is not known without reading.
        open: gives a fresh stream from the first byte.
        local: path on this machine when the bytes are a plain file there.
        start, stop: the part [start, stop) to read, for formats that can be split.
        metadata: what the container says of it; it becomes metadata of all its documents.
        charset: the encoding that the container says its text has.
        beside: files that may be part of this one (pages beside a METS file). A reader with
            `joins` gives back those that it does not use.
    """

    deposit: str
    path: str
    open: Callable[[], BinaryIO] = field(repr=False, compare=False)
    size: int = -1
    member: str | None = None
    media_type: str = ""
    local: str | None = None
    start: int = 0
    stop: int | None = None
    metadata: tuple[tuple[str, str], ...] = ()
    charset: str = ""
    beside: tuple[Source, ...] = field(default=(), repr=False)

    @property
    def name(self) -> str:
        """The last name on the way: what a suffix is looked for in."""
        inner = (self.member or "").rsplit(MEMBER_SEPARATOR, 1)[-1]
        return (inner or self.path).rsplit("/", 1)[-1]

    @property
    def suffix(self) -> str:
        return os.path.splitext(self.name)[1].lower()

    def type_for(self, reader: object) -> str | None:
        """As sniffed, else the type that `reader` takes it for, where there is only one."""
        types = getattr(reader, "media_types", ())
        return self.media_type or (next(iter(types)) if len(types) == 1 else None)

    def inside(self, name: str, open: Callable[[], BinaryIO], size: int = -1) -> Source:
        """A member of this source."""
        member = f"{self.member}{MEMBER_SEPARATOR}{name}" if self.member else name
        return replace(
            self,
            open=open,
            size=size,
            member=member,
            media_type="",
            local=None,
            start=0,
            stop=None,
            charset="",
            beside=(),
        )

    def head(self, size: int = 8192) -> bytes:
        """The first bytes."""
        with self.open() as stream:
            return stream.read(size)

    def read(self, limits: Limits) -> bytes:
        """All bytes, or a `DocumentError` past ``limits.max_file_bytes``."""
        if self.size > limits.max_file_bytes:
            raise DocumentError("file is too large", _too_large(self.size, limits))
        # In pieces: asking a stream for a gigabyte reserves one, whatever it holds.
        pieces, size = [], 0
        with self.open() as stream:
            while piece := stream.read(1 << 20):
                pieces.append(piece)
                size += len(piece)
                if size > limits.max_file_bytes:
                    raise DocumentError("file is too large", _too_large(size, limits))
        return b"".join(pieces)

    def _digest(self) -> tuple[str, int]:
        """SHA-256 and number of the bytes, none of them kept."""
        digest, size = hashlib.sha256(), 0
        with self.open() as stream:
            while piece := stream.read(1 << 20):
                digest.update(piece)
                size += len(piece)
        return digest.hexdigest(), size

    def record(self, place: int | str | None) -> str | None:
        """The member name of record `place` of this source."""
        if place is None:
            return self.member
        return f"{self.member or ''}{RECORD_SEPARATOR}{place}"

    def document(
        self,
        reader: Any,
        segments: list[Segment] | None = None,
        *,
        kind: str = "document",
        record: int | str | None = None,
        data: bytes | None = None,
        whole: bool = False,
        metadata: dict[str, str] | None = None,
        drop_reason: str | None = None,
    ) -> Document:
        """A document of this source; `data` are the bytes it was read from, to be digested.

        With `whole` they are all that the source has, taken from its stream.
        """
        member = self.record(record)
        sha256, size = None, self.size if self.size >= 0 else None
        if data is not None:
            sha256, size = hashlib.sha256(data).hexdigest(), len(data)
        elif whole:
            sha256, size = self._digest()
        return Document(
            id=document_id(self.deposit, self.path, member),
            source=self.deposit,
            kind=kind,
            segments=segments or [],
            provenance={
                "uri": self.path,
                "sha256": sha256,
                "size": size,
                "member": member,
                "media_type": self.type_for(reader),
                "reader": type(reader).__name__,
                "version": str(getattr(type(reader), "version", 1)),
            },
            metadata=metadata or {},
            drop_reason=drop_reason,
        )


def _too_large(size: int, limits: Limits) -> str:
    return f"{size:,} bytes or more; max_file_bytes is {limits.max_file_bytes:,}"


def from_bytes(deposit: str, path: str, data: bytes, *, member: str | None = None) -> Source:
    """A source that is already in memory."""
    return Source(deposit, path, lambda: io.BytesIO(data), len(data), member)
