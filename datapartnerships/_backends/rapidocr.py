"""Lines of print by RapidOCR, whose models are inside its wheel. Its only importer.

It never reaches for the network: it is given the paths of the models, and does not ask for others.
"""

from __future__ import annotations

import functools
import os
import re
from importlib.metadata import version as _version
from typing import Any

from datapartnerships.errors import MissingExtra, extra

# ISO 639-1: what its model was made for (its list in default_models.yaml, Chinese and Japanese
# under their codes).
_LANGUAGES = """
    af az bs ca cs cy da de en es et eu fi fr ga gl hr hu id is it ja ku la lb lt lv mi ms mt nl no
    oc pl pt qu rm ro sk sl sq sv sw tl tr uz vi zh
"""
LANGUAGES = frozenset(_LANGUAGES.split())
# Icelandic: it reads þ as p or b in most places.
WEAK = frozenset({"is"})
# Its boxes are those of whole lines, and higher than the letters in them: by so many ems.
PADDING = 0.22
# Surer than this by less is mostly a stain or a drawing taken for letters: such lines are left out,
# and counted.
MIN_SCORE = 0.5
# It reads the quotation marks that begin as they are printed, and those that end as straight ones.
_OPENS = re.compile(r"(?:^|[\s(\[—])[“‘](?=\w)")
_CLOSES = re.compile(r"(?<=[^\W\d]|[.,;:!?)\]’…])[\"']")
_CURLED = {'"': "”", "'": "’"}

_MODELS = ("PP-OCRv6_det_small.onnx", "PP-OCRv6_rec_small.onnx")

with extra("documents", needed_by="OCR by RapidOCR"):
    import cv2
    import onnxruntime  # noqa: F401  (RapidOCR looks for it only when it reads)
    import rapidocr


def version() -> str:
    return f"rapidocr {_version('rapidocr')}"


def unserved(languages: tuple[str, ...]) -> str:
    """Why not all of these languages can be read, with what to do; empty if they can."""
    lacking = [language for language in languages if language not in LANGUAGES]
    return f"rapidocr has no letters for {', '.join(lacking)}" if lacking else ""


@functools.cache
def _engine() -> Any:
    """Loaded once a process. One thread: the pages are what is shared out."""
    folder = os.path.join(os.path.dirname(rapidocr.__file__), "models")
    models = [os.path.join(folder, name) for name in _MODELS]
    for path in models:
        if not os.path.exists(path):
            raise MissingExtra(
                f"this version of rapidocr does not bring {os.path.basename(path)}: "
                "install rapidocr 3.10.0, which is known to"
            )
    cv2.setNumThreads(1)
    return rapidocr.RapidOCR(
        params={
            "Global.log_level": "critical",
            # It takes upright lines for lines on their head: ten times the wrong letters.
            "Global.use_cls": False,
            # None is left out in silence: `MIN_SCORE` is for the caller to apply.
            "Global.text_score": 0.0,
            "Det.model_path": models[0],
            "Rec.model_path": models[1],
            "EngineConfig.onnxruntime.intra_op_num_threads": 1,
            "EngineConfig.onnxruntime.inter_op_num_threads": 1,
        }
    )


def read(pixels: Any, languages: tuple[str, ...]) -> list[list[tuple[str, Any, float]]]:  # noqa: ARG001
    """Runs of print, unordered, each of words: text, box, confidence of the run.

    `pixels` is an array of height x width x 3, 8 bits, red first.
    """
    answer = _engine()(pixels[:, :, ::-1], use_cls=False, return_word_box=True)
    if answer.boxes is None or answer.txts is None:
        return []
    found = []
    words = answer.word_results or [()] * len(answer.txts)
    for corners, text, score, parts in zip(
        answer.boxes, answer.txts, answer.scores, words, strict=True
    ):
        pieces = [(part[0], _box(part[2]), float(score)) for part in parts or ()]
        # Scripts without spaces are cut into letters: then the run is one piece.
        if " ".join(piece[0] for piece in pieces) != " ".join(text.split()):
            pieces = [(text.strip(), _box(corners), float(score))]
        if text.strip():
            found.append(pieces)
    if any(_OPENS.search(text) for text in answer.txts):
        found = [[(closed(text), box, score) for text, box, score in run] for run in found]
    return found


def _box(corners: Any) -> tuple[float, float, float, float]:
    xs, ys = zip(*corners, strict=True)
    return (float(min(xs)), float(min(ys)), float(max(xs)), float(max(ys)))


def closed(text: str) -> str:
    """Quotation marks that end and apostrophes, as a page sets them whose quotations begin curled.

    A mark after a digit stays: feet and inches, minutes and seconds.
    """
    return _CLOSES.sub(lambda mark: _CURLED[mark[0]], text)
