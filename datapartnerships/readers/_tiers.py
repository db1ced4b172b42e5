"""Tiers of an annotated recording: which hold what was said, and which are about it.

Phones, parts of speech and translations lie beside the words; taken as text they would say
everything twice. Words that lie inside an utterance become its `words`.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

from datapartnerships.readers import _speakers
from datapartnerships.readers._cues import checked
from datapartnerships.schema import Segment

# A pause between words that ends an utterance where nothing else does, in seconds.
PAUSE_SECONDS = 0.5
# Times are rounded when they are written.
_SLACK = 0.011
# The share of words that must stand in the text around them.
_FOUND = 0.5
_WORDS = re.compile(
    r"(?<![^\W_])(words?|wrd|ort|orð|wort|wörter|mots?|palabras?|tokens?|ort-mau)(?![^\W_])", re.I
)
_BELOW = re.compile(
    r"(?<![^\W_])(phon\w*|phns?|seg|segments|mau|kan|kan-mau|mas|trn-?\w*|syll\w*|pos|lemmas?|gloss\w*|morph\w*|"
    r"ipa|sampa|tones?|breaks?|pitch|f0|stress|vowels?|consonants?|translation\w*|notes?|comments?|"
    r"gestures?|gaze)(?![^\W_])",
    re.I,
)
_UTTERANCES = re.compile(
    r"[\s_-]*(?<![^\W_])(utterances?|utts?|transcript\w*|sentences?|text|orthograph\w*|speech|words?|wrd|ort)(?![^\W_])[\s_-]*",
    re.I,
)
_SPOKEN = re.compile(r"[^\W_]+(?:['’-][^\W_]+)*")
# Labels of silence in tiers of words and phones.
_SILENT = frozenset(
    {"", "<p:>", "<p>", "sil", "sp", "spn", "<sil>", "<eps>", "#", "_", "pau", "h#"}
)


@dataclass(slots=True)
class Mark:
    """One label: its text and times; `end` is None for a point."""

    start: float | None
    end: float | None
    text: str
    flags: list[str] = field(default_factory=list)
    ref: str | None = None


@dataclass(slots=True)
class Tier:
    """One tier; `speaker` is who the file says speaks in it."""

    name: str
    marks: list[Mark]
    speaker: str | None = None
    language: str | None = None
    points: bool = False

    @property
    def full(self) -> list[Mark]:
        return [mark for mark in self.marks if mark.text.strip()]


def segments_of(
    tiers: Sequence[Tier], wanted: Sequence[str], origin: str
) -> tuple[list[Segment], dict[str, str]]:
    """The utterances of all speakers in the order of their times, and what was left out."""
    used, words, others = _sorted(tiers, wanted)
    named = len({tier.speaker or speaker_of(tier.name) for tier in used}) > 1
    found: list[Segment] = []
    for tier in used:
        speaker = tier.speaker or speaker_of(tier.name)
        if not tier.speaker and not named:
            speaker = None if _UTTERANCES.search(tier.name) or not speaker else speaker
        segments = [_segment(tier, mark, speaker, origin) for mark in tier.full]
        beneath = _beneath(tier, words, used)
        if beneath is not None and _put_words(segments, beneath.full):
            words = [item for item in words if item is not beneath]
        found += segments
    if not used:
        for tier in words:
            found += _grouped(tier, speaker_of(tier.name) if len(words) > 1 else None, origin)
        words = []
    found.sort(key=lambda s: (s.start_s is None, s.start_s or 0.0))
    labels = sum(len(tier.full) for tier in tiers)
    counts = {"tiers": str(len(tiers)), "labels": str(labels)}
    left = [f"{tier.name} ({len(tier.full)})" for tier in (*words, *others) if tier.full]
    if left:
        counts["tiers_left_out"] = ", ".join(left)
    return found, counts


def _sorted(
    tiers: Sequence[Tier], wanted: Sequence[str]
) -> tuple[list[Tier], list[Tier], list[Tier]]:
    """(tiers of utterances, tiers of words, all others)."""
    full = [tier for tier in tiers if tier.full]
    if wanted:
        chosen = [tier for tier in full if tier.name in wanted]
        rest = [tier for tier in full if tier.name not in wanted]
        words = [tier for tier in rest if _is_words(tier)]
        return chosen, words, [tier for tier in rest if tier not in words]
    below = [tier for tier in full if _BELOW.search(tier.name)]
    open_ = [tier for tier in full if tier not in below]
    words = [tier for tier in open_ if _is_words(tier)]
    used = [tier for tier in open_ if tier not in words and not tier.points]
    points = [tier for tier in open_ if tier not in words and tier.points]
    if not used and not words:
        # Points are events, unless there is nothing else and they are sentences.
        used = [tier for tier in points if _mean_words(tier) >= 2]
        points = [tier for tier in points if tier not in used]
    return used, words, [*points, *below]


def _mean_words(tier: Tier) -> float:
    labels = tier.full
    return sum(len(mark.text.split()) for mark in labels) / max(1, len(labels))


def several_words(tier: Tier) -> bool:
    """Whether its labels are rather sentences than words or numbers."""
    return not _BELOW.search(tier.name) and _mean_words(tier) >= 1.5


def _is_words(tier: Tier) -> bool:
    """Whether its labels are single words: so named, or a row of them without much room between."""
    labels = [mark for mark in tier.full if mark.text.strip().lower() not in _SILENT]
    single = sum(len(mark.text.split()) == 1 for mark in labels)
    if tier.points or not labels or single < 0.9 * len(labels):
        return False
    if _WORDS.search(tier.name):
        return True
    pairs = pairwise(labels)
    near = sum(
        b.start is not None and a.end is not None and b.start - a.end < _SLACK for a, b in pairs
    )
    return len(labels) >= 5 and near >= 0.5 * (len(labels) - 1)


def speaker_of(name: str) -> str | None:
    """Who speaks in a tier of this name: what stands beside ``words`` or ``utterances`` in it."""
    rest = _UTTERANCES.sub(" ", name.partition("@")[2] or name).strip(" -_:.")
    return rest or None


def _segment(tier: Tier, mark: Mark, speaker: str | None, origin: str) -> Segment:
    text = " ".join(mark.text.split())
    start, end, wrong = checked(mark.start, mark.end)
    heard = _speakers.sound(text)
    return Segment(
        text,
        kind="sound" if heard else "turn" if start is None else "utterance",
        speaker=speaker,
        start_s=start,
        end_s=end,
        ref=heard or mark.ref,
        origin=origin,
        language=tier.language,
        flags=[*mark.flags, *wrong] or None,
    )


def _beneath(tier: Tier, words: Sequence[Tier], used: Sequence[Tier]) -> Tier | None:
    """The tier of the words of `tier`: of the same speaker, or the only one there is."""
    speaker = tier.speaker or speaker_of(tier.name)
    for item in words:
        theirs = item.speaker or speaker_of(item.name)
        if theirs == speaker or (len(used) == 1 and len(words) == 1):
            return item
    return words[0] if len(used) == 1 and words else None


def _put_words(segments: Sequence[Segment], marks: Sequence[Mark]) -> bool:
    """Give each utterance the words that lie in it; False where they are not those of the text."""
    timed = [mark for mark in marks if mark.start is not None and mark.end is not None]
    timed = [mark for mark in timed if mark.text.strip().lower() not in _SILENT]
    timed.sort(key=lambda mark: mark.start or 0.0)
    starts = [mark.start or 0.0 for mark in timed]
    found = total = 0
    put: list[tuple[Segment, list[dict[str, Any]]]] = []
    for segment in segments:
        if segment.start_s is None or segment.end_s is None:
            continue
        first = bisect_left(starts, segment.start_s - _SLACK)
        inside = []
        for mark in timed[first:]:
            if (mark.start or 0.0) >= segment.end_s - _SLACK:
                break
            inside.append(mark)
        words = _located(segment.text, inside)
        found, total = found + len(words), total + len(inside)
        put.append((segment, words))
    if not total or found < _FOUND * total:
        return False
    for segment, words in put:
        segment.words = words or None
    return True


def _located(text: str, marks: Sequence[Mark]) -> list[dict[str, Any]]:
    """Where the labels stand in the text, from front to back, case aside."""
    places = [(found.start(), found.end()) for found in _SPOKEN.finditer(text)]
    spoken = [text[start:end].casefold() for start, end in places]
    found, at = [], 0
    for mark in marks:
        label = mark.text.strip().casefold().strip(".,;:!?\"'„“”()¿¡…")
        # Not far ahead: a word that is not there must not use up the rest.
        near = next((i for i in range(at, min(at + 6, len(spoken))) if spoken[i] == label), None)
        if near is None:
            continue
        start, end = places[near]
        found.append(_word(start, end, mark.start, mark.end))
        at = near + 1
    return found


def _word(
    start: int, end: int, start_s: float | None, end_s: float | None, sure: float | None = None
) -> dict[str, Any]:
    return {"start": start, "end": end, "start_s": start_s, "end_s": end_s, "confidence": sure}


@dataclass(slots=True)
class Heard:
    """A word with its times."""

    text: str
    start: float
    end: float
    confidence: float | None = None


def utterances(words: Sequence[Heard], pause: float = PAUSE_SECONDS) -> list[list[Heard]]:
    """Words in runs without a pause."""
    runs: list[list[Heard]] = []
    for word in words:
        if runs and word.start - runs[-1][-1].end < pause:
            runs[-1].append(word)
        else:
            runs.append([word])
    return runs


def utterance(words: Sequence[Heard], speaker: str | None, origin: str) -> Segment:
    """One segment of some words, with a space between them."""
    text, places = "", []
    for word in words:
        text += " " * bool(text)
        places.append(_word(len(text), len(text) + len(word.text), word.start, word.end,
                            word.confidence))  # fmt: skip
        text += word.text
    sure = [word.confidence for word in words if word.confidence is not None]
    return Segment(
        text,
        kind="utterance",
        speaker=speaker,
        start_s=words[0].start,
        end_s=max(word.end for word in words),
        confidence=sum(sure) / len(sure) if len(sure) == len(words) else None,
        origin=origin,
        words=places,
    )


def _grouped(tier: Tier, speaker: str | None, origin: str) -> list[Segment]:
    words = [
        Heard(" ".join(mark.text.split()), mark.start, mark.end)
        for mark in tier.full
        if mark.start is not None and mark.end is not None and mark.end >= mark.start
        and mark.text.strip().lower() not in _SILENT
    ]  # fmt: skip
    words.sort(key=lambda word: word.start)
    found = [utterance(run, speaker, origin) for run in utterances(words)]
    for segment in found:
        segment.language = tier.language
    return found
