"""Paragraphs and passages of texts: runs of lines, and what they hold."""

from __future__ import annotations

import sys
from functools import lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from datapartnerships.kernels.lines import ENDS, Lines, span_hashes
from datapartnerships.kernels.repetition import earlier
from datapartnerships.kernels.signs import digitless_hashes
from datapartnerships.kernels.words import Edges, Hashes, buffers

Floats = npt.NDArray[np.float64]

# A letter of Han, Kana or Thai stands for this many of an alphabet (see the table of scripts in
# kernels/_function_words.py: 2.8, 2.0, 0.9; most such text is Han or Kana).
LETTERS_ALONE = 2.5
# A line that does not end as a sentence does and is at least this long runs on into the next: half
# of the 80 columns that typed and mailed text is wrapped at.
RUNS_ON = 40
# A passage of fewer words than this is a label.
SENTENCE_WORDS = 5
OPENS = "\"'“„‟«»‹›‚‘—–―「『《"


def sums(values: Any, edges: Edges) -> Edges:
    """The sum of `values` from edges[i] to edges[i + 1], for each i."""
    total = np.zeros(len(values) + 1, np.int64)
    np.cumsum(values, out=total[1:])
    found: Edges = total[edges[1:]] - total[edges[:-1]]
    return found


def share(part: Any, whole: Any) -> Floats:
    """`part` of `whole`; not a number where there is no whole."""
    empty = np.full(len(whole), np.nan)
    found: Floats = np.divide(part, whole, out=empty, where=np.asarray(whole) > 0)
    return found


@lru_cache(8)
def _among(letters: str) -> npt.NDArray[np.bool_]:
    table = np.zeros(sys.maxunicode + 1, bool)
    table[[ord(letter) for letter in letters]] = True
    return table


def among(codes: npt.NDArray[np.int32], letters: str) -> npt.NDArray[np.bool_]:
    """Whether each code point is one of `letters`."""
    found: npt.NDArray[np.bool_] = _among(letters)[codes]
    return found


def intention(texts: pa.Array, lines: Lines, long_paragraph: int) -> tuple[Edges, ...]:
    """Signs that somebody meant to say something; `lines` cut at "\\n". In characters.

    A passage is a line, or lines of 40 characters and more that run on into the next. It is prose
    where it has five words and ends as a sentence does. A paragraph is what stands between blank
    lines.

    Returns:
        own: in lines that are not blank.
        said: in passages of prose.
        spoken: in passages of prose that a quotation mark or a dash opens.
        long: of prose in paragraphs with at least `long_paragraph` of it.
        template: in lines that, digits aside, are in the document more than once.
    """
    owner = np.repeat(np.arange(len(texts)), np.diff(lines.edges))
    full = lines.visible > 0
    own = np.where(full, lines.characters, 0)
    total = sums(own, lines.edges)
    if not len(full):
        return (total,) * 5
    ended = among(lines.closing, ENDS + "…")
    same = np.append(owner[1:] == owner[:-1], False) & np.append(full[1:], False) & full
    width = lines.characters + (LETTERS_ALONE - 1) * lines.unspaced
    joined = same & ~ended & (width >= RUNS_ON)
    heads = np.flatnonzero(np.append(True, ~joined[:-1]))
    tails = np.append(heads[1:], len(full)) - 1
    size = np.add.reduceat(own, heads)
    words = np.add.reduceat(lines.pieces + lines.unspaced // 2, heads)
    prose = ended[tails] & (words >= SENTENCE_WORDS)
    speaks = prose & among(lines.first[heads], OPENS)
    said = np.bincount(owner[heads], weights=size * prose, minlength=len(texts))
    spoken = np.bincount(owner[heads], weights=size * speaks, minlength=len(texts))
    # Paragraphs: passages that no blank line parts.
    block = np.append(True, ~same[heads[1:] - 1])
    starts = np.flatnonzero(block)
    mass = np.add.reduceat(size * prose, starts)
    mass = np.where(mass >= long_paragraph, mass, 0)
    long = np.bincount(owner[heads[starts]], weights=mass, minlength=len(texts))
    _, count = earlier(shapes(texts, lines), owner)
    again = sums(np.where(count > 1, own, 0), lines.edges)
    return total, *(part.astype(np.int64) for part in (said, spoken, long, again))


def shapes(texts: pa.Array, found: Lines) -> Hashes:
    """The hash of each line without the digits 0 to 9."""
    out = found.hashes.copy()
    chosen = np.flatnonzero(found.numerals)
    if not len(chosen):
        return out
    data, _ = buffers(texts)
    out[chosen] = digitless_hashes(data, found.starts[chosen], found.ends[chosen])
    return out


def duplicate_paragraphs(texts: pa.Array, lines: Lines) -> tuple[Edges, Edges, Edges]:
    """Of each text: its paragraphs, how many were there before, and the characters of those.

    Paragraphs as "\\n\\n" and more part them, of the text without space at either end.
    """
    data, edges = buffers(texts)
    documents = len(texts)
    length = np.diff(edges)
    bare = pc.fill_null(texts, "") if texts.null_count else texts
    lead, tail = np.zeros_like(length), np.zeros_like(length)
    # White space is a control character, a space, or none of ASCII.
    outer = data[np.stack([edges[:-1], edges[1:] - 1])[:, length > 0]]
    some = np.flatnonzero(length)[((outer <= 32) | (outer >= 128)).any(axis=0)]
    few = bare.take(pa.array(some))
    lead[some] = length[some] - np.asarray(pc.binary_length(pc.utf8_ltrim_whitespace(few)))
    tail[some] = length[some] - np.asarray(pc.binary_length(pc.utf8_rtrim_whitespace(few)))
    owner = np.repeat(np.arange(documents), np.diff(lines.edges))
    begin, stop = edges[:-1] + lead, edges[1:] - tail
    inside = (lines.characters > 0) & (lines.ends > begin[owner]) & (lines.starts < stop[owner])
    fresh = inside.copy()
    fresh[1:] &= ~inside[:-1] | (owner[1:] != owner[:-1])
    heads = np.flatnonzero(fresh)
    over = inside.copy()
    over[:-1] &= ~inside[1:] | (owner[1:] != owner[:-1])
    tails = np.flatnonzero(over)
    mine = owner[heads]
    count = np.maximum(np.bincount(mine, minlength=documents), 1)
    starts = np.maximum(lines.starts[heads], begin[mine])
    ends = np.minimum(lines.ends[tails], stop[mine])
    hashes = lines.hashes[heads]
    other = np.flatnonzero((starts > lines.starts[heads]) | (ends < lines.ends[heads])
                           | (tails > heads))  # fmt: skip
    hashes[other] = span_hashes(data, starts[other], ends[other])
    seen, _ = earlier(hashes, mine)
    at = np.concatenate([[0], np.cumsum(lines.characters)])
    size = at[tails + 1] - at[heads] + tails - heads
    for index in np.flatnonzero(seen & (ends < lines.ends[tails])):  # the last of its text
        size[index] = len(data[starts[index] : ends[index]].tobytes().decode())
    again = np.bincount(mine[seen], minlength=documents)
    characters = np.bincount(mine[seen], weights=size[seen], minlength=documents)
    return count, again, characters.astype(np.int64)


def duplicate_lines(lines: Lines) -> tuple[Edges, Edges, Edges, Edges]:
    """Of each text: its lines, how many were there before, characters of those; and of all lines
    that are not blank, the characters of those that were there before.

    Lines as "\\n" and more part them: one that is empty is left where the text begins or ends so.
    """
    documents = len(lines.edges) - 1
    owner = np.repeat(np.arange(documents), np.diff(lines.edges))
    full = lines.characters > 0
    edge = np.zeros(len(full), bool)
    edge[lines.edges[:-1]] = True
    edge[lines.edges[1:] - 1] = True
    chosen = np.flatnonzero(full | edge)
    mine = owner[chosen]
    seen, _ = earlier(lines.hashes[chosen], mine)
    count = np.bincount(mine, minlength=documents)
    # A text of line ends alone is one empty line before them and one after.
    size = np.where(seen, lines.characters[chosen], 0)
    again = np.bincount(mine[seen], minlength=documents)
    characters = np.bincount(mine, weights=size, minlength=documents).astype(np.int64)
    shown = np.where(lines.visible[chosen] > 0, size, 0)
    visible = np.bincount(mine, weights=shown, minlength=documents).astype(np.int64)
    return count, again, characters, visible
