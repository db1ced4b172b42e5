"""Rights of every document, from deposit.yaml."""

from __future__ import annotations

import os
from dataclasses import dataclass
from functools import lru_cache
from typing import ClassVar

import pyarrow as pa
import pyarrow.compute as pc

from datapartnerships._given_files import content_id, stamp
from datapartnerships.config import location
from datapartnerships.errors import ConfigurationError
from datapartnerships.intake import DEPOSIT, Intake
from datapartnerships.kernels.segments import reject, set_column, whole
from datapartnerships.schema import RIGHTS
from datapartnerships.transforms._places import ledger_rows, opted_out


@dataclass(frozen=True, kw_only=True)
class AssignRights:
    """Set `rights` of each document to what deposit.yaml says of its place in the deposit.

    What was there is replaced: this is the only place where rights come from. A document that
    nobody says a license of has none; nothing is guessed. Documents that are opted out of are
    rejected, and lose their `media`: nothing of them is written but their id and place.

    Put it first: `Deduplicate` then keeps the copy with the strictest rights.

    Attributes:
        deposit: deposit.yaml, or the folder that it lies in; an fsspec URL, too. What is in it is
            part of the fingerprint of a run; how its patterns work: docs/how-to/rights.md.
    """

    deposit: str = location("")

    version: ClassVar[int] = 1
    assigns_rights: ClassVar[bool] = True
    requires = frozenset({"provenance", "media", "drop_reason"})
    provides = frozenset({"rights", "media", "drop_reason"})
    # A row that this rejects is kept without its text.
    withholds_text = True

    def __post_init__(self) -> None:
        object.__setattr__(self, "deposit", os.fspath(self.deposit))

    @property
    def path(self) -> str:
        """Of deposit.yaml."""
        if not self.deposit:
            raise ConfigurationError(
                "AssignRights needs to know who may do what: AssignRights(deposit=...) is the path "
                f"of {DEPOSIT}, or the folder that it lies in."
            )
        here = self.deposit
        return here if here.endswith((".yaml", ".yml")) else f"{here.rstrip('/')}/{DEPOSIT}"

    @property
    def content_id(self) -> str:
        """A digest of what is in deposit.yaml."""
        return content_id([self.path])

    def __call__(self, batch: pa.Table) -> pa.Table:
        intake = _loaded(self.path, stamp(self.path))
        ledger = pa.array([dict(row) for row in intake.ledger], RIGHTS)
        rights = ledger.take(pa.array(ledger_rows(intake, batch)))
        batch = set_column(batch, "rights", rights)
        out = opted_out(intake, batch)
        if not out.any():
            return batch
        media = whole(batch["media"])
        batch = set_column(
            batch, "media", pc.if_else(pa.array(out), pa.scalar(None, media.type), media)
        )
        return reject(batch, pa.array(out), "AssignRights: opted out")


@lru_cache(maxsize=8)
def _loaded(path: str, _: str) -> Intake:
    return Intake.load(path)
