"""Which engine reads a page, what is done to the page before, and when another one has a try."""

from __future__ import annotations

import functools
import importlib
import math
from collections.abc import Iterator
from dataclasses import dataclass
from types import ModuleType
from typing import Any

from datapartnerships.errors import DocumentError, MissingExtra
from datapartnerships.kernels.layout import Block
from datapartnerships.ocr import _layout, _prepare
from datapartnerships.ocr._values import (
    Line,
    Ocr,
    Recognized,
    Word,
    around,
    mean_confidence,
    share,
)  # fmt: skip

_BACKENDS = {"rapidocr": "rapidocr", "tesseract": "tesserocr", "vlm": "vlm"}
# Turning a page is tried where nothing says how it lies: on half of its pixels.
_TURNS = (90, 270, 180)
_WEAKNESS = 0.4


@dataclass(frozen=True)
class _Answer:
    blocks: list[tuple[Block, list[Line]]]
    engine: str
    rotation: int
    skew: float
    fan: float = 0.0
    # Lines that it was too unsure of to count as letters.
    unsure: int = 0
    # Its lines run up or down: engines read some of those, in no order.
    sideways: bool = False

    @property
    def confidence(self) -> float | None:
        return mean_confidence(self._words)

    @property
    def characters(self) -> int:
        return sum(len(word.text) for word in self._words)

    @property
    def _words(self) -> Iterator[Word]:
        return (word for _, lines in self.blocks for line in lines for word in line.words)

    @property
    def worth(self) -> float:
        """Sure letters: an answer of few letters is not better for being sure of them."""
        sure = 0.1 if self.sideways else self.confidence
        return self.characters * ((1.0 if sure is None else sure) ** 2)


def recognize(image: Any, ocr: Ocr | None = None) -> Recognized:
    """Read the picture of a page.

    Args:
        image: a PIL image, or an array of height x width (x 3) of 8 bits, red first.
        ocr: the engines and languages; `Ocr()` where not given.

    Returns:
        the text with its boxes on `image`; without any paragraph for a blank page, and where no
        engine found text (`reason` says which).

    Raises:
        DocumentError: no installed engine serves the languages, or an OCR service failed.
    """
    ocr = ocr or Ocr()
    pixels = _prepare.as_pixels(image)
    height, width = pixels.shape[:2]
    small = _prepare.Small(pixels)
    if _prepare.ink_share(small) < _prepare.MIN_INK:
        return Recognized((), "", "blank page", 0, 0.0, width, height)
    engines, notes = _choice(ocr)
    best: _Answer | None = None
    for name in engines:
        answer = _read(name, pixels, ocr, best.rotation if best else 0, small)
        if _is_poor(answer, ocr) and (best is None or not best.rotation):
            answer = _other_way_up(name, pixels, ocr, answer)
        if best is not None:
            # What misreads a language is as sure of it as of others.
            worth = answer.worth * (_WEAKNESS if _is_weak(name, ocr) else 1.0)
            first, second = (answer, best) if worth > best.worth else (best, answer)
            notes.append(f"{second.engine} gave {_described(second)}")
            answer = first
        best = answer
        if not _is_poor(best, ocr):
            break
    assert best is not None
    if best.rotation:
        notes.append(f"turned by {best.rotation} degrees")
    if best.skew:
        notes.append(f"leveled by {best.skew:g} degrees")
    if best.fan:
        notes.append(f"photographed from aside: its lines fan out by {best.fan:g} degrees")
    if best.unsure:
        notes.append(f"{best.unsure} marks left out as too unlike letters")
    if not best.blocks:
        notes.append("no text found")
    placed = _prepare.Placed(width, height, best.rotation, best.skew, best.fan)
    paragraphs = tuple(tuple(_back(line, placed) for line in lines) for _, lines in best.blocks)
    for (block, _), paragraph in zip(best.blocks, paragraphs, strict=True):
        left, top, right, bottom = around(line.box for line in paragraph)
        block.bbox = (
            share(left, width), share(top, height), share(right, width), share(bottom, height)
        )  # fmt: skip
    return Recognized(
        paragraphs,
        best.engine,
        "; ".join(notes),
        best.rotation,
        best.skew,
        width,
        height,
        tuple(block for block, _ in best.blocks),
    )


def _is_weak(name: str, ocr: Ocr) -> bool:
    return bool(set(ocr.languages) & getattr(_backend(name), "WEAK", frozenset()))


def _is_poor(answer: _Answer, ocr: Ocr) -> bool:
    if not answer.blocks or answer.sideways:
        return True
    return answer.confidence is not None and answer.confidence < ocr.min_confidence


def _described(answer: _Answer) -> str:
    if not answer.blocks:
        return "nothing"
    sure = "" if answer.confidence is None else f" with confidence {answer.confidence:.2f}"
    return f"{answer.characters:,} letters{sure}"


def _back(line: Line, placed: _prepare.Placed) -> Line:
    words = tuple(Word(w.text, placed.box(w.box), w.confidence) for w in line.words)
    return Line(words, placed.box(line.box))


@functools.cache
def _backend(name: str) -> ModuleType | None:
    """The adapter of an engine; None where it is not installed."""
    try:
        return importlib.import_module(f"datapartnerships._backends.{_BACKENDS[name]}")
    except MissingExtra:
        return None


def _choice(ocr: Ocr) -> tuple[list[str], list[str]]:
    """The engines to ask, in order, and why in that order. `DocumentError` where there is none."""
    able, weak, why_not = [], [], []
    for name in ocr.engines:
        backend = _backend(name)
        if backend is None:
            install = "pip install 'datapartnerships[documents]'"
            why_not.append(f"{name} is not installed: {install}")
        elif name != "vlm" and (reason := backend.unserved(ocr.languages)):
            why_not.append(reason)
        elif _is_weak(name, ocr):
            weak.append(name)
        else:
            able.append(name)
    # What reads a language badly is no stand-in for what is missing, unless asked for alone.
    if weak and not able and len(ocr.engines) > 1:
        why_not.append(f"{weak[0]} misreads letters of it: engines=['{weak[0]}'] to take it so")
        weak = []
    if not able and not weak:
        asked = ", ".join(ocr.languages)
        raise DocumentError("no OCR for this language", f"{asked}: {'; '.join(why_not)}")
    better = bool(able and weak and ocr.engines.index(weak[0]) < ocr.engines.index(able[0]))
    notes = [f"it reads {', '.join(ocr.languages)} better than {weak[0]}"] if better else []
    return [*able, *weak], notes


def _read(
    name: str,
    pixels: _prepare.Pixels,
    ocr: Ocr,
    rotation: int,
    small: _prepare.Small | None = None,
) -> _Answer:
    """One engine's answer for the page turned by `rotation` and leveled, in reading order.

    `small` is that of `pixels`, where it is there already.
    """
    backend = _backend(name)
    assert backend is not None
    if rotation:
        pixels, small = _prepare.turned(pixels, rotation), None
    if name == "vlm":
        found = backend.read(pixels, ocr.languages, endpoint=ocr.endpoint, model=ocr.model)
        height, width = pixels.shape[:2]
        page = (0.0, 0.0, float(width), float(height))
        told = [
            (Block("\n".join(lines), page), [Line.of([Word(line, page)]) for line in lines])
            for lines in found
        ]
        return _Answer(told, f"vlm {ocr.model}", rotation, 0.0)
    small = small or _prepare.Small(pixels)
    (skew, fan), slope = _prepare.skew(small), 0.0
    if fan:
        pixels = _prepare.unfanned(pixels, skew, fan)
    elif abs(skew) < _prepare.MIN_SKEW:
        skew, slope = 0.0, math.tan(math.radians(skew))
    else:
        pixels = _prepare.leveled(pixels, skew)
    if name == "tesseract":
        moved = bool(skew or fan)
        pixels = _prepare.evened(pixels, _prepare.Small(pixels) if moved else small)
    read = [Line.of(Word(*word) for word in run) for run in backend.read(pixels, ocr.languages)]
    least = getattr(backend, "MIN_SCORE", 0.0)
    runs = [line for line in read if (line.confidence or 0.0) >= least]
    height, width = pixels.shape[:2]
    padding = getattr(backend, "PADDING", None)
    return _Answer(
        _layout.arranged(runs, width, height, padding=padding, slope=slope), backend.version(),
        rotation, skew, fan, len(read) - len(runs), _is_sideways(runs),
    )  # fmt: skip


def _is_sideways(runs: list[Line]) -> bool:
    """Most letters stand in runs that are taller than wide."""
    letters = [(len(run.text), run.box) for run in runs if len(run.text) > 2]
    tall = sum(n for n, (left, top, right, bottom) in letters if bottom - top > right - left)
    return tall > 0.5 * sum(n for n, _ in letters)


def _other_way_up(name: str, pixels: _prepare.Pixels, ocr: Ocr, upright: _Answer) -> _Answer:
    """The answer for the page turned, where that is a better one."""
    best = upright
    for rotation in _rotations(name, pixels, ocr):
        answer = _read(name, pixels, ocr, rotation)
        if answer.worth > best.worth:
            best = answer
    return best


def _rotations(name: str, pixels: _prepare.Pixels, ocr: Ocr) -> Iterator[int]:
    """How the page may have to be turned: what Tesseract's detection says; else by a try."""
    detector = _backend("tesseract")
    told = detector.rotation(pixels) if detector is not None else None
    if told is not None:
        if told:
            yield told
        return
    if name == "vlm":
        return
    small = pixels[::2, ::2]
    tries = {turn: _read(name, small, ocr, turn) for turn in (0, *_TURNS)}
    best = max(tries, key=lambda turn: tries[turn].worth)
    if best:
        yield best
