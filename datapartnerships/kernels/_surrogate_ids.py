"""Numbers of the shape of an identifier that no authority can have given to anybody."""

from __future__ import annotations

import functools
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from itertools import count
from operator import mul

__all__ = ["bank_number", "national_number", "shaped"]

# A large number for a text, always the same.
Number = Callable[[str], int]

# No month, nor one with what countries add to it for a century, a sex or whoever has no number:
# 20, 40, 50, 60, 70, 80.
_NO_MONTH = tuple(f"{n:02d}" for n in (*range(13, 21), *range(33, 41)))
# None of them begins a number of the United Kingdom; which of them is right at the end of another
# country's is tried below.
_LETTERS = "QUV"
# With less there would be few to choose from, so that two persons would often have the same.
_FEWEST = 6
_DIGITS = "0123456789"
_MARK = "XX"


def national_number(text: str, number: Number) -> str | None:
    """Of the same digits and letters in number and grouping, and valid nowhere.

    Ten digits and more begin with 00 and what is no month: neither with day and month nor with
    year and month. Nine begin with 000, which no social security number does, and have no day in
    the place for it. All fail `_weighted` and `_passes`. None for fewer than six digits.
    """
    text = _written(text)
    size, letters = _counts(text)
    if size < _FEWEST:
        return None
    plain = _plain(text)
    for attempt in count():
        drawn = number(f"{attempt}\0{plain}")
        lead = ""
        if size >= 10:
            lead = "00" + _NO_MONTH[drawn % len(_NO_MONTH)]
        elif size == 9:
            lead = f"000{drawn % 10}{4 + drawn // 10 % 6}"
        drawn >>= 16
        rest = size - len(lead) - 1
        body = f"{lead}{drawn % 10**rest:0{rest}d}"
        signs = [_LETTERS[(drawn >> 128 + 8 * i) % len(_LETTERS)] for i in range(letters)]
        right = {str(digit) for digit in _weighted([int(digit) for digit in body])}
        wrong = [x for x in _DIGITS if x not in right and not _passes(body + x, signs)]
        if wrong:
            return _filled(text, body + wrong[(drawn >> 96) % len(wrong)], signs)
    raise AssertionError("unreachable")


def bank_number(text: str, number: Number) -> str | None:
    """An IBAN of the same country and length, with check digits 00: never given (ISO 13616)."""
    text = _written(unicodedata.normalize("NFKC", text))
    plain = _plain(text)
    if len(plain) < 12 or not (plain[:2].isalpha() and plain[:2].isascii()):
        return None
    drawn = number(plain)
    digits, letters = _counts(plain[4:])
    signs = [chr(65 + (drawn >> 128 + 8 * i) % 26) for i in range(letters)]
    body = _filled(plain[4:], f"{drawn % 10**digits:0{digits}d}" if digits else "", signs)
    fresh = iter(f"{plain[:2]}00{body}")
    return "".join(next(fresh, "") if c.isalnum() else c for c in text)


def shaped(text: str, number: Number) -> str | None:
    """Letters for letters and digits for digits, but XX for the first two of either.

    None where there are fewer than six of them.
    """
    text = _written(text)
    digits, letters = _counts(text)
    if digits + letters < _FEWEST:
        return None
    drawn = number(_plain(text))
    signs = [chr(65 + (drawn >> 128 + 5 * i) % 26) for i in range(letters)]
    made = _filled(text, f"{drawn % 10**digits:0{digits}d}" if digits else "", signs)
    marks = iter(_MARK)
    return "".join(next(marks, c) if c.isalnum() else c for c in made)


def _counts(text: str) -> tuple[int, int]:
    digits = sum(c.isdecimal() for c in text)
    return digits, sum(c.isalnum() for c in text) - digits


def _written(text: str) -> str:
    """What there is to see of it; empty if, with its letters and digits replaced, more than space
    and signs would be left."""
    seen = "".join(c for c in text if unicodedata.category(c) != "Cf")
    plain = all(c.isalnum() or c.isspace() or unicodedata.category(c)[0] in "PSZ" for c in seen)
    return seen if plain else ""


def _plain(text: str) -> str:
    """How the same number is written in one way: letters and digits alone."""
    return "".join(
        str(unicodedata.decimal(c)) if c.isdecimal() else c
        for c in unicodedata.normalize("NFKC", text).upper()
        if c.isalnum()
    )


def _filled(text: str, digits: str, letters: list[str]) -> str:
    """`text` with these in the places of its own."""
    fresh, signs = iter(digits), iter(letters)
    return "".join(
        next(fresh)
        if c.isdecimal()
        else (next(signs).lower() if c.islower() else next(signs))
        if c.isalnum()
        else c
        for c in text
    )


def _passes(digits: str, letters: Sequence[str]) -> bool:
    """Whether the last digit, the last two, or the last letter is a right check of the others; of
    digits by other rules than sums of weighted ones."""
    values = [int(digit) for digit in digits]
    if letters and letters[-1] in (_spanish(digits), _irish(values)):
        return True
    whole, body, last = int(digits), int(digits[:-2]), int(digits[-2:])
    born = 2 * 10 ** len(digits[:-2]) + body  # Belgium, since 2000
    if whole % 97 == 1 or whole % 11 == 0 or body % 97 in (last, 97 - last):
        return True
    return born % 97 == 97 - last or _luhn(values) or _mod_11_10(values) or _verhoeff(values)


def _spanish(digits: str) -> str:
    """Spain, Real Decreto 1553/2005: the letter of a number."""
    return "TRWAGMYFPDXBNJZSQVHLCKE"[int(digits) % 23]


def _irish(values: list[int]) -> str:
    """Ireland, PPS number: the letter behind seven digits."""
    return "WABCDEFGHIJKLMNOPQRSTUV"[sum(map(mul, range(8, 1, -1), values)) % 23]


def _luhn(values: list[int]) -> bool:
    """ISO/IEC 7812-1, annex B."""
    doubled = [sum(divmod(2 * value, 10)) for value in values[-2::-2]]
    return (sum(doubled) + sum(values[-1::-2])) % 10 == 0


def _mod_11_10(values: list[int]) -> bool:
    """ISO 7064, the hybrid system MOD 11,10."""
    check = 5
    for value in values:
        check = (((check or 10) * 2) % 11 + value) % 10
    return check == 1


# What the digits before the last are multiplied by, the last of these by the last number; again
# where there are more. The check digit is the sum modulo 11 (10 is 0), what lacks to 11, or to 10.
_SUM, _REST, _TENS = range(3)
_WEIGHTS = (
    (_REST, (7, 6, 5, 4, 3, 2)),
    (_SUM, (6, 5, 7, 2, 3, 4, 5, 6, 7)),
    (_REST, (71, 67, 59, 53, 47, 43, 41, 37, 29, 23, 19, 17, 13, 7, 3)),
    (_REST, (3, 2, 7, 6, 5, 4, 3, 2)),
    (_SUM, (8, 9, 2, 3, 4, 5, 6, 7)),
    (_SUM, (3, 7, 2, 4, 10, 3, 5, 9, 4, 6, 8)),
    (_SUM, (-1, 5, 7, 9, 4, 6, 10, 5, 7)),
    (_SUM, (1, 4, 3, 7, 5, 8, 6, 9)),
    (_REST, (10, 7, 8, 4, 6, 3, 5)),
    (_SUM, (2, 4, 8, 5, 10, 9, 7, 3, 6)),
    (_TENS, (7, 3, 1)),
    (_TENS, (-21, -19, -17, -13, -11, -9, -7, -3, -1)),
    (_TENS, (1, 3)),
    (_TENS, (9, 7, 3, 1, 9, 7, 3, 1, 9, 7)),
    (_TENS, (1, 3, 7, 9, 1, 3, 7, 9, 1, 3)),
)


@functools.cache
def _schemes(size: int) -> tuple[tuple[int, tuple[int, ...]], ...]:
    down, powers = tuple(range(size + 1, 1, -1)), tuple(2 ** (size - i) for i in range(size))
    return (
        (_REST, down),
        (_SUM, down),
        (_REST, powers),
        (_SUM, powers),
        (_SUM, tuple(1 + i % 9 for i in range(size))),
        *(
            (kind, tuple(weights[(i - size) % len(weights)] for i in range(size)))
            for kind, weights in _WEIGHTS
        ),
    )


def _weighted(body: list[int]) -> Iterator[int]:
    """The check digits of sums of weighted digits, as most countries have them."""
    for kind, weights in _schemes(len(body)):
        total = sum(map(mul, weights, body))
        if kind == _REST:
            yield -total % 11 % 10
            yield (11 - total % 11) % 10
            if total % 11 == 1:  # ten has no digit: Colombia has 1
                yield 1
        else:
            yield total % 11 % 10 if kind == _SUM else -total % 10


_TURNS = (
    "0123456789", "1576283094", "5803796142", "8916043527",
    "9453126870", "4286573901", "2793806415", "7046913258",
)  # fmt: skip
_PRODUCTS = (
    "0123456789", "1234067895", "2340178956", "3401289567", "4012395678",
    "5987604321", "6598710432", "7659821043", "8765932104", "9876543210",
)  # fmt: skip


def _verhoeff(values: list[int]) -> bool:
    """J. Verhoeff, Error Detecting Decimal Codes (1969): the dihedral group of ten."""
    check = 0
    for i, value in enumerate(reversed(values)):
        check = int(_PRODUCTS[check][int(_TURNS[i % 8][value])])
    return check == 0
