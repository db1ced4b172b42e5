"""What looks like a redaction on a PDF page: bars, marks for redaction, boxes over a scan."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import numpy as np
import pypdfium2.raw as raw

from datapartnerships._backends import _redaction_objects as objects
from datapartnerships._backends._page_frame import Box
from datapartnerships._backends._redaction_pixels import Ground, as_array
from datapartnerships.kernels.redactions import REDACTED, Finding, size

if TYPE_CHECKING:
    from datapartnerships._backends._redaction_page import Look

# Points, of a bar that may be a redaction, and shares of the page at most: what is lower is a rule,
# what is wider a band, what is higher than wide a bar of a chart.
_WIDE, _HIGH = 12.0, 8.5
_SHARE, _BAND = 0.4, 0.9
_MANY = 2000
# Of the page, pictures that are a scan of it; and gray levels where they have letters.
_SCAN = 0.5
_LETTERS = 25.0
# Letters and digits; fewer are touched by the edge of a mark.
_FEW = 2
# PDFium draws these only as the file draws them; other programs fill them.
_FILLED = (raw.FPDF_ANNOT_FREETEXT, raw.FPDF_ANNOT_POLYGON, raw.FPDF_ANNOT_LINE)


def find_bars(page: Look) -> Iterator[tuple[Box, int]]:
    """Dark boxes with nothing written on them, and their place in the order of painting."""
    left, bottom, right, top = page.page.get_bbox()
    most = (_BAND * (right - left), _SHARE * (right - left) * (top - bottom))
    last = len(page.items)
    painted = [(page.items[order].box, order) for order in page.covers]
    laid = [(part, last) for item in page.annotations if item.covers for part in item.parts]
    candidates = [(box, order) for box, order in [*painted, *laid] if _is_bar(box, most)][:_MANY]
    boxes = as_array([box for box, _ in candidates])
    dark = page.ground.dark(page.canvas.edges(boxes, shrink=3)).tolist()
    for (box, order), is_dark in zip(candidates, dark, strict=True):
        if is_dark:
            seen = page.text_of(np.flatnonzero(page.within(box) & page.seen()))
            if not seen or REDACTED.search(seen):
                yield box, order


def _is_bar(box: Box, most: tuple[float, float]) -> bool:
    width, height = box[2] - box[0], box[3] - box[1]
    small = width <= most[0] and width * height <= most[1]
    return small and width >= max(_WIDE, height) and height >= _HIGH


def marked(page: Look) -> Iterator[Finding]:
    """Text under marks for redaction, and under filled annotations that PDFium leaves out."""
    for annotation in page.annotations:
        if annotation.subtype == raw.FPDF_ANNOT_REDACT:
            kind = "unapplied_redaction"
        elif annotation.background and annotation.subtype in _FILLED:
            kind = "annotation"
        else:
            continue
        for part in annotation.parts:
            found = np.flatnonzero(page.within(part) & page.letters & (page.kind == ""))
            text = page.text_of(found)
            if size(text) >= _FEW:
                yield Finding(kind, page.number, page.place_of(found), size(text), True, text)


def covered_scans(page: Look, bars: Sequence[tuple[Box, int]]) -> Iterator[Finding]:
    """Bars that were laid over a scan of the page, and not put into it."""
    if not bars or page.picture_share() < _SCAN:
        return
    places = {order for _, order in bars}
    gone = places | set(page.texts)
    handles = [item.handle for order, item in enumerate(page.items) if order in gone]
    objects.set_active(handles, False)
    bare = page.canvas.picture(annotations=len(page.items) not in places)
    objects.set_active(handles, True)
    boxes = as_array([box for box, _ in bars])
    _, spread = Ground(bare).mean_and_spread(page.canvas.edges(boxes, shrink=1))
    for share, letters in zip(page.canvas.shares(boxes).tolist(), spread.tolist(), strict=True):
        if letters > _LETTERS:
            yield Finding("covered_scan", page.number, tuple(share))
