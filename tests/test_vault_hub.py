"""A vault in a repository on the Hub: the real client, and a Hub on this machine's loopback."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from hub_server import Hub
from test_vault import CANARY

# A process of its own: the client reads HF_ENDPOINT when it is imported.
_DONE = """
import sys
from pathlib import Path
import huggingface_hub
from test_vault import *

folder, log = Path(sys.argv[1]), str(Path(sys.argv[1]) / "log")
api, url = huggingface_hub.HfApi(), "hf://datasets/org/vault"
release = make_release(folder / "release")
vault = dp.Vault(url, keys=folder / "keys.json", log=log)
api.create_repo("org/vault", repo_type="dataset", private=False)
try:
    put(vault, release, POLICY)
except ConfigurationError as error:
    print(error)
api.update_repo_settings("org/vault", repo_type="dataset", private=True)
dp.make_identity(folder / "lab.key")
put(vault, release, POLICY, {"Lab": public(folder / "lab.key")})
reader = dp.open_vault(url, keys=folder / "lab.key", log=log, **READ)
print(vault.releases, sum(batch.num_rows for batch in reader.batches()), vault.verify(NAME))
try:
    dp.open_vault(url, keys=folder / "lab.key", **READ)
except ConfigurationError as error:
    print(error)
vault.erase(NAME)
print(sorted(api.list_repo_files("org/vault", repo_type="dataset"))[1:])
"""


def test_in_a_private_repository(tmp_path: Path) -> None:
    pytest.importorskip("pyrage", reason="pip install 'datapartnerships[private]'")
    with Hub(tmp_path / "hub") as hub:
        unset = {"HF_HUB_OFFLINE", "HF_TOKEN"}
        env = {name: value for name, value in os.environ.items() if name not in unset}
        env |= {
            "HF_ENDPOINT": hub.url,
            "HF_HOME": str(tmp_path / "home"),
            "HF_HUB_DISABLE_XET": "1",
        }
        env["HF_TOKEN"] = str(hub.token)
        here = Path(__file__).parent
        env["PYTHONPATH"] = os.pathsep.join([str(here.parent), str(here)])
        answer = subprocess.run(
            [sys.executable, "-c", _DONE, str(tmp_path)], env=env, capture_output=True, text=True
        )
        assert answer.returncode == 0, answer.stderr
    opened, read, refused, left = answer.stdout.splitlines()
    assert opened.startswith("org/vault is open to anybody")
    assert read == "('ministry/letters@1.0.0',) 120 []"
    assert "Name another folder" in refused
    assert left == "['ministry/letters/1.0.0/ERASED.json']"
    # All that ever lay there, in any revision.
    sent = [path.read_bytes() for path in (tmp_path / "hub").rglob("*") if path.is_file()]
    assert len(sent) > 10 and not any(CANARY.encode() in data for data in sent)
