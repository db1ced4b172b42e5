"""Loops of words, and what repeats with reason."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from datapartnerships import transforms as t
from datapartnerships.errors import InvalidParameter
from datapartnerships.kernels import text_loops
from datapartnerships.kernels.words import words
from datapartnerships.schema import Document, Segment, documents_to_table


def batch(*texts: Any, kind: str = "paragraph") -> pa.Table:
    return documents_to_table(
        Document(
            id=f"document {number}",
            source="s",
            segments=[
                Segment(part, kind=kind) for part in ([text] if isinstance(text, str) else text)
            ],
        )
        for number, text in enumerate(texts)
    )


def left(table: pa.Table) -> list[list[str]]:
    return [[part["text"] for part in row] for row in table["segments"].to_pylist()]


def flags(table: pa.Table) -> list[list[Any]]:
    return [[part["flags"] for part in row] for row in table["segments"].to_pylist()]


def test_what_is_stuck_is_said_once() -> None:
    table = batch(
        "The ship left on " + "the third day of " * 40 + "May, and came back.",
        "A page of a ledger. " + "Do. do, " * 60 + "ditto.\nAnd its last line.",
        ["It ends well.", *["I cannot read this line of the page."] * 30, "The next page."],
        "ÞETTA ER Það sama. " + "İstanbul bir şehir. " * 25 + "Og þá ekki.",
        "He said: " + "“Thank you.” " * 25 + "“And then”",
        "我看了" + "谢谢观看" * 25 + "。然后",
        "ha-ha" + "-ha-ha" * 25 + ", and no more",
    )
    out = t.RemoveLoops()(table)
    # What only happens to go on like the unit stays.
    assert left(out) == [
        ["The ship left on the third day of May, and came back."],
        ["A page of a ledger. Do, ditto.\nAnd its last line."],
        ["It ends well.", "I cannot read this line of the page.", *[""] * 29,
         "The next page."],
        ["ÞETTA ER Það sama. İstanbul bir şehir. Og þá ekki."],
        ["He said: “Thank you.” “And then”"],
        ["我看了谢谢观看。然后"],
        ["ha, and no more"],
    ]  # fmt: skip
    assert flags(out)[2] == [None, *[["loop"]] * 30, None]
    marked = t.RemoveLoops(policy="flag")(table)
    assert left(marked) == left(table)
    assert flags(marked) == flags(out)


def test_what_follows_the_last_copy_stays() -> None:
    loop = "thank you very much " * 40
    table = batch(
        f"{loop}\n\nNext paragraph",
        f"{loop.strip()}. Then the text.",
        f"    An indented line.\n\n{loop}\n    And another.\n",
        ["He said: " + loop, loop.strip() + ". “Good.”\n"],
        [
            "  Before.",
            "I cannot read this line of the page.\n" * 30,
            "I cannot read this line of the page!",
        ],
    )
    assert left(t.RemoveLoops()(table)) == [
        ["thank you very much \n\nNext paragraph"],
        ["thank you very much. Then the text."],
        ["    An indented line.\n\nthank you very much \n    And another.\n"],
        ["He said: thank you very much", "“Good.”\n"],
        ["  Before.", "I cannot read this line of the page.", ""],
    ]


REFRAIN = "And home we go, and home we go,\nbefore the tide comes in."
KEPT = {
    "a poem with its refrain": "\n\n".join(
        f"The {word} went out upon the sand\nto see what it could win;\n{REFRAIN}"
        for word in ["one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"]
    ),
    "a litany": "\n".join(
        f"Holy {name}, pray for us." for name in ["Anna", "Brigit", "Clare", "Edith", "Ida"] * 6
    ),
    "a chorus": "Hallelujah, hallelujah, hallelujah, hallelujah, hallelujah!\n" * 4,
    "short lines": "Lord, have mercy.\n" * 40,
    "a table of figures": "0 0 0 0 0 0 0 0 0 0 0 0\n" * 90,
    "a table of dittos": "1871 do. do. do. do. do. do. do. do. do. do. do. do.\n" * 9,
    "cells": "| none | none | none | none |\n" * 60,
    "cells with tabs": "no\tno\tno\tno\n" * 90,
    "cells with gaps": "none    none    none    none    none\n" * 60,
    "a list": "- not found\n" * 45,
    "laughter": "And then they all laughed: ha ha ha ha ha ha ha ha ha ha ha!",
    "a form": "Name: ______ Born: ______\n" * 45,
}


@pytest.mark.parametrize("name", KEPT)
def test_what_repeats_with_reason_stays(name: str) -> None:
    table = batch(KEPT[name], KEPT[name].split("\n"))
    assert t.RemoveLoops()(table).equals(table)


def test_utterances_are_left_to_others() -> None:
    table = batch(["Thank you very much. " * 50], kind="utterance")
    assert t.RemoveLoops()(table).equals(table)
    mixed = pa.concat_tables([table, batch("Thank you very much. " * 50)])
    assert left(t.RemoveLoops()(mixed))[1] == ["Thank you very much. "]
    assert left(t.RemoveLoops()(mixed))[0] == left(table)[0]


def test_a_loop_of_millions_of_words_and_a_line_without_end() -> None:
    table = batch("again and again " * 700_000, ("again and \n" * 40) * 20_000)
    [[first], [second]] = left(t.RemoveLoops()(table))
    assert first == "again and again "
    # It is looked at by parts of 4 MB: each of them keeps its first copy.
    assert len(second) < 200
    endless = batch("again and again " * 1_200_000)
    assert t.RemoveLoops()(endless).equals(endless)


@settings(deadline=None, max_examples=60)
@given(
    st.lists(
        st.tuples(
            st.lists(st.sampled_from("abc"), min_size=1, max_size=5),
            st.integers(1, 16),
            st.lists(st.sampled_from("abcdefgh"), max_size=30),
        ),
        min_size=1,
        max_size=6,
    ),
    st.integers(3, 12),
    st.integers(5, 40),
)
def test_no_loop_is_missed_wherever_it_stands(
    parts: list[tuple[list[str], int, list[str]]], copies: int, least: int
) -> None:
    documents = [" ".join([*after, *unit * times, *after]) for unit, times, after in parts]
    texts = pa.array(documents)
    rows = np.arange(len(documents))
    found = text_loops.loops(texts, rows, copies, least, 5)
    edges = np.concatenate([[0], np.cumsum(pc.binary_length(texts).to_numpy())])
    expected = []
    for number, document in enumerate(documents):
        here = words(pa.array([document]))
        for first, period, times in text_loops._repeated(here, copies, least, 5):
            end = here.ends[first + period * times - 1]
            expected.append((here.starts[first] + edges[number], end + edges[number]))
    assert list(zip(found.first, found.ends, strict=True)) == expected
    alone = [text_loops.without(texts.slice(i, 1), text_loops.loops(texts.slice(i, 1), rows[:1],
             copies, least, 5))[0].as_py() for i in range(len(texts))]  # fmt: skip
    assert text_loops.without(texts, found).to_pylist() == alone


@pytest.mark.parametrize(
    "wrong", [{"min_copies": 2}, {"min_words": 0}, {"max_unit": 0}, {"policy": "drop"}]
)
def test_wrong_parameters(wrong: dict[str, Any]) -> None:
    with pytest.raises(InvalidParameter):
        t.RemoveLoops(**wrong)
