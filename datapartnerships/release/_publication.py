"""How a release folder gets onto main: in one commit, from wherever the last attempt stopped."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

from datapartnerships.errors import ConfigurationError, PublishError
from datapartnerships.release._hub_client import RemoteFile, Repository
from datapartnerships.release._manifest import FORMAT, MANIFEST, PROOF, ReleaseManifest, order
from datapartnerships.release.folder import ReleaseFolder
from datapartnerships.schema import FileEntry
from datapartnerships.tombstones import TOMBSTONES
from datapartnerships.writers._folder import Folder

# More files than this go to a branch first, in commits of so many: the Hub asks for small ones.
FILES_PER_COMMIT = 100
_AT_ONCE = 4
_STAGING = "staging/v"
# The Hub's own, there from the beginning.
_ATTRIBUTES = ".gitattributes"
_SHOWN = 5


@dataclass(frozen=True)
class Published:
    """Where a release is now.

    Attributes:
        repo: ``org/name``.
        commit: of main; what to pin.
        tag: ``v`` and the version.
        url: the page of the dataset.
    """

    repo: str
    commit: str
    tag: str
    url: str

    def __str__(self) -> str:
        return f"{self.url} {self.tag} ({self.commit[:12]})"


@dataclass
class Publication:
    """One release on its way; every step looks first at what is done."""

    folder: ReleaseFolder
    repository: Repository
    gated: str | bool | None
    title: str
    replace: bool
    entries: dict[str, FileEntry] = field(default_factory=dict)

    def run(self) -> Published:
        source = Folder(self.folder.path)
        if not source.local:
            raise ConfigurationError(
                f"{self.folder.path} is not on this machine: copy the release folder here first."
            )
        self.entries = {entry.path: entry for entry in self.folder.manifest.files}
        self.entries |= {name: source.entry(name, 0) for name in PROOF if source.exists(name)}
        sha = self._main(*self._enter())
        self._verify(sha)
        self._tag(sha)
        self._show(sha)
        return Published(self.repository.name, sha, self.tag, self.repository.url)

    @property
    def tag(self) -> str:
        return f"v{self.folder.manifest.version}"

    @property
    def staging(self) -> str:
        return f"{_STAGING}{self.folder.manifest.version}"

    # Before anything is sent.

    def _enter(self) -> tuple[str, dict[str, RemoteFile]]:
        """Whether this release may go into the repository, made if it is not there.

        Answers with the end of main that was looked at, and its files: what follows stands on it.
        """
        if self.repository.info() is None:
            self.repository.create()
        info: Any = self.repository.info()
        if self.folder.manifest.track == "private" and not info.private:
            raise ConfigurationError(
                f"{self.repository.name} is public: a release of the private track cannot go there."
            )
        head = self.repository.head("main")
        there = self.repository.files(head)
        if there.keys() - {_ATTRIBUTES, "README.md"}:
            if not self.replace:
                self._check_follows(head, there)
        elif not info.private:
            # Nobody is to see a version before it was looked at.
            self._settings(private=True)
        return head, there

    def _check_follows(self, head: str, there: dict[str, RemoteFile]) -> None:
        """What is on main is a version of the same dataset, and this is the next one, or it."""
        name, new = self.repository.name, self.folder.manifest
        lost = "To let what is there be lost, pass replace=True."
        if MANIFEST not in there:
            raise PublishError(
                f"{name} holds something that is no release of ours "
                f"({', '.join(sorted(there)[:_SHOWN])}). Choose another name. {lost}"
            )
        text = self.repository.read(MANIFEST, head).decode()
        old = manifest_of(text)
        if old is None:
            raise PublishError(f"{name} has a {MANIFEST} that cannot be read. {lost}")
        if (old.name, old.track) != (new.name, new.track):
            raise PublishError(
                f"{name} holds {old.name!r} ({old.track} track), and this release is {new.name!r} "
                f"({new.track} track). Choose another name. {lost}"
            )
        if others := self._of_others(head, there, old):
            raise PublishError(
                f"{name} has changes on main that are in no release: "
                f"{', '.join(others[:_SHOWN])}. {lost}"
            )
        if self._same(MANIFEST, there[MANIFEST]):
            return
        if order(new.version) <= order(old.version):
            raise PublishError(
                f"{name} is at version {old.version}, and this release is {new.version}, with "
                f"other content. Prepare it again under a later version. {lost}"
            )
        if TOMBSTONES in there:
            root = Folder(self.folder.path)
            mine = root.read_text(TOMBSTONES) if root.exists(TOMBSTONES) else ""
            gone = _ids(self.repository.read(TOMBSTONES, head).decode()) - _ids(mine)
            if gone:
                raise PublishError(
                    f"{name}: {len(gone):,} documents were taken down, and this release does not "
                    "know of it: prepare it again with that version as previous=."
                )
        digest = hashlib.sha256(text.encode()).hexdigest()
        if new.previous not in (None, digest):
            raise PublishError(
                f"{name} is at version {old.version}, and this release does not follow it: it was "
                f"prepared after another one. {lost}"
            )

    def _of_others(
        self, head: str, there: dict[str, RemoteFile], old: ReleaseManifest
    ) -> list[str]:
        """Files of main that are not as its manifest says: edited on the Hub, added, deleted."""
        named = {entry.path: entry for entry in old.files}

        def changed(path: str) -> bool:
            entry, remote = named.get(path), there.get(path)
            if entry is None or remote is None or entry.size != remote.size:
                return True
            if remote.sha256 is not None:
                return remote.sha256 != entry.sha256
            return self.repository.digest(path, head)[1] != entry.sha256

        paths = sorted(named.keys() | there.keys() - {_ATTRIBUTES, *PROOF})
        with ThreadPoolExecutor(_AT_ONCE) as threads:
            return [
                path for path, is_ in zip(paths, threads.map(changed, paths), strict=True) if is_
            ]

    # Main.

    def _main(self, head: str, there: dict[str, RemoteFile]) -> str:
        """Bring the release to main in one commit; answer with it. Done already: no commit."""
        changed = [path for path in sorted(self.entries) if not self._is(path, there)]
        gone = sorted(there.keys() - self.entries.keys() - {_ATTRIBUTES})
        if changed or gone:
            self._check_tag()
            if len(changed) > FILES_PER_COMMIT:
                operations = self._staged(changed, head)
            else:
                operations = self._additions(changed)
                self.repository.upload(operations, "main")
            head = self.repository.commit(
                [*operations, *self._deletions(gone)],
                branch="main",
                parent=head,
                title=self.title,
                description=f"Digest of its manifest: {self.entries[MANIFEST].sha256}",
                landed=self._landed,
            )
        for branch in self.repository.refs().branches:
            if branch.name.startswith(_STAGING):  # of a version that was given up, too
                self.repository.delete_branch(branch.name)
        return head

    def _landed(self, revision: str) -> bool:
        """Whether a revision is this release, no file more or less."""
        there = self.repository.files(revision)
        more = there.keys() - self.entries.keys() - {_ATTRIBUTES}
        return not more and all(self._is(path, there) for path in self.entries)

    def _staged(self, paths: Sequence[str], head: str) -> list[Any]:
        """Bring the files to a branch, some at a time; answer with copies of them from there."""
        from huggingface_hub import CommitOperationCopy

        if self.staging not in {branch.name for branch in self.repository.refs().branches}:
            self.repository.ask(
                f"making {self.staging}",
                self.repository.api.create_branch,
                branch=self.staging,
                revision=head,
                exist_ok=True,
            )
        at = self.repository.head(self.staging)
        there = self.repository.files(at)
        missing = [path for path in paths if not self._is(path, there)]
        for start in range(0, len(missing), FILES_PER_COMMIT):
            batch = missing[start : start + FILES_PER_COMMIT]
            additions = self._additions(batch)
            self.repository.upload(additions, self.staging)

            def landed(revision: str, batch: Sequence[str] = batch) -> bool:
                there = self.repository.files(revision)
                return all(self._is(path, there) for path in batch)

            at = self.repository.commit(
                additions,
                branch=self.staging,
                parent=at,
                title=f"{self.title}: {len(batch)} files",
                description="",
                landed=landed,
            )
        return [CommitOperationCopy(path, path, src_revision=at) for path in paths]

    def _additions(self, paths: Sequence[str]) -> list[Any]:
        """Files to send; what is sent has the digest of the manifest, or nothing is."""
        from huggingface_hub import CommitOperationAdd

        root = Folder(self.folder.path)

        def addition(path: str) -> Any:
            if not root.exists(path):
                raise PublishError(f"{path} is in the manifest and not in {self.folder.path}")
            made = CommitOperationAdd(path, root.at(path))
            if made.upload_info.sha256.hex() != self.entries[path].sha256:
                raise PublishError(f"{path} is not what the manifest says: nothing of it was sent")
            return made

        with ThreadPoolExecutor(_AT_ONCE) as threads:
            return list(threads.map(addition, paths))

    def _deletions(self, paths: Iterable[str]) -> list[Any]:
        from huggingface_hub import CommitOperationDelete

        return [CommitOperationDelete(path, is_folder=False) for path in paths]

    def _is(self, path: str, there: dict[str, RemoteFile]) -> bool:
        return path in there and self._same(path, there[path])

    def _same(self, path: str, remote: RemoteFile) -> bool:
        """Whether a file on the Hub has the content of the one here, as far as the Hub says."""
        entry = self.entries[path]
        if remote.size != entry.size:
            return False
        if remote.sha256 is not None:
            return remote.sha256 == entry.sha256
        content = b"".join(Folder(self.folder.path).read_all([path]))
        return remote.blob == hashlib.sha1(b"blob %d\0" % len(content) + content).hexdigest()

    # Afterwards.

    def _verify(self, sha: str) -> None:
        """The last gate: what is downloaded by the commit equals what was sent."""
        if not self._landed(sha):
            raise PublishError(
                f"{self.repository.name}: the files of {sha[:12]} are not those that were sent. It "
                "has no tag, and a new repository stays private."
            )

        def wrong(path: str) -> str | None:
            entry = self.entries[path]
            found = self.repository.digest(path, sha)
            return None if found == (entry.size, entry.sha256) else path

        with ThreadPoolExecutor(_AT_ONCE) as threads:
            bad = [path for path in threads.map(wrong, sorted(self.entries)) if path]
        if bad:
            raise PublishError(
                f"{self.repository.name}: {len(bad)} files of {sha[:12]} came back with other "
                f"content: {', '.join(bad[:_SHOWN])}. It has no tag, and a new repository stays "
                "private."
            )

    def _tags(self) -> dict[str, str]:
        return {tag.name: tag.target_commit for tag in self.repository.refs().tags}

    def _check_tag(self) -> None:
        if self.tag in self._tags():
            raise PublishError(
                f"{self.repository.name} has a version {self.tag} with other content: a version "
                "never changes. Prepare the release again under a later one."
            )

    def _tag(self, sha: str) -> None:
        if self._tags().get(self.tag) == sha:
            return
        self._check_tag()
        create = self.repository.api.create_tag
        self.repository.ask("the tag", create, tag=self.tag, revision=sha, exist_ok=True)
        if self._tags().get(self.tag) != sha:
            raise PublishError(f"{self.repository.name}: {self.tag} is not at {sha[:12]}.")

    def _show(self, sha: str) -> None:
        """On the open track: public or gated, now that it is looked at."""
        if self.folder.manifest.track != "open":
            return
        info = self.repository.info()
        if self.gated is not None and info is not None and info.gated != self.gated:
            self._settings(gated=self.gated)  # before it is public, not after
        if info is None or info.private:
            self._check_history(sha)
            self._settings(private=False)

    def _check_history(self, sha: str) -> None:
        """Whoever makes a repository public makes all of its history public."""
        refs, name = self.repository.refs(), self.repository.name
        others = [branch.name for branch in refs.branches if branch.name != "main"]
        others += [request.ref for request in refs.pull_requests or ()]
        commits = [
            commit.commit_id
            for commit in self.repository.ask(
                "listing commits", self.repository.api.list_repo_commits, revision=sha
            )
        ]
        others += [tag.name for tag in refs.tags if tag.target_commit not in commits]
        if others:
            raise PublishError(
                f"{name} stays private: {', '.join(others[:_SHOWN])} would become public with it."
            )
        for commit in commits:
            there = self.repository.files(commit)
            if not there.keys() - {_ATTRIBUTES, "README.md"}:
                continue
            old = MANIFEST in there and manifest_of(self.repository.read(MANIFEST, commit).decode())
            if not old or old.track != "open":
                raise PublishError(
                    f"{name} stays private: its commit {commit[:12]} is no release of the open "
                    "track, and would become public with it. Publish to a new repository."
                )

    def _settings(self, **given: Any) -> None:
        update = self.repository.api.update_repo_settings
        self.repository.ask(f"setting {given}", update, **given)


def _ids(tombstones: str) -> set[str]:
    return {json.loads(line)["id"] for line in tombstones.splitlines()}


def manifest_of(text: str) -> ReleaseManifest | None:
    try:
        if json.loads(text).get("format") == FORMAT:
            return ReleaseManifest.from_json(text)
    except (ValueError, TypeError, KeyError, AttributeError):
        pass
    return None
