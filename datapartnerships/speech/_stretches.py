"""A stream of sound to stretches of speech: what is recognized in one piece."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

Samples = np.ndarray[Any, np.dtype[np.float32]]

RATE = 16_000
# Samples of one answer of the detection.
FRAME = 512
_FRAMES_A_SECOND = RATE / FRAME
# Speech begins at one probability and ends below another, as Silero's authors have it.
_BEGINS, _ENDS = 0.5, 0.35
# Frames: shorter is a click; less silence than that is within a word or a breath.
_LEAST, _PAUSE = 3, 10
# Frames kept before and behind speech: the first and last sounds of words are soft.
_BEFORE, _BEHIND = 8, 10
# Frames at the beginning of a recording that are kept with speech that begins in them: the
# detector, having heard nothing yet, hears it late (clips lost words of the first .8 s).
_FIRST = 32


@dataclass(frozen=True, slots=True)
class Stretch:
    """A piece of a recording in which somebody speaks.

    Attributes:
        start_s: where it begins in the recording.
        samples: float32, 16 kHz, one channel.
        speech: start and end of what the detection took for speech, in seconds of the recording.
        channel: of the recording, from 0.
        alone: whether it is all that is said in its channel: a clip.
    """

    start_s: float
    samples: Samples = field(repr=False)
    speech: tuple[tuple[float, float], ...] = ()
    channel: int = 0
    alone: bool = False

    @property
    def seconds(self) -> float:
        return len(self.samples) / RATE

    @property
    def end_s(self) -> float:
        return self.start_s + self.seconds

    @property
    def speech_s(self) -> float:
        """How long there is speech in it."""
        return sum(end - start for start, end in self.speech)


class Stretches:
    """Cuts one channel into stretches as it comes; the same however it comes in blocks.

    Pauses end a stretch when the next speech would make it longer than `max_seconds`, or begins
    more than `max_gap_s` later. Speech without a pause is cut where it is least likely speech, in
    the second half of what may be one stretch.
    """

    def __init__(self, *, max_seconds: float = 20.0, max_gap_s: float = 5.0) -> None:
        from datapartnerships._backends.silero import SpeechProbability

        self._detect = SpeechProbability()
        self._max = int(max_seconds * _FRAMES_A_SECOND)
        self._gap = int(max_gap_s * _FRAMES_A_SECOND)
        # Sound from frame `_from` on, and the number of samples that came in all.
        self._sound: list[Samples] = []
        self._from = self._samples = 0
        self._frames = self._cuts = 0
        # Speech of the stretch that is open, as frames; then speech that has not ended.
        self._regions: list[tuple[int, int]] = []
        self._begun: int | None = None
        self._quiet = 0
        self._odds: list[float] = []

    def feed(self, samples: Samples) -> Iterator[Stretch]:
        """Stretches that are complete by now."""
        self._sound.append(np.asarray(samples, np.float32))
        self._samples += len(samples)
        yield from self._hear(self._detect.feed(samples))

    def end(self) -> Iterator[Stretch]:
        """What is left when the recording is over."""
        yield from self._hear(self._detect.end())
        begun, self._begun = self._begun, None
        if begun is not None:
            yield from self._add(begun, self._frames)
        if self._regions:
            alone = not self._cuts
            yield replace(self._cut(), alone=alone)
        self._sound.clear()

    def _hear(self, odds: Samples) -> Iterator[Stretch]:
        for value in odds.tolist():
            frame, self._frames = self._frames, self._frames + 1
            if self._begun is None:
                if value >= _BEGINS:
                    self._begun, self._quiet, self._odds = frame, 0, [value]
                elif self._regions and frame - self._regions[-1][1] > self._gap:
                    yield self._cut()
                continue
            self._odds.append(value)
            self._quiet = self._quiet + 1 if value < _ENDS else 0
            if self._quiet >= _PAUSE:
                begun, self._begun = self._begun, None
                yield from self._add(begun, frame + 1 - self._quiet)
            elif frame + 1 - self._begun >= self._max:
                yield from self._part()
        if self._begun is None and not self._regions and self._frames > _FIRST:
            self._forget(self._frames - _BEFORE)

    def _part(self) -> Iterator[Stretch]:
        """Ends speech without a pause where it is least likely speech."""
        assert self._begun is not None
        odds = np.asarray(self._odds, np.float32)
        half = len(odds) // 2
        smooth = np.convolve(odds, np.full(5, 0.2, np.float32), "same")
        at = half + int(np.argmin(smooth[half:-2]))
        begun, self._begun = self._begun, self._begun + at
        self._odds = self._odds[at:]
        yield from self._add(begun, self._begun, joined=True)

    def _add(self, start: int, stop: int, *, joined: bool = False) -> Iterator[Stretch]:
        if stop - start < _LEAST and not self._regions:
            return
        if self._regions and stop - self._regions[0][0] > self._max:
            yield self._cut()
        self._regions.append((start, stop))
        if joined:
            yield self._cut(stop)

    def _cut(self, stop: int | None = None) -> Stretch:
        """The open stretch; `stop` where more speech follows at once."""
        regions, self._regions = self._regions, []
        self._cuts += 1
        begun = regions[0][0]
        first = max(begun - _BEFORE if begun > _FIRST else 0, self._from)
        last = regions[-1][1] + _BEHIND if stop is None else stop
        if self._begun is not None:
            last = min(last, self._begun)
        sound = np.concatenate(self._sound) if self._sound else np.zeros(0, np.float32)
        piece = sound[(first - self._from) * FRAME : (last - self._from) * FRAME]
        self._sound = [sound]
        self._forget(last)
        second = FRAME / RATE
        speech = tuple((start * second, end * second) for start, end in regions)
        return Stretch(first * second, np.ascontiguousarray(piece), speech)

    def _forget(self, frame: int) -> None:
        """Sound before `frame` is not needed any more."""
        if frame <= self._from:
            return
        if len(self._sound) > 1:
            self._sound = [np.concatenate(self._sound)]
        if self._sound:
            self._sound[0] = self._sound[0][(frame - self._from) * FRAME :].copy()
        self._from = frame
