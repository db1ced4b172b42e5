"""A small deposit of our own, its run, and the release folder of it."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

import datapartnerships as dp
from datapartnerships import detectors as d
from datapartnerships import readers, writers
from datapartnerships import transforms as t

WAIVERS = [dp.Waiver(g, "A. Keeper", "2026-11-20", "invented") for g in ("residual", "audit")]
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


def make_deposit(folder: Path, texts: dict[str, str] = LETTERS) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in texts.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    (folder / "deposit.yaml").write_text(DEPOSIT)
    return folder


def run(deposit: Path, out: Path, *more: object, **options: object) -> dp.Release:
    steps = [
        t.AssignRights(deposit=str(deposit)),
        *more,
        t.FilterLength(min_characters=20),
        t.Deduplicate(),
        t.DetectPii([d.Contacts()]),
        t.Redact(policy="redact"),
    ]
    pipeline = dp.Pipeline(
        readers.FolderReader(str(deposit)), steps, writers.ParquetWriter(str(out), **options)
    )
    return dp.run(pipeline, key="a key for this test", progress=False)


def prepare(release: dp.Release | Path, path: Path, **options: object) -> dp.ReleaseFolder:
    given = {"version": "1.0.0", "date": "2026-11-22", "key": KEY, "waivers": WAIVERS, **options}
    return dp.prepare(release, path, **given)


def contents(folder: dp.ReleaseFolder | Path) -> dict[str, bytes]:
    root = Path(getattr(folder, "path", folder))
    return {str(p.relative_to(root)): p.read_bytes() for p in root.rglob("*") if p.is_file()}


@pytest.fixture(scope="module", name="source")
def fixed_source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_deposit(tmp_path_factory.mktemp("deposit"))


@pytest.fixture(scope="module", name="release")
def fixed_release(source: Path, tmp_path_factory: pytest.TempPathFactory) -> dp.Release:
    return run(source, tmp_path_factory.mktemp("run") / "out")


@pytest.fixture(name="folder")
def fixed_folder(release: dp.Release, source: Path, tmp_path: Path) -> dp.ReleaseFolder:
    # Of its own: some tests change it, and the files of the run are linked.
    own = tmp_path / "run"
    shutil.copytree(release.path, own)
    return prepare(own, tmp_path / "release", deposit=source)
