"""Tables of contents and indexes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from datapartnerships.kernels import cuts
from datapartnerships.kernels.contents import CONTENTS, INDEX, contents
from datapartnerships.kernels.segments import flat, parents, with_flags, with_text


@dataclass(frozen=True, kw_only=True)
class MarkContents:
    """Flag segments that hold a table of contents (``contents``) or an index (``index``).

    A table of contents is lines that end in page numbers which do not fall, after dots or a gap, or
    below a heading that says so; an index is lines that end in lists of numbers, in the order of
    the alphabet (docs/explanation/artefacts.md).

    Attributes:
        remove: take these lines out of the text, too. The segments keep their place. A table of
            contents without a heading may be a list of prices: it goes only where the document has
            as many pages as its last entry says.
    """

    remove: bool = False

    version: ClassVar[int] = 3
    requires = frozenset({"segments"})
    provides = frozenset({"segments"})

    def __call__(self, batch: pa.Table) -> pa.Table:
        offsets, structs = flat(batch)
        texts = structs.field("text")
        held = cuts.cut(texts)
        rows = parents(offsets)
        table, index, last = contents(held.lines, rows[held.owner])
        found: dict[int, list[str]] = {}
        for lines, flag in ((table, CONTENTS), (index, INDEX)):
            for segment in np.unique(held.owner[lines]).tolist():
                found.setdefault(segment, []).append(flag)
        if self.remove and found:
            pages = np.zeros(len(batch), np.int64)
            np.maximum.at(pages, rows, np.asarray(pc.fill_null(structs.field("page"), 0)))
            gone = index | (table & (last <= pages[rows][held.owner]))
            if gone.any():
                batch = with_text(batch, cuts.without(texts, held, gone))
        return with_flags(batch, found)
