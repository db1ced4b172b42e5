"""Documents that hold items of evaluation sets."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any, ClassVar, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from datapartnerships._given_files import as_paths, content_id, stamp
from datapartnerships.errors import ConfigurationError, InvalidParameter
from datapartnerships.kernels.overlap import Found, Known, known, overlap
from datapartnerships.kernels.segments import join_text, reasons, set_column, whole
from datapartnerships.transforms._reference_texts import names, read

CONTAMINATION = pa.struct(
    [
        ("set", pa.string()),
        ("row", pa.int64()),
        ("share", pa.float32()),
        ("words", pa.int32()),
        ("document_share", pa.float32()),
    ]
)


@dataclass(frozen=True, kw_only=True)
class Decontaminate:
    """Reject documents that hold items of evaluation sets, which are given as files.

    A document and an item share what runs of `ngram` words they share (13, as Brown et al. 2020,
    appendix C), letter case, punctuation and white space aside. An item of fewer words, but
    `min_words`, has to be there as a whole; shorter ones say nothing and are not looked for. Runs
    that are in more than ten items are of the form of the set, and count for none.

    `contamination` names the item of which the document holds most: the `set` (its file without
    suffixes), its `row` from 0, the `share` of the item's words, how many `words`, and the
    `document_share`, of the document's words in runs of any item. It is null where there is none.

    The files are read when they are needed. What is in them is part of the fingerprint of a run.

    Attributes:
        against: files of JSON Lines, Parquet or text (where each paragraph is an item), which may
            be packed; paths or fsspec URLs. Each string in a row is an item.
        ngram: words of a run.
        min_words: of the shortest item that is looked for (8 is the least of Brown et al.).
        threshold: share of an item's words from which a document is rejected. Half of them is the
            rule of Lambert et al. 2024 (3.2); the least above 0 is any run.
        fields: fields of JSON Lines and Parquet that hold items; all, if None.
        policy: ``reject``, or ``flag``: the column alone.
    """

    against: tuple[str, ...]
    ngram: int = 13
    min_words: int = 8
    threshold: float = 0.5
    fields: tuple[str, ...] | None = None
    policy: str = "reject"

    version: ClassVar[int] = 1
    requires = frozenset({"segments", "drop_reason"})
    provides = frozenset({"contamination", "drop_reason"})

    def __post_init__(self) -> None:
        object.__setattr__(self, "against", as_paths(self, "against", self.against))
        if self.fields is not None:
            given: Any = self.fields
            names = (given,) if isinstance(given, str) else tuple(given)
            object.__setattr__(self, "fields", names)
        if not isinstance(self.ngram, int) or not 2 <= self.ngram <= 100:
            raise InvalidParameter(self, "ngram", "2 to 100 words", self.ngram)
        if not isinstance(self.min_words, int) or not 2 <= self.min_words <= self.ngram:
            raise InvalidParameter(self, "min_words", "2 words up to ngram", self.min_words)
        share: Any = self.threshold
        if isinstance(share, bool) or not isinstance(share, int | float) or not 0 < share <= 1:
            raise InvalidParameter(self, "threshold", "a share above 0, up to 1", share)
        if self.policy not in ("reject", "flag"):
            raise InvalidParameter(self, "policy", "'reject' or 'flag'", self.policy)

    @property
    def content_id(self) -> str:
        """A digest of what is in the files."""
        return content_id(self.against)

    def __call__(self, batch: pa.Table) -> pa.Table:
        index = _index(self, tuple(stamp(path) for path in self.against))
        found = overlap(whole(join_text(batch)), index.known)
        batch = set_column(batch, "contamination", _column(found, index))
        over = pa.array((found.item >= 0) & (found.share >= self.threshold))
        old = reasons(batch)
        hit = pc.and_(over, pc.is_null(old))
        if self.policy == "flag" or not pc.any(hit, min_count=0).as_py():
            return set_column(batch, "drop_reason", old)
        return set_column(batch, "drop_reason", pc.if_else(hit, _reasons(batch), old))


class _Index(NamedTuple):
    known: Known
    sets: pa.Array
    of: Any
    row: Any


@lru_cache(maxsize=4)
def _index(step: Decontaminate, _: tuple[str, ...]) -> _Index:
    """The runs of all items, once in a process; the same text twice is one item."""
    sets = names(step.against)
    of: list[int] = []
    row: list[int] = []
    texts: dict[str, None] = {}
    for number, path in enumerate(step.against):
        before = len(texts)
        for rows, found in read(path, step.fields):
            for place, text in zip(rows, found, strict=True):
                if text not in texts:
                    texts[text] = None
                    of.append(number)
                    row.append(place)
        here = pa.array(list(texts)[before:], pa.string())
        if not known(here, step.ngram, step.min_words).size.any():
            asked = f"in its fields {list(step.fields)}" if step.fields else "in it"
            raise ConfigurationError(
                f"Decontaminate: {path!r} has no item of {step.min_words} words {asked} that no "
                "set before it has: nothing of it can be found in documents."
            )
    index = known(pa.array(texts, pa.string()), step.ngram, step.min_words)
    return _Index(index, pa.array(sets), np.array(of), np.array(row))


def _column(found: Found, index: _Index) -> pa.Array:
    none = pa.array(found.item < 0)
    item = np.maximum(found.item, 0)
    columns = [
        index.sets.take(pa.array(index.of[item])),
        pa.array(index.row[item]),
        pa.array(found.share),
        pa.array(found.words),
        pa.array(found.own),
    ]
    typed = [column.cast(kind.type) for column, kind in zip(columns, CONTAMINATION, strict=True)]
    return pa.StructArray.from_arrays(typed, fields=list(CONTAMINATION), mask=none)


def _reasons(batch: pa.Table) -> pa.Array:
    found = whole(batch["contamination"])
    parts = {name: pc.struct_field(found, name) for name in ("set", "row", "share")}
    percent = pc.round(pc.multiply(parts["share"], 100)).cast(pa.int32()).cast(pa.string())
    return pc.binary_join_element_wise(
        "Decontaminate: holds an item of an evaluation set (", parts["set"], ", row ",
        parts["row"].cast(pa.string()), "; ", percent, " % of it)", "",
    )  # fmt: skip
