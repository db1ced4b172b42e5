"""What a message repeats of others, and what a program put below it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from datapartnerships.kernels.replies import foreign
from datapartnerships.kernels.segments import flat, parents, whole, with_flags, with_text
from datapartnerships.kernels.strings import put


@dataclass(frozen=True, kw_only=True)
class RemoveQuotedReplies:
    """Take quotations, signatures and disclaimers out of messages.

    Of conversations only. Lines with ``>`` go, with the line that says who wrote them; without
    such marks, all from ``Original message``, a block of headers, or ``On ... wrote:`` with a date
    or an address, to the end, where the author wrote something above. A year alone is no date, and
    headers need an address, a subject or a time. A forwarded message stays. A signature is what
    stands below ``--`` (a few lines, where the space behind it is lost), or names the device; a
    disclaimer is a last paragraph that speaks of secrecy, of the message and of its recipient
    (docs/explanation/artefacts.md).

    A segment keeps its place, and is flagged ``quoted reply``, ``signature`` or ``disclaimer``. A
    message that is nothing else stays as it is.
    """

    version: ClassVar[int] = 3
    requires = frozenset({"kind", "segments"})
    provides = frozenset({"segments"})

    def __call__(self, batch: pa.Table) -> pa.Table:
        talks = np.asarray(pc.fill_null(pc.equal(whole(batch["kind"]), "conversation"), False))
        if not talks.any():
            return batch
        offsets, structs = flat(batch)
        texts = structs.field("text")
        # One line has nothing below it and nothing to take out.
        lines = np.asarray(pc.fill_null(pc.match_substring(texts, "\n"), False))
        changed: dict[int, str] = {}
        flags: dict[int, list[str]] = {}
        for index in np.flatnonzero(talks[parents(offsets)] & lines).tolist():
            text = texts[index].as_py()
            if found := foreign(text):
                kept = [line for n, line in enumerate(text.split("\n")) if n not in found]
                changed[index] = "\n".join(kept).strip("\n\r ")
                flags[index] = sorted(set(found.values()))
        return with_flags(with_text(batch, put(texts, changed)), flags) if changed else batch
