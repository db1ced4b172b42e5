"""Run the shards as tasks on Ray: a cluster, or this machine.

As in `processes`, only shards and receipts cross between machines, never a table: a task reads and
writes its own files. What passes leave for the next lies in the work folder, which all machines
see. A task whose process or machine died is begun again; what it leaves are the same bytes.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from importlib import import_module
from math import ceil
from typing import TYPE_CHECKING, Any

from datapartnerships import _secrets
from datapartnerships.errors import InvalidParameter, OutputError, WorkerError
from datapartnerships.executors._stage import Progress, Stage
from datapartnerships.executors._versions import versions
from datapartnerships.executors.processes import death
from datapartnerships.schema import Receipt, Shard

if TYPE_CHECKING:
    from datapartnerships._backends.ray import Session

# Tasks that wait on the cluster: enough for it to grow by, few enough to be looked through often.
_WAITING = 2000
# For a file that another machine wrote to be seen on this one: NFS remembers what is not there.
_SEEN_SECONDS = 60


@dataclass(frozen=True, kw_only=True)
class Ray:
    """An executor for `run`: a Ray cluster, or a Ray on this machine.

    Needs the extra ``ray``. All machines need the same versions of this library and of what it
    runs on, and must see the deposit, the output and the work folder under the same paths or URLs.
    Where Ray is initialized already, it is used as it is.

    Attributes:
        address: of a cluster, as `ray.init` takes it: ``auto`` on one of its machines, or
            ``10.0.0.5:6379``. None starts Ray on this machine, for the run alone, heard on
            127.0.0.1 only.
        processors: that a task asks for.
        gpus: that a task asks for; a part of one is possible.
        memory_bytes: that a task asks for; None for as many tasks as there are processors.
        tries: how many times a shard is begun whose process or machine died, before it ends the
            run.
    """

    address: str | None = None
    processors: float = 1
    gpus: float = 0
    memory_bytes: int | None = None
    tries: int = 5

    def __post_init__(self) -> None:
        if not self.processors > 0:
            raise InvalidParameter(self, "processors", "a number > 0", self.processors)
        if not self.gpus >= 0:
            raise InvalidParameter(self, "gpus", "a number >= 0", self.gpus)
        if self.tries < 1:
            raise InvalidParameter(self, "tries", "an int >= 1", self.tries)

    def workers(self, count: int | None) -> RayWorkers:
        return RayWorkers(self, count)


@dataclass
class RayWorkers:
    """The tasks of a run, `most` at a time. Ray starts, or is joined, with the first of them."""

    ray: Ray
    most: int | None
    count: int = 1
    _session: Session | None = field(default=None, repr=False)

    def execute(
        self, stage: Stage, shards: Sequence[Shard], progress: Progress
    ) -> Iterator[Receipt]:
        """Receipts as they come, in any order. Ends all tasks when the caller stops listening."""
        if not shards:
            return
        from datapartnerships._backends.ray import TaskFailed, TaskLost

        session, ray = self._connected(), self.ray
        size = {"num_cpus": ray.processors, "num_gpus": ray.gpus, "memory": ray.memory_bytes}
        shared = session.share(_Task.of(stage, ray.processors))
        # The largest first: a long one begun last would keep all others waiting.
        waiting = sorted(shards, key=lambda shard: shard.size)
        running: dict[Any, Shard] = {}
        begun: dict[str, int] = {}
        nodes: set[str] = set()
        try:
            while waiting or running:
                while waiting and len(running) < (self.most or _WAITING):
                    shard = waiting.pop()
                    begun[shard.key] = begun.get(shard.key, 0) + 1
                    running[session.submit(_work, shared, shard, **size)] = shard
                for task in session.wait([*running]):
                    shard = running.pop(task)
                    try:
                        node, receipt = session.result(task)
                    except TaskFailed as failure:
                        raise _failure(failure.error, failure.remote) from None
                    except TaskLost as loss:
                        if begun[shard.key] >= ray.tries:
                            raise death(shard, ray.tries, loss) from None
                        waiting.append(shard)
                        continue
                    if node not in nodes:
                        _check_seen(stage, receipt)
                        nodes.add(node)
                    progress(receipt.documents_in, shard.size)
                    yield receipt
        finally:
            session.cancel([*running])

    def _connected(self) -> Session:
        if self._session is None:
            from datapartnerships._backends.ray import Session

            here = None if self.most is None else ceil(self.most * self.ray.processors)
            self._session = Session(self.ray.address, here)
            room = self._session.room(self.ray.processors, self.ray.gpus)
            self.count = min(self.most or room, room)
        return self._session

    def __enter__(self) -> RayWorkers:
        # Where it is not installed, nothing is begun.
        import_module("datapartnerships._backends.ray")
        return self

    def __exit__(self, *_: object) -> None:
        if self._session is not None:
            self._session.close()


@dataclass
class _Task:
    """What all tasks of a pass share."""

    stage: Stage
    key: bytes | None
    folder: str
    processors: int
    versions: dict[str, str]

    @classmethod
    def of(cls, stage: Stage, processors: float) -> _Task:
        # Every machine would look for a key of its own.
        needed = any(getattr(step, "secret_id", None) for step in stage.transforms)
        key = _secrets.pseudonym_key() if needed else _secrets.current_key()
        return cls(stage, key, os.getcwd(), max(1, int(processors)), versions())


_begun: _Task | None = None


def _begin(task: _Task) -> None:
    """In the worker, once for a pass."""
    global _begun
    import pyarrow as pa

    if (here := versions()) != task.versions:
        apart = {
            name: (task.versions.get(name), here.get(name))
            for name in sorted(task.versions.keys() | here.keys())
            if task.versions.get(name) != here.get(name)
        }
        raise WorkerError(
            f"A machine of the cluster has other versions than this one: {apart} (here, there). "
            "Other versions may give other bytes: install the same ones on all machines."
        )
    pa.set_cpu_count(task.processors)
    _secrets.use_key(task.key)
    if os.path.isdir(task.folder):  # paths may be relative to it
        os.chdir(task.folder)
    _begun = task


def _work(task: _Task, shard: Shard) -> tuple[str, Receipt]:
    from datapartnerships._backends.ray import node

    if _begun is not task:
        _begin(task)
    return node(), task.stage.run(shard, lambda _documents, _size: None)


def _check_seen(stage: Stage, receipt: Receipt) -> None:
    """A machine that writes to a disk of its own does all of its work for nothing."""
    end = time.monotonic() + _SEEN_SECONDS
    while not stage.sees(receipt):
        if time.monotonic() > end:
            raise OutputError(
                f"A machine of the cluster did a shard, and its files are not here: {stage.work} "
                "and the output must be folders that all machines share, or fsspec URLs."
            )
        time.sleep(1)


def _failure(error: BaseException | None, remote: str) -> BaseException:
    if error is None:
        return WorkerError(f"A task failed: {remote}")
    error.add_note(f"In a task on the cluster:\n{remote}")
    return error
