"""Estimated character error rates: of texts damaged here, and where nothing is said."""

from __future__ import annotations

import random
import tracemalloc
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

import datapartnerships as dp
from datapartnerships import readers, transforms, writers
from datapartnerships.errors import InvalidParameter
from datapartnerships.kernels import error_rate, misreading
from datapartnerships.schema import Document, Segment, documents_to_table

_WORDS = """
    harbour keeper lantern winter letter captain morning island weather pilot anchor stranger
    promise village widow ledger market northern journey timber barrel salted herring chapel bell
    garden silver candle window shutter kitchen mother brother cousin doctor teacher summer autumn
    quarrel peace bread butter honey kettle blanket saddle pasture meadow shepherd
""".split()  # noqa: SIM905
_SMALL = """
    the of and a to in was that his it with as had for at by on not but from were she
""".split()  # noqa: SIM905


def _clean(number: int, words: int = 350) -> str:
    chance = random.Random(number)
    pairs = ((chance.choice(_SMALL), chance.choice(_WORDS)) for _ in range(words // 2))
    return " ".join(word for pair in pairs for word in pair)


def _damaged(text: str, share: float, seed: int) -> str:
    chance = random.Random(seed)
    letters = "abcdefghijklmnopqrstuvwxyz"
    return "".join(
        chance.choice(letters) if c != " " and chance.random() < share else c for c in text
    )


def _book(texts: Sequence[str], language: str | None = "en", **more: Any) -> Document:
    segments = [
        Segment(part, page=number, language=language, **more)
        for number, text in enumerate(texts, 1)
        for part in (text[:900], text[900:])
    ]
    return Document("book", "deposit", "document", segments)


def _scored(*documents: Document, **options: Any) -> pa.Table:
    batch = documents_to_table(documents)
    fit = transforms.EstimateQuality(**options)
    return fit.combine([fit.sketch([batch])])(batch)


def test_pages_come_in_the_order_of_their_damage() -> None:
    shares = [0.0, 0.0, 0.0, 0.0, 0.005, 0.01, 0.02, 0.04] * 12
    texts = [_damaged(_clean(i), share, i) for i, share in enumerate(shares)]
    pages = _scored(_book(texts))["cer_pages"][0].as_py()
    assert [page["page"] for page in pages] == list(range(1, len(texts) + 1))
    assert [page["segment"] for page in pages] == list(range(0, 2 * len(texts), 2))
    found = np.array([page["cer"] for page in pages])
    # One letter in 26 is exchanged for itself.
    true = np.array(shares) * 25 / 26 * 0.83
    assert np.median(np.abs(found - true)) < 0.015
    by_share = [found[np.array(shares) == share].mean() for share in sorted(set(shares))]
    assert by_share == sorted(by_share)
    assert all(page["low"] <= page["cer"] <= page["high"] for page in pages)


def test_document_is_the_mean_of_its_pages_and_segments_have_scores() -> None:
    texts = [_damaged(_clean(i), 0.03 if i == 5 else 0.0, i) for i in range(60)]
    out = _scored(_book(texts))
    pages = out["cer_pages"][0].as_py()
    weights = [len(text) + 1 for text in texts]
    mean = np.average([page["cer"] for page in pages], weights=weights)
    assert out["cer_estimate"][0].as_py() == pytest.approx(mean, abs=1e-3)
    scores = out["quality_segments"][0].as_py()
    assert len(scores) == 120
    assert {int(i) for i in np.argsort(scores)[:2]} == {10, 11}


@pytest.mark.parametrize(
    ("document", "why"),
    [
        (_book([_clean(i) for i in range(5)]), "too few pages to compare with"),
        (_book([_clean(i, 40) for i in range(60)]), "too short"),
        (_book(["水" * 900 for i in range(60)]), "not in a script that is served"),
        (Document("talk", "s", "audio", [Segment(_clean(1), kind="utterance")] * 60), "sound"),
        (Document("none", "s", "text", []), "nothing"),
    ],
)
def test_nothing_is_said_where_nothing_is_known(document: Document, why: str) -> None:
    out = _scored(document)
    assert out["cer_estimate"][0].as_py() is None, why
    assert all(page["cer"] is None for page in out["cer_pages"][0].as_py())
    assert all(score is None for score in out["quality_segments"][0].as_py())
    assert len(out["quality_segments"][0]) == len(document.segments)


def test_another_language_is_not_compared_with_this_one() -> None:
    known = _book([_clean(i) for i in range(60)])
    other = _book([_clean(i) for i in range(60, 63)], language="is")
    other.id = "other"
    out = _scored(known, other)
    assert out["cer_estimate"][0].as_py() is not None
    assert out["cer_estimate"][1].as_py() is None


def test_what_no_page_can_be_read_of_is_past_the_table() -> None:
    texts = [_clean(i) for i in range(60)] + [_damaged(_clean(99), 0.95, 1)]
    page = _scored(_book(texts))["cer_pages"][0].as_py()[-1]
    assert page["cer"] is None
    assert page["high"] is None
    assert page["low"] > 0.05


def test_the_engine_is_heard_where_it_is_known() -> None:
    texts = [_clean(i) for i in range(60)]
    sure = _book(texts, confidence=0.95, origin="ocr tesseract 5.5: no text layer")
    sure.segments[10].confidence = sure.segments[11].confidence = 0.5
    pages = _scored(sure)["cer_pages"][0].as_py()
    assert max(pages, key=lambda page: page["cer"])["page"] == 6
    other = _book(texts, confidence=0.95, origin="ocr somebody 1.0: ?")
    other.segments[10].confidence = other.segments[11].confidence = 0.5
    plain = _scored(_book(texts))
    assert _scored(other)["cer_pages"].equals(plain["cer_pages"])


def test_the_sample_is_bounded_and_of_the_whole_deposit() -> None:
    documents = []
    for number in range(50):
        documents.append(_book([_clean(number)]))
        documents[-1].id = f"book {number}"
    batch = documents_to_table(documents)
    fit = transforms.EstimateQuality(sample_pages=7)
    parts = [fit.sketch([batch.slice(i, 10)]) for i in range(0, 50, 10)]
    assert [part.num_rows for part in parts] == [7] * 5
    assert fit.combine(parts) == fit.combine([fit.sketch([batch])])
    assert fit.combine(parts).learned[6].num_rows <= 7


@pytest.mark.parametrize(
    ("text", "edits"),
    [
        ("the captain of the village", 0),
        ("the captoin of the village", 1),
        ("the captin of the village", 1),
        ("the captaiin of the village", 1),
        ("the captiain of the villlage", 2),
        ("the catpain of the village", 1),
        ("the xaptain of the villoge", 2),
        ("the captain of the vilage xillage", 2),
        ("the Captoin of the village", 0),  # a name
        ("the captoin and captoin of the village", 0),  # twice on the page
        ("the cap;tain of the village", 1),
        ("the captain not;was of the cap;tain", 2),
        ("the captain; of the village", 0),
        ("the captain;Of the village", 0),
    ],
)
def test_every_kind_of_error_counts_as_one(text: str, edits: int) -> None:
    texts = [_clean(i) for i in range(40)]
    known = misreading.learn(pa.array(texts), np.ones(40, np.int64))
    counted = misreading.counts(pa.array([text]), known, np.zeros(1, int))
    assert counted[0, misreading.COUNTS.index("edits")] == edits


def test_lost_accents_count_in_words_that_are_known_too() -> None:
    right = [_clean(i).replace("other", "öther") for i in range(40)]
    texts = [*right, *[_clean(i) for i in range(3)]]  # "mother" is known by now
    known = misreading.learn(pa.array(texts), np.ones(43, np.int64))
    read = ["she mother by brother the", "she möther by bröther the", "she Mother by bell the"]
    found = misreading.counts(pa.array(read), known, np.zeros(3, int))
    assert found[:, misreading.COUNTS.index("edits")].tolist() == [2, 0, 0]


def test_texts_are_counted_alone() -> None:
    texts = [_clean(i) for i in range(40)]
    known = misreading.learn(pa.array(texts), np.ones(40, np.int64))
    read = ["the captain", "/b^ell of the vil/lage", "^bell", "captain;"]
    both = misreading.counts(pa.array(read), known, np.zeros(4, int))
    alone = [misreading.counts(pa.array([text]), known, np.zeros(1, int))[0] for text in read]
    assert both.tolist() == np.array(alone).tolist()


def test_pieces_do_not_matter(monkeypatch: pytest.MonkeyPatch) -> None:
    pages = [_damaged(_clean(i), [0.0, 0.02, 0.3][i % 3], i) for i in range(60)]
    batch = documents_to_table([_book([*pages, "", "ein für alle " * 90])])
    fit = transforms.EstimateQuality()
    sketch = fit.sketch([batch])
    whole = fit.combine([sketch])
    scored = whole(batch)
    monkeypatch.setattr(misreading, "PIECE", 5000)
    monkeypatch.setattr(misreading, "_WORDS", 7)
    assert fit.combine([sketch]) == whole
    assert whole(batch).equals(scored)


def test_what_is_held_hardly_grows_with_the_sample(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(misreading, "PIECE", 20_000)
    pages = [_clean(i) for i in range(240)]

    def peak(texts: list[str]) -> int:
        count = len(texts)
        given = pa.array(texts), np.zeros(count, np.int64), np.full(count, np.nan)
        tracemalloc.start()
        error_rate.best(*given)
        most = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return most

    peak(pages[:10])  # what is loaded once
    more = sum(map(len, pages[40:]))
    assert peak(pages) - peak(pages[:40]) < 2 * more  # more than 50 times, were all held at once


def test_a_part_behind_what_is_looked_at_takes_nothing_from_the_next_page() -> None:
    found = misreading.traces(pa.array(["abcd", "efg"]))
    parts = found.parts(np.array([0, 0, 0, 1, 1]), np.array([0, 2, 5, 0, 1]))
    assert parts.tolist() == [0, 0, 1, 1, 3, 4, 4]


def test_places_beside_each_other_are_one_error() -> None:
    places = np.array([True, True, False, True, True, True, False, False, True])
    assert np.flatnonzero(misreading._apart(places)).tolist() == [0, 3, 5, 8]
    assert misreading._apart(np.zeros(0, bool)).tolist() == []


def test_bad_options() -> None:
    with pytest.raises(InvalidParameter, match="min_pages"):
        transforms.EstimateQuality(min_pages=0)
    with pytest.raises(InvalidParameter, match="min_characters"):
        transforms.EstimateQuality(min_characters=10)


def test_the_report_names_the_worst_pages_first(tmp_path: Path) -> None:
    deposit = tmp_path / "deposit"
    deposit.mkdir()
    for number in range(40):
        text = _damaged(_clean(number), 0.12 if number == 7 else 0.0, 1)
        (deposit / f"letter-{number:02d}.txt").write_text(text)
    pipeline = dp.Pipeline(
        reader=readers.FolderReader(str(deposit)),
        transforms=[transforms.EstimateQuality()],
        writer=writers.ParquetWriter(str(tmp_path / "out")),
    )
    release = dp.run(pipeline)
    worst = release.report.tally.worst
    assert len(worst) == 20
    assert worst[0].uri.endswith("letter-07.txt")
    assert "The worst pages" in release.report.to_html()


def test_a_dataset_that_was_written_has_no_reasons_and_is_learned_from() -> None:
    table = documents_to_table([_book([_clean(number) for number in range(30)])])
    step = transforms.EstimateQuality()
    written = table.drop_columns(["drop_reason"])
    assert step.sketch([written])["key"].equals(step.sketch([table])["key"])
