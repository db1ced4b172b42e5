"""Run the shards one after another in this process."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence

from datapartnerships import _spare
from datapartnerships.executors._stage import Progress, Stage
from datapartnerships.schema import Receipt, Shard


def execute(
    stage: Stage, shards: Sequence[Shard], progress: Progress, workers: int
) -> Iterator[Receipt]:
    """Receipts in the order of `shards`; `workers` may help where a shard is long."""
    places, before = stage.places(workers), _spare.current()
    with places.take() or contextlib.nullcontext():
        _spare.use(places if workers > 1 else None)
        try:
            for shard in shards:
                yield stage.run(shard, progress)
        finally:
            _spare.use(before)
