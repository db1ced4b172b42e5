"""Which of many signed texts are near-duplicates of which, out of core.

`Signed` puts signatures and keys into files, a file for each band, and keeps 17 bytes a text. Then
texts with one and the same signature are found by a hash of it, and count as one from there on. The
bands are gone through one after another: texts with the same key are a bucket, and are compared
with the best of it, never all with all.
"""

from __future__ import annotations

import mmap
import tempfile
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from datapartnerships.kernels.minhash import SIGNATURE_BYTES, Keys, hashes, similarity
from datapartnerships.kernels.words import _STEP, _mixed

Rows = npt.NDArray[np.int32]
Order = npt.NDArray[np.uint32]
Mask = npt.NDArray[np.bool_]

# Of a bucket, so many texts are compared with all the others that are like none of them before.
# Those of one bucket that are not alike are of a form, or meet by chance, and meet elsewhere too.
_LEADERS = 8
# Times that the bands are gone through, while texts are left whose like was removed.
_PASSES = 3
# Steps of settling a chain of texts, each like the next only; then it is settled by turns.
_WAVES = 16
# Pairs compared at once: 1 MiB of signatures on either side.
_BLOCK = 1 << 13
# Signatures read from the file, in its order, before its pages are let go. Each may bring 64 KiB of
# it into memory, where no other is near.
_READ = 1 << 6


class Groups(NamedTuple):
    """What was found, for the texts that have a near-duplicate; all arrays of one length.

    Attributes:
        rows: the texts, by when they were added, in order of rank.
        kept: the text that is kept in place of each; itself, where it is kept.
        first: the best of all that hang together with it, through whatever others.
        similarity: with `kept`.
    """

    rows: Order
    kept: Order
    first: Order
    similarity: npt.NDArray[np.float32]


class Signed:
    """Signed texts in a temporary folder. A context manager; leaving it removes the folder.

    Attributes:
        compared: pairs of signatures compared until now.
    """

    def __init__(self, bands: int) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="datapartnerships-near-")
        root = Path(self._folder.name)
        self._bands = [root / f"band-{i}" for i in range(bands)]
        self._twins = [root / "twins-0", root / "twins-1"]
        self._signed, self._names = root / "signed", root / "ids"
        paths = [*self._bands, *self._twins, self._signed]
        self._files: list[BinaryIO] = [open(path, "wb") for path in paths]
        schema = pa.schema([("id", pa.string())])
        self._ids = pa.ipc.new_file(str(self._names), schema)
        self._ranks: list[npt.NDArray[np.float64]] = []
        self._before: list[npt.NDArray[np.int8]] = []
        self._ties: list[npt.NDArray[np.uint64]] = []
        self.compared = 0

    def __enter__(self) -> Signed:
        return self

    def __exit__(self, *_: object) -> None:
        for file in (*self._files, self._ids):
            file.close()
        self._folder.cleanup()

    def add(
        self, ids: pa.Array, rank: Any, signatures: Any, keys: Keys, before: Any = None
    ) -> None:
        """Texts (n) with their signatures (n, 128) and keys (n, bands); the least rank is kept.

        What has the rank -inf stays, whatever it is like. Of the others, the least `before` (n,
        small ints) is kept, whatever its rank.
        """
        if not len(ids):
            return
        self._ids.write_batch(pa.record_batch([ids], names=["id"]))
        ranks = np.array(rank, np.float64)
        first = np.zeros(len(ids), np.int8) if before is None else np.array(before, np.int8)
        first[np.isneginf(ranks)] = np.iinfo(np.int8).min
        self._ranks.append(ranks)
        self._before.append(first)
        self._ties.append(hashes(ids))
        columns = [*keys.T, *_digests(signatures), signatures]
        for file, column in zip(self._files, columns, strict=True):
            file.write(np.ascontiguousarray(column).data)

    def groups(self, accept: float, *, by_id: bool = True) -> Groups:
        """What is kept of texts whose similarity is `accept` or more.

        Texts are gone through by rank, the same ones by their id or else as they came. One is
        removed if it is like one that is kept, and never for being like one that was removed.
        """
        for file in (*self._files, self._ids):
            file.close()
        rank = np.concatenate([np.empty(0), *self._ranks])
        ties = np.concatenate([np.empty(0, np.uint64), *self._ties])
        before = np.concatenate([np.empty(0, np.int8), *self._before])
        self._ranks, self._ties, self._before = [], [], []
        sort = np.lexsort((ties, rank, before) if by_id else (rank, before))
        order = sort.astype(np.uint32)
        stay = int(np.isneginf(rank).sum())
        del rank, ties, sort, before
        if not len(order):
            return Groups(order, order, order, np.empty(0, np.float32))
        with _Mapped(self._signed, order) as signed:
            search = _Search(signed, order, accept, stay)
            search.twins(self._twins)
            search.all(self._bands)
            self.compared = search.compared
            return search.result()

    def ids(self, rows: Order) -> pa.DictionaryArray:
        """The ids of texts, each held once, without reading all others into memory."""
        wanted, place = np.unique(rows, return_inverse=True)
        found, at = [pa.array([], pa.string())], 0
        with pa.OSFile(str(self._names)) as source:
            file = pa.ipc.open_file(source)
            for number in range(file.num_record_batches):
                part = file.get_batch(number).column(0)
                low, high = np.searchsorted(wanted, [at, at + len(part)])
                if low < high:
                    found.append(part.take(pa.array(wanted[low:high] - np.uint32(at))))
                at += len(part)
        place = place.reshape(-1).astype(np.int32)
        return pa.DictionaryArray.from_arrays(pa.array(place), pa.concat_arrays(found))


def _digests(signatures: Any) -> tuple[npt.NDArray[np.uint64], npt.NDArray[np.uint64]]:
    """128 bits of each signature, in two halves."""
    lanes = np.ascontiguousarray(signatures).view(np.uint64)
    with np.errstate(over="ignore"):
        steps = np.arange(1, lanes.shape[1] + 1, dtype=np.uint64) * np.uint64(_STEP)
        mixed = _mixed(lanes + steps)
        return _mixed(mixed.sum(axis=1)), _mixed(_mixed(mixed + steps).sum(axis=1))


class _Mapped:
    """Rows of a file of signatures, by rank. What was read does not stay in memory."""

    def __init__(self, path: Path, order: Order) -> None:
        self._file = open(path, "rb")
        self._map = mmap.mmap(self._file.fileno(), 0, access=mmap.ACCESS_READ)
        self._order = order

    def __enter__(self) -> _Mapped:
        return self

    def __exit__(self, *_: object) -> None:
        self._map.close()
        self._file.close()

    def alike(self, one: Rows, other: Rows) -> npt.NDArray[np.float64]:
        found = np.empty(len(one))
        for at in range(0, len(one), _BLOCK):
            part = slice(at, at + _BLOCK)
            found[part] = similarity(self._read(one[part]), self._read(other[part]))
        return found

    def _read(self, ranks: Rows) -> npt.NDArray[np.uint8]:
        """Signatures, read in the order of the file, each of them once."""
        wanted, place = np.unique(self._order[ranks], return_inverse=True)
        found = np.empty((len(wanted), SIGNATURE_BYTES), np.uint8)
        for at in range(0, len(wanted), _READ):
            rows = np.frombuffer(self._map, np.uint8).reshape(-1, SIGNATURE_BYTES)
            found[at : at + _READ] = rows[wanted[at : at + _READ]]
            del rows
            if hasattr(mmap, "MADV_DONTNEED"):
                self._map.madvise(mmap.MADV_DONTNEED)
        return found[place.reshape(-1)]


class _Search:
    """Texts are numbered by rank: 0 is the best."""

    def __init__(self, signed: _Mapped, order: Order, accept: float, stay: int) -> None:
        self._signed, self._order, self._accept, self._stay = signed, order, accept, stay
        self.compared = 0
        self.own = np.arange(len(order), dtype=np.int32)
        self.kept = self.own.copy()  # in place of each
        self.group = self.own.copy()  # the best that each hangs together with
        self.parent = self.own.copy()  # the best that each is like, of this pass

    def twins(self, paths: list[Path]) -> None:
        """Texts with one signature count as one text from here on: the best of them."""
        self.twin = self.own.copy()
        digests = np.fromfile(paths[0], np.uint64)[self._order]
        rows = np.argsort(digests)
        digests = digests[rows]
        first, several = _runs(digests)
        del digests
        rows, first = rows[several].astype(np.int32), first[several]
        if not len(rows):
            return
        best = np.minimum.reduceat(rows, np.flatnonzero(first))[np.cumsum(first) - 1]
        rest = np.fromfile(paths[1], np.uint64)
        same = rest[self._order[rows]] == rest[self._order[best]]
        self.twin[rows[same]] = best[same]

    def all(self, bands: list[Path]) -> None:
        active = self.twin == self.own
        for _ in range(_PASSES):
            self.parent[:] = self.own
            met = np.zeros(len(active), bool)
            for path in bands:
                rows, bucket = self._buckets(path, active)
                met[rows] = True
                self._lead(rows, bucket, self._accept)
            left = self._settle()
            # Those whose like was removed may be like another one that is kept.
            active &= met & (self.kept == self.own)
            if not left:
                break
        self.kept, self.group = self.kept[self.twin], self.group[self.twin]
        self.kept[: self._stay] = self.own[: self._stay]

    def result(self) -> Groups:
        gone = self.kept != self.own
        members = gone.copy()
        members[self.kept[gone]] = True
        members |= self.group != self.own
        members[self.group[self.group != self.own]] = True
        rows = np.flatnonzero(members).astype(np.int32)
        kept, twin = self.kept[rows], self.twin[rows]
        alike = np.ones(len(rows), np.float32)
        apart = np.flatnonzero((kept != rows) & (twin == rows))
        alike[apart] = self._signed.alike(rows[apart], kept[apart])
        # Another one with the same signature is just as much like what is kept.
        copies = np.flatnonzero((kept != rows) & (twin != rows) & (kept != twin))
        alike[copies] = alike[np.searchsorted(rows, twin[copies])]
        order = self._order
        return Groups(order[rows], order[kept], order[self.group[rows]], alike)

    def _buckets(self, path: Path, active: Mask) -> tuple[Rows, Any]:
        """Texts that share a key with others, bucket by bucket, by rank; and their keys."""
        rows = np.flatnonzero(active)
        # Key and rank in one number: sorted at once, and faster than an order of keys.
        packed = np.fromfile(path, np.uint32)[self._order[rows]].astype(np.uint64)
        packed <<= np.uint64(32)
        packed |= rows.view(np.uint64)
        del rows
        packed.sort()
        bucket = (packed >> np.uint64(32)).astype(np.uint32)
        _, several = _runs(bucket)
        return packed[several].astype(np.uint32).astype(np.int32), bucket[several]

    def _lead(self, rows: Rows, bucket: Any, accept: float) -> None:
        """Compare the texts of every bucket with the best; those unlike it with their best; ..."""
        for _ in range(_LEADERS):
            first = np.ones(len(rows), bool)
            first[1:] = bucket[1:] != bucket[:-1]
            if first.all():
                return
            leaders = rows[np.maximum.accumulate(np.where(first, np.arange(len(rows)), 0))]
            wanted = (self.parent[rows] > leaders) | (self.group[rows] != self.group[leaders])
            asked = np.flatnonzero(wanted & ~first)
            alike = self._alike(rows[asked], leaders[asked]) >= accept
            one, other = rows[asked[alike]], leaders[asked[alike]]
            self.parent[one] = np.minimum(self.parent[one], other)
            self._unite(one, other)
            # What is known to be like something better needs no other leader.
            rest = np.zeros(len(rows), bool)
            rest[asked[~alike]] = True
            rows, bucket = rows[rest], bucket[rest]

    def _alike(self, one: Rows, other: Rows) -> npt.NDArray[np.float64]:
        self.compared += len(one)
        return self._signed.alike(one, other)

    def _unite(self, one: Rows, other: Rows) -> None:
        """Union-find in columns: the worse of two roots is hung under the better."""
        group = self.group
        while len(one):
            a, b = group[one], group[other]
            apart = a != b
            one, other = one[apart], other[apart]
            np.minimum.at(group, np.maximum(a, b)[apart], np.minimum(a, b)[apart])
            _flatten(group, np.flatnonzero(group != self.own))

    def _settle(self) -> bool:
        """Remove what is like something kept; whether there were texts like removed ones only."""
        parent, kept = self.parent, self.kept
        # What others were removed for in an earlier pass stays.
        chosen = kept[kept != self.own]
        parent[chosen] = chosen
        parent[: self._stay] = self.own[: self._stay]
        pending = np.flatnonzero(parent != self.own).astype(np.int32)
        left = False
        for _ in range(_WAVES):
            if not len(pending):
                return left
            root = parent.copy()
            _flatten(root, pending)
            best = root[pending]
            near = parent[pending] == best
            asked = np.flatnonzero(~near)
            near[asked] = self._alike(pending[asked], best[asked]) >= self._accept
            kept[pending[near]] = best[near]
            pending = pending[~near]
            left = left or bool(len(pending))
            waits = np.zeros(len(parent), bool)
            waits[pending] = True
            free = ~waits[parent[pending]]
            parent[pending[free]] = pending[free]
            pending = pending[~free]
        # By turns: every second text of a chain is kept, and the next is like it.
        depth = np.zeros(len(parent), np.int32)
        depth[pending] = 1
        above = parent.copy()
        while depth[above[pending]].any():
            depth[pending] += depth[above[pending]]
            above[pending] = above[above[pending]]
        odd = pending[depth[pending] % 2 == 1]
        kept[odd] = parent[odd]
        return left


def _flatten(tree: Rows, rows: Any) -> None:
    """Point every one of `rows` to its root, in a number of steps that is the log of the depth."""
    while len(rows):
        above = tree[tree[rows]]
        moved = above != tree[rows]
        tree[rows] = above
        rows = rows[moved]


def _runs(values: Any) -> tuple[Mask, Mask]:
    """Of sorted values, which are the first of their kind, and which are of several."""
    first = np.ones(len(values), bool)
    first[1:] = values[1:] != values[:-1]
    several = ~first
    several[:-1] |= several[1:]
    return first, several
