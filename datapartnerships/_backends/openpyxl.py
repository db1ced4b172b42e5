"""Sheets of Excel workbooks, row by row. The only importer of openpyxl."""

from __future__ import annotations

import datetime
import io
import warnings
import zipfile
from collections.abc import Iterator
from typing import Any

from datapartnerships.errors import extra

with extra("documents", needed_by="OfficeReader"):
    import openpyxl


def sheets(data: bytes) -> Iterator[tuple[str, bool, Iterator[list[str]]]]:
    """Name, whether it is hidden, and the rows of cell texts of every sheet that has cells.

    Formulas give the value that was last computed, or themselves where none was kept.
    """
    values = _workbook(data, data_only=True)
    # Programs that write files without computing them keep no value: read those a second time.
    formulas = _workbook(data) if _has_formulas(data) else None
    try:
        for sheet in values.worksheets:
            rows = _rows(sheet) if formulas is None else _both(sheet, formulas[sheet.title])
            yield sheet.title, sheet.sheet_state != "visible", rows
    finally:
        values.close()
        if formulas is not None:
            formulas.close()


def _workbook(data: bytes, *, data_only: bool = False) -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        book = openpyxl.load_workbook(io.BytesIO(data), read_only=True, data_only=data_only)
    for sheet in book.worksheets:
        # The declared size of a sheet is often false: rows are taken as they come.
        sheet.reset_dimensions()
    return book


def _has_formulas(data: bytes) -> bool:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        for name in archive.namelist():
            if name.startswith("xl/worksheets/") and name.endswith(".xml"):
                sheet = archive.read(name)
                if b"<f>" in sheet or b"<f " in sheet:
                    return True
    return False


def _rows(sheet: Any) -> Iterator[list[str]]:
    for row in sheet.iter_rows(values_only=True):
        yield [shown(value) for value in row]


def _both(sheet: Any, written: Any) -> Iterator[list[str]]:
    pairs = zip(
        sheet.iter_rows(values_only=True), written.iter_rows(values_only=True), strict=False
    )
    for row, formulas in pairs:
        yield [
            shown(formula if value is None else value)
            for value, formula in zip(row, formulas, strict=False)
        ]


def shown(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, datetime.datetime) and value.time() == datetime.time():
        return value.date().isoformat()
    if isinstance(value, datetime.date | datetime.time):
        return value.isoformat()
    if isinstance(value, bool):
        return str(value).upper()
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)
    return str(getattr(value, "text", value))
