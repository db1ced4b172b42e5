"""Pages of clean text, damaged in known ways, for `quality_estimate.py`.

A page is some 2,500 characters of a text of the corpus (1,000 where it is printed and read). Every
way of damage is a function of a page, a generator of chance and how much (about the error rate that
is wanted); the true rate is Levenshtein's distance over the characters of the truth, white space
taken as one space.
"""

from __future__ import annotations

import json
import math
import re
import unicodedata
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
from _common import lines
from PIL import Image, ImageDraw, ImageFilter, ImageFont
from rapidfuzz.distance import Levenshtein

PAGE = 2500
# Pairs that engines take for one another, in print and in blackletter.
CONFUSIONS = {
    "rn": "m", "m": "rn", "l": "1", "1": "l", "c": "e", "e": "c", "s": "f", "f": "s", "li": "h",
    "h": "li", "cl": "d", "d": "cl", "I": "l", "i": "l", "O": "0", "0": "O", "o": "c", "a": "n",
    "n": "u", "u": "n", "vv": "w", "w": "vv", "fi": "ﬁ", "t": "f", "B": "8", "S": "5", "ð": "d",
    "þ": "p", "Þ": "P", "á": "a", "é": "e", "í": "i", "ó": "o", "ß": "B", "g": "q", "y": "v",
    "и": "н", "н": "и", "ш": "щ", "п": "н", "о": "с", "с": "о", "е": "с", "т": "г", "л": "п",
    "α": "ο", "ν": "υ", "υ": "ν", "ι": "ί", "η": "π", "σ": "ο", "ρ": "p", "τ": "ι",
}  # fmt: skip
_CONFUSED = re.compile("|".join(sorted(map(re.escape, CONFUSIONS), key=len, reverse=True)))
_SPECKS = "|~^.,;:'`·•_-*\\/!"

Damage = Callable[[str, np.random.Generator, float], str]


def error_rate(found: str, truth: str) -> float:
    a, b = (" ".join(text.split()) for text in (found, truth))
    return min(1.0, Levenshtein.distance(a, b) / max(1, len(b)))


def substituted(text: str, chance: np.random.Generator, much: float) -> str:
    """Any letter for any letter of the page."""
    letters = sorted(set(text) - set(" \n")) or [" "]
    hit = chance.random(len(text)) < much
    drawn = chance.integers(len(letters), size=len(text))
    return "".join(
        letters[d] if h and c not in " \n" else c for c, h, d in zip(text, hit, drawn, strict=True)
    )


def confused(text: str, chance: np.random.Generator, much: float) -> str:
    """What engines take for one another."""
    share = min(1.0, much * len(text) / max(1, len(_CONFUSED.findall(text))))

    def change(found: re.Match[str]) -> str:
        return CONFUSIONS[found[0]] if chance.random() < share else found[0]

    return _CONFUSED.sub(change, text)


def parted(text: str, chance: np.random.Generator, much: float) -> str:
    """Words split in two, and words run together."""
    out = []
    for character in text:
        if character == " " and chance.random() < 3 * much:
            continue
        out.append(character)
        if character.isalpha() and chance.random() < much / 2:
            out.append(" ")
    return "".join(out)


def bare(text: str, chance: np.random.Generator, much: float) -> str:
    """Letters without their marks; where there are few, letters lost altogether."""
    marked = [unicodedata.normalize("NFD", c)[0] != c for c in text]
    share = min(1.0, much * len(text) / max(1, sum(marked)))
    lost = max(0.0, much - sum(marked) / max(1, len(text)))
    out = []
    for character, has in zip(text, marked, strict=True):
        if has and chance.random() < share:
            out.append(unicodedata.normalize("NFD", character)[0])
        elif has or chance.random() >= lost:
            out.append(character)
    return "".join(out)


def specked(text: str, chance: np.random.Generator, much: float) -> str:
    """Marks that are dirt, put in or put in place of a letter."""
    out = []
    for character in text:
        if chance.random() < much:
            out.append(_SPECKS[chance.integers(len(_SPECKS))])
            if chance.random() < 0.5:
                continue
        out.append(character)
    return "".join(out)


def patched(text: str, chance: np.random.Generator, much: float) -> str:
    """Stretches that cannot be read, the page around them as it was."""
    out, at = [], 0
    while at < len(text):
        if chance.random() < much / 20:
            size = int(chance.integers(10, 40))
            out.append(substituted(text[at : at + size], chance, 0.6))
            at += size
        else:
            out.append(text[at])
            at += 1
    return "".join(out)


TYPED: dict[str, Damage] = {
    f.__name__: f for f in (substituted, confused, parted, bare, specked, patched)
}


def wanted(count: int, chance: np.random.Generator) -> Any:
    """Error rates: one in ten none, the others spread evenly over the logarithms of 0.3 to 30 %."""
    rates = np.exp(chance.uniform(math.log(0.003), math.log(0.3), count))
    return np.where(chance.random(count) < 0.1, 0, rates)


def pages(path: str, wants: Callable[[dict[str, Any]], str], most: int) -> dict[str, list[str]]:
    """Pages by the name that `wants` gives their text; of every text the prose, cut anew."""
    found: dict[str, list[str]] = {}
    for line in lines(path):
        row = json.loads(line)
        name = wants(row)
        if not name or len(found.setdefault(name, [])) >= 4 * most:
            continue
        held, size = [], 0
        for part in re.split(r"\n\s*\n", row["text"]):
            part = " ".join(part.split())
            if len(part) < 60:
                continue
            while part:
                held.append(part[: PAGE - size])
                size += len(held[-1])
                part = part[len(held[-1]) :]
                if size >= PAGE:
                    found[name].append("\n".join(held))
                    held, size = [], 0
    chance = np.random.default_rng(5)
    return {
        name: [texts[i] for i in chance.permutation(len(texts))[:most]]
        for name, texts in found.items()
    }


# ------------------------------------------------------------------------- print and scans

Gray = np.ndarray[Any, np.dtype[np.uint8]]
FONTS = (
    "LiberationSerif-Regular.ttf", "DejaVuSerif.ttf", "LiberationSans-Regular.ttf",
    "LiberationSerif-Italic.ttf",
)  # fmt: skip
LINE, ROWS, STEP, MARGIN, POINTS = 64, 16, 46, 60, 32


def printed(text: str, font: str) -> tuple[Gray, str]:
    """A block of print at 200 dots an inch, and what stands in it."""
    rows: list[str] = [""]
    for word in text.split():
        if len(rows[-1]) + len(word) >= LINE:
            rows.append("")
        rows[-1] = f"{rows[-1]} {word}".strip()
    rows = rows[:ROWS]
    image = Image.new("L", (2 * MARGIN + 17 * LINE, 2 * MARGIN + STEP * ROWS), 246)
    draw, face = ImageDraw.Draw(image), ImageFont.truetype(font, POINTS)
    for number, row in enumerate(rows):
        draw.text((MARGIN, MARGIN + STEP * number), row, fill=28, font=face)
    return np.asarray(image), "\n".join(rows)


def _bytes(values: Any) -> Gray:
    return np.clip(values, 0, 255).astype(np.uint8)


def blurred(page: Gray, chance: np.random.Generator, much: float) -> Gray:
    soft = Image.fromarray(page).filter(ImageFilter.GaussianBlur(1.5 + 2.4 * much))
    return _bytes(np.asarray(soft) + chance.normal(0, 5, page.shape))


def grained(page: Gray, chance: np.random.Generator, much: float) -> Gray:
    values = page + chance.normal(0, 45 + 45 * much, page.shape)
    specks = chance.random(page.shape)
    values[specks < 0.015 * much] = 0
    return _bytes(values)


def coarse(page: Gray, chance: np.random.Generator, much: float) -> Gray:
    """Few dots an inch."""
    image, by = Image.fromarray(page), 2.0 + 2.3 * much
    small = image.resize((int(image.width / by), int(image.height / by)), Image.Resampling.BOX)
    noisy = Image.fromarray(
        _bytes(np.asarray(small) + chance.normal(0, 4, np.asarray(small).shape))
    )
    return np.asarray(noisy.resize(image.size, Image.Resampling.BICUBIC))


def worn(page: Gray, chance: np.random.Generator, much: float) -> Gray:
    """Print with holes in it, and ink that ran."""
    small = chance.normal(0, 1, (page.shape[0] // 3, page.shape[1] // 3))
    blots = np.asarray(Image.fromarray(small).resize(page.shape[::-1], Image.Resampling.BICUBIC))
    soft = np.asarray(Image.fromarray(page).filter(ImageFilter.GaussianBlur(1.1))).astype(float)
    return _bytes(np.where(soft + (3 + 30 * much) * blots > 125, 235, 45))


def leaning(page: Gray, chance: np.random.Generator, much: float) -> Gray:
    """Skewed, out of focus to one side."""
    image = Image.fromarray(page).rotate(
        float(chance.uniform(-3, 3)), Image.Resampling.BICUBIC, expand=True, fillcolor=246
    )
    soft = np.asarray(image.filter(ImageFilter.GaussianBlur(2.5 + 2.5 * much))).astype(float)
    across = np.linspace(0, 1, image.width)[None, :]
    return _bytes(np.asarray(image) * (1 - across) + soft * across)


PRINTED = {f.__name__: f for f in (blurred, grained, coarse, worn, leaning)}


def scanned(
    texts: dict[str, list[str]], each: int, engine: str, cache: Path
) -> Iterator[dict[str, Any]]:
    """Rows of damage, language, text as read, confidence and true text; kept in `cache`."""
    from datapartnerships.ocr import Ocr, recognize

    have = {}
    if cache.exists():
        rows = map(json.loads, cache.read_text("utf-8").splitlines())
        have = {(r["damage"], r["language"], r["number"]): r for r in rows}
    for number in range(each):
        for language, found in texts.items():
            for place, (name, damage) in enumerate(PRINTED.items()):
                if (name, language, number) not in have:
                    chance = np.random.default_rng([number, place, len(language)])
                    source = found[(number * len(PRINTED) + place) % len(found)]
                    page, truth = printed(source, FONTS[number % len(FONTS)])
                    page = damage(page, chance, float(chance.uniform(0, 1)))
                    read = recognize(
                        np.repeat(page[:, :, None], 3, 2),
                        Ocr(engines=(engine,), languages=(language,), min_confidence=0),
                    )
                    row = {
                        "damage": name, "language": language, "number": number, "text": read.text,
                        "confidence": read.confidence, "truth": truth, "engine": engine,
                    }  # fmt: skip
                    have[name, language, number] = row
                    cache.parent.mkdir(parents=True, exist_ok=True)
                    with cache.open("a", encoding="utf-8") as stream:
                        stream.write(json.dumps(row, ensure_ascii=False) + "\n")
                yield have[name, language, number]
