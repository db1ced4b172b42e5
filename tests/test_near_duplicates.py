"""Near-duplicates: planted truth, bad corpora, the same on both paths and in every order."""

from __future__ import annotations

import itertools
import json
import random
import sys
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import datapartnerships as dp
from datapartnerships import readers, writers
from datapartnerships.errors import ConfigurationError, InvalidParameter, PipelineError
from datapartnerships.kernels import _compiled, clusters, minhash
from datapartnerships.kernels.clusters import Signed
from datapartnerships.kernels.minhash import banding, shingles, signatures, similarity
from datapartnerships.testing import check
from datapartnerships.transforms import Deduplicate, DropDuplicates

PATHS = ["numpy", *(["compiled"] if _compiled.available() else [])]
WORDS = [
    a + b + c for a in ("ba", "ke", "lo", "mi") for b in ("ru", "sy", "ta") for c in "nrskgdlm"
]


@pytest.fixture(params=PATHS)
def path(request, monkeypatch):
    monkeypatch.setenv("DATAPARTNERSHIPS_COMPILED", "1" if request.param == "compiled" else "0")


def prose(rng: random.Random, words: int) -> list[str]:
    return [rng.choice(WORDS) + rng.choice(WORDS) for _ in range(words)]


def changed(rng: random.Random, words: list[str], share: float) -> list[str]:
    return [rng.choice(WORDS) if rng.random() < share else word for word in words]


SEGMENT = pa.struct([("text", pa.string()), ("created", pa.string())])
METADATA = pa.list_(pa.struct([("key", pa.string()), ("value", pa.string())]))


def corpus(texts, ids=None, dates=None, **columns) -> pa.Table:
    return pa.table(
        {
            "id": ids or [f"{i:032x}" for i in range(len(texts))],
            "segments": pa.array([[{"text": text}] for text in texts], pa.list_(SEGMENT)),
            "metadata": pa.array(
                [
                    [{"key": "date", "value": date}] if date else []
                    for date in dates or [None] * len(texts)
                ],
                METADATA,
            ),
            "drop_reason": pa.nulls(len(texts), pa.string()),
            **columns,
        }
    )


def found(fit: Deduplicate, *tables: pa.Table) -> dict[str, str]:
    table = fit.combine([fit.sketch([table]) for table in tables]).duplicates
    rows = zip(table["id"].to_pylist(), table["of"].to_pylist(), strict=True)
    return {one: of for one, of in rows if of is not None}


def jaccard(one: str, other: str, size: int = 5) -> float:
    a, b = (
        {tuple(words[i : i + size]) for i in range(max(1, len(words) - size + 1))}
        for words in (one.split(), other.split())
    )
    return len(a & b) / len(a | b)


# ------------------------------------------------------------------------------ signatures


def test_shingles_are_runs_of_words(path):
    texts = pa.array(
        ["a b c d e f", "A, b; c. D e", "x y", "y x", "", "漢字仮名交り", None, "c d e f g"]
    )
    hashes, edges = shingles(texts, 5)
    rows = [hashes[a:b].tolist() for a, b in itertools.pairwise(edges)]
    assert [len(row) for row in rows] == [2, 1, 1, 1, 0, 2, 0, 1]
    assert rows[0][0] == rows[1][0]
    assert rows[2] != rows[3]
    assert len({h for row in rows for h in row}) == 7


@pytest.mark.skipif(len(PATHS) < 2, reason="numba is absent")
@settings(max_examples=40, deadline=None)
@given(st.lists(st.text(alphabet="ab é漢字ก.\n1'", max_size=400), max_size=8), st.integers(1, 6))
def test_both_paths_sign_alike(texts, size):
    column = pa.array(texts, pa.string())
    with pytest.MonkeyPatch.context() as patch:
        signed = []
        for on in "10":
            patch.setenv("DATAPARTNERSHIPS_COMPILED", on)
            signed.append(signatures(column, size, banding(0.8)))
    for one, other in zip(*signed, strict=True):
        assert (one == other).all()


@pytest.mark.parametrize("words", [3, 12, 60, 300, 3000])
def test_similarity_is_that_of_the_sets(path, words):
    rng = random.Random(words)
    pairs = [(base := prose(rng, words), changed(rng, base, share)) for share in
             (0, 0.005, 0.02, 0.05, 0.1) for _ in range(30)]  # fmt: skip
    one, other = (
        signatures(pa.array([" ".join(pair[side]) for pair in pairs]), 5, banding(0.8))[0]
        for side in (0, 1)
    )
    true = np.array([jaccard(" ".join(a), " ".join(b)) for a, b in pairs])
    error = similarity(one, other) - true
    assert np.abs(error).max() < 5 * 0.035
    assert abs(error.mean()) < 0.01
    assert (similarity(one, other)[:30] == 1).all()


@pytest.mark.parametrize("threshold", [0.5, 0.6, 0.7, 0.8, 0.85, 0.9, 0.95, 0.999])
def test_bands_find_99_of_100_at_the_threshold(threshold):
    bands = banding(threshold)
    assert 1 - (1 - threshold**bands.rows) ** bands.bands >= 0.99
    assert bands.bands * bands.rows <= minhash.CELLS
    if threshold >= 0.7:
        assert threshold - 0.08 < bands.accept < threshold


@pytest.mark.parametrize("threshold", [0.5, 0.55, 0.6, 0.7, 0.8])
def test_nothing_less_alike_than_a_half_is_removed(threshold):
    """Of pairs from .3 to .5, that is; and those that are more alike than .75 are all found."""
    rng = random.Random(1)
    bases = [prose(rng, 400) for _ in range(300)]
    copies = [changed(rng, base, rng.uniform(0.08, 0.12)) for base in bases]
    near = [changed(rng, base, 0.02) for base in bases[:50]]
    texts = [" ".join(words) for words in (*bases, *copies, *near)]
    low = [jaccard(texts[i], texts[300 + i]) for i in range(300)]
    assert sum(0.4 < value < 0.5 for value in low) > 50
    gone = found(Deduplicate(threshold=threshold), corpus(texts))
    similar = [jaccard(texts[int(one, 16)], texts[int(of, 16)]) for one, of in gone.items()]
    assert min(similar) >= 0.5
    high = [i for i in range(50) if jaccard(texts[i], texts[600 + i]) >= max(threshold, 0.75)]
    assert len(high) > 30
    assert sum(f"{600 + i:032x}" in gone for i in high) >= len(high) - 1


def test_a_huge_document_is_signed_by_parts(path, monkeypatch):
    rng = random.Random(3)
    text = " ".join(prose(rng, 30_000)) + "\n" + "漢字仮名交り文" * 3000
    again = "word " * 60_000
    letters = "ab" * 60_000
    short = "one two three" + " " * 300_000
    column = pa.array([text, again, letters, short, "." * 300_000, " " * 300_000])
    whole = signatures(column, 5, banding(0.8))
    monkeypatch.setattr(minhash, "PIECE_BYTES", 50_000)
    cut = [signatures(column.slice(i, 1), 5, banding(0.8)) for i in range(len(column))]
    for i, (rows, keys, there) in enumerate(cut):
        assert there[0] == whole[2][i]
        if i != 2:  # a word longer than a part is cut
            assert (rows[0] == whole[0][i]).all(), i
            assert (keys[0] == whole[1][i]).all()
    assert whole[2].tolist() == [True, True, True, True, True, False]


# ------------------------------------------------------------------------------- documents


def test_planted_copies_are_found_and_nothing_else(path):
    rng = random.Random(11)
    bases = [prose(rng, rng.randrange(150, 900)) for _ in range(250)]
    texts = [" ".join(base) for base in bases]
    for share in (0.002, 0.005, 0.01, 0.1, 0.3):
        texts += [" ".join(changed(rng, base, share)) for base in bases[:100]]
    texts += ["\n".join(base).upper() for base in bases[100:150]]
    gone = found(Deduplicate(threshold=0.8), corpus(texts))
    pairs = {int(one, 16): int(of, 16) for one, of in gone.items()}
    planted = {250 + 100 * k + i: i for k in range(5) for i in range(100)}
    planted |= {750 + i: 100 + i for i in range(50)}
    lower = [text.lower() for text in texts]
    similar = {copy: jaccard(lower[copy], lower[of]) for copy, of in planted.items()}
    high = [copy for copy, value in similar.items() if value >= 0.8]
    assert len(high) > 250
    assert sum(copy in pairs for copy in high) >= 0.99 * len(high)
    assert all(jaccard(lower[one], lower[of]) >= 0.65 for one, of in pairs.items())
    assert not pairs.keys() & set(pairs.values())


def test_what_is_removed_and_why(path):
    base = "the lighthouse keeper wrote down every ship that passed the northern cape in that year"
    texts = [base * 5, base.title() * 5, "something else " * 3, "", "!!!", "!!!", "ok", "ok", "no"]
    step = Deduplicate(threshold=0.8)
    out = step.combine([step.sketch([corpus(texts)])])(corpus(texts))
    zero = "0" * 32
    assert out["drop_reason"].to_pylist() == [
        None,
        f"Deduplicate: near duplicate (of {zero}; similarity 1.00)",
        None,
        None,
        None,
        f"Deduplicate: near duplicate (of {4:032x}; similarity 1.00)",
        None,
        f"Deduplicate: near duplicate (of {6:032x}; similarity 1.00)",
        None,
    ]
    assert out["duplicate_of"].to_pylist()[1] == zero
    clusters = out["duplicate_cluster"].to_pylist()
    assert clusters[0] == clusters[1] == zero
    assert [i for i, name in enumerate(clusters) if name is None] == [2, 3, 8]


def test_scripts_without_spaces(path):
    rng = random.Random(5)
    letters = [chr(0x4E00 + rng.randrange(3000)) for _ in range(600)]
    copy = letters[:]
    copy[300] = "一"
    other = [chr(0x4E00 + rng.randrange(3000)) for _ in range(600)]
    gone = found(Deduplicate(threshold=0.8), corpus(["".join(x) for x in (letters, other, copy)]))
    assert gone == {f"{2:032x}": "0" * 32}


def test_which_one_is_kept():
    rng = random.Random(8)
    base = prose(rng, 400)
    texts = [" ".join(base[:-cut] if cut else base) for cut in (9, 0, 5)]
    quality = pa.array([0.5, None, 0.9])
    table = corpus(texts, dates=["2004-05-01", "2004", "1999-12-31T10:00"], quality_prose=quality)

    def kept(keep, table):
        gone = found(Deduplicate(threshold=0.8, keep=keep), table)
        [of] = set(gone.values())
        assert len(gone) == 2
        return int(of, 16)

    for way in (table, table.take([2, 1, 0]), table.take([1, 2, 0])):
        assert kept("longest", way) == 1
        assert kept("oldest", way) == 2
        assert kept("quality_prose", way) == 2
        assert kept("first", way) == int(way["id"][0].as_py(), 16)
    assert Deduplicate(keep="quality_prose").requires >= {"quality_prose"}
    exact = corpus(["same", "same ", "s ame"], dates=[None, "2001", "1999"])
    assert set(found(Deduplicate(keep="oldest"), exact).values()) == {f"{2:032x}"}


def test_dates_of_segments_count():
    table = corpus(["one two three four five six"] * 3, dates=["2010", None, "about 1950"])
    days = ["2012-01-01T00:00:00Z", "2009-12-31", None]
    segments = [[{"text": "one two", "created": day}] for day in days]
    table = table.set_column(1, "segments", pa.array(segments, pa.list_(SEGMENT)))
    assert set(found(Deduplicate(threshold=0.9, keep="oldest"), table).values()) == {f"{1:032x}"}


def test_neither_cuts_nor_order_matter():
    rng = random.Random(21)
    texts = []
    for _ in range(40):
        base = prose(rng, rng.randrange(5, 300))
        texts += [" ".join(changed(rng, base, 0.01 * k)) for k in range(4)]
    table = corpus(texts)
    order = list(range(len(texts)))
    rng.shuffle(order)
    step = Deduplicate(threshold=0.7, keep="longest")
    at_once = step.combine([step.sketch([table])])
    pieces = [table.take(order).slice(i, 7) for i in range(0, len(texts), 7)]
    assert step.combine([step.sketch([piece]) for piece in pieces]) == at_once
    assert step.combine([step.sketch(pieces)]) == at_once
    assert at_once.duplicates.num_rows > 40


def test_a_chain_removes_only_what_is_like_a_kept_one():
    """Each text is like the next, and unlike those further on."""
    rng = random.Random(2)
    long = prose(rng, 4000)
    texts = [" ".join(long[i * 40 : i * 40 + 400]) for i in range(90)]
    gone = found(Deduplicate(threshold=0.7), corpus(texts))
    assert len(gone) > 30
    assert not gone.keys() & set(gone.values())
    for one, of in gone.items():
        assert jaccard(texts[int(one, 16)], texts[int(of, 16)]) > 0.6


@pytest.mark.parametrize(
    "fit", [Deduplicate(threshold=0.8), Deduplicate(threshold=0.8, keep="oldest")]
)
def test_contract(fit):
    check(fit)


def test_nothing_at_all():
    step = Deduplicate(threshold=0.8)
    none = corpus([])
    for sketches in ([], [step.sketch([])], [step.sketch([none])]):
        assert step.combine(sketches).duplicates.num_rows == 0
    assert found(step, corpus(["", " \n", ""])) == {}


def test_rejected_documents_are_no_keepers():
    table = corpus(["a b c d e f g"] * 3)
    table = table.set_column(3, "drop_reason", pa.array(["Other: no", None, None]))
    for step in (Deduplicate(), Deduplicate(threshold=0.8)):
        assert found(step, table) == {f"{2:032x}": f"{1:032x}"}


def test_a_shared_id_is_never_rejected_for_itself():
    table = corpus(["a b c d e f g"] * 2, ids=["same", "same"])
    for step in (Deduplicate(), Deduplicate(threshold=0.8)):
        assert found(step, table) == {}


@pytest.mark.parametrize(
    "wrong", [{"threshold": 0.3}, {"threshold": 80}, {"threshold": "0.8"}, {"shingle": 0},
              {"shingle": "5"}, {"keep": ""}, {"threshold": 1.0, "against": "x"},
              {"policy": "drop"}])  # fmt: skip
def test_wrong_settings_are_refused(wrong):
    with pytest.raises(InvalidParameter, match=next(iter(reversed(wrong)))):
        Deduplicate(**wrong)


def test_an_index_is_one_path_and_keep_a_column_of_numbers(tmp_path):
    with pytest.raises(InvalidParameter, match="one index, of all releases"):
        Deduplicate(threshold=0.8, against=("first.arrow", "second.arrow"))
    with pytest.raises(InvalidParameter, match=r"'batches'.*with_format\(\"arrow\"\)"):
        Deduplicate(threshold=0.8).index([{"text": ["a b c"]}], tmp_path)
    path = Deduplicate(threshold=0.8).index([corpus(["a b c"])], tmp_path)
    assert Deduplicate(threshold=0.8, against=Path(path)) == Deduplicate(
        threshold=0.8, against=path
    )
    with pytest.raises(PipelineError, match=r"keep='segments'.*no numbers.*@dp.document"):
        Deduplicate(threshold=0.8, keep="segments").sketch([corpus(["a b c"])])


# -------------------------------------------------------------------------------- large ones


def _added(signed: Signed, rows, keys, at=0):
    ids = pa.array([str(at + i) for i in range(len(rows))])
    signed.add(ids, np.zeros(len(rows)), rows, keys)


def test_a_corpus_of_one_text_takes_no_comparison_at_all(monkeypatch):
    bands, size, sorted_ = banding(0.8), 20_000, []
    lead = clusters._Search._lead
    monkeypatch.setattr(
        clusters._Search, "_lead",
        lambda self, rows, *rest: sorted_.append(len(rows)) or lead(self, rows, *rest),
    )  # fmt: skip
    with Signed(bands.bands) as signed:
        _added(signed, np.full((size, 128), 7, np.uint8), np.full((size, 20), 7, np.uint32))
        groups = signed.groups(bands.accept)
        assert (groups.rows != groups.kept).sum() == size - 1
        assert len(set(groups.kept)) == len(set(groups.first)) == 1
        assert (groups.similarity == 1).all()
    assert signed.compared == 0
    assert sum(sorted_) == 0


def test_a_corpus_of_nearly_one_text_makes_no_square():
    bands, rng, counts = banding(0.8), np.random.default_rng(0), []
    for size in (1000, 20_000):
        rows = np.full((size, 128), 7, np.uint8)
        rows[np.arange(size), rng.integers(0, 128, size)] = rng.integers(0, 256, size)
        keys = np.full((size, 20), 7, np.uint32)
        with Signed(bands.bands) as signed:
            _added(signed, rows, keys)
            groups = signed.groups(bands.accept)
            assert (groups.rows != groups.kept).sum() == size - 1
            counts.append(signed.compared / size)
    assert max(counts) <= 3


def test_identical_texts_go_with_the_best_of_what_they_are_like():
    """A better text that is nearly the same takes them all; released ones stay, each of them."""
    base = np.random.default_rng(0).integers(0, 256, 128, np.uint8)
    rows = np.tile(base, (6, 1))
    rows[3, :6] ^= 255  # twelve cells at most: another text, the best one
    rows[5] = ~base
    keys = np.tile(np.arange(20, dtype=np.uint32), (6, 1))
    for ranks, gone in (
        ([1, 1, 1, 0, 1, 1], {0: 3, 1: 3, 2: 3, 4: 3}),
        ([-np.inf, -np.inf, 1, 0, 1, 1], {2: 0, 3: 0, 4: 0}),
    ):
        with Signed(20) as signed:
            signed.add(pa.array("abcdef"), ranks, rows, keys)
            groups = signed.groups(banding(0.8).accept, by_id=False)
            assert signed.compared <= 4 * 20
        pairs = zip(groups.rows.tolist(), groups.kept.tolist(), strict=True)
        assert {one: of for one, of in pairs if one != of} == gone
        exact = similarity(rows[groups.rows], rows[groups.kept])
        assert np.allclose(groups.similarity, exact)


def test_texts_of_one_hash_and_other_signatures_are_told_apart(monkeypatch):
    def digests(signatures):
        return np.zeros(len(signatures), np.uint64), halves(signatures)[1]

    halves = clusters._digests
    monkeypatch.setattr(clusters, "_digests", digests)
    rng = np.random.default_rng(0)
    rows = rng.integers(0, 256, (5, 128), np.uint8)
    rows[4] = rows[0]
    with Signed(20) as signed:
        _added(signed, rows, rng.integers(0, 1 << 32, (5, 20), np.uint32))
        groups = signed.groups(0.74, by_id=False)
    assert groups.rows.tolist() == [0, 4]
    assert groups.kept.tolist() == [0, 0]


def test_a_huge_text_is_digested_by_parts(monkeypatch):
    from datapartnerships.kernels import digests

    table = corpus(["one  two" * 50, "one two" * 50, "one two" * 49, " " * 300])
    for step in (Deduplicate(), Deduplicate(ignore_whitespace=False)):
        whole = step.sketch([table])
        with monkeypatch.context() as patch:
            patch.setattr(digests, "PIECE_BYTES", 7)
            assert step.sketch([table]) == whole


def test_keys_that_collide_make_no_square():
    """All texts share all keys and none is like another: an attack on the buckets."""
    bands, rng = banding(0.8), np.random.default_rng(0)
    counts = []
    for size in (500, 10_000):
        with Signed(bands.bands) as signed:
            rows = rng.integers(0, 256, (size, 128), np.uint8)
            _added(signed, rows, np.full((size, 20), 7, np.uint32))
            groups = signed.groups(bands.accept)
            assert len(groups.rows) == 0
            counts.append(signed.compared / size)
    assert max(counts) <= 8 * bands.bands
    assert counts[1] < counts[0] * 1.1


def test_a_long_chain_makes_no_square():
    """Signatures each like the next only, ordered so that each hangs on the one before."""
    bands, rng = banding(0.8), np.random.default_rng(0)
    counts = []
    for size in (400, 4000):
        rows = np.empty((size, 128), np.uint8)
        rows[0] = rng.integers(0, 256, 128)
        for i in range(1, size):
            rows[i] = rows[i - 1]
            start = i * 26 % 128
            rows[i, np.arange(start, start + 26) % 128] = rng.integers(0, 256, 26)
        # The first band joins 2k and 2k + 1, the second 2k + 1 and 2k + 2.
        keys = rng.integers(0, 1 << 32, (size, 20), dtype=np.uint32)
        keys[:, 0] = np.arange(size) // 2
        keys[:, 1] = (np.arange(size) + 1) // 2
        with Signed(bands.bands) as signed:
            _added(signed, rows, keys)
            groups = signed.groups(bands.accept, by_id=False)
            counts.append(signed.compared / size)
        gone = groups.rows != groups.kept
        assert gone.sum() > size / 3
        assert not set(groups.rows[gone]) & set(groups.kept[gone])
        assert (similarity(rows[groups.rows[gone]], rows[groups.kept[gone]]) >= bands.accept).all()
        assert set(groups.first) == {0}
    assert counts[1] < 60


def test_one_word_again_and_again(path):
    step = Deduplicate(threshold=0.8)
    table = corpus(["word " * 200_000, "word " * 100_000, "word other " * 50_000])
    assert found(step, table) == {f"{1:032x}": "0" * 32}


def test_a_batch_does_not_go_through_the_whole_list(monkeypatch):
    size = 50_000
    ids = pa.array([f"{i:032x}" for i in range(size)])
    step = DropDuplicates(duplicates=pa.table({"id": ids, "of": ["x"] * size}))
    taken = []
    from datapartnerships.transforms import drop_duplicates

    hashes = drop_duplicates.hashes
    monkeypatch.setattr(
        drop_duplicates, "hashes", lambda texts: taken.append(len(texts)) or hashes(texts)
    )
    monkeypatch.setattr(pc, "index_in", None)
    out = step(corpus(["a", "b"], ids=["nobody", f"{77:032x}"]))
    assert out["duplicate_of"].to_pylist() == [None, "x"]
    assert taken == [2]


def test_ids_whose_hashes_are_one_are_told_apart(monkeypatch):
    from datapartnerships.transforms import drop_duplicates

    monkeypatch.setattr(drop_duplicates, "hashes", lambda texts: np.zeros(len(texts), np.uint64))
    step = DropDuplicates(duplicates=pa.table({"id": ["a", "b"], "of": ["x", "y"]}))
    out = step(corpus(["1", "2", "3"], ids=["b", "c", "a"]))
    assert out["duplicate_of"].to_pylist() == ["y", None, "x"]


# -------------------------------------------------------------------------------- increments


def test_new_documents_against_released_ones(tmp_path):
    rng = random.Random(4)
    base = prose(rng, 300)
    released = corpus([" ".join(base), " ".join(prose(rng, 300))], ids=["r1", "r2"])
    step = Deduplicate(threshold=0.8, keep="longest")
    index = step.index([released], str(tmp_path / "index"))
    new = corpus([" ".join([*base, "more"]), " ".join(prose(rng, 300))], ids=["n1", "n2"])
    later = Deduplicate(threshold=0.8, keep="longest", against=index)
    assert found(step, new) == {}
    assert found(later, new) == {"n1": "r1"}
    # All that is released stays, also what is like something else that is released.
    middle = corpus(
        [" ".join(base[30:]), " ".join(base), " ".join(base[:-30])], ids=["a", "b", "c"]
    )
    chained = Deduplicate(
        threshold=0.8, against=step.index([middle, released], str(tmp_path / "index"))
    )
    late = corpus([" ".join(base[30:])[:-60], " ".join(base[:-33])], ids=["n3", "n4"])
    assert found(chained, late).keys() == {"n3", "n4"}
    # What was released and comes again is kept: it is the same document.
    assert found(later, released) == {}
    other = step.index([new], str(tmp_path / "index"))
    assert other != index
    assert step.index([new], str(tmp_path / "index")) == other
    with open(index, "ab") as stream:
        stream.write(b"x")
    with pytest.raises(ConfigurationError, match="digest"):
        found(later, new)


def test_an_index_is_looked_at_before_the_run(tmp_path, monkeypatch):
    """Not after the first pass over the deposit, which may have taken a day."""
    index = Deduplicate(threshold=0.8).index([corpus(["a b c d e f g"])], str(tmp_path / "index"))
    (tmp_path / "in.jsonl").write_text('{"text": "a b c d e f g"}')
    reader = readers.JsonlReader(str(tmp_path / "in.jsonl"))

    def run(path, **settings):
        step = Deduplicate(**{"threshold": 0.8, **settings}, against=str(path))
        dp.run(dp.Pipeline(reader, [step], writers.ParquetWriter(str(tmp_path / "out"))))

    def sketch(self, batches):
        raise AssertionError("the first pass began")

    monkeypatch.setattr(Deduplicate, "sketch", sketch)

    with pytest.raises(ConfigurationError, match="There is no index"):
        run(tmp_path / "none.arrow")
    with pytest.raises(ConfigurationError, match="There is no index"):
        run(tmp_path / "index")
    with pytest.raises(ConfigurationError, match="not what Deduplicate"):
        run(tmp_path / "in.jsonl")
    with pytest.raises(ConfigurationError, match=r"with threshold 0\.8,.*has threshold 0\.81,"):
        run(index, threshold=0.81)
    with pytest.raises(ConfigurationError, match=r"shingle 5.*shingle 3"):
        run(index, shingle=3)
    was = Deduplicate.version
    monkeypatch.setattr(Deduplicate, "version", was + 1)
    with pytest.raises(ConfigurationError, match=f"version {was}, .*version {was + 1}"):
        run(index)


def test_a_run_gives_the_same_bytes_with_one_and_two_workers(tmp_path):
    rng = random.Random(6)
    deposit = tmp_path / "in"
    deposit.mkdir()
    bases = [prose(rng, 120) for _ in range(30)]
    for shard in range(4):
        texts = [" ".join(changed(rng, base, 0.004)) for base in bases]
        lines = "\n".join(json.dumps({"text": text}) for text in texts)
        (deposit / f"{shard}.jsonl").write_text(lines)
    files = []
    for workers in (1, 2):
        out = tmp_path / f"out-{workers}"
        pipeline = dp.Pipeline(
            readers.JsonlReader(str(deposit)),
            [Deduplicate(threshold=0.7, keep="longest")],
            writers.ParquetWriter(str(out)),
        )
        release = dp.run(pipeline, workers=workers)
        paths = sorted(path for path in out.rglob("*") if path.suffix in (".parquet", ".json"))
        files.append([(path.name, path.read_bytes()) for path in paths])
    assert files[0] == files[1]
    assert len(release.dataset) == 30
    assert release.manifest.rejected == {"Deduplicate: near duplicate": 90}
    clusters = release.dataset["duplicate_cluster"][:]
    assert clusters == release.dataset["id"][:]


def test_an_index_in_memory_store():
    step = Deduplicate(threshold=0.8)
    table = corpus(["a b c d e f g"])
    index = step.index([table], "memory://near/index")
    assert index.startswith("memory://near/index/duplicates-")
    again = corpus(["a b c d e f g"], ids=["new"])
    assert found(Deduplicate(threshold=0.8, against=index), again) == {"new": "0" * 32}


def test_building_one_loads_nothing_heavy():
    import subprocess

    code = (
        "import sys; from datapartnerships.transforms import Deduplicate as D; D(threshold=.8);"
        "print([m for m in ('numba', 'pandas', 'fsspec.implementations.http') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_words_in_another_order_are_another_shingle(path: str) -> None:
    import pyarrow as pa

    from datapartnerships.kernels.minhash import shingles

    orders = ["a b b a", "b a a b", "a a b b", "b b a a", "a b a b", "b a b a"]
    found, _ = shingles(pa.array(orders), 4)
    assert len(set(found.tolist())) == len(orders)
