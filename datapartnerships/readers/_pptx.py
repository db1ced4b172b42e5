"""PowerPoint files: slides through unstructured; notes, charts and diagrams from the package."""

from __future__ import annotations

import posixpath
import zipfile
from collections.abc import Iterator
from typing import Any

from datapartnerships.errors import DocumentError
from datapartnerships.readers._blocks import Block
from datapartnerships.readers._elements import blocks_of
from datapartnerships.readers._zipcheck import read_member
from datapartnerships.schema import Segment

_A = "{http://schemas.openxmlformats.org/drawingml/2006/main}"
_C = "{http://schemas.openxmlformats.org/drawingml/2006/chart}"
_P = "{http://schemas.openxmlformats.org/presentationml/2006/main}"
_R = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}"
# Placeholders of a notes page that are no notes: the slide's number, date, header and footer.
_FURNITURE = {"sldNum", "dt", "hdr", "ftr", "sldImg"}


def pptx_segments(
    archive: zipfile.ZipFile, data: bytes, *, hidden: bool = True, comments: bool = True
) -> tuple[list[Segment], list[int]]:
    """A segment for each slide, its notes and its comments; and the numbers of hidden slides."""
    from datapartnerships._backends.unstructured import pptx_elements

    texts: dict[int, list[Block]] = {}
    for block in blocks_of(pptx_elements(data)):
        texts.setdefault(block.page or 0, []).append(block)
    found: list[Segment] = []
    concealed = []
    for number, part in enumerate(_slides(archive), 1):
        blocks = texts.pop(number, [])
        if _tree(archive, part).get("show") in ("0", "false"):
            concealed.append(number)
            if not hidden:
                continue
        title = next((block.text for block in blocks if block.level == 1), None)
        drawn, notes, said = _beside(archive, part)
        text = "\n".join([block.text for block in blocks] + drawn)
        found.append(Segment(text, kind="page", page=number, ref=title))
        for place, text in (("notes", notes), ("comments", said if comments else "")):
            if text:
                ref = f"{title} > {place}" if title else place
                found.append(Segment(text, kind="page", page=number, ref=ref))
    if texts:
        raise DocumentError("damaged PowerPoint file", "slides are out of their order")
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


def _beside(archive: zipfile.ZipFile, part: str) -> tuple[list[str], str, str]:
    """What unstructured passes over: the text of charts and diagrams, notes and comments."""
    drawn, notes = [], ""
    said: list[str] = []
    for kind, target in relations(archive, part).values():
        if target not in archive.NameToInfo:
            continue
        if kind == "chart":
            drawn.append(_chart(_tree(archive, target)))
        elif kind == "diagramData":
            drawn.append(_paragraphs(_tree(archive, target)))
        elif kind == "notesSlide":
            notes = _notes(_tree(archive, target))
        elif kind == "comments":
            said += _comments(_tree(archive, target))
    return [text for text in drawn if text], notes, "\n".join(said)


def _comments(root: Any) -> Iterator[str]:
    """The comments of a slide: kept plain until 2018, as paragraphs of a drawing after."""
    for comment in root.iter("{*}cm"):
        plain = comment.findtext(_P + "text")
        text = plain if plain is not None else _paragraphs(comment)
        if text.strip():
            yield text.strip()


def _paragraphs(root: Any) -> str:
    lines = ("".join(t.text or "" for t in p.iter(_A + "t")) for p in root.iter(_A + "p"))
    return "\n".join(line for line in lines if line.strip())


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
