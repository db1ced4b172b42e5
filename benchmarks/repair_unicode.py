"""What it costs to repair Unicode: our kernel beside ``ftfy.fix_text``, on the same documents.

CPU seconds of one thread, best of the runs; megabytes are of UTF-8. ftfy gets a sample, since it
needs a minute for 100 MB; both are compared on that sample, where every result must be equal.
"""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from typing import Any

import ftfy
import pyarrow as pa
from _common import arguments, cpu_seconds, machine, megabytes, texts, versions

from datapartnerships.kernels.unicode import fix_text


def mojibake(text: str) -> str:
    return text.encode().decode("sloppy-windows-1252", "replace")


def some_lines(text: str) -> str:
    rng = random.Random(len(text))
    return "\n".join(mojibake(line) if rng.random() < 0.1 else line for line in text.split("\n"))


def curly(text: str) -> str:
    return text.replace("e ", "e’ ").replace(" the ", " “the” ")


CASES: dict[str, Callable[[str], str]] = {
    "as it is": str,
    "curly quotes": curly,
    "windows line breaks": lambda text: text.replace("\n", "\r\n"),
    "10 % of lines mojibake": some_lines,
    "all mojibake": mojibake,
}


def rate(column: pa.Array, seconds: float) -> float:
    return round(megabytes(column) / seconds, 2)


def compare(name: str, documents: list[str], runs: int) -> dict[str, Any]:
    array = pa.array(documents, pa.string())
    ours, fixed = cpu_seconds(lambda: fix_text(array), runs)
    peer, expected = cpu_seconds(lambda: [ftfy.fix_text(document) for document in documents], 1)
    results = fixed.to_pylist()
    return {
        "case": name,
        "documents": len(documents),
        "changed": sum(new != old for new, old in zip(expected, documents, strict=True)),
        "different": sum(one != other for one, other in zip(results, expected, strict=True)),
        "ours_mb_per_cpu_s": rate(array, ours),
        "peer_mb_per_cpu_s": rate(array, peer),
        "ratio": round(peer / ours, 1),
    }


def run(path: str, sample: int, runs: int) -> dict[str, Any]:
    documents = texts(path)
    everything = pa.array(documents, pa.string())
    first, _ = cpu_seconds(lambda: fix_text(everything), 1)
    again, _ = cpu_seconds(lambda: fix_text(everything), runs)
    chosen = random.Random(0).sample(documents, min(sample, len(documents)))
    cases = [compare(name, list(map(case, chosen)), runs) for name, case in CASES.items()]
    clean = pa.array(list(map(ftfy.fix_text, chosen)), pa.string())
    untouched, same = cpu_seconds(lambda: fix_text(clean), runs)
    return {
        "benchmark": "repair_unicode",
        "unit": "MB of UTF-8 per CPU second",
        "ours": rate(everything, again),
        "peer": cases[0]["peer_mb_per_cpu_s"],
        "ratio": cases[0]["ratio"],
        "ours_first_call": rate(everything, first),
        "ours_clean": rate(clean, untouched),
        "clean_is_same_object": same is clean,
        "documents": len(documents),
        "megabytes": round(everything.nbytes / 1e6, 1),
        "cases": cases,
        "versions": versions("ftfy"),
        "machine": machine(),
    }


def show(result: dict[str, Any]) -> None:
    print(f"{result['documents']} documents, {result['megabytes']} MB, {result['unit']}")
    print(f"ours on everything {result['ours']}, first call {result['ours_first_call']}")
    print(f"{'on a sample':24}{'ours':>9}{'ftfy':>9}{'ratio':>9}{'changed':>10}{'different':>11}")
    for case in result["cases"]:
        print(
            f"{case['case']:24}{case['ours_mb_per_cpu_s']:9.1f}{case['peer_mb_per_cpu_s']:9.2f}"
            f"{case['ratio']:9.1f}{case['changed']:10}{case['different']:11}"
        )


def main() -> None:
    given = arguments(
        __doc__ or "",
        sample={"type": int, "default": 2000, "help": "documents for ftfy"},
        runs={"type": int, "default": 5},
    )
    pa.set_cpu_count(1)
    result = run(given.data, given.sample, given.runs)
    show(result)
    if given.json:
        print(json.dumps(result))


if __name__ == "__main__":
    main()
