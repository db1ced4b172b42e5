"""Sums over the lines of each document, for `kernels.quality`.

Compiled in one pass over the lines, without columns in between; and in numpy, by `c4.kept` and
`kernels.passages`, with the same answers.
"""

from __future__ import annotations

import sys
from functools import lru_cache
from typing import Any, NamedTuple, no_type_check

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from datapartnerships.kernels import c4
from datapartnerships.kernels._compiled import compiled
from datapartnerships.kernels.lines import ENDS, SPACE, Lines, _character, _flags
from datapartnerships.kernels.passages import (
    LETTERS_ALONE,
    OPENS,
    RUNS_ON,
    SENTENCE_WORDS,
    among,
    duplicate_lines,
    duplicate_paragraphs,
    intention,
    sums,
)
from datapartnerships.kernels.signs import _digitless
from datapartnerships.kernels.words import Edges, _eights, _hash, _mixed, buffers

# What the mark at the end of a line, or the first in it, may be.
_ENDED, _LINE_END, _SENTENCE, _QUOTE, _BULLET, _OPENS = (1 << n for n in range(6))


class Rules(NamedTuple):
    """What of `quality.Settings` the lines are measured by; `least`: sentences of a kept line."""

    as_published: bool
    line_ends: str
    short_line: int
    long_paragraph: int
    min_line_words: int
    max_line_word: int
    least: int


class Sums(NamedTuple):
    """Of each document, int64; the first five of lines cut as `str.splitlines` does.

    Attributes:
        bullets: lines that begin with one.
        dotted: lines that end with an ellipsis.
        sentences: in lines that C4 keeps.
        lorem: whether C4 gives it up for "lorem ipsum".
        bracket: for "{".
        characters: with line ends.
        full: lines that are not blank.
        ended: those that end as a sentence does.
        short: those that are short.
        paragraphs: and how many were there before, and characters of those.
        lines: so too; and characters of those that are not blank.
        own: characters of lines that are not blank, and `kernels.passages.intention` of them.
    """

    bullets: Edges
    dotted: Edges
    sentences: Edges
    lorem: Edges
    bracket: Edges
    characters: Edges
    full: Edges
    ended: Edges
    short: Edges
    paragraphs: Edges
    paragraphs_again: Edges
    paragraph_characters: Edges
    lines: Edges
    lines_again: Edges
    line_characters: Edges
    visible: Edges
    own: Edges
    said: Edges
    spoken: Edges
    long: Edges
    template: Edges


def line_sums(
    texts: pa.Array, by_newline: Lines, by_break: Lines, rules: Rules, places: Edges | None
) -> Sums:
    """The sums of `texts`.

    Args:
        by_newline: the lines as "\\n" parts them.
        by_break: as `str.splitlines` does; the same object where that is the same.
        places: of `Signs`.
    """
    loop = compiled(_loop, _mixed, _hash, _character, _digitless, _slot, _space, _longest, _trimmed,
                    _repeated, _passages, _kept)  # fmt: skip
    notes = c4.notes(texts, by_break, rules.as_published, places)
    if loop is None:
        return _by_columns(texts, by_newline, by_break, rules, notes)
    data, edges = buffers(texts)
    held = data, _eights(data), _flags(), _marks(rules.line_ends, rules.as_published), edges
    numbers = tuple(rules._replace(line_ends=0))  # type: ignore[arg-type]
    found = loop(*held, tuple(by_break), notes, numbers)
    if by_newline is not by_break:
        nothing = np.zeros(len(by_newline.starts), np.uint8)
        found[5:] = loop(*held, tuple(by_newline), nothing, numbers)[5:]
    return Sums(*found)


@lru_cache(4)
def _marks(line_ends: str, as_published: bool) -> npt.NDArray[np.uint8]:
    table = np.zeros(sys.maxunicode + 1, np.uint8)
    quotes = c4.PUBLISHED_ENDS if as_published else "\"'"
    for letters, mark in (
        (ENDS + "…", _ENDED), (line_ends, _LINE_END), ("" if as_published else ENDS, _SENTENCE),
        (quotes, _QUOTE), ("•-", _BULLET), (OPENS, _OPENS),
    ):  # fmt: skip
        table[[ord(letter) for letter in set(letters)]] |= mark
    table.flags.writeable = False
    return table


# ------------------------------------------------------------------------- in numpy alone


def _by_columns(
    texts: pa.Array, by_newline: Lines, by_break: Lines, rules: Rules, notes: c4.Notes
) -> Sums:
    kept = c4.kept(texts, by_break, notes, min_words=rules.min_line_words,
                   max_letters=rules.max_line_word, as_published=rules.as_published)  # fmt: skip
    counts = np.maximum(by_break.sentences, rules.least)
    dots = by_break.dots | (by_break.visible == ord("…"))
    edges, full = by_newline.edges, by_newline.visible > 0
    width: Any = by_newline.characters
    if not rules.as_published:
        width = width + (LETTERS_ALONE - 1) * by_newline.unspaced
    tails = by_newline.last if rules.as_published else by_newline.closing
    return Sums(
        sums(among(by_break.first, "•-"), by_break.edges),
        sums(dots, by_break.edges),
        sums(np.where(kept.lines, counts, 0), by_break.edges),
        kept.lorem.astype(np.int64),
        kept.bracket.astype(np.int64),
        sums(by_newline.characters, edges) + np.diff(edges) - 1,
        sums(full, edges),
        sums(among(tails, rules.line_ends) & full, edges),
        sums(full & (width <= rules.short_line), edges),
        *duplicate_paragraphs(texts, by_newline),
        *duplicate_lines(by_newline),
        *intention(texts, by_newline, rules.long_paragraph),
    )


# ---------------------------------------------------------------------------- compiled


@no_type_check
def _loop(data, eights, flags, marks, edges, found, notes, rules):
    documents = len(edges) - 1
    out = np.zeros((21, documents), np.int64)
    longest = 0
    for document in range(documents):
        longest = max(longest, found[0][document + 1] - found[0][document])
    places = 16
    while places < 2 * longest:
        places *= 2
    table = np.empty(places, np.int32)  # index of the first with the key, from 1
    keys = np.empty(longest, np.uint64)
    times = np.empty(longest, np.int32)  # how often the shape of this line is there
    for document in range(documents):
        low, high = found[0][document], found[0][document + 1]
        mine = out[:, document]
        mine[5] = high - low - 1
        _kept(data, flags, marks, found, notes, rules, low, high, mine)
        begin, stop = _trimmed(data, flags, edges[document], edges[document + 1])
        _repeated(data, eights, found, low, high, begin, stop, table, keys, times, mine)
        _passages(marks, found, rules, low, high, mine)
    return out


@no_type_check
def _kept(data, flags, marks, found, notes, rules, low, high, mine):
    """What hangs on each line alone: those that Gopher, FineWeb and C4 count."""
    _, starts, ends, characters, _, first, last, closing, visible = found[:9]
    dots, pieces, unspaced, sentences, _ = found[9:]
    published, _, short_line, _, min_words, max_letters, least = rules
    for line in range(low, high):
        size = characters[line]
        mine[5] += size
        shown, end = visible[line], closing[line]
        mine[0] += (marks[first[line]] & _BULLET) > 0
        mine[1] += dots[line] or shown == 8230
        if shown > 0:
            width = np.float64(size)
            if not published:
                width += (LETTERS_ALONE - 1) * unspaced[line]
            mine[6] += 1
            mine[7] += (marks[last[line] if published else end] & _LINE_END) > 0
            mine[8] += width <= short_line
        note = notes[line]
        good = not dots[line] and ((marks[end] & _SENTENCE) > 0 or (marks[shown] & _QUOTE) > 0)
        if note & c4.CITED:
            good = (note & c4.CITED_END) > 0
        words = pieces[line] if published else max(pieces[line], unspaced[line] // 2)
        if not good or words < min_words:
            continue
        if size > max_letters and _longest(data, flags, starts[line], ends[line]) > max_letters:
            continue
        if not mine[3] and not mine[4]:
            if note & c4.LOREM:
                mine[3] = 1
            elif note & c4.BRACKET and not note & c4.SCRIPT:
                mine[4] = 1
        if not note & (c4.SCRIPT | c4.POLICY):
            mine[2] += max(sentences[line], least)


@no_type_check
def _longest(data, flags, at, end):
    """Characters of the longest word that white space parts."""
    most = run = 0
    while at < end:
        code, width = _character(data, at)
        run = 0 if flags[code] & SPACE else run + 1
        most = max(most, run)
        at += width
    return most


@no_type_check
def _space(data, flags, at):
    code, width = _character(data, at)
    return (flags[code] & SPACE) > 0, width


@no_type_check
def _trimmed(data, flags, begin, stop):
    """Where the text begins and ends without white space."""
    while begin < stop:
        space, width = _space(data, flags, begin)
        if not space:
            break
        begin += width
    while stop > begin:
        at = stop - 1
        while data[at] & 0xC0 == 0x80:
            at -= 1
        space, _ = _space(data, flags, at)
        if not space:
            break
        stop = at
    return begin, stop


@no_type_check
def _slot(table, keys, fence, salt, index):
    """Where the key at `index` stands in the table, or is to."""
    key = keys[index]
    slot = np.int64(_mixed(key + salt) & fence)
    while table[slot] != 0 and keys[table[slot] - 1] != key:
        slot = (slot + 1) & np.int64(fence)
    return slot


@no_type_check
def _repeated(data, eights, found, low, high, begin, stop, table, keys, times, mine):
    """Lines and paragraphs that were there before, and lines that are alike but for digits.

    Where a key stands in the table hangs on all lines of the document.
    """
    _, starts, ends, characters, hashes, _, _, _, visible = found[:9]
    numerals = found[13]
    size = high - low
    places = 16
    while places < 2 * size:
        places *= 2
    fence = np.uint64(places - 1)
    salt = np.uint64(0)
    table[:places] = 0
    for index in range(size):
        line = low + index
        keys[index] = hashes[line]
        if numerals[line]:
            keys[index] = _digitless(data, starts[line], ends[line])
        salt += hashes[line]
    salt = _mixed(salt)
    several = False
    for index in range(size):
        times[index] = 1
        slot = _slot(table, keys, fence, salt, index)
        if table[slot] == 0:
            table[slot] = index + 1
            continue
        head = table[slot] - 1
        several = True
        times[index] = 2
        if visible[low + index] > 0:
            mine[20] += characters[low + index]
        if times[head] == 1:
            times[head] = 2
            if visible[low + head] > 0:
                mine[20] += characters[low + head]

    # Equal lines have equal shapes: the others need no second look.
    if several:
        table[:places] = 0
    for index in range(size):
        line = low + index
        count = characters[line]
        if count == 0 and index > 0 and index < size - 1:
            continue
        mine[12] += 1
        if times[index] == 1:
            continue
        keys[index] = hashes[line]
        slot = _slot(table, keys, fence, salt, index)
        if table[slot] == 0:
            table[slot] = index + 1
            continue
        mine[13] += 1
        mine[14] += count
        if visible[line] > 0:
            mine[15] += count

    # A paragraph is there before only where its first line is, but for what trimming left.
    whole = begin == starts[low] and stop == ends[high - 1]
    table[:places] = 0
    index = 0
    while index < size:
        line = low + index
        if characters[line] == 0 or ends[line] <= begin or starts[line] >= stop:
            index += 1
            continue
        head = index
        letters = np.int64(-1)
        while index < size and characters[low + index] > 0 and starts[low + index] < stop:
            letters += characters[low + index] + 1
            index += 1
        mine[9] += 1
        if whole and times[head] == 1:
            continue
        tail = low + index - 1
        opened, closed = max(starts[line], begin), min(ends[tail], stop)
        keys[head] = hashes[line]
        if tail > line or opened > starts[line] or closed < ends[tail]:
            keys[head] = _hash(eights, opened, closed)
        slot = _slot(table, keys, fence, salt, head)
        if table[slot] == 0:
            table[slot] = head + 1
            continue
        mine[10] += 1
        if closed < ends[tail]:  # the last of its text
            letters = 0
            for at in range(opened, closed):
                letters += data[at] & 0xC0 != 0x80
        mine[11] += letters
    mine[9] = max(mine[9], 1)


@no_type_check
def _passages(marks, found, rules, low, high, mine):
    """As `kernels.passages.intention`."""
    first, closing, visible = found[5], found[7], found[8]
    characters, pieces, unspaced = found[3], found[10], found[11]
    long_paragraph = rules[3]
    size, words, mass = np.int64(0), np.int64(0), np.int64(0)
    head = np.int32(-1)
    for line in range(low, high):
        if visible[line] <= 0:
            continue
        if head < 0:
            head = first[line]
        size += characters[line]
        words += pieces[line] + unspaced[line] // 2
        ended = (marks[closing[line]] & _ENDED) > 0
        goes_on = line + 1 < high and visible[line + 1] > 0
        width = characters[line] + (LETTERS_ALONE - 1) * unspaced[line]
        if not (goes_on and not ended and width >= RUNS_ON):
            mine[16] += size
            if ended and words >= SENTENCE_WORDS:
                mine[17] += size
                mass += size
                if marks[head] & _OPENS:
                    mine[18] += size
            size, words, head = np.int64(0), np.int64(0), np.int32(-1)
        if not goes_on:
            if mass >= long_paragraph:
                mine[19] += mass
            mass = np.int64(0)
