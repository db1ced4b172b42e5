"""Files of before 2007: what is read, by what, and what becomes of damaged ones."""

from __future__ import annotations

import os
import random
import shutil
import stat
import time
from pathlib import Path

import pytest
from legacy_files import (
    HEADING_1,
    HEADING_2,
    LIST_ITEM,
    SECOND_LEVEL,
    Paragraph,
    Slide,
    compound,
    excel,
    powerpoint,
    row,
    word,
    wordperfect,
)

from datapartnerships.errors import DocumentError, InvalidParameter
from datapartnerships.readers import FolderReader, LegacyOfficeReader, Limits
from datapartnerships.readers._source import from_bytes
from datapartnerships.schema import Document

MINUTES = [
    Paragraph("Minutes", HEADING_1),
    Paragraph("The board met – ðæþö 😀 – at nine."),
    Paragraph("Wages", HEADING_2),
    Paragraph("Cleaners", properties=LIST_ITEM),
    Paragraph("by night", properties=SECOND_LEVEL),
    *row("Name", "Pay"),
    *row("Anna", "40"),
    Paragraph("In a style based on a heading", 3),
    Paragraph("The plan was rejected accepted.\x02 All agreed.\x05"),
    Paragraph('See \x13HYPERLINK "http://a.example"\x14the page\x15 of the union.\x0bGood bye.'),
]
WORD = word(MINUTES, deleted="rejected ", footnotes=["By nine to two."], comments=["Was it nine?"])
SLIDES = [
    Slide("Plan", "One\rTwo", notes="Smile."),
    Slide("Not for the board", "Costs", hidden=True),
]
SHEETS: dict[str, list[list[str | float]]] = {
    "Félagar": [["Name", "Fee"], ["Björn", 12.5], [], ["Sum", 3.0]],
    "Secret": [["unseen"]],
}
FILES = {
    "minutes.doc": WORD,
    "plan.ppt": powerpoint(SLIDES),
    "members.xls": excel(SHEETS, hidden=("Secret",)),
    "letter.wpd": wordperfect(["Dear members,", "", "the hall is cold.", "Yours, Anna"]),
}


def _parse(name: str, data: bytes, **options: object) -> Document:
    reader = LegacyOfficeReader(**options)  # type: ignore[arg-type]
    (document,) = reader.parse(from_bytes("d", name, data))
    assert isinstance(document, Document)
    return document


def _told(document: Document) -> list[tuple[str | None, str]]:
    return [(segment.ref, segment.text) for segment in document.segments]


def test_word() -> None:
    document = _parse("minutes.doc", WORD)
    deep = "Minutes > Wages"
    assert _told(document) == [
        ("Minutes", "Minutes"),
        ("Minutes", "The board met – ðæþö 😀 – at nine."),
        (deep, "Wages"),
        (deep, "- Cleaners"),
        (deep, "  - by night"),
        (deep, "Name | Pay\nAnna | 40"),
        ("Minutes > In a style based on a heading", "In a style based on a heading"),
        (
            "Minutes > In a style based on a heading",
            "The plan was accepted.[1] All agreed.[comment 1]",
        ),
        ("Minutes > In a style based on a heading", "See the page of the union.\nGood bye."),
        ("footnotes", "[1] By nine to two."),
        ("comments", "[comment 1] Was it nine?"),
    ]
    assert {segment.origin for segment in document.segments} == {"Word 97 to 2003"}


def test_word_without_comments() -> None:
    told = _told(_parse("minutes.doc", WORD, comments=False))
    assert not [text for _, text in told if "comment" in text or "Was it nine" in text]
    assert ("footnotes", "[1] By nine to two.") in told


def test_word_of_one_byte_a_character() -> None:
    made = word([Paragraph("Naïve “café” – 5 €")], narrow=True)
    assert _told(_parse("a.doc", made)) == [(None, "Naïve “café” – 5 €")]


def test_powerpoint() -> None:
    document = _parse("plan.ppt", FILES["plan.ppt"])
    assert [(s.page, s.ref, s.text) for s in document.segments] == [
        (1, "Plan", "Plan\n- One\n- Two"),
        (1, "Plan > notes", "Smile."),
        (2, "Not for the board", "Not for the board\n- Costs"),
    ]
    assert document.metadata["hidden_slides"] == "2"


def test_what_is_hidden_can_be_left_out_and_is_reported() -> None:
    slides = _parse("plan.ppt", FILES["plan.ppt"], hidden=False)
    assert [s.page for s in slides.segments] == [1, 1]
    assert slides.metadata["hidden_slides"] == "2"
    sheets = _parse("members.xls", FILES["members.xls"], hidden=False)
    assert {s.ref for s in sheets.segments} == {"Félagar"}
    assert sheets.metadata["hidden_sheets"] == "Secret"


def test_excel() -> None:
    document = _parse("members.xls", FILES["members.xls"])
    assert [(s.page, s.ref, s.text) for s in document.segments] == [
        (1, "Félagar", "Name | Fee\nBjörn | 12.5"),
        (1, "Félagar", "Sum | 3"),
        (2, "Secret (hidden)", "unseen"),
    ]


def test_wordperfect() -> None:
    told = _told(_parse("letter.wpd", FILES["letter.wpd"]))
    assert told == [(None, "Dear members,"), (None, "the hall is cold."), (None, "Yours, Anna")]


def test_in_a_folder(tmp_path: Path) -> None:
    for name, data in FILES.items():
        (tmp_path / name).write_bytes(data)
    reader = FolderReader(str(tmp_path))
    rows = [row for shard in reader.shards() for t in reader.read(shard) for row in t.to_pylist()]
    assert {row["provenance"]["uri"] for row in rows} == set(FILES)
    assert [row["drop_reason"] for row in rows] == [None] * 4
    assert {row["provenance"]["reader"] for row in rows} == {"LegacyOfficeReader"}


def test_rich_text_called_doc() -> None:
    told = _told(_parse("letter.doc", rb"{\rtf1\ansi Dear members.\par}"))
    assert told == [(None, "Dear members.")]


def test_a_password_is_asked_for() -> None:
    locked = word(MINUTES, flags=0x0300)
    with pytest.raises(DocumentError, match=r"^encrypted \(needs a password"):
        _parse("a.doc", locked)


@pytest.fixture
def no_programs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nonexistent")


@pytest.mark.usefixtures("no_programs")
def test_without_a_program_it_is_said_what_to_install() -> None:
    old = word(MINUTES, version=0x65)
    said = r"^legacy office format \(a Word file of before 1997\. Install LibreOffice .*antiword"
    with pytest.raises(DocumentError, match=said):
        _parse("a.doc", old)
    with pytest.raises(DocumentError, match="libreoffice is not installed or does not read it"):
        _parse("plan.ppt", FILES["plan.ppt"], engine="libreoffice")


@pytest.mark.usefixtures("no_programs")
@pytest.mark.parametrize("name", FILES)
def test_damaged_copies_are_read_or_refused(name: str) -> None:
    """Cut off or with bits flipped: text or a reason, never another error."""
    whole = FILES[name]
    chance = random.Random(name)
    suspects = [whole[: len(whole) * share // 10] for share in range(1, 10)]
    for _ in range(60):
        damaged = bytearray(whole)
        for _ in range(chance.choice((1, 3, 20))):
            damaged[chance.randrange(16, len(damaged))] ^= 1 << chance.randrange(8)
        suspects.append(bytes(damaged))
    read = refused = 0
    for data in suspects:
        try:
            document = _parse(name, data)
        except DocumentError:
            refused += 1
        else:
            read += 1
            assert all(isinstance(segment.text, str) for segment in document.segments)
            "".join(segment.text for segment in document.segments).encode()
    assert read and refused


def test_a_word_file_cut_off_is_not_passed_for_whole() -> None:
    made = word([Paragraph("A long line. " * 300)])
    with pytest.raises(DocumentError, match="damaged legacy office file"):
        _parse("a.doc", made[:5000], engine="embedded")


def _program(folder: Path, name: str, script: str) -> None:
    file = folder / name
    file.write_text(f"#!/bin/sh\n{script}\n")
    file.chmod(file.stat().st_mode | stat.S_IXUSR)


def test_a_program_that_hangs_is_ended_with_its_children(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    mark = tmp_path / "pid"
    _program(tmp_path, "catdoc", f"sleep 300 &\necho $! > {mark}\nwait")
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    with pytest.raises(DocumentError, match=r"converter took too long \(catdoc: 2 seconds"):
        _parse("a.doc", WORD, engine="catdoc", limits=Limits(max_seconds=2))
    process = int(mark.read_text())
    for _ in range(50):
        if not Path(f"/proc/{process}").exists() or _is_zombie(process):
            return
        time.sleep(0.1)
    pytest.fail("the program's child lives on")


def _is_zombie(process: int) -> bool:
    return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] == "Z"


def test_a_program_that_writes_without_end_is_ended(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _program(tmp_path, "catdoc", "exec yes")
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    limits = Limits(max_seconds=60, max_document_bytes=100_000)
    with pytest.raises(DocumentError, match="expands too much"):
        _parse("a.doc", WORD, engine="catdoc", limits=limits)


@pytest.mark.parametrize("engine", ["antiword", "catdoc", "libreoffice"])
def test_programs_read_real_files(engine: str, real_data: Path) -> None:
    if not shutil.which({"libreoffice": "soffice"}.get(engine, engine)):
        pytest.skip(f"{engine} is not installed")
    data = (real_data / "documents" / "court_office" / "word-doc.doc").read_bytes()
    document = _parse("word-doc.doc", data, engine=engine)
    assert "Charles Barker" in "\n".join(text for _, text in _told(document))
    assert (document.segments[0].origin or "").lower().startswith(engine)
    words = _words(document)
    own = _words(_parse("word-doc.doc", data, engine="embedded"))
    assert len(words & own) >= 0.97 * len(words | own)


def _words(document: Document) -> set[str]:
    return {word for _, text in _told(document) for word in text.split()}


def test_real_files(real_data: Path) -> None:
    folder = real_data / "documents"
    expected = {
        "court_office/word-doc.doc": "asserts that our opinion did not specifically address",
        "court_office/word-perfect.wpd": "We thus affirm the judgment of the trial court.",
        "office/fake.doc": "Lorem ipsum dolor sit amet.",
        "office/fake-power-point.ppt": "    - Use _TextFrame.add_paragraph()",
        "office/tests-example.xls": "MAT | Match the lower-case greek letter",
    }
    for name, words in expected.items():
        document = _parse(name, (folder / name).read_bytes(), engine="embedded")
        assert words in "\n".join(text for _, text in _told(document)), name


def test_what_is_no_office_file() -> None:
    with pytest.raises(DocumentError, match="not an office file"):
        _parse("a.doc", b"Plain words only.")
    with pytest.raises(DocumentError, match="damaged legacy office file"):
        _parse("a.doc", compound(WordDocument=b"\xec\xa5\xc1"), engine="embedded")


def test_unknown_engine() -> None:
    with pytest.raises(InvalidParameter, match="engine"):
        LegacyOfficeReader(engine="word")
