"""Sketches of documents that are released already, in a file named by what is in it."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable, Iterator
from typing import Protocol

import fsspec
import pyarrow as pa

from datapartnerships.errors import ConfigurationError, InvalidParameter

# What sketches have to share to be compared.
_SETTINGS = ("threshold", "shingle", "version")


class _Sketches(Protocol):
    def sketch(self, batches: Iterable[pa.Table]) -> pa.Table: ...


def write_index(fit: _Sketches, batches: Iterable[pa.Table], folder: str) -> str:
    """Sketch `batches` into a file of `folder`, one batch after another; its path."""
    folder = os.fspath(folder)
    system, root = fsspec.core.url_to_fs(folder)
    system.makedirs(root, exist_ok=True)
    temporary = f"{root.rstrip('/')}/.tmp-index"
    empty = fit.sketch([])
    schema = empty.schema.with_metadata(_settings(fit))
    with system.open(temporary, "wb") as raw, pa.ipc.new_stream(raw, schema) as writer:
        for batch in batches:
            if not isinstance(batch, pa.Table):
                rule = 'tables, as dataset.with_format("arrow").iter(batch_size=1000) gives them'
                raise InvalidParameter(fit, "batches", rule, type(batch).__name__)
            writer.write_table(fit.sketch([batch]).replace_schema_metadata(schema.metadata))
    name = f"duplicates-{_digest(system, temporary)}.arrow"
    system.mv(temporary, f"{root.rstrip('/')}/{name}")
    return f"{folder.rstrip('/')}/{name}"


def check_index(path: str, fit: _Sketches) -> str:
    """Its name, which is a digest of what is in it, once it is there and has the settings of `fit`.

    Nothing but the head of the file is read, so that a run can ask before it begins.
    """
    system, file = fsspec.core.url_to_fs(path)
    try:
        with system.open(file, "rb") as raw, pa.ipc.open_stream(raw) as reader:
            held = reader.schema.metadata or {}
    except (FileNotFoundError, IsADirectoryError):
        raise ConfigurationError(
            f"There is no index {path!r}: give the path that Deduplicate.index gave back."
        ) from None
    except pa.ArrowInvalid:
        raise ConfigurationError(f"{path} is not what Deduplicate.index wrote.") from None
    wanted = _settings(fit)
    if held != wanted:
        raise ConfigurationError(
            f"{path} was written with {_told(held)}, and this Deduplicate has {_told(wanted)}. "
            "Write the index anew."
        )
    return str(file).rsplit("/", 1)[-1]


def read_index(path: str, fit: _Sketches) -> Iterator[pa.Table]:
    """The batches of an index, once its name and its settings are found to be right."""
    name = check_index(path, fit)
    system, file = fsspec.core.url_to_fs(path)
    if _digest(system, file) not in name:
        raise ConfigurationError(
            f"{path} is not what Deduplicate.index wrote: its name is no digest of its content."
        )
    with system.open(file, "rb") as raw, pa.ipc.open_stream(raw) as reader:
        for batch in reader:
            yield pa.Table.from_batches([batch]).replace_schema_metadata(None)


def _settings(fit: _Sketches) -> dict[bytes, bytes]:
    return {name.encode(): str(getattr(fit, name)).encode() for name in _SETTINGS}


def _told(settings: dict[bytes, bytes]) -> str:
    found = [f"{name} {settings.get(name.encode(), b'unknown').decode()}" for name in _SETTINGS]
    return ", ".join(found)


def _digest(system: fsspec.AbstractFileSystem, path: str) -> str:
    digest = hashlib.sha256()
    with system.open(path, "rb") as raw:
        while block := raw.read(1 << 20):
            digest.update(block)
    return digest.hexdigest()[:32]
