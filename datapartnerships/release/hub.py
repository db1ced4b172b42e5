"""`publish`: a release folder becomes a version of a dataset on the Hub, whole or not at all."""

from __future__ import annotations

import inspect
import os
from collections.abc import Mapping
from typing import Any, Literal, overload

from datapartnerships.errors import ConfigurationError, InvalidParameter, UnknownName
from datapartnerships.executors._result import Release
from datapartnerships.release._hub_client import Repository, Retry
from datapartnerships.release._manifest import MANIFEST, TRACKS
from datapartnerships.release._publication import Publication, Published
from datapartnerships.release.folder import OpenFolder, PrivateFolder, ReleaseFolder
from datapartnerships.release.gates import candidate_of
from datapartnerships.release.prepare import prepare
from datapartnerships.writers._folder import MANIFEST as RUN_MANIFEST
from datapartnerships.writers._folder import Folder

__all__ = ["Publication", "Published", "publish", "send"]


@overload
def publish(
    release: OpenFolder | Release | str | os.PathLike[str],
    repo_id: str,
    *,
    track: Literal["open"] = "open",
    gated: Literal["auto", "manual", False] | None = None,
    into: str | os.PathLike[str] | None = None,
    token: str | None = None,
    endpoint: str | None = None,
    message: str | None = None,
    replace: bool = False,
    retry: Retry | None = None,
    **given: Any,
) -> Published: ...


@overload
def publish(
    release: PrivateFolder | Release | str | os.PathLike[str],
    repo_id: str,
    *,
    track: Literal["private"],
    gated: None = None,
    into: str | os.PathLike[str] | None = None,
    token: str | None = None,
    endpoint: str | None = None,
    message: str | None = None,
    replace: bool = False,
    retry: Retry | None = None,
    **given: Any,
) -> Published: ...


def publish(
    release: ReleaseFolder | Release | str | os.PathLike[str],
    repo_id: str,
    *,
    track: str = "open",
    gated: str | bool | None = None,
    into: str | os.PathLike[str] | None = None,
    token: str | None = None,
    endpoint: str | None = None,
    message: str | None = None,
    replace: bool = False,
    retry: Retry | None = None,
    **given: Any,
) -> Published:
    """Publish a release as the next version of a dataset on the Hub.

    In this order: the gates, once more; the repository, made private; the files; one commit on
    main; its list of files against the manifest; every file downloaded again by that commit, and
    its digest compared; the tag ``v<version>``; and only then, on the open track, public. At every
    moment main is the old version or the new one, whole. What was interrupted goes on when it is
    called again: nothing that arrived is sent twice.

    Args:
        release: the folder that `prepare` made, or its path. A type checker lets an `OpenFolder`
            onto the open track, and no other. Or what `run` gave back: it is prepared first.
        repo_id: ``org/name``.
        track: that of the release. A release of the private track goes to private repositories
            only, and leaves them private.
        gated: ``"auto"`` or ``"manual"`` for a dataset whose readers must ask, False for one that
            anybody may read; None leaves a repository as it is, and a new one open to anybody.
        into: of a run, the release folder to make; one that was made of this run is taken.
        token: of the Hub; by default what the client finds (HF_TOKEN, or a login).
        endpoint: address of another Hub; by default HF_ENDPOINT, or huggingface.co.
        message: title of the commit.
        replace: whether what is on main may be lost although this release does not follow it.
        retry: how often to try again after 429, 5xx and broken connections.
        given: what the gates look at besides, as in `ReleaseFolder.check` (``date``, ``deposit``,
            ``audit``, ``tombstones``, ``waivers``, ...), and, of a run, what `prepare` is told
            (``version``, ``date``, ``deposit``, ``previous``, ...).

    Raises:
        ConfigurationError: the release is of another track, or an argument cannot be.
        OutputError: there is no release in the folder.
        GatesShut: a gate is shut; nothing was asked of the Hub.
        PublishError: the repository holds something else, or a version that this one does not
            follow; somebody else committed at the same time; the Hub did not answer after the
            last attempt; what came back is not what was sent.
    """
    if track not in TRACKS:
        raise UnknownName("track", track, TRACKS)
    repository = Repository(repo_id, token=token, endpoint=endpoint, retry=retry or Retry())
    preparing, checking = _sorted(given, isinstance(release, Release))
    if isinstance(release, Release):
        release = _prepared(release, into, track, preparing)
    elif not isinstance(release, ReleaseFolder):
        release = ReleaseFolder.open(os.fspath(release))
    check_track(release, track, gated)
    release.check(track=track, **checking).require()
    return send(release, repository, gated=gated, message=message, replace=replace)


def check_track(folder: ReleaseFolder, track: str, gated: str | bool | None) -> None:
    """A release goes to its own track, and nothing of the private one has a public page."""
    if folder.manifest.track != track:
        raise ConfigurationError(
            f"{folder.path} is a release of the {folder.manifest.track} track, and was to be "
            f"published on the {track} one. What may leave on a track is decided when the release "
            "is prepared."
        )
    if gated not in (None, False, "auto", "manual"):
        raise InvalidParameter("publish", "gated", "'auto', 'manual', False or None", gated)
    if gated and track == "private":
        raise ConfigurationError(
            "A gated dataset has a public page: a release of the private track cannot be one."
        )


def send(
    folder: ReleaseFolder,
    repository: Repository,
    *,
    gated: str | bool | None = None,
    message: str | None = None,
    replace: bool = False,
) -> Published:
    """Everything of `publish` that comes after the gates."""
    title = message or f"Release {folder.manifest.version}"
    return Publication(folder, repository, gated, title, replace).run()


def _sorted(given: Mapping[str, Any], run: bool) -> tuple[dict[str, Any], dict[str, Any]]:
    """What of the other arguments is for `prepare`, and what is for the gates."""

    def names(function: Any) -> set[str]:
        found = inspect.signature(function).parameters.values()
        return {one.name for one in found if one.kind is one.KEYWORD_ONLY}

    ours = {"track", "replace"}
    preparing = names(prepare) - ours if run else set()
    checking = names(candidate_of) - ours
    for name in given:
        if name not in preparing | checking:
            raise UnknownName("argument", name, preparing | checking, where="publish")
    return (
        {name: value for name, value in given.items() if name in preparing},
        {name: value for name, value in given.items() if name in checking},
    )


def _prepared(
    run: Release, into: str | os.PathLike[str] | None, track: str, given: Mapping[str, Any]
) -> ReleaseFolder:
    missing = [name for name in ("version", "date") if name not in given]
    if into is None or missing:
        raise ConfigurationError(
            "A run is prepared before it is published: publish(release, ..., into=FOLDER, "
            "version='1.0.0', date='2026-11-22'). Or prepare it first, and publish the folder."
        )
    source = Folder(os.fspath(into))
    if source.exists(MANIFEST):
        folder = ReleaseFolder.open(source.path)
        made = folder.manifest
        run_digest = Folder(run.path).entry(RUN_MANIFEST, 0).sha256
        if (made.run, made.version, made.date, made.track) == (
            run_digest, given["version"], given["date"], track,
        ):  # fmt: skip
            return folder
    return prepare(run, into, track=track, **given)
