"""A folder that becomes a dataset at once: parts first, their final names last."""

from __future__ import annotations

import hashlib
import os
import shutil
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import IO, Any

from datapartnerships.schema import FileEntry

PARTS = ".work/parts"
ASIDE = ".work/aside"
MANIFEST = "manifest.json"
_AT_ONCE = 32


class Folder:
    """An output folder, here or behind an fsspec URL."""

    def __init__(self, path: str) -> None:
        path = path.removeprefix("file://")
        self.path = path.rstrip("/") or "/"
        self.local = "://" not in path and "::" not in path
        self.system: Any
        import fsspec  # half the time of importing this module

        self.system, root = fsspec.core.url_to_fs(self.path)
        self.root = root.rstrip("/")

    def at(self, name: str) -> str:
        return f"{self.root}/{name}" if name else self.root

    def exists(self, name: str) -> bool:
        self._forget()
        return bool(self.system.exists(self.at(name)))

    def sizes(self, name: str) -> dict[str, int]:
        """Bytes of every file below the folder `name`, in one listing; none if it is not there."""
        self._forget()
        try:
            found = self.system.find(self.at(name), detail=True)
        except FileNotFoundError:
            return {}
        start = len(self.root) + 1
        return {path[start:]: int(info["size"] or 0) for path, info in found.items()}

    def _forget(self) -> None:
        """What a store listed before other processes wrote to it is no answer."""
        if not self.local:
            self.system.invalidate_cache()

    def read_text(self, name: str) -> str:
        with self.system.open(self.at(name), "rb") as stream:
            return str(stream.read().decode())

    def read_all(self, names: Sequence[str]) -> Iterator[bytes]:
        """The contents of many files, in this order; a store is asked for some at a time."""
        for at in range(0, len(names), _AT_ONCE):
            paths = [self.at(name) for name in names[at : at + _AT_ONCE]]
            if self.local:
                yield from map(self.system.cat_file, paths)
            else:
                try:
                    found = self.system.cat(paths)
                except FileNotFoundError:
                    # As another thread remembers a listing from before they were made.
                    self._forget()
                    found = self.system.cat(paths)
                yield from (found[path] for path in paths)

    def write_text(self, name: str, text: str, *, private: bool = False) -> None:
        with self.replacing(name, private=private) as stream:
            stream.write(text.encode())

    @contextmanager
    def replacing(self, name: str, *, private: bool = False) -> Iterator[IO[bytes]]:
        """A stream whose bytes become the file `name` at the end, all of them or none.

        Others of this machine may read the file, unless it is `private`.
        """
        target = self.at(name)
        self.system.makedirs(os.path.dirname(target), exist_ok=True)
        if not self.local:
            # An object store shows an object only when it is complete.
            with self.system.open(target, "wb") as stream:
                yield stream
            return
        # In the work folder, which is removed at the end: a kill leaves nothing beside the data.
        work = self.at(".work")
        folder = work if os.path.isdir(work) else os.path.dirname(target)
        handle, temporary = tempfile.mkstemp(dir=folder, prefix=".tmp-")
        try:
            with os.fdopen(handle, "wb") as stream:
                yield stream
            if not private:
                os.chmod(temporary, 0o644)
            os.replace(temporary, target)
        except BaseException:
            if os.path.exists(temporary):
                os.unlink(temporary)
            raise

    def place(self, pairs: Sequence[tuple[str, str]]) -> None:
        """Give parts their final names; the parts stay, so that doing it again is harmless."""
        if not self.local:
            if pairs:  # many at a time, by the store itself
                sources, targets = zip(*pairs, strict=True)
                self.system.copy([*map(self.at, sources)], [*map(self.at, targets)])
            return
        for part, name in pairs:
            source, target = self.at(part), self.at(name)
            os.makedirs(os.path.dirname(target), exist_ok=True)
            temporary = f"{target}.tmp"
            if os.path.exists(temporary):
                os.unlink(temporary)
            try:
                os.link(source, temporary)
            except OSError:  # a file system without hard links
                shutil.copyfile(source, temporary)
            os.replace(temporary, target)

    def move(self, source: str, target: str) -> None:
        """Rename a folder of this machine; `target` is not there."""
        os.replace(self.at(source), self.at(target))

    def clear(self, name: str) -> None:
        """Remove a file or folder, if it is there."""
        if self.exists(name):
            self.system.rm(self.at(name), recursive=True)

    def entry(self, name: str, rows: int) -> FileEntry:
        """What proves the file: read back from where it lies, not from what was meant."""
        sha256, size = hashlib.sha256(), 0
        with self.system.open(self.at(name), "rb") as stream:
            while chunk := stream.read(1 << 20):
                sha256.update(chunk)
                size += len(chunk)
        return FileEntry(name, size, sha256.hexdigest(), rows)

    def intact(self, entries: Iterable[FileEntry], sizes: Mapping[str, int]) -> bool:
        """Whether the files are as they were, as far as `sizes` of this folder tells."""
        return all(sizes.get(entry.path) == entry.size for entry in entries)
