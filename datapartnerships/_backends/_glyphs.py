"""The glyphs of a PDF page, asked for by the thousand.

A call from Python into PDFium takes longer than the answer. So what is asked of every word goes
through `map`, which has no step of Python between two calls, into one array.
"""

from __future__ import annotations

import ctypes
import itertools
from collections.abc import Iterable, Sequence
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt
import pypdfium2 as pdfium
import pypdfium2.raw as raw

# What PDFium puts where a hyphen ended a line, and also where a glyph has no character.
HYPHEN = "\ufffe"
UNREADABLE = "\ufffd"

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]
Codes = npt.NDArray[np.uint32]


def _quick(function: Any, result: Any, *arguments: Any) -> Any:
    """`function` with pointers as numbers, and no other thread let in: both make it faster."""
    address: Any = ctypes.cast(function, ctypes.c_void_p).value
    return ctypes.PYFUNCTYPE(result, ctypes.c_void_p, *arguments)(address)


_INT, _AT = ctypes.c_int, ctypes.c_void_p
_LOOSE_BOX = _quick(raw.FPDFText_GetLooseCharBox, _INT, _INT, _AT)
_CHAR_BOX = _quick(raw.FPDFText_GetCharBox, _INT, _INT, _AT, _AT, _AT, _AT)
_RECT = _quick(raw.FPDFText_GetRect, _INT, _INT, _AT, _AT, _AT, _AT)
_MATRIX = _quick(raw.FPDFText_GetMatrix, _INT, _INT, _AT)
_FONT_SIZE = _quick(raw.FPDFText_GetFontSize, ctypes.c_double, _INT)
_TEXT_OBJECT = _quick(raw.FPDFText_GetTextObject, _AT, _INT)
_UNICODE = _quick(raw.FPDFText_GetUnicode, ctypes.c_uint, _INT)
_IS_GENERATED = _quick(raw.FPDFText_IsGenerated, _INT, _INT)
_IS_HYPHEN = _quick(raw.FPDFText_IsHyphen, _INT, _INT)
_FROM_TEXT = _quick(raw.FPDFText_GetCharIndexFromTextIndex, _INT, _INT)
_FONT = _quick(raw.FPDFTextObj_GetFont, _AT)


class Glyphs:
    """The glyphs of an open text page, by number; good as long as that is open.

    Boxes are arrays of left, bottom, right and top, y upwards.
    """

    def __init__(self, textpage: Any) -> None:
        self._textpage = textpage
        self._address = ctypes.cast(textpage.raw, ctypes.c_void_p).value
        self.count: int = textpage.count_chars()

    @cached_property
    def text(self) -> str:
        """The text, with U+FFFE where a hyphen cut a word and U+FFFD for what is no character."""
        text = self._text
        if HYPHEN not in text:
            return text
        codes = _codes(text).copy()
        places = np.flatnonzero(codes == ord(HYPHEN))
        glyphs = self.of(places)
        hyphens = (glyphs >= 0) & (np.array(self._ask(_IS_HYPHEN, glyphs.tolist())) == 1)
        codes[places[~hyphens]] = ord(UNREADABLE)
        return codes.tobytes().decode("utf-32-le")

    @cached_property
    def codes(self) -> Codes:
        """The text as numbers."""
        return _codes(self.text)

    def of(self, characters: Ints) -> Ints:
        """The glyphs of characters of the text, by their place in it; -1 for none.

        PDFium counts the text in UTF-16, and may leave glyphs out of it.
        """
        if len(self._text) == self.count:
            return characters
        high = _codes(self._text) > 0xFFFF
        units = characters + (np.cumsum(high) - high)[characters]
        return np.array(self._ask(_FROM_TEXT, units.tolist()), np.int64)

    def shown(self, keep: Flags) -> Flags:
        """`keep` is for each glyph: the same for each character of the text."""
        places = self.of(np.arange(len(self._text)))
        known = (places >= 0) & (places < self.count)
        return known & keep[np.where(known, places, 0)]

    def lines(self, start: int, count: int) -> Floats:
        """Boxes of what stands side by side in one text object, of so many glyphs."""
        found = np.zeros((self._textpage.count_rects(start, count), 4))
        left, bottom, right, top = _columns(found)
        self._ask(_RECT, range(len(found)), left, top, right, bottom)
        return found

    def boxes(self, glyphs: Sequence[int]) -> Floats:
        """Boxes of the ink."""
        found = np.zeros((len(glyphs), 4))
        left, bottom, right, top = _columns(found)
        if not all(self._ask(_CHAR_BOX, glyphs, left, right, bottom, top)):
            raise pdfium.PdfiumError("a glyph has no box")
        return found

    def loose_boxes(self, glyphs: Sequence[int]) -> Floats:
        """Boxes as high as the type, NaN for a number that no glyph has."""
        found = np.full((len(glyphs), 4), np.nan, np.float32)
        self._ask(_LOOSE_BOX, glyphs, _rows(found))
        return found[:, [0, 3, 2, 1]].astype(np.float64)

    def matrices(self, glyphs: Sequence[int]) -> Floats:
        """The first four numbers of their transformations; those of none where not known."""
        found = np.tile(np.array([1, 0, 0, 1, 0, 0], np.float32), (len(glyphs), 1))
        self._ask(_MATRIX, glyphs, _rows(found))
        return found[:, :4].astype(np.float64)

    def font_sizes(self, glyphs: Sequence[int]) -> Floats:
        return np.array(self._ask(_FONT_SIZE, glyphs), np.float64)

    def objects(self, glyphs: Sequence[int]) -> list[int | None]:
        """The addresses of the text objects that they are of."""
        return self._ask(_TEXT_OBJECT, glyphs)

    def codes_of_glyphs(self) -> list[int]:
        return self._ask(_UNICODE, range(self.count))

    def is_generated(self, glyph: int) -> bool:
        """It stands in no text object: a space or line end that PDFium adds."""
        return bool(_IS_GENERATED(self._address, glyph) == 1)

    @cached_property
    def _text(self) -> str:
        text: str = self._textpage.get_text_range()
        return text

    def _ask(self, function: Any, glyphs: Iterable[int], *answers: Iterable[int]) -> list[Any]:
        return list(map(function, itertools.repeat(self._address), glyphs, *answers))


def _codes(text: str) -> Codes:
    return np.frombuffer(text.encode("utf-32-le"), "<u4")


def fonts(objects: Sequence[int | None]) -> list[int | None]:
    """The addresses of the fonts of text objects."""
    return [item and _FONT(item) for item in objects]


def font_name_and_weight(font: int) -> tuple[bytes, int]:
    handle = ctypes.cast(font, raw.FPDF_FONT)
    name = ctypes.create_string_buffer(256)
    raw.FPDFFont_GetBaseFontName(handle, name, 256)
    return name.value, raw.FPDFFont_GetWeight(handle)


def _rows(array: npt.NDArray[Any]) -> range:
    """The addresses of the rows of an array."""
    start, step = array.ctypes.data, array.itemsize * array.shape[1]
    return range(start, start + step * len(array), step)


def _columns(array: npt.NDArray[Any]) -> list[range]:
    """The addresses of each column's numbers."""
    rows = _rows(array)
    steps = range(0, rows.step, array.itemsize)
    return [range(rows.start + by, rows.stop + by, rows.step) for by in steps]
