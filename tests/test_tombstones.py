"""What was withdrawn is found when it comes back: by its id, its text, and a text like it."""

from __future__ import annotations

import json
import random

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import datapartnerships as dp
from datapartnerships import readers, writers
from datapartnerships import transforms as t
from datapartnerships.errors import ConfigurationError, UnknownName
from datapartnerships.kernels.minhash import banding, shingles, signatures, similarity
from datapartnerships.kernels.near import Near
from datapartnerships.schema import Document, Segment, documents_to_table
from datapartnerships.tombstones import Tombstone, Withdrawn

STARTS = ("bar", "kel", "lom", "min", "sar", "tev")
WORDS = [start + end for start in STARTS for end in ("ada", "eno", "iru", "osy", "unn")]


def prose(rng: random.Random, words: int) -> list[str]:
    return [rng.choice(WORDS) + rng.choice(WORDS) for _ in range(words)]


def batch(texts: list[str], ids: list[str] | None = None) -> pa.Table:
    return documents_to_table(
        Document(
            id=ids[i] if ids else f"{i:032x}",
            source="test",
            segments=[Segment(part) for part in text.split("\n\n")],
        )
        for i, text in enumerate(texts)
    )


def withdrawn(texts: list[str], ids: list[str]) -> Withdrawn:
    return Withdrawn().with_documents(
        ids, pa.array(texts), reason="consent", version="1.0.1", date="2026-11-22"
    )


def test_a_document_that_comes_back_is_found_by_id_text_and_likeness():
    rng = random.Random(1)
    words = prose(rng, 200)
    text = " ".join(words[:100]) + "\n\n" + " ".join(words[100:])
    near = " ".join(words[:100]) + "\n\n" + " ".join([*words[100:195], "other", "words"])
    other = " ".join(prose(rng, 200))
    held = withdrawn([text], ["a" * 32])
    came = batch([other, text, near, other], ["a" * 32, "b" * 32, "c" * 32, "d" * 32])
    assert held.matches(came).to_pylist() == ["id", "text", "near " + "a" * 32, None]


def test_a_short_text_is_nobodys():
    held = withdrawn(["Thank you, that is kind."], ["a" * 32])
    assert held.tombstones[0].digest is None
    assert held.matches(batch(["Thank you, that is kind."], ["b" * 32])).to_pylist() == [None]


def test_tombstones_hold_nothing_of_the_text_and_are_read_back(tmp_path):
    rng = random.Random(2)
    texts = [" ".join(["Canarybird", *prose(rng, 60)]) for _ in range(3)]
    held = withdrawn(texts, ["x", "y", "y"])
    held.save(str(tmp_path / "withdrawn"))
    for file in (tmp_path / "withdrawn").iterdir():
        assert b"Canary" not in file.read_bytes()
    again = Withdrawn.open(str(tmp_path / "withdrawn"))
    assert again.tombstones == held.tombstones and again.owners == ("x", "y", "y")
    assert again.matches(batch(texts, list("pqr"))).to_pylist() == ["text", "near y", "near y"]
    alone = Withdrawn.open(str(tmp_path / "withdrawn" / "TOMBSTONES.jsonl"))
    assert alone.near is None and alone.tombstones == held.tombstones
    # Once more: nothing is there twice, and the sketches of both are kept.
    more = again.with_documents(
        ["x", "z"],
        pa.array([texts[0], " ".join(prose(rng, 50))]),
        reason="rights",
        version="1.0.2",
        date="2026-12-01",
    )
    assert [stone.id for stone in more.tombstones] == ["x", "y", "z"]
    assert more.tombstones[0].version == "1.0.1" and len(more.owners) == 5


def test_parts_of_a_withdrawn_document_are_found():
    held = withdrawn(["short"], ["whole"])
    table = pa.table(
        {"id": ["whole:0", "other:0"], "parent_id": ["whole", "other"], "text": ["a", "b"]}
    )
    assert held.matches(table).to_pylist() == ["id", None]
    clips = pa.table({"document_id": ["other", "whole"], "speaker": ["a", "b"]})
    assert held.matches(clips).to_pylist() == [None, "id"]


@pytest.mark.parametrize(
    "line",
    [
        "{",
        "[]",
        '{"id": "a"}',
        '{"id": "a", "digest": null, "reason_class": "why", "version": "1", "date": "x"}',
    ],
)
def test_what_is_no_tombstone_is_named(tmp_path, line):
    good = json.dumps(
        {"id": "a", "digest": None, "reason_class": "error", "version": "1", "date": "x"}
    )
    (tmp_path / "TOMBSTONES.jsonl").write_text(f"{good}\n{line}\n")
    with pytest.raises(ConfigurationError, match=r"TOMBSTONES.jsonl:2"):
        Withdrawn.open(str(tmp_path))
    with pytest.raises(ConfigurationError, match="holds no"):
        Withdrawn.open(str(tmp_path / "nothing"))


def test_a_reason_is_one_of_the_classes():
    with pytest.raises(UnknownName, match="consent"):
        Withdrawn().with_documents(["a"], pa.array([""]), reason="consnt", version="1", date="d")


def jaccard(one: str, other: str) -> float:
    found = []
    for text in (one, other):
        values, _ = shingles(pa.array([text]), 5)
        found.append(set(values.tolist()))
    return len(found[0] & found[1]) / max(1, len(found[0] | found[1]))


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 10_000))
def test_the_most_like_is_found_and_nothing_unlike(seed):
    rng = random.Random(seed)
    held = [prose(rng, rng.randrange(20, 200)) for _ in range(8)]
    held += [held[0]]  # twice the same
    texts = []
    for _ in range(12):
        words = list(rng.choice(held))
        for _ in range(rng.choice([0, 1, 3, 30])):
            words[rng.randrange(len(words))] = rng.choice(WORDS)
        texts.append(" ".join(words))
    texts += ["", " ".join(prose(rng, 40))]
    owners = [" ".join(words) for words in held]
    best, alike = Near.of(pa.array(owners)).best(pa.array(texts))
    accept = banding(0.8).accept
    one, *_ = signatures(pa.array(texts), 5, banding(0.8))
    other, *_ = signatures(pa.array(owners), 5, banding(0.8))
    for row, text in enumerate(texts):
        scores = similarity(np.repeat(one[row : row + 1], len(owners), 0), other)
        if best[row] >= 0:
            assert alike[row] == scores.max() >= accept
            assert jaccard(text, owners[best[row]]) > 0.5
        elif text:
            assert max(jaccard(text, owner) for owner in owners) < 0.95


def test_texts_may_come_in_pieces():
    """More than 2 GiB of text are no one array."""
    rng = random.Random(3)
    told = [" ".join(prose(rng, 40)) for _ in range(9)] + ["short"]
    pieces = pa.chunked_array([told[:4], [], told[4:]], pa.string())
    assert np.array_equal(Near.of(pieces).signatures, Near.of(pa.array(told)).signatures)
    assert not len(Near.of(pa.chunked_array([], pa.string())).keys)
    marked = {"reason": "error", "version": "1.0.1", "date": "2026-11-22"}
    ids = [*"abcdefghi", "a"]
    one = Withdrawn().with_documents(ids, pa.array(told), **marked)
    other = Withdrawn().with_documents(ids, pieces, **marked)
    assert one.tombstones == other.tombstones and one.owners == other.owners
    assert other.matches(batch(told)).to_pylist()[1:] == ["text"] * 8 + [None]


def test_a_run_rejects_what_was_withdrawn(tmp_path):
    rng = random.Random(5)
    words = prose(rng, 120)
    (tmp_path / "deposit").mkdir()
    texts = {"old": words, "like": [*words[:-2], "new", "end"], "new": prose(rng, 120)}
    for name, parts in texts.items():
        (tmp_path / "deposit" / f"{name}.txt").write_text(" ".join(parts))
    withdrawn([" ".join(words)], ["gone"]).save(str(tmp_path / "withdrawn"))
    step = t.RejectWithdrawn(path=str(tmp_path / "withdrawn"))
    pipeline = dp.Pipeline(
        readers.FolderReader(str(tmp_path / "deposit")),
        [step],
        writers.ParquetWriter(str(tmp_path / "out")),
    )
    release = dp.run(pipeline)
    assert release.manifest.documents_out == 1
    assert release.manifest.rejected == {
        "RejectWithdrawn: withdrawn": 1,
        "RejectWithdrawn: near duplicate of one withdrawn": 1,
    }
    # Another list is another recipe.
    before = step.content_id
    withdrawn(["x"], ["more"]).save(str(tmp_path / "withdrawn"))
    assert t.RejectWithdrawn(path=str(tmp_path / "withdrawn")).content_id != before


def test_a_tombstone_is_a_value():
    stone = Tombstone("a", None, "error", "1.0.1", "2026-11-22")
    assert stone == Tombstone("a", None, "error", "1.0.1", "2026-11-22")
    assert Withdrawn((stone,)).to_jsonl().count("\n") == 1
