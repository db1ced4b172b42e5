"""Subtitles that hold more than times and text: SubStation Alpha, MicroDVD and LRC."""

from __future__ import annotations

import re

from datapartnerships.readers._cues import Cue
from datapartnerships.readers._cuetext import Read, clean, set_times
from datapartnerships.readers._subtitleformats import LRC_TAG, LRC_TIME, MICRODVD_LINE

_LRC_WORD = re.compile(r"<(\d{1,3}):(\d\d(?:[.:]\d{1,3})?)>")


_DRAWING = re.compile(r"\{[^{}]*\\p[1-9][^{}]*\}.*?(?=\{[^{}]*\\p0|$)")
_ASS_FIELDS = [
    "layer",
    "start",
    "end",
    "style",
    "name",
    "marginl",
    "marginr",
    "marginv",
    "effect",
    "text",
]


def read_ass(text: str) -> Read:
    """Dialogue lines, in the order of their times: the file need not have them so."""
    fields, section = _ASS_FIELDS, ""
    cues: list[Cue] = []
    metadata: dict[str, str] = {}
    left_out = 0
    for line in text.split("\n"):
        key, _, value = line.partition(":")
        key = key.strip().lower()
        if line.startswith("["):
            section = line.strip().lower()
        elif section == "[events]" and key == "format":
            fields = [name.strip().lower() for name in value.split(",")]
        elif section == "[events]" and key == "comment":
            left_out += 1
        elif section == "[events]" and key == "dialogue":
            cells = dict(zip(fields, value.split(",", len(fields) - 1), strict=False))
            cue = Cue([])
            set_times(cue, cells.get("start", ""), cells.get("end", ""))
            cue.speaker = cells.get("name", cells.get("actor", "")).strip() or None
            raw = _DRAWING.sub("", cells.get("text", "")).replace("\\h", " ")
            cue.lines = [t for part in re.split(r"\\[Nn]", raw) if (t := clean(_braces(part)))]
            cues.append(cue)
        elif section == "[script info]" and key in ("title", "language") and value.strip():
            metadata[key] = value.strip()
    if left_out:
        metadata["comments"] = str(left_out)
    cues.sort(key=lambda cue: (cue.start is None, cue.start or 0.0))
    return Read(cues, metadata)


def _braces(text: str) -> str:
    """Without what is in braces: in this format they hold no text that is shown."""
    return re.sub(r"\{[^{}]*\}", "", text)


def read_microdvd(text: str) -> Read:
    """Frames to seconds by the rate that the first line gives; without one there are no times."""
    rows = [found for line in text.split("\n") if (found := MICRODVD_LINE.fullmatch(line.strip()))]
    metadata: dict[str, str] = {}
    rate = None
    if rows and rows[0][1] in ("0", "1") and re.fullmatch(r"\s*\d+([.,]\d+)?\s*", rows[0][3]):
        rate = float(rows[0][3].replace(",", ".")) or None
        metadata["frame_rate"] = rows[0][3].strip()
        rows = rows[1:]
    cues = []
    for row in rows:
        # As floats: a number of hundreds of digits is infinite, which no time can be.
        start = float(row[1]) / rate if rate else None
        end = float(row[2]) / rate if rate and row[2] else None
        lines = [plain for part in row[3].split("|") if (plain := clean(part.lstrip("/")))]
        cues.append(Cue(lines, start, end))
    if rate is None and cues:
        metadata["times"] = "left out: in frames, and the file does not say how many a second"
    return Read(cues, metadata)


def read_lrc(text: str) -> Read:
    """Lines of songs; one with several times is sung as often. Ends are not known."""
    metadata: dict[str, str] = {}
    cues: list[Cue] = []
    names = {"ti": "title", "ar": "artist", "al": "album", "la": "language", "by": "by"}
    for line in text.split("\n"):
        if tag := LRC_TAG.match(line):
            if tag[2].strip():
                metadata[names.get(tag[1].lower(), tag[1].lower())] = tag[2].strip()
            continue
        times: list[float | None] = []
        at = 0
        while found := LRC_TIME.match(line, at):
            times.append(_minutes(found))
            at = found.end()
        body = clean(_LRC_WORD.sub("", line[at:]))
        if times or body:
            cues += [Cue([body] if body else [], start) for start in (times or [None])]
    offset = metadata.get("offset", "0")
    if re.fullmatch(r"[+-]?\d{1,9}", offset) and int(offset):
        for cue in cues:
            # A positive offset shows the words earlier.
            cue.start = None if cue.start is None else max(0.0, cue.start - int(offset) / 1000)
    cues.sort(key=lambda cue: (cue.start is None, cue.start or 0.0))
    return Read(cues, metadata)


def _minutes(found: re.Match[str]) -> float:
    return int(found[1]) * 60 + float(found[2].replace(":", "."))
