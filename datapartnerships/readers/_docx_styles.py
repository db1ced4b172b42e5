"""What styles and lists of a Word file make of a paragraph: a heading, or an item and its label."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_HEADING = re.compile(r"heading (\d)$")
_LIST = re.compile(r"list (?:bullet|number|continue|paragraph)?\s?(\d)?$|list$")
_PLACE = re.compile(r"%([1-9])")
_ROMAN = (
    (1000, "m"), (900, "cm"), (500, "d"), (400, "cd"), (100, "c"), (90, "xc"), (50, "l"),
    (40, "xl"), (10, "x"), (9, "ix"), (5, "v"), (4, "iv"), (1, "i"),
)  # fmt: skip
_MAX_CHAIN = 16
_BULLET = "-"


def value(parent: Any, *names: str) -> str | None:
    """The ``w:val`` of the element that the names lead to, or None."""
    for name in names:
        if parent is None:
            return None
        parent = parent.find(W + name)
    found: str | None = None if parent is None else parent.get(W + "val")
    return found


@dataclass(slots=True)
class _Style:
    name: str
    base: str | None
    outline: str | None
    number: str | None
    depth: str | None


@dataclass(slots=True)
class _Level:
    start: int
    form: str
    text: str


@dataclass(slots=True)
class Styles:
    """The styles and lists of one file; it counts the items of lists as they are asked for."""

    styles: dict[str, _Style] = field(default_factory=dict)
    default: str | None = None
    lists: dict[str, str] = field(default_factory=dict)
    levels: dict[tuple[str, int], _Level] = field(default_factory=dict)
    restarts: dict[tuple[str, int], int] = field(default_factory=dict)
    counts: dict[tuple[str, int], int] = field(default_factory=dict)
    # Style to what its chain of base styles says.
    _known: dict[tuple[str | None, str], str | None] = field(default_factory=dict)

    def add_styles(self, root: Any) -> None:
        for style in root.iter(W + "style"):
            if style.get(W + "type") != "paragraph":
                continue
            key, properties = style.get(W + "styleId", ""), style.find(W + "pPr")
            self.styles[key] = _Style(
                (value(style, "name") or "").lower(),
                value(style, "basedOn"),
                value(properties, "outlineLvl"),
                value(properties, "numPr", "numId"),
                value(properties, "numPr", "ilvl"),
            )
            if style.get(W + "default") in ("1", "true"):
                self.default = key

    def add_lists(self, root: Any) -> None:
        for abstract in root.iter(W + "abstractNum"):
            for level in abstract.iter(W + "lvl"):
                key = abstract.get(W + "abstractNumId", ""), _int(level.get(W + "ilvl"))
                self.levels[key] = _Level(
                    _int(value(level, "start"), 1),
                    value(level, "numFmt") or "decimal",
                    value(level, "lvlText") or "",
                )
        for number in root.iter(W + "num"):
            key = number.get(W + "numId", "")
            self.lists[key] = value(number, "abstractNumId") or ""
            for change in number.iter(W + "lvlOverride"):
                start = value(change, "startOverride")
                if start is not None:
                    self.restarts[key, _int(change.get(W + "ilvl"))] = _int(start, 1)

    def heading(self, paragraph: Any) -> int:
        """The level of a heading, 1 and up; 0 for all else."""
        style = value(paragraph, "pPr", "pStyle") or self.default
        own = value(paragraph, "pPr", "outlineLvl")
        name = self._of(style, "heading")
        if own is None and name:
            return int(name)
        outline = own if own is not None else self._of(style, "outline")
        return _int(outline) + 1 if outline is not None and _int(outline) < 9 else 0

    def item(self, paragraph: Any) -> tuple[int, str] | None:
        """Depth and label of an item of a list, or of a numbered heading; None for no item."""
        style = value(paragraph, "pPr", "pStyle") or self.default
        number = value(paragraph, "pPr", "numPr", "numId")
        if number is None:
            number = self._of(style, "number")
        depth = value(paragraph, "pPr", "numPr", "ilvl") or self._of(style, "depth")
        named = self._of(style, "list")
        if number is None or number == "0" or number not in self.lists:
            return None if named is None or number == "0" else (int(named), _BULLET)
        place = min(_int(depth), 8)
        return max(place, int(named or 0)), self._label(number, place)

    def _of(self, style: str | None, what: str) -> str | None:
        """What the style says, or the first of its base styles that says it."""
        key = style, what
        if key not in self._known:
            self._known[key] = self._search(style, what)
        return self._known[key]

    def _search(self, style: str | None, what: str) -> str | None:
        for _ in range(_MAX_CHAIN):
            known = self.styles.get(style or "")
            if known is None:
                return None
            if what == "heading":
                match = _HEADING.match(known.name)
                named = {"title": "1", "subtitle": "2"}.get(known.name)
                if match or named:
                    return match[1] if match else named
            elif what == "list":
                if match := _LIST.match(known.name):
                    return str(max(0, _int(match[1], 1) - 1))
            elif (said := getattr(known, what)) is not None:
                return str(said)
            style = known.base
        return None

    def _label(self, number: str, place: int) -> str:
        """The next label of a list: its counters go on where paragraphs of others stand between."""
        abstract = self.lists[number]
        level = self.levels.get((abstract, place))
        if level is None or level.form == "bullet":
            return _BULLET
        restart = self.restarts.pop((number, place), None)
        key = abstract, place
        if restart is not None:
            self.counts[key] = restart
        else:
            self.counts[key] = self.counts.get(key, level.start - 1) + 1
        for deeper in range(place + 1, 9):
            self.counts.pop((abstract, deeper), None)
        shown: Mapping[str, str] = {str(i + 1): self._shown(abstract, i) for i in range(place + 1)}
        label = _PLACE.sub(lambda match: shown.get(match[1], ""), level.text).strip()
        return label if any(map(str.isalnum, label)) else _BULLET

    def _shown(self, abstract: str, place: int) -> str:
        level = self.levels.get((abstract, place))
        if level is None:
            return ""
        return formatted(self.counts.get((abstract, place), level.start), level.form)


def _int(text: str | None, default: int = 0) -> int:
    return int(text) if text and text.isdigit() and len(text) < 9 else default


def formatted(number: int, form: str) -> str:
    if form == "none":
        return ""
    if form.endswith("Letter") and 0 < number < 1000:
        letter = chr(ord("a") + (number - 1) % 26) * ((number - 1) // 26 + 1)
        return letter.upper() if form.startswith("upper") else letter
    if form.endswith("Roman") and 0 < number < 10_000:
        found, rest = "", number
        for size, sign in _ROMAN:
            count, rest = divmod(rest, size)
            found += sign * count
        return found.upper() if form.startswith("upper") else found
    return f"{number:02d}" if form == "decimalZero" else str(number)
