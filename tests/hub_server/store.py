"""What the loopback Hub keeps: repositories, commits, and blobs by their digest on disk."""

from __future__ import annotations

import base64
import hashlib
import json
import os
import tempfile
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

_BLOCK = 1 << 20
_ATTRIBUTES = b"*.parquet filter=lfs diff=lfs merge=lfs -text\n"
# Larger text is LFS, too; the Hub draws the line at 10 MB.
LFS_BYTES = 10_000_000


class HubError(Exception):
    """An answer that is an error: status, X-Error-Code, words."""

    def __init__(self, status: int, code: str = "", message: str = "") -> None:
        super().__init__(message or code)
        self.status, self.code, self.message = status, code, message or code


@dataclass(frozen=True)
class File:
    """One file of a commit; `blob` is the digest it lies under, SHA-256 for LFS."""

    size: int
    oid: str
    blob: str
    lfs: bool


@dataclass
class Commit:
    sha: str
    parent: str | None
    title: str
    message: str
    number: int
    files: dict[str, File]

    @property
    def date(self) -> str:
        """One second a commit, from a day of its own: nothing depends on the clock."""
        minutes, seconds = divmod(self.number, 60)
        return f"2026-01-01T{minutes // 60:02d}:{minutes % 60:02d}:{seconds:02d}.000Z"


@dataclass
class Repo:
    name: str
    private: bool
    gated: str | bool = False
    branches: dict[str, str] = field(default_factory=dict)
    tags: dict[str, str] = field(default_factory=dict)
    commits: dict[str, Commit] = field(default_factory=dict)
    # user -> pending, accepted or rejected
    access: dict[str, str] = field(default_factory=dict)
    pushed: dict[str, tuple[int, str]] = field(default_factory=dict)
    # Every tree that main ever had, oldest first: what a test of atomicity looks at.
    mains: list[str] = field(default_factory=list)

    def commit(self, revision: str) -> Commit:
        sha = self.branches.get(revision) or self.tags.get(revision) or revision
        if sha in self.commits:
            return self.commits[sha]
        found = [c for s, c in self.commits.items() if len(sha) >= 7 and s.startswith(sha)]
        if len(found) != 1:
            raise HubError(404, "RevisionNotFound", f"Invalid rev id: {revision}")
        return found[0]

    def history(self, sha: str) -> list[Commit]:
        """Newest first."""
        found = []
        at: str | None = sha
        while at:
            found.append(self.commits[at])
            at = found[-1].parent
        return found

    def prune(self) -> None:
        """Forget the commits that no branch or tag leads to."""
        kept = {
            commit.sha
            for start in {*self.branches.values(), *self.tags.values()}
            for commit in self.history(start)
        }
        self.commits = {sha: commit for sha, commit in self.commits.items() if sha in kept}


class Store:
    """Repositories by name, blobs in a folder; one lock for all."""

    def __init__(self, folder: Path, *, trusts: bool = False) -> None:
        self.folder = folder
        # Whether the digest of an upload is believed: for benchmarks of the client's side.
        self.trusts = trusts
        folder.mkdir(parents=True, exist_ok=True)
        self.lock = threading.RLock()
        self.repos: dict[str, Repo] = {}
        self.commits = 0
        # Bodies of uploads by blob, as often as they came; whole ones, and those that broke off.
        self.uploads: dict[str, list[int]] = {}
        self.broken: list[tuple[str, int]] = []

    def create(self, name: str, private: bool) -> Repo:
        with self.lock:
            if name in self.repos:
                raise HubError(409, "", "You already created this dataset repo")
            repo = self.repos[name] = Repo(name, private)
            first = {".gitattributes": self.regular(_ATTRIBUTES)}
            repo.branches["main"] = self._add(repo, None, "initial commit", "", first)
            repo.mains.append(repo.branches["main"])
            return repo

    def repo(self, name: str) -> Repo:
        if name not in self.repos:
            raise HubError(404, "RepoNotFound", "Repository not found")
        return self.repos[name]

    # Blobs.

    def path(self, blob: str) -> Path:
        return self.folder / blob

    def has(self, blob: str) -> bool:
        return self.path(blob).exists()

    def regular(self, content: bytes) -> File:
        """A file of git's own: under the digest that git gives it."""
        oid = hashlib.sha1(b"blob %d\0" % len(content) + content).hexdigest()
        self.path(oid).write_bytes(content)
        return File(len(content), oid, oid, False)

    def lfs(self, sha256: str) -> File:
        if not self.has(sha256):
            raise HubError(400, "", f"LFS object {sha256} was not uploaded")
        size = self.path(sha256).stat().st_size
        pointer = f"version https://git-lfs.github.com/spec/v1\noid sha256:{sha256}\nsize {size}\n"
        oid = hashlib.sha1(b"blob %d\0" % len(pointer) + pointer.encode()).hexdigest()
        return File(size, oid, sha256, True)

    def receive(self, blob: str, pieces: Iterator[bytes]) -> None:
        """Keep an upload under its digest; what is all zeros becomes a hole of the file."""
        found, size = hashlib.sha256(), 0
        handle, name = tempfile.mkstemp(dir=self.folder, prefix=".in-")
        try:
            with os.fdopen(handle, "wb") as stream:
                for piece in pieces:
                    if not self.trusts:
                        found.update(piece)
                    size += len(piece)
                    if piece.count(0) == len(piece):
                        stream.seek(len(piece), os.SEEK_CUR)
                    else:
                        stream.write(piece)
                stream.truncate(size)
            if not self.trusts and found.hexdigest() != blob:
                raise HubError(400, "", "the body does not have the digest that was announced")
            with self.lock:
                self.uploads.setdefault(blob, []).append(size)
                os.replace(name, self.path(blob))
        except BaseException:
            with self.lock:
                self.broken.append((blob, size))
            raise
        finally:
            Path(name).unlink(missing_ok=True)

    # Commits.

    def _add(
        self, repo: Repo, parent: str | None, title: str, message: str, files: dict[str, File]
    ) -> str:
        self.commits += 1
        content = json.dumps(
            [
                repo.name,
                parent,
                title,
                message,
                self.commits,
                sorted((p, f.oid) for p, f in files.items()),
            ]
        )
        sha = hashlib.sha1(content.encode()).hexdigest()
        repo.commits[sha] = Commit(sha, parent, title, message, self.commits, files)
        return sha

    def commit(self, name: str, revision: str, lines: list[dict[str, Any]]) -> str:
        """Apply the lines of a commit to a branch: all of them, or none."""
        with self.lock:
            repo = self.repo(name)
            if revision not in repo.branches:
                raise HubError(404, "RevisionNotFound", f"Invalid rev id: {revision}")
            head = repo.branches[revision]
            files = dict(repo.commits[head].files)
            title = message = ""
            for line in lines:
                value = line["value"]
                if line["key"] == "header":
                    title, message = value["summary"], value.get("description", "")
                    parent = value.get("parentCommit")
                    if parent and not head.startswith(parent):
                        raise HubError(
                            412, "", "A commit has happened since. Please refresh and try again."
                        )
                else:
                    self._apply(files, line["key"], value)
            repo.branches[revision] = self._add(repo, head, title, message, files)
            for file in files.values():
                if file.lfs:
                    repo.pushed.setdefault(file.blob, (self.commits, f"refs/heads/{revision}"))
            if revision == "main":
                repo.mains.append(repo.branches["main"])
            return repo.branches[revision]

    def _apply(self, files: dict[str, File], key: str, value: dict[str, Any]) -> None:
        path = value["path"]
        if key == "file":
            assert value["encoding"] == "base64"
            files[path] = self.regular(base64.b64decode(value["content"]))
        elif key == "lfsFile":
            assert value["algo"] == "sha256"
            files[path] = self.lfs(value["oid"])
        elif key == "deletedFile":
            if path not in files:
                raise HubError(404, "EntryNotFound", "A file with this name doesn't exist")
            del files[path]
        elif key == "deletedFolder":
            for name in [n for n in files if n.startswith(path.rstrip("/") + "/")]:
                del files[name]
        else:
            raise HubError(400, "", f"unknown key {key!r} in a commit")

    def squash(self, repo: Repo, branch: str, message: str) -> None:
        with self.lock:
            head = repo.commit(branch)
            repo.branches[branch] = self._add(repo, None, message, "", dict(head.files))
            if branch == "main":
                repo.mains = [repo.branches[branch]]
            repo.prune()

    def forget(self, repo: Repo, blobs: list[str], rewrite: bool) -> None:
        """Delete LFS files for good, and with `rewrite` out of every commit."""
        with self.lock:
            for commit in repo.commits.values() if rewrite else ():
                commit.files = {p: f for p, f in commit.files.items() if f.blob not in blobs}
            for blob in blobs:
                repo.pushed.pop(blob, None)
                if not any(blob in other.pushed for other in self.repos.values()):
                    self.path(blob).unlink(missing_ok=True)
