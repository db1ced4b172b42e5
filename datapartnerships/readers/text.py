"""Plain text and Markdown: paragraphs as they stand, with the line where each begins."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from datapartnerships.errors import DocumentError
from datapartnerships.readers import _encoding
from datapartnerships.readers._base import FileReader
from datapartnerships.readers._source import Limits, Source
from datapartnerships.schema import Document, Segment

_ATX = re.compile(r" {0,3}(#{1,6})(?:[ \t](.*))?$")
_SETEXT = re.compile(r" {0,3}(=+|-+)[ \t]*$")
_FENCE = re.compile(r" {0,3}(`{3,}|~{3,})")
_FRONT_KEY = re.compile(r"([A-Za-z][\w\s.-]*)[:=]\s*(.*)$")
_PATH_SEPARATOR = " > "


def read_bounded(source: Source, limits: Limits) -> bytes:
    """All bytes of a text; one that is too long is rejected without being read whole."""
    limit = limits.max_document_bytes
    detail = f"max_document_bytes is {limit:,}"
    if source.size > limit:
        raise DocumentError("text is too long", detail)
    with source.open() as stream:
        data = stream.read(limit + 1)
    if len(data) > limit:
        raise DocumentError("text is too long", detail)
    return data


def blocks(lines: list[str]) -> Iterator[tuple[int, list[str]]]:
    """(number of the first line, lines) of every run of lines that are not blank."""
    start = 0
    for at, line in enumerate(lines):
        if not line.strip():
            if at > start:
                yield start + 1, lines[start:at]
            start = at + 1
    if len(lines) > start:
        yield start + 1, lines[start:]


def split_lines(text: str) -> list[str]:
    """Lines by the line ends of Unix, DOS and old Macs, and by no others."""
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    return text.split("\n")


@dataclass(frozen=True, kw_only=True)
class TextReader(FileReader):
    """One document a file, one segment a paragraph; ``ref`` is the line where it begins.

    The encoding is found from the content (`metadata` says which and how) or the file is
    rejected: text in the wrong letters would pass for text.

    Attributes:
        encoding: the encoding of every file, where it is known; None to find it out.
    """

    encoding: str | None = None

    keeps = "paragraphs, with the line where they begin"
    media_types = frozenset({"text/plain"})
    suffixes = (".txt", ".text", ".rst", ".log", ".asc", ".tex", ".org", ".adoc")

    def parse(self, source: Source) -> Iterator[Document | Source]:
        data = read_bounded(source, self.limits)
        decoded = _encoding.decode(data, given=self.encoding, declared=source.charset)
        segments = [
            Segment("\n".join(lines), ref=f"line {number}")
            for number, lines in blocks(split_lines(decoded.text))
        ]
        if not segments:
            raise DocumentError("no text found", "the file is blank")
        yield source.document(self, segments, kind="text", data=data, metadata=decoded.metadata())


@dataclass(frozen=True, kw_only=True)
class MarkdownReader(FileReader):
    """One document a file, one segment a block; ``ref`` is the path of headings above it.

    Front matter (between ``---`` or ``+++`` lines) becomes metadata. Markup stays in the text.

    Attributes:
        encoding: the encoding of every file, where it is known; None to find it out.
    """

    encoding: str | None = None

    keeps = "blocks, with the headings above them"
    media_types = frozenset({"text/markdown"})
    suffixes = (".md", ".markdown")

    def parse(self, source: Source) -> Iterator[Document | Source]:
        data = read_bounded(source, self.limits)
        decoded = _encoding.decode(data, given=self.encoding, declared=source.charset)
        front, lines = _front_matter(split_lines(decoded.text))
        segments = list(_sections(lines))
        if not segments and not front:
            raise DocumentError("no text found", "the file is blank")
        reason = None if segments else "MarkdownReader: no text found (only front matter)"
        yield source.document(
            self,
            segments,
            kind="document",
            data=data,
            metadata={**decoded.metadata(), **front},
            drop_reason=reason,
        )


def _sections(lines: list[str]) -> Iterator[Segment]:
    path: list[tuple[int, str]] = []
    for block in _markdown_blocks(lines):
        level, title = _heading(block)
        if level:
            while path and path[-1][0] >= level:
                path.pop()
            path.append((level, title))
        ref = _PATH_SEPARATOR.join(name for _, name in path if name)
        yield Segment("\n".join(block), ref=ref or None)


def _markdown_blocks(lines: list[str]) -> Iterator[list[str]]:
    """Blocks: headings by themselves, fenced code whole, all else up to a blank line."""
    block: list[str] = []
    fence = ""
    for line in lines:
        mark = _FENCE.match(line)
        if fence:
            block.append(line)
            if mark and mark[1].startswith(fence) and not line.strip().strip(fence[0]):
                yield block
                block, fence = [], ""
        elif mark and not (mark[1][0] == "`" and "`" in line[mark.end() :]):
            if block:
                yield block
            block, fence = [line], mark[1]
        elif not line.strip():
            if block:
                yield block
            block = []
        elif _ATX.match(line):
            if block:
                yield block
            yield [line]
            block = []
        else:
            block.append(line)
            if len(block) > 1 and _SETEXT.match(line) and _is_title(block):
                yield block
                block = []
    if any(line.strip() for line in block):
        yield block


def _is_title(block: list[str]) -> bool:
    """Whether the underlined lines are a heading and not a list, a quote or a table."""
    return not block[0].lstrip().startswith(("- ", "* ", "+ ", ">", "|", "    "))


def _heading(block: list[str]) -> tuple[int, str]:
    """(level, title) of a heading block, (0, "") for any other."""
    if len(block) == 1 and (found := _ATX.match(block[0])):
        title = (found[2] or "").strip()
        # It may be closed by as many signs as one likes, behind a space.
        bare = title.rstrip("#")
        return len(found[1]), title if bare and not bare[-1].isspace() else bare.strip()
    if len(block) > 1 and (found := _SETEXT.match(block[-1])) and _is_title(block):
        return (1 if found[1][0] == "=" else 2), " ".join(line.strip() for line in block[:-1])
    return 0, ""


def _front_matter(lines: list[str]) -> tuple[dict[str, str], list[str]]:
    """The metadata a file begins with, and the rest of its lines.

    Read by line and not with a YAML parser: its aliases can expand a kilobyte to gigabytes,
    and what is wanted is what the author wrote.
    """
    mark = lines[0].rstrip() if lines else ""
    if mark not in ("---", "+++"):
        return {}, lines
    ends = ("---", "...") if mark == "---" else ("+++",)
    end = next((i for i, line in enumerate(lines[1:500], 1) if line.rstrip() in ends), 0)
    if not end:
        return {}, lines
    found: dict[str, list[str]] = {}
    key = ""
    for line in lines[1:end]:
        if line[:1] not in (" ", "\t", "-", "#", "") and (match := _FRONT_KEY.match(line)):
            key = match[1].strip()
            found[key] = [match[2].strip().strip("\"'")]
        elif line.strip() and key:
            found[key].append(line.strip().removeprefix("- ").strip("\"'"))
        elif line.strip():
            # Not keys and values after all: a text that begins with a rule.
            return {}, lines
    if not found:
        return {}, lines
    metadata = {key: ", ".join(part for part in parts if part) for key, parts in found.items()}
    return {key: value for key, value in metadata.items() if value}, lines[end + 1 :]
