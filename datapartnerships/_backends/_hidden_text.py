"""The glyphs of a PDF page that nobody sees: off the page, or drawn a second time at one place."""

from __future__ import annotations

import numpy as np

from datapartnerships._backends._glyphs import Flags, Floats, Glyphs
from datapartnerships._backends._page_frame import Box

# Glyphs drawn again at one place before they count as a second layer and not as a ligature.
MIN_REPEATED = 8
# So many glyphs are asked for one by one.
FEW = 64
_MIX = np.array([1.0, 3.3, 7.7, 19.1])


@np.errstate(all="ignore")
def visible(glyphs: Glyphs, box: Box) -> Flags | None:
    """Glyph by glyph, whether it can be seen; None where all can."""
    lines = glyphs.lines(0, glyphs.count)
    if _repeated(lines):
        return _drawn_once(glyphs, box)
    if _touches(lines, box).all():
        return None
    keep = np.ones(glyphs.count, bool)
    _drop_outside(glyphs, box, 0, glyphs.count, keep)
    # Spaces and line ends that PDFium adds go where the glyph before them goes.
    for glyph in (np.flatnonzero(keep[1:] != keep[:-1]) + 1).tolist():
        while glyph < glyphs.count and glyphs.is_generated(glyph):
            keep[glyph] = keep[glyph - 1]
            glyph += 1
    return keep


def _repeated(lines: Floats) -> bool:
    """Whether two lines of glyphs stand at one and the same place."""
    left, bottom, right, top = lines.T
    wide = np.rint(lines[right - left > 2 * (top - bottom)])
    # Those at one place have one sum.
    if len(np.unique((wide * _MIX).sum(axis=1))) == len(wide):
        return False
    return len(set(map(tuple, wide.tolist()))) < len(wide)


def _touches(boxes: Floats, box: Box) -> Flags:
    """Whether they are on the page, at least in part."""
    left, bottom, right, top = boxes.T
    off: Flags = (right < box[0]) | (left > box[2]) | (top < box[1]) | (bottom > box[3])
    return ~off


def _drop_outside(glyphs: Glyphs, box: Box, start: int, count: int, keep: Flags) -> None:
    """Set false what is off the page. Mostly few lines are: halves without one are passed over."""
    lines = glyphs.lines(start, count)
    if (lines[:, :2] >= box[:2]).all() and (lines[:, 2:] <= box[2:]).all():
        return
    if count <= FEW:
        stop = start + count
        keep[start:stop] = _touches(glyphs.boxes(range(start, stop)), box)
        return
    half = count // 2
    _drop_outside(glyphs, box, start, half, keep)
    _drop_outside(glyphs, box, start + half, count - half, keep)


def _drawn_once(glyphs: Glyphs, box: Box) -> Flags:
    """Glyph by glyph: false for what is off the page and what is drawn a second time."""
    boxes = glyphs.boxes(range(glyphs.count))
    inside = _touches(boxes, box).tolist()
    corners = np.rint(boxes[:, :2]).tolist()
    keep = [True] * glyphs.count
    seen: set[tuple[int, float, float]] = set()
    repeated: list[int] = []
    for index, code in enumerate(glyphs.codes_of_glyphs()):
        if code <= 32 or glyphs.is_generated(index):
            keep[index] = keep[index - 1] if index else True
            if repeated:
                repeated.append(index)
            continue
        place = (code, *corners[index])
        if not inside[index]:
            keep[index] = False
        elif place in seen:
            repeated.append(index)
            continue
        seen.add(place)
        if repeated:
            _drop_layer(repeated, keep)
    _drop_layer(repeated, keep)
    return np.array(keep, bool)


def _drop_layer(repeated: list[int], keep: list[bool]) -> None:
    if len(repeated) >= MIN_REPEATED:
        for index in repeated:
            keep[index] = False
    repeated.clear()
