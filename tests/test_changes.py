"""What steps change is kept where a run is asked to, and can be undone."""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

import datapartnerships as dp
from datapartnerships import detectors, readers, transforms, writers
from datapartnerships.changes import noted
from datapartnerships.errors import ConfigurationError, OutputError
from datapartnerships.kernels import edits as edits_
from datapartnerships.kernels.edits import edits, undone
from datapartnerships.schema import Document, Segment, documents_to_table

SAID = """{} had storms, and the har-
bour was closed to every boat that
had no lamp. Ida, ida@example.org,
wrote in {} what her father had
heard of it.
"""
MONTHS = ("January", "February", "March", "April", "May", "June", "July", "August", "October")
STEPS = (
    transforms.RemoveRunningHeads(),
    transforms.JoinHyphenation(),
    transforms.ReflowLines(),
    transforms.FilterLength(min_characters=40),
)


@pytest.fixture
def deposit(tmp_path: Path) -> Path:
    folder = tmp_path / "deposit"
    folder.mkdir()
    heads = ("{}   THE LOG OF THE LIGHTHOUSE\n", "A TALE OF TWO LAMPS   {}\n")
    for name, head in zip("ab", heads, strict=True):
        pages = [head.format(n) + SAID.format(m, m) for n, m in enumerate(MONTHS, 8)]
        (folder / f"{name}.txt").write_text("\f".join(pages))
    (folder / "c.txt").write_text("A short har-\nbour.")
    return folder


def pipeline(deposit: Path, out: Path, *steps: Any) -> dp.Pipeline:
    reader = readers.TextReader(str(deposit), source="deposit")
    return dp.Pipeline(reader, steps, writers.ParquetWriter(str(out)))


def texts_of(release: dp.Release) -> dict[str, list[str]]:
    rows = release.dataset
    return {row["id"]: [segment["text"] for segment in row["segments"]] for row in rows}


def test_every_step_can_be_undone(deposit, tmp_path):
    read = texts_of(dp.run(pipeline(deposit, tmp_path / "read")))
    release = dp.run(pipeline(deposit, tmp_path / "out", *STEPS), keep_changes=True)
    made = release.changes.to_list()
    assert {row["step"] for row in made} == {
        "RemoveRunningHeads", "JoinHyphenation", "ReflowLines",
    }  # fmt: skip
    assert any("THE LOG OF THE LIGHTHOUSE" in row["removed"] for row in made)
    for name, texts in texts_of(release).items():
        mine = [row for row in made if row["id"] == name]
        assert dp.undo_changes(texts, mine) == read[name] != texts
        last = [row for row in mine if row["step"] == "ReflowLines"]
        (reflowed,) = dp.undo_changes(texts, last)
        assert "har-\nbour" not in reflowed and reflowed.count("\n") > texts[0].count("\n")
    # A rejected row has its own, beside its text.
    (gone,) = release.rejected
    assert dp.undo_changes([gone["text"]], gone["changes"]) == ["A short har-\nbour."]
    assert "changes" not in release.dataset.column_names
    page = (tmp_path / "out/report.html").read_text()
    assert "Changes of texts, kept beside the output" in page


def test_the_same_with_two_workers_and_nothing_unless_asked(deposit, tmp_path):
    def files(name: str, **given: Any) -> dict[str, bytes]:
        dp.run(pipeline(deposit, tmp_path / name, *STEPS), **given)
        return {str(p.relative_to(tmp_path / name)): p.read_bytes()
                for p in (tmp_path / name).rglob("*.parquet")}  # fmt: skip

    alone = files("alone", keep_changes=True)
    assert any(name.startswith("changes/") for name in alone)
    assert files("two", keep_changes=True, workers=2) == alone
    plain = files("plain")
    assert not any(name.startswith("changes/") for name in plain)
    assert {n: b for n, b in plain.items() if n.startswith("data/")} == {
        n: b for n, b in alone.items() if n.startswith("data/")
    }
    assert len(dp.Release.open(str(tmp_path / "plain")).changes) == 0
    with pytest.raises(OutputError, match="another recipe"):
        files("plain", keep_changes=True)


def test_what_is_personal_is_not_written(deposit, tmp_path):
    steps = (transforms.DetectPii([detectors.Contacts()]), transforms.Redact())
    release = dp.run(pipeline(deposit, tmp_path / "out", *STEPS, *steps), keep_changes=True)
    assert "[EMAIL]" in release.dataset["text"][0]
    assert "Redact" not in release.changes["step"]
    told = json.dumps(release.changes.to_list())
    assert "THE LOG" in told
    assert "ida@" not in told and "[EMAIL]" not in told


@dp.document(provides={"changes": "string"})
def revised(document: Any) -> Any:
    return {"changes": "revised twice"}


def test_a_column_of_this_name_is_its_makers(deposit, tmp_path):
    release = dp.run(pipeline(deposit, tmp_path / "out", revised))
    assert set(release.dataset["changes"]) == {"revised twice"} and not len(release.changes)
    with pytest.raises(ConfigurationError, match="revised makes a column 'changes'"):
        dp.run(pipeline(deposit, tmp_path / "other", revised), keep_changes=True)


def test_segments_that_become_fewer_and_steps_that_fail():
    texts = (["one", "two", "three"], ["four", "", "five"], ["six"])
    before = documents_to_table(
        [Document(str(n), "x", segments=[Segment(t) for t in some]) for n, some in enumerate(texts)]
    )
    after = documents_to_table([
        Document("0", "x", segments=[Segment("one"), Segment("three")]),
        Document("2", "x", segments=[Segment("sixteen")]),
    ])  # fmt: skip
    table = noted(before, after, "Cut")  # it failed on "1"
    found = table["changes"].to_pylist()
    assert found == [
        [{"step": "Cut", "segment": None, "start": 5, "removed": "two\n\n", "inserted": ""}],
        [{"step": "Cut", "segment": 0, "start": 3, "removed": "", "inserted": "teen"}],
    ]
    again = noted(table, table.set_column(
        table.schema.get_field_index("segments"), "segments",
        documents_to_table([Document(n, "x", segments=[Segment("all")]) for n in "02"])["segments"],
    ), "All")  # fmt: skip
    rows = again["changes"].to_pylist()
    assert [row["step"] for row in rows[0]] == ["Cut", "All"]
    assert dp.undo_changes(["all"], rows[0]) == ["one\n\ntwo\n\nthree"]
    assert dp.undo_changes(["all"], rows[1]) == ["six"]
    assert noted(after, after, "Same")["changes"].to_pylist() == [[], []]
    empty = noted(before.slice(0, 0), after.slice(0, 0), "Cut")
    assert empty.schema.field("changes").type == table.schema.field("changes").type


def test_changes_of_another_text_are_told():
    made = [{"step": "Cut", "segment": 0, "start": 3, "removed": "", "inserted": "teen"}]
    for texts in (["seven"], []):
        with pytest.raises(ValueError, match="What Cut inserted does not stand in segment 0"):
            dp.undo_changes(texts, made)


@pytest.mark.parametrize("seed", range(20))
def test_edits_are_undone_whatever_they_are(seed):
    draw = random.Random(seed)
    words = [
        "a",
        "the",
        "cat",
        "\n",
        "\n\n",
        " ",
        "  ",
        ".",
        "har-",
        "æ",
        "字字字",
        "x",
        "\U0001f600",
    ]
    for _ in range(100):
        old = "".join(
            draw.choice(words) + draw.choice(["", " "]) for _ in range(draw.randrange(80))
        )
        new = list(old)
        for _ in range(draw.randrange(6)):
            at = draw.randint(0, len(new))
            new[at : at + draw.randrange(9)] = draw.choice(["", "", "zz", " \n", "the cat"])
        made = edits(old, "".join(new))
        assert undone("".join(new), made) == old
        ends = [edit.start + len(edit.inserted) for edit in made]
        assert all(end <= edit.start for end, edit in zip(ends, made[1:], strict=False))
        assert all(edit.removed or edit.inserted for edit in made)


def test_little_is_kept_of_what_stays():
    lines = [
        f"Line {n} says what no other line of this text says, {n * n} times." for n in range(900)
    ]
    old, new = "\n".join(lines), "\n".join(line for n, line in enumerate(lines) if n % 20)
    made = edits(old, new)
    assert len(made) == 45 and sum(len(edit.removed) for edit in made) == len(old) - len(new)
    (joined,) = edits("closed the har-\nbour to", "closed the harbour to")
    assert joined == (14, "-\n", "")


@pytest.mark.parametrize("other", ["q w ", "word {} ", "WORD "])
def test_work_grows_with_the_text_alone(other, monkeypatch):
    looked: list[int] = []
    ahead = edits_._Tokens.next
    monkeypatch.setattr(
        edits_._Tokens, "next",
        lambda self, count: (found := ahead(self, count), looked.append(len(found)))[0],
    )  # fmt: skip
    draw = random.Random(1)
    counts = []
    for size in (10_000, 40_000):
        looked.clear()
        old = " ".join(f"word {draw.randrange(500)}" for _ in range(size))
        new = "".join(other.format(draw.randrange(500)) for _ in range(size))
        assert undone(new, edits(old, new)) == old
        counts.append(sum(looked) / size)
    assert counts[1] < 2 * counts[0], counts


def test_on_the_command_line(deposit, tmp_path):
    from datapartnerships.__main__ import main

    recipe = tmp_path / "recipe.yaml"
    recipe.write_text(json.dumps({"reader": "TextReader", "transforms": ["RemoveRunningHeads"]}))
    out = str(tmp_path / "out")
    given = [
        "run",
        str(deposit),
        "--out",
        out,
        "--recipe",
        str(recipe),
        "--keep-changes",
        "--quiet",
    ]
    assert main(given) == 0
    assert isinstance(dp.Release.open(out).changes.data.table, pa.Table)
    assert len(dp.Release.open(out).changes) == 18
