"""Runs of words (n-grams) of many texts, as hashes."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from datapartnerships.kernels.strings import folded
from datapartnerships.kernels.words import (
    PIECE_BYTES,
    Edges,
    Hashes,
    _mixed,
    buffers,
    pieces,
    words,
)

# A generator of powers modulo 2^64 and its inverse (splitmix64's first factor).
_BASE = 0xBF58476D1CE4E5B9
_INVERSE = pow(_BASE, -1, 1 << 64)


class Spoken(NamedTuple):
    """The words of a part of the texts.

    Attributes:
        row: of each part of a text, the text.
        edges: the words of part `i` are those from edges[i] to edges[i + 1].
        hashes: of each word, without letter case.
    """

    row: Edges
    edges: Edges
    hashes: Hashes


def spoken(texts: pa.Array) -> Iterator[Spoken]:
    """The words of all texts, some megabytes at a time; a text of more comes in several parts."""
    parts, row = _in_parts(texts)
    for at, piece in pieces(parts):
        found = words(folded(piece))
        yield Spoken(row[at : at + len(piece)], found.edges, found.hashes)


def prefix_sums(hashes: Hashes) -> Hashes:
    """What `runs` are differences of."""
    _, down = _powers(1 << max(len(hashes), 1).bit_length())
    out = np.zeros(len(hashes) + 1, np.uint64)
    with np.errstate(over="ignore"):
        np.cumsum(hashes * down[: len(hashes)], out=out[1:])
    return out


def runs(summed: Hashes, size: int) -> Hashes:
    """The hash of the run of `size` words from each word on, whatever text they are of.

    A polynomial in the hashes of the words: `size` costs nothing.
    """
    many = len(summed) - size
    if many <= 0:
        return np.zeros(0, np.uint64)
    up, _ = _powers(1 << (len(summed) - 1).bit_length())
    with np.errstate(over="ignore"):
        found: Hashes = _mixed((summed[size:] - summed[:many]) * up[:many] + np.uint64(size))
    return found


def inside(edges: Edges, first: Edges, size: int) -> tuple[npt.NDArray[np.bool_], Edges]:
    """Whether the runs from `first` on are of one part, and of which."""
    part = np.searchsorted(edges, first, side="right") - 1
    return first + size <= edges[part + 1], part


@lru_cache(maxsize=2)
def _powers(count: int) -> tuple[Hashes, Hashes]:
    out = []
    with np.errstate(over="ignore"):
        for base in (_INVERSE, _BASE):
            factors = np.full(count, base, np.uint64)
            factors[0] = 1
            out.append(np.cumprod(factors, dtype=np.uint64))
    return out[0], out[1]


def _in_parts(texts: pa.Array) -> tuple[pa.Array, Edges]:
    """Long texts cut at white space; what was cut, and which text it is of."""
    data, edges = buffers(texts)
    cuts = [np.zeros(0, np.int64)]
    for text in np.flatnonzero(np.diff(edges) > PIECE_BYTES):
        at, stop = int(edges[text]), int(edges[text + 1])
        while stop - at > PIECE_BYTES:
            end = at + PIECE_BYTES
            spaces = np.flatnonzero(data[end - 4096 : end] <= 0x20)
            at = end - 4096 + int(spaces[-1]) if len(spaces) else end
            while (data[at] & 0xC0) == 0x80:  # between letters, and not within one
                at -= 1
            cuts.append(np.array([at]))
    inner = np.concatenate(cuts)
    offsets = np.sort(np.concatenate([edges, inner]), kind="stable")
    row = np.searchsorted(edges, offsets[:-1], side="right") - 1
    row[np.diff(offsets) == 0] = 0  # empty: of whichever text
    held = [None, pa.py_buffer(offsets.astype(np.int32).data), pa.py_buffer(data.data)]
    return pa.Array.from_buffers(pa.string(), len(offsets) - 1, held), row.astype(np.int64)
