"""Odd pages, messages, subtitles and office files: text once, in time in proportion to it."""

from __future__ import annotations

import io
import time
import zipfile
from pathlib import Path
from typing import Any

import openpyxl
import pyarrow as pa
import pytest
from lines_run import lines_run

from datapartnerships.errors import InvalidParameter
from datapartnerships.readers import (
    EmailReader,
    HtmlReader,
    OfficeReader,
    SubtitleReader,
    _cues,
    _docx,
    _legacy,
    _mime,
    email,
    text,
)
from datapartnerships.readers._source import from_bytes
from datapartnerships.schema import metadata_dict


def _rows(reader: Any) -> list[dict[str, Any]]:
    tables: list[pa.Table] = [t for shard in reader.shards() for t in reader.read(shard)]
    return [row for table in tables for row in table.to_pylist()]


def _read(reader: Any, name: str, data: str | bytes) -> list[Any]:
    source = from_bytes("d", name, data.encode() if isinstance(data, str) else data)
    return list(reader.parse(source))


def _texts(reader: Any, name: str, data: str | bytes) -> list[str]:
    (document,) = _read(reader, name, data)
    return [segment.text for segment in document.segments]


def _zip(**parts: str) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        for name, text in parts.items():
            archive.writestr(name, text)
    return stream.getvalue()


@pytest.mark.parametrize("reader", [HtmlReader, OfficeReader])
def test_a_path_is_welcome(reader: Any, tmp_path: Path) -> None:
    assert reader(tmp_path).path == str(tmp_path)
    with pytest.raises(InvalidParameter):
        reader(shard_bytes=0)


def test_tables_in_tables_stand_once() -> None:
    text = "core"
    for level in range(40):
        text = f"<table><tr><th>h{level}</th><td>{text}</td></tr></table>"
    (cell,) = _texts(HtmlReader(), "x.html", f"<body>{text}</body>")
    assert cell.split(" | ") == [*(f"h{level}" for level in reversed(range(40))), "core"]


def test_a_page_laid_out_in_a_table_that_holds_one() -> None:
    page = (
        "<table><tr><td><h1>Hall</h1><p>It was built.</p><table><tr><th>Year</th><td>1901</td></tr>"
        "</table></td><td><p>Beside</p></td></tr></table>"
    )
    assert _texts(HtmlReader(), "x.html", page) == [
        "Hall",
        "It was built.",
        "Year | 1901",
        "Beside",
    ]


def test_what_stands_between_cells() -> None:
    page = (
        "<table>first<tr><form><td>a</td><td>b</td></form></tr><tr>loose<td>c</td></tr>"
        "<tr><th>d</th><script>no</script></tr></table>"
    )
    assert _texts(HtmlReader(), "x.html", page) == ["first\na | b\nloose | c\nd"]


def test_tables_in_tables_beyond_any_page() -> None:
    page = "<table><tr><th>h</th><td>" * 400 + "core"
    assert _texts(HtmlReader(), "x.html", page)[-1] == "core"


def test_lists_in_lists_are_not_all_indentation() -> None:
    page = "<ul><li>" * 500 + "<li>x" * 100
    assert sum(map(len, _texts(HtmlReader(), "x.html", page))) < 100 * 50


def test_items_have_the_numbers_that_the_page_gives_them() -> None:
    page = (
        "<ol start=5><li>a<li value=9>b<li>c</ol><ol start=x><li>d<li value=''>e</ol><ul><li>f</ul>"
    )
    assert _texts(HtmlReader(), "x.html", page) == ["5. a", "9. b", "10. c", "1. d", "2. e", "- f"]


def test_a_page_is_no_notice_of_cookies() -> None:
    page = (
        "<a href=#m>Skip</a><div class='cookies-accepted'><h1>Hall</h1><p>It was built.</p>"
        "<div class='cookie-bar'>We set cookies.</div></div>"
    )
    assert _texts(HtmlReader(), "x.html", page) == ["Skip", "Hall", "It was built."]


def test_data_for_search_engines_of_any_shape() -> None:
    for graph in ("5", "true", '{"headline": "Hall"}'):
        page = (
            f'<script type="application/ld+json">{{"@graph": {graph}}}</script><p>Sea and sky</p>'
        )
        assert _texts(HtmlReader(), "x.html", page) == ["Sea and sky"]


@pytest.mark.parametrize("part", ["<a b=c ", "<!--", "<p "])
def test_html_of_mail_that_never_ends(part: str) -> None:
    started = time.process_time()
    _mime.html_text(part * 24_000)
    # 8 to 100 where all that follows was gone through for each.
    assert time.process_time() - started < 4
    assert _mime.html_text(f"<p>Sea &amp; sky<br>3 {part}").startswith("Sea & sky\n3")


def test_a_first_line_of_a_mailbox_without_end() -> None:
    started = time.process_time()
    assert email._ENVELOPE.match(b"From " + b"a" * 200_000) is None
    # In the square of the line it were minutes.
    assert time.process_time() - started < 5
    assert email._ENVELOPE.match(b"From a@b.is Mon Jan  1 10:00:00 2024")


def _message(charset: str, sender: str = "Anna <a@b.is>", text: str = "Sea and sky") -> str:
    return f"From: {sender}\nTo: c@d.is\nContent-Type: text/plain; charset={charset}\n\n{text}\n"


@pytest.mark.parametrize("charset", ["undefined", "punycode", "unicode_escape", "utf-16"])
def test_charsets_that_are_none(charset: str) -> None:
    assert _texts(EmailReader(), "x.eml", _message(charset, text="Sea! \\u0041")) == [
        "Sea! \\u0041"
    ]


def test_a_sender_of_parentheses() -> None:
    assert _texts(EmailReader(), "x.eml", _message("utf-8", "(" * 5000)) == ["Sea and sky"]


def test_a_sealed_part_costs_itself() -> None:
    mail = (
        "From: a@b.is\nContent-Type: multipart/mixed; boundary=x\n\n--x\nContent-Type: text/plain\n"
        "\nSea and sky\n--x\nContent-Type: application/pkcs7-mime; name=s.p7m\n\nMIIB\n--x--\n"
    )
    message, sealed = _read(EmailReader(), "x.eml", mail)
    assert message.segments[0].text == "Sea and sky" and message.drop_reason is None
    assert sealed.drop_reason.startswith("EmailReader: encrypted")


def test_a_long_line_of_ascii_before_a_legacy_letter() -> None:
    line, words = b"a" * 300_000 + b"\n", "því að hún var þar á ferð í sumar og sá það\n"
    started = time.process_time()
    assert _legacy.detect(line + words.encode("cp1252") * 20) == "cp1252"
    assert _legacy.detect(line[:-1] + words.encode("cp1252") * 20) == "cp1252"
    # In the square of the line it were minutes.
    assert time.process_time() - started < 5


def test_front_matter_of_blanks() -> None:
    started = time.process_time()
    assert text._FRONT_KEY.match("a" + " " * 100_000 + "x") is None
    assert time.process_time() - started < 5
    assert text._FRONT_KEY.match("my key\t: a: b").groups() == ("my key\t", "a: b")  # type: ignore[union-attr]


def test_headings_of_blanks() -> None:
    for line, title in (
        ("## Sea ##  ", "Sea"), ("# C#", "C#"), ("## ##", ""), ("#", ""), ("#\tSea", "Sea")
    ):  # fmt: skip
        assert text._heading([line]) == (len(line.split()[0]), title)
    assert text._heading(["#Sea"]) == (0, "")
    started = time.process_time()
    assert text._heading(["# a" + " " * 100_000 + "x"])[0] == 1
    assert time.process_time() - started < 5


def test_binary_data_in_rich_text() -> None:
    data = rb"{\rtf1 Sea {\pict\bin5 {{\{{}and \\bin9 sky}"
    assert _texts(OfficeReader(), "x.rtf", data) == ["Sea and \\bin9 sky"]


_LARGE = "9" * 1000


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("x.sub", f"{{1}}{{1}}25\n{{{_LARGE}}}{{{_LARGE}}}Sea\n"),
        ("x.lrc", f"[ti:Song]\n[offset:{_LARGE}]\n[00:01.00]Sea\n"),
        ("x.ttml", f'<tt xmlns="http://www.w3.org/ns/ttml"><body><div><p begin="{_LARGE}:00:00" '
         f'end="00:00:00:{_LARGE}">Sea</p></div></body></tt>'),
    ],
)  # fmt: skip
def test_times_of_subtitles_without_end(name: str, data: str) -> None:
    assert _texts(SubtitleReader(), name, data) == ["Sea"]


@pytest.mark.parametrize("rate", ["nan", "-25", "inf"])
def test_frame_rates_that_cannot_be(rate: str) -> None:
    data = (
        f'<tt xmlns="http://www.w3.org/ns/ttml" xmlns:p="http://www.w3.org/ns/ttml#parameter" '
        f'p:frameRate="{rate}"><body><div><p begin="30f" end="60f">Sea</p></div></body></tt>'
    )
    ((document),) = _read(SubtitleReader(), "x.ttml", data)
    assert (document.segments[0].start_s, document.segments[0].end_s) == (1.0, 2.0)


def test_long_cues_are_compared_once() -> None:
    lines = [f"line {number}" for number in range(80_000)]
    started = time.process_time()
    assert _cues._repeated(lines, lines[::-1]) == 1
    # Twenty where what is before and behind each line was compared.
    assert time.process_time() - started < 5


_W = (
    'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main" '
    'xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006"'
)
_TYPES = '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>'


def _word(body: str, notes: str = "") -> bytes:
    parts = {
        "[Content_Types].xml": _TYPES,
        "word/document.xml": f"<w:document {_W}><w:body>{body}</w:body></w:document>",
    }
    return _zip(**parts, **({"word/footnotes.xml": notes} if notes else {}))


def test_moved_text_of_a_footnote_stands_once() -> None:
    run = "<w:r><w:t>moved</w:t></w:r>"
    notes = (
        f'<w:footnotes {_W}><w:footnote w:id="1"><w:p><w:moveFrom>{run}</w:moveFrom><w:moveTo>{run}'
        f"</w:moveTo><mc:AlternateContent><mc:Choice>{run}</mc:Choice><mc:Fallback>{run}"
        "</mc:Fallback></mc:AlternateContent></w:p></w:footnote></w:footnotes>"
    )
    body = '<w:p><w:r><w:t>Sea</w:t><w:footnoteReference w:id="1"/></w:r></w:p>'
    assert _texts(OfficeReader(), "x.docx", _word(body, notes)) == ["Sea[1]", "[1] movedmoved"]


def test_notes_that_cannot_be_read_cost_themselves(tmp_path: Path) -> None:
    data = _word("<w:p><w:r><w:t>Sea</w:t></w:r></w:p>", "<w:footnotes")
    (tmp_path / "x.docx").write_bytes(data)
    read, lost = _rows(OfficeReader(tmp_path))
    assert read["segments"][0]["text"] == "Sea" and read["drop_reason"] is None
    assert "word/footnotes.xml" in metadata_dict(read["metadata"])["damage"]
    assert lost["drop_reason"].startswith(
        "OfficeReader: damaged parts (the rest was read: word/foot"
    )
    assert read["id"] != lost["id"]


@pytest.mark.parametrize(
    "part",
    ["<w:ins><w:r><w:t>x</w:t></w:r></w:ins>", "<w:r><w:txbxContent><w:p/></w:txbxContent></w:r>"],
)
def test_wrappers_of_word_files(part: str) -> None:
    started = time.process_time()
    _texts(OfficeReader(), "x.docx", _word(f"<w:p>{part * 40_000}<w:r><w:t>Sea</w:t></w:r></w:p>"))
    # More than fifteen where each looked for its place among its siblings.
    assert time.process_time() - started < 8


def test_numbers_of_notes_are_counted_once() -> None:
    def mark(count: int) -> None:
        notes = _docx._Notes()
        for number in range(count):
            notes.mark("footnote", str(number))

    assert lines_run(mark, 800) < 2.5 * lines_run(mark, 400)


_O = " ".join(
    f'xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{full}:1.0"'
    for name, full in (("office",) * 2, ("text",) * 2, ("table",) * 2, ("draw", "drawing"))
)


def _odt(body: str) -> bytes:
    kind = "application/vnd.oasis.opendocument.text"
    content = f"<office:document-content {_O}><office:body><office:text>{body}"
    end = "</office:text></office:body></office:document-content>"
    return _zip(**{"mimetype": kind, "content.xml": content + end})


_FRAME = "<draw:frame><draw:text-box>%s</draw:text-box></draw:frame>"


@pytest.mark.parametrize(
    ("around", "found"),
    [
        (f"<text:p>out{_FRAME}</text:p>", ["out", "out", "out", "core"]),
        ("<table:table><table:table-row><table:table-cell>%s</table:table-cell></table:table-row>"
         "</table:table>", ["core"]),
    ],
)  # fmt: skip
def test_what_is_nested_in_open_document_text_stands_once(around: str, found: list[str]) -> None:
    body = "<text:p>core</text:p>"
    for _ in range(3):
        body = around.replace("%s", body)
    assert _texts(OfficeReader(), "x.odt", _odt(body)) == found


def test_a_note_with_a_box_and_without_a_number() -> None:
    note = f"<text:note><text:note-body><text:p>n{_FRAME}</text:p></text:note-body></text:note>"
    body = f"<text:p>Sea{note.replace('%s', '<text:p>box</text:p>')}</text:p>"
    assert _texts(OfficeReader(), "x.odt", _odt(body)) == ["Sea[*]", "[*] n\nbox"]


def test_rows_without_end(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    book.active.append(["Sea"])
    book.create_sheet("Two").append(["Sky"])
    stream, made = io.BytesIO(), io.BytesIO()
    book.save(stream)
    with zipfile.ZipFile(stream) as old, zipfile.ZipFile(made, "w") as new:
        for name in old.namelist():
            data = old.read(name)
            if name.endswith("sheet1.xml"):
                data = data.replace(
                    b"</sheetData>", b'<row r="999999999999"><c/></row></sheetData>'
                )
            new.writestr(name, data)
    (tmp_path / "x.xlsx").write_bytes(made.getvalue())
    read, lost = _rows(OfficeReader(tmp_path))
    assert [segment["text"] for segment in read["segments"]] == ["Sea", "Sky"]
    assert "sheet 'Sheet' has rows past 1,048,576" in lost["drop_reason"]


def _book(spine: list[str], **chapters: str) -> bytes:
    items = "".join(
        f'<item id="{name}" href="{name}.xhtml" media-type="application/xhtml+xml"/>'
        for name in {*spine, *chapters}
    )
    references = "".join(f'<itemref idref="{name}"/>' for name in spine)
    return _zip(**{
        "mimetype": "application/epub+zip",
        "META-INF/container.xml": '<container><rootfile full-path="p.opf"/></container>',
        "p.opf": f"<package><manifest>{items}</manifest><spine>{references}</spine></package>",
        **{f"{name}.xhtml": f"<p>{text}</p>" for name, text in chapters.items()},
    })  # fmt: skip


def test_chapters_of_a_book(tmp_path: Path) -> None:
    assert _texts(OfficeReader(), "x.epub", _book(["a", "b", "a"], a="Sea", b="Sky")) == [
        "Sea",
        "Sky",
    ]
    (tmp_path / "x.epub").write_bytes(_book(["a", "gone", "b"], a="Sea", b="Sky"))
    read, lost = _rows(OfficeReader(tmp_path))
    assert [segment["text"] for segment in read["segments"]] == ["Sea", "Sky"]
    assert "gone.xhtml is missing" in lost["drop_reason"]
