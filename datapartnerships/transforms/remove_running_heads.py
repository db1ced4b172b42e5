"""Running heads and feet, and the numbers of pages."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from datapartnerships.kernels import running_heads
from datapartnerships.kernels.segments import flat, with_flags, with_text
from datapartnerships.kernels.strings import put


@dataclass(frozen=True, kw_only=True)
class RemoveRunningHeads:
    """Take out running heads, running feet and page numbers, of documents that have pages.

    Pages are those that segments say they are on, or those that form feeds part. A line is taken
    only at the edge of a page (by the boxes of segments, where there are any), and only if it
    recurs on pages near by or carries on the numbers of the pages. Rows and headings of tables,
    refrains, titles, the numbers of sections and stanzas stay; so does what is not certain
    (docs/explanation/artefacts.md).

    A segment keeps its place. It is flagged ``running head`` or ``page number`` where it lost such
    a line; one that was nothing else has an empty text, and leaves nothing in the text of the
    document. The report counts the flags.
    """

    version: ClassVar[int] = 1
    requires = frozenset({"segments"})
    provides = frozenset({"segments"})

    def __call__(self, batch: pa.Table) -> pa.Table:
        offsets, structs = flat(batch)
        edges = np.asarray(offsets)
        texts, pages, boxes = (structs.field(name) for name in ("text", "page", "bbox"))
        changed: dict[int, str] = {}
        flags: dict[int, set[str]] = {}
        for row in _paged(edges, texts, pages):
            start, length = int(edges[row]), int(edges[row + 1] - edges[row])
            some = [_broken(text or "") for text in texts.slice(start, length).to_pylist()]
            found = running_heads.furniture(
                some, pages.slice(start, length).to_pylist(), boxes.slice(start, length).to_pylist()
            )
            for segment, lines in found.items():
                changed[start + segment] = without(some[segment], lines)
                flags[start + segment] = set(lines.values())
        if not changed:
            return batch
        ordered = {index: sorted(kinds) for index, kinds in flags.items()}
        return with_flags(with_text(batch, put(texts, changed)), ordered)


def _paged(edges: np.ndarray, texts: pa.Array, pages: pa.Array) -> list[int]:
    """The rows with more pages than one."""
    feeds = pc.fill_null(pc.match_substring(texts, "\x0c"), False).to_numpy(zero_copy_only=False)
    known = pc.fill_null(pages, -1).to_numpy()
    begins = feeds.copy()
    begins[1:] |= (known[1:] != known[:-1]) & (known[1:] >= 0) & (known[:-1] >= 0)
    inside = np.ones(len(known), bool)
    inside[edges[:-1][edges[:-1] < len(known)]] = False
    begins &= inside | feeds
    counts = np.concatenate([[0], np.cumsum(begins)])
    rows: list[int] = np.flatnonzero(counts[edges[1:]] > counts[edges[:-1]]).tolist()
    return rows


def _broken(text: str) -> str:
    """Every page begins a line."""
    return re.sub(r"(?<=[^\n])\x0c", "\n\x0c", text) if "\x0c" in text else text


def without(text: str, lines: Mapping[int, str]) -> str:
    """The text without some of its lines; form feeds in them stay."""
    kept = []
    for number, line in enumerate(text.split("\n")):
        if number not in lines:
            kept.append(line)
        elif feeds := line.count("\x0c"):
            kept.append("\x0c" * feeds)
    left = "\n".join(kept)
    return left.strip("\n") if left.strip(" \t\n\x0c") else ""
