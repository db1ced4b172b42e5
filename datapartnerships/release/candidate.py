"""What wants to leave, and everything that speaks for it."""

from __future__ import annotations

import datetime
import itertools
import json
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from datapartnerships.config import load_yaml
from datapartnerships.errors import ConfigurationError, InvalidParameter
from datapartnerships.executors._output import RECIPE
from datapartnerships.executors._result import Release
from datapartnerships.intake import Intake
from datapartnerships.release._manifest import TRACKS, GateResult, Waiver
from datapartnerships.release.folder import ReleaseFolder
from datapartnerships.release.policy import ReleasePolicy
from datapartnerships.sheet import Audit
from datapartnerships.tombstones import Withdrawn
from datapartnerships.writers._folder import Folder

_ROWS = 1024
LINE = pa.field("line", pa.string())


class NoEvidence(Exception):
    """What a gate needs is not there: it stays shut."""


_RECORDED = " (as its manifest says)"


@dataclass(frozen=True, kw_only=True)
class Candidate:
    """A run, a release folder or both, with what the gates look at besides.

    Attributes:
        run: what a run made.
        folder: what `prepare` made of it. Where both are given, the data is that of the folder.
        intake: the deposit, as its deposit.yaml says.
        policy: what is asked for.
        track: ``open`` or ``private``.
        date: the day of the release, ISO 8601.
        audit: what somebody found who read an audit sheet.
        tombstones: what was taken down: a `tombstones.Withdrawn`, or the path of its folder; with
            its sketches near-duplicates are found. What the folder of a release says is added.
        private: ids and digests of documents that must not be in an open release.
        waivers: words of people that a gate may be passed all the same.
        signer: fingerprint of the key that must have signed the folder.
    """

    run: Release | None = None
    folder: ReleaseFolder | None = None
    intake: Intake | None = None
    policy: ReleasePolicy = field(default_factory=ReleasePolicy)
    track: str = "open"
    date: str = ""
    audit: Audit | None = None
    tombstones: Withdrawn | str | os.PathLike[str] | None = None
    private: frozenset[str] = frozenset()
    waivers: tuple[Waiver, ...] = ()
    signer: str | None = None

    def __post_init__(self) -> None:
        if self.run is None and self.folder is None:
            raise ConfigurationError("A candidate is a run or a release folder: neither was given.")
        if self.track not in TRACKS:
            raise InvalidParameter(self, "track", f"one of {', '.join(TRACKS)}", self.track)
        check_day(self, "date", self.date)

    @property
    def where(self) -> str:
        return (self.folder or self.run).path  # type: ignore[union-attr]

    @cached_property
    def root(self) -> Folder:
        return Folder(self.where)

    @cached_property
    def data(self) -> tuple[str, ...]:
        """The Parquet files, as they lie there; whether they all should is for the gate `files`.

        Of an export of lines (`ChatWriter`, `TextWriter`), those of its sidecar.
        """
        sizes = self.root.sizes("rights" if self.lines else "data")
        return tuple(sorted(name for name in sizes if name.endswith(".parquet")))

    @cached_property
    def lines(self) -> tuple[str, ...]:
        """The files of JSON Lines of an export of lines; of any other candidate, none."""
        if not self.root.sizes("rights"):
            return ()
        sizes = self.root.sizes("data")
        return tuple(sorted(name for name in sizes if name.endswith((".jsonl", ".jsonl.gz"))))

    @cached_property
    def said(self) -> Mapping[str, GateResult]:
        """What the manifest of the folder says was found before it left."""
        return {} if self.folder is None else {r.name: r for r in self.folder.manifest.gates}

    def recorded(self, name: str, missing: str) -> GateResult:
        """What the manifest says that a gate found, where what it looks at does not travel.

        It was signed with the rest. Where it is not there, or was not open, it is no evidence.
        """
        found = self.said.get(name)
        if self.run is None and found is not None and found.passed:
            words = found.finding.removesuffix(_RECORDED)  # of a version that was made from another
            return replace(found, finding=f"{words}{_RECORDED}")
        raise NoEvidence(f"{missing}, and no manifest says what was found")

    @cached_property
    def recipe(self) -> Mapping[str, Any]:
        if not self.root.exists(RECIPE):
            raise NoEvidence(f"there is no {RECIPE}: nobody can say what was done")
        found = load_yaml(self.root.read_text(RECIPE), RECIPE)
        if not isinstance(found, Mapping):
            raise NoEvidence(f"{RECIPE} is no recipe")
        return found

    @property
    def steps(self) -> list[tuple[str, Mapping[str, Any]]]:
        """The transforms of the recipe, in order, with their fields."""
        found = []
        for item in self.recipe.get("transforms") or ():
            name, fields = next(iter(item.items())) if isinstance(item, Mapping) else (item, {})
            found.append((str(name), fields if isinstance(fields, Mapping) else {}))
        return found

    @property
    def writer(self) -> str:
        item = self.recipe.get("writer") or ""
        return str(next(iter(item)) if isinstance(item, Mapping) else item)

    @cached_property
    def schemas(self) -> tuple[pa.Schema, ...]:
        if not self.data:
            raise NoEvidence("there is no Parquet file below data/")
        found = []
        for name in self.data:
            with self.root.system.open(self.root.at(name), "rb") as stream:
                schema = pq.read_schema(stream)
                found.append(schema.append(LINE) if self.lines else schema)
        return tuple(found)

    def has(self, column: str) -> bool:
        """Whether every file has the column."""
        return all(column in schema.names for schema in self.schemas)

    def batches(self, columns: Sequence[str] | None = None) -> Iterator[pa.Table]:
        """The rows, some at a time; of `columns`, those that are there. All, where it is None.

        Of an export of lines, `line` is all that the line of a row says.

        Raises
        ------
        NoEvidence
            A line is not of the row that the sidecar has in its place.
        """
        if self.lines:
            yield from self._batches_of_lines(columns)
            return
        for name, schema in zip(self.data, self.schemas, strict=True):
            wanted = schema.names if columns is None else [x for x in columns if x in schema.names]
            with self.root.system.open(self.root.at(name), "rb") as stream:
                file = pq.ParquetFile(stream)
                for batch in file.iter_batches(_ROWS, columns=wanted):
                    yield pa.Table.from_batches([batch])

    def _batches_of_lines(self, columns: Sequence[str] | None) -> Iterator[pa.Table]:
        """The sidecar, and beside each row its line: both have the same rows in the same order."""
        lines = self._read_lines()
        for name in self.data:
            with self.root.system.open(self.root.at(name), "rb") as stream:
                for batch in pq.ParquetFile(stream).iter_batches(_ROWS):
                    said = list(itertools.islice(lines, batch.num_rows))
                    if [one for one, _ in said] != batch["id"].to_pylist():
                        raise NoEvidence(f"the lines below data/ are not those of {name}")
                    table = pa.Table.from_batches([batch])
                    table = table.append_column(LINE, pa.array([x for _, x in said], LINE.type))
                    names = table.column_names
                    yield table.select(
                        names if columns is None else [x for x in columns if x in names]
                    )
        if next(lines, None) is not None:
            raise NoEvidence("there are more lines below data/ than rows below rights/")

    def _read_lines(self) -> Iterator[tuple[Any, str]]:
        for name in self.lines:
            place = self.root.at(name)
            with self.root.system.open(place, "rb", compression="infer") as stream:
                for number, line in enumerate(stream, 1):
                    try:
                        found = json.loads(line)
                        yield found["id"], _strings(found)
                    except (ValueError, KeyError, TypeError):
                        raise NoEvidence(f"{name}: line {number} is none with an id") from None

    def rows(self) -> dict[str, int]:
        """Of each Parquet file, the rows that its footer says."""
        found = {}
        for name in self.data:
            with self.root.system.open(self.root.at(name), "rb") as stream:
                found[name] = int(pq.read_metadata(stream).num_rows)
        return found


def _strings(value: Any) -> str:
    """All that a line says, without the escapes of JSON."""
    if isinstance(value, Mapping):
        return "\n".join(_strings(item) for pair in value.items() for item in pair)
    if isinstance(value, list):
        return "\n".join(map(_strings, value))
    return "" if value is None else str(value)


def check_day(owner: object, name: str, value: object) -> None:
    try:
        good = datetime.date.fromisoformat(str(value)).isoformat() == value
    except ValueError:
        good = False
    if not good:
        raise InvalidParameter(owner, name, "a day such as '2026-11-22'", value)


def need(candidate: Candidate, columns: Iterable[str]) -> None:
    for name in columns:
        if not candidate.has(name):
            raise NoEvidence(f"the data has no column {name!r}")
