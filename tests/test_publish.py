"""Publishing through the real client, to a Hub on loopback: order, versions, refusals."""

from __future__ import annotations

import base64
import hashlib
import re
from pathlib import Path
from typing import Any

import pytest
from hub_driver import Driver
from hub_fixtures import tree
from hub_releases import content, release
from hub_server import Hub

from datapartnerships.release._manifest import MANIFEST


def writes(hub: Hub) -> list[str]:
    """What changed something, in order, without names and digests."""
    found = []
    for request in hub.requests:
        method, path = request.split("?")[0].split(" ")
        path = re.sub(r"/api/datasets/[^/]+/[^/]+|/datasets/[^/]+/[^/]+\.git", "", path)
        if method != "GET" and not path.startswith(("/lfs/", "/api/validate", "/info/lfs")):
            found.append(f"{method} {re.sub('[0-9a-f]{40}', 'SHA', path)}")
    return [f for f in found if not re.search("preupload|paths-info|create$", f)]


def test_a_release_arrives_whole_and_is_shown_last(
    hub: Hub, driver: Driver, repo: str, tmp_path: Path
) -> None:
    release(tmp_path / "r")
    found = driver.ask("send", folder=str(tmp_path / "r"), repo=repo)
    there = hub.store.repo(repo)
    assert tree(hub, repo) == content(tmp_path / "r")
    assert found == {
        "repo": repo,
        "commit": there.branches["main"],
        "tag": "v1.0.0",
        "url": f"{hub.url}/datasets/{repo}",
    }
    assert there.tags == {"v1.0.0": found["commit"]}
    assert (there.private, there.gated) == (False, False)
    assert writes(hub) == [
        "POST /commit/main",
        "POST /tag/SHA",
        "PUT /settings",
    ]
    # Looked at between the commit and the tag: every file, downloaded by the commit.
    until = hub.requests.index(f"POST /api/datasets/{repo}/tag/{found['commit']}")
    start = f"GET /datasets/{repo}/resolve/{found['commit']}/"
    seen = {r.removeprefix(start) for r in hub.requests[:until] if r.startswith(start)}
    assert seen == set(content(tmp_path / "r"))


def test_anybody_loads_it(hub: Hub, driver: Driver, repo: str, tmp_path: Path) -> None:
    release(tmp_path / "r")
    driver.ask("send", folder=str(tmp_path / "r"), repo=repo)
    assert driver.ask("load", repo=repo, revision="v1.0.0") == {"train": ["a", "b", "c"]}


def test_a_second_time_nothing_is_done(hub: Hub, driver: Driver, repo: str, tmp_path: Path) -> None:
    release(tmp_path / "r")
    first = driver.ask("send", folder=str(tmp_path / "r"), repo=repo)
    hub.requests.clear()
    assert driver.ask("send", folder=str(tmp_path / "r"), repo=repo) == first
    assert writes(hub) == []
    assert all(len(sizes) == 1 for sizes in hub.store.uploads.values())


@pytest.mark.parametrize("per_commit", [100, 2])
def test_the_next_version_sends_what_changed_and_deletes_what_is_gone(
    hub: Hub, driver: Driver, repo: str, tmp_path: Path, per_commit: int
) -> None:
    old = release(tmp_path / "1", shards=[["a"], ["b"], ["c"]], extra={"NOTICE": "old"})
    driver.ask("send", folder=old.path, repo=repo)
    digest = hashlib.sha256((tmp_path / "1" / MANIFEST).read_bytes()).hexdigest()
    shards = [["a"], ["b"], ["c", f"d{per_commit}"]]
    new = release(tmp_path / "2", version="1.1.0", shards=shards, previous=digest)
    hub.store.uploads.clear()
    mains = len(hub.store.repo(repo).mains)
    driver.ask("send", folder=new.path, repo=repo, per_commit=per_commit)
    there = hub.store.repo(repo)
    assert tree(hub, repo) == content(tmp_path / "2")
    assert tree(hub, repo, "v1.0.0") == content(tmp_path / "1")
    assert len(there.mains) == mains + 1
    assert list(there.branches) == ["main"]
    assert len(hub.store.uploads) == 1
    assert driver.ask("load", repo=repo) == {"train": ["a", "b", "c", f"d{per_commit}"]}


def test_two_files_of_one_content_are_sent_once(
    hub: Hub, driver: Driver, repo: str, tmp_path: Path
) -> None:
    release(tmp_path / "r", shards=[["twin"], ["twin"], ["other twin"]])
    driver.ask("send", folder=str(tmp_path / "r"), repo=repo)
    assert tree(hub, repo) == content(tmp_path / "r")
    assert [len(sizes) for sizes in hub.store.uploads.values()] == [1, 1]


def test_hundreds_of_files_are_one_commit_on_main(
    hub: Hub, driver: Driver, repo: str, tmp_path: Path
) -> None:
    release(tmp_path / "r", shards=[[f"d{i}"] for i in range(230)])
    driver.ask("send", folder=str(tmp_path / "r"), repo=repo)
    there = hub.store.repo(repo)
    assert tree(hub, repo) == content(tmp_path / "r")
    assert len(there.mains) == 2  # the empty one, and this
    assert list(there.branches) == ["main"]
    assert len(hub.store.uploads) == 230
    assert all(len(sizes) == 1 for sizes in hub.store.uploads.values())


def test_large_files_in_parts(driver: Driver, tmp_path: Path) -> None:
    with Hub(tmp_path / "hub", part_bytes=1000) as hub:
        theirs = Driver(hub.url, hub.token, tmp_path / "home")
        release(tmp_path / "r")
        theirs.ask("send", folder=str(tmp_path / "r"), repo="org/parts")
        theirs.close()
        assert tree(hub, "org/parts") == content(tmp_path / "r")
        assert any(re.search(r"PUT /lfs/\w+/2$", request) for request in hub.requests)


def test_gated_before_it_is_public(hub: Hub, driver: Driver, repo: str, tmp_path: Path) -> None:
    seen: list[tuple[bool, Any]] = []
    release(tmp_path / "r")

    def watch(_: int, stage: str) -> None:
        if stage == "after" and repo in hub.store.repos:
            seen.append((hub.store.repo(repo).private, hub.store.repo(repo).gated))

    hub.faults.watch = watch
    driver.ask("send", folder=str(tmp_path / "r"), repo=repo, gated="manual")
    hub.faults.clear()
    assert seen[-1] == (False, "manual") and (False, False) not in seen
    # It stays so, when nobody says otherwise.
    release(tmp_path / "2", version="2.0.0")
    driver.ask("send", folder=str(tmp_path / "2"), repo=repo)
    assert hub.store.repo(repo).gated == "manual"
    reader = Driver(hub.url, "hf_reader", tmp_path / "home")
    asked = {"repo_id": repo, "filename": "CHANGELOG.md", "repo_type": "dataset"}
    assert reader.error("client", method="hf_hub_download", **asked)[0] == "GatedRepoError"
    driver.ask("client", method="grant_access", repo_id=repo, user="reader", repo_type="dataset")
    assert "CHANGELOG.md" in reader.ask("client", method="hf_hub_download", **asked)
    reader.close()


# What it refuses.


def refused(driver: Driver, folder: Any, repo: str, **given: Any) -> str:
    error, words = driver.error("send", folder=str(folder), repo=repo, **given)
    assert error in ("PublishError", "ConfigurationError"), (error, words)
    return words


def test_a_shut_gate_lets_nothing_out(hub: Hub, driver: Driver, repo: str, tmp_path: Path) -> None:
    release(tmp_path / "r")  # without a recipe, a signature, an audit
    error, words = driver.error("publish", folder=str(tmp_path / "r"), repo=repo)
    assert error == "GatesShut"
    assert {"rights:", "audit:", "attestation:"} <= set(words.split())
    assert not hub.requests


@pytest.mark.parametrize("harm", ["change", "remove"])
def test_a_file_that_is_not_as_the_manifest_says(
    hub: Hub, driver: Driver, repo: str, tmp_path: Path, harm: str
) -> None:
    """The gates see it; this is what happens to it between the gates and the Hub."""
    release(tmp_path / "r")
    file = tmp_path / "r" / "data" / "train-00000-of-00002.parquet"
    if harm == "change":
        file.write_bytes(file.read_bytes()[:-1] + b"!")
    else:
        file.unlink()
    words = refused(driver, tmp_path / "r", repo)
    assert "train-00000-of-00002.parquet" in words and "manifest" in words
    assert not hub.store.uploads and len(hub.store.repo(repo).mains) == 1


def test_what_others_published_is_not_overwritten(
    hub: Hub, driver: Driver, repo: str, tmp_path: Path
) -> None:
    hub.store.create(repo, False)
    line = {"key": "file", "value": {"path": "data.csv", "content": "YQ==", "encoding": "base64"}}
    head = {"key": "header", "value": {"summary": "theirs"}}
    hub.store.commit(repo, "main", [head, line])
    before = hub.store.repo(repo).branches["main"]
    release(tmp_path / "r")
    assert "no release of ours" in refused(driver, tmp_path / "r", repo)
    assert hub.store.repo(repo).branches["main"] == before
    driver.ask("send", folder=str(tmp_path / "r"), repo=repo, replace=True)
    assert tree(hub, repo) == content(tmp_path / "r")


@pytest.mark.parametrize("path", ["README.md", "notes.txt", "CHANGELOG.md"])
def test_what_others_changed_on_main_is_not_lost_in_silence(
    hub: Hub, driver: Driver, repo: str, tmp_path: Path, path: str
) -> None:
    release(tmp_path / "1")
    driver.ask("send", folder=str(tmp_path / "1"), repo=repo)
    lines: list[dict[str, Any]] = [{"key": "header", "value": {"summary": "on the web page"}}]
    if path == "CHANGELOG.md":
        lines += [{"key": "deletedFile", "value": {"path": path}}]
    else:
        text = content_of(tmp_path / "1" / path)[::-1]  # of the same size, where it is there
        value = {"path": path, "content": base64.b64encode(text).decode(), "encoding": "base64"}
        lines += [{"key": "file", "value": value}]
    hub.store.commit(repo, "main", lines)
    edited = tree(hub, repo)
    release(tmp_path / "2", version="2.0.0")
    for folder in ("1", "2"):
        words = refused(driver, tmp_path / folder, repo)
        assert f"changes on main that are in no release: {path}." in words
    assert tree(hub, repo) == edited
    driver.ask("send", folder=str(tmp_path / "2"), repo=repo, replace=True)
    assert tree(hub, repo) == content(tmp_path / "2")


def content_of(path: Path) -> bytes:
    return path.read_bytes() if path.exists() else b"theirs"


def test_a_version_that_was_given_up_leaves_nothing(
    hub: Hub, driver: Driver, repo: str, tmp_path: Path
) -> None:
    release(tmp_path / "1", shards=[[f"up-{i}"] for i in range(5)])
    hub.faults.add("POST .*/commit/main", "500", times=1000)
    driver.error("send", folder=str(tmp_path / "1"), repo=repo, per_commit=2)
    assert "staging/v1.0.0" in hub.store.repo(repo).branches
    hub.faults.clear()
    release(tmp_path / "2", version="1.0.1", shards=[["up-1"]])
    driver.ask("send", folder=str(tmp_path / "2"), repo=repo)
    assert list(hub.store.repo(repo).branches) == ["main"]
    assert tree(hub, repo) == content(tmp_path / "2") and not hub.store.repo(repo).private


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"name": "diaries"}, "'letters'"),
        ({"version": "1.9.0"}, "is at version 1.10.0"),
        ({"version": "1.10.0-rc.1"}, "is at version 1.10.0"),
        ({"version": "1.10.0"}, "with other content"),
        ({"version": "1.11.0", "previous": "f" * 64}, "does not follow"),
    ],
)
def test_a_version_that_does_not_follow(
    hub: Hub, driver: Driver, repo: str, tmp_path: Path, given: dict[str, str], words: str
) -> None:
    release(tmp_path / "1", version="1.10.0")
    driver.ask("send", folder=str(tmp_path / "1"), repo=repo)
    release(tmp_path / "2", shards=[["z"]], **given)
    assert words in refused(driver, tmp_path / "2", repo)
    assert tree(hub, repo) == content(tmp_path / "1")


def test_a_version_never_changes_not_even_with_replace(
    hub: Hub, driver: Driver, repo: str, tmp_path: Path
) -> None:
    release(tmp_path / "1")
    driver.ask("send", folder=str(tmp_path / "1"), repo=repo)
    release(tmp_path / "2", shards=[["z"]])
    words = refused(driver, tmp_path / "2", repo, replace=True)
    assert "a version never changes" in words
    assert tree(hub, repo) == content(tmp_path / "1")


def test_the_private_track_stays_private(
    hub: Hub, driver: Driver, repo: str, tmp_path: Path
) -> None:
    release(tmp_path / "r", track="private")
    given = {"folder": str(tmp_path / "r"), "repo": repo}
    error, words = driver.error("publish", **given)
    assert error == "ConfigurationError" and "of the private track" in words
    error, words = driver.error("publish", **given, track="private", gated="auto")
    assert error == "ConfigurationError" and "gated" in words
    assert not hub.requests
    driver.ask("send", **given)
    assert hub.store.repo(repo).private
    assert tree(hub, repo) == content(tmp_path / "r")
    hub.store.repo(repo).private = False
    release(tmp_path / "2", track="private", version="2.0.0")
    assert "is public" in refused(driver, tmp_path / "2", repo)


def test_history_of_the_private_track_never_becomes_public(
    hub: Hub, driver: Driver, repo: str, tmp_path: Path
) -> None:
    release(tmp_path / "1", track="private")
    driver.ask("send", folder=str(tmp_path / "1"), repo=repo)
    release(tmp_path / "2", version="2.0.0")
    assert "private track" in refused(driver, tmp_path / "2", repo)
    words = refused(driver, tmp_path / "2", repo, replace=True)
    assert "stays private" in words and "no release of the open track" in words
    assert hub.store.repo(repo).private


def test_a_branch_of_others_never_becomes_public(
    hub: Hub, driver: Driver, repo: str, tmp_path: Path
) -> None:
    there = hub.store.create(repo, True)
    there.branches["drafts"] = there.branches["main"]
    release(tmp_path / "r")
    assert "drafts would become public" in refused(driver, tmp_path / "r", repo)
    assert there.private


def test_somebody_else_commits_at_the_same_time(
    hub: Hub, driver: Driver, repo: str, tmp_path: Path
) -> None:
    release(tmp_path / "1")
    driver.ask("send", folder=str(tmp_path / "1"), repo=repo)
    release(tmp_path / "2", version="2.0.0", shards=[["z"]])

    def watch(_: int, stage: str) -> None:
        if stage == "before" and "/commit/main" in hub.requests[-1]:
            hub.faults.watch = None
            value = {"path": "theirs.txt", "content": "YQ==", "encoding": "base64"}
            head = {"key": "header", "value": {"summary": "theirs"}}
            hub.store.commit(repo, "main", [head, {"key": "file", "value": value}])

    hub.faults.watch = watch
    words = refused(driver, tmp_path / "2", repo)
    assert "somebody else committed to main" in words
    theirs = tree(hub, repo)
    assert theirs.pop("theirs.txt") and theirs == content(tmp_path / "1")
    assert list(hub.store.repo(repo).tags) == ["v1.0.0"]


def test_what_came_back_is_not_what_was_sent(
    hub: Hub, driver: Driver, repo: str, tmp_path: Path
) -> None:
    release(tmp_path / "r")

    def watch(_: int, stage: str) -> None:
        if stage == "after" and "/commit/main" in hub.requests[-1]:
            hub.faults.watch = None
            for file in hub.store.repo(repo).commit("main").files.values():
                if file.lfs:
                    path = hub.store.path(file.blob)
                    path.write_bytes(path.read_bytes()[:-1] + b"!")

    hub.faults.watch = watch
    words = refused(driver, tmp_path / "r", repo)
    assert "2 files" in words and "came back with other content" in words
    assert hub.store.repo(repo).private and not hub.store.repo(repo).tags


def test_without_a_token_and_with_a_wrong_one(hub: Hub, repo: str, tmp_path: Path) -> None:
    release(tmp_path / "r")
    for token, words in ((None, "Log in"), ("hf_reader", "must be allowed"), ("hf_no", "Log in")):
        theirs = Driver(hub.url, token, tmp_path / f"home-{token}")
        found = refused(theirs, tmp_path / "r", repo)
        theirs.close()
        assert words in found and (token is None or token not in found)
    assert repo not in hub.store.repos


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"repo": "letters"}, "org/name"),
        ({"repo": "org/a b"}, "org/name"),
        ({"track": "opne"}, "'open'"),
        ({"gated": "yes"}, "'auto'"),
        ({"deposti": "deposit.yaml"}, "'deposit'"),
        ({"version": "1.0.0"}, "'version'"),
    ],
)
def test_arguments(
    hub: Hub, driver: Driver, repo: str, tmp_path: Path, given: dict[str, Any], words: str
) -> None:
    release(tmp_path / "r")
    error, found = driver.error("publish", **{"folder": str(tmp_path / "r"), "repo": repo, **given})
    assert error in ("InvalidParameter", "UnknownName") and words in found
    assert not hub.requests
