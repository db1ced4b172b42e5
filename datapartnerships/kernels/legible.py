"""Whether a text can be read at all, in whatever language: for text layers of doubtful origin.

A font without a character map, or with a wrong one, gives text of the right length in the wrong
characters. Nothing is guessed about the language: in Latin script the frequencies of letters are
looked at, in scripts that write vowels the words without one, in all others only characters that no
writing has.
"""

from __future__ import annotations

import re
import statistics
import unicodedata
from collections import Counter
from functools import lru_cache

import numpy as np

# Private use, U+FFFD and controls: what a glyph without a character comes out as.
_NO_CHARACTER = re.compile("[\ufffd\ue000-\uf8ff\x00-\x08\x0e-\x1f]")
_CODE = re.compile(r"\(cid:\d+\)")
_DIGIT = re.compile(r"\d")  # numbers, sums and signatures are no words, and no less legible for it
# Vowels of the languages in Latin, Greek and Cyrillic script, without their marks.
_VOWELS = frozenset("aeiouyæøœəıαεηιουωаеиоуыэюяєіїёўѣ")
_SCRIPTS = ("LATIN", "GREEK", "CYRILLIC")
# Of 5,146 real documents in many languages none is past these, and the least like is at 0.8 in the
# languages of the north and west of Europe; exchanged letters are found in 92 to 100 of 100 pages.
MIN_TOKENS = 20
MIN_WORDLIKE = 0.5
MAX_NO_CHARACTER = 0.15
# How often a letter stands in a hundred, about, in an average of languages in Latin script. The
# frequent letters are much the same in all of them; of exchanged letters they are others.
_LETTERS = {"e": 12, "a": 11, "i": 8, "n": 7, "t": 7, "r": 6, "o": 6, "s": 6, "l": 5, "d": 4,
            "u": 4, "m": 3, "k": 3, "c": 2, "g": 2, "h": 2, "v": 2, "p": 2, "b": 1, "f": 1, "y": 1,
            "j": 1, "z": 1, "w": 1, "q": 0, "x": 0}  # fmt: skip
MIN_LIKENESS = 0.4


def illegible(text: str) -> str | None:
    """Why `text` cannot be read, with the figure that tells; None for a text that can be.

    A text of fewer than `MIN_TOKENS` words is given the benefit of the doubt, except where its
    characters are no characters.
    """
    full = len("".join(text.split()))
    if not full:
        return None
    codes = sum(map(len, _CODE.findall(text)))
    lost = (len(_NO_CHARACTER.findall(text)) + codes) / full
    if lost > MAX_NO_CHARACTER:
        return f"{lost:.0%} of its characters have no meaning"
    words = [w if w.isalpha() else w.strip(_EDGES) for w in text.casefold().split()]
    tokens = [w for w in words if len(w) >= 3 and (w.isalpha() or not _DIGIT.search(w))]
    if len(tokens) < MIN_TOKENS:
        return None
    wordlike = sum(map(_wordlike, tokens)) / len(tokens)
    if wordlike < MIN_WORDLIKE:
        return f"only {wordlike:.0%} of its words look like words"
    letters: Counter[str] = Counter()
    counted = np.bincount(np.frombuffer("".join(tokens).encode("utf-32-le", "replace"), "<u4"))
    found = np.flatnonzero(counted)
    for code, count in zip(found.tolist(), counted[found].tolist(), strict=True):
        letters[_base(chr(code))] += count
    counts = [letters[c] for c in _LETTERS]
    if sum(counts) > 0.5 * letters.total() and len(set(counts)) > 1:
        likeness = statistics.correlation(counts, list(_LETTERS.values()))
        if likeness < MIN_LIKENESS:
            return f"its letters are no language's (likeness {likeness:.2f})"
    return None


def misread_share(text: str) -> float:
    """Of the words of a text that a machine read, how many have what no word has inside.

    A digit or a mark between letters, a capital behind a small letter, a stray mark: what engines
    put in place of a letter that they cannot make out. Real prose in twelve languages has at most
    one such word in a hundred, real pages of courts three; program code, tables of formulas and
    addresses have many. Less than `MIN_JUDGED` words, and scripts without such forms, give 0.
    """
    words = [word.strip(_EDGES) for word in text.split()]
    words = [word for word in words if sum(map(str.isalpha, word)) >= 2]
    if len(words) < MIN_JUDGED:
        return 0.0
    return sum(_INSIDE.search(word) is not None for word in words) / len(words)


MIN_JUDGED = 40
_INSIDE = re.compile(r"[^\W\d_][\d~^|\\*•;:_<>{}+!(](?=[^\W\d_])|[a-zß-öø-ÿ][A-Z]|[~^|\\*•<>{}]")
_EDGES = "".join(c for c in map(chr, range(0x2190)) if unicodedata.category(c)[0] in "PS")


@lru_cache(maxsize=1 << 14)
def _wordlike(token: str) -> bool:
    """Letters (and what joins them), and a vowel where the script has any."""
    if token.isascii() and token.isalpha():
        return not _VOWELS.isdisjoint(token)
    letters = [_base(c) for c in token if c.isalpha() or unicodedata.category(c)[0] == "M"]
    if len(letters) < 0.7 * len(token):
        return False
    return any(c in _VOWELS for c in letters) or not all(map(_has_vowels, letters))


@lru_cache(maxsize=1 << 16)
def _base(character: str) -> str:
    """The letter without case and marks."""
    return unicodedata.normalize("NFD", character.casefold())[:1]


@lru_cache(maxsize=1 << 16)
def _has_vowels(character: str) -> bool:
    return unicodedata.name(character, "").startswith(_SCRIPTS)
