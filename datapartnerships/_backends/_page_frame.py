"""Boxes of a PDF page in the axes of its text, and in those of the page as it is shown."""

from __future__ import annotations

from dataclasses import dataclass

from datapartnerships.kernels.layout import Piece

Box = tuple[float, float, float, float]


def turned_box(bbox: Box, turn: int) -> Box:
    """Shares along text that is turned by so many quarters anticlockwise, as shares of the page."""
    left, top, right, bottom = bbox
    if turn == 1:
        return top, 1 - right, bottom, 1 - left
    if turn == 2:
        return 1 - right, 1 - bottom, 1 - left, 1 - top
    return 1 - bottom, left, 1 - top, right


@dataclass(slots=True)
class Stretch:
    """Words side by side, in one type; y upwards."""

    text: str
    left: float
    bottom: float
    right: float
    top: float
    size: float
    bold: bool
    quarter: int

    def __len__(self) -> int:
        return len(self.text)

    def piece(self, quarter: int, frame: Box) -> Piece:
        left, top, right, bottom = in_frame((self.left, self.bottom, self.right, self.top), quarter)
        x, y = frame[:2]
        return Piece(
            self.text, left - x, top - y, right - x, bottom - y, self.size,
            None, self.bold, self.quarter != quarter,
        )  # fmt: skip


def in_frame(box: Box, quarter: int) -> Box:
    """A box of the page's own axes in those along and down the lines of text.

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
