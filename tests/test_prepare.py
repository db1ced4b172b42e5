"""A release folder: complete, readable by others, the same every time, and signed."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import yaml

import datapartnerships as dp
from datapartnerships import detectors as d
from datapartnerships import readers, writers
from datapartnerships import transforms as t
from datapartnerships.errors import ConfigurationError, OutputError
from datapartnerships.kernels.segments import set_column

WAIVERS = [dp.Waiver(g, "A. Keeper", "2026-11-20", "invented") for g in ("residual", "audit")]
KEY = b"a key of thirty-two bytes, fixed"
OTHER = b"another key of thirty-two bytes."
LETTERS = {
    "letters/first.txt": "Dear Ann, the boat came in late and nobody was at the harbor to meet it.",
    "letters/second.txt": "Write to me at ann.kerr@example.org before the ice is gone, she said.",
    "stories/third.txt": "A seal wanted to read, and every evening it swam up to the pier.",
    "stories/fourth.txt": "The clock in the hall had been wrong since the ferry stopped.",
    "stories/copy.txt": "The clock in the hall had been wrong since the ferry stopped.",
    "notes/short.txt": "Gone out.",
}
DEPOSIT = """\
name: pier-letters
organization: The Pier Society
contact: {name: The keeper, email: keeper@pier.example}
description: Letters and stories that were left at a pier.
languages: [en]
track: open
rights: {license: CC0-1.0, basis: declared, holder: The Pier Society, evidence: a letter of 2024}
"""
FILES = {
    "README.md", "croissant.json", "LICENSES.md", "NOTICE", "CITATION.cff", "DATASHEET.md",
    "TRAINING_DATA_SUMMARY.md", "sources.jsonl", "stats.json", "pipeline.yaml", "MANIFEST.json",
    "attestation.intoto.json", "CHANGELOG.md", "TOMBSTONES.jsonl",
}  # fmt: skip


def make_deposit(folder: Path, texts: dict[str, str] = LETTERS) -> Path:
    for name, text in texts.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    (folder / "deposit.yaml").write_text(DEPOSIT)
    return folder


def run(deposit: Path, out: Path, *more: object, **options: object) -> dp.Release:
    steps = [
        t.AssignRights(deposit=str(deposit)),
        *more,
        t.FilterLength(min_characters=20),
        t.Deduplicate(),
        t.DetectPii([d.Contacts()]),
        t.Redact(policy="redact"),
    ]
    pipeline = dp.Pipeline(
        readers.FolderReader(str(deposit)), steps, writers.ParquetWriter(str(out), **options)
    )
    return dp.run(pipeline, key="a key for this test", progress=False)


def prepare(release: dp.Release | Path, path: Path, **options: object) -> dp.ReleaseFolder:
    given = {"version": "1.0.0", "date": "2026-11-22", "key": KEY, "waivers": WAIVERS, **options}
    return dp.prepare(release, path, **given)


@pytest.fixture(scope="module")
def deposit(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_deposit(tmp_path_factory.mktemp("deposit"))


@pytest.fixture(scope="module")
def release(deposit: Path, tmp_path_factory: pytest.TempPathFactory) -> dp.Release:
    return run(deposit, tmp_path_factory.mktemp("run") / "out")


@pytest.fixture
def folder(release: dp.Release, deposit: Path, tmp_path: Path) -> dp.ReleaseFolder:
    # Of its own: some tests change it, and the files of the run are linked.
    own = tmp_path / "run"
    shutil.copytree(release.path, own)
    return prepare(own, tmp_path / "release", deposit=deposit)


def contents(folder: dp.ReleaseFolder | Path) -> dict[str, bytes]:
    root = Path(getattr(folder, "path", folder))
    return {str(p.relative_to(root)): p.read_bytes() for p in root.rglob("*") if p.is_file()}


def test_it_is_complete_and_nothing_else(folder: dp.ReleaseFolder) -> None:
    names = set(contents(folder))
    data = {name for name in names if name.startswith("data/")}
    assert data == {"data/default/train-00000-of-00001.parquet"}
    assert names - data == FILES
    assert {entry.path for entry in folder.manifest.files} == names - {
        "MANIFEST.json",
        "attestation.intoto.json",
    }
    assert folder.problems() == []
    assert dp.ReleaseFolder.open(folder.path) == folder
    assert not [p for p in Path(folder.path).parent.iterdir() if p.name.startswith(".")]


def test_the_same_inputs_give_the_same_bytes(
    release: dp.Release, deposit: Path, tmp_path: Path
) -> None:
    first = prepare(release, tmp_path / "here" / "a", deposit=deposit)
    moved = tmp_path / "elsewhere" / "run"
    shutil.copytree(release.path, moved)
    elsewhere = tmp_path / "another" / "deposit.yaml"
    elsewhere.parent.mkdir()
    elsewhere.write_text(DEPOSIT)
    second = prepare(moved, tmp_path / "there" / "of another name", deposit=elsewhere)
    assert contents(first) == contents(second)


def test_load_dataset_reads_it(folder: dp.ReleaseFolder, tmp_path: Path) -> None:
    import datasets

    found = datasets.load_dataset(folder.path, cache_dir=str(tmp_path / "cache"))
    assert {name: split.num_rows for name, split in found.items()} == {"train": 4}
    assert any("[EMAIL]" in text for text in found["train"]["text"])
    assert not any("ann.kerr" in json.dumps(row) for row in found["train"])


def test_plain_arrow_reads_it(folder: dp.ReleaseFolder) -> None:
    table = pq.read_table(Path(folder.path) / "data" / "default")
    assert table.num_rows == 4
    assert set(table["kind"].to_pylist()) == {"text"}


@pytest.mark.filterwarnings("ignore::DeprecationWarning:rdflib")
@pytest.mark.filterwarnings("ignore::DeprecationWarning:mlcroissant")
def test_croissant_validates_and_its_records_are_read(folder: dp.ReleaseFolder) -> None:
    mlc = pytest.importorskip("mlcroissant")
    dataset = mlc.Dataset(jsonld=f"{folder.path}/croissant.json")
    assert not dataset.metadata.issues.errors
    rows = list(dataset.records("default"))
    table = pq.read_table(Path(folder.path) / "data" / "default")
    texts = sorted(row["default/text"].decode() for row in rows)
    assert texts == sorted(table["text"].to_pylist())


def numbers_of(value: object) -> set[str]:
    """Every number in a JSON value, as people write it."""
    if isinstance(value, dict):
        return set().union(*(numbers_of(v) for v in value.values()), *(digits(k) for k in value))
    if isinstance(value, list):
        return set().union(*map(numbers_of, value))
    if isinstance(value, int | float) and not isinstance(value, bool):
        return {f"{value:,}", str(value)}
    return digits(value) if isinstance(value, str) else set()


def digits(text: str) -> set[str]:
    return set(re.findall(r"\d[\d,.]*\d|\d", text))


def test_every_number_of_the_card_is_one_of_the_manifest_or_the_stats(
    folder: dp.ReleaseFolder,
) -> None:
    files = contents(folder)
    card = files["README.md"].decode()
    _, head, body = card.split("---\n", 2)
    stats = json.loads(files["stats.json"])
    manifest = json.loads(files["MANIFEST.json"])
    known = numbers_of(stats) | numbers_of(manifest) | digits(files["pipeline.yaml"].decode())
    known |= {str(i) for i in range(1, 7)}  # the steps
    known |= {"256", "25519", "16", "100", "95"}  # SHA-256, Ed25519, 16 kHz, 100 %, 95 %
    total = stats["run"]["documents_in"]
    known |= {f"{100 * n / total:.1f}" for n in stats["run"]["rejected"].values()}
    size = sum(e["size"] for e in manifest["files"] if e["path"].startswith("data/"))
    known |= {f"{size / 1000:,.1f}", manifest["date"][:4], "00000", "00001"}
    known |= {str(sum(sum(n.values()) for n in stats["run"]["redacted"].values()))}
    known |= {str(sum(stats["run"]["rejected"].values()))}
    said = re.sub(r"`[0-9a-f]{64}`|^```bibtex.*", "", body, flags=re.DOTALL | re.MULTILINE)
    assert digits(said) - known == set()
    info = yaml.safe_load(head)["dataset_info"][0]
    table = pq.read_table(Path(folder.path) / "data")
    assert [s["num_examples"] for s in info["splits"]] == [table.num_rows]
    assert info["download_size"] == size


def test_the_stats_are_those_of_the_rows(folder: dp.ReleaseFolder) -> None:
    stats = json.loads(contents(folder)["stats.json"])
    rows = pq.read_table(Path(folder.path) / "data").to_pylist()
    data = stats["data"]
    assert data["rows"] == data["documents"] == len(rows) == 4
    assert data["characters"] == sum(len(row["text"]) for row in rows)
    assert data["words"] == sum(len(row["text"].split()) for row in rows)
    assert data["segments"] == sum(len(row["segments"]) for row in rows)
    assert data["kinds"]["text"]["rows"] == 4
    run = stats["run"]
    assert run["documents_in"] == 6 == run["documents_out"] + sum(run["rejected"].values())
    assert run["rejected"]["Deduplicate: exact duplicate"] == 1
    assert run["redacted"] == {"EMAIL": {"redact": 1}}


def test_what_redact_took_out_stays_out(folder: dp.ReleaseFolder) -> None:
    lines = [json.loads(x) for x in contents(folder)["sources.jsonl"].decode().splitlines()]
    by_uri = {line["uri"]: line for line in lines}
    assert len(lines) == 4
    assert by_uri["letters/second.txt"]["sha256"] is None
    assert len(by_uri["letters/first.txt"]["sha256"]) == 64
    whole = b"".join(contents(folder).values())
    assert b"ann.kerr" not in whole
    assert str(Path(folder.path).parent).encode() not in whole


def test_every_change_is_named(folder: dp.ReleaseFolder) -> None:
    assert dp.verify_release(folder.path).passed
    root = Path(folder.path)
    for name in sorted(contents(folder)):
        path = root / name
        before = path.read_bytes()
        path.unlink()
        path.write_bytes(before + b" ")
        if name != "MANIFEST.json":
            found = dp.verify_release(folder.path)
            assert found.passed is (name == "attestation.intoto.json")  # white space after JSON
            assert found.passed or name in str(found)
        path.write_bytes(before)
    manifest = root / "MANIFEST.json"
    forged = json.loads(manifest.read_text())
    kept = manifest.read_text()
    forged["rejected"] = {}
    manifest.write_text(json.dumps(forged))
    assert "MANIFEST.json: its digest is not the one that was signed" in str(
        dp.verify_release(folder.path)
    )
    manifest.write_text(kept)
    (root / "data" / "default" / "more.parquet").write_bytes(b"PAR1")
    assert "more.parquet: is in the folder and not in the manifest" in str(
        dp.verify_release(folder.path)
    )
    (root / "data" / "default" / "more.parquet").unlink()
    (root / "NOTICE").unlink()
    assert "NOTICE: is in the manifest and not in the folder" in str(dp.verify_release(folder.path))


def test_a_forged_folder_that_is_signed_again_has_another_key(
    release: dp.Release, deposit: Path, folder: dp.ReleaseFolder, tmp_path: Path
) -> None:
    from datapartnerships.release.attestation import public_key

    forged = prepare(release, tmp_path / "forged", deposit=deposit, key=OTHER)
    assert dp.verify_release(forged.path).passed  # as it was signed; it is not said by whom
    for given in (public_key(KEY), dp.verify_release(folder.path).key):
        assert "not by" in str(dp.verify_release(forged.path, given))
        assert dp.verify_release(folder.path, given).pinned
        assert dp.verify_release(folder.path, given).passed
    envelope = tmp_path / "forged" / "attestation.intoto.json"
    envelope.write_text(contents(folder)["attestation.intoto.json"].decode())
    assert not dp.verify_release(forged.path).passed
    envelope.unlink()
    assert "attestation.intoto.json: is not there" in str(dp.verify_release(forged.path))


def test_a_signature_of_something_else_is_no_signature(folder: dp.ReleaseFolder) -> None:
    import base64

    path = Path(folder.path) / "attestation.intoto.json"
    envelope = json.loads(path.read_text())
    statement = json.loads(base64.b64decode(envelope["payload"]))
    statement["predicate"]["version"] = "9.9.9"
    envelope["payload"] = base64.b64encode(json.dumps(statement).encode()).decode()
    path.write_text(json.dumps(envelope))
    assert "its signature is not that of its key" in str(dp.verify_release(folder.path))


def test_the_statement_is_in_toto_in_dsse(folder: dp.ReleaseFolder) -> None:
    """Verified here by nothing of ours but `cryptography`."""
    import base64

    from cryptography.hazmat.primitives.serialization import load_pem_public_key

    envelope = json.loads(contents(folder)["attestation.intoto.json"])
    payload = base64.b64decode(envelope["payload"])
    kind = envelope["payloadType"]
    message = f"DSSEv1 {len(kind)} {kind} {len(payload)} ".encode() + payload
    statement = json.loads(payload)
    key = load_pem_public_key(statement["predicate"]["publicKey"].encode())
    key.verify(base64.b64decode(envelope["signatures"][0]["sig"]), message)  # type: ignore[union-attr, call-arg]
    assert statement["_type"] == "https://in-toto.io/Statement/v1"
    assert {item["name"] for item in statement["subject"]} == set(contents(folder)) - {
        "attestation.intoto.json"
    }


def test_a_key_is_made_once_and_only_its_owner_reads_it(
    release: dp.Release, deposit: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.delenv("DATAPARTNERSHIPS_SIGNING_KEY", raising=False)
    keys = {
        dp.verify_release(prepare(release, tmp_path / name, deposit=deposit, key=None).path).key
        for name in ("one", "two")
    }
    assert len(keys) == 1
    made = tmp_path / "config" / "datapartnerships" / "signing.pem"
    assert made.stat().st_mode & 0o777 == 0o600
    with pytest.raises(ConfigurationError, match="no private key"):
        prepare(release, tmp_path / "three", deposit=deposit, key=b"too short")
    assert not (tmp_path / "three").exists()


def withdrawn(folder: dp.ReleaseFolder, tombstone: str) -> None:
    """The folder as it is once something was withdrawn from it."""
    import dataclasses

    from datapartnerships.release.attestation import attest
    from datapartnerships.writers._folder import Folder

    root = Path(folder.path)
    (root / "TOMBSTONES.jsonl").write_text(tombstone)
    entry = Folder(folder.path).entry("TOMBSTONES.jsonl", 0)
    files = tuple(entry if e.path == entry.path else e for e in folder.manifest.files)
    manifest = dataclasses.replace(folder.manifest, files=files)
    (root / "MANIFEST.json").write_text(manifest.to_json())
    (root / "attestation.intoto.json").write_text(attest(manifest, manifest.to_json(), KEY))


def test_a_version_says_what_changed_since_the_one_before(
    deposit: Path, release: dp.Release, folder: dp.ReleaseFolder, tmp_path: Path
) -> None:
    tombstone = (
        '{"id": "x", "digest": null, "reason_class": "error", "version": "1.0.0", '
        '"date": "2026-11-22"}\n'
    )
    withdrawn(folder, tombstone)
    texts = {k: v for k, v in LETTERS.items() if k != "stories/third.txt"}
    texts["letters/first.txt"] += " It left again at once."
    texts["letters/new.txt"] = "A new letter came, from a town that nobody here has heard of."
    later = tmp_path / "later" / deposit.name  # the name of a deposit is in every id
    made = run(make_deposit(later, texts), tmp_path / "out2")
    second = prepare(
        made, tmp_path / "second", deposit=later, version="1.1.0", previous=folder.path
    )
    log = contents(second)["CHANGELOG.md"].decode()
    assert "Against 1.0.0: 4 documents, of which 2 are as they were." in log
    assert re.search(r"Added: 1 \(`[0-9a-f]{32}`\)", log)
    assert re.search(r"Changed: 1 \(`[0-9a-f]{32}`\)", log)
    assert re.search(r"No longer there: 1 \(`[0-9a-f]{32}`\)", log)
    assert log.index("## 1.1.0") < log.index("## 1.0.0 - 2026-11-22")
    assert contents(second)["TOMBSTONES.jsonl"].decode() == tombstone
    assert len(second.manifest.previous or "") == 64
    (Path(folder.path) / "TOMBSTONES.jsonl").write_text("")
    with pytest.raises(OutputError, match="is not the release it was"):
        prepare(made, tmp_path / "third", deposit=later, version="1.1.0", previous=folder.path)


def test_a_subset_of_each_license(tmp_path: Path) -> None:
    import datasets

    deposit = make_deposit(tmp_path / "deposit")
    letters = "overrides: [{path: letters/, license: CC-BY-4.0, basis: declared, holder: Ann}]\n"
    (deposit / "deposit.yaml").write_text(DEPOSIT + letters)
    made = run(deposit, tmp_path / "out", dealt)
    folder = prepare(made, tmp_path / "apart", deposit=deposit, subsets_by="license")
    assert sorted(p.name for p in (tmp_path / "apart" / "data").iterdir()) == [
        "cc-by-4.0",
        "cc0-1.0",
    ]
    card = yaml.safe_load(contents(folder)["README.md"].decode().split("---\n")[1])
    assert (card["license"], card["license_name"]) == ("other", "mixed-see-licenses-md")
    total = 0
    for name, license in (("cc-by-4.0", "CC-BY-4.0"), ("cc0-1.0", "CC0-1.0")):
        found = datasets.load_dataset(folder.path, name, cache_dir=str(tmp_path / "cache"))
        assert isinstance(found, datasets.DatasetDict)
        for split in found.values():
            assert {row["license"] for row in split["rights"]} == {license}
            total += split.num_rows
        assert set(found) == {"train", "test"}
    assert total == 4
    whole = prepare(made, tmp_path / "whole", deposit=deposit)
    both = datasets.load_dataset(whole.path, cache_dir=str(tmp_path / "cache"))
    assert {name: split.num_rows for name, split in both.items()} == {"train": 2, "test": 2}
    assert dp.verify_release(folder.path).passed


@dp.batch(requires=("provenance",), provides=("split",))
def dealt(batch: pa.Table) -> pa.Table:
    """What has an i in its name is for tests."""
    uris = [row["uri"] for row in batch["provenance"].to_pylist()]
    split = ["test" if "i" in uri.split("/")[1] else "train" for uri in uris]
    return set_column(batch, "split", pa.array(split))
