"""What it costs to repair Unicode: our kernel beside ``ftfy.fix_text``, on the same documents.

    python benchmarks/repair_unicode.py --data corpus.jsonl.zst [--json]

CPU seconds of one thread, best of the runs; megabytes are of UTF-8. ftfy gets a sample, since it
needs a minute for 100 MB; both are compared on that sample, where every result must be equal.
The last line is one JSON object, and with ``--json`` the only one.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import random
import time
from collections.abc import Callable
from typing import Any

import ftfy
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

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


def read_texts(path: str) -> list[str]:
    compression = "zstd" if path.endswith(".zst") else None
    with pa.input_stream(path, compression=compression) as stream:
        return [json.loads(line)["text"] for line in stream.read().split(b"\n") if line]


def measure(function: Callable[[], Any], runs: int) -> tuple[float, Any]:
    best, result = float("inf"), None
    for _ in range(runs):
        start = time.process_time()
        result = function()
        best = min(best, time.process_time() - start)
    return best, result


def rate(texts: pa.Array, seconds: float) -> float:
    megabytes: float = pc.sum(pc.binary_length(texts)).as_py() / 1e6
    return round(megabytes / seconds, 2)


def compare(name: str, documents: list[str], runs: int) -> dict[str, Any]:
    array = pa.array(documents, pa.string())
    ours, fixed = measure(lambda: fix_text(array), runs)
    peer, expected = measure(lambda: [ftfy.fix_text(document) for document in documents], 1)
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


def processor() -> str:
    try:
        with open("/proc/cpuinfo") as lines:
            return next(line.split(":")[1].strip() for line in lines if "model name" in line)
    except (OSError, StopIteration):
        return platform.processor()


def run(path: str, sample: int, runs: int) -> dict[str, Any]:
    texts = read_texts(path)
    everything = pa.array(texts, pa.string())
    first, _ = measure(lambda: fix_text(everything), 1)
    again, _ = measure(lambda: fix_text(everything), runs)
    chosen = random.Random(0).sample(texts, min(sample, len(texts)))
    cases = [compare(name, list(map(case, chosen)), runs) for name, case in CASES.items()]
    clean = pa.array(list(map(ftfy.fix_text, chosen)), pa.string())
    untouched, same = measure(lambda: fix_text(clean), runs)
    return {
        "benchmark": "repair_unicode",
        "unit": "MB of UTF-8 per CPU second",
        "ours": rate(everything, again),
        "peer": cases[0]["peer_mb_per_cpu_s"],
        "ratio": cases[0]["ratio"],
        "ours_first_call": rate(everything, first),
        "ours_clean": rate(clean, untouched),
        "clean_is_same_object": same is clean,
        "documents": len(texts),
        "megabytes": round(everything.nbytes / 1e6, 1),
        "cases": cases,
        "versions": {
            "python": platform.python_version(),
            "pyarrow": pa.__version__,
            "numpy": np.__version__,
            "ftfy": ftfy.__version__,
        },
        "machine": {"processor": processor(), "cores": os.cpu_count(), "system": platform.system()},
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
    parser = argparse.ArgumentParser(description="Repairing Unicode: ours beside ftfy.")
    parser.add_argument("--data", required=True, help="a .jsonl or .jsonl.zst with `text`")
    parser.add_argument("--json", action="store_true", help="print nothing but the JSON line")
    parser.add_argument("--sample", type=int, default=2000, help="documents for ftfy")
    parser.add_argument("--runs", type=int, default=5)
    options = parser.parse_args()
    pa.set_cpu_count(1)
    result = run(options.data, options.sample, options.runs)
    if not options.json:
        show(result)
    print(json.dumps(result))


if __name__ == "__main__":
    main()
