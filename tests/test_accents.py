"""Letters that have lost their marks, told by those around them."""

from __future__ import annotations

import numpy as np
import pytest

from datapartnerships.kernels import accents

_PAGE = "wir müssen für die gefährlichen güter die züge prüfen und wir wurden gehört "


def _given(*texts: str) -> tuple[accents.Codes, accents.Rows]:
    codes = np.array([ord(c) for text in texts for c in text], np.uint32)
    return codes, np.repeat(np.arange(len(texts)), [len(text) for text in texts])


def _held(*damaged: str) -> accents.Held:
    texts = [*[_PAGE] * 50, *damaged]
    return _learned(*texts)


def _learned(*texts: str) -> accents.Held:
    given = *_given(*texts), np.ones(len(texts), np.int64)
    held = accents.nothing(accents.tally(*given))
    accents.learn(*given, held)
    return held


def _odd(text: str, held: accents.Held, own: int = 0) -> list[int]:
    return np.flatnonzero(accents.odd(*_given(text), held, np.array([own]))).tolist()


@pytest.mark.parametrize(
    ("text", "places"),
    [
        (_PAGE, []),
        ("wir mussen für die gefahrlichen guter", [5, 22, 33]),
        ("wir müssen für die gefáhrlichen güter", [22]),  # another mark
        ("wir würden gehört", [5]),
        ("die truhen und uhren", []),  # nobody knows how these are written
        ("und wir grollen", []),
    ],
)
def test_a_spelling_that_is_seldom_where_it_stands(text: str, places: list[int]) -> None:
    assert _odd(text, _held()) == places


def test_what_some_pages_have_lost_is_still_found_and_what_many_have_is_not() -> None:
    damaged = "wir mussen fur die gefahrlichen guter"
    assert _odd(damaged, _held(*[damaged] * 5)) == _odd(damaged, _held()) == [5, 12, 22, 33]
    assert _odd(damaged, _held(*[damaged] * 50)) == []


def test_what_a_page_has_brought_is_taken_off() -> None:
    damaged = "wir mussen fur die guter " * 20
    assert _odd(damaged, _held(damaged)) == []
    assert len(_odd(damaged, _held(damaged), own=1)) == 60


def test_texts_are_alone_and_letters_that_have_no_marks_here_are_not_looked_at() -> None:
    held = _held()
    texts = ["wir mussen", "sen für di", "e gefahrlich"]
    together = accents.odd(*_given(*texts), held, np.zeros(3, np.int64))
    alone = [accents.odd(*_given(text), held, np.zeros(1, np.int64)) for text in texts]
    assert together.tolist() == np.concatenate(alone).tolist()
    assert held.letters.tolist() == sorted(map(ord, "aou"))
    plain = _learned("no marks at all")
    assert plain.letters.tolist() == []
    assert _odd("für", plain) == []
    assert _odd("", held) == []
