"""A list of people is found however they are written, and nothing of it is shown."""

from __future__ import annotations

import pickle
from itertools import pairwise
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import datapartnerships as dp
from datapartnerships import detectors as d
from datapartnerships import readers, writers
from datapartnerships import transforms as t
from datapartnerships.config import from_plain, to_plain
from datapartnerships.detectors import _people
from datapartnerships.errors import DataPartnershipsError
from datapartnerships.kernels import name_words
from datapartnerships.kernels.words import buffers

PEOPLE: tuple[Any, ...] = (
    "Anna Jónsdóttir",
    {"given": "Haraldur", "family": "Þórarinsson", "identifiers": ["120174-3389"]},
    {"name": "Ruth Brodersen", "born": "1961-03-09", "aliases": "Ruthie; Baroness Kell"},
    "Mark May",
    "Jean-Pierre Dufresne",
    "Анна Петрова",
    "Matti Virtanen",
    "Jonas Kazlauskas",
    "O'Brannan, Sean Patrick",
    "Bjarni Arnarson",
    "García Lobo, Pedro",
    "김민수",
    "陳大文",
)
KNOWN = d.KnownPeople(people=PEOPLE)


def found(text: str, detector: d.KnownPeople = KNOWN) -> list[tuple[str, str]]:
    spans = detector(pa.array([text])).to_pylist()
    return [(text[s["start"] : s["end"]], s["label"]) for s in spans]


def persons(text: str) -> list[str]:
    return [value for value, label in found(text) if label == "PERSON"]


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("Bréf til Önnu Jónsdóttur kom.", ["Önnu Jónsdóttur"]),
        ("Hús Haralds Þórarinssonar", ["Haralds Þórarinssonar"]),
        ("ANNA JÓNSDÓTTIR og Anna B. Jónsdóttir", ["ANNA JÓNSDÓTTIR", "Anna B. Jónsdóttir"]),
        ("Jónsdóttir, Anna; A. Jónsdóttir", ["Jónsdóttir, Anna", "A. Jónsdóttir"]),
        ("þá sagði anna jonsdottir já", ["anna jonsdottir"]),
        ("Ruth  Brodersen’s boat", ["Ruth  Brodersen"]),
        ("Письмо Анне Петровой", ["Анне Петровой"]),
        ("Matti Virtasen kirja", ["Matti Virtasen"]),
        ("Jono Kazlausko ir Jonas Kazlauskas", ["Jono Kazlausko", "Jonas Kazlauskas"]),
        ("Sean O’Brannan and S. P. O'Brannan", ["Sean O’Brannan", "S. P. O'Brannan"]),
        ("Bjami Amarson, Bjarni Arnars0n", ["Bjami Amarson", "Bjarni Arnars0n"]),
        ("Bjarni Arnar-\nson fór", ["Bjarni Arnar-\nson"]),
        ("Bjarni Arnar-\r\nson fór", ["Bjarni Arnar-\r\nson"]),
        ("avec Jean-\nPierre Dufresne", ["Jean-\nPierre Dufresne"]),
        ("Pedro\nGarcía-Lobo", ["Pedro\nGarcía-Lobo"]),
        ("김민수가 왔다", ["김민수가"]),
        ("昨日陳大文先生", ["陳大文"]),
        ("a word of Baroness Kell", ["Baroness Kell"]),
        ("Mr Brodersen and frú Jónsdóttir", ["Brodersen", "Jónsdóttir"]),
    ],
)
def test_a_name_is_found_as_people_write_it(text: str, names: list[str]) -> None:
    assert persons(text) == names


@pytest.mark.parametrize(
    "text",
    [
        "They mark may flowers. Mark may come; mark may not.",
        "Anna. Jónsdóttir kom seinna.",
        "Anna and Petra; Marta Virta; Ann Jonson",
        "Anna fór heim. Jónsdóttir er nafn.",
        "a jonsdottir, i jonsdottir",
        "",
    ],
)
def test_other_words_are_not(text: str) -> None:
    assert found(text) == []


def test_words_of_names_alone_are_an_option() -> None:
    alone = d.KnownPeople(people=("Anna Jónsdóttir", "Mark May"), alone=True)
    assert found("Þá kom Anna. Will mark. May it be.", alone) == [("Anna", "PERSON")]


@pytest.mark.parametrize(
    "text", ["120174-3389", "1201743389", "12 01 74 33 89", "120174.3389", "١٢٠١٧٤٣٣٨٩"]
)
def test_identifiers_are_found_with_any_separators(text: str) -> None:
    assert found(f"kt. {text}, og") == [(text, "RECORD_ID")]
    assert found(f"9{text}") == []
    assert found(f"{text}7") == []


@pytest.mark.parametrize("text", ["9.3.1961", "09/03/1961", "3/9/1961", "1961-03-09", "19610309"])
def test_birth_dates_are_found_in_figures(text: str) -> None:
    assert found(f"born {text}.") == [(text, "BIRTH_DATE")]


def test_people_next_to_each_other_stay_apart() -> None:
    assert persons("Mark May Mark May ") == ["Mark May"] * 2
    text = "Anna Jónsdóttir, Anna Jónsdóttir; Mark May Ruth Brodersen"
    assert persons(text) == ["Anna Jónsdóttir"] * 2 + ["Mark May", "Ruth Brodersen"]


def test_a_list_may_be_a_file_and_its_content_counts(tmp_path: Path) -> None:
    table = tmp_path / "people.csv"
    table.write_text(
        "\ufeffgiven;family;aliases;identifiers;team\n"
        "Anna;Jónsdóttir;Annie Hall|Disa Hlín;AB-99 12;x\n;;;;\n"
    )
    lines = tmp_path / "people.txt"
    lines.write_text("Mark May\n\nJónsdóttir, Anna\n")
    rows = d.KnownPeople(path=str(table))
    assert found("Annie Hall, Dísu Hlín, Anna Jónsdóttir, ab9912", rows) == [
        ("Annie Hall", "PERSON"), ("Dísu Hlín", "PERSON"), ("Anna Jónsdóttir", "PERSON"),
        ("ab9912", "RECORD_ID"),
    ]  # fmt: skip
    assert found("Mark May, Anna Jónsdóttir", d.KnownPeople(path=str(lines))) == [
        ("Mark May", "PERSON"), ("Anna Jónsdóttir", "PERSON"),
    ]  # fmt: skip
    before = t.DetectPii([rows]).content_id
    table.write_text("name\nErla Brandsdóttir\n")
    assert t.DetectPii([rows]).content_id != before
    assert found("Erlu Brandsdóttur", rows) == [("Erlu Brandsdóttur", "PERSON")]


def test_the_list_is_shown_nowhere(tmp_path: Path) -> None:
    text = repr(KNOWN) + str(to_plain(KNOWN)) + str(to_plain(KNOWN, fingerprint=True))
    assert "Brodersen" not in text
    assert "120174" not in text
    # A recipe without the list is refused, not run without it.
    with pytest.raises(DataPartnershipsError, match="at least one person"):
        from_plain(to_plain(KNOWN), kind="detectors")
    assert pickle.loads(pickle.dumps(KNOWN)) == KNOWN
    path = tmp_path / "people.csv"
    path.write_text("name,identifiers\nAnna Brodersen,77\n")
    with pytest.raises(DataPartnershipsError, match="line 2") as error:
        d.KnownPeople(path=str(path))(pa.array(["x"]))
    assert "Brodersen" not in str(error.value)
    assert "77" not in str(error.value).replace(str(path), "")


def test_another_list_is_another_run(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "a.txt").write_text("Erla Brands came.")

    def text(name: str) -> list[str]:
        steps = [t.DetectPii([d.KnownPeople(people=(name,))]), t.Redact()]
        reader = readers.FolderReader(str(tmp_path / "in"))
        out = dp.Pipeline(reader, steps, writers.ParquetWriter(str(tmp_path / "out")))
        return list(dp.run(out, replace=True).dataset["text"])

    assert text("Nobody Here") == ["Erla Brands came."]
    assert text("Erla Brands") == ["[PERSON] came."]


@pytest.mark.parametrize(
    "wrong",
    [
        {"people": "Anna"}, {"people": (3,)}, {"people": ({"nme": "x"},)}, {"people": ()},
        {"people": ({"name": "A B", "born": "9.3.1961"},)}, {"people": ({"born": "1961-03-09"},)},
        {"people": ("Anna B",), "label": "person"},
    ],
)  # fmt: skip
def test_what_it_cannot_use_is_an_error(wrong: dict[str, Any]) -> None:
    with pytest.raises(DataPartnershipsError):
        d.KnownPeople(**wrong)
    with pytest.raises(DataPartnershipsError, match="There is no file"):
        d.KnownPeople(path="/nowhere/people.txt")(pa.array(["x"]))


_PIECES = st.sampled_from(
    ["Anna", "Önnu", "Jónsdóttir", "Jónsdóttur", "A.", "Mark", "may", "May", ",", "120174", "-",
     "3389", "\n", "-\n", "’s", "’", "习", "陳大文", "Bjami", "\u200b", "é", "1961", "9.3."]
)  # fmt: skip
TEXTS = st.lists(
    st.lists(_PIECES, max_size=12).map(lambda w: " ".join(w).replace(" ’", "’")), max_size=6
)


@settings(max_examples=120, deadline=None)
@given(TEXTS)
def test_spans_lie_in_their_texts_apart_and_alone(texts: list[str]) -> None:
    spans = KNOWN(pa.array(texts, pa.string())).to_pylist()
    alone = [
        {**span, "text": i}
        for i, text in enumerate(texts)
        for span in KNOWN(pa.array([text], pa.string())).to_pylist()
    ]
    assert spans == alone
    for span in spans:
        value = texts[span["text"]][span["start"] : span["end"]]
        assert value == value.strip() != ""
    for one, other in pairwise(spans):
        if (one["text"], one["label"]) == (other["text"], other["label"]):
            assert one["end"] <= other["start"]


@settings(max_examples=150, deadline=None)
@given(st.lists(st.text(), max_size=5))
def test_keys_are_the_same_compiled_or_not(texts: list[str]) -> None:
    array = pa.array([text.encode("utf-8", "ignore").decode() for text in texts], pa.string())
    found = name_words.name_words(array)
    raw = buffers(array)[0].tobytes()
    words = [raw[a:b].decode() for a, b in zip(found.words.starts, found.words.ends, strict=True)]
    assert found.keys.tolist() == [name_words._key(word) for word in words]


def test_without_compiled_kernels_the_same_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    texts = pa.array(["Önnu Jónsdóttur, Bjami Amarson", "Анне Петровой", None, "A. Jónsdóttir"])
    expected = KNOWN(texts).to_pylist()
    assert len(expected) == 4
    monkeypatch.setattr(name_words, "compiled", lambda *_: None)
    _people._people.cache_clear()
    assert KNOWN(texts).to_pylist() == expected
    _people._people.cache_clear()
