"""PDFs, office files and web pages: what is read, what is refused, and that nothing breaks."""

from __future__ import annotations

import importlib
import io
import os
import pickle
import random
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from datapartnerships.errors import InvalidParameter
from datapartnerships.readers._base import FileReader
from datapartnerships.readers._source import Limits
from datapartnerships.readers.html import HtmlReader
from datapartnerships.readers.office import OfficeReader
from datapartnerships.readers.pdf import PdfReader
from datapartnerships.schema import metadata_dict, reason_class

pytest.importorskip("pypdfium2", reason="the extra 'documents' is not installed")
pytest.importorskip("unstructured", reason="the extra 'unstructured' is not installed")

ROOT = Path(__file__).resolve().parents[1]
REAL = Path(os.environ.get("DATAPARTNERSHIPS_REAL_DATA", ROOT.parent / "shared" / "data"))
REAL = REAL / "documents"
needs_real = pytest.mark.skipif(not REAL.is_dir(), reason=f"no real documents in {REAL}")
READERS: tuple[type[FileReader], ...] = (PdfReader, OfficeReader, HtmlReader)


def rows(reader: type[FileReader], path: Path, **fields: Any) -> list[dict[str, Any]]:
    """Every row that `reader` gives for the file at `path`."""
    made = reader(path=str(path), **fields)
    return [
        row for shard in made.shards() for table in made.read(shard) for row in table.to_pylist()
    ]


def one(reader: Callable[..., FileReader], path: Path, **fields: Any) -> dict[str, Any]:
    found = rows(reader, path, **fields)
    assert len(found) == 1
    return found[0]


def texts(row: dict[str, Any]) -> list[str]:
    assert row["drop_reason"] is None, row["drop_reason"]
    return [segment["text"] for segment in row["segments"]]


def refs(row: dict[str, Any]) -> dict[str, str | None]:
    return {segment["text"]: segment["ref"] for segment in row["segments"]}


def reason(row: dict[str, Any]) -> str:
    assert row["drop_reason"] and not row["segments"]
    return reason_class(row["drop_reason"]).split(": ", 1)[1]


def is_beside(row: dict[str, Any]) -> bool:
    """Whether the row says what could not be read of a file that was read otherwise."""
    return ": damaged parts" in (row["drop_reason"] or "")


# ------------------------------------------------------------------------------------- PDF


def pdf_bytes(
    *pages: bytes, extra: bytes = b"", page: bytes = b"", more: tuple[bytes, ...] = ()
) -> bytes:
    """A PDF whose pages draw these content streams; `more` objects follow them."""
    kids = b" ".join(b"%d 0 R" % (4 + 2 * i) for i in range(len(pages)))
    objects = [
        b"<</Type/Catalog/Pages 2 0 R%s>>" % extra,
        b"<</Type/Pages/Count %d/Kids[%s]>>" % (len(pages), kids),
        b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica/Encoding/WinAnsiEncoding>>",
    ]
    for index, content in enumerate(pages):
        objects.append(
            b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 400 400]/Contents %d 0 R"
            b"/Resources<</Font<</F1 3 0 R>>>>%s>>" % (5 + 2 * index, page)
        )
        objects.append(b"<</Length %d>>stream\n%s\nendstream" % (len(content), content))
    objects += more
    out, offsets = b"%PDF-1.4\n", []
    for number, body in enumerate(objects, 1):
        offsets.append(len(out))
        out += b"%d 0 obj" % number + body + b"endobj\n"
    table = b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    size = len(objects) + 1
    return out + (
        b"xref\n0 %d\n0000000000 65535 f \n%strailer<</Size %d/Root 1 0 R>>startxref\n%d\n%%%%EOF"
        % (size, table, size, len(out))
    )


def lines(*drawn: str, at: tuple[int, int] = (50, 300)) -> bytes:
    shown = " 0 -14 Td ".join(f"({line}) Tj" for line in drawn)
    return f"BT /F1 12 Tf {at[0]} {at[1]} Td {shown} ET ".encode("cp1252")


def pdf(tmp_path: Path, *pages: bytes, before: bytes = b"", extra: bytes = b"") -> Path:
    path = tmp_path / "made.pdf"
    path.write_bytes(before + pdf_bytes(*pages, extra=extra))
    return path


def test_pdf_pages_keep_their_place(tmp_path: Path) -> None:
    labels = b"/PageLabels<</Nums[0<</S/r>>]>>"
    row = one(PdfReader, pdf(tmp_path, lines("First."), b"", lines("Third."), extra=labels))
    assert texts(row) == ["First.", "", "Third."]
    assert [s["page"] for s in row["segments"]] == [1, 2, 3]
    assert [s["ref"] for s in row["segments"]] == ["i", "ii", "iii"]
    assert [s["kind"] for s in row["segments"]] == ["paragraph", "page", "paragraph"]
    assert metadata_dict(row["metadata"]) == {"pages": "3", "pages_without_text": "2"}


def test_pdf_joins_words_as_the_document_writes_them(tmp_path: Path) -> None:
    path = pdf(
        tmp_path, lines("state-of-the-art and re-", "cent state-of-the-", "art; Anglo-", "Saxon")
    )
    assert texts(one(PdfReader, path)) == [
        "state-of-the-art and recent state-of-the-art; Anglo-Saxon"
    ]


def test_pdf_text_that_cannot_be_seen_is_left_out(tmp_path: Path) -> None:
    block = lines(*(f"This is line {i} of the page" for i in range(9)))
    path = pdf(tmp_path, block + block + lines("Printed beside the page", at=(900, 300)))
    assert texts(one(PdfReader, path)) == [
        "\n".join(f"This is line {i} of the page" for i in range(9))
    ]


def test_pdf_keeps_what_is_said_twice(tmp_path: Path) -> None:
    path = pdf(tmp_path, lines("very very long", "very very long"))
    assert texts(one(PdfReader, path)) == ["very very long\nvery very long"]


@pytest.mark.parametrize("junk", [b"\r\n\r\n%%EOF\r\n", b"junk " * 1000], ids=["short", "long"])
def test_pdf_with_junk_before_its_header(tmp_path: Path, junk: bytes) -> None:
    assert texts(one(PdfReader, pdf(tmp_path, lines("Still here."), before=junk))) == [
        "Still here."
    ]


def test_pdf_hands_on_its_attachments(tmp_path: Path) -> None:
    import pypdfium2

    document = pypdfium2.PdfDocument(pdf_bytes(lines("Cover letter.")))
    document.new_attachment("letter.txt").set_data(b"Dear all")
    document.save(tmp_path / "made.pdf")
    document.close()
    cover, inside = rows(PdfReader, tmp_path / "made.pdf")
    assert texts(cover) == ["Cover letter."]
    assert inside["provenance"]["member"] == "1-letter.txt"
    assert reason(inside) == "a file inside this one needs another reader"


def test_pdf_form_values_are_text(tmp_path: Path) -> None:
    appearance = b"BT /F1 12 Tf 2 2 Td (Jane Roe) Tj ET"
    field = (
        b"<</Type/Annot/Subtype/Widget/FT/Tx/T(name)/V(Jane Roe)/Rect[90 295 200 315]/F 4/P 4 0 R"
        b"/AP<</N 7 0 R>>>>"
    )
    form = (
        b"<</Type/XObject/Subtype/Form/BBox[0 0 110 20]/Resources<</Font<</F1 3 0 R>>>>/Length %d>>"
        b"stream\n%s\nendstream" % (len(appearance), appearance)
    )
    path = tmp_path / "form.pdf"
    catalog, page = b"/AcroForm<</Fields[6 0 R]>>", b"/Annots[6 0 R]"
    path.write_bytes(pdf_bytes(lines("Name:"), extra=catalog, page=page, more=(field, form)))
    assert "Jane Roe" in texts(one(PdfReader, path))[0]


def test_a_large_pdf_is_opened_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whether it is changes nothing, for a form and for an encrypted file neither."""
    backend = importlib.import_module("datapartnerships._backends.pypdfium2")
    rows, opened = [], []
    first = backend.Pdf._begin
    monkeypatch.setattr(backend.Pdf, "_begin", lambda pdf: (opened.append(1), first(pdf)))
    (tmp_path / "locked.pdf").write_bytes(_canvas(encrypt="open sesame"))
    (tmp_path / "plain.pdf").write_bytes(_canvas())
    for limit in (backend.MAX_KEPT_BYTES, 0):
        monkeypatch.setattr(backend, "MAX_KEPT_BYTES", limit)
        reader = PdfReader(str(tmp_path), passwords=("open sesame",), ocr=None)
        sources = [reader.deposit().source(f) for s in reader.shards() for f in s.files]
        rows.append([d.segments for source in sources for d in reader.parse(source)])
        assert len(opened) == 2 if limit else len(opened) > 2 + 2 * 3
    assert rows[0] == rows[1]
    texts = [part.text for part in rows[0][0]]
    assert texts[-2:] == ["This is page 3 of the roll.", "typed 3"]


def _canvas(encrypt: str | None = None) -> bytes:
    from reportlab.pdfgen.canvas import Canvas

    stream = io.BytesIO()
    canvas = Canvas(stream, pagesize=(400, 300), encrypt=encrypt)
    for page in range(1, 4):
        canvas.drawString(40, 200, f"This is page {page} of the roll.")
        canvas.acroForm.textfield(name=f"f{page}", value=f"typed {page}", x=40, y=100)
        canvas.showPage()
    canvas.save()
    return stream.getvalue()


# ---------------------------------------------------------------------------------- office


W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
WRAPPED = f"""
<w:sdt xmlns:w="{W}"><w:sdtContent><w:p><w:r><w:t>In a content control.</w:t></w:r></w:p>
</w:sdtContent></w:sdt>|<w:p xmlns:w="{W}"><w:r><w:t xml:space="preserve">Kept </w:t></w:r>
<w:ins w:id="1" w:author="A"><w:r><w:t xml:space="preserve">inserted </w:t></w:r></w:ins>
<w:del w:id="2" w:author="A"><w:r><w:delText>deleted</w:delText></w:r></w:del>
<w:r><w:t>end.</w:t></w:r><w:r><w:footnoteReference w:id="7"/></w:r></w:p>|<w:p xmlns:w="{W}"
 xmlns:v="urn:schemas-microsoft-com:vml"><w:r><w:t>Beside the box.</w:t></w:r><w:r><w:pict><v:shape>
<v:textbox><w:txbxContent><w:p><w:r><w:t>In a text box.</w:t></w:r></w:p></w:txbxContent>
</v:textbox></v:shape></w:pict></w:r></w:p>"""
CHOICE = f"""<w:p xmlns:w="{W}"><w:r><w:t xml:space="preserve">Rank: </w:t></w:r><w:r>
<w:fldChar w:fldCharType="begin"><w:ffData><w:ddList><w:result w:val="1"/><w:listEntry w:val="Cpl"/>
<w:listEntry w:val="Sgt"/></w:ddList></w:ffData></w:fldChar></w:r></w:p>"""
FOOTNOTES = f"""<w:footnotes xmlns:w="{W}">
<w:footnote w:id="0" w:type="separator"><w:p/></w:footnote>
<w:footnote w:id="7"><w:p><w:r><w:t>A footnote.</w:t></w:r></w:p></w:footnote></w:footnotes>"""


def docx(tmp_path: Path) -> Path:
    import docx as python_docx
    from docx.oxml import parse_xml

    document = python_docx.Document()
    document.core_properties.title, document.core_properties.author = "Minutes", "J. Doe"
    document.add_heading("Annual report", 1)
    document.add_heading("Members", 2)
    document.add_paragraph("We are þrír.")
    document.add_paragraph("apples", style="List Bullet")
    table = document.add_table(2, 2)
    for cell, text in zip([c for r in table.rows for c in r.cells], "abcd", strict=True):
        cell.text = text
    for part in (*WRAPPED.split("|"), CHOICE):
        document.element.body.insert(len(document.element.body) - 1, parse_xml(part.strip()))
    document.sections[0].header.paragraphs[0].text = "Docket 12"
    path, plain = tmp_path / "made.docx", io.BytesIO()
    document.save(plain)
    with zipfile.ZipFile(plain) as old, zipfile.ZipFile(path, "w") as new:
        for name in old.namelist():
            new.writestr(name, old.read(name))
        new.writestr("word/footnotes.xml", FOOTNOTES)
    return path


def test_docx_loses_nothing_and_knows_its_headings(tmp_path: Path) -> None:
    row = one(OfficeReader, docx(tmp_path))
    assert refs(row) == {
        "Docket 12": "page header",
        "Annual report": "Annual report",
        "Members": "Annual report > Members",
        "We are þrír.": "Annual report > Members",
        "- apples": "Annual report > Members",
        "a | b\nc | d": "Annual report > Members",
        "In a content control.": "Annual report > Members",
        "Kept inserted end.[1]": "Annual report > Members",
        "Beside the box.": "Annual report > Members",
        "In a text box.": "Annual report > Members",
        "Rank: Sgt": "Annual report > Members",
        "[1] A footnote.": "footnotes",
    }
    found = metadata_dict(row["metadata"])
    assert (found["title"], found["author"]) == ("Minutes", "J. Doe")


def test_pptx_slides_notes_and_charts(tmp_path: Path) -> None:
    import pptx
    from pptx.chart.data import CategoryChartData
    from pptx.enum.chart import XL_CHART_TYPE
    from pptx.util import Inches

    deck = pptx.Presentation()
    for title in ("One", "Two"):
        slide = deck.slides.add_slide(deck.slide_layouts[1])
        slide.shapes.title.text = title
        slide.placeholders[1].text = f"Point of {title}"
    slide.notes_slide.notes_text_frame.text = "Say this."
    data = CategoryChartData()
    data.categories = ["2023", "2024"]
    data.add_series("Sales", (1.5, 2))
    place = [Inches(i) for i in (1, 4, 3, 2)]
    slide.shapes.add_chart(XL_CHART_TYPE.COLUMN_CLUSTERED, *place, data)
    deck.save(tmp_path / "made.pptx")
    row = one(OfficeReader, tmp_path / "made.pptx")
    assert [(s["page"], s["kind"], s["ref"]) for s in row["segments"]] == [
        (1, "page", "One"), (2, "page", "Two"), (2, "page", "Two > notes"),
    ]  # fmt: skip
    first, second, notes = texts(row)
    assert first == "One\n- Point of One"
    assert "Sales" in second
    assert "2023 | 2024" in second
    assert notes == "Say this."


def test_xlsx_every_cell_once(tmp_path: Path) -> None:
    import datetime

    import openpyxl

    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "Members"
    for row in (["Name", "Joined", "Share"], ["Þór", datetime.date(2020, 2, 1), 0.25], [],
                ["Total", None, "=1+1"]):  # fmt: skip
        sheet.append(row)
    hidden = book.create_sheet("Secret")
    hidden["B2"], hidden.sheet_state = True, "hidden"
    book.save(tmp_path / "made.xlsx")
    row = one(OfficeReader, tmp_path / "made.xlsx")
    assert [(s["text"], s["page"], s["ref"]) for s in row["segments"]] == [
        ("Name | Joined | Share\nÞór | 2020-02-01 | 0.25", 1, "Members"),
        ("Total | =1+1", 1, "Members"),
        ("TRUE", 2, "Secret (hidden)"),
    ]


ODT = """<office:document-content xmlns:style="urn:oasis:names:tc:opendocument:xmlns:style:1.0"
 xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0"
 xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0"
 xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0"><office:automatic-styles>
<text:list-style style:name="L1"><text:list-level-style-bullet text:level="1"/>
<text:list-level-style-number text:level="2" style:num-format="1"/></text:list-style>
</office:automatic-styles><office:body><office:text><text:tracked-changes><text:changed-region><text:deletion><text:p>Gone.</text:p></text:deletion>
</text:changed-region></text:tracked-changes><text:h text:outline-level="1">Skýrsla</text:h>
<text:p>Two<text:s text:c="2"/>words<text:note text:note-class="footnote">
<text:note-citation>1</text:note-citation>
<text:note-body><text:p>A note.</text:p></text:note-body></text:note>.</text:p>
<text:list text:style-name="L1"><text:list-item><text:p>item</text:p>
<text:list><text:list-item><text:p>inner</text:p>
</text:list-item></text:list></text:list-item></text:list><table:table><table:table-row>
<table:table-cell><text:p>a</text:p></table:table-cell><table:table-cell><text:p>b</text:p>
</table:table-cell></table:table-row></table:table></office:text></office:body>
</office:document-content>"""


def test_odt(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "made.odt", "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.text")
        archive.writestr("content.xml", ODT)
    assert refs(one(OfficeReader, tmp_path / "made.odt")) == {
        "Skýrsla": "Skýrsla",
        "Two  words[1].": "Skýrsla",
        "- item": "Skýrsla",
        "  1. inner": "Skýrsla",
        "a | b": "Skýrsla",
        "[1] A note.": "footnotes",
    }


RTF = rb"""{\rtf1\ansi\ansicpg1252\uc1{\fonttbl{\f0\fcharset204 Arial;}{\f1\fcharset128 MS;}
{\f2\fcharset0 X;}}{\info{\title T\'edtill}{\author Ann}}{\*\generator Word;}{\header Top\par}
\f0 \'cf\'f0\'e8\'e2\'e5\'f2 \u1084?\u1080?\u1088?\u-10179?\u-8704?\par\f1\'93\'fa\'96\'7b\par
\f2 Br\'fad\'f3t{\footnote A note.}\line next {\v hidden}{\deleted gone}\par
{\shp{\*\shpinst{\sp{\sn x}{\sv y}}{\shptxt Boxed\par}}}
\trowd\intbl a\cell b\cell\row\trowd\intbl c\cell d\cell\row\pard End\{\}\par}"""


def test_rtf_in_many_alphabets(tmp_path: Path) -> None:
    (tmp_path / "made.rtf").write_bytes(RTF)
    row = one(OfficeReader, tmp_path / "made.rtf")
    assert refs(row) == {
        "Привет мир😀": None,
        "日本": None,
        "Brúdót[1]\nnext": None,
        "Boxed": None,
        "a | b\nc | d": None,
        "End{}": None,
        "Top": "page header",
        "[1] A note.": "footnotes",
    }
    assert metadata_dict(row["metadata"]) == {"title": "Títill", "author": "Ann"}


def test_rtf_headings_by_style_and_list_marks(tmp_path: Path) -> None:
    (tmp_path / "made.rtf").write_bytes(
        rb"{\rtf1\ansi{\fonttbl{\f0 Arial;}{\f3\fcharset2 Symbol;}}{\stylesheet{\s0 Normal;}"
        rb"{\*\cs9 Strong;}{\s1\b Heading 1;}{\s4\outlinelevel1 Kafli;}}"
        rb"\pard\s1 Money\par\pard\s0 We had some.\par\pard\s4 Spent\par"
        rb"\pard\s0{\listtext\pard\plain \u61623\'3f\tab}first\par"
        rb"\pard{\pntext\f3\'b7\tab}second\par\pard{\listtext 1.\tab}third\par}"
    )
    row = one(OfficeReader, tmp_path / "made.rtf")
    assert [(s["text"], s["ref"]) for s in row["segments"]] == [
        ("Money", "Money"),
        ("We had some.", "Money"),
        ("Spent", "Money > Spent"),
        ("- first", "Money > Spent"),
        ("- second", "Money > Spent"),
        ("1. third", "Money > Spent"),
    ]
    assert "damage" not in metadata_dict(row["metadata"])


def test_rtf_cut_short_says_so(tmp_path: Path) -> None:
    (tmp_path / "made.rtf").write_bytes(RTF[: RTF.index(b" note.}")])
    row = one(OfficeReader, tmp_path / "made.rtf")
    assert texts(row)[-1] == "[1] A"
    assert metadata_dict(row["metadata"])["damage"] == "it ends inside 2 open groups"


def test_damage_inside_a_sound_container_has_a_reason(tmp_path: Path) -> None:
    with zipfile.ZipFile(docx(tmp_path)) as old:
        parts = {name: old.read(name) for name in old.namelist()}
    changes: dict[str, tuple[str, bytes]] = {
        "damaged XML": ("word/document.xml", parts["word/document.xml"][:-20]),
        "damaged office file": ("word/document.xml", b"<document/>"),
    }
    for expected, (changed, data) in changes.items():
        with zipfile.ZipFile(tmp_path / "made.docx", "w") as new:
            for name, part in (parts | {changed: data}).items():
                new.writestr(name, part)
        assert reason(one(OfficeReader, tmp_path / "made.docx")) == expected


def test_zip_bombs_and_entities_are_refused(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "bomb.docx", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", "")
        archive.writestr("word/document.xml", b" " * (65 << 20))
    assert reason(one(OfficeReader, tmp_path / "bomb.docx")) == "expands too much"
    small = Limits(max_members=1)
    assert reason(one(OfficeReader, tmp_path / "bomb.docx", limits=small)) == "too many members"
    with zipfile.ZipFile(tmp_path / "xxe.docx", "w") as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr(
            "word/document.xml",
            f'<!DOCTYPE d [<!ENTITY x SYSTEM "file:///etc/passwd">]><w:document xmlns:w="{W}">'
            "<w:body><w:p><w:r><w:t>&x;</w:t></w:r></w:p></w:body></w:document>",
        )
    assert reason(one(OfficeReader, tmp_path / "xxe.docx")) == "unsafe XML"


# ------------------------------------------------------------------------------------ HTML

BODY = " ".join(f"Sentence {i} of the article says what it has to say." for i in range(60))
PAGE = f"""<html lang="is"><head><title>Frétt</title><meta name="author" content="Jón"></head><body>
<nav>Home News</nav><div class="cookie-banner">We use cookies</div><script>var x = 1</script>
<article><h1>Title of it</h1><p>{BODY}</p><h2>Part</h2><ul><li>one</li><li>two</li></ul>
<table><tr><th>a</th><th>b</th></tr><tr><td>c</td><td>d</td></tr></table><p>{BODY[::-1]}</p>
</article><footer>Imprint</footer></body></html>"""


@pytest.mark.parametrize("content", ["main", "full"])
def test_html_content_without_what_stands_beside_it(tmp_path: Path, content: str) -> None:
    (tmp_path / "made.html").write_text(PAGE)
    row = one(HtmlReader, tmp_path / "made.html", content=content)
    found = metadata_dict(row["metadata"])
    # Hardly a link on it: a document, and read whole either way.
    assert found["content"] == "full"
    assert found["characters_left_out"] == str(
        len("Home News") + len("We use cookies") + len("Imprint")
    )
    assert (found["title"], found["author"], found["language"]) == ("Title of it", "Jón", "is")
    assert refs(row)[BODY] == "Title of it"
    assert refs(row)["a | b\nc | d"] == "Title of it > Part"
    whole = "\n".join(texts(row))
    assert "- one" in whole
    for beside in ("Home News", "cookies", "var x", "Imprint"):
        assert beside not in whole


LINKS = "".join(f"<li><a href='/{i}'>Another story of number {i}</a></li>" for i in range(40))
TEASER = "A teaser says in two lines what another story on this site is about, and why to read it."
PARAGRAPHS = [
    f"Paragraph {i} of the text says at some length what it has to say." * 2 for i in range(9)
]


def site(text: str) -> str:
    """A page as sites make them: `text` amid links, teasers, share bars, comments."""
    return f"""<html><head><title>The title | The site</title>
    <script type="application/ld+json">{{"@graph": [{{"headline": "The title",
    "datePublished": "2021-03-04", "author": [{{"name": "Anna Ek"}}, {{"name": "Bo"}}]}}]}}</script>
    <link rel="canonical" href="https://site.is/a"></head><body class="has-sidebar">
    <div id="top"><ul>{LINKS}</ul></div><div class="page"><div class="story">{text}
    <div class="share">Share this text with everybody whom you know</div>
    <p><a href="/more">More on this: a link to another page</a></p></div>
    <div class="related"><p>{TEASER}</p><p>{TEASER}</p></div>
    <div id="comments"><p>{"I do not agree with this at all, said a reader. " * 4}</p></div></div>
    <div class="bottom"><ul>{LINKS}</ul></div></body></html>"""


def test_html_main_content_is_what_the_page_was_made_for(tmp_path: Path) -> None:
    story = "<h1>The title</h1>" + "".join(f"<p>{text}</p>" for text in PARAGRAPHS)
    (tmp_path / "made.html").write_text(site(story))
    row = one(HtmlReader, tmp_path / "made.html")
    assert texts(row) == ["The title", *PARAGRAPHS]
    found = metadata_dict(row["metadata"])
    assert found["content"] == "main"
    assert (found["title"], found["author"]) == ("The title", "Anna Ek, Bo")
    assert (found["date"], found["url"]) == ("2021-03-04", "https://site.is/a")
    whole = one(HtmlReader, tmp_path / "made.html", content="full")
    assert TEASER in texts(whole)
    left_out = int(found["characters_left_out"])
    shown = sum(map(len, texts(whole))) + int(
        metadata_dict(whole["metadata"]).get("characters_left_out", "0")
    )
    assert sum(map(len, texts(row))) + left_out == shown


def test_html_opinion_is_kept_with_its_notes_and_short_lines(tmp_path: Path) -> None:
    opinion = (
        "<p>JONSSON<br>v.<br>THE TOWN</p><p>No. 12-345</p>"
        + "".join(f"<p>{text} <a href='#{i}'>[{i}]</a></p>" for i, text in enumerate(PARAGRAPHS))
        + "<blockquote>So the statute says.</blockquote><p>It is so ordered.</p>"
        + "".join(f"<aside class='footnote'>{i}. See the {i}th part.</aside>" for i in range(30))
    )
    for name, page in (("bare", f"<html><body>{opinion}</body></html>"), ("site", site(opinion))):
        (tmp_path / f"{name}.html").write_text(page)
        found = texts(one(HtmlReader, tmp_path / f"{name}.html"))
        assert found[:2] == ["JONSSON\nv.\nTHE TOWN", "No. 12-345"]
        assert "So the statute says." in found
        assert "It is so ordered." in found
        assert "29. See the 29th part." in found


def test_html_text_that_does_not_stand_out_is_not_lost(tmp_path: Path) -> None:
    lines = "".join(f"<div>Line {i} of a poem</div>" for i in range(90))
    notice = "<p>We would like to tell you that this page remembers which lines you have read.</p>"
    page = f"<html><body><ul>{LINKS}</ul><div>{lines}</div><div>{notice}</div></body></html>"
    (tmp_path / "made.html").write_text(page)
    row = one(HtmlReader, tmp_path / "made.html")
    assert "Line 0 of a poem" in texts(row)
    assert "Line 89 of a poem" in texts(row)
    assert metadata_dict(row["metadata"])["content"] == "full"


def test_html_main_content_never_loses_most_of_a_page(tmp_path: Path) -> None:
    opinion = "".join(f"<div>Paragraph {i}</div>" for i in range(200))
    (tmp_path / "made.html").write_text(f"<html><body><article>{opinion}</article></body></html>")
    row = one(HtmlReader, tmp_path / "made.html")
    assert len(texts(row)) == 200
    assert texts(row)[199] == "Paragraph 199"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "cp1251"])
def test_html_encodings(tmp_path: Path, encoding: str) -> None:
    page = '<meta charset="windows-1251"><p>Привет, мир! Как дела сегодня?</p>'
    (tmp_path / "made.html").write_bytes(page.encode(encoding))
    row = one(HtmlReader, tmp_path / "made.html")
    assert texts(row) == ["Привет, мир! Как дела сегодня?"]
    named = metadata_dict(row["metadata"])["encoding"]
    assert named.replace("-le", "") == encoding.replace("-sig", "").replace("-le", "")


def test_html_nested_beyond_any_tree(tmp_path: Path) -> None:
    (tmp_path / "made.html").write_text("<div>" * 50_000 + "bottom" + "</div>" * 50_000)
    assert texts(one(HtmlReader, tmp_path / "made.html")) == ["bottom"]


def test_html_content_is_checked() -> None:
    with pytest.raises(InvalidParameter, match="'main' or 'full'"):
        HtmlReader(content="some")


# ------------------------------------------------------------------------------- all of them


@pytest.mark.parametrize("reader", READERS)
def test_readers_are_values_and_load_nothing(reader: type[FileReader]) -> None:
    assert pickle.loads(pickle.dumps(reader(path="x"))) == reader(path="x")
    code = (
        f"import sys; from {reader.__module__} import {reader.__name__} as R; R(path='x')\n"
        "print(set(sys.modules) & {'pypdfium2', 'unstructured', 'spacy', 'lxml', 'openpyxl'})"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, check=True
    )
    assert done.stdout.strip() == "set()"


@pytest.mark.skipif(
    not shutil.which("unshare")
    or subprocess.run(["unshare", "-rn", "true"], capture_output=True).returncode != 0,
    reason="network namespaces cannot be made here",
)
def test_nothing_reaches_for_the_network(tmp_path: Path) -> None:
    """In a namespace without interfaces every file reads as it does outside."""
    docx(tmp_path)
    pdf(tmp_path, lines("A page."))
    (tmp_path / "made.html").write_text(PAGE)
    code = """
import socket, sys
from datapartnerships import readers as r
for cls in (r.PdfReader, r.OfficeReader, r.HtmlReader):
    reader = cls(path=sys.argv[1])
    for shard in reader.shards():
        for table in reader.read(shard):
            print(cls.__name__, table["drop_reason"].null_count, table.num_rows)
"""
    done = subprocess.run(
        ["unshare", "-rn", sys.executable, "-c", code, str(tmp_path)],
        capture_output=True, text=True, cwd=ROOT, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert done.stdout.split("\n")[:3] == ["PdfReader 1 1", "OfficeReader 1 1", "HtmlReader 1 1"]


def mutations(data: bytes, seed: int) -> list[bytes]:
    """Truncated and bit-flipped copies."""
    chance = random.Random(seed)
    cut = [data[: len(data) * part // 100] for part in (1, 30, 60, 90, 99)]
    for share in (1, 20, 500):
        changed = bytearray(data)
        for _ in range(share):
            changed[chance.randrange(len(changed))] ^= 1 << chance.randrange(8)
        cut.append(bytes(changed))
    return cut


@pytest.mark.parametrize("made", ["pdf", "docx", "odt", "rtf", "html"])
def test_damaged_copies_are_rows(tmp_path: Path, made: str) -> None:
    originals = {
        "pdf": lambda: pdf_bytes(lines("one", "two"), lines("three")),
        "docx": lambda: docx(tmp_path).read_bytes(),
        "odt": lambda: ODT.encode(),
        "rtf": lambda: RTF,
        "html": lambda: PAGE.encode(),
    }
    reader = {"pdf": PdfReader, "html": HtmlReader}.get(made, OfficeReader)
    copies = mutations(originals[made](), seed=3)
    for path in tmp_path.iterdir():
        path.unlink()
    for number, data in enumerate(copies):
        (tmp_path / f"copy{number}.{made}").write_bytes(data)
    found = rows(reader, tmp_path)
    assert len(found) == len(copies) + sum(map(is_beside, found))
    for row in found:
        assert (row["drop_reason"] is None) == any(s["text"] for s in row["segments"])
        assert "took too long" not in (row["drop_reason"] or "")


# ------------------------------------------------------------------------------- real files

REAL_FOLDERS = ("court_pdf", "court_office", "court_html", "office", "corrupt", "archives")
# What cannot be read, and the reason that has to stand in its row.
REFUSED = {
    "corrupt/cafc_3__t10.pdf": "damaged PDF",
    "corrupt/layout-parser-paper-fast__f5.pdf": "damaged PDF",
    "corrupt/password.pdf": "encrypted",
    "court_pdf/ca4_17.pdf": "no text layer",
    "court_pdf/gov.uscourts.cand.203070.27.0.pdf": "no text layer",
    "court_pdf/image-pdf-2.pdf": "no text layer",
    "office/password_protected.xlsx": "encrypted",
    "corrupt/word-docx__t50.docx": "damaged archive",
    "archives/bomb300mb.docx": "expands too much",
    "archives/xxe.docx": "unsafe XML",
}
# Seen by eye on the page: file, page (or None), a phrase, and the path of headings if it has one.
SEEN = [
    ("court_pdf/missouri.pdf", 1, "Finding no error, we affirm the motion", None),
    ("court_pdf/missouri.pdf", 2, "The State recommended a 22-year", None),
    ("court_pdf/vector-pdf.pdf", 2, "suit in federal court simultaneously with its permit", None),
    ("court_pdf/vector-pdf.pdf", 12, "effectively prevent out-of-state applicants", None),
    ("court_pdf/ca1_00117684624.pdf", 2, "Stephen C. Whiting and The Whiting Law Firm", None),
    ("court_pdf/Diaz_opinion.pdf", 2, "guiding a\nwheelbarrow of wet concrete", None),
    ("corrupt/multi-column-2p.pdf", 1, "relies on efficient passage retrieval", None),
    ("corrupt/copy-protected.pdf", 2, "spectrum of large-scale document digitization", None),
    ("corrupt/reliance.pdf", 3, "4 Stakeholder Value-creation", None),
    ("court_office/word-docx.docx", None, "Narrative Reason for Discharge:    MISCONDUCT", None),
    ("office/docx-tables.docx", None, "d | e f g&t h | i", None),
    ("office/fake-power-point.pptx", 1, "    - Use _TextFrame.add_paragraph()", None),
    ("office/vodafone.xlsx", 1, "Mobile customers | Nine quarters to 30 June 2023 | 6", "Index"),
    ("office/fake.odt", None, "Time | 1pm | 2pm | 3pm", None),
    ("office/fake-doc.rtf", None, "Row 1, Cell 1 | Row 1, Cell 2", "My First Heading"),
    (
        "office/winter-sports.epub",
        None,
        "There is an amazingly silly proverb",
        "WINTER SPORTS IN SWITZERLAND > CHAPTER I THE SUN-SEEKER",
    ),
    ("court_html/1ne3d259.html", None, "We remand this case to the county court", None),
    ("court_html/not_wpd.html", None, "against\n\nNorman Seabrook, Elias Husamudeen", None),
    ("office/fake-html-cp1252.html", None, "El niño comió paella con ñoquis", "My First Heading"),
    ("archives/deep.html", None, "deep text", None),
]


def reader_of(path: Path) -> Callable[..., FileReader] | None:
    """Without OCR: what it reads is tested elsewhere, and takes seconds a page."""
    found = next((r for r in READERS if path.name.lower().endswith(r.suffixes)), None)
    return partial(PdfReader, ocr=None) if found is PdfReader else found


@needs_real
def test_every_real_file_is_read_or_refused_with_the_right_reason() -> None:
    for folder in REAL_FOLDERS:
        for path in sorted((REAL / folder).iterdir()):
            if (reader := reader_of(path)) is not None:
                row, *beside = rows(reader, path)
                # Six of its chapters do not match their checksums; the others are read.
                parts = path.name == "winter-sports__f1.epub"
                assert [reason(other) for other in beside] == ["damaged parts"] * parts
                if (expected := REFUSED.get(f"{folder}/{path.name}")) is not None:
                    assert reason(row) == expected
                elif path.name != "rtfdeep.rtf":
                    assert len("".join(texts(row))) > 8, path


@needs_real
@pytest.mark.parametrize(("name", "page", "phrase", "ref"), SEEN)
def test_what_was_seen_on_the_page(
    name: str, page: int | None, phrase: str, ref: str | None
) -> None:
    path = REAL / name
    reader = reader_of(path)
    assert reader is not None
    row = one(reader, path)
    texts(row)
    where = [(s["page"], s["ref"]) for s in row["segments"] if phrase in s["text"]]
    assert len(where) == 1
    assert where[0][0] == page
    assert ref is None or where[0][1] == ref


@needs_real
def test_text_outside_the_page_is_not_on_it() -> None:
    """The pages of reliance.pdf are halves of spreads: each draws both and shows one."""
    row = one(PdfReader, REAL / "corrupt/reliance.pdf")
    texts(row)
    second, third = (
        "\n".join(s["text"] for s in row["segments"] if s["page"] == page) for page in (2, 3)
    )
    assert "Shri Dhirubhai H. Ambani" in second
    assert "Shri Dhirubhai H. Ambani" not in third
    assert "Table of Contents" in third
    assert "Table of Contents" not in second


@needs_real
@pytest.mark.parametrize(
    "name", ["court_pdf/missouri.pdf", "office/docx-tables.docx", "office/vodafone.xlsx",
             "office/fake-power-point.pptx", "office/fake.odt", "court_html/not_wpd.html"],
)  # fmt: skip
def test_damaged_copies_of_real_files_are_rows(tmp_path: Path, name: str) -> None:
    path = REAL / name
    reader = reader_of(path)
    assert reader is not None
    copies = mutations(path.read_bytes(), seed=5)
    for number, data in enumerate(copies):
        (tmp_path / f"copy{number}{path.suffix}").write_bytes(data)
    found = rows(reader, tmp_path)
    assert len(found) == len(copies) + sum(map(is_beside, found))
    assert not any("took too long" in (row["drop_reason"] or "") for row in found)
