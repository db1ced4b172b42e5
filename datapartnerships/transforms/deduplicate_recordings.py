"""Recordings whose sound is found in another recording."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from datapartnerships.errors import InvalidParameter
from datapartnerships.kernels.segments import whole
from datapartnerships.kernels.sound_print import STEP_S, keys, longest, matches, words
from datapartnerships.transforms.deduplicate import loose
from datapartnerships.transforms.drop_duplicates import DropDuplicates

_SKETCH = pa.schema([("id", pa.string()), ("fingerprint", pa.binary()), ("loose", pa.int8())])
_DUPLICATES = pa.schema([("id", pa.string()), ("of", pa.string())])
# Equal keys are compared with so many of their neighbors at most: all of them, for up to nine
# copies; a jingle of a thousand broadcasts does not make half a million pairs.
_NEIGHBORS = 8
_MOST_KEYS = 20_000_000
# Up to so many words (350 hours) the keys are short: they find copies of a minute. More sound has
# too many short keys that are equal by chance.
_MOST_SHORT = 4_000_000
_HITS = 3  # equal keys at one displacement that make a pair worth comparing


@dataclass(frozen=True, kw_only=True)
class DeduplicateRecordings:
    """Keep the longest of all recordings with the same sound, in the whole corpus.

    A `Fit`: the first pass takes the acoustic fingerprint of each recording (``media.fingerprint``,
    6.25 bytes a second), the second rejects copies. A copy may be encoded anew, over a telephone,
    noisy, trimmed or an excerpt. Recordings are gone through from the longest (then by id): one is
    a copy of a kept one in which enough of it is found, so two programs that share a jingle never
    become copies of each other by way of it. `duplicate_of` names the kept one. Those with stricter
    rights (see `Deduplicate`) are gone through before all others, however short they are.

    Attributes:
        threshold: share of a recording that must be found in the other, above 0, up to 1.
        min_seconds: shorter recordings are never copies, and shorter stretches count for nothing.
            A third of a second less may pass: the fingerprint has steps.
    """

    threshold: float = 0.8
    min_seconds: float = 20

    version: ClassVar[int] = 2
    requires = frozenset({"id", "media", "drop_reason"})
    provides = frozenset({"drop_reason", "duplicate_of"})

    def __post_init__(self) -> None:
        if not 0 < self.threshold <= 1:
            raise InvalidParameter(self, "threshold", "a share above 0, up to 1", self.threshold)
        if not self.min_seconds >= 10:
            raise InvalidParameter(
                self,
                "min_seconds",
                "10 at least: less sound has too few bits to tell",
                self.min_seconds,
            )

    def sketch(self, batches: Iterable[pa.Table]) -> pa.Table:
        return pa.concat_tables([_SKETCH.empty_table(), *map(self._sketch, batches)])

    def _sketch(self, batch: pa.Table) -> pa.Table:
        prints = pc.struct_field(whole(batch["media"]), "fingerprint")
        # What another step rejected cannot be the copy that is kept.
        there = pc.and_(pc.is_valid(prints), pc.is_null(whole(batch["drop_reason"])))
        return pa.table([whole(batch["id"]), prints, loose(batch)], schema=_SKETCH).filter(there)

    def combine(self, sketches: Iterable[pa.Table]) -> DropDuplicateRecordings:
        table = pa.concat_tables([_SKETCH.empty_table(), *sketches])
        # Those with the strictest rights, then the longest, then by id: so no order of shards or
        # workers changes what is kept.
        length = pc.binary_length(table["fingerprint"])
        order = pc.sort_indices(
            table.append_column("length", length),
            [("loose", "ascending"), ("length", "descending"), ("id", "ascending")],
        )
        table = table.take(order)
        ids = table["id"].to_pylist()
        prints = table["fingerprint"]
        keeper: dict[int, int] = {}
        # Pairs come ordered by their shorter recording: what is kept is known before it is needed.
        for long, short in _pairs(prints):
            if short in keeper or long in keeper or ids[short] == ids[long]:
                continue
            if self._is_copy(prints[short].as_py(), prints[long].as_py()):
                keeper[short] = long
        # Where two documents share an id, rejecting one by its id would reject the other.
        kept = {ids[place] for place in range(len(ids)) if place not in keeper}
        rows = [(ids[s], ids[k]) for s, k in sorted(keeper.items()) if ids[s] not in kept]
        columns = list(zip(*rows, strict=True)) or [(), ()]
        arrays = [pa.array(column, pa.string()) for column in columns]
        return DropDuplicateRecordings(duplicates=pa.table(arrays, schema=_DUPLICATES))

    def _is_copy(self, short: bytes, long: bytes) -> bool:
        if longest(short) < self.min_seconds:
            return False
        seconds = len(words(short)) * STEP_S
        parts = matches(short, long, min_seconds=min(self.min_seconds, seconds * self.threshold))
        covered = np.zeros(len(words(short)), bool)
        for part in parts:
            start = round(part.start_a / STEP_S)
            covered[start : start + round(part.seconds / STEP_S)] = True
        return bool(covered.mean() >= self.threshold)


def _pairs(prints: pa.ChunkedArray) -> Iterator[tuple[int, int]]:
    """Rows (earlier, later) that share several keys at one displacement, ordered by the later."""
    found, owners, places = [], [], []
    # A sample of the keys, the same of every recording, where all of them would fill the memory.
    total = (pc.sum(pc.binary_length(prints)).as_py() or 0) // 2
    every, short = 1 + total // _MOST_KEYS, total <= _MOST_SHORT
    for row, value in enumerate(prints):
        key, place = keys(value.as_py(), every, short=short)
        found.append(key)
        owners.append(np.full(len(key), row, np.int32))
        places.append(place.astype(np.int32))
    if not found:
        return
    key, owner, place = (np.concatenate(part) for part in (found, owners, places))
    del found, owners, places
    order = np.argsort(key, kind="stable")
    key, owner, place = key[order], owner[order], place[order]
    codes = []
    for step in range(1, _NEIGHBORS + 1):
        same = np.flatnonzero((key[step:] == key[:-step]) & (owner[step:] != owner[:-step]))
        # Four steps of displacement are one, for a copy at another speed; cells overlap by half.
        shift = (place[same + step].astype(np.int64) - place[same] + (1 << 21)) // 4
        pair = (owner[same + step].astype(np.int64) << 20 | owner[same]) << 20
        codes += [pair | shift & 0xFFFFF, pair | (shift + 1) & 0xFFFFF]
    cells, counts = np.unique(np.concatenate(codes), return_counts=True)
    pairs = np.unique(cells[counts >= _HITS] >> 20)
    for pair in pairs.tolist():
        yield pair & 0xFFFFF, pair >> 20


@dataclass(frozen=True, kw_only=True, eq=False)
class DropDuplicateRecordings(DropDuplicates):
    """Reject the recordings of a list, each with the one it is a copy of as the reason's detail.

    Attributes:
        duplicates: table of (id, of), as `DeduplicateRecordings.combine` makes it.
    """

    name = "DeduplicateRecordings"
    reason: ClassVar[str] = "same recording"
    provides = frozenset({"drop_reason", "duplicate_of"})
