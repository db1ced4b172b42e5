"""Rights of every document, from deposit.yaml."""

from __future__ import annotations

import os
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, ClassVar

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from datapartnerships._given_files import content_id, stamp
from datapartnerships.config import location
from datapartnerships.errors import ConfigurationError
from datapartnerships.intake import DEPOSIT, Intake, regex
from datapartnerships.kernels.segments import reject, set_column, whole
from datapartnerships.schema import RIGHTS


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
        places = _places(batch)
        ledger = pa.array([dict(row) for row in intake.ledger], RIGHTS)
        which = np.zeros(batch.num_rows, np.int64)
        for number, (pattern, _) in enumerate(intake.overrides):
            which[_hits(places, pattern)] = number + 1
        out = np.zeros(batch.num_rows, np.bool_)
        for one in intake.opt_outs:
            out |= _hits(places, one.path)
        batch = set_column(batch, "rights", ledger.take(pa.array(which)))
        if not out.any():
            return batch
        media = whole(batch["media"])
        batch = set_column(
            batch, "media", pc.if_else(pa.array(out), pa.scalar(None, media.type), media)
        )
        return reject(batch, pa.array(out), "AssignRights: opted out")


def _places(batch: pa.Table) -> pa.Array:
    """As `intake.place_of`, of all rows."""
    provenance = whole(batch["provenance"])
    uri, member = (pc.fill_null(provenance.field(name), "") for name in ("uri", "member"))
    place = pc.if_else(pc.equal(member, ""), uri, pc.binary_join_element_wise(uri, member, "!"))
    for old in ("\\", "!"):
        place = pc.replace_substring(place, old, "/")
    return pc.utf8_normalize(pc.utf8_ltrim(place, "/"), "NFC")


def _hits(places: pa.Array, pattern: str) -> Any:
    return np.asarray(pc.match_substring_regex(places, regex(pattern)))


@lru_cache(maxsize=8)
def _loaded(path: str, _: str) -> Intake:
    return Intake.load(path)
