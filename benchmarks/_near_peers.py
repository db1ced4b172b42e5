"""Near-duplicates as other libraries remove them; run by `near_duplicates.py` in their own Pythons.

``python _near_peers.py NAME documents.jsonl answer.json``: what each document was removed for.
"""

from __future__ import annotations

import json
import resource
import sys
import tempfile
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any

BANDS, ROWS, WORDS = 14, 8, 5


def read(path: str) -> list[str]:
    with open(path, encoding="utf-8") as lines:
        return [json.loads(line)["text"] for line in lines]


def joined(count: int, buckets: Iterable[list[int]]) -> dict[int, int]:
    """Union-find: each document and the first of its cluster, where that is another."""
    parent = list(range(count))

    def root(one: int) -> int:
        while parent[one] != one:
            parent[one] = parent[parent[one]]
            one = parent[one]
        return one

    for first, *others in buckets:
        for other in others:
            a, b = sorted((root(first), root(other)))
            parent[b] = a
    return {one: root(one) for one in range(count) if root(one) != one}


def daft(path: str) -> dict[int, int]:
    import daft
    from daft import col
    from daft.functions import minhash, normalize

    frame = daft.read_json(path).select("number", "text")
    count = frame.count_rows()
    plain = normalize(col("text"), remove_punct=True, lowercase=True, white_space=True)
    frame = frame.with_column("hashes", minhash(plain, num_hashes=BANDS * ROWS, ngram_size=WORDS))
    columns = frame.select("number", "hashes").to_arrow()
    import pyarrow as pa

    flat = pa.concat_arrays([c.flatten() for c in columns["hashes"].chunks])
    hashes = flat.to_numpy().reshape(-1, BANDS, ROWS)
    tables = [
        daft.from_arrow(
            pa.table(
                {
                    "number": columns["number"],
                    "band": pa.array([band] * len(hashes), pa.int8()),
                    "key": pa.array([row.tobytes() for row in hashes[:, band]]),
                }
            )
        )
        for band in range(BANDS)
    ]
    all_bands = tables[0]
    for table in tables[1:]:
        all_bands = all_bands.concat(table)
    grouped = all_bands.groupby("band", "key").agg(col("number").list_agg().alias("numbers"))
    grouped = grouped.where(col("numbers").list_count() > 1)
    return joined(count, grouped.to_pydict()["numbers"])


def rensa(path: str) -> dict[int, int]:
    import re

    from rensa import RMinHash, RMinHashLSH

    word = re.compile(r"\w+")
    found = []
    for text in read(path):
        words = word.findall(text.lower())
        runs = range(max(1, len(words) - WORDS + 1))
        one = RMinHash(num_perm=BANDS * ROWS, seed=42)
        one.update([" ".join(words[i : i + WORDS]) for i in runs])
        found.append(one)
    index = RMinHashLSH(threshold=0.8, num_perm=BANDS * ROWS, num_bands=BANDS)
    index.insert_many(found)
    # Without words all documents are alike: those have nothing to compare.
    return joined(len(found), ([i, *index.query(one)] for i, one in enumerate(found)))


def datatrove(path: str) -> dict[int, int]:
    from datatrove.executor import LocalPipelineExecutor
    from datatrove.pipeline.dedup import (
        MinhashDedupBuckets,
        MinhashDedupCluster,
        MinhashDedupFilter,
        MinhashDedupSignature,
    )
    from datatrove.pipeline.dedup.minhash import MinhashConfig
    from datatrove.pipeline.readers import JsonlReader
    from datatrove.pipeline.writers import JsonlWriter
    from datatrove.utils.hashing import HashConfig
    from datatrove.utils.typeshelper import Languages

    config = MinhashConfig(
        n_grams=WORDS,
        num_buckets=BANDS,
        hashes_per_bucket=ROWS,
        hash_config=HashConfig(precision=64),
    )
    folder, name = str(Path(path).parent), Path(path).name
    with tempfile.TemporaryDirectory() as work:
        steps: list[tuple[int, list[Any]]] = [
            (1, [
                JsonlReader(folder, glob_pattern=name, id_key="number"),
                MinhashDedupSignature(f"{work}/sigs", config, language=Languages.english),
            ]),
            (BANDS, [MinhashDedupBuckets(f"{work}/sigs", f"{work}/buckets", config=config)]),
            (1, [
                MinhashDedupCluster(
                    f"{work}/buckets", f"{work}/ids", config=config, save_cluster_id=True
                )
            ]),
            (1, [
                JsonlReader(folder, glob_pattern=name, id_key="number"),
                MinhashDedupFilter(
                    f"{work}/ids",
                    exclusion_writer=JsonlWriter(f"{work}/gone", compression=None),
                    load_cluster_ids=True,
                ),
                JsonlWriter(f"{work}/kept", compression=None),
            ]),
        ]  # fmt: skip
        for tasks, pipeline in steps:
            LocalPipelineExecutor(
                pipeline, tasks=tasks, workers=1, skip_completed=False, logging_dir=f"{work}/logs"
            ).run()
        clusters: dict[Any, int] = {}  # a document of the number 0 is written without it
        gone = {}
        for kind in ("kept", "gone"):
            for file in Path(work, kind).rglob("*.jsonl"):
                with file.open(encoding="utf-8") as lines:
                    for line in lines:
                        row = json.loads(line)
                        cluster = row.get("metadata", {}).get("minhash_cluster_id")
                        if kind == "kept" and cluster is not None and cluster != -1:
                            clusters[cluster] = int(row.get("id") or 0)
                        elif kind == "gone":
                            gone[int(row.get("id") or 0)] = clusters[cluster]
        return gone


def ours(path: str) -> dict[int, int]:
    import pyarrow as pa
    import pyarrow.json as pj

    from datapartnerships.transforms import Deduplicate

    options = pj.ReadOptions(block_size=32 << 20)
    step = Deduplicate(threshold=0.8)
    sketches = []
    for batch in pj.open_json(path, read_options=options):
        texts = batch.column(batch.schema.get_field_index("text"))
        one = pa.StructArray.from_arrays([texts], ["text"])
        edges = pa.array(range(len(texts) + 1), pa.int32())
        numbers = batch.column(batch.schema.get_field_index("number"))
        columns = {
            "id": numbers.cast(pa.string()),
            "segments": pa.ListArray.from_arrays(edges, one),
        }
        sketches.append(step.sketch([pa.table(columns)]))
    table = step.combine(sketches).duplicates
    rows = zip(table["id"].to_pylist(), table["of"].to_pylist(), strict=True)
    return {int(one): int(of) for one, of in rows if of is not None}


def main() -> None:
    name, path, answer = sys.argv[1:]
    run = {"daft": daft, "rensa": rensa, "datatrove": datatrove, "ours": ours}[name]
    if name == "ours":  # what is compiled once and kept is no part of the work
        run(path)
    elif name != "datatrove":
        __import__(name)
    before = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    started = time.perf_counter()
    gone = run(path)
    wall = time.perf_counter() - started
    after = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    cpu = sum(x.ru_utime + x.ru_stime for x in after) - sum(x.ru_utime + x.ru_stime for x in before)
    peak = max(x.ru_maxrss for x in after) / 1000
    figures = {"cpu_s": cpu, "wall_s": wall, "peak_mb": peak, "removed": len(gone)}
    Path(answer).write_text(json.dumps({"figures": figures, "gone": list(gone.items())}))


if __name__ == "__main__":
    main()
