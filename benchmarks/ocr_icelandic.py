"""OCR of Icelandic pages, whole and damaged: ours beside Tesseract's own answer.

`--data` is a folder of texts (`*.txt`), or one. Their lines are printed on pages as of a book at
300 dots an inch, each page is damaged in every way of `DAMAGES`, by a seed, and read. `f1` is of
words as they stand between spaces, whatever their order; `cer` Levenshtein's distance over the
characters of the page, in its order. Tesseract's own answer is `GetUTF8Text` with the same language
data, in its usual mode (it looks for columns, not for how the page is turned).
"""

from __future__ import annotations

import math
import os
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from statistics import mean
from typing import Any

import numpy as np
from _common import ROOT, arguments, figure, machine, report, save, versions
from ocr import error_rate
from PIL import Image, ImageDraw, ImageFilter, ImageFont

from datapartnerships._backends import tesserocr as backend
from datapartnerships.ocr import Ocr, recognize

FONTS = ("LiberationSerif-Regular.ttf", "DejaVuSerif.ttf", "FreeSerif.ttf")
SIZE = (1748, 2480)  # A5
MARGIN = 190
POINTS = 46  # 11 points
LINES = 32

Gray = np.ndarray[Any, np.dtype[np.uint8]]
Damage = Callable[[Gray, np.random.Generator], Gray]


def printed(lines: list[str], face: ImageFont.FreeTypeFont) -> Gray:
    image = Image.new("L", SIZE, 246)
    draw = ImageDraw.Draw(image)
    for place, line in enumerate(lines):
        draw.text((MARGIN, MARGIN + 64 * place), line, fill=28, font=face)
    return np.asarray(image)


def _bytes(values: Any) -> Gray:
    return np.clip(values, 0, 255).astype(np.uint8)


def clean(page: Gray, _: np.random.Generator) -> Gray:
    return page


def noise(page: Gray, chance: np.random.Generator) -> Gray:
    """Out of focus, with grain, and a pixel in fifty black or white."""
    soft = Image.fromarray(page).filter(ImageFilter.GaussianBlur(1.6))
    values = np.asarray(soft) + chance.normal(0, 18, page.shape)
    specks = chance.random(page.shape)
    values[specks < 0.01], values[specks > 0.99] = 0, 255
    return _bytes(values)


def worn(page: Gray, chance: np.random.Generator) -> Gray:
    """Print with holes in it and ink that ran, as of a worn type on rough paper."""
    small = chance.normal(0, 1, (page.shape[0] // 3, page.shape[1] // 3))
    blots = np.asarray(Image.fromarray(small).resize(page.shape[::-1], Image.Resampling.BICUBIC))
    soft = np.asarray(Image.fromarray(page).filter(ImageFilter.GaussianBlur(1.3))).astype(float)
    return _bytes(np.where(soft + 45 * blots > 135, 235, 45))


def faded(page: Gray, chance: np.random.Generator) -> Gray:
    return _bytes(150 + (page.astype(float) - 137) * 0.22 + chance.normal(0, 5, page.shape))


def shaded(page: Gray, chance: np.random.Generator) -> Gray:
    """Lit from one corner, with a shadow over a part."""
    height, width = page.shape
    ys, xs = np.mgrid[0:height, 0:width]
    light = 1.0 - 0.65 * (xs / width + ys / height) / 2
    edge = 0.55 * width + 0.25 * ys + 20 * np.sin(ys / 150)
    light *= 1 - 0.45 / (1 + np.exp(-(xs - edge) / 12))
    return _bytes(page * light + chance.normal(0, 4, page.shape))


def skewed(page: Gray, _: np.random.Generator) -> Gray:
    turned = Image.fromarray(page).rotate(-3, Image.Resampling.BICUBIC, expand=True, fillcolor=246)
    return np.asarray(turned)


def photographed(page: Gray, chance: np.random.Generator) -> Gray:
    """From aside, on a dark table, unevenly lit, somewhat soft."""
    height, width = page.shape
    corners = np.array([(0, 0), (width, 0), (width, height), (0, height)], dtype=float)
    seen = corners * 0.84 + (0.08 * width, 0.08 * height)
    seen += np.array([(0.05, 0.03), (-0.02, -0.01), (0.03, 0.02), (-0.04, -0.02)]) * (width, height)
    seen += chance.normal(0, 0.006, seen.shape) * (width, height)
    rows = []
    for (x, y), (u, v) in zip(seen, corners, strict=True):
        rows += [[x, y, 1, 0, 0, 0, -u * x, -u * y], [0, 0, 0, x, y, 1, -v * x, -v * y]]
    data = np.linalg.solve(np.array(rows), corners.ravel())
    image = Image.fromarray(page).transform(
        (width, height), Image.Transform.PERSPECTIVE, tuple(data), Image.Resampling.BICUBIC,
        fillcolor=52,
    )  # fmt: skip
    ys, xs = np.mgrid[0:height, 0:width]
    light = 1.0 - 0.4 * np.hypot(xs / width - 0.3, ys / height - 0.2)
    soft = np.asarray(image.filter(ImageFilter.GaussianBlur(0.8)))
    return _bytes(soft * light + chance.normal(0, 5, page.shape))


def curved(page: Gray, chance: np.random.Generator) -> Gray:
    """Lines that fall toward the binding, and its shadow."""
    height, width = page.shape
    ys, xs = np.mgrid[0:height, 0:width]
    bend = 55 * np.clip((xs / width - 0.55) / 0.45, 0, 1) ** 2
    values = page[np.clip(ys - bend.astype(int), 0, height - 1), xs]
    light = 1 - 0.6 * np.clip((xs / width - 0.8) / 0.2, 0, 1) ** 2
    return _bytes(values * light + chance.normal(0, 4, page.shape))


def sideways(page: Gray, _: np.random.Generator) -> Gray:
    return np.ascontiguousarray(np.rot90(page))


def upside_down(page: Gray, _: np.random.Generator) -> Gray:
    return np.ascontiguousarray(np.rot90(page, 2))


def half_empty(page: Gray, chance: np.random.Generator) -> Gray:
    """The last page of a chapter: `main` prints eight lines on it. Grain and stains below."""
    values = page + chance.normal(0, 6, page.shape)
    for _ in range(60):
        y, x = chance.integers(1000, SIZE[1] - 60), chance.integers(60, SIZE[0] - 60)
        ys, xs = np.mgrid[-30:30, -30:30]
        stain = np.hypot(xs, ys) < chance.uniform(2, 14)
        values[y - 30 : y + 30, x - 30 : x + 30][stain] = chance.uniform(60, 190)
    return _bytes(values)


def bordered(page: Gray, chance: np.random.Generator) -> Gray:
    """Copied with the lid up: black around the page, and the shadow of its edge."""
    height, width = page.shape
    values = np.full((height + 260, width + 300), 18.0)
    values[90 : 90 + height, 170 : 170 + width] = page
    values[90 : 90 + height, 170:230] *= np.linspace(0.25, 1, 60)
    return _bytes(values + chance.normal(0, 8, values.shape))


DAMAGES: dict[str, Damage] = {
    f.__name__: f
    for f in (
        clean, noise, worn, faded, shaded, skewed, photographed, curved, sideways, upside_down,
        half_empty, bordered,
    )
}  # fmt: skip


def opened(left: Gray, right: Gray) -> Gray:
    """A book laid on the scanner: two pages, the shadow of the binding between them."""
    both = np.hstack([left, right]).astype(float)
    width = both.shape[1]
    return _bytes(both * (1 - 0.6 * np.exp(-np.abs(np.arange(width) - width / 2) / 40)))


def f1(found: str, truth: str) -> float:
    a, b = Counter(found.split()), Counter(truth.split())
    return 2 * (a & b).total() / max(1, a.total() + b.total())


def tesseract_alone(pixels: Gray) -> str:
    api = backend._engine(("is",))
    api.SetImage(Image.fromarray(pixels))
    try:
        return str(api.GetUTF8Text())
    finally:
        api.Clear()


def ours(pixels: Gray) -> str:
    return recognize(pixels, Ocr(languages=("is",))).text


def _texts(given: Path) -> list[str]:
    files = [given] if given.suffix == ".txt" else sorted(given.glob("*.txt"))
    lines = [" ".join(line.split()) for f in files for line in f.read_text("utf-8").splitlines()]
    # Words that were not read when the text was corrected are no truth.
    return [line for line in lines if 30 <= len(line) <= 66 and "\ufffd" not in line]


def _face(named: str) -> ImageFont.FreeTypeFont:
    for font in [named] if named else FONTS:
        try:
            return ImageFont.truetype(font, POINTS)
        except OSError:
            continue
    raise SystemExit(f"none of {', '.join(FONTS)} is installed: name one with --font")


def samples(lines: list[str], face: ImageFont.FreeTypeFont, pages: int) -> Any:
    """Kind of damage, picture, truth."""
    starts = np.linspace(0, len(lines) - 2 * LINES, pages).astype(int)
    for number, start in enumerate(starts):
        text = lines[start : start + LINES]
        page = printed(text, face)
        for name, damage in DAMAGES.items():
            chance = np.random.default_rng(number)
            if name == "half_empty":
                yield name, damage(printed(text[:8], face), chance), "\n".join(text[:8])
            else:
                yield name, damage(page, chance), "\n".join(text)
        after = lines[start + LINES : start + 2 * LINES]
        yield "double", opened(page, printed(after, face)), "\n".join(text + after)


def main() -> None:
    args = arguments(
        __doc__.splitlines()[0],
        pages={"type": int, "default": 2, "help": "of each kind of damage"},
        font={"default": "", "help": "a font file with the letters; the default is a serif font"},
        pictures={"default": "", "help": "a folder to put the pages into, to look at them"},
        only={"default": "", "help": "kinds of damage, with commas between"},
    )
    given = Path(args.data)
    if not (given.is_dir() or given.suffix == ".txt"):
        given = ROOT.parent / "shared" / "data" / "documents" / "icelandic"
    if why := backend.unserved(("is",)):
        raise SystemExit(why)
    readers: dict[str, Callable[[Gray], str]] = {"ours": ours, "tesseract": tesseract_alone}
    found: dict[str, dict[str, list[tuple[float, float]]]] = {}
    cpu = dict.fromkeys(readers, 0.0)
    wanted = set(args.only.split(",")) if args.only else None
    for kind, pixels, truth in samples(_texts(given), _face(args.font), args.pages):
        if wanted and kind not in wanted:
            continue
        if args.pictures:
            os.makedirs(args.pictures, exist_ok=True)
            Image.fromarray(pixels).save(Path(args.pictures) / f"{kind}.png")
        for name, read in readers.items():
            started = os.times()
            text = read(pixels)
            ended = os.times()
            cpu[name] += ended.user + ended.system - started.user - started.system
            scores = f1(text, truth), error_rate(text, truth) if text.strip() else 1.0
            found.setdefault(kind, {}).setdefault(name, []).append(scores)
    result: dict[str, Any] = {"pages": sum(len(x["ours"]) for x in found.values())}
    for kind, by_reader in found.items():
        result[kind] = {
            name: "f1 {:.3f}  cer {:.4f}".format(*map(mean, zip(*scores, strict=True)))
            for name, scores in by_reader.items()
        }
    for name in readers:
        every = [score for by_reader in found.values() for score in by_reader[name]]
        result[f"all, {name}"] = {
            "f1": round(mean(f for f, _ in every), 4),
            "cer": round(mean(c for _, c in every), 4),
            "cpu_s_per_page": round(cpu[name] / len(every), 2),
        }
    result["lost_by_ours"] = [
        kind
        for kind, by_reader in found.items()
        if mean(f for f, _ in by_reader["ours"])
        < mean(f for f, _ in by_reader["tesseract"]) - math.ulp(1)
    ]
    result["versions"] = versions("tesserocr", "rapidocr", "pillow")
    result["machine"] = machine()
    report(result, args.json)
    if args.save:
        both = result["all, ours"], result["all, tesseract"]
        measure = f"F1 of the words, {result['pages']} pages, most of them damaged"
        scores = figure(
            "ImageReader", measure, both[0]["f1"], format="Icelandic",
            peer=("Tesseract alone", both[1]["f1"]),
        )  # fmt: skip
        save("ocr_icelandic", [scores], "tesserocr")


if __name__ == "__main__":
    main()
