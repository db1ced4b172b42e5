"""Spans that a step adds to those of a batch."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from datapartnerships.kernels.segments import flat, lists, parents, set_column
from datapartnerships.schema import SPAN, SPANS

ORDER = ("row", "field", "segment", "start", "end", "label")


class Strings(NamedTuple):
    """One kind of string of all documents: the strings, the row of each, and its place there."""

    field: str
    texts: pa.Array
    rows: npt.NDArray[np.int64]
    places: npt.NDArray[np.int64]


def strings(batch: pa.Table) -> Iterator[Strings]:
    """The text, speaker and reference of every segment, and the values of the metadata."""
    for name, column in (*((n, "segments") for n in ("text", "speaker", "ref")), ("metadata",) * 2):
        offsets, structs = flat(batch, column)
        texts = structs.field("value" if name == "metadata" else name)
        if texts.null_count < len(texts):
            rows = parents(offsets)
            yield Strings(name, texts, rows, np.arange(len(texts)) - np.asarray(offsets)[rows])


def placed(some: Strings, index: npt.NDArray[np.int64], spans: pa.Table) -> pa.Table:
    """Spans in the strings of these indices, with their place in the document and its row."""
    return pa.table(
        {
            "field": pa.repeat(some.field, len(index)),
            "segment": pa.array(some.places[index].astype(np.int32)),
            **{name: spans[name] for name in SPANS.names if name != "text"},
            "row": pa.array(some.rows[index]),
        }
    )


def spans_with_rows(batch: pa.Table) -> pa.Table:
    """All spans of a batch, one after another, with the row of each."""
    offsets, structs = flat(batch, "spans")
    rows = pa.array(parents(offsets))
    if not len(structs):
        return pa.table({**{f.name: pa.array([], f.type) for f in SPAN}, "row": rows})
    return pa.Table.from_struct_array(structs).append_column("row", rows)


def with_spans(batch: pa.Table, tables: Iterable[pa.Table]) -> pa.Table:
    """The batch with these spans (columns of `SPAN` and ``row``), in order, and no others."""
    every = pa.concat_tables(tables)
    order = pc.sort_indices(every, [(name, "ascending") for name in ORDER])
    every = every.take(order).combine_chunks()
    counts = np.bincount(every["row"].to_numpy(), minlength=batch.num_rows)
    edges = np.concatenate([[0], np.cumsum(counts)]).astype(np.int32)
    columns = [every[item.name].combine_chunks() for item in SPAN]
    structs = pa.StructArray.from_arrays(columns, fields=list(SPAN))
    return set_column(batch, "spans", lists(pa.array(edges), structs))
