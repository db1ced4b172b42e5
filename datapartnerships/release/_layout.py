"""A new version in the files and row groups of the one before: only what is new is sent.

The rows of a run stand in the order of its deposit, so that one new file in each folder moves all
that is behind it, into other row groups, pages and bytes. Here every document of the version before
stays in its row group, and new ones follow in files of their own, in the order of the run.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq

from datapartnerships.kernels.minhash import hashes
from datapartnerships.kernels.segments import concat, whole
from datapartnerships.release._tables import tables
from datapartnerships.writers._folder import Folder
from datapartnerships.writers.parquet import ParquetWriter

NEW = -1
Places = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Layout:
    """Where the documents of a version are, by the hashes of their ids.

    Attributes:
        hashes: sorted, each once.
        groups: of each, the number of its row group, counted through all files.
        files: of each row group, the number of its file.
    """

    hashes: npt.NDArray[np.uint64]
    groups: Places
    files: Places

    @classmethod
    def of(cls, folder: Folder, names: Sequence[str]) -> Layout | None:
        """None where rows have no ids of their own."""
        found, groups = [np.zeros(0, np.uint64)], [np.zeros(0, np.int64)]
        files: list[int] = []
        for number, name in enumerate(names):
            for table in tables(folder, name, ("id",)):
                if "id" not in table.column_names:
                    return None
                found.append(hashes(whole(table["id"])))
                groups.append(np.full(table.num_rows, len(files)))
                files.append(number)
        every = np.concatenate(found)
        order = np.argsort(every, kind="stable")
        if (np.diff(every[order].view(np.int64)) == 0).any():
            return None
        return cls(every[order], np.concatenate(groups)[order], np.array(files, np.int64))

    def place(self, table: pa.Table) -> Places:
        """The row group of each row; `NEW` for what the version before has not."""
        wanted = hashes(whole(table["id"]))
        if not len(self.hashes):
            return np.full(len(wanted), NEW)
        at = np.minimum(np.searchsorted(self.hashes, wanted), len(self.hashes) - 1)
        return np.where(self.hashes[at] == wanted, self.groups[at], NEW)


@dataclass
class _File:
    """One file of the new version, whose row groups are written in their order."""

    path: Path
    groups: list[int]
    stream: Any = None
    writer: pq.ParquetWriter | None = None
    done: int = 0

    def write(self, parquet: ParquetWriter, table: pa.Table) -> None:
        if self.writer is None:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            self.stream = open(self.path, "wb")
            self.writer = parquet._file(self.stream, table.schema)
        # One chunk a column: pages are cut by what is in them, and not by how it came.
        self.writer.write_table(table.combine_chunks(), row_group_size=table.num_rows)

    def close(self) -> bool:
        """Whether there is anything in it."""
        if self.writer is None:
            return False
        self.writer.close()
        self.stream.close()
        return True


@dataclass
class _Groups:
    """Rows that wait until their row group is whole, and its turn has come."""

    layout: Layout
    files: list[_File]
    expected: Places
    parquet: ParquetWriter
    waiting: dict[int, list[pa.Table]] = field(default_factory=lambda: defaultdict(list))
    seen: dict[int, int] = field(default_factory=lambda: defaultdict(int))

    def add(self, group: int, table: pa.Table) -> None:
        self.waiting[group].append(table)
        self.seen[group] += table.num_rows
        self.flush(self.files[int(self.layout.files[group])])

    def flush(self, file: _File) -> None:
        while file.done < len(file.groups):
            group = file.groups[file.done]
            if self.seen[group] < self.expected[group]:
                return
            if self.expected[group]:
                file.write(self.parquet, concat(self.waiting.pop(group)))
            file.done += 1


def follow(
    source: Folder,
    names: Sequence[str],
    before: Folder,
    old: Sequence[str],
    folder: Path,
    split: str,
    parquet: ParquetWriter,
) -> bool:
    """Write the rows of the files `names` into `folder`, laid out as the files `old`.

    A document that is no longer there leaves its row group smaller; one that changed is sent with
    its row group. No more than the row groups that are not whole yet are in memory.

    Returns
    -------
        False where it cannot be done, as rows have no ids, or ids are there twice.
    """
    layout = Layout.of(before, old)
    if layout is None or Layout.of(source, names) is None:
        return False
    places = [layout.place(table) for name in names for table in tables(source, name, ("id",))]
    known = np.concatenate([np.zeros(0, np.int64), *places])
    expected = np.bincount(known[known >= 0], minlength=len(layout.files))
    files = [
        _File(folder / f".{split}-{n}", np.flatnonzero(layout.files == n).tolist())
        for n in range(len(old))
    ]
    groups = _Groups(layout, files, expected, parquet)
    fresh = _fresh(source, names, places, groups)
    last = _behind(fresh, parquet, folder, split, len(old))
    for file in files:
        groups.flush(file)
    _name([file for file in [*files, *last] if file.close()], folder, split)
    return True


def _fresh(
    source: Folder, names: Sequence[str], places: Sequence[Places], groups: _Groups
) -> Iterator[pa.Table]:
    """Rows that are new; all others are put where they were."""
    batches = (table for name in names for table in tables(source, name))
    for table, place in zip(batches, places, strict=True):
        for group in np.unique(place).tolist():
            rows = table if (place == group).all() else table.filter(pa.array(place == group))
            if group == NEW:
                yield rows
            else:
                groups.add(group, rows)


def _behind(
    fresh: Iterator[pa.Table], parquet: ParquetWriter, folder: Path, split: str, number: int
) -> list[_File]:
    """Files of what is new."""
    files: list[_File] = []
    for table in parquet.chunks(fresh):
        if not files or files[-1].stream.tell() >= parquet.target_bytes:
            files.append(_File(folder / f".{split}-{number + len(files)}", []))
        files[-1].write(parquet, table)
    return files


def _name(files: Sequence[_File], folder: Path, split: str) -> None:
    for number, file in enumerate(files):
        file.path.rename(folder / f"{split}-{number:05d}-of-{len(files):05d}.parquet")
