"""A whole mixed folder: each file is sent to the reader that knows what it is."""

from __future__ import annotations

import functools
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, fields, replace
from typing import Any, ClassVar

import pyarrow as pa

from datapartnerships import registry
from datapartnerships.config import from_environment, secret
from datapartnerships.errors import DocumentError, InvalidParameter
from datapartnerships.ocr import Ocr
from datapartnerships.readers import _magic, _packed, archive, sniff
from datapartnerships.readers._base import (
    FileReader,
    batches,
    checked_passwords,
    printable,
    read_safely,
    rejected,
    together,
    with_metadata,
)
from datapartnerships.readers._files import Deposit
from datapartnerships.readers._packed import Budget
from datapartnerships.readers._source import Limits, Source
from datapartnerships.schema import Document, FileSpan
from datapartnerships.speech import Asr

# Read from front to back, so a compressed one need not be unpacked first.
_STREAMED = frozenset({sniff.JSON_LINES, sniff.MBOX, sniff.CSV, sniff.TSV, sniff.WARC, _magic.TAR})
# Content that says so little that a reader may claim it by suffix.
_GENERIC = frozenset({_magic.UNKNOWN, _magic.ZIP, sniff.TEXT, sniff.XML, sniff.JSON})

_LITTER = frozenset({
    ".ds_store", "thumbs.db", "ehthumbs.db", "desktop.ini", ".localized", ".directory",
    "icon\r", ".picasa.ini", ".apdisk", ".volumeicon.icns",
})  # fmt: skip
_CONVERT = "nothing here reads this format: save it as PNG, JPEG or TIFF"
_RECODE = "nothing here reads this format: save it as FLAC or MP4"
_REPACK = "repack it as zip or tar"
_PROGRAM = "it is a program, not a document"
# Why there is no reader: a short reason, and what to do about it.
_UNREAD: Mapping[str, tuple[str, str]] = {
    sniff.EMPTY: ("empty file", "0 bytes"),
    sniff.XML: ("XML without a mapping", "say which elements hold the text: XmlReader(text=...)"),
    sniff.JSON: ("JSON without a mapping", "one object a line is read: save it as JSON Lines"),
    _magic.UNKNOWN: ("unknown binary", "its content fits no format known here"),
    _magic.PROTECTED: ("encrypted", "an Office file with a password"),
    _magic.OLE2: ("legacy office format", "of an unknown kind"),
    "application/vnd.sqlite3": ("database", "export its tables as CSV or JSON Lines"),
    "application/x-msaccess": ("database", "export its tables as CSV or JSON Lines"),
    "application/vnd.ms-outlook-pst": ("Outlook mailbox", "export it as mbox or eml files"),
    "application/x-7z-compressed": ("archive format not supported", _REPACK),
    "application/vnd.rar": ("archive format not supported", _REPACK),
    "application/vnd.ms-cab-compressed": ("archive format not supported", _REPACK),
    "application/x-lz4": ("archive format not supported", _REPACK),
    "application/x-compress": ("archive format not supported", _REPACK),
    "application/x-executable": ("program", _PROGRAM),
    "application/x-mach-binary": ("program", _PROGRAM),
    "application/wasm": ("program", _PROGRAM),
    "application/vnd.microsoft.portable-executable": ("program", _PROGRAM),
    "image/": ("image", _CONVERT),
    "audio/": ("audio", _RECODE),
    "video/": ("video", _RECODE),
}


_PACKED = tuple(_packed.SUFFIXES)


@dataclass(frozen=True, kw_only=True)
class FolderReader(FileReader):
    """Every file of a folder, archives and attachments included, by what its content is.

    ``FolderReader("deposit/")`` is enough. A file that nothing here can read is a rejected row
    that says what is missing, so documents and rejected rows add up to what was handed over.

    Attributes:
        readers: readers of your own, or configured ones (``JsonlReader(text="body")``); each
            is preferred for its media types, and for its suffixes where the content says little.
        ocr: engines and languages for scans and pictures, ``Ocr(languages=("is",))``: handed to
            every reader of this package that has such a field. `readers` keep their own.
        asr: the model and the languages of recordings, ``Asr(model="large-v3")``, handed on in the
            same way.
        audit_redactions: look for failed redactions in PDFs (see `PdfReader`), handed on too.
        passwords: tried on encrypted PDFs, handed on in the same way. They are written nowhere: a
            recipe is to be given them again.
    """

    readers: tuple[FileReader, ...] = ()
    ocr: Ocr = Ocr()
    asr: Asr = from_environment(Asr)
    audit_redactions: bool = False
    passwords: tuple[str, ...] = secret(())

    keeps = "every file, as the reader that knows it gives it"
    version: ClassVar[int] = 1
    joins = True
    _whole_folder: ClassVar[bool] = True

    def tables(self, source: Source) -> Iterator[pa.Table | Source]:
        return batches(self._route(source, Budget(self.limits, source.size)))

    def __post_init__(self) -> None:
        super().__post_init__()
        given: Any = self.readers
        if isinstance(given, FileReader) or any(not isinstance(r, FileReader) for r in given):
            raise InvalidParameter(self, "readers", "a list of readers of files", given)
        object.__setattr__(self, "readers", tuple(given))
        if not isinstance(self.ocr, Ocr):
            raise InvalidParameter(self, "ocr", "an Ocr", self.ocr)
        if not isinstance(self.asr, Asr):
            raise InvalidParameter(self, "asr", "an Asr", self.asr)
        object.__setattr__(self, "passwords", checked_passwords(self))

    @property
    def _defaults(self) -> Mapping[str, FileReader]:
        names = ("ocr", "asr", "audit_redactions", "passwords")
        handed = tuple((name, getattr(self, name)) for name in names)
        return default_readers(self.limits, handed)

    def _read_source(self, source: Source) -> Iterator[Document | pa.Table]:
        return self._route(source, Budget(self.limits, source.size))

    def _read_group(
        self, deposit: Deposit, group: Sequence[FileSpan]
    ) -> Iterator[Document | pa.Table]:
        sources = [printable(deposit.source(span)) for span in group]
        return together(sources, self._known, self._read_source)

    def _known(self, source: Source) -> tuple[FileReader | None, Source]:
        """The reader of a file that others may be part of; None where it cannot be told."""
        try:
            source = replace(source, media_type=sniff.media_type(source))
        except (DocumentError, OSError):
            return None, source
        return self._reader(source, ""), source

    def _splits(self, path: str) -> bool:
        name = path.lower()
        return name.endswith(_suffixes(self, "splittable")) and not name.endswith(_PACKED)

    def _parses_apart(self, path: str) -> bool:
        return path.lower().endswith(_suffixes(self, "isolated"))

    def _route(
        self, source: Source, budget: Budget, depth: int = 0, layers: int = 0, name: str = ""
    ) -> Iterator[Document | pa.Table]:
        """The documents of `source`; never raises for what is in it.

        `depth` counts the archives and messages around it, `layers` its compressions.
        """
        try:
            if max(depth, layers) > self.limits.max_depth:
                raise _NoReaderError("nested too deep", f"max_depth is {self.limits.max_depth}")
            source = replace(source, media_type=sniff.media_type(source, name))
            reader = self._recognize(source, depth, name)
        except (KeyboardInterrupt, SystemExit):
            raise
        except BaseException as error:
            yield from self._refused(source, error)
            return
        if source.stop is not None and (reader is None or not reader.splittable):
            # Cut by its name into ranges that its content does not have: the first reads it all.
            if source.start:
                return
            source = replace(source, stop=None)
        if reader is not None:
            results = read_safely(reader, source)
        elif source.media_type in _packed.PACKED_TYPES:
            yield from self._unpack(source, budget, depth, layers, name)
            return
        else:
            items = archive.members(source, source.media_type, budget)
            results = read_safely(archive.ArchiveReader(limits=self.limits), source, items)
        for item in results:
            if isinstance(item, Source):
                parts = [printable(replace(item, beside=())), *item.beside]
                inside = functools.partial(self._route, budget=budget, depth=depth + 1)
                yield from together(parts, self._known, inside)
            elif source.metadata and isinstance(item, pa.Table):
                yield with_metadata(item, source.metadata)
            else:
                yield item

    def _refused(self, source: Source, error: BaseException) -> Iterator[Document]:
        """The row for what has no reader; for a file cut into ranges only the first has it."""
        if not source.start:
            yield rejected(self, source, _plain(error))
        elif not isinstance(error, _NoReaderError):
            # This range could not be opened, whatever became of the others.
            failed = replace(source, member=source.record(f"error@{source.start}"))
            yield rejected(self, failed, _plain(error))

    def _unpack(
        self, source: Source, budget: Budget, depth: int, layers: int, name: str
    ) -> Iterator[Document | pa.Table]:
        """A compressed file is the document it holds; only what cannot stream is unpacked."""
        inner = _packed.unpacked(source, source.media_type, budget)
        name = _packed.unpacked_name(name or source.name)
        with ExitStack() as stack:
            try:
                if sniff.media_type(inner, name) not in _STREAMED:
                    stream = stack.enter_context(inner.open())
                    inner = stack.enter_context(_packed.spooled(inner, stream))
            except (KeyboardInterrupt, SystemExit):
                raise
            except BaseException as error:
                yield rejected(archive.ArchiveReader(), source, _plain(error))
                return
            yield from self._route(inner, budget, depth, layers + 1, name)

    def _recognize(self, source: Source, depth: int, name: str) -> FileReader | None:
        """The reader of `source`; None for what is taken apart here."""
        media_type = source.media_type
        if _is_litter(source):
            raise _NoReaderError("operating-system litter", f"{media_type}: {source.name}")
        reader = self._reader(source, name)
        if reader is not None:
            return reader
        if media_type in archive.ARCHIVE_TYPES:
            if depth >= self.limits.max_depth:
                raise _NoReaderError("nested too deep", f"max_depth is {self.limits.max_depth}")
            return None
        if media_type in _packed.PACKED_TYPES:
            return None
        raise _unread(media_type)

    def _reader(self, source: Source, name: str) -> FileReader | None:
        kind, name = source.media_type, (name or source.name).lower()
        for reader in self.readers:
            if kind in reader.media_types:
                return reader
        if kind in _GENERIC:
            for reader in (*self.readers, *plugin_readers(self.limits)):
                if reader.suffixes and name.endswith(tuple(reader.suffixes)):
                    return reader
        return self._defaults.get(kind)


@functools.lru_cache(maxsize=8)
def _suffixes(folder: FolderReader, trait: str) -> tuple[str, ...]:
    """Of the files whose readers have this trait."""
    readers = (*folder.readers, *folder._defaults.values())
    return tuple({s for reader in readers if getattr(reader, trait) for s in reader.suffixes})


class _NoReaderError(DocumentError):
    """What the content is decides it: every range of the file would say the same."""


@functools.lru_cache(maxsize=8)
def plugin_readers(limits: Limits) -> tuple[FileReader, ...]:
    """Readers that installed packages add: they too may claim files by their suffix."""
    own = registry.BUILTIN["readers"]
    added = (
        registry.load("readers", name) for name in registry.table("readers") if name not in own
    )
    return tuple(
        reader(limits=limits)
        for reader in added
        if isinstance(reader, type) and issubclass(reader, FileReader) and not reader.asked_for
    )


@functools.lru_cache(maxsize=8)
def default_readers(
    limits: Limits, handed: tuple[tuple[str, Any], ...] = ()
) -> Mapping[str, FileReader]:
    """Media type to reader: those of this package, then those that installed packages add.

    Of the fields in `handed`, a reader of this package is given those that it has.
    """
    found: dict[str, FileReader] = {}
    own = registry.BUILTIN["readers"]
    names = registry.table("readers")
    for name in [*own, *(name for name in names if name not in own)]:
        try:
            reader = registry.load("readers", name)
        except ModuleNotFoundError as error:
            if not (error.name or "").startswith("datapartnerships.readers"):
                raise
            continue
        if not (isinstance(reader, type) and issubclass(reader, FileReader)):
            continue
        if reader in (FolderReader, archive.ArchiveReader) or reader.asked_for:
            continue
        given: dict[str, Any] = {"limits": limits}
        if name in own:
            known = {item.name for item in fields(reader)}
            given |= {name: value for name, value in handed if name in known}
        for media_type in reader.media_types:
            found.setdefault(media_type, reader(**given))
    return found


def _is_litter(source: Source) -> bool:
    """Files that programs leave behind; nobody meant to hand them over."""
    name = source.name
    way = f"{source.path}/{source.member or ''}"
    return name.lower() in _LITTER or name.startswith(("~$", "._", ".~lock.")) or "__MACOSX/" in way


def _unread(media_type: str) -> DocumentError:
    family = media_type.partition("/")[0] + "/"
    found = _UNREAD.get(media_type) or _UNREAD.get(family)
    if found is None:
        return _NoReaderError("no reader for this type", media_type)
    reason, advice = found
    return _NoReaderError(reason, f"{media_type}: {advice}")


def _plain(error: BaseException) -> BaseException:
    """The same reason for one trouble, whichever file system words it."""
    if isinstance(error, PermissionError):
        return DocumentError("file or folder cannot be opened", "permission denied")
    if isinstance(error, FileNotFoundError):
        return DocumentError("file vanished during the run", "run again to plan anew")
    if isinstance(error, OSError):
        return DocumentError("file cannot be read", error.strerror or type(error).__name__)
    return error
