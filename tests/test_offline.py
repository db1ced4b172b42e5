"""With no network at all everything works, and nothing even tries to reach out."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent

# Loaded by every Python of the run, workers and parsers too.
LISTENER = """
import os, sys
def hear(event, args):
    if event in ("socket.connect", "socket.getaddrinfo", "socket.gethostbyname", "socket.sendto"):
        address = args[1] if event in ("socket.connect", "socket.sendto") else args[0]
        if isinstance(address, (tuple, str)) and "/" not in str(address):
            with open(os.environ["REACHED_OUT"], "a") as file:
                file.write(f"{event} {address!r} {sys.argv[:1]}\\n")
sys.addaudithook(hear)
"""


def test_nothing_reaches_out(tmp_path: Path, deposit: Path) -> None:
    if not shutil.which("unshare"):
        pytest.skip("unshare is not installed: no network namespace can be made")
    (tmp_path / "sitecustomize.py").write_text(LISTENER)
    log = tmp_path / "reached-out"
    env = {k: v for k, v in os.environ.items() if not k.startswith(("HF_", "DO_NOT_TRACK"))}
    env |= {"PYTHONPATH": str(tmp_path), "REACHED_OUT": str(log), "HF_HOME": str(tmp_path / "hf")}
    code = (
        "import datapartnerships as dp, sys\n"
        "from pathlib import Path\n"
        f"recipe = Path({str(ROOT / 'examples' / 'recipe.yaml')!r}).read_text()\n"
        f"deposit, out = {str(deposit)!r}, {str(tmp_path / 'o')!r}\n"
        "p = dp.Pipeline.from_yaml(recipe, deposit=deposit, out=out)\n"
        "release = dp.run(p, workers=2)\n"
        "print(len(release.dataset), len(release.rejected))\n"
    )
    answer = subprocess.run(
        ["unshare", "-rn", sys.executable, "-c", code],
        capture_output=True, text=True, cwd=ROOT, env=env,
    )  # fmt: skip
    if answer.returncode and "unshare" in answer.stderr:
        pytest.skip(f"no network namespace here: {answer.stderr.strip()}")
    assert answer.returncode == 0, answer.stderr
    assert not log.exists(), log.read_text()
    manifest = json.loads((tmp_path / "o" / "manifest.json").read_text())
    kept, rejected = map(int, answer.stdout.split())
    assert (kept, rejected) == (manifest["documents_out"], sum(manifest["rejected"].values()))
    assert kept >= 45
    assert not any("not installed" in reason for reason in manifest["rejected"])
