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
from datapartnerships.apply import apply
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
