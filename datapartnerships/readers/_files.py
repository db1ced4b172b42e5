"""Finding the files of a deposit and cutting them into shards, without reading any."""

from __future__ import annotations

import itertools
import os
import posixpath
import stat
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, BinaryIO, cast

from datapartnerships.config import load_yaml
from datapartnerships.errors import ConfigurationError, DocumentError
from datapartnerships.readers._source import Source
from datapartnerships.schema import FileSpan, Shard

# Describes the deposit; it is not part of it, nor are the files that it names by these keys: a list
# of people is to find them, and not to be published.
DESCRIPTION = "deposit.yaml"
_BESIDE = ("people", "cues")
MAX_FILES_PER_SHARD = 2000


@dataclass(frozen=True, slots=True)
class Deposit:
    """A file or a folder of files, here or behind an fsspec URL.

    Attributes:
        path: local path or fsspec URL.
        name: what the column `source` says; the last part of `path` when empty.
        suffixes: only files with one of these, or None for all of them.
    """

    path: str
    name: str = ""
    suffixes: tuple[str, ...] | None = None
    storage: dict[str, Any] = field(default_factory=dict, compare=False)

    @property
    def local(self) -> bool:
        return "://" not in self.path and "::" not in self.path

    @property
    def title(self) -> str:
        root = os.path.abspath(self.path) if self.local else self.path
        return self.name or root.rstrip("/").rsplit("/", 1)[-1] or "deposit"

    def spans(self) -> Iterator[FileSpan]:
        """Every file, in an order that depends on their names alone."""
        found = self._local_spans() if self.local else self._remote_spans()
        spans = sorted(found, key=lambda span: span.path)
        beside = self._beside() if any(span.path == DESCRIPTION for span in spans) else ()
        for span in spans:
            if span.path in beside:
                continue
            if self.suffixes is None or span.path.lower().endswith(self.suffixes):
                yield span

    def _beside(self) -> frozenset[str]:
        """The description, and what it names; what is wrong with it is for `Intake` to say."""
        try:
            if self.local:
                if os.path.isfile(self.path):
                    return frozenset()
                with open(os.path.join(self.path, DESCRIPTION), "rb") as stream:
                    text = stream.read()
            else:
                system, root = self._system()
                text = system.cat_file(f"{root}/{DESCRIPTION}")
            said = load_yaml(text.decode("utf-8-sig"), DESCRIPTION)
        except (OSError, UnicodeDecodeError, ConfigurationError):
            said = None
        named = [said.get(key) for key in _BESIDE] if isinstance(said, Mapping) else []
        paths = (posixpath.normpath(name) for name in named if isinstance(name, str) and name)
        return frozenset({DESCRIPTION, *paths})

    def _local_spans(self) -> Iterator[FileSpan]:
        if not os.path.lexists(self.path):
            raise ConfigurationError(f"There is no file or folder {self.path!r} to read.")
        if os.path.isfile(self.path):
            yield _local_span(os.path.basename(self.path), self.path)
            return
        yield from self._walk(self.path, "")

    def _walk(self, folder: str, prefix: str) -> Iterator[FileSpan]:
        try:
            entries = list(os.scandir(folder))
        except OSError as error:
            # A folder nobody may open is not an empty one: it is a row that says so.
            yield FileSpan(prefix.rstrip("/"), modified=f"unreadable: {error.strerror}")
            return
        for entry in entries:
            path = prefix + entry.name
            if entry.is_symlink():
                yield FileSpan(path, modified="link")
            elif entry.is_dir(follow_symlinks=False):
                yield from self._walk(entry.path, path + "/")
            else:
                yield _local_span(path, entry.path)

    def _remote_spans(self) -> Iterator[FileSpan]:
        system, root = self._system()
        try:
            found = cast(dict[str, dict[str, Any]], system.find(root, detail=True))
        except FileNotFoundError:
            found = {}
        if not found:
            raise ConfigurationError(f"There is no file or folder {self.path!r} to read.")
        for path, info in found.items():
            relative = path[len(root) :].lstrip("/") or path.rsplit("/", 1)[-1]
            mark = info.get("ETag") or info.get("mtime") or info.get("LastModified")
            # Whatever else the system says of it, such as when it was made.
            mark = mark or sorted((k, str(v)) for k, v in info.items())
            yield FileSpan(relative, int(info.get("size") or 0), modified=str(mark))

    def _system(self) -> tuple[Any, str]:
        try:
            import fsspec

            system, root = fsspec.core.url_to_fs(self.path, **self.storage)
        except (ValueError, ImportError) as error:
            raise ConfigurationError(f"{self.path!r} cannot be opened: {error}") from error
        return system, root.rstrip("/")

    def source(self, span: FileSpan) -> Source:
        """The bytes of a span, to be opened when they are needed."""
        if self.local:
            single = os.path.isfile(self.path)
            place = self.path if single else os.path.join(self.path, span.path)

            def open_local() -> BinaryIO:
                _check_unchanged(span, place)
                return open(place, "rb")

            return Source(
                self.title, span.path, open_local, span.size, local=place,
                start=span.start, stop=span.stop,
            )  # fmt: skip
        system, root = self._system()
        place = root if system.isfile(root) else f"{root}/{span.path}"

        def open_remote() -> BinaryIO:
            return cast(BinaryIO, system.open(place, "rb"))

        return Source(
            self.title, span.path, open_remote, span.size, start=span.start, stop=span.stop
        )


def _local_span(path: str, place: str) -> FileSpan:
    try:
        status = os.lstat(place)
    except OSError as error:  # listed, but not to be looked at; or gone meanwhile
        return FileSpan(path, modified=f"unreadable: {error.strerror}")
    if not stat.S_ISREG(status.st_mode):
        return FileSpan(path, modified="special")
    return FileSpan(path, status.st_size, modified=str(status.st_mtime_ns))


def _check_unchanged(span: FileSpan, place: str) -> None:
    """A file that changed after it was planned would make shards that fit no single version."""
    if span.modified == "link":
        raise DocumentError("symbolic link", "links are not followed: copy the file")
    if span.modified == "special":
        raise DocumentError("not a regular file")
    if span.modified.startswith("unreadable"):
        raise DocumentError("file or folder cannot be opened", span.modified.partition(": ")[2])
    try:
        status = os.stat(place)
    except FileNotFoundError:
        raise DocumentError("file vanished during the run", "run again to plan anew") from None
    if (status.st_size, str(status.st_mtime_ns)) != (span.size, span.modified):
        raise DocumentError("file changed during the run", "run again to plan anew")


def plan(
    deposit: Deposit,
    shard_bytes: int,
    splits: Callable[[str], bool],
    groups: Callable[[Iterable[FileSpan]], Iterator[list[FileSpan]]] | None = None,
) -> Sequence[Shard]:
    """Shards of about `shard_bytes`: small files together, large ones cut where `splits` says.

    `groups` says which files are not to be parted, however large they are together.
    """
    shards: list[Shard] = []
    waiting: list[FileSpan] = []
    size = 0

    def flush() -> None:
        nonlocal size
        if waiting:
            shards.append(Shard(len(shards), tuple(waiting)))
            waiting.clear()
            size = 0

    for group in groups(deposit.spans()) if groups else ([span] for span in deposit.spans()):
        pieces = [group]
        if len(group) == 1 and splits(group[0].path):
            pieces = [[piece] for piece in _pieces(group[0], shard_bytes)]
        for piece in pieces:
            extent = sum(span.extent for span in piece)
            full = len(waiting) + len(piece) > MAX_FILES_PER_SHARD
            if waiting and (size + extent > shard_bytes or full):
                flush()
            waiting += piece
            size += extent
    flush()
    return shards


def _pieces(span: FileSpan, shard_bytes: int) -> list[FileSpan]:
    """Equal byte ranges; the reader moves their edges to where its records begin."""
    count = max(1, round(span.size / shard_bytes))
    edges = [span.size * i // count for i in range(count + 1)]
    return [
        FileSpan(span.path, span.size, start, stop, span.modified)
        for start, stop in itertools.pairwise(edges)
    ]
