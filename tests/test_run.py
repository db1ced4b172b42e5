"""Runs: same bytes, resume, nothing lost, clear errors."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import datapartnerships as dp
from datapartnerships import detectors as d
from datapartnerships import readers, writers
from datapartnerships import transforms as t
from datapartnerships.errors import (
    AccountingError,
    ConfigurationError,
    FailureWarning,
    InvalidParameter,
    OutputError,
    PipelineError,
    WorkerError,
)
from datapartnerships.schema import metadata_dict


def make_deposit(folder: Path, files: int = 6, rows: int = 200) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    for i in range(files):
        lines = [
            json.dumps(
                {"text": f"File {i} row {j % 150}: skrifaÃ°u til a{j % 150}@example.is", "n": j}
            )
            for j in range(rows)
        ]
        lines[3] = "{broken"
        (folder / f"{i}.jsonl").write_text("\n".join(lines) + "\n")
    return folder


def make_pipeline(deposit: Path, out: Path) -> dp.Pipeline:
    return dp.Pipeline(
        readers.FolderReader(str(deposit), shard_bytes=5000),
        [
            t.RepairUnicode(),
            t.NormalizeWhitespace(),
            t.FilterLength(min_characters=10),
            t.DetectPii([d.Contacts(find=("EMAIL", "IP"))]),
            t.Redact(policy="pseudonymize"),
            t.Deduplicate(),
        ],
        writers.ParquetWriter(str(out)),
    )


def digests(out: Path) -> dict[str, str]:
    """Everything a run promises to be the same; the report has times in it."""
    return {
        str(file.relative_to(out)): hashlib.sha256(file.read_bytes()).hexdigest()
        for file in sorted(out.rglob("*"))
        if file.is_file() and file.name != "report.html"
    }


def test_in_is_out_plus_rejected_and_all_of_it_is_there(tmp_path: Path) -> None:
    release = dp.run(make_pipeline(make_deposit(tmp_path / "in"), tmp_path / "out"))
    m = release.manifest
    assert m.documents_in == 1200
    assert m.rejected["JsonlReader: invalid JSON"] == 6
    assert m.documents_in == m.documents_out + sum(m.rejected.values())
    dataset, rejected = release.dataset, release.rejected
    assert len(dataset) == m.documents_out and len(rejected) == sum(m.rejected.values())
    assert all("skrifaðu til" in text and ".example.org" in text for text in dataset["text"])
    assert not any("example.is" in text for text in dataset["text"])
    row = dataset[0]
    assert row["provenance"]["uri"] == "0.jsonl" and row["provenance"]["member"] == "#0"
    assert metadata_dict(row["metadata"]) == {"n": "0"}
    # A digest of a line with one secret in it would give the secret to whoever tries them all.
    assert row["provenance"]["sha256"] is None
    names = {file.name for file in (tmp_path / "out").iterdir()}
    assert names == {"audit", "data", "rejected", "manifest.json", "pipeline.yaml", "report.html"}
    for entry in m.files:
        data = (tmp_path / "out" / entry.path).read_bytes()
        assert (len(data), hashlib.sha256(data).hexdigest()) == (entry.size, entry.sha256)


def test_same_bytes_with_one_and_two_workers_and_plain_pyarrow_reads_them(tmp_path: Path) -> None:
    deposit = make_deposit(tmp_path / "in")
    dp.run(make_pipeline(deposit, tmp_path / "one"), workers=1)
    dp.run(make_pipeline(deposit, tmp_path / "two"), workers=2)
    assert digests(tmp_path / "one") == digests(tmp_path / "two")
    table = pq.read_table(tmp_path / "one" / "data")
    assert {"id", "text", "segments", "provenance", "metadata"} <= set(table.column_names)


def test_a_finished_run_is_not_done_twice_and_a_changed_deposit_is(tmp_path: Path) -> None:
    deposit = make_deposit(tmp_path / "in")
    first = dp.run(make_pipeline(deposit, tmp_path / "out"))
    stamp = (tmp_path / "out" / "manifest.json").stat().st_mtime_ns
    again = dp.run(make_pipeline(deposit, tmp_path / "out"), workers=2)
    assert dp.Release.open(tmp_path / "out") == first
    assert again == first and (tmp_path / "out" / "manifest.json").stat().st_mtime_ns == stamp
    assert again.report == str(tmp_path / "out" / "report.html")
    with pytest.raises(
        AttributeError, match=r"finished earlier, and its report is the page.*delete"
    ):
        again.report.tally
    (deposit / "more.jsonl").write_text('{"text": "One more document of some length."}\n')
    more = dp.run(make_pipeline(deposit, tmp_path / "out"))
    assert more.manifest.documents_in == first.manifest.documents_in + 1


def test_a_kept_work_folder_spares_the_work_over_a_grown_deposit(tmp_path: Path) -> None:
    deposit = make_deposit(tmp_path / "in")
    dp.run(make_pipeline(deposit, tmp_path / "out"), work=tmp_path / "work")
    (deposit / "zz.jsonl").write_text('{"text": "One more document of some length."}\n')
    before = {p: p.stat().st_mtime_ns for p in (tmp_path / "work" / "pass-0").glob("*.json")}
    dp.run(make_pipeline(deposit, tmp_path / "out"), work=str(tmp_path / "work"))
    kept = [p for p, stamp in before.items() if p.exists() and p.stat().st_mtime_ns == stamp]
    assert len(kept) >= len(before) - 1
    fresh = tmp_path / "fresh"
    dp.run(make_pipeline(deposit, fresh))
    assert digests(fresh) == digests(tmp_path / "out")


def test_a_run_that_failed_midway_goes_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    deposit = make_deposit(tmp_path / "in")
    dp.run(make_pipeline(deposit, tmp_path / "whole"))
    original, calls = writers.ParquetWriter.write, []

    def failing(self, shard, batches):
        calls.append(shard)
        if len(calls) == 4:
            raise OSError(28, "No space left on device")
        return original(self, shard, batches)

    monkeypatch.setattr(writers.ParquetWriter, "write", failing)
    with pytest.raises(OSError, match="No space left"):
        dp.run(make_pipeline(deposit, tmp_path / "out"))
    assert not (tmp_path / "out" / "manifest.json").exists()
    release = dp.run(make_pipeline(deposit, tmp_path / "out"))
    assert release.report.resumed == 3
    assert digests(tmp_path / "out") == digests(tmp_path / "whole")


def test_rejected_for_privacy_keeps_no_text(tmp_path: Path) -> None:
    from dataclasses import dataclass

    @dataclass(frozen=True)
    class Fragile:
        labels = frozenset({"X"})

        def covers(self, language: str) -> dict[str, str]:
            return {"X": "a model"}

        def __call__(self, texts: pa.Array) -> pa.Table:
            if any("row 7:" in (text or "") for text in texts.to_pylist()):
                raise RuntimeError("the model is gone")
            return d.Contacts(find=("EMAIL",))(texts.slice(0, 0))

    deposit = make_deposit(tmp_path / "in", files=1)
    pipeline = dp.Pipeline(
        readers.JsonlReader(str(deposit)),
        [t.DetectPii([Fragile()]), t.Redact()],
        writers.ParquetWriter(str(tmp_path / "out")),
    )
    with pytest.warns(FailureWarning, match="DetectPii failed with RuntimeError on 2 of 200"):
        release = dp.run(pipeline)
    gone = [r for r in release.rejected if r["drop_reason"].startswith("DetectPii: failed")]
    assert len(gone) == 2
    assert all(r["text"] == "" and r["segments"] == [] and r["metadata"] == [] for r in gone)
    page = (tmp_path / "out" / "report.html").read_text()
    assert "a7@example.is" not in page


def test_examples_in_the_report_are_masked(tmp_path: Path) -> None:
    deposit = make_deposit(tmp_path / "in", files=1)
    release = dp.run(make_pipeline(deposit, tmp_path / "out"))
    page = release.report.to_html()
    assert "skrifa" in page and "example.is" not in page


def test_a_transform_that_loses_rows_stops_the_run(tmp_path: Path) -> None:
    @dp.batch
    def loses(batch: pa.Table) -> pa.Table:
        return batch.slice(1)

    deposit = make_deposit(tmp_path / "in", files=1)
    pipeline = dp.Pipeline(
        readers.JsonlReader(str(deposit)), [loses], writers.ParquetWriter(str(tmp_path / "o"))
    )
    with pytest.raises(PipelineError, match="never deletes a row"):
        dp.run(pipeline)


def test_a_writer_that_loses_rows_stops_the_run(tmp_path: Path) -> None:
    class Lossy(writers.ParquetWriter):
        def write(self, shard, batches):
            return super().write(shard, (batch.slice(1) for batch in batches))

    deposit = make_deposit(tmp_path / "in", files=1)
    with pytest.raises(AccountingError, match="says it wrote"):
        dp.run(dp.Pipeline(readers.JsonlReader(str(deposit)), [], Lossy(str(tmp_path / "o"))))


@dp.text
def crash(text: str) -> str:
    os.abort()


def test_a_worker_that_dies_ends_the_run_by_name_and_keeps_the_rest(tmp_path: Path) -> None:
    deposit = make_deposit(tmp_path / "in", files=3, rows=10)
    pipeline = dp.Pipeline(
        readers.JsonlReader(str(deposit), shard_bytes=100),
        [crash],
        writers.ParquetWriter(str(tmp_path / "o")),
    )
    with pytest.raises(WorkerError, match=r"died 2 times.*SIGABRT.*\.jsonl"):
        dp.run(pipeline, workers=2)
    assert not (tmp_path / "o" / "manifest.json").exists()


def test_outputs_that_are_not_ours_are_left_alone(tmp_path: Path) -> None:
    deposit = make_deposit(tmp_path / "in", files=1)
    (tmp_path / "out" / "data").mkdir(parents=True)
    (tmp_path / "out" / "data" / "thesis.txt").write_text("years of work")
    with pytest.raises(OutputError, match="holds no dataset of ours"):
        dp.run(make_pipeline(deposit, tmp_path / "out"))
    assert (tmp_path / "out" / "data" / "thesis.txt").read_text() == "years of work"


def test_two_runs_into_one_folder(tmp_path: Path) -> None:
    import filelock

    deposit = make_deposit(tmp_path / "in", files=1)
    (tmp_path / "out" / ".work").mkdir(parents=True)
    with filelock.FileLock(tmp_path / "out" / ".work" / "lock"):
        with pytest.raises(OutputError, match="Another run is writing"):
            dp.run(make_pipeline(deposit, tmp_path / "out"))


def test_wrong_arguments(tmp_path: Path) -> None:
    pipeline = make_pipeline(make_deposit(tmp_path / "in", files=1), tmp_path / "out")
    with pytest.raises(InvalidParameter, match="workers"):
        dp.run(pipeline, workers=0)
    with pytest.raises(ConfigurationError, match="at least 16"):
        dp.run(pipeline, key="short")
    with pytest.raises(ConfigurationError, match="no writer"):
        dp.run(dp.Pipeline(pipeline.reader))
    with pytest.raises(ConfigurationError, match="no path to read"):
        dp.run(dp.Pipeline(readers.FolderReader(), [], pipeline.writer))
    with pytest.raises(ConfigurationError, match="There is no file or folder"):
        dp.run(dp.Pipeline(readers.FolderReader(str(tmp_path / "no")), [], pipeline.writer))


def test_another_key_is_another_run(tmp_path: Path) -> None:
    deposit = make_deposit(tmp_path / "in", files=1)
    try:
        first = dp.run(make_pipeline(deposit, tmp_path / "a"), key="k" * 16)
        second = dp.run(make_pipeline(deposit, tmp_path / "b"), key="l" * 16)
        third = dp.run(make_pipeline(deposit, tmp_path / "c"), key="k" * 16)
    finally:
        from datapartnerships import _secrets

        _secrets.use_key(None)
    assert first.manifest.fingerprint != second.manifest.fingerprint
    assert first.dataset["text"][0] != second.dataset["text"][0]
    assert first.dataset["text"][:] == third.dataset["text"][:]


def test_a_dataset_of_another_recipe_is_not_lost_without_a_word(tmp_path: Path) -> None:
    deposit, out = make_deposit(tmp_path / "in", files=1, rows=20), tmp_path / "out"
    first = dp.run(make_pipeline(deposit, out))
    before = digests(out)
    other = dp.Pipeline(readers.FolderReader(str(deposit)), [], writers.ParquetWriter(str(out)))
    with pytest.raises(OutputError, match="replace=True") as caught:
        dp.run(other, work=str(tmp_path / "work"))
    said = str(caught.value)
    assert str(out) in said and first.manifest.fingerprint[:12] in said
    assert "19 documents, written 20" in said and "FolderReader > RepairUnicode > " in said
    assert digests(out) == before and not (out / ".work").exists()
    # What is damaged is still somebody's; the same recipe mends it.
    (out / first.manifest.files[0].path).unlink()
    with pytest.raises(OutputError, match="another recipe"):
        dp.run(other)
    dp.run(make_pipeline(deposit, out))
    assert digests(out) == before
    # More of the same deposit is no other dataset.
    make_deposit(deposit, files=2, rows=20)
    grown = dp.run(make_pipeline(deposit, out))
    assert grown.manifest.documents_in == 40
    assert grown.manifest.fingerprint == first.manifest.fingerprint
    assert dp.run(other, replace=True).manifest.fingerprint != first.manifest.fingerprint
    assert len(dp.run(other).dataset) == 38


def test_a_function_has_no_recipe_to_tell_of(tmp_path: Path) -> None:
    reader = readers.FolderReader(str(make_deposit(tmp_path / "in", files=1, rows=5)))
    writer = writers.ParquetWriter(str(tmp_path / "out"))

    @dp.text
    def shorter(text: str) -> str:
        return text[:5]

    dp.run(dp.Pipeline(reader, [shorter], writer))
    with pytest.raises(OutputError, match=r"written [-0-9: ]+, fingerprint"):
        dp.run(dp.Pipeline(reader, [], writer))


def test_an_empty_folder_gives_an_empty_dataset(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    release = dp.run(make_pipeline(tmp_path / "in", tmp_path / "out"))
    assert release.manifest.documents_in == 0
    assert len(release.dataset) == 0 and "text" in release.dataset.features
    assert "0" in str(release.report)


def test_jsonl_writer_gives_the_same_dataset(tmp_path: Path) -> None:
    deposit = make_deposit(tmp_path / "in", files=2)
    base = make_pipeline(deposit, tmp_path / "out")
    lines = dp.Pipeline(base.reader, base.transforms, writers.JsonlWriter(str(tmp_path / "lines")))
    one, other = dp.run(base), dp.run(lines, workers=2)
    assert one.dataset.to_list() == other.dataset.to_list()


def test_reads_its_own_release(tmp_path: Path) -> None:
    deposit = make_deposit(tmp_path / "in", files=2)
    first = dp.run(make_pipeline(deposit, tmp_path / "out"))
    again = dp.run(
        dp.Pipeline(
            readers.ParquetReader(str(tmp_path / "out" / "data")),
            [],
            writers.ParquetWriter(str(tmp_path / "again")),
        )
    )
    keep = ["id", "text", "segments", "provenance", "source"]
    assert again.dataset.select_columns(keep).to_list() == (
        first.dataset.select_columns(keep).to_list()
    )


def test_files_grow_to_the_target_and_small_ones_are_merged(tmp_path: Path) -> None:
    deposit = make_deposit(tmp_path / "in", files=6, rows=200)
    base = make_pipeline(deposit, tmp_path / "out")
    many = writers.ParquetWriter(str(tmp_path / "many"), merge_below_bytes=0)
    small = writers.ParquetWriter(
        str(tmp_path / "small"), target_bytes=1, row_group_bytes=20_000, merge_below_bytes=0
    )
    merged = dp.run(base)
    split = dp.run(dp.Pipeline(base.reader, base.transforms, many))
    tiny = dp.run(dp.Pipeline(base.reader, base.transforms, small))
    assert len(merged.manifest.files) == 1
    assert len(split.manifest.files) == len(list(base.reader.shards()))
    assert len(tiny.manifest.files) > len(split.manifest.files)
    rows = merged.dataset.to_list()
    assert rows == split.dataset.to_list() == tiny.dataset.to_list()
    shutil.rmtree(tmp_path / "out")
