"""OpenDocument text, read from its XML: headings, lists, tables and notes at their places.

Read here and not by unstructured, which turns it into .docx with pandoc, an external program of
155 MB, and loses notes, headers and tracked changes on the way.
"""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from datapartnerships.errors import DocumentError
from datapartnerships.readers._blocks import Block, table_text
from datapartnerships.readers._zipcheck import read_member

_OFFICE = "{urn:oasis:names:tc:opendocument:xmlns:office:1.0}"
_TEXT = "{urn:oasis:names:tc:opendocument:xmlns:text:1.0}"
_TABLE = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}"
_STYLE = "{urn:oasis:names:tc:opendocument:xmlns:style:1.0}"
_DRAW = "{urn:oasis:names:tc:opendocument:xmlns:drawing:1.0}"
_MANIFEST = "META-INF/manifest.xml"
# What is not part of the text as it stands: its earlier states, and where fields are defined.
_SKIPPED = {
    _TEXT + "tracked-changes",
    _TEXT + "sequence-decls",
    _TEXT + "variable-decls",
    _TEXT + "user-field-decls",
    _OFFICE + "forms",
}
# A cell may claim to stand for a million empty ones.
_MAX_REPEATED = 64


def odt_blocks(archive: zipfile.ZipFile) -> Iterator[Block]:
    from datapartnerships._backends.lxml import xml_tree

    if _MANIFEST in archive.NameToInfo and b"encryption-data" in read_member(archive, _MANIFEST):
        raise DocumentError("encrypted", "needs a password: decrypt it first")
    root = xml_tree(read_member(archive, "content.xml"), "content.xml")
    body = root.find(f"{_OFFICE}body/{_OFFICE}text")
    if body is None:
        raise DocumentError("damaged OpenDocument file", "it has no body of text")
    walk = _Walk(_numbered_styles(root))
    if "styles.xml" in archive.NameToInfo:
        walk.numbered |= _numbered_styles(xml_tree(read_member(archive, "styles.xml")))
    yield from _blocks(body, walk, "")
    yield from walk.notes


@dataclass(slots=True)
class _Walk:
    """What is known and found on the way.

    Attributes:
        numbered: style and level of the lists whose items are numbered.
        notes: notes and comments met so far.
        lists: styles of the lists that the present place is inside of.
    """

    numbered: set[tuple[str, int]]
    notes: list[Block] = field(default_factory=list)
    lists: list[str] = field(default_factory=list)


def _numbered_styles(root: Any) -> set[tuple[str, int]]:
    return {
        (level.getparent().get(f"{_STYLE}name", ""), int(level.get(f"{_TEXT}level", "1")))
        for level in root.iter(f"{_TEXT}list-level-style-number")
        if level.get(f"{_TEXT}level", "1").isdigit() and level.get(f"{_STYLE}num-format")
    }


def _blocks(parent: Any, walk: _Walk, indent: str) -> Iterator[Block]:
    for element in parent:
        name = element.tag
        if name in _SKIPPED:
            continue
        if name == _TEXT + "h":
            level = element.get(_TEXT + "outline-level", "1")
            yield Block(_inline(element, walk), level=int(level) if level.isdigit() else 1)
        elif name == _TEXT + "p":
            yield Block(indent + text if (text := _inline(element, walk)) else "")
            yield from _frames(element, walk)
        elif name == _TEXT + "list":
            yield from _list(element, walk, indent)
        elif name == _TABLE + "table":
            yield Block(_table(element, walk))
        else:
            yield from _blocks(element, walk, indent)


def _list(element: Any, walk: _Walk, indent: str) -> Iterator[Block]:
    # A list inside a list has the style of the outer one unless it names its own.
    inherited = walk.lists[-1] if walk.lists else ""
    walk.lists.append(element.get(f"{_TEXT}style-name", inherited))
    numbered = (walk.lists[-1], len(walk.lists)) in walk.numbered
    number = 0
    for item in element.iterchildren(_TEXT + "list-item", _TEXT + "list-header"):
        number += item.tag == _TEXT + "list-item"
        mark = f"{number}. " if numbered else "- "
        first = True
        for child in item:
            if child.tag == _TEXT + "list":
                yield from _list(child, walk, indent + "  ")
                continue
            for block in _blocks([child], walk, ""):
                if block.text:
                    block.text = f"{indent}{mark if first else '  '}{block.text}"
                    first = False
                yield block
    walk.lists.pop()


def _table(element: Any, walk: _Walk) -> str:
    rows = []
    for row in element.iter(_TABLE + "table-row"):
        cells: list[str] = []
        for cell in row:
            if cell.tag in (_TABLE + "table-cell", _TABLE + "covered-table-cell"):
                text = " ".join(block.text for block in _blocks(cell, walk, ""))
                times = cell.get(_TABLE + "number-columns-repeated", "1")
                cells += [text] * min(int(times) if times.isdigit() else 1, _MAX_REPEATED)
        rows.append(cells)
    return table_text(rows)


def _frames(paragraph: Any, walk: _Walk) -> Iterator[Block]:
    """Text boxes, which stand inside the paragraph that they are anchored to."""
    for box in paragraph.iter(_DRAW + "text-box"):
        yield from _blocks(box, walk, "")


def _inline(element: Any, walk: _Walk) -> str:
    return "".join(_pieces(element, walk)).strip()


def _pieces(element: Any, walk: _Walk) -> Iterator[str]:
    """The text of a paragraph, its notes put aside and numbered."""
    # White space is as in HTML: a run of it is one space, and what is more is spelled out.
    yield _collapsed(element.text)
    for child in element:
        name = child.tag
        if name == _TEXT + "s":
            count = child.get(_TEXT + "c", "1")
            yield " " * min(int(count) if count.isdigit() else 1, 1000)
        elif name == _TEXT + "tab":
            yield "\t"
        elif name == _TEXT + "line-break":
            yield "\n"
        elif name == _TEXT + "note":
            yield _note(child, walk)
        elif name == _OFFICE + "annotation":
            text = " ".join(_inline(p, walk) for p in child.iter(_TEXT + "p"))
            walk.notes.append(Block(text, place="comments"))
        elif name not in (_DRAW + "text-box", _OFFICE + "annotation-end"):
            yield from _pieces(child, walk)
        yield _collapsed(child.tail)


def _collapsed(text: str | None) -> str:
    if not text or text.isspace():
        return " " if text else ""
    start, end = text[0].isspace(), text[-1].isspace()
    return f"{' ' * start}{' '.join(text.split())}{' ' * end}"


def _note(note: Any, walk: _Walk) -> str:
    kind = note.get(_TEXT + "note-class", "footnote")
    mark = f"[{''.join(note.find(_TEXT + 'note-citation').itertext())}]"
    body = note.find(_TEXT + "note-body")
    if body is not None:
        place = len(walk.notes)
        walk.notes.append(Block("", place=f"{kind}s"))
        text = "\n".join(block.text for block in _blocks(body, walk, "") if block.text)
        walk.notes[place].text = f"{mark} {text}"
    return mark
