"""Errors of transcription: marked in the segments, and rejected where asked."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any, ClassVar

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from datapartnerships.errors import InvalidParameter
from datapartnerships.kernels.segments import (
    flat,
    parents,
    reject,
    set_column,
    with_flags,
    with_segments_field,
    with_text,
)
from datapartnerships.kernels.transcription import FAULTS, FLAGS, Limits, Utterances, find

FAULT = pa.struct(list(FAULTS))


@dataclass(frozen=True, kw_only=True)
class FlagTranscription(Limits):
    """Mark utterances that were not said so: loops, text on silence, other languages.

    Writes `flags` of segments of kind ``utterance`` (flags that are there stay), and the column
    `transcription_faults`: segment, flag, and the reason in numbers. Where a recording has
    segments of kind ``sound``, what they cover of an utterance is no speech. Nothing is taken out
    or put right: see `DropFlagged`. What the flags mean, and what they miss, is in the page on
    transcripts.

    The other fields (`loop_letters`, `loop_copies`, `answers_rate`, `answers`, `word_copies`,
    `max_rate`, `hurried_rate`, `min_rate`, `min_rate_seconds`, `max_speech_share`, `no_speech`,
    `min_confidence`, `lowest_confidence`, `mumbled_rate`, `language_words`, `language_share`,
    `lost_seconds`) say from where on something is a fault, as `kernels.transcription.Limits`
    explains, with their sources.

    Attributes:
        languages: that may be spoken, ISO 639-1; empty for what most of the recording is in.
        reject: flags for which a document is rejected.
        max_share: of the utterances with a text, how many may have one of those flags.
    """

    languages: tuple[str, ...] = ()
    reject: tuple[str, ...] = ()
    max_share: float = 0.2

    version: ClassVar[int] = 1
    requires = frozenset({"segments", "drop_reason"})
    provides = frozenset({"segments", "drop_reason", "transcription_faults"})

    def __post_init__(self) -> None:
        for name in ("languages", "reject", "loop_letters", "loop_copies", "word_copies"):
            value = getattr(self, name)
            if not isinstance(value, list | tuple):
                raise InvalidParameter(self, name, "a list", value)
            object.__setattr__(self, name, tuple(value))
        unknown = sorted(set(self.reject) - set(FLAGS))
        if unknown:
            raise InvalidParameter(self, "reject", f"flags of {FLAGS}", self.reject)
        if not 0 <= self.max_share < 1:
            raise InvalidParameter(self, "max_share", "a number >= 0 and < 1", self.max_share)
        if len(self.loop_copies) != len(self.loop_letters) + 1:
            raise InvalidParameter(
                self, "loop_copies", "one number more than loop_letters", self.loop_copies
            )
        if len(self.word_copies) != 3:
            raise InvalidParameter(self, "word_copies", "three numbers", self.word_copies)

    def __call__(self, batch: pa.Table) -> pa.Table:
        offsets, structs = flat(batch)
        row = parents(offsets)
        kind = structs.field("kind")
        chosen = np.flatnonzero(np.asarray(pc.fill_null(pc.equal(kind, "utterance"), False)))
        limits = Limits(**{item.name: getattr(self, item.name) for item in fields(Limits)})
        found = find(_utterances(structs, row, chosen), limits=limits, asked=self.languages)
        named = [(int(chosen[index]), flag, reason) for index, flag, reason in found]
        out = batch
        if named:
            added: dict[int, list[str]] = {}
            for index, flag, _ in named:
                added.setdefault(index, []).append(flag)
            out = with_flags(batch, added)
        out = set_column(out, "transcription_faults", _faults(named, offsets, row))
        return self._judge(out, structs, row, chosen) if self.reject else out

    def _judge(self, batch: pa.Table, before: pa.StructArray, row: Any, chosen: Any) -> pa.Table:
        """By the flags that are there now, whoever set them."""
        marks = flat(batch)[1].field("flags")
        spoken = np.asarray(
            pc.fill_null(pc.greater(pc.binary_length(before.field("text")), 0), False)
        )
        bad = np.zeros(len(row), bool)
        owner = np.asarray(pc.list_parent_indices(marks))
        wanted = np.asarray(pc.is_in(marks.flatten(), pa.array(self.reject)))
        bad[owner[wanted]] = True
        utterance = np.zeros(len(row), bool)
        utterance[chosen] = True
        total = np.bincount(row[utterance & (spoken | bad)], minlength=batch.num_rows)
        count = np.bincount(row[utterance & bad], minlength=batch.num_rows)
        mask = (count > 0) & (count > self.max_share * total)
        name = type(self).__name__
        return reject(batch, pa.array(mask), f"{name}: too many errors of transcription")


def _utterances(structs: pa.StructArray, row: Any, chosen: Any) -> Utterances:
    index = pa.array(chosen)
    some = {name: structs.field(name).take(index) for name in (
        "text", "start_s", "end_s", "confidence", "speaker", "language")}  # fmt: skip

    def numbers(name: str) -> Any:
        values = pc.fill_null(some[name].cast(pa.float64()), float("nan"))
        return np.asarray(values)

    start, end = numbers("start_s"), numbers("end_s")
    return Utterances(
        texts=some["text"],
        document=row[chosen],
        start_s=start,
        end_s=end,
        speech_seconds=_speech(structs, row, chosen, start, end),
        confidence=numbers("confidence"),
        no_speech=np.full(len(chosen), np.nan),
        speaker=some["speaker"],
        language=some["language"],
    )


def _speech(structs: pa.StructArray, row: Any, chosen: Any, start: Any, end: Any) -> Any:
    """Seconds of each utterance outside the segments of kind sound; NaN without any of those."""
    speech = np.full(len(chosen), np.nan)
    sounds = np.flatnonzero(
        np.asarray(pc.fill_null(pc.equal(structs.field("kind"), "sound"), False))
    )
    times = [
        np.asarray(pc.fill_null(structs.field(name).take(pa.array(sounds)), float("nan")))
        for name in ("start_s", "end_s")
    ]
    known = times[1] > times[0]
    sounds, times = sounds[known], [column[known] for column in times]
    for document in np.unique(row[sounds]):
        mine = row[sounds] == document
        edges, length = _covered(times[0][mine], times[1][mine])
        here = row[chosen] == document
        quiet = np.interp(end[here], edges, length) - np.interp(start[here], edges, length)
        speech[here] = np.maximum(0, end[here] - start[here] - quiet)
    return speech


def _covered(start: Any, end: Any) -> tuple[Any, Any]:
    """Places in time, and how many seconds before each are in one of the stretches."""
    order = np.argsort(start)
    start, end = start[order], np.maximum.accumulate(end[order])
    first = np.concatenate([[True], start[1:] > end[:-1]])
    starts = start[first]
    ends = np.append(end[:-1][first[1:]], end[-1])
    edges = np.stack([starts, ends], axis=1).reshape(-1)
    length = np.cumsum(np.stack([np.zeros(len(starts)), ends - starts], axis=1).reshape(-1))
    return edges, length


def _faults(named: list[tuple[int, str, str]], offsets: pa.Array, row: Any) -> pa.ListArray:
    edges = np.asarray(offsets)
    owner = row[[index for index, _, _ in named]] if named else np.empty(0, np.int64)
    counts = np.bincount(owner, minlength=len(edges) - 1)
    values = pa.array(
        [
            {"segment": index - int(edges[row[index]]), "flag": flag, "reason": reason}
            for index, flag, reason in named
        ],
        FAULT,
    )
    starts = np.concatenate([[0], np.cumsum(counts)]).astype(np.int32)
    return pa.ListArray.from_arrays(pa.array(starts), values)


@dataclass(frozen=True, kw_only=True)
class DropFlagged:
    """Take out the text of utterances that have one of some flags.

    The utterance stays, with its times and flags and without words: a stretch of which nothing is
    known is not a stretch in which nothing was said.

    Attributes:
        flags: as `FlagTranscription` sets them.
    """

    flags: tuple[str, ...] = ("loop", "silence")

    version: ClassVar[int] = 1
    requires = frozenset({"segments"})
    provides = frozenset({"segments"})

    def __post_init__(self) -> None:
        if not isinstance(self.flags, list | tuple) or not set(self.flags) <= set(FLAGS):
            raise InvalidParameter(self, "flags", f"some of {FLAGS}", self.flags)
        object.__setattr__(self, "flags", tuple(self.flags))

    def __call__(self, batch: pa.Table) -> pa.Table:
        structs = flat(batch)[1]
        marks = structs.field("flags")
        hit = np.zeros(len(structs), bool)
        owner = np.asarray(pc.list_parent_indices(marks))
        hit[owner[np.asarray(pc.is_in(marks.flatten(), pa.array(self.flags)))]] = True
        hit &= np.asarray(pc.fill_null(pc.equal(structs.field("kind"), "utterance"), False))
        if not hit.any():
            return batch
        texts = structs.field("text")
        out = with_text(batch, pc.if_else(pa.array(hit), pa.scalar("", texts.type), texts))
        words = flat(out)[1].field("words")
        return with_segments_field(
            out, "words", pc.if_else(pa.array(hit), pa.scalar(None, words.type), words)
        )
