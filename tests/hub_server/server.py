"""The loopback Hub over HTTP: requests to the store, answers as the client expects them."""

from __future__ import annotations

import json
import re
import sys
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from hub_server.answers import Answers
from hub_server.faults import Dropped, Fault, Faults
from hub_server.store import HubError, Repo, Store

_PIECE = 1 << 20
# What a repository answers: method, path after /api/datasets/{id}, name of the function.
_ROUTES = [
    ("GET", r"", "info"),
    ("GET", r"/revision/(?P<rev>[^/]+)", "info"),
    ("POST", r"/preupload/(?P<rev>[^/]+)", "preupload"),
    ("POST", r"/commit/(?P<rev>[^/]+)", "commit"),
    ("GET", r"/tree/(?P<rev>[^/]+)(?:/(?P<path>.+))?", "tree"),
    ("POST", r"/paths-info/(?P<rev>[^/]+)", "paths_info"),
    ("GET", r"/refs", "refs"),
    ("GET", r"/commits/(?P<rev>[^/]+)", "commits"),
    ("POST", r"/branch/(?P<name>[^/]+)", "add_branch"),
    ("DELETE", r"/branch/(?P<name>[^/]+)", "delete_branch"),
    ("POST", r"/tag/(?P<rev>[^/]+)", "add_tag"),
    ("DELETE", r"/tag/(?P<name>[^/]+)", "delete_tag"),
    ("PUT", r"/settings", "settings"),
    ("POST", r"/super-squash/(?P<rev>[^/]+)", "squash"),
    ("GET", r"/lfs-files", "lfs_files"),
    ("POST", r"/lfs-files/batch", "delete_lfs_files"),
    ("GET", r"/user-access-request/(?P<status>pending|accepted|rejected)", "requests"),
    ("POST", r"/user-access-request/(?P<action>handle|grant)", "grant"),
]
_WRITES = {"POST", "PUT", "DELETE"}


class Hub:
    """A server in a thread of this process; `with` starts and stops it.

    Attributes:
        token: of the user ``partner``, a member of the organization ``org``.
        part_bytes: LFS files larger than this are asked for in parts.
    """

    def __init__(
        self, folder: str | Path, *, part_bytes: int | None = None, trusts: bool = False
    ) -> None:
        self.store = Store(Path(folder), trusts=trusts)
        self.faults = Faults()
        self.part_bytes = part_bytes
        self.token = "hf_partner"
        self.users = {"hf_partner": ("partner", {"org"}), "hf_reader": ("reader", set())}
        self.requests: list[str] = []
        self.busy = 0
        self.parts: dict[str, dict[int, bytes]] = {}
        hub = self

        class Handler(_Handler):
            pass

        Handler.hub = hub
        self._server = _Server(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"

    def __enter__(self) -> Hub:
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    def settle(self) -> None:
        """Wait until whatever came from a client that is gone was looked at."""
        quiet = 0
        while quiet < 5:
            quiet = 0 if self.busy else quiet + 1
            time.sleep(0.02)

    @property
    def uploaded(self) -> int:
        """Bytes of LFS bodies that came whole, each as often as it came."""
        return sum(sum(sizes) for sizes in self.store.uploads.values())


class _Server(ThreadingHTTPServer):
    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that is gone is no error here; anything else is printed."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)


class _Handler(Answers, BaseHTTPRequestHandler):
    hub: Hub
    protocol_version = "HTTP/1.1"
    # An answer in one packet: 40 ms for each otherwise.
    disable_nagle_algorithm = True

    def log_message(self, *_: object) -> None:
        pass

    def do_GET(self) -> None:
        hub, self.left = self.hub, int(self.headers.get("Content-Length") or 0)
        self.chunked = "chunked" in self.headers.get("Transfer-Encoding", "")
        self.fault: Fault | None = hub.faults.next(f"{self.command} {self.path}")
        hub.requests.append(f"{self.command} {self.path}")
        self.number = len(hub.requests)
        with hub.store.lock:
            hub.busy += 1
        try:
            self._handle()
        finally:
            with hub.store.lock:
                hub.busy -= 1

    def _handle(self) -> None:
        try:
            self._watch("before")
            if self.fault and self.fault.kind == "slow":
                time.sleep(0.3)
            if self.fault and self.fault.kind == "drop-before":
                raise Dropped
            if (fault := self.fault) and fault.kind.isdigit():
                self._drain()
                more = {}
                if fault.kind == "429" and fault.retry_after is not None:
                    more["Retry-After"] = fault.retry_after
                return self.answer({"error": "fault"}, int(fault.kind), more)
            self._route()
        except Dropped:
            self.close_connection = True
            self.connection.close()
        except (ConnectionError, TimeoutError):
            self.close_connection = True
        except HubError as error:
            self._drain()
            more = {"X-Error-Code": error.code} if error.code else {}
            more["X-Error-Message"] = error.message
            self.answer({"error": error.message}, error.status, more)

    do_POST = do_PUT = do_DELETE = do_HEAD = do_GET

    def _watch(self, stage: str) -> None:
        if self.hub.faults.watch:
            self.hub.faults.watch(self.number, stage)

    # Bodies.

    def pieces(self) -> Iterator[bytes]:
        """The body; half of it, where that is the fault."""
        total, seen = self.left, 0
        middle = self.fault is not None and self.fault.kind == "drop-middle"
        while True:
            if self.chunked:
                size = int(self.rfile.readline().split(b";")[0], 16)
                piece = self.rfile.read(size)
                self.rfile.readline()
                self.chunked = bool(size)
            else:
                piece = self.rfile.read(min(_PIECE, max(self.left, 0)))
                if len(piece) < min(_PIECE, self.left):
                    raise Dropped
                self.left -= len(piece)
            if not piece:
                return
            if seen <= total // 2 < seen + len(piece) or not total:
                self._watch("middle")
            if middle:
                raise Dropped
            seen += len(piece)
            yield piece

    def body(self) -> bytes:
        return b"".join(self.pieces())

    def _drain(self) -> None:
        self.fault = None
        for _ in self.pieces():
            pass

    def answer(self, value: Any, status: int = 200, headers: dict[str, str] | None = None) -> None:
        self._watch("after")
        if self.fault and self.fault.kind == "drop-after":
            raise Dropped
        content = value if isinstance(value, bytes) else json.dumps(value).encode()
        self.send_response(status)
        for name, text in (headers or {}).items():
            self.send_header(name, text)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(content)

    # Who asks for what.

    def _route(self) -> None:
        url = urlsplit(self.path)
        self.query = parse_qs(url.query)
        path = url.path
        token = self.headers.get("Authorization", "").removeprefix("Bearer ").strip()
        self.user, self.orgs = self.hub.users.get(token, (None, set()))
        if token and self.user is None:
            raise HubError(401, "", "Invalid credentials in Authorization header")
        if path.startswith("/lfs/"):  # a signed address, as of S3: no token
            return self._lfs(path)
        fixed: dict[str, Callable[[], None]] = {
            "GET /api/whoami-v2": self._whoami,
            "POST /api/repos/create": self._create,
            "DELETE /api/repos/delete": self._delete,
            "POST /api/repos/move": self._move,
            "POST /api/validate-yaml": self._validate,
        }
        if handler := fixed.get(f"{self.command} {path}"):
            return handler()
        if found := re.fullmatch(r"/datasets/(.+)\.git/info/lfs/objects/batch", path):
            return self._batch(self._repo(found[1], write=True))
        if found := re.fullmatch(r"/datasets/([^/]+/[^/]+)/resolve/([^/]+)/(.+)", path):
            return self._resolve(self._repo(found[1]), unquote(found[2]), unquote(found[3]))
        if found := re.fullmatch(r"/datasets/([^/]+/[^/]+)/ask-access", path):
            self._drain()
            self._repo(found[1]).access.setdefault(self._name(), "pending")
            return self.answer({})
        if found := re.fullmatch(r"/api/datasets/([^/]+/[^/]+)(/.*)?", path):
            for method, pattern, name in _ROUTES:
                inner = re.fullmatch(pattern, found[2] or "")
                if inner and method == self.command:
                    given = {k: unquote(v) for k, v in inner.groupdict().items() if v is not None}
                    reads = name in ("paths_info",) or method not in _WRITES
                    repo = self._repo(found[1], write=not reads)
                    return getattr(self, f"_{name}")(repo, **given)
        raise HubError(404, "", f"{self.command} {path} is not there")

    def _name(self) -> str:
        if self.user is None:
            raise HubError(401, "", "Invalid username or password.")
        return self.user

    def _owns(self, name: str) -> bool:
        return name.split("/")[0] in {self.user, *self.orgs}

    def _repo(self, name: str, *, write: bool = False) -> Repo:
        repo = self.hub.store.repos.get(name)
        if repo is None or (repo.private and not self._owns(name)):
            status = 404 if self.user else 401
            raise HubError(status, "RepoNotFound", "Repository not found")
        if write and self._name() and not self._owns(name):
            raise HubError(403, "", "You don't have the rights to write to it")
        return repo

    def _json(self) -> dict[str, Any]:
        content = self.body()
        if "urlencoded" in self.headers.get("Content-Type", ""):
            return dict(parse_qs(content.decode()))
        return dict(json.loads(content or b"{}"))

    # Everything but repositories.

    def _whoami(self) -> None:
        orgs = [{"name": name, "roleInOrg": "admin"} for name in sorted(self.orgs)]
        token = {"role": "write", "displayName": "tests"}
        name = self._name()
        auth = {"type": "access_token", "accessToken": token}
        self.answer({"type": "user", "name": name, "fullname": name, "orgs": orgs, "auth": auth})

    def _given_name(self, given: dict[str, Any]) -> str:
        user = self._name()
        name = f"{given.get('organization') or user}/{given['name']}"
        if not self._owns(name):
            raise HubError(403, "", "You don't have the rights to create a dataset here")
        return name

    def _create(self) -> None:
        given = self._json()
        name = self._given_name(given)
        private = given.get("private") or given.get("visibility") == "private"
        url = f"{self.hub.url}/datasets/{name}"
        if name in self.hub.store.repos:
            self.answer({"url": url, "error": "You already created it"}, 409)
            return
        self.hub.store.create(name, bool(private))
        self.answer({"url": url})

    def _delete(self) -> None:
        name = self._given_name(self._json())
        self._repo(name, write=True)
        del self.hub.store.repos[name]
        self.answer({})

    def _move(self) -> None:
        given = self._json()
        repo = self._repo(given["fromRepo"], write=True)
        del self.hub.store.repos[repo.name]
        repo.name = given["toRepo"]
        self.hub.store.repos[repo.name] = repo
        self.answer({})

    def _validate(self) -> None:
        content = self._json()["content"]
        errors = [] if content.startswith("---\n") else [{"message": "README has no YAML header"}]
        self.answer({"errors": errors, "warnings": []}, 400 if errors else 200)
