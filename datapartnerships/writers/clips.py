"""Clips of recordings with what is said in them: for those who train speech models."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, fields
from typing import Any, ClassVar

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from datapartnerships._deposit import Deposit
from datapartnerships.config import location
from datapartnerships.errors import (
    AccountingError,
    ConfigurationError,
    InvalidParameter,
)
from datapartnerships.kernels.clips import Clip, Cut, Rules, cut
from datapartnerships.schema import PROVENANCE, RIGHTS, FileEntry, Receipt, Shard
from datapartnerships.writers._base import check_split
from datapartnerships.writers._sound import Stretch, cuttings
from datapartnerships.writers.parquet import ParquetWriter, leaves_of

RATE = 16_000
# Rows that wait to be written, in bytes of sound.
_TABLE_BYTES = 4 << 20

_COLUMNS = pa.schema(
    [
        ("id", pa.string()),
        ("audio", pa.struct([("bytes", pa.binary()), ("path", pa.string())])),
        ("text", pa.string()),
        ("speaker", pa.string()),
        ("language", pa.string()),
        ("start_s", pa.float64()),
        ("end_s", pa.float64()),
        ("duration_s", pa.float64()),
        ("confidence", pa.float32()),
        ("flags", pa.list_(pa.string())),
        ("document_id", pa.string()),
        ("source", pa.string()),
        ("segment", pa.int32()),
        ("utterances", pa.int32()),
        ("provenance", PROVENANCE),
        ("rights", RIGHTS),
    ]
)


def _feature(kind: pa.DataType) -> dict[str, Any]:
    """As `datasets` writes a type; a list of features by name for a struct."""
    if pa.types.is_struct(kind):
        return {item.name: _feature(item.type) for item in kind}
    if pa.types.is_list(kind):
        return {"feature": _feature(kind.value_type), "_type": "List"}
    names = {pa.float32(): "float32", pa.float64(): "float64"}
    return {"dtype": names.get(kind, str(kind)), "_type": "Value"}


def _schema() -> pa.Schema:
    """The columns; their metadata says to `datasets` that `audio` is sound."""
    features = {item.name: _feature(item.type) for item in _COLUMNS}
    features["audio"] = {"sampling_rate": RATE, "_type": "Audio"}
    info = json.dumps({"info": {"features": features}})
    return _COLUMNS.with_metadata({"huggingface": info})


SCHEMA = _schema()


@dataclass(frozen=True)
class ClipWriter(ParquetWriter):
    """One row a clip: its sound (16 kHz, mono, FLAC without tags), what is said and by whom.

    Takes the recordings with transcripts (`kind` audio or video) from the batches and opens them
    once more. Clips are cut at the bounds of utterances; one that cannot become part of a clip is
    left out for a reason that is counted: in `Receipt.counts` and `Manifest.counts`, utterances =
    utterances in clips + all that were left out. ``load_dataset(path)`` gives an `Audio` feature.

    A row goes to the split that the column `split` says (`SplitBySpeaker`), else to `split`.

    What `Redact` took from a text is still in the sound. So an utterance is left out if its text
    holds what stands for something redacted, if a detector marked something in it, or if its
    words are gone (`Segment.words` is null once a text changed) where the document has words
    elsewhere or has lost its digest (`provenance.sha256`, which `Redact` takes out). So is what
    is heard less than 0.25 s from it. The voice itself may say who speaks; nothing is done to it.

    Attributes:
        recordings: the folder that the deposit lies in, or an fsspec URL of it.
        min_seconds: shorter clips are left out.
        max_seconds: utterances of one speaker and language are joined up to this; a longer one is
            cut at its widest pauses between words, or left out if it has no words.
        max_gap_seconds: utterances further apart are not joined; None makes a clip of each one.
            Where nobody knows who speaks, two persons may be joined.
        padding_seconds: of the recording before and after, never into another utterance.
        min_confidence: utterances below are left out, and those of unknown confidence; 0 for all.
        leave_out_flags: utterances with one of these flags are left out.
        leave_out_sounds: utterances during a `sound` segment with one of these names (its `ref`)
            are left out, so that music of others does not leave.
        nothing_redacted: the partner says that nothing was ever redacted in these documents: words
            that are not there, and a digest that is not there, mean nothing then.
        row_group_bytes: Arrow bytes of a row group, about.
    """

    recordings: str = location("")
    min_seconds: float = 1.0
    max_seconds: float = 30.0
    max_gap_seconds: float | None = 1.0
    padding_seconds: float = 0.1
    min_confidence: float = 0.0
    leave_out_flags: tuple[str, ...] = ("language", "loop", "lost", "music", "silence")
    leave_out_sounds: tuple[str, ...] = ("music",)
    nothing_redacted: bool = False
    row_group_bytes: int = 16 << 20

    version: ClassVar[int] = 2

    def __post_init__(self) -> None:
        super().__post_init__()
        for name in ("leave_out_flags", "leave_out_sounds"):
            value = getattr(self, name)
            if isinstance(value, str):
                raise InvalidParameter(self, name, "a tuple of strings", value)
            object.__setattr__(self, name, tuple(value))
        for name in ("min_seconds", "max_gap_seconds", "padding_seconds"):
            value = getattr(self, name)
            if not (value is None and name == "max_gap_seconds") and not 0 <= value <= 60:
                raise InvalidParameter(self, name, "seconds, 0 to 60", value)
        if not self.min_seconds < self.max_seconds <= 600:
            rule = "more than min_seconds and at most 600"
            raise InvalidParameter(self, "max_seconds", rule, self.max_seconds)
        if not 0 <= self.min_confidence <= 1:
            rule = "a number from 0 to 1"
            raise InvalidParameter(self, "min_confidence", rule, self.min_confidence)

    def write(self, shard: Shard, batches: Iterable[pa.Table]) -> Receipt:
        documents = 0
        counts: Counter[str] = Counter()
        waiting: dict[str, list[dict[str, Any]]] = {}
        # Transcripts of one shard are small; the sound is read when all of them are there.
        for batch in batches:
            documents += batch.num_rows
            for split, row in self._recordings(batch):
                waiting.setdefault(split, []).append(row)
        if waiting and not self.recordings:
            raise ConfigurationError(
                "ClipWriter needs the recordings again: ClipWriter(recordings=...) is the folder "
                "of the deposit, the same as the path of the reader."
            )
        counts["documents"] = documents
        counts["recordings"] = sum(len(rows) for rows in waiting.values())
        files: list[FileEntry] = []
        for split in sorted(waiting):
            files += self.write_parts(f"{shard.key}={split}", self._tables(waiting[split], counts))
        files = files or [*self.write_empty(shard.key, self.columns())]
        counts["rows"] = sum(entry.rows for entry in files)
        left_out = sum(n for name, n in counts.items() if name.startswith("left out: "))
        if counts["utterances"] != counts["utterances in clips"] + left_out:
            raise AccountingError(f"ClipWriter lost utterances of shard {shard.key}: {counts}")
        return Receipt(
            shard.key,
            files=tuple(files),
            documents_in=documents,
            documents_out=documents,
            counts={name: n for name, n in sorted(counts.items()) if n or name == "rows"},
        )

    def columns(self) -> pa.Schema:
        return SCHEMA

    def _recordings(self, batch: pa.Table) -> Iterator[tuple[str, dict[str, Any]]]:
        """Rows of recordings, each with its split."""
        rows = batch.filter(pc.is_in(batch["kind"], pa.array(["audio", "video"])))
        names = ["id", "source", "segments", "provenance", "metadata", "rights", "spans"]
        splits = [self.split] * rows.num_rows
        if "split" in rows.column_names:
            splits = [name or self.split for name in rows["split"].to_pylist()]
        for name in set(splits):
            check_split(name)
        yield from zip(splits, rows.select(names).to_pylist(), strict=True)

    def _tables(self, rows: Iterable[dict[str, Any]], counts: Counter[str]) -> Iterator[pa.Table]:
        found: list[dict[str, Any]] = []
        size = 0
        for row in rows:
            for clip in self._clips(row, counts):
                found.append(clip)
                size += len(clip["audio"]["bytes"])
                if size > _TABLE_BYTES:
                    yield pa.Table.from_pylist(found, SCHEMA)
                    found, size = [], 0
        if found:
            yield pa.Table.from_pylist(found, SCHEMA)

    def _clips(self, row: Mapping[str, Any], counts: Counter[str]) -> Iterator[dict[str, Any]]:
        """The clips of one recording, in the order of their time."""
        found = self.cut(row)
        counts["utterances"] += found.utterances
        for reason, count in found.left_out.items():
            counts[f"left out: {reason}"] += count
        if not found.clips:
            return
        clips = sorted(found.clips, key=lambda clip: (clip.start_s, clip.segment))
        wanted = [
            Stretch(round(clip.start_s * RATE), round(clip.end_s * RATE), clip.channel)
            for clip in clips
        ]
        with Deposit(self.recordings, "recording").place(row["provenance"]) as recording:
            sounds = cuttings(recording, wanted, apart=_apart(row, clips))
            for clip, place, (samples, flac) in zip(clips, wanted, sounds, strict=True):
                end = place.start + samples
                # What a recognizer says of the end may be a little past it.
                if not samples or end < (clip.speech_s - 0.1) * RATE:
                    counts["left out: no sound"] += clip.utterances
                    counts["parts of utterances without sound"] += not clip.utterances
                    continue
                counts["utterances in clips"] += clip.utterances
                yield _row(row, clip, place.start, end, flac)

    def cut(self, row: Mapping[str, Any]) -> Cut:
        """Where the recording of this row is cut, without opening it."""
        rules = Rules(**{item.name: getattr(self, item.name) for item in fields(Rules)})
        marked = {span["segment"] for span in row["spans"] or () if span["field"] == "text"}
        segments = row["segments"]
        # Whether an utterance has to have its words to be let out.
        digest = row["provenance"]["sha256"]
        words = not self.nothing_redacted and (
            digest is None or any(item["words"] for item in segments)
        )
        return cut(segments, rules, marked=marked, needs_words=words, untouched=digest is not None)

    def _file(self, stream: Any, schema: pa.Schema) -> pq.ParquetWriter:
        names = [
            name
            for name in schema.names
            if name not in ("audio", "text", "provenance", "rights", "flags")
        ]
        return pq.ParquetWriter(
            stream,
            schema,
            # FLAC is compressed.
            compression={
                leaf: "none" if leaf == "audio.bytes" else "zstd" for leaf in leaves_of(schema)
            },
            write_statistics=names,
            use_dictionary=names,
            use_content_defined_chunking=True,
            write_page_index=True,
        )


def _apart(row: Mapping[str, Any], clips: Iterable[Clip]) -> bool:
    """Whether its two channels are kept apart: as its reader did, or as its speakers say."""
    heard = dict(row["metadata"] or ()).get("channels_heard")
    return heard == "2" or any(clip.channel is not None for clip in clips)


def _row(row: Mapping[str, Any], clip: Clip, start: int, end: int, sound: bytes) -> dict[str, Any]:
    name = f"{row['id']}-{start / RATE:.3f}"
    return {
        "id": name,
        "audio": {"bytes": sound, "path": f"{name}.flac"},
        "text": clip.text,
        "speaker": clip.speaker,
        "language": clip.language,
        "start_s": start / RATE,
        "end_s": end / RATE,
        "duration_s": (end - start) / RATE,
        "confidence": clip.confidence,
        "flags": list(clip.flags),
        "document_id": row["id"],
        "source": row["source"],
        "segment": clip.segment,
        "utterances": clip.utterances,
        "provenance": row["provenance"],
        "rights": row["rights"],
    }
