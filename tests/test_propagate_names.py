"""A name found once is found in its whole document, and in its case; and what may stay stays."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import hypothesis
import pyarrow as pa
import pytest
from hypothesis import strategies as st

import datapartnerships as dp
from datapartnerships import detectors as d
from datapartnerships import readers
from datapartnerships import transforms as t
from datapartnerships.errors import DataPartnershipsError
from datapartnerships.kernels.segments import set_column
from datapartnerships.schema import SPAN, Document, Segment, documents_to_table

Found = list[tuple[str, int, str]]


def batch(
    documents: list[tuple[list[str], list[str]]],
    *,
    label: str = "PERSON",
    language: str | None = None,
    speakers: tuple[str, ...] = (),
    metadata: dict[str, str] | None = None,
) -> pa.Table:
    """Documents of texts, in which the first place of each value is marked."""
    rows, spans = [], []
    for number, (texts, values) in enumerate(documents):
        segments = [
            Segment(text, speaker=speakers[i] if i < len(speakers) else None)
            for i, text in enumerate(texts)
        ]
        rows.append(Document(str(number), "s", segments=segments, metadata=metadata or {}))
        marked: list[dict[str, Any]] = []
        for value in values:
            at = next(i for i, text in enumerate(texts) if value in text)
            start = texts[at].index(value)
            marked.append(
                {"field": "text", "segment": at, "start": start, "end": start + len(value),
                 "label": label, "score": 1.0, "detector": "Given"}
            )  # fmt: skip
        spans.append(marked)
    table = set_column(documents_to_table(rows), "spans", pa.array(spans, pa.list_(SPAN)))
    if language is not None:
        table = table.append_column("language", pa.array([language] * len(rows), pa.string()))
    return table


def marked(table: pa.Table, row: int = 0, detector: str = "PropagateNames") -> Found:
    document = table.to_pylist()[row]
    return [
        (s["field"], s["segment"], _string(document, s)[s["start"] : s["end"]])
        for s in document["spans"]
        if s["detector"] == detector
    ]


def _string(document: dict[str, Any], span: dict[str, Any]) -> str:
    if span["field"] == "metadata":
        return str(document["metadata"][span["segment"]]["value"])
    return str(document["segments"][span["segment"]][span["field"]])


def again(text: str, name: str, language: str | None = None) -> list[str]:
    """What is found in `text` of a name that was found in another segment."""
    table = t.PropagateNames()(batch([([f"({name})", text], [name])], language=language))
    return [value for _, segment, value in marked(table) if segment == 1]


@pytest.mark.parametrize(
    ("name", "language", "text", "values"),
    [
        ("Anna B. Jónsdóttir", "is", "Önnu var sagt. Bréf Jónsdóttur til ANNA og A. Jónsdóttir.",
         ["Önnu", "Jónsdóttur", "ANNA", "A. Jónsdóttir"]),
        ("Анне Петровой", "ru", "Пришла Анна. Видели Петрову и А. Петрова.",
         ["Анна", "Петрову", "А. Петрова"]),
        ("Matti Virtanen", "fi", "Kirja on Virtasen. Virtaselle ja Matin.",
         ["Virtasen", "Virtaselle"]),
        ("Jan Kowalski", "pl", "Widział Kowalskiego z Janem.", ["Kowalskiego", "Janem"]),
        ("Ruth Brodersen", "en", "Brodersen’s boat; Mrs Brodersen; said Ruth Brodersen.",
         ["Brodersen", "Brodersen", "Ruth Brodersen"]),
        ("Brodersen, Ruth", None, "R. Brodersen and Ruth  Brodersen",
         ["R. Brodersen", "Ruth  Brodersen"]),
        ("Dr. Pedro García Lobo", "es", "P. García-Lobo y el señor Lobo",
         ["P. García-Lobo", "Lobo"]),
        ("Angelo Ferri", "it", "la casa d'Angelo", ["Angelo"]),
        ("陳大文", "zh", "昨日陳大文先生", ["陳大文"]),
        ("Bjarni Arnarson", "is", "Amarson, Arnars0n og Arnar-\nsyni",
         ["Amarson", "Arnars0n", "Arnar-\nsyni"]),
        ("Eva Holm", None, "E.H. kom. E. H. fór, og E.H", ["E.H.", "E. H."]),
    ],
)  # fmt: skip
def test_a_name_is_found_again(
    name: str, language: str | None, text: str, values: list[str]
) -> None:
    assert again(text, name, language) == values


@pytest.mark.parametrize(
    ("name", "text", "values"),
    [
        ("Will May", "Will he? May it be. I asked Will in May.", ["Will", "May"]),
        ("Will May", "will may. WILL MAY.", ["WILL MAY"]),
        ("Ruth Baker", "The baker came. Baker came.", []),
        ("Ruth Baker", "The baker came with Baker.", ["Baker"]),
        ("Ruth Baker", "Baker came.", ["Baker"]),
        ("Ruth Baker", "so ruth said and baker went", ["ruth", "baker"]),
        ("Ruth Baker", "So ruth said. Nobody cared.", []),
        ("Lord of the Hills", "The man of the house. Of course.", []),
        ("Anna Hall", "Annar maður, Hallur", []),
    ],
)
def test_a_word_that_is_no_name_is_left_alone(name: str, text: str, values: list[str]) -> None:
    assert again(text, name, "en") == values


def test_it_is_found_in_speakers_and_metadata_too() -> None:
    table = batch(
        [(["Anna Jónsdóttir kom.", "x"], ["Anna Jónsdóttir"])],
        speakers=("anna jónsdóttir", "ANNA"),
        metadata={"title": "Jónsdóttir gegn ríkinu", "court": "Hæstiréttur"},
    )
    assert marked(t.PropagateNames()(table)) == [
        ("metadata", 0, "Jónsdóttir"),
        ("speaker", 0, "anna jónsdóttir"),
        ("speaker", 1, "ANNA"),
    ]


def test_other_labels_are_found_as_they_are() -> None:
    text = ["No. AB-1234/56", "ab 1234 56, AB1234/567, 1234/56, XAB-1234/56, AB-1234/56."]
    table = batch([(text, ["AB-1234/56"])], label="RECORD_ID")
    assert marked(t.PropagateNames()(table)) == []
    assert marked(t.PropagateNames(labels=("RECORD_ID",))(table)) == [
        ("text", 1, "ab 1234 56"),
        ("text", 1, "AB-1234/56"),
    ]


def test_documents_are_apart_unless_they_are_of_one_case() -> None:
    documents = [(["Ruth Brodersen spoke."], ["Ruth Brodersen"]), (["Then Brodersen left."], [])]
    table = batch(documents)
    assert marked(t.PropagateNames()(table), 1) == []
    case = pa.array(["7/2001", "7/2001"])
    table = table.append_column("docket", case)
    across = t.PropagateNamesAcross(by="docket")
    sketches = [across.sketch([table.slice(0, 1)]), across.sketch([table.slice(1)])]
    step = across.combine(sketches)
    assert marked(step(table), 1) == [("text", 0, "Brodersen")]
    assert step == across.combine([across.sketch([table])])
    assert step == across.combine(sketches[::-1])
    assert "Brodersen" not in repr(step)
    other = set_column(table, "docket", pa.array(["7/2001", None]))
    assert marked(across.combine([across.sketch([other])])(other), 1) == []


def test_a_case_may_stand_in_the_metadata_and_names_in_other_files(tmp_path: Path) -> None:
    table = batch([(["Ruth Brodersen spoke."], ["Ruth Brodersen"])], metadata={"docket": "7/01"})
    other = batch([(["Then Brodersen left."], [])], metadata={"docket": "7/01"})
    stranger = batch([(["Then Brodersen left."], [])], metadata={"docket": "8/01"})
    across = t.PropagateNamesAcross(by="metadata.docket")
    step = across.combine([across.sketch([x]) for x in (other, stranger, table)])
    assert marked(step(other)) == [("text", 0, "Brodersen")]
    assert marked(step(stranger)) == []
    (tmp_path / "a.txt").write_text("Ruth Brodersen spoke, and then Brodersen left.")
    steps = [
        t.DetectPii([d.KnownPeople(people=("Ruth Brodersen",))]),
        t.PropagateNamesAcross(by="source"),
        t.Redact(),
    ]
    shown = str(dp.Pipeline(readers.FolderReader(str(tmp_path)), steps).preview())
    assert "[PERSON] spoke, and then [PERSON] left." in shown


_WORDS = st.sampled_from(
    ["Anna", "Önnu", "Hall", "hall", "Halls", "A.", "H.", "B.", "will", "Will", ".", "-\n", "’s",
     "and", "陳", "大", "AB-12", "AB12"]
)  # fmt: skip
_TEXT = st.lists(_WORDS, max_size=12).map(" ".join)
_DOCUMENTS = st.lists(
    st.tuples(st.lists(_TEXT, max_size=3), st.sets(st.sampled_from(["Anna Hall", "Will Hall"]))),
    min_size=1,
    max_size=4,
)


@hypothesis.settings(max_examples=100, deadline=None)
@hypothesis.given(_DOCUMENTS)
def test_it_adds_spans_in_the_text_once_whatever_the_batch(
    documents: list[tuple[list[str], set[str]]],
) -> None:
    table = batch([([*texts, *sorted(names)], sorted(names)) for texts, names in documents])
    step = t.PropagateNames()
    once = step(table)
    assert step(once).equals(once)
    cut = pa.concat_tables([step(table.slice(i, 1)) for i in range(table.num_rows)])
    assert cut["spans"].to_pylist() == once["spans"].to_pylist()
    turned = step(table.take(list(range(table.num_rows))[::-1]))
    assert turned["spans"].to_pylist()[::-1] == once["spans"].to_pylist()
    for row in once.to_pylist():
        for span in row["spans"]:
            assert 0 <= span["start"] < span["end"] <= len(_string(row, span))
    kept = [[s for s in row if s["detector"] == "Given"] for row in once["spans"].to_pylist()]
    assert kept == [
        sorted(r, key=lambda s: (s["segment"], s["start"])) for r in table["spans"].to_pylist()
    ]


# ---------------------------------------------------------------------------------- KeepSpans


def left(step: t.KeepSpans, text: str, *values: str, label: str = "PERSON") -> list[str]:
    table = step(batch([([text], list(values))], label=label))
    return [value for _, _, value in marked(table, detector="Given")]


def test_what_is_on_the_list_stays_in_the_text(tmp_path: Path) -> None:
    keep = t.KeepSpans(names=("Ísland", "Ruth Holm"))
    assert left(keep, "ISLAND’s", "ISLAND’s") == []
    assert left(keep, "ruth  holm", "ruth  holm") == []
    assert left(keep, "Anna Ísland", "Anna Ísland") == ["Anna Ísland"]
    path = tmp_path / "keep.txt"
    path.write_text("Hæstiréttur\n\n")
    listed = t.KeepSpans(path=str(path), labels=("ORGANIZATION",))
    assert left(listed, "Hæstiréttur", "Hæstiréttur", label="ORGANIZATION") == []
    assert left(listed, "Hæstiréttur", "Hæstiréttur") == ["Hæstiréttur"]
    before = listed.content_id
    path.write_text("Landsréttur\n")
    assert listed.content_id != before
    assert left(listed, "Hæstiréttur", "Hæstiréttur", label="ORGANIZATION") == ["Hæstiréttur"]


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Judge Holm said", "Holm"),
        ("Mr. Justice Holm", "Holm"),
        ("Judge Ruth Holm", "Judge Ruth Holm"),
        ("before Holm, J.", "Holm"),
        ("Holm LJ agreed", "Holm"),
        ("héraðsdómari Anna Holm", "Anna Holm"),
        ("Richterin Holm", "Holm"),
        ("la jueza Holm", "Holm"),
    ],
)
def test_who_is_in_office_stays(text: str, name: str) -> None:
    assert left(t.KeepSpans(roles=("judge",)), text, name) == []
    assert left(t.KeepSpans(roles=("minister",)), text, name) == [name]


def test_who_is_not_in_office_does_not() -> None:
    keep = t.KeepSpans(roles=("judge",))
    for text in ("the judge. Holm said", "Holm, Jr. said", "prejudge Holm", "a judge told Holm"):
        assert left(keep, text, "Holm") == ["Holm"]
    assert left(keep, "Judge Ruth Holm. Later Ruth Holm and Holm", "Ruth Holm", "Holm") == ["Holm"]


def test_a_whole_name_in_office_stays_everywhere_in_the_document() -> None:
    table = batch([(["Judge Ruth Holm.", "Ruth Holm left.", "Holm left."], ["Ruth Holm"])])
    every = t.PropagateNames()(table)
    assert len(marked(every)) == 2
    kept = t.KeepSpans(roles=("judge",))(every)
    assert marked(kept) == [("text", 2, "Holm")]


def test_before_and_after_propagation() -> None:
    documents = [(["Ruth Holm met Anna Holm. Ruth left. Holm left."], ["Ruth Holm", "Anna Holm"])]
    keep = t.KeepSpans(names=("Ruth Holm",))
    out = t.PropagateNames()(keep(batch(documents)))
    assert marked(out) == [("text", 0, "Holm")] * 2
    assert keep(keep(out)).equals(keep(out))


@pytest.mark.parametrize(
    "steps",
    [
        [t.PropagateNames()],
        [t.DetectPii([d.Contacts()]), t.PropagateNames()],
        [t.KeepSpans(names=("x",)), t.DetectPii([d.Contacts()])],
        [t.DetectPii([d.Contacts()]), t.KeepSpans(names=("x",), labels=("PERSON",))],
        [t.DetectPii([d.Contacts()]), t.PropagateNames(labels=("EMAIL",)), t.RepairUnicode()],
    ],
)
def test_the_order_of_steps_is_checked(steps: list[Any]) -> None:
    with pytest.raises(DataPartnershipsError):
        dp.Pipeline(readers.FolderReader("x"), steps)


@pytest.mark.parametrize(
    "wrong",
    [
        lambda: t.PropagateNames(labels="PERSON"), lambda: t.PropagateNames(labels=()),
        lambda: t.PropagateNamesAcross(by=""), lambda: t.PropagateNamesAcross(by="metadata."),
        lambda: t.KeepSpans(), lambda: t.KeepSpans(names="x"),
        lambda: t.KeepSpans(roles=("jugde",)),
    ],
)  # fmt: skip
def test_what_they_cannot_do_is_an_error(wrong: Any) -> None:
    with pytest.raises(DataPartnershipsError):
        wrong()
