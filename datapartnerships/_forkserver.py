"""An interpreter that has imported what workers need, and forks one whenever asked.

Starting an interpreter and importing Arrow, pandas and ourselves costs most of a second of
processor time; a fork of one that has done it costs milliseconds. The process of the caller is
never forked: it may have any threads, and locks that they hold. This one has none.

Linux only. Where it cannot fork, for whatever reason, `ForkServer.fork` gives None and the
caller starts a fresh interpreter, which does the same work.
"""

from __future__ import annotations

import contextlib
import gc
import importlib
import os
import signal
import socket
import struct
import subprocess
import sys
import threading
import time
from collections.abc import Iterable
from typing import IO

from datapartnerships._process import boot, run_child

_BOOT = "from datapartnerships._forkserver import _serve; _serve({fd}, {preload!r}, {set!r})"
_FORK, _POLL = 1, 2
_ORDER = struct.Struct("<Bq")
_ANSWER = struct.Struct("<q")
_RUNNING, _UNKNOWN = -(1 << 20), 1 << 20
# Read once, when a library is loaded; what the user has set stays.
_ENVIRONMENT = {
    # Workers are the parallelism: threads of BLAS in each would be in the way, and forbid forking.
    "OPENBLAS_NUM_THREADS": "1",
    # Arrow's allocator gives freed memory back and takes it again for the next batch, which the
    # system has then cleared. To keep it is 5 % of a run's processor time, and no higher peak.
    "MIMALLOC_PURGE_DELAY": "-1",
}
# Sleeps, holds no lock across a fork (jemalloc takes them all before), and starts with Arrow.
_HARMLESS = {"jemalloc_bg_thd"}


class Forked:
    """A process of the fork server, with what `_process.Child` uses of a `Popen`."""

    def __init__(self, server: ForkServer, pid: int, stdin: IO[bytes], stdout: IO[bytes]) -> None:
        self._server = server
        self.pid = pid
        self.stdin: IO[bytes] | None = stdin
        self.stdout: IO[bytes] | None = stdout
        self.returncode: int | None = None

    def poll(self) -> int | None:
        if self.returncode is None:
            self.returncode = self._server.poll(self.pid)
        return self.returncode

    def kill(self) -> None:
        # The server reaps it only when polled: until then no other process gets this pid.
        if self.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.pid, signal.SIGKILL)

    def wait(self) -> int:
        while self.poll() is None:
            time.sleep(0.001)
        assert self.returncode is not None
        return self.returncode


class ForkServer:
    """Ends with `close` or with its parent, and its children end with their orders.

    `preload` are import strings, ``module`` or ``module:function``, loaded before the first fork;
    the functions are called without arguments.
    """

    def __init__(self, preload: Iterable[str]) -> None:
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._socket: socket.socket | None = None
        if sys.platform != "linux":
            return
        here, there = socket.socketpair()
        ours = {name: _ENVIRONMENT[name] for name in _ENVIRONMENT.keys() - os.environ.keys()}
        with there:
            self._process = subprocess.Popen(
                boot(_BOOT.format(fd=there.fileno(), preload=[*preload], set=[*ours])),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                env={**os.environ, **ours},
                pass_fds=[there.fileno()],
                start_new_session=True,
            )
        self._socket = here

    def fork(self) -> Forked | None:
        """A new process that takes orders like any `_process.Child`, or None."""
        with contextlib.ExitStack() as on_failure:
            orders_read, orders_write = os.pipe()
            answers_read, answers_write = os.pipe()
            try:
                on_failure.callback(os.close, orders_write)
                on_failure.callback(os.close, answers_read)
                pid = self._ask(_FORK, 0, [orders_read, answers_write])
            finally:
                os.close(orders_read)
                os.close(answers_write)
            if pid is None or pid <= 0:
                return None
            on_failure.pop_all()
        return Forked(self, pid, os.fdopen(orders_write, "wb"), os.fdopen(answers_read, "rb"))

    def poll(self, pid: int) -> int | None:
        """The return code of a child as `subprocess` gives it; None while it runs."""
        code = self._ask(_POLL, pid, [])
        if code is not None and code != _UNKNOWN:
            return None if code == _RUNNING else code
        # The server is gone: whether the child is too is all that can be known.
        with contextlib.suppress(OSError), open(f"/proc/{pid}/stat") as stat:
            if stat.read().rpartition(")")[2].split()[0] not in "ZX":  # neither zombie nor dead
                return None
        return -signal.SIGKILL

    def _ask(self, order: int, value: int, fds: list[int]) -> int | None:
        """The answer of the server, None where there is none."""
        with self._lock:
            if self._socket is None:
                return None
            try:
                socket.send_fds(self._socket, [_ORDER.pack(order, value)], fds)
                answer = self._socket.recv(_ANSWER.size)
            except OSError:
                return None
        return int(_ANSWER.unpack(answer)[0]) if len(answer) == _ANSWER.size else None

    def close(self) -> None:
        """End the server; what it forked lives on until its own orders end."""
        process, self._process = self._process, None
        if process is not None:
            process.kill()
            process.wait()
        with self._lock:  # the end of the server has ended any wait for its answer
            if self._socket is not None:
                self._socket.close()
                self._socket = None


def _serve(fd: int, preload: list[str], environment: list[str]) -> None:
    """The server's loop. Never returns. `environment`: set for this process alone."""
    orders = socket.socket(fileno=fd)
    _load(preload)
    for name in environment:
        del os.environ[name]
    gc.collect()
    gc.freeze()  # the collector of a child would copy every page it looks at
    while True:
        order, fds, _, _ = socket.recv_fds(orders, _ORDER.size, 2)
        if len(order) < _ORDER.size:
            os._exit(0)
        kind, value = _ORDER.unpack(order)
        answer = _fork(orders, fds) if kind == _FORK else _poll(value)
        for handle in fds:
            os.close(handle)
        orders.send(_ANSWER.pack(answer))


def _load(names: list[str]) -> None:
    for name in names:
        module, _, function = name.partition(":")
        # Whatever is wrong with it, the worker that needs it will say.
        with contextlib.suppress(Exception):
            found = importlib.import_module(module)
            if function:
                getattr(found, function)()


def _fork(orders: socket.socket, fds: list[int]) -> int:
    """The pid of the new process, 0 where threads forbid it or the system refuses."""
    import warnings

    if _other_threads() or len(fds) != 2:
        return 0
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)  # Python counts the harmless ones
            pid = os.fork()
    except OSError:
        return 0
    if pid == 0:
        try:
            orders.close()
            os.setsid()
            os.dup2(fds[0], 0)
            os.dup2(fds[1], 1)
            for handle in fds:
                os.close(handle)
            if numpy_random := sys.modules.get("numpy.random"):
                numpy_random.seed()  # every worker its own random numbers, as if it were fresh
            run_child()
        finally:
            os._exit(1)
    return pid


def _other_threads() -> bool:
    """Whether a thread runs here that could hold a lock at the moment of a fork."""
    for task in os.listdir("/proc/self/task"):
        if int(task) != os.getpid():
            with open(f"/proc/self/task/{task}/comm") as name:
                if name.read().strip() not in _HARMLESS:
                    return True
    return False


def _poll(pid: int) -> int:
    try:
        done, status = os.waitpid(pid, os.WNOHANG)
    except ChildProcessError:
        return _UNKNOWN
    return os.waitstatus_to_exitcode(status) if done else _RUNNING
