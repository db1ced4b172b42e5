"""Numbers of payment cards: issuer prefix, length, check digit, and how they are printed."""

from __future__ import annotations

import re

from datapartnerships.detectors._runs import Run

# Issuer prefixes (ISO/IEC 7812) and their lengths, from what the networks publish.
_ISSUERS = re.compile(
    r"""4(?:\d{12}|\d{15}|\d{18})                                             # Visa
    |5[1-5]\d{14}|(?:222[1-9]|22[3-9]\d|2[3-6]\d\d|27[01]\d|2720)\d{12}       # Mastercard
    |3[47]\d{13}                                                              # American Express
    |(?:6011|64[4-9]\d|65\d\d)\d{12,15}                                       # Discover
    |3(?:0[0-5]|095|[689]\d)\d{11,16}                                         # Diners Club
    |35(?:2[89]|[3-8]\d)\d{12,15}|(?:1800|2131)\d{11}                         # JCB
    |(?:5018|5020|5038|5[68]\d\d|6304|6390|6759|676[1-3]|0604)\d{8,15}        # Maestro
    |62\d{14,17}|220[0-4]\d{12,15}                                            # UnionPay, Mir
    """,
    re.VERBOSE,
)
_LUHN_DOUBLED = (0, 2, 4, 6, 8, 1, 3, 5, 7, 9)
_HYPHENS = "-\u2010\u2011\u2012\u2013"


def passes_luhn(digits: str) -> bool:
    """The check digit of ISO/IEC 7812-1, annex B."""
    values = [ord(digit) - 48 for digit in reversed(digits)]
    return (sum(values[::2]) + sum(_LUHN_DOUBLED[value] for value in values[1::2])) % 10 == 0


def card(run: Run, index: int) -> tuple[int, int, float, int] | None:
    """Start, end, score and next group of the card that begins at group `index`, if one does.

    The group opens (`Run.opens`).
    """
    size = run.groups[index].size
    if 12 <= size <= 19:
        last = index
        if not _card_ends(run, index):
            return None
    elif 4 <= size <= 6:
        last = _card_groups(run, index)
        if last < 0:
            return None
    else:
        return None
    digits = run.digits(index, last)
    if not (12 <= len(digits) <= 19 and _ISSUERS.fullmatch(digits) and passes_luhn(digits)):
        return None
    score = 0.6 if last == index else 0.95
    return run.groups[index].start, run.groups[last].end, score, last + 1


def _card_groups(run: Run, index: int) -> int:
    """Last group of a card printed in groups from `index`, or -1."""
    gap = run.gap(index)
    if len(gap) != 1 or gap not in " .\u00a0\u202f" + _HYPHENS:
        return -1
    if index and run.gap(index - 1) == gap and run.groups[index - 1].size == 4:
        return -1  # the middle of a longer number
    best, total = -1, run.groups[index].size
    for last in range(index + 1, min(index + 6, len(run.groups))):
        if run.gap(last - 1) != gap:
            break
        total += run.groups[last].size
        if total > 19 or not 1 <= run.groups[last].size <= 7:
            break
        digits = run.digits(index, last)
        if total >= 12 and _ISSUERS.fullmatch(digits) and passes_luhn(digits):
            best = last if _card_ends(run, last) else best
    return best


def _card_ends(run: Run, last: int) -> bool:
    if last + 1 < len(run.groups):
        gap = run.gap(last)
        return gap != "." and (gap not in _HYPHENS or run.groups[last + 1].size < 4)
    after = run.text[run.groups[last].end :][:2]
    return not (
        after[:1].isalnum() or after[:1] == "_" or (after[:1] in ".," and after[1:].isdigit())
    )
