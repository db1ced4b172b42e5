"""Tables that take long to make, kept on disk for later processes.

They lie below ``$XDG_CACHE_HOME/datapartnerships`` (``~/.cache`` by default), and may be deleted at
any time. Processes map them into memory and so share them; nobody reads what is never looked up.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

Arrays = dict[str, npt.NDArray[Any]]


def kept(name: str, arrays: Sequence[str], make: Callable[[], Arrays]) -> Arrays:
    """The `arrays` that `make` made when they were first asked for under this name; read only.

    `name` must say all that they depend on. Where nothing can be kept, they are made each time.
    """
    folder = cache_folder() / name
    try:
        return _read(folder, arrays)
    except (OSError, ValueError):
        made = make()
    try:
        _write(folder, made)
        return _read(folder, arrays)  # which the system may take back, unlike what was made
    except (OSError, ValueError):
        for array in made.values():
            array.flags.writeable = False
        return made


def cache_folder() -> Path:
    base = os.environ.get("XDG_CACHE_HOME") or os.path.join(os.path.expanduser("~"), ".cache")
    return Path(base) / "datapartnerships"


def _read(folder: Path, arrays: Sequence[str]) -> Arrays:
    # As plain arrays: numba knows no other kind.
    return {n: np.asarray(np.load(folder / f"{n}.npy", mmap_mode="r")) for n in arrays}


def _write(folder: Path, arrays: Arrays) -> None:
    """All of it or nothing, whoever else is writing."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    aside = tempfile.mkdtemp(dir=folder.parent)
    try:
        for item, array in arrays.items():
            np.save(os.path.join(aside, f"{item}.npy"), array)
        shutil.rmtree(folder, ignore_errors=True)  # cannot be read
        os.rename(aside, folder)
    finally:
        shutil.rmtree(aside, ignore_errors=True)
