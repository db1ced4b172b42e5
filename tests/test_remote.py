"""Deposits, outputs and work folders on S3: a store on this machine's loopback."""

from __future__ import annotations

import importlib.util
import urllib.request
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from test_run import make_deposit, make_pipeline

import datapartnerships as dp
from datapartnerships import writers
from datapartnerships.errors import ConfigurationError
from datapartnerships.writers._folder import Folder


@pytest.fixture(scope="module")
def store() -> Iterator[str]:
    """The URL of an empty bucket."""
    for name in ("moto", "s3fs"):
        if importlib.util.find_spec(name) is None:
            pytest.skip(f"{name} is not installed: pip install -e '.[dev]'")
    import s3fs
    from moto.server import ThreadedMotoServer

    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    # What another module left in this process is there, too.
    urllib.request.urlopen(f"http://{host}:{port}/moto-api/reset", data=b"").close()
    settings = {
        "AWS_ENDPOINT_URL": f"http://{host}:{port}",
        "AWS_ACCESS_KEY_ID": "here",
        "AWS_SECRET_ACCESS_KEY": "only",
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_EC2_METADATA_DISABLED": "true",
    }
    with pytest.MonkeyPatch.context() as patch:
        for name, value in settings.items():
            patch.setenv(name, value)
        s3fs.S3FileSystem.clear_instance_cache()
        s3fs.S3FileSystem().mkdir("deposits")
        yield "s3://deposits"
    s3fs.S3FileSystem.clear_instance_cache()
    server.stop()


def _uploaded(folder: Path, url: str) -> str:
    target = Folder(url)
    for file in sorted(folder.iterdir()):
        target.write_text(file.name, file.read_text())
    return url


def _proof(release: dp.Release) -> list[tuple[str, str]]:
    m = release.manifest
    return [(entry.path, entry.sha256) for entry in (*m.files, *m.rejected_files)]


@pytest.mark.parametrize("workers", [1, 2])
def test_from_s3_to_s3_the_same_bytes(tmp_path: Path, store: str, workers: int) -> None:
    local = make_deposit(tmp_path / "in", files=4)
    expected = dp.run(make_pipeline(local, tmp_path / "out"))
    url = f"{store}/{workers}"
    pipeline = make_pipeline(Path("unused"), Path("unused"))
    pipeline = replace(
        pipeline,
        reader=replace(pipeline.reader, path=_uploaded(local, f"{url}/in")),
        writer=writers.ParquetWriter(f"{url}/out"),
    )
    release = dp.run(pipeline, workers=workers, work=f"{url}/work")
    assert _proof(release) == _proof(expected)
    output = Folder(f"{url}/out")
    names = {path.split("/")[0] for path in output.sizes("")}
    assert names == {"audit", "data", "rejected", "manifest.json", "pipeline.yaml", "report.html"}
    with output.system.open(output.at(release.manifest.files[0].path)) as stream:
        assert pq.read_table(stream).num_rows == release.manifest.files[0].rows
    assert dp.run(pipeline) == release  # a finished run is not done twice
    with pytest.raises(ConfigurationError, match="inside the output"):
        dp.run(pipeline, work=f"{url}/out/work")


@pytest.mark.slow
def test_on_ray_from_s3_to_s3_the_same_bytes(tmp_path: Path, store: str) -> None:
    pytest.importorskip("ray", reason="pip install 'datapartnerships[ray]'")
    local = make_deposit(tmp_path / "in", files=4)
    expected = dp.run(make_pipeline(local, tmp_path / "out"), workers=2)
    pipeline = make_pipeline(local, tmp_path)
    pipeline = replace(
        pipeline, reader=replace(pipeline.reader, path=_uploaded(local, f"{store}/ray/in"))
    )
    there = {"out": f"{store}/ray/out", "executor": dp.executors.Ray()}
    with pytest.raises(ConfigurationError, match=r"work=...\) is needed"):
        dp.run(pipeline, **there)
    release = dp.run(pipeline, **there, work=f"{store}/ray/work", workers=2)
    assert _proof(release) == _proof(expected)


def test_a_stopped_run_on_s3_goes_on(
    tmp_path: Path, store: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    local = make_deposit(tmp_path / "in", files=4)
    expected = dp.run(make_pipeline(local, tmp_path / "out"))
    pipeline = replace(
        make_pipeline(local, tmp_path), writer=writers.ParquetWriter(f"{store}/stop/out")
    )
    original, calls = writers.ParquetWriter.write, []

    def failing(self, shard, batches):
        calls.append(shard)
        if len(calls) == 3:
            raise OSError("the line is down")
        return original(self, shard, batches)

    with monkeypatch.context() as patch:
        patch.setattr(writers.ParquetWriter, "write", failing)
        with pytest.raises(OSError, match="the line is down"):
            dp.run(pipeline, work=f"{store}/stop/work")
    assert not Folder(f"{store}/stop/out").exists("manifest.json")
    release = dp.run(pipeline, work=f"{store}/stop/work")
    assert release.report.resumed == 2
    assert _proof(release) == _proof(expected)


def test_what_other_processes_write_is_seen(store: str) -> None:
    folder = Folder(f"{store}/seen")
    folder.write_text("a/first", "1")
    assert folder.sizes("a") == {"a/first": 1} and not folder.exists("a/second")
    # As another process would: past what this one has listed.
    import boto3

    boto3.client("s3").put_object(Bucket="deposits", Key="seen/a/second", Body=b"22")
    assert folder.exists("a/second") and folder.sizes("a") == {"a/first": 1, "a/second": 2}
    assert list(folder.read_all(["a/second", "a/first"])) == [b"22", b"1"]
    assert list(folder.read_all([])) == []
    folder.clear("a")
    assert folder.sizes("a") == {} and not folder.exists("a")
