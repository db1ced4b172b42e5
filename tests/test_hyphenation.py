"""Words cut at line ends: joined, kept with their hyphen, or left."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from datapartnerships.kernels.segments import flat
from datapartnerships.schema import Document, Segment, documents_to_table
from datapartnerships.transforms import JoinHyphenation, JoinHyphens, ReflowLines


def _after(*texts: str, corpus: tuple[str, ...] = ()) -> list[str]:
    table = documents_to_table([Document("d", "s", segments=[Segment(text) for text in texts])])
    transform = JoinHyphens()
    if corpus:
        known = documents_to_table(
            [Document(str(i), "s", segments=[Segment(text)]) for i, text in enumerate(corpus)]
        )
        transform = JoinHyphenation().combine([JoinHyphenation().sketch([known, table])])
    out: list[str] = flat(transform(table))[1].field("text").to_pylist()
    return out


@pytest.mark.parametrize(
    ("cut", "whole"),
    [
        ("the har-\nbour lay", "the\nharbour lay"),
        ("merkilegum við-\nburði, svo", "merkilegum\nviðburði, svo"),
        ("die Ge-\nsellschaft der", "die\nGesellschaft der"),
        ("die Gesell-\nschaft", "die\nGesellschaft"),
        ("in Schleswig-\nHolstein war", "in\nSchleswig-Holstein war"),
        ("an e-\nmail to", "an\ne-mail to"),
        ("the years 1914-\n1918 were", "the years\n1914-1918 were"),
        ("ein PC-\ngestützter Test", "ein\nPC-gestützter Test"),
        ("the mother-in-\nlaw of", "the\nmother-in-law of"),
        ("die Haupt-\nund Nebenwege", "die Haupt-\nund Nebenwege"),
        ("inn- \nog útflutningur", "inn- \nog útflutningur"),
        ("I was going to-\nBut then", "I was going to-\nBut then"),
        ("a soft\u00ad\nhyphen here", "a\nsofthyphen here"),
        ("a soft\u00adhyphen here", "a softhyphen here"),
        ("ein Merk¬\nmal der", "ein\nMerkmal der"),
        ("har\u2010 \r\n   bour lay", "harbour lay"),
        ("a dash -\nand more", "a dash -\nand more"),
        ("a dash --\nand more", "a dash --\nand more"),
        ("- one\n- two", "- one\n- two"),
        ("við-\nburð-\ninum öllum", "viðburðinum öllum"),
        ("end-\n", "end-\n"),
        (
            "at https://example.org/annual-\nreport/2020 now",
            "at\nhttps://example.org/annual-report/2020 now",
        ),
        ("to anna-\nmaria@example.org now", "to\nanna-maria@example.org now"),
        ("to box@mail-\nserver now", "to\nbox@mail-server now"),
        ("run read_all-\nfiles now", "run\nread_all-files now"),
        ("at /srv/annual-\nreport now", "at\n/srv/annual-report now"),
        ("at annual-\nreport.example now", "at\nannual-report.example now"),
        ("at https://example.org/annual\u00ad\nreport", "at\nhttps://example.org/annualreport"),
        ("    the har-\n    bour lay\n    so", "    the\n    harbour lay\n    so"),
        ("    har-\nbour lay", "    harbour lay"),
        (" " * 99 + "har-\nbour lay", " " * 99 + "harbour lay"),
        ("1. har-\nbour lay", "1. harbour lay"),
        ("the  har-\r\nbour lay\r\nso", "the\r\nharbour lay\r\nso"),
        ("við-\nburð-\ninum öllum har-\nbour", "viðburðinum öllum\nharbour"),
        ("the við-\nburð-\ninum", "the\nviðburðinum"),
        (f"at x.org/{'long/' * 30}an-\nnual now", f"at\nx.org/{'long/' * 30}an-nual now"),
        ("the har-\nbour. Then", "the\nharbour. Then"),
    ],
)
def test_by_its_form_alone(cut: str, whole: str) -> None:
    assert _after(cut) == [whole]


@pytest.mark.parametrize("width", [44, 51])
def test_lines_keep_the_length_that_tells_prose(width: int) -> None:
    text = (
        "The harbourmaster remembered every vessel that had entered during the preceding summer, "
        "and he considered it remarkable that nobody had reported the missing lanterns before the "
        "parliamentary committee travelled northward to examine the unfortunate lighthouse."
    )
    lines = [""]
    for word in text.split():
        room = width - len(lines[-1]) - 1
        at = min(room - 1, len(word) - 3)
        if len(word) <= room:
            lines[-1] = f"{lines[-1]} {word}".strip()
        elif at > 2:
            lines[-1] += f" {word[:at]}-"
            lines.append(word[at:])
        else:
            lines.append(word)
    wrapped = "\n".join(lines)
    assert "-\n" in wrapped
    table = documents_to_table([Document("d", "s", segments=[Segment(f"{wrapped}\n{wrapped}")])])
    out = flat(ReflowLines()(JoinHyphens()(table)))[1].field("text").to_pylist()
    assert out == [f"{text}\n{text}"]


def test_the_corpus_says_what_a_word_was() -> None:
    corpus = ("A well-known pilot. A well-known man. The recall of the boats. The recall.",)
    assert _after("a well-\nknown man", corpus=corpus) == ["a\nwell-known man"]
    assert _after("the re-\ncall of", corpus=corpus) == ["the\nrecall of"]
    # A part that is used so: seen before others, and what follows is a word.
    corpus = ("A non-stop train, a non-fatal fall, a non-toxic paint. It is linear, quite linear.",)
    assert _after("a non-\nlinear one", corpus=corpus) == ["a\nnon-linear one"]
    assert _after("a potato-\nto eat", corpus=("Potatoto, potatoto.",)) == ["a\npotatoto eat"]


def test_a_known_word_is_joined_behind_a_slash_but_not_in_an_address() -> None:
    corpus = ("The harbour, a harbour.",)
    assert _after("a port/har-\nbour lay", corpus=corpus) == ["a\nport/harbour lay"]
    assert _after("the har-\nbour.Next", corpus=corpus) == ["the\nharbour.Next"]
    kept = ["ftp://x.org/har-bour lay"]
    assert _after("ftp://x.org/har-\nbour lay", corpus=corpus) == kept


def test_ck() -> None:
    assert _after("der Zuk-\nker. Viel Zucker") == ["der\nZucker. Viel Zucker"]
    assert _after("það var ek-\nki. Alls ekki") == ["það var\nekki. Alls ekki"]


def test_from_page_to_page() -> None:
    note = Segment("1 A note.", page=1, ref="footnotes")
    parts = [
        Segment("They saw the har-", page=1, ref="I"), note, Segment("", page=2, ref="I"),
        Segment("bour, and wept.", page=2, ref="I"),
    ]  # fmt: skip
    table = documents_to_table([Document("d", "s", segments=parts)])
    out = flat(JoinHyphens()(table))[1].to_pylist()
    assert [s["text"] for s in out] == ["They saw the harbour,", "1 A note.", "", "and wept."]
    assert [s["page"] for s in out] == [1, 1, 2, 2]


@pytest.mark.parametrize(
    ("end", "begin"), [("the har-", "ⓐb"), ("a § -", "bour"), ("-", "a"), ("x &-", "ⓐ")]
)
def test_what_is_no_word_at_a_page_break_stays(end: str, begin: str) -> None:
    assert _after(end, begin) == [end, begin]


def test_from_each_page_to_the_next() -> None:
    pages = ["tains of the har-", *["bour and the har-"] * 9, "bour at last."]
    after = _after(*pages, corpus=("The harbour, a harbour.",))
    assert after == ["tains of the harbour", *["and the harbour"] * 9, "at last."]


def test_a_page_of_one_cut_word_is_moved_once() -> None:
    assert _after("the con-", "tinu-", "ing tale") == ["the continu-", "", "ing tale"]


def test_a_rest_goes_to_one_word() -> None:
    parts = [Segment("the har-", ref="I"), Segment("1 A no-", ref="footnotes"),
             Segment("bour lay", ref="I")]  # fmt: skip
    table = documents_to_table([Document("d", "s", segments=parts)])
    out = flat(JoinHyphens()(table))[1].field("text").to_pylist()
    assert out == ["the harbour", "1 A no-", "lay"]


@pytest.mark.parametrize("other", ["Bour began.", "1914 began."])
def test_what_another_page_does_not_carry_on(other: str) -> None:
    assert _after("They saw the har-", other) == ["They saw the har-", other]


def test_turns_are_not_joined() -> None:
    turns = [Segment("I thought the har-", kind="turn"), Segment("bour what?", kind="turn")]
    table = documents_to_table([Document("d", "s", kind="conversation", segments=turns)])
    assert JoinHyphens()(table) is table


def test_sketches_add_up() -> None:
    texts = ["The harbour and the well-known pilot.", "A harbour, a har-\nbour.", "Þórður fór."]
    rows = [Document(str(i), "s", segments=[Segment(text)]) for i, text in enumerate(texts)]
    fit = JoinHyphenation()
    once = fit.combine([fit.sketch([documents_to_table(rows)])])
    parts = [fit.sketch([documents_to_table([row])]) for row in rows]
    assert fit.combine(parts) == fit.combine(parts[::-1]) == once
    assert hash(once) == hash(fit.combine(parts))


def test_counts_are_of_single_texts() -> None:
    texts = ["It con-", "tinued so, and con-", "cluded."]
    rows = [Document(str(i), "s", segments=[Segment(text)]) for i, text in enumerate(texts)]
    fit = JoinHyphenation()
    once = fit.combine([fit.sketch([documents_to_table(rows)])])
    assert once == fit.combine([fit.sketch([documents_to_table([row]) for row in rows])])
    assert once == fit.combine([fit.sketch([documents_to_table(rows[::-1])])])


def test_compiled_or_not(monkeypatch: pytest.MonkeyPatch) -> None:
    texts = ("a well-\nknown man, well-known", "Það er við-\nburður. Viðburður", "1-\n2 x-\ny")
    first = _after(*texts)
    monkeypatch.setenv("DATAPARTNERSHIPS_COMPILED", "0")
    assert _after(*texts) == first


@given(st.lists(st.text(alphabet="aÉb k-\n\u00ad¬\u2010\t.þ日1", max_size=40), max_size=5))
def test_any_text_keeps_its_letters(texts: list[str]) -> None:
    def letters(some: list[str]) -> str:
        return "".join(c for text in some for c in text if c.isalnum())

    assert letters(_after(*texts)) == letters(texts)
