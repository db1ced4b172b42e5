"""Passages that stand in other documents too."""

from __future__ import annotations

import json
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import datapartnerships as dp
from datapartnerships import readers, writers
from datapartnerships import transforms as t
from datapartnerships.config import from_plain, to_plain
from datapartnerships.errors import InvalidParameter
from datapartnerships.kernels.counts_on_disk import CountsOnDisk
from datapartnerships.kernels.cut_passages import cut, in_order, joined, measured
from datapartnerships.kernels.lines import span_hashes
from datapartnerships.schema import Document, Segment, documents_to_table

BANNER = (
    "The county archive welcomes readers on weekdays between nine and four, and asks them to wear "
    "no coats in the reading room."
)


def batch(*texts: Any) -> pa.Table:
    """A document for each text, or list of texts of its segments."""
    return documents_to_table(
        Document(
            id=f"document {number}",
            source="s",
            segments=[Segment(part) for part in ([text] if isinstance(text, str) else text)],
        )
        for number, text in enumerate(texts)
    )


def fitted(table: pa.Table, **settings: Any) -> pa.Table:
    fit = t.DeduplicatePassages(**settings)
    return fit.combine([fit.sketch([table])])(table)


def left(table: pa.Table) -> list[list[str]]:
    return [[part["text"] for part in row] for row in table["segments"].to_pylist()]


def test_the_first_document_keeps_a_paragraph_and_others_lose_it() -> None:
    own = [f"Letter {n} is about the well, and nothing else is in it." for n in range(3)]
    spoken = BANNER.upper().replace(",", " ;").replace(" ", "  \n", 3)
    table = batch(
        f"{own[0]}\n\n{BANNER}", [BANNER, own[1]], f"{spoken}\n\n\n{own[2]}\n\nShort end."
    )
    out = fitted(table)
    assert left(out) == [[f"{own[0]}\n\n{BANNER}"], ["", own[1]], [f"{own[2]}\n\nShort end."]]
    flags = [[part["flags"] for part in row] for row in out["segments"].to_pylist()]
    assert flags == [[None], [["duplicate"], None], [["duplicate"]]]
    share = out["duplicate_share"].to_pylist()
    assert share[0] == 0
    assert share[1] == pytest.approx(98 / 141, abs=0.02)
    none = left(fitted(table, keep="none"))
    assert none == [[own[0]], ["", own[1]], [f"{own[2]}\n\nShort end."]]


def test_what_a_document_says_again_and_again_stays_where_no_other_says_it() -> None:
    refrain = "And the river went on to the sea, to the sea, and it never once turned to look back."
    song = "\n\n".join(f"Stanza {n} of the song.\n\n{refrain}" for n in range(6))
    table = batch(song, f"{BANNER}\n\n{BANNER}\n\n" + song.replace("river", "road"), BANNER)
    out = fitted(table)
    assert left(out)[0] == [song]
    assert left(out)[1] == [table["segments"].to_pylist()[1][0]["text"]]
    assert out["drop_reason"].to_pylist()[2] == "DeduplicatePassages: stands in other documents"
    assert left(out)[2] == [BANNER]  # rejected, and as it was


@pytest.mark.parametrize("unit", ["line", "paragraph"])
def test_short_lines_and_rows_of_figures_stay(unit: str) -> None:
    table = "\n".join(" ".join(str(a * b) for b in range(1, 13)) for a in range(1, 13))
    letter = f"Dear Sir,\n\nNo. {{}}.\n\nYours sincerely,\nthe clerk\n\nJune 1871\n\n{table}"
    rows = batch(*(letter.format(n) for n in range(9)))
    assert fitted(rows, unit=unit)["segments"].equals(rows["segments"])


def test_lines_and_digits() -> None:
    first = "Printed by order of the house on the 3rd of May 1871 in 250 copies for the members."
    other = first.replace("3rd of May 1871", "9th of May 1874")
    table = batch(f"One.\n{first}\nTwo.", f"Three.\n{other}\nFour.", f"Five.\n{first}\nSix.")
    assert left(fitted(table, unit="line"))[1:] == [[f"Three.\n{other}\nFour."], ["Five.\nSix."]]
    table = batch(f"One.\n{first}\nTwo.", f"Three.\n{other.replace('9th', '9rd')}\nFour.")
    assert left(fitted(table, unit="line", ignore_digits=True))[1] == ["Three.\nFour."]


def test_letter_case_of_all_alphabets() -> None:
    line = "Οι αναγνώστες της βιβλιοθήκης außer den Gästen, ÞEIR SEM KOMA, и все остальные гости."
    assert fitted(batch("x", line, line.upper()))["drop_reason"].is_valid().to_pylist()[2]


def test_documents_and_thresholds() -> None:
    table = batch(*(f"{BANNER}\n\nNumber {n} of a row of letters." for n in range(3)))
    assert fitted(table, min_documents=4)["segments"].equals(table["segments"])
    assert fitted(table, min_words=40)["segments"].equals(table["segments"])
    assert fitted(table, min_characters=200)["segments"].equals(table["segments"])
    out = fitted(table, reject_share=0.5)
    assert out["drop_reason"].is_valid().to_pylist() == [False, True, True]
    assert out["segments"].equals(table["segments"])


def test_what_was_rejected_before_keeps_nothing() -> None:
    table = batch(BANNER, f"{BANNER}\n\nSomething else.")
    table = table.set_column(
        table.schema.get_field_index("drop_reason"),
        "drop_reason",
        pa.array(["FilterLength: too short", None]),
    )
    assert fitted(table)["segments"].equals(table["segments"])


def test_scripts_without_spaces() -> None:
    line = (
        "この図書館は平日の九時から四時まで開いており誰でも入ることができますのでお越しください。"
    )
    table = batch(f"一番。\n{line}", f"二番。\n{line}")
    assert left(fitted(table, unit="line"))[1] == ["二番。"]


@pytest.mark.parametrize(
    "wrong",
    [
        {"unit": "word"}, {"min_words": 0}, {"min_characters": -1}, {"min_documents": 1},
        {"keep": "longest"}, {"reject_share": 0}, {"reject_share": 1.1}, {"min_words": True},
    ],
)  # fmt: skip
def test_wrong_parameters(wrong: dict[str, Any]) -> None:
    with pytest.raises(InvalidParameter):
        t.DeduplicatePassages(**wrong)


def test_what_it_becomes_is_a_value() -> None:
    fit = t.DeduplicatePassages(keep="none")
    step = fit.combine([fit.sketch([batch(BANNER, BANNER)])])
    again = from_plain(to_plain(step), kind="transforms")
    assert again == step
    assert hash(again) == hash(step)
    assert step != t.DropPassages()


def test_a_run_gives_the_same_with_two_workers(tmp_path: Path) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    for number in range(4):
        rows = [{"text": f"Page {number} {n} of the book.\n\n{BANNER}"} for n in range(30)]
        text = "\n".join(json.dumps(row) for row in rows)
        (folder / f"{number}.jsonl").write_text(text)

    def run(workers: int) -> dp.Release:
        out = writers.ParquetWriter(str(tmp_path / f"out-{workers}"))
        reader = readers.JsonlReader(str(folder))
        return dp.run(dp.Pipeline(reader, [t.DeduplicatePassages()], out), workers=workers)

    one, two = run(1), run(2)
    assert one.manifest.to_json() == two.manifest.to_json()
    assert sum(BANNER in text for text in one.dataset["text"]) == 1
    assert one.dataset["text"][0].endswith(BANNER)
    assert one.report is not None
    assert "duplicate" in one.report.to_html()


# ------------------------------------------------------------------------------ kernels

TEXT = st.text(st.sampled_from("ab \n\r\t日.é1"), max_size=30)


@settings(deadline=None)
@given(st.lists(st.one_of(st.none(), TEXT), max_size=8), st.booleans())
def test_passages_joined_again_are_the_texts(texts: list[str | None], by_line: bool) -> None:
    array = pa.array(texts, pa.string())
    passages, edges = cut(array, by_line=by_line)
    whole = [text or "" for text in texts]
    parts = passages.to_pylist()
    assert ["".join(parts[a:b]) for a, b in pairwise(edges)] == whole
    again = joined(passages, edges, np.ones(len(passages), bool))
    assert again.to_pylist() == [text.rstrip() for text in whole]
    for part in parts:
        if by_line:
            assert "\n" not in part[:-1]
        else:  # no visible line behind a blank one
            lines = [bool(line.strip()) for line in part.split("\n")]
            blank = [n for n in range(1, len(lines)) if not lines[n] and any(lines[:n])]
            assert not blank or not any(lines[blank[0] :])


@settings(deadline=None)
@given(st.lists(st.lists(st.integers(0, 3), max_size=4), max_size=12))
def test_a_hash_says_which_words_in_which_order(rows: list[list[int]]) -> None:
    edges = np.concatenate([[0], np.cumsum([len(row) for row in rows])]).astype(np.int64)
    values = np.array([value for row in rows for value in row], np.uint64)
    at = 8 * np.arange(len(values))
    found = in_order(span_hashes(values.view(np.uint8), at, at + 8), edges)
    assert len(set(found.tolist())) == len({tuple(row) for row in rows})


def test_a_passage_without_an_end_is_left_alone() -> None:
    text = pa.array(["word " * 400_000, "word " * 20])
    found = measured(cut(text, by_line=False)[0])
    assert found.lettered.tolist() == [0, 20]


@settings(deadline=None)
@given(
    st.lists(st.lists(st.integers(0, 40), max_size=12, unique=True), max_size=30),
    st.integers(1, 50),
    st.integers(2, 4),
)
def test_counts_are_right_however_little_is_held(
    documents: list[list[int]], held: int, least: int
) -> None:
    spread = np.uint64(0x0617_0000_0000_0001)
    expected: dict[int, list[int]] = {}
    with CountsOnDisk(held) as counted:
        for number, keys in enumerate(documents):
            hashes = np.array(keys, np.uint64) * spread
            counted.add(hashes, np.full(len(keys), number, np.uint32))
            for key in hashes.tolist():
                expected.setdefault(key, []).append(number)
        found = np.concatenate(list(counted.several(least)))
    right = {key: rows for key, rows in sorted(expected.items()) if len(rows) >= least}
    assert found["key"].tolist() == list(right)
    assert found["first"].tolist() == [rows[0] for rows in right.values()]
    assert found["count"].tolist() == [len(rows) for rows in right.values()]


def test_a_corpus_of_copies_takes_no_more_than_one() -> None:
    with CountsOnDisk(1000) as counted:
        for number in range(50):
            keys = np.arange(500, dtype=np.uint64) << np.uint64(50)
            counted.add(keys, np.full(500, number, np.uint32))
        assert counted._folder is None
        [found] = counted.several(2)
    assert found["count"].tolist() == [50] * 500
    assert not found["first"].any()


def test_both_ways_give_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("numba")
    texts = [f"Nr. {n}: þetta er ekki eins.\n\n{BANNER}\n\nはい。" * (n % 3 + 1) for n in range(9)]
    table = batch(*texts, "gone wrong " * 90)
    made = []
    for way in "01":
        monkeypatch.setenv("DATAPARTNERSHIPS_COMPILED", way)
        fit = t.DeduplicatePassages()
        made.append((fit.sketch([table]), fitted(t.RemoveLoops()(table))))
    assert made[0][0].equals(made[1][0])
    assert made[0][1].equals(made[1][1])
    assert not made[0][1]["segments"].equals(table["segments"])
