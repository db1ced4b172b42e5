"""ALTO: the words of one page that a library had recognized, each with its box."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from datapartnerships.errors import DocumentError
from datapartnerships.readers import _recognized as rec
from datapartnerships.readers._base import FileReader
from datapartnerships.readers._dialects import ALTO
from datapartnerships.readers._recognized import Page, Region, Word
from datapartnerships.readers._source import Source
from datapartnerships.schema import Document

ROOTS = frozenset({"alto", "ALTO"})
# The schema has the margins first; they are read around the text.
_SPACES = {"TopMargin": 0, "LeftMargin": 1, "PrintSpace": 2, "RightMargin": 3, "BottomMargin": 4}
# What is said of the image; the identifier is that of the whole book or newspaper.
_SOURCE = {
    "fileName": "image",
    "fileIdentifier": "page_identifier",
    "documentIdentifier": "identifier",
}
# Settings that are longer than this are no name.
_NAME_CHARACTERS = 60
_MARGINS = {
    "TopMargin": "top margin",
    "LeftMargin": "left margin",
    "RightMargin": "right margin",
    "BottomMargin": "bottom margin",
}


@dataclass(frozen=True, kw_only=True)
class AltoReader(FileReader):
    """Reads ALTO files of any version (1 to 4, with or without namespace): a segment a TextBlock.

    Blocks come in the file's ReadingOrder (ALTO 4), else along IDNEXT, else as they stand, with
    the margins around the print space. `ref` is the printed number or the id of the page, then
    the type of the block where a tag, its TYPE or the margin gives one. The halves of a word
    that a line end cuts are joined as the file says (SUBS_TYPE, or a HYP that is no hyphen);
    spellings are those of CONTENT. `confidence` is the mean of WC weighted by characters. Boxes
    are shares of the page, so the unit of measurement does not matter; a box that does not fit
    its page is left out.
    """

    keeps = (
        "TextBlocks in reading order, with box and confidence; the page's number and the type "
        "of block"
    )
    media_types = frozenset({ALTO})
    suffixes = (".xml", ".alto")
    isolated = True

    def parse(self, source: Source) -> Iterator[Document | Source]:
        data, root = rec.read_root(source, self.limits, "ALTO", ROOTS)
        pages = alto_pages(root)
        origin = alto_origin(root)
        segments = [s for page in pages for s in rec.page_segments(page, origin)]
        if not segments:
            raise DocumentError("no text found", f"{len(pages)} pages without words")
        yield source.document(self, segments, data=data, metadata=_metadata(root, pages))


def alto_pages(root: Any) -> list[Page]:
    """The pages of an ALTO tree, each with its blocks in reading order."""
    types = _types(root)
    ranks = _ranks(root)
    return [
        _page(element, order, types, ranks) for order, element in enumerate(root.iter("{*}Page"), 1)
    ]


def alto_origin(root: Any) -> str:
    """``ocr`` and what recognized the text, as the file's description says it."""
    steps = [
        software
        for step in root.iter("{*}ocrProcessingStep", "{*}Processing")
        for software in step.iter("{*}processingSoftware")
    ]
    # After the recognition other programs may have been at work; with none named so, the first.
    steps += root.iter("{*}processingSoftware")
    for software in steps:
        creator, name, version = (
            rec.flat(rec.first(software, f"software{part}"))
            for part in ("Creator", "Name", "Version")
        )
        if not name:
            continue
        # "FineReader" by "ABBYY (BIT Software), Russia" is known by both.
        maker = creator.partition(" ")[0].rstrip(",")
        if maker.isupper() and maker.lower() not in name.lower():
            name = f"{maker} {name}"
        if version and version not in name:
            name = f"{name} {version}"
        return f"ocr {name[:100]}"
    # The French national library names the engine among the settings.
    settings = rec.flat(rec.first(root, "processingStepSettings"))
    return f"ocr {settings}" if settings and len(settings) <= _NAME_CHARACTERS else "ocr"


def _page(page: Any, order: int, types: dict[str, str], ranks: dict[str, int]) -> Page:
    blocks: list[Any] = []
    for space in sorted(page, key=lambda e: _SPACES.get(rec.local(e), 2)):
        # Some write blocks without a print space.
        blocks += space.iter("{*}TextBlock")
    width, height = rec.number(page.get("WIDTH")), rec.number(page.get("HEIGHT"))
    printed, name = (" ".join((page.get(k) or "").split()) for k in ("PRINTED_IMG_NR", "ID"))
    return Page(
        [_region(block, types) for block in _in_order(blocks, ranks)],
        number=rec.whole_number(page.get("PHYSICAL_IMG_NR")) or order,
        size=(width, height) if width and height else None,
        label=printed or name or None,
        printed=printed or None,
    )


def _in_order(blocks: list[Any], ranks: dict[str, int]) -> list[Any]:
    if ranks:
        last = len(ranks)
        return sorted(blocks, key=lambda block: _rank(block, ranks, last))
    following = {block: block.get("IDNEXT") for block in blocks if block.get("IDNEXT")}
    if not following:
        return blocks
    by_name = {block.get("ID"): block for block in blocks}
    targets = set(following.values())
    found, done = [], set()
    # Beginnings of chains first; then what only a circle leads to.
    for block in [*(b for b in blocks if b.get("ID") not in targets), *blocks]:
        while block is not None and block not in done:
            done.add(block)
            found.append(block)
            block = by_name.get(following.get(block))
    return found


def _rank(block: Any, ranks: dict[str, int], last: int) -> int:
    """Of the block, or of the innermost block around it that is in the reading order."""
    element = block
    while element is not None:
        if (name := element.get("ID")) in ranks:
            return ranks[name]
        element = element.getparent()
    return last


def _ranks(root: Any) -> dict[str, int]:
    """ID to place in the ReadingOrder, where there is one."""
    order = rec.first(root, "ReadingOrder")
    ranks: dict[str, int] = {}
    if order is not None:
        for element in order.iter("{*}*"):
            if name := element.get("REF"):
                ranks.setdefault(name, len(ranks))
    return ranks


def _types(root: Any) -> dict[str, str]:
    """Tag id to the type of block it stands for."""
    found = {}
    for tag in root.iter("{*}StructureTag", "{*}LayoutTag", "{*}OtherTag"):
        if tag.get("ID"):
            found[tag.get("ID")] = tag.get("LABEL") or tag.get("TYPE") or ""
    return found


def _place(block: Any, types: dict[str, str]) -> str | None:
    element = block
    while element is not None and rec.local(element) != "Page":
        if margin := _MARGINS.get(rec.local(element)):
            return margin
        names = [types[tag] for tag in (element.get("TAGREFS") or "").split() if tag in types]
        for name in (*names, element.get("TYPE")):
            if found := rec.place(name):
                return found
        element = element.getparent()
    return None


def _region(block: Any, types: dict[str, str]) -> Region:
    lines, boxes = [], []
    for line in block.iterchildren("{*}TextLine"):
        lines.append(_words(line))
        boxes.append(_box(line))
    box = _box(block) or rec.union(boxes)
    around = [element.get("ID") for element in (block, *block.iterancestors())]
    return Region(lines, box, _place(block, types), tuple(name for name in around if name))


_HALVES = {"HypPart1": 1, "HypPart2": 2}


def _words(line: Any) -> list[Word]:
    words: list[Word] = []
    for item in line:
        name = rec.local(item)
        if name == "String":
            get = item.get
            text = " ".join((get("CONTENT") or "").split())
            if text:
                half = _HALVES.get(get("SUBS_TYPE") or "", 0)
                whole = (get("SUBS_CONTENT") or "").strip() if half else ""
                words.append(Word(text, rec.share(get("WC")), half, whole))
        elif name == "HYP" and words:
            mark = item.get("CONTENT") or "-"
            if not words[-1].text.endswith(mark):
                words[-1].hyphen = mark
    return words


def _box(element: Any) -> rec.Box | None:
    left, top, width, height = (
        rec.number(element.get(name)) for name in ("HPOS", "VPOS", "WIDTH", "HEIGHT")
    )
    if left is None or top is None or width is None or height is None:
        return None
    return left, top, left + width, top + height


def _metadata(root: Any, pages: Sequence[Page]) -> dict[str, str]:
    languages: Counter[str] = Counter()
    for block in root.iter("{*}TextBlock"):
        language = block.get("LANG") or block.get("language")
        if language:
            languages[language] += 1
    found = {"pages": str(len(pages))}
    if languages:
        found["language"] = "; ".join(sorted(languages))
    for name, key in _SOURCE.items():
        if text := rec.flat(rec.first(root, name)):
            found[key] = text
    return found
