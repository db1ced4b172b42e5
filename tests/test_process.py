"""The second interpreter: limits, crashes, and what comes back."""

from __future__ import annotations

import os
import sys
import threading
import time

import pytest

from datapartnerships._process import Child, ChildDied, ChildFailed, ChildTimeout, emit

SUFFIX = "!"


def shout(text: str) -> str:
    print("noise on standard output")
    emit({"seen": text})
    return text.upper() + SUFFIX


def test_calls_return_events_and_errors_come_back() -> None:
    child, seen = Child(quiet=True), []
    try:
        assert child.call(shout, "a", on_event=seen.append) == "A!"
        assert seen == [{"seen": "a"}]
        with pytest.raises(ChildFailed, match="ZeroDivisionError") as caught:
            child.call(lambda: 1 // 0)
        assert isinstance(caught.value.error, ZeroDivisionError)
        assert "1 // 0" in caught.value.remote
        with pytest.raises(ChildFailed, match="cannot be sent"):
            child.call(threading.Lock)
        assert child.call(shout, "still here") == "STILL HERE!"
    finally:
        child.close()
    with pytest.raises(ChildDied, match="closed"):
        child.call(shout, "b")


def test_a_hang_a_crash_and_a_bomb_cost_one_call() -> None:
    child = Child(max_memory_bytes=1 << 30, quiet=True)
    try:
        with pytest.raises(ChildTimeout, match=r"no answer within 0\.5 s"):
            child.call(_spin, timeout_s=0.5)
        with pytest.raises(ChildDied, match="SIGSEGV"):
            child.call(_segfault)
        if sys.platform == "linux":
            with pytest.raises(ChildFailed, match="MemoryError"):
                child.call(bytearray, 3 << 30)
        assert child.call(len, "abc") == 3
    finally:
        child.close()


def test_the_time_limit_begins_anew_with_every_event() -> None:
    child, seen = Child(quiet=True), []
    try:
        assert child.call(_slowly, 8, timeout_s=2.5, on_event=seen.append) == 8
        assert seen == list(range(8))
        with pytest.raises(ChildTimeout):
            child.call(_then_spin, timeout_s=0.5)
    finally:
        child.close()


def _slowly(count: int) -> int:
    for i in range(count):
        time.sleep(0.4)  # together more than the limit
        emit(i)
    return count


def _then_spin() -> None:
    emit("one page")
    _spin()


def _spin() -> None:
    while True:
        pass


def _segfault() -> None:
    os.kill(os.getpid(), 11)


def test_a_child_ends_when_its_orders_end() -> None:
    child = Child(quiet=True)
    pid = child.call(os.getpid)
    assert child._process is not None and child._process.stdin is not None
    child._process.stdin.close()
    end = time.monotonic() + 10
    while child.running and time.monotonic() < end:
        time.sleep(0.01)
    assert not child.running and pid
    child.close()
