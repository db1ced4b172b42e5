"""Any of many words in an expression: as if they were written side by side, the longest first."""

from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st

from datapartnerships.detectors._either import either


@given(st.lists(st.text("ab.é", min_size=1, max_size=4), min_size=1), st.text("abé.ABÉ"))
def test_as_words_side_by_side(words: list[str], text: str) -> None:
    side_by_side = "|".join(map(re.escape, sorted(words, key=len, reverse=True)))
    plain, tree = (re.compile(form, re.IGNORECASE) for form in (side_by_side, either(words)))
    assert [m.span() for m in tree.finditer(text)] == [m.span() for m in plain.finditer(text)]


def test_the_longest_first() -> None:
    form = re.compile(either(["st", "st.", "street", "new street", ""]))
    assert [m[0] for m in form.finditer("st. street new  street st")] == [
        "st.", "street", "new  street", "st",
    ]  # fmt: skip
