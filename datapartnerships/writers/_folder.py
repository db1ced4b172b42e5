"""A folder that becomes a dataset at once: parts first, their final names last."""

from __future__ import annotations

import hashlib
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO, Any

from datapartnerships.schema import FileEntry

PARTS = ".work/parts"
ASIDE = ".work/aside"
MANIFEST = "manifest.json"


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
        return bool(self.system.exists(self.at(name)))

    def size(self, name: str) -> int | None:
        """Bytes, or None where there is no such file."""
        try:
            return int(self.system.size(self.at(name)))
        except FileNotFoundError:
            return None

    def read_text(self, name: str) -> str:
        with self.system.open(self.at(name), "rb") as stream:
            return str(stream.read().decode())

    def write_text(self, name: str, text: str) -> None:
        with self.replacing(name) as stream:
            stream.write(text.encode())

    @contextmanager
    def replacing(self, name: str) -> Iterator[IO[bytes]]:
        """A stream whose bytes become the file `name` at the end, all of them or none."""
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
            os.chmod(temporary, 0o644)
            os.replace(temporary, target)
        except BaseException:
            if os.path.exists(temporary):
                os.unlink(temporary)
            raise

    def place(self, part: str, name: str) -> None:
        """Give a part its final name; the part stays, so that doing it again is harmless."""
        source, target = self.at(part), self.at(name)
        self.system.makedirs(os.path.dirname(target), exist_ok=True)
        if not self.local:
            self.system.copy(source, target)
            return
        temporary = f"{target}.tmp"
        if os.path.exists(temporary):
            os.unlink(temporary)
        try:
            os.link(source, temporary)
        except OSError:  # a file system without hard links
            shutil.copyfile(source, temporary)
        os.replace(temporary, target)

    def move(self, source: str, target: str) -> None:
        """Rename a folder; `target` is not there."""
        if self.local:
            os.replace(self.at(source), self.at(target))
        else:
            self.system.mv(self.at(source), self.at(target), recursive=True)

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

    def intact(self, entry: FileEntry) -> bool:
        return self.size(entry.path) == entry.size
