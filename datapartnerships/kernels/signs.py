"""What is counted in the bytes of many texts: signs, letters, banners of the Web.

Compiled in one pass, without columns in between; and in numpy, with the same answers.
"""

from __future__ import annotations

from functools import cache
from typing import Any, NamedTuple, no_type_check

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from datapartnerships.kernels._compiled import compiled
from datapartnerships.kernels.lines import has_other_breaks, span_hashes
from datapartnerships.kernels.words import (
    _STEP,
    Bytes,
    Edges,
    Hashes,
    _mixed,
    buffers,
)

# What a byte may be the sign of.
HASH, DOT, DOTS, SYLLABLE, ETHIOPIC, FOREIGN_BREAK, BREAK, BANNER, BRACKET = range(1, 10)
_BLOCK = 64


@cache
def _wanted() -> npt.NDArray[np.uint8]:
    """What to look for at each byte; read only."""
    found = np.zeros(256, np.uint8)
    for bytes_, sign in (
        (b"#", HASH), (b".", DOT), (b"\xa6", DOTS), (range(0xEA, 0xEE), SYLLABLE),
        (range(0x88, 0x8E), ETHIOPIC), (b"\x85\xa8\xa9", FOREIGN_BREAK), (b"[{", BRACKET),
        (b"\x0b\x0c\x0d\x1c\x1d\x1e", BREAK), (b"vVpPuUkK\xaa", BANNER),
    ):  # fmt: skip
        found[list(bytes_)] = sign
    found.flags.writeable = False
    return found


class Signs(NamedTuple):
    """Of each text: "#", ellipses, letters that an alphabet would need more; of all: whether they
    have breaks that are no "\\n", and the bytes where there may be something for `c4` to find, in
    order: "[", "{", and one in the words of each banner (None: nobody looked)."""

    hashes: Any
    ellipses: Any
    unwritten: Any
    breaks: bool
    places: Edges | None


def find_signs(texts: pa.Array) -> Signs:
    loop = compiled(_sign_loop, _small, _in_banner, _any_sign)
    if loop is not None:
        return Signs(*loop(*buffers(texts), _wanted()))
    hashes = _count_byte(texts, ord("#"))
    return Signs(hashes, _ellipses(texts), _unwritten(texts), has_other_breaks(texts), None)


def _count_byte(texts: pa.Array, byte: int) -> Any:
    data, edges = buffers(texts)
    return np.diff(np.searchsorted(np.flatnonzero(data == byte), edges))


def _ellipses(texts: pa.Array) -> Any:
    """How many "..." and "…" are in each text: three times faster than to look for substrings."""
    data, edges = buffers(texts)
    dots = np.flatnonzero(data == 46)
    found = np.zeros(len(edges) - 1, np.int64)
    if len(dots):
        fresh = np.append(True, np.diff(dots) > 1)
        at = np.searchsorted(dots, edges[:-1])
        fresh[at[at < len(dots)]] = True
        heads = np.flatnonzero(fresh)
        threes = np.diff(np.append(heads, len(dots))) // 3
        owner = np.searchsorted(edges, dots[heads], side="right") - 1
        found += np.bincount(owner, weights=threes, minlength=len(found)).astype(np.int64)
    at = np.flatnonzero(data == 0xA6)
    at = at[at >= 2]
    at = at[(data[at - 1] == 0x80) & (data[at - 2] == 0xE2)]
    counts: Any = found + np.diff(np.searchsorted(at, edges))
    return counts


def _unwritten(texts: pa.Array) -> Any:
    """How many letters more an alphabet would need: a syllable of Hangul has 2 or 3, of Ethiopic 2.

    By the first byte of U+A000 to U+DFFF, which other scripts hardly use, and by the first two of
    U+1200 to U+137F.
    """
    data, edges = buffers(texts)
    at = np.flatnonzero((data >= 0xEA) & (data <= 0xED))
    more = np.diff(np.searchsorted(at, edges)) * 1.5
    at = np.flatnonzero(data == 0xE1)
    at = at[(data[at + 1] >= 0x88) & (data[at + 1] < 0x8E)] if len(at) else at
    return more + np.diff(np.searchsorted(at, edges)) * 1.0


def digitless_hashes(data: Bytes, starts: Edges, ends: Edges) -> Hashes:
    """Of each span of bytes without its digits 0 to 9, as `span_hashes` gives it."""
    loop = compiled(_digitless_loop, _mixed, _digitless)
    if loop is not None:
        out: Hashes = loop(data, starts, ends)
        return out
    kept = (data < 48) | (data > 57)
    digits = np.flatnonzero(~kept)
    less = (edge - np.searchsorted(digits, edge) for edge in (starts, ends))
    return span_hashes(data[kept], *less)


# ---------------------------------------------------------------------------- compiled


def _digitless_loop(data: Any, starts: Any, ends: Any) -> Any:
    out = np.empty(len(starts), np.uint64)
    for index in range(len(starts)):
        out[index] = _digitless(data, starts[index], ends[index])
    return out


def _digitless(data: Any, start: Any, end: Any) -> Any:
    """As `_hash`, of what stays without the digits 0 to 9."""
    total, lane, number = np.uint64(0), np.uint64(0), np.uint64(1)
    size = 0
    for at in range(start, end):
        byte = data[at]
        if 48 <= byte <= 57:
            continue
        lane |= np.uint64(byte) << np.uint64(8 * (size & 7))
        size += 1
        if size & 7 == 0:
            total += _mixed(lane + number * np.uint64(_STEP))
            lane, number = np.uint64(0), number + np.uint64(1)
    if size & 7:
        total += _mixed(lane + number * np.uint64(_STEP))
    return _mixed(total + np.uint64(size))


def _small(data: Any, at: Any, first: Any) -> Any:
    """The byte at `at`, in small letters where it is one; 0 before the text."""
    if at < first:
        return 0
    byte = np.int64(data[at])
    return byte + 32 if 65 <= byte <= 90 else byte


def _in_banner(data: Any, at: Any, first: Any) -> Any:
    """Whether words that `c4` looks for may be here: all of them have one of these in them.

    "jav", "m ip", "cy p", "s of u" and "cook". Letter case aside, the sign of Kelvin is a k and
    the long s an s.
    """
    last, two = _small(data, at - 1, first), _small(data, at - 2, first)
    three = _small(data, at - 3, first)
    byte = _small(data, at, first)
    if byte == 118:
        return last == 97 and two == 106
    if byte == 112:
        return (last == 105 and two == 32 and three == 109) or (
            last == 32 and two == 121 and three == 99
        )
    if byte == 117:
        five = _small(data, at - 5, first)
        of = last == 32 and two == 102 and three == 111 and _small(data, at - 4, first) == 32
        return of and (five == 115 or five == 0xBF)
    if byte == 107:
        return last == 111 and two == 111 and three == 99
    return last == 0x84 and two == 0xE2 and three == 111


def _any_sign(data: Any, low: Any) -> Any:
    """Whether one of 64 bytes from `low` may be a sign: so written that the machine takes many at
    once. It looks at five bytes before."""
    found = False
    for step in range(_BLOCK):
        at = np.uint64(low) + np.uint64(step)  # unsigned: no place is counted from the end
        z, y, x = data[at], data[at - np.uint64(1)], data[at - np.uint64(2)]
        w, v, u = data[at - np.uint64(3)], data[at - np.uint64(4)], data[at - np.uint64(5)]
        found |= (z == 35) | (z == 91) | (z == 123) | ((z >= 0xEA) & (z <= 0xED))
        found |= ((z >= 11) & (z <= 13)) | ((z >= 28) & (z <= 30)) | ((z == 46) & (y == 46))
        found |= (x == 0xE2) & (y == 0x80) & ((z == 0xA6) | (z == 0xA8) | (z == 0xA9))
        found |= ((y == 0xC2) & (z == 0x85)) | ((y == 0xE1) & (z >= 0x88) & (z < 0x8E))
        found |= (x == 0xE2) & (y == 0x84) & (z == 0xAA)
        z, y, x, w, u = z | 32, y | 32, x | 32, w | 32, u | 32
        found |= (x == 106) & (y == 97) & (z == 118)
        found |= (z == 112) & (w == 109) & (x == 32) & (y == 105)
        found |= (z == 112) & (w == 99) & (x == 121) & (y == 32)
        found |= (z == 107) & (w == 99) & (x == 111) & (y == 111)
        of = (v == 32) & (w == 111) & (x == 102) & (y == 32) & (z == 117)
        found |= of & ((u == 115) | (u == 0xBF))
    return found


@no_type_check
def _sign_loop(data: Any, edges: Any, signs: Any) -> Any:
    """Of each text: "#", ellipses, letters that an alphabet would need more; of all: other breaks,
    and places for `c4` to look at. Most blocks of bytes have no sign in them."""
    texts = len(edges) - 1
    hashes = np.zeros(texts, np.int64)
    ellipses = np.zeros(texts, np.int64)
    unwritten = np.zeros(texts, np.float64)
    places = np.empty(64, np.int64)
    breaks = False
    held = 0
    for text in range(texts):
        first, stop = edges[text], edges[text + 1]
        marks, threes, syllables, others = 0, 0, 0, 0
        for low in range(first, stop, _BLOCK):
            high = min(low + _BLOCK, stop)
            if low >= 5 and high - low == _BLOCK and not _any_sign(data, low):
                continue
            for at in range(low, high):
                sign = signs[data[at]]
                if sign == 0:
                    continue
                if sign in (BRACKET, BANNER):
                    if sign == BRACKET or _in_banner(data, at, first):
                        if held == len(places):
                            more = np.empty(2 * held, np.int64)
                            more[:held] = places
                            places = more
                        places[held] = at
                        held += 1
                elif sign == DOT:  # the second of a run counts all of it
                    before = at > first and data[at - 1] == 46
                    if before and (at - 1 == first or data[at - 2] != 46):
                        over = at + 1
                        while over < stop and data[over] == 46:
                            over += 1
                        threes += (over - at + 1) // 3
                elif sign == HASH:
                    marks += 1
                elif sign == DOTS:
                    threes += at >= 2 and data[at - 1] == 0x80 and data[at - 2] == 0xE2
                elif sign == SYLLABLE:
                    syllables += 1
                elif sign == ETHIOPIC:
                    others += at > first and data[at - 1] == 0xE1
                elif sign == BREAK:
                    breaks = True
                elif data[at] == 0x85:
                    breaks = breaks or data[at - 1] == 0xC2
                else:
                    breaks = breaks or (data[at - 1] == 0x80 and at >= 2 and data[at - 2] == 0xE2)
        hashes[text] = marks
        ellipses[text] = threes
        unwritten[text] = syllables * 1.5 + others
    return hashes, ellipses, unwritten, breaks, places[:held]
