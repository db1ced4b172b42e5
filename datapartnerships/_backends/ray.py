"""Ray: a function over many items, each in a task of its own."""

from __future__ import annotations

import contextlib
import logging
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from datapartnerships.errors import extra

with extra("ray", needed_by="executors.Ray"):
    import ray
    from ray import exceptions

# Ray counts its uses, and tells its makers.
_QUIET = {"RAY_USAGE_STATS_ENABLED": "0"}
# As on systems whose firewalls ask about every port: nothing listens but on 127.0.0.1.
_LOOPBACK = "RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER"


class TaskFailed(Exception):
    """The function raised `error`; `remote` is what Ray says about it."""

    def __init__(self, error: BaseException | None, remote: str) -> None:
        super().__init__(remote)
        self.error, self.remote = error, remote


class TaskLost(Exception):
    """The process or the machine died that had the task."""


class Session:
    """A connection to a cluster, or a cluster of this machine alone. `close` ends what it began.

    `address` is what `ray.init` takes; with None, Ray is used as the caller has initialized it, or
    else started here, with `processors` of them and in a folder that is removed at the end.
    """

    def __init__(self, address: str | None, processors: int | None) -> None:
        self._folder: str | None = None
        self._begun = not ray.is_initialized()
        if self._begun:
            try:
                self._begin(address, processors)
            except BaseException:
                self.close()
                raise

    def _begin(self, address: str | None, processors: int | None) -> None:
        quiet: dict[str, Any] = {"log_to_driver": False, "logging_level": logging.ERROR}
        with _environment(**{**_QUIET, **os.environ}):
            if address is not None:
                ray.init(address=address, **quiet)
                return
            # The names of the sockets in it have at most 107 characters.
            parent = tempfile.gettempdir()
            parent = parent if len(parent) <= 20 else "/tmp"
            self._folder = tempfile.mkdtemp(prefix="dp-ray-", dir=parent)
            with _loopback():
                ray.init(
                    address="local",
                    num_cpus=processors or os.cpu_count(),
                    include_dashboard=False,
                    _node_ip_address="127.0.0.1",
                    _temp_dir=self._folder,
                    **quiet,
                )

    def room(self, processors: float, gpus: float) -> int:
        """How many tasks of this size run at a time now; at least 1, as clusters may grow."""
        there = ray.cluster_resources()
        needs = {"CPU": processors, "GPU": gpus}
        return max(1, int(min(there.get(name, 0) / need for name, need in needs.items() if need)))

    def share(self, value: Any) -> Any:
        """Put `value` where tasks find it: once on every machine, whatever number of tasks."""
        return [ray.put(value)]

    def submit(self, function: Callable[..., Any], shared: Any, item: Any, **size: Any) -> Any:
        """Begin ``function(value, item)``; `size` is what the task asks for."""
        return _task.options(**size).remote(function, shared, item)

    def wait(self, tasks: Sequence[Any]) -> list[Any]:
        """Those that have ended, once there is one; none after a second: Ctrl-C is to be heard."""
        ready, _ = ray.wait([*tasks], num_returns=1, timeout=1)
        if ready:
            ready, _ = ray.wait([*tasks], num_returns=len(tasks), timeout=0)
        return list(ready)

    def result(self, task: Any) -> Any:
        try:
            return ray.get(task)
        except exceptions.RayTaskError as error:
            cause = getattr(error, "cause", None)
            raise TaskFailed(cause if isinstance(cause, Exception) else None, str(error)) from None
        except exceptions.RayError as error:
            raise TaskLost(f"{type(error).__name__}: {error}") from None

    def cancel(self, tasks: Sequence[Any]) -> None:
        """End `tasks`; at `close`, where this session began the connection.

        Ray aborts the process that cancels a task in the microseconds in which it completes (Ray's
        pull request 54798 tells of it; 2.60 still does). So a connection that is to be closed
        cancels nothing, as its tasks end with it. In one that stays the caller's, those that wait
        go first, and one that has ended is not asked for.
        """
        if self._begun:
            return
        for task in reversed(tasks):
            with contextlib.suppress(Exception):
                if not ray.wait([task], timeout=0, fetch_local=False)[0]:
                    ray.cancel(task, force=True)

    def close(self) -> None:
        if self._begun:
            ray.shutdown()
        if self._folder:
            # Logs of the workers, which may quote a document.
            shutil.rmtree(self._folder, ignore_errors=True)


@contextlib.contextmanager
def _environment(**values: str) -> Iterator[None]:
    """Variables of the environment, for as long as Ray begins."""
    before = {name: os.environ.get(name) for name in values}
    os.environ.update(values)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value


@contextlib.contextmanager
def _loopback() -> Iterator[None]:
    # Read when Ray was imported. Where it is gone, only the address is another.
    constants: Any = getattr(getattr(ray, "_private", None), "ray_constants", None)
    before = getattr(constants, "ENABLE_RAY_CLUSTER", None)
    if before is not None:
        constants.ENABLE_RAY_CLUSTER = False
    try:
        with _environment(**{_LOOPBACK: "0"}):
            yield
    finally:
        if before is not None:
            constants.ENABLE_RAY_CLUSTER = before


_held: tuple[str, Any] = ("", None)


def _call(function: Callable[..., Any], shared: list[Any], item: Any) -> Any:
    """In a worker: fetch the value once, not with every task, so that its caches stay warm."""
    global _held
    (reference,) = shared
    if _held[0] != reference.hex():
        _held = (reference.hex(), ray.get(reference))
    return function(_held[1], item)


# Made once: it is sent to the cluster anew for every one that is made. Whether a task that was lost
# is tried again is for the caller to say.
_task = ray.remote(max_retries=0)(_call)


def node() -> str:
    """In a worker: which machine this is."""
    return str(ray.get_runtime_context().get_node_id())
