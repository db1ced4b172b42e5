"""Groups of letters and digits in the order in which they are written, and their shapes.

The shape of ``110437-4399`` is ``6-4``, that of ``QQ 12 34 56 C`` is ``aa 2 2 2 a``: a number for
each group of digits, a letter for each letter. A shape is looked up in a dictionary, so it costs
the same for one country and for fifty.
"""

from __future__ import annotations

import re
from collections.abc import Container, Iterator
from typing import NamedTuple

import numpy as np

from datapartnerships.detectors._scan import Column, Positions

_BEFORE_BYTES, _AFTER_BYTES = 96, 40
# Letters that belong to an identifier may stand before its digits: `RSS MRA 85T10 A562S`.
_LEAD, _TRAIL = 9, 10
_TOKEN = re.compile(r"[0-9](?:\0*[0-9])*|[A-Za-z]+")
# Dates, years, decimals, fractions: six of ten runs. No shape of an identifier is one of these.
_PLAIN = re.compile(
    rb"[0-9]{1,2}[./][0-9]{1,2}[./][0-9]{2,4}|[0-9]{1,2}-[0-9]{1,2}-[0-9]{4}"
    rb"|[0-9]{4}[./\-][0-9]{1,2}[./\-][0-9]{1,2}|[0-9]{1,2}\.[0-9]{4,}|[0-9]/[0-9]{5,}|[0-9]{6,}\.[0-9]{1,2}"
    rb"|[0-9]{3,4}[./][0-9]{3,4}|(?:1[5-9]|20)[0-9]{2}-(?:1[5-9]|20)?[0-9]{2}|[0-9]{2}[/\-][0-9]{4}"
    rb"|[0-9]{4}/[0-9]{2}|[0-9]{2}/[0-9]{8}"
)
_LONGEST_WORD, _MOST_TOKENS = 6, 13
_HYPHENS = "-\u2010\u2011\u2012\u2013\u2212"
_SIGNS = {"": "", ".": ".", "/": "/", "+": "+", " / ": "/", ". ": "."}
_SIGNS |= dict.fromkeys([" ", "\u00a0", "\u202f", "\u2009", "  "], " ")
_SIGNS |= {f"{x}{sign}{y}": "-" for sign in _HYPHENS for x in ("", " ") for y in ("", " ")}


class Token(NamedTuple):
    """Neighboring digits or letters, in characters of a window."""

    start: int
    end: int
    text: str
    key: str


class Window(NamedTuple):
    """What stands around a run of digits, and the byte at which it begins."""

    text: str
    begin: int
    tokens: list[Token]

    def shapes(
        self, known: Container[str], begun: Container[str]
    ) -> Iterator[tuple[str, int, int]]:
        """Shapes that are known, with their first and last token; `begun` has their beginnings."""
        tokens, text = self.tokens, self.text
        for first, opening in enumerate(tokens):
            if not opening.key:
                continue
            key = opening.key
            if key in known:
                yield key, first, first
            for last in range(first + 1, min(first + _MOST_TOKENS, len(tokens))):
                token = tokens[last]
                gap = text[tokens[last - 1].end : token.start]
                sign = _SIGNS.get(gap.replace("\0", "") if "\0" in gap else gap)
                if sign is None or not token.key:
                    break
                key += sign + token.key
                if key not in begun:
                    break
                if key in known:
                    yield key, first, last

    def compact(self, first: int, last: int) -> str:
        """Letters in upper case and digits of some tokens, nothing between."""
        return "".join([token.text for token in self.tokens[first : last + 1]]).upper()

    def stands_apart(self, first: int, last: int) -> bool:
        """Whether no longer number, sum of money, path or address goes on at either side."""
        text = self.text
        start, end = self.tokens[first].start, self.tokens[last].end
        before, earlier = text[start - 1 : start], text[max(0, start - 2) : start - 1]
        if before and (before.isalnum() or before in _STUCK):
            return False
        if before in _JOINING and (earlier.isdigit() or (before in "/-" and earlier.isalpha())):
            return False
        after, later = text[end : end + 1], text[end + 1 : end + 2]
        if after and (after.isalnum() or after in _STUCK or after == "%"):
            return False
        return not ((after in _JOINING and later.isdigit()) or (after in "/-" and later.isalnum()))


_STUCK = "_@$£€¥#%\\&~"
_JOINING = frozenset("./,:+" + _HYPHENS)


def windows(column: Column, first: Positions, past: Positions) -> Iterator[Window]:
    """Around every run of digits, given where each begins and ends."""
    texts = column.text_of(first)
    floors: Positions = np.maximum(column.bounds[texts], first - _BEFORE_BYTES)
    ceilings: Positions = np.minimum(column.bounds[texts + 1], past + _AFTER_BYTES)
    reaches = zip(first.tolist(), past.tolist(), floors.tolist(), ceilings.tolist(), strict=True)
    for at, to, floor, ceiling in reaches:
        if to - at < 12 and _PLAIN.fullmatch(column.raw, at, to):
            continue
        text, begin = column.window(floor, ceiling)
        start, stop = at - begin, to - begin
        if not text.isascii():
            start = len(str(column.raw[begin:at], "utf-8"))
            stop = start + len(str(column.raw[at:to], "utf-8", "ignore"))
        yield Window(text, begin, _tokens(text, start, stop))


def _tokens(text: str, start: int, stop: int) -> list[Token]:
    floor = max(0, start - _LEAD)
    # A word that is cut here is none.
    while floor and text[floor - 1].isalnum() and floor < start:
        floor += 1
    found = []
    for match in _TOKEN.finditer(text, floor, min(len(text), stop + _TRAIL)):
        some = match[0].replace("\0", "")
        if some[0] < "A":
            key = str(len(some))
        else:
            key = "a" * len(some) if len(some) <= _LONGEST_WORD else ""
        found.append(Token(match.start(), match.end(), some, key))
    return found
