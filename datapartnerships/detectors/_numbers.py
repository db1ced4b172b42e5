"""Phone numbers and payment cards."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from datapartnerships.detectors import _plans, _runs
from datapartnerships.detectors._cards import card
from datapartnerships.detectors._phones import past_date, phone
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
        reached, place = 0, begin
        for left, right, label, score in _in_run(run, wanted, plans):
            place += byte_length(run.text[reached:left])
            reached = left
            yield Hit(place, place + byte_length(run.text[left:right]), label, score)


def _in_run(
    run: Run, wanted: frozenset[str], plans: _plans.Plans
) -> Iterator[tuple[int, int, str, float]]:
    """Spans in characters of the window, left to right."""
    if sum(group.size for group in run.groups) < 12:
        wanted = wanted - {"PAYMENT_CARD"}
    resumed = 0
    for index in run.starts():
        if index < resumed or not run.opens(index):
            continue
        label = "PAYMENT_CARD"
        found = card(run, index) if label in wanted else None
        if found is None and "PHONE" in wanted:
            label = "PHONE"
            found = phone(run, index, resumed, plans)
        if found is None:
            # A number may begin after a date as well as after another number.
            resumed = past_date(run, index) or resumed
        else:
            left, right, score, resumed = found
            yield left, right, label, score
