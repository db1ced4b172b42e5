"""JSON Lines: one document a line, read in blocks by Arrow, line by line where Arrow cannot."""

from __future__ import annotations

import hashlib
import heapq
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any, BinaryIO, ClassVar

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.json as pj

from datapartnerships.errors import DocumentError
from datapartnerships.kernels.segments import whole
from datapartnerships.readers._base import FileReader
from datapartnerships.readers._columns import document_columns, metadata_column
from datapartnerships.readers._source import Source
from datapartnerships.schema import Document, Segment, documents_to_table

BLOCK_BYTES = 4 << 20
_SCAN_BYTES = 1 << 18
# Different fields from which lines are taken one by one.
MAX_COLUMNS = 200
# Brackets in brackets. Arrow's parser calls itself for each, and the process ends without a word at
# some 9,000.
MAX_DEPTH = 1000
_LONG_LINE = 16 << 10


@dataclass(frozen=True, kw_only=True)
class JsonlReader(FileReader):
    """One document a line: its text, or its messages; every other field becomes metadata.

    A large file is cut into byte ranges. A line that is no JSON object, has neither text nor
    messages, or is longer than ``limits.max_document_bytes`` is a rejected row of its own; its
    place is ``#`` and the byte at which the line begins.

    Attributes:
        text: field with the text.
        messages: field with a list of {role, content}; such a line is a conversation with one
            segment a message.
    """

    text: str = "text"
    messages: str = "messages"

    keeps = "a document for each line: its text or messages; all other fields as metadata"
    version: ClassVar[int] = 1
    media_types = frozenset({"application/jsonl"})
    suffixes = (".jsonl", ".ndjson", ".jsonl.gz", ".jsonl.zst", ".ndjson.gz", ".ndjson.zst")
    splittable = True

    def _splits(self, path: str) -> bool:
        return path.lower().endswith((".jsonl", ".ndjson"))

    def tables(self, source: Source) -> Iterator[pa.Table | Source]:
        with source.open() as stream:
            for start, block in _blocks(stream, source, self.limits.max_document_bytes):
                if block is None:
                    limit = f"max_document_bytes is {self.limits.max_document_bytes:,}"
                    error = DocumentError("line is too long", limit)
                    table = documents_to_table([self._rejected(source, start, None, error)])
                else:
                    table = self._block(source, start, block)
                del block
                yield table

    def _block(self, source: Source, start: int, block: memoryview) -> pa.Table:
        """The documents of whole lines; `start` is where the first one begins in the file."""
        try:
            return self._fast(source, start, block)
        except (pa.ArrowInvalid, pa.ArrowNotImplementedError, _NotPlain):
            lines = _lines(block)
            rows = (self._line(source, start + at, bytes(block[at:end])) for at, end in lines)
            return documents_to_table(rows)

    def _fast(self, source: Source, start: int, block: memoryview) -> pa.Table:
        lines = _lines(block)
        if not lines:
            return documents_to_table([])
        if self._odd(block, lines):
            raise _NotPlain
        table = self._parse(block, {self.text: pa.string()})
        if self.messages in table.column_names or table.num_rows != len(lines):
            raise _NotPlain
        texts = whole(table[self.text])
        # The parser takes invalid UTF-8 without a word; only a full check finds it.
        table.validate(full=True)
        if texts.null_count:
            raise _NotPlain
        others = [name for name in table.column_names if name != self.text]
        if any(_unfaithful(table[name]) for name in others):
            raise _NotPlain
        if any(pa.types.is_temporal(table.schema.field(name).type) for name in others):
            # It guesses dates out of strings: what the source said must come through as it was.
            types = {name: pa.string() for name in others if _temporal(table, name)}
            table = self._parse(block, {self.text: pa.string(), **types})
        return document_columns(
            self,
            source,
            texts,
            records=[start + at for at, _ in lines],
            sizes=[end - at for at, end in lines],
            digests=[hashlib.sha256(block[at:end]).hexdigest() for at, end in lines],
            metadata=metadata_column(table, others),
        )

    def _odd(self, block: memoryview, lines: list[tuple[int, int]]) -> bool:
        """Whether Arrow is not to see the block.

        That is so where a line is too long or too deep, where a field holds other fields, or where
        lines have so many different ones that a table of them would be mostly empty and enormous.
        """
        longest = heapq.nlargest(16, lines, key=lambda line: line[1] - line[0])
        if longest[0][1] - longest[0][0] > self.limits.max_document_bytes:
            return True
        if any(_depth(bytes(block[at:end])) > MAX_DEPTH for at, end in _bracketed(block, lines)):
            return True
        names: set[str] = set()
        for at, end in {*lines[:: max(1, len(lines) // 64)], *longest}:
            if end - at > _LONG_LINE and not _many_fields(block[at:end]):
                continue  # as a Python string it can take four times its size
            try:
                fields = json.loads(bytes(block[at:end]))
            except (ValueError, RecursionError):
                return True
            if not isinstance(fields, dict):
                return True
            if any(isinstance(value, (dict, list)) for value in fields.values()):
                return True
            names.update(fields)
        return len(names) > MAX_COLUMNS

    def _parse(self, block: memoryview, types: dict[str, pa.DataType]) -> pa.Table:
        return pj.read_json(
            pa.BufferReader(pa.py_buffer(block)),
            read_options=pj.ReadOptions(block_size=len(block) + 1, use_threads=False),
            parse_options=pj.ParseOptions(explicit_schema=pa.schema(list(types.items()))),
        )

    def _line(self, source: Source, start: int, line: bytes) -> Document:
        try:
            return self._document(source, start, line)
        except DocumentError as error:
            return self._rejected(source, start, line, error)
        except (ValueError, RecursionError) as error:
            reason = "invalid UTF-8" if isinstance(error, UnicodeDecodeError) else "invalid JSON"
            return self._rejected(source, start, line, DocumentError(reason, str(error)[:200]))

    def _rejected(
        self, source: Source, start: int, line: bytes | None, error: DocumentError
    ) -> Document:
        reason = f"{type(self).__name__}: {error}"
        return source.document(self, kind="text", record=start, data=line, drop_reason=reason)

    def _document(self, source: Source, start: int, line: bytes) -> Document:
        if len(line) > self.limits.max_document_bytes:
            limit = f"max_document_bytes is {self.limits.max_document_bytes:,}"
            raise DocumentError("line is too long", limit)
        row = json.loads(line.decode("utf-8-sig"))
        if not isinstance(row, dict):
            raise DocumentError("line is not a JSON object", f"it is a {type(row).__name__}")
        messages, text = row.pop(self.messages, None), row.pop(self.text, None)
        if messages is not None:
            if text is not None:
                row[self.text] = text
            segments, kind = _turns(messages), "conversation"
        elif isinstance(text, str):
            segments, kind = [Segment(text)], "text"
        elif text is None:
            known = ", ".join(list(row)[:8]) or "none"
            raise DocumentError(f"no field {self.text!r}", f"fields: {known}")
        else:
            raise DocumentError(f"field {self.text!r} is no string", type(text).__name__)
        metadata = {key: plain_text(value) for key, value in row.items() if value is not None}
        return source.document(
            self, segments, kind=kind, record=start, data=line, metadata=metadata
        )


class _NotPlain(Exception):
    """The block holds something that only the line-by-line way handles."""


def _unfaithful(column: pa.ChunkedArray) -> bool:
    """Whether the parser's guess of a type can have changed what the source said."""
    kind = column.type
    if pa.types.is_nested(kind):
        return True  # a struct gets the fields of its neighbors, dates inside it other spellings
    # Numbers past 2**53 are not exact as floating point.
    return pa.types.is_floating(kind) and bool(
        pc.any(pc.greater_equal(pc.abs(column), 2.0**53), min_count=0).as_py()
    )


def _temporal(table: pa.Table, name: str) -> bool:
    return bool(pa.types.is_temporal(table.schema.field(name).type))


def plain_text(value: Any) -> str:
    """A JSON value as metadata: strings as they are, whole numbers without a point."""
    if isinstance(value, str):
        return value
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    return json.dumps(value, ensure_ascii=False)


def _turns(messages: Any) -> list[Segment]:
    if not isinstance(messages, list):
        raise DocumentError("messages are not a list", type(messages).__name__)
    turns = []
    for i, message in enumerate(messages, 1):
        if not isinstance(message, dict):
            raise DocumentError("a message is not an object", f"message {i}")
        content = message.get("content", message.get("text"))
        if content is not None and not isinstance(content, str):
            content = json.dumps(content, ensure_ascii=False)
        role = message.get("role", message.get("speaker", message.get("from")))
        created = message.get("created", message.get("timestamp"))
        turns.append(
            Segment(
                content or "",
                kind="turn",
                speaker=None if role is None else str(role),
                created=None if created is None else str(created),
                ref=str(message.get("id", f"message {i}")),
            )
        )
    return turns


def _lines(block: memoryview) -> list[tuple[int, int]]:
    """(start, end) of every line that is not blank, without its line end."""
    data = np.frombuffer(block, np.uint8)
    # In stretches whose temporaries stay in the cache.
    stretches = range(0, len(data), _SCAN_BYTES)
    found = [np.flatnonzero(data[at : at + _SCAN_BYTES] == 10) + at for at in stretches]
    ends = np.concatenate([*found, [] if data[-1:] == 10 else [len(data)]]).astype(np.int64)
    starts = np.concatenate([[0], ends[:-1] + 1])
    full = ends > starts
    starts, ends = starts[full], ends[full]
    ends = ends - (data[ends - 1] == 13)
    pairs = list(zip(starts.tolist(), ends.tolist(), strict=True))
    # Blank lines are no documents; a look at the first byte spares a slice of every line.
    if (odd := data[starts] <= 32).any():
        pairs = [
            (start, end)
            for (start, end), doubtful in zip(pairs, odd.tolist(), strict=True)
            if not doubtful or bytes(block[start:end]).strip()
        ]
    return pairs


def _bracketed(block: memoryview, lines: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """Lines in which more than `MAX_DEPTH` brackets and braces are opened, those in strings too."""
    data = np.frombuffer(block, np.uint8)
    stretches = range(0, len(data), _SCAN_BYTES)
    # "[" and "{" differ in one bit.
    found = [
        np.flatnonzero(data[at : at + _SCAN_BYTES] & 0xDF == ord("[")) + at for at in stretches
    ]
    opened = np.concatenate(found)
    if len(opened) <= MAX_DEPTH:
        return []
    owners = np.searchsorted([at for at, _ in lines], opened, "right") - 1
    return [lines[i] for i in np.flatnonzero(np.bincount(owners[owners >= 0]) > MAX_DEPTH)]


def _many_fields(line: memoryview) -> bool:
    # A quotation mark inside a string has a backslash before it.
    found = re.finditer(rb'"\s*:', line)
    names = (match for match in found if line[match.start() - 1] != ord("\\"))
    return sum(1 for _ in islice(names, MAX_COLUMNS + 1)) > MAX_COLUMNS


def _depth(line: bytes) -> int:
    """How many brackets and braces of JSON lie in one another, at most."""
    bare = re.sub(rb'"[^"]*"', b"", line.replace(rb"\\", b"").replace(rb"\"", b""))
    data = np.frombuffer(bare, np.uint8) & 0xDF
    steps = (data == ord("[")).astype(np.int8) - (data == ord("]"))
    return int(np.cumsum(steps, dtype=np.int64).max(initial=0))


def _blocks(
    stream: BinaryIO, source: Source, max_line: int
) -> Iterator[tuple[int, memoryview | None]]:
    """Blocks of whole lines that begin in [start, stop); None for a line past `max_line`.

    Memory holds one block, or one line up to `max_line`. A block is overwritten by the next; one
    that is longer than usual is its caller's alone, who may let go of it.
    """
    at = _seek_line(stream, source.start)
    buffer, held = bytearray(BLOCK_BYTES), 0
    while source.stop is None or at < source.stop:
        # Twice as much, so that a very long line is not read in ever so many steps.
        more = min(len(buffer), max_line + BLOCK_BYTES - len(buffer))
        if held > len(buffer) // 2 and more > 0:
            buffer = _grown(buffer, more)
        read = stream.readinto(memoryview(buffer)[held:])  # type: ignore[attr-defined]
        data = memoryview(buffer)[: held + read]
        cut, last = _cut(buffer, len(data), at, source.stop)
        if not read:
            cut, last = len(data), True
        if cut:
            blocks, rest = [data[:cut]], data[cut:].tobytes()
            data.release()
            if len(buffer) > BLOCK_BYTES:
                buffer = bytearray(max(BLOCK_BYTES, 2 * len(rest)))
            yield at, blocks.pop()
            held, at = len(rest), at + cut
            buffer[:held] = rest
        elif len(data) > max_line:
            yield at, None
            at, rest = _skip_line(stream, at + len(data))
            if at < 0:
                return
            buffer, held = bytearray(BLOCK_BYTES), len(rest)
            buffer[:held] = rest
            continue
        else:
            held = len(data)
            data.release()
        if last:
            return


def _grown(buffer: bytearray, more: int) -> bytearray:
    """With `more` bytes at its end: in place, unless somebody still holds the block before."""
    try:
        buffer.extend(bytes(more))
    except BufferError:
        return buffer + bytes(more)
    return buffer


def _cut(data: bytearray, size: int, at: int, stop: int | None) -> tuple[int, bool]:
    """How many of the first `size` bytes are whole lines of ours, and whether they are the last."""
    if stop is not None and at + size > stop:
        # The line that holds byte stop-1 is ours to its end; the next one is not.
        end = data.find(b"\n", max(0, stop - 1 - at), size)
        if end >= 0:
            return end + 1, True
    return data.rfind(b"\n", 0, size) + 1, False


def _skip_line(stream: BinaryIO, at: int) -> tuple[int, bytes]:
    """Where the next line begins and what was read of it; -1 at the end of the file."""
    while chunk := stream.read(BLOCK_BYTES):
        newline = chunk.find(b"\n")
        if newline >= 0:
            return at + newline + 1, chunk[newline + 1 :]
        at += len(chunk)
    return -1, b""


def _seek_line(stream: BinaryIO, start: int) -> int:
    """Go to the first line that begins at or after `start`, and say where that is."""
    if start == 0:
        return 0
    stream.seek(start - 1)
    at = start - 1
    while chunk := stream.read(1 << 16):
        newline = chunk.find(b"\n")
        if newline >= 0:
            at += newline + 1
            stream.seek(at)
            return at
        at += len(chunk)
    return at
