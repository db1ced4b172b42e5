"""Less of a value: of a date the year, of an age the band, of a place on a network the network.

What these give holds nothing but what they name; where a value is not plainly of the form that a
rule knows, they give None, and nothing of it may be kept.
"""

from __future__ import annotations

import ipaddress
import re
import unicodedata
from calendar import monthrange
from collections.abc import Callable

__all__ = ["generalize"]

_DECADE = 10
# From here on ages are one band: those who reach them are few (45 CFR 164.514(b)(2)(i)(C)).
_OLDEST = 90
_OLDEST_EVER = 130


def generalize(text: str, label: str) -> str | None:
    """What may be said of `text` in general; None where nothing may.

    ======================  ======================================================================
    DATE, BIRTH_DATE        the year, in its digits: ``8 June 2001`` is ``2001``
    AGE                     ten years: ``53 años`` is ``50–59 años``; from 90 on ``90+``
    POSTAL_CODE             its first part: ``SW1A ***``, ``1000-***``, ``28***``
    IP                      the network: 24 bits of version 4, 48 of version 6
    ======================  ======================================================================
    """
    rule = _RULES.get(label)
    visible = "".join(c for c in text if unicodedata.category(c) != "Cf")
    return rule(unicodedata.normalize("NFKC", visible).strip()) if rule else None


# Runs of digits of one script; a value may have them of any.
_DIGITS = re.compile(r"\d+")
_YEARS = range(1000, 2700)  # the Buddhist era is 543 years on


def _year(text: str) -> str | None:
    """The one number of four digits, where all others are a day, a month, an hour.

    Of a date in one piece (``20010608``) if it can be read in one way only. A year of two digits
    does not say its century, and two years say when something began and ended.
    """
    runs = _DIGITS.findall(text)
    if any(not _of_one_script(run) for run in runs):
        return None
    years = [run for run in runs if len(run) == 4]
    if len(years) == 1 and all(len(run) <= 2 for run in runs if run is not years[0]):
        return years[0] if int(years[0]) in _YEARS else None
    if len(runs) == 1 and len(runs[0]) == 8:
        found = {
            year
            for year, month, day in _readings(runs[0])
            if int(year) in range(1500, 2200)
            and 1 <= int(month) <= 12
            and 1 <= int(day) <= monthrange(int(year), int(month))[1]
        }
        return found.pop() if len(found) == 1 else None
    return None


def _readings(run: str) -> tuple[tuple[str, str, str], ...]:
    """Year first; day first; month first."""
    return (
        (run[:4], run[4:6], run[6:]),
        (run[4:], run[2:4], run[:2]),
        (run[4:], run[:2], run[2:4]),
    )


def _of_one_script(run: str) -> bool:
    return len({ord(digit) - unicodedata.decimal(digit) for digit in run}) == 1


_AGE = re.compile(r"(\D{0,24}?)(\d{1,3})(\D{0,24})")
# What stands beside the number of an age in years; any other word may be somebody's name, or make
# it an age in months.
_OF_AGE_TEXT = """
    a aged age alt alter an anni anno anos ano ans ara aðra ár ára árs år año años de edad
    eta età éves éven gamall gamalt gammal gammel gömul i im in jaar jahr jahre jahren
    jährig jährige jähriger jähriges let lat lata letý letá metų o of old oud rok roku roky
    года год лет ετών έτος χρονών vuotias vuotta y year years yo yr yrs yaş yaşında 岁 歲 歳 才
    세 살 साल वर्ष वर्षीय
"""
_OF_AGE = frozenset(_OF_AGE_TEXT.split())
_APART = re.compile(r"[\s\-/.,()'’]+")


def _band(text: str) -> str | None:
    found = _AGE.fullmatch(text)
    if found is None or not _of_one_script(found[2]):
        return None
    before, number, after = found.groups()
    words = _APART.split(f"{before} {after}".casefold())
    if not all(word in _OF_AGE for word in words if word):
        return None
    zero = ord(number[0]) - unicodedata.decimal(number[0])
    years = int(number)
    if years > _OLDEST_EVER:
        return None
    low = years // _DECADE * _DECADE
    band = f"{_OLDEST}+" if years >= _OLDEST else f"{low}–{low + _DECADE - 1}"
    return before + "".join(chr(zero + int(c)) if c.isdigit() else c for c in band) + after


# A country before it; two groups, or one.
_CODE = re.compile(
    r"([A-Z]{1,3}-(?=\d))?"
    r"(?:([0-9A-Z]{2,5})([ -])[0-9A-Z]{2,4}|(\d{3,8})|([A-Z]{1,2}\d[0-9A-Z]?)\d[A-Z]{2})",
    re.ASCII | re.IGNORECASE,
)


def _area(text: str) -> str | None:
    """The first of two groups; of one group of digits, or of five and more, the first half."""
    found = _CODE.fullmatch(text)
    if found is None:
        return None
    country, first, sign, bare, british = found.groups()
    if bare or (first and first.isdigit() and len(first) >= 5):
        whole = bare or first
        return f"{country or ''}{whole[: len(whole) // 2]}***"
    return f"{country or ''}{first or british}{sign or ' '}***"


def _network(text: str) -> str | None:
    try:
        address = ipaddress.ip_address(text.strip("[]").partition("%")[0])
    except ValueError:
        return None
    if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped is not None:
        address = address.ipv4_mapped
    bits = 24 if address.version == 4 else 48
    return str(ipaddress.ip_network((address, bits), strict=False))


_RULES: dict[str, Callable[[str], str | None]] = {
    "DATE": _year,
    "BIRTH_DATE": _year,
    "AGE": _band,
    "POSTAL_CODE": _area,
    "IP": _network,
}
