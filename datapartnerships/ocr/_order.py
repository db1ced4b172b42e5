"""Reading order: rows of words to columns, lines and paragraphs. Pure functions.

Columns are cut as in the XY-cut (Nagy and Seth 1984), with one change: what runs across a gutter
(a title, a running head) parts the page into bands instead of hiding the gutter.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby, pairwise
from statistics import median

from datapartnerships.ocr._values import Line

# Of a column: rows, and heights of a letter that its rows are wide. Numbers in a margin and the
# cells of a table are less, and are read along the row.
_MIN_ROWS = 3
_MIN_WIDTH = 6.0
# Of the words of a region, how many may run across a gutter.
_MAX_CROSSING = 0.2


def paragraphs(runs: Sequence[Line]) -> list[list[Line]]:
    """What an engine read (unordered, level) as paragraphs of lines, in reading order.

    A run is what the engine takes for one line: all of a line of print, or a part of it.
    """
    found: list[list[Line]] = []
    if not runs:
        return found
    height = median(_height(run) for run in runs)
    for column in _columns([part for run in runs for part in _parts(run)], height):
        found += _paragraphs(_lines(column))
    return found


def _parts(run: Line) -> Iterator[Line]:
    """A run that an engine led across a gutter, cut at its wide spaces; `_lines` joins the rest."""
    begin = 0
    wide = 1.5 * _height(run)
    for place in range(1, len(run.words)):
        if run.words[place].box[0] - run.words[place - 1].box[2] > wide:
            yield Line.of(run.words[begin:place])
            begin = place
    yield Line.of(run.words[begin:])


def _height(item: Line) -> float:
    return max(item.box[3] - item.box[1], 1.0)


def _middle(item: Line) -> float:
    return (item.box[1] + item.box[3]) / 2


def _columns(runs: list[Line], height: float, depth: int = 0) -> Iterator[list[Line]]:
    gutter = _gutter(runs, height) if depth < 8 else None
    if gutter is None:
        yield runs
        return
    across = [run for run in runs if run.box[0] < gutter < run.box[2]]
    cuts = sorted(_middle(run) for run in across)

    def band(run: Line) -> int:
        return 2 * sum(cut < _middle(run) for cut in cuts)

    ids = {id(run) for run in across}
    # Lines across the gutter that follow each other are one band; so are columns between two.
    keyed = [(band(run) + (id(run) in ids), run) for run in runs]
    keyed.sort(key=lambda pair: (pair[0], _middle(pair[1])))
    for is_across, group in groupby(_grouped(keyed), key=lambda pair: pair[0]):
        part = [run for _, more in group for run in more]
        if is_across:
            yield part
        else:
            for side in (
                [run for run in part if run.box[2] <= gutter],
                [run for run in part if run.box[0] >= gutter],
            ):
                if side:
                    yield from _columns(side, height, depth + 1)


def _grouped(keyed: list[tuple[int, Line]]) -> Iterator[tuple[bool, list[Line]]]:
    for key, group in groupby(keyed, key=lambda pair: pair[0]):
        yield bool(key % 2), [run for _, run in group]


def _gutter(runs: list[Line], height: float) -> float | None:
    """Where two columns of text part, if they do: the place that the fewest runs cross."""
    if len(runs) < 2 * _MIN_ROWS:
        return None
    best: tuple[int, float] | None = None
    start, stop = min(w.box[0] for w in runs), max(w.box[2] for w in runs)
    most = int(_MAX_CROSSING * len(runs))
    # A gutter lies right after some run ends.
    for place in sorted({run.box[2] + 0.3 * height for run in runs}):
        if not start < place < stop:
            continue
        across = sum(run.box[0] < place < run.box[2] for run in runs)
        if across > most or (best is not None and across >= best[0]):
            continue
        left = [run for run in runs if run.box[2] <= place]
        right = [run for run in runs if run.box[0] >= place]
        if _is_column(left, height) and _is_column(right, height) and _beside(left, right, height):
            best = (across, place)
    return best[1] if best else None


def _is_column(runs: list[Line], height: float) -> bool:
    rows = _lines(runs)
    if len(rows) < _MIN_ROWS:
        return False
    return median(row.box[2] - row.box[0] for row in rows) >= _MIN_WIDTH * height


def _beside(left: list[Line], right: list[Line], height: float) -> bool:
    """Apart by more than a space, and over half of the lower one's height side by side."""
    if min(run.box[0] for run in right) - max(run.box[2] for run in left) < 0.5 * height:
        return False
    top = max(min(w.box[1] for w in side) for side in (left, right))
    bottom = min(max(w.box[3] for w in side) for side in (left, right))
    lower = min(max(w.box[3] for w in side) - min(w.box[1] for w in side) for side in (left, right))
    return bottom - top > 0.5 * lower


def _lines(runs: Sequence[Line]) -> list[Line]:
    """Lines whose middles lie within half a letter's height of each other stand on one line."""
    rows: list[list[Line]] = []
    for run in sorted(runs, key=lambda w: (_middle(w), w.box[0])):
        if rows and _same_row(rows[-1], run):
            rows[-1].append(run)
        else:
            rows.append([run])
    return [Line.of(word for run in row for word in run.words) for row in rows]


def _same_row(row: list[Line], run: Line) -> bool:
    tallest = max(row, key=_height)
    near = abs(_middle(tallest) - _middle(run)) < 0.5 * max(_height(tallest), _height(run))
    # Two runs one above the other are two lines, however near.
    return near and all(_overlap(other, run) < 0.5 for other in row)


def _overlap(a: Line, b: Line) -> float:
    """Shared width, as a share of the narrower one."""
    shared = min(a.box[2], b.box[2]) - max(a.box[0], b.box[0])
    return shared / max(min(a.box[2] - a.box[0], b.box[2] - b.box[0]), 1.0)


def _paragraphs(lines: list[Line]) -> list[list[Line]]:
    """A paragraph begins after a gap, with a first line set in, or where the type changes size."""
    steps = [_middle(b) - _middle(a) for a, b in pairwise(lines)]
    usual = median(steps) if steps else 0.0
    found: list[list[Line]] = []
    for place, line in enumerate(lines):
        if place == 0 or steps[place - 1] > 1.4 * usual or _begins(lines, place):
            found.append([])
        found[-1].append(line)
    return found


def _begins(lines: list[Line], place: int) -> bool:
    line, before = lines[place], lines[place - 1]
    letter = min(_height(line), _height(before))
    if max(_height(line), _height(before)) > 1.6 * letter:
        return True
    after = lines[place + 1] if place + 1 < len(lines) else before
    indents = [line.box[0] - other.box[0] for other in (before, after)]
    if not all(0.6 * letter <= indent <= 4 * letter for indent in indents):
        return False
    # As far from the right as from the left: a line of a centered text.
    return abs(indents[0] - (before.box[2] - line.box[2])) > 0.6 * letter
