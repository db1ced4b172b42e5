"""Sheets of Excel workbooks, row by row. The only importer of openpyxl."""

from __future__ import annotations

import datetime
import io
import warnings
from collections.abc import Iterator
from typing import Any

from datapartnerships.errors import extra

with extra("documents", needed_by="OfficeReader"):
    import openpyxl


def sheets(data: bytes) -> Iterator[tuple[str, bool, Iterator[list[str]]]]:
    """Name, whether it is hidden, and the rows of cell texts of every sheet that has cells.

    Formulas give the value that was last computed, or themselves where none was kept.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        values = openpyxl.load_workbook(io.BytesIO(data), read_only=True, data_only=True)
        formulas = openpyxl.load_workbook(io.BytesIO(data), read_only=True)
    try:
        for sheet in values.worksheets:
            written = formulas[sheet.title]
            # The declared size of a sheet is often false: rows are taken as they come.
            sheet.reset_dimensions()
            written.reset_dimensions()
            yield sheet.title, sheet.sheet_state != "visible", _rows(sheet, written)
    finally:
        values.close()
        formulas.close()


def _rows(sheet: Any, written: Any) -> Iterator[list[str]]:
    pairs = zip(sheet.iter_rows(values_only=True), written.iter_rows(values_only=True), strict=False)
    for row, formulas in pairs:
        yield [
            _shown(formula if value is None else value)
            for value, formula in zip(row, formulas, strict=False)
        ]


def _shown(value: Any) -> str:
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
