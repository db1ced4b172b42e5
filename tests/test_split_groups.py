"""Splits of documents: files and near-duplicates stay whole, up to the dataset that is loaded."""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any

import datasets
import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import datapartnerships as dp
from datapartnerships import readers, transforms, writers
from datapartnerships.errors import DataPartnershipsError, InvalidParameter, PipelineError
from datapartnerships.kernels.splits import joined, keys, linked
from datapartnerships.schema import Document, Segment, documents_to_table
from datapartnerships.writers import _base


def table(places: list[tuple[str, str | None]], **columns: list[Any]) -> pa.Table:
    """A document for each file and member."""
    documents = [
        Document(f"{i:032x}", "deposit", segments=[Segment(f"Text {i}.")],
                 provenance={"uri": uri, "member": member})
        for i, (uri, member) in enumerate(places)
    ]  # fmt: skip
    out = documents_to_table(documents)
    for name, values in columns.items():
        out = out.append_column(name, pa.array(values, pa.string()))
    return out


def splits(rows: pa.Table, size: int = 1000, **options: Any) -> list[str]:
    fit = transforms.Split(**options)
    cuts = [rows.slice(i, size) for i in range(0, rows.num_rows, size)]
    step = fit.combine([fit.sketch([part]) for part in cuts])
    return pa.concat_tables([step(part) for part in cuts])["split"].to_pylist()


@settings(max_examples=150, deadline=None)
@given(
    st.lists(
        st.tuples(st.sampled_from("abcdefgh"), st.sampled_from([None, *"ABCDEFGH"])),
        min_size=1,
        max_size=25,
    ),
    st.integers(1, 7),
    st.randoms(use_true_random=False),
)
def test_what_hangs_together_through_others_is_in_one_split(
    shared: list[tuple[str, str | None]], size: int, numbers: random.Random
) -> None:
    rows = table([(uri, None) for uri, _ in shared], duplicate_cluster=[c for _, c in shared])
    found = splits(rows, test=0.3, validation=0.3)
    groups = joined([f"file {uri}", *([f"cluster {c}"] if c else [])] for uri, c in shared)
    where: dict[str, set[str]] = {}
    for (uri, _), split in zip(shared, found, strict=True):
        where.setdefault(groups[f"file {uri}"], set()).add(split)
    assert all(len(places) == 1 for places in where.values())
    assert splits(rows, size, test=0.3, validation=0.3) == found
    order = list(range(len(shared)))
    numbers.shuffle(order)
    assert splits(rows.take(order), size, test=0.3, validation=0.3) == [found[i] for i in order]


def test_records_of_a_data_file_are_apart_and_their_attachments_are_not() -> None:
    rows = table([("mail.mbox", f"#{i}") for i in range(400)]
                 + [("mail.mbox", f"#{i}!notes.txt") for i in range(400)])  # fmt: skip
    found = splits(rows, test=0.5)
    assert found[:400] == found[400:] and set(found) == {"train", "test"}
    letter = table([("a.eml", None), ("a.eml", "photo.png"), ("a.eml", "x.zip!y.txt")])
    archive = table([("box.zip", f"{i}.txt") for i in range(50)])
    for seed in "abcdefgh":
        assert len(set(splits(letter, test=0.5, seed=seed))) == 1
        assert len(set(splits(archive, test=0.5, seed=seed))) == 1
    assert len(set(splits(archive, test=0.5, together=()))) == 2


def test_columns_and_metadata_keep_together() -> None:
    documents = [
        Document(f"{i:032x}", "court", segments=[Segment("Some text.")],
                 provenance={"uri": f"{i}.pdf"},
                 metadata={"docket": f"No. {i // 4}"} if i % 4 else {"title": "none"})
        for i in range(200)
    ]  # fmt: skip
    rows = documents_to_table(documents)
    found = splits(rows, test=0.5, together=("metadata.docket",))
    assert all(len(set(found[i + 1 : i + 4])) == 1 for i in range(0, 200, 4))
    assert any(found[i] != found[i + 1] for i in range(0, 200, 4))
    both = splits(rows, test=0.5, together=["file", "metadata.docket"])
    assert all(len(set(both[i + 1 : i + 4])) == 1 for i in range(0, 200, 4))
    assert len(set(splits(rows, test=0.5, together=("source",)))) == 1
    with pytest.raises(PipelineError, match="expected strings"):
        splits(rows, together=("segments",))


def test_equal_values_of_two_names_link_nothing() -> None:
    rows = table([("x", None), ("y", None)], shelf=["q", "x"])
    dealt = [splits(rows, test=0.5, seed=s, together=("file", "shelf")) for s in "abcdefghijkl"]
    assert any(len(set(found)) == 2 for found in dealt)


def test_shares_are_met_about_and_stay_what_they_are() -> None:
    rows = table([(f"{i}.txt", None) for i in range(4000)])
    found = splits(rows, test=0.2, validation=0.1)
    # Five standard deviations of a binomial distribution.
    assert abs(found.count("test") / 4000 - 0.2) < 5 * (0.2 * 0.8 / 4000) ** 0.5
    assert abs(found.count("validation") / 4000 - 0.1) < 5 * (0.1 * 0.9 / 4000) ** 0.5
    assert splits(rows, seed="other") != splits(rows)
    assert set(splits(rows, test=1.0)) == {"test"} and set(splits(rows, test=0.0)) == {"train"}
    # Written down, so that a change of the hash is noticed: published splits depend on it.
    assert "".join(s[1] for s in splits(rows.slice(0, 16), test=0.5)) == EXPECTED


EXPECTED = "rerereeerrererre"


def test_a_long_chain_is_one_group_and_links_are_sixteen_bytes() -> None:
    count = 200_000
    order = np.random.default_rng(0).permutation(count)
    names = keys(pa.array([f"{i}" for i in order]), "x")
    nodes, groups = linked(names[:-1], names[1:])
    assert len(nodes) == count and (groups == nodes[0]).all()
    rows = table([("one.txt", None)] * 50, duplicate_cluster=["a"] * 25 + ["b"] * 25)
    sketch = transforms.Split().sketch([rows, rows])
    assert sketch.num_rows == 2 and sketch.nbytes == 32


@given(st.lists(st.tuples(st.integers(1, 40), st.integers(1, 40))))
def test_linked_is_joined(pairs: list[tuple[int, int]]) -> None:
    left, right = np.array([*pairs, (1, 1)], np.uint64).T
    nodes, groups = linked(left, right)
    wanted = joined([[f"{a:02}", f"{b:02}"] for a, b in [*pairs, (1, 1)]])
    assert {f"{n:02}": f"{g:02}" for n, g in zip(nodes, groups, strict=True)} == wanted


@pytest.mark.parametrize(
    "options",
    [
        {"test": -0.1}, {"test": "0.1"}, {"test": 0.6, "validation": 0.6},
        {"together": "file"}, {"together": [1]},
    ],
)  # fmt: skip
def test_what_is_impossible_is_refused(options: dict[str, Any]) -> None:
    with pytest.raises(InvalidParameter):
        transforms.Split(**options)


def test_a_split_before_the_copies_are_known_is_refused() -> None:
    reader, split = readers.FolderReader("x"), transforms.Split()
    flag = transforms.Deduplicate(policy="flag")
    with pytest.raises(PipelineError, match=r"Split comes before Deduplicate .* put Deduplicate"):
        dp.Pipeline(reader, [split, flag])
    assert dp.Pipeline(reader, [flag, split, flag]).transforms[1] == split


def test_a_column_that_nothing_provides_is_refused() -> None:
    step = transforms.Split(together=("file", "no_such_column"))
    with pytest.raises(DataPartnershipsError, match="no_such_column"):
        dp.Pipeline(readers.TextReader("x"), [step])
    pipeline = dp.Pipeline(readers.TextReader("x"), [transforms.Split(together=("source",))])
    assert dp.Pipeline.from_yaml(pipeline.to_yaml()) == pipeline


# ---------------------------------------------------------------------- to the dataset


def deposit(folder: Path, count: int = 60) -> str:
    folder.mkdir()
    for file in range(3):
        rows = [{"text": f"Line {i} of file {file}, with words."} for i in range(count)]
        text = "\n".join(json.dumps(row) for row in rows)
        (folder / f"{file}.jsonl").write_text(text + "\n")
    return str(folder)


@pytest.mark.parametrize("name", ["ParquetWriter", "JsonlWriter"])
@pytest.mark.parametrize("waiting", [64 << 20, 1])
def test_a_run_with_splits_loads_as_a_dataset(
    tmp_path: Path, name: str, waiting: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_base, "_WAITING_BYTES", waiting)
    path = deposit(tmp_path / "in")
    pipeline = dp.Pipeline(
        readers.JsonlReader(path, shard_bytes=1500),
        [transforms.Split(test=0.3, validation=0.2)],
        getattr(writers, name)(str(tmp_path / "out")),
    )
    release = dp.run(pipeline, progress=False)
    assert release.manifest.documents_out == 180
    loaded = datasets.load_dataset(str(tmp_path / "out"), cache_dir=str(tmp_path / "cache"))
    assert set(loaded) == {"train", "validation", "test"} == set(release.dataset)
    texts: list[str] = []
    for split, rows in loaded.items():
        assert set(rows["split"]) == {split}
        assert list(rows["text"]) == list(release.dataset[split]["text"])
        texts += rows["text"]
    assert len(texts) == 180 == len(set(texts))
    files = {entry.path: entry.sha256 for entry in release.manifest.files}
    again = dp.run(pipeline, out=str(tmp_path / "two"), workers=2, progress=False)
    assert {entry.path: entry.sha256 for entry in again.manifest.files} == files


def test_rows_without_a_split_go_to_the_writers_own(tmp_path: Path) -> None:
    writer = writers.ParquetWriter(str(tmp_path / "out"), split="rest")
    rows = table([("a", None)] * 3, split=["test", None, "test"]).drop_columns("drop_reason")
    shard = readers.JsonlReader(deposit(tmp_path / "in")).shards()[0]
    manifest = writer.commit([writer.write(shard, [rows])])
    assert {entry.path: entry.rows for entry in manifest.files} == {
        "data/rest-00000-of-00001.parquet": 1, "data/test-00000-of-00001.parquet": 2,
    }  # fmt: skip
    with pytest.raises(PipelineError, match="no name of a split"):
        writer.write(shard, [table([("a", None)], split=["a/b"])])
    with pytest.raises(PipelineError, match="no name of a split"):
        writers.JsonlWriter("x", split="a-b")


def test_a_key_that_no_document_has_stops_the_run(tmp_path: Path) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    rows = [{"text": f"Mál nr. {i}.", "docket": str(i // 2)} for i in range(6)]
    rows[0].pop("docket")
    for row, name in zip(rows, "abcdef", strict=True):
        (folder / f"{name}.jsonl").write_text(json.dumps(row))

    def pipeline(*together: str) -> dp.Pipeline:
        writer = writers.ParquetWriter(str(tmp_path / "-".join(together)))
        steps = [transforms.Split(test=0.5, together=together)]
        return dp.Pipeline(readers.FolderReader(str(folder), shard_bytes=1), steps, writer)

    with pytest.raises(PipelineError, match=r"no document has metadata\.dokcet, so"):
        dp.run(pipeline("metadata.docket", "metadata.dokcet"))
    # Of the first documents it says nothing about the others.
    assert len(pipeline("metadata.docket").preview(1).rows) == 1
    assert dp.run(pipeline("metadata.docket")).manifest.documents_out == 6


def test_no_documents_lack_nothing() -> None:
    fit = transforms.Split(together=("metadata.docket",))
    assert fit.combine([]).problem == fit.combine([fit.sketch([table([])])]).problem == ""
    assert "docket" in fit.combine([fit.sketch([table([("a", None)])])]).problem


def test_copies_that_are_flagged_all_stay_and_are_in_one_split(tmp_path: Path) -> None:
    rng = random.Random(3)
    names = [f"{a}{b}" for a in ("fold", "brim", "tarn", "wick") for b in range(200)]
    rows = []
    for family in range(40):
        words = rng.choices(names, k=300)
        for copy in range(4):  # the same; three words of others; eight: three quarters
            changed = list(words)
            for place in rng.sample(range(300), (0, 0, 3, 8)[copy]):
                changed[place] = rng.choice(names)
            rows.append({"text": " ".join(changed), "family": f"{family}"})
    rng.shuffle(rows)
    (tmp_path / "in.jsonl").write_text("\n".join(json.dumps(row) for row in rows))
    pipeline = dp.Pipeline(
        readers.JsonlReader(str(tmp_path / "in.jsonl")),
        [
            transforms.Deduplicate(),
            transforms.Deduplicate(threshold=0.6, policy="flag"),
            transforms.Split(test=0.5, together=("duplicate_cluster",)),
        ],
        writers.ParquetWriter(str(tmp_path / "out")),
    )
    release = dp.run(pipeline)
    assert release.manifest.rejected == {"Deduplicate: exact duplicate": 40}
    where: dict[str, set[str]] = {}
    for split, documents in release.dataset.items():
        for row in documents:
            (family,) = (pair["value"] for pair in row["metadata"] if pair["key"] == "family")
            where.setdefault(family, set()).add(split)
            assert row["duplicate_cluster"]
    assert [len(where[family]) for family in where] == [1] * 40
    assert {split for splits in where.values() for split in splits} == {"train", "test"}
