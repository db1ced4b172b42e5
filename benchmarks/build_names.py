"""Makes the lists of names that `Names` ships, from what three packages of fake data know.

    pip install faker==40.54.0 mimesis==22.2.0 names==0.3.0
    python benchmarks/build_names.py datapartnerships/detectors/names.txt.xz

`faker` and `mimesis` (MIT) have lists of names by locale; `names` (MIT) has the names of the census
of the United States of 1990, which are in the public domain. Words and places among them are told
by the word lists of the same packages. The file is text, packed with xz: one section a line, its
name, a colon, and its words in lower case, in order.
"""

from __future__ import annotations

import json
import lzma
import re
import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from importlib import import_module, resources
from pathlib import Path
from typing import Any

# Of Latin script: names in others are not looked for.
FAKER = [
    "az_AZ",
    "cs_CZ",
    "da_DK",
    "de_AT",
    "de_CH",
    "de_DE",
    "de_LI",
    "de_LU",
    "en",
    "en_GB",
    "en_IE",
    "en_IN",
    "en_KE",
    "en_NG",
    "en_NZ",
    "en_PK",
    "en_TH",
    "en_US",
    "es_AR",
    "es_CA",
    "es_CL",
    "es_CO",
    "es_ES",
    "es_MX",
    "et_EE",
    "fi_FI",
    "fr_BE",
    "fr_CA",
    "fr_CH",
    "fr_DZ",
    "fr_FR",
    "fr_QC",
    "ga_IE",
    "ha_NG",
    "hr_HR",
    "hu_HU",
    "id_ID",
    "ig_NG",
    "is_IS",
    "it_IT",
    "lt_LT",
    "lv_LV",
    "nl_BE",
    "nl_NL",
    "no_NO",
    "pl_PL",
    "pt_BR",
    "pt_PT",
    "ro_RO",
    "sk_SK",
    "sl_SI",
    "sv_SE",
    "sw",
    "tr_TR",
    "tw_GH",
    "uz_UZ",
    "vi_VN",
    "yo_NG",
    "zu_ZA",
]
MIMESIS = [
    "az",
    "cs",
    "da",
    "de",
    "de-at",
    "de-ch",
    "en",
    "en-au",
    "en-ca",
    "en-gb",
    "es",
    "es-mx",
    "et",
    "fi",
    "fr",
    "hr",
    "hu",
    "is",
    "it",
    "nl",
    "nl-be",
    "no",
    "pl",
    "pt",
    "pt-br",
    "sk",
    "sv",
    "tr",
]
# Their names are inflected: given names are needed apart.
INFLECTED = ("is", "pl", "cs", "fi")
LANGUAGES = ("cs", "da", "de", "en", "es", "fi", "fr", "is", "it", "nb", "nl", "pl", "pt", "sv")
# A name that is given in so many locales is a name, though a word or a place is called so too.
GIVEN_IN = 5
MOST_GIVEN = 400
# Of 88,799 in the census; those after are too rare to be worth their place.
SURNAMES_OF_CENSUS = 30_000
WORD = re.compile(r"[^\W\d_]{2,24}")
LATIN = re.compile(r"[a-zß-ÿĀ-žƀ-ɏḀ-ỹ]+")


def words(texts: Iterable[str]) -> Iterator[str]:
    for text in texts:
        for word in WORD.findall(text.replace("'", " ").replace("’", " ")):
            low = word.lower()
            if LATIN.fullmatch(low):
                yield low


def faker(locale: str, begin: str) -> set[str]:
    provider: Any = import_module(f"faker.providers.person.{locale}").Provider
    found: set[str] = set()
    for name in dir(provider):
        value = getattr(provider, name)
        if name.startswith(begin) and isinstance(value, list | tuple | dict | set):
            found.update(words(value))
    return found


def faker_places(locale: str) -> set[str]:
    try:
        provider: Any = import_module(f"faker.providers.address.{locale}").Provider
    except ModuleNotFoundError:
        return set()
    kinds = ("cities", "states", "countries", "departments", "counties", "regions")
    held = [list(getattr(provider, kind, ())) for kind in kinds]
    return set(words(one for one in strings(held) if " " not in one))


def faker_words(locale: str) -> set[str]:
    try:
        provider: Any = import_module(f"faker.providers.lorem.{locale}").Provider
    except ModuleNotFoundError:
        return set()
    return set(words(getattr(provider, "word_list", ())))


def strings(value: Any) -> Iterator[str]:
    """Every string in lists and values of a JSON value."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, list | tuple):
        for item in value:
            yield from strings(item)
    elif isinstance(value, dict):
        for item in value.values():
            yield from strings(item)


def mimesis(locale: str, kind: str) -> Any:
    path = resources.files("mimesis") / "datasets" / locale / f"{kind}.json"
    return json.loads(path.read_text("utf-8")) if path.is_file() else {}


def census(file: str, most: int) -> set[str]:
    lines = (resources.files("names") / file).read_text("ascii").splitlines()
    return {line.split()[0].lower() for line in lines[:most]}


def main(target: str) -> None:
    given = census("dist.female.first", 3000) | census("dist.male.first", 1219)
    surname = census("dist.all.last", SURNAMES_OF_CENSUS)
    of_language = {language: set[str]() for language in INFLECTED}
    spread: Counter[str] = Counter()
    places: set[str] = set()
    plain = {language: set[str]() for language in LANGUAGES}
    both = [(faker, locale) for locale in FAKER] + [(mimesis, locale) for locale in MIMESIS]
    for source, locale in both:
        if source is faker:
            first, last = faker(locale, "first_name"), faker(locale, "last_name")
            places |= faker_places(locale)
            more = faker_words(locale)
        else:
            person, address = mimesis(locale, "person"), mimesis(locale, "address")
            first = set(words(strings(person.get("names", {}))))
            last = set(words(strings(person.get("surnames", {}))))
            held = [address.get(key, []) for key in ("city", "country", "state")]
            places.update(words(one for one in strings(held) if " " not in one))
            more = set(words(strings(mimesis(locale, "text").get("words", {}))))
        given |= first
        surname |= last
        spread.update(first)
        language = re.split("[-_]", locale)[0].replace("no", "nb")
        plain.get(language, set()).update(more)
        if language in INFLECTED:
            of_language[language] |= first
    usual = {name for name, count in spread.items() if count >= GIVEN_IN}
    usual |= census("dist.female.first", MOST_GIVEN) | census("dist.male.first", MOST_GIVEN)
    sections = {
        "given": given,
        "surname": surname,
        "place": (places - usual) & (given | surname),
        **{f"given {language}": some for language, some in of_language.items()},
        **{
            f"words {language}": {word for word in some - usual if len(word) > 2}
            for language, some in plain.items()
        },
    }
    text = "\n".join(f"{name}: {' '.join(sorted(some))}" for name, some in sections.items())
    packed = lzma.compress(text.encode(), preset=9 | lzma.PRESET_EXTREME)
    Path(target).write_bytes(packed)
    print({name: len(some) for name, some in sections.items()}, len(packed), "bytes")


if __name__ == "__main__":
    main(sys.argv[1])
