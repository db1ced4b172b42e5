"""Plain text, Markdown, tables and e-mail, and the encodings they come in."""

from __future__ import annotations

import base64
import contextlib
import os
from collections.abc import Iterator
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from datapartnerships.errors import DocumentError, InvalidParameter
from datapartnerships.readers import (
    CsvReader,
    EmailReader,
    FolderReader,
    MarkdownReader,
    TextReader,
    _encoding,
    _mime,
    csv,
    email,
)
from datapartnerships.readers._base import FileReader, read_safely
from datapartnerships.readers._source import Limits, Source, from_bytes
from datapartnerships.readers.sniff import media_type
from datapartnerships.schema import Document, documents_to_table, metadata_dict, reason_class

ROOT = Path(__file__).parents[1]
REAL = Path(os.environ.get("DATAPARTNERSHIPS_REAL_DATA") or ROOT.parent / "shared" / "data")
needs_real_files = pytest.mark.skipif(
    not (REAL / "documents").is_dir(), reason=f"no real files under {REAL}"
)

TEXTS = {
    "is": "Það var einu sinni karl og kerling í koti sínu. Þau áttu þrjá syni, og hétu þeir "
    "Ásmundur, Þorsteinn og Ögmundur. Ekki er þess getið, að fleiri væru á bænum.",
    "de": "Die Würde des Menschen ist unantastbar. Sie zu achten und zu schützen ist "
    "Verpflichtung aller staatlichen Gewalt. Das Gebäude liegt an der großen Straße, "
    "und die Bürger öffnen die Türen.",
    "fr": "Tous les êtres humains naissent libres et égaux en dignité et en droits. Ils sont "
    "doués de raison et de conscience et doivent agir les uns envers les autres dans un "
    "esprit de fraternité. L’été où ça s’est passé, là-bas, à l’hôpital.",
    "pl": "Wszyscy ludzie rodzą się wolni i równi pod względem swej godności i swych praw. Są "
    "oni obdarzeni rozumem i sumieniem i powinni postępować wobec innych w duchu braterstwa. "
    "Żółta łódź płynęła.",
    "cs": "Všichni lidé rodí se svobodní a sobě rovní co do důstojnosti a práv. Jsou nadáni "
    "rozumem a svědomím a mají spolu jednat v duchu bratrství. Žluťoučký kůň úpěl.",
    "hu": "Minden emberi lény szabadon születik és egyenlő méltósága és joga van. Az emberek, "
    "ésszel és lelkiismerettel bírván, egymással szemben testvéri szellemben kell hogy "
    "viseltessenek. Az űrhajós őrült gyűrűje.",
    "ru": "Все люди рождаются свободными и равными в своём достоинстве и правах. Они наделены "
    "разумом и совестью и должны поступать в отношении друг друга в духе братства.",
    "el": "Όλοι οι άνθρωποι γεννιούνται ελεύθεροι και ίσοι στην αξιοπρέπεια και τα δικαιώματα. "
    "Είναι προικισμένοι με λογική και συνείδηση.",
    "tr": "Bütün insanlar hür, haysiyet ve haklar bakımından eşit doğarlar. Akıl ve vicdana "
    "sahiptirler ve birbirlerine karşı kardeşlik zihniyeti ile hareket etmelidirler. İlk gün.",
    "ja": "すべての人間は、生まれながらにして自由であり、かつ、尊厳と権利とについて平等である。",
    "zh": "人人生而自由，在尊严和权利上一律平等。他们赋有理性和良心，并应以兄弟关系的精神相对待。",
    "ko": "모든 인간은 태어날 때부터 자유로우며 그 존엄과 권리에 있어 동등하다. 인간은 이성과 "
    "양심을 부여받았으며 서로 형제애의 정신으로 행동하여야 한다.",
}
LEGACY = [
    *(("is", e) for e in ("cp1252", "iso8859-1", "cp861", "mac-iceland")),
    *((lang, e) for lang in ("de", "fr") for e in ("cp1252", "cp850", "mac-roman")),
    *((lang, e) for lang in ("pl", "cs", "hu") for e in ("cp1250", "iso8859-2", "cp852")),
    *(("ru", e) for e in ("cp1251", "koi8-r", "cp866", "iso8859-5", "mac-cyrillic")),
    *(("el", e) for e in ("cp1253", "iso8859-7", "cp737")),
    *(("tr", e) for e in ("cp1254", "cp857")),
    *(("ja", e) for e in ("cp932", "euc_jp", "iso2022_jp")),
    ("zh", "gb18030"),
    ("ko", "cp949"),
]


def read(reader: FileReader, data: bytes, name: str = "a") -> list[Document | Source]:
    source = from_bytes("d", name, data)
    return list(reader.parse(source))


def one(reader: FileReader, data: bytes, name: str = "a") -> Document:
    [document] = read(reader, data, name)
    assert isinstance(document, Document)
    documents_to_table([document])
    return document


def rejection(reader: FileReader, data: bytes, name: str = "a") -> str:
    with pytest.raises(DocumentError) as caught:
        read(reader, data, name)
    return caught.value.reason


# Encodings -----------------------------------------------------------------------------------


@pytest.mark.parametrize(("language", "encoding"), LEGACY)
def test_legacy_encodings(language: str, encoding: str) -> None:
    text = TEXTS[language].encode(encoding, "ignore").decode(encoding)
    decoded = _encoding.decode(text.encode(encoding))
    assert decoded.text == text
    assert decoded.encoding.basis == "detected"
    assert decoded.replaced == 0


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-be"]
)
@pytest.mark.parametrize("language", ["is", "ru", "ja"])
def test_unicode_encodings(language: str, encoding: str) -> None:
    if language == "ja" and encoding in ("utf-16-le", "utf-16-be"):
        pytest.skip("Japanese in UTF-16 without a mark is refused: nothing tells what it is")
    text = "Line one\r\n" + TEXTS[language]
    decoded = _encoding.decode(text.encode(encoding))
    assert decoded.text == text
    assert decoded.encoding.basis in ("utf-8", "bom", "detected")


def test_nobody_guesses() -> None:
    for data in (b"\xfe\xfd\xfc\x81\x8d", b"a \x9a b \x8f", b"\xe6\xf0"):
        with pytest.raises(DocumentError, match="encoding unknown"):
            _encoding.decode(data)
    with pytest.raises(DocumentError, match="binary controls"):
        _encoding.decode(bytes(range(32)) * 20)
    with pytest.raises(DocumentError, match="no encoding 'latin-99'"):
        _encoding.decode(b"x", given="latin-99")
    with pytest.raises(DocumentError, match="no encoding 'base64'"):
        _encoding.decode(b"x", given="base64")


def test_damage_is_counted() -> None:
    data = ("Þetta er íslenskur texti með öllum sínum stöfum. " * 9).encode()
    decoded = _encoding.decode(data + b"\xff" + data)
    assert decoded.metadata() == {
        "encoding": "utf-8", "encoding_basis": "utf-8", "encoding_replaced": "1",
    }  # fmt: skip
    cut = _encoding.decode(data[:-40] + "ð".encode()[:1])
    assert cut.replaced == 1
    already = _encoding.decode("\ufffd is in the source".encode())
    assert already.replaced == 0


def test_a_given_encoding_is_not_doubted() -> None:
    decoded = _encoding.decode("Łódź".encode("cp1250"), given="windows-1250")
    assert (decoded.text, decoded.encoding.name, decoded.encoding.basis) == (
        "Łódź", "cp1250", "given",
    )  # fmt: skip
    assert _encoding.decode(b"\xef\xbb\xbfx", given="utf-8").text == "x"


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=300))
def test_decoding_ends_in_text_or_a_reason(data: bytes) -> None:
    try:
        decoded = _encoding.decode(data)
    except DocumentError:
        return
    new = decoded.text.count("\ufffd")
    assert new == decoded.replaced or "\ufffd" in data.decode("utf-8", "ignore")


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=600), st.sampled_from([".txt", ".csv", ".eml", ".html", ".zip", ""]))
def test_sniffing_never_fails(data: bytes, suffix: str) -> None:
    assert "/" in media_type(from_bytes("d", "a" + suffix, data))


# Text ----------------------------------------------------------------------------------------


def test_text_paragraphs() -> None:
    data = b"  One\r\ntwo\r\n\r\n \t\r\n\r\nThree \n\x0c\nFour"
    document = one(TextReader(), data)
    assert [(part.text, part.ref) for part in document.segments] == [
        ("  One\ntwo", "line 1"), ("Three ", "line 6"), ("Four", "line 8"),
    ]  # fmt: skip
    assert document.kind == "text"
    assert document.provenance["size"] == len(data)
    assert document.metadata == {"encoding": "utf-8", "encoding_basis": "utf-8"}


@given(st.text(st.characters(blacklist_categories=("Cs", "Cc")), max_size=200))
def test_text_is_the_text_of_the_source(text: str) -> None:
    try:
        document = one(TextReader(encoding="utf-8"), text.encode())
    except DocumentError:
        assert not text.strip()
        return
    assert [part.text for part in document.segments] == [text.strip("\n")]


def test_text_that_is_refused() -> None:
    small = TextReader(limits=Limits(max_document_bytes=10))
    assert rejection(small, b"x" * 11) == "text is too long"
    assert rejection(TextReader(), b" \n\t\n") == "no text found"
    assert rejection(TextReader(), b"a \x9a b \x8f") == "encoding unknown"

    def never() -> Any:
        raise AssertionError("it was opened")

    with pytest.raises(DocumentError, match="too long"):
        list(small.parse(Source("d", "a", never, 11)))


MARKDOWN = """---
title: "Minutes"
tags:
  - board
  - 2022
---
Before any heading.

# One
Text of one.

## Two ##

```python
# not a heading

print(1)
```

Setext
======

- a
- b

***
Last
"""


def test_markdown() -> None:
    document = one(MarkdownReader(), MARKDOWN.encode())
    assert document.metadata["title"] == "Minutes"
    assert document.metadata["tags"] == "board, 2022"
    assert [(part.text, part.ref) for part in document.segments] == [
        ("Before any heading.", None),
        ("# One", "One"),
        ("Text of one.", "One"),
        ("## Two ##", "One > Two"),
        ("```python\n# not a heading\n\nprint(1)\n```", "One > Two"),
        ("Setext\n======", "Setext"),
        ("- a\n- b", "Setext"),
        ("***\nLast", "Setext"),
    ]


@pytest.mark.parametrize("text", ["---\nA text that begins with a rule.\n---\n\nMore", "---\n\nx"])
def test_a_rule_is_no_front_matter(text: str) -> None:
    document = one(MarkdownReader(), text.encode())
    assert "---" in document.segments[0].text


@given(st.lists(st.sampled_from(["# a", "```", "", "x", "---", "===", "- y", "~~~~", "> q"])))
def test_markdown_loses_no_line(lines: list[str]) -> None:
    lines = ["start", *lines]
    document = one(MarkdownReader(), "\n".join(lines).encode())
    kept = [line for part in document.segments for line in part.text.split("\n") if line.strip()]
    assert kept == [line for line in lines if line.strip()]


# Tables --------------------------------------------------------------------------------------


def test_a_row_a_document() -> None:
    data = 'who;text;year\nAnna;"Halló; heimur\nönnur lína";1999\nJón;;2000\nEva;Yes;2001;more\n'
    first, second, third = read(CsvReader(), data.encode("utf-8"))
    assert isinstance(first, Document) and isinstance(second, Document)
    assert isinstance(third, Document)
    assert first.segments[0].text == "Halló; heimur\nönnur lína"
    assert first.segments[0].ref == "row 1"
    assert first.kind == "text"
    assert {k: v for k, v in first.metadata.items() if "encoding" not in k} == {
        "who": "Anna", "year": "1999",
    }  # fmt: skip
    assert second.drop_reason == "CsvReader: row without text"
    assert third.metadata["column 4"] == "more"
    assert len({first.id, second.id, third.id}) == 3


def test_a_table_a_document(monkeypatch: pytest.MonkeyPatch) -> None:
    document = one(CsvReader(), b"name,year\nAnna,1999\n,\nEva,\n")
    assert [(part.text, part.ref) for part in document.segments] == [
        ("name; year", "header"), ("name: Anna; year: 1999", "row 1"), ("name: Eva", "row 2"),
    ]  # fmt: skip
    assert document.kind == "document"
    monkeypatch.setattr(csv, "ROWS_PER_DOCUMENT", 2)
    parts = read(CsvReader(), b"n\n1\n2\n3\n4\n5\n")
    texts = [[part.text for part in document.segments] for document in parts]  # type: ignore[union-attr]
    assert texts == [["n", "n: 1", "n: 2"], ["n", "n: 3", "n: 4"], ["n", "n: 5"]]
    assert len({document.id for document in parts}) == 3  # type: ignore[union-attr]
    assert len(read(CsvReader(), b"n\n1\n2\n")) == 1
    assert len(read(CsvReader(), b"only,a,header\n")) == 1


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_delimiters(delimiter: str) -> None:
    lines = [["text", "a", "b"], ["one", "1,5", "x"], ["two", "2", "y;z"]]
    data = "\n".join(delimiter.join(f'"{cell}"' for cell in row) for row in lines).encode()
    documents = read(CsvReader(), data, "a.csv")
    assert [document.segments[0].text for document in documents] == ["one", "two"]  # type: ignore[union-attr]
    given_one = read(CsvReader(delimiter=delimiter), data)
    assert len(given_one) == 2
    with pytest.raises(InvalidParameter, match="one character"):
        CsvReader(delimiter="||")


def test_odd_tables() -> None:
    assert one(CsvReader(), b"text\nwith a \x00 in it\n").segments[0].text == "with a \x00 in it"
    assert rejection(CsvReader(), b"\n \n") == "no text found"
    for encoding in ("utf-16", "cp1252", "utf-8-sig"):
        data = ("text,bær\n" + TEXTS["is"].replace(",", "") + ",Vík\n").encode(encoding)
        document = one(CsvReader(), data)
        assert document.segments[0].text == TEXTS["is"].replace(",", "")
        assert document.metadata["bær"] == "Vík"
    row = "x" * 300_000
    assert one(CsvReader(), f"text\n{row}\n".encode()).segments[0].text == row


def test_a_cell_without_end_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(csv, "MAX_CELL_CHARACTERS", 1000)
    data = b'text\nfirst\n"' + b"a line\n" * 1000
    items = list(read_safely(CsvReader(), from_bytes("d", "a.csv", data)))
    found = [row for table in items if not isinstance(table, Document | Source)
             for row in table.to_pylist()]  # fmt: skip
    assert [row["segments"][0]["text"] for row in found] == ["first"]
    assert isinstance(items[-1], Document)
    assert (items[-1].drop_reason or "").startswith("CsvReader: damaged table (after row 1")


def test_a_long_table_is_streamed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(csv, "SAMPLE_BYTES", 500)
    data = "\ufefftext\n".encode() + "Þúfa\n".encode() * 1000
    documents = read(CsvReader(), data)
    assert [document.segments[0].text for document in documents] == ["Þúfa"] * 1000  # type: ignore[union-attr]
    broken = data + b"\xff\xfe\n"
    source = from_bytes("d", "a.csv", broken)
    last = list(read_safely(CsvReader(), source))[-1]
    assert isinstance(last, Document)
    assert reason_class(last.drop_reason or "") == "CsvReader: encoding unknown"


# E-mail --------------------------------------------------------------------------------------


def message(**headers: str) -> EmailMessage:
    made = EmailMessage()
    made["From"] = headers.pop("sender", "Þóra Jónsdóttir <thora@example.is>")
    made["To"] = "jon@example.is"
    made["Subject"] = "Fundargerð"
    made["Date"] = "Tue, 01 Oct 2024 12:34:56 -0500"
    made["Message-ID"] = "<1@example.is>"
    for name, value in headers.items():
        made[name.replace("_", "-")] = value
    return made


def test_a_message() -> None:
    mail = message(In_Reply_To="<0@example.is>", Cc="eva@example.is")
    mail.set_content("Sæl öll,\n\nhér er fundargerðin.\n")
    mail.add_alternative("<p>Sæl <b>öll</b></p>", subtype="html")
    document = one(EmailReader(), mail.as_bytes())
    [turn] = document.segments
    assert turn.text == "Sæl öll,\n\nhér er fundargerðin."
    assert (turn.kind, turn.speaker) == ("turn", "Þóra Jónsdóttir")
    assert (turn.created, turn.ref) == ("2024-10-01T12:34:56-05:00", "<1@example.is>")
    assert document.kind == "conversation"
    assert {k: v for k, v in document.metadata.items() if "encoding" not in k} == {
        "subject": "Fundargerð",
        "from": "Þóra Jónsdóttir <thora@example.is>",
        "to": "jon@example.is",
        "cc": "eva@example.is",
        "date": "Tue, 01 Oct 2024 12:34:56 -0500",
        "in-reply-to": "<0@example.is>",
    }


def test_html_without_plain_text() -> None:
    mail = message()
    html = "<style>p{}</style><p>One&nbsp;&amp; two<br>three</p><ul><li>a<li>b</ul>"
    mail.set_content(html + "<script>x</script>", subtype="html")
    document = one(EmailReader(), mail.as_bytes())
    assert document.segments[0].text == "One & two\nthree\n\na\nb"


def test_attachments_are_sources() -> None:
    inner = message()
    inner.set_content("The one before.")
    mail = message()
    mail.set_content("See below.")
    for _ in range(2):
        mail.add_attachment(b"Words", maintype="text", subtype="plain", filename="þorn.txt")
    mail.add_attachment(inner)
    document, *attached = read(EmailReader(), mail.as_bytes())
    assert isinstance(document, Document) and document.segments[0].text == "See below."
    assert [item.member for item in attached if isinstance(item, Source)] == [
        "þorn.txt", "þorn.txt (2)", "message.eml",
    ]  # fmt: skip
    assert isinstance(attached[0], Source) and attached[0].head() == b"Words"


def test_attachments_are_read_by_the_folder(tmp_path: Path) -> None:
    mail = message()
    mail.add_attachment(b"# Title", maintype="text", subtype="markdown", filename="../a.md")
    (tmp_path / "m.eml").write_bytes(mail.as_bytes())
    box = b"From a@b Mon Jun 01 10:00:00 2009\n" + mail.as_bytes() + b"\n"
    (tmp_path / "box").write_bytes(box * 2)
    reader = FolderReader(tmp_path)
    found = [row for shard in reader.shards() for table in reader.read(shard)
             for row in table.to_pylist()]  # fmt: skip
    assert [(row["provenance"]["uri"], row["provenance"]["member"]) for row in found] == [
        ("box", "#1"), ("box", "#1!a.md"), ("box", "#2"), ("box", "#2!a.md"),
        ("m.eml", None), ("m.eml", "a.md"),
    ]  # fmt: skip
    assert [row["drop_reason"] for row in found] == [
        "EmailReader: message has no text", None,
    ] * 3  # fmt: skip
    assert metadata_dict(found[-2]["metadata"])["subject"] == "Fundargerð"


@pytest.mark.parametrize(
    ("charset", "encoding"),
    [("us-ascii", "cp1252"), ("x-unknown", "cp1252"), ("iso-8859-1", "utf-8"), ("utf-8", "cp1252")],
)
def test_charsets_that_lie(charset: str, encoding: str) -> None:
    head = f"Subject: x\nContent-Type: text/plain; charset={charset}\n\n".encode()
    document = one(EmailReader(), head + TEXTS["is"].encode(encoding), "a.eml")
    assert document.segments[0].text == TEXTS["is"]


def test_raw_bytes_and_nonsense_in_headers() -> None:
    data = "Subject: Fundargerð hjá Þórði\nFrom: Þóra <t@x.is>\n\nHi".encode("cp1252")
    document = one(EmailReader(), data, "a.eml")
    assert document.metadata["subject"].isprintable()
    data = b"Subject: =?x-none?Q?a=FFb?= =?utf-8?B?w7pq?=\nDate: nonsense\nFrom: \xff\xfe\n\nHi"
    document = one(EmailReader(), data, "a.eml")
    assert "ú" in document.metadata["subject"]
    assert document.segments[0].created is None


def test_parts_that_cannot_be_read() -> None:
    broken = (
        b"Subject: x\nMIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=b\n\n"
        b"--b\nContent-Type: text/plain\n\nFine.\n"
        b"--b\nContent-Type: application/pdf; name=a.pdf\nContent-Transfer-Encoding: base64\n\n"
        b"QUJD%%%%RA\n--b--\n"
    )
    first, second = read(EmailReader(), broken, "a.eml")
    assert isinstance(first, Document) and first.segments[0].text == "Fine."
    assert isinstance(second, Document)
    assert second.provenance["member"] == "a.pdf"
    assert reason_class(second.drop_reason or "") == "EmailReader: broken base64"


@pytest.mark.parametrize(
    "kind",
    [
        "multipart/encrypted; protocol=application/pgp-encrypted; boundary=b",
        "application/pkcs7-mime; smime-type=enveloped-data",
    ],
)
def test_encrypted_messages(kind: str) -> None:
    assert rejection(EmailReader(), f"Subject: x\nContent-Type: {kind}\n\n--b--\n".encode()) == (
        "encrypted"
    )


def test_signed_messages_are_read() -> None:
    data = (
        b"Subject: x\nContent-Type: multipart/signed; boundary=b\n\n--b\n\nSigned.\n"
        b"--b\nContent-Type: application/pgp-signature\n\nxxx\n--b--\n"
    )
    assert one(EmailReader(), data, "a.eml").segments[0].text == "Signed."


def mailbox(*bodies: str) -> bytes:
    head = "From a@b Mon Jun 01 10:00:00 2009\nFrom: a@b\nSubject: s\n\n"
    return "\n".join(head + body + "\n" for body in bodies).encode()


def test_mailboxes() -> None:
    data = mailbox("One.", "Two:\n\n>From the start.\n>>From\n\nFrom here on, prose.", "Three.")
    documents = read(EmailReader(), data, "a.mbox")
    texts = [document.segments[0].text for document in documents]  # type: ignore[union-attr]
    assert texts == ["One.", "Two:\n\nFrom the start.\n>>From\n\nFrom here on, prose.", "Three."]
    assert [document.provenance["member"] for document in documents] == [  # type: ignore[union-attr]
        "#1", "#2", "#3",
    ]  # fmt: skip


def test_a_mailbox_holds_one_message_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    class Slow:
        """A mailbox of which nothing may be read before it is asked for."""

        def __init__(self, lines: Iterator[bytes]) -> None:
            self.lines, self.read_lines = lines, 0

        def readline(self, _: int) -> bytes:
            self.read_lines += 1
            return next(self.lines, b"")

    stream = Slow(iter(mailbox(*["Text."] * 50).splitlines(keepends=True)))
    messages = email._split(stream, 10_000)  # type: ignore[arg-type]
    assert b"Text." in (next(messages) or b"")
    assert stream.read_lines < 20

    reader = EmailReader(limits=Limits(max_document_bytes=200))
    items = read(reader, mailbox("One.", "x" * 500, "Three."), "a.mbox")
    assert [getattr(item, "drop_reason", "?") for item in items] == [
        None, "EmailReader: message is too long (max_document_bytes is 200)", None,
    ]  # fmt: skip


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=300))
def test_any_bytes_are_a_message_or_a_reason(data: bytes) -> None:
    head = b"Content-Type: multipart/mixed; boundary=b\nSubject: x\n\n--b\n"
    for whole in (data, head + data, b"Subject: " + data):
        with contextlib.suppress(DocumentError):
            _mime.parse(whole)


def test_base64_bodies() -> None:
    body = base64.encodebytes(TEXTS["fr"].encode())
    head = b"Subject: x\nContent-Type: text/plain; charset=utf-8\n"
    head += b"Content-Transfer-Encoding: base64\n\n"
    assert one(EmailReader(), head + body, "a.eml").segments[0].text == TEXTS["fr"]


# Real files ----------------------------------------------------------------------------------


def by_name(folder: Path) -> dict[str, list[dict[str, Any]]]:
    found: dict[str, list[dict[str, Any]]] = {}
    reader = FolderReader(folder)
    for shard in reader.shards():
        for table in reader.read(shard):
            for row in table.to_pylist():
                found.setdefault(row["provenance"]["uri"], []).append(row)
    return found


@needs_real_files
def test_real_messages() -> None:
    found = by_name(REAL / "documents" / "email")
    for name in ("fake-email-attachment.eml", "fake-email-attachment.msg"):
        mail, attached = found[name]
        [turn] = mail["segments"]
        assert turn["text"].startswith("Hello!")
        assert turn["speaker"] == "Mallori Harrell"
        assert turn["ref"] == "<CAPgNNXSzLVJ-d1OCX_TjFgJU7ugtQrjFybPtAMmmYZzphxNFYg@mail.gmail.com>"
        assert attached["segments"][0]["text"] == "Hey this is a fake attachment!"
        assert attached["provenance"]["member"] == "fake-attachment.txt"
    [encrypted] = found["fake-encrypted.eml"]
    assert reason_class(encrypted["drop_reason"]) == "EmailReader: encrypted"
    [hebrew] = found["email-no-utf8-2008-07-16.062410.eml"]
    assert "סלבה היקר" in hebrew["segments"][0]["text"]
    assert found["quoted.mbox"][0]["segments"][0]["text"] == "Test content\n> quoted stuff"
    assert found["signed-doc.p7s"][0]["segments"][0]["text"] == "This is a test"


@needs_real_files
@pytest.mark.parametrize("encoding", ["utf-8", "cp1252", "utf-16"])
def test_real_icelandic(tmp_path: Path, encoding: str) -> None:
    source = REAL / "documents" / "icelandic" / "Isafold_1874-09-19_corrected.txt"
    text = source.read_text("utf-8").encode(encoding, "ignore").decode(encoding)
    (tmp_path / "a.txt").write_bytes(text.encode(encoding))
    [row] = by_name(tmp_path)["a.txt"]
    joined = "\n".join(part["text"] for part in row["segments"])
    lines = [line for line in text.replace("\r\n", "\n").split("\n") if line.strip()]
    assert [line for line in joined.split("\n") if line.strip()] == lines
