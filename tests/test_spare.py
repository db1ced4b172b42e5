"""Places to spare: pages and files that other processes read before their turn."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from test_run import digests

import datapartnerships as dp
from datapartnerships import _spare, readers, writers
from datapartnerships._spare import Places
from datapartnerships.errors import DocumentError
from datapartnerships.ocr import Ocr, recognize, recognize_pages
from datapartnerships.readers._ahead import WINDOW, read_in_order
from datapartnerships.schema import FileSpan

Image = pytest.importorskip("PIL.Image", reason="it draws the pages")
from PIL import ImageDraw, ImageFont  # noqa: E402

fcntl = pytest.importorskip("fcntl", reason="without file locks there are no places to spare")
FAST = Ocr(engines=("tesseract",))
LINES = ["The tide table", "was three years old", "and nobody minded", "but the harbor master"]


@pytest.fixture
def places(tmp_path: Path) -> Iterator[Places]:
    """Two places, one of which this process has."""
    found = Places(str(tmp_path / "places"), 2)
    with found.take() as _:  # type: ignore[union-attr]
        _spare.use(found)
        yield found
        _spare.use(None)


def _page(*lines: str) -> Any:
    picture = Image.new("L", (900, 120 + 90 * len(lines)), 255)
    font = ImageFont.load_default(48)
    for place, line in enumerate(lines):
        ImageDraw.Draw(picture).text((80, 60 + 90 * place), line, fill=0, font=font)
    return picture


def test_a_place_is_held_until_it_is_left_or_its_holder_dies(tmp_path: Path) -> None:
    places = Places(str(tmp_path / "places"), 2)
    first, second = places.take(), places.take()
    assert first and second and places.take() is None
    second.close()
    code = (
        "from datapartnerships._spare import Places\n"
        f"place = {places!r}.take(); print(bool(place)); input()"
    )
    holder = subprocess.Popen(
        [sys.executable, "-uc", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert holder.stdout and holder.stdout.readline() == "True\n"
    assert places.take() is None
    holder.kill()
    holder.communicate()
    third = places.take()
    assert third
    third.close()
    first.close()


def _groups(count: int) -> list[list[FileSpan]]:
    return [[FileSpan(f"{n}.{'pdf' if n % 4 else 'txt'}", 10)] for n in range(count)]


def test_files_are_read_ahead_and_given_in_order(places: Places) -> None:
    by: dict[str, int] = {}

    def read(group: Sequence[FileSpan]) -> Iterator[str]:
        (span,) = group
        by[span.path] = threading.get_ident()
        time.sleep(0.002)
        yield span.path
        yield span.path + " again"

    groups = _groups(WINDOW + 40)
    spans = [group[0] for group in groups]
    found = list(read_in_order(groups, read, lambda path: path.endswith(".pdf")))
    assert found == [text for span in spans for text in (span.path, span.path + " again")]
    here = threading.get_ident()
    assert all(by[span.path] == here for span in spans if span.path.endswith("txt"))
    assert len(set(by.values())) > 1
    deadline = time.monotonic() + 10
    while (place := places.take()) is None and time.monotonic() < deadline:
        time.sleep(0.01)
    assert place, "whoever helped left its place"
    place.close()


def test_what_fails_ahead_fails_in_its_turn(places: Places) -> None:
    def read(group: Sequence[FileSpan]) -> Iterator[str]:
        (span,) = group
        if span.path == "5.pdf":
            raise OSError("the disk is full")
        time.sleep(0.01)
        yield span.path

    items = read_in_order(_groups(20), read, lambda path: path.endswith(".pdf"))
    assert [next(items) for _ in range(5)] == [group[0].path for group in _groups(5)]
    with pytest.raises(OSError, match="the disk is full"):
        next(items)


def test_pages_are_the_same_whoever_recognizes_them(places: Places) -> None:
    pytest.importorskip("tesserocr")
    pages = [_page(line, f"number {n}") for n, line in enumerate(LINES)]
    given: list[int] = []

    def one_by_one() -> Iterator[tuple[int, Any]]:
        for number, page in enumerate(pages):
            given.append(number)
            yield number, page

    found = dict(recognize_pages(one_by_one(), FAST))
    assert list(found) == given == [0, 1, 2, 3]
    assert found == {number: recognize(page, FAST) for number, page in enumerate(pages)}
    assert LINES[0] in found[0].text
    place = places.take()
    assert place, "the place of the process that helped is left"
    place.close()


class _Deadly:
    """Ends the process that it is handed to."""

    def __reduce__(self) -> Any:
        return os._exit, (3,)


def test_a_page_that_kills_its_process_is_an_error_of_the_document(places: Places) -> None:
    pytest.importorskip("tesserocr")
    pages = [(1, _Deadly()), (2, _page("second"))]
    with pytest.raises(DocumentError, match="parser crashed"):
        list(recognize_pages(pages, FAST))


def test_one_shard_of_scans_is_shared_out(tmp_path: Path) -> None:
    pytest.importorskip("tesserocr")
    deposit = tmp_path / "deposit"
    deposit.mkdir()
    pages = [_page(line, f"number {n}") for n, line in enumerate(LINES)]
    for n, page in enumerate(pages):
        page.save(deposit / f"{n}.png")
    pages[0].save(deposit / "long.pdf", save_all=True, append_images=pages[1:], resolution=200)
    (deposit / "note.txt").write_text("The pictures came in one envelope.")
    reading = [readers.PdfReader(ocr=FAST), readers.ImageReader(ocr=FAST)]
    reader = readers.FolderReader(deposit, readers=reading)
    assert len(reader.shards()) == 1
    for workers in (1, 3):
        pipeline = dp.Pipeline(reader, writer=writers.ParquetWriter(tmp_path / f"out{workers}"))
        release = dp.run(pipeline, workers=workers)
        assert release.manifest.documents_out == 6
    assert digests(tmp_path / "out1") == digests(tmp_path / "out3")
