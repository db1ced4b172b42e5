"""Where a text was changed into another, so that it can be changed back."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import NamedTuple

# What texts are compared by, and so many of it in a row are an anchor: where one is near, and where
# none is, since chance finds more of those that are further away.
_LINES = re.compile(r"[^\n]*\n|[^\n]+"), 2, 3
_WORDS = re.compile(r"\w+|\s+|[^\w\s]+"), 5, 12
# Tokens that are compared at once.
_TOGETHER = 256
# Tokens among which an anchor is looked for first, and how much wider each time there is none.
_NEAR, _WIDER = 8, 4

By = tuple[re.Pattern[str], int, int]


class Edit(NamedTuple):
    """`inserted` stands at `start` (characters of the new text) in the place of `removed`."""

    start: int
    removed: str
    inserted: str


def edits(old: str, new: str) -> list[Edit]:
    """The edits that made `new` of `old`, from left to right; none overlaps another.

    By lines first, and within those that differ by words, spaces and signs. Where the texts part,
    an anchor is looked for, the nearest place from which on some of them are equal, in windows that
    grow: the time grows with the text, not with its product with what was changed.
    """
    return [
        edit
        for first, last, start, stop in _blocks(old, new, _LINES)
        for edit in _in_lines(old[first:last], new[start:stop], start)
    ]


def undone(new: str, made: Iterable[Edit]) -> str:
    """The text as it was before the edits of `edits`."""
    out, at = [], 0
    for edit in made:
        out += [new[at : edit.start], edit.removed]
        at = edit.start + len(edit.inserted)
    return "".join([*out, new[at:]])


class _Tokens:
    """The tokens of a text from a place on, of which a few thousand are held."""

    def __init__(self, text: str, pattern: re.Pattern[str]) -> None:
        self._found = pattern.finditer(text)
        self._held: list[str] = []
        self._first = 0
        self.at = 0  # characters before the next token

    def next(self, count: int) -> list[str]:
        """So many of the next ones, or all there are."""
        while len(self._held) < self._first + count:
            some = [match[0] for match in islice(self._found, 4096)]
            if not some:
                break
            if self._first > len(self._held) // 2:
                del self._held[: self._first]
                self._first = 0
            self._held += some
        return self._held[self._first : self._first + count]

    def skip(self, count: int) -> None:
        self.at += sum(map(len, self.next(count)))
        self._first += count


def _blocks(old: str, new: str, by: By) -> Iterator[tuple[int, int, int, int]]:
    """Where the texts differ: from and to in the old one, from and to in the new one."""
    pattern, *sizes = by
    a, b = _Tokens(old, pattern), _Tokens(new, pattern)
    while True:
        one, other = a.next(_TOGETHER), b.next(_TOGETHER)
        if one == other:
            if not one:
                return
            same = len(one)
        else:
            pairs = zip(one, other, strict=False)
            same = next((i for i, (x, y) in enumerate(pairs) if x != y), min(len(one), len(other)))
        a.skip(same)
        b.skip(same)
        if one != other:
            starts = a.at, b.at
            gone, come = _until_anchor(a, b, *sizes)
            a.skip(gone)
            b.skip(come)
            yield starts[0], a.at, starts[1], b.at


def _until_anchor(a: _Tokens, b: _Tokens, short: int, long: int) -> tuple[int, int]:
    """How many tokens of each lie before the nearest place from which on they are equal."""
    width, size = _NEAR, short
    while True:
        one, other = a.next(width + size), b.next(width + size)
        places: dict[tuple[str, ...], int] = {}
        for place in range(min(width, len(other))):
            places.setdefault(tuple(other[place : place + size]), place)
        best = None
        for place in range(min(width, len(one))):
            there = places.get(tuple(one[place : place + size]))
            if there is not None and (best is None or place + there < sum(best)):
                best = place, there
        over = len(one) <= width and len(other) <= width
        if best is not None and (over or sum(best) < width):
            return best
        if over:
            return len(one), len(other)
        width, size = width * _WIDER, long


def _in_lines(old: str, new: str, at: int) -> Iterator[Edit]:
    """Those of lines that stand at `at`, without the characters that are the same at both ends."""
    for first, last, start, stop in _blocks(old, new, _WORDS):
        removed, inserted = old[first:last], new[start:stop]
        both = min(len(removed), len(inserted))
        head = next((i for i in range(both) if removed[i] != inserted[i]), both)
        both -= head
        tail = next((i for i in range(both) if removed[-1 - i] != inserted[-1 - i]), both)
        yield Edit(
            at + start + head,
            removed[head : len(removed) - tail],
            inserted[head : len(inserted) - tail],
        )
