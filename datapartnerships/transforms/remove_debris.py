"""What an engine read where there is nothing to read."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from datapartnerships.kernels import cuts
from datapartnerships.kernels.debris import debris, doubtful
from datapartnerships.kernels.segments import flat, parents, with_flags, with_text


@dataclass(frozen=True, kw_only=True)
class RemoveDebris:
    """Take out lines that an engine made of stains, stamps and pictures, and its placeholders.

    A line goes by the shape of its tokens, and short ones only in runs: figures, formulas, code,
    cells, initials and verse stay, as does every line in a script other than Latin, Greek and
    Cyrillic (docs/explanation/artefacts.md). U+FFFD goes everywhere, a white square where it
    stands inside a word; a word keeps its other letters.

    A segment keeps its place, and is flagged ``debris`` where it lost lines, ``doubtful`` where it
    lost placeholders. The report counts the flags.
    """

    version: ClassVar[int] = 1
    requires = frozenset({"segments"})
    provides = frozenset({"segments"})

    def __call__(self, batch: pa.Table) -> pa.Table:
        offsets, structs = flat(batch)
        texts = structs.field("text")
        held = cuts.cut(texts)
        gone = debris(held.lines, parents(offsets)[held.owner])
        left = cuts.without(texts, held, gone) if gone.any() else texts
        whole = doubtful(left)
        if whole is texts:
            return batch
        lost = {int(index): ["debris"] for index in np.unique(held.owner[gone])}
        if whole is not left:
            other = pc.fill_null(pc.not_equal(whole, left), False)
            for index in np.flatnonzero(np.asarray(other)).tolist():
                lost.setdefault(index, []).append("doubtful")
        return with_flags(with_text(batch, whole), lost)
