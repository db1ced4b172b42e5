"""Which known texts stand in others, by the runs of words that they share."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from datapartnerships.kernels.word_runs import inside, prefix_sums, runs, spoken
from datapartnerships.kernels.words import Edges, Hashes

# A run that is in more known texts is of a form that they share, and says nothing about one.
COMMON = 10


class Known(NamedTuple):
    """Runs of words of known texts, by their hash.

    Attributes:
        hashes: rising; one that several texts have is there for each of them.
        item: the known text.
        place: the first word of the run in it.
        sizes: the lengths of runs that there are.
        size: of each text, the length of its runs; 0 where it has none.
        words: of each text, words that its runs cover.
        seen: a bit for every value of the first bits of the hashes: most others are not known.
    """

    hashes: Hashes
    item: Edges
    place: Edges
    sizes: tuple[int, ...]
    size: Edges
    words: Edges
    seen: npt.NDArray[np.bool_]


class Found(NamedTuple):
    """Of each text, what known text is in it most.

    Attributes:
        item: the known text; -1 for none.
        share: of the words of `item` that its runs cover, those that are in the text.
        words: how many these are.
        own: of the words of the text, those in runs of any known text.
    """

    item: Edges
    share: npt.NDArray[np.float64]
    words: Edges
    own: npt.NDArray[np.float64]


def known(texts: pa.Array, size: int, least: int) -> Known:
    """Texts of fewer than `size` words, but `least`, are one run; shorter ones have none."""
    many = len(texts)
    counts = np.zeros(many, np.int64)
    parts: list[tuple[Hashes, Edges, Edges]] = []
    for some in spoken(texts):
        many_words = np.diff(some.edges)
        long = np.where(many_words >= least, np.minimum(many_words, size), 0)
        np.maximum.at(counts, some.row, long)
        summed = prefix_sums(some.hashes)
        for length in np.unique(long[long > 0]).tolist():
            found = runs(summed, length)
            within, part = inside(some.edges, np.arange(len(found)), length)
            first = np.flatnonzero(within & (long[part] == length))
            part = part[first]
            parts.append((found[first], some.row[part], first - some.edges[part]))
    none = np.zeros(0, np.int64)
    hashes = np.concatenate([none.view(np.uint64), *(part[0] for part in parts)])
    item = np.concatenate([none, *(part[1] for part in parts)])
    place = np.concatenate([none, *(part[2] for part in parts)])
    order = np.lexsort((place, item, hashes))
    hashes, item, place = hashes[order], item[order], place[order]
    # Once for each text that has it; and not at all where too many have it.
    fresh = np.append(True, (hashes[1:] != hashes[:-1]) | (item[1:] != item[:-1]))[: len(item)]
    hashes, item, place = hashes[fresh], item[fresh], place[fresh]
    rare = np.searchsorted(hashes, hashes, "right") - np.searchsorted(hashes, hashes) <= COMMON
    hashes, item, place = hashes[rare], item[rare], place[rare]
    covered = _covered(item, place, counts[item])
    bits = max(10, min(28, len(hashes).bit_length() + 4))
    seen = np.zeros(1 << bits, bool)
    seen[_first_bits(hashes, seen)] = True
    sizes = tuple(np.unique(counts[counts > 0]).tolist())
    words = np.bincount(item, weights=covered, minlength=many).astype(np.int64)
    return Known(hashes, item, place, sizes, counts, words, seen)


def overlap(texts: pa.Array, of: Known) -> Found:
    """What of the known texts is in each of `texts`."""
    total = np.zeros(len(texts), np.int64)
    own = np.zeros(len(texts), np.int64)
    hits: list[Any] = [np.zeros((0, 2), np.int64)]
    for some in spoken(texts):
        np.add.at(total, some.row, np.diff(some.edges))
        summed = prefix_sums(some.hashes)
        marks = np.zeros(len(some.hashes) + 1, np.int64)
        for size in of.sizes:
            found = runs(summed, size)
            first = np.flatnonzero(of.seen[_first_bits(found, of.seen)])
            at = np.searchsorted(of.hashes, found[first])
            there = of.hashes[np.minimum(at, len(of.hashes) - 1)] == found[first]
            within, part = inside(some.edges, first, size)
            there &= within
            at, first, part = at[there], first[there], part[there]
            hits.append(np.unique(np.stack([some.row[part], at], axis=1), axis=0))
            np.add.at(marks, first, 1)
            np.add.at(marks, first + size, -1)
        covered = np.concatenate([[0], np.cumsum(np.cumsum(marks[:-1]) > 0)])
        np.add.at(own, some.row, np.diff(covered[some.edges]))
    item, share, words = _best(np.unique(np.concatenate(hits), axis=0), of, len(texts))
    return Found(item, share, words, own / np.maximum(total, 1))


def _best(hits: Any, of: Known, many: int) -> tuple[Edges, Any, Edges]:
    """Of hits (text, place in the table), each once, the known text that is there most."""
    item, words = np.full(many, -1), np.zeros(many, np.int64)
    share = np.zeros(many)
    if not len(hits):
        return item, share, words
    count = np.searchsorted(of.hashes, of.hashes[hits[:, 1]], side="right") - hits[:, 1]
    row = np.repeat(hits[:, 0], count)
    step = np.arange(len(row)) - np.repeat(np.cumsum(count) - count, count)
    at = np.repeat(hits[:, 1], count) + step
    pair = row * len(of.size) + of.item[at]
    covered = _covered(pair, of.place[at], of.size[of.item[at]])
    pairs, place = np.unique(pair, return_inverse=True)
    in_words = np.bincount(place.reshape(-1), weights=covered).astype(np.int64)
    row, which = pairs // len(of.size), pairs % len(of.size)
    part = in_words / of.words[which]
    order = np.lexsort((which, -in_words, -part, row))
    first = order[np.append(True, row[order][1:] != row[order][:-1])]
    item[row[first]], share[row[first]] = which[first], part[first]
    words[row[first]] = in_words[first]
    return item, share, words


def _covered(owner: Edges, place: Edges, size: Edges) -> Edges:
    """Of each run, in no order: its words that no later run of the same owner covers."""
    order = np.lexsort((place, owner))
    out = np.array(size)
    here, there = order[:-1], order[1:]
    same = owner[here] == owner[there]
    step = place[there] - place[here]
    out[here[same]] = np.minimum(size[here[same]], step[same])
    return out


def _first_bits(hashes: Hashes, table: Any) -> Hashes:
    found: Hashes = hashes >> np.uint64(65 - len(table).bit_length())
    return found
