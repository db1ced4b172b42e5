"""Passages, loops, evaluation sets and reference corpora: what is found of what was planted.

Paragraphs that were made up are put into documents of the corpus: as they are, in capitals, wrapped
anew, with other punctuation. A paragraph that is taken out is right if, by words in small letters,
it is in another document (counted slowly, with dicts). Loops are put into documents too; whatever
else is taken out is looked up by hand. Items of an evaluation set are parts of documents of a half
of the corpus, exact or with a word in 20 changed; so the other half has none. Speeds are of one
thread, in MB of text a CPU second, compiled and in numpy; ``--passages N`` are counted out of core.
"""

from __future__ import annotations

import json
import os
import random
import re
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from _common import arguments, figure, machine, megabytes, report, save, scratch, texts, versions

from datapartnerships.kernels.counts_on_disk import CountsOnDisk
from datapartnerships.schema import Document, Segment, documents_to_table
from datapartnerships.transforms import (
    Decontaminate,
    DeduplicatePassages,
    EstimateNovelty,
    RemoveLoops,
    build_reference,
)

KINDS = ("same", "capitals", "wrapped", "punctuation")
PARTS = ("passages", "loops", "evaluation sets", "novelty", "combine")
LOOPS = ("word", "phrase", "sentence", "line")


def batches(documents: list[str], size: int = 1000) -> list[pa.Table]:
    rows = [Document(id=f"{i:032x}", source="s", segments=[Segment(t)])
            for i, t in enumerate(documents)]  # fmt: skip
    return [documents_to_table(rows[i : i + size]) for i in range(0, len(rows), size)]


def out(tables: list[pa.Table]) -> list[str]:
    return [row[0]["text"] for table in tables for row in table["segments"].to_pylist()]


def made_up(rng: random.Random, words: list[str], count: int) -> str:
    return " ".join(rng.choice(words) for _ in range(count)).capitalize() + "."


def written(text: str, kind: str, rng: random.Random) -> str:
    if kind == "capitals":
        return text.upper()
    if kind == "wrapped":
        parts = text.split()
        return "\n".join(" ".join(parts[i : i + 7]) for i in range(0, len(parts), 7))
    if kind == "punctuation":
        return " ".join(word + rng.choice(["", "", ",", ";"]) for word in text.split())
    return text


def seconds(function: Any) -> tuple[float, Any]:
    started = time.process_time()
    answer = function()
    return time.process_time() - started, answer


def passages(corpus: list[str]) -> dict[str, Any]:
    rng = random.Random(1)
    words = sorted({w for t in rng.sample(corpus, 300) for w in t.split() if w.isalpha()})
    documents, planted = list(corpus), []
    for number in range(1000):
        text = made_up(rng, words, rng.randint(12, 60))
        for place in rng.sample(range(len(corpus)), rng.randint(2, 12)):
            kind = KINDS[number % 4] if planted and planted[-1][2] == text else "same"
            form = written(text, kind, rng)
            documents[place] += f"\n\n{form}"
            planted.append((place, form, text))
    closing = [made_up(rng, words, n) for n in range(3, 9)]
    documents = [f"{text}\n\n{rng.choice(closing)}" for text in documents]
    size = megabytes(pa.array(documents))
    tables = batches(documents)
    fit = DeduplicatePassages(reject_share=1.0)
    fit.sketch(tables[:1])
    sketched, sketches = seconds(lambda: [fit.sketch([table]) for table in tables])
    combined, step = seconds(lambda: fit.combine(sketches))
    applied, after = seconds(lambda: [step(table) for table in tables])
    left = out(after)
    rejected = [
        reason is not None for table in after for reason in table["drop_reason"].to_pylist()
    ]
    gone = {i for i, one in enumerate(rejected) if one}
    first: dict[str, int] = {}
    for place, _, text in planted:
        first[text] = min(place, first.get(text, place))
    later = [(place, form) for place, form, text in planted if first[text] != place]
    found = sum(place in gone or form not in left[place] for place, form in later)
    kept = [(place, form) for place, form, text in planted if first[text] == place]
    right, taken = judged(documents, left, gone)
    return {
        "MB": round(size, 1), "planted": len(later), "recall": found / len(later),
        "first kept": sum(form in left[place] for place, form in kept) / len(kept),
        "taken out": taken, "precision": right / taken,
        "short closings lost": sum(
            i not in gone and not text.endswith(tuple(closing)) for i, text in enumerate(left)
        ),
        "sketch MB/s": size / sketched, "combine s": combined, "apply MB/s": size / applied,
        "bytes a listed passage": step.passages.nbytes / max(1, step.passages.num_rows),
    }  # fmt: skip


def judged(documents: list[str], left: list[str], gone: set[int]) -> tuple[int, int]:
    """Of the paragraphs that were taken out, how many are in another document; and all of them."""

    def parts(text: str) -> list[str]:
        return [re.sub(r"[\W_]+", "", part).casefold() for part in re.split(r"\n\s*\n", text)]

    where: dict[str, set[int]] = {}
    for number, text in enumerate(documents):
        for part in parts(text):
            where.setdefault(part, set()).add(number)
    right = taken = 0
    for number, text in enumerate(documents):
        held = set() if number in gone else set(parts(left[number]))
        for part in parts(text):
            if part and part not in held:
                taken += 1
                right += len(where[part]) > 1
    return right, taken


def loops(corpus: list[str]) -> dict[str, Any]:
    rng = random.Random(2)
    words = sorted({w for t in rng.sample(corpus, 300) for w in t.split() if w.isalpha()})
    documents, planted = list(corpus), {}
    for number, place in enumerate(rng.sample(range(len(corpus)), 800)):
        kind = LOOPS[number % 4]
        unit = made_up(rng, words, {"word": 1, "phrase": 4, "sentence": 12, "line": 7}[kind])
        between = "\n" if kind == "line" else " "
        looped = between.join([unit] * rng.randint(30, 300))
        documents[place] = f"{corpus[place]}\n\n{looped}\n\n{made_up(rng, words, 9)}"
        planted[place] = unit
    size = megabytes(pa.array(documents))
    tables = batches(documents)
    step = RemoveLoops()
    step(tables[0])
    spent, after = seconds(lambda: [step(table) for table in tables])
    left = out(after)
    found = sum(left[place].count(unit) == 1 for place, unit in planted.items())
    others = sum(a != b for i, (a, b) in enumerate(zip(documents, left, strict=True))
                 if i not in planted)  # fmt: skip
    return {"planted": len(planted), "recall": found / len(planted), "others changed": others,
            "MB/s": size / spent}  # fmt: skip


def evaluation(corpus: list[str], folder: Path) -> dict[str, Any]:
    rng = random.Random(3)
    half = len(corpus) // 2
    items, source, whole = [], [], []
    vocabulary = sorted({w for t in rng.sample(corpus, 300) for w in t.split() if w.isalpha()})
    for number in range(4000):
        place = rng.randrange(half)
        tokens = [w for w in corpus[place].split() if any(map(str.isalpha, w))]
        if len(tokens) < 200:
            continue
        start = rng.randrange(len(tokens) - 80)
        part = corpus[place].split()[start : start + rng.randint(20, 80)]
        if number % 2:
            part = [rng.choice(vocabulary) if rng.random() < 0.05 else w for w in part]
        items.append(" ".join(part))
        source.append(place)
        whole.append(number % 2 == 0)
    path = folder / "set.jsonl"
    path.write_text("\n".join(json.dumps({"q": item}) for item in items), encoding="utf-8")
    step = Decontaminate(against=str(path))
    tables = batches(corpus)
    size = megabytes(pa.array(corpus))
    indexed, _ = seconds(lambda: step(tables[0].slice(0, 1)))
    spent, after = seconds(lambda: [step(table) for table in tables])
    column = [row for table in after for row in table["contamination"].to_pylist()]
    hit = {i for i, row in enumerate(column) if row and row["share"] >= 0.5}
    figures: dict[str, Any] = {"items": len(items), "index s": indexed, "MB/s": size / spent}
    for name, exact in (("exact", True), ("1 word in 20 changed", False)):
        mine = {place for place, kind in zip(source, whole, strict=True) if kind == exact}
        figures[f"recall, {name}"] = len(mine & hit) / len(mine)
    figures["documents without an item that were rejected"] = len(
        [i for i in hit if i >= half and not any(items_in(corpus[i], items[column[i]["row"]]))]
    )
    return figures


def items_in(text: str, item: str) -> list[bool]:
    """Whether 13 words of the item are in the text, by strings."""
    a, b = (" ".join(re.findall(r"\w+", one.casefold())) for one in (text, item))
    words = b.split()
    return [" ".join(words[i : i + 13]) in a for i in range(max(1, len(words) - 12))]


def novelty(corpus: list[str], folder: Path) -> dict[str, Any]:
    half = len(corpus) // 2
    rows = [json.dumps({"text": text}) for text in corpus[:half]]
    (folder / "corpus.jsonl").write_text("\n".join(rows), encoding="utf-8")
    size = megabytes(pa.array(corpus[:half]))
    where = str(folder / "reference.bloom")
    built, _ = seconds(lambda: build_reference(str(folder / "corpus.jsonl"), where))
    step = EstimateNovelty(against=where)
    tables = batches(corpus)
    step(tables[0])
    spent, after = seconds(lambda: [step(table) for table in tables])
    column = np.concatenate([table["novelty"].to_numpy() for table in after])
    return {
        "build MB/s": size / built, "bytes of filter a byte of text":
        os.path.getsize(where) / size / 1e6, "MB/s": 2 * size / spent,
        "novelty of the corpus itself": float(np.nanmax(np.abs(column[:half]))),
        "novelty of the rest, mean": float(np.nanmean(column[half:])),
    }  # fmt: skip


def memory(kind: str) -> float:
    """MB of this process, as the kernel counts them: now, or at most."""
    status = Path("/proc/self/status").read_text()
    return int(re.findall(rf"{kind}:\s+(\d+)", status)[0]) / 1000


def scale(many: int) -> dict[str, float]:
    """`combine` alone: passages of documents, one in five of them in several."""
    rng = np.random.default_rng(1)
    started, before = time.process_time(), memory("VmRSS")
    with CountsOnDisk() as counted:
        for block in range(0, many, 1 << 20):
            keys = rng.integers(0, 1 << 64, 1 << 20, np.uint64)
            keys[: 1 << 18] = (keys[: 1 << 18] % np.uint64(many // 20)) << np.uint64(37)
            counted.add(np.unique(keys), np.full(len(np.unique(keys)), block, np.uint32))
        found = sum(len(records) for records in counted.several(2))
    return {"passages": many, "in several": found, "cpu_s": time.process_time() - started,
            "MB": memory("VmHWM") - before}  # fmt: skip


def main() -> None:
    asked = arguments(
        __doc__ or "",
        passages={"type": int, "default": 12_000_000},
        part={"default": "all"},
    )
    if asked.part == "scale":
        report(scale(asked.passages), as_json=True)
        return
    corpus = texts(asked.data)
    random.Random(0).shuffle(corpus)
    result: dict[str, Any] = {"machine": machine(), "versions": versions("numpy", "numba")}
    with scratch() as folder:
        parts = {"passages": lambda: passages(corpus), "loops": lambda: loops(corpus),
                 "evaluation sets": lambda: evaluation(corpus, folder),
                 "novelty": lambda: novelty(corpus, folder)}  # fmt: skip
        for name, part in parts.items():
            if asked.part in ("all", name):
                result[name] = {k: round(v, 4) for k, v in part().items()}
    if asked.part == "all":
        done = subprocess.run(
            [sys.executable, __file__, "--data", asked.data, "--part", "scale",
             "--passages", str(asked.passages), "--json"],
            capture_output=True, text=True, check=True,
        )  # fmt: skip
        result["combine"] = json.loads(done.stdout.splitlines()[-1])
    report(result, asked.json)
    if asked.save:
        parts = {name: value for name, value in result.items() if name in PARTS}
        save("passages", [figure(name, key, value) for name, found in parts.items()
                          for key, value in found.items()], "numpy", "numba")  # fmt: skip


if __name__ == "__main__":
    main()
