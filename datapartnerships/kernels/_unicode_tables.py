"""What the Unicode kernel looks for, made from ftfy's own tables once in a process.

Nothing of ftfy is copied here, so the tables follow the installed version, and the Unicode version
of the running Python. Expressions are for RE2 and may match more than what they stand for, never
less. Where kernels are compiled, `_unicode_scan` finds the same in one pass.
"""

from __future__ import annotations

import operator
import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from itertools import compress
from typing import Any, Literal, NamedTuple

import ftfy
import numpy as np
import numpy.typing as npt
from ftfy import badness, chardata, fixes

from datapartnerships.kernels._unicode_scan import (
    BAD,
    EARLY_ENTITY,
    ENTITIES,
    ENTITY,
    MARKS,
    OTHER,
    SINGLE,
    Automaton,
    automaton,
)

LINE_BREAKS = "\r\u2028\u2029"  # fixes.fix_line_breaks; U+0085 is a C1 control, mended before it
_ENTITY = chardata.HTML_ENTITY_RE.pattern
_C1 = [chr(code) for code in range(0x80, 0xA0)]
# Unified ideographs, surrogates, private characters and planes 3 and up are left out: none of them
# combines, decomposes, or is a quote or a space. And all syllables of Hangul but those of its first
# consonant: the others are made of the same vowels and finals.
_LEFT_OUT = ((0x3400, 0x4DC0), (0x4E00, 0xA000), (0xAE4C, 0xD7A4), (0xD800, 0xF900),
             (0x17000, 0x18D00), (0x20000, 0x2F800))  # fmt: skip
_EDGES = (0, *(edge for pair in _LEFT_OUT for edge in pair), 0x30000)
_SCANNED = "".join(
    np.arange(low, high, dtype="<u4").tobytes().decode("utf-32-le")
    for low, high in zip(_EDGES[::2], _EDGES[1::2], strict=True)
)


class Search(NamedTuple):
    """Some signs, for the compiled pass; and an expression for RE2 that finds the same."""

    signs: int
    pattern: str


@dataclass(frozen=True)
class Tables:
    """What to search for, tables by code point (arrays), and Python's own expressions."""

    suspicious: Search  # a document without a match stays as it is
    beyond_characters: Search  # a document without a match needs single characters replaced at most
    beyond_marks: Search  # the same, but for marks next to each other
    suspicious_line: Search
    beyond_line: Search
    suspicious_markup: Search  # a line for which ftfy leaves entities alone
    bad: Search
    entity: Search
    automaton: Automaton | None  # None: ftfy's expressions are of another kind, RE2 does it
    replacements: dict[str, str]
    replaced: re.Pattern[str]
    controls: re.Pattern[str]
    leads: npt.NDArray[np.bool_]  # of bytes: the first ones of the characters in the next four
    bytes: npt.NDArray[np.uint8]  # replacement, UTF-8
    sizes: npt.NDArray[np.int8]  # length of the replacement
    widths: npt.NDArray[np.int8]  # length of the character; 0: not replaced here
    final: npt.NDArray[np.bool_]  # replacing it cannot set off another fixer
    config: ftfy.TextFixerConfig


def tables(uncurl_quotes: bool = True) -> Tables:
    """For ftfy's default configuration, but for this setting."""
    return _tables(uncurl_quotes)


@cache
def _tables(uncurl_quotes: bool) -> Tables:
    quotes = _quotes() if uncurl_quotes else []
    controls = [chr(code) for code in chardata.CONTROL_CHARS]
    fixed = [*_C1, *map(chr, chardata.LIGATURES), *map(chr, chardata.WIDTH_MAP), *quotes]
    replacements = {c: _replacement(c, uncurl_quotes) for c in fixed}
    simple = {c: replacements[c] for c in fixed if c not in _C1}
    simple |= dict.fromkeys(LINE_BREAKS, "\n") | dict.fromkeys(controls, "")
    mapped = {c: new for c, new in simple.items() if _fits(c, new, quotes)}
    tokens = list(re2_tokens(badness.BADNESS_RE.pattern))
    changing, marks = _denormal()
    others = {*_C1, *(simple.keys() - mapped), *changing}
    patterns = {
        BAD: "".join(tokens),
        OTHER: _one_of(others),
        MARKS: _one_of(marks) * 2,
        SINGLE: _one_of(mapped),
        ENTITY: _ENTITY,
        EARLY_ENTITY: rf"\A[^<]*{_ENTITY}",  # elsewhere ftfy takes it for markup
    }

    def search(*signs: int) -> Search:
        return Search(sum(signs), "|".join(patterns[sign] for sign in signs))

    known = {OTHER: others, MARKS: marks, SINGLE: mapped}
    return Tables(
        suspicious=search(BAD, OTHER, MARKS, SINGLE, EARLY_ENTITY),
        beyond_characters=search(BAD, OTHER, MARKS, EARLY_ENTITY),
        beyond_marks=search(BAD, OTHER, EARLY_ENTITY),
        suspicious_line=search(BAD, OTHER, MARKS, SINGLE, ENTITY),
        beyond_line=search(BAD, OTHER, MARKS, ENTITY),
        suspicious_markup=search(BAD, OTHER, MARKS, SINGLE),
        bad=search(BAD),
        entity=search(ENTITY),
        automaton=automaton(tokens, known, _SCANNED) if _ENTITY == ENTITIES else None,
        replacements=replacements,
        replaced=re.compile(_python_class(replacements)),
        controls=re.compile(_python_class(controls)),
        config=ftfy.TextFixerConfig(explain=False, uncurl_quotes=uncurl_quotes),
        **_byte_tables(mapped, _final(tokens, mapped, quotes)),
    )


def _quotes() -> list[str]:
    """What ftfy straightens: all characters at once, which is quicker than one after another."""
    straight = fixes.uncurl_quotes(_SCANNED)
    if len(straight) != len(_SCANNED):
        return [c for c in _SCANNED if fixes.uncurl_quotes(c) != c]
    return list(compress(_SCANNED, map(operator.ne, _SCANNED, straight)))


def _replacement(character: str, uncurl_quotes: bool) -> str:
    """One character through ftfy's fixers of single characters, in ftfy's order."""
    for fixer in (
        fixes.fix_c1_controls,
        fixes.fix_latin_ligatures,
        fixes.fix_character_width,
        *([fixes.uncurl_quotes] if uncurl_quotes else []),
    ):
        character = fixer(character)
    return character


def _fits(character: str, new: str, quotes: list[str]) -> bool:
    """Whether it can be replaced in place, and is found by a first byte that is not too common."""
    width = len(character.encode())
    common = width != 3 and character not in (*quotes, *LINE_BREAKS)
    return not common and len(new.encode()) <= width <= 3


def _byte_tables(mapped: dict[str, str], final: set[str]) -> dict[str, Any]:
    table = np.zeros((0x10000, 3), np.uint8)
    sizes, widths = np.zeros(0x10000, np.int8), np.zeros(0x10000, np.int8)
    for character, new in mapped.items():
        encoded = new.encode()
        sizes[ord(character)], widths[ord(character)] = len(encoded), len(character.encode())
        table[ord(character), : len(encoded)] = list(encoded)
    flags = np.zeros(0x10000, dtype=bool)
    flags[[ord(character) for character in final]] = True
    leads = np.zeros(256, dtype=bool)
    leads[[character.encode()[0] for character in mapped]] = True
    return {"bytes": table, "sizes": sizes, "widths": widths, "final": flags, "leads": leads}


def _final(tokens: list[str], mapped: dict[str, str], quotes: list[str]) -> set[str]:
    """Quotes, if whatever in BADNESS_RE matches a straight one matches the curly ones as well.

    Then straightening adds no match. No other expression matches a straight quote (tested).
    """
    for token in tokens:
        one = token.startswith("[") or token == "."
        for quote in quotes if one or token in ("'", '"') else ():
            found = re.fullmatch(token, mapped[quote])
            if found and not re.fullmatch(token, quote):
                return set()
    return set(quotes)


def re2_tokens(verbose: str) -> Iterator[str]:
    """A verbose Python expression as RE2 takes it, matching the same and possibly more.

    RE2's classes differ from Python's, so ``\\s`` and ``\\w`` are spelled out, the latter with all
    that is not ASCII; ``^`` goes, because ftfy applies it to lines and this to documents.
    """
    space = _python_class(compress(_SCANNED, map(str.isspace, _SCANNED)))
    classes = {r"\s": space, r"\w": "[0-9A-Za-z_\x80-\U0010ffff]"}
    for token in re.findall(r"\\.|\[\^?\]?(?:\\.|[^\]])*\]|#[^\n]*|.|\n", verbose):
        if token in classes:
            yield classes[token]
        elif token[0] == "\\" and token[1].isalpha():
            raise NotImplementedError(
                f"ftfy {ftfy.__version__}: BADNESS_RE has {token}, which this version of "
                "datapartnerships cannot translate to RE2. Install ftfy 6.3."
            )
        elif not token.isspace() and token[0] != "#" and token != "^":
            yield token


def _denormal() -> tuple[set[str], list[str]]:
    """What a text must have that is not in normalization form C (UAX #15, 9: quick check).

    A character that is not allowed or that may combine with the one before it (the first value),
    or two marks next to each other, which may be out of order (the second).
    """
    changing = set(_unnormalized("NFC"))
    marks = list(compress(_SCANNED, map(unicodedata.combining, _SCANNED)))
    split = _unnormalized("NFD")
    parts = {c: unicodedata.normalize("NFD", c) for c in split if c not in changing}
    changing.update(*(some[1:] for some in parts.values()))  # Hangul vowels and finals too
    changing.update([c for c, some in parts.items() if some[0] in changing])
    return changing, marks


def _unnormalized(form: Literal["NFC", "NFD"]) -> list[str]:
    """Characters that a normalization changes. Most stretches have none: seen at a glance."""
    found = []
    for at in range(0, len(_SCANNED), 256):
        stretch = _SCANNED[at : at + 256]
        # Nothing combines with a line break, so each character is on its own.
        if not unicodedata.is_normalized(form, "\n".join(stretch)):
            found += [c for c in stretch if not unicodedata.is_normalized(form, c)]
    return found


def _one_of(characters: Iterable[str]) -> str:
    """RE2 class of characters."""
    ranges = _ranges(map(ord, characters))
    return "[" + "".join(f"\\x{{{low:x}}}-\\x{{{high:x}}}" for low, high in ranges) + "]"


def _python_class(characters: Iterable[str]) -> str:
    return "[" + "".join(map(re.escape, characters)) + "]"


def _ranges(numbers: Iterable[int]) -> list[tuple[int, int]]:
    ranges: list[tuple[int, int]] = []
    for number in sorted(set(numbers)):
        if ranges and ranges[-1][1] == number - 1:
            ranges[-1] = (ranges[-1][0], number)
        else:
            ranges.append((number, number))
    return ranges
