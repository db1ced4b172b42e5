"""A run that keeps no document still leaves a dataset: no rows, all columns."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import datasets
import pyarrow.parquet as pq
import pytest

import datapartnerships as dp
from datapartnerships import readers, writers
from datapartnerships import transforms as t
from datapartnerships.kernels.segments import finished
from datapartnerships.schema import DOCUMENT

COLUMNS = finished(DOCUMENT.empty_table()).column_names


@dp.batch(provides=["quality"])
def rated(batch: Any) -> Any:
    import pyarrow as pa

    return batch.append_column("quality", pa.array([0.5] * batch.num_rows, pa.float32()))


def deposit(folder: Path, texts: tuple[str, ...] = ("Fundur var settur.", "", "Og slitið.")) -> str:
    folder.mkdir()
    for i, text in enumerate(texts):
        (folder / f"{i}.txt").write_text(text)
    return str(folder)


@pytest.mark.parametrize("name", ["ParquetWriter", "ChunkWriter", "ClipWriter"])
@pytest.mark.parametrize("passes", [1, 2])
def test_rejected_rows_are_never_taken_for_the_data(tmp_path: Path, name: str, passes: int) -> None:
    out = tmp_path / "out"
    steps = [rated, t.FilterLength(min_characters=1000), t.Deduplicate()][: 2 + passes - 1]
    reader = readers.FolderReader(deposit(tmp_path / "in"), shard_bytes=1)
    release = dp.run(dp.Pipeline(reader, steps, getattr(writers, name)(str(out))))
    assert (release.manifest.documents_out, len(release.rejected)) == (0, 3)
    (entry,) = release.manifest.files
    assert entry.rows == 0 and pq.read_metadata(out / entry.path).num_row_groups == 0
    found = release.dataset
    assert len(found) == 0
    streamed = datasets.load_dataset(str(out), streaming=True)
    assert list(streamed) == ["train"] and list(streamed["train"]) == []
    assert streamed["train"].features == found.features
    if name == "ClipWriter":
        assert isinstance(found.features["audio"], datasets.Audio)
    else:
        assert {*COLUMNS, "quality"} <= set(found.column_names)
        assert ("parent_id" in found.column_names) == (name == "ChunkWriter")
    # `datasets` cannot load a split of no rows otherwise (5.2): an error, never the wrong rows.
    with pytest.raises(ValueError, match="no data"):
        datasets.load_dataset(str(out), cache_dir=str(tmp_path / "cache"))
    assert dp.run(dp.Pipeline(reader, steps, getattr(writers, name)(str(out)))) == release


def test_lines_of_nothing_are_no_lines(tmp_path: Path) -> None:
    writer = writers.JsonlWriter(str(tmp_path / "out"), compression=None)
    reader = readers.FolderReader(deposit(tmp_path / "in"))
    release = dp.run(dp.Pipeline(reader, [t.FilterLength(min_characters=99)], writer))
    assert (tmp_path / "out/data/train-00000-of-00001.jsonl").read_bytes() == b""
    assert len(release.dataset) == 0 and release.dataset.column_names == COLUMNS


@pytest.mark.parametrize("name", ["ParquetWriter", "JsonlWriter", "ChunkWriter", "ClipWriter"])
def test_an_empty_deposit_has_columns_too(tmp_path: Path, name: str) -> None:
    writer = getattr(writers, name)(str(tmp_path / "out"))
    release = dp.run(dp.Pipeline(readers.FolderReader(deposit(tmp_path / "in", ())), [], writer))
    assert len(release.dataset) == 0 and "text" in release.dataset.column_names
    assert [entry.rows for entry in release.manifest.files] == [0]


def test_a_shard_without_rows_leaves_no_file_beside_those_with_some(tmp_path: Path) -> None:
    reader = readers.FolderReader(
        deposit(tmp_path / "in", ("kurz", "Ein Satz, der lang genug ist.", "")), shard_bytes=1
    )
    writer = writers.ParquetWriter(str(tmp_path / "out"), merge_below_bytes=0)
    release = dp.run(dp.Pipeline(reader, [t.FilterLength(min_characters=9)], writer))
    assert [entry.rows for entry in release.manifest.files] == [1]
