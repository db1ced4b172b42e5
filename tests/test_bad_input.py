"""Whatever a partner hands over: nothing is lost, nothing hangs, nothing stops the run."""

from __future__ import annotations

import os
import random
import time
import zipfile
from pathlib import Path

import pytest

import datapartnerships as dp
from datapartnerships import readers, writers
from datapartnerships import transforms as t
from datapartnerships.readers._source import Limits

QUICK = Limits(max_seconds=20, max_memory_bytes=2 << 30)


def _run(folder: Path, out: Path, **limits: object) -> dp.Release:
    pipeline = dp.Pipeline(
        readers.FolderReader(str(folder), limits=Limits(**limits) if limits else QUICK),
        [t.RepairUnicode(), t.NormalizeWhitespace()],
        writers.ParquetWriter(str(out)),
    )
    return dp.run(pipeline, workers=2)


def _uris(release: dp.Release) -> set[str]:
    return {
        row["uri"] for part in (release.dataset, release.rejected) for row in part["provenance"]
    }


def _reasons(release: dp.Release) -> dict[str, str]:
    return {row["provenance"]["uri"]: row["drop_reason"] for row in release.rejected}


def _mutate(data: bytes, how: str, chance: random.Random) -> bytes:
    if how.startswith("cut"):
        return data[: len(data) * int(how[3:]) // 100]
    changed = bytearray(data)
    for _ in range(max(1, len(data) // 200)):
        changed[chance.randrange(len(changed))] ^= 1 << chance.randrange(8)
    return bytes(changed)


def test_truncated_and_flipped_files_of_every_format(tmp_path: Path, deposit: Path) -> None:
    chance, folder = random.Random(7), tmp_path / "in"
    wanted = set()
    for file in sorted(p for p in deposit.rglob("*") if p.is_file() and p.name != "deposit.yaml"):
        data = file.read_bytes()
        for how in ("cut10", "cut50", "cut99", "flip"):
            if data:
                path = folder / how / file.relative_to(deposit)
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(_mutate(data, how, chance))
                wanted.add(str(path.relative_to(folder)))
    release = _run(folder, tmp_path / "out")
    assert wanted <= _uris(release)
    assert release.manifest.documents_in == release.manifest.documents_out + len(release.rejected)


@pytest.mark.slow
def test_the_real_files_lose_nothing(tmp_path: Path, real_data: Path) -> None:
    """Every file there is a document or a rejected row; the attack files stay small and quick."""
    # A page is recognized in some seconds, on a busy machine in many.
    release = _run(real_data / "documents", tmp_path / "out", max_seconds=90)
    files = {
        str(file.relative_to(real_data / "documents"))
        for file in (real_data / "documents").rglob("*") if file.is_file()
    }  # fmt: skip
    assert files <= _uris(release)
    reasons = _reasons(release)
    assert "encrypted" in reasons["corrupt/password.pdf"]
    assert "court_pdf/image-pdf-2.pdf" not in reasons
    assert "expands too much" in reasons["archives/bomb1g.zip"]
    assert "expands too much" in reasons["archives/bomb300mb.docx"]
    text = "\n".join(release.dataset["text"])
    assert "Reversed and Remanded" in text  # of the scan
    assert "root:" not in text, "an XML entity was followed"
    assert not any("parser took too long" in reason for reason in reasons.values())


def test_hostile_archives_and_names(tmp_path: Path) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    with zipfile.ZipFile(folder / "slip.zip", "w") as archive:
        archive.writestr("../../escaped.txt", "I should not get out of here.")
        archive.writestr("/abs.txt", "Neither should I.")
        archive.writestr("fine.txt", "But I am a document.")
    with zipfile.ZipFile(folder / "bomb.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("zeros.txt", b"0" * (300 << 20))
    inner = b"bottom"
    for i in range(8):
        path = tmp_path / f"{i}.zip"
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr(f"{i}.txt" if i == 0 else f"{i}.zip", inner)
        inner = path.read_bytes()
    (folder / "deep.zip").write_bytes(inner)
    (folder / "line\nbreak and ‮.txt").write_text("A name like this is possible.")
    raw = os.path.join(os.fsencode(folder), b"caf\xe9.txt")
    with open(raw, "wb") as stream:
        stream.write(b"A name that is not UTF-8.")
    os.symlink("/etc/passwd", folder / "link.txt")
    os.symlink(folder, folder / "loop")
    os.mkfifo(folder / "pipe")
    release = _run(folder, tmp_path / "out")
    texts, rejected = release.dataset["text"], list(release.rejected)
    assert "But I am a document." in texts and "A name that is not UTF-8." in texts
    assert not any("should" in text or "root:" in text for text in texts)
    found = " ".join(row["drop_reason"] for row in rejected)
    for word in ("unsafe path", "expands too much", "link", "not a regular file", "nested"):
        assert word in found, f"{word!r} in none of: {found}"
    assert not (tmp_path / "escaped.txt").exists()


def test_a_folder_that_changes_during_the_run(tmp_path: Path) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    for name in ("grows", "goes", "stays"):
        (folder / f"{name}.txt").write_text(f"The file that {name}.")
    reader = readers.FolderReader(str(folder))
    shards = reader.shards()
    (folder / "grows.txt").write_text("The file that grows, and has grown.")
    (folder / "goes.txt").unlink()
    rows = [row for s in shards for table in reader.read(s) for row in table.to_pylist()]
    reasons = {row["provenance"]["uri"]: row["drop_reason"] for row in rows}
    assert "changed during the run" in reasons["grows.txt"]
    assert "vanished during the run" in reasons["goes.txt"]
    assert reasons["stays.txt"] is None


def test_ten_thousand_empty_pages(tmp_path: Path) -> None:
    import pypdfium2

    folder = tmp_path / "in"
    folder.mkdir()
    document = pypdfium2.PdfDocument.new()
    for _ in range(10_000):
        document.new_page(595, 842)
    document.save(folder / "empty.pdf")
    document.close()
    started = time.monotonic()
    release = _run(folder, tmp_path / "out")
    assert "no text found (10000 pages" in _reasons(release)["empty.pdf"]
    assert time.monotonic() - started < 60


@pytest.mark.slow
def test_a_line_of_a_gigabyte(tmp_path: Path) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    with open(folder / "huge.jsonl", "wb") as stream:
        stream.write(b'{"text": "before"}\n{"text": "')
        for _ in range(1024):
            stream.write(b"long " * (1 << 18))
        stream.write(b'"}\n{"text": "after"}\n')
    with open(folder / "huge.txt", "wb") as stream:
        for _ in range(1024):
            stream.write(b"long " * (1 << 18))
    release = _run(folder, tmp_path / "out")
    assert sorted(release.dataset["text"]) == ["after", "before"]
    reasons = _reasons(release)
    assert "max_document_bytes" in reasons["huge.jsonl"]
    assert "max_document_bytes" in reasons["huge.txt"]
