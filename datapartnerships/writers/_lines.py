"""What writers for training tools share: lines with little but text, and a sidecar of rights."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, ClassVar

import pyarrow as pa

from datapartnerships.errors import ConfigurationError, InvalidParameter
from datapartnerships.kernels.segments import finished
from datapartnerships.schema import DOCUMENT, FileEntry, Manifest, Receipt, Shard
from datapartnerships.writers.jsonl import JsonlWriter
from datapartnerships.writers.parquet import ParquetWriter

# What a document says is in the lines; whose it is and where it comes from in the sidecar.
_SAID = ("text", "messages", "segments")


@dataclass(frozen=True)
class SidecarWriter(ParquetWriter):
    """Ids, rights and all that is known of the rows of other files, without their text."""

    folder = "rights"

    def columns(self) -> pa.Schema:
        return slim(finished(DOCUMENT.empty_table())).schema


@dataclass(frozen=True)
class LinesWriter(JsonlWriter):
    """Base of writers of JSON Lines for training tools.

    Beside ``data/`` lies ``rights/``, Parquet: for each line, in the same order, its `id` and all
    that is known of the document but its text: rights, provenance, source. So the lines can be
    as bare as tools want them, and it is still known whose each is; the gates of a release read
    both.

    Attributes:
        compression: ``gzip`` or None.
        otherwise: of a document that makes no line: ``leave out``, counted by reason in
            `Manifest.counts`, or ``error``.
    """

    compression: str | None = None
    otherwise: str = "leave out"

    version: ClassVar[int] = 1
    reads: ClassVar[tuple[str, ...]] = ()

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.otherwise not in ("leave out", "error"):
            raise InvalidParameter(self, "otherwise", "'leave out' or 'error'", self.otherwise)

    # What a writer defines, with `reads`, the columns that it looks at.

    def line(self, row: dict[str, Any]) -> dict[str, Any]:
        """The line of a finished document, with its `id`; raises `Unfit` where there is none."""
        raise NotImplementedError

    def kind(self) -> pa.Schema:
        """The fields of a line."""
        raise NotImplementedError

    # The writer.

    def write(self, shard: Shard, batches: Iterable[pa.Table]) -> Receipt:
        counts: Counter[str] = Counter()
        # Without text, so that those of a shard fit into memory.
        known: list[pa.Table] = []
        files = self.write_splits(shard.key, self._lines(batches, counts, known))
        beside = self._sidecar().write_splits(shard.key, known)
        counts["rows"] = sum(entry.rows for entry in files)
        return Receipt(
            shard.key,
            files=files,
            sidecar_files=beside,
            documents_in=counts["documents"],
            documents_out=counts["documents"],
            counts=dict(sorted(counts.items())),
        )

    def manifest(self, receipts: Sequence[Receipt]) -> Manifest:
        beside = [entry for receipt in receipts for entry in receipt.sidecar_files]
        placed: tuple[FileEntry, ...] = self._sidecar().place(beside)
        return replace(super().manifest(receipts), sidecar_files=placed)

    def columns(self) -> pa.Schema:
        return self.kind()

    def chunks(self, tables: Iterator[pa.Table]) -> Iterator[pa.Table]:
        """The split is in the name of the file."""
        names = self.kind().names
        return super().chunks(table.select(names) for table in tables)

    def _sidecar(self) -> SidecarWriter:
        return SidecarWriter(self.path, split=self.split)

    def _lines(
        self, batches: Iterable[pa.Table], counts: Counter[str], known: list[pa.Table]
    ) -> Iterator[pa.Table]:
        for batch in batches:
            table = finished(batch)
            counts["documents"] += table.num_rows
            lines, kept = [], []
            for number, row in enumerate(table.select([*self.reads]).to_pylist()):
                try:
                    lines.append(self.line(row))
                    kept.append(number)
                except Unfit as error:
                    if self.otherwise == "error":
                        raise ConfigurationError(
                            f"{type(self).__name__}: {row['id']}: {error}. Take such documents out "
                            "before, or leave them out: otherwise='leave out'."
                        ) from None
                    counts[f"left out: {error}"] += 1
            table = table.take(pa.array(kept, pa.int64()))
            known.append(slim(table))
            made = pa.Table.from_pylist(lines, self.kind())
            if "split" in table.column_names:
                made = made.append_column("split", table["split"])
            yield made


class Unfit(Exception):
    """A document of which no line can be made; the message is the reason, without any text."""


def slim(table: pa.Table) -> pa.Table:
    """Without what the document says, and without files."""
    held = [item.name for item in table.schema if _bytes(item.type)]
    return table.drop_columns([x for x in (*_SAID, *held) if x in table.column_names])


def _bytes(kind: pa.DataType) -> bool:
    return bool(pa.types.is_struct(kind) and kind.get_field_index("bytes") >= 0)
