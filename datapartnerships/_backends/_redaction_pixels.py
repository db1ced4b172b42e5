"""Pictures of a PDF page with and without parts of it, and what they say of boxes on it."""

from __future__ import annotations

import ctypes
from collections.abc import Sequence
from contextlib import closing
from typing import Any

import numpy as np
import numpy.typing as npt
import pypdfium2.raw as raw

from datapartnerships._backends._glyphs import Flags, Floats, Ints

# Pixels a point: type of 6 points is then 9 high. Large pages have fewer.
_SCALE = 1.5
_MAX_PIXELS = 16_000_000
_FAR = 1_000_000
# Of 255: where letters leave ink, and where it makes a difference that is seen.
_INK = 48
_SEEN = 10
# One color, printed or scanned and compressed; and dark.
_EVEN = 12.0
_DARK = 70.0

# Pixels of a box that are looked at, about.
_ENOUGH = 20_000
# Points that a letter may stand out of what hides it.
_SLACK = 1.0
_LUMA = np.array([0.299, 0.587, 0.114])

Pixels = npt.NDArray[np.uint8]
Edges = tuple[Ints, Ints, Ints, Ints]


class Canvas:
    """One page at one scale."""

    def __init__(self, page: Any) -> None:
        self._page = page
        width, height = page.get_size()
        self._scale = min(_SCALE, (_MAX_PIXELS / max(width * height, 1.0)) ** 0.5)
        self._matrix = _to_shares(page)
        self.width = self.height = 0

    def picture(self, *, annotations: bool) -> Pixels:
        """Shape (height, width, 3)."""
        with closing(
            self._page.render(
                scale=self._scale,
                may_draw_forms=annotations,
                draw_annots=annotations,
                rev_byteorder=True,
            )
        ) as bitmap:
            pixels: Pixels = bitmap.to_numpy()[:, :, :3].copy()
        self.height, self.width = pixels.shape[:2]
        return pixels

    def ink(self) -> Flags:
        """Where black letters on white leave ink, of what is drawn now."""
        with closing(
            self._page.render(
                scale=self._scale, may_draw_forms=False, draw_annots=False, grayscale=True
            )
        ) as bitmap:
            pixels = bitmap.to_numpy()
            found: Flags = pixels.reshape(pixels.shape[:2]) < 255 - _INK
            return found

    def shares(self, boxes: Floats) -> Floats:
        """Boxes of the page's own axes as shares of the page as it is shown, from the top left."""
        left, bottom, right, top = boxes.T
        x, y = (
            np.stack([xs, ys, np.ones_like(xs)], axis=-1) @ self._matrix
            for xs, ys in ((left, bottom), (right, top))
        )
        return np.hstack([np.minimum(x, y), np.maximum(x, y)])

    def edges(self, boxes: Floats, *, shrink: int = 0) -> Edges:
        """Left, top, right and bottom in pixels, right and bottom exclusive."""
        left, top, right, bottom = self.shares(boxes).T
        across = _between(left * self.width, right * self.width, self.width, shrink)
        down = _between(top * self.height, bottom * self.height, self.height, shrink)
        return across[0], down[0], across[1], down[1]


def _between(start: Floats, stop: Floats, size: int, shrink: int) -> tuple[Ints, Ints]:
    """Whole pixels from `start` to `stop`, fewer on both sides where some are left then."""
    first = np.clip(np.floor(start), 0, size).astype(np.int64)
    last = np.clip(np.ceil(stop), 0, size).astype(np.int64)
    by = np.clip((last - first - 1) // 2, 0, shrink)
    return first + by, np.maximum(last - by, first + by)


def _to_shares(page: Any) -> Floats:
    """The matrix from (x, y, 1) of the page's own axes to shares."""
    points = []
    x, y = ctypes.c_int(), ctypes.c_int()
    side = 1000.0
    for place in ((0.0, 0.0), (side, 0.0), (0.0, side)):
        raw.FPDF_PageToDevice(
            page.raw, 0, 0, _FAR, _FAR, 0, *place, ctypes.byref(x), ctypes.byref(y)
        )
        points.append((x.value / _FAR, y.value / _FAR))
    origin, across, up = np.array(points)
    return np.array([(across - origin) / side, (up - origin) / side, origin])


def shares_of(whole: Flags, part: Flags, edges: Edges) -> Floats:
    """Box by box, how much of what is in `whole` is in `part` too; NaN where there is nothing."""
    left, top, right, bottom = edges
    # Both are counted in one go: no page has so many pixels that they would meet.
    total = np.zeros((whole.shape[0] + 1, whole.shape[1] + 1), np.int64)
    np.cumsum(whole + ((whole & part).astype(np.int64) << 32), axis=0, out=total[1:, 1:])
    np.cumsum(total, axis=1, out=total)
    both = total[bottom, right] - total[top, right] - total[bottom, left] + total[top, left]
    count, seen = both & 0xFFFFFFFF, both >> 32
    shares: Floats = np.divide(seen, count, out=np.full(len(count), np.nan), where=count > 0)
    return shares


def difference(one: Pixels, other: Pixels) -> Flags:
    """Where two pictures are seen to differ."""
    lighter = np.maximum(one, other)
    # Black on a dark gray is not read by anybody.
    apart = (lighter - np.minimum(one, other) > _SEEN) & (lighter > _DARK)
    found: Flags = apart[:, :, 0] | apart[:, :, 1] | apart[:, :, 2]
    return found


class Ground:
    """How even and how dark a picture is in boxes."""

    def __init__(self, pixels: Pixels) -> None:
        self._pixels = pixels

    def mean_and_spread(self, edges: Edges) -> tuple[Floats, Floats]:
        """Of the luma, 0 to 255; NaN where a box has no pixel."""
        found = np.full((len(edges[0]), 2), np.nan)
        for place, (left, top, right, bottom) in enumerate(np.stack(edges, axis=1).tolist()):
            if right > left and bottom > top:
                # Of a large box a grid of pixels says as much as all of them.
                step = 1 + int(((right - left) * (bottom - top) / _ENOUGH) ** 0.5)
                luma = self._pixels[top:bottom:step, left:right:step] @ _LUMA
                found[place] = luma.mean(), luma.std()
        return found[:, 0], found[:, 1]

    def mean(self, box: tuple[float, float, float, float]) -> float:
        """Of a box in shares."""
        rows, columns = self._pixels.shape[:2]
        left, top = max(int(box[0] * columns), 0), max(int(box[1] * rows), 0)
        right, bottom = round(box[2] * columns), round(box[3] * rows)
        edges = (left, top, max(right, left + 1), max(bottom, top + 1))
        mean, _ = self.mean_and_spread(tuple(np.array([edge]) for edge in edges))  # type: ignore[arg-type]
        return float(mean[0])

    def even(self, edges: Edges) -> Flags:
        found: Flags = self.mean_and_spread(edges)[1] < _EVEN
        return found

    def dark(self, edges: Edges, even: float = _EVEN) -> Flags:
        """One dark color."""
        mean, spread = self.mean_and_spread(edges)
        return (mean < _DARK) & (spread < even)


def as_array(boxes: Sequence[tuple[float, float, float, float]]) -> Floats:
    return np.array(boxes, np.float64).reshape(-1, 4)


def within(boxes: Floats, x: float, y: float) -> Flags:
    found: Flags = (
        (boxes[:, 0] - _SLACK <= x)
        & (x <= boxes[:, 2] + _SLACK)
        & (boxes[:, 1] - _SLACK <= y)
        & (y <= boxes[:, 3] + _SLACK)
    )
    return found


def areas(boxes: Floats) -> Floats:
    areas: Floats = (boxes[:, 2] - boxes[:, 0]) * (boxes[:, 3] - boxes[:, 1])
    return areas


def around(boxes: Floats) -> Floats:
    return np.concatenate([boxes[:, :2].min(axis=0), boxes[:, 2:].max(axis=0)])
