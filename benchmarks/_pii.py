"""Scores of detectors on labelled texts: recall, leaked characters, over-redaction, by label.

A labelled text is {"id", "text", "spans": [[start, end, label], ...]}. A gold span counts as found
when at least `COVER` of its characters are covered by spans of any label: what a span is called
does not decide whether it leaves.
"""

from __future__ import annotations

import json
import time
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
from _common import ROOT, megabytes

DATA = ROOT.parent / "shared" / "data" / "pii"
COVER = 0.9
Spans = Sequence[Sequence[Any]]


class Labelled(NamedTuple):
    id: str
    text: str
    spans: Spans
    negative: bool


class Score(NamedTuple):
    """Of one label: spans found, all spans, characters leaked, all characters."""

    found: int
    spans: int
    leaked: int
    characters: int

    @property
    def recall(self) -> float:
        return self.found / self.spans if self.spans else 1.0

    @property
    def leak(self) -> float:
        return self.leaked / self.characters if self.characters else 0.0


def labelled(name: str, folder: Path = DATA) -> list[Labelled]:
    rows = [json.loads(line) for line in (folder / name).read_text("utf-8").splitlines()]
    return [
        Labelled(row["id"], row["text"], row["spans"], bool(row.get("negative"))) for row in rows
    ]


def found_by(detectors: Iterable[Any], texts: Sequence[str]) -> list[list[tuple[int, int, str]]]:
    """The spans of every text, all detectors together."""
    out: list[list[tuple[int, int, str]]] = [[] for _ in texts]
    for detector in detectors:
        for span in detector(pa.array(texts, pa.string())).to_pylist():
            out[span["text"]].append((span["start"], span["end"], span["label"]))
    return out


def masks(rows: Sequence[Labelled], found: Sequence[Spans]) -> list[np.ndarray]:
    """For every text, which of its characters a span covers."""
    out = []
    for row, spans in zip(rows, found, strict=True):
        mask = np.zeros(len(row.text), bool)
        for start, end, *_ in spans:
            mask[start:end] = True
        out.append(mask)
    return out


def scores(rows: Sequence[Labelled], covered: Sequence[np.ndarray]) -> dict[str, Score]:
    """By gold label. White space is not counted: nothing is lost with it."""
    sums: dict[str, list[int]] = defaultdict(lambda: [0, 0, 0, 0])
    for row, mask in zip(rows, covered, strict=True):
        for start, end, label in row.spans:
            leaked, size = _leaked(row.text, mask, start, end)
            one = sums[label]
            one[0] += size - leaked >= COVER * size
            one[1] += 1
            one[2] += leaked
            one[3] += size
    return {label: Score(*one) for label, one in sorted(sums.items())}


def together(found: dict[str, Score], labels: Collection[str] | None = None) -> Score:
    """Some labels (all, where none are given) as one."""
    some = [score for label, score in found.items() if labels is None or label in labels]
    return (
        Score(*(sum(column) for column in zip(*some, strict=True))) if some else Score(0, 0, 0, 0)
    )


def over_redaction(rows: Sequence[Labelled], covered: Sequence[np.ndarray]) -> float:
    """Characters covered that no gold span holds, by all characters that none holds."""
    wrong = plain = 0
    for row, mask in zip(rows, covered, strict=True):
        gold = np.zeros(len(row.text), bool)
        for start, end, _ in row.spans:
            gold[start:end] = True
        wrong += int((mask & ~gold).sum())
        plain += int((~gold).sum())
    return wrong / max(1, plain)


def missed(
    rows: Sequence[Labelled], covered: Sequence[np.ndarray], labels: Collection[str] | None = None
) -> list[tuple[str, str, str]]:
    """What leaked: id, label, and the text around it with the span between brackets."""
    out = []
    for row, mask in zip(rows, covered, strict=True):
        for start, end, label in row.spans:
            leaked, size = _leaked(row.text, mask, start, end)
            if (labels is None or label in labels) and size - leaked < COVER * size:
                before, after = row.text[max(0, start - 40) : start], row.text[end : end + 15]
                out.append((row.id, label, f"{before}[[{row.text[start:end]}]]{after}"))
    return out


def alarms(rows: Sequence[Labelled], found: Sequence[Spans]) -> list[tuple[str, str]]:
    """Negatives in which something was found, with what was."""
    return [
        (row.text, ", ".join(f"{label} {row.text[start:end]!r}" for start, end, label in spans))
        for row, spans in zip(rows, found, strict=True)
        if row.negative and spans
    ]


def speed(detector: Callable[[pa.Array], pa.Table], texts: pa.Array, runs: int = 3) -> float:
    """Megabytes of text a CPU second, the best of some runs."""
    best = float("inf")
    for _ in range(runs):
        start = time.process_time()
        detector(texts)
        best = min(best, time.process_time() - start)
    return megabytes(texts) / best


def _leaked(text: str, mask: np.ndarray, start: int, end: int) -> tuple[int, int]:
    """Characters of a span that no mask covers, and all of them, without white space."""
    visible = [not character.isspace() for character in text[start:end]]
    return int((~mask[start:end] & visible).sum()), sum(visible)
