"""Which rows of a release a takedown is about, and its files without them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import unquote_plus

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from datapartnerships._secrets import using
from datapartnerships.detectors.known_people import KnownPeople
from datapartnerships.errors import ConfigurationError
from datapartnerships.executors._result import Release
from datapartnerships.kernels.near import Near
from datapartnerships.kernels.segments import strings, whole
from datapartnerships.kernels.surrogates import fingerprint
from datapartnerships.release._data import license_of, tables, writer_of
from datapartnerships.tombstones import IDS, THRESHOLD, long_texts, texts_of
from datapartnerships.writers._folder import Folder

# What is the same text again: of a row that has `text`.
_AGAIN = ("segments.text", "messages.content")
_PLACE = r"_|\+|%[0-9A-Fa-f]{2}"
_LONG = 1000


@dataclass(frozen=True)
class Wanted:
    """What a takedown is asked for: a document is meant that answers to any of these.

    Attributes:
        documents: ids.
        people: names, or mappings as `KnownPeople` takes them.
        source: name of a deposit.
        license: SPDX expression, as it stands in the rows.
        near: whether near-duplicates of what is found are meant, too.
    """

    documents: frozenset[str] = frozenset()
    people: tuple[Any, ...] = ()
    source: str | None = None
    license: str | None = None
    near: bool = True


@dataclass(frozen=True)
class Found:
    """The documents to withdraw, by id, and why: counted by what they answered to.

    Attributes:
        documents: ids; of a row that is a part (a chunk, a clip) the id of its document.
        why: how many documents were ``named``, hold a ``person``, ...; a document may count twice.
        owners: of the texts of withdrawn rows, the id of the document of each.
        texts: as they were released.
        missing: ids that were asked for and are not there.
    """

    documents: frozenset[str]
    why: dict[str, int]
    owners: tuple[str, ...]
    texts: pa.ChunkedArray
    missing: frozenset[str]


def find(
    folder: Folder,
    files: Sequence[str],
    wanted: Wanted,
    *,
    run: Release | None = None,
    key: str | bytes | None = None,
) -> Found:
    """Look through the files of a release, a row group at a time.

    With the `run` that made it, and its key, people are looked for in the audit of what `Redact`
    replaced, too: in the release there is only a surrogate of them.
    """
    seeds: dict[str, set[str]] = {}
    audited = set(_redacted(run, wanted.people, key)) if run and wanted.people else set()
    people = KnownPeople(people=wanted.people) if wanted.people else None
    there: set[str] = set()
    for name in files:
        for table in tables(folder, name):
            roots = roots_of(table)
            every = {one for column in _ids(table) for one in column.to_pylist()}
            there |= every & (wanted.documents | audited)
            for why, mask in _answers(table, wanted, people):
                seeds.setdefault(why, set()).update(roots.filter(mask).to_pylist())
    # What the audit names may have been rejected after it.
    seeds["person"] = seeds.get("person", set()) | audited & there
    found: set[str] = set().union(*seeds.values())
    if wanted.near and found:
        _, texts = _texts(folder, files, found)
        near = _near(folder, files, found, texts)
        seeds["near duplicate"] = near
        found |= near
    owners, texts = _texts(folder, files, found)
    counts = {why: len(ids) for why, ids in sorted(seeds.items()) if ids}
    return Found(frozenset(found), counts, owners, texts, wanted.documents - there)


def _ids(table: pa.Table) -> list[pa.Array]:
    return [whole(table[name]).cast(pa.string()) for name in IDS if name in table.column_names]


def roots_of(table: pa.Table) -> pa.Array:
    """The id of the document that each row is, or is a part of.

    Raises
    ------
    ConfigurationError
        Rows have no ids: nothing can be taken out of them, and nothing proved.
    """
    columns = {name: whole(table[name]) for name in IDS if name in table.column_names}
    if not columns:
        raise ConfigurationError(f"The rows of this release have no ids: none of {list(IDS)}.")
    order = [columns[name] for name in ("parent_id", "document_id", "id") if name in columns]
    roots = pc.coalesce(*(column.cast(pa.string()) for column in order))
    if roots.null_count:
        raise ConfigurationError(f"{roots.null_count:,} rows of this release have no id.")
    return roots


def _answers(
    table: pa.Table, wanted: Wanted, people: KnownPeople | None
) -> Iterator[tuple[str, pa.Array]]:
    """What a row may answer to, and which rows do."""
    if wanted.documents:
        ids = pa.array(sorted(wanted.documents), pa.string())
        masks = [pc.is_in(column, ids) for column in _ids(table)]
        mask = masks[0]
        for other in masks[1:]:
            mask = pc.or_(mask, other)
        yield "named", mask
    if wanted.source is not None and "source" in table.column_names:
        yield "source", pc.fill_null(pc.equal(whole(table["source"]), wanted.source), False)
    if wanted.license is not None:
        yield "license", pc.equal(license_of(table), wanted.license)
    if people is not None:
        hit = np.zeros(table.num_rows, bool)
        for rows, values in strings_of(table):
            spans = people(values)
            hit[rows[spans["text"].to_numpy()]] = True
        yield "person", pa.array(hit)


def strings_of(table: pa.Table) -> Iterator[tuple[Any, pa.Array]]:
    """Every string of every row: the row of each, and the strings; nulls are left out.

    One that may be a place comes once more, as people read it: ``Ida%20Vik.pdf``, ``Ida_Vik.pdf``.
    """
    again = _AGAIN if "text" in table.column_names else ()
    for name, rows, values in strings(table):
        if name in again:
            continue
        there = pc.is_valid(values)
        rows, values = rows[there.to_numpy(zero_copy_only=False)], values.filter(there)
        yield rows, values
        short = pc.less(pc.binary_length(values), _LONG)
        place = pc.and_(short, pc.match_substring_regex(values, _PLACE))
        read = [unquote_plus(one).replace("_", " ") for one in values.filter(place).to_pylist()]
        yield rows[place.to_numpy(zero_copy_only=False)], pa.array(read, pa.string())


def _redacted(run: Release, people: Sequence[Any], key: str | bytes | None) -> Iterator[str]:
    """Documents in whose audit a person stands, by the keyed fingerprints of the names."""
    from datapartnerships._secrets import pseudonym_key

    known = [pair for one in people for pair in _known_by(one)]
    with using(key):
        marks = pa.array([fingerprint(said, label, pseudonym_key()) for said, label in known])
    folder = Folder(run.path)
    for entry in run.manifest.audit_files:
        for table in tables(folder, entry.path):
            marked = whole(table["fingerprint"])
            yield from whole(table["id"]).filter(pc.is_in(marked, marks)).to_pylist()


def _known_by(person: Any) -> Iterator[tuple[str, str]]:
    """What a person is called and numbered, and the label of each, as `KnownPeople` gives it."""
    if isinstance(person, str):
        person = {"name": person}
    whole_name = person.get("name") or f"{person.get('given', '')} {person.get('family', '')}"
    for name in (whole_name.strip(), *person.get("aliases", ())):
        yield name, "PERSON"
    for number in person.get("identifiers", ()):
        yield str(number), "RECORD_ID"


def _texts(
    folder: Folder, files: Sequence[str], documents: set[str]
) -> tuple[tuple[str, ...], pa.ChunkedArray]:
    """The texts of all rows of some documents, and whose they are.

    In pieces: one array holds no more than 2 GiB of text.
    """
    owners: list[str] = []
    parts: list[pa.Array] = []
    asked = pa.array(sorted(documents), pa.string())
    for name in files:
        for table in tables(folder, name, (*IDS, "text", "segments")):
            texts, roots = texts_of(table), roots_of(table)
            mask = pc.is_in(roots, asked)
            owners += roots.filter(mask).to_pylist()
            empty = pa.array([""] * table.num_rows)
            parts.append((empty if texts is None else pc.fill_null(texts, "")).filter(mask))
    return tuple(owners), pa.chunked_array(parts, pa.string())


def _near(
    folder: Folder, files: Sequence[str], documents: set[str], texts: pa.ChunkedArray
) -> set[str]:
    """Documents with a row whose text is nearly one of `texts`."""
    near = Near.of(texts.filter(long_texts(texts)), threshold=THRESHOLD)
    found: set[str] = set()
    for name in files:
        for table in tables(folder, name, (*IDS, "text", "segments")):
            other = texts_of(table)
            if other is None:
                continue
            long = long_texts(other)
            roots = roots_of(table).filter(long)
            best, _ = near.best(other.filter(long))
            found.update(roots.filter(pa.array(best >= 0)).to_pylist())
    return found - documents


def without(
    folder: Folder, name: str, documents: frozenset[str], target: Path | None
) -> Counter[str]:
    """The file `name` of a release without the rows of some documents; what was in it, counted.

    Nothing is written where no row is theirs, or without a `target`; a file with no row left has no
    row group.
    """
    asked = pa.array(sorted(documents), pa.string())
    counts: Counter[str] = Counter()
    for table in tables(folder, name, IDS):
        counts["rows"] += table.num_rows
        counts["withdrawn"] += int(pc.sum(pc.is_in(roots_of(table), asked), min_count=0).as_py())
    if target is None or not counts["withdrawn"]:
        return counts
    with folder.system.open(folder.at(name), "rb") as raw:
        schema = pq.read_schema(raw)
    target.parent.mkdir(parents=True, exist_ok=True)
    with open(target, "wb") as stream, writer_of(schema)._file(stream, schema) as file:
        for table in tables(folder, name):
            kept = table.filter(pc.invert(pc.is_in(roots_of(table), asked)))
            if kept.num_rows:
                file.write_table(kept, row_group_size=kept.num_rows)
    return counts
