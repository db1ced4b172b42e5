"""METS: what a library says of a digitised book or newspaper, and of its parts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from datapartnerships.errors import DocumentError, InvalidParameter
from datapartnerships.ocr import Ocr
from datapartnerships.readers import _recognized as rec
from datapartnerships.readers._base import FileReader
from datapartnerships.readers._blocks import MAX_HEADING_CHARACTERS, Block, segments
from datapartnerships.readers._dialects import METS
from datapartnerships.readers._metspages import LINK, Pages, Structure, leaves, listed
from datapartnerships.readers._source import Source
from datapartnerships.schema import Document, Segment

_ROOTS = frozenset({"mets"})
# Dublin Core, with or without refinements, to our names.
_DUBLIN_CORE = {
    "title": "title",
    "creator": "author",
    "publisher": "publisher",
    "date": "date",
    "issued": "date",
    "language": "language",
    "identifier": "identifier",
    "rights": "rights",
    "license": "rights",
    "type": "type",
}
# Paths below `mods`; but for its title, what a related item says is not the object's own.
_MODS = {
    "publisher": ("originInfo/publisher",),
    "date": ("originInfo/dateIssued", "originInfo/dateCreated", "originInfo/copyrightDate"),
    "language": ("language/languageTerm",),
    "identifier": ("identifier", "recordInfo/recordIdentifier"),
    "rights": ("accessCondition",),
    # The newspaper of an issue, the series of a book.
    "part_of": (
        "relatedItem[@type='host']/titleInfo/title",
        "relatedItem[@type='series']/titleInfo/title",
    ),
    "type": ("genre",),
}
_AUTHORS = frozenset({"", "aut", "author", "creator", "cre"})


@dataclass(frozen=True, kw_only=True)
class MetsReader(FileReader):
    """Reads METS: a digitized book or issue as one document, with the text of its ALTO files.

    The pages come in the order of the physical structure, each with the TextBlocks of its ALTO
    file as `AltoReader` gives them: with box, confidence and what recognized them. `ref` is the
    way down the labels of the logical structure (article, chapter) as far as it says which blocks
    or pages are theirs, then the page's ORDERLABEL. A page without text is an empty segment of
    kind "page". Title, author, publisher, date, language, identifier, type and rights come from
    MODS or Dublin Core and the statement of rights.

    Files are joined that lie in the folder of the METS file or below, in a folder that is read
    whole or in a zip file, if its name has "mets" in it (or is ``meta.xml``): those that it lists
    are then no documents of their own, and all others are. So are a listed file that is damaged,
    one that several pages share, and a PDF. ``metadata["files_joined"]`` counts the ALTO files
    and ``metadata["files_missing"]`` names those that were not there.

    A page without an ALTO file is recognized from its picture (``metadata["pages_recognized"]``;
    ``metadata["pages_needing_ocr"]`` where that was not to be). So is a page whose ALTO text is
    illegible or less sure than `min_confidence`: the better of the two is kept, and `origin` says
    why it was done.

    Without any text of its pages, a METS file gives what is said of the object, with the label of
    each logical division as a segment and the page that it begins on.

    Attributes:
        ocr: engines and languages for pages without text: ``Ocr(languages=("is",))``; None for no
            OCR.
        min_confidence: 0 to 1. Pages whose ALTO text has less are recognized again. Name their
            language in `ocr` first: what misreads a language is as sure of it as of others.
    """

    ocr: Ocr | None = Ocr()
    min_confidence: float = 0.0

    version = 2
    keeps = (
        "the whole object: the text of its pages with box and confidence; labels of pages, "
        "articles and chapters"
    )
    media_types = frozenset({METS})
    suffixes = (".xml", ".mets")
    isolated = True
    joins = True

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.ocr is not None and not isinstance(self.ocr, Ocr):
            raise InvalidParameter(self, "ocr", "an Ocr or None", self.ocr)
        if not isinstance(self.min_confidence, int | float) or not 0 <= self.min_confidence <= 1:
            raise InvalidParameter(self, "min_confidence", "a share, 0 to 1", self.min_confidence)

    def parse(self, source: Source) -> Iterator[Document | Source]:
        data, root = rec.read_root(source, self.limits, "METS", _ROOTS)
        numbers = _pages(root)
        divisions = list(_page_divisions(root))
        metadata = _metadata(root)
        metadata["pages"] = str(len(divisions))
        used: set[int] = set()
        made: list[Segment] = []
        pages = Pages(source, self.limits, self.ocr, self.min_confidence)
        found = pages.read(leaves(divisions, listed(root)), _structure(root, numbers))
        if any(segment.text for segment in found):
            made, used = found, pages.used
            metadata |= pages.metadata()
        elif missing := pages.metadata().get("files_missing"):
            metadata["files_missing"] = missing
        if not made:
            made = segments(block for _, block, _ in _divisions(root, numbers))
        if not made and "title" in metadata:
            made = segments([Block(metadata["title"], level=1)])
        if not made:
            detail = f"it describes {metadata['pages']} pages, and has no title or label"
            raise DocumentError("no text found", detail)
        yield source.document(self, made, data=data, metadata=metadata)
        yield from (part for part in source.beside if id(part) not in used)


def _structures(root: Any, physical: bool) -> list[Any]:
    return [
        structure
        for structure in root.iterchildren("{*}structMap")
        if (structure.get("TYPE") or structure.get("LABEL") or "").lower().startswith("physical")
        == physical
    ]


def _page_divisions(root: Any) -> Iterator[Any]:
    for structure in _structures(root, physical=True):
        for division in structure.iter("{*}div"):
            kind = (division.get("TYPE") or "").lower()
            # The whole object is a division as well, often with files of its own.
            inner = division.find("{*}div") is not None
            if "page" in kind or (not inner and division.find("{*}fptr") is not None):
                yield division


def _pages(root: Any) -> dict[str, int]:
    """Ids of physical divisions, and of the files that are theirs alone, to the page's number."""
    pages: dict[str, int] = {}
    shared: set[str] = set()
    for number, division in enumerate(_page_divisions(root), 1):
        for pointer in (division, *division.iter("{*}fptr", "{*}area")):
            name = pointer.get("ID") if pointer is division else pointer.get("FILEID")
            if name and pages.setdefault(name, number) != number:
                shared.add(name)
    return {name: page for name, page in pages.items() if name not in shared}


def _divisions(root: Any, pages: Mapping[str, int]) -> Iterator[tuple[Any, Block, dict[int, None]]]:
    """The labelled logical divisions, in order, with the pages that are linked to them.

    The `level` of a block is how deep its division is.
    """
    links: dict[str, list[str]] = {}
    for link in root.iter("{*}smLink"):
        links.setdefault(link.get(LINK + "from") or "", []).append(link.get(LINK + "to") or "")
    for structure in _structures(root, physical=False):
        steps = [(division, 1) for division in reversed(list(structure.iterchildren("{*}div")))]
        while steps:
            division, level = steps.pop()
            label = " ".join((division.get("LABEL") or "").split())
            if label:
                names = [inner.get("ID") or "" for inner in division.iter("{*}div")]
                targets = [target for name in names for target in links.get(name, ())]
                page = _first_page(division, targets, pages)
                linked = dict.fromkeys(pages[name] for name in targets if name in pages)
                yield division, Block(label, level=level, page=page), linked
            inner = list(division.iterchildren("{*}div"))
            steps += [(child, level + bool(label)) for child in reversed(inner)]


def _structure(root: Any, pages: Mapping[str, int]) -> Structure:
    """Which blocks and pages the labelled divisions say are theirs; the inner ones have it."""
    found = Structure()
    path: list[tuple[int, str]] = []
    for division, block, linked in _divisions(root, pages):
        while path and path[-1][0] >= block.level:
            path.pop()
        if len(block.text) <= MAX_HEADING_CHARACTERS:
            path.append((block.level, block.text))
        names = tuple(name for _, name in path)
        for number in linked:
            found.pages.setdefault(number, []).append(names)
        for pointer in division.iter("{*}fptr", "{*}area"):
            file, begin = pointer.get("FILEID"), pointer.get("BEGIN")
            if file and begin:
                found.blocks[file, begin] = names
            elif file in pages:
                found.pages.setdefault(pages[file], []).append(names)
    return found


def _first_page(division: Any, targets: list[str], pages: Mapping[str, int]) -> int | None:
    names = [*targets, *(e.get("FILEID") for e in division.iter("{*}fptr", "{*}area"))]
    return min((pages[name] for name in names if name in pages), default=None)


def _metadata(root: Any) -> dict[str, str]:
    found: dict[str, list[str]] = {}
    for section in _described(root):
        for mods in section.iter("{*}mods"):
            _read_mods(mods, found)
            break
        else:
            _read_dublin_core(section, found)
        if found:
            break
    found.setdefault("rights", []).extend(map(rec.flat, root.iter("{*}rightsMD")))
    if not found.get("title") and root.get("LABEL"):
        found["title"] = [root.get("LABEL")]
    joined = {key: "; ".join(dict.fromkeys(filter(None, v))) for key, v in found.items()}
    return {key: value for key, value in joined.items() if value}


def _described(root: Any) -> Iterator[Any]:
    """Sections of description: those of the outermost logical division first."""
    sections = {section.get("ID"): section for section in root.iterchildren("{*}dmdSec")}
    for structure in (*_structures(root, physical=False), *_structures(root, physical=True)):
        for division in structure.iterchildren("{*}div"):
            for name in (division.get("DMDID") or "").split():
                if name in sections:
                    yield sections[name]
    yield from sections.values()


def _read_mods(mods: Any, found: dict[str, list[str]]) -> None:
    for title in mods.iterchildren("{*}titleInfo"):
        if title.get("type") is None:
            parts = [rec.flat(title.find(f"{{*}}{name}")) for name in ("nonSort", "title")]
            subtitle = rec.flat(title.find("{*}subTitle"))
            whole = " ".join(filter(None, parts))
            found.setdefault("title", []).append(f"{whole}: {subtitle}" if subtitle else whole)
    for name in mods.iterchildren("{*}name"):
        roles = {rec.flat(role).lower() for role in name.iter("{*}roleTerm")} or {""}
        if roles & _AUTHORS:
            parts = [
                rec.flat(part)
                for part in name.iterchildren("{*}namePart")
                if part.get("type") not in ("date", "termsOfAddress")
            ]
            found.setdefault("author", []).append(", ".join(filter(None, parts)))
    for key, paths in _MODS.items():
        for path in paths:
            steps = "/".join(f"{{*}}{step}" for step in path.split("/"))
            values = [rec.flat(element) for element in mods.iterfind(steps)]
            links = [element.get(LINK + "href") for element in mods.iterfind(steps)]
            values = [text for pair in zip(values, links, strict=True) for text in pair if text]
            if values:
                found.setdefault(key, []).extend(values)
                break


def _read_dublin_core(section: Any, found: dict[str, list[str]]) -> None:
    for element in section.iter("{*}*"):
        key = _DUBLIN_CORE.get(rec.local(element))
        if key and len(element) == 0 and "/dc/" in element.tag.lower():
            found.setdefault(key, []).append(rec.flat(element))
