"""The text layer of a PDF, page by page, through PDFium. The only importer of pypdfium2.

PDFium is not thread-safe and keeps native memory until it is told: everything opened here is
closed here.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from typing import Any

from datapartnerships.errors import DocumentError, extra

with extra("documents", needed_by="PdfReader"):
    import pypdfium2 as pdfium
    import pypdfium2.raw as raw

# What PDFium puts where a hyphen ended a line, and also where a glyph has no character.
HYPHEN = "\ufffe"
UNREADABLE = "\ufffd"
# A scan with a stamp over it has fewer characters than this on a page that is all image.
STAMP_CHARACTERS = 250
# Glyphs drawn again at one place before they count as a second layer and not as a ligature.
MIN_REPEATED = 8


@dataclass(slots=True)
class Page:
    """What one page gave. `text` is None where the page itself is damaged."""

    text: str | None
    label: str
    image_share: float = 0.0
    paths: int = 0


class Pdf:
    """An open PDF. Use it as a context manager."""

    def __init__(self, data: bytes) -> None:
        self._document = _open(data)
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

    def pages(self) -> Iterator[Page]:
        for index in range(len(self)):
            label = self._document.get_page_label(index)
            try:
                yield self._page(index, label)
            except pdfium.PdfiumError:
                yield Page(None, label)

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

    def _page(self, index: int, label: str) -> Page:
        with closing(self._document[index]) as page:
            if self._has_form:
                # What was typed into a form is an annotation, and no part of the page's text.
                page.flatten()
        with closing(self._document[index]) as page:
            with closing(page.get_textpage()) as textpage:
                text = _text(textpage, page.get_bbox())
            if len(text.strip()) >= STAMP_CHARACTERS:
                return Page(text, label)
            return Page(text, label, *_drawn(page))


def _open(data: bytes) -> Any:
    try:
        return pdfium.PdfDocument(data)
    except pdfium.PdfiumError as error:
        if error.err_code in (raw.FPDF_ERR_PASSWORD, raw.FPDF_ERR_SECURITY):
            raise DocumentError("encrypted", "needs a password: decrypt it first") from None
        # PDFium looks for the header in the first kilobyte only; junk can be longer.
        if (start := data.find(b"%PDF-")) > 0:
            return _open(data[start:])
        raise DocumentError("damaged PDF", str(error)) from None


def _text(textpage: Any, box: tuple[float, float, float, float]) -> str:
    if _has_hidden_text(textpage, box):
        return _visible_text(textpage, box)
    text: str = textpage.get_text_range()
    return _told_apart(textpage, text) if HYPHEN in text else text


def _told_apart(textpage: Any, text: str) -> str:
    """U+FFFE stays where a hyphen was; a glyph without a character becomes U+FFFD."""
    parts = text.split(HYPHEN)
    whole = [parts[0]]
    place = len(parts[0].encode("utf-16-le")) // 2
    for part in parts[1:]:
        char = raw.FPDFText_GetCharIndexFromTextIndex(textpage, place)
        hyphen = char >= 0 and raw.FPDFText_IsHyphen(textpage, char) == 1
        whole += (HYPHEN if hyphen else UNREADABLE, part)
        place += 1 + len(part.encode("utf-16-le")) // 2
    return "".join(whole)


def _has_hidden_text(textpage: Any, box: tuple[float, float, float, float]) -> bool:
    """Some line lies off the page, or two lines of glyphs at one and the same place."""
    seen: set[tuple[int, ...]] = set()
    for index in range(textpage.count_rects()):
        rect = textpage.get_rect(index)
        if _outside(rect, box):
            return True
        place = tuple(round(edge) for edge in rect)
        wide = rect[2] - rect[0] > 2 * (rect[3] - rect[1])
        if wide and place in seen:
            return True
        seen.add(place)
    return False


def _outside(rect: tuple[float, ...], box: tuple[float, ...]) -> bool:
    left, bottom, right, top = rect
    return right < box[0] or left > box[2] or top < box[1] or bottom > box[3]


def _visible_text(textpage: Any, box: tuple[float, float, float, float]) -> str:
    """The text glyph by glyph, without what is off the page and what is drawn a second time."""
    count = textpage.count_chars()
    codes = [raw.FPDFText_GetUnicode(textpage, index) for index in range(count)]
    keep = [True] * count
    seen: set[tuple[int, int, int]] = set()
    repeated: list[int] = []
    for index, code in enumerate(codes):
        if raw.FPDFText_IsGenerated(textpage, index) or code <= 32:
            # Spaces and line ends that PDFium adds go where the glyph before them goes.
            keep[index] = keep[index - 1] if index else True
            repeated += [index] if repeated else []
            continue
        rect = textpage.get_charbox(index)
        place = (code, round(rect[0]), round(rect[1]))
        if _outside(rect, box):
            keep[index] = False
        elif place in seen:
            repeated.append(index)
            continue
        seen.add(place)
        _drop_layer(repeated, keep)
    _drop_layer(repeated, keep)
    shown = "".join(
        _character(textpage, i, codes[i]) for i in itertools.compress(range(count), keep)
    )
    return shown.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _drop_layer(repeated: list[int], keep: list[bool]) -> None:
    if len(repeated) >= MIN_REPEATED:
        for index in repeated:
            keep[index] = False
    repeated.clear()


def _character(textpage: Any, index: int, code: int) -> str:
    if raw.FPDFText_IsHyphen(textpage, index) == 1:
        return HYPHEN
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
