"""Transforms from functions, in this process and in workers."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pyarrow as pa
import pytest

import datapartnerships as dp
from datapartnerships import readers, writers
from datapartnerships.__main__ import main
from datapartnerships.apply import apply
from datapartnerships.errors import FailureWarning
from datapartnerships.kernels.segments import flat_text
from datapartnerships.testing import sample_batch


@dp.text
def shout(text: str) -> str:
    """Upper case."""
    return text.upper()


@dp.document(provides={"words": "int32"})
def count_words(document: dict) -> object:
    words = sum(len(segment["text"].split()) for segment in document["segments"])
    return dp.Reject("no words (none at all)") if not words else {"words": words}


def test_text_and_document_functions() -> None:
    kept, gone = apply((shout, count_words), sample_batch())
    assert flat_text(kept)[0].as_py() == "A PLAIN PARAGRAPH THAT NOTHING HAS TO CHANGE."
    assert kept["words"].type == pa.int32() and kept["words"][0].as_py() == 8
    assert "count_words: no words (none at all)" in gone["drop_reason"].to_pylist()
    assert kept.num_rows + gone.num_rows == sample_batch().num_rows
    assert shout("a") == "A" and shout.__doc__ == "Upper case."


def test_a_function_that_fails_costs_its_document() -> None:
    @dp.text
    def fragile(text: str) -> str:
        if "Card" in text:
            raise ValueError("no cards here")
        return text

    batch = sample_batch()
    kept, gone = apply((fragile,), batch)
    reasons = [r for r in gone["drop_reason"].to_pylist() if r.startswith("fragile")]
    assert reasons == ["fragile: failed with ValueError (no cards here)"] * 4
    assert kept.num_rows + gone.num_rows == batch.num_rows


@dp.text
def misspelled(text: str) -> str:
    return text.replce("a", "b")  # type: ignore[attr-defined,no-any-return]


def test_a_run_says_aloud_that_a_function_failed(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "a.jsonl").write_text('{"text": "one"}\n{"text": "two"}\n')
    reader = readers.JsonlReader(str(tmp_path / "a.jsonl"))
    pipeline = dp.Pipeline(reader, [misspelled], writers.ParquetWriter(str(tmp_path / "out")))
    said = "misspelled failed with AttributeError on 2 of 2 documents"
    with pytest.warns(FailureWarning, match=f"^{said}.*rejected"):
        report = dp.run(pipeline).report
    assert f"WARNING: {said}" in str(report)
    assert f"{said}." in (tmp_path / "out/report.html").read_text()
    with pytest.warns(FailureWarning, match=said):  # the run that was done before, too
        dp.run(pipeline)

    (tmp_path / "own.yaml").write_text(
        "reader: JsonlReader\ntransforms: [own:wrong]\nwriter: ParquetWriter"
    )
    (tmp_path / "own.py").write_text(
        "import datapartnerships as dp\n@dp.text\ndef wrong(text):\n    return 7\n"
    )
    monkeypatch.syspath_prepend(tmp_path)
    folder, recipe, out = (str(tmp_path / name) for name in ("a.jsonl", "own.yaml", "cli"))
    assert main(["run", folder, "--recipe", recipe, "--out", out, "--quiet"]) == 0
    error = capfd.readouterr().err
    assert "Warning: wrong failed with TypeError on 2 of 2 documents" in error


def test_reasons_of_ones_own_are_no_failures(tmp_path: Path) -> None:
    @dp.document
    def picky(_: dict) -> object:
        return dp.Reject("failed with us (too short)")

    (tmp_path / "a.jsonl").write_text('{"text": "one"}\n')
    reader = readers.JsonlReader(str(tmp_path / "a.jsonl"))
    release = dp.run(dp.Pipeline(reader, [picky], writers.ParquetWriter(str(tmp_path / "out"))))
    assert release.manifest.rejected == {"picky: failed with us": 1}


def test_a_function_that_fails_on_nothing_stops_the_run() -> None:
    @dp.batch
    def broken(batch: pa.Table) -> pa.Table:
        return batch["nothing"]

    with pytest.raises(dp.DataPartnershipsError, match="broken fails on a batch without rows"):
        apply((broken,), sample_batch())


def test_wrong_answers_are_errors_of_the_document() -> None:
    @dp.text
    def wrong(text: str) -> str:
        return 7  # type: ignore[return-value]

    _kept, gone = apply((wrong,), sample_batch())
    assert "wrong must return a str, got int" in gone["drop_reason"].to_pylist()[3]
    with pytest.raises(dp.DataPartnershipsError, match="need an Arrow type"):
        dp.document(provides=["new"])
    with pytest.raises(dp.DataPartnershipsError, match="provides"):
        dp.document(provides="segments")


def test_functions_of_a_script_run_in_workers_without_a_main_guard(tmp_path: Path) -> None:
    deposit = tmp_path / "in"
    deposit.mkdir()
    for i in range(4):
        (deposit / f"{i}.jsonl").write_text(json.dumps({"text": f"line {i}"}) + "\n")
    script = tmp_path / "script.py"
    script.write_text(
        f"""
import datapartnerships as dp
from datapartnerships import readers, writers

suffix = "!"

@dp.text
def mark(text):
    return text + suffix

reader = readers.JsonlReader({str(deposit)!r}, shard_bytes=1)
writer = writers.ParquetWriter({str(tmp_path / "o")!r})
release = dp.run(dp.Pipeline(reader, [mark], writer), workers=2)
print(sorted(release.dataset["text"]))
"""
    )
    answer = subprocess.run(
        [sys.executable, str(script)],
        capture_output=True, text=True, check=True, cwd=Path(__file__).parent.parent,
    )  # fmt: skip
    assert answer.stdout.strip() == "['line 0!', 'line 1!', 'line 2!', 'line 3!']"


def test_an_importable_function_goes_through_yaml() -> None:
    import ftfy

    pipeline = dp.Pipeline(
        readers.JsonlReader("x"), [dp.text(ftfy.fix_text)], writers.ParquetWriter("y")
    )
    assert dp.Pipeline.from_yaml(pipeline.to_yaml()) == pipeline

    @dp.text
    def local(text: str) -> str:
        return text

    with pytest.raises(dp.DataPartnershipsError, match="no name that another program can import"):
        dp.Pipeline(readers.JsonlReader("x"), [local]).to_yaml()
