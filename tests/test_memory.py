"""What a pass holds in memory."""

import gc
from collections.abc import Iterator

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest

from datapartnerships._memory import release
from datapartnerships.executors._stage import _Books, _counted, rebatch

MIB = 1 << 20


def one_mebibyte() -> pa.Table:
    """In rows of one kibibyte."""
    numbers = pc.add(pa.array(np.zeros(MIB // 8)), 1)
    return pa.table({"x": pa.FixedSizeListArray.from_arrays(numbers, 128)})


def test_rows_of_next_to_nothing_are_not_all_in_one_batch() -> None:
    rows = pa.table({"x": np.zeros(100_000)})
    sizes = [batch.num_rows for batch in rebatch([rows, rows])]
    assert sum(sizes) == 200_000 and max(sizes) <= 8 << 10


@pytest.fixture
def before() -> int:
    gc.collect()
    return pa.total_allocated_bytes()


def test_put_together_tables_are_not_held_beside_the_batch(before: int) -> None:
    tables = (one_mebibyte() for _ in range(9))
    sizes = []
    for batch in rebatch(tables, 3 * MIB):
        sizes.append(batch.nbytes)
        # The batch, and the table that had no room in it.
        assert pa.total_allocated_bytes() - before < batch.nbytes + 2 * MIB
    assert [size // MIB for size in sizes] == [3] * 3


def test_a_batch_is_let_go_before_the_next_is_made(before: int) -> None:
    held = []

    def tables() -> Iterator[pa.Table]:
        for _ in range(4):
            held.append(pa.total_allocated_bytes() - before)
            yield one_mebibyte()

    for batch in _counted(tables(), _Books()):
        assert batch.num_rows
        del batch
    assert max(held) < MIB


def test_what_is_in_use_stays() -> None:
    table = one_mebibyte()
    release()
    assert table["x"].to_pylist()[-1][-1] == 1.0
