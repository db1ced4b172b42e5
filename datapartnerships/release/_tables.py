"""Tables of Parquet files, some rows at a time."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import pyarrow as pa
import pyarrow.parquet as pq

from datapartnerships.writers._folder import Folder


def tables(source: Folder, name: str, columns: Sequence[str] | None = None) -> Iterator[pa.Table]:
    """The row groups of a file, never more in memory than one.

    Of `columns`, those that it has; ``segments.list.element.kind`` is one leaf of one.
    """
    with source.system.open(source.at(name), "rb") as stream, pq.ParquetFile(stream) as file:
        wanted = None
        if columns is not None:
            there = set(file.schema_arrow.names)
            wanted = [column for column in columns if column.split(".", 1)[0] in there]
        for group in range(file.num_row_groups):
            yield file.read_row_group(group, columns=wanted)
