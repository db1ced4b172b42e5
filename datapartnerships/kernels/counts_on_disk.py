"""In how many documents each of many keys is, out of core."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
import numpy.typing as npt

from datapartnerships.kernels.words import Hashes

RECORD = np.dtype([("key", "<u8"), ("first", "<u4"), ("count", "<u4")])
Records = npt.NDArray[Any]

# Records held before they are sorted and put on disk: 32 MB.
HELD = 1 << 21
_PARTS = 256


class CountsOnDisk:
    """Keys of documents in a temporary folder. A context manager; leaving it removes the folder.

    At most `held` records are in memory. What is more is cut by the first byte of the keys into 256
    files, which are counted one after another. Keys that come again and again are added up before
    they are written, so a corpus of copies takes no more than one of them.
    """

    def __init__(self, held: int = HELD) -> None:
        self._most, self._held, self._many = held, 0, 0
        self._waiting: list[Records] = []
        self._folder: tempfile.TemporaryDirectory[str] | None = None
        self._files: list[BinaryIO] = []

    def __enter__(self) -> CountsOnDisk:
        return self

    def __exit__(self, *_: object) -> None:
        for file in self._files:
            file.close()
        if self._folder is not None:
            self._folder.cleanup()

    def add(self, keys: Hashes, documents: npt.NDArray[np.uint32]) -> None:
        """Each key once for each document that has it, in the order of the documents."""
        for at in range(0, len(keys), self._most):
            part = slice(at, at + self._most)
            new = np.ones(len(keys[part]), RECORD)
            new["key"], new["first"] = keys[part], documents[part]
            self._waiting.append(new)
            self._held += len(new)
            if self._held >= 2 * self._most:
                self._settle()

    def several(self, least: int) -> Iterator[Records]:
        """The keys of at least so many documents, rising, with the first document of each."""
        self._waiting = [_added_up(self._waiting)]
        if not self._files:
            yield _of(self._waiting[0], least)
            return
        self._write()
        for file in self._files:
            file.close()
            yield _of(_added_up([np.fromfile(file.name, RECORD)]), least)

    def _settle(self) -> None:
        self._waiting = [_added_up(self._waiting)]
        self._held = len(self._waiting[0])
        if self._held >= self._most:
            self._write()

    def _write(self) -> None:
        if self._folder is None:
            self._folder = tempfile.TemporaryDirectory(prefix="datapartnerships-counted-")
            root = Path(self._folder.name)
            self._files = [open(root / str(number), "wb") for number in range(_PARTS)]
        [records] = self._waiting
        edges = np.searchsorted(
            records["key"], np.arange(1, _PARTS, dtype=np.uint64) << np.uint64(56)
        )
        for file, part in zip(self._files, np.split(records, edges), strict=True):
            file.write(part.data)
        self._waiting, self._held = [records[:0]], 0


def _added_up(parts: list[Records]) -> Records:
    """One record a key, rising; the first document of those that came first."""
    records = np.concatenate([np.empty(0, RECORD), *parts])
    records = records[np.argsort(records["key"], kind="stable")]
    heads = np.flatnonzero(np.append(True, records["key"][1:] != records["key"][:-1]))
    heads = heads[: len(records)]
    out: Records = records[heads]
    if len(heads):
        total = np.add.reduceat(records["count"].astype(np.int64), heads)
        out["count"] = np.minimum(total, np.iinfo(np.uint32).max)
    return out


def _of(records: Records, least: int) -> Records:
    return records[records["count"] >= least]
