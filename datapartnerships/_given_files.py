"""Files that a component is given besides the documents: lists, reference corpora."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Any

from datapartnerships.errors import ConfigurationError, InvalidParameter
from datapartnerships.schema import digest


def as_paths(component: Any, name: str, paths: Any) -> tuple[str, ...]:
    """Paths that a component was given, as a tuple; nothing is opened."""
    if isinstance(paths, str | os.PathLike):
        paths = (paths,)
    if not isinstance(paths, Sequence) or not paths:
        raise InvalidParameter(component, name, "one file or more (paths or fsspec URLs)", paths)
    for path in paths:
        if not isinstance(path, str | os.PathLike) or not os.fspath(path):
            raise InvalidParameter(component, name, "paths or fsspec URLs", path)
    return tuple(os.fspath(path) for path in paths)


def content_id(paths: Iterable[str]) -> str:
    """A digest of what is in the files, in their order."""
    return digest([_sha256(path, stamp(path)) for path in paths])


def stamp(path: str) -> str:
    """Changes when a file does: its size and date, or its entity tag."""
    import fsspec

    try:
        system, name = fsspec.core.url_to_fs(path)
        return str(system.ukey(name))
    except FileNotFoundError:
        raise ConfigurationError(f"There is no file {path!r}.") from None


@lru_cache(maxsize=256)
def _sha256(path: str, _: str) -> str:
    import fsspec

    found = hashlib.sha256()
    try:
        with fsspec.open(path, "rb") as raw:
            while block := raw.read(1 << 22):
                found.update(block)
    except IsADirectoryError:
        raise ConfigurationError(f"{path!r} is a folder: name the files in it.") from None
    return found.hexdigest()
