"""Sheets of Excel workbooks of before 2007. The only importer of xlrd."""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import Any

from datapartnerships._backends._damage import damage
from datapartnerships._backends.openpyxl import shown
from datapartnerships.errors import DocumentError, extra

with extra("documents", needed_by="LegacyOfficeReader"):
    import xlrd

VERSION = str(xlrd.__version__)


def sheets(
    data: bytes, *, comments: bool = True
) -> Iterator[tuple[str, bool, Iterator[list[str]]]]:
    """Name, whether it is hidden, and the rows of cell texts of every sheet that has cells."""
    try:
        book = xlrd.open_workbook(file_contents=data, logfile=io.StringIO())
    except MemoryError:
        raise
    except Exception as error:
        if "encrypted" in str(error).lower():
            raise DocumentError("encrypted", "needs a password: decrypt it first") from None
        raise DocumentError("damaged legacy office file", damage(error)) from None
    for sheet in book.sheets():
        yield sheet.name, sheet.visibility != 0, _rows(sheet, book.datemode, comments)


def _rows(sheet: Any, datemode: int, comments: bool) -> Iterator[list[str]]:
    for number in range(sheet.nrows):
        row = [_text(cell, datemode) for cell in sheet.row(number)]
        for column in range(len(row) if comments else 0):
            note = sheet.cell_note_map.get((number, column))
            if note is not None and note.text.strip():
                row[column] = f"{row[column]} [comment: {' '.join(note.text.split())}]".strip()
        yield row


def _text(cell: Any, datemode: int) -> str:
    if cell.ctype == xlrd.XL_CELL_DATE:
        try:
            moment = xlrd.xldate_as_datetime(cell.value, datemode)
        except (ValueError, OverflowError):
            return shown(cell.value)
        return shown(moment.time() if 0 <= cell.value < 1 else moment)
    if cell.ctype == xlrd.XL_CELL_BOOLEAN:
        return shown(bool(cell.value))
    if cell.ctype == xlrd.XL_CELL_ERROR:
        return str(xlrd.error_text_from_code.get(cell.value, ""))
    return shown(cell.value)
