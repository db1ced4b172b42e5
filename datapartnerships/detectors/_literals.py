"""Where any of many words stands in a column, whatever their case, at the speed of its bytes.

The first three bytes of what begins a word are looked up in a table of 65,536 places, then the
first four or five, as the literals that begin so are long; what is left (a few in a thousand words)
is compared with these literals, the longest first. Where kernels are compiled, one pass over the
bytes does all this, and leaves only what is not plain ASCII to compare.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from itertools import product
from typing import Any, NamedTuple

import numpy as np

from datapartnerships.detectors._scan import (
    Block,
    Column,
    Mask,
    NearFigures,
    Positions,
    table_of,
)
from datapartnerships.kernels._compiled import compiled

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
_UNSURE = -1
_SPACE = 0x20
# Bytes that are looked at together.
_STEP = 4096


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
        by_place: dict[int, set[int]] = defaultdict(set)
        for index, literal in enumerate(self.literals):
            folded = literal.casefold()
            for form in {literal, literal.lower(), literal.upper(), literal.title(), folded}:
                for place in self._mark(form.encode()):
                    by_place[place].add(index)
        self._signs = self._first & ~_WORD
        # Of a byte and the one behind it, whether a literal may begin with the second: words begin
        # behind what is none. Behind other characters than ASCII, and where it begins with no
        # letter, each place is looked at closely.
        begins = self._first & (_BREAK[:, None] | self._signs)
        self._begins = begins.ravel()
        self._spelled = _Spelled.of([text.casefold() for text in self.literals], by_place)
        self._known = {
            first: sorted(some.items(), key=lambda pair: -len(pair[0]))
            for first, some in known.items()
        }

    def _mark(self, form: bytes) -> set[int]:
        """Notes how it begins in the tables; the places of its first three bytes."""
        places = set()
        word = form.split(b" ")[0]
        # What may follow a word that is shorter than that.
        after = _AFTER if _WORD[word[-1]] else range(256)
        size = min(max(len(word) + 1, 3), 5)
        given = [[int(_LOWER[byte])] for byte in word[:size]]
        rest = [after, range(256)][: size - len(given)]
        for some in product(*given, *rest):
            place = _place(*some[:3])
            self._first[some[0] == _LOWER] = True
            self._any[place] = True
            places.add(place)
            for byte in some[3:]:
                place = _further(place, byte)
            self._tables[size - 3][place] = True
        return places

    def find(self, column: Column, block: Block, only: Only | None = None) -> Iterator[Found]:
        """Every place where one of them stands; of those that begin together, the longest.

        Args:
            column: the texts.
            block: which of them.
            only: of places in the block, at which one may begin; at all, if it is not given.
        """
        loop = compiled(_loop, _place, _further, _key, _spelled_at)
        if loop is not None and (only is None or isinstance(only, NearFigures)):
            yield from self._by_loop(loop, column, block, only)
            return
        places = self._candidates(block, only)
        texts = column.text_of(places)
        floors = column.bounds[texts]
        ends = np.minimum(column.bounds[texts + 1], places + self._reach + _SLACK)
        for floor, at, end in zip(floors.tolist(), places.tolist(), ends.tolist(), strict=True):
            found = self._at(column, floor, at, end)
            if found is not None:
                yield found

    def _by_loop(
        self, loop: Any, column: Column, block: Block, only: NearFigures | None
    ) -> Iterator[Found]:
        cuts = np.append(block.cuts, len(block.codes))
        figures = block.digits if only else np.empty(0, np.int64)
        before, after = (only.before, only.after) if only else (-1, -1)
        found = loop(
            block.codes, cuts, figures, before, after, self._reach + _SLACK, self._begins,
            _LOWER, self._any, *self._tables, *self._spelled,
        )  # fmt: skip
        for floor, at, end, literal in found.tolist():
            if literal == _UNSURE:
                some = self._at(column, floor + block.begin, at + block.begin, end + block.begin)
                if some is not None:
                    yield some
            else:
                yield Found(at + block.begin, end + block.begin, self.literals[literal])

    def _candidates(self, block: Block, only: Only | None) -> Positions:
        codes = block.codes
        pairs = codes.astype(np.uint16)
        pairs[1:] |= codes[:-1].astype(np.uint16) << 8
        begins = self._begins[pairs]
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


class _Spelled(NamedTuple):
    """Literals folded, as bytes one after another; those with the same place, the longest first."""

    data: Any
    edges: Positions
    wordy: Mask
    heads: Positions
    indices: Positions

    @classmethod
    def of(cls, folded: list[str], by_place: dict[int, set[int]]) -> _Spelled:
        parts = [text.encode() for text in folded]
        size = np.zeros(1 << 16, np.int64)
        for place, some in by_place.items():
            size[place] = len(some)
        order = [
            sorted(by_place[place], key=lambda index: (-len(folded[index]), index))
            for place in sorted(by_place)
        ]
        return cls(
            np.frombuffer(b"".join(parts), np.uint8),
            np.append(0, np.cumsum([len(part) for part in parts])).astype(np.int64),
            np.array([text[-1].isalnum() for text in folded], np.bool_),
            np.append(0, np.cumsum(size)),
            np.array([index for some in order for index in some], np.int64),
        )


# ---------------------------------------------------------------------------- compiled


def _loop(
    codes: Any, stops: Any, figures: Any, before: Any, after: Any, reach: Any, begins: Any,
    lower: Any, begun: Any, three: Any, four: Any, five: Any, data: Any, edges: Any, wordy: Any,
    heads: Any, indices: Any,
) -> Any:  # fmt: skip
    """Rows of: begin of the text, begin and end of what is found, and which literal it is.

    For what is not plain ASCII it is `_UNSURE`, and the end that of what is to be looked at. Far
    from figures, if they are asked for, nothing is read.
    """
    rows = np.empty((64, 4), np.int64)
    some = np.empty(_STEP, np.int64)
    found, figure, floor, at = 0, 0, np.int64(0), np.int64(0)
    for stop in stops:
        at = max(at, floor)
        while at < stop:
            limit = min(at + _STEP, stop)
            if before >= 0:
                while figure < len(figures) and figures[figure] < at - before:
                    figure += 1
                if figure == len(figures):
                    return rows[:found]
                at = max(at, figures[figure] - after)
                if at >= stop:
                    break
                limit = figures[figure] + before + 1
                most = min(at + _STEP, stop)
                while (
                    limit < most
                    and figure + 1 < len(figures)
                    and figures[figure + 1] - after <= limit
                ):
                    figure += 1
                    limit = figures[figure] + before + 1
                limit = min(limit, most)
            # What is kept is counted without asking: what the processor cannot foretell costs it.
            # Numbers without a sign, that no index is asked whether it counts from the end.
            count = np.uint64(0)
            last = np.uint64(codes[at - 1]) if at > floor else np.uint64(_SPACE)
            for here in range(np.uint64(at), np.uint64(limit)):
                code = np.uint64(codes[here])
                some[count] = here
                count += np.uint64(begins[last << np.uint64(8) | code])
                last = code
            likely = 0
            for i in range(np.int64(count)):
                here = some[i]
                some[likely] = here
                likely += begun[_key(codes, lower, here, stop)]
            at = limit
            for i in range(likely):
                here = some[i]
                key = _key(codes, lower, here, stop)
                if not three[key]:
                    more = np.int64(lower[codes[here + 3]]) if here + 3 < stop else np.int64(0)
                    further = _further(key, more)
                    more = np.int64(lower[codes[here + 4]]) if here + 4 < stop else np.int64(0)
                    if not four[further] and not five[_further(further, more)]:
                        continue
                end = min(stop, here + reach)
                literal, past = np.int64(-2), end
                if max(codes[here : min(here + 3, stop)]) < 128:
                    for index in indices[heads[key] : heads[key + 1]]:
                        past = _spelled_at(
                            codes, here, end, data[edges[index] : edges[index + 1]], wordy[index]
                        )
                        if past:
                            literal = index
                            break
                    if literal == -2:
                        continue
                # What stands behind another letter than an ASCII one is looked at closely.
                if literal == -2 or past < 0 or (here > floor and codes[here - 1] > 127):
                    literal, past = np.int64(_UNSURE), end
                if found == len(rows):
                    longer = np.empty((2 * found, 4), np.int64)
                    longer[:found] = rows
                    rows = longer
                rows[found, 0], rows[found, 1] = floor, here
                rows[found, 2], rows[found, 3] = past, literal
                found += 1
        floor = stop
    return rows[:found]


def _key(codes: Any, lower: Any, at: Any, stop: Any) -> Any:
    """The place of the three bytes from `at` on; zeros for those behind the end of the text."""
    two = np.int64(lower[codes[at + 1]]) if at + 1 < stop else np.int64(0)
    three = np.int64(lower[codes[at + 2]]) if at + 2 < stop else np.int64(0)
    return _place(np.int64(lower[codes[at]]), two, three)


def _spelled_at(codes: Any, at: Any, end: Any, literal: Any, wordy: Any) -> Any:
    """Where `literal` ends that stands at `at`; 0 where it does not, -1 where that is not clear."""
    # As `Literals._at` does: by its first two characters it chooses what to compare with.
    if len(literal) > 1 and literal[1] == 0x20 and (at + 1 >= end or codes[at + 1] != 0x20):
        return 0
    for byte in literal:
        if at >= end:
            return 0
        code = codes[at]
        if code > 127:
            return -1
        if byte == 0x20:
            begin = at
            while at < end and (code == 0x20 or 9 <= code <= 13 or 28 <= code <= 31):
                at += 1
                if at < end:
                    code = codes[at]
            if at < end and code > 127:
                return -1
            if at == begin:
                return 0
        elif (code + 32 if 65 <= code <= 90 else code) != byte:
            return 0
        else:
            at += 1
    if wordy and at < end:
        code = codes[at]
        if code > 127:
            return -1
        if 48 <= code <= 57 or 65 <= code <= 90 or 97 <= code <= 122 or code == 95:
            return 0
    return at
