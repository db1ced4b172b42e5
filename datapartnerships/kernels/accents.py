"""Letters that have lost their marks, or got some, told by the letters around them.

*fur* for *für* is made of letters that go together, and where many pages have lost their accents it
is a word that is known. But between the same letters, all taken without marks, good pages nearly
always have the other spelling. So of each letter that can have marks the share is counted that it
has, among its spellings, between the two and the three letters before and after it (the share
between fewer is what the share between more is drawn towards).

Sequences are counted in slots of a hash, as in `surprise.py`.
"""

from __future__ import annotations

import sys
import unicodedata
from functools import cache
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from datapartnerships.kernels.surprise import Codes, Rows, own_times

Floats = npt.NDArray[np.float64]

SELDOM = 0.15  # the share of a spelling that is taken for an error
_WIDTHS = {2: 18, 3: 22}  # letters on each side, and the slots (log 2) of their sequences
_BEGINS = np.cumsum([0, *(1 << bits for bits in _WIDTHS.values() for _ in range(2))]).tolist()
_PRIOR = 2.0
_END = 0x2000  # of the letters that have marks, and of those without them
_LEAST = 0.001  # of a letter, the share with marks from which on it is looked at
_STEP = np.uint64(0x9E3779B97F4A7C15)
_MIX = np.uint64(0xFF51AFD7ED558CCD)


class Held(NamedTuple):
    letters: Codes  # without marks, of those that can have some
    times: npt.NDArray[np.uint32]  # of each slot


@cache
def _bare() -> Codes:
    """Of every code point the letter without marks."""
    table = np.arange(sys.maxunicode + 1, dtype=np.uint32)
    for code in (*range(0xC0, 0x530), *range(0x1E00, _END)):
        letter = unicodedata.normalize("NFD", chr(code))[0]
        if letter.isalpha():
            table[code] = ord(letter)
    table.flags.writeable = False
    return table


def tally(codes: Codes, rows: Rows, weights: npt.NDArray[np.int64]) -> Floats:
    """How often each letter stands in texts, taken without marks, and how often it has some."""
    bare, weight = _bare()[codes], weights[rows]
    return np.stack(
        [
            np.bincount(bare[chosen], weight[chosen], _END)[:_END]
            for chosen in (bare < _END, bare != codes)
        ]
    )


def nothing(tallied: Floats) -> Held:
    """Before anything is learned: the letters to look at, by `tally` of all texts."""
    often = (tallied[1] > 0) & (tallied[1] >= _LEAST * tallied[0])
    return Held(np.flatnonzero(often).astype(np.uint32), np.zeros(_BEGINS[-1], np.uint32))


def learn(codes: Codes, rows: Rows, weights: npt.NDArray[np.int64], held: Held) -> None:
    """Count the spellings in texts, in place; `rows` are the texts of the letters."""
    places, slots = _slots(codes, rows, held.letters)
    weight = weights[rows[places]].astype(np.uint32)
    for slot in slots:
        np.add.at(held.times, slot, weight)


def odd(codes: Codes, rows: Rows, held: Held, own: npt.NDArray[np.int64]) -> npt.NDArray[np.bool_]:
    """Whether each letter is a spelling that is seldom where it stands.

    Args:
        own: the weight that each text was learned with: its own sequences are taken off.
    """
    places, slots = _slots(codes, rows, held.letters)
    times = [
        np.maximum(held.times[slot] - own_times(slot, rows[places], own, _BEGINS[-1]), 0)
        for slot in slots
    ]
    share = np.ones(len(places))
    for every, mine in zip(times[::2], times[1::2], strict=True):
        share = (np.minimum(mine, every) + _PRIOR * share) / (every + _PRIOR)
    found = np.zeros(len(codes), bool)
    found[places[share < SELDOM]] = True
    return found


def _slots(codes: Codes, rows: Rows, letters: Codes) -> tuple[Rows, list[Rows]]:
    """Where these letters stand; of each width the slots of what is around, without and with it."""
    bare = _bare()[codes]
    chosen = np.zeros(sys.maxunicode + 1, bool)
    chosen[letters] = True
    places = np.flatnonzero(chosen[bare])
    total = bare[places].astype(np.uint64)
    slots: list[Rows] = []
    for step in range(1, max(_WIDTHS) + 1):
        for other in (places - step, places + step):
            at = np.clip(other, 0, len(codes) - 1)
            there = (at == other) & (rows[at] == rows[places])
            total = (total * _STEP + np.where(there, bare[at], 0x20)) * _MIX
        total ^= total >> np.uint64(29)
        if bits := _WIDTHS.get(step):
            with_it = (total * _STEP + codes[places]) * _MIX
            for value in (total, with_it ^ (with_it >> np.uint64(29))):
                slots.append((value >> np.uint64(64 - bits)).astype(np.int64) + _BEGINS[len(slots)])
    return places, slots
