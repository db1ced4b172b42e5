"""Write `examples/deposit/`: the sample deposit on which `make demo` runs.

Everything in it is invented by us. The organization, the town, and every person, address, number,
case and event are fictional (`deposit_texts.py` says where the fictional numbers come from).
License of this script and of all files that it writes: CC0-1.0.

    python examples/make_deposit.py [folder]

The same versions of the libraries give the same bytes: no clock, no randomness, fixed dates inside
every container. `expected.yaml` lists what a run over the result must find.
"""

from __future__ import annotations

import csv
import datetime as dt
import email.generator
import email.message
import email.policy
import gzip
import hashlib
import html
import io
import json
import math
import re
import shutil
import struct
import sys
import tarfile
import textwrap
import wave
import zipfile
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

import deposit_texts as texts
import docx
import openpyxl
import pptx
import pyarrow as pa
import pyarrow.parquet as pq
from deposit_pdf import columns_pdf, image_pdf, plain_pdf, report_pdf
from PIL import Image, ImageDraw, ImageFont
from pypdf import PdfReader, PdfWriter
from pypdf.generic import ArrayObject, ByteStringObject

DATE = dt.datetime(2024, 3, 1, 12, 0, 0)
PASSWORD = "bread-bin"
DESCRIPTION = """\
# What this folder is. It describes the deposit and is not one of its documents.
name: harbor-house
organization: Harbor House, Legal Aid & Language Archive (fictional)
contact:
  name: The archive desk
  email: archive@harborhouse.example
description: >
  Letters, minutes, stories, conversations, recordings and tables from the advice desk and the
  archive of a small port town, 1971 to 2023, in English, Icelandic, German, French and Spanish.
  A sample: everything in it is invented.
languages: [en, is, de, fr, es]
modalities: [text, document, conversation, table]
period: {from: 1971, to: 2023}
track: open
rights:
  license: CC0-1.0
  basis: declared
  holder: Harbor House
  evidence: examples/README.md
# Two licenses in one deposit are the normal case. Of several that match, the last counts.
overrides:
  - path: stories/
    license: CC-BY-4.0
    basis: declared
    holder: Harbor House Story Circle
    evidence: examples/README.md
policy:
  # Each of these is found by one family of detectors only: who reads the audit sheet answers for it.
  audit_only: [EMAIL, IP, NATIONAL_ID, PAYMENT_CARD, PERSON, PHONE, URL_CREDENTIALS]
"""


# --- text -------------------------------------------------------------------------------------


def wrapped(text: str, width: int = 76) -> str:
    """Paragraphs broken into lines, as a typewriter or an old editor leaves them."""
    return "\n\n".join(textwrap.fill(part, width) for part in text.split("\n\n")) + "\n"


def garbled(text: str) -> str:
    """`text` after its UTF-8 was read as Windows-1252: what is then saved is encoded twice."""
    return "".join(bytes([byte]).decode("cp1252", "ignore") or chr(byte) for byte in text.encode())


def garbled_paragraphs(text: str, whole: int) -> str:
    """`garbled`, but for the paragraph with the index `whole`."""
    parts = text.split("\n\n")
    whole %= len(parts)
    return "\n\n".join(p if i == whole else garbled(p) for i, p in enumerate(parts)) + "\n"


def dusty(text: str) -> str:
    """Control characters, a terminal's color code, byte-order marks and invisible characters."""
    for clean, dust in (
        ("old telephone by", "old\x00 telephone\x00 by"),
        ("a good deal of dust", "a good\x07 deal of \x1b[31mdust\x1b[0m"),
        ("\n\nMy landlord", "\n\n\ufeffMy landlord"),
        ("He thought about it", "\x08He thought\x7f about it"),
        ("her character", "her char\u200bacter"),
        ("with the day", "with\u00a0the day"),
        ("please go on cooking", "please go on coo\u00adking"),
    ):
        assert text.count(clean) == 1, clean
        text = text.replace(clean, dust)
    return text + "\n"


def draft(text: str, changes: Iterable[tuple[str, str]]) -> str:
    for after, before in changes:
        assert text.count(after) == 1, after
        text = text.replace(after, before)
    return text


def json_lines(rows: Iterable[Any]) -> str:
    return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)


def delimited(rows: Iterable[Sequence[Any]], delimiter: str) -> str:
    out = io.StringIO()
    csv.writer(out, delimiter=delimiter, lineterminator="\n").writerows(rows)
    return out.getvalue()


def web_page() -> str:
    """An article in the middle of everything that is not one."""
    article = "\n".join(
        f"    <h2>{html.escape(heading)}</h2>\n"
        + "\n".join(f"    <p>{html.escape(p, quote=False)}</p>" for p in text.split("\n\n"))
        for heading, text in texts.WELCOME_FR
    )
    return f"""\
<!DOCTYPE html>
<html lang="fr">
<head>
  <meta charset="utf-8">
  <title>{texts.WELCOME_TITLE_FR} | Harbor House</title>
  <style>nav li {{ display: inline; }}</style>
  <script>window.visits = (window.visits || 0) + 1;</script>
</head>
<body>
  <div id="cookie-banner" class="cookie-consent" role="dialog">
    <p>Ce site utilise des cookies pour mesurer son audience.</p>
    <button>Tout accepter</button> <button>Tout refuser</button>
  </div>
  <header>
    <nav><ul>
      <li><a href="/">Accueil du site</a></li>
      <li><a href="/services">Nos services</a></li>
      <li><a href="/dons">Faire un don</a></li>
      <li><a href="/connexion">Se connecter</a></li>
    </ul></nav>
  </header>
  <main><article>
    <h1>{texts.WELCOME_TITLE_FR}</h1>
{article}
  </article></main>
  <aside>
    <h3>Articles les plus lus</h3>
    <ul>
      <li><a href="/a">Plier un bateau</a></li>
      <li><a href="/b">La soupe, version longue</a></li>
    </ul>
  </aside>
  <footer>
    <p>© Harbor House. Tous droits réservés.</p>
    <p><a href="/plan">Plan du site</a> · <a href="/mentions">Mentions légales</a></p>
  </footer>
</body>
</html>
"""


# --- office files -----------------------------------------------------------------------------


def packed(members: Iterable[tuple[str, bytes]], *, first_stored: bool = False) -> bytes:
    """A zip with fixed times; `first_stored` as OpenDocument and EPUB want their `mimetype`."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for index, (name, data) in enumerate(members):
            info = zipfile.ZipInfo(name, DATE.timetuple()[:6])
            info.create_system = 3
            info.external_attr = 0o644 << 16
            stored = first_stored and index == 0
            info.compress_type = zipfile.ZIP_STORED if stored else zipfile.ZIP_DEFLATED
            archive.writestr(info, data)
    return out.getvalue()


def repacked(save: Callable[[io.BytesIO], object]) -> bytes:
    """What `save` writes, with every time in it fixed."""
    out = io.BytesIO()
    save(out)
    stamp = DATE.isoformat().encode() + b"Z"
    with zipfile.ZipFile(out) as archive:
        return packed(
            (
                name,
                re.sub(rb"(<dcterms:modified[^>]*>)[^<]*", rb"\g<1>" + stamp, archive.read(name)),
            )
            for name in archive.namelist()
        )


def describe(properties: Any, title: str, author: str) -> None:
    """Core properties of an Office file."""
    properties.title, properties.author, properties.last_modified_by = title, author, author
    properties.created = properties.modified = DATE


def annual_report() -> bytes:
    document = docx.Document()
    describe(document.core_properties, texts.ANNUAL_TITLE, "Halla Brimdal")
    document.sections[0].header.paragraphs[0].text = "Harbor House, internal until adopted"
    document.add_heading(texts.ANNUAL_TITLE, 0)
    document.add_heading("The year at the window", 1)
    for paragraph in texts.ANNUAL_INTRO.split("\n\n"):
        document.add_paragraph(paragraph)
    document.add_heading("What the hours went into", 1)
    table = document.add_table(rows=0, cols=3, style="Table Grid")
    for row in texts.ANNUAL_TABLE:
        for cell, value in zip(table.add_row().cells, row, strict=True):
            cell.text = value
    document.add_heading("How to help", 1)
    for item in texts.ANNUAL_HELP:
        document.add_paragraph(item, style="List Bullet")
    document.add_paragraph(texts.ANNUAL_CLOSING)
    return repacked(document.save)


def open_day() -> bytes:
    deck = pptx.Presentation()
    describe(deck.core_properties, "Open day", "Harbor House")
    for title, bullets, note in texts.OPEN_DAY_SLIDES:
        slide = deck.slides.add_slide(deck.slide_layouts[1])
        slide.shapes.title.text = title
        slide.placeholders[1].text = "\n".join(bullets)
        slide.notes_slide.notes_text_frame.text = note
    return repacked(deck.save)


def glossary() -> bytes:
    book = openpyxl.Workbook()
    book.properties.creator, book.properties.created = "Harbor House", DATE
    sheet = book.active
    assert sheet is not None
    sheet.title = "Words"
    for row in texts.GLOSSARY:
        sheet.append(row)
    notes = book.create_sheet("Notes")
    for note in texts.GLOSSARY_NOTES:
        notes.append([note])
    return repacked(book.save)


def minutes_odt() -> bytes:
    namespaces = " ".join(
        f'xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"'
        for name in ("office", "text", "meta", "manifest", "style")
    )
    body = f'<text:h text:outline-level="1">{texts.BOARD_TITLE_IS}</text:h>'
    for heading, text in texts.BOARD_SECTIONS_IS:
        body += f'<text:h text:outline-level="2">{heading}</text:h><text:p>{text}</text:p>'
    body += '<text:h text:outline-level="2">Ákvarðanir</text:h><text:list>'
    for item in texts.BOARD_DECISIONS_IS:
        body += f"<text:list-item><text:p>{item}</text:p></text:list-item>"
    body += "</text:list><text:p>Fleira var ekki gert og var fundi slitið klukkan tíu.</text:p>"
    kind = "application/vnd.oasis.opendocument.text"
    parts = {
        "content": f"<office:body><office:text>{body}</office:text></office:body>",
        "meta": '<office:meta><dc:title xmlns:dc="http://purl.org/dc/elements/1.1/">'
        f"{texts.BOARD_TITLE_IS}</dc:title></office:meta>",
        "styles": "<office:styles/>",
    }
    members = [("mimetype", kind)]
    for name, inner in parts.items():
        root = f"office:document-{name}"
        members.append(
            (f"{name}.xml", f'<{root} {namespaces} office:version="1.2">{inner}</{root}>')
        )
    entries = "".join(
        f'<manifest:file-entry manifest:full-path="{path}" manifest:media-type="{media}"/>'
        for path, media in [("/", kind), *((f"{name}.xml", "text/xml") for name in parts)]
    )
    manifest = f'<manifest:manifest {namespaces} manifest:version="1.2">{entries}'
    members.append(("META-INF/manifest.xml", manifest + "</manifest:manifest>"))
    return packed(((name, _xml(name, text)) for name, text in members), first_stored=True)


def _xml(name: str, text: str) -> bytes:
    head = '<?xml version="1.0" encoding="UTF-8"?>\n' if name != "mimetype" else ""
    return (head + text).encode()


def novella_epub() -> bytes:
    def page(title: str, body: str) -> str:
        return (
            '<html xmlns="http://www.w3.org/1999/xhtml" '
            'xmlns:epub="http://www.idpf.org/2007/ops" xml:lang="de">'
            f"<head><title>{title}</title></head><body>{body}</body></html>"
        )

    chapters = [(f"chapter-{i}", *part) for i, part in enumerate(texts.NET_MENDER_DE, 1)]
    links = "".join(f'<li><a href="{key}.xhtml">{title}</a></li>' for key, title, _ in chapters)
    items = "".join(
        f'<item id="{key}" href="{key}.xhtml" media-type="application/xhtml+xml"/>'
        for key, _, _ in chapters
    )
    spine = "".join(f'<itemref idref="{key}"/>' for key, _, _ in chapters)
    package = (
        '<package xmlns="http://www.idpf.org/2007/opf" version="3.0" unique-identifier="id">'
        '<metadata xmlns:dc="http://purl.org/dc/elements/1.1/">'
        '<dc:identifier id="id">urn:harbor-house:die-netzflickerin</dc:identifier>'
        f"<dc:title>{texts.NET_MENDER_TITLE_DE}</dc:title><dc:language>de</dc:language>"
        '<meta property="dcterms:modified">2024-03-01T12:00:00Z</meta></metadata>'
        '<manifest><item id="nav" href="nav.xhtml" properties="nav" '
        f'media-type="application/xhtml+xml"/>{items}</manifest><spine>{spine}</spine></package>'
    )
    members = [
        ("mimetype", "application/epub+zip"),
        (
            "META-INF/container.xml",
            '<container xmlns="urn:oasis:names:tc:opendocument:xmlns:container" version="1.0">'
            '<rootfiles><rootfile full-path="OEBPS/package.opf" '
            'media-type="application/oebps-package+xml"/></rootfiles></container>',
        ),
        ("OEBPS/package.opf", package),
        ("OEBPS/nav.xhtml", page("Inhalt", f'<nav epub:type="toc"><ol>{links}</ol></nav>')),
    ]
    for key, title, text in chapters:
        paragraphs = "".join(f"<p>{part}</p>" for part in text.split("\n\n"))
        members.append((f"OEBPS/{key}.xhtml", page(title, f"<h1>{title}</h1>{paragraphs}")))
    return packed(((name, _xml(name, text)) for name, text in members), first_stored=True)


def agreement_rtf() -> bytes:
    """Both ways in which RTF writes an accent: a byte of the code page, and a code point."""

    def escaped(text: str) -> str:
        return "".join(
            c
            if c.isascii()
            else (f"\\u{ord(c)}" if c in "ñÑ" else "") + f"\\'{c.encode('cp1252')[0]:02x}"
            for c in text
        )

    lines = [
        r"{\rtf1\ansi\ansicpg1252\deff0{\fonttbl{\f0\froman Times New Roman;}}",
        r"{\info{\title Acuerdo}{\author Harbor House}}",
        rf"\pard\sa240{{\b\fs32 {texts.AGREEMENT_TITLE_ES}}}\par",
        *(rf"\pard\sa160\fs24 {escaped(part)}\par" for part in texts.AGREEMENT_ES.split("\n\n")),
        "}",
    ]
    return "\r\n".join(lines).encode("ascii")


# --- mail -------------------------------------------------------------------------------------


def heating_mail() -> bytes:
    message = email.message.EmailMessage(email.policy.SMTP)
    message["From"] = "Tomasz Wierny <tomasz.wierny@example.com>"
    message["To"] = "Halla Brimdal <halla.brimdal@example.org>"
    message["Subject"] = "The heating, and what I wrote down"
    message["Date"] = "Sun, 08 Jan 2023 21:15:00 +0000"
    message["Message-ID"] = "<20230108.2115.t7@harborhouse.example>"
    message["X-Originating-IP"] = "[198.51.100.17]"
    message.set_content(texts.EML_BODY_EN + "\n")
    message.add_attachment(texts.EML_ATTACHMENT_EN + "\n", subtype="plain", filename="timeline.txt")
    message.set_boundary("=_harbor-house-0")
    return message.as_bytes()


def board_mbox() -> bytes:
    """A thread of three; the second has a web page beside its text, the third begins a line with
    the word that separates messages in this format, and is therefore escaped."""
    out = io.BytesIO()
    for entry in texts.MBOX_MESSAGES:
        message = email.message.EmailMessage(email.policy.default)
        for header, key in (
            ("From", "from"),
            ("To", "to"),
            ("Subject", "subject"),
            ("Date", "date"),
            ("Message-ID", "id"),
            ("In-Reply-To", "in_reply_to"),
        ):
            if entry[key]:
                message[header] = entry[key]
        message.set_content(wrapped(entry["body"], 72))
        if entry["language"] == "is":
            paragraphs = entry["body"].split("\n\n")
            page = "".join(f"<p>{html.escape(part)}</p>\n" for part in paragraphs)
            message.add_alternative(f"<html><body>\n{page}</body></html>\n", subtype="html")
            message.set_boundary("=_harbor-house-1")
        sent = dt.datetime.strptime(entry["date"], "%a, %d %b %Y %H:%M:%S %z")
        sender = entry["from"].partition("<")[2].rstrip(">")
        out.write(f"From {sender} {sent:%a %b %d %H:%M:%S %Y}\n".encode())
        email.generator.BytesGenerator(out, mangle_from_=True).flatten(message)
        out.write(b"\n")
    return out.getvalue()


# --- pictures and sound -----------------------------------------------------------------------


def typed_page(blocks: Sequence[str], *, dpi: int = 150) -> Image.Image:
    """A typed page, put on the glass clearly askew."""
    page = Image.new("L", (round(8.27 * dpi), round(11.69 * dpi)), 255)
    draw = ImageDraw.Draw(page)
    y = 1.2 * dpi
    for index, block in enumerate(blocks):
        font = ImageFont.load_default(dpi * (0.24 if index == 0 else 0.175))
        for line in block.split("\n"):
            draw.text((1.1 * dpi, y), line, font=font, fill=20)
            y += 0.29 * dpi
        y += 0.22 * dpi
    page = page.rotate(2.5, resample=Image.Resampling.BICUBIC, fillcolor=255)
    draw = ImageDraw.Draw(page)
    for i in range(40):  # dust on the glass
        x, z = (i * 7919) % page.width, (i * 104729) % page.height
        draw.point((x, z), fill=0)
    return page


def door_sign(lines: Sequence[str]) -> bytes:
    """A photograph of a notice on a door."""
    picture = Image.linear_gradient("L").resize((640, 420)).point([70 + i // 4 for i in range(256)])
    paper = Image.new("L", (460, 250), 238)
    draw = ImageDraw.Draw(paper)
    for index, line in enumerate(lines):
        font = ImageFont.load_default(36 if index == 0 else 23)
        draw.text((230, 48 + index * 48), line, font=font, fill=30, anchor="mm")
    turned = paper.rotate(2, expand=True, resample=Image.Resampling.BICUBIC, fillcolor=0)
    mask = Image.new("L", paper.size, 255).rotate(2, expand=True)
    picture.paste(turned, (85, 75), mask)
    out = io.BytesIO()
    picture.save(out, "PNG", optimize=True)
    return out.getvalue()


def tone(seconds: float = 1.0, rate: int = 8000, hertz: float = 440.0) -> bytes:
    """A test tone that swells and fades: nobody speaks on this tape."""
    count = round(seconds * rate)
    samples = (
        round(9000 * math.sin(math.pi * i / count) * math.sin(2 * math.pi * hertz * i / rate))
        for i in range(count)
    )
    out = io.BytesIO()
    with wave.open(out, "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(2)
        sound.setframerate(rate)
        sound.writeframes(struct.pack(f"<{count}h", *samples))
    return out.getvalue()


# --- what is broken ---------------------------------------------------------------------------


class _FixedIdentifier(PdfWriter):
    """Encryption depends on the file's identifier, which is random by default."""

    def generate_file_identifiers(self) -> None:
        identifier = ByteStringObject(b"harbor-house-001")
        self._ID = ArrayObject((identifier, identifier))


def sealed_pdf() -> bytes:
    """RC4 and not AES, whose salts are random: the lock matters here, not its strength."""
    writer = _FixedIdentifier()
    for page in PdfReader(io.BytesIO(plain_pdf(texts.SEALED_EN, "Sealed"))).pages:
        writer.add_page(page)
    writer.encrypt(PASSWORD, algorithm="RC4-128")
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def truncated_pdf() -> bytes:
    whole = plain_pdf(texts.LOST_REPORT_EN, "Lost")
    return whole[: whole.index(b"endstream") - 40]


def unknown_bytes(size: int = 1536) -> bytes:
    """Bytes of no format at all, the same every time."""
    blocks = (hashlib.sha256(b"tape index %d" % i).digest() for i in range(size // 32))
    return b"\x9d\x00\xc1\x05" + b"".join(blocks)


def desktop_leftover() -> bytes:
    """The first bytes of the file that a Mac leaves in every folder it has opened."""
    return b"\x00\x00\x00\x01Bud1" + bytes(1016)


# --- the deposit ------------------------------------------------------------------------------


def tar_gz(members: Iterable[tuple[str, bytes]]) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=tarfile.USTAR_FORMAT) as archive:
        for name, data in members:
            info = tarfile.TarInfo(name)
            info.size, info.mtime, info.mode = len(data), 1_709_294_400, 0o644
            archive.addfile(info, io.BytesIO(data))
    return gzip.compress(out.getvalue(), mtime=0)


def parquet() -> bytes:
    rows = [
        {**row, "recorded": dt.date.fromisoformat(str(row["recorded"]))}
        for row in texts.ORAL_HISTORY
    ]
    schema = pa.schema(
        [
            ("id", pa.string()),
            ("recorded", pa.date32()),
            ("language", pa.string()),
            ("minutes", pa.int32()),
            ("text", pa.string()),
        ]
    )
    out = io.BytesIO()
    pq.write_table(pa.Table.from_pylist(rows, schema), out)
    return out.getvalue()


def box_seven() -> bytes:
    inner = packed(
        [
            ("accession-note.md", texts.ACCESSION_NOTE_MD.encode()),
            ("uebersetzung.txt", f"{texts.TRANSLATION_DE}\n".encode()),
        ]
    )
    contents = f"{texts.BOX_LIST_EN}\n".encode()
    return packed([("contents.txt", contents), ("inner/box-7b.zip", inner)])


def files() -> dict[str, bytes]:
    """Every file of the deposit: path to content."""
    ferry_bell = wrapped(texts.FERRY_BELL_EN).encode()
    stories = json_lines(texts.STORIES).splitlines(keepends=True)
    stories.insert(3, texts.STORIES_MALFORMED_LINE + "\n")
    testimonies = [("id", "language", "text"), *texts.TESTIMONIES]
    rent_draft = draft(texts.RENT_DEPOSIT_EN, texts.RENT_DEPOSIT_DRAFT_CHANGES)
    return {
        "deposit.yaml": DESCRIPTION.encode(),
        ".DS_Store": desktop_leftover(),
        "archive/backup-2018.tar.gz": tar_gz(
            [
                ("stories/the-coat.txt", wrapped(texts.COAT_EN).encode()),
                ("stories/the-ferry-bell.txt", ferry_bell),
            ]
        ),
        "archive/box-7.zip": box_seven(),
        "broken/empty.txt": b"",
        "broken/sealed.pdf": sealed_pdf(),
        "broken/tape-index.bin": unknown_bytes(),
        "broken/truncated.pdf": truncated_pdf(),
        "chats/exported-with-dust.txt": dusty(texts.JUNK_EN).encode(),
        "chats/helpdesk-2023.jsonl": json_lines(texts.CHATS).encode(),
        "letters/brief-an-die-hausverwaltung.txt": (texts.HEATING_DE + "\n").encode("utf-16"),
        "letters/door-note.txt": (texts.DOOR_NOTE_EN + "\n").encode(),
        "letters/forwarded-twice.txt": garbled_paragraphs(texts.FORWARDED_EN, 2).encode(),
        "letters/leigubref-2004.txt": wrapped(texts.LEASE_LETTER_IS)
        .replace("\n", "\r\n")
        .encode("cp1252"),
        "letters/leigubref-2004-utf8.txt": wrapped(texts.LEASE_LETTER_IS).encode(),
        "letters/lettre-de-nuit.txt": wrapped(texts.NIGHT_CREW_FR).encode("iso-8859-1"),
        "letters/rent-deposit-2021-draft.txt": wrapped(rent_draft).encode(),
        "letters/rent-deposit-2021.txt": wrapped(texts.RENT_DEPOSIT_EN).encode(),
        "mail/heating.eml": heating_mail(),
        "mail/thread-2023.mbox": board_mbox(),
        "minutes/annual-meeting-2021.docx": annual_report(),
        "minutes/board-2022-03.md": texts.BOARD_MINUTES_MD.encode(),
        "minutes/convivencia.rtf": agreement_rtf(),
        "minutes/stjorn-2020-11.odt": minutes_odt(),
        "reports/open-day.pptx": open_day(),
        "reports/what-the-timetable-knew.pdf": columns_pdf(
            texts.NEWSLETTER_NAME,
            texts.NEWSLETTER_TITLE,
            texts.NEWSLETTER_EN,
            texts.NEWSLETTER_NOTE_EN,
        ),
        "reports/winter-of-the-unpaid-wages.pdf": report_pdf(
            texts.REPORT_TITLE,
            texts.REPORT_SUBTITLE,
            texts.REPORT_EN,
            running_head=texts.REPORT_RUNNING_HEAD,
            hyphenation=texts.REPORT_HYPHENATION,
        ),
        "scans/door-sign.png": door_sign(texts.DOOR_SIGN_EN),
        "scans/lease-1987.pdf": image_pdf(
            typed_page(texts.SCANNED_LEASE_EN), dpi=150, title="Scan 0412"
        ),
        "scans/tape-03-side-b.wav": tone(),
        "stories/borrowed-boat.txt": wrapped(texts.BORROWED_BOAT_EN).encode(),
        "stories/die-netzflickerin.epub": novella_epub(),
        "stories/more-stories.jsonl.gz": gzip.compress(
            json_lines(texts.MORE_STORIES).encode(), mtime=0
        ),
        "stories/selurinn-sem-las.txt": garbled_paragraphs(texts.READING_SEAL_IS, -1).encode(),
        "stories/stories.jsonl": "".join(stories).encode(),
        "stories/the-ferry-bell.txt": ferry_bell,
        "tables/cases-2021.csv": delimited(texts.CASES_CSV, ",").encode(),
        "tables/glossary.xlsx": glossary(),
        "tables/oral-history.parquet": parquet(),
        "tables/testimonies.tsv": delimited(testimonies, "\t").encode(),
        "web/premiere-semaine.html": web_page().encode(),
    }


def main(folder: Path) -> None:
    if folder.exists():
        # Only a folder that this script made before: anything else there is somebody's work.
        if not (folder / "deposit.yaml").exists():
            raise SystemExit(f"{folder} exists and is not a deposit; choose another folder.")
        shutil.rmtree(folder)
    for name, data in files().items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)


if __name__ == "__main__":
    given = sys.argv[1:] or [str(Path(__file__).parent / "deposit")]
    main(Path(given[0]))
