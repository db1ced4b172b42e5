"""Words cut at line ends by a hyphen: where they are, and what they were.

Nothing knows a language. What a word was, the texts say themselves: the joined word stands in
them elsewhere, or the compound with its hyphen does. Where neither does, a hyphen stays that no
hyphenation makes (behind a single letter, a figure, an abbreviation), and those before or behind a
part that is used so elsewhere (``non-``, ``-based``).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from datapartnerships.kernels.words import (
    Bytes,
    Hashes,
    buffers,
    hash_strings,
    pieces,
    without,
    words,
)

Counts = Callable[[Hashes, npt.NDArray[np.int64]], npt.NDArray[np.int64]]
Flags = npt.NDArray[np.bool_]
Places = npt.NDArray[np.int64]

LEAVE, JOIN, KEEP, JOIN_CK = range(4)
# Of a word that stands alone behind a hyphen and a blank: a part that both words share.
CONJUNCTIONS = [
    "and",
    "or",
    "nor",
    "to",
    "und",
    "oder",
    "bzw",
    "sowie",
    "als",
    "bis",
    "og",
    "eða",
    "eller",
    "och",
    "en",
    "of",
    "et",
    "ou",
    "y",
    "o",
    "e",
    "ja",
    "tai",
]
# A part of a word is used with hyphens if it was seen so often so, and often enough beside its use
# as a word, and if the rest is a word.
MIN_USED, MIN_WORD, MIN_SHARE = 3, 2, 0.03
# Bytes looked at on either side.
_REACH = 64
_LEFT = r"(?P<token>\S*?)(?P<lead>[-\x{2010}\x{2011}]?)(?P<word>[\pL\pM\pN'\x{2019}]+)$"
_RIGHT = r"^(?P<word>[\pL\pM\pN'\x{2019}]+)(?P<rest>\S*)"
# Before or behind a cut word: surely an address or the name of a file, or likely one.
_ADDRESS_BEFORE, _ADDRESS_BEHIND = r"://|[@_]", r"@"
_PATH_BEFORE, _PATH_BEHIND = r"/", r"/|\.\pL"
_NO_VOWEL = r"(?i)^[b-df-hj-np-tv-xzþðßçñ]+$"
# The marks by their last byte, and their lengths; all but the first two say that a word is cut.
_MARKS = {b"-": False, "\u2010".encode(): False, "\u00ad".encode(): True, "¬".encode(): True,
          "\ufffe".encode(): True}  # fmt: skip
# Odd constants, so that a word, a pair, and a part of one have hashes of their own.
_PAIR, _BEFORE, _BEHIND = (np.uint64(n) for n in (0xA0761D6478BD642F, 0xE7037ED1A0B428DB,
                                                 0x8EBC6AF09C88C6E3))  # fmt: skip


class Cuts(NamedTuple):
    """Words cut at the ends of lines.

    Attributes:
        text: the text that each is in.
        mark, after: bytes from the beginning of the first text: the hyphen, and what is behind it.
        begin: of the next line, without its white space.
        sure: the mark stands for nothing but a cut.
        left, right: the two parts; `lead`: the hyphen before the left one.
        token: what stands before both, from white space on.
        rest: of the right one, up to white space.
    """

    text: Places
    mark: Places
    after: Places
    begin: Places
    sure: Flags
    token: pa.Array
    lead: pa.Array
    left: pa.Array
    right: pa.Array
    rest: pa.Array


def cuts(texts: pa.Array) -> Cuts:
    """The cut words of `texts`."""
    data, edges = buffers(texts)
    ends = np.flatnonzero(data == 10)
    owner = np.searchsorted(edges, ends, side="right") - 1
    last, begin = ends - 1, ends + 1
    for _ in range(4):  # blanks at the end of the line, and before the next
        last = last - _at(data, last, b" \t\r")
    for _ in range(16):
        begin = begin + _at(data, begin, b" \t")
    sizes, sure = marks(data, last)
    mark = last + 1 - sizes
    good = (sizes > 0) & (mark > edges[owner]) & (begin < edges[owner + 1])
    chosen = np.flatnonzero(good)
    owner, mark, begin = owner[chosen], mark[chosen], begin[chosen]
    before = windows(data, np.maximum(mark - _REACH, edges[owner]), mark)
    behind = windows(data, begin, np.minimum(begin + _REACH, edges[owner + 1]))
    found = parts(before, behind)
    valid = np.flatnonzero(pc.and_(pc.is_valid(found[2]), pc.is_valid(found[3])).to_numpy(False))
    taken = chosen[valid]
    return Cuts(
        owner[valid],
        mark[valid],
        last[taken] + 1,
        begin[valid],
        sure[taken],
        *(array.take(pa.array(valid)) for array in found),
    )


def parts(before: pa.Array, behind: pa.Array) -> tuple[pa.Array, ...]:
    """Token, lead, left and right part, and rest, of what stands before and behind hyphens."""
    left, right = pc.extract_regex(before, _LEFT), pc.extract_regex(behind, _RIGHT)
    return (
        pc.struct_field(left, [0]),
        pc.struct_field(left, [1]),
        pc.struct_field(left, [2]),
        pc.struct_field(right, [0]),
        pc.struct_field(right, [1]),
    )


def _at(data: Bytes, places: Places, among: bytes) -> Places:
    """1 where the byte is one of some."""
    inside = (places >= 0) & (places < len(data))
    byte = data[np.where(inside, places, 0)] if len(data) else np.zeros(len(places), np.uint8)
    return (inside & np.isin(byte, np.frombuffer(among, np.uint8))).astype(np.int64)


def marks(data: Bytes, last: Places) -> tuple[Places, Flags]:
    """How many bytes long the hyphen is that ends at `last` (0: none), and whether it is sure."""
    sizes, sure = np.zeros(len(last), np.int64), np.zeros(len(last), bool)
    for mark, certain in _MARKS.items():
        hit = np.ones(len(last), bool)
        for back, byte in enumerate(reversed(mark)):
            place = last - back
            hit &= (place >= 0) & (data[np.maximum(place, 0)] == byte) if len(data) else False
        sizes[hit], sure[hit] = len(mark), certain
    return sizes, sure


def windows(data: Bytes, starts: Places, stops: Places) -> pa.Array:
    """The strings between bytes; characters that are cut at an edge are left out."""
    for _ in range(3):
        inside = (starts < stops) & ((data[np.minimum(starts, len(data) - 1)] & 0xC0) == 0x80)
        starts = starts + inside
    for _ in range(3):
        following = data[np.minimum(stops, len(data) - 1)]
        stops = stops - ((stops < len(data)) & (stops > starts) & ((following & 0xC0) == 0x80))
    lengths = stops - starts
    offsets = np.concatenate([[0], np.cumsum(lengths)])
    index = np.arange(offsets[-1]) + np.repeat(starts - offsets[:-1], lengths)
    taken = np.ascontiguousarray(data[index])
    return pa.Array.from_buffers(
        pa.string(),
        len(starts),
        [None, pa.py_buffer(offsets.astype(np.int32)), pa.py_buffer(taken)],
    )


# ---------------------------------------------------------------------------- evidence


def evidence(texts: pa.Array) -> Hashes:
    """A hash for each word, each compound with a hyphen, and each of its parts, in no order."""
    found = [np.empty(0, np.uint64)]
    for _, piece in pieces(pc.utf8_lower(texts)):
        data, _ = buffers(piece)
        some = words(piece)
        gaps = some.starts[1:] - some.ends[:-1]
        at = some.ends[:-1]
        paired = (gaps == 1) & (data[np.minimum(at, len(data) - 1)] == ord("-"))
        # Not across the end of a text: what comes next depends on the batch.
        owner = np.repeat(np.arange(len(piece)), np.diff(some.edges))
        paired &= owner[1:] == owner[:-1]
        one, two = some.hashes[:-1][paired], some.hashes[1:][paired]
        found += [some.hashes, _pair(one, two), one ^ _BEFORE, two ^ _BEHIND]
    return np.concatenate(found)


def _pair(one: Hashes, two: Hashes) -> Hashes:
    return (one * _PAIR) ^ two


def decide(cut: Cuts, counts: Counts) -> npt.NDArray[np.int64]:
    """For each cut word, what it was: LEAVE, JOIN, KEEP its hyphen, or JOIN_CK."""
    if not len(cut.left):
        return np.empty(0, np.int64)
    left, right = pc.utf8_lower(cut.left), pc.utf8_lower(cut.right)

    def seen(hashes: Hashes) -> npt.NDArray[np.int64]:
        return counts(hashes, cut.text)

    one, two = hash_strings(left), hash_strings(right)
    joined = seen(hash_strings(pc.binary_join_element_wise(left, right, "")))
    paired = seen(_pair(one, two))
    keep = _structure(cut) & ~cut.sure
    alone, behind = seen(one), seen(two)
    begins, ends = seen(one ^ _BEFORE), seen(two ^ _BEHIND)
    used = (begins >= np.maximum(MIN_USED, MIN_SHARE * alone)) & (behind >= MIN_WORD)
    used |= (ends >= np.maximum(MIN_USED, MIN_SHARE * behind)) & (alone >= MIN_WORD)
    keep |= used & ~cut.sure & (joined == 0)
    answer = np.where((paired > joined) | ((paired == joined) & keep), KEEP, JOIN)

    both_k = _is(left, r"k$") & _is(right, r"^k")
    if both_k.any():
        as_ck = pc.binary_join_element_wise(pc.replace_substring_regex(left, r"k$", "c"), right, "")
        answer[both_k & (seen(hash_strings(as_ck)) > joined) & (answer == JOIN)] = JOIN_CK

    unknown = (joined == 0) & (paired == 0) & ~cut.sure
    shared = np.asarray(pc.is_in(right, pa.array(CONJUNCTIONS)))
    # A capital behind the hyphen, and none before it: speech that is broken off.
    broken = _is(cut.right, r"^\p{Lu}") & ~_is(cut.left, r"^[\p{Lu}\pN]")
    answer[unknown & (shared | broken)] = LEAVE
    # Whatever is known of words says nothing of an address.
    answer[_around(cut, _ADDRESS_BEFORE, _ADDRESS_BEHIND) & ~cut.sure] = KEEP
    return answer


def _around(cut: Cuts, before: str, behind: str) -> Flags:
    return _is(cut.token, before) | _is(cut.rest, behind)


def _is(texts: pa.Array, expression: str) -> Flags:
    return np.asarray(pc.match_substring_regex(texts, expression))


def _structure(cut: Cuts) -> Flags:
    """Where no hyphenation would have put a hyphen: it is that of the word."""
    capitals = _is(cut.left, r"^\p{Lu}+$")
    return np.asarray(
        (np.asarray(pc.utf8_length(cut.left)) == 1)
        | (np.asarray(pc.binary_length(cut.lead)) > 0)
        | _is(cut.left, r"\pN")
        | _is(cut.right, r"^\pN")
        | (_is(cut.right, r"^\p{Lu}") & ~capitals)
        | (capitals & _is(cut.right, r"^\p{Ll}"))
        | _is(cut.left, _NO_VOWEL)
        # Not for certain: a slash stands between words too, and behind a period a blank is lost.
        | _around(cut, _PATH_BEFORE, _PATH_BEHIND)
    )


# ---------------------------------------------------------------------------- joining


def join(texts: pa.Array, cut: Cuts, answer: npt.NDArray[np.int64]) -> pa.Array:
    """The texts with cut words whole, at the beginning of the line on which they end.

    The line above is as long as it could be without the word, which `ReflowLines` can see. It is
    joined with the next line where it had no other letter.
    """
    done = np.flatnonzero(answer != LEAVE)
    if not len(done):
        return texts
    held, edges = buffers(texts)
    begin, mark = cut.begin[done], cut.mark[done]
    edge = edges[cut.text[done]]
    data = held.copy()
    data[mark[answer[done] == JOIN_CK] - 1] = ord("c")
    stop = np.where(answer[done] == KEEP, cut.after[done], mark)
    head = np.maximum(_behind(held, mark, b" \t\n\f\r"), edge)
    line = np.maximum(_behind(held, head, b"\n\f"), edge)
    alone = ~_is(windows(held, np.maximum(line, head - _REACH), head), r"\pL")
    above = head.copy()
    for _ in range(4):  # blanks between the head and what stays above
        above = above - np.where(above > line, _at(held, above - 1, b" \t"), 0)
    above = np.where(alone, head, above)
    # The line end and the indent of the next line, which go before the head.
    end = _behind(held, begin, b"\n") - 1
    end = np.where(alone, begin, end - _at(held, end - 1, b"\r"))
    made = data.copy()
    _copy(made, above, data, end, begin - end)
    _copy(made, above + begin - end, data, head, stop - head)
    return without(texts, made, edges, above + begin - end + stop - head, begin)


def _behind(data: Bytes, places: Places, among: bytes) -> Places:
    """Behind the last byte before each place that is one of some; 0 where there is none."""
    known = np.zeros(256, bool)
    known[list(among)] = True
    at = np.append(-1, np.flatnonzero(known[data]))
    return np.asarray(at[np.searchsorted(at, places) - 1] + 1)


def _copy(made: Bytes, to: Places, data: Bytes, start: Places, size: Places) -> None:
    """Put `size` bytes of `data`, from each `start` on, at each place `to`."""
    offsets = np.cumsum(size) - size
    index = np.arange(int(size.sum()))
    made[index + np.repeat(to - offsets, size)] = data[index + np.repeat(start - offsets, size)]
