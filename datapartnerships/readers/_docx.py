"""Word files: made plain first, then taken apart by unstructured.

unstructured (through python-docx) passes over whatever is wrapped: content controls, accepted
insertions, text boxes, equations, ruby, footnotes, endnotes and comments all vanish without a
word. So the wrappers are taken off before it sees the file, and the notes are read here.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from datapartnerships.readers._blocks import Block
from datapartnerships.readers._elements import blocks_of
from datapartnerships.readers._zipcheck import read_member

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
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
_BODY_PARTS = re.compile(r"word/(?:header|footer)\d*\.xml")


@dataclass(slots=True)
class _Notes:
    """The references met so far, by kind of note, in order of appearance."""

    numbers: dict[tuple[str, str], int] = field(default_factory=dict)
    comments: bool = True

    def mark(self, kind: str, identifier: str) -> str:
        if kind == "comment" and not self.comments:
            return ""
        count = sum(known == kind for known, _ in self.numbers)
        number = self.numbers.setdefault((kind, identifier), count + 1)
        return f"[{number}]" if kind == "footnote" else f"[{kind} {number}]"


def docx_blocks(archive: zipfile.ZipFile, *, comments: bool = True) -> Iterator[Block]:
    """The blocks of a .docx: running text with headers, then notes and comments."""
    from datapartnerships._backends.unstructured import docx_elements

    notes = _Notes(comments=comments)
    plain = _plain_package(archive, notes)
    yield from blocks_of(docx_elements(plain))
    for part, kind in _NOTES.items():
        name = f"word/{part}.xml"
        if name in archive.NameToInfo and (comments or kind != "comment"):
            yield from _note_blocks(_translated(read_member(archive, name)), kind, notes)


def main_part(archive: zipfile.ZipFile) -> str:
    """The name of the part that holds the running text."""
    match = _MAIN.search(read_member(archive, "[Content_Types].xml"))
    return match[1].decode("utf-8", "replace") if match else "word/document.xml"


def _translated(xml: bytes) -> bytes:
    for strict, transitional in _STRICT:
        xml = xml.replace(strict, transitional)
    return xml


def _plain_package(archive: zipfile.ZipFile, notes: _Notes) -> bytes:
    """The same file, its text freed of wrappers and its pictures left out."""
    from datapartnerships._backends.lxml import to_bytes, xml_tree

    main = main_part(archive)
    output = io.BytesIO()
    with zipfile.ZipFile(output, "w", zipfile.ZIP_STORED) as plain:
        for name in archive.namelist():
            if not name.endswith((".xml", ".rels")):
                # Referred to, so it has to be there; never looked at.
                plain.writestr(name, b"")
                continue
            data = _translated(read_member(archive, name))
            root = xml_tree(data, name)
            if name == main or _BODY_PARTS.fullmatch(name):
                _make_plain(root, notes)
            plain.writestr(name, to_bytes(root))
    return output.getvalue()


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
    place = parent.index(element)
    parent[place : place + 1] = list(element)


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
    parent, place = host.getparent(), host.getparent().index(host) + 1
    parent[place:place] = list(box)


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

    for note in xml_tree(xml, f"word/{kind}s.xml").iter(W + kind):
        if note.get(W + "type") in ("separator", "continuationSeparator", "continuationNotice"):
            continue
        lines = ["".join(_run_text(paragraph)) for paragraph in note.iter(W + "p")]
        text = "\n".join(line.strip() for line in lines if line.strip())
        if text:
            mark = notes.mark(kind, note.get(W + "id", ""))
            yield Block(f"{mark} {text}", place=f"{kind}s")


def _run_text(paragraph: Any) -> Iterator[str]:
    for item in paragraph.iter(W + "t", W + "tab", W + "br", W + "cr", W + "noBreakHyphen"):
        name = item.tag.removeprefix(W)
        yield (
            item.text or "" if name == "t" else {"tab": "\t", "noBreakHyphen": "-"}.get(name, "\n")
        )
