"""How much the letters on both sides of a place surprise who has read other pages.

A letter after the up to five before it, and a letter before the up to five after it, have a chance
each: of the times that these stood on other pages, the share with this letter, drawn towards the
chance given one letter less (a Dirichlet prior, as in MacKay and Peto 1995). Between two letters an
error is likely where both chances are small: what follows the place is not to be expected after
what precedes it, nor the other way round. So the letters after a wrong one are not counted as well.

Sequences of one to six letters are counted in slots of a hash, in one array for all.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

Codes = npt.NDArray[np.uint32]
Rows = npt.NDArray[np.int64]
Held = npt.NDArray[np.uint32]
Chances = npt.NDArray[np.float32]

# Of each length of sequence, the slots (a power of two) and where they begin.
_LOG2 = (16, 16, 18, 20, 21, 22)
_BEGINS = tuple(np.cumsum([0, *(1 << bits for bits in _LOG2)]).tolist())
SIZE = _BEGINS[-1]
PRIOR = 4.0  # as many times, the chance given one letter less
_ANY = 1 / 200  # the chance of a letter of which nothing is known
_STEP = np.uint64(0x9E3779B97F4A7C15)
_MIX = np.uint64(0xFF51AFD7ED558CCD)


def learn(
    codes: Codes, rows: Rows, weights: npt.NDArray[np.int64], held: Held | None = None
) -> Held:
    """Count the sequences of texts; `rows` are the texts of the letters, `weights` theirs.

    Args:
        held: what was counted in other texts, to which it is added, in place.
    """
    held = np.zeros(SIZE, np.uint32) if held is None else held
    weight = weights[rows].astype(np.uint32)
    for slots in _slots(codes, rows):
        np.add.at(held, slots, weight)
    return held


def chances(codes: Codes, rows: Rows, held: Held, own: npt.NDArray[np.int64]) -> Chances:
    """Two rows: for each letter the greater of its chances, and of those of it and the next.

    The second is of the place between the two, 1 at ends of texts: of the next letter after this
    one and those before, and of this one before the next and those after.

    Args:
        own: the weight that each text was learned with: its own sequences are taken off.
    """
    size = len(codes)
    total = float(held[: _BEGINS[1]].sum())
    first = np.append(True, rows[1:] != rows[:-1])[:size]
    after, before = np.full(size, _ANY), np.full(size, _ANY)
    shorter = np.full(size, total)
    for order, slots in enumerate(_slots(codes, rows)):
        times = np.maximum(held[slots].astype(np.int64) - own_times(slots, rows, own), 0).astype(
            float
        )
        left, right, both = np.full(size, total), np.full(size, total), times
        if order:
            left[1:] = shorter[:-1]
            left[first] = 0
            right, both = np.zeros(size), np.zeros(size)
            there = np.flatnonzero(rows[order:] == rows[: size - order])
            right[there], both[there] = shorter[there + order], times[there + order]
        after = (times + PRIOR * after) / (left + PRIOR)
        before = (both + PRIOR * before) / (right + PRIOR)
        shorter = times
    found = np.ones((2, size), np.float32)
    found[0] = np.minimum(np.maximum(after, before), 1)
    found[1, :-1] = np.minimum(np.maximum(after[1:], before[:-1]), 1)
    found[1, :-1][first[1:]] = 1
    return found


def _slots(codes: Codes, rows: Rows) -> Iterator[Rows]:
    """For each length, of each letter, the slot of the sequence that ends with it."""
    total = np.zeros(len(codes), np.uint64)
    for order, bits in enumerate(_LOG2):
        there = np.full(len(codes), 0x20, np.uint64)
        there[order:] = codes[: len(codes) - order]
        there[order:][rows[order:] != rows[: len(rows) - order]] = 0x20
        total = (total * _STEP + there + np.uint64(1)) * _MIX
        total ^= total >> np.uint64(29)
        yield (total >> np.uint64(64 - bits)).astype(np.int64) + _BEGINS[order]


def own_times(slots: Rows, rows: Rows, own: npt.NDArray[np.int64], size: int = SIZE) -> Rows:
    """How often the text of each letter was counted in its slot, of `size` slots."""
    taken = np.zeros(len(slots), np.int64)
    learned = np.flatnonzero(own[rows])
    _, place, times = np.unique(
        rows[learned] * size + slots[learned], return_inverse=True, return_counts=True
    )
    taken[learned] = times[place] * own[rows[learned]]
    return taken
