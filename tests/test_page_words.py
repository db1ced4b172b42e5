"""What is found by arrays, against the plain way to find it."""

from __future__ import annotations

import re
from math import inf

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from datapartnerships.kernels._layout_columns import GUTTER, _intersect

pytest.importorskip("pypdfium2", reason="needs the extra documents")

from datapartnerships._backends._page_words import spans

_CHARACTERS = st.sampled_from("aZé7.\ufffe\ufffd \t\n\r\x1f\x85\xa0\u2003\u3000\u3001漢🙂")
_EDGES = st.tuples(st.integers(0, 60), st.integers(1, 30))


@given(st.lists(_CHARACTERS).map("".join))
def test_words_end_at_spaces_and_behind_hyphens(text: str) -> None:
    first, final = spans(np.frombuffer(text.encode("utf-32-le"), "<u4"))
    found = list(zip(first.tolist(), (final + 1).tolist(), strict=True))
    assert found == [match.span() for match in re.finditer("[^\\s\ufffe]+\ufffe?", text)]


@given(_EDGES, _EDGES)
def test_two_lines_leave_free_what_neither_takes(
    one: tuple[int, int], other: tuple[int, int]
) -> None:
    em = 4 / GUTTER
    sides = [[(-inf, float(left)), (float(left + by), inf)] for left, by in (one, other)]
    taken = {place for left, by in (one, other) for place in range(left, left + by)}
    wide = [start for start in range(100) if taken.isdisjoint(range(start, start + 4))]
    found = _intersect(*sides, em)
    assert found[0] == (-inf, min(taken))
    assert found[-1] == (max(taken) + 1, inf)
    within = [s for s in wide if any(a <= s and s + 4 <= b for a, b in found)]
    assert within == wide
    assert all(b - a >= 4 for a, b in found)
    assert not any(a <= place < b for a, b in found for place in taken)
