"""Memory that is free goes back to the system."""

from __future__ import annotations

import ctypes
import sys
from functools import cache
from typing import Any

import pyarrow as pa

# `mallopt` of glibc: from which size on an array is memory of its own, that goes back when it is
# freed; and how much may lie free at the end before it does. These are what glibc itself goes up to
# by and by (mallopt(3)), so that arrays of a batch are made of the last one's memory, which the
# system has not to clear anew: a seventh of the pages that a run is given.
_MMAP_THRESHOLD, _TRIM_THRESHOLD = (-3, 32 << 20), (-1, 64 << 20)


def keep() -> None:
    """Have the C library keep what is freed until `release`."""
    if (mallopt := _function("mallopt")) is not None:
        mallopt(*_MMAP_THRESHOLD)
        mallopt(*_TRIM_THRESHOLD)


def release() -> None:
    """Give back what nothing uses any more: allocators keep it, and a worker would grow for good.

    Of Arrow's pool, and of the C library, from which numpy has its arrays. Takes some milliseconds.
    """
    pa.default_memory_pool().release_unused()
    if (trim := _function("malloc_trim")) is not None:
        trim(0)


@cache
def _function(name: str) -> Any:
    """One of glibc's; None where there is none."""
    if not sys.platform.startswith("linux"):
        return None
    return getattr(ctypes.CDLL(None), name, None)
