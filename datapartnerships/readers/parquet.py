"""Parquet: one document a row, a row group at a time."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, ClassVar

import pyarrow as pa
import pyarrow.parquet as pq

from datapartnerships.errors import DocumentError
from datapartnerships.kernels.segments import set_column, whole
from datapartnerships.readers._base import FileReader, unused
from datapartnerships.readers._columns import as_text, document_columns, metadata_column
from datapartnerships.readers._source import Source
from datapartnerships.schema import DOCUMENT, METADATA, documents_to_table

BATCH_ROWS = 10_000
# Of one batch, about: rows may be books.
BATCH_BYTES = 64 << 20
_SAMPLE_ROWS = 64


@dataclass(frozen=True, kw_only=True)
class ParquetReader(FileReader):
    """One document a row: its text; every other column becomes metadata.

    A file that this library wrote comes back as its documents; columns that transforms had added
    become metadata. A large file is cut at its row groups: a
    byte range reads those that begin in it. The place of a row is ``#`` and its number in the
    file, from 0.

    Attributes:
        text: column with the text.
    """

    text: str = "text"

    keeps = "a document for each row; all other columns as metadata"
    version: ClassVar[int] = 1
    media_types = frozenset({"application/vnd.apache.parquet"})
    suffixes = (".parquet",)
    splittable = True

    def tables(self, source: Source) -> Iterator[pa.Table | Source]:
        try:
            yield from self._row_groups(source)
        except (pa.ArrowException, OSError) as error:
            if isinstance(error, OSError) and error.errno:
                raise  # the disk, not the file
            raise DocumentError(
                "damaged Parquet file", " ".join(str(error).split())[:300]
            ) from None

    def _row_groups(self, source: Source) -> Iterator[pa.Table]:
        with source.open() as stream, pq.ParquetFile(stream, memory_map=False) as file:
            ours = _is_ours(file.schema_arrow)
            if not ours and self.text not in file.schema_arrow.names:
                names = ", ".join(file.schema_arrow.names[:8])
                raise DocumentError(f"no column {self.text!r}", f"columns: {names}")
            first = 0
            for group in range(file.metadata.num_row_groups):
                about = file.metadata.row_group(group)
                if _begins_in(about, source):
                    at = first
                    for batch in file.iter_batches(_rows_of(file, group), row_groups=[group]):
                        table = pa.Table.from_batches([batch])
                        yield as_documents(self, source, table, at, self.text, ours)
                        at += table.num_rows
                first += about.num_rows


def _rows_of(file: pq.ParquetFile, group: int) -> int:
    """How many rows make a batch."""
    about = file.metadata.row_group(group)
    rows, size = int(about.num_rows), int(about.total_byte_size)
    if size < BATCH_BYTES and rows > _SAMPLE_ROWS:
        # What the file says of its size has each value once that a dictionary holds.
        some = next(file.iter_batches(_SAMPLE_ROWS, row_groups=[group]))
        size = max(size, some.nbytes * rows // some.num_rows)
    return min(BATCH_ROWS, max(1, BATCH_BYTES * rows // max(1, size)))


def as_documents(
    reader: object, source: Source, table: pa.Table, first: int, text: str, ours: bool
) -> pa.Table:
    """Rows of any table as documents; `first` is the number of the first row."""
    if ours:
        return _restored(table)
    table.validate(full=True)
    table = _named_apart(table)
    kind = table.schema.field(text).type
    kind = kind.value_type if pa.types.is_dictionary(kind) else kind
    if kind in (pa.binary(), pa.large_binary(), pa.binary_view()):
        # What other systems write for text; a value that is no UTF-8 is an error of the file.
        texts = whole(table[text]).cast(pa.string())
    elif kind in (pa.string(), pa.large_string(), pa.string_view(), pa.null()):
        texts = as_text(table[text])
    else:
        raise DocumentError(f"column {text!r} is no text", f"it is {kind}")
    others = [name for name in table.column_names if name != text]
    records = range(first, first + table.num_rows)
    made = document_columns(
        reader,
        source,
        texts.fill_null(""),
        records=list(records),
        metadata=metadata_column(table, others),
    )
    if not texts.null_count:
        return made
    missing = [i for i, value in enumerate(texts) if not value.is_valid]
    error = f"{type(reader).__name__}: no text in this row"
    lost = [
        source.document(reader, kind="text", record=records[i], drop_reason=error) for i in missing
    ]
    keep = pa.array([value.is_valid for value in texts])
    return pa.concat_tables([made.filter(keep), documents_to_table(lost)])


def _named_apart(table: pa.Table) -> pa.Table:
    """The table with no two columns of one name: ``a``, ``a (2)``."""
    if len(set(table.column_names)) == table.num_columns:
        return table
    used: dict[str, int] = {}
    return table.rename_columns([unused(name, used) for name in table.column_names])


def _is_ours(schema: pa.Schema) -> bool:
    return {"id", "source", "kind", "segments", "provenance"} <= set(schema.names)


def _restored(table: pa.Table) -> pa.Table:
    """Rows that this library wrote, as documents; columns that transforms added go to metadata."""
    table = table.drop_columns([n for n in ("text", "messages") if n in table.column_names])
    added = [name for name in table.column_names if name not in DOCUMENT.names]
    columns = [
        table[item.name].cast(item.type)
        if item.name in table.column_names
        else pa.nulls(table.num_rows, item.type)
        for item in DOCUMENT
    ]
    # Spans fit the text they were found in, and nobody knows what happened to it since.
    index = DOCUMENT.get_field_index("spans")
    columns[index] = pa.array([[]] * table.num_rows, DOCUMENT.field("spans").type)
    out = pa.table(columns, schema=DOCUMENT)
    if not added:
        return out
    more = metadata_column(table, added).to_pylist()
    old = out["metadata"].to_pylist()
    both = [[*(a or []), *b] for a, b in zip(old, more, strict=True)]
    return set_column(out, "metadata", pa.array(both, METADATA))


def _begins_in(group: Any, source: Source) -> bool:
    column = group.column(0)
    start = column.dictionary_page_offset or column.data_page_offset
    return bool(source.start <= start and (source.stop is None or start < source.stop))
