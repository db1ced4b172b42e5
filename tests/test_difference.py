"""Where two texts differ."""

from __future__ import annotations

import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from datapartnerships.kernels import difference as kernel
from datapartnerships.kernels.difference import around, difference, utf8

letters = st.text(st.sampled_from("aéæ𝄞 \n"), max_size=40)


@given(letters, letters, letters, st.integers(1, 9))
def test_as_a_loop_over_characters(begin: str, one: str, other: str, width: int) -> None:
    a, b = begin + one, begin + other
    at = next(
        (i for i, (x, y) in enumerate(zip(a, b, strict=False)) if x != y), min(len(a), len(b))
    )
    texts = pa.array([a, b])
    place = difference(utf8(texts, 0), utf8(texts, 1))
    for index, text in enumerate((a, b)):
        left, right = around(utf8(texts, index), place, width)
        assert left == text[max(0, at - width) : at]
        assert right == text[at : at + width]


def test_far_into_a_long_text() -> None:
    size = kernel._STRETCH + 5
    texts = pa.array(["x" * size + "é", "x" * size + "è", None])
    assert difference(utf8(texts, 0), utf8(texts, 1)) == size
    assert difference(utf8(texts, 0), utf8(texts, 0)) == size + 2
    assert utf8(texts, 2).tolist() == utf8(texts, 3).tolist() == []
