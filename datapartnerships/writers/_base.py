"""What the writers of folders share: parts of shards, groups of parts, the manifest last."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import ClassVar

import pyarrow as pa

from datapartnerships.config import location
from datapartnerships.errors import ConfigurationError, InvalidParameter
from datapartnerships.kernels.segments import finished
from datapartnerships.schema import FileEntry, Manifest, Receipt, Shard
from datapartnerships.writers._folder import ASIDE, MANIFEST, PARTS, Folder


@dataclass(frozen=True)
class FolderWriter:
    """Base of the writers that make a folder of files.

    `write` leaves parts below ``.work/parts``; `commit` names them ``<folder>/<split>-00000-of-
    0000N`` and writes the manifest last.

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

    def write(self, shard: Shard, batches: Iterable[pa.Table]) -> Receipt:
        files = self.write_parts(f"{shard.key}", (finished(batch) for batch in batches))
        rows = sum(entry.rows for entry in files)
        return Receipt(shard.key, files=files, documents_in=rows, documents_out=rows)

    def write_parts(self, key: str, tables: Iterable[pa.Table]) -> tuple[FileEntry, ...]:
        """Write finished tables as one part or several; no rows, no part."""
        output = self.output()
        parts: list[FileEntry] = []
        waiting = self.chunks(iter(tables))
        chunk = next(waiting, None)
        while chunk is not None:
            name = f"{PARTS}/{self.folder}-{key}-{len(parts)}{self.suffix}"
            with output.replacing(name) as stream:
                rows, chunk = self.fill(stream, chunk, waiting)
            parts.append(output.entry(name, rows))
        return tuple(parts)

    def commit(self, receipts: Sequence[Receipt]) -> Manifest:
        output = self.output()
        output.clear(MANIFEST)
        files = self.place([entry for receipt in receipts for entry in receipt.files])
        manifest = manifest_of(receipts, files, self.format)
        output.write_text(MANIFEST, manifest.to_json())
        return manifest

    def place(self, parts: Sequence[FileEntry]) -> tuple[FileEntry, ...]:
        """Give parts their final names, small neighbors in one file; return the final files."""
        return self.place_as([(self.split, part) for part in parts])

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

    # What a format defines.

    def chunks(self, tables: Iterator[pa.Table]) -> Iterator[pa.Table]:
        """Tables as they are best written; by default as they come."""
        return (table for table in tables if table.num_rows)

    def fill(
        self, stream: object, first: pa.Table, waiting: Iterator[pa.Table]
    ) -> tuple[int, pa.Table | None]:
        """Write chunks until `target_bytes`; answer with the rows and the first chunk left."""
        raise NotImplementedError

    def merge(self, stream: object, output: Folder, parts: Sequence[str]) -> None:
        """Write several parts as one file."""
        raise NotImplementedError


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
