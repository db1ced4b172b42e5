"""Run the shards one after another in this process."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from datapartnerships.executors._stage import Progress, Stage
from datapartnerships.schema import Receipt, Shard


def execute(stage: Stage, shards: Sequence[Shard], progress: Progress) -> Iterator[Receipt]:
    """Receipts in the order of `shards`."""
    for shard in shards:
        yield stage.run(shard, progress)
