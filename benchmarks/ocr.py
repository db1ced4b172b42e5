"""OCR of scanned pages whose text is known: error rate and CPU seconds, ours beside the engines.

`--data` is a folder of pictures with their text beside them (`page.png`, `page.gt.txt`). The error
rate is Levenshtein's distance over the characters of the text, white space taken as one space:
`cer_strict` as printed, the mean of the pages and pooled, `cer` with straight and curled quotation
marks taken for one. CPU seconds are of this process, best of the runs, one thread, in turn, the
models loaded before. The engines alone give
their own order of lines.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from statistics import mean
from typing import Any

import numpy as np
from _common import ROOT, arguments, cpu_seconds, machine, report, versions
from PIL import Image

from datapartnerships._backends import rapidocr, tesserocr
from datapartnerships.ocr import Ocr, recognize

_QUOTES = str.maketrans("’‘“”", "''\"\"")


def error_rate(found: str, truth: str) -> float:
    """Levenshtein's distance, a row of the table at a time, over the length of the truth."""
    a, b = (np.array([ord(c) for c in " ".join(text.split())]) for text in (found, truth))
    steps = np.arange(len(b) + 1)
    row = steps
    for place, letter in enumerate(a, 1):
        best = np.minimum(row[1:] + 1, row[:-1] + (b != letter))
        # Insertions run along the row: the least of what is before, a step dearer each.
        row = np.minimum.accumulate(np.concatenate(([place], best)) - steps) + steps
    return float(row[-1]) / len(b)


def alone(backend: Any, language: str) -> Callable[[Any], str]:
    def read(pixels: Any) -> str:
        runs = backend.read(pixels, (language,))
        return "\n".join(" ".join(piece[0] for piece in run) for run in runs)

    return read


def ours(language: str, **fields: Any) -> Callable[[Any], str]:
    ocr = Ocr(languages=(language,), **fields)
    return lambda pixels: recognize(pixels, ocr).text


def main() -> None:
    scans = ROOT.parent / "shared" / "data" / "documents" / "court_scan_gt"
    args = arguments(
        __doc__.splitlines()[0],
        language={"default": "en", "help": "of the pages, ISO 639-1"},
        runs={"type": int, "default": 2},
    )
    folder = Path(args.data) if Path(args.data).is_dir() else scans
    truths = sorted(folder.glob("*.gt.txt"))
    if not truths:
        raise SystemExit(f"{folder} has no *.gt.txt")
    pages = []
    for truth in truths:
        with Image.open(truth.with_name(truth.name.replace(".gt.txt", ".png"))) as image:
            pages.append((np.asarray(image.convert("RGB")), truth.read_text(encoding="utf-8")))
    cases = {
        "default": ours(args.language),
        "ours, rapidocr": ours(args.language, engines=("rapidocr",)),
        "rapidocr alone": alone(rapidocr, args.language),
        "ours, tesseract": ours(args.language, engines=("tesseract",)),
        "tesseract alone": alone(tesserocr, args.language),
    }
    result: dict[str, Any] = {"pages": len(pages)}
    for read in cases.values():
        read(pages[0][0][:300])  # loads the models
    spent: dict[str, list[float]] = {name: [float("inf")] * len(pages) for name in cases}
    strict: dict[str, list[float]] = {name: [0.0] * len(pages) for name in cases}
    folded: dict[str, list[float]] = {name: [0.0] * len(pages) for name in cases}
    # In turn, so that what else the machine does hits all alike.
    for _ in range(args.runs):
        for place, (pixels, truth) in enumerate(pages):
            for name, read in cases.items():
                seconds, found = cpu_seconds(lambda p=pixels, r=read: r(p), 1)
                spent[name][place] = min(spent[name][place], seconds)
                strict[name][place] = error_rate(found, truth)
                folded[name][place] = error_rate(found.translate(_QUOTES), truth.translate(_QUOTES))
    lengths = [len(" ".join(truth.split())) for _, truth in pages]
    for name in cases:
        wrong = sum(rate * length for rate, length in zip(strict[name], lengths, strict=True))
        result[name] = {
            "cer": round(mean(folded[name]), 5),
            "cer_strict": round(mean(strict[name]), 5),
            "cer_strict_pooled": round(wrong / sum(lengths), 5),
            "cpu_s_per_page": round(mean(spent[name]), 2),
        }
    for engine in ("rapidocr", "tesseract"):
        pair = [
            result[f"{who}"]["cpu_s_per_page"] for who in (f"ours, {engine}", f"{engine} alone")
        ]
        result[f"overhead, {engine}"] = round(pair[0] / pair[1] - 1, 3)
    result["versions"] = versions("rapidocr", "onnxruntime", "tesserocr", "pillow")
    result["machine"] = machine()
    report(result, args.json)


if __name__ == "__main__":
    main()
