"""Subtitles in lines of text: SubRip, WebVTT, SubViewer, SubStation Alpha, MicroDVD and LRC.

WebVTT as https://www.w3.org/TR/webvtt1/ has it; the others have no standard. Everything is read
around the lines that hold times, whatever is wrong with numbers and blank lines.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import replace

from datapartnerships.errors import DocumentError
from datapartnerships.readers._cues import Cue, Word
from datapartnerships.readers._cuetext import TAG, Read, clean, seconds, set_times
from datapartnerships.readers._languages import language_code
from datapartnerships.readers._subtitleformats import (
    ASS,
    HALF_TIMING,
    LRC,
    MICRODVD,
    SBV,
    SBV_TIMING,
    SUBRIP,
    TIMING,
    VTT,
)
from datapartnerships.readers._subtitles_more import read_ass, read_lrc, read_microdvd

_SETTINGS = re.compile(r"(?:(?:[A-Za-z]+:[^\s:]+|[XY][12]:\d+)(?:\s+|$))+")
_INNER_TIME = re.compile(r"<((?:\d+:)?\d\d:\d\d\.\d{3})>")
_VOICE = re.compile(r"<v(?:\.[^\s<>]*)?\s([^<>]*)>", re.I)
_LANG = re.compile(r"\s*<lang(?:\.[^\s<>]*)?\s([^<>]*)>", re.I)
_HEADER = re.compile(r"([A-Za-z][\w-]*)\s*[:=]\s*(\S.*)")


def read_subtitles(text: str, media_type: str) -> Read:
    """The cues of `text`. `DocumentError` where there is none."""
    found = _READERS[media_type](text)
    if not found.cues:
        raise DocumentError(
            "no subtitles found", "no line has times; TextReader reads it as plain text"
        )
    return found


# SubRip, WebVTT and SubViewer -----------------------------------------------------------------


def _read_srt(text: str) -> Read:
    lines = text.split("\n")
    cues, before, _ = _timed(lines, _srt_text)
    metadata = {"text_before_first_cue": "\n".join(before)[:1000]} if before else {}
    return Read(cues, metadata)


def _read_vtt(text: str) -> Read:
    lines = text.split("\n")
    cues, before, notes = _timed(lines, _vtt_text, vtt=True)
    metadata: dict[str, str] = {}
    rest = []
    for line in before:
        found = _HEADER.match(line)
        if line.startswith("X-TIMESTAMP-MAP"):
            metadata["timestamp_map"] = line.partition("=")[2]
        elif found:
            metadata[found[1].lower()] = found[2].strip()
        else:
            title = line.lstrip("\ufeff").removeprefix("WEBVTT").strip(" -\t")
            rest += [title] if title else []
    if rest:
        metadata["text_before_first_cue"] = "\n".join(rest)[:1000]
    said = [match[1] for line in notes if (match := re.match(r"(?i)NOTE language:\s*(\S+)", line))]
    language = language_code(metadata.get("language") or next(iter(said), None))
    for cue in cues:
        cue.language = cue.language or language
    if count := sum(line.startswith("NOTE") for line in notes):
        metadata["notes"] = str(count)
    return Read(cues, metadata)


def _timed(
    lines: list[str], finish: Callable[[Cue, list[str]], Iterator[Cue]], *, vtt: bool = False
) -> tuple[list[Cue], list[str], list[str]]:
    """(cues, lines before the first, lines of notes and styles): around every line with times."""
    timings = [
        (at, found)
        for at, line in enumerate(lines)
        if (">" in line or "→" in line)
        and (found := TIMING.match(line) or HALF_TIMING.fullmatch(line))
    ]
    numbered = sum(lines[at - 1].strip().isdigit() for at, _ in timings if at) * 2 >= len(timings)
    cues: list[Cue] = []
    before: list[str] = []
    notes: list[str] = []
    edges = [*(at for at, _ in timings), len(lines)]
    _take(lines, 0, edges[0], bool(timings), numbered, vtt, before, notes)
    for number, (at, found) in enumerate(timings):
        cue = Cue([])
        set_times(cue, found[1], found[2])
        body: list[str] = []
        rest = (found[3] if found.re is TIMING else "").strip()
        if rest and not _SETTINGS.fullmatch(rest):
            body.append(rest)
        last = number + 1 == len(timings)
        cue.ref = _take(lines, at + 1, edges[number + 1], not last, numbered, vtt, body, notes)
        cues.append(cue)
        cue.lines = body
    # The name of a cue stands before it.
    first = _name(lines, timings[0][0], numbered) if vtt and timings else None
    following = first
    for cue in cues:
        cue.ref, following = following, cue.ref
    return [part for cue in cues for part in finish(cue, cue.lines)], before, notes


def _take(
    lines: list[str], at: int, end: int, more: bool, numbered: bool, vtt: bool,
    body: list[str], notes: list[str],
) -> str | None:  # fmt: skip
    """Put the text of ``lines[at:end]`` into `body`; gives the name of the cue that follows."""
    name = None
    if more and end > at:
        if numbered and (place := _number(lines, at, end)) >= 0:
            end = place
        elif vtt and end - 1 > at and lines[end - 1].strip() and not lines[end - 2].strip():
            name = lines[end - 1].strip()
            end -= 1
    if not vtt:
        body += lines[at:end]
        return name
    aside = False
    for number in range(at, end):
        line = lines[number]
        opens = number == 0 or not lines[number - 1].strip()
        if not line.strip():
            aside = False
        elif opens and (line.startswith("NOTE") or line.rstrip() in ("STYLE", "REGION")):
            aside = True
        if aside:
            notes.append(line)
        else:
            body.append(line)
    return name


def _number(lines: list[str], at: int, end: int) -> int:
    """Where the number stands that belongs to the times in line `end`, or -1."""
    place = end - 1
    while place > at and not lines[place].strip():
        place -= 1
    if not lines[place].strip().lstrip("\ufeff").isdigit():
        return -1
    alone = place > at and not lines[place - 1].strip()
    return place if place == end - 1 or alone else -1


def _name(lines: list[str], at: int, numbered: bool) -> str | None:
    if at < 1 or numbered or not lines[at - 1].strip() or at < 2 or lines[at - 2].strip():
        return None
    return lines[at - 1].strip()


def _srt_text(cue: Cue, lines: list[str]) -> Iterator[Cue]:
    if any("<br" in line for line in lines):
        lines = re.split(r"<br\s*/?>|\n", "\n".join(lines))
    cue.lines = [text for line in lines if line and (text := clean(line))]
    yield cue


def _vtt_text(cue: Cue, lines: list[str]) -> Iterator[Cue]:
    """The cue, or one for each voice in it."""
    whole = "\n".join(lines)
    if "<" not in whole:
        yield from _srt_text(cue, lines)
        return
    if found := _LANG.match(whole):
        cue.language = language_code(found[1])
    pieces = _VOICE.split(whole.replace("</v>", ""))
    parts = [(None, pieces[0]), *zip(pieces[1::2], pieces[2::2], strict=True)]
    parts = [(voice, text) for voice, text in parts if voice or clean(text)] or [(None, "")]
    for number, (voice, text) in enumerate(parts):
        part = replace(cue, lines=[], flags=[*cue.flags], more=number > 0)
        name = clean(voice) if voice else ""
        part.speaker = name if any(map(str.isalnum, name)) else None
        _with_inner_times(part, text.split("\n"))
        yield part


def _with_inner_times(cue: Cue, lines: list[str]) -> None:
    """Lines of which times inside them say when each word is heard."""
    if not any(map(_INNER_TIME.search, lines)):
        cue.lines = [text for line in lines if (text := clean(line))]
        return
    cue.words = []
    for line in lines:
        pieces = _INNER_TIME.split(line)
        text, words = "", list[Word]()
        starts = [cue.start if len(pieces) > 1 else None, *map(seconds, pieces[1::2])]
        for at, piece in enumerate(pieces[::2]):
            plain = clean(piece)
            if not plain:
                continue
            gap = " " if text and (piece[:1].isspace() or _ends_open(pieces, at)) else ""
            begins = starts[at]
            ends = starts[at + 1] if at + 1 < len(starts) else cue.end
            text += gap + plain
            if begins is not None and (ends is None or ends >= begins):
                words.append((len(text) - len(plain), len(text), begins, ends))
        if text:
            cue.lines.append(text)
            cue.words.append(words)


def _ends_open(pieces: list[str], at: int) -> bool:
    """Whether the piece before, or the markup before this one, has a space at the seam."""
    plain = TAG.sub("", pieces[2 * at])
    return plain[:1].isspace() or TAG.sub("", pieces[2 * at - 2])[-1:].isspace()


def _read_sbv(text: str) -> Read:
    cues: list[Cue] = []
    for line in text.split("\n"):
        if found := SBV_TIMING.fullmatch(line):
            cues.append(Cue([]))
            set_times(cues[-1], found[1], found[2])
        elif cues and (plain := clean(line.replace("[br]", " "))):
            cues[-1].lines.append(plain)
    return Read(cues)


_READERS: dict[str, Callable[[str], Read]] = {
    SUBRIP: _read_srt,
    VTT: _read_vtt,
    SBV: _read_sbv,
    ASS: read_ass,
    MICRODVD: read_microdvd,
    LRC: read_lrc,
}
