"""Let detectors look at every string of a document; they add spans and change nothing."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from datapartnerships.errors import InvalidParameter
from datapartnerships.kernels.segments import flat, lists, parents, set_column
from datapartnerships.protocols import Detector
from datapartnerships.schema import SPAN, SPANS


@dataclass(frozen=True)
class DetectPii:
    """Run detectors over the text, speaker and reference of every segment and over the metadata.

    Spans are added to those already there; `Redact` applies a policy to them later. A detector
    that fails on a document costs that document (it is rejected, its text withheld).

    Attributes:
        detectors: what to look for.
    """

    detectors: tuple[Detector, ...]

    version: ClassVar[int] = 1
    requires = frozenset({"segments", "metadata", "spans"})
    provides = frozenset({"spans"})
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

    @property
    def labels(self) -> frozenset[str]:
        """The labels that its detectors can give."""
        return frozenset().union(*(detector.labels for detector in self.detectors))

    def __call__(self, batch: pa.Table) -> pa.Table:
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

    def _find(self, batch: pa.Table) -> Iterator[pa.Table]:
        offsets, segments = flat(batch)
        for field in ("text", "speaker", "ref"):
            yield from self._look(field, segments.field(field), offsets)
        offsets, items = flat(batch, "metadata")
        yield from self._look("metadata", items.field("value"), offsets)

    def _look(self, field: str, texts: pa.Array, offsets: pa.Array) -> Iterator[pa.Table]:
        """Spans of one kind of string, with the row and the place in the row they are in."""
        if texts.null_count == len(texts):
            return
        rows = parents(offsets)
        starts = np.asarray(offsets)
        for detector in self.detectors:
            spans = detector(texts)
            if not spans.num_rows:
                continue
            index = spans["text"].to_numpy()
            row = rows[index]
            yield pa.table(
                {
                    "field": pa.repeat(field, len(index)),
                    "segment": pa.array((index - starts[row]).astype(np.int32)),
                    **{name: spans[name] for name in SPANS.names if name != "text"},
                    "row": pa.array(row),
                }
            )


def spans_of(detectors: tuple[Detector, ...], texts: list[str]) -> list[list[dict[str, Any]]]:
    """For a few strings: the spans of each, all detectors together."""
    out: list[list[dict[str, Any]]] = [[] for _ in texts]
    for detector in detectors:
        for span in detector(pa.array(texts, pa.string())).to_pylist():
            out[span["text"]].append(span)
    return out
