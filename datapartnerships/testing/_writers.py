"""What a writer promises."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from datapartnerships.apply import apply
from datapartnerships.protocols import Writer
from datapartnerships.schema import FileSpan, Manifest, Shard
from datapartnerships.testing._sample import sample_batch


def _rows() -> pa.Table:
    kept, _ = apply((), sample_batch())
    return kept


def _shards() -> list[tuple[Shard, list[pa.Table]]]:
    rows = _rows()
    return [
        (Shard(i, (FileSpan(f"part-{i}"),)), [rows.slice(i * 9, 5), rows.slice(i * 9 + 5, 4)])
        for i in range(3)
    ]


def _emptied(writer: Any) -> Writer:
    """The same writer on a fresh folder."""
    assert getattr(writer, "path", None), "give the writer a path"
    shutil.rmtree(writer.path, ignore_errors=True)
    assert isinstance(writer, Writer)
    return writer


def _visible(writer: Any) -> dict[str, bytes]:
    root = Path(writer.path)
    files = (file for file in root.rglob("*") if file.is_file())
    return {
        str(file.relative_to(root)): file.read_bytes()
        for file in sorted(files)
        if not any(part.startswith(".") for part in file.relative_to(root).parts)
    }


def counts_what_it_writes(writer: Any) -> None:
    receipts = [_emptied(writer).write(shard, tables) for shard, tables in _shards()[:1]]
    receipts += [writer.write(shard, tables) for shard, tables in _shards()[1:]]
    manifest = writer.commit(receipts)
    assert manifest.documents_out == _rows().slice(0, 27).num_rows
    # A row is a document, unless the writer counted its rows.
    rows = manifest.counts.get("rows", manifest.documents_out)
    assert sum(entry.rows for entry in manifest.files) == rows


def shows_nothing_before_commit(writer: Any) -> None:
    _emptied(writer)
    receipts = [writer.write(shard, tables) for shard, tables in _shards()]
    assert not _visible(writer), "files are visible before commit"
    writer.commit(receipts)
    assert "manifest.json" in _visible(writer)


def writes_the_same_twice(writer: Any) -> None:
    _emptied(writer)
    first = [writer.write(shard, tables) for shard, tables in _shards()]
    second = [writer.write(shard, tables) for shard, tables in _shards()]
    assert first == second
    writer.commit(first)
    before = _visible(writer)
    writer.commit(second)
    assert _visible(writer) == before


def leaves_nothing_of_a_shard_that_failed(writer: Any) -> None:
    _emptied(writer)

    def failing() -> Iterator[pa.Table]:
        yield _rows()
        raise RuntimeError("the reader failed")

    shard, tables = _shards()[0]
    try:
        writer.write(shard, failing())
    except RuntimeError:
        pass
    else:
        raise AssertionError("the error of the reader was swallowed")
    assert not _visible(writer)
    receipt = writer.write(shard, tables)
    assert writer.commit([receipt]).documents_out == sum(table.num_rows for table in tables)


def writes_the_rights_of_every_row(writer: Any) -> None:
    """A row says which document it is of, or of which it is a part, and has its rights."""
    shard, rows = _shards()[0][0], _rows()
    held = dict(zip(rows["id"].to_pylist(), rows["rights"].to_pylist(), strict=True))
    manifest = writer.commit([_emptied(writer).write(shard, [rows])])
    for row in _written(writer, manifest):
        ids = [row[name] for name in ("parent_id", "document_id", "id") if row.get(name)]
        assert ids, "a row does not say which document it is of"
        assert "rights" in row, "a row has no rights"
        assert row["rights"] == held[ids[0]], f"the rights of {ids[0]} are another's"


def _written(writer: Any, manifest: Manifest) -> Iterator[dict[str, Any]]:
    # Of lines with little but text, the sidecar says whose they are.
    for entry in manifest.sidecar_files or manifest.files:
        path = Path(writer.path) / entry.path
        if path.suffix == ".parquet":
            yield from pq.read_table(path).to_pylist()
        else:
            import fsspec

            with fsspec.open(str(path), "rb", compression="infer") as stream:
                yield from map(json.loads, stream)


WRITER = [
    counts_what_it_writes,
    shows_nothing_before_commit,
    writes_the_same_twice,
    leaves_nothing_of_a_shard_that_failed,
    writes_the_rights_of_every_row,
]
