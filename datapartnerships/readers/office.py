"""Office files: Word, PowerPoint, Excel, OpenDocument text, Rich Text and e-books."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from datapartnerships.errors import DocumentError, MissingExtra
from datapartnerships.readers._base import FileReader
from datapartnerships.readers._blocks import segments, table_text
from datapartnerships.readers._source import Limits, Source
from datapartnerships.readers._zipcheck import check_zip, read_member
from datapartnerships.schema import Document, Segment

_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ZIP = (b"PK\x03\x04", b"PK\x05\x06")
_OPEN_XML = "application/vnd.openxmlformats-officedocument."
_MACROS = "application/vnd.ms-"
Content = tuple[list[Segment], dict[str, str]]


@dataclass(frozen=True, kw_only=True)
class OfficeReader(FileReader):
    """Reads .docx, .pptx, .xlsx, .odt, .rtf and .epub, told apart by what is in them.

    Word, OpenDocument and Rich Text files and books give one segment for each paragraph, list
    item or table, in order; `ref` is the way down the headings to it (``Annual report >
    Members``), or ``footnotes``, ``comments``, ``page header``. A presentation gives one segment
    for each slide and one for its notes; a workbook one for each block of cells of a sheet. Cells
    stand apart by `` | ``. Deleted text of tracked changes is left out.
    """

    media_types = frozenset(
        {
            _OPEN_XML + "wordprocessingml.document",
            _OPEN_XML + "presentationml.presentation",
            _OPEN_XML + "spreadsheetml.sheet",
            _MACROS + "word.document.macroenabled.12",
            _MACROS + "powerpoint.presentation.macroenabled.12",
            _MACROS + "excel.sheet.macroenabled.12",
            "application/vnd.oasis.opendocument.text",
            "application/epub+zip",
            "application/rtf",
            "text/rtf",
        }
    )
    suffixes = (
        ".docx", ".docm", ".dotx", ".pptx", ".pptm", ".ppsx", ".xlsx", ".xlsm", ".odt", ".rtf",
        ".epub",
    )  # fmt: skip
    isolated = True

    def parse(self, source: Source) -> Iterator[Document | Source]:
        data = source.read(self.limits)
        found, metadata = _content(data, self.limits)
        if not any(segment.text for segment in found):
            raise DocumentError("no text found", metadata.get("embedded_files", ""))
        yield source.document(self, found, data=data, metadata=metadata)


def _content(data: bytes, limits: Limits) -> Content:
    if data.startswith(_ZIP):
        with check_zip(data, limits) as archive, _damage_has_a_name():
            return _zipped(archive, data)
    if data.startswith(_OLE):
        raise _ole_error(data)
    if data[:1024].lstrip(b"\xef\xbb\xbf \r\n\t").startswith(b"{\\rtf"):
        from datapartnerships.readers._rtf import rtf_blocks

        blocks, metadata = rtf_blocks(data)
        return segments(blocks), metadata
    raise DocumentError("not an office file", f"it begins with {data[:8]!r}")


@contextmanager
def _damage_has_a_name() -> Iterator[None]:
    """Libraries meet a damaged file with whatever error comes first: one reason for all."""
    try:
        yield
    except (DocumentError, MissingExtra, MemoryError):
        raise
    except Exception as error:
        detail = f"{type(error).__name__}: {' '.join(str(error).split())[:200]}"
        raise DocumentError("damaged office file", detail) from None


def _ole_error(data: bytes) -> DocumentError:
    """Why a compound file cannot be read: encrypted Open XML, or a format before 2007."""
    if "EncryptedPackage".encode("utf-16-le") in data:
        return DocumentError("encrypted", "needs a password: decrypt it first")
    return DocumentError(
        "legacy office format",
        "a binary file of before 2007 (.doc, .ppt, .xls): save it as .docx, .pptx or .xlsx first",
    )


def _zipped(archive: zipfile.ZipFile, data: bytes) -> Content:
    names = archive.NameToInfo
    if "mimetype" in names:
        kind = read_member(archive, "mimetype").strip()
        if kind == b"application/epub+zip":
            return _book(archive)
        if kind.startswith(b"application/vnd.oasis.opendocument.text"):
            return _open_document(archive)
    if "META-INF/container.xml" in names:
        return _book(archive)
    if "[Content_Types].xml" in names:
        for folder, content in (("word/", _word), ("ppt/", _slides), ("xl/", _workbook)):
            if any(name.startswith(folder) for name in names):
                return content(archive, data)
    raise DocumentError("not an office file", "a zip archive of another kind")


def _word(archive: zipfile.ZipFile, _: bytes) -> Content:
    from datapartnerships.readers._core import described
    from datapartnerships.readers._docx import docx_blocks

    return segments(docx_blocks(archive)), described(archive) | _embedded(archive)


def _slides(archive: zipfile.ZipFile, data: bytes) -> Content:
    from datapartnerships.readers._core import described
    from datapartnerships.readers._pptx import pptx_segments

    return pptx_segments(archive, data), described(archive) | _embedded(archive)


def _workbook(archive: zipfile.ZipFile, data: bytes) -> Content:
    from datapartnerships.readers._core import described

    return list(_sheets(data)), described(archive) | _embedded(archive)


def _open_document(archive: zipfile.ZipFile) -> Content:
    from datapartnerships.readers._core import described
    from datapartnerships.readers._odt import odt_blocks

    return segments(odt_blocks(archive)), described(archive, "meta.xml")


def _book(archive: zipfile.ZipFile) -> Content:
    from datapartnerships.readers._core import described
    from datapartnerships.readers._epub import epub_blocks, package_part

    return segments(epub_blocks(archive)), described(archive, package_part(archive))


def _embedded(archive: zipfile.ZipFile) -> dict[str, str]:
    """The names of the files inside the file, which are not read."""
    names = [name.rsplit("/", 1)[-1] for name in archive.namelist() if "/embeddings/" in name]
    return {"embedded_files": ", ".join(names)} if names else {}


def _sheets(data: bytes) -> Iterator[Segment]:
    from datapartnerships._backends.openpyxl import sheets

    for number, (name, hidden, rows) in enumerate(sheets(data), 1):
        ref = f"{name} (hidden)" if hidden else name
        for block in _parts(rows):
            yield Segment(table_text(block), kind="page", page=number, ref=ref)


def _parts(rows: Iterator[list[str]]) -> Iterator[list[list[str]]]:
    """The runs of rows that no empty row interrupts."""
    part: list[list[str]] = []
    for row in rows:
        if any(row):
            part.append(row)
        elif part:
            yield part
            part = []
    if part:
        yield part
