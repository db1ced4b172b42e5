"""Groups of letters and digits in the order in which they are written, and their shapes.

The shape of ``110437-4399`` is ``6-4``, that of ``QQ 12 34 56 C`` is ``aa 2 2 2 a``: a number for
each group of digits, a letter for each letter. A shape is looked up in a dictionary, so it costs
the same for one country and for fifty.
"""

from __future__ import annotations

import re
from collections.abc import Container, Iterable, Iterator
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from datapartnerships.detectors import _scan
from datapartnerships.detectors._scan import Column, Positions
from datapartnerships.kernels._compiled import compiled

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


Table = npt.NDArray[np.uint8]
_BEGUN, _KNOWN = 1, 2


def table_of(shapes: Iterable[str]) -> Table:
    """What is known of shapes and of their beginnings, by their number (see `_further`)."""
    table = np.zeros(1 << 16, np.uint8)
    for shape in shapes:
        number = 0
        for sign in shape:
            number = _further(number, ord(sign))
            table[_place(number)] |= _BEGUN
        table[_place(number)] |= _KNOWN
    return table


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


def windows(column: Column, first: Positions, past: Positions, table: Table) -> Iterator[Window]:
    """Around runs of digits, given where each begins and ends, that may have shapes of `table`."""
    texts = column.text_of(first)
    loop = compiled(_loop, _apart, _sign, _further, _place)
    if loop is not None:
        low, high = column.bounds[texts], column.bounds[texts + 1]
        some = loop(column.codes, first, past, low, high, table, _CLASSES)
        first, past, texts = first[some], past[some], texts[some]
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


# ---------------------------------------------------------------------------- compiled

# Of bytes: digits, letters, what is stuck to a number at either side, and what joins it to another.
_DIGIT, _LETTER, _GLUED, _JOINS = 1, 2, 4, 8
_CLASSES = (
    _scan.table_of(b"0123456789") * np.uint8(_DIGIT)
    | _scan.table_of(_scan.LETTERS) * np.uint8(_LETTER)
    | _scan.table_of("".join(x for x in _STUCK if x.isascii()).encode()) * np.uint8(_GLUED)
    | _scan.table_of(b"./,:+-") * np.uint8(_JOINS)
)


def _further(number: Any, sign: Any) -> Any:
    """The number of a beginning of a shape with one more character (FNV-1a)."""
    return ((number ^ sign) * 0x01000193 + 1) & 0xFFFFFFFF


def _place(number: Any) -> Any:
    return (number ^ (number >> 16)) & 0xFFFF


def _loop(codes: Any, first: Any, past: Any, low: Any, high: Any, table: Any, classes: Any) -> Any:
    """Whether around each run stands a shape of `table` and stands apart.

    True too where that is not plain: for long runs, and for other bytes than ASCII ones. It does
    as `_tokens`, `Window.shapes` and `Window.stands_apart` do.
    """
    found = np.ones(len(first), np.bool_)
    starts, ends = np.empty(160, np.int64), np.empty(160, np.int64)
    for run in range(len(first)):
        at, to, floor, ceiling = first[run], past[run], low[run], high[run]
        if to - at > 96:
            continue
        plain = True
        for i in range(max(floor, at - _LEAD - 2), min(ceiling, to + _TRAIL + 2)):
            plain &= 0 < codes[i] < 128
        if not plain:
            continue
        begin, end = max(floor, at - _LEAD), min(ceiling, to + _TRAIL)
        while begin > floor and begin < at and classes[codes[begin - 1]] & 3:
            begin += 1
        count = 0
        while begin < end:
            kind = classes[codes[begin]] & 3
            stop = begin + 1
            if kind:
                while stop < end and classes[codes[stop]] & kind:
                    stop += 1
                starts[count], ends[count] = begin, stop
                count += 1
            begin = stop
        likely = False
        for opening in range(count):
            number = np.int64(0)
            for last in range(opening, min(opening + _MOST_TOKENS, count)):
                if last > opening:
                    sign = _sign(codes, ends[last - 1], starts[last])
                    if sign < 0:
                        break
                    if sign > 0:
                        number = _further(number, sign)
                size = ends[last] - starts[last]
                if classes[codes[starts[last]]] & _LETTER:
                    if size > _LONGEST_WORD:
                        break
                    for _ in range(size):
                        number = _further(number, 97)
                else:
                    if size > 9:
                        number = _further(number, 48 + size // 10)
                    number = _further(number, 48 + size % 10)
                says = table[_place(number)]
                if says & _KNOWN and _apart(
                    codes, floor, starts[opening], ends[last], ceiling, classes
                ):
                    likely = True
                if likely or (last > opening and not says):
                    break
            if likely:
                break
        found[run] = likely
    return found


def _sign(codes: Any, begin: Any, end: Any) -> Any:
    """The sign in `_SIGNS` for these bytes, 0 for none, -1 where they part."""
    size = end - begin
    if size == 0:
        return 0
    one = np.int64(codes[begin])
    if size == 1:
        return one if one in (0x20, 0x2B, 0x2D, 0x2E, 0x2F) else -1
    two = np.int64(codes[begin + 1])
    if size == 2:
        if two == 0x20 and one in (0x20, 0x2D, 0x2E):
            return one
        return two if one == 0x20 and two == 0x2D else -1
    if size == 3 and one == 0x20 and two in (0x2D, 0x2F) and codes[begin + 2] == 0x20:
        return two
    return -1


def _apart(codes: Any, floor: Any, start: Any, end: Any, ceiling: Any, classes: Any) -> Any:
    """`Window.stands_apart`."""
    if start > floor:
        kind = classes[codes[start - 1]]
        if kind & 7:
            return False
        if kind & _JOINS and start - 1 > floor:
            slash = codes[start - 1] == 0x2F or codes[start - 1] == 0x2D
            earlier = classes[codes[start - 2]]
            if earlier & _DIGIT or (slash and earlier & _LETTER):
                return False
    if end < ceiling:
        kind = classes[codes[end]]
        if kind & 7:
            return False
        if kind & _JOINS and end + 1 < ceiling:
            slash = codes[end] == 0x2F or codes[end] == 0x2D
            later = classes[codes[end + 1]]
            if later & _DIGIT or (slash and later & _LETTER):
                return False
    return True
