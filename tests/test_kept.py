"""Tables that are made once a machine."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from datapartnerships import _kept


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    return tmp_path / "datapartnerships"


def made() -> _kept.Arrays:
    return {"one": np.arange(100_000), "two": np.eye(3, dtype=np.float32)}


def never() -> _kept.Arrays:
    raise AssertionError("made again")


def same(found: _kept.Arrays) -> None:
    for name, array in made().items():
        assert type(found[name]) is np.ndarray
        assert not found[name].flags.writeable
        np.testing.assert_array_equal(found[name], array)


def test_made_once_and_read_by_all_others() -> None:
    same(_kept.kept("a-1", ("one", "two"), made))
    same(_kept.kept("a-1", ("one", "two"), never))
    with pytest.raises(AssertionError, match="made again"):
        _kept.kept("a-2", ("one", "two"), never)


def test_what_is_broken_is_made_again(cache: Path) -> None:
    _kept.kept("a-1", ("one", "two"), made)
    (cache / "a-1" / "one.npy").write_bytes(b"\x93NUMPY cut short")
    (cache / "a-1" / "two.npy").unlink()
    same(_kept.kept("a-1", ("one", "two"), made))
    same(_kept.kept("a-1", ("one", "two"), never))
    assert [path.name for path in cache.iterdir()] == ["a-1"]


def test_where_nothing_can_be_kept(cache: Path) -> None:
    cache.write_text("a file, where a folder should be")
    for _ in range(2):
        same(_kept.kept("a-1", ("one", "two"), made))
    with pytest.raises(AssertionError, match="made again"):
        _kept.kept("a-1", ("one", "two"), never)
