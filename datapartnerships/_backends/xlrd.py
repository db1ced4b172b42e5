"""Sheets of Excel workbooks of before 2007. The only importer of xlrd."""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import Any

from datapartnerships._backends.openpyxl import shown
from datapartnerships.errors import DocumentError, extra

with extra("documents", needed_by="LegacyOfficeReader"):
    import xlrd

VERSION = str(xlrd.__version__)


def sheets(data: bytes) -> Iterator[tuple[str, bool, Iterator[list[str]]]]:
    """Name, whether it is hidden, and the rows of cell texts of every sheet that has cells."""
    try:
        book = xlrd.open_workbook(file_contents=data, logfile=io.StringIO())
    except MemoryError:
        raise
    except Exception as error:
        said = str(error)
        if "encrypted" in said.lower():
            raise DocumentError("encrypted", "needs a password: decrypt it first") from None
        detail = f"{type(error).__name__}: {said[:200]}"
        raise DocumentError("damaged legacy office file", detail) from None
    for sheet in book.sheets():
        yield sheet.name, sheet.visibility != 0, _rows(sheet, book.datemode)


def _rows(sheet: Any, datemode: int) -> Iterator[list[str]]:
    for number in range(sheet.nrows):
        yield [_text(cell, datemode) for cell in sheet.row(number)]


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
