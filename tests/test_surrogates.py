"""Redaction, masks and surrogates: stable, secret, and never anyone's."""

from __future__ import annotations

import ipaddress
import random
import subprocess
import sys

import phonenumbers
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from datapartnerships.detectors.contacts import Contacts
from datapartnerships.kernels.surrogates import is_surrogate, mask, pseudonymize, redact

KEY = b"0123456789abcdef0123456789abcdef"
LABELS = ("EMAIL", "PHONE", "IP", "PAYMENT_CARD", "URL_CREDENTIALS", "PERSON")

emails = st.from_regex(r"[a-z][a-z0-9.]{0,12}@[a-z]{1,10}\.(com|is|de)", fullmatch=True)
phones = st.from_regex(r"(\+|00)?[1-9][0-9]{1,3}([ -][0-9]{2,4}){2,4}", fullmatch=True)
cards = st.from_regex(r"[0-9]{4}([ -]?)[0-9]{4}\1[0-9]{4}\1[0-9]{1,7}", fullmatch=True)
addresses = st.one_of(st.ip_addresses(v=4), st.ip_addresses(v=6)).map(str)
values = st.one_of(
    st.tuples(st.just("EMAIL"), emails),
    st.tuples(st.just("PHONE"), phones),
    st.tuples(st.just("PAYMENT_CARD"), cards),
    st.tuples(st.just("IP"), addresses),
    st.tuples(st.sampled_from(LABELS), st.text(min_size=1, max_size=30)),
)


def is_valid_card(digits: str) -> bool:
    doubled = [sum(divmod(2 * int(d), 10)) for d in digits[-2::-2]]
    return (sum(doubled) + sum(int(d) for d in digits[-1::-2])) % 10 == 0


def test_redact() -> None:
    assert redact("URL_CREDENTIALS") == "[URL_CREDENTIALS]"


@pytest.mark.parametrize(
    ("text", "label", "expected"),
    [
        ("jon@example.com", "EMAIL", "j***@***"),
        ("þóra (at) example (dot) is", "EMAIL", "þ***@***"),
        ("+354 467 3395", "PHONE", "***95"),
        ("(212) 433-8219 x12", "PHONE", "***19"),
        ("112", "PHONE", "1***"),
        ("4111 1111 1111 1234", "PAYMENT_CARD", "***1234"),
        ("1234", "PAYMENT_CARD", "1***"),
        ("192.168.10.4", "IP", "192.***"),
        ("2001:db8::1", "IP", "2001:***"),
        ("root:secret", "URL_CREDENTIALS", "r***"),
        ("Anna", "PERSON", "A***"),
        ("", "PERSON", "***"),
    ],
)
def test_mask(text: str, label: str, expected: str) -> None:
    assert mask(text, label) == expected


@pytest.mark.parametrize(
    ("label", "spellings"),
    [
        ("EMAIL", ["José@Example.com", "jose\u0301@example.com", "JOSÉ@EXAMPLE.COM"]),
        ("EMAIL", ["anna@dæmi.is", "anna (at) dæmi (dot) is", "anna[at]dæmi.is", "anna＠dæmi.is"]),
        ("EMAIL", ["a@bücher.de", "a@xn--bcher-kva.de", "mailto:a@bücher.de"]),
        ("PHONE", ["+44 (0)20 7946 0958", "+442079460958", "0044 20 7946-0958"]),
        ("PHONE", ["467 3395", "467-3395", "4673395", "467 3395 x12"]),
        ("IP", ["2001:DB8:0:0::1", "2001:db8::1", "[2001:db8::1]"]),
        ("IP", ["10.0.0.1", "::ffff:10.0.0.1"]),
        ("URL_CREDENTIALS", ["anna:old", "anna:new"]),
        ("PERSON", ["Anna Jónsdóttir", "ANNA  JÓNSDÓTTIR", "anna\njo\u0301nsdo\u0301ttir"]),
    ],
)
def test_spellings_of_one_value_share_a_surrogate(label: str, spellings: list[str]) -> None:
    found = {pseudonymize(text, label, KEY) for text in spellings}
    # A name keeps its letter case, and the space between its words.
    assert len({" ".join(text.split()).casefold() for text in found}) == 1


def test_a_card_keeps_its_grouping_and_its_value_decides() -> None:
    dashed = pseudonymize("4111-1111-1111-1111", "PAYMENT_CARD", KEY)
    bare = pseudonymize("4111111111111111", "PAYMENT_CARD", KEY)
    assert [len(group) for group in dashed.split("-")] == [4, 4, 4, 4]
    assert dashed.replace("-", "") == bare


def test_a_local_part_and_a_domain_stay_recognizable() -> None:
    first, second = (pseudonymize(f"anna@{d}", "EMAIL", KEY) for d in ("a.is", "b.is"))
    assert first.split("@")[0] == second.split("@")[0]
    assert first != second
    assert first.split("@")[1] == pseudonymize("jon@a.is", "EMAIL", KEY).split("@")[1]


def test_a_country_code_is_kept() -> None:
    assert pseudonymize("+354 467 3395", "PHONE", KEY).startswith("+354 00000-")
    assert pseudonymize("+1 212 555 1234", "PHONE", KEY).startswith("+1 00000-")
    assert pseudonymize("0044 20 7946 0958", "PHONE", KEY).startswith("+44 00000-")
    assert pseudonymize("467 3395", "PHONE", KEY).startswith("00000-")


@given(values)
def test_surrogates_are_stable_new_and_marked(value: tuple[str, str]) -> None:
    label, text = value
    surrogate = pseudonymize(text, label, KEY)
    assert surrogate == pseudonymize(text, label, KEY)
    assert surrogate != text
    formed = is_surrogate(surrogate, label)
    assert formed or surrogate.startswith(f"{label}-")


@given(values)
def test_another_key_gives_another_surrogate(value: tuple[str, str]) -> None:
    label, text = value
    surrogates = {pseudonymize(text, label, KEY + bytes([n])) for n in range(4)}
    # Four surrogates of 28 bits or more: one chance pair is not a failure, a constant is.
    assert len(surrogates) >= 3


@given(values)
def test_a_surrogate_has_a_surrogate(value: tuple[str, str]) -> None:
    label, text = value
    once = pseudonymize(text, label, KEY)
    assert pseudonymize(once, label, KEY) != once


def test_the_same_in_another_process() -> None:
    code = (
        "from datapartnerships.kernels.surrogates import pseudonymize;"
        f"print(pseudonymize('jon@example.com', 'EMAIL', {KEY!r}))"
    )
    outcome = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert outcome.stdout.strip() == pseudonymize("jon@example.com", "EMAIL", KEY)


def test_no_two_of_fifty_thousand_addresses_collide() -> None:
    rng = random.Random(7)
    texts = {
        "".join(rng.choices("abcdefghijklmnop.1234", k=rng.randint(3, 12))) + "x@example.com"
        for _ in range(50_000)
    }
    assert len({pseudonymize(text, "EMAIL", KEY) for text in texts}) == len(texts)


@given(cards)
def test_card_surrogates_are_nobodys(text: str) -> None:
    digits = "".join(c for c in pseudonymize(text, "PAYMENT_CARD", KEY) if c.isdigit())
    assert digits.startswith("999")
    assert not is_valid_card(digits)


@given(addresses)
def test_address_surrogates_are_never_routed(text: str) -> None:
    surrogate = ipaddress.ip_address(pseudonymize(text, "IP", KEY))
    assert surrogate.is_reserved or surrogate in ipaddress.ip_network("2001:db8::/32")


@given(phones)
def test_phone_surrogates_are_not_valid_numbers(text: str) -> None:
    surrogate = pseudonymize(text, "PHONE", KEY)
    for region in ("US", "GB", "DE", "FR", "ES", "IS", "IT", "KE"):
        assert not is_valid_phone(surrogate, region)


def is_valid_phone(text: str, region: str) -> bool:
    try:
        return phonenumbers.is_valid_number(phonenumbers.parse(text, region))
    except phonenumbers.NumberParseException:
        return False


def test_phone_surrogates_are_valid_nowhere_on_earth() -> None:
    national = [pseudonymize(f"467 33{n:02d}", "PHONE", KEY) for n in range(30)]
    for region in phonenumbers.SUPPORTED_REGIONS:
        assert not [text for text in national if is_valid_phone(text, region)], region
    for code in phonenumbers.COUNTRY_CODE_TO_REGION_CODE:
        numbers = [pseudonymize(f"+{code} 467 33{n:02d}", "PHONE", KEY) for n in range(30)]
        assert not [text for text in numbers if is_valid_phone(text, "US")], code
        again = Contacts(find=("PHONE",))(pa.array([f"Call {text} now." for text in numbers]))
        assert again.num_rows == 0, code
        if phonenumbers.region_code_for_country_code(code) != "001":
            assert all(text.startswith(f"+{code} 00000-") for text in numbers)


@settings(deadline=None, max_examples=50)
@given(
    st.lists(
        st.one_of(st.tuples(st.just("PHONE"), phones), st.tuples(st.just("PAYMENT_CARD"), cards)),
        min_size=1,
    )
)
def test_phone_and_card_surrogates_are_not_found_again(found: list[tuple[str, str]]) -> None:
    texts = [f"Call {pseudonymize(text, label, KEY)} now." for label, text in found]
    again = Contacts(find=("PHONE", "PAYMENT_CARD"))(pa.array(texts))
    assert again.num_rows == 0, [texts[i] for i in again["text"].to_pylist()]


@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("diazbrian@example.net", "EMAIL"),
        ("+44 20 7946 0958", "PHONE"),
        ("4111 1111 1111 1111", "PAYMENT_CARD"),
        ("1234", "PAYMENT_CARD"),
        ("192.168.0.1", "IP"),
        ("no address", "IP"),
        ("root:secret", "URL_CREDENTIALS"),
        ("Anna", "PERSON"),
    ],
)
def test_originals_are_not_taken_for_surrogates(text: str, label: str) -> None:
    assert not is_surrogate(text, label)


def test_a_key_is_needed() -> None:
    with pytest.raises(ValueError, match="must not be empty"):
        pseudonymize("jon@example.com", "EMAIL", b"")
    with pytest.raises(TypeError, match="must be bytes"):
        pseudonymize("jon@example.com", "EMAIL", "secret")  # type: ignore[arg-type]
