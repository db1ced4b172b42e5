"""OpenDocument spreadsheets and presentations: sheets and slides, from their XML."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from typing import Any

from datapartnerships.errors import DocumentError
from datapartnerships.readers._odt import (
    DRAW,
    MAX_REPEATED,
    OFFICE,
    STYLE,
    TABLE,
    Walk,
    blocks,
    content,
    own,
)
from datapartnerships.schema import Segment

_PRESENTATION = "{urn:oasis:names:tc:opendocument:xmlns:presentation:1.0}"
# Of a sheet, in the programs that make them.
MAX_ROWS = 1_048_576


def ods_sheets(
    archive: zipfile.ZipFile, *, comments: bool = True
) -> Iterator[tuple[str, bool, Iterator[list[str]]]]:
    """Name, whether it is hidden, and the rows of cell texts of every sheet."""
    root = content(archive)
    body = root.find(f"{OFFICE}body/{OFFICE}spreadsheet")
    if body is None:
        raise DocumentError("damaged OpenDocument file", "it has no sheets")
    hidden = _styles(root, f"{STYLE}table-properties", f"{TABLE}display", "false")
    for sheet in body.iterchildren(TABLE + "table"):
        secret = sheet.get(TABLE + "style-name") in hidden
        yield sheet.get(TABLE + "name", ""), secret, _rows(sheet, comments)


def _styles(root: Any, properties: str, name: str, value: str) -> set[str]:
    """The styles that set one property to one value."""
    return {
        item.getparent().get(f"{STYLE}name", "")
        for item in root.iter(properties)
        if item.get(name) == value
    }


def _rows(sheet: Any, comments: bool) -> Iterator[list[str]]:
    walk = Walk(set())
    for row in own(sheet, TABLE + "table-row"):
        cells: list[str] = []
        for cell in row.iterchildren(TABLE + "table-cell", TABLE + "covered-table-cell"):
            text = _cell(cell, walk)
            if comments and walk.notes:
                text = " ".join([text, *(f"[comment: {note.text}]" for note in walk.notes)])
            walk.notes.clear()
            cells += [text.strip()] * _times(cell, "number-columns-repeated", MAX_REPEATED)
        times = _times(row, "number-rows-repeated", MAX_ROWS) if any(cells) else 1
        for _ in range(times):
            yield cells


def _cell(cell: Any, walk: Walk) -> str:
    """Its text; of a date the date itself, as its text depends on how the cell is shown."""
    text = " ".join(block.text for block in blocks(cell, walk, "") if block.text)
    if cell.get(OFFICE + "value-type") == "date":
        return (cell.get(OFFICE + "date-value") or text).removesuffix("T00:00:00")
    return text


def _times(element: Any, name: str, most: int) -> int:
    said = element.get(TABLE + name, "1")
    return min(int(said) if said.isdigit() else 1, most)


def odp_segments(
    archive: zipfile.ZipFile, *, hidden: bool = True, comments: bool = True
) -> tuple[list[Segment], list[int]]:
    """A segment for each slide and one for its notes; and the numbers of the hidden slides."""
    root = content(archive)
    body = root.find(f"{OFFICE}body/{OFFICE}presentation")
    if body is None:
        raise DocumentError("damaged OpenDocument file", "it has no slides")
    shy = _styles(root, f"{STYLE}drawing-page-properties", _PRESENTATION + "visibility", "hidden")
    found: list[Segment] = []
    concealed = []
    for number, slide in enumerate(body.iterchildren(DRAW + "page"), 1):
        if slide.get(DRAW + "style-name") in shy:
            concealed.append(number)
            if not hidden:
                continue
        found += _slide(slide, number, comments)
    return found, concealed


def _slide(slide: Any, number: int, comments: bool) -> Iterator[Segment]:
    walk = Walk(set())
    title, lines, notes = None, [], ""
    for element in slide:
        if element.tag == _PRESENTATION + "notes":
            boxes = [
                _lines(frame, walk)
                for frame in element.iter(DRAW + "frame")
                if frame.get(_PRESENTATION + "class") == "notes"
            ]
            notes = "\n".join(boxes)
            continue
        text = _lines(element, walk)
        if element.get(_PRESENTATION + "class") == "title" and text and title is None:
            title = " ".join(text.split())
        lines.append(text)
    places = {"": "\n".join(line for line in lines if line), "notes": notes}
    if comments:
        places["comments"] = "\n".join(note.text for note in walk.notes if note.text)
    for place, text in places.items():
        if text:
            ref = " > ".join(part for part in (title, place) if part) or None
            yield Segment(text, kind="page", page=number, ref=ref)


def _lines(element: Any, walk: Walk) -> str:
    return "\n".join(block.text for block in blocks([element], walk, "") if block.text)
