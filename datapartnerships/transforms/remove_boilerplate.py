"""What a deposit says in all its documents, and nobody in them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import ClassVar

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from datapartnerships.errors import InvalidParameter
from datapartnerships.kernels import boilerplate, count_min, cuts
from datapartnerships.kernels.cuts import Integers
from datapartnerships.kernels.repetition import earlier
from datapartnerships.kernels.segments import flat, parents, reasons, with_flags, with_text

_FLAG = ["boilerplate"]
# Documents are counted in a cell behind all others.
_ALL = 2 * count_min.CELLS


@dataclass(frozen=True, kw_only=True)
class RemoveBoilerplate:
    """Take out lines that many documents begin or end with: stamps, notices, menus, disclaimers.

    A `Fit`: the first pass counts in how many documents each line is, digits aside (so that
    ``Downloaded on 4 May by user 17`` recurs), into at most 67 MB, however large the corpus is.
    Rejected documents count for nothing: take out copies before this. See `DropBoilerplate`, which
    it becomes.

    Attributes:
        min_documents: a line recurs that so many documents have,
        min_share: and so large a share of all that have a text.
        max_share: a document that would lose more of its text keeps it all: versions of one
            document, and forms.
    """

    min_documents: int = 10
    min_share: float = 0.1
    max_share: float = 0.5

    version: ClassVar[int] = 2
    requires = frozenset({"segments", "drop_reason"})
    provides = frozenset({"segments"})

    def __post_init__(self) -> None:
        if not isinstance(self.min_documents, int) or self.min_documents < 2:
            raise InvalidParameter(self, "min_documents", "2 or more", self.min_documents)
        for name in ("min_share", "max_share"):
            if not 0 <= getattr(self, name) <= 1:
                raise InvalidParameter(self, name, "between 0 and 1", getattr(self, name))

    def sketch(self, batches: Iterable[pa.Table]) -> pa.Table:
        seen = np.zeros(_ALL + 1, np.uint32)
        for batch in batches:
            kept = batch.filter(pc.is_null(reasons(batch)))
            offsets, structs = flat(kept)
            found = boilerplate.shapes(structs.field("text"))
            rows = parents(offsets)[found.held.owner[found.at]]
            again, _ = earlier(found.hashes, rows)
            count_min.add(seen, found.hashes[~again])
            seen[_ALL] += len(np.unique(rows))
        return count_min.table(seen)

    def combine(self, sketches: Iterable[pa.Table]) -> DropBoilerplate:
        seen = count_min.summed(sketches, _ALL + 1)
        documents = int(seen[_ALL])
        least = max(self.min_documents, int(np.ceil(self.min_share * documents)))
        seen[_ALL] = 0
        return DropBoilerplate(
            counts=count_min.table(seen, least),
            least=least,
            documents=documents,
            max_share=self.max_share,
        )


@dataclass(frozen=True, kw_only=True, eq=False)
class DropBoilerplate:
    """Take out lines that were counted in many documents, where a page or document begins or ends.

    A line goes with at least 20 letters; a sentence only where half of the documents have it; a
    shorter line only in a block of three and more that recur together (docs/explanation/
    artefacts.md). What stands in the midst of a text stays. Every document loses it, the first
    one too: the segment keeps its place, and is flagged ``boilerplate``.

    Attributes:
        counts: table of (cell, count), as `RemoveBoilerplate.combine` makes it.
        least: a line recurs that so many documents have.
        documents: how many were counted.
        max_share: a document that would lose more of its text keeps it all.
    """

    counts: pa.Table = field(default_factory=count_min.COUNTS.empty_table, repr=False)
    least: int = 10
    documents: int = 0
    max_share: float = 0.5

    version: ClassVar[int] = 2
    name = "RemoveBoilerplate"
    requires = frozenset({"segments"})
    provides = frozenset({"segments"})

    def __post_init__(self) -> None:
        if isinstance(self.counts, tuple | list):  # from a configuration
            rows = [dict(row) for row in self.counts]
            object.__setattr__(self, "counts", pa.Table.from_pylist(rows, count_min.COUNTS))

    def _numbers(self) -> tuple[int, int, float]:
        return self.least, self.documents, self.max_share

    def __eq__(self, other: object) -> bool:
        return (
            type(other) is type(self)
            and self._numbers() == other._numbers()
            and self.counts.equals(other.counts)
        )

    def __hash__(self) -> int:
        return hash((type(self), self._numbers(), self.counts.num_rows))

    def __call__(self, batch: pa.Table) -> pa.Table:
        if not self.counts.num_rows:
            return batch
        offsets, structs = flat(batch)
        texts = structs.field("text")
        found = boilerplate.shapes(texts)
        owner = found.held.owner
        rows = parents(offsets)[owner]
        mine = rows[found.at]
        seen = count_min.looked_up(self.counts, found.hashes)
        pages = _pages(found.held, structs.field("page"), rows)[found.at]
        some = boilerplate.boilerplate(found, mine, pages, seen, self.least, self.documents)
        if not some.any():
            return batch
        size = np.asarray(pc.binary_length(found.bare)).astype(np.int64)
        some &= ~boilerplate.most_of(size, some, mine, self.max_share)
        gone = np.zeros(len(owner), bool)
        gone[found.at[some]] = True
        lost = dict.fromkeys(np.unique(owner[gone]).tolist(), _FLAG)
        return with_flags(with_text(batch, cuts.without(texts, found.held, gone)), lost)


def _pages(held: cuts.Cut, pages: pa.Array, rows: Integers) -> Integers:
    """A number for each line that rises from page to page and from document to document."""
    known = pc.fill_null(pages, -1).to_numpy()[held.owner]
    feeds = np.asarray(pc.equal(held.lines, pa.scalar("\f", held.lines.type)))
    new = feeds.copy()
    new[1:] |= (rows[1:] != rows[:-1]) | (known[1:] != known[:-1])
    return np.cumsum(new)
