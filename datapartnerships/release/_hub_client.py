"""A dataset repository on the Hub, through the client, asked again where that is worth it.

What differs between `huggingface_hub` 0.36, 1.x and 2.x stays in this file: the HTTP library
below it, what the client asks for again by itself (never a commit), and Xet.
"""

from __future__ import annotations

import contextlib
import hashlib
import random
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, NoReturn

from datapartnerships._version import __version__
from datapartnerships.errors import InvalidParameter, PublishError

_BLOCK = 1 << 20
# A server that says longer than this says no.
_LONGEST_SECONDS = 900.0
_AGAIN = frozenset({408, 429, 500, 502, 503, 504})
# Base classes of a connection that broke, in the libraries that the versions of the client use.
_BROKEN = {
    "requests.exceptions": ("ConnectionError", "Timeout", "ChunkedEncodingError"),
    "urllib3.exceptions": ("ProtocolError", "TimeoutError"),
    "httpx": ("TransportError",),
    "httpx2": ("TransportError",),
}


@dataclass(frozen=True, kw_only=True)
class Retry:
    """How often, and after how long, a request is made again.

    Attributes:
        attempts: of one request, the first included.
        first_seconds: longest wait after the first failure; it doubles with each one.
        most_seconds: where doubling ends. A `Retry-After` of the server goes before.
    """

    attempts: int = 8
    first_seconds: float = 1.0
    most_seconds: float = 60.0

    def __post_init__(self) -> None:
        if self.attempts < 1:
            raise InvalidParameter(self, "attempts", "an int >= 1", self.attempts)

    def wait(self, failures: int, error: BaseException) -> bool:
        """Wait before the next attempt; False where none is left, or none would help."""
        if failures >= self.attempts or not transient(error):
            return False
        after = _retry_after(error)
        if after > _LONGEST_SECONDS:
            return False
        # Half of it is chance, so that many who failed at once do not come back at once.
        longest = min(self.most_seconds, self.first_seconds * 2 ** (failures - 1))
        time.sleep(after + longest * random.uniform(0.5, 1.0))
        return True


@dataclass(frozen=True, slots=True)
class RemoteFile:
    """A file as a revision has it.

    Attributes:
        size: in bytes.
        sha256: of the content; null for one that git itself keeps.
        blob: git's own digest of it.
    """

    size: int
    sha256: str | None
    blob: str


class Repository:
    """One dataset repository. Every method raises `PublishError` after the last attempt."""

    def __init__(self, name: str, *, token: str | None, endpoint: str | None, retry: Retry) -> None:
        from huggingface_hub import HfApi
        from huggingface_hub.errors import HFValidationError

        try:
            _utils().validate_repo_id(name)
        except HFValidationError as error:
            raise InvalidParameter("publish", "repo_id", f"org/name ({error})", name) from None
        if name.count("/") != 1:
            raise InvalidParameter("publish", "repo_id", "org/name", name)
        self.name, self.retry, self._token = name, retry, token
        self.api: Any = HfApi(
            endpoint=endpoint,
            token=token,
            library_name="datapartnerships",
            library_version=__version__,
        )
        self._files: Any = None
        self._xet: bool | None = None

    @property
    def url(self) -> str:
        return f"{self.api.endpoint}/datasets/{self.name}"

    def ask(self, what: str, function: Callable[..., Any], /, **given: Any) -> Any:
        """The answer of a method of the client, for this repository."""
        failures = 0
        while True:
            try:
                return function(repo_id=self.name, repo_type="dataset", **given)
            except Exception as error:
                failures += 1
                if not self.retry.wait(failures, error):
                    self.fail(what, error, failures)

    def fail(self, what: str, error: Exception, attempts: int = 1) -> NoReturn:
        status = status_of(error)
        help = {
            401: " Log in (`hf auth login`), set HF_TOKEN or pass token=.",
            403: " The token must be allowed to write there.",
        }.get(status or 0, "")
        tried = f" after {attempts} attempts" if attempts > 1 else ""
        reason = str(error).strip() or type(error).__name__
        raise PublishError(f"{self.name}: {what} failed{tried}.{help} {reason}") from error

    # What is there.

    def info(self) -> Any | None:
        """What the Hub says of it; None where it is not, or is not to be seen with this token."""
        from huggingface_hub.errors import RepositoryNotFoundError

        try:
            return self.ask("asking whether it is there", self.api.repo_info)
        except PublishError as error:
            if isinstance(error.__cause__, RepositoryNotFoundError):
                return None
            raise

    def head(self, branch: str) -> str:
        """The commit at the end of a branch."""
        found = self.ask(f"asking for {branch}", self.api.repo_info, revision=branch)
        return str(found.sha)

    def refs(self) -> Any:
        return self.ask("listing branches", self.api.list_repo_refs, include_pull_requests=True)

    def files(self, revision: str) -> dict[str, RemoteFile]:
        """All files of a revision."""

        def tree(**given: Any) -> list[Any]:
            return list(self.api.list_repo_tree(recursive=True, **given))

        found = self.ask(f"listing {revision}", tree, revision=revision)
        return {
            item.path: RemoteFile(item.size, item.lfs.sha256 if item.lfs else None, item.blob_id)
            for item in found
            if hasattr(item, "blob_id")  # a file, and no folder
        }

    def read(self, path: str, revision: str) -> bytes:
        """A small file, whole."""

        def load(**_: Any) -> bytes:
            return b"".join(self.pieces(path, revision))

        return bytes(self.ask(f"reading {path} at {revision}", load))

    def digest(self, path: str, revision: str) -> tuple[int, str]:
        """Bytes and SHA-256 of a file as anybody downloads it, without keeping it."""

        def load(**_: Any) -> tuple[int, str]:
            found, size = hashlib.sha256(), 0
            for piece in self.pieces(path, revision):
                found.update(piece)
                size += len(piece)
            return size, found.hexdigest()

        size, found = self.ask(f"downloading {path} at {revision}", load)
        return int(size), str(found)

    def pieces(self, path: str, revision: str) -> Iterator[bytes]:
        """A file from end to end; what breaks off is for the caller to ask for again."""
        with self.open(path, revision, block_size=0) as stream:
            while piece := stream.read(_BLOCK):
                yield piece

    def open(self, path: str, revision: str, **options: Any) -> Any:
        """A stream of a file; `block_size=0` for one that is read from end to end."""
        if self._files is None:
            from huggingface_hub import HfFileSystem

            # One of its own: a shared instance remembers what other tokens saw.
            self._files = HfFileSystem(
                endpoint=self.api.endpoint, token=self._token, skip_instance_cache=True
            )
        place = f"datasets/{self.name}@{revision}/{path}"
        return self._files.open(place, "rb", **options)

    # What changes it.

    def create(self) -> None:
        """Make it, private."""
        self.ask("making it", self.api.create_repo, private=True, exist_ok=True)

    def upload(self, additions: Sequence[Any], branch: str) -> None:
        """Send the large files of `additions` that the Hub does not have, a few at a time."""
        # Of several with one content, one: the client would send each.
        different = {addition.upload_info.sha256: addition for addition in additions}
        with self._transfers():
            self.ask(
                "uploading",
                self.api.preupload_lfs_files,
                additions=list(different.values()),
                revision=branch,
                free_memory=False,
            )

    def commit(
        self,
        operations: Sequence[Any],
        *,
        branch: str,
        parent: str,
        title: str,
        description: str,
        landed: Callable[[str], bool],
    ) -> str:
        """Put one commit on top of `parent`, or on nothing.

        The answer may be lost although the commit was made. So before it is sent again, the
        branch is looked at: `landed` says of its new end whether it is what was to be made.
        """
        failures = 0
        while True:
            try:
                with self._transfers():
                    made = self.api.create_commit(
                        self.name,
                        operations,
                        commit_message=title,
                        commit_description=description,
                        repo_type="dataset",
                        revision=branch,
                        parent_commit=parent,
                    )
                return str(made.oid)
            except Exception as error:
                failures += 1
                if status_of(error) != 412 and not transient(error):
                    self.fail("the commit", error)
                head = self.head(branch)
                if head != parent:
                    if landed(head):
                        return head
                    raise PublishError(
                        f"{self.name}: somebody else committed to {branch} in the meantime "
                        f"({parent[:12]} was its end, {head[:12]} is). Nothing of this release is "
                        "on it. Look at what they did, and publish again."
                    ) from error
                # Rejected although nothing moved: a copy of the Hub that is behind.
                if not self.retry.wait(failures, error):
                    self.fail("the commit", error, failures)

    def delete_branch(self, branch: str) -> None:
        """Delete a branch; no error if it is not there."""
        try:
            self.ask(f"deleting {branch}", self.api.delete_branch, branch=branch)
        except PublishError as error:
            if status_of(error) != 404:
                raise

    @contextlib.contextmanager
    def _transfers(self) -> Iterator[None]:
        """Without Xet where the Hub has none: some versions of the client fail there."""
        from huggingface_hub import constants

        before = constants.HF_HUB_DISABLE_XET
        if not before and not self._has_xet():
            constants.HF_HUB_DISABLE_XET = True
        try:
            yield
        finally:
            constants.HF_HUB_DISABLE_XET = before

    def _has_xet(self) -> bool:
        if self._xet is None:
            utils = _utils()

            def look(**_: Any) -> bool:
                address = f"{self.api.endpoint}/api/datasets/{self.name}/xet-write-token/main"
                headers = utils.build_hf_headers(token=self._token)
                answer = utils.get_session().get(address, headers=headers)
                if answer.status_code == 404:
                    return False
                utils.hf_raise_for_status(answer)
                return True

            self._xet = bool(self.ask("asking how to upload", look))
        return self._xet


def _utils() -> Any:
    from huggingface_hub import utils

    return utils


def status_of(error: BaseException) -> int | None:
    """The HTTP status behind an error, if there is one."""
    for cause in _causes(error):
        status = getattr(getattr(cause, "response", None), "status_code", None)
        if status is not None:
            return int(status)
    return None


def transient(error: BaseException) -> bool:
    """Whether the same request may well succeed: too many, the server's fault, a broken line."""
    from huggingface_hub.errors import OfflineModeIsEnabled

    causes = list(_causes(error))
    if any(isinstance(cause, OfflineModeIsEnabled) for cause in causes):
        return False
    status = status_of(error)
    if status is not None:
        return status in _AGAIN
    broken = tuple(
        getattr(sys.modules[module], name)
        for module, names in _BROKEN.items()
        if module in sys.modules
        for name in names
    )
    if any(isinstance(cause, (ConnectionError, TimeoutError, *broken)) for cause in causes):
        return True
    # Xet has no classes for what happened to it.
    return all(type(cause) is RuntimeError for cause in causes)


def _retry_after(error: BaseException) -> float:
    """Seconds that the server asks to wait; 0 if it does not say, or says a date."""
    for cause in _causes(error):
        headers = getattr(getattr(cause, "response", None), "headers", None) or {}
        with contextlib.suppress(ValueError):
            return max(0.0, float(headers.get("Retry-After", "")))
    return 0.0


def _causes(error: BaseException) -> Iterator[BaseException]:
    at: BaseException | None = error
    for _ in range(10):
        if at is None:
            return
        yield at
        at = at.__cause__ or (None if at.__suppress_context__ else at.__context__)
