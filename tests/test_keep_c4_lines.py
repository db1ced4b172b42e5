"""C4's lines: as its code takes them, and in every script."""

from __future__ import annotations

import re

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from datapartnerships.errors import InvalidParameter
from datapartnerships.kernels import _compiled
from datapartnerships.kernels.segments import join_text
from datapartnerships.schema import Document, Segment, documents_to_table
from datapartnerships.transforms import FilterQuality, KeepC4Lines


def batch(*texts: str | list[Segment]) -> pa.Table:
    return documents_to_table(
        Document(str(i), "s", segments=[Segment(t)] if isinstance(t, str) else t)
        for i, t in enumerate(texts)
    )


def kept(*texts: str, **options: bool | int) -> list[str]:
    return join_text(KeepC4Lines(**options)(batch(*texts))).to_pylist()  # type: ignore[arg-type]


def one_by_one(text: str) -> str:
    """The rules of the paper and of the code beside it, a line at a time."""
    out = []
    for line in text.splitlines():
        line = line.strip()
        pieces = line.split()
        bare = re.sub(r"\[\d*\]|\[edit\]|\[citation needed\]", "", line)
        told = bare.lower()
        if (
            max(map(len, pieces), default=0) <= 1000
            and bare[-1:] in tuple(".?!\"'")
            and not bare.endswith("...")
            and len(pieces) >= 3
            and "javascript" not in told
            and not re.search(
                "terms of use|(privacy|cookie) policy|uses cookies|use (of )?cookies", told
            )
        ):
            out.append(bare)
    return "\n".join(out).strip()


PARTS = st.sampled_from([
    "we ", "sailed ", "home", ".", "...", "!", "?", '"', "'", "\n", "\r\n", "\r", "\x1c", "\u2028",
    "\x85", " ", "\t", "[3]", "[٣]", "[edit]", "[citation needed]", "[", "]", "JavaScript ",
    "Terms of Use ", "uses cookies ", "。", "”", "字", "é", "\u3000", "\x00", "\u200b", "x" * 1001,
])  # fmt: skip


@settings(max_examples=400, deadline=None)
@given(st.lists(st.lists(PARTS, max_size=25).map("".join), min_size=1, max_size=4))
def test_as_published_is_what_the_rules_say(texts: list[str]) -> None:
    wanted = [one_by_one(text) for text in texts]
    assert kept(*texts, as_published=True) == wanted


@settings(max_examples=60, deadline=None)
@given(st.lists(PARTS, max_size=25).map("".join), st.booleans())
def test_both_paths_agree_and_twice_is_once(text: str, published: bool) -> None:
    if not _compiled.available():
        pytest.skip("numba is not installed: pip install 'datapartnerships[fast]'")
    found = kept(text, as_published=published)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DATAPARTNERSHIPS_COMPILED", "0")
        assert kept(text, as_published=published) == found


def test_sentences_of_every_script_stay() -> None:
    lines = [
        "Báturinn kom ekki heim.", "彼らは冬の間ずっと家で待っていた。",
        "لم يعد القارب هذا المساء؟", "नाव घर वापस नहीं आई।", "„Sie kommen nicht heim.“",
        "Այսօր նավակը տուն չեկավ։",
    ]  # fmt: skip
    furniture = ["Heim", "ホーム", "Mehr lesen …", "| 3 | 4 | 5 |", "الرئيسية"]
    text = "\n".join(x for pair in zip(lines, [*furniture, "12"], strict=True) for x in pair)
    assert kept(text) == ["\n".join(lines)]
    published = kept(text, as_published=True)[0].split("\n")
    assert published == ["Báturinn kom ekki heim."]


def test_citations_and_space_around_lines_go() -> None:
    text = "  It was built in 1904. [12]\nThe bell[3] fell silent.[citation needed]  "
    assert kept(text) == ["It was built in 1904.\nThe bell fell silent."]


def test_words_and_letters_are_fields() -> None:
    assert kept("Not two.", min_line_words=2) == ["Not two."]
    assert kept("Not two.") == [""]
    assert kept("A longish wordlet here.", max_line_word=6) == [""]
    with pytest.raises(InvalidParameter, match="min_line_words"):
        KeepC4Lines(min_line_words=-1)


def test_segments_keep_their_places_and_the_judge_sees_the_same_lines() -> None:
    parts = [Segment("Home | About", page=1), Segment("It rained all day long.", page=2),
             Segment("Menu\nThe tide came in late.[1]", page=3)]  # fmt: skip
    table = batch(parts, "Nothing here stays")
    out = KeepC4Lines()(table)
    assert [(s["text"], s["page"]) for s in out["segments"][0].as_py()] == [
        ("", 1), ("It rained all day long.", 2), ("The tide came in late.", 3),
    ]  # fmt: skip
    before, after = (FilterQuality.c4()(t)["quality"].combine_chunks() for t in (table, out))
    assert before.field("sentences").to_pylist() == after.field("sentences").to_pylist() == [2, 0]
