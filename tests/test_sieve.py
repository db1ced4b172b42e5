"""Places that detectors begin at: the same from one pass in machine code and from numpy."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from datapartnerships.detectors import _sieve
from datapartnerships.kernels import _compiled

SIGNS = "09/: ;@([{)aZéßΑоЯԁ٠९０𝟎𝐚\u00a0\u00ad\u200b\u0301＠@\n\0中"


@pytest.mark.skipif(not _compiled.available(), reason="kernels are not compiled here")
@given(st.text(st.sampled_from(SIGNS)) | st.text())
@example("")
@example("1" * 10_000)
@example("aЯ" * 3000)
def test_one_pass_finds_what_numpy_finds(text: str) -> None:
    codes = np.frombuffer(text.encode("utf-8", "replace"), np.uint8)
    found = _sieve.sieve(codes)
    assert found is not None
    assert len(found) == _sieve.BEFORE
    for kind, places in enumerate(found, 1):
        np.testing.assert_array_equal(places, _sieve.one_by_one(codes, kind))


def test_places_of_each_kind() -> None:
    text = "a1: x@y.is (at) aЯ Яa e\u0301"
    codes = np.frombuffer(text.encode(), np.uint8)
    kinds = range(_sieve.FIGURE, _sieve.BEFORE + 1)
    at = {kind: _sieve.one_by_one(codes, kind).tolist() for kind in kinds}
    assert at[_sieve.FIGURE] == [1]
    assert at[_sieve.COLON] == [2]
    assert at[_sieve.AT] == [5]
    assert (at[_sieve.OPEN], at[_sieve.CLOSE]) == ([11], [14])
    assert at[_sieve.BEHIND] == [17]
    assert at[_sieve.BEFORE] == [22]
    assert at[_sieve.FOLD] == [25]
