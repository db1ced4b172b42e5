"""Bank accounts: IBANs by their check digits, national numbers by theirs and by words."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pyarrow as pa

from datapartnerships.detectors._spans import as_table, settle_find, united

if TYPE_CHECKING:
    from datapartnerships.detectors._forms import Rules
    from datapartnerships.detectors._scan import Hit

__all__ = ["LABELS", "Financial"]

LABELS = ("IBAN", "BANK_ACCOUNT")


@dataclass(frozen=True, slots=True, kw_only=True)
class Financial:
    """Finds numbers of bank accounts. Payment cards are found by `Contacts`.

    An IBAN (ISO 13616) of any country, with any signs between its characters, in upper or lower
    case, must have the length of its country and right check digits: one that OCR misread is not
    found. National account numbers are found by their form where it is one of their own and has a
    check (Iceland, Norway, Poland, France, Spain, New Zealand, Hungary); others, sort codes,
    routing numbers, bankgiro and the codes of banks (BIC) only behind a word that announces them.

    Attributes:
        find: which labels to look for, any of `LABELS`.

    Scores: 0.99 with check digits of an IBAN or a word before; 0.9 in a form of its own.

    Examples:
        >>> found = Financial()(pa.array(["Pay to GB82 WEST 1234 5698 7654 32."]))
        >>> [(s["start"], s["end"], s["label"]) for s in found.to_pylist()]
        [(7, 34, 'IBAN')]
    """

    find: tuple[str, ...] = LABELS

    # Part of every fingerprint: raise it when a change of the rules changes what is found.
    version = 1
    preload = ("datapartnerships.detectors._accounts:rules",)

    def __post_init__(self) -> None:
        settle_find(self, LABELS)

    @property
    def labels(self) -> frozenset[str]:
        """The labels it can give."""
        return frozenset(self.find)

    def covers(self, _language: str) -> Mapping[str, str]:
        """How each label is found in texts of a language: the same in all."""
        how = {"IBAN": "check digits", "BANK_ACCOUNT": "form and cue words of 25 languages"}
        return {label: how[label] for label in self.find}

    def __call__(self, texts: pa.Array) -> pa.Table:
        """Spans of a batch of texts, with the columns of `SPANS`, sorted by text and start.

        Spans of one label never overlap. A null text has no spans.
        """
        from datapartnerships.detectors._folding import with_folded

        return with_folded(texts, self._find)

    def _find(self, texts: pa.Array) -> pa.Table:
        from datapartnerships.detectors import _accounts
        from datapartnerships.detectors._forms import numbers
        from datapartnerships.detectors._scan import Column

        column = Column(texts)
        plain = column.unwrapped()
        hits: list[Hit] = []
        for block in plain.blocks():
            found = list(_accounts.ibans(plain, block)) if "IBAN" in self.find else []
            if "BANK_ACCOUNT" in self.find:
                found += _accounts.bics(plain, block)
                found += numbers(plain, block, _rules())
            hits += united(found)
        return as_table(column, hits, "Financial")


@functools.cache
def _rules() -> Rules:
    from datapartnerships.detectors._accounts import rules

    return rules()
