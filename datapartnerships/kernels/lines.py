"""The lines of many texts, and what each is like, straight from Arrow's bytes.

Two ways to cut: at "\\n" alone, or wherever `str.splitlines` does (but a line end at the end of a
text is followed by one more, empty line). Where a text has no other breaks, both give the same.
"""

from __future__ import annotations

import sys
from functools import cache
from typing import Any, NamedTuple, no_type_check

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from datapartnerships.kernels._compiled import compiled
from datapartnerships.kernels.words import (
    UNSPACED,
    Bytes,
    Edges,
    Hashes,
    _eights,
    _hash,
    _hashes,
    _kinds,
    _mixed,
    buffers,
)

# What a character is, as bits.
SPACE, BREAK, TERMINAL, WIDE, CLOSER, LOWER, ALONE, NUMERAL = (1 << n for n in range(8))

# Unicode's property Sentence_Terminal (version 17, PropList.txt): code points. The wide ones end a
# sentence without a space.
_TERMINALS = (
    "21 2e 3f 589 61d-61f 6d4 700-702 7f9 837 839 83d-83e 964-965 104a-104b 1362 1367-1368 166e "
    "1735-1736 17d4-17d5 1803 1809 1944-1945 1aa8-1aab 1b4e-1b4f 1b5a-1b5b 1b5e-1b5f 1b7d-1b7f "
    "1c3b-1c3c 1c7e-1c7f 2024 203c-203d 2047-2049 2cf9-2cfb 2e2e 2e3c 2e53-2e54 2e60-2e61 3002 "
    "a4ff a60e-a60f a6f3 a6f7 a876-a877 a8ce-a8cf a92f a9c8-a9c9 aa5d-aa5f aaf0-aaf1 abeb fe12 "
    "fe15-fe16 fe52 fe56-fe57 ff01 ff0e ff1f ff61 10a56-10a57 10f55-10f59 10f86-10f89 11047-11048 "
    "110be-110c1 11141-11143 111c5-111c6 111cd 111de-111df 11238-11239 1123b-1123c 112a9 "
    "113d4-113d5 1144b-1144c 115c2-115c3 115c9-115d7 11641-11642 1173c-1173e 11944 11946 "
    "11a42-11a43 11a9b-11a9c 11c41-11c42 11ef7-11ef8 11f43-11f44 16a6e-16a6f 16af5 16b37-16b38 "
    "16b44 16d6e-16d6f 16e98 1bc9f 1da88"
)
WIDE_ENDS = "。！？｡．﹒﹖﹗"


def _spelled(ranges: str) -> str:
    parts = [[int(end, 16) for end in part.split("-")] for part in ranges.split()]
    return "".join(chr(code) for part in parts for code in range(part[0], part[-1] + 1))


ENDS = _spelled(_TERMINALS)
# What opens a quotation in English closes one in German and Icelandic.
CLOSERS = "\"')]}”’»›“‘«‹」』）】〉》］"
# Between these no letter is small: Han, Hangul, surrogates, private ones, cuneiform, hieroglyphs,
# Tangut.
_LOWER_WITHIN = ((0, 0x3000), (0xA000, 0xAC00), (0xF900, 0x12000), (0x16000, 0x17000),
                 (0x1AFF0, 0x1F000))  # fmt: skip
_HIGH = np.uint64(0x8080808080808080)
_OTHER_BREAKS = "\r\v\f\x1c\x1d\x1e\x85\u2028\u2029"


class Lines(NamedTuple):
    """The lines of an array of texts, one after another; every text has at least one.

    Attributes:
        edges: int64, texts + 1: the lines of text `i` are those from edges[i] to edges[i + 1].
        starts: int64, bytes from the beginning of the first text.
        ends: int64, exclusive, without the line end.
        characters: int64, code points.
        hashes: uint64 of its bytes.
        first: int32, code point of the first visible character; 0 in a blank line.
        last: int32, of the last character; 0 in an empty line.
        closing: int32, of the last visible character that does not close a quotation or a
            bracket; 0 where there is none.
        visible: int32, of the last visible character; 0 in a blank line.
        dots: whether the visible part ends with "...".
        pieces: int64, as many as `str.split` gives.
        unspaced: int64, letters of scripts that are written without spaces.
        sentences: int64, ends of sentences: a mark of `ENDS` or an ellipsis, with what closes
            quotations and brackets, before the end of the line or a space that no lower-case
            letter follows; a wide mark always. Abbreviations before names count too.
        numerals: whether a digit 0 to 9 is in it.
    """

    edges: Edges
    starts: Edges
    ends: Edges
    characters: Edges
    hashes: Hashes
    first: npt.NDArray[np.int32]
    last: npt.NDArray[np.int32]
    closing: npt.NDArray[np.int32]
    visible: npt.NDArray[np.int32]
    dots: npt.NDArray[np.bool_]
    pieces: Edges
    unspaced: Edges
    sentences: Edges
    numerals: npt.NDArray[np.bool_]


def lines(texts: pa.Array, *, every_break: bool = False) -> Lines:
    """The lines of `texts` (string); a null has an empty one.

    It takes up to 40 times the bytes of the texts where it is not compiled: cut long columns with
    `words.pieces`.

    Args:
        every_break: cut as `str.splitlines` does, not at "\\n" alone.
    """
    data, edges = buffers(texts)
    loop = compiled(_loop, _mixed, _hash, _character, _plain, _bytes)
    if loop is None:
        return _by_columns(data, edges, every_break)
    most = len(edges) + int(np.count_nonzero(data == 10))
    if every_break:
        most += sum(int(np.count_nonzero(data == code)) for code in (11, 12, 13, 28, 29, 30, 0xC2))
        most += int(np.count_nonzero(data == 0xE2))
    return Lines(*loop(data, _eights(data), edges, _flags(), every_break, most))


def has_other_breaks(texts: pa.Array) -> bool:
    """Whether `lines` with `every_break` gives something else than without."""
    data, _ = buffers(texts)
    low = (data - np.uint8(11) <= 2) | (data - np.uint8(28) <= 2)  # unsigned: less is more
    if low.any():
        return True
    for first, *rest in ([0xC2, 0x85], [0xE2, 0x80, 0xA8], [0xE2, 0x80, 0xA9]):
        at = np.flatnonzero(data == first)
        for step, byte in enumerate(rest, 1):
            at = at[data[at + step] == byte]
        if len(at):
            return True
    return False


def span_hashes(data: Bytes, starts: Edges, ends: Edges) -> Hashes:
    """Of each span of bytes, as of words and lines; an empty one as an empty line."""
    loop = compiled(_hash_loop, _mixed, _hash)
    if loop is not None:
        out: Hashes = loop(_eights(data), starts, ends)
        return out
    full = np.flatnonzero(ends > starts)
    out = np.full(len(starts), _mixed(np.uint64(0)), np.uint64)
    for low in range(0, len(full), 1 << 16):  # it takes ten times the bytes
        some = full[low : low + (1 << 16)]
        out[some] = _hashes(data, starts[some], ends[some])
    return out


@cache
def _flags() -> npt.NDArray[np.uint8]:
    flags = np.zeros(sys.maxunicode + 1, np.uint8)
    for low, high in _LOWER_WITHIN:
        some = list(map(chr, range(low, high)))
        flags[low:high] = np.fromiter(map(str.islower, some), bool, len(some)) * np.uint8(LOWER)
    flags[[code for code in range(0x3001) if chr(code).isspace()]] |= SPACE
    for text, flag in (
        ("\n" + _OTHER_BREAKS, BREAK), (ENDS + "…", TERMINAL), (WIDE_ENDS, WIDE), (CLOSERS, CLOSER),
        ("0123456789", NUMERAL),
    ):  # fmt: skip
        flags[[ord(letter) for letter in text]] |= flag
    flags[_kinds() == UNSPACED] |= ALONE
    flags.flags.writeable = False
    return flags


# ------------------------------------------------------------------------- in numpy alone


def _by_columns(data: Bytes, edges: Edges, every_break: bool) -> Lines:
    codes = np.frombuffer(
        data.tobytes().decode("utf-8", "surrogatepass").encode("utf-32-le"), "<u4"
    )
    places = np.append(np.flatnonzero((data & 0xC0) != 0x80), len(data))
    flags = _flags()[codes]
    texts = np.searchsorted(places[:-1], edges)  # in characters, from here on
    begins = np.zeros(len(codes) + 1, bool)
    begins[texts] = True

    # Where lines end.
    cut = codes == 10
    paired = np.zeros(len(codes), bool)  # a "\n" after "\r"
    if every_break:
        cut = (flags & BREAK) > 0
        paired[1:] = (codes[1:] == 10) & (codes[:-1] == 13) & ~begins[1:-1]
        cut[:-1] &= ~paired[1:]
    breaks = np.flatnonzero(cut)
    owner = np.searchsorted(texts, breaks, side="right") - 1
    counts = np.bincount(owner, minlength=len(texts) - 1) + 1
    line_edges = np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)
    starts = np.empty(line_edges[-1], np.int64)
    ends = np.empty(line_edges[-1], np.int64)
    opening = np.zeros(len(starts), bool)
    opening[line_edges[:-1]] = True
    closing = np.zeros(len(starts), bool)
    closing[line_edges[1:] - 1] = True
    starts[opening], starts[~opening] = texts[:-1], breaks + 1
    ends[closing], ends[~closing] = texts[1:], breaks - paired[breaks]

    def within(mask: Any) -> Edges:
        at = np.flatnonzero(mask)
        found: Edges = np.searchsorted(at, ends) - np.searchsorted(at, starts)
        return found

    def code(where: Any, there: Any) -> npt.NDArray[np.int32]:
        found = codes[np.where(there, where, 0)] if len(codes) else np.zeros(len(where), np.int64)
        return np.where(there, found, 0).astype(np.int32)

    def last_of(at: Any) -> tuple[Any, Any]:
        """The last of `at` in each line, and whether there is one."""
        if not len(at):
            return np.zeros(len(ends), np.int64), np.zeros(len(ends), bool)
        index = np.searchsorted(at, ends) - 1
        found = at[np.maximum(index, 0)]
        return found, (index >= 0) & (found >= starts)

    seen = (flags & SPACE) == 0
    visible = np.flatnonzero(seen)
    last, there = last_of(visible)
    final, ended = last_of(np.flatnonzero(seen & ((flags & CLOSER) == 0)))
    index = np.minimum(np.searchsorted(visible, starts), max(len(visible) - 1, 0))
    first = visible[index] if len(visible) else np.zeros(len(starts), np.int64)
    before = np.append(False, seen[:-1])[: len(codes)] & ~begins[:-1]
    dots = there & (last - starts >= 2)
    for back in range(3):
        dots &= code(last - back, dots) == 46
    at = places
    return Lines(
        line_edges,
        at[starts].astype(np.int64),
        at[ends].astype(np.int64),
        ends - starts,
        span_hashes(data, at[starts], at[ends]),
        code(first, there),
        code(ends - 1, ends > starts),
        code(final, ended),
        code(last, there),
        dots,
        within(seen & ~before),
        within((flags & ALONE) > 0),
        _sentences(flags, starts, ends, visible),
        within((flags & NUMERAL) > 0) > 0,
    )


def _sentences(flags: Any, starts: Edges, ends: Edges, visible: Any) -> Edges:
    """How many ends of sentences are in each line; places are characters."""
    line, _ = sentence_ends(flags, starts, ends, visible)
    return np.bincount(line, minlength=len(starts)).astype(np.int64)


def sentence_ends(flags: Any, starts: Edges, ends: Edges, visible: Any) -> tuple[Any, Any]:
    """The line of each end of a sentence, and the character after its last mark."""
    at = np.flatnonzero((flags & (TERMINAL | CLOSER)) > 0)
    if not len(at):
        return at, at
    line = np.searchsorted(starts, at, side="right") - 1
    fresh = np.append(True, (np.diff(at) > 1) | (np.diff(line) > 0))
    heads = np.flatnonzero(fresh)
    line = line[heads]
    ended = np.logical_or.reduceat((flags[at] & TERMINAL) > 0, heads)
    wide = np.logical_or.reduceat((flags[at] & WIDE) > 0, heads)
    after = at[np.append(heads[1:], len(at)) - 1] + 1
    over = after >= ends[line]
    space = (flags[np.minimum(after, len(flags) - 1)] & SPACE) > 0
    index = np.searchsorted(visible, after)
    follows = visible[np.minimum(index, len(visible) - 1)]
    none = (index >= len(visible)) | (follows >= ends[line])
    upper = none | ((flags[follows] & LOWER) == 0)
    hit = ended & (wide | over | (space & upper))
    return line[hit], after[hit]


# ---------------------------------------------------------------------------- compiled


def _hash_loop(eights: Any, starts: Any, ends: Any) -> Any:
    out = np.empty(len(starts), np.uint64)
    for index in range(len(starts)):
        out[index] = _hash(eights, starts[index], ends[index])
    return out


def _character(data: Any, at: Any) -> Any:
    """Code point and width in bytes of the character at `at`."""
    byte = np.int32(data[at])
    if byte < 0x80:
        return byte, 1
    if byte < 0xE0:
        return (byte & 0x1F) << 6 | (data[at + 1] & 0x3F), 2
    low = np.int32(data[at + 1] & 0x3F) << 6 | (data[at + 2] & 0x3F)
    if byte < 0xF0:
        return (byte & 0x0F) << 12 | low, 3
    return (byte & 0x07) << 18 | low << 6 | (data[at + 3] & 0x3F), 4


def _bytes(mask: Any) -> Any:
    """How many bytes have their highest bit set, where no other bits are."""
    return np.int64(((mask >> np.uint64(7)) * np.uint64(0x0101010101010101)) >> np.uint64(56))


@no_type_check
def _plain(eight):
    """Of eight bytes, which are no letter, digit, comma or space; which are spaces; and digits.

    In the highest bit of each byte, as in `_letters`.
    """
    low = eight & ~_HIGH
    small = low | np.uint64(0x2020202020202020)
    letter = (small + np.uint64(0x1F1F1F1F1F1F1F1F)) & ~(small + np.uint64(0x0505050505050505))
    digit = (low + np.uint64(0x5050505050505050)) & ~(low + np.uint64(0x4646464646464646))
    full = np.uint64(0x7F7F7F7F7F7F7F7F)
    space = ~((low ^ np.uint64(0x2020202020202020)) + full)
    comma = ~((low ^ np.uint64(0x2C2C2C2C2C2C2C2C)) + full)
    other = (~(letter | digit | space | comma) | eight) & _HIGH
    return other, space & _HIGH, digit & _HIGH


@no_type_check
def _loop(data: Any, eights: Any, edges: Any, flags: Any, every_break: Any, most: Any) -> Any:
    """One pass over the bytes; a line is put down when it ends."""
    starts = np.empty(most, np.int64)
    ends = np.empty(most, np.int64)
    characters = np.empty(most, np.int64)
    hashes = np.empty(most, np.uint64)
    first = np.empty(most, np.int32)
    last = np.empty(most, np.int32)
    closing = np.empty(most, np.int32)
    visible = np.empty(most, np.int32)
    dots = np.empty(most, np.bool_)
    pieces = np.empty(most, np.int64)
    unspaced = np.empty(most, np.int64)
    sentences = np.empty(most, np.int64)
    numerals = np.empty(most, np.bool_)
    text_edges = np.zeros(len(edges), np.int64)
    found = 0
    for text in range(len(edges) - 1):
        at, stop = edges[text], edges[text + 1]
        opened = at
        count, parts, letters, ended = 0, 0, 0, 0
        head, tail, shown, final = np.int32(0), np.int32(0), np.int32(0), np.int32(0)
        run, inside, digits = 0, False, False
        mark, wide, waiting = False, False, False
        while at <= stop:
            code, width, flag = np.int32(10), 1, np.uint8(SPACE | BREAK)
            over = at == stop
            if not over:
                code, width = _character(data, at)
                flag = flags[code]
            if over or code == 10 or (every_break and flag & BREAK):
                starts[found] = opened
                ends[found] = at
                characters[found] = count
                hashes[found] = _hash(eights, opened, at)
                first[found] = head
                last[found] = tail
                closing[found] = final
                visible[found] = shown
                dots[found] = run >= 3
                pieces[found] = parts
                unspaced[found] = letters
                sentences[found] = ended + (mark or waiting)
                numerals[found] = digits
                found += 1
                at += width
                if every_break and code == 13 and at < stop and data[at] == 10:
                    at += 1
                opened = at
                count, parts, letters, ended = 0, 0, 0, 0
                head, tail, shown, final = np.int32(0), np.int32(0), np.int32(0), np.int32(0)
                run, inside, digits = 0, False, False
                mark, wide, waiting = False, False, False
                continue
            count += 1
            tail = code
            at += width
            if flag == 0 or flag == LOWER:  # the usual case, quickly
                if waiting:
                    ended += flag == 0
                elif mark:
                    ended += wide
                mark, wide, waiting = False, False, False
                if not inside:
                    head = code if parts == 0 else head
                    parts += 1
                    inside = True
                run = 0
                shown, final = code, code
                begun, other = at, np.uint64(0)
                while other == 0 and at + 8 <= stop and data[at] < 0x80:
                    other, space, digit = _plain(eights[at])
                    below = (other & (~other + np.uint64(1))) - np.uint64(1)  # all bits if 0
                    seen = below & _HIGH & ~space
                    at += _bytes(below & _HIGH)
                    parts += _bytes(seen & ~(seen << np.uint64(8) | np.uint64(128 * inside)))
                    digits = digits or digit & below != 0
                    inside = data[at - 1] != 32
                if at > begun:
                    count += at - begun
                    tail = np.int32(data[at - 1])
                    back = at - 1
                    while back > begun and data[back] == 32:
                        back -= 1
                    if data[back] != 32:
                        shown = final = np.int32(data[back])
                continue
            if flag & SPACE:
                inside = False
                if mark:
                    if wide:
                        ended += 1
                    else:
                        waiting = True
                    mark, wide = False, False
                continue
            if not inside:
                head = code if parts == 0 else head
                parts += 1
                inside, run = True, 0
            shown = code
            run = run + 1 if code == 46 else 0
            if not flag & CLOSER:
                final = code
            letters += (flag & ALONE) > 0
            digits = digits or (flag & NUMERAL) > 0
            if waiting:
                ended += (flag & LOWER) == 0
                waiting = False
            if flag & (TERMINAL | CLOSER):
                mark = mark or (flag & TERMINAL) > 0
                wide = wide or (flag & WIDE) > 0
            else:
                if mark:
                    ended += wide
                mark, wide = False, False
        text_edges[text + 1] = found
    return (
        text_edges, starts[:found], ends[:found], characters[:found], hashes[:found],
        first[:found], last[:found], closing[:found], visible[:found], dots[:found],
        pieces[:found], unspaced[:found], sentences[:found], numerals[:found],
    )  # fmt: skip
