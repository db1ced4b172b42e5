"""How many characters of names a detector leaves, and how many others it takes.

On the labelled texts of the shared data (its README names their sources and licences). A character
of a name is one inside a span of `LABELS`; one is leaked if it is a letter or digit that no span of
the detector covers. Over-redaction is in percent of the characters outside of every labelled span.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import pyarrow as pa

LABELS = {
    "echr12_a": {"PERSON:DIRECT", "PERSON:QUASI"},
    "inlegal_a": {"LAWYER", "JUDGE", "WITNESS", "OTHER_PERSON", "PETITIONER", "RESPONDENT"},
    "meddocan_dev": {"NOMBRE_SUJETO_ASISTENCIA", "NOMBRE_PERSONAL_SANITARIO"},
    "presidio_synth_v2": {"PERSON"},
}
LANGUAGE = {"meddocan_dev": "es"}
# In preambles of courts the parties may be organizations; those are no names of persons.
PARTIES = {"PETITIONER", "RESPONDENT"}
_NO_PERSON = [
    "state",
    "union",
    "bank",
    "ltd",
    "limited",
    "pvt",
    "company",
    "corporation",
    "commissioner",
    "government",
    "board",
    "council",
    "authority",
    "university",
    "society",
    "department",
    "secretary",
    "collector",
    "officer",
    "india",
    "insurance",
    "ors",
    "municipal",
    "committee",
    "association",
    "trust",
    "director",
    "ministry",
    "election",
    "inspector",
    "police",
    "registrar",
    "industries",
    "federation",
    "institute",
    "hospital",
    "college",
    "school",
    "territory",
    "&",
    "magistrate",
    "engineer",
    "forum",
    "organization",
    "gmbh",
    "properties",
    "club",
    "works",
    "village",
    "superintendent",
    "corpn",
    "services",
    "chief",
    "manch",
]

Find = Callable[[pa.Array], pa.Table]


class Measured(NamedTuple):
    """Percent leaked of the characters of names, percent taken of others; and what they were."""

    leaked: float
    whole: float
    taken: float
    missed: list[tuple[str, str, str]]
    alarms: list[tuple[str, str, str]]


def documents(folder: Path, name: str) -> list[dict[str, Any]]:
    with (folder / f"{name}.jsonl").open(encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


def is_person(label: str, text: str) -> bool:
    """Whether a labelled span is a person; of a party, by the words in it."""
    if label not in PARTIES:
        return True
    return not set(_NO_PERSON) & {word.strip(".,()").lower() for word in text.split()}


def measure(name: str, rows: list[dict[str, Any]], find: Find) -> Measured:
    spans: list[list[dict[str, Any]]] = [[] for _ in rows]
    for span in find(pa.array([row["text"] for row in rows])).to_pylist():
        spans[span["text"]].append(span)
    names = leaked = whole = other = taken = count = 0
    missed, alarms = [], []
    for row, found in zip(rows, spans, strict=True):
        text = row["text"]
        covered = {i for span in found for i in range(span["start"], span["end"])}
        labelled: set[int] = set()
        for start, end, label in row["spans"]:
            labelled.update(range(start, end))
            if label not in LABELS[name] or not is_person(label, text[start:end]):
                continue
            letters = [i for i in range(start, end) if text[i].isalnum()]
            lost = [i for i in letters if i not in covered]
            names += len(letters)
            leaked += len(lost)
            count += 1
            whole += not lost
            if lost:
                missed.append((row["id"], label, _around(text, start, end)))
        free = [i for i in range(len(text)) if i not in labelled]
        other += len(free)
        taken += sum(i in covered for i in free)
        alarms += [
            (row["id"], f"{span['score']:.2f}", _around(text, span["start"], span["end"]))
            for span in found
            if not labelled & set(range(span["start"], span["end"]))
        ]
    return Measured(100 * leaked / names, 100 * whole / count, 100 * taken / other, missed, alarms)


def _around(text: str, start: int, end: int) -> str:
    parts = text[max(0, start - 40) : start], text[start:end], text[end : end + 25]
    return "{}[[{}]]{}".format(*(part.replace("\n", "\\n") for part in parts))


def lowered(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """As a recognizer of speech writes: no capital letter, and spaces for punctuation."""
    signs = re.compile(r"[^\w\s]")
    low = [{**row, "text": signs.sub(" ", row["text"].lower())} for row in rows]
    return [new for new, old in zip(low, rows, strict=True) if len(new["text"]) == len(old["text"])]


def main(folder: Path, show: int, only: str = "") -> None:
    from datapartnerships.detectors import Names

    for name in LABELS:
        if only not in name:
            continue
        rows = documents(folder, name)
        for least in (0.3, 0.4, 0.5, 0.6):
            names = Names(languages=(LANGUAGE.get(name, "en"),), min_score=least)
            found = measure(name, rows, names)
            print(f"{name:20} min_score {least}: {_line(found)}")
            for kind, some in (("missed", found.missed), ("alarm", found.alarms)):
                shown = some[:: max(1, len(some) // show)] if show and least == 0.4 else ()
                for row in shown:
                    print("   ", kind, *row[1:])
        names = Names(languages=names.languages)
        print(f"{name:20} lower case:    {_line(measure(name, lowered(rows), names))}")


def _line(found: Measured) -> str:
    return (
        f"leaked {found.leaked:5.1f} %, whole names {found.whole:5.1f} %, "
        f"taken of others {found.taken:5.2f} %"
    )


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 0, *sys.argv[3:4])
