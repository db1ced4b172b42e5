"""Boxes of a PDF page in the axes of its text, and in those of the page as it is shown."""

from __future__ import annotations

from typing import TypeVar

import numpy as np
import numpy.typing as npt

Box = tuple[float, float, float, float]
Number = TypeVar("Number", float, npt.NDArray[np.float64])


def turned_box(bbox: Box, turn: int) -> Box:
    """Shares along text that is turned by so many quarters anticlockwise, as shares of the page."""
    left, top, right, bottom = bbox
    if turn == 1:
        return top, 1 - right, bottom, 1 - left
    if turn == 2:
        return 1 - right, 1 - bottom, 1 - left, 1 - top
    return 1 - bottom, left, 1 - top, right


def in_frame(
    box: tuple[Number, Number, Number, Number], quarter: int
) -> tuple[Number, Number, Number, Number]:
    """A box of the page's own axes in those along and down the lines of text; or arrays of edges.

    Text turned by `quarter` quarters anticlockwise runs along (cosine, sine) of that angle.
    """
    left, bottom, right, top = box
    if quarter == 0:
        return left, -top, right, -bottom
    if quarter == 1:
        return bottom, left, top, right
    if quarter == 2:
        return -right, bottom, -left, top
    return -top, -right, -bottom, -left
