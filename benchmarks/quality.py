"""Quality rules: our verdicts beside datatrove's on the same tokens, what both cost, what is kept.

Verdicts and reasons are those of its four filters (Gopher quality and repetition, FineWeb, C4),
given the words and sentences that it found. CPU seconds of one thread; its four filters share the
tokens of a document, as they do in a pipeline. ``--peer-python`` is an interpreter with
``datatrove[processing]==0.10.1``, ``spacy``, ``nltk``, ``orjson`` and ``jieba``; without it that
part is left out.
"""

from __future__ import annotations

import json
import os
import random
import subprocess
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from _common import arguments, cpu_seconds, lines, machine, megabytes, scratch, versions
from _quality_text import JUNK, junk, known_good

from datapartnerships.kernels._compiled import available
from datapartnerships.kernels.c4 import rewritten
from datapartnerships.kernels.quality import Settings, measures, of_words, tokens
from datapartnerships.transforms import FilterQuality

# Of the corpus's, those that its tokenizers cut with these packages.
PEER_LANGUAGES = "cs da de el en es fi fr hu is it nl pl pt ru sv tr zh"
REPETITION = {
    "max_duplicate_paragraphs": "dup_para_frac",
    "max_duplicate_paragraph_characters": "dup_para_char_frac",
    "max_duplicate_lines": "dup_line_frac",
    "max_duplicate_line_characters": "dup_line_char_frac",
    **{f"max_top_{n}_gram": f"top_{n}_gram" for n in (2, 3, 4)},
    **{f"max_duplicate_{n}_grams": f"duplicated_{n}_n_grams" for n in range(5, 11)},
}
NAMES = {
    "quality": {
        "min_words": "gopher_short_doc", "max_words": "gopher_long_doc",
        "min_mean_word_length": "gopher_below_avg_threshold",
        "max_mean_word_length": "gopher_above_avg_threshold",
        "max_hash_ratio": "gopher_too_many_hashes",
        "max_ellipsis_ratio": "gopher_too_many_ellipsis",
        "max_bullet_lines": "gopher_too_many_bullets",
        "max_ellipsis_lines": "gopher_too_many_end_ellipsis",
        "min_lettered_words": "gopher_below_alpha_threshold",
        "min_stop_words": "gopher_enough_stop_words",
    },
    "repetition": REPETITION,
    "fineweb": {
        "min_line_ends": "line_punct_ratio", "max_short_lines": "short_line_ratio",
        "max_repeated_line_characters": "char_dup_ratio", "max_newline_ratio": "list_ratio",
    },
    "c4": {
        "max_lorem_ipsum": "lorem_ipsum", "max_curly_bracket": "curly_bracket",
        "min_sentences": "too_few_sentences",
    },
}  # fmt: skip


def sample(path: str, count: int) -> list[dict[str, Any]]:
    rows = [json.loads(line) for line in lines(path) if line]
    known = [
        row for row in rows if row["lang"] in PEER_LANGUAGES.split() and len(row["text"]) < 200_000
    ]
    return random.Random(0).sample(known, min(count, len(known)))


def verdicts(found: dict[str, Any]) -> dict[str, list[str | None]]:
    """By our thresholds, in datatrove's words."""
    filters = {
        "quality": FilterQuality.gopher(max_top_grams=None, max_duplicate_grams=None),
        "repetition": FilterQuality.gopher(),
        "fineweb": FilterQuality.fineweb(),
        "c4": FilterQuality.c4(),
    }
    given: dict[str, list[str | None]] = {}
    for kind, names in NAMES.items():
        failed, _ = filters[kind].judge(found)
        rows = ([names.get(rule, rule) for rule in row if rule in names or rule == "empty"]
                for row in failed.to_pylist())  # fmt: skip
        given[kind] = [row[0] if row else None for row in rows]
    return given


def parity(path: str, count: int, peer_python: str) -> dict[str, Any]:
    rows = sample(path, count)
    column = pa.array([row["text"] for row in rows])
    with scratch() as folder:
        given, answer = folder / "given.jsonl", folder / "answer.jsonl"
        given.write_text(
            "".join(json.dumps({"text": r["text"], "lang": r["lang"]}) + "\n" for r in rows)
        )
        script = Path(__file__).parent / "_quality_peer.py"
        subprocess.run(
            [peer_python, str(script), str(given), str(answer)],
            check=True, stdout=subprocess.DEVNULL,
            env={**os.environ, "OMP_NUM_THREADS": "1"},
        )  # fmt: skip
        *theirs, last = [json.loads(line) for line in answer.read_text().split("\n") if line]
    settings = Settings(
        as_published=True,
        stop_words=FilterQuality.gopher(as_published=True).stop_words,
        line_ends="".join(last["ends"]),
    )
    found = of_words(
        column,
        tokens([row["tokens"] for row in theirs]),
        settings=settings,
        counted=np.array([flag for row in theirs for flag in row["counted"]], bool),
        sentences=_sentences(rows, theirs),
    )
    ours = verdicts(found)
    different = [
        (kind, rows[index]["id"], row["verdicts"][kind], ours[kind][index])
        for kind in NAMES
        for index, row in enumerate(theirs)
        if row["verdicts"][kind] != ours[kind][index]
    ]
    languages = pa.array([row["lang"] for row in rows])
    measures(column.slice(0, 10), languages.slice(0, 10))
    mine, _ = cpu_seconds(lambda: measures(column, languages), 5)
    peer = last["cpu_s"]
    kept = [(i, row["lines_kept"]) for i, row in enumerate(theirs) if row["lines_kept"] is not None]
    texts = rewritten(column, as_published=True).to_pylist()
    return {
        "texts_rewritten": len(kept),
        "texts_different": sum(texts[i] != text for i, text in kept),
        "documents": len(rows),
        "verdicts": len(NAMES) * len(rows),
        "rejected_by_peer": {
            kind: sum(row["verdicts"][kind] is not None for row in theirs) for kind in NAMES
        },
        "different": len(different),
        "examples": different[:10],
        "megabytes": round(megabytes(column), 1),
        "ours_mb_per_cpu_s": round(megabytes(column) / mine, 1),
        "peer_mb_per_cpu_s": round(megabytes(column) / peer, 2),
        "ratio": round(peer / mine, 1),
    }


def _sentences(rows: list[dict[str, Any]], theirs: list[dict[str, Any]]) -> Any:
    """Of each line as we cut: after a line end at the end of a text we have one more."""
    counts: list[int] = []
    for row, answer in zip(rows, theirs, strict=True):
        counts += answer["sentences"]
        text = row["text"]
        if not text or len((text + "x").splitlines()) > len(text.splitlines()):
            counts.append(0)
    return np.array(counts, np.int64)


def batch(texts: list[str], languages: list[str]) -> pa.Table:
    from datapartnerships.schema import Document, Segment, documents_to_table

    table = documents_to_table(
        [Document(id=str(i), source="b", segments=[Segment(text=text)]) for i, text in
         enumerate(texts)]
    )  # fmt: skip
    return table.append_column("language", pa.array(languages, pa.string()))


def kept(path: str, forms: bool) -> dict[str, Any]:
    """By language: known-good prose kept and planted junk rejected."""
    good = known_good(path, forms=forms)
    return {name: _kept(good, getattr(FilterQuality, name)()) for name in ("gopher", "prose")}


def _kept(good: dict[str, list[str]], step: FilterQuality) -> dict[str, Any]:
    by_language: dict[str, Any] = {}
    lost_junk: dict[str, list[int]] = {name: [0, 0] for name in JUNK}
    for language, texts in sorted(good.items()):
        failed = step(batch(texts, [language] * len(texts)))["quality_failed"].to_pylist()
        bad = junk(texts, language)
        names, planted = [name for name, _ in bad], [text for _, text in bad]
        caught = step(batch(planted, [language] * len(planted)))["quality_failed"].to_pylist()
        for name, rules in zip(names, caught, strict=True):
            lost_junk[name][0] += bool(rules)
            lost_junk[name][1] += 1
        reasons: dict[str, int] = {}
        for rules in failed:
            for rule in rules[:1]:
                reasons[rule] = reasons.get(rule, 0) + 1
        by_language[language] = {
            "documents": len(texts),
            "kept": round(sum(not rules for rules in failed) / len(texts), 3),
            "reasons": reasons,
            "junk": len(planted),
            "rejected": round(sum(bool(rules) for rules in caught) / len(planted), 3),
        }
    return {
        "languages": by_language,
        "junk": {name: round(a / b, 3) for name, (a, b) in lost_junk.items() if b},
    }


def speed(path: str, megabytes_wanted: float) -> dict[str, Any]:
    rows = []
    size = 0
    generator = random.Random(1)
    for line in lines(path):
        if line and generator.random() < 0.2:
            rows.append(json.loads(line))
            size += len(line)
            if size > megabytes_wanted * 1e6:
                break
    column = pa.array([row["text"] for row in rows])
    languages = pa.array([row["lang"] for row in rows])
    table = batch(column.to_pylist(), languages.to_pylist())
    result: dict[str, Any] = {"megabytes": round(megabytes(column), 1)}
    paths = {"compiled": "1", "numpy": "0"} if available() else {"numpy": "0"}
    before = os.environ.get("DATAPARTNERSHIPS_COMPILED", "1")
    for name, value in paths.items():
        os.environ["DATAPARTNERSHIPS_COMPILED"] = value
        measures(column.slice(0, 10), languages.slice(0, 10))
        seconds, _ = cpu_seconds(lambda: measures(column, languages), 5)
        result[f"measures_{name}_mb_per_cpu_s"] = round(megabytes(column) / seconds, 1)
        seconds, _ = cpu_seconds(lambda: FilterQuality.prose(reject=True)(table), 3)
        result[f"transform_{name}_mb_per_cpu_s"] = round(megabytes(column) / seconds, 1)
    os.environ["DATAPARTNERSHIPS_COMPILED"] = before
    return result


def main() -> None:
    given = arguments(
        __doc__ or "",
        peer_python={"default": None, "help": "interpreter with datatrove"},
        documents={"type": int, "default": 1500, "help": "for the comparison of verdicts"},
        forms={"action": "store_true", "help": "count filled-in forms as good prose"},
        part={"default": "speed,kept,parity", "help": "which parts to run"},
    )
    pa.set_cpu_count(1)
    result: dict[str, Any] = {
        "benchmark": "quality",
        "versions": versions("numba", "numpy"),
        "machine": machine(),
    }
    parts = given.part.split(",")
    if "speed" in parts:
        result["speed"] = speed(given.data, 20)
        print(json.dumps(result["speed"], indent=1))
    if "kept" in parts:
        result["kept"] = kept(given.data, given.forms)
        for preset, found in result["kept"].items():
            for language, row in found["languages"].items():
                print(preset, language, row)
            print(preset, found["junk"])
    if "parity" in parts and given.peer_python:
        result["parity"] = parity(given.data, given.documents, given.peer_python)
        print(json.dumps(result["parity"], indent=1))
    if given.json:
        print(json.dumps(result))


if __name__ == "__main__":
    main()
