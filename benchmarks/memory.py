"""Peak memory of a run over ten times the input: it must not grow with it.

The whole recipe without documents' parsers (repair, whitespace, length, exact duplicates, contacts,
redaction) over JSON Lines of two sizes; the peak of the process tree, summed over its processes,
is sampled from /proc every 20 ms. The peer is the small run.
"""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from pathlib import Path

from _common import arguments, machine, report, scratch, spread, versions

CODE = """
import datapartnerships as dp
from datapartnerships.__main__ import DEFAULT_RECIPE
pipeline = dp.Pipeline.from_yaml(DEFAULT_RECIPE, deposit={deposit!r}, out={out!r})
print(dp.run(pipeline, workers={workers}))
"""


def main() -> None:
    given = arguments(
        __doc__ or "",
        small={"type": int, "default": 200, "help": "megabytes"},
        large={"type": int, "default": 2000, "help": "megabytes"},
        workers={"type": int, "default": 1},
    )
    small = _peak(given.data, given.small, given.workers)
    large = _peak(given.data, given.large, given.workers)
    result = {
        "benchmark": "memory",
        "workers": given.workers,
        "ours": {"megabytes_in": given.large, **large},
        "peer": {"name": "the same over less", "megabytes_in": given.small, **small},
        "ratio": round(large["peak_mb"] / small["peak_mb"], 2),
        "versions": versions(),
        "machine": machine(),
    }
    report(result, given.json)


def _peak(data: str, megabytes: int, workers: int) -> dict[str, float]:
    with scratch() as folder:
        size = spread(data, folder / "deposit", 1, megabytes * 1_000_000)
        script = folder / "run.py"
        script.write_text(
            CODE.format(deposit=str(folder / "deposit"), out=str(folder / "out"), workers=workers)
        )
        process = subprocess.Popen([sys.executable, str(script)], stdout=subprocess.DEVNULL)
        peak, done = [0.0], threading.Event()

        def sample() -> None:
            while not done.is_set():
                peak[0] = max(peak[0], _resident(process.pid))
                time.sleep(0.02)

        thread = threading.Thread(target=sample)
        started = time.perf_counter()
        thread.start()
        code = process.wait()
        done.set()
        thread.join()
        if code:
            raise RuntimeError(f"the run over {megabytes} MB failed with exit code {code}")
        seconds = time.perf_counter() - started
        return {"peak_mb": round(peak[0], 1), "wall_s": round(seconds, 1), "bytes": size}


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


if __name__ == "__main__":
    main()
