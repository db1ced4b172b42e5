"""What the loopback Hub answers for one repository."""

from __future__ import annotations

import base64
import json
import re
import secrets
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hub_server.faults import Dropped
from hub_server.store import LFS_BYTES, File, HubError, Repo

if TYPE_CHECKING:
    from hub_server.server import Hub

_PAGE = 50


class Answers:
    """Mixed into the handler of requests, which has `body`, `answer`, `query` and the user."""

    hub: Hub

    # Uploads.

    def _batch(self, repo: Repo) -> None:
        objects = []
        for item in self._json()["objects"]:
            oid, size = item["oid"], item["size"]
            found: dict[str, Any] = {"oid": oid, "size": size}
            if not self.hub.store.has(oid):
                found["actions"] = {"upload": self._place(oid, size)}
                found["actions"]["verify"] = {"href": f"{self.hub.url}/lfs/verify"}
            objects.append(found)
        self.answer({"transfer": "basic", "objects": objects})

    def _place(self, oid: str, size: int) -> dict[str, Any]:
        href, part = f"{self.hub.url}/lfs/{oid}", self.hub.part_bytes
        if not part or size <= part:
            return {"href": href, "header": {}}
        count = -(-size // part)
        parts = {str(n): f"{href}/{n}" for n in range(1, count + 1)}
        return {"href": f"{href}/complete", "header": {"chunk_size": str(part), **parts}}

    def _lfs(self, path: str) -> None:
        store, (_, _, oid, *more) = self.hub.store, path.split("/")
        if oid == "verify":
            given = self._json()
            if not store.has(given["oid"]):
                raise HubError(404, "", "not uploaded")
        elif not more:
            store.receive(oid, self.pieces())
        elif more == ["complete"]:
            given = self._json()
            parts = self.hub.parts.pop(given["oid"])
            store.receive(given["oid"], (parts[p["partNumber"]] for p in given["parts"]))
        else:
            self.hub.parts.setdefault(oid, {})[int(more[0])] = self.body()
            self.answer({}, headers={"ETag": secrets.token_hex(8)})
            return
        self.answer({})

    def _preupload(self, repo: Repo, rev: str) -> None:
        there, files = repo.commit(rev).files, []
        for file in self._json()["files"]:
            path, sample = file["path"], base64.b64decode(file["sample"])
            large = path.endswith(".parquet") or file["size"] > LFS_BYTES or b"\0" in sample
            found = {
                "path": path,
                "uploadMode": "lfs" if large else "regular",
                "shouldIgnore": False,
            }
            if path in there:
                found["oid"] = there[path].blob if there[path].lfs else there[path].oid
            files.append(found)
        self.answer({"files": files})

    def _commit(self, repo: Repo, rev: str) -> None:
        lines = [json.loads(line) for line in self.body().splitlines() if line.strip()]
        sha = self.hub.store.commit(repo.name, rev, lines)
        url = f"{self.hub.url}/datasets/{repo.name}/commit/{sha}"
        self.answer({"success": True, "commitOid": sha, "commitUrl": url})

    # What is there.

    def _info(self, repo: Repo, rev: str = "main") -> None:
        commit = repo.commit(rev)
        names = [{"rfilename": path} for path in sorted(commit.files)]
        more = {"private": repo.private, "gated": repo.gated, "disabled": False, "tags": []}
        about = {"id": repo.name, "sha": commit.sha, "lastModified": commit.date, "cardData": {}}
        self.answer({**about, "author": repo.name.split("/")[0], "siblings": names, **more})

    def _entry(self, path: str, file: File) -> dict[str, Any]:
        entry: dict[str, Any] = {"type": "file", "oid": file.oid, "size": file.size, "path": path}
        if file.lfs:
            entry["lfs"] = {"oid": file.blob, "size": file.size, "pointerSize": 130}
        return entry

    def _tree(self, repo: Repo, rev: str, path: str = "") -> None:
        files, start = repo.commit(rev).files, f"{path}/" if path else ""
        found: dict[str, dict[str, Any]] = {}
        for name in sorted(files):
            if not name.startswith(start):
                continue
            folders = name.removeprefix(start).split("/")[:-1]
            deep = "recursive" in self.query and self.query["recursive"][0].lower() in ("true", "1")
            for n in range(1, len(folders) + 1 if deep else min(len(folders), 1) + 1):
                folder = start + "/".join(folders[:n])
                found[folder] = {"type": "directory", "oid": "0" * 40, "size": 0, "path": folder}
            if deep or not folders:
                found[name] = self._entry(name, files[name])
        if path and not found:
            raise HubError(404, "EntryNotFound", f"{path} does not exist on {rev}")
        at = int(self.query.get("cursor", ["0"])[0])
        entries, headers = [found[name] for name in sorted(found)], {}
        if at + _PAGE < len(entries):
            base = self.path.split("?")[0]
            deep_ = "recursive=True&" if "recursive" in self.query else ""
            headers["Link"] = f'<{self.hub.url}{base}?{deep_}cursor={at + _PAGE}>; rel="next"'
        self.answer(entries[at : at + _PAGE], headers=headers)

    def _paths_info(self, repo: Repo, rev: str) -> None:
        files, paths = repo.commit(rev).files, self._json().get("paths", [])
        self.answer([self._entry(path, files[path]) for path in paths if path in files])

    def _resolve(self, repo: Repo, rev: str, path: str) -> None:
        if (
            repo.gated
            and not self._owns(repo.name)
            and repo.access.get(str(self.user)) != "accepted"
        ):
            raise HubError(403 if self.user else 401, "GatedRepo", "Access to it is restricted.")
        commit = repo.commit(rev)
        if path not in commit.files:
            raise HubError(404, "EntryNotFound", "Entry not found")
        file = commit.files[path]
        if not self.hub.store.has(file.blob):
            raise HubError(404, "EntryNotFound", "Entry not found")
        start, stop, status = 0, file.size, 200
        wanted = re.fullmatch(r"bytes=(\d+)-(\d*)", self.headers.get("Range", ""))
        if wanted:
            start, status = int(wanted[1]), 206
            stop = min(stop, int(wanted[2]) + 1 if wanted[2] else stop)
            if start >= file.size:
                raise HubError(416, "", "Range not satisfiable")
        self.send_response(status)
        etag = f'"{file.blob}"'
        headers = {
            "X-Repo-Commit": commit.sha,
            "ETag": etag,
            "Accept-Ranges": "bytes",
            "Content-Type": "application/octet-stream",
            "Content-Length": str(stop - start),
        }
        if file.lfs:
            headers |= {"X-Linked-Size": str(file.size), "X-Linked-Etag": etag}
        if wanted:
            headers["Content-Range"] = f"bytes {start}-{stop - 1}/{file.size}"
        for name, text in headers.items():
            self.send_header(name, text)
        self.end_headers()
        if self.command == "GET":
            self._send(self.hub.store.path(file.blob), start, stop)

    def _send(self, path: Path, start: int, stop: int) -> None:
        half = (start + stop) // 2 if self.fault and self.fault.kind.startswith("drop") else stop
        with open(path, "rb") as stream:
            self.wfile.flush()
            self.connection.sendfile(stream, start, half - start) if half > start else None
        self._watch("after")
        if half < stop:
            raise Dropped

    def _refs(self, repo: Repo) -> None:
        def of(kind: str, refs: dict[str, str]) -> list[dict[str, str]]:
            return [
                {"name": name, "ref": f"refs/{kind}/{name}", "targetCommit": sha}
                for name, sha in sorted(refs.items())
            ]

        found: dict[str, Any] = {
            "branches": of("heads", repo.branches),
            "tags": of("tags", repo.tags),
        }
        self.answer({**found, "converts": [], "pullRequests": []})

    def _commits(self, repo: Repo, rev: str) -> None:
        self.answer(
            [
                {"id": c.sha, "title": c.title, "message": c.message, "date": c.date}
                | {"authors": [{"user": "partner"}]}
                for c in repo.history(repo.commit(rev).sha)
            ]
        )

    # What changes a repository.

    def _add_branch(self, repo: Repo, name: str) -> None:
        given = self._json()
        if name in repo.branches:
            raise HubError(409, "", "Reference already exists")
        repo.branches[name] = repo.commit(given.get("startingPoint", "main")).sha
        self.answer({})

    def _delete_branch(self, repo: Repo, name: str) -> None:
        self._drain()
        if name not in repo.branches or name == "main":
            raise HubError(404, "RevisionNotFound", "Reference does not exist")
        del repo.branches[name]
        repo.prune()
        self.answer({})

    def _add_tag(self, repo: Repo, rev: str) -> None:
        tag = self._json()["tag"]
        if tag in repo.tags:
            raise HubError(409, "", "Tag reference exists already")
        repo.tags[tag] = repo.commit(rev).sha
        self.answer({})

    def _delete_tag(self, repo: Repo, name: str) -> None:
        self._drain()
        if repo.tags.pop(name, None) is None:
            raise HubError(404, "RevisionNotFound", "Tag does not exist")
        repo.prune()
        self.answer({})

    def _settings(self, repo: Repo) -> None:
        given = self._json()
        if "private" in given or "visibility" in given:
            repo.private = bool(given.get("private")) or given.get("visibility") == "private"
        repo.gated = given.get("gated", repo.gated)
        self.answer({"private": repo.private, "gated": repo.gated})

    def _squash(self, repo: Repo, rev: str) -> None:
        self.hub.store.squash(repo, rev, self._json().get("message", ""))
        self.answer({})

    def _lfs_files(self, repo: Repo) -> None:
        names = {f.blob: (p, f) for c in repo.commits.values() for p, f in c.files.items()}
        self.answer(
            [
                {"fileOid": blob, "filename": names[blob][0] if blob in names else blob}
                | {"oid": blob, "pushedAt": "2026-01-01T00:00:00.000Z", "ref": ref}
                | {"size": self.hub.store.path(blob).stat().st_size}
                for blob, (_, ref) in sorted(repo.pushed.items())
            ]
        )

    def _delete_lfs_files(self, repo: Repo) -> None:
        given = self._json()["deletions"]
        self.hub.store.forget(repo, given["sha"], given["rewriteHistory"])
        self.answer({})

    def _requests(self, repo: Repo, status: str) -> None:
        if not self._owns(repo.name):
            raise HubError(403, "", "not yours")
        self.answer(
            [
                {"user": {"user": user, "fullname": user, "_id": user}, "status": status}
                | {"timestamp": "2026-01-01T00:00:00.000Z", "fields": {}, "email": None}
                for user, state in sorted(repo.access.items())
                if state == status
            ]
        )

    def _grant(self, repo: Repo, action: str) -> None:
        given = self._json()
        user = given.get("user") or given["userId"]
        repo.access[user] = "accepted" if action == "grant" else given["status"]
        self.answer({})
