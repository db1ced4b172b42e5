"""Run the shards in worker processes that read and write their own files.

Only shards and receipts cross between processes, never a table. A worker that dies (out of
memory, a crash in native code) is replaced and its shard tried once more; a second death stops
the run with the shard's name, and everything finished until then is kept.
"""

from __future__ import annotations

import contextlib
import os
import queue
import threading
from collections.abc import Iterator, Sequence

from datapartnerships import _secrets, _spare
from datapartnerships._forkserver import ForkServer
from datapartnerships._process import Child, ChildDied, ChildFailed, emit
from datapartnerships._spare import Places
from datapartnerships.errors import WorkerError
from datapartnerships.executors import serial
from datapartnerships.executors._stage import Progress, Stage
from datapartnerships.pipeline import Pipeline
from datapartnerships.schema import Receipt, Shard

TRIES = 2

_Event = tuple[str, object]


class Workers:
    """Worker processes for the passes of a run; each starts with its first shard.

    A context manager: leaving it ends all of them. Where there is one, or one shard, none starts.
    """

    def __init__(self, count: int, pipeline: Pipeline) -> None:
        self.count = count
        self._server = ForkServer(_preload(pipeline)) if count > 1 else None
        self._children: list[Child] = []

    def execute(
        self, stage: Stage, shards: Sequence[Shard], progress: Progress
    ) -> Iterator[Receipt]:
        """Receipts as they come, in any order. Ends all workers when the caller stops listening."""
        if self._server is None or len(shards) < 2:
            yield from serial.execute(stage, shards, progress, self.count)
            return
        orders: queue.SimpleQueue[Shard | None] = queue.SimpleQueue()
        events: queue.SimpleQueue[_Event] = queue.SimpleQueue()
        # The largest first: a long one begun last would keep all others waiting.
        for shard in sorted(shards, key=lambda shard: -shard.size):
            orders.put(shard)
        count = min(self.count, len(shards))
        while len(self._children) < count:
            self._children.append(Child(fork=self._server.fork))
        threads = []
        places = stage.places(self.count)
        for child in self._children[:count]:
            orders.put(None)
            given = (child, stage, orders, events, places)
            threads.append(threading.Thread(target=_serve, args=given, daemon=True))
        left = len(shards)
        try:
            for thread in threads:
                thread.start()
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
            if left:
                self.close()
            for thread in threads:
                thread.join(timeout=5)

    def close(self) -> None:
        for child in self._children:
            child.close()
        if self._server is not None:
            self._server.close()

    def __enter__(self) -> Workers:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def _preload(pipeline: Pipeline) -> list[str]:
    """What workers load before they are forked: ours, and what components ask for.

    Modules of others may start threads, which forbids forking: a worker imports them itself.
    """
    parts: list[object] = [pipeline.reader, *pipeline.transforms, pipeline.writer]
    for part in tuple(parts):
        parts += getattr(part, "detectors", ())
    modules = (type(part).__module__ for part in parts)
    ours = [name for name in modules if name.startswith("datapartnerships.")]
    asked = [name for part in parts for name in getattr(part, "preload", ())]
    # Arrow imports pandas, where it is installed, with the first array made of a list.
    return list(dict.fromkeys([__name__, "pandas", *ours, *asked]))


def _serve(
    child: Child,
    stage: Stage,
    orders: queue.SimpleQueue[Shard | None],
    events: queue.SimpleQueue[_Event],
    places: Places,
) -> None:
    """One thread per worker: give it shards, pass on what it says."""
    # Left when there is no shard any more, to those that have a long one.
    with places.take() or contextlib.nullcontext():
        _serve_shards(child, stage, orders, events, places)


def _serve_shards(
    child: Child,
    stage: Stage,
    orders: queue.SimpleQueue[Shard | None],
    events: queue.SimpleQueue[_Event],
    places: Places,
) -> None:
    ready_pid: int | None = None
    while (shard := orders.get()) is not None:
        for attempt in range(1, TRIES + 1):
            try:
                if child.pid is None or child.pid != ready_pid or not child.running:
                    child.call(_begin, stage, _secrets.current_key(), places)
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
            except ChildDied as loss:
                if attempt == TRIES:
                    events.put(("error", death(shard, TRIES, loss)))
                    return
            except BaseException as error:
                events.put(("error", error))
                return


def death(shard: Shard, tries: int, last: Exception) -> WorkerError:
    """What to raise when a shard has cost that many workers their lives."""
    names = ", ".join(span.path for span in shard.files[:5])
    more = f" and {len(shard.files) - 5} more" if len(shard.files) > 5 else ""
    return WorkerError(
        f"A worker died {tries} times over the same shard ({last}). It held {names}{more}. "
        "Finished shards are kept: run again with fewer workers, or with these files elsewhere."
    )


_stage: Stage | None = None


def _begin(stage: Stage, key: bytes | None, places: Places) -> None:
    """In the worker: take up the stage. Sent once, not with every shard."""
    global _stage
    import pyarrow as pa

    pa.set_cpu_count(max(1, (os.cpu_count() or 1) // places.count))
    _spare.use(places)
    _secrets.use_key(key)
    _stage = stage


def _work(shard: Shard) -> Receipt:
    assert _stage is not None
    return _stage.run(shard, lambda documents, size: emit((documents, size)))
