"""`make demo`: the main job on the sample deposit, and whether everything in it was found."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

import check

import datapartnerships as dp

HERE = Path(__file__).parent
OUT = HERE.parent / "demo-out"


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
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
