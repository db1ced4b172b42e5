"""Transcripts as people type them: who speaks, a colon, and what is said."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from datapartnerships.errors import DocumentError
from datapartnerships.readers import _encoding, _speakers
from datapartnerships.readers._base import FileReader
from datapartnerships.readers._script import TRANSCRIPT, Turn, turns_of
from datapartnerships.readers._source import Source
from datapartnerships.readers.text import TextReader, read_bounded
from datapartnerships.schema import Document, Segment

_ORIGIN = "transcript plain"


@dataclass(frozen=True, kw_only=True)
class TranscriptReader(FileReader):
    """One document a transcript, of kind "conversation": a segment each turn, `ref` its line.

    It knows ``NAME: text``, ``Q.`` and ``A.`` of depositions (with or without line numbers),
    ``[00:12:03] Name: text`` and a line with a name and a time above what is said. A turn with a
    time is an `utterance`, without an end unless the file gives one. A line that is only
    ``(Applause)`` is of kind `sound`; text before the first turn is paragraphs.

    A file is a transcript only where most of it says so: names that come again, in no fixed round,
    with sentences after them. Every other text is read as `TextReader` does.

    Attributes:
        encoding: the encoding of every file, where it is known; None to find it out.
    """

    encoding: str | None = None

    keeps = "turns with speaker, and times where they are given; any other text as `TextReader`"
    media_types = frozenset({TRANSCRIPT})
    suffixes = (".txt", ".text")

    def parse(self, source: Source) -> Iterator[Document | Source]:
        data = read_bounded(source, self.limits)
        decoded = _encoding.decode(data, given=self.encoding, declared=source.charset)
        text = decoded.text
        if "\r" in text:
            text = text.replace("\r\n", "\n").replace("\r", "\n")
        found = turns_of(text)
        if found is None:
            yield from TextReader(encoding=self.encoding, limits=self.limits).parse(source)
            return
        turns, head = found
        segments = [Segment("\n".join(head), origin=_ORIGIN)] if head else []
        for turn in turns:
            segments += _segments(turn)
        if not segments:
            raise DocumentError("no text found", f"{len(turns)} turns without text")
        empty = sum(not turn.text for turn in turns)
        metadata = {**decoded.metadata(), "turns": str(len(turns))}
        if empty:
            metadata["turns_without_text"] = str(empty)
        yield source.document(self, segments, kind="conversation", data=data, metadata=metadata)


def _segments(turn: Turn) -> Iterator[Segment]:
    """The turn, cut where a line is only a note of a sound."""
    said: list[str] = []
    speaker, start, end = turn.speaker, turn.start, turn.end

    def flush() -> Iterator[Segment]:
        text = "\n".join(said).strip()
        said.clear()
        if text:
            kind = "turn" if start is None else "utterance"
            yield Segment(
                text, kind, speaker, start_s=start, end_s=end, ref=f"line {turn.line}",
                origin=_ORIGIN,
            )  # fmt: skip

    for line in turn.lines:
        heard = _speakers.sound(line) if line else None
        if heard is None:
            said.append(line)
            continue
        for segment in flush():
            # When it ends, and when the next begins, is not known.
            segment.end_s = None
            yield segment
        start = end = None
        yield Segment(line, "sound", ref=heard, origin=_ORIGIN)
    yield from flush()
