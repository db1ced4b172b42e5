"""Gates of files that travel in the data, and of PDFs."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import release_sample as sample
from release_sample import look, rewrite

from datapartnerships.release import gates


def picture(place: Path, *, exif: bool) -> None:
    from PIL import Image, ImageDraw, ImageFont

    image = Image.new("RGB", (900, 200), "white")
    words = "The long net was mended on Monday"
    ImageDraw.Draw(image).text((30, 60), words, "black", ImageFont.load_default(48))
    tags = image.getexif()
    if exif:
        tags[0x013B] = "Wren Teal"
    image.save(place, exif=tags)


FILES = """\
reader: FolderReader
transforms: [AssignRights]
writer: {FileWriter: {nothing_redacted: true}}
"""


def test_files_that_travel_are_looked_into_again(tmp_path: Path) -> None:
    source = sample.deposit(tmp_path / "in", {"notes/a.txt": "A note beside a picture."})
    picture(source / "notes" / "net.jpg", exif=True)
    run = tmp_path / "out"
    release = sample.run(source, run, FILES)
    good = look(release, source)["containers"]
    assert good.passed and good.evidence["files"] == 1 and good.evidence["steps"] == ["FileWriter"]

    def with_bytes(data: bytes, sha256: str | None) -> gates.GateResult:
        def change(rows: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
            for row in rows:
                if row["file"]:
                    row["file"]["bytes"] = data
                    row["media"]["sha256"] = sha256
                yield row

        rewrite(run, change)
        return look(run, source)["containers"]

    dirty = (source / "notes" / "net.jpg").read_bytes()
    for data, sha256, says in (
        (dirty, None, "in a file: tag 315"),
        (dirty, "0" * 64, "not the one that was scrubbed"),
        (b"no picture at all", None, "a file cannot be looked into"),
    ):
        result = with_bytes(data, sha256)
        assert not result.passed and says in result.finding, result
        assert "Wren" not in json.dumps(dict(result.evidence))


def test_files_that_nobody_scrubbed_do_not_travel(tmp_path: Path) -> None:
    source = sample.deposit(tmp_path / "in", {"notes/a.txt": "A note beside a picture."})
    picture(source / "notes" / "net.jpg", exif=False)
    run = tmp_path / "out"
    sample.run(source, run, FILES)
    recipe = run / "pipeline.yaml"
    recipe.write_text(recipe.read_text().replace("FileWriter", "ParquetWriter"))
    result = look(run, source)["containers"]
    assert not result.passed and "the recipe has none of ScrubContainers" in result.finding


def test_a_pdf_that_nobody_looked_into_does_not_leave(tmp_path: Path) -> None:
    from reportlab.pdfgen.canvas import Canvas

    source = sample.deposit(tmp_path / "in", {"notes/a.txt": "A note beside a page."})
    for name, covered in (("plain", False), ("barred", True)):
        page = Canvas(str(source / "notes" / f"{name}.pdf"))
        page.drawString(72, 720, "The witness was Wren Teal of the loft, and said so.")
        if covered:
            page.rect(70, 715, 400, 20, fill=1)
        page.save()
    recipe = "reader: FolderReader\ntransforms: [AssignRights]\nwriter: ParquetWriter\n"
    release = sample.run(source, tmp_path / "out", recipe)
    found = look(release, source)["failed_redactions"]
    assert found.evidence["reasons"] == {"a PDF was not audited": 2}
    recipe = recipe.replace("FolderReader", "{FolderReader: {audit_redactions: true}}")
    kept = recipe.replace("AssignRights", "AssignRights, AuditRedactions: {reject: false}")
    found = look(sample.run(source, tmp_path / "out2", kept), source)["failed_redactions"]
    assert found.evidence["reasons"] == {"text survives under what looks redacted": 1}
    out = recipe.replace("AssignRights", "AssignRights, AuditRedactions")
    release = sample.run(source, tmp_path / "out3", out)
    found = look(release, source)["failed_redactions"]
    assert found.passed and found.evidence == {"rows": 2, "pdfs": 1}
