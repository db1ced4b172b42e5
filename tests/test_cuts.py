"""Lines taken out of texts: what is left where they were, and all else as it was."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from datapartnerships.kernels import cuts


def _without(texts: list[str | None], gone: str = "X") -> list[str | None]:
    array = pa.array(texts, pa.string())
    held = cuts.cut(array)
    flags = np.array([line.strip() == gone for line in held.lines.to_pylist()], bool)
    out: list[str | None] = cuts.without(array, held, flags).to_pylist()
    return out


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("a\nX\nb", "a\nb"),
        ("a\n\nX\n\nb", "a\n\nb"),
        ("a\nX\n\nb", "a\n\nb"),
        ("a\n\nX\nb", "a\n\nb"),
        ("a\n\nX\n\nX\n\n\nb", "a\n\nb"),
        ("a\nX\n\nX\nb", "a\n\nb"),
        ("a\n\n\nX\nb", "a\n\n\nb"),
        ("a\n \t\nX\n\nb", "a\n \t\nb"),
        ("a\n\n\n\nb\nX\nc", "a\n\n\n\nb\nc"),
        ("\n\n\na\nX\nb\n\n", "\n\n\na\nb\n\n"),
        ("X\n\na", "a"),
        ("\nX\n\na", "a"),
        ("a\nX", "a"),
        ("a\n\nX\n", "a"),
        ("a \n\n\nX\n\n", "a "),
        ("X\n \n\f\nX", ""),
        ("a\n\fX\n\nb", "a\n\f\nb"),
        ("a\n\fX", "a\n\f"),
        ("X", ""),
    ],
)
def test_the_seam_alone_changes(text: str, left: str) -> None:
    assert _without([text]) == [left]
    assert _without(["k\n\n\nk", text, None, text, ""]) == ["k\n\n\nk", left, None, left, ""]
    windows = text.replace("\n", "\r\n")
    assert _without([windows]) == [left.replace("\n", "\r\n")]


@given(st.lists(st.text(alphabet="aX \n\r\f", max_size=20), max_size=5))
def test_other_lines_stay_in_their_order(texts: list[str]) -> None:
    def said(text: str | None) -> list[str]:
        parts = (text or "").replace("\f", "\n").split("\n")
        return [line for part in parts if (line := part.strip()) not in ("", "X")]

    out = _without(list(texts))
    assert [said(text) for text in out] == [said(text) for text in texts]
    for before, after in zip(texts, out, strict=True):
        if all(line.strip() != "X" for line in before.replace("\f", "\n").split("\n")):
            assert after == before
        assert after == _without([before])[0]
