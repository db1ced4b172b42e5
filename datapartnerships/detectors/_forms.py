"""Numbers of known forms, with a check and with words that announce them."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

import numpy as np

from datapartnerships.detectors import _scan, _shapes
from datapartnerships.detectors._scan import Block, Column, Hit, Positions, byte_length
from datapartnerships.detectors._shapes import Window

# `QQ 12 34 56 C` has the fewest digits of those that are not looked for apart.
_LEAST = 6
_CUE_CHARACTERS, _CUE_AFTER = 60, 28
_WORD = re.compile(r"[^\W_]+")
_MOST_WORDS = 3
_LINK_WORDS = (
    "is was are the of my your our his her no nr number nummer numer númer número numéro er ist "
    "lautet var es est de del du la le el do da é è jest to on n"
)
_LINKS = frozenset(_LINK_WORDS.split())
_WIDE = re.compile(r"[\u0590-\u05ff\u0e00-\u0e7f\u1100-\u11ff\u3040-\u9fff\uac00-\ud7af]")


Check = Callable[[str], bool]


class Kind(NamedTuple):
    """One kind of number.

    `alone` are the shapes (see `_shapes`) in which it is found by itself, `cued` those in which a
    word of `cues` must stand near; `check` names what tells whether it is one. Shapes are parted
    by ``|``, cues by commas; a cue that ends in ``*`` is the beginning of a word. With `near`, at
    most one word may stand between the cue and the number.
    """

    country: str
    name: str
    check: str
    alone: str
    cued: str
    cues: str
    label: str = "NATIONAL_ID"
    near: bool = False


class _Rule(NamedTuple):
    kind: Kind
    alone: bool
    check: Check


class Rules(NamedTuple):
    """What is looked for: by shape, and the words that announce it."""

    by_shape: Mapping[str, Sequence[_Rule]]
    # What a known shape may begin with.
    begun: frozenset[str]
    table: _shapes.Table
    # Countries whose numbers a word announces.
    words: Mapping[str, frozenset[str]]
    beginnings: Mapping[str, frozenset[str]]
    first_letters: tuple[str, ...]
    unspaced: Mapping[str, frozenset[str]]


def rules(kinds: Iterable[Kind], check_of: Callable[[str], Check], anywhere: str = "") -> Rules:
    """What is looked for; the words of `anywhere` announce every kind."""
    by_shape: dict[str, list[_Rule]] = defaultdict(list)
    cues: dict[str, set[str]] = defaultdict(set)
    for kind in kinds:
        for shapes, alone in ((kind.alone, True), (kind.cued, False)):
            for shape in filter(None, shapes.split("|")):
                by_shape[shape].append(_Rule(kind, alone, check_of(kind.check)))
        for cue in filter(None, f"{kind.cues},{anywhere}".split(",")):
            cues[cue].add(kind.country)
    frozen = {cue.casefold(): frozenset(some) for cue, some in cues.items()}
    return Rules(
        by_shape,
        frozenset(shape[: i + 1] for shape in by_shape for i in range(len(shape))),
        _shapes.table_of(by_shape),
        {cue: some for cue, some in frozen.items() if not cue.endswith("*")},
        begin := {cue[:-1]: some for cue, some in frozen.items() if cue.endswith("*")},
        tuple(begin),
        {cue: some for cue, some in frozen.items() if _WIDE.search(cue)},
    )


def announced(text: str, known: Rules) -> frozenset[str]:
    """Countries whose numbers a word in `text` announces."""
    found: frozenset[str] = frozenset()
    words = _WORD.findall(text.casefold())
    for size in range(1, _MOST_WORDS + 1):
        for i in range(len(words) - size + 1):
            phrase = words[i] if size == 1 else " ".join(words[i : i + size])
            if phrase in known.words:
                found |= known.words[phrase]
            if phrase.startswith(known.first_letters):
                for beginning, some in known.beginnings.items():
                    if phrase.startswith(beginning):
                        found |= some
    if not text.isascii():
        for cue, some in known.unspaced.items():
            if cue in text:
                found |= some
    return found


def _last_words(before: str) -> str:
    """The last two words of the line, and those that only link them."""
    words = _WORD.findall(before[before.rfind("\n") + 1 :])
    size = count = 0
    for word in reversed(words):
        count += word.casefold() not in _LINKS
        if count > 2:
            break
        size += 1
    return " ".join(words[len(words) - size :])


def numbers(column: Column, block: Block, known: Rules) -> Iterator[Hit]:
    """Numbers in a known form; several may overlap where the rules of several countries fit."""
    first, past = _scan.digit_runs(block, _LEAST, _scan.LOOSE)
    yield from _in(_shapes.windows(column, first, past, known.table), known)
    for shape, places_of, size in (
        ("aaaaaa2a2a3a", _fiscal_codes, 10),
        ("aaaaa4a", _between_letters, 4),
    ):
        if shape in known.by_shape:
            places = places_of(block)
            yield from _in(_shapes.windows(column, places, places + size, known.table), known)


def _in(windows: Iterator[Window], known: Rules) -> Iterator[Hit]:
    for window in windows:
        for shape, first, last in window.shapes(known.by_shape, known.begun):
            if not window.stands_apart(first, last):
                continue
            found = _best(window, first, last, known.by_shape[shape], known)
            if found is not None:
                label, score = found
                start, end = window.tokens[first].start, window.tokens[last].end
                at = window.begin + byte_length(window.text[:start])
                yield Hit(at, at + byte_length(window.text[start:end]), label, score)


def _best(
    window: Window, first: int, last: int, some: Sequence[_Rule], known: Rules
) -> tuple[str, float] | None:
    number = window.compact(first, last)
    fits = [rule for rule in some if rule.check(number)]
    if not fits:
        return None
    start, end = window.tokens[first].start, window.tokens[last].end
    text = window.text
    before = text[max(0, start - _CUE_CHARACTERS) : start]
    for near in (True, False):
        some = [rule for rule in fits if rule.kind.near == near]
        countries = announced(_last_words(before), known) if some and near else frozenset()
        if some and not near:
            countries = announced(f"{before} | {text[end : end + _CUE_AFTER]}", known)
        for rule in some:
            if rule.kind.country in countries:
                return rule.kind.label, 0.99
    # Letters are in upper case where nothing says what they are.
    if text[start:end].upper() == text[start:end]:
        for rule in fits:
            if rule.alone:
                return rule.kind.label, 0.9 if last > first else 0.7
    return None


_DIGIT, _LETTER = _scan.table_of(b"0123456789"), _scan.table_of(_scan.LETTERS)


def _fiscal_codes(block: Block) -> Positions:
    """First digit of what may be a codice fiscale: ``85T10A562`` or ``85T10 A562``."""
    at, codes = _followed_by(block, _DIGIT, _LETTER, _DIGIT, _DIGIT)
    at = at[_LETTER[codes[at + 5 + (codes[at + 5] == 0x20)]]]
    return _scan.moved(at, block)


def _between_letters(block: Block) -> Positions:
    """First of four digits with a letter before and behind them."""
    at, codes = _followed_by(block, _DIGIT, _DIGIT, _DIGIT, _LETTER)
    return _scan.moved(at[(at > 0) & _LETTER[codes[at - 1]]], block)


def _followed_by(block: Block, *tables: _scan.Mask) -> tuple[Positions, _scan.Codes]:
    """Digits that bytes of these tables follow, and the bytes of the block with some more."""
    codes = np.concatenate([block.codes, np.zeros(8, np.uint8)])
    at = block.digits
    for step, table in enumerate(tables, 1):
        at = at[table[codes[at + step]]]
    return at, codes
