"""Transforms over one batch: every row comes out, or is rejected with a reason."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Sequence

import pyarrow as pa
import pyarrow.compute as pc

from datapartnerships._memory import release
from datapartnerships.changes import noted
from datapartnerships.errors import DataPartnershipsError, PipelineError
from datapartnerships.kernels.segments import concat, set_column
from datapartnerships.protocols import Transform
from datapartnerships.schema import DOCUMENT, reason_class
from datapartnerships.tally import StepTally

# From this size on memory that a step no longer uses goes back before the next one, which takes
# longer than it is worth where batches are of the usual size.
_LARGE = 16 << 20

# What every rejected row has: the document, and whom it is a copy of. It also has the columns that
# were there when it was rejected.
REJECTED = DOCUMENT.append(pa.field("duplicate_of", pa.string()))


def name_of(step: object) -> str:
    """What a step is called in reports and reasons."""
    return str(getattr(step, "name", None) or type(step).__name__)


def apply(
    transforms: Sequence[Transform],
    batch: pa.Table,
    tallies: Sequence[StepTally] | None = None,
    *,
    keep_changes: bool = False,
) -> tuple[pa.Table, pa.Table]:
    """Run `batch` through `transforms`; answer with (kept, rejected).

    A transform that fails on a document costs that document: the batch is halved until the
    document is found, and it becomes a rejected row with its error.

    Args:
        keep_changes: whether to add the column `changes`: what each step changed in the texts, but
            those that deal with personal data.
    """
    gone: list[pa.Table] = []
    batch = _take_out(batch, gone)
    for i, transform in enumerate(transforms):
        tally = tallies[i] if tallies else None
        before, wall, cpu = batch, time.perf_counter(), time.process_time()
        after, rejected = _call(transform, batch)
        seconds = time.perf_counter() - wall, time.process_time() - cpu
        private = getattr(transform, "withholds_text", False)
        if keep_changes:
            after = noted(before, after, None if private else name_of(transform))
        batch = _take_out(after, rejected)
        if private:
            rejected = [withhold_text(table) for table in rejected]
        gone += rejected
        if tally is not None:
            count = sum(table.num_rows for table in rejected)
            tally.add(before, after, rejected=count, seconds=seconds)
        del before, after
        if batch.nbytes > _LARGE:
            release()
    schema = rejected_schema(batch.schema)
    return batch, pa.concat_tables(
        [schema.empty_table(), *(conformed(table, schema) for table in gone)]
    )


def _call(transform: Transform, batch: pa.Table) -> tuple[pa.Table, list[pa.Table]]:
    """`transform(batch)`, and the rows it failed on as one-row tables with their reason."""
    try:
        return _checked(transform, batch, transform(batch)), []
    except PipelineError:
        raise
    except (Exception, SystemExit) as error:
        if batch.num_rows == 0:
            # Nothing of a document is in it: the transform itself is wrong.
            if isinstance(error, DataPartnershipsError):
                raise
            what = f"{type(error).__name__}: {_message(error)}"
            raise PipelineError(
                f"{name_of(transform)} fails on a batch without rows, too: {what}. It must give "
                "its columns for any batch."
            ) from error
        if batch.num_rows == 1:
            text = _message(error)
            reason = f"{name_of(transform)}: failed with {type(error).__name__} ({text})"
            row = set_column(batch, "drop_reason", pa.array([reason]))
            # The empty batch gives the columns that a batch of nothing but failures must have.
            return _call(transform, batch.slice(0, 0))[0], [row]
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
    gone.append(batch.filter(pc.is_valid(reasons)))
    return batch.filter(pc.is_null(reasons))


def rejected_schema(schema: pa.Schema) -> pa.Schema:
    """The columns of `REJECTED`, then all others of the rows that went on."""
    return pa.schema([*REJECTED, *(item for item in schema if item.name not in REJECTED.names)])


def conformed(table: pa.Table, schema: pa.Schema) -> pa.Table:
    """The table with these columns; null where it has none, or none that can be of the type."""
    return pa.table([_conformed(table, item) for item in schema], schema=schema)


def _conformed(table: pa.Table, item: pa.Field) -> pa.Array | pa.ChunkedArray:
    if item.name in table.column_names:
        with contextlib.suppress(pa.ArrowInvalid, pa.ArrowNotImplementedError):
            return table[item.name].cast(item.type)
    return pa.nulls(table.num_rows, item.type)


def withhold_text(table: pa.Table) -> pa.Table:
    """Rejected for privacy: nothing that was in the document stays, nor an error that quotes it.

    Nor does a column that a transform made of it.
    """
    reasons = [reason_class(reason) for reason in table["drop_reason"].to_pylist()]
    table = set_column(table, "drop_reason", pa.array(reasons, pa.string()))
    for column in ("segments", "metadata", "spans"):
        item = REJECTED.field(column)
        empty = pa.array([[] for _ in range(table.num_rows)], item.type)
        table = set_column(table, column, empty)
    return table.select([name for name in table.column_names if name in REJECTED.names])
