"""How numba is loaded: no more of it than kernels need that it kept, and all of it for others."""

from __future__ import annotations

import subprocess
import sys

import pytest

pytest.importorskip("numba")

KERNEL = """
import sys
import pyarrow as pa
from datapartnerships.kernels.words import words
assert len(words(pa.array(["two words"])).starts) == 2
"""
LITTLE = """
assert not {"numba.np.arraymath", "scipy.linalg"}.intersection(sys.modules)
"""
ALONE = """
from datapartnerships.kernels._compiled import _nothing
assert _nothing.cache_info().misses == 1
"""
FROZEN = """
import gc
gc.freeze()
before = gc.get_freeze_count()
"""
STILL_FROZEN = """
assert gc.get_freeze_count() >= before - 100
"""
NOT_FROZEN = """
import gc
assert not gc.get_freeze_count()
"""
OTHERS = """
import numba
import numpy as np
total = numba.njit(lambda a: np.sort(a).sum() + np.median(a))
assert total(np.arange(5.0)) == 12
"""
PRODUCTS = """
assert numba.njit(lambda a, b: np.dot(a, b))(np.eye(3), np.ones((3, 3))).sum() == 9
assert numba.njit(lambda a: np.linalg.inv(a))(2 * np.eye(2)).sum() == 1
"""


def run(code: str) -> None:
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def test_a_kernel_that_is_kept_needs_little_of_numba() -> None:
    run(KERNEL)  # compiled, if it was not before
    run(KERNEL + LITTLE + ALONE + OTHERS)


def test_what_a_caller_froze_stays_so_and_nothing_else() -> None:
    run(FROZEN + KERNEL + STILL_FROZEN)
    run(KERNEL + NOT_FROZEN)


def test_others_have_all_of_it() -> None:
    pytest.importorskip("scipy")
    run(KERNEL + OTHERS + PRODUCTS)
