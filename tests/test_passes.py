"""Steps that are sketched for in one pass make the same files as in passes of their own."""

from __future__ import annotations

import json
import random
from collections.abc import Sequence
from pathlib import Path

import pytest

import datapartnerships as dp
from datapartnerships import readers, writers
from datapartnerships.executors._stage import Stage
from datapartnerships.transforms import Deduplicate, FilterLength

EXACT, NEAR = Deduplicate(), Deduplicate(threshold=0.8)


@pytest.fixture
def deposit(tmp_path: Path) -> Path:
    """Two shards: texts, copies of some, some with a few words changed; copies of those, too."""
    chosen = random.Random(3)
    words = [
        "".join(chosen.choices("abdegiklmnoprstu", k=chosen.randint(2, 9))) for _ in range(400)
    ]
    texts = [" ".join(chosen.choices(words, k=120)) for _ in range(40)]
    near = [text.replace(text.split()[60], "otherwise", 1) for text in texts[:12]]
    folder = tmp_path / "deposit"
    folder.mkdir()
    every = [*texts, *texts[20:30], *near, *near[:5], "short", "short"]
    chosen.shuffle(every)
    for name, part in (("a", every[::2]), ("b", every[1::2])):
        lines = (json.dumps({"text": text}) for text in part)
        (folder / f"{name}.jsonl").write_text("\n".join(lines))
    return folder


def files(deposit: Path, out: Path, steps: Sequence[object], workers: int = 1) -> dict[str, bytes]:
    reader = readers.JsonlReader(str(deposit), source="deposit")
    dp.run(dp.Pipeline(reader, list(steps), writers.ParquetWriter(str(out))), workers=workers)
    return {str(p.relative_to(out)): p.read_bytes() for p in sorted(out.rglob("*.parquet"))}


@pytest.mark.parametrize(
    "steps",
    [
        (EXACT, NEAR),
        (FilterLength(min_characters=10), NEAR, EXACT),
        (EXACT, NEAR, Deduplicate(threshold=0.6), FilterLength(min_characters=10)),
    ],
)
def test_one_pass_makes_the_same_files(deposit, tmp_path, monkeypatch, steps):
    passes: list[int] = []
    run = Stage.run
    monkeypatch.setattr(Stage, "run", lambda self, *a: passes.append(self.index) or run(self, *a))
    fits = sum(isinstance(step, Deduplicate) for step in steps)
    together = files(deposit, tmp_path / "together", steps)
    assert sorted({*passes}) == [0, fits]
    passes.clear()
    monkeypatch.setattr(Deduplicate, "by_document", False)
    apart = files(deposit, tmp_path / "apart", steps)
    assert sorted({*passes}) == [*range(fits + 1)]
    assert together == apart
    assert any("rejected" in name for name in together)


def test_processes_make_the_same_files_of_one_pass(deposit, tmp_path):
    steps = (EXACT, NEAR)
    alone = files(deposit, tmp_path / "alone", steps)
    assert files(deposit, tmp_path / "two", steps, workers=2) == alone


def test_a_step_between_takes_passes_of_their_own(deposit, tmp_path, monkeypatch):
    passes: list[int] = []
    run = Stage.run
    monkeypatch.setattr(Stage, "run", lambda self, *a: passes.append(self.index) or run(self, *a))
    files(deposit, tmp_path / "out", (EXACT, FilterLength(min_characters=10), NEAR))
    assert sorted({*passes}) == [0, 1, 2]
