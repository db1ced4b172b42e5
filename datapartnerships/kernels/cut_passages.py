"""Lines and paragraphs as strings of their own, and what says that two of them are the same."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from datapartnerships.kernels.passages import sums
from datapartnerships.kernels.strings import folded
from datapartnerships.kernels.words import _STEP, Bytes, Edges, Hashes, _mixed, buffers, words
from datapartnerships.kernels.words import pieces as pieces

# A longer passage is never looked at: what it takes to find its words would not be bounded.
LONGEST = 1 << 20


class Passages(NamedTuple):
    """Of each passage:

    Attributes:
        hashes: uint64 of its words in their order; 0 where it has none.
        lettered: words with a letter in them.
        characters: of its words.
    """

    hashes: Hashes
    lettered: Edges
    characters: Edges


def cut(texts: pa.Array, *, by_line: bool) -> tuple[pa.Array, Edges]:
    """The passages of all texts, and where those of each begin (texts + 1).

    A passage is a line, or lines up to the next blank one, with the line ends behind it: joined
    again, the passages of a text are the text. They share its bytes: nothing is copied.
    """
    data, edges = buffers(texts)
    if not len(data):
        return pa.array([], pa.string()), np.zeros(len(texts) + 1, np.int64)
    starts = np.concatenate([edges[:-1], np.flatnonzero(data == 10) + 1])
    starts = np.sort(starts[starts < len(data)], kind="stable")  # two sorted runs: one merge
    starts = starts[np.append(True, starts[1:] > starts[:-1])]
    if not by_line:
        # Below "!" are the space and the control characters; in UTF-8 never a part of a letter.
        blank = np.maximum.reduceat(data, starts) <= 0x20
        begins = np.zeros(len(starts), bool)
        begins[1:] = ~blank[1:] & blank[:-1]
        begins[np.searchsorted(starts, edges[:-1][np.diff(edges) > 0])] = True
        starts = starts[begins]
    held = _strings(data, np.append(starts, len(data)))
    return held, np.searchsorted(starts, edges).astype(np.int64)


def measured(passages: pa.Array, *, ignore_digits: bool = False) -> Passages:
    """Passages are the same that have the same words: letter case, punctuation and white space
    aside; with `ignore_digits`, also where other digits 0 to 9 stand in the place of theirs.
    """
    long = np.diff(buffers(passages)[1]) > LONGEST
    hashes = np.zeros(len(passages), np.uint64)
    lettered, characters = np.zeros((2, len(passages)), np.int64)
    for at, piece in pieces(passages):
        if len(piece) == 1 and long[at]:
            continue
        lower = folded(piece)
        found = words(_without_digits(lower) if ignore_digits else lower)
        part = slice(at, at + len(piece))
        hashes[part] = in_order(found.hashes, found.edges)
        lettered[part] = sums(found.lettered, found.edges)
        characters[part] = sums(found.characters, found.edges)
    for values in (hashes, lettered, characters):
        values[long] = 0
    return Passages(hashes, lettered, characters)


def in_order(hashes: Hashes, edges: Edges) -> Hashes:
    """One hash for those from edges[i] to edges[i + 1], for each i; 0 for none."""
    out = np.zeros(len(edges) - 1, np.uint64)
    counts = np.diff(edges)
    full = np.flatnonzero(counts)
    if len(full):
        place = np.arange(len(hashes)) - np.repeat(edges[:-1], counts)
        with np.errstate(over="ignore"):
            own = _mixed(hashes + (place + 1).astype(np.uint64) * np.uint64(_STEP))
            out[full] = _mixed(np.add.reduceat(own, edges[:-1][full]))
    return out


def joined(passages: pa.Array, edges: Edges, kept: npt.NDArray[np.bool_]) -> pa.Array:
    """The texts again, of the passages that are kept, without white space at their end."""
    left = np.concatenate([[0], np.cumsum(kept)])[edges].astype(np.int32)
    lists = pa.ListArray.from_arrays(pa.array(left), passages.filter(pa.array(kept)))
    return pc.utf8_rtrim_whitespace(pc.binary_join(lists, ""))


def _without_digits(texts: pa.Array) -> pa.Array:
    data, edges = buffers(texts)
    return _strings(np.where((data > 48) & (data <= 57), np.uint8(48), data), edges)


def _strings(data: Bytes, edges: Edges) -> pa.Array:
    offsets = edges.astype(np.int32)  # as in segments: 2 GB of text at most
    held = [None, pa.py_buffer(offsets.data), pa.py_buffer(data.data)]
    return pa.Array.from_buffers(pa.string(), len(edges) - 1, held)
