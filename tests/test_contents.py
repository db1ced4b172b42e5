"""Tables of contents and indexes are marked; tables and lists are not."""

from __future__ import annotations

import pytest

from datapartnerships.kernels.segments import flat
from datapartnerships.schema import Document, Segment, documents_to_table
from datapartnerships.transforms import MarkContents

_PROSE = "The harbour was closed for three days, and no boat went out in 1884."
_DOTS = (
    "The Lamp ........ v\nThe Fog ......... 1\nA Letter ........ 12\nTwo Boys ....... 30\n"
    "The End . . . . 44"
)
_GAPS = "Preface      3\nThe ferry      7\nThe pilot and\nhis daughter     19\nA storm      40"
_PLAIN = "The Lamp 3\nThe Fog 11\nA Letter 27\nTwo Boys 60"
_INDEX = (
    "anchors, 12, 14–16\nboats, 3\n  hired, 44, 45\nbread, 9, 61\ncompass, 2\n"
    "currents, 5; see tides\ndogs, 71\nengines, 8, 90-92\nfog, 1, 12, 33\nharbour, 2ff, 14"
)
_NOT = {
    "prices": "Bread ........ 40\nButter ....... 12\nCoal ......... 90\nFlour ........ 31\n"
    "Salt ......... 4",
    "table": "Boats   12   61\nMen   14   66\nNets   15   70\nOars   18   81",
    "years": "Boats of 1801\nBoats of 1802\nBoats of 1803\nBoats of 1804",
    "one page": "Anna ...... 3\nErla ...... 3\nJón ....... 3\nKári ...... 3",
    "laws": "see section 3\nand section 4\nor section 7\nbut section 9",
    "sentences with years": "Born in Bergen, 1801\nTaken to Oslo, 1804\nA clerk, 1820\nDied, 1844\n"
    "Wept for, 1845\nA stone, 1850\nLost, 1860\nFound, 1870\nSold, 1880",
}


def _flags(
    *texts: str, remove: bool = False, pages: int | None = None
) -> list[tuple[str, list[str] | None]]:
    segments = [Segment(text, page=pages) for text in texts]
    table = documents_to_table([Document("d", "s", segments=segments)])
    out = flat(MarkContents(remove=remove)(table))[1].to_pylist()
    return [(segment["text"], segment["flags"]) for segment in out]


@pytest.mark.parametrize("text", [_DOTS, _GAPS, f"Efnisyfirlit\n\n{_PLAIN}"])
def test_contents(text: str) -> None:
    assert _flags(text) == [(text, ["contents"])]
    whole = f"{_PROSE}\n\n{text}\n\n{_PROSE}"
    assert _flags(whole) == [(whole, ["contents"])]
    assert _flags(whole, remove=True, pages=60) == [(f"{_PROSE}\n\n{_PROSE}", ["contents"])]


@pytest.mark.parametrize("below", ["CHAPTER I", "Kafli 1"])
@pytest.mark.parametrize("text", [_DOTS, _GAPS, f"Contents\n{_PLAIN}"])
def test_a_heading_right_below_is_no_entry(text: str, below: str) -> None:
    out = _flags(text, f"{below}\n\n{_PROSE}", remove=True, pages=60)
    assert out == [("", ["contents"]), (f"{below}\n\n{_PROSE}", None)]


@pytest.mark.parametrize(
    "heading", ["CONTENTS", "Inhaltsverzeichnis", "Table des matières:", "目次"]
)
def test_headings(heading: str) -> None:
    assert _flags(f"{heading}\n{_PLAIN}")[0][1] == ["contents"]
    assert _flags(_PLAIN)[0][1] is None


def test_entries_in_segments_of_their_own() -> None:
    out = _flags(_PROSE, *_DOTS.split("\n"), _PROSE, remove=True, pages=44)
    assert [flags for _, flags in out] == [None, *[["contents"]] * 5, None]
    assert [text for text, _ in out if text] == [_PROSE, _PROSE]


def test_without_a_heading_it_may_be_prices() -> None:
    prices = "Coffee ........ 10\nTea ........ 11\nMilk ........ 12\nBread ........ 14"
    whole = f"{_PROSE}\n\n{prices}\n\n{_PROSE}"
    assert _flags(whole, remove=True) == [(whole, ["contents"])]
    assert _flags(whole, remove=True, pages=13) == [(whole, ["contents"])]
    assert _flags(whole, remove=True, pages=14) == [(f"{_PROSE}\n\n{_PROSE}", ["contents"])]
    headed = whole.replace(prices, f"Contents\n{prices}")
    assert _flags(headed, remove=True) == [(f"{_PROSE}\n\n{_PROSE}", ["contents"])]


def test_index() -> None:
    assert _flags(_INDEX) == [(_INDEX, ["index"])]
    lines = _INDEX.split("\n")
    assert _flags("\n".join(lines[::-1]))[0][1] is None
    assert _flags("\n".join(lines[:4]))[0][1] is None


@pytest.mark.parametrize("name", _NOT)
def test_others(name: str) -> None:
    assert _flags(_NOT[name]) == [(_NOT[name], None)]


def test_a_table_ends_with_its_document() -> None:
    rows = [
        Document(str(n), "s", segments=[Segment(line)]) for n, line in enumerate(_DOTS.split("\n"))
    ]
    table = documents_to_table(rows)
    assert MarkContents()(table) is table


def test_entries_below_others_have_an_order_of_their_own() -> None:
    below = ["to Oslo", "at night", "in use"] * 3
    entries = zip(_INDEX.split("\n"), below * 2, strict=False)
    lower = "\n".join(f"{entry}\n  {word}, 20" for entry, word in entries)
    assert _flags(lower) == [(lower, ["index"])]
    flat = "\n".join(line.strip() for line in lower.split("\n"))
    assert _flags(flat) == [(flat, None)]
