"""Character error rates estimated without the truth, beside the true ones.

For each language one deposit of pages from the corpus, damaged in the six ways of `_damaged.TYPED`
in turn, `--pages` of them (as many as `EstimateQuality` looks at, by default); and, in English and
Icelandic, pages printed, damaged in five ways and read by Tesseract,
among 400 typed ones. Each way is estimated with a line and a table fitted on the pages damaged in
the other ways only. `rank` is Spearman's correlation with the true rate over the pages that are
told (within the table), `of all` the same with those past it, by the line; `error` the median of
the difference in points, `inside` the share of the pages between their bounds.

Where rank is lost: `deposits` has it for each deposit alone; `own kind` is what a line and a table
for each way, fitted on that very way, would reach; `oracle` what somebody would reach who sees the
errors themselves, as many as a page of this rate has by chance (Poisson).
"other texts" are deposits that were not looked at while it was decided what is counted; they are
judged by what was fitted on the first ones, damaged in the other ways.
`--fit` fits on all of them and prints `datapartnerships/kernels/_misreading_table.py`.
`--cache` keeps what was read (OCR takes about two CPU seconds a page).
"""

from __future__ import annotations

import zlib
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from _common import ROOT, arguments, machine, report, save, versions
from _damaged import PRINTED, TYPED, error_rate, pages, scanned, wanted
from scipy.optimize import nnls
from scipy.stats import spearmanr

from datapartnerships.kernels import error_rate as rates
from datapartnerships.kernels import misreading

LANGUAGES = {
    "fiction": "en", "pgdoc": "en-manual", "d365is": "is", "gesetze": "de", "lohelp-fr": "fr",
    "lohelp-ru": "ru", "lohelp-pl": "pl",
}  # fmt: skip
# Not looked at while it was decided what is counted.
ASIDE = {
    "litbank": "en", "sotu": "en-speeches", "lohelp-sv": "sv", "lohelp-es": "es", "lohelp-it": "it",
    "lohelp-fi": "fi", "lohelp-cs": "cs",
}  # fmt: skip
LIBRARIES = ("tesserocr", "rapidfuzz", "scipy")
BINS, IN_BIN = 12, 120  # of a table: at least so many, of so many pages each
MOST = 0.35  # a table ends where rates get past this
Rows = dict[str, Any]


def deposit(texts: list[str], confidence: Any) -> Any:
    """The columns that the line goes through, of each page."""
    found = pa.array(texts)
    groups = np.zeros(len(texts), np.int64)
    weights, known, base = rates.best(found, groups, confidence)
    counted = misreading.counts(found, known, weights)
    return rates.columns(counted, np.repeat(base[0][None], len(texts), 0), confidence)


def typed(clean: dict[str, list[str]], count: int) -> Rows:
    parts: list[Rows] = []
    for language, source in clean.items():
        chance = np.random.default_rng(zlib.crc32(language.encode()))
        source = source[:count]
        names = [list(TYPED)[i % len(TYPED)] for i in range(len(source))]
        rates = wanted(len(source), chance)
        read = [
            TYPED[name](text, chance, float(rate)) if rate else text
            for name, text, rate in zip(names, source, rates, strict=True)
        ]
        parts.append(
            {
                "deposit": np.array([language] * len(source)),
                "x": deposit(read, np.full(len(read), np.nan)),
                "true": np.array(list(map(error_rate, read, source))),
                "way": np.array(names),
                "size": np.array(list(map(len, source))),
            }
        )
    return joined(parts)


def recognized(clean: dict[str, list[str]], each: int, cache: Path) -> Rows:
    parts: list[Rows] = []
    rows = list(scanned({k: clean[k] for k in ("en", "is")}, each, "tesseract", cache))
    for language in ("en", "is"):
        # A page on which nothing was found needs no estimate: it is empty.
        mine = [row for row in rows if row["language"] == language and len(row["text"]) >= 300]
        others = clean[language][200:]
        sure = np.array([row["confidence"] for row in mine] + [np.nan] * len(others))
        x = deposit([row["text"] for row in mine] + others, sure)
        parts.append(
            {
                "deposit": np.array([language] * len(mine)),
                "x": x[: len(mine)],
                "true": np.array([error_rate(row["text"], row["truth"]) for row in mine]),
                "way": np.array([row["damage"] for row in mine]),
                "size": np.array([len(row["truth"]) for row in mine]),
            }
        )
    return joined(parts)


def joined(parts: list[Rows]) -> Rows:
    return {key: np.concatenate([part[key] for part in parts]) for key in parts[0]}


def fitted(rows: Rows, chosen: Any, text_only: bool) -> dict[str, list[float]]:
    """The line of least relative squares with no weight below 0, and its table."""
    x, true = rows["x"][chosen], rows["true"][chosen]
    if text_only:
        x = x * (np.arange(x.shape[1]) >= 2)
    weight = 1 / (true + 0.01)
    line, _ = nnls(x * weight[:, None], true * weight)
    line = line.round(3)
    score = x @ line
    order = np.argsort(score, kind="stable")
    table: dict[str, list[float]] = {"score": [], "mean": [], "low": [], "high": []}
    for part in np.array_split(order, max(BINS, len(order) // IN_BIN)):
        table["score"].append(float(np.median(score[part])))
        for name, share in (("mean", 0.5), ("low", 0.05), ("high", 0.95)):
            table[name].append(float(np.quantile(true[part], share)))
    kept = [i for i, mean in enumerate(table["mean"]) if mean <= MOST] or [0]
    out = {"line": line.tolist()}
    for name, values in table.items():
        rising = np.maximum.accumulate(np.array(values)[kept])
        out[name] = rising.round(4).tolist()
    return out


def estimated(table: dict[str, list[float]], x: Any) -> tuple[Any, ...]:
    score = x @ np.array(table["line"])
    figures = (np.interp(score, table["score"], table[k]) for k in ("mean", "low", "high"))
    return (score, *figures, score <= table["score"][-1])


def judged(
    rows: Rows, ways: Any, text_only: bool = False, learned: Rows | None = None
) -> dict[str, Any]:
    """Each way by what was fitted on the others, of the pages `learned` (by default these)."""
    true, learned = rows["true"], learned or rows
    found, own = np.zeros((5, len(true))), np.zeros(len(true))
    for way in ways:
        mine = rows["way"] == way
        found[:, mine] = estimated(
            fitted(learned, learned["way"] != way, text_only), rows["x"][mine]
        )
        own[mine] = estimated(fitted(rows, mine, text_only), rows["x"][mine])[0]
    result: dict[str, Any] = {way: _figures(found, true, rows["way"] == way) for way in ways}
    result["all"] = _figures(found, true, slice(None))
    for name in np.unique(rows["deposit"]).tolist():
        part = _figures(found, true, rows["deposit"] == name)
        result.setdefault("deposits", {})[name] = part
    seen = np.random.default_rng(7).poisson(true * rows["size"])
    result["own kind"] = _rank(own, true)
    result["oracle"] = _rank(seen / rows["size"], true)
    return result


def _rank(found: Any, true: Any) -> float:
    return round(float(spearmanr(found, true)[0]), 3)


def _figures(found: Any, true: Any, chosen: Any) -> dict[str, float]:
    (score, mean, low, high, within), true = found[:, chosen], true[chosen]
    told = within > 0
    inside = (low <= true) & (true <= high)
    return {
        "pages": len(true),
        "told": round(float(told.mean()), 3),
        "rank": _rank(mean[told], true[told]),
        "of all": _rank(score, true),
        "error": round(float(100 * np.median(np.abs(mean - true)[told])), 2),
        "inside": round(float(inside[told].mean()), 3),
    }


def main() -> None:
    args = arguments(
        __doc__.splitlines()[0],
        fit={"action": "store_true", "help": "print the table"},
        pages={"type": int, "default": 2000, "help": "of each language"},
        each={"type": int, "default": 36, "help": "of each way and language, to be read by OCR"},
        cache={"default": str(ROOT / ".work" / "quality_estimate.jsonl"), "help": "what was read"},
    )

    def clean(names: dict[str, str], most: int) -> dict[str, list[str]]:
        return pages(args.data, lambda row: names.get(row["source"].split("/")[0], ""), most)

    text = typed(clean(LANGUAGES, args.pages), args.pages)
    scans = recognized(clean(LANGUAGES, 600), args.each, Path(args.cache))
    if args.fit:
        both = {
            "text": fitted(text, slice(None), True),
            "engine": fitted(scans, slice(None), False),
        }
        print('"""Made by `benchmarks/quality_estimate.py --fit`."""\n\nTABLE =', both)
        return
    aside = typed(clean(ASIDE, args.pages), args.pages)
    result = {
        "typed": judged(text, TYPED, True),
        "typed, other texts": judged(aside, TYPED, True, text),
        "read": judged(scans, PRINTED),
        "read, by its text": judged(scans, PRINTED, True),
    }
    report({**result, "versions": versions(*LIBRARIES), "machine": machine()}, args.json)
    if args.save:
        save("quality_estimate", [{"reader": "", **result}], *LIBRARIES)


if __name__ == "__main__":
    main()
