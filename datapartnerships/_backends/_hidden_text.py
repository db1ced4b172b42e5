"""The glyphs of a PDF page that nobody sees: off the page, or drawn a second time at one place."""

from __future__ import annotations

import ctypes
import re
from typing import Any

import pypdfium2 as pdfium
import pypdfium2.raw as raw

from datapartnerships._backends._page_frame import Box

# Glyphs drawn again at one place before they count as a second layer and not as a ligature.
MIN_REPEATED = 8
_WORD = re.compile(r"\S+")
_AT_DOUBLE = ctypes.POINTER(ctypes.c_double)


def visible(textpage: Any, box: Box) -> list[bool] | None:
    """Glyph by glyph, whether it can be seen; None where all can."""
    off, twice = _hidden(textpage, box)
    if twice:
        return _drawn_once(textpage, box)
    return _on_page(textpage, box) if off else None


def _hidden(textpage: Any, box: Box) -> tuple[bool, bool]:
    """Whether some line lies off the page, or two lines of glyphs at one and the same place."""
    off = False
    seen: set[tuple[int, ...]] = set()
    handle, edges = textpage.raw, (ctypes.c_double * 4)()
    at_left, at_top, at_right, at_bottom = _addresses(edges)
    for index in range(textpage.count_rects()):
        raw.FPDFText_GetRect(handle, index, at_left, at_top, at_right, at_bottom)
        left, top, right, bottom = edges
        if right < box[0] or left > box[2] or top < box[1] or bottom > box[3]:
            off = True
        place = round(left), round(top), round(right), round(bottom)
        if place in seen and right - left > 2 * (top - bottom):
            return off, True
        seen.add(place)
    return off, False


def _on_page(textpage: Any, box: Box) -> list[bool]:
    """False for what is off the page; of a word the ends are looked at."""
    text: str = textpage.get_text_range()
    if len(text) != textpage.count_chars():
        return _drawn_once(textpage, box)
    keep = [True] * len(text)
    handle, edges = textpage.raw, (ctypes.c_double * 4)()
    at_left, at_right, at_bottom, at_top = _addresses(edges)

    def on_page(index: int) -> bool:
        raw.FPDFText_GetCharBox(handle, index, at_left, at_right, at_bottom, at_top)
        left, right, bottom, top = edges
        return not (right < box[0] or left > box[2] or top < box[1] or bottom > box[3])

    end = 0
    for match in _WORD.finditer(text):
        start, after = match.span()
        if end and not keep[end - 1]:
            keep[end:start] = [False] * (start - end)
        end = after
        if (first := on_page(start)) != on_page(end - 1):
            keep[start:end] = map(on_page, range(start, end))
        elif not first:
            keep[start:end] = [False] * (end - start)
    if end and not keep[end - 1]:
        keep[end:] = [False] * (len(text) - end)
    return keep


def _addresses(edges: Any) -> list[Any]:
    return [ctypes.cast(ctypes.byref(edges, 8 * i), _AT_DOUBLE) for i in range(4)]


def _drawn_once(textpage: Any, box: Box) -> list[bool]:
    """Glyph by glyph: false for what is off the page and what is drawn a second time."""
    count = textpage.count_chars()
    keep = [True] * count
    seen: set[tuple[int, int, int]] = set()
    repeated: list[int] = []
    handle, edges = textpage.raw, (ctypes.c_double * 4)()
    at_left, at_right, at_bottom, at_top = _addresses(edges)
    code_of, is_generated = raw.FPDFText_GetUnicode, raw.FPDFText_IsGenerated
    char_box = raw.FPDFText_GetCharBox
    for index in range(count):
        code = code_of(handle, index)
        if code <= 32 or is_generated(handle, index):
            # Spaces and line ends that PDFium adds go where the glyph before them goes.
            keep[index] = keep[index - 1] if index else True
            if repeated:
                repeated.append(index)
            continue
        if not char_box(handle, index, at_left, at_right, at_bottom, at_top):
            raise pdfium.PdfiumError("a glyph has no box")
        left, right, bottom, top = edges
        place = (code, round(left), round(bottom))
        if right < box[0] or left > box[2] or top < box[1] or bottom > box[3]:
            keep[index] = False
        elif place in seen:
            repeated.append(index)
            continue
        seen.add(place)
        if repeated:
            _drop_layer(repeated, keep)
    _drop_layer(repeated, keep)
    return keep


def _drop_layer(repeated: list[int], keep: list[bool]) -> None:
    if len(repeated) >= MIN_REPEATED:
        for index in repeated:
            keep[index] = False
    repeated.clear()
