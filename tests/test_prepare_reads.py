"""A release folder is read by others, with no code of ours; with pictures and sound, too."""

from __future__ import annotations

import json
import warnings
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
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
from datapartnerships import detectors as d
from datapartnerships import readers, writers
from datapartnerships import transforms as t
from datapartnerships.kernels.segments import set_column


def test_croissant_validates_and_its_records_are_read(folder: dp.ReleaseFolder) -> None:
    from datapartnerships._backends.croissant import problems

    described = json.loads(contents(folder)["croissant.json"])
    assert problems(described) == ([], [])
    assert described["conformsTo"][1].startswith("http://mlcommons.org/croissant/RAI/")
    table = pq.read_table(Path(folder.path) / "data" / "default")
    assert sorted(_records(folder, "default")) == sorted(table["text"].to_pylist())


def test_load_dataset_reads_it(folder: dp.ReleaseFolder, tmp_path: Path) -> None:
    import datasets

    found = datasets.load_dataset(folder.path, cache_dir=str(tmp_path / "cache"))
    assert {name: split.num_rows for name, split in found.items()} == {"train": 4}
    assert any("[EMAIL]" in text for text in found["train"]["text"])
    assert folder.dataset["train"]["text"] == found["train"]["text"]
    assert not any("ann.kerr" in json.dumps(row) for row in found["train"])


def test_plain_arrow_reads_it(folder: dp.ReleaseFolder) -> None:
    table = pq.read_table(Path(folder.path) / "data" / "default")
    assert table.num_rows == 4
    assert set(table["kind"].to_pylist()) == {"text"}


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
        assert sorted(_records(folder, name)) == sorted(
            t for s in found.values() for t in s["text"]
        )
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


def test_pictures_are_a_feature_with_their_bytes_and_without_what_hid_in_them(
    tmp_path: Path,
) -> None:
    import datasets
    from PIL import Image, ImageDraw, ImageFont

    deposit = make_deposit(tmp_path / "deposit", {})
    for number in range(2):
        picture = Image.new("RGB", (900, 200), "white")
        words = f"The boat came home at {number + 3} o'clock"
        ImageDraw.Draw(picture).text((40, 60), words, 0, ImageFont.load_default(48))
        hidden = Image.Exif()
        hidden[0x013B] = "Painter Who Hid"
        picture.save(deposit / f"page-{number}.jpg", exif=hidden)
    pipeline = dp.Pipeline(
        readers.FolderReader(str(deposit)),
        [t.AssignRights(deposit=str(deposit)), t.DetectPii([d.Contacts()]), t.Redact()],
        writers.FileWriter(str(tmp_path / "run"), deposit=str(deposit)),
    )
    made = dp.run(pipeline, key="a key for this test", progress=False)
    assert made.manifest.counts["files"] == 2
    folder = prepare(made, tmp_path / "release", deposit=deposit)
    found = datasets.load_dataset(folder.path, split="train", cache_dir=str(tmp_path / "cache"))
    assert isinstance(found.features["file"], datasets.Image)
    for row in found:
        assert row["file"].size == (900, 200) and not dict(row["file"].getexif())
    rows = pq.read_table(Path(folder.path) / "data").to_pylist()
    assert b"Painter Who Hid" in (deposit / "page-0.jpg").read_bytes()
    assert "Painter Who Hid" not in str(rows)
    assert "2 rows with a picture" in contents(folder)["TRAINING_DATA_SUMMARY.md"].decode()
    assert {row["file"]["path"] for row in rows} == {f"{row['id']}.jpg" for row in rows}


def test_clips_are_a_feature_and_held_against_the_gates(tmp_path: Path) -> None:
    import datasets

    pytest.importorskip("av")
    clips = pytest.importorskip("test_clips")
    from datapartnerships.schema import documents_to_table

    deposit = make_deposit(tmp_path / "deposit", {})
    data = clips.write_wav(deposit / "hearing.wav", clips.noise(20))
    said = [clips.utterance("the boat came home at last", 1, 4)]
    document = clips.recording(data, said)
    document.rights = {
        "license": "CC0-1.0", "basis": "declared", "holder": "The Pier Society",
        "evidence": "a letter of 2024", "track": "open",
    }  # fmt: skip
    writer = writers.ClipWriter(str(tmp_path / "run"), recordings=str(deposit))
    writer.commit([writer.write(clips.SHARD, [documents_to_table([document])])])
    recipe = "transforms: [{DetectPii: {detectors: [Contacts]}}, Redact]\nwriter: ClipWriter\n"
    (tmp_path / "run" / "pipeline.yaml").write_text(recipe)
    folder = prepare(tmp_path / "run", tmp_path / "release", deposit=deposit)
    found = datasets.load_dataset(folder.path, split="train", cache_dir=str(tmp_path / "cache"))
    assert found.features["audio"].sampling_rate == 16000
    stats = json.loads(contents(folder)["stats.json"])["data"]
    assert stats["documents"] == stats["rows"] == 1
    assert stats["seconds_of_sound"] == pytest.approx(3.2, abs=0.2)
    lines = contents(folder)["sources.jsonl"].decode().splitlines()
    assert [json.loads(line)["id"] for line in lines] == ["a" * 32]


def test_many_files_are_one_dataset_for_everybody(source: Path, tmp_path: Path) -> None:
    import datasets

    made = run(source, tmp_path / "run", target_bytes=1, merge_below_bytes=0, row_group_bytes=1)
    folder = prepare(made, tmp_path / "release", deposit=source)
    names = sorted(path.name for path in (tmp_path / "release/data/default").iterdir())
    assert len(names) > 1 and names[0] == f"train-00000-of-{len(names):05d}.parquet"
    found = datasets.load_dataset(folder.path, split="train", cache_dir=str(tmp_path / "cache"))
    assert found.num_rows == 4
    assert sorted(_records(folder, "default")) == sorted(found["text"])


def test_a_run_in_a_store_is_brought_here(source: Path, tmp_path: Path) -> None:
    made = run(source, "memory://pier-run")  # type: ignore[arg-type]
    folder = prepare("memory://pier-run", tmp_path / "release", deposit=source)  # type: ignore[arg-type]
    assert folder.problems() == [] and made.manifest.documents_out == 4
    assert pq.read_table(tmp_path / "release" / "data").num_rows == 4


def _records(folder: dp.ReleaseFolder, name: str) -> list[str]:
    """The texts, as mlcroissant reads them."""
    mlc = pytest.importorskip("mlcroissant")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # of rdflib
        rows = mlc.Dataset(jsonld=f"{folder.path}/croissant.json").records(name)
        return [row[f"{name}/text"].decode() for row in rows]
