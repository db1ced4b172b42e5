"""What was read where there is no text goes; whatever may be text stays."""

from __future__ import annotations

import json
from pathlib import Path

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from datapartnerships.kernels.segments import flat
from datapartnerships.schema import Document, Segment, documents_to_table
from datapartnerships.transforms import RemoveDebris

_STAIN = ["‘e", "~,", "t:", "A", "»}", "iv.", "^o", "_—", "ue"]
_SOUP = "ro}e “a aJ;b «— sI 4o ~ gu{j ‘x"
_PROSE = "The harbour was closed for three days, and no boat went out."

_KEPT = {
    "figures": "12\n1801\n7\n33.5\n1,204\n9\n-4\n(12)",
    "cells": "a | b | c\n1 | x | 2\n– | ° | 4\n~ | y | 5\n* | z | 6\n^ | q | 7",
    "formulas": "x + y = z\na = b²\nE = mc²\nf(x) = ~p\ny < 0\n∑ x\nπ ≈ 3\n√2",
    "verse": "O no!\nO la!\nAh me,\nso it is.\nHo ho!\nOh, I!\nI go.",
    "initials": "A. B.\nJ. R. K.\nP. Ó.\nÞ. G.\nW. H.\nE. E.",
    "captions of a court": "Doe,\n)\n)\n)\nv.\n)\n)\nRoe,\n)\n)",
    "code": "});\n}\n{}\n*/\n/*\n->\n<p>\n$x;\n);\n#!\n&&",
    "list": "a)\nb)\nc)\n(d)\n1.\n2.\n* x\n* y\n- z\n• q",
    "answers": "a) c\nb) d\nc) b\nd) c\ne) f\nf) g",
    "a key": "1. b\n2. d\n3.c\n(4) d\n10) f\n11. g",
    "units": "kg\nmm\nkm/h\nm²\n°C\n°F\nkWh\nµm\n% w/w",
    "rules": "-----\n* * *\n=====\n_____\n......\n~~~~~\n***",
    "quotations": "“I?”\n‘No.’\n“Go!”\n‘O!’\n„Nú?“\n»Ja«\n«Si»",
    "words with marks": "rock ’n’ roll\n’tis so\nl’an\nd’or\nfo’c’s’le\n’em\no’er",
    "ditto marks": "Jón 12\n\" 14\n\" 9\n\" 11\n\" 8\n\" 10",
    "camel case": "openFile\nisNull\nIsIBAN\nPostgreSQL\nMcKay\niPhone\nLaTeX",
    "Greek": "ἦ\n’ς\nδ’\nτ’\nκ’\nθ’\nἀλλ’",
    "Cyrillic": "и\n«я»\nв\nс\nк\nу\nо",
    "Japanese": "「あ」\n〜\nー\n・\n々\n〆\nヶ",
    "Arabic": "و\n،\n؟\nـ\nلا\nفي\n«ما»",
    "Thai": "ๆ\nฯ\nก\n“ข”\n~ ค\nง\nจ",
    "boxes to tick": "□ Yes\n□ No\nSign here □\n□plaintiff □defendant",
    "modal logic": "□p → p",
}  # fmt: skip


def _after(*texts: str | None) -> list[dict[str, object]]:
    table = documents_to_table([Document("d", "s", segments=[Segment(text) for text in texts])])
    out: list[dict[str, object]] = flat(RemoveDebris()(table))[1].to_pylist()
    return out


def test_stains_go() -> None:
    text = "\n".join([_PROSE, *_STAIN, _PROSE])
    (segment,) = _after(text)
    assert segment["text"] == f"{_PROSE}\n{_PROSE}"
    assert segment["flags"] == ["debris"]


def test_one_long_line_goes() -> None:
    (segment,) = _after(f"{_PROSE}\n{_SOUP}\n{_PROSE}")
    assert segment["text"] == f"{_PROSE}\n{_PROSE}"


def test_a_stain_in_segments_of_its_own() -> None:
    out = _after(_PROSE, *_STAIN, None, _PROSE)
    assert [s["text"] for s in out if s["text"]] == [_PROSE, _PROSE]
    assert sum(s["flags"] == ["debris"] for s in out) == len(_STAIN)


def test_few_odd_lines_stay() -> None:
    text = "\n".join([_PROSE, *_STAIN[:3], _PROSE])
    assert _after(text)[0] == {**_after(_PROSE)[0], "text": text}


def test_figures_and_words_in_a_stain_stay() -> None:
    (segment,) = _after("\n".join([*_STAIN, "Mynd", *_STAIN, "1884"]))
    assert segment["text"] == "Mynd\n1884"


@pytest.mark.parametrize("name", _KEPT)
def test_what_stays(name: str) -> None:
    for text in (_KEPT[name], f"{_PROSE}\n\n{_KEPT[name]}\n\n{_PROSE}"):
        (segment,) = _after(text)
        assert (segment["text"], segment["flags"]) == (text, None)


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("the har\ufffdour was cl\u25a1sed", "the harour was clsed"),
        ("a \ufffd\ufffd b", "a b"),
        ("□□□ and so on", "and so on"),
        ("\ufffd", ""),
    ],
)
def test_placeholders(text: str, left: str) -> None:
    (segment,) = _after(text)
    assert (segment["text"], segment["flags"]) == (left, ["doubtful"])


def test_a_form_feed_stays() -> None:
    (segment,) = _after("\n".join([_PROSE, *_STAIN]) + "\f" + "\n".join([*_STAIN, _PROSE]))
    assert segment["text"] == f"{_PROSE}\n\f{_PROSE}"


def test_nothing_to_do_is_the_same_table() -> None:
    table = documents_to_table([Document("d", "s", segments=[Segment(_PROSE)])])
    assert RemoveDebris()(table) is table


@pytest.mark.parametrize(
    ("document", "segment"),
    [("conversation", "paragraph"), ("text", "turn"), ("text", "utterance")],
)
def test_what_was_said_or_sent_stays(document: str, segment: str) -> None:
    text = "\n".join([*_STAIN, _SOUP, "cl\u25a1sed \ufffd"])
    read = Segment(text, kind="page" if document == "text" else segment)
    rows = [Document("d", "s", kind=document, segments=[Segment(text, kind=segment), read, read])]
    table = documents_to_table([*rows, Document("e", "s", segments=[Segment(_SOUP, kind="page")])])
    first, second, _, other = flat(RemoveDebris()(table))[1].to_pylist()
    assert (first["text"], first["flags"]) == (text, None)
    assert (second["text"] == text) == (document == "conversation")
    assert (other["text"], other["flags"]) == ("", ["debris"])


def test_a_run_ends_with_its_document() -> None:
    rows = [Document(str(n), "s", segments=[Segment("\n".join(_STAIN[:3]))]) for n in range(9)]
    assert RemoveDebris()(documents_to_table(rows)).equals(documents_to_table(rows))


@settings(deadline=None)
@given(st.lists(st.sampled_from([*_STAIN, _SOUP, _PROSE, "", "12", "Mynd", "\f", "□a", "é"])))
def test_what_stays_is_in_order(lines: list[str]) -> None:
    (segment,) = _after("\n".join(lines))
    rest = iter("\n".join(lines).replace("\f", "\n").split("\n"))
    for line in str(segment["text"]).replace("\f", "\n").split("\n"):
        if line:
            assert any(line in other for other in rest)


def test_no_line_of_real_text_is_lost(real_data: Path) -> None:
    texts: dict[str, list[str]] = {}
    path = str(real_data / "text" / "corpus.jsonl.zst")
    with pa.input_stream(path, compression="detect") as stream:
        rows = stream.read(16 << 20).split(b"\n")[:-1]
    for row in map(json.loads, rows):
        texts.setdefault(row["lang"], []).append(row["text"])
    for path in sorted((real_data / "documents" / "icelandic").glob("*_corrected.txt")):
        texts["newspapers"] = [path.read_text(errors="ignore")]
    assert sum(text.count("\n") for some in texts.values() for text in some) > 100_000
    assert len(texts) > 20
    table = documents_to_table(
        [
            Document(f"{language} {number}", "s", segments=[Segment(text)])
            for language, some in texts.items()
            for number, text in enumerate(some)
        ]
    )
    flags = flat(RemoveDebris()(table))[1].field("flags").to_pylist()
    assert not [some for some in flags if some and "debris" in some]
