"""An existing Hugging Face dataset, from the Hub or saved on disk."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

import pyarrow as pa

from datapartnerships.config import location
from datapartnerships.errors import ConfigurationError, UnknownName
from datapartnerships.readers._source import Source
from datapartnerships.readers.parquet import as_documents
from datapartnerships.schema import FileSpan, Shard

BATCH_ROWS = 1000


@dataclass(frozen=True)
class HuggingFaceReader:
    """The rows of a split of a Hugging Face dataset.

    A folder made by ``Dataset.save_to_disk`` is read without the network; any other name is
    loaded with ``datasets.load_dataset``, which may download it: naming it is asking for it.

    Attributes:
        path: folder on disk, or name on the Hub.
        split: which split.
        subset: which subset, where the dataset has several.
        revision: commit, tag or branch on the Hub.
        text: column with the text.
        source: name of the deposit; `path` when left empty.
        shard_rows: rows of one shard.
    """

    path: str = location("")
    split: str = "train"
    subset: str | None = None
    revision: str | None = None
    text: str = "text"
    source: str = ""
    shard_rows: int = 50_000

    keeps = "a document for each row; all other columns as metadata"
    version: ClassVar[int] = 1

    def shards(self) -> Sequence[Shard]:
        dataset = self._dataset()
        rows = len(dataset)
        place = f"{self.subset}/{self.split}" if self.subset else self.split
        # Tells two datasets of one size apart, and two states of one.
        mark = str(getattr(dataset, "_fingerprint", "") or self.revision or "")
        edges = [*range(0, rows, self.shard_rows), rows]
        return [
            Shard(i, (FileSpan(place, rows, start, stop, mark),))
            for i, (start, stop) in enumerate(itertools.pairwise(edges))
        ]

    def read(self, shard: Shard) -> Iterator[pa.Table]:
        dataset = self._dataset().with_format("arrow")
        columns = dataset.column_names
        ours = {"id", "source", "kind", "segments", "provenance"} <= set(columns)
        if not ours and self.text not in columns:
            raise UnknownName("column", self.text, columns, where=f"the dataset {self.path!r}")
        title = self.source or self.path.rstrip("/").rsplit("/", 1)[-1]
        for span in shard.files:
            stop = span.size if span.stop is None else span.stop
            for at in range(span.start, stop, BATCH_ROWS):
                table = dataset[at : min(at + BATCH_ROWS, stop)]
                source = Source(title, span.path, _no_bytes)
                yield as_documents(self, source, table.combine_chunks(), at, self.text, ours)

    def _dataset(self) -> Any:
        import datasets

        if not self.path:
            raise ConfigurationError("HuggingFaceReader was given no path to read.")
        if not Path(self.path).is_dir():
            return datasets.load_dataset(
                self.path, self.subset, split=self.split, revision=self.revision
            )
        try:
            found = datasets.load_from_disk(self.path)
        except Exception as error:  # whatever its many readers raise over damaged files
            raise ConfigurationError(
                f"{self.path!r} holds no readable dataset ({type(error).__name__}: {error}). "
                "Expected a folder made by Dataset.save_to_disk."
            ) from error
        if isinstance(found, datasets.DatasetDict):
            if self.split not in found:
                raise UnknownName("split", self.split, found, where=f"the dataset {self.path!r}")
            return found[self.split]
        return found


def _no_bytes() -> Any:
    raise RuntimeError("a row of a dataset has no bytes of its own")
