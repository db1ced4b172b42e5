"""Undo what wrong decoding did to text."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import pyarrow as pa

from datapartnerships.kernels.segments import flat_text, with_text


@dataclass(frozen=True, kw_only=True)
class RepairUnicode:
    """Mojibake, HTML entities, ligatures, odd widths and control characters, as ftfy repairs them.

    Gives exactly what `ftfy.fix_text` gives, segment by segment; text that ftfy would provably
    leave alone is never handed to it (docs/explanation/unicode.md).

    Attributes:
        uncurl_quotes: make curly quotation marks straight ones, as ftfy does by default.
    """

    uncurl_quotes: bool = True

    version: ClassVar[int] = 1
    requires = frozenset({"segments"})
    provides = frozenset({"segments"})
    preload = ("datapartnerships.kernels.unicode:tables",)

    def __call__(self, batch: pa.Table) -> pa.Table:
        from datapartnerships.kernels.unicode import fix_text

        texts = flat_text(batch)
        fixed = fix_text(texts, uncurl_quotes=self.uncurl_quotes)
        return batch if fixed is texts else with_text(batch, fixed)
