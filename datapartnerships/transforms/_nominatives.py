"""Names in the nominative, where a rule says that nothing else can be meant.

A word is taken back to the name it is a form of only if

- it is a form, by the rules of `detectors._name_forms`, of exactly one given name that the lists
  have for the language, and no given name or surname itself in any language (*Petra* is not taken
  for a case of Petr); in Icelandic, of which the list is long, no Icelandic given name (*Önnu* is
  Anna, *Jóni* is Jón). What ends in *-dóttur* or *-syni* keeps its end, of which surrogates know;
- or its ending is one that no nominative has: Polish *-skiego, -skiemu, -skiej, -ską*, Czech
  *-ského, -skému, -ové, -ovou*;
- or, without an ending such as *-owi*, *-ovi* or Finnish *-selle*, it is a surname of the lists,
  which it is not with it (*Nowakowi*, *Virtasen*).

Everything else stays what it is.
"""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from functools import cache

LANGUAGES = ("cs", "fi", "is", "pl")

_WORD = re.compile(r"[^\W\d_]+")
# Ending, and the one of the nominative.
_SURE = {
    "pl": tuple(
        (x + ending, x + instead)
        for x in ("s", "c", "dz")
        for ending, instead in (("kiego", "ki"), ("kiemu", "ki"), ("kiej", "ka"), ("ką", "ka"))
    ),
    "cs": (
        ("ského", "ský"), ("ckého", "cký"), ("skému", "ský"), ("ckému", "cký"),
        ("ové", "ová"), ("ovou", "ová"),
    ),
}  # fmt: skip
_OF_NEN = "sen selle selta sella sessa sesta seen sena seltä sellä sessä sestä senä"
_LISTED = {
    "pl": (("owi", ""), ("iem", ""), ("kowi", "ek")),
    "cs": (("ovi", ""), ("kovi", "ek")),
    "fi": tuple((ending, "nen") for ending in _OF_NEN.split()),
}
_LEAST = 3
_PATRONYMICS = ("dóttir", "dóttur", "sson", "ssyni", "ssonar")


def nominative(name: str, language: str) -> str:
    """`name` with each word that is surely a case of a name as that name; case of letters kept."""
    if language not in LANGUAGES:
        return name
    name = unicodedata.normalize("NFC", name)
    return _WORD.sub(lambda found: _one(found[0], language), name)


def _one(word: str, language: str) -> str:
    low = word.lower()
    if len(low) <= _LEAST:
        return word
    found = _forms(language).get(low) or _by_ending(low, language)
    if not found or len(low) != len(word):
        return word
    return found.upper() if word.isupper() else found.capitalize() if word[0].isupper() else found


def _by_ending(low: str, language: str) -> str:
    for ending, instead in _SURE.get(language, ()):
        if low.endswith(ending) and len(low) > len(ending) + 1:
            return low[: -len(ending)] + instead
    given, surnames = _listed()
    if low in surnames or low in given:
        return ""
    for ending, instead in _LISTED.get(language, ()):
        base = low[: len(low) - len(ending)] + instead
        if low.endswith(ending) and len(base) >= _LEAST and base in surnames:
            return base
    return ""


@cache
def _listed() -> tuple[frozenset[str], frozenset[str]]:
    from datapartnerships.detectors._name_lexicon import sections

    shipped = sections()
    return frozenset(shipped["given"]), frozenset(shipped["surname"])


@cache
def _forms(language: str) -> dict[str, str]:
    """Forms of given names, and the one name that each is a form of."""
    from datapartnerships.detectors._name_forms import inflected
    from datapartnerships.detectors._name_lexicon import sections

    own = frozenset(sections()[f"given {language}"])
    given, surnames = (own, frozenset[str]()) if language == "is" else _listed()
    every = given | surnames
    found: dict[str, set[str]] = defaultdict(set)
    for name in own:
        for form in inflected(language, [name]):
            found[form].add(name)
    return {
        form: next(iter(names))
        for form, names in found.items()
        if len(names) == 1 and form not in every and not form.endswith(_PATRONYMICS)
    }
