"""Office files: Word, PowerPoint, Excel, OpenDocument, Rich Text and e-books."""

from __future__ import annotations

import zipfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from datapartnerships._backends._damage import damage
from datapartnerships.errors import DocumentError, InvalidParameter, MissingExtra
from datapartnerships.readers._base import FileReader
from datapartnerships.readers._blocks import segments, table_text
from datapartnerships.readers._source import Limits, Source
from datapartnerships.readers._zipcheck import apart, check_zip, read_member
from datapartnerships.schema import Document, Segment

_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ZIP = (b"PK\x03\x04", b"PK\x05\x06")
_OPEN_XML = "application/vnd.openxmlformats-officedocument."
_MACROS = "application/vnd.ms-"
# Characters: thousands of parts may be damaged.
_MOST_DAMAGE = 1000
_ENGINES = ("own", "unstructured")
Content = tuple[list[Segment], dict[str, str]]


@dataclass(frozen=True, kw_only=True)
class OfficeReader(FileReader):
    """Reads .docx, .pptx, .xlsx, .odt, .odp, .ods, .rtf and .epub, told apart by what is in them.

    Word, OpenDocument and Rich Text files and books give one segment for each paragraph, list
    item or table, in order; `ref` is the way down the headings to it (``Annual report >
    Members``), or ``footnotes``, ``comments``, ``page header``. A presentation gives one segment
    for each slide and one for its notes; a workbook one for each block of cells of a sheet. Cells
    stand apart by `` | ``. Deleted text of tracked changes is left out.

    A chapter, a slide, a sheet or the notes that cannot be read cost themselves: a rejected row
    beside the document, and ``metadata["damage"]``, say which and why.

    Attributes:
        hidden: whether hidden sheets and slides are read. The metadata name them either way, as
            ``hidden_sheets`` and ``hidden_slides``.
        comments: whether comments are read, as segments whose `ref` is ``comments``; in a sheet
            they stand behind the text of their cell.
        engine: ``own``, or ``unstructured`` for its elements of .docx and .pptx files: a segment
            for each, whose `origin` is its category (``unstructured ListItem``). What it passes
            over is then missing: notes, comments, charts, whatever is wrapped. Other formats are
            read the own way in any case.
    """

    hidden: bool = True
    comments: bool = True
    engine: str = "own"

    keeps = (
        "paragraphs, lists, tables, slides or blocks of cells, with the headings above them; "
        "notes, comments"
    )
    version = 2
    media_types = frozenset(
        {
            _OPEN_XML + "wordprocessingml.document",
            _OPEN_XML + "presentationml.presentation",
            _OPEN_XML + "spreadsheetml.sheet",
            _MACROS + "word.document.macroenabled.12",
            _MACROS + "powerpoint.presentation.macroenabled.12",
            _MACROS + "excel.sheet.macroenabled.12",
            "application/vnd.oasis.opendocument.text",
            "application/vnd.oasis.opendocument.presentation",
            "application/vnd.oasis.opendocument.spreadsheet",
            "application/epub+zip",
            "application/rtf",
            "text/rtf",
        }
    )
    suffixes = (
        ".docx", ".docm", ".dotx", ".pptx", ".pptm", ".ppsx", ".xlsx", ".xlsm", ".odt", ".odp",
        ".ods", ".rtf", ".epub",
    )  # fmt: skip
    isolated = True

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.engine not in _ENGINES:
            raise InvalidParameter(self, "engine", "'own' or 'unstructured'", self.engine)

    def parse(self, source: Source) -> Iterator[Document | Source]:
        data = source.read(self.limits)
        found, metadata = office_content(
            data, self.limits, hidden=self.hidden, comments=self.comments, engine=self.engine
        )
        if not any(segment.text for segment in found):
            if damage := metadata.get("damage"):
                raise DocumentError("damaged office file", damage)
            raise DocumentError("no text found", metadata.get("embedded_files", ""))
        yield source.document(self, found, data=data, metadata=metadata)
        if data.startswith(_ZIP) and (damage := metadata.get("damage")):
            raise DocumentError("damaged parts", f"the rest was read: {damage}")


@dataclass(frozen=True, slots=True)
class _Wanted:
    """What is read beside the text itself."""

    hidden: bool
    comments: bool
    engine: str = "own"


def office_content(
    data: bytes,
    limits: Limits,
    *,
    hidden: bool = True,
    comments: bool = True,
    engine: str = "own",
) -> Content:
    """The segments and the metadata of an office file; the options are those of `OfficeReader`."""
    if data.startswith(_ZIP):
        with check_zip(data, limits) as archive, _damage_has_a_name():
            return _zipped(archive, data, _Wanted(hidden, comments, engine))
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
    except (DocumentError, MissingExtra, MemoryError, RecursionError):
        raise
    except Exception as error:
        raise DocumentError("damaged office file", damage(error)) from None


def _ole_error(data: bytes) -> DocumentError:
    """Why a compound file cannot be read: encrypted Open XML, or a format before 2007."""
    if "EncryptedPackage".encode("utf-16-le") in data:
        return DocumentError("encrypted", "needs a password: decrypt it first")
    return DocumentError(
        "legacy office format",
        "a binary file of before 2007 (.doc, .ppt, .xls): LegacyOfficeReader reads those",
    )


def _zipped(archive: zipfile.ZipFile, data: bytes, wanted: _Wanted) -> Content:
    names = archive.NameToInfo
    if "mimetype" in names:
        kind = read_member(archive, "mimetype").strip()
        if kind == b"application/epub+zip":
            return _book(archive)
        if kind.startswith(b"application/vnd.oasis.opendocument."):
            return _open_document(archive, kind.decode("latin-1").split(".")[-1], wanted)
    if "META-INF/container.xml" in names:
        return _book(archive)
    if "[Content_Types].xml" in names:
        for folder, content in (("word/", _word), ("ppt/", _slides), ("xl/", _workbook)):
            if any(name.startswith(folder) for name in names):
                if wanted.engine == "unstructured" and folder != "xl/":
                    return _elements("docx" if folder == "word/" else "pptx", archive, data)
                return content(archive, data, wanted)
    raise DocumentError("not an office file", "a zip archive of another kind")


def _elements(kind: str, archive: zipfile.ZipFile, data: bytes) -> Content:
    from datapartnerships._backends.unstructured import elements
    from datapartnerships.readers._core import described
    from datapartnerships.readers._elements import blocks_of

    return segments(blocks_of(elements(kind, data))), described(archive) | _embedded(archive)


def _word(archive: zipfile.ZipFile, _: bytes, wanted: _Wanted) -> Content:
    from datapartnerships.readers._core import described
    from datapartnerships.readers._docx import docx_blocks

    damaged: list[str] = []
    found = segments(docx_blocks(archive, damaged, comments=wanted.comments))
    return found, described(archive) | _embedded(archive) | _damage(damaged)


def _slides(archive: zipfile.ZipFile, _: bytes, wanted: _Wanted) -> Content:
    from datapartnerships.readers._core import described
    from datapartnerships.readers._pptx import pptx_segments

    damaged: list[str] = []
    found, concealed = pptx_segments(
        archive, damaged, hidden=wanted.hidden, comments=wanted.comments
    )
    metadata = described(archive) | _embedded(archive) | _hidden_slides(concealed)
    return found, metadata | _damage(damaged)


def _workbook(archive: zipfile.ZipFile, data: bytes, wanted: _Wanted) -> Content:
    from datapartnerships._backends.openpyxl import sheets
    from datapartnerships.readers._core import described
    from datapartnerships.readers._pptx import relations
    from datapartnerships.readers._xlsx_comments import Comments, commented, sheet_comments

    damaged: list[str] = []
    told: dict[str, Comments] = {}
    if wanted.comments:
        with apart(damaged, "the comments"):
            told = sheet_comments(archive)
    for kind, part in relations(archive, "xl/workbook.xml").values():
        if kind == "worksheet" and part not in archive.NameToInfo:
            damaged.append(f"{part} is missing: get another copy")
    rows = (
        (name, secret, _readable(commented(rows, told.get(name, {})), damaged, f"sheet {name!r}"))
        for name, secret, rows in sheets(data)
    )
    found, metadata = sheet_content(rows, hidden=wanted.hidden)
    return found, described(archive) | _embedded(archive) | metadata | _damage(damaged)


def _readable(rows: Iterator[list[str]], damaged: list[str], what: str) -> Iterator[list[str]]:
    """The rows as far as they can be read."""
    from datapartnerships.readers._odf import MAX_ROWS

    with apart(damaged, what):
        for number, row in enumerate(rows):
            if number == MAX_ROWS:
                raise DocumentError("damaged office file", f"{what} has rows past {MAX_ROWS:,}")
            yield row


def _open_document(archive: zipfile.ZipFile, kind: str, wanted: _Wanted) -> Content:
    from datapartnerships.readers._core import described
    from datapartnerships.readers._odf import odp_segments, ods_sheets
    from datapartnerships.readers._odt import odt_blocks

    metadata = described(archive, "meta.xml")
    if kind.startswith("text"):
        damaged: list[str] = []
        found = segments(odt_blocks(archive, damaged, comments=wanted.comments))
        return found, metadata | _damage(damaged)
    if kind.startswith("presentation"):
        found, concealed = odp_segments(archive, hidden=wanted.hidden, comments=wanted.comments)
        return found, metadata | _hidden_slides(concealed)
    if kind.startswith("spreadsheet"):
        rows = ods_sheets(archive, comments=wanted.comments)
        found, hidden = sheet_content(rows, hidden=wanted.hidden)
        return found, metadata | hidden
    raise DocumentError("not an office file", f"OpenDocument of the kind {kind!r}")


def _book(archive: zipfile.ZipFile) -> Content:
    from datapartnerships.readers._core import described
    from datapartnerships.readers._epub import epub_blocks, package_part

    damaged: list[str] = []
    found = segments(epub_blocks(archive, damaged))
    return found, described(archive, package_part(archive)) | _damage(damaged)


def _damage(damaged: list[str]) -> dict[str, str]:
    """What could not be read of a file that was read."""
    return {"damage": "; ".join(damaged)[:_MOST_DAMAGE]} if damaged else {}


def _embedded(archive: zipfile.ZipFile) -> dict[str, str]:
    """The names of the files inside the file, which are not read."""
    names = [name.rsplit("/", 1)[-1] for name in archive.namelist() if "/embeddings/" in name]
    return {"embedded_files": ", ".join(names)} if names else {}


def _hidden_slides(numbers: list[int]) -> dict[str, str]:
    return {"hidden_slides": ", ".join(map(str, numbers))} if numbers else {}


def sheet_content(
    sheets: Iterable[tuple[str, bool, Iterator[list[str]]]], *, hidden: bool = True
) -> Content:
    """A segment for each block of cells; the metadata name the sheets that are hidden."""
    found: list[Segment] = []
    concealed = []
    for number, (name, secret, rows) in enumerate(sheets, 1):
        if secret:
            concealed.append(name)
            if not hidden:
                continue
        ref = f"{name} (hidden)" if secret else name
        for block in _parts(rows):
            found.append(Segment(table_text(block), kind="page", page=number, ref=ref))
    return found, {"hidden_sheets": ", ".join(concealed)} if concealed else {}


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
