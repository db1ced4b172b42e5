"""Plain transcripts: whether a text is one, and its turns.

A text is a transcript only where a habit shows: names that come again before what is said, in no
fixed round as the fields of records do, and sentences after them. Letters, forms, logs, recipes and
glossaries have colons too.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from datapartnerships.readers import _speakers

TRANSCRIPT = "text/x-transcript"

_TIME = r"(?P<{0}>(?:\d{{1,3}}:)?\d{{1,2}}:\d\d(?:[.,]\d{{1,3}})?)"
_BEFORE = re.compile(
    rf"[\[(<]?{_TIME.format('start')}(?:\s*(?:-->|-|–|—|to)\s*{_TIME.format('end')})?[\])>]?\s*[-–|:]?\s*"
)
_NAME = re.compile(r"(?P<name>[^\W\d_][^:：\[\]{}<>\"?!\n\t]{0,47}?)\s*(?P<sign>:(?=\s|$)|：)")
_BRACKETED = re.compile(r"\[(?P<name>[^\W\d_][^\[\]:]{0,47})\]\s*(?P<sign>:)?\s*(?=\S|$)")
_LOOSE_NAME = r"(?P<{0}>[^\W\d_][^:\[\](){{}}<>\"?!\n\t]{{0,47}}?)"
# "Name 00:12:03" on a line of its own, or "Name (00:12:03): text".
_AFTER = re.compile(
    rf"{_LOOSE_NAME.format('name')}\s*[\[(]?{_TIME.format('start')}[\])]?\s*:?\s*$"
    rf"|{_LOOSE_NAME.format('name2')}\s*[\[(]{_TIME.format('start2')}[\])]\s*:\s*"
)
_QUESTION = re.compile(r"(?P<name>Q|A|Fr|Sv|F)(?P<sign>[.:])\s+(?=\S)")
_LINE_NUMBER = re.compile(r"\s{0,8}(\d{1,2})(?:\s{1,12}|$)")
_SENTENCE_ENDS = re.compile(r"[.?!…。！？؟।—–-][\"'”’»)\]]*$")
_LEAST_TURNS = 4
_PAGE = re.compile(r"(?:page\s+)?\d{1,5}(?:\s+of\s+\d+)?", re.I)


@dataclass(slots=True)
class Turn:
    """What one says without another: lines, and where the first stands in the file."""

    lines: list[str]
    line: int
    speaker: str | None = None
    start: float | None = None
    end: float | None = None
    blank_before: bool = False
    timed: bool = field(default=False)

    @property
    def text(self) -> str:
        return "\n".join(self.lines).strip()


def _opened(line: str) -> tuple[str | None, float | None, float | None, str] | None:
    """(speaker, start, end, what follows) of a line that begins a turn."""
    text = line.strip().lstrip("\ufeff")
    if not text:
        return None
    start = end = None
    if text[0] in "[(<" or text[0].isdigit():
        before = _BEFORE.match(text)
        if before:
            start, end = _seconds(before["start"]), _seconds(before["end"])
            text = text[before.end() :]
    named = _QUESTION.match(text) or _NAME.match(text) or _BRACKETED.match(text)
    if named and (named.re is not _BRACKETED or named["sign"] or start is not None):
        name = named["name"].strip()
        if named.re is _QUESTION or _speakers.is_name(name):
            body = text[named.end() :].strip()
            return name, start, end, body
    if start is not None:
        return None, start, end, text.strip()
    after = _AFTER.match(text)
    name = (after["name"] or after["name2"] or "").strip(" -–|,") if after else ""
    if after and _speakers.is_name(name):
        clock = after["start"] or after["start2"]
        return name, _seconds(clock), None, text[after.end() :].strip()
    return None


def _seconds(clock: str | None) -> float | None:
    if clock is None:
        return None
    parts = clock.replace(",", ".").split(":")
    value = 0.0
    for part in parts:
        value = value * 60 + float(part)
    return None if any(float(part) >= 60 for part in parts[1:]) else value


def turns_of(text: str) -> tuple[list[Turn], list[str]] | None:
    """(turns, lines before the first), or None where the text is no transcript."""
    lines, numbered = _unnumbered(text.split("\n"))
    turns: list[Turn] = []
    head: list[str] = []
    blank = True
    for number, line in enumerate(lines, 1):
        if not line.strip() or (numbered and _PAGE.fullmatch(line.strip())):
            blank = True
            if turns and turns[-1].lines and turns[-1].lines[-1]:
                turns[-1].lines.append("")
            continue
        opened = _opened(line)
        if opened is not None:
            name, start, end, body = opened
            turn = Turn([body] if body else [], number, name, start, end, blank, start is not None)
            turns.append(turn)
        elif turns:
            turns[-1].lines.append(line.strip())
        else:
            head.append(line.strip())
        blank = False
    return (turns, head) if _is_transcript(turns, head, lines) else None


def _unnumbered(lines: Sequence[str]) -> tuple[list[str], bool]:
    """Lines without the numbers 1 to 25 or so that each line of a page of a court has."""
    found = [_LINE_NUMBER.match(line) for line in lines]
    numbers = [int(match[1]) for match in found if match]
    full = sum(bool(line.strip()) for line in lines)
    follow = sum(b - a == 1 for a, b in pairwise(numbers))
    if len(numbers) < 10 or len(numbers) < 0.8 * full or follow < 0.8 * len(numbers):
        return list(lines), False
    cut = [line[m.end() :] if m else line for line, m in zip(lines, found, strict=True)]
    return cut, True


def _is_transcript(turns: Sequence[Turn], head: Sequence[str], lines: Sequence[str]) -> bool:
    named = [turn for turn in turns if turn.speaker]
    names = Counter(turn.speaker for turn in named)
    if len(named) < _LEAST_TURNS or len(names) < 2:
        return False
    again = sum(count for count in names.values() if count > 1)
    if again < 0.6 * len(named) or len(named) < 2 * len(names) * (len(names) < 3):
        return False
    if _is_records([turn.speaker or "" for turn in named]):
        return False
    spoken = [turn.text for turn in named if turn.text]
    ends = sum(bool(_SENTENCE_ENDS.search(text)) for text in spoken)
    words = sum(len(text.split()) for text in spoken)
    if ends < 0.6 * len(named) or (words < 3 * len(named) and words < 30 and not _dense(spoken)):
        return False
    full = sum(bool(line.strip()) for line in lines)
    if len(head) > 0.4 * full:
        return False
    blocks = sum(
        a.strip() != "" and not b.strip() for a, b in zip(lines, ["", *lines], strict=False)
    )
    opening = sum(turn.blank_before for turn in turns)
    strong = [
        turn for turn in named
        if turn.timed or turn.speaker in ("Q", "A") or (turn.speaker or "").isupper()
    ]  # fmt: skip
    return (
        len(turns) >= 0.5 * full
        or opening >= 0.6 * blocks >= 2.4
        or (len(strong) >= 0.8 * len(named) and len(named) >= 0.12 * full)
    )


def _dense(spoken: Sequence[str]) -> bool:
    """Scripts without spaces between words: their characters count."""
    return sum(not text.isascii() and len(text) >= 6 for text in spoken) >= 0.6 * len(spoken)


def _is_records(names: Sequence[str]) -> bool:
    """Whether three or more names follow one another in one fixed round, as fields do."""
    if len(set(names)) < 3:
        return False
    after: dict[str, Counter[str]] = {}
    for a, b in pairwise(names):
        after.setdefault(a, Counter())[b] += 1
    same = sum(counts.most_common(1)[0][1] for counts in after.values())
    return same >= 0.9 * (len(names) - 1)
