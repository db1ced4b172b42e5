"""A private release: what lies in the vault, who can read it, and what is said when not."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import release_sample as sample

import datapartnerships as dp
from datapartnerships.errors import (
    AccessDenied,
    ConfigurationError,
    GatesShut,
    MissingKey,
    PolicyExpired,
    ReleaseErased,
    TamperedFile,
    UnknownName,
    VaultError,
    WrongKey,
)
from datapartnerships.kernels.segments import finished
from datapartnerships.release._manifest import GateResult, ReleaseManifest
from datapartnerships.schema import Document, Segment, documents_to_table
from datapartnerships.writers._folder import Folder

pytest.importorskip("pyrage", reason="pip install 'datapartnerships[private]'")

CANARY = "heron-4471-Brimdal"
POLICY = dp.AccessPolicy(
    parties=("Lab", "Archive"), purposes=("evaluation",), valid_until="2027-06-30"
)
NAME = "ministry/letters@1.0.0"
READ: dict[str, Any] = {"party": "Lab", "purpose": "evaluation", "date": "2026-12-01"}


def make_release(
    folder: Path, *, rows: int = 60, track: str = "private", gates: tuple[GateResult, ...] = ()
) -> dp.ReleaseFolder:
    """Two data files, uncompressed so that plaintext would show, and a card."""
    (folder / "data").mkdir(parents=True)
    for number in range(2):
        documents = [
            Document(
                f"{number}-{row:04d}",
                "ministry",
                segments=[Segment(f"Row {row} of {CANARY}, file {number}.", page=row)],
                provenance={"sha256": "ab" * 32},
                metadata={"title": f"Title {CANARY}"},
            )
            for row in range(rows)
        ]
        table = finished(documents_to_table(documents))
        name = f"data/train-{number:05d}-of-00002.parquet"
        pq.write_table(table, folder / name, compression="none", row_group_size=25)
    (folder / "README.md").write_text(f"# A card that names {CANARY}\n")
    output, names = Folder(str(folder)), sorted(Folder(str(folder)).sizes(""))
    files = tuple(output.entry(name, rows if "data" in name else 0) for name in names)
    manifest = ReleaseManifest(
        "ministry/letters", "1.0.0", "2026-11-22", track, "r", "f", "d", rows * 2, rows * 2, {},
        files, gates,
    )  # fmt: skip
    output.write_text("MANIFEST.json", manifest.to_json())
    return dp.ReleaseFolder.open(str(folder))


def put(
    vault: dp.Vault,
    release: Any,
    policy: dp.AccessPolicy,
    recipients: Any = (),
    cipher: str = "parquet",
    groups: Any = (),
) -> Any:
    """Past the gates: what is put in most of these tests was not prepared."""
    return vault._put(release, policy, dict(recipients), cipher, dict(groups))


@pytest.fixture
def release(tmp_path: Path) -> dp.PrivateFolder:
    made = make_release(tmp_path / "release")
    assert isinstance(made, dp.PrivateFolder)
    return made


@pytest.fixture
def lab(tmp_path: Path) -> Path:
    """The key of a party."""
    dp.make_identity(tmp_path / "lab.key")
    return tmp_path / "lab.key"


def public(identity: Path) -> str:
    return identity.read_text().split()[3]


@pytest.fixture
def vault(tmp_path: Path) -> dp.Vault:
    return dp.Vault(tmp_path / "vault", keys=tmp_path / "owner" / "keys.json")


def contents(folder: Path | str) -> dict[str, bytes]:
    return {
        str(p.relative_to(folder)): p.read_bytes() for p in Path(folder).rglob("*") if p.is_file()
    }


def holds_canary(folder: Path | str) -> list[str]:
    return [name for name, data in contents(folder).items() if CANARY.encode() in data]


def test_the_release_of_these_tests_has_canaries_that_show(release: dp.PrivateFolder) -> None:
    assert len(holds_canary(release.path)) == 3


@pytest.mark.parametrize("cipher", ["parquet", "age"])
def test_what_is_put_is_read_back(release, vault, lab, cipher) -> None:
    entry = put(vault, release, POLICY, recipients={"Lab": public(lab)}, cipher=cipher)
    assert vault.releases == ("ministry/letters@1.0.0",)
    assert holds_canary(vault.path) == [] and vault.verify("ministry/letters@1.0.0") == []
    found = contents(vault.path)
    assert not any(b"0-0001" in data for data in found.values())  # ids neither
    expected = pa.concat_tables(
        pq.read_table(Path(release.path) / name) for name in ("data/train-00000-of-00002.parquet",
                                                              "data/train-00001-of-00002.parquet")
    )  # fmt: skip
    reader = dp.open_vault(vault.path, keys=lab, **READ)
    rows = pa.Table.from_batches(reader.batches())
    assert rows.equals(expected)
    assert reader.schema == expected.schema
    assert list(reader.dataset) == expected.to_pylist()
    assert next(iter(reader.select(["id"]))) == {"id": "0-0000"}
    with reader.open("README.md") as card:
        assert CANARY in card.read().decode()
    with reader.open("MANIFEST.json") as manifest:
        assert ReleaseManifest.from_json(manifest.read().decode()) == release.manifest
    assert entry.manifest.policy == POLICY
    odrl = json.loads((Path(entry.path) / "policy.odrl.json").read_text())
    assert dp.AccessPolicy.from_odrl(odrl) == POLICY
    assert "files=" not in repr(reader) and "SECRET" not in repr(reader) + repr(vault)
    # Anybody opens it with the key: the owner, too.
    assert next(iter(dp.open_vault(vault.path, keys=vault.keys, **READ).batches())).num_rows == 25


def test_row_groups_pages_and_compression_stay(release, vault) -> None:
    source = Path(release.path) / "data/train-00000-of-00002.parquet"
    pq.write_table(pq.read_table(source), source, compression="zstd", row_group_size=25)
    again = ReleaseManifest.from_json((Path(release.path) / "MANIFEST.json").read_text())
    output = Folder(release.path)
    files = tuple(output.entry(entry.path, entry.rows) for entry in again.files)
    manifest = ReleaseManifest(
        **{**{n: getattr(again, n) for n in again.__slots__}, "files": files}
    )
    output.write_text("MANIFEST.json", manifest.to_json())
    put(vault, dp.PrivateFolder.open(release.path), POLICY)
    reader = dp.open_vault(vault.path, keys=vault.keys, **READ)
    with reader._parquet("data/train-00000-of-00002.parquet") as file:
        assert [file.metadata.row_group(i).num_rows for i in range(3)] == [25, 25, 10]
        chunk = file.metadata.row_group(0).column(0)
        assert chunk.compression == "ZSTD" and chunk.has_offset_index and chunk.has_column_index


def test_no_key_and_wrong_keys(release, vault, lab, tmp_path) -> None:
    put(vault, release, POLICY, recipients={"Lab": public(lab)})
    dp.make_identity(tmp_path / "other.key")
    with pytest.raises(WrongKey, match="another key"):
        dp.open_vault(vault.path, keys=tmp_path / "other.key", **READ)
    with pytest.raises(MissingKey, match="no grant for 'Archive'"):
        dp.open_vault(vault.path, keys=lab, **{**READ, "party": "Archive"})
    with pytest.raises(MissingKey, match="has no keys"):
        dp.open_vault(vault.path, keys=dp.KeyFile(str(tmp_path / "empty.json")), **READ)
    with pytest.raises(MissingKey, match="no such file") as caught:
        dp.open_vault(vault.path, keys="AGE-SECRET-KEY-1-with-a-slip", **READ)
    assert "slip" not in str(caught.value)
    # Plain Parquet tools get nothing, not even the columns.
    with pytest.raises(OSError, match="encrypted metadata"):
        pq.read_schema(
            Path(vault.path) / "ministry/letters/1.0.0/data/train-00000-of-00002.parquet"
        )
    # Another release's keys under the names of this one.
    stolen = dp.KeyFile(str(tmp_path / "stolen.json"))
    stolen.create_keys(["ministry/letters@1.0.0/" + g for g in ("index", "content", "files")])
    with pytest.raises(WrongKey):
        dp.open_vault(vault.path, keys=stolen, **READ)
    refused = [e["why"] for e in vault.access_log.entries() if e["event"] == "refused"]
    assert refused == ["WrongKey", "MissingKey", "MissingKey", "MissingKey", "WrongKey"]


def test_a_passphrase(release, vault) -> None:
    words = dp.Passphrase("seven boats under one roof")
    assert "boats" not in repr(words)
    put(vault, release, POLICY, recipients={"Archive": words})
    read = {**READ, "party": "Archive"}
    assert dp.open_vault(vault.path, keys=words, **read).files
    with pytest.raises(WrongKey):
        dp.open_vault(vault.path, keys=dp.Passphrase("seven boats under no roof"), **read)
    with pytest.raises(ConfigurationError, match="16 characters"):
        dp.Passphrase("short")


def test_the_index_alone_reads_ids_and_no_text(release, vault, lab) -> None:
    put(vault, release, POLICY, groups={"people": ["metadata"]})
    name = "ministry/letters@1.0.0"
    with pytest.raises(UnknownName, match="content"):
        vault.grant(name, "Lab", public(lab), groups=["contents"])
    vault.grant(name, "Lab", public(lab), groups=["index"])
    reader = dp.open_vault(vault.path, keys=lab, **READ)
    ids = pa.Table.from_batches(reader.batches(["id", "kind"]))
    assert ids.num_rows == 120 and ids.column_names == ["id", "kind"]
    with pytest.raises(MissingKey, match=r"no key for the columns .*'text'.*'rights'"):
        next(iter(reader.batches()))
    with pytest.raises(MissingKey), reader.open("README.md"):
        pass
    # Past our own check: Parquet's encryption refuses as well.
    with reader._parquet(reader.data_files[0]) as file:
        with pytest.raises(MissingKey, match="/content"):
            next(file.iter_batches(columns=["text"]))
        with pytest.raises(MissingKey, match="/people"):
            next(file.iter_batches(columns=["metadata"]))
    vault.grant(name, "Lab", public(lab), groups=["content"])  # instead of the former
    reader = dp.open_vault(vault.path, keys=lab, **READ)
    assert next(iter(reader.batches(["id", "text"]))).num_rows == 25
    with pytest.raises(MissingKey, match="metadata"):
        next(iter(reader.batches(["metadata"])))
    assert len(list((Path(vault.path) / "ministry/letters/1.0.0/grants").iterdir())) == 1


def test_the_policy_is_asked_every_time(release, vault, lab) -> None:
    put(vault, release, POLICY, recipients={"Lab": public(lab)})
    with pytest.raises(PolicyExpired, match="ended on 2027-06-30"):
        dp.open_vault(vault.path, keys=lab, **{**READ, "date": "2027-07-01"})
    with pytest.raises(AccessDenied, match="evaluation, not 'pretraining'"):
        dp.open_vault(vault.path, keys=lab, **{**READ, "purpose": "pretraining"})
    with pytest.raises(PermissionError, match="none of the parties"):
        dp.open_vault(vault.path, keys=lab, **{**READ, "party": "Somebody"})
    reader = dp.open_vault(vault.path, keys=lab, **READ)
    object.__setattr__(reader, "date", "2027-07-01")  # the day has come while it is open
    with pytest.raises(PolicyExpired):
        next(iter(reader.batches()))


def test_revoked(release, vault, lab) -> None:
    name = "ministry/letters@1.0.0"
    put(vault, release, POLICY, recipients={"Lab": public(lab), "Archive": public(lab)})
    reader = dp.open_vault(vault.path, keys=lab, **READ)
    grants = Path(vault.path) / "ministry/letters/1.0.0/grants"
    kept = {p.name: p.read_bytes() for p in grants.iterdir()}
    vault.revoke(name, "Lab", date="2026-12-02")
    with pytest.raises(AccessDenied, match="revoked on 2026-12-02"):
        dp.open_vault(vault.path, keys=lab, **READ)
    for copy, data in kept.items():  # it had kept its grant
        (grants / copy).write_bytes(data)
    with pytest.raises(AccessDenied, match="revoked on 2026-12-02"):
        dp.open_vault(vault.path, keys=lab, **READ)
    with pytest.raises(AccessDenied, match="put a new version"):
        vault.grant(name, "Lab", public(lab))
    assert dp.open_vault(vault.path, keys=lab, **{**READ, "party": "Archive"}).files
    assert vault.verify(name) == [] and reader.entry.manifest.revoked == {}


def read_all(vault: dp.Vault, identity: Path) -> None:
    reader = dp.open_vault(vault.path, keys=identity, release="ministry/letters@1.0.0", **READ)
    for path in reader.files:
        if path not in reader.data_files:
            with reader.open(path) as stream:
                stream.read()
    for _ in reader.batches():
        pass


def test_every_flipped_byte_is_found(release, vault, lab) -> None:
    """In every file: its first bytes, its last, and places in between."""
    put(vault, release, POLICY, recipients={"Lab": public(lab)})
    tried = 0
    for name, data in contents(vault.path).items():
        if name.startswith("log/"):
            continue
        last = len(data) - 1
        for at in sorted({0, 4, 9, 50, *(last * i // 6 for i in range(7)), last - 3, last - 30}):
            changed = bytearray(data)
            changed[at % len(data)] ^= (1, 0x80)[tried % 2]
            (Path(vault.path) / name).write_bytes(changed)
            with pytest.raises(TamperedFile):
                read_all(vault, lab)
            tried += 1
            shutil.rmtree(Path(vault.path) / "log")
        (Path(vault.path) / name).write_bytes(data)
    assert tried > 70
    read_all(vault, lab)


def test_a_manifest_written_by_one_without_keys(release, vault, lab) -> None:
    """The policy widened, and the digest made to fit."""
    from datapartnerships.release._vault_manifest import VaultManifest

    put(vault, release, POLICY, recipients={"Lab": public(lab)})
    place = Path(vault.path) / "ministry/letters/1.0.0/vault.json"
    raw = json.loads(place.read_text())
    raw["policy"]["purposes"].append("pretraining")
    parsed = {**raw, "policy": dp.AccessPolicy.from_plain(raw["policy"]), "files": ()}
    place.write_text(VaultManifest(**parsed).sealed(b"not the secret").to_json())
    found = VaultManifest.from_json(place.read_bytes(), "here")
    assert found.policy.purposes[-1] == "pretraining"
    with pytest.raises(TamperedFile, match="not written by a holder of its keys"):
        dp.open_vault(vault.path, keys=lab, **{**READ, "purpose": "pretraining"})


@pytest.mark.parametrize("cipher", ["parquet", "age"])
def test_erased_is_erased(release, vault, lab, tmp_path, cipher) -> None:
    name = "ministry/letters@1.0.0"
    put(vault, release, POLICY, recipients={"Lab": public(lab)}, cipher=cipher)
    shutil.copytree(vault.path, tmp_path / "copy")
    shutil.rmtree(tmp_path / "copy" / "ministry/letters/1.0.0/grants")
    before = Path(vault.keys.path).read_text()
    assert before.count("AGE-SECRET-KEY") == (3 if cipher == "parquet" else 2)
    vault.erase(name, reason="end of the agreement", date="2026-12-24")
    assert "AGE-SECRET-KEY" not in Path(vault.keys.path).read_text()
    assert set(contents(vault.path)) & {"ministry/letters/1.0.0/ERASED.json"}
    assert not any("data/" in path or "grants" in path for path in contents(vault.path))
    with pytest.raises(ReleaseErased, match="erased on 2026-12-24"):
        dp.open_vault(vault.path, keys=lab, release=name, **READ)
    # The copy of the ciphertext that somebody made before: no key of the owner opens it.
    with pytest.raises(MissingKey):
        dp.open_vault(tmp_path / "copy", keys=vault.keys, **READ)
    with pytest.raises(ReleaseErased):
        put(vault, release, POLICY)
    vault.erase(name)  # once more does no harm
    assert [e["event"] for e in vault.access_log.entries()].count("erase") == 2
    assert vault.releases == () and vault.verify_log()


@pytest.mark.parametrize("name", ["../other@1.0.0", "letters@..", "letters", "@1.0.0", "a/../b@1"])
def test_no_name_leads_out_of_the_vault(vault, tmp_path, name) -> None:
    (tmp_path / "other" / "1.0.0").mkdir(parents=True)
    (tmp_path / "other" / "1.0.0" / "vault.json").write_text("kept")
    with pytest.raises(VaultError, match="is no release"):
        vault.erase(name)
    with pytest.raises(VaultError, match="is no release"):
        dp.open_vault(vault.path, keys=vault.keys, release=name, **READ)
    assert (tmp_path / "other" / "1.0.0" / "vault.json").exists()


def test_what_is_no_release_is_not_erased(vault) -> None:
    folder = Path(vault.path) / "notes" / "1"
    folder.mkdir(parents=True)
    (folder / "mine.txt").write_text("kept")
    with pytest.raises(VaultError, match="has no release"):
        vault.erase("notes@1")
    assert (folder / "mine.txt").exists()


def test_a_reader_that_is_open_when_the_release_is_erased(release, vault, lab) -> None:
    put(vault, release, POLICY, recipients={"Lab": public(lab)})
    reader = dp.open_vault(vault.path, keys=lab, **READ)
    vault.erase("ministry/letters@1.0.0")
    with pytest.raises(ReleaseErased):
        next(iter(reader.batches()))


def test_what_does_not_pass_the_gates_is_not_put(tmp_path, vault) -> None:
    made = make_release(tmp_path / "open", track="open")
    assert isinstance(made, dp.OpenFolder)
    with pytest.raises(ConfigurationError, match="a PrivateFolder"):
        vault.put(made, POLICY)
    with pytest.raises(ConfigurationError, match="open track: it is no PrivateFolder"):
        vault.put(made.path, POLICY)
    with pytest.raises(GatesShut, match="attestation"):
        vault.put(make_release(tmp_path / "unsigned"), POLICY, date="2026-11-22")
    with pytest.raises(UnknownName, match="'Lob'"):
        vault.put(make_release(tmp_path / "party"), POLICY, recipients={"Lob": "age1"})
    assert not Path(vault.path).exists()


_AGREEMENT = """\
agreements:
  - {id: LicenseRef-Nets, name: The agreement of the nets, from: 2026-01-01, evidence: binder 4}
"""


def test_from_a_run_to_a_party(tmp_path, vault, lab) -> None:
    """As a partner does it: deposit, run, prepare, put; then the party reads."""
    source = sample.deposit(
        tmp_path / "in", yaml=sample.DEPOSIT.replace("track: open", "track: private") + _AGREEMENT
    )
    run = sample.run(source, tmp_path / "run")
    folder = dp.prepare(
        run, tmp_path / "out", version="1.0.0", date=sample.DAY, deposit=source, track="private",
        audit=sample.audit(run),
    )  # fmt: skip
    assert isinstance(folder, dp.PrivateFolder)
    entry = vault.put(
        folder.path, POLICY, recipients={"Lab": public(lab)}, date=sample.DAY, deposit=source
    )
    reader = dp.open_vault(vault.path, keys=lab, **READ)
    assert [row["text"] for row in reader.dataset] == [row["text"] for row in run.dataset]
    assert reader.schema.names == run.dataset.column_names
    with reader.open("attestation.intoto.json") as proof:
        assert json.load(proof)["payloadType"] == "application/vnd.in-toto+json"
    # None of it may be in an open release.
    ids = vault.ids(entry.manifest.title)
    run = sample.run(sample.deposit(tmp_path / "again"), tmp_path / "run2")
    shut = run.check(date=sample.DAY, deposit=tmp_path / "again", private=ids).shut
    assert "private" in [result.name for result in shut]


def test_put_again_does_nothing_and_another_is_refused(release, vault, tmp_path) -> None:
    put(vault, release, POLICY)
    before = contents(vault.path)
    put(vault, release, POLICY)
    assert contents(vault.path) == before
    dp.make_identity(tmp_path / "lab.key")
    put(vault, release, POLICY, {"Lab": public(tmp_path / "lab.key")})  # granted all the same
    assert dp.open_vault(vault.path, keys=tmp_path / "lab.key", **READ).files
    wider = dp.AccessPolicy(parties=("Lab",), purposes=("evaluation", "pretraining"))
    with pytest.raises(VaultError, match="Put a new version"):
        put(vault, release, wider)


def test_a_stopped_put_goes_on(release, vault, lab, monkeypatch) -> None:
    from datapartnerships.release import _vault_put as module

    original, calls = module._written, []

    def failing(source, path, *others):
        calls.append(path)
        if len(calls) == 3:
            raise OSError(28, "No space left on device")
        return original(source, path, *others)

    with monkeypatch.context() as patch:
        patch.setattr(module, "_written", failing)
        with pytest.raises(OSError, match="No space left"):
            put(vault, release, POLICY)
    assert vault.releases == () and holds_canary(vault.path) == []
    with pytest.raises(VaultError, match="not yet all of it"):
        dp.open_vault(vault.path, keys=vault.keys, release="ministry/letters@1.0.0", **READ)
    done = {p: d for p, d in contents(vault.path).items() if p.endswith((".parquet", ".age"))}
    put(vault, release, POLICY, recipients={"Lab": public(lab)})
    after = contents(vault.path)
    assert done and all(after[path] == data for path, data in done.items())  # not made again
    assert not any("/.work/" in path for path in after)
    assert dp.open_vault(vault.path, keys=lab, **READ).schema.names[0] == "id"


_KILLED = """
import os, signal, sys
import datapartnerships as dp, datapartnerships.release._ciphers, pyarrow.parquet.encryption, pyrage
folder, vault, keys, cipher, at = sys.argv[1:]
release = dp.PrivateFolder.open(folder)
policy = dp.AccessPolicy(parties=("Lab", "Archive"), purposes=("evaluation",))
count = 0
def hear(event, args):
    global count
    if event in ("open", "os.rename", "os.link", "os.remove"):
        count += 1
        if count == int(at):
            os.kill(os.getpid(), signal.SIGKILL)
sys.addaudithook(hear)
dp.Vault(vault, keys=keys)._put(release, policy, {}, cipher, {})
"""


@pytest.mark.slow
@pytest.mark.parametrize("cipher", ["parquet", "age"])
def test_a_put_that_is_killed_anywhere_leaves_no_plaintext_and_goes_on(
    release, tmp_path, cipher
) -> None:
    """Killed before every third opening, renaming or removing of a file."""
    (tmp_path / "tmp").mkdir()
    vault, keys, killed = tmp_path / "killed", tmp_path / "own" / "keys.json", 0
    for at in range(1, 400, 3):
        answer = subprocess.run(
            [sys.executable, "-c", _KILLED, release.path, str(vault), str(keys), cipher, str(at)],
            capture_output=True, text=True, env={**os.environ, "TMPDIR": str(tmp_path / "tmp")},
            cwd=Path(__file__).parent.parent,
        )  # fmt: skip
        assert holds_canary(vault) == [] and holds_canary(tmp_path / "tmp") == []
        if answer.returncode == 0:
            break
        assert answer.returncode == -9, answer.stderr
        killed += 1
        if not dp.Vault(vault).releases:
            with pytest.raises(VaultError):
                dp.open_vault(vault, keys=dp.KeyFile(str(keys)), **READ)
    reader = dp.open_vault(vault, keys=dp.KeyFile(str(keys)), **READ)
    assert killed > 5 and pa.Table.from_batches(reader.batches()).num_rows == 120
    assert dp.Vault(vault).verify_log()


def test_a_service_that_keeps_the_keys(release, tmp_path) -> None:
    class Service:
        """Only wraps and unwraps, as a service does: its keys never leave it."""

        def __init__(self) -> None:
            self.inner = dp.KeyFile(str(tmp_path / "inside.json"))
            self.asked: list[str] = []

        def wrap_key(self, key_bytes: bytes, master_key_identifier: str) -> bytes:
            self.inner.create_keys([master_key_identifier])
            return self.inner.wrap_key(key_bytes, master_key_identifier)

        def unwrap_key(self, wrapped_key: bytes, master_key_identifier: str) -> bytes:
            self.asked.append(master_key_identifier)
            return self.inner.unwrap_key(wrapped_key, master_key_identifier)

    service = Service()
    vault = dp.Vault(tmp_path / "vault", keys=service)
    put(vault, release, POLICY)
    with pytest.raises(ConfigurationError, match="grant the party access there"):
        vault.grant("ministry/letters@1.0.0", "Lab", "age1")
    reader = dp.open_vault(vault.path, keys=service, **READ)
    service.asked.clear()
    assert pa.Table.from_batches(reader.batches(["id"])).num_rows == 120
    assert set(service.asked) == {"ministry/letters@1.0.0/index"}
    # Twice the footer and the column; Arrow asks for every chunk.
    assert len(service.asked) <= 4
    vault.erase("ministry/letters@1.0.0")


def test_a_key_file_that_others_may_read_is_refused(release, vault) -> None:
    put(vault, release, POLICY)
    assert os.stat(vault.keys.path).st_mode & 0o777 == 0o600
    os.chmod(vault.keys.path, 0o640)
    with pytest.raises(ConfigurationError, match="Others may read"):
        dp.open_vault(vault.path, keys=vault.keys, **READ)


def test_a_key_that_was_deleted_is_not_on_the_disk(vault, tmp_path) -> None:
    vault.keys.create_keys(["a@1/index", "b@1/index"])
    os.link(vault.keys.path, tmp_path / "same-bytes-on-the-disk")
    vault.keys.delete_keys("a@1")
    assert set((tmp_path / "same-bytes-on-the-disk").read_bytes()) == {0}
    assert set(vault.keys.held().identities) == {"b@1/index"}


def test_identities_are_private_and_never_lost(lab) -> None:
    assert os.stat(lab).st_mode & 0o777 == 0o600
    with pytest.raises(FileExistsError):
        dp.make_identity(lab)


def test_grants_open_with_the_plain_format(release, vault, lab) -> None:
    """What the party has without us: age for the grant, and for every file that age encrypted."""
    import pyrage

    put(vault, release, POLICY, recipients={"Lab": public(lab)}, cipher="age")
    folder = Path(vault.path) / "ministry/letters/1.0.0"
    (grant,) = (folder / "grants").iterdir()
    identity = pyrage.x25519.Identity.from_str(lab.read_text().split()[-1])
    keys = json.loads(pyrage.decrypt(grant.read_bytes(), [identity]))["keys"]
    assert set(keys) == {"ministry/letters@1.0.0/index", "ministry/letters@1.0.0/files"}


def test_ids_of_private_documents_for_the_gate(release, vault) -> None:
    put(vault, release, POLICY)
    ids = vault.ids("ministry/letters@1.0.0")
    assert len(ids) == 121 and {"0-0000", "1-0059", "ab" * 32} <= ids


# Nothing on disk.

_WATCHED = """
import os, sys, datasets
import datapartnerships as dp
list(datasets.IterableDataset.from_generator(lambda n: iter([{"n": n}]), gen_kwargs={"n": 1}))
opened = []
def hear(event, args):
    if event == "open" and isinstance(args[0], str) and isinstance(args[1], str):
        if set(args[1]) & set("wax+"):
            opened.append(args[0])
    elif event == "open" and isinstance(args[0], str) and isinstance(args[2], int):
        if args[2] & (os.O_WRONLY | os.O_RDWR | os.O_CREAT):
            opened.append(args[0])
sys.addaudithook(hear)
vault, key, places = sys.argv[1], sys.argv[2], sys.argv[3:]
reader = dp.open_vault(vault, party="Lab", purpose="evaluation", date="2026-12-01", keys=key)
found = []
def look():
    for place in places:
        for folder, _, names in os.walk(place):
            for name in names:
                try:
                    data = open(os.path.join(folder, name), "rb").read()
                except OSError:
                    continue
                if b"heron-4471-Brimdal" in data:
                    found.append(os.path.join(folder, name))
seen = 0
for row in reader.dataset:
    assert "heron-4471-Brimdal" in row["text"]
    seen += 1
    if seen % 20 == 0:
        look()
for batch in reader.batches():
    look()
with reader.open("README.md") as stream:
    assert b"heron-4471-Brimdal" in stream.read()
    look()
try:
    for batch in reader.batches():
        raise RuntimeError("the trainer fell over")
except RuntimeError:
    look()
ours = [os.path.relpath(p, vault) for p in opened if ".pyc" not in p and p != os.devnull]
print(seen, found, {p.split(os.sep)[0] for p in ours if not p.endswith(".lock")})
"""


@pytest.mark.parametrize("cipher", ["parquet", "age"])
def test_no_plaintext_on_disk_during_and_after(release, vault, lab, tmp_path, cipher) -> None:
    """A process of its own, so that its temp folder and cache are only its own."""
    put(vault, release, POLICY, recipients={"Lab": public(lab)}, cipher=cipher)
    places = [tmp_path / name for name in ("tmp", "hf", "home")]
    for place in places:
        place.mkdir()
    env = {
        **os.environ,
        "TMPDIR": str(places[0]),
        "HF_HOME": str(places[1]),
        "HOME": str(places[2]),
    }
    env["XDG_CACHE_HOME"] = str(places[2] / "cache")
    answer = subprocess.run(
        [sys.executable, "-c", _WATCHED, vault.path, str(lab), *map(str, places), vault.path],
        capture_output=True, text=True, env=env, cwd=Path(__file__).parent.parent,
    )  # fmt: skip
    assert answer.returncode == 0, answer.stderr
    # All rows; no file with a canary; and nothing was opened for writing but the log (and a lock
    # of `datasets`, which is empty).
    assert answer.stdout.strip() == "120 [] {'log'}"
    for place in (*places, vault.path):
        assert holds_canary(place) == []


# The log.


def test_the_log_says_who_read_what(release, vault, lab) -> None:
    put(vault, release, POLICY, recipients={"Lab": public(lab)})
    reader = dp.open_vault(vault.path, keys=lab, **READ)
    assert pa.Table.from_batches(reader.batches(["id"])).num_rows == 120
    events = [(e["event"], e.get("party"), e.get("columns")) for e in vault.access_log.entries()]
    assert events == [
        ("grant", "Lab", None), ("put", None, None), ("open", "Lab", None), ("read", "Lab", ["id"])
    ]  # fmt: skip
    assert vault.verify_log() and vault.verify_log().entries == 4


def test_what_cannot_be_logged_is_not_read(release, vault, lab) -> None:
    put(vault, release, POLICY, recipients={"Lab": public(lab)})
    with pytest.raises(VaultError, match="nothing is read without an entry"):
        dp.open_vault(vault.path, keys=lab, log="/proc/no-folder-for-a-log", **READ)


def test_the_first_broken_line_is_named(vault) -> None:
    for number in range(6):
        vault.access_log.append(event="open", party=f"Þóra {number}")
    whole = vault.verify_log()
    folder = Path(vault.path) / "log"
    lines = {path: path.read_bytes() for path in sorted(folder.iterdir())}
    for number, (path, data) in enumerate(lines.items(), 1):
        for at in range(len(data)):
            changed = bytearray(data)
            changed[at] ^= (1, 0x80)[at % 2]
            path.write_bytes(changed)
            state = vault.verify_log()
            assert not state and state.problem.startswith(f"line {number} ("), (at, state)
        path.write_bytes(data)
    third = folder / "000000003.jsonl"
    third.unlink()
    assert "line 3 (000000004.jsonl): the entry 000000003" in vault.verify_log().problem
    third.write_bytes(lines[folder / "000000002.jsonl"])
    assert vault.verify_log().problem.startswith("line 3 (")
    third.write_bytes(lines[third])
    assert vault.verify_log() == whole and whole.entries == 6
    # Off the end: the chain is whole, and the head that was noted is gone.
    (folder / "000000006.jsonl").unlink()
    assert vault.verify_log()
    assert "is gone" in vault.verify_log(whole.head).problem


def test_readers_at_once_make_one_chain(vault) -> None:
    def write(name: int) -> None:
        for turn in range(8):
            vault.access_log.append(event="open", party=str(name), turn=turn)

    threads = [threading.Thread(target=write, args=(name,)) for name in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    state = vault.verify_log()
    assert state and state.entries == 48
    seen = [(e["party"], e["turn"]) for e in vault.access_log.entries()]
    assert sorted(seen) == sorted((str(n), t) for n in range(6) for t in range(8))


def test_an_empty_vault_says_so(tmp_path: Path) -> None:
    with pytest.raises(VaultError, match="has no release that can be read"):
        dp.open_vault(
            str(tmp_path / "vault"), party="Lab", purpose="evaluation", keys=str(tmp_path / "key")
        )
