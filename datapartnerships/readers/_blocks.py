"""From the blocks of a document (headings, paragraphs, items, tables) to its segments."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from datapartnerships.schema import Segment

PATH_SEPARATOR = " > "
# A paragraph that was styled as a heading by mistake is not one: it would name all below it.
MAX_HEADING_CHARACTERS = 200
CELL_SEPARATOR = " | "


@dataclass(slots=True)
class Block:
    """One block of text.

    Attributes:
        text: its text, lines ended by a line feed.
        level: 1 and up for a heading, 0 for all else.
        page: page, slide or sheet it stands on, if known.
        place: what it is where that is not the running text ("footnotes", "header").
        bbox, confidence, origin: as a `Segment` has them.
        label: what its page is called, for `ref` where there is no heading above.
    """

    text: str
    level: int = 0
    page: int | None = None
    place: str | None = None
    bbox: list[float] | None = None
    confidence: float | None = None
    origin: str | None = None
    label: str | None = None


def segments(blocks: Iterable[Block], kind: str = "paragraph") -> list[Segment]:
    """A segment for each block that has text; `ref` is the way down the headings to it."""
    return list(_segments(blocks, kind))


def _segments(blocks: Iterable[Block], kind: str) -> Iterator[Segment]:
    path: list[tuple[int, str]] = []
    for block in blocks:
        text = block.text.strip("\n")
        if not text.strip():
            continue
        if block.level and len(text) <= MAX_HEADING_CHARACTERS:
            while path and path[-1][0] >= block.level:
                path.pop()
            path.append((block.level, " ".join(text.split())))
        names = [block.place] if block.place else [name for _, name in path]
        yield Segment(
            text,
            kind=kind,
            page=block.page,
            bbox=block.bbox,
            ref=PATH_SEPARATOR.join(names) or block.label,
            confidence=block.confidence,
            origin=block.origin,
        )


def table_text(rows: Iterable[Iterable[str]]) -> str:
    """Rows as lines and cells apart by a bar, without the rows and columns that are empty."""
    cells = [[" ".join(cell.split()) for cell in row] for row in rows]
    used = sorted({column for row in cells for column, cell in enumerate(row) if cell})
    lines = []
    for row in cells:
        line = [row[column] if column < len(row) else "" for column in used]
        while line and not line[-1]:
            line.pop()
        if line:
            lines.append(CELL_SEPARATOR.join(line))
    return "\n".join(lines)


def page_ranges(numbers: list[int]) -> str:
    """``[1, 2, 3, 7]`` as ``1-3, 7``."""
    parts: list[list[int]] = []
    for number in numbers:
        if parts and parts[-1][1] == number - 1:
            parts[-1][1] = number
        else:
            parts.append([number, number])
    return ", ".join(str(a) if a == b else f"{a}-{b}" for a, b in parts)
