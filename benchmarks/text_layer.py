"""Which pages of PDFs have to be recognized: against labels given by hand, looking at each page.

Every page that has its text is also tried with its letters exchanged, as a font with a wrong map
would give them: these have to be found too.
"""

from __future__ import annotations

import random
import string
import time
from collections.abc import Iterator
from pathlib import Path

from _common import DEFAULT_DATA, arguments, figure, machine, report, save, versions

from datapartnerships._backends.pypdfium2 import Page, Pdf
from datapartnerships.errors import DocumentError
from datapartnerships.readers._textlayer import why_ocr

# Labeled by eye, November 2026, 156 pages: pages whose text can only be had from their image. On
# all others the text layer is the text, a few blank pages and title pages included.
SCANS = {
    ("ca4_17.pdf", 1),
    ("gov.uscourts.cand.203070.27.0.pdf", 1),
    ("gov.uscourts.cand.203070.27.0.pdf", 2),
    ("image-pdf-2.pdf", 1),
    ("vector-pdf.pdf", 29),
    ("vector-pdf.pdf", 30),
}


def main() -> None:
    given = arguments(__doc__ or "")
    folder = Path(given.data)
    if folder.suffix:  # the default is the corpus of the other benchmarks
        folder = DEFAULT_DATA.parent.parent / "documents"
    pages = list(_pages(folder))
    started = time.process_time()
    found = [why_ocr(page.text or "", page.image_share, page.paths) for _, _, page in pages]
    seconds = time.process_time() - started
    wrong = [
        f"{name} page {number}: {reason or 'taken for text'}"
        for (name, number, _), reason in zip(pages, found, strict=True)
        if (reason is not None) != ((name, number) in SCANS)
    ]
    chance = random.Random(0)
    long = [page.text or "" for _, _, page in pages if len(page.text or "") >= 500]
    garbled = [why_ocr(_exchanged(text, chance)) for text in long]
    for line in wrong:
        print("wrong:", line)
    result = {
        "benchmark": "text_layer",
        "pages": len(pages),
        "accuracy": round(1 - len(wrong) / max(1, len(pages)), 4),
        "garbled": len(garbled),
        "garbled_found": round(sum(map(bool, garbled)) / max(1, len(garbled)), 4),
        "ms_a_page": round(1000 * seconds / max(1, len(pages)), 2),
        "versions": versions(),
        "machine": machine(),
    }
    report(result, given.json)
    if given.save:
        measure = "which pages need OCR, accuracy"
        save("text_layer", [figure("PdfReader", measure, result["accuracy"])], "pypdfium2")


def _pages(folder: Path) -> Iterator[tuple[str, int, Page]]:
    for file in sorted(folder.rglob("*.pdf")):
        try:
            with Pdf(file.read_bytes()) as pdf:
                for number, page in enumerate(pdf.pages(), 1):
                    yield file.name, number, page
        except DocumentError as error:
            print("left out:", file.name, error)


def _exchanged(text: str, chance: random.Random) -> str:
    letters = list(string.ascii_lowercase)
    chance.shuffle(letters)
    return text.casefold().translate(str.maketrans(string.ascii_lowercase, "".join(letters)))


if __name__ == "__main__":
    main()
