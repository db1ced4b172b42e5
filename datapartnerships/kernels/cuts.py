"""Lines taken out of texts, straight from Arrow's bytes."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from datapartnerships.kernels import words
from datapartnerships.kernels.words import buffers

Flags = npt.NDArray[np.bool_]
Integers = npt.NDArray[np.int64]


class Cut(NamedTuple):
    """The lines of an array of texts, one after another; a text that is empty has none.

    Attributes:
        lines: large_string, each with its line end; a form feed is a line of its own.
        starts: int64, lines + 1: where each begins, bytes from the beginning of the first text.
        owner: int64, the text that each is of.
    """

    lines: pa.Array
    starts: Integers
    owner: Integers


def cut(texts: pa.Array) -> Cut:
    """The lines of `texts`; a null has none."""
    data, edges = buffers(texts)
    feeds = np.flatnonzero(data == 12)
    starts = np.unique(np.concatenate([edges, np.flatnonzero(data == 10) + 1, feeds, feeds + 1]))
    held = [None, pa.py_buffer(starts), pa.py_buffer(data)]
    lines = pa.Array.from_buffers(pa.large_string(), len(starts) - 1, held)
    return Cut(lines, starts, np.searchsorted(edges, starts[:-1], side="right") - 1)


def without(texts: pa.Array, held: Cut, gone: Flags) -> pa.Array:
    """The texts without the lines that are `gone`, and without the blank ones that these parted.

    Blank lines elsewhere stay. Where lines went, one group of blank lines is left between what
    stands above and below, and nothing at the beginning or end of a text: no line end either.
    """
    touched = np.zeros(len(texts), bool)
    touched[held.owner[gone]] = True
    at = np.flatnonzero(touched[held.owner])
    if not len(at):
        return texts
    data, edges = buffers(texts)
    lines, owner, gone = held.lines.take(pa.array(at)), held.owner[at], gone[at]
    feed = np.asarray(pc.equal(lines, pa.scalar("\f", lines.type)))
    blank = np.asarray(pc.binary_length(pc.utf8_trim_whitespace(lines))) == 0
    blank &= ~feed & ~gone
    first = np.append(True, owner[1:] != owner[:-1])
    last = np.append(first[1:], True)

    # A seam is lines that are gone or blank, and at least one of them gone.
    inside = gone | blank
    seam = np.cumsum(first | ~inside | ~np.append(False, inside[:-1]))
    group = np.cumsum(blank & (first | ~np.append(False, blank[:-1])))
    foremost = np.full(seam[-1] + 1, len(at))
    np.minimum.at(foremost, seam[blank], group[blank])
    parted = (np.bincount(seam, gone) > 0)[seam]
    outer = (np.bincount(seam, first | last) > 0)[seam]
    out = gone | (blank & parted & ((group > foremost[seam]) | outer))
    said = np.bincount(owner, ~out & ~blank & ~feed, minlength=len(texts))
    out |= said[owner] == 0

    # Of the line above a seam at the end, its line end.
    kept = np.flatnonzero(~out)
    tail = kept[np.append(owner[kept][1:] != owner[kept][:-1], True)[: len(kept)]]
    tail = tail[~last[tail]]
    stops = held.starts[at + 1]
    starts = np.where(out, held.starts[at], stops)
    ends = (data[stops[tail] - 1] == 10).astype(np.int64)
    starts[tail] -= ends + ((ends > 0) & (data[np.maximum(stops[tail] - 2, 0)] == 13))
    some = starts < stops
    return words.without(texts, data, edges, starts[some], stops[some])
