"""From traces of errors to a rate of wrong characters, by a table that was fitted once.

`misreading` counts the traces; what the best pages of the deposit have of them is taken off, and a
line through the rest, by benchmarks/quality_estimate.py, gives the rate and its bounds.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from datapartnerships.kernels._misreading_table import TABLE
from datapartnerships.kernels.misreading import COUNTS, Floats, Known, Rows, counts, learn

FEATURES = len(COUNTS) - 2
LEAST = 0.2  # of the characters must be judged
ROUNDS = 2
# Origins of segments whose confidence the estimate was calibrated on.
ENGINES = "^ocr tesseract "
# Of a hundred pages, the best come to count four times, the next twice, the worst not at all.
_WEIGHTS = ((0.25, 4), (0.5, 2), (0.75, 1))


def features(counted: Floats) -> Floats:
    """Traces of errors a character, a row a page."""
    judged = np.maximum(counted[:, 1], np.maximum(LEAST * counted[:, 0], 1))
    found: Floats = counted[:, 2:] / judged[:, None]
    return found


def best(
    texts: pa.Array, groups: Rows, confidence: Floats
) -> tuple[npt.NDArray[np.int64], Known, list[Floats]]:
    """The weight of each page, what the good ones hold, and of each group what they have of errors.

    Pages are ranked in their group by the confidence of the engine, then by what is unknown on
    them, given the others; twice.
    """
    # Where no engine said how sure it was (a text layer, a typed page), it counts as sure.
    doubt = np.nan_to_num(_doubt(confidence))
    weights = _ranked(groups, doubt, tied=True)
    for _ in range(ROUNDS):
        values = features(counts(texts, learn(texts, weights), weights))
        weights = _ranked(groups, values.sum(1) + doubt / 10)
    held = learn(texts, weights)
    values = features(counts(texts, held, weights))
    values = np.column_stack([values, doubt])
    baselines = []
    for group in range(int(groups.max()) + 1 if len(groups) else 0):
        good = (groups == group) & (weights == _WEIGHTS[0][1])
        base = np.median(values[good], axis=0) if good.any() else np.zeros(FEATURES + 1)
        recognized = good & ~np.isnan(confidence)
        base[-1] = np.median(doubt[recognized]) if recognized.any() else 0.0
        baselines.append(base)
    return weights, held, baselines


def _ranked(groups: Rows, values: Floats, tied: bool = False) -> npt.NDArray[np.int64]:
    """The weight of each page by its place in its group; `tied`: equal ones have an equal place."""
    order = np.lexsort((values, groups))
    sizes = np.bincount(groups) if len(groups) else np.zeros(0, np.int64)
    before = np.cumsum(sizes) - sizes
    place = np.empty(len(groups), np.int64)
    place[order] = np.arange(len(groups)) - before[groups[order]]
    if tied:
        for group in range(len(sizes)):
            held = groups == group
            place[held] = np.searchsorted(np.sort(values[held]), values[held])
    share = place / np.maximum(sizes[groups], 1)
    weights = np.zeros(len(groups), np.int64)
    for edge, weight in reversed(_WEIGHTS):
        weights[share < edge] = weight
    return weights


def served(texts: pa.Array) -> npt.NDArray[np.bool_]:
    """Whether at least nine in ten letters are Latin, Greek or Cyrillic."""
    letters = pc.count_substring_regex(texts, r"\p{L}").to_numpy()
    ours = pc.count_substring_regex(texts, r"\p{Latin}|\p{Greek}|\p{Cyrillic}").to_numpy()
    answer: npt.NDArray[np.bool_] = ours >= 0.9 * letters
    return answer


def _doubt(confidence: Floats) -> Floats:
    found: Floats = -np.log(np.clip(confidence, 0.05, 1))
    return found


def columns(counted: Floats, base: Floats, confidence: Floats) -> Floats:
    """What the lines of the table go through: with the engine's doubt and its square first."""
    doubt = np.nan_to_num(_doubt(confidence) - base[:, -1])
    return np.column_stack([doubt, doubt**2, features(counted) - base[:, :-1]])


def estimate(
    counted: Floats, base: Floats, confidence: Floats
) -> tuple[Floats, Floats, Floats, npt.NDArray[np.bool_]]:
    """Rate, bounds, and whether it is within what was calibrated, of each row of `counted`.

    `confidence` is NaN where there is none: then the text alone is looked at.
    """
    values = columns(counted, base, confidence)
    out = np.zeros((4, len(values)))
    for name, rows in (("text", np.isnan(confidence)), ("engine", ~np.isnan(confidence))):
        table = TABLE[name]
        score = values[rows] @ np.array(table["line"])
        for place, figure in enumerate(("mean", "low", "high")):
            out[place, rows] = np.interp(score, table["score"], table[figure])
        enough = counted[rows, 1] >= LEAST * counted[rows, 0]
        out[3, rows] = (score <= table["score"][-1]) & enough
    return out[0], out[1], out[2], out[3] > 0
