"""The same words on end, where a recognizer or a model was stuck."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from datapartnerships.errors import InvalidParameter
from datapartnerships.kernels.segments import flat, parents, with_flags, with_text
from datapartnerships.kernels.text_loops import Ranges, loops, without
from datapartnerships.kernels.words import buffers

FLAG = "loop"


@dataclass(frozen=True, kw_only=True)
class RemoveLoops:
    """Take out the same words on end, but the first time, where a recognizer or model was stuck.

    A loop is a unit of words that stands many times in a row, case and punctuation aside, within
    a segment or from one to the next. Refrains, litanies, lists, tables and rows of figures are
    none: where each copy is a line, one of fewer than five words must be there five times as
    often, and rows with tabs, bars or wide gaps never count. Utterances are left to
    `FlagTranscription`, which knows how fast people speak.

    A segment keeps its place, and is flagged ``loop`` where it is part of one; the report counts
    the flags.

    Attributes:
        min_copies: so many copies are a loop.
        min_words: so many words must be in all copies together.
        max_unit: words of the longest unit that is looked for.
        policy: ``collapse``: the first copy stays; ``flag``: all of them.
    """

    min_copies: int = 10
    min_words: int = 30
    max_unit: int = 20
    policy: str = "collapse"

    version: ClassVar[int] = 2
    requires = frozenset({"segments"})
    provides = frozenset({"segments"})

    def __post_init__(self) -> None:
        for name, least in (("min_copies", 3), ("min_words", 1), ("max_unit", 1)):
            value: Any = getattr(self, name)
            if isinstance(value, bool) or not isinstance(value, int) or value < least:
                raise InvalidParameter(self, name, f"an int >= {least}", value)
        if self.policy not in ("collapse", "flag"):
            raise InvalidParameter(self, "policy", "'collapse' or 'flag'", self.policy)

    def __call__(self, batch: pa.Table) -> pa.Table:
        offsets, structs = flat(batch)
        given = structs.field("text")
        spoken = pc.fill_null(pc.equal(structs.field("kind"), "utterance"), False)
        texts = given
        if pc.any(spoken, min_count=0).as_py():
            texts = pc.if_else(spoken, pa.scalar(None, given.type), given)
        found = loops(texts, parents(offsets), self.min_copies, self.min_words, self.max_unit)
        if not len(found.first):
            return batch
        touched = _touched(texts, found)
        if self.policy == "collapse":
            left = without(texts, found).filter(pa.array(touched))
            left = pc.if_else(pc.equal(pc.utf8_trim_whitespace(left), ""), "", left)
            batch = with_text(batch, pc.replace_with_mask(given, pa.array(touched), left))
        return with_flags(batch, dict.fromkeys(np.flatnonzero(touched).tolist(), (FLAG,)))


def _touched(texts: pa.Array, found: Ranges) -> Any:
    """Which texts have a part in a loop."""
    _, edges = buffers(texts)
    mask = np.zeros(len(texts), bool)
    for first, end in zip(found.first, found.ends, strict=True):
        low = np.searchsorted(edges, first, side="right") - 1
        mask[low : np.searchsorted(edges, end)] = True
    return mask & (np.diff(edges) > 0)
