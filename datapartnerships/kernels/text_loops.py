"""Words that are said again and again without end: what a model does that is stuck.

Poems, litanies, tables and lists repeat too, but not like this: a refrain comes after a stanza, a
litany has another name in each line, and what repeats line by line is short.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from datapartnerships.kernels._loops import repeats
from datapartnerships.kernels.cut_passages import cut
from datapartnerships.kernels.words import Edges, Words, buffers, words

# A document is looked at by parts of so many bytes; a loop over the edge of two is one in each.
PART = 4 << 20
# A line of more bytes is left alone: what it takes to find its words would not be bounded.
LONGEST = 4 * PART
# What parts the cells of a row.
_CELLS = r"\t|\|| {3}"
# A line with so many words may be a sentence; shorter ones repeat in lists and tables.
_SENTENCE = 5
_SHORT = 5


class Ranges(NamedTuple):
    """Of each loop, in bytes from the beginning of the first text.

    Attributes:
        first: where it begins.
        starts: the end of the last word of the first copy.
        ends: the end of the last word of the last whole copy: what follows it stays.

    Where the copies go on from text to text, the first keeps the punctuation behind it, and what
    follows the last is looked for behind its own and the white space.
    """

    first: Edges
    starts: Edges
    ends: Edges


def loops(texts: pa.Array, rows: Edges, copies: int, least: int, longest: int) -> Ranges:
    """A unit of up to `longest` words, most with letters, `copies` times, and `least` words in all.

    Where each copy is a line, units of fewer than 5 words must be there five times as often. Rows
    with tabs, bars or wide gaps are no loops.

    Args:
        rows: the document of each text, rising: a loop may go on from text to text of one.
    """
    lines, edges = cut(texts, by_line=True)
    _, places = buffers(lines)
    text_ends = buffers(texts)[1][1:]
    text = np.repeat(np.arange(len(texts)), np.diff(edges))
    row = rows[text]
    parts = [np.zeros((0, 3), np.int64)]
    for start, stop in _suspects(lines, places, row, copies, least, longest):
        some = lines.slice(start, stop - start)
        found, here = words(pc.utf8_lower(some)), words(some)
        # Upper and lower case may differ in bytes: places are those of the words as they are.
        if len(here.starts) != len(found.starts):
            continue
        line = np.repeat(np.arange(len(some)), np.diff(here.edges))
        cells = np.asarray(pc.match_substring_regex(some, _CELLS))
        data, _ = buffers(some)
        for first, period, times in _repeated(found, copies, least, longest):
            if _is_loop(line, cells, first, period, times, copies):
                unit, last = first + period - 1, first + times * period - 1
                ends = here.ends[unit], here.ends[last]
                of = [text[start + line[word]] for word in (unit, last)]
                if of[0] != of[1]:  # nothing that follows the last may move behind the first
                    stops = [int(text_ends[number] - places[start]) for number in of]
                    kept, _ = _closed(unit, here, data, stops[0])
                    _, after = _closed(last, here, data, stops[1])
                    ends = kept, after
                parts.append(np.array([[here.starts[first], *ends]]) + places[start])
    return Ranges(*np.concatenate(parts).T)


def without(texts: pa.Array, found: Ranges) -> pa.Array:
    """The texts without all copies but the first."""
    data, edges = buffers(texts)
    taken = np.concatenate([[0], np.cumsum(found.ends - found.starts)])
    place = np.searchsorted(found.starts, edges, side="right")
    inside = np.zeros(len(edges), np.int64)
    open_ = place > 0
    if open_.any():  # a text may begin in the middle of what is taken out
        before = place[open_] - 1
        inside[open_] = np.maximum(found.ends[before] - edges[open_], 0)
    offsets = (edges - taken[place] + inside).astype(np.int32)
    cuts = np.stack([np.append(0, found.ends), np.append(found.starts, len(data))], axis=1)
    left = np.concatenate([data[start:stop] for start, stop in cuts])
    held = [None, pa.py_buffer(offsets.data), pa.py_buffer(left.data)]
    return pa.Array.from_buffers(pa.string(), len(texts), held)


def _closed(word: int, found: Words, data: Any, stop: int) -> tuple[int, int]:
    """Where the punctuation behind a word ends, and where the next begins, in a text to `stop`."""
    end, stop = int(found.ends[word]), min(stop, len(data))
    last = word + 1 == len(found.starts) or found.starts[word + 1] >= stop
    behind = data[end : stop if last else int(found.starts[word + 1])]
    blank = behind <= 0x20
    if not blank.any():  # a hyphen, or nothing, as between Chinese letters
        return (stop, stop) if last else (end, end)
    close = int(blank.argmax())
    full = ~blank[close:]
    after = close + int(full.argmax()) if full.any() else len(behind)
    return (stop if last else end + close), end + after


def _suspects(
    lines: pa.Array, places: Edges, row: Edges, copies: int, least: int, longest: int
) -> Iterator[tuple[int, int]]:
    """First and last line (exclusive) of each scope in which there may be a loop.

    In a loop of period p, words are the same as those p before for (copies - 1) p of them on end,
    and least - p. So it is enough to look at three places of the shortest such stretch.
    """
    shortest = min(max((copies - 1) * p, least - p) for p in range(1, longest + 1))
    step = max(1, shortest // 3)
    heads, stops = _scopes(places, row)
    at = 0
    while at < len(heads):
        # Scopes up to the size of a part together: numpy has to be asked less often.
        to = int(np.searchsorted(places[stops], places[heads[at]] + PART, side="right"))
        to = max(to, at + 1)
        some = lines.slice(heads[at], stops[to - 1] - heads[at])
        found = words(pc.utf8_lower(some))
        hits = _sampled(found, step, longest)
        scope_of_line = np.searchsorted(heads[at:to], np.arange(heads[at], stops[to - 1]), "right")
        line = np.searchsorted(found.edges, hits, side="right") - 1
        for scope in np.unique(scope_of_line[line]).tolist():
            yield int(heads[at + scope - 1]), int(stops[at + scope - 1])
        at = to


def _sampled(found: Words, step: int, longest: int) -> Edges:
    """Words in the middle of a stretch of `2 * step + 1` that is the same some words before."""
    ahead = np.zeros(longest, np.uint64)
    tokens = np.concatenate([ahead, found.hashes])
    sample = tokens[longest::step]
    beside = np.arange(-step, step + 1)
    hits = [np.empty(0, np.int64)]
    for period in range(1, longest + 1):
        same = sample == tokens[longest - period :: step][: len(sample)]
        three = np.flatnonzero(same[2:] & same[1:-1] & same[:-2])
        at = step * (three[:, None] + 1) + beside
        sure = (tokens[at + longest] == tokens[at + longest - period]).all(axis=1)
        if period <= len(beside):  # all words of a unit are there: figures alone are no loop
            sure &= found.lettered[at].any(axis=1)
        hits.append(at[sure, step])
    return np.concatenate(hits)


def _scopes(places: Edges, row: Edges) -> tuple[Edges, Edges]:
    """Lines that belong together: of one document, and of no more than a part of it."""
    if not len(row):
        return row, row
    fresh = np.append(True, row[1:] != row[:-1])
    begin = np.maximum.accumulate(np.where(fresh, places[:-1], 0))
    block = (places[:-1] - begin) // PART
    fresh[1:] |= block[1:] != block[:-1]
    long = np.diff(places) > LONGEST
    fresh |= long
    fresh[1:] |= long[:-1]
    heads = np.flatnonzero(fresh)
    kept = ~long[heads]
    return heads[kept], np.append(heads[1:], len(row))[kept]


def _repeated(found: Words, copies: int, least: int, longest: int) -> list[tuple[int, int, int]]:
    """First word, words of the unit, and how often it is there as a whole."""
    tokens = found.hashes.view(np.int64)
    if len(tokens) < least:
        return []
    one = np.zeros(len(tokens), np.int64)
    lettered = found.lettered.astype(np.float64)
    start, stop, period, weight, _ = repeats(tokens, one, lettered, longest)
    times = (stop - start) // np.maximum(period, 1)
    kept = (times >= copies) & (times * period >= least) & (2 * weight > period)
    order = np.argsort(start[kept], kind="stable")
    rows = np.stack([start[kept], period[kept], times[kept]], axis=1)[order]
    out: list[tuple[int, int, int]] = []
    for first, size, often in rows.tolist():
        if not out or first >= out[-1][0] + out[-1][1] * out[-1][2]:
            out.append((first, size, often))
    return out


def _is_loop(line: Any, cells: Any, first: int, period: int, times: int, copies: int) -> bool:
    at = first + period * np.arange(times)
    if cells[line[first] : line[at[-1] + period - 1] + 1].any():
        return False
    begins = line[at[1:]] != line[at[1:] - 1]
    by_line = begins.mean() > 0.5
    return not by_line or period >= _SENTENCE or times >= _SHORT * copies
