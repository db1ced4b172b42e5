"""A list of people as a partner hands it over, and how it is looked for: by keys of two words."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Mapping
from functools import lru_cache
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from datapartnerships._given_files import stamp
from datapartnerships.detectors._endings import spellings
from datapartnerships.detectors._name_parts import TITLES, is_part
from datapartnerships.errors import ConfigurationError
from datapartnerships.kernels.name_words import fold, name_words
from datapartnerships.kernels.words import Hashes, _mixed, buffers, hashes

FIELDS = ("name", "given", "family", "aliases", "born", "identifiers")
# Digits or letters of an identifier; fewer would be found everywhere.
LEAST = 5
_BITS = 1 << 22
_BIRTH = re.compile(r"(\d{4})-(\d{2})-(\d{2})")

Bits = npt.NDArray[np.bool_]


class Person(NamedTuple):
    """One person of a list."""

    names: tuple[str, ...]
    born: str = ""
    identifiers: tuple[str, ...] = ()


class People(NamedTuple):
    """What is looked for.

    Attributes:
        names: the words of each name, in the order given name, family name.
        pairs: a number for each two words of a name that may stand together, sorted.
        pair_names: index of the name that each pair is of.
        words: keys of words of names, as bits.
        parts: words of names by their keys.
        singles: names of one word, and the keys of their forms as bits (`single`).
        titles: keys of titles, as bits.
        small: hashes of the words in small letters, with accents and without, as bits.
        numbers: identifiers, letters and digits only, and their label.
        beginnings: first two bytes of identifiers, as bits.
    """

    names: list[tuple[str, ...]]
    pairs: Hashes
    pair_names: npt.NDArray[np.int64]
    words: Bits
    parts: dict[int, frozenset[str]]
    singles: frozenset[str]
    single: Bits
    titles: Bits
    small: Bits
    numbers: dict[str, str]
    beginnings: Bits


def pair(first: Any, second: Any) -> Any:
    """A number for two keys, in this order."""
    with np.errstate(over="ignore"):
        return _mixed(first + _mixed(second + np.uint64(1)))


def bits(keys: Any) -> Any:
    """Where a key stands in a table of bits."""
    return (keys & np.uint64(_BITS - 1)).astype(np.int64)


def table_of(keys: Any) -> Bits:
    table = np.zeros(_BITS, np.bool_)
    table[bits(np.asarray(keys, np.uint64))] = True
    return table


def person_of(value: Any, where: str) -> Person:
    """A name, or a mapping (or its pairs) with some of `FIELDS`."""
    if isinstance(value, str):
        value = {"name": value}
    said = dict(value)
    for key in said:
        if key not in FIELDS:
            raise ConfigurationError(f"{where}: expected some of {', '.join(FIELDS)}. Got {key!r}.")
    name = _in_order(said.get("name") or "")
    full = " ".join(f"{said.get('given') or ''} {said.get('family') or ''}".split())
    names = [one for one in (name, full, *map(_in_order, _several(said.get("aliases")))) if one]
    born = str(said.get("born") or "").strip()
    if born and not _BIRTH.fullmatch(born):
        raise ConfigurationError(f"{where}: expected a birth date as YYYY-MM-DD.")
    identifiers = tuple(_several(said.get("identifiers")))
    for one in identifiers:
        if len(bare(one)) < LEAST:
            raise ConfigurationError(
                f"{where}: an identifier has fewer than {LEAST} letters and digits."
            )
    if not (names or identifiers):
        raise ConfigurationError(f"{where}: neither a name nor an identifier.")
    return Person(tuple(dict.fromkeys(names)), born, identifiers)


def _in_order(name: str) -> str:
    """``Jónsdóttir, Anna`` as ``Anna Jónsdóttir``."""
    family, comma, given = name.partition(",")
    return " ".join((f"{given} {family}" if comma else name).split())


def _several(value: Any) -> list[str]:
    if value is None:
        return []
    some = re.split(r"[;|]", value) if isinstance(value, str) else value
    return [str(one).strip() for one in some if str(one).strip()]


def bare(identifier: str) -> str:
    """Letters and digits alone."""
    return "".join(letter for letter in fold(identifier) if letter.isalnum())


def read_people(path: str) -> list[Person]:
    """The people of a text file with a name on each line, or of a table with a line of headings.

    Raises:
        ConfigurationError: it cannot be read; with the line, and without what stands on it.
    """
    import fsspec

    try:
        with fsspec.open(path, "rb") as raw:
            text = raw.read().decode("utf-8-sig")
    except FileNotFoundError:
        raise ConfigurationError(f"There is no file {path!r}.") from None
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigurationError(f"{path!r} cannot be read: {error}") from None
    heading, _, _ = text.partition("\n")
    comma = max(",;\t", key=heading.count)
    columns = [name.strip().casefold() for name in heading.split(comma)]
    if not set(columns) & {"name", "given", "family", "identifiers"}:
        lines = enumerate(text.splitlines(), 1)
        return [person_of(line, f"{path!r}, line {n}") for n, line in lines if line.strip()]
    rows = csv.reader(io.StringIO(text), delimiter=comma)
    next(rows)
    found = []
    for row in rows:
        if any(cell.strip() for cell in row):
            said = {c: v.strip() for c, v in zip(columns, row, strict=False) if c in FIELDS}
            found.append(person_of(said, f"{path!r}, line {rows.line_num}"))
    return found


def people_of(people: tuple[Any, ...], path: str | None) -> People:
    """What is looked for, made once in a process for each list."""
    return _people(people, path, "" if path is None else stamp(path))


@lru_cache(maxsize=4)
def _people(people: tuple[Any, ...], path: str | None, _: str) -> People:
    everybody = [person_of(one, f"people[{i}]") for i, one in enumerate(people)]
    if path is not None:
        everybody += read_people(path)
    numbers = {}
    for person in everybody:
        for form in _birth_dates(person.born):
            numbers[form] = "BIRTH_DATE"
    for person in everybody:
        for identifier in person.identifiers:
            numbers[bare(identifier)] = "RECORD_ID"
    written = [name for person in everybody for name in person.names]
    # A hyphen at the end of a line may be none of the name, or one: both are looked for.
    written += [name.replace("-", "") for name in written if "-" in name]
    names = words_of(dict.fromkeys(written))
    names = list(dict.fromkeys(words for words in names if words))
    keys = keys_of({word for words in names for word in words})
    first, second, owner = _pairs(names, keys)
    pairs = pair(first, second)
    order = np.argsort(pairs, kind="stable")
    by_key: dict[int, set[str]] = {}
    for words in names:
        for word in words:
            for key in keys[word]:
                by_key.setdefault(key, set()).add(word)
    singles = frozenset(words[0] for words in names if len(words) == 1)
    return People(
        names,
        pairs[order],
        owner[order],
        table_of(np.concatenate([first, second, _keys_array(by_key)])),
        {key: frozenset(words) for key, words in by_key.items()},
        singles,
        table_of([key for word in singles for key in keys[word]]),
        table_of(name_words(pa.array(sorted(TITLES), pa.string())).keys),
        table_of(hashes(pa.array([f for w in keys for f in (w.lower(), fold(w))], pa.string()))),
        numbers,
        _beginnings(numbers),
    )


def _keys_array(keys: Iterable[int]) -> Hashes:
    return np.array(list(keys), np.uint64)


def _birth_dates(born: str) -> Iterable[str]:
    """Digits of a date as they are written in figures, by day, by month and by year first."""
    if found := _BIRTH.fullmatch(born):
        year, month, day = found.groups()
        for a in {day, day.lstrip("0")}:
            for b in {month, month.lstrip("0")}:
                yield from (a + b + year, b + a + year, year + b + a)


def words_of(names: Iterable[str]) -> list[tuple[str, ...]]:
    """The words of each name that tell whose it is, as texts are cut into words."""
    texts = pa.array(list(names), pa.string())
    found = name_words(texts).words
    raw = buffers(texts)[0].tobytes()
    spans = zip(found.starts.tolist(), found.ends.tolist(), strict=True)
    words = [raw[start:end].decode() for start, end in spans]
    edges = found.edges.tolist()
    out = []
    for begin, end in pairwise(edges):
        some = words[begin:end]
        unspaced = all(len(word) == 1 for word in some)
        out.append(tuple(w for w in some if unspaced or is_part(w)))
    return out


def keys_of(words: set[str], *, plain: bool = False) -> dict[str, list[int]]:
    """The keys under which a form of each word may stand; its own only if `plain`."""
    order = sorted(words)
    forms = [
        (i, form) for i, word in enumerate(order) for form in ([word] if plain else spellings(word))
    ]
    texts = pa.array([form for _, form in forms], pa.string())
    found = name_words(texts)
    out: dict[str, list[int]] = {word: [] for word in order}
    first = found.words.edges[:-1].tolist()
    keys = found.keys.tolist()
    for (i, _), at in zip(forms, first, strict=True):
        if keys[at] not in out[order[i]]:
            out[order[i]].append(keys[at])
    return out


def _pairs(
    names: list[tuple[str, ...]], keys: Mapping[str, list[int]]
) -> tuple[Hashes, Hashes, npt.NDArray[np.int64]]:
    """Keys of two words that may stand together in a text, and the name that they are of.

    Any two words of a name in its order, its last one before its first, and the first letter of
    its first one before its last.
    """
    letters = {word[0] for words in names for word in words[:1]}
    initial = {letter: keys[0] for letter, keys in keys_of(letters, plain=True).items()}
    first: list[int] = []
    second: list[int] = []
    owner: list[int] = []

    def add(name: int, before: Iterable[int], after: Iterable[int]) -> None:
        for one in before:
            for other in after:
                first.append(one)
                second.append(other)
                owner.append(name)

    for name, words in enumerate(names):
        for j in range(1, len(words)):
            for i in range(j):
                add(name, keys[words[i]], keys[words[j]])
        if len(words) > 1:
            add(name, keys[words[-1]], keys[words[0]])
            start = [initial[words[0][0]]] if words[0][0] in initial else []
            add(name, start, keys[words[-1]])
            add(name, keys[words[-1]], start)
    return np.array(first, np.uint64), np.array(second, np.uint64), np.array(owner, np.int64)


def _beginnings(numbers: Iterable[str]) -> Bits:
    """Two bytes that an identifier may begin with; a separator may be the second."""
    table = np.zeros((256, 256), np.bool_)
    seconds = [code for code in range(256) if not chr(code).isalnum() or code > 127]
    for number in numbers:
        code = number.encode()
        for one in {number[0], number[0].upper()}:
            begin = one.encode()[0]
            table[begin, seconds] = True
            table[begin, [code[1], *number[1].upper().encode()[:1]]] = True
    if numbers:
        table[0xD8:, :] = True  # digits of other scripts
    return table
