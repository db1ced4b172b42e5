"""From what an engine read to the blocks of a page: what `kernels.layout` has to be told.

Nobody says how large the type of a scan is. It is measured twice, by how high and how wide the
words are for the letters they have, and taken for that of the page unless both say otherwise.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import log, sqrt
from statistics import median

from datapartnerships.kernels.layout import Block, Piece, blocks
from datapartnerships.ocr._values import Line, Word, around, mean_confidence

# In ems: how far letters go up (capitals and digits; small ones) and down.
_UP, _LOW, _DOWN = 0.69, 0.47, 0.21
_SMALL = frozenset("acemnorsuvwxz.,:;-–—~=+<>«»")
_DESCENDING = frozenset("gjpqyçþµ()[]{}|/§Q")
# In ems: how wide letters are, those of Times taken together by their kind.
_NARROW, _BROAD = frozenset("iljtfrI!|.,:;'’‘`-()[]"), frozenset("mwMW—@%&")
# Type that is larger or smaller by less is that of the page. Beyond, it is told in steps.
_LARGER, _SMALLER, _STEP = 1.13, 0.93, 1.15
# What boxes of whole lines have to show for it: they are rough.
_ROUGHLY_LARGER = 1.24
# Where boxes are close, words must not be narrower for their letters than so, to be larger.
_ALIKE = 1.07
# What lies within this share of the page's width from its edge, and so many ems from the text.
_MARGIN, _FAR = 0.07, 2.0
# Fewer letters than this say nothing of their size, unless it is twice that of the page.
_FEW = 4
# Lines above and below that a line of small type is compared with, and how near, in ems.
_NEIGHBORS, _NEAR = 2, 2.5


@dataclass(slots=True)
class _Run:
    """Pieces of one line; the size of its type by the height and by the width of its words."""

    pieces: list[Piece]
    text: str
    high: float
    wide: float
    middle: float
    letters: int
    # Its boxes are those of the words, and close around them.
    exact: bool

    def overlaps(self, other: _Run) -> bool:
        left = max(self.pieces[0].left, other.pieces[0].left)
        return left < min(self.pieces[-1].right, other.pieces[-1].right)


def arranged(
    lines: Sequence[Line],
    width: float,
    height: float,
    *,
    padding: float | None = None,
    slope: float = 0.0,
) -> list[tuple[Block, list[Line]]]:
    """The blocks of a page in reading order, each with its lines.

    Sizes of type are in pixels, and those of a page are few: they are evened out.

    Args:
        lines: what the engine takes for lines or parts of them, in any order.
        width, height: of the page, pixels.
        padding: for an engine whose words have the box of their line: by how many ems that is
            higher than its letters.
        slope: by how many pixels the lines fall for each pixel to the right.
    """
    words: list[Word] = []
    upright: list[_Run] = []
    turned: list[Piece] = []
    for line in lines:
        pieces = [_piece(word, len(words) + n, slope) for n, word in enumerate(line.words)]
        words += line.words
        if padding is None:
            leaning = [_is_turned(piece.text, _box(piece)) for piece in pieces]
        else:
            # The boxes of its words are too rough: a narrow word seems to stand.
            leaning = [_is_turned(line.text, line.box)] * len(pieces)
        turned += [piece for piece, leans in zip(pieces, leaning, strict=True) if leans]
        if level := [piece for piece, leans in zip(pieces, leaning, strict=True) if not leans]:
            upright.append(_measured(level, padding))
    _set_types(upright)
    outside = _outside(upright, width)
    turned += [piece for run in outside for piece in run.pieces]
    upright = [run for run in upright if not any(run is other for other in outside)]
    for piece in turned:
        piece.turned = True
    given = [piece for run in _by_rows(upright) for piece in run.pieces]
    found = []
    for block in blocks([*given, *turned], width=width, height=height):
        # In the order of the block, which may be from right to left.
        parts = [tuple(words[place] for place in line) for line in block.places if line]
        read = [Line(part, around(word.box for word in part)) for part in parts]
        if block.role != "table":
            # As it was recognized: no hyphen is taken out.
            block.text = "\n".join(line.text for line in read)
        block.confidence = mean_confidence(word for part in parts for word in part)
        found.append((block, read))
    return found


def _piece(word: Word, place: int, slope: float) -> Piece:
    """The word where it would stand if its line were level."""
    left, top, right, bottom = word.box
    high = bottom - top
    high = max(high - abs(slope) * (right - left), 0.5 * high, 1.0)
    middle = (top + bottom) / 2 - slope * (left + right) / 2
    top, bottom = middle - high / 2, middle + high / 2
    return Piece(word.text, left, top, right, bottom, high, word.confidence, place=place)


def _box(piece: Piece) -> tuple[float, float, float, float]:
    return piece.left, piece.top, piece.right, piece.bottom


def _is_turned(text: str, box: tuple[float, float, float, float]) -> bool:
    """It runs up or down: three letters are never that narrow."""
    left, top, right, bottom = box
    return _letters(text) > 2 and bottom - top > 1.5 * (right - left)


def _letters(text: str) -> int:
    return sum(map(str.isalnum, text))


def _down(text: str) -> float:
    return 0.0 if _DESCENDING.isdisjoint(text) else _DOWN


def _extent(text: str) -> float:
    return (_LOW if _SMALL.issuperset(text.replace(" ", "")) else _UP) + _down(text)


def _ems(text: str) -> float:
    """How wide the letters are."""
    return sum(
        0.3 if c in _NARROW else 0.8 if c in _BROAD else 0.67 if c.isupper() else 0.48 for c in text
    )


def _measured(pieces: list[Piece], padding: float | None) -> _Run:
    text = "".join(piece.text for piece in pieces)
    letters = [_letters(piece.text) for piece in pieces]
    weights = letters if any(letters) else [1] * len(pieces)
    if padding is None:
        sizes = [(p.bottom - p.top) / _extent(p.text) for p in pieces]
        high = _median(sizes, weights)
        # Each word has a middle of its own: they share the line they stand on.
        base = _median([p.bottom - _down(p.text) * high for p in pieces], weights)
        middle = base - (_extent(text) / 2 - _down(text)) * high
    else:
        high = median(p.bottom - p.top for p in pieces) / (_extent(text) + padding)
        middle = median((p.top + p.bottom) / 2 for p in pieces)
    wide = sum(p.right - p.left for p in pieces) / sum(_ems(p.text) for p in pieces)
    return _Run(pieces, text, high, wide, middle, sum(letters), padding is None)


def _median(values: Sequence[float], weights: Iterable[int]) -> float:
    ordered = sorted(zip(values, weights, strict=True))
    half = sum(weight for _, weight in ordered) / 2
    for value, weight in ordered:
        half -= weight
        if half <= 0:
            return value
    return ordered[-1][0]


def _set_types(runs: Sequence[_Run]) -> None:
    """Give each piece the size of its type, and the top and bottom that go with it."""
    telling = [run for run in runs if run.letters >= _FEW] or list(runs)
    if not telling:
        return
    weights = [max(run.letters, 1) for run in telling]
    high = _median([run.high for run in telling], weights)
    wide = _median([run.wide for run in telling], weights)
    ordered = sorted(runs, key=lambda run: run.middle)
    ratios = [_ratio(run, high, wide) for run in ordered]
    small = set()
    for place, ratio in enumerate(ratios):
        near = [ratios[n] for n in _near(ordered, place, _NEAR * high)]
        # One line alone is not told to be small.
        if near and ratio < _LARGER and median([ratio, *near]) < _SMALLER:
            small.add(place)
    reduced = min(median(ratios[n] for n in small), 1 / _STEP) if small else 1.0
    for place, run in enumerate(ordered):
        ratio = reduced if place in small else ratios[place]
        ratio = _STEP ** round(log(ratio, _STEP)) if ratio >= _LARGER else min(ratio, 1.0)
        size = high * (ratio if place in small or ratio > 1 else 1.0)
        base = run.middle + (_extent(run.text) / 2 - _down(run.text)) * size
        for piece in run.pieces:
            if piece.bottom - piece.top < 2 * size:
                piece.size, piece.top, piece.bottom = size, base - 0.7 * size, base + 0.2 * size


def _ratio(run: _Run, high: float, wide: float) -> float:
    """How much larger its type is than that of the page: what height and width agree on."""
    by_height, by_width = run.high / high, run.wide / wide
    if run.letters < _FEW:
        return by_height if by_height > 2 else 1.0
    if run.exact and by_height > 1 and by_width > _ALIKE:
        return sqrt(by_height * by_width)
    ratio = max(min(by_height, by_width), min(max(by_height, by_width), 1.0))
    return ratio if run.exact or ratio >= _ROUGHLY_LARGER else min(ratio, 1.0)


def _near(runs: Sequence[_Run], place: int, reach: float) -> list[int]:
    """The lines next above and below."""
    found = []
    for step in (-1, 1):
        count, other = 0, place + step
        while count < _NEIGHBORS and 0 <= other < len(runs):
            if abs(runs[other].middle - runs[place].middle) > _NEIGHBORS * reach:
                break
            if runs[other].letters >= _FEW and runs[place].overlaps(runs[other]):
                found.append(other)
                count += 1
            other += step
    return found


def _outside(runs: Sequence[_Run], width: float) -> list[_Run]:
    """Bits at the outer edge, far from the text: of a stamp up the margin, a fold, a stain."""
    inner = [run for run in runs if run.letters >= _FEW]
    if not inner:
        return []
    far = _FAR * median(run.pieces[0].size for run in inner)
    left = min(_MARGIN * width, min(run.pieces[0].left for run in inner) - far)
    right = max((1 - _MARGIN) * width, max(run.pieces[-1].right for run in inner) + far)
    return [run for run in runs if run.pieces[-1].right < left or run.pieces[0].left > right]


def _by_rows(runs: Sequence[_Run]) -> list[_Run]:
    """From above to below, and from left to right what stands on one line."""
    rows: list[list[_Run]] = []
    for run in sorted(runs, key=lambda run: run.middle):
        if rows and run.middle - rows[-1][0].middle < 0.4 * run.pieces[0].size:
            rows[-1].append(run)
        else:
            rows.append([run])
    return [run for row in rows for run in sorted(row, key=lambda run: run.pieces[0].left)]
