"""Detectors of identifiers: recall on formats, alarms, leaks behind cues, speed, and chance.

    python benchmarks/pii_formats.py [--data corpus.jsonl] [--json] [--save]

`formats`: identifiers in carrier sentences, and hard negatives. `reports`: medical reports, with
general cues only. `speed`: megabytes a CPU second on the corpus. `chance`: of random digits in each
form in which `NationalIds` finds a number by itself, the share that passes its checks.
"""

from __future__ import annotations

import random
import re
from collections.abc import Iterator
from typing import Any

import _pii
import pyarrow as pa
from _common import arguments, figure, machine, report, save, texts, versions

from datapartnerships import detectors as d
from datapartnerships.detectors import _ids

IDS = ("ID_SUJETO_ASISTENCIA", "ID_TITULACION_PERSONAL_SANITARIO", "ID_ASEGURAMIENTO",
       "ID_CONTACTO_ASISTENCIAL", "ID_EMPLEO_PERSONAL_SANITARIO")  # fmt: skip
NAMES = ("NOMBRE_SUJETO_ASISTENCIA", "NOMBRE_PERSONAL_SANITARIO")


def detectors(*regions: str) -> list[Any]:
    contacts = d.Contacts(regions=regions) if regions else d.Contacts()
    return [contacts, d.NationalIds(), d.Financial(), d.Secrets(), d.Cues()]


def formats() -> dict[str, Any]:
    rows = _pii.labelled("pii_formats.jsonl")
    found = _pii.found_by(detectors(), [row.text for row in rows])
    covered = _pii.masks(rows, found)
    scored = _pii.scores(rows, covered)
    wrong = _pii.alarms(rows, found)
    for text, what in wrong:
        print(f"alarm   {text!r}: {what}")
    for case in _pii.missed(rows, covered):
        print("missed ", *case)
    return {
        "recall": round(_pii.together(scored).recall, 4),
        "alarms": round(len(wrong) / sum(row.negative for row in rows), 4),
        **{label: round(score.recall, 3) for label, score in scored.items()},
    }


def reports() -> dict[str, Any]:
    rows = _pii.labelled("meddocan_dev.jsonl")
    covered = _pii.masks(rows, _pii.found_by(detectors("ES"), [row.text for row in rows]))
    scored = _pii.scores(rows, covered)
    for case in _pii.missed(rows, covered, IDS):
        print("missed ", *case)
    return {
        "ids leaked": round(_pii.together(scored, IDS).leak, 4),
        "names leaked": round(_pii.together(scored, NAMES).leak, 4),
        "over-redaction": round(_pii.over_redaction(rows, covered), 4),
        **{label: round(score.leak, 3) for label, score in scored.items() if label in IDS},
    }


def speeds(column: pa.Array) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for detector in detectors():
        found[type(detector).__name__] = round(_pii.speed(detector, column), 1)
    found["all together"] = round(1 / sum(1 / value for value in found.values()), 1)
    return found


def chances(draws: int = 100_000) -> dict[str, str]:
    draw = random.Random(7)
    found: dict[str, str] = {}
    for kind in _ids.IDS:
        check = _ids.check_of(kind.check)
        # Shapes with one number of digits and letters have one chance.
        for where in ("alone", "cued"):
            sizes: dict[str, str] = {}
            for shape in filter(None, getattr(kind, where).split("|")):
                sizes.setdefault("".join(_places(shape)), shape)
            for places, shape in sizes.items():
                name = f"{kind.country} {kind.name} {where} {shape}"
                passed = sum(check(_drawn(places, draw)) for _ in range(draws))
                found[name] = f"{100 * passed / draws:.3f} %"
    return found


def _places(shape: str) -> Iterator[str]:
    for part in re.findall(r"[0-9]+|a", shape):
        yield part if part == "a" else "9" * int(part)


def _drawn(places: str, draw: random.Random) -> str:
    letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
    return "".join(draw.choice(letters if one == "a" else "0123456789") for one in places)


def main() -> None:
    given = arguments(__doc__ or "", chance={"action": "store_true", "help": "also the chances"})
    found = {
        "formats": formats(),
        "reports": reports(),
        "speed": speeds(pa.array(texts(given.data))),
        **({"chance": chances()} if given.chance else {}),
        "versions": versions("python-stdnum", "phonenumbers"),
        "machine": machine(),
    }
    report(found, given.json)
    if given.save:
        figures = [
            figure("detectors", f"{name}, {key}", float(value))
            for name in ("formats", "reports", "speed")
            for key, value in found[name].items()
        ]
        save("pii_formats", figures, "python-stdnum", "phonenumbers")


if __name__ == "__main__":
    main()
