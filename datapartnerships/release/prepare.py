"""`prepare`: from what a run made to what leaves."""

from __future__ import annotations

import contextlib
import dataclasses
import datetime
import hashlib
import os
import re
import shutil
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Literal, TypedDict, Unpack, overload

from datapartnerships.errors import ConfigurationError, InvalidParameter, OutputError
from datapartnerships.executors._output import RECIPE
from datapartnerships.executors._result import Release
from datapartnerships.intake import Intake
from datapartnerships.release import _changes, _data, _facts, _media, _stats
from datapartnerships.release._facts import About, Facts, Reading
from datapartnerships.release._manifest import (
    ATTESTATION,
    MANIFEST,
    PROOF,
    TRACKS,
    ReleaseManifest,
    Waiver,
    order,
)
from datapartnerships.release._texts import texts
from datapartnerships.release.attestation import attest, signer, signing_key
from datapartnerships.release.folder import OpenFolder, PrivateFolder, ReleaseFolder
from datapartnerships.release.gates import candidate_of, check
from datapartnerships.release.policy import ReleasePolicy
from datapartnerships.schema import FileEntry
from datapartnerships.sheet import Audit, read_audit
from datapartnerships.writers._folder import MANIFEST as RUN_MANIFEST
from datapartnerships.writers._folder import Folder

_VERSION = re.compile(r"(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)(-[0-9A-Za-z.-]+)?")


class _Given(TypedDict, total=False):
    """The other arguments of `prepare`."""

    deposit: Intake | str | os.PathLike[str] | None
    name: str | None
    policy: ReleasePolicy | Mapping[str, Any] | None
    waivers: Sequence[Waiver]
    audit: Audit | str | os.PathLike[str] | None
    previous: ReleaseFolder | str | os.PathLike[str] | None
    key: bytes | str | os.PathLike[str] | None
    subsets_by: str | None
    private: Iterable[str]
    tombstones: Any
    terms: str
    answers: Mapping[str, str] | None
    replace: bool


@overload
def prepare(
    release: Release | str | os.PathLike[str],
    path: str | os.PathLike[str],
    *,
    version: str,
    date: str,
    track: Literal["open"] = "open",
    **given: Unpack[_Given],
) -> OpenFolder: ...


@overload
def prepare(
    release: Release | str | os.PathLike[str],
    path: str | os.PathLike[str],
    *,
    version: str,
    date: str,
    track: Literal["private"],
    **given: Unpack[_Given],
) -> PrivateFolder: ...


@overload
def prepare(
    release: Release | str | os.PathLike[str],
    path: str | os.PathLike[str],
    *,
    version: str,
    date: str,
    track: str,
    **given: Unpack[_Given],
) -> ReleaseFolder: ...


def prepare(
    release: Release | str | os.PathLike[str],
    path: str | os.PathLike[str],
    *,
    version: str,
    date: str,
    deposit: Intake | str | os.PathLike[str] | None = None,
    name: str | None = None,
    track: str = "open",
    policy: ReleasePolicy | Mapping[str, Any] | None = None,
    waivers: Sequence[Waiver] = (),
    audit: Audit | str | os.PathLike[str] | None = None,
    previous: ReleaseFolder | str | os.PathLike[str] | None = None,
    key: bytes | str | os.PathLike[str] | None = None,
    subsets_by: str | None = None,
    private: Iterable[str] = (),
    tombstones: Any = None,
    terms: str = "",
    answers: Mapping[str, str] | None = None,
    replace: bool = False,
) -> ReleaseFolder:
    """Make a release folder: the data of a run, everything that has to be said of it, and proof.

    What it says is measured in the files, or stated in deposit.yaml; nothing hangs on the clock,
    the machine or the order of work, so that the same inputs give the same bytes. The folder is
    built beside `path`, held against the gates, signed, and renamed: one that is there is whole,
    and may leave.

    Args:
        release: what `run` gave back, or its output folder.
        path: the folder to make, on this machine.
        version: of the dataset, ``1.0.0`` (https://semver.org).
        date: ISO 8601 day of the release.
        deposit: deposit.yaml, the folder that it is in, or what `Intake.load` made of it.
        name: of the dataset; that of the deposit by default.
        track: ``open`` or ``private``.
        policy: what the gates ask for; that of the deposit, if none is given.
        waivers: gates that may be passed although they are shut, each with somebody's word. They
            stand in the manifest.
        audit: what a person found who read a sample (`read_audit`), or the file they saved.
        previous: the release folder of the version before: for the change log, for its tombstones,
            which are carried over, and for the order of the rows: what was there stays in its file
            and row group, and what is new stands behind, so that little has to be sent.
        key: private Ed25519 key that signs: PEM, 32 bytes, or the path of a PEM file. By default
            the file that DATAPARTNERSHIPS_SIGNING_KEY names, or one made on first use.
        subsets_by: ``license`` for a subset of each license; by default one subset, ``default``.
        private: ids and digests of documents that must not be in an open release.
        tombstones: what was taken down before; see `Candidate`.
        terms: what people must agree to before they get access: the card asks them.
        answers: to questions of the datasheet, by the names that stand beside them there.
        replace: whether a release folder that lies in `path` is lost to this one.

    Raises
    ------
    ConfigurationError
        An argument that cannot be.
    GatesShut
        It may not leave; the message says what each gate that is shut found.
    OutputError
        `path` is not free, or `release` is no finished run.
    MissingExtra
        The extra `release` is not installed.
    """
    if not isinstance(release, Release):
        release = Release.open(os.fspath(release))
    _check(version, date, track, subsets_by)
    target = Path(os.path.abspath(os.fspath(path).removeprefix("file://")))
    if "://" in os.fspath(path).removeprefix("file://"):
        raise OutputError(f"{os.fspath(path)}: a release folder is made on this machine.")
    if _aside(target).exists() and not target.exists():  # killed between two renames
        _aside(target).rename(target)
    _check_free(target, replace)
    private_key = signing_key(key)
    intake = deposit if isinstance(deposit, Intake | None) else Intake.load(os.fspath(deposit))
    about = About.of(intake)
    before = previous
    if before is not None and not isinstance(before, ReleaseFolder):
        before = ReleaseFolder.open(os.fspath(before))
    if before is not None and (problems := before.problems()):
        raise OutputError(f"{before.path} is not the release it was: {'; '.join(problems[:5])}.")
    if before is not None:
        _check_later("prepare", version, date, before)
    if audit is not None and not isinstance(audit, Audit):
        audit = read_audit(audit)
    with _building(target) as root:
        _data.place(release, root, subsets_by == "license", before)
        facts = _measured(release, root, about, name)
        stones = _changes.tombstones(before)
        facts = dataclasses.replace(
            facts, version=version, date=date, track=track, audit=Reading.of(audit), terms=terms,
            answers=dict(answers or {}), waivers=tuple(waivers), withdrawn=stones.count("\n"),
        )  # fmt: skip
        for file, text in texts(facts).items():
            (root / file).write_text(text, encoding="utf-8", newline="\n")
        _write_sources(root, facts)
        _write(root / "CHANGELOG.md", _changes.changelog(facts, Folder(str(root)), before))
        _write(root / _changes.TOMBSTONES, stones)
        manifest = ReleaseManifest(
            name=facts.name,
            version=version,
            date=date,
            track=track,
            run=_digest(Folder(release.path), RUN_MANIFEST),
            fingerprint=release.manifest.fingerprint,
            deposit=about.digest,
            documents_in=release.manifest.documents_in,
            documents_out=release.manifest.documents_out,
            rejected=dict(sorted(release.manifest.rejected.items())),
            files=_entries(root, facts),
            previous=_digest(Folder(before.path), MANIFEST) if before else None,
        )
        return _proved(
            root, target, manifest, private_key, run=release, deposit=intake, policy=policy,
            audit=audit, tombstones=tombstones, private=private, waivers=waivers,
        )  # fmt: skip


def _proved(
    root: Path, target: Path, manifest: ReleaseManifest, key: bytes, **evidence: Any
) -> ReleaseFolder:
    """What lies in `root` as the release `target`, once every gate lets it pass."""
    # Signed once as it is, so that the gates see all that will leave.
    _sign(root, manifest, key)
    candidate = candidate_of(
        ReleaseFolder.of(str(root), manifest),
        track=manifest.track,
        date=manifest.date,
        signer=signer(key),
        **evidence,
    )
    checks = dataclasses.replace(check(candidate), subject=str(target)).require()
    manifest = dataclasses.replace(manifest, gates=checks.results)
    _sign(root, manifest, key)
    _finish(root, target)
    return ReleaseFolder.of(str(target), manifest)


def _check(version: str, date: str, track: str, subsets_by: str | None) -> None:
    if not _VERSION.fullmatch(version):
        raise InvalidParameter("prepare", "version", "a version such as '1.0.0'", version)
    try:
        good = datetime.date.fromisoformat(date).isoformat() == date
    except (TypeError, ValueError):
        good = False
    if not good:
        raise InvalidParameter("prepare", "date", "a day such as '2026-11-22'", date)
    if track not in TRACKS:
        raise InvalidParameter("prepare", "track", f"one of {', '.join(TRACKS)}", track)
    if subsets_by not in (None, "license"):
        raise InvalidParameter("prepare", "subsets_by", "None or 'license'", subsets_by)


def _check_later(where: str, version: str, date: str, before: ReleaseFolder) -> None:
    if order(version) <= order(before.manifest.version):
        rule = f"later than {before.manifest.version}, the version of {before.path}"
        raise InvalidParameter(where, "version", rule, version)
    if date < before.manifest.date:
        rule = f"no earlier than {before.manifest.date}, the day of {before.path}"
        raise InvalidParameter(where, "date", rule, date)


def _check_free(target: Path, replace: bool) -> None:
    if not target.exists() or (target.is_dir() and not any(target.iterdir())):
        return
    if not (target / MANIFEST).exists():
        raise OutputError(f"{target} is not empty and no release folder: choose another.")
    if not replace:
        raise OutputError(
            f"{target} holds a release already. Choose another folder, or let it be lost: "
            "prepare(..., replace=True)."
        )


@contextlib.contextmanager
def _building(target: Path) -> Iterator[Path]:
    """A folder beside `target`. What a killed `prepare` left there is cleared away."""
    import filelock

    root = target.parent / f".{target.name}.unfinished"
    root.mkdir(parents=True, exist_ok=True)
    # Beside it, so that the folder holds nothing but what leaves.
    lock = filelock.FileLock(target.parent / f".{target.name}.lock")
    try:
        lock.acquire(timeout=0)
    except filelock.Timeout:
        raise OutputError(f"Another process is preparing {target} right now.") from None
    try:
        for item in root.iterdir():
            if item.is_dir():
                shutil.rmtree(item)
            else:
                item.unlink()
        yield root
    finally:
        shutil.rmtree(root, ignore_errors=True)
        Path(lock.lock_file).unlink(missing_ok=True)
        lock.release()


def _finish(root: Path, target: Path) -> None:
    aside = _aside(target)
    shutil.rmtree(aside, ignore_errors=True)
    if target.exists():
        target.rename(aside)
    root.rename(target)
    shutil.rmtree(aside, ignore_errors=True)


def _aside(target: Path) -> Path:
    return target.parent / f".{target.name}.replaced"


def _measured(release: Release, root: Path, about: About, name: str | None) -> Facts:
    source, folder = Folder(release.path), Folder(str(root))
    subsets = _data.subsets(root)
    if not sum(subset.rows for subset in subsets):
        raise ConfigurationError(f"{release.path} holds no documents: there is nothing to release.")
    stats = _stats.measure(folder, subsets)
    recipe = source.read_text(RECIPE) if source.exists(RECIPE) else ""
    return Facts(
        name=name or about.name or next(iter(stats.sources), "dataset"),
        version="",
        date="",
        track="",
        about=about,
        run=release.manifest,
        stats=stats,
        counts=_stats.run_counts(source, release.manifest),
        subsets=subsets,
        files=_media.columns(folder, subsets),
        recipe=_facts.travelling(recipe),
    )


def _sign(root: Path, manifest: ReleaseManifest, key: bytes) -> None:
    text = manifest.to_json()
    _write(root / ATTESTATION, attest(manifest, text, key))
    # The last of all: with it, the folder is a release.
    _write(root / MANIFEST, text)


def _write(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8", newline="\n")


def _write_sources(root: Path, facts: Facts) -> None:
    with open(root / "sources.jsonl", "w", encoding="utf-8", newline="\n") as stream:
        _stats.write_sources(Folder(str(root)), facts.subsets, stream)


def _entries(root: Path, facts: Facts) -> tuple[FileEntry, ...]:
    folder = Folder(str(root))
    data = {
        file.path: FileEntry(file.path, file.size, file.sha256, file.rows)
        for subset in facts.subsets
        for file in subset.files
    }
    names = sorted(set(folder.sizes("")) - set(PROOF))
    return tuple(data.get(name) or folder.entry(name, 0) for name in names)


def _digest(folder: Folder, name: str) -> str:
    return hashlib.sha256(folder.read_text(name).encode()).hexdigest()
