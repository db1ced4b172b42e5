"""From a run to the Hub, through `prepare` and all gates; by a call, and by a writer."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

import pytest
import release_sample as sample
from hub_driver import Driver
from hub_fixtures import tree
from hub_releases import content
from hub_server import Hub

import datapartnerships as dp
from datapartnerships import writers
from datapartnerships.errors import ConfigurationError, UnknownName
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


def test_the_command(
    hub: Hub, repo: str, given: dict[str, Any], tmp_path: Path, driver: Driver
) -> None:
    command = ["publish", given["folder"], repo, "--date", sample.DAY, "--message", "At last"]
    assert driver.ask("command", arguments=[*command, "--track", "private"]) == 1
    assert not hub.requests
    assert driver.ask("command", arguments=[*command, "--deposit", given["deposit"]]) == 0
    assert tree(hub, repo) == content(Path(given["folder"]))
    assert hub.store.repo(repo).commit("v1.0.0").title == "At last"


# Of the private track: no audit, no estimate; an agreement.
PRIVATE = sample.DEPOSIT.replace("track: open", "track: private", 1).replace(
    "license: CC0-1.0", "license: LicenseRef-Loft"
) + "agreement: {id: LicenseRef-Loft, from: 2026-01-01}\n"  # fmt: skip


@pytest.fixture
def private(tmp_path: Path) -> Path:
    return sample.deposit(tmp_path / "deposit", yaml=PRIVATE)


def test_a_run_is_prepared_on_the_way(
    hub: Hub, driver: Driver, repo: str, tmp_path: Path, private: Path
) -> None:
    run = sample.run(private, tmp_path / "run")
    given = {
        "run": run.path,
        "repo": repo,
        "track": "private",
        "into": str(tmp_path / "release"),
        "version": "1.0.0",
        "date": sample.DAY,
        "deposit": str(private),
    }
    error, words = driver.error("publish_run", **{**given, "into": None})
    assert error == "ConfigurationError" and "into=" in words
    assert not hub.requests
    first = driver.ask("publish_run", **given)
    assert tree(hub, repo) == content(tmp_path / "release")
    # The folder is there, and of this run: it is taken as it is.
    assert driver.ask("publish_run", **given) == first
    assert hub.store.repo(repo).private


def test_a_writer_publishes_when_the_run_is_complete(
    hub: Hub, driver: Driver, repo: str, tmp_path: Path, private: Path
) -> None:
    def recipe(**fields: str) -> str:
        told = ", ".join(f"{name}: {value!r}" for name, value in fields.items())
        return sample.RECIPE.replace("ParquetWriter", f"{{HubWriter: {{{told}}}}}")

    given = {"deposit": str(private), "out": str(tmp_path / "run")}
    where = {"repo": repo, "into": str(tmp_path / "release"), "track": "private"}
    what = {"release": "1.0.0", "date": sample.DAY, "deposit": str(private)}
    error, words = driver.error("run", recipe=recipe(**where), **given)
    assert error == "ConfigurationError" and "not given release, date" in words
    assert dp.Release.open(given["out"]).manifest.documents_out == 5
    assert not hub.requests
    # Open: a gate is shut. The run is not done again, and nothing leaves.
    before = (tmp_path / "run" / "report.html").stat().st_mtime_ns
    error, words = driver.error("run", recipe=recipe(**{**where, **what, "track": "open"}), **given)
    assert error == "GatesShut" and "audit" in words
    assert not hub.requests
    driver.ask("run", recipe=recipe(**where, **what), **given, times=2)
    assert (tmp_path / "run" / "report.html").stat().st_mtime_ns == before
    there = hub.store.repo(repo)
    assert tree(hub, repo) == content(tmp_path / "release")
    assert there.private and list(there.tags) == ["v1.0.0"] and len(there.mains) == 2


def test_where_it_goes_is_in_no_recipe_that_travels(tmp_path: Path) -> None:
    pipeline = dp.Pipeline.from_yaml(sample.RECIPE, deposit="in")
    writer = writers.HubWriter(str(tmp_path), repo="org/letters", date="2026-11-22")
    here = dataclasses.replace(pipeline, writer=writer)
    there = dataclasses.replace(pipeline, writer=writers.HubWriter(repo="org/other"))
    assert here.fingerprint == there.fingerprint
    assert here.to_yaml(locations=False) == there.to_yaml(locations=False)
    assert "org/letters" in here.to_yaml()
    with pytest.raises(UnknownName, match="track"):
        writers.HubWriter(track="opne")
    with pytest.raises(ConfigurationError, match="repo, into, release, date"):
        writers.HubWriter().finish(None)
