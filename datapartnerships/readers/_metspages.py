"""The pages of a METS object: which files are a page's, and what is written on it."""

from __future__ import annotations

import posixpath
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote

from datapartnerships import _apart
from datapartnerships.errors import DocumentError
from datapartnerships.kernels.legible import illegible
from datapartnerships.ocr import Ocr, Recognized, recognize
from datapartnerships.readers import _recognized as rec
from datapartnerships.readers._beside import PAGES
from datapartnerships.readers._blocks import PATH_SEPARATOR, page_ranges
from datapartnerships.readers._source import Limits, Source
from datapartnerships.readers.alto import ROOTS, alto_origin, alto_pages
from datapartnerships.schema import Segment

LINK = "{http://www.w3.org/1999/xlink}"
# Names that are written out in the metadata; of more there is the number.
_NAMED = 20
_THUMBNAILS = ("thumb", "min")
Headings = tuple[str, ...]


@dataclass(slots=True)
class Leaf:
    """One page: its number from 1, what is printed on it as its number, and its files."""

    number: int
    label: str | None
    files: list[Listed]


@dataclass(slots=True)
class Listed:
    """A file of the fileSec."""

    name: str
    href: str
    use: str = ""

    @property
    def is_text(self) -> bool:
        return self.href.lower().endswith(PAGES)


@dataclass(slots=True)
class Structure:
    """Where the logical divisions lie: the headings of blocks, by file and id, and of pages."""

    blocks: dict[tuple[str, str], Headings] = field(default_factory=dict)
    pages: dict[int, list[Headings]] = field(default_factory=dict)

    def of_page(self, number: int) -> Headings:
        """The division that a page lies in: of several beside one another, what is above them."""
        paths = self.pages.get(number, [])
        ends = {p for p in paths if not any(q[: len(p)] == p and q != p for q in paths)}
        return tuple(posixpath.commonprefix([list(path) for path in ends])) if ends else ()


def listed(root: Any) -> dict[str, Listed]:
    """The files of a METS tree by their ids."""
    found: dict[str, Listed] = {}
    for group in root.iter("{*}fileGrp"):
        for file in group.iterchildren("{*}file"):
            place = file.find("{*}FLocat")
            href = "" if place is None else place.get(LINK + "href") or ""
            if href and file.get("ID"):
                found.setdefault(
                    file.get("ID"), Listed(file.get("ID"), href, group.get("USE") or "")
                )
    return found


def leaves(divisions: Iterable[Any], files: Mapping[str, Listed]) -> list[Leaf]:
    """The pages; where there is no physical structure, each text file is one."""
    found = []
    for number, division in enumerate(divisions, 1):
        names = [e.get("FILEID") or "" for e in division.iter("{*}fptr", "{*}area")]
        # How Goobi says that a page has no number.
        label = " ".join((division.get("ORDERLABEL") or "").split()).strip(" -") or None
        found.append(Leaf(number, label, [files[n] for n in dict.fromkeys(names) if n in files]))
    if not found:
        texts = (file for file in files.values() if file.is_text)
        found = [Leaf(number, None, [file]) for number, file in enumerate(texts, 1)]
    return found


class Shelf:
    """The files beside a METS file, found by how it names them."""

    def __init__(self, source: Source) -> None:
        home = posixpath.dirname(_place(source))
        self._by_name: dict[str, list[tuple[list[str], Source]]] = {}
        for part in source.beside:
            way = posixpath.relpath(_place(part), home or ".").casefold().split("/")
            self._by_name.setdefault(way[-1], []).append((way, part))

    def find(self, href: str) -> Source | None:
        """The file at a relative path; of an address or an absolute path, its end decides."""
        for name in dict.fromkeys((href, unquote(href))):
            name = name.replace("\\", "/").casefold().removeprefix("file://").removeprefix("file:")
            elsewhere = "://" in name
            name = name.partition("://")[2] if elsewhere else name
            elsewhere = elsewhere or (name.startswith("/") and not name.startswith("/./"))
            way = posixpath.normpath(name.lstrip("/")).split("/")
            known = self._by_name.get(way[-1], [])
            if exact := [part for steps, part in known if steps == way]:
                return exact[0]
            if elsewhere and known:
                alike = [(_common_end(steps, way), part) for steps, part in known]
                most = max(count for count, _ in alike)
                best = [part for count, part in alike if count == most]
                if len(best) == 1:
                    return best[0]
        return None


def _place(source: Source) -> str:
    return source.member or source.path


def _common_end(first: Sequence[str], second: Sequence[str]) -> int:
    count = 0
    for one, other in zip(reversed(first), reversed(second), strict=False):
        if one != other:
            break
        count += 1
    return count


class Pages:
    """Reads the pages of one object, and keeps account of what was found and what was not.

    `used` holds the files that are part of the object now, by their `id()`.
    """

    def __init__(
        self, source: Source, limits: Limits, ocr: Ocr | None, min_confidence: float
    ) -> None:
        self.used: set[int] = set()
        self._shelf = Shelf(source)
        self._limits = limits
        self._ocr = ocr
        self._min_confidence = min_confidence
        self._missing: list[str] = []
        self._marks: dict[str, list[int]] = {}
        self._joined = 0

    def read(self, pages: Sequence[Leaf], structure: Structure) -> list[Segment]:
        """The segments of all pages; one without text for a page that has none."""
        counts = Counter(file.name for page in pages for file in page.files)
        return [s for page in pages for s in self._page(page, structure, counts)]

    def metadata(self) -> dict[str, str]:
        found = {key: page_ranges(numbers) for key, numbers in self._marks.items()}
        if self._joined:
            found["files_joined"] = str(self._joined)
        if self._missing:
            more = len(self._missing) - _NAMED
            names = ", ".join(self._missing[:_NAMED])
            found["files_missing"] = f"{names} and {more} more" if more > 0 else names
        return found

    def _page(
        self, leaf: Leaf, structure: Structure, counts: Mapping[str, int]
    ) -> Iterator[Segment]:
        segments, missing = self._text(leaf, structure, counts)
        pictures = [
            (file, part)
            for file in leaf.files
            if not file.is_text and counts[file.name] == 1 and (part := self._shelf.find(file.href))
        ]
        self.used.update(id(part) for _, part in pictures)
        if segments is None:
            self._missing += missing
            segments = self._by_ocr(leaf, structure, pictures, "no ALTO file of this page")
        elif (why := self._doubt(segments)) and (
            better := self._by_ocr(leaf, structure, pictures, why, than=segments)
        ):
            segments = better
        _apart.alive()
        if segments:
            yield from segments
            return
        self._mark("pages_without_text", leaf)
        yield Segment("", kind="page", page=leaf.number, ref=leaf.label)

    def _text(
        self, leaf: Leaf, structure: Structure, counts: Mapping[str, int]
    ) -> tuple[list[Segment] | None, list[str]]:
        """What the page's ALTO file says, None where there is none; and the files not there."""
        missing = []
        for file in leaf.files:
            # A file of several pages cannot be parted here: it stays a document of its own.
            if not file.is_text or counts[file.name] > 1:
                continue
            part = self._shelf.find(file.href)
            if part is None:
                missing.append(file.href)
                continue
            try:
                _, root = rec.read_root(part, self._limits, "ALTO", ROOTS)
            except (DocumentError, OSError):
                continue  # handed on, and rejected as what it is
            self.used.add(id(part))
            self._joined += 1
            found = []
            for page in alto_pages(root):
                page.number = leaf.number
                page.label = leaf.label or page.printed
                for region in page.regions:
                    region.above = _headings(region, file.name, leaf, structure)
                found += rec.page_segments(page, alto_origin(root))
            return found, []
        return None, missing

    def _doubt(self, segments: Sequence[Segment]) -> str | None:
        """Why the page ought to be recognized again, if so."""
        if why := illegible("\n".join(segment.text for segment in segments)):
            return f"the ALTO file is illegible ({why})"
        sure = _confidence(segments)
        if sure is not None and sure < self._min_confidence:
            return f"the ALTO file has a confidence of {sure:.2f}"
        return None

    def _by_ocr(
        self,
        leaf: Leaf,
        structure: Structure,
        pictures: Sequence[tuple[Listed, Source]],
        why: str,
        than: Sequence[Segment] = (),
    ) -> list[Segment]:
        """The page's picture recognized; nothing where that is no better than what there is."""
        if not pictures:
            return []
        page = self._recognize(pictures)
        if page is None:
            if not than:
                self._mark("pages_needing_ocr", leaf)
            return []
        found = page.segments(page=leaf.number, why=why)
        if than and not self._is_better(found, than):
            return []
        headings = structure.of_page(leaf.number)
        for segment in found:
            segment.ref = PATH_SEPARATOR.join((*headings, leaf.label or "")).strip(" >") or None
        if found:
            self._mark("pages_recognized", leaf)
        return found

    def _is_better(self, found: Sequence[Segment], than: Sequence[Segment]) -> bool:
        if not found or illegible("\n".join(segment.text for segment in found)):
            return False
        if illegible("\n".join(segment.text for segment in than)):
            return True
        return (_confidence(found) or 0.0) > (_confidence(than) or 0.0)

    def _recognize(self, pictures: Sequence[tuple[Listed, Source]]) -> Recognized | None:
        """The text on the largest picture of a page that can be opened."""
        from datapartnerships._backends.pillow import frames

        if self._ocr is None:
            return None

        def worth(item: tuple[Listed, Source]) -> tuple[bool, int]:
            file, part = item
            return not any(word in file.use.lower() for word in _THUMBNAILS), part.size

        for _, part in sorted(pictures, key=worth, reverse=True):
            try:
                frame = next(frames(part.read(self._limits), heic=False, first_only=True))
                if frame.image is not None:
                    return recognize(frame.image, self._ocr)
            except (DocumentError, OSError, StopIteration):
                continue
        return None

    def _mark(self, key: str, leaf: Leaf) -> None:
        self._marks.setdefault(key, []).append(leaf.number)


def _headings(region: rec.Region, file: str, leaf: Leaf, structure: Structure) -> Headings:
    for name in region.names:
        if (file, name) in structure.blocks:
            return structure.blocks[file, name]
    return structure.of_page(leaf.number)


def _confidence(segments: Sequence[Segment]) -> float | None:
    known = [(s.confidence, len(s.text)) for s in segments if s.confidence is not None]
    total = sum(length for _, length in known)
    return sum(c * length for c, length in known) / total if total else None
