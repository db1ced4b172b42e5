"""Memory that is free goes back to the system."""

from __future__ import annotations

import ctypes
import sys
from functools import cache
from typing import Any

import pyarrow as pa


def release() -> None:
    """Give back what nothing uses any more: allocators keep it, and a worker would grow for good.

    Of Arrow's pool, and of the C library, from which numpy has its arrays. Takes some milliseconds.
    """
    pa.default_memory_pool().release_unused()
    if (trim := _trim()) is not None:
        trim(0)


@cache
def _trim() -> Any:
    """glibc's `malloc_trim`; None where there is none."""
    if not sys.platform.startswith("linux"):
        return None
    return getattr(ctypes.CDLL(None), "malloc_trim", None)
