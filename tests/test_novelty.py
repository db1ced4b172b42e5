"""New against reference corpora."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from datapartnerships import transforms as t
from datapartnerships.errors import ConfigurationError, InvalidParameter
from datapartnerships.kernels import bloom
from datapartnerships.schema import Document, Segment, documents_to_table


def prose(seed: int, words: int) -> str:
    """Words that nobody else has in this order."""
    return " ".join(f"w{number}" for number in np.random.default_rng(seed).integers(0, 9000, words))


def batch(*texts: str) -> pa.Table:
    return documents_to_table(
        Document(id=f"document {number}", source="s", segments=[Segment(text)])
        for number, text in enumerate(texts)
    )


@pytest.fixture
def corpus(tmp_path: Path) -> str:
    path = tmp_path / "corpus.jsonl"
    path.write_text("\n".join(json.dumps({"text": prose(seed, 2000)}) for seed in range(20)))
    return str(path)


def test_what_is_known_and_what_is_new(corpus: str, tmp_path: Path) -> None:
    reference = t.build_reference(corpus, str(tmp_path / "new" / "one.bloom"), ngram=5)
    half = prose(3, 1000) + " " + prose(1000, 1000)
    table = batch(prose(3, 2000).upper(), half, prose(1001, 2000), "too few words", "", prose(4, 5))
    out = t.EstimateNovelty(against=reference)(table)
    novelty = out["novelty"].to_pylist()
    assert novelty[0] == 0
    assert novelty[1] == pytest.approx(0.5, abs=0.02)
    assert novelty[2] == pytest.approx(1, abs=0.02)
    assert novelty[3:] == [None, None, 0]
    error = out["novelty_error"].to_pylist()
    assert error[0] == 0
    assert 0.0005 < error[1] < error[2] < 0.01
    # With a second corpus that has the other half.
    other = tmp_path / "other.txt"
    other.write_text(prose(1000, 1000) + "\n\n" + prose(77, 3000))
    second = t.build_reference([str(other)], str(tmp_path / "two.bloom"), ngram=5)
    both = t.EstimateNovelty(against=[reference, second])(table)["novelty"].to_pylist()
    assert both[1] == pytest.approx(0, abs=0.01)
    assert both[2] == pytest.approx(1, abs=0.03)


def test_the_correction_and_its_error_are_right(corpus: str, tmp_path: Path) -> None:
    """At one false positive in five, which is far too many, means are right all the same."""
    reference = t.build_reference(
        corpus, str(tmp_path / "rough.bloom"), ngram=5, false_positive_rate=0.2
    )
    shares = np.random.default_rng(5).uniform(0, 1, 400)
    texts, truth = [], []
    for number, share in enumerate(shares):
        known, new = int(1000 * share), 1000 - int(1000 * share)
        texts.append(prose(number % 20, known) + " " + prose(5000 + number, new))
        truth.append(1 - max(known - 4, 0) / 996)
    out = t.EstimateNovelty(against=reference)(batch(*texts))
    off = (out["novelty"].to_numpy() - truth) / out["novelty_error"].to_numpy()
    assert abs(off.mean()) < 0.2
    assert off.std() == pytest.approx(1, abs=0.15)


def test_the_file_is_the_same_every_time(corpus: str, tmp_path: Path) -> None:
    one = Path(t.build_reference(corpus, str(tmp_path / "one.bloom")))
    two = Path(t.build_reference(corpus, str(tmp_path / "two.bloom")))
    assert one.read_bytes() == two.read_bytes()
    step = t.EstimateNovelty(against=[one])
    before = step.content_id
    other = tmp_path / "other.jsonl"
    other.write_text(json.dumps({"text": prose(9, 100)}))
    t.build_reference(str(other), str(one))
    assert step.content_id != before
    assert step(batch(prose(3, 50)))["novelty"].to_pylist()[0] > 0.5


@pytest.mark.parametrize("compiled", ["0", "1"])
@pytest.mark.parametrize("wanted", [0.001, 0.01, 0.2])
def test_a_filter_has_what_was_added_and_the_rate_that_it_says(
    wanted: float, compiled: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATAPARTNERSHIPS_COMPILED", compiled)
    rng = np.random.default_rng(1)
    inside, outside = (rng.integers(0, 2**64, 200_000, np.uint64) for _ in range(2))
    blocks, bits = bloom.sized(len(inside), wanted)
    bloom.add(blocks, bits, inside)
    assert bloom.seen(blocks, bits, inside).all()
    rate = bloom.rate(blocks, bits)
    spread = 4 * np.sqrt(rate / len(outside))
    assert bloom.seen(blocks, bits, outside).mean() == pytest.approx(rate, abs=spread)
    assert wanted * 0.9 < rate < wanted * 2.5


def test_both_ways_set_the_same_bits(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("numba")
    hashes = np.random.default_rng(2).integers(0, 2**64, 5000, np.uint64)
    made = []
    for way in "01":
        monkeypatch.setenv("DATAPARTNERSHIPS_COMPILED", way)
        blocks, bits = bloom.sized(3000, 0.002)
        bloom.add(blocks, bits, hashes[:3000])
        made.append((blocks, bloom.seen(blocks, bits, hashes)))
    assert np.array_equal(made[0][0], made[1][0])
    assert np.array_equal(made[0][1], made[1][1])


def test_what_is_no_reference_is_an_error(corpus: str, tmp_path: Path) -> None:
    step = t.EstimateNovelty(against=[corpus])  # nothing is opened yet
    with pytest.raises(ConfigurationError, match="build_reference"):
        step(batch("a b c"))
    with pytest.raises(ConfigurationError, match="no file"):
        t.EstimateNovelty(against=["none.bloom"])(batch("a b c"))
    short = tmp_path / "short.txt"
    short.write_text("three words only")
    with pytest.raises(ConfigurationError, match="no text of 8 words"):
        t.build_reference(str(short), str(tmp_path / "x.bloom"))
    made = [t.build_reference(corpus, str(tmp_path / f"{n}.bloom"), ngram=n) for n in (3, 4)]
    with pytest.raises(ConfigurationError, match=r"\[3, 4\] words"):
        t.EstimateNovelty(against=made)(batch("a b c"))


@pytest.mark.parametrize("wrong", [{"ngram": 0}, {"false_positive_rate": 0}, {"files": ()}])
def test_wrong_parameters(wrong: dict[str, Any], tmp_path: Path) -> None:
    with pytest.raises(InvalidParameter):
        t.build_reference(**{"files": "a.txt", "out": str(tmp_path / "x"), **wrong})
    with pytest.raises(InvalidParameter):
        t.EstimateNovelty(against=())
