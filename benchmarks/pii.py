"""What leaks and what is taken too much: recommended detectors on labelled texts, and their speed.

Names and ids of the files under shared/data/pii, by characters: those of a span of the gold that
no span covers are leaked; those outside of all gold that a span covers are taken. Ours is
`detectors_for` of the language of a file, with names found again in their documents
(`PropagateNames`); no model, and no cues given for a file. The peers are scrubadub as it comes,
datatrove's `PIIFormatter` (mail and IPs alone) and, with ``--peer-python``, presidio with spaCy's
small English model, on the same texts.

Speed is of all detectors one after another on prose of the text corpus, with compiled kernels and
without; CPU seconds of one thread.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from _common import arguments, figure, machine, megabytes, report, save, texts, versions
from _pii import DATA, Labelled, found_by, labelled, masks, missed, over_redaction, scores, together

import datapartnerships as dp
from datapartnerships import detectors as d
from datapartnerships import transforms as t
from datapartnerships.kernels._compiled import available
from datapartnerships.schema import Document, Segment, documents_to_table

# file: language, labels of names, labels of ids, labels that are nobody's (not counted at all).
SETS = {
    "echr12_a.jsonl": ("en", ("PERSON:",), ("CODE:", "DATETIME:", "LOC:"), ()),
    "inlegal_a.jsonl": (
        "en",
        ("LAWYER", "OTHER_PERSON", "JUDGE", "WITNESS"),
        ("CASE_NUMBER",),
        ("COURT", "PROVISION", "STATUTE", "PRECEDENT", "ORG", "GPE", "DATE", "PETITIONER",
         "RESPONDENT"),
    ),
    "meddocan_dev.jsonl": ("es", ("NOMBRE_",), ("ID_", "CORREO", "NUMERO_"), ()),
    "presidio_synth_v2.jsonl": (
        "en", ("PERSON",), ("CREDIT", "PHONE", "EMAIL", "IBAN", "US_SSN", "IP_"), ()
    ),
    "pii_formats.jsonl": (None, (), ("",), ()),
}  # fmt: skip
_PEER = """
import json, sys, time
rows = [json.loads(line) for line in sys.stdin]
if sys.argv[1] == "scrubadub":
    import scrubadub
    scrubber = scrubadub.Scrubber()
    look = lambda text: [(f.beg, f.end, f.type) for f in scrubber.iter_filth(text)]
elif sys.argv[1] == "datatrove":
    from datatrove.pipeline.formatters import PIIFormatter
    pii = PIIFormatter()
    kinds = {"EMAIL": pii.emails_replacer, "IP": pii.ip_replacer}
    look = lambda text: [
        (*match.span(), label) for label, kind in kinds.items()
        for match in kind.regex.finditer(text)
        if not kind.validator or kind.validator(match.group(0))
    ]
else:
    from presidio_analyzer import AnalyzerEngine
    from presidio_analyzer.nlp_engine import NlpEngineProvider
    models = [{"lang_code": "en", "model_name": sys.argv[2]}]
    engine = NlpEngineProvider(nlp_configuration={"nlp_engine_name": "spacy", "models": models})
    analyzer = AnalyzerEngine(nlp_engine=engine.create_engine(), supported_languages=["en"])
    look = lambda text: [(r.start, r.end, r.entity_type) for r in analyzer.analyze(text, "en")]
look("Anna")
begun = time.process_time()
found = [look(text) for text in rows]
print(json.dumps([time.process_time() - begun, found]))
"""


def ours(rows: list[Labelled], language: str | None) -> list[list[tuple[int, int, str]]]:
    """In the file of forms, dates, places and names are nobody's: detectors of forms alone."""
    if language is None:
        forms = (d.Contacts(), d.NationalIds(), d.Financial(), d.Secrets())
        return found_by(forms, [row.text for row in rows])
    table = documents_to_table(
        Document(str(i), "", segments=[Segment(row.text)]) for i, row in enumerate(rows)
    )
    if language:
        table = table.append_column("language", pa.repeat(pa.scalar(language), len(rows)))
    table = t.PropagateNames()(t.DetectPii(dp.detectors_for(language))(table))
    return [
        [(s["start"], s["end"], s["label"]) for s in spans] for spans in table["spans"].to_pylist()
    ]


def peer(python: str, *what: str, given: list[str]) -> tuple[float, list[Any]]:
    lines = "\n".join(json.dumps(text) for text in given)
    done = subprocess.run(
        [python, "-c", _PEER, *what], input=lines, text=True, capture_output=True, check=True
    )
    seconds, found = json.loads(done.stdout.splitlines()[-1])
    return seconds, found


def one(rows: list[Labelled], found: list[Any], names: tuple[str, ...], ids: tuple[str, ...],
        other: tuple[str, ...]) -> dict[str, Any]:  # fmt: skip
    covered = masks(rows, found)
    by_label = scores(rows, covered)
    shares: dict[str, Any] = {}
    for what, begins in (("names", names), ("ids", ids)):
        chosen = [label for label in by_label if begins and label.startswith(begins)]
        chosen = [label for label in chosen if label not in other]
        if chosen:
            both = together(by_label, chosen)
            shares[f"{what}_leaked"] = round(100 * both.leak, 2)
            shares[f"{what}_recall"] = round(both.recall, 4)
    shares["taken"] = round(100 * over_redaction(rows, covered), 2)
    negatives = [bool(spans) for row, spans in zip(rows, found, strict=True) if row.negative]
    if negatives:
        shares["alarms"] = round(float(np.mean(negatives)), 4)
    return shares


def speeds(some: pa.Array, compiled: bool, runs: int = 3) -> dict[str, float]:
    """MB a CPU second of each detector, one after another on the same texts, and of all together.

    The first one makes what all of them share. Of some runs the best.
    """
    os.environ["DATAPARTNERSHIPS_COMPILED"] = "1" if compiled else "0"
    detectors = dp.detectors_for("en")
    spent: dict[str, list[float]] = {}
    for run in range(runs + 1):
        fresh = some.slice(0, 20 if run == 0 else None)  # the first run loads and compiles
        for detector in detectors:
            begun = time.process_time()
            detector(fresh)
            if run:
                taken = time.process_time() - begun
                spent.setdefault(type(detector).__name__, []).append(taken)
    del os.environ["DATAPARTNERSHIPS_COMPILED"]
    spent["all"] = [sum(run) for run in zip(*spent.values(), strict=True)]
    return {name: megabytes(some) / min(times) for name, times in spent.items()}


def main() -> None:
    given = arguments(
        __doc__ or "",
        peer_python={"default": "", "help": "an interpreter with presidio-analyzer and a model"},
        model={"default": "en_core_web_sm", "help": "the name of presidio's spaCy model"},
        scrubadub={"default": "", "help": "an interpreter with scrubadub"},
        datatrove={"default": "", "help": "an interpreter with datatrove: mail and IPs alone"},
        show={"type": int, "default": 0, "help": "print so many missed spans of each file"},
    )
    result: dict[str, Any] = {}
    for file, (language, names, ids, other) in SETS.items():
        if not (DATA / file).exists():
            print(f"{file} is not there: left out", file=sys.stderr)
            continue
        rows = labelled(file)
        ours(rows[:20], language)  # loads and compiles
        begun = time.process_time()
        found = {"ours": ours(rows, language)}
        spent = {"ours": time.process_time() - begun}
        every = [row.text for row in rows]
        size = sum(len(text.encode()) for text in every) / 1e6
        peers = {"scrubadub": given.scrubadub, "datatrove": given.datatrove}
        if language == "en":
            peers["presidio"] = given.peer_python
        for side, python in peers.items():
            if python:
                spent[side], found[side] = peer(python, side, given.model, given=every)
        rates = {f"{side}, {file}": round(size / taken, 3) for side, taken in spent.items()}
        result.setdefault("speed", {}).update(rates)
        result[file] = {side: one(rows, spans, names, ids, other) for side, spans in found.items()}
        for line in missed(rows, masks(rows, found["ours"]))[: given.show]:
            print(*line, sep="\t")
    if given.data and Path(given.data).exists():
        some = pa.array(list(texts(given.data))[::8], pa.large_string())
        for how in ("compiled", "numpy") if available() else ("numpy",):
            for name, rate in speeds(some, compiled=how == "compiled").items():
                result.setdefault("speed", {})[f"{name}, {how}"] = round(rate, 1)
    result["versions"] = versions("pyarrow", "python-stdnum")
    result["machine"] = machine()
    report(result, given.json)
    if given.save:
        rows_ = [
            figure("detectors_for", f"{what}, {file}, {side}", float(value))
            for file, sides in result.items() if file.endswith(".jsonl")
            for side, found_ in sides.items() for what, value in found_.items()
        ]  # fmt: skip
        rows_ += [
            figure("detectors_for", f"MB/s, {k}", float(v)) for k, v in result["speed"].items()
        ]
        save("pii", rows_, "pyarrow", "python-stdnum")


if __name__ == "__main__":
    main()
