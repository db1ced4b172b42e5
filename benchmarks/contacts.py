"""What it costs to find contacts: our detector beside plain `re`, on the same documents.

CPU seconds of one thread, best of the runs; megabytes are of UTF-8. The peer is what web-corpus
pipelines do: one regular expression for e-mail addresses and one for IPv4 addresses, each run
over every document. It is compared with `Contacts(find=("EMAIL", "IP"))`, which also finds IPv6,
and addresses in other alphabets. The peer gets a sample of the documents when there are many.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence
from typing import Any

import pyarrow as pa
from _common import arguments, cpu_seconds, machine, megabytes, texts, versions

from datapartnerships.detectors.contacts import LABELS, Contacts

_ATOM = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
_LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?"
EMAIL = re.compile(rf"\b{_ATOM}(?:\.{_ATOM})*@(?:{_LABEL}\.)+{_LABEL}\b")
IP = re.compile(r"\b(?:(?:25[0-5]|2[0-4]\d|1?\d?\d)\.){3}(?:25[0-5]|2[0-4]\d|1?\d?\d)\b", re.ASCII)


def plain(texts: Sequence[str]) -> int:
    return sum(len(EMAIL.findall(text)) + len(IP.findall(text)) for text in texts)


def row(name: str, texts: pa.Array, function: Callable[[], Any], runs: int) -> dict[str, Any]:
    seconds, result = cpu_seconds(function, runs)
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
    given = arguments(
        __doc__ or "",
        runs={"type": int, "default": 3},
        peer_megabytes={"type": float, "default": 30, "help": "sample for the peer"},
    )
    pa.set_cpu_count(1)
    result = compare(texts(given.data), given.runs, given.peer_megabytes)
    print(f"{'case':24}{'seconds':>10}{'MB/s':>10}{'spans':>10}")
    for case in result["cases"]:
        print("{case:24}{seconds:>10}{mb_per_s:>10}{spans:>10}".format(**case))
    result |= {"versions": versions("phonenumbers"), "machine": machine()}
    if given.json:
        print(json.dumps(result))


if __name__ == "__main__":
    main()
