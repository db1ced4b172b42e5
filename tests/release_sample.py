"""A small deposit of our own, its run, and everything that lets a release of it leave."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

import datapartnerships as dp
from datapartnerships.release import gates
from datapartnerships.sheet import Reading

DAY = "2026-11-22"
DEPOSIT = """\
name: net-loft
organization: The Net Loft
contact: {name: Desk, email: desk@netloft.example}
description: Notes of a workshop that mends nets.
languages: [en]
track: open
rights: {license: CC0-1.0, basis: declared, holder: The Net Loft, evidence: README}
overrides:
  - {path: tales/, license: CC-BY-4.0, basis: contract, holder: The tellers, evidence: form 3}
  - {path: vault/, track: private}
opt_outs:
  - {path: tales/withdrawn.txt, reason: the teller asked, date: 2026-10-01}
policy: {audit_only: [EMAIL, PHONE]}
"""
RECIPE = """\
reader: FolderReader
transforms:
  - AssignRights
  - NormalizeWhitespace
  - DetectPii: {detectors: [Contacts, Cues]}
  - CompareDetectors: {first: [Contacts], second: [Cues]}
  - Redact
writer: ParquetWriter
"""
TEXTS = {
    "notes/monday.txt": "On Monday the long net was mended. Ask wren@netloft.example.",
    "notes/tuesday.txt": "Two floats were lost on Tuesday, and nobody could say where they went.",
    "notes/friday.txt": "The bell rang early; the tar had not dried, so we went home.",
    "tales/cork.txt": "A cork that wished to sink asked the lead how it was done.",
    "tales/lead.txt": "The lead said that it had never tried to do anything else.",
    "tales/withdrawn.txt": "This tale is of somebody who did not want it told after all.",
}


def deposit(folder: Path, texts: dict[str, str] | None = None, yaml: str = DEPOSIT) -> Path:
    for name, text in (texts or TEXTS).items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    (folder / "deposit.yaml").write_text(yaml, encoding="utf-8")
    return folder


def run(source: Path, out: Path, recipe: str = RECIPE) -> dp.Release:
    pipeline = dp.Pipeline.from_yaml(recipe, deposit=str(source), out=str(out))
    return dp.run(pipeline, progress=False)


def audit(release: dp.Release, **given: Any) -> dp.Audit:
    """Somebody read all of it, and missed nothing."""
    rows = release.dataset.to_list()
    passages = tuple(
        Reading(row["id"], 0, len(row["text"]), len(row["text"].split()), "en", "clean", 0, ())
        for row in rows
    )
    fields = {"sheet": "d" * 64, "reader": "A reader", "date": "2026-11-20"}
    fields |= {"population": {"en": len(rows)}, "passages": passages, **given}
    return dp.Audit(**fields)


def look(run: Path | dp.Release, source: Path | None, **given: Any) -> gates.Checks:
    release = run if isinstance(run, dp.Release) else dp.Release.open(str(run))
    given = {"date": DAY, "deposit": source, **given}
    if "audit" not in given:
        given["audit"] = audit(release)
    found = release.check(**given)
    assert isinstance(found, gates.Checks)
    return found


def rewrite(run: Path, change: Any) -> None:
    """Every file of the data with its rows changed; nothing else is."""
    for path in sorted((run / "data").glob("*.parquet")):
        table = pq.read_table(path)
        rows = table.to_pylist()
        pq.write_table(pa.Table.from_pylist(list(change(rows)), table.schema), path)


def shut(found: gates.Checks) -> list[str]:
    return [result.name for result in found.shut]
