"""Parquet files as the Hub likes them."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import pyarrow as pa
import pyarrow.parquet as pq

from datapartnerships.errors import InvalidParameter
from datapartnerships.kernels.segments import concat
from datapartnerships.writers._base import Ahead, FolderWriter
from datapartnerships.writers._folder import Folder

# Text hardly repeats: building a dictionary of it costs time and is then thrown away.
_AGAIN = {"segments.list.element.text", "messages.list.element.content"}
_PLAIN = {"text", *_AGAIN}


@dataclass(frozen=True)
class ParquetWriter(FolderWriter):
    """Zstandard, content-defined chunks, page index, row groups of bounded size.

    Content-defined chunks make the pages of two versions of a dataset begin at the same rows, so
    that a new version uploads only what changed.

    Attributes:
        row_group_bytes: Arrow bytes of a row group, about.
        compression_level: of Zstandard, 1 (fast) to 22 (small).
    """

    row_group_bytes: int = 16 << 20
    compression_level: int = 1

    version: ClassVar[int] = 1
    suffix = ".parquet"
    format = "parquet"

    def __post_init__(self) -> None:
        super().__post_init__()
        if not 1 <= self.row_group_bytes <= 100_000_000:
            # The Hub's viewer reads whole row groups and refuses larger ones.
            rule = "an int in 1 .. 100,000,000"
            raise InvalidParameter(self, "row_group_bytes", rule, self.row_group_bytes)
        if not 1 <= self.compression_level <= 22:
            rule = "an int in 1 .. 22"
            raise InvalidParameter(self, "compression_level", rule, self.compression_level)

    def chunks(self, tables: Iterator[pa.Table]) -> Iterator[pa.Table]:
        """One table for each row group."""
        waiting: list[pa.Table] = []
        size = 0
        for table in tables:
            for piece in _pieces(table, self.row_group_bytes):
                if waiting and size + piece.nbytes > self.row_group_bytes:
                    yield _joined(waiting)
                    size = 0
                waiting.append(piece)
                size += piece.nbytes
        if waiting:
            yield _joined(waiting)

    def fill(self, stream: Any, waiting: Ahead, most: float | None = None) -> int:
        rows, schema = 0, waiting.schema
        with self._file(stream, schema) as file:
            while waiting:
                rows += _write(file, waiting.take(), schema)
                if stream.tell() >= (most or self.target_bytes):
                    break
        return rows

    def merge(self, stream: Any, output: Folder, parts: Sequence[str]) -> None:
        def tables() -> Iterator[pa.Table]:
            for part in parts:
                with output.system.open(output.at(part), "rb") as source:
                    with pq.ParquetFile(source) as file:
                        for group in range(file.num_row_groups):
                            yield file.read_row_group(group)

        self.fill(stream, Ahead(self.chunks(tables())), math.inf)

    def _file(self, stream: Any, schema: pa.Schema) -> pq.ParquetWriter:
        leaves = leaves_of(schema)
        schema = pa.schema([_named(item) for item in schema], schema.metadata)
        return pq.ParquetWriter(
            stream,
            schema,
            compression="zstd",
            # The text once more, in its segments: rarely downloaded, so made quickly.
            compression_level={
                path: 1 if path in _AGAIN else self.compression_level for path in leaves
            },
            # The least and the greatest text of a page help no reader, and would stand in the
            # footer of a dataset in full.
            write_statistics=[path for path in leaves if path not in _PLAIN],
            use_dictionary=[path for path in leaves if path not in _PLAIN],
            use_content_defined_chunking=True,
            write_page_index=True,
        )


def _named(item: pa.Field) -> pa.Field:
    """With the names of Arrow for what is in a list: read back, it has those of Parquet, and the
    same table would be another file."""
    kind = item.type
    if pa.types.is_list(kind):
        kind = pa.list_(_named(kind.value_field.with_name("item")))
    elif pa.types.is_struct(kind):
        kind = pa.struct([_named(inner) for inner in kind])
    return item.with_type(kind)


def _joined(waiting: list[pa.Table]) -> pa.Table:
    """All of `waiting`, which is empty then, in one piece.

    Its pages end where their content says, and not where a batch did.
    """
    table = concat(waiting).combine_chunks()
    waiting.clear()
    return table


def _write(file: pq.ParquetWriter, table: pa.Table, schema: pa.Schema) -> int:
    """One row group; its rows."""
    if table.num_rows:  # `datasets` fails over a row group of none
        file.write_table(table.cast(schema), row_group_size=table.num_rows)
    return int(table.num_rows)


def _pieces(table: pa.Table, size: int) -> Iterator[pa.Table]:
    """Slices of about `size` bytes; a single larger row stays whole."""
    if not table.num_rows:
        return
    count = max(1, -(-table.nbytes // size))
    step = max(1, -(-table.num_rows // count))
    for start in range(0, table.num_rows, step):
        yield table.slice(start, step)


def leaves_of(schema: pa.Schema) -> list[str]:
    """Parquet's names of all columns."""

    def walk(path: str, kind: pa.DataType) -> Iterator[str]:
        if pa.types.is_struct(kind):
            for item in kind:
                yield from walk(f"{path}.{item.name}", item.type)
        elif pa.types.is_list(kind) or pa.types.is_large_list(kind):
            yield from walk(f"{path}.list.element", kind.value_type)
        else:
            yield path

    return [leaf for item in schema for leaf in walk(item.name, item.type)]
