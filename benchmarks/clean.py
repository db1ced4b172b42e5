"""Clean a corpus end to end: ours, its peers, a plain `datasets.map`, and only reading and writing.

JSON Lines, Unicode repaired, language, Gopher's quality and repetition rules and C4's, contacts
found, exact and near duplicates taken out, Parquet. Every run is a process of its own with one
worker, from its start to its end; CPU seconds are those of it and its children, in turn, and ratios
are medians of the pairs. First come the peers beside ours, of which one may give a part of the
corpus (``--megabytes``), then ours on the whole: what is fixed (imports, models) weighs less there.
`floor` is ours over our reader and writer with nothing between them, `bare` ours over Arrow's own,
which make no documents, digests and manifest.

``--peer-python`` is an interpreter with ``datatrove[io,processing]==0.10.1``, spaCy, nltk, jieba
and fastText; ``--juicer`` and ``--dolma`` are those of data-juicer and dolma (`_clean_peers.py`);
``--model`` is a copy of fastText's ``lid.176`` model, which they would download otherwise.
"""

from __future__ import annotations

import json
import os
import random
import statistics
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from _common import ROOT, arguments, figure, lines, machine, report, save, scratch, versions

PLAIN = {"DATAPARTNERSHIPS_COMPILED": "0"}
OWN = ["ours", "numpy", "floor", "bare"]
OTHERS = ("juicer", "dolma")
# Compiled Python is kept, as numba's kernels are: an environment that forbids it is not the usual.
_HERE = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
_ONE = {"OMP_NUM_THREADS": "1", "ARROW_NUM_THREADS": "1", "PYTHONPATH": str(ROOT)}


def deposit(path: str, folder: Path, megabytes: float | None) -> float:
    """Write the corpus, or a random part of its lines, as one file; give its megabytes."""
    folder.mkdir()
    size = 0
    whole = sum(len(line) + 1 for line in lines(path) if line) / 1e6
    share = 1.0 if megabytes is None else megabytes / whole
    chosen = random.Random(0)
    with open(folder / "corpus.jsonl", "wb") as out:
        for line in lines(path):
            if line and chosen.random() < share:
                size += out.write(line + b"\n")
    return size / 1e6


def once(python: str, *given: str, **env: str) -> dict[str, Any]:
    """CPU seconds and peak memory of a process and those it waited for, and what it said."""
    work = "_clean_peers.py" if given[0] in OTHERS else "_clean_work.py"
    script = str(Path(__file__).with_name(work))
    answer = Path(f"{given[2]}.json")
    started = time.perf_counter()
    with answer.open("wb") as said, Path(f"{given[2]}.log").open("wb") as log:
        process = subprocess.Popen(
            [python, script, *given], stdout=said, stderr=log, env={**_HERE, **_ONE, **env}
        )
        _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise RuntimeError(f"{given[0]} failed:\n{Path(f'{given[2]}.log').read_text()[-3000:]}")
    return {
        "cpu_s": used.ru_utime + used.ru_stime,
        "wall_s": time.perf_counter() - started,
        "peak_mb": used.ru_maxrss / 1000,
        **json.loads(answer.read_text().splitlines()[-1]),
    }


def compare(folder: Path, data: Path, size: float, repeat: int, pythons: dict[str, str],
            model: str, names: list[str]) -> dict[str, Any]:  # fmt: skip
    """Each of `names` in turn, `repeat` times over."""
    runs: dict[str, list[dict[str, Any]]] = {name: [] for name in names}
    for turn in range(repeat):
        for name in names:
            out = str(folder / f"{data.name}-{name}-{turn}")
            runs_it = pythons.get(name, sys.executable)
            work = "ours" if name == "numpy" else name
            env = PLAIN if name == "numpy" else {}
            runs[name].append(once(runs_it, work, str(data), out, model, **env))
            print(f"{data.name} {name} {runs[name][-1]['cpu_s']:.1f} s", file=sys.stderr)
    found: dict[str, Any] = {"megabytes": round(size, 1)}
    for name, some in runs.items():
        cpu = statistics.median(run["cpu_s"] for run in some)
        found[name] = {
            "cpu_s": round(cpu, 1),
            "mb_per_cpu_s": round(size / cpu, 2),
            "wall_s": round(statistics.median(run["wall_s"] for run in some), 1),
            "peak_mb": round(max(run["peak_mb"] for run in some)),
            **{key: some[0][key] for key in ("out", "rejected", "steps") if key in some[0]},
        }

    def over(of: str, to: str) -> float:
        pairs = zip(runs[of], runs[to], strict=True)
        return round(statistics.median(a["cpu_s"] / b["cpu_s"] for a, b in pairs), 2)

    for own in ("ours", "numpy"):
        peers = [name for name in names if name not in OWN]
        found |= {f"{peer}_over_{own}": over(peer, own) for peer in peers}
        found |= {f"{own}_over_{least}": over(own, least) for least in ("floor", "bare")}
    return found


def main() -> None:
    given = arguments(
        __doc__ or "",
        repeat={"type": int, "default": 3},
        peer_repeat={"type": int, "default": 1},
        megabytes={"type": float, "default": 0.0, "help": "of the corpus, for peers; 0 for all"},
        peer_python={"default": "", "help": "an interpreter with datatrove 0.10.1"},
        juicer={"default": "", "help": "an interpreter with data-juicer 1.6.1"},
        dolma={"default": "", "help": "an interpreter with dolma 1.2.1"},
        model={"default": "", "help": "a copy of fastText's lid.176 model"},
    )
    asked = {"datatrove": given.peer_python, "juicer": given.juicer, "dolma": given.dolma}
    pythons = {name: python for name, python in asked.items() if python}
    with scratch() as folder:
        whole, part = folder / "whole", folder / "part"
        size = deposit(given.data, whole, None)
        small = deposit(given.data, part, given.megabytes or None)
        # The first run fills the caches: of compiled Python and kernels, and of the language model.
        once(sys.executable, "ours", str(part), str(folder / "warm"))
        peers = ["datasets_map", *pythons]
        beside = compare(
            folder, part, small, given.peer_repeat, pythons, given.model, [*peers, *OWN]
        )
        alone = compare(folder, whole, size, given.repeat, {}, "", OWN)
    result = {
        "ratio": beside.get("datatrove_over_ours"),
        "ratio_numpy": beside.get("datatrove_over_numpy"),
        "floor": alone["ours_over_floor"],
        "bare": alone["ours_over_bare"],
        "unit": "CPU seconds",
        "part": beside,
        "whole": alone,
        "versions": {
            **versions("datasets", "numba", "ftfy"),
            "datatrove": "0.10.1", "data-juicer": "1.6.1", "dolma": "1.2.1",
        },
        "machine": machine(),
    }  # fmt: skip
    report(result, given.json)
    if given.save:
        figures = [
            figure(name, f"{key}, {where}", float(found[name][key]))
            for where, found in (("part", beside), ("whole", alone))
            for name in found
            if isinstance(found[name], dict)
            for key in ("cpu_s", "mb_per_cpu_s", "peak_mb", "out")
        ]
        save("clean", figures, "datasets", "numba", "ftfy")


if __name__ == "__main__":
    main()
