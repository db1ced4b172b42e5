"""What is done to a page before it is read: is there ink on it, and do its lines lie level?

Only what was measured to help is here (benchmarks/ocr.py): no binarising, no sharpening.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

Pixels = NDArray[np.uint8]

# A page whose ink covers less is blank: a letter of 10 points covers 2e-5 of a page.
MIN_INK = 4e-5
# How far from the color of the paper ink is, of 255.
_CONTRAST = 48
MAX_SKEW = 5.0
# Lines that fall by less are read as well as level ones.
MIN_SKEW = 0.5
# How much sharper the lines must be when leveled: a word or two have some angle by chance.
_SHARPER = 1.25
_LONGEST = 1000


def as_pixels(image: Any) -> Pixels:
    """A PIL image or an array (gray, RGB or RGBA, 8 bits) as height x width x 3."""
    if not isinstance(image, np.ndarray):
        image = np.asarray(image if image.mode == "RGB" else image.convert("RGB"))
    if image.dtype != np.uint8 or image.ndim not in (2, 3) or not image.size:
        raise ValueError(
            "expected a picture of 8 bits a channel, height x width or height x width x 3. "
            f"Got {image.dtype} of shape {image.shape}."
        )
    if image.ndim == 2 or image.shape[2] == 1:
        gray = image.reshape(image.shape[:2])
        image = np.repeat(gray[:, :, None], 3, axis=2)
    return np.ascontiguousarray(image[:, :, :3])


def _small_gray(pixels: Pixels) -> NDArray[np.int16]:
    """Every n-th pixel of every n-th row, so that no side is longer than 1,000 to 2,000."""
    step = max(1, max(pixels.shape[:2]) // _LONGEST)
    gray: NDArray[np.int16] = pixels[::step, ::step].mean(axis=2).astype(np.int16)
    return gray


def _ink(gray: NDArray[np.int16]) -> NDArray[np.bool_]:
    """What differs from the paper, be it darker or lighter: the most usual gray is the paper."""
    paper = int(np.bincount(gray.ravel(), minlength=256).argmax())
    ink: NDArray[np.bool_] = np.abs(gray - paper) > _CONTRAST
    return ink


def ink_share(pixels: Pixels) -> float:
    """How much of the page is covered."""
    return float(_ink(_small_gray(pixels)).mean())


def skew(pixels: Pixels) -> float:
    """By how many degrees the lines fall to the right (negative: rise), -5 to 5.

    The angle at which rows of ink and rows of paper differ most (projection profile: Postl 1986).
    """
    ink = _ink(_small_gray(pixels))
    # Black borders and pictures are no lines: they drown the profile.
    ink[:, ink.mean(axis=0) > 0.5] = False
    ink[ink.mean(axis=1) > 0.7, :] = False
    ys, xs = np.nonzero(ink)
    if len(ys) < 100:
        return 0.0

    def sharpness(angle: float) -> float:
        rows = (ys - xs * math.tan(math.radians(angle))).round().astype(np.int64)
        profile = np.bincount(rows - rows.min())
        return float((np.diff(profile).astype(np.float64) ** 2).sum())

    coarse = max(np.arange(-MAX_SKEW, MAX_SKEW + 0.1, 0.5), key=sharpness)
    fine = max(np.arange(coarse - 0.4, coarse + 0.45, 0.1), key=sharpness)
    return round(float(fine), 1) if sharpness(fine) > _SHARPER * sharpness(0.0) else 0.0


def turned(pixels: Pixels, degrees: int) -> Pixels:
    """The page turned clockwise by a multiple of 90 degrees."""
    return np.ascontiguousarray(np.rot90(pixels, -degrees // 90))


class Placed:
    """Where a point of a page that was turned and leveled lies on the page as it was given.

    Args:
        width, height: of the page as given.
        rotation: degrees it was then turned clockwise.
        skew: degrees it was then turned counterclockwise about its middle, growing to fit.
    """

    def __init__(self, width: int, height: int, rotation: int, skew: float) -> None:
        self._width, self._height, self._rotation = width, height, rotation
        upright = (height, width) if rotation in (90, 270) else (width, height)
        self._upright = upright
        self._angle = math.radians(skew)
        self._size = leveled_size(*upright, skew)

    def box(self, box: tuple[float, float, float, float]) -> tuple[float, float, float, float]:
        """The least upright box around where the corners lie."""
        left, top, right, bottom = box
        corners = [self._point(x, y) for x in (left, right) for y in (top, bottom)]
        xs = [min(max(x, 0.0), float(self._width)) for x, _ in corners]
        ys = [min(max(y, 0.0), float(self._height)) for _, y in corners]
        return (min(xs), min(ys), max(xs), max(ys))

    def _point(self, x: float, y: float) -> tuple[float, float]:
        if self._angle:
            dx, dy = x - self._size[0] / 2, y - self._size[1] / 2
            cos, sin = math.cos(self._angle), math.sin(self._angle)
            x = dx * cos - dy * sin + self._upright[0] / 2
            y = dx * sin + dy * cos + self._upright[1] / 2
        if self._rotation == 90:
            return y, self._height - x
        if self._rotation == 180:
            return self._width - x, self._height - y
        if self._rotation == 270:
            return self._width - y, x
        return x, y


def leveled_size(width: int, height: int, skew: float) -> tuple[int, int]:
    cos, sin = abs(math.cos(math.radians(skew))), abs(math.sin(math.radians(skew)))
    return math.ceil(width * cos + height * sin), math.ceil(width * sin + height * cos)


def leveled(pixels: Pixels, skew: float) -> Pixels:
    """The page turned counterclockwise by `skew` degrees; paper fills the corners."""
    from datapartnerships._backends.pillow import affine

    height, width = pixels.shape[:2]
    size = leveled_size(width, height, skew)
    angle = math.radians(skew)
    cos, sin = math.cos(angle), math.sin(angle)
    # Output to input: the same map as `Placed`.
    shift_x = width / 2 - cos * size[0] / 2 + sin * size[1] / 2
    shift_y = height / 2 - sin * size[0] / 2 - cos * size[1] / 2
    paper = int(np.bincount(_small_gray(pixels).ravel(), minlength=256).argmax())
    data = (cos, -sin, shift_x, sin, cos, shift_y)
    return np.asarray(affine(pixels, size, data, paper))
