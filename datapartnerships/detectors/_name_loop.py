"""What `_name_tokens` reads of each word that may be part of a name, in one compiled pass."""

from __future__ import annotations

from typing import Any

import numpy as np

from datapartnerships.detectors import _name_lexicon as lex
from datapartnerships.detectors._name_lexicon import (
    AFTER,
    BEFORE,
    BEGINS,
    BEHIND,
    ENDS,
    JOINS,
    NAME,
    STOP,
    Lexicon,
    _bits,
    ending_place,
    phrase_hash,
)
from datapartnerships.kernels import words
from datapartnerships.kernels._compiled import compiled
from datapartnerships.kernels.words import _eights, _hash, _mixed


def read(data: words.Bytes, found: words.Words, word: lex.Places, lexicon: Lexicon) -> Any:
    """The columns of `_name_tokens.Read`; None where nothing is compiled."""
    loop = compiled(_loop, _mixed, _hash, _bits, phrase_hash, ending_place, _trimmed, _cue, _ending)
    if loop is None:
        return None
    tables = [
        (table.shift, *table)
        for table in (lexicon.words, *lexicon.phrases, lexicon.endings, lexicon.exceptions)
    ]
    lengths = np.array(lexicon.lengths)
    return loop(
        data, _eights(data), *found[:4], found.hashes, word, lexicon.hints, lexicon.last_three,
        lengths, *tables,
    )  # fmt: skip


def _loop(
    data: Any, eights: Any, edges: Any, starts: Any, ends: Any, characters: Any, hashes: Any,
    word: Any, hints: Any, last_three: Any, lengths: Any,
    known: Any, one: Any, two: Any, three: Any, endings: Any, exceptions: Any,
) -> Any:  # fmt: skip
    count = len(word)
    bits = np.zeros(count, np.int16)
    cues = np.zeros(count, np.int16)
    morph = np.zeros(count, np.uint8)
    stops = np.empty(count, np.int64)
    own = np.empty(count, np.uint64)
    numbered = np.zeros(count, np.bool_)
    matters = np.zeros(count, np.bool_)
    for i in range(count):
        start, end = starts[word[i]], ends[word[i]]
        stops[i] = _trimmed(data, start, end)
        numbered[i] = 48 <= data[end - 1] <= 57 and stops[i] - start < 3
        own[i] = hashes[word[i]] if stops[i] == end else _hash(eights, start, stops[i])
    # By itself: the memory that each look waits for is fetched while others wait for theirs.
    for i in range(count):
        bits[i] = _bits(own[i], *known)
    hint = np.uint64(len(hints) - 1)
    text = 0
    for i in range(count):
        at, stop = word[i], stops[i]
        while edges[text + 1] <= at:
            text += 1
        if numbered[i]:
            bits[i] = STOP
        low, high = edges[text], edges[text + 1]
        says = np.int64(0)
        if at > low and hints[hashes[at - 1] & hint] & ENDS:
            says |= _cue(hashes, at, low, -1, one, two, three) & BEFORE
        if at + 1 < high and hints[hashes[at + 1] & hint] & BEGINS:
            says |= _cue(hashes, at, high, 1, one, two, three) & BEHIND
        cues[i] = says
        if last_three[ending_place(data[max(stop - 3, 0)], data[max(stop - 2, 0)], data[stop - 1])]:
            morph[i] = _ending(data, starts[at], stop, lengths, endings)
            if morph[i] and _bits(hashes[at], *exceptions):
                morph[i] = 0
        if bits[i] & NAME or morph[i] or says & (BEFORE | AFTER) or characters[at] <= 2:
            matters[i] = True
        if i:
            apart = at - word[i - 1]
            if apart == 1 or (apart == 2 and hints[hashes[at - 1] & hint] & JOINS):
                matters[i - 1] = True
                matters[i] = True
    return bits, stops, numbered, cues, morph, matters


def _trimmed(data: Any, start: Any, end: Any) -> Any:
    last = data[end - 1]
    if last == 0x73 or last == 0x53:
        if end - start > 2 and data[end - 2] == 0x27:
            end -= 2
        elif (
            last == 0x73 and end - start > 4
            and data[end - 2] == 0x99 and data[end - 3] == 0x80 and data[end - 4] == 0xE2
        ):  # fmt: skip
            end -= 4
    for _ in range(3):
        if end - start > 1 and 48 <= data[end - 1] <= 57:
            end -= 1
    return end


def _cue(hashes: Any, at: Any, edge: Any, step: Any, one: Any, two: Any, three: Any) -> Any:
    """What the phrases from the word beside `at` on say: those before it (-1) or after it (1)."""
    room = (edge - at - 1) if step > 0 else at - edge
    first = hashes[at + step]
    says = np.int64(_bits(first, *one))
    if room > 1:
        second = hashes[at + 2 * step]
        pair = phrase_hash(first, second) if step > 0 else phrase_hash(second, first)
        says |= np.int64(_bits(pair, *two))
        if room > 2:
            third = hashes[at + 3 * step]
            if step > 0:
                whole = phrase_hash(pair, third)
            else:
                whole = phrase_hash(phrase_hash(third, second), first)
            says |= np.int64(_bits(whole, *three))
    return says


def _ending(data: Any, start: Any, stop: Any, lengths: Any, endings: Any) -> Any:
    says = np.int64(0)
    number = np.uint64(0)
    read = 0
    for length in lengths:
        if stop - start < length + (3 if length < 5 else 2):
            break
        while read < length:
            read += 1
            number |= np.uint64(data[stop - read]) << np.uint64(8 * (read - 1))
        says = max(says, np.int64(_bits(phrase_hash(number, np.uint64(length)), *endings)))
    return says
