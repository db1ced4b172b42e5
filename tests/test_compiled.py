"""How numba is loaded: less of it, and all of it for others."""

from __future__ import annotations

import subprocess
import sys

import pytest

pytest.importorskip("numba")
pytest.importorskip("scipy")

WORK = """
import sys
from datapartnerships.kernels import _compiled
numba = _compiled._numba()
assert "scipy.linalg" not in sys.modules
import numpy as np
from numba.np import arraymath, linalg
assert linalg.ensure_blas.__name__ == "ensure_blas" and arraymath.ensure_blas is linalg.ensure_blas
assert arraymath._HAVE_BLAS
product = numba.njit(lambda a, b: np.dot(a, b))
inverse = numba.njit(lambda a: np.linalg.inv(a))
assert (product(np.eye(3), np.ones((3, 3))) == 1).all()
assert (inverse(2 * np.eye(2)) == np.eye(2) / 2).all()
assert "scipy.linalg" in sys.modules
"""


def test_without_linear_algebra_until_somebody_needs_it() -> None:
    done = subprocess.run([sys.executable, "-c", WORK], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
