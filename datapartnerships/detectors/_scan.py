"""Find where to look: anchors in the bytes of an Arrow string column, at memory speed.

Nothing here decides what a span is. A handful of vectorized comparisons over the column's own
buffer (no copy, no string objects) leaves a few positions per megabyte; the exact expressions
then run on windows of at most a few hundred bytes around them. So no expression ever sees a
whole document, and cost stays linear in its length.
"""

from __future__ import annotations

import threading
import weakref
from collections.abc import Callable
from copy import copy
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from datapartnerships.detectors._sieve import (
    AT,
    CLOSE,
    COLON,
    FIGURE,
    FOLD,
    OPEN,
    one_by_one,
    sieve,
)

Codes = npt.NDArray[np.uint8]
Positions = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]

# Blocks of this many bytes keep every temporary array inside the second-level cache.
BLOCK_BYTES = 1 << 19
# No number is longer; expressions see no more of a table of figures at once.
LONGEST_RUN = 4096
# Typewriters and mail programs wrap at 60 to 80 characters; a column of figures is narrower.
WRAPPED_BYTES = 40


class Hit(NamedTuple):
    """A span in bytes of the column's buffer."""

    start: int
    end: int
    label: str
    score: float


class Block:
    """Whole texts: where they begin in the column, their bytes, and where one meets the next."""

    def __init__(self, begin: int, codes: Codes, cuts: Positions) -> None:
        self.begin, self.codes, self.cuts = begin, codes, cuts

    @cached_property
    def _sieved(self) -> list[Positions] | None:
        return sieve(self.codes)

    def places(self, kind: int) -> Positions:
        """Every place of a kind of `_sieve`."""
        found = self._sieved
        return one_by_one(self.codes, kind) if found is None else found[kind - 1]

    @cached_property
    def digits(self) -> Positions:
        """Every ASCII digit."""
        return self.places(FIGURE)

    @cached_property
    def colons(self) -> Positions:
        """Every colon."""
        return self.places(COLON)


# Of each thread, what was made of the last texts that were looked at.
_last = threading.local()
# A batch, and the windows of it that are read a second time.
_KEPT = 2


def kept(what: str, texts: pa.Array, make: Callable[[pa.Array], Any]) -> Any:
    """What `make` gives for `texts`; kept while they live, for the next detector given them."""
    slot: dict[int, tuple[weakref.ref[pa.Array], Any]] = _last.__dict__.setdefault(what, {})
    key = id(texts)
    if key in slot and slot[key][0]() is texts:
        return slot[key][1]

    def forget(gone: weakref.ref[pa.Array]) -> None:
        if key in slot and slot[key][0] is gone:
            del slot[key]

    made = make(texts)
    slot.pop(key, None)
    slot[key] = weakref.ref(texts, forget), made
    while len(slot) > _KEPT:
        del slot[next(iter(slot))]
    return made


class Column:
    """A string column as one run of bytes, and where each text in it begins and ends."""

    @classmethod
    def of(cls, texts: pa.Array) -> Column:
        """The column of `texts`; kept while they live, for the next detector that is given them."""
        column: Column = kept("column", texts, cls)
        return column

    def __init__(self, texts: pa.Array) -> None:
        kind = texts.type if isinstance(texts, pa.Array) else type(texts).__name__
        if kind not in (pa.string(), pa.large_string()):
            raise TypeError(f"texts must be one Arrow array of strings. Got {kind}.")
        if texts.null_count:
            # The bytes under a null slot are unspecified by the Arrow format.
            texts = pc.fill_null(texts, "")
        _, offsets, data = texts.buffers()
        width = np.int64 if pa.types.is_large_string(texts.type) else np.int32
        size = len(texts)
        self.bounds: Positions = np.zeros(1, np.int64)
        self.codes: Codes = np.frombuffer(b"", np.uint8)
        if size and offsets is not None:
            places = np.frombuffer(offsets, width, count=texts.offset + size + 1)
            bounds = places[texts.offset :].astype(np.int64)
            # Of a slice, not the bytes of all that it was cut from.
            self.codes = np.frombuffer(data or b"", np.uint8)[bounds[0] : bounds[-1]]
            self.bounds = bounds - bounds[0]
        self.raw = self.codes.data

    @cached_property
    def blocks(self) -> list[Block]:
        """Runs of whole texts, of about `BLOCK_BYTES` or one text."""
        blocks = []
        at, last = 0, len(self.bounds) - 1
        while at < last:
            limit = self.bounds[at] + BLOCK_BYTES
            to = max(at + 1, int(np.searchsorted(self.bounds, limit, side="right")) - 1)
            begin, end = int(self.bounds[at]), int(self.bounds[to])
            if end > begin:
                inner = self.bounds[at + 1 : to]
                blocks.append(Block(begin, self.codes[begin:end], inner - begin))
            at = to
        return blocks

    def unwrapped(self) -> Column:
        """The same column with a space for each line end inside a number of a typed letter.

        A line of at least `WRAPPED_BYTES` that ends in a digit goes on with the next one; in
        shorter lines, as of a table, a line end separates. Offsets stay what they are.
        """
        return self._unwrapped or self

    @cached_property
    def _unwrapped(self) -> Column | None:
        ends = (np.append(b.digits, b.places(CLOSE)) + b.begin for b in self.blocks)
        inside = np.sort(np.concatenate([self._joins(some + 1) for some in ends] or [_NOWHERE]))
        inside = inside[inside - self.bounds[self.text_of(inside)] >= WRAPPED_BYTES]
        for back in range(2, WRAPPED_BYTES + 1):
            inside = inside[self.codes[inside - back] != 0x0A]
        if not len(inside):
            return None
        codes = self.codes.copy()
        codes[inside] = 0x20
        return self._with(codes, inside)

    def _joins(self, places: Positions) -> Positions:
        """Of places behind the end of a number, line ends that one may go on behind."""
        places = places[places < len(self.codes) - 1]
        places = places[self.codes[places] == 0x0A]
        return places[_NUMBER_START[self.codes[places + 1]]]

    def _with(self, codes: Codes, changed: Positions) -> Column:
        """With other bytes for some characters: blocks without any of these are the same."""
        other = object.__new__(Column)
        other.bounds, other.codes, other.raw = self.bounds, codes, codes.data
        other.blocks = []
        for block in self.blocks:
            stop = block.begin + len(block.codes)
            first, past = np.searchsorted(changed, [block.begin, stop])
            if past > first:
                block = copy(block)  # a space is no place of any kind, nor was the line end
                block.codes = codes[block.begin : stop]
            other.blocks.append(block)
        return other

    def text_of(self, positions: Any) -> Positions:
        """Index of the text that each byte position lies in."""
        found = np.searchsorted(self.bounds, positions, side="right") - 1
        return np.asarray(found, np.int64)

    def characters(self, positions: Positions) -> Positions:
        """How many characters begin in the column before each byte position."""
        row, left = np.divmod(positions, _STRIDE)
        found = self._characters[row]
        whole = len(self.codes) // _STRIDE
        last = np.zeros(_STRIDE, np.uint8)
        last[: len(self.codes) % _STRIDE] = self.codes[whole * _STRIDE :]
        codes = np.broadcast_to(last, (len(row), _STRIDE)).copy()
        inner = row < whole
        codes[inner] = self.codes[: whole * _STRIDE].reshape(-1, _STRIDE)[row[inner]]
        begins = ((codes & 0xC0) != 0x80) & (np.arange(_STRIDE) < left[:, None])
        counted: Positions = found + begins.sum(axis=1)
        return counted

    @cached_property
    def _characters(self) -> Positions:
        """How many begin before every `_STRIDE` bytes."""
        # Bytes 0x80 to 0xBF, -128 to -65 when signed, continue a character.
        bits = np.packbits(self.codes.view(np.int8) >= -64)
        ones = _ONES[np.append(bits, np.zeros(-len(bits) % 4, np.uint8)).view(np.uint16)]
        return np.append(0, np.cumsum(ones[::2] + ones[1::2], dtype=np.int64))

    def window(self, begin: int, end: int) -> tuple[str, int]:
        """The characters of a range of bytes, and where the first whole one begins."""
        while begin < end and self.raw[begin] & 0xC0 == 0x80:
            begin += 1
        # Only a cut last character can be invalid: Arrow strings are UTF-8.
        return str(self.raw[begin:end], "utf-8", "ignore"), begin


def byte_length(text: str) -> int:
    """Length in UTF-8."""
    return len(text) if text.isascii() else len(text.encode())


def table_of(characters: bytes, *, high: bool = False) -> Mask:
    """A lookup from byte to membership; `high` adds every byte of a non-ASCII character."""
    table = np.zeros(256, np.bool_)
    table[list(characters)] = True
    table[128:] |= high
    return table


# Characters are counted once for so many bytes, as bits of two numbers.
_STRIDE = 32
_ONES = np.array([number.bit_count() for number in range(1 << 16)], np.uint8)
_DIGITS = b"0123456789"
_NUMBER_START = table_of(_DIGITS + b"(")
_NOWHERE: Positions = np.zeros(0, np.int64)
# Those too that stand inside numbers of some countries, and what is unseen.
LOOSE = table_of(b" .-/()+\0\xc2\xa0\xe2\x80\xaf\x89\x90\x91\x92\x93")
LETTERS = b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
_DIGIT = table_of(_DIGITS)
_HEXADECIMAL = table_of(_DIGITS + b"abcdefABCDEF")
_V6_FIRST = table_of(b"23fF")
# ASCII separators, and the bytes of no-break spaces and of the hyphens and dashes of typesetters.
_SEPARATOR = table_of(b" .-/()\xc2\xa0\xe2\x80\xaf\x90\x91\x92\x93")
# First and second letters of `at`, `arroba`, `hjá` and `ät`.
_AT_FIRST, _AT_SECOND = table_of(b"aAhH\xc3"), table_of(b"tTrRjJ\xa4\x84")
_VISIBLE = ~table_of(bytes(range(33)) + b"@")


def at_signs(block: Block) -> Positions:
    """Every ``@`` between two visible characters."""
    codes = block.codes
    found = block.places(AT)
    found = found[(found > 0) & (found < len(codes) - 1)]
    between: Mask = _VISIBLE[codes[found - 1]] & _VISIBLE[codes[found + 1]]
    return moved(found[between], block)


def wide_at_signs(block: Block) -> Positions:
    """Every U+FF20, which East Asian pages write against harvesters."""
    codes = block.codes
    found = block.places(FOLD)
    found = found[(codes[found] == 0xEF) & (found < len(codes) - 3)]
    return moved(found[(codes[found + 1] == 0xBC) & (codes[found + 2] == 0xA0)], block)


def bracketed_at(block: Block) -> Positions:
    """Every ``(``, ``[`` or ``{`` that may open an ``(at)``."""
    codes = block.codes
    found = block.places(OPEN)
    found = found[(found > 0) & (found < len(codes) - 4)]
    after = found + 1 + (codes[found + 1] == 0x20)
    some = _AT_FIRST[codes[after]] & _AT_SECOND[codes[after + 1]]
    return moved(found[some], block)


@dataclass(frozen=True, slots=True)
class NearFigures:
    """Of places in the block: whether a figure is at most so many bytes before or after them."""

    block: Block
    before: int
    after: int

    def __call__(self, places: Positions) -> Mask:
        figures = np.append(self.block.digits, np.iinfo(np.int64).max)
        nearest = figures[np.searchsorted(figures, places - self.before)]
        found: Mask = nearest <= places + self.after
        return found


near_figures = NearFigures


def dotted_quads(block: Block) -> tuple[Positions, Positions]:
    """First and third dot of every run of exactly four numbers."""
    codes = block.codes
    dots = block.digits + 1
    dots = dots[: np.searchsorted(dots, len(codes) - 1)]
    dots = dots[codes[dots] == 0x2E]
    dots = dots[_DIGIT[codes[dots + 1]]]
    # The first and the last byte of a text have nothing at one side.
    dots = dots[~(among(dots, block.cuts) | among(dots + 1, block.cuts))]
    if len(dots) < 3:
        return dots[:0], dots[:0]
    gap = np.diff(dots)
    # Both neighbors of a dot are digits, so only a gap of four has an unseen byte inside.
    joined = gap <= 3
    wide = np.flatnonzero(gap == 4)
    joined[wide] = _DIGIT[codes[dots[wide] + 2]]
    first, last = _chains(dots, joined, block.cuts)
    exact = last - first == 2
    return dots[first[exact]] + block.begin, dots[last[exact]] + block.begin


def colon_chains(block: Block) -> tuple[Positions, Positions]:
    """First and last colon of what may be an IPv6 address (RFC 4291, section 2.2)."""
    colons = block.colons
    if len(colons) < 2:
        return colons[:0], colons[:0]
    gap = np.diff(colons)
    joined = _joined(block.codes, colons, gap, _HEXADECIMAL)
    first, last = _chains(colons, joined, block.cuts)
    count = last - first + 1
    # Eight groups have seven colons, six before an IPv4 tail; fewer need the `::` for zeros.
    doubled = np.concatenate([[0], np.cumsum(gap == 1)])
    some = (doubled[last] > doubled[first]) & _begins_v6(block.codes, colons[first])
    some |= count >= 6
    some &= (count >= 2) & (count <= 9)
    return colons[first[some]] + block.begin, colons[last[some]] + block.begin


def _begins_v6(codes: Codes, colons: Positions) -> Mask:
    """Whether the first group is of a range in use: four digits, or ``64:``, or ``::ffff``."""
    padded = np.concatenate([np.zeros(4, np.uint8), codes, np.zeros(3, np.uint8)])
    at = colons + 4
    whole = _V6_FIRST[padded[at - 4]] & _HEXADECIMAL[padded[at - 3]]
    translated = (padded[at - 2] == 0x36) & (padded[at - 1] == 0x34)
    mapped: Mask = (padded[at + 1] == 0x3A) & (padded[at + 2] & 0xDF == 0x46)
    mapped |= whole | translated
    return mapped


def digit_runs(
    block: Block, least: int, separators: Mask = _SEPARATOR
) -> tuple[Positions, Positions]:
    """First digit and end of every run of `least` digits with only separators between.

    One of more than `LONGEST_RUN` bytes, as of a table of figures, is given in parts.
    """
    digits = block.digits
    if len(digits) < least:
        return digits[:0], digits[:0]
    joined = _joined(block.codes, digits, np.diff(digits), separators)
    first, last = _chains(digits, joined, block.cuts)
    long = np.flatnonzero(digits[last] - digits[first] > LONGEST_RUN)
    if len(long):
        parts = [
            np.searchsorted(digits, np.arange(start + LONGEST_RUN, stop, LONGEST_RUN))
            for start, stop in zip(digits[first[long]], digits[last[long]], strict=True)
        ]
        opens = np.unique(np.concatenate(parts))
        first, last = np.sort(np.append(first, opens)), np.sort(np.append(last, opens - 1))
    some = last - first + 1 >= least
    return digits[first[some]] + block.begin, digits[last[some]] + 1 + block.begin


def among(values: npt.NDArray[Any], known: npt.NDArray[Any]) -> Mask:
    """Which values are among the known ones, which are in order."""
    found: Mask = np.searchsorted(known, values, "right") > np.searchsorted(known, values)
    return found


def back_over(codes: Codes, places: Positions, table: Mask, most: int) -> Positions:
    """Each place, back while the byte at it is in `table`, at most so many bytes."""
    found = places.copy()
    moving = np.flatnonzero(table[codes[found]])
    for _ in range(most):
        found[moving] -= 1
        moving = moving[table[codes[found[moving]]]]
    return found


def moved(found: Positions, block: Block) -> Positions:
    """Positions in the block, as positions in the column."""
    return found + block.begin


def _joined(codes: Codes, positions: Positions, gap: Positions, between: Mask) -> Mask:
    """Which neighbors are at most four bytes apart, all of them in `between`."""
    joined: Mask = gap <= 5
    for step in range(1, 5):
        wide = np.flatnonzero(joined & (gap > step))
        joined[wide] = between[codes[positions[wide] + step]]
    return joined


def _chains(positions: Positions, joined: Mask, cuts: Positions) -> tuple[Positions, Positions]:
    """First and last index of every chain of joined neighbors within one text."""
    after = np.searchsorted(positions, cuts)
    joined[after[(after > 0) & (after < len(positions))] - 1] = False
    breaks = np.flatnonzero(~joined)
    first = np.concatenate([[0], breaks + 1])
    last = np.concatenate([breaks, [len(joined)]])
    return first, last
