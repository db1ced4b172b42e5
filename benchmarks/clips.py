"""Clips a CPU-second, beside a plain loop: PyAV decodes a whole file, soundfile codes its clips.

The recordings are the MP3 and FLAC files of ``--audio``, each repeated to ``--minutes``; a clip is
cut every five seconds. Both sides write the same clips as Parquet, the peer through `datasets`,
each in a process of its own that counts from its start. Ours also digests the recording, takes out
tags and counts; the peer holds a recording whole. Then the memory of a recording of ``--hours``.
"""

from __future__ import annotations

import hashlib
import statistics
import sys
from pathlib import Path

import pyarrow.parquet as pq
from _common import (
    ROOT,
    arguments,
    in_turn,
    machine,
    measure,
    peak_megabytes,
    ratio,
    report,
    scratch,
    versions,
)

from datapartnerships.schema import Document, Segment, document_id, documents_to_table

OURS = """
import datapartnerships as dp
from datapartnerships import readers, writers
folder = {folder!r}
writer = writers.ClipWriter(
    folder + "/ours", recordings=folder, padding_seconds=0.0, max_gap_seconds=None
)
dp.run(dp.Pipeline(readers.ParquetReader(folder + "/transcripts.parquet"), (), writer))
"""
PEER = """
import io, os
import av, datasets, numpy as np, pyarrow.parquet as pq, soundfile
folder = {folder!r}
features = datasets.Features(
    # As `Audio` is stored; the feature itself wants torchcodec even for bytes.
    audio=dict(bytes=datasets.Value("binary"), path=datasets.Value("string")),
    text=datasets.Value("string"),
    start_s=datasets.Value("float64"), end_s=datasets.Value("float64"),
)
def clips():
    for row in pq.read_table(folder + "/transcripts.parquet").to_pylist():
        resampler, parts = av.AudioResampler(format="s16", layout="mono", rate=16000), []
        with av.open(os.path.join(folder, row["provenance"]["uri"])) as container:
            for frame in container.decode(audio=0):
                parts += [part.to_ndarray()[0] for part in resampler.resample(frame)]
            parts += [part.to_ndarray()[0] for part in resampler.resample(None)]
        whole = np.concatenate(parts)
        for item in row["segments"]:
            start, end = item["start_s"], item["end_s"]
            out = io.BytesIO()
            clip = whole[round(start * 16000):round(end * 16000)]
            soundfile.write(out, clip, 16000, format="FLAC")
            yield {{"audio": {{"bytes": out.getvalue(), "path": None}}, "text": item["text"],
                   "start_s": start, "end_s": end}}
datasets.Dataset.from_generator(
    clips, features=features, cache_dir=folder + "/cache-" + str(os.getpid())
).to_parquet(folder + "/peer.parquet")
"""  # fmt: skip


def main() -> None:
    given = arguments(
        __doc__ or "",
        audio={"default": str(ROOT.parent / "shared" / "data" / "audio"), "help": "recordings"},
        minutes={"type": int, "default": 10, "help": "length of each recording"},
        hours={"type": float, "default": 10.0, "help": "length of the one for memory; 0 for none"},
        pairs={"type": int, "default": 3},
    )
    files = sorted(f for f in Path(given.audio).iterdir() if f.suffix in (".mp3", ".flac"))
    with scratch() as folder:
        clips = _deposit(folder, files, given.minutes * 60)
        scripts = {name: folder / f"{name}.py" for name in ("ours", "peer")}
        for name, code in (("ours", OURS), ("peer", PEER)):
            scripts[name].write_text(code.format(folder=str(folder)))
        runs = in_turn(
            given.pairs,
            **{
                name: lambda name=name: _run(folder, scripts[name], name)  # type: ignore[misc]
                for name in scripts
            },
        )
        made = sum(pq.read_metadata(f).num_rows for f in (folder / "ours" / "data").iterdir())
        theirs = pq.read_metadata(folder / "peer.parquet").num_rows
        assert made == theirs == clips, f"{made} clips, the peer has {theirs}, meant were {clips}"
    result = {
        "benchmark": "clips",
        "files": [f.name for f in files],
        "clips": clips,
        "ours": _figures(runs["ours"], clips),
        "peer": {"name": "PyAV, soundfile, datasets", **_figures(runs["peer"], clips)},
        "clips a CPU-second, ours / peer": ratio(runs, "peer", "ours", "cpu_s"),
        "versions": versions("av", "datasets", "soundfile"),
        "machine": machine(),
    }
    if given.hours:
        with scratch() as folder:
            longest = [f for f in files if f.suffix == ".mp3"][:1]
            clips = _deposit(folder, longest, given.hours * 3600)
            script = folder / "ours.py"
            script.write_text(OURS.format(folder=str(folder)))
            peak = round(peak_megabytes([sys.executable, str(script)]), 1)
            result["memory"] = {"hours": given.hours, "clips": clips, "peak_mb": peak}
    report(result, given.json)


def _run(folder: Path, script: Path, name: str) -> dict[str, float]:
    import shutil

    shutil.rmtree(folder / name, ignore_errors=True)
    return measure([sys.executable, str(script)])


def _figures(runs: list[dict[str, float]], clips: int) -> dict[str, float]:
    cpu = statistics.median(run["cpu_s"] for run in runs)
    return {"cpu_s": round(cpu, 2), "clips_per_cpu_s": round(clips / cpu, 1)}


def _deposit(folder: Path, files: list[Path], seconds: float) -> int:
    """Recordings of about `seconds` and their transcripts; gives the number of clips."""
    documents = []
    for file in files:
        place, length = folder / file.name, _repeat(file, folder, seconds)
        with place.open("rb") as stream:
            data = hashlib.file_digest(stream, "sha256").hexdigest()
        segments = [
            Segment("five seconds of sound", "utterance", start_s=float(at), end_s=at + 5.0)
            for at in range(0, int(length) - 5, 5)
        ]
        provenance = {"uri": place.name, "sha256": data, "size": place.stat().st_size}
        name = document_id("benchmark", place.name, None)
        documents.append(Document(name, "benchmark", "audio", segments, provenance=provenance))
    pq.write_table(documents_to_table(documents), folder / "transcripts.parquet")
    return sum(len(document.segments) for document in documents)


def _repeat(file: Path, folder: Path, seconds: float) -> float:
    """The recording again and again, coded as it was; gives its seconds.

    MP3 is coded up to two minutes and the bytes are repeated: its frames say nothing of their time.
    """
    import av

    mp3 = file.suffix == ".mp3"
    place = folder / file.name
    with av.open(str(file)) as source:
        length = float(source.duration or 0) / 1e6
    coded_s = min(seconds, 120.0) if mp3 else seconds
    times = max(1, round(coded_s / length))
    options = {"write_xing": "0", "id3v2_version": "0"} if mp3 else {}
    with av.open(str(place), "w", options=options) as target, av.open(str(file)) as source:
        stream = source.streams.audio[0]
        coder = target.add_stream(
            "libmp3lame" if mp3 else "flac", rate=stream.rate, layout=stream.layout.name
        )
        frames = list(source.decode(stream))
        for _ in range(times):
            for frame in frames:
                frame.pts = None
                target.mux(coder.encode(frame))
        target.mux(coder.encode(None))
    more = max(0, round(seconds / (times * length)) - 1) if mp3 else 0
    part = place.read_bytes()
    with place.open("ab") as stream:
        for _ in range(more):
            stream.write(part)
    return times * length * (1 + more)


if __name__ == "__main__":
    main()
