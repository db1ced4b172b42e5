"""Which word of a written text is which word that was heard.

Both sides are words in their plain form (`tokenize`). What is certain comes first: runs of words
that each side has once, in the longest order that both share (patience diff). Between them the
same again with shorter runs, and where little is left, the best score of a table (Gotoh, with gaps
that cost as much long as short: what one side lacks is lacking at once). So 100,000 words a side
take seconds, and a text that repeats itself is no worse: no table is larger than `MAX_CELLS`.
"""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from datapartnerships.kernels._alignment_table import best_path, similarity

Ints = np.ndarray[Any, np.dtype[np.int64]]
Floats = np.ndarray[Any, np.dtype[np.float64]]

# Cells of a table that is filled at once, and of one for words that repeat without end.
MAX_CELLS = 4_000_000
_SMALL = 40_000
# Words of a run that is looked for, level by level.
_RUNS = (4, 3, 2, 2)
# A stretch that both have, in another place: fewer words come together by chance.
_MOVED = 8
# Words between two that agree which stand for each other, written and heard.
_FEW, _SEVERAL = 4, 8
# From here on two words are the same word, heard or written otherwise.
ALIKE = 0.5

# Written without spaces: kana, Han, Thai, Lao, Khmer, Burmese. Each letter is a word.
_ALONE = (
    "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff"
    "\U00020000-\U0003ffff"
)
# All that is no white space and no mark of punctuation, so that vowel signs stay in their words.
_LETTER = (
    rf"[^\s!-/:-@\[-`{{-~\x00-\x1f\x7f-\xa9\xab-\xb4\xb6-\xb9\xbb-\xbf\u2000-\u206f\u2190-\u2bff"
    rf"\u3000-\u303f\uff01-\uff0f\uff1a-\uff20\uff3b-\uff40\uff5b-\uff65\ufeff\ufffd{_ALONE}]"
)
_TOKEN = re.compile(rf"[{_ALONE}]|\d+(?:[.,]\d{{3}})+(?!\w)|{_LETTER}+(?:['’]{_LETTER}+)*")
_INSIDE = re.compile(r"['’.,]")


def tokenize(text: str) -> list[tuple[str, int, int]]:
    """The words of a text in their plain form, with the characters where each stands.

    Case, punctuation, hyphens and apostrophes do not count. In scripts without spaces every letter
    is a word.
    """
    return [(plain(m[0]), m.start(), m.end()) for m in _TOKEN.finditer(text)]


def plain(word: str) -> str:
    folded = word.casefold() if word.isascii() else unicodedata.normalize("NFKC", word).casefold()
    return _INSIDE.sub("", folded)


@dataclass(frozen=True, slots=True)
class Alignment:
    """What `align` found.

    Attributes:
        first, last: for every written word the heard words that it stands for (`last` included);
            -1 where it was not heard.
        similarity: for every written word, 0 to 1: how alike they are; 0 for another word that was
            heard in its place.
        covered: for every heard word, whether it is written.
        moved: for every written word, whether it was heard in another order.
    """

    first: Ints
    last: Ints
    similarity: Floats
    covered: np.ndarray[Any, np.dtype[np.bool_]]
    moved: np.ndarray[Any, np.dtype[np.bool_]]

    def times(self, words: Sequence[str], start: Floats, end: Floats) -> tuple[Floats, Floats]:
        """Seconds of every written word, from those of the heard; NaN where it was not heard.

        Words that together stand for others share their time by their length.
        """
        here = self.first >= 0
        if not here.any():
            return np.full(len(here), np.nan), np.full(len(here), np.nan)
        begin = np.where(here, start[self.first], np.nan)
        finish = np.where(here, end[self.last], np.nan)
        at = 0
        several = np.flatnonzero(here[1:] & here[:-1] & (self.first[1:] == self.first[:-1]))
        for index in several.tolist():
            if index < at:
                continue
            at = index
            while at < len(words) and self.first[at] == self.first[index]:
                at += 1
            sizes = np.cumsum([0] + [len(word) for word in words[index:at]])
            edges = begin[index] + (finish[index] - begin[index]) * sizes / sizes[-1]
            begin[index:at], finish[index:at] = edges[:-1], edges[1:]
        return begin, finish


def align(written: Sequence[str], heard: Sequence[str]) -> Alignment:
    """Join two texts of one speech, word by word. Deterministic."""
    ids: dict[str, int] = {}
    a = np.array([ids.setdefault(word, len(ids)) for word in written], np.int64)
    b = np.array([ids.setdefault(word, len(ids)) for word in heard], np.int64)
    names = list(ids)
    match = np.full(len(a), -1, np.int64)
    for i, j in _between(a, b, names, (0, len(a), 0, len(b)), 0):
        match[i] = j
    moved = _find_moved(a, b, names, match)
    found = np.flatnonzero(match >= 0)
    alike = np.zeros(len(a))
    for i in found.tolist():
        same = a[i] == b[match[i]]
        alike[i] = 1.0 if same else similarity(written[i], heard[match[i]])
    covered = np.zeros(len(b), bool)
    covered[match[found]] = True
    first, last = match, match.copy()
    _join_few(written, heard, (first, last, alike, covered), moved)
    return Alignment(first, last, alike, covered, moved)


Box = tuple[int, int, int, int]


def _between(a: Ints, b: Ints, names: list[str], box: Box, level: int) -> list[tuple[int, int]]:
    """Pairs of words inside a box (start and stop of the one, then of the other), in order."""
    a0, a1, b0, b1 = box
    n, m = a1 - a0, b1 - b0
    if not n or not m:
        return []
    if n * m <= _SMALL:
        return _table(a, b, names, box)
    for depth in range(level, len(_RUNS)):
        pairs = _in_order(*_anchors(a[a0:a1], b[b0:b1], _RUNS[depth]), _RUNS[depth])
        if pairs:
            break
    else:
        return _cut(a, b, names, box)
    out: list[tuple[int, int]] = []
    last_a, last_b = a0, b0
    for i, j in [*((a0 + i, b0 + j) for i, j in pairs), (a1, b1)]:
        if i > last_a and j > last_b:
            out += _between(a, b, names, (last_a, i, last_b, j), depth + 1)
        if i < a1:
            out.append((i, j))
        last_a, last_b = i + 1, j + 1
    return out


def _cut(a: Ints, b: Ints, names: list[str], box: Box) -> list[tuple[int, int]]:
    """Nothing in the box is rare: a table, or as many as it takes, one after another."""
    a0, a1, b0, b1 = box
    n, m = a1 - a0, b1 - b0
    # Pieces of both sides in step: with k of them a table has n*m/k^2 cells.
    pieces = max(1, int(np.ceil(np.sqrt(n * m / MAX_CELLS))))
    if pieces > 1:
        pieces = max(pieces, n * m // (pieces * MAX_CELLS) + 1)
    out: list[tuple[int, int]] = []
    for k in range(pieces):
        part = (
            a0 + n * k // pieces, a0 + n * (k + 1) // pieces,
            b0 + m * k // pieces, b0 + m * (k + 1) // pieces,
        )  # fmt: skip
        out += _table(a, b, names, part)
    return out


def _table(a: Ints, b: Ints, names: list[str], box: Box) -> list[tuple[int, int]]:
    a0, a1, b0, b1 = box
    return [(a0 + i, b0 + j) for i, j in best_path(a[a0:a1], b[b0:b1], names)]


def _runs(ids: Ints, size: int) -> np.ndarray[Any, np.dtype[np.uint64]]:
    """A number for every run of `size` words; equal for equal runs."""
    count = max(0, len(ids) - size + 1)
    total = np.zeros(count, np.uint64)
    for k in range(size):
        total = (total + ids[k : k + count].astype(np.uint64) + np.uint64(1)) * np.uint64(
            0x9E3779B97F4A7C15
        )
        total ^= total >> np.uint64(29)
    return total


def _anchors(a: Ints, b: Ints, size: int) -> tuple[Ints, Ints]:
    """Where the runs begin that each side has exactly once; sorted by the place in `a`."""
    once = []
    for side in (a, b):
        values, index, counts = np.unique(_runs(side, size), return_index=True, return_counts=True)
        once.append((values[counts == 1], index[counts == 1]))
    _, in_a, in_b = np.intersect1d(once[0][0], once[1][0], assume_unique=True, return_indices=True)
    i, j = once[0][1][in_a], once[1][1][in_b]
    order = np.argsort(i)
    i, j = i[order], j[order]
    same = np.ones(len(i), bool)
    for k in range(size):  # two runs might share a number
        same &= a[i + k] == b[j + k]
    return i[same], j[same]


def _in_order(i: Ints, j: Ints, size: int) -> list[tuple[int, int]]:
    """The pairs of words of the runs in the longest chain that goes on in both texts."""
    tops: list[int] = []
    top_at: list[int] = []
    before = [-1] * len(j)
    for at, value in enumerate(j.tolist()):
        pile = bisect_left(tops, value)
        before[at] = top_at[pile - 1] if pile else -1
        if pile == len(tops):
            tops.append(value)
            top_at.append(at)
        else:
            tops[pile], top_at[pile] = value, at
    chain = []
    at = top_at[-1] if top_at else -1
    while at >= 0:
        chain.append(at)
        at = before[at]
    pairs: list[tuple[int, int]] = []
    last_a = last_b = -1
    for at in reversed(chain):
        for k in range(size):
            x, y = int(i[at]) + k, int(j[at]) + k
            if x > last_a and y > last_b:
                pairs.append((x, y))
                last_a, last_b = x, y
    return pairs


def _find_moved(
    a: Ints, b: Ints, names: list[str], match: Ints
) -> np.ndarray[Any, np.dtype[np.bool_]]:
    """Stretches that both have in another order, written into `match`; says which words."""
    moved = np.zeros(len(a), bool)
    for _ in range(3):
        taken = np.zeros(len(b), bool)
        taken[match[match >= 0]] = True
        # What is matched is no part of a run: numbers that nothing else has.
        left_a = np.where(match >= 0, -2 - 2 * np.arange(len(a)), a)
        left_b = np.where(taken, -3 - 2 * np.arange(len(b)), b)
        i, j = _anchors(left_a, left_b, _RUNS[0])
        found = _stretches(i, j, match >= 0, taken)
        before = int((match >= 0).sum())
        for box in found:
            if (match[box[0] : box[1]] >= 0).any() or taken[box[2] : box[3]].any():
                continue
            pairs = _between(a, b, names, box, 0)
            if len(pairs) < _MOVED:
                continue
            for x, y in pairs:
                match[x], taken[y], moved[x] = y, True, True
        if int((match >= 0).sum()) == before:
            break
    return moved


def _stretches(
    i: Ints, j: Ints, match: np.ndarray[Any, Any], taken: np.ndarray[Any, Any]
) -> list[Box]:
    """For every free stretch of `a` that has runs in common with free ones of `b`: the two."""
    # The number of the free stretch that each word is in: counted by the matched words before it.
    stretch_a, stretch_b = np.cumsum(match), np.cumsum(taken)
    counts: dict[tuple[int, int], int] = {}
    for pair in zip(stretch_a[i].tolist(), stretch_b[j].tolist(), strict=True):
        counts[pair] = counts.get(pair, 0) + 1
    best: dict[int, tuple[int, int]] = {}
    for (one, other), count in counts.items():
        if count > best.get(one, (0, 0))[0]:
            best[one] = (count, other)
    out = []
    for one, (_, other) in sorted(best.items()):
        a0, a1 = _free(stretch_a, match, one)
        b0, b1 = _free(stretch_b, taken, other)
        out.append((a0, a1, b0, b1))
    return out


def _free(stretch: Ints, used: np.ndarray[Any, Any], number: int) -> tuple[int, int]:
    start = int(np.searchsorted(stretch, number, "left"))
    stop = int(np.searchsorted(stretch, number, "right"))
    return start + int(used[start]), stop


def _join_few(
    written: Sequence[str],
    heard: Sequence[str],
    into: tuple[Ints, Ints, Floats, np.ndarray[Any, Any]],
    moved: np.ndarray[Any, Any],
) -> None:
    """Between two words that agree, a few written ones stand for a few heard ones.

    "28J" and "twenty eight J", "anyone" and "any one", a name that was misheard.
    """
    first, last, alike, covered = into
    place = first.copy()
    found = np.flatnonzero(first >= 0)
    left, right = found[:-1], found[1:]
    n, m = right - left - 1, place[right] - place[left] - 1
    for at in np.flatnonzero((n > 0) & (n <= _FEW) & (m > 0) & (m <= _SEVERAL)).tolist():
        a0, a1 = int(left[at]) + 1, int(right[at])
        b0, b1 = int(place[left[at]]) + 1, int(place[right[at]])
        if moved[left[at]] != moved[right[at]] or covered[b0:b1].any():
            continue  # a stretch that was moved there, or its edge
        moved[a0:a1] = moved[left[at]]
        ours, theirs = "".join(written[a0:a1]), "".join(heard[b0:b1])
        degree = similarity(ours, theirs)
        if _has_digit(ours) != _has_digit(theirs):
            # A number in figures and one in words share no letter.
            degree = max(degree, ALIKE)
        first[a0:a1], last[a0:a1] = b0, b1 - 1
        if degree >= ALIKE:  # any two strings of that length have some letters in common
            alike[a0:a1] = degree
            covered[b0:b1] = True


def _has_digit(text: str) -> bool:
    return any(character.isdigit() for character in text)
