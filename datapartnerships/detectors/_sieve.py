"""Every place in a run of bytes that a detector may begin at, found in one pass.

A byte and the one before it tell which kind of place it is. Where kernels are compiled, a pass over
the bytes leaves all of them, kind by kind; without, numpy looks for each kind when it is asked for.
"""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
import numpy.typing as npt

from datapartnerships.kernels._compiled import compiled
from datapartnerships.kernels.folding import INVISIBLE, digits

Codes = npt.NDArray[np.uint8]
Positions = npt.NDArray[np.int64]

# A digit, a colon, `@`, one of `([{`, and `)`. A character that may have to be folded. A letter of
# Greek or Cyrillic (0xCE to 0xD4) behind an ASCII one, and before one: where the latter stands.
FIGURE, COLON, AT, OPEN, CLOSE, FOLD, BEHIND, BEFORE = range(1, 9)
_ASCII = {FIGURE: b"0123456789", COLON: b":", AT: b"@", OPEN: b"([{", CLOSE: b")"}
_LETTERS = np.frombuffer(b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ", np.uint8)
# Bytes that are looked at together.
_STEP = 4096

DIGIT, LETTER, UNSEEN, MARK = range(1, 5)


def sieve(codes: Codes) -> list[Positions] | None:
    """The places of each kind, from `FIGURE` on; None where kernels are not compiled."""
    loop = compiled(_loop)
    return None if loop is None else np.split(*loop(codes, _pairs()))


def one_by_one(codes: Codes, kind: int) -> Positions:
    """The places of one kind."""
    if kind == FIGURE:
        return np.flatnonzero(codes - 48 < 10)
    if kind in _ASCII:
        return np.flatnonzero(np.any([codes == byte for byte in _ASCII[kind]], axis=0))
    lead = codes >= 0xC2
    if not lead.any():
        return np.zeros(0, np.int64)
    if kind == FOLD:
        places = np.flatnonzero(lead[:-1])
        pairs = codes[places].astype(np.int64) << 8 | codes[places + 1]
        found: Positions = places[_pairs()[pairs] == FOLD]
        return found
    other = (codes >= 0xCE) & (codes <= 0xD4)
    letter = ((codes | 0x20) - 97) < 26
    if kind == BEHIND:
        return np.flatnonzero(letter[:-1] & other[1:]) + 1
    return np.flatnonzero(other[:-2] & letter[2:]) + 2


@cache
def foldable() -> dict[int, int]:
    """What may have to be folded: the first three bytes of each (a zero for a third), its kind."""
    kinds: dict[int, int] = {}
    for codes, kind in (
        (digits(), DIGIT),
        ((0xFF20, 0xFE6B, *range(0xFF21, 0xFF3B), *range(0xFF41, 0xFF5B)), LETTER),
        (range(0x1D400, 0x1D800, 0x40), LETTER),
        (INVISIBLE, UNSEEN),
        (range(0x300, 0x34F), MARK),
    ):
        for code in codes:
            kinds[int.from_bytes(chr(code).encode()[:3].ljust(3, b"\0"), "big")] = kind
    return kinds


@cache
def _pairs() -> Codes:
    """Of a byte and the one behind it, of which kind the second is; 0 for none."""
    pairs = np.zeros((256, 256), np.uint8)
    for kind, bytes_ in _ASCII.items():
        pairs[:, list(bytes_)] = kind
    pairs[_LETTERS, 0xCE:0xD5] = BEHIND
    pairs[0x80:0xC0, _LETTERS] = BEFORE
    known = np.array([*foldable()])
    pairs[known >> 16, known >> 8 & 0xFF] = FOLD
    return pairs.ravel()


# ---------------------------------------------------------------------------- compiled


def _loop(codes: Any, pairs: Any) -> Any:
    """The places, all of a kind after all of the one before; and where each but the first begins.

    Of a `FOLD` it is where the character begins.
    """
    some = np.empty(_STEP, np.int64)
    places = np.empty(1024, np.int64)
    heads = np.zeros(BEFORE + 2, np.int64)
    held = 0
    last = np.uint64(0x20)
    for begin in range(0, len(codes), _STEP):
        # What is kept is counted without asking: what the processor cannot foretell costs it.
        count = np.uint64(0)
        for here in range(np.uint64(begin), np.uint64(min(begin + _STEP, len(codes)))):
            code = np.uint64(codes[here])
            some[count] = here
            count += np.uint64(pairs[last << np.uint64(8) | code] != 0)
            last = code
        while held + np.int64(count) > len(places):
            longer = np.empty(2 * len(places), np.int64)
            longer[:held] = places[:held]
            places = longer
        for i in range(np.int64(count)):
            here = some[i]
            before = np.int64(codes[here - 1]) if here else np.int64(0x20)
            kind = np.int64(pairs[before << 8 | codes[here]])
            if kind == BEFORE and (here < 2 or codes[here - 2] < 0xCE or codes[here - 2] > 0xD4):
                continue
            places[held] = (here - (kind == FOLD)) << 4 | kind
            heads[kind + 1] += 1
            held += 1
    for at in range(1, len(heads)):
        heads[at] += heads[at - 1]
    out = np.empty(held, np.int64)
    cuts = heads[2:-1].copy()
    for i in range(held):
        kind = places[i] & 15
        out[heads[kind]] = places[i] >> 4
        heads[kind] += 1
    return out, cuts
