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
    """The texts without the lines that are `gone`, nor the line ends these leave at either end."""
    at = np.flatnonzero(gone)
    made = words.without(texts, *buffers(texts), held.starts[at], held.starts[at + 1])
    changed = np.zeros(len(texts), bool)
    changed[held.owner[at]] = True
    mask = pa.array(changed)
    left = pc.utf8_trim(made.filter(mask), "\n")
    left = pc.replace_substring_regex(left, r"\n{3,}", "\n\n")
    left = pc.replace_substring_regex(left, r"^[ \t\n\f]+$", "")
    return pc.replace_with_mask(texts, mask, left)
