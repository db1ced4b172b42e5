"""Gates of what was written, where the publisher's own key signs what is not so."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path

import mutations as m
import pyarrow.parquet as pq
import pytest
import release_sample as sample

import datapartnerships as dp
from datapartnerships.release.gates import Checks

Change = Callable[[Path], None]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path, bytes]:
    from datapartnerships._backends.ed25519 import new_key

    root = tmp_path_factory.mktemp("made")
    source, key = sample.deposit(root / "in"), new_key()
    release = sample.run(source, root / "run")
    dp.prepare(
        release, root / "release", version="1.0.0", date=sample.DAY, deposit=source, key=key,
        audit=sample.audit(release),
    )  # fmt: skip
    return source, root / "release", key


def looked(folder: Path, key: bytes, change: Change) -> Checks:
    change(folder)
    m.cover_folder(folder, "insider", {"insider": key}, card=False)
    return dp.ReleaseFolder.open(str(folder)).check(date=sample.DAY)


def text(name: str, old: str, new: str) -> Change:
    def change(folder: Path) -> None:
        path = folder / name
        before = path.read_text("utf-8")
        after = re.sub(old, new, before, count=1)
        assert after != before, f"{name} has no {old}"
        path.write_text(after, "utf-8")

    return change


def put(name: str, data: bytes) -> Change:
    def change(folder: Path) -> None:
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_bytes(data)

    return change


def gone(name: str) -> Change:
    return lambda folder: (folder / name).unlink()


def one_more_file(folder: Path) -> None:
    path = next(folder.rglob("*.parquet"))
    pq.write_table(pq.read_table(path), path.with_name("test-00000-of-00001.parquet"))


def no_license(folder: Path) -> None:
    data = json.loads((folder / "croissant.json").read_text("utf-8"))
    del data["license"]
    (folder / "croissant.json").write_text(json.dumps(data), "utf-8")


@pytest.mark.parametrize(
    ("change", "gate", "says"),
    [
        (gone("README.md"), "card", "there is no README.md"),
        (put("README.md", b"# Only prose\n"), "card", "does not begin with YAML"),
        (text("README.md", r"num_examples: ", "num_examples: 9"), "card", "rows in the card"),
        (text("README.md", r"path: data/", "path: date/"), "card", "no file is of it"),
        (text("README.md", r"(?m)^license: .*$", "license: mit"), "card", "the rows say"),
        (text("README.md", r"(?m)^license: .*\n", ""), "card", "it says no license"),
        (text("README.md", r"name: rights\b", "name: wrongs"), "card", "and not in both"),
        (one_more_file, "card", "is of no split of the card"),
        (gone("croissant.json"), "croissant", "there is no croissant.json"),
        (no_license, "croissant", "it says no license"),
        (put("croissant.json", b"{}"), "croissant", ""),
        (text("croissant.json", r'"sha256": "..', '"sha256": "00'), "croissant", "the digest of"),
        (put("data/more.jsonl", b'{"text": "whose?"}\n'), "files", "no gate looks into it"),
        (put("extra.parquet", b"PAR1"), "files", "no gate looks into it"),
        (put("deposit.yaml", b"name: x\n"), "files", "no gate looks into it"),
        (put("NOTICE", b"Made in /home/wren/loft/ on Monday.\n"), "local_paths", "in NOTICE"),
        (put("NOTICE", b"password: Xk29-vvQp-77\n"), "secrets", "in NOTICE"),
        (gone("pipeline.yaml"), "redaction", "there is no pipeline.yaml"),
        (text("pipeline.yaml", r"- Redact\n", ""), "redaction", "no DetectPii with a Redact"),
    ],
)  # fmt: skip
def test_a_good_signature_makes_nothing_true(
    made: tuple[Path, Path, bytes], tmp_path: Path, change: Change, gate: str, says: str
) -> None:
    _, folder, key = made
    found = looked(m.copy(folder, tmp_path / "x"), key, change)
    assert found["attestation"].passed, "it was signed again"
    assert not found[gate].passed and says in found[gate].finding, str(found)


def test_what_was_signed_again_as_it_was_may_leave(
    made: tuple[Path, Path, bytes], tmp_path: Path
) -> None:
    _, folder, key = made
    found = looked(m.copy(folder, tmp_path / "x"), key, lambda _: None)
    assert found.passed, str(found)
    assert "as its manifest says" in found["audit"].finding


def test_what_no_manifest_says_is_no_evidence(
    made: tuple[Path, Path, bytes], tmp_path: Path
) -> None:
    _, folder, key = made

    def change(place: Path) -> None:
        raw = json.loads((place / "MANIFEST.json").read_text("utf-8"))
        (place / "MANIFEST.json").write_text(json.dumps({**raw, "gates": []}), "utf-8")

    found = looked(m.copy(folder, tmp_path / "x"), key, change)
    assert {"run", "agreement", "opt_outs", "audit"} <= {result.name for result in found.shut}


def test_a_release_of_one_track_is_not_checked_for_the_other(
    made: tuple[Path, Path, bytes], tmp_path: Path
) -> None:
    found = dp.ReleaseFolder.open(str(made[1])).check(date=sample.DAY, track="private")
    assert not found["files"].passed and "it is of the open track" in found["files"].finding
