"""A release folder: complete, readable by others, the same every time, and signed."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pyarrow.parquet as pq
import pytest

import datapartnerships as dp
from datapartnerships import detectors as d
from datapartnerships import readers, writers
from datapartnerships import transforms as t

KEY = b"a key of thirty-two bytes, fixed"
OTHER = b"another key of thirty-two bytes."
LETTERS = {
    "letters/first.txt": "Dear Ann, the boat came in late and nobody was at the harbor to meet it.",
    "letters/second.txt": "Write to me at ann.kerr@example.org before the ice is gone, she said.",
    "stories/third.txt": "A seal wanted to read, and every evening it swam up to the pier.",
    "stories/fourth.txt": "The clock in the hall had been wrong since the ferry stopped.",
    "stories/copy.txt": "The clock in the hall had been wrong since the ferry stopped.",
    "notes/short.txt": "Gone out.",
}
DEPOSIT = """\
name: pier-letters
organization: The Pier Society
contact: {name: The keeper, email: keeper@pier.example}
description: Letters and stories that were left at a pier.
languages: [en]
track: open
rights: {license: CC0-1.0, basis: declared, holder: The Pier Society, evidence: a letter of 2024}
"""
FILES = {
    "README.md", "croissant.json", "LICENSES.md", "NOTICE", "CITATION.cff", "DATASHEET.md",
    "TRAINING_DATA_SUMMARY.md", "sources.jsonl", "stats.json", "pipeline.yaml", "MANIFEST.json",
    "attestation.intoto.json", "CHANGELOG.md", "TOMBSTONES.jsonl",
}  # fmt: skip


def make_deposit(folder: Path, texts: dict[str, str] = LETTERS) -> Path:
    for name, text in texts.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    (folder / "deposit.yaml").write_text(DEPOSIT)
    return folder


def run(deposit: Path, out: Path, *more: object, **options: object) -> dp.Release:
    steps = [
        t.FilterLength(min_characters=20),
        t.Deduplicate(),
        t.DetectPii([d.Contacts()]),
        t.Redact(policy="redact"),
        *more,
    ]
    pipeline = dp.Pipeline(
        readers.FolderReader(str(deposit)), steps, writers.ParquetWriter(str(out), **options)
    )
    return dp.run(pipeline, key="a key for this test", progress=False)


def prepare(release: dp.Release | Path, path: Path, **options: object) -> dp.ReleaseFolder:
    given = {"version": "1.0.0", "date": "2026-11-22", "key": KEY, **options}
    return dp.prepare(release, path, **given)


@pytest.fixture(scope="module")
def deposit(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_deposit(tmp_path_factory.mktemp("deposit"))


@pytest.fixture(scope="module")
def release(deposit: Path, tmp_path_factory: pytest.TempPathFactory) -> dp.Release:
    return run(deposit, tmp_path_factory.mktemp("run") / "out")


@pytest.fixture
def folder(release: dp.Release, deposit: Path, tmp_path: Path) -> dp.ReleaseFolder:
    # Of its own: some tests change it, and the files of the run are linked.
    own = tmp_path / "run"
    shutil.copytree(release.path, own)
    return prepare(own, tmp_path / "release", deposit=deposit)


def contents(folder: dp.ReleaseFolder | Path) -> dict[str, bytes]:
    root = Path(getattr(folder, "path", folder))
    return {str(p.relative_to(root)): p.read_bytes() for p in root.rglob("*") if p.is_file()}


def test_it_is_complete_and_nothing_else(folder: dp.ReleaseFolder) -> None:
    names = set(contents(folder))
    data = {name for name in names if name.startswith("data/")}
    assert data == {"data/default/train-00000-of-00001.parquet"}
    assert names - data == FILES
    assert {entry.path for entry in folder.manifest.files} == names - {
        "MANIFEST.json",
        "attestation.intoto.json",
    }
    assert folder.problems() == []
    assert dp.ReleaseFolder.open(folder.path) == folder
    assert not [p for p in Path(folder.path).parent.iterdir() if p.name.startswith(".")]


def test_the_same_inputs_give_the_same_bytes(
    release: dp.Release, deposit: Path, tmp_path: Path
) -> None:
    first = prepare(release, tmp_path / "here" / "a", deposit=deposit)
    moved = tmp_path / "elsewhere" / "run"
    shutil.copytree(release.path, moved)
    elsewhere = tmp_path / "another" / "deposit.yaml"
    elsewhere.parent.mkdir()
    elsewhere.write_text(DEPOSIT)
    second = prepare(moved, tmp_path / "there" / "of another name", deposit=elsewhere)
    assert contents(first) == contents(second)


def test_load_dataset_reads_it(folder: dp.ReleaseFolder, tmp_path: Path) -> None:
    import datasets

    found = datasets.load_dataset(folder.path, cache_dir=str(tmp_path / "cache"))
    assert {name: split.num_rows for name, split in found.items()} == {"train": 4}
    assert any("[EMAIL]" in text for text in found["train"]["text"])
    assert not any("ann.kerr" in json.dumps(row) for row in found["train"])


def test_plain_arrow_reads_it(folder: dp.ReleaseFolder) -> None:
    table = pq.read_table(Path(folder.path) / "data" / "default")
    assert table.num_rows == 4
    assert set(table["kind"].to_pylist()) == {"text"}


@pytest.mark.filterwarnings("ignore::DeprecationWarning:rdflib")
@pytest.mark.filterwarnings("ignore::DeprecationWarning:mlcroissant")
def test_croissant_validates_and_its_records_are_read(folder: dp.ReleaseFolder) -> None:
    mlc = pytest.importorskip("mlcroissant")
    dataset = mlc.Dataset(jsonld=f"{folder.path}/croissant.json")
    assert not dataset.metadata.issues.errors
    rows = list(dataset.records("default"))
    table = pq.read_table(Path(folder.path) / "data" / "default")
    texts = sorted(row["default/text"].decode() for row in rows)
    assert texts == sorted(table["text"].to_pylist())
