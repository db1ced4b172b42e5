"""Whether reading a page again tells good OCR layers from bad ones, on pages whose text is known.

The pages: the scans of `ocr.py`, pages of born-digital court papers as a scanner would give them,
and the Icelandic pages of `ocr_icelandic.py`. Their layers: the truth, and what Tesseract reads on
the page as it is, on a half, a third and a quarter of its pixels, out of focus, in grain, and (the
Icelandic ones) with the data of English. These are real errors; how many is counted against the
truth, as is how many our own reading has. To read the document again is right where the layer has
more wrong characters than our reading by a point of a hundred or more.

The threshold was chosen on every other page, from the first; the others are reported apart. Where
a page has notes or a heading beside its text, part of the wrong characters are those of the order,
in the layer and in our reading alike.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from _common import ROOT, arguments, figure, machine, report, save, versions
from ocr import error_rate
from ocr_icelandic import DAMAGES, LINES, _face, _texts, printed
from PIL import Image, ImageFilter

from datapartnerships._backends import tesserocr
from datapartnerships._backends.pypdfium2 import Pdf
from datapartnerships.ocr import Ocr, recognize
from datapartnerships.readers import _layercheck

# Born-digital, one column, without line numbers; pages with more than a heading on them.
PAPERS = {
    "ca6_1-3.pdf": (2,),
    "ca1_00117684624.pdf": (5, 9),
    "missouri.pdf": (2,),
    "Diaz_opinion.pdf": (2, 4),
    "vector-pdf.pdf": (3, 15),
}
ICELANDIC = 4
LOOKS = ("clean", "shaded", "skewed", "faded")
Gray = np.ndarray[Any, np.dtype[np.uint8]]


def pages(documents: Path) -> Iterator[tuple[str, str, Gray, str]]:
    """Name, language, picture and truth."""
    for truth in sorted((documents / "court_scan_gt").glob("*.gt.txt")):
        with Image.open(truth.with_name(truth.name.replace(".gt.txt", ".png"))) as image:
            yield truth.name[:-7], "en", np.asarray(image.convert("L")), truth.read_text("utf-8")
    count = 0
    for name, numbers in PAPERS.items():
        with Pdf((documents / "court_pdf" / name).read_bytes()) as pdf:
            texts = [page.text or "" for page in pdf.pages()]
            for number in numbers:
                if number > len(texts) or len(texts[number - 1]) < 800:
                    continue
                look = LOOKS[count % len(LOOKS)]
                count += 1
                picture = scanned(np.asarray(pdf.render(number - 1).convert("L")), count)
                picture = DAMAGES[look](picture, np.random.default_rng(count))
                yield f"{name} {number} {look}", "en", picture, texts[number - 1]
    lines, face = _texts(documents / "icelandic"), _face("")
    for number, start in enumerate(np.linspace(0, len(lines) - LINES, ICELANDIC).astype(int)):
        text = lines[start : start + LINES]
        look = LOOKS[number % len(LOOKS)]
        picture = DAMAGES[look](printed(text, face), np.random.default_rng(number))
        yield f"icelandic {number} {look}", "is", picture, "\n".join(text)


def scanned(page: Gray, seed: int) -> Gray:
    soft = Image.fromarray(page).filter(ImageFilter.GaussianBlur(1.0))
    values = np.asarray(soft) * 0.9 + np.random.default_rng(seed).normal(8, 6, page.shape)
    return np.clip(values, 0, 255).astype(np.uint8)


def tesseract(page: Gray, language: str) -> str:
    api = tesserocr._engine((language,))
    api.SetImage(Image.fromarray(page))
    try:
        return str(api.GetUTF8Text())
    finally:
        api.Clear()


def layers(page: Gray, language: str, truth: str) -> Iterator[tuple[str, str]]:
    yield "truth", truth
    yield "whole", tesseract(page, language)
    image = Image.fromarray(page)
    for part in (2, 3, 4):
        small = image.resize((image.width // part, image.height // part), Image.Resampling.BOX)
        yield f"1/{part}", tesseract(np.asarray(small), language)
    # Of letters, not of pixels: a page of fewer dots an inch is blurred by less.
    soft = image.filter(ImageFilter.GaussianBlur(image.height / 1100))
    yield "soft", tesseract(np.asarray(soft), language)
    half = np.asarray(image.resize((image.width // 2, image.height // 2), Image.Resampling.BOX))
    grain = half + np.random.default_rng(0).normal(0, 45, half.shape)
    yield "grain", tesseract(np.clip(grain, 0, 255).astype(np.uint8), language)
    if language != "en":
        yield "as English", tesseract(page, "en")


WORSE = 0.01
THRESHOLDS = (0.9, 0.93, 0.95, 0.96, 0.97, 0.98, 0.99)


def measured(name: str, language: str, page: Gray, truth: str) -> Iterator[dict[str, Any]]:
    """A row for each layer of a page."""
    # PDFium's sign for a hyphen at a line end.
    truth = truth.replace("\ufffe\r\n", "-\n").replace("\ufffe", "-")
    answer = recognize(page, Ocr(languages=(language,)))
    ours = error_rate(answer.text, truth)
    for kind, layer in layers(page, language, truth):
        wrong = error_rate(layer, truth) if layer.strip() else 1.0
        good, said = _layercheck.judged(layer, answer, "this page")
        yield {
            "page": name,
            "layer": kind,
            "cer": round(wrong, 4),
            "cer_ours": round(ours, 4),
            "shared": round(_layercheck.shared_words(layer, answer.text), 4),
            "kept": good,
            "said": said,
            "right": good == (wrong < ours + WORSE),
        }


def summary(rows: list[dict[str, Any]]) -> dict[str, Any]:
    names = list(dict.fromkeys(row["page"] for row in rows))
    halves = {
        "chosen on": [row for row in rows if names.index(row["page"]) % 2 == 0],
        "others": [row for row in rows if names.index(row["page"]) % 2],
    }
    result: dict[str, Any] = {"pages": len(names), "layers": len(rows)}
    for half, mine in halves.items():
        result[half] = {
            "layers": len(mine),
            "right": f"{sum(row['right'] for row in mine)} of {len(mine)}",
            "read again for nothing": sum(not r["right"] and not r["kept"] for r in mine),
            "kept, but worse": sum(not r["right"] and r["kept"] for r in mine),
            "worst kept, points": max(
                (round(100 * (r["cer"] - r["cer_ours"]), 1) for r in mine if r["kept"]), default=0
            ),
        } | {
            f"wrong at {least}": sum(
                (r["shared"] >= least) != (r["cer"] < r["cer_ours"] + WORSE) for r in mine
            )
            for least in THRESHOLDS
        }
    return result


def main() -> None:
    given = arguments(__doc__.splitlines()[0])
    documents = Path(given.data)
    if documents.suffix:  # the default is the corpus of the other benchmarks
        documents = ROOT.parent / "shared" / "data" / "documents"
    rows = []
    for page in pages(documents):
        for row in measured(*page):
            print(*row.values(), sep="  ", flush=True)
            rows.append(row)
    result = summary(rows)
    result["versions"] = versions("rapidocr", "tesserocr")
    result["machine"] = machine()
    report(result, given.json)
    if given.save:
        save("ocr_layers", figures(rows), "rapidocr", "tesserocr")


def figures(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    names = list(dict.fromkeys(row["page"] for row in rows))
    others = [row["right"] for row in rows if names.index(row["page"]) % 2]
    measure = f"layers of an earlier OCR kept or read again rightly, of {len(others)}"
    return [figure("PdfReader", measure, round(sum(others) / len(others), 3))]


if __name__ == "__main__":
    main()
