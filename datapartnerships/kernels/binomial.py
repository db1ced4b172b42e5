"""Bounds on a share, from a sample: exact, and without a library."""

from __future__ import annotations

import math

CONFIDENCE = 0.95


def upper_bound(hits: int, tries: int, confidence: float = CONFIDENCE) -> float:
    """The largest share at which no more than `hits` of `tries` still is no rarer than that.

    One-sided: Clopper and Pearson (1934), the quantile of a beta distribution with parameters
    hits + 1 and tries - hits. Without a hit it is 1 - (1 - confidence)^(1 / tries), about
    3 / tries at 95 %. `_report/sheet.js` has the same in another language.

    Raises
    ------
    ValueError
        Not 0 <= hits <= tries, or not 0 < confidence < 1.
    """
    if not 0 <= hits <= tries or not 0 < confidence < 1:
        raise ValueError(f"no bound on a share for {hits} of {tries} at {confidence}")
    if hits == tries:
        return 1.0
    low, high = hits / tries, 1.0
    while low < (middle := (low + high) / 2) < high:
        if _at_most(hits, tries, middle) > 1 - confidence:
            low = middle
        else:
            high = middle
    return high


def _at_most(hits: int, tries: int, share: float) -> float:
    """The chance of at most `hits` in `tries`."""
    log = tries * math.log1p(-share)
    odds = math.log(share) - math.log1p(-share) if share else -math.inf
    chance = math.exp(log)
    for hit in range(hits):
        log += math.log((tries - hit) / (hit + 1)) + odds
        chance += math.exp(log)
    return chance
