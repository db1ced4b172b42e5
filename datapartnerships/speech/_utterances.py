"""What was heard in a stretch to segments: utterances, each with its own time."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from typing import Any

from datapartnerships.schema import Segment
from datapartnerships.speech._again import holes
from datapartnerships.speech._speakers import Who
from datapartnerships.speech._values import Heard, Word

# A sentence ends with one of these, and whatever closes a quotation.
_ENDS = re.compile(r"[.?!…。？！।؟]+[\"'”’»)\]]*$")
# "Mr.", "kl.", "J.", "U.S.A." end no sentence; nor does a number with a dot behind it (ordinals).
# Short words that can be spoken do ("it.", "me.").
_SHORT = re.compile(
    r"(?:^|\W)(?:\w|[bcdfghjklmnpqrstvwxzðþ]{2,3}|(?:\w\.)+\w|\d+)\.$", re.IGNORECASE
)
# Seconds: a pause that parts utterances; one behind which even a short word ends one; the shortest.
_PAUSE_S, _STOP_S, _LEAST_S = 1.0, 0.5, 0.1


def utterances(
    heard: Heard,
    speech: Sequence[tuple[float, float]],
    *,
    origin: str,
    who: Who,
    words: bool,
) -> list[Segment]:
    """Its sentences, in order, and an empty utterance where speech was lost.

    A sentence that two share (`who`) is parted between two words.
    """
    origin = f"{origin}: {heard.how}" if heard.how else origin
    common: dict[str, Any] = {"kind": "utterance", "origin": origin}
    if not heard.words:
        start, end = (speech[0][0], speech[-1][1]) if speech else (0.0, 0.0)
        flags = heard.flags or (["lost"] if not heard.text else None)
        return [
            Segment(
                heard.text,
                start_s=round(start, 3),
                end_s=round(end, 3),
                language=heard.language if heard.text else None,
                confidence=heard.confidence if heard.text else None,
                flags=flags,
                speaker=who(start, end),
                **common,
            )
        ]
    found = [
        _utterance(part, heard, {"speaker": name, **common}, words)
        for group in _sentences(_placed(heard, speech))
        for name, part in who.parts(group)
    ]
    for low, high in holes(heard.words, speech):
        common["speaker"] = who(low, high)
        found.append(
            Segment("", start_s=round(low, 3), end_s=round(high, 3), flags=["lost"], **common)
        )
    found.sort(key=lambda segment: segment.start_s or 0.0)
    return found


def _utterance(group: list[Word], heard: Heard, common: dict[str, Any], words: bool) -> Segment:
    text, spans = "", []
    for word in group:
        piece = word.text if text else word.text.lstrip()
        start = len(text) + len(piece) - len(piece.lstrip())
        text += piece
        spans.append((start, len(text), word))
    weights = [max(len(word.text.strip()), 1) for word in group]
    # Geometric, as the model's own measure: one impossible word says much.
    logs = [math.log(max(word.confidence, 1e-3)) for word in group]
    mean = sum(x * w for x, w in zip(logs, weights, strict=True)) / sum(weights)
    return Segment(
        text,
        start_s=group[0].start_s,
        end_s=group[-1].end_s,
        language=heard.language,
        confidence=round(math.exp(mean), 4),
        flags=list(heard.flags) or None,
        words=[
            {
                "start": start,
                "end": end,
                "start_s": word.start_s,
                "end_s": word.end_s,
                "confidence": word.confidence,
            }
            for start, end, word in spans
            if end > start
        ]
        if words
        else None,
        **common,
    )


def _placed(heard: Heard, speech: Sequence[tuple[float, float]]) -> list[Word]:
    """Words with their punctuation, none of them where nobody speaks."""
    joined: list[Word] = []
    for word in heard.words:
        mark = not any(c.isalnum() for c in word.text)
        glued = joined and not word.text.startswith(" ") and (mark or _spaced(heard.text))
        if glued:
            last = joined[-1]
            # What is glued to a word with marks alone does not make it longer.
            end = last.end_s if mark else word.end_s
            sure = last.confidence if mark else min(last.confidence, word.confidence)
            joined[-1] = Word(last.text + word.text, last.start_s, end, sure)
        else:
            joined.append(word)
    return [_within(word, speech) for word in joined]


def _spaced(text: str) -> bool:
    """Whether words are parted by spaces in this writing."""
    return text.count(" ") * 12 > len(text)


def _within(word: Word, speech: Sequence[tuple[float, float]]) -> Word:
    """The attention spreads over the pauses beside a word: they are taken off."""
    overlaps = [
        (max(low, word.start_s), min(high, word.end_s))
        for low, high in speech
        if low < word.end_s and high > word.start_s
    ]
    if not overlaps:
        return word
    # With a pause inside, the longer side is where the word is.
    start, end = max(overlaps, key=lambda pair: pair[1] - pair[0])
    return Word(word.text, round(start, 3), round(end, 3), word.confidence)


def _sentences(words: Sequence[Word]) -> list[list[Word]]:
    groups: list[list[Word]] = [[]]
    for word, after in zip(words, [*words[1:], None], strict=True):
        groups[-1].append(word)
        if after is None:
            break
        gap = after.start_s - word.end_s
        text = word.text.strip()
        ends = bool(_ENDS.search(text)) and (gap >= _STOP_S or not _goes_on(text, after.text))
        # A word that is placed nowhere ("Mr.") is said with the next one.
        placed = word.end_s - groups[-1][0].start_s >= _LEAST_S
        if placed and (ends or gap >= _PAUSE_S):
            groups.append([])
    return [group for group in groups if "".join(word.text for word in group).strip()]


def _goes_on(text: str, after: str) -> bool:
    first = next((c for c in after if c.isalnum()), "")
    return bool(_SHORT.search(text)) or first.islower()
