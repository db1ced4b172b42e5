"""Pages a second through a whole run by one worker and by two, beside the engine alone.

Pictures of pages (those of `ocr.py`, each somewhat shifted, so that no two are alike) are read from
a folder, which is one shard, and written to Parquet; with `--book`, from one TIFF. The engine alone
is one process that calls it on the same pictures, with the same settings. Wall clock, in turn,
whole processes: it takes a machine with nothing else to do, and `--pages` enough that the start (a
few seconds each) does not count.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
from _common import (
    ROOT,
    arguments,
    in_turn,
    machine,
    measure,
    medians,
    ratio,
    report,
    scratch,
    versions,
)
from PIL import Image

OURS = """
import datapartnerships as dp
from datapartnerships import readers, writers
from datapartnerships.ocr import Ocr
if __name__ == "__main__":
    reader = readers.FolderReader({deposit!r}, ocr=Ocr(engines=({engine!r},)))
    dp.run(dp.Pipeline(reader=reader, writer=writers.ParquetWriter({out!r})), workers={workers})
"""
ALONE = """
from pathlib import Path
import numpy as np
from PIL import Image
from datapartnerships._backends import {module} as backend
for path in sorted(Path({pages!r}).iterdir()):
    with Image.open(path) as image:
        assert backend.read(np.asarray(image.convert("RGB")), ("en",))
"""
MODULES = {"rapidocr": "rapidocr", "tesseract": "tesserocr"}


def spread(scans: list[Path], folder: Path, count: int) -> None:
    folder.mkdir()
    for number in range(count):
        with Image.open(scans[number % len(scans)]) as image:
            pixels = np.roll(np.asarray(image.convert("L")), 3 * number, axis=0)
        Image.fromarray(pixels).save(folder / f"{number:03d}.png")


def bound(pages: Path, folder: Path) -> Path:
    folder.mkdir()
    first, *rest = [Image.open(path) for path in sorted(pages.iterdir())]
    first.save(folder / "book.tiff", save_all=True, append_images=rest, compression="tiff_lzw")
    return folder


def main() -> None:
    args = arguments(
        __doc__.splitlines()[0],
        pages={"type": int, "default": 16},
        runs={"type": int, "default": 3},
        engine={"choices": sorted(MODULES), "default": "rapidocr"},
        book={"action": "store_true", "help": "all pages in one file"},
    )
    given = Path(args.data)
    if not given.is_dir():
        given = ROOT.parent / "shared" / "data" / "documents" / "court_scan_gt"
    scans = sorted(given.glob("*.png"))
    if not scans:
        raise SystemExit(f"{given} has no *.png")
    with scratch() as folder:
        pages = folder / "pages"
        spread(scans, pages, args.pages)
        deposit = bound(pages, folder / "book") if args.book else pages
        count = 0

        def run(workers: int) -> dict[str, float]:
            nonlocal count
            count += 1
            script = folder / f"run{count}.py"
            out = str(folder / f"out{count}")
            filled = {"pages": str(pages), "engine": args.engine, "module": MODULES[args.engine]}
            filled["deposit"] = str(deposit)
            code = OURS if workers else ALONE
            script.write_text(code.format(**filled, out=out, workers=workers))
            return measure([sys.executable, str(script)], {"PYTHONPATH": str(ROOT)})

        runs = in_turn(args.runs, alone=lambda: run(0), one=lambda: run(1), two=lambda: run(2))
    result = {
        "benchmark": "ocr_workers",
        "engine": args.engine,
        "pages": args.pages,
        "book": args.book,
    }
    for name in runs:
        result[name] = medians(runs[name])
        result[f"pages_per_s, {name}"] = round(args.pages / result[name]["wall_s"], 3)
    result["one worker against the engine alone"] = ratio(runs, "alone", "one", "wall_s")
    result["two workers against one"] = ratio(runs, "one", "two", "wall_s")
    result["versions"] = versions("rapidocr", "onnxruntime", "tesserocr")
    result["machine"] = machine()
    report(result, args.json)


if __name__ == "__main__":
    main()
