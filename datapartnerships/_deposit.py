"""The files of a deposit, opened again after they were read."""

from __future__ import annotations

import hashlib
import os
import shutil
import tarfile
import tempfile
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import Any, BinaryIO

from datapartnerships.errors import DocumentError

_CHUNK = 1 << 20


@dataclass(frozen=True)
class Deposit:
    """The folder (or single file) that a deposit lies in, here or behind an fsspec URL.

    Attributes:
        what: its files are called so in errors.
    """

    path: str
    what: str = "file"

    @contextmanager
    def place(self, provenance: Mapping[str, Any]) -> Iterator[str]:
        """The path here of the file of a row, after a look at whether it is the same.

        Of a file in an archive, or elsewhere, it is that of a copy, which is gone afterwards.

        Raises
        ------
        DocumentError
            It is not there, cannot be reached, or is not what was read.
        """
        uri, member = provenance["uri"] or "", provenance["member"]
        name = f"{uri}!{member}" if member else uri
        with ExitStack() as stack:
            try:
                stream = stack.enter_context(self._file(uri))
                for part in (member or "").split("!") if member else ():
                    stream = _kept(stack, _member(stack, stream, part))
            except (OSError, KeyError, zipfile.BadZipFile, tarfile.TarError) as error:
                raise DocumentError(
                    f"{self.what} is not there", f"{name}, looked for in {self.path!r}: {error}"
                ) from None
            if not _same(stream, provenance):
                raise DocumentError(
                    f"{self.what} has changed since it was read",
                    f"{name}: put back the file that was read, or run again from the start",
                )
            yield stream.name

    @contextmanager
    def _file(self, uri: str) -> Iterator[BinaryIO]:
        parts = uri.replace("\\", "/").split("/")
        if not uri or uri.startswith("/") or ".." in parts:
            raise DocumentError(f"{self.what} is not there", f"{uri!r} is no path inside a deposit")
        if "://" not in self.path and "::" not in self.path:
            place = self.path if os.path.isfile(self.path) else os.path.join(self.path, uri)
            root = os.path.realpath(self.path)
            if os.path.commonpath([root, os.path.realpath(place)]) != root:
                raise DocumentError(
                    f"{self.what} is not there", f"{uri} leads out of {self.path!r}"
                )
            with open(place, "rb") as stream:
                yield stream
            return
        import fsspec

        system, root = fsspec.core.url_to_fs(self.path)
        place = root if system.isfile(root) else f"{root.rstrip('/')}/{uri}"
        with ExitStack() as stack, system.open(place, "rb") as remote:
            yield _kept(stack, remote)


def _kept(stack: ExitStack, stream: Any) -> BinaryIO:
    """A copy in a file here: decoding goes back and forth in it."""
    folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="datapartnerships-"))
    copy = stack.enter_context(open(os.path.join(folder, "recording"), "w+b"))
    shutil.copyfileobj(stream, copy, _CHUNK)
    copy.flush()
    copy.seek(0)
    return copy


def _member(stack: ExitStack, stream: BinaryIO, name: str) -> Any:
    if zipfile.is_zipfile(stream):
        archive = stack.enter_context(zipfile.ZipFile(stream))
        for info in archive.infolist():
            if info.filename.replace("\\", "/").removeprefix("./") == name:
                return stack.enter_context(archive.open(info))
        raise KeyError(f"no member {name!r}")
    stream.seek(0)
    tar = stack.enter_context(tarfile.open(fileobj=stream, mode="r:*"))
    for entry in tar:
        if entry.isreg() and entry.name.removeprefix("./") == name:
            return tar.extractfile(entry)
    raise KeyError(f"no member {name!r}")


def _same(stream: BinaryIO, provenance: Mapping[str, Any]) -> bool:
    """By its digest; where `Redact` took that out, by its size."""
    stream.seek(0)
    if (expected := provenance["sha256"]) is not None:
        digest = hashlib.sha256()
        while piece := stream.read(_CHUNK):
            digest.update(piece)
        return bool(digest.hexdigest() == expected)
    size = stream.seek(0, os.SEEK_END)
    return provenance["size"] in (None, size)
