"""The process that forks workers: what it gives, and what happens when it cannot."""

from __future__ import annotations

import importlib
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

import datapartnerships as dp
from datapartnerships import _forkserver, detectors, readers, transforms, writers
from datapartnerships._forkserver import ForkServer
from datapartnerships._process import Child, ChildDied
from datapartnerships.executors.processes import _preload

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="workers are forked on Linux only")


@pytest.fixture
def server() -> Iterator[ForkServer]:
    server = ForkServer(["datapartnerships.schema", "no_such_module", "os:no_such_function"])
    yield server
    server.close()


def _parent(pid: int) -> int:
    return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])


def test_a_worker_is_a_fork_with_everything_loaded(server: ForkServer) -> None:
    child = Child(fork=server.fork)
    try:
        pid, loaded, session, environment = child.call(
            lambda: (os.getpid(), "pyarrow" in sys.modules, os.getsid(0), dict(os.environ))
        )
        assert server._process is not None and _parent(pid) == server._process.pid
        assert loaded and session == pid
        # What was set for loading is not seen by what a worker starts.
        assert environment.keys() == os.environ.keys()
        assert child.call(len, "abc") == 3
    finally:
        child.close()
    assert not Path(f"/proc/{pid}").exists() or _state(pid) == "Z"


def _state(pid: int) -> str:
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]


def test_workers_have_random_numbers_of_their_own(server: ForkServer) -> None:
    def draw() -> tuple[float, float]:
        import numpy as np

        return random.random(), float(np.random.rand())

    children = [Child(fork=server.fork) for _ in range(3)]
    try:
        drawn = [child.call(draw) for child in children]
        assert len(set(drawn)) == len({a for a, _ in drawn}) == len({b for _, b in drawn}) == 3
    finally:
        for child in children:
            child.close()


def test_how_a_worker_ended_is_known_and_the_next_call_has_another(server: ForkServer) -> None:
    child = Child(fork=server.fork)
    try:
        with pytest.raises(ChildDied, match="SIGSEGV"):
            child.call(lambda: os.kill(os.getpid(), signal.SIGSEGV))
        with pytest.raises(ChildDied, match="exited with code 3"):
            child.call(lambda: os._exit(3))
        assert child.call(len, "abc") == 3
        assert child.pid is not None and server._process is not None
        assert _parent(child.pid) == server._process.pid
    finally:
        child.close()


def test_workers_live_on_and_end_without_the_server(server: ForkServer) -> None:
    child = Child(fork=server.fork)
    try:
        pid = child.call(os.getpid)
        assert server._process is not None
        server._process.kill()
        server._process.wait()
        assert child.running and child.call(os.getpid) == pid
        child.kill()
        assert not child.running
        other = child.call(os.getpid)  # a fresh interpreter
        assert _parent(other) == os.getpid()
    finally:
        child.close()


def test_a_server_with_threads_does_not_fork(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "starts_a_thread.py").write_text(
        "import threading, time\n"
        "threading.Thread(target=time.sleep, args=(60,), daemon=True).start()\n"
    )
    monkeypatch.syspath_prepend(str(tmp_path))
    server = ForkServer(["starts_a_thread"])
    child = Child(fork=server.fork)
    try:
        assert server.fork() is None
        assert _parent(child.call(os.getpid)) == os.getpid()
    finally:
        child.close()
        server.close()


def test_elsewhere_workers_are_fresh_interpreters(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_forkserver.sys, "platform", "darwin")
    server = ForkServer([])
    assert server.fork() is None
    server.close()


def test_server_and_workers_end_with_the_process_that_started_them() -> None:
    script = """
import os
from datapartnerships._forkserver import ForkServer
from datapartnerships._process import Child
server = ForkServer([])
child = Child(fork=server.fork)
print(server._process.pid, child.call(os.getpid), flush=True)
os.kill(os.getpid(), 9)
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    pids = [int(pid) for pid in done.stdout.split()]
    assert len(pids) == 2
    _until(lambda: not any(_alive(pid) for pid in pids))


def _alive(pid: int) -> bool:
    try:
        return _state(pid) not in "ZX"
    except FileNotFoundError:
        return False


def _until(true: Callable[[], bool]) -> None:
    end = time.monotonic() + 10
    while not true():
        assert time.monotonic() < end
        time.sleep(0.01)


def test_no_descriptor_of_one_worker_is_left_in_another(server: ForkServer) -> None:
    """Or the second would keep the pipes of the first open, which then never ends."""
    first, second = Child(fork=server.fork), Child(fork=server.fork)
    try:
        counts = [child.call(lambda: len(os.listdir("/proc/self/fd"))) for child in (first, second)]
        assert counts[0] == counts[1]
        pid = first.call(os.getpid)
        assert first._process is not None and first._process.stdin is not None
        first._process.stdin.close()
        _until(lambda: not _alive(pid))
    finally:
        first.close()
        second.close()


def test_the_process_of_the_caller_loads_no_more_than_it_needs(tmp_path: Path) -> None:
    """What takes long to import is imported by the server alone."""
    script = """
import sys
import datapartnerships as dp
from datapartnerships import detectors as d, readers, transforms as t, writers
reader = readers.JsonlReader(sys.argv[1], shard_bytes=1000)
steps = [t.RepairUnicode(), t.DetectPii([d.Contacts()]), t.Redact()]
print(dp.run(dp.Pipeline(reader, steps, writers.ParquetWriter(sys.argv[2])), workers=2))
print([name for name in ("pandas", "ftfy", "phonenumbers", "datasets") if name in sys.modules])
"""
    deposit = tmp_path / "deposit.jsonl"
    deposit.write_text('{"text": "caf\u00c3\u00a9, a@example.is"}\n' * 100)
    command = [sys.executable, "-c", script, str(deposit), str(tmp_path / "out")]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert "100 documents in = 100 out" in done.stdout and done.stdout.endswith("[]\n")


def test_what_components_ask_for_is_loaded() -> None:
    pipeline = dp.Pipeline(
        readers.JsonlReader("deposit"),
        [transforms.RepairUnicode(), transforms.DetectPii([detectors.Contacts()])],
        writers.ParquetWriter("out"),
    )
    names = _preload(pipeline)
    assert set(transforms.RepairUnicode.preload) | set(detectors.Contacts.preload) < set(names)
    for name in names:
        module, _, function = name.partition(":")
        assert not function or callable(getattr(importlib.import_module(module), function))
