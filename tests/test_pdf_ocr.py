"""PDFs whose pages are partly text and partly pictures of it."""

from __future__ import annotations

import io
import textwrap
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from datapartnerships.errors import InvalidParameter
from datapartnerships.ocr import Line, Ocr, Recognized, Word
from datapartnerships.readers._layercheck import judged, page_groups, shared_words
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


LEDGER = [
    "The keeper of the ledger wrote on the first of March that the",
    "harbor had frozen over from the mole to the custom house and",
    "that nineteen boats lay in it without hope of leaving before",
    "Easter. He added in a smaller hand that the brewer had offered",
    "to pay for the sawing of a channel, provided that his own",
    "barrels went first, and that nobody had thanked him for it.",
]
FAST = Ocr(engines=("tesseract",))


def _scanned(path: Path, layers: list[list[str]], *, typed: int = 0, visible: bool = False) -> Path:
    """A scan of `LEDGER` on each page, with `layers` as their hidden text; typed pages before."""
    scan = Image.new("L", (1240, 1754), 255)
    for place, line in enumerate(LEDGER):
        where = 120, 200 + 60 * place
        ImageDraw.Draw(scan).text(where, line, fill=0, font=ImageFont.load_default(34))
    packed = io.BytesIO()
    scan.save(packed, "PNG")
    canvas = Canvas(str(path), pagesize=(595, 842))
    for _ in range(typed):
        for place, line in enumerate(TYPED):
            canvas.drawString(60, 760 - 16 * place, line)
        canvas.showPage()
    for layer in layers:
        canvas.drawImage(Picture(packed), 0, 0, 595, 842)
        text = canvas.beginText(60, 740)
        text.setTextRenderMode(0 if visible else 3)
        text.textLines(layer)
        canvas.drawText(text)
        canvas.drawString(40, 822, "Case 7-104  Document 3")  # stamped over it, to be seen
        canvas.showPage()
    canvas.save()
    return path


def _poor(lines: list[str]) -> list[str]:
    """What no rule on its letters tells from prose."""
    letters = str.maketrans("fhoe", "tbec")
    return [line.translate(letters) for line in lines]


def _origins(row: dict[str, Any]) -> dict[int, str]:
    return {s["page"]: s["origin"] for s in row["segments"]}


@pytest.mark.parametrize("blocks", [True, False])
def test_a_good_layer_of_an_earlier_ocr_is_kept(tmp_path: Path, blocks: bool) -> None:
    path = _scanned(tmp_path / "good.pdf", [LEDGER, LEDGER], typed=1)
    row = _row(path, ocr=FAST, blocks=blocks)
    said = "text layer: agrees with what OCR reads on page 3 (1.00 of the words)"
    assert _origins(row) == {1: "text layer", 2: said, 3: said}
    assert all(s["confidence"] is None for s in row["segments"])
    metadata = metadata_dict(row["metadata"])
    assert metadata["pages_checked"] == "3" and "pages_recognized" not in metadata


def test_a_poor_layer_of_an_earlier_ocr_is_read_again(tmp_path: Path) -> None:
    path = _scanned(tmp_path / "poor.pdf", [_poor(LEDGER), _poor(LEDGER)], typed=1)
    row = _row(path, ocr=FAST)
    origins = _origins(row)
    assert origins[1] == "text layer"
    for page in (2, 3):
        text = " ".join(s["text"] for s in row["segments"] if s["page"] == page)
        assert "nineteen boats lay in it without hope" in text.replace("\n", " ")
        assert origins[page].startswith("ocr tesseract")
        assert "of the words that OCR reads on page 3" in origins[page]
    metadata = metadata_dict(row["metadata"])
    assert metadata["pages_checked"] == "3" and metadata["pages_recognized"] == "2-3"


def test_layers_that_cannot_be_checked_are_kept(tmp_path: Path) -> None:
    path = _scanned(tmp_path / "poor.pdf", [_poor(LEDGER)])
    nothing = Ocr(engines=("rapidocr",), languages=("am",))
    for fields, said in [
        ({"ocr": None}, "text layer: not checked"),
        ({"ocr": FAST, "check_pages": 0}, "text layer: not checked"),
        ({"ocr": nothing}, "text layer: not checked, no OCR for this language"),
    ]:
        row = _row(path, **fields)
        assert _origins(row) == {1: said}
        assert "pages_checked" not in metadata_dict(row["metadata"])
    with pytest.raises(InvalidParameter, match="check_pages"):
        PdfReader("x", check_pages=-1)


def test_text_that_is_seen_is_not_checked(tmp_path: Path) -> None:
    """Over a picture that fills the page: it is what the page says, whatever the picture shows."""
    row = _row(_scanned(tmp_path / "seen.pdf", [_poor(LEDGER)], visible=True), ocr=FAST)
    assert _origins(row) == {1: "text layer"}


def test_letters_that_ocr_was_not_told_of_are_no_mistakes() -> None:
    lines = [Line.of([Word(x, (0, 0, 1, 1), 0.97) for x in line.split()]) for line in LEDGER]
    answer = Recognized((tuple(lines),), "an engine", "", 0, 0.0, 9, 9)
    good, said = judged("\n".join(LEDGER).replace("th", "þ"), answer, "page 1")
    assert good and "OCR does not read its letters þ" in said
    good, said = judged("\n".join(_poor(LEDGER)), answer, "page 1")
    assert not good and said.startswith("its text layer has 0.")
    unsure = [replace(x, words=tuple(replace(w, confidence=0.5) for w in x.words)) for x in lines]
    good, said = judged("other words", replace(answer, paragraphs=(tuple(unsure),)), "page 1")
    assert good and "not sure" in said


def test_words_are_compared_in_any_order_and_whole() -> None:
    assert shared_words("Of wool and wi\ufffe\r\nne, HALF.", "wine and wool\nof half") == 1.0
    assert shared_words("wool wool", "wool and and wine") == 0.25


@given(st.dictionaries(st.integers(1, 400), st.integers(250, 9000)), st.integers(0, 4))
def test_each_page_has_one_that_speaks_for_it(lengths: dict[int, int], checks: int) -> None:
    groups = page_groups(lengths, checks)
    assert len(groups) <= checks
    assert all(checked in group for checked, group in groups)
    if checks:
        assert [n for _, group in groups for n in group] == sorted(lengths)
