"""``kill -9`` at any moment, then a second run: the same bytes, nothing left running."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from test_run import digests, make_deposit

ROOT = Path(__file__).parent.parent


def _run(deposit: Path, out: Path, workers: int) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-m", "datapartnerships", "run", str(deposit), "--out", str(out),
         "--workers", str(workers), "--quiet", "--recipe", str(ROOT / "tests" / "kill.yaml")],
        cwd=ROOT,
        stderr=subprocess.PIPE,
    )  # fmt: skip


def _children(pid: int) -> list[int]:
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                fields = (entry / "stat").read_text().rsplit(")", 1)[1].split()
            except OSError:
                continue
            if int(fields[1]) == pid:
                found.append(int(entry.name))
    return found


def _alive(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0]
    except OSError:
        return False
    return state != "Z"


def _survives(tmp_path: Path, kills: int, seed: int) -> int:
    """Kill a run `kills` times, each at another moment, letting it finish in between."""
    deposit = make_deposit(tmp_path / "in", files=12, rows=150)
    reference = tmp_path / "reference"
    started = time.monotonic()
    with _run(deposit, reference, 1) as first:
        assert first.wait() == 0
    whole = time.monotonic() - started
    expected = digests(reference)
    chance = random.Random(seed)
    done, out = 0, tmp_path / "out-0"
    while done < kills:
        process = _run(deposit, out, 1 + done % 2)
        moment = chance.uniform(0.3, whole * 1.1)
        try:
            process.wait(moment)
        except subprocess.TimeoutExpired:
            children = _children(process.pid)
            process.send_signal(signal.SIGKILL)
            process.wait()
            done += 1
            end = time.monotonic() + 10
            while any(map(_alive, children)) and time.monotonic() < end:
                time.sleep(0.02)
            assert not any(map(_alive, children)), "a worker outlived its run"
        else:
            assert process.returncode == 0, process.stderr and process.stderr.read().decode()
            assert digests(out) == expected
            out = tmp_path / f"out-{done}"
        finally:
            if process.stderr:
                process.stderr.close()
    last = _run(deposit, out, 2)
    assert last.wait() == 0, last.stderr and last.stderr.read().decode()
    if last.stderr:
        last.stderr.close()
    assert digests(out) == expected
    assert not [name for name in os.listdir(out) if name.startswith(".")]
    return done


@pytest.mark.skipif(sys.platform != "linux", reason="looks at /proc")
def test_survives_kills(tmp_path: Path) -> None:
    assert _survives(tmp_path, kills=3, seed=1) == 3


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="looks at /proc")
def test_survives_many_kills(tmp_path: Path) -> None:
    assert _survives(tmp_path, kills=40, seed=2) == 40


@pytest.mark.skipif(sys.platform != "linux", reason="looks at /proc")
def test_control_c_ends_workers_and_says_how_to_go_on(tmp_path: Path) -> None:
    deposit = make_deposit(tmp_path / "in", files=40, rows=2000)
    # A shell that starts us in the background lets us, and all whom we start, ignore Ctrl-C.
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        process = _run(deposit, tmp_path / "out", 2)
    finally:
        signal.signal(signal.SIGINT, before)
    try:
        _interrupt(process, tmp_path / "out")
    finally:
        process.kill()
        process.communicate()


def _interrupt(process: subprocess.Popen[bytes], out: Path) -> None:
    end = time.monotonic() + 60
    while not list(out.glob(".work/pass-0/*.json")):
        assert time.monotonic() < end and process.poll() is None
        time.sleep(0.02)
    children = _children(process.pid)
    process.send_signal(signal.SIGINT)
    _, errors = process.communicate(timeout=30)
    assert process.returncode == 130
    assert b"run again to go on" in errors and b"Traceback" not in errors
    time.sleep(0.3)
    assert children and not any(map(_alive, children))
