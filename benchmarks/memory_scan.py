"""Peak memory of a run over one scanned book: it must not grow with its pages.

A PDF of distinct JPEGs of about 100 kB each (a grainy page with a few words and its number) goes
through FolderReader and ParquetWriter; the peak of the process tree is sampled from /proc. Small
pages keep the hours of recognition down: what grows with pages (bytes, segments) does not shrink
with them, and a full page's bitmap, 8 MB, is held one at a time. The peer is a tenth of the pages.
"""

from __future__ import annotations

import io
import random
import sys
import time
from pathlib import Path

import pyarrow.parquet as pq
from _common import arguments, machine, peak_megabytes, report, scratch, versions
from PIL import Image, ImageDraw, ImageFont

CODE = """
import datapartnerships as dp
from datapartnerships import readers, writers
from datapartnerships.ocr import Ocr
pdf = readers.PdfReader(ocr=Ocr(engines=({engine!r},)))
pipeline = dp.Pipeline(
    reader=readers.FolderReader({deposit!r}, readers=[pdf]), writer=writers.ParquetWriter({out!r})
)
dp.run(pipeline, workers={workers})
"""
SIZE = (600, 240)
WORDS = ("keeper", "light", "wrote", "wind", "weather", "every", "evening", "winter")


def main() -> None:
    given = arguments(
        __doc__ or "",
        pages={"type": int, "default": 5000},
        engine={"default": "tesseract", "choices": ["tesseract", "rapidocr"]},
        workers={"type": int, "default": 1},
    )
    small = _peak(max(1, given.pages // 10), given.engine, given.workers)
    large = _peak(given.pages, given.engine, given.workers)
    result = {
        "benchmark": "memory_scan",
        "engine": given.engine,
        "workers": given.workers,
        "ours": large,
        "peer": {"name": "a tenth of the pages", **small},
        "ratio": round(large["peak_mb"] / small["peak_mb"], 2),
        "versions": versions("pypdfium2", "rapidocr", "tesserocr"),
        "machine": machine(),
    }
    report(result, given.json)


def _peak(pages: int, engine: str, workers: int) -> dict[str, float]:
    with scratch() as folder:
        deposit, out = folder / "deposit", folder / "out"
        deposit.mkdir()
        size = _book(deposit / "book.pdf", pages)
        script = folder / "run.py"
        names = {"deposit": str(deposit), "out": str(out), "engine": engine, "workers": workers}
        script.write_text(CODE.format(**names))
        started = time.perf_counter()
        peak = peak_megabytes([sys.executable, str(script)])
        seconds = time.perf_counter() - started
        segments = pq.read_table(out / "data", columns=["segments"])["segments"]
        read = {part["page"] for parts in segments.to_pylist() for part in parts}
        return {
            "pages": pages,
            "pages_read": len(read),
            "file_mb": round(size / 1e6, 1),
            "peak_mb": round(peak, 1),
            "wall_s": round(seconds, 1),
        }


def _book(path: Path, pages: int) -> int:
    """A PDF of that many scanned pages, none of them held; gives its bytes."""
    chance = random.Random(0)
    grain = [Image.effect_noise(SIZE, 24) for _ in range(8)]
    font = ImageFont.load_default(40)
    places: list[int] = []
    with path.open("wb") as stream:

        def add(body: bytes) -> None:
            places.append(stream.tell())
            stream.write(b"%d 0 obj\n%s\nendobj\n" % (len(places), body))

        stream.write(b"%PDF-1.4\n")
        kids = b" ".join(b"%d 0 R" % (3 + 3 * n) for n in range(pages))
        add(b"<< /Type /Catalog /Pages 2 0 R >>")
        add(b"<< /Type /Pages /Count %d /Kids [%s] >>" % (pages, kids))
        for number in range(pages):
            page = grain[number % 8].point(lambda value: 120 + value // 2)
            draw = ImageDraw.Draw(page)
            for line in range(2):
                words = " ".join(chance.choice(WORDS) for _ in range(4))
                draw.text((30, 20 + 70 * line), words, fill=0, font=font)
            draw.text((30, 160), f"page {number + 1} of the log", fill=0, font=font)
            with io.BytesIO() as picture:
                page.save(picture, "JPEG", quality=96)
                image = picture.getvalue()
            add(
                b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 144 58] /Contents %d 0 R "
                b"/Resources << /XObject << /I %d 0 R >> >> >>" % (4 + 3 * number, 5 + 3 * number)
            )
            drawn = b"144 0 0 58 0 0 cm /I Do"
            add(b"<< /Length %d >>\nstream\n%s\nendstream" % (len(drawn), drawn))
            head = (
                b"<< /Type /XObject /Subtype /Image /Width %d /Height %d /BitsPerComponent 8 "
                b"/ColorSpace /DeviceGray /Filter /DCTDecode /Length %d >>" % (*SIZE, len(image))
            )
            add(head + b"\nstream\n" + image + b"\nendstream")
        start = stream.tell()
        stream.write(b"xref\n0 %d\n0000000000 65535 f \n" % (len(places) + 1))
        stream.writelines(b"%010d 00000 n \n" % place for place in places)
        trailer = b"trailer << /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n"
        stream.write(trailer % (len(places) + 1, start))
        return stream.tell()


if __name__ == "__main__":
    main()
