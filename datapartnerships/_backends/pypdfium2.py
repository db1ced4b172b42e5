"""The text layer of a PDF, page by page, through PDFium.

With `_glyphs` and what looks for hidden text the only importer of pypdfium2.

PDFium is not thread-safe and keeps native memory until it is told: everything opened here is
closed here.
"""

from __future__ import annotations

import itertools
import os
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from datapartnerships._backends._page_frame import Box, turned_box
from datapartnerships.errors import DocumentError, extra
from datapartnerships.kernels.layout import Block, blocks

with extra("documents", needed_by="PdfReader"):
    import pypdfium2 as pdfium
    import pypdfium2.raw as raw

    from datapartnerships._backends._glyphs import Flags, Glyphs
    from datapartnerships._backends._hidden_layer import hidden_by_image
    from datapartnerships._backends._hidden_text import visible
    from datapartnerships._backends._page_words import Words, pieces, words

# A scan with a stamp over it has fewer characters than this on a page that is all image.
STAMP_CHARACTERS = 250
MAX_PIXELS = 40_000_000


# What is read of a file before it is opened anew.
MAX_KEPT_BYTES = 64 << 20


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
        self._file, self._passwords = file, passwords
        self._begin()
        size = os.path.getsize(file) if isinstance(file, str) else len(file)
        self._page_bytes = size / max(1, len(self))

    def _begin(self) -> None:
        self._document = open_pdf(self._file, self._passwords)
        self._read = 0.0
        self._has_form = self._document.get_formtype() != raw.FORMTYPE_NONE
        if self._has_form:
            self._document.init_forms()

    def _begin_page(self) -> None:
        """PDFium keeps what it has read of a file: a large one is opened anew at times."""
        self._read += self._page_bytes
        if self._read > MAX_KEPT_BYTES:
            self._document.close()
            self._begin()

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
        self._begin_page()
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
        self._begin_page()
        with closing(self._loaded(index)) as page:
            with closing(page.get_textpage()) as textpage:
                box, glyphs = page.get_bbox(), Glyphs(textpage)
                keep = visible(glyphs, box)
                text = _text(glyphs, keep)
                found = _blocks(words(glyphs, keep), box, page.get_rotation()) if layout else []
            if len(text.strip()) >= STAMP_CHARACTERS:
                return Page(text, label, hidden_by_image(page), blocks=found)
            return Page(text, label, *_drawn(page), blocks=found)

    def _loaded(self, index: int) -> Any:
        page = self._document[index]
        # What was typed into a form is an annotation, and no part of the page's text.
        if self._has_form and page.flatten() == raw.FLATTEN_SUCCESS:
            page.close()
            page = self._document[index]
        return page


def open_pdf(file: bytes | str, passwords: Sequence[str]) -> Any:
    """PDFium's document, to be closed by the caller."""
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
                return open_pdf(data[start:], passwords)
            reason = str(error) if start == 0 else "there is no %PDF- header in it"
            raise DocumentError("damaged PDF", reason) from None
    tried = f"none of {len(passwords)} passwords opens it" if passwords else "needs a password"
    raise DocumentError("encrypted", f"{tried}: give it to the reader as passwords")


def _text(glyphs: Glyphs, keep: Flags | None) -> str:
    if keep is None:
        return glyphs.text
    return glyphs.codes[glyphs.shown(keep)].tobytes().decode("utf-32-le")


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


def _blocks(words: Words, box: Box, rotation: int) -> list[Block]:
    """The blocks of a page, their boxes as shares of the page as it is shown."""
    found, quarter, frame = pieces(words, box)
    placed = blocks(found, width=frame[2] - frame[0], height=frame[3] - frame[1])
    if turn := (quarter - rotation // 90) % 4:
        for block in placed:
            block.bbox = turned_box(block.bbox, turn)
    return placed


_FACTS = (
    "Title",
    "Author",
    "Subject",
    "Keywords",
    "Creator",
    "Producer",
    "CreationDate",
    "ModDate",
)


def hidden_in(data: bytes) -> list[str]:
    """What PDFium finds in a PDF besides the content of its pages."""
    found = set[str]()
    with closing(open_pdf(data, ())) as pdf:
        if any(pdf.get_metadata_value(name) for name in _FACTS):
            found.add("document information")
        for name, count in (
            ("attachments", raw.FPDFDoc_GetAttachmentCount(pdf)),
            ("actions", raw.FPDFDoc_GetJavaScriptActionCount(pdf)),
            ("signatures", max(0, raw.FPDF_GetSignatureCount(pdf))),
            ("form", raw.FPDF_GetFormType(pdf)),
            ("bookmarks", bool(raw.FPDFBookmark_GetFirstChild(pdf, None))),
            ("structure", raw.FPDFCatalog_IsTagged(pdf)),
        ):
            if count:
                found.add(name)
        if len(pdf) == 0:
            found.add("no page")
        for number in range(len(pdf)):
            with closing(pdf[number]) as page:
                if raw.FPDFPage_GetAnnotCount(page):
                    found.add("annotations")
    return sorted(found)


def pages(data: bytes) -> int:
    """How many pages PDFium finds."""
    with closing(open_pdf(data, ())) as pdf:
        return len(pdf)
