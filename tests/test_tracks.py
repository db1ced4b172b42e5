"""A private release cannot be published in the open: by its type, and when it runs."""

from __future__ import annotations

import inspect
import subprocess
import sys
from pathlib import Path

import pytest
from test_vault import make_release

import datapartnerships as dp
from datapartnerships.errors import ConfigurationError

_TYPED = """
import datapartnerships as dp

private = dp.PrivateFolder.open("private")
opened = dp.OpenFolder.open("open")
unknown = dp.ReleaseFolder.open("somewhere")
vault = dp.Vault("vault")
policy = dp.AccessPolicy(parties=("Lab",), purposes=("evaluation",))

dp.publish(opened, "org/name", track="open")
dp.publish(private, "org/name", track="private")
vault.put(private, policy)
made = dp.prepare("run", "out", version="1.0.0", date="2026-11-22", track="private", key=None)
vault.put(made, policy)
dp.publish(dp.prepare("run", "out", version="1.0.0", date="2026-11-22"), "org/name")
dp.publish(made, "org/name")  # WRONG
dp.publish(private, "org/name", track="open")  # WRONG
dp.publish(private, "org/name")  # WRONG
dp.publish(unknown, "org/name", track="open")  # WRONG
dp.publish(private, "org/name", track="private", gated="auto")  # WRONG
vault.put(opened, policy)  # WRONG
vault.put(unknown, policy)  # WRONG
"""


def test_a_type_checker_refuses_it(tmp_path: Path) -> None:
    pytest.importorskip("mypy", reason="pip install -e '.[dev]'")
    (tmp_path / "partner.py").write_text(_TYPED)
    root = Path(__file__).parent.parent
    answer = subprocess.run(
        [sys.executable, "-m", "mypy", "--config-file", str(root / "pyproject.toml"),
         "--cache-dir", str(tmp_path / "cache"), "--follow-imports", "silent",
         str(tmp_path / "partner.py")],
        capture_output=True, text=True, cwd=root,
    )  # fmt: skip
    wrong = {n for n, line in enumerate(_TYPED.splitlines(), 1) if line.endswith("# WRONG")}
    errors = [line for line in answer.stdout.splitlines() if " error: " in line]
    assert {int(line.split(":")[1]) for line in errors} == wrong, answer.stdout + answer.stderr


def test_what_a_type_checker_knows_of_prepare_is_what_it_takes() -> None:
    from datapartnerships.release.prepare import _Given

    taken = set(inspect.signature(dp.prepare).parameters)
    assert taken == {"release", "path", "version", "date", "track", *_Given.__annotations__}


def test_when_it_runs_too(tmp_path: Path) -> None:
    private = make_release(tmp_path / "private")
    with pytest.raises(ConfigurationError, match="private track"):
        dp.publish(private, "org/name", track="open")  # type: ignore[call-overload]
    with pytest.raises(ConfigurationError, match="private track"):
        dp.publish(private.path, "org/name")
    with pytest.raises(ConfigurationError, match="it is no OpenFolder"):
        dp.OpenFolder.open(private.path)
    with pytest.raises(ConfigurationError, match="it is no OpenFolder"):
        dp.OpenFolder(private.path, private.manifest)
