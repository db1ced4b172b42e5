"""E-mail addresses, phone numbers, IP addresses, credentials in URLs, and payment cards."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pyarrow as pa

from datapartnerships.detectors._spans import as_table, check, without_overlaps
from datapartnerships.errors import InvalidParameter
from datapartnerships.schema import SPANS

if TYPE_CHECKING:
    from datapartnerships.detectors._scan import Hit

__all__ = ["LABELS", "REGIONS", "SPANS", "Contacts"]

LABELS = ("EMAIL", "PHONE", "IP", "URL_CREDENTIALS", "PAYMENT_CARD")

# ISO 3166-1 codes of the regions whose numbering plans libphonenumber 9 has. Spelled out, so that
# a misspelled region is an error where it is written, without loading the library.
_REGIONS = """
AC AD AE AF AG AI AL AM AO AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR
BS BT BW BY BZ CA CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC
EE EG EH ER ES ET FI FJ FK FM FO FR GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GT GU GW GY HK
HN HR HT HU ID IE IL IM IN IO IQ IR IS IT JE JM JO JP KE KG KH KI KM KN KP KR KW KY KZ LA LB
LC LI LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK ML MM MN MO MP MQ MR MS MT MU MV MW MX MY
MZ NA NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM PR PS PT PW PY QA RE RO RS
RU RW SA SB SC SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ TA TC TD TG TH TJ TK TL
TM TN TO TR TT TV TW TZ UA UG US UY UZ VA VC VE VG VI VN VU WF WS XK YE YT ZA ZM ZW
"""
REGIONS = frozenset(_REGIONS.split())


@dataclass(frozen=True, slots=True, kw_only=True)
class Contacts:
    """Finds what reaches or identifies a person by its form alone, in any language.

    Attributes:
        find: which labels to look for, any of `LABELS`.
        regions: ISO 3166-1 codes of the regions whose *national* phone formats are recognized.
            International numbers (``+354 ...``, ``00354 ...``) of every country always are.

    Scores say how much of the form was there to go by: 0.9 and above for what a checksum, a
    country code or a word like "phone" confirms; 0.5 for digits grouped like a number of one of
    the regions, and for an IP address that is not a public one; 0.4 for bare digits that merely
    are a valid number of one of the regions.

    Examples:
        >>> found = Contacts(regions=("IS",))(pa.array(["Sími 467 3395, jon@example.is."]))
        >>> [(s["start"], s["end"], s["label"]) for s in found.to_pylist()]
        [(5, 13, 'PHONE'), (15, 29, 'EMAIL')]
    """

    find: tuple[str, ...] = LABELS
    regions: tuple[str, ...] = ("US", "GB", "DE", "FR", "ES", "IS")

    # Part of every fingerprint: raise it when a change of the rules changes what is found.
    version = 3
    preload = ("datapartnerships.detectors._addresses", "datapartnerships.detectors._numbers")

    def __post_init__(self) -> None:
        for name in ("find", "regions"):
            if isinstance(getattr(self, name), list):
                object.__setattr__(self, name, tuple(getattr(self, name)))
        check(self, "find", self.find, LABELS, "label")
        check(self, "regions", self.regions, REGIONS, "region")
        if not self.find:
            raise InvalidParameter(self, "find", "at least one label", self.find)

    @property
    def labels(self) -> frozenset[str]:
        """The labels it can give."""
        return frozenset(self.find)

    def covers(self, _language: str) -> Mapping[str, str]:
        """How each label is found in texts of a language: by its form, which is the same in all."""
        regions = ", ".join(self.regions)
        how = {"PHONE": f"form; national formats of {regions}, international ones of all"}
        return {label: how.get(label, "form") for label in self.find}

    def __call__(self, texts: pa.Array) -> pa.Table:
        """Spans of a batch of texts, with the columns of `SPANS`, sorted by text and start.

        Spans of one label never overlap. A null text has no spans.
        """
        from datapartnerships.detectors._folding import with_folded

        return with_folded(texts, self._find)

    def _find(self, texts: pa.Array) -> pa.Table:
        from datapartnerships.detectors import _addresses, _numbers
        from datapartnerships.detectors._scan import Column

        column = Column.of(texts)
        find = self.labels
        spaced = column.unwrapped() if find & {"PHONE", "PAYMENT_CARD"} else column
        hits: list[Hit] = []
        for block, same in zip(column.blocks, spaced.blocks, strict=True):
            found = [
                *_addresses.mail_and_credentials(column, block, find),
                *_addresses.ip_addresses(column, block, find),
                *_numbers.numbers(spaced, same, find, self.regions),
            ]
            if "EMAIL" in find:
                found += _addresses.said(column, block)
            hits += without_overlaps(found)
        return as_table(column, hits, "Contacts")
