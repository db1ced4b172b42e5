"""Let detectors look at every string of a document; they add spans and change nothing."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from datapartnerships.errors import InvalidParameter, UnknownName
from datapartnerships.kernels.language_tags import NO_LANGUAGE, UNKNOWN
from datapartnerships.kernels.segments import flat, lists, parents, reject, set_column
from datapartnerships.protocols import Detector
from datapartnerships.schema import SPAN, SPANS

Strings = npt.NDArray[np.object_]


@dataclass(frozen=True)
class DetectPii:
    """Run detectors over the text, speaker and reference of every segment and over the metadata.

    Spans are added to those already there; `Redact` applies a policy to them later. A detector
    that fails on a document costs that document (it is rejected, its text withheld).

    A detector for some languages only sees documents and segments in these (columns of
    `IdentifyLanguage`), and those whose language nobody knows.

    Attributes:
        detectors: what to look for.
        require: labels that must not go unlooked for: a document in whose language no detector
            finds them is rejected.
    """

    detectors: tuple[Detector, ...]
    require: tuple[str, ...] = field(default=(), kw_only=True)

    version: ClassVar[int] = 2
    requires = frozenset({"segments", "metadata", "spans"})
    provides = frozenset({"spans", "drop_reason"})
    # A row that this rejects is kept without its text.
    withholds_text = True

    def __post_init__(self) -> None:
        rule = "a list of detectors, such as [Contacts()]"
        given: Any = self.detectors
        if isinstance(given, str) or not isinstance(given, Iterable):
            raise InvalidParameter(self, "detectors", rule, self.detectors)
        object.__setattr__(self, "detectors", tuple(self.detectors))
        for detector in self.detectors:
            if isinstance(detector, type) or not isinstance(detector, Detector):
                raise InvalidParameter(self, "detectors", rule, detector)
        if not self.detectors:
            raise InvalidParameter(self, "detectors", rule, ())
        object.__setattr__(self, "require", tuple(self.require))
        for label in self.require:
            if label not in self.labels:
                raise UnknownName("label", label, self.labels, where="DetectPii.require")

    @property
    def labels(self) -> frozenset[str]:
        """The labels that its detectors can give."""
        return frozenset().union(*(detector.labels for detector in self.detectors))

    @property
    def content_id(self) -> str:
        """Which models its detectors run, part of the fingerprint of a run; empty if none does."""
        return " ".join(getattr(detector, "content_id", "") for detector in self.detectors).strip()

    def __call__(self, batch: pa.Table) -> pa.Table:
        batch = self._covered(batch)
        found = [spans for spans in self._find(batch) if spans.num_rows]
        if not found:
            return batch
        offsets, old = flat(batch, "spans")
        if len(old):
            found.append(
                pa.Table.from_struct_array(old).append_column("row", pa.array(parents(offsets)))
            )
        every = pa.concat_tables(found)
        order = pc.sort_indices(
            every,
            [(name, "ascending") for name in ("row", "field", "segment", "start", "end", "label")],
        )
        every = every.take(order).combine_chunks()
        counts = np.bincount(every["row"].to_numpy(), minlength=batch.num_rows)
        edges = np.concatenate([[0], np.cumsum(counts)]).astype(np.int32)
        columns = [every[item.name].combine_chunks() for item in SPAN]
        structs = pa.StructArray.from_arrays(columns, fields=list(SPAN))
        return set_column(batch, "spans", lists(pa.array(edges), structs))

    def _covered(self, batch: pa.Table) -> pa.Table:
        """Rejects the documents in whose language a required label is not looked for."""
        if not self.require:
            return batch
        spoken = _languages(batch)
        for language in sorted(set(spoken.tolist()) - {NO_LANGUAGE}):
            every = [detector.covers(language) for detector in self.detectors]
            lacking = [x for x in self.require if not any(x in covered for covered in every)]
            if lacking:
                reason = f"detect pii: nothing looks for {', '.join(lacking)} in {language}"
                batch = reject(batch, pa.array(spoken == language), reason)
        return batch

    def _find(self, batch: pa.Table) -> Iterator[pa.Table]:
        spoken = _languages(batch)
        offsets, segments = flat(batch)
        own = _bases(segments.field("language"))
        for name in ("text", "speaker", "ref"):
            yield from self._look(name, segments.field(name), offsets, spoken, own)
        offsets, items = flat(batch, "metadata")
        values = items.field("value")
        own = np.full(len(values), UNKNOWN, object)
        yield from self._look("metadata", values, offsets, spoken, own)

    def _look(
        self, name: str, texts: pa.Array, offsets: pa.Array, spoken: Strings, own: Strings
    ) -> Iterator[pa.Table]:
        """Spans of one kind of string, with the row and the place in the row they are in."""
        if texts.null_count == len(texts):
            return
        rows = parents(offsets)
        starts = np.asarray(offsets)
        for detector in self.detectors:
            shown = _shown(detector, spoken[rows], own)
            spans = detector(texts if shown is None else texts.take(pa.array(shown)))
            if not spans.num_rows:
                continue
            index = spans["text"].to_numpy()
            index = index if shown is None else shown[index]
            row = rows[index]
            yield pa.table(
                {
                    "field": pa.repeat(name, len(index)),
                    "segment": pa.array((index - starts[row]).astype(np.int32)),
                    **{name: spans[name] for name in SPANS.names if name != "text"},
                    "row": pa.array(row),
                }
            )


def _languages(batch: pa.Table) -> Strings:
    """Of each document, the first part of its tag; ``und`` where nobody said."""
    if "language" not in batch.column_names:
        return np.full(batch.num_rows, UNKNOWN, object)
    return _bases(batch["language"])


def _bases(tags: pa.Array) -> Strings:
    first = pc.replace_substring_regex(pc.fill_null(tags, UNKNOWN), "[-_].*", "")
    return np.array(first.to_pylist(), object)


def _shown(detector: Detector, spoken: Strings, own: Strings) -> npt.NDArray[np.int64] | None:
    """Which texts a detector for some languages is to see; None for all."""
    known = getattr(detector, "languages", None)
    if known is None:
        return None
    suits = [*known, UNKNOWN]
    # A segment in a language of its own is of that and of its document's: one of them may be wrong.
    of_either = np.isin(own, list(known)) | np.isin(spoken, suits)
    return None if of_either.all() else np.flatnonzero(of_either)


def spans_of(detectors: tuple[Detector, ...], texts: list[str]) -> list[list[dict[str, Any]]]:
    """For a few strings: the spans of each, all detectors together."""
    out: list[list[dict[str, Any]]] = [[] for _ in texts]
    for detector in detectors:
        for span in detector(pa.array(texts, pa.string())).to_pylist():
            out[span["text"]].append(span)
    return out
