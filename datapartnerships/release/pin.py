"""`check_pin`: whether what somebody pinned was withdrawn, and what to move to."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import pyarrow as pa
import pyarrow.parquet as pq

from datapartnerships.errors import PublishError
from datapartnerships.release._changes import TOMBSTONES
from datapartnerships.release._hub_client import RemoteFile, Repository, Retry
from datapartnerships.release._manifest import MANIFEST
from datapartnerships.release._publication import manifest_of
from datapartnerships.tombstones import IDS

_SHOWN = 5


@dataclass(frozen=True)
class Pin:
    """What became of a revision that somebody uses.

    Attributes:
        repo: ``org/name``.
        revision: as it was pinned: a tag, a branch or a commit.
        commit: that it is; None if there is no such revision any more.
        withdrawn: documents of it that were withdrawn since, with the class of the reason.
        move_to: what to pin instead: the tag of the newest version, or its commit.
    """

    repo: str
    revision: str
    commit: str | None
    withdrawn: Mapping[str, str] = field(default_factory=dict)
    move_to: str = ""

    @property
    def ok(self) -> bool:
        """Whether it is there, and nothing in it was withdrawn."""
        return self.commit is not None and not self.withdrawn

    def __str__(self) -> str:
        where = f"{self.repo} at {self.revision}"
        if self.ok:
            return f"{where}: nothing in it was withdrawn."
        move = f"Delete your copies, and move to {self.move_to}."
        if self.commit is None:
            return (
                f"{where}: there is no such revision any more. Revisions go when documents in "
                f"them are withdrawn. {move}"
            )
        count, reasons = len(self.withdrawn), sorted(set(self.withdrawn.values()))
        names = ", ".join(sorted(self.withdrawn)[:_SHOWN]) + (", ..." if count > _SHOWN else "")
        what = "document was" if count == 1 else "documents were"
        return f"{where}: {count:,} {what} withdrawn ({', '.join(reasons)}): {names}. {move}"


def check_pin(
    repo: str,
    revision: str,
    *,
    token: str | None = None,
    endpoint: str | None = None,
    retry: Retry | None = None,
) -> Pin:
    """Tell whether documents of a revision were withdrawn since.

    The tombstones of main are held against the documents of the revision: of its Parquet files,
    only the columns with ids are read. A recipe that pins a dataset calls it before it trains.

    Args:
        repo: ``org/name``.
        revision: what is pinned: a tag, a branch or a commit.
        token: of the Hub, for private and gated datasets.
        endpoint: address of another Hub; by default HF_ENDPOINT, or huggingface.co.
        retry: how often to try again after 429, 5xx and broken connections.

    Raises:
        PublishError: there is no such dataset, or none that the token lets see; or the Hub did
            not answer after the last attempt.
    """
    from huggingface_hub.errors import RevisionNotFoundError

    repository = Repository(repo, token=token, endpoint=endpoint, retry=retry or Retry())
    if repository.info() is None:
        raise PublishError(f"{repo} is not on the Hub, or not to be seen with this token.")
    main = repository.head("main")
    there = repository.files(main)
    move_to = _newest(repository, main, there)
    try:
        commit = repository.head(revision)
    except PublishError as error:
        if isinstance(error.__cause__, RevisionNotFoundError):
            return Pin(repo, revision, None, move_to=move_to)
        raise
    pinned = repository.files(commit)
    new = _tombstones(repository, main, there)
    for id in _tombstones(repository, commit, pinned):  # withdrawn before: it is not in there
        new.pop(id, None)
    held = _held(repository, commit, pinned, new) if new else set()
    withdrawn = {id: new[id] for id in sorted(held)}
    return Pin(repo, revision, commit, withdrawn, move_to)


def _newest(repository: Repository, main: str, there: Mapping[str, RemoteFile]) -> str:
    """The tag of the version on main, if it has one."""
    manifest = manifest_of(repository.read(MANIFEST, main).decode()) if MANIFEST in there else None
    tag = f"v{manifest.version}" if manifest else None
    tags = {one.name: one.target_commit for one in repository.refs().tags}
    return tag if tag and tags.get(tag) == main else main


def _tombstones(
    repository: Repository, revision: str, there: Mapping[str, RemoteFile]
) -> dict[str, str]:
    """By id, why each document was withdrawn."""
    if TOMBSTONES not in there:
        return {}
    found = {}
    for line in repository.read(TOMBSTONES, revision).decode().splitlines():
        one = json.loads(line)
        found[str(one["id"])] = str(one["reason_class"])
    return found


def _held(
    repository: Repository,
    revision: str,
    there: Mapping[str, RemoteFile],
    wanted: Iterable[str],
) -> set[str]:
    """Which of the documents are in the data of a revision."""
    ids = pa.array(list(wanted), pa.string())
    found: set[str] = set()
    for path in sorted(there):
        if path.endswith(".parquet"):

            def look(path: str = path, **_: object) -> set[str]:
                return _ids(repository, revision, path, ids)

            found |= repository.ask(f"reading the ids of {path}", look)
    return found


def _ids(repository: Repository, revision: str, path: str, wanted: pa.Array) -> set[str]:
    import pyarrow.compute as pc

    found: set[str] = set()
    with repository.open(path, revision) as stream, pq.ParquetFile(stream) as file:
        columns = [name for name in IDS if name in file.schema_arrow.names]
        for batch in file.iter_batches(columns=columns) if columns else ():
            for column in batch.columns:
                same = column.cast(pa.string())
                found.update(same.filter(pc.is_in(same, wanted)).to_pylist())
    return found
