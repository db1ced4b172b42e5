"""PDF files: their text layer, and by OCR the pages that have none."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import chain
from typing import TYPE_CHECKING

from datapartnerships import _apart
from datapartnerships.config import secret
from datapartnerships.errors import DocumentError, InvalidParameter
from datapartnerships.kernels.layout import HYPHEN as _HYPHEN
from datapartnerships.kernels.layout import Block, title_key
from datapartnerships.ocr import Ocr, Recognized, recognize_pages
from datapartnerships.readers import _blocks
from datapartnerships.readers._audit import audited
from datapartnerships.readers._base import FileReader, checked_passwords
from datapartnerships.readers._layercheck import check_layers
from datapartnerships.readers._pages import LaidOut, counts_lines, document_blocks
from datapartnerships.readers._source import Source
from datapartnerships.readers._textlayer import why_ocr
from datapartnerships.schema import Document, Segment

if TYPE_CHECKING:
    from datapartnerships._backends.pypdfium2 import Page, Pdf

# Entries of an outline that are looked at: a damaged one may go round in circles.
MAX_OUTLINE = 20_000
_KEYS = {
    "Title": "title",
    "Author": "author",
    "Subject": "subject",
    "Keywords": "keywords",
    "CreationDate": "created",
    "ModDate": "modified",
}
_DATE = re.compile(r"D:(\d{4})(\d\d)?(\d\d)?(\d\d)?(\d\d)?(\d\d)?(?:(Z)|([+-])(\d\d)'?(\d\d)?)?")
_LINE_ENDS = re.compile(r"[ \t]*\r?\n|\r")
_WORD = re.compile(r"\w+(?:-\w+)*")
_CONTROLS = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f]")
_JOINED = re.compile(rf"([\w-]*){_HYPHEN}(\w*)")


@dataclass(frozen=True, kw_only=True)
class PdfReader(FileReader):
    """Reads PDFs: one segment for each block, with its page and box.

    Blocks come in the order they are read: column after column, footnotes behind the page they
    stand on (``ref`` is ``footnotes``), text up the margin last (``margin``). Tables have a bar
    between their cells. ``ref`` is the way down the headings, which are told by their type or
    by the outline of the document; without headings it is the label of the page. Numbers that
    count the lines down a margin are left out: ``metadata["pages_with_line_numbers"]`` names
    their pages. A page without text, or whose layout cannot be told, is one segment.

    Text that lies outside the visible page and text drawn twice at one place are left out, and
    words that a hyphen cut at a line end are joined (with their hyphen where the document itself
    writes them so elsewhere). Files attached to a PDF are handed on to the reader that knows
    them.

    The pages are those of the page tree: one that a damaged or made-up tree names twice is read
    twice, and a tree that goes round in circles ends at the count of pages that it claims.

    Whether the text layer of a page is its text is decided page by page: scans, scans with a
    stamp over them, text that was turned into outlines and fonts that cannot be read go to OCR,
    and so do scans whose earlier OCR put digits and marks into many of its words. Of other scans
    with an earlier OCR a page in ten is read again: where the layer lacks words that are read there
    with confidence, the pages around it are recognized too. ``origin`` of a segment says which of
    the two it came from, and why; ``metadata["pages_checked"]`` names what was compared.
    Headings run through both kinds of pages; on a scan they are told where type is clearly larger
    or capitals stand alone. ``metadata["pages_recognized"]`` names the pages that OCR read and
    ``metadata["pages_needing_ocr"]`` those that it should have. A document of scans that nothing
    here can read is rejected as ``no text layer``.

    Attributes:
        ocr: engines and languages for the pages that need it: ``Ocr(languages=("is",))``; None
            for no OCR.
        blocks: false for one segment a page, in the order in which the file draws its text.
        check_pages: of a document whose scans have a text layer from an earlier OCR, how many pages
            at most are read again to compare: one for every ten of them. 0 takes every such layer
            for good.
        audit_redactions: look for text that survives under what looks redacted, and for what else
            nobody sees, for the transform `AuditRedactions` to decide on. It draws every page three
            times or more.
        passwords: tried in turn on files that are encrypted. They are written nowhere: a recipe
            is to be given them again.
    """

    blocks: bool = True
    ocr: Ocr | None = Ocr()
    check_pages: int = 3
    audit_redactions: bool = False
    passwords: tuple[str, ...] = secret(())

    keeps = (
        "blocks in reading order with page and box, headings or page labels; scans by OCR; "
        "attachments"
    )
    version = 3
    media_types = frozenset({"application/pdf", "application/x-pdf"})
    suffixes = (".pdf",)
    isolated = True

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.ocr is not None and not isinstance(self.ocr, Ocr):
            raise InvalidParameter(self, "ocr", "an Ocr or None", self.ocr)
        if not isinstance(self.check_pages, int) or self.check_pages < 0:
            raise InvalidParameter(self, "check_pages", "a number, 0 or more", self.check_pages)
        object.__setattr__(self, "passwords", checked_passwords(self))

    def parse(self, source: Source) -> Iterator[Document | Source]:
        from datapartnerships._backends.pypdfium2 import Pdf

        # A file is read in pieces as its pages are: a scanned book is larger than its text.
        with Pdf(source.local or source.read(self.limits), self.passwords) as pdf:
            pages = list(pdf.pages(layout=self.blocks))
            reasons = [_why_ocr(page) for page in pages]
            checked = check_layers(pdf, pages, reasons, self.ocr, self.check_pages)
            reasons = [checked.reasons.get(n, why) for n, why in enumerate(reasons, 1)]
            scans, missing = self._recognized(pdf, pages, reasons, checked.answers)
            outline = list(pdf.outline(MAX_OUTLINE)) if self.blocks else []
            described = pdf.metadata()
            attached = list(pdf.attachments(self.limits.max_members))
        error = _unusable(pages, reasons, scans, missing)
        if error is None:
            metadata = _metadata(described, pages, reasons, scans, list(checked.answers))
            if attached:
                metadata["attachments"] = str(len(attached))
            if self.audit_redactions:
                metadata |= audited(source, self.limits, self.passwords)
            origins = checked.origins | scans
            segments = _segments(pages, origins, outline) if self.blocks else _whole(pages, origins)
            yield source.document(self, segments, whole=True, metadata=metadata)
        for place, (name, content) in enumerate(attached, 1):
            yield source.inside(f"{place}-{name}", partial(io.BytesIO, content), len(content))
        if error is not None:
            raise error

    def _recognized(
        self,
        pdf: Pdf,
        pages: list[Page],
        reasons: Sequence[str | None],
        known: Mapping[int, Recognized],
    ) -> tuple[dict[int, str], str]:
        """Where the text of the pages that need OCR is from, by number; and why there are none.

        What was recognized takes the place of the text layer in `pages`: what that had is on
        the picture too. `known` is what was read before.
        """
        found: dict[int, str] = {}
        wanted = {number: why for number, why in enumerate(reasons, 1) if why is not None}
        if not wanted:
            return found, ""
        if self.ocr is None:
            return found, "PdfReader(ocr=None) leaves it out"
        again = {number: answer for number, answer in known.items() if number in wanted}
        pictures = ((number, pdf.render(number - 1)) for number in wanted if number not in again)
        whole = ((number, picture) for number, picture in pictures if picture is not None)
        try:
            for number, answer in chain(again.items(), recognize_pages(whole, self.ocr)):
                _apart.alive()
                page = pages[number - 1]
                if answer.layout:
                    found[number] = answer.origin(wanted[number])
                    page.text = answer.text
                    page.blocks = answer.blocks(points=72 / pdf.DPI)
        except DocumentError as error:
            return found, str(error)
        return found, ""


def _why_ocr(page: Page) -> str | None:
    return None if page.text is None else why_ocr(page.text, page.image_share, page.paths)


def _unusable(
    pages: Sequence[Page],
    reasons: Sequence[str | None],
    scans: Mapping[int, str],
    missing: str,
) -> DocumentError | None:
    """Why the document has nothing that could be called its text, if so."""
    if not pages:
        return DocumentError("damaged PDF", "it has no page")
    if all(page.text is None for page in pages):
        return DocumentError("damaged PDF", f"none of its {len(pages)} pages can be opened")
    read = zip(pages, reasons, strict=True)
    if scans or any((page.text or "").strip() and not why for page, why in read):
        return None
    needed = sum(why is not None for why in reasons)
    if not needed or not missing:
        count = f"{len(pages)} pages without text"
        return DocumentError("no text found", f"{count}, {needed} of them by OCR" if needed else
                             f"{count} or images")  # fmt: skip
    return DocumentError("no text layer", f"{needed} of {len(pages)} pages need OCR: {missing}")


def _segments(
    pages: Sequence[Page], origins: Mapping[int, str], outline: Sequence[tuple[int, str]]
) -> list[Segment]:
    """The blocks of all pages as segments; a page without blocks is one."""
    depths = {title_key(title): depth for depth, title in reversed(outline)}
    depths.pop("", None)
    laid_out = [
        LaidOut(
            number, page.blocks, origins.get(number, "text layer"), _reference(page.label, number)
        )
        for number, page in enumerate(pages, 1)
    ]
    found = document_blocks(laid_out, depths)
    texts = _join_hyphenated([_tidy(block.text) for block in found])
    for block, text in zip(found, texts, strict=True):
        block.text = text
    by_page: dict[int | None, list[Segment]] = {}
    for segment in _blocks.segments(found):
        by_page.setdefault(segment.page, []).append(segment)
    whole = _whole([replace(page, text=None) if page.blocks else page for page in pages], origins)
    return [part for page in whole for part in by_page.get(page.page, [page])]


def _whole(pages: Sequence[Page], origins: Mapping[int, str]) -> list[Segment]:
    """Each page as one segment."""
    texts = _join_hyphenated([_tidy(page.text or "") for page in pages])
    return [
        Segment(
            text,
            kind="page",
            page=number,
            ref=_reference(page.label, number),
            confidence=_confidence(page.blocks),
            origin=origins.get(number, "text layer") if text else None,
        )
        for number, (page, text) in enumerate(zip(pages, texts, strict=True), 1)
    ]


def _confidence(blocks: Sequence[Block]) -> float | None:
    known = [(b.confidence, len(b.text)) for b in blocks if b.confidence is not None]
    characters = sum(length for _, length in known)
    return round(sum(c * length for c, length in known) / characters, 4) if characters else None


def _reference(label: str, number: int) -> str | None:
    return label if label and label != str(number) else None


def _tidy(text: str) -> str:
    if "\r" in text or " \n" in text or "\t\n" in text:
        text = _LINE_ENDS.sub("\n", text.replace("\u00ad\r\n", _HYPHEN))
    return _CONTROLS.sub("", text).strip()


def _join_hyphenated(texts: list[str]) -> list[str]:
    """Join the words that a hyphen cut at a line end.

    Whether the hyphen belongs to the word, the document says best: it stays where the same
    compound stands elsewhere in it and the joined word does not, and before a capital.
    """
    if not any(_HYPHEN in text for text in texts):
        return texts
    folded = "\n".join(texts).casefold()
    with_hyphen = (part for part in folded.split() if "-" in part)
    compounds = set(_WORD.findall(" ".join(with_hyphen)))
    words: set[str] = set()

    def stands_alone(compound: str, word: str) -> bool:
        if compound not in compounds:
            return False
        if not words:
            words.update(_WORD.findall(folded))
        return word not in words

    def joined(match: re.Match[str]) -> str:
        left, right = match.groups()
        compound, word = f"{left}-{right}".casefold(), f"{left}{right}".casefold()
        proper = right[:1].isupper() and not left.isupper()
        keep = proper or stands_alone(compound, word)
        return f"{left}{'-' if keep else ''}{right}"

    # What is joined has no space in it; the rest is not searched.
    return [
        " ".join(_JOINED.sub(joined, part) if _HYPHEN in part else part for part in text.split(" "))
        if _HYPHEN in text
        else text
        for text in texts
    ]


def _metadata(
    described: dict[str, str],
    pages: Sequence[Page],
    reasons: Sequence[str | None],
    scans: Mapping[int, str],
    checked: list[int],
) -> dict[str, str]:
    metadata = {ours: described[theirs] for theirs, ours in _KEYS.items() if theirs in described}
    for key in ("created", "modified"):
        if key in metadata:
            metadata[key] = iso_date(metadata[key])
    metadata["pages"] = str(len(pages))
    numbered = list(enumerate(pages, 1))
    for key, numbers in {
        "pages_recognized": [n for n, _ in numbered if n in scans],
        "pages_checked": sorted(checked),
        "pages_without_text": [
            n for n, page in numbered if not (page.text or "").strip() and n not in scans
        ],
        "pages_needing_ocr": [n for n, why in enumerate(reasons, 1) if why and n not in scans],
        "pages_with_line_numbers": [n for n, p in numbered if any(map(counts_lines, p.blocks))],
        "pages_damaged": [n for n, page in numbered if page.text is None],
    }.items():
        if numbers:
            metadata[key] = _blocks.page_ranges(numbers)
    return metadata


def iso_date(value: str) -> str:
    """``D:20190913092110-05'00'`` as ``2019-09-13T09:21:10-05:00``; else the value as it is."""
    if not (match := _DATE.match(value.strip())):
        return value
    year, month, day, hour, minute, second, zulu, sign, hours, minutes = match.groups()
    date = "-".join(part for part in (year, month, day) if part)
    if not hour:
        return date
    zone = "Z" if zulu else f"{sign}{hours}:{minutes or '00'}" if sign else ""
    return f"{date}T{hour}:{minute or '00'}:{second or '00'}{zone}"
