"""E-mail addresses, phone numbers, IP addresses, credentials in URLs, and payment cards."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from datapartnerships.errors import InvalidParameter, UnknownName
from datapartnerships.schema import SPANS

if TYPE_CHECKING:
    from datapartnerships.detectors._scan import Column, Hit

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
    version = 2
    preload = ("datapartnerships.detectors._addresses", "datapartnerships.detectors._numbers")

    def __post_init__(self) -> None:
        for name in ("find", "regions"):
            if isinstance(getattr(self, name), list):
                object.__setattr__(self, name, tuple(getattr(self, name)))
        _check(self, "find", self.find, LABELS, "label")
        _check(self, "regions", self.regions, REGIONS, "region")
        if not self.find:
            raise InvalidParameter(self, "find", "at least one label", self.find)

    @property
    def labels(self) -> frozenset[str]:
        """The labels it can give."""
        return frozenset(self.find)

    def __call__(self, texts: pa.Array) -> pa.Table:
        """Spans of a batch of texts, with the columns of `SPANS`, sorted by text and start.

        Spans of one label never overlap. A null text has no spans.
        """
        from datapartnerships.detectors import _addresses, _numbers
        from datapartnerships.detectors._scan import Column

        column = Column(texts)
        find = self.labels
        spaced = column.unwrapped() if find & {"PHONE", "PAYMENT_CARD"} else column
        hits: list[Hit] = []
        for block, same in zip(column.blocks(), spaced.blocks(), strict=True):
            found = [
                *_addresses.mail_and_credentials(column, block, find),
                *_addresses.ip_addresses(column, block, find),
                *_numbers.numbers(spaced, same, find, self.regions),
            ]
            hits += _without_overlaps(found)
        return _as_table(column, hits)


def _check(owner: object, parameter: str, values: object, known: Iterable[str], what: str) -> None:
    """Every value is known, or an error that names the nearest ones."""
    if not isinstance(values, tuple):
        raise InvalidParameter(owner, parameter, f"a tuple of {what}s", values)
    for value in values:
        if value not in known:
            raise UnknownName(what, str(value), known, where=f"{type(owner).__name__}.{parameter}")


def _without_overlaps(hits: Iterable[Hit]) -> list[Hit]:
    """Hits in order; of two with one label that overlap, the one that begins first."""
    kept: list[Hit] = []
    reach: dict[str, int] = {}
    for hit in sorted(hits, key=lambda hit: (hit.start, -hit.end, hit.label)):
        if hit.start >= reach.get(hit.label, -1):
            kept.append(hit)
            reach[hit.label] = hit.end
    return kept


def _as_table(column: Column, hits: list[Hit]) -> pa.Table:
    if not hits:
        return SPANS.empty_table()
    texts = column.text_of([hit.start for hit in hits]).tolist()
    starts, ends = _characters(column, texts, hits)
    return pa.Table.from_arrays(
        [
            pa.array(texts, pa.int32()),
            pa.array(starts, pa.int32()),
            pa.array(ends, pa.int32()),
            pa.array([hit.label for hit in hits], pa.string()),
            pa.array([hit.score for hit in hits], pa.float32()),
            pa.repeat(pa.scalar("Contacts", pa.string()), len(hits)),
        ],
        schema=SPANS,
    )


def _characters(
    column: Column, texts: Sequence[int], hits: Sequence[Hit]
) -> tuple[list[int], list[int]]:
    """Offsets in bytes of the column, as offsets in characters of their texts."""
    signed = column.codes.view(np.int8)

    def count(begin: int, end: int) -> int:
        # Bytes 0x80 to 0xBF, -128 to -65 when signed, continue a character.
        return end - begin - int(np.count_nonzero(signed[begin:end] < -64))

    starts, ends = [], []
    current, place, characters = -1, 0, 0
    for text, hit in zip(texts, hits, strict=True):
        if text != current:
            current, place, characters = text, int(column.bounds[text]), 0
        characters += count(place, hit.start)
        place = hit.start
        starts.append(characters)
        ends.append(characters + count(hit.start, hit.end))
    return starts, ends
