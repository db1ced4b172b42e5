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
from datapartnerships.readers._zipcheck import apart, read_member

OFFICE = "{urn:oasis:names:tc:opendocument:xmlns:office:1.0}"
TEXT = "{urn:oasis:names:tc:opendocument:xmlns:text:1.0}"
TABLE = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}"
STYLE = "{urn:oasis:names:tc:opendocument:xmlns:style:1.0}"
DRAW = "{urn:oasis:names:tc:opendocument:xmlns:drawing:1.0}"
_MANIFEST = "META-INF/manifest.xml"
# What is not part of the text as it stands: its earlier states, and where fields are defined.
_SKIPPED = {
    TEXT + "tracked-changes",
    TEXT + "sequence-decls",
    TEXT + "variable-decls",
    TEXT + "user-field-decls",
    OFFICE + "forms",
}
_BOX = DRAW + "text-box"
# Their text is told where they are read.
_APART = {TEXT + "note", OFFICE + "annotation"}
# A cell may claim to stand for a million empty ones.
MAX_REPEATED = 64


def content(archive: zipfile.ZipFile) -> Any:
    """The root of the part that holds the text; `DocumentError` for an encrypted file."""
    from datapartnerships._backends.lxml import xml_tree

    if _MANIFEST in archive.NameToInfo and b"encryption-data" in read_member(archive, _MANIFEST):
        raise DocumentError("encrypted", "needs a password: decrypt it first")
    return xml_tree(read_member(archive, "content.xml"), "content.xml")


def odt_blocks(
    archive: zipfile.ZipFile, damaged: list[str], *, comments: bool = True
) -> Iterator[Block]:
    """The text, notes and comments, heads and feet; `damaged` says what could not be read."""
    from datapartnerships._backends.lxml import xml_tree

    root = content(archive)
    body = root.find(f"{OFFICE}body/{OFFICE}text")
    if body is None:
        raise DocumentError("damaged OpenDocument file", "it has no body of text")
    walk = Walk(_numbered_styles(root))
    styles = None
    if "styles.xml" in archive.NameToInfo:
        with apart(damaged, "styles.xml"):
            styles = xml_tree(read_member(archive, "styles.xml"), "styles.xml")
            walk.numbered |= _numbered_styles(styles)
    yield from blocks(body, walk, "")
    yield from (note for note in walk.notes if comments or note.place != "comments")
    if styles is not None:
        yield from _page_parts(styles)


def _page_parts(root: Any) -> Iterator[Block]:
    """Headers and footers, each text once: they belong to the styles of the pages."""
    known: set[str] = set()
    for kind in ("header", "footer"):
        for part in root.iter(f"{STYLE}{kind}", f"{STYLE}{kind}-left", f"{STYLE}{kind}-first"):
            lines = [block.text for block in blocks(part, Walk(set()), "") if block.text]
            text = "\n".join(lines)
            if text not in known and any(map(str.isalpha, text)):
                known.add(text)
                yield Block(text, place=f"page {kind}")


@dataclass(slots=True)
class Walk:
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
        (level.getparent().get(f"{STYLE}name", ""), int(level.get(f"{TEXT}level", "1")))
        for level in root.iter(f"{TEXT}list-level-style-number")
        if level.get(f"{TEXT}level", "1").isdigit() and level.get(f"{STYLE}num-format")
    }


def blocks(parent: Any, walk: Walk, indent: str) -> Iterator[Block]:
    for element in parent:
        name = element.tag
        if name in _SKIPPED:
            continue
        if name == TEXT + "h":
            level = element.get(TEXT + "outline-level", "1")
            yield Block(_inline(element, walk), level=int(level) if level.isdigit() else 1)
        elif name == TEXT + "p":
            yield Block(indent + text if (text := _inline(element, walk)) else "")
            yield from _frames(element, walk)
        elif name == TEXT + "list":
            yield from _list(element, walk, indent)
        elif name == TABLE + "table":
            yield Block(table(element, walk))
        elif name == OFFICE + "annotation":
            _comment(element, walk)
        else:
            yield from blocks(element, walk, indent)


def _list(element: Any, walk: Walk, indent: str) -> Iterator[Block]:
    # A list inside a list has the style of the outer one unless it names its own.
    inherited = walk.lists[-1] if walk.lists else ""
    walk.lists.append(element.get(f"{TEXT}style-name", inherited))
    numbered = (walk.lists[-1], len(walk.lists)) in walk.numbered
    number = 0
    for item in element.iterchildren(TEXT + "list-item", TEXT + "list-header"):
        number += item.tag == TEXT + "list-item"
        mark = f"{number}. " if numbered else "- "
        first = True
        for child in item:
            if child.tag == TEXT + "list":
                yield from _list(child, walk, indent + "  ")
                continue
            for block in blocks([child], walk, ""):
                if block.text:
                    block.text = f"{indent}{mark if first else '  '}{block.text}"
                    first = False
                yield block
    walk.lists.pop()


def table(element: Any, walk: Walk) -> str:
    rows = []
    for row in own(element, TABLE + "table-row"):
        cells: list[str] = []
        for cell in row:
            if cell.tag in (TABLE + "table-cell", TABLE + "covered-table-cell"):
                text = " ".join(block.text for block in blocks(cell, walk, ""))
                times = cell.get(TABLE + "number-columns-repeated", "1")
                cells += [text] * min(int(times) if times.isdigit() else 1, MAX_REPEATED)
        rows.append(cells)
    return table_text(rows)


def _frames(paragraph: Any, walk: Walk) -> Iterator[Block]:
    """Text boxes, which stand inside the paragraph that they are anchored to."""
    yield from (block for box in own(paragraph, _BOX) for block in blocks(box, walk, ""))


def own(parent: Any, name: str) -> Iterator[Any]:
    """The elements of this name in `parent`, but for those in one another and in notes."""
    steps = list(reversed(parent))
    while steps:
        element = steps.pop()
        if element.tag == name:
            yield element
        elif element.tag not in _APART:
            steps += reversed(element)


def _inline(element: Any, walk: Walk) -> str:
    return "".join(_pieces(element, walk)).strip()


def _pieces(element: Any, walk: Walk) -> Iterator[str]:
    """The text of a paragraph, its notes put aside and numbered."""
    # White space is as in HTML: a run of it is one space, and what is more is spelled out.
    yield _collapsed(element.text)
    for child in element:
        name = child.tag
        if name == TEXT + "s":
            count = child.get(TEXT + "c", "1")
            yield " " * min(int(count) if count.isdigit() else 1, 1000)
        elif name == TEXT + "tab":
            yield "\t"
        elif name == TEXT + "line-break":
            yield "\n"
        elif name == TEXT + "note":
            yield _note(child, walk)
        elif name == OFFICE + "annotation":
            _comment(child, walk)
        elif name not in (_BOX, OFFICE + "annotation-end"):
            yield from _pieces(child, walk)
        yield _collapsed(child.tail)


def _comment(element: Any, walk: Walk) -> None:
    text = " ".join(_inline(p, walk) for p in element.iter(TEXT + "p"))
    walk.notes.append(Block(text, place="comments"))


def _collapsed(text: str | None) -> str:
    if not text or text.isspace():
        return " " if text else ""
    start, end = text[0].isspace(), text[-1].isspace()
    return f"{' ' * start}{' '.join(text.split())}{' ' * end}"


def _note(note: Any, walk: Walk) -> str:
    kind = note.get(TEXT + "note-class", "footnote")
    citation = note.find(TEXT + "note-citation")
    mark = f"[{'*' if citation is None else ''.join(citation.itertext())}]"
    body = note.find(TEXT + "note-body")
    if body is not None:
        place = len(walk.notes)
        walk.notes.append(Block("", place=f"{kind}s"))
        text = "\n".join(block.text for block in blocks(body, walk, "") if block.text)
        walk.notes[place].text = f"{mark} {text}"
    return mark
