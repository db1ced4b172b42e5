"""What two searches missed: the estimate, its exact interval, and the sum of several."""

from __future__ import annotations

import math
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from datapartnerships.kernels.recapture import Bounds, Cell, bounds, remainder, total


def chance(cell: Cell, more: int, odds_ratio: float) -> tuple[float, float]:
    """Chance of at most, and at least, so many found by both: with whole numbers, term by term."""
    first, second, both = cell
    everything = cell.found + more
    weights = {
        x: math.comb(first, x) * math.comb(everything - first, second - x) * odds_ratio**x
        for x in range(max(0, first + second - everything), min(first, second) + 1)
    }
    whole = sum(weights.values())
    low = sum(w for x, w in weights.items() if x <= both) / whole
    return low, sum(w for x, w in weights.items() if x >= both) / whole


def test_the_estimate_is_chapmans() -> None:
    cell = Cell(60, 50, 40)
    chapman = 61 * 51 / 41 - 1
    assert remainder(cell) == pytest.approx(chapman - cell.found)
    assert remainder(cell, 3.0) == pytest.approx(3 * (chapman - cell.found))


cells = st.tuples(*[st.integers(0, 60)] * 3).map(lambda n: Cell(n[0] + n[2], n[1] + n[2], n[2]))


@given(cells, st.sampled_from([1.0, 2.0, 5.0]))
def test_the_interval_is_where_neither_tail_is_rarer_than_its_share(
    cell: Cell, odds_ratio: float
) -> None:
    found = bounds(cell, odds_ratio)
    assert chance(cell, int(found.low), odds_ratio)[0] >= 0.025 - 1e-9
    if found.low:
        assert chance(cell, int(found.low) - 1, odds_ratio)[0] < 0.025 + 1e-9
    if cell.both == 0:
        assert found.high == math.inf
    else:
        assert chance(cell, int(found.high) + 1, odds_ratio)[1] < 0.025 + 1e-9
        if found.high:
            assert chance(cell, int(found.high), odds_ratio)[1] >= 0.025 - 1e-9


def test_large_counts_are_as_the_normal_distribution_has_them() -> None:
    cell = Cell(500_000, 400_000, 250_000)
    found = bounds(cell)
    error = 1.96 * math.sqrt(500_001 * 400_001 * 250_000 * 150_000 / 250_001**3)
    assert found.low == pytest.approx(found.estimate - error, rel=0.002)
    assert found.high == pytest.approx(found.estimate + error, rel=0.002)


@pytest.mark.parametrize(
    ("there", "first", "second"),
    [(12, 0.5, 0.6), (40, 0.9, 0.5), (60, 0.97, 0.9), (150, 0.4, 0.3)],
)
def test_it_covers_what_is_left(there: int, first: float, second: float) -> None:
    pick = random.Random(there)
    known: dict[Cell, Bounds] = {}
    inside = 0
    for _ in range(400):
        a = [pick.random() < first for _ in range(there)]
        b = [pick.random() < second for _ in range(there)]
        cell = Cell(sum(a), sum(b), sum(x and y for x, y in zip(a, b, strict=True)))
        found = known.setdefault(cell, bounds(cell))
        inside += found.low <= there - cell.found <= found.high
    assert inside >= 0.94 * 400


def test_a_sum_is_narrower_than_the_sum_of_the_bounds() -> None:
    parts = [Bounds(10.0, 6, 17), Bounds(20.0, 12, 31)]
    added = total(parts)
    assert added.estimate == 30
    assert added.low == pytest.approx(30 - math.hypot(4, 8))
    assert added.high == pytest.approx(30 + math.hypot(7, 11))
    assert total(parts[:1]) == parts[0]
    assert total([Bounds(0.0, 0, math.inf), parts[0]]).high == math.inf
