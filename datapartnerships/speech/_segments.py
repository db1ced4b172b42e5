"""All that was heard of a recording, in order."""

from __future__ import annotations

import os
from collections.abc import Sequence

from datapartnerships.schema import Segment
from datapartnerships.speech._again import judged
from datapartnerships.speech._pool import Pool, Ticket
from datapartnerships.speech._speakers import Only, Turn, Who, turns
from datapartnerships.speech._utterances import utterances


def segments(
    pool: Pool, tickets: Sequence[Ticket], *, channels: int = 1, spoken: Sequence[Turn] = ()
) -> list[Segment]:
    """Utterances of these stretches, which are recognized now where they were not yet.

    With two channels or more, `speaker` is ``channel 1``, ``channel 2``; else it is that of the
    turns that were `spoken`, or of those that the voices tell where they were listened to.
    """
    if any(ticket.heard is None for ticket in tickets):
        pool.flush()
    for ticket in tickets:
        if ticket.error:
            raise ticket.error
    name = os.path.basename(pool.asr.model.rstrip("/"))
    origin = f"asr {pool.engine.name} {name}"
    found = []
    turn = Who(spoken or turns([x for t in tickets if t.heard for x in t.heard.voices]))
    for ticket in tickets:
        if ticket.heard is None:
            raise RuntimeError("a recording was asked for before it ended (Talk.ended)")
        found += utterances(
            judged(ticket.heard, ticket.speech),
            ticket.speech,
            origin=origin,
            who=Only(f"channel {ticket.channel + 1}") if channels > 1 else turn,
            words=pool.asr.words,
        )
    return sorted(found, key=lambda segment: segment.start_s or 0.0)
