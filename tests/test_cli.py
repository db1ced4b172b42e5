"""The command line: thin, honest in its exit code."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pyarrow.parquet as pq
import pytest
import yaml

from datapartnerships import __main__
from datapartnerships.__main__ import DEFAULT_RECIPE, main

ROOT = Path(__file__).parent.parent


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    path = tmp_path / "in"
    path.mkdir()
    (path / "a.jsonl").write_text(
        '{"text": "Skrifið til anna@example.is eða hringið."}\n{"text": "x"}\n'
    )
    (path / "noise.bin").write_bytes(bytes(range(256)) * 8)
    return path


def test_run_writes_what_it_says(folder: Path, tmp_path: Path, capsys) -> None:
    out = tmp_path / "out"
    assert main(["run", str(folder), "--out", str(out), "--workers", "2"]) == 0
    said = capsys.readouterr().out
    assert f"{out}/report.html" in said
    manifest = json.loads((out / "manifest.json").read_text())
    assert manifest["documents_in"] == 3 and manifest["documents_out"] == 1
    assert sum(manifest["rejected"].values()) == 2
    assert len(manifest["fingerprint"]) == 64 and manifest["files"][0]["sha256"]
    table = pq.read_table(out / "data")
    assert table["text"].to_pylist() == ["Skrifið til [EMAIL] eða hringið."]
    assert pq.read_table(out / "rejected").num_rows == 2
    recipe = (out / "pipeline.yaml").read_text()
    assert yaml.safe_load(recipe)["reader"] == "FolderReader"
    again = tmp_path / "again"
    assert main(
        ["run", str(folder), "--out", str(again), "--recipe", str(out / "pipeline.yaml")]
    ) == 0  # fmt: skip
    assert (again / "manifest.json").read_bytes() == (out / "manifest.json").read_bytes()
    assert main(["run", str(folder), "--out", str(out)]) == 0


def test_errors_are_one_line_and_exit_with_one(folder: Path, tmp_path: Path, capsys) -> None:
    assert main(["run", str(tmp_path / "nowhere"), "--out", str(tmp_path / "o")]) == 1
    assert "There is no file or folder" in capsys.readouterr().err
    wrong = tmp_path / "wrong.yaml"
    wrong.write_text("transforms: [FilterLenght]")
    assert main(["run", str(folder), "--out", str(tmp_path / "o"), "--recipe", str(wrong)]) == 1
    assert "Did you mean 'FilterLength'" in capsys.readouterr().err
    wrong.write_text("transforms: [")
    assert main(["run", str(folder), "--out", str(tmp_path / "o"), "--recipe", str(wrong)]) == 1
    assert "wrong.yaml" in capsys.readouterr().err
    assert main(
        ["run", str(folder), "--out", str(tmp_path / "o"), "--recipe", str(tmp_path / "no.yaml")]
    ) == 1  # fmt: skip
    assert "no.yaml" in capsys.readouterr().err
    with pytest.raises(SystemExit) as usage:
        main(["walk"])
    assert usage.value.code == 2


def test_check_and_recipe(capsys, monkeypatch) -> None:
    there = __main__._version
    monkeypatch.setattr(
        __main__, "_version", lambda name: None if name == "py3langid" else there(name)
    )
    assert main(["check"]) == 0
    said = capsys.readouterr().out
    for extra in ("documents", "audio", "pii", "language", "fast", "ray"):
        assert f"[{extra}]" in said
    assert "pip install 'datapartnerships[language]'" in said
    assert main(["recipe"]) == 0
    assert capsys.readouterr().out == DEFAULT_RECIPE


def test_module_runs_and_a_full_disk_is_said(folder: Path, tmp_path: Path) -> None:
    """A file system of 64 KiB, where the kernel lets us make one."""
    small = tmp_path / "small"
    small.mkdir()
    (folder / "big.jsonl").write_text(
        "".join(json.dumps({"text": os.urandom(400).hex()}) + "\n" for _ in range(500))
    )
    script = (
        f"mount -t tmpfs -o size=64k none {small} && "
        f"{sys.executable} -m datapartnerships run {folder} --out {small}/out --quiet; "
        f"code=$?; ls {small}/out; exit $code"
    )
    answer = subprocess.run(
        ["unshare", "-rm", "sh", "-c", script], capture_output=True, text=True, cwd=ROOT
    )
    if "unshare" in answer.stderr or "mount:" in answer.stderr:
        pytest.skip(f"no file system of our own here: {answer.stderr.strip()[:200]}")
    assert answer.returncode == 1
    assert "No space left on device" in answer.stderr and "Traceback" not in answer.stderr
    assert "manifest.json" not in answer.stdout
