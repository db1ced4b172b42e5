"""Kernels in machine code, where numba is installed; the only importer of it.

Every kernel has a path in numpy and pyarrow that gives the same answer, so which one runs is no
part of a pipeline's fingerprint. ``DATAPARTNERSHIPS_COMPILED=0`` in the environment turns the
compiled ones off.
"""

from __future__ import annotations

import gc
import os
from collections.abc import Callable
from contextlib import suppress
from functools import cache, partial
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
    made: Any = numba.njit(function, cache=True, nogil=True, error_model="numpy")
    with suppress(AttributeError):  # another numba: as it does it
        held = made._cache
        held.load_overload = partial(_load, held, held._load_overload)
        held._impl.rebuild = partial(_rebuilt, held._impl.rebuild)
    result: Function = made
    return result


def _load(cache: Any, load: Function, signature: Any, target: Any) -> Any:
    """What numba kept of a kernel, loaded without what only compiling needs.

    Its own way begins with all functions that it can compile, and scipy's linear algebra for them:
    two thirds of its start. Where a kernel has to be compiled, they are loaded then.
    """
    from numba.core.runtime import rtsys

    rtsys.initialize(target)
    with cache._guard_against_spurious_io_errors():
        return load(signature, target)


def _rebuilt(rebuild: Function, target: Any, payload: Any) -> Any:
    """A kernel without what others would be compiled with: only Python calls it."""
    with suppress(AttributeError, TypeError, ValueError):  # another numba: as it does it
        (name, kind, (code, _)), described, *rest = payload
        if kind == "object":
            symbols = target.codegen()._engine._defined_symbols
            symbols.add(described.llvm_cpython_wrapper_name)
            payload = ((name, kind, (code, _nothing())), described, *rest)
    return rebuild(target, payload)


@cache
def _nothing() -> bytes:
    import llvmlite.binding as llvm

    module: bytes = llvm.parse_assembly("").as_bitcode()
    return module


@cache
def _numba() -> Any:
    """All of numba stays: to look for garbage among it on the way took a third of the time.

    Nor is it looked at soon after: what is frozen and let go again is with the oldest objects.
    """
    collecting = gc.isenabled()
    gc.disable()
    try:
        import numba.extending
    finally:
        if collecting:
            gc.enable()
    if not gc.get_freeze_count():  # else somebody wants what he froze to stay so
        gc.freeze()
        gc.unfreeze()
    return numba
