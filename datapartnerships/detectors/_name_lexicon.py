"""What is known of single words and of phrases around names, as hashes to look up."""

from __future__ import annotations

import lzma
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from importlib.resources import files
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from datapartnerships.detectors import _name_forms as forms
from datapartnerships.detectors import _name_words as lists
from datapartnerships.kernels import words
from datapartnerships.kernels._function_words import WORDS
from datapartnerships.kernels._stop_words import MORE

Bits = npt.NDArray[np.int64]
Hashes = words.Hashes

# What a word may be. A weak name is a word, a place or a month too; a soft stop begins no name.
GIVEN, SURNAME, WEAK, STOP, SOFT, TITLE, ORGANIZATION, PLACE, PARTICLE = (1 << i for i in range(9))
# A letter that is a word, and a given name that is written short.
WORD_LETTER, SHORT = 1 << 9, 1 << 10
NAME = GIVEN | SURNAME
# What a phrase before a name may be, and one after it.
BY_TITLE, BY_ROLE, BY_FIELD, AFTER, VERB, INTRODUCED, CLOSING = (1 << i for i in range(7))
BEFORE = BY_TITLE | BY_ROLE | BY_FIELD | CLOSING
LONGEST_PHRASE = 3
# A few hashes in each bucket, so that looking one up is a step or two.
BUCKET_BITS = 18
INTRODUCING_BITS = 16

# What an ending may say.
BY_ENDING, PATRONYMIC = 1, 2


class Table(NamedTuple):
    """Sorted hashes, the bits of each, and which begin with the same `BUCKET_BITS` bits."""

    hashes: Hashes
    bits: Bits
    buckets: npt.NDArray[np.int64]

    def of(self, hashes: Hashes) -> Bits:
        """The bits of each hash; 0 where it is not known."""
        bucket = (hashes >> np.uint64(64 - BUCKET_BITS)).astype(np.int64)
        at, stop = self.buckets[bucket], self.buckets[bucket + 1]
        found = np.zeros(len(hashes), np.int64)
        left = np.flatnonzero(at < stop)
        at, stop, wanted = at[left], stop[left], hashes[left]
        while len(left):
            same = self.hashes[at] == wanted
            found[left[same]] = self.bits[at[same]]
            at += 1
            more = np.flatnonzero(~same & (at < stop))
            left, at, stop, wanted = left[more], at[more], stop[more], wanted[more]
        return found


class Ending(NamedTuple):
    """The last bytes of a word, at most eight, as one number, and what they say of it."""

    length: int
    number: int
    says: int


class Lexicon(NamedTuple):
    """What is known for texts in some languages.

    Attributes:
        words: single words.
        phrases: those of one, two and three words.
        endings: of words.
        joining: hashes of "and" and "or".
        introducing: by the last `INTRODUCING_BITS` bits of the hash of a word, whether it may
            begin a phrase such as ``my name is``.
        nouns: whether nouns are capitalized.
    """

    words: Table
    phrases: tuple[Table, ...]
    endings: tuple[Ending, ...]
    joining: Hashes
    introducing: npt.NDArray[np.bool_]
    nouns: bool


def phrase_hash(first: Any, second: Any) -> Any:
    """One hash of two, which depends on their order."""
    with np.errstate(over="ignore"):
        return (first * np.uint64(0x9E3779B97F4A7C15)) ^ second


@cache
def lexicon(languages: tuple[str, ...]) -> Lexicon:
    """All that is known for texts in these languages. Given names and surnames are of all."""
    joining = sorted({word for language in languages for word in lists.AND[language].split()})
    return Lexicon(
        _words(languages),
        _phrases(languages),
        _endings(languages),
        words.hash_strings(pa.array(joining)),
        _introducing(languages),
        "de" in languages,
    )


@cache
def sections() -> dict[str, list[str]]:
    """The lists that are shipped: what each is called, and its words in lower case."""
    packed = files("datapartnerships.detectors").joinpath("names.txt.xz").read_bytes()
    lines = lzma.decompress(packed).decode().splitlines()
    return {name: rest.split() for name, _, rest in (line.partition(": ") for line in lines)}


def _words(languages: tuple[str, ...]) -> Table:
    shipped = sections()
    sure = {*lists.MORE_GIVEN.split(), *lists.MORE_SURNAMES.split()}
    given = {*shipped["given"], *lists.MORE_GIVEN.split()}
    surname = {*shipped["surname"], *lists.MORE_SURNAMES.split()}
    plain = {word for language in languages for word in shipped[f"words {language}"]}
    weak = ((plain | set(shipped["place"])) - sure) | set(lists.WEAK.split())
    # English words stand in texts of all languages, as names of programs and titles.
    weak |= (surname - given) & set(shipped["words en"])
    soft = (plain - given - surname) | (set(lists.SOFT_STOPS.split()) - set(lists.WEAK.split()))
    stops = {
        word for language in ("", *languages) for word in lists.STOPS.get(language, "").split()
    }
    for language in languages:
        stops.update({**WORDS, **MORE}.get(language, "").split())
    for language in languages:
        own = [word for word in shipped.get(f"given {language}", ()) if word not in weak]
        given.update(forms.inflected(language, own))
    letters = {
        word
        for language in languages
        for word in (
            *lists.STOPS.get(language, "").split(),
            *MORE.get(language, "").split(),
            *WORDS.get(language, "").split(),
        )
        if len(word) == 1
    }
    titles = {word for language in languages for word in _single(lists.TITLES[language].split())}
    found: list[tuple[Iterable[str], int]] = [
        (given, GIVEN),
        (surname, SURNAME),
        (weak, WEAK),
        (stops, STOP),
        (soft, SOFT),
        (letters, WORD_LETTER),
        (lists.SHORT.split(), SHORT),
        (titles, TITLE),
        (lists.ORGANIZATIONS.split(), ORGANIZATION),
        (lists.PLACES.split(), PLACE),
        (lists.PARTICLES.split(), PARTICLE),
    ]
    strings: list[str] = []
    bits: list[Bits] = []
    for some, bit in found:
        held = sorted(some)
        strings += held
        bits.append(np.full(len(held), bit, np.int64))
    low = pa.array(strings)
    more, whose = _inner_capitals(strings)
    every = [low, pc.utf8_capitalize(low), pc.utf8_upper(low), pa.array(more, pa.string())]
    of = np.concatenate(bits)
    return _table(
        words.hash_strings(pa.concat_arrays(every)), np.concatenate([of, of, of, of[whose]])
    )


def _single(given: Iterable[str]) -> Iterator[str]:
    """Without those of two words, such as ``dr.med``."""
    return (word for word in given if word.replace("'", "").isalpha())


def _inner_capitals(strings: list[str]) -> tuple[list[str], npt.NDArray[np.int64]]:
    """``McDonald``, ``MacDonald``, ``Hon'Ble``, and which of the strings each is."""
    more: list[str] = []
    whose: list[int] = []
    for index, text in enumerate(strings):
        if "'" in text:
            more.append(text.title())
            whose.append(index)
        for begin in ("mc", "mac"):
            if text.startswith(begin) and len(text) > len(begin) + 2:
                more.append(begin.title() + text[len(begin) :].title())
                whose.append(index)
    return more, np.array(whose, np.int64)


def _table(hashes: Hashes, bits: Bits) -> Table:
    order = np.argsort(hashes, kind="stable")
    hashes, bits = hashes[order], bits[order]
    first = np.flatnonzero(np.append(True, hashes[1:] != hashes[:-1])[: len(hashes)])
    if len(first):
        hashes, bits = hashes[first], np.bitwise_or.reduceat(bits, first)
    edges = np.arange((1 << BUCKET_BITS) + 1)
    buckets = np.searchsorted(hashes >> np.uint64(64 - BUCKET_BITS), edges.astype(np.uint64))
    return Table(hashes, bits, buckets)


def _phrases(languages: tuple[str, ...]) -> tuple[Table, ...]:
    kinds: list[tuple[str, int]] = []
    for language in languages:
        kinds += [(text, BY_TITLE) for text in lists.TITLES[language].split()]
        kinds += [(text, VERB) for text in lists.VERBS[language].split()]
        for some, bit in (
            (lists.ROLES, BY_ROLE),
            (lists.FIELDS, BY_FIELD),
            (lists.AFTER, AFTER),
            (lists.INTRODUCED, INTRODUCED),
            (lists.CLOSINGS, CLOSING),
        ):
            kinds += [(text, bit) for text in some[language].split("|")]
    given = [(form, bit) for text, bit in kinds for form in _cases(text)]
    found = words.words(pa.array([text for text, _ in given]))
    hashes: list[list[Any]] = [[] for _ in range(LONGEST_PHRASE)]
    bits: list[list[int]] = [[] for _ in range(LONGEST_PHRASE)]
    for index, (_, bit) in enumerate(given):
        own = found.hashes[found.edges[index] : found.edges[index + 1]]
        if not 0 < len(own) <= LONGEST_PHRASE:
            continue
        whole = own[0]
        for one in own[1:]:
            whole = phrase_hash(whole, one)
        hashes[len(own) - 1].append(whole)
        bits[len(own) - 1].append(bit)
    return tuple(
        _table(np.array(some, np.uint64), np.array(held, np.int64))
        for some, held in zip(hashes, bits, strict=True)
    )


def _introducing(languages: tuple[str, ...]) -> npt.NDArray[np.bool_]:
    first = [text.split()[0] for x in languages for text in lists.INTRODUCED[x].split("|")]
    found = words.words(pa.array(first))
    held = np.zeros(1 << INTRODUCING_BITS, np.bool_)
    held[found.hashes[found.edges[:-1]] & np.uint64(len(held) - 1)] = True
    return held


def _endings(languages: tuple[str, ...]) -> tuple[Ending, ...]:
    def own(table: Mapping[str, str]) -> str:
        return " ".join(table.get(language, "") for language in languages)

    kinds = (
        (f"{lists.SURNAME_ENDINGS} {own(lists.SURNAME_ENDINGS_OF)}", BY_ENDING),
        (f"{lists.PATRONYMICS} {own(lists.PATRONYMICS_OF)}", PATRONYMIC),
    )
    return tuple(
        Ending(len(held), int.from_bytes(held, "big"), says)
        for text, says in kinds
        for ending in text.split()
        for held in (ending.encode()[-8:], ending.upper().encode()[-8:])
    )


def _cases(text: str) -> set[str]:
    return {text, text.upper(), text.title(), text[:1].upper() + text[1:]}
