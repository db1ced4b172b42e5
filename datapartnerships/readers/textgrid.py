"""Praat's TextGrid: labels over the time of a recording, a tier for each speaker or level."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass

from datapartnerships.errors import DocumentError
from datapartnerships.readers import _encoding, _tiers
from datapartnerships.readers._base import FileReader
from datapartnerships.readers._cues import kind_of
from datapartnerships.readers._source import Source
from datapartnerships.readers._tiers import Mark, Tier
from datapartnerships.readers.sniff import TEXTGRID
from datapartnerships.readers.text import read_bounded
from datapartnerships.schema import Document

# A text (a quote in it stands twice), a flag or a number that stands free: all that the long form
# adds are names of what follows (Praat's manual, "TextGrid file formats").
_TOKEN = re.compile(
    r'"((?:[^"]|"")*)"|<(\w+)>|(?<![^\s])(-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)(?![^\s])'
)


@dataclass(frozen=True, kw_only=True)
class TextGridReader(FileReader):
    """One document a TextGrid (long or short, UTF-8 or UTF-16): a segment each label of speech.

    A tier is a speaker, and its name who that is, where it holds speech. Tiers of words give the
    `words` of the utterances that they lie in; where there are no utterances, words are put
    together at pauses of half a second. Tiers of phones, glosses, notes and points are left out;
    `metadata` names them with how many labels each has. Empty labels are silence.

    Attributes:
        tiers: names of the tiers that hold what was said; empty to find them out.
        encoding: the encoding of every file, where it is known; None to find it out.
    """

    tiers: tuple[str, ...] = ()
    encoding: str | None = None

    keeps = "labels of speech with times, the tier as speaker; words where they are aligned"
    media_types = frozenset({TEXTGRID})
    suffixes = (".textgrid",)

    def __post_init__(self) -> None:
        super().__post_init__()
        object.__setattr__(self, "tiers", tuple(self.tiers))

    def parse(self, source: Source) -> Iterator[Document | Source]:
        data = read_bounded(source, self.limits)
        decoded = _encoding.decode(data, given=self.encoding, declared=source.charset)
        tiers, metadata = read_textgrid(decoded.text)
        segments, counts = _tiers.segments_of(tiers, self.tiers, "transcript textgrid")
        if not segments:
            raise DocumentError("no text found", f"{len(tiers)} tiers: {_named(tiers)}")
        metadata = {**decoded.metadata(), **metadata, **counts}
        yield source.document(self, segments, kind=kind_of(segments), data=data, metadata=metadata)


def _named(tiers: list[Tier]) -> str:
    return ", ".join(tier.name for tier in tiers)[:200] or "none"


def read_textgrid(text: str) -> tuple[list[Tier], dict[str, str]]:
    """The tiers, and what is said of the file; one that is cut off gives what is there."""
    if "TextGrid" not in text[:200]:
        raise DocumentError("not a TextGrid", "its first lines do not say so")
    tokens = _tokens(text)
    values = iter(tokens)
    tiers: list[Tier] = []
    metadata: dict[str, str] = {}
    try:
        start, end = _number(values), _number(values)
        metadata["seconds"] = f"{end - start:g}"
        if next(values) != ("flag", "exists"):
            return tiers, metadata
        for _ in range(_count(values)):
            kind, name = _text(values), _text(values)
            _number(values), _number(values)
            tier = Tier(name, [], points=kind == "TextTier")
            tiers.append(tier)
            for _ in range(_count(values)):
                begin = _number(values)
                stop = None if tier.points else _number(values)
                tier.marks.append(Mark(begin, stop, _text(values)))
    except (StopIteration, _Unexpected):
        metadata["damage"] = f"cut off or wrong after {sum(len(t.marks) for t in tiers)} labels"
    return tiers, metadata


class _Unexpected(Exception):
    """Another token than must stand here."""


_Token = tuple[str, str]


def _tokens(text: str) -> list[_Token]:
    found: list[_Token] = []
    for match in _TOKEN.finditer(text):
        if match[3] is not None:
            found.append(("number", match[3]))
        elif match[2] is not None:
            found.append(("flag", match[2]))
        else:
            found.append(("text", match[1].replace('""', '"')))
    # What the file is: "ooTextFile", "TextGrid".
    while found and found[0][0] == "text":
        found.pop(0)
    return found


def _number(values: Iterator[_Token]) -> float:
    kind, value = next(values)
    if kind != "number":
        raise _Unexpected
    if not math.isfinite(found := float(value)):
        raise _Unexpected
    return found


def _count(values: Iterator[_Token]) -> int:
    return int(_number(values))


def _text(values: Iterator[_Token]) -> str:
    kind, value = next(values)
    if kind != "text":
        raise _Unexpected
    return value
