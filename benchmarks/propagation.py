"""How much of what detectors missed is found by propagation, and what it and a list of people cost.

Of the names in texts with gold spans a share is handed to `PropagateNames` as if a detector had
found it, by a fixed draw. Of the others it says how many are found, and what is marked besides.
A name can only be found if the document holds a word of it in one that was kept: these are told
apart. Over-redaction is the share of a text's characters that were marked and are in no gold span.

Speed: CPU seconds of one thread; megabytes are of UTF-8. The list for `KnownPeople` is made of
common given names and of family names that are put together from syllables.
"""

from __future__ import annotations

import json
import random
import re
from collections.abc import Sequence
from typing import Any

import pyarrow as pa
from _common import ROOT, arguments, cpu_seconds, megabytes, save, texts

from datapartnerships.detectors import KnownPeople
from datapartnerships.kernels.segments import set_column
from datapartnerships.schema import SPAN, Document, Segment, documents_to_table
from datapartnerships.transforms import PropagateNames

PII = ROOT.parent / "shared" / "data" / "pii"
SETS = {
    "meddocan_dev": {"NOMBRE_SUJETO_ASISTENCIA", "NOMBRE_PERSONAL_SANITARIO"},
    "echr12_a": {"PERSON:QUASI", "PERSON:DIRECT"},
    "inlegal_a": {"LAWYER", "OTHER_PERSON", "JUDGE", "WITNESS"},
}
WORD = re.compile(r"[^\W\d_]{3,}")
GIVEN = (
    "Anna Jon Maria Peter Einar Gunnar Karin Pedro Elena Marco Sophie Hans Ivan Olga Matti Priya"
)
SYLLABLES = "ka ro lin ber sten mar vel dor han mil tor gren pas kov sel win har bo ran del mo tre"
Spans = list[tuple[int, int]]


def table(documents: Sequence[str], found: Sequence[Spans]) -> pa.Table:
    rows = [Document(str(i), "s", segments=[Segment(text)]) for i, text in enumerate(documents)]
    spans = [
        [
            {"field": "text", "segment": 0, "start": a, "end": b, "label": "PERSON",
             "score": 1.0, "detector": "Gold"}
            for a, b in some
        ]
        for some in found
    ]  # fmt: skip
    return set_column(documents_to_table(rows), "spans", pa.array(spans, pa.list_(SPAN)))


def thinned(name: str, share: float) -> dict[str, Any]:
    lines = (PII / f"{name}.jsonl").read_text().splitlines()
    documents = [json.loads(line) for line in lines]
    draw = random.Random(7)
    kept, rest = [], []
    for document in documents:
        gold = sorted({(a, b) for a, b, label in document["spans"] if label in SETS[name]})
        kept.append([span for span in gold if draw.random() < share])
        rest.append([span for span in gold if span not in kept[-1]])
    batch = table([document["text"] for document in documents], kept)
    batch = batch.append_column("language", pa.array([doc["lang"] for doc in documents]))
    out = PropagateNames()(batch)
    missed = found = within = found_within = over = spans = 0
    for document, some, others, row in zip(
        documents, kept, rest, out["spans"].to_pylist(), strict=True
    ):
        text = document["text"]
        new = [(s["start"], s["end"]) for s in row if s["detector"] != "Gold"]
        marked = {i for a, b in [*new, *some] for i in range(a, b)}
        gold = {i for a, b, _ in document["spans"] for i in range(a, b)}
        words = {word.casefold() for a, b in some for word in WORD.findall(text[a:b])}
        over += len({i for a, b in new for i in range(a, b)} - gold)
        spans += len(new)
        for a, b in others:
            hit = all(i in marked for i in range(a, b) if text[i].isalnum())
            missed, found = missed + 1, found + hit
            if words & {word.casefold() for word in WORD.findall(text[a:b])}:
                within, found_within = within + 1, found_within + hit
    characters = sum(len(document["text"]) for document in documents)
    return {
        "set": name,
        "not_handed_over": missed,
        "found": round(found / missed, 3),
        "with_a_word_of_a_kept_name": within,
        "found_of_these": round(found_within / max(within, 1), 3),
        "spans_added": spans,
        "over_redaction_percent": round(100 * over / characters, 3),
    }


def people(count: int) -> tuple[str, ...]:
    draw = random.Random(1)
    given, parts = GIVEN.split(), SYLLABLES.split()
    names: set[str] = set()
    while len(names) < count:
        family = "".join(draw.choice(parts) for _ in range(draw.choice((2, 3)))).title()
        names.add(f"{draw.choice(given)} {family}{draw.choice(('', 'son', 'ov', 's', 'er'))}")
    return tuple(sorted(names))


def speeds(documents: list[str], runs: int) -> list[dict[str, Any]]:
    array = pa.array(documents, pa.large_string())
    rows = []
    for count in (1_000, 100_000):
        detector = KnownPeople(people=people(count))
        detector(pa.array(["once"]))
        seconds, spans = cpu_seconds(lambda one=detector: one(array), runs)
        rate = round(megabytes(array) / seconds, 1)
        rows.append({"case": f"KnownPeople, {count:,}", "mb_per_s": rate, "spans": spans.num_rows})
    two = re.compile(r"\b[A-ZÀ-Þ][a-zß-ÿ]{2,12} [A-ZÀ-Þ][a-zß-ÿ]{2,14}\b")
    found = [[match.span() for match in two.finditer(text)][:3] for text in documents]
    batch = table(documents, found)
    seconds, out = cpu_seconds(lambda: PropagateNames()(batch), runs)
    added = sum(map(len, out["spans"].to_pylist())) - sum(map(len, found))
    rate = round(megabytes(array) / seconds, 1)
    rows.append({"case": "PropagateNames, 3 a document", "mb_per_s": rate, "spans": added})
    return rows


def main() -> None:
    given = arguments(
        __doc__ or "",
        runs={"type": int, "default": 2},
        share={"type": float, "default": 0.6, "help": "of the gold names, those handed over"},
        every={"type": int, "default": 16, "help": "one in so many documents, for the speed"},
    )
    pa.set_cpu_count(1)
    quality = [thinned(name, given.share) for name in SETS if (PII / f"{name}.jsonl").exists()]
    for one in quality:
        print(one)
    cost = speeds(texts(given.data)[:: given.every], given.runs)
    for row in cost:
        print(row)
    figures = [*quality, *cost]
    if given.json:
        print(json.dumps({"benchmark": "propagation", "share": given.share, "figures": figures}))
    if given.save:
        save("propagation", [{"reader": "", **item} for item in figures], "numba")


if __name__ == "__main__":
    main()
