"""Peak memory of a run over ten times the input: it must not grow with it.

The whole recipe without documents' parsers (repair, whitespace, length, exact duplicates, contacts,
redaction) over JSON Lines of two sizes; the peak of the process tree, summed over its processes,
is sampled from /proc every 20 ms. The peer is the small run.
"""

from __future__ import annotations

import sys
import time

from _common import arguments, machine, peak_megabytes, report, scratch, spread, versions

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
        started = time.perf_counter()
        peak = peak_megabytes([sys.executable, str(script)])
        seconds = time.perf_counter() - started
        return {"peak_mb": round(peak, 1), "wall_s": round(seconds, 1), "bytes": size}


if __name__ == "__main__":
    main()
