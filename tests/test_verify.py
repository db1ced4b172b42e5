"""A release folder is signed: what changed is named, and who signed it is known."""

from __future__ import annotations

import base64
import json
import random
from pathlib import Path

import pytest
from pier import KEY, OTHER, contents, fixed_folder, fixed_release, fixed_source, prepare  # noqa: F401

import datapartnerships as dp
from datapartnerships._backends.ed25519 import new_key
from datapartnerships.errors import ConfigurationError, DataPartnershipsError


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
    release: dp.Release, source: Path, folder: dp.ReleaseFolder, tmp_path: Path
) -> None:
    from datapartnerships.release.attestation import public_key

    forged = prepare(release, tmp_path / "forged", deposit=source, key=OTHER)
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

    path = Path(folder.path) / "attestation.intoto.json"
    envelope = json.loads(path.read_text())
    statement = json.loads(base64.b64decode(envelope["payload"]))
    statement["predicate"]["version"] = "9.9.9"
    envelope["payload"] = base64.b64encode(json.dumps(statement).encode()).decode()
    path.write_text(json.dumps(envelope))
    assert "its signature is not that of its key" in str(dp.verify_release(folder.path))


def test_the_statement_is_in_toto_in_dsse(folder: dp.ReleaseFolder) -> None:
    """Verified here by nothing of ours but `cryptography`."""

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
    release: dp.Release, source: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.delenv("DATAPARTNERSHIPS_SIGNING_KEY", raising=False)
    keys = {
        dp.verify_release(prepare(release, tmp_path / name, deposit=source, key=None).path).key
        for name in ("one", "two")
    }
    assert len(keys) == 1
    made = tmp_path / "config" / "datapartnerships" / "signing.pem"
    assert made.stat().st_mode & 0o777 == 0o600
    with pytest.raises(ConfigurationError, match="no private key"):
        prepare(release, tmp_path / "three", deposit=source, key=b"too short")
    assert not (tmp_path / "three").exists()


def test_the_command_line_says_what_changed(
    folder: dp.ReleaseFolder, capsys: pytest.CaptureFixture[str]
) -> None:
    from datapartnerships.__main__ import main

    assert main(["verify", folder.path]) == 0
    assert "are as they were signed" in capsys.readouterr().out
    assert main(["verify", folder.path, "--public-key", "0" * 64]) == 1
    assert "not by 0000" in capsys.readouterr().out
    (Path(folder.path) / "LICENSES.md").write_text("All yours.")
    assert main(["verify", folder.path]) == 1
    out = capsys.readouterr().out
    assert "is NOT what was signed" in out and "LICENSES.md" in out
    assert main(["verify", str(Path(folder.path).parent)]) == 1
    assert "it is no release folder" in capsys.readouterr().err


def test_what_the_hub_puts_beside_a_download_is_no_change(folder: dp.ReleaseFolder) -> None:
    root = Path(folder.path)
    for name in (".gitattributes", ".git/config", ".cache/huggingface/download/NOTICE.lock"):
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text("x")
    assert dp.verify_release(folder).passed
    assert len(folder.problems()) == 3
    (root / ".github").mkdir()
    (root / ".github" / "run.yml").write_text("x")
    assert ".github/run.yml: is in the folder and not" in str(dp.verify_release(folder))


def test_the_command_line_prepares(
    release: dp.Release, source: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    from datapartnerships.__main__ import main

    (tmp_path / "key.pem").write_bytes(new_key())
    words = ["prepare", release.path, str(tmp_path / "r"), "--release", "2.0.0"]
    words += ["--date", "2026-11-22", "--deposit", str(source), "--key", str(tmp_path / "key.pem")]
    assert main(words) == 1
    assert "audit: no audit sheet was read" in capsys.readouterr().err
    for gate in ("residual", "audit"):
        words += ["--waive", gate, "A. Keeper", "2026-11-20", "invented"]
    assert main(words) == 0
    assert "15 files, 4 rows, signed" in capsys.readouterr().out
    assert dp.ReleaseFolder.open(str(tmp_path / "r")).manifest.version == "2.0.0"


def test_no_random_change_goes_unseen(folder: dp.ReleaseFolder) -> None:
    """Bytes flipped, cut off or added; files removed, renamed, swapped or made."""
    dice = random.Random(7)
    root, before = Path(folder.path), contents(folder)
    names = sorted(before)
    for number in range(300):
        name, other = dice.sample(names, 2)
        how = dice.choice(["flip", "cut", "add", "remove", "rename", "swap", "make"])
        data = before[name]
        touched = [name]
        if how in ("flip", "cut") and not data:
            how = "add"
        if how == "flip":
            at = dice.randrange(len(data))
            changed = data[:at] + bytes([data[at] ^ (1 << dice.randrange(8))]) + data[at + 1 :]
            _put(root / name, changed)
        elif how == "cut":
            _put(root / name, data[: dice.randrange(len(data))])
        elif how == "add":
            _put(root / name, data + b"\0")
        elif how == "remove":
            (root / name).unlink()
        elif how == "rename":
            (root / name).rename(root / f"x{number}")
            touched.append(f"x{number}")
        elif how == "swap":
            _put(root / name, before[other])
            _put(root / other, data)
            touched.append(other)
        else:
            touched = [f"data/default/train-{number:05d}-of-00900.parquet"]
            _put(root / touched[0], before[folder.manifest.files[0].path])
        said = _said(folder.path)
        assert any(name in said for name in touched), (how, name, other, said)
        for item in touched:
            (root / item).unlink(missing_ok=True)
            if item in before:
                _put(root / item, before[item])
    assert dp.verify_release(folder.path).passed


def _put(path: Path, data: bytes) -> None:
    path.unlink(missing_ok=True)
    path.write_bytes(data)


def _said(path: str) -> str:
    """What is said to be wrong; nothing is an error here."""
    try:
        found = dp.verify_release(path)
    except DataPartnershipsError as error:
        return str(error)
    return "" if found.passed else str(found)


def test_part_of_a_fingerprint_is_told_from_a_file(
    tmp_path: Path, folder: dp.ReleaseFolder
) -> None:
    with pytest.raises(ConfigurationError, match="all 64 hexadecimal digits"):
        dp.verify_release(folder.path, "14e90850")
