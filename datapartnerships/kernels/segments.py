"""The flat string column under the list of segments, and back.

A text transform takes `flat_text`, changes it with Arrow kernels, and gives it to `with_text`,
which rebuilds the list around it. Places (page, seconds, speaker) are never touched.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from datapartnerships.errors import PipelineError

SEPARATOR = "\n\n"

MESSAGES = pa.list_(pa.struct([("role", pa.string()), ("content", pa.string())]))


def whole(column: pa.ChunkedArray | pa.Array) -> pa.Array:
    """The column as one array; copies only what is in several chunks."""
    if isinstance(column, pa.Array):
        return column
    if not isinstance(column, pa.ChunkedArray):
        raise PipelineError(
            f"A transform takes a pyarrow.Table, and got a {type(column).__name__} for a column: "
            "ask for Arrow batches, dataset.with_format('arrow').map(transform, batched=True)."
        )
    if column.num_chunks == 1:  # combine_chunks would copy even then
        return column.chunk(0)
    return pa.concat_arrays(column.chunks) if column.num_chunks else pa.array([], column.type)


def as_list_array(column: pa.ChunkedArray | pa.Array) -> pa.ListArray:
    """One list array with offsets that start at zero and no null lists."""
    array = whole(column)
    plain = not (array.null_count or array.offset or pa.types.is_large_list(array.type))
    if plain and (not len(array) or array.offsets[0].as_py() == 0):
        return array
    lengths = pc.fill_null(pc.list_value_length(array), 0).to_numpy(zero_copy_only=False)
    offsets = np.zeros(len(lengths) + 1, np.int32)
    np.cumsum(lengths, out=offsets[1:])
    return pa.ListArray.from_arrays(pa.array(offsets), array.flatten())


def flat(table: pa.Table, column: str = "segments") -> tuple[pa.Array, pa.StructArray]:
    """Offsets (rows + 1) and the structs of all rows one after another.

    Texts are strings, also in a table of other hands where they are large ones: not every kernel
    of Arrow takes those.
    """
    try:
        array = as_list_array(table[column])
    except KeyError:
        raise PipelineError(
            f"There is no column {column!r}: a transform takes documents, as readers make them."
        ) from None
    structs = array.flatten()
    if column == "segments" and pa.types.is_large_string(structs.type.field("text").type):
        fields = [
            item.with_type(pa.string()) if item.name == "text" else item for item in structs.type
        ]
        structs = structs.cast(pa.struct(fields))
    return array.offsets, structs


def lists(offsets: pa.Array, values: pa.Array) -> pa.ListArray:
    return pa.ListArray.from_arrays(offsets, values)


def with_field(structs: pa.StructArray, name: str, values: pa.Array) -> pa.StructArray:
    """The same structs with one field replaced. Where a text is changed, `words` is null again."""
    fields = list(structs.type)
    if name == "text" and structs.type.get_field_index("words") >= 0:
        words = structs.field("words")
        if words.null_count < len(words):
            same = pc.fill_null(pc.equal(structs.field("text"), values), False)
            words = pc.if_else(same, words, pa.scalar(None, words.type))
            structs = with_field(structs, "words", words)
    children = [values if item.name == name else structs.field(i) for i, item in enumerate(fields)]
    # Cast, so that a kernel that answers large_string cannot change the schema.
    children = [
        child if child.type == item.type else child.cast(item.type)
        for child, item in zip(children, fields, strict=True)
    ]
    return pa.StructArray.from_arrays(children, fields=fields)


def flat_text(table: pa.Table) -> pa.Array:
    """The text of every segment of every row, in order."""
    return flat(table)[1].field("text")


def with_text(table: pa.Table, texts: pa.Array) -> pa.Table:
    """The table with the text of its segments replaced; `texts` as long as `flat_text`.

    Raises:
        PipelineError: a row has spans and another text now: they would point to other characters.
    """
    if "spans" in table.column_names and len(flat(table, "spans")[1]):
        _check_spans(table, texts)
    return with_segments_field(table, "text", texts)


def _check_spans(table: pa.Table, texts: pa.Array) -> None:
    offsets, structs = flat(table)
    same = pc.fill_null(pc.equal(structs.field("text"), texts), False)
    both_null = pc.and_(pc.is_null(structs.field("text")), pc.is_null(texts))
    changed = np.zeros(table.num_rows, bool)
    changed[parents(offsets)[~np.asarray(pc.or_(same, both_null))]] = True
    marked = np.diff(np.asarray(flat(table, "spans")[0])) > 0
    if (changed & marked).any():
        raise PipelineError(
            "A text was changed in which a detection found spans: they would mark other "
            "characters. Change texts before the detection, or after Redact."
        )


def with_segments_field(table: pa.Table, name: str, values: pa.Array) -> pa.Table:
    offsets, structs = flat(table)
    if len(values) != len(structs):
        raise ValueError(f"{len(values)} values for {len(structs)} segments")
    return set_lists(table, "segments", lists(offsets, with_field(structs, name, values)))


def with_flags(table: pa.Table, added: Mapping[int, Iterable[str]]) -> pa.Table:
    """The table with flags added to the segments (of all rows, in order) that have such indices.

    Raises:
        PipelineError: the segments have no `flags`.
    """
    if not added:
        return table
    if flat(table)[1].type.get_field_index("flags") < 0:
        raise PipelineError(
            "The segments have no field 'flags': the table is of an older version. Read it with "
            "ParquetReader, or give it the columns of this one first: "
            "table.set_column(table.schema.get_field_index('segments'), 'segments', "
            "table['segments'].cast(datapartnerships.schema.DOCUMENT.field('segments').type))."
        )
    old = flat(table)[1].field("flags")
    order = sorted(added)
    there = old.take(pa.array(order)).to_pylist()
    new = [list(dict.fromkeys([*(a or ()), *added[i]])) for i, a in zip(order, there, strict=True)]
    places = np.arange(len(old))
    places[order] = len(old) + np.arange(len(order))
    values = pa.concat_arrays([old, pa.array(new, old.type)]).take(pa.array(places))
    return with_segments_field(table, "flags", values)


def set_lists(table: pa.Table, name: str, values: pa.ListArray) -> pa.Table:
    """The table with one of its columns of lists replaced, in the type that it has."""
    kind = table.schema.field(name).type
    return set_column(table, name, values if values.type == kind else values.cast(kind))


def set_column(table: pa.Table, name: str, values: Any) -> pa.Table:
    """Add or replace a column, keeping its place."""
    index = table.schema.get_field_index(name)
    if index < 0:
        return table.append_column(name, values)
    return table.set_column(index, name, values)


def append_entries(table: pa.Table, name: str, rows: Any, entries: pa.Array) -> pa.Table:
    """The table with more entries in a column of lists, behind those there are; it may be new.

    Args:
        rows: the row of each of `entries`, none before the one before it.
    """
    if name in table.column_names:
        offsets, before = flat(table, name)
        if not len(rows):
            return table
        rows = np.concatenate([parents(offsets), rows])
        order = np.argsort(rows, kind="stable")
        entries = pa.concat_arrays([before, entries]).take(pa.array(order))
    counts = np.bincount(rows, minlength=table.num_rows)
    edges = np.concatenate([[0], np.cumsum(counts)]).astype(np.int32)
    return set_column(table, name, lists(pa.array(edges), entries))


def parents(offsets: pa.Array) -> np.ndarray[Any, np.dtype[np.int64]]:
    """For each value under a list, the row that holds it."""
    lengths = np.diff(np.asarray(offsets))
    return np.repeat(np.arange(len(lengths)), lengths)


def metadata_values(batch: pa.Table, key: str) -> pa.Array:
    """What the metadata says under this key, of each document; the first where there are more."""
    offsets, items = flat(batch, "metadata")
    some = np.flatnonzero(np.asarray(pc.fill_null(pc.equal(items.field("key"), key), False)))
    row, first = np.unique(parents(offsets)[some], return_index=True)
    index = np.zeros(batch.num_rows, np.int64)
    index[row] = some[first]
    missing = np.ones(batch.num_rows, bool)
    missing[row] = False
    return items.field("value").take(pa.array(index, mask=missing))


def characters(table: pa.Table) -> pa.Array:
    """Characters (code points) of all segments of each row, int64."""
    offsets, structs = flat(table)
    lengths = pc.fill_null(pc.utf8_length(structs.field("text")), 0).to_numpy()
    total = np.concatenate([[0], np.cumsum(lengths, dtype=np.int64)])
    edges = np.asarray(offsets)
    return pa.array(total[edges[1:]] - total[edges[:-1]])


def join_text(table: pa.Table) -> pa.Array:
    """What the segments of each row join to: non-empty texts with a blank line between."""
    offsets, structs = flat(table)
    texts = structs.field("text")
    if len(texts) == table.num_rows and _all_single(offsets):
        return texts.fill_null("") if texts.null_count else texts
    full = pc.fill_null(pc.greater(pc.binary_length(texts), 0), False)
    if not pc.all(full, min_count=0).as_py():
        kept = np.concatenate([[0], np.cumsum(full.to_numpy(zero_copy_only=False))])
        offsets = pa.array(kept[np.asarray(offsets)].astype(np.int32))
        texts = texts.filter(full)
    return pc.binary_join(lists(offsets, texts), SEPARATOR)


def _all_single(offsets: pa.Array) -> bool:
    return bool((np.diff(np.asarray(offsets)) == 1).all())


def join_messages(table: pa.Table) -> pa.Array:
    """Conversations as (role, content) pairs; null for every other kind of document.

    Sounds and frames are no messages: nobody says them.
    """
    offsets, structs = flat(table)
    conversation = pc.equal(whole(table["kind"]), "conversation")
    if not pc.any(conversation, min_count=0).as_py():
        return pa.nulls(table.num_rows, MESSAGES)
    roles = pc.fill_null(structs.field("speaker"), "user")
    pairs = pa.StructArray.from_arrays(
        [roles, structs.field("text")], fields=list(MESSAGES.value_type)
    )
    talks = conversation.to_numpy(zero_copy_only=False)
    edges = np.asarray(offsets)
    mute = pc.fill_null(pc.is_in(structs.field("kind"), pa.array(["sound", "frame"])), False)
    kept = np.repeat(talks, np.diff(edges)) & ~mute.to_numpy(zero_copy_only=False)
    # As in `text`: a turn of which nothing is left says nothing.
    kept &= pc.fill_null(pc.greater(pc.binary_length(structs.field("text")), 0), False).to_numpy(
        zero_copy_only=False
    )
    before = np.concatenate([[0], np.cumsum(kept)])
    # A null list must be empty underneath: Parquet writers before pyarrow 22 refuse it otherwise.
    pairs = pairs.filter(pa.array(kept))
    starts = pa.array((before[edges] - before[edges[0]]).astype(np.int32))
    return pa.ListArray.from_arrays(starts, pairs, mask=pc.invert(conversation))


def finished(table: pa.Table) -> pa.Table:
    """The batch as it is written: `text` and `messages` added, `drop_reason` and audit left out."""
    table = table.drop_columns(
        [x for x in ("drop_reason", "redactions") if x in table.column_names]
    )
    table = set_column(table, "text", join_text(table))
    return set_column(table, "messages", join_messages(table))


def reasons(table: pa.Table) -> pa.Array:
    """The column `drop_reason`; nulls where the table has none."""
    if "drop_reason" not in table.column_names:
        return pa.nulls(table.num_rows, pa.string())
    return whole(table["drop_reason"])


def reject(table: pa.Table, mask: pa.Array, reason: str | pa.Array) -> pa.Table:
    """Set `drop_reason` where `mask` is true and no reason was given before; one for each row, too.

    A table without the column, such as a dataset that was written, gets one.
    """
    old = reasons(table)
    hit = pc.and_(pc.fill_null(mask, False), pc.is_null(old))
    return set_column(table, "drop_reason", pc.if_else(hit, reason, old))


def concat(tables: Iterable[pa.Table]) -> pa.Table:
    """Tables one after another; a column that one of them lacks is null there."""
    return pa.concat_tables(list(tables), promote_options="default")


def strings(table: pa.Table) -> Iterator[tuple[str, np.ndarray[Any, np.dtype[np.int64]], pa.Array]]:
    """All strings of a table: where they are, the row of each, and they themselves."""

    def walk(name: str, values: pa.Array, rows: Any) -> Iterator[tuple[str, Any, pa.Array]]:
        kind = values.type
        if pa.types.is_dictionary(kind):
            yield from walk(name, values.dictionary_decode(), rows)
        elif kind in (pa.string(), pa.large_string(), pa.string_view()):
            yield name, rows, values.cast(pa.string())
        elif pa.types.is_struct(kind):
            for number, item in enumerate(kind):
                yield from walk(f"{name}.{item.name}", values.field(number), rows)
        elif pa.types.is_map(kind):
            pair = pa.struct([("key", kind.key_type), ("value", kind.item_type)])
            yield from walk(name, values.cast(pa.list_(pair)), rows)
        elif pa.types.is_fixed_size_list(kind):
            yield from walk(name, values.cast(pa.list_(kind.value_type)), rows)
        elif pa.types.is_list(kind) or pa.types.is_large_list(kind):
            held = as_list_array(values)
            yield from walk(name, held.flatten(), rows[parents(held.offsets)])

    for name in table.column_names:
        yield from walk(name, whole(table[name]), np.arange(table.num_rows))
