"""Tables of contents and indexes: entries with the numbers of pages, in order."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from datapartnerships.kernels.cuts import Flags, Integers

CONTENTS, INDEX = "contents", "index"

# A table has so many entries, whose pages do not fall in so many steps of ten; an index so many,
# which are in the order of the alphabet. Between two entries stand at most so many other lines:
# titles of two lines, letters, lower entries.
MIN_CONTENTS, RISE, MIN_INDEX, ALPHABET, GAP = 4, 0.9, 8, 0.85, 2
# A heading stands so many lines before its first entry.
HEADING = 4

_HEADINGS = (
    "contents|table of contents|inhalt|inhaltsverzeichnis|efnisyfirlit|efni|indhold|"
    "indholdsfortegnelse|innhold|innehåll|innehållsförteckning|sisällys|sisällysluettelo|sommaire|"
    "table des matières|índice|contenido|sumário|indice|inhoud|inhoudsopgave|spis treści|obsah|"
    "tartalom|tartalomjegyzék|содержание|оглавление|περιεχόμενα|içindekiler|目次|目录|차례|목차|"
    "विषय सूची|yfirlit|innihald"
)
_HEADING = rf"^[\pP\s]*(?:{_HEADINGS})[\pP\s]*$"
_PAGE = r"[(\[]?(?P<page>[0-9]{1,4}|[ivxlc]{1,7}|[IVXLC]{1,7})[)\]]?"
# A dotted line or a wide gap before the number; or, below a heading, a space.
_LEADER = rf"^\s*\S.*?(?:(?:[.…·_•]\s*){{3,}}|[^\d\s]\s*(?:\s{{3,}}|\t)\s*){_PAGE}\s*$"
_ENTRY = rf"^\s*\S.*[^\d\s]\s+{_PAGE}\s*$"
_NUMBERS = r"\d{1,4}(?:\s*[-–]\s*\d{1,4})?[nf]{0,2}"
_INDEX = rf"^\s*[\"'“„«(]?\pL[^.!?]*\pL.*?,\s+{_NUMBERS}(?:[,;]\s+{_NUMBERS})*[.,;]?\s*$"
_LONGEST = 160


def contents(lines: pa.Array, rows: Integers) -> tuple[Flags, Flags, Integers]:
    """Lines of tables of contents, with their headings, and lines of indexes.

    Third: for lines of a table without a heading, which prices may be, its last number; else 0.

    Args:
        lines: as `cuts.cut` gives them.
        rows: the document of each.
    """
    table, index = np.zeros(len(lines), bool), np.zeros(len(lines), bool)
    last = np.zeros(len(lines), np.int64)
    bare = pc.utf8_trim_whitespace(lines)
    size = np.asarray(pc.utf8_length(bare))
    full = np.flatnonzero(size > 0)
    place: Integers = np.cumsum(size > 0, dtype=np.int64)
    some = full[size[full] <= _LONGEST]
    some = some[_is(bare.take(pa.array(some)), r"\pL.*[\divxlcIVXLC][)\]]?[.,;nf]{0,2}$")]
    if not len(some):
        return table, index, last
    texts = bare.take(pa.array(some))
    headed = full[_is(bare.take(pa.array(full)), f"(?i){_HEADING}")]
    _table(texts, some, place, rows, headed, table, last)
    indent = np.asarray(pc.utf8_length(pc.utf8_rtrim_whitespace(lines))) - size
    _index(texts, some, place, rows, indent, index)
    return table, index & ~table, last


def _table(
    texts: pa.Array,
    at: Integers,
    place: Integers,
    rows: Integers,
    headed: Integers,
    out: Flags,
    last: Integers,
) -> None:
    found = _is(texts, _ENTRY) | _is(texts, _LEADER)
    texts, at = texts.filter(pa.array(found)), at[found]
    if not len(at):
        return
    leader = _is(texts, _LEADER)
    number = pc.struct_field(pc.extract_regex(texts, rf"{_PAGE}$"), [0])
    # Roman numbers stand before all others.
    arabic = _is(number, r"^\d+$")
    value = np.zeros(len(at), np.int64)
    value[arabic] = np.asarray(number.filter(pa.array(arabic)).cast(pa.int64()))
    run, edges = _runs(at, place, rows)
    # "Chapter 1" below the last entry is no entry: its number falls.
    begin, end = edges[:-1], edges[1:].copy()
    for _ in range(GAP):
        end -= (end - begin > 1) & ~leader[end - 1] & (value[end - 1] < value[end - 2])
    kept = np.arange(len(at)) < end[run]
    steps = (run[1:] == run[:-1]) & kept[1:]
    count = len(begin)
    size = end - begin
    rises = np.bincount(run[1:], steps & (value[1:] >= value[:-1]), minlength=count)
    good = (size >= MIN_CONTENTS) & (rises >= RISE * (size - 1))
    good &= value[end - 1] > value[begin]
    changes = np.bincount(run[1:], steps & (value[1:] != value[:-1]), minlength=count)
    good &= changes >= 2
    first = at[begin]
    heading = np.searchsorted(headed, first) - 1
    held = np.zeros(count, bool)
    if len(headed):
        above = headed[np.maximum(heading, 0)]
        held = (heading >= 0) & (rows[above] == rows[first])
        held &= place[first] - place[above] <= HEADING
    good &= held | (2 * np.bincount(run, leader & kept, minlength=count) >= size)
    for number_of in np.flatnonzero(good).tolist():
        start, stop = at[begin[number_of]], at[end[number_of] - 1] + 1
        out[headed[heading[number_of]] if held[number_of] else start : stop] = True
        if not held[number_of]:
            last[start:stop] = value[end[number_of] - 1]


def _index(
    texts: pa.Array, at: Integers, place: Integers, rows: Integers, indent: Integers, out: Flags
) -> None:
    found = _is(texts, _INDEX)
    texts, at = texts.filter(pa.array(found)), at[found]
    if not len(at):
        return
    letters = pc.replace_substring_regex(pc.utf8_lower(texts), r"\PL+", "")
    letters = pc.utf8_slice_codeunits(letters, 0, 3)
    known = pc.unique(letters)
    order = np.argsort(np.asarray(pc.sort_indices(known)))
    value = order[np.asarray(pc.index_in(letters, known))]
    run, edges = _runs(at, place, rows)
    size = np.diff(edges)
    # Entries below others, which are indented, have an order of their own.
    indent = indent[at]
    head = np.flatnonzero(indent == np.minimum.reduceat(indent, edges[:-1])[run])
    run, value = run[head], value[head]
    steps = run[1:] == run[:-1]
    heads = np.bincount(run, minlength=len(size))
    rises = np.bincount(run[1:], steps & (value[1:] >= value[:-1]), minlength=len(size))
    changes = np.bincount(run[1:], steps & (value[1:] != value[:-1]), minlength=len(size))
    good = (size >= MIN_INDEX) & (2 * heads >= MIN_INDEX)
    good &= (rises >= ALPHABET * (heads - 1)) & (2 * changes >= heads)
    for number in np.flatnonzero(good).tolist():
        out[at[edges[number]] : at[edges[number + 1] - 1] + 1] = True


def _runs(at: Integers, place: Integers, rows: Integers) -> tuple[Integers, Integers]:
    """The run of each entry, and where runs begin (runs + 1)."""
    new = (np.diff(place[at]) > GAP + 1) | (np.diff(rows[at]) > 0)
    starts = np.flatnonzero(np.append(True, new))
    return np.cumsum(np.append(0, new)), np.append(starts, len(at))


def _is(lines: pa.Array, expression: str) -> npt.NDArray[np.bool_]:
    return np.asarray(pc.match_substring_regex(lines, expression))
