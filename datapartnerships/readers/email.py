"""E-mail: one conversation a message, from .eml, .mbox and Outlook's .msg."""

from __future__ import annotations

import email.utils
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import BinaryIO

import pyarrow as pa

from datapartnerships.errors import DocumentError
from datapartnerships.readers import _isolation, _mime, sniff
from datapartnerships.readers._base import FileReader, batches, printable_name, rejected, unused
from datapartnerships.readers._source import Source, from_bytes
from datapartnerships.schema import Document, Segment

OUTLOOK = "application/vnd.ms-outlook"
_OLE2_MARK = b"\xd0\xcf\x11\xe0"
# Headers that become metadata.
_KEPT = ("subject", "from", "to", "cc", "date", "in-reply-to", "list-id")
# A time of day: "From here on ..." begins many a paragraph, and many programs forget the ">".
_ENVELOPE = re.compile(rb"From .*\d\d:\d\d")
_QUOTED_ENVELOPE = re.compile(rb"^>(>*From )", re.M)
_LINE_BYTES = 1 << 20


@dataclass(frozen=True, kw_only=True)
class EmailReader(FileReader):
    """One document a message, of kind "conversation": a turn for each of its texts.

    The plain text is preferred to the HTML; speaker, time and Message-ID stand on the turn,
    subject and addresses in the metadata. Attachments are sources of their own, which
    `FolderReader` gives to the readers that know them. A mailbox is read message by message.
    """

    keeps = "a conversation for each message: its text, speaker, time and Message-ID; attachments"
    media_types = frozenset({sniff.EML, sniff.MBOX, OUTLOOK})
    suffixes = (".eml", ".mbox", ".mbx", ".msg")

    def tables(self, source: Source) -> Iterator[pa.Table | Source]:
        # A mailbox has no bounds and is read here; one message is parsed in a process apart.
        if (source.media_type or sniff.media_type(source)) == sniff.MBOX:
            return batches(self._mailbox(source))
        return _isolation.parse(_Apart(limits=self.limits, reader=self), source, self.limits)

    def parse(self, source: Source) -> Iterator[Document | Source]:
        media_type = source.media_type or sniff.media_type(source)
        if media_type == sniff.MBOX:
            return self._mailbox(source)
        data = source.read(self.limits)
        if data.startswith(_OLE2_MARK):
            return self._outlook(source, data)
        return self._message(source, data)

    def _message(
        self, source: Source, data: bytes, record: int | None = None
    ) -> Iterator[Document | Source]:
        parsed = _mime.parse(data)
        sent = _iso_date(parsed.headers.get("date", ""))
        yield from self._rows(source, data, parsed, sent, record)

    def _outlook(self, source: Source, data: bytes) -> Iterator[Document | Source]:
        from datapartnerships._backends import oxmsg

        message = oxmsg.read(data)
        parsed = _mime.Parsed(headers=message.headers)
        text = message.body if (message.body or "").strip() else None
        if text is None and message.html:
            text = _mime.html_text(message.html)
        if text and text.strip():
            plain = text.replace("\r\n", "\n").replace("\r", "\n").strip("\n")
            parsed.bodies.append(_mime.Body(plain, {}))
        for name, content in message.attachments:
            if content is None:
                error = DocumentError("embedded Outlook message", "save it as a file of its own")
                parsed.failures.append((name or "message.msg", error))
            else:
                parsed.attachments.append((name or "part.bin", content))
        sent = message.date or _iso_date(message.headers.get("date", ""))
        yield from self._rows(source, data, parsed, sent, None)

    def _rows(
        self,
        source: Source,
        data: bytes,
        parsed: _mime.Parsed,
        sent: str | None,
        record: int | None,
    ) -> Iterator[Document | Source]:
        """The message, then what could not be read of it, then its attachments."""
        headers = parsed.headers
        turns = [
            Segment(
                body.text,
                kind="turn",
                speaker=_speaker(headers.get("from", "")),
                created=sent,
                ref=headers.get("message-id") or None,
            )
            for body in parsed.bodies
        ]
        metadata = {name: headers[name] for name in _KEPT if headers.get(name)}
        if parsed.bodies:
            metadata |= parsed.bodies[0].metadata
        yield source.document(
            self,
            turns,
            kind="conversation",
            record=record,
            data=data,
            metadata=metadata,
            drop_reason=None if turns else "EmailReader: message has no text",
        )
        around = replace(source, member=source.record(record)) if record else source
        used: dict[str, int] = {}
        for name, error in parsed.failures:
            yield rejected(
                self, around.inside(unused(printable_name(name), used), source.open), error
            )
        for name, content in parsed.attachments:
            inner = from_bytes("", "", content)
            yield around.inside(unused(printable_name(name), used), inner.open, len(content))

    def _mailbox(self, source: Source) -> Iterator[Document | Source]:
        with source.open() as stream:
            messages = _split(stream, self.limits.max_document_bytes)
            for number, data in enumerate(messages, 1):
                try:
                    if data is None:
                        limit = f"max_document_bytes is {self.limits.max_document_bytes:,}"
                        raise DocumentError("message is too long", limit)
                    yield from self._message(source, data, number)
                except Exception as error:
                    failed = replace(source, member=source.record(number))
                    yield rejected(self, failed, error)


@dataclass(frozen=True, kw_only=True)
class _Apart(FileReader):
    """What the parser process runs: `EmailReader.parse`, never its `tables`."""

    reader: EmailReader

    def tables(self, source: Source) -> Iterator[pa.Table | Source]:
        return batches(self.reader.parse(source))


def _split(stream: BinaryIO, max_bytes: int) -> Iterator[bytes | None]:
    """The messages of a mailbox; None for one past `max_bytes`. Holds one at a time."""
    message = bytearray()
    begun = too_long = False
    blank = True
    while line := stream.readline(_LINE_BYTES):
        if blank and line.startswith(b"From ") and _ENVELOPE.match(line):
            if begun:
                yield None if too_long else _unquoted(message)
            message, begun, too_long = bytearray(), True, False
        else:
            begun = begun or bool(line.strip())
            message += b"" if too_long else line
            if len(message) > max_bytes:
                message, too_long = bytearray(), True
        blank = not line.strip()
    if begun:
        yield None if too_long else _unquoted(message)


def _unquoted(message: bytearray) -> bytes:
    """The message with its own "From " lines as they were (mboxrd)."""
    return _QUOTED_ENVELOPE.sub(rb"\1", bytes(message))


def _speaker(sender: str) -> str | None:
    """Display name or address of the first author."""
    try:
        found = email.utils.getaddresses([sender])
    except RecursionError:  # thousands of parentheses
        found = []
    return next((name or address for name, address in found if name or address), sender or None)


def _iso_date(value: str) -> str | None:
    try:
        return email.utils.parsedate_to_datetime(value).isoformat()
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
