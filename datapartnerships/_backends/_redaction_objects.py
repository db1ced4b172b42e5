"""What a PDF page is painted with, in the order of painting, and what lies over it."""

from __future__ import annotations

import ctypes
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
import pypdfium2.raw as raw

from datapartnerships._backends._glyphs import Floats
from datapartnerships._backends._page_frame import Box

# Objects of a page; one with more is no page that anyone reads.
MAX_OBJECTS = 300_000
_DEPTH = 8
# Points: what is thinner than this is a rule, and covers no letters.
_THIN = 3.0
_OPAQUE = 200
_COVERING = frozenset(
    {
        raw.FPDF_ANNOT_FREETEXT,
        raw.FPDF_ANNOT_LINE,
        raw.FPDF_ANNOT_SQUARE,
        raw.FPDF_ANNOT_CIRCLE,
        raw.FPDF_ANNOT_POLYGON,
        raw.FPDF_ANNOT_POLYLINE,
        raw.FPDF_ANNOT_HIGHLIGHT,
        raw.FPDF_ANNOT_UNDERLINE,
        raw.FPDF_ANNOT_SQUIGGLY,
        raw.FPDF_ANNOT_STRIKEOUT,
        raw.FPDF_ANNOT_STAMP,
        raw.FPDF_ANNOT_INK,
        raw.FPDF_ANNOT_WIDGET,
        raw.FPDF_ANNOT_WATERMARK,
    }
)
_MARKS = (
    raw.FPDF_ANNOT_TEXT,
    raw.FPDF_ANNOT_POPUP,
    raw.FPDF_ANNOT_FILEATTACHMENT,
    raw.FPDF_ANNOT_SOUND,
)


@dataclass(slots=True)
class Item:
    """An object: its handle and address, its kind, its box (page axes, y upwards).

    `layered` where it belongs to a layer; `spoken` is the text that its marks have in its place.
    """

    handle: Any
    address: int
    type: int
    box: Box
    layered: bool
    spoken: str = ""
    # Box and clip in the axes of the form that it stands in.
    inner: Box = (0.0, 0.0, 0.0, 0.0)


@dataclass(slots=True)
class Annotation:
    """An annotation: `parts` are its boxes, `background` whether it is filled with a color."""

    subtype: int
    parts: list[Box]
    contents: str
    background: bool
    drawn: bool

    @property
    def covers(self) -> bool:
        return self.subtype in _COVERING

    @property
    def is_mark(self) -> bool:
        """A mark of a note or a file, which lies where it lies."""
        return self.subtype in _MARKS


def items(page: Any) -> list[Item]:
    """All objects but forms, in the order in which they are painted."""
    identity = np.eye(3)
    found: list[Item] = []
    for item in _walk(
        page.raw, raw.FPDFPage_CountObjects, raw.FPDFPage_GetObject, identity, False, _DEPTH
    ):
        found.append(item)
        if len(found) >= MAX_OBJECTS:
            break
    return found


def _walk(
    holder: Any, count: Any, get: Any, matrix: Floats, layered: bool, depth: int
) -> Iterator[Item]:
    for place in range(count(holder)):
        handle = get(holder, place)
        if not handle:
            continue
        kind = raw.FPDFPageObj_GetType(handle)
        names, spoken = _marks(handle)
        marked = layered or "OC" in names
        if kind == raw.FPDF_PAGEOBJ_FORM:
            if depth:
                frame = _matrix(handle) @ matrix
                yield from _walk(
                    handle,
                    raw.FPDFFormObj_CountObjects,
                    raw.FPDFFormObj_GetObject,
                    frame,
                    marked,
                    depth - 1,
                )
            continue
        address = ctypes.cast(handle, ctypes.c_void_p).value or 0
        inner = _bounds(handle)
        yield Item(handle, address, kind, _moved(inner, matrix), marked, spoken, inner)


def _matrix(handle: Any) -> Floats:
    found = raw.FS_MATRIX()
    if not raw.FPDFPageObj_GetMatrix(handle, ctypes.byref(found)):
        return np.eye(3)
    return np.array([[found.a, found.b, 0], [found.c, found.d, 0], [found.e, found.f, 1]])


def _bounds(handle: Any) -> Box:
    edges = [ctypes.c_float() for _ in range(4)]
    raw.FPDFPageObj_GetBounds(handle, *map(ctypes.byref, edges))
    left, bottom, right, top = (edge.value for edge in edges)
    return left, bottom, right, top


def _moved(box: Box, matrix: Floats) -> Box:
    left, bottom, right, top = box
    corners = np.array([[x, y, 1.0] for x in (left, right) for y in (bottom, top)]) @ matrix
    x, y = corners[:, 0], corners[:, 1]
    return float(x.min()), float(y.min()), float(x.max()), float(y.max())


def is_clipped(item: Item) -> bool:
    """Whether it lies beside what it is clipped to."""
    clip = raw.FPDFPageObj_GetClipPath(item.handle)
    left, bottom, right, top = item.inner
    for path in range(max(0, raw.FPDFClipPath_CountPaths(clip)) if clip else 0):
        points = [
            _point(raw.FPDFClipPath_GetPathSegment(clip, path, place))
            for place in range(max(0, raw.FPDFClipPath_CountPathSegments(clip, path)))
        ]
        if not points:
            return True
        xs, ys = zip(*points, strict=True)
        if min(xs) >= right or max(xs) <= left or min(ys) >= top or max(ys) <= bottom:
            return True
    return False


def _point(segment: Any) -> tuple[float, float]:
    x, y = ctypes.c_float(), ctypes.c_float()
    raw.FPDFPathSegment_GetPoint(segment, ctypes.byref(x), ctypes.byref(y))
    return x.value, y.value


def _marks(handle: Any) -> tuple[list[str], str]:
    """The names of the marks of an object, and the text that they have instead of it."""
    names, spoken = [], []
    for place in range(max(0, raw.FPDFPageObj_CountMarks(handle))):
        mark = raw.FPDFPageObj_GetMark(handle, place)
        names.append(_out(partial(raw.FPDFPageObjMark_GetName, mark)))
        if raw.FPDFPageObjMark_CountParams(mark) > 0:
            for key in (b"ActualText", b"Alt", b"E"):
                ask = partial(raw.FPDFPageObjMark_GetParamStringValue, mark, key)
                spoken.append(_out(ask))
    return names, " ".join(filter(None, spoken))


def _out(ask: Any) -> str:
    """The UTF-16 that one of PDFium's functions of (buffer, bytes, bytes needed) gives."""
    size = ctypes.c_ulong()
    if not ask(None, 0, ctypes.byref(size)) or not 2 < size.value <= 1 << 20:
        return ""
    buffer = ctypes.create_string_buffer(size.value)
    ask(ctypes.cast(buffer, ctypes.POINTER(raw.FPDF_WCHAR)), size.value, ctypes.byref(size))
    return buffer.raw.decode("utf-16-le", "replace").rstrip("\0")


def cover_kind(item: Item) -> str | None:
    """What it would be called where it hides text; None for what cannot hide any."""
    left, bottom, right, top = item.box
    if min(right - left, top - bottom) < _THIN:
        return None
    if item.type == raw.FPDF_PAGEOBJ_IMAGE:
        return "image"
    if item.type == raw.FPDF_PAGEOBJ_SHADING:
        return "shading"
    if item.type != raw.FPDF_PAGEOBJ_PATH:
        return None
    fill, stroke = ctypes.c_int(), ctypes.c_int()
    raw.FPDFPath_GetDrawMode(item.handle, ctypes.byref(fill), ctypes.byref(stroke))
    if fill.value and _alpha(item.handle, raw.FPDFPageObj_GetFillColor) >= _OPAQUE:
        return "rectangle" if _is_rectangle(item.handle) else "polygon"
    if stroke.value and _alpha(item.handle, raw.FPDFPageObj_GetStrokeColor) >= _OPAQUE:
        width = ctypes.c_float()
        raw.FPDFPageObj_GetStrokeWidth(item.handle, ctypes.byref(width))
        if width.value >= _THIN:
            return "line"
    return None


def _alpha(handle: Any, get: Any) -> int:
    color = [ctypes.c_uint() for _ in range(4)]
    # A pattern has no color that is told: it may be as opaque as any.
    return color[3].value if get(handle, *map(ctypes.byref, color)) else 255


def _is_rectangle(handle: Any) -> bool:
    count = raw.FPDFPath_CountSegments(handle)
    if not 4 <= count <= 6:
        return False
    xs, ys = set(), set()
    for place in range(count):
        segment = raw.FPDFPath_GetPathSegment(handle, place)
        if raw.FPDFPathSegment_GetType(segment) == raw.FPDF_SEGMENT_BEZIERTO:
            return False
        x, y = _point(segment)
        xs.add(round(x, 1))
        ys.add(round(y, 1))
    return len(xs) == 2 and len(ys) == 2


def shown_annotations(page: Any) -> list[Annotation]:
    """What is laid over the page, but for what is switched off."""
    found = []
    for place in range(raw.FPDFPage_GetAnnotCount(page.raw)):
        handle = raw.FPDFPage_GetAnnot(page.raw, place)
        if not handle:
            continue
        try:
            found.append(annotation(handle))
        finally:
            raw.FPDFPage_CloseAnnot(handle)
    return [item for item in found if item.drawn]


def annotation(handle: Any) -> Annotation:
    color = [ctypes.c_uint() for _ in range(4)]
    rect = raw.FS_RECTF()
    raw.FPDFAnnot_GetRect(handle, ctypes.byref(rect))
    whole = (
        min(rect.left, rect.right), min(rect.bottom, rect.top),
        max(rect.left, rect.right), max(rect.bottom, rect.top),
    )  # fmt: skip
    subtype = raw.FPDFAnnot_GetSubtype(handle)
    inside = raw.FPDFANNOT_COLORTYPE_InteriorColor
    if subtype == raw.FPDF_ANNOT_FREETEXT:
        inside = raw.FPDFANNOT_COLORTYPE_Color
    flags = raw.FPDFAnnot_GetFlags(handle)
    gone = bool(flags & (raw.FPDF_ANNOT_FLAG_HIDDEN | raw.FPDF_ANNOT_FLAG_NOVIEW))
    appearance = raw.FPDFAnnot_HasKey(handle, b"AP")
    filled = raw.FPDFAnnot_HasKey(handle, b"C" if inside == 0 else b"IC")
    if filled:
        raw.FPDFAnnot_GetColor(handle, inside, *map(ctypes.byref, color))
        filled = color[3].value >= _OPAQUE
    if subtype == raw.FPDF_ANNOT_LINE:
        filled = _is_level_line(handle, whole)
    return Annotation(
        subtype,
        _quads(handle) or [whole],
        annotation_string(handle, b"Contents"),
        bool(filled) and not gone and not appearance,
        not gone,
    )


def _is_level_line(handle: Any, box: Box) -> bool:
    """Whether it is a line along or down the page, in a box that is high enough to hide letters."""
    start, end = raw.FS_POINTF(), raw.FS_POINTF()
    if not raw.FPDFAnnot_GetLine(handle, ctypes.byref(start), ctypes.byref(end)):
        return False
    level = min(abs(start.x - end.x), abs(start.y - end.y)) < _THIN
    return level and min(box[2] - box[0], box[3] - box[1]) > 2 * _THIN


def _quads(handle: Any) -> list[Box]:
    found = []
    points = raw.FS_QUADPOINTSF()
    for place in range(min(1000, raw.FPDFAnnot_CountAttachmentPoints(handle))):
        if raw.FPDFAnnot_GetAttachmentPoints(handle, place, ctypes.byref(points)):
            xs = (points.x1, points.x2, points.x3, points.x4)
            ys = (points.y1, points.y2, points.y3, points.y4)
            found.append((min(xs), min(ys), max(xs), max(ys)))
    return found


def annotation_string(handle: Any, key: bytes) -> str:
    return string(lambda buffer, size: raw.FPDFAnnot_GetStringValue(handle, key, buffer, size))


def string(ask: Any) -> str:
    """The UTF-16 that one of PDFium's functions of (buffer, bytes) gives."""
    size = ask(None, 0)
    if not 2 < size <= 1 << 24:
        return ""
    buffer = ctypes.create_string_buffer(size)
    ask(ctypes.cast(buffer, ctypes.POINTER(raw.FPDF_WCHAR)), size)
    return buffer.raw[:size].decode("utf-16-le", "replace").rstrip("\0")


def set_active(handles: Sequence[Any], active: bool) -> None:
    for handle in handles:
        raw.FPDFPageObj_SetIsActive(handle, active)
