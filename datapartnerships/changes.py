"""What steps changed in texts, kept beside a dataset, and undone."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from datapartnerships.kernels.edits import Edit, edits, undone
from datapartnerships.kernels.segments import append_entries, flat, join_text
from datapartnerships.schema import CHANGE
from datapartnerships.tally import changed_rows

COLUMN = "changes"


def noted(before: pa.Table, after: pa.Table, step: str | None) -> pa.Table:
    """`after` with what `step` changed in its texts in the column `changes`; nothing for None.

    Rows of `before` that are not in `after` are left out: the step failed on them.
    """
    rows: list[int] = []
    entries: list[dict[str, Any]] = []
    if step is not None and before is not after:
        if after.num_rows < before.num_rows:
            before = before.filter(pc.is_in(before["id"], after["id"].combine_chunks()))
        for row in changed_rows(before, after).tolist():
            for segment, old, new in _texts(before.slice(row, 1), after.slice(row, 1)):
                for edit in edits(old, new):
                    rows.append(row)
                    entries.append({"step": step, "segment": segment, **edit._asdict()})
    return append_entries(after, COLUMN, np.array(rows, np.int64), pa.array(entries, CHANGE))


def _texts(before: pa.Table, after: pa.Table) -> Iterable[tuple[int | None, str, str]]:
    """Of one document: the index of each segment that differs, its text, and its new text."""
    old, new = (flat(table)[1].field("text").fill_null("") for table in (before, after))
    if len(old) != len(new):
        yield None, join_text(before)[0].as_py(), join_text(after)[0].as_py()
        return
    for index in range(len(old)):
        if not old.slice(index, 1).equals(new.slice(index, 1)):
            yield index, old[index].as_py(), new[index].as_py()


def undo_changes(texts: Sequence[str], changes: Iterable[Mapping[str, Any]]) -> list[str]:
    """The texts of a document's segments as they were before some changes, the last ones of it.

    Args:
        texts: of each segment, as the run left it; None is a text, too.
        changes: rows of `Release.changes` of this document, in their order: all of them, or those
            from any step on to the last.

    Returns:
        A text a segment; one text for all, from where a step made more or fewer segments.

    Raises:
        ValueError: the changes are not of these texts.
    """
    held = [text or "" for text in texts]
    for group in reversed(list(_groups(changes))):
        index = group[0]["segment"]
        if index is None:
            held, index = ["\n\n".join(filter(None, held))], 0
        made = [Edit(row["start"], row["removed"], row["inserted"]) for row in group]
        if index >= len(held) or any(
            held[index][edit.start : edit.start + len(edit.inserted)] != edit.inserted
            for edit in made
        ):
            raise ValueError(
                f"What {group[0]['step']} inserted does not stand in segment {index}: these are "
                "not the changes of this document, or not the last ones, or the text is another."
            )
        held[index] = undone(held[index], made)
    return held


def _groups(changes: Iterable[Mapping[str, Any]]) -> Iterable[list[Mapping[str, Any]]]:
    """Changes that can be undone at once: of one segment, from left to right."""
    rows = list(changes)
    cuts = [
        at
        for at, (one, other) in enumerate(pairwise(rows), 1)
        if (one["step"], one["segment"]) != (other["step"], other["segment"])
        or other["start"] < one["start"] + len(one["inserted"])
    ]
    for first, last in pairwise([0, *cuts, len(rows)]):
        if first < last:
            yield rows[first:last]
