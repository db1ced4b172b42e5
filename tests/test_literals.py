"""Many words looked for at once: what is found is what an expression finds."""

from __future__ import annotations

import re

import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from datapartnerships.detectors._literals import Literals
from datapartnerships.detectors._scan import Column


def places(literals: list[str], texts: list[str]) -> list[list[str]]:
    column = Column(pa.array(texts, pa.string()))
    some = Literals(literals)
    found: list[list[str]] = [[] for _ in texts]
    for block in column.blocks:
        for start, end, literal in some.find(column, block):
            owner = int(column.text_of([start])[0])
            found[owner].append(f"{literal}={bytes(column.codes[start:end]).decode()}")
    return found


def test_case_and_spaces_do_not_matter() -> None:
    texts = ["CASE  No. 5", "the case\nno. 6", "Case no 7", "encase no. 8"]
    assert places(["case no."], texts) == [["case no.=CASE  No."], ["case no.=case\nno."], [], []]


def test_words_are_whole() -> None:
    texts = ["Mr Hall", "Mrs Hall", "“Mr Hall”", "éMr", "mr_x", "(MR.)", "Mr"]
    assert places(["mr", "mrs"], texts) == [
        ["mr=Mr"], ["mrs=Mrs"], ["mr=Mr"], [], [], ["mr=MR"], ["mr=Mr"],
    ]  # fmt: skip


def test_letters_of_other_scripts() -> None:
    texts = ["ÁRMANN og Ármann", "г-н Петров", "(Г-Н)", "þórður, ÞÓRÐUR", "STRASSE Straße"]
    assert places(["Ármann", "г-н", "Þórður", "straße"], texts) == [
        ["Ármann=ÁRMANN", "Ármann=Ármann"],
        ["г-н=г-н"],
        ["г-н=Г-Н"],
        ["Þórður=þórður", "Þórður=ÞÓRÐUR"],
        ["straße=STRASSE", "straße=Straße"],
    ]


def test_the_longest_of_those_that_begin_together() -> None:
    assert places(["case", "case no.", "no."], ["case no. 1", "case 2"]) == [
        ["case no.=case no.", "no.=no."],
        ["case=case"],
    ]


def test_nothing_is_found_across_texts() -> None:
    assert places(["case no."], ["the case", "no. 5", None, ""]) == [[], [], [], []]  # type: ignore[list-item]


@given(st.lists(st.text("ab Þþ.é“\n", max_size=12), max_size=5))
def test_as_an_expression_finds_them(texts: list[str]) -> None:
    wanted = ["a", "ab", "þa", "b.", "é"]
    whole = re.compile(r"(?<!\w)(?:þa(?!\w)|ab(?!\w)|b\.|é(?!\w)|a(?!\w))", re.IGNORECASE)
    expected = [[m[0] for m in whole.finditer(text)] for text in texts]
    found = [[pair.split("=", 1)[1] for pair in some] for some in places(wanted, texts)]
    assert found == expected
