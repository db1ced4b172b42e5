"""Tables as text: a document a row where a column holds texts, else one for the table."""

from __future__ import annotations

import csv
import hashlib
import io
import itertools
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field

from datapartnerships.errors import DocumentError, InvalidParameter
from datapartnerships.readers import _encoding
from datapartnerships.readers._base import FileReader
from datapartnerships.readers._source import Source
from datapartnerships.schema import Document, Segment

TAB = "text/tab-separated-values"
DELIMITERS = ",;\t|"
ROWS_PER_DOCUMENT = 10_000
# How much of a file its encoding and delimiter are found from.
SAMPLE_BYTES = 4 << 20
# A quote that is never closed would make one cell of the rest of the file.
MAX_CELL_CHARACTERS = 16 << 20


@dataclass(frozen=True, kw_only=True)
class CsvReader(FileReader):
    """Rows as documents, where a column is named as `text` says; else the table as one.

    A table without that column becomes a document of kind "document" for every 10,000 rows:
    its first segment is the header, each other one a row ("column: value; column: value").

    Attributes:
        text: name of the column that holds the texts.
        delimiter: what stands between cells; None to find out among ``,`` ``;`` tab and ``|``.
        encoding: the encoding of every file, where it is known; None to find it out.
    """

    text: str = "text"
    delimiter: str | None = None
    encoding: str | None = None

    keeps = "a document for each row, where a column has the texts; else the table, row by row"
    media_types = frozenset({"text/csv", TAB})
    suffixes = (".csv", ".tsv", ".tab")

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.delimiter is not None and len(self.delimiter) != 1:
            raise InvalidParameter(self, "delimiter", "one character or None", self.delimiter)

    def parse(self, source: Source) -> Iterator[Document | Source]:
        with ExitStack() as stack:
            stream = stack.enter_context(source.open())
            sample = stream.read(SAMPLE_BYTES)
            if not sample.strip():
                raise DocumentError("no text found", "the file is blank")
            encoding = _encoding.detect(sample, given=self.encoding)
            found = _encoding.Decoded("", encoding).metadata()
            lines = _lines(stack, source, sample, encoding)
            first, lines = _peek(lines)
            _encoding.check_controls(first.replace("\0", ""))
            delimiter = self.delimiter or _delimiter(first, source)
            rows = _rows(lines, delimiter)
            header = next(rows, (0, []))[1]
            if self.text in header:
                yield from self._documents(source, header, rows, found)
            else:
                yield from self._tables(source, header, rows, found)

    def _documents(
        self, source: Source, header: list[str], rows: Iterator[_Row], found: dict[str, str]
    ) -> Iterator[Document]:
        column = header.index(self.text)
        for number, row in rows:
            data = "\x1f".join(row).encode("utf-8", "surrogatepass")
            metadata = {**found, **_cells(header, row, skip=column)}
            text = row[column] if column < len(row) else ""
            reason = None if text.strip() else "CsvReader: row without text"
            document = source.document(
                self,
                [Segment(text, ref=f"row {number}")] if reason is None else [],
                kind="text",
                record=number,
                metadata=metadata,
                drop_reason=reason,
            )
            # There are no bytes of a row alone: the digest is of its cells, in order.
            document.provenance["sha256"] = hashlib.sha256(data).hexdigest()
            document.provenance["size"] = len(data)
            yield document

    def _tables(
        self, source: Source, header: list[str], rows: Iterator[_Row], found: dict[str, str]
    ) -> Iterator[Document]:
        part = _Part(header)
        for number, row in rows:
            part.add(number, row)
            if len(part.segments) > ROWS_PER_DOCUMENT:
                yield self._table(source, part, found)
                part = _Part(header, part.first + ROWS_PER_DOCUMENT)
        if len(part.segments) > 1 or part.first == 1:
            yield self._table(source, part, found)

    def _table(self, source: Source, part: _Part, found: dict[str, str]) -> Document:
        # The whole table keeps the id of the file; only later parts have a place in it.
        record = None if part.first == 1 else f"row {part.first}"
        document = source.document(
            self, part.segments, kind="document", record=record, metadata=dict(found)
        )
        document.provenance["sha256"] = part.digest.hexdigest()
        return document


_Row = tuple[int, list[str]]


@dataclass(slots=True)
class _Part:
    """Up to 10,000 rows of a table as segments."""

    header: list[str]
    first: int = 1
    segments: list[Segment] = field(init=False)
    digest: hashlib._Hash = field(init=False, default_factory=hashlib.sha256)

    def __post_init__(self) -> None:
        self.segments = [Segment("; ".join(cell for cell in self.header if cell), ref="header")]
        self.digest.update("\x1f".join(self.header).encode("utf-8", "surrogatepass"))

    def add(self, number: int, row: list[str]) -> None:
        self.digest.update(b"\x1e" + "\x1f".join(row).encode("utf-8", "surrogatepass"))
        cells = _cells(self.header, row)
        text = "; ".join(f"{name}: {value}" for name, value in cells.items())
        self.segments.append(Segment(text, ref=f"row {number}"))


def _cells(header: list[str], row: list[str], skip: int = -1) -> dict[str, str]:
    """Column to value, without empty cells; cells beyond the header are numbered columns."""
    found: dict[str, str] = {}
    for at, value in enumerate(row):
        if at == skip or not value.strip():
            continue
        name = header[at].strip() if at < len(header) else ""
        name = name or f"column {at + 1}"
        found[f"{name} ({at + 1})" if name in found else name] = value
    return found


def _lines(
    stack: ExitStack, source: Source, sample: bytes, encoding: _encoding.Encoding
) -> Iterator[str]:
    """The lines of the file with their ends, decoded strictly as they are read."""
    if len(sample) < SAMPLE_BYTES:
        text = _encoding.decode(sample, given=encoding.name).text
        return iter(io.StringIO(text, newline=""))
    stream = stack.enter_context(source.open())
    stream.read(encoding.skip)
    wrapped = io.TextIOWrapper(stream, encoding.name, newline="")
    return _bounded_lines(stack.enter_context(wrapped))


def _bounded_lines(stream: io.TextIOWrapper) -> Iterator[str]:
    number = 0
    try:
        while line := stream.readline(MAX_CELL_CHARACTERS):
            number += 1
            if len(line) >= MAX_CELL_CHARACTERS:
                raise DocumentError("line is too long", f"{MAX_CELL_CHARACTERS:,} characters")
            yield line
    except UnicodeDecodeError as error:
        detail = f"not {error.encoding}, soon after line {number}"
        raise DocumentError("encoding unknown", detail) from None


def _peek(lines: Iterator[str], most: int = 20) -> tuple[str, Iterator[str]]:
    """The first lines as one string, and all lines."""
    first = list(itertools.islice(lines, most))
    return "".join(first), itertools.chain(first, lines)


def _delimiter(first: str, source: Source) -> str:
    """The delimiter that cuts the first rows into the most columns, evenly."""
    if source.media_type == TAB or source.suffix in (".tsv", ".tab"):
        return "\t"

    def evenness(delimiter: str) -> tuple[float, int]:
        try:
            rows = csv.reader(io.StringIO(first), delimiter=delimiter)
            widths = [len(row) for row in rows if row]
        except csv.Error:
            return 0.0, 0
        # The last row may be cut off in the middle of a quoted cell.
        widths = widths[:-1] if len(widths) > 2 else widths
        if not widths or widths[0] < 2:
            return 0.0, 0
        return sum(width == widths[0] for width in widths) / len(widths), widths[0]

    return max(DELIMITERS, key=evenness) if any(d in first for d in DELIMITERS) else ","


def _rows(lines: Iterator[str], delimiter: str) -> Iterator[_Row]:
    """Rows with their number, the header being row 0. Blank lines are no rows."""
    # The limit is one setting of the whole process; it is only ever raised, to one value.
    csv.field_size_limit(MAX_CELL_CHARACTERS)
    number = 0
    try:
        for row in csv.reader(lines, delimiter=delimiter):
            if any(cell.strip() for cell in row):
                yield number, row
                number += 1
    except csv.Error as error:
        raise DocumentError("damaged table", f"after row {number - 1}: {error}") from None
