"""What is done with an untrusted file is done in a process apart: a hang, a crash or a bomb costs
that file."""

from __future__ import annotations

import atexit
import threading
from collections.abc import Callable
from typing import Any

from datapartnerships._process import Child, ChildDied, ChildFailed, ChildTimeout, emit
from datapartnerships.errors import DocumentError

# Parsers leak: a fresh process now and then is cheaper than finding out where.
FILES_PER_PROCESS = 500

_local = threading.local()


def stream(
    function: Callable[..., Any],
    *args: Any,
    on_event: Callable[[Any], None],
    max_seconds: float = 120.0,
    max_memory_bytes: int = 4 << 30,
) -> Any:
    """`function(*args)` in this thread's process apart; `on_event` gets each event as it comes.

    `max_seconds` begins anew with every event, and stands still while `on_event` works. What it
    raises ends the function. A hang or a crash is a `DocumentError`.
    """
    child = _child(max_memory_bytes)
    try:
        return child.call(function, *args, timeout_s=max_seconds, on_event=on_event)
    except ChildFailed as failure:
        raise failure.error from None
    except ChildTimeout as error:
        limit = f"max_seconds is {max_seconds:g}"
        raise DocumentError("parser took too long", limit) from error
    except ChildDied as error:
        raise DocumentError("parser crashed", str(error)) from error


def _child(max_memory_bytes: int) -> Child:
    """This thread's process for this limit, recycled after some files."""
    child, used, made_for = getattr(_local, "slot", (None, 0, None))
    if child is None or used >= FILES_PER_PROCESS or made_for != max_memory_bytes:
        if child is not None:
            child.close()
        else:
            atexit.register(close)
        child, used = Child(max_memory_bytes=max_memory_bytes, quiet=True), 0
    _local.slot = (child, used + 1, max_memory_bytes)
    return child


def close() -> None:
    """End this thread's process apart, if there is one."""
    child, _, _ = getattr(_local, "slot", (None, 0, None))
    if child is not None:
        child.close()
        del _local.slot


def alive() -> None:
    """In the process apart: the work goes on, so the time limit begins anew. Elsewhere: nothing."""
    emit(("alive", None))
