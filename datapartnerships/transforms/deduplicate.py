"""Documents whose text is another document's text."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, ClassVar

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from datapartnerships.errors import InvalidParameter
from datapartnerships.kernels.segments import join_text, reasons, set_column, whole

_SKETCH = pa.schema([("id", pa.string()), ("digest", pa.binary(16))])
_DUPLICATES = pa.schema([("id", pa.string()), ("of", pa.string())])


@dataclass(frozen=True, kw_only=True)
class Deduplicate:
    """Keep the first of all documents with the same text, in the whole corpus.

    A `Fit`: the first pass keeps 16 bytes a document (a BLAKE2b digest of its text), the second
    rejects every copy but the first in shard order. `duplicate_of` names the kept one.

    Attributes:
        threshold: similarity from which two documents are duplicates; 1.0 is the same text.
        ignore_whitespace: texts that differ in ASCII white space alone are the same.
    """

    threshold: float = 1.0
    ignore_whitespace: bool = True

    version: ClassVar[int] = 1
    requires = frozenset({"id", "segments", "drop_reason"})
    provides = frozenset({"drop_reason", "duplicate_of"})

    def __post_init__(self) -> None:
        if self.threshold != 1.0:
            raise InvalidParameter(
                self, "threshold", "1.0 (exact duplicates) in this version", self.threshold
            )

    def sketch(self, batches: Iterable[pa.Table]) -> pa.Table:
        parts = [self._sketch(batch) for batch in batches]
        return pa.concat_tables([_SKETCH.empty_table(), *parts])

    def _sketch(self, batch: pa.Table) -> pa.Table:
        digests = [_digest(text, self.ignore_whitespace) for text in join_text(batch)]
        columns = [whole(batch["id"]), pa.array(digests, pa.binary(16))]
        return pa.table(columns, schema=_SKETCH)

    def combine(self, sketches: Iterable[pa.Table]) -> DropDuplicates:
        table = pa.concat_tables([_SKETCH.empty_table(), *sketches])
        table = table.filter(pc.is_valid(table["digest"])).combine_chunks()
        digests = _as_void(table["digest"])
        _, first, inverse = np.unique(digests, return_index=True, return_inverse=True)
        keeper = first[inverse.reshape(-1)]
        copies = np.flatnonzero(keeper != np.arange(len(keeper)))
        ids = table["id"]
        # Where two documents share an id, rejecting a copy by its id would reject the kept one.
        keepers = ids.take(pa.array(np.unique(keeper)))
        copies = copies[~pc.is_in(ids.take(pa.array(copies)), keepers).to_numpy()]
        return DropDuplicates(
            duplicates=pa.table(
                [ids.take(pa.array(copies)), ids.take(pa.array(keeper[copies]))],
                schema=_DUPLICATES,
            ).combine_chunks()
        )


def _digest(text: pa.StringScalar, ignore_whitespace: bool) -> bytes | None:
    """None for nothing: empty documents are no duplicates, they are for FilterLength."""
    codes = np.frombuffer(text.as_buffer(), np.uint8)
    if ignore_whitespace:
        # Below "!" are the space and the control characters; in UTF-8 never a part of a letter.
        codes = codes[codes > 0x20]
    return hashlib.blake2b(codes.data, digest_size=16).digest() if len(codes) else None


def _as_void(column: pa.ChunkedArray) -> np.ndarray[Any, Any]:
    """Fixed-size binary as a numpy column, without a Python object for each value."""
    chunks = [
        np.frombuffer(chunk.buffers()[1], "V16", len(chunk), chunk.offset * 16)
        for chunk in column.chunks
        if len(chunk)
    ]
    return np.concatenate(chunks) if chunks else np.empty(0, "V16")


@dataclass(frozen=True, kw_only=True, eq=False)
class DropDuplicates:
    """Reject the documents of a list, each with the one it is a copy of as the reason's detail.

    Attributes:
        duplicates: table of (id, of), as `Deduplicate.combine` makes it.
    """

    duplicates: pa.Table = field(default_factory=_DUPLICATES.empty_table, repr=False)

    version: ClassVar[int] = 1
    # Reports and reasons name the step as the pipeline does.
    name = "Deduplicate"
    reason: ClassVar[str] = "exact duplicate"
    requires = frozenset({"id", "drop_reason"})
    provides = frozenset({"drop_reason", "duplicate_of"})

    def __post_init__(self) -> None:
        if isinstance(self.duplicates, tuple | list):  # from a configuration
            rows = [dict(row) for row in self.duplicates]
            object.__setattr__(self, "duplicates", pa.Table.from_pylist(rows, _DUPLICATES))

    def __eq__(self, other: object) -> bool:
        return type(other) is type(self) and self.duplicates.equals(other.duplicates)

    def __hash__(self) -> int:
        return hash((type(self), self.duplicates.num_rows))

    def __call__(self, batch: pa.Table) -> pa.Table:
        index = pc.index_in(batch["id"], self.duplicates["id"].combine_chunks())
        keeper = self.duplicates["of"].take(index).combine_chunks()
        old = reasons(batch)
        reason = pc.binary_join_element_wise(f"{self.name}: {self.reason} (of ", keeper, ")", "")
        hit = pc.and_(pc.is_valid(keeper), pc.is_null(old))
        batch = set_column(batch, "drop_reason", pc.if_else(hit, reason, old))
        return set_column(batch, "duplicate_of", keeper)
