"""What goes wrong while a release is published: main is the old version or the new one, whole."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from hub_driver import Driver
from hub_fixtures import tree
from hub_releases import content, release
from hub_server import Hub

from datapartnerships.errors import InvalidParameter
from datapartnerships.release import _hub_client
from datapartnerships.release._hub_client import Retry, transient
from datapartnerships.release._manifest import MANIFEST

ROOT = Path(__file__).parent.parent
# Requests that the client does not make again by itself in any of its versions, and one that it
# does in some. `drop-after`: done, and the answer is lost.
POINTS = [
    "GET /api/datasets/[^/]+/[^/]+$",
    "POST /api/repos/create",
    "GET .*/tree/",
    "POST .*/branch/",
    "POST .*/commit/main",
    "POST .*/commit/staging",
    "POST .*/paths-info/",
    "DELETE .*/branch/",
    "POST .*/tag/",
    "PUT .*/settings",
    "PUT /lfs/",
]


def versions(tmp_path: Path, seed: object = "") -> tuple[Path, Path]:
    """Two releases; the second has new files, changed ones and fewer old ones."""
    old = [[f"{seed}-{i}"] for i in range(5)]
    new = [*old[:2], *([f"{seed}-{i}-new"] for i in range(7))]
    release(tmp_path / "1", shards=old, extra={"NOTICE": f"old {seed}"})
    release(tmp_path / "2", version="2.0.0", shards=new)
    return tmp_path / "1", tmp_path / "2"


def mains(hub: Hub, repo: str) -> list[dict[str, str]]:
    """Every tree that main ever had, without the empty one."""
    return [tree(hub, repo, sha) for sha in hub.store.repo(repo).mains[1:]]


@pytest.mark.parametrize("kind", ["503", "drop-before", "drop-after"])
@pytest.mark.parametrize("point", POINTS)
def test_one_fault(
    hub: Hub, driver: Driver, repo: str, tmp_path: Path, kind: str, point: str
) -> None:
    old, new = versions(tmp_path, f"{kind}{point}")
    if "create" not in point:
        driver.ask("send", folder=str(old), repo=repo)
        hub.store.repo(repo).private = True  # so that it is made public again
        hub.store.uploads.clear()
    hub.faults.add(point, kind)
    driver.ask("send", folder=str(new), repo=repo, per_commit=4)
    assert hub.faults.hit
    there = hub.store.repo(repo)
    wanted = [content(new)] if "create" in point else [content(old), content(new)]
    assert mains(hub, repo) == wanted
    assert list(there.branches) == ["main"] and not there.private
    again = sum(len(sizes) - 1 for sizes in hub.store.uploads.values())
    assert again <= (point == "PUT /lfs/" and kind == "drop-after")


@pytest.mark.parametrize("kind", ["503", "drop-before", "drop-after"])
def test_a_manifest_that_does_not_come_at_once(
    hub: Hub, driver: Driver, repo: str, tmp_path: Path, kind: str
) -> None:
    old, new = versions(tmp_path, f"manifest {kind}")
    driver.ask("send", folder=str(old), repo=repo)
    head = hub.store.repo(repo).branches["main"]
    hub.faults.add(f"GET .*/resolve/{head}/{MANIFEST}", kind, times=2)
    driver.ask("send", folder=str(new), repo=repo)
    assert len(hub.faults.hit) == 2 and mains(hub, repo) == [content(old), content(new)]


@pytest.mark.parametrize("kind", ["429", "500"])
def test_a_commit_that_is_refused_at_first(
    hub: Hub, driver: Driver, repo: str, tmp_path: Path, kind: str
) -> None:
    old, _ = versions(tmp_path, kind)
    hub.faults.add("POST .*/commit/main", kind, times=3)
    driver.ask("send", folder=str(old), repo=repo)
    assert [kind_ for kind_, _ in hub.faults.hit] == [kind] * 3
    assert mains(hub, repo) == [content(old)]


def test_a_download_that_breaks_off(hub: Hub, driver: Driver, repo: str, tmp_path: Path) -> None:
    old, _ = versions(tmp_path, "broken")
    hub.faults.add("GET .*/resolve/.*parquet", "drop-after", times=2)
    driver.ask("send", folder=str(old), repo=repo)
    assert len(hub.faults.hit) == 2 and hub.store.repo(repo).tags


def test_a_hub_that_does_not_come_back(hub: Hub, driver: Driver, repo: str, tmp_path: Path) -> None:
    old, new = versions(tmp_path, "gone")
    driver.ask("send", folder=str(old), repo=repo)
    hub.faults.add("POST .*/commit/main", "500", times=1000)
    error, words = driver.error("send", folder=str(new), repo=repo)
    assert error == "PublishError" and "failed after 6 attempts" in words
    assert mains(hub, repo) == [content(old)] and list(hub.store.repo(repo).tags) == ["v1.0.0"]
    hub.faults.clear()
    driver.ask("send", folder=str(new), repo=repo)
    assert mains(hub, repo) == [content(old), content(new)]
    assert all(len(sizes) == 1 for sizes in hub.store.uploads.values())


class _Answer:
    def __init__(self, status: int, after: str | None = None) -> None:
        self.status_code = status
        self.headers = {} if after is None else {"Retry-After": after}


class _Failed(Exception):
    def __init__(self, status: int, after: str | None = None) -> None:
        super().__init__(status)
        self.response = _Answer(status, after)


def test_how_long_is_waited(monkeypatch: pytest.MonkeyPatch) -> None:
    waits: list[float] = []
    monkeypatch.setattr(_hub_client.time, "sleep", waits.append)
    retry = Retry(attempts=10, first_seconds=1, most_seconds=20)
    for failures in range(1, 10):
        assert retry.wait(failures, _Failed(503))
    for longest, found in zip([1, 2, 4, 8, 16, 20, 20, 20, 20], waits, strict=True):
        assert longest / 2 <= found <= longest
    assert not retry.wait(10, _Failed(503))
    waits.clear()
    assert retry.wait(1, _Failed(429, "300")) and 300.5 <= waits[0] <= 301
    # An hour is a no, and so is what would be the same the next time.
    assert not retry.wait(1, _Failed(429, "3600"))
    for status in (400, 401, 403, 404, 409, 412, 413):
        assert not retry.wait(1, _Failed(status))
    assert not transient(ValueError("a file is not there"))
    with pytest.raises(InvalidParameter, match="attempts"):
        Retry(attempts=0)


# Killed.


def killed(hub: Hub, driver: Driver, repo: str, new: Path, rng: random.Random) -> bool:
    """Publish in a process that is killed at some request; whether it was."""
    at = len(hub.requests) + rng.randrange(1, 110)
    stage = rng.choice(["before", "middle", "after"])
    done = False

    def watch(number: int, now: str) -> None:
        nonlocal done
        if driver.child and not done and number >= at and now in (stage, "after"):
            done = True
            os.kill(driver.child, signal.SIGKILL)

    hub.faults.watch = watch
    driver.child = 0
    driver.tell("send", folder=str(new), repo=repo, per_commit=3)
    answer = driver.answer()
    hub.faults.watch = None
    hub.settle()
    assert done or "value" in answer, answer
    return done


def survives(hub: Hub, repo: str, tmp_path: Path, seed: int, kills: int, rate: float) -> None:
    """Versions of a dataset through this many kills."""
    driver = Driver(hub.url, hub.token, tmp_path / "home", forks=True)
    try:
        _survives(hub, driver, repo, tmp_path, seed, kills, rate)
    finally:
        driver.close()


def _survives(
    hub: Hub, driver: Driver, repo: str, tmp_path: Path, seed: int, kills: int, rate: float
) -> None:
    rng = random.Random(seed)
    there: list[dict[str, str]] = []
    tags: list[str] = []
    count = 0
    while count < kills:
        version = f"{len(there)}.0.0"
        shards = [[f"{seed}-{i + len(there) * rng.randrange(9)}"] for i in range(9)]
        new = tmp_path / version
        release(new, version=version, shards=shards, extra={f"notes-{version}": "new"})
        hub.store.uploads.clear()
        hub.faults.clear()
        hub.faults.at_random(rng.randrange(1 << 30), rate)
        while count < kills and killed(hub, driver, repo, new, rng):
            count += 1
            if repo in hub.store.repos:
                assert mains(hub, repo) in (there, [*there, content(new)])
        hits = hub.faults.hit
        lost = sum(kind == "drop-after" for kind, request in hits if "PUT /lfs" in request)
        hub.faults.clear()
        driver.ask("send", folder=str(new), repo=repo, per_commit=3)
        there.append(content(new))
        tags.append(f"v{version}")
        assert mains(hub, repo) == there
        assert list(hub.store.repo(repo).branches) == ["main"]
        assert list(hub.store.repo(repo).tags) == tags
        # What arrived is not sent again, but for the body whose answer was lost.
        assert sum(len(sizes) - 1 for sizes in hub.store.uploads.values()) <= lost


@pytest.mark.parametrize("seed", range(2))
def test_killed_and_gone_on_with(hub: Hub, repo: str, tmp_path: Path, seed: int) -> None:
    survives(hub, repo, tmp_path, seed, kills=3, rate=0.0)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(100, 120))
def test_killed_ten_times_among_faults(hub: Hub, repo: str, tmp_path: Path, seed: int) -> None:
    survives(hub, repo, tmp_path, seed, kills=10, rate=0.02)


# The versions of the client.


@pytest.mark.slow
@pytest.mark.parametrize(
    "pins",
    ["huggingface-hub==0.36.2 datasets==4.8.5", "huggingface-hub==1.33.0 datasets==5.0.1"],
)
def test_with_another_client(tmp_path: Path, pins: str) -> None:
    """The tests of publishing and withdrawing once more, in an environment of their own."""
    python = tmp_path / "bin" / "python"
    subprocess.run([sys.executable, "-m", "venv", str(tmp_path)], check=True)
    install = [python, "-m", "pip", "install", "-q", f"{ROOT}[release]", *pins.split()]
    install += ["pytest", "hypothesis"]
    installed: Any = subprocess.run(install, capture_output=True, text=True)
    if installed.returncode:
        pytest.skip(f"cannot install {pins}: {installed.stderr.strip().splitlines()[-1]}")
    names = ("publish", "publish_faults", "check_pin", "takedown")
    files = [f"tests/test_{name}.py" for name in names]
    command = [python, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-m", "not slow", *files]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout[-3000:]
