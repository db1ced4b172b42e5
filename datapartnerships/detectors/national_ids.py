"""Numbers that countries give to persons, by their checksums and by the words before them."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pyarrow as pa

from datapartnerships.detectors._ids import ANYWHERE, COMPANIES, COUNTRIES, IDS, check_of
from datapartnerships.detectors._spans import as_table, check, united
from datapartnerships.errors import InvalidParameter

if TYPE_CHECKING:
    from datapartnerships.detectors._forms import Rules
    from datapartnerships.detectors._scan import Hit

__all__ = ["COUNTRIES", "NationalIds"]


@dataclass(frozen=True, slots=True, kw_only=True)
class NationalIds:
    """Finds identity, social security and tax numbers of persons, by country.

    A number is found where it stands in a form of its country (``010130-2989``, ``1 85 05 78 006
    084 36``) and passes its checks: checksum, date of birth, ranges. Where random digits often
    pass, a word that announces it must stand near ("BSN", "Steuer-ID", "social security"); the
    reference says which.

    Attributes:
        countries: ISO 3166-1 codes, any of `COUNTRIES`.
        companies: find the kennitala of Icelandic companies too.

    Scores: 0.99 where a word announces the number, 0.9 for a number in groups or with letters,
    0.7 for bare digits that pass.

    Examples:
        >>> found = NationalIds(countries=("IS",))(pa.array(["kt. 010130-2989"]))
        >>> [(s["start"], s["end"], s["label"]) for s in found.to_pylist()]
        [(4, 15, 'NATIONAL_ID')]
    """

    countries: tuple[str, ...] = tuple(sorted(COUNTRIES))
    companies: bool = False

    # Part of every fingerprint: raise it when a change of the rules changes what is found.
    version = 1
    preload = ("datapartnerships.detectors._ids:load",)

    def __post_init__(self) -> None:
        given: object = self.countries
        if isinstance(given, list):
            object.__setattr__(self, "countries", tuple(given))
        check(self, "countries", self.countries, COUNTRIES, "country")
        if not self.countries:
            raise InvalidParameter(self, "countries", "at least one country", self.countries)

    @property
    def labels(self) -> frozenset[str]:
        """The labels it can give."""
        return frozenset(kind.label for kind in IDS if kind.country in self.countries)

    def covers(self, _language: str) -> Mapping[str, str]:
        """How each label is found in texts of a language: by the country, not by the language."""
        return {
            label: "form, checksum and cue words of "
            + ", ".join(sorted({k.country for k in IDS if k.label == label} & {*self.countries}))
            for label in self.labels
        }

    def __call__(self, texts: pa.Array) -> pa.Table:
        """Spans of a batch of texts, with the columns of `SPANS`, sorted by text and start.

        Spans of one label never overlap. A null text has no spans.
        """
        from datapartnerships.detectors._folding import with_folded

        return with_folded(texts, self._find)

    def _find(self, texts: pa.Array) -> pa.Table:
        from datapartnerships.detectors._forms import numbers
        from datapartnerships.detectors._scan import Column

        column = Column(texts)
        plain = column.unwrapped()
        known = _rules(self.countries, self.companies)
        hits: list[Hit] = []
        for block in plain.blocks():
            hits += united(numbers(plain, block, known))
        return as_table(column, hits, "NationalIds")


@functools.cache
def _rules(countries: tuple[str, ...], companies: bool) -> Rules:
    from datapartnerships.detectors._forms import rules

    kinds = [kind for kind in IDS if kind.country in countries]
    if companies and "IS" in countries:
        kinds.append(COMPANIES)
    return rules(kinds, check_of, ANYWHERE)
