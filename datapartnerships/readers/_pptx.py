"""PowerPoint files, read from their XML: slides, notes, comments, charts and diagrams.

Read here and not by unstructured (through python-pptx), which passes over charts, diagrams,
formulas and what stands in groups within groups, and takes a language model to tell a list.
"""

from __future__ import annotations

import posixpath
import zipfile
from collections.abc import Iterator
from typing import Any

from datapartnerships.errors import DocumentError
from datapartnerships.readers._blocks import table_text
from datapartnerships.readers._pptx_bullets import Bullets
from datapartnerships.readers._zipcheck import apart, read_member
from datapartnerships.schema import Segment

_A = "{http://schemas.openxmlformats.org/drawingml/2006/main}"
_C = "{http://schemas.openxmlformats.org/drawingml/2006/chart}"
_P = "{http://schemas.openxmlformats.org/presentationml/2006/main}"
_R = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}"
_MC = "{http://schemas.openxmlformats.org/markup-compatibility/2006}"
_MATH = "{http://schemas.openxmlformats.org/officeDocument/2006/math}"
_TITLES = ("title", "ctrTitle")
_DRAWN = ("chart", "diagramData")
# Placeholders of a notes page that are no notes: the slide's number, date, header and footer.
_FURNITURE = {"sldNum", "dt", "hdr", "ftr", "sldImg"}


def pptx_segments(
    archive: zipfile.ZipFile, damaged: list[str], *, hidden: bool = True, comments: bool = True
) -> tuple[list[Segment], list[int]]:
    """A segment for each slide, its notes and its comments; and the numbers of hidden slides.

    `damaged` says which slides could not be read.
    """
    found: list[Segment] = []
    concealed = []
    for number, part in enumerate(dict.fromkeys(_slides(archive)), 1):
        with apart(damaged, part):
            root = _tree(archive, part)
            if root.get("show") in ("0", "false"):
                concealed.append(number)
                if not hidden:
                    continue
            slide = _Slide(archive, part, damaged)
            text = "\n".join(slide.lines(root))
            found.append(Segment(text, kind="page", page=number, ref=slide.title))
            for place, beside in slide.beside(damaged, comments=comments):
                ref = f"{slide.title} > {place}" if slide.title else place
                found.append(Segment(beside, kind="page", page=number, ref=ref))
    return found, concealed


def _slides(archive: zipfile.ZipFile) -> Iterator[str]:
    """The parts of the slides in the order of the show."""
    main = "ppt/presentation.xml"
    targets = {key: target for key, (_, target) in relations(archive, main).items()}
    for slide in _tree(archive, main).iter(_P + "sldId"):
        if part := targets.get(slide.get(_R + "id")):
            yield part


def relations(archive: zipfile.ZipFile, part: str) -> dict[str, tuple[str, str]]:
    """Id to kind and part of everything that `part` refers to inside the file."""
    folder, name = posixpath.split(part)
    relations = f"{folder}/_rels/{name}.rels"
    if relations not in archive.NameToInfo:
        return {}
    return {
        item.get("Id", ""): (
            item.get("Type", "").rsplit("/", 1)[-1],
            posixpath.normpath(posixpath.join(folder, item.get("Target", ""))).lstrip("/"),
        )
        for item in _tree(archive, relations)
        if item.get("TargetMode") != "External"
    }


def _tree(archive: zipfile.ZipFile, part: str) -> Any:
    from datapartnerships._backends.lxml import xml_tree

    return xml_tree(read_member(archive, part), part)


class _Slide:
    """One slide: its shapes in their order, which is the one that is read aloud, title first."""

    def __init__(self, archive: zipfile.ZipFile, part: str, damaged: list[str]) -> None:
        self.archive = archive
        self.parts: dict[str, tuple[str, str]] = {}
        with apart(damaged, part):
            self.parts = relations(archive, part)
        self.bullets = Bullets(self._layouts(part))
        self.title: str | None = None

    def lines(self, root: Any) -> Iterator[str]:
        tree = root.find(f"{_P}cSld/{_P}spTree")
        if tree is None:
            return
        for element in list(tree.iter(_MC + "Fallback")):
            element.getparent().remove(element)
        shapes = list(_flat(tree))
        for shape in shapes:
            if _placeholder(shape) in _TITLES and (text := _paragraphs(shape)):
                self.title = " ".join(text.split())
                yield text
                shapes.remove(shape)
                break
        for shape in shapes:
            yield from self._shape(shape)

    def beside(self, damaged: list[str], *, comments: bool) -> Iterator[tuple[str, str]]:
        """Notes, then comments."""
        for name, kind in (("notes", "notesSlide"), ("comments", "comments")):
            if name == "comments" and not comments:
                continue
            told = []
            for part in self._related(kind):
                with apart(damaged, part):
                    tree = _tree(self.archive, part)
                    told.append(_notes(tree) if name == "notes" else "\n".join(_comments(tree)))
            if text := "\n".join(item for item in told if item):
                yield name, text

    def _related(self, kind: str) -> list[str]:
        return [
            part for known, part in self.parts.values()
            if known == kind and part in self.archive.NameToInfo
        ]  # fmt: skip

    def _layouts(self, part: str) -> Iterator[Any]:
        """The layout of the slide and the master of the layout."""
        for kind in ("slideLayout", "slideMaster"):
            try:
                parts = [target for known, target in relations(self.archive, part).values()
                         if known == kind and target in self.archive.NameToInfo]  # fmt: skip
                if not parts:
                    return
                part = parts[0]
                yield _tree(self.archive, part)
            except DocumentError:
                # Only the signs of lists come from there: no text is lost.
                return

    def _shape(self, shape: Any) -> Iterator[str]:
        if shape.tag == _P + "graphicFrame":
            yield from self._frame(shape)
        elif (body := shape.find(_P + "txBody")) is not None:
            place = shape.find(f"{_P}nvSpPr/{_P}nvPr/{_P}ph")
            counts: dict[int, int] = {}
            for paragraph in body.iterchildren(_A + "p"):
                if text := _text(paragraph):
                    yield self.bullets.label(paragraph, body, place, counts) + text

    def _frame(self, frame: Any) -> Iterator[str]:
        """A table, or what stands for a chart or a diagram."""
        for table in frame.iter(_A + "tbl"):
            yield table_text(
                [" ".join(_paragraphs(cell).split()) for cell in row.iterchildren(_A + "tc")]
                for row in table.iterchildren(_A + "tr")
            )
        for data in frame.iter(_A + "graphicData"):
            for reference in data:
                names = [value for key, value in reference.attrib.items()
                         if key in (_R + "id", _R + "dm")]  # fmt: skip
                for name in names:
                    kind, part = self.parts.get(name, ("", ""))
                    if part in self.archive.NameToInfo and kind in _DRAWN:
                        tree = _tree(self.archive, part)
                        text = _chart(tree) if kind == "chart" else _paragraphs(tree)
                        if text:
                            yield text


def _flat(tree: Any) -> Iterator[Any]:
    """The shapes of a slide, those of groups in their place."""
    steps = list(reversed(tree))
    while steps:
        shape = steps.pop()
        if shape.tag in (_P + "grpSp", _MC + "AlternateContent", _MC + "Choice"):
            steps += reversed(shape)
        elif shape.tag in (_P + "sp", _P + "graphicFrame") and _placeholder(shape) != "sldNum":
            yield shape


def _placeholder(shape: Any) -> str | None:
    """Which of the places of its layout a shape fills; None for a shape of its own."""
    place = shape.find(f"{_P}nvSpPr/{_P}nvPr/{_P}ph")
    return None if place is None else place.get("type", "obj")


def _text(paragraph: Any) -> str:
    parts = []
    for item in paragraph.iter(_A + "t", _A + "br", _MATH + "t"):
        parts.append("\n" if item.tag == _A + "br" else item.text or "")
    text = "".join(parts).replace("\v", "\n")
    return text if text.strip() else ""


def _comments(root: Any) -> Iterator[str]:
    """The comments of a slide: kept plain until 2018, as paragraphs of a drawing after."""
    for comment in root.iter("{*}cm"):
        plain = comment.findtext(_P + "text")
        text = plain if plain is not None else _paragraphs(comment)
        if text.strip():
            yield text.strip()


def _paragraphs(root: Any) -> str:
    return "\n".join(text for paragraph in root.iter(_A + "p") if (text := _text(paragraph)))


def _chart(root: Any) -> str:
    """Its titles, then the name and the points of each series."""
    lines = [_paragraphs(root)]
    for series in root.iter(_C + "ser"):
        for name in ("tx", "cat", "val"):
            part = series.find(_C + name)
            if part is not None:
                lines.append(" | ".join(v.text or "" for v in part.iter(_C + "v")))
    return "\n".join(line for line in lines if line)


def _notes(root: Any) -> str:
    texts = []
    for shape in root.iter(_P + "sp"):
        placeholder = next(shape.iter(_P + "ph"), None)
        if placeholder is None or placeholder.get("type") not in _FURNITURE:
            texts.append(_paragraphs(shape))
    return "\n".join(text for text in texts if text)
