"""What is done to a page before it is read: is there ink on it, and do its lines lie level?

Only what was measured to help is here (benchmarks/ocr.py): no binarising, no sharpening.
"""

from __future__ import annotations

import math
import statistics
from typing import Any

import numpy as np
from numpy.typing import NDArray

Pixels = NDArray[np.uint8]

# A page whose ink covers less is blank: a letter of 10 points covers 2e-5 of a page.
MIN_INK = 4e-5
# How far from the color of the paper ink is, of 255: on clean pages the less, so that faded print
# counts.
_LEAST_CONTRAST, _CONTRAST = 20, 48
# Of the small gray picture: the side of a piece of which the paper is one shade.
_BLOCK = 32
MAX_SKEW = 5.0
# Lines that fall by less are read as well as level ones.
MIN_SKEW = 0.5
# How much sharper the lines must be when leveled: a word or two have some angle by chance.
_SHARPER = 1.25
# Against the usual angle: lines of print that fall alike are 13 to 60 times as sharp, lines that
# fan out 1.6, those of a quarter of such a page 3 to 7, and no lines at all 1 to 2.
_SHARP, _CLEAR = 8.0, 2.5
_BANDS = 4
# Degrees between head and foot of the page; and how far a band may be from an even pace.
MIN_FAN, _UNEVEN = 2.0, 1.0
# How far half of the pixels of grainy paper are from its shade; how much darker uneven light makes
# a part of the page; and what is darker than any shadow.
_GRAINY = 8
_UNEVEN_LIGHT, _DARKEST = 0.4, 0.25
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
    gray: NDArray[np.int16] = pixels[::step, ::step].sum(axis=2, dtype=np.int16) // 3
    return gray


def _paper(gray: NDArray[np.int16]) -> NDArray[np.float64]:
    """How light the paper is, block by block: the median of each, as ink covers less than half."""
    height, width = (max(side // _BLOCK, 1) for side in gray.shape)
    tall, wide = gray.shape[0] // height, gray.shape[1] // width
    blocks = gray[: height * tall, : width * wide].reshape(height, tall, width, wide)
    some = blocks[:, ::3, :, ::3].transpose(0, 2, 1, 3).reshape(height, width, -1)
    found: NDArray[np.float64] = np.median(some, axis=2)
    return found


def _contrast(gray: NDArray[np.int16], paper: NDArray[np.float64]) -> NDArray[np.int16]:
    """How far each pixel is from the paper around it, be it darker or lighter."""
    rows = np.arange(gray.shape[0]) * paper.shape[0] // gray.shape[0]
    columns = np.arange(gray.shape[1]) * paper.shape[1] // gray.shape[1]
    found: NDArray[np.int16] = np.abs(gray - paper.astype(np.int16)[rows][:, columns])
    return found


class Small:
    """The small gray picture of a page, the shade of its paper, and how far each pixel is from it.

    What is asked of a page before it is read is asked of these: they are made once.
    """

    def __init__(self, pixels: Pixels) -> None:
        self.gray = _small_gray(pixels)
        self.paper = _paper(self.gray)
        self.contrast = _contrast(self.gray, self.paper)
        self.grain = float(np.median(self.contrast[::5, ::5]))

    def ink(self) -> NDArray[np.bool_]:
        """What differs from the paper by more than its grain does."""
        least = min(max(8 * self.grain, _LEAST_CONTRAST), _CONTRAST)
        found: NDArray[np.bool_] = self.contrast > least
        return found


def ink_share(small: Small) -> float:
    """How much of the page is covered."""
    return float(small.ink().mean())


def skew(small: Small) -> tuple[float, float]:
    """By how many degrees the lines fall to the right (negative: rise), -5 to 5; and the fan: by
    how many more at the foot of the page than at its head, on a photograph taken from aside.

    The angle at which rows of ink and rows of paper differ most (projection profile: Postl 1986).
    """
    ink = small.ink()
    # Black borders and pictures are no lines: they drown the profile.
    ink[:, ink.mean(axis=0) > 0.5] = False
    ink[ink.mean(axis=1) > 0.7, :] = False
    ys, xs = np.nonzero(ink)
    if len(ys) < 100:
        return 0.0, 0.0
    angle, sharper, than_level = _angle(ys, xs)
    uniform = (angle if than_level > _SHARPER else 0.0), 0.0
    if sharper > _SHARP:
        return uniform
    return _fanned(ys, xs, len(ink)) or uniform


def _angle(ys: Any, xs: Any) -> tuple[float, float, float]:
    """The angle of the sharpest profile; how much sharper it is than at most, and than at 0."""

    def sharpness(angle: float) -> float:
        rows = (ys - xs * math.tan(math.radians(angle))).round().astype(np.int64)
        profile = np.bincount(rows - rows.min())
        return float((np.diff(profile).astype(np.float64) ** 2).sum())

    coarse = {float(a): sharpness(a) for a in np.arange(-MAX_SKEW, MAX_SKEW + 0.1, 0.5)}
    usual = statistics.median(coarse.values()) or 1.0
    best = max(coarse, key=lambda angle: coarse[angle])
    if best == 0.0 and coarse[best] > _SHARP * usual:
        return 0.0, coarse[best] / usual, 1.0  # level to less than `MIN_SKEW`
    fine = {float(a): sharpness(a) for a in np.arange(best - 0.4, best + 0.45, 0.1)}
    best = max(fine, key=lambda angle: fine[angle])
    return round(best, 1), fine[best] / usual, fine[best] / (coarse[0.0] or 1.0)


def _fanned(ys: Any, xs: Any, height: int) -> tuple[float, float] | None:
    """Skew and fan where the lines of four bands, one below the other, turn at an even pace."""
    angles, places = [], []
    for band in range(_BANDS):
        inside = (ys * _BANDS >= band * height) & (ys * _BANDS < (band + 1) * height)
        if inside.sum() >= 1000:
            angle, sharper, _ = _angle(ys[inside], xs[inside])
            if sharper > _CLEAR:
                angles.append(angle)
                places.append((band + 0.5) / _BANDS - 0.5)
    if len(angles) < _BANDS - 1:
        return None
    fan, middle = np.polyfit(places, angles, 1)
    off = np.abs(np.polyval((fan, middle), places) - angles).max()
    if abs(fan) < MIN_FAN or off > _UNEVEN:
        return None
    return round(float(middle), 1), round(float(fan), 1)


def turned(pixels: Pixels, degrees: int) -> Pixels:
    """The page turned clockwise by a multiple of 90 degrees."""
    return np.ascontiguousarray(np.rot90(pixels, -degrees // 90))


class Placed:
    """Where a point of a page that was turned and leveled lies on the page as it was given.

    Args:
        width, height: of the page as given.
        rotation: degrees it was then turned clockwise.
        skew: degrees it was then turned counterclockwise about its middle, growing to fit; with a
            `fan`, its columns were shifted up and down instead.
        fan: by how many degrees more at the foot of the page than at its head.
    """

    def __init__(
        self, width: int, height: int, rotation: int, skew: float, fan: float = 0.0
    ) -> None:
        self._width, self._height, self._rotation = width, height, rotation
        upright = (height, width) if rotation in (90, 270) else (width, height)
        self._upright = upright
        self._fan = _fan_corners(*upright, skew, fan) if fan else None
        self._angle = 0.0 if fan else math.radians(skew)
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
        if self._fan is not None:
            along, down = x / self._upright[0], y / self._upright[1]
            top_left, bottom_left, bottom_right, top_right = self._fan
            top = top_left + (top_right - top_left) * along
            y = top + (bottom_left + (bottom_right - bottom_left) * along - top) * down
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


def _fan_corners(width: int, height: int, skew: float, fan: float) -> tuple[float, ...]:
    """How high the corners of the leveled page lie on the fanned one: top left, bottom left,
    bottom right, top right. The heights between them are even (a bilinear map).
    """
    head = width / 2 * math.tan(math.radians(skew - fan / 2))
    foot = width / 2 * math.tan(math.radians(skew + fan / 2))
    return -head, height - foot, height + foot, head


def unfanned(pixels: Pixels, skew: float, fan: float) -> Pixels:
    """The page with each column of pixels shifted and stretched, so that all lines are level."""
    from datapartnerships._backends.pillow import quad

    height, width = pixels.shape[:2]
    top_left, bottom_left, bottom_right, top_right = _fan_corners(width, height, skew, fan)
    corners = (0, top_left, 0, bottom_left, width, bottom_right, width, top_right)
    paper = int(np.bincount(_small_gray(pixels).ravel(), minlength=256).argmax())
    return np.asarray(quad(pixels, corners, paper))


def evened(pixels: Pixels, small: Small) -> Pixels:
    """The page without its shadows, and without grain where there is much of it.

    For engines that take one shade of gray, the same all over the page, for the border of ink.
    """
    from datapartnerships._backends.pillow import divided, without_specks

    low, high = np.percentile(small.paper, (5, 95))
    if small.grain >= _GRAINY:
        pixels = np.asarray(without_specks(pixels))
    if high - low > _UNEVEN_LIGHT * high:
        # A black border is no shadow.
        floor = np.maximum(small.paper, _DARKEST * high)
        pixels = np.asarray(divided(pixels, floor / high))
    return pixels
