"""Files of before Open XML: Word, PowerPoint and Excel until 2003, and WordPerfect."""

from __future__ import annotations

import contextlib
import re
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any, ClassVar

from datapartnerships.errors import DocumentError, InvalidParameter, MissingExtra
from datapartnerships.readers import sniff
from datapartnerships.readers._base import FileReader
from datapartnerships.readers._blocks import Block, segments
from datapartnerships.readers._source import Source
from datapartnerships.readers.office import Content, office_content, sheet_content
from datapartnerships.schema import Document, Segment

WORD = "application/msword"
EXCEL = "application/vnd.ms-excel"
POWERPOINT = "application/vnd.ms-powerpoint"
WORDPERFECT = "application/vnd.wordperfect"
ENGINES = ("auto", "embedded", "libreoffice", "antiword", "catdoc")

_SUFFIX = {WORD: ".doc", EXCEL: ".xls", POWERPOINT: ".ppt", WORDPERFECT: ".wpd"}
# What LibreOffice turns each into: formats whose structure is read here.
_TARGET = {WORD: "odt", EXCEL: "xlsx", POWERPOINT: "pptx", WORDPERFECT: "odt"}
# Programs that print the text, with no word of its structure.
_PRINTING = {
    ("antiword", WORD): ("antiword", "-m", "UTF-8.txt", "-w", "0"),
    ("catdoc", WORD): ("catdoc", "-d", "utf-8", "-w"),
}
_INSTALL = {
    WORD: "LibreOffice (Debian: libreoffice-writer-nogui), antiword or catdoc",
    EXCEL: "LibreOffice (Debian: libreoffice-calc-nogui)",
    POWERPOINT: "LibreOffice (Debian: libreoffice-impress-nogui)",
    WORDPERFECT: "LibreOffice (Debian: libreoffice-writer-nogui)",
}
# Of the time a file may take: the parser's process must end before it is ended.
_SHARE_OF_TIME = 0.8
_LONG_RULE = re.compile(r"-{10,}")
_NOTE = re.compile(r"\[(\d+)\]\s+(?=\S)")


@dataclass(frozen=True, slots=True)
class _Task:
    """One file and what its conversion may cost."""

    reader: LegacyOfficeReader
    data: bytes
    kind: str
    end: float

    def cost(self) -> dict[str, Any]:
        left = self.end - time.monotonic()
        if left <= 0.5:
            limit = f"max_seconds is {self.reader.limits.max_seconds:g}"
            raise DocumentError("converter took too long", limit)
        return {"seconds": left, "max_bytes": self.reader.limits.max_document_bytes}


@dataclass(frozen=True, kw_only=True)
class LegacyOfficeReader(FileReader):
    """Reads .doc, .ppt and .xls of 1997 to 2003, and WordPerfect's .wpd.

    Segments are as those of `OfficeReader`; `origin` says what read them. Word's tracked changes
    are resolved: what was deleted is left out. Word files of before 1997 need a program, and so
    do damaged files, of which LibreOffice often reads a part: their `origin` says so.

    Attributes:
        engine: what reads the file. ``auto`` is what is embedded here (pip packages and our own
            parsers), then LibreOffice, antiword and catdoc, as far as they are installed; or one
            of ``embedded``, ``libreoffice``, ``antiword``, ``catdoc``, and no other.
        hidden: whether hidden sheets and slides are read. The metadata name them either way.
        comments: whether comments are read, as segments whose `ref` is ``comments``.
    """

    engine: str = "auto"
    hidden: bool = True
    comments: bool = True

    keeps = "paragraphs, slides or blocks of cells, with the headings above them"
    media_types: ClassVar[frozenset[str]] = frozenset({WORD, EXCEL, POWERPOINT, WORDPERFECT})
    suffixes: ClassVar[tuple[str, ...]] = (".doc", ".dot", ".xls", ".xlt", ".ppt", ".pps", ".wpd")
    isolated: ClassVar[bool] = True

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.engine not in ENGINES:
            raise InvalidParameter(self, "engine", f"one of {', '.join(ENGINES)}", self.engine)

    def parse(self, source: Source) -> Iterator[Document | Source]:
        data = source.read(self.limits)
        kind = source.media_type or sniff.media_type(source)
        if kind not in self.media_types:
            # A .doc is often Rich Text or newer than its name.
            found, metadata = office_content(
                data, self.limits, hidden=self.hidden, comments=self.comments
            )
        else:
            end = time.monotonic() + _SHARE_OF_TIME * self.limits.max_seconds
            found, metadata = _read(_Task(self, data, kind, end))
        if not any(segment.text.strip() for segment in found):
            raise DocumentError("no text found")
        yield source.document(self, found, data=data, metadata=metadata)


def _read(task: _Task) -> Content:
    """By the first engine that can; what stopped the others is in the last error."""
    failed: list[str] = []
    damage = ""
    for name, engine in _engines(task):
        if damage and name != "libreoffice":
            continue
        try:
            found, metadata = engine(task)
        except MissingExtra as error:
            failed.append(str(error))
        except DocumentError as error:
            if error.reason in ("encrypted", "expands too much", "converter took too long"):
                raise
            # Of a damaged file the printing programs give garbage, and do not say so.
            if error.reason.startswith("damaged"):
                damage = damage or error.detail or error.reason
            failed.append(error.detail or error.reason)
        else:
            if damage:
                found = [replace(s, origin=f"{s.origin}: damaged, {damage}") for s in found]
                metadata = metadata | {"damage": damage}
            return found, metadata
    if damage:
        raise DocumentError("damaged legacy office file", "; ".join(failed))
    # What the programs say of themselves is of no use to who has none of them.
    said = "; ".join(failed) or f"{task.reader.engine} is not installed or does not read it"
    raise DocumentError("legacy office format", f"{said}. Install {_INSTALL[task.kind]}")


def _engines(task: _Task) -> Iterator[tuple[str, Callable[[_Task], Content]]]:
    from datapartnerships._backends import programs

    wanted = task.reader.engine
    if wanted in ("auto", "embedded"):
        yield "embedded", _EMBEDDED[task.kind]
    if wanted in ("auto", "libreoffice") and programs.has_libreoffice():
        yield "libreoffice", _converted
    for name in ("antiword", "catdoc"):
        command = _PRINTING.get((name, task.kind))
        if wanted in ("auto", name) and command and programs.find(name):
            yield name, lambda task, name=name: _printed(task, name)  # type: ignore[misc]


def _word(task: _Task) -> Content:
    from datapartnerships._backends.olefile import compound
    from datapartnerships.readers._doc import doc_blocks

    file = compound(task.data, "WordDocument", "0Table", "1Table")
    main = file.streams.get("WordDocument", b"")
    found = segments(doc_blocks(main, file.streams, comments=task.reader.comments))
    return _from(found, "Word 97 to 2003"), file.metadata


def _powerpoint(task: _Task) -> Content:
    from datapartnerships._backends.olefile import compound
    from datapartnerships.readers._ppt import ppt_show

    file = compound(task.data, "PowerPoint Document", "Current User")
    show = ppt_show(
        file.streams.get("PowerPoint Document", b""),
        file.streams.get("Current User", b""),
        hidden=task.reader.hidden,
    )
    hidden = {"hidden_slides": ", ".join(map(str, show.hidden))} if show.hidden else {}
    return _from(show.segments, "PowerPoint 97 to 2003"), file.metadata | hidden


def _excel(task: _Task) -> Content:
    from datapartnerships._backends.olefile import compound
    from datapartnerships._backends.xlrd import VERSION, sheets

    found, metadata = sheet_content(
        sheets(task.data, comments=task.reader.comments), hidden=task.reader.hidden
    )
    with contextlib.suppress(DocumentError):  # Excel 2 to 4 wrote no compound file
        metadata |= compound(task.data).metadata
    return _from(found, f"xlrd {VERSION}"), metadata


def _wordperfect(task: _Task) -> Content:
    from datapartnerships._backends.programs import wordperfect_text

    text = wordperfect_text(task.data, **task.cost())
    return _from(segments(_plain_blocks(text)), "libwpd"), {}


def _converted(task: _Task) -> Content:
    from datapartnerships._backends import programs

    made = programs.libreoffice(task.data, _SUFFIX[task.kind], _TARGET[task.kind], **task.cost())
    reader = task.reader
    found, metadata = office_content(
        made, reader.limits, hidden=reader.hidden, comments=reader.comments
    )
    return _from(found, f"LibreOffice {programs.libreoffice_version()}"), metadata


def _printed(task: _Task, name: str) -> Content:
    from datapartnerships._backends import programs

    command = _PRINTING[name, task.kind]
    text = programs.printed(command, task.data, _SUFFIX[task.kind], **task.cost())
    return _from(segments(_plain_blocks(text)), name), {}


def _plain_blocks(text: str) -> Iterator[Block]:
    """The lines of a printed text; notes, which stand where their page ended, set apart."""
    told: set[str] = set()
    notes = []
    for line in text.splitlines():
        line = line.rstrip()
        if not line.strip() or _LONG_RULE.fullmatch(line):
            continue
        note = _NOTE.match(line)
        if note and note[1] in told:
            notes.append(Block(f"[{note[1]}] {line[note.end() :]}", place="footnotes"))
            continue
        told.update(re.findall(r"\[(\d+)\]", line))
        yield Block(line)
    yield from notes


def _from(found: list[Segment], origin: str) -> list[Segment]:
    return [replace(segment, origin=origin) for segment in found]


_EMBEDDED: dict[str, Callable[[_Task], Content]] = {
    WORD: _word,
    EXCEL: _excel,
    POWERPOINT: _powerpoint,
    WORDPERFECT: _wordperfect,
}
