"""The best way through a table of two short texts: what `alignment` does between its anchors."""

from __future__ import annotations

import functools
from typing import Any

import numpy as np

Ints = np.ndarray[Any, np.dtype[np.int64]]
Scores = np.ndarray[Any, np.dtype[np.float32]]

# A word that stands alone among others that do not agree costs two gaps more than it is worth, so
# that unrelated texts are not joined by their articles.
GAP = np.float32(0.65)
MISMATCH = np.float32(-0.3)
ALIKE = 0.5
_NEVER = np.float32(-1e9)
# Below, filling the table cell by cell is faster than row by row.
_FEW_CELLS = 150
_DIAGONAL, _UP, _LEFT, _UP_GOES_ON, _LEFT_GOES_ON = 0, 1, 2, 4, 8


@functools.lru_cache(maxsize=1 << 16)
def _pairs(word: str) -> frozenset[str]:
    """The pairs of letters of a word, the first one alone too."""
    return frozenset([word[:1], *(word[i : i + 2] for i in range(len(word) - 1))])


def similarity(one: str, other: str) -> float:
    """0 to 1: the share of pairs of letters that two words have in common (Dice)."""
    if one == other:
        return 1.0
    a, b = _pairs(one), _pairs(other)
    return 2 * len(a & b) / (len(a) + len(b))


def _worth(length: int) -> float:
    """Short words are everywhere: that one agrees says little."""
    return min(1.0, 0.25 + 0.15 * length)


def _score(one: str, other: str) -> float:
    alike = similarity(one, other)
    if alike < ALIKE:
        return float(MISMATCH)
    return alike * _worth(min(len(one), len(other)))


def scores(ours: list[str], theirs: list[str]) -> Scores:
    """What it is worth to join each of the one with each of the other."""
    if len(ours) * len(theirs) <= _FEW_CELLS:
        return np.array([[_score(x, y) for y in theirs] for x in ours], np.float32)
    columns: dict[str, int] = {}
    tables = []
    for words in (ours, theirs):
        at = [(row, columns.setdefault(pair, len(columns)))
              for row, word in enumerate(words) for pair in _pairs(word)]  # fmt: skip
        tables.append((len(words), np.array(at, np.int64)))
    one, other = (_dense(count, at, len(columns)) for count, at in tables)
    common = one @ other.T
    total = one.sum(1)[:, None] + other.sum(1)[None, :]
    alike = 2 * common / total
    sizes = [np.array([len(word) for word in words], np.float32) for words in (ours, theirs)]
    length = np.minimum(sizes[0][:, None], sizes[1][None, :])
    worth = np.minimum(np.float32(1), np.float32(0.25) + np.float32(0.15) * length)
    return np.where(alike >= ALIKE, alike * worth, MISMATCH).astype(np.float32)


def _dense(rows: int, at: Ints, columns: int) -> Scores:
    table = np.zeros((rows, columns), np.float32)
    table[at[:, 0], at[:, 1]] = 1
    return table


def best_path(a: Ints, b: Ints, names: list[str]) -> list[tuple[int, int]]:
    """Pairs (i, j) of words that are joined, in order; those that are not alike are left out.

    `a` and `b` are indices into `names`.
    """
    if len(a) == len(b) == 1:
        return [(0, 0)] if similarity(names[a[0]], names[b[0]]) >= ALIKE else []
    kinds_a, rows = np.unique(a, return_inverse=True)
    kinds_b, columns = np.unique(b, return_inverse=True)
    values = scores([names[k] for k in kinds_a], [names[k] for k in kinds_b])
    fill = _by_cells if len(a) * len(b) <= _FEW_CELLS else _by_rows
    moves = fill(values, rows, columns)
    path = []
    i, j = len(a), len(b)
    state = -1
    while i and j:
        move = int(moves[i][j])
        if state < 0:
            state = move & 3
        if state == _DIAGONAL:
            i, j = i - 1, j - 1
            if values[rows[i], columns[j]] > 0:
                path.append((i, j))
            state = -1
        elif state == _UP:
            state = _UP if move & _UP_GOES_ON else -1
            i -= 1
        else:
            state = _LEFT if move & _LEFT_GOES_ON else -1
            j -= 1
    return path[::-1]


def _by_rows(values: Scores, rows: Ints, columns: Ints) -> np.ndarray[Any, np.dtype[np.uint8]]:
    """The moves into every cell. `up` is a gap in `b`, `left` one in `a`; they cost when opened."""
    n, m = len(rows), len(columns)
    moves = np.zeros((n + 1, m + 1), np.uint8)
    best = np.full(m + 1, -GAP, np.float32)
    best[0] = 0
    up = np.full(m + 1, _NEVER, np.float32)
    across = np.empty(m + 1, np.float32)
    left = np.empty(m + 1, np.float32)
    for i in range(1, n + 1):
        opened = best - GAP
        goes_on = up > opened
        up = np.maximum(up, opened)
        across[0] = _NEVER
        np.add(best[:-1], values[rows[i - 1]][columns], out=across[1:])
        here = np.maximum(across, up)
        highest = np.maximum.accumulate(here)
        left[0] = _NEVER
        np.subtract(highest[:-1], GAP, out=left[1:])
        move = np.where(across >= up, np.uint8(_DIAGONAL), np.uint8(_UP))
        move[left > here] = _LEFT
        move[goes_on] |= _UP_GOES_ON
        # The gap to the left of j was opened before j - 1 if something there is higher.
        move[2:][highest[:-2] > here[1:-1]] |= _LEFT_GOES_ON
        moves[i] = move
        best = np.maximum(here, left)
    return moves


def _by_cells(values: Scores, rows: Ints, columns: Ints) -> list[list[int]]:
    """As `_by_rows`, for tables so small that calls would cost more than the cells."""
    gap, never = float(GAP), float(_NEVER)
    table = values.tolist()
    at = columns.tolist()
    m = len(at)
    moves = [[0] * (m + 1)]
    best = [0.0] + [-gap] * m
    up = [never] * (m + 1)
    for kind in rows.tolist():
        row = table[kind]
        line = []
        new = []
        highest = never
        previous = never  # `here` of the cell to the left
        for j in range(m + 1):
            opened = best[j] - gap
            move = _UP_GOES_ON if up[j] > opened else 0
            if opened > up[j]:
                up[j] = opened
            across = best[j - 1] + row[at[j - 1]] if j else never
            here = across if across >= up[j] else up[j]
            if j >= 2 and highest > previous:
                move |= _LEFT_GOES_ON
            if j and previous > highest:
                highest = previous
            left = highest - gap if j else never
            move |= _LEFT if left > here else (_DIAGONAL if across >= up[j] else _UP)
            line.append(move)
            new.append(here if here >= left else left)
            previous = here
        moves.append(line)
        best = new
    return moves
