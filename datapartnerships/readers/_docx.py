"""Word files, read from their XML: made plain first, then walked through.

Read here and not by unstructured (through python-docx), which passes over whatever is wrapped:
content controls, accepted insertions, text boxes, equations, ruby, notes and comments all vanish
without a word. So the wrappers are taken off first.
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from datapartnerships.errors import DocumentError
from datapartnerships.readers._blocks import Block, table_text
from datapartnerships.readers._docx_styles import Styles, W, value
from datapartnerships.readers._pptx import relations
from datapartnerships.readers._zipcheck import apart, read_member

_MC = "{http://schemas.openxmlformats.org/markup-compatibility/2006}"
_MATH = "{http://schemas.openxmlformats.org/officeDocument/2006/math}"
_DELETED = [W + name for name in ("del", "moveFrom", "sdtPr", "sdtEndPr")]
_WRAPPERS = [
    W + name
    for name in ("sdt", "sdtContent", "ins", "moveTo", "smartTag", "customXml", "fldSimple", "dir",
                 "bdo", "ruby", "rubyBase")
] + [_MC + "AlternateContent", _MC + "Choice"]  # fmt: skip
_NOTES = {"footnotes": "footnote", "endnotes": "endnote", "comments": "comment"}
# Strict Open XML is the same language under other names, which python-docx does not know.
_STRICT = (
    (b"http://purl.oclc.org/ooxml/wordprocessingml/main",
     b"http://schemas.openxmlformats.org/wordprocessingml/2006/main"),
    (b"http://purl.oclc.org/ooxml/officeDocument/math",
     b"http://schemas.openxmlformats.org/officeDocument/2006/math"),
    (b"http://purl.oclc.org/ooxml/officeDocument/",
     b"http://schemas.openxmlformats.org/officeDocument/2006/"),
    (b"http://purl.oclc.org/ooxml/drawingml/",
     b"http://schemas.openxmlformats.org/drawingml/2006/"),
)  # fmt: skip
_MAIN = re.compile(
    rb'PartName="/([^"]+)"[^>]*ContentType="[^"]*(?:wordprocessingml|ms-word)[^"]*\.main\+xml"'
)
_RELATION = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}"
_SPACES = re.compile(r"[ \t]+(?=\n|$)")


@dataclass(slots=True)
class _Notes:
    """The references met so far, by kind of note, in order of appearance."""

    numbers: dict[str, dict[str, int]] = field(default_factory=dict)
    comments: bool = True

    def mark(self, kind: str, identifier: str) -> str:
        if kind == "comment" and not self.comments:
            return ""
        known = self.numbers.setdefault(kind, {})
        number = known.setdefault(identifier, len(known) + 1)
        return f"[{number}]" if kind == "footnote" else f"[{kind} {number}]"


def docx_blocks(
    archive: zipfile.ZipFile, damaged: list[str], *, comments: bool = True
) -> Iterator[Block]:
    """The blocks of a .docx: running text with headers, then notes and comments.

    `damaged` says which parts beside the running text could not be read.
    """
    notes = _Notes(comments=comments)
    yield from _Walk(archive, notes, damaged).blocks()
    for part, kind in _NOTES.items():
        name = f"word/{part}.xml"
        if name in archive.NameToInfo and (comments or kind != "comment"):
            with apart(damaged, name):
                yield from _note_blocks(_translated(read_member(archive, name)), kind, notes)


def main_part(archive: zipfile.ZipFile) -> str:
    """The name of the part that holds the running text."""
    match = _MAIN.search(read_member(archive, "[Content_Types].xml"))
    return match[1].decode("utf-8", "replace") if match else "word/document.xml"


def _translated(xml: bytes) -> bytes:
    for strict, transitional in _STRICT:
        xml = xml.replace(strict, transitional)
    return xml


class _Walk:
    """One pass over the running text, with the headers and footers of its sections."""

    def __init__(self, archive: zipfile.ZipFile, notes: _Notes, damaged: list[str]) -> None:
        self.archive, self.notes, self.damaged = archive, notes, damaged
        main = main_part(archive)
        if main not in archive.NameToInfo:
            raise DocumentError("damaged office file", f"{main} is missing")
        self.parts = relations(archive, main)
        self.body = self._tree(main).find(W + "body")
        if self.body is None:
            raise DocumentError("damaged office file", f"{main} has no body")
        self.styles = Styles()
        for kind, part in self.parts.values():
            if part in archive.NameToInfo:
                with apart(damaged, part):
                    if kind == "styles":
                        self.styles.add_styles(self._tree(part))
                    elif kind == "numbering":
                        self.styles.add_lists(self._tree(part))
        # Pages are counted by the breaks that Word left at its last showing, where it left any.
        rendered = next(self.body.iter(W + "lastRenderedPageBreak"), None)
        self.page = None if rendered is None else 1
        self.told: set[str] = set()

    def blocks(self) -> Iterator[Block]:
        sections = list(self.body.iter(W + "sectPr"))
        if sections:
            yield from self._margins(sections[0], "header")
        number = 0
        for element in self.body:
            if element.tag == W + "p":
                yield self._paragraph(element)
                if (
                    number + 1 < len(sections)
                    and next(element.iter(W + "sectPr"), None) is not None
                ):
                    yield from self._margins(sections[number], "footer")
                    number += 1
                    yield from self._margins(sections[number], "header")
            elif element.tag == W + "tbl":
                page = self.page
                yield Block(table_text(self._rows(element)), page=page)
        for section in sections[number:]:
            yield from self._margins(section, "footer")

    def _tree(self, part: str) -> Any:
        from datapartnerships._backends.lxml import xml_tree

        root = xml_tree(_translated(read_member(self.archive, part)), part)
        _make_plain(root, self.notes)
        return root

    def _paragraph(self, element: Any) -> Block:
        page = self.page
        text, level = self._text(element), self.styles.heading(element)
        if self.page is not None:
            self.page += sum(1 for _ in element.iter(W + "lastRenderedPageBreak"))
        if not text.strip():
            return Block("")
        item = self.styles.item(element)
        if level:
            label = item[1] if item and item[1] != "-" else ""
            return Block(f"{label} {text}".strip(), level=level, page=page)
        if item:
            return Block(f"{'  ' * item[0]}{item[1]} {text.lstrip()}", page=page)
        return Block(text, page=page)

    def _text(self, paragraph: Any) -> str:
        return _SPACES.sub("", "".join(_run_text(paragraph))).strip("\n")

    def _rows(self, table: Any) -> Iterator[list[str]]:
        for row in table.iterchildren(W + "tr"):
            cells = [""] * _span(value(row, "trPr", "gridBefore"), 0)
            for cell in row.iterchildren(W + "tc"):
                merged = cell.find(f"{W}tcPr/{W}vMerge")
                # The cells below the first of a merged column hold nothing that is shown.
                goes_on = merged is not None and merged.get(W + "val", "continue") == "continue"
                cells.append("" if goes_on else " ".join(self._cell(cell)))
                cells += [""] * (_span(value(cell, "tcPr", "gridSpan"), 1) - 1)
            yield cells

    def _cell(self, cell: Any) -> Iterator[str]:
        for element in cell:
            if element.tag == W + "p":
                text = self._paragraph(element).text.strip()
                if text:
                    yield text
            elif element.tag == W + "tbl":
                yield from (" ".join(row) for row in self._rows(element))

    def _margins(self, section: Any, kind: str) -> Iterator[Block]:
        """The headers or footers of a section; one that sections share comes once."""
        for reference in section.iter(f"{W}{kind}Reference"):
            part = self.parts.get(reference.get(_RELATION + "id"), ("", ""))[1]
            if part not in self.archive.NameToInfo or part in self.told:
                continue
            self.told.add(part)
            with apart(self.damaged, part):
                lines = (self._text(paragraph) for paragraph in self._tree(part).iter(W + "p"))
                text = "\n".join(line for line in lines if line.strip())
                if text:
                    yield Block(text, place=f"page {kind}")


def _span(text: str | None, default: int) -> int:
    return min(int(text), 1000) if text and text.isdigit() else default


def _make_plain(root: Any, notes: _Notes) -> None:
    for element in list(root.iter(*_DELETED, _MC + "Fallback", W + "rt", W + "rubyPr")):
        _remove(element)
    for box in reversed(list(root.iter(W + "txbxContent"))):
        _move_behind_its_paragraph(box)
    for element in list(root.iter(*_WRAPPERS)):
        _unwrap(element)
    for run in list(root.iter(W + "r")):
        _unwrap_inner_runs(run)
    for formula in list(root.iter(_MATH + "oMath")):
        _replace_by_text(formula, "".join(t.text or "" for t in formula.iter(_MATH + "t")))
    for choice in root.iter(W + "ddList", W + "checkBox"):
        _show_choice(choice)
    for kind in _NOTES.values():
        for mark in list(root.iter(f"{W}{kind}Reference")):
            mark_text = notes.mark(kind, mark.get(W + "id", ""))
            text = mark.makeelement(W + "t")
            text.text = mark_text
            mark.getparent().replace(mark, text)


def _remove(element: Any) -> None:
    parent = element.getparent()
    if parent is not None:
        parent.remove(element)


def _unwrap(element: Any) -> None:
    parent = element.getparent()
    if parent is None:
        return
    # Not by its place: to find that takes a step for each sibling.
    for child in list(element):
        element.addprevious(child)
    parent.remove(element)


def _unwrap_inner_runs(run: Any) -> None:
    """What ruby leaves behind: a run inside a run."""
    if any(child.tag == W + "r" for child in run):
        for inner in [child for child in run if child.tag == W + "r"]:
            for properties in inner.findall(W + "rPr"):
                inner.remove(properties)
            _unwrap(inner)


def _move_behind_its_paragraph(box: Any) -> None:
    host = next((a for a in box.iterancestors(W + "p")), None)
    if host is None or host.getparent() is None:
        return
    for child in reversed(list(box)):
        host.addnext(child)


def _replace_by_text(element: Any, text: str) -> None:
    parent = element.getparent()
    run = element.makeelement(W + "r")
    content = element.makeelement(W + "t")
    content.text = text
    run.append(content)
    parent.replace(element, run)


def _show_choice(choice: Any) -> None:
    """What was picked or ticked in a form: Word keeps it beside the text, not in it."""
    run = next(choice.iterancestors(W + "r"), None)
    if run is None:
        return
    values = {item.tag.removeprefix(W): item.get(W + "val") for item in choice}
    if choice.tag == W + "checkBox":
        ticked = values.get("checked", values.get("default", "0"))
        shown = "\u2610" if ticked in ("0", "false", "off") else "\u2612"
    else:
        entries = [item.get(W + "val") or "" for item in choice.iter(W + "listEntry")]
        place = values.get("result") or values.get("default") or "0"
        shown = entries[int(place)] if place.isdigit() and int(place) < len(entries) else ""
    content = run.makeelement(W + "t")
    content.text = shown
    run.append(content)


def _note_blocks(xml: bytes, kind: str, notes: _Notes) -> Iterator[Block]:
    from datapartnerships._backends.lxml import xml_tree

    root = xml_tree(xml, f"word/{kind}s.xml")
    _make_plain(root, notes)
    for note in root.iter(W + kind):
        if note.get(W + "type") in ("separator", "continuationSeparator", "continuationNotice"):
            continue
        lines = ["".join(_run_text(paragraph)) for paragraph in note.iter(W + "p")]
        text = "\n".join(line.strip() for line in lines if line.strip())
        if text:
            mark = notes.mark(kind, note.get(W + "id", ""))
            yield Block(f"{mark} {text}", place=f"{kind}s")


_TEXT = tuple(W + n for n in ("t", "tab", "br", "cr", "noBreakHyphen", "ptab"))


def _run_text(paragraph: Any) -> Iterator[str]:
    for item in paragraph.iter(*_TEXT):
        name = item.tag.removeprefix(W)
        if name == "t":
            yield item.text or ""
        elif name in ("tab", "ptab"):
            # In its properties a paragraph says where its tabs stop: those are none.
            yield "" if item.getparent().tag == W + "tabs" else "\t"
        elif name == "noBreakHyphen":
            yield "-"
        elif item.get(W + "type") not in ("page", "column"):
            yield "\n"
