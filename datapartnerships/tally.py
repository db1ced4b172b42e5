"""What happened in a shard, in numbers and examples: small, addable, JSON."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from datapartnerships.kernels.difference import around, difference, utf8
from datapartnerships.kernels.segments import characters, flat, parents, whole
from datapartnerships.residual import compared_in
from datapartnerships.schema import metadata_dict, reason_class

EXAMPLES = 3
# Examples are masked in a wide window and shown in a narrow one, so that nothing personal is cut
# in two at an edge and missed.
WIDE, NARROW = 2000, 90

Rows = np.ndarray[Any, np.dtype[np.int64]]


@dataclass(slots=True)
class Example:
    """One change: where, and the text around its first difference, before and after."""

    id: str
    uri: str
    place: str
    before: str | None
    after: str
    at: int = 0


@dataclass(slots=True)
class StepTally:
    """What one transform did."""

    name: str
    # The transform acts on personal data: what stood there before is not shown.
    private: bool = False
    documents: int = 0
    changed: int = 0
    rejected: int = 0
    characters_before: int = 0
    characters_after: int = 0
    seconds: float = 0.0
    cpu_seconds: float = 0.0
    # Spans that it added, by label, and segments that it flagged, by flag.
    found: dict[str, int] = field(default_factory=dict)
    examples: list[Example] = field(default_factory=list)

    def add(
        self,
        before: pa.Table,
        after: pa.Table,
        *,
        rejected: int,
        seconds: tuple[float, float],
    ) -> None:
        self.documents += before.num_rows
        self.rejected += rejected
        self.seconds += seconds[0]
        self.cpu_seconds += seconds[1]
        if before["spans"] is not after["spans"]:
            for label, count in _new_labels(before, after).items():
                self.found[label] = self.found.get(label, 0) + count
        if before is after or before["segments"] is after["segments"]:
            return
        if after.num_rows < before.num_rows:  # it failed on some
            before = before.filter(pc.is_in(before["id"], after["id"].combine_chunks()))
        for flag, count in _new_flags(before, after).items():
            self.found[flag] = self.found.get(flag, 0) + count
        rows = changed_rows(before, after)
        if not len(rows):
            return
        self.changed += len(rows)
        # Of whole batches: to take the changed rows out of them would copy their texts.
        self.characters_before += int(characters(before).to_numpy()[rows].sum())
        self.characters_after += int(characters(after).to_numpy()[rows].sum())
        for row in rows[: EXAMPLES - len(self.examples)].tolist():
            old, new = before.slice(row, 1), after.slice(row, 1)
            self.examples.append(_example(old, new, self.private))


def _new_labels(before: pa.Table, after: pa.Table) -> dict[str, int]:
    """How many spans of each label `after` has more than `before`."""
    counts: dict[str, int] = {}
    for table, sign in ((after, 1), (before, -1)):
        labels = flat(table, "spans")[1].field("label")
        for pair in pc.value_counts(labels).to_pylist():
            counts[pair["values"]] = counts.get(pair["values"], 0) + sign * pair["counts"]
    return {label: count for label, count in sorted(counts.items()) if count > 0}


def _new_flags(before: pa.Table, after: pa.Table) -> dict[str, int]:
    """How many segments have each flag in `after` that had not before."""
    old, new = (flat(table)[1].field("flags") for table in (before, after))
    if old.equals(new):
        return {}
    counts: dict[str, int] = {}
    for flags, sign in ((new, 1), (old, -1)):
        for pair in pc.value_counts(flags.flatten()).to_pylist():
            counts[pair["values"]] = counts.get(pair["values"], 0) + sign * pair["counts"]
    return {flag: count for flag, count in sorted(counts.items()) if count > 0}


def changed_rows(before: pa.Table, after: pa.Table) -> Rows:
    """Indices of the rows whose segment texts differ; both tables hold the same rows."""
    offsets, old = flat(before)
    new_offsets, new = flat(after)
    if not offsets.equals(new_offsets):  # segments were merged or split
        pairs = zip(before["segments"], after["segments"], strict=True)
        return np.array([i for i, (a, b) in enumerate(pairs) if not a.equals(b)], np.int64)
    a, b = old.field("text"), new.field("text")
    if _same_buffers(a, b):
        return np.empty(0, np.int64)
    differs = pc.fill_null(pc.not_equal(a, b), False).to_numpy(zero_copy_only=False)
    return np.unique(parents(offsets)[differs])


def _same_buffers(a: pa.Array, b: pa.Array) -> bool:
    left, right = a.buffers(), b.buffers()
    return len(left) == len(right) and all(
        (x is None and y is None) or (x is not None and y is not None and x.address == y.address)
        for x, y in zip(left, right, strict=True)
    )


def _example(before: pa.Table, after: pa.Table, private: bool) -> Example:
    old, new = flat(before)[1], flat(after)[1]
    texts = old.field("text"), new.field("text")
    pairs = ([column.slice(i, 1) for column in texts] for i in range(min(len(old), len(new))))
    spot = next((i for i, (a, b) in enumerate(pairs) if not a.equals(b)), 0)
    one, other = (utf8(column, spot) for column in texts)
    at = difference(one, other)
    left, right = around(other, at, WIDE)
    fields = ("page", "start_s", "ref")
    segment = {name: new.field(name)[spot].as_py() for name in fields} if spot < len(new) else {}
    return Example(
        id=after["id"][0].as_py(),
        uri=uri_of(after["provenance"][0].as_py()),
        place=place_of(segment, spot),
        before=None if private else "".join(around(one, at, WIDE)),
        after=left + right,
        at=len(left),
    )


def uri_of(provenance: Mapping[str, Any] | None) -> str:
    """``letters.zip!a.txt`` for a document: the file, and the way inside it."""
    provenance = provenance or {}
    member = provenance.get("member")
    uri = str(provenance.get("uri") or "")
    return f"{uri}{'' if member.startswith('#') else '!'}{member}" if member else uri


def place_of(segment: Mapping[str, Any], index: int) -> str:
    """Where a segment is, in words."""
    if segment.get("page") is not None:
        return f"page {segment['page']}"
    if segment.get("start_s") is not None:
        return f"{segment['start_s']:.1f} s"
    return str(segment.get("ref") or f"segment {index + 1}")


@dataclass(slots=True)
class FormatTally:
    """What came of one media type."""

    documents_in: int = 0
    documents_out: int = 0
    bytes_in: int = 0
    characters_out: int = 0


@dataclass(slots=True)
class SoundTally:
    """The recordings that went out, and what is said in them. An utterance may have many flags."""

    recordings: int = 0
    seconds: float = 0.0
    utterances: int = 0
    speech_seconds: float = 0.0
    flags: dict[str, int] = field(default_factory=dict)

    def count(self, batch: pa.Table) -> None:
        found = batch.filter(pc.is_in(batch["kind"], pa.array(["audio", "video"])))
        if not found.num_rows:
            return
        self.recordings += found.num_rows
        for row in found["metadata"].to_pylist():
            self.seconds += _number(metadata_dict(row).get("duration_s", ""))
        segments = flat(found)[1]
        said = segments.filter(pc.equal(segments.field("kind"), "utterance"))
        self.utterances += len(said)
        lengths = pc.subtract(said.field("end_s"), said.field("start_s"))
        self.speech_seconds += pc.sum(lengths).as_py() or 0.0
        for pair in pc.value_counts(pc.list_flatten(said.field("flags"))).to_pylist():
            self.flags[pair["values"]] = self.flags.get(pair["values"], 0) + pair["counts"]

    def add(self, other: SoundTally) -> None:
        for name in ("recordings", "seconds", "utterances", "speech_seconds"):
            setattr(self, name, getattr(self, name) + getattr(other, name))
        for flag, number in other.flags.items():
            self.flags[flag] = self.flags.get(flag, 0) + number


WORST = 20


@dataclass(slots=True)
class WorstPage:
    """A page with a high estimated error rate (`EstimateQuality`); shares of its characters.

    Where it is past what the estimate was calibrated on, it has the lower bound alone.
    """

    uri: str
    place: str
    cer: float | None
    low: float
    high: float | None

    @property
    def rank(self) -> tuple[float, str, str]:
        return (-1.0 if self.cer is None else -self.cer, self.uri, self.place)


def _worst(batch: pa.Table) -> list[WorstPage]:
    if "cer_pages" not in batch.column_names:
        return []
    offsets, pages = flat(batch, "cer_pages")
    past = pc.if_else(pc.is_valid(pages.field("low")), 1.0, -1.0)
    rates = np.asarray(pc.coalesce(pages.field("cer").cast(pa.float64()), past))
    rows = parents(offsets)
    # Some more than are kept: among equal ones the place decides.
    least = np.sort(rates)[-WORST] if len(rates) > WORST else 0.0
    found = []
    for index in np.flatnonzero((rates >= least) & (rates >= 0))[: 50 * WORST].tolist():
        page, row = pages[index].as_py(), int(rows[index])
        uri = uri_of(batch["provenance"][row].as_py())
        place = place_of(page, page["segment"])
        found.append(WorstPage(uri, place, page["cer"], page["low"], page["high"]))
    return sorted(found, key=lambda page: page.rank)[:WORST]


@dataclass(slots=True)
class Tally:
    """Everything the report shows of one shard, or of many added up."""

    steps: list[StepTally] = field(default_factory=list)
    formats: dict[str, FormatTally] = field(default_factory=dict)
    rejected: dict[str, int] = field(default_factory=dict)
    rejected_examples: dict[str, list[Example]] = field(default_factory=dict)
    read_seconds: float = 0.0
    write_seconds: float = 0.0
    sound: SoundTally = field(default_factory=SoundTally)
    worst: list[WorstPage] = field(default_factory=list)
    # By label and language: what two families of detectors found, and both (`CompareDetectors`).
    compared: dict[str, dict[str, list[int]]] = field(default_factory=dict)

    def count_in(self, batch: pa.Table) -> None:
        provenance = whole(batch["provenance"])
        sizes = pc.fill_null(provenance.field("size"), 0)
        for name, documents, size in _group(provenance.field("media_type"), sizes):
            entry = self.formats.setdefault(name, FormatTally())
            entry.documents_in += documents
            entry.bytes_in += size

    def count_out(self, batch: pa.Table) -> None:
        provenance = whole(batch["provenance"])
        for name, documents, size in _group(provenance.field("media_type"), characters(batch)):
            entry = self.formats.setdefault(name, FormatTally())
            entry.documents_out += documents
            entry.characters_out += size
        self.sound.count(batch)
        self._add_worst(_worst(batch))
        self._add_compared(compared_in(batch))

    def _add_compared(self, found: Mapping[str, Mapping[str, Sequence[int]]]) -> None:
        for label, languages in found.items():
            own = self.compared.setdefault(label, {})
            for language, counts in languages.items():
                before = own.get(language, (0, 0, 0))
                own[language] = [a + b for a, b in zip(before, counts, strict=True)]

    def _add_worst(self, pages: list[WorstPage]) -> None:
        self.worst = sorted([*self.worst, *pages], key=lambda page: page.rank)[:WORST]

    def count_rejected(self, table: pa.Table) -> None:
        for row, told in enumerate(table["drop_reason"].to_pylist()):
            reason = reason_class(told)
            self.rejected[reason] = self.rejected.get(reason, 0) + 1
            examples = self.rejected_examples.setdefault(reason, [])
            if len(examples) < EXAMPLES:
                one = table.slice(row, 1)
                _, text = around(utf8(flat(one)[1].field("text"), 0), 0, 2 * WIDE)
                uri = uri_of(one["provenance"][0].as_py())
                examples.append(Example(one["id"][0].as_py(), uri, told, None, text))

    def add(self, other: Tally) -> None:
        """Add the tally of the next shard. The same steps in the same order, or none yet."""
        if not self.steps:
            self.steps = [StepTally(step.name, step.private) for step in other.steps]
        for mine, theirs in zip(self.steps, other.steps, strict=True):
            for name in (
                "documents", "changed", "rejected", "characters_before", "characters_after",
                "seconds", "cpu_seconds",
            ):  # fmt: skip
                setattr(mine, name, getattr(mine, name) + getattr(theirs, name))
            for label, count in theirs.found.items():
                mine.found[label] = mine.found.get(label, 0) + count
            mine.examples += theirs.examples[: EXAMPLES - len(mine.examples)]
        for name, entry in other.formats.items():
            total = self.formats.setdefault(name, FormatTally())
            for item, value in asdict(entry).items():
                setattr(total, item, getattr(total, item) + value)
        for reason, count in other.rejected.items():
            self.rejected[reason] = self.rejected.get(reason, 0) + count
        for reason, examples in other.rejected_examples.items():
            kept = self.rejected_examples.setdefault(reason, [])
            kept += examples[: EXAMPLES - len(kept)]
        self.read_seconds += other.read_seconds
        self.write_seconds += other.write_seconds
        self.sound.add(other.sound)
        self._add_worst(other.worst)
        self._add_compared(other.compared)

    def mask(self, mask: Callable[[list[str]], list[str]]) -> None:
        """Mask every example and cut it to what is shown around its point of interest."""
        examples = [example for step in self.steps for example in step.examples]
        examples += [e for group in self.rejected_examples.values() for e in group]
        befores = mask([example.before or "" for example in examples])
        afters = mask([example.after for example in examples])
        # The place of a rejected row is its reason, and an error may quote the text.
        places = mask([example.place for example in examples])
        uris = mask([example.uri for example in examples])
        for example, before, after, place, uri in zip(
            examples, befores, afters, places, uris, strict=True
        ):
            example.place, example.uri = place, uri
            if example.before is not None:
                example.before = _cut(before, example.at)
            example.after = _cut(after, example.at)
            example.at = 0
        for page, uri in zip(self.worst, mask([page.uri for page in self.worst]), strict=True):
            page.uri = uri

    def to_dict(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_dict(cls, raw: Mapping[str, Any]) -> Tally:
        def examples(items: Iterable[Mapping[str, Any]]) -> list[Example]:
            return [Example(**item) for item in items]

        return cls(
            steps=[
                StepTally(**{**step, "examples": examples(step["examples"])})
                for step in raw.get("steps", ())
            ],
            formats={k: FormatTally(**v) for k, v in raw.get("formats", {}).items()},
            rejected=dict(raw.get("rejected", {})),
            rejected_examples={k: examples(v) for k, v in raw.get("rejected_examples", {}).items()},
            read_seconds=raw.get("read_seconds", 0.0),
            write_seconds=raw.get("write_seconds", 0.0),
            sound=SoundTally(**raw.get("sound", {})),
            worst=[WorstPage(**page) for page in raw.get("worst", ())],
            compared=dict(raw.get("compared", {})),
        )


def _number(text: str) -> float:
    """Seconds of a recording; 0 where somebody wrote something else there."""
    try:
        return float(text) if math.isfinite(float(text)) else 0.0
    except ValueError:
        return 0.0


def _group(keys: pa.Array, sizes: pa.Array) -> list[tuple[str, int, int]]:
    table = pa.table({"key": pc.fill_null(keys, "unknown"), "size": sizes})
    groups = table.group_by("key").aggregate([("size", "count"), ("size", "sum")])
    return [(row["key"], row["size_count"], row["size_sum"] or 0) for row in groups.to_pylist()]


def _cut(text: str, at: int) -> str:
    start, end = max(0, at - NARROW), at + NARROW
    return ("…" if start else "") + text[start:end] + ("…" if end < len(text) else "")
