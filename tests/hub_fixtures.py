"""A Hub and a process that talks to it, for every test that publishes."""

from __future__ import annotations

import hashlib
import itertools
from collections.abc import Iterator

import pytest
from hub_driver import Driver
from hub_server import Hub

_NUMBERS = itertools.count()


@pytest.fixture(scope="module")
def _hub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hub]:
    with Hub(tmp_path_factory.mktemp("hub")) as hub:
        yield hub


@pytest.fixture
def hub(_hub: Hub) -> Hub:
    _hub.faults.clear()
    _hub.requests.clear()
    _hub.store.uploads.clear()
    return _hub


@pytest.fixture(scope="module")
def driver(_hub: Hub, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Driver]:
    found = Driver(_hub.url, _hub.token, tmp_path_factory.mktemp("home"))
    yield found
    found.close()


@pytest.fixture
def repo() -> str:
    return f"org/letters-{next(_NUMBERS)}"


def tree(hub: Hub, repo: str, revision: str = "main") -> dict[str, str]:
    """Digest of every file of a revision, as its bytes lie on the server."""
    files = hub.store.repo(repo).commit(revision).files
    return {
        path: hashlib.sha256(hub.store.path(file.blob).read_bytes()).hexdigest()
        for path, file in files.items()
        if path != ".gitattributes"
    }
