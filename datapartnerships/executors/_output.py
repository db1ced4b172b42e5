"""The output folder of a run: is it ours, is it finished, who works in it."""

from __future__ import annotations

import contextlib
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

from datapartnerships.errors import ConfigurationError, OutputError
from datapartnerships.pipeline import Pipeline
from datapartnerships.schema import Manifest
from datapartnerships.writers._folder import MANIFEST, PARTS, Folder

WORK = ".work"
RECIPE = "pipeline.yaml"
REPORT = "report.html"


def _manifest(output: Folder) -> Manifest | None:
    """The manifest of ours that lies in `output`, if one does."""
    if not output.exists(MANIFEST):
        return None
    try:
        return Manifest.from_json(output.read_text(MANIFEST))
    except (ValueError, TypeError, KeyError):
        return None


def finished(output: Folder) -> Manifest | None:
    """The manifest of `output`, if all files that it names are there."""
    manifest = _manifest(output)
    if manifest is None or not output.exists(REPORT):
        return None
    entries = (*manifest.files, *manifest.rejected_files)
    return manifest if all(output.intact(entry) for entry in entries) else None


def check_ours(output: Folder) -> None:
    """`commit` replaces data/: never in a folder that a run of ours did not make."""
    if not output.exists("") or _manifest(output) or output.exists(f"{WORK}/lock"):
        return
    if output.system.isfile(output.root):
        raise OutputError(f"{output.path} is a file: an output is a folder.")
    names = [path.rstrip("/").rsplit("/", 1)[-1] for path in output.system.ls(output.root, False)]
    if names:
        raise OutputError(
            f"{output.path} is not empty and holds no dataset of ours (found {names[:5]}). "
            "Choose another folder, or empty this one."
        )


def check_apart(pipeline: Pipeline, output: Folder) -> None:
    """An output inside the deposit would be read as a part of it the next time."""
    deposit = str(getattr(pipeline.reader, "path", "") or "")
    if not deposit or not output.local or "://" in deposit or not os.path.isdir(deposit):
        return
    inner, outer = os.path.realpath(output.root), os.path.realpath(deposit)
    if os.path.commonpath([inner, outer]) == outer:
        raise OutputError(
            f"The output {output.path} lies inside the deposit {deposit}: the next run would read "
            "it as a part of the deposit. Choose a folder beside it."
        )


@contextlib.contextmanager
def work_folder(output: Folder, work: str | None) -> Iterator[Path]:
    """The folder of receipts, locked; removed after success unless the caller named it."""
    import filelock

    temporary = not output.local and work is None
    if temporary:
        path = Path(tempfile.mkdtemp(prefix="datapartnerships-"))
    else:
        path = Path(work) if work else Path(output.root) / WORK
    inside = Path(output.root) / WORK
    if work and output.local and path.resolve().is_relative_to(Path(output.root).resolve()):
        raise ConfigurationError(f"work={work!r} lies inside the output; name a folder beside it.")
    path.mkdir(parents=True, exist_ok=True)
    locks = [filelock.FileLock(path / "lock")]
    if output.local and path != inside:
        # The lock inside the output also marks an interrupted run as ours.
        inside.mkdir(parents=True, exist_ok=True)
        locks.append(filelock.FileLock(inside / "lock"))
    try:
        for lock in locks:
            lock.acquire(timeout=0)
    except filelock.Timeout as error:
        for lock in locks:
            lock.release()
        raise OutputError(f"Another run is writing to {output.path} right now.") from error
    if output.local and work and not output.exists(PARTS):
        _move(path / "parts", Path(output.at(PARTS)))
    try:
        yield path
        if work is None:
            shutil.rmtree(path)
        elif output.local:
            _move(Path(output.at(PARTS)), path / "parts")
        output.clear(WORK)
    finally:
        for lock in locks:
            lock.release()
        if temporary:
            shutil.rmtree(path, ignore_errors=True)


def _move(source: Path, target: Path) -> None:
    if source.exists():
        shutil.rmtree(target, ignore_errors=True)
        shutil.move(source, target)
