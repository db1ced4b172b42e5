"""Voice prints to speakers: those that are alike are of one."""

from __future__ import annotations

from typing import Any

import numpy as np

Prints = np.ndarray[Any, np.dtype[np.float32]]
Labels = np.ndarray[Any, np.dtype[np.int64]]

# Prints that are compared each with each: memory and time grow with the square.
_BLOCK = 1500


def cluster(prints: Prints, alike: float) -> Labels:
    """Which speaker each print is of: numbers from 0, in the order in which they are heard.

    Agglomerative, average linkage: the two speakers whose prints are most alike on average become
    one, as long as they are at least so much `alike` (cosine). More than fit a block are clustered
    block by block, and then the speakers of the blocks.

    Args:
        prints: one a row, of length 1, in the order in which they are heard.
        alike: -1 to 1.
    """
    count = len(prints)
    labels = np.arange(count)
    means: Any = prints.astype(np.float64)
    sizes: Any = np.ones(count)
    while True:
        many = len(means)
        parts = []
        for start in range(0, many, _BLOCK):
            some = slice(start, start + _BLOCK)
            parts.append(_merged(means[some], sizes[some], alike) + start)
        _, joined = np.unique(np.concatenate(parts) if parts else labels, return_inverse=True)
        labels = joined[labels]
        left = int(joined.max(initial=-1)) + 1
        weight = np.bincount(joined, sizes, left)
        total = np.zeros((left, means.shape[1]))
        np.add.at(total, joined, means * sizes[:, None])
        means, sizes = total / weight[:, None], weight
        if many <= _BLOCK or left == many:
            return _in_order(labels)


def _merged(means: Any, sizes: Any, alike: float) -> Labels:
    """Of each row the first row that it became one with.

    The product of two means of prints is the mean likeness of their prints.
    """
    labels = np.arange(len(means))
    likeness = means @ means.T
    np.fill_diagonal(likeness, -np.inf)
    sizes = sizes.copy()
    best = likeness.argmax(1)
    top = likeness[labels, best]
    while len(labels) > 1:
        first = int(top.argmax())
        if top[first] < alike:
            break
        first, second = sorted((first, int(best[first])))
        share = sizes[first] / (sizes[first] + sizes[second])
        row = share * likeness[first] + (1 - share) * likeness[second]
        row[[first, second]] = -np.inf
        row[~np.isfinite(likeness[first])] = -np.inf
        likeness[first], likeness[:, first] = row, row
        likeness[second], likeness[:, second] = -np.inf, -np.inf
        sizes[first] += sizes[second]
        labels[labels == second] = first
        stale = (best == first) | (best == second) | (row > top)
        stale[[first, second]] = True
        best[stale] = likeness[stale].argmax(1)
        top = likeness[np.arange(len(top)), best]
    return labels


def _in_order(labels: Labels) -> Labels:
    """The same, numbered as they come."""
    _, first, inverse = np.unique(labels, return_index=True, return_inverse=True)
    rank = np.empty(len(first), np.int64)
    rank[np.argsort(first)] = np.arange(len(first))
    return rank[inverse]
