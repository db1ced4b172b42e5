"""Wrapped prose becomes paragraphs; what was written in lines stays in lines."""

from __future__ import annotations

import textwrap

import pytest
from hypothesis import given
from hypothesis import strategies as st

from datapartnerships.kernels.segments import flat
from datapartnerships.schema import Document, Segment, documents_to_table
from datapartnerships.transforms import ReflowLines

_PROSE = {
    "en": "The ferry left before the fog had lifted, and nobody on the pier could say whether the "
    "captain had seen the signal from the mill. Two boys ran along the shore with a lantern. It "
    "was of no use, for the sound of the engine drowned whatever they shouted across the water.",
    "is": "Ferjan lagði frá landi áður en þokunni létti, og enginn á bryggjunni vissi hvort "
    "skipstjórinn hefði séð merkið frá myllunni. Tveir drengir hlupu eftir fjörunni með lukt. Það "
    "kom að engu gagni, því að hávaðinn í vélinni yfirgnæfði allt sem þeir kölluðu út á vatnið.",
    "de": "Die Fähre legte ab, bevor sich der Nebel gehoben hatte, und niemand auf dem Steg konnte "
    "sagen, ob der Kapitän das Zeichen von der Mühle gesehen hatte. Zwei Knaben liefen mit einer "
    "Laterne am Ufer entlang. Es half nichts, denn der Lärm der Maschine übertönte ihre Rufe.",
}
_KEPT = {
    "verse": "The tide came in, the tide went out,\nAnd no one knew what it was about;\n"
    "The lamp burned low upon the sill,\nAnd all the sleeping town was still.",
    "verse of long lines": "Now when the evening falls upon the harbour and the hill\n"
    "And all the boats are lying there with folded sails and still\n"
    "The keeper climbs the winding stair that no one climbs but he\n"
    "To light the lamp that burns all night across the silent sea",
    "list": "- two pounds of flour\n- a dozen eggs\n- butter from the dairy\n- salt",
    "numbered list": "1. The harbour dues are paid on the first day of the month by the owner.\n"
    "2. The keeper of the lamp is paid by the parish and by nobody else at all.\n"
    "3. Nets that are found adrift are kept for a year and a day by the mayor.",
    "table": "Year   Boats   Men\n1801   12   61\n1802   14   66\n1803   11   58",
    "bars": "Year | Boats | Men\n1801 | 12 | 61\n1802 | 14 | 66",
    "address": "Mrs A. Berg\n14 Mill Lane\nOld Harbour\nNorth Shore",
    "dialogue": "— Is the ferry gone?\n— An hour ago.\n— Then we must walk.\n— In this fog?",
    "code": "def sail(boat):\n    boat.ready = True\n    return boat",
}


def _after(*texts: str) -> list[str]:
    table = documents_to_table([Document("d", "s", segments=[Segment(text) for text in texts])])
    out: list[str] = flat(ReflowLines()(table))[1].field("text").to_pylist()
    return out


@pytest.mark.parametrize("language", _PROSE)
@pytest.mark.parametrize("width", [38, 60, 80])
def test_wrapped_prose(language: str, width: int) -> None:
    assert _after(textwrap.fill(_PROSE[language], width)) == [_PROSE[language]]


def test_paragraphs_in_one_segment_and_in_others() -> None:
    one, two = _PROSE["en"], _PROSE["en"].replace("ferry", "old boat")
    wrapped = [textwrap.fill(text, 60) for text in (one, two)]
    assert _after("\n\n".join(wrapped)) == [f"{one}\n\n{two}"]
    assert _after(*wrapped) == [one, two]
    indented = [textwrap.fill(text, 60, initial_indent="    ") for text in (one, two)]
    (text,) = _after("\n".join(indented))
    assert text == f"    {one}\n    {two}"


@pytest.mark.parametrize("kind", _KEPT)
def test_what_stays(kind: str) -> None:
    text = _KEPT[kind]
    assert _after(text) == [text]
    prose = textwrap.fill(_PROSE["en"], 66)
    assert _after(prose, text, prose)[1] == text
    assert _after(f"{prose}\n\n{text}\n\n{prose}")[0].split("\n\n")[1] == text


def test_items_are_unwrapped_one_by_one() -> None:
    items = [f"({n}) {_PROSE['en']}" for n in (1, 2)]
    assert _after("\n".join(textwrap.fill(item, 60) for item in items)) == ["\n".join(items)]


@pytest.mark.parametrize("mark", ["2{}/1.", "1{}34)", "[{}]", "({}a)", "{}:12.", "B{}."])
def test_entries_with_marks_like_those_of_their_neighbors(mark: str) -> None:
    prose = textwrap.fill(_PROSE["en"], 60)
    said = "the owner of the mill paid the dues of this year in wool"
    entries = "\n".join(f"{mark.format(n)} {said[: 52 + n]}" for n in range(1, 6))
    assert _after(f"{prose}\n\n{entries}")[0].split("\n\n")[1] == entries
    long = [f"{mark.format(n)} {_PROSE['en']}" for n in range(1, 4)]
    wrapped = "\n".join(textwrap.fill(entry, 70) for entry in long)
    assert _after(f"{prose}\n\n{wrapped}")[0].split("\n\n")[1] == "\n".join(long)


def test_one_mark_alone_is_a_part_of_a_sentence() -> None:
    text = (
        "Nobody in the parish remembered when the harbour was deepened, but it was before "
        "1834. The keeper of the lamp and his daughter wrote that down, and so did the two clerks."
    )
    lines = textwrap.fill(text, 82)
    assert "\n1834. " in lines
    assert _after(textwrap.fill(_PROSE["en"], 82), lines)[1] == text


def test_a_shared_hyphen_and_a_cut_word() -> None:
    prose = textwrap.fill(_PROSE["de"], 60)
    text = "Der Bericht nennt für dieses Jahr alle bekannten Haupt-\nund Nebenwege der Gemeinde."
    assert "Haupt- und" in _after(prose, prose, text)[2]
    assert "Haupt-\nwege" in _after(prose, prose, text.replace("und Nebenwege", "wege"))[2]


@given(st.lists(st.text(alphabet="aA b.\n-\t|é。\r", max_size=60), max_size=5))
def test_only_white_space_changes(texts: list[str]) -> None:
    after = _after(*texts)
    assert ["".join(text.split()) for text in after] == ["".join(text.split()) for text in texts]


def test_a_page_break_stays() -> None:
    first, second = textwrap.fill(_PROSE["en"], 60), textwrap.fill(_PROSE["de"], 60)
    assert _after(f"{first}\n\f{second}") == [f"{_PROSE['en']}\n\f{_PROSE['de']}"]


def test_documents_do_not_mix() -> None:
    prose = textwrap.fill(_PROSE["en"], 60)
    rows = [
        Document(str(i), "s", segments=[Segment(t)]) for i, t in enumerate([prose, _KEPT["verse"]])
    ]
    both = ReflowLines()(documents_to_table(rows)).to_pylist()
    alone = [ReflowLines()(documents_to_table([row])).to_pylist()[0] for row in rows]
    assert both == alone
