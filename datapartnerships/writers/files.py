"""Documents with the files they were read from, scrubbed."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import pyarrow as pa
import pyarrow.parquet as pq

from datapartnerships._deposit import Deposit
from datapartnerships.config import location
from datapartnerships.errors import (
    ConfigurationError,
    DocumentError,
    InvalidParameter,
    PipelineError,
)
from datapartnerships.kernels.segments import finished, set_column
from datapartnerships.schema import DOCUMENT_KINDS, MEDIA, Receipt, Shard
from datapartnerships.writers.parquet import ParquetWriter, leaves_of

FILE = pa.struct([("bytes", pa.binary()), ("path", pa.string())])
_BYTES = "file.bytes"


@dataclass(frozen=True)
class FileWriter(ParquetWriter):
    """One row a document, and in the column `file` the file it was read from, scrubbed.

    The file is opened once more in the deposit. What hides in it is taken out (see
    `ScrubContainers`); pixels, samples and visible text stay. `media` says the name, digest and
    type of what was written. `datasets` makes pictures or sound of the column:
    ``dataset.cast_column("file", datasets.Image())``.

    `file` is null where the file must not leave: it cannot be scrubbed, is not what was read, or
    its text was redacted (it has spans, or `Redact` took out `provenance.sha256`): the file still
    says what the text no longer does. `Receipt.counts` and `Manifest.counts` have the files and
    those left out, by reason. To reject such documents, put `ScrubContainers` before.

    Attributes:
        deposit: the folder that the deposit lies in, or an fsspec URL of it.
        kinds: documents of these kinds have a file that travels.
        nothing_redacted: the partner says that nothing was ever redacted in these documents: a
            digest that is not there means nothing then.
    """

    deposit: str = location("")
    kinds: tuple[str, ...] = ("audio", "document", "image", "video")
    nothing_redacted: bool = False

    version: ClassVar[int] = 1

    def __post_init__(self) -> None:
        super().__post_init__()
        given: Any = self.kinds
        if isinstance(given, str) or not set(given) <= set(DOCUMENT_KINDS):
            rule = f"a list of kinds: {', '.join(DOCUMENT_KINDS)}"
            raise InvalidParameter(self, "kinds", rule, given)
        object.__setattr__(self, "kinds", tuple(given))

    def write(self, shard: Shard, batches: Iterable[pa.Table]) -> Receipt:
        counts: Counter[str] = Counter()
        files = self.write_splits(shard.key, self._tables(batches, counts))
        rows = sum(entry.rows for entry in files)
        return Receipt(
            shard.key,
            files=files,
            documents_in=rows,
            documents_out=rows,
            counts=dict(sorted(counts.items())),
        )

    def _tables(self, batches: Iterable[pa.Table], counts: Counter[str]) -> Iterator[pa.Table]:
        for batch in batches:
            if "file" in batch.column_names:
                raise PipelineError("FileWriter adds the column 'file', which is there already.")
            if batch.num_rows and not self.deposit:
                raise ConfigurationError(
                    "FileWriter needs the files again: FileWriter(deposit=...) is the folder of "
                    "the deposit, the same as the path of the reader."
                )
            batch = finished(batch)
            # A row at a time: files are large.
            for number in range(batch.num_rows):
                yield self._with_file(batch.slice(number, 1), counts)

    def _with_file(self, one: pa.Table, counts: Counter[str]) -> pa.Table:
        row = one.select(["id", "kind", "media", "provenance", "spans"]).to_pylist()[0]
        file, media = None, None
        if row["kind"] in self.kinds:
            try:
                file, media = self._scrubbed(row)
                counts["files"] += 1
            except DocumentError as error:
                counts[f"left out: {error.reason}"] += 1
        one = set_column(one, "media", pa.array([media], MEDIA))
        return set_column(one, "file", pa.array([file], FILE))

    def _scrubbed(self, row: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
        from datapartnerships.containers import SUFFIXES, scrub_apart

        hidden = row["spans"] or row["provenance"]["sha256"] is None
        if hidden and not self.nothing_redacted:
            raise DocumentError("its text was redacted")
        with Deposit(self.deposit).place(row["provenance"]) as place:
            done = scrub_apart(place)
        digest = hashlib.sha256(done.data).hexdigest()
        said = row["media"] or {}
        name = f"{row['id']}{SUFFIXES[done.media_type]}"
        media = {
            "path": name,
            "sha256": digest,
            "media_type": done.media_type,
            "fingerprint": said.get("fingerprint"),
        }
        return {"bytes": done.data, "path": name}, media

    def _file(self, stream: Any, schema: pa.Schema) -> pq.ParquetWriter:
        leaves = leaves_of(schema)
        texts = ("text", "segments.list.element.text", "messages.list.element.content", _BYTES)
        shown = [leaf for leaf in leaves if leaf not in texts]
        return pq.ParquetWriter(
            stream,
            schema,
            # Most files are compressed.
            compression={leaf: "none" if leaf == _BYTES else "zstd" for leaf in leaves},
            write_statistics=shown,
            use_dictionary=shown,
            use_content_defined_chunking=True,
            write_page_index=True,
        )
