"""From cues, as any subtitle format has them, to segments in which every word stands once.

Nothing is sorted, and no time is made up: a time that cannot be is left out and flagged.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise
from math import isfinite
from typing import Any

from datapartnerships.readers import _speakers
from datapartnerships.schema import Segment

# Characters of the line [start, end), and the seconds at which they are said.
Word = tuple[int, int, float, float | None]
# Cues that follow this soon upon another can repeat its lines.
_ROLL_SECONDS = 1.0
_NOTES = "♪♫♬"
_DASHES = ("-", "–", "—", "‐")
# Before each of its lines, that is at the beginning or after a space.
_MAYBE_DASHED = re.compile(r"(?:^| )[-–—‐]")
_CHEVRONS = re.compile(r"\s*(?:>>+|»)\s*")
_LABEL = re.compile(r"(?:\[([^\[\]]{1,48})\]|([^\W_][^:\n\[\]{}<>\"?!]{0,47}?))\s?:\s+(?=\S)")
# Of all cues, how many must begin with a name before mixed case is taken for one.
_LABELED = 0.2


@dataclass(slots=True)
class Cue:
    """One cue: its lines without markup, and its times in seconds.

    Attributes:
        words: for each line, where its words are heard.
        flags: what was found wrong when it was read.
        more: whether it is a part of the same cue of the file as the one before it.
    """

    lines: list[str]
    start: float | None = None
    end: float | None = None
    speaker: str | None = None
    language: str | None = None
    ref: str | None = None
    words: list[list[Word]] | None = None
    flags: list[str] = field(default_factory=list)
    more: bool = False


def segments_of(
    cues: Sequence[Cue], origin: str, *, overlaps: bool = True
) -> tuple[list[Segment], dict[str, str]]:
    """The segments, and the counts as metadata.

    ``cues = segments - cues_split + cues_merged + cues_without_text``, where `cues_split` is how
    many segments there are beyond one for each cue. With `overlaps`, a cue that begins before the
    end of the one before it is flagged.
    """
    parts_of_cues = sum(cue.more for cue in cues)
    counts: Counter[str] = Counter(cues=len(cues) - parts_of_cues, cues_split=parts_of_cues)
    full = [cue for cue in map(_without_blanks, cues) if cue.lines]
    counts["cues_without_text"] = len(cues) - len(full)
    if _rolls_up(full):
        kept = list(_unrolled(full))
        counts["cues_merged"] = len(full) - len(kept)
        full = kept
    names = _names(full)
    segments: list[Segment] = []
    latest = last = float("-inf")
    for cue in full:
        start, end, wrong = checked(cue.start, cue.end)
        flags = [*cue.flags, *wrong]
        counts["times_left_out"] += bool(wrong) or "time" in cue.flags
        if overlaps and start is not None and not cue.more:
            if start < last:
                flags.append("order")
            elif start < latest - 0.0005:
                flags.append("overlap")
            last, latest = start, max(start, latest if end is None else end)
        parts = list(_spoken(cue, names))
        counts["cues_split"] += len(parts) - 1
        segments += [_segment(part, start, end, flags, origin) for part in parts]
    counts["cues_flagged"] = sum(bool(s.flags) for s in segments)
    always = ("cues", "cues_without_text", "cues_merged")
    return segments, {k: str(counts[k]) for k in _COUNTS if counts[k] or k in always}


_COUNTS = (
    "cues", "cues_without_text", "cues_merged", "cues_split", "times_left_out", "cues_flagged",
)  # fmt: skip


def checked(start: float | None, end: float | None) -> tuple[float | None, float | None, list[str]]:
    """Times that can be, and a word for what was left out."""
    if not all(time is None or isfinite(time) for time in (start, end)):
        return None, None, ["time"]
    if (start is not None and start < 0) or (end is not None and end < 0):
        return None, None, ["negative"]
    if start is not None and end is not None and end < start:
        return start, None, ["reversed"]
    return start, end, []


def _without_blanks(cue: Cue) -> Cue:
    if all(cue.lines):
        return cue
    kept = [i for i, line in enumerate(cue.lines) if line]
    words = [cue.words[i] for i in kept] if cue.words else None
    return replace(cue, lines=[cue.lines[i] for i in kept], words=words)


# Roll-up captions -----------------------------------------------------------------------------


def _follows(before: Cue, cue: Cue) -> bool:
    if before.start is None or cue.start is None:
        return False
    shown = before.start if before.end is None else before.end
    return before.start <= cue.start <= shown + _ROLL_SECONDS


def _repeated(before: list[str], lines: list[str]) -> int:
    """How many lines at the end of `before` stand again at the beginning of `lines`."""
    for count in range(min(len(before), len(lines)), 0, -1):
        # One line first: to compare the parts of long cues takes the square of their lines.
        if before[-count] == lines[0] and before[-count:] == lines[:count]:
            return count
    return 0


def _grown(before: list[str], lines: list[str]) -> int:
    """The index of the line that goes on where the last line of `before` ended, or -1."""
    for at, line in enumerate(lines):
        if line.startswith(before[-1]) and len(line) > len(before[-1]):
            if before[len(before) - 1 - at : -1] == lines[:at]:
                return at
            return -1
    return -1


def _rolls_up(cues: Sequence[Cue]) -> bool:
    """Whether cues repeat the lines before, as live captions do: not once, but as a habit.

    A cue that is wholly the one before is no proof: songs and quarrels have such.
    """
    proofs = chances = 0
    for before, cue in pairwise(cues):
        if not _follows(before, cue):
            continue
        again = _repeated(before.lines, cue.lines)
        if again == len(cue.lines) == len(before.lines):
            continue
        chances += 1
        long = any(len(line) > 3 for line in cue.lines[:again])
        proofs += long or (len(before.lines[-1]) > 3 and _grown(before.lines, cue.lines) >= 0)
    return proofs >= 2 and proofs * 2 >= chances


def _unrolled(cues: Sequence[Cue]) -> Iterator[Cue]:
    """The cues with each line once, where it is first seen whole."""
    waiting: Cue | None = None
    before: Cue | None = None
    for cue in cues:
        if before is None or waiting is None or not _follows(before, cue):
            if waiting is not None:
                yield waiting
            waiting, before = replace(cue), cue
            continue
        again = _repeated(before.lines, cue.lines)
        grown = -1 if again else _grown(before.lines, cue.lines)
        before = cue
        if grown >= 0:
            # The last line is still being written: the words that came later end later.
            lines = [*waiting.lines[:-1], *cue.lines[grown:]]
            waiting = replace(waiting, lines=lines, words=None, end=cue.end)
        elif again < len(cue.lines):
            yield waiting
            words = cue.words[again:] if cue.words else None
            waiting = replace(cue, lines=cue.lines[again:], words=words)
    if waiting is not None:
        yield waiting


# Who speaks -----------------------------------------------------------------------------------


@dataclass(slots=True)
class _Part:
    cue: Cue
    text: str
    speaker: str | None
    words: list[Word]
    new: bool = False


def _names(cues: Iterable[Cue]) -> frozenset[str]:
    """Names in mixed case that stand before a colon so often that they must be speakers."""
    found: Counter[str] = Counter()
    cues = list(cues)
    for cue in cues:
        for line in cue.lines:
            if ":" in line and (label := _LABEL.match(_CHEVRONS.sub("", line, count=1))):
                name = (label[1] or label[2]).strip()
                if _speakers.is_name(name):
                    found[name] += 1
    often = {name: count for name, count in found.items() if count > 1}
    return frozenset(often) if sum(often.values()) > _LABELED * len(cues) else frozenset()


def _spoken(cue: Cue, names: frozenset[str]) -> Iterator[_Part]:
    """A part for each speaker of the cue, as dashes, chevrons and names tell them apart."""
    text = " ".join(cue.lines)
    if not cue.words and ":" not in text and ">>" not in text and not _MAYBE_DASHED.search(text):
        yield _Part(cue, text, cue.speaker, [])
        return
    words = cue.words or [[] for _ in cue.lines]
    dashed = sum(line.startswith(_DASHES) and len(line) > 1 for line in cue.lines)
    several = dashed > 1 or (dashed == 1 and len(cue.lines) > 1 and cue.lines[-1][0] in _DASHES)
    part: _Part | None = None
    for line, heard in zip(cue.lines, words, strict=True):
        for text, shift, new in _turns(line, dashed=several or dashed == len(cue.lines)):
            name, body = _labeled(text, names, new)
            cut = shift + len(text) - len(body)
            near = [(s - cut, e - cut, a, b) for s, e, a, b in heard if cut <= s < cut + len(body)]
            near = [w for w in near if w[1] <= len(body)]
            if part is None or new or name:
                if part is not None:
                    yield part
                same = cue.speaker if part is None or not (new or name) else None
                part = _Part(cue, body, name or same, near, new)
            else:
                at = len(part.text) + 1
                part.text += f" {body}"
                part.words += [(s + at, e + at, a, b) for s, e, a, b in near]
    if part is not None:
        yield part


def _turns(line: str, *, dashed: bool) -> Iterator[tuple[str, int, bool]]:
    """(text, where it begins in the line, whether a mark says that somebody else speaks)."""
    if dashed and line.startswith(_DASHES):
        text = line.lstrip("".join(_DASHES)).lstrip()
        if text:
            yield text, len(line) - len(text), True
            return
    if ">>" not in line:
        yield line, 0, False
        return
    marks = list(_CHEVRONS.finditer(line))
    if not marks or not _CHEVRONS.sub("", line):
        yield line, 0, False
        return
    if marks[0].start() > 0:
        yield line[: marks[0].start()], 0, False
    for mark, following in zip(marks, [*marks[1:], None], strict=True):
        end = following.start() if following else len(line)
        if line[mark.end() : end]:
            yield line[mark.end() : end], mark.end(), True


def _labeled(text: str, names: frozenset[str], new: bool) -> tuple[str | None, str]:
    """The name before the text, and the text."""
    if ":" not in text or not (found := _LABEL.match(text)):
        return None, text
    name, body = (found[1] or found[2]).strip(), text[found.end() :]
    if name in names:
        return name, body
    if not _speakers.is_name(name):
        return None, text
    # In capitals all of it, where what is said is not: ">>" says so of any.
    loud = name.isupper() and len(name) > 1 and (not body.isupper() or new)
    return (name, body) if loud or found[1] or (new and name in names) else (None, text)


def _segment(
    part: _Part, start: float | None, end: float | None, flags: list[str], origin: str
) -> Segment:
    """One segment; a note of a sound that is all of it makes it a `sound`."""
    cue, text, flags = part.cue, part.text, list(flags)
    heard = _speakers.sound(text)
    if heard is None and _is_noise(text):
        heard = ""
    if part.new:
        flags.append("new_speaker")
    if heard is None and text[0] in _NOTES:
        flags.append("music")
    if heard is None and _speakers.is_unheard(text):
        flags.append("inaudible")
    words = [
        {"start": s, "end": e, "start_s": a, "end_s": b, "confidence": None}
        for s, e, a, b in part.words
        if s < e
    ]
    return Segment(
        text,
        kind="sound" if heard is not None else "turn" if start is end is None else "utterance",
        speaker=part.speaker,
        start_s=start,
        end_s=end,
        ref=heard or cue.ref,
        origin=origin,
        language=cue.language,
        words=words or None,
        flags=flags or None,
    )


def _is_noise(text: str) -> bool:
    """``[DOOR SLAMS]``: a note in square brackets, or in capitals, of something else than words."""
    if text[0] not in "[(" or (inner := _speakers.note(text)) is None:
        return False
    return (text[0] == "[" or inner.isupper()) and not _speakers.is_unheard(text)


def kind_of(segments: Iterable[Segment]) -> str:
    """ "conversation" where two or more are named, else "text"."""
    named: set[Any] = {segment.speaker for segment in segments if segment.speaker}
    return "conversation" if len(named) > 1 else "text"
