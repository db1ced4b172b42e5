"""Streets with a number, postal codes, and what only looks like them."""

from __future__ import annotations

import time

import pyarrow as pa
import pytest

from datapartnerships.detectors import Addresses
from datapartnerships.detectors.addresses import LANGUAGES
from datapartnerships.errors import DataPartnershipsError


def found(text: str, **options: object) -> list[tuple[str, str]]:
    spans = Addresses(**options)(pa.array([text])).to_pylist()  # type: ignore[arg-type]
    return [(span["label"], text[span["start"] : span["end"]]) for span in spans]


@pytest.mark.parametrize(
    "text",
    [
        "Calle Mayor, 23, 1D", "Avda. de la Luz, 36", "C/ Brisa, 4", "rua das Flores 12",
        "12, rue de la Lune", "Via Aurora 3", "ul. Morska 7", "ул. Лесная 5",
        "12 Harbor Street, Apt. 4", "221B Seller Road", "Hafenstraße 5, 10999 Berlin",
        "Brimgatan 12 A", "Sjávargötu 12, 101 Reykjavík", "Öldugata 3", "Havnevej 41",
        "Rantatie 5", "Zeestraat 9", "Carrer del Mar, 8",
    ],
)  # fmt: skip
def test_streets(text: str) -> None:
    assert found(f"In 2019 they moved to {text}; so it says.") == [("ADDRESS", text)]


@pytest.mark.parametrize(
    "text",
    [
        "this way 3 men came", "the court held 5 sittings", "no place for 12 of them",
        "String 1 and String 2", "Partie 4", "Bundesstraße 73", "via 3 channels", "a lo largo de 2",
        "12 people drive 3 cars", "Version 2 street", "IP address: 192.168.1.1 of 3",
        "E-mail address: anna@example.org, 12", "12.5 Main points",
    ],
)  # fmt: skip
def test_what_is_none(text: str) -> None:
    assert found(f"It says {text} here.") == []


def test_words_before_an_address_and_a_code() -> None:
    text = "Domicilio: Brisa Marina, s/n\nCP: 28035.\nAddress: The Old Mill, Brim 4"
    assert found(text) == [
        ("ADDRESS", "Brisa Marina, s/n"),
        ("POSTAL_CODE", "28035"),
        ("ADDRESS", "The Old Mill, Brim 4"),
    ]
    assert found("Postcode: SW1A 2AA, 3 of them", find=("POSTAL_CODE",)) == [
        ("POSTAL_CODE", "SW1A 2AA")
    ]


def test_places_behind_what_says_that_somebody_lives_there() -> None:
    text = "She lives in Brimvik, Norway, born in the Sund de la Mar, and lives in fear."
    assert found(text) == [("LOCATION", "Brimvik, Norway"), ("LOCATION", "Sund de la Mar")]
    text = "He was detained in the Brimvik Remand Centre, then in detention in Orsk."
    assert found(text) == [("LOCATION", "Brimvik Remand Centre"), ("LOCATION", "Orsk")]


def test_it_says_what_it_covers() -> None:
    assert set(Addresses().covers("is")) == {"ADDRESS", "POSTAL_CODE", "LOCATION"}
    assert Addresses().covers("sw") == {}
    assert {"de", "en", "es", "fr", "is"} <= set(LANGUAGES)
    with pytest.raises(DataPartnershipsError, match="Did you mean 'ADDRESS'"):
        Addresses(find=("ADRESS",))


def test_long_rows_take_no_time() -> None:
    for text in (
        "Calle A " * 50_000 + "1",
        "1 Main " * 50_000,
        "gata 1 " * 50_000,
        "C/ 1" * 50_000,
    ):
        started = time.process_time()
        Addresses()(pa.array([text]))
        assert time.process_time() - started < 60  # a backtracking expression takes days
