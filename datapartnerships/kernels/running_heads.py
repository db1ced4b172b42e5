"""Running heads and feet, and the numbers of pages, of one document.

What stands at the head or foot of a page is told from its text by what recurs near by: the same
words, a few letters of them misread, on three pages of seven; a number that is that of the page,
counted from some page, on most. From the outside in: a line is taken only if all outside of it
are. What may be a row or the heading of a table, a refrain, a title or the number of a section
stays.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from difflib import SequenceMatcher
from itertools import pairwise
from statistics import median

from datapartnerships.kernels._page_edges import DEPTH, Boxes, Line, Page, paged
from datapartnerships.kernels._page_numbers import (
    AS_DIGITS,
    BEYOND,
    Found,
    Row,
    misread,
    numbers_of,
    rows,
)

HEAD, NUMBER = "running head", "page number"
# A head recurs on at least so many pages, the next of them not further than this.
MIN_RECURS, NEAR = 3, 6
# It is shorter than this; so many of its letters, and of their pairs, stay when it is misread.
MAX_CHARACTERS, LIKE, PAIRS = 110, 0.8, 0.6
CELLS = " | "

# Letters and digits in one word.
_MIXED = re.compile(r"[^\W\d_]+\d\w*|\d+[^\W\d_]\w*")
_AS_LETTERS = str.maketrans("0158", "OlSB")
_DIGITS = re.compile(r"\d+")
_ROMAN = re.compile(r"\b[IVXLC]{1,8}\b")
_KEEP = re.compile(r"[^\w#]+")
_NUMERIC = re.compile(r"[+\-−–(]?[$€£]?\d[\d.,:/%½¼¾]*[)%]?[.,]?")
_GAP = re.compile(r"\s{2,}|\t| \| ")
_RESERVED = re.compile(r"©|www\.|https?:|@|\bISSN\b|\bISBN\b")


def furniture(
    texts: Sequence[str | None], pages: Sequence[int | None], boxes: Boxes | None = None
) -> dict[int, dict[int, str]]:
    """For each segment that has any, its lines that are no text, by their index: which kind.

    `pages` and `boxes` (left, top, right, bottom as shares of the page) are those of the segments;
    a form feed in a text begins another page.
    """
    found = paged(texts, pages, boxes)
    return _Search(found).found() if len(found) > 1 else {}


def key_of(line: str) -> str:
    """A line without case and marks, its numbers masked, those at its ends left out."""
    if _DIGITS.search(line):
        line = _DIGITS.sub("#", _MIXED.sub(_settled, line))
    return _KEEP.sub(" ", _ROMAN.sub("#", line).casefold()).strip(" #")


def _settled(match: re.Match[str]) -> str:
    """A number or a word, some of whose characters were read as the other."""
    token = match.group()
    digits = sum(map(str.isdecimal, token))
    return token.translate(AS_DIGITS if 2 * digits >= len(token) else _AS_LETTERS)


class _Search:
    """Of one document."""

    def __init__(self, pages: Sequence[Page]) -> None:
        self.pages = pages
        self._taken: dict[int, dict[int, str]] = defaultdict(dict)
        self._numbers_in: dict[str, list[Found]] = {}
        # By page, so that a volume of many issues, each with its own row, costs no more.
        self._rows: dict[int, list[Row]] = defaultdict(list)
        for row in rows(self._numbers(), len(pages)):
            for index in range(row.first - BEYOND, row.last + BEYOND + 1):
                if row.expects(index):
                    self._rows[index].append(row)
        self._places: dict[str, dict[str, dict[int, Line]]] = {"head": {}, "foot": {}}
        for index, page in enumerate(pages):
            for side, places in self._places.items():
                for line in page.side(side)[:DEPTH]:
                    line.key = line.key or key_of(line.text)
                    places.setdefault(line.key, {}).setdefault(index, line)
        self._inside: Counter[str] | None = None
        # The keys that recur as they are, by the pages on which they do.
        self._anchors: dict[str, dict[int, list[str]]] = {"head": {}, "foot": {}}
        for side, places in self._places.items():
            for key, where in places.items():
                if len(where) > 1 and len(key) > 4:
                    for index in where:
                        self._anchors[side].setdefault(index, []).append(key)
        # On most pages the outermost line is one that recurs.
        self._headed = {
            side: 2 * sum(self._recurs(side, page) for page in pages) > len(pages)
            for side in self._places
        }
        self._matched: dict[str, str] = {}
        self._pairs: dict[str, frozenset[str]] = {}
        self._size = median(len(page.lines) for page in pages)
        self._bearing = {
            side: sum(self._bears(side, index) for index in range(len(pages))) >= len(pages) / 2
            for side in self._places
        }

    def found(self) -> dict[int, dict[int, str]]:
        for index, page in enumerate(self.pages):
            for side in self._places:
                lines = page.side(side)
                for depth, line in enumerate(lines[:DEPTH]):
                    kind = self._kind(index, side, lines, depth)
                    if kind:
                        self._taken[line.segment][line.number] = kind
                    elif sum(map(str.isalnum, line.text)) > 1:
                        break
        return {segment: dict(lines) for segment, lines in self._taken.items()}

    def _found(self, text: str) -> list[Found]:
        found = self._numbers_in.get(text)
        if found is None:
            found = self._numbers_in[text] = numbers_of(text)
        return found

    def _recurs(self, side: str, page: Page) -> bool:
        lines = page.side(side)
        return bool(lines) and len(self._places[side][lines[0].key]) >= MIN_RECURS

    # ------------------------------------------------------------------------ numbers

    def _numbers(self) -> Iterable[tuple[int, str, int, Found]]:
        for index, page in enumerate(self.pages):
            for side in ("head", "foot"):
                lines = page.side(side)
                for depth, line in enumerate(lines[:3]):
                    if CELLS in line.text:
                        continue
                    for number in self._found(line.text):
                        if number.lone and not number.marked and _in_column(lines, depth):
                            continue
                        if number.lone or number.marked or _few_numbers(line.text):
                            yield index, side, depth, number

    def _row(self, index: int, side: str, number: Found) -> Row | None:
        """The row that the number belongs to."""
        for row in self._rows.get(index, ()):
            same = (row.side, row.system) == (side, number.system)
            if same and number.value and row.expects(index) == number.value:
                return row
        return None

    def _strayed(self, index: int, numbers: Sequence[Found]) -> bool:
        """A number alone, at the other edge than on other pages: where a chapter begins."""
        return any(
            number.lone and row.expects(index) == number.value and index not in row.pages
            for number in numbers
            for row in self._rows.get(index, ())
            if row.system == number.system
        )

    def _bears(self, side: str, index: int) -> bool:
        """The page has a line of text with its number at this edge."""
        return any(
            not number.lone and self._row(index, side, number) is not None
            for line in self.pages[index].side(side)[:2]
            for number in self._found(line.text)
        )

    # ------------------------------------------------------------------------ lines

    def _kind(self, index: int, side: str, lines: Sequence[Line], depth: int) -> str:
        line = lines[depth]
        text = line.text
        if len(text) > MAX_CHARACTERS or CELLS in text:
            return ""
        numbers = self._found(text)
        known = [number for number in numbers if self._row(index, side, number) is not None]
        if any(number.lone for number in known) or (not depth and self._strayed(index, numbers)):
            column = _in_column(lines, depth) and not any(n.marked for n in known)
            return "" if column else NUMBER
        if depth < 2 and self._misread(index, side, text) and not _in_column(lines, depth):
            return NUMBER
        if sum(map(str.isalpha, text)) < 3:
            return ""
        told = any(number.value > 1 for number in known)  # "Chapter 1" is on page 1
        if _is_row(lines, depth, known) or self._is_inside(line, side):
            return ""
        if told and self._bearing[side] and depth < 2:
            return HEAD
        return HEAD if self._is_head(index, side, line, known) else ""

    def _misread(self, index: int, side: str, text: str) -> bool:
        return any(
            misread(text, row.expects(index))
            for row in self._rows.get(index, ())
            if row.side == side and row.system == "arabic" and row.lone > 0.5
        )

    def _is_head(self, index: int, side: str, line: Line, known: Sequence[Found]) -> bool:
        if _is_refrain(line, side):
            return False
        if line.text[0].islower() and not known and not _RESERVED.search(line.text):
            return False  # the rest of a sentence
        places = self._like(line, side, index)
        near = [other for other in _around(index) if other in places and other != index]
        if len(places) < (2 if self._headed[side] else MIN_RECURS) or not near:
            return False
        if not self._same_numbers(index, side, line, places, near):
            return False
        return bool(known) or not self._is_title(index, side, places)

    def _like(self, line: Line, side: str, index: int) -> dict[int, Line]:
        """Where the line stands at this edge of pages: as it is, else as one that it is like.

        In the order of pages. A head may be on all of them: what is asked of each line must not
        look at each page.
        """
        key = line.key
        exact = self._places[side][key]
        if len(exact) >= MIN_RECURS and sum(page in exact for page in _around(index)) > 1:
            return exact
        if key not in self._matched:
            near = (other for page in _around(index) for other in self._anchors[side].get(page, ()))
            match = next((other for other in near if other != key and self._alike(key, other)), key)
            self._matched[key] = match
        if self._matched[key] == key:
            return exact
        return dict(sorted({**self._places[side].get(self._matched[key], {}), **exact}.items()))

    def _alike(self, key: str, other: str) -> bool:
        if abs(len(key) - len(other)) > 0.2 * len(other) + 1:
            return False
        mine, theirs = self._letters(key), self._letters(other)
        if 2 * len(mine & theirs) < PAIRS * (len(mine) + len(theirs)):
            return False
        return SequenceMatcher(None, key, other, autojunk=False).ratio() >= LIKE

    def _letters(self, key: str) -> frozenset[str]:
        pairs = self._pairs.get(key)
        if pairs is None:
            pairs = self._pairs[key] = frozenset(map("".join, pairwise(f" {key} ")))
        return pairs

    def _same_numbers(
        self, index: int, side: str, line: Line, places: Mapping[int, Line], near: Sequence[int]
    ) -> bool:
        """What numbers the line has besides its page's stand on a page near by, too."""
        mine = self._others(index, side, line)
        if not mine:
            return True
        return any(self._others(other, side, places[other]) == mine for other in near)

    def _others(self, index: int, side: str, line: Line) -> list[str]:
        text = _MIXED.sub(_settled, line.text)
        numbers = [*_DIGITS.findall(text), *_ROMAN.findall(text)]
        for row in self._rows.get(index, ()):
            if row.side == side and str(row.expects(index)) in numbers:
                numbers.remove(str(row.expects(index)))
        return numbers

    def _is_inside(self, line: Line, side: str) -> bool:
        """The line, whatever its numbers, stands in the text of pages, and not at their edges."""
        if self._inside is None:
            inner = (one.text for page in self.pages for one in page.lines if not one.key)
            self._inside = Counter(
                key_of(text) if _DIGITS.search(text) else text
                for text in inner
                if len(text) <= MAX_CHARACTERS
            )
        inside = self._inside[line.key if _DIGITS.search(line.text) else line.text]
        return 3 * inside > len(self._places[side][line.key])

    def _is_title(self, index: int, side: str, places: Mapping[int, Line]) -> bool:
        """It is the title that the heads after it repeat: of a chapter, or of the book."""
        if side == "foot" or index > next(iter(places), index):
            return False
        whole = len(places) >= 0.35 * len(self.pages)
        return not (whole and index and len(self.pages[index].lines) > 0.5 * self._size)


def _around(index: int) -> range:
    return range(index - NEAR, index + NEAR + 1)


# ---------------------------------------------------------------------------- tables and verse


def _in_column(lines: Sequence[Line], depth: int) -> bool:
    """One of the next two lines towards the text is a number as well."""
    return any(_NUMERIC.fullmatch(line.text) is not None for line in lines[depth + 1 : depth + 3])


def _few_numbers(text: str) -> bool:
    """A line of text with a number, and not a row of numbers."""
    tokens = text.split()
    numbers = sum(_NUMERIC.fullmatch(token) is not None for token in tokens)
    letters, digits = sum(map(str.isalpha, text)), sum(map(str.isdecimal, text))
    return letters >= 3 and (2 * numbers <= len(tokens) or 2 * letters > 3 * digits)


def _is_row(lines: Sequence[Line], depth: int, known: Sequence[Found]) -> bool:
    """A row of a table, or the heading of one: the next line has as many cells, of numbers."""
    text = lines[depth].text
    tokens = text.split()
    numbers = sum(_NUMERIC.fullmatch(token) is not None for token in tokens)
    for after in lines[depth + 1 : depth + 3]:
        theirs = after.text.split()
        numeric = sum(_NUMERIC.fullmatch(token) is not None for token in theirs)
        if numeric < 2 or 2 * numeric <= len(theirs):
            continue
        if numbers - len(known) >= 2 or (not known and numbers):
            return True
        if not known and len(tokens) >= 3 and abs(len(tokens) - len(theirs)) <= 1:
            return True
        if len(_GAP.split(text)) - len(known) >= 3:
            return True
    return False


def _is_refrain(line: Line, side: str) -> bool:
    """It ends as a line of verse does, and stands with others."""
    text = line.text
    if _RESERVED.search(text) or text.isupper():
        return False
    if text[-1] in ",;!?" or (side == "foot" and text[-1] in '.:—-”"'):
        return not (line.blank_before if side == "foot" else line.blank_after)
    return False
