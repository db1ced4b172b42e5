"""Rights of each document from deposit.yaml, and what is opted out of."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pytest
import release_sample as sample

import datapartnerships as dp
from datapartnerships import transforms as t
from datapartnerships.errors import ConfigurationError
from datapartnerships.intake import Intake
from datapartnerships.schema import DOCUMENT, Document, documents_to_table
from datapartnerships.testing import checks, sample_batch


def batch(*places: tuple[str, str | None]) -> pa.Table:
    return documents_to_table(
        Document(
            id=f"{n}", source="s", kind="audio", media={"path": "x", "sha256": "y"},
            provenance={"uri": uri, "member": member},
        )
        for n, (uri, member) in enumerate(places)
    )  # fmt: skip


def test_every_document_has_the_rights_of_its_place(tmp_path: Path) -> None:
    folder = sample.deposit(tmp_path)
    step = t.AssignRights(deposit=str(folder))
    places: list[tuple[str, str | None]] = [
        ("notes/a.txt", None), ("tales/b.zip", "x/y.txt"), ("vault/c", None),
        (r"tales\d", None), ("", None), ("deep/tales/e", "#3"),
    ]  # fmt: skip
    rows = step(batch(*places)).to_pylist()
    intake = Intake.load(folder)
    for row, (uri, member) in zip(rows, places, strict=True):
        assert row["rights"] == intake.rights_of(uri, member)
    assert [row["rights"]["license"] for row in rows] == [
        "CC0-1.0", "CC-BY-4.0", "CC0-1.0", "CC-BY-4.0", "CC0-1.0", "CC-BY-4.0",
    ]  # fmt: skip
    assert rows[2]["rights"]["track"] == "private"


def test_what_was_there_before_is_no_right(tmp_path: Path) -> None:
    row = batch(("a", None)).to_pylist()[0]
    row["rights"] = {"license": "CC0-1.0", "basis": "statute", "track": "open"}
    yaml = "name: a\norganization: b\ntrack: private\nrights: {basis: unknown}\n"
    step = t.AssignRights(deposit=str(sample.deposit(tmp_path, yaml=yaml)))
    found = step(pa.Table.from_pylist([row], DOCUMENT))["rights"][0].as_py()
    assert found == {**dict.fromkeys(found), "basis": "unknown", "track": "private"}


def test_what_is_opted_out_of_leaves_neither_text_nor_media(tmp_path: Path) -> None:
    step = t.AssignRights(deposit=str(sample.deposit(tmp_path)))
    kept, out = step(batch(("tales/cork.txt", None), ("tales/withdrawn.txt", None))).to_pylist()
    assert kept["drop_reason"] is None and kept["media"]["sha256"] == "y"
    assert out["drop_reason"] == "AssignRights: opted out" and out["media"] is None


def test_a_run_withholds_what_is_opted_out_of(tmp_path: Path) -> None:
    release = sample.run(sample.deposit(tmp_path / "in"), tmp_path / "out")
    assert release.manifest.rejected == {"AssignRights: opted out": 1}
    assert "somebody" not in str(release.rejected.to_list())
    everything = b"".join(p.read_bytes() for p in (tmp_path / "out").rglob("*") if p.is_file())
    assert b"did not want it told" not in everything


def test_what_deposit_yaml_says_is_part_of_the_fingerprint(tmp_path: Path) -> None:
    folder = sample.deposit(tmp_path / "in")
    release = sample.run(folder, tmp_path / "out")
    (folder / "deposit.yaml").write_text(sample.DEPOSIT.replace("CC0-1.0", "PDDL-1.0"))
    with pytest.raises(dp.DataPartnershipsError, match="another recipe, deposit or key"):
        sample.run(folder, tmp_path / "out")
    again = sample.run(folder, tmp_path / "out-2")
    assert again.manifest.fingerprint != release.manifest.fingerprint


def test_without_a_description_nothing_runs(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="AssignRights needs to know"):
        t.AssignRights()(batch(("a", None)))
    with pytest.raises(ConfigurationError, match="There is no file"):
        t.AssignRights(deposit=str(tmp_path))(batch(("a", None)))


def test_it_keeps_the_contract(tmp_path: Path) -> None:
    step = t.AssignRights(deposit=str(sample.deposit(tmp_path)))
    for check in checks(step):
        check()
    assert step(sample_batch()).schema.equals(sample_batch().schema)


@pytest.mark.parametrize("threshold", [1.0, 0.8])
@pytest.mark.parametrize("keep", ["first", "longest"])
def test_of_copies_the_one_with_the_strictest_rights_stays(
    tmp_path: Path, threshold: float, keep: str
) -> None:
    text = "The rope was spliced in seven places before anyone dared to lean on it at all."
    places = ["a/1.txt", "b/2.txt", "c/3.txt", "d/4.txt"]
    yaml = """\
name: ropes
organization: The Loft
track: open
rights: {license: CC0-1.0, basis: declared}
overrides:
  - {path: b/, license: CC-BY-SA-4.0, basis: declared}
  - {path: c/, license: CC0-1.0, basis: declared, track: private}
  - {path: d/, license: CC-BY-NC-4.0, basis: declared}
"""
    recipe = f"""\
reader: FolderReader
transforms: [AssignRights, Deduplicate: {{threshold: {threshold}, keep: {keep}}}]
writer: ParquetWriter
"""
    for number in (4, 3, 2):
        folder = sample.deposit(
            tmp_path / f"in{number}", dict.fromkeys([*places[:number]], text), yaml
        )
        release = sample.run(folder, tmp_path / f"out{number}", recipe)
        (row,) = release.dataset.to_list()
        strictest = {4: "c/3.txt", 3: "c/3.txt", 2: "b/2.txt"}[number]
        assert row["provenance"]["uri"] == strictest
        assert release.manifest.documents_out == 1
