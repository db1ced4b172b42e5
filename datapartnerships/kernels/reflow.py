"""Which ends of lines were made by the width of the page, and not by who wrote.

A line was full if the first word of the next one would not have found room on it. In wrapped prose
nearly all lines of a paragraph are full but its last; in verse, lists, addresses and tables hardly
any. Verse with lines of one length is told by its capitals and by what its lines end in.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from datapartnerships.kernels.hyphens import CONJUNCTIONS
from datapartnerships.kernels.words import buffers, without

Flags = npt.NDArray[np.bool_]
Integers = npt.NDArray[np.int64]

# Characters a line of wrapped prose has at least; the width is that of this share of the lines, and
# a line is full that with the next word would be nearly as wide.
MIN_WIDTH, WIDEST, NEARLY = 30, 0.8, 0.85
# Of the lines of a paragraph so many are full; of lines of verse, so many begin with a capital, or
# end as a part of a sentence does. Counted from so many line ends; fewer are judged by the rest.
FULL, CAPITALS, ENDS, ENOUGH = 0.7, 0.75, 0.5, 3
_ITEM = r"^\s*([-–—•*▪◦·>#]|\(?[\pN]{1,3}[.)\]:]|\(?\pL[.)]\s|[ivxIVX]{1,4}[.)]\s|§)"
# A mark with figures, or letters in brackets, is that of an entry where a line near by, of so many,
# begins with one of the same shape: ``28/1.``, ``(2a)``, ``[12]``.
_MARK = r"^\s*(?P<mark>[(\[]?\pL{0,2}\pN[\pN\pL/.:–-]{0,11}?[.)\]:]|[(\[]\pL{1,2}[)\]])\s+\S"
NEAR = 6
_CELLS = r"\t|\S {3,}\S|\S {2,}\S.* {2,}\S|\|"
_CODE = r"[{};]\s*$|^\s*(def|class|return|import|#include|<[/a-z])\b|[=<>]{2}|\(\)"
_UNSPACED = r"[\p{Han}\p{Hiragana}\p{Katakana}\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}]"
_ENDS = r"[.,;:!?…][\"'”’»)\]]*\s*$"
_STOPS = r"[.!?:…][\"'”’»)\]]*\s*$"
_HYPHEN = r"\pL[-\x{2010}\x{AD}¬]\s*$"


def unwrap(texts: pa.Array, rows: Integers) -> pa.Array:
    """The texts, a blank in place of the line ends of wrapped prose; `rows`: document of each."""
    data, edges = buffers(texts)
    breaks = np.flatnonzero(data == 10)
    if not len(breaks):
        return texts
    cuts = np.unique(np.concatenate([edges, breaks + 1]))
    lines = pa.Array.from_buffers(
        pa.large_string(), len(cuts) - 1, [None, pa.py_buffer(cuts), pa.py_buffer(data)]
    )
    owner = np.searchsorted(edges, cuts[:-1], side="right") - 1
    joined = _wrapped(lines, owner, rows[owner])
    if not joined.any():
        return texts
    # Line i ends before cuts[i + 1]; its white space and that before the next word go.
    data = data.copy()
    tail, head = _edges(lines)
    at = np.flatnonzero(joined)
    start, stop = cuts[at + 1] - tail[at], cuts[at + 1] + head[at + 1]
    data[start] = ord(" ")
    return without(texts, data, edges, start + 1, stop)


def _edges(lines: pa.Array) -> tuple[Integers, Integers]:
    """Bytes of ASCII white space at the end and at the beginning of each line."""
    size = np.asarray(pc.binary_length(lines))
    tail = size - np.asarray(pc.binary_length(pc.ascii_rtrim_whitespace(lines)))
    head = size - np.asarray(pc.binary_length(pc.ascii_ltrim_whitespace(lines)))
    return tail, head


def _is(lines: pa.Array, expression: str) -> Flags:
    return np.asarray(pc.match_substring_regex(lines, expression))


def _wrapped(lines: pa.Array, owner: Integers, row: Integers) -> Flags:
    """The lines that the next one carries on."""
    trimmed = pc.utf8_rtrim_whitespace(lines)
    width = np.asarray(pc.utf8_length(trimmed)).astype(np.int64)
    indent = width - np.asarray(pc.utf8_length(pc.utf8_ltrim_whitespace(trimmed)))
    first = np.asarray(
        pc.utf8_length(pc.struct_field(pc.extract_regex(lines, r"^\s*(?P<w>\S*)"), [0]))
    )
    follows = np.zeros(len(lines), bool)  # in one block with the next line
    follows[:-1] = (owner[1:] == owner[:-1]) & (width[1:] > 0) & (width[:-1] > 0)
    next_first = np.append(first[1:], 0)
    widest, stops = _widths(width, follows, row), _is(lines, _STOPS)
    room = width + 1 + next_first
    # The last line of a paragraph may be nearly full by chance.
    full = follows & (room >= np.where(stops, 1.0, NEARLY) * widest)

    table, item = _is(lines, _CELLS), _is(lines, _ITEM) | _entries(lines, row)
    odd = table | _is(lines, _CODE)
    capital, ends = _is(lines, r"^\s*[\"'“„«‚‘]?\p{Lu}"), _is(lines, _ENDS)
    block = np.cumsum(np.concatenate([[True], ~follows[:-1]])) - 1
    total = np.bincount(block, follows)

    def share(flags: Flags, of: Flags = follows) -> npt.NDArray[np.float64]:
        return np.bincount(block, of & flags) / np.maximum(np.bincount(block, of), 1)

    # A break goes with the line before it; how the line behind begins is moved up to it.
    lead = np.append(capital[1:] & ~item[1:], False)
    verse = (share(lead) >= CAPITALS) | (share(ends) >= ENDS)
    # Where a sentence ends a paragraph may, and its line be short.
    filled = share(full, follows & ~stops)
    prose = (filled >= FULL) & (share(odd) <= 0.2)
    long = total >= ENOUGH
    sure = long & prose & (~verse | ((filled > 0.9) & (share(lead) < 0.5)))
    # Short paragraphs are wrapped where most of the lines of their document are.
    weight = np.bincount(row, (long & prose & ~verse)[block] & follows, minlength=row[-1] + 1)
    most = 2 * weight >= np.bincount(row, long[block] & follows, minlength=row[-1] + 1)
    most &= weight >= ENOUGH
    good = sure | (~long & (share(full) == 1) & (share(odd) == 0) & (total > 0))
    chosen = good[block] & (sure[block] | most[row])

    begins = np.append((item | odd | _is(lines, "\x0c"))[1:], True) | odd
    begins |= np.append(indent[1:] > indent[:-1] + 1, True) & (stops | ~item)
    spaced = ~_is(lines, _UNSPACED + r"\s*$")
    shared = np.append(_is(lines, rf"^\s*({'|'.join(CONJUNCTIONS)})\b")[1:], False)
    whole = ~_is(lines, _HYPHEN) | shared
    answer: Flags = follows & full & chosen & ~begins & spaced & whole
    return answer


def _entries(lines: pa.Array, row: Integers) -> Flags:
    """The lines that begin with a mark as another one near by does."""
    answer = np.zeros(len(lines), bool)
    at = np.flatnonzero(_is(lines, _MARK))
    found = pc.extract_regex(lines.take(pa.array(at)), _MARK)
    shapes = pc.replace_substring_regex(pc.struct_field(found, [0]), r"\pN+", "0")
    shapes = pc.replace_substring_regex(shapes, r"\pL", "a")
    kind = np.asarray(shapes.dictionary_encode().indices)
    order = np.argsort(kind, kind="stable")
    kind, at = kind[order], at[order]
    like = (np.diff(kind) == 0) & (np.diff(at) <= NEAR) & (np.diff(row[at]) == 0)
    answer[at[:-1][like]] = answer[at[1:][like]] = True
    return answer


def _widths(width: Integers, follows: Flags, row: Integers) -> npt.NDArray[np.float64]:
    """For each line the width of the lines of its document."""
    some = np.flatnonzero(follows)
    order = some[np.lexsort((width[some], row[some]))]
    documents, start, count = np.unique(row[order], return_index=True, return_counts=True)
    answer = np.full(int(row[-1]) + 1, np.inf)
    if len(order):
        answer[documents] = width[order][start + ((count - 1) * WIDEST).astype(np.int64)]
    answer[answer < MIN_WIDTH] = np.inf
    return answer[row]
