"""How many words of a transcript are wrong, without a reference: from the figures of its decode.

A line through the mean log probability of the tokens, the speaking rate and, where there is one,
the distance of a second decode; then what decodes with like scores really had: the mean of the word
errors, and what eight in ten of them lie between (of
new recordings, 73 in a hundred). All figures are of `benchmarks/word_error.py --fit`, on
Whisper base (nine languages and more) and tiny.en (English), real and synthesised speech, clean and
spoiled. Word errors are capped at 1.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Any

import numpy as np

from datapartnerships.kernels._word_error_table import LANGUAGES, MODELS, TABLE

Floats = np.ndarray[Any, np.dtype[np.float64]]
__all__ = ["LANGUAGES", "MODELS", "agreement", "estimate", "features", "score"]

_MARKS = re.compile(r"[\W_]+")
_UNSPACED = re.compile("[\u3040-\u30ff\u3400-\u9fff\u0e00-\u0e7f]")


def agreement(first: str, second: str) -> float:
    """1 less the distance of two transcripts over the words of the longer one; 0 to 1.

    Levenshtein's distance, in words, in characters where a script has no spaces. Quadratic: give it
    utterances, not whole recordings.
    """
    one, other = _words(first), _words(second)
    if not one or not other:
        return float(one == other)
    codes = {word: i for i, word in enumerate({*one, *other})}
    a, b = (np.array([codes[word] for word in words]) for words in (one, other))
    steps = np.arange(len(b) + 1)
    row = steps
    for place, word in enumerate(a, 1):
        best = np.minimum(row[1:] + 1, row[:-1] + (b != word))
        # Insertions run along the row: the least of what is before, a step dearer each.
        row = np.minimum.accumulate(np.concatenate(([place], best)) - steps) + steps
    return 1 - float(row[-1]) / max(len(a), len(b))


def _words(text: str) -> list[str]:
    plain = unicodedata.normalize("NFKC", text).casefold().replace("'", "").replace("’", "")
    words = _MARKS.sub(" ", plain).split()
    return list("".join(words)) if _UNSPACED.search(text) else words


def features(confidence: Floats, rate: Floats, agreed: Floats | None = None) -> Floats:
    """One row a decode: what the line goes through.

    Args:
        confidence: mean probability of the tokens, 0 to 1.
        rate: spoken letters a second.
        agreed: `agreement` with a second decode; None for a single one.
    """
    # Below 0.2 nothing gets worse: the parabola would turn.
    doubt = -np.log(np.clip(confidence, 0.2, 1))
    # Away from the pace of ordinary speech, about 12 letters a second, to either side.
    pace = np.abs(np.log(np.clip(rate, 0.5, 60) / 12))
    columns = [np.ones(len(doubt)), doubt, doubt**2, pace]
    if agreed is not None:
        columns += [1 - agreed, (1 - agreed) * doubt]
    return np.stack(columns, axis=1)


def score(values: Floats, agreed: bool) -> Floats:
    line: Floats = values @ np.array(TABLE["two" if agreed else "one"]["line"])
    return line


def estimate(
    confidence: Floats, rate: Floats, agreed: Floats | None = None
) -> tuple[Floats, Floats, Floats]:
    """Mean word error, and the bounds that most are between, of each decode."""
    x = score(features(confidence, rate, agreed), agreed is not None)
    table = TABLE["one" if agreed is None else "two"]
    mean, low, high = (np.interp(x, table["score"], table[k]) for k in ("mean", "low", "high"))
    return mean, low, high
