"""A release folder: complete, the same every time, whole or not there, and what it refuses."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from pier import (  # noqa: F401
    DEPOSIT,
    contents,
    fixed_folder,
    fixed_release,
    fixed_source,
    make_deposit,
    prepare,
    run,
)

import datapartnerships as dp
from datapartnerships.errors import ConfigurationError, GatesShut, OutputError
from datapartnerships.release.folder import PrivateFolder

FILES = {
    "README.md", "croissant.json", "LICENSES.md", "NOTICE", "CITATION.cff", "DATASHEET.md",
    "TRAINING_DATA_SUMMARY.md", "sources.jsonl", "stats.json", "pipeline.yaml", "MANIFEST.json",
    "attestation.intoto.json", "CHANGELOG.md", "TOMBSTONES.jsonl",
}  # fmt: skip


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
    release: dp.Release, source: Path, tmp_path: Path
) -> None:
    first = prepare(release, tmp_path / "here" / "a", deposit=source)
    moved = tmp_path / "elsewhere" / "run"
    shutil.copytree(release.path, moved)
    elsewhere = tmp_path / "another" / "deposit.yaml"
    elsewhere.parent.mkdir()
    elsewhere.write_text(DEPOSIT)
    second = prepare(moved, tmp_path / "there" / "of another name", deposit=elsewhere)
    assert contents(first) == contents(second)


def test_a_shut_gate_leaves_no_folder(release: dp.Release, source: Path, tmp_path: Path) -> None:
    with pytest.raises(GatesShut, match="audit: no audit sheet was read"):
        prepare(release, tmp_path / "release", deposit=source, waivers=())
    with pytest.raises(GatesShut, match="agreement"):
        prepare(release, tmp_path / "release")
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "deposit.yaml").write_text(DEPOSIT.replace("CC0-1.0", "CC-BY-ND-4.0"))
    with pytest.raises(GatesShut, match="rights"):
        prepare(release, tmp_path / "release", deposit=tmp_path / "other")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["other"]


@pytest.mark.parametrize(
    ("given", "error"),
    [
        ({"version": "1"}, "version"),
        ({"date": "22.11.2026"}, "date"),
        ({"track": "public"}, "track"),
        ({"subsets_by": "language"}, "subsets_by"),
        ({"answers": {"motivation.founding": "x"}}, "motivation.funding"),
        ({"deposit": "nowhere"}, "nowhere"),
    ],
)
def test_what_cannot_be_is_refused(
    release: dp.Release, source: Path, tmp_path: Path, given: dict[str, object], error: str
) -> None:
    with pytest.raises(ConfigurationError, match=error):
        prepare(release, tmp_path / "release", **{"deposit": source, **given})
    assert not list(tmp_path.iterdir())


def test_nothing_is_lost_to_a_release_that_was_not_asked_to_replace(
    folder: dp.ReleaseFolder, release: dp.Release, source: Path, tmp_path: Path
) -> None:
    before = contents(folder)
    with pytest.raises(OutputError, match="holds a release already"):
        prepare(release, Path(folder.path), deposit=source)
    assert contents(folder) == before
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "letter.txt").write_text("mine")
    with pytest.raises(OutputError, match="not empty"):
        prepare(release, tmp_path / "mine", deposit=source, replace=True)
    prepare(release, Path(folder.path), deposit=source, replace=True, version="1.0.1")
    assert dp.ReleaseFolder.open(folder.path).manifest.version == "1.0.1"
    with pytest.raises(OutputError, match="on this machine"):
        prepare(release, "s3://bucket/release", deposit=source)  # type: ignore[arg-type]


def test_a_folder_is_told_in_a_line(folder: dp.ReleaseFolder) -> None:
    assert repr(folder) == (
        f"OpenFolder({folder.path!r}: pier-letters 1.0.0 of 2026-11-22, open track, 4 rows)"
    )


def test_the_recipe_runs_again_and_says_no_place(
    folder: dp.ReleaseFolder, release: dp.Release, source: Path, tmp_path: Path
) -> None:
    recipe = (Path(folder.path) / "pipeline.yaml").read_text()
    assert str(source.parent) not in recipe
    pipeline = dp.Pipeline.from_yaml(recipe, deposit=str(source), out=str(tmp_path / "again"))
    again = dp.run(pipeline, key="a key for this test", progress=False)
    assert again.manifest.fingerprint == release.manifest.fingerprint
    assert [e.sha256 for e in again.manifest.files] == [e.sha256 for e in release.manifest.files]


def test_a_private_release_goes_by_an_agreement(tmp_path: Path) -> None:
    source = make_deposit(tmp_path / "deposit")
    (source / "deposit.yaml").write_text(
        DEPOSIT.replace("track: open", "track: private").replace("CC0-1.0", "LicenseRef-pier")
        + "agreement: {id: LicenseRef-pier, from: 2026-01-01, until: 2026-12-31, evidence: box 3}\n"
    )
    made = run(source, tmp_path / "out")
    folder = prepare(made, tmp_path / "private", deposit=source, track="private", waivers=())
    assert isinstance(folder, PrivateFolder)
    card = yaml.safe_load(contents(folder)["README.md"].decode().split("---\n")[1])
    assert (card["license"], card["license_name"]) == ("other", "licenseref-pier")
    with pytest.raises(GatesShut, match="private"):
        prepare(made, tmp_path / "open", deposit=source)
    with pytest.raises(GatesShut, match="not in force on 2027-01-01"):
        prepare(made, tmp_path / "later", deposit=source, track="private", date="2027-01-01")


def test_a_recipe_travels_without_the_places_of_its_files() -> None:
    from datapartnerships.release._facts import travelling

    recipe = {
        "reader": {"FolderReader": {"path": "/home/ann/deposit", "audit_redactions": True}},
        "transforms": [
            {"AssignRights": {"deposit": "boxes/of ann/deposit.yaml"}},
            {"DetectPii": {"detectors": [{"KnownPeople": {"path": "lists/ann/people.csv"}}]}},
            {"somebody:Step": {"words": "C:\\Users\\ann\\words.txt", "note": "a/b"}},
        ],
        "writer": {"ParquetWriter": {"path": "~/out", "split": "train"}},
    }
    text = travelling(yaml.safe_dump(recipe))
    assert yaml.safe_load(text) == {
        "reader": {"FolderReader": {"audit_redactions": True}},
        "transforms": [
            "AssignRights",
            {"DetectPii": {"detectors": [{"KnownPeople": {"path": "people.csv"}}]}},
            {"somebody:Step": {"words": "words.txt", "note": "a/b"}},
        ],
        "writer": {"ParquetWriter": {"split": "train"}},
    }


KILLED = """
import sys, os
import datapartnerships.release.prepare as p
import datapartnerships as dp
count, stop = 0, int(sys.argv[4])
def watch(event, args):
    global count
    if event in ("open", "os.rename", "os.link", "os.mkdir") and ".unfinished" in str(args[0]):
        count += 1
        if count == stop:
            os._exit(9)
sys.addaudithook(watch)
waivers = [dp.Waiver(g, "A. Keeper", "2026-11-20", "invented") for g in ("residual", "audit")]
dp.prepare(sys.argv[1], sys.argv[2], deposit=sys.argv[3], version="1.0.0", date="2026-11-22",
           waivers=waivers, key=b"a key of thirty-two bytes, fixed")
print("done", count)
"""


def test_killed_anywhere_it_leaves_no_release_and_the_next_one_is_whole(
    folder: dp.ReleaseFolder, release: dp.Release, source: Path, tmp_path: Path
) -> None:
    target = tmp_path / "killed" / "release"
    for stop in (1, 4, 9, 20, 60):
        script = [sys.executable, "-c", KILLED, release.path, str(target), str(source), str(stop)]
        done = subprocess.run(script, capture_output=True, text=True, check=False)
        assert done.returncode == 9, done.stdout + done.stderr
        assert not target.exists()
    made = prepare(release, target, deposit=source)
    assert contents(made) == contents(folder)
    assert [path.name for path in target.parent.iterdir()] == ["release"]
