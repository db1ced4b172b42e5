"""Word's lists and tables, OpenDocument sheets and slides, and what is hidden or commented."""

from __future__ import annotations

import datetime
import io
import re
import zipfile
from pathlib import Path
from typing import Any

import pytest

from datapartnerships.errors import DocumentError, InvalidParameter
from datapartnerships.readers import OfficeReader
from datapartnerships.readers._source import from_bytes
from datapartnerships.schema import Document

_NAMES = " ".join(
    f'xmlns:{short}="urn:oasis:names:tc:opendocument:xmlns:{long}:1.0"'
    for short, long in {
        "office": "office", "text": "text", "table": "table", "style": "style", "draw": "drawing",
        "presentation": "presentation",
    }.items()
)  # fmt: skip


def read(data: bytes, **options: object) -> Document:
    (document,) = OfficeReader(**options).parse(from_bytes("d", "a", data))  # type: ignore[arg-type]
    assert isinstance(document, Document)
    return document


def told(document: Document) -> list[tuple[str | None, str]]:
    return [(segment.ref, segment.text) for segment in document.segments]


def saved(thing: Any) -> bytes:
    stream = io.BytesIO()
    thing.save(stream)
    return stream.getvalue()


def open_document(kind: str, styles: str, body: str) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr("mimetype", f"application/vnd.oasis.opendocument.{kind}")
        archive.writestr(
            "content.xml",
            f"<office:document-content {_NAMES}><office:automatic-styles>{styles}"
            f"</office:automatic-styles><office:body><office:{kind}>{body}</office:{kind}>"
            "</office:body></office:document-content>",
        )
    return stream.getvalue()


def word_file() -> bytes:
    import docx

    document = docx.Document()
    document.add_heading("Rules", 1)
    for text in ("Pay on time", "Come on time"):
        document.add_paragraph(text, style="List Number")
    document.add_paragraph("Or send word", style="List Bullet 2")
    table = document.add_table(3, 3)
    for row, texts in enumerate((("Name", "Pay", ""), ("Anna", "40", "50"), ("", "60", "70"))):
        for column, text in enumerate(texts):
            table.cell(row, column).text = text
    table.cell(0, 1).merge(table.cell(0, 2))
    table.cell(1, 0).merge(table.cell(2, 0))
    run = document.add_paragraph("It was decided.").runs[0]
    document.add_comment([run], text="By whom?", author="B")
    return saved(document)


def test_word_lists_merged_cells_and_comments() -> None:
    data = word_file()
    assert told(read(data)) == [
        ("Rules", "Rules"),
        ("Rules", "1. Pay on time"),
        ("Rules", "2. Come on time"),
        ("Rules", "  - Or send word"),
        ("Rules", "Name | Pay\nAnna | 40 | 50\n | 60 | 70"),
        ("Rules", "It was decided.[comment 1]"),
        ("comments", "[comment 1] By whom?"),
    ]
    without = told(read(data, comments=False))
    assert without[-1] == ("Rules", "It was decided.")


@pytest.mark.parametrize(
    ("form", "labels"),
    [
        ("decimal", ["1)", "2)", "3)"]),
        ("upperLetter", ["A)", "B)", "C)"]),
        ("lowerRoman", ["i)", "ii)", "iii)"]),
        ("decimalZero", ["01)", "02)", "03)"]),
        ("bullet", ["-", "-", "-"]),
    ],
)
def test_labels_of_lists(form: str, labels: list[str]) -> None:
    import docx
    from docx.oxml import parse_xml
    from docx.oxml.ns import nsdecls

    document = docx.Document()
    numbering = document.part.numbering_part.element
    sign = "•" if form == "bullet" else "%1)"
    numbering.insert(
        0,
        parse_xml(
            f'<w:abstractNum {nsdecls("w")} w:abstractNumId="77"><w:lvl w:ilvl="0">'
            f'<w:start w:val="1"/><w:numFmt w:val="{form}"/><w:lvlText w:val="{sign}"/></w:lvl>'
            "</w:abstractNum>"
        ),
    )
    numbering.append(
        parse_xml(f'<w:num {nsdecls("w")} w:numId="99"><w:abstractNumId w:val="77"/></w:num>')
    )
    for text in ("one", "two", "three"):
        properties = document.add_paragraph(text)._p.get_or_add_pPr()
        properties.append(
            parse_xml(f'<w:numPr {nsdecls("w")}><w:ilvl w:val="0"/><w:numId w:val="99"/></w:numPr>')
        )
    found = [segment.text.split()[0] for segment in read(saved(document)).segments]
    assert found == labels


def test_hidden_slides_and_notes() -> None:
    import pptx

    show = pptx.Presentation()
    for title in ("Plan", "Costs"):
        slide = show.slides.add_slide(show.slide_layouts[5])
        slide.shapes.title.text = title
        slide.notes_slide.notes_text_frame.text = f"Explain: {title}."
    slide._element.set("show", "0")
    document = read(saved(show))
    assert told(document) == [
        ("Plan", "Plan"), ("Plan > notes", "Explain: Plan."),
        ("Costs", "Costs"), ("Costs > notes", "Explain: Costs."),
    ]  # fmt: skip
    assert document.metadata["hidden_slides"] == "2"
    shown = read(saved(show), hidden=False)
    assert {segment.page for segment in shown.segments} == {1}
    assert shown.metadata["hidden_slides"] == "2"


def test_slides_groups_tables_lists_and_furniture() -> None:
    import pptx
    from pptx.oxml import parse_xml
    from pptx.oxml.ns import nsdecls
    from pptx.util import Inches

    show = pptx.Presentation()
    slide = show.slides.add_slide(show.slide_layouts[1])
    body = slide.placeholders[1].text_frame
    body.text = "Come"
    below = body.add_paragraph()
    below.text, below.level = "on foot", 1
    for text in ("Read", "Sign"):
        added = body.add_paragraph()
        added.text = text
        label = f'<a:buAutoNum {nsdecls("a")} type="alphaUcParenBoth" startAt="3"/>'
        added._p.get_or_add_pPr().append(parse_xml(label))
    plain = body.add_paragraph()
    plain.text = "No item"
    plain._p.get_or_add_pPr().append(parse_xml(f"<a:buNone {nsdecls('a')}/>"))
    outer = slide.shapes.add_group_shape()
    inner = outer.shapes.add_group_shape()
    inner.shapes.add_textbox(0, 0, 9, 9).text_frame.text = "Innermost"
    outer.shapes.add_textbox(0, 0, 9, 9).text_frame.text = "Inner"
    table = slide.shapes.add_table(2, 2, 0, 0, Inches(4), Inches(1)).table
    for row in (0, 1):
        for column in (0, 1):
            table.cell(row, column).text = f"{row}{column}"
    # The title comes first, wherever in the slide it was put.
    slide.shapes.title.text = "Plan\vfor May"
    slide.shapes._spTree.append(slide.shapes.title._element)
    assert told(read(saved(show))) == [
        (
            "Plan for May",
            "Plan\nfor May\n- Come\n  - on foot\n(C) Read\n(D) Sign\nNo item\nInnermost\nInner\n"
            "00 | 01\n10 | 11",
        )
    ]


def test_elements_of_unstructured() -> None:
    found = read(word_file(), engine="unstructured").segments
    assert (found[0].text, found[0].origin) == ("Rules", "unstructured Title")
    assert "unstructured Table" in {segment.origin for segment in found}
    assert "By whom?" not in " ".join(segment.text for segment in found)
    with pytest.raises(InvalidParameter, match="'own' or 'unstructured'"):
        OfficeReader(engine="other")


def test_hidden_sheets_merged_cells_and_dates() -> None:
    import openpyxl

    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "Members"
    sheet.append(["Name", "Joined"])
    sheet.append(["Anna", datetime.date(2001, 5, 17)])
    sheet["A4"] = "Across both"
    sheet.merge_cells("A4:B4")
    secret = book.create_sheet("Secret")
    secret["A1"], secret.sheet_state = "unseen", "veryHidden"
    document = read(saved(book))
    assert told(document) == [
        ("Members", "Name | Joined\nAnna | 2001-05-17"),
        ("Members", "Across both"),
        ("Secret (hidden)", "unseen"),
    ]
    assert document.metadata["hidden_sheets"] == "Secret"
    assert len(read(saved(book), hidden=False).segments) == 2


def test_comments_of_cells() -> None:
    import openpyxl
    from openpyxl.comments import Comment

    book = openpyxl.Workbook()
    book.active.title = "Members"
    book.active["A1"], book.active["B1"] = "Anna", "40"
    book.active["A1"].comment = Comment("left in\nMay", "B")
    book.active["C3"].comment = Comment("an empty cell", "B")
    data = saved(book)
    assert told(read(data)) == [
        ("Members", "Anna [comment: left in May] | 40"),
        ("Members", "[comment: an empty cell]"),
    ]
    assert told(read(data, comments=False)) == [("Members", "Anna | 40")]


def test_conversation_about_a_cell_is_told_once() -> None:
    import openpyxl
    from openpyxl.comments import Comment

    book = openpyxl.Workbook()
    book.active["A1"] = "Anna"
    book.active["A1"].comment = Comment("[Threaded comment] Update your program. Who?", "B")
    stream = io.BytesIO(saved(book))
    part = "xl/worksheets/_rels/sheet1.xml.rels"
    added = (
        b'<Relationship Id="t" Type="http://schemas.microsoft.com/office/2017/10/relationships/'
        b'threadedComment" Target="../threadedComments/t1.xml"/></Relationships>'
    )
    made = io.BytesIO()
    with zipfile.ZipFile(stream) as old, zipfile.ZipFile(made, "w") as new:
        for name in old.namelist():
            data = old.read(name)
            new.writestr(name, data.replace(b"</Relationships>", added) if name == part else data)
        names = "http://schemas.microsoft.com/office/spreadsheetml/2018/threadedcomments"
        new.writestr(
            "xl/threadedComments/t1.xml",
            f'<ThreadedComments xmlns="{names}"><threadedComment ref="A1"><text>Who?</text>'
            '</threadedComment><threadedComment ref="A1"><text>The treasurer.</text>'
            "</threadedComment></ThreadedComments>",
        )
    assert [text for _, text in told(read(made.getvalue()))] == [
        "Anna [comment: Who?; The treasurer.]"
    ]


@pytest.mark.parametrize("kind", ["docx", "xlsx", "pptx"])
@pytest.mark.parametrize("harm", ["gone", "cut", "empty", "junk"])
def test_damage_is_told_in_plain_words(kind: str, harm: str) -> None:
    import openpyxl
    import pptx

    show = pptx.Presentation()
    show.slides.add_slide(show.slide_layouts[5]).shapes.title.text = "Plan"
    book = openpyxl.Workbook()
    book.active["A1"] = "Anna"
    data = {"docx": word_file, "xlsx": lambda: saved(book), "pptx": lambda: saved(show)}[kind]()
    harms = {"cut": lambda part: part[: len(part) // 2], "empty": lambda _: b"",
             "junk": lambda _: b"\x93 no XML at all"}  # fmt: skip
    told = []
    with zipfile.ZipFile(io.BytesIO(data)) as old:
        for harmed in old.namelist():
            made = io.BytesIO()
            with zipfile.ZipFile(made, "w") as new:
                for name in old.namelist():
                    if name != harmed:
                        new.writestr(name, old.read(name))
                    elif harm != "gone":
                        new.writestr(name, harms[harm](old.read(name)))
            try:
                read(made.getvalue())
            except DocumentError as error:
                told.append(f"{error.reason}: {error.detail}")
    assert told
    for line in told:
        assert not re.search(r"Error|Exception|KeyError|None|<string>|codec|CRC|XMLSyntax", line)


SHEETS = open_document(
    "spreadsheet",
    '<style:style style:name="off"><style:table-properties table:display="false"/></style:style>',
    '<table:table table:name="Members"><table:table-row><table:table-cell><office:annotation>'
    "<text:p>left in May</text:p></office:annotation><text:p>Anna</text:p></table:table-cell>"
    '<table:table-cell office:value-type="date" office:date-value="2001-05-17"><text:p>17.</text:p>'
    '</table:table-cell></table:table-row><table:table-row table:number-rows-repeated="2">'
    "<table:table-cell><text:p>same</text:p></table:table-cell></table:table-row>"
    '<table:table-row table:number-rows-repeated="1048000"><table:table-cell '
    'table:number-columns-repeated="16000"/></table:table-row></table:table>'
    '<table:table table:name="Secret" table:style-name="off"><table:table-row><table:table-cell>'
    "<text:p>unseen</text:p></table:table-cell></table:table-row></table:table>",
)
SLIDES = open_document(
    "presentation",
    '<style:style style:name="off"><style:drawing-page-properties '
    'presentation:visibility="hidden"/></style:style>',
    '<draw:page><draw:frame presentation:class="title"><draw:text-box><text:p>Plan</text:p>'
    "</draw:text-box></draw:frame><draw:frame><draw:text-box><text:list><text:list-item><text:p>One"
    "</text:p></text:list-item></text:list></draw:text-box></draw:frame><presentation:notes>"
    '<draw:frame presentation:class="notes"><draw:text-box><text:p>Smile.</text:p></draw:text-box>'
    '</draw:frame></presentation:notes></draw:page><draw:page draw:style-name="off"><draw:frame>'
    "<draw:text-box><text:p>Costs</text:p></draw:text-box></draw:frame></draw:page>",
)


def test_open_document_sheets() -> None:
    document = read(SHEETS)
    assert told(document) == [
        ("Members", "Anna [comment: left in May] | 2001-05-17\nsame\nsame"),
        ("Secret (hidden)", "unseen"),
    ]
    assert document.metadata["hidden_sheets"] == "Secret"
    without = told(read(SHEETS, hidden=False, comments=False))
    assert without == [("Members", "Anna | 2001-05-17\nsame\nsame")]


def test_open_document_slides() -> None:
    document = read(SLIDES)
    assert told(document) == [
        ("Plan", "Plan\n- One"), ("Plan > notes", "Smile."), (None, "Costs"),
    ]  # fmt: skip
    assert document.metadata["hidden_slides"] == "2"
    assert len(read(SLIDES, hidden=False).segments) == 2


def test_open_document_files_in_a_folder(tmp_path: Path) -> None:
    from datapartnerships.readers import FolderReader

    (tmp_path / "a.ods").write_bytes(SHEETS)
    (tmp_path / "b.odp").write_bytes(SLIDES)
    reader = FolderReader(str(tmp_path))
    rows = [row for shard in reader.shards() for t in reader.read(shard) for row in t.to_pylist()]
    assert [row["drop_reason"] for row in rows] == [None, None]
