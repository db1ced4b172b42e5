"""OCR of scanned pages whose text is known: error rate and CPU seconds, ours beside the engines.

`--data` is a folder of pictures with their text beside them (`page.png`, `page.gt.txt`). The error
rate is Levenshtein's distance over the characters of the text, white space taken as one space:
`cer_strict` as printed, the mean of the pages and pooled, `cer` with straight and curled quotation
marks taken for one.

Overhead is ours over the engine's own call on the same picture, as it comes from the file: RapidOCR
with the same models and settings, without its angle classifier; Tesseract's `GetUTF8Text`. CPU
seconds of this process, one thread, in turn, the least of the runs for each page, the models loaded
before; on the pages with text and on scanned pages of PDFs besides (`--scans`). The engines alone
give their own order of lines.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from statistics import mean
from typing import Any

import numpy as np
import rapidocr as _rapidocr
import tesserocr as _tesserocr
from _common import ROOT, arguments, cpu_seconds, figure, machine, report, save, versions
from PIL import Image

from datapartnerships._backends import rapidocr, tesserocr
from datapartnerships._backends.pypdfium2 import Pdf
from datapartnerships.ocr import Ocr, recognize

# Scanned pages without truth.
SCANS = (
    ("ca4_17.pdf", 1),
    ("gov.uscourts.cand.203070.27.0.pdf", 1),
    ("gov.uscourts.cand.203070.27.0.pdf", 2),
    ("image-pdf-2.pdf", 1),
)
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


def rapidocr_alone() -> Callable[[Any], str]:
    folder = Path(_rapidocr.__file__).parent / "models"
    detector, reader = rapidocr._MODELS
    engine = _rapidocr.RapidOCR(
        params={
            "Global.log_level": "critical",
            "Global.use_cls": False,
            "Det.model_path": str(folder / detector),
            "Rec.model_path": str(folder / reader),
            "EngineConfig.onnxruntime.intra_op_num_threads": 1,
            "EngineConfig.onnxruntime.inter_op_num_threads": 1,
        }
    )

    def read(picture: Any) -> str:
        return "\n".join(engine(picture, use_cls=False).txts or ())

    return read


def tesseract_alone(language: str) -> Callable[[Any], str]:
    name = tesserocr.NAMES[language]
    api = _tesserocr.PyTessBaseAPI(path=tesserocr._folder_of([name]), lang=name)

    def read(picture: Any) -> str:
        api.SetImage(picture)
        text = str(api.GetUTF8Text())
        api.Clear()
        return text

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
        scans={
            "default": str(scans.parent / "court_pdf"),
            "help": "a folder with the PDFs of SCANS, for the overhead; empty for none",
        },
    )
    folder = Path(args.data) if Path(args.data).is_dir() else scans
    truths = sorted(folder.glob("*.gt.txt"))
    if not truths:
        raise SystemExit(f"{folder} has no *.gt.txt")
    pages: list[tuple[Any, str]] = []
    for truth in truths:
        with Image.open(truth.with_name(truth.name.replace(".gt.txt", ".png"))) as image:
            picture = image if image.mode in ("L", "RGB") else image.convert("RGB")
            pages.append((picture.copy(), truth.read_text(encoding="utf-8")))
    known = len(pages)
    for name, number in SCANS if args.scans else ():
        with Pdf((Path(args.scans) / name).read_bytes()) as pdf:
            pages.append((pdf.render(number - 1), ""))
    cases = {
        "ours, rapidocr": ours(args.language, engines=("rapidocr",)),
        "rapidocr alone": rapidocr_alone(),
        "ours, tesseract": ours(args.language, engines=("tesseract",)),
        "tesseract alone": tesseract_alone(args.language),
        "default": ours(args.language),
    }
    result: dict[str, Any] = {"pages": len(pages), "with text": known}
    for read in cases.values():
        read(pages[0][0].crop((0, 0, 900, 300)))  # loads the models
    spent = {name: [float("inf")] * len(pages) for name in cases}
    strict: dict[str, list[float]] = {name: [0.0] * known for name in cases}
    folded: dict[str, list[float]] = {name: [0.0] * known for name in cases}
    # In turn, so that what else the machine does hits all alike.
    for turn in range(args.runs):
        for place, (picture, truth) in enumerate(pages):
            for name, read in cases.items():
                if name == "default" and (turn or place >= known):
                    continue  # it is one of the others, mostly
                seconds, found = cpu_seconds(lambda p=picture, r=read: r(p), 1)
                spent[name][place] = min(spent[name][place], seconds)
                if place < known:
                    strict[name][place] = error_rate(found, truth)
                    folded[name][place] = error_rate(
                        found.translate(_QUOTES), truth.translate(_QUOTES)
                    )
    lengths = [len(" ".join(truth.split())) for _, truth in pages[:known]]
    for name in cases:
        wrong = sum(rate * length for rate, length in zip(strict[name], lengths, strict=True))
        result[name] = {
            "cer": round(mean(folded[name]), 5),
            "cer_strict": round(mean(strict[name]), 5),
            "cer_strict_pooled": round(wrong / sum(lengths), 5),
            "cpu_s_per_page": round(mean(s for s in spent[name] if s < float("inf")), 2),
        }
    for engine in ("rapidocr", "tesseract"):
        pair = spent[f"ours, {engine}"], spent[f"{engine} alone"]
        result[f"overhead, {engine}"] = round(sum(pair[0]) / sum(pair[1]) - 1, 3)
        result[f"overhead by page, {engine}"] = [
            round(mine / its - 1, 3) for mine, its in zip(*pair, strict=True)
        ]
    result["versions"] = versions("rapidocr", "onnxruntime", "tesserocr", "pillow")
    result["machine"] = machine()
    report(result, args.json)
    if args.save:
        libraries = ("rapidocr", "onnxruntime", "tesserocr")
        save("ocr", figures(result, spent, known), *libraries)


def figures(
    result: dict[str, Any], spent: dict[str, list[float]], known: int
) -> Iterator[dict[str, Any]]:
    for engine, name in (("rapidocr", "RapidOCR"), ("tesseract", "Tesseract")):
        rate = result[f"ours, {engine}"]["cer_strict"]
        its = result[f"{engine} alone"]["cer_strict"]
        measure = f"wrong characters, {known} scans"
        peer = f"{name} alone"
        yield figure("ImageReader", measure, round(100 * rate, 2), format=name, unit="%",
                     peer=(peer, round(100 * its, 2)))  # fmt: skip
        mine, alone = (
            len(t) / sum(t) for t in (spent[f"ours, {engine}"], spent[f"{engine} alone"])
        )
        yield figure("ImageReader", "speed", round(mine, 3), format=name,
                     unit="pages per CPU-second", peer=(peer, round(alone, 3)))  # fmt: skip


if __name__ == "__main__":
    main()
