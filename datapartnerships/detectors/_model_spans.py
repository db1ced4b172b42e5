"""Texts cut into windows that a model takes, and what it found in them as spans."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable, Iterator
from typing import Any, NamedTuple

import pyarrow as pa

from datapartnerships.detectors._spans import settle_find
from datapartnerships.errors import InvalidParameter
from datapartnerships.schema import SPANS

# Where a window had better end, the best first: after a paragraph, a line, a sentence, a word.
_CUTS = tuple(
    re.compile(cut)
    for cut in (r"\n[^\S\n]*\n\s*", r"\n\s*", r"[.!?…][\"”’»)\]]*\s+|[。！？]", r"\s+")
)
# Characters that any model has room for.
SHORTEST = 16
_SPACE = re.compile(r"\s")
# Spaces, and marks that belong to no name or number.
_MARGIN = " \t\r\n\f\v\u00a0\u200b\u200e\u200f,;:"


class Found(NamedTuple):
    """A span in characters of the text of that index."""

    text: int
    start: int
    end: int
    label: str
    score: float


class Window(NamedTuple):
    """Characters of the text of that index, from `start`."""

    text: int
    start: int
    characters: str


def settle(owner: Any, known: Iterable[str]) -> None:
    """Checks the fields of a detector with a model, and gives them the types that they say.

    They are `model`, `find` (labels, all of them in `known`), and, where there are such,
    `threshold` and `languages`.
    """
    if not isinstance(owner.model, str | os.PathLike) or not os.fspath(owner.model):
        raise InvalidParameter(owner, "model", "a path or a name", owner.model)
    object.__setattr__(owner, "model", os.fspath(owner.model))
    settle_find(owner, known)
    threshold = getattr(owner, "threshold", 1)
    if not isinstance(threshold, int | float) or not 0 < threshold <= 1:
        raise InvalidParameter(owner, "threshold", "above 0, up to 1", threshold)


def languages(owner: object, given: object) -> frozenset[str]:
    """Codes of languages as a set, or an error: somebody has to say which a model is for."""
    codes = frozenset(given) if isinstance(given, tuple | list | frozenset | set) else frozenset()
    if not codes or not all(isinstance(c, str) and re.fullmatch("[a-z]{2,3}", c) for c in codes):
        expected = "codes of the languages the model is for, such as ['en']"
        raise InvalidParameter(owner, "languages", expected, given)
    return codes


def model_name(model: str) -> str:
    """What a model is called: the last part of its path."""
    return os.path.basename(model.rstrip("/"))


def strings(texts: pa.Array) -> list[str]:
    """The texts of a column; nulls are empty."""
    kind = texts.type if isinstance(texts, pa.Array) else type(texts).__name__
    if kind not in (pa.string(), pa.large_string()):
        raise TypeError(f"texts must be one Arrow array of strings. Got {kind}.")
    return [text or "" for text in texts.to_pylist()]


def windows(texts: Iterable[str], size: int, overlap: int) -> Iterator[Window]:
    """Windows of at most `size` characters, which together are all that is not blank.

    A window ends in its second half, after the last paragraph there, else line, sentence or word;
    a run without any space is cut through. After anything but a paragraph the next begins some
    `overlap` characters earlier, so that a name at the cut is seen whole by one of the two.
    """
    for number, text in enumerate(texts):
        start = 0
        while len(text) - start > size:
            end, paragraph = _cut(text, start + size // 2, start + size)
            yield from _window(number, start, text[start:end])
            start = end if paragraph else _back(text, end, start + 1, overlap)
        yield from _window(number, start, text[start:])


def fitted(cut: Iterable[Window], too_long: Callable[[str], bool], overlap: int) -> list[Window]:
    """The windows, those that a model has no room for halved until it has."""
    kept: list[Window] = []
    for window in cut:
        size = len(window.characters)
        if size <= SHORTEST or not too_long(window.characters):
            kept.append(window)
            continue
        halves = windows([window.characters], size // 2 + 1, min(overlap, size // 8))
        moved = (Window(window.text, window.start + half.start, half.characters) for half in halves)
        kept += fitted(moved, too_long, overlap)
    return kept


def _window(number: int, start: int, characters: str) -> Iterator[Window]:
    if characters and not characters.isspace():
        yield Window(number, start, characters)


def _cut(text: str, low: int, high: int) -> tuple[int, bool]:
    """The end of the window, and whether a paragraph ends there."""
    for kind, cut in enumerate(_CUTS):
        at = 0
        for match in cut.finditer(text, low, high):
            at = match.end()
        if at:
            return at, kind == 0
    return high, False


def _back(text: str, end: int, least: int, overlap: int) -> int:
    """The start of a word about `overlap` characters before `end`, and always after `least`."""
    low = max(least, end - overlap)
    space = _SPACE.search(text, low, end - 1)
    return space.end() if space else low


def whole(found: Iterable[Found]) -> list[Found]:
    """In order; spans of one label that overlap, as two windows may give them, are one."""
    kept: list[Found] = []
    last: dict[str, int] = {}
    for span in sorted(found):
        at = last.get(span.label)
        before = kept[at] if at is not None else None
        if before and at is not None and before.text == span.text and before.end > span.start:
            score = max(before.score, span.score)
            kept[at] = before._replace(end=max(before.end, span.end), score=score)
        else:
            last[span.label] = len(kept)
            kept.append(span)
    return kept


def span(window: Window, start: int, end: int, label: str, score: float) -> Found:
    """Characters of a window as a span of its text, without white space and commas at the ends."""
    text = window.characters
    while start < end and text[start] in _MARGIN:
        start += 1
    while end > start and text[end - 1] in _MARGIN:
        end -= 1
    return Found(window.text, window.start + start, window.start + end, label, min(score, 1.0))


def as_table(found: Iterable[Found], detector: str) -> pa.Table:
    """With the columns of `SPANS`, sorted by place; empty spans left out."""
    rows = [(*span, detector) for span in whole(found) if span.end > span.start]
    if not rows:
        return SPANS.empty_table()
    columns = zip(*rows, strict=True)
    arrays = [pa.array(column, item.type) for column, item in zip(columns, SPANS, strict=True)]
    return pa.Table.from_arrays(arrays, schema=SPANS)
