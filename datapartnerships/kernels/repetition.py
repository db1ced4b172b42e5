"""What of a document is said twice: lines, paragraphs, runs of words (Rae et al. 2021, A.1.1).

A run of k words can recur only where both runs of k - 1 words in it recur: so each length looks
only at what was left of the one before, and the long ones cost next to nothing.
"""

from __future__ import annotations

from typing import Any, NamedTuple, no_type_check

import numpy as np
import numpy.typing as npt

from datapartnerships.kernels._compiled import compiled
from datapartnerships.kernels.words import _STEP, Edges, Hashes, Words, _mixed

TOP = (2, 3, 4)
DUPLICATE = (5, 6, 7, 8, 9, 10)


class Repeats(NamedTuple):
    """Characters of runs of words, in each document.

    Attributes:
        top: int64, documents x 3: of the most frequent run of 2, 3 and 4 words, its characters
            (with a space between two words) times how often it is there.
        duplicate: int64, documents x 6: of the runs of 5 to 10 words that were there before, taken
            from the left without overlap, the characters of their words.
        steps: places of tables looked at, where it is compiled; 0 otherwise.
    """

    top: Edges
    duplicate: Edges
    steps: int


def repeats(words: Words, doubled: npt.NDArray[np.bool_] | None = None) -> Repeats:
    """Runs of words in each document.

    Args:
        doubled: documents in which two words count as one and no spaces stand between them: those
            in scripts without spaces, where a word of `words` is a letter.
    """
    documents = len(words.edges) - 1
    width = np.ones(documents, np.int64) if doubled is None else 1 + doubled.astype(np.int64)
    loop = compiled(_loop, _mixed, _grouped)
    function = _by_sort if loop is None else loop
    return Repeats(*function(words.hashes, words.characters, words.edges, width))


def earlier(hashes: Hashes, owner: Edges) -> tuple[npt.NDArray[np.bool_], Edges]:
    """Of each item: whether the same document had an equal one before, and how many it has."""
    with np.errstate(over="ignore"):
        keys = _mixed(hashes + owner.astype(np.uint64) * np.uint64(_STEP))
    loop = compiled(_earlier_loop, _mixed)
    if loop is not None:
        found: tuple[npt.NDArray[np.bool_], Edges] = loop(keys)
        return found
    order, heads, sizes = _groups(keys)
    seen = np.ones(len(keys), bool)
    seen[order[heads]] = False
    count = np.empty(len(keys), np.int64)
    count[order] = np.repeat(sizes, sizes)
    return seen, count


def _groups(keys: Hashes) -> tuple[Any, Any, Any]:
    """An order that brings equal keys together, the first first; where groups begin; sizes."""
    order = np.argsort(keys, kind="stable")
    ordered = keys[order]
    heads = np.flatnonzero(np.append(True, ordered[1:] != ordered[:-1])[: len(keys)])
    return order, heads, np.diff(np.append(heads, len(keys)))


# ------------------------------------------------------------------------- in numpy alone


def _by_sort(hashes: Hashes, size: Any, edges: Edges, width: Edges) -> Any:
    documents = len(edges) - 1
    characters = np.concatenate([[0], np.cumsum(size, dtype=np.int64)])
    top = np.zeros((documents, len(TOP)), np.int64)
    duplicate = np.zeros((documents, len(DUPLICATE)), np.int64)
    owner = np.repeat(np.arange(documents), np.diff(edges))
    step, stop = width[owner], edges[1:][owner]
    with np.errstate(over="ignore"):
        unit = hashes + owner.astype(np.uint64) * np.uint64(_STEP)
        pairs = np.flatnonzero((step == 2) & (np.arange(len(unit)) + 1 < stop))
        unit[pairs] = _mixed(hashes[pairs] + _mixed(hashes[pairs + 1])) + unit[pairs]
        grown = unit.copy()
        repeated = np.ones(len(unit) + 2, bool)
        at = np.arange(len(unit))
        for n in range(2, DUPLICATE[-1] + 1):
            at = at[repeated[at] & repeated[at + step[at]] & (at + n * step[at] <= stop[at])]
            grown[at] = _mixed(grown[at] + _mixed(unit[at + (n - 1) * step[at]]))
            order, heads, sizes = _groups(grown[at])
            several = np.repeat(sizes > 1, sizes)
            repeated[:] = False
            repeated[at[order[several]]] = True
            if n in TOP:
                firsts = at[order[heads]]
                top[:, n - 2] = _top(n, firsts[sizes > 1], sizes[sizes > 1], owner, characters,
                                     edges, width)  # fmt: skip
            else:
                group = np.repeat(np.arange(len(heads)), sizes)
                member = np.empty(len(at), np.int64)
                member[order] = group
                kept = repeated[at]
                duplicate[:, n - 5] = _duplicate(
                    at[kept], member[kept], n * step[at[kept]], owner, characters, documents
                )
            at = at[repeated[at]]
    return top, duplicate, 0


def _top(
    n: int, first: Edges, count: Edges, owner: Edges, characters: Edges, edges: Edges, width: Edges
) -> Edges:
    """Characters of the first of the most frequent runs in each document."""
    out = np.zeros(len(width), np.int64)
    start = edges[:-1]
    long = np.flatnonzero(start + n * width <= edges[1:])
    begin, times = start[long], np.ones(len(long), np.int64)
    order = np.lexsort((first, -count, owner[first]))
    best = order[np.append(True, np.diff(owner[first[order]]) > 0)[: len(order)]]
    index = np.searchsorted(long, owner[first[best]])
    begin[index], times[index] = first[best], count[best]
    size = characters[begin + n * width[long]] - characters[begin]
    out[long] = (size + (n - 1) * (width[long] == 1)) * times
    return out


def _duplicate(
    at: Edges, group: Edges, length: Edges, owner: Edges, characters: Edges, documents: int
) -> Edges:
    """Characters of runs that were there before, from the left, without overlap."""
    taken = []
    seen = bytearray(int(group.max()) + 1 if len(group) else 0)
    free = 0
    for low in range(0, len(at), 1 << 18):  # lists take ten times the memory
        some = slice(low, low + (1 << 18))
        for index, (place, name, words) in enumerate(
            zip(at[some].tolist(), group[some].tolist(), length[some].tolist(), strict=True), low
        ):
            if place < free:
                continue
            if seen[name]:
                taken.append(index)
                free = place + words
            else:
                seen[name] = 1
    hit = at[taken]
    size = characters[hit + length[taken]] - characters[hit]
    return np.bincount(owner[hit], weights=size, minlength=documents).astype(np.int64)


# ---------------------------------------------------------------------------- compiled


@no_type_check
def _loop(hashes: Any, characters: Any, edges: Any, width: Any) -> Any:
    """Tables with open addressing, one document and one length after another.

    Where a run stands in the table hangs on all words of the document: nobody can write a text
    whose runs all meet in one place.
    """
    documents = len(edges) - 1
    top = np.zeros((documents, 3), np.int64)
    duplicate = np.zeros((documents, 6), np.int64)
    longest = 0
    for document in range(documents):
        longest = max(longest, edges[document + 1] - edges[document])
    capacity = 16
    while capacity < 2 * longest:
        capacity *= 2
    often = np.empty(2 * capacity, np.uint8)  # how many keys fall there, up to 255
    table = np.empty(capacity, np.int32)  # number of the group, from 1
    keys = np.empty(longest + 1, np.uint64)  # of a group
    counts = np.empty(longest + 1, np.int32)
    firsts = np.empty(longest + 1, np.int32)  # the first of a group
    unit = np.empty(longest, np.uint64)
    grown = np.empty(longest, np.uint64)
    group = np.empty(longest, np.int32)
    at = np.empty(longest, np.int32)
    pick = np.empty(longest, np.int32)  # those of `at` that may be the most frequent
    mark = np.empty(longest + 2, np.int8)  # the greatest length that recurs from here
    steps = np.int64(0)
    for document in range(documents):
        base = edges[document]
        size = edges[document + 1] - base
        step = width[document]
        if size < 2 * step:
            continue
        salt = np.uint64(0)
        for i in range(size):
            salt += hashes[base + i]
        salt = _mixed(salt)
        left = size - 2 * step + 1
        mark[: size + 2] = 0
        for i in range(size):
            at[i] = i
            unit[i] = hashes[base + i]
            if step == 2 and i + 1 < size:
                unit[i] = _mixed(unit[i] + _mixed(hashes[base + i + 1])) + unit[i]
            grown[i] = unit[i] + salt
            unit[i] = _mixed(unit[i])
        for n in range(2, 11):
            last = (n - 1) * step
            if n > 4:  # nearly all that are left recur
                for c in range(left):
                    i = at[c]
                    grown[i] = _mixed(grown[i] + unit[i + last])
                groups, looked = _grouped(grown, at, left, table, keys, counts, firsts, group)
                steps += looked
                free, total, kept = 0, 0, 0
                for c in range(left):
                    i = at[c]
                    g = group[c]
                    if counts[g] == 1:
                        continue
                    mark[i] = n
                    at[kept] = i
                    kept += 1
                    if i < free:
                        continue
                    if counts[g] < 0:
                        for word in range(base + i, base + i + n * step):
                            total += characters[word]
                        free = i + n * step
                    else:
                        counts[g] = -counts[g]
                left = kept
                duplicate[document, n - 5] = total
            else:
                # Most runs are there once, and most of those are alone in a place of a large table.
                places = 16
                while places < 4 * left:
                    places *= 2
                often[:places] = 0
                fence = np.uint64(places - 1)
                most = np.uint8(0)
                for c in range(left):
                    i = at[c]
                    key = _mixed(grown[i] + unit[i + last])
                    grown[i] = key
                    slot = (key >> np.uint64(32)) & fence
                    often[slot] += often[slot] < 255
                    most = max(most, often[slot])
                steps += left
                # The most frequent is where most keys fall, or where half of them do, or anywhere.
                least = max(2, (most + 1) // 2)
                some, many = 0, 0
                for c in range(left):
                    i = at[c]
                    here = often[(grown[i] >> np.uint64(32)) & fence]
                    at[some] = pick[many] = i
                    some += here > 1
                    many += here >= least
                left = some
                while True:
                    groups, looked = _grouped(grown, pick, many, table, keys, counts, firsts, group)
                    steps += looked
                    best, times = 0, 1
                    for g in range(1, groups + 1):
                        if counts[g] > times:
                            best, times = firsts[g], counts[g]
                    if least == 2 or times >= least:
                        break
                    least, many = 2, left
                    pick[:left] = at[:left]
                if n * step <= size:
                    letters = n - 1 if step == 1 else 0
                    for word in range(base + best, base + best + n * step):
                        letters += characters[word]
                    top[document, n - 2] = letters * times
                for c in range(left):
                    mark[at[c]] = n
            kept = 0
            for c in range(left):
                i = at[c]
                at[kept] = i
                kept += (mark[i + step] == n) & (i + (n + 1) * step <= size)
            left = kept
            if left == 0 and n >= 4:
                break
    return top, duplicate, steps


def _grouped(
    grown: Any, at: Any, left: Any, table: Any, keys: Any, counts: Any, firsts: Any, group: Any
) -> Any:
    """Groups of equal runs, in the order of the first of each, from 1; and steps."""
    places = 16
    while places < 2 * left:
        places *= 2
    table[:places] = 0
    fence = np.uint64(places - 1)
    groups, steps = 0, left
    for c in range(left):
        key = grown[at[c]]
        slot = np.int64(key & fence)
        while table[slot] != 0 and keys[table[slot]] != key:
            slot = (slot + 1) & (places - 1)
            steps += 1
        if table[slot] == 0:
            groups += 1
            table[slot] = groups
            keys[groups] = key
            counts[groups] = 0
            firsts[groups] = at[c]
        counts[table[slot]] += 1
        group[c] = table[slot]
    return groups, steps


def _earlier_loop(keys: Any) -> Any:
    """One table with open addressing; where a key stands in it hangs on all of them."""
    places = 16
    while places < 2 * len(keys):
        places *= 2
    table = np.zeros(places, np.int64)  # index of the first with the key, from 1
    salt = np.uint64(0)
    for key in keys:
        salt += key
    salt = _mixed(salt)
    seen = np.zeros(len(keys), np.bool_)
    count = np.zeros(len(keys), np.int64)
    first = np.empty(len(keys), np.int64)
    for index in range(len(keys)):
        slot = np.int64(_mixed(keys[index] + salt) & np.uint64(places - 1))
        while table[slot] != 0 and keys[table[slot] - 1] != keys[index]:
            slot = (slot + 1) & (places - 1)
        if table[slot] == 0:
            table[slot] = index + 1
        else:
            seen[index] = True
        first[index] = table[slot] - 1
        count[first[index]] += 1
    for index in range(len(keys)):
        count[index] = count[first[index]]
    return seen, count
