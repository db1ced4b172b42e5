"""Nothing hides in a file that was scrubbed, and what it shows is the same."""

from __future__ import annotations

import io
import random
import struct
import zipfile
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from hiding_documents import DOCUMENTS
from hiding_pdf import SHOWN
from hiding_places import PICTURES, WORD, Words, holds, jpeg, picture
from hiding_recordings import RECORDINGS, recording

import datapartnerships as dp
from datapartnerships.containers import SUFFIXES, Scrubbed, scrub
from datapartnerships.errors import ConfigurationError, DocumentError
from datapartnerships.ocr import Ocr

MADE = {**PICTURES, **RECORDINGS, **DOCUMENTS}
_COVER = 0x400  # FFmpeg's mark of a cover picture


@pytest.mark.parametrize("name", MADE)
def test_no_word_is_left_in_any_byte(name: str) -> None:
    words = Words()
    data = MADE[name](words)
    assert words.planted
    unseen = [word for word in words.planted if not holds(data, word)]
    assert not unseen, "the test does not see what it planted"
    done = scrub(data)
    assert done.media_type == name.split()[0]
    assert done.removed
    assert not holds(done.data, WORD)
    assert not any(WORD in kind for kind in done.removed)
    assert scrub(data) == done
    assert scrub(done.data).removed == ()


@pytest.mark.parametrize("name", MADE)
def test_damaged_files_are_refused_or_scrubbed(name: str) -> None:
    """Cut off anywhere, or with bytes changed: an error that is meant, or a clean file."""
    data = MADE[name](Words())
    chance = random.Random(name)
    for _ in range(12):
        if chance.random() < 0.4:
            broken = data[: chance.randrange(len(data))]
        else:
            mutable = bytearray(data)
            for _ in range(chance.choice((1, 4, 40))):
                mutable[chance.randrange(len(data))] = chance.randrange(256)
            broken = bytes(mutable)
        try:
            done = scrub(broken)
        except DocumentError as error:
            assert WORD not in str(error)
        else:
            assert type(done.data) is bytes


@pytest.mark.parametrize("name", [n for n in MADE if n.startswith("image/")])
def test_pixels_and_orientation_stay(name: str) -> None:
    from PIL import Image, ImageSequence

    data = MADE[name](Words())
    old, new = Image.open(io.BytesIO(data)), Image.open(io.BytesIO(scrub(data).data))
    pages = [page.copy() for page in ImageSequence.Iterator(new)]
    for page, other in zip(pages, ImageSequence.Iterator(old), strict=False):
        assert (page.size, page.mode) == (other.size, other.mode)
        assert page.tobytes() == other.tobytes()
    new.seek(0)
    turned = {"image/jpeg": 6, "image/png": 6, "image/webp": 6, "image/tiff": 8}
    assert new.getexif().get(0x0112, 1) == turned.get(name, 1)
    if name == "image/tiff":
        assert (len(pages), old.n_frames) == (2, 3)  # the thumbnail is gone


def test_a_page_with_a_thumbnail() -> None:
    """Only the thumbnail goes, also where a single page is left."""
    from hiding_places import _add_entry

    out = io.BytesIO()
    picture().save(out, "TIFF", save_all=True, append_images=[picture(size=(6, 4))])
    data = bytearray(out.getvalue())
    at = struct.unpack_from("<I", data, 4)[0]
    link = at + 2 + 12 * struct.unpack_from("<H", data, at)[0]
    _add_entry(data, link, struct.pack("<HHII", 254, 4, 1, 1))
    assert scrub(bytes(data)).removed == ("thumbnail",)


def test_colors_stay() -> None:
    from PIL import Image, ImageCms

    data = jpeg(Words())
    srgb, lab = ImageCms.createProfile("sRGB"), ImageCms.createProfile("LAB")
    seen = []
    for file in (data, scrub(data).data):
        image = Image.open(io.BytesIO(file))
        profile = ImageCms.ImageCmsProfile(io.BytesIO(image.info["icc_profile"]))
        seen += [
            ImageCms.profileToProfile(image, profile, lab, outputMode="LAB").tobytes(),
            ImageCms.profileToProfile(image, profile, srgb).tobytes(),
        ]
    assert seen[:2] == seen[2:]


@pytest.mark.parametrize("exact", [2, 3, 4, 5, 6, 7, 8])
def test_each_way_a_picture_is_turned(exact: int) -> None:
    from PIL import Image

    block = Image.Exif()
    block[0x0112], block[0x010F] = exact, WORD
    out = io.BytesIO()
    picture().save(out, "JPEG", exif=block)
    done = scrub(out.getvalue())
    assert Image.open(io.BytesIO(done.data)).getexif() == {0x0112: exact}
    assert not holds(done.data, WORD)


def test_further_pictures_of_a_jpeg_file_go() -> None:
    from PIL import Image

    out = io.BytesIO()
    picture().save(out, "MPO", save_all=True, append_images=[picture("L")])
    done = scrub(out.getvalue())
    assert done.removed == ("bytes behind the end", "further pictures")
    assert Image.open(io.BytesIO(done.data)).format == "JPEG"


def test_clips_of_recordings_hide_nothing() -> None:
    import numpy as np

    from datapartnerships._backends.av import encode_flac

    clip = encode_flac(np.linspace(-0.5, 0.5, 9000, dtype=np.float32))
    assert scrub(clip) == Scrubbed(clip, (), "audio/flac")


def test_pictures_of_every_packing(tmp_path: Path) -> None:
    """Modes and packings that the scrubbers take apart; the check of pixels is in `scrub`."""
    for mode in ("1", "L", "LA", "P", "RGB", "RGBA", "I;16", "CMYK"):
        image = picture("L").convert("I;16") if mode == "I;16" else picture().convert(mode)
        for kind, options in (
            ("PNG", {}), ("TIFF", {}), ("TIFF", {"compression": "tiff_lzw"}),
            ("TIFF", {"compression": "packbits"}), ("TIFF", {"compression": "jpeg"}),
            ("TIFF", {"compression": "group4"}), ("JPEG", {}), ("JPEG", {"progressive": True}),
            ("WEBP", {"lossless": True}), ("WEBP", {}), ("GIF", {}),
        ):  # fmt: skip
            out = io.BytesIO()
            try:
                image.save(out, kind, **options)
            except (OSError, ValueError, RuntimeError):
                continue  # not a mode of this format
            assert scrub(out.getvalue()).media_type == f"image/{kind.lower()}"


def _heard(data: bytes) -> list[Any]:
    """All samples and, of a video, all pictures, with their times."""
    import av

    found = []
    with av.open(io.BytesIO(data)) as container:
        kinds = [s.type for s in container.streams if not s.disposition & _COVER]
    for kind in ("audio", "video"):
        if kind in kinds:
            with av.open(io.BytesIO(data)) as container:
                stream = container.streams.best(kind)
                for frame in container.decode(stream):
                    found.append((kind, float(frame.time or 0), frame.to_ndarray().tobytes()))
    return found


@pytest.mark.parametrize("name", [n for n in MADE if n.startswith(("audio/", "video/"))])
def test_samples_and_frames_stay(name: str) -> None:
    data = MADE[name](Words())
    if name.startswith("video/"):
        assert b"x264" in data or "webm" in name
    new = scrub(data).data
    assert _heard(data) == _heard(new)
    assert b"x264" not in new  # the encoder's message in the pictures


def test_a_video_stays_turned() -> None:
    import av

    data = bytearray(recording(Words(), "mp4", "aac", video="libx264", chapters=False))
    at = 0
    while (at := data.find(b"tkhd", at + 1)) > 0:
        turned = struct.pack(">9i", 0, 65536, 0, -65536, 0, 0, 0, 0, 1 << 30)
        data[at + 44 : at + 80] = turned
    for file in (bytes(data), scrub(bytes(data)).data):
        with av.open(io.BytesIO(file)) as container:
            assert next(container.decode(video=0)).rotation == -90


def test_what_pages_show_stays() -> None:
    import pypdfium2

    def texts(data: bytes) -> list[str]:
        pdf = pypdfium2.PdfDocument(data)
        return [page.get_textpage().get_text_range() for page in pdf]

    first, second = texts(scrub(DOCUMENTS["application/pdf"](Words())).data)
    lines = [SHOWN, "A layer that is on", "Nets", "A field that is shown"]
    assert first.split("\r\n") == lines
    assert second == "Boats came in at night"


def test_office_files_open_and_show_the_same() -> None:
    import docx
    import openpyxl
    import pptx

    def made(kind: str) -> io.BytesIO:
        name = next(name for name in DOCUMENTS if name.endswith(kind))
        return io.BytesIO(scrub(DOCUMENTS[name](Words())).data)

    text = docx.Document(made("wordprocessingml.document"))
    lines = [p.text.strip() for p in text.paragraphs if p.text.strip()]
    assert lines == [
        SHOWN,
        "We met kindly people",
        "Boats",
        "NetsField",
        "Chosen: herring",
        "Page  of",
        "Link",
        "Control",
    ]
    with zipfile.ZipFile(made("wordprocessingml.document")) as archive:
        assert [n for n in archive.namelist() if "media" in n] == ["word/media/image1.jpeg"]
        document = archive.read("word/document.xml")
        assert (document.count(b" PAGE "), document.count(b" NUMPAGES ")) == (1, 1)
        assert b"A note that stays" in archive.read("word/footnotes.xml")
    assert [[c.text for c in row.cells] for row in text.tables[0].rows] == [["Cell"]]
    book = openpyxl.load_workbook(made("spreadsheetml.sheet"))
    assert book.sheetnames == ["Boats"]
    cells = {c.coordinate: c.value for row in book["Boats"] for c in row if c.value is not None}
    assert cells == {"A1": SHOWN, "A3": 7, "C4": 5, "D4": 0}
    assert len(book["Boats"]._images) == 1
    points = [chart.series[0].val.numRef.f for chart in book["Boats"]._charts]
    assert points == ["'Boats'!$C$4", "#REF!"]
    show = pptx.Presentation(made("presentationml.presentation"))
    assert [slide.shapes.title.text for slide in show.slides] == [SHOWN, SHOWN]
    assert not any(slide.has_notes_slide for slide in show.slides)


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "old office files keep deleted text"),
        (b"{\\rtf1 hello}", "application/rtf"),
        (b"Just a text.", "application/octet-stream"),
        (b"", "application/octet-stream"),
        (b"PK\3\4" + bytes(40), "application/zip"),
        (b"II+\0\x08\0\0\0" + bytes(8), "BigTIFF"),
    ],
)
def test_what_no_scrubber_knows_is_refused(data: bytes, reason: str) -> None:
    with pytest.raises(DocumentError, match=reason):
        scrub(data)


def test_content_decides_not_what_is_said() -> None:
    data = jpeg(Words())
    assert scrub(data, "image/jpeg") == scrub(data)
    with pytest.raises(DocumentError, match="not the format it is said to be"):
        scrub(data, "image/png")


def test_protected_files_and_programs_are_refused() -> None:
    import pypdf

    writer = pypdf.PdfWriter()
    writer.add_blank_page(100, 100)
    writer.encrypt("", "owner")
    out = io.BytesIO()
    writer.write(out)
    with pytest.raises(DocumentError, match="encrypted"):
        scrub(out.getvalue())
    name = next(name for name in DOCUMENTS if name.endswith("wordprocessingml.document"))
    out = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(DOCUMENTS[name](Words()))) as old,
        zipfile.ZipFile(out, "w") as new,
    ):
        for member in old.namelist():
            body = old.read(member)
            main = b"application/vnd.ms-word.document.macroEnabled.main+xml"
            if member == "[Content_Types].xml":
                kind = b"application/vnd.openxmlformats-officedocument.wordprocessingml.document"
                body = body.replace(kind + b".main+xml", main)
            new.writestr(member, body)
    with pytest.raises(DocumentError, match="macros"):
        scrub(out.getvalue())


def test_objects_inside_are_refused() -> None:
    name = next(name for name in DOCUMENTS if name.endswith("opendocument.text"))
    out = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(DOCUMENTS[name](Words()))) as old,
        zipfile.ZipFile(out, "w") as new,
    ):
        for member in old.namelist():
            chart = b'<draw:object xlink:href="./Object 1"/></draw:frame>'
            new.writestr(member, old.read(member).replace(b"</draw:frame>", chart))
    with pytest.raises(DocumentError, match="an object inside"):
        scrub(out.getvalue())


def test_formulas_without_values_are_refused() -> None:
    import openpyxl

    book = openpyxl.Workbook()
    book.active["A1"] = "=1+1"
    out = io.BytesIO()
    book.save(out)
    with pytest.raises(DocumentError, match="formulas without values"):
        scrub(out.getvalue())


def test_a_file_and_a_folder(tmp_path: Path) -> None:
    (tmp_path / "in" / "deep").mkdir(parents=True)
    (tmp_path / "in" / "a.jpg").write_bytes(jpeg(Words()))
    (tmp_path / "in" / "deep" / "b.pdf").write_bytes(DOCUMENTS["application/pdf"](Words()))
    removed = dp.scrub_file(tmp_path / "in" / "a.jpg", tmp_path / "a.jpg")
    assert "EXIF" in removed
    assert (tmp_path / "a.jpg").read_bytes() == scrub(jpeg(Words())).data
    assert "annotations" in dp.scrub_file(tmp_path / "in", tmp_path / "out")
    written = sorted(p.name for p in (tmp_path / "out").rglob("*") if p.is_file())
    assert written == ["a.jpg", "b.pdf"]
    assert not any(holds(p.read_bytes(), WORD) for p in (tmp_path / "out").rglob("*.*"))
    # One that cannot be scrubbed: nothing is written.
    (tmp_path / "in" / "c.doc").write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600))
    with pytest.raises(DocumentError, match=r"c\.doc"):
        dp.scrub_file(tmp_path / "in", tmp_path / "other")
    assert not (tmp_path / "other").exists()


def _deposit(folder: Path) -> Path:
    folder.mkdir()
    for name in ("application/pdf", "image/jpeg"):
        (folder / f"file{SUFFIXES[name]}").write_bytes(MADE[name](Words()))
    (folder / "old.pdf").write_bytes(b"%PDF-1.4 nothing of it is there")
    return folder


def test_files_travel_with_a_dataset(tmp_path: Path) -> None:
    deposit = _deposit(tmp_path / "deposit")
    with zipfile.ZipFile(deposit / "more.zip", "w") as archive:
        archive.write(deposit / "file.pdf", "inner/file.pdf")
    pipeline = dp.Pipeline(
        dp.readers.FolderReader(str(deposit), ocr=Ocr(engines=("tesseract",))),
        [dp.transforms.ScrubContainers(deposit=str(deposit))],
        dp.writers.FileWriter(str(tmp_path / "out"), deposit=str(deposit)),
    )
    release = dp.run(pipeline)
    rows = pq.read_table(next((tmp_path / "out").rglob("data/*.parquet"))).to_pylist()
    by_path = {(r["provenance"]["uri"], r["provenance"]["member"]): r for r in rows}
    assert ("more.zip", "inner/file.pdf") in by_path
    # The attachment of the PDF is a text of its own, which has no file.
    assert {r["kind"] for r in rows if r["file"] is None} == {"text"}
    files = [row for row in rows if row["kind"] == "document"]
    assert len(files) == 2
    for row in files:
        assert row["file"]["path"] == row["media"]["path"]
        assert not holds(row["file"]["bytes"], WORD)
        assert "XMP" in row["scrubbed"]
    assert (
        by_path["file.pdf", None]["file"]["bytes"]
        == scrub((deposit / "file.pdf").read_bytes()).data
    )
    assert release.manifest.counts == {"files": 2}


def test_what_cannot_be_scrubbed_is_rejected(tmp_path: Path) -> None:
    deposit = _deposit(tmp_path / "deposit")
    step = dp.transforms.ScrubContainers(deposit=str(deposit))
    batch = next(iter(_batches(deposit)))
    (deposit / "file.pdf").write_bytes(b"%PDF-1.4 another file now")
    reasons = [r for r in step(batch)["drop_reason"].to_pylist() if r]
    assert "scrub containers: file has changed since it was read" in reasons
    with pytest.raises(ConfigurationError, match="deposit"):
        dp.transforms.ScrubContainers()(batch)


def _batches(deposit: Path) -> Any:
    reader = dp.readers.PdfReader(str(deposit), ocr=None)
    for shard in reader.shards():
        yield from reader.read(shard)


def test_the_file_of_a_redacted_text_stays_behind(tmp_path: Path) -> None:
    deposit = tmp_path / "deposit"
    deposit.mkdir()
    (deposit / "a.pdf").write_bytes(DOCUMENTS["application/pdf"](Words()))

    @dp.text
    def with_address(text: str) -> str:
        return text + " anna@example.org"

    pipeline = dp.Pipeline(
        dp.readers.PdfReader(str(deposit), ocr=None),
        [
            with_address,
            dp.transforms.DetectPii([dp.detectors.Contacts()]),
            dp.transforms.Redact(),
        ],
        dp.writers.FileWriter(str(tmp_path / "out"), deposit=str(deposit)),
    )
    release = dp.run(pipeline)
    assert release.manifest.counts == {"left out: its text was redacted": 1}
    table = pq.read_table(next((tmp_path / "out").rglob("data/*.parquet")))
    assert table["file"].to_pylist() == [None]
    assert table["media"].to_pylist() == [None]


def test_real_documents(real_data: Path) -> None:
    """The same text and the same look, page by page."""
    import numpy as np
    import pypdfium2

    seen = 0
    for path in sorted((real_data / "documents" / "court_pdf").glob("*.pdf")):
        data = path.read_bytes()
        old, new = (pypdfium2.PdfDocument(d) for d in (data, scrub(data).data))
        assert len(old) == len(new)
        for a, b in zip(old, new, strict=True):
            assert a.get_textpage().get_text_range() == b.get_textpage().get_text_range()
            looks = [p.render(scale=0.7, draw_annots=False).to_numpy().astype(int) for p in (a, b)]
            assert np.abs(looks[0] - looks[1]).max() <= 8
            seen += 1
    assert seen > 50


def test_real_office_files(real_data: Path, tmp_path: Path) -> None:
    """A reader reads the same text from them."""
    for folder in ("old", "new"):
        (tmp_path / folder).mkdir()
    for part in ("office", "court_office"):
        for path in sorted((real_data / "documents" / part).iterdir()):
            data = path.read_bytes()
            if path.suffix in (".docx", ".pptx", ".xlsx", ".odt") and data[:2] == b"PK":
                (tmp_path / "old" / path.name).write_bytes(data)
                (tmp_path / "new" / path.name).write_bytes(scrub(data).data)
    texts = []
    for folder in ("old", "new"):
        reader = dp.readers.OfficeReader(str(tmp_path / folder))
        rows = [r for s in reader.shards() for t in reader.read(s) for r in t.to_pylist()]
        texts.append([[segment["text"] for segment in row["segments"]] for row in rows])
    assert texts[0] == texts[1]
    assert sum(map(len, texts[0])) > 100


def test_real_recordings(real_data: Path) -> None:
    for path in sorted((real_data / "audio").glob("*.*")):
        if path.suffix in (".mp3", ".flac", ".wav", ".mp4", ".webm"):
            data = path.read_bytes()
            assert _heard(data) == _heard(scrub(data).data), path.name
