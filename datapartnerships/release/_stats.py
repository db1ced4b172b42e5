"""What is in the data, counted in the files themselves: stats.json and sources.jsonl."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import IO, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from datapartnerships.kernels.recapture import Cell
from datapartnerships.kernels.segments import flat, parents, whole
from datapartnerships.release._data import UNKNOWN, Subset, license_of, tables
from datapartnerships.residual import Residual, compared_in
from datapartnerships.schema import Manifest
from datapartnerships.writers._folder import Folder

# Where words have no spaces between them, characters stand for them.
WORD = r"[\p{Han}\p{Hiragana}\p{Katakana}]|[^\s\p{Han}\p{Hiragana}\p{Katakana}]+"
# The first of these keys that a document has says when it was written. `created` and `modified`
# are of the file.
_DATES = ("date", "published", "year", "issued", "recorded")
_YEAR = r"\b(?P<year>1[5-9][0-9]{2}|20[0-9]{2})\b"
_RIGHTS = ("license", "basis", "holder", "evidence", "valid_until", "statement")
_COLUMNS = (
    # How many there are, without their texts.
    "segments.list.element.kind",
    "id", "parent_id", "document_id", "source", "kind", "text", "language",
    "metadata", "rights", "provenance", "detectors_compared", "duration_s",
)  # fmt: skip


@dataclass
class Stats:
    """Counts of all rows; every one can be added up from the files again."""

    rows: int = 0
    documents: int = 0
    characters: int = 0
    words: int = 0
    segments: int = 0
    seconds: float = 0.0
    kinds: dict[str, Counter[str]] = field(default_factory=dict)
    languages: dict[str, Counter[str]] = field(default_factory=dict)
    licenses: dict[str, Counter[str]] = field(default_factory=dict)
    media_types: dict[str, Counter[str]] = field(default_factory=dict)
    sources: dict[str, Counter[str]] = field(default_factory=dict)
    years: Counter[str] = field(default_factory=Counter)
    rights: Counter[tuple[str, ...]] = field(default_factory=Counter)
    signals: Counter[tuple[str, str]] = field(default_factory=Counter)
    compared: dict[tuple[str, str], tuple[int, int, int]] = field(default_factory=dict)
    has_language: bool = False
    _last: str | None = None

    def add(self, table: pa.Table) -> None:
        """Count the rows of one row group."""
        self.rows += table.num_rows
        self.documents += self._new_documents(table)
        text = _text(table)
        sizes = {
            "rows": pa.array(np.ones(table.num_rows, np.int64)),
            "characters": pc.fill_null(pc.utf8_length(text), 0).cast(pa.int64()),
            "words": pc.fill_null(pc.count_substring_regex(text, WORD), 0).cast(pa.int64()),
        }
        self.characters += _sum(sizes["characters"])
        self.words += _sum(sizes["words"])
        if "segments" in table.column_names:
            self.segments += _sum(pc.list_value_length(whole(table["segments"])))
        if "duration_s" in table.column_names:
            self.seconds += pc.sum(table["duration_s"]).as_py() or 0.0
        groups = [(self.licenses, license_of(table))]
        for name, into in (("kind", self.kinds), ("source", self.sources)):
            if name in table.column_names:
                groups.append((into, whole(table[name])))
        if "language" in table.column_names:
            self.has_language = True
            groups.append((self.languages, whole(table["language"]).cast(pa.string())))
        if "provenance" in table.column_names:
            groups.append((self.media_types, whole(table["provenance"]).field("media_type")))
        for into, keys in groups:
            _add(into, keys, sizes)
        self._add_rights(table)
        self.years.update(_years(table))
        for label, languages in compared_in(table).items():
            for language, cell in languages.items():
                before = self.compared.get((label, language), (0, 0, 0))
                self.compared[label, language] = (
                    before[0] + cell.first,
                    before[1] + cell.second,
                    before[2] + cell.both,
                )

    def _new_documents(self, table: pa.Table) -> int:
        """Rows of one document follow each other, whatever a row is."""
        ids = document_ids(table)
        if not len(ids):
            return 0
        first = ids[0].as_py() != self._last
        self._last = ids[len(ids) - 1].as_py()
        return int(first) + _sum(pc.not_equal(ids[1:], ids[:-1]).cast(pa.int64()))

    def _add_rights(self, table: pa.Table) -> None:
        if "rights" not in table.column_names:
            return
        rights = whole(table["rights"])
        there = {item.name for item in rights.type}  # less in a run of an earlier version
        none = pa.nulls(len(rights), pa.string())
        columns = {
            name: pc.fill_null(rights.field(name) if name in there else none, "")
            for name in _RIGHTS
        }
        counted = pa.table({**columns, "rows": np.ones(len(rights), np.int64)})
        for row in counted.group_by(list(_RIGHTS)).aggregate([("rows", "sum")]).to_pylist():
            self.rights[tuple(row[name] for name in _RIGHTS)] += row["rows_sum"]
        if "signals" not in there:
            return
        signals = pc.list_flatten(rights.field("signals"))
        told = pa.table({name: signals.field(name) for name in ("name", "value")})
        for row in told.group_by(["name", "value"]).aggregate([([], "count_all")]).to_pylist():
            self.signals[row["name"], row["value"]] += row["count_all"]

    def residuals(self) -> list[Residual]:
        """What may still be there, by label and language, where two families were compared."""
        return [Residual(key, (Cell(*n),)) for key, n in sorted(self.compared.items())]

    def to_dict(self) -> dict[str, Any]:
        return {
            "rows": self.rows,
            "documents": self.documents,
            "characters": self.characters,
            "words": self.words,
            "segments": self.segments,
            "seconds_of_sound": round(self.seconds, 3),
            "kinds": _plain(self.kinds),
            "languages": _plain(self.languages),
            "licenses": _plain(self.licenses),
            "media_types": _plain(self.media_types),
            "sources": _plain(self.sources),
            "years": dict(sorted(self.years.items())),
            "rights": [
                {**dict(zip(_RIGHTS, key, strict=True)), "rows": count}
                for key, count in sorted(self.rights.items())
            ],
            "signals": [
                {"name": name, "value": value, "rows": n}
                for (name, value), n in sorted(self.signals.items())
            ],
            "compared": [
                {"label": a, "language": b, "first": n[0], "second": n[1], "both": n[2]}
                for (a, b), n in sorted(self.compared.items())
            ],
        }


def measure(folder: Folder, subsets: Sequence[Subset]) -> Stats:
    """Count everything, a row group at a time."""
    found = Stats()
    for subset in subsets:
        for file in subset.files:
            for table in tables(folder, file.path, _COLUMNS):
                found.add(table)
    return found


def run_counts(release: Folder, manifest: Manifest) -> dict[str, Any]:
    """What the run counted: documents in and rejected by reason, spans by label and policy."""
    redacted: dict[str, Counter[str]] = {}
    for entry in manifest.audit_files:
        for table in tables(release, entry.path, ("label", "policy")):
            if {"label", "policy"} <= set(table.column_names):
                counted = table.append_column("n", pa.array(np.ones(table.num_rows, np.int64)))
                by = counted.group_by(["label", "policy"]).aggregate([("n", "sum")])
                for row in by.to_pylist():
                    redacted.setdefault(row["label"], Counter())[row["policy"]] += row["n_sum"]
    return {
        "documents_in": manifest.documents_in,
        "documents_out": manifest.documents_out,
        "rejected": dict(sorted(manifest.rejected.items())),
        "redacted": _plain(redacted),
        "writer": dict(sorted(manifest.counts.items())),
    }


def write_sources(folder: Folder, subsets: Iterable[Subset], out: IO[str]) -> None:
    """One line a document: where it was in the deposit, and under what right it is here.

    A digest that `Redact` took out of the data is in no line either.
    """
    last = None
    for subset in subsets:
        for file in subset.files:
            columns = ("id", "parent_id", "document_id", "source", "provenance", "rights")
            for table in tables(folder, file.path, columns):
                for line in _lines(table):
                    if line["id"] != last:
                        out.write(json.dumps(line, ensure_ascii=False) + "\n")
                    last = line["id"]


def _lines(table: pa.Table) -> Iterator[dict[str, Any]]:
    ids = document_ids(table).to_pylist()
    names = set(table.column_names)
    empty: list[Any] = [None] * table.num_rows
    source = table["source"].to_pylist() if "source" in names else empty
    provenance = table["provenance"].to_pylist() if "provenance" in names else empty
    rights = table["rights"].to_pylist() if "rights" in names else empty
    for id, name, place, right in zip(ids, source, provenance, rights, strict=True):
        place, right = place or {}, right or {}
        yield {
            "id": id,
            "source": name,
            **{key: place.get(key) for key in ("uri", "member", "sha256", "size")},
            **{key: right.get(key) for key in ("license", "holder")},
        }


def document_ids(table: pa.Table) -> pa.Array:
    """Of each row, the document that it is, or is of."""
    for name in ("parent_id", "document_id", "id"):
        if name in table.column_names:
            return whole(table[name])
    return pa.array([f"row {i}" for i in range(table.num_rows)])


def _text(table: pa.Table) -> pa.Array:
    if "text" in table.column_names:
        return whole(table["text"])
    return pa.nulls(table.num_rows, pa.string())


def _years(table: pa.Table) -> dict[str, int]:
    """Of each year, how many documents say that they are of it."""
    if "metadata" not in table.column_names:
        return {}
    offsets, items = flat(table, "metadata")
    rows = parents(offsets)
    found: dict[int, str] = {}
    for name in _DATES:
        mask = np.asarray(pc.fill_null(pc.equal(items.field("key"), name), False))
        values = items.field("value").filter(pa.array(mask))
        years = pc.struct_field(pc.extract_regex(values, _YEAR), "year")
        for row, year in zip(rows[mask].tolist(), years.to_pylist(), strict=True):
            if year and row not in found:
                found[row] = year
    return Counter(found.values())


def _add(into: dict[str, Counter[str]], keys: Any, sizes: Mapping[str, pa.Array]) -> None:
    table = pa.table({"key": pc.fill_null(keys, UNKNOWN), **sizes})
    summed = table.group_by("key").aggregate([(name, "sum") for name in sizes])
    for row in summed.to_pylist():
        counter = into.setdefault(row["key"] or UNKNOWN, Counter())
        for name in sizes:
            counter[name] += row[f"{name}_sum"]


def _sum(values: Any) -> int:
    return int(pc.sum(values).as_py() or 0)


def _plain(found: Mapping[str, Mapping[str, int]]) -> dict[str, dict[str, int]]:
    return {key: dict(found[key]) for key in sorted(found)}
