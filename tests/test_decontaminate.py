"""Items of evaluation sets in documents."""

from __future__ import annotations

import gzip
import io
import json
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import datapartnerships as dp
from datapartnerships import readers, writers
from datapartnerships import transforms as t
from datapartnerships.errors import ConfigurationError, InvalidParameter
from datapartnerships.kernels import word_runs
from datapartnerships.kernels.overlap import COMMON, known, overlap
from datapartnerships.kernels.words import words
from datapartnerships.schema import Document, Segment, documents_to_table
from datapartnerships.transforms import _reference_texts

QUESTION = (
    "A baker has three trays with twelve rolls on each, sells all but seven of them before noon, "
    "and bakes a fourth tray in the afternoon. How many rolls are there in the evening?"
)
ANSWER = "She weighs the flour twice before she lights the oven."  # ten words
PROSE = "Nothing of what stands here was ever asked of anybody, and so it stays where it is."


def batch(*texts: Any) -> pa.Table:
    return documents_to_table(
        Document(
            id=f"document {number}",
            source="s",
            segments=[Segment(part) for part in ([text] if isinstance(text, str) else text)],
        )
        for number, text in enumerate(texts)
    )


@pytest.fixture
def sets(tmp_path: Path) -> tuple[str, ...]:
    rows = [{"id": "x1", "question": "What is two?", "choices": ["one", "two"]},
            {"id": "x2", "question": QUESTION, "choices": [ANSWER, "no"]}]  # fmt: skip
    text = "\n".join(json.dumps(row) for row in rows)
    (tmp_path / "bakery.test.jsonl.gz").write_bytes(gzip.compress(text.encode(), mtime=0))
    other = [f"The {word} lamp of the harbor was lit when the ships came home." for word in "ab"]
    pq.write_table(pa.table({"passage": other}), tmp_path / "harbor.parquet")
    (tmp_path / "riddles.txt").write_text(
        "I have a face and two hands,\nbut I never wash either of them.\n\nShort one.\n"
    )
    names = ("bakery.test.jsonl.gz", "harbor.parquet", "riddles.txt")
    return tuple(str(tmp_path / name) for name in names)


def test_items_are_found_however_they_are_written(sets: tuple[str, ...]) -> None:
    table = batch(
        f"{PROSE}\n\n{QUESTION.upper().replace(' ', '  ')}",
        PROSE,
        ["It was so: she weighs the flour twice,", "before she lights the oven!", PROSE],
        "I have a face, and two hands; but I never wash either of them",
        " and ".join(QUESTION.split(" ")),
        "THE B LAMP of the harbor was lit when the ships came home",
        "",
    )
    out = t.Decontaminate(against=sets)(table)
    found = out["contamination"].to_pylist()
    assert [(hit["set"], hit["row"]) if hit else None for hit in found] == [
        ("bakery", 1), None, ("bakery", 1), ("riddles", 0), None, ("harbor", 1), None,
    ]  # fmt: skip
    assert [hit["share"] for hit in found if hit] == [1, 1, 1, 1]
    assert [hit["words"] for hit in found if hit] == [34, 10, 14, 13]
    assert found[0]["document_share"] == pytest.approx(34 / 51)
    assert out["drop_reason"].to_pylist()[:2] == [
        "Decontaminate: holds an item of an evaluation set (bakery, row 1; 100 % of it)", None,
    ]  # fmt: skip
    assert out["drop_reason"].is_valid().to_pylist() == [bool(hit) for hit in found]


def test_a_part_of_an_item(sets: tuple[str, ...]) -> None:
    part = "Then: " + " ".join(QUESTION.split()[:15]) + " and that is all there is."
    loose = t.Decontaminate(against=sets, threshold=0.01)(batch(part))
    assert loose["contamination"].to_pylist()[0]["share"] == pytest.approx(15 / 34)
    assert loose["drop_reason"].null_count == 0
    strict = t.Decontaminate(against=sets)(batch(part))
    assert strict["drop_reason"].null_count == 1
    assert strict["contamination"].equals(loose["contamination"])
    flagged = t.Decontaminate(against=sets, policy="flag", threshold=0.01)(batch(part))
    assert flagged["drop_reason"].null_count == 1
    fields = t.Decontaminate(against=sets[:1], fields=("choices",))(batch(QUESTION, ANSWER))
    assert fields["contamination"].is_valid().to_pylist() == [False, True]


def test_what_a_form_says_is_no_item(tmp_path: Path) -> None:
    form = "Read the passage below and choose the best of the four answers that follow it."
    own = [
        f"Number {n} is about {w * 3} and {w}s of the {n}." for n, w in enumerate("abcdefghijkl")
    ]
    assert len(own) > COMMON
    rows = [json.dumps({"q": f"{form} {text}"}) for text in own]
    (tmp_path / "exam.jsonl").write_text("\n".join(rows))
    step = t.Decontaminate(against=str(tmp_path / "exam.jsonl"))
    out = step(batch(form, f"{form} {own[4]}"))
    assert out["contamination"].to_pylist()[0] is None
    assert out["contamination"].to_pylist()[1]["row"] == 4


def test_the_fingerprint_of_a_run_knows_what_is_in_the_files(
    sets: tuple[str, ...], tmp_path: Path
) -> None:
    rows = [{"text": PROSE}, {"text": QUESTION}]
    (tmp_path / "in.jsonl").write_text("\n".join(json.dumps(row) for row in rows))
    step = t.Decontaminate(against=sets)

    def run() -> dp.Release:
        out = writers.ParquetWriter(str(tmp_path / "out"))
        return dp.run(
            dp.Pipeline(readers.JsonlReader(str(tmp_path / "in.jsonl")), [step], out), replace=True
        )

    first = run()
    assert first.dataset["text"][:] == [PROSE]
    assert first.dataset["contamination"][:] == [None]
    reason = "Decontaminate: holds an item of an evaluation set"
    assert first.manifest.rejected == {reason: 1}
    Path(sets[2]).write_text(PROSE)
    second = run()
    assert second.manifest.fingerprint != first.manifest.fingerprint
    assert second.manifest.rejected == {reason: 2}


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("none.jsonl", None, "no file"),
        ("table.csv", "a,b", "expected a file that ends in"),
        ("broken.jsonl", '{"a": 1}\n{no', "line 2"),
        ("list.json", '[\n{"a": "b"}]', "line 1: expected one JSON value a line"),
        ("short.txt", "Too short.\n\nAll of it.", "no item of 8 words"),
        ("empty.jsonl", "", "no item of 8 words"),
        ("wrong.parquet", "PAR1", "cannot be read"),
        ("wrong.jsonl.gz", "no gzip", "cannot be read"),
        ("latin.txt", b"\xff\xfe\x00" * 9, "cannot be read"),
    ],
)
def test_files_that_say_nothing_are_an_error(
    name: str, content: str | bytes | None, said: str, tmp_path: Path
) -> None:
    if content is not None:
        (tmp_path / name).write_bytes(content if isinstance(content, bytes) else content.encode())
    step = t.Decontaminate(against=[str(tmp_path / name)])  # nothing is opened yet
    with pytest.raises(ConfigurationError, match=said):
        step(batch(PROSE))


def test_a_folder_of_test_sets_is_refused_before_the_run(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="is a folder: name the files in it"):
        _ = t.Decontaminate(against=[str(tmp_path)]).content_id


def test_one_field_may_be_given_as_a_string() -> None:
    assert t.Decontaminate(against="a", fields="question").fields == ("question",)


@pytest.mark.parametrize(
    "wrong",
    [
        {"against": ()}, {"against": 7}, {"against": ("",)}, {"ngram": 1}, {"min_words": 14},
        {"threshold": 0}, {"policy": "drop"},
    ],
)  # fmt: skip
def test_wrong_parameters(wrong: dict[str, Any]) -> None:
    with pytest.raises(InvalidParameter):
        t.Decontaminate(**{"against": ("a.jsonl",), **wrong})


# ------------------------------------------------------------------------------ kernels

WORDS = st.lists(st.sampled_from("abcd"), max_size=14)


@settings(deadline=None)
@given(st.lists(WORDS, max_size=6), st.lists(WORDS, max_size=6), st.integers(2, 5))
def test_the_best_item_is_that_of_a_slow_count(
    items: list[list[str]], documents: list[list[str]], size: int
) -> None:
    index = known(pa.array([" ".join(item) for item in items], pa.string()), size, 2)
    texts = pa.array([" ".join(document) for document in documents], pa.string())
    found = overlap(texts, index) if len(items) else None

    def grams(tokens: list[str], length: int) -> list[tuple[str, ...]]:
        return [tuple(tokens[i : i + length]) for i in range(len(tokens) - length + 1)]

    for number, document in enumerate(documents if found else ()):
        best = 0.0
        for item in items:
            length = min(size, len(item))
            if length < 2:
                continue
            here = set(grams(document, length))
            first = {gram: i for i, gram in reversed(list(enumerate(grams(item, length))))}
            every = {i + step for i in first.values() for step in range(length)}
            held = {i + step for gram, i in first.items() if gram in here for step in range(length)}
            best = max(best, len(held) / len(every))
        assert found is not None
        assert found.share[number] == pytest.approx(best)
        assert (found.item[number] >= 0) == (best > 0)


@given(st.lists(WORDS, max_size=6), st.integers(1, 5))
@settings(deadline=None)
def test_runs_are_the_same_where_their_words_are(rows: list[list[str]], size: int) -> None:
    found = words(pa.array([" ".join(row) for row in rows], pa.string()))
    hashes = word_runs.runs(word_runs.prefix_sums(found.hashes), size)
    flat = [token for row in rows for token in row]
    runs = [tuple(flat[i : i + size]) for i in range(len(hashes))]
    assert len(set(hashes.tolist())) == len(set(runs))
    within, part = word_runs.inside(found.edges, np.arange(len(hashes)), size)
    first = [i for a, b in pairwise(found.edges.tolist()) for i in range(a, b - size + 1)]
    assert np.flatnonzero(within).tolist() == first
    assert all(found.edges[part] <= np.arange(len(hashes)))


def test_a_text_of_many_megabytes_comes_in_parts() -> None:
    long = "þetta er lína " * 800_000
    texts = pa.array(["a b", long, None, "", "é" * 5_000_000, "c"])
    row, count = [], 0
    for some in word_runs.spoken(texts):
        row += np.repeat(some.row, np.diff(some.edges)).tolist()
        count += len(some.hashes)
    assert row == sorted(row)
    assert np.bincount(row).tolist() == [2, 2_400_000, 0, 0, 3, 1]
    parts, of = word_runs._in_parts(texts)
    assert pc.binary_join(pa.array([parts.to_pylist()]), "")[0].as_py() == "".join(
        text or "" for text in texts.to_pylist()
    )
    assert set(of.tolist()) <= {0, 1, 4, 5}


def test_one_run_in_all_items_and_all_documents_is_not_multiplied() -> None:
    items = pa.array(["x " * 5000 + f"tail {n} of the row" for n in range(50)])
    texts = pa.array(["x " * 200_000] * 3)
    found = overlap(texts, known(items, 13, 8))
    assert found.item.tolist() == [-1, -1, -1]  # 50 items have it: it is of their form


def test_a_line_of_many_blocks_is_read_as_one() -> None:
    class Blocks(io.BytesIO):
        def read(self, size: int | None = -1) -> bytes:
            return super().read(3)

    for text in ("", "ab", "aþc\n", "\n\nabþdefgh\nij\n\nk", "\ufeffabcdefg\nh"):
        expected = text.lstrip("\ufeff").split("\n")
        assert list(_reference_texts._lines(Blocks(text.encode()))) == expected
