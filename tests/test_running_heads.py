"""Running heads and page numbers: what goes, and above all what stays."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import datapartnerships as dp
from datapartnerships import readers, writers
from datapartnerships.kernels import running_heads
from datapartnerships.kernels._page_edges import paged
from datapartnerships.kernels._page_numbers import as_roman, misread, numbers_of, roman
from datapartnerships.kernels.segments import flat
from datapartnerships.schema import Document, Segment, documents_to_table
from datapartnerships.transforms import RemoveRunningHeads

_NAMES = ["Aldan", "Berg", "Cove", "Dunes", "Elm", "Fjord", "Gate", "Hollow", "Inlet", "Jetty"]
_STREETS = ["Quay", "Mill", "Church", "Bridge", "Well", "Chapel", "Ferry", "Market", "Tower"]


def _prose(page: int, lines: int = 24) -> list[str]:
    return [
        f"{_NAMES[(page * 7 + i) % 10]} was seen from {_STREETS[(page * 5 + i * 3) % 9]} by "
        f"{page * 31 + i * 17} men,"
        for i in range(lines)
    ]


def _book(pages: list[list[str]], *, feeds: bool = False) -> Document:
    if feeds:
        return Document("b", "t", segments=[Segment("\f".join("\n".join(p) + "\n" for p in pages))])
    return Document(
        "b", "t", segments=[Segment("\n".join(p), page=n) for n, p in enumerate(pages, 1)]
    )


def _after(document: Document) -> list[str]:
    out = RemoveRunningHeads()(documents_to_table([document]))
    texts: list[str] = flat(out)[1].field("text").to_pylist()
    return texts


def _lines(texts: list[str]) -> list[str]:
    return [line.strip() for text in texts for line in text.replace("\f", "\n").split("\n")]


@pytest.mark.parametrize("feeds", [False, True])
def test_heads_and_numbers_go(feeds: bool) -> None:
    pages = []
    for n in range(20):
        head = f"{n + 11}   THE NORTHERN HARBOURS" if n % 2 else f"Of Fishing Rights   {n + 11}"
        pages.append([head, "", *_prose(n)])
    texts = _after(_book(pages, feeds=feeds))
    assert [line for line in _lines(texts) if line] == [
        line for n in range(20) for line in _prose(n)
    ]


@pytest.mark.parametrize(
    "form", ["{n}", "- {n} -", "[{n}]", "Page {n} of 12", "Seite {n}", "bls. {n}", "{n} / 12"]
)
@pytest.mark.parametrize("foot", [False, True])
def test_forms_of_numbers(form: str, foot: bool) -> None:
    pages = []
    for n in range(12):
        number = [form.format(n=n + 1)]
        pages.append([*_prose(n), *number] if foot else [*number, *_prose(n)])
    assert _lines(_after(_book(pages))) == [line for n in range(12) for line in _prose(n)]


def test_roman_numbers_then_arabic_ones_and_misread_ones() -> None:
    numbers = ["i", "ii", "iii", "iv", "v", "vi", "1", "2", "3", "4", "5", "6", "7", "8", "9"]
    numbers += ["1O", "l1", "12", "I3", "14"]
    pages = [[*_prose(n), number] for n, number in enumerate(numbers)]
    assert _lines(_after(_book(pages))) == [line for n in range(20) for line in _prose(n)]


def test_with_boxes_a_head_is_a_segment_and_keeps_its_place() -> None:
    segments = []
    for n in range(1, 9):
        segments += [
            Segment("\n".join(_prose(n)), page=n, bbox=[0.1, 0.1, 0.9, 0.9]),
            Segment("THE NORTHERN HARBOURS", page=n, bbox=[0.3, 0.02, 0.7, 0.04]),
            Segment(f"– {n} –", page=n, bbox=[0.45, 0.95, 0.55, 0.97]),
        ]
    table = documents_to_table([Document("b", "t", segments=segments)])
    out = flat(RemoveRunningHeads()(table))[1].to_pylist()
    assert [s["bbox"] for s in out] == [s["bbox"] for s in flat(table)[1].to_pylist()]
    assert [s["flags"] for s in out[3:6]] == [None, ["running head"], ["page number"]]
    assert [s["text"] for s in out[3:6]] == ["\n".join(_prose(2)), "", ""]
    # The first stands where a title stands.
    assert [bool(s["text"]) for s in out[1::3]] == [True] + [False] * 7


# ------------------------------------------------------------------- what has to stay


def _reckoner_rows(page: int) -> list[str]:
    return [f"{n} at {page} d.      {n * page // 12} s. {n * page % 12} d." for n in range(1, 31)]


def _reckoner_columns(page: int) -> list[str]:
    """A number a line, as engines read a table: the first is that of the page."""
    return [str(n * page) for n in range(1, 31)]


def _times(page: int) -> list[str]:
    return [f"{page} times {n} is {n * page}" for n in range(1, 25)]


def _timetable(page: int) -> list[str]:
    rows = [
        f"{name:12}{6 + i:02}.{page:02}   {7 + i:02}.{page:02}   {9 + i:02}.{page:02}"
        for i, name in enumerate(_NAMES)
    ]
    return ["Station     Mail    Slow    Fast", *rows, "Sundays excepted: " + _NAMES[page % 10]]


def _yearbook(page: int) -> list[str]:
    head = ["Year   Births   Deaths   Marriages"]
    return head + [
        f"{1800 + page * 20 + i}   {page * 97 + i * 13}   {page * 71 + i * 7}   {i * 11 + page}"
        for i in range(20)
    ]


_VERSES = ["The tide came in with {a} and with {b},", "We hauled the nets by {b},",
           "And {a} was far, and {b} was near,", "O bring the lanterns home!"]  # fmt: skip


def _stanzas(page: int) -> list[str]:
    lines = []
    for i in range(4):
        number = page * 4 + i
        a, b = _NAMES[number * 3 % 10], _STREETS[number * 7 % 9]
        lines += [f"{number + 1}", *(verse.format(a=a, b=b) for verse in _VERSES), ""]
    return lines[:-1]


def _sonnet(page: int) -> list[str]:
    verses = [
        f"{_NAMES[(page + i * 3) % 10]} and {_STREETS[(page * 2 + i) % 9]}," for i in range(13)
    ]
    return [str(page), "", *verses, "O bring the lanterns home!"]


TABLES: dict[str, Callable[[int], list[str]]] = {
    "reckoner rows": _reckoner_rows,
    "reckoner columns": _reckoner_columns,
    "multiplication": _times,
    "timetable": _timetable,
    "yearbook": _yearbook,
    "poem": _stanzas,
    "one poem a page": _sonnet,
}


@pytest.mark.parametrize("name", TABLES)
@pytest.mark.parametrize("edge", ["none", "number at foot", "head", "head and number"])
def test_no_cell_is_lost(name: str, edge: str) -> None:
    """Bare, and between the head and the page numbers of a book, which go where they may."""
    if name == "one poem a page" and edge in ("none", "head"):
        pytest.skip("its only number is that of its page")
    pages, cells = [], []
    for n in range(1, 25):
        body = TABLES[name](n)
        cells += [line.strip() for line in body if line.strip()]
        head = {"head": ["A READY RECKONER"], "head and number": [f"A READY RECKONER   {n + 8}"]}
        foot = [str(n + 40)] if edge == "number at foot" else []
        pages.append([*head.get(edge, []), *body, *foot])
    left = _lines(_after(_book(pages)))
    for line in cells:
        left.remove(line)  # fails where it is not there
    assert len([line for line in left if line]) <= 24
    if edge == "number at foot" and name != "reckoner columns":
        assert not any(left), "the numbers of the pages go"


def test_numbered_lists_and_chapters_stay() -> None:
    pages = [[f"{n}. The {_NAMES[n % 10]} shall be paid.", *_prose(n)] for n in range(1, 12)]
    assert _lines(_after(_book(pages))) == [line for page in pages for line in page]
    pages = [[f"CHAPTER {n}", "", *_prose(n)] for n in range(1, 12)]
    assert "CHAPTER 7" in _lines(_after(_book(pages)))


def test_titles_that_heads_repeat_stay() -> None:
    pages = [["THE NORTHERN HARBOURS", "by a pilot"]]
    for n in range(1, 30):
        opening = n % 10 == 1
        title = ["", "Of Fishing Rights" if n < 11 else "Of Tithes" if n < 21 else "Of Wrecks", ""]
        head = [] if opening else [title[1] if n % 2 else "THE NORTHERN HARBOURS"]
        pages.append([*head, *(title if opening else []), *_prose(n)])
    left = [line for line in _lines(_after(_book(pages))) if line]
    for title in ("THE NORTHERN HARBOURS", "Of Fishing Rights", "Of Tithes", "Of Wrecks"):
        assert left.count(title) == 1


def test_a_page_may_begin_within_a_line() -> None:
    text = "\f".join("\n".join([f"{n}   THE HARBOURS", *_prose(n)]) for n in range(3, 12))
    left = _after(Document("b", "t", segments=[Segment(text)]))
    assert left[0].count("\f") == 8
    assert list(filter(None, _lines(left))) == [line for n in range(3, 12) for line in _prose(n)]


def test_what_has_no_pages_is_left_alone() -> None:
    table = documents_to_table([Document("b", "t", segments=[Segment("1\n\nText\n\n2")] * 5)])
    assert RemoveRunningHeads()(table) is table


def test_the_report_counts_what_went(tmp_path: Path) -> None:
    text = "\f".join("\n".join([f"THE HARBOURS   {n}", *_prose(n)]) for n in range(1, 9))
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "book.txt").write_text(text)
    release = dp.run(
        dp.Pipeline(
            reader=readers.TextReader(tmp_path / "in"),
            transforms=[RemoveRunningHeads()],
            writer=writers.JsonlWriter(tmp_path / "out"),
        )
    )
    step = release.report.tally.steps[0]
    assert step.changed == 1
    assert step.found == {"running head": 1}
    assert "THE HARBOURS" in (step.examples[0].before or "")


def test_real_opinion(real_data: Path) -> None:
    reader = readers.PdfReader(real_data / "documents" / "court_pdf" / "ca1_00117684624.pdf")
    (table,) = reader.read(next(iter(reader.shards())))
    out = flat(RemoveRunningHeads()(table))[1].to_pylist()
    before = flat(table)[1].field("text").to_pylist()
    gone = [text for text, segment in zip(before, out, strict=True) if text and not segment["text"]]
    assert sum(text.startswith("Case: 20-1507") for text in gone) == 17
    assert sum(text.startswith("- ") for text in gone) == len(gone) - 17 == 15


# ------------------------------------------------------------------------ numbers


@given(st.integers(1, 399))
def test_roman_numbers(value: int) -> None:
    assert roman(as_roman(value)) == value


@pytest.mark.parametrize("text", ["iiii", "ic", "vx", "mild", "", "civil"])
def test_what_is_no_roman_number(text: str) -> None:
    assert roman(text) == 0


@pytest.mark.parametrize(
    ("line", "value"), [("l2", 12), ("1O4", 104), ("- I8 -", 18), ("S5", 55), ("17", 14)]
)
def test_misread_numbers(line: str, value: int) -> None:
    assert misread(line, value)


@pytest.mark.parametrize(("line", "value"), [("I", 1), ("12", 345), ("", 7), ("8.", 71)])
def test_what_is_no_misread_number(line: str, value: int) -> None:
    assert not misread(line, value)


@pytest.mark.parametrize("line", ["3.", "(3)", "3)", "a dog", "", "1,234.5", "x" * 500])
def test_what_is_no_page_number(line: str) -> None:
    assert not numbers_of(line)


@given(st.lists(st.tuples(st.text(), st.one_of(st.none(), st.integers(0, 5))), max_size=12))
def test_any_text(parts: list[tuple[str, int | None]]) -> None:
    segments = [Segment(text, page=page) for text, page in parts]
    table = documents_to_table([Document("b", "t", segments=segments)])
    before, after = (
        flat(t)[1].field("text").to_pylist() for t in (table, RemoveRunningHeads()(table))
    )
    assert all(len(new) <= len(old) for new, old in zip(after, before, strict=True))


def test_a_volume_of_many_issues_costs_no_more() -> None:
    """Each counts its own pages: 1,200 rows of numbers, few of which are near any page."""
    issues, pages = 1200, 4
    book = _book([[str(n % pages + 1), *_prose(n, 4)] for n in range(issues * pages)])
    search = running_heads._Search(
        paged([s.text for s in book.segments], [s.page for s in book.segments], None)
    )
    assert max(map(len, search._rows.values())) < 12
    left = _lines(_after(book))
    assert sum(line in "1234" for line in left if line) < issues * pages / 50
