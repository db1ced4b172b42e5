"""What receipts of many shards and passes add up to."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

from datapartnerships.schema import Receipt
from datapartnerships.tally import Tally


def joined(total: Tally, receipts: Sequence[Receipt]) -> Tally:
    """The steps of a further pass come after those of the passes before."""
    this = Tally()
    for receipt in receipts:
        this.add(Tally.from_dict(receipt.tally))
    steps = [*total.steps, *this.steps]
    total.steps, this.steps = [], []
    total.add(this)
    total.steps = steps
    return total


def added(groups: Sequence[Sequence[Receipt]]) -> list[Receipt]:
    """One receipt a shard: files of the last pass, rejected rows of every pass."""
    out = []
    for passes in groups:
        rejected: dict[str, int] = {}
        for receipt in passes:
            for reason, count in receipt.rejected.items():
                rejected[reason] = rejected.get(reason, 0) + count
        out.append(
            dataclasses.replace(
                passes[-1],
                documents_in=passes[0].documents_in,
                rejected=rejected,
                rejected_files=tuple(e for receipt in passes for e in receipt.rejected_files),
            )
        )
    return out
