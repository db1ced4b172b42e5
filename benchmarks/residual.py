"""Whether the interval of the residual estimate holds what is still there, on planted letters.

Two tables. One is of counts alone: two independent searches, drawn at random, and how often each
way to make an interval holds the number that both missed. The other is of texts: letters of
`_planted.py` in six languages at three levels of misreading go through `DetectPii` and
`CompareDetectors`; what is planted and not found is known. Forms (`Contacts`, a list of names)
against words that announce what follows are two families as they should be. Forms against other
forms are not, and are here to show what then becomes of the estimate.
"""

from __future__ import annotations

import json
import math
import random
from collections import defaultdict
from collections.abc import Callable
from typing import Any

import numpy as np
import pyarrow as pa
from _common import arguments, save
from _planted import (
    LABELS,
    LANGUAGES,
    NOISE,
    Truth,
    announced,
    document,
    letter,
    names_on_a_list,
    other_forms,
)

from datapartnerships import detectors as d
from datapartnerships import transforms as t
from datapartnerships.kernels.recapture import Cell, bounds
from datapartnerships.residual import estimate_residual
from datapartnerships.schema import documents_to_table

FIRST = ("Contacts", "listed")
FAMILIES = {"announcements": ("announced",), "other forms": ("other_forms",)}
DEPENDENCES = (1.0, 2.0, 4.0)
_REGIONS = ("GB", "DE", "FR", "ES", "IS", "RU")


def log_normal(cell: Cell) -> tuple[float, float]:
    """Chapman with the variance of Seber (1970) and the interval of Burnham (Chao 1987)."""
    first, second, both = cell
    rest = (first - both) * (second - both) / (both + 1)
    if not rest:
        return 0.0, 0.0
    spread = (first + 1) * (second + 1) * (first - both) * (second - both)
    variance = spread / ((both + 1) ** 2 * (both + 2))
    factor = math.exp(1.96 * math.sqrt(math.log(1 + variance / rest**2)))
    return rest / factor, rest * factor


def likelihood(cell: Cell) -> tuple[float, float]:
    """Profile likelihood of N: no more than 1.92 below its maximum."""
    first, second, both = cell
    if not both:
        return 0.0, math.inf

    def log(everything: int) -> float:
        value = math.lgamma(everything + 1) - math.lgamma(everything - cell.found + 1)
        for found in (first, second):
            if 0 < found < everything:
                value += found * math.log(found / everything)
                value += (everything - found) * math.log(1 - found / everything)
        return value

    tried = sorted({*range(400), *np.geomspace(400, 200 * cell.found + 1000, 300).astype(int)})
    values = [log(cell.found + int(more)) for more in tried]
    inside = [m for m, v in zip(tried, values, strict=True) if v >= max(values) - 1.92]
    return float(inside[0]), float(inside[-1])


def exact(cell: Cell) -> tuple[float, float]:
    return bounds(cell)[1:]


WAYS: dict[str, Callable[[Cell], tuple[float, float]]] = {
    "exact": exact,
    "log-normal": log_normal,
    "profile likelihood": likelihood,
}


def counts(runs: int) -> list[dict[str, Any]]:
    """The share of runs in which each interval holds what both searches missed."""
    rows = []
    pick = np.random.default_rng(7)
    for there in (10, 40, 100, 400):
        for first, second in ((0.3, 0.3), (0.5, 0.5), (0.9, 0.5), (0.95, 0.9)):
            inside: dict[str, list[bool]] = defaultdict(list)
            none = 0
            for _ in range(runs):
                a, b = pick.random(there) < first, pick.random(there) < second
                cell = Cell(int(a.sum()), int(b.sum()), int((a & b).sum()))
                none += not cell.both
                left = there - cell.found
                for name, way in WAYS.items():
                    low, high = way(cell)
                    inside[name].append(low <= left <= high + 1e-9)
            shares = {name: round(float(np.mean(found)), 3) for name, found in inside.items()}
            rows.append({"there": there, "first": first, "second": second, "nothing_shared": none,
                         **shares})  # fmt: skip
    return rows


def planted(language: str, rate: float, letters: int, seed: int) -> list[dict[str, Any]]:
    """One run: what is left of each label, and what was said of it, for each second family."""
    pick = random.Random(f"{language} {rate} {seed}")
    made = [letter(language, rate, pick) for _ in range(letters)]
    table = documents_to_table(document(i, text) for i, (text, _) in enumerate(made))
    table = table.append_column("language", pa.array([language] * letters))
    rows = []
    for name, second in FAMILIES.items():
        families = (
            d.Contacts(find=("EMAIL", "PHONE"), regions=_REGIONS),
            names_on_a_list("listed", language, slice(0, 12)),
            announced(language) if name == "announcements" else other_forms(language),
        )
        found = t.DetectPii(families)(table)
        compared = t.CompareDetectors(first=FIRST, second=second)(found)
        left, wrong = _missed([truth for _, truth in made], found["spans"].to_pylist())
        for said in estimate_residual(compared):
            label = said.group[0]
            row = {"families": name, "label": label, "left": left[label], "wrong": wrong[label],
                   "estimate": said.estimate, "cell": said.cells[0]}  # fmt: skip
            if not said.abstains:
                row["most"] = said.high
                row["inside"] = [
                    said.low <= left[label] <= math.ceil(said.under(ratio).high)
                    for ratio in DEPENDENCES
                ]
            rows.append(row)
    return rows


def _missed(
    truths: list[list[Truth]], found: list[list[dict[str, Any]]]
) -> tuple[dict[str, int], dict[str, int]]:
    """How many of what is planted no span hits, and how many spans hit nothing planted."""
    left, wrong = dict.fromkeys(LABELS, 0), dict.fromkeys(LABELS, 0)
    for truth, spans in zip(truths, found, strict=True):
        for start, end, label in truth:
            left[label] += not any(_hits(start, end, label, span) for span in spans)
        for span in spans:
            wrong[span["label"]] += not any(_hits(*item, span) for item in truth)
    return left, wrong


def _hits(start: int, end: int, label: str, span: dict[str, Any]) -> bool:
    shared = min(end, span["end"]) - max(start, span["start"])
    shorter = min(end - start, span["end"] - span["start"])
    return span["label"] == label and 2 * shared >= shorter


def texts(runs: int, letters: int) -> list[dict[str, Any]]:
    rows = []
    for language in LANGUAGES:
        for noise, rate in NOISE.items():
            grouped: dict[str, list[dict[str, Any]]] = defaultdict(list)
            for seed in range(runs):
                for row in planted(language, rate, letters, seed):
                    grouped[row["families"]].append(row)
            rows += [
                {"language": language, "noise": noise, "families": families, **_summary(found)}
                for families, found in grouped.items()
            ]
            print(json.dumps(rows[-2]), flush=True)
    return rows


def _summary(found: list[dict[str, Any]]) -> dict[str, Any]:
    said = [row for row in found if "inside" in row]
    inside = np.array([row["inside"] for row in said]).reshape(len(said), len(DEPENDENCES))
    shares = inside.mean(axis=0).round(3).tolist() if said else [None] * len(DEPENDENCES)
    first, second, both = (sum(row["cell"][i] for row in said) for i in range(3))
    left = sum(row["left"] for row in said)
    alone = (first - both) * (second - both)
    return {
        "runs": len(found),
        "abstained": len(found) - len(said),
        "false_alarms": sum(row["wrong"] for row in said),
        "found": first + second - both,
        "left": left,
        "estimated": round(sum(row["estimate"] for row in said)),
        "most": sum(row["most"] for row in said),
        # How much the families really depend on each other here, all labels together.
        "odds_ratio": round(both * left / alone, 2) if alone else None,
        **{f"inside_{r:g}": s for r, s in zip(DEPENDENCES, shares, strict=True)},
    }


def main() -> None:
    given = arguments(
        __doc__ or "",
        runs={"type": int, "default": 20, "help": "of each language and level of misreading"},
        letters={"type": int, "default": 200},
    )
    by_counts, by_texts = counts(10 * given.runs), texts(given.runs, given.letters)
    for rows in (by_counts, by_texts):
        print(" | ".join(f"{name:>14}" for name in rows[0]))
        for row in rows:
            print(" | ".join(f"{value!s:>14}" for value in row.values()))
    result = {"reader": "", "runs": given.runs, "letters": given.letters, "counts": by_counts,
              "texts": by_texts}  # fmt: skip
    if given.save:
        save("residual", [result])
    if given.json:
        print(json.dumps({"benchmark": "residual", **result}))


if __name__ == "__main__":
    main()
