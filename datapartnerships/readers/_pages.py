"""From the laid-out pages of a document, typed or recognized, to its blocks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from datapartnerships.kernels import layout
from datapartnerships.readers import _blocks

# What `ref` says of blocks beside the running text.
_PLACES = {"footnote": "footnotes", "margin": "margin"}
# Of numbers that count lines, so many may be misread.
_READ = 0.8


@dataclass(slots=True)
class LaidOut:
    """A page; `origin` and `label` are what its segments say."""

    number: int
    blocks: list[layout.Block]
    origin: str
    label: str | None = None


def document_blocks(
    pages: Sequence[LaidOut], outline: Mapping[str, int] | None = None
) -> list[_blocks.Block]:
    """The blocks of all pages, headings and footnotes told; line numbers are left out.

    `outline` has a depth for each title, as `kernels.layout.set_roles` takes it.
    """
    layout.set_roles([page.blocks for page in pages], outline)
    return [
        _blocks.Block(
            block.text,
            level=block.level,
            page=page.number,
            place=_PLACES.get(block.role),
            bbox=list(block.bbox),
            confidence=block.confidence,
            origin=page.origin,
            label=page.label,
        )
        for page in pages
        for block in page.blocks
        if not counts_lines(block)
    ]


def counts_lines(block: layout.Block) -> bool:
    """It is the numbers of the lines down a margin."""
    if block.role != "margin":
        return False
    lines = block.text.split("\n")
    return sum(map(str.isdecimal, lines)) >= (1 if block.confidence is None else _READ) * len(lines)
