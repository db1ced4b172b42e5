"""Which lines C4 keeps (Raffel et al. 2020, section 2.2), in any script."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from datapartnerships.kernels.lines import ENDS, Lines, lines
from datapartnerships.kernels.passages import among
from datapartnerships.kernels.strings import replace_regex
from datapartnerships.kernels.words import Edges, buffers

PUBLISHED_ENDS = ".?!\"'"
_CITATION = r"\[\p{Nd}*\]|\[edit\]|\[citation needed\]"
_LOREM, _SCRIPT = "lorem ipsum", "javascript"
_POLICY = "terms of use|privacy policy|cookie policy|uses cookies|use of cookies|use cookies"
_POLICIES = _POLICY.split("|")


Notes = npt.NDArray[np.uint8]
# What is noted of a line: it has a mark of a citation; it ends a sentence without that; it has
# "lorem ipsum", "javascript", words of a cookie banner, "{".
CITED, CITED_END, LOREM, SCRIPT, POLICY, BRACKET = (1 << n for n in range(6))


class Kept(NamedTuple):
    """Of each line: whether it is kept; of each text: on what it is given up, if on anything.

    Attributes:
        lines: of `Lines`.
        lorem: the first line to give the text up for has "lorem ipsum".
        bracket: it has "{".
    """

    lines: npt.NDArray[np.bool_]
    lorem: npt.NDArray[np.bool_]
    bracket: npt.NDArray[np.bool_]


def kept(
    texts: pa.Array,
    lines: Lines,
    noted: Notes | None = None,
    *,
    min_words: int = 3,
    max_letters: int = 1000,
    as_published: bool = False,
) -> Kept:
    """Lines that end as a sentence does and have `min_words`, without what only the Web says.

    Left out are lines with a word of more than `max_letters` letters, with "javascript" and with
    the words of cookie banners; a text is given up where one of the others has "lorem ipsum" or
    a curly bracket.

    Args:
        lines: of the texts, cut at every break.
        noted: of the lines, by `notes`; without it, made here.
        as_published: a sentence ends with one of ``. ? ! " '`` and words are what spaces part.
            Otherwise with a mark of any script, and two letters of Han, Kana or Thai are a word.
    """
    noted = notes(texts, lines, as_published) if noted is None else noted
    owner = np.repeat(np.arange(len(texts)), np.diff(lines.edges))
    count: Any = lines.pieces
    if as_published:
        good = among(lines.visible, PUBLISHED_ENDS)
    else:
        good = among(lines.closing, ENDS)
        good |= among(lines.visible, "\"'")
        count = np.maximum(count, lines.unspaced // 2)
    good &= ~lines.dots
    good = np.where(noted & CITED, (noted & CITED_END) > 0, good)
    good &= count >= min_words
    column = _column(texts, lines)
    for at in np.flatnonzero(good & (lines.characters > max_letters)).tolist():
        if max(map(len, column[at].as_py().split()), default=0) > max_letters:
            good[at] = False
    lorem = (noted & LOREM) > 0
    stops = good & (lorem | ((noted & (BRACKET | SCRIPT)) == BRACKET))
    first = np.flatnonzero(stops)
    first = first[np.append(True, np.diff(owner[first]) > 0)[: len(first)]]
    gives_up = [np.zeros(len(texts), bool) for _ in range(2)]
    gives_up[0][owner[first[lorem[first]]]] = True
    gives_up[1][owner[first[~lorem[first]]]] = True
    return Kept(good & ((noted & (SCRIPT | POLICY)) == 0), *gives_up)


def rewritten(
    texts: pa.Array, *, min_words: int = 3, max_letters: int = 1000, as_published: bool = False
) -> pa.Array:
    """The lines of each text that are kept, without marks of citations and space around them."""
    found = lines(texts, every_break=True)
    good = kept(
        texts, found, min_words=min_words, max_letters=max_letters, as_published=as_published
    ).lines
    column = _column(texts, found).filter(pa.array(good))
    column = replace_regex(pc.utf8_trim_whitespace(column), _CITATION, "")
    if not as_published:
        column = pc.utf8_trim_whitespace(column)
    counts = np.concatenate([[0], np.cumsum(good)])[found.edges]
    some = pa.ListArray.from_arrays(pa.array(counts.astype(np.int32)), column.cast(pa.string()))
    return pc.utf8_trim_whitespace(pc.binary_join(some, "\n"))


def _column(texts: pa.Array, lines: Lines) -> pa.Array:
    """The lines, each with its line end, over the same bytes."""
    data, _ = buffers(texts)
    offsets = np.append(lines.starts, len(data)).astype(np.int64)
    return pa.LargeStringArray.from_buffers(
        len(lines.starts), pa.py_buffer(offsets), pa.py_buffer(data)
    )


def notes(texts: pa.Array, lines: Lines, as_published: bool, places: Edges | None = None) -> Notes:
    """What is noted of each line.

    Args:
        places: of `Signs`, so that only lines with one of them are looked at.
    """
    data, _ = buffers(texts)
    noted = np.zeros(len(lines.starts), np.uint8)
    column = _column(texts, lines)
    if places is None:
        hit = pc.match_substring_regex(texts, f"(?i){_LOREM}|{_SCRIPT}|{_POLICY}")
        owner = np.repeat(np.arange(len(texts)), np.diff(lines.edges))
        some = np.flatnonzero(np.asarray(pc.fill_null(hit, False))[owner])
        places = np.flatnonzero((data == ord("[")) | (data == ord("{")))
        sign = data[places]
    else:
        sign = data[places]
        some = _lines_at(lines, places[(sign != ord("[")) & (sign != ord("{"))])
    noted[_lines_at(lines, places[sign == ord("{")])] = BRACKET
    if len(some):
        for at, line in zip(some, column.take(pa.array(some)).to_pylist(), strict=True):
            small = line.lower().replace("ſ", "s")
            for bit, phrases in ((LOREM, [_LOREM]), (SCRIPT, [_SCRIPT]), (POLICY, _POLICIES)):
                if any(phrase in small for phrase in phrases):
                    noted[at] |= bit
    # A digit, "]", "e" or "c" stands after it, or what is none of ASCII.
    after = data[np.minimum(places + 1, len(data) - 1)]
    mark = (after >= 128) | (after - np.uint8(48) < 10) | np.isin(after, list(b"]ec"))
    some = _lines_at(lines, places[(sign == ord("[")) & mark])
    if len(some):
        _cited(noted, some, column.take(pa.array(some)), as_published)
    return noted


def _lines_at(lines: Lines, places: Edges) -> Edges:
    """Indices of the lines that hold one of these bytes."""
    found: Edges = np.unique(np.searchsorted(lines.starts, places, side="right") - 1)
    return found


def _cited(noted: Notes, some: Edges, held: pa.Array, as_published: bool) -> None:
    """Note which of `some` lines have marks of citations, and whether they end well without."""
    hit = np.flatnonzero(np.asarray(pc.match_substring_regex(held, _CITATION)))
    bare = pc.replace_substring_regex(
        pc.utf8_trim_whitespace(held.take(pa.array(hit))), _CITATION, ""
    )
    ends = PUBLISHED_ENDS if as_published else ENDS + "\"'"
    if not as_published:
        bare = pc.utf8_rtrim_whitespace(bare)
    well = [text.endswith(tuple(ends)) and not text.endswith("...") for text in bare.to_pylist()]
    noted[some[hit]] |= np.where(well, CITED | CITED_END, CITED).astype(np.uint8)
