"""A vault on S3: a store on this machine's loopback."""

from __future__ import annotations

import threading
from pathlib import Path

import pyarrow as pa
import pytest
from test_remote import store  # noqa: F401
from test_vault import CANARY, POLICY, READ, make_release, public, put

import datapartnerships as dp
from datapartnerships.errors import ConfigurationError, ReleaseErased, TamperedFile
from datapartnerships.release._access_log import AccessLog
from datapartnerships.writers._folder import Folder

NAME = "ministry/letters@1.0.0"


@pytest.mark.parametrize("cipher", ["parquet", "age"])
def test_on_s3(tmp_path: Path, store: str, cipher: str) -> None:  # noqa: F811
    made = make_release(tmp_path / "release")
    assert isinstance(made, dp.PrivateFolder)
    dp.make_identity(tmp_path / "lab.key")
    url = f"{store}/vault-{cipher}"
    vault = dp.Vault(url, keys=tmp_path / "keys.json")
    recipients = {"Lab": public(tmp_path / "lab.key")}
    put(vault, made, POLICY, recipients, cipher)
    there = Folder(url)
    for data in there.read_all(sorted(there.sizes(""))):
        assert CANARY.encode() not in data and b"0-0001" not in data
    reader = dp.open_vault(url, keys=tmp_path / "lab.key", **READ)
    rows = pa.Table.from_batches(reader.batches())
    assert rows.num_rows == 120 and rows["text"][0].as_py().endswith("file 0.")
    assert next(iter(reader.dataset))["id"] == "0-0000"
    assert vault.verify(NAME) == [] and vault.verify_log().entries == 5
    (path,) = [file.stored for file in reader.entry.manifest.files if "00001-of" in file.path]
    place = there.at(f"ministry/letters/1.0.0/{path}")
    whole = there.system.cat_file(place)
    there.system.pipe_file(place, whole[:-1] + bytes([whole[-1] ^ 1]))
    with pytest.raises(TamperedFile):
        list(reader.batches())
    vault.erase(NAME)
    with pytest.raises(ReleaseErased):
        list(reader.batches())


def test_readers_at_once_make_one_chain_on_s3(store: str) -> None:  # noqa: F811
    log = AccessLog(f"{store}/log")

    def write(name: int) -> None:
        for turn in range(4):
            log.append(event="open", party=str(name), turn=turn)

    threads = [threading.Thread(target=write, args=(name,)) for name in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert log.verify() and log.verify().entries == 16
    folder = Folder(f"{store}/log")
    folder.write_text("000000007.jsonl", folder.read_text("000000006.jsonl"))
    assert log.verify().problem.startswith("line 7 (000000007.jsonl)")


def test_a_store_that_may_lose_an_entry_is_refused() -> None:
    with pytest.raises(ConfigurationError, match="Name another folder"):
        AccessLog("memory://vault/log").append(event="open")
