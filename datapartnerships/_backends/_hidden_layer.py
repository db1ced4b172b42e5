"""Whether the text of a PDF page lies hidden on or under the picture of it, as OCR leaves it."""

from __future__ import annotations

import ctypes
from collections.abc import Iterator
from typing import Any

import pypdfium2.raw as raw

# Objects that are looked at from either end of a page, and of a form on it: a scan has its picture,
# or the strips of it, first or last, and a stamp that was put over it. Of typed pages no more is
# looked at either, which keeps them quick.
_ENDS = 8
# Strips of a picture are at least so much of the page; a seal or a logo is less.
_PICTURE = 0.02


def hidden_by_image(page: Any) -> float:
    """The share of the page that its pictures cover, where text is invisible or painted over.

    0.0 where what can be seen is the text itself, with or without a picture behind it.
    """
    width, height = page.get_size()
    area, under, hidden = 0.0, False, False
    edges = tuple(ctypes.c_float() for _ in range(4))
    addresses = [ctypes.byref(edge) for edge in edges]
    for item, kind in _objects(page.raw, raw.FPDFPage_CountObjects, raw.FPDFPage_GetObject):
        if kind == raw.FPDF_PAGEOBJ_TEXT:
            under = True
            hidden |= raw.FPDFTextObj_GetTextRenderMode(item) == raw.FPDF_TEXTRENDERMODE_INVISIBLE
        elif kind == raw.FPDF_PAGEOBJ_IMAGE:
            raw.FPDFPageObj_GetBounds(item, *addresses)
            left, bottom, right, top = (edge.value for edge in edges)
            across = max(0.0, min(right, width) - max(left, 0.0))
            covered = across * max(0.0, min(top, height) - max(bottom, 0.0))
            hidden |= under and covered > _PICTURE * width * height
            area += covered
    return min(1.0, area / (width * height)) if hidden and area else 0.0


def _objects(holder: Any, count: Any, get: Any, depth: int = 2) -> Iterator[tuple[Any, int]]:
    """Objects near both ends, in the order in which they are painted; all of a row of pictures."""
    total = count(holder)
    first = last = 0
    front: list[tuple[Any, int]] = []
    back: list[tuple[Any, int]] = []
    place = 0
    while place < total and first < _ENDS:
        front.append(_kind(get(holder, place)))
        first += front[-1][1] != raw.FPDF_PAGEOBJ_IMAGE
        place += 1
    end = total
    while end > place and last < _ENDS:
        end -= 1
        back.append(_kind(get(holder, end)))
        last += back[-1][1] != raw.FPDF_PAGEOBJ_IMAGE
    for item, kind in (*front, *reversed(back)):
        if kind == raw.FPDF_PAGEOBJ_FORM and depth:
            yield from _objects(
                item, raw.FPDFFormObj_CountObjects, raw.FPDFFormObj_GetObject, depth - 1
            )
        else:
            yield item, kind


def _kind(item: Any) -> tuple[Any, int]:
    return item, raw.FPDFPageObj_GetType(item)
