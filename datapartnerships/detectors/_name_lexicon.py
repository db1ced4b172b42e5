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
from datapartnerships.kernels._compiled import compiled
from datapartnerships.kernels._function_words import WORDS
from datapartnerships.kernels._stop_words import MORE

Bits = npt.NDArray[np.int16]
Hashes = words.Hashes
Hints = npt.NDArray[np.uint8]
Places = npt.NDArray[np.int64]

# What a word may be. A weak name is a word, a place or a month too; a soft stop begins no name.
GIVEN, SURNAME, WEAK, STOP, SOFT, TITLE, ORGANIZATION, PLACE, PARTICLE = (1 << i for i in range(9))
# A letter that is a word, and a given name that is written short.
WORD_LETTER, SHORT = 1 << 9, 1 << 10
NAME = GIVEN | SURNAME
# What a phrase before a name may be, and one after it.
BY_TITLE, BY_ROLE, BY_FIELD, AFTER, VERB, INTRODUCED, CLOSING = (1 << i for i in range(7))
BEFORE = BY_TITLE | BY_ROLE | BY_FIELD | CLOSING
BEHIND = AFTER | VERB
LONGEST_PHRASE = 3
# A hash in a few buckets, or a few in each: looking one up is a step or two.
MOST_BUCKET_BITS = 18
HINT_BITS = 16

# What an ending may say.
BY_ENDING, PATRONYMIC = 1, 2
# What a word may do: end a phrase that stands before a name, begin one after it or one such as
# `my name is`, join two names, stand inside one.
ENDS, BEGINS, INTRODUCES, JOINS, STANDS = (1 << i for i in range(5))


class Table(NamedTuple):
    """Sorted hashes, the bits of each, and which begin with the same bits: one bucket of a power
    of two."""

    hashes: Hashes
    bits: Bits
    buckets: npt.NDArray[np.int32]

    @property
    def shift(self) -> np.uint64:
        """What leaves of a hash its bucket."""
        return np.uint64(65 - len(self.buckets).bit_length())

    def of(self, hashes: Hashes) -> Bits:
        """The bits of each hash; 0 where it is not known."""
        loop = compiled(_loop, _bits)
        if loop is not None:
            held: Bits = loop(hashes, self.shift, *self)
            return held
        bucket = (hashes >> self.shift).astype(np.int64)
        at, stop = self.buckets[bucket], self.buckets[bucket + 1]
        found = np.zeros(len(hashes), np.int16)
        left = np.flatnonzero(at < stop)
        at, stop, wanted = at[left], stop[left], hashes[left]
        while len(left):
            same = self.hashes[at] == wanted
            found[left[same]] = self.bits[at[same]]
            at += 1
            more = np.flatnonzero(~same & (at < stop))
            left, at, stop, wanted = left[more], at[more], stop[more], wanted[more]
        return found


class Lexicon(NamedTuple):
    """What is known for texts in some languages.

    Attributes:
        words: single words.
        phrases: those of one, two and three words.
        endings: last bytes of words, as a number, and how many they are, as a phrase of two.
        lengths: of these, in bytes, at most eight.
        last_three: by `ending_place` of the last three bytes of a word, whether it may end so.
        exceptions: words that end so, and are no names.
        joining: hashes of "and" and "or".
        hints: what a word may do, by the last `HINT_BITS` bits of its hash: seldom more than it
            does, and never less.
        nouns: whether nouns are capitalized.
    """

    words: Table
    phrases: tuple[Table, ...]
    endings: Table
    lengths: tuple[int, ...]
    last_three: npt.NDArray[np.bool_]
    exceptions: Table
    joining: Hashes
    hints: Hints
    nouns: bool

    def may(self, hashes: Hashes, what: int) -> npt.NDArray[np.bool_]:
        """Whether each word may do it."""
        held = self.hints[hashes.view(np.int64) & (len(self.hints) - 1)]
        found: npt.NDArray[np.bool_] = (held & what) > 0
        return found

    def beside(self, hashes: Hashes, word: Places, low: Places, high: Places) -> Bits:
        """What the phrases before and after each word say, none of them beyond `low` and `high`.

        Args:
            hashes: of all words.
            word: those looked at.
            low, high: first word of the text that each is in, and the first behind it.
        """
        ends = np.flatnonzero((word > low) & self.may(hashes[np.maximum(word - 1, 0)], ENDS))
        after = np.minimum(word + 1, len(hashes) - 1)
        begins = np.flatnonzero((word + 1 < high) & self.may(hashes[after], BEGINS))
        cue = np.zeros(len(word), np.int16)
        for size, table in enumerate(self.phrases, 1):
            for some, at, mask in (
                (ends, word[ends] - size, BEFORE),
                (begins, word[begins] + 1, BEHIND),
            ):
                inside = np.flatnonzero((at >= low[some]) & (at + size <= high[some]))
                some, at = some[inside], at[inside]
                whole = hashes[at]
                for step in range(1, size):
                    whole = phrase_hash(whole, hashes[at + step])
                cue[some] |= table.of(whole) & mask
        return cue


def phrase_hash(first: Any, second: Any) -> Any:
    """One hash of two, which depends on their order."""
    return (first * np.uint64(0x9E3779B97F4A7C15)) ^ second


def ending_place(third: Any, second: Any, last: Any) -> Any:
    """A number below 1 << 15 of the last three bytes of a word, the same in any case."""
    return (third & 31) * 1024 + (second & 31) * 32 + (last & 31)


@cache
def lexicon(languages: tuple[str, ...]) -> Lexicon:
    """All that is known for texts in these languages. Given names and surnames are of all."""
    joining = {word for language in languages for word in lists.AND[language].split()}
    known = _words(languages)
    phrases, hints = _phrases(languages)
    endings = _endings(languages)
    numbers = np.array([int.from_bytes(held, "big") for held in endings], np.uint64)
    sizes = np.array([len(held) for held in endings], np.uint64)
    last_three = np.zeros(1 << 15, np.bool_)
    for held in endings:
        third = np.array([held[-3]]) if len(held) > 2 else np.arange(32)
        last_three[ending_place(third, held[-2], held[-1])] = True
    plain = lists.NOT_PATRONYMICS.split()
    exceptions = words.hash_strings(pa.array([f(x) for x in plain for f in (str.title, str.upper)]))
    made = Lexicon(
        words=known,
        phrases=phrases,
        endings=_table(phrase_hash(numbers, sizes), np.array([*endings.values()], np.int16)),
        lengths=tuple(sorted({len(held) for held in endings})),
        last_three=last_three,
        exceptions=_table(exceptions, np.ones(len(exceptions), np.int16)),
        joining=words.hash_strings(pa.array(sorted(joining))),
        hints=hints,
        nouns="de" in languages,
    )
    hints[made.joining & np.uint64(len(hints) - 1)] |= JOINS
    hints[known.hashes[(known.bits & PARTICLE) > 0] & np.uint64(len(hints) - 1)] |= STANDS
    return made


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
        bits.append(np.full(len(held), bit, np.int16))
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
    size = min(len(hashes).bit_length() + 2, MOST_BUCKET_BITS)
    edges = np.arange((1 << size) + 1).astype(np.uint64)
    buckets = np.searchsorted(hashes >> np.uint64(64 - size), edges)
    return Table(hashes, bits, buckets.astype(np.int32))


def _phrases(languages: tuple[str, ...]) -> tuple[tuple[Table, ...], Hints]:
    """Those of one, two and three words, and what their first and last words may do."""
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
    hints = np.zeros(1 << HINT_BITS, np.uint8)
    for index, (_, bit) in enumerate(given):
        own = found.hashes[found.edges[index] : found.edges[index + 1]]
        if not 0 < len(own) <= LONGEST_PHRASE:
            continue
        whole = own[0]
        for one in own[1:]:
            with np.errstate(over="ignore"):
                whole = phrase_hash(whole, one)
        hashes[len(own) - 1].append(whole)
        bits[len(own) - 1].append(bit)
        first, last = own[[0, -1]] & np.uint64(len(hints) - 1)
        hints[first] |= BEGINS * bool(bit & BEHIND) | INTRODUCES * bool(bit & INTRODUCED)
        hints[last] |= ENDS * bool(bit & BEFORE)
    tables = tuple(
        _table(np.array(some, np.uint64), np.array(held, np.int16))
        for some, held in zip(hashes, bits, strict=True)
    )
    return tables, hints


def _endings(languages: tuple[str, ...]) -> dict[bytes, int]:
    """The last bytes of words, at most eight, and what each says."""

    def own(table: Mapping[str, str]) -> str:
        return " ".join(table.get(language, "") for language in languages)

    return {
        held: kind
        for text, kind in (
            (f"{lists.SURNAME_ENDINGS} {own(lists.SURNAME_ENDINGS_OF)}", BY_ENDING),
            (f"{lists.PATRONYMICS} {own(lists.PATRONYMICS_OF)}", PATRONYMIC),
        )
        for ending in text.split()
        for held in (ending.encode()[-8:], ending.upper().encode()[-8:])
    }


def _cases(text: str) -> set[str]:
    return {text, text.upper(), text.title(), text[:1].upper() + text[1:]}


# ---------------------------------------------------------------------------- compiled


def _bits(wanted: Any, shift: Any, hashes: Any, bits: Any, buckets: Any) -> Any:
    bucket = np.int64(wanted >> shift)
    for at in range(buckets[bucket], buckets[bucket + 1]):
        if hashes[at] == wanted:
            return bits[at]
    return 0


def _loop(wanted: Any, shift: Any, hashes: Any, bits: Any, buckets: Any) -> Any:
    found = np.empty(len(wanted), np.int16)
    for i in range(len(wanted)):
        found[i] = _bits(wanted[i], shift, hashes, bits, buckets)
    return found
