"""FolderReader and ArchiveReader: every file, member and message is a row, whatever it is."""

from __future__ import annotations

import bz2
import gzip
import io
import itertools
import json
import lzma
import os
import subprocess
import sys
import tarfile
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import datapartnerships as dp
from datapartnerships import readers
from datapartnerships.errors import ConfigurationError, InvalidParameter
from datapartnerships.ocr import Ocr
from datapartnerships.readers import (
    ArchiveReader,
    FolderReader,
    JsonlReader,
    TextReader,
    _packed,
)
from datapartnerships.readers._source import Limits, from_bytes
from datapartnerships.readers.sniff import media_type
from datapartnerships.schema import Segment, reason_class

ROOT = Path(__file__).parents[1]
REAL = Path(os.environ.get("DATAPARTNERSHIPS_REAL_DATA") or ROOT.parent / "shared" / "data")
needs_real_files = pytest.mark.skipif(
    not (REAL / "documents").is_dir(), reason=f"no real files under {REAL}"
)


def rows(reader: Any) -> list[dict[str, Any]]:
    return [
        row
        for shard in reader.shards()
        for batch in reader.read(shard)
        for row in batch.to_pylist()
    ]


def place(row: dict[str, Any]) -> str:
    provenance = row["provenance"]
    return "!".join(filter(None, (provenance["uri"], provenance["member"])))


def outcome(row: dict[str, Any]) -> str:
    """The countable reason, or the text."""
    if row["drop_reason"]:
        return reason_class(row["drop_reason"])
    return "\n\n".join(segment["text"] for segment in row["segments"])


def outcomes(reader: Any) -> dict[str, str]:
    found = rows(reader)
    assert len({row["id"] for row in found}) == len(found), "ids are unique"
    return {place(row): outcome(row) for row in found}


def zipped(members: dict[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", method) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return target.getvalue()


def tarred(members: dict[str, bytes], mode: str = "w") -> bytes:
    target = io.BytesIO()
    with tarfile.open(fileobj=target, mode=mode) as archive:  # type: ignore[call-overload]
        for name, data in members.items():
            info = tarfile.TarInfo(name)
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
    return target.getvalue()


def zstd(data: bytes) -> bytes:
    sink = pa.BufferOutputStream()
    with pa.CompressedOutputStream(sink, "zstd") as stream:
        stream.write(data)
    return bytes(sink.getvalue())


# What content is -----------------------------------------------------------------------------

OOXML = "application/vnd.openxmlformats-officedocument."
CONTENT = [
    ("a.bin", b"%PDF-1.7\n", "application/pdf"),
    ("a.bin", b"junk\r\n%%EOF\r\n%PDF-1.4\n", "application/pdf"),
    ("a.bin", b"\0" * 800 + b"%PDF-1.4\n", "application/pdf"),
    ("a.pdf", b"This is about PDF files.\n", "text/plain"),
    ("a.doc", b"{\\rtf1\\ansi hello}", "application/rtf"),
    ("a.wpd", b"<HTML><BODY>x</BODY></HTML>", "text/html"),
    ("a.wpd", b"\xffWPC\x10\0\0\0", "application/vnd.wordperfect"),
    ("a", zipped({"[Content_Types].xml": b"", "word/document.xml": b""}),
     OOXML + "wordprocessingml.document"),
    ("a", zipped({"[Content_Types].xml": b"", "word/d.xml": b"", "word/vbaProject.bin": b""}),
     "application/vnd.ms-word.document.macroEnabled.12"),
    ("a", zipped({"[Content_Types].xml": b"", "xl/workbook.xml": b""}),
     OOXML + "spreadsheetml.sheet"),
    ("a", zipped({"[Content_Types].xml": b"", "ppt/presentation.xml": b""}),
     OOXML + "presentationml.presentation"),
    ("a", zipped({"mimetype": b"application/vnd.oasis.opendocument.text"}, zipfile.ZIP_STORED),
     "application/vnd.oasis.opendocument.text"),
    ("a", zipped({"mimetype": b"application/epub+zip"}, zipfile.ZIP_STORED),
     "application/epub+zip"),
    ("a.docx", zipped({"backup/word/document.xml": b""}), "application/zip"),
    ("a.docx", b"PK\3\4" + b"cut off", OOXML + "wordprocessingml.document"),
    ("a", tarred({"x": b"y"}), "application/x-tar"),
    ("a", gzip.compress(b"x", mtime=0), "application/gzip"),
    ("a", bz2.compress(b"x"), "application/x-bzip2"),
    ("a", lzma.compress(b"x"), "application/x-xz"),
    ("a", zstd(b"x"), "application/zstd"),
    ("a", b"PAR1....PAR1", "application/vnd.apache.parquet"),
    ("a", "\ufeff<!DOCTYPE html><html>".encode("utf-16-le"), "text/html"),
    ("a", "<html><p>x".encode("utf-16-le"), "text/html"),
    ("a.txt", b"<!-- c --><!doctype HTML><p>x", "text/html"),
    ("a", b'<?xml version="1.0"?><case><p/></case>', "application/xml"),
    ("a.md", b"<p align='center'>A readme</p>\n\n# Title\n", "text/markdown"),
    ("a", b'\n{"text": "x"}\n{"text": "y"}\n', "application/jsonl"),
    ("a.json", b'{"text": "x"}\n', "application/json"),
    ("a.json", b'{"text": "x"}\n{"text": "y"}\n', "application/jsonl"),
    ("a.json", b'{\n  "a": 1\n}', "application/json"),
    ("a", b'{"text": "' + b"x" * 20_000 + b'"}\n{}\n', "application/jsonl"),
    ("a.jsonl", b"broken\n", "application/jsonl"),
    ("a", b"Received: by x\nFrom: a@b.is\nSubject: s\n\nHi", "message/rfc822"),
    ("memo.txt", b"From: Anna\nTo: Jon\nDate: today\n\nA memo, not an e-mail.", "text/plain"),
    ("a.eml", b"From a@b Mon Jun 01 10:00:00 2009\nSubject: x\n\nHi", "message/rfc822"),
    ("a", b"From a@b Mon Jun 01 10:00:00 2009\nSubject: x\n\nHi", "application/mbox"),
    ("a.csv", b"a,b\n1,2\n", "text/csv"),
    ("a.csv", b"a,b\n1,\x00\n" + b"1,some text\n" * 9, "text/csv"),
    ("a.tsv", b"a\tb\n", "text/tab-separated-values"),
    ("a", "Þórður".encode("cp1252"), "text/plain"),
    ("a.png", b"\x89PNG\r\n\x1a\n", "image/png"),
    ("a", b"\xff\xd8\xff\xe0", "image/jpeg"),
    ("a", b"II*\0", "image/tiff"),
    ("a", b"GIF89a", "image/gif"),
    ("a", b"RIFF\0\0\0\0WEBPVP8 ", "image/webp"),
    ("a", b"BM\x9a\0\0\0\0\0\0\0\x36\0\0\0\x28\0\0\0\0\0", "image/bmp"),
    ("a", b"\0\0\0\x0cjP  \r\n\x87\n", "image/jp2"),
    ("a", b"\0\0\0\x18ftypheic", "image/heic"),
    ("a", b"AT&TFORM\0\0\0\0DJVM", "image/vnd.djvu"),
    ("a", b"RIFF\0\0\0\0WAVEfmt ", "audio/wav"),
    ("a", b"fLaC", "audio/flac"),
    ("a", b"ID3\x03", "audio/mpeg"),
    ("a", b"\xff\xfb\x90\x64\0\0\0\0\0\0\x01\x02", "audio/mpeg"),
    ("a", b"\xff\xf1\x50\x80\0\0\0\x01", "audio/aac"),
    ("a", b"OggS", "audio/ogg"),
    ("a", b"\0\0\0\x18ftypM4A ", "audio/mp4"),
    ("a", b"#!AMR\n", "audio/AMR"),
    ("a.wma", b"\x30\x26\xb2\x75\x8e\x66\xcf\x11", "audio/x-ms-wma"),
    ("a", b"\0\0\0\x18ftypisom", "video/mp4"),
    ("a", b"\0\0\0\x14ftypqt  ", "video/quicktime"),
    ("a", b"\x1aE\xdf\xa3....webm", "video/webm"),
    ("a", b"\x1aE\xdf\xa3....matroska", "video/matroska"),
    ("a", b"RIFF\0\0\0\0AVI LIST", "video/vnd.avi"),
    ("a", b"SQLite format 3\0", "application/vnd.sqlite3"),
    ("a", b"\x7fELF\x02", "application/x-executable"),
    ("a", b"MZ\x90\0\x03\0\0\0", "application/vnd.microsoft.portable-executable"),
    ("a", bytes(range(256)) * 4, "application/octet-stream"),
    ("a.txt", bytes(range(256)) * 4, "application/octet-stream"),
    ("a", b"", "inode/x-empty"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "data", "expected"), CONTENT)
def test_sniff(name: str, data: bytes, expected: str) -> None:
    assert media_type(from_bytes("d", name, data)) == expected


# The folder ----------------------------------------------------------------------------------


def test_a_mixed_folder(tmp_path: Path) -> None:
    (tmp_path / "notes").mkdir()
    (tmp_path / "notes" / "a.txt").write_text("Eitt.\n\nTvö.\n")
    (tmp_path / "notes" / "b").write_text("No suffix.")
    (tmp_path / "c.jsonl").write_text('{"text": "One"}\n{"text": "Two"}\n')
    (tmp_path / "d.zip").write_bytes(zipped({"e.md": b"# Title\n\nWords."}))
    (tmp_path / "f.csv").write_text("text,who\nHello,Anna\n")
    (tmp_path / "g.mp3").write_bytes(b"ID3\x03")
    (tmp_path / "h.xml").write_text("<?xml version='1.0'?><a/>")
    (tmp_path / "empty.txt").write_bytes(b"")
    (tmp_path / ".DS_Store").write_bytes(b"\0\0\0\1Bud1")
    (tmp_path / "~$letter.docx").write_bytes(b"Anna")
    (tmp_path / "deposit.yaml").write_text("title: not part of it")
    found = outcomes(FolderReader(tmp_path))
    assert found == {
        "notes/a.txt": "Eitt.\n\nTvö.",
        "notes/b": "No suffix.",
        "c.jsonl!#0": "One",
        "c.jsonl!#16": "Two",
        "d.zip!e.md": "# Title\n\nWords.",
        "f.csv!#1": "Hello",
        "g.mp3": "AudioReader: no speech model",
        "h.xml": "FolderReader: XML without a mapping",
        "empty.txt": "FolderReader: empty file",
        ".DS_Store": "FolderReader: operating-system litter",
        "~$letter.docx": "FolderReader: operating-system litter",
    }


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"AT&TFORM\0\0\0\0DJVU", "FolderReader: image (image/vnd.djvu: "),
        (b"MThd\0\0\0\x06", "FolderReader: audio (audio/midi: nothing here reads this format"),
        (b"SQLite format 3\0", "FolderReader: database (application/vnd.sqlite3: "),
        (b"7z\xbc\xaf\x27\x1c", "FolderReader: archive format not supported (application/x-7z"),
        (b"!BDN", "FolderReader: Outlook mailbox (application/vnd.ms-outlook-pst: "),
        (b"\x7fELF\x02", "FolderReader: program (application/x-executable: "),
        (bytes(range(256)), "FolderReader: unknown binary (application/octet-stream: "),
        (b"ARROW1\0\0", "FolderReader: no reader for this type (application/vnd.apache.arrow"),
    ],
)
def test_what_no_reader_knows_says_so(tmp_path: Path, data: bytes, reason: str) -> None:
    (tmp_path / "a").write_bytes(data)
    [row] = rows(FolderReader(tmp_path))
    assert row["drop_reason"].startswith(reason)
    assert row["provenance"]["reader"] == "FolderReader"


def test_path_is_the_one_positional_argument(tmp_path: Path) -> None:
    assert FolderReader(str(tmp_path)) == FolderReader(path=tmp_path)
    assert TextReader("x").path == "x"
    with pytest.raises(TypeError):
        FolderReader("x", "name")  # type: ignore[misc]


def test_given_readers_go_first(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_text('{"body": "Hello"}\n')
    (tmp_path / "b.xml").write_text("<?xml version='1.0'?><a>Words</a>")

    @dataclass(frozen=True, kw_only=True)
    class XmlReader(TextReader):
        media_types = frozenset({"application/xml"})

        def parse(self, source: Any) -> Any:
            yield source.document(self, [Segment(source.read(self.limits).decode()[-9:-4])])

    reader = FolderReader(tmp_path, readers=(JsonlReader(text="body"), XmlReader()))
    assert outcomes(reader) == {"a.jsonl!#0": "Hello", "b.xml": "Words"}


def test_large_files_are_cut_and_read_once(tmp_path: Path) -> None:
    lines = [json.dumps({"text": f"line {i}"}) for i in range(500)]
    (tmp_path / "a.jsonl").write_text("\n".join(lines))
    pq.write_table(
        pa.table({"text": [f"row {i}" for i in range(400)]}),
        tmp_path / "b.parquet",
        row_group_size=50,
    )
    reader = FolderReader(tmp_path, shard_bytes=1000)
    assert len(reader.shards()) > 5
    found = rows(reader)
    texts = [outcome(row) for row in found]
    assert sorted(texts) == sorted(
        [f"line {i}" for i in range(500)] + [f"row {i}" for i in range(400)]
    )
    assert len({row["id"] for row in found}) == len(found)


@pytest.mark.parametrize("name", ["a.jsonl", "a.parquet"])
def test_a_false_suffix_does_not_cut_a_file(tmp_path: Path, name: str) -> None:
    text = "From: Anna\n\n" + "A letter that somebody gave a strange name.\n" * 200
    if name == "a.jsonl":  # text with that suffix counts as damaged JSON Lines, an archive does not
        (tmp_path / name).write_bytes(zipped({"a.txt": text.encode()}, zipfile.ZIP_STORED))
    else:
        (tmp_path / name).write_text(text)
    reader = FolderReader(tmp_path, shard_bytes=1000)
    assert len(reader.shards()) > 1
    [row] = rows(reader)
    assert outcome(row).startswith("From: Anna")
    (tmp_path / name).write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(5000))
    [row] = rows(reader)
    assert outcome(row) == "ImageReader: damaged image"


def test_an_empty_folder_has_no_shards_and_a_missing_one_is_an_error(tmp_path: Path) -> None:
    assert rows(FolderReader(tmp_path)) == []
    assert list(FolderReader(tmp_path).shards()) == []
    with pytest.raises(ConfigurationError, match="no file or folder"):
        FolderReader(tmp_path / "none").shards()


def test_links_and_pipes_are_rows_and_are_not_followed(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("Words")
    (tmp_path / "loop").symlink_to(tmp_path)
    (tmp_path / "dangling").symlink_to(tmp_path / "none")
    os.mkfifo(tmp_path / "pipe.txt")
    assert outcomes(FolderReader(tmp_path)) == {
        "a.txt": "Words",
        "loop": "FolderReader: symbolic link",
        "dangling": "FolderReader: symbolic link",
        "pipe.txt": "FolderReader: not a regular file",
    }


def test_files_that_change_or_vanish_after_planning(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("Words")
    (tmp_path / "b.txt").write_text("Words")
    (tmp_path / "c.jsonl").write_text('{"text": "x"}\n' * 300)
    reader = FolderReader(tmp_path, shard_bytes=1000)
    shards = reader.shards()
    (tmp_path / "a.txt").unlink()
    (tmp_path / "b.txt").write_text("Other words")
    (tmp_path / "c.jsonl").write_text("")
    found = [row for shard in shards for batch in reader.read(shard) for row in batch.to_pylist()]
    assert len({row["id"] for row in found}) == len(found), "every lost range is a row of its own"
    reasons = {place(row): outcome(row) for row in found}
    assert reasons["a.txt"] == "FolderReader: file vanished during the run"
    assert {value for key, value in reasons.items() if key != "a.txt"} == {
        "FolderReader: file changed during the run"
    }


def test_names_that_are_not_utf8(tmp_path: Path) -> None:
    try:
        for name in (b"bad\xff.txt", b"bad\xfe.txt", b"line\nbreak.txt", "þorn.txt".encode()):
            Path(os.fsdecode(os.fsencode(tmp_path) + b"/" + name)).write_text("Words")
    except OSError:
        pytest.skip("this file system takes only names that are valid UTF-8")
    found = rows(FolderReader(tmp_path, source="d"))
    names = {row["provenance"]["uri"] for row in found}
    assert names == {"bad\\xff.txt", "bad\\xfe.txt", "line\nbreak.txt", "þorn.txt"}
    assert all(row["drop_reason"] is None for row in found)
    again = rows(FolderReader(tmp_path, source="d"))
    assert [row["id"] for row in again] == [row["id"] for row in found]
    assert rows(TextReader(tmp_path, source="d"))[0]["provenance"]["uri"] in names


UNREADABLE = """
import os, sys
from datapartnerships.readers import FolderReader
from datapartnerships.readers.folder import default_readers
# All that it imports comes first: the interpreter may be closed to other users.
default_readers(FolderReader().limits)
os.setgroups([]); os.setgid(65534); os.setuid(65534)
reader = FolderReader(sys.argv[1])
for shard in reader.shards():
    for batch in reader.read(shard):
        for row in batch.to_pylist():
            print(row["provenance"]["uri"], "|", row["drop_reason"])
"""


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can drop its rights in a subprocess")
def test_what_may_not_be_opened_is_a_row(tmp_path: Path) -> None:
    (tmp_path / "open.txt").write_text("Words")
    (tmp_path / "secret.txt").write_text("Words")
    (tmp_path / "closed").mkdir()
    (tmp_path / "closed" / "a.txt").write_text("Words")
    for folder in (tmp_path, *tmp_path.parents):
        if folder.stat().st_uid == os.geteuid() and str(folder).startswith("/tmp/"):
            folder.chmod(0o755)
    (tmp_path / "secret.txt").chmod(0)
    (tmp_path / "closed").chmod(0)
    done = subprocess.run(
        [sys.executable, "-c", UNREADABLE, str(tmp_path)],
        capture_output=True, text=True, timeout=120, cwd=ROOT,
    )  # fmt: skip
    if "PermissionError" in done.stderr and "import" in done.stderr:
        pytest.skip("the interpreter itself is closed to other users here")
    assert done.returncode == 0, done.stderr
    lines = dict(line.split(" | ") for line in done.stdout.splitlines())
    assert lines == {
        "open.txt": "None",
        "secret.txt": "FolderReader: file or folder cannot be opened (permission denied)",
        "closed": "FolderReader: file or folder cannot be opened (Permission denied)",
    }


# Archives ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "pack"),
    [
        ("a.zip", zipped),
        ("a.tar", tarred),
        ("a.tar.gz", lambda members: tarred(members, "w:gz")),
        ("a.tgz", lambda members: tarred(members, "w:gz")),
        ("a.tar.bz2", lambda members: tarred(members, "w:bz2")),
        ("a.tar.xz", lambda members: tarred(members, "w:xz")),
        ("a.tar.zst", lambda members: zstd(tarred(members))),
        ("a.zip.gz", lambda members: gzip.compress(zipped(members))),
    ],
)
def test_archives(tmp_path: Path, name: str, pack: Any) -> None:
    inner = zipped({"deep.txt": b"Deep"})
    members = {"./a.txt": b"One", "b/inner.zip": inner, "rows.jsonl": b'{"text": "Row"}\n'}
    (tmp_path / name).write_bytes(pack(members))
    expected = {
        f"{name}!a.txt": "One",
        f"{name}!b/inner.zip!deep.txt": "Deep",
        f"{name}!rows.jsonl#0": "Row",
    }
    assert outcomes(FolderReader(tmp_path)) == expected
    assert outcomes(ArchiveReader(tmp_path)) == expected


@pytest.mark.parametrize(
    ("suffix", "pack"),
    [(".gz", gzip.compress), (".bz2", bz2.compress), (".xz", lzma.compress), (".zst", zstd)],
)
def test_compressed_files_are_the_document_they_hold(
    tmp_path: Path, suffix: str, pack: Any
) -> None:
    (tmp_path / f"a.txt{suffix}").write_bytes(pack(b"Words"))
    (tmp_path / f"b.jsonl{suffix}").write_bytes(pack(b'{"text": "Row"}\n'))
    (tmp_path / f"c.csv{suffix}").write_bytes(pack(b"text\nCell\n"))
    (tmp_path / f"d.txt{suffix}").write_bytes(pack(b"Words" * 1000)[:-9])
    found = outcomes(FolderReader(tmp_path))
    cut = found.pop(f"d.txt{suffix}")
    assert cut == "ArchiveReader: compressed data are damaged"
    assert found == {
        f"a.txt{suffix}": "Words",
        f"b.jsonl{suffix}!#0": "Row",
        f"c.csv{suffix}!#1": "Cell",
    }


def test_concatenated_streams_are_read_to_the_end(tmp_path: Path) -> None:
    for suffix, pack in ((".gz", gzip.compress), (".bz2", bz2.compress), (".xz", lzma.compress)):
        (tmp_path / f"a.txt{suffix}").write_bytes(pack(b"One ") + pack(b"two"))
    assert set(outcomes(FolderReader(tmp_path)).values()) == {"One two"}


def test_a_packed_jsonl_file_streams(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def never(*_: Any) -> Any:
        raise AssertionError("it was unpacked as a whole")

    (tmp_path / "a.jsonl.gz").write_bytes(gzip.compress(b'{"text": "Row"}\n' * 1000))
    monkeypatch.setattr(_packed, "spooled", never)
    assert len(rows(FolderReader(tmp_path))) == 1000
    assert len(rows(JsonlReader(tmp_path))) == 1000


def test_large_members_wait_in_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_packed, "MEMORY_BYTES", 1000)
    text = b"A line of text.\n\n" * 500
    archive = zipped({"a.txt": text, "b.zip": zipped({"c.txt": text}, zipfile.ZIP_STORED)})
    (tmp_path / "a.zip").write_bytes(archive)
    found = outcomes(FolderReader(tmp_path))
    assert set(found) == {"a.zip!a.txt", "a.zip!b.zip!c.txt"}
    assert all(value.count("A line of text.") == 500 for value in found.values())


def test_members_that_cannot_be_had(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr("../up.txt", "x")
        archive.writestr("/root.txt", "x")
        archive.writestr("C:\\win.txt", "x")
        archive.writestr("folder/", "")
        link = zipfile.ZipInfo("link")
        link.create_system, link.external_attr = 3, 0o120777 << 16
        archive.writestr(link, "/etc/passwd")
        archive.writestr("same.txt", "First")
        with pytest.warns(UserWarning, match="Duplicate"):
            archive.writestr("same.txt", "Second")
        archive.writestr("__MACOSX/._same.txt", "x")
        archive.writestr("þorn.txt", "Last")
    found = outcomes(FolderReader(tmp_path))
    unsafe = "ArchiveReader: unsafe path in archive"
    assert found == {
        "a.zip!../up.txt": unsafe,
        "a.zip!/root.txt": unsafe,
        "a.zip!C:/win.txt": unsafe,
        "a.zip!link": unsafe,
        "a.zip!same.txt": "First",
        "a.zip!same.txt (2)": "Second",
        "a.zip!__MACOSX/._same.txt": "FolderReader: operating-system litter",
        "a.zip!þorn.txt": "Last",
    }


def test_tar_links_and_devices(tmp_path: Path) -> None:
    with tarfile.open(tmp_path / "a.tar", "w") as archive:
        for name, kind in (("l", tarfile.SYMTYPE), ("h", tarfile.LNKTYPE), ("d", tarfile.CHRTYPE)):
            info = tarfile.TarInfo(name)
            info.type, info.linkname = kind, "/etc/passwd"
            archive.addfile(info)
        info = tarfile.TarInfo("../x.txt")
        info.size = 1
        archive.addfile(info, io.BytesIO(b"x"))
        info = tarfile.TarInfo("bad\udcff.txt")
        info.size = 2
        archive.addfile(info, io.BytesIO(b"ok"))
    unsafe = "ArchiveReader: unsafe path in archive"
    assert outcomes(FolderReader(tmp_path)) == {
        "a.tar!l": unsafe, "a.tar!h": unsafe, "a.tar!d": unsafe, "a.tar!../x.txt": unsafe,
        "a.tar!bad\\xff.txt": "ok",
    }  # fmt: skip


def test_encrypted_and_damaged_members_cost_only_themselves(tmp_path: Path) -> None:
    data = bytearray(zipped({"a.txt": b"One", "b.txt": b"Two", "c.txt": b"Three"}, 0))
    first, second = data.find(b"One"), data.find(b"Two")
    data[first] ^= 1
    entry = data.find(b"PK\1\2", second)
    entry = data.find(b"PK\1\2", entry + 4)
    data[entry + 8] |= 1
    (tmp_path / "a.zip").write_bytes(data)
    assert outcomes(FolderReader(tmp_path)) == {
        "a.zip!a.txt": "ArchiveReader: damaged archive member",
        "a.zip!b.txt": "ArchiveReader: encrypted",
        "a.zip!c.txt": "Three",
    }


def test_damaged_archives_keep_what_was_read(tmp_path: Path) -> None:
    whole = tarred({f"{i}.txt": b"Words" * 200 for i in range(5)})
    (tmp_path / "cut.tar").write_bytes(whole[: 3 * 1536 + 700])
    (tmp_path / "end.tar").write_bytes(whole[: 3 * 1536])
    broken = bytearray(whole)
    broken[3 * 1536 + 150] ^= 0xFF
    (tmp_path / "bad.tar").write_bytes(broken)
    (tmp_path / "cut.zip").write_bytes(zipped({"a.txt": b"x" * 999})[:60])
    (tmp_path / "none.zip").write_bytes(zipped({}))
    found = outcomes(FolderReader(tmp_path))
    for name in ("cut.tar", "end.tar", "bad.tar"):
        assert [key for key in found if key.startswith(name)] == [
            f"{name}!0.txt", f"{name}!1.txt", f"{name}!2.txt", name,
        ]  # fmt: skip
        assert found[name] == "ArchiveReader: damaged archive"
    assert found["cut.zip"] == "ArchiveReader: damaged archive"
    assert found["none.zip"] == "ArchiveReader: empty archive"


def test_limits_are_enforced_while_reading(tmp_path: Path) -> None:
    members = {f"{i}.txt": b"Words" for i in range(10)}
    (tmp_path / "many.zip").write_bytes(zipped(members))
    found = outcomes(FolderReader(tmp_path, limits=Limits(max_members=4)))
    assert list(found.values()).count("Words") == 4
    assert found["many.zip"] == "ArchiveReader: too many members"

    found = outcomes(FolderReader(tmp_path, limits=Limits(max_expanded_bytes=22)))
    assert list(found.values()).count("Words") == 4
    assert found["many.zip"] == "ArchiveReader: expands too much"


def test_the_size_in_the_header_is_not_believed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_packed, "RATIO_APPLIES_BYTES", 10_000)
    (tmp_path / "a.tar.gz").write_bytes(tarred({"a.txt": b"x" * 1_000_000}, "w:gz"))
    (tmp_path / "b.txt.gz").write_bytes(gzip.compress(b"x" * 1_000_000))
    (tmp_path / "c.zip").write_bytes(zipped({"a.txt": b"x" * 1_000_000, "b.txt": b"Words"}))
    (tmp_path / "d.jsonl.gz").write_bytes(gzip.compress(b'{"text": "x"}\n' * 100_000))
    found = outcomes(FolderReader(tmp_path))
    assert set(found.values()) == {
        "ArchiveReader: expands too much",
        "JsonlReader: expands too much",
        "Words",
    }


def test_nesting_ends(tmp_path: Path) -> None:
    data = b"Words"
    for level in range(7):
        data = zipped({f"{level}.zip" if level else "a.txt": data})
    (tmp_path / "deep.zip").write_bytes(data)
    packed = b"Words"
    for _ in range(7):
        packed = gzip.compress(packed)
    (tmp_path / "deep.gz").write_bytes(packed)
    found = outcomes(FolderReader(tmp_path))
    assert set(found.values()) == {"FolderReader: nested too deep"}
    assert len(found) == 2


def test_a_tar_header_of_gigabytes_is_not_read(tmp_path: Path) -> None:
    info = tarfile.TarInfo("x")
    info.type, info.size = tarfile.GNUTYPE_LONGNAME, 2_000_000
    data = info.tobuf() + bytes(2_000_384)
    (tmp_path / "a.tar").write_bytes(data)
    assert set(outcomes(FolderReader(tmp_path)).values()) == {"ArchiveReader: damaged archive"}


# Real files ----------------------------------------------------------------------------------


@needs_real_files
def test_every_real_file_is_a_row() -> None:
    root = REAL / "documents"
    # No engine has this language: test_bad_input recognizes the scans, in minutes.
    found = rows(FolderReader(root, ocr=Ocr(engines=("rapidocr",), languages=("am",))))
    files = {str(path.relative_to(root)) for path in root.rglob("*") if path.is_file()}
    assert {row["provenance"]["uri"] for row in found} == files
    assert len({row["id"] for row in found}) == len(found)
    for row in found:
        assert row["drop_reason"] or any(part["text"].strip() for part in row["segments"])
    by_file = {
        key: [outcome(row) for row in group]
        for key, group in itertools.groupby(found, lambda row: row["provenance"]["uri"])
    }
    assert by_file["archives/slip.zip"] == ["ArchiveReader: unsafe path in archive", "ok"]
    assert by_file["archives/bomb1g.zip"] == ["ArchiveReader: expands too much"]
    assert by_file["archives/billionlaughs.xml"] == ["FolderReader: XML without a mapping"]
    assert by_file["archives/nested60.eml"][-1] == "FolderReader: nested too deep"
    assert len(by_file["archives/nested60.eml"]) == 6
    assert not Path("/tmp/docs/SLIPPED.txt").exists()


@needs_real_files
def test_a_real_bomb_whose_header_lies(tmp_path: Path) -> None:
    data = bytearray((REAL / "documents" / "archives" / "bomb1g.zip").read_bytes())
    entry = data.rfind(b"PK\1\2")
    data[entry + 24 : entry + 28] = (5000).to_bytes(4, "little")
    (tmp_path / "a.zip").write_bytes(data)
    [row] = rows(FolderReader(tmp_path))
    assert outcome(row) == "ArchiveReader: damaged archive member"


def test_passwords_are_handed_to_the_reader_of_pdfs_and_written_nowhere(tmp_path: Path) -> None:
    canvas_module = pytest.importorskip("reportlab.pdfgen.canvas", reason="it makes the PDF")
    path = tmp_path / "sealed.pdf"
    canvas = canvas_module.Canvas(str(path), encrypt="open sesame")
    canvas.drawString(72, 700, "The seal was broken with care.")
    canvas.save()
    found = {}
    for passwords in ((), ("wrong", "open sesame")):
        reader = readers.FolderReader(tmp_path, passwords=passwords)
        (row,) = (r for s in reader.shards() for t in reader.read(s) for r in t.to_pylist())
        found[passwords] = [part["text"] for part in row["segments"]] or row["drop_reason"]
        assert "sesame" not in repr(reader) + dp.Pipeline(reader).to_yaml()
    assert found[()].startswith("PdfReader: encrypted")
    assert found["wrong", "open sesame"] == ["The seal was broken with care."]
    with pytest.raises(InvalidParameter, match="shard_bytes"):
        readers.FolderReader(tmp_path, shard_bytes="32 MB")  # type: ignore[arg-type]
    with pytest.raises(InvalidParameter, match="not shown"):
        readers.FolderReader(tmp_path, passwords="open sesame")
