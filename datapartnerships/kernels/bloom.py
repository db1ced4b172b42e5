"""Bloom filters: which of many hashes were seen, in ten bits each (Bloom 1970).

All bits of a hash are in one block of 64 bytes, a line of the processor's cache, so that asking
costs one look at memory (Putze, Sanders and Singler 2007).
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import numpy.typing as npt

from datapartnerships.kernels._compiled import compiled
from datapartnerships.kernels.words import _STEP, Hashes, _mixed

BLOCK_BITS = 512
# Bits of a hash in its block: seven of nine bits each are in one number of 64.
_A_NUMBER = 7
MOST = 2 * _A_NUMBER

Blocks = npt.NDArray[np.uint64]


def sized(items: int, rate: float) -> tuple[Blocks, int]:
    """An empty filter, and how many bits each hash sets.

    -ln(rate) / ln(2)^2 bits an item, of which each sets ln(2) times as many (Bloom 1970).
    """
    bits = -math.log(rate) / math.log(2) ** 2
    set_bits = min(MOST, max(1, round(bits * math.log(2))))
    blocks = max(1, math.ceil(items * bits / BLOCK_BITS))
    return np.zeros(8 * blocks, np.uint64), set_bits


def add(blocks: Blocks, bits: int, hashes: Hashes) -> None:
    loop = compiled(_add, _mixed)
    if loop is not None:
        loop(blocks, bits, hashes)
        return
    for word, bit in _places(blocks, bits, hashes):
        np.bitwise_or.at(blocks, word, bit)


def seen(blocks: Blocks, bits: int, hashes: Hashes) -> npt.NDArray[np.bool_]:
    """Whether each was added; true for some that were not, see `rate`."""
    loop = compiled(_seen, _mixed)
    if loop is not None:
        out: npt.NDArray[np.bool_] = loop(blocks, bits, hashes)
        return out
    left = np.arange(len(hashes))
    for number in range(bits):
        # Of what was not added, half is known after each bit.
        word, bit = _place(blocks, number, hashes[left])
        left = left[(blocks[word] & bit) > 0]
    out = np.zeros(len(hashes), bool)
    out[left] = True
    return out


def rate(blocks: Blocks, bits: int) -> float:
    """Of hashes that were not added, how many seem to be: by the bits set in each block."""
    counts = np.zeros(len(blocks) // 8, np.int64)
    for at in range(0, len(counts), 1 << 16):
        some = blocks[8 * at : 8 * (at + (1 << 16))].view(np.uint8)
        counts[at : at + (1 << 16)] = _BITS[some].reshape(-1, 64).sum(axis=1)
    return float(((counts / BLOCK_BITS) ** bits).mean())


_BITS = np.array([bin(byte).count("1") for byte in range(256)], np.int64)


def _places(blocks: Blocks, bits: int, hashes: Hashes) -> Any:
    return (_place(blocks, number, hashes) for number in range(bits))


def _place(blocks: Blocks, number: int, hashes: Hashes) -> tuple[Any, Hashes]:
    """The word and the bit in it that this number of a hash sets."""
    with np.errstate(over="ignore"):
        block = ((hashes >> np.uint64(32)) * np.uint64(len(blocks) // 8)) >> np.uint64(32)
        turn = np.uint64((1 + number // _A_NUMBER) * _STEP & 0xFFFFFFFFFFFFFFFF)
        where = _mixed(hashes + turn) >> np.uint64(9 * (number % _A_NUMBER))
    word = (block << np.uint64(3)) | ((where >> np.uint64(6)) & np.uint64(7))
    return word.astype(np.int64), np.uint64(1) << (where & np.uint64(63))


# ---------------------------------------------------------------------------- compiled


def _add(blocks: Any, bits: Any, hashes: Any) -> None:
    many = np.uint64(len(blocks) // 8)
    for value in hashes:
        first = ((value >> np.uint64(32)) * many >> np.uint64(32)) << np.uint64(3)
        where = np.uint64(0)
        for number in range(bits):
            if number % _A_NUMBER == 0:
                where = _mixed(value + np.uint64(1 + number // _A_NUMBER) * np.uint64(_STEP))
            word = np.int64(first | ((where >> np.uint64(6)) & np.uint64(7)))
            blocks[word] |= np.uint64(1) << (where & np.uint64(63))
            where >>= np.uint64(9)


def _seen(blocks: Any, bits: Any, hashes: Any) -> Any:
    out = np.ones(len(hashes), np.bool_)
    many = np.uint64(len(blocks) // 8)
    for index in range(len(hashes)):
        value = hashes[index]
        first = ((value >> np.uint64(32)) * many >> np.uint64(32)) << np.uint64(3)
        where = np.uint64(0)
        for number in range(bits):
            if number % _A_NUMBER == 0:
                where = _mixed(value + np.uint64(1 + number // _A_NUMBER) * np.uint64(_STEP))
            word = np.int64(first | ((where >> np.uint64(6)) & np.uint64(7)))
            if blocks[word] & (np.uint64(1) << (where & np.uint64(63))) == np.uint64(0):
                out[index] = False
                break
            where >>= np.uint64(9)
    return out
