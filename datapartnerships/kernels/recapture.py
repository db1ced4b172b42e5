"""How many are still there that two searches both missed: capture and recapture.

One search found `first` things, another `second`, and `both` of these are the same. If the second
search finds what the first one found as readily as what it missed, the share ``both / first`` tells
how much the second one finds of everything, and so how much there is (Laplace 1786). Chapman
(1951): N = (first + 1)(second + 1) / (both + 1) - 1; what neither found is then
``(first - both)(second - both) / (both + 1)``.

Searches that miss the same things make this too low. With an odds ratio of dependence phi, between
"found by the first" and "found by the second", it is phi times as many.

The interval turns an exact test around, as Clopper and Pearson did for shares: given N, `first`,
`second` and phi, the number found by both has Fisher's noncentral hypergeometric distribution; N
is in the interval if neither tail of it at `both` is below half of what is left of the confidence.
With phi = 1 it covers at least as often as it says, at any size and where `both` is 0 (then
without an upper end). The usual log-normal interval of Chapman's estimate does not: see
`benchmarks/residual.py`.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np

CONFIDENCE = 0.95


class Cell(NamedTuple):
    """How many things each of two searches found, and how many of these both did."""

    first: int
    second: int
    both: int

    @property
    def found(self) -> int:
        """By at least one."""
        return self.first + self.second - self.both


class Bounds(NamedTuple):
    """How many neither found, and between what this lies; `high` is infinite without a bound."""

    estimate: float
    low: float
    high: float


def remainder(cell: Cell, odds_ratio: float = 1.0) -> float:
    """How many neither search found, by Chapman."""
    first, second, both = cell
    return odds_ratio * (first - both) * (second - both) / (both + 1)


def bounds(cell: Cell, odds_ratio: float = 1.0, confidence: float = CONFIDENCE) -> Bounds:
    """The same with its exact interval."""
    least = (1 - confidence) / 2
    low = _least(lambda more: _tails(cell, more, odds_ratio)[0] >= least)
    high = math.inf
    if cell.both:
        high = max(0, _least(lambda more: _tails(cell, more, odds_ratio)[1] < least) - 1)
    return Bounds(remainder(cell, odds_ratio), low, high)


def total(parts: Sequence[Bounds]) -> Bounds:
    """The sum of independent remainders (MOVER: Zou and Donner 2008, equation 2)."""
    estimate = sum(part.estimate for part in parts)
    if len(parts) == 1:
        return parts[0]
    below = math.sqrt(sum((part.estimate - part.low) ** 2 for part in parts))
    above = math.sqrt(sum((part.high - part.estimate) ** 2 for part in parts))
    return Bounds(estimate, max(0.0, estimate - below), estimate + above)


def _least(holds: Callable[[int], bool]) -> int:
    """The least number from 0 on for which `holds`; once it does, it does for all above."""
    if holds(0):
        return 0
    high = 1
    while not holds(high):
        high *= 2
    low = high // 2
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if holds(middle) else (middle, high)
    return high


def _tails(cell: Cell, more: int, odds_ratio: float) -> tuple[float, float]:
    """Chance that at most, and at least, so many were found by both, if `more` are left."""
    first, second, both = cell
    spare = more - both  # N - first - second
    lowest, highest = max(0, -spare), min(first, second)

    def rises(x: int) -> bool:
        return odds_ratio * (first - x + 1) * (second - x + 1) > x * (spare + x)

    # The weights rise, then fall. They are those of a sum of independent yes and no (Harkness
    # 1965), so that the standard deviation is below half the root of how many may be found twice.
    mode = lowest + _least(lambda x: lowest + x >= highest or not rises(lowest + x + 1))
    wide = 50 + int(10 * math.sqrt(highest))
    low, high = max(lowest, mode - wide), min(highest, mode + wide)
    if both < low:
        return 0.0, 1.0
    if both > high:
        return 1.0, 0.0
    x = np.arange(low + 1, high + 1, dtype=np.float64)
    steps = np.log(odds_ratio * (first - x + 1) * (second - x + 1) / (x * (spare + x)))
    weights = np.concatenate([[0.0], np.cumsum(steps)])
    weights = np.exp(weights - weights.max())
    whole, at = weights.sum(), both - low
    return float(weights[: at + 1].sum() / whole), float(weights[at:].sum() / whole)
