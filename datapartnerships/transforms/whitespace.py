"""White space and characters that nobody sees."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import pyarrow as pa

from datapartnerships.kernels.segments import flat_text, with_text
from datapartnerships.kernels.strings import replace_regex

# C0 without tab and line feed, DEL, C1; byte-order marks, zero-width spaces, word joiners and the
# interlinear and object-replacement marks. The joiners U+200C and U+200D stay: Persian, Hindi and
# emoji need them. Bidirectional marks stay: Arabic and Hebrew need them.
_INVISIBLE = r"[\x00-\x08\x0B-\x1F\x7F\x{80}-\x{9F}\x{FEFF}\x{200B}\x{2060}\x{FFF9}-\x{FFFC}]+"


@dataclass(frozen=True, kw_only=True)
class RemoveControlCharacters:
    """Take out control characters and invisible marks that carry no meaning in text."""

    version: ClassVar[int] = 1
    requires = frozenset({"segments"})
    provides = frozenset({"segments"})

    def __call__(self, batch: pa.Table) -> pa.Table:
        texts = flat_text(batch)
        # A lone carriage return or a form feed was a line or page break: it stays a break.
        clean = replace_regex(texts, r"\r\n?|\x0B|\x0C|\x{85}|\x{2028}|\x{2029}", "\n")
        clean = replace_regex(clean, _INVISIBLE, "")
        return batch if clean is texts else with_text(batch, clean)


@dataclass(frozen=True, kw_only=True)
class NormalizeWhitespace:
    """No space at line ends or around a segment, no run of blank lines, one kind of space.

    Indentation stays: it is the meaning of code, verse and tables.
    """

    version: ClassVar[int] = 1
    requires = frozenset({"segments"})
    provides = frozenset({"segments"})

    def __call__(self, batch: pa.Table) -> pa.Table:
        texts = flat_text(batch)
        clean = replace_regex(texts, r"[\x{A0}\x{2000}-\x{200A}\x{202F}\x{205F}\x{3000}]", " ")
        clean = replace_regex(clean, r"[ \t]+\n", "\n")
        clean = replace_regex(clean, r"\n{4,}", "\n\n\n")
        clean = replace_regex(clean, r"\A\s*\n|\s+\z", "")
        return batch if clean is texts else with_text(batch, clean)
