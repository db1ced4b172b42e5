"""Where a recording is cut into clips: at the bounds of its utterances, and why not elsewhere.

Only times and texts are looked at, never the sound. Every utterance is in exactly one clip, or is
left out for exactly one reason (one that is cut in two or more is in all of them, or left out).
"""

from __future__ import annotations

import math
import re
from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import accumulate, pairwise
from typing import Any

from datapartnerships.kernels.surrogates import holds_surrogate

# So near to speech that must not leave, its times are not sure enough: recognizers place words
# within 0.06 s in the middle and 0.22 s at the 90th percentile.
GUARD_S = 0.25

_SPEECH = ("utterance", "turn", "paragraph")
_CHANNEL = re.compile(r"channel (\d+)", re.IGNORECASE)
# Written without spaces between words (ISO 639-1).
_UNSPACED = frozenset({"ja", "zh", "th", "lo", "km", "my"})

Segment = Mapping[str, Any]
Interval = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Rules:
    """What a clip has to be; seconds. The fields are those of `ClipWriter`."""

    min_seconds: float = 1.0
    max_seconds: float = 30.0
    max_gap_seconds: float | None = 1.0
    padding_seconds: float = 0.1
    min_confidence: float = 0.0
    leave_out_flags: Collection[str] = ()
    leave_out_sounds: Collection[str] = ()


@dataclass(frozen=True, slots=True)
class Clip:
    """One clip: when it is heard, with its padding, and what is said.

    Attributes:
        start_s, end_s: of the sound.
        speech_s: when the last word of it ends.
        segment: index of its first segment in the document.
        utterances: how many are in it; 0 in all but the first part of one that was cut.
        channel: the only one to be heard, from 0; None for all.
    """

    start_s: float
    end_s: float
    speech_s: float
    text: str
    segment: int
    utterances: int = 1
    speaker: str | None = None
    language: str | None = None
    confidence: float | None = None
    flags: tuple[str, ...] = ()
    channel: int | None = None


@dataclass(frozen=True, slots=True)
class _Item:
    """An utterance, or a part of one, or something that no clip may reach into (no text)."""

    start_s: float
    end_s: float
    segment: int
    clip: Clip | None = None
    whole: bool = True


@dataclass(slots=True)
class Cut:
    """The clips of one document, and what became of its utterances."""

    clips: list[Clip] = field(default_factory=list)
    utterances: int = 0
    left_out: Counter[str] = field(default_factory=Counter)


def cut(
    segments: Sequence[Segment],
    rules: Rules,
    *,
    marked: Collection[int],
    needs_words: bool,
    untouched: bool = False,
) -> Cut:
    """The clips of a document.

    `marked` are the segments in which a span was found that is still there. `needs_words`: an
    utterance leaves only if its words are still with it, because whatever changes a text takes
    its words away (`kernels.segments.with_field`). `untouched`: nothing was redacted in the
    document, so what only its transcript has (flag ``not heard``) never had words.
    """
    result = Cut()
    spoken = [i for i, segment in enumerate(segments) if segment["kind"] in _SPEECH]
    result.utterances = len(spoken)
    secret = {
        i
        for i, segment in ((i, segments[i]) for i in spoken)
        if i in marked or _changed(segment, needs_words and not (untouched and _unheard(segment)))
    }
    if any(_times(segments[i]) is None for i in secret):
        # It is heard nobody knows where.
        result.left_out["redacted"] = len(secret)
        result.left_out["beside redacted speech"] = len(spoken) - len(secret)
        return result
    guarded = _joined(_widened(_times(segments[i])) for i in secret)
    sounds = [s for s in segments if s["kind"] == "sound" and s["ref"] in rules.leave_out_sounds]
    barred = _joined(times for s in sounds if (times := _times(s)))
    items = [_Item(start, end, -1) for start, end in (*guarded, *barred)]
    for i in spoken:
        segment, times = segments[i], _times(segments[i])
        reason = "redacted" if i in secret else _refusal(segment, times, rules)
        if reason is None and times and _meets(times, guarded):
            reason = "beside redacted speech"
        if reason is None and times and _meets(times, barred):
            reason = "sound that is left out"
        parts = _parts(segment, i, rules) if reason is None else []
        if reason is None and not parts:
            reason = "too long"
        if reason is not None:
            result.left_out[reason] += 1
        if times is not None:
            items += parts or [_Item(*times, i)]
    items.sort(key=lambda item: (item.start_s, item.end_s, item.segment))
    result.clips = _clips(items, rules, result.left_out)
    return result


def _times(segment: Segment) -> Interval | None:
    start, end = segment["start_s"], segment["end_s"]
    if start is None or end is None or not (0 <= start < end < math.inf):
        return None
    return start, end


def _widened(times: Interval | None) -> Interval:
    assert times is not None
    return times[0] - GUARD_S, times[1] + GUARD_S


def _unheard(segment: Segment) -> bool:
    """Whether `AlignTranscript` found no place for it in the sound."""
    return _times(segment) is None and "not heard" in (segment.get("flags") or ())


def _changed(segment: Segment, needs_words: bool) -> bool:
    """Whether what is heard may be more than the text still says."""
    text, words = segment["text"] or "", segment.get("words")
    if not text.strip():
        return False
    if holds_surrogate(text):
        return True
    if not words:
        return needs_words
    return any(not 0 <= word["start"] <= word["end"] <= len(text) for word in words)


def _refusal(segment: Segment, times: Interval | None, rules: Rules) -> str | None:
    if not (segment["text"] or "").strip():
        return "no text"
    if times is None:
        return "no times"
    for flag in segment.get("flags") or ():
        if flag in rules.leave_out_flags:
            return f"flag {flag}"
    if rules.min_confidence > 0:
        confidence = segment["confidence"]
        if confidence is None:
            return "confidence unknown"
        if confidence < rules.min_confidence:
            return "low confidence"
    return None


def _joined(intervals: Any) -> list[Interval]:
    """Sorted intervals that do not touch and cover the same time."""
    out: list[Interval] = []
    for start, end in sorted(intervals):
        if out and start <= out[-1][1]:
            out[-1] = (out[-1][0], max(end, out[-1][1]))
        else:
            out.append((start, end))
    return out


def _meets(times: Interval, intervals: Sequence[Interval]) -> bool:
    """Whether any of the disjoint, sorted intervals has time in common with `times`."""
    first = bisect_right(intervals, times[0], key=lambda interval: interval[1])
    return first < bisect_left(intervals, times[1], key=lambda interval: interval[0])


def _parts(segment: Segment, index: int, rules: Rules) -> list[_Item]:
    """The utterance as one item, or as several if it is long; none if it cannot be cut."""
    start, end = segment["start_s"], segment["end_s"]
    channel = _CHANNEL.fullmatch(segment["speaker"] or "")
    whole = Clip(
        start, end, end, segment["text"].strip(), index, 1, segment["speaker"],
        segment.get("language"), segment["confidence"], tuple(segment.get("flags") or ()),
        int(channel[1]) - 1 if channel and int(channel[1]) else None,
    )  # fmt: skip
    if end - start <= rules.max_seconds:
        return [_Item(start, end, index, whole)]
    words = segment.get("words") or []
    if not _complete(words, segment["text"]):
        return []
    groups = _cut_words(words, rules.max_seconds)
    # From the first word of a part to the first of the next: what is between them is kept.
    edges = [0, *(group[0]["start"] for group in groups[1:]), len(segment["text"])]
    items: list[_Item] = []
    for group, (first, last) in zip(groups, pairwise(edges), strict=True):
        part = replace(
            whole, start_s=group[0]["start_s"], end_s=group[-1]["end_s"],
            speech_s=group[-1]["end_s"], text=segment["text"][first:last].strip(),
            utterances=int(not items),
        )  # fmt: skip
        if not rules.min_seconds <= part.end_s - part.start_s <= rules.max_seconds:
            return []
        items.append(_Item(part.start_s, part.end_s, index, part, whole=False))
    return items


def _complete(words: Sequence[Mapping[str, Any]], text: str) -> bool:
    """Whether all of the text is in words with times, one after another."""
    at, time = 0, 0.0
    for word in words:
        start, end = word["start_s"], word["end_s"]
        if start is None or end is None or not time <= start <= end:
            return False
        if word["start"] < at or any(c.isalnum() for c in text[at : word["start"]]):
            return False
        at, time = word["end"], end
    return bool(words) and not any(c.isalnum() for c in text[at:])


def _cut_words(words: list[dict[str, Any]], most: float) -> list[list[dict[str, Any]]]:
    """Runs of words no longer than `most` seconds, cut at their widest pauses."""
    if words[-1]["end_s"] - words[0]["start_s"] <= most or len(words) == 1:
        return [words]
    start, length = words[0]["start_s"], words[-1]["end_s"] - words[0]["start_s"]
    # In the middle half, so that no part is a crumb; anywhere if no word begins there.
    spots = range(1, len(words))
    middle = [i for i in spots if 0.25 <= (words[i]["start_s"] - start) / length <= 0.75] or spots
    spot = max(middle, key=lambda i: (words[i]["start_s"] - words[i - 1]["end_s"], -i))
    return _cut_words(words[:spot], most) + _cut_words(words[spot:], most)


def _clips(items: list[_Item], rules: Rules, left_out: Counter[str]) -> list[Clip]:
    """Neighbors of one speaker joined, and each clip padded into the silence around it."""
    # When all that begins before item i has ended.
    over = [0.0, *accumulate((item.end_s for item in items), max)]
    clips = []
    for first, last in _runs(items, rules):
        run = [item.clip for item in items[first:last] if item.clip]
        clip = _one(run)
        if clip.end_s - clip.start_s < rules.min_seconds:
            left_out["too short"] += clip.utterances
            continue
        left = max(over[first], clip.start_s - rules.padding_seconds)
        following = items[last].start_s if last < len(items) else math.inf
        # Somebody who began before and is still speaking leaves no silence after it.
        right = clip.end_s if over[last] > clip.end_s else clip.end_s + rules.padding_seconds
        clips.append(
            replace(
                clip,
                start_s=min(clip.start_s, left),
                end_s=max(clip.end_s, min(right, following)),
            )
        )
    return clips


def _runs(items: list[_Item], rules: Rules) -> list[tuple[int, int]]:
    """Ranges [first, last) of items that are one clip."""
    runs: list[tuple[int, int]] = []
    for i, item in enumerate(items):
        if item.clip is None:
            continue
        if runs and runs[-1][1] == i and _follows(items[runs[-1][0] : i], item, rules):
            runs[-1] = (runs[-1][0], i + 1)
        else:
            runs.append((i, i + 1))
    return runs


def _follows(run: Sequence[_Item], item: _Item, rules: Rules) -> bool:
    last, this = run[-1].clip, item.clip
    assert last and this
    alike = (last.speaker, last.language) == (this.speaker, this.language)
    end = max(other.end_s for other in run)
    return (
        rules.max_gap_seconds is not None
        and alike
        and run[-1].whole
        and item.whole
        and item.start_s - end <= rules.max_gap_seconds
        and max(end, item.end_s) - run[0].start_s <= rules.max_seconds
    )


def _one(run: Sequence[Clip]) -> Clip:
    """Several utterances as one clip; confidence is the mean over their time."""
    if len(run) == 1:
        return run[0]
    end = max(clip.end_s for clip in run)
    confidence = None
    known = [c.confidence for c in run if c.confidence is not None]
    if len(known) == len(run):
        seconds = [clip.end_s - clip.start_s for clip in run]
        confidence = sum(map(lambda a, b: a * b, known, seconds)) / sum(seconds)
    return replace(
        run[0],
        end_s=end,
        speech_s=end,
        text=("" if run[0].language in _UNSPACED else " ").join(clip.text for clip in run),
        utterances=sum(clip.utterances for clip in run),
        confidence=confidence,
        flags=tuple(dict.fromkeys(flag for clip in run for flag in clip.flags)),
    )
