"""On Ray: the bytes of any other executor, whatever dies."""

from __future__ import annotations

import contextlib
import hashlib
import importlib.util
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from test_run import digests, make_deposit, make_pipeline

import datapartnerships as dp
from datapartnerships import writers
from datapartnerships.errors import (
    ConfigurationError,
    InvalidParameter,
    MissingExtra,
    OutputError,
    WorkerError,
)
from datapartnerships.executors import Ray
from datapartnerships.executors._stage import Stage
from datapartnerships.executors.ray import _check_seen
from datapartnerships.kernels.segments import finished
from datapartnerships.protocols import Fit

ROOT = Path(__file__).parent.parent
needs_ray = pytest.mark.skipif(
    importlib.util.find_spec("ray") is None,
    reason="ray is not installed: pip install 'datapartnerships[ray]'",
)


@pytest.fixture(scope="module")
def ray() -> Iterator[None]:
    """A Ray of this machine for all runs of these tests: it takes seconds to start."""
    from datapartnerships._backends.ray import Session

    session = Session(None, 2)
    yield
    session.close()


@needs_ray
def test_a_killed_worker_changes_nothing_and_what_was_done_is_not_done_again(
    tmp_path: Path, ray: None
) -> None:
    deposit, mark = make_deposit(tmp_path / "in", files=3), tmp_path / "mark"
    place = str(mark)

    @dp.text
    def dies(text: str) -> str:
        """As by the system when memory ends: in the midst of a shard, once."""
        if "row 7:" in text and not os.path.exists(place):
            Path(place).write_text(str(os.getpid()))
            os.kill(os.getpid(), signal.SIGKILL)
        return text

    base = make_pipeline(deposit, tmp_path / "out")
    pipeline = replace(base, transforms=(dies, *base.transforms))
    whole = replace(pipeline, writer=writers.ParquetWriter(str(tmp_path / "processes")))
    mark.write_text("not yet")
    dp.run(whole, workers=2)
    mark.unlink()
    work = tmp_path / "work"
    first = dp.run(pipeline, executor=Ray(), work=str(work))
    assert int(mark.read_text()) != os.getpid()
    assert digests(tmp_path / "out") == digests(tmp_path / "processes")
    assert first.report.workers == 2 and first.report.resumed == 0
    shutil.rmtree(tmp_path / "out")
    before = {path: path.stat().st_mtime_ns for path in work.rglob("*.json")}
    again = dp.run(pipeline, executor=Ray(), work=str(work))
    assert again.report.resumed == again.report.shards > 5
    assert {path: path.stat().st_mtime_ns for path in work.rglob("*.json")} == before
    assert digests(tmp_path / "out") == digests(tmp_path / "processes")


def _digest(rows: list[dict[str, Any]]) -> str:
    assert len(rows) == 450 and rows[0]["text"] and "drop_reason" not in rows[0]
    ordered = [{name: row[name] for name in sorted(row)} for row in rows]
    return hashlib.sha256(json.dumps(ordered, default=str).encode()).hexdigest()


@needs_ray
@pytest.mark.filterwarnings("ignore:`use_[a-z_0-9]+` is deprecated:DeprecationWarning")
def test_one_pipeline_gives_the_same_documents_wherever_it_runs(tmp_path: Path, ray: None) -> None:
    import datasets
    from ray import data as ray_data
    from ray import get

    pipeline = make_pipeline(make_deposit(tmp_path / "in", files=3), tmp_path / "out")
    runs = {"serial": {}, "processes": {"workers": 2}, "ray": {"executor": Ray()}}
    expected = set()
    for name, how in runs.items():
        expected.add(_digest(dp.run(pipeline, out=str(tmp_path / name), **how).dataset.to_list()))
    (digest,) = expected

    raw = dp.run(replace(pipeline, transforms=()), out=str(tmp_path / "raw")).dataset
    steps = []
    arrow = raw.with_format("arrow")
    for step in pipeline.transforms:
        transform = step.combine([step.sketch(arrow.iter(100))]) if isinstance(step, Fit) else step
        arrow = arrow.map(transform, batched=True, batch_size=100)
        steps.append(transform)

    def not_rejected(batch: pa.Table) -> pa.Table:
        return batch.filter(batch["drop_reason"].is_null())

    def kept(rows: datasets.Dataset | datasets.IterableDataset) -> str:
        # As tables all the way: of rows a stream guesses the types, batch by batch.
        rows = rows.with_format("arrow").map(not_rejected, batched=True, batch_size=64)
        rows = rows.map(finished, batched=True, batch_size=64)
        return _digest(list(rows.with_format(None)))

    assert kept(arrow) == digest
    stream = raw.to_iterable_dataset().with_format("arrow")
    data = ray_data.from_arrow(raw.with_format("arrow")[:])
    for transform in steps:
        stream = stream.map(transform, batched=True, batch_size=70)
        data = data.map_batches(transform, batch_format="pyarrow", batch_size=90)
    assert kept(stream) == digest
    table = pa.concat_tables(map(get, data.to_arrow_refs()))
    assert kept(datasets.Dataset(table)) == digest


def test_wrong_arguments(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pipeline = make_pipeline(make_deposit(tmp_path / "in", files=1), tmp_path / "out")
    with pytest.raises(InvalidParameter, match="tries"):
        Ray(tries=0)
    with pytest.raises(InvalidParameter, match="processors"):
        Ray(processors=0)
    with pytest.raises(InvalidParameter, match="gpus"):
        Ray(gpus=-1)
    with pytest.raises(InvalidParameter, match="executor"):
        dp.run(pipeline, executor="cluster")
    with pytest.raises(ConfigurationError, match=r"work=...\) is needed"):
        dp.run(pipeline, executor=Ray(), out="s3://nobody/out")
    with pytest.raises(ConfigurationError, match="one process only"):
        dp.run(pipeline, executor=Ray(), out="memory://out")
    monkeypatch.setitem(sys.modules, "ray", None)
    monkeypatch.delitem(sys.modules, "datapartnerships._backends.ray", raising=False)
    with pytest.raises(MissingExtra, match=r"executors.Ray needs 'ray'.*datapartnerships\[ray\]"):
        dp.run(pipeline, executor=Ray())
    assert not (tmp_path / "out").exists()


def test_a_disk_of_its_own_is_noticed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What another machine says it did, and this one does not find."""
    from datapartnerships.executors import ray as module

    made: list[Any] = []
    monkeypatch.setattr(module, "_SEEN_SECONDS", 0.2)
    original = Stage.run
    monkeypatch.setattr(
        Stage, "run", lambda *given: made.append((given[0], original(*given))) or made[-1][1]
    )
    work = tmp_path / "work"
    dp.run(make_pipeline(make_deposit(tmp_path / "in", files=1), tmp_path / "out"), work=str(work))
    stage, receipt = made[0]
    _check_seen(stage, replace(receipt, files=(), rejected_files=()))
    with pytest.raises(OutputError, match="folders that all machines share"):
        _check_seen(stage, replace(receipt, shard="elsewhere"))
    assert receipt.rejected_files  # in their place by now, so that the part is not found
    shutil.rmtree(work / "parts")
    with pytest.raises(OutputError, match="folders that all machines share"):
        _check_seen(stage, receipt)


def test_the_executor_is_a_value_and_loads_nothing() -> None:
    assert Ray(gpus=0.5) == Ray(gpus=0.5) != Ray()
    code = (
        "import sys, datapartnerships as dp\n"
        "dp.executors.Ray(address='auto', memory_bytes=4 << 30)\n"
        "print(sorted({'ray', 'unittest.mock'} & set(sys.modules)))"
    )
    answer = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT
    )
    assert answer.stdout.strip() == "[]"


@needs_ray
@pytest.mark.slow
def test_what_fails_in_a_task_fails_the_run_as_it_is(tmp_path: Path, ray: None) -> None:
    class Broken(writers.ParquetWriter):
        def write(self, shard, batches):
            raise OSError(28, "No space left on device")

    from ray import nodes

    assert {node["NodeManagerAddress"] for node in nodes()} == {"127.0.0.1"}
    deposit = make_deposit(tmp_path / "in", files=2, rows=20)
    base = make_pipeline(deposit, tmp_path / "out")
    with pytest.raises(OSError, match="No space left") as caught:
        dp.run(replace(base, writer=Broken(str(tmp_path / "out"))), executor=Ray())
    assert "In a task on the cluster" in "".join(caught.value.__notes__)

    @dp.text
    def crash(text: str) -> str:
        os.abort()

    pipeline = replace(base, transforms=(crash,))
    with pytest.raises(WorkerError, match=r"died 2 times.*\.jsonl"):
        dp.run(pipeline, executor=Ray(tries=2))
    assert not (tmp_path / "out" / "manifest.json").exists()


@needs_ray
@pytest.mark.slow
def test_other_versions_on_a_machine_end_the_run(
    tmp_path: Path, ray: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    from datapartnerships.executors import ray as module

    monkeypatch.setattr(module, "versions", lambda: {"pyarrow": "1.0"})
    pipeline = make_pipeline(make_deposit(tmp_path / "in", files=1), tmp_path / "out")
    with pytest.raises(WorkerError, match=r"other versions.*'pyarrow': \('1.0', "):
        dp.run(pipeline, executor=Ray())


SCRIPT = """
import os, sys, time
import datapartnerships as dp
from datapartnerships import readers, transforms as t, writers

@dp.text
def shout(text: str) -> str:
    time.sleep(float(sys.argv[3]))
    return text.upper() + suffix

suffix = " (of a notebook)"
pipeline = dp.Pipeline(
    readers.JsonlReader(sys.argv[1], shard_bytes=2000),
    [shout, t.Deduplicate()],
    writers.ParquetWriter(sys.argv[2]),
)
executor = dp.executors.Ray() if sys.argv[4] == "ray" else None
print(dp.run(pipeline, workers=2, executor=executor))
"""


@pytest.fixture
def short() -> Iterator[Path]:
    """A folder for temporary files whose name leaves room for those of sockets."""
    with tempfile.TemporaryDirectory(dir="/tmp") as folder:
        yield Path(folder)


def _script(tmp_path: Path, out: str, pause: float, how: str, short: Path) -> Any:
    script = tmp_path / "notebook.py"
    script.write_text(SCRIPT.replace("sys.argv[3]", str(pause)).replace("sys.argv[4]", repr(how)))
    return subprocess.Popen(
        [sys.executable, "-W", "error", str(script), str(tmp_path / "in"), str(tmp_path / out)],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT), "TMPDIR": str(short)},
        stderr=subprocess.PIPE,
    )


def _left(short: Path) -> bool:
    """Whether any process is left that was started with this folder, after a while."""
    end = time.monotonic() + 20
    while time.monotonic() < end:
        found = False
        for folder in Path("/proc").glob("[0-9]*"):
            with contextlib.suppress(OSError):
                found |= f"TMPDIR={short}\0".encode() in (folder / "environ").read_bytes()
        if not found:
            return False
        time.sleep(0.1)
    return True


@needs_ray
@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="looks at /proc")
def test_what_is_defined_in_a_script_runs_on_a_ray_of_its_own(tmp_path: Path, short: Path) -> None:
    make_deposit(tmp_path / "in", files=2, rows=50)
    for how in ("ray", "processes"):
        process = _script(tmp_path, how, 0, how, short)
        _, errors = process.communicate(timeout=300)
        assert process.returncode == 0, errors.decode()
    assert digests(tmp_path / "ray") == digests(tmp_path / "processes")
    assert not _left(short) and not list(short.glob("dp-ray-*"))


@needs_ray
@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="looks at /proc")
def test_control_c_ends_the_tasks_and_the_next_run_goes_on(tmp_path: Path, short: Path) -> None:
    make_deposit(tmp_path / "in", files=2, rows=50)
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        process = _script(tmp_path, "out", 0.02, "ray", short)
    finally:
        signal.signal(signal.SIGINT, before)
    end = time.monotonic() + 200
    while not list((tmp_path / "out").glob(".work/pass-0/*.json")):
        assert time.monotonic() < end and process.poll() is None
        time.sleep(0.05)
    process.send_signal(signal.SIGINT)
    _, errors = process.communicate(timeout=60)
    assert process.returncode == -signal.SIGINT, errors.decode()
    assert b"KeyboardInterrupt" in errors
    assert not _left(short) and not list(short.glob("dp-ray-*"))
    for how in ("out", "whole"):
        process = _script(tmp_path, how, 0, "processes", short)
        _, errors = process.communicate(timeout=300)
        assert process.returncode == 0, errors.decode()
    assert digests(tmp_path / "out") == digests(tmp_path / "whole")


MACHINES = """
import os, sys, threading, time
# Machines of this one, heard on its loopback only.
os.environ |= {"RAY_USAGE_STATS_ENABLED": "0", "RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER": "0"}
import datapartnerships as dp
from datapartnerships import readers, transforms as t, writers

@dp.text
def slow(text: str) -> str:
    time.sleep(0.01)
    return text.upper()

source, out, how = sys.argv[1:]
pipeline = dp.Pipeline(
    readers.JsonlReader(source, shard_bytes=2000),
    [slow, t.Deduplicate()],
    writers.ParquetWriter(out),
)
if how == "processes":
    dp.run(pipeline, workers=2)
    sys.exit()

from ray.cluster_utils import Cluster

cluster = Cluster(initialize_head=True, head_node_args={"num_cpus": 1})
second = cluster.add_node(num_cpus=1)

def lose():
    folder = out + "/.work/pass-0"
    while not os.path.isdir(folder) or len(os.listdir(folder)) < 12:
        time.sleep(0.02)
    second.kill_raylet()
    print("lost", flush=True)

thread = threading.Thread(target=lose)
thread.start()
release = dp.run(pipeline, executor=dp.executors.Ray(address=cluster.address))
thread.join()
print(release.report.workers, "workers")
cluster.shutdown()
"""


@needs_ray
@pytest.mark.slow
def test_a_machine_that_is_lost_changes_nothing(tmp_path: Path) -> None:
    make_deposit(tmp_path / "in", files=2, rows=200)
    script = tmp_path / "machines.py"
    script.write_text(MACHINES)
    for how in ("processes", "ray"):
        answer = subprocess.run(
            [sys.executable, str(script), str(tmp_path / "in"), str(tmp_path / how), how],
            capture_output=True, text=True, cwd=ROOT, env={**os.environ, "PYTHONPATH": str(ROOT)},
        )  # fmt: skip
        assert answer.returncode == 0, answer.stderr
    assert "lost\n" in answer.stdout and "2 workers" in answer.stdout
    assert digests(tmp_path / "ray") == digests(tmp_path / "processes")
