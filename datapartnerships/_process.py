"""A second interpreter that runs functions for us, with a time and a memory limit.

Used for the workers of a run and, apart from them, for parsers of untrusted files. A fresh
interpreter and not a fork: Arrow and many parsers have threads, and a fork of those can
deadlock. Nothing has to be importable from the caller's script: values cross by cloudpickle,
so no ``if __name__ == "__main__"`` is needed.

The child ends with its parent, however the parent ends: it reads its orders in a thread, and
the end of that pipe ends it.
"""

from __future__ import annotations

import contextlib
import os
import pickle
import queue
import signal
import struct
import subprocess
import sys
import threading
import traceback
from collections.abc import Callable
from typing import IO, Any, Protocol

import cloudpickle

from datapartnerships.errors import WorkerError

_HEADER = struct.Struct("<Q")
_BOOT = "from datapartnerships._process import run_child; run_child()"
# Allocators that reserve what they do not use would run into the memory limit at once.
_FRUGAL = {"ARROW_DEFAULT_MEMORY_POOL": "system", "MALLOC_ARENA_MAX": "2"}
# How long past its limit a child may live before it ends itself; the parent is quicker.
_GRACE_S = 5.0


class ChildFailed(WorkerError):
    """The function raised; `remote` is the traceback from the child."""

    def __init__(self, error: BaseException, remote: str) -> None:
        super().__init__(f"{type(error).__name__}: {error}")
        self.error = error
        self.remote = remote


class ChildDied(WorkerError):
    """The child ended without an answer: killed, crashed, or out of memory."""


class ChildTimeout(ChildDied):
    """The child was ended because it ran past its time limit."""


def _send(stream: IO[bytes], value: Any) -> None:
    payload = cloudpickle.dumps(value, protocol=5)
    stream.write(_HEADER.pack(len(payload)))
    stream.write(payload)
    stream.flush()


def _receive(stream: IO[bytes]) -> Any:
    header = _read_exactly(stream, _HEADER.size)
    return pickle.loads(_read_exactly(stream, _HEADER.unpack(header)[0]))


def _read_exactly(stream: IO[bytes], size: int) -> bytes:
    data = stream.read(size)
    if data is None or len(data) < size:
        raise EOFError
    return data


class Process(Protocol):
    """What is used of a `subprocess.Popen`."""

    pid: int
    stdin: IO[bytes] | None
    stdout: IO[bytes] | None

    def poll(self) -> int | None: ...
    def kill(self) -> None: ...
    def wait(self) -> int: ...


class Child:
    """One interpreter, one call at a time. Start is lazy; `close` is quick and final.

    `fork` gives a process that runs `run_child` already, or None where a fresh interpreter has
    to be started.
    """

    def __init__(
        self,
        *,
        max_memory_bytes: int | None = None,
        quiet: bool = False,
        fork: Callable[[], Process | None] = lambda: None,
    ) -> None:
        self._process: Process | None = None
        self._fork = fork
        self._max_memory_bytes = max_memory_bytes
        self._quiet = quiet
        self._closed = False

    @property
    def pid(self) -> int | None:
        return self._process.pid if self._process else None

    @property
    def running(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def _start(self) -> Process:
        process = self._fork() or subprocess.Popen(
            boot(_BOOT),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL if self._quiet else None,
            env={**os.environ, **(_FRUGAL if self._max_memory_bytes else {})},
            # Its own session: Ctrl-C reaches the parent alone, which then ends the child.
            start_new_session=True,
        )
        assert process.stdin is not None
        _send(process.stdin, self._max_memory_bytes)
        return process

    def call(
        self,
        function: Callable[..., Any],
        *args: Any,
        timeout_s: float | None = None,
        on_event: Callable[[Any], None] | None = None,
    ) -> Any:
        """Run ``function(*args)`` there and give back what it returns.

        `on_event` gets what the function passes to `emit`; the time limit begins anew with every
        event, and what `on_event` takes does not count. Raises `ChildFailed` when the function
        raised, `ChildTimeout` or `ChildDied` when the child is gone; the next call starts a new
        one.
        """
        self._check_open()
        if not self.running:
            self.kill()  # closes the pipes of one that is gone
            self._process = self._start()
            self._check_open()  # another thread may have closed it meanwhile
        process = self._process
        assert process is not None and process.stdin is not None and process.stdout is not None
        expired = threading.Event()

        def expire() -> None:
            expired.set()
            process.kill()

        def watch() -> threading.Timer | None:
            if not timeout_s:
                return None
            timer = threading.Timer(timeout_s, expire)
            timer.daemon = True
            timer.start()
            return timer

        timer = watch()
        try:
            _send(process.stdin, (function, args, timeout_s))
            while True:
                kind, value = _receive(process.stdout)
                if kind == "event":
                    if timer:
                        timer.cancel()
                    if on_event:
                        on_event(value)
                    timer = watch()
                elif kind == "result":
                    return value
                else:
                    raise ChildFailed(*value)
        except (EOFError, BrokenPipeError, ConnectionResetError) as error:
            code = process.wait()
            self.kill()
            if expired.is_set():
                raise ChildTimeout(f"no answer within {timeout_s:g} s") from error
            raise ChildDied(_how_it_ended(code)) from error
        except BaseException:
            if not isinstance(sys.exc_info()[1], ChildFailed):
                self.kill()
            raise
        finally:
            if timer:
                timer.cancel()
            if expired.is_set():  # the answer and the alarm crossed
                self.kill()

    def _check_open(self) -> None:
        if self._closed:
            self.kill()
            raise ChildDied("the worker was closed")

    def kill(self) -> None:
        """End the child now; the next call starts another."""
        process, self._process = self._process, None
        if process is None:
            return
        process.kill()
        process.wait()
        for stream in (process.stdin, process.stdout):
            with contextlib.suppress(OSError):
                if stream:
                    stream.close()

    def close(self) -> None:
        self._closed = True
        self.kill()

    def __del__(self) -> None:
        with contextlib.suppress(Exception):
            self.kill()


def _how_it_ended(code: int) -> str:
    if code == 0:
        return "the worker ended without an answer"
    if code < 0:
        try:
            name = signal.Signals(-code).name
        except ValueError:
            name = f"signal {-code}"
        hint = " (out of memory?)" if name == "SIGKILL" else ""
        return f"the worker was ended by {name}{hint}"
    return f"the worker exited with code {code}"


_events: IO[bytes] | None = None
_timeout_s: float | None = None


def emit(value: Any) -> None:
    """In a child: hand `value` to the caller's `on_event`. Elsewhere: nothing."""
    if _events is not None:
        timeout_s = _timeout_s
        # It waits here while the caller is busy with earlier ones.
        _arm(None)
        _send(_events, ("event", value))
        _arm(timeout_s)


def _limit_memory(limit: int | None) -> None:
    if limit is None or sys.platform == "win32":
        return
    import resource

    import pyarrow  # noqa: F401  (reserves a gigabyte it does not use: not the file's doing)

    # RLIMIT_DATA and not RLIMIT_AS: mapped files reserve far more than they use.
    limit += _reserved()
    with contextlib.suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_DATA, (limit, limit))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _reserved() -> int:
    """Bytes of data segment this process has now; 0 where the system does not say."""
    with contextlib.suppress(OSError), open("/proc/self/status") as status:
        for line in status:
            if line.startswith("VmData:"):
                return int(line.split()[1]) * 1024
    return 0


def _arm(timeout_s: float | None) -> None:
    """End this process even when native code never returns to the interpreter."""
    global _timeout_s
    _timeout_s = timeout_s
    if hasattr(signal, "setitimer"):
        signal.setitimer(signal.ITIMER_REAL, timeout_s + _GRACE_S if timeout_s else 0)


def boot(code: str) -> list[str]:
    """The command of an interpreter that finds the same modules as this one and runs `code`."""
    # An empty entry of sys.path means the current folder; it stays that in the child.
    path = [entry if entry else os.getcwd() for entry in sys.path]
    return [sys.executable, "-c", f"import sys; sys.path[:] = {path!r}; {code}"]


def run_child() -> None:
    """The child's loop: orders from standard input, answers to standard output."""
    global _events
    orders, answers = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    # Libraries print to standard output; that must not end up among the answers.
    os.dup2(2, 1)
    os.close(0)
    os.open(os.devnull, os.O_RDONLY)
    _events = answers
    try:
        _limit_memory(_receive(orders))
    except EOFError:
        return
    inbox: queue.SimpleQueue[Any] = queue.SimpleQueue()

    def listen() -> None:
        while True:
            try:
                order = _receive(orders)
            except EOFError:
                os._exit(0)
            except BaseException as error:
                order = (_reraise, (error,), None)
            inbox.put(order)

    threading.Thread(target=listen, daemon=True).start()
    while True:
        function, args, timeout_s = inbox.get()
        _arm(timeout_s)
        try:
            answer = ("result", function(*args))
        # BaseException: native extensions raise panics that are not an Exception.
        except BaseException as error:
            answer = ("error", (_sendable(error), traceback.format_exc()))
        _arm(None)
        try:
            _send(answers, answer)
        except BrokenPipeError:
            os._exit(0)
        except Exception as error:
            plain = RuntimeError(f"the answer cannot be sent: {error!r}; it was {answer[1]!r:.500}")
            _send(answers, ("error", (plain, traceback.format_exc())))


def _sendable(error: BaseException) -> BaseException:
    """The error, or one that says the same, if it would not survive the way."""
    try:
        pickle.loads(cloudpickle.dumps(error))
    except Exception:
        return RuntimeError(f"{type(error).__name__}: {error}")
    return error


def _reraise(error: BaseException) -> None:
    raise error
