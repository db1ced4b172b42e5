"""From a run to the Hub, through `prepare` and all gates; by a call, and by a writer."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import release_sample as sample
from hub_driver import Driver
from hub_fixtures import tree
from hub_releases import content
from hub_server import Hub

import datapartnerships as dp
from datapartnerships.release._manifest import Waiver

KEY = b"a key of thirty-two bytes, fixed"
WAIVERS = tuple(
    Waiver(gate, "R. Head, the Net Loft", "2026-11-20", "six short notes, read by hand")
    for gate in ("residual",)
)


@pytest.fixture
def given(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    source = sample.deposit(tmp_path / "deposit")
    run = sample.run(source, tmp_path / "run")
    folder = dp.prepare(
        run,
        tmp_path / "release",
        version="1.0.0",
        date=sample.DAY,
        deposit=source,
        audit=sample.audit(run),
        waivers=WAIVERS,
        key=KEY,
    )
    return {"folder": folder.path, "date": sample.DAY, "deposit": str(source / "deposit.yaml")}


def test_a_prepared_release_passes_its_gates_and_leaves(
    hub: Hub, driver: Driver, repo: str, given: dict[str, Any]
) -> None:
    driver.ask("publish", repo=repo, **given)
    assert tree(hub, repo) == content(Path(given["folder"]))
    there = hub.store.repo(repo)
    assert not there.private and list(there.tags) == ["v1.0.0"]
    loaded = driver.ask("load", repo=repo)
    assert sum(map(len, loaded.values())) == 5


def test_it_is_signed_and_nothing_in_it_may_change(
    hub: Hub, driver: Driver, repo: str, given: dict[str, Any]
) -> None:
    notes = Path(given["folder"]) / "NOTICE"
    notes.write_text(notes.read_text() + "And more.")
    error, words = driver.error("publish", repo=repo, **given)
    assert error == "GatesShut" and "NOTICE" in words
    assert not hub.requests
