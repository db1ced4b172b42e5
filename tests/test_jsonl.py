"""JSON Lines: every byte range, every kind of bad line, the fast way and the slow way alike."""

from __future__ import annotations

import gzip
import hashlib
import json
import subprocess
import sys
import tracemalloc
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import datapartnerships as dp
from datapartnerships import readers, writers
from datapartnerships.readers import FolderReader, JsonlReader
from datapartnerships.readers._source import Limits
from datapartnerships.schema import metadata_dict


def _rows(reader: JsonlReader | FolderReader) -> list[dict]:
    return [
        row
        for shard in reader.shards()
        for table in reader.read(shard)
        for row in table.to_pylist()
    ]


_values = st.one_of(
    st.none(), st.booleans(), st.integers(-(10**6), 10**6), st.text(max_size=8),
    st.floats(allow_nan=False, allow_infinity=False, width=32),
    st.lists(st.integers(0, 9), max_size=3), st.just("2024-01-02 03:04:05"), st.just("2024-01-02"),
)  # fmt: skip


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    st.lists(
        st.dictionaries(st.sampled_from(["text", "a", "b", "messages2"]), _values, max_size=4),
        min_size=1,
        max_size=12,
    ),
    st.integers(1, 400),
    st.sampled_from(["\n", "\r\n", "\n\n"]),
)
def test_any_cut_gives_the_same_documents(
    tmp_path_factory, rows: list[dict], shard_bytes: int, end: str
) -> None:
    folder = tmp_path_factory.mktemp("jsonl")
    data = "".join(json.dumps(row) + end for row in rows).encode()
    (folder / "x.jsonl").write_bytes(data)
    whole = _rows(JsonlReader(str(folder)))
    cut = _rows(JsonlReader(str(folder), shard_bytes=shard_bytes))
    assert whole == cut
    assert len(whole) == len(rows)
    for row, made in zip(rows, whole, strict=True):
        at, size = int(made["provenance"]["member"][1:]), made["provenance"]["size"]
        assert json.loads(data[at : at + size]) == row
        text = row.get("text")
        assert (made["drop_reason"] is None) == isinstance(text, str)
        if isinstance(text, str):
            assert made["segments"][0]["text"] == text
            metadata = metadata_dict(made["metadata"])
            for key, value in row.items():
                if isinstance(value, str) and key != "text":
                    assert metadata[key] == value


def test_bad_lines_are_rows_of_their_own(tmp_path: Path) -> None:
    lines = [
        b'{"text": "good"}',
        b'{"text": "unfinished',
        b'{"text": "bad utf-8 \xff\xfe"}',
        b'{"text": "a NUL \\u0000 inside"}',
        b'{"text": "lone \\ud800 surrogate"}',
        b"[1, 2]",
        b'{"other": 1}',
        b'{"text": 7}',
        b'{"messages": "no list"}',
        b'{"text": "nan", "x": NaN}',
        b"[" * 100_000,
        b'{"text": "last, without a line end"}',
    ]
    (tmp_path / "x.jsonl").write_bytes(b"\xef\xbb\xbf" + b"\n".join(lines))
    rows = _rows(JsonlReader(str(tmp_path)))
    assert len(rows) == len(lines)
    reasons = [(row["drop_reason"] or "").split(" (")[0] for row in rows]
    assert reasons == [
        "", "JsonlReader: invalid JSON", "JsonlReader: invalid UTF-8", "", "",
        "JsonlReader: line is not a JSON object", "JsonlReader: no field 'text'",
        "JsonlReader: field 'text' is no string", "JsonlReader: messages are not a list", "",
        "JsonlReader: invalid JSON", "",
    ]  # fmt: skip
    assert rows[4]["segments"][0]["text"] == "lone \ufffd surrogate"
    assert len({row["id"] for row in rows}) == len(rows)


@pytest.mark.parametrize("quoted", [b"", rb"]]}}\"]]\\"])
def test_a_deep_line_among_many_is_a_row_of_its_own(tmp_path: Path, quoted: bytes) -> None:
    """Arrow's parser takes the process with it, whatever the lines that are looked at hold."""
    depth = 60_000
    deep = b'{"text": "' + quoted + b'", "x": ' + b"[" * depth + b"]" * depth + b"}"
    plain = [b'{"text": "see [%d]"}' % i for i in range(300)]
    (tmp_path / "x.jsonl").write_bytes(b"\n".join([*plain[:201], deep, *plain[201:]]))
    script = f"""
from datapartnerships.readers import JsonlReader
reader = JsonlReader({str(tmp_path)!r})
rows = [row for shard in reader.shards() for table in reader.read(shard)
        for row in table.to_pylist()]
print(len(rows), [row["drop_reason"][:26] for row in rows if row["drop_reason"]])
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert done.stdout == "301 ['JsonlReader: invalid JSON ']\n", done.stderr


def test_one_line_of_many_fields_makes_no_table_of_them(tmp_path: Path) -> None:
    wide = {"text": "wide", **{f"field {i}": i for i in range(20_000)}}
    with open(tmp_path / "x.jsonl", "w") as stream:
        for i in range(20_000):
            stream.write(json.dumps(wide if i == 1_001 else {"text": f"line {i}"}) + "\n")
    before = pa.default_memory_pool().max_memory()
    rows = _rows(JsonlReader(str(tmp_path)))
    assert len(rows) == 20_000 and len(rows[1_001]["metadata"]) == 20_000
    # A cell for each name in each line would be 3 GB.
    assert pa.default_memory_pool().max_memory() - before < 200 << 20


def test_conversations(tmp_path: Path) -> None:
    row = {
        "messages": [
            {"role": "user", "content": "Hæ", "timestamp": "2024-05-01T10:00:00Z"},
            {"role": "assistant", "content": None},
            {"speaker": "Anna", "text": "Já", "id": "m-3"},
        ],
        "topic": "greeting",
    }
    (tmp_path / "x.jsonl").write_text(json.dumps(row) + "\n" + '{"text": "no chat"}\n')
    chat, plain = _rows(JsonlReader(str(tmp_path)))
    assert chat["kind"] == "conversation" and plain["kind"] == "text"
    assert [(s["speaker"], s["text"], s["ref"]) for s in chat["segments"]] == [
        ("user", "Hæ", "message 1"), ("assistant", "", "message 2"), ("Anna", "Já", "m-3")
    ]  # fmt: skip
    assert chat["segments"][0]["created"] == "2024-05-01T10:00:00Z"


def test_a_line_past_the_limit_costs_itself_and_little_memory(tmp_path: Path) -> None:
    with open(tmp_path / "x.jsonl", "wb") as stream:
        stream.write(b'{"text": "before"}\n{"text": "')
        for _ in range(200):
            stream.write(b"x" * (1 << 20))
        stream.write(b'"}\n{"text": "after"}\n')
    limits = Limits(max_document_bytes=20 << 20)
    tracemalloc.start()
    rows = _rows(JsonlReader(str(tmp_path), limits=limits))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert [row["segments"][0]["text"] if row["segments"] else None for row in rows] == [
        "before", None, "after"
    ]  # fmt: skip
    assert rows[1]["drop_reason"] == (
        "JsonlReader: line is too long (max_document_bytes is 20,971,520)"
    )
    assert peak < 64 << 20
    assert pa.total_allocated_bytes() < 50 << 20


def test_compressed_lines_are_the_same_documents(tmp_path: Path) -> None:
    lines = "".join(json.dumps({"text": f"row {i}"}) + "\n" for i in range(1000)).encode()
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "x.jsonl.gz").write_bytes(gzip.compress(lines))
    with pa.CompressedOutputStream(str(tmp_path / "a" / "y.jsonl.zst"), "zstd") as stream:
        stream.write(lines)
    rows = _rows(FolderReader(str(tmp_path / "a")))
    assert [row["segments"][0]["text"] for row in rows] == [f"row {i}" for i in range(1000)] * 2
    assert rows[0]["provenance"]["uri"] == "x.jsonl.gz"


def test_the_digest_is_that_of_the_line(tmp_path: Path) -> None:
    data = b'{"text": "one"}\n\n{"text": "two", "n": 1}\n'
    (tmp_path / "x.jsonl").write_bytes(data)
    for row in _rows(JsonlReader(str(tmp_path))):
        place = row["provenance"]
        line = data[int(place["member"][1:]) :][: place["size"]]
        assert hashlib.sha256(line).hexdigest() == place["sha256"]


@pytest.mark.parametrize(
    ("reader", "name"), [("Jsonl", "JSON Lines"), ("Parquet", "Parquet table")]
)
def test_the_report_names_the_format(tmp_path: Path, reader: str, name: str) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    (folder / "a.jsonl").write_text('{"text": "one"}\n{broken\n')
    pq.write_table(pa.table({"text": ["one", "two"]}), folder / "b.parquet")
    made = getattr(readers, f"{reader}Reader")(str(folder))
    release = dp.run(dp.Pipeline(made, [], writers.ParquetWriter(str(tmp_path / "out"))))
    assert name in str(release.report) and "Unknown" not in str(release.report)
    assert {row["reader"] for row in release.dataset["provenance"]} == {f"{reader}Reader"}
