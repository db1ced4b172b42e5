"""Rejected rows have the columns that were there when they were rejected, in one schema."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest

import datapartnerships as dp
from datapartnerships import readers, writers
from datapartnerships import transforms as t
from datapartnerships.apply import apply
from datapartnerships.executors._stage import RejectedWriter
from datapartnerships.kernels.segments import flat_text, reject
from datapartnerships.testing import sample_batch


@dp.batch(provides=["length"])
def measured(batch: pa.Table) -> pa.Table:
    return batch.append_column("length", pc.utf8_length(batch["id"]).cast(pa.float32()))


@dp.batch(provides=["later"])
def later(batch: pa.Table) -> pa.Table:
    return batch.append_column("later", pa.array(["x"] * batch.num_rows, pa.string()))


def deposit(folder: Path) -> str:
    folder.mkdir()
    for i in range(6):
        rows = [{"text": "The minutes of the meeting were read and approved by all present."}]
        rows += [
            {"text": "short"},
            {"text": f"A letter of some length, with the number {i} in it."},
        ]
        (folder / f"{i}.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    return str(folder)


@pytest.mark.parametrize("merge_below_bytes", [0, 8_000_000])
def test_one_schema_over_all_passes_and_files(tmp_path: Path, merge_below_bytes: int) -> None:
    reader = readers.FolderReader(deposit(tmp_path / "in"), shard_bytes=1)
    steps = [
        t.FilterLength(min_characters=10), measured, t.FilterLength(min_characters=12),
        t.Deduplicate(), later,
    ]  # fmt: skip
    writer = writers.ParquetWriter(str(tmp_path / "out"), merge_below_bytes=merge_below_bytes)
    release = dp.run(dp.Pipeline(reader, steps, writer), work=str(tmp_path / "work"))
    files = [tmp_path / "out" / entry.path for entry in release.manifest.rejected_files]
    assert len({str(pq.read_schema(file)) for file in files}) == 1
    rows = release.rejected.to_list()
    assert len(rows) == 11
    for row in rows:
        copy = row["drop_reason"].startswith("Deduplicate")
        assert (row["length"] is not None) == copy, row
        assert (row["duplicate_of"] is not None) == (row["duplicate_cluster"] is not None) == copy
        assert row["text"] and row["later"] is None
    # Shards that are taken over have the same rejected rows.
    (tmp_path / "in" / "9.jsonl").write_text('{"text": "tiny"}\n')
    again = dp.run(dp.Pipeline(reader, steps, writer), work=str(tmp_path / "work"))
    assert again.rejected.to_list()[:11] == rows and len(again.rejected) == 12


@dataclass(frozen=True, kw_only=True)
class Secretive:
    """Rejects everything, for privacy."""

    requires = frozenset({"segments"})
    provides = frozenset({"drop_reason"})
    withholds_text = True

    def __call__(self, batch: pa.Table) -> pa.Table:
        return reject(batch, pa.array([True] * batch.num_rows), "Secretive: all (of it)")


def test_what_was_made_of_withheld_text_is_withheld_too() -> None:
    batch = sample_batch()

    @dp.batch(provides=["copy"])
    def copied(table: pa.Table) -> pa.Table:
        first = pa.array(["a secret"] * table.num_rows, pa.string())
        return table.append_column("copy", first)

    kept, gone = apply([copied, Secretive()], batch)
    mine = gone.filter(pc.equal(gone["drop_reason"], "Secretive: all"))
    assert mine.num_rows and not len(flat_text(mine))
    assert mine["copy"].null_count == mine.num_rows and kept.num_rows == 0
    assert gone.num_rows == batch.num_rows


def test_a_column_that_changes_its_type_costs_no_row() -> None:
    @dp.batch(provides=["length"])
    def named(batch: pa.Table) -> pa.Table:
        at = batch.schema.get_field_index("length")
        lists: Any = pa.array([["a"]] * batch.num_rows, pa.list_(pa.string()))
        return batch.set_column(at, "length", lists)

    kept, gone = apply([measured, t.FilterLength(min_characters=10**9), named], sample_batch())
    assert kept.num_rows == 0 and gone.num_rows == sample_batch().num_rows
    assert gone.schema.field("length").type == pa.list_(pa.string())
    assert gone["length"].null_count == gone.num_rows


def test_what_deduplication_adds_is_there_from_the_start(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    again: list[str] = []
    widened = RejectedWriter._widened

    def counted(self: RejectedWriter, part: Any, schema: pa.Schema) -> Any:
        again.append(part.path)
        return widened(self, part, schema)

    monkeypatch.setattr(RejectedWriter, "_widened", counted)
    reader = readers.FolderReader(deposit(tmp_path / "in"))
    steps = [t.FilterLength(min_characters=10), t.Deduplicate(), t.Deduplicate(threshold=0.8)]
    release = dp.run(dp.Pipeline(reader, steps, writers.ParquetWriter(str(tmp_path / "out"))))
    assert not again
    reasons = release.rejected["drop_reason"]
    assert any(reason.startswith("Deduplicate") for reason in reasons)
    assert any(reason.startswith("FilterLength") for reason in reasons)
    assert release.rejected.column_names[-2:] == ["duplicate_cluster", "text"]

    # Of a step between the two nobody knows what it adds.
    steps.insert(1, measured)
    steps.insert(3, later)
    release = dp.run(dp.Pipeline(reader, steps, writers.ParquetWriter(str(tmp_path / "second"))))
    assert again
    assert {"duplicate_cluster", "later"} <= set(release.rejected.column_names)
