"""STM and CTM, the formats of NIST's scoring: utterances by speaker, and words with times."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from datapartnerships.errors import DocumentError
from datapartnerships.readers import _encoding, _tiers
from datapartnerships.readers._base import FileReader
from datapartnerships.readers._cues import checked, kind_of
from datapartnerships.readers._nistlines import CTM, STM, STM_LINE
from datapartnerships.readers._source import Source
from datapartnerships.readers._tiers import Heard
from datapartnerships.readers.text import read_bounded, split_lines
from datapartnerships.schema import Document, Segment

_IGNORED = "ignore_time_segment_in_scoring"
_NUMBER = re.compile(r"-?\d*\.?\d+(?:[eE]-?\d+)?")


@dataclass(frozen=True, kw_only=True)
class _NistReader(FileReader):
    """Lines of one file that are of several recordings become a document for each recording.

    Attributes:
        encoding: the encoding of every file, where it is known; None to find it out.
    """

    encoding: str | None = None

    def parse(self, source: Source) -> Iterator[Document | Source]:
        data = read_bounded(source, self.limits)
        decoded = _encoding.decode(data, given=self.encoding, declared=source.charset)
        counts: Counter[str] = Counter(lines=0)
        found = self._segments(split_lines(decoded.text), counts)
        if not found:
            raise DocumentError("no text found", f"{counts['lines_rejected']} lines do not fit")
        metadata = {**decoded.metadata(), **{k: str(v) for k, v in counts.items()}}
        for name, segments in found.items():
            yield source.document(
                self,
                segments,
                kind=kind_of(segments),
                record=name if len(found) > 1 else None,
                data=data,
                metadata={"media": name, **metadata},
            )

    def _segments(self, lines: Iterable[str], counts: Counter[str]) -> dict[str, list[Segment]]:
        raise NotImplementedError


@dataclass(frozen=True, kw_only=True)
class StmReader(_NistReader):
    """A document for each recording that a segment time mark file (.stm) names, a segment a line.

    Lines that are to be ignored in scoring are left out, and counted in `metadata` as are those
    that do not fit. `ref` is the channel.

    Attributes:
        encoding: the encoding of every file, where it is known; None to find it out.
    """

    keeps = "a segment for each line, with times, speaker and channel"
    media_types = frozenset({STM})
    suffixes = (".stm",)

    def _segments(self, lines: Iterable[str], counts: Counter[str]) -> dict[str, list[Segment]]:
        found: dict[str, list[Segment]] = {}
        for line in lines:
            if not line.strip() or line.startswith(";;"):
                continue
            counts["lines"] += 1
            match = STM_LINE.fullmatch(line.strip())
            if match is None:
                counts["lines_rejected"] += 1
                continue
            name, channel, speaker, begin, stop, _, text = match.groups()
            text = " ".join((text or "").split())
            if text.lower() == _IGNORED:
                counts["lines_ignored_in_scoring"] += 1
                continue
            if not text:
                counts["lines_without_text"] += 1
                continue
            start, end, wrong = checked(float(begin), float(stop))
            segment = Segment(text, "utterance", speaker, start_s=start, end_s=end)
            segment.ref, segment.origin = f"channel {channel}", "transcript stm"
            segment.flags = wrong or None
            found.setdefault(name, []).append(segment)
        return found


@dataclass(frozen=True, kw_only=True)
class CtmReader(_NistReader):
    """A document for each recording that a time-marked conversation file (.ctm) names.

    Words become utterances at pauses of half a second or where the channel changes; `words` have
    their times and confidences. Of alternatives the first is taken. Lines that do not fit are
    counted in `metadata`.

    Attributes:
        encoding: the encoding of every file, where it is known; None to find it out.
    """

    keeps = "words with times and confidence, put together to utterances at pauses"
    media_types = frozenset({CTM})
    suffixes = (".ctm",)

    def _segments(self, lines: Iterable[str], counts: Counter[str]) -> dict[str, list[Segment]]:
        found: dict[str, dict[tuple[str, str | None], list[Heard]]] = {}
        skipping = False
        for line in lines:
            if not line.strip() or line.startswith(";;"):
                continue
            cells = line.split()
            counts["lines"] += 1
            mark = cells[4] if len(cells) > 4 else ""
            if mark in ("<ALT_BEGIN>", "<ALT>", "<ALT_END>"):
                skipping = mark == "<ALT>"
                counts["lines_of_alternatives"] += 1
                continue
            if skipping:
                counts["lines_of_alternatives"] += 1
                continue
            word = _word(cells)
            if word is None:
                counts["lines_rejected"] += 1
                continue
            speaker = cells[7] if len(cells) == 8 and cells[7].lower() != "unknown" else None
            found.setdefault(cells[0], {}).setdefault((cells[1], speaker), []).append(word)
        return {name: _put_together(parts) for name, parts in found.items()}


def _word(cells: list[str]) -> Heard | None:
    if not 5 <= len(cells) <= 8 or not all(map(_NUMBER.fullmatch, cells[2:4])):
        return None
    start, length = float(cells[2]), float(cells[3])
    if start < 0 or length < 0:
        return None
    sure = float(cells[5]) if len(cells) > 5 and _NUMBER.fullmatch(cells[5]) else None
    if sure is not None and not 0 <= sure <= 1:
        sure = None
    return Heard(cells[4], start, round(start + length, 6), sure)


def _put_together(parts: dict[tuple[str, str | None], list[Heard]]) -> list[Segment]:
    found = []
    for (channel, speaker), words in parts.items():
        words.sort(key=lambda word: word.start)
        for run in _tiers.utterances(words):
            segment = _tiers.utterance(run, speaker, "transcript ctm")
            segment.ref = f"channel {channel}"
            found.append(segment)
    found.sort(key=lambda segment: segment.start_s or 0.0)
    return found
