"""Which digits are a phone number somewhere: the numbering plans of libphonenumber."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any, NamedTuple

# ITU-T E.164: at most fifteen digits; the shortest national numbers we accept have seven.
MIN_DIGITS, MAX_DIGITS = 7, 15

# Lengths of the groups in which people write numbers without a trunk prefix, beside the one
# that libphonenumber prints: its tables of alternative formats, and the habits of forms.
USUAL_GROUPS = frozenset(
    {
        (3, 4), (4, 4), (3, 3, 4), (1, 3, 3, 4), (3, 3, 3), (2, 2, 2, 2), (3, 2, 3), (2, 3, 2, 2),
        (3, 2, 2, 2), (2, 3, 3), (2, 4, 4), (2, 5, 4), (3, 4, 4), (3, 7), (1, 3, 3, 2, 2),
    }
)  # fmt: skip


class Plan(NamedTuple):
    """What one region dials in front of a national number, and which numbers it has."""

    region: str
    prefix: str
    general: re.Pattern[str]
    undialed: re.Pattern[str]

    def number(self, digits: str) -> str:
        """The national number that these digits dial in this region, or nothing."""
        if self.prefix and digits.startswith(self.prefix):
            digits = digits[len(self.prefix) :]
        elif self.prefix.startswith("0") and not self.undialed.fullmatch(digits):
            return ""
        return digits if self.general.fullmatch(digits) else ""


Plans = tuple[Plan, ...]


@lru_cache(maxsize=64)
def plans(regions: tuple[str, ...]) -> Plans:
    """The numbering plans of `regions`; loads libphonenumber's tables of these regions only."""
    metadata_for = _library().PhoneMetadata.metadata_for_region
    found = []
    for region in regions:
        metadata = metadata_for(region, None)
        prefix = metadata.national_prefix or ""
        general = re.compile(metadata.general_desc.national_number_pattern)
        # `(11) 91234-5678` in Brazil and `3xx xxxxxxx` in Colombia go without their trunk 0.
        undialed = "|".join(
            f"(?={form.leading_digits_pattern[-1] if form.leading_digits_pattern else ''})"
            f"(?:{form.pattern})"
            for form in metadata.number_format
            if prefix not in (form.national_prefix_formatting_rule or "")
        )
        found.append(Plan(region, prefix, general, re.compile(undialed or "(?!)")))
    return tuple(found)


@lru_cache(maxsize=1 << 15)
def international(digits: str) -> float:
    """How sure it is that a country code and a national number make a phone number.

    Plans gain ranges faster than anyone upgrades a library: of a number written with its country
    code, the right length is some evidence too. No national number begins with 0 except where
    libphonenumber knows it (Italy), so surrogates that do are never taken for numbers.
    """
    if not MIN_DIGITS <= len(digits) <= MAX_DIGITS or digits[0] == "0":
        return 0
    library = _library()
    try:
        number = library.parse("+" + digits, None)
    except library.NumberParseException:
        return 0
    if library.is_valid_number(number):
        return 0.95
    if number.italian_leading_zero or len(digits) < 10 or not library.is_possible_number(number):
        return 0
    return 0.7


@lru_cache(maxsize=1 << 15)
def is_conceivable(digits: str, dialed: Plans) -> bool:
    """Whether it is worth looking at what stands around these digits."""
    if digits.startswith("00"):
        return len(digits) > 11
    return any(plan.number(digits) for plan in dialed) or (
        len(digits) >= 10 and international(digits) > 0.9
    )


@lru_cache(maxsize=1 << 15)
def is_national(digits: str, groups: tuple[int, ...], cued: bool, dialed: Plans) -> bool:
    """Whether a region has this number and writes it so.

    A trunk prefix ``0`` or a word like "phone" is evidence enough, and any grouping will do.
    Without one, three digits and four may be anything, and the grouping must be a usual one.
    """
    return any(_in_plan(digits, groups, cued, plan) for plan in dialed)


def _in_plan(digits: str, groups: tuple[int, ...], cued: bool, plan: Plan) -> bool:
    if not (plan.number(digits) and _is_valid(digits, plan.region)):
        return False
    if digits.startswith("0") or cued or len(groups) == 1 or groups in USUAL_GROUPS:
        return True
    library = _library()
    printed = library.format_number(
        library.parse(digits, plan.region), library.PhoneNumberFormat.NATIONAL
    )
    printed = printed.removeprefix(plan.prefix) if not digits.startswith(plan.prefix) else printed
    return groups == tuple(len(group) for group in re.findall(r"\d+", printed))


def _is_valid(number: str, region: str | None) -> bool:
    library = _library()
    try:
        return bool(library.is_valid_number(library.parse(number, region)))
    except library.NumberParseException:
        return False


def _library() -> Any:
    # Three megabytes of tables, which a Contacts without phone numbers never needs.
    import phonenumbers

    return phonenumbers
