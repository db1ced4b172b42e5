"""The output folder of a run: is it ours, is it finished, who works in it."""

from __future__ import annotations

import contextlib
import os
import shutil
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path

from datapartnerships._report.words import counted
from datapartnerships.config import load_yaml
from datapartnerships.errors import ConfigurationError, OutputError
from datapartnerships.pipeline import Pipeline
from datapartnerships.schema import Manifest, all_files
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
    return manifest if output.intact(all_files(manifest), output.sizes("")) else None


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


def check_same(output: Folder, fingerprint: str) -> None:
    """A dataset of another recipe is never lost without a word."""
    there = _manifest(output)
    if there is None or there.fingerprint == fingerprint:
        return
    written = ""
    with contextlib.suppress(Exception):  # some stores do not know, and it is a courtesy
        written = f", written {output.system.modified(output.at(MANIFEST)):%Y-%m-%d %H:%M}"
    raise OutputError(
        f"{output.path} holds a dataset of another recipe, deposit or key: "
        f"{counted(there.documents_out, 'document')}{written}{_steps(output)}, fingerprint "
        f"{there.fingerprint[:12] or '(none)'}; this run is {fingerprint[:12]}. Choose another "
        "folder, or let this one be lost: run(..., replace=True), --replace on the command line."
    )


def _steps(output: Folder) -> str:
    """The names in the recipe that lies in `output`, for a message."""
    try:
        recipe = load_yaml(output.read_text(RECIPE))
        steps = [recipe["reader"], *recipe["transforms"], recipe["writer"]]
        return f", by {' > '.join(s if isinstance(s, str) else next(iter(s)) for s in steps)}"
    except (OSError, ConfigurationError, LookupError, TypeError):  # functions have no recipe
        return ""


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
def work_folder(output: Folder, work: str | None) -> Iterator[str]:
    """The folder of receipts; removed after success unless the caller named it.

    On this machine it is locked: two runs into one are an error. A store has no locks.
    """
    temporary = not output.local and work is None
    if temporary:
        folder = Folder(tempfile.mkdtemp(prefix="datapartnerships-"))
    else:
        folder = Folder(work or output.at(WORK))
    if work and folder.local == output.local and _inside(folder, output):
        raise ConfigurationError(f"work={work!r} lies inside the output; name a folder beside it.")
    # The lock inside the output also marks an interrupted run as ours; in a store it does no more.
    places = {folder.root} if folder.local else set()
    places |= {output.at(WORK)} if output.local else set()
    with _locked(places, output.path):
        if not output.local:
            output.write_text(f"{WORK}/lock", "")
        moves = output.local and folder.local and work
        if moves and not output.exists(PARTS):
            _move(Path(folder.at("parts")), Path(output.at(PARTS)))
        try:
            yield folder.root if folder.local else folder.path
            if work is None:
                shutil.rmtree(folder.root)
            elif moves:
                _move(Path(output.at(PARTS)), Path(folder.at("parts")))
            output.clear(WORK)
        finally:
            if temporary:
                shutil.rmtree(folder.root, ignore_errors=True)


def _inside(folder: Folder, output: Folder) -> bool:
    inner, outer = (Path(os.path.realpath(f.root) if f.local else f.path) for f in (folder, output))
    return inner.is_relative_to(outer)


@contextlib.contextmanager
def _locked(folders: Iterable[str], path: str) -> Iterator[None]:
    import filelock

    with contextlib.ExitStack() as stack:
        for folder in sorted(folders):
            os.makedirs(folder, exist_ok=True)
            lock = filelock.FileLock(os.path.join(folder, "lock"))
            try:
                stack.enter_context(lock.acquire(timeout=0))
            except filelock.Timeout as error:
                raise OutputError(f"Another run is writing to {path} right now.") from error
        yield


def _move(source: Path, target: Path) -> None:
    if source.exists():
        shutil.rmtree(target, ignore_errors=True)
        shutil.move(source, target)
