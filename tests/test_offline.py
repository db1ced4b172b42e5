"""With no network at all everything works, and nothing even tries to reach out."""

from __future__ import annotations

import importlib.util
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


def _offline(tmp_path: Path, code: str) -> str:
    """What `code` prints where there is no network; fails when anything tried to reach out."""
    if not shutil.which("unshare"):
        pytest.skip("unshare is not installed: no network namespace can be made")
    (tmp_path / "sitecustomize.py").write_text(LISTENER)
    log = tmp_path / "reached-out"
    env = {k: v for k, v in os.environ.items() if not k.startswith(("HF_", "DO_NOT_TRACK"))}
    env |= {"PYTHONPATH": str(tmp_path), "REACHED_OUT": str(log), "HF_HOME": str(tmp_path / "hf")}
    answer = subprocess.run(
        ["unshare", "-rn", sys.executable, "-W", "error", "-c", code],
        capture_output=True, text=True, cwd=ROOT, env=env,
    )  # fmt: skip
    if answer.returncode and "unshare" in answer.stderr:
        pytest.skip(f"no network namespace here: {answer.stderr.strip()}")
    assert answer.returncode == 0, answer.stderr
    assert not log.exists(), log.read_text()
    return answer.stdout


def test_nothing_reaches_out(tmp_path: Path, deposit: Path) -> None:
    code = (
        "import datapartnerships as dp, sys\n"
        "from pathlib import Path\n"
        f"recipe = Path({str(ROOT / 'examples' / 'recipe.yaml')!r}).read_text()\n"
        f"deposit, out = {str(deposit)!r}, {str(tmp_path / 'o')!r}\n"
        "p = dp.Pipeline.from_yaml(recipe, deposit=deposit, out=out)\n"
        "release = dp.run(p, workers=2)\n"
        "print(len(release.dataset), len(release.rejected))\n"
    )
    kept, rejected = map(int, _offline(tmp_path, code).split())
    manifest = json.loads((tmp_path / "o" / "manifest.json").read_text())
    assert (kept, rejected) == (manifest["documents_out"], sum(manifest["rejected"].values()))
    assert kept >= 45
    assert not any("not installed" in reason for reason in manifest["rejected"])


@pytest.mark.parametrize(
    "engine", ["faster-whisper", pytest.param("whisperx", marks=pytest.mark.slow)]
)
def test_recordings_are_recognized_with_a_model_on_disk(
    tmp_path: Path, real_data: Path, whisper_tiny: Path, engine: str
) -> None:
    for name in ("av", engine.replace("-", "_")):
        if importlib.util.find_spec(name) is None:
            pytest.skip(f"{name} is not installed: pip install 'datapartnerships[audio]'")
    asr = f"readers.Asr(model={str(whisper_tiny)!r}, engine={engine!r})"
    code = (
        "from datapartnerships import readers\n"
        f"reader = readers.AudioReader({str(real_data / 'audio' / 'jfk.flac')!r}, asr={asr})\n"
        "for shard in reader.shards():\n"
        "    for table in reader.read(shard):\n"
        "        for row in table.to_pylist():\n"
        "            print(row['drop_reason'], *(s['text'] for s in row['segments']))\n"
    )
    printed = _offline(tmp_path, code)
    assert printed.replace(",", "").startswith("None And so my fellow Americans")
