"""Dates, dates of birth and ages, in many languages, and what only looks like one."""

from __future__ import annotations

import time
from datetime import date

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from datapartnerships.detectors import Dates
from datapartnerships.detectors._months import MONTHS, YEARS
from datapartnerships.errors import DataPartnershipsError


def found(text: str, detector: Dates | None = None) -> list[tuple[str, str]]:
    spans = (detector or Dates())(pa.array([text])).to_pylist()
    return [(span["label"], text[span["start"] : span["end"]]) for span in spans]


@pytest.mark.parametrize(
    "text",
    [
        "8 June 2001", "June 8, 2001", "14th February, 2018", "1 st August, 2015", "8 June",
        "December 1999", "8. júní 2001", "am 3. März 2010", "le 1er mai 1998",
        "8 de mayo de 1998", "mayo de 1998", "3 d'abril de 1999", "8 giugno 2001",
        "8 de junho de 2001", "8. juni 2001", "den 8 juni 2001", "8. kesäkuuta 2001",
        "8 czerwca 2001", "8. června 2001", "8 июня 2001", "2001. június 8", "8 Haziran 2001",
        "8.6.2001", "08/06/2001", "2001-06-08", "12. 3. 1998", "08.06.01", "8/6/01", "8-6-2001",
        "8 June\n2001",
    ],
)  # fmt: skip
def test_dates(text: str) -> None:
    first = text.split(" ", 1)[1] if text.split(" ")[0] in ("am", "le", "den") else text
    assert found(f"Signed {text}, at noon.") == [("DATE", first)]


@pytest.mark.parametrize(
    "text",
    [
        "section 1.2.10", "version 10.4.21", "192.168.1.10", "32/13/2001", "0/0/2001",
        "978-3-16-148410-0", "555-12-3456-78", "10/12/14/16", "3 may apply", "set 5 aside",
        "he was mar 5", "in 2001", "5 years", "12 months ago",
        "hace 20 años", "de 4 meses de evolución", "1990-2001", "3-5-7", "12.50.1999",
    ],
)  # fmt: skip
def test_what_is_none(text: str) -> None:
    assert found(f"It says {text}: so.") == []


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("born on 8 June 2001", "8 June 2001"),
        ("Date of birth: 08/06/2001", "08/06/2001"),
        ("fædd 8. júní 2001", "8. júní 2001"),
        ("Fecha de nacimiento: 8/6/2001", "8/6/2001"),
        ("geboren am 8. Juni 2001", "8. Juni 2001"),
        ("née le 8 juin 2001", "8 juin 2001"),
        ("D.O.B. 2001-06-08", "2001-06-08"),
    ],
)
def test_dates_of_birth(text: str, value: str) -> None:
    assert found(text) == [("BIRTH_DATE", value)]
    assert found(text, Dates(find=("DATE",))) == [("DATE", value)]


@pytest.mark.parametrize(
    "text",
    [
        "She was born in {} and lives here.", "born in New Harwick in {}", "Tom (b. {}) was",
        "Jón (f. {}), bóndi", "Année de naissance : {}", "né en {} à Lyon", "geb. {} in Wien",
        "geboren im Jahre {}", "Jahrgang {}", "urodzona w {} roku", "fæddist árið {} í Vík",
        "Year of birth: {}", "syntynyt vuonna {}", "nacido en Toledo en {}", "родился в {} году",
    ],
)  # fmt: skip
def test_years_of_birth(text: str) -> None:
    assert found(text.format(1958)) == [("BIRTH_DATE", "1958")]
    assert found(text.format(1958), Dates(find=("DATE",))) == [("DATE", "1958")]
    assert found(text.format(1958), Dates(find=("AGE",))) == []


@pytest.mark.parametrize(
    "text",
    [
        "He was born. In 1976 the law", "an idea born 12 years before 1976", "born 1976-1980",
        "When it was born; in 1977", "The plan of 1976 gave birth to it.",
    ],
)  # fmt: skip
def test_other_years_near_a_birth(text: str) -> None:
    assert found(text) == []


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("a 45-year-old man", "45-year-old"),
        ("aged 34 years", "34 years"),
        ("She turned 60.", "60"),
        ("Age: 47 Sex: F", "47"),
        ("Hann er 53 ára gamall", "53 ára"),
        ("Varón de 53 años que", "53 años"),
        ("la paciente, de 62 años, dice", "62 años"),
        ("falleció a los 80 años", "80 años"),
        ("Edad:62 años", "62 años"),
        ("ein 31-jähriger Mann", "31-jähriger"),
        ("âgé de 40 ans", "40 ans"),
        ("han är 50 år gammal", "50 år"),
    ],
)
def test_ages(text: str, value: str) -> None:
    assert found(text) == [("AGE", value)]


def test_a_year_alone_is_a_date_where_it_is_asked_for() -> None:
    text = "In 1958 and (2001), not § 2004, 2,015 or 1999 %."
    assert found(text) == []
    assert found(text, Dates(years=True)) == [("DATE", "1958"), ("DATE", "2001")]


@given(
    st.dates(date(1900, 1, 1), date(2099, 12, 31)),
    st.sampled_from(sorted(MONTHS)),
    st.sampled_from(["{d}. {m} {y}", "{d} {m} {y}", "{m} {y}"]),
)
def test_months_of_every_language(day: date, language: str, form: str) -> None:
    name = MONTHS[language][day.month - 1].split()[0]
    text = form.format(d=day.day, m=name, y=day.year)
    assert found(f"x {text} x") == [("DATE", text)]


def test_it_says_what_it_covers() -> None:
    assert set(Dates().covers("is")) == {"DATE", "BIRTH_DATE", "AGE"}
    assert set(Dates().covers("sw")) == {"DATE"}
    assert set(MONTHS) == set(YEARS)
    with pytest.raises(DataPartnershipsError, match="Did you mean 'DATE'"):
        Dates(find=("DATES",))


def test_long_rows_of_figures_and_signs_take_no_time() -> None:
    for text in ("1.1." * 500_000, "1" * 2_000_000, "may " * 500_000, "12 års" * 300_000):
        started = time.process_time()
        Dates(years=True)(pa.array([text]))
        assert time.process_time() - started < 60  # a backtracking expression takes days
