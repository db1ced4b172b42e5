"""What is read of each word that may be part of a name: in lists, in its ending, and beside it."""

from __future__ import annotations

from functools import cache
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

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
    Bits,
    Lexicon,
    Places,
    _bits,
    ending_place,
    phrase_hash,
)
from datapartnerships.kernels import words
from datapartnerships.kernels._compiled import compiled
from datapartnerships.kernels.words import _eights, _hash, _mixed

Mask = npt.NDArray[np.bool_]
Kinds = npt.NDArray[np.uint8]

# What stands between two words: nothing but spaces is 0.
LINE, DOT, COMMA, COLON, HYPHEN, OPENING, SLASH, AT, OTHER = (1 << i for i in range(9))
# Typed lines break inside a name; the lines of a list, which are shorter, do not.
WRAPPED_BYTES = 40
# Signs beyond these are not read.
MOST_SIGNS = 64


class Reading(NamedTuple):
    """Of the words that matter, in order.

    Attributes:
        some: which they are of those that were read.
        bits: what it may be (`_name_lexicon`).
        numbered: a letter or two and figures.
        cue: what the phrases beside it say, if what is between them allows it.
        morph: what its ending says (`_name_lexicon`), 0 nothing.
        before, after: what stands between it and its neighbors, as bits; OTHER at a text's end.
        wrapped: one line end is before it, and a long line.
    """

    some: Places
    bits: Bits
    numbered: Mask
    cue: Bits
    morph: Kinds
    before: Bits
    after: Bits
    wrapped: Mask


def read(data: words.Bytes, found: words.Words, word: Places, lexicon: Lexicon) -> Reading:
    """What is known of those of `word` that may be in a name, or tell something of another one.

    `found` is changed: a possessive ending, and the number of a footnote, are no longer part of
    a word.
    """
    loop = compiled(
        _loop, _mixed, _hash, _bits, phrase_hash, ending_place, _end, _cue, _ending, _sign, _wraps
    )
    if loop is None:
        return _by_columns(data, found, word, lexicon)
    tables = [
        (table.shift, *table)
        for table in (lexicon.words, *lexicon.phrases, lexicon.endings, lexicon.exceptions)
    ]
    return Reading(*loop(
        data, _eights(data), *found[:4], found.hashes, word, _signs(), lexicon.hints,
        lexicon.last_three, np.array(lexicon.lengths), *tables,
    ))  # fmt: skip


def text_of(found: words.Words, word: Places) -> Places:
    """Which text each of `word`, which are in order, is in."""
    counts = np.diff(np.searchsorted(word, found.edges))
    return np.repeat(np.arange(len(counts)), counts)


@cache
def _signs() -> Bits:
    table = np.full(256, OTHER, np.int16)
    table[list(b" \t\r\xc2\xa0")] = 0
    # A question for a name is a field as well.
    for sign, bit in ((b"\n", LINE), (b".", DOT), (b",", COMMA), (b":?", COLON), (b"-", HYPHEN)):
        table[list(sign)] = bit
    table[list(b"(")], table[list(b"/")], table[list(b"@")] = OPENING, SLASH, AT
    table.flags.writeable = False
    return table


# ------------------------------------------------------------------------- in numpy alone


def _by_columns(data: words.Bytes, found: words.Words, word: Places, lexicon: Lexicon) -> Reading:
    starts, ends = found.starts[word], found.ends[word]
    bits = lexicon.words.of(found.hashes[word])
    stops = _trimmed(data, starts, ends)
    cut = np.flatnonzero(stops < ends)
    bits[cut] = lexicon.words.of(words.hash_ranges(data, starts[cut], stops[cut]))
    numbered = (data[ends - 1] - 48 < 10) & (stops - starts < 3)
    bits[numbered] = STOP
    text = text_of(found, word)
    cue = lexicon.beside(found.hashes, word, found.edges[text], found.edges[text + 1])
    morph = _morphology(data, found, word, stops, lexicon)
    some = np.flatnonzero(_matters(found, word, bits, cue, morph, lexicon))
    found.ends[word] = stops
    word, text = word[some], text[some]
    opens = word == found.edges[text]
    before = _between(data, found, word, opens)
    after = _between(data, found, word + 1, word + 1 == found.edges[text + 1])
    wrapped = np.append(False, np.diff(word) == 1) & ~opens & (before & ~DOT == LINE)
    at = np.flatnonzero(wrapped)
    wrapped[at] = _wrapped(data, found, word[at], text[at])
    return Reading(some, bits[some], numbered[some], cue[some], morph[some], before, after, wrapped)


def _wrapped(data: words.Bytes, found: words.Words, word: Places, text: Places) -> Mask:
    """Whether one line end is before each of `word`, and a long line of its text before that."""
    begins, stops = found.ends[word - 1], found.starts[word]
    lines = np.flatnonzero(data == 0x0A) if len(word) else word
    at = np.searchsorted(lines, begins)
    once = np.searchsorted(lines, stops) - at == 1
    line = np.where(at > 0, np.append(lines, 0)[at - 1], 0)
    long: Mask = begins - np.maximum(line, found.starts[found.edges[text]]) >= WRAPPED_BYTES
    long &= once
    return long


def _matters(
    found: words.Words, word: Places, bits: Bits, cue: Bits, morph: Kinds, lexicon: Lexicon
) -> Mask:
    """Which of `word` may be in a run that is a name, or tell something of another one.

    Most of them stand alone, as the first word of a sentence does, and nothing speaks for them.
    """
    apart = np.diff(word)
    mask = ((bits & lex.NAME) > 0) | (morph > 0) | ((cue & ~lex.VERB) > 0)
    mask |= found.characters[word] <= 2  # may be an initial
    near = np.flatnonzero(apart == 1)
    over = np.flatnonzero(apart == 2)
    over = over[lexicon.may(found.hashes[word[over] + 1], lex.JOINS)]
    for pair in (near, over):
        mask[pair] = True
        mask[pair + 1] = True
    return mask


def _trimmed(data: words.Bytes, starts: Places, ends: Places) -> Places:
    """Where each word ends without its ``'s``, and without the number of a footnote."""
    last = data[ends - 1]
    some = np.flatnonzero((last == 0x73) | (last == 0x53) | (last - 48 < 10))
    trimmed = ends.copy()
    starts, ends, last = starts[some], ends[some], last[some]
    plain = (ends - starts > 2) & ((last == 0x73) | (last == 0x53)) & (data[ends - 2] == 0x27)
    curly = (ends - starts > 4) & (last == 0x73) & (data[ends - 2] == 0x99)
    curly &= (data[np.maximum(ends - 3, 0)] == 0x80) & (data[np.maximum(ends - 4, 0)] == 0xE2)
    ends = ends - 2 * plain - 4 * curly
    for _ in range(3):
        ends = ends - ((ends - starts > 1) & (data[ends - 1] - 48 < 10))
    trimmed[some] = ends
    return trimmed


def _between(data: words.Bytes, found: words.Words, word: Places, edge: Mask) -> Bits:
    """What stands before each of `word`, as bits; OTHER where a text begins (or, after, ends)."""
    inside = np.flatnonzero(~edge)
    bits = np.full(len(word), OTHER, np.int16)
    if len(inside):
        begins, stops = found.ends[word[inside] - 1], found.starts[word[inside]]
        bits[inside] = _seen(data, begins, stops, _signs())
    return bits


def _seen(data: words.Bytes, begins: Places, stops: Places, signs: Bits) -> Bits:
    """The signs from each of `begins` to its stop, as bits; OTHER where there is nothing."""
    sizes = stops - begins
    held = signs[data[np.minimum(begins, len(data) - 1)]]
    held[sizes == 0] = OTHER
    for step in (1, 2):
        long = np.flatnonzero(sizes > step)
        held[long] |= signs[data[begins[long] + step]]
    long = np.flatnonzero(sizes > 3)
    if len(long):
        sizes = np.minimum(sizes[long], MOST_SIGNS) - 3
        heads = np.append(0, np.cumsum(sizes))[:-1]
        at = np.repeat(begins[long] + 3 - heads, sizes) + np.arange(int(sizes.sum()))
        held[long] |= np.bitwise_or.reduceat(signs[data[at]], heads)
    return held


def _morphology(
    data: words.Bytes, found: words.Words, word: Places, end: Places, lexicon: Lexicon
) -> Kinds:
    """What the ending of each word says; 0 nothing."""
    kind = np.zeros(len(word), np.uint8)
    three = (data[np.maximum(end - back, 0)].astype(np.int64) for back in (3, 2, 1))
    likely = np.flatnonzero(lexicon.last_three[lex.ending_place(*three)])
    end = end[likely]
    size = end - found.starts[word[likely]]
    last = np.zeros(len(likely), np.uint64)
    for back in range(8, 0, -1):
        last = last << np.uint64(8) | data[np.maximum(end - back, 0)].astype(np.uint64)
    says = np.zeros(len(likely), np.int16)
    for length in lexicon.lengths:
        own = lex.phrase_hash(last & np.uint64((1 << 8 * length) - 1), np.uint64(length))
        long = size >= length + (3 if length < 5 else 2)
        np.maximum(says, lexicon.endings.of(own) * long, out=says)
    told = np.flatnonzero(says)
    says[told[lexicon.exceptions.of(found.hashes[word[likely[told]]]) > 0]] = 0
    kind[likely] = says
    return kind


# ---------------------------------------------------------------------------- compiled


def _loop(
    data: Any, eights: Any, edges: Any, starts: Any, ends: Any, characters: Any, hashes: Any,
    word: Any, signs: Any, hints: Any, last_three: Any, lengths: Any,
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
        stops[i] = _end(data, start, end)
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
    some = np.flatnonzero(matters)
    before = np.full(len(some), OTHER, np.int16)
    after = np.full(len(some), OTHER, np.int16)
    wrapped = np.zeros(len(some), np.bool_)
    text = 0
    for j in range(len(some)):
        i = some[j]
        at = word[i]
        while edges[text + 1] <= at:
            text += 1
        if at + 1 < edges[text + 1]:
            after[j] = _sign(data, stops[i], starts[at + 1], signs)
        if at > edges[text]:
            beside = i > 0 and word[i - 1] == at - 1
            begin = stops[i - 1] if beside else ends[at - 1]
            before[j] = _sign(data, begin, starts[at], signs)
            if beside and before[j] & ~DOT == LINE:
                wrapped[j] = _wraps(data, starts[edges[text]], begin, starts[at])
    for i in range(count):
        ends[word[i]] = stops[i]
    return some, bits[some], numbered[some], cues[some], morph[some], before, after, wrapped


def _sign(data: Any, begin: Any, stop: Any, signs: Any) -> Any:
    if begin == stop:
        return OTHER
    held = np.int64(0)
    for at in range(begin, min(stop, begin + MOST_SIGNS)):
        held |= signs[data[at]]
    return held


def _wraps(data: Any, floor: Any, begin: Any, stop: Any) -> Any:
    if begin - floor < WRAPPED_BYTES:
        return False
    for at in range(begin - WRAPPED_BYTES + 1, begin):
        if data[at] == 0x0A:
            return False
    lines = 0
    for at in range(begin, stop):
        lines += data[at] == 0x0A
    return lines == 1


def _end(data: Any, start: Any, end: Any) -> Any:
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
