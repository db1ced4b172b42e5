"""Numbers that count the lines down a margin: pleading paper, transcripts, bills."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise
from statistics import median

from datapartnerships.kernels._layout_runs import Piece

# At least so many lines, over at least this share of the page's height.
MIN_LINES, MIN_HEIGHT = 12, 0.4
# Of recognized numbers, so many in a row may be misread.
MISREAD = 3
# Of the lines that are numbered, at least this share carries a sentence on, or is empty: that is
# not so in a list, a table of contents or a statute, where a number begins what it counts.
MIN_CARRIED_ON = 0.25
_NUMBER = re.compile(r"\d{1,2}")


def line_numbers(pieces: Sequence[Piece], height: float) -> tuple[list[Piece], list[Piece]]:
    """The numbers, from above to below, and what is left of them; nothing where it is not certain.

    They follow one another at one distance, over much of the page, and nothing else stands as far
    to the left as their right edge. Where the text is recognized, numbers may be misread (what
    stands in their place is taken for them), and marks may stand left of them.
    """
    short = [piece for piece in pieces if len(piece.text) <= 2]
    numbers = [p for p in short if p.text.isascii() and _NUMBER.fullmatch(p.text)]
    if len(numbers) < MIN_LINES:
        return [], []
    recognized = any(piece.confidence is not None for piece in pieces)
    numbers.sort(key=lambda piece: (piece.top, piece.left))
    found = _longest(_stripe(numbers), 1 + MISREAD if recognized else 1)
    if len(found) < MIN_LINES or found[-1].bottom - found[0].top < MIN_HEIGHT * height:
        return [], []
    left, right = min(p.left for p in found), max(p.right for p in found)
    pitch = (found[-1].top - found[0].top) / (int(found[-1].text) - int(found[0].text))
    chosen = {id(piece) for piece in found}
    top, bottom = found[0].top, found[-1].bottom
    others = [p for p in pieces if id(p) not in chosen]
    outside: list[Piece] = []
    if recognized:
        # The ends of the ladder may be what was misread.
        near = [p for p in others if top - MISREAD * pitch < p.top < bottom + MISREAD * pitch]
        outside = [p for p in near if p.right <= left and top <= p.bottom and p.top <= bottom]
        within = [p for p in near if left - p.size < p.left and p.right < right + 0.5 * p.size]
        misread = [p for p in within if len(p.text) <= 3]
        found = sorted([*found, *misread], key=lambda piece: piece.top)
        chosen.update(id(piece) for piece in (*misread, *outside))
        others = [p for p in others if id(p) not in chosen]
    beside = [p for p in others if top <= p.top <= bottom]
    if not all(p.left >= right - 0.2 * p.size for p in beside):
        return [], []
    carried = sum(_carries_on(number, beside) for number in found)
    return (found, outside) if carried >= MIN_CARRIED_ON * len(found) else ([], [])


def _stripe(numbers: Sequence[Piece]) -> list[Piece]:
    """Those that stand one below the other: the most that do."""
    ordered = sorted(numbers, key=lambda piece: piece.left)
    best, start = (0, 0), 0
    for stop, piece in enumerate(ordered, 1):
        while piece.left - ordered[start].left >= 2 * piece.size:
            start += 1
        best = max(best, (start, stop), key=lambda span: span[1] - span[0])
    return sorted(ordered[slice(*best)], key=lambda piece: (piece.top, piece.left))


def _longest(numbers: Sequence[Piece], most: int) -> list[Piece]:
    """The longest chain in which each is by 1 to `most` more than the one before, at one pitch."""
    steps = [
        after.top - before.top
        for before, after in pairwise(numbers)
        if int(after.text) == int(before.text) + 1
    ]
    pitch = median(steps) if steps else 0.0
    lengths: list[int] = []
    before: list[int] = []
    for place, piece in enumerate(numbers):
        lengths.append(1)
        before.append(-1)
        for other in range(place - 1, -1, -1):
            by = int(piece.text) - int(numbers[other].text)
            step = piece.top - numbers[other].top
            if step > 1.3 * most * pitch:
                break
            fits = 1 <= by <= most and abs(step / by - pitch) < 0.3 * pitch
            if fits and lengths[other] + 1 > lengths[place]:
                lengths[place], before[place] = lengths[other] + 1, other
    chain = []
    place = max(range(len(numbers)), key=lengths.__getitem__)
    while place >= 0:
        chain.append(numbers[place])
        place = before[place]
    return chain[::-1]


def _carries_on(number: Piece, beside: Sequence[Piece]) -> bool:
    row = [p for p in beside if p.top < (number.top + number.bottom) / 2 < p.bottom]
    return not row or min(row, key=lambda piece: piece.left).text[:1].islower()
