"""What lies beside a dataset: rejected rows, what was redacted, and what steps changed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.parquet as pq

from datapartnerships.apply import conformed
from datapartnerships.schema import FileEntry
from datapartnerships.writers.parquet import ParquetWriter


@dataclass(frozen=True)
class RejectedWriter(ParquetWriter):
    """Rejected rows, beside the dataset."""

    # Less than for a dataset: hardly anybody reads them, and to merge is to compress them anew.
    merge_below_bytes: int = 1_000_000
    # Nor by its row groups, which wait in memory: short documents are many rows, and dear to write.
    row_group_bytes: int = 8 << 20
    split: str = "rejected"
    folder = "rejected"

    def place(self, parts: Sequence[FileEntry]) -> tuple[FileEntry, ...]:
        """One schema for all: a column that a later pass made is null in the rows before."""
        output = self.output()
        schemas: dict[int, pa.Schema] = {}  # all parts of a pass have the same
        for part in parts:
            if (index := _pass_of(part)) not in schemas:
                with output.system.open(output.at(part.path), "rb") as stream:
                    schemas[index] = pq.read_schema(stream)
        fields = {item.name: item for index in sorted(schemas) for item in schemas[index]}
        whole = pa.schema(fields.values())
        wide = {index for index, schema in schemas.items() if schema.equals(whole)}
        return self.place_as(
            [
                (self.split, part if _pass_of(part) in wide else self._widened(part, whole))
                for part in parts
            ]
        )

    def _widened(self, part: FileEntry, schema: pa.Schema) -> FileEntry:
        output, name = self.output(), f"{part.path.removesuffix(self.suffix)}-wide{self.suffix}"
        with output.system.open(output.at(part.path), "rb") as source, output.replacing(name) as to:
            with pq.ParquetFile(source) as file, self._file(to, schema) as wide:
                for group in range(file.num_row_groups):
                    table = conformed(file.read_row_group(group), schema)
                    wide.write_table(table, row_group_size=table.num_rows)
        return output.entry(name, part.rows)


def _pass_of(part: FileEntry) -> int:
    return int(part.path.rpartition("/")[2].split("-")[1])


@dataclass(frozen=True)
class AuditWriter(ParquetWriter):
    """What was redacted, beside the dataset: one row a span, no text."""

    split: str = "audit"
    folder = "audit"

    def place(self, parts: Sequence[FileEntry]) -> tuple[FileEntry, ...]:
        """Without a row there is no file: nobody takes rejected rows for an audit."""
        return self.place_as([(self.split, part) for part in parts if part.rows])


@dataclass(frozen=True)
class ChangesWriter(AuditWriter):
    """What steps changed, beside the dataset: one row a change, with the text."""

    split: str = "changes"
    folder = "changes"
