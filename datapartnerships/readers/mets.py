"""METS: what a library says of a digitised book or newspaper, and of its parts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from datapartnerships.errors import DocumentError
from datapartnerships.readers import _recognized as rec
from datapartnerships.readers._base import FileReader
from datapartnerships.readers._blocks import Block, segments
from datapartnerships.readers._dialects import METS
from datapartnerships.readers._source import Source
from datapartnerships.schema import Document

_ROOTS = frozenset({"mets"})
_LINK = "{http://www.w3.org/1999/xlink}"
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
    """Reads METS files: what is said of an object, and the titles of its parts as the text.

    Title, author, publisher, date, language, identifier, type and rights come from MODS or
    Dublin Core and the statement of rights, `metadata["pages"]` from the physical structure. A
    segment is the label of a logical division (article, chapter), with the divisions above it
    as `ref` and the page that it begins on, counted from 1 in physical order.

    The text itself is in the ALTO files that a METS file names. They are not joined here: each
    is a document of its own (`AltoReader`).
    """

    keeps = (
        "the whole object: the text of its pages with box and confidence, labels, articles "
        "and chapters"
    )
    media_types = frozenset({METS})
    suffixes = (".xml", ".mets")
    isolated = True

    def parse(self, source: Source) -> Iterator[Document | Source]:
        data, root = rec.read_root(source, self.limits, "METS", _ROOTS)
        pages = _pages(root)
        metadata = _metadata(root)
        metadata["pages"] = str(max(pages.values(), default=0))
        made = segments(_divisions(root, pages))
        if not made and "title" in metadata:
            made = segments([Block(metadata["title"], level=1)])
        if not made:
            detail = f"it describes {metadata['pages']} pages, and has no title or label"
            raise DocumentError("no text found", detail)
        yield source.document(self, made, data=data, metadata=metadata)


def _structures(root: Any, physical: bool) -> list[Any]:
    return [
        structure
        for structure in root.iterchildren("{*}structMap")
        if ((structure.get("TYPE") or "").lower() == "physical") == physical
    ]


def _pages(root: Any) -> dict[str, int]:
    """Ids of physical divisions, and of the files that are theirs alone, to the page's number."""
    pages: dict[str, int] = {}
    shared: set[str] = set()
    number = 0
    for structure in _structures(root, physical=True):
        for division in structure.iter("{*}div"):
            kind = (division.get("TYPE") or "").lower()
            # The whole object is a division as well, often with files of its own.
            inner = division.find("{*}div") is not None
            if "page" not in kind and (inner or division.find("{*}fptr") is None):
                continue
            number += 1
            for pointer in (division, *division.iter("{*}fptr", "{*}area")):
                name = pointer.get("ID") if pointer is division else pointer.get("FILEID")
                if name and pages.setdefault(name, number) != number:
                    shared.add(name)
    return {name: page for name, page in pages.items() if name not in shared}


def _divisions(root: Any, pages: Mapping[str, int]) -> Iterator[Block]:
    """The labelled logical divisions, in order; `level` is how deep they are."""
    links: dict[str, list[str]] = {}
    for link in root.iter("{*}smLink"):
        links.setdefault(link.get(_LINK + "from") or "", []).append(link.get(_LINK + "to") or "")
    for structure in _structures(root, physical=False):
        steps = [(division, 1) for division in reversed(list(structure.iterchildren("{*}div")))]
        while steps:
            division, level = steps.pop()
            label = " ".join((division.get("LABEL") or "").split())
            if label:
                names = [inner.get("ID") or "" for inner in division.iter("{*}div")]
                targets = [target for name in names for target in links.get(name, ())]
                yield Block(label, level=level, page=_first_page(division, targets, pages))
            inner = list(division.iterchildren("{*}div"))
            steps += [(child, level + bool(label)) for child in reversed(inner)]


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
            links = [element.get(_LINK + "href") for element in mods.iterfind(steps)]
            values = [text for pair in zip(values, links, strict=True) for text in pair if text]
            if values:
                found.setdefault(key, []).extend(values)
                break


def _read_dublin_core(section: Any, found: dict[str, list[str]]) -> None:
    for element in section.iter("{*}*"):
        key = _DUBLIN_CORE.get(rec.local(element))
        if key and len(element) == 0 and "/dc/" in element.tag.lower():
            found.setdefault(key, []).append(rec.flat(element))
