"""Shared by the benchmarks: data, peers in an environment of their own, whole-process figures."""

from __future__ import annotations

import argparse
import contextlib
import ctypes
import datetime as dt
import json
import os
import platform
import resource
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

ROOT = Path(__file__).parent.parent
DEFAULT_DATA = ROOT.parent / "shared" / "data" / "text" / "corpus.jsonl.zst"


def arguments(description: str, **extra: dict[str, Any]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--data", default=str(DEFAULT_DATA), help=".jsonl or .jsonl.zst with text")
    parser.add_argument("--json", action="store_true", help="print one line of JSON last")
    parser.add_argument("--save", action="store_true", help="write benchmarks/results/ as well")
    for name, options in extra.items():
        parser.add_argument(f"--{name.replace(chr(95), chr(45))}", **options)
    return parser.parse_args()


def lines(path: str) -> Iterator[bytes]:
    """The lines of a file of JSON Lines, compressed or not."""
    with pa.input_stream(path, compression="detect") as raw:
        rest = b""
        while chunk := raw.read(1 << 22):
            parts = (rest + chunk).split(b"\n")
            rest = parts.pop()
            yield from parts
        if rest:
            yield rest


def texts(path: str) -> list[str]:
    return [json.loads(line)["text"] for line in lines(path) if line]


def cpu_seconds(function: Callable[[], Any], runs: int) -> tuple[float, Any]:
    """The least CPU seconds of this process over the runs, and what the function gave."""
    best, result = float("inf"), None
    for _ in range(runs):
        start = time.process_time()
        result = function()
        best = min(best, time.process_time() - start)
    return best, result


def megabytes(column: pa.Array) -> float:
    """Megabytes of UTF-8 text."""
    size: float = pc.sum(pc.binary_length(column)).as_py() / 1e6
    return size


def spread(path: str, folder: Path, files: int, size: int | None = None) -> int:
    """Write the lines of `path` to `files` files in turn; give the bytes.

    With a `size`, the corpus is gone through again and again until so many bytes are written; then
    every text begins with a number of its own, so that no two are duplicates.
    """
    folder.mkdir(parents=True, exist_ok=True)
    streams = [open(folder / f"{i:03d}.jsonl", "wb") for i in range(files)]
    written = count = 0
    try:
        while True:
            for line in lines(path):
                count += 1
                if size is not None:
                    line = line.replace(b'"text": "', b'"text": "%d ' % count, 1)
                written += streams[count % files].write(line + b"\n")
                if size is not None and written >= size:
                    return written
            if size is None:
                return written
    finally:
        for stream in streams:
            stream.close()


@contextmanager
def scratch() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="datapartnerships-bench-") as folder:
        yield Path(folder)


def peer_python(name: str, requirements: Sequence[str]) -> str:
    """The interpreter of an environment with the peer in it, made on first use."""
    folder = ROOT / ".work" / "peers" / name
    python = folder / "bin" / "python"
    if not python.exists():
        print(f"Installing {name} into {folder}", file=sys.stderr)
        subprocess.run([sys.executable, "-m", "venv", str(folder)], check=True)
        subprocess.run([str(python), "-m", "pip", "install", "-q", *requirements], check=True)
    return str(python)


def measure(command: Sequence[str], env: dict[str, str] | None = None) -> dict[str, float]:
    """Wall and CPU seconds of a command and everything it started."""
    # Orphans of the command (a fork server's workers) become ours, so that their time counts too.
    ctypes.CDLL(None).prctl(36, 1, 0, 0, 0)  # PR_SET_CHILD_SUBREAPER
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    started = time.perf_counter()
    answer = subprocess.run(
        command, capture_output=True, text=True, env={**os.environ, **(env or {})}, cwd=ROOT
    )
    wall = time.perf_counter() - started
    if answer.returncode:
        raise RuntimeError(f"{command} failed:\n{answer.stdout[-2000:]}\n{answer.stderr[-4000:]}")
    with contextlib.suppress(ChildProcessError):
        while True:
            os.waitpid(-1, 0)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return {"wall_s": wall, "cpu_s": cpu}


def peak_megabytes(command: Sequence[str]) -> float:
    """The most memory of a command and all that it started, summed over them, every 20 ms."""
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    peak, done = [0.0], threading.Event()

    def sample() -> None:
        while not done.is_set():
            peak[0] = max(peak[0], _resident(process.pid))
            time.sleep(0.02)

    thread = threading.Thread(target=sample)
    thread.start()
    code = process.wait()
    done.set()
    thread.join()
    if code:
        raise RuntimeError(f"{command} ended with exit code {code}")
    return peak[0]


def _resident(pid: int) -> float:
    """Megabytes of private and shared memory of a process and its children."""
    total = 0.0
    for member in [pid, *_children(pid)]:
        try:
            for line in Path(f"/proc/{member}/smaps_rollup").read_text().splitlines():
                if line.startswith("Pss:"):
                    total += int(line.split()[1]) / 1000
        except OSError:
            continue
    return total


def _children(pid: int) -> list[int]:
    found = []
    for entry in Path("/proc").glob("[0-9]*/stat"):
        try:
            if int(entry.read_text().rsplit(")", 1)[1].split()[1]) == pid:
                child = int(entry.parent.name)
                found += [child, *_children(child)]
        except OSError:
            continue
    return found


def medians(runs: Sequence[dict[str, float]]) -> dict[str, float]:
    return {key: round(statistics.median(run[key] for run in runs), 3) for key in runs[0]}


def in_turn(
    count: int, **commands: Callable[[], dict[str, float]]
) -> dict[str, list[dict[str, float]]]:
    """Run the commands one after another, `count` times over, so that drift hits all alike."""
    found: dict[str, list[dict[str, float]]] = {name: [] for name in commands}
    for _ in range(count):
        for name, command in commands.items():
            found[name].append(command())
    return found


def ratio(runs: dict[str, list[dict[str, float]]], of: str, to: str, key: str) -> float:
    """Median over the pairs of `of` divided by `to`."""
    pairs = zip(runs[of], runs[to], strict=True)
    return round(statistics.median(a[key] / b[key] for a, b in pairs), 2)


def versions(*names: str) -> dict[str, str]:
    found = {"python": platform.python_version()}
    for name in ("datapartnerships", "pyarrow", *names):
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            found[name] = "absent"
    return found


def machine() -> dict[str, Any]:
    model = ""
    if os.path.exists("/proc/cpuinfo"):
        names = [x for x in Path("/proc/cpuinfo").read_text().splitlines() if "model name" in x]
        model = names[0].split(":", 1)[1].strip() if names else ""
    return {"cpu": model, "cores": os.cpu_count(), "system": platform.platform()}


def report(result: dict[str, Any], as_json: bool) -> None:
    """A readable table, then the one line of JSON."""
    for key, value in result.items():
        if isinstance(value, dict):
            print(f"{key}")
            for name, item in value.items():
                print(f"    {name:24} {item}")
        else:
            print(f"{key:28} {value}")
    if as_json:
        print(json.dumps(result))


def figure(
    reader: str,
    measure: str,
    value: float,
    *,
    format: str = "",
    unit: str = "",
    peer: tuple[str, float] | None = None,
) -> dict[str, Any]:
    """One figure for the table of readers (`docs/reader_table.py`), to be given to `save`.

    `measure` is ``speed``, or what of the quality was measured; `format` is the suffix or the kind
    of file, where a reader has several; `peer` a library and what it reached on the same files.
    """
    beside = {"name": peer[0], "value": peer[1]} if peer else None
    return {"reader": reader, "format": format, "measure": measure, "value": value, "unit": unit,
            "peer": beside}  # fmt: skip


def save(benchmark: str, figures: Iterable[dict[str, Any]], *libraries: str) -> None:
    """Write ``results/<benchmark>.json``: the figures, and with what, where and when."""
    said = {
        "versions": versions(*libraries),
        "machine": {key: value for key, value in machine().items() if key != "system"},
        "date": dt.date.today().isoformat(),
    }
    file = ROOT / "benchmarks" / "results" / f"{benchmark}.json"
    file.parent.mkdir(exist_ok=True)
    found = [{"benchmark": benchmark, **item, **said} for item in figures]
    file.write_text(json.dumps(found, indent=1) + "\n")
    print(f"written: {file}; then run docs/reader_table.py", file=sys.stderr)
