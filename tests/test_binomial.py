"""The bound on a share: against values that are known, and against whole numbers."""

from __future__ import annotations

from fractions import Fraction
from math import comb

import pytest
from hypothesis import given
from hypothesis import strategies as st

from datapartnerships.kernels.binomial import upper_bound


@pytest.mark.parametrize("tries", [1, 3, 60, 100, 5000])
def test_without_a_hit_it_has_a_closed_form(tries: int) -> None:
    assert upper_bound(0, tries) == pytest.approx(1 - 0.05 ** (1 / tries), rel=1e-12)


def test_what_tables_say() -> None:
    # One-sided 95 %, as in tables of Clopper and Pearson (scipy.stats.beta.ppf(.95, x+1, n-x)).
    assert upper_bound(1, 60) == pytest.approx(0.07663999493450441, rel=1e-10)
    assert upper_bound(5, 100) == pytest.approx(0.1022533776432745, rel=1e-10)
    assert upper_bound(300, 20_000) == pytest.approx(0.016492255422804285, rel=1e-10)
    assert upper_bound(0, 60) == pytest.approx(3 / 60, rel=0.03)
    assert upper_bound(7, 7) == 1


@given(st.integers(1, 80).flatmap(lambda n: st.tuples(st.integers(0, n - 1), st.just(n))))
def test_so_few_hits_have_the_chance_that_is_left(pair: tuple[int, int]) -> None:
    hits, tries = pair
    share = Fraction(upper_bound(hits, tries))
    chance = sum(comb(tries, i) * share**i * (1 - share) ** (tries - i) for i in range(hits + 1))
    assert float(chance) == pytest.approx(0.05, abs=1e-9)


@pytest.mark.parametrize(("hits", "tries", "confidence"), [(-1, 3, 0.95), (4, 3, 0.95), (0, 0, 1)])
def test_what_is_no_share(hits: int, tries: int, confidence: float) -> None:
    with pytest.raises(ValueError, match="no bound"):
        upper_bound(hits, tries, confidence)
