"""From bytes of a column to the spans that a detector answers with."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

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


def settle_find(owner: Any, known: Iterable[str]) -> None:
    """The field `find` as a tuple: at least one label, all of them in `known`."""
    if isinstance(owner.find, list):
        object.__setattr__(owner, "find", tuple(owner.find))
    check(owner, "find", owner.find, known, "label")
    if not owner.find:
        raise InvalidParameter(owner, "find", "at least one label", owner.find)


def without_overlaps(hits: Iterable[Hit]) -> list[Hit]:
    """Hits in order; of two with one label that overlap, the one that begins first."""
    kept: list[Hit] = []
    reach: dict[str, int] = {}
    for hit in sorted(hits, key=lambda hit: (hit.start, -hit.end, hit.label)):
        if hit.start >= reach.get(hit.label, -1):
            kept.append(hit)
            reach[hit.label] = hit.end
    return kept


def united(hits: Iterable[Hit]) -> list[Hit]:
    """Hits in order; those with one label that overlap as one, with the best score of them."""
    kept: list[Hit] = []
    last: dict[str, int] = {}
    for hit in sorted(hits, key=lambda hit: (hit.start, -hit.end, hit.label)):
        at = last.get(hit.label, -1)
        if at >= 0 and hit.start < kept[at].end:
            before = kept[at]
            end, score = max(before.end, hit.end), max(before.score, hit.score)
            kept[at] = before._replace(end=end, score=score)
        else:
            last[hit.label] = len(kept)
            kept.append(hit)
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
    heads, begins = column.characters(column.bounds[texts]), column.characters(starts)
    return begins - heads, column.characters(ends) - heads
