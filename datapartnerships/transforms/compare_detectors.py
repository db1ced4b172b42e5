"""Count what two families of detectors found, each alone and both, for an estimate of the rest."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from datapartnerships.errors import InvalidParameter
from datapartnerships.kernels.segments import flat, lists, parents, set_column
from datapartnerships.residual import COMPARED

Numbers = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True, kw_only=True)
class CompareDetectors:
    """Count, per document and label, what the first family found, the second one, and both.

    It reads the spans of `DetectPii` and stands between it and `Redact`. What it counts goes
    through `datapartnerships.estimate_residual` and into the report: how many neither family found.

    Two spans with one label are one thing where they share half of the shorter one or more.

    Attributes:
        first: names of detectors, as in the spans (``("Contacts",)``).
        second: names of others, which should go by other evidence: what stands before a number,
            where the first ones go by its form; a model, where the first ones are lists.
    """

    first: tuple[str, ...]
    second: tuple[str, ...]

    version: ClassVar[int] = 1
    requires = frozenset({"spans"})
    provides = frozenset({"detectors_compared"})

    def __post_init__(self) -> None:
        for name in ("first", "second"):
            given: Any = getattr(self, name)
            named = not isinstance(given, str) and isinstance(given, Iterable)
            names = tuple(given) if named else ()
            if not names or not all(isinstance(item, str) for item in names):
                rule = "a list of names of detectors, such as ['Contacts']"
                raise InvalidParameter(self, name, rule, given)
            object.__setattr__(self, name, names)
        if same := set(self.first) & set(self.second):
            rule = "of detectors that are not among the first ones"
            raise InvalidParameter(self, "second", rule, tuple(sorted(same)))

    def __call__(self, batch: pa.Table) -> pa.Table:
        offsets, spans = flat(batch, "spans")
        detector = spans.field("detector")
        known = pa.array([*self.first, *self.second])
        kept = pc.fill_null(pc.is_in(detector, known), False)
        rows = parents(offsets)[np.asarray(kept.to_numpy(zero_copy_only=False))]
        spans = spans.filter(kept)
        labels = spans.field("label").dictionary_encode()
        names = labels.dictionary.to_pylist()
        codes = labels.indices.to_numpy(zero_copy_only=False).astype(np.int64)
        of_first = pc.is_in(spans.field("detector"), pa.array(self.first))
        first = of_first.to_numpy(zero_copy_only=False)
        at, found = _things(rows, codes, spans, first)
        structs, edges = _counts(rows[at], codes[at], found, names, batch.num_rows)
        return set_column(batch, "detectors_compared", lists(edges, structs))


def _things(
    rows: Numbers, labels: Numbers, spans: pa.StructArray, first: Flags
) -> tuple[Numbers, tuple[Flags, Flags]]:
    """Of each thing found, the index of one of its spans, and which of the families found it."""
    if not len(rows):
        none = np.zeros(0, bool)
        return np.zeros(0, np.int64), (none, none)
    field = spans.field("field").dictionary_encode().indices.to_numpy()
    segment, start, end = (
        spans.field(name).to_numpy().astype(np.int64) for name in ("segment", "start", "end")
    )
    order = np.lexsort((-end, start, labels, segment, field, rows))
    keys = np.stack([rows, field, segment, labels])[:, order]
    start, end = start[order], end[order]
    other = np.ones(len(order), bool)
    other[1:] = (keys[:, 1:] != keys[:, :-1]).any(axis=0)
    # One after another, the strings lie apart: the furthest end so far is then one of the string.
    shift = np.cumsum(other) * (int(end.max()) + 1)
    reach = np.maximum.accumulate(end + shift)
    further = np.append(True, reach[1:] > reach[:-1])
    before = np.roll(np.maximum.accumulate(np.where(further, np.arange(len(order)), 0)), 1)
    shared = np.minimum(end, end[before]) - start
    shorter = np.minimum(end - start, (end - start)[before])
    begins = other | (2 * shared < shorter)
    thing = np.cumsum(begins) - 1
    first, things = first[order], int(thing[-1]) + 1
    by_first, by_second = (np.bincount(thing[who], minlength=things) > 0 for who in (first, ~first))
    return order[begins], (by_first, by_second)


def _counts(
    rows: Numbers, labels: Numbers, found: tuple[Flags, Flags], names: list[str], documents: int
) -> tuple[pa.StructArray, pa.Array]:
    """Per document, its labels in their order with the three numbers; and the edges of the lists.

    The labels of a batch are numbered as they come: sorted by name, no cut of batches shows.
    """
    rank = np.argsort(np.argsort(np.array(names, object))) if names else np.zeros(0, np.int64)
    width = max(1, len(names))
    keys, inverse = np.unique(rows * width + rank[labels], return_inverse=True)
    one, two = found
    counts = [np.bincount(inverse[hit], minlength=len(keys)) for hit in (one, two, one & two)]
    ordered = pa.array(sorted(names), pa.string())
    columns = [ordered.take(pa.array(keys % width)), *(pa.array(c, pa.int32()) for c in counts)]
    structs = pa.StructArray.from_arrays(columns, fields=list(COMPARED.value_type))
    per_row = np.bincount(keys // width, minlength=documents)
    edges = np.concatenate([[0], np.cumsum(per_row)]).astype(np.int32)
    return structs, pa.array(edges)
