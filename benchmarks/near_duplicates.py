"""Near-duplicates: what removing them costs, and how many are found, beside other libraries.

Copies of some documents of the corpus are planted: with 0.5, 2 or 5 % of their words changed, set
in other lines, cut at both ends, or with mojibake. The similarity of every pair is computed
exactly, from its sets of shingles. Recall counts planted pairs of which one is removed; a removed
document is right or wrong by its similarity to the one that is kept for it.

Peers run in Pythons of their own (``--daft``, ``--rensa``, ``--datatrove``), one after the other on
the same file; CPU seconds are those of the work, with reading the file, without imports.
``--scale N`` measures `combine` alone, on N signatures that are made up.
"""

from __future__ import annotations

import json
import os
import random
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from _common import ROOT, arguments, figure, machine, report, save, texts, versions

from datapartnerships.kernels.clusters import Signed
from datapartnerships.kernels.minhash import SIGNATURE_BYTES, banding, shingles

KINDS = ("0.5 % of words", "2 % of words", "5 % of words", "rewrapped", "cut", "mojibake")
THRESHOLD = 0.8


def changed(text: str, kind: str, rng: random.Random, words: list[str]) -> str:
    if kind.endswith("words"):
        share = float(kind.split()[0]) / 100
        pieces = text.split(" ")
        return " ".join(rng.choice(words) if rng.random() < share else word for word in pieces)
    if kind == "rewrapped":
        pieces = text.split()
        return "\n".join(" ".join(pieces[i : i + 9]) for i in range(0, len(pieces), 9))
    if kind == "cut":
        part = len(text) // 25
        return text[part : len(text) - part]
    return text.encode().decode("cp1252", "replace") if not text.isascii() else text + " Ã©"


def planted(path: str, copies: int, sample: int) -> tuple[list[str], list[tuple[int, int, str]]]:
    """The corpus with copies in it, shuffled; which is whose copy, and of what kind."""
    rng = random.Random(0)
    documents = texts(path)
    if sample:
        documents = rng.sample(documents, sample)
    words = sorted({word for text in rng.sample(documents, 200) for word in text.split()})
    chosen = rng.sample(range(len(documents)), min(copies, len(documents)))
    rows = [(text, None) for text in documents]
    pairs = []
    for number, one in enumerate(chosen):
        kind = KINDS[number % len(KINDS)]
        pairs.append((one, len(rows), kind))
        rows.append((changed(documents[one], kind, rng, words), None))
    order = list(range(len(rows)))
    rng.shuffle(order)
    place = {old: new for new, old in enumerate(order)}
    return [rows[old][0] for old in order], [(place[a], place[b], kind) for a, b, kind in pairs]


class Truth:
    """Exact similarities."""

    def __init__(self, documents: list[str]) -> None:
        self._documents = documents
        self._sets: dict[int, np.ndarray[Any, Any]] = {}

    def _set(self, row: int) -> np.ndarray[Any, Any]:
        if row not in self._sets:
            found, _ = shingles(pa.array([self._documents[row]], pa.string()), 5)
            self._sets[row] = np.unique(found)
        return self._sets[row]

    def __call__(self, one: int, other: int) -> float:
        a, b = self._set(one), self._set(other)
        both = len(np.intersect1d(a, b, assume_unique=True))
        union = len(a) + len(b) - both
        return both / union if union else float(self._documents[one] == self._documents[other])


def judged(
    answer: dict[str, Any], pairs: list[tuple[int, int, str]], truth: Truth
) -> dict[str, Any]:
    gone = dict(answer["gone"])
    found = dict(answer["figures"])
    similar = [(truth(a, b), a in gone or b in gone, kind) for a, b, kind in pairs]
    high = [hit for similarity, hit, _ in similar if similarity >= THRESHOLD]
    found["recall_at_.8"] = sum(high) / max(1, len(high))
    for kind in KINDS:
        hits = [hit for _, hit, own in similar if own == kind]
        found[f"removed, {kind}"] = sum(hits) / max(1, len(hits))
    removed = [truth(one, of) for one, of in gone.items()]
    found["precision_at_.7"] = sum(s >= 0.7 for s in removed) / max(1, len(removed))
    found["below_.5"] = sum(s < 0.5 for s in removed)
    return {key: round(value, 4) for key, value in found.items()}


def worker(python: str, name: str, file: Path, **env: str) -> dict[str, Any]:
    answer = file.with_suffix(f".{name}.json")
    script = str(ROOT / "benchmarks" / "_near_peers.py")
    environment = {**os.environ, "PYTHONPATH": str(ROOT) if name == "ours" else "", **env}
    done = subprocess.run(
        [python, script, name, str(file), str(answer)],
        env=environment, capture_output=True, text=True,
    )  # fmt: skip
    if done.returncode:
        raise RuntimeError(f"{name}:\n{done.stderr[-3000:]}")
    return dict(json.loads(answer.read_text()))


def compare(given: Any) -> dict[str, Any]:
    documents, pairs = planted(given.data, given.copies, given.sample)
    truth = Truth(documents)
    high = sum(truth(a, b) >= THRESHOLD for a, b, _ in pairs)
    result: dict[str, Any] = {
        "documents": len(documents),
        "megabytes": round(sum(len(text.encode()) for text in documents) / 1e6, 1),
        "planted": len(pairs),
        "planted_at_.8": high,
    }
    runs = {"ours": (sys.executable, "ours", {}), "numpy": (sys.executable, "ours",
            {"DATAPARTNERSHIPS_COMPILED": "0"})}  # fmt: skip
    for peer in ("daft", "rensa", "datatrove"):
        if python := getattr(given, peer):
            runs[peer] = (python, peer, {})
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "documents.jsonl"
        with file.open("w", encoding="utf-8") as lines:
            for number, text in enumerate(documents):
                lines.write(json.dumps({"number": number, "text": text}) + "\n")
        for name, (python, script, env) in runs.items():
            result[name] = judged(worker(python, script, file, **env), pairs, truth)
            report({name: result[name]}, False)
    for peer in ("daft", "rensa", "datatrove"):
        if peer in result:
            for own in ("ours", "numpy"):
                ratio = result[peer]["cpu_s"] / result[own]["cpu_s"]
                result[f"{peer}_over_{own}"] = round(ratio, 1)
    return result


def scale(count: int, copies: float, all_alike: bool) -> dict[str, Any]:
    """`combine` on made-up signatures: memory and time."""
    rng = np.random.default_rng(0)
    bands = banding(THRESHOLD)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with Signed(bands.bands) as signed:
        step = 100_000
        started = time.process_time()
        for at in range(0, count, step):
            size = min(step, count - at)
            rows = rng.integers(0, 256, (size, SIGNATURE_BYTES), np.uint8)
            keys = rng.integers(0, 1 << 32, (size, bands.bands), np.uint32)
            if all_alike:
                rows[:], keys[:] = 7, 7
            else:  # copies with a tenth of the cells changed, and half of the bands
                twins = np.flatnonzero(rng.random(size) < copies)
                source = rng.integers(0, size, len(twins))
                rows[twins, :116], keys[twins, ::2] = rows[source, :116], keys[source, ::2]
            names = pa.array(np.arange(at, at + size)).cast(pa.string())
            ids = pa.compute.utf8_lpad(names, 32, "0")
            signed.add(ids, np.zeros(size), rows, keys)
        middle = time.process_time()
        groups = signed.groups(bands.accept)
        ended = time.process_time()
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        return {
            "documents": count,
            "all_alike": all_alike,
            "make_cpu_s": round(middle - started, 1),
            "groups_cpu_s": round(ended - middle, 1),
            "removed": int((groups.rows != groups.kept).sum()),
            "compared": signed.compared,
            "peak_mb": round(peak / 1000),
            "mb_per_million": round((peak - before) / 1000 / (count / 1e6), 1),
        }


def main() -> None:
    given = arguments(
        __doc__ or "",
        copies={"type": int, "default": 1800},
        sample={"type": int, "default": 0, "help": "documents of the corpus; 0 for all"},
        daft={"default": "", "help": "a Python that has daft"},
        rensa={"default": "", "help": "a Python that has rensa"},
        datatrove={"default": "", "help": "a Python that has datatrove"},
        scale={"type": int, "default": 0},
        alike={"action": "store_true", "help": "with --scale: all of them are the same"},
    )
    if given.scale:
        report(scale(given.scale, 0.1, given.alike), given.json)
        return
    result = {**compare(given), "versions": versions("numba"), "machine": machine()}
    report(result, given.json)
    if given.save:
        keys = ("cpu_s", "recall_at_.8", "precision_at_.7", "below_.5", "peak_mb")
        named = [name for name in ("ours", "numpy", "daft", "rensa", "datatrove") if name in result]
        figures = [figure(name, key, result[name][key]) for name in named for key in keys]
        save("near_duplicates", figures, "numba")


if __name__ == "__main__":
    main()
