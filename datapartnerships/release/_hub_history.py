"""The versions that a dataset on the Hub had, fetched and forgotten."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from datapartnerships.errors import PublishError
from datapartnerships.release._hub_client import Repository
from datapartnerships.release._manifest import MANIFEST
from datapartnerships.release.folder import ReleaseFolder

_ATTRIBUTES = ".gitattributes"
_SHOWN = 5


def fetch(repository: Repository, folder: Path) -> tuple[ReleaseFolder, str]:
    """The release at the end of main, and the commit that it is; every file is looked at.

    Raises
    ------
    PublishError
        There is no release, or it is not what its manifest says.
    """
    if repository.info() is None:
        raise PublishError(f"{repository.name} is not there, or not to be seen with this token.")
    sha = repository.head("main")
    names = repository.files(sha).keys() - {_ATTRIBUTES}
    if MANIFEST not in names:
        raise PublishError(f"{repository.name} holds no release of ours: it has no {MANIFEST}.")
    for name in sorted(names):
        target = folder / name
        target.parent.mkdir(parents=True, exist_ok=True)

        def load(target: Path = target, name: str = name, **_: Any) -> None:
            with open(target, "wb") as stream:
                for piece in repository.pieces(name, sha):
                    stream.write(piece)

        repository.ask(f"downloading {name}", load)
    release = ReleaseFolder.open(str(folder))
    if problems := release.problems():
        raise PublishError(
            f"{repository.name} is not what its manifest says: {'; '.join(problems[:_SHOWN])}."
        )
    return release, sha


def forget(repository: Repository, tag: str, at: str) -> tuple[str, tuple[str, ...]]:
    """Leave nothing of the versions before: the one commit of main, and its tag.

    Tags go first, as each keeps its version; then the commits of main become one; then the large
    files that it does not have are deleted for good, wherever else they are named. It can be called
    again after it was interrupted.

    `at` is the commit that main must be: what somebody put there since is not ours to keep.

    Returns
    -------
        The commit that main is now, and the refs that are not ours to delete (branches of others,
        pull requests, conversions of the Hub), in which earlier versions may still be.

    Raises
    ------
    PublishError
        Something is still there, or main has moved; of that nothing was deleted.
    """
    api, refs = repository.api, repository.refs()
    if repository.head("main") != at:
        raise PublishError(
            f"{repository.name}: main is no longer at {at[:12]}, and nothing was forgotten yet. "
            "Look at what somebody put there, and call it again."
        )
    for branch in refs.branches:
        if branch.name.startswith("staging/"):
            repository.delete_branch(branch.name)
    for other in refs.tags:
        repository.ask(f"deleting {other.name}", api.delete_tag, tag=other.name)
    before = repository.files("main")
    repository.ask("forgetting the commits", api.super_squash_history, branch="main")
    sha = repository.head("main")
    if repository.files(sha) != before:
        raise PublishError(f"{repository.name}: main is not what it was before its commits went.")
    repository.ask("the tag", api.create_tag, tag=tag, revision=sha, exist_ok=True)
    if lost := _lost(repository, before):
        repository.ask(
            "deleting large files",
            api.permanently_delete_lfs_files,
            lfs_files=lost,
            rewrite_history=True,
        )
    if left := _lost(repository, before):
        names = ", ".join(sorted(str(file.filename) for file in left)[:_SHOWN])
        raise PublishError(f"{repository.name} still has {len(left)} withdrawn files: {names}.")
    # Rewriting the history of other refs may have given main another end.
    sha = repository.head("main")
    commits = repository.ask("listing commits", api.list_repo_commits, revision="main")
    if len(list(commits)) != 1 or repository.files(sha) != before:
        raise PublishError(f"{repository.name}: main still has commits of earlier versions.")
    refs = repository.refs()
    if {found.name: found.target_commit for found in refs.tags} != {tag: sha}:
        raise PublishError(f"{repository.name}: {tag} is not its only tag, at {sha[:12]}.")
    others = [branch.name for branch in refs.branches if branch.name != "main"]
    others += [request.ref for request in refs.pull_requests or ()]
    others += [made.ref for made in refs.converts]
    return sha, tuple(sorted(others))


def _lost(repository: Repository, kept: Any) -> list[Any]:
    """Large files that the Hub has of this repository, and main does not."""
    wanted = {file.sha256 for file in kept.values()}

    def listed(**given: Any) -> list[Any]:
        return list(repository.api.list_lfs_files(**given))

    return [file for file in repository.ask("listing files", listed) if file.oid not in wanted]
