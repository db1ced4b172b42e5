"""Damaged copies of every format, in one run: each file is a document or a row that says why."""

from __future__ import annotations

import gzip
import io
import os
import random
import re
import shutil
import subprocess
import sys
import zipfile
import zlib
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pyarrow as pa
import pytest
from PIL import Image, ImageDraw
from reportlab.pdfgen import canvas

import datapartnerships as dp
from datapartnerships import readers, writers
from datapartnerships.readers._source import Limits
from datapartnerships.schema import reason_class

QUICK = Limits(max_seconds=20, max_memory_bytes=2 << 30, max_expanded_bytes=256 << 20)
# What nobody foresaw is named by its class (`OfficeReader: ValueError`).
UNFORESEEN = re.compile(r"\w+: [A-Z]\w+")
# What Python prints of errors and objects is never part of a reason.
INSIDES = re.compile(r"Traceback|File \"|\.py\b|<\w[^>]* at 0x|\n")
# Every Python of a run loads it, workers and parsers too: it notes and refuses what reaches out.
LISTENER = """
import os, sys
def hear(event, args):
    if event in ("socket.connect", "socket.getaddrinfo", "socket.gethostbyname", "socket.sendto"):
        if event in ("socket.connect", "socket.sendto") and isinstance(args[1], (str, bytes)):
            return  # between processes of this machine
        with open(os.environ["REACHED_OUT"], "a") as file:
            file.write(f"{event} {args[1:]!r}")
        raise OSError("no network in this test")
sys.addaudithook(hear)
"""


def _image(kind: str) -> bytes:
    image = Image.new("RGB", (400, 120), "white")
    ImageDraw.Draw(image).text((20, 40), "The hall was full at eight.", fill="black")
    file = io.BytesIO()
    image.save(file, kind)
    return file.getvalue()


def _pdf(draw: Callable[[canvas.Canvas], object] = lambda page: None) -> bytes:
    file = io.BytesIO()
    page = canvas.Canvas(file, invariant=True)
    for number in range(3):
        page.drawString(72, 700, f"Page {number}: the members met in the hall and spoke of rent.")
        draw(page)
        page.showPage()
    page.save()
    return file.getvalue()


MINUTES = b"<html><body><h1>Minutes</h1><p>The members met in the hall, page %d.</p></body></html>"


def _warc(page: bytes = MINUTES) -> list[bytes]:
    found = []
    for n in range(6):
        http = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n" + page % n
        head = b"WARC/1.0\r\nWARC-Type: response\r\nWARC-Target-URI: http://example.is/%d\r\n" % n
        head += b"Content-Type: application/http\r\nContent-Length: %d\r\n\r\n" % len(http)
        found.append(head + http + b"\r\n\r\n")
    return found


def originals(deposit: Path) -> dict[str, bytes]:
    """Suffix to a small sound file of that format."""
    names = (
        "letters/leigubref-2004-utf8.txt", "minutes/board-2022-03.md",
        "web/premiere-semaine.html", "minutes/annual-meeting-2021.docx", "reports/open-day.pptx",
        "tables/glossary.xlsx", "minutes/stjorn-2020-11.odt", "minutes/convivencia.rtf",
        "stories/die-netzflickerin.epub", "mail/heating.eml", "mail/thread-2023.mbox",
        "tables/cases-2021.csv", "tables/testimonies.tsv", "chats/helpdesk-2023.jsonl",
        "stories/more-stories.jsonl.gz", "tables/oral-history.parquet",
        "archive/backup-2018.tar.gz", "archive/box-7.zip",
    )  # fmt: skip
    found = {}
    for name in names:
        suffix = name.rpartition("/")[2].partition(".")[2]
        found[f".{suffix}"] = (deposit / name).read_bytes()
    text = found[".txt"]
    return found | {
        ".pdf": _pdf(),
        ".png": _image("PNG"),
        ".tiff": _image("TIFF"),
        ".jpg": _image("JPEG"),
        ".svg": b"<svg xmlns='http://www.w3.org/2000/svg'><text>The hall was full.</text></svg>",
        ".xml": b"<?xml version='1.0'?><minutes><p>The hall was full.</p></minutes>",
        ".warc": b"".join(_warc()),
        ".warc.gz": b"".join(gzip.compress(record, mtime=0) for record in _warc()),
        ".txt.zst": pa.compress(text, "zstd", asbytes=True),
    }


def damaged(data: bytes, other: bytes, chance: random.Random) -> bytes:
    """One fault: cut off, bits flipped (in the head or all over), a hole, a doubled or a
    missing part, another file's bytes in the middle or behind."""
    size, at = len(data), chance.randrange(len(data))
    end = min(size, at + chance.randrange(1, 2 + size // 3))
    fault = chance.randrange(8)
    if fault == 0:
        return data[: max(1, at)]
    if fault in (1, 2):
        changed = bytearray(data)
        reach = min(size, 64) if fault == 1 else size
        for _ in range(chance.choice((1, 3, 40))):
            changed[chance.randrange(reach)] ^= 1 << chance.randrange(8)
        return bytes(changed)
    if fault == 3:
        return data[:at] + bytes(end - at) + data[end:]
    if fault == 4:
        return data[:end] + data[at:]
    if fault == 5:
        return (data[:at] + data[end:]) or data[:1]
    if fault == 6:
        return data[:at] + other[len(other) // 3 :][: end - at] + data[end:]
    return data[:at] + other


def _corpus(folder: Path, deposit: Path, copies: int) -> set[str]:
    sound, chance, wanted = originals(deposit), random.Random(20), set()
    for suffix in sorted(sound):
        for number in range(copies):
            other = sound[chance.choice(sorted(sound))]
            name = f"{suffix.strip('.').replace('.', '-')}/{number}{suffix}"
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_bytes(damaged(sound[suffix], other, chance))
            wanted.add(name)
    return wanted


def _run(folder: Path, out: Path, limits: Limits = QUICK) -> dp.Release:
    reader = readers.FolderReader(str(folder), limits=limits)
    return dp.run(dp.Pipeline(reader, (), writers.ParquetWriter(str(out))), workers=2)


def _reasons(release: dp.Release) -> dict[str, str]:
    return {row["provenance"]["uri"]: row["drop_reason"] for row in release.rejected}


def _check(folder: Path, wanted: set[str], out: Path) -> None:
    # Room for a busy machine: one of these pictures takes 15 seconds of a quiet one.
    release = _run(folder, out, replace(QUICK, max_seconds=90))
    parts = (release.dataset, release.rejected)
    assert wanted == {row["uri"] for part in parts for row in part["provenance"]}
    count = release.manifest
    assert count.documents_in == count.documents_out + len(release.rejected)
    assert count.documents_in == len(release.dataset) + sum(count.rejected.values())
    ids = [row for part in parts for row in part["id"]]
    assert len(ids) == len(set(ids))
    rejected = Counter(row["provenance"]["uri"] for row in release.rejected)
    office = {uri: n for uri, n in rejected.items() if uri.endswith((".docx", ".pptx", ".xlsx"))}
    assert max(office.values()) < 6, f"taken for an archive: {office}"
    reasons = [row["drop_reason"] for row in release.rejected]
    ugly = [
        reason
        for reason in reasons
        if UNFORESEEN.fullmatch(reason_class(reason)) or INSIDES.search(reason)
    ]
    assert not ugly, "\n".join(ugly)
    assert not [reason for reason in reasons if "took too long" in reason or "crashed" in reason]
    # Sound parts of damaged files are kept: a test that rejects everything proves nothing.
    assert len(release.dataset) > len(wanted) // 4


@pytest.mark.parametrize("copies", [5, pytest.param(20, marks=pytest.mark.slow)])
def test_damaged_files_in_one_run(tmp_path: Path, deposit: Path, copies: int) -> None:
    """So many of each of the 27 originals."""
    wanted = _corpus(tmp_path / "in", deposit, copies)
    assert len(wanted) >= 27 * copies
    _check(tmp_path / "in", wanted, tmp_path / "out")


def test_the_originals_are_sound(tmp_path: Path, deposit: Path) -> None:
    (tmp_path / "in").mkdir()
    for suffix, data in originals(deposit).items():
        (tmp_path / "in" / f"file{suffix}").write_bytes(data)
    release = _run(tmp_path / "in", tmp_path / "out")
    kept = {row["uri"] for row in release.dataset["provenance"]}
    unread = {"file.png", "file.tiff", "file.jpg", "file.svg", "file.xml"}
    assert {f"file{suffix}" for suffix in originals(deposit)} - unread <= kept


REMOTE = "http://reached.example.com/"
SCRIPT = """
import sys
import datapartnerships as dp
from datapartnerships import readers, writers
if __name__ == "__main__":
    reader = readers.FolderReader(sys.argv[1])
    release = dp.run(dp.Pipeline(reader, (), writers.ParquetWriter(sys.argv[2])), workers=2)
    print(*release.dataset["text"], sep="\\n")
"""


def _listening(folder: Path, *command: str) -> tuple[subprocess.CompletedProcess[str], Path]:
    (folder / "sitecustomize.py").write_text(LISTENER)
    heard = folder / "heard"
    way = os.pathsep.join([str(folder), str(Path(dp.__file__).parent.parent)])
    environment = {**os.environ, "PYTHONPATH": way, "REACHED_OUT": str(heard)}
    done = subprocess.run(
        [sys.executable, *command], env=environment, capture_output=True, text=True, check=False
    )
    return done, heard


def test_remote_references_are_never_fetched(tmp_path: Path) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    svg = "<svg xmlns='http://www.w3.org/2000/svg' xmlns:x='http://www.w3.org/1999/xlink'>"
    svg += (
        f"<image x:href='{REMOTE}a.png'/><use x:href='{REMOTE}a.svg#a'/><text>Drawn.</text></svg>"
    )
    dtd = f"<!DOCTYPE html SYSTEM '{REMOTE}a.dtd'>"
    html = f"""{dtd}<html><head><base href='{REMOTE}'><link rel=stylesheet href='{REMOTE}a.css'>
        <meta http-equiv=refresh content='0;url={REMOTE}'>
        <script src='{REMOTE}a.js'></script></head>
        <body><p>The text of the page.</p><img src='{REMOTE}a.png'><iframe src='{REMOTE}b'></iframe>
        <object data='{REMOTE}c'></object>{svg}</body></html>"""
    files = {
        "a.svg": svg,
        "b.svg": f"<?xml version='1.0'?><!DOCTYPE svg SYSTEM '{REMOTE}a.dtd'>{svg}",
        "a.html": html,
        "a.xhtml": f"<?xml version='1.0'?>{html}",
        "a.xml": f"<?xml version='1.0'?><!DOCTYPE a SYSTEM '{REMOTE}a.dtd'><a>Text.</a>",
        "b.xml": f"<?xml version='1.0'?><!DOCTYPE a [<!ENTITY b SYSTEM '{REMOTE}'>]><a>&b;</a>",
        "a.eml": f"From: a@b.is\nMessage-ID: <1>\nContent-Type: text/html\n\n{html}",
        "a.md": f"The text.\n\n![picture]({REMOTE}a.png)",
        "a.rtf": r"{\rtf1 The text. {\field{\*\fldinst INCLUDEPICTURE http://reached.example.com}}}",
    }
    for name, content in files.items():
        (folder / name).write_text(content)
    rels = f"""<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">
        <Relationship Id="r1" TargetMode="External" Target="{REMOTE}a.dotm" Type=
        "http://schemas.openxmlformats.org/officeDocument/2006/relationships/attachedTemplate"/>
        </Relationships>"""
    deposit = Path(__file__).parent.parent / "examples" / "deposit"
    shutil.copy(deposit / "minutes" / "annual-meeting-2021.docx", folder / "a.docx")
    with zipfile.ZipFile(folder / "a.docx", "a") as archive:
        archive.writestr("word/_rels/settings.xml.rels", rels)
    (folder / "a.pdf").write_bytes(_pdf(lambda page: page.linkURL(REMOTE, (0, 0, 99, 99))))
    (folder / "a.warc").write_bytes(
        b"".join(_warc(html.encode().replace(b"%", b"%%") + b"<!-- %d -->"))
    )
    (tmp_path / "run.py").write_text(SCRIPT)
    done, heard = _listening(tmp_path, str(tmp_path / "run.py"), str(folder), str(tmp_path / "out"))
    assert done.returncode == 0, done.stderr
    assert done.stdout.count("The text of the page.") == 3 + 6
    assert not heard.exists(), heard.read_text()


def test_the_listener_hears(tmp_path: Path) -> None:
    """Else the test above would prove nothing."""
    import_it = "import urllib.request as r; r.urlopen('http://127.0.0.1:9/')"
    done, heard = _listening(tmp_path, "-c", import_it)
    assert done.returncode != 0 and heard.exists()


def _objects(*bodies: bytes) -> bytes:
    """A PDF of these objects, the first of which is its catalog."""
    data, places = b"%PDF-1.7\n", []
    for number, body in enumerate(bodies, 1):
        places.append(len(data))
        data += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    size = len(bodies) + 1
    return data + (
        b"xref\n0 %d\n0000000000 65535 f \n%strailer\n"
        b"<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n" % (size, table, size, len(data))
    )


def _stream(data: bytes, more: bytes = b"") -> bytes:
    return b"<</Length %d%s>>\nstream\n%s\nendstream" % (len(data), more, data)


SHOWN = b"BT /F1 12 Tf 72 700 Td (The members met in the hall and spoke of rent.) Tj ET"
PAGE = (
    b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 600 800]/Contents 4 0 R/Resources<</Font<</F1"
    b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>>>>>>>"
)
PAGES = b"<</Type/Pages/Count 1/Kids[3 0 R]>>"


def _attacks() -> dict[str, bytes]:
    script = (
        b"<</S/JavaScript/JS(while\\(true\\){app.launchURL\\('http://reached.example.com'\\)})>>"
    )
    bomb = zlib.compress(bytes(64 << 20), 9)
    found = {
        "script.pdf": _objects(
            b"<</Type/Catalog/Pages 2 0 R/OpenAction %s/Names<</JavaScript<</Names[(a) %s]>>>>>>"
            % (script, script),
            PAGES, PAGE, _stream(SHOWN),
        ),
        "cycle.pdf": _objects(
            b"<</Type/Catalog/Pages 2 0 R>>",
            b"<</Type/Pages/Count 3/Kids[3 0 R 2 0 R 5 0 R]>>", PAGE, _stream(SHOWN),
            b"<</Type/Pages/Parent 2 0 R/Count 9/Kids[2 0 R 5 0 R]>>",
        ),
        "itself.pdf": _objects(
            b"<</Type/Catalog/Pages 2 0 R>>", b"<</Type/Pages/Count 9/Kids[2 0 R]/Parent 2 0 R>>"
        ),
        "bomb.pdf": _objects(
            b"<</Type/Catalog/Pages 2 0 R>>", PAGES, PAGE,
            _stream(zlib.compress(bomb, 9), b"/Filter[/FlateDecode/FlateDecode]"),
        ),
    }  # fmt: skip
    for kind in ("PNG", "TIFF", "JPEG", "GIF", "BMP"):
        found[f"vast.{kind.lower()}"] = _vast(kind)
    found["vast.svg"] = b"<svg xmlns='http://www.w3.org/2000/svg' width='100000' height='100000'/>"
    zeros = bytes(300 << 20)
    found["bomb.txt.gz"] = gzip.compress(zeros)
    found["bomb.warc.gz"] = gzip.compress(
        b"WARC/1.0\r\nWARC-Type: resource\r\nContent-Length: %d\r\n\r\n%s" % (len(zeros), zeros)
    ) + gzip.compress(_warc()[1])
    return found


def _vast(kind: str) -> bytes:
    """A small image whose header says 100,000 by 100,000 pixels (65,535 where that is most)."""
    file = io.BytesIO()
    Image.new("1" if kind in ("PNG", "TIFF") else "L", (8, 8)).save(file, kind)
    data, side = bytearray(file.getvalue()), 100_000
    if kind == "PNG":
        data[16:24] = side.to_bytes(4, "big") * 2
        data[29:33] = zlib.crc32(data[12:29]).to_bytes(4, "big")
    elif kind == "BMP":
        data[18:26] = side.to_bytes(4, "little") * 2
    elif kind == "GIF":
        data[6:10] = b"\xff" * 4
    elif kind == "JPEG":
        at = data.index(b"\xff\xc0") + 5
        data[at : at + 4] = b"\xff" * 4
    else:
        at = int.from_bytes(data[4:8], "little") + 2
        for entry in range(at, at + 24, 12):  # the first two tags: width and height
            data[entry + 2 : entry + 12] = (
                (4).to_bytes(2, "little") + (1).to_bytes(4, "little") + side.to_bytes(4, "little")
            )
    return bytes(data)


def test_attacks_cost_only_themselves(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    attacks = _attacks()
    for name, data in attacks.items():
        (tmp_path / "in" / name).write_bytes(data)
    release = _run(tmp_path / "in", tmp_path / "out")
    texts = {row["provenance"]["uri"]: row["text"] for row in release.dataset}
    reasons = _reasons(release)
    assert set(texts) | set(reasons) == set(attacks)
    assert "spoke of rent" in texts["script.pdf"] and "while" not in texts["script.pdf"]
    for name in ("bomb.txt.gz", "bomb.warc.gz"):
        assert "expands too much" in reasons[name]
    assert "page 1" in texts["bomb.warc.gz"], "the record behind the bomb was lost"
    assert {name for name in attacks if name.startswith("vast")} <= set(reasons)
    bad = [
        r for r in reasons.values() if UNFORESEEN.fullmatch(reason_class(r)) or INSIDES.search(r)
    ]
    assert not bad
