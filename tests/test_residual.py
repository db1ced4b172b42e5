"""What two families of detectors found is counted and pooled, and nothing is said of too little."""

from __future__ import annotations

import random
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

import datapartnerships as dp
from datapartnerships import detectors as d
from datapartnerships import readers, writers
from datapartnerships import transforms as t
from datapartnerships.errors import ConfigurationError, DataPartnershipsError
from datapartnerships.kernels.recapture import Cell, bounds, remainder
from datapartnerships.kernels.segments import set_column
from datapartnerships.schema import DOCUMENT, Document, Segment, documents_to_table

Found = tuple[str, int, int, str, str]  # field, start, end, label, detector


def batch(*documents: list[Found], text: str = "x" * 99) -> pa.Table:
    table = documents_to_table(
        Document(str(i), "s", segments=[Segment(text)]) for i in range(len(documents))
    )
    names = ("field", "start", "end", "label", "detector")
    rows = [
        [dict(zip(names, x, strict=True)) | {"segment": 0, "score": 1.0} for x in found]
        for found in documents
    ]
    return set_column(table, "spans", pa.array(rows, DOCUMENT.field("spans").type))


def compared(table: pa.Table) -> list[list[tuple[str, int, int, int]]]:
    step = t.CompareDetectors(first=["A", "C"], second=["B"])
    return [
        [tuple(item.values()) for item in row]
        for row in step(table)["detectors_compared"].to_pylist()
    ]


def test_spans_that_share_half_of_the_shorter_one_are_one_thing() -> None:
    table = batch(
        [("text", 0, 10, "PERSON", "A"), ("text", 5, 20, "PERSON", "B")],  # five of ten
        [("text", 0, 10, "PERSON", "A"), ("text", 6, 20, "PERSON", "B")],  # four of ten
        [("text", 0, 20, "PERSON", "A"), ("text", 0, 8, "PERSON", "B"),
         ("text", 9, 20, "PERSON", "B")],  # two parts of one name
        [("text", 0, 10, "PERSON", "A"), ("text", 0, 10, "EMAIL", "B")],
        [("text", 0, 10, "PERSON", "A"), ("speaker", 0, 10, "PERSON", "B")],
        [("text", 0, 10, "PERSON", "A"), ("text", 0, 10, "PERSON", "C"),
         ("text", 0, 10, "PERSON", "Z")],
        [],
    )  # fmt: skip
    assert compared(table) == [
        [("PERSON", 1, 1, 1)],
        [("PERSON", 1, 1, 0)],
        [("PERSON", 1, 1, 1)],
        [("EMAIL", 0, 1, 0), ("PERSON", 1, 0, 0)],
        [("PERSON", 1, 1, 0)],
        [("PERSON", 1, 0, 0)],
        [],
    ]


def test_it_counts_as_a_plain_loop_does() -> None:
    pick = random.Random(5)
    documents = []
    for _ in range(300):
        found = []
        for _ in range(pick.randrange(9)):
            start = pick.randrange(60)
            found.append(("text", start, start + pick.randrange(1, 14), pick.choice("XY"),
                          pick.choice("ABC")))  # fmt: skip
        documents.append(found)
    assert compared(batch(*documents)) == [plain(found) for found in documents]


def plain(found: list[Found]) -> list[tuple[str, int, int, int]]:
    things: dict[str, list[list[Any]]] = {}
    for _, start, end, label, detector in sorted(found, key=lambda x: (x[1], -x[2])):
        own = things.setdefault(label, [])
        if own:
            last = own[-1]
            shared = min(end, last[1]) - start
            if 2 * shared >= min(end - start, last[1] - last[0]):
                last[2].add(detector == "B")
                if end > last[1]:
                    last[0], last[1] = start, end
                continue
            furthest = last[:2] if last[1] >= end else [start, end]
            own.append([*furthest, {detector == "B"}])
            continue
        own.append([start, end, {detector == "B"}])
    return [
        (label, sum(False in x[2] for x in own), sum(True in x[2] for x in own),
         sum(len(x[2]) == 2 for x in own))
        for label, own in sorted(things.items())
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("first", "second", "message"),
    [("A", ["B"], "names of detectors"), ([], ["B"], "names of detectors"),
     (["A"], [1], "names of detectors"), (["A"], ["B", "A"], "not among the first")],
)  # fmt: skip
def test_families_are_lists_of_names_and_apart(first: Any, second: Any, message: str) -> None:
    with pytest.raises(DataPartnershipsError, match=message):
        t.CompareDetectors(first=first, second=second)


def counted(*cells: tuple[str, str, Cell], length: int = 20) -> pa.Table:
    """A document for each label, language and number of things."""
    table = batch(*[[] for _ in cells], text="x" * length)
    rows = [[{"label": label, **cell._asdict()}] for label, _, cell in cells]
    kind = t.CompareDetectors(first=["A"], second=["B"])(table)["detectors_compared"].type
    table = table.append_column("detectors_compared", pa.array(rows, kind))
    return table.append_column("language", pa.array([language for _, language, _ in cells]))


def test_by_label_and_language() -> None:
    table = counted(("EMAIL", "is-Latn", Cell(40, 30, 25)), ("EMAIL", "is", Cell(10, 10, 5)),
                    ("EMAIL", "en", Cell(90, 80, 75)), ("PHONE", "is", Cell(9, 9, 0)))  # fmt: skip
    english, icelandic, phones = dp.estimate_residual(table)
    assert (english.group, english.cells) == (("EMAIL", "en"), (Cell(90, 80, 75),))
    assert (icelandic.group, icelandic.cells) == (("EMAIL", "is"), (Cell(50, 40, 30),))
    assert icelandic.estimate == pytest.approx(200 / 31)
    assert icelandic.low == bounds(Cell(50, 40, 30)).low
    assert icelandic.high == bounds(Cell(50, 40, 30), 2.0).high
    assert icelandic.under(1.0) == bounds(Cell(50, 40, 30))
    assert str(icelandic) == (
        "EMAIL is: 60 found by at least one family; still there, of what these two families can "
        "find: about 6 (95%: 1 to 35, dependence up to an odds ratio of 2)"
    )
    assert phones.estimate is phones.high is None
    assert phones.low == bounds(Cell(9, 9, 0)).low > 0
    assert str(phones).endswith(
        "nothing is said of the rest: 7 found by both families are needed, and there are 0"
    )
    with pytest.raises(ValueError, match="and there are 0"):
        phones.under(2.0)


def test_languages_and_lengths_are_estimated_apart_and_added() -> None:
    long = counted(("EMAIL", "is", Cell(20, 20, 2)), ("EMAIL", "en", Cell(90, 80, 75)), length=80)
    table = pa.concat_tables([counted(("EMAIL", "is", Cell(50, 40, 30))), long])
    (one,) = dp.estimate_residual(table, by=["label"], lengths=[50])
    assert sorted(one.cells) == [Cell(20, 20, 2), Cell(50, 40, 30), Cell(90, 80, 75)]
    # Two of twenty are too few to stand alone: they go with the next.
    assert one.estimate == pytest.approx(remainder(Cell(70, 60, 32)) + remainder(Cell(90, 80, 75)))
    parts = [bounds(Cell(70, 60, 32)), bounds(Cell(90, 80, 75))]
    assert max(p.low for p in parts) - 1 <= one.low
    assert one.under(1).high <= sum(p.high for p in parts)
    assert [x.group for x in dp.estimate_residual(table, by=["kind", "language"])] == [
        ("text", "en"), ("text", "is"),
    ]  # fmt: skip
    assert dp.estimate_residual(table, by=[])[0].group == ()


def test_a_family_that_found_nothing_is_named() -> None:
    (only,) = dp.estimate_residual(counted(("EMAIL", "is", Cell(40, 0, 0))))
    assert only.abstains == "the second family found none"


def test_what_cannot_be_estimated() -> None:
    table = counted(("EMAIL", "is", Cell(40, 30, 25)))
    with pytest.raises(DataPartnershipsError, match=r"'lable'.*'label'"):
        dp.estimate_residual(table, by=["lable"])
    with pytest.raises(DataPartnershipsError, match="1 \\(independent\\) or more"):
        dp.estimate_residual(table, dependence=0.5)
    with pytest.raises(DataPartnershipsError, match="least_shared"):
        dp.estimate_residual(table, least_shared=0)
    with pytest.raises(ConfigurationError, match="put CompareDetectors between"):
        dp.estimate_residual(batch([]).slice(0, 0))
    with pytest.raises(ConfigurationError, match=r"Release\.open"):
        dp.estimate_residual("archive")
    assert dp.estimate_residual(table.slice(0, 0)) == []


def test_in_a_run_and_its_report(tmp_path: Any) -> None:
    """Numbers by form, and numbers behind a word: what neither finds is told in the report."""
    pick = np.random.default_rng(3)
    there, lines = 0, []
    for number in range(300):
        form, cue = pick.random() < 0.8, pick.random() < 0.6
        address = f"user{number}@example.org" if form else f"user{number} at example"
        there += not form and not cue
        lines.append(f"{'e-mail: ' if cue else ''}{address}")
    deposit = tmp_path / "in"
    deposit.mkdir()
    for number, line in enumerate(lines):
        (deposit / f"{number}.txt").write_text(line)
    pipeline = dp.Pipeline(
        reader=readers.FolderReader(str(deposit)),
        transforms=[
            t.DetectPii([d.Contacts(find=["EMAIL"]), Announced()]),
            t.CompareDetectors(first=["Contacts"], second=["Announced"]),
            t.Redact(),
        ],
        writer=writers.ParquetWriter(str(tmp_path / "out")),
    )
    release = dp.run(pipeline, workers=2)
    (said,) = dp.estimate_residual(release)
    assert said.group == ("EMAIL", "und")
    assert said.high is not None and said.low <= there <= said.high
    assert release.report.residuals() == [said]
    page = release.report.to_html()
    assert "What may remain" in page
    cells = (said.found, f"{said.estimate:.0f}", said.low, said.high)
    assert "".join(f"<td>{cell}</td>" for cell in cells) in page
    assert "No audit" in page


class Announced:
    """What stands behind "e-mail:"."""

    labels = frozenset({"EMAIL"})

    def covers(self, _language: str) -> dict[str, str]:
        return {"EMAIL": "cue"}

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Announced)

    def __hash__(self) -> int:
        return 1

    def __call__(self, texts: pa.Array) -> pa.Table:
        from datapartnerships.schema import SPANS

        rows = [
            (i, 8, len(text), "EMAIL", 1.0, "Announced")
            for i, text in enumerate(texts.to_pylist())
            if (text or "").startswith("e-mail: ")
        ]
        columns = list(zip(*rows, strict=True)) or [[]] * len(SPANS)
        arrays = [pa.array(c, f.type) for c, f in zip(columns, SPANS, strict=True)]
        return pa.Table.from_arrays(arrays, schema=SPANS)
