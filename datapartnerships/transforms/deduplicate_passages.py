"""Lines and paragraphs that stand in other documents too."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from datapartnerships.errors import InvalidParameter
from datapartnerships.kernels.counts_on_disk import CountsOnDisk
from datapartnerships.kernels.cut_passages import Passages, cut, joined, measured
from datapartnerships.kernels.minhash import hashes
from datapartnerships.kernels.segments import (
    flat,
    parents,
    reasons,
    reject,
    set_column,
    whole,
    with_flags,
    with_text,
)
from datapartnerships.kernels.words import Edges

_SKETCH = pa.schema([("passage", pa.uint64()), ("document", pa.uint32())])
_KNOWN = pa.schema([("passage", pa.uint64()), ("first", pa.uint32())])
FLAG = "duplicate"


@dataclass(frozen=True, kw_only=True)
class DeduplicatePassages:
    """Take out paragraphs or lines that stand in other documents too: banners, forms, mastheads.

    A `Fit`: the first pass puts down 12 bytes for each passage, which are sorted on disk; the
    second takes out what is in several documents, and holds 12 bytes for each such passage.
    Passages are the same that have the same words in the same order: letter case, punctuation and
    white space aside (as in CCNet, Wenzek et al. 2020, 2.1). What a document says twice and no
    other does stays. See `DropPassages`, which it becomes.

    Attributes:
        unit: ``paragraph``, up to the next blank line or the end of the segment, or ``line``.
        min_words: shorter passages stay: words with a letter in them (in scripts without spaces
            each letter is one). Rows of figures have none.
        min_characters: shorter passages stay: letters and digits.
        min_documents: in so many documents a passage must be.
        ignore_digits: passages that differ in the digits 0 to 9 alone are the same.
        keep: ``first``: the first document that has a passage keeps it; ``none``: nobody does.
        reject_share: share of a document's letters and digits in passages that would be taken out,
            from which it is rejected, as it was. At 1.0, that is one of which nothing would be
            left. Below, what it was the first to have is rejected with it.
    """

    unit: str = "paragraph"
    min_words: int = 10
    min_characters: int = 30
    min_documents: int = 2
    ignore_digits: bool = False
    keep: str = "first"
    reject_share: float = 1.0

    version: ClassVar[int] = 1
    requires = frozenset({"id", "segments", "drop_reason"})
    provides = frozenset({"segments", "drop_reason", "duplicate_share"})

    def __post_init__(self) -> None:
        _check(self)
        for name, least in (("min_words", 1), ("min_characters", 0), ("min_documents", 2)):
            value: Any = getattr(self, name)
            if isinstance(value, bool) or not isinstance(value, int) or value < least:
                raise InvalidParameter(self, name, f"an int >= {least}", value)
        if self.keep not in ("first", "none"):
            raise InvalidParameter(self, "keep", "'first' or 'none'", self.keep)

    def sketch(self, batches: Iterable[pa.Table]) -> pa.Table:
        return pa.concat_tables([_SKETCH.empty_table(), *map(self._sketch, batches)])

    def _sketch(self, batch: pa.Table) -> pa.Table:
        # What another step rejected keeps nothing.
        batch = batch.filter(pc.is_null(reasons(batch)))
        _, _, found, row = _passages(batch, self)
        some = _eligible(found, self)
        # One record for a document, however often it says so.
        pairs = np.empty(int(some.sum()), [("row", "<i8"), ("hash", "<u8")])
        pairs["row"], pairs["hash"] = row[some], found.hashes[some]
        pairs = np.unique(pairs)
        columns = [pairs["hash"].copy(), _documents(batch)[pairs["row"]]]
        return pa.table([pa.array(column) for column in columns], schema=_SKETCH)

    def combine(self, sketches: Iterable[pa.Table]) -> DropPassages:
        with CountsOnDisk() as counted:
            for sketch in sketches:
                for part in sketch.to_batches():
                    counted.add(part["passage"].to_numpy(), part["document"].to_numpy())
            tables = [_KNOWN.empty_table()]
            for records in counted.several(self.min_documents):
                columns = [pa.array(records[name].copy()) for name in ("key", "first")]
                tables.append(pa.table(columns, schema=_KNOWN))
        table = pa.concat_tables(tables).combine_chunks()
        if self.keep == "none":
            table = table.select(["passage"])
        return DropPassages(
            passages=table,
            unit=self.unit,
            min_words=self.min_words,
            min_characters=self.min_characters,
            ignore_digits=self.ignore_digits,
            reject_share=self.reject_share,
        )


@dataclass(frozen=True, kw_only=True, eq=False)
class DropPassages:
    """Take out the passages of a list, except where a document was the first to have one.

    A segment keeps its place, and is flagged ``duplicate`` where it lost a passage; the report
    counts the flags. `duplicate_share` says how much of each document is in such passages.

    Attributes:
        passages: table of `passage`, rising, and, if one document keeps it, `first`, as
            `DeduplicatePassages.combine` makes it.
        unit, min_words, min_characters, ignore_digits, reject_share: of `DeduplicatePassages`.
    """

    passages: pa.Table = field(default_factory=_KNOWN.empty_table, repr=False)
    unit: str = "paragraph"
    min_words: int = 10
    min_characters: int = 30
    ignore_digits: bool = False
    reject_share: float = 1.0

    version: ClassVar[int] = 1
    # Reports and reasons name the step as the pipeline does.
    name = "DeduplicatePassages"
    requires = frozenset({"id", "segments", "drop_reason"})
    provides = frozenset({"segments", "drop_reason", "duplicate_share"})

    def __post_init__(self) -> None:
        _check(self)
        if isinstance(self.passages, tuple | list):  # from a configuration
            rows = [dict(row) for row in self.passages]
            names = [name for name in _KNOWN.names if not rows or name in rows[0]]
            schema = pa.schema([_KNOWN.field(name) for name in names])
            object.__setattr__(self, "passages", pa.Table.from_pylist(rows, schema))

    def __eq__(self, other: object) -> bool:
        # What is printed of it is all but the table.
        same = type(other) is type(self) and repr(self) == repr(other)
        return same and self.passages.equals(other.passages)  # type: ignore[attr-defined]

    def __hash__(self) -> int:
        return hash((type(self), self.unit, self.passages.num_rows))

    def __call__(self, batch: pa.Table) -> pa.Table:
        passages, edges, found, row = _passages(batch, self)
        gone = _eligible(found, self)
        some = np.flatnonzero(gone)
        gone[some] = self._listed(found.hashes[some], _documents(batch)[row[some]])
        share = _share(found, row, gone, batch.num_rows)
        over = pa.array(share >= self.reject_share)
        over = pc.and_(over, pc.is_null(reasons(batch)))
        batch = set_column(batch, "duplicate_share", pa.array(share, pa.float32()))
        batch = reject(batch, over, f"{self.name}: stands in other documents")
        gone &= ~np.asarray(over)[row]
        changed = np.flatnonzero(np.diff(np.concatenate([[0], np.cumsum(gone)])[edges]))
        if not len(changed):
            return batch
        return _without(batch, passages, edges, gone, changed)

    def _listed(self, passages: Any, documents: Any) -> npt.NDArray[np.bool_]:
        known = self.passages["passage"].to_numpy()
        if not len(known):
            return np.zeros(len(passages), bool)
        place = np.minimum(np.searchsorted(known, passages), len(known) - 1)
        listed: npt.NDArray[np.bool_] = known[place] == passages
        if "first" in self.passages.column_names:
            listed &= self.passages["first"].to_numpy()[place] != documents
        return listed


def _check(step: Any) -> None:
    if step.unit not in ("paragraph", "line"):
        raise InvalidParameter(step, "unit", "'paragraph' or 'line'", step.unit)
    share = step.reject_share
    if isinstance(share, bool) or not isinstance(share, int | float) or not 0 < share <= 1:
        raise InvalidParameter(step, "reject_share", "a share above 0, up to 1", share)


def _passages(batch: pa.Table, step: Any) -> tuple[pa.Array, Edges, Passages, Edges]:
    """Passages of all segments, where those of each begin, what they are, and the row of each."""
    offsets, structs = flat(batch)
    passages, edges = cut(structs.field("text"), by_line=step.unit == "line")
    found = measured(passages, ignore_digits=step.ignore_digits)
    return passages, edges, found, np.repeat(parents(offsets), np.diff(edges))


def _eligible(found: Passages, step: Any) -> npt.NDArray[np.bool_]:
    long = found.lettered >= step.min_words
    some: npt.NDArray[np.bool_] = long & (found.characters >= step.min_characters)
    return some


def _documents(batch: pa.Table) -> npt.NDArray[np.uint32]:
    """A number for each document: of two, one in four thousand millions is that of the other."""
    short: npt.NDArray[np.uint32] = (hashes(whole(batch["id"])) >> np.uint64(32)).astype(np.uint32)
    return short


def _share(found: Passages, row: Any, gone: Any, rows: int) -> npt.NDArray[np.float64]:
    """Of the characters of each row, those in passages that are gone."""
    size = found.characters
    total = np.bincount(row, weights=size, minlength=rows)
    lost = np.bincount(row[gone], weights=size[gone], minlength=rows)
    share: npt.NDArray[np.float64] = lost / np.maximum(total, 1)
    return share


def _without(
    batch: pa.Table, passages: pa.Array, edges: Edges, gone: Any, changed: Edges
) -> pa.Table:
    texts = flat(batch)[1].field("text")
    hit = np.zeros(len(texts), bool)
    hit[changed] = True
    inside = np.repeat(hit, np.diff(edges))
    counts = np.diff(edges)[changed]
    left = joined(
        passages.filter(pa.array(inside)), np.concatenate([[0], np.cumsum(counts)]), ~gone[inside]
    )
    texts = pc.replace_with_mask(texts, pa.array(hit), left.cast(texts.type))
    return with_flags(with_text(batch, texts), dict.fromkeys(changed.tolist(), (FLAG,)))
