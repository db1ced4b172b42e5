"""Numbers of pages: what looks like one, and which of them count the pages."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

# What stands before the number of a page, and between it and the number of all pages.
_WORD = r"(?:page|pag|pg|p|seite|s|bls|blaðsíða|síða|side|sida|página|pagina|strona|lk)"
_OF = r"\s*(?:of|von|af|av|van|sur|de|di|/|\|)\s*(\d{1,4})"
_ARABIC, _ROMAN = r"\d{1,4}", r"[ivxlc]{1,8}|[IVXLC]{1,8}"
_DRAWN = r"[-–—~*•·.,_=|\[\](){}<>:'\"\s]*"
_LONE = re.compile(rf"{_DRAWN}({_ARABIC}|{_ROMAN}){_DRAWN}")
_EXPLICIT = re.compile(rf"\W*{_WORD}[.:]?\s*({_ARABIC}|{_ROMAN})(?:{_OF})?\W*", re.I)
_SHARE = re.compile(rf"\W*({_ARABIC}){_OF}\W*", re.I)
_INSIDE = re.compile(rf"\b{_WORD}[.:]?\s*({_ARABIC})\b(?:{_OF})?", re.I)
_FIRST = re.compile(rf"\s*[-–—\[(]?\s*({_ARABIC}|{_ROMAN})\s*[\])\-–—|]?(?=\s)")
_LAST = re.compile(rf"(?<=\s)[-–—\[(|]?\s*({_ARABIC}|{_ROMAN})\s*[\])\-–—.]?\s*$")
_MAYBE = re.compile(r"\d|^\W*[ivxlcIVXLC]{1,8}\b|\b[ivxlcIVXLC]{1,8}\W*$")
# "3." and "(3)" number sections, stanzas and notes.
_ITEM = re.compile(r"\s*(?:[(\[]?\w{1,8}[.)\]]|§.*)\s*")
# So are chapters, sonnets, tables: one word and a number.
_NAMED = re.compile(r"\W*[^\W\d_]+\.? [\dIVXLCivxlc]+\W*")
_DASHED = re.compile(r"\s*[-–—~*]\s*\w{1,8}\s*[-–—~*]\s*|\s*\[\s*\w{1,8}\s*\]\s*")
_ROMAN_VALUES = {"i": 1, "v": 5, "x": 10, "l": 50, "c": 100}
# What engines read in place of a digit.
AS_DIGITS = str.maketrans("lI|iíìOoQDSsBgqZzGbTA", "111111000055899226674")

# A row of numbers counts pages from so many of them, if at least this share of the pages that it
# spans has one; a gap of more pages cuts it; it is carried on for so many beyond its ends.
MIN_PAGES, MIN_DENSITY, MAX_GAP, BEYOND = 3, 0.4, 8, 3
MAX_CHARACTERS = 160


@dataclass(frozen=True, slots=True)
class Found:
    """What may be the number of a page.

    Attributes:
        value: the number.
        system: numbers of one kind follow one another: arabic, roman, ROMAN, or ``word`` where a
            word says what it is.
        lone: nothing else stands on the line.
        start, end: where the number is in the line.
        total: what it says to be the number of all pages.
        marked: by a word or dashes, so that it cannot number a section.
    """

    value: int
    system: str
    lone: bool
    start: int
    end: int
    total: int = 0
    marked: bool = False


def numbers_of(line: str) -> list[Found]:
    """The numbers in a line that may be its page's; at the ends, or behind a word for a page."""
    if len(line) > MAX_CHARACTERS or not _MAYBE.search(line):
        return []
    if match := _EXPLICIT.fullmatch(line) or _SHARE.fullmatch(line):
        total = int(match.group(2) or 0)
        found = _found(match.group(1), True, match.span(1), total, marked=True)
        return [found] if found else []
    if match := _LONE.fullmatch(line):
        marked = _DASHED.fullmatch(line) is not None
        if _ITEM.fullmatch(line) and not marked:
            return []
        found = _found(match.group(1), True, match.span(1), marked=marked)
        return [found] if found else []
    answer = []
    for expression in () if _NAMED.fullmatch(line) else (_FIRST, _LAST):
        if match := expression.search(line) if expression is _LAST else expression.match(line):
            answer.append(_found(match.group(1), False, match.span(1)))
    for match in _INSIDE.finditer(line):
        total = int(match.group(2) or 0)
        answer.append(_found(match.group(1), False, match.span(1), total, marked=True, word=True))
    return [found for found in answer if found]


def _found(
    text: str,
    lone: bool,
    span: tuple[int, int],
    total: int = 0,
    *,
    marked: bool = False,
    word: bool = False,
) -> Found | None:
    if text.isdecimal():
        system = "word" if word else "arabic"
        return Found(int(text), system, lone, *span, total, marked)
    value = roman(text)
    if not value or not (text.islower() or text.isupper()):
        return None
    return Found(value, "roman" if text.islower() else "ROMAN", lone, *span, total, marked)


def roman(text: str) -> int:
    """The value of a roman numeral; 0 of what is none."""
    values = [_ROMAN_VALUES.get(letter, 0) for letter in text.lower()]
    total = sum(
        -value if value < after else value
        for value, after in zip(values, [*values, 0][1:], strict=True)
    )
    return total if text.lower() == as_roman(total) else 0


def as_roman(value: int) -> str:
    if not 0 < value < 400:
        return ""
    parts = ((100, "c"), (90, "xc"), (50, "l"), (40, "xl"), (10, "x"), (9, "ix"), (5, "v"),
             (4, "iv"), (1, "i"))  # fmt: skip
    text = ""
    for size, letters in parts:
        text += letters * (value // size)
        value %= size
    return text


def misread(line: str, value: int) -> bool:
    """Whether a short line may be the number `value`, some of its digits read as letters."""
    text = line.strip(" -–—~*•·.[]")
    if not 0 < len(text) <= 5 or not value:
        return False
    told = any(c.isdecimal() for c in text) or len(text) >= 2
    read, expected = text.translate(AS_DIGITS), str(value)
    if not told or len(read) != len(expected) or not read.isdecimal():
        return False
    return sum(a != b for a, b in zip(read, expected, strict=True)) <= (len(expected) > 1)


@dataclass(frozen=True, slots=True)
class Row:
    """Numbers that count pages: that of page `i` is i + `offset`."""

    side: str
    system: str
    offset: int
    first: int
    last: int
    pages: frozenset[int]
    depth: float
    lone: float
    marked: bool

    def expects(self, page: int) -> int:
        """The number of that page, 0 where the row does not reach."""
        near = self.first - BEYOND <= page <= self.last + BEYOND
        return max(0, page + self.offset) if near else 0


def rows(found: Iterable[tuple[int, str, int, Found]], pages: int) -> list[Row]:
    """The rows among (page, side, depth, number)."""
    groups: dict[tuple[str, str, int], dict[int, tuple[int, Found]]] = defaultdict(dict)
    for page, side, depth, number in found:
        group = groups[side, number.system, number.value - page]
        if page not in group or depth < group[page][0]:
            group[page] = depth, number
    answer = []
    for (side, system, offset), group in groups.items():
        for run in _runs(sorted(group)):
            span = run[-1] - run[0] + 1
            told = [group[page][1] for page in run]
            whole = all(n.total == pages for n in told) and len(run) == pages and offset == 1
            if whole or (len(run) >= MIN_PAGES and len(run) >= MIN_DENSITY * span):
                mean = sum(group[page][0] for page in run) / len(run)
                lone = sum(n.lone for n in told) / len(run)
                marked = 2 * sum(n.marked for n in told) > len(run)
                answer.append(
                    Row(side, system, offset, run[0], run[-1], frozenset(run), mean, lone, marked)
                )
    return _unrivalled(answer)


def _runs(pages: Sequence[int]) -> Iterable[list[int]]:
    current = [pages[0]]
    for page in pages[1:]:
        if page - current[-1] > MAX_GAP:
            yield current
            current = []
        current.append(page)
    yield current


def _unrivalled(found: list[Row]) -> list[Row]:
    """Without rows that count something else: sonnets, lessons, tables, one a page.

    A page has one number. Of two rows over the same pages the outer one, then the one at the foot,
    counts them, unless a word or dashes say what the other is. Capital roman numbers are those of
    pages only before pages with others.
    """
    ordered = sorted(found, key=lambda row: (row.system == "ROMAN", -len(row.pages), row.depth))
    kept: list[Row] = []
    for row in sorted(ordered, key=lambda row: (row.marked, row.depth > 0.5, row.side != "foot")):
        near = [o for o in kept if o.first <= row.last and row.first <= o.last and not o.marked]
        rivals = [other for other in near if 2 * len(other.pages & row.pages) > len(row.pages)]
        if row.marked or not any(o.side != row.side or o.offset != row.offset for o in rivals):
            kept.append(row)
    others = any(row.system in ("arabic", "roman") for row in kept)
    return [row for row in kept if row.system != "ROMAN" or (others and row.first < 40)]
