"""Sketches of documents that are released already, in a file named by what is in it."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from typing import Protocol

import fsspec
import pyarrow as pa

from datapartnerships.errors import ConfigurationError

_SHINGLE = b"shingle"


class _Sketches(Protocol):
    @property
    def shingle(self) -> int: ...
    def sketch(self, batches: Iterable[pa.Table]) -> pa.Table: ...


def write_index(fit: _Sketches, batches: Iterable[pa.Table], folder: str) -> str:
    """Sketch `batches` into a file of `folder`, one batch after another; its path."""
    system, root = fsspec.core.url_to_fs(folder)
    system.makedirs(root, exist_ok=True)
    temporary = f"{root.rstrip('/')}/.tmp-index"
    empty = fit.sketch([])
    schema = empty.schema.with_metadata({_SHINGLE: str(fit.shingle).encode()})
    with system.open(temporary, "wb") as raw, pa.ipc.new_stream(raw, schema) as writer:
        for batch in batches:
            writer.write_table(fit.sketch([batch]).replace_schema_metadata(schema.metadata))
    name = f"duplicates-{_digest(system, temporary)}.arrow"
    system.mv(temporary, f"{root.rstrip('/')}/{name}")
    return f"{folder.rstrip('/')}/{name}"


def read_index(path: str, schema: pa.Schema, shingle: int) -> Iterator[pa.Table]:
    """The batches of an index, once its name and its settings are found to be right."""
    system, file = fsspec.core.url_to_fs(path)
    if _digest(system, file) not in file.rsplit("/", 1)[-1]:
        raise ConfigurationError(
            f"{path} is not what Deduplicate.index wrote: its name is no digest of its content."
        )
    with system.open(file, "rb") as raw, pa.ipc.open_stream(raw) as reader:
        held = (reader.schema.metadata or {}).get(_SHINGLE)
        if not reader.schema.equals(schema) or held != str(shingle).encode():
            raise ConfigurationError(
                f"{path} was written with another threshold or shingle than this Deduplicate has."
            )
        for batch in reader:
            yield pa.Table.from_batches([batch]).replace_schema_metadata(None)


def _digest(system: fsspec.AbstractFileSystem, path: str) -> str:
    digest = hashlib.sha256()
    with system.open(path, "rb") as raw:
        while block := raw.read(1 << 20):
            digest.update(block)
    return digest.hexdigest()[:32]
