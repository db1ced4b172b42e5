"""PDFs whose pages are partly text and partly pictures of it."""

from __future__ import annotations

import io
import textwrap
from pathlib import Path
from typing import Any

import pytest

from datapartnerships.errors import InvalidParameter
from datapartnerships.ocr import Ocr
from datapartnerships.readers.pdf import PdfReader
from datapartnerships.schema import metadata_dict

pytest.importorskip("reportlab", reason="it makes the PDFs")
from PIL import Image, ImageDraw, ImageFont
from reportlab.lib.utils import ImageReader as Picture
from reportlab.pdfgen.canvas import Canvas

TYPED = [
    "The ferry was to leave at seven, and at seven there was neither a ferry nor a quay, only fog.",
    "The oldest of the passengers sat down on her trunk and said that she had waited for worse.",
    "By nine the others had opened their bread, and somebody had found out who could sing.",
]
SCANNED = ["Received of the widow Hall", "three barrels of salted herring", "and no complaint."]


def _pdf(path: Path) -> Path:
    scan = Image.new("L", (1240, 1754), 255)
    font = ImageFont.load_default(48)
    for place, line in enumerate(SCANNED):
        ImageDraw.Draw(scan).text((180, 240 + 90 * place), line, fill=0, font=font)
    packed = io.BytesIO()
    scan.save(packed, "PNG")
    canvas = Canvas(str(path), pagesize=(595, 842))
    for place, line in enumerate(TYPED):
        canvas.drawString(60, 760 - 16 * place, line)
    canvas.showPage()
    canvas.drawImage(Picture(packed), 0, 0, 595, 842)
    canvas.drawString(40, 822, "Filed 03/04/99  Page 2 of 3")  # what an archive stamps over a scan
    canvas.showPage()
    canvas.showPage()  # blank
    canvas.save()
    return path


def _row(path: Path, **fields: Any) -> dict[str, Any]:
    reader = PdfReader(str(path), **fields)
    found = [r for s in reader.shards() for t in reader.read(s) for r in t.to_pylist()]
    assert len(found) == 1
    return found[0]


def test_only_the_pages_that_need_it_are_recognized(tmp_path: Path) -> None:
    row = _row(_pdf(tmp_path / "mixed.pdf"))
    pages = {n: [s for s in row["segments"] if s["page"] == n] for n in (1, 2, 3)}
    assert {s["origin"] for s in pages[1]} == {"text layer"}
    assert "only fog." in pages[1][0]["text"] and pages[1][0]["confidence"] is None
    text = " ".join(s["text"] for s in pages[2]).replace("\n", " ")
    assert "three barrels of salted herring" in text
    assert text.count("Filed") == 1  # once: not from the text layer and from the picture
    for segment in pages[2]:
        assert segment["origin"].startswith("ocr ")
        assert segment["origin"].endswith("a scan, its text layer is a stamp of 26 characters")
        assert 0.5 < segment["confidence"] <= 1
    herring = next(s for s in pages[2] if "herring" in s["text"])
    left, top, right, bottom = herring["bbox"]
    assert 0.1 < left < 0.2 < right < 0.9 and 0.1 < top < 0.2 < bottom < 0.35
    assert [(s["text"], s["origin"]) for s in pages[3]] == [("", None)]
    metadata = metadata_dict(row["metadata"])
    assert metadata["pages"] == "3" and metadata["pages_recognized"] == "2"
    assert metadata["pages_without_text"] == "3" and "pages_needing_ocr" not in metadata


def test_headings_run_through_typed_and_scanned_pages(tmp_path: Path) -> None:
    """A heading on a scan names what stands below it on the next page, which is typed."""
    scan = Image.new("L", (1240, 1754), 255)
    draw = ImageDraw.Draw(scan)
    draw.text((150, 150), "Of the herring", fill=0, font=ImageFont.load_default(52))
    lines = [line for text in TYPED for line in textwrap.wrap(text, 48)] * 2
    for place, line in enumerate(lines):
        draw.text((150, 300 + 44 * place), line, fill=0, font=ImageFont.load_default(32))
    packed = io.BytesIO()
    scan.save(packed, "PNG")
    canvas = Canvas(str(tmp_path / "mixed.pdf"), pagesize=(595, 842))
    for title in ("Of the ferry", ""):
        canvas.setFont("Times-Roman", 18)
        canvas.drawString(60, 780, title)
        canvas.setFont("Times-Roman", 12)
        for place, line in enumerate(TYPED):
            canvas.drawString(60, 740 - 16 * place, line)
        canvas.showPage()
        if title:
            canvas.drawImage(Picture(packed), 0, 0, 595, 842)
            canvas.showPage()
    canvas.save()
    row = _row(tmp_path / "mixed.pdf", ocr=Ocr(engines=("tesseract",)))
    found = [(s["page"], s["ref"], s["origin"].split()[0]) for s in row["segments"]]
    assert set(found) == {
        (1, "Of the ferry", "text"), (2, "Of the herring", "ocr"), (3, "Of the herring", "text"),
    }  # fmt: skip
    assert next(s["text"] for s in row["segments"] if s["page"] == 2) == "Of the herring"


def test_one_segment_a_page(tmp_path: Path) -> None:
    row = _row(_pdf(tmp_path / "mixed.pdf"), blocks=False)
    assert [(s["page"], s["kind"]) for s in row["segments"]] == [(n, "page") for n in (1, 2, 3)]
    scan = row["segments"][1]
    assert "three barrels of salted herring" in scan["text"]
    assert scan["origin"].startswith("ocr ") and scan["confidence"] > 0.5


def test_without_ocr_the_pages_are_named(tmp_path: Path) -> None:
    row = _row(_pdf(tmp_path / "mixed.pdf"), ocr=None)
    assert metadata_dict(row["metadata"])["pages_needing_ocr"] == "2"
    assert not any("herring" in s["text"] for s in row["segments"])


def test_a_language_that_nothing_reads_is_said(tmp_path: Path) -> None:
    """The text that is there is kept, and the page that is not read is named."""
    row = _row(_pdf(tmp_path / "mixed.pdf"), ocr=Ocr(engines=("rapidocr",), languages=("am",)))
    assert metadata_dict(row["metadata"])["pages_needing_ocr"] == "2"
    assert row["drop_reason"] is None
    with pytest.raises(InvalidParameter, match="ocr"):
        PdfReader("x", ocr="tesseract")  # type: ignore[arg-type]
