"""PAGE XML: a page as regions and lines, recognized or transcribed by hand."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from datapartnerships.errors import DocumentError
from datapartnerships.readers import _recognized as rec
from datapartnerships.readers._base import FileReader
from datapartnerships.readers._dialects import PAGE
from datapartnerships.readers._recognized import Page, Region, Word
from datapartnerships.readers._source import Source
from datapartnerships.schema import Document

_ROOTS = frozenset({"PcGts"})
_CUSTOM = re.compile(r"structure\s*\{[^}]*\btype\s*:\s*([^;}]+)")


@dataclass(frozen=True, kw_only=True)
class PageXmlReader(FileReader):
    """Reads PAGE XML of 2010 to 2019: a segment a text region, in the file's reading order.

    The text of a region is that of its lines, else of its words, else its own; of several
    readings that with the lowest index. Nested regions and the cells of tables are segments of
    their own. `ref` is the type of the region where it is anything but a paragraph (``heading``,
    ``marginalia``, ``page-number``); `confidence` is the mean of ``conf`` weighted by characters.
    A file has no page number but where Transkribus wrote one: `page` is then 1.
    """

    keeps = "text regions in reading order, with box and confidence; the type of region"
    media_types = frozenset({PAGE})
    suffixes = (".xml",)
    isolated = True

    def parse(self, source: Source) -> Iterator[Document | Source]:
        data, root = rec.read_root(source, self.limits, "PAGE XML", _ROOTS)
        pages = [_page(e, order) for order, e in enumerate(root.iterchildren("{*}Page"), 1)]
        origin = _origin(root)
        segments = [s for page in pages for s in rec.page_segments(page, origin)]
        if not segments:
            raise DocumentError("no text found", f"{len(pages)} pages without text")
        yield source.document(self, segments, data=data, metadata=_metadata(root))


def _page(page: Any, order: int) -> Page:
    width, height = rec.number(page.get("imageWidth")), rec.number(page.get("imageHeight"))
    regions = [e for e in page.iter("{*}TextRegion") if _is_text(e)]
    ranks = _ranks(page)
    last = len(ranks)
    regions.sort(key=lambda region: _rank(region, ranks, last))
    transkribus = rec.first(page.getparent(), "TranskribusMetadata")
    number = None if transkribus is None else rec.whole_number(transkribus.get("pageNr"))
    return Page(
        [_region(region) for region in regions],
        number=number or order,
        size=(width, height) if width and height else None,
    )


def _is_text(region: Any) -> bool:
    """A region with lines of its own, or with text that no region inside it repeats."""
    if any(_reading(line)[0] or _words(line) for line in region.iterchildren("{*}TextLine")):
        return True
    inner = (e for e in region.iterdescendants("{*}TextRegion"))
    return bool(_reading(region)[0]) and not any(rec.flat(e) for e in inner)


def _ranks(page: Any) -> dict[str, int]:
    """Region id to its place in the ReadingOrder."""
    order = page.find("{*}ReadingOrder")
    ranks: dict[str, int] = {}
    if order is not None:
        steps = list(reversed(order))
        while steps:
            element = steps.pop()
            if name := element.get("regionRef"):
                ranks.setdefault(name, len(ranks))
            inner = list(element)
            if rec.local(element).startswith("OrderedGroup"):
                inner.sort(key=lambda e: rec.number(e.get("index")) or 0.0)
            steps += reversed(inner)
    return ranks


def _rank(region: Any, ranks: dict[str, int], last: int) -> int:
    element = region
    while element is not None:
        if (name := element.get("id")) in ranks:
            return ranks[name]
        element = element.getparent()
    return last


def _region(region: Any) -> Region:
    lines = [
        words
        for line in region.iterchildren("{*}TextLine")
        if (words := _split(*_reading(line)) or _words(line))
    ]
    if not lines:
        text, confidence = _reading(region)
        lines = [_split(line, confidence) for line in text.split("\n")]
    custom = _CUSTOM.search(region.get("custom") or "")
    return Region(lines, _box(region), rec.place(region.get("type") or (custom and custom[1])))


def _split(text: str, confidence: float | None) -> list[Word]:
    return [Word(word, confidence) for word in text.split()]


def _words(line: Any) -> list[Word]:
    readings = (_reading(word) for word in line.iterchildren("{*}Word"))
    return [Word(" ".join(text.split()), confidence) for text, confidence in readings if text]


def _reading(element: Any) -> tuple[str, float | None]:
    """The text of an element's first reading, and its confidence (or that of its words)."""
    found = list(element.iterchildren("{*}TextEquiv"))
    found.sort(key=lambda equiv: rec.number(equiv.get("index")) or 0.0)
    for equiv in found:
        for name in ("Unicode", "PlainText"):
            text = "".join(part.text or "" for part in equiv.iterchildren(f"{{*}}{name}")).strip()
            if text:
                own = rec.share(equiv.get("conf"))
                return text, _of_words(element) if own is None else own
    return "", None


def _of_words(element: Any) -> float | None:
    words = [word for word in _words(element) if word.confidence is not None]
    total = sum(len(word.text) for word in words)
    return sum((w.confidence or 0.0) * len(w.text) for w in words) / total if total else None


def _box(region: Any) -> rec.Box | None:
    coords = region.find("{*}Coords")
    if coords is None:
        return None
    pairs = [point.split(",") for point in (coords.get("points") or "").split()]
    pairs += [[p.get("x") or "", p.get("y") or ""] for p in coords.iterchildren("{*}Point")]
    points = [(rec.number(pair[0]), rec.number(pair[1])) for pair in pairs if len(pair) == 2]
    return rec.union((x, y, x, y) for x, y in points if x is not None and y is not None)


def _origin(root: Any) -> str:
    for item in root.iter("{*}MetadataItem"):
        if item.get("type") == "processingStep" and "recogni" in (item.get("name") or "").lower():
            return f"ocr {(item.get('value') or '').strip()[:100]}".strip()
    # Whether a program or a person wrote the text is not said: who made the file is.
    creator = rec.flat(rec.first(root, "Creator"))
    return f"PAGE XML by {creator[:100]}" if creator else "PAGE XML"


def _metadata(root: Any) -> dict[str, str]:
    found = {}
    for name, key in (("Creator", "creator"), ("Created", "created"), ("LastChange", "modified")):
        if text := rec.flat(rec.first(root, name)):
            found[key] = text
    page = rec.first(root, "Page")
    if page is not None and page.get("imageFilename"):
        found["image"] = page.get("imageFilename")
    languages = {
        language
        for region in root.iter("{*}TextRegion", "{*}Page")
        if (language := region.get("primaryLanguage"))
    }
    if languages:
        found["language"] = "; ".join(sorted(languages))
    return found
