"""From bytes of a column to the spans that a detector answers with."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from datapartnerships.errors import InvalidParameter, UnknownName
from datapartnerships.schema import SPANS

if TYPE_CHECKING:
    from datapartnerships.detectors._scan import Column, Hit, Positions


def check(owner: object, parameter: str, values: object, known: Iterable[str], what: str) -> None:
    """Every value is known, or an error that names the nearest ones."""
    if not isinstance(values, tuple):
        raise InvalidParameter(owner, parameter, f"a tuple of {what}s", values)
    for value in values:
        if value not in known:
            raise UnknownName(what, str(value), known, where=f"{type(owner).__name__}.{parameter}")


def without_overlaps(hits: Iterable[Hit]) -> list[Hit]:
    """Hits in order; of two with one label that overlap, the one that begins first."""
    kept: list[Hit] = []
    reach: dict[str, int] = {}
    for hit in sorted(hits, key=lambda hit: (hit.start, -hit.end, hit.label)):
        if hit.start >= reach.get(hit.label, -1):
            kept.append(hit)
            reach[hit.label] = hit.end
    return kept


def as_table(column: Column, hits: Sequence[Hit], detector: str) -> pa.Table:
    """`hits`, in order of place, with the columns of `SPANS`."""
    if not hits:
        return SPANS.empty_table()
    labels = pa.array([hit.label for hit in hits], pa.string())
    starts, ends = ([getattr(hit, name) for hit in hits] for name in ("start", "end"))
    scores = np.array([hit.score for hit in hits])
    return as_columns(column, np.array(starts), np.array(ends), labels, scores, detector)


def as_columns(
    column: Column,
    starts: Positions,
    ends: Positions,
    labels: pa.Array,
    scores: npt.NDArray[np.float64],
    detector: str,
) -> pa.Table:
    """The same from columns: bytes of the column, in order of place."""
    if not len(starts):
        return SPANS.empty_table()
    texts = column.text_of(starts)
    begins, stops = _characters(column, texts, starts, ends)
    return pa.Table.from_arrays(
        [
            pa.array(texts.astype(np.int32)),
            pa.array(begins.astype(np.int32)),
            pa.array(stops.astype(np.int32)),
            labels,
            pa.array(scores.astype(np.float32)),
            pa.repeat(pa.scalar(detector, pa.string()), len(starts)),
        ],
        schema=SPANS,
    )


def _characters(
    column: Column, texts: Positions, starts: Positions, ends: Positions
) -> tuple[Positions, Positions]:
    """Offsets in bytes of the column, as offsets in characters of their texts."""
    begins = column.bounds[texts]
    places = np.unique(np.concatenate([begins, starts, ends]))
    # Bytes 0x80 to 0xBF, -128 to -65 when signed, continue a character.
    within = column.codes[places[0] : places[-1]].view(np.int8) < -64
    counts = np.add.reduceat(within, places[:-1] - places[0], dtype=np.int64)
    more = places - np.concatenate([[0], np.cumsum(counts)])

    def characters(at: Positions) -> Positions:
        found: Positions = more[np.searchsorted(places, at)] - more[np.searchsorted(places, begins)]
        return found

    return characters(starts), characters(ends)
