"""Subtitles and tiers: cues a CPU-second, beside the libraries that only parse them.

The files are made by a seed: words of two to nine letters in lines of a screen, with markup in
every tenth cue. Ours is all that `parse` does: encoding, markup, speakers, repeated captions, times
that cannot be, segments. The peers give cues with their text as it stands in the file. Each side
reads the file three times in a process of its own, in turn, and the least CPU time counts; the
ratio is the median over the pairs.
"""

from __future__ import annotations

import json
import random
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from _common import arguments, figure, lines, machine, peer_python, report, save, scratch, versions

from datapartnerships.readers import ElanReader, SubtitleReader, TextGridReader, sniff
from datapartnerships.readers._base import FileReader
from datapartnerships.readers._nistlines import STM
from datapartnerships.readers._script import TRANSCRIPT
from datapartnerships.readers._source import from_bytes
from datapartnerships.readers._subtitleformats import NAMES
from datapartnerships.schema import Document

PEERS = ["pysubs2==1.8.1", "srt==3.5.3", "webvtt-py==0.6.0", "pympi-ling==1.71", "textgrid==1.6.1"]
# What a peer does with the file `path`; `n` is how many cues it found.
CALLS = {
    "pysubs2 (srt)": "import pysubs2\ndef f(): return len(pysubs2.load(path))",
    "srt": "import srt\ndef f(): return len(list(srt.parse(open(path, encoding='utf-8').read())))",
    "webvtt-py": "import webvtt\ndef f(): return len(webvtt.read(path))",
    "textgrid": "import textgrid\ndef f(): return sum(map(len, textgrid.TextGrid.fromFile(path)))",
    "pympi-ling": "import pympi\ndef f():\n    e = pympi.Elan.Eaf(path)\n"
    "    return len(e.get_annotation_data_for_tier('Anna'))",
}
_RUN = """
import json, sys, time
path = sys.argv[1]
{call}
best = float("inf")
for _ in range(3):
    start = time.process_time()
    n = f()
    best = min(best, time.process_time() - start)
print(json.dumps([n, best]))
"""


def main() -> None:
    given = arguments(
        __doc__ or "",
        cues={"type": int, "default": 20_000, "help": "cues of each file"},
        runs={"type": int, "default": 3, "help": "pairs; the median counts"},
    )
    python = peer_python("subtitles", PEERS)
    table: dict[str, dict[str, float]] = {}
    with scratch() as folder:
        for peer, (suffix, reader, write) in CASES.items():
            path = folder / f"many{suffix}"
            path.write_text(write(given.cues), encoding="utf-8")
            pairs = [(ours(reader, path), theirs(python, CALLS[peer], path))
                     for _ in range(given.runs)]  # fmt: skip
            for (count, _), (counted, _) in pairs:
                assert count == counted == given.cues, (peer, count, counted)
            table[peer] = {
                "ours": round(given.cues / min(mine for (_, mine), _ in pairs)),
                "peer": round(given.cues / min(other for _, (_, other) in pairs)),
                "ratio": round(statistics.median(o / m for (_, m), (_, o) in pairs), 2),
            }
    result = {
        "benchmark": "subtitles",
        "unit": "cues per CPU-second",
        "speed": table,
        "false_alarms": false_alarms(given.data),
        "peers": " ".join(PEERS),
        "versions": versions("lxml"),
        "machine": machine(),
    }
    report(result, given.json)
    if given.save:
        figures = [
            figure(
                type(CASES[peer][1]).__name__,
                "speed",
                row["ours"],
                format=CASES[peer][0],
                unit="cues per CPU-second",
                peer=(peer.partition(" ")[0], row["peer"]),
            )
            for peer, row in table.items()
        ]
        save("subtitles", figures, "lxml")


def false_alarms(path: str) -> dict[str, int]:
    """Texts of a corpus without transcripts that pass for one, or for subtitles, named .txt."""
    read = [json.loads(line)["text"].encode() for line in lines(path) if line]
    kinds = [sniff.media_type(from_bytes("benchmark", "a.txt", text)) for text in read if text]
    speech = {TRANSCRIPT, STM, *NAMES}
    return {"texts": len(kinds), "taken for speech": sum(kind in speech for kind in kinds)}


def ours(reader: FileReader, path: Path) -> tuple[int, float]:
    best, found = float("inf"), 0
    for _ in range(3):
        start = time.process_time()
        source = from_bytes("benchmark", path.name, path.read_bytes())
        documents = [d for d in reader.parse(source) if isinstance(d, Document)]
        best = min(best, time.process_time() - start)
        found = sum(len(document.segments) for document in documents)
    return found, best


def theirs(python: str, call: str, path: Path) -> tuple[int, float]:
    run = [python, "-c", _RUN.format(call=call), str(path)]
    done = subprocess.run(run, check=True, capture_output=True, text=True)
    count, seconds = json.loads(done.stdout)
    return count, seconds


# Files ----------------------------------------------------------------------------------------


def _lines(count: int) -> list[str]:
    rng = random.Random(4)
    letters = "aábdðeéfghiíjklmnoóprstuúvxyýþæö"
    words = ["".join(rng.choices(letters, k=rng.randint(2, 9))) for _ in range(5000)]
    found = []
    for number in range(count):
        text = " ".join(rng.choices(words, k=rng.randint(4, 9))).capitalize()
        if rng.random() < 0.5:
            half = text.rfind(" ", 0, len(text) // 2 + 3)
            text = text[:half] + "\n" + text[half + 1 :]
        found.append(f"<i>{text}</i>" if number % 10 == 0 else text + ".")
    return found


def _clock(thousandths: int, point: str) -> str:
    whole, rest = divmod(thousandths, 1000)
    return f"{whole // 3600:02}:{whole // 60 % 60:02}:{whole % 60:02}{point}{rest:03}"


def srt(count: int) -> str:
    return "\n".join(
        f"{n + 1}\n{_clock(n * 3000, ',')} --> {_clock(n * 3000 + 2500, ',')}\n{text}\n"
        for n, text in enumerate(_lines(count))
    )


def vtt(count: int) -> str:
    return "WEBVTT\n\n" + "\n".join(
        f"{_clock(n * 3000, '.')} --> {_clock(n * 3000 + 2500, '.')} align:start\n{text}\n"
        for n, text in enumerate(_lines(count))
    )


def textgrid(count: int) -> str:
    end = count * 3
    rows = ['File type = "ooTextFile"', 'Object class = "TextGrid"', "", "xmin = 0 ",
            f"xmax = {end} ", "tiers? <exists> ", "size = 1 ", "item []: ", "    item [1]:",
            '        class = "IntervalTier" ', '        name = "Anna" ', "        xmin = 0 ",
            f"        xmax = {end} ", f"        intervals: size = {count} "]  # fmt: skip
    for n, text in enumerate(_lines(count)):
        line = text.replace("\n", " ")
        rows += [f"        intervals [{n + 1}]:", f"            xmin = {n * 3} ",
                 f"            xmax = {n * 3 + 3} ", f'            text = "{line}" ']  # fmt: skip
    return "\n".join(rows) + "\n"


def eaf(count: int) -> str:
    slots = "".join(
        f'<TIME_SLOT TIME_SLOT_ID="ts{n + 1}" TIME_VALUE="{n * 1500}"/>' for n in range(2 * count)
    )
    notes = "".join(
        f'<ANNOTATION><ALIGNABLE_ANNOTATION ANNOTATION_ID="a{n + 1}" '
        f'TIME_SLOT_REF1="ts{2 * n + 1}" TIME_SLOT_REF2="ts{2 * n + 2}"><ANNOTATION_VALUE>'
        f"{text.replace('<i>', '').replace('</i>', '')}</ANNOTATION_VALUE>"
        "</ALIGNABLE_ANNOTATION></ANNOTATION>"
        for n, text in enumerate(_lines(count))
    )
    return (
        '<?xml version="1.0" encoding="UTF-8"?><ANNOTATION_DOCUMENT AUTHOR="" '
        'DATE="2020-01-01T00:00:00+00:00" FORMAT="3.0" VERSION="3.0" '
        'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" '
        'xsi:noNamespaceSchemaLocation="http://www.mpi.nl/tools/elan/EAFv3.0.xsd">'
        f'<HEADER MEDIA_FILE="" TIME_UNITS="milliseconds"/><TIME_ORDER>{slots}</TIME_ORDER><TIER '
        f'LINGUISTIC_TYPE_REF="default-lt" TIER_ID="Anna">{notes}</TIER><LINGUISTIC_TYPE '
        'GRAPHIC_REFERENCES="false" LINGUISTIC_TYPE_ID="default-lt" TIME_ALIGNABLE="true"/>'
        "</ANNOTATION_DOCUMENT>"
    )


CASES: dict[str, tuple[str, FileReader, Callable[[int], str]]] = {
    "pysubs2 (srt)": (".srt", SubtitleReader(), srt),
    "srt": (".srt", SubtitleReader(), srt),
    "webvtt-py": (".vtt", SubtitleReader(), vtt),
    "textgrid": (".TextGrid", TextGridReader(), textgrid),
    "pympi-ling": (".eaf", ElanReader(), eaf),
}


if __name__ == "__main__":
    sys.exit(main())
