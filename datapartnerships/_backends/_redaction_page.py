"""The text of a PDF page that is there and is not seen.

The page is drawn as it is shown, and again without its text: letters that make no difference where
they leave ink are hidden, whatever it is that hides them. What that is, the objects say.
"""

from __future__ import annotations

import ctypes
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
import pypdfium2.raw as raw

from datapartnerships._backends import _redaction_objects as objects
from datapartnerships._backends._glyphs import Flags, Floats, Glyphs, Ints
from datapartnerships._backends._page_frame import Box
from datapartnerships._backends._redaction_bars import covered_scans, find_bars, marked
from datapartnerships._backends._redaction_pixels import (
    Canvas,
    Ground,
    Pixels,
    areas,
    around,
    as_array,
    difference,
    shares_of,
    within,
)
from datapartnerships.errors import DocumentError
from datapartnerships.kernels.redactions import BLOCKS, REDACTED, Finding

# A letter is hidden where less of its ink is seen.
_HIDDEN = 0.25
# ... unless so much of it is there again, written over what hides it.
_WRITTEN_AGAIN = 0.9
# Letters and digits that are told at least: under a box two, elsewhere specks are no words.
_FEW = {"outside_page": 3, "clipped": 4}
_DARK_FEW, _LIGHT_FEW = 2, 3
# Without any picture under it, so much invisible text is no accident.
_BLANK_LAYER = 8
# Of the page: pictures that are a scan of it.
_SCAN = 0.2
_SLACK = 1.0
# Gray levels of a bar that was put into a picture.
_BAR_EVEN = 8.0
_INVISIBLE = (raw.FPDF_TEXTRENDERMODE_INVISIBLE, raw.FPDF_TEXTRENDERMODE_CLIP)
# Pictures of signatures and seals are on these; they hide text where they are of one color.
_PICTURED = (raw.FPDF_ANNOT_STAMP, raw.FPDF_ANNOT_WIDGET, raw.FPDF_ANNOT_WATERMARK)


_REDACTING = ("annotation", "unapplied_redaction", "block_characters", "covered_scan")


@dataclass(slots=True)
class Looked:
    """What one page gave: `bars` are boxes that look like redactions, as shares."""

    canvas: Canvas
    full: Pixels
    findings: list[Finding] = field(default_factory=list)
    shown: str = ""
    bars: list[Box] = field(default_factory=list)
    items: list[objects.Item] = field(default_factory=list)

    @property
    def redacted(self) -> bool:
        """Whether it looks as if something had been redacted on it, well or badly."""
        bad = any(item.dark or item.kind in _REDACTING for item in self.findings)
        return bool(self.bars or bad or REDACTED.search(self.shown))


def look(document: Any, page: Any, number: int) -> Looked:
    """Look at an open page. Its objects are changed: it is not to be used afterwards."""
    with closing(page.get_textpage()) as textpage:
        return Look(document, page, number, Glyphs(textpage)).looked()


class Look:
    """One page, its letters and what is painted on it, in the order of painting."""

    def __init__(self, document: Any, page: Any, number: int, glyphs: Glyphs) -> None:
        self.document, self.page, self.number = document, page, number
        self.canvas = Canvas(page)
        self.codes = np.array(glyphs.codes_of_glyphs(), np.int64)
        self.boxes = glyphs.boxes(range(glyphs.count)) if glyphs.count else np.zeros((0, 4))
        owners = glyphs.objects(range(glyphs.count))
        self.items = objects.items(page)
        place = {item.address: order for order, item in enumerate(self.items)}
        if not place.keys() >= {owner for owner in owners if owner}:
            raise DocumentError("page cannot be audited", f"page {number}: forms in forms")
        self.order = np.array([place.get(owner or 0, -1) for owner in owners], np.int64)
        letter = [_is_letter(code) for code in self.codes.tolist()]
        # What PDFium adds stands in no object.
        self.letters = np.array(letter, bool) & (self.order >= 0)
        self.annotations = objects.shown_annotations(page)
        self.center = (self.boxes[:, :2] + self.boxes[:, 2:]) / 2
        self.kind = np.full(glyphs.count, "", object)
        self.by = np.full(glyphs.count, -1, np.int64)
        self._even: dict[bytes, bool] = {}

    def looked(self) -> Looked:
        self.full = self.canvas.picture(annotations=True)
        self._find_covers()
        self._draw()
        self._judge()
        bars = list(find_bars(self))
        looked = Looked(self.canvas, self.full, shown=self._shown(), items=self.items)
        looked.bars = [tuple(box) for box in self.canvas.shares(as_array([b for b, _ in bars]))]
        looked.findings = [*self._runs(), *marked(self), *covered_scans(self, bars)]
        return looked

    # What is on the page.

    def _find_covers(self) -> None:
        """Objects that can hide text, and the text that lies under any of them."""
        self.texts: list[int] = []
        self.modes: dict[int, int] = {}
        self.covers: list[int] = []
        self.cover_kinds: list[str] = []
        for order, item in enumerate(self.items):
            if item.type == raw.FPDF_PAGEOBJ_TEXT and order not in self._block_objects:
                self.texts.append(order)
                self.modes[order] = raw.FPDFTextObj_GetTextRenderMode(item.handle)
                continue
            text = item.type == raw.FPDF_PAGEOBJ_TEXT
            kind = "block_characters" if text else objects.cover_kind(item)
            if kind:
                self.covers.append(order)
                self.cover_kinds.append(kind)
        self.cover_order = np.array(self.covers, np.int64)
        self.cover_boxes = as_array([self.items[order].box for order in self.covers])
        self.under = {order for order in self.texts if self._covered_by(order).any()}

    @cached_property
    def _block_objects(self) -> set[int]:
        """Text that is nothing but blocks."""
        drawn = np.flatnonzero((self.order >= 0) & (self.codes > 32))
        blocks = np.isin(self.codes[drawn], [ord(block) for block in BLOCKS])
        return set(self.order[drawn[blocks]].tolist()) - set(self.order[drawn[~blocks]].tolist())

    def _covered_by(self, order: int) -> Flags:
        left, bottom, right, top = self.items[order].box
        boxes = self.cover_boxes
        return (
            (self.cover_order > order)
            & (boxes[:, 0] < right)
            & (boxes[:, 2] > left)
            & (boxes[:, 1] < top)
            & (boxes[:, 3] > bottom)
        )

    # What is seen of it.

    def _draw(self) -> None:
        """The share of the ink of each letter that is seen; NaN where it leaves none."""
        under = [self.items[order].handle for order in self.texts if order in self.under]
        over = [self.items[order].handle for order in self.texts if order not in self.under]
        # Text that lies under something first: a word that is written over the box stays on it.
        objects.set_active(under, False)
        bare = self.canvas.picture(annotations=True) if under else self.full
        objects.set_active(over, False)
        self.empty = self.canvas.picture(annotations=True) if over else bare
        self.ground = Ground(self.empty)
        chosen = set(self.texts)
        rest = [item.handle for order, item in enumerate(self.items) if order not in chosen]
        objects.set_active(rest, False)
        self.share = np.full(len(self.codes), np.nan)
        below = np.isin(self.order, np.fromiter(self.under, np.int64, len(self.under)))
        written_over = difference(bare, self.empty) if under and over else None
        if under:
            self._measure(under, below, difference(self.full, bare), written_over)
        if over:
            self._measure(over, ~below, difference(bare, self.empty))
        objects.set_active([*rest, *under, *over], True)

    def _measure(
        self, handles: list[Any], mine: Flags, seen: Flags, above: Flags | None = None
    ) -> None:
        """`above` is what is written over it: the same letters, at times."""
        chosen = np.flatnonzero(mine & self.letters)
        for handle in handles:
            raw.FPDFPageObj_SetFillColor(handle, 0, 0, 0, 255)
            raw.FPDFPageObj_SetStrokeColor(handle, 0, 0, 0, 255)
        objects.set_active(handles, True)
        drawn = self.canvas.ink()
        objects.set_active(handles, False)
        edges = self.canvas.edges(self.boxes[chosen])
        share = shares_of(drawn, seen, edges)
        self.share[chosen] = share
        if above is not None and (share < _HIDDEN).any():
            again = shares_of(drawn, above, edges)
            for order in np.unique(self.order[chosen[share < _HIDDEN]]).tolist():
                hidden = (share < _HIDDEN) & (self.order[chosen] == order)
                if again[hidden].mean() > _WRITTEN_AGAIN:
                    self.share[chosen[hidden]] = again[hidden]

    # What hides it.

    def _judge(self) -> None:
        """Set the kind of every letter that is hidden; those that are seen keep none."""
        left, bottom, right, top = self.page.get_bbox()
        outside = (
            (self.boxes[:, 2] < left - _SLACK)
            | (self.boxes[:, 0] > right + _SLACK)
            | (self.boxes[:, 3] < bottom - _SLACK)
            | (self.boxes[:, 1] > top + _SLACK)
        )
        self.kind[self.letters & outside] = "outside_page"
        mode = np.array([self.modes.get(order, 0) for order in self.order.tolist()], np.int64)
        invisible = self.letters & ~outside & np.isin(mode, _INVISIBLE)
        self._judge_invisible(np.flatnonzero(invisible))
        left_over = self.letters & ~outside & ~invisible
        self._judge_hidden(np.flatnonzero(left_over & (self.share < _HIDDEN)))
        self._judge_undrawn(np.flatnonzero(left_over & np.isnan(self.share)))

    def _judge_invisible(self, chosen: Ints) -> None:
        if not len(chosen):
            return
        if self.picture_share() < _SCAN:
            # Nothing that it could be the text of, unless it was drawn as outlines.
            blank = self.ground.even(self.canvas.edges(self.boxes[chosen]))
            if blank.sum() >= max(_BLANK_LAYER, len(chosen) / 2):
                self.kind[chosen[blank]] = "invisible_text"
        self.kind[chosen[self.ground.dark(self._inside(chosen))]] = "invisible_text"

    def picture_share(self) -> float:
        """Of the page, under pictures; one under another counts twice."""
        left, bottom, right, top = self.page.get_bbox()
        area = 0.0
        for item in self.items:
            if item.type == raw.FPDF_PAGEOBJ_IMAGE:
                across = min(item.box[2], right) - max(item.box[0], left)
                area += max(0.0, across) * max(
                    0.0, min(item.box[3], top) - max(item.box[1], bottom)
                )
        whole: float = max((right - left) * (top - bottom), 1.0)
        return area / whole

    def _judge_hidden(self, chosen: Ints) -> None:
        if not len(chosen):
            return
        dark = self.ground.dark(self._inside(chosen))
        sizes = areas(self.cover_boxes)
        for letter, is_dark in zip(chosen.tolist(), dark.tolist(), strict=True):
            x, y = self.center[letter]
            over = np.flatnonzero(
                within(self.cover_boxes, x, y) & (self.cover_order > self.order[letter])
            )
            if len(over):
                cover = int(over[np.argmin(sizes[over])])
                kind = self.cover_kinds[cover]
                # A picture that shows something is a scan, a photograph or a signature.
                if kind != "image" or is_dark or self._is_even(self.cover_boxes[[cover]]):
                    self.kind[letter], self.by[letter] = kind, cover
            elif (place := self._annotated(x, y)) is not None:
                if not self.annotations[place].covers:
                    continue  # the mark of a note
                pictured = self.annotations[place].subtype in _PICTURED
                parts = as_array(self.annotations[place].parts)
                if not pictured or is_dark or self._is_even(parts):
                    self.kind[letter], self.by[letter] = "annotation", place
            else:
                self.kind[letter] = "same_color"

    def _annotated(self, x: float, y: float) -> int | None:
        for place, annotation in enumerate(self.annotations):
            told = annotation.covers or annotation.is_mark
            if told and within(as_array(annotation.parts), x, y).any():
                return place
        return None

    def _is_even(self, boxes: Floats) -> bool:
        key = boxes.tobytes()
        if key not in self._even:
            edges = self.canvas.edges(boxes, shrink=2)
            self._even[key] = bool(self.ground.even(edges).all())
        return self._even[key]

    def _judge_undrawn(self, chosen: Ints) -> None:
        """Letters that leave no ink: clipped, in a layer that is off, or not in their font."""
        drawn = set(self.order[self.letters & ~np.isnan(self.share)].tolist())
        for order in sorted(set(self.order[chosen].tolist()) - drawn):
            item = self.items[order]
            if objects.is_clipped(item) or self._has_ink(item):
                kind = "hidden_layer" if item.layered else "clipped"
                self.kind[chosen[self.order[chosen] == order]] = kind

    def _has_ink(self, item: objects.Item) -> bool:
        """Whether the object would be seen by itself."""
        bitmap = raw.FPDFTextObj_GetRenderedBitmap(
            self.document.raw, self.page.raw, item.handle, 1.0
        )
        if not bitmap:
            return False
        try:
            size = raw.FPDFBitmap_GetStride(bitmap) * raw.FPDFBitmap_GetHeight(bitmap)
            return any(ctypes.string_at(raw.FPDFBitmap_GetBuffer(bitmap), size))
        finally:
            raw.FPDFBitmap_Destroy(bitmap)

    # What is said of it.

    def _runs(self) -> Iterator[Finding]:
        """Letters side by side that one thing hides."""
        start, last = -1, -1
        for letter in [*np.flatnonzero(self.letters).tolist(), -1]:
            same = (
                letter >= 0
                and start >= 0
                and (self.kind[letter], self.by[letter]) == (self.kind[start], self.by[start])
            )
            if same:
                last = letter
                continue
            if start >= 0 and self.kind[start]:
                yield from self._finding(self.kind[start], np.arange(start, last + 1))
            start = last = letter

    def _finding(self, kind: str, run: Ints) -> Iterator[Finding]:
        inked = run[self.letters[run]]
        dark = bool(np.mean(self.ground.dark(self._inside(inked))) > 0.5)
        cover = int(self.by[inked[0]])
        even = kind == "image" and self._is_even(self.cover_boxes[[cover]])
        if dark and kind in ("image", "invisible_text") and not even:
            inked = self._on_bars(inked)
            if not len(inked):
                return
            run = np.arange(inked[0], inked[-1] + 1)
        text = self.text_of(run)
        if len(inked) < _FEW.get(kind, _DARK_FEW if dark else _LIGHT_FEW):
            return
        box = around(self.boxes[inked])
        if kind != "outside_page" and self._written_again(text, box):
            return
        yield Finding(kind, self.number, self.place_of(inked), len(inked), True, text, dark)

    def _on_bars(self, letters: Ints) -> Ints:
        """Those that lie on one color from letter to letter.

        Others lie in the shadow of a photograph, where OCR saw something.
        """
        boxes = self.boxes[letters]
        height = boxes[:, 3] - boxes[:, 1]
        middle = (boxes[1:, 1] + boxes[1:, 3] - boxes[:-1, 1] - boxes[:-1, 3]) / 2
        most = np.maximum(height[1:], height[:-1])
        apart = (np.abs(middle) > most) | (np.abs(boxes[1:, 0] - boxes[:-1, 2]) > 2 * most)
        kept = []
        for part in np.split(letters, np.flatnonzero(apart) + 1):
            edges = self.canvas.edges(around(self.boxes[part])[None], shrink=1)
            if len(part) >= _LIGHT_FEW and self.ground.dark(edges, _BAR_EVEN)[0]:
                kept.append(part)
        return np.concatenate(kept) if kept else letters[:0]

    def place_of(self, letters: Ints) -> Box:
        """The box of letters, as shares."""
        left, top, right, bottom = self.canvas.shares(around(self.boxes[letters])[None])[0]
        return float(left), float(top), float(right), float(bottom)

    def _inside(self, letters: Ints) -> Any:
        return self.canvas.edges(self.boxes[letters], shrink=1)

    def text_of(self, run: Ints) -> str:
        codes = self.codes[run].tolist()
        return "".join(chr(code) for code in codes if code < 0x110000).strip()

    def seen(self) -> Flags:
        """Letters that can be read."""
        found: Flags = self.letters & (self.share >= _HIDDEN)
        return found

    def within(self, box: Box, slack: float = 0.0) -> Flags:
        """Of every letter, whether its middle is in the box."""
        x, y = self.center.T
        across = (x > box[0] - slack) & (x < box[2] + slack)
        found: Flags = across & (y > box[1] - slack) & (y < box[3] + slack)
        return found

    def _written_again(self, text: str, box: Floats) -> bool:
        """The same can be read at the same place: it was painted over and written anew."""
        near = self.within((box[0], box[1], box[2], box[3]), 2.0)
        seen = self.text_of(np.flatnonzero(near & self.seen()))
        return "".join(filter(str.isalnum, text)) in seen if seen else False

    def _shown(self) -> str:
        gone = self.letters & ((self.kind != "") | (self.share < _HIDDEN))
        codes = np.where(gone, 32, self.codes).tolist()
        return "".join(chr(code) for code in codes if 0 < code < 0x110000)


def _is_letter(code: int) -> bool:
    """A letter or digit; or a glyph whose character nobody knows, which may be one."""
    if code >= 0x110000 or code in (9, 10, 13, 32):
        return False
    unknown = code < 32 or 0xE000 <= code <= 0xF8FF or code in (0xFFFD, 0xFFFE)
    return unknown or chr(code).isalnum()
