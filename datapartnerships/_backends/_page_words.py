"""The words of a PDF page as pieces of layout: their boxes and their type."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from itertools import compress, repeat
from typing import NamedTuple

import numpy as np

from datapartnerships._backends._glyphs import (
    HYPHEN,
    Codes,
    Flags,
    Floats,
    Glyphs,
    Ints,
    font_name_and_weight,
    fonts,
)
from datapartnerships._backends._page_frame import Box, in_frame
from datapartnerships.kernels.layout import Piece

# More text than this is no page that anyone reads: its layout is not looked for.
MAX_CHARACTERS = 100_000
# Of each character; the last is of no script's last blank, and stands for all behind it.
_BLANK = np.array([chr(code).isspace() for code in range(0x3002)], bool)
_BOLD = re.compile(rb"bold|black|heavy|demi|[-,]bd\b", re.IGNORECASE)


class Words(NamedTuple):
    """Words side by side, in one type: an item of each for each of them; y upwards.

    `quarter` counts the quarter turns of the line, anticlockwise.
    """

    texts: list[str]
    boxes: Floats
    size: Floats
    bold: Flags
    quarter: Ints


@np.errstate(all="ignore")
def pieces(words: Words, box: Box) -> tuple[list[Piece], int, Box]:
    """The pieces of a page, how often its text is turned, and the page in the axes of its text."""
    characters = np.array([len(text) for text in words.texts], np.int64)
    if not 0 < characters.sum() <= MAX_CHARACTERS:
        return [], 0, box
    quarter = int(np.bincount(words.quarter, characters).argmax())
    frame = in_frame(box, quarter)
    left, bottom, right, top = words.boxes.T
    edges = in_frame((left, bottom, right, top), quarter)
    x, y, *_ = frame
    columns = [edge - origin for edge, origin in zip(edges, (x, y, x, y), strict=True)]
    edges_and_size = (column.tolist() for column in (*columns, words.size))
    turned = (words.quarter != quarter).tolist()
    found = list(
        map(Piece, words.texts, *edges_and_size, repeat(None), words.bold.tolist(), turned)
    )
    return found, quarter, frame


def spans(codes: Codes) -> tuple[Ints, Ints]:
    """Of the words of a text, the first and the last character; a hyphen ends a word."""
    blank, hyphen = _BLANK[np.minimum(codes, len(_BLANK) - 1)], codes == ord(HYPHEN)
    within = np.zeros(len(codes) + 2, bool)
    within[1:-1] = ~(blank | hyphen)
    first = np.flatnonzero(within[1:-1] & ~within[:-2])
    final = np.flatnonzero(within[1:-1] & ~within[2:])
    return first, final + np.append(hyphen, False)[final + 1]


# Damaged pages have text at no place.
@np.errstate(all="ignore")
def words(glyphs: Glyphs, keep: Flags | None) -> Words:
    """The words with box and type. Of a word only its first and last glyph are asked for."""
    text, codes = glyphs.text, glyphs.codes
    if keep is not None:
        codes = np.where(glyphs.shown(keep), codes, ord(" "))
    first, final = spans(codes)
    texts = [
        text[start:stop] for start, stop in zip(first.tolist(), (final + 1).tolist(), strict=True)
    ]
    # Short words may be numbers of lines, and marks: those stay by themselves.
    alone = (final - first < 2, codes[final] == ord(HYPHEN))
    first, final = glyphs.of(first), glyphs.of(final)
    start = glyphs.loose_boxes(first.tolist())
    if (lost := np.isnan(start[:, 0])).any():
        texts = list(compress(texts, ~lost))
        first, final, start = first[~lost], final[~lost], start[~lost]
        alone = (alone[0][~lost], alone[1][~lost])
    end = start.copy()
    several = np.flatnonzero(first != final)
    end[several] = glyphs.loose_boxes(final[several].tolist())
    boxes = np.hstack([np.fmin(start, end)[:, :2], np.fmax(start, end)[:, 2:]])
    return _stretches(glyphs, texts, first, final, boxes, alone)


def _stretches(
    glyphs: Glyphs,
    texts: Sequence[str],
    first: Ints,
    final: Ints,
    boxes: Floats,
    alone: tuple[Flags, Flags],
) -> Words:
    """Join the words of one text object: it has one type, and mostly one line.

    `alone` are the words that are short, and those that a hyphen cut.
    """
    objects = np.array([item or 0 for item in glyphs.objects(first.tolist())], np.int64)
    changes = np.append(True, objects[1:] != objects[:-1])[: len(texts)]
    heights = np.abs(boxes[changes, 3] - boxes[changes, 1])
    types = _types(glyphs, objects[changes], first[changes], final[changes], heights)
    object_number = np.cumsum(changes) - 1
    size, bold, quarter = (column[object_number] for column in types)
    gap = boxes[1:, 0] - boxes[:-1, 2]
    level = np.abs(boxes[1:, 3] - boxes[:-1, 3]) < size[1:] / 4
    near = (-0.2 * size[1:] < gap) & (gap < 0.7 * size[1:]) & level & (quarter[1:] == 0)
    short, cut = alone
    joined = near & ~(changes[1:] | short[1:] | short[:-1] | cut[:-1])
    starts = np.flatnonzero(np.append(True, ~joined)[: len(texts)])
    stops = np.append(starts[1:], len(texts))[: len(starts)]
    boxes[starts, 2] = boxes[stops - 1, 2]
    pairs = zip(starts.tolist(), stops.tolist(), strict=True)
    lines = [" ".join(texts[start:stop]) for start, stop in pairs]
    return Words(lines, boxes[starts], size[starts], bold[starts], quarter[starts])


def _types(
    glyphs: Glyphs, objects: Ints, first: Ints, final: Ints, heights: Floats
) -> tuple[Floats, Flags, Ints]:
    """Size, weight and quarter turns of words."""
    size, other = (glyphs.font_sizes(ends.tolist()) for ends in (first, final))
    # The mark of a footnote before or behind a word is not its size.
    behind = np.flatnonzero(other > size)
    larger, objects = first.copy(), objects.copy()
    larger[behind] = final[behind]
    objects[behind] = [item or 0 for item in glyphs.objects(final[behind].tolist())]
    a, b, c, d = glyphs.matrices(larger.tolist()).T
    quarter = np.rint(np.arctan2(b, a) / (math.pi / 2)).astype(np.int64) % 4
    size = np.maximum(size, other) * np.hypot(c, d)
    unlike = (quarter % 2 == 0) & ~((0.3 * heights < size) & (size < 3 * heights))
    size = np.where(unlike, heights, size)
    # Rounded, so that one size is one size.
    size = np.maximum(np.rint(10 * size) / 10, 0.1)
    faces = fonts(objects.tolist())
    weights = {font: font is not None and _is_bold(font) for font in set(faces)}
    return size, np.array([weights[font] for font in faces], bool), quarter


def _is_bold(font: int) -> bool:
    name, weight = font_name_and_weight(font)
    return bool(_BOLD.search(name)) or weight >= 600
