"""Timed text in XML: TTML 1 and 2, DFXP, EBU-TT, EBU-TT-D, IMSC and SMPTE-TT.

Times as https://www.w3.org/TR/ttml2/#timing has them; a `par` container is what has no other.
"""

from __future__ import annotations

import math
import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Any

from datapartnerships.errors import DocumentError
from datapartnerships.readers._cues import Cue, Word
from datapartnerships.readers._cuetext import Read
from datapartnerships.readers._languages import language_code
from datapartnerships.readers._recognized import local

_CLOCK = re.compile(r"(\d+):(\d\d):(\d\d)(?:(\.\d+)|:(\d+)(?:\.(\d+))?)?")
_OFFSET = re.compile(r"(\d+(?:\.\d+)?)(h|ms|m|s|f|t)")
_XML = "{http://www.w3.org/XML/1998/namespace}"
_SPACES = re.compile(r"[ \t\r\n]+")


@dataclass(frozen=True, slots=True)
class _Rates:
    frames: float
    subframes: float
    ticks: float

    def seconds(self, text: str | None) -> float | None:
        """Seconds of a time expression; None where it is none."""
        text = (text or "").strip()
        if found := _CLOCK.fullmatch(text):
            # As floats: a number of hundreds of digits is infinite, which `checked` refuses.
            whole = float(found[1]) * 3600 + int(found[2]) * 60 + int(found[3])
            if found[4]:
                return whole + float(found[4])
            frames = float(found[5] or 0) + float(found[6] or 0) / self.subframes
            return whole + frames / self.frames
        if found := _OFFSET.fullmatch(text):
            unit = {"h": 3600.0, "m": 60.0, "s": 1.0, "ms": 0.001}.get(found[2])
            if unit is None:
                unit = 1 / (self.frames if found[2] == "f" else self.ticks)
            return float(found[1]) * unit
        return None


@dataclass(slots=True)
class _Span:
    """What an element inherits: its times, speaker, language, and whether spaces stay."""

    start: float | None = None
    end: float | None = None
    timed: bool = False
    agent: str | None = None
    language: str | None = None
    wrong: bool = False


def read_timed_text(root: Any) -> Read:
    """The cues of a `tt` element. `DocumentError` where there is none."""
    rates = _rates(root)
    agents = _agents(root)
    body = next(root.iterchildren("{*}body"), None)
    cues: list[Cue] = []
    if body is not None:
        cues = list(_cues(body, _Span(language=_language(root)), rates, agents))
    if not cues:
        raise DocumentError("no subtitles found", "no paragraph in the body of the tt element")
    cues.sort(key=lambda cue: (cue.start is None, cue.start or 0.0))
    return Read(cues, _metadata(root))


def _rates(root: Any) -> _Rates:
    said = {local_name(key): value for key, value in root.attrib.items()}

    def number(name: str, default: float) -> float:
        try:
            value = float(said[name])
        except (KeyError, ValueError):
            return default
        return value if 0 < value < math.inf else default

    frames = number("frameRate", 30.0)
    parts = re.split(r"[\s:]+", said.get("frameRateMultiplier", "").strip())
    if len(parts) == 2 and all(re.fullmatch(r"[1-9][0-9]{0,8}", part) for part in parts):
        frames *= int(parts[0]) / int(parts[1])
    subframes = number("subFrameRate", 1.0)
    ticks = number("tickRate", frames * subframes if "frameRate" in said else 1.0)
    return _Rates(frames, subframes, ticks)


def local_name(name: str) -> str:
    return name.rpartition("}")[2]


def _attribute(element: Any, name: str) -> str | None:
    """An attribute of this name in whatever namespace, of which there were several."""
    value: str | None = element.get(name)
    if value is None:
        value = next((v for k, v in element.attrib.items() if local_name(k) == name), None)
    return value


def _language(element: Any) -> str | None:
    return language_code(element.get(f"{_XML}lang"))


def _agents(root: Any) -> dict[str, str]:
    """The names of the speakers that the head lists, by their id."""
    found = {}
    for agent in root.iter("{*}agent"):
        names = [_flat("".join(name.itertext())) for name in agent.iter("{*}name")]
        key = agent.get(f"{_XML}id") or agent.get("id")
        if key and any(names):
            found[key] = next(name for name in names if name)
    return found


def _flat(text: str) -> str:
    return _SPACES.sub(" ", text).strip()


def _inside(element: Any, around: _Span, rates: _Rates, before: float | None) -> _Span:
    """The times of an element, which count from the beginning of what is around it."""
    begin, end, length = (_attribute(element, name) for name in ("begin", "end", "dur"))
    base = around.start or 0.0
    if before is not None:
        base = before
    own = rates.seconds(begin)
    start = base + own if own is not None else (around.start if before is None else before)
    ends = []
    if (stop := rates.seconds(end)) is not None:
        ends.append(base + stop)
    if (span := rates.seconds(length)) is not None:
        ends.append((base if start is None else start) + span)
    wrong = any(v and rates.seconds(v) is None for v in (begin, end, length))
    if around.end is not None and not (ends and start is not None and min(ends) < start):
        ends.append(around.end)
    timed = any(value is not None for value in (begin, end, length))
    if timed and start is None and own is None and not wrong:
        start = base
    agent = (_attribute(element, "agent") or "").split()
    return _Span(
        None if begin and own is None else start,
        min(ends) if ends else None,
        timed,
        agent[0] if agent else around.agent,
        _language(element) or around.language,
        wrong or around.wrong,
    )


def _cues(
    element: Any, around: _Span, rates: _Rates, agents: dict[str, str], before: float | None = None
) -> Iterator[Cue]:
    """The cues in `element`: a paragraph, or each span with times where the paragraph has none."""
    here = _inside(element, around, rates, before)
    name = local(element)
    if name == "p":
        yield from _paragraph(element, here, rates, agents)
        return
    if name not in ("body", "div", "tt"):
        return
    in_turn = _attribute(element, "timeContainer") == "seq"
    at = (here.start or 0.0) if in_turn else None
    for child in element:
        yield from _cues(child, here, rates, agents, at)
        if in_turn:
            at = _inside(child, here, rates, at).end or at


def _paragraph(p: Any, here: _Span, rates: _Rates, agents: dict[str, str]) -> Iterator[Cue]:
    spans = [s for s in p.iterchildren("{*}span") if _attribute(s, "begin") or _attribute(s, "dur")]
    if spans and not here.timed:
        for span in spans:
            yield _cue(span, _inside(span, here, rates, None), rates, agents)
        rest = _text([p], without=set(spans))
        if any(rest):
            yield Cue(rest, here.start, here.end, _speaker(p, here, agents), here.language)
        return
    speakers = {_attribute(s, "agent") for s in p.iterchildren("{*}span")} - {None}
    if len(speakers) > 1:
        for span in p.iterchildren("{*}span"):
            yield _cue(span, _inside(span, here, rates, None), rates, agents)
        return
    yield _cue(p, here, rates, agents)


def _cue(element: Any, here: _Span, rates: _Rates, agents: dict[str, str]) -> Cue:
    cue = Cue(
        _text([element]),
        here.start,
        here.end,
        _speaker(element, here, agents),
        here.language,
        element.get(f"{_XML}id"),
        flags=["time"] if here.wrong else [],
    )
    words = _words(element, here, rates, cue.lines)
    cue.words = words if any(words) else None
    return cue


def _speaker(element: Any, here: _Span, agents: dict[str, str]) -> str | None:
    key = here.agent
    if key is None:
        inner = {(_attribute(s, "agent") or "").strip() for s in element.iter("{*}span")} - {""}
        key = inner.pop() if len(inner) == 1 else None
    return agents.get(key, key) if key else None


def _words(element: Any, here: _Span, rates: _Rates, lines: list[str]) -> list[list[Word]]:
    """Where the spans with times stand in the lines, searched for from front to back."""
    found: list[list[Word]] = [[] for _ in lines]
    row = at = 0
    for span in element.iter("{*}span"):
        if span is element or not (_attribute(span, "begin") or _attribute(span, "dur")):
            continue
        text = _flat("".join(span.itertext()))
        inner = _inside(span, here, rates, None)
        # What runs over lines is in none; to look for it in all takes the square of them.
        if not text or inner.start is None or next(span.iter("{*}br"), None) is not None:
            continue
        for number in range(row, len(lines)):
            place = lines[number].find(text, at if number == row else 0)
            if place >= 0:
                row, at = number, place + len(text)
                found[row].append((place, at, inner.start, inner.end))
                break
    return found


def _text(elements: list[Any], without: Collection[Any] = ()) -> list[str]:
    """The lines of text in the elements, as `br` parts them."""
    parts: list[str] = []

    def walk(element: Any) -> None:
        if local(element) == "metadata":
            return
        if local(element) == "br":
            parts.append("\n")
        elif element not in without:
            parts.append(_SPACES.sub(" ", element.text or ""))
            for child in element:
                walk(child)
                parts.append(_SPACES.sub(" ", child.tail or ""))

    for element in elements:
        walk(element)
    return [line for part in "".join(parts).split("\n") if (line := _flat(part))]


def _metadata(root: Any) -> dict[str, str]:
    found = {}
    head = next(root.iterchildren("{*}head"), None)
    if head is not None:
        for name in ("title", "desc", "copyright"):
            element = next(head.iter("{*}" + name), None)
            text = _flat("".join(element.itertext())) if element is not None else ""
            if text:
                found[name] = text
    base = _attribute(root, "timeBase")
    if base and base != "media":
        found["time_base"] = base
    return found
