"""What is written in other digits, letters that look alike, or with what nobody sees in it."""

from __future__ import annotations

import time
import unicodedata

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

import datapartnerships as dp
from datapartnerships import detectors as d
from datapartnerships import transforms as t
from datapartnerships.detectors._folding import with_folded
from datapartnerships.kernels.folding import fold
from datapartnerships.schema import SPANS, Document, Segment, documents_to_table
from datapartnerships.transforms.detect_pii import spans_of

EVERY = dp.detectors_for("en")


def found(text: str) -> set[tuple[str, str]]:
    spans = spans_of(EVERY, [text])[0]
    return {(span["label"], text[span["start"] : span["end"]]) for span in spans}


# Zeros of digits that people write numbers in.
ZEROS = {
    "arabic": 0x660, "persian": 0x6F0, "devanagari": 0x966, "bengali": 0x9E6, "thai": 0xE50,
    "khmer": 0x17E0, "full-width": 0xFF10, "mathematical": 0x1D7CE,
}  # fmt: skip
NUMBERS = [
    ("PHONE", "+354 467 3395"),
    ("PHONE", "0171/1234567"),
    ("PAYMENT_CARD", "4111 1111 1111 1111"),
    ("IBAN", "GB29 NWBK 6016 1331 9268 19"),
    ("NATIONAL_ID", "120174-3399"),
    ("DATE", "8/6/2001"),
    ("DATE", "8 June 2001"),
]


@pytest.mark.parametrize(("label", "number"), NUMBERS)
@pytest.mark.parametrize("zero", ZEROS.values(), ids=ZEROS)
def test_digits_of_other_scripts(label: str, number: str, zero: int) -> None:
    other = number.translate({48 + i: chr(zero + i) for i in range(10)})
    assert (label, other) in found(f"It says {other} there.")
    assert (label, number) in found(f"It says {number} there.")


HIDDEN = ["\u200b", "\u200d", "\u2060", "\ufeff", "\u00ad", "\u200e", "\u202c"]


@pytest.mark.parametrize("label_value", [*NUMBERS[:5], ("EMAIL", "anna@example.com")])
@pytest.mark.parametrize("hidden", HIDDEN, ids=ascii)
def test_what_nobody_sees_hides_nothing(label_value: tuple[str, str], hidden: str) -> None:
    label, value = label_value
    for at in range(1, len(value)):
        hiding = value[:at] + hidden + value[at:]
        # A soft hyphen where a hyphen is wanted is none.
        assert (label, hiding) in found(f"It says {hiding} there."), ascii(hiding)


@pytest.mark.parametrize(
    ("label", "value"),
    [
        ("PERSON", "J\u043ehn Sm\u0456th"),  # Cyrillic o, Ukrainian i
        ("PERSON", "\u0410nna Br\u043ewn"),
        ("PERSON", "Anna Br\u03bfwn"),  # Greek omicron
        ("PERSON", "J\u00ado\u00adhn Sm\u200bith"),
        ("PERSON", "Jo\u0301n Sigur\u00f0sson"),
        ("PERSON", "\uff2a\uff4f\uff48\uff4e \uff33\uff4d\uff49\uff54\uff48"),
        ("PERSON", "\U0001d409\U0001d428\U0001d421\U0001d427 Smith"),
        ("EMAIL", "j\u043ehn@example.com"),
        ("EMAIL", "anna@ex\u0430mple.com"),
        ("EMAIL", "\uff41nna\uff20example\uff0ecom"),
        ("EMAIL", "\u0430\u043d\u043d\u0430@\u043f\u0440\u0438\u043c\u0435\u0440.\u0440\u0444"),
        ("EMAIL", "j\u00f3n.\u00fe\u00f3r@d\u00e6mi.is"),
        ("EMAIL", "\u0645\u062b\u0627\u0644@\u0645\u062b\u0627\u0644.com"),
        ("IBAN", "\uff27\uff2229 NWBK 6016 1331 9268 19"),
    ],
)
def test_letters_that_look_alike(label: str, value: str) -> None:
    assert (label, value) in found(f"It was {value} who wrote.")


@pytest.mark.parametrize(
    "text",
    [
        # Words of two scripts, formulas, signs of typesetters and of other scripts.
        "Открой Windows и iPhone-ом сделай снимок, затем e-mail'ом отправь.",
        "Σ and Δt of μm, the α-helix, β2-microglobulin and the vector νe.",
        "می‌خواهم کتاب‌ها را بخوانم",
        "クレジットカード（ＶＩＳＡ）は使えません。第１２回、３０％。",
        "Donau\u00addampf\u00adschiff\u00adfahrts\u00adgesellschaft und Bundes\u00adverfassung",
        "صفحة ١٢ من ٣٤٠",
        "धारा १२ और २५",
        "👩‍👩‍👧 at the beach, naive cafe\u0301 and re\u0301sume\u0301",
    ],
)
def test_ordinary_text_of_many_scripts_is_left_alone(text: str) -> None:
    assert found(text) == set()


def test_spans_are_placed_in_their_own_texts() -> None:
    texts = ["Æ" * 300 + " Sími ٤٦٧ ٣٣٩٥ " + "ö " * 400 + "jo\u200bn@example.is", None, "",
             "Call ０１７１/１２３４５６７ or mail anna@example.com"]  # fmt: skip
    spans = d.Contacts()(pa.array(texts))
    assert spans.schema == SPANS
    said = [(s["text"], (texts[s["text"]] or "")[s["start"] : s["end"]]) for s in spans.to_pylist()]
    assert said == [
        (0, "٤٦٧ ٣٣٩٥"), (0, "jo\u200bn@example.is"), (3, "０１７１/１２３４５６７"),
        (3, "anna@example.com"),
    ]  # fmt: skip


def test_what_is_hidden_is_redacted_whole() -> None:
    text = "Ask J\u043ehn Sm\u0456th, +\u0663\u0665\u0664 467 3395, or an\u00adna@example.com."
    table = documents_to_table([Document("1", "", segments=[Segment(text)])])
    table = t.Redact(policy="redact")(t.DetectPii(EVERY)(table))
    left = table["segments"].to_pylist()[0][0]["text"]
    assert left == "Ask [PERSON], [PHONE], or [EMAIL]."


_LETTERS = st.text(
    st.sampled_from(
        "ab Z09.@-\u00ad\u200b\u0301\u0430\u043e\u0661\u0669\uff11\uff21é漢\U0001d7d8\n"
    )
)


@given(_LETTERS)
def test_folding_says_where_everything_was(text: str) -> None:
    folded = fold(text)
    assert len(folded.text) == len(folded.begins) == len(folded.ends) == len(folded.changed)
    for letter, begin, end, changed in zip(*folded, strict=True):
        assert 0 <= begin < end <= len(text)
        was = text[begin:end]
        assert changed or was == letter
        assert letter == was or len(was) > 1 or not was.isascii()
    assert (folded.begins[1:] >= folded.ends[:-1]).all()


@given(st.lists(st.one_of(st.none(), _LETTERS), max_size=6), st.integers(0, 6))
def test_batch_cuts_change_nothing(texts: list[str | None], cut: int) -> None:
    detector = d.Contacts()
    whole = detector(pa.array(texts, pa.string())).to_pylist()
    parts = detector(pa.array(texts[:cut], pa.string())).to_pylist()
    for span in detector(pa.array(texts[cut:], pa.string())).to_pylist():
        parts.append(span | {"text": span["text"] + min(cut, len(texts))})
    assert whole == parts


def test_of_one_label_no_span_overlaps_another() -> None:
    def find(texts: pa.Array) -> pa.Table:
        rows = [
            {"text": i, "start": a, "end": a + 2, "label": "X", "score": 0.5, "detector": "T"}
            for i, text in enumerate(texts.to_pylist())
            for a in range(len(text) - 1)
            if text[a : a + 2].isascii()
        ][:1]
        return pa.Table.from_pylist(rows, SPANS)

    spans = with_folded(pa.array(["ab٠١٢٣٤"]), find).to_pylist()
    assert [(span["start"], span["end"]) for span in spans] == [(0, 2)]


@pytest.mark.parametrize(
    "text",
    ["\u200b" * 500_000, "a\u200b" * 300_000, "\u0661" * 500_000, "a\u043e" * 300_000,
     "e\u0301" * 300_000, "\uff11\uff12 " * 200_000],
    ids=["unseen", "between", "digits", "alike", "marks", "wide"],
)  # fmt: skip
def test_no_text_takes_long(text: str) -> None:
    started = time.process_time()
    d.Contacts()(pa.array([text]))
    assert time.process_time() - started < 60


def test_decomposed_letters_are_as_good_as_composed_ones() -> None:
    text = "Vitnið Þórunn Sigríðardóttir og Björn Ólafsson."
    names = d.Names(languages=("is",))
    plain = unicodedata.normalize("NFD", text)
    spans = names(pa.array([plain])).to_pylist()
    said = [unicodedata.normalize("NFC", plain[s["start"] : s["end"]]) for s in spans]
    assert said == ["Þórunn Sigríðardóttir", "Björn Ólafsson"]
