"""Subtitles and captions: a segment for each cue, with its times."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from datapartnerships.errors import DocumentError
from datapartnerships.readers import _encoding
from datapartnerships.readers import _subtitleformats as formats
from datapartnerships.readers._base import FileReader
from datapartnerships.readers._cues import kind_of, segments_of
from datapartnerships.readers._cuetext import Read
from datapartnerships.readers._dialects import TTML, dialect
from datapartnerships.readers._source import Source
from datapartnerships.readers._subtitles import read_subtitles
from datapartnerships.readers.text import read_bounded
from datapartnerships.schema import Document

# Formats in which several cues at one time are no mistake.
_LAYERED = frozenset({"ass", "ttml", "lrc"})


@dataclass(frozen=True, kw_only=True)
class SubtitleReader(FileReader):
    """One document a file, one segment a cue: SubRip, WebVTT, TTML (DFXP, EBU-TT, IMSC) and others.

    Segments are utterances with `start_s` and `end_s` as the file has them. Markup is taken off and
    the lines of a cue are joined with a space; sentences that run over cues stay cut, as the times
    are those of the cues. Captions that repeat the lines before (live television, YouTube) are
    merged, so that every word stands once. A cue of two speakers (dashes, ``>>``, voices) is a
    segment for each, with the times of the cue. Speakers are those of ``<v Name>``, `ttm:agent`, or
    a name and a colon. A cue that only names a sound, ``[Applause]``, is of kind `sound`.

    The document is a "conversation" where two or more speakers are named, else "text". `metadata`
    counts the cues, and those merged, split or without text: cues = segments - split + merged +
    without text. A time that cannot be (negative; an end before its start; 75 seconds) is left out
    and flagged: `negative`, `reversed`, `time`. Other flags are `overlap` and `order` (it begins
    before the end, or the start, of the one before), `music` (sung), `new_speaker`, `inaudible`.

    Attributes:
        encoding: the encoding of every file, where it is known; None to find it out.
    """

    encoding: str | None = None

    keeps = "cues with start, end, speaker and language; repeated captions merged; sounds marked"
    isolated = True
    media_types = frozenset({TTML, *formats.NAMES})
    suffixes = (
        ".srt", ".vtt", ".ttml", ".dfxp", ".itt", ".sbv", ".ass", ".ssa", ".sub", ".lrc",
    )  # fmt: skip

    def parse(self, source: Source) -> Iterator[Document | Source]:
        data = read_bounded(source, self.limits)
        if source.media_type == TTML or dialect(data[:4096].decode("latin-1")) == TTML:
            name, metadata = "ttml", {}
            read = _timed_text(data)
        else:
            decoded = _encoding.decode(data, given=self.encoding, declared=source.charset)
            text, metadata = decoded.text, decoded.metadata()
            if "\r" in text:
                text = text.replace("\r\n", "\n").replace("\r", "\n")
            kind = formats.subtitle_format(text, source.suffix) or _by_suffix(source)
            name, read = formats.NAMES[kind], read_subtitles(text, kind)
        origin = f"subtitles {name}"
        segments, counts = segments_of(read.cues, origin, overlaps=name not in _LAYERED)
        if not segments:
            raise DocumentError("no text found", f"{len(read.cues)} cues without text")
        metadata = {**metadata, **read.metadata, **counts}
        yield source.document(self, segments, kind=kind_of(segments), data=data, metadata=metadata)


def _by_suffix(source: Source) -> str:
    kinds = {"." + name: kind for kind, name in formats.NAMES.items()} | {".ssa": formats.ASS}
    return (
        source.media_type
        if source.media_type in formats.NAMES
        else kinds.get(source.suffix, formats.SUBRIP)
    )


def _timed_text(data: bytes) -> Read:
    from datapartnerships._backends.lxml import xml_tree
    from datapartnerships.readers._timedtext import read_timed_text

    return read_timed_text(xml_tree(data))
