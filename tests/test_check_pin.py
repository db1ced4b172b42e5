"""What somebody who pinned a version learns when documents of it are withdrawn."""

from __future__ import annotations

import json
from pathlib import Path

from hub_driver import Driver
from hub_releases import release
from hub_server import Hub


def tombstones(*ids: str, version: str = "1.1.0") -> dict[str, str]:
    lines = [
        {"id": id, "digest": None, "reason_class": "consent", "version": version}
        | {"date": "2026-11-23"}
        for id in ids
    ]
    return {"TOMBSTONES.jsonl": "".join(json.dumps(line) + "\n" for line in lines)}


def test_what_is_withdrawn_is_told_to_who_pinned_it(
    hub: Hub, driver: Driver, repo: str, tmp_path: Path
) -> None:
    old = release(tmp_path / "1", shards=[["p1", "p2"], ["p3"]], extra=tombstones())
    first = driver.ask("send", folder=old.path, repo=repo)["commit"]
    assert driver.ask("check_pin", repo=repo, revision="v1.0.0") == {
        "repo": repo,
        "revision": "v1.0.0",
        "commit": first,
        "withdrawn": {},
        "move_to": "v1.0.0",
        "ok": True,
        "words": f"{repo} at v1.0.0: nothing in it was withdrawn.",
    }
    extra = tombstones("p1", "never-published")
    new = release(tmp_path / "2", version="1.1.0", shards=[["p2"], ["p3"]], extra=extra)
    driver.ask("send", folder=new.path, repo=repo)
    for revision in ("v1.0.0", first, first[:10]):
        found = driver.ask("check_pin", repo=repo, revision=revision)
        assert (found["ok"], found["withdrawn"]) == (False, {"p1": "consent"})
        assert found["words"] == (
            f"{repo} at {revision}: 1 document was withdrawn (consent): p1. Delete your copies, "
            "and move to v1.1.0."
        )
    assert driver.ask("check_pin", repo=repo, revision="v1.1.0")["ok"]
    assert driver.ask("check_pin", repo=repo, revision="main")["ok"]


def test_the_revision_is_gone(hub: Hub, driver: Driver, repo: str, tmp_path: Path) -> None:
    old = release(tmp_path / "1", shards=[["g1", "g2"]])
    first = driver.ask("send", folder=old.path, repo=repo)["commit"]
    new = release(tmp_path / "2", version="2.0.0", shards=[["g2"]], extra=tombstones("g1"))
    driver.ask("send", folder=new.path, repo=repo)
    given = {"repo_id": repo, "repo_type": "dataset"}
    # A tag keeps the history of the commit that it is on.
    for tag in ("v1.0.0", "v2.0.0"):
        driver.ask("client", method="delete_tag", tag=tag, **given)
    driver.ask("client", method="super_squash_history", **given)
    driver.ask("client", method="create_tag", tag="v2.0.0", **given)
    for revision in ("v1.0.0", first):
        found = driver.ask("check_pin", repo=repo, revision=revision)
        assert not found["ok"] and found["commit"] is None
        assert found["words"] == (
            f"{repo} at {revision}: there is no such revision any more. Revisions go when "
            "documents in them are withdrawn. Delete your copies, and move to v2.0.0."
        )


def test_no_such_dataset(hub: Hub, driver: Driver, tmp_path: Path) -> None:
    error, words = driver.error("check_pin", repo="org/nothing", revision="main")
    assert error == "PublishError" and "not on the Hub" in words
