"""Which line of a deposit.yaml speaks of which row."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from datapartnerships.intake import Intake, regex
from datapartnerships.kernels.segments import whole

Mask = npt.NDArray[np.bool_]


def ledger_rows(intake: Intake, batch: pa.Table) -> npt.NDArray[np.int64]:
    """Of each row, the index into `intake.ledger`: the last override that matches, or 0."""
    places = _places(batch)
    which = np.zeros(batch.num_rows, np.int64)
    for number, (pattern, _) in enumerate(intake.overrides):
        which[_hits(places, pattern)] = number + 1
    return which


def opted_out(intake: Intake, batch: pa.Table) -> Mask:
    """The rows that must not leave."""
    out = np.zeros(batch.num_rows, np.bool_)
    if intake.opt_outs:
        places = _places(batch)
        for one in intake.opt_outs:
            out |= _hits(places, one.path)
    return out


def placeless(batch: pa.Table) -> Mask:
    """The rows of which nothing says where they are from."""
    uri = whole(batch["provenance"]).field("uri")
    return np.asarray(pc.equal(pc.fill_null(uri, ""), ""))


def _places(batch: pa.Table) -> pa.Array:
    """As `intake.place_of`, of all rows."""
    provenance = whole(batch["provenance"])
    uri, member = (pc.fill_null(provenance.field(name), "") for name in ("uri", "member"))
    place = pc.if_else(pc.equal(member, ""), uri, pc.binary_join_element_wise(uri, member, "!"))
    for old in ("\\", "!"):
        place = pc.replace_substring(place, old, "/")
    return pc.utf8_normalize(pc.utf8_ltrim(place, "/"), "NFC")


def _hits(places: pa.Array, pattern: str) -> Mask:
    return np.asarray(pc.match_substring_regex(places, regex(pattern)))
