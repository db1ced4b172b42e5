"""How well lines that a page made are told from lines that were written.

Paragraphs of a real corpus, wrapped here at 45 to 75 characters, ragged or with lines up to a tenth
shorter, as letters of many widths make them; the ends of the lines made here are to go, those of
the paragraphs to stay. Counted are line ends. The speed is in CPU seconds of one thread.
"""

from __future__ import annotations

import json
import random
import re
import textwrap
from collections import Counter
from typing import Any

import pyarrow as pa
from _common import arguments, cpu_seconds, lines, report, versions

from datapartnerships.schema import Document, Segment, documents_to_table
from datapartnerships.transforms import ReflowLines

LANGUAGES = ("en", "is", "de")
MARKUP = re.compile(r"[|<>\[\]*#`_]|  |^[-–+\d(]|https?:")


def wrapped(text: str, width: int, loose: int, rng: random.Random) -> list[str]:
    """The lines of one paragraph; with `loose`, each up to so many characters narrower."""
    if not loose:
        return textwrap.wrap(text, width, break_long_words=False, break_on_hyphens=False)
    out, line, room = [], "", width
    for token in text.split():
        if line and len(line) + 1 + len(token) > room:
            out.append(line)
            line, room = token, width - rng.randint(0, loose)
        else:
            line = f"{line} {token}".strip()
    return [*out, line]


def run(path: str, megabytes: float, runs: int, show: int) -> dict[str, Any]:
    rng = random.Random(3)
    documents, truths, sizes = [], [], Counter[str]()
    for row in map(json.loads, lines(path)):
        language = row["lang"][:2]
        prose = [p for p in row["text"].split("\n") if len(p) > 40 and not MARKUP.search(p.strip())]
        # Prose in paragraphs of its own: a corpus that is wrapped itself has no truth.
        if language not in LANGUAGES or sizes[language] > megabytes * 1e6:
            continue
        if sum(len(p) > 150 for p in prose) < 0.5 * len(prose):
            continue
        width, loose = rng.randint(45, 75), rng.choice((0, 0, 6))
        made, ends = [], []
        for paragraph in prose:
            some = wrapped(" ".join(paragraph.split()), width, loose, rng)
            made += some
            ends += [True] * (len(some) - 1) + [False]
        documents.append(
            Document(str(len(documents)), language, segments=[Segment("\n".join(made))])
        )
        truths.append((language, made, ends))
        sizes[language] += sum(map(len, made))
    table = documents_to_table(documents)
    transform = ReflowLines()
    seconds, out = cpu_seconds(lambda: transform(table), runs)
    by: dict[str, Counter[str]] = {}
    for (language, made, ends), segments in zip(truths, out["segments"].to_pylist(), strict=True):
        rest = segments[0]["text"]
        count = by.setdefault(language, Counter())
        for number, (line, end) in enumerate(zip(made, ends, strict=True)):
            rest = rest[len(line) :]
            joined = rest[:1] == " "
            rest = rest[1:]
            name = "joined" if joined else "left"
            count[f"{name} {'right' if joined == end else 'wrong'}"] += 1
            if joined != end and number + 1 < len(made) and rng.random() < show / 1000:
                print(language, name, repr(line), repr(made[number + 1]))
    answer: dict[str, Any] = {}
    for language, count in by.items():
        right, wrong, missed = (count[k] for k in ("joined right", "joined wrong", "left wrong"))
        answer[language] = {"F1": round(2 * right / (2 * right + wrong + missed), 4), **count}
    size = sum(sizes.values()) / 1e6
    return {"megabytes": round(size, 1), "MB per CPU second": round(size / seconds, 1), **answer,
            "versions": versions()}  # fmt: skip


def main() -> None:
    given = arguments(
        __doc__ or "",
        megabytes={"type": float, "default": 4.0, "help": "of each language"},
        runs={"type": int, "default": 3},
        show={"type": int, "default": 0, "help": "so many of a thousand errors"},
    )
    pa.set_cpu_count(1)
    result = run(given.data, given.megabytes, given.runs, given.show)
    report(result, given.json)


if __name__ == "__main__":
    main()
