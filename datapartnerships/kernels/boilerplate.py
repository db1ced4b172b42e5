"""Lines that many documents of a deposit begin or end with, and which of them are not theirs."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from datapartnerships.kernels.cuts import Cut, Flags, Integers, cut
from datapartnerships.kernels.lines import span_hashes
from datapartnerships.kernels.strings import replace_regex
from datapartnerships.kernels.words import Hashes, buffers

# A block of recurring lines begins or ends within so many lines of the edge of a page or document.
EDGE = 3
# By itself goes a line with so many letters; in a block of so many lines every one goes that is in
# about as many documents as the most frequent of them, except a short sentence.
MIN_LETTERS, MIN_BLOCK, TOGETHER = 20, 3, 0.8
# A sentence by itself (a formula of law, a blessing) goes only where most documents have it.
SENTENCES = 0.5
_ENDS = r"[.!?;:。！？।][\"'”’»)\]]*$"


class Shapes(NamedTuple):
    """The lines of some texts that are not blank.

    Attributes:
        held: all lines.
        at: int64, which of them.
        bare: what is on each, without white space around it, runs of digits as one 0.
        hashes: uint64, of that.
    """

    held: Cut
    at: Integers
    bare: pa.Array
    hashes: Hashes


def shapes(texts: pa.Array) -> Shapes:
    held = cut(texts)
    bare = pc.utf8_trim_whitespace(held.lines)
    full = np.asarray(pc.binary_length(bare)) > 0
    bare = replace_regex(bare.filter(pa.array(full)), r"\p{Nd}+", "0")
    data, edges = buffers(bare)
    return Shapes(held, np.flatnonzero(full), bare, span_hashes(data, edges[:-1], edges[1:]))


def boilerplate(
    found: Shapes, rows: Integers, pages: Integers, seen: Integers, least: int, documents: int
) -> Flags:
    """Which of `found.at` go.

    Args:
        rows: int64, the document of each line.
        pages: int64, numbers that differ from page to page.
        seen: int64, how many documents have each.
        least: a line recurs that so many documents have.
        documents: in the corpus.
    """
    gone = np.zeros(len(seen), bool)
    recurs = seen >= least
    at = np.flatnonzero(recurs)
    bare = found.bare.take(pa.array(at))
    letters = np.zeros(len(seen), np.int64)
    letters[at] = np.asarray(pc.count_substring_regex(bare, r"\pL"))
    # Dates and numbers differ: labels of what each document says of itself.
    recurs[at] = (letters[at] >= MIN_LETTERS) | ~np.asarray(pc.match_substring(bare, "0"))
    if not recurs.any():
        return gone
    place = np.arange(len(seen))
    near = _near_edge(pages, place)
    inside = np.flatnonzero(recurs)
    parted = (np.diff(inside) > 1) | (np.diff(rows[inside]) > 0) | (np.diff(pages[inside]) > 0)
    block = np.cumsum(np.append(0, parted))
    starts = np.flatnonzero(np.append(True, parted))
    size = np.bincount(block, letters[inside] > 0)
    most = np.maximum.reduceat(seen[inside], starts)
    # A block is at an edge with its first line or its last one.
    last = np.append(starts[1:], len(inside)) - 1
    edge = near[0][inside[starts]] | near[1][inside[last]]
    bare = found.bare.take(pa.array(inside))
    long = letters[inside] >= MIN_LETTERS
    sentence = np.asarray(pc.match_substring_regex(bare, _ENDS))
    alone = long & (~sentence | (seen[inside] >= SENTENCES * documents))
    together = (size[block] >= MIN_BLOCK) & (letters[inside] > 0)
    together &= long | ~sentence
    together &= seen[inside] >= TOGETHER * most[block]
    gone[inside] = edge[block] & (alone | together)
    return gone


def _near_edge(pages: Integers, place: Integers) -> tuple[Any, Any]:
    """Which lines are among the first of their page, and which among the last."""
    begins = np.append(True, np.diff(pages) != 0)
    first = np.maximum.accumulate(np.where(begins, place, 0))
    ends = np.append(begins[1:], True)[::-1]
    last = (len(place) - 1 - np.maximum.accumulate(np.where(ends, place, 0)))[::-1]
    return place - first < EDGE, last - place < EDGE


def most_of(size: npt.NDArray[np.int64], gone: Flags, rows: Integers, share: float) -> Flags:
    """The lines of documents that would lose more than this share of their bytes."""
    whole = np.bincount(rows, size, minlength=1)
    lost = np.bincount(rows, size * gone, minlength=1)
    answer: Flags = (lost > share * whole)[rows]
    return answer
