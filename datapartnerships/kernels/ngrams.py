"""Scores of texts under a naive Bayes model of byte n-grams, straight from Arrow's bytes.

An automaton goes over the bytes of a text, and in some of its states an n-gram ends that the model
knows. The score of a class is the sum, over the n-grams found, of log(1 + how often) times the log
of their probability in the class, and the log of the class (langid.py: Lui and Baldwin 2012; the
damped counts are py3langid's). All factors are whole numbers, so that the sums are exact, and do
not depend on the order in which they are made.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from datapartnerships.kernels._compiled import compiled
from datapartnerships.kernels.words import buffers

# Of log probabilities and of log counts: so many steps to a nat. Scores are their products.
LOG_STEPS, COUNT_STEPS = 256, 256
STEPS = LOG_STEPS * COUNT_STEPS

# Texts scored at once: of the matrix of features that numpy makes.
_TOGETHER = 2048

# Texts that the compiled loop has in hand at once.
_LANES = 12

# Weights in 64 bytes: what comes from memory at once.
_LINE = 32

# Bytes of a text: up to here no sum can leave 32 bits (177 for each byte, times 15 nats).
LONGEST = 3100


class Model(NamedTuple):
    """An automaton over bytes, and what the n-grams that end in its states say.

    Attributes:
        classes: a name a class.
        moves: the next state: distinct rows of 256, one after another.
        rows: for each state, which of these rows is its own.
        features: for each state the n-gram that ends there, or -1.
        weights: int16, n-grams x classes: log probability in steps of 1 / `LOG_STEPS`, down to -15
            nats. It may be wider, so that rows are of whole registers.
        priors: float64, log probability of each class, in nats.
    """

    classes: Sequence[str]
    moves: npt.NDArray[Any]
    rows: npt.NDArray[Any]
    features: npt.NDArray[np.int32]
    weights: npt.NDArray[np.int16]
    priors: npt.NDArray[np.float64]


def scores(model: Model, texts: pa.Array) -> npt.NDArray[np.int32]:
    """Log likelihoods, `STEPS` to a nat, texts x classes; the priors where no n-gram is known.

    Takes 4 bytes a text and class: give it some thousands of texts at a time, each of at most
    `LONGEST` bytes.
    """
    data, edges = buffers(texts)
    if np.diff(edges).max(initial=0) > LONGEST:
        raise ValueError(f"A text has more than {LONGEST} bytes: take samples of it.")
    counts = np.rint(np.log1p(np.arange(LONGEST + 1)) * COUNT_STEPS).astype(np.int32)
    priors = np.zeros(model.weights.shape[1], np.int32)
    priors[: len(model.priors)] = np.rint(model.priors * STEPS)
    loop = compiled(_loop)
    if loop is None:
        found = _by_columns(data, edges, counts, model) + priors
    else:
        tables = (model.moves, model.rows, model.features, model.weights)
        found = loop(data, edges, counts, priors, *tables)
    of_classes: npt.NDArray[np.int32] = found[:, : len(model.classes)]
    return of_classes


def _by_columns(data: Any, edges: Any, counts: Any, model: Model) -> Any:
    """All texts take a step together, the longest first, so that those left are the first ones."""
    found = np.zeros((len(edges) - 1, model.weights.shape[1]), np.int32)
    for first in range(0, len(edges) - 1, _TOGETHER):
        some = edges[first : first + _TOGETHER + 1]
        texts, features, often = _features(data, some, model)
        places = np.searchsorted(texts, np.arange(len(some)))
        for text in range(len(some) - 1):
            part = slice(places[text], places[text + 1])
            weights = model.weights[features[part]].astype(np.float64)
            found[first + text] = counts[often[part]] @ weights
    return found


def _features(data: Any, edges: Any, model: Model) -> tuple[Any, Any, Any]:
    """Text, n-gram and how often, sorted by text."""
    lengths = np.diff(edges)
    order = np.argsort(-lengths, kind="stable")
    starts = edges[:-1][order]
    left = np.searchsorted(-lengths[order], -np.arange(int(lengths.max(initial=0))), side="left")
    state = np.zeros(len(order), np.int64)
    keys = []
    size = np.int64(len(model.weights))
    for step, count in enumerate(left.tolist()):
        rows = model.rows[state[:count]].astype(np.int64)
        state[:count] = model.moves[(rows << 8) + data[starts[:count] + step]]
        ended = model.features[state[:count]]
        hit = np.flatnonzero(ended >= 0)
        keys.append(order[hit] * size + ended[hit])
    every, often = np.unique(np.concatenate([[], *keys]).astype(np.int64), return_counts=True)
    return every // size, every % size, often


def _loop(
    data: Any,
    edges: Any,
    counts: Any,
    priors: Any,
    moves: Any,
    rows: Any,
    features: Any,
    weights: Any,
) -> Any:
    """Some texts at a time, each a byte further in turn: a state is far away in memory, and while
    one is waited for, those of the other texts are on their way."""
    classes = weights.shape[1]
    texts = len(edges) - 1
    found = np.zeros((texts, classes), np.int32)
    total = np.empty(classes, np.int32)
    often = np.zeros(len(weights), np.int32)
    seen = np.empty(len(counts) + 3, np.int32)
    times = np.empty(len(counts) + 3, np.int32)
    # Without a sign: else each index might count from the end.
    states = np.empty(_LANES, np.uint64)
    begins = np.empty(_LANES, np.uint64)
    ends = np.empty(_LANES, np.uint64)
    sizes = np.empty(_LANES, np.int64)
    ended = np.empty((_LANES, len(counts)), np.int32)
    asked = np.int64(0)
    for first in range(0, texts, _LANES):
        lanes = min(_LANES, texts - first)
        longest = np.int64(0)
        for lane in range(lanes):
            states[lane] = ends[lane] = 0
            begins[lane] = edges[first + lane]
            sizes[lane] = edges[first + lane + 1] - edges[first + lane]
            longest = max(longest, sizes[lane])
        for step in range(longest):
            for lane in range(lanes):
                if step < sizes[lane]:
                    row = np.uint64(rows[states[lane]]) << np.uint64(8)
                    state = moves[row + data[begins[lane] + np.uint64(step)]]
                    states[lane] = state
                    feature = features[state]
                    ended[lane, ends[lane]] = feature  # the next one overwrites a -1
                    ends[lane] += feature >= 0
        for lane in range(lanes):
            distinct = 0
            for i in range(ends[lane]):
                feature = ended[lane, i]
                seen[distinct] = feature
                distinct += often[feature] == 0
                often[feature] += 1
            for i in range(distinct):
                times[i] = counts[often[seen[i]]]
                often[seen[i]] = 0
            for i in range(distinct, distinct + 3):
                seen[i] = times[i] = 0
            # Rows are far away in memory, too: all are asked for at once, and those that are there
            # by then added up, four at a time.
            for i in range(distinct):
                row = weights[seen[i]]
                for k in range(0, classes, _LINE):
                    asked += row[k]
            total[:] = priors
            for i in range(0, distinct, 4):
                a, b, c, d = (
                    weights[seen[i]],
                    weights[seen[i + 1]],
                    weights[seen[i + 2]],
                    weights[seen[i + 3]],
                )
                e, f, g, h = times[i], times[i + 1], times[i + 2], times[i + 3]
                for k in range(classes):  # in 32 bits throughout: twice as many at once
                    one = np.int32(e * np.int32(a[k])) + np.int32(f * np.int32(b[k]))
                    two = np.int32(g * np.int32(c[k])) + np.int32(h * np.int32(d[k]))
                    total[k] = np.int32(total[k] + np.int32(np.int32(one) + np.int32(two)))
            found[first + lane] = total
    often[0] = asked  # else the compiler finds that nobody needs it
    return found
