"""Phone numbers and payment cards."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from datapartnerships.detectors import _plans, _runs
from datapartnerships.detectors._cards import card
from datapartnerships.detectors._phones import phone
from datapartnerships.detectors._runs import Run
from datapartnerships.detectors._scan import Block, Column, Hit, byte_length


def numbers(
    column: Column, block: Block, find: frozenset[str], regions: Sequence[str]
) -> Iterator[Hit]:
    """Phone numbers and payment cards. A card is never reported as a phone number too."""
    wanted = find & {"PHONE", "PAYMENT_CARD"}
    if not wanted:
        return
    plans = _plans.plans(tuple(regions)) if "PHONE" in find else ()
    least = 7 if "PHONE" in find else 12
    for run, begin in _runs.runs(column, block, least):
        for left, right, label, score in _in_run(run, wanted, plans):
            place = begin + byte_length(run.text[:left])
            yield Hit(place, place + byte_length(run.text[left:right]), label, score)


def _in_run(
    run: Run, wanted: frozenset[str], plans: _plans.Plans
) -> Iterator[tuple[int, int, str, float]]:
    """Spans in characters of the window, left to right."""
    index, resumed, count = 0, 0, len(run.groups)
    if sum(group.size for group in run.groups) < 12:
        wanted = wanted - {"PAYMENT_CARD"}
    while index < count:
        label = "PAYMENT_CARD"
        found = card(run, index) if label in wanted else None
        if found is None and "PHONE" in wanted:
            label = "PHONE"
            found = phone(run, index, resumed, plans)
        if found is None:
            index += 1
            continue
        left, right, score, index = found
        resumed = index
        yield left, right, label, score
