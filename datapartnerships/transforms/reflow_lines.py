"""Lines that the width of a page made."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import pyarrow as pa

from datapartnerships.kernels.reflow import unwrap
from datapartnerships.kernels.segments import flat, parents, with_text


@dataclass(frozen=True, kw_only=True)
class ReflowLines:
    """Make one line of each paragraph of prose that was wrapped at the width of a page.

    Verse, lists, tables, code, addresses and dialogue keep their lines, and so does a document in
    which most lines are not as long as they could be. A paragraph that goes on in another segment
    stays two, each with its page. Words cut by a hyphen are for `JoinHyphenation`, before this.
    """

    version: ClassVar[int] = 2
    requires = frozenset({"segments"})
    provides = frozenset({"segments"})

    def __call__(self, batch: pa.Table) -> pa.Table:
        offsets, structs = flat(batch)
        texts = structs.field("text")
        whole = unwrap(texts, parents(offsets))
        return batch if whole is texts else with_text(batch, whole)
