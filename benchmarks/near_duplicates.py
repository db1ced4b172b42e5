"""Near-duplicates: what removing them costs, and how many are found, beside other libraries.

Copies of some documents of the corpus are planted: with 0.5, 2 or 5 % of their words changed, set
in other lines, cut at both ends, or with mojibake. The similarity of every pair is computed
exactly, from its sets of shingles. Recall counts planted pairs of which one is removed; a removed
document is right or wrong by its similarity to the one that is kept for it.

Peers run in Pythons of their own (``--daft``, ``--rensa``, ``--datatrove``), one after the other on
the same file; CPU seconds are those of the work, with reading the file, without imports.
``--scale N --kind K`` measures `combine` alone, on the sketches of N documents that are made up.
``--thresholds`` measures what is found, and what is removed wrongly, at thresholds from 0.5 on.
"""

from __future__ import annotations

import hashlib
import json
import os
import random
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from _common import ROOT, arguments, figure, machine, report, save, texts, versions

from datapartnerships.kernels.minhash import (
    SIGNATURE_BYTES,
    banding,
    shingles,
    signatures,
    similarity,
)
from datapartnerships.transforms.deduplicate import Deduplicate, _as_binary

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


def thresholds(given: Any) -> dict[str, Any]:
    """Copies as alike as chance has it, from not at all to wholly: which are found, by threshold.

    One document in `--sample` is changed in up to a fifth of its words.
    """
    rng = random.Random(0)
    documents = [text for text in texts(given.data) if 500 < len(text) < 20_000]
    chosen = rng.sample(documents, min(given.sample or 10_000, len(documents)))
    words = sorted({word for text in chosen[:200] for word in text.split()})
    copies = [changed(text, f"{rng.uniform(0, 16)} % of words", rng, words) for text in chosen]
    truth = Truth(chosen + copies)
    alike = np.array([truth(at, len(chosen) + at) for at in range(len(chosen))])
    result: dict[str, Any] = {
        "pairs": len(chosen),
        "pairs_.4_to_.5": int(_within(alike, 0.4).sum()),
    }
    for threshold in (0.5, 0.6, 0.7, 0.8):
        bands = banding(threshold)
        one, other = (signatures(pa.array(side), 5, bands) for side in (chosen, copies))
        hit = (similarity(one[0], other[0]) >= bands.accept) & (one[1] == other[1]).any(axis=1)
        figures: dict[str, Any] = {"removed_below_.5": int(hit[alike < 0.5].sum())}
        for low in (0.5, 0.55, 0.6, 0.65, 0.7, 0.75, 0.8, 0.85, 0.9):
            figures[f"found_from_{low:.2f}"] = round(
                float(hit[_within(alike, low, 0.05)].mean()), 3
            )
        result[f"threshold_{threshold}"] = figures
    return result


def _within(alike: Any, low: float, width: float = 0.1) -> Any:
    return (alike >= low) & (alike < low + width)


KINDS_OF_SCALE = ("ordinary", "alike", "words")


def scale(count: int, kind: str) -> dict[str, Any]:
    """`combine` of so many documents, in a process of its own, with sketches read from disk.

    ordinary: signatures by chance, one in ten a copy with a tenth of its cells changed; alike: one
    and the same text; words: each document is one word, another one.
    """
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "sketches.arrow"
        started = time.process_time()
        _make(file, count, kind)
        made = time.process_time() - started
        done = subprocess.run(
            [sys.executable, __file__, "--combine", str(file), "--json"],
            env={**os.environ, "PYTHONPATH": str(ROOT)}, capture_output=True, text=True,
        )  # fmt: skip
    if done.returncode:
        raise RuntimeError(done.stderr[-3000:])
    found = json.loads(done.stdout)
    share = (found["peak_mb"] - found["before_mb"]) / (count / 1e6)
    return {
        "documents": count, "kind": kind, "sketch_cpu_s": round(made, 1), **found,
        "mb_per_million": round(share, 1),
    }  # fmt: skip


def _make(file: Path, count: int, kind: str, step_rows: int = 25_000) -> None:
    rng = np.random.default_rng(0)
    bands = banding(THRESHOLD)
    step = Deduplicate(threshold=THRESHOLD)
    text = "The same sentence stands in every one of them, and nothing else does."
    with (
        pa.OSFile(str(file), "wb") as out,
        pa.ipc.new_file(out, step.sketch([]).schema) as sketches,
    ):
        for at in range(0, count, step_rows):
            size = min(step_rows, count - at)
            numbers = np.arange(at, at + size)
            ids = pa.array([hashlib.md5(b"%d" % i).hexdigest() for i in numbers.tolist()])
            if kind == "ordinary":
                rows = rng.integers(0, 256, (size, SIGNATURE_BYTES), np.uint8)
                keys = rng.integers(0, 1 << 32, (size, bands.bands), np.uint32)
                twins = np.flatnonzero(rng.random(size) < 0.1)
                source = rng.integers(0, size, len(twins))
                rows[twins, :116], keys[twins, ::2] = rows[source, :116], keys[source, ::2]
                table = pa.table(
                    [
                        ids, np.zeros(size), np.zeros(size, np.int8),
                        _as_binary(keys.view(np.uint8)), _as_binary(rows),
                    ],
                    schema=step.sketch([]).schema,
                )  # fmt: skip
            else:
                words = pc.binary_join_element_wise("w", pa.array(numbers).cast(pa.string()), "")
                texts_ = words if kind == "words" else pa.array([text] * size)
                segments = pa.StructArray.from_arrays([texts_], ["text"])
                offsets = pa.array(np.arange(size + 1), pa.int32())
                table = step.sketch([pa.table({
                    "id": ids,
                    "segments": pa.ListArray.from_arrays(offsets, segments),
                    "drop_reason": pa.nulls(size, pa.string()),
                })])  # fmt: skip
            for batch in table.to_batches():
                sketches.write_batch(batch)


def _peak_mb() -> float:
    """Most memory of this process, in MB. (`getrusage` counts that of whoever started it, too.)"""
    status = Path("/proc/self/status")
    if not status.exists():  # not on Linux
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000
    [line] = [line for line in status.read_text().splitlines() if line.startswith("VmHWM")]
    return int(line.split()[1]) * 1.024 / 1000


def combine(path: str) -> dict[str, Any]:
    """Memory and time of the step that sees all sketches, one after another."""

    def read() -> Iterator[pa.Table]:
        with pa.OSFile(path) as source:
            file = pa.ipc.open_file(source)
            for number in range(file.num_record_batches):
                yield pa.Table.from_batches([file.get_batch(number)])

    before = _peak_mb()
    started = time.process_time()
    step = Deduplicate(threshold=THRESHOLD).combine(read())
    return {
        "combine_cpu_s": round(time.process_time() - started, 1),
        "removed": step.duplicates.num_rows - step.duplicates["of"].null_count,
        "before_mb": round(before),
        "peak_mb": round(_peak_mb()),
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
        kind={"default": "ordinary", "choices": KINDS_OF_SCALE, "help": "with --scale"},
        combine={"default": "", "help": "sketches in a file; for --scale"},
        thresholds={"action": "store_true", "help": "what is found at which threshold"},
    )
    if given.combine:
        print(json.dumps(combine(given.combine)))
        return
    if given.scale:
        report(scale(given.scale, given.kind), given.json)
        return
    if given.thresholds:
        report(thresholds(given), given.json)
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
