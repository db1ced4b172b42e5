"""What the measures of quality are summed up from: compiled and in numpy, at every edge."""

from __future__ import annotations

import random
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from datapartnerships.kernels import _compiled, c4
from datapartnerships.kernels._stop_words import stop_words
from datapartnerships.kernels.lines import LOWER, SPACE, _flags, lines
from datapartnerships.kernels.quality import measures
from datapartnerships.kernels.repetition import repeats
from datapartnerships.kernels.signs import find_signs
from datapartnerships.kernels.words import words

both = pytest.mark.skipif(
    not _compiled.available(), reason="numba is not installed: there is one path"
)
NOTED = (
    "[1]", "[edit]", "[१२]", "{", "JavaScript", "lorem ipsum", "privacy policy", "terms of use",
    "termſ of uſe", "uses cookies", "use coo\u212aies",
)  # fmt: skip
OTHERS = ("#", "...", ".......", "……", "한", "ሰ", "Ễ", "\r", "\x1e", "\x85", "\u2028", "[x]")


def each_way(monkeypatch: pytest.MonkeyPatch, function: Any, *given: Any) -> list[Any]:
    found = []
    for value in "01":
        monkeypatch.setenv("DATAPARTNERSHIPS_COMPILED", value)
        found.append(function(*given))
    return found


@both
@pytest.mark.parametrize("sign", [*NOTED, *OTHERS])
def test_signs_are_seen_wherever_they_stand(sign, monkeypatch):
    texts = pa.array([
        "a" * before + sign + "b" * after for before in range(140) for after in (0, 1, 200)
    ])  # fmt: skip
    plain, found = each_way(monkeypatch, find_signs, texts)
    for name in ("hashes", "ellipses", "unwritten", "breaks"):
        np.testing.assert_array_equal(getattr(plain, name), getattr(found, name), name)
    cut = lines(texts, every_break=True)
    noted = c4.notes(texts, cut, False)
    np.testing.assert_array_equal(noted, c4.notes(texts, cut, False, found.places))
    assert noted.any() == (sign in NOTED)


def test_flags_are_what_python_says():
    flags = _flags()
    for code in range(len(flags)):
        letter = chr(code)
        assert (flags[code] & SPACE > 0) == letter.isspace(), hex(code)
        if code < 0x1F000:
            assert (flags[code] & LOWER > 0) == letter.islower(), hex(code)


@both
def test_most_frequent_runs_where_others_fall_together(monkeypatch):
    """Every pair of words is there twice, so more keys meet in a place than any is frequent."""
    draw = random.Random(5)
    text = " ".join("x" * draw.randint(1, 20) + f"y{number}" for number in range(20_000))
    found = words(pa.array([f"{text} . {text}", text, "a b a b c d c d c d"]))
    plain, fast = each_way(monkeypatch, repeats, found)
    np.testing.assert_array_equal(plain.top, fast.top)
    np.testing.assert_array_equal(plain.duplicate, fast.duplicate)
    assert plain.top[2].tolist() == [9, 10, 14]
    first = len(" ".join(text.split()[:2]))
    assert plain.top[0, 0] == 2 * first


@both
def test_every_list_of_stop_words(monkeypatch):
    lists = stop_words()
    texts = pa.array([" ".join(entries).upper() + " qwrtz" for entries in lists.values()])
    for languages in (list(lists), [*list(lists)[1:], "en"]):
        found = each_way(monkeypatch, lambda a, b: measures(a, b)["stop_words"], texts,
                         pa.array(languages))  # fmt: skip
        np.testing.assert_array_equal(*found)
    right = measures(texts, pa.array(list(lists)))["stop_words"]
    assert (right >= 0.8 * np.array([len(entries) for entries in lists.values()])).all()


@both
def test_a_long_word_of_a_kept_line(monkeypatch):
    """C4 leaves out a line with a word of more letters than it allows."""
    texts = pa.array(
        ["One two three four, " + "é" * size + " and five six." for size in (999, 1001)]
    )
    for found in each_way(monkeypatch, measures, texts):
        assert found["sentences"].tolist() == [1, 0]
