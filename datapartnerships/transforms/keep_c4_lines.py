"""Lines that C4 keeps."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import pyarrow as pa
import pyarrow.compute as pc

from datapartnerships.errors import InvalidParameter
from datapartnerships.kernels.c4 import rewritten
from datapartnerships.kernels.segments import flat_text, with_text
from datapartnerships.kernels.words import pieces


@dataclass(frozen=True, kw_only=True)
class KeepC4Lines:
    """Take out the lines that C4 takes out of web pages (Raffel et al. 2020, section 2.2).

    A line stays if it ends as a sentence does, has `min_line_words`, has no word of more than
    `max_line_word` letters, and says nothing of javascript, cookies or terms of use. Marks of
    citations ("[3]", "[edit]", "[citation needed]") and white space around a line go. Headings,
    lists, tables and verse go with them: it is for pages of the Web. A segment of which nothing
    stays is empty. Documents are judged by `FilterQuality.c4`, which is put before it and counts
    sentences in these very lines.

    A sentence ends with a mark of any script (Unicode's Sentence_Terminal), before closing quotes
    and brackets or not, and two letters of Han, Kana or Thai are a word.

    Attributes:
        min_line_words: C4: 3.
        max_line_word: letters; C4's code: 1,000.
        as_published: a sentence ends with one of ``. ? ! " '`` alone, and words are what spaces
            part.
    """

    min_line_words: int = 3
    max_line_word: int = 1000
    as_published: bool = False

    version: ClassVar[int] = 1
    requires = frozenset({"segments"})
    provides = frozenset({"segments"})

    def __post_init__(self) -> None:
        for name in ("min_line_words", "max_line_word"):
            value = getattr(self, name)
            if isinstance(value, bool) or not isinstance(value, int) or value < 0:
                raise InvalidParameter(self, name, "an int >= 0", value)

    def __call__(self, batch: pa.Table) -> pa.Table:
        texts = flat_text(batch)
        parts = [
            rewritten(
                part, min_words=self.min_line_words, max_letters=self.max_line_word,
                as_published=self.as_published,
            )
            for _, part in pieces(texts)
        ]  # fmt: skip
        if not parts:
            return batch
        return with_text(batch, pc.if_else(texts.is_valid(), pa.concat_arrays(parts), None))
