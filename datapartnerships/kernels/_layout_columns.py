"""Runs to columns and tables: the geometry under `layout`."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import reduce
from itertools import zip_longest
from math import inf
from operator import itemgetter
from statistics import median

from datapartnerships.kernels._layout_runs import Piece, Run, append

# In ems (the size of the type): what a gutter has at least, and how wide the lines of a column of
# prose are at least.
GUTTER, PROSE = 0.9, 9.0
# What a gutter that only one line shows has at least.
LONE_GUTTER = 2.0
# A blank over all columns that is higher than this ends them, in ems.
BLANK = 3.5
LABEL = re.compile(r"[(\[]?(?:\d{1,3}|[A-Za-z]|[ivxlcIVXLC]{1,5})[.)\]:]*|[•▪◦●‣■–—*-]|[*†‡§¶]+")
MAX_DEPTH = 8
# So many lines from edge to edge in each of two columns are prose, and no cells of a table.
MIN_FULL_LINES = 6
# Drawn down the middle of a caption in place of a rule.
_RULES = frozenset({")", "(", "§", "|", ":", "*", ")(", "}", "{", "/"})
MIN_RULE = 4


@dataclass(slots=True)
class Region:
    """A part of the page that is read as one: lines, or the rows of a table."""

    lines: list[Run] = field(default_factory=list)
    rows: list[list[list[Run]]] = field(default_factory=list)

    @property
    def table(self) -> bool:
        return bool(self.rows)


@dataclass(slots=True)
class Rule:
    """Brackets one below the other: what they part are columns."""

    marks: list[Piece]

    @property
    def left(self) -> float:
        return min(mark.left for mark in self.marks)

    def within(self, gap: Gap, group: Sequence[Band]) -> bool:
        return gap[0] <= self.left + 0.1 <= gap[1] and any(
            group[0].top <= mark.bottom and mark.top <= group[-1].bottom for mark in self.marks
        )


def rules(pieces: Sequence[Piece]) -> list[Rule]:
    """The rules that are drawn with brackets, at least `MIN_RULE` of one kind below each other.

    A mark with a word right behind it, as in ``§ 12``, is text.
    """
    found: list[Rule] = []
    for piece, behind in zip_longest(pieces, pieces[1:]):
        if piece.text not in _RULES or (behind is not None and _begins(piece, behind)):
            continue
        for rule in found:
            mark = rule.marks[0]
            if mark.text == piece.text and abs(mark.left - piece.left) < 0.4 * piece.size:
                rule.marks.append(piece)
                break
        else:
            found.append(Rule([piece]))
    return [rule for rule in found if len(rule.marks) >= MIN_RULE]


def _begins(mark: Piece, word: Piece) -> bool:
    level = min(mark.bottom, word.bottom) > max(mark.top, word.top)
    return level and 0 <= word.left - mark.right < 0.6 * mark.size


# ---------------------------------------------------------------------------------- columns

Gap = tuple[float, float]


@dataclass(slots=True)
class Band:
    """What stands at one height; `free` is where nothing of it does, the outer sides too."""

    runs: list[Run]
    top: float
    bottom: float
    free: list[Gap]


Split = Region | list[list[Run]] | None


def regions(found: Sequence[Run], height: float, drawn: Sequence[Rule] = ()) -> list[Region]:
    """Regions in reading order; `drawn` are the rules. Heads and feet of the page stand alone."""
    if not found:
        return []
    em = median(run.size for run in found)
    rows = bands(found, em)
    head: list[Band] = []
    foot: list[Band] = []
    if len(rows) > 2 and _apart(rows[0], rows[1], rows[2], em) and rows[0].bottom < 0.12 * height:
        head = [rows.pop(0)]
    if len(rows) > 2 and _apart(rows[-1], rows[-2], rows[-3], em) and rows[-1].top > 0.88 * height:
        foot = [rows.pop()]
    parts = [Region(lines=lines_of(row.runs)) for row in head]
    parts += _order(rows, em, 0, drawn)
    return [*parts, *(Region(lines=lines_of(row.runs)) for row in foot)]


def _apart(edge: Band, near: Band, far: Band, em: float) -> bool:
    """The outermost band is farther from its neighbor than that one from the next."""
    return _between(edge, near) > 0.4 * em + 1.3 * max(0.0, _between(near, far))


def _between(one: Band, other: Band) -> float:
    return max(one.top, other.top) - min(one.bottom, other.bottom)


def bands(found: Sequence[Run], em: float) -> list[Band]:
    """Runs by height: what overlaps at its middle is one band, from above to below."""
    result: list[list[Run]] = []
    end = -inf
    for top, bottom, run in sorted(map(_core, found), key=itemgetter(0, 1)):
        if top < end:
            result[-1].append(run)
            if bottom > end:
                end = bottom
        else:
            result.append([run])
            end = bottom
    return [_band(band, em) for band in result]


def _band(found: list[Run], em: float) -> Band:
    if len(found) > 1:
        return Band(found, *_height(found), _free(found, em))
    run = found[0]
    return Band(found, run.top, run.bottom, [(-inf, run.left), (run.right, inf)])


def _height(found: Sequence[Run]) -> Gap:
    return min(run.top for run in found), max(run.bottom for run in found)


def _core(run: Run) -> tuple[float, float, Run]:
    middle = (run.top + run.bottom) / 2
    high, usual = run.bottom - run.top, 1.4 * run.size
    half = 0.25 * (usual if usual < high else high)
    return middle - half, middle + half, run


def lines_of(band: Sequence[Run]) -> list[Run]:
    """The lines of a band, each of its runs from left to right."""
    if len(band) == 1:
        return [band[0]]
    lines: list[list[Run]] = []
    for run in sorted(band, key=lambda run: run.middle):
        if lines and run.middle - lines[-1][0].middle < 0.4 * min(run.size, lines[-1][0].size):
            lines[-1].append(run)
        else:
            lines.append([run])
    return [_line(sorted(line, key=lambda run: run.left)) for line in lines]


def _line(parts: Sequence[Run]) -> Run:
    if len(parts) == 1:
        return parts[0]
    first = parts[0]
    line = Run(
        first.text, first.left, first.top, first.right, first.bottom, first.size, first.heavy,
        first.counted, first.sure, first.second, first.places[:],
    )  # fmt: skip
    for part in parts[1:]:
        append(line, part)
        line.heavy += part.heavy
        line.counted += part.counted
        line.sure += part.sure
        line.places += part.places
    return line


def _order(rows: Sequence[Band], em: float, depth: int, drawn: Sequence[Rule]) -> list[Region]:
    parts: list[Region] = []
    trimmed = (part for whole in _groups(rows, em) for part in _trimmed(*whole, em, drawn))
    for group, split in trimmed:
        if depth >= MAX_DEPTH:
            split = None
        if isinstance(split, Region):
            parts.append(split)
        elif split is not None:
            for column in split:
                parts += _order(bands(column, em), em, depth + 1, drawn)
            parts.append(Region())  # what follows columns is no part of the last of them
        else:
            lines = [line for band in group for line in lines_of(band.runs)]
            if parts and parts[-1].lines:
                parts[-1].lines += lines  # one flow, cut only by the search for gutters
            else:
                parts.append(Region(lines=lines))
    return [part for part in parts if part.lines or part.rows]


def _groups(rows: Sequence[Band], em: float) -> Iterator[tuple[list[Band], list[Gap]]]:
    """Bands one below the other that leave a common gutter free, or have none; what all do."""
    group: list[Band] = []
    free: list[Gap] = []
    for band in rows:
        gaps = band.free
        if group and _between(group[-1], band) <= BLANK * em:
            shared = _intersect(free, gaps, em)
            # The first and the last gap are those beside the text.
            if len(shared) > 2 or not (len(free) > 2 or len(gaps) > 2):
                group.append(band)
                free = shared
                continue
        if group:
            yield group, free
        group, free = [band], gaps
    if group:
        yield group, free


def _trimmed(
    group: list[Band], free: Sequence[Gap], em: float, drawn: Sequence[Rule]
) -> Iterator[tuple[list[Band], Split]]:
    """A group that is no columns, cut into the lines before, what may be a table, and those after.

    Short lines leave the gutters of a table below them free too. Each part comes with its split.
    """
    split = _split(group, free, em, drawn)
    if split is not None:
        yield group, split
        return
    wide = [place for place, band in enumerate(group) if len(band.free) > 2]
    if not wide or (start := wide[0], stop := wide[-1] + 1) == (0, len(group)):
        yield group, split
        return
    for part in (group[:start], group[start:stop], group[stop:]):
        if part:
            yield part, _split(part, _shared(part, em), em, drawn)


def _free(band: Sequence[Run], em: float) -> list[Gap]:
    """Where nothing of it stands, left to right, the outer sides too."""
    gaps: list[Gap] = []
    edge = -inf
    for left, right in sorted((run.left, run.right) for run in band):
        if left - edge >= GUTTER * em:
            gaps.append((edge, left))
        edge = max(edge, right)
    return [*gaps, (edge, inf)]


def _intersect(one: Sequence[Gap], other: Sequence[Gap], em: float) -> list[Gap]:
    """What is free in both, from left to right, where it is wide enough."""
    least = GUTTER * em
    if len(one) == 2 == len(other):
        # A line and a line: free are the sides, and what is between them where they are apart.
        (_, a), (b, _) = one
        (_, c), (d, _) = other
        between = (b, c) if a < c else (d, a)
        sides = (-inf, a if a < c else c), (b if b > d else d, inf)
        if between[1] - between[0] < least:
            return [*sides]
        return [sides[0], between, sides[1]]
    both: list[Gap] = []
    i = j = 0
    while i < len(one) and j < len(other):
        (a, b), (c, d) = one[i], other[j]
        start, end = (a if a > c else c), (b if b < d else d)
        if end - start >= least:
            both.append((start, end))
        if b < d:
            i += 1
        else:
            j += 1
    return both


def _shared(group: Sequence[Band], em: float) -> Sequence[Gap]:
    """What all of them leave free."""
    return reduce(lambda free, band: _intersect(free, band.free, em), group[1:], group[0].free)


def _split(group: Sequence[Band], free: Sequence[Gap], em: float, drawn: Sequence[Rule]) -> Split:
    """The columns of a group or the table it is; None where it is to be read line by line.

    `free` is what all of the group leave free.
    """
    # Without those beside the text. In a line alone, a mark at the end of a sentence widens a gap.
    least = LONE_GUTTER * em if len(group) == 1 else 0.0
    gutters = [gap for gap in free[1:-1] if gap[1] - gap[0] > least]
    if not gutters:
        return None
    everything = [run for band in group for run in band.runs]
    ruled = [gap for gap in gutters if any(rule.within(gap, group) for rule in drawn)]
    if ruled:
        return _columns(everything, ruled)
    # The numbers of a list are no column.
    parts = _columns(everything, gutters)
    kept = [gap for gap, part in zip(gutters, parts, strict=False) if not _is_labels(part)]
    if kept != gutters:
        parts = _columns(everything, kept)
    if len(parts) < 2:
        return None
    column = {id(run): place for place, part in enumerate(parts) for run in part}
    widths = [median((run.right - run.left) / em for run in part) for part in parts]
    shared = sum(len({column[id(run)] for run in band.runs}) > 1 for band in group)
    filled = [_widest(part, em) for part in parts]
    if min(widths) >= PROSE and (
        min(map(len, parts)) >= 3 or min(filled) >= max(2 * PROSE, 0.85 * max(filled))
    ):
        return parts if _side_by_side(parts, 0.2) or min(filled) > 0.7 * max(filled) else None
    if min(filled) >= 2 * PROSE and min(map(_full_lines, parts)) >= MIN_FULL_LINES:
        return parts  # with tables or figures in them
    if shared >= 3 and shared >= 0.6 * len(group):
        return Region(rows=_rows(group, parts, column))
    apart = min(map(len, parts)) > 1 and shared < 0.6 * len(group) and min(filled) >= 6
    return parts if apart and _side_by_side(parts, 0.5) else None


def _is_labels(part: Sequence[Run]) -> bool:
    return all(LABEL.fullmatch(run.text) for run in part)


def _widest(part: Sequence[Run], em: float) -> float:
    return max((run.right - run.left) / em for run in part)


def _full_lines(part: Sequence[Run]) -> int:
    """How many lines are about as wide as the widest."""
    widths = [run.right - run.left for run in part]
    return sum(width > 0.85 * max(widths) for width in widths)


def _side_by_side(parts: Sequence[Sequence[Run]], least: float) -> bool:
    """The shortest is at least this share of the height of the highest."""
    heights = [bottom - top for top, bottom in map(_height, parts)]
    return min(heights) >= least * max(heights)


def _columns(found: Sequence[Run], gutters: Sequence[Gap]) -> list[list[Run]]:
    parts: list[list[Run]] = [[] for _ in range(len(gutters) + 1)]
    edges = [gap[1] - 1e-6 for gap in gutters]
    for run in found:
        parts[bisect_right(edges, run.left)].append(run)
    return [part for part in parts if part]


def _rows(
    group: Sequence[Band], parts: Sequence[Sequence[Run]], column: Mapping[int, int]
) -> list[list[list[Run]]]:
    rows = []
    for band in group:
        row: list[list[Run]] = [[] for _ in parts]
        for run in sorted(band.runs, key=lambda run: (run.middle, run.left)):
            row[column[id(run)]].append(run)
        rows.append(row)
    return rows
