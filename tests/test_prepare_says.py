"""What the texts of a release folder say: counted in the files, or stated by the partner."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pyarrow.parquet as pq
import pytest
import yaml
from pier import (  # noqa: F401
    KEY,
    LETTERS,
    WAIVERS,
    contents,
    fixed_folder,
    fixed_release,
    fixed_source,
    make_deposit,
    prepare,
    run,
)

import datapartnerships as dp
from datapartnerships.errors import InvalidParameter, OutputError


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


def test_answers_and_terms_are_the_partners_words(
    release: dp.Release, source: Path, tmp_path: Path
) -> None:
    folder = prepare(
        release, tmp_path / "release", deposit=source, terms="Say what you will use it for.",
        answers={"motivation.funding": "The harbor tax of 2023."},
    )  # fmt: skip
    sheet = contents(folder)["DATASHEET.md"].decode()
    assert "The harbor tax of 2023. (in the words of the giver)" in sheet
    assert sheet.count("\n\nNot stated.") > 20
    card = yaml.safe_load(contents(folder)["README.md"].decode().split("---\n")[1])
    assert card["extra_gated_prompt"] == "Say what you will use it for."


def test_what_is_waived_stands_in_the_manifest_and_on_the_card(folder: dp.ReleaseFolder) -> None:
    gates = {gate.name: gate for gate in folder.manifest.gates}
    assert all(gate.open for gate in gates.values()) and len(gates) > 10
    assert gates["audit"].waiver == WAIVERS[1] and not gates["audit"].passed
    assert "- audit: A. Keeper, 2026-11-20: invented" in contents(folder)["README.md"].decode()


def test_the_first_step_counts_what_any_reader_rejected_and_holders_are_whole(
    tmp_path: Path,
) -> None:
    sealed = 'MIME-Version: 1.0\nContent-Type: multipart/encrypted; boundary="b"\n\n--b--\n'
    source = make_deposit(tmp_path / "pier", {**LETTERS, "mail/sealed.eml": sealed})
    said = (source / "deposit.yaml").read_text()
    other = "overrides:\n  - {path: stories/, license: CC0-1.0, basis: statute}\n"
    (source / "deposit.yaml").write_text(said + other)
    made = run(source, tmp_path / "out")
    assert made.manifest.rejected["EmailReader: encrypted"] == 1
    files = contents(prepare(made, tmp_path / "release", deposit=source))
    (reader,) = re.findall(r"^1\. .*$", files["README.md"].decode(), re.M)
    assert reader.endswith("Rejected 1 document.")
    summary = files["TRAINING_DATA_SUMMARY.md"].decode()
    assert "- Holders: The Pier Society; of 2 rows not stated\n" in summary


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
    source: Path, release: dp.Release, folder: dp.ReleaseFolder, tmp_path: Path
) -> None:
    tombstone = (
        '{"id": "x", "digest": null, "reason_class": "error", "version": "1.0.0", '
        '"date": "2026-11-22"}\n'
    )
    withdrawn(folder, tombstone)
    texts = {k: v for k, v in LETTERS.items() if k != "stories/third.txt"}
    texts["letters/first.txt"] += " It left again at once."
    texts["letters/new.txt"] = "A new letter came, from a town that nobody here has heard of."
    later = tmp_path / "later" / source.name  # the name of a source is in every id
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
    for version in ("1.0.0", "0.9.9"):
        with pytest.raises(InvalidParameter, match=r"later than 1\.0\.0"):
            prepare(made, tmp_path / "x", deposit=later, version=version, previous=folder.path)
    with pytest.raises(InvalidParameter, match="no earlier than 2026-11-22"):
        prepare(
            made, tmp_path / "x", deposit=later, version="1.1.0", date="2026-11-21",
            previous=folder.path,
        )  # fmt: skip
    (Path(folder.path) / "TOMBSTONES.jsonl").write_text("")
    with pytest.raises(OutputError, match="is not the release it was"):
        prepare(made, tmp_path / "third", deposit=later, version="1.1.0", previous=folder.path)
