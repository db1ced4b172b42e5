"""Odd files that are no damage: each costs what it must, and nothing beside it."""

from __future__ import annotations

import os
import sys
import zipfile
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from lines_run import lines_run

from datapartnerships.kernels import running_heads
from datapartnerships.readers import (
    ArchiveReader,
    AsrJsonReader,
    CsvReader,
    ParquetReader,
    TextGridReader,
    WarcReader,
    parquet,
)
from datapartnerships.readers._base import unused
from datapartnerships.schema import metadata_dict


def _tables(reader: Any) -> list[pa.Table]:
    return [table for shard in reader.shards() for table in reader.read(shard)]


def _rows(reader: Any) -> list[dict[str, Any]]:
    return [row for table in _tables(reader) for row in table.to_pylist()]


def _columns(folder: Path, *columns: tuple[str, pa.Array]) -> list[tuple[str, dict[str, str]]]:
    names, arrays = zip(*columns, strict=True)
    pq.write_table(pa.Table.from_arrays(arrays, names=names), folder / "x.parquet")
    rows = _rows(ParquetReader(str(folder)))
    assert [row["drop_reason"] for row in rows] == [None] * len(rows)
    return [(row["segments"][0]["text"], metadata_dict(row["metadata"])) for row in rows]


TWO = pa.array(["one", "two"])


def test_parquet_columns_of_one_name(tmp_path: Path) -> None:
    ones, twos = pa.array([1, 1]), pa.array([2, 2])
    found = _columns(tmp_path, ("text", TWO), ("a", ones), ("a", twos), ("text", TWO))
    assert found == [(t, {"a": "1", "a (2)": "2", "text (2)": t}) for t in ("one", "two")]


@pytest.mark.parametrize(
    "texts",
    [
        TWO.dictionary_encode(),
        TWO.cast(pa.large_string()).dictionary_encode(),
        TWO.cast(pa.binary()).dictionary_encode(),
        TWO.cast(pa.string_view()),
    ],
)
def test_parquet_texts_stored_another_way(tmp_path: Path, texts: pa.Array) -> None:
    assert _columns(tmp_path, ("text", texts)) == [("one", {}), ("two", {})]


@pytest.mark.parametrize(
    ("values", "shown"),
    [
        (pa.array([0, 2**62], pa.timestamp("us")), ["1970-01-01 00:00:00", "4611686018427387904"]),
        (pa.array([0, 2**31 - 1], pa.date32()), ["1970-01-01", "2147483647"]),
        (pa.array([0, 1], pa.timestamp("s", "Nowhere/At_all")), ["1970-01-01 00:00:00", "00:01"]),
        (pa.array([[0], [2**62]], pa.list_(pa.timestamp("us"))), ["1970-01-01", "46116860184"]),
        (pa.StructArray.from_arrays([pa.array([7, 8])] * 2, ["a", "a"]), ["7", "8"]),
    ],
)
def test_parquet_values_that_python_has_none_for(
    tmp_path: Path, values: pa.Array, shown: list[str]
) -> None:
    found = _columns(tmp_path, ("text", TWO), ("v", values))
    assert all(part in metadata["v"] for part, (_, metadata) in zip(shown, found, strict=True))


@pytest.mark.parametrize("stored_once", [False, True])
def test_a_row_group_of_books_is_read_in_parts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, stored_once: bool
) -> None:
    monkeypatch.setattr(parquet, "BATCH_BYTES", 2 << 20)  # more than is put together
    books = pa.array([f"{i * (not stored_once)} " + "word " * 20_000 for i in range(100)])
    pq.write_table(pa.table({"text": books}), tmp_path / "x.parquet", use_dictionary=stored_once)
    assert (os.path.getsize(tmp_path / "x.parquet") < 100_000) == stored_once
    tables = _tables(ParquetReader(str(tmp_path)))
    assert sum(table.num_rows for table in tables) == 100
    assert max(table.nbytes for table in tables) < 4 << 20
    assert pa.concat_tables(tables)["id"].to_pylist() == [
        row["id"] for row in _rows(ParquetReader(str(tmp_path)))
    ]


def test_a_table_of_many_columns_makes_small_batches(tmp_path: Path) -> None:
    with open(tmp_path / "x.csv", "w") as file:
        file.write("text," + ",".join(f"c{i}" for i in range(2000)) + "\n")
        file.writelines("t," + ",".join(["1"] * 2000) + "\n" for _ in range(300))
    tables = _tables(CsvReader(str(tmp_path)))
    assert sum(table.num_rows for table in tables) == 300
    assert max(len(table["metadata"].combine_chunks().flatten()) for table in tables) < 200_000


class _Asked(dict[str, int]):
    """Counts how often it is asked for a name."""

    many = 0

    def __contains__(self, name: object) -> bool:
        self.many += 1
        return super().__contains__(name)


def test_names_that_are_all_the_same() -> None:
    used = _Asked()
    names = ["a", "a (3)", *["a"] * 5_000, "a (2)"]
    made = [unused(name, used) for name in names]
    assert used.many < 2 * len(names)  # each trying all before it: 12 million
    assert made[:5] == ["a", "a (3)", "a (2)", "a (4)", "a (5)"] and made[-1] == "a (2) (2)"
    assert not [name for name, count in Counter(made).items() if count > 1]


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_members_of_one_name(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "x.zip", "w") as archive:
        for i in range(3):
            archive.writestr("a.txt", f"The text of number {i}.")
    found = [row["provenance"]["member"] for row in _rows(ArchiveReader(str(tmp_path)))]
    assert found == ["a.txt", "a.txt (2)", "a.txt (3)"]


def _record(encoding: bytes) -> bytes:
    http = b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n" + encoding + b"\r\nA page of text."
    head = b"WARC/1.0\r\nWARC-Type: response\r\nWARC-Target-URI: http://example.is/\r\n"
    head += b"Content-Type: application/http\r\nContent-Length: %d\r\n\r\n" % len(http)
    return head + http + b"\r\n\r\n"


@pytest.mark.parametrize("encoding", [b"br", b"gzip, " * 5000])
def test_an_encoding_that_cannot_be_undone_costs_its_record(
    tmp_path: Path, encoding: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "brotli", None)
    monkeypatch.delitem(sys.modules, "datapartnerships._backends.brotli", raising=False)
    if package := sys.modules.get("datapartnerships._backends"):
        monkeypatch.delattr(package, "brotli", raising=False)
    bad = _record(b"Content-Encoding: " + encoding + b"\r\n")
    (tmp_path / "x.warc").write_bytes(_record(b"") + bad + _record(b""))
    reasons = [row["drop_reason"] for row in _rows(WarcReader(str(tmp_path)))]
    assert len(reasons) == 3 and reasons[0] is reasons[2] is None
    assert "not installed" in reasons[1] or "encoding not supported" in reasons[1]


def test_times_without_end(tmp_path: Path) -> None:
    """Numbers that are infinite, or too large to be a float."""
    (tmp_path / "x.TextGrid").write_text(
        'File type = "ooTextFile"\nObject class = "TextGrid"\n0\n2\n<exists>\n2\n"IntervalTier"\n'
        '"Anna"\n0\n2\n1\n0\n2\n"Sea and sky"\n"IntervalTier"\n"Jón"\n0\n1e400\n1e400\n'
    )
    (row,) = _rows(TextGridReader(str(tmp_path)))
    assert row["segments"][0]["text"] == "Sea and sky" and "damage" in metadata_dict(
        row["metadata"]
    )
    segments = '{"segments": [{"start": 1%s, "end": 2, "text": "Sea"}]}' % ("0" * 400)
    (tmp_path / "x.json").write_text(segments)
    (row,) = _rows(AsrJsonReader(str(tmp_path)))
    assert row["drop_reason"] is None and row["segments"][0]["start_s"] is None


def test_what_a_head_takes_grows_with_the_pages() -> None:
    """Counted in lines of Python that are run: a loop over all pages for each page is seen."""

    def steps(pages: int) -> int:
        text = "THE HISTORY OF THE HALL\nThe members met, and it was so\nfor as long as it was.\n"
        texts = [f"{text}{number}" for number in range(1, pages + 1)]
        places = np.arange(pages).tolist()
        assert len(running_heads.furniture(texts, places)) == pages
        return lines_run(running_heads.furniture, texts, places)

    assert steps(400) < 2.2 * steps(200)
