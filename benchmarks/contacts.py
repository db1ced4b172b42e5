"""What it costs to find contacts: our detector beside plain `re`, on the same documents.

    python benchmarks/contacts.py --data corpus.jsonl.zst [--json]

CPU seconds of one thread, best of the runs; megabytes are of UTF-8. The peer is what web-corpus
pipelines do: one regular expression for e-mail addresses and one for IPv4 addresses, each run
over every document. It is compared with `Contacts(find=("EMAIL", "IP"))`, which also finds IPv6,
and addresses in other alphabets. The peer gets a sample of the documents when there are many.
The last line is one JSON object, and with ``--json`` the only one.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import re
import time
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import phonenumbers
import pyarrow as pa
import pyarrow.compute as pc

from datapartnerships.detectors.contacts import LABELS, Contacts

_ATOM = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
_LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?"
EMAIL = re.compile(rf"\b{_ATOM}(?:\.{_ATOM})*@(?:{_LABEL}\.)+{_LABEL}\b")
IP = re.compile(r"\b(?:(?:25[0-5]|2[0-4]\d|1?\d?\d)\.){3}(?:25[0-5]|2[0-4]\d|1?\d?\d)\b", re.ASCII)


def plain(texts: Sequence[str]) -> int:
    return sum(len(EMAIL.findall(text)) + len(IP.findall(text)) for text in texts)


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


def megabytes(texts: pa.Array) -> float:
    size: float = pc.sum(pc.binary_length(texts)).as_py() / 1e6
    return size


def row(name: str, texts: pa.Array, function: Callable[[], Any], runs: int) -> dict[str, Any]:
    seconds, result = measure(function, runs)
    spans = result if isinstance(result, int) else result.num_rows
    rate = round(megabytes(texts) / seconds, 1)
    return {"case": name, "seconds": round(seconds, 3), "mb_per_s": rate, "spans": spans}


def compare(documents: list[str], runs: int, peer_megabytes: float) -> dict[str, Any]:
    array = pa.array(documents, pa.large_string())
    every = max(1, round(megabytes(array) / peer_megabytes))
    sample = documents[::every]
    part = pa.array(sample, pa.large_string())
    pair = Contacts(find=("EMAIL", "IP"))
    ours = row("EMAIL and IP, sample", part, lambda: pair(part), runs)
    peer = row("plain re, sample", part, lambda: plain(sample), 1)
    cases = [ours, peer, row("EMAIL and IP", array, lambda: pair(array), runs)]
    for label in LABELS:
        one = Contacts(find=(label,))
        cases.append(row(label, array, lambda one=one: one(array), runs))
    cases.append(row("all labels", array, lambda: Contacts()(array), runs))
    return {
        "benchmark": "contacts",
        "ours": ours["mb_per_s"],
        "peer": peer["mb_per_s"],
        "ratio": round(ours["mb_per_s"] / peer["mb_per_s"], 1),
        "unit": "MB/s of UTF-8, CPU seconds of one thread",
        "documents": len(documents),
        "megabytes": round(megabytes(array), 1),
        "sample_megabytes": round(megabytes(part), 1),
        "cases": cases,
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--data", required=True, help=".jsonl or .jsonl.zst with a field `text`")
    parser.add_argument("--json", action="store_true", help="print nothing but the last line")
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--peer-megabytes", type=float, default=30, help="sample for the peer")
    options = parser.parse_args()
    pa.set_cpu_count(1)
    result = compare(read_texts(options.data), options.runs, options.peer_megabytes)
    if not options.json:
        print(f"{'case':24}{'seconds':>10}{'MB/s':>10}{'spans':>10}")
        for case in result["cases"]:
            print("{case:24}{seconds:>10}{mb_per_s:>10}{spans:>10}".format(**case))
    result["versions"] = {
        "python": platform.python_version(),
        "pyarrow": pa.__version__,
        "numpy": np.__version__,
        "phonenumbers": phonenumbers.__version__,
    }
    result["machine"] = {"system": platform.platform(), "cores": os.cpu_count()}
    print(json.dumps(result))


if __name__ == "__main__":
    main()
