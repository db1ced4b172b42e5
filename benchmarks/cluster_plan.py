"""What a run on a cluster costs: what grows with documents, and what with shards.

Measured here, on this machine:
- sketches of `Deduplicate`: their bytes a document on real texts, and the processor time and peak
  memory of `combine` over simulated ones of 1, 2 and 4 million documents, one in ten a copy;
- a recipe over real texts: processor time, bytes read, written and left between the passes;
- shards: bytes and memory of a receipt, requests to an S3 of this machine (moto), time of a task on
  a local Ray that does nothing.

Extrapolated, and marked so: `combine` over `--documents`, its time by n log n and its memory by n,
each from the largest measured; the rest by proportion.
"""

from __future__ import annotations

import json
import logging
import os
import re
import subprocess
import sys
import time
import tracemalloc
from collections.abc import Iterator
from dataclasses import replace
from math import log2
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from _common import arguments, machine, report, save, scratch, spread, versions

import datapartnerships as dp
from datapartnerships import readers, writers
from datapartnerships import transforms as t
from datapartnerships.__main__ import DEFAULT_RECIPE
from datapartnerships.errors import InvalidParameter
from datapartnerships.schema import Receipt
from datapartnerships.writers._folder import Folder

ROWS = 50_000  # of a simulated shard
COPIES = 0.1


def simulated(schema: pa.Schema, documents: int, id_length: int) -> Iterator[pa.Table]:
    """Sketches of shards; one document in ten is a copy of one of the shard before."""
    copies = int(ROWS * COPIES)
    before: list[Any] = []
    for number in range(documents // ROWS):
        rng = np.random.default_rng(number)
        columns: list[Any] = []
        for index, column in enumerate(schema):
            if column.name == "id":
                letters = rng.bytes(ROWS * id_length // 2).hex().encode()
                ends = pa.py_buffer(np.arange(ROWS + 1, dtype=np.int32) * id_length)
                ids = pa.Array.from_buffers(pa.string(), ROWS, [None, ends, pa.py_buffer(letters)])
                columns.append(ids)
            elif pa.types.is_fixed_size_binary(column.type):
                width = column.type.byte_width
                rows = np.frombuffer(rng.bytes(ROWS * width), np.uint8).reshape(ROWS, width).copy()
                if before:
                    rows[:copies] = before[index][-copies:]
                columns.append(rows)
            else:
                columns.append(pa.array(np.zeros(ROWS), column.type))
        before = columns
        yield pa.table(
            [
                pa.Array.from_buffers(column.type, ROWS, [None, pa.py_buffer(rows)])
                if isinstance(rows, np.ndarray)
                else rows
                for column, rows in zip(schema, columns, strict=True)
            ],
            schema=schema,
        )


def combined(threshold: float, documents: int, id_length: int) -> dict[str, float]:
    """In a process of its own: `combine`, without the time that making the sketches takes."""
    fit = t.Deduplicate(threshold=threshold)
    made = 0.0

    def sketches() -> Iterator[pa.Table]:
        nonlocal made
        source = simulated(fit.sketch([]).schema, documents, id_length)
        while True:
            start = time.process_time()
            table = next(source, None)
            made += time.process_time() - start
            if table is None:
                return
            yield table

    for _ in simulated(fit.sketch([]).schema, 2 * ROWS, id_length):
        pass  # what the making of sketches takes is not to count
    base = _status("VmRSS")
    start = time.process_time()
    transform = fit.combine(sketches())
    seconds = time.process_time() - start - made
    peak = _status("VmHWM")
    found = transform.duplicates
    expected = (documents - ROWS) * COPIES
    gone = (
        found.num_rows
        if threshold == 1 and "cluster" not in found.column_names
        else (found.num_rows - found["of"].null_count)
    )
    assert expected <= gone <= expected * 1.001 + 5, (expected, gone)
    return {
        "documents": documents,
        "cpu_s": round(seconds, 2),
        "memory_mb": round((peak - base) / 1000, 1),
        "list_bytes_a_copy": round(found.nbytes / gone, 1),
    }


def _status(name: str) -> int:
    """Kilobytes of this process; ru_maxrss would begin with those of the process it came from."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(f"{name}:"))


def plan_of(threshold: float, given: Any, pipeline: dp.Pipeline) -> dict[str, Any]:
    """Sketches of real texts, `combine` of simulated ones, and what that comes to."""
    fit = t.Deduplicate(threshold=threshold)
    (shard, *_) = pipeline.reader.shards()
    tables = list(pipeline.reader.read(shard))
    sketch = fit.sketch(tables)
    with scratch() as folder:
        with pa.ipc.new_file(
            str(folder / "s"), sketch.schema, options=pa.ipc.IpcWriteOptions(compression="lz4")
        ) as writer:
            writer.write_table(sketch.combine_chunks())
        size = (folder / "s").stat().st_size / sketch.num_rows
    id_length = len(sketch["id"][0].as_py())
    measured = []
    for millions in given.millions:
        order = ["--child", json.dumps([threshold, millions * 1_000_000, id_length])]
        answer = subprocess.run(
            [sys.executable, __file__, *order], capture_output=True, text=True, check=False
        )
        if answer.returncode:
            raise RuntimeError(answer.stderr)
        measured.append(json.loads(answer.stdout))
        print(threshold, measured[-1], file=sys.stderr)
    last, n = measured[-1], given.documents
    factor = n * log2(n) / (last["documents"] * log2(last["documents"]))
    return {
        "sketch_bytes_a_document": round(size, 1),
        "measured": measured,
        "extrapolated": {
            "documents": n,
            "sketches_gb": round(size * n / 1e9, 1),
            "combine_cpu_h": round(last["cpu_s"] * factor / 3600, 2),
            "combine_memory_gb": round(last["memory_mb"] * n / last["documents"] / 1000, 1),
            "list_gb_with_1_in_10_copies": round(last["list_bytes_a_copy"] * n * COPIES / 1e9, 1),
        },
    }


def recipe_costs(pipeline: dp.Pipeline, folder: Path) -> dict[str, float]:
    """Of one worker, over real texts."""
    start = time.process_time()
    release = dp.run(pipeline, out=str(folder / "out"), work=str(folder / "work"))
    seconds = time.process_time() - start
    size = sum(shard.size for shard in pipeline.reader.shards())
    spools = sum(f.stat().st_size for f in (folder / "work").rglob("*.arrow"))
    receipts = [f.read_text() for f in (folder / "work").rglob("*.json")]
    tracemalloc.start()
    kept = [Receipt.from_json(text) for text in receipts]
    held, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return {
        "cpu_s_a_gb": round(seconds / size * 1e9, 1),
        "bytes_a_document": round(size / release.manifest.documents_in, 1),
        "left_between_passes": round(spools / size, 3),
        "written": round(sum(entry.size for entry in release.manifest.files) / size, 3),
        "receipt_bytes": round(sum(map(len, receipts)) / len(receipts)),
        "receipt_memory_bytes": round(held / len(kept)),
    }


def requests_a_shard(data: str) -> dict[str, float]:
    """Requests to a store for each further shard, in both passes, by kind."""
    from moto.server import ThreadedMotoServer

    logging.getLogger("werkzeug").propagate = False
    counted: dict[str, int] = {}

    class Counter(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            found = re.search(r"(GET|PUT|HEAD|POST|DELETE) /", record.getMessage())
            kind = found[1] if found else "other"
            counted[kind] = counted.get(kind, 0) + 1

    logging.getLogger("werkzeug").addHandler(Counter())
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    os.environ |= {
        "AWS_ENDPOINT_URL": f"http://{host}:{port}",
        "AWS_ACCESS_KEY_ID": "here",
        "AWS_SECRET_ACCESS_KEY": "only",
        "AWS_DEFAULT_REGION": "us-east-1",
    }
    import s3fs

    s3fs.S3FileSystem().mkdir("plan")
    few, many = 4, 12
    found = []
    with scratch() as folder:
        for count in (few, many):
            spread(data, folder / f"in-{count}", count, count * 50_000)
            base = f"s3://plan/{count}"
            for file in sorted((folder / f"in-{count}").iterdir()):
                Folder(f"{base}/in").write_text(file.name, file.read_text())
            pipeline = dp.Pipeline(
                readers.JsonlReader(f"{base}/in", shard_bytes=30_000),
                [t.NormalizeWhitespace(), t.Deduplicate()],
                writers.ParquetWriter(merge_below_bytes=0),
            )
            assert len(pipeline.reader.shards()) >= count
            counted.clear()
            dp.run(pipeline, out=f"{base}/out", work=f"{base}/work")
            found.append((len(pipeline.reader.shards()), dict(counted)))
    server.stop()
    (a, fewer), (b, more) = found
    return {kind: round((more[kind] - fewer.get(kind, 0)) / (b - a), 1) for kind in sorted(more)}


def milliseconds_a_task() -> float:
    from datapartnerships._backends.ray import Session

    session = Session(None, 2)
    try:
        shared = session.share("x" * 1000)
        _through(session, shared, 100)
        start = time.perf_counter()
        _through(session, shared, 2000)
        return round((time.perf_counter() - start) / 2, 2)
    finally:
        session.close()


def _through(session: Any, shared: Any, count: int) -> None:
    running = [session.submit(_nothing, shared, i, num_cpus=1) for i in range(count)]
    while running:
        done = set(session.wait(running))
        running = [task for task in running if task not in done]


def _nothing(_: object, __: int) -> None:
    pass


def main() -> None:
    if sys.argv[1:2] == ["--child"]:
        print(json.dumps(combined(*json.loads(sys.argv[2]))))
        return
    given = arguments(
        __doc__ or "",
        documents={"type": int, "default": 100_000_000, "help": "to extrapolate to"},
        millions={"type": int, "nargs": "+", "default": [1, 2, 4], "help": "simulated"},
        megabytes={"type": int, "default": 40, "help": "of real texts"},
        nodes={"type": int, "default": 100},
        cores={"type": int, "default": 16, "help": "of a node"},
        shard_mb={"type": int, "default": 256, "help": "input of a shard"},
    )
    with scratch() as folder:
        spread(given.data, folder / "in", 4, given.megabytes * 1_000_000)
        pipeline = dp.Pipeline.from_yaml(DEFAULT_RECIPE, deposit=str(folder / "in"), out="unused")
        one = replace(pipeline, reader=readers.JsonlReader(str(folder / "in")))
        costs = recipe_costs(one, folder)
        result: dict[str, Any] = {"benchmark": "cluster_plan", "recipe (measured)": costs}
        for threshold in (1.0, 0.8):
            try:
                t.Deduplicate(threshold=threshold)
            except InvalidParameter:
                continue
            result[f"Deduplicate({threshold})"] = plan_of(threshold, given, one)
    result["requests a shard (measured)"] = requests = requests_a_shard(given.data)
    result["ms a task (measured)"] = task = milliseconds_a_task()
    gigabytes = costs["bytes_a_document"] * given.documents / 1e9
    shards = gigabytes * 1000 / given.shard_mb
    result["plan (extrapolated)"] = {
        "documents": given.documents,
        "input_gb": round(gigabytes),
        "shards": round(shards),
        "core_hours": round(costs["cpu_s_a_gb"] * gigabytes / 3600, 1),
        "hours_on_nodes": round(
            costs["cpu_s_a_gb"] * gigabytes / 3600 / given.nodes / given.cores, 2
        ),
        "left_between_passes_gb": round(gigabytes * costs["left_between_passes"]),
        "written_gb": round(gigabytes * costs["written"]),
        "requests": round(shards * sum(requests.values())),
        "receipts_mb": round(shards * 2 * costs["receipt_memory_bytes"] / 1e6, 1),
        "driver_task_minutes": round(shards * 2 * task / 60_000, 2),
    }
    result |= {"versions": versions("ray", "numpy"), "machine": machine()}
    report(result, given.json)
    if given.save:
        own = ("benchmark", "versions", "machine")
        figures = {key: value for key, value in result.items() if key not in own}
        # Of no reader: `docs/reader_table.py` looks for those.
        save("cluster_plan", [{"reader": "", **figures}], "ray", "numpy")


if __name__ == "__main__":
    main()
