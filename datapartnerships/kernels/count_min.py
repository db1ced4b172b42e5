"""How often hashed things are seen, in memory that does not grow."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from datapartnerships.kernels.words import Hashes

Integers = npt.NDArray[np.int64]

# Two rows of so many cells; each thing is in one cell of each (a count-min sketch, Cormode and
# Muthukrishnan 2005): it may seem to be there too often, where others share both, never too seldom.
CELLS = 1 << 22
COUNTS = pa.schema([("cell", pa.uint32()), ("count", pa.uint32())])


def cells(hashes: Hashes) -> tuple[Integers, Integers]:
    mask = np.uint64(CELLS - 1)
    first = (hashes & mask).astype(np.int64)
    second = ((hashes >> np.uint64(32)) & mask).astype(np.int64)
    return first, second + CELLS


def add(counts: Any, hashes: Hashes) -> None:
    """Count each of `hashes` once; `counts` has 2 x CELLS numbers."""
    for some in cells(hashes):
        np.add.at(counts, some, counts.dtype.type(1))  # of another type it is 25 times slower


def table(counts: Any, least: int = 1) -> pa.Table:
    """The cells with at least so many, in order."""
    full = np.flatnonzero(counts >= least)
    some = np.minimum(counts[full], np.iinfo(np.uint32).max).astype(np.uint32)
    held = [pa.array(full.astype(np.uint32)), pa.array(some)]
    return pa.table(held, schema=COUNTS)


def summed(tables: Iterable[pa.Table], cells: int = 2 * CELLS) -> Integers:
    """The counts of all cells, of several tables."""
    seen = np.zeros(cells, np.int64)
    for some in tables:
        seen[some["cell"].to_numpy()] += some["count"].to_numpy()
    return seen


def looked_up(counts: pa.Table, hashes: Hashes) -> Integers:
    """How often each was seen, at most; 0 where a cell is not in the table."""
    known, number = counts["cell"].to_numpy(), counts["count"].to_numpy()
    return np.minimum(*(found(known, number, some) for some in cells(hashes)))


def found(known: Any, counts: Any, wanted: Any) -> Integers:
    """The count of each of `wanted`; 0 where it is not in `known`, which rises."""
    if not len(known):
        return np.zeros(len(wanted), np.int64)
    wanted = wanted.astype(known.dtype)
    place = np.minimum(np.searchsorted(known, wanted), len(known) - 1)
    return np.where(known[place] == wanted, counts[place], 0).astype(np.int64)
