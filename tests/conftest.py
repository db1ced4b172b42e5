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
    DATAPARTNERSHIPS_KEY="a key for tests, nowhere else",
)

from pathlib import Path  # noqa: E402

import pytest  # noqa: E402

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
