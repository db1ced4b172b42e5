"""The words of many texts: where each is, and a hash of it, straight from Arrow's bytes.

A word is a run of letters, marks and digits. Inside it stand apostrophes and middle dots between
letters, and periods and commas between digits (UAX #29, WB6 to WB12, without its rules for colons,
periods between letters and underscores: ``end.Next``, where a space was lost, is two words).
In scripts that are written without spaces (Han, Kana, Thai, Lao, Khmer, Burmese and others) each
letter, with its marks, is a word. Punctuation and symbols are no words.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import Any, NamedTuple, no_type_check

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from datapartnerships.kernels._categories import categories
from datapartnerships.kernels._compiled import compiled

# Kinds of characters.
OTHER, LETTER, DIGIT, UNSPACED, MARK, IN_LETTERS, IN_DIGITS, IN_BOTH = range(8)

_UNSPACED_BLOCKS = (
    (0x0E00, 0x0EFF),  # Thai, Lao
    (0x1000, 0x109F),  # Burmese
    (0x1780, 0x17FF),  # Khmer
    (0x1950, 0x19DF),  # Tai Le, New Tai Lue
    (0x1A20, 0x1AAF),  # Tai Tham
    (0x2E80, 0x2FDF),  # radicals
    (0x3005, 0x3007),
    (0x3021, 0x3029),
    (0x3041, 0x30FF),  # Hiragana, Katakana
    (0x31F0, 0x31FF),
    (0x3400, 0x4DBF),  # Han
    (0x4E00, 0x9FFF),
    (0xA9E0, 0xA9FF),
    (0xAA60, 0xAA7F),
    (0xAA80, 0xAADF),  # Tai Viet
    (0xF900, 0xFAFF),
    (0xFF66, 0xFF9F),  # half-width Katakana
    (0x1B000, 0x1B16F),  # Kana supplements
    (0x20000, 0x3FFFF),  # Han
)
_IN_LETTERS = "\u00ad\u00b7\u05f3\u05f4\u200c\u200d\u2027"
_IN_DIGITS = ",.\u066b\u066c"
_IN_BOTH = "'\u2018\u2019\uff07"

# Of the hash: odd constants with well mixed bits (MurmurHash3's, splitmix64's increment).
_STEP = 0x9E3779B97F4A7C15
_FIRST = 0xFF51AFD7ED558CCD
_SECOND = 0xC4CEB9FE1A85EC53

PIECE_BYTES = 4 << 20

_ONE, _TWO, _THREE = np.uint64(1), np.uint64(2), np.uint64(3)


Bytes = npt.NDArray[np.uint8]
Edges = npt.NDArray[np.int64]
Hashes = npt.NDArray[np.uint64]


class Words(NamedTuple):
    """The words of an array of texts, one after another.

    Attributes:
        edges: int64, texts + 1: the words of text `i` are those from edges[i] to edges[i + 1].
        starts: int64, where the word begins: bytes from the beginning of the first text.
        ends: int64, exclusive.
        characters: int32, code points.
        lettered: whether there is a letter in it.
        hashes: uint64 of its bytes; equal words have equal ones.
    """

    edges: Edges
    starts: Edges
    ends: Edges
    characters: npt.NDArray[np.int32]
    lettered: npt.NDArray[np.bool_]
    hashes: Hashes


def words(texts: pa.Array) -> Words:
    """The words of `texts` (string); a null has none.

    On the way it takes up to 40 times the bytes of the texts: cut long columns with `pieces`.
    """
    data, edges = buffers(texts)
    loop = compiled(_loop, _mixed, _hash, _kind, _letters)
    if loop is None:
        return _by_columns(data, edges)
    return Words(*loop(data, _eights(data), edges, _kinds()[:128], _kinds()))


def hash_strings(texts: pa.Array) -> Hashes:
    """The hash of each text as if it were one word, as `words` gives it; no text may be empty."""
    data, edges = buffers(texts)
    return _hashes(data, edges[:-1], edges[1:])


def pieces(texts: pa.Array, size: int = PIECE_BYTES) -> Iterator[tuple[int, pa.Array]]:
    """Slices of at most `size` bytes (or of one text), each with the index of its first text."""
    _, edges = buffers(texts)
    at = 0
    while at < len(texts):
        stop = int(np.searchsorted(edges, edges[at] + size, side="right")) - 1
        stop = min(max(stop, at + 1), len(texts))
        yield at, texts.slice(at, stop - at)
        at = stop


def buffers(texts: pa.Array) -> tuple[Bytes, Edges]:
    """The UTF-8 bytes of all texts, and where each begins in them (texts + 1, int64, from 0)."""
    if texts.null_count:
        texts = texts.fill_null("")
    large = pa.types.is_large_string(texts.type)
    _, offsets, data = texts.buffers()
    if offsets is None or not len(texts):
        return np.empty(0, np.uint8), np.zeros(len(texts) + 1, np.int64)
    width = np.int64 if large else np.int32
    held = np.frombuffer(offsets, width)[texts.offset : texts.offset + len(texts) + 1]
    edges: Edges = held.astype(np.int64)
    first, last = int(edges[0]), int(edges[-1])
    if data is None or first == last:
        return np.empty(0, np.uint8), edges - first
    return np.frombuffer(data, np.uint8)[first:last], edges - first


def hashes(texts: pa.Array) -> Hashes:
    """Of each of `texts` as a whole; of a null or empty one 0."""
    data, edges = buffers(texts)
    found = np.zeros(len(texts), np.uint64)
    full = np.flatnonzero(np.diff(edges))
    found[full] = _hashes(data, edges[:-1][full], edges[1:][full])
    return found


def hash_ranges(data: Bytes, starts: Edges, ends: Edges) -> Hashes:
    """Of the bytes from each of `starts` to its end, as if they were a word; none may be empty."""
    return _hashes(data, starts, ends)


def without(texts: pa.Array, data: Bytes, edges: Edges, starts: Edges, stops: Edges) -> pa.Array:
    """`texts` of the bytes `data`, less those from each of `starts` to its stop.

    `data` and `edges` are what `buffers` gave; bytes may have been changed in a copy since.
    """
    depth = np.zeros(len(data) + 1, np.int32)
    np.add.at(depth, starts, 1)
    np.add.at(depth, stops, -1)
    keep = np.cumsum(depth[:-1]) == 0
    moved = np.concatenate([[0], np.cumsum(keep)])[edges]
    kind = np.int64 if pa.types.is_large_string(texts.type) else np.int32
    held = [None, pa.py_buffer(moved.astype(kind)), pa.py_buffer(data[keep])]
    made: Any = pa.Array.from_buffers(texts.type, len(texts), held)
    return pc.if_else(pc.is_valid(texts), made, texts) if texts.null_count else made


@cache
def _kinds() -> npt.NDArray[np.uint8]:
    """The kind of every code point, by the Unicode of the running Python; read only."""
    of_category = np.full(128, OTHER, np.uint8)
    of_category[[ord(c) for c in "LMN"]] = LETTER, MARK, DIGIT
    kinds = of_category[categories()]
    for low, high in _UNSPACED_BLOCKS:
        block = kinds[low : high + 1]
        block[block == LETTER] = UNSPACED
    kinds[[0x3007, *range(0x3021, 0x302A)]] = UNSPACED  # numbers among Han
    for text, kind in ((_IN_LETTERS, IN_LETTERS), (_IN_DIGITS, IN_DIGITS), (_IN_BOTH, IN_BOTH)):
        kinds[[ord(c) for c in text]] = kind
    kinds.flags.writeable = False
    return kinds


# ------------------------------------------------------------------------- in numpy alone


def _by_columns(data: Bytes, edges: Edges) -> Words:
    codes = np.frombuffer(
        data.tobytes().decode("utf-8", "surrogatepass").encode("utf-32-le"), "<u4"
    )
    places = np.flatnonzero((data & 0xC0) != 0x80)  # of the first byte of each character
    raw = _kinds()[codes]
    count = len(raw)
    at = np.append(places, len(data))
    text_starts = np.zeros(count + 1, bool)
    text_starts[np.searchsorted(places, edges)] = True
    begins = text_starts[:count]

    # A mark is of the kind of what it stands on.
    index = np.arange(count)
    carrier = np.maximum.accumulate(np.where((raw != MARK) | begins, index, 0)) if count else index
    kind = raw[carrier]
    kind = np.where((kind == LETTER) | (kind == DIGIT) | (kind == UNSPACED), kind, OTHER)
    before = np.zeros(count, np.uint8)
    before[1:] = kind[:-1]
    before[begins] = OTHER
    after = np.zeros(count, np.uint8)
    after[:-1] = raw[1:]
    after[text_starts[1:]] = OTHER
    within = (before == LETTER) & (after == LETTER) & ((raw == IN_LETTERS) | (raw == IN_BOTH))
    within |= (before == DIGIT) & (after == DIGIT) & ((raw == IN_DIGITS) | (raw == IN_BOTH))
    kind = np.where(within, before, kind)
    before[1:] = kind[:-1]
    before[begins] = OTHER

    inside = kind != OTHER
    alone = ((raw == UNSPACED) | (before == UNSPACED)) & (raw != MARK)
    first = inside & ((before == OTHER) | alone)
    last = inside & np.append(~inside[1:] | first[1:] | begins[1:], True)
    opening, closing = np.flatnonzero(first), np.flatnonzero(last)
    starts, ends = at[opening], at[closing + 1]
    letters = np.concatenate([[0], np.cumsum((raw == LETTER) | (raw == UNSPACED))])
    return Words(
        np.searchsorted(starts, edges).astype(np.int64),
        starts.astype(np.int64),
        ends.astype(np.int64),
        (closing + 1 - opening).astype(np.int32),
        letters[closing + 1] > letters[opening],
        _hashes(data, starts, ends),
    )


def _hashes(data: Bytes, starts: Edges, ends: Edges) -> Hashes:
    """Of each word: its bytes by eights, each mixed with its number, added up, and mixed again.

    By eights, not by bytes, so that most words take one step; a sum, so that it is a column.
    """
    if not len(starts):
        return np.empty(0, np.uint64)
    eights = _eights(data)
    lengths = ends - starts
    counts = (lengths + 7) >> 3
    heads = np.concatenate([[0], np.cumsum(counts)])[:-1]
    number = np.arange(int(counts.sum())) - np.repeat(heads, counts)
    lanes = eights[np.repeat(starts, counts) + 8 * number]
    left = np.minimum(np.repeat(lengths, counts) - 8 * number, 8).astype(np.uint64)
    shift = np.uint64(64) - (left << np.uint64(3))
    with np.errstate(over="ignore"):
        lanes = (lanes << shift) >> shift
        lanes = _mixed(lanes + (number + 1).astype(np.uint64) * np.uint64(_STEP))
        found: Hashes = _mixed(np.add.reduceat(lanes, heads) + lengths.astype(np.uint64))
    return found


def _eights(data: Bytes) -> Hashes:
    """For each byte, it and the seven after it, little-endian; zeros after the last."""
    padded = np.zeros(len(data) + 8, np.uint8)
    padded[: len(data)] = data
    return np.ndarray((len(data) + 1,), np.dtype("<u8"), padded.data, 0, (1,))


def _mixed(value: Any) -> Any:
    """MurmurHash3's finalizer, of 64 bits."""
    value = (value ^ (value >> np.uint64(33))) * np.uint64(_FIRST)
    value = (value ^ (value >> np.uint64(33))) * np.uint64(_SECOND)
    return value ^ (value >> np.uint64(33))


# ---------------------------------------------------------------------------- compiled


def _hash(eights: Any, start: Any, end: Any) -> Any:
    size = end - start
    if 0 < size <= 8:  # as below, without a loop
        shift = np.uint64(64 - 8 * size)
        only = _mixed(((eights[start] << shift) >> shift) + np.uint64(_STEP))
        return _mixed(only + np.uint64(size))
    total = np.uint64(0)
    number = np.uint64(0)
    for at in range(start, end, 8):
        shift = np.uint64(64 - 8 * min(8, end - at))
        number += np.uint64(1)
        total += _mixed(((eights[at] << shift) >> shift) + number * np.uint64(_STEP))
    return _mixed(total + np.uint64(size))


def _kind(data: Any, at: Any, ascii_kinds: Any, kinds: Any) -> Any:
    """Kind and width in bytes of the character at `at`."""
    byte = data[at]
    if byte < 0x80:
        return ascii_kinds[byte], 1
    if byte < 0xE0:
        return kinds[((byte & 0x1F) << 6) | (data[at + 1] & 0x3F)], 2
    code = (data[at + 1] & 0x3F) << 6 | (data[at + 2] & 0x3F)
    if byte < 0xF0:
        return kinds[(byte & 0x0F) << 12 | code], 3
    return kinds[(byte & 0x07) << 18 | code << 6 | (data[at + 3] & 0x3F)], 4


def _letters(eight: Any) -> Any:
    """How many of eight bytes are letters of ASCII before one that is none.

    All at once, in the spare bit of each byte: words are mostly shorter, and a loop whose length
    the processor cannot foretell costs it more than these few steps.
    """
    high = np.uint64(0x8080808080808080)
    small = (eight & ~high) | np.uint64(0x2020202020202020)
    from_a = small + np.uint64(0x1F1F1F1F1F1F1F1F)
    past_z = small + np.uint64(0x0505050505050505)
    none = ~(from_a & ~past_z & ~eight) & high
    if none == 0:
        return 8
    below = (none & (~none + np.uint64(1))) - np.uint64(1)
    ones = np.uint64(0x0101010101010101)
    return np.int64(((below & ones) * ones) >> np.uint64(56)) - 1


@no_type_check
def _loop(data: Any, eights: Any, edges: Any, ascii_kinds: Any, kinds: Any) -> Any:
    """One pass over the bytes; a word is put down when it ends.

    Places have no sign where most of the time goes: an index with one might count from the end,
    which numba asks each time.
    """
    # After a word stands a character of none, the next text, or a letter of three bytes.
    size = len(data) // 2 + len(edges)
    starts = np.empty(size, np.int64)
    ends = np.empty(size, np.int64)
    characters = np.empty(size, np.int32)
    lettered = np.empty(size, np.bool_)
    hashes = np.empty(size, np.uint64)
    text_edges = np.zeros(len(edges), np.int64)
    found = 0
    for text in range(len(edges) - 1):
        at, stop = np.uint64(edges[text]), np.uint64(edges[text + 1])
        end = np.int64(stop)
        before = OTHER
        opened, count, letters = np.int64(-1), 0, False
        while at <= stop:
            if opened < 0:
                # The usual case, quickly: a run of letters, and what stands between words. Written
                # out, without `_kind`: a call for each letter would cost as much as the rest.
                run, wider = at, np.uint64(0)
                after, skip = np.uint8(OTHER), _ONE
                while at < stop:
                    byte = data[at]
                    if byte < 0x80:
                        more = _letters(eights[at])
                        at += np.uint64(more)
                        if more == 8:
                            continue
                        if at >= stop:
                            break
                        byte = data[at]
                        if byte < 0x80:
                            after, skip = ascii_kinds[byte], _ONE
                            break
                    if byte < 0xE0:
                        after, skip = kinds[((byte & 0x1F) << 6) | (data[at + _ONE] & 0x3F)], _TWO
                    elif byte < 0xF0:
                        code = (data[at + _ONE] & 0x3F) << 6 | (data[at + _TWO] & 0x3F)
                        after, skip = kinds[(byte & 0x0F) << 12 | code], _THREE
                    else:
                        after = np.uint8(MARK)  # whatever it is
                    if after != LETTER:
                        break
                    at += skip
                    wider += skip - _ONE
                if at >= stop:
                    at = stop
                    after = np.uint8(OTHER)
                if at == run:
                    if after == OTHER:
                        before = OTHER
                        at += skip
                        continue
                elif after in (OTHER, IN_DIGITS):
                    starts[found] = run
                    ends[found] = at
                    characters[found] = at - run - wider
                    lettered[found] = True
                    hashes[found] = _hash(eights, np.int64(run), np.int64(at))
                    found += 1
                    before = OTHER
                    at += skip
                    continue
                else:
                    opened, count = np.int64(run), np.int64(at - run - wider)
                    letters, before = True, LETTER
            here = np.int64(at)
            raw, width, kind = OTHER, 1, OTHER
            if at < stop:
                raw, width = _kind(data, here, ascii_kinds, kinds)
                if raw <= UNSPACED:
                    kind = raw
                elif raw == MARK:
                    kind = before
                elif before != OTHER and here + width < end:
                    ahead, _ = _kind(data, here + width, ascii_kinds, kinds)
                    if ahead == before and (
                        (before == LETTER and raw != IN_DIGITS)
                        or (before == DIGIT and raw != IN_LETTERS)
                    ):
                        kind = before
            new = raw != MARK and (raw == UNSPACED or before == UNSPACED)
            if opened >= 0 and (kind == OTHER or new):
                starts[found] = opened
                ends[found] = here
                characters[found] = count
                lettered[found] = letters
                hashes[found] = _hash(eights, opened, here)
                found += 1
                opened = np.int64(-1)
            if kind != OTHER:
                if opened < 0:
                    opened, count, letters = here, 0, False
                count += 1
                letters = letters or raw in (LETTER, UNSPACED)
            before = kind
            here += width
            at = np.uint64(here)
            if raw == LETTER:
                first = here
                more = 8
                while more == 8 and here < end:
                    more = _letters(eights[here])
                    here += more
                here = min(here, end)
                count += here - first
                while here < end and data[here] >= 0xC3:
                    raw, width = _kind(data, here, ascii_kinds, kinds)
                    if raw != LETTER:
                        break
                    here += width
                    count += 1
                at = np.uint64(here)
        text_edges[text + 1] = found
    return (
        text_edges,
        starts[:found],
        ends[:found],
        characters[:found],
        lettered[:found],
        hashes[:found],
    )
