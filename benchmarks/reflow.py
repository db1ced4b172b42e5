"""How well lines that a page made are told from lines that were written.

Paragraphs of a real corpus, wrapped here at 45 to 75 characters, ragged or with lines up to a tenth
shorter, as letters of many widths make them; the ends of the lines made here are to go, those of
the paragraphs to stay. Counted are line ends. Then the same with words broken at line ends, as
`hyphenation.py` breaks them, after `JoinHyphenation`. The speed is in CPU seconds of one thread.
"""

from __future__ import annotations

import json
import random
import re
import textwrap
from collections import Counter
from itertools import pairwise
from typing import Any

import pyarrow as pa
from _common import arguments, cpu_seconds, lines, report, save, versions
from hyphenation import breaks

from datapartnerships.schema import Document, Segment, documents_to_table
from datapartnerships.transforms import JoinHyphenation, ReflowLines

LANGUAGES = ("en", "is", "de")
MARKUP = re.compile(r"[|<>\[\]*#`_]|  |^[-–+\d(]|https?:")


def wrapped(text: str, width: int, loose: int, hyphens: bool, rng: random.Random) -> list[str]:
    """The lines of one paragraph; with `loose`, each up to so many characters narrower."""
    if not loose and not hyphens:
        return textwrap.wrap(text, width, break_long_words=False, break_on_hyphens=False)
    out, line, room = [], "", width
    for token in text.split():
        if line and len(line) + 1 + len(token) > room:
            left = room - len(line) - 1
            places = [at for at, _ in breaks(token) if at < left] if hyphens else []
            if places:
                line = f"{line} {token[: max(places)].removesuffix('-')}-"
                token = token[max(places) :]
            out.append(line)
            line, room = token, width - rng.randint(0, loose)
        else:
            line = f"{line} {token}".strip()
    return [*out, line]


def ends(text: str) -> Counter[int]:
    """The line ends, by the letters and figures before each."""
    at, found = 0, Counter[int]()
    for line in text.split("\n"):
        at += sum(map(str.isalnum, line))
        found[at] += 1
    return found


def score(truth: str, made: str, out: str) -> Counter[str]:
    """Where a word was moved its line end moved too: so counted are those that are left."""
    right, left = ends(truth), ends(out)
    stay = (right & left).total()
    there = made.count("\n") + 1 - right.total()
    wrong = (left - right).total()
    return Counter({"joined right": there - wrong, "left wrong": wrong, "left right": stay,
                    "joined wrong": right.total() - stay})  # fmt: skip


def books(
    path: str, megabytes: float, hyphens: bool
) -> tuple[pa.Table, list[tuple[str, str, str]], float]:
    """The documents; language, paragraphs and lines of each; and their megabytes."""
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
        whole = [" ".join(paragraph.split()) for paragraph in prose]
        made = "\n".join(
            "\n".join(wrapped(paragraph, width, loose, hyphens, rng)) for paragraph in whole
        )
        documents.append(Document(str(len(documents)), language, segments=[Segment(made)]))
        truths.append((language, "\n".join(whole), made))
        sizes[language] += len(made)
    return documents_to_table(documents), truths, sizes.total() / 1e6


def measured(table: pa.Table, truths: list[tuple[str, str, str]], show: int) -> dict[str, Any]:
    by: dict[str, Counter[str]] = {}
    rng = random.Random(4)
    for (language, truth, made), segments in zip(
        truths, table["segments"].to_pylist(), strict=True
    ):
        out = segments[0]["text"]
        by[language] = by.get(language, Counter()) + score(truth, made, out)
        at, right = 0, ends(truth)
        for line, after in pairwise(out.split("\n")):
            at += sum(map(str.isalnum, line))
            if at not in right and rng.random() < show / 1000:
                print(language, "left", repr(line[-70:]), repr(after[:70]))
    answer = {}
    for language, count in by.items():
        right, wrong, missed = (count[k] for k in ("joined right", "joined wrong", "left wrong"))
        answer[language] = {"F1": round(2 * right / (2 * right + wrong + missed), 4), **count}
    return answer


def run(path: str, megabytes: float, runs: int, show: int) -> dict[str, Any]:
    table, truths, size = books(path, megabytes, False)
    transform = ReflowLines()
    seconds, out = cpu_seconds(lambda: transform(table), runs)
    answer = measured(out, truths, show)
    table, truths, _ = books(path, megabytes, True)
    join = JoinHyphenation()
    joined = transform(join.combine([join.sketch([table])])(table))
    for language, figures in measured(joined, truths, show).items():
        answer[f"{language}, after JoinHyphenation"] = figures
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
    if given.save:
        save("reflow", [{"reader": "", **result}])


if __name__ == "__main__":
    main()
