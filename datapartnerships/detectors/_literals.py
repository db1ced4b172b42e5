"""Where any of many words stands in a column, whatever their case, at the speed of its bytes.

The first three bytes of what begins a word are looked up in a table of 65,536 places, then the
first four or five, as the literals that begin so are long; what is left (a few in a thousand words)
is compared with these literals, the longest first.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from itertools import product
from typing import Any, NamedTuple

import numpy as np

from datapartnerships.detectors._scan import Block, Column, Mask, Positions, table_of

# What a word is made of in ASCII; every byte of other characters counts as one.
_WORD = table_of(b"0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_", high=True)
_BREAK = ~_WORD | (np.arange(256) > 127)
# An ASCII letter in lower case; other bytes stay what they are.
_LOWER = np.arange(256, dtype=np.uint8)
_LOWER[ord("A") : ord("Z") + 1] += 32
_AFTER = np.flatnonzero(~_WORD | (np.arange(256) > 127)).tolist()
# Spaces that are not one plain one.
_UNEVEN = re.compile(r"\s\s|[^\S ]")
Only = Callable[[Positions], Mask]
# Characters looked at beyond the longest literal: a folded one may be longer than it was.
_SLACK = 8


class Found(NamedTuple):
    """Where a literal stands: bytes of the column, and which of them it is."""

    start: int
    end: int
    literal: str


class Literals:
    """A set of literals (words or phrases with single spaces), to be looked for together.

    A literal is found where it begins and ends a word: a letter or digit at either end of it has
    none beside it. Case does not matter, and any run of spaces stands for a space.

    Args:
        literals: what to look for; case does not matter.
    """

    def __init__(self, literals: Iterable[str]) -> None:
        self.literals = sorted({" ".join(text.split()) for text in literals if text.strip()})
        # By their first three, four and five bytes: whether a literal begins so that is to be told
        # by so many (one more than its first word has, so that the word is whole).
        self._tables = [np.zeros(1 << 16, np.bool_) for _ in range(3)]
        self._any = np.zeros(1 << 16, np.bool_)
        # Bytes that one begins with, in either case, and those of them that are no letters.
        self._first = np.zeros(256, np.bool_)
        known: dict[str, dict[str, str]] = defaultdict(dict)
        self._reach = 0
        for literal in self.literals:
            folded = literal.casefold()
            known[folded[:2]][folded] = literal
            self._reach = max(self._reach, len(literal.encode()) + literal.count(" ") * 4)
            for form in {literal, literal.lower(), literal.upper(), literal.title(), folded}:
                self._mark(form.encode())
        self._signs = self._first & ~_WORD
        self._known = {
            first: sorted(some.items(), key=lambda pair: -len(pair[0]))
            for first, some in known.items()
        }

    def _mark(self, form: bytes) -> None:
        word = form.split(b" ")[0]
        # What may follow a word that is shorter than that.
        after = _AFTER if _WORD[word[-1]] else range(256)
        size = min(max(len(word) + 1, 3), 5)
        given = [[int(_LOWER[byte])] for byte in word[:size]]
        for some in product(*given, *[after] * (size - len(given))):
            place = _place(*some[:3])
            self._first[some[0] == _LOWER] = True
            self._any[place] = True
            for byte in some[3:]:
                place = _further(place, byte)
            self._tables[size - 3][place] = True

    def find(self, column: Column, block: Block, only: Only | None = None) -> Iterator[Found]:
        """Every place where one of them stands; of those that begin together, the longest.

        Args:
            column: the texts.
            block: which of them.
            only: of places in the block, at which one may begin; at all, if it is not given.
        """
        places = self._candidates(block, only)
        texts = column.text_of(places)
        floors = column.bounds[texts]
        ends = np.minimum(column.bounds[texts + 1], places + self._reach + _SLACK)
        for floor, at, end in zip(floors.tolist(), places.tolist(), ends.tolist(), strict=True):
            found = self._at(column, floor, at, end)
            if found is not None:
                yield found

    def _candidates(self, block: Block, only: Only | None) -> Positions:
        codes = block.codes
        begins = self._first[codes]
        # A word begins behind what is none. Behind other characters than ASCII, each place is
        # looked at closely; so is what is no letter.
        begins[1:] &= _BREAK[codes[:-1]]
        if self._signs.any():
            begins |= self._signs[codes]
        starts = block.cuts[block.cuts < len(codes)]
        begins[starts] = self._first[codes[starts]]
        places = np.flatnonzero(begins)
        if only is not None:
            places = places[only(places)]
        # What is behind the end of a text is none of it.
        cuts = np.append(block.cuts, len(codes))
        room = cuts[np.searchsorted(cuts, places, side="right")] - places
        bytes_ = [
            np.where(room > i, _LOWER[codes[np.minimum(places + i, len(codes) - 1)]], 0)
            for i in range(3)
        ]
        key = _place(*(some.astype(np.uint32) for some in bytes_))
        held = self._any[key]
        places, key, room = places[held], key[held], room[held]
        likely = self._tables[0][key]
        for i, table in enumerate(self._tables[1:], 3):
            some = np.where(room > i, _LOWER[codes[np.minimum(places + i, len(codes) - 1)]], 0)
            key = _further(key, some.astype(np.uint32))
            likely |= table[key]
        found: Positions = places[likely] + block.begin
        return found

    def _at(self, column: Column, floor: int, at: int, end: int) -> Found | None:
        if at > floor and column.raw[at - 1] > 127 and _inside(column, floor, at):
            return None
        text = str(column.raw[at:end], "utf-8", "ignore")
        low = text.casefold()
        # Where folding moves nothing and spaces are plain, what is equal is so as it stands.
        plain = len(low) == len(text)
        even = plain and not _UNEVEN.search(text)
        some = self._known.get(low[:2], [])
        if len(low) > 1 and low[0] in self._known:
            some = [*some, *self._known[low[0]]]
        for folded, literal in some:
            if even or (plain and " " not in folded):
                size = len(folded) if low.startswith(folded) else 0
            else:
                size = _matched(text, folded)
            if not size:
                continue
            after = text[size : size + 1]
            if folded[-1].isalnum() and (after.isalnum() or after == "_"):
                continue
            return Found(at, at + len(text[:size].encode()), literal)
        return None


def _inside(column: Column, floor: int, at: int) -> bool:
    """Whether the character at `at` and the one before it are of one word."""
    before, _ = column.window(max(floor, at - 4), at)
    after, _ = column.window(at, at + 4)
    return before[-1:].isalnum() and after[:1].isalnum()


def _place(first: Any, second: Any, third: Any) -> Any:
    """Of three bytes (numbers, or arrays of them), a number below 65,536."""
    return ((first * 0x9E3B) ^ (second * 0x0101) ^ (third * 0x2F35)) & 0xFFFF


def _further(place: Any, byte: Any) -> Any:
    """With one more byte, likewise."""
    return ((place * 0x6255) ^ (byte * 0x0B4F)) & 0xFFFF


def _matched(text: str, folded: str) -> int:
    """How many characters of `text` are `folded`; 0 where it begins otherwise."""
    at = seen = 0
    while seen < len(folded):
        if folded[seen] == " ":
            size = len(text) - at - len(text[at:].lstrip())
            seen += 1
        else:
            one = text[at : at + 1].casefold()
            size = 1 if one and folded.startswith(one, seen) else 0
            seen += len(one)
        if not size:
            return 0
        at += size
    return at
