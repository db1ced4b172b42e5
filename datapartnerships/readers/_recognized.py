"""Pages of recognized text: from words with boxes and confidences to segments."""

from __future__ import annotations

import functools
import itertools
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from datapartnerships.errors import DocumentError
from datapartnerships.readers._blocks import PATH_SEPARATOR
from datapartnerships.readers._source import Limits, Source
from datapartnerships.schema import Segment

# Left, top, right, bottom in whatever unit the page has.
Box = tuple[float, float, float, float]
# What stands at a line end only because a word was cut there: soft hyphen, not sign (by custom
# of recognizers and transcribers), double oblique hyphen of blackletter.
CUT_MARKS = ("\u00ad", "\u00ac", "\u2e17")
# Types of regions that say nothing but that it is running text.
_PLAIN = frozenset(
    {"", "text", "paragraph", "textblock", "block", "main", "mainzone", "body", "other"}
)
# Boxes are rounded, and may stand out of the page by a little.
_TOLERANCE = 0.02


@dataclass(slots=True)
class Word:
    """One recognized word.

    Attributes:
        confidence: 0 to 1, if known.
        half: 1 or 2 for the first or second part of a word that a line end cuts, else 0.
        whole: the whole word where the file says it, for halves.
        hyphen: what stands after it at the line end.
    """

    text: str
    confidence: float | None = None
    half: int = 0
    whole: str = ""
    hyphen: str = ""


@dataclass(slots=True)
class Region:
    """One block of a page, in reading order.

    Attributes:
        place: its type, where that is not plain text.
        names: its id, and those of what is around it.
        above: the headings that it stands under, where something else says so.
    """

    lines: list[list[Word]]
    box: Box | None = None
    place: str | None = None
    names: tuple[str, ...] = ()
    above: tuple[str, ...] = ()


@dataclass(slots=True)
class Page:
    """One page; `size` is its width and height in the unit of the boxes, `label` its name.

    `printed` is the label where that is what stands on the page.
    """

    regions: list[Region]
    number: int
    size: tuple[float, float] | None = None
    label: str | None = None
    printed: str | None = None
    metadata: dict[str, str] = field(default_factory=dict)


def page_segments(page: Page, origin: str | None) -> list[Segment]:
    """A segment for each region that has text; words cut at a line end are joined."""
    _join_cut_words(page.regions)
    found = []
    for region in page.regions:
        lines = (" ".join(w.text for w in line if w.text) for line in region.lines)
        text = "\n".join(line for line in lines if line.strip())
        if not text:
            continue
        names = [name for name in (*region.above, page.label, region.place) if name]
        found.append(
            Segment(
                text,
                page=page.number,
                bbox=shares(region.box, page.size),
                ref=PATH_SEPARATOR.join(names) or None,
                confidence=_confidence(region.lines),
                origin=origin,
            )
        )
    return found


def _join_cut_words(regions: Sequence[Region]) -> None:
    """Put the two halves of a word together where the first one stands.

    Only where the file says that it is one word: it names the halves, or has a mark at the line
    end that is no hyphen. A half whose other half is on another page stays as it was printed.
    """
    ends = []
    for region in regions:
        lines = [line for line in region.lines if line]
        for line in lines:
            last = line[-1]
            if not last.hyphen and len(last.text) > 1 and last.text.endswith(CUT_MARKS):
                last.text, last.hyphen = last.text[:-1], last.text[-1]
        ends += [(line, region) for line in lines]
    # From the end, as a narrow column may cut one word twice.
    for (line, region), (below, its_region) in reversed(list(itertools.pairwise(ends))):
        first, second = line[-1], below[0]
        if first.half and second.half == 2 and _same_word(first, second):
            whole = first.half == 1 and (first.whole or second.whole)
            hyphen = ""
        elif first.hyphen in CUT_MARKS and not first.half and region is its_region:
            whole, hyphen = "", second.hyphen
        else:
            continue
        first.confidence = _confidence([[first, second]])
        first.text = whole or first.text.rstrip("-" + "".join(CUT_MARKS)) + second.text
        first.hyphen, second.text, second.hyphen = hyphen, "", ""
    for line, _ in ends:
        line[-1].text += line[-1].hyphen
        line[-1].hyphen = ""


def _same_word(first: Word, second: Word) -> bool:
    if first.half == 2:
        return bool(first.whole) and first.whole == second.whole
    return not first.whole or not second.whole or first.whole == second.whole


def _confidence(lines: Iterable[Iterable[Word]]) -> float | None:
    """The mean of the words' confidences, weighted by characters."""
    total = characters = 0.0
    for line in lines:
        for word in line:
            if word.confidence is not None:
                total += word.confidence * len(word.text)
                characters += len(word.text)
    return round(total / characters, 4) if characters else None


def shares(box: Box | None, size: tuple[float, float] | None) -> list[float] | None:
    """A box as shares of the page; None where the file's own numbers cannot be right."""
    if box is None or size is None or min(size) <= 0:
        return None
    width, height = size
    values = (box[0] / width, box[1] / height, box[2] / width, box[3] / height)
    if not all(-_TOLERANCE <= value <= 1 + _TOLERANCE for value in values):
        return None
    left, top, right, bottom = (round(min(max(value, 0.0), 1.0), 5) for value in values)
    return [left, top, right, bottom] if left <= right and top <= bottom else None


def union(boxes: Iterable[Box | None]) -> Box | None:
    known = [box for box in boxes if box is not None]
    if not known:
        return None
    left, top, right, bottom = zip(*known, strict=True)
    return min(left), min(top), max(right), max(bottom)


def number(text: str | None) -> float | None:
    """A finite number, or None."""
    try:
        value = float(text or "")
    except ValueError:
        return None
    return value if math.isfinite(value) else None


def share(text: str | None, full: float = 1.0) -> float | None:
    """A confidence of 0 to `full` as one of 0 to 1; None for what is none."""
    value = number(text)
    return value / full if value is not None and 0 <= value <= full else None


def whole_number(text: str | None) -> int | None:
    text = (text or "").strip()
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else None


def place(name: str | None) -> str | None:
    """The type of a region where it is anything but plain text: ``page-number``, ``heading``."""
    name = " ".join((name or "").split()).lower()
    return None if name in _PLAIN else name[:80]


@functools.lru_cache(maxsize=4096)
def _local(tag: str) -> str:
    return tag.rpartition("}")[2]


def local(element: Any) -> str:
    """The name of an element without its namespace; empty for what is no element."""
    tag = element.tag
    return _local(tag) if isinstance(tag, str) else ""


def flat(element: Any) -> str:
    """All text in an element, white space as single spaces; empty for None."""
    return "" if element is None else " ".join("".join(element.itertext()).split())


def first(element: Any, name: str) -> Any:
    """The first descendant of this name in any namespace, or None."""
    return next(element.iter(f"{{*}}{name}"), None)


def read_root(
    source: Source, limits: Limits, what: str, roots: frozenset[str]
) -> tuple[bytes, Any]:
    """The bytes of an XML file and its root, which must be one of `roots`."""
    from datapartnerships._backends.lxml import xml_tree

    data = source.read(limits)
    root = xml_tree(data)
    if local(root) not in roots:
        raise DocumentError(
            "not of this XML format", f"{what} was expected, its root is {local(root)[:80]}"
        )
    return data, root
