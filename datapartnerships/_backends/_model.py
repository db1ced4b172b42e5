"""Where a model lies, for those that are given by path or by name; and which model it is."""

from __future__ import annotations

import hashlib
import importlib.util
import os
from functools import lru_cache
from importlib.metadata import version

from datapartnerships.errors import MissingExtra, extra

# Before the name of a package that has the model in it.
PACKAGE = "package:"


def located(model: str) -> str:
    """`model` as it is, or its path. What is a path and no folder is not looked for on the Hub."""
    place = os.path.expanduser(model)
    if not os.path.isdir(place) and (place.startswith(("/", ".")) or place.count("/") > 1):
        raise FileNotFoundError(f"there is no folder {place}")
    return place if os.path.isdir(place) else model


def package_folder(name: str) -> str:
    """Where an installed package lies; it is not imported. Empty if there is none."""
    found = importlib.util.find_spec(name) if name.isidentifier() else None
    return next(iter(found.submodule_search_locations or ()), "") if found else ""


def folder(model: str, *, needed_by: str, install: str) -> str:
    """The folder of a model that is a path, or an installed package with or without `PACKAGE`.

    Where there is none, a `MissingExtra` that says what to do, `install` among it.
    """
    place = os.path.expanduser(model)
    if os.path.isdir(place):
        return place
    if place.startswith(("/", ".")) or os.sep in place:
        raise MissingExtra(f"{needed_by}: there is no folder {place!r}.")
    name = model.removeprefix(PACKAGE)
    if not (place := package_folder(name)):
        raise MissingExtra(
            f"{needed_by}: there is no package {name!r} and no folder of that name. {install}"
        )
    return place


def content(place: str) -> str:
    """A digest of the files below a folder, by name and content; compiled Python aside."""
    files = []
    for at, folders, names in os.walk(place):
        folders[:] = [name for name in folders if name != "__pycache__"]
        for name in names:
            path = os.path.join(at, name)
            state = os.stat(path)
            files.append((os.path.relpath(path, place), state.st_size, state.st_mtime_ns))
    return _content(place, tuple(sorted(files)))


@lru_cache(maxsize=64)
def _content(place: str, files: tuple[tuple[str, int, int], ...]) -> str:
    whole = hashlib.sha256()
    for name, size, _ in files:
        whole.update(f"{name}\0{size}\0".encode())
        with open(os.path.join(place, name), "rb") as stream:
            whole.update(hashlib.file_digest(stream, "sha256").digest())
    return whole.hexdigest()


def engine(name: str, *, extra_name: str, needed_by: str) -> str:
    """An engine and its version, by its metadata: it is not imported."""
    with extra(extra_name, needed_by=needed_by):
        return f"{name} {version(name)}"


@lru_cache(maxsize=8)
def snapshot(model: str, *, needed_by: str) -> str:
    """The folder of a model that is a path, or, fetched if need be, a name on the Hub."""
    place = os.path.expanduser(model)
    if os.path.isdir(place):
        return place
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import HfHubHTTPError, HFValidationError, LocalEntryNotFoundError

    try:
        return str(snapshot_download(model))
    except (HfHubHTTPError, HFValidationError, LocalEntryNotFoundError, OSError) as error:
        raise MissingExtra(
            f"{needed_by}: the model {model!r} is no folder here, and it is neither in the cache "
            "of huggingface_hub nor could it be fetched from the Hub. Fetch it where there is a "
            f"network (hf download {model}), and give its folder. ({type(error).__name__})"
        ) from error
