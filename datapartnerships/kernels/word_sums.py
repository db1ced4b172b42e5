"""Sums over the words of each document, for `kernels.quality`: letters, and stop words.

Compiled in one pass over the words, without columns in between; and in numpy, with the same
answers.
"""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple, no_type_check

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from datapartnerships.kernels._compiled import compiled
from datapartnerships.kernels._stop_words import stop_words
from datapartnerships.kernels.words import (
    UNSPACED,
    Edges,
    Hashes,
    Words,
    _kinds,
    buffers,
    hash_strings,
)

# Of the table of a language: at most 64 words in three forms, so that few stand elsewhere than
# their hashes say, and that it fits the processor's first cache.
_PLACES = 1024


class WordSums(NamedTuple):
    """Of each document.

    Attributes:
        characters: of its words.
        lettered: words with a letter.
        alone: words that are a letter of a script without spaces.
        alone_characters: of those.
        stop_words: uint64, a bit for each that is there.
    """

    characters: Edges
    lettered: Edges
    alone: Edges
    alone_characters: Edges
    stop_words: Hashes


class Lists(NamedTuple):
    """Stop words by language: a hash table with open addressing for each, one after another.

    Attributes:
        codes: the place of the table of each language; 0 is that of none, and empty.
        keys: hashes of words; 0 where there is none.
        bits: of each, which of the words of its language it is.
        reach: how many places after the first a word may be.
    """

    codes: dict[str, int]
    keys: Hashes
    bits: npt.NDArray[np.uint8]
    reach: int


def word_sums(texts: pa.Array, found: Words, spoken: Edges, lists: Lists) -> WordSums:
    """The sums of `texts`, whose words were found.

    Args:
        spoken: the code in `lists` of the language of each.
    """
    loop = compiled(_loop)
    if loop is None:
        return _by_columns(texts, found, spoken, lists)
    columns = found.edges, found.starts, found.characters, found.lettered, found.hashes
    data, _ = buffers(texts)
    return WordSums(*loop(data, *columns, _kinds(), spoken, lists.keys, lists.bits))


@lru_cache(4)
def stop_word_lists(given: tuple[str, ...] | None) -> Lists:
    """Of every language; or `given` for code 1."""
    lists = {"": given} if given is not None else stop_words()
    codes = {name: index + 1 for index, name in enumerate(lists)}
    spelled: dict[tuple[int, str], int] = {}
    for name, entries in lists.items():
        for index, word in enumerate(entries):
            forms = (word,) if given is not None else (word, word.capitalize(), word.upper())
            for form in forms:
                spelled.setdefault((codes[name] * _PLACES, form), index % 64)
    hashes = hash_strings(pa.array([form for _, form in spelled])).tolist()
    held: dict[int, tuple[int, int]] = {}
    reach = 1
    for key, ((base, _), bit) in zip(hashes, spelled.items(), strict=True):
        step = 0
        while base + (key + step) % _PLACES in held:
            step += 1
        held[base + (key + step) % _PLACES] = key, bit
        reach = max(reach, step + 1)
    keys = np.zeros((len(lists) + 1) * _PLACES, np.uint64)
    bits = np.zeros(len(keys), np.uint8)
    places = list(held)
    keys[places] = [key for key, _ in held.values()]
    bits[places] = [bit for _, bit in held.values()]
    return Lists(codes, keys, bits, reach)


# ------------------------------------------------------------------------- in numpy alone


def _by_columns(texts: pa.Array, found: Words, spoken: Edges, lists: Lists) -> WordSums:
    alone = _alone(texts, found)
    size, lettered, letters, letter_size = (
        np.diff(np.concatenate([[0], np.cumsum(column, dtype=np.int64)])[found.edges])
        for column in (
            found.characters, found.lettered, alone, np.where(alone, found.characters, 0),
        )
    )  # fmt: skip
    owner = np.repeat(np.arange(len(spoken)), np.diff(found.edges))
    seen = np.zeros(len(spoken), np.uint64)
    for step in range(lists.reach):
        first = (found.hashes + np.uint64(step)) & np.uint64(_PLACES - 1)
        place = spoken[owner] * _PLACES + first.astype(np.int64)
        hit = np.flatnonzero(lists.keys[place] == found.hashes)
        bits = np.left_shift(np.uint64(1), lists.bits[place[hit]].astype(np.uint64))
        np.bitwise_or.at(seen, owner[hit], bits)
    return WordSums(size, lettered, letters, letter_size, seen)


def _alone(texts: pa.Array, found: Words) -> npt.NDArray[np.bool_]:
    """The words that are a letter of a script without spaces."""
    data, _ = buffers(texts)
    first = data[found.starts]
    some = np.flatnonzero(first >= 0xE0)
    alone = np.zeros(len(first), bool)
    if not len(some):
        return alone
    at = found.starts[some]
    long = first[some] >= 0xF0
    parts = [data[at + n].astype(np.int64) & 0x3F for n in (1, 2)]
    parts.append(data[np.where(long, at + 3, at)].astype(np.int64) & 0x3F)
    lead = first[some].astype(np.int64)
    three = (lead & 0x0F) << 12 | parts[0] << 6 | parts[1]
    four = (lead & 0x07) << 18 | parts[0] << 12 | parts[1] << 6 | parts[2]
    alone[some] = _kinds()[np.where(long, four, three)] == UNSPACED
    return alone


# ---------------------------------------------------------------------------- compiled


@no_type_check
def _loop(data, edges, starts, characters, lettered, hashes, kinds, spoken, keys, bits):
    texts = len(edges) - 1
    out = np.zeros((4, texts), np.int64)
    seen = np.zeros(texts, np.uint64)
    last = np.uint64(_PLACES - 1)
    for text in range(texts):
        base = spoken[text] * _PLACES
        size, letters, alone, alone_size, mine = 0, 0, 0, 0, np.uint64(0)
        for word in range(edges[text], edges[text + 1]):
            size += characters[word]
            letters += lettered[word]
            slot = hashes[word] & last
            key = keys[base + np.int64(slot)]
            while key != 0:
                if key == hashes[word]:
                    mine |= np.uint64(1) << np.uint64(bits[base + np.int64(slot)])
                    break
                slot = (slot + np.uint64(1)) & last
                key = keys[base + np.int64(slot)]
            at = starts[word]
            byte = np.int64(data[at])
            if byte < 0xE0:
                continue
            code = (data[at + 1] & 0x3F) << 6 | (data[at + 2] & 0x3F)
            if byte < 0xF0:
                code = (byte & 0x0F) << 12 | code
            else:
                code = (byte & 0x07) << 18 | code << 6 | (data[at + 3] & 0x3F)
            if kinds[code] == UNSPACED:
                alone += 1
                alone_size += characters[word]
        out[0, text], out[1, text], out[2, text], out[3, text] = size, letters, alone, alone_size
        seen[text] = mine
    return out[0], out[1], out[2], out[3], seen
