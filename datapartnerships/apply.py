"""Transforms over one batch: every row comes out, or is rejected with a reason."""

from __future__ import annotations

import time
from collections.abc import Sequence

import pyarrow as pa
import pyarrow.compute as pc

from datapartnerships._memory import release
from datapartnerships.errors import PipelineError
from datapartnerships.kernels.segments import concat, set_column
from datapartnerships.protocols import Transform
from datapartnerships.schema import DOCUMENT, reason_class
from datapartnerships.tally import StepTally

# What is kept of a rejected row: the document, and whom it is a copy of. Other columns depend on
# how far the row came, so they cannot be in one table.
REJECTED = DOCUMENT.append(pa.field("duplicate_of", pa.string()))


def name_of(step: object) -> str:
    """What a step is called in reports and reasons."""
    return str(getattr(step, "name", None) or type(step).__name__)


def apply(
    transforms: Sequence[Transform],
    batch: pa.Table,
    tallies: Sequence[StepTally] | None = None,
) -> tuple[pa.Table, pa.Table]:
    """Run `batch` through `transforms`; answer with (kept, rejected).

    A transform that fails on a document costs that document: the batch is halved until the
    document is found, and it becomes a rejected row with its error.
    """
    gone = [as_rejected(batch.slice(0, 0))]
    batch = _take_out(batch, gone)
    for i, transform in enumerate(transforms):
        tally = tallies[i] if tallies else None
        before, wall, cpu = batch, time.perf_counter(), time.process_time()
        after, failed = _call(transform, batch)
        seconds = time.perf_counter() - wall, time.process_time() - cpu
        rejected = [as_rejected(row) for row in failed]
        batch = _take_out(after, rejected)
        if getattr(transform, "withholds_text", False):
            rejected = [withhold_text(table) for table in rejected]
        gone += rejected
        if tally is not None:
            count = sum(table.num_rows for table in rejected)
            tally.add(before, after, failed=len(failed), rejected=count, seconds=seconds)
        del before, after
        release()
    return batch, pa.concat_tables(gone)


def _call(transform: Transform, batch: pa.Table) -> tuple[pa.Table, list[pa.Table]]:
    """`transform(batch)`, and the rows it failed on as one-row tables with their reason."""
    try:
        return _checked(transform, batch, transform(batch)), []
    except PipelineError:
        raise
    except (Exception, SystemExit) as error:
        if batch.num_rows == 0:
            raise
        if batch.num_rows == 1:
            text = _message(error)
            reason = f"{name_of(transform)}: failed with {type(error).__name__} ({text})"
            row = set_column(batch, "drop_reason", pa.array([reason]))
            # The empty batch gives the columns that a batch of nothing but failures must have.
            return _checked(transform, batch.slice(0, 0), transform(batch.slice(0, 0))), [row]
    half = batch.num_rows // 2
    first, failed = _call(transform, batch.slice(0, half))
    second, more = _call(transform, batch.slice(half))
    return concat([first, second]), [*failed, *more]


def _message(error: BaseException) -> str:
    """What an error says, in one line of valid UTF-8, whatever it is."""
    try:
        text = " ".join(str(error).split())[:300]
    except Exception:
        return "unprintable"
    return text.encode("utf-8", "replace").decode()


def _checked(transform: Transform, before: pa.Table, after: pa.Table) -> pa.Table:
    """A transform that loses, adds or reorders rows breaks the books: stop the run."""
    if after is before:
        return after
    name = name_of(transform)
    if not isinstance(after, pa.Table):
        raise PipelineError(f"{name} must return a pyarrow.Table, got {type(after).__name__}.")
    if after.num_rows != before.num_rows:
        raise PipelineError(
            f"{name} was given {before.num_rows} rows and returned {after.num_rows}. A transform "
            "never deletes a row: it sets drop_reason."
        )
    untyped = [item.name for item in after.schema if pa.types.is_null(item.type)]
    if untyped:
        raise PipelineError(
            f"{name} gave the columns {untyped} without a type: all values are null. Give them "
            "one, such as pa.array(values, pa.string())."
        )
    lost = [column for column in before.column_names if column not in after.column_names]
    if lost:
        raise PipelineError(f"{name} took away the columns {lost}; a transform only adds some.")
    if not after["id"].equals(before["id"]):
        raise PipelineError(f"{name} changed the ids or the order of the rows.")
    return after


def _take_out(batch: pa.Table, gone: list[pa.Table]) -> pa.Table:
    reasons = batch["drop_reason"]
    if reasons.null_count == len(reasons):
        return batch
    gone.append(as_rejected(batch.filter(pc.is_valid(reasons))))
    return batch.filter(pc.is_null(reasons))


def as_rejected(table: pa.Table) -> pa.Table:
    """The columns of `REJECTED` only."""
    columns = [
        table[item.name].cast(item.type)
        if item.name in table.column_names
        else pa.nulls(table.num_rows, item.type)
        for item in REJECTED
    ]
    return pa.table(columns, schema=REJECTED)


def withhold_text(table: pa.Table) -> pa.Table:
    """Rejected for privacy: nothing that was in the document stays, nor an error that quotes it."""
    reasons = [reason_class(reason) for reason in table["drop_reason"].to_pylist()]
    table = set_column(table, "drop_reason", pa.array(reasons, pa.string()))
    for column in ("segments", "metadata", "spans"):
        item = REJECTED.field(column)
        empty = pa.array([[] for _ in range(table.num_rows)], item.type)
        table = set_column(table, column, empty)
    return table
