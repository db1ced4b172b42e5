"""Which detectors see which texts, and what is said where none of them can look."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

import pyarrow as pa
import pytest

from datapartnerships import detectors as d
from datapartnerships import transforms as t
from datapartnerships.errors import DataPartnershipsError
from datapartnerships.schema import SPANS, Document, Segment, documents_to_table


@dataclass(frozen=True, kw_only=True)
class Capitals:
    """Words in capitals, in Icelandic texts only."""

    languages: ClassVar[frozenset[str]] = frozenset({"is"})
    labels: ClassVar[frozenset[str]] = frozenset({"PERSON"})

    def covers(self, language: str) -> Mapping[str, str]:
        return {"PERSON": "capitals"} if language in self.languages else {}

    def __call__(self, texts: pa.Array) -> pa.Table:
        rows = [
            (i, text.index(word), text.index(word) + len(word), "PERSON", 1.0, "Capitals")
            for i, text in enumerate(texts.to_pylist())
            for word in (text or "").split()
            if word.isupper()
        ]
        columns = list(zip(*rows, strict=True)) or [[]] * len(SPANS)
        arrays = [pa.array(c, f.type) for c, f in zip(columns, SPANS, strict=True)]
        return pa.Table.from_arrays(arrays, schema=SPANS)


def batch(*documents: tuple[str | None, list[tuple[str, str | None]]]) -> pa.Table:
    table = documents_to_table(
        Document(str(i), "s", segments=[Segment(text, language=own) for text, own in segments])
        for i, (_, segments) in enumerate(documents)
    )
    return table.append_column("language", pa.array([lang for lang, _ in documents], pa.string()))


def found(table: pa.Table) -> list[list[tuple[int, str]]]:
    return [
        [(s["segment"], row["segments"][s["segment"]]["text"][s["start"] : s["end"]])
         for s in row["spans"]]
        for row in table.to_pylist()
    ]  # fmt: skip


def test_a_detector_of_a_language_sees_texts_in_it_and_those_that_nobody_knows() -> None:
    table = batch(
        ("is", [("ANNA kom", None), ("Mr. HALL came", "en")]),
        ("en", [("HALL came", None), ("JÓN kom", "is")]),
        ("und", [("ANNA 1", None)]),
        (None, [("ANNA 2", None)]),
        ("is-Latn", [("ANNA 3", None)]),
    )
    assert found(t.DetectPii([Capitals()])(table)) == [
        [(0, "ANNA"), (1, "HALL")],
        [(1, "JÓN")],
        [(0, "ANNA")],
        [(0, "ANNA")],
        [(0, "ANNA")],
    ]
    plain = table.drop_columns("language")
    assert found(t.DetectPii([Capitals()])(plain))[1] == [(0, "HALL"), (1, "JÓN")]


def test_a_document_in_whose_language_nobody_looks_for_a_required_label_is_rejected() -> None:
    table = batch(
        ("is", [("ANNA kom", None)]), ("fo", [("ANNA kom", None)]), ("und", [("x", None)]),
        ("zxx", [("123", None)]),
    )  # fmt: skip
    step = t.DetectPii([Capitals(), d.Contacts()], require=["PERSON", "EMAIL"])
    assert step(table)["drop_reason"].to_pylist() == [
        None,
        "detect pii: nothing looks for PERSON in fo",
        "detect pii: nothing looks for PERSON in und",
        None,
    ]


def test_a_list_of_people_is_no_look_for_persons() -> None:
    """What a list holds is found in every language; that is not what `require` asks for."""
    table = documents_to_table(Document(str(i), "", segments=[Segment("Anna")]) for i in range(2))
    table = table.append_column("language", pa.array(["en", "he"]))
    listed = (d.KnownPeople(people=("Anna Brown",)), d.Cues())
    step = t.DetectPii([*listed, d.Names(languages=("en",))], require=["PERSON"])
    reasons = step(table)["drop_reason"].to_pylist()
    assert reasons == [None, "detect pii: nothing looks for PERSON in he"]
    # Where nothing else gives the label, the list is what was meant.
    step = t.DetectPii([listed[0]], require=["PERSON"])
    assert step(table)["drop_reason"].to_pylist() == [None, None]


def test_what_is_required_is_a_label_of_one_of_them() -> None:
    with pytest.raises(DataPartnershipsError, match=r"'EMIAL'.*Did you mean 'EMAIL'"):
        t.DetectPii([d.Contacts()], require=["EMIAL"])


def _over_pages(*pages: str, kind: str = "page") -> list[tuple[int, str]]:
    table = documents_to_table(
        [Document("1", "", segments=[Segment(page, kind=kind) for page in pages])]
    )
    found = t.DetectPii([d.Contacts(), d.Names(languages=("en",))])(table).to_pylist()[0]["spans"]
    return sorted({(s["segment"], pages[s["segment"]][s["start"] : s["end"]]) for s in found})


def test_what_a_page_end_cuts_is_found_on_both_sides() -> None:
    assert _over_pages("It was Anna\n", "\n Lindqvist then") == [
        (0, "Anna"),
        (1, "Lindqvist"),
    ]
    assert _over_pages("so said Mr", "Wumbarek then") == [(1, "Wumbarek")]
    assert (1, "barek") in _over_pages("so said Mr Wum-", "barek then")
    assert _over_pages("Call +354 467", "3395 today") == [(0, "+354 467"), (1, "3395")]
    assert _over_pages("ö" * 500 + " by Anna", "Lindqvist") == [(0, "Anna"), (1, "Lindqvist")]


def test_pages_that_end_with_a_sentence_do_not_go_on() -> None:
    assert _over_pages("It was like that in the old Mill.", "Wumbarek is red.") == []
    assert _over_pages("said Mr", "and nobody") == []
    # Turns of a conversation and paragraphs are no pages.
    assert _over_pages("so said Mr", "Wumbarek then", kind="turn") == []
    assert _over_pages("only one page by Mr") == []
