"""`make demo`: the sample deposit becomes a dataset, and the dataset a release that may leave."""

from __future__ import annotations

import shutil
import sys
import tempfile
from pathlib import Path

import check

import datapartnerships as dp

HERE = Path(__file__).parent
OUT = HERE.parent / "demo-out"
RELEASE = OUT / "release-1.0.0"
DAY = "2026-11-22"
# Nobody reads the audit sheet during a demo, so somebody has to answer. It stands in MANIFEST.json.
WAIVERS = [dp.Waiver("audit", "the authors of the sample", DAY, "everything in it is invented")]


def main() -> int:
    if OUT.exists():
        shutil.rmtree(OUT)
    pipeline = dp.Pipeline.from_yaml(
        (HERE / "recipe.yaml").read_text(encoding="utf-8"),
        deposit=str(HERE / "deposit"),
        out=str(OUT),
    )
    release = dp.run(pipeline, workers=2)
    print(release.report)
    print()
    print(release.dataset)
    problems = check.check(release)
    print()
    for problem in problems:
        print(f"NOT FOUND  {problem}")
    if not problems:
        print("Everything that examples/expected.yaml lists was found.")
    print(f"\nDataset  {OUT / 'data'}")
    print(f"Report   {OUT / 'report.html'}")
    print(f"A sample to read, for what was missed  {dp.audit_sheet(release, OUT / 'audit.html')}")
    wrong = released(release)
    for problem in wrong:
        print(f"NOT AS IT SHOULD BE  {problem}")
    return 1 if problems or wrong else 0


def released(release: dp.Release) -> list[str]:
    """Makes the release folder, and reads it as others will; gives what is wrong."""
    folder = dp.prepare(
        release,
        RELEASE,
        deposit=HERE / "deposit",
        version="1.0.0",
        date=DAY,
        waivers=WAIVERS,
    )
    print(f"\n{folder.check(date=DAY, deposit=HERE / 'deposit')}\n")
    for entry in folder.manifest.files:
        print(f"{entry.size:>10,}  {entry.path}")
    print()
    return [*_signed(folder), *_readable(folder)]


def _signed(folder: dp.ReleaseFolder) -> list[str]:
    found = dp.verify_release(folder)
    print(f"Signature  {found}")
    return list(found.problems)


def _loaded(folder: dp.ReleaseFolder) -> int:
    import datasets

    datasets.disable_progress_bars()
    with tempfile.TemporaryDirectory() as cache:
        return int(datasets.load_dataset(folder.path, split="train", cache_dir=cache).num_rows)


def _readable(folder: dp.ReleaseFolder) -> list[str]:
    """With plain pyarrow, with load_dataset, with mlcroissant: nothing of ours."""
    import mlcroissant
    import pyarrow.parquet as pq

    rows = folder.manifest.documents_out
    croissant = mlcroissant.Dataset(jsonld=f"{folder.path}/croissant.json")
    records = croissant.records(croissant.metadata.record_sets[0].id)
    counts = {
        "pyarrow": pq.read_table(f"{folder.path}/data").num_rows,
        "load_dataset": _loaded(folder),
        "mlcroissant": sum(1 for _ in records),
    }
    for name, count in counts.items():
        print(f"Read back  {count} rows by {name}")
    return [f"{name} reads {n} rows, not {rows}" for name, n in counts.items() if n != rows]


if __name__ == "__main__":
    sys.exit(main())
