"""The kernel that joins the words of two texts: what it finds, and what it never does."""

from __future__ import annotations

import functools
import random
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from datapartnerships.kernels import _alignment_table as table
from datapartnerships.kernels import alignment
from datapartnerships.kernels.alignment import MAX_CELLS, Alignment, align, tokenize


def words(text: str) -> list[str]:
    return [word for word, _, _ in tokenize(text)]


def joined(written: str, heard: str) -> list[tuple[str, str | None]]:
    """Every written word with the heard ones it stands for."""
    ours, theirs = words(written), words(heard)
    found = align(ours, theirs)
    return [
        (word, " ".join(theirs[i : j + 1]) if i >= 0 else None)
        for word, i, j in zip(ours, found.first.tolist(), found.last.tolist(), strict=True)
    ]


def test_words_are_plain_and_know_their_place() -> None:
    text = "The “well-known” Ms O'Hara paid 1,250 kr. (§ 4), 28J."
    assert words(text) == ["the", "well", "known", "ms", "ohara", "paid", "1250", "kr", "4", "28j"]
    assert all(text[a:b] for _, a, b in tokenize(text))
    assert words("हिन्दी में") == ["हिन्दी", "में"], "vowel signs stay in their word"
    assert words("今日は、OK") == ["今", "日", "は", "ok"]
    assert words("Þórður ＡＢＣ") == ["þórður", "abc"]


@given(st.text())
def test_words_lie_in_the_text(text: str) -> None:
    last = 0
    for _, start, end in tokenize(text):
        assert last <= start < end <= len(text)
        last = end


def test_what_is_written_otherwise_is_joined() -> None:
    assert joined(
        "I sent the 28J letter; anyone may read it.",
        "um I I sent the twenty eight j letter any one may uh read it",
    )[3:7] == [("28j", "twenty eight j"), ("letter", "letter"), ("anyone", "any"), ("may", "may")]
    assert dict(joined("Hesturinn hljóp heim", "hestinum hljóp hem")) == {
        "hesturinn": "hestinum",
        "hljóp": "hljóp",
        "heim": "hem",
    }
    assert joined("今日は元気です", "今日わ元気です")[2] == ("は", "わ")


def test_another_word_in_its_place_has_its_place_and_does_not_agree() -> None:
    ours, theirs = words("the cat sat down"), words("the dog sat down")
    found = align(ours, theirs)
    assert found.first.tolist() == [0, 1, 2, 3]
    assert found.similarity.tolist() == [1, 0, 1, 1]
    assert found.covered.tolist() == [True, False, True, True]


def speech(count: int, seed: int = 1) -> list[str]:
    """Words as they are distributed in speech: few that are everywhere, many that are rare."""
    rng = random.Random(seed)
    return [f"{'aeiou'[n % 5]}{n:x}w" for n in (int(rng.paretovariate(0.7)) for _ in range(count))]


def test_a_stretch_in_another_order_is_found() -> None:
    text = speech(900)
    moved = text[:200] + text[400:500] + text[200:400] + text[500:]
    found = align(moved, text)
    assert (found.first >= 0).mean() > 0.99
    # One of the two that changed places is taken for the one that moved.
    assert found.moved.sum() in (100, 200)
    right = [moved[i] == text[j] for i, j in enumerate(found.first.tolist()) if j >= 0]
    assert all(right)


def test_unrelated_texts_are_not_joined() -> None:
    one = "the committee heard that the road to the harbour is closed for most of the winter"
    other = "an owl of the island sleeps in the tower and goes out for mice when it is dark"
    found = align(words(one) * 20, words(other) * 20)
    assert (found.similarity >= alignment.ALIKE).mean() < 0.1


@pytest.mark.parametrize("kinds", [1, 2, 3])
def test_repetition_fills_no_large_table(kinds: int, monkeypatch: pytest.MonkeyPatch) -> None:
    cells: list[int] = []

    def count(a: Any, b: Any, names: list[str]) -> list[tuple[int, int]]:
        cells.append(len(a) * len(b))
        return table.best_path(a, b, names)

    monkeypatch.setattr(alignment, "best_path", count)
    rng = random.Random(1)
    votes = ["aye", "no", "present"][:kinds]
    found = align(
        [rng.choice(votes) for _ in range(9000)], [rng.choice(votes) for _ in range(8000)]
    )
    assert max(cells) <= MAX_CELLS
    # In step: pieces of both sides, and not all of one with all of the other.
    assert sum(cells) <= 9000 * 8000 / 4
    assert (found.first >= 0).mean() > 0.7


def check(found: Alignment, written: list[str], heard: list[str]) -> None:
    assert len(found.first) == len(written) and len(found.covered) == len(heard)
    assert ((found.first < 0) == (found.last < 0)).all()
    assert (found.first <= found.last).all() and (found.last < len(heard)).all()
    assert ((found.similarity >= 0) & (found.similarity <= 1)).all()
    assert (found.similarity[found.first < 0] == 0).all()
    still = found.first[(found.first >= 0) & ~found.moved]
    assert (np.diff(still) >= 0).all(), "what did not move is in order"
    for i in np.flatnonzero(found.similarity >= alignment.ALIKE).tolist():
        assert found.covered[found.first[i] : found.last[i] + 1].all()


small = st.lists(st.sampled_from(["a", "the", "harbour", "harbours", "28", "ice"]), max_size=40)


@settings(max_examples=200, deadline=None)
@given(small, small)
def test_any_two_texts_are_joined_soundly(written: list[str], heard: list[str]) -> None:
    found = align(written, heard)
    check(found, written, heard)
    again = align(written, heard)
    assert found.first.tolist() == again.first.tolist()


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 10_000), st.floats(0, 0.6))
def test_long_texts_are_joined_soundly(seed: int, error: float) -> None:
    rng = random.Random(seed)
    text = speech(1500, seed)
    heard = [w if rng.random() > error else rng.choice(text) for w in text if rng.random() > 0.1]
    check(align(text, heard), text, heard)
    assert (align(text, text).first == np.arange(len(text))).all()


kinds = st.lists(st.integers(0, 4), min_size=1, max_size=9)
NAMES = ["the", "harbour", "harbours", "ice", "a"]


@settings(max_examples=300, deadline=None)
@given(kinds, kinds)
def test_both_ways_to_fill_a_table_find_the_best_score(a: list[int], b: list[int]) -> None:
    values = table.scores(NAMES, NAMES)
    best = pytest.approx(_best(values, tuple(a), tuple(b)), abs=1e-4)
    for few in (0, 150):  # row by row, and cell by cell
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(table, "_FEW_CELLS", few)
            path = table.best_path(np.array(a), np.array(b), NAMES)
        assert _worth(values, a, b, path) == best


def _worth(values: Any, a: list[int], b: list[int], path: list[tuple[int, int]]) -> float:
    """The most that a table could give for these pairs: what is between them at its best."""
    total, last = 0.0, (0, 0)
    for i, j in [*path, (len(a), len(b))]:
        n, m = i - last[0], j - last[1]
        gap = float(table.GAP)
        # Words that do not agree stand side by side, or are gaps, whichever is better.
        options = [(gap if n - k else 0) + (gap if m - k else 0) - k * float(table.MISMATCH)
                   for k in range(min(n, m) + 1)]  # fmt: skip
        total -= min(options)
        if (i, j) != (len(a), len(b)):
            total += float(values[a[i], b[j]])
        last = (i + 1, j + 1)
    return total


def _best(values: Any, a: tuple[int, ...], b: tuple[int, ...]) -> float:
    """By trying everything."""

    @functools.cache
    def best(i: int, j: int, state: str) -> float:
        if i == len(a) and j == len(b):
            return 0.0
        found = []
        if i < len(a) and j < len(b):
            found.append(float(values[a[i], b[j]]) + best(i + 1, j + 1, ""))
        if i < len(a):
            found.append((0 if state == "a" else -float(table.GAP)) + best(i + 1, j, "a"))
        if j < len(b):
            found.append((0 if state == "b" else -float(table.GAP)) + best(i, j + 1, "b"))
        return max(found)

    return best(0, 0, "")


def test_a_large_table_scores_words_as_a_small_one() -> None:
    ours = [f"{word}{n}" for word in ("harbour", "ice", "a") for n in range(8)]
    theirs = [f"{word}{n}" for word in ("harbours", "icy", "b") for n in range(8)]
    large = table.scores(ours, theirs)
    each = [[table.scores([x], [y])[0, 0] for y in theirs] for x in ours]
    assert np.allclose(large, each, atol=1e-6)
