"""Read JSON Lines, repair Unicode, filter by length, redact e-mail and IP, write Parquet.

Ours, datatrove and the floor (merely read the JSON Lines and write the Parquet) on the same files,
in turn, whole processes, with the same number of workers. datatrove's FTFYFormatter is set to do
what `ftfy.fix_text` does, which is what RepairUnicode gives.
"""

from __future__ import annotations

import sys
from pathlib import Path

from _common import (
    arguments,
    in_turn,
    machine,
    measure,
    medians,
    peer_python,
    ratio,
    report,
    scratch,
    spread,
    versions,
)

OURS = """
import datapartnerships as dp
from datapartnerships import detectors as d, readers, transforms as t, writers
pipeline = dp.Pipeline(
    readers.JsonlReader({deposit!r}),
    [
        t.RepairUnicode(),
        t.FilterLength(min_characters=100),
        t.DetectPii([d.Contacts(find=("EMAIL", "IP"))]),
        t.Redact(),
    ],
    writers.ParquetWriter({out!r}),
)
dp.run(pipeline, workers={workers})
"""
PEER = """
from datatrove.executor import LocalPipelineExecutor
from datatrove.pipeline.filters import LambdaFilter
from datatrove.pipeline.formatters import FTFYFormatter, PIIFormatter
from datatrove.pipeline.readers import JsonlReader
from datatrove.pipeline.writers import ParquetWriter

def long_enough(document):
    return len(document.text) >= 100

if __name__ == "__main__":
    LocalPipelineExecutor(
        pipeline=[
            JsonlReader({deposit!r}),
            FTFYFormatter(
                fix_latin_ligatures=True, fix_character_width=True, uncurl_quotes=True,
                fix_line_breaks=True, normalization="NFC",
            ),
            LambdaFilter(long_enough),
            PIIFormatter(only_remove_public_ips=False),
            ParquetWriter({out!r}, compression="zstd"),
        ],
        tasks={workers}, workers={workers}, logging_dir={out!r} + "-logs",
    ).run()
"""
FLOOR = """
import sys, glob, os, subprocess
import pyarrow as pa, pyarrow.json as pj, pyarrow.parquet as pq
def work(files):
    pa.set_cpu_count(1)
    for file in files:
        options = pj.ReadOptions(block_size=16 << 20, use_threads=False)
        table = pj.read_json(file, read_options=options)
        target = os.path.join({out!r}, os.path.basename(file) + ".parquet")
        pq.write_table(table, target, compression="zstd", compression_level=3)
files = sorted(glob.glob({deposit!r} + "/*.jsonl"))
os.makedirs({out!r}, exist_ok=True)
if len(sys.argv) > 1:
    work(files[int(sys.argv[1])::{workers}])
elif {workers} == 1:
    work(files)
else:
    children = [subprocess.Popen([sys.executable, __file__, str(i)]) for i in range({workers})]
    sys.exit(max(child.wait() for child in children))
"""


def main() -> None:
    given = arguments(
        __doc__ or "",
        workers={"type": int, "default": 2},
        repeat={"type": int, "default": 3},
        files={"type": int, "default": 4},
    )
    peer = peer_python("datatrove", ["datatrove[io,processing]==0.10.1", "ftfy"])
    with scratch() as folder:
        size = spread(given.data, folder / "deposit", given.files)
        runs = in_turn(
            given.repeat,
            ours=lambda: _run(folder, "ours", OURS, sys.executable, given.workers),
            peer=lambda: _run(folder, "peer", PEER, peer, given.workers),
            floor=lambda: _run(folder, "floor", FLOOR, sys.executable, given.workers),
        )
    result = {
        "benchmark": "pipeline",
        "megabytes": round(size / 1e6, 1),
        "workers": given.workers,
        "ours": medians(runs["ours"]),
        "peer": {"name": "datatrove 0.10.1", **medians(runs["peer"])},
        "floor": medians(runs["floor"]),
        "ratio": ratio(runs, "peer", "ours", "wall_s"),
        "ratio_cpu": ratio(runs, "peer", "ours", "cpu_s"),
        "times_the_floor": ratio(runs, "ours", "floor", "wall_s"),
        "times_the_floor_cpu": ratio(runs, "ours", "floor", "cpu_s"),
        "versions": versions("datasets", "ftfy"),
        "machine": machine(),
    }
    report(result, given.json)


_count = iter(range(10**9))


def _run(folder: Path, name: str, code: str, python: str, workers: int) -> dict[str, float]:
    out = folder / f"{name}-{next(_count)}"
    script = folder / f"{name}.py"
    script.write_text(code.format(deposit=str(folder / "deposit"), out=str(out), workers=workers))
    return measure([python, str(script)], {"PYTHONPATH": ""})


if __name__ == "__main__":
    main()
