"""The word error estimated without a reference, beside the true one, on held-out recordings.

Decodes are those of `_speech.decodes`: real and synthesised speech, clean and spoiled in sixteen
ways, read by Whisper base (and tiny.en). A recording is wholly in the half that the figures are of
or wholly in the half that they are fitted on (by a digest of its name), with all that was made of
it. The table puts the held-out decodes in bins by their estimate.

`--fit` fits anew and prints the table of `datapartnerships/kernels/_word_error_table.py`.
"""

from __future__ import annotations

import hashlib
import math
import os
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
from _common import arguments, figure, machine, report, save, versions
from _speech import decodes

from datapartnerships.kernels.transcription import faults
from datapartnerships.kernels.word_error import agreement, estimate, features

BINS = 9


def held_out(name: str) -> bool:
    return hashlib.sha256(("wer " + name).encode()).digest()[0] % 2 == 1


def columns(rows: list[dict[str, Any]]) -> tuple[Any, ...]:
    confidence = np.array([math.exp(row["log_probability"]) for row in rows])
    rate = np.array([letters(row["text"]) / row["seconds"] for row in rows])
    agreed = np.array([agreement(row["text"], row["second"]) for row in rows])
    truth = np.array([min(1.0, row["wer"]) for row in rows])
    return confidence, rate, agreed, truth


def letters(text: str) -> float:
    import pyarrow as pa

    from datapartnerships.kernels._transcription_words import Words

    return float(Words(pa.array([text])).letters[0])


def looped(row: dict[str, Any]) -> bool:
    found = faults(row["text"], row["seconds"], confidence=math.exp(row["log_probability"]))
    return "loop" in found or "rate" in found


def fit(values: Any, truth: Any) -> dict[str, list[float]]:
    """A line by least squares, then the mean and the spread of what has a like score."""
    line = np.linalg.lstsq(values, truth, rcond=None)[0]
    x = values @ line
    parts = np.array_split(np.argsort(x), BINS)
    knots = [float(x[part].mean()) for part in parts]
    mean = [float(truth[part].mean()) for part in parts]
    low = [float(np.quantile(truth[part], 0.1)) for part in parts]
    high = [float(np.quantile(truth[part], 0.9)) for part in parts]
    rising = [np.maximum.accumulate(column) for column in (mean, low, high)]
    keys = ("line", "score", "mean", "low", "high")
    found = (line, knots, *rising)
    return {k: [round(float(v), 3) for v in column] for k, column in zip(keys, found, strict=True)}


def main() -> None:
    args = arguments(
        __doc__.splitlines()[0],
        model={"default": os.environ.get("DATAPARTNERSHIPS_ASR_MODEL", ""), "help": "a folder"},
        english={"default": "", "help": "a folder with a model for English alone"},
        more={"default": "", "help": "a folder of more speech with manifest.jsonl"},
        fit={"action": "store_true", "help": "print the table of the kernel"},
    )
    rows = [
        row
        for model in filter(None, (args.model, args.english))
        for row in decodes(model, args.more)
    ]
    said = [row for row in rows if row["text"] and not looped(row)]
    if args.fit:
        kept = [row for row in said if not held_out(row["name"])]
        confidence, rate, agreed, truth = columns(kept)
        print("MODELS =", tuple(sorted({row["model"] for row in rows})))
        print("LANGUAGES =", tuple(sorted({row["language"] for row in rows})))
        one = fit(features(confidence, rate), truth)
        print("TABLE =", {"one": one, "two": fit(features(confidence, rate, agreed), truth)})
        return
    test = [row for row in said if held_out(row["name"])]
    confidence, rate, agreed, truth = columns(test)
    spread = round(float(np.abs(truth - truth.mean()).mean()), 3)
    loops = [row for row in rows if row["text"] and looped(row) and held_out(row["name"])]
    result: dict[str, Any] = {
        "decodes": f"{len(rows)}, of {_recordings(rows)} recordings "
        f"({_recordings(row for row in rows if row['real'])} real)",
        "held out": f"{len(test)} decodes of {_recordings(test)} recordings "
        f"({_recordings(row for row in test if row['real'])} real)",
        "flagged as loops, held out": f"{len(loops)}, their word error (capped) "
        f"{np.mean([min(1, row['wer']) for row in loops]) if loops else float('nan'):.2f}",
    }
    figures = []
    for name, second in (("one decode", None), ("two decodes", agreed)):
        mean, low, high = estimate(confidence, rate, second)
        off, inside = float(np.abs(mean - truth).mean()), _inside(low, high, truth)
        unit = f"of {len(test)} held-out decodes"
        figures += [
            figure("EstimateWordError", f"{name}: mean error of the estimate", round(off, 3),
                   unit=unit, peer=("always the mean", spread)),
            figure("EstimateWordError", f"{name}: share inside the interval", round(inside, 3),
                   unit=unit),
        ]  # fmt: skip
        result[name] = _table(mean, low, high, truth)
        groups: dict[str, list[int]] = defaultdict(list)
        for i, row in enumerate(test):
            groups[f"{'real' if row['real'] else 'made'} {row['language']}"].append(i)
            groups["real" if row["real"] else "made"].append(i)
            groups[row["model"]].append(i)
        result[f"{name}, by group"] = {
            group: f"{len(at):4} decodes: "
            f"estimate {mean[at].mean():.2f}, true {truth[at].mean():.2f}, "
            f"inside {_inside(low[at], high[at], truth[at]):.0%}"
            for group, at in sorted(groups.items())
        }
    result["always the mean"] = f"off by {spread}"
    result["models"] = ", ".join(Path(m).name for m in (args.model, args.english) if m)
    result["versions"] = versions("faster-whisper", "ctranslate2", "numpy")
    result["machine"] = machine()
    report(result, args.json)
    if args.save:
        save("word_error", figures, "faster-whisper", "ctranslate2", "numpy")


def _recordings(rows: Iterable[dict[str, Any]]) -> int:
    """Files of several languages may have one name."""
    return len({(row["language"], row["name"]) for row in rows})


def _inside(low: Any, high: Any, truth: Any) -> float:
    return float(np.mean((truth >= low - 0.005) & (truth <= high + 0.005)))


def _table(mean: Any, low: Any, high: Any, truth: Any) -> dict[str, str]:
    out = {}
    for left, right in ((0, 0.15), (0.15, 0.3), (0.3, 0.5), (0.5, 0.7), (0.7, 0.9), (0.9, 1.01)):
        at = np.flatnonzero((mean >= left) & (mean < right))
        if len(at):
            out[f"estimate {left:.2f} to {min(1, right):.2f}"] = (
                f"{len(at):4} decodes: "
                f"estimate {mean[at].mean():.2f}, true {truth[at].mean():.2f}, "
                f"interval {low[at].mean():.2f} to {high[at].mean():.2f}, "
                f"inside {_inside(low[at], high[at], truth[at]):.0%}"
            )
    out["all"] = (
        f"{len(truth)} decodes: off by {np.abs(mean - truth).mean():.3f}, "
        f"correlation {np.corrcoef(mean, truth)[0, 1]:.2f}, inside {_inside(low, high, truth):.0%}"
    )
    return out


if __name__ == "__main__":
    main()
