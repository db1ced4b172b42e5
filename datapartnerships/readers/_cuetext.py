"""Times and markup of cues, in all the spellings that programs and people give them."""

from __future__ import annotations

import html
import re
from dataclasses import dataclass, field

from datapartnerships.readers._cues import Cue

_NUMBERS = re.compile(r"\d+")
TAG = re.compile(
    r"</?(?:b|i|u|s|em|strong|font|span|c|v|lang|ruby|rt|rb|br|p|div|small|big|tt|center)"
    r"(?:[.\s][^<>]*|=[^<>]*)?/?>",
    re.I,
)
_READING = re.compile(r"<rt>([^<>]+)(?:</rt>|(?=</ruby>|<rt>|$))", re.I)
_OVERRIDE = re.compile(r"\{\\[^{}]*\}|\{[yYcCfFsSpP]:[^{}]*\}")
_ENTITY = re.compile(r"&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,30});")
_MARKS = re.compile("[\u200b\u200e\u200f\u202a-\u202e\u2060\ufeff]")


@dataclass(slots=True)
class Read:
    """The cues of a file, and what it says of itself."""

    cues: list[Cue]
    metadata: dict[str, str] = field(default_factory=dict)


def seconds(clock: str) -> float | None:
    """Seconds of ``[-][h:]mm:ss[,fff]``; None where minutes or seconds are past 59."""
    digits = _NUMBERS.findall(clock)
    fraction = ""
    body = clock
    # The last separator of four numbers, or a comma or point, begins the fraction.
    if len(digits) == 4 or (len(digits) == 3 and re.search(r"[,.;]\s?\d+\s*$", clock)):
        fraction = digits.pop()
        body = clock[: clock.rstrip().rfind(fraction)]
    if len(digits) < 2 or not body:
        return None
    hours, minutes, whole = (["0", *digits])[-3:]
    if int(minutes) > 59 or int(whole) > 59 or len(hours) > 9:
        return None
    value = int(hours) * 3600 + int(minutes) * 60 + int(whole)
    found = value + int(fraction) / 10 ** len(fraction) if fraction else float(value)
    return -found if clock.lstrip().startswith("-") else found


_PLAIN_CLOCK = re.compile(r"(\d{1,4}):([0-5]\d):([0-5]\d)[,.](\d{3})")


def _time(clock: str) -> float | None:
    # The one spelling of nearly all of them, without the detours.
    found = _PLAIN_CLOCK.fullmatch(clock)
    if found is None:
        return seconds(clock)
    hours, minutes, whole, thousandths = found.groups()
    return (int(hours) * 3_600_000 + int(minutes) * 60_000 + int(whole) * 1000
            + int(thousandths)) / 1000  # fmt: skip


def set_times(cue: Cue, start: str, end: str) -> None:
    cue.start, cue.end = _time(start), _time(end)
    if cue.start is None or cue.end is None:
        cue.flags.append("time")


def clean(line: str) -> str:
    """A line without markup, marks of direction and spaces around it."""
    if "<" in line:
        # How a sign is read, as it is shown where there is no room above it.
        line = _READING.sub(r"(\1)", line)
        line = TAG.sub("", line)
    if "{" in line:
        line = _OVERRIDE.sub("", line)
    if "&" in line:
        line = _ENTITY.sub(lambda found: html.unescape(found[0]), line)
    if not line.isascii():
        line = _MARKS.sub("", line)
    return " ".join(line.split())
