"""Cases that a review found: each once lost, mixed, leaked or changed something in silence."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import datapartnerships as dp
from datapartnerships import detectors as d
from datapartnerships import readers, writers
from datapartnerships import transforms as t
from datapartnerships._code import function_digest
from datapartnerships.errors import AccountingError, FailureWarning, OutputError, PipelineError
from datapartnerships.readers import Limits
from datapartnerships.schema import metadata_dict

ROOT = Path(__file__).parent.parent


def _lines(folder: Path, *rows: Any) -> str:
    folder.mkdir(exist_ok=True)
    (folder / "x.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    return str(folder)


def _run(deposit: str, out: Path, *steps: Any, **options: Any) -> dp.Release:
    pipeline = dp.Pipeline(readers.JsonlReader(deposit), steps, writers.ParquetWriter(str(out)))
    return dp.run(pipeline, **options)


TABLE = {"alice": "A"}


def test_changed_code_is_another_run(tmp_path: Path) -> None:
    def make(word: str) -> Any:
        @dp.text
        def hide(text: str) -> str:
            return text.replace(word, "X")

        return hide

    deposit = _lines(tmp_path / "in", {"text": "alice and bob"})
    assert _run(deposit, tmp_path / "out", make("alice")).dataset["text"][:] == ["X and bob"]
    again = _run(deposit, tmp_path / "out", make("bob"), replace=True)
    assert again.dataset["text"][:] == ["alice and X"]

    def uses_table(text: str, pattern: Any = re.compile("a")) -> str:
        return TABLE.get(text, text)

    before = function_digest(uses_table)
    TABLE["bob"] = "B"
    try:
        assert function_digest(uses_table) != before
    finally:
        del TABLE["bob"]
    assert function_digest(uses_table) == before


def test_digests_of_functions_do_not_depend_on_the_process() -> None:
    code = (
        "import re\nfrom datapartnerships._code import function_digest\n"
        "P = re.compile('x'); S = {'b': 1, 'a': {'y', 'x'}}\n"
        "def helper(x): return x in {'audio', 'video', 'image'}\n"
        "def f(row, *, d=('a', 1)):\n"
        "    return helper(row) and P.search(row) and S and str.upper(row)\n"
        "print(function_digest(f))"
    )
    answers = {
        subprocess.run(
            [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT,
            env={"PYTHONHASHSEED": seed, "PATH": ""},
        ).stdout
        for seed in ("0", "1", "2")
    }  # fmt: skip
    assert len(answers) == 1


@dataclass(frozen=True)
class Stops:
    """Fails in its second pass, so that a run is left in the middle."""

    requires = frozenset({"id"})
    provides = frozenset({"drop_reason"})

    def sketch(self, batches: Any) -> pa.Table:
        next(iter(batches), None)
        return pa.table({"n": [1]})

    def combine(self, sketches: Any) -> Any:
        list(sketches)
        raise KeyError("stopped between the passes")


def test_two_recipes_never_mix_after_a_stop(tmp_path: Path) -> None:
    deposit = _lines(tmp_path / "in", {"text": "plain text"})

    @dp.text
    def change(text: str) -> str:
        return "CHANGED"

    @dp.batch(provides=["drop_reason"])
    def dies(batch: pa.Table) -> pa.Table:
        raise PipelineError("stop here")

    with pytest.raises(KeyError):
        _run(deposit, tmp_path / "out", Stops())
    with pytest.raises(PipelineError):
        _run(deposit, tmp_path / "out", change, dies, Stops())
    release = _run(deposit, tmp_path / "out")
    assert release.dataset["text"][:] == ["plain text"]


def test_a_fit_that_looks_at_little_loses_nothing(tmp_path: Path) -> None:
    class Lazy(t.Deduplicate):
        def sketch(self, batches: Any) -> pa.Table:
            first = next(iter(batches))
            return super().sketch([first])

    folder = tmp_path / "in"
    folder.mkdir()
    with open(folder / "x.jsonl", "w") as stream:
        for i in range(60_000):
            stream.write(json.dumps({"text": f"{i} " + "word " * 100}) + "\n")
    pipeline = dp.Pipeline(
        readers.JsonlReader(str(folder), shard_bytes=1 << 30),
        [Lazy()],
        writers.ParquetWriter(str(tmp_path / "out")),
    )
    assert dp.run(pipeline).manifest.documents_in == 60_000


def test_a_writer_that_stops_early_is_found_out(tmp_path: Path) -> None:
    class Hasty(writers.ParquetWriter):
        def write(self, shard: Any, batches: Any) -> Any:
            return super().write(shard, [])

    deposit = _lines(tmp_path / "in", {"text": "one"})
    pipeline = dp.Pipeline(readers.JsonlReader(deposit), [], Hasty(str(tmp_path / "out")))
    with pytest.raises(AccountingError, match="says it wrote 0"):
        dp.run(pipeline)


def test_two_datasets_of_one_size_are_two_deposits(tmp_path: Path) -> None:
    import datasets

    for word in ("one", "two"):
        path = str(tmp_path / "data")
        datasets.Dataset.from_dict({"text": [word] * 3}).save_to_disk(path)
        pipeline = dp.Pipeline(
            readers.HuggingFaceReader(path), [], writers.ParquetWriter(str(tmp_path / "out"))
        )
        assert set(dp.run(pipeline).dataset["text"][:]) == {word}


def test_copies_with_one_id_are_not_both_rejected(tmp_path: Path) -> None:
    deposit = _lines(tmp_path / "in", {"text": "one of a kind"}, {"text": "another one"})
    release = _run(deposit, tmp_path / "out")
    folder = tmp_path / "copies"
    folder.mkdir()
    data = (tmp_path / "out" / release.manifest.files[0].path).read_bytes()
    for name in ("a", "b"):
        (folder / f"{name}.parquet").write_bytes(data)
    pipeline = dp.Pipeline(
        readers.FolderReader(str(folder)), [t.Deduplicate()],
        writers.ParquetWriter(str(tmp_path / "again")),
    )  # fmt: skip
    assert {"one of a kind", "another one"} <= set(dp.run(pipeline).dataset["text"][:])


def test_parquet_with_binary_or_invalid_text(tmp_path: Path) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    pq.write_table(
        pa.table({"text": pa.array([b"hello world", b"h\xc3\xa6"])}), folder / "a.parquet"
    )
    bad = pa.array([b"good", b"bad \xff"]).view(pa.string())
    pq.write_table(pa.table({"text": bad}), folder / "b.parquet")
    pq.write_table(pa.table({"text": [1, 2]}), folder / "c.parquet")
    pipeline = dp.Pipeline(
        readers.ParquetReader(str(folder)), [], writers.ParquetWriter(str(tmp_path / "out"))
    )
    release = dp.run(pipeline)
    assert release.dataset["text"][:] == ["hello world", "hæ"]
    reasons = {r["provenance"]["uri"]: r["drop_reason"] for r in release.rejected}
    assert "UTF8" in reasons["b.parquet"] and "is no text" in reasons["c.parquet"]


def test_metadata_comes_through_whatever_its_neighbors_are(tmp_path: Path) -> None:
    rows = [
        {"text": "a", "m": {"x": 1}},
        {"text": "b", "m": {"y": "2020-01-01"}},
        {"text": "c", "n": 12345678901234567890},
        {"text": "d", "n": 9007199254740993},
        {"text": "e", "n": 0.5},
        {"text": "f", "n": 3},
    ]
    deposit = _lines(tmp_path / "in", *rows)
    for shard_bytes in (1, 1 << 20):
        reader = readers.JsonlReader(deposit, shard_bytes=shard_bytes)
        made = [row for s in reader.shards() for tb in reader.read(s) for row in tb.to_pylist()]
        found = [metadata_dict(row["metadata"]) for row in made]
        assert found == [
            {"m": '{"x": 1}'}, {"m": '{"y": "2020-01-01"}'}, {"n": "12345678901234567890"},
            {"n": "9007199254740993"}, {"n": "0.5"}, {"n": "3"},
        ]  # fmt: skip


def test_lines_with_fields_of_their_own_cost_little(tmp_path: Path) -> None:
    import tracemalloc

    rows = [{"text": "t", **{f"k{i}_{j}": 1 for j in range(10)}} for i in range(2000)]
    reader = readers.JsonlReader(_lines(tmp_path / "in", *rows))
    tracemalloc.start()
    made = [row for s in reader.shards() for tb in reader.read(s) for row in tb.to_pylist()]
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert len(made) == 2000 and len(made[7]["metadata"]) == 10
    assert peak < 200 << 20


def test_the_limit_of_a_document_holds_for_small_ones_too(tmp_path: Path) -> None:
    deposit = _lines(tmp_path / "in", {"text": "x" * 1000}, {"text": "short"})
    reader = readers.JsonlReader(deposit, limits=Limits(max_document_bytes=100))
    rows = [row for s in reader.shards() for tb in reader.read(s) for row in tb.to_pylist()]
    assert "line is too long" in rows[0]["drop_reason"] and rows[1]["drop_reason"] is None


def test_out_is_where_the_writer_writes(tmp_path: Path) -> None:
    deposit = _lines(tmp_path / "in", {"text": "one"})
    pipeline = dp.Pipeline(readers.JsonlReader(deposit), [], writers.ParquetWriter())
    release = dp.run(pipeline, out=str(tmp_path / "there"))
    assert len(release.dataset) == 1 and (tmp_path / "there" / "data").is_dir()
    given = writers.ParquetWriter(tmp_path / "given")  # type: ignore[arg-type]
    dp.run(replace(pipeline, writer=given), out=str(tmp_path / "other"))
    assert (tmp_path / "other" / "data").is_dir() and not (tmp_path / "given").exists()


def test_a_manifest_of_somebody_else_does_not_make_a_folder_ours(tmp_path: Path) -> None:
    out = tmp_path / "app"
    (out / "data").mkdir(parents=True)
    (out / "manifest.json").write_text('{"name": "a web app"}')
    (out / "data" / "precious.db").write_text("years")
    with pytest.raises(OutputError, match="no dataset of ours"):
        _run(_lines(tmp_path / "in", {"text": "one"}), out)
    assert (out / "data" / "precious.db").exists()


def test_nothing_of_an_earlier_run_stays_beside_the_new_one(tmp_path: Path) -> None:
    deposit = _lines(tmp_path / "in", {"text": "one"})
    _run(deposit, tmp_path / "out")
    assert (tmp_path / "out" / "pipeline.yaml").exists()

    @dp.text
    def local(text: str) -> str:
        return text

    writer = writers.ParquetWriter(str(tmp_path / "out"))
    dp.run(dp.Pipeline(readers.FolderReader(deposit), [local], writer), replace=True)
    assert not (tmp_path / "out" / "pipeline.yaml").exists()


def test_examples_are_withheld_where_repair_would_show_more(tmp_path: Path) -> None:
    hidden = ["jane&#64;example.com", "jane\u200b@example.com", "ｊａｎｅ＠ｅｘａｍｐｌｅ．ｃｏｍ"]
    deposit = _lines(tmp_path / "in", *({"text": f"write to {h} today, Ã©"} for h in hidden))
    find = t.DetectPii([d.Contacts(find=("EMAIL",))])
    phones = t.DetectPii([d.Contacts(find=("PHONE",))])
    steps = [t.RepairUnicode(), t.RemoveControlCharacters(), phones, find, t.Redact()]
    release = _run(deposit, tmp_path / "out", *steps)
    assert not any("jane" in text for text in release.dataset["text"])
    page = (tmp_path / "out" / "report.html").read_text()
    assert "jane" not in page and "ｊａｎｅ" not in page


def test_old_spans_do_not_cut_new_text(tmp_path: Path) -> None:
    deposit = _lines(tmp_path / "in", {"text": "call   \n\n\n\n\n a.person@example.com or so"})
    find = t.DetectPii([d.Contacts(find=("EMAIL",))])
    first = _run(deposit, tmp_path / "one", find)
    assert first.dataset[0]["spans"]
    pipeline = dp.Pipeline(
        readers.ParquetReader(str(tmp_path / "one" / "data")),
        [t.NormalizeWhitespace(), find, t.Redact()],
        writers.ParquetWriter(str(tmp_path / "two")),
    )
    assert dp.run(pipeline).dataset["text"][0].endswith("[EMAIL] or so")
    with pytest.raises(ValueError, match="reaches past its text"):
        t.Redact().apply("abc", [(0, 99, "EMAIL")])


class _Rude(Exception):
    def __str__(self) -> str:
        raise RuntimeError("not even a message")


@pytest.mark.parametrize("error", [SystemExit(0), _Rude(), ValueError("\ud800")])
def test_one_document_cannot_end_the_run(tmp_path: Path, error: BaseException) -> None:
    @dp.text
    def fails(text: str) -> str:
        if text == "bad":
            raise error
        return text

    deposit = _lines(tmp_path / "in", {"text": "good"}, {"text": "bad"})
    with pytest.warns(FailureWarning, match=f"fails failed with {type(error).__name__} on 1 of 2"):
        release = _run(deposit, tmp_path / "out", fails)
    assert release.dataset["text"][:] == ["good"] and len(release.rejected) == 1


def test_columns_without_a_type_are_refused(tmp_path: Path) -> None:
    @dp.batch(provides=["extra"])
    def untyped(batch: pa.Table) -> pa.Table:
        return batch.append_column("extra", pa.array([None] * batch.num_rows))

    with pytest.raises(PipelineError, match="without a type"):
        _run(_lines(tmp_path / "in", {"text": "one"}), tmp_path / "out", untyped)


def test_lines_of_a_second_run_are_those_of_the_second_run(tmp_path: Path) -> None:
    deposit = _lines(tmp_path / "in", {"text": "a@example.is and 192.0.2.1"})
    seen = []
    for label in ("EMAIL", "IP"):
        pipeline = dp.Pipeline(
            readers.JsonlReader(deposit),
            [t.DetectPii([d.Contacts(find=(label,))]), t.Redact()],
            writers.JsonlWriter(str(tmp_path / "out")),
        )
        seen.append(dp.run(pipeline, replace=True).dataset["text"][0])
    assert seen == ["[EMAIL] and 192.0.2.1", "a@example.is and [IP]"]


def test_memory_and_file_urls(tmp_path: Path) -> None:
    import fsspec

    memory = fsspec.filesystem("memory")
    memory.pipe("/deposit/x.jsonl", b'{"text": "in memory"}\n')
    pipeline = dp.Pipeline(
        readers.JsonlReader("memory://deposit"), [], writers.ParquetWriter("memory://out")
    )
    release = dp.run(pipeline)
    with memory.open("/out/" + release.manifest.files[0].path) as stream:
        assert pq.read_table(stream)["text"].to_pylist() == ["in memory"]
    deposit = _lines(tmp_path / "in", {"text": "as a file"})
    local = dp.Pipeline(
        readers.JsonlReader(f"file://{deposit}"), [],
        writers.ParquetWriter(f"file://{tmp_path / 'out'}"),
    )  # fmt: skip
    assert dp.run(local, workers=2).dataset["text"][:] == ["as a file"]
    with pytest.raises(dp.DataPartnershipsError, match="one process only"):
        dp.run(pipeline, workers=2)
