"""A second look at stretches whose text cannot be right, and what is said of those that stay so."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from datapartnerships.kernels.transcription import faults
from datapartnerships.speech._stretches import RATE, Stretch
from datapartnerships.speech._values import Heard, Word

if TYPE_CHECKING:
    from datapartnerships.speech._pool import Pool, Ticket

# Start and end of each piece of speech, seconds of the recording.
Speech = Sequence[tuple[float, float]]

# Seconds of speech in one place without a word: somebody spoke, and nobody wrote it.
LOST_S = 1.5
# A clip whose tokens have a mean probability (geometric) between these is heard a second time: one
# in eight to twenty. Six languages (1,313 clips, 9,510 words) had .2 to .7 fewer words in a hundred
# wrong. Of those from .45 to .53, a third more, less than half as much was won.
_LEAST, _SURE = 0.53, 0.58
# Seconds of silence before it then: three features, of which the encoder makes one of two.
_SILENCE_S = 0.03
# How long a word may be said to last: a bit, and so much for each of its letters.
_WORD_S, _LETTER_S = 0.5, 0.12


def holes(words: Sequence[Word], speech: Speech) -> list[tuple[float, float]]:
    """Where somebody speaks and no word is, for `LOST_S` or longer: start and end seconds."""
    covered = []
    for word in words:
        longest = _WORD_S + _LETTER_S * len(word.text.strip())
        covered.append((word.start_s, min(word.end_s, word.start_s + longest)))
        covered.append((max(word.start_s, word.end_s - longest), word.end_s))
    covered.sort()
    found = []
    for start, end in speech:
        at = start
        for low, high in covered:
            if high <= at:
                continue
            if low >= end:
                break
            found.append((at, low))
            at = max(at, high)
        found.append((at, end))
    return [(low, high) for low, high in found if high - low >= LOST_S]


def flags(heard: Heard, speech: Speech) -> tuple[str, ...]:
    """What cannot be right about it (`kernels.transcription`)."""
    if not heard.text:
        return ()
    return faults(
        heard.text,
        speech[-1][1] - speech[0][0] if speech else None,
        _seconds(speech) if speech else None,
        confidence=heard.confidence,
        no_speech=heard.no_speech,
    )


def badness(heard: Heard, speech: Speech) -> float:
    """How much is wrong with it: seconds lost, as it were, and how unsure the model was."""
    wrong = {"loop": 10.0, "rate": 5.0}
    lost = _seconds(holes(heard.words, speech))
    return lost + sum(wrong.get(flag, 0.0) for flag in flags(heard, speech)) - heard.confidence


def needed(heard: Heard, speech: Speech) -> bool:
    """Whether it is worth another decoding."""
    found = flags(heard, speech)
    if "silence" in found:
        return False
    return "loop" in found or "rate" in found or bool(holes(heard.words, speech))


def unsure(heard: Heard, stretch: Stretch) -> bool:
    """Whether it is worth a second hearing (`later`)."""
    between = _LEAST < heard.confidence < _SURE
    return stretch.alone and between and "silence" not in flags(heard, stretch.speech)


def later(stretch: Stretch) -> Stretch:
    """The same behind a little silence: the model hears it a little differently."""
    samples = np.pad(stretch.samples, (round(_SILENCE_S * RATE), 0))
    return replace(stretch, start_s=stretch.start_s - _SILENCE_S, samples=samples)


def likelier(new: Heard, old: Heard, speech: Speech) -> bool:
    """Whether `new` as a whole is, and no more is wrong with it."""
    if needed(new, speech) and not needed(old, speech):
        return False
    one, other = (math.log(max(x.confidence, 1e-4)) * x.tokens for x in (new, old))
    return one > other


def _seconds(speech: Speech) -> float:
    return sum(high - low for low, high in speech)


def again(pool: Pool, ticket: Ticket) -> Heard:
    """The best of what other ways give."""
    assert ticket.heard is not None and ticket.stretch is not None
    best, speech = ticket.heard, ticket.stretch.speech
    for how, pieces in _ways(ticket.stretch):
        found = _joined([_decoded(pool, ticket, x, len(pieces) == 1) for x in pieces])
        found.how = how
        if badness(found, speech) < badness(best, speech) - 0.02:
            best = found
        if not needed(best, speech):
            break
    return best


def judged(heard: Heard, speech: Speech) -> Heard:
    """`heard` with its flags, and without the text of what is no speech."""
    heard.flags = list(flags(heard, speech))
    if "silence" in heard.flags:
        heard.text, heard.words = "", []
    return heard


def _ways(stretch: Stretch) -> list[tuple[str, list[Stretch]]]:
    parts = _parts(stretch)
    whole = ("decoded again with times", [stretch])
    return [("decoded again in parts", parts), whole] if len(parts) > 1 else [whole]


def _parts(stretch: Stretch) -> list[Stretch]:
    """Cut in its two longest pauses, in the middle of each."""
    speech = stretch.speech
    pauses = sorted(
        ((after[0] - before[1], (before[1] + after[0]) / 2)
         for before, after in pairwise(speech)),
        reverse=True,
    )[:2]  # fmt: skip
    edges = [stretch.start_s, *sorted(at for _, at in pauses), stretch.end_s]
    parts = []
    for low, high in pairwise(edges):
        first, last = (round((at - stretch.start_s) * RATE) for at in (low, high))
        own = tuple((a, b) for a, b in speech if low <= a < high)
        parts.append(Stretch(low, stretch.samples[first:last], own, stretch.channel))
    return parts


def _decoded(pool: Pool, ticket: Ticket, stretch: Stretch, whole: bool) -> Heard:
    from datapartnerships._backends._whisper import Decoding
    from datapartnerships.speech._pool import WHOLE_S, heard, window_s

    seconds = WHOLE_S if whole else window_s(stretch)
    # Times make the model surer of long pauses, and lose it in short windows.
    decoding = Decoding(seconds, timestamps=whole, beam_size=pool.asr.beam_size)
    windows = pool.encode([stretch], [decoding])
    (answer,) = pool.engine.decode(windows, [pool.language(ticket)])
    return heard(answer, stretch.start_s)


def _joined(parts: Sequence[Heard]) -> Heard:
    weights = [max(len(part.text), 1) for part in parts]
    total = sum(weights)
    return Heard(
        " ".join(part.text for part in parts if part.text),
        parts[0].language,
        round(sum(p.confidence * w for p, w in zip(parts, weights, strict=True)) / total, 4),
        min(part.no_speech for part in parts),
        [word for part in parts for word in part.words],
    )
