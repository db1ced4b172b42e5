"""hOCR: recognized text as a web page, with boxes and confidences in its attributes."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from datapartnerships.errors import DocumentError
from datapartnerships.readers import _recognized as rec
from datapartnerships.readers._base import FileReader
from datapartnerships.readers._dialects import HOCR
from datapartnerships.readers._page_encoding import decode_page
from datapartnerships.readers._recognized import Page, Region, Word
from datapartnerships.readers._source import Source
from datapartnerships.schema import Document

_AREAS = frozenset({"ocr_carea", "ocrx_block", "ocr_column"})
_LINES = frozenset(
    {"ocr_line", "ocrx_line", "ocr_header", "ocr_footer", "ocr_caption", "ocr_textfloat",
     "ocr_pageno"}
)  # fmt: skip
_WORDS = frozenset({"ocrx_word", "ocr_word"})
_PROPERTY = re.compile(r"""\s*([A-Za-z_]\w*)\s+((?:"[^"]*"|'[^']*'|[^;"'])*)""")


@dataclass(frozen=True, kw_only=True)
class HocrReader(FileReader):
    """Reads hOCR as Tesseract, OCRopus and FineReader write it: a segment a paragraph.

    One file may have many pages. `page` is the file's physical number (which counts from 0) plus
    one, else the place in the file; `ref` is the logical number or the id of the page, then the
    type of the line where it is a header, footer, caption, float or page number. `confidence` is
    the mean of the words' own, weighted by characters.
    """

    keeps = "paragraphs with box and confidence; the page's number and the type of line"
    media_types = frozenset({HOCR})
    suffixes = (".hocr", ".html", ".htm", ".xhtml")
    isolated = True

    def parse(self, source: Source) -> Iterator[Document | Source]:
        from datapartnerships._backends.lxml import html_tree

        data = source.read(self.limits)
        decoded = decode_page(data)
        tree = html_tree(decoded.text)
        found = [] if tree is None else [e for e in tree.iter() if "ocr_page" in _classes(e)]
        if not found:
            raise DocumentError("not hOCR", "no element of the class ocr_page")
        system = _meta(tree, "ocr-system")
        origin = f"ocr {system[:100]}" if system else "ocr"
        pages = [_page(element, order) for order, element in enumerate(found, 1)]
        segments = [s for page in pages for s in rec.page_segments(page, origin)]
        if not segments:
            raise DocumentError("no text found", f"{len(pages)} pages without words")
        metadata = {"pages": str(len(pages))} | decoded.metadata()
        if title := rec.flat(rec.first(tree, "title")):
            metadata["title"] = title
        if languages := _meta(tree, "ocr-langs"):
            metadata["language"] = languages
        yield source.document(self, segments, data=data, metadata=metadata)


def properties(title: str | None) -> dict[str, str]:
    """``bbox 0 0 10 20; x_wconf 91`` as a mapping; a semicolon in quotes ends nothing."""
    found: dict[str, str] = {}
    at, text = 0, title or ""
    while match := _PROPERTY.match(text, at):
        found.setdefault(match[1], match[2].strip())
        at = match.end() + 1
    return found


def _classes(element: Any) -> list[str]:
    return (element.get("class") or "").split() if isinstance(element.tag, str) else []


def _meta(tree: Any, name: str) -> str:
    for meta in tree.iter("meta"):
        if (meta.get("name") or "").lower() == name:
            return " ".join((meta.get("content") or "").split())
    return ""


def _page(page: Any, order: int) -> Page:
    said = properties(page.get("title"))
    box = _box(said)
    physical = rec.whole_number(said.get("ppageno"))
    label = said.get("lpageno", "").strip("\"'") or page.get("id")
    return Page(
        _regions(page, box),
        number=order if physical is None else physical + 1,
        size=None if box is None else (box[2] - box[0], box[3] - box[1]),
        label=label or None,
    )


def _regions(page: Any, page_box: rec.Box | None) -> list[Region]:
    """The lines, gathered by the paragraph, area or page that is nearest around each."""
    regions: list[Region] = []
    current: Any = None
    boxes: list[rec.Box | None] = []

    def close() -> None:
        if regions and current is not None:
            own = None if current is page else _box(properties(current.get("title")))
            regions[-1].box = _shifted(own or rec.union(boxes), page_box)
        boxes.clear()

    for line in _line_elements(page):
        owner = _owner(line, page)
        kind = _line_place(line)
        if owner is not current or regions[-1].place != kind:
            close()
            current = owner
            regions.append(Region([], place=kind))
        if not _WORDS.isdisjoint(_classes(line)) and regions[-1].lines:
            regions[-1].lines[-1] += _words(line)
        else:
            regions[-1].lines.append(_words(line))
        boxes.append(_box(properties(line.get("title"))))
    close()
    return regions


def _line_elements(page: Any) -> list[Any]:
    """Lines; words, paragraphs and areas that have none; without any of these, the page."""
    order = {element: place for place, element in enumerate(page.iter())}
    found: list[Any] = []
    covered: set[Any] = set()
    for wanted in (_LINES, _WORDS, frozenset({"ocr_par"}), _AREAS):
        for element in page.iterdescendants():
            if not wanted.isdisjoint(_classes(element)) and element not in covered:
                found.append(element)
                covered.update(element.iter())
                covered.update(element.iterancestors())
    return sorted(found, key=lambda element: order[element]) or [page]


def _owner(line: Any, page: Any) -> Any:
    area = None
    for element in line.iterancestors():
        if element is page:
            break
        names = _classes(element)
        if "ocr_par" in names:
            return element
        if area is None and not _AREAS.isdisjoint(names):
            area = element
    return page if area is None else area


def _line_place(line: Any) -> str | None:
    for name in _classes(line):
        if name in _LINES and name not in ("ocr_line", "ocrx_line"):
            return name.removeprefix("ocr_")
    return None


def _words(line: Any) -> list[Word]:
    found = [e for e in line.iterdescendants() if not _WORDS.isdisjoint(_classes(e))]
    if not found:
        own = _confidence(properties(line.get("title")))
        return [Word(text, own) for text in "".join(line.itertext()).split()]
    return [
        Word(text, _confidence(properties(word.get("title"))))
        for word in found
        if (text := rec.flat(word))
    ]


def _confidence(said: dict[str, str]) -> float | None:
    for name in ("x_wconf", "x_conf"):
        if name in said:
            return rec.share(said[name], 100)
    letters = [rec.share(value, 100) for value in said.get("x_confs", "").split()]
    known = [value for value in letters if value is not None]
    return sum(known) / len(known) if known else None


def _box(said: dict[str, str]) -> rec.Box | None:
    values = [rec.number(value) for value in said.get("bbox", "").split()]
    if len(values) != 4 or None in values:
        return None
    left, top, right, bottom = (value or 0.0 for value in values)
    return left, top, right, bottom


def _shifted(box: rec.Box | None, page: rec.Box | None) -> rec.Box | None:
    if box is None or page is None:
        return None
    return box[0] - page[0], box[1] - page[1], box[2] - page[0], box[3] - page[1]
