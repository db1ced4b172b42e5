"""METS and the files that it lists: one document, in folders and in zip files."""

from __future__ import annotations

import io
import random
import zipfile
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest
from PIL import Image, ImageDraw, ImageFont

from datapartnerships import readers
from datapartnerships.errors import InvalidParameter
from datapartnerships.readers._beside import grouped, is_index
from datapartnerships.schema import FileSpan

Rows = list[dict[str, Any]]


def alto(*blocks: tuple[str, str], sure: str = "0.9", page: str = 'ID="P7"') -> str:
    """A page of ALTO: blocks of an id and a text."""
    inside = "".join(
        f'<TextBlock ID="{name}" HPOS="100" VPOS="{100 * n}" WIDTH="500" HEIGHT="80"><TextLine>'
        + "".join(f'<String CONTENT="{word}" WC="{sure}"/>' for word in text.split())
        + "</TextLine></TextBlock>"
        for n, (name, text) in enumerate(blocks, 1)
    )
    return (
        '<alto xmlns="http://www.loc.gov/standards/alto/ns-v2#"><Description><OCRProcessing>'
        "<ocrProcessingStep><processingSoftware><softwareName>Setzer</softwareName>"
        "</processingSoftware></ocrProcessingStep></OCRProcessing></Description><Layout>"
        f'<Page {page} WIDTH="1000" HEIGHT="1000"><PrintSpace>{inside}</PrintSpace></Page>'
        "</Layout></alto>"
    )


def files(**groups: Iterable[tuple[str, str]]) -> str:
    """A fileSec: groups of ids and places."""
    return "<fileSec>" + "".join(
        f'<fileGrp USE="{use}">'
        + "".join(f'<file ID="{i}"><FLocat xlink:href="{href}"/></file>' for i, href in listed)
        + "</fileGrp>"
        for use, listed in groups.items()
    ) + "</fileSec>"  # fmt: skip


def mets(file_section: str, pages: str, logical: str = "", links: str = "") -> str:
    described = (
        '<dmdSec ID="D1"><mdWrap MDTYPE="MODS"><xmlData><mods xmlns="http://www.loc.gov/mods/v3">'
        "<titleInfo><title>The Quay Gazette</title></titleInfo></mods></xmlData></mdWrap></dmdSec>"
    )
    return (
        '<mets xmlns="http://www.loc.gov/METS/" xmlns:xlink="http://www.w3.org/1999/xlink">'
        f'{described}{file_section}<structMap TYPE="PHYSICAL"><div TYPE="physSequence">{pages}'
        f'</div></structMap><structMap TYPE="LOGICAL">{logical}</structMap>'
        f"<structLink>{links}</structLink></mets>"
    )


def leaf(number: int, *names: str, label: str = "") -> str:
    pointers = "".join(f'<fptr FILEID="{name}"/>' for name in names)
    return f'<div ID="PHYS{number}" TYPE="page" ORDERLABEL="{label}">{pointers}</div>'


# As docWorks writes a newspaper: articles are blocks of pages.
ISSUE = {
    "gazette_mets.xml": mets(
        files(ALTO=[("A1", "file://./alto/0001.xml"), ("A2", "file://./alto/0002.xml")]),
        leaf(1, "A1", label="1") + leaf(2, "A2", label="2"),
        '<div LABEL="The Quay Gazette"><div TYPE="ARTICLE" LABEL="Herring"><div><fptr>'
        '<area FILEID="A1" BETYPE="IDREF" BEGIN="B1"/><area FILEID="A2" BEGIN="B3"/></fptr></div>'
        '</div><div TYPE="ARTICLE" LABEL="Prices"><fptr><area FILEID="A1" BEGIN="B2"/></fptr></div>'
        "</div>",
    ),
    "alto/0001.xml": alto(("B1", "The herring came late"), ("B2", "Salt two crowns")),
    "alto/0002.xml": alto(("B3", "and left early"), ("B4", "Printed by the harbour")),
}
# As Goobi and Kitodo write a book: chapters are linked to pages, files are addresses.
BOOK = {
    "PPN77.mets": mets(
        files(
            FULLTEXT=[(f"F{n}", f"https://example.org/77/fulltext/000{n}.xml") for n in (1, 2, 3)],
            DEFAULT=[("I1", "https://example.org/77/jpg/0001.jpg")],
        ),
        leaf(1, "I1", "F1", label=" - ") + leaf(2, "F2", label="iv") + leaf(3, "F3", label="v"),
        '<div ID="L0" LABEL="A Book of Knots"><div ID="L1" LABEL="Bends"/>'
        '<div ID="L2" LABEL="Hitches"/></div>',
        "".join(
            f'<smLink xlink:from="{a}" xlink:to="PHYS{b}"/>'
            for a, b in [("L0", 1), ("L0", 2), ("L0", 3), ("L1", 2), ("L1", 3), ("L2", 3)]
        ),
    ),
    "fulltext/0001.xml": alto(("a", "A Book of Knots"), page='ID="x" PRINTED_IMG_NR="ii"'),
    "fulltext/0002.xml": alto(("a", "A bend joins two ropes")),
    "fulltext/0003.xml": alto(("a", "A hitch holds to a post")),
}


def write(folder: Path, contents: dict[str, str | bytes]) -> None:
    for name, content in contents.items():
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content.encode() if isinstance(content, str) else content)


def rows(reader: Any) -> Rows:
    return [
        row
        for shard in reader.shards()
        for table in reader.read(shard)
        for row in table.to_pylist()
    ]


def by_uri(found: Rows) -> dict[str, dict[str, Any]]:
    named = {row["provenance"]["uri"]: row for row in found}
    assert len(named) == len(found)
    return named


def said(row: dict[str, Any]) -> dict[str, str]:
    return {item["key"]: item["value"] for item in row["metadata"]}


def places(row: dict[str, Any]) -> list[tuple[str, int, str | None]]:
    return [(s["text"], s["page"], s["ref"]) for s in row["segments"]]


ISSUE_PLACES = [
    ("The herring came late", 1, "The Quay Gazette > Herring > 1"),
    ("Salt two crowns", 1, "The Quay Gazette > Prices > 1"),
    ("and left early", 2, "The Quay Gazette > Herring > 2"),
    ("Printed by the harbour", 2, "2"),
]


def test_an_issue_is_one_document(tmp_path: Path) -> None:
    write(tmp_path, ISSUE)
    (row,) = rows(readers.FolderReader(tmp_path))
    assert row["drop_reason"] is None
    assert row["provenance"]["reader"] == "MetsReader"
    assert row["provenance"]["uri"] == "gazette_mets.xml"
    assert row["provenance"]["media_type"] == "application/mets+xml"
    assert places(row) == ISSUE_PLACES
    first = row["segments"][0]
    assert first["bbox"] == pytest.approx([0.1, 0.1, 0.6, 0.18])
    assert first["confidence"] == pytest.approx(0.9)
    assert first["origin"] == "ocr Setzer"
    assert said(row) == {"title": "The Quay Gazette", "pages": "2", "files_joined": "2"}


def test_mets_reader_alone_joins_too(tmp_path: Path) -> None:
    write(tmp_path, ISSUE)
    (row,) = rows(readers.MetsReader(tmp_path))
    assert places(row) == ISSUE_PLACES


def test_a_book_with_addresses_and_links(tmp_path: Path) -> None:
    write(tmp_path, {f"77/{name}": content for name, content in BOOK.items()})
    (row,) = rows(readers.FolderReader(tmp_path))
    assert places(row) == [
        ("A Book of Knots", 1, "A Book of Knots > ii"),
        ("A bend joins two ropes", 2, "A Book of Knots > Bends > iv"),
        # Two chapters are on this page, and nothing says what of it is whose.
        ("A hitch holds to a post", 3, "A Book of Knots > v"),
    ]


def test_an_object_without_logical_structure(tmp_path: Path) -> None:
    """As Gallica hands them over: `ocr/X0000001.xml` beside a manifest of pages."""
    text = mets(
        files(ocr=[("X1", "./ocr/X0000001.xml"), ("X2", "ocr\\X0000002.XML")]),
        leaf(1, "X1") + leaf(2, "X2", label="NP"),
    )
    pages = {f"ocr/X000000{n}.xml": alto(("b", f"Page {n} here")) for n in (1, 2)}
    write(tmp_path, {"a/mets.xml": text, **{f"a/{k}": v for k, v in pages.items()}})
    (row,) = rows(readers.FolderReader(tmp_path))
    assert places(row) == [("Page 1 here", 1, None), ("Page 2 here", 2, "NP")]


def test_pages_come_in_the_order_of_the_structure(tmp_path: Path) -> None:
    text = mets(
        files(ALTO=[("A1", "1.xml"), ("A2", "2.xml")]), leaf(1, "A2") + leaf(2, "A1")
    )  # fmt: skip
    pages = {"1.xml": alto(("b", "last words")), "2.xml": alto(("b", "first words"))}
    write(tmp_path, {"mets.xml": text, **pages})
    (row,) = rows(readers.FolderReader(tmp_path))
    assert places(row) == [("first words", 1, None), ("last words", 2, None)]


def test_what_is_missing_or_damaged_is_named(tmp_path: Path) -> None:
    text = mets(
        files(ALTO=[(f"A{n}", f"alto/{n}.xml") for n in (1, 2, 3)]),
        leaf(1, "A1", label="1") + leaf(2, "A2", label="2") + leaf(3, "A3", label="3"),
    )
    write(tmp_path, {
        "mets.xml": text,
        "alto/1.xml": alto(("b", "Only this one")),
        "alto/2.xml": alto(("b", "cut off"))[:-40],
        "alto/9.xml": alto(("b", "Not of this object")),
        "notes.txt": "A note beside it all.",
    })  # fmt: skip
    found = by_uri(rows(readers.FolderReader(tmp_path)))
    assert places(found["mets.xml"]) == [("Only this one", 1, "1"), ("", 2, "2"), ("", 3, "3")]
    assert [s["kind"] for s in found["mets.xml"]["segments"]] == ["paragraph", "page", "page"]
    assert said(found["mets.xml"])["files_missing"] == "alto/3.xml"
    assert said(found["mets.xml"])["pages_without_text"] == "2-3"
    assert found["alto/2.xml"]["drop_reason"].startswith("AltoReader: damaged XML")
    assert found["alto/9.xml"]["segments"][0]["text"] == "Not of this object"
    assert found["notes.txt"]["segments"][0]["text"] == "A note beside it all."
    assert set(found) == {"mets.xml", "alto/2.xml", "alto/9.xml", "notes.txt"}


def test_no_page_at_hand_gives_the_labels(tmp_path: Path) -> None:
    write(tmp_path, {"gazette_mets.xml": ISSUE["gazette_mets.xml"], "x.xml": alto(("b", "Other"))})
    found = by_uri(rows(readers.FolderReader(tmp_path)))
    texts = [s["text"] for s in found["gazette_mets.xml"]["segments"]]
    assert texts == ["The Quay Gazette", "Herring", "Prices"]
    missing = "file://./alto/0001.xml, file://./alto/0002.xml"
    assert said(found["gazette_mets.xml"])["files_missing"] == missing
    assert found["x.xml"]["segments"][0]["text"] == "Other"


def test_a_damaged_mets_file_loses_no_page(tmp_path: Path) -> None:
    write(tmp_path, {**ISSUE, "gazette_mets.xml": ISSUE["gazette_mets.xml"][:-30]})
    found = by_uri(rows(readers.FolderReader(tmp_path)))
    assert found["gazette_mets.xml"]["drop_reason"].startswith("MetsReader: damaged XML")
    assert found["alto/0001.xml"]["provenance"]["reader"] == "AltoReader"
    assert found["alto/0002.xml"]["drop_reason"] is None


def test_two_issues_in_one_folder(tmp_path: Path) -> None:
    for name in ("may", "june"):
        text = mets(files(ALTO=[("A", f"alto/{name}.xml")]), leaf(1, "A"))
        page = alto(("b", f"News of {name}"))
        write(tmp_path, {f"{name}-mets.xml": text, f"alto/{name}.xml": page})
    found = by_uri(rows(readers.FolderReader(tmp_path)))
    assert {k: v["segments"][0]["text"] for k, v in found.items()} == {
        "may-mets.xml": "News of may",
        "june-mets.xml": "News of june",
    }


def test_a_file_that_several_pages_share_stays_apart(tmp_path: Path) -> None:
    text = mets(
        files(ALTO=[("A", "all.xml"), ("B", "b.xml")]), leaf(1, "A") + leaf(2, "A") + leaf(3, "B")
    )
    pages = {"all.xml": alto(("b", "Of two pages")), "b.xml": alto(("b", "Of one"))}
    write(tmp_path, {"mets.xml": text, **pages})
    found = by_uri(rows(readers.FolderReader(tmp_path)))
    assert [s["text"] for s in found["mets.xml"]["segments"]] == ["", "", "Of one"]
    assert found["all.xml"]["segments"][0]["text"] == "Of two pages"


def test_paths_do_not_leave_the_deposit(tmp_path: Path) -> None:
    write(tmp_path, {"secret.xml": alto(("b", "Not handed over")), "d/b.xml": alto(("b", "Mine"))})
    hrefs = [("A", "../secret.xml"), ("B", f"file://{tmp_path}/secret.xml"), ("C", "b.xml")]
    text = mets(files(ALTO=hrefs), leaf(1, "A") + leaf(2, "B") + leaf(3, "C"))
    write(tmp_path, {"d/mets.xml": text})
    (row,) = rows(readers.FolderReader(tmp_path / "d"))
    assert [s["text"] for s in row["segments"]] == ["", "", "Mine"]
    link = tmp_path / "e" / "a.xml"
    write(tmp_path, {"e/mets.xml": text.replace("../secret.xml", "a.xml"), "e/b.xml": alto()})
    link.symlink_to(tmp_path / "secret.xml")
    found = by_uri(rows(readers.FolderReader(tmp_path / "e")))
    assert found["a.xml"]["drop_reason"].startswith("FolderReader: symbolic link")
    assert not any("Not handed" in s["text"] for row in found.values() for s in row["segments"])


def zipped(contents: dict[str, str | bytes]) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in contents.items():
            archive.writestr(name, content)
    return target.getvalue()


def test_in_a_zip_file(tmp_path: Path) -> None:
    inside = {f"issue/{name}": content for name, content in ISSUE.items()}
    more = {"issue/alto/0003.xml": alto(("b", "Of no page")), "read me.txt": "What this is."}
    write(tmp_path, {"box.zip": zipped(dict(reversed(inside.items())) | more)})
    for reader in (readers.FolderReader(tmp_path), readers.ArchiveReader(tmp_path)):
        found = {row["provenance"]["member"]: row for row in rows(reader)}
        assert set(found) == {"issue/gazette_mets.xml", "issue/alto/0003.xml", "read me.txt"}
        assert places(found["issue/gazette_mets.xml"]) == ISSUE_PLACES
        assert found["issue/alto/0003.xml"]["segments"][0]["text"] == "Of no page"


def test_behind_a_url() -> None:
    import fsspec

    system = fsspec.filesystem("memory")
    for name, content in ISSUE.items():
        system.pipe(f"/gazette-box/{name}", content.encode())
    try:
        (row,) = rows(readers.FolderReader("memory://gazette-box"))
        assert places(row) == ISSUE_PLACES
    finally:
        system.rm("/gazette-box", recursive=True)


def test_what_is_planned_together() -> None:
    names = [
        "a.xml", "box/1.xml", "box/deep/2.TIF", "box/mets.xml", "box/other/3.xml",
        "box/other/x.mets", "box/text.txt", "z/meta.xml", "z/images/1.jpg",
    ]  # fmt: skip
    groups = [[span.path for span in group] for group in grouped(map(FileSpan, names))]
    assert groups == [
        ["a.xml"],
        ["box/mets.xml", "box/1.xml", "box/deep/2.TIF"],
        ["box/other/x.mets", "box/other/3.xml"],
        ["box/text.txt"],
        ["z/meta.xml", "z/images/1.jpg"],
    ]
    assert not any(map(is_index, ["metsahallitus.txt", "alto.xml", "metadata.xml"]))


def test_a_group_is_in_one_shard(tmp_path: Path) -> None:
    write(tmp_path, {**ISSUE, "alto/a.txt": "Some text.", "b.txt": "More text."})
    shards = readers.FolderReader(tmp_path, shard_bytes=100).shards()
    group = [s for s in shards if any(f.path == "gazette_mets.xml" for f in s.files)]
    assert [f.path for f in group[0].files] == list(ISSUE)
    assert sum(len(shard.files) for shard in shards) == 5


LINES = ("The pilot keeps the book of tides", "and writes what the weather was", "before breakfast")


def picture(lines: Iterable[str] = LINES) -> bytes:
    image = Image.new("L", (1000, 700), 255)
    draw = ImageDraw.Draw(image)
    for number, line in enumerate(lines):
        draw.text((90, 120 + 70 * number), line, font=ImageFont.load_default(44), fill=0)
    target = io.BytesIO()
    image.save(target, "PNG")
    return target.getvalue()


PICTURED = mets(
    files(
        ALTO=[("A1", "alto/1.xml"), ("A2", "alto/2.xml")],
        MASTER=[("I1", "png/1.png"), ("I2", "png/2.png")],
        THUMBS=[("T2", "small/2.png")],
    ),
    leaf(1, "I1", "A1", label="5") + leaf(2, "T2", "I2", "A2", label="6"),
)


def test_a_page_without_alto_is_recognized_from_its_picture(tmp_path: Path) -> None:
    write(tmp_path, {
        "mets.xml": PICTURED,
        "alto/1.xml": alto(("b", "What the first page says")),
        "png/1.png": picture(["not looked at"]),
        "png/2.png": picture(),
        "small/2.png": picture(["too small"]),
    })  # fmt: skip
    (row,) = rows(readers.FolderReader(tmp_path))
    second = [s for s in row["segments"] if s["page"] == 2]
    text = " ".join(" ".join(s["text"] for s in second).split())
    assert text == " ".join(LINES)
    assert all(s["ref"] == "6" and s["bbox"] and s["confidence"] > 0.8 for s in second)
    assert "no ALTO file of this page" in second[0]["origin"]
    assert said(row)["pages_recognized"] == "2"
    assert said(row)["files_missing"] == "alto/2.xml"
    without = readers.FolderReader(tmp_path, readers=(readers.MetsReader(ocr=None),))
    (row,) = rows(without)
    assert said(row)["pages_needing_ocr"] == said(row)["pages_without_text"] == "2"
    assert places(row) == [("What the first page says", 1, "5"), ("", 2, "6")]


_NOISE = "xqzj kwvq jjxz qqwk zxcv wqzx vkjq zzxq wvxk qjzx xkqw"
GARBLED = " ".join([_NOISE] * 3)


def test_an_illegible_page_is_recognized_again(tmp_path: Path) -> None:
    write(tmp_path, {
        "mets.xml": PICTURED,
        "alto/1.xml": alto(("b", "What the first page says"), sure="0.4"),
        "alto/2.xml": alto(("b", GARBLED), sure="0.9"),
        "png/1.png": picture(["What the first page says"]),
        "png/2.png": picture(),
    })  # fmt: skip
    (row,) = rows(readers.FolderReader(tmp_path))
    assert row["segments"][0]["origin"] == "ocr Setzer"
    assert "the ALTO file is illegible" in row["segments"][1]["origin"]
    assert said(row)["pages_recognized"] == "2"
    assert GARBLED not in str(row)
    asked = readers.MetsReader(min_confidence=0.5)
    (row,) = rows(readers.FolderReader(tmp_path, readers=(asked,)))
    assert "the ALTO file has a confidence of 0.40" in row["segments"][0]["origin"]
    assert said(row)["pages_recognized"] == "1-2"


def test_what_is_wrong_with_the_fields() -> None:
    for wrong in ({"ocr": "yes"}, {"min_confidence": 2}):
        with pytest.raises(InvalidParameter):
            readers.MetsReader(**wrong)


def test_damaged_files_are_all_accounted_for(tmp_path: Path) -> None:
    chance = random.Random(3)
    for turn in range(12):
        folder = tmp_path / str(turn)
        write(folder, ISSUE)
        damaged = folder / chance.choice(list(ISSUE))
        data = bytearray(damaged.read_bytes())
        if chance.random() < 0.5:
            del data[chance.randrange(len(data)) :]
        for _ in range(3):
            if data:
                data[chance.randrange(len(data))] ^= 1 << chance.randrange(8)
        damaged.write_bytes(data)
    found = rows(readers.FolderReader(tmp_path))
    assert len({row["id"] for row in found}) == len(found)
    for turn in range(12):
        mine = [r for r in found if r["provenance"]["uri"].startswith(f"{turn}/")]
        joined = sum(int(said(row).get("files_joined", 0)) for row in mine)
        assert len(mine) + joined >= 3, turn
