"""What stands in and around names: titles, particles, initials; and names that are words as well.

Lists from general knowledge, without accents and in small letters.
"""

from __future__ import annotations

import re
from functools import cache

from datapartnerships.kernels._function_words import WORDS
from datapartnerships.kernels.name_words import fold

TITLES = frozenset(
    [
        "mr",
        "mrs",
        "ms",
        "miss",
        "mx",
        "mister",
        "madam",
        "sir",
        "dame",
        "lord",
        "lady",
        "dr",
        "prof",
        "professor",
        "doctor",
        "rev",
        "reverend",
        "father",
        "sister",
        "brother",
        "captain",
        "capt",
        "colonel",
        "col",
        "sergeant",
        "sgt",
        "major",
        "lieutenant",
        "lt",
        "justice",
        "judge",
        "senator",
        "herr",
        "frau",
        "fraulein",
        "hr",
        "fr",
        "monsieur",
        "madame",
        "mademoiselle",
        "mme",
        "mlle",
        "maitre",
        "me",
        "m",
        "docteur",
        "senor",
        "senora",
        "senorita",
        "don",
        "dona",
        "sr",
        "sra",
        "srta",
        "dna",
        "d",
        "signor",
        "signora",
        "signorina",
        "dott",
        "dottor",
        "dottoressa",
        "avv",
        "sig",
        "sigra",
        "senhor",
        "senhora",
        "herra",
        "fru",
        "froken",
        "fruken",
        "rouva",
        "neiti",
        "pan",
        "pani",
        "panna",
        "slecna",
        "gospodin",
        "gospodja",
        "gospodja",
        "gospa",
        "gospod",
        "господин",
        "госпожа",
        "гражданин",
        "гражданка",
        "пан",
        "пани",
        "г",
        "гр",
        "κ",
        "κα",
        "κυριος",
        "κυρια",
        "shri",
        "sri",
        "smt",
        "kumari",
        "sh",
        "km",
        "thiru",
        "tmt",
        "adv",
        "advocate",
        "bay",
        "bayan",
        "bey",
        "hanim",
        "ponas",
        "ponia",
        "kungs",
        "kundze",
        "mevrouw",
        "meneer",
        "dhr",
        "mevr",
    ]
)
PARTICLES = frozenset(
    [
        "de",
        "del",
        "della",
        "di",
        "da",
        "dal",
        "dos",
        "das",
        "do",
        "du",
        "des",
        "la",
        "las",
        "le",
        "los",
        "y",
        "e",
        "i",
        "van",
        "von",
        "vom",
        "zu",
        "zur",
        "zum",
        "der",
        "den",
        "het",
        "ter",
        "ten",
        "te",
        "af",
        "av",
        "bin",
        "ibn",
        "bint",
        "ben",
        "al",
        "el",
        "ul",
        "abu",
        "san",
        "santa",
        "st",
        "saint",
        "mac",
        "mc",
    ]
)
# Names that are also words with which a sentence or a heading may begin without an article; there
# a capital letter says nothing. That Smith and Baker are words too takes nothing away.
_WORDS = """
will may mark grace hope faith joy art bill rob grant frank sue pat chance chase drew guy dick
april june august summer autumn dawn eve rich sharp long short little young old strong early wise
case page law laws court price cash money major north south east west day ray rusty sandy skip
stew christian church park rose ward
sol vor mai juni juli august haust vetur ey dagur
mar paz luz plaza calle rio sierra blanca bravo cano franco bueno bello abril
petit grand blanche claire avril
sommer winter lang kurz gross klein ernst stern
надежда вера любовь мир слава
"""
_LIKE_WORDS = frozenset(fold(word) for word in _WORDS.split())
# Of names of organizations and titles of works: never a name by themselves.
FUNCTION_WORDS = frozenset(fold(w) for some in WORDS.values() for w in some.split()) - _LIKE_WORDS
ORDINARY = _LIKE_WORDS | FUNCTION_WORDS


def is_initial(word: str) -> bool:
    """One capital letter; letters of scripts without case are words or syllables."""
    return len(word) == 1 and word.isupper()


def is_named(word: str) -> bool:
    """Whether a word of a name, or its first letter, is neither title nor particle."""
    folded = fold(word)
    return len(word) == 1 or not (folded in TITLES or folded in PARTICLES)


def is_part(word: str) -> bool:
    """Whether a word of a name tells whose it is."""
    folded = fold(word)
    return len(folded) > 1 and is_named(word) and not folded.isdigit()


@cache
def near(comma: bool = False) -> re.Pattern[str]:
    """What may stand between two words of one name; a comma where the family name is first."""
    between = r"\s{0,3},\s{0,12}" if comma else r"(?:\s{1,12}|\s?[-\u2010\u2011\u2013\u00ad]\n?\s?)"
    some = "|".join(sorted(PARTICLES))
    return re.compile(rf"{between}(?:(?:{some})[\s'\u2019-]{{1,3}}){{0,3}}", re.IGNORECASE)
