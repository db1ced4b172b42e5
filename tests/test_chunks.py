"""Chunks: nothing is lost, nothing is too large, and cuts are where a reader would pause."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path
from typing import Any

import datasets
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import datapartnerships as dp
from datapartnerships import readers, transforms, writers
from datapartnerships.errors import InvalidParameter, PipelineError
from datapartnerships.kernels.segments import finished, join_text
from datapartnerships.kernels.words import words
from datapartnerships.schema import Document, Segment, documents_to_table
from datapartnerships.testing import sample_batch

SENTENCE = "The harbor was empty that winter. "


def batch(*documents: list[Segment] | str, kind: str = "text") -> pa.Table:
    rows = [
        Document(f"{i:032x}", "s", kind, [Segment(d)] if isinstance(d, str) else d)
        for i, d in enumerate(documents)
    ]
    return documents_to_table(rows)


def cut(table: pa.Table, **options: Any) -> list[dict[str, Any]]:
    found = list(writers.ChunkWriter("x", **options).cut(table))
    return [row for part in found for row in finished(part).to_pylist()]


def joined(rows: list[dict[str, Any]]) -> str:
    text = ""
    for row in rows:
        assert row["start"] >= len(text)
        text += "\n\n" if row["start"] > len(text) else ""
        assert row["start"] == len(text)
        text += row["text"]
        assert row["end"] == len(text)
    return text


def check(table: pa.Table, **options: Any) -> list[dict[str, Any]]:
    """Whatever the text is: nothing lost, nothing too large, all in order."""
    rows = cut(table, **options)
    by_parent: dict[str, list[dict[str, Any]]] = {}
    for row in rows:
        by_parent.setdefault(row["parent_id"], []).append(row)
    assert list(by_parent) == table["id"].to_pylist()
    texts = join_text(table).to_pylist()
    for parts, text, segments in zip(
        by_parent.values(), texts, table["segments"].to_pylist(), strict=True
    ):
        assert joined(parts) == text
        assert [part["position"] for part in parts] == list(range(len(parts)))
        for part in parts:
            if most := options.get("max_words"):
                assert len(words(pa.array([part["text"]])).starts) <= most
            else:
                assert len(part["text"]) <= options.get("max_characters", 4000)
        pieces = [segment for part in parts for segment in part["segments"]]
        # Every segment is there, in order, with its place.
        assert "".join(p["text"] or "" for p in pieces) == "".join(
            s["text"] or "" for s in segments
        )
        pages = [list(dict.fromkeys(p["page"] for p in some)) for some in (pieces, segments)]
        assert pages[0] == pages[1]
    assert len({row["id"] for row in rows}) == len(rows)
    return rows


TEXT = st.text(st.sampled_from('aB. \n!"e\u0301。字กั\u200d👩\t\r'), max_size=60)


@settings(max_examples=300, deadline=None)
@given(
    st.lists(st.lists(st.tuples(TEXT, st.sampled_from([None, "A", "A > B", "line 3"])), max_size=5),
             min_size=1, max_size=4),
    st.one_of(
        st.fixed_dictionaries({"max_characters": st.integers(1, 30)}),
        st.fixed_dictionaries({"max_words": st.integers(1, 9)}),
    ),
    st.sampled_from([0.0, 0.5, 1.0]),
    st.booleans(),
)  # fmt: skip
def test_nothing_is_lost_and_nothing_is_too_large(
    documents: list[list[tuple[str, str | None]]],
    size: dict[str, int],
    share: float,
    keep: bool,
) -> None:
    table = batch(
        *([Segment(text, ref=ref, page=n) for n, (text, ref) in enumerate(d)] for d in documents)
    )
    rows = check(table, **size, min_share=share, keep_sections=keep)
    # However the corpus is cut into batches.
    alone = [row for i in range(table.num_rows) for row in cut(table.slice(i, 1), **size,
             min_share=share, keep_sections=keep)]  # fmt: skip
    assert alone == rows


def test_cuts_are_before_headings_then_paragraphs_then_sentences() -> None:
    parts = [Segment(SENTENCE * 5, ref=ref) for ref in ("One", "One", "Two", "Two")]
    rows = check(batch(parts), max_characters=650)
    assert [[s["ref"] for s in row["segments"]] for row in rows] == [["One"] * 2, ["Two"] * 2]
    # Places are not headings: here the last paragraph that fits.
    parts = [Segment(SENTENCE * 5, ref=f"line {n}") for n in range(4)]
    assert [len(row["segments"]) for row in check(batch(parts), max_characters=650)] == [3, 1]
    text = f"{SENTENCE * 5}\n\n{SENTENCE * 4}And so on without end, and on and on and on and on."
    one, two, three = check(batch(text), max_characters=180)
    assert one["text"] == SENTENCE * 5 + "\n\n"
    assert two["text"] == SENTENCE * 4 and three["text"].startswith("And so on")


def test_sections_can_be_kept_apart() -> None:
    parts = [Segment("Short.", ref=ref) for ref in ("One", "One", "Two", "Two > A")]
    assert len(check(batch(parts))) == 1
    rows = check(batch(parts), keep_sections=True)
    assert [row["text"] for row in rows] == ["Short.\n\nShort.", "Short.", "Short."]


def test_abbreviations_lines_and_words() -> None:
    (first, _) = check(batch("It was no. 7 of the list (p. 12) as it was said"), max_characters=40)
    assert first["text"].endswith(" ") and first["text"].rstrip()[-1] != "."
    first, *_ = check(batch("a line of a poem\nand its second line goes on"), max_characters=30)
    assert first["text"] == "a line of a poem\n"
    one, _ = check(batch("這是第一句話。這是第二句話沒有結尾"), max_characters=12)
    assert one["text"] == "這是第一句話。"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Fundurinn var haldinn á bls. 3. Jón talaði lengi um höfnina. ", "Svo var slitið."),
        ("The will of J. R. Smith was read aloud in the hall. ", "Nobody came to hear it."),
        ("As Art. 5. Paragraph two has it, the harbor is free. ", "So it stayed for years."),
        ("Der 3. Oktober war ein Feiertag, sagte Dr. Anna Weber. ", "Alle gingen nach Hause."),
        ("Sous Louis XIV. Colbert fit construire ce port avec Mme. Roux. ", "Puis vint la paix."),
        ("Доклад прочёл проф. Иванов из дома на ул. Садовой. ", "Потом все ушли домой."),
        ("She came in 1999. ", "He had left on the day before, with all the others of them."),
        ("E\u0301. Zola wrote it. ", "Nobody read it for years, until it was found again."),
        ("Hann kom kl. 3. Þá var dimmt í húsinu og kalt. ", "Enginn beið hans þar lengur."),
        ("He asked for “J. Brown” and for nobody else there. ", "It was late. (It was dark.)"),
    ],
)
def test_a_sentence_goes_on_after_numbers_initials_and_what_is_shortened(
    one: str, other: str
) -> None:
    for size in (len(one), len(one) + 5):
        first, *_ = check(batch(one + other), max_characters=size, min_share=0.0)
        assert first["text"] == one
    # At the beginning of a text, and in one that comes after another.
    rows = check(batch(one + other, "J. R.", one + other), max_characters=len(one), min_share=0.0)
    assert [row["text"] for row in rows if row["position"] == 0] == [one, "J. R.", one]


def test_a_long_word_is_cut_and_its_letters_are_not() -> None:
    counts: Counter[str] = Counter()
    table = batch("x" * 95 + " e\u0301" * 3 + "e\u0301" * 50)
    list(writers.ChunkWriter("x", max_characters=10).cut(table, counts))
    assert counts["cuts inside a word"] > 9 and counts["documents cut"] == 1
    rows = check(table, max_characters=11)
    assert not any(row["text"].startswith("\u0301") for row in rows)
    family = "👩\u200d👩\u200d👧"
    assert all("\u200d" not in (r["text"][0], r["text"][-1])
               for r in check(batch(family * 9), max_characters=7))  # fmt: skip


def test_documents_without_text_stay() -> None:
    table = batch([], "", [Segment("", kind="frame"), Segment("A word.")])
    assert [row["text"] for row in cut(table, max_characters=10)] == ["", "", "A word."]
    empty = list(writers.ChunkWriter("x").cut(table.slice(0, 0)))
    assert [t.num_rows for t in empty] == [0] and "parent_id" in empty[0].column_names


@pytest.mark.parametrize("options", [{"max_characters": 20}, {"max_words": 3}])
def test_the_sample_of_surprises(options: dict[str, int]) -> None:
    check(sample_batch(), **options)


def test_places_columns_and_messages_are_kept() -> None:
    turns = [
        Segment(f"{SENTENCE * 3}", "turn", speaker=who, start_s=float(n), page=n,
                words=[{"start": 0, "end": 3, "start_s": 0.1, "end_s": 0.2, "confidence": 1.0}])
        for n, who in enumerate(["Anna", "Jon", "Anna"])
    ]  # fmt: skip
    table = batch(turns, kind="conversation")
    rows = check(table, max_characters=105)
    assert [row["messages"][0]["role"] for row in rows] == ["Anna", "Jon", "Anna"]
    assert [row["segments"][0]["start_s"] for row in rows] == [0.0, 1.0, 2.0]
    assert all(row["segments"][0]["words"] for row in rows)
    halves = check(table, max_characters=60)
    assert {row["segments"][0]["words"] is None for row in halves} == {True}
    assert halves[1]["segments"][0]["page"] == 0 and halves[1]["id"].endswith("-1")


def test_large_documents_and_many() -> None:
    text = "".join(f"{SENTENCE}{'' if n % 9 else chr(10) * 2}" for n in range(40_000))
    rows = check(batch(text, "Short.", text[:900_000]), max_characters=2000)
    sizes = [len(row["text"]) for row in rows if row["parent_id"].endswith("0")]
    assert all(1000 <= size <= 2000 for size in sizes[:-1])


def test_a_run_counts_its_chunks_and_loads(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    for n in range(12):
        (tmp_path / "in" / f"{n}.txt").write_text("\n\n".join([f"Part {n}. " + SENTENCE * 9] * 5))
    pipeline = dp.Pipeline(
        readers.TextReader(str(tmp_path / "in")),
        [transforms.Split(test=0.4)],
        writers.ChunkWriter(str(tmp_path / "out"), max_characters=700),
    )
    release = dp.run(pipeline, progress=False)
    counts = release.manifest.counts
    assert release.manifest.documents_out == counts["documents"] == counts["documents cut"] == 12
    loaded = datasets.load_dataset(str(tmp_path / "out"), cache_dir=str(tmp_path / "cache"))
    assert {n: rows.num_rows for n, rows in loaded.items()} == {
        n: rows.num_rows for n, rows in release.dataset.items()
    }
    rows = [row for split in loaded.values() for row in split]
    assert counts["rows"] == len(rows) > 24
    parents: dict[str, list[dict[str, Any]]] = {}
    for row in rows:
        parents.setdefault(row["parent_id"], []).append(row)
    for parts in parents.values():
        number = int(re.findall(r"\d+", parts[0]["provenance"]["uri"])[-1])
        assert joined(parts) == (tmp_path / "in" / f"{number}.txt").read_text()
        assert len({part["split"] for part in parts}) == 1
    assert dp.Pipeline.from_yaml(pipeline.to_yaml()) == pipeline


def test_spans_and_taken_names_are_refused() -> None:
    table = batch("Write to anna@example.org now.")
    found = transforms.DetectPii([dp.detectors.Contacts()])(table)
    with pytest.raises(PipelineError, match="Redact"):
        cut(found)
    with pytest.raises(PipelineError, match="position"):
        cut(table.append_column("position", pa.array([1])))


@pytest.mark.parametrize(
    "options",
    [{"max_characters": 0}, {"max_words": 2.5}, {"max_words": 1, "max_characters": 1},
     {"min_share": 1.5}, {"max_words": True}],
)  # fmt: skip
def test_impossible_sizes_are_refused(options: dict[str, Any]) -> None:
    with pytest.raises(InvalidParameter):
        writers.ChunkWriter("x", **options)
