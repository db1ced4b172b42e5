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
_POLICY = r"terms of use|privacy policy|cookie policy|uses cookies|use of cookies|use cookies"


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
    *,
    min_words: int = 3,
    max_letters: int = 1000,
    as_published: bool = False,
    suspects: npt.NDArray[np.bool_] | None = None,
) -> Kept:
    """Lines that end as a sentence does and have `min_words`, without what only the Web says.

    Left out are lines with a word of more than `max_letters` letters, with "javascript" and with
    the words of cookie banners; a text is given up where one of the others has "lorem ipsum" or
    a curly bracket.

    Args:
        lines: of the texts, cut at every break.
        as_published: a sentence ends with one of ``. ? ! " '`` and words are what spaces part.
            Otherwise with a mark of any script, and two letters of Han, Kana or Thai are a word.
        suspects: the texts that may have something that only the Web says in them; None: all.
    """
    owner = np.repeat(np.arange(len(texts)), np.diff(lines.edges))
    count: Any = lines.pieces
    if as_published:
        good = among(lines.visible, PUBLISHED_ENDS)
    else:
        good = among(lines.closing, ENDS)
        good |= among(lines.visible, "\"'")
        count = np.maximum(count, lines.unspaced // 2)
    good &= ~lines.dots
    column = _column(texts, lines)
    for index, good_end in _cited(texts, column, lines, as_published):
        good[index] = good_end
    good &= count >= min_words
    for at in np.flatnonzero(good & (lines.characters > max_letters)).tolist():
        if max(map(len, column[at].as_py().split()), default=0) > max_letters:
            good[at] = False
    lorem, script, policy, bracket = _mentions(texts, column, lines, owner, suspects)
    stops = good & (lorem | (bracket & ~script))
    first = np.flatnonzero(stops)
    first = first[np.append(True, np.diff(owner[first]) > 0)[: len(first)]]
    gives_up = [np.zeros(len(texts), bool) for _ in range(2)]
    gives_up[0][owner[first[lorem[first]]]] = True
    gives_up[1][owner[first[~lorem[first]]]] = True
    return Kept(good & ~script & ~policy, *gives_up)


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


def _with_byte(texts: pa.Array, lines: Lines, byte: int) -> Edges:
    """Indices of the lines that hold an ASCII character."""
    data, _ = buffers(texts)
    at = np.flatnonzero(data == byte)
    found: Edges = np.unique(np.searchsorted(lines.starts, at, side="right") - 1)
    return found


def _cited(
    texts: pa.Array, column: pa.Array, lines: Lines, as_published: bool
) -> list[tuple[int, bool]]:
    """Lines with marks of citations, and whether they end well without those."""
    some = _with_byte(texts, lines, ord("["))
    if not len(some):
        return []
    held = column.take(pa.array(some))
    hit = np.flatnonzero(np.asarray(pc.match_substring_regex(held, _CITATION)))
    bare = pc.replace_substring_regex(
        pc.utf8_trim_whitespace(held.take(pa.array(hit))), _CITATION, ""
    )
    ends = PUBLISHED_ENDS if as_published else ENDS + "\"'"
    if not as_published:
        bare = pc.utf8_rtrim_whitespace(bare)
    found = [text.endswith(tuple(ends)) and not text.endswith("...") for text in bare.to_pylist()]
    return list(zip(some[hit].tolist(), found, strict=True))


def _mentions(
    texts: pa.Array, column: pa.Array, lines: Lines, owner: Edges, suspects: Any
) -> tuple[npt.NDArray[np.bool_], ...]:
    """Lines with "lorem ipsum", with "javascript", with words of cookie banners, with "{"."""
    masks = [np.zeros(len(owner), bool) for _ in range(4)]
    masks[3][_with_byte(texts, lines, ord("{"))] = True
    every = f"(?i){_LOREM}|{_SCRIPT}|{_POLICY}"
    hit = np.ones(len(texts), bool) if suspects is None else suspects.copy()
    some = texts.filter(pa.array(hit))
    hit[hit] = np.asarray(pc.fill_null(pc.match_substring_regex(some, every), False))
    some = np.flatnonzero(hit[owner])
    if len(some):
        held = column.take(pa.array(some))
        for mask, pattern in zip(masks, (_LOREM, _SCRIPT, _POLICY), strict=False):
            mask[some] = np.asarray(pc.match_substring_regex(held, f"(?i){pattern}"))
    return tuple(masks)
