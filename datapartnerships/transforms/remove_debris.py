"""What an engine read where there is nothing to read."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from datapartnerships.kernels import cuts
from datapartnerships.kernels.debris import debris, doubtful
from datapartnerships.kernels.segments import flat, parents, whole, with_flags, with_text


@dataclass(frozen=True, kw_only=True)
class RemoveDebris:
    """Take out lines that an engine made of stains, stamps and pictures, and its placeholders.

    A line goes by the shape of its tokens, and short ones only in runs: figures, formulas, code,
    cells, initials, verse and enumerated lines stay, as does every line in a script other than
    Latin, Greek and Cyrillic (docs/explanation/artefacts.md). U+FFFD goes everywhere, a white
    square where it stands inside a word; a word keeps its other letters. What was said or sent was
    not read from a page: conversations, turns and utterances stay as they are.

    A segment keeps its place, and is flagged ``debris`` where it lost lines, ``doubtful`` where it
    lost placeholders. The report counts the flags.
    """

    version: ClassVar[int] = 3
    requires = frozenset({"kind", "segments"})
    provides = frozenset({"segments"})

    def __call__(self, batch: pa.Table) -> pa.Table:
        offsets, structs = flat(batch)
        talks = pc.fill_null(pc.equal(whole(batch["kind"]), "conversation"), False)
        said = np.asarray(pc.is_in(structs.field("kind"), pa.array(["turn", "utterance"])))
        kept = said | np.asarray(talks)[parents(offsets)]
        if len(kept) and kept.all():
            return batch
        stored = structs.field("text")
        texts = stored
        if kept.any():
            texts = pc.if_else(pa.array(kept), pa.scalar(None, stored.type), stored)
        held = cuts.cut(texts)
        gone = debris(held.lines, parents(offsets)[held.owner])
        left = cuts.without(texts, held, gone) if gone.any() else texts
        clean = doubtful(left)
        if clean is texts:
            return batch
        lost = {int(index): ["debris"] for index in np.unique(held.owner[gone])}
        if clean is not left:
            other = pc.fill_null(pc.not_equal(clean, left), False)
            for index in np.flatnonzero(np.asarray(other)).tolist():
                lost.setdefault(index, []).append("doubtful")
        if kept.any():
            clean = pc.if_else(pa.array(kept), stored, clean)
        return with_flags(with_text(batch, clean), lost)
