"""Tables in an Arrow file, until they are asked for again."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager, ExitStack
from typing import IO, Any

import pyarrow as pa

from datapartnerships.kernels.segments import flat, parents


class Spool:
    """Tables in an Arrow file, which is opened for the first of them."""

    def __init__(
        self,
        opened: Callable[[], AbstractContextManager[IO[bytes]]],
        compression: str | None = "lz4",
    ) -> None:
        self._opened = opened
        self._options = pa.ipc.IpcWriteOptions(compression=compression)
        self._stack = ExitStack()
        self._stream: IO[bytes] | None = None
        self._writer: Any = None
        self._schema: pa.Schema | None = None

    def add(self, table: pa.Table) -> None:
        if self._writer is None:
            self._stream = self._stack.enter_context(self._opened())
            self._schema = table.schema
            self._writer = pa.ipc.new_file(self._stream, table.schema, options=self._options)
        self._writer.write_table(table.cast(self._schema).combine_chunks())

    def passing(self, tables: Iterable[pa.Table]) -> Iterator[pa.Table]:
        """Keep what passes by."""
        for table in tables:
            self.add(table)
            yield table
            del table

    def read_back(self) -> Iterator[pa.Table]:
        """What was added, batch by batch, from a file that can be read as well; at the end."""
        if self._stream is not None:
            self._close()
            self._stream.seek(0)
            yield from batches(self._stream)

    def __enter__(self) -> Spool:
        return self

    def __exit__(self, *error: Any) -> None:
        if error[0] is None:
            self._close()
        self._stack.__exit__(*error)

    def _close(self) -> None:
        if self._writer is not None:
            self._writer.close()
            self._writer = None


def batches(source: Any) -> Iterator[pa.Table]:
    file = pa.ipc.open_file(source)
    yield file.schema.empty_table()
    for i in range(file.num_record_batches):
        yield pa.Table.from_batches([file.get_batch(i)])


def parted(batches: Iterable[pa.Table], beside: Mapping[str, Spool]) -> Iterator[pa.Table]:
    """Batches without the columns of lists that have files of their own, one row an entry."""
    for batch in batches:
        for column, spool in beside.items():
            if column not in batch.column_names:
                continue
            offsets, entries = flat(batch, column)
            batch = batch.drop_columns([column])
            if len(entries):
                ids = batch["id"].combine_chunks().take(pa.array(parents(offsets)))
                spool.add(pa.Table.from_struct_array(entries).add_column(0, "id", ids))
        yield batch
