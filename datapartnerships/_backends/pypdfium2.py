"""The text layer of a PDF, page by page, through PDFium.

With `_hidden_text` the only importer of pypdfium2.

PDFium is not thread-safe and keeps native memory until it is told: everything opened here is
closed here.
"""

from __future__ import annotations

import ctypes
import itertools
import math
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from datapartnerships._backends._page_frame import Box, Stretch, in_frame, turned_box
from datapartnerships.errors import DocumentError, extra
from datapartnerships.kernels.layout import Block, blocks

with extra("documents", needed_by="PdfReader"):
    import pypdfium2 as pdfium
    import pypdfium2.raw as raw

    from datapartnerships._backends._hidden_layer import hidden_by_image
    from datapartnerships._backends._hidden_text import visible

# What PDFium puts where a hyphen ended a line, and also where a glyph has no character.
HYPHEN = "\ufffe"
UNREADABLE = "\ufffd"
# A scan with a stamp over it has fewer characters than this on a page that is all image.
STAMP_CHARACTERS = 250
MAX_PIXELS = 40_000_000


def _quick(function: Any, result: Any, *arguments: Any) -> Any:
    """`function` with pointers as numbers, which are made faster: it is called for every word."""
    address: Any = ctypes.cast(function, ctypes.c_void_p).value
    return ctypes.CFUNCTYPE(result, ctypes.c_void_p, ctypes.c_int, *arguments)(address)


_LOOSE_BOX = _quick(raw.FPDFText_GetLooseCharBox, ctypes.c_int, ctypes.c_void_p)
_TEXT_OBJECT = _quick(raw.FPDFText_GetTextObject, ctypes.c_void_p)
# More text than this is no page that anyone reads: its layout is not looked for.
MAX_CHARACTERS = 100_000
_WORD = re.compile(f"[^\\s{HYPHEN}]+{HYPHEN}?")
_BOLD = re.compile(rb"bold|black|heavy|demi|[-,]bd\b", re.IGNORECASE)


@dataclass(slots=True)
class Page:
    """What one page gave. `text` is None where the page itself is damaged.

    `blocks` are those of the text, in reading order, their boxes as shares of the page as it is
    shown; none where they were not asked for or cannot be told. `image_share` is that of pictures;
    on a page with text of some length only where they hide it.
    """

    text: str | None
    label: str
    image_share: float = 0.0
    paths: int = 0
    blocks: list[Block] = field(default_factory=list)


class Pdf:
    """An open PDF: its bytes, or the path of its file. Use it as a context manager."""

    # Of a rendered page. Type of 6 points is then 25 pixels high.
    DPI = 300

    def __init__(self, file: bytes | str, passwords: Sequence[str] = ()) -> None:
        self._document = _open(file, passwords)
        self._has_form = self._document.get_formtype() != raw.FORMTYPE_NONE
        if self._has_form:
            self._document.init_forms()

    def __enter__(self) -> Pdf:
        return self

    def __exit__(self, *_: object) -> None:
        self._document.close()

    def __len__(self) -> int:
        return len(self._document)

    def metadata(self) -> dict[str, str]:
        found: dict[str, str] = self._document.get_metadata_dict(skip_empty=True)
        return found

    def outline(self, limit: int) -> Iterator[tuple[int, str]]:
        """Depth, from 1, and title of the entries of the table of contents."""
        for entry in itertools.islice(self._document.get_toc(), limit):
            yield entry.level + 1, entry.get_title()

    def pages(self, *, layout: bool = False) -> Iterator[Page]:
        """Every page; with `layout` also its blocks."""
        for index in range(len(self)):
            label = self._document.get_page_label(index)
            try:
                yield self._page(index, label, layout)
            except pdfium.PdfiumError:
                yield Page(None, label)

    def render(self, index: int) -> Any:
        """The page as it is shown, as a PIL image in shades of gray; None where it is damaged."""
        try:
            return self._render(index)
        except pdfium.PdfiumError:
            return None

    def _render(self, index: int) -> Any:
        with closing(self._document[index]) as page:
            width, height = page.get_size()
            # A drawing of many square meters has no letters that need all of these pixels.
            scale = min(self.DPI / 72, (MAX_PIXELS / max(width * height, 1.0)) ** 0.5)
            with closing(page.render(scale=scale, grayscale=True)) as bitmap:
                return bitmap.to_pil().copy()

    def attachments(self, limit: int) -> Iterator[tuple[str, bytes]]:
        """Files inside the PDF, by name."""
        count = self._document.count_attachments()
        if count > limit:
            raise DocumentError("too many attachments", f"{count:,}; max_members is {limit:,}")
        for index in range(count):
            attachment = self._document.get_attachment(index)
            name = attachment.get_name() or f"attachment-{index + 1}"
            try:
                yield name, bytes(attachment.get_data())
            except pdfium.PdfiumError:
                yield name, b""

    def _page(self, index: int, label: str, layout: bool) -> Page:
        if self._has_form:
            with closing(self._document[index]) as page:
                # What was typed into a form is an annotation, and no part of the page's text.
                page.flatten()
        with closing(self._document[index]) as page:
            with closing(page.get_textpage()) as textpage:
                box = page.get_bbox()
                keep = visible(textpage, box)
                text = _text(textpage, keep)
                found = _blocks(textpage, keep, box, page.get_rotation()) if layout else []
            if len(text.strip()) >= STAMP_CHARACTERS:
                return Page(text, label, hidden_by_image(page), blocks=found)
            return Page(text, label, *_drawn(page), blocks=found)


def _open(file: bytes | str, passwords: Sequence[str]) -> Any:
    # Most files ask for none, and the few that do say so at once.
    for password in (None, *passwords):
        try:
            return pdfium.PdfDocument(file, password=password)
        except pdfium.PdfiumError as error:
            if error.err_code in (raw.FPDF_ERR_PASSWORD, raw.FPDF_ERR_SECURITY):
                continue
            # PDFium looks for the header in the first kilobyte only; junk can be longer.
            data = Path(file).read_bytes() if isinstance(file, str) else file
            if (start := data.find(b"%PDF-")) > 0:
                return _open(data[start:], passwords)
            reason = str(error) if start == 0 else "there is no %PDF- header in it"
            raise DocumentError("damaged PDF", reason) from None
    tried = f"none of {len(passwords)} passwords opens it" if passwords else "needs a password"
    raise DocumentError("encrypted", f"{tried}: give it to PdfReader as passwords")


def _text(textpage: Any, keep: Sequence[bool] | None) -> str:
    if keep is not None:
        return _visible_text(textpage, keep)
    text: str = textpage.get_text_range()
    return _told_apart(textpage, text) if HYPHEN in text else text


def _told_apart(textpage: Any, text: str) -> str:
    """U+FFFE stays where a hyphen was; a glyph without a character becomes U+FFFD."""
    parts = text.split(HYPHEN)
    whole = [parts[0]]
    place = len(parts[0].encode("utf-16-le")) // 2
    for part in parts[1:]:
        glyph = raw.FPDFText_GetCharIndexFromTextIndex(textpage, place)
        whole += (_hyphen_or_not(textpage, glyph), part)
        place += 1 + len(part.encode("utf-16-le")) // 2
    return "".join(whole)


def _visible_text(textpage: Any, keep: Sequence[bool]) -> str:
    places = list(itertools.compress(range(len(keep)), keep))
    text: str = textpage.get_text_range()
    if len(text) == len(keep):
        shown = "".join(itertools.compress(text, keep))
        if HYPHEN not in shown:
            return shown
        return "".join(
            _hyphen_or_not(textpage, place) if char == HYPHEN else char
            for char, place in zip(shown, places, strict=True)
        )
    shown = "".join(_character(textpage, place) for place in places)
    return shown.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _character(textpage: Any, index: int) -> str:
    if raw.FPDFText_IsHyphen(textpage, index) == 1:
        return HYPHEN
    code = raw.FPDFText_GetUnicode(textpage, index)
    return chr(code) if code else UNREADABLE


def _drawn(page: Any) -> tuple[float, int]:
    """The share of the page that images cover, and the number of paths on it."""
    width, height = page.get_size()
    area, paths = 0.0, 0
    for item in page.get_objects(max_depth=4):
        if item.type == raw.FPDF_PAGEOBJ_PATH:
            paths += 1
        elif item.type == raw.FPDF_PAGEOBJ_IMAGE:
            left, bottom, right, top = item.get_bounds()
            left, right = max(left, 0.0), min(right, width)
            bottom, top = max(bottom, 0.0), min(top, height)
            area += max(0.0, right - left) * max(0.0, top - bottom)
    return min(1.0, area / (width * height)) if width * height else 0.0, paths


# ----------------------------------------------------------------------------------- layout


def _blocks(textpage: Any, keep: Sequence[bool] | None, box: Box, rotation: int) -> list[Block]:
    """The blocks of a page, their boxes as shares of the page as it is shown."""
    found = list(_stretches(textpage, keep))
    if not found or sum(map(len, found)) > MAX_CHARACTERS:
        return []
    turns: Counter[int] = Counter()
    for stretch in found:
        turns[stretch.quarter] += len(stretch)
    quarter = max(turns, key=lambda turn: (turns[turn], -turn))
    frame = in_frame(box, quarter)
    pieces = [stretch.piece(quarter, frame) for stretch in found]
    placed = blocks(pieces, width=frame[2] - frame[0], height=frame[3] - frame[1])
    if turn := (quarter - rotation // 90) % 4:
        for block in placed:
            block.bbox = turned_box(block.bbox, turn)
    return placed


def _stretches(textpage: Any, keep: Sequence[bool] | None) -> Iterator[Stretch]:
    """The words with box and type. Of a word only its first and last glyph are asked for."""
    text, places = _indexed(textpage, keep)
    handle = textpage.raw
    rect = raw.FS_RECTF()
    at_rect = ctypes.byref(rect)
    loose_box, text_object = _LOOSE_BOX, _TEXT_OBJECT
    address = ctypes.cast(handle, ctypes.c_void_p).value
    weights: dict[Any, bool] = {}
    last: Stretch | None = None
    begun = ended = 0
    drawn: Any = None
    for match in _WORD.finditer(text):
        start, end = match.span()
        first, final = (start, end - 1) if places is None else (places[start], places[end - 1])
        if not loose_box(address, first, at_rect):
            continue
        left, bottom, right, top = rect.left, rect.bottom, rect.right, rect.top
        if final != first and loose_box(address, final, at_rect):
            left, right = min(left, rect.left), max(right, rect.right)
            bottom, top = min(bottom, rect.bottom), max(top, rect.top)
        item = text_object(address, first)
        if last is not None and item == drawn and last.quarter == 0:
            # One object: one type, and mostly one line.
            gap = left - last.right
            near = -0.2 * last.size < gap < 0.7 * last.size and abs(top - last.top) < last.size / 4
            if near and end - start > 2 and ended - begun > 2 and text[ended - 1] != HYPHEN:
                last.text = f"{last.text} {match.group()}"
                last.right = right
                begun, ended = start, end
                continue
            type_ = (last.size, last.bold, 0)
        else:
            type_ = _type(handle, first, final, abs(top - bottom), weights)
        if last is not None:
            yield last
        last = Stretch(match.group(), left, bottom, right, top, *type_)
        begun, ended, drawn = start, end, item
    if last is not None:
        yield last


def _type(
    handle: Any, first: int, final: int, high: float, weights: dict[Any, bool]
) -> tuple[float, bool, int]:
    """Size, weight and quarter turns of a word."""
    quarter, size = 0, raw.FPDFText_GetFontSize(handle, first)
    # The mark of a footnote before or behind a word is not its size.
    if final != first and (other := raw.FPDFText_GetFontSize(handle, final)) > size:
        first, size = final, other
    matrix = raw.FS_MATRIX()
    if raw.FPDFText_GetMatrix(handle, first, ctypes.byref(matrix)):
        quarter = round(math.atan2(matrix.b, matrix.a) / (math.pi / 2)) % 4
        size *= math.hypot(matrix.c, matrix.d)
    if quarter % 2 == 0 and not 0.3 * high < size < 3 * high:
        size = high
    # Rounded, so that one size is one size.
    return round(10 * size) / 10 or 0.1, _is_bold(handle, first, weights), quarter


def _indexed(textpage: Any, keep: Sequence[bool] | None) -> tuple[str, list[int] | None]:
    """The text that is seen, and the glyph of each of its characters where it is not the same.

    PDFium counts the text in UTF-16, and may leave glyphs out of it.
    """
    text: str = textpage.get_text_range()
    places: list[int] | None = None
    if len(text) != textpage.count_chars():
        places = _by_glyph(textpage, text)
    if HYPHEN in text:
        text = "".join(
            _hyphen_or_not(textpage, i if places is None else places[i]) if c == HYPHEN else c
            for i, c in enumerate(text)
        )
    if keep is not None:
        shown = keep if places is None else [0 <= p < len(keep) and keep[p] for p in places]
        pairs = zip(text, shown, strict=True)
        text = "".join(char if kept or char.isspace() else " " for char, kept in pairs)
    return text, places


def _by_glyph(textpage: Any, text: str) -> list[int]:
    places, unit = [], 0
    for char in text:
        places.append(raw.FPDFText_GetCharIndexFromTextIndex(textpage, unit))
        unit += 1 + (char > "\uffff")
    return places


def _is_bold(handle: Any, index: int, weights: dict[Any, bool]) -> bool:
    item = raw.FPDFText_GetTextObject(handle, index)
    font = raw.FPDFTextObj_GetFont(item) if item else None
    if not font:
        return False
    key = ctypes.addressof(font.contents)
    if key not in weights:
        name = ctypes.create_string_buffer(256)
        raw.FPDFFont_GetBaseFontName(font, name, 256)
        weights[key] = bool(_BOLD.search(name.value)) or raw.FPDFFont_GetWeight(font) >= 600
    return weights[key]


def _hyphen_or_not(textpage: Any, glyph: int) -> str:
    hyphen = glyph >= 0 and raw.FPDFText_IsHyphen(textpage, glyph) == 1
    return HYPHEN if hyphen else UNREADABLE
