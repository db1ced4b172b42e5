"""What is written in disguise is looked for a second time, in plain letters and digits.

Digits of other scripts, full-width and mathematical letters, zero-width characters, soft hyphens
and marks of direction inside a word or number, letters of another script that look like the Latin
ones beside them, accents that are characters of their own: around each of these a window of the
text is folded, a detector reads the windows as it reads texts, and what it finds there that holds
something folded is a span of the text. Text without any of these costs a comparison of its bytes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from datapartnerships.detectors._scan import Block, Column, Mask, Positions, among, kept, table_of
from datapartnerships.detectors._sieve import (
    BEFORE,
    BEHIND,
    DIGIT,
    FOLD,
    LETTER,
    MARK,
    UNSEEN,
    foldable,
)
from datapartnerships.kernels.folding import Folded, fold
from datapartnerships.schema import SPANS

Find = Callable[[pa.Array], pa.Table]

# Bytes of a window before and after what is folded: more than any expression looks at.
_REACH_BYTES = 192
# Fewer digits of another script than these, within so many bytes, are no number worth hiding.
_FEWEST_DIGITS, _NEAR_BYTES = 4, 48


def with_folded(texts: pa.Array, find: Find) -> pa.Table:
    """What `find` finds in `texts`, and what it finds in them only after folding.

    Args:
        texts: strings; a null has no spans.
        find: gives `SPANS` of strings, sorted, those of one label apart from each other.
    """
    found = find(texts)
    views: Views | None = kept("views", texts, _made)
    if views is None:
        return found
    again = [placed for span in find(views.texts).to_pylist() if (placed := views.placed(span))]
    return _merged(found, again) if again else found


class Views(NamedTuple):
    """Folded windows of a column; of each, its text and its first character there."""

    texts: pa.Array
    folded: list[Folded]
    owner: list[int]
    first: list[int]

    def placed(self, span: dict[str, Any]) -> dict[str, Any] | None:
        """A span of a window as one of its text; None if it holds nothing that was folded."""
        view = self.folded[span["text"]]
        start, end = span["start"], span["end"]
        if not view.changed[start:end].any():
            return None
        first = self.first[span["text"]]
        return span | {
            "text": self.owner[span["text"]],
            "start": first + int(view.begins[start]),
            "end": first + int(view.ends[end - 1]),
        }


def _made(texts: pa.Array) -> Views | None:
    column = Column.of(texts)
    folded: list[Folded] = []
    owner: list[int] = []
    first: list[int] = []
    seen, at, passed = -1, 0, 0
    for block in column.blocks:
        for text, low, high in _windows(column, _candidates(block)):
            view = fold(str(column.raw[low:high], "utf-8"))
            if not view.changed.any():
                continue
            if text != seen:
                seen, at, passed = text, int(column.bounds[text]), 0
            passed += len(str(column.raw[at:low], "utf-8"))
            at = low
            folded.append(view)
            owner.append(text)
            first.append(passed)
    if not folded:
        return None
    return Views(pa.array([view.text for view in folded], pa.string()), folded, owner, first)


def _windows(column: Column, places: Positions) -> Iterator[tuple[int, int, int]]:
    """Ranges of bytes around places, as one where they meet, of whole words."""
    owners = column.text_of(places)
    floors, ceilings = column.bounds[owners], column.bounds[owners + 1]
    lows = np.maximum(floors, places - _REACH_BYTES)
    highs = np.minimum(ceilings, places + _REACH_BYTES)
    if not len(places):
        return
    apart = np.flatnonzero((lows[1:] > highs[:-1]) | (owners[1:] != owners[:-1]))
    begins, ends = np.append(0, apart + 1), np.append(apart, len(places) - 1)
    raw = column.raw
    for begin, end in zip(begins.tolist(), ends.tolist(), strict=True):
        low, high = int(lows[begin]), int(highs[end])
        if low > floors[begin]:
            low = _past_word(raw, low, int(places[begin]))
        if high < ceilings[end]:
            high = _before_word(raw, high, int(places[end]))
        yield int(owners[begin]), low, high


def _past_word(raw: memoryview, low: int, stop: int) -> int:
    """The first character behind a space, or the first whole one."""
    space = bytes(raw[low:stop]).find(b" ")
    if space >= 0:
        return low + space + 1
    while low < stop and raw[low] & 0xC0 == 0x80:
        low += 1
    return low


def _before_word(raw: memoryview, high: int, stop: int) -> int:
    space = bytes(raw[stop:high]).rfind(b" ")
    if space > 0:
        return stop + space
    while high > stop and raw[high] & 0xC0 == 0x80:
        high -= 1
    return high


def _candidates(block: Block) -> Positions:
    """Where in the column something may have to be folded."""
    codes = block.codes
    behind, before = block.places(BEHIND), block.places(BEFORE)
    # Not where the ASCII letter is of another text.
    found = [behind[~among(behind, block.cuts)], before[~among(before, block.cuts)] - 2]
    places = block.places(FOLD)
    if len(places):
        kinds = _kinds_of(codes, places)
        digits = places[kinds == DIGIT]
        near = digits[_FEWEST_DIGITS - 1 :] - digits[: 1 - _FEWEST_DIGITS] <= _NEAR_BYTES
        for step in range(_FEWEST_DIGITS):
            found.append(digits[step : len(digits) - _FEWEST_DIGITS + 1 + step][near])
        found.append(places[kinds == LETTER])
        unseen = places[kinds == UNSEEN]
        found.append(unseen[_inside(codes, unseen)])
        marks = places[(kinds == MARK) & (places > 0)]
        found.append(marks[_ASCII_LETTER[codes[marks - 1]]])
    return np.unique(np.concatenate(found)) + block.begin


def _inside(codes: npt.NDArray[np.uint8], places: Positions) -> Mask:
    """Whether what is unseen stands inside a word or number of Latin letters."""
    size = len(codes)
    after = codes[np.minimum(places + np.where(codes[places] == 0xC2, 2, 3), size - 1)]
    last = codes[np.maximum(places - 1, 0)]
    two, three = codes[np.maximum(places - 2, 0)], codes[np.maximum(places - 3, 0)]
    beyond = (last >= 0x80) & (((two >= 0xC2) & (two <= 0xCA)) | (three == 0xE2))
    before = _INNER[last] | beyond
    behind = _INNER[after] | ((after >= 0xC2) & (after <= 0xCA)) | (after == 0xE2)
    inside: Mask = (before & (behind | (after == 0x20))) | (behind & (last == 0x20))
    return inside & (places > 0)


_INNER = table_of(b"0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ@._+-/'")
_ASCII_LETTER = table_of(b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ")


@cache
def _known() -> tuple[Positions, npt.NDArray[np.uint8]]:
    """What may have to be folded, sorted, and of which kind each is."""
    words, kinds = zip(*sorted(foldable().items()), strict=True)
    return np.array(words, np.int64), np.array(kinds, np.uint8)


def _kinds_of(codes: npt.NDArray[np.uint8], places: Positions) -> npt.NDArray[np.uint8]:
    first, second = codes[places].astype(np.int64), codes[places + 1]
    third = codes[np.minimum(places + 2, len(codes) - 1)] * (first >= 0xE0)
    words = first << 16 | second.astype(np.int64) << 8 | third
    known, kinds = _known()
    at = np.minimum(np.searchsorted(known, words), len(known) - 1)
    return np.where(known[at] == words, kinds[at], np.uint8(0))


def _merged(found: pa.Table, again: list[dict[str, Any]]) -> pa.Table:
    """Both, in order; what overlaps a span with its own label is one with it."""
    texts = pa.array({span["text"] for span in again}, pa.int32())
    mine = pc.is_in(found["text"], texts)
    spans: list[dict[str, Any]] = []
    order = sorted(
        [*found.filter(mine).to_pylist(), *again],
        key=lambda span: (span["text"], span["label"], span["start"], -span["end"]),
    )
    for span in order:
        last = spans[-1] if spans else None
        if (
            last is not None
            and (last["text"], last["label"]) == (span["text"], span["label"])
            and span["start"] < last["end"]
        ):
            last["end"] = max(last["end"], span["end"])
            last["score"] = max(last["score"], span["score"])
        else:
            spans.append(span)
    whole = pa.concat_tables(
        [found.filter(pc.invert(mine)), pa.Table.from_pylist(spans, SPANS)]
    ).combine_chunks()
    keys = [(name, "ascending") for name in ("text", "start", "end", "label")]
    return whole.take(pc.sort_indices(whole, keys))
