"""The pages of a document: what stands at their heads and feet."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field

# So many lines at either edge of a page are looked at.
DEPTH = 5
# With boxes: nearer to the edge than this share of the page's height.
EDGE = 0.25


@dataclass(slots=True)
class Line:
    """A line that is not blank: the `number`-th of its segment."""

    text: str
    segment: int
    number: int
    blank_before: bool = False
    blank_after: bool = False
    key: str = ""


@dataclass(slots=True)
class Page:
    """A page: its outer lines, from its head down and from its foot up, and all lines."""

    head: list[Line] = field(default_factory=list)
    foot: list[Line] = field(default_factory=list)
    lines: list[Line] = field(default_factory=list)

    def side(self, name: str) -> list[Line]:
        return self.head if name == "head" else self.foot


Boxes = Sequence[Sequence[float] | None]


def paged(
    texts: Sequence[str | None], pages: Sequence[int | None], boxes: Boxes | None
) -> list[Page]:
    """The pages in their order, of segments; see `running_heads.furniture`."""
    held: dict[int, list[tuple[Sequence[float] | None, list[Line]]]] = defaultdict(list)
    base = 0
    for segment, text in enumerate(texts):
        if not text:
            continue
        said = pages[segment]
        page = base if said is None else said
        box = boxes[segment] if boxes is not None else None
        feeds = "\x0c" in text
        current: list[Line] = []
        blank = True
        for number, line in enumerate(text.split("\n")):
            if feeds and "\x0c" in line:
                held[page].append((box, current))
                page += line.count("\x0c")
                current, blank = [], True
            stripped = line.strip()
            if stripped:
                current.append(Line(stripped, segment, number, blank))
                blank = False
            else:
                if current:
                    current[-1].blank_after = True
                blank = True
        if current:
            current[-1].blank_after = True
        held[page].append((box, current))
        if said is None:
            base = page
    return [_page(held[number]) for number in sorted(held)]


def _page(parts: list[tuple[Sequence[float] | None, list[Line]]]) -> Page:
    lines = [line for _, some in parts for line in some]
    parts = [part for part in parts if part[1]]
    boxed = [(box, some) for box, some in parts if box is not None and len(box) == 4]
    if len(boxed) < len(parts):
        return Page(lines[: DEPTH + 2], lines[: -DEPTH - 3 : -1], lines)
    down = sorted(boxed, key=lambda part: (round(part[0][1], 2), part[0][0]))
    up = sorted(boxed, key=lambda part: (-round(part[0][3], 2), -part[0][0]))
    head = [line for box, some in down if box[1] < EDGE for line in some]
    foot = [line for box, some in up if box[3] > 1 - EDGE for line in reversed(some)]
    return Page(head[: DEPTH + 2], foot[: DEPTH + 2], lines)
