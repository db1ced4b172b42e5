"""Run the shards in worker processes that read and write their own files.

Only shards and receipts cross between processes, never a table. A worker that dies (out of
memory, a crash in native code) is replaced and its shard tried once more; a second death stops
the run with the shard's name, and everything finished until then is kept.
"""

from __future__ import annotations

import os
import queue
import threading
from collections.abc import Iterator, Sequence

from datapartnerships import _secrets
from datapartnerships._process import Child, ChildDied, ChildFailed, emit
from datapartnerships.errors import WorkerError
from datapartnerships.executors._stage import Progress, Stage
from datapartnerships.schema import Receipt, Shard

TRIES = 2

_Event = tuple[str, object]


def execute(
    stage: Stage, shards: Sequence[Shard], progress: Progress, workers: int
) -> Iterator[Receipt]:
    """Receipts as they come, in any order. Ends all workers when the caller stops listening."""
    orders: queue.SimpleQueue[Shard | None] = queue.SimpleQueue()
    events: queue.SimpleQueue[_Event] = queue.SimpleQueue()
    # The largest first: a long one begun last would keep all others waiting.
    for shard in sorted(shards, key=lambda shard: -shard.size):
        orders.put(shard)
    count = min(workers, len(shards))
    children = [Child() for _ in range(count)]
    for _ in children:
        orders.put(None)
    threads = [
        threading.Thread(target=_serve, args=(child, stage, orders, events, workers), daemon=True)
        for child in children
    ]
    try:
        for thread in threads:
            thread.start()
        left = len(shards)
        while left:
            # A timeout, so that Ctrl-C is heard at once on every platform.
            try:
                kind, value = events.get(timeout=0.2)
            except queue.Empty:
                continue
            if kind == "progress":
                progress(*value)  # type: ignore[misc]
            elif kind == "receipt":
                left -= 1
                yield value  # type: ignore[misc]
            else:
                raise value  # type: ignore[misc]
    finally:
        for child in children:
            child.close()
        for thread in threads:
            thread.join(timeout=5)


def _serve(
    child: Child,
    stage: Stage,
    orders: queue.SimpleQueue[Shard | None],
    events: queue.SimpleQueue[_Event],
    workers: int,
) -> None:
    """One thread per worker: give it shards, pass on what it says."""
    ready_pid: int | None = None
    while (shard := orders.get()) is not None:
        for attempt in range(1, TRIES + 1):
            try:
                if child.pid is None or child.pid != ready_pid or not child.running:
                    child.call(_begin, stage, _secrets.current_key(), workers)
                    ready_pid = child.pid
                receipt = child.call(
                    _work, shard, on_event=lambda event: events.put(("progress", event))
                )
                events.put(("receipt", receipt))
                break
            except ChildFailed as failure:
                error: BaseException = failure.error
                if not isinstance(error, Exception):
                    error = WorkerError(f"{type(error).__name__} in a worker: {error}")
                error.add_note(f"In a worker process:\n{failure.remote}")
                events.put(("error", error))
                return
            except ChildDied as death:
                if attempt == TRIES:
                    events.put(("error", _death(shard, death)))
                    return
            except BaseException as error:
                events.put(("error", error))
                return


def _death(shard: Shard, death: ChildDied) -> WorkerError:
    names = ", ".join(span.path for span in shard.files[:5])
    more = f" and {len(shard.files) - 5} more" if len(shard.files) > 5 else ""
    return WorkerError(
        f"A worker died {TRIES} times over the same shard ({death}). It held {names}{more}. "
        "Finished shards are kept: run again with fewer workers, or with these files elsewhere."
    )


_stage: Stage | None = None


def _begin(stage: Stage, key: bytes | None, workers: int) -> None:
    """In the worker: take up the stage. Sent once, not with every shard."""
    global _stage
    import pyarrow as pa

    pa.set_cpu_count(max(1, (os.cpu_count() or 1) // workers))
    _secrets.use_key(key)
    _stage = stage


def _work(shard: Shard) -> Receipt:
    assert _stage is not None
    return _stage.run(shard, lambda documents, size: emit((documents, size)))
