"""Documents in pieces of bounded size: for those who train on, or search in, short texts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import ClassVar

import pyarrow as pa
import pyarrow.compute as pc

from datapartnerships.errors import AccountingError, InvalidParameter, PipelineError
from datapartnerships.kernels.chunks import Rules, chunks
from datapartnerships.kernels.segments import characters, finished, flat
from datapartnerships.schema import DOCUMENT, Receipt, Shard
from datapartnerships.writers.parquet import ParquetWriter

_ADDED = ("parent_id", "position", "start", "end")
_CHARACTERS = 4000


@dataclass(frozen=True)
class ChunkWriter(ParquetWriter):
    """One row a chunk: a part of one document that is not larger than asked for.

    A transform gives back the rows that it was given, so documents become chunks where they are
    written. A document is cut before a heading, else at a paragraph, else at the end of a sentence,
    a line, a word: at the last of the strongest bounds between `min_share` of the greatest size
    and all of it. A longer word is cut within, never between a letter and its marks.

    A chunk has all columns of its document, and `parent_id`, its `id`; `position`, from 0; `start`
    and `end`, characters of the document's text. Its segments are those of the document, with
    their places; one that is cut keeps its place in both chunks, and has no `words` there. No
    character is lost: the texts of all chunks, with a blank line where `start` is after the `end`
    before it, are the text of the document. White space at a cut stays with the chunk before.
    What was measured, such as `quality`, is of the document. Chunks of one document are in one
    split. `Receipt.counts` and `Manifest.counts` have the documents, those that were cut, the
    characters, the cuts inside a word, and the chunks (`rows`).

    Attributes:
        max_characters: of the text of a chunk; 4,000 where `max_words` is not given either.
        max_words: words of a chunk, instead. Each letter of Han, Kana or Thai is a word.
        min_share: a cut that leaves less than this share of the greatest size is made only where
            there is no other, 0 to 1. The last chunk of a document may be of any size.
        keep_sections: every heading begins a chunk, however short the chunks are. A heading is
            where the `ref` of segments changes, unless it is a number ("line 12").
    """

    max_characters: int | None = None
    max_words: int | None = None
    min_share: float = 0.5
    keep_sections: bool = False

    version: ClassVar[int] = 1

    def __post_init__(self) -> None:
        super().__post_init__()
        for name in ("max_characters", "max_words"):
            value = getattr(self, name)
            if value is not None and not (type(value) is int and value >= 1):
                raise InvalidParameter(self, name, "None or an int >= 1", value)
        if self.max_characters is not None and self.max_words is not None:
            raise InvalidParameter(self, "max_words", "None with max_characters", self.max_words)
        if not 0 <= self.min_share <= 1:
            raise InvalidParameter(self, "min_share", "a share, 0 to 1", self.min_share)

    def write(self, shard: Shard, batches: Iterable[pa.Table]) -> Receipt:
        counts: Counter[str] = Counter()
        files = self.write_splits(shard.key, self._chunks(batches, counts))
        counts["rows"] = sum(entry.rows for entry in files)
        return Receipt(
            shard.key,
            files=files,
            documents_in=counts["documents"],
            documents_out=counts["documents"],
            counts={name: n for name, n in sorted(counts.items()) if n or name == "rows"},
        )

    def columns(self) -> pa.Schema:
        return next(self._chunks([DOCUMENT.empty_table()], Counter())).schema

    def _chunks(self, batches: Iterable[pa.Table], counts: Counter[str]) -> Iterator[pa.Table]:
        for batch in batches:
            counts["documents"] += batch.num_rows
            for table in self.cut(batch, counts):
                yield finished(table)

    def cut(self, batch: pa.Table, counts: Counter[str] | None = None) -> Iterator[pa.Table]:
        """The chunks of a batch, as tables with the columns of the batch and those of chunks."""
        counts = Counter() if counts is None else counts
        taken = sorted({*_ADDED} & {*batch.column_names})
        if taken:
            raise PipelineError(f"ChunkWriter adds the columns {taken}, which are there already.")
        if len(flat(batch, "spans")[1]):
            raise PipelineError(
                "ChunkWriter was given spans, whose places are those of whole documents: put "
                "Redact after the detection."
            )
        unit = "characters" if self.max_words is None else "words"
        most = self.max_words or self.max_characters or _CHARACTERS
        rules = Rules(most, unit, max(1, round(most * self.min_share)), self.keep_sections)
        before = _characters(batch)
        for found in chunks(batch, rules):
            counts["documents cut"] += found.documents
            counts["cuts inside a word"] += found.inside
            counts["characters"] += (now := _characters(found.table))
            before -= now
            yield found.table
        if before:
            raise AccountingError(f"ChunkWriter lost {before} characters.")


def _characters(table: pa.Table) -> int:
    return int(pc.sum(characters(table), min_count=0).as_py())
