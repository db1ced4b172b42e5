"""Pictures of pages through the public reader: formats, pages, EXIF, damage and bombs."""

from __future__ import annotations

import io
import random
import struct
import zlib
from pathlib import Path
from typing import Any

import pytest

from datapartnerships import config, readers
from datapartnerships.errors import InvalidParameter
from datapartnerships.ocr import Ocr

pytest.importorskip("PIL", reason="the extra 'documents' is not installed")
pytest.importorskip("tesserocr", reason="the extra 'documents' is not installed")

from PIL import Image, ImageDraw, ImageFont

TEXT = "The heating was off for nine days"
# The quicker engine; which one reads is not the matter here.
QUICK = Ocr(engines=("tesseract",))


def picture(text: str = TEXT, mode: str = "L") -> Image.Image:
    image = Image.new("L", (760, 220), 255)
    draw = ImageDraw.Draw(image)
    draw.text((50, 80), text, fill=0, font=ImageFont.load_default(40))
    return image.convert(mode)


def encoded(image: Image.Image, format: str, **options: Any) -> bytes:
    stream = io.BytesIO()
    image.save(stream, format=format, **options)
    return stream.getvalue()


def rows(path: Path, **fields: Any) -> list[dict[str, Any]]:
    reader = readers.ImageReader(str(path), **{"ocr": QUICK, **fields})
    return [
        row
        for shard in reader.shards()
        for table in reader.read(shard)
        for row in table.to_pylist()
    ]


def text_of(row: dict[str, Any]) -> str:
    return " ".join(" ".join(s["text"] for s in row["segments"]).split())


def metadata(row: dict[str, Any]) -> dict[str, str]:
    return {item["key"]: item["value"] for item in row["metadata"]}


FORMATS = [
    ("a.png", "PNG", {}),
    ("a.jpg", "JPEG", {"quality": 90, "dpi": (150, 150)}),
    ("a.tif", "TIFF", {}),
    ("a.webp", "WEBP", {"lossless": True}),
    ("a.jp2", "JPEG2000", {}),
    ("a.bmp", "BMP", {}),
    ("a.gif", "GIF", {}),
]


@pytest.mark.parametrize(("name", "format", "options"), FORMATS)
def test_formats(tmp_path: Path, name: str, format: str, options: dict[str, Any]) -> None:
    (tmp_path / name).write_bytes(encoded(picture(mode="RGB"), format, **options))
    [row] = rows(tmp_path)
    assert row["drop_reason"] is None and text_of(row) == TEXT
    assert row["kind"] == "image"
    assert metadata(row).items() >= {"width": "760", "height": "220", "pages": "1"}.items()
    [segment] = row["segments"]
    assert segment["page"] == 1 and segment["confidence"] > 0.7
    assert segment["origin"].startswith("ocr tesseract ")
    left, top, right, bottom = segment["bbox"]
    assert 0.05 < left < 0.08 and 0.8 < right < 1 and 0.35 < top < bottom < 0.62


def test_heic(tmp_path: Path) -> None:
    heif = pytest.importorskip("pillow_heif", reason="pillow-heif is not installed")
    file = heif.from_pillow(picture(mode="RGB"))
    file.save(str(tmp_path / "phone.heic"), quality=90)
    [row] = rows(tmp_path)
    assert text_of(row) == TEXT
    folder = readers.FolderReader(str(tmp_path), readers=(readers.ImageReader(ocr=QUICK),))
    [table] = [table for shard in folder.shards() for table in folder.read(shard)]
    assert text_of(table.to_pylist()[0]) == TEXT


def test_a_folder_hands_its_ocr_on(tmp_path: Path) -> None:
    (tmp_path / "a.png").write_bytes(encoded(picture(), "PNG"))
    reader = readers.FolderReader(str(tmp_path), ocr=QUICK)
    [table] = [table for shard in reader.shards() for table in reader.read(shard)]
    [row] = table.to_pylist()
    assert text_of(row) == TEXT
    assert row["segments"][0]["origin"].startswith("ocr tesseract ")
    plain = config.to_plain(reader)
    assert plain["FolderReader"]["ocr"] == {"engines": ["tesseract"]}
    assert config.from_plain(plain, kind="readers") == reader
    with pytest.raises(InvalidParameter, match="ocr"):
        readers.FolderReader(str(tmp_path), ocr="is")  # type: ignore[arg-type]


def test_no_ocr_goes_to_a_recipe_and_back() -> None:
    reader = readers.PdfReader("scans", ocr=None)
    assert config.from_plain(config.to_plain(reader), kind="readers") == reader


@pytest.mark.parametrize("mode", ["1", "P", "RGBA", "LA", "CMYK", "I;16"])
def test_modes(tmp_path: Path, mode: str) -> None:
    """Transparent pictures are on white; 16 bits a pixel are not black."""
    image = picture()
    if mode in ("RGBA", "LA"):
        # Black everywhere, and only the letters opaque.
        layer = Image.new(mode, image.size, 0)
        layer.putalpha(image.point(lambda value: 255 - value))
        image = layer
    elif mode == "I;16":
        image = image.convert("I").point(lambda value: value * 16).convert("I;16")
    else:
        image = image.convert(mode)
    (tmp_path / "a.tif").write_bytes(encoded(image, "TIFF"))
    [row] = rows(tmp_path)
    assert text_of(row) == TEXT


def test_pages_of_a_tiff(tmp_path: Path) -> None:
    texts = ["The first page of three", "", "And here is the last one"]
    pages = [picture(text) for text in texts]
    data = encoded(pages[0], "TIFF", save_all=True, append_images=pages[1:], dpi=(300, 300))
    (tmp_path / "book.tif").write_bytes(data)
    [row] = rows(tmp_path)
    assert [(s["page"], s["text"]) for s in row["segments"]] == [(1, texts[0]), (3, texts[2])]
    size = {"width": "760", "height": "220", "dpi": "300"}
    assert metadata(row) == {**size, "pages": "3", "pages_without_text": "2"}


def test_headings_run_through_the_pages_of_a_tiff(tmp_path: Path) -> None:
    lines = ["Nobody had asked the harbor master for", "his list, and so he gave it to the clerk"]
    pages = []
    for number in range(2):
        page = Image.new("L", (900, 1200), 255)
        draw = ImageDraw.Draw(page)
        if number == 0:
            draw.text((80, 80), "Of the crossings", fill=0, font=ImageFont.load_default(58))
        for place in range(12):
            text = lines[place % 2]
            draw.text((80, 220 + 50 * place), text, fill=0, font=ImageFont.load_default(34))
        pages.append(page)
    data = encoded(pages[0], "TIFF", save_all=True, append_images=pages[1:])
    (tmp_path / "book.tif").write_bytes(data)
    [row] = rows(tmp_path)
    assert row["segments"][0]["text"] == "Of the crossings"
    assert [(s["page"], s["ref"]) for s in row["segments"]] == [
        (1, "Of the crossings"), (1, "Of the crossings"), (2, "Of the crossings"),
    ]  # fmt: skip


def test_exif_turns_the_picture_and_is_not_kept(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # to be turned clockwise by 90 degrees
    exif[0x010F] = "A maker of cameras"
    exif.get_ifd(0x8825)[1] = "N"
    turned = picture().transpose(Image.Transpose.ROTATE_90)
    (tmp_path / "photo.jpg").write_bytes(encoded(turned, "JPEG", exif=exif))
    [row] = rows(tmp_path)
    assert text_of(row) == TEXT
    assert "turned" not in row["segments"][0]["origin"]
    assert set(metadata(row)) == {"width", "height", "dpi", "pages"}
    assert (metadata(row)["width"], metadata(row)["height"]) == ("760", "220")
    assert "maker" not in str(row)


def test_without_text(tmp_path: Path) -> None:
    (tmp_path / "blank.png").write_bytes(encoded(Image.new("L", (500, 500), 255), "PNG"))
    [row] = rows(tmp_path)
    assert row["drop_reason"] == "ImageReader: no text found (blank page)"


def _png_header(width: int, height: int) -> bytes:
    def chunk(kind: bytes, body: bytes) -> bytes:
        return (
            struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
        )

    head = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0))
    body = chunk(b"IDAT", zlib.compress(bytes(1 << 16)))
    return b"\x89PNG\r\n\x1a\n" + head + body + chunk(b"IEND", b"")


@pytest.mark.parametrize("side", [100_000, 10_000])
def test_a_bomb(tmp_path: Path, side: int) -> None:
    """Refused by its header: below twice the limit Pillow itself would only warn."""
    (tmp_path / "bomb.png").write_bytes(_png_header(side, side))
    [row] = rows(tmp_path)
    assert row["drop_reason"].startswith("ImageReader: image is too large (")
    assert f"{side * side}" in row["drop_reason"].replace(",", "")


def test_a_bomb_on_the_second_page(tmp_path: Path) -> None:
    data = bytearray(encoded(picture(), "TIFF", save_all=True, append_images=[picture("Two")]))
    first = struct.unpack_from("<I", data, 4)[0]
    count = struct.unpack_from("<H", data, first)[0]
    second = struct.unpack_from("<I", data, first + 2 + 12 * count)[0]
    for entry in range(struct.unpack_from("<H", data, second)[0]):
        at = second + 2 + 12 * entry
        if struct.unpack_from("<H", data, at)[0] in (256, 257):
            struct.pack_into("<HHII", data, at, struct.unpack_from("<H", data, at)[0], 4, 1, 90_000)
    (tmp_path / "bomb.tif").write_bytes(bytes(data))
    [row] = rows(tmp_path)
    assert "image is too large (90,000 x 90,000 pixels" in row["drop_reason"]


@pytest.mark.parametrize(("name", "format", "options"), FORMATS)
def test_cut_off(tmp_path: Path, name: str, format: str, options: dict[str, Any]) -> None:
    whole = encoded(picture(mode="RGB"), format, **options)
    for part in (3, 10, 40, 90):
        (tmp_path / f"{part}{name}").write_bytes(whole[: len(whole) * part // 100])
    found = rows(tmp_path)
    assert len(found) == 4
    for row in found:
        reason = row["drop_reason"]
        assert reason is None or reason.startswith(
            ("ImageReader: damaged image (", "ImageReader: no text found")
        ), reason
    assert sum("damaged" in (row["drop_reason"] or "") for row in found) >= 2


def test_a_damaged_page_costs_itself(tmp_path: Path) -> None:
    pages = [picture("The first page is well"), picture("The second is not")]
    data = encoded(pages[0], "TIFF", save_all=True, append_images=pages[1:])
    (tmp_path / "half.tif").write_bytes(data[:-50_000])
    kept, failed = rows(tmp_path)
    assert kept["drop_reason"] is None and text_of(kept) == "The first page is well"
    assert failed["drop_reason"].startswith("ImageReader: damaged image (1 of 2 pages; page 2")
    assert kept["id"] != failed["id"]


def test_flipped_bits(tmp_path: Path) -> None:
    """Every file is accounted for, and no reason is the name of an error nobody foresaw."""
    chance = random.Random(5)
    for name, format, options in FORMATS:
        whole = encoded(picture("Bits", "RGB"), format, **options)
        for copy in range(6):
            data = bytearray(whole)
            for _ in range(1 + 4 * copy):
                # Mostly in the first bytes, where the headers are.
                at = chance.randrange(min(len(data), chance.choice((60, 400, len(data)))))
                data[at] ^= 1 << chance.randrange(8)
            (tmp_path / f"{copy}{name}").write_bytes(bytes(data))
    found = rows(tmp_path)
    assert {row["provenance"]["uri"] for row in found} == {f.name for f in tmp_path.iterdir()}
    known = ("damaged image", "no text found", "image is too large")
    for row in found:
        reason = row["drop_reason"]
        assert reason is None or reason.startswith(tuple(f"ImageReader: {k}" for k in known)), (
            reason
        )


def test_what_pillow_would_run_is_not_opened(tmp_path: Path) -> None:
    """PostScript is a program: Pillow would start another one to draw it."""
    (tmp_path / "a.png").write_bytes(b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n%%EOF\n")
    [row] = rows(tmp_path)
    assert row["drop_reason"] == "ImageReader: damaged image (its header cannot be read)"


def test_a_language_that_cannot_be_read(tmp_path: Path) -> None:
    (tmp_path / "a.png").write_bytes(encoded(picture(), "PNG"))
    [row] = rows(tmp_path, ocr=Ocr(languages=("xx",)))
    assert row["drop_reason"].startswith("ImageReader: no OCR for this language (xx: ")


def test_a_folder_sends_pictures_here(deposit: Path) -> None:
    reader = readers.FolderReader(str(deposit / "scans"))
    found = [r for s in reader.shards() for t in reader.read(s) for r in t.to_pylist()]
    [sign] = [row for row in found if row["provenance"]["uri"] == "door-sign.png"]
    assert text_of(sign) == (
        "READING HOUR Every Sunday at three Bring a letter you do not understand "
        "and a bowl for the soup."
    )
    assert sign["segments"][0]["origin"].startswith("ocr rapidocr ")


@pytest.mark.parametrize("compression", ["group4", "tiff_lzw", "tiff_adobe_deflate", "packbits"])
def test_a_page_of_damaged_compressed_data_is_named(tmp_path: Path, compression: str) -> None:
    mode = "1" if compression == "group4" else "L"
    pages = [picture(text).convert(mode) for text in ("Page one of three", "Two", "Page three")]
    data = bytearray(
        encoded(pages[0], "TIFF", save_all=True, append_images=pages[1:], compression=compression)
    )
    for at in _middle_of_second_page(bytes(data)):
        data[at] ^= 0x5A
    (tmp_path / "a.tif").write_bytes(data)
    kept = next(row for row in rows(tmp_path) if row["drop_reason"] is None)
    said = {item["key"]: item["value"] for item in kept["metadata"]}
    assert said["pages_damaged"] == "2"
    assert {1, 3} <= {segment["page"] for segment in kept["segments"]}


def _middle_of_second_page(data: bytes) -> range:
    """Some bytes of the strip in which its text is."""
    with Image.open(io.BytesIO(data)) as image:
        image.seek(1)
        offsets, sizes = image.tag_v2[273], image.tag_v2[279]
    middle = len(offsets) // 2
    first = offsets[middle] + sizes[middle] // 3
    return range(first, first + 8)
