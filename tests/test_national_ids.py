"""Numbers of many countries, all of them drawn by chance in the tests."""

from __future__ import annotations

import random
import re
import string
from itertools import pairwise

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from datapartnerships.detectors import NationalIds, _forms, _ids
from datapartnerships.errors import DataPartnershipsError

ALL = NationalIds()


def written(shape: str, draw: random.Random) -> str:
    """Random digits and letters in a shape such as ``6-4``."""
    out = []
    for part in re.findall(r"\d+|.", shape):
        if part.isdigit():
            out.append("".join(draw.choices(string.digits, k=int(part))))
        else:
            out.append(draw.choice(string.ascii_uppercase) if part == "a" else part)
    return "".join(out)


def compact(text: str) -> str:
    return re.sub(r"[^0-9A-Z]", "", text)


# Kinds with letters or dates are drawn closer to what they look like: chance alone takes too long.
_CLOSER = {
    "it.codicefiscale": lambda d: _codice_fiscale(d),
    "mx.curp": lambda d: _curp(d),
    "ric": lambda d: "110101" + _born(d, "%Y%m%d") + written("3", d) + d.choice("0123456789X"),
    "kr.rrn": lambda d: _born(d, "%y%m%d") + d.choice("1234") + written("6", d),
    "my.nric": lambda d: _born(d, "%y%m%d") + "08" + written("4", d),
    "id.nik": lambda d: "317101" + _born(d, "%d%m%y") + written("4", d),
    "ch.ssn": lambda d: "756" + written("10", d),
    "pt.cc": lambda d: written("9aa1", d),
    "pan": lambda d: written("aaa", d) + "P" + written("a4a", d),
    "us.itin": lambda d: "9" + written("2", d) + "70" + written("4", d),
    "nino": lambda d: "AB" + written("6", d) + "C",
    "no.fodselsnummer": lambda d: _born(d, "%d%m%y") + written("5", d),
}


def _born(draw: random.Random, form: str) -> str:
    import datetime as dt

    return (dt.date(1951, 1, 1) + dt.timedelta(draw.randrange(17000))).strftime(form)


def _codice_fiscale(draw: random.Random) -> str:
    from stdnum.it.codicefiscale import calc_check_digit

    month = draw.choice("ABCDEHLMPRST")
    front = written("aaaaaa", draw) + f"{draw.randrange(40, 99)}{month}{draw.randrange(10, 28)}H501"
    return front + str(calc_check_digit(front))


def _curp(draw: random.Random) -> str:
    from stdnum.mx.curp import calc_check_digit

    front = "BO" + "XW" + _born(draw, "%y%m%d") + "HDFRRL" + "0"
    return front + str(calc_check_digit(front))


def drawn(kind: _forms.Kind, shape: str, seed: int) -> str:
    """A number of a kind, in a shape."""
    draw, is_one = random.Random(seed), _ids.check_of(kind.check)
    # The shape of a compact number that has letters in places of its own.
    while True:
        number = (
            _CLOSER[kind.check](draw) if kind.check in _CLOSER else compact(written(shape, draw))
        )
        signs = re.sub(r"\d+", lambda m: "9" * int(m[0]), shape)
        if len(compact(signs.upper())) == len(number) and is_one(number):
            rest = iter(number)
            return "".join(next(rest) if c in "9a" else c for c in signs)


def forms(where: str) -> list[tuple[_forms.Kind, str]]:
    out = []
    for kind in _ids.IDS:
        for shape in filter(None, getattr(kind, where).split("|")):
            if where == "cued" and shape in kind.alone:
                continue
            out.append((kind, shape))
    return out


def found(text: str, detector: NationalIds = ALL) -> list[str]:
    spans = detector(pa.array([text])).to_pylist()
    return [text[span["start"] : span["end"]] for span in spans]


# Not to be drawn by chance in the time of a test: Corsica, an X as check digit, births after 1999.
_SHORT = {("FR", "1 2 2a 3 3 2"), ("CN", "17a"), ("MX", "aaaa6aaaaaaa1")}


@pytest.mark.parametrize(
    ("kind", "shape"), [x for x in forms("alone") if (x[0].country, x[1]) not in _SHORT]
)
def test_a_number_in_a_form_of_its_own_is_found(kind: _forms.Kind, shape: str) -> None:
    detector = NationalIds(countries=(kind.country,))
    for seed in range(3):
        number = drawn(kind, shape, seed)
        for text in (f"It says {number}.", number, f"({number})", f"nr.:{number}, of today"):
            assert found(text, detector) == [number]


@pytest.mark.parametrize(("kind", "shape"), forms("cued"))
def test_a_number_that_chance_often_makes_needs_a_word(kind: _forms.Kind, shape: str) -> None:
    detector = NationalIds(countries=(kind.country,))
    number = drawn(kind, shape, 1)
    cue = kind.cues.split(",")[0].rstrip("*")
    assert number in found(f"{cue}: {number}.", detector)[0]
    alone = [k for k in _ids.IDS if k.country == kind.country and shape in k.alone.split("|")]
    if not alone:
        assert found(f"The sum of {number} was paid", detector) == []


def test_the_kennitala_of_a_company_is_none_of_a_person() -> None:
    draw = random.Random(5)
    while True:
        number = written("10", draw)
        if _ids._company_kennitala(number):
            break
    text = f"kt. {number[:6]}-{number[6:]}"
    assert found(text) == []
    assert found(text, NationalIds(countries=("IS",), companies=True)) == [text[4:]]


def test_coordination_numbers_and_numbers_without_the_old_checksum() -> None:
    from stdnum import luhn

    front = "701070238"  # the 10th of October 1970, and 60 (SKV 704)
    number = f"{front[:6]}-238{luhn.calc_check_digit(front)}"
    assert found(f"{number} lives there") == []
    assert found(f"Samordningsnummer {number}") == [number]
    new = next(
        f"010107{i:04d}" for i in range(4000, 5000) if not _ids._cpr_checked(f"010107{i:04d}")
    )
    plain = f"{new[:6]}-{new[6:]}"
    assert found(f"the {plain} form", NationalIds(countries=("DK",))) == []
    assert found(f"CPR-nr. {plain}", NationalIds(countries=("DK",))) == [plain]


KENNITALA = next(k for k in _ids.IDS if k.name == "kennitala")


def test_other_digits_and_what_is_not_seen() -> None:
    number = drawn(KENNITALA, "6-4", 3)
    east = number.translate({48 + i: 0x660 + i for i in range(10)})
    wide = number.translate({48 + i: 0xFF10 + i for i in range(10)})
    south = number.translate({48 + i: 0x966 + i for i in range(10)})
    for form in (east, wide, south):
        assert found(f"«{form}»") == [form]
        assert found(form) == [form]
    for unseen in ("\u200b", "\u2060", "\u00ad", "\ufeff", "\u200f"):
        broken = number[:3] + unseen + number[3:]
        assert found(f"þá {broken} og") == [broken]
    dashed = number.replace("-", "\u2011")
    assert found(dashed) == [dashed]
    assert found(number.replace("-", "\u00a0")) == [number.replace("-", "\u00a0")]


def test_what_goes_on_is_no_number() -> None:
    number = drawn(KENNITALA, "6-4", 4)
    for text in (f"x{number}", f"{number}1", f"1-{number}", f"{number}-22", f"{number}.50",
                 f"$ {number}%", f"/a/{number}", f"{number}@example.is"):  # fmt: skip
        assert found(text) == []


def test_a_line_end_inside() -> None:
    number = drawn(KENNITALA, "6 4", 4)
    broken = number.replace(" ", "\n")
    text = f"The person that this letter is about has the number {broken}, and so on."
    assert found(text) == [broken]


def test_many_digits_without_a_space_take_linear_work(monkeypatch: pytest.MonkeyPatch) -> None:
    looked: list[int] = []
    inner = _forms._best

    def counted(*arguments: object) -> object:
        looked.append(1)
        return inner(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(_forms, "_best", counted)
    works = []
    for size in (20_000, 40_000):
        looked.clear()
        for unit in ("1", "12 ", "1-", "110437-4399", "a1", "1.2.3 ", "ABCDEF12"):
            ALL(pa.array([unit * (size // len(unit))]))
        works.append(len(looked))
    assert works[1] <= 2.2 * works[0] + 10


@given(st.text("0123456789-. /ABX\n\u00a0\u0661\u200b\0é", max_size=80))
def test_spans_lie_in_the_text_and_apart(text: str) -> None:
    spans = ALL(pa.array([text, text])).to_pylist()
    for first, second in pairwise(spans):
        if first["text"] == second["text"] and first["label"] == second["label"]:
            assert first["end"] <= second["start"]
    for span in spans:
        assert 0 <= span["start"] < span["end"] <= len(text)


def test_what_it_cannot_serve_is_an_error() -> None:
    with pytest.raises(DataPartnershipsError, match=r"Unknown country 'ISL'"):
        NationalIds(countries=("ISL",))
    with pytest.raises(DataPartnershipsError):
        NationalIds(countries=())
    assert "IS" in NationalIds(countries=("IS", "DE")).covers("is")["NATIONAL_ID"]
    assert NationalIds(countries=("IS",)).labels == {"NATIONAL_ID"}
