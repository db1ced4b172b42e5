"""SpreadsheetML (ECMA-376, part 1, 18): the cells that are shown, as values."""

from __future__ import annotations

import re
from typing import Any

from datapartnerships.containers._markup import RELATIONS, drop, every, local
from datapartnerships.errors import DocumentError

_BOOK = {"workbookPr", "bookViews", "sheets", "calcPr"}
_SHEET = {
    "sheetPr", "dimension", "sheetViews", "sheetFormatPr", "cols", "sheetData", "mergeCells",
    "conditionalFormatting", "printOptions", "pageMargins", "pageSetup", "headerFooter",
    "rowBreaks", "colBreaks", "drawing", "tableParts", "phoneticPr", "sheetCalcPr",
}  # fmt: skip
_NAMES = {
    "dataValidations": "lists of values", "hyperlinks": "links", "legacyDrawing": "comments",
    "oleObjects": "embedded files", "controls": "embedded files", "protectedRanges": "permissions",
    "sheetProtection": "permissions", "scenarios": "scenarios", "customSheetViews": "views",
    "definedNames": "defined names", "externalReferences": "external links",
    "fileSharing": "authors", "AlternateContent": "path of the file",
}  # fmt: skip


def hidden(package: Any, main: str) -> set[str]:
    """The parts of sheets that are not shown; the book no longer names them."""
    tree, relations = package.trees[main], package.relations[main]
    found = set[str]()
    for child in list(tree):
        if local(child) not in _BOOK:
            if local(child) in _NAMES:
                package.removed.add(_NAMES[local(child)])
            drop(child)
    for sheet in every(tree, ("sheet",)):
        relation = relations.get(sheet.get(RELATIONS + "id", ""))
        if sheet.get("state", "visible") != "visible":
            package.removed.add("hidden sheets")
            drop(sheet)
            if relation:
                found.add(relation.target)
    if not every(tree, ("sheet",)):
        raise DocumentError("damaged archive", "no sheet that is shown")
    for view in every(tree, ("workbookView",)):
        for name in ("activeTab", "firstSheet"):
            view.attrib.pop(name, None)
    for item in every(tree, ("workbookPr",)):
        kept = item.get("date1904")
        item.attrib.clear()
        if kept is not None:
            item.set("date1904", kept)
    return found


def scrub(package: Any, main: str) -> None:
    """Cells without formulas, and none of hidden rows and columns; strings nobody shows go."""
    used = set[int]()
    shown = {sheet.get("name", "") for sheet in every(package.trees[main], ("sheet",))}
    for name in package.order:
        tree = package.trees.get(name)
        if tree is None or name == main:
            continue
        if local(tree) == "worksheet":
            _scrub_sheet(tree, package.removed)
            used |= _strings(tree)
        elif local(tree) == "table":
            for element in every(tree, ("calculatedColumnFormula", "totalsRowFormula")):
                drop(element)
        elif local(tree) in ("chartSpace", "chart"):
            for element in every(tree, ("f",)):
                if not _points_to(element.text or "", shown):
                    element.text = "#REF!"
    for name in package.order:
        tree = package.trees.get(name)
        if tree is not None and local(tree) == "sst":
            for number, item in enumerate(tree):
                if number not in used:
                    for child in list(item):
                        drop(child)
                    item.append(item.makeelement(item.tag.replace("}si", "}t")))
            for key in ("count", "uniqueCount"):
                tree.attrib.pop(key, None)
        elif tree is not None and local(tree) == "metadata":
            raise DocumentError("no scrubber for this format", "cells with data of programs")


def _scrub_sheet(tree: Any, removed: set[str]) -> None:
    for child in list(tree):
        if local(child) not in _SHEET:
            if local(child) in _NAMES:
                removed.add(_NAMES[local(child)])
            drop(child)
    for item in every(tree, ("sheetPr",)):
        item.attrib.clear()
    columns = [
        (int(col.get("min", "0")), int(col.get("max", "0")))
        for col in every(tree, ("col",))
        if col.get("hidden") in ("1", "true") or _is_zero(col.get("width"))
    ]
    gone = False
    for row in every(tree, ("row",)):
        if row.get("hidden") in ("1", "true") or _is_zero(row.get("ht")):
            gone = gone or bool(len(row))
            for cell in list(row):
                drop(cell)
    for cell in every(tree, ("c",)):
        if any(low <= _column(cell.get("r", "")) <= high for low, high in columns):
            gone = True
            drop(cell)
            continue
        _scrub_cell(cell, removed)
    if gone:
        removed.add("hidden rows and columns")
        # A table whose heads are gone cannot be opened.
        for element in every(tree, ("tableParts",)):
            drop(element)
    for rule in every(tree, ("cfRule",)):
        if any('"' in (e.text or "") or "!" in (e.text or "") for e in rule.iter()):
            removed.add("rules of formats")
            drop(rule)
    for element in every(tree, ("conditionalFormatting",)):
        if not len(element):
            drop(element)


def _points_to(formula: str, sheets: set[str]) -> bool:
    """Whether a chart takes its numbers from cells of one of these sheets, and nothing else."""
    sheet, _, cells = formula.rpartition("!")
    name = sheet[1:-1].replace("''", "'") if sheet.startswith("'") else sheet
    return name in sheets and re.fullmatch(r"\$?[A-Z]+\$?\d+(:\$?[A-Z]+\$?\d+)?", cells) is not None


def _is_zero(size: str | None) -> bool:
    """A row without height, or a column without width, is not shown either."""
    return size is not None and not size.strip("0.")


def _scrub_cell(cell: Any, removed: set[str]) -> None:
    formula = [e for e in cell if local(e) == "f"]
    if not formula:
        return
    if not any(local(e) in ("v", "is") and (e.text or len(e)) for e in cell):
        if cell.get("t") == "str":
            pass  # an empty text is what it came to
        else:
            raise DocumentError(
                "formulas without values", "open it in an office program and save it again"
            )
    removed.add("formulas")
    for element in formula:
        drop(element)
    for key in ("cm", "vm"):
        cell.attrib.pop(key, None)


def _column(place: str) -> int:
    number = 0
    for letter in re.match("[A-Z]*", place.upper())[0]:  # type: ignore[index]
        number = number * 26 + ord(letter) - 64
    return number


def _strings(tree: Any) -> set[int]:
    found = set[int]()
    for cell in every(tree, ("c",)):
        if cell.get("t") == "s":
            found |= {int(e.text) for e in cell if local(e) == "v" and (e.text or "").isdigit()}
    return found
