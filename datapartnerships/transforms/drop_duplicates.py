"""The second pass of finding duplicates: reject those of a list."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache
from typing import ClassVar

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from datapartnerships.kernels.minhash import hashes
from datapartnerships.kernels.segments import reasons, set_column, whole

_TYPES = {"id": pa.string(), "of": pa.string(), "cluster": pa.string(), "similarity": pa.float32()}
_NAMES = {"of", "cluster"}
_NONE = pa.schema([(name, _TYPES[name]) for name in ("id", "of")])


@dataclass(frozen=True, kw_only=True, eq=False)
class DropDuplicates:
    """Reject the documents of a list, each with the one it is a copy of as the reason's detail.

    Attributes:
        duplicates: table of `id`, `of` (null for a document that is kept), and if known `cluster`
            and `similarity`, as `Deduplicate.combine` makes it. It is put into the order of a hash
            of the ids, which is added to it.
        policy: ``reject``, or ``flag``: the columns alone.
    """

    duplicates: pa.Table = field(default_factory=_NONE.empty_table, repr=False)
    policy: str = "reject"

    version: ClassVar[int] = 2
    # Reports and reasons name the step as the pipeline does.
    name = "Deduplicate"
    reason: ClassVar[str] = "exact duplicate"
    requires = frozenset({"id", "drop_reason"})
    provides = frozenset({"drop_reason", "duplicate_of", "duplicate_cluster"})

    def __post_init__(self) -> None:
        table = self.duplicates
        if isinstance(table, tuple | list):  # from a configuration
            held = [name for name in _TYPES if table and name in dict(table[0])] or ["id", "of"]
            rows = [{name: dict(row)[name] for name in held} for row in table]
            schema = pa.schema([(name, _TYPES[name]) for name in held])
            table = pa.Table.from_pylist(rows, schema)
        given = {name: whole(table[name]) for name in _TYPES if name in table.column_names}
        columns = {}
        ids = given.pop("id")
        if not pa.types.is_dictionary(ids.type):
            number = pa.array(np.arange(len(ids), dtype=np.int32))
            ids = pa.DictionaryArray.from_arrays(number, ids.cast(pa.string()))
        keys = hashes(ids.dictionary)[ids.indices.to_numpy()]
        order = pa.array(np.argsort(keys, kind="stable"))
        columns["id"] = ids.dictionary.take(ids.indices.take(order))
        for name, column in given.items():
            if name in _NAMES:
                columns[name] = _encoded(column, order)
            else:
                columns[name] = column.cast(_TYPES[name]).take(order)
        columns["hash"] = pa.array(keys).take(order)
        object.__setattr__(self, "duplicates", pa.table(columns))

    def __eq__(self, other: object) -> bool:
        if type(other) is not type(self) or self.policy != other.policy:
            return False
        return bool(self.duplicates.equals(other.duplicates))

    def __hash__(self) -> int:
        return hash((type(self), self.duplicates.num_rows))

    def __call__(self, batch: pa.Table) -> pa.Table:
        rows = self._rows(whole(batch["id"]))
        table = self.duplicates
        keeper = _taken(table, "of", rows)
        if self.policy == "reject":
            batch = self._rejected(batch, keeper, rows)
        batch = set_column(batch, "duplicate_of", keeper)
        if "duplicate_cluster" not in self.provides:
            return batch
        return set_column(batch, "duplicate_cluster", _taken(table, "cluster", rows))

    def _rejected(self, batch: pa.Table, keeper: pa.Array, rows: pa.Array) -> pa.Table:
        table, old = self.duplicates, reasons(batch)
        reason = pc.binary_join_element_wise(f"{self.name}: {self.reason} (of ", keeper, ")", "")
        if "similarity" in table.column_names:
            alike = whole(table["similarity"]).take(rows)
            digits = _hundredths().take(pc.round(pc.multiply(alike, 100)).cast(pa.int32()))
            near = pc.binary_join_element_wise(
                f"{self.name}: near duplicate (of ", keeper, "; similarity ", digits, ")", ""
            )
            reason = pc.if_else(pc.is_valid(alike), near, reason)
        hit = pc.and_(pc.is_valid(keeper), pc.is_null(old))
        return set_column(batch, "drop_reason", pc.if_else(hit, reason, old))

    def _rows(self, ids: pa.Array) -> pa.Array:
        """Where each id is in the table, null where it is not.

        By bisection: a table of ten millions is not gone through for every batch.
        """
        known, held = self.duplicates["hash"].to_numpy(), whole(self.duplicates["id"])
        wanted = hashes(ids)
        place = np.searchsorted(known, wanted)
        found = np.zeros(len(ids), bool)
        open_ = np.arange(len(ids))
        while len(open_):
            open_ = open_[place[open_] < len(known)]
            open_ = open_[known[place[open_]] == wanted[open_]]
            same = pc.equal(held.take(pa.array(place[open_])), ids.take(pa.array(open_)))
            same = pc.fill_null(same, False).to_numpy(zero_copy_only=False)
            found[open_[same]] = True
            open_ = open_[~same]
            place[open_] += 1
        return pa.array(place, mask=~found)


def _encoded(names: pa.Array, order: pa.Array) -> pa.DictionaryArray:
    """In this order; each name once, as they come up in it."""
    names = names if pa.types.is_dictionary(names.type) else names.dictionary_encode()
    once = names.dictionary.cast(pa.string()).dictionary_encode()
    numbers = once.indices.take(names.indices.take(order)).dictionary_encode()
    told = once.dictionary.take(numbers.dictionary)
    return pa.DictionaryArray.from_arrays(numbers.indices, told)


@cache
def _hundredths() -> pa.Array:
    return pa.array([f"{number / 100:.2f}" for number in range(101)])


def _taken(table: pa.Table, name: str, rows: pa.Array) -> pa.Array:
    if name not in table.column_names:
        return pa.nulls(len(rows), pa.string())
    return whole(table[name]).take(rows).cast(pa.string())
