"""Whether one word is a name and another a form of it: cases, possessives, misread letters.

The endings are those of names in the grammars of these languages, written down from general
knowledge, without accents (as `kernels.name_words.fold` gives them). Each row holds the endings
that one kind of name takes in turn.
"""

from __future__ import annotations

from functools import cache, lru_cache
from typing import NamedTuple

from datapartnerships.kernels.name_words import alike, fold

_ICELANDIC = (
    "- ur i s", "- u ur ar i", "i a", "a u", "ur i ar u", "ir ur", "yr y ys yi", "on yni onar",
    "inn in ni ins", "nn n ns ni", "ll l ls li", "- ju jar", "ir i is",
)  # fmt: skip
_EAST_SLAVIC = (
    "- а у ом ем ым е ои ов ову ови еви", "а ы ои у е ою и ею еи", "ии ого ому им ом его ему ем",
    "ыи ого ому ым ом", "ая ои ую ою", "ь я ю ем е и", "я и ю е еи ею ии", "и я ю ем е",
    "ко ка ку ком", "о а у ом",
)  # fmt: skip
_WEST_SLAVIC = (
    "- a u owi ovi em om e ie ie em ov", "a y i e ie o u ou ej iej", "i iego iemu im ego emu im",
    "y ego emu ym ho mu ym", "ek ka kowi kiem kem ku kovi", "ec ca cowi cem cu covi", "a e ou",
    "o a owi ovi em",
)  # fmt: skip
_SOUTH_SLAVIC = ("- a u om em e ov ev", "a e i u o om", "o a u om", "e a u em", "ac ca cu cem")
_FINNIC = (
    "- n in en an on a lle lla lta ssa sta na ta ksi hin t",
    "- ille illa ilta issa ista ia iin ina iksi",
    "nen sen selle sella selta sta sessa sesta seen sena seksi",
    "- i il ilt ile ga st s l lt le d", "- u e a i",
)  # fmt: skip
_HUNGARIAN = (
    "- nak nek val vel t at et ot hoz hez rol tol ban ben bol bol ra re rt ert ert a e ne nal nel",
)
_LITHUANIAN = (
    "as o ui a u e ai", "is io iui i iu y", "ys io iui i iu", "us aus ui u umi iaus iui iumi",
    "a os ai oje", "e es ei eje",)  # fmt: skip
_LATVIAN = ("s a am u im", "is a im i", "a as ai u", "e es ei i", "is sa sim si", "us u um")
_GREEK = ("οσ ου ο ε", "ησ η", "ασ α", "α ασ", "η ησ", "ου ουσ")
_KOREAN = ("- 은 는 이 가 을 를 의 에게 와 과 도",)
_GERMANIC = ("- s es ens",)
_PLAIN = ("- s",)

_ROWS: dict[str, tuple[str, ...]] = {
    "is": _ICELANDIC, "fo": _ICELANDIC, "ru": _EAST_SLAVIC, "uk": _EAST_SLAVIC,
    "be": _EAST_SLAVIC, "bg": (), "mk": (), "pl": _WEST_SLAVIC, "cs": _WEST_SLAVIC,
    "sk": _WEST_SLAVIC, "hr": _SOUTH_SLAVIC, "bs": _SOUTH_SLAVIC, "sl": _SOUTH_SLAVIC,
    "sr": _SOUTH_SLAVIC + _EAST_SLAVIC, "fi": _FINNIC, "et": _FINNIC, "hu": _HUNGARIAN,
    "lt": _LITHUANIAN, "lv": _LATVIAN, "el": _GREEK, "ko": _KOREAN, "de": _GERMANIC,
    "nl": _GERMANIC, "lb": _GERMANIC, "sv": _PLAIN, "da": _PLAIN, "nb": _PLAIN, "nn": _PLAIN,
    "no": _PLAIN, "en": _PLAIN, "es": (), "fr": (), "it": (), "pt": (), "ca": (), "ro": (),
}  # fmt: skip
# Before an apostrophe, with a name after it (d'Anna, l'Anna, dell'Anna); after one, what is no
# part of the name that stands before it (Anna's, Ankara'nın).
_ELIDED = frozenset(["d", "l", "qu", "dell", "all", "nell", "sull", "dall", "s"])
_TAIL = 5
_APOSTROPHES = str.maketrans("‘’\uff07", "'''")

EXACT, INFLECTED, MISREAD = 1.0, 0.9, 0.8


class Same(NamedTuple):
    """How sure it is that a word is a form of a name, and which characters of it are the name."""

    grade: float
    start: int
    end: int


@cache
def _pairs(language: str | None) -> frozenset[tuple[str, str]]:
    rows = _ROWS.get(language or "")
    known = [*_PLAIN, *(row for some in _ROWS.values() for row in some)] if rows is None else rows
    found = set()
    for row in known:
        endings = ["" if one == "-" else one for one in row.split()]
        found |= {(one, other) for one in endings for other in endings if one != other}
    return frozenset(found)


@lru_cache(maxsize=1 << 16)
def same(name: str, word: str, language: str | None) -> Same | None:
    """Whether `word` is the one-word `name`, or a form of it; None if it is neither.

    Args:
        name: as it is known, in any case of a grammar.
        word: as it stands in a text.
        language: whose endings are known; those of all languages, for None or one not listed.
    """
    plain = word.translate(_APOSTROPHES)
    head, apostrophe, tail = plain.rpartition("'")
    if apostrophe and len(tail) <= _TAIL and (grade := _grade(name, head, language)):
        return Same(min(grade, INFLECTED), 0, len(head))
    if grade := _grade(name, word, language):
        return Same(grade, 0, len(word))
    if apostrophe:
        head, _, tail = plain.partition("'")
        if head.lower() in _ELIDED and (found := same(name, tail, language)):
            more = len(head) + 1
            return Same(found.grade, found.start + more, found.end + more)
    return None


def _grade(name: str, word: str, language: str | None) -> float:
    one, other = fold(name), fold(word)
    if one == other:
        return EXACT
    if _inflected(one, other, language) or any(
        _inflected(a, b, language) or a == b
        for a in (one, *_rounded(name))
        for b in (other, *_rounded(word))
        if (a, b) != (one, other)
    ):
        return INFLECTED
    if len(one) > 2 and alike(one) == alike(other):
        return MISREAD
    return 0.0


def _rounded(word: str) -> list[str]:
    """In Icelandic and Faroese an a becomes ö (Anna, Önnu) or o; ä, ö and ü are also ae, oe, ue."""
    low = word.lower()
    if not any(letter in low for letter in "öøäü"):
        return []
    spelled = low.replace("ä", "ae").replace("ö", "oe").replace("ø", "oe").replace("ü", "ue")
    return [fold(low.replace("ö", "a").replace("ø", "a")), fold(spelled)]


def _inflected(one: str, other: str, language: str | None) -> bool:
    size, shorter = 0, min(len(one), len(other))
    while size < shorter and one[size] == other[size]:
        size += 1
    pairs = _pairs(language)
    # The stem may be a little shorter than what they share: Laima, Laimai; Petrov, Petrova.
    return (
        any((one[at:], other[at:]) in pairs for at in range(size, max(size - 2, 1), -1))
        and shorter > 2
    )


def spellings(name: str) -> list[str]:
    """Words whose keys a form of `name` may have: itself, and with its vowels changed."""
    low = name.lower()
    found = [low]
    if "a" in low[:4]:
        found.append(low.replace("a", "ö", 1))
    for letter, two in (("ä", "ae"), ("ö", "oe"), ("ø", "oe"), ("ü", "ue")):
        if letter in low:
            found.append(low.replace(letter, two))
    if "ö" in low or "ø" in low:
        found.append(low.replace("ö", "a").replace("ø", "a"))
    # In front of a vowel: d'Anna. Elsewhere an apostrophe ends the word before it.
    if fold(low)[:1] in set("aeiouyh"):
        found += ["d" + low, "l" + low]
    return found
