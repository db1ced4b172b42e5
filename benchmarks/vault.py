"""What encryption costs: CPU and bytes, to put a release into a vault and to read it there.

The same Parquet file is written plain, encrypted by column and encrypted whole, and read back, in
turn, five times; figures are medians. What is put is read back from the vault for its digest, and
what is read is held against it first; both are counted.
"""

from __future__ import annotations

import io
import json
import statistics
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from _common import arguments, figure, lines, machine, report, save, scratch, versions

import datapartnerships as dp
from datapartnerships.kernels.segments import finished
from datapartnerships.release import _ciphers
from datapartnerships.release._manifest import ReleaseManifest
from datapartnerships.schema import Document, Segment, documents_to_table
from datapartnerships.writers import ParquetWriter
from datapartnerships.writers._folder import Folder

TURNS = 5
NAME = "data/train-00000-of-00001.parquet"
POLICY = dp.AccessPolicy(parties=("Lab",), purposes=("evaluation",))


def corpus(path: str, size: int) -> pa.Table:
    """Documents of `size` bytes of text, in the paragraphs that they have."""
    documents: list[Document] = []
    taken = 0
    for number, line in enumerate(lines(path)):
        if taken >= size:
            break
        text = json.loads(line)["text"]
        taken += len(text.encode())
        said = [Segment(part) for part in text.split("\n\n") if part]
        documents.append(Document(f"{number:032x}", "corpus", segments=said))
    return finished(documents_to_table(documents))


def release(folder: Path, table: pa.Table) -> dp.PrivateFolder:
    output, writer = Folder(str(folder)), ParquetWriter(str(folder))
    with output.replacing(NAME) as stream:
        writer.fill(stream, first := next(chunks := writer.chunks(iter([table]))), chunks)
    assert first.num_rows
    entry = output.entry(NAME, table.num_rows)
    manifest = ReleaseManifest(
        "bench", "1.0.0", "2026-11-22", "private", "", "", "", table.num_rows, table.num_rows, {},
        (entry,),
    )  # fmt: skip
    output.write_text("MANIFEST.json", manifest.to_json())
    return dp.PrivateFolder.open(str(folder))


def plain_write(source: Path, target: Path) -> None:
    """As `encrypt_parquet` does, without the encryption."""
    with pq.ParquetFile(source) as file, pq.ParquetWriter(
        target, file.schema_arrow, use_content_defined_chunking=True, write_page_index=True,
        **_ciphers._as_it_was(file.metadata),
    ) as writer:  # fmt: skip
        for group in range(file.num_row_groups):
            table = file.read_row_group(group)
            writer.write_table(table, row_group_size=table.num_rows)
    Folder(str(target.parent)).entry(target.name, 0)


def plain_read(source: Path, columns: list[str] | None = None) -> int:
    Folder(str(source.parent)).entry(source.name, 0)
    with pq.ParquetFile(source) as file:
        return sum(
            batch.num_rows
            for group in range(file.num_row_groups)
            for batch in file.iter_batches(1000, [group], columns)
        )


def cpu(function: Callable[[], Any]) -> float:
    start = time.process_time()
    function()
    return time.process_time() - start


def main() -> None:
    given = arguments(__doc__ or "", megabytes={"type": int, "default": 100})
    with scratch() as folder:
        table = corpus(given.data, given.megabytes * 10**6)
        size = sum(len(text.encode()) for text in table["text"].to_pylist())
        made = release(folder / "release", table)
        rows, source = table.num_rows, Path(made.path) / NAME
        del table
        keys = dp.KeyFile(str(folder / "keys.json"))
        spent: dict[str, list[float]] = {}

        def note(what: str, function: Callable[[], Any]) -> None:
            spent.setdefault(what, []).append(cpu(function))

        for turn in range(TURNS):
            note("write plain", lambda: plain_write(source, folder / "plain.parquet"))
            note("read plain", lambda: plain_read(folder / "plain.parquet"))
            for cipher in ("parquet", "age"):
                vault = dp.Vault(folder / f"{cipher}-{turn}", keys=keys)
                keys.delete_keys("bench@1.0.0")
                note(f"put {cipher}", lambda v=vault, c=cipher: v._put(made, POLICY, {}, c, {}))
                reader = dp.open_vault(vault.path, party="Lab", purpose="evaluation", keys=keys)
                seen: list[int] = []
                note(
                    f"read {cipher}",
                    lambda r=reader, s=seen: s.append(sum(b.num_rows for b in r.batches())),
                )
                assert seen == [rows], seen
            note("age alone", lambda: age(source))
        sizes = {
            "plain": (folder / "plain.parquet").stat().st_size,
            "parquet": (folder / "parquet-0/bench/1.0.0" / NAME).stat().st_size,
            "age": (folder / "age-0/bench/1.0.0" / f"{NAME}.age").stat().st_size,
        }
    found = {what: statistics.median(runs) for what, runs in spent.items()}

    def ratio(of: str, to: str) -> float:
        pairs = zip(spent[of], spent[to], strict=True)
        return round(statistics.median(a / b for a, b in pairs), 2)

    ratios = {
        "put parquet / write plain": ratio("put parquet", "write plain"),
        "read parquet / read plain": ratio("read parquet", "read plain"),
        "read age / read plain": ratio("read age", "read plain"),
        "size parquet / plain": round(sizes["parquet"] / sizes["plain"], 4),
        "size age / plain": round(sizes["age"] / sizes["plain"], 4),
    }
    shown = {what: round(seconds, 3) for what, seconds in found.items()}
    result = {
        "megabytes of text": round(size / 1e6, 1), "rows": rows, "cpu seconds": shown,
        "bytes": sizes, "ratios": ratios, "versions": versions("pyrage"), "machine": machine(),
    }  # fmt: skip
    report(result, given.json)
    if given.save:
        figures = [figure("Vault", what, value, format="parquet") for what, value in ratios.items()]
        save("vault", figures, "pyrage")


def age(source: Path) -> None:
    """The cipher by itself, over the file in memory."""
    from datapartnerships._backends import age

    recipient = age.public(age.new_identity())
    age.encrypt_stream(io.BytesIO(source.read_bytes()), io.BytesIO(), [recipient])


if __name__ == "__main__":
    main()
