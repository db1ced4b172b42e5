"""What surprises beside its neighbors: at errors, and nowhere else."""

from __future__ import annotations

import numpy as np
import pytest

from datapartnerships.kernels import surprise

_PAGE = "the ferry crossed the fjord before the bell of the chapel rang and the market began "


def _given(*texts: str) -> tuple[surprise.Codes, surprise.Rows]:
    codes = np.array([ord(c) for text in texts for c in text], np.uint32)
    return codes, np.repeat(np.arange(len(texts)), [len(text) for text in texts])


def _held() -> surprise.Held:
    return surprise.learn(*_given(*[_PAGE] * 50), np.full(50, 4))


@pytest.mark.parametrize(
    ("wrong", "places"),
    [
        ("the ferry crqssed the fjord", {11, 12}),  # exchanged: on both sides of it
        ("the ferry crssed the fjord", {11}),  # lost: between its neighbors
        ("the ferry croqssed the fjord", {12, 13}),  # added
        ("the ferry crossed the fjord", set()),
    ],
)
def test_the_places_of_errors_surprise_and_no_others(wrong: str, places: set[int]) -> None:
    codes, rows = _given(wrong)
    _, found = surprise.chances(codes, rows, _held(), np.zeros(1, np.int64))
    assert set(np.flatnonzero(found < 0.1).tolist()) == places


def test_texts_are_alone_and_what_they_brought_is_taken_off() -> None:
    held = _held()
    texts = [_PAGE, "zebra quiz " * 3, _PAGE[5:40]]
    together = surprise.chances(*_given(*texts), held, np.zeros(3, np.int64))
    alone = [surprise.chances(*_given(text), held, np.zeros(1, np.int64)) for text in texts]
    assert together.tolist() == np.concatenate(alone, axis=1).tolist()
    learned = surprise.learn(*_given(*texts), np.array([1, 4, 2]))
    others = surprise.learn(*_given(texts[0], texts[2]), np.array([1, 2]))
    _, own = surprise.chances(*_given(*texts), learned, np.array([0, 4, 0]))
    rows = _given(*texts)[1]
    assert np.median(own[rows == 1]) < 0.05
    assert int(learned.sum()) - int(others.sum()) == 6 * 4 * len(texts[1])


def test_what_was_learned_is_added_to() -> None:
    texts = [_PAGE[i : i + 30] for i in range(20)]
    weights = np.arange(20) % 3
    whole = surprise.learn(*_given(*texts), weights)
    first = surprise.learn(*_given(*texts[:7]), weights[:7])
    assert np.array_equal(surprise.learn(*_given(*texts[7:]), weights[7:], first), whole)


def test_nothing_is_nothing() -> None:
    codes, rows = _given()
    assert surprise.learn(codes, rows, np.zeros(0, np.int64)).sum() == 0
    assert surprise.chances(codes, rows, _held(), np.zeros(0, np.int64)).shape == (2, 0)
