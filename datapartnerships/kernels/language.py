"""Samples of long texts, and the languages of a document weighed against each other."""

from __future__ import annotations

from functools import cache
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from datapartnerships.kernels._compiled import compiled
from datapartnerships.kernels.ngrams import STEPS
from datapartnerships.kernels.words import buffers

# Of a long text `LEAST` windows of `WINDOW` bytes are looked at, and one more for every `APART`
# bytes, up to `MOST`; a text that is no longer than the least of them, as it is. Many small ones
# are nearer to the shares of languages in a page than few large ones.
WINDOW, LEAST, APART, MOST = 128, 5, 1 << 13, 32

# Of the prior that a document gives its units: the share of what could stand in any document,
# characters of the same (a short document says little), and how often it is thought over.
_ANYWHERE, _UNSAID, _ROUNDS = 0.05, 40.0, 3

# Likelihoods are looked up: so many to a nat, down to the last, which is 0, and each a whole number
# of such parts of 1. So both paths give the same, in whatever order they add them up.
_FINE, _LAST, _PARTS = 256, 16 * 256, float(1 << 30)

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]


class Windows(NamedTuple):
    """Parts of texts: where each begins and ends in their bytes, and whose it is."""

    starts: Integers
    ends: Integers
    texts: Integers


def windows(texts: pa.Array, window: int = WINDOW, least: int = LEAST) -> Windows:
    """Of each text all of it, or windows from its beginning to its end; of an empty one none."""
    data, edges = buffers(texts)
    sizes = np.diff(edges)
    counts = np.minimum(least + sizes // APART, MOST)
    counts = np.where(sizes > window * least, counts, np.minimum(sizes, 1))
    owners = np.repeat(np.arange(len(sizes)), counts)
    number = np.arange(len(owners)) - np.repeat(np.cumsum(counts) - counts, counts)
    of, room = counts[owners], sizes[owners] - window
    starts = edges[owners] + np.where(of > 1, room * number // np.maximum(of - 1, 1), 0)
    ends = np.where(of > 1, starts + window, edges[owners + 1])
    return Windows(_aligned(data, starts), _aligned(data, ends), owners)


def _aligned(data: Any, places: Integers) -> Integers:
    """Each place, or the nearest one before it where a character begins."""
    if not len(data):
        return places
    for _ in range(3):
        inside = (data[np.minimum(places, len(data) - 1)] & 0xC0) == 0x80
        places = places - (inside & (places < len(data)))
    return places


def cut(texts: pa.Array, parts: Windows) -> pa.Array:
    """The windows as texts."""
    data, _ = buffers(texts)
    sizes = parts.ends - parts.starts
    edges = np.concatenate([[0], np.cumsum(sizes)])
    if len(sizes) and edges[-1] == len(data) and (sizes == np.diff(edges)).all():
        held = data  # all of every text
    else:
        held = data[np.repeat(parts.starts - edges[:-1], sizes) + np.arange(edges[-1])]
    held = np.ascontiguousarray(held)
    parts_of = [None, pa.py_buffer(edges.astype(np.int32)), pa.py_buffer(held)]
    return pa.Array.from_buffers(pa.string(), len(sizes), parts_of)


class Evidence(NamedTuple):
    """What is known of units of text, without what is around them.

    Attributes:
        classes: int64, units x k: the likeliest classes of each.
        likelihoods: units x k, of these.
        rest: mean likelihood of the other classes.
    """

    classes: Integers
    likelihoods: Floats
    rest: Floats


def evidence(scores: npt.NDArray[np.int32], sizes: Integers, prior: Floats, k: int = 8) -> Evidence:
    """The best `k` scores (of `kernels.ngrams`) of each unit, tempered by the root of its size.

    N-grams overlap, so their probabilities cannot be multiplied as if each were a throw of its own.
    Divided by the root of the size in bytes they are right at least as often as they say, from
    words to pages (py3langid's rule).
    """
    grain = _FINE / (STEPS * np.sqrt(np.maximum(sizes, 1)))
    parts = np.rint(prior[: scores.shape[1]] * _PARTS).astype(np.int64)
    choose = compiled(_loop) or _by_columns
    best, places, others = choose(scores, grain, parts, _table(), k)
    left = parts.sum() - parts[best].sum(axis=1)
    return Evidence(best, _table()[places] / _PARTS, others / (left * _PARTS))


@cache
def _table() -> Integers:
    table = np.rint(np.exp(-np.arange(_LAST + 1) / _FINE) * _PARTS).astype(np.int64)
    table[_LAST] = 0
    table.flags.writeable = False
    return table


def _by_columns(scores: Any, grain: Any, prior: Any, table: Any, k: int) -> Any:
    """The `k` best classes, the first of equal ones first; their places in the table; and the
    likelihoods of all the others, each times its prior, added up."""
    order = np.argsort(-scores.astype(np.int64), axis=1, kind="stable")
    best = order[:, :k]
    below = scores.max(axis=1, initial=np.iinfo(np.int32).min, keepdims=True) - scores.astype(float)
    places = np.minimum(below * grain[:, None], _LAST).astype(np.int64)
    of_best = np.take_along_axis(places, best, 1)
    every = (table[places] * prior).sum(axis=1)
    return best, of_best, every - (table[of_best] * prior[best]).sum(axis=1)


def _loop(scores: Any, grain: Any, prior: Any, table: Any, k: Any) -> Any:
    units, classes = scores.shape
    best = np.zeros((units, k), np.int64)
    places = np.zeros((units, k), np.int64)
    others = np.zeros(units, np.int64)
    last = len(table) - 1
    for unit in range(units):
        row, chosen = scores[unit], best[unit]
        held = 0
        for one in range(classes):
            if held < k or row[one] > row[chosen[k - 1]]:
                at = min(held, k - 1)
                while at > 0 and row[one] > row[chosen[at - 1]]:
                    chosen[at] = chosen[at - 1]
                    at -= 1
                chosen[at] = one
                held = min(held + 1, k)
        top = float(row[chosen[0]])
        total = np.int64(0)
        for one in range(classes):
            place = (top - float(row[one])) * grain[unit]
            if place < last:
                total += table[np.int64(place)] * prior[one]
        for i in range(k):
            place = np.int64(min((top - float(row[chosen[i]])) * grain[unit], float(last)))
            places[unit, i] = place
            total -= table[place] * prior[chosen[i]]
        others[unit] = total
    return best, places, others


def alone(found: Evidence, prior: Floats) -> Floats:
    """How likely each unit is of each of its best classes, if `prior` is all that is known."""
    return _normalized(found, prior[found.classes])


def posterior(
    found: Evidence, prior: Floats, documents: Integers, weights: Floats
) -> tuple[Integers, Floats]:
    """For each unit some classes, and how likely it is of each: both units x k.

    What the other units of a document are of is the prior of each: so a name or a number among
    Icelandic paragraphs is Icelandic, and a paragraph of clear English is not. The unit itself is
    left out of its own prior, or it would believe itself.

    Args:
        found: of each unit.
        prior: of each class, where nothing is known; adds up to 1.
        documents: for each unit its document, from 0.
        weights: of each unit, in characters.
    """
    count, size = int(documents.max(initial=-1)) + 1, len(prior)
    others = np.bincount(documents, weights, count)[documents] - weights
    found = _with_leading(found, prior, documents, weights)
    keys = (documents[:, None] * size + found.classes).reshape(-1)
    base = prior[found.classes]
    near = base
    for _ in range(_ROUNDS):
        mass = weights[:, None] * _normalized(found, near)
        sums = np.bincount(keys, mass.reshape(-1), count * size)
        said = np.maximum(sums[keys].reshape(mass.shape) - mass, 0) + _UNSAID * base
        near = _ANYWHERE * base + (1 - _ANYWHERE) * said / (others + _UNSAID)[:, None]
    likely = _normalized(found, near)
    return found.classes, likely


def _with_leading(found: Evidence, prior: Floats, documents: Integers, weights: Floats) -> Evidence:
    """The class that leads in a document takes the last place where a unit does not have it.

    A unit of two letters says nothing: then no place is better than another.
    """
    keys, place = np.unique(documents * len(prior) + found.classes[:, 0], return_inverse=True)
    sums = np.bincount(place, weights, len(keys))
    order = np.lexsort((sums, keys // len(prior)))  # the greatest is written last
    leading = np.zeros(int(documents.max(initial=-1)) + 1, np.int64)
    leading[keys[order] // len(prior)] = keys[order] % len(prior)
    own = leading[documents]
    absent = (found.classes != own[:, None]).all(axis=1)
    classes, likelihoods = found.classes.copy(), found.likelihoods.copy()
    classes[absent, -1], likelihoods[absent, -1] = own[absent], found.rest[absent]
    return Evidence(classes, likelihoods, found.rest)


def _normalized(found: Evidence, prior: Floats) -> Floats:
    joint = prior * found.likelihoods
    rest = np.maximum(1 - prior.sum(axis=1), 0) * found.rest
    likely: Floats = joint / (joint.sum(axis=1) + rest)[:, None]
    return likely
