"""How much is still there: an estimate with bounds, from what two families of detectors found."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from datapartnerships.errors import ConfigurationError, InvalidParameter, UnknownName
from datapartnerships.kernels.recapture import Bounds, Cell, bounds, remainder, total
from datapartnerships.kernels.segments import characters, flat, parents, whole

# What `CompareDetectors` adds to a document.
COMPARED = pa.list_(
    pa.struct(
        [
            ("label", pa.string()),
            ("first", pa.int32()),
            ("second", pa.int32()),
            ("both", pa.int32()),
        ]
    )
)
BY = ("label", "language", "kind")
# Robson and Regier (1964): from 7 on, Chapman's estimate is, with 95 %, low by less than 2 %.
LEAST_SHARED = 7
DEPENDENCE = 2.0


@dataclass(frozen=True)
class Residual:
    """What two families of detectors found of one kind, and how much neither did.

    Nothing is said of what neither family can find at all. What only one of them finds must
    mostly be right: false alarms make the estimate too high.

    Attributes:
        group: what it is an estimate of: label, language, ..., as asked for.
        cells: what was found, by language and length of the document: of the first family, of the
            second, and of both.
        dependence: the largest odds ratio between "found by the first" and "found by the second"
            that the interval allows for; 1 is independence.
        least_shared: how many must be found by both for anything to be said.
    """

    group: tuple[str, ...]
    cells: tuple[Cell, ...]
    dependence: float = DEPENDENCE
    least_shared: int = LEAST_SHARED

    @property
    def found(self) -> int:
        """By at least one family."""
        return sum(cell.found for cell in self.cells)

    @property
    def abstains(self) -> str:
        """Why there is no estimate; empty if there is one."""
        both = sum(cell.both for cell in self.cells)
        for name in ("first", "second"):
            if self.found and not sum(getattr(cell, name) for cell in self.cells):
                return f"the {name} family found none"
        if both < self.least_shared:
            text = f"{self.least_shared} found by both families are needed, and there are {both}"
            more = math.ceil(self.least_shared / both) if both else 0
            return f"{text}: about {more} times as many documents" if more else text
        return ""

    @property
    def estimate(self) -> float | None:
        """How many are still there if the families are independent (Chapman)."""
        return None if self.abstains else sum(remainder(cell) for cell in self._strata)

    @property
    def low(self) -> int:
        """The lower bound of the 95 % interval, which also holds where there is no estimate."""
        cells = (_sum(self.cells),) if self.abstains else self._strata
        return math.floor(total([bounds(cell) for cell in cells]).low)

    @property
    def high(self) -> int | None:
        """The upper bound of the 95 % interval, at the largest dependence allowed for."""
        return None if self.abstains else math.ceil(self.under(self.dependence).high)

    def under(self, odds_ratio: float) -> Bounds:
        """Estimate and interval if the families depend on each other so much, and no more.

        Raises
        ------
        ValueError
            There is no estimate, or an odds ratio that is not positive.
        """
        if self.abstains or not odds_ratio > 0:
            raise ValueError(self.abstains or f"an odds ratio is positive. Got {odds_ratio!r}.")
        return total([bounds(cell, odds_ratio) for cell in self._strata])

    @property
    def _strata(self) -> tuple[Cell, ...]:
        """The cells; those that are too small by themselves as one, if need be with the next."""
        large = sorted(cell for cell in self.cells if cell.both >= self.least_shared)
        rest = _sum(cell for cell in self.cells if cell.both < self.least_shared)
        if not rest.found:
            return tuple(large)
        if rest.both < self.least_shared and large:
            rest = _sum([rest, large.pop(0)])
        return (*large, rest)

    def __str__(self) -> str:
        name = " ".join(self.group) or "all"
        text = f"{name}: {self.found:,} found by at least one family"
        if self.abstains:
            return f"{text}; nothing is said of the rest: {self.abstains}"
        return (
            f"{text}; still there, of what these two families can find: about "
            f"{self.estimate:,.0f} (95%: {self.low:,} to {self.high:,}, dependence up to an odds "
            f"ratio of {self.dependence:g})"
        )


def estimate_residual(
    source: Any,
    *,
    by: Sequence[str] = ("label", "language"),
    lengths: Sequence[int] = (),
    dependence: float = DEPENDENCE,
    least_shared: int = LEAST_SHARED,
) -> list[Residual]:
    """Estimate how much is still there after redaction, from what `CompareDetectors` counted.

    Languages, and lengths where `lengths` are given, are estimated apart and then added: in one
    where much is found both families find much, which would otherwise look like a dependence.

    Args:
        source: a release, its dataset, or a table with the column `detectors_compared`.
        by: what to give an estimate of: any of ``label``, ``language`` and ``kind``.
        lengths: characters at which short documents end and longer ones begin.
        dependence: the largest odds ratio of dependence that the interval allows for.
        least_shared: how many things both families must have found.

    Raises
    ------
    ConfigurationError
        Nothing was compared, or a value cannot be.
    """
    if isinstance(by, str) or not isinstance(by, Iterable):
        raise InvalidParameter("estimate_residual", "by", f"any of {', '.join(BY)}", by)
    for name in by:
        if name not in BY:
            raise UnknownName("group", str(name), BY, where="estimate_residual.by")
    if not 1 <= dependence < math.inf:
        rule = "an odds ratio of 1 (independent) or more"
        raise InvalidParameter("estimate_residual", "dependence", rule, dependence)
    if type(least_shared) is not int or least_shared < 1:
        raise InvalidParameter("estimate_residual", "least_shared", "an int >= 1", least_shared)
    found: dict[tuple[str, ...], list[Cell]] = {}
    columns = ("detectors_compared", "language", "kind", *(["segments"] if lengths else []))
    for table in tables(source, columns):
        if "detectors_compared" not in table.column_names:
            raise ConfigurationError(
                "The column 'detectors_compared' is not there: put CompareDetectors between "
                "DetectPii and Redact."
            )
        # Batch by batch: all texts together may be more than one array of strings holds.
        for batch in table.to_batches():
            for names, cell in _cells(pa.Table.from_batches([batch]), lengths):
                found.setdefault(names, []).append(cell)
    groups: dict[tuple[str, ...], list[Cell]] = {}
    for names, cells in sorted(found.items()):
        group = tuple(names[BY.index(name)] for name in by)
        groups.setdefault(group, []).append(_sum(cells))
    return [Residual(g, tuple(cells), dependence, least_shared) for g, cells in groups.items()]


def tables(source: Any, columns: Sequence[str] = ()) -> Iterable[pa.Table]:
    """The tables of a release, a dataset or a dataset with splits; of `columns` where it has them.

    Raises
    ------
    ConfigurationError
        It is none of these.
    """
    source = getattr(source, "dataset", source) if hasattr(source, "manifest") else source
    if isinstance(source, pa.Table):
        yield source
    elif isinstance(source, dict):
        for split in source.values():
            yield from tables(split, columns)
    elif hasattr(source, "with_format") and hasattr(source, "column_names"):
        names = [name for name in source.column_names if not columns or name in columns]
        yield source.select_columns(names).with_format("arrow")[:]
    else:
        raise ConfigurationError(
            f"Expected a release, its dataset or a pyarrow.Table. Got {type(source).__name__}. "
            "Release.open(path) opens the folder of an earlier run."
        )


def compared_in(table: pa.Table) -> dict[str, dict[str, Cell]]:
    """Of each label and language, what the families found in all documents of the table."""
    found: dict[str, dict[str, list[Cell]]] = {}
    if "detectors_compared" in table.column_names:
        for (label, language, *_), cell in _cells(table, ()):
            found.setdefault(label, {}).setdefault(language, []).append(cell)
    return {label: {x: _sum(cells) for x, cells in own.items()} for label, own in found.items()}


def _cells(table: pa.Table, lengths: Sequence[int]) -> Iterable[tuple[tuple[str, ...], Cell]]:
    """What was found, by label, language, kind and class of length."""
    offsets, structs = flat(table, "detectors_compared")
    rows = pa.array(parents(offsets))
    count = table.num_rows
    language: Any = pa.repeat("und", count)
    if "language" in table.column_names:
        language = pc.fill_null(whole(table["language"]), "und")
        language = pc.replace_substring_regex(language, "[-_].*", "")
    kind = whole(table["kind"]) if "kind" in table.column_names else pa.repeat("", count)
    size: Any = pa.repeat("", count)
    if lengths:
        classes = np.searchsorted(sorted(lengths), np.asarray(characters(table)), side="right")
        size = pa.array([str(item) for item in classes], pa.string())
    columns = {"label": structs.field("label")}
    for name, values in (("language", language), ("kind", kind), ("size", size)):
        columns[name] = values.take(rows)
    names = list(columns)
    columns |= {name: structs.field(name) for name in Cell._fields}
    summed = pa.table(columns).group_by(names).aggregate([(n, "sum") for n in Cell._fields])
    for row in summed.to_pylist():
        cell = Cell(*(row[f"{name}_sum"] for name in Cell._fields))
        yield tuple(row[name] or "" for name in names), cell


def _sum(cells: Iterable[Cell]) -> Cell:
    first, second, both = zip((0, 0, 0), *cells, strict=True)
    return Cell(sum(first), sum(second), sum(both))
