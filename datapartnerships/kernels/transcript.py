"""A transcript that somebody wrote, joined to what a machine heard: whose words, at which time.

Segments are dicts with the fields of `schema.SEGMENT`. The text and the speakers are the written
ones, times are those of the sound. Nothing is made up: what was not heard has no time but its own.
"""

from __future__ import annotations

import itertools
import math
import re
from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from datapartnerships.kernels.alignment import ALIKE, Alignment, Floats, Ints, align, tokenize
from datapartnerships.kernels.speakers import with_speakers

Segments = list[dict[str, Any]]
NOT_HEARD = "not heard"
NOT_WRITTEN = "not in transcript"
OUT_OF_ORDER = "out of order"

# Below, what a segment shares with the sound is chance.
_HEARD = 0.25
# Heard words in a row that nobody wrote: fewer are what a clerk mends (um, repetitions).
_SPOKEN = 6
_LONG_WORD = 1.0
_NOTE = re.compile(r"\([^()]*\)|\[[^\[\]]*\]")


@dataclass(frozen=True, slots=True)
class Joined:
    """What became of a recording and its transcript.

    Attributes:
        segments: the new segments of the recording.
        agreement: share of the words of the transcript that were heard.
        coverage: share of the words heard that are in the transcript.
        clock: where the transcript has times of its own: (offset, rate), so that
            ``offset + rate * its time`` is the time in the recording.
    """

    segments: Segments
    agreement: float
    coverage: float
    clock: tuple[float, float] | None


@dataclass(slots=True)
class _Words:
    """The words of some segments, one after another."""

    plain: list[str] = field(default_factory=list)
    segment: list[int] = field(default_factory=list)
    start: list[int] = field(default_factory=list)
    end: list[int] = field(default_factory=list)
    edges: list[int] = field(default_factory=lambda: [0])

    @classmethod
    def of(cls, segments: Segments) -> _Words:
        words = cls()
        for number, segment in enumerate(segments):
            for plain, start, end in tokenize(segment["text"] or ""):
                words.plain.append(plain)
                words.segment.append(number)
                words.start.append(start)
                words.end.append(end)
            words.edges.append(len(words.plain))
        return words


def is_heard(segment: dict[str, Any]) -> bool:
    """Whether it is speech that was recognized, with its time."""
    times = [segment.get(side) for side in ("start_s", "end_s")]
    timed = all(time is not None and math.isfinite(time) for time in times)
    return timed and segment.get("kind") in ("utterance", "turn") and bool(segment.get("text"))


def join(written: Segments, recording: Segments, name: str) -> Joined:
    """The transcript `written`, called `name`, joined to the segments of its recording."""
    written = with_speakers(written)
    heard = sorted((s for s in recording if is_heard(s)), key=lambda s: float(s["start_s"]))
    others = [s for s in recording if not is_heard(s)]
    ours, theirs = _Words.of(written), _Words.of(heard)
    found = align(ours.plain, theirs.plain)
    start, end = _word_times(heard, theirs)
    notes = _notes(written, ours)
    silent = notes & (found.similarity < ALIKE)
    found.first[silent], found.last[silent], found.similarity[silent] = -1, -1, 0
    times = found.times(ours.plain, start, end)
    # Other words in its place, and they take too long: there is a pause or more between them.
    loose = (found.similarity < ALIKE) & (times[1] - times[0] > _LONG_WORD)
    times[0][loose], times[1][loose] = np.nan, np.nan
    out, spoken = [], found.covered.copy()
    for number, segment in enumerate(written):
        span = slice(ours.edges[number], ours.edges[number + 1])
        made = _timed(segment, span, ours, found, times, notes)
        if NOT_HEARD in (made["flags"] or ()):
            _let_go(spoken, found, span)
        else:
            _as_heard(made, span, found, heard, theirs)
        out.append(made)
    clock = fit_clock(
        [(s["start_s"], m["start_s"]) for s, m in zip(written, out, strict=True)
         if math.isfinite(s.get("start_s") or 0) and s.get("start_s") is not None
         and m["start_s"] is not None
         and m["confidence"] >= ALIKE]
    )  # fmt: skip
    source = Counter(s.get("origin") or "recognized speech" for s in heard).most_common(1)
    for segment, made in zip(written, out, strict=True):
        _say_origin(segment, made, name, source[0][0] if source else "", clock)
    kept = _not_written(heard, theirs, spoken, found, ours, out, (start, end))
    counted = ~(notes & (found.first < 0))
    agreed = found.similarity[counted] >= ALIKE
    return Joined(
        _in_place(out, [*others, *kept]),
        float(agreed.mean()) if len(agreed) else 0.0,
        float(found.covered.mean()) if len(found.covered) else 0.0,
        clock,
    )


def _word_times(heard: Segments, words: _Words) -> tuple[Floats, Floats]:
    """Seconds of every heard word: its own, else its share of the utterance by its length."""
    start, end = np.zeros(len(words.plain)), np.zeros(len(words.plain))
    for number, segment in enumerate(heard):
        span = range(words.edges[number], words.edges[number + 1])
        begin, finish = float(segment["start_s"]), float(segment["end_s"])
        # Characters and seconds where the time is known; between them it goes on evenly.
        marks = _marks(
            segment, words.start[span.start : span.stop], words.end[span.start : span.stop]
        )
        if not marks:
            marks = [(0, begin), (len(segment["text"]), finish)]
        at = np.array([mark[0] for mark in marks], float)
        seconds = np.maximum.accumulate(np.array([mark[1] for mark in marks], float))
        for edges, into in ((words.start, start), (words.end, end)):
            places = [edges[k] for k in span]
            # A word begins where the space before it ends, which is a mark of the word before.
            shift = 1e-6 if into is start else -1e-6
            into[span.start : span.stop] = np.interp(np.array(places) + shift, at, seconds)
    return np.round(start, 3), np.round(end, 3)


def _marks(segment: dict[str, Any], starts: list[int], ends: list[int]) -> list[tuple[int, float]]:
    """Characters and seconds of the recognized words, which go without the marks around them."""
    marks = []
    for word in segment.get("words") or ():
        first = bisect_left(starts, word["start"])
        last = bisect_right(ends, word["end"]) - 1
        if first <= last and word["start_s"] is not None and word["end_s"] is not None:
            marks += [(starts[first], word["start_s"]), (ends[last], word["end_s"])]
    return sorted(marks)


def _notes(written: Segments, words: _Words) -> np.ndarray[Any, np.dtype[np.bool_]]:
    """Which words stand in brackets: (Applause), [inaudible]. Nobody has to have said them."""
    inside = np.zeros(len(words.plain), bool)
    for number, segment in enumerate(written):
        for note in _NOTE.finditer(segment["text"] or ""):
            for k in range(words.edges[number], words.edges[number + 1]):
                inside[k] |= note.start() <= words.start[k] < note.end()
    return inside


def _timed(
    segment: dict[str, Any],
    span: slice,
    words: _Words,
    found: Alignment,
    times: tuple[Floats, Floats],
    notes: np.ndarray[Any, np.dtype[np.bool_]],
) -> dict[str, Any]:
    """The written segment with the times at which it was heard, and how far it agrees."""
    begin, finish = times[0][span], times[1][span]
    here = ~np.isnan(begin)
    counted = here | ~notes[span]
    agreement = float(found.similarity[span][counted].mean()) if counted.any() else 0.0
    kind = segment["kind"]
    if kind not in ("turn", "utterance"):
        kind = "turn" if segment.get("speaker") else "utterance"
    flags = list(segment.get("flags") or ())
    made = {**segment, "kind": kind, "start_s": None, "end_s": None, "words": None,
            "confidence": agreement}  # fmt: skip
    kept = _without_strays(begin, found.first[span], here)
    if agreement < _HEARD or not len(kept):
        made["flags"] = [*flags, NOT_HEARD]
        return made
    if found.moved[span][kept].mean() > ALIKE:
        flags.append(OUT_OF_ORDER)
    made["flags"] = flags or None
    made["start_s"], made["end_s"] = float(begin[kept].min()), float(finish[kept].max())
    first = span.start
    made["words"] = [
        {
            "start": words.start[first + k],
            "end": words.end[first + k],
            "start_s": round(float(begin[k]), 3),
            "end_s": round(float(finish[k]), 3),
            "confidence": float(found.similarity[first + k]),
        }
        for k in kept.tolist()
    ]
    return made


def _without_strays(
    begin: Floats, heard: Ints, here: np.ndarray[Any, np.dtype[np.bool_]]
) -> np.ndarray[Any, np.dtype[np.int64]]:
    """The words of one segment that were heard, less one or two far from all the others.

    Far is what is seconds away, and has more heard words between than were written there: a pause
    alone parts nobody's words.
    """
    kept = np.flatnonzero(here)
    while len(kept) > 6:
        head, tail = kept[1:3], kept[-3:-1]
        before, after = (
            (np.abs(begin[some] - begin[edge]) > 4 + 0.5 * np.abs(some - edge))
            & (np.abs(heard[some] - heard[edge]) > 4 + 2 * np.abs(some - edge))
            for some, edge in ((head, kept[0]), (tail, kept[-1]))
        )
        if before.any():
            kept = kept[int(np.argmax(before)) + 1 :]
        elif after.any():
            kept = kept[: len(kept) - 2 + int(np.flatnonzero(after)[-1])]
        else:
            break
    return kept


def _let_go(spoken: np.ndarray[Any, np.dtype[np.bool_]], found: Alignment, span: slice) -> None:
    """Words that a segment shares by chance are not written after all."""
    for first, last in zip(found.first[span].tolist(), found.last[span].tolist(), strict=True):
        if first >= 0:
            spoken[first : last + 1] = False


def _as_heard(
    made: dict[str, Any], span: slice, found: Alignment, heard: Segments, theirs: _Words
) -> None:
    """Speaker and language of the sound, where the transcript names none."""
    at = [theirs.segment[k] for k in found.first[span].tolist() if k >= 0]
    for name in ("speaker", "language"):
        values = [heard[k].get(name) for k in at if heard[k].get(name)]
        if not made.get(name) and values:
            made[name] = Counter(values).most_common(1)[0][0]


def fit_clock(pairs: Sequence[tuple[float, float]]) -> tuple[float, float] | None:
    """Offset and rate between two clocks, from times of the same things; None where none fits.

    Theil-Sen: the median of the slopes between pairs, which one third of wrong ones cannot turn.
    A rate is one only where it makes a second at the end.
    """
    if len(pairs) < 3:
        return None
    every = max(1, len(pairs) // 400)
    own, heard = np.array(pairs[::every], float).T
    i, j = np.triu_indices(len(own), 1)
    apart = np.abs(own[j] - own[i])
    far = apart >= max(1.0, float(np.median(apart)))
    rate = 1.0
    if far.any():
        rate = float(np.median((heard[j] - heard[i])[far] / (own[j] - own[i])[far]))
    if abs(rate - 1) * float(np.ptp(own)) < 1:
        rate = 1.0
    offset = float(np.median(heard - rate * own))
    if float(np.median(np.abs(heard - offset - rate * own))) > 2:
        return None
    return offset, rate


def _say_origin(
    segment: dict[str, Any],
    made: dict[str, Any],
    name: str,
    source: str,
    clock: tuple[float, float] | None,
) -> None:
    if made["start_s"] is not None:
        made["origin"] = f"transcript {name}, times from {source}"
        return
    made["origin"] = f"transcript {name}"
    if clock and segment.get("start_s") is not None and segment.get("end_s") is not None:
        times = [max(0.0, clock[0] + clock[1] * segment[side]) for side in ("start_s", "end_s")]
        if times[1] > 0:
            made["start_s"], made["end_s"] = times
            made["origin"] += ", times of its own, set by those heard"


def _not_written(
    heard: Segments,
    theirs: _Words,
    spoken: np.ndarray[Any, np.dtype[np.bool_]],
    found: Alignment,
    ours: _Words,
    out: Segments,
    times: tuple[Floats, Floats],
) -> Segments:
    """Speech that the transcript does not have, as it was recognized."""
    # How many written words stand between two heard ones without being heard: where they are about
    # as many, the transcript says it in other words.
    other_words = _in_other_words(spoken, found, ours, out)
    kept = []
    for start, stop in _false_runs(spoken):
        numbers = theirs.segment[start:stop]
        whole = any(
            theirs.edges[n] >= start and theirs.edges[n + 1] <= stop
            and theirs.edges[n + 1] - theirs.edges[n] > 1
            for n in dict.fromkeys(numbers)
        )  # fmt: skip
        size = stop - start
        if (size < _SPOKEN and not whole) or size <= 2 * other_words.get(start, 0):
            continue
        for number, group in itertools.groupby(range(start, stop), lambda k: theirs.segment[k]):
            part = list(group)
            kept.append(_cut(heard[number], part, theirs, number, times))
    return kept


def _in_other_words(
    spoken: np.ndarray[Any, np.dtype[np.bool_]], found: Alignment, ours: _Words, out: Segments
) -> dict[int, int]:
    counts: dict[int, int] = {}
    gap, after = 0, 0
    for k, (first, last) in enumerate(zip(found.first.tolist(), found.last.tolist(), strict=True)):
        if NOT_HEARD in (out[ours.segment[k]]["flags"] or ()) or found.moved[k]:
            continue
        if first < 0 or found.similarity[k] < ALIKE:
            gap += 1
            continue
        if gap and after < first:
            counts[after] = gap
        gap, after = 0, last + 1
    if gap and after < len(spoken):
        counts[after] = gap
    return counts


def _false_runs(mask: np.ndarray[Any, np.dtype[np.bool_]]) -> Iterator[tuple[int, int]]:
    edges = np.flatnonzero(np.diff(np.concatenate([[True], mask, [True]]).astype(np.int8)))
    yield from zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True)


def _cut(
    segment: dict[str, Any], part: list[int], words: _Words, number: int,
    times: tuple[Floats, Floats],
) -> dict[str, Any]:  # fmt: skip
    """Some words in a row of a recognized segment, as a segment."""
    flags = [*(segment.get("flags") or ()), NOT_WRITTEN]
    if len(part) == words.edges[number + 1] - words.edges[number]:
        return {**segment, "flags": flags}
    start, end = words.start[part[0]], words.end[part[-1]]
    while end < len(segment["text"]) and not segment["text"][end].isspace():
        end += 1  # the punctuation after it
    inside = [
        {**word, "start": word["start"] - start, "end": min(word["end"], end) - start}
        for word in segment.get("words") or ()
        if word["start"] >= start and word["start"] < end
    ]
    return {
        **segment,
        "text": segment["text"][start:end],
        "start_s": float(times[0][part[0]]),
        "end_s": float(times[1][part[-1]]),
        "words": inside or None,
        "flags": flags,
    }


def _in_place(written: Segments, others: Segments) -> Segments:
    """The transcript in its own order, and between it by time what is not of it."""
    # Sounds without a time come first.
    waiting = sorted(others, key=lambda s: (s.get("start_s") is not None, s.get("start_s") or 0.0))
    out: Segments = []
    for segment in written:
        start = segment["start_s"]
        if start is not None and OUT_OF_ORDER not in (segment["flags"] or ()):
            while waiting and (waiting[0].get("start_s") or 0.0) < start:
                out.append(waiting.pop(0))
        out.append(segment)
    return out + waiting
