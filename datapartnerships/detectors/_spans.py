"""From bytes of a column to the spans that a detector answers with."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from datapartnerships.errors import InvalidParameter, UnknownName
from datapartnerships.schema import SPANS

if TYPE_CHECKING:
    from datapartnerships.detectors._scan import Column, Hit


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
    texts = column.text_of([hit.start for hit in hits]).tolist()
    starts, ends = _characters(column, texts, hits)
    return pa.Table.from_arrays(
        [
            pa.array(texts, pa.int32()),
            pa.array(starts, pa.int32()),
            pa.array(ends, pa.int32()),
            pa.array([hit.label for hit in hits], pa.string()),
            pa.array([hit.score for hit in hits], pa.float32()),
            pa.repeat(pa.scalar(detector, pa.string()), len(hits)),
        ],
        schema=SPANS,
    )


def _characters(
    column: Column, texts: Sequence[int], hits: Sequence[Hit]
) -> tuple[list[int], list[int]]:
    """Offsets in bytes of the column, as offsets in characters of their texts."""
    # Bytes 0x80 to 0xBF, -128 to -65 when signed, continue a character.
    codes = column.codes.view(np.int8)
    starts, ends = [], []
    owner, place, passed = -1, 0, 0
    for text, hit in zip(texts, hits, strict=True):
        if text != owner:
            owner, place, passed = text, int(column.bounds[text]), 0
        passed += hit.start - place - int(np.count_nonzero(codes[place : hit.start] < -64))
        place = hit.start
        within = hit.end - place - int(np.count_nonzero(codes[place : hit.end] < -64))
        starts.append(passed)
        ends.append(passed + within)
    return starts, ends
