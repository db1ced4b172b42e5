"""Kernels in machine code, where numba is installed; the only importer of it.

Every kernel has a path in numpy and pyarrow that gives the same answer, so which one runs is no
part of a pipeline's fingerprint. ``DATAPARTNERSHIPS_COMPILED=0`` in the environment turns the
compiled ones off.
"""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Callable
from functools import cache
from importlib.util import find_spec
from typing import Any

Function = Callable[..., Any]


def available() -> bool:
    """Whether kernels are compiled here."""
    wanted = os.environ.get("DATAPARTNERSHIPS_COMPILED", "1").strip().casefold()
    return wanted not in {"0", "no", "off", "false"} and _installed()


@cache
def _installed() -> bool:
    return find_spec("numba") is not None


def compiled(function: Function, *called: Function) -> Function | None:
    """`function` as machine code, kept on disk beside its source; None where that is not done.

    `function` has numpy arrays and numbers for arguments, and loops that Python itself would take
    minutes for: who calls it has another way. `called` are the functions that it calls. They stand
    in the same file: by its date numba knows whether what it kept is still right.
    """
    return _compiled(function, called) if available() else None


@cache
def _compiled(function: Function, called: tuple[Function, ...]) -> Function:
    numba = _numba()
    register_jitable = numba.extending.register_jitable
    for other in called:
        register_jitable(other)
    # Without the interpreter's lock, so that a thread that reads ahead is not held up.
    made: Function = numba.njit(function, cache=True, nogil=True, error_model="numpy")
    return made


@cache
def _numba() -> Any:
    """Numba, with what it loads for the first kernel.

    All of it stays: to look for garbage among it on the way took a third of the time.
    """
    collecting = gc.isenabled()
    gc.disable()
    try:
        import numba.extending
        from numba.core.registry import cpu_target

        _without_scipy()
        cpu_target.target_context.refresh()
    finally:
        if collecting:
            gc.enable()
    return numba


def _without_scipy() -> None:
    """Load numba's functions of arrays without scipy's linear algebra.

    They import it, half of what numba takes to load, to see whether it is there; no kernel here has
    a matrix product. Who compiles one elsewhere still gets it: what asks is put back.
    """
    if "numba.np.arraymath" in sys.modules or find_spec("scipy") is None:
        return
    try:
        from numba.np import linalg

        asks = linalg.ensure_blas
    except (ImportError, AttributeError):  # another numba: it asks, as ever
        return
    linalg.ensure_blas = lambda: None
    try:
        from numba.np import arraymath
    finally:
        linalg.ensure_blas = asks
    arraymath.ensure_blas = asks
