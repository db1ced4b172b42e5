"""Peak memory of a run over one long recording: it must not grow with its hours.

Real speech (`--audio`) in random order, with pauses, applause and music between, becomes half an
hour of MP3, and that again and again a recording of `--hours`. It goes through AudioReader and
ParquetWriter. The peak of each process is what the system says (VmHWM): of the worker, which
recognizes, less what it took to load the model; and of the process apart, which decodes. The peer
is a recording of one hour.
"""

from __future__ import annotations

import io
import json
import os
import random
import subprocess
import sys
import threading
import time
from fractions import Fraction
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
from _common import ROOT, _children, arguments, machine, report, scratch, versions
from _sounds import applause, decode, tune

from datapartnerships.schema import metadata_dict

RATE = 16_000
PART_S = 1800
CODE = """
import json
import datapartnerships as dp
from datapartnerships import readers, writers
from datapartnerships.speech import Asr, pool

def megabytes(name):
    with open("/proc/self/status") as status:
        return int(dict(line.split(":", 1) for line in status)[name].split()[0]) / 1000

asr = Asr(model={model!r}, engine={engine!r}, beam_size={beam_size}, retry=False)
import datapartnerships._backends.{backend}
import ctranslate2, faster_whisper.vad, pyarrow.dataset
before = megabytes("VmRSS")
pool(asr)
model = megabytes("VmRSS") - before
reader = readers.AudioReader({deposit!r}, asr=asr)
dp.run(dp.Pipeline(reader, (), writers.ParquetWriter({out!r})), workers=1)
print(json.dumps(dict(libraries=before, model=model, worker=megabytes("VmHWM"))))
"""


def main() -> None:
    given = arguments(
        __doc__ or "",
        audio={"default": str(ROOT.parent / "shared" / "data" / "audio"), "help": "speech"},
        model={"default": os.environ.get("DATAPARTNERSHIPS_ASR_MODEL", ""), "help": "path, name"},
        engine={"default": "whisperx", "choices": ["whisperx", "faster-whisper"]},
        beam_size={"type": int, "default": 1},
        hours={"type": float, "default": 10.0},
        pause_s={"type": float, "default": 3.0, "help": "mean silence between two speakers"},
    )
    part = _part(Path(given.audio), given.pause_s)
    long = _peak(part, given.hours, given)
    print(json.dumps(long), file=sys.stderr, flush=True)
    hour = _peak(part, 1.0, given)
    beside = [p["worker_mb"] - p["model_mb"] + p["process_apart_mb"] for p in (hour, long)]
    result = {
        "benchmark": "memory_recording",
        "model": os.path.basename(given.model.rstrip("/")),
        "engine": given.engine,
        "ours": long,
        "peer": {"name": "one hour", **hour},
        "beside the model, mb": [round(value) for value in beside],
        "versions": versions("av", "whisperx", "faster-whisper", "ctranslate2"),
        "machine": machine(),
    }
    report(result, given.json)


def _peak(part: bytes, hours: float, given: object) -> dict[str, float]:
    with scratch() as folder:
        deposit, out = folder / "deposit", folder / "out"
        deposit.mkdir()
        with (deposit / "long.mp3").open("wb") as file:
            for _ in range(round(hours * 3600 / PART_S)):
                file.write(part)
        options = {name: getattr(given, name) for name in ("model", "engine", "beam_size")}
        backend = options["engine"].replace("-", "_")
        script = folder / "run.py"
        script.write_text(
            CODE.format(deposit=str(deposit), out=str(out), backend=backend, **options)
        )
        started = time.perf_counter()
        said, apart = _watched([sys.executable, str(script)])
        seconds = time.perf_counter() - started
        row = pq.read_table(out / "data", columns=["segments", "metadata"]).to_pylist()[0]
        told = metadata_dict(row["metadata"])
        return {
            "hours": round(float(told["duration_s"]) / 3600, 3),
            "speech_hours": round(float(told["speech_s"]) / 3600, 3),
            "segments": len(row["segments"]),
            "libraries_mb": round(said["libraries"]),
            "model_mb": round(said["model"]),
            "worker_mb": round(said["worker"]),
            "process_apart_mb": round(apart),
            "wall_s": round(seconds),
        }


def _watched(command: list[str]) -> tuple[dict[str, float], float]:
    """What the command printed last, and the peak of the greatest process that it started."""
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    peak, done = [0.0], threading.Event()

    def look() -> None:
        while not done.wait(0.2):
            for child in _children(process.pid):
                try:
                    status = Path(f"/proc/{child}/status").read_text()
                except OSError:
                    continue
                for line in status.splitlines():
                    if line.startswith("VmHWM:"):
                        peak[0] = max(peak[0], int(line.split()[1]) / 1000)

    thread = threading.Thread(target=look)
    thread.start()
    output = process.communicate()[0]
    done.set()
    thread.join()
    if process.returncode:
        raise RuntimeError(f"it ended with exit code {process.returncode}")
    found: dict[str, float] = json.loads(output.splitlines()[-1])
    return found, peak[0]


def _part(audio: Path, pause_s: float) -> bytes:
    """Half an hour of a broadcast as MP3: speech, pauses, and music or applause now and then."""
    import av

    names = ("*.flac", "ss_*.wav", "court*.mp3")
    speech = [decode(file) for name in names for file in sorted(audio.glob(name))]
    chance, numbers = random.Random(0), np.random.default_rng(0)
    pieces, seconds, since = [], 0.0, 0.0
    while seconds < PART_S:
        if since > 150:
            since = 0.0
            piece = 0.3 * chance.choice((tune, applause))(numbers, chance.uniform(5, 40))
        else:
            piece = chance.choice(speech)
        pause = np.zeros(int(chance.uniform(0.2, 2 * pause_s) * RATE), np.float32)
        pieces += [piece, pause]
        seconds += (len(piece) + len(pause)) / RATE
        since += (len(piece) + len(pause)) / RATE
    whole = np.concatenate(pieces)[: PART_S * RATE]
    whole += numbers.normal(0, 1e-4, len(whole)).astype(np.float32)
    samples = (np.clip(whole, -1, 1) * 32767).astype(np.int16)
    sink = io.BytesIO()
    with av.open(sink, "w", "mp3", options={"write_xing": "0", "id3v2_version": "0"}) as container:
        stream = container.add_stream("libmp3lame", rate=RATE, options={"reservoir": "0"})
        stream.layout, stream.bit_rate = "mono", 32_000
        frame = av.AudioFrame.from_ndarray(samples[None], "s16", "mono")
        frame.sample_rate, frame.pts, frame.time_base = RATE, 0, Fraction(1, RATE)
        container.mux([*stream.encode(frame), *stream.encode(None)])
    return sink.getvalue()


if __name__ == "__main__":
    main()
