"""Archives: what is inside zip and tar files, without ever writing a path they name."""

from __future__ import annotations

import errno
import functools
import io
import re
import stat
import struct
import tarfile
import zipfile
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, replace
from typing import Any, BinaryIO, cast

import pyarrow as pa

from datapartnerships.errors import DocumentError
from datapartnerships.readers import _beside, _magic, _packed, sniff
from datapartnerships.readers._base import FileReader, printable_name, rejected, unused
from datapartnerships.readers._files import Deposit
from datapartnerships.readers._packed import Budget, Meter, Metered, OverBudgetError
from datapartnerships.readers._source import Limits, Source
from datapartnerships.schema import Document, FileSpan

ARCHIVE_TYPES = frozenset({_magic.ZIP, _magic.TAR})
# Header blocks that name another member may be as long as they like; no name is.
_MAX_TAR_HEADER_BYTES = 1 << 20
# zipfile hands its bz2 and lzma members whole chunks, and gets all they expand to at once.
_BURSTING = {zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA}
_DRIVE = re.compile(r"[A-Za-z]:")


@dataclass(frozen=True, kw_only=True)
class ArchiveReader(FileReader):
    """What zip and tar archives hold, and compressed single files, to `Limits.max_depth`.

    Each member is read by the reader that `FolderReader` would choose for it. A member that
    cannot be had (encrypted, damaged, a link, a path that leaves the archive) is a rejected row.
    """

    keeps = "each member is a document of its own, as its reader gives it"
    media_types = ARCHIVE_TYPES | _packed.PACKED_TYPES
    suffixes = (
        ".zip", ".tar", ".tgz", ".tbz2", ".txz", ".tzst", ".gz", ".bz2", ".xz", ".zst",
    )  # fmt: skip

    def parse(self, source: Source) -> Iterator[Document | Source]:
        """The members, each to be read before the next one is asked for."""
        budget = Budget(self.limits, source.size)
        packing = sniff.media_type(source)
        if packing in _packed.PACKED_TYPES:
            source = _packed.unpacked(source, packing, budget)
            packing = sniff.media_type(source)
        if packing in ARCHIVE_TYPES:
            yield from members(source, packing, budget)
        else:
            yield source

    def _read_span(self, deposit: Deposit, span: FileSpan) -> Iterator[Document | pa.Table]:
        from datapartnerships.readers.folder import FolderReader

        routing = FolderReader(self.path, source=self.source, limits=self.limits)
        return routing._read_span(deposit, span)


def members(source: Source, kind: str, budget: Budget) -> Iterator[Document | Source]:
    """The members of a zip or tar archive; a rejected row for each that cannot be had."""
    walk = _zip_members if kind == _magic.ZIP else _tar_members
    count = 0
    for item in walk(source, budget, _Names(source)):
        count += 1
        yield item
    if not count:
        raise DocumentError("empty archive")


class _Names:
    """Members as sources: checked, printable names, no two alike."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self._used: dict[str, int] = {}

    def member(self, name: str) -> Source:
        name = printable_name(name.replace("\\", "/")).removeprefix("./") or "unnamed"
        # Zip and tar allow two members of one name; ids must still differ.
        return self._source.inside(unused(name, self._used), _nothing)


def _nothing() -> BinaryIO:
    return io.BytesIO()


def _check_path(name: str) -> None:
    """Nothing is ever written to a member's path; one that tries to leave is still a warning."""
    plain = name.replace("\\", "/")
    if plain.startswith("/") or _DRIVE.match(plain) or ".." in plain.split("/"):
        raise DocumentError("unsafe path in archive", printable_name(name)[:200])


_READER = ArchiveReader()


def _zip_members(source: Source, budget: Budget, names: _Names) -> Iterator[Document | Source]:
    with ExitStack() as stack:
        stream = stack.enter_context(source.open())
        if not stream.seekable():
            ready = stack.enter_context(_packed.spooled(source, stream))
            stream = stack.enter_context(ready.open())
        archive = stack.enter_context(_open_zip(stream, budget.limits))
        infos = [(_zip_name(info), info) for info in archive.infolist() if not info.is_dir()]
        for group in _beside.together(infos):
            if len(group) > 1:
                yield from _zip_group(archive, group, budget, names)
                continue
            info = group[0]
            budget.member()
            name = _zip_name(info)
            inner = names.member(name)
            try:
                _check_path(name)
                _check_zip_member(info, budget.limits)
                meter = Meter(budget, info.compress_size)
                chunk = 4096 if info.compress_type in _BURSTING else 1 << 16
                with (
                    Metered(archive.open(info), meter) as counted,
                    _packed.spooled(inner, cast(_packed.Readable, counted), chunk) as ready,
                ):
                    yield ready
            except OverBudgetError:
                raise
            except Exception as error:
                yield rejected(_READER, inner, _member_error(error))


def _zip_group(
    archive: zipfile.ZipFile, group: list[zipfile.ZipInfo], budget: Budget, names: _Names
) -> Iterator[Document | Source]:
    """Members that may be one document: the first of them, with the others beside it."""
    ready = []
    for info in group:
        budget.member()
        name = _zip_name(info)
        inner = names.member(name)
        try:
            _check_path(name)
            _check_zip_member(info, budget.limits)
        except DocumentError as error:
            yield rejected(_READER, inner, error)
            continue
        meter = Meter(budget, info.compress_size)
        opened = functools.partial(_whole_member, archive, info, meter)
        ready.append(replace(inner, open=opened, size=info.file_size))
    if ready:
        yield replace(ready[0], beside=tuple(ready[1:]))


def _whole_member(archive: zipfile.ZipFile, info: zipfile.ZipInfo, meter: Meter) -> BinaryIO:
    limit = meter.budget.limits.max_file_bytes
    if info.file_size > limit:
        raise DocumentError("file is too large", f"max_file_bytes is {limit:,}")
    try:
        with Metered(archive.open(info), meter) as counted:
            return io.BytesIO(b"".join(iter(lambda: counted.read(1 << 16), b"")))
    except OverBudgetError:
        raise
    except Exception as error:
        raise _member_error(error) from None


def _open_zip(stream: BinaryIO, limits: Limits) -> zipfile.ZipFile:
    try:
        size = _directory_bytes(stream)
        # `ZipFile` makes an object of every entry before it can be asked how many there are.
        if size > limits.max_members * 400:
            raise DocumentError("too many members", f"max_members is {limits.max_members:,}")
        return zipfile.ZipFile(stream)
    except DocumentError:
        raise
    except (zipfile.BadZipFile, OSError, ValueError, EOFError, NotImplementedError) as error:
        raise DocumentError("damaged archive", str(error)) from None


def _directory_bytes(stream: BinaryIO) -> int:
    """Size of the central directory as the end record gives it, 0 where there is none."""
    size = stream.seek(0, io.SEEK_END)
    stream.seek(max(0, size - 66_000))
    tail = stream.read()
    stream.seek(0)
    place = tail.rfind(b"PK\5\6")
    if place < 0 or len(tail) < place + 22:
        return 0
    length = int(struct.unpack_from("<I", tail, place + 12)[0])
    wide = tail.rfind(b"PK\6\6", 0, place)
    if length == 0xFFFFFFFF and wide >= 0 and len(tail) >= wide + 48:
        length = int(struct.unpack_from("<Q", tail, wide + 40)[0])
    return min(length, size)


def _check_zip_member(info: zipfile.ZipInfo, limits: Limits) -> None:
    mode = info.external_attr >> 16
    if info.create_system == 3 and stat.S_IFMT(mode) not in (0, stat.S_IFREG):
        raise DocumentError("unsafe path in archive", "a link or device")
    if info.flag_bits & 1:
        raise DocumentError("encrypted", "a zip member with a password")
    # The count while reading is what protects; this only spares reading what says it is a bomb.
    if _packed.over_ratio(limits, info.file_size, info.compress_size):
        raise DocumentError(
            "expands too much",
            f"{info.file_size:,} bytes from {info.compress_size:,}; "
            f"max_ratio is {limits.max_ratio:g}",
        )


def _zip_name(info: zipfile.ZipInfo) -> str:
    """The name; where it is not marked as UTF-8 it is still UTF-8 more often than cp437."""
    if info.flag_bits & 0x800:
        return info.filename
    try:
        return info.filename.encode("cp437").decode("utf-8")
    except UnicodeError:
        return info.filename


def _member_error(error: Exception) -> DocumentError:
    if isinstance(error, DocumentError):
        return error
    if isinstance(error, NotImplementedError):
        return DocumentError("compression method not supported", str(error))
    if isinstance(error, OSError) and error.errno == errno.EINVAL:
        return DocumentError("damaged archive member", "it is not where the directory says")
    return DocumentError("damaged archive member", f"{error}"[:300])


class _TarInfo(tarfile.TarInfo):
    """Headers that `tarfile` would take for the end of the archive are errors here."""

    @classmethod
    def fromtarfile(cls, tar: tarfile.TarFile) -> Any:
        try:
            return super().fromtarfile(tar)
        except (tarfile.InvalidHeaderError, tarfile.TruncatedHeaderError) as error:  # type: ignore[attr-defined]
            raise tarfile.ReadError(str(error)) from None
        except tarfile.EmptyHeaderError:  # type: ignore[attr-defined]
            raise tarfile.ReadError("no end mark: the archive was cut off") from None

    def _proc_member(self, tar: tarfile.TarFile) -> Any:
        headers = (tarfile.GNUTYPE_LONGNAME, tarfile.GNUTYPE_LONGLINK)
        pax = (tarfile.XHDTYPE, tarfile.XGLTYPE, tarfile.SOLARIS_XHDTYPE)
        if self.type in headers + pax and self.size > _MAX_TAR_HEADER_BYTES:
            raise tarfile.ReadError("a header of more than 1 MiB")
        return super()._proc_member(tar)  # type: ignore[misc]


def _tar_members(source: Source, budget: Budget, names: _Names) -> Iterator[Document | Source]:
    with source.open() as stream:
        try:
            # "r|" reads forward only, so an archive in a compressed stream is never held.
            tar = tarfile.open(fileobj=stream, mode="r|", tarinfo=_TarInfo)
            while (info := tar.next()) is not None:
                tar.members.clear()  # type: ignore[attr-defined]  # else it keeps every header
                if info.isdir():
                    continue
                budget.member()
                yield from _tar_member(tar, info, names.member(info.name), budget)
        except DocumentError:
            raise
        except (tarfile.TarError, OSError, EOFError, ValueError) as error:
            raise DocumentError("damaged archive", str(error)[:300]) from None


def _tar_member(
    tar: tarfile.TarFile, info: tarfile.TarInfo, inner: Source, budget: Budget
) -> Iterator[Document | Source]:
    try:
        _check_path(info.name)
        if not info.isreg():
            raise DocumentError("unsafe path in archive", "a link or device")
        packed = tar.extractfile(info)
        if packed is None:
            raise DocumentError("damaged archive member")
        with (
            # -1: tar does not compress, so only the whole archive has a ratio.
            Metered(cast(_packed.Readable, packed), Meter(budget, -1)) as counted,
            _packed.spooled(inner, cast(_packed.Readable, counted)) as ready,
        ):
            yield ready
    except OverBudgetError:
        raise
    except DocumentError as error:
        yield rejected(_READER, inner, error)
