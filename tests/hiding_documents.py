# ruff: noqa: E501
"""Office documents made here, with a word in every place where something can hide."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable

from hiding_pdf import SHOWN, pdf
from hiding_places import Words, jpeg, png


def _zip(parts: dict[str, bytes], comment: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for part, data in parts.items():
            kind = zipfile.ZIP_STORED if part == "mimetype" else zipfile.ZIP_DEFLATED
            archive.writestr(part, data, kind)
        archive.comment = comment
    return out.getvalue()


_XML = '<?xml version="1.0" encoding="UTF-8"?>'
_RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"


def _relations(*given: tuple[str, str, str]) -> bytes:
    items = "".join(
        f'<Relationship Id="{key}" Type="{kind if ":" in kind else f"{_RELATIONS}/{kind}"}" '
        f'Target="{target}"{" TargetMode=" + chr(34) + "External" + chr(34) if "://" in target else ""}/>'
        for key, kind, target in given
    )
    return f'{_XML}<Relationships xmlns="{_PACKAGE}/relationships">{items}</Relationships>'.encode()


def _types(kinds: dict[str, str]) -> bytes:
    items = "".join(f'<Override PartName="/{k}" ContentType="{v}"/>' for k, v in kinds.items())
    return (
        f'{_XML}<Types xmlns="{_PACKAGE}/content-types"><Default Extension="rels" ContentType='
        '"application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" '
        'ContentType="application/xml"/><Default Extension="jpeg" ContentType="image/jpeg"/>'
        f'<Default Extension="bin" ContentType="application/octet-stream"/>{items}</Types>'
    ).encode()


def _properties(words: Words) -> dict[str, bytes]:
    return {
        "docProps/core.xml": (
            f'<cp:coreProperties xmlns:cp="{_PACKAGE}/metadata/core-properties" '
            f'xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:creator>{words()}</dc:creator>'
            f"<cp:lastModifiedBy>{words()}</cp:lastModifiedBy></cp:coreProperties>"
        ).encode(),
        "docProps/app.xml": f"<Properties><Company>{words()}</Company></Properties>".encode(),
        "docProps/custom.xml": f"<Properties><p>{words()}</p></Properties>".encode(),
        "docProps/thumbnail.jpeg": jpeg(words),
        "customXml/item1.xml": f"<mine>{words()}</mine>".encode(),
    }


def docx(words: Words) -> bytes:
    word = "application/vnd.openxmlformats-officedocument.wordprocessingml."
    body = f"""<w:p w:rsidR="{words()}" w14:paraId="{words()}"><w:r><w:t>{SHOWN}</w:t></w:r></w:p>
<w:p><w:r><w:t>We met </w:t></w:r><w:ins w:author="{words()}" w:date="2020-01-01T00:00:00Z">
<w:r><w:t>kindly</w:t></w:r></w:ins><w:del w:author="{words()}"><w:r><w:delText>{words()}</w:delText>
<w:footnoteReference w:id="2"/><w:drawing><a:blip r:embed="rId11"/></w:drawing></w:r></w:del><w:r><w:rPr><w:rPrChange w:author="{words()}"><w:rPr/></w:rPrChange></w:rPr>
<w:t> people</w:t></w:r></w:p>
<w:p><w:moveFrom w:author="{words()}"><w:r><w:t>{words()}</w:t></w:r></w:moveFrom></w:p>
<w:p><w:commentRangeStart w:id="0"/><w:r><w:t>Boats</w:t></w:r><w:commentRangeEnd w:id="0"/>
<w:r><w:commentReference w:id="0"/><w:footnoteReference w:id="3"/></w:r></w:p>
<w:p><w:r><w:rPr><w:vanish/></w:rPr><w:t>{words()}</w:t></w:r>
<w:r><w:rPr><w:rStyle w:val="Gone"/></w:rPr><w:t>{words()}</w:t></w:r></w:p>
<w:p><w:r><w:fldChar w:fldCharType="begin"/></w:r><w:r><w:instrText>INCLUDETEXT "{words()}"</w:instrText>
</w:r><w:r><w:fldChar w:fldCharType="separate"/></w:r><w:r><w:t>Nets</w:t></w:r>
<w:r><w:fldChar w:fldCharType="end"/></w:r><w:fldSimple w:instr="AUTHOR {words()}"><w:r>
<w:t>Field</w:t></w:r></w:fldSimple></w:p>
<w:p><w:r><w:t>Chosen: </w:t></w:r><w:r><w:fldChar w:fldCharType="begin"><w:ffData><w:name w:val="{words()}"/>
<w:ddList><w:result w:val="1"/><w:listEntry w:val="{words()}"/><w:listEntry w:val="herring"/></w:ddList></w:ffData>
</w:fldChar></w:r><w:r><w:instrText> FORMDROPDOWN </w:instrText></w:r><w:r><w:fldChar w:fldCharType="end"/></w:r></w:p>
<w:p><w:r><w:t>Page </w:t></w:r><w:fldSimple w:instr=" PAGE "><w:r><w:t>1</w:t></w:r></w:fldSimple>
<w:r><w:t> of </w:t></w:r><w:r><w:fldChar w:fldCharType="begin"><w:fldData>{words()}</w:fldData></w:fldChar></w:r>
<w:r><w:instrText> NUMPAGES </w:instrText></w:r><w:r><w:fldChar w:fldCharType="end"/></w:r></w:p>
<w:p><w:bookmarkStart w:id="1" w:name="{words()}"/><w:bookmarkEnd w:id="1"/>
<w:hyperlink r:id="rId9" w:tooltip="{words()}"><w:r><w:t>Link</w:t></w:r></w:hyperlink></w:p>
<w:sdt><w:sdtPr><w:alias w:val="{words()}"/><w:tag w:val="{words()}"/></w:sdtPr><w:sdtContent>
<w:p><w:r><w:t>Control</w:t></w:r></w:p></w:sdtContent></w:sdt>
<w:p><w:r><w:drawing><wp:inline><wp:extent cx="99" cy="99"/><wp:docPr id="1" name="{words()}"
descr="{words()}"/><a:graphic><a:graphicData uri="http://schemas.openxmlformats.org/drawingml/2006/picture">
<pic:pic><pic:nvPicPr><pic:cNvPr id="0" name="{words()}" descr="{words()}"/><pic:cNvPicPr/></pic:nvPicPr>
<pic:blipFill><a:blip r:embed="rId3"><a:extLst><a:ext uri="x">{words()}</a:ext></a:extLst></a:blip>
</pic:blipFill></pic:pic></a:graphicData></a:graphic></wp:inline></w:drawing></w:r></w:p>
<w:p><w:r><w:object><o:OLEObject r:id="rId5" ProgID="{words()}"/></w:object></w:r></w:p>
<w:tbl><w:tblPr><w:tblCaption w:val="{words()}"/><w:tblDescription w:val="{words()}"/></w:tblPr>
<w:tr><w:trPr><w:del w:author="{words()}"/></w:trPr><w:tc><w:p><w:r><w:t>{words()}</w:t></w:r></w:p></w:tc></w:tr>
<w:tr><w:tc><w:p><w:r><w:t>Cell</w:t></w:r></w:p></w:tc></w:tr></w:tbl><!-- {words()} --><?note {words()}?>"""
    spaces = (
        f'xmlns:w="{_W}" xmlns:r="{_RELATIONS}" xmlns:o="urn:schemas-microsoft-com:office:office" '
        'xmlns:w14="http://schemas.microsoft.com/office/word/2010/wordml" '
        'xmlns:wp="http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing" '
        'xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main" '
        'xmlns:pic="http://schemas.openxmlformats.org/drawingml/2006/picture"'
    )
    note = f'<w:comment w:id="0" w:author="{words()}"><w:p><w:r><w:t>{words()}</w:t></w:r></w:p></w:comment>'
    parts = {
        "word/document.xml": f"{_XML}<w:document {spaces}><w:body>{body}</w:body></w:document>",
        "word/footnotes.xml": (
            f'{_XML}<w:footnotes {spaces}><w:footnote w:id="1" w:type="separator"><w:p/></w:footnote>'
            f'<w:footnote w:id="2"><w:p><w:r><w:t>{words()}</w:t></w:r></w:p></w:footnote>'
            '<w:footnote w:id="3"><w:p><w:r><w:t>A note that stays</w:t></w:r></w:p></w:footnote>'
            "</w:footnotes>"
        ),
        "word/comments.xml": f"{_XML}<w:comments {spaces}>{note}</w:comments>",
        "word/people.xml": f"<people>{words()}</people>",
        "word/settings.xml": (
            f'{_XML}<w:settings {spaces}><w:defaultTabStop w:val="720"/><w:rsids><w:rsid w:val='
            f'"{words()}"/></w:rsids><w:docVars><w:docVar w:name="x" w:val="{words()}"/></w:docVars>'
            f'<w:attachedTemplate r:id="rId1"/></w:settings>'
        ),
        "word/_rels/settings.xml.rels": _relations(
            ("rId1", "attachedTemplate", f"file:///C:/{words()}.dotx")
        ).decode(),
        "word/styles.xml": (
            f'{_XML}<w:styles {spaces}><w:style w:type="character" w:styleId="Gone"><w:name w:val='
            f'"Gone"/><w:rsid w:val="{words()}"/><w:rPr><w:vanish w:val="1"/></w:rPr></w:style></w:styles>'
        ),
        "word/glossary/document.xml": f"<w:glossaryDocument {spaces}>{words()}</w:glossaryDocument>",
        "word/embeddings/oleObject1.bin": words(),
        "word/printerSettings1.bin": words(),
    }
    links = (
        ("rId1", "styles", "styles.xml"), ("rId2", "settings", "settings.xml"),
        ("rId3", "image", "media/image1.jpeg"), ("rId4", "comments", "comments.xml"),
        ("rId5", "oleObject", "embeddings/oleObject1.bin"), ("rId6", "people", "people.xml"),
        ("rId7", "glossaryDocument", "glossary/document.xml"),
        ("rId8", "customXml", "../customXml/item1.xml"),
        ("rId10", "footnotes", "footnotes.xml"), ("rId11", "image", "media/image2.jpeg"),
        ("rId9", "hyperlink", f"https://example.org/{words()}"),
    )  # fmt: skip
    kinds = {
        "word/footnotes.xml": word + "footnotes+xml",
        "word/document.xml": word + "document.main+xml", "word/styles.xml": word + "styles+xml",
        "word/settings.xml": word + "settings+xml", "word/comments.xml": word + "comments+xml",
    }  # fmt: skip
    return _zip(
        {
            "[Content_Types].xml": _types(kinds),
            "_rels/.rels": _package("word/document.xml"),
            "word/_rels/document.xml.rels": _relations(*links),
            **{name: text.encode() for name, text in parts.items()},
            "word/media/image1.jpeg": jpeg(words),
            "word/media/image2.jpeg": jpeg(words),
            **_properties(words),
        },
        words.raw(),
    )


def _package(main: str) -> bytes:
    core = f"{_PACKAGE}/relationships/metadata/core-properties"
    return _relations(
        ("rId1", "officeDocument", main), ("rId2", core, "docProps/core.xml"),
        ("rId3", "extended-properties", "docProps/app.xml"),
        ("rId4", "custom-properties", "docProps/custom.xml"),
        ("rId5", f"{_PACKAGE}/relationships/metadata/thumbnail", "docProps/thumbnail.jpeg"),
    )  # fmt: skip


def _more(data: bytes, words: Words, change: Callable[[str, bytes], bytes]) -> bytes:
    """What a library wrote, with more in it."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        parts = {name: change(name, archive.read(name)) for name in archive.namelist()}
    return _zip({**parts, "customXml/item1.xml": words.raw()}, words.raw())


def xlsx(words: Words) -> bytes:
    import openpyxl
    from openpyxl.chart import BarChart, Reference
    from openpyxl.comments import Comment
    from openpyxl.drawing.image import Image as Drawing
    from openpyxl.workbook.defined_name import DefinedName
    from openpyxl.worksheet.datavalidation import DataValidation

    book = openpyxl.Workbook()
    book.properties.creator, book.properties.title = words(), words()
    sheet = book.active
    sheet.title = "Boats"
    sheet["A1"], sheet["A2"], sheet["A3"], sheet["B1"] = SHOWN, words(), 7, words()
    sheet["A1"].comment = Comment(words(), words())
    sheet["A3"].hyperlink = f"https://example.org/{words()}"
    sheet.row_dimensions[2].hidden = True
    sheet.column_dimensions["B"].hidden = True
    sheet["C4"] = 5
    check = DataValidation(type="list", formula1=f'"{words()},b"', prompt=words())
    check.add("C1")
    sheet.add_data_validation(check)
    sheet.add_image(Drawing(io.BytesIO(jpeg(words))), "E1")
    for elsewhere in (False, True):
        chart = BarChart()
        chart.add_data(Reference(sheet, min_col=3, min_row=4, max_row=4))
        if elsewhere:
            chart.series[0].val.numRef.f = f"'{words()}'!$A$1"
        sheet.add_chart(chart, "G1")
    for state in ("hidden", "veryHidden"):
        other = book.create_sheet(words())
        other["A1"], other.sheet_state = words(), state
    book.defined_names["Secret"] = DefinedName("Secret", attr_text=f'"{words()}"')
    out = io.BytesIO()
    book.save(out)

    def change(name: str, data: bytes) -> bytes:
        if name == "xl/worksheets/sheet1.xml":
            cell = f'<c r="D4"><f>N("{words()}")</f><v>0</v></c></row></sheetData>'
            data = data.replace(b"</row></sheetData>", cell.encode())
            pr = f'<sheetPr codeName="{words()}">'
            data = data.replace(b"<sheetPr>", pr.encode())
        if name == "xl/workbook.xml":
            share = f'<fileSharing userName="{words()}"/><workbookPr codeName="{words()}"'
            data = data.replace(b"<workbookPr", share.encode(), 1)
        return data

    return _more(out.getvalue(), words, change)


def pptx(words: Words) -> bytes:
    import pptx as library
    from pptx.util import Inches

    show = library.Presentation()
    show.core_properties.author, show.core_properties.title = words(), words()
    for number in range(3):
        slide = show.slides.add_slide(show.slide_layouts[5])
        slide.shapes.title.text = SHOWN if number != 1 else words()
        slide.notes_slide.notes_text_frame.text = words()
        slide.shapes[0].name = words()
    slide._element.set("show", "1")
    show.slides[1]._element.set("show", "0")
    added = show.slides[0].shapes.add_picture(io.BytesIO(jpeg(words)), Inches(1), Inches(1))
    added._element.nvPicPr.cNvPr.set("descr", words())
    box = show.slides[2].shapes.add_textbox(0, 0, Inches(1), Inches(1))
    box.text_frame.text = words()
    box._element.nvSpPr.cNvPr.set("hidden", "1")
    link = show.slides[2].shapes.add_textbox(0, 0, Inches(1), Inches(1)).text_frame
    run = link.paragraphs[0].add_run()
    run.text, run.hyperlink.address = "Link", f"https://example.org/{words()}"
    out = io.BytesIO()
    show.save(out)
    return _more(out.getvalue(), words, lambda _, data: data)


_SPACES = " ".join(
    f'xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{long}:1.0"'
    for name, long in {
        "office": "office", "text": "text", "table": "table", "draw": "drawing", "style": "style",
        "meta": "meta", "svg": "svg-compatible", "script": "script", "config": "config",
    }.items()
) + (
    ' xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:xlink="http://www.w3.org/1999/xlink"'
    ' xmlns:officeooo="http://openoffice.org/2009/office"'
)  # fmt: skip


def _opendocument(words: Words, kind: str, body: str, styles: str = "") -> bytes:
    manifest = "urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"
    return _zip(
        {
            "mimetype": f"application/vnd.oasis.opendocument.{kind}".encode(),
            "content.xml": (
                f"{_XML}<office:document-content {_SPACES}><office:scripts><office:script "
                f'script:language="Basic">{words()}</office:script></office:scripts>'
                f"<office:automatic-styles>{styles}</office:automatic-styles><office:body>"
                f"<office:{kind}>{body}</office:{kind}></office:body></office:document-content>"
            ).encode(),
            "styles.xml": f"{_XML}<office:document-styles {_SPACES}/>".encode(),
            "meta.xml": f"<office:document-meta {_SPACES}>{words()}</office:document-meta>".encode(),
            "settings.xml": f"<s>{words()}</s>".encode(),
            "Thumbnails/thumbnail.png": png(words),
            "Pictures/one.jpg": jpeg(words),
            "Basic/Standard/Module1.xml": f"<m>{words()}</m>".encode(),
            "Versions/Version1": words.raw(),
            "META-INF/manifest.xml": f'<m:manifest xmlns:m="{manifest}"/>'.encode(),
            "META-INF/documentsignatures.xml": words.raw(),
        },
        words.raw(),
    )


def odt(words: Words) -> bytes:
    styles = (
        '<style:style style:name="T9" style:family="text"><style:text-properties '
        'text:display="none"/></style:style><style:style style:name="T1" style:family="text">'
        f'<style:text-properties officeooo:rsid="{words()}"/></style:style>'
    )
    body = f"""<text:tracked-changes><text:changed-region><text:deletion><office:change-info>
<dc:creator>{words()}</dc:creator></office:change-info><text:p>{words()}</text:p></text:deletion>
</text:changed-region></text:tracked-changes><text:p>{SHOWN}<office:annotation office:name="{words()}">
<dc:creator>{words()}</dc:creator><text:p>{words()}</text:p></office:annotation></text:p>
<text:p><text:span text:style-name="T9">{words()}</text:span>
<text:a xlink:href="https://example.org/{words()}">Link</text:a>
<text:user-defined text:name="{words()}">Field</text:user-defined>
<text:bookmark text:name="{words()}"/><text:hidden-text text:string-value="{words()}"/></text:p>
<text:section text:display="none" text:name="s"><text:p>{words()}</text:p></text:section>
<text:p><draw:frame draw:name="{words()}"><draw:image xlink:href="Pictures/one.jpg"/>
<svg:title>{words()}</svg:title><svg:desc>{words()}</svg:desc></draw:frame></text:p><!-- {words()} -->"""
    return _opendocument(words, "text", body, styles)


def ods(words: Words) -> bytes:
    styles = (
        '<style:style style:name="ta2" style:family="table"><style:table-properties '
        'table:display="false"/></style:style>'
    )

    def cell(text: str, more: str = "") -> str:
        return (
            f'<table:table-cell office:value-type="string"{more}><text:p>{text}</text:p>'
            "</table:table-cell>"
        )

    body = f"""<table:content-validations><table:content-validation table:name="v" table:condition="{words()}"/>
</table:content-validations><table:table table:name="Boats"><table:table-column/>
<table:table-column table:visibility="collapse"/><table:table-row>{cell(SHOWN)}{cell(words())}
</table:table-row><table:table-row table:visibility="collapse">{cell(words())}</table:table-row>
<table:table-row>{cell("7", f' table:formula="of:=N(&quot;{words()}&quot;)"')}</table:table-row>
</table:table><table:table table:name="{words()}" table:style-name="ta2"><table:table-row>
{cell(words())}</table:table-row></table:table><table:named-expressions><table:named-expression
table:name="{words()}"/></table:named-expressions>"""
    return _opendocument(words, "spreadsheet", body, styles)


_OFFICE = "application/vnd.openxmlformats-officedocument."
_OPEN = "application/vnd.oasis.opendocument."

DOCUMENTS: dict[str, Callable[[Words], bytes]] = {
    "application/pdf": pdf,
    _OFFICE + "wordprocessingml.document": docx,
    _OFFICE + "spreadsheetml.sheet": xlsx,
    _OFFICE + "presentationml.presentation": pptx,
    _OPEN + "text": odt,
    _OPEN + "spreadsheet": ods,
}
