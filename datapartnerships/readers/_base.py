"""What all readers of files share: planning, opening, parsing apart, rejecting.

A format is one subclass with one method: `parse` turns a `Source` into `Document` values (and,
for containers such as an e-mail with attachments, further `Source` values). Whatever it raises
becomes a rejected row; nothing it does can lose a file.
"""

from __future__ import annotations

import dataclasses
import errno
import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, ClassVar

import pyarrow as pa

from datapartnerships.errors import (
    ConfigurationError,
    DocumentError,
    InvalidParameter,
    MissingExtra,
)
from datapartnerships.readers import _beside, _isolation, _packed
from datapartnerships.readers._ahead import read_in_order
from datapartnerships.readers._files import Deposit, plan
from datapartnerships.readers._source import Limits, Source
from datapartnerships.schema import METADATA, Document, FileSpan, Shard, documents_to_table

# Rows that documents are gathered into before they become a batch.
BATCH_ROWS = 1000
BATCH_CHARACTERS = 16 << 20
# What a pair of metadata counts for: a table may have ever so many columns.
_PAIR_CHARACTERS = 100
# A table of so many Arrow bytes is passed on as it is: to put several together is to copy them.
TABLE_BYTES = 1 << 20
# The disk is full, or too many files are open: no file is to be rejected for that.
_NOT_THE_FILES_FAULT = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EMFILE, errno.ENFILE})


@dataclass(frozen=True, kw_only=True)
class FileReader:
    """Base of the readers of one file format. Also a reader of its own: give it a `path`.

    Attributes:
        path: a file, a folder, or an fsspec URL of either.
        source: name of the deposit; the last part of `path` when left empty.
        limits: what one file may cost.
        shard_bytes: input bytes of one shard, about.
    """

    # The one field that may be given without its name: `FolderReader("deposit/")`.
    path: str = dataclasses.field(default="", kw_only=False, metadata={"location": True})
    source: str = ""
    limits: Limits = Limits()
    shard_bytes: int = 32 << 20

    version: ClassVar[int] = 1
    # What of a file becomes a document, in a few words: for the table of readers.
    keeps: ClassVar[str] = ""
    # Media types this reader knows; `suffixes` also select files when it walks a folder alone.
    media_types: ClassVar[frozenset[str]] = frozenset()
    suffixes: ClassVar[tuple[str, ...]] = ()
    # Parsed in a process apart, under the limits: for parsers of untrusted binary formats.
    isolated: ClassVar[bool] = False
    # Cannot know by itself what to read: FolderReader has it only where it is given one.
    asked_for: ClassVar[bool] = False
    # May take files that lie beside (`Source.beside`), and gives back those it does not use.
    joins: ClassVar[bool] = False
    # The format can be read from any byte range.
    splittable: ClassVar[bool] = False

    def __post_init__(self) -> None:
        # A Path is welcome; a field is a string, so that it prints and goes to YAML.
        if not isinstance(self.path, str | os.PathLike):
            raise InvalidParameter(self, "path", "one folder, file or URL", self.path)
        object.__setattr__(self, "path", os.fspath(self.path))
        if not isinstance(self.limits, Limits):
            raise InvalidParameter(self, "limits", "a Limits", self.limits)
        if not isinstance(self.shard_bytes, int) or self.shard_bytes < 1:
            raise InvalidParameter(self, "shard_bytes", "an int >= 1", self.shard_bytes)

    def parse(self, source: Source) -> Iterator[Document | Source]:
        """The documents of one file. Raise `DocumentError` for a file that cannot be read."""
        raise NotImplementedError(f"{type(self).__name__} must define parse() or tables()")

    def tables(self, source: Source) -> Iterator[pa.Table | Source]:
        """The documents of one file as batches; override for formats that are columnar."""
        return batches(self.parse(source))

    def shards(self) -> Sequence[Shard]:
        groups = _beside.grouped if self.joins else None
        return plan(self.deposit(), self.shard_bytes, self._splits, groups)

    def read(self, shard: Shard) -> Iterator[pa.Table]:
        deposit = self.deposit()
        groups = _beside.grouped(shard.files) if self.joins else ([span] for span in shard.files)
        read = partial(self._read_group, deposit)
        return batches(read_in_order(list(groups), read, self._parses_apart))

    def _read_group(
        self, deposit: Deposit, group: Sequence[FileSpan]
    ) -> Iterator[Document | pa.Table]:
        if len(group) == 1:
            yield from self._read_span(deposit, group[0])
            return
        sources = [printable(deposit.source(span)) for span in group]
        yield from together(sources, lambda source: (self, source), self._read_source)

    def _read_span(self, deposit: Deposit, span: FileSpan) -> Iterator[Document | pa.Table]:
        return self._read_source(printable(deposit.source(span)))

    def _read_source(self, source: Source) -> Iterator[Document | pa.Table]:
        source = _packed.by_suffix(source, self.limits)
        for item in read_safely(self, source):
            if isinstance(item, Source):
                why = "a file inside this one needs another reader"
                item = rejected(self, item, DocumentError(why, "FolderReader reads both"))
            yield item

    def deposit(self) -> Deposit:
        if not self.path:
            raise ConfigurationError(f"{type(self).__name__} was given no path to read.")
        path = self.path.removeprefix("file://")
        return Deposit(path, self.source, None if self._whole_folder else self.suffixes)

    _whole_folder: ClassVar[bool] = False

    def _splits(self, path: str) -> bool:  # noqa: ARG002
        return self.splittable

    def _parses_apart(self, path: str) -> bool:  # noqa: ARG002
        return self.isolated


def checked_passwords(reader: Any) -> tuple[str, ...]:
    given = reader.passwords
    if not isinstance(given, tuple | list) or not all(isinstance(p, str) for p in given):
        # What was given is not repeated: it may be one.
        raise InvalidParameter(reader, "passwords", "a tuple of strings", "(not shown)")
    return tuple(given)


def batches(items: Iterable[Document | pa.Table | Source]) -> Iterator[pa.Table | Source]:
    """Gather documents and small batches into batches; sources pass through, in order."""
    waiting: list[Document] = []
    parts: list[pa.Table] = []
    rows = size = 0

    def flush() -> Iterator[pa.Table]:
        nonlocal rows, size
        if waiting:
            parts.append(documents_to_table(waiting))
        if parts:
            # A folder of small files read in a process apart comes as one table a file.
            yield parts[0] if len(parts) == 1 else pa.concat_tables(parts).combine_chunks()
        waiting.clear()
        parts.clear()
        rows = size = 0

    try:
        for item in items:
            if isinstance(item, Source):
                yield from flush()
                yield item
                continue
            if isinstance(item, Document):
                waiting.append(item)
                rows += 1
                size += sum(len(segment.text) for segment in item.segments)
                size += len(item.metadata) * _PAIR_CHARACTERS
            else:
                if waiting:
                    parts.append(documents_to_table(waiting))
                    waiting.clear()
                large = item.num_rows >= BATCH_ROWS or item.nbytes >= TABLE_BYTES
                if large or (parts and parts[0].schema != item.schema):
                    yield from flush()
                if large:
                    yield item
                    continue
                parts.append(item)
                rows += item.num_rows
                size += item.nbytes
            if rows >= BATCH_ROWS or size >= BATCH_CHARACTERS:
                yield from flush()
    except (KeyboardInterrupt, SystemExit, GeneratorExit):
        raise
    except BaseException:
        # What a reader gave before it failed is kept.
        yield from flush()
        raise
    yield from flush()


def rejected(reader: object, source: Source, error: BaseException) -> Document:
    """The row that stands for a file that could not be read."""
    name = type(reader).__name__
    if isinstance(error, DocumentError):
        reason = f"{name}: {error}"
    elif isinstance(error, MissingExtra):
        reason = f"{name}: an extra is not installed ({error})"
    elif isinstance(error, MemoryError):
        reason = f"{name}: out of memory (the limit is Limits.max_memory_bytes)"
    elif isinstance(error, RecursionError):
        reason = f"{name}: nested too deeply (hundreds of parts in one another)"
    else:
        reason = f"{name}: {type(error).__name__} ({_one_line(str(error))})"
    return source.document(reader, drop_reason=reason, metadata=dict(source.metadata))


def _one_line(text: str, limit: int = 300) -> str:
    line = " ".join(text.split())
    return line if len(line) <= limit else line[: limit - 1] + "…"


def read_safely(
    reader: FileReader,
    source: Source,
    items: Iterable[Document | pa.Table | Source] | None = None,
) -> Iterator[Document | pa.Table | Source]:
    """Everything in `source`, or one rejected row that says why there is nothing.

    A reader that fails midway keeps what it gave before, and the failure is a row besides.
    `items` is what the reader gives, for a caller that called it another way.
    """
    found = False
    try:
        if items is None:
            items = (
                _isolation.parse(reader, source, reader.limits)
                if reader.isolated
                else reader.tables(source)
            )
        for item in items:
            found = found or not isinstance(item, pa.Table) or item.num_rows > 0
            yield item
        if not found and source.start == 0:
            raise DocumentError("no text found")
    # BaseException: extension modules raise panics that are not an Exception.
    except (KeyboardInterrupt, SystemExit, GeneratorExit):
        raise
    except BaseException as error:
        if isinstance(error, OSError) and error.errno in _NOT_THE_FILES_FAULT:
            raise
        failed = rejected(reader, source, error)
        if found or source.start:  # an id of its own, beside what was read of this file
            record = f"error@{source.start}" if source.start else "error"
            failed = dataclasses.replace(failed, id=source.document(reader, record=record).id)
        yield failed


def together(
    sources: Iterable[Source],
    known: Callable[[Source], tuple[FileReader | None, Source]],
    read: Callable[[Source], Iterator[Document | pa.Table]],
) -> Iterator[Document | pa.Table]:
    """All of some files that lie together, METS files first.

    Each METS file takes what it names; the others are read by themselves, with `read`. So are all
    where it cannot be read: nothing is lost with it.
    """
    waiting = deque(sources)
    while waiting:
        source = waiting.popleft()
        reader = None
        if waiting and _beside.is_index(source.name):
            reader, source = known(source)
        if reader is None or not reader.joins:
            yield from read(source)
            continue
        left: list[Source] = []
        failed = False
        for item in read_safely(reader, replace(source, beside=tuple(waiting))):
            if isinstance(item, Source):
                left.append(item)
            else:
                failed = failed or isinstance(item, Document)
                table = isinstance(item, pa.Table) and source.metadata
                yield with_metadata(item, source.metadata) if table else item
        if not failed:
            waiting = deque(left)


def with_metadata(table: pa.Table, metadata: tuple[tuple[str, str], ...]) -> pa.Table:
    """`table` with what its container says of it, where it does not say the same itself."""
    rows = []
    for row in table["metadata"].to_pylist():
        known = {item["key"] for item in row or ()}
        added = [{"key": key, "value": value} for key, value in metadata if key not in known]
        rows.append((row or []) + added)
    at = table.schema.get_field_index("metadata")
    return table.set_column(at, table.schema.field(at), pa.array(rows, METADATA))


def printable(source: Source) -> Source:
    """The same source with names that are valid UTF-8; the bytes that are not show as ``\\xNN``.

    Ids are digests of these names: they stay the same on every machine.
    """
    member = source.member and printable_name(source.member)
    return replace(
        source,
        deposit=printable_name(source.deposit),
        path=printable_name(source.path),
        member=member,
    )


def printable_name(name: str) -> str:
    if name.isascii():
        return name
    try:
        raw = name.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:  # a lone surrogate that stands for no byte (Windows)
        raw = name.encode("utf-8", "backslashreplace")
    return raw.decode("utf-8", "backslashreplace")


def unused(name: str, used: dict[str, int]) -> str:
    """`name`, or where it is in `used` ``name (2)`` and so on; puts the answer there.

    `used` has the last number of each name: of a hundred thousand of one name, none tries all.
    """
    number = used.get(name, 0) + 1
    while (unique := name if number == 1 else f"{name} ({number})") in used:
        number += 1
    used[name] = number
    used.setdefault(unique, 1)
    return unique
