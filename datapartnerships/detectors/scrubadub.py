"""What scrubadub finds, and an error for what it cannot find in a locale."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, NamedTuple

import pyarrow as pa

from datapartnerships.detectors._model_spans import as_table, span, strings, windows
from datapartnerships.detectors._spans import check
from datapartnerships.detectors.contacts import REGIONS
from datapartnerships.errors import ConfigurationError, InvalidParameter

# Characters: its expressions are run over the whole of a window.
WINDOW, OVERLAP = 10_000, 200
SCORE = 0.5


class _Kind(NamedTuple):
    label: str
    region: str = ""
    language: str = ""


# Those of scrubadub 2.0.1, and the one region or language that they have an expression for. Not
# here: date_of_birth, which finds other dates next year, and those that look for a user's list.
_KINDS = {
    "credential": _Kind("SECRET"),
    "credit_card": _Kind("PAYMENT_CARD"),
    "drivers_licence": _Kind("DRIVING_LICENSE", region="GB"),
    "email": _Kind("EMAIL"),
    "national_insurance_number": _Kind("NATIONAL_ID", region="GB"),
    "phone": _Kind("PHONE"),
    "postalcode": _Kind("POSTAL_CODE", region="GB"),
    "skype": _Kind("USERNAME", language="en"),
    "social_security_number": _Kind("NATIONAL_ID", region="US"),
    "tax_reference_number": _Kind("TAX_ID", region="GB"),
    "text_blob_name": _Kind("PERSON", language="en"),
    "twitter": _Kind("USERNAME"),
    "url": _Kind("URL"),
    "vehicle_licence_plate": _Kind("LICENSE_PLATE", region="GB"),
}
DETECTORS = tuple(_KINDS)
# What scrubadub runs for en_US, its default.
DEFAULT = (
    *("credential", "credit_card", "email", "phone", "social_security_number", "twitter", "url"),
)
_LOCALE = re.compile(r"([a-z]{2,3})_([A-Z]{2})")


@dataclass(frozen=True, slots=True, kw_only=True)
class Scrubadub:
    """Finds what detectors of scrubadub find.

    Scrubadub drops detectors that do not know a locale without a word. Here that is an error: what
    is to be looked for in another locale than ``en_US`` has to be said.

    Attributes:
        locale: language and country, as ``en_GB``: the country whose national phone numbers are
            found, and which of the detectors there are.
        detectors: any of `DETECTORS`, by scrubadub's names.

    The score is 0.5 for all: there is none. Names are only found by ``text_blob_name``, in English,
    with data of nltk that has to be on the machine. What scrubadub misses it misses here too: card
    numbers with spaces, addresses with accents, IP addresses, account numbers and keys; what it
    finds too much of (``credential`` goes to the end of the line, `@Override` is a name on Twitter)
    it finds here. Its placeholders, and the table of originals behind them, are not used.

    Examples:
        >>> found = Scrubadub()(pa.array(["Write to anna@example.org."]))
        >>> [(s["start"], s["end"], s["label"]) for s in found.to_pylist()]
        [(9, 25, 'EMAIL')]
    """

    locale: str = "en_US"
    detectors: tuple[str, ...] = DEFAULT

    version: ClassVar[int] = 1

    def __post_init__(self) -> None:
        parts = _LOCALE.fullmatch(self.locale) if isinstance(self.locale, str) else None
        if not parts or parts[2] not in REGIONS:
            expected = "a language and a country, such as 'en_GB'"
            raise InvalidParameter(self, "locale", expected, self.locale)
        given: Any = self.detectors
        object.__setattr__(self, "detectors", tuple(given) if isinstance(given, list) else given)
        check(self, "detectors", self.detectors, DETECTORS, "detector of scrubadub")
        if not self.detectors:
            raise InvalidParameter(self, "detectors", "at least one", self.detectors)
        there = {
            name
            for name, kind in _KINDS.items()
            if kind.region in ("", parts[2]) and kind.language in ("", parts[1])
        }
        if lacking := [name for name in self.detectors if name not in there]:
            raise ConfigurationError(
                f"Scrubadub: for {self.locale} scrubadub has no {', '.join(lacking)}: it would "
                f"find none, in silence. There it has: {', '.join(sorted(there))}. Name those that "
                "you want as `detectors`, and let another detector find the rest."
            )

    @property
    def labels(self) -> frozenset[str]:
        """The labels it can give."""
        return frozenset(_KINDS[name].label for name in self.detectors)

    @property
    def content_id(self) -> str:
        """Which scrubadub, and what it finds phone numbers and names by."""
        from datapartnerships._backends._model import engine

        names = ("scrubadub", "phonenumbers", "textblob")
        return " ".join(engine(n, extra_name="pii", needed_by="Scrubadub") for n in names)

    def covers(self, language: str) -> Mapping[str, str]:
        """By which of scrubadub's detectors; forms are the same in all languages, names are not."""
        how: dict[str, list[str]] = {}
        for name in self.detectors:
            if _KINDS[name].language in ("", language):
                how.setdefault(_KINDS[name].label, []).append(name)
        return {
            label: f"scrubadub {self.locale}: {', '.join(names)}" for label, names in how.items()
        }

    def __call__(self, texts: pa.Array) -> pa.Table:
        """Spans of a batch of texts, with the columns of `SPANS`, sorted by text and start."""
        from datapartnerships._backends import scrubadub

        found = []
        for window in windows(strings(texts), WINDOW, OVERLAP):
            for name in self.detectors:
                for start, end in scrubadub.find(name, self.locale, window.characters):
                    found.append(span(window, start, end, _KINDS[name].label, SCORE))
        return as_table(found, "Scrubadub")
