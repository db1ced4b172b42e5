"""What the writers of folders share: parts of shards, groups of parts, the manifest last."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import chain, islice
from typing import ClassVar

import pyarrow as pa
import pyarrow.compute as pc

from datapartnerships.config import location
from datapartnerships.errors import ConfigurationError, InvalidParameter, PipelineError
from datapartnerships.kernels.segments import finished, whole
from datapartnerships.schema import DOCUMENT, FileEntry, Manifest, Receipt, Shard
from datapartnerships.writers._folder import ASIDE, MANIFEST, PARTS, Folder

# `datasets` takes a hyphen for the end of the name.
_SPLIT = re.compile(r"\w+(\.\w+)*")
# Documents of several splits that wait to be written, in Arrow bytes.
_WAITING_BYTES = 32 << 20


class Ahead:
    """Tables to come; true while there is one. Who takes one alone holds it: they are large."""

    def __init__(self, tables: Iterator[pa.Table]) -> None:
        self._tables = tables
        self._next: list[pa.Table] = []

    def __bool__(self) -> bool:
        self._next = self._next or list(islice(self._tables, 1))
        return bool(self._next)

    @property
    def schema(self) -> pa.Schema:
        """Of the next one."""
        self._next = [self.take()]
        return self._next[0].schema

    def take(self) -> pa.Table:
        """The next one."""
        if not self:
            raise IndexError("There is no table left.")
        return self._next.pop()


@dataclass(frozen=True)
class FolderWriter:
    """Base of the writers that make a folder of files.

    `write` leaves parts below ``.work/parts``; `commit` names them ``<folder>/<split>-00000-of-
    0000N`` and writes the manifest last. A row goes to the split that the column `split` says, if
    there is one (`Split`, `SplitBySpeaker`), else to `split`.

    Attributes:
        path: the output folder, or an fsspec URL of one.
        split: name of the split, the beginning of every file name.
        target_bytes: a part that grows past this on disk goes on in the next file.
        merge_below_bytes: neighboring parts smaller than this are put into one file, so that a
            deposit of many small shards does not become many small files.
    """

    path: str = location("")
    split: str = "train"
    target_bytes: int = 500_000_000
    merge_below_bytes: int = 8_000_000

    version: ClassVar[int] = 1
    preload: ClassVar[tuple[str, ...]] = ("fsspec.implementations.local",)
    folder: ClassVar[str] = "data"
    suffix: ClassVar[str] = ""
    format: ClassVar[str] = ""

    def __post_init__(self) -> None:
        object.__setattr__(self, "path", os.fspath(self.path))
        if self.target_bytes < 1:
            raise InvalidParameter(self, "target_bytes", "an int >= 1", self.target_bytes)
        check_split(self.split)

    def write(self, shard: Shard, batches: Iterable[pa.Table]) -> Receipt:
        files = self.write_splits(shard.key, (finished(batch) for batch in batches))
        rows = sum(entry.rows for entry in files)
        return Receipt(shard.key, files=files, documents_in=rows, documents_out=rows)

    def write_splits(self, key: str, tables: Iterable[pa.Table]) -> tuple[FileEntry, ...]:
        """Write finished tables as parts of the split that each row is of.

        Without a row, one part that says the columns.
        """
        waiting = iter(tables)
        first = next(waiting, None)
        if first is None:
            return ()
        found = self._write_splits(key, first, waiting)
        return found or self.write_empty(key, first.schema)

    def _write_splits(
        self, key: str, first: pa.Table, waiting: Iterator[pa.Table]
    ) -> tuple[FileEntry, ...]:
        if "split" not in first.column_names:
            return self.write_parts(key, chain([first], waiting))
        # Whatever takes most room goes first: no split waits in memory for the end of the shard.
        held: dict[str, list[pa.Table]] = {}
        parts: dict[str, list[FileEntry]] = {}

        def out(name: str) -> None:
            done = parts.setdefault(name, [])
            done += self.write_parts(f"{key}={name}", held.pop(name), len(done))

        for table in chain([first], waiting):
            for name, rows in _by_split(table, self.split):
                held.setdefault(name, []).append(rows)
            sizes = {name: sum(t.nbytes for t in rows) for name, rows in held.items()}
            while sum(sizes.values()) > _WAITING_BYTES:
                largest = max(sorted(sizes), key=sizes.__getitem__)
                sizes.pop(largest)
                out(largest)
        for name in sorted(held):
            out(name)
        return tuple(entry for name in sorted(parts) for entry in parts[name])

    def write_parts(
        self, key: str, tables: Iterable[pa.Table], number: int = 0
    ) -> tuple[FileEntry, ...]:
        """Write finished tables as one part or several, from `number` on; no rows, no part."""
        output = self.output()
        parts: list[FileEntry] = []
        waiting = Ahead(self.chunks(iter(tables)))
        while waiting:
            name = f"{PARTS}/{self.folder}-{key}-{number + len(parts)}{self.suffix}"
            with output.replacing(name) as stream:
                rows = self.fill(stream, waiting)
            parts.append(output.entry(name, rows))
        return tuple(parts)

    def write_empty(self, key: str, schema: pa.Schema) -> tuple[FileEntry, ...]:
        """Write one part of these columns and no rows."""
        output = self.output()
        name = f"{PARTS}/{self.folder}-{key}-0{self.suffix}"
        with output.replacing(name) as stream:
            self.fill(stream, Ahead(iter([schema.empty_table()])))
        return (output.entry(name, 0),)

    def commit(self, receipts: Sequence[Receipt]) -> Manifest:
        output = self.output()
        output.clear(MANIFEST)
        manifest = self.manifest(receipts)
        output.write_text(MANIFEST, manifest.to_json())
        return manifest

    def manifest(self, receipts: Sequence[Receipt]) -> Manifest:
        """Give all parts their final names; the proof of them, not yet written."""
        files = self.place([entry for receipt in receipts for entry in receipt.files])
        return manifest_of(receipts, files, self.format)

    def place(self, parts: Sequence[FileEntry]) -> tuple[FileEntry, ...]:
        """Give parts their final names, small neighbors in one file; return the final files.

        Without a row there is still a file: `datasets` would take rejected rows for the data.
        """
        full = [part for part in parts if part.rows]
        parts = full or parts[:1] or self.write_empty("none", self.columns())
        return self.place_as([(_split_of(part) or self.split, part) for part in parts])

    def place_as(self, parts: Sequence[tuple[str, FileEntry]]) -> tuple[FileEntry, ...]:
        """The same for parts of several splits, each with the name of its split."""
        output = self.output()
        # Aside first: a full disk then leaves what was there before. A store has no end.
        aside = f"{ASIDE}/{self.folder}" if output.local else self.folder
        output.clear(aside)
        files, named = [], []
        for split in sorted({split for split, _ in parts}):
            groups = list(self._groups([part for name, part in parts if name == split]))
            for i, group in enumerate(groups):
                name = f"{split}-{i:05d}-of-{len(groups):05d}{self.suffix}"
                if len(group) == 1:
                    named.append((group[0].path, f"{aside}/{name}"))
                    entry = group[0]
                else:
                    with output.replacing(f"{aside}/{name}") as stream:
                        self.merge(stream, output, [entry.path for entry in group])
                    entry = output.entry(f"{aside}/{name}", sum(entry.rows for entry in group))
                files.append(replace(entry, path=f"{self.folder}/{name}"))
        output.place(named)
        if output.local:
            output.clear(self.folder)
            if files:
                output.move(aside, self.folder)
        return tuple(files)

    def _groups(self, parts: Sequence[FileEntry]) -> Iterator[list[FileEntry]]:
        group: list[FileEntry] = []
        for entry in parts:
            small = entry.size < self.merge_below_bytes
            if group and (not small or sum(e.size for e in group) >= self.merge_below_bytes):
                yield group
                group = []
            if small:
                group.append(entry)
            else:
                yield [entry]
        if group:
            yield group

    def output(self) -> Folder:
        if not self.path:
            raise ConfigurationError(f"{type(self).__name__} was given no path to write to.")
        return Folder(self.path)

    def columns(self) -> pa.Schema:
        """The least columns of a row, for a deposit without documents."""
        return finished(DOCUMENT.empty_table()).schema

    # What a format defines.

    def chunks(self, tables: Iterator[pa.Table]) -> Iterator[pa.Table]:
        """Tables as they are best written; by default as they come."""
        return (table for table in tables if table.num_rows)

    def fill(self, stream: object, waiting: Ahead) -> int:
        """Write chunks, one at least, until `target_bytes`; answer with their rows.

        Only the first may be without rows.
        """
        raise NotImplementedError

    def merge(self, stream: object, output: Folder, parts: Sequence[str]) -> None:
        """Write several parts as one file."""
        raise NotImplementedError


def check_split(name: str) -> None:
    """Refuse what cannot stand before a hyphen in the name of a file."""
    if not _SPLIT.fullmatch(name):
        raise PipelineError(f"{name!r} is no name of a split: letters, digits, _ and dots between.")


def _by_split(table: pa.Table, default: str) -> Iterator[tuple[str, pa.Table]]:
    """The rows of each split, in order."""
    column = pc.fill_null(whole(table["split"]).cast(pa.string()), default)
    for name in sorted(pc.unique(column).to_pylist()):
        check_split(name)
        rows = table.filter(pc.equal(column, name))
        yield name, rows


def _split_of(part: FileEntry) -> str | None:
    """The split that stands in the name of a part."""
    _, sign, rest = part.path.rpartition("/")[2].partition("=")
    return rest.rsplit("-", 1)[0] if sign else None


def manifest_of(receipts: Sequence[Receipt], files: tuple[FileEntry, ...], format: str) -> Manifest:
    """The proof of the whole from the proofs of its shards."""
    rejected: dict[str, int] = {}
    counts: dict[str, int] = {}
    for receipt in receipts:
        for reason, count in receipt.rejected.items():
            rejected[reason] = rejected.get(reason, 0) + count
        for name, count in receipt.counts.items():
            counts[name] = counts.get(name, 0) + count
    return Manifest(
        fingerprint=receipts[0].fingerprint if receipts else "",
        plan="",
        documents_in=sum(receipt.documents_in for receipt in receipts),
        documents_out=sum(receipt.documents_out for receipt in receipts),
        rejected=dict(sorted(rejected.items())),
        files=files,
        format=format,
        counts=dict(sorted(counts.items())),
    )
