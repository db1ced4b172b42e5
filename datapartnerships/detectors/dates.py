"""Dates of a day or a month, dates of birth, ages."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from datapartnerships.detectors._either import either
from datapartnerships.detectors._months import (
    AGED,
    AGED_AFTER,
    AGED_BEFORE,
    AGED_BEFORE_YEARS,
    BIRTH_YEAR,
    BORN,
    BORN_IN,
    BORN_WORDS,
    LASTED,
    MONTHS,
    YEARS,
)
from datapartnerships.detectors._spans import as_table, settle_find, without_overlaps

if TYPE_CHECKING:
    from datapartnerships.detectors._literals import Literals
    from datapartnerships.detectors._scan import Block, Column, Hit, Positions

LABELS = ("DATE", "BIRTH_DATE", "AGE")
# Bytes looked at before and after a month, a separator or a word for years.
_BEFORE, _AFTER = 64, 32


@dataclass(frozen=True, slots=True, kw_only=True)
class Dates:
    """Finds dates, dates of birth (by the words before them) and ages.

    Dates in figures (``8.6.2001``, ``08/06/01``, ``2001-06-08``) are found in every language; dates
    with the name of a month, and ages, in those of `LANGUAGES`. A year alone is one behind words of
    a birth ("born in 1976"), or if `years` asks for it; a weekday, a time of day and a duration are
    none.

    Attributes:
        find: which labels to look for, any of `LABELS`. Without BIRTH_DATE, a date of birth is a
            DATE.
        years: take a year alone (1800 to 2099) for a DATE.

    Scores: 0.9 where a year is written in full or the month by name, and for a year of birth, 0.6
    for two figures of a year, and for an age by its unit alone, 0.4 for a year alone.

    Examples:
        >>> found = Dates()(pa.array(["Fædd 8. júní 2001, 53 ára."]))
        >>> [(s["start"], s["end"], s["label"]) for s in found.to_pylist()]
        [(5, 17, 'BIRTH_DATE'), (19, 25, 'AGE')]
    """

    find: tuple[str, ...] = LABELS
    years: bool = False

    # Part of every fingerprint: raise it when a change of the rules changes what is found.
    version = 2

    def __post_init__(self) -> None:
        settle_find(self, LABELS)

    @property
    def labels(self) -> frozenset[str]:
        """The labels it can give."""
        return frozenset(self.find)

    def covers(self, language: str) -> Mapping[str, str]:
        """How each label is found in texts of a language."""
        named = language in MONTHS
        how = {
            "DATE": "figures, names of months" if named else "figures",
            "BIRTH_DATE": "words before a date" if named else "",
            "AGE": "figures and words" if language in YEARS else "",
        }
        return {label: how[label] for label in self.find if how[label]}

    def __call__(self, texts: pa.Array) -> pa.Table:
        """Spans of a batch of texts, with the columns of `SPANS`, sorted by text and start."""
        from datapartnerships.detectors._folding import with_folded

        return with_folded(texts, self._find)

    def _find(self, texts: pa.Array) -> pa.Table:
        from datapartnerships.detectors._scan import Column

        column = Column.of(texts)
        hits: list[Hit] = []
        for block in column.blocks:
            found = list(_announced(column, block))
            if self.labels & {"DATE", "BIRTH_DATE"}:
                found += _in_figures(column, block)
                found += _with_months(column, block)
                if self.years:
                    found += _years(column, block)
            found = [hit._replace(label=self._label(column, hit)) for hit in found]
            if "AGE" in self.find:
                found += _ages(column, block)
            hits += without_overlaps(hit for hit in found if hit.label in self.find)
        return as_table(column, hits, "Dates")

    def _label(self, column: Column, hit: Hit) -> str:
        if "BIRTH_DATE" not in self.find:
            return "DATE" if hit.label == "BIRTH_DATE" else hit.label
        if hit.label != "DATE":
            return hit.label
        floor = int(column.bounds[int(column.text_of(hit.start))])
        before, _ = column.window(max(floor, hit.start - _BORN_BYTES), hit.start)
        return "BIRTH_DATE" if _BORN.search(before.lower()) else "DATE"


LANGUAGES = tuple(sorted(MONTHS))
_FULL = frozenset(both.split()[0] for some in MONTHS.values() for both in some)

_YEAR = r"(?:1[5-9]|20)\d\d"
# The longest of these words, and what may stand before and behind it.
_BORN_BYTES = max(len(word.encode()) for word in BORN.split("|")) + 24
_BORN = re.compile(rf"(?<!\w)(?:{BORN})\s{{0,2}}[:(,]?\s{{0,3}}\Z")
_FIGURES = re.compile(
    rf"""(?<![\d,/§-])(?<!\d\.)(?<![vV])
    (?: (?P<y1>{_YEAR}) (?P<s1>[./-])[ ]?\d{{1,2}}(?P=s1)[ ]?\d{{1,2}}
    |   (?P<a>\d{{1,2}})(?P<s2>[./-])[ ]?(?P<b>\d{{1,2}})(?P=s2)[ ]?(?P<y2>{_YEAR}|\d\d)
    )(?![\d/-]|[.,]\d)""",
    re.VERBOSE,
)


def _in_figures(column: Column, block: Block) -> Iterator[Hit]:
    """Two equal signs between one or two figures, with a year at one end."""
    for at, begin, text in _windows(column, _figure_signs(block), 8, 12):
        for found in _FIGURES.finditer(text):
            if not found.start() <= at <= found.end() or not _is_day(found):
                continue
            short = found["y2"] is not None and len(found["y2"]) == 2
            yield _hit(begin, text, found.span(), "DATE", 0.6 if short else 0.9)
            break


def _is_day(found: re.Match[str]) -> bool:
    if found["y1"]:
        month, day = (int(part) for part in re.split(r"[./-] ?", found[0])[1:])
        return 1 <= month <= 12 and 1 <= day <= 31
    one, two = int(found["a"]), int(found["b"])
    if not ((1 <= one <= 31 and 1 <= two <= 12) or (1 <= one <= 12 and 1 <= two <= 31)):
        return False
    # `1.2.10` is a section; `01.02.10` and `1/2/10` are days.
    return len(found["y2"]) == 4 or found["s2"] != "." or len(found["a"]) == len(found["b"]) == 2


def _figure_signs(block: Block) -> Positions:
    """Every sign between figures that stands again one to three places further on.

    Four figures stand before the first, or two behind the second.
    """
    from datapartnerships.detectors._scan import table_of

    codes = block.codes
    if len(codes) < 5:
        return np.zeros(0, np.int64)
    digits = block.digits
    places = digits[digits < len(codes) - 2] + 1
    places = places[table_of(b"./-")[codes[places]]]
    after = codes[places + 1]
    spaced = (after == 0x20) & (codes[np.minimum(places + 2, len(codes) - 1)] - 48 < 10)
    places = places[(after - 48 < 10) | spaced]
    apart = np.diff(places)
    pairs = (apart >= 2) & (apart <= 4) & (codes[places[:-1]] == codes[places[1:]])
    first, second = places[:-1][pairs], places[1:][pairs]
    figure = table_of(b"0123456789", high=True)
    behind = np.minimum(second + 2 + (codes[second + 1] == 0x20), len(codes) - 1)
    some = figure[codes[np.maximum(first - 3, 0)]] | figure[codes[behind]]
    found: Positions = first[some] + block.begin
    return found


_DAY = r"(?:[12]\d|3[01]|0?[1-9])"
_OF = r"(?:(?:de|del|d'|of|di|den|der|do|da)\s{1,2}|d['’])?"
_TWO = rf"(?:{_YEAR}|['’]?\d\d(?!\d))"
_DAY_BEFORE = re.compile(
    rf"(?<![\w,.-]){_DAY}\s?(?:st|nd|rd|th|er|re|º|ª|°|\.|-(?:го|е))?(?:[\s-]{{1,3}}|\b){_OF}\Z",
    re.IGNORECASE,
)
_YEAR_BEFORE = re.compile(rf"(?<![\w,.-]){_YEAR}\s?(?:m\.)?[\s.,-]{{1,3}}\Z", re.IGNORECASE)
_YEAR_AFTER = re.compile(rf"\.?[\s,-]{{1,3}}{_OF}({_TWO})(?!\w)", re.IGNORECASE)
_DAY_AFTER = re.compile(
    rf"\.?\s{{1,3}}{_DAY}(?:st|nd|rd|th)?\b(?![.:/]?\d)(?:,?\s{{1,3}}({_YEAR})(?!\w))?",
    re.IGNORECASE,
)
_YEAR_ALONE = re.compile(rf"\.?[\s,-]{{0,3}}{_OF}({_TWO})(?!\w)", re.IGNORECASE)
_DAY_LAST = re.compile(rf"\s{{1,3}}{_DAY}\b")
_BARE = frozenset("_,.-")


@cache
def _months() -> Literals:
    from datapartnerships.detectors._literals import Literals

    return Literals(n for some in MONTHS.values() for both in some for n in both.split())


def _with_months(column: Column, block: Block) -> Iterator[Hit]:
    from datapartnerships.detectors._scan import near_figures

    # A day, a month or a year has figures: most words that are spelled like a month have none near.
    found = list(_months().find(column, block, near_figures(block, 16, 24)))
    places = np.array([place.start for place in found], np.int64)
    windows = _windows(column, places, 24, _AFTER)
    for place, (at, begin, text) in zip(found, windows, strict=True):
        end = at + len(str(column.raw[place.start : place.end], "utf-8"))
        span = _around(text, at, end)
        if span is not None:
            yield _hit(begin, text, span, "DATE", 0.9)


def _around(text: str, at: int, end: int) -> tuple[int, int] | None:
    """A date around a word that is spelled like a month."""
    name = text[at:end]
    full, title = name.lower() in _FULL, name.istitle()
    if text[end : end + 1].isalnum():
        return None
    if before := _DAY_BEFORE.search(text, 0, at):
        after = _YEAR_AFTER.match(text, end)
        # `3 may apply` and `5 set` are none.
        if after or (full and len(name) > 3) or title:
            return before.start(), after.end() if after else end
        return None
    if before := _YEAR_BEFORE.search(text, 0, at):
        after = _DAY_LAST.match(text, end)
        return before.start(), after.end() if after else end
    if at and (text[at - 1].isalnum() or text[at - 1] in _BARE):
        return None
    if after := _DAY_AFTER.match(text, end):
        known = after[1] is not None or (full and len(name) > 3) or title
        return (at, after.end()) if known else None
    if after := _YEAR_ALONE.match(text, end):
        if len(after[1]) == 4:
            return (at, after.end()) if full or len(name) > 3 or title else None
        return (at, after.end()) if full and "-" in after[0] else None
    return None


_LONE_YEAR = re.compile(
    r"(?<![\w.,:/§#€$£-])(?<![§#€$£%]\s)(?:1[89]|20)\d\d(?![\w/%€]|[.,:-]\d|\s[%€])"
)


def _years(column: Column, block: Block) -> Iterator[Hit]:
    codes = block.codes
    digit = np.concatenate([[False], (codes - 48) < 10, [False]])
    edges = np.flatnonzero(digit[1:] != digit[:-1])
    starts, ends = edges[::2], edges[1::2]
    four = starts[(ends - starts) == 4]
    likely = (codes[four] == 0x31) | (codes[four] == 0x32)
    for at, begin, text in _windows(column, four[likely] + block.begin, 4, 8):
        found = _LONE_YEAR.search(text, at)
        if found is not None and found.start() == at:
            yield _hit(begin, text, found.span(), "DATE", 0.4)


@cache
def _units() -> tuple[Literals, re.Pattern[str], re.Pattern[str]]:
    """What a number of years is called; such a number, and one with the words around it."""
    from datapartnerships.detectors._literals import Literals

    names = sorted({name for some in YEARS.values() for name in some.split()})
    # Behind a hyphen a word begins as well: `53-year-old`.
    before, lasted, after = (
        words.replace(" ", r"\s")
        for words in (f"{AGED_BEFORE}|{AGED_BEFORE_YEARS}", LASTED, AGED_AFTER)
    )
    age = (
        r"(?P<count>\d(?<![\w.,/]\d)(?<!\d:\d)\d{0,2})"
        rf"[\s-]{{0,2}}(?P<unit>{either(names)})(?!\w)"
    )
    expression = rf"""(?P<before>(?<!\w)(?:{before})\s{{0,3}}:?\s{{0,3}})?(?P<age>{age})
        (?P<lasted>\s{{1,3}}(?:{lasted})(?!\w))?
        (?P<after>\s{{1,3}}(?:{after})(?!\w))?"""
    number = re.compile(age, re.IGNORECASE)
    return Literals(names), number, re.compile(expression, re.VERBOSE | re.IGNORECASE)


@cache
def _cues() -> tuple[Literals, re.Pattern[str], re.Pattern[str]]:
    """Words before an age or a year of birth; an age behind its cue, and a year behind one."""
    from datapartnerships.detectors._literals import Literals

    inside = BORN_IN.replace(" ", r"\s")
    # `born in Cork in 1976`: names and small words, no sentence end and no figure between.
    place = (
        r"(?:\s{1,2}(?:(?-i:[^\W\d_a-zß-öø-ÿ])[\w'’-]{1,20},?|in|at|of|a|à|en|em|w|í|i|la|de|the))"
        r"{0,6}?"
    )
    age = rf"(?<!\w)(?:{AGED_BEFORE})\s{{0,3}}[:=]?\s{{0,3}}(?P<age>\d{{1,3}})(?![\w%/:-]|[.,]\d)"
    year = (
        rf"(?:(?<!\w)(?:{BORN}|{BIRTH_YEAR})|(?<=[(,\[])\s?(?:b\.|f\.))"
        rf"\s{{0,2}}[:(,]?{place}\s{{0,2}}(?:(?<=\s)(?:{inside})\s{{1,2}})?"
        rf"(?P<year>{_YEAR})(?![\w/%€-]|[.,:]\d)"
    )
    words = (*AGED.split(), *BORN_WORDS.split())
    return Literals(words), re.compile(age, re.IGNORECASE), re.compile(year, re.IGNORECASE)


# Units that hardly ever stand behind a number for anything but an age.
_AGES = re.compile(
    r"ára|.*old|jährig\w*|yaşında|vuotias\w*|aastane|éves|årig\w*|jarige|letni\w*|y/?o|ετών|χρονών",
    re.IGNORECASE,
)


def _ages(column: Column, block: Block) -> Iterator[Hit]:
    from datapartnerships.detectors._scan import near_figures

    literals, number, expression = _units()
    near = near_figures(block, 4, 0)
    places = np.array([found.start for found in literals.find(column, block, near)], np.int64)
    for at, begin, text in _windows(column, places, _BEFORE, _AFTER):
        for found in expression.finditer(text) if number.search(text) else ():
            if not found.start() <= at < found.end():
                continue
            sure = found["before"] or found["after"]
            likely = _AGES.fullmatch(found["unit"]) and not found["lasted"]
            if int(found["count"]) <= 120 and (sure or likely):
                yield _hit(begin, text, found.span("age"), "AGE", 0.9 if sure else 0.6)
            break


def _announced(column: Column, block: Block) -> Iterator[Hit]:
    """Ages and years of birth behind words for them: `aged 34`, `born in 1976`."""
    from datapartnerships.detectors._scan import near_figures

    literals, age, year = _cues()
    near = near_figures(block, 0, 48)
    places = np.array([found.start for found in literals.find(column, block, near)], np.int64)
    for at, begin, text in _windows(column, places, 32, 96):
        for expression, name, label in ((age, "age", "AGE"), (year, "year", "BIRTH_DATE")):
            for found in expression.finditer(text):
                if found.start() <= at < found.end() and (
                    name == "year" or int(found[name]) <= 120
                ):
                    yield _hit(begin, text, found.span(name), label, 0.9)
                    break


def _windows(
    column: Column, places: Positions, before: int, after: int
) -> Iterator[tuple[int, int, str]]:
    """For each place (bytes): where it is in its window, where that begins, and its characters."""
    texts = column.text_of(places)
    floors = np.maximum(column.bounds[texts], places - before)
    ends = np.minimum(column.bounds[texts + 1], places + after)
    for at, floor, end in zip(places.tolist(), floors.tolist(), ends.tolist(), strict=True):
        text, begin = column.window(floor, end)
        plain = text.isascii()
        yield at - begin if plain else len(str(column.raw[begin:at], "utf-8")), begin, text


def _hit(begin: int, text: str, span: tuple[int, int], label: str, score: float) -> Hit:
    from datapartnerships.detectors._scan import Hit, byte_length

    start = begin + byte_length(text[: span[0]])
    return Hit(start, start + byte_length(text[span[0] : span[1]]), label, score)
