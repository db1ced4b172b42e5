"""Bank accounts; every number is drawn by chance."""

from __future__ import annotations

import random
import string

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from datapartnerships.detectors import Contacts, Financial, _accounts
from datapartnerships.errors import DataPartnershipsError


def iban(country: str, seed: int = 1) -> str:
    draw = random.Random(f"{country}{seed}")
    body = "".join(draw.choices(string.digits, k=_accounts.LENGTHS[country] - 4))
    if country in ("GB", "NL", "IE"):
        body = "WXYZ" + body[4:]
    value = int("".join(str(int(c, 36)) for c in f"{body}{country}00"))
    return f"{country}{98 - value % 97:02d}{body}"


def found(text: str) -> list[tuple[str, str]]:
    spans = Financial()(pa.array([text])).to_pylist()
    return [(text[span["start"] : span["end"]], span["label"]) for span in spans]


def grouped(number: str, sign: str, size: int = 4) -> str:
    return sign.join(number[i : i + size] for i in range(0, len(number), size))


@pytest.mark.parametrize("country", sorted(_accounts.LENGTHS))
def test_an_iban_of_every_country_in_every_spacing(country: str) -> None:
    number = iban(country)
    forms = [number, number.lower(), *(grouped(number, sign) for sign in (" ", "-", ".", "\u00a0"))]
    for form in (*forms, grouped(number, "\u200b"), f"{number[:2]} {number[2:]}"):
        assert (form, "IBAN") in found(f"Pay to {form}, please")
    assert (number, "IBAN") in found(number)


def test_the_texts_beside_an_iban_are_not_part_of_it() -> None:
    number = iban("DE")
    spans = Financial()(pa.array(["end", number, "more"])).to_pylist()
    assert [(s["text"], s["start"], s["end"]) for s in spans] == [(1, 0, len(number))]


def test_a_wrong_digit_or_length_is_no_iban() -> None:
    number = iban("IS")
    wrong = number[:-1] + str((int(number[-1]) + 1) % 10)
    for text in (wrong, number[:-1], f"{number}9", f"x{number}", grouped(wrong, " ")):
        assert not [pair for pair in found(text) if pair[1] == "IBAN"]


def test_accounts_behind_words() -> None:
    for text, expected in (
        ("Sort code 20-45-53, account number 51239876.", ["20-45-53", "51239876"]),
        ("Routing number: 021000021", ["021000021"]),
        ("Leggið inn á 0133-26-012345, takk", ["0133-26-012345"]),
        ("Kontonummer: 1234567", ["1234567"]),
        ("n° de compte 12345678", ["12345678"]),
        ("BSB 062-184", ["062-184"]),
        ("BIC: WXYZDEFFXXX, Bank", ["WXYZDEFFXXX"]),
        ("Swift code (WXYZGB2L)", ["WXYZGB2L"]),
    ):
        assert [number for number, _ in found(text)] == expected, text
    for text in ("021000021", "the 20-45-53 vote", "WXYZDEFFXXX", "account of 1987 and 500 000 000",
                 "Konto mit mehr als 500 000", "is 26 years", "in 2001-10-012345x"):  # fmt: skip
        assert found(text) == [], text


def test_a_routing_number_needs_its_check_digit() -> None:
    assert found("ABA 021000022") == []


def luhn(front: str) -> str:
    from stdnum import luhn

    return front + luhn.calc_check_digit(front)


@pytest.mark.parametrize("sign", ["", " ", "-", ".", "\u00a0", "\u2011"])
def test_payment_cards_in_any_spacing(sign: str) -> None:
    visa, amex = luhn("411702334455667"), luhn("37123456789012")
    forms = [grouped(visa, sign), f"{amex[:4]}{sign}{amex[4:10]}{sign}{amex[10:]}"]
    for form in forms:
        text = f"Card {form}, valid"
        spans = Contacts(find=("PAYMENT_CARD",))(pa.array([text])).to_pylist()
        assert [text[s["start"] : s["end"]] for s in spans] == [form]


@given(st.text("DEGBIS0123456789 -.\n\u00a0\u200bé", max_size=80))
def test_spans_lie_in_the_text(text: str) -> None:
    for span in Financial()(pa.array([text])).to_pylist():
        assert 0 <= span["start"] < span["end"] <= len(text)


def test_what_it_cannot_serve_is_an_error() -> None:
    with pytest.raises(DataPartnershipsError, match="Unknown label 'CARD'"):
        Financial(find=("CARD",))
    assert set(Financial(find=("IBAN",)).covers("is")) == {"IBAN"}
