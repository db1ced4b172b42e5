"""Gates: each is open for what is right, and shut for what is not, or not known."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
import release_sample as sample
from release_sample import look, rewrite, shut

import datapartnerships as dp
from datapartnerships.errors import ConfigurationError, GatesShut, InvalidParameter, UnknownName
from datapartnerships.release import gates
from datapartnerships.release.policy import ReleasePolicy
from datapartnerships.tombstones import Withdrawn


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dp.Release]:
    folder = tmp_path_factory.mktemp("made")
    source = sample.deposit(folder / "in")
    return source, sample.run(source, folder / "out")


@pytest.fixture(scope="module")
def key(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    from datapartnerships._backends.ed25519 import new_key

    return new_key()


@pytest.fixture
def copied(made: tuple[Path, dp.Release], tmp_path: Path) -> tuple[Path, Path]:
    """The deposit, and a copy of the run to spoil."""
    shutil.copytree(made[1].path, tmp_path / "run")
    return made[0], tmp_path / "run"


def test_what_is_right_may_leave(made: tuple[Path, dp.Release]) -> None:
    found = look(made[1], made[0])
    assert found.passed and not found.shut, str(found)
    assert found.require() is found
    assert set(found.later) == {"card", "croissant", "files", "attestation"}
    assert {result.name for result in found} | set(found.later) == set(gates.GATES)
    text, page = str(found), found._repr_html_()
    assert text.splitlines()[0].endswith("may leave") and max(map(len, text.splitlines())) <= 100
    for name in gates.GATES:
        assert name in text and name in page


def test_every_gate_says_what_it_looks_at() -> None:
    for gate in gates.GATES.values():
        assert gate.about.endswith(".") and len(gate.about) > 30, gate.name


def test_no_evidence_holds_a_text(made: tuple[Path, dp.Release]) -> None:
    found = look(made[1], made[0])
    told = json.dumps([dict(result.evidence) for result in found]) + str(found)
    for text in sample.TEXTS.values():
        assert not any(word in told for word in text.split() if len(word) > 8)


def test_unknown_rights_shut_the_gate_and_name_the_rows(tmp_path: Path) -> None:
    source = sample.deposit(tmp_path / "in")
    recipe = sample.RECIPE.replace("  - AssignRights\n", "")
    release = sample.run(source, tmp_path / "out", recipe)
    found = look(release, source)
    assert shut(found) == ["rights", "opt_outs", "private"]
    ids = found["rights"].evidence["ids"]["no license is known"]
    assert set(ids) == set(release.dataset["id"])
    with pytest.raises(GatesShut, match=r"may not leave \(open track\)(?s:.*)rights: "):
        found.require()


def test_no_more_than_twenty_rows_are_named(tmp_path: Path) -> None:
    texts = {f"a/{n}.txt": f"The note number {n} is here." for n in range(50)}
    yaml = "name: a\norganization: b\ntrack: open\nrights: {basis: unknown}\n"
    source = sample.deposit(tmp_path / "in", texts, yaml)
    result = look(sample.run(source, tmp_path / "out"), source)["rights"]
    assert result.evidence["reasons"] == {"no license is known": 50}
    assert len(result.evidence["ids"]["no license is known"]) == 20


@pytest.mark.parametrize(
    ("old", "new", "gate", "says"),
    [
        ("license: CC0-1.0", "license: CC-BY-NC-4.0", "rights", "does not permit publication"),
        ("basis: declared", "basis: inferred", "rights", "basis 'inferred' is not enough"),
        ("evidence: README", "valid_until: 2026-11-21", "rights", "the right ended on 2026-11-21"),
        ("track: open", "track: private", "private", "not of the open track"),
        ("languages: [en]", "embargo_until: 2026-11-23", "embargo", "until 2026-11-23"),
        ("evidence: README", "embargo_until: 2027-01-01", "embargo", "under embargo until 2027"),
        (
            "license: CC0-1.0",
            "license: LicenseRef-Loft",
            "rights",
            "LicenseRef-Loft does not permit publication",
        ),
    ],
)
def test_rights_that_are_not_enough(
    tmp_path: Path, old: str, new: str, gate: str, says: str
) -> None:
    yaml = sample.DEPOSIT.replace(old, new, 1)
    yaml += "agreement: {id: LicenseRef-Loft, from: 2026-01-01, until: 2026-11-30}\n"
    source = sample.deposit(tmp_path / "in", yaml=yaml)
    found = look(sample.run(source, tmp_path / "out"), source)
    assert not found[gate].passed and says in found[gate].finding
    assert found["agreement"].passed


def test_days_count_to_the_last(tmp_path: Path) -> None:
    yaml = sample.DEPOSIT.replace(
        "evidence: README", "valid_until: 2026-11-22, embargo_until: 2026-11-22"
    )
    yaml += "agreement: {id: LicenseRef-Loft, from: 2026-11-22, until: 2026-11-22}\n"
    source = sample.deposit(tmp_path / "in", yaml=yaml)
    release = sample.run(source, tmp_path / "out")
    assert look(release, source).passed
    assert {"rights", "agreement"} <= set(shut(look(release, source, date="2026-11-23")))
    audit = sample.audit(release, date="2026-11-20")
    before = look(release, source, date="2026-11-21", audit=audit)
    assert shut(before) == ["agreement", "embargo"]


def test_an_agreement_permits_what_it_says_while_it_is_in_force(tmp_path: Path) -> None:
    yaml = sample.DEPOSIT.replace("license: CC0-1.0", "license: LicenseRef-Loft")
    yaml += "agreement: {id: LicenseRef-Loft, from: 2026-01-01, until: 2026-12-31,"
    yaml += " publication: true}\n"
    source = sample.deposit(tmp_path / "in", yaml=yaml)
    release = sample.run(source, tmp_path / "out")
    assert look(release, source).passed
    assert shut(look(release, source, date="2027-01-01")) == ["rights", "agreement"]


def test_the_ledger_is_held_against_deposit_yaml(copied: tuple[Path, Path]) -> None:
    source, run = copied

    def freer(rows: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
        for row in rows:
            license = "CC0-1.0" if row["rights"]["license"] == "CC-BY-4.0" else "CC-BY-4.0"
            yield {**row, "rights": {**row["rights"], "license": license}}

    rewrite(run, freer)
    found = look(run, source)
    assert shut(found) == ["run", "rights"]
    assert "license: not as deposit.yaml says" in found["rights"].finding
    assert shut(look(run, None, audit=None)) == [
        "run",
        "agreement",
        "opt_outs",
        "residual",
        "audit",
    ]


def test_what_is_opted_out_of_is_found_again(copied: tuple[Path, Path]) -> None:
    source, run = copied
    place = "tales/withdrawn.txt"
    rewrite(
        run, lambda rows: ({**r, "provenance": {**r["provenance"], "uri": place}} for r in rows)
    )
    assert not look(run, source)["opt_outs"].passed


@pytest.mark.parametrize(
    ("recipe", "gate", "says"),
    [
        (sample.RECIPE.replace("  - Redact\n", ""), "redaction", "has no DetectPii with a Redact"),
        (
            sample.RECIPE.replace("  - Redact\n", "  - Redact: {by_label: {EMAIL: keep}}\n"),
            "redaction",
            "Redact keeps EMAIL",
        ),
        (
            sample.RECIPE.replace("  - Redact\n", "  - Redact: {policy: keep}\n"),
            "redaction",
            "Redact keeps everything else",
        ),
        (
            sample.RECIPE.replace(
                "  - CompareDetectors: {first: [Contacts], second: [Cues]}\n", ""
            ),
            "residual",
            "no column 'detectors_compared'",
        ),
    ],
)
def test_privacy_that_was_left_out(tmp_path: Path, recipe: str, gate: str, says: str) -> None:
    source = sample.deposit(tmp_path / "in")
    found = look(sample.run(source, tmp_path / "out", recipe), source)
    assert not found[gate].passed and says in found[gate].finding


def test_an_estimate_is_held_against_the_policy(made: tuple[Path, dp.Release]) -> None:
    source, release = made
    strict = look(release, source, policy={"audit_only": []})
    assert shut(strict) == ["residual"]
    assert "EMAIL: nothing can be said" in strict["residual"].finding
    assert "audit_only" in strict["residual"].finding
    assert strict["residual"].evidence["labels"]["EMAIL"]["found"] == 1


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"reader": ""}, "nobody says who read it"),
        ({"date": "2026-11-23"}, "after the day of this release"),
        ({"passages": ()}, "0 passages were read"),
        ({"population": {"en": 4000}}, "5 passages were read, 60 have to be"),
    ],
)
def test_an_audit_that_is_not_enough(
    made: tuple[Path, dp.Release], given: dict[str, Any], says: str
) -> None:
    source, release = made
    found = look(release, source, audit=sample.audit(release, **given))
    assert shut(found) == ["audit"] and says in found["audit"].finding


def test_an_audit_of_other_data_is_none(made: tuple[Path, dp.Release], tmp_path: Path) -> None:
    source, release = made
    other = sample.run(sample.deposit(tmp_path / "x", {"a.txt": "Another text."}), tmp_path / "y")
    found = look(release, source, audit=sample.audit(other))
    assert shut(found) == ["audit"] and "not in this data" in found["audit"].finding
    assert shut(look(release, source, audit=None)) == ["audit"]


def test_paths_of_machines_and_secrets_are_found_wherever_they_are(
    copied: tuple[Path, Path],
) -> None:
    source, run = copied
    for value, gate in (
        ("/home/wren/nets/a.txt", "local_paths"), (r"C:\Users\Wren\a.txt", "local_paths"),
        ("file:///srv/a", "local_paths"), ("/srv/archive/box", "local_paths"),
        ("password: Xk29-vvQp-77", "secrets"),
    ):  # fmt: skip
        shutil.rmtree(run)
        shutil.copytree(Path(str(source)).parent / "out", run)
        item = [{"key": "note", "value": value}]
        rewrite(run, lambda rows, item=item: [{**rows[0], "metadata": item}, *rows[1:]])
        found = look(run, source)
        assert gate in shut(found), value
        assert value not in json.dumps(dict(found[gate].evidence)) + str(found)


def test_a_text_may_name_a_path_that_is_nobodys_home(tmp_path: Path) -> None:
    texts = {"notes/a.txt": "Look in /etc/hosts, and at https://x.example/home/wren/page.html too."}
    source = sample.deposit(tmp_path / "in", texts)
    assert look(sample.run(source, tmp_path / "out"), source)["local_paths"].passed
    texts = {"notes/a.txt": "It lay in /home/wren/letters/3.txt for years."}
    source = sample.deposit(tmp_path / "in2", texts)
    assert not look(sample.run(source, tmp_path / "out2"), source)["local_paths"].passed


def test_private_ids_and_tombstones_stop_a_release(made: tuple[Path, dp.Release]) -> None:
    source, release = made
    row = release.dataset[0]

    assert look(release, source, private={"0" * 64}).passed
    for name in (row["id"], next(r for r in release.dataset if r["provenance"]["sha256"])["id"]):
        assert shut(look(release, source, private={name})) == ["private"]
    texts = release.dataset["text"]
    near = next(text for text in texts if "floats" in text) + " Nobody."
    marked = {"reason": "consent", "version": "1.0.1", "date": sample.DAY}
    gone = Withdrawn().with_documents([row["id"], "f" * 32], pa.array(["", near]), **marked)
    found = look(release, source, tombstones=gone)
    assert shut(found) == ["tombstones"]
    assert found["tombstones"].evidence["reasons"] == {
        "is nearly what was taken down": 1,
        "was taken down": 1,
    }
    assert found["tombstones"].evidence["rows"] == len(release.dataset)
    gone.save(str(source / "withdrawn"))
    assert shut(look(release, source, tombstones=str(source / "withdrawn"))) == ["tombstones"]


def test_an_error_while_looking_shuts_a_gate(
    copied: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    source, run = copied
    for path in (run / "data").glob("*.parquet"):
        path.write_bytes(path.read_bytes()[:200])
    given = dp.Release.open(str(run))
    found = given.check(date=sample.DAY, deposit=source)
    assert set(shut(found)) == {result.name for result in found} - {"agreement", "tombstones"}
    assert all(
        "could not be checked" in r.finding or r.name in ("run", "audit") for r in found.shut
    )


def test_a_waiver_is_named_dated_and_reasoned(made: tuple[Path, dp.Release]) -> None:
    source, release = made
    word = dp.Waiver("audit", "Wren Teal, head of the loft", "2026-11-21", "all of it is invented")
    found = look(release, source, audit=None, waivers=[word])
    assert found.passed and not found["audit"].passed and found["audit"].waiver == word
    assert "waived" in str(found) and "Wren Teal" in str(found) and "Wren" in found._repr_html_()
    # It opens its own gate only, and changes nothing where that one is open.
    assert look(release, source, waivers=[word])["audit"].waiver is None
    with pytest.raises(UnknownName, match="Did you mean 'audit'"):
        look(release, source, waivers=[dp.Waiver("audits", "W", "2026-11-21", "x")])
    for gate in ("rights", "private", "files", "attestation", "run", "opt_outs", "embargo"):
        with pytest.raises(ConfigurationError, match="cannot be waived"):
            look(release, source, waivers=[dp.Waiver(gate, "W", "2026-11-21", "x")])
    for by, date, reason in (
        ("", "2026-11-21", "x"), ("W", "2026-11-21", " "), ("W", "soon", "x"),
        ("W", "2026-11-23", "x"),
    ):  # fmt: skip
        with pytest.raises(InvalidParameter):
            look(release, source, waivers=[dp.Waiver("audit", by, date, reason)])


def test_the_private_track_asks_for_an_agreement_and_not_for_an_open_license(
    tmp_path: Path,
) -> None:
    yaml = sample.DEPOSIT.replace("track: open", "track: private", 1)
    yaml = yaml.replace("license: CC0-1.0", "license: LicenseRef-Loft")
    yaml += "agreement: {id: LicenseRef-Loft, from: 2026-01-01}\n"
    source = sample.deposit(tmp_path / "in", yaml=yaml)
    release = sample.run(source, tmp_path / "out")
    found = look(release, source, track="private")
    assert found.passed, str(found)
    assert {"private", "audit", "residual", "redaction"} <= set(found.later)
    assert not look(release, source).passed
    bare = sample.deposit(tmp_path / "in2")
    other = look(sample.run(bare, tmp_path / "out2"), bare, track="private")
    assert shut(other) == ["agreement"]


def test_a_policy_is_a_value_with_rules() -> None:
    policy = ReleasePolicy.from_plain("license_classes: [public-domain]\nmax_audit_share: 0.1\n")
    assert ReleasePolicy.from_plain(policy.to_plain()) == policy
    assert ReleasePolicy.from_plain(None) == ReleasePolicy()
    with pytest.raises(UnknownName, match="Did you mean 'max_audit_share'"):
        ReleasePolicy.from_plain({"max_audit_shares": 1})
    with pytest.raises(UnknownName, match="attribution"):
        ReleasePolicy(license_classes=("atribution",))
    with pytest.raises(InvalidParameter):
        ReleasePolicy(max_residual_share=2)
    with pytest.raises(InvalidParameter):
        ReleasePolicy(min_audit_passages=0)
    with pytest.raises(ConfigurationError):
        ReleasePolicy.from_plain("- x")


def test_a_day_has_to_be_one(made: tuple[Path, dp.Release]) -> None:
    for day in ("today", "2026-2-1", "2026-02-30"):
        with pytest.raises(InvalidParameter):
            look(made[1], made[0], date=day)
    with pytest.raises(InvalidParameter):
        look(made[1], made[0], track="public")


def test_no_value_of_a_right_passes_for_another(copied: tuple[Path, Path]) -> None:
    """Rights are looked at once for all rows that have the same; so the same has to be the same."""
    source, run = copied

    def change(rows: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
        for n, row in enumerate(rows):
            own = row["rights"]
            if n == 1:
                own["holder"], own["evidence"] = None, f"{own['holder']} {own['evidence']}"
            if n == 2:
                own["holder"] = f"{own['holder']} 6 README"
            if n == 3:
                own["statement"] = ""
            if n == 4:
                own["signals"] = [{"name": "aipref", "value": "y", "read_on": None}]
            yield row

    rewrite(run, change)
    reasons = look(run, source)["rights"].evidence["reasons"]
    assert sum(reasons.values()) == 3, "an empty statement says as much as none"
    assert set(reasons) == {
        f"{names}: not as deposit.yaml says" for names in ("holder, evidence", "holder", "signals")
    }
