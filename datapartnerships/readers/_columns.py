"""Documents of columnar formats: whole columns at once, never a row at a time."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from datapartnerships.readers._source import Source
from datapartnerships.schema import (
    DOCUMENT,
    MEDIA,
    METADATA,
    PROVENANCE,
    RIGHTS,
    SEGMENT,
    SPAN,
    document_id,
)


def document_columns(
    reader: object,
    source: Source,
    texts: pa.Array,
    *,
    records: Sequence[int | str],
    metadata: pa.Array,
    sizes: Sequence[int] | None = None,
    digests: Sequence[str] | None = None,
    kind: str = "text",
) -> pa.Table:
    """One document of one segment for each text, where `records` say where each was."""
    rows = len(texts)
    members = [source.record(record) for record in records]
    ids = [document_id(source.deposit, source.path, member) for member in members]
    segments = _structs(SEGMENT, rows, {"text": texts, "kind": pa.repeat("paragraph", rows)})
    provenance = _structs(
        PROVENANCE,
        rows,
        {
            "uri": pa.repeat(source.path, rows),
            "sha256": pa.array(digests, pa.string()) if digests else None,
            "size": pa.array(sizes, pa.int64()) if sizes else None,
            "member": pa.array(members, pa.string()),
            "media_type": pa.repeat(pa.scalar(source.type_for(reader), pa.string()), rows),
            "reader": pa.repeat(type(reader).__name__, rows),
            "version": pa.repeat(str(getattr(type(reader), "version", 1)), rows),
        },
    )
    columns = {
        "id": pa.array(ids, pa.string()),
        "source": pa.repeat(source.deposit, rows),
        "kind": pa.repeat(kind, rows),
        "segments": pa.ListArray.from_arrays(
            pa.array(np.arange(rows + 1, dtype=np.int32)), segments
        ),
        "media": pa.nulls(rows, MEDIA),
        "provenance": provenance,
        "rights": _structs(RIGHTS, rows, {"basis": pa.repeat("unknown", rows)}),
        "metadata": metadata,
        "spans": pa.ListArray.from_arrays(
            pa.array(np.zeros(rows + 1, np.int32)), pa.array([], SPAN)
        ),
        "drop_reason": pa.nulls(rows, pa.string()),
    }
    return pa.table(list(columns.values()), schema=DOCUMENT)


def _structs(kind: pa.StructType, rows: int, given: dict[str, pa.Array | None]) -> pa.StructArray:
    columns = []
    for item in kind:
        values = given.get(item.name)
        columns.append(pa.nulls(rows, item.type) if values is None else values.cast(item.type))
    return pa.StructArray.from_arrays(columns, fields=list(kind))


def metadata_column(table: pa.Table, names: Sequence[str]) -> pa.Array:
    """The named columns as (key, value) pairs; a null gives no pair."""
    rows, width = table.num_rows, len(names)
    if not rows or not width:
        return pa.ListArray.from_arrays(
            pa.array(np.zeros(rows + 1, np.int32)), pa.array([], METADATA.value_type)
        )
    values = pa.concat_arrays([as_text(table[name]) for name in names])
    # Column after column becomes row after row.
    order = np.arange(rows * width).reshape(width, rows).T.reshape(-1)
    values = values.take(pa.array(order))
    keys = pa.array(list(names), pa.string()).take(pa.array(np.tile(np.arange(width), rows)))
    valid = pc.is_valid(values)
    counts = valid.to_numpy(zero_copy_only=False).reshape(rows, width).sum(axis=1)
    offsets = np.concatenate([[0], np.cumsum(counts)]).astype(np.int32)
    pairs = pa.StructArray.from_arrays(
        [keys.filter(valid), values.filter(valid)], fields=list(METADATA.value_type)
    )
    return pa.ListArray.from_arrays(pa.array(offsets), pairs)


def as_text(column: pa.ChunkedArray) -> pa.Array:
    """Any column as strings: text as it is, numbers in one spelling, the rest as JSON."""
    array = column.combine_chunks()
    if isinstance(array, pa.ChunkedArray):
        array = pa.concat_arrays(array.chunks)
    if pa.types.is_dictionary(array.type):
        array = array.dictionary_decode()
    kind = array.type
    if pa.types.is_string(kind):
        return array
    if pa.types.is_integer(kind) or pa.types.is_large_string(kind) or pa.types.is_null(kind):
        return array.cast(pa.string())
    if pa.types.is_boolean(kind):
        return pc.if_else(array, "true", "false")
    try:
        values = array.to_pylist()
    except (ArithmeticError, ValueError, LookupError):
        # What Python has no value for: a year past 9999, a time zone that nobody knows, two fields
        # of one name.
        return pa.array([_one(array.slice(i, 1)) for i in range(len(array))], pa.string())
    return pa.array([_as_json(value) for value in values], pa.string())


def _one(single: pa.Array) -> str | None:
    try:
        return _as_json(single[0].as_py())
    except (ArithmeticError, ValueError, LookupError):
        length = 1 << 30  # all of it
        shown = single.to_string(window=length, container_window=length, skip_new_lines=True)
        return str(shown).removeprefix("[").removesuffix("]")


def _inner(value: Any) -> str:
    return f"<{len(value)} bytes>" if isinstance(value, bytes) else str(value)


def _as_json(value: Any) -> str | None:
    if value is None:
        return None
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    if isinstance(value, str):
        return value
    if isinstance(value, bytes):
        return f"<{len(value)} bytes>"
    if isinstance(value, list | dict | float):
        return json.dumps(value, ensure_ascii=False, default=_inner)
    return str(value)  # dates and times as ISO 8601, decimals as they are
