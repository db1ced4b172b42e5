"""Repetition in many texts at once: runs in which every token is the one a period before it."""

from __future__ import annotations

from typing import Any

import numpy as np

Ints = np.ndarray[Any, np.dtype[np.int64]]
Floats = np.ndarray[Any, np.dtype[np.float64]]


def repeats(
    tokens: Ints, parent: Ints, weight: Floats, longest: int
) -> tuple[Ints, Ints, Ints, Floats, Floats]:
    """Runs of at least three copies of a unit of up to `longest` tokens.

    Args:
        tokens: one number a token, of all texts in turn.
        parent: the text of each token, rising.
        weight: how much each token counts: spoken letters.

    Returns:
        For each run its first token, its end (exclusive), its period, the weight of its unit and
        how many copies of it there are. A unit that is itself a repetition is not given: a period
        of 4 tokens is left out where one of 2 covers the run. `longest` passes over the tokens.
    """
    total = np.concatenate([[0.0], np.cumsum(weight)])
    smallest = np.zeros(len(tokens), np.int64)
    found: list[tuple[Ints, Ints, Ints, Floats, Floats]] = []
    for period in range(1, min(longest, len(tokens) // 3) + 1):
        same = (tokens[period:] == tokens[:-period]) & (parent[period:] == parent[:-period])
        edges = np.flatnonzero(np.diff(np.concatenate([[0], same.view(np.int8), [0]])))
        start, stop = edges[::2], edges[1::2] + period
        kept = stop - start >= 3 * period
        start, stop = start[kept], stop[kept]
        inner = smallest[(start + stop) // 2] if len(start) else start
        kept = (inner == 0) | (period % np.maximum(inner, 1) != 0)
        start, stop = start[kept], stop[kept]
        if not len(start):
            continue
        # Marks the tokens of these runs, for the longer periods.
        marks = np.zeros(len(tokens) + 1, np.int64)
        np.add.at(marks, start, 1)
        np.add.at(marks, stop, -1)
        smallest[(np.cumsum(marks)[:-1] > 0) & (smallest == 0)] = period
        unit = total[start + period] - total[start]
        copies = (stop - start) / period
        found.append((start, stop, np.full(len(start), period), unit, copies))
    if not found:
        none = np.empty(0, np.int64)
        return none, none, none, none.astype(float), none.astype(float)
    parts = [np.concatenate(column) for column in zip(*found, strict=True)]
    return parts[0], parts[1], parts[2], parts[3], parts[4]


def repeated_share(tokens: Ints, parent: Ints, size: int, texts: int) -> Floats:
    """For each text, how many of its runs of `size` tokens stood in it before; 0 for short ones."""
    if len(tokens) < size:
        return np.zeros(texts)
    key = np.zeros(len(tokens) - size + 1, np.uint64)
    for i in range(size):
        part = tokens[i : len(tokens) - size + 1 + i].astype(np.uint64)
        # Odd multiplier of 64 bits (Knuth's 2^64 / golden ratio): wraps around on purpose.
        key = (key ^ part) * np.uint64(0x9E3779B97F4A7C15)
    whole = parent[: len(key)] == parent[size - 1 :]
    key, owner = key[whole], parent[: len(whole)][whole]
    order = np.lexsort((key, owner))
    key, owner = key[order], owner[order]
    again = np.concatenate([[False], (key[1:] == key[:-1]) & (owner[1:] == owner[:-1])])
    count = np.bincount(owner, minlength=texts)
    return np.bincount(owner, weights=again, minlength=texts) / np.maximum(count, 1)
