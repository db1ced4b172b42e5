"""Comments on the cells of a workbook, which openpyxl passes over when it reads row by row."""

from __future__ import annotations

import itertools
import re
import zipfile
from collections.abc import Iterator, Mapping
from typing import Any

from datapartnerships.readers._pptx import relations
from datapartnerships.readers._zipcheck import read_member

_R = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}"
_CELL = re.compile(r"([A-Z]{1,3})([1-9][0-9]{0,6})")
Comments = Mapping[tuple[int, int], str]


def sheet_comments(archive: zipfile.ZipFile) -> dict[str, Comments]:
    """By the name of the sheet: row and column, from 0, to what was said there."""
    book = "xl/workbook.xml"
    if book not in archive.NameToInfo:
        return {}
    parts = relations(archive, book)
    found: dict[str, Comments] = {}
    for sheet in _tree(archive, book).iter("{*}sheet"):
        _, part = parts.get(sheet.get(_R + "id", ""), ("", ""))
        told: dict[tuple[int, int], list[str]] = {}
        # A conversation has a note for old programs beside it, and takes its place.
        for kind in ("comments", "threadedComment"):
            own: dict[tuple[int, int], list[str]] = {}
            for known, name in relations(archive, part).values():
                if known == kind and name in archive.NameToInfo:
                    for place, text in _told(_tree(archive, name)):
                        own.setdefault(place, []).append(text)
            told |= own
        if told:
            found[sheet.get("name", "")] = {place: "; ".join(said) for place, said in told.items()}
    return found


def _told(root: Any) -> Iterator[tuple[tuple[int, int], str]]:
    for comment in root.iter("{*}comment", "{*}threadedComment"):
        match = _CELL.fullmatch(comment.get("ref", ""))
        # `t` in runs of old comments, `text` itself in conversations; `rPh` is how it is read.
        parts = [item.text or "" for item in comment.iter("{*}t", "{*}text")
                 if next(item.iterancestors("{*}rPh"), None) is None]  # fmt: skip
        text = " ".join("".join(parts).split())
        if match and text:
            column = 0
            for letter in match[1]:
                column = column * 26 + ord(letter) - ord("A") + 1
            yield (int(match[2]) - 1, column - 1), text


def _tree(archive: zipfile.ZipFile, part: str) -> Any:
    from datapartnerships._backends.lxml import xml_tree

    return xml_tree(read_member(archive, part), part)


def commented(rows: Iterator[list[str]], comments: Comments) -> Iterator[list[str]]:
    """The rows, with each comment behind the text of its cell."""
    last = max((row for row, _ in comments), default=-1)
    by_row: dict[int, list[tuple[int, str]]] = {}
    for (place, column), text in comments.items():
        by_row.setdefault(place, []).append((column, text))
    for number in itertools.count():
        row = next(rows, None)
        if row is None and number > last:
            return
        row = list(row or ())
        for column, text in by_row.get(number, ()):
            row += [""] * (column + 1 - len(row))
            row[column] = f"{row[column]} [comment: {text}]".strip()
        yield row
