"""Whether reading a page again tells good OCR layers from bad ones, on pages whose text is known.

The pages: the scans of `ocr.py`, pages of born-digital court papers as a scanner would give them,
and the Icelandic pages of `ocr_icelandic.py`. Their layers: the truth, and what Tesseract reads on
the page as it is, on a half, a third and a quarter of its pixels, out of focus, in grain, and (the
Icelandic ones) with the data of English. These are real errors; how many is counted against the
truth, as is how many our own reading has. To read the document again is right where the layer has
more wrong characters than our reading by a point of a hundred or more.

The threshold was chosen on every other page; the others are reported apart.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from ocr_icelandic import DAMAGES, LINES, _face, _texts, printed
from PIL import Image, ImageFilter

from datapartnerships._backends import tesserocr
from datapartnerships._backends.pypdfium2 import Pdf

# Born-digital, one column, without line numbers; pages with more than a heading on them.
PAPERS = {
    "ca6_1-3.pdf": (3,),
    "ca1_00117684624.pdf": (2, 5, 9, 13),
    "missouri.pdf": (2, 4),
    "Diaz_opinion.pdf": (2, 4),
    "vector-pdf.pdf": (3, 8, 15, 22),
}
ICELANDIC = 4
LOOKS = ("clean", "noise", "shaded", "skewed")
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
    grain = np.random.default_rng(0).normal(0, 60, page.shape)
    yield "grain", tesseract(np.clip(page + grain, 0, 255).astype(np.uint8), language)
    if language != "en":
        yield "as English", tesseract(page, "en")
