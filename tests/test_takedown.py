"""A takedown: nothing of a document is left in any byte, and it cannot come back."""

from __future__ import annotations

import base64
import itertools
import json
import random
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import release_sample as sample
from hub_driver import Driver
from hub_server import Hub

import datapartnerships as dp
from datapartnerships.detectors.known_people import KnownPeople
from datapartnerships.errors import (
    ConfigurationError,
    GatesShut,
    InvalidParameter,
    OutputError,
    UnknownName,
)
from datapartnerships.release._manifest import Waiver
from datapartnerships.release._withdraw import Wanted, _answers, roots_of, without
from datapartnerships.tombstones import Tombstone, Withdrawn
from datapartnerships.writers._folder import Folder

pytest.importorskip("cryptography", reason="the extra release is not installed")

KEY = bytes(range(32))
DAY, NEXT = "2026-11-22", "2026-11-23"
CANARY = "Orlabeth Quillmarsh"
_NUMBERS = itertools.count()
RECIPE = """\
reader: FolderReader
transforms:
  - AssignRights
  - Split: {test: 0.3}
  - DetectPii: {detectors: [Contacts, Cues]}
  - CompareDetectors: {first: [Contacts], second: [Cues]}
  - Redact
writer: {ParquetWriter: {target_bytes: 1}}
"""
TOLD = """the net was on its rack and nobody had mended what the storm tore out of it that week
so we sat with needles until the lamp was low and the kettle dry while rain ran down the window"""
WORDS = TOLD.split()


def story(seed: int, words: int = 80) -> str:
    rng = random.Random(seed)
    return " ".join(rng.choice(WORDS) for _ in range(words))


def texts() -> dict[str, str]:
    found = {f"notes/{i:02d}.txt": story(i) for i in range(24)}
    told = story(100)
    found["notes/of.txt"] = f"{told} as {CANARY} told us"
    # The same once more, without the name: a copy that somebody made.
    found["notes/copy.txt"] = told
    found["tales/hers.txt"] = f"{story(101)} said {CANARY}"
    return found


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dp.Release]:
    root = tmp_path_factory.mktemp("takedown")
    source = sample.deposit(root / "in", texts())
    return source, sample.run(source, root / "out", RECIPE)


def prepared(run: tuple[Path, dp.Release], path: Path, **given: object) -> dp.ReleaseFolder:
    source, release = run
    options = {
        "deposit": source,
        "version": "1.0.0",
        "date": DAY,
        "key": KEY,
        "waivers": [Waiver(gate, "The desk", DAY, "made up") for gate in ("audit", "residual")],
        **given,
    }
    return dp.prepare(release, path, **options)


def rows(audited: dp.Release) -> list[dict[str, object]]:
    found = audited.dataset
    return [row for split in found.values() for row in split]


@pytest.fixture
def folder(run: tuple[Path, dp.Release], tmp_path: Path) -> dp.ReleaseFolder:
    return prepared(run, tmp_path / "v1")


def every_string(path: Path) -> Iterator[str]:
    """All text of a folder: of its files as they are, and of its tables once they are read."""
    for file in sorted(path.rglob("*")):
        if file.is_file():
            yield file.read_bytes().decode("latin-1")
            if file.suffix == ".parquet":
                yield json.dumps(pq.read_table(file).to_pylist(), default=str)
            if file.name.endswith(".intoto.json"):
                payload = json.loads(file.read_text())["payload"]
                yield base64.b64decode(payload).decode()


def holds(path: Path, words: str) -> bool:
    return any(words in text for text in every_string(path))


def stones(folder: dp.ReleaseFolder) -> tuple[Tombstone, ...]:
    return Withdrawn.open(f"{folder.path}/TOMBSTONES.jsonl").tombstones


def names(folder: dp.ReleaseFolder) -> dict[str, str]:
    """Id of each document, by where it was in the deposit."""
    lines = (Path(folder.path) / "sources.jsonl").read_text().splitlines()
    return {row["uri"]: row["id"] for row in map(json.loads, lines)}


def test_a_person_goes_with_all_that_is_nearly_the_same(
    folder: dp.ReleaseFolder, tmp_path: Path
) -> None:
    assert holds(Path(folder.path), CANARY)
    ids = names(folder)
    asked = dp.takedown(folder, person=CANARY, reason="consent", version="1.0.1", date=NEXT)
    assert asked.folder is None and "would be withdrawn" in str(asked)
    done = dp.takedown(
        folder, tmp_path / "v2", person=CANARY, reason="consent", version="1.0.1", date=NEXT,
        key=KEY, withdrawn=str(tmp_path / "withdrawn"),
    )  # fmt: skip
    gone = {ids["notes/of.txt"], ids["notes/copy.txt"], ids["tales/hers.txt"]}
    assert set(done.documents) == set(asked.documents) == gone
    assert dict(done.why) == {"near duplicate": 1, "person": 2}
    new = Path(done.folder.path)
    assert not holds(new, CANARY) and not holds(new, story(100)[:60])
    assert not holds(tmp_path / "withdrawn", CANARY)
    # Only files that held such rows were written anew; no other byte of data moved.
    old_files = {e.path: e for e in folder.manifest.files if e.path.endswith(".parquet")}
    new_files = {e.path: e for e in done.folder.manifest.files if e.path.endswith(".parquet")}
    assert old_files.keys() == new_files.keys()
    changed = {path for path in old_files if old_files[path] != new_files[path]}
    assert changed == set(done.rows) and sum(done.rows.values()) == 3
    assert sum(e.rows for e in new_files.values()) == 24
    # Everything else says so, and is signed.
    assert dp.verify_release(done.folder, KEY_OF).passed
    assert {
        json.loads(x)["id"] for x in (new / "TOMBSTONES.jsonl").read_text().splitlines()
    } == gone
    assert not gone & set(names(done.folder).values())
    assert "3 documents were withdrawn" in (new / "README.md").read_text()
    assert all(one in (new / "CHANGELOG.md").read_text() for one in gone)
    assert sum(split.num_rows for split in done.folder.dataset.values()) == 24
    notice = json.loads(base64.b64decode(json.loads(done.notice)["payload"]))
    assert set(notice["predicate"]["documents"]) == gone
    assert {item["name"] for item in notice["subject"]} == changed


@pytest.fixture(autouse=True, scope="module")
def _public() -> None:
    from datapartnerships.release.attestation import public_key

    global KEY_OF
    KEY_OF = public_key(KEY)


def test_what_was_withdrawn_cannot_come_back(
    run: tuple[Path, dp.Release], folder: dp.ReleaseFolder, tmp_path: Path
) -> None:
    kept = str(tmp_path / "withdrawn")
    one = names(folder)["notes/of.txt"]
    done = dp.takedown(
        folder, tmp_path / "v2", documents=[one], near=False, reason="rights", version="1.0.1",
        date=NEXT, key=KEY, withdrawn=kept,
    )  # fmt: skip
    assert done.documents == (one,)
    given = {"version": "1.1.0", "date": NEXT, "previous": done.folder}
    # Its id.
    with pytest.raises(GatesShut, match="tombstones: 1 of"):
        prepared(run, tmp_path / "v3", **given)
    # Under another name, a word less: the partner's sketches know it.
    source = sample.deposit(
        tmp_path / "in", {"other/name.txt": f"{story(100)} again", **sample.TEXTS}
    )
    release = sample.run(source, tmp_path / "out", RECIPE)
    again = (source, release)
    with pytest.raises(GatesShut, match="is nearly what was taken down"):
        prepared(again, tmp_path / "v3", **given, tombstones=kept)
    # A step of the recipe leaves it out, and says so.
    recipe = RECIPE.replace("  - Redact\n", f"  - Redact\n  - RejectWithdrawn: {{path: {kept}}}\n")
    release = sample.run(source, tmp_path / "out2", recipe)
    assert release.manifest.rejected["RejectWithdrawn: near duplicate of one withdrawn"] == 1
    last = prepared((source, release), tmp_path / "v3", **given, tombstones=kept)
    assert {stone.id for stone in Withdrawn.open(f"{last.path}/TOMBSTONES.jsonl").tombstones} == {
        one
    }


def test_a_document_goes_with_its_parts(run: tuple[Path, dp.Release], tmp_path: Path) -> None:
    source, _ = run
    recipe = RECIPE.replace(
        "{ParquetWriter: {target_bytes: 1}}", "{ChunkWriter: {max_words: 30, target_bytes: 1}}"
    )
    release = sample.run(source, tmp_path / "out", recipe)
    ids = {row["parent_id"] for row in rows(release)}
    folder = prepared((source, release), tmp_path / "v1")
    one = sorted(ids)[0]
    parts = sum(row["parent_id"] == one for row in rows(release))
    assert parts > 1
    part = next(row["id"] for row in rows(release) if row["parent_id"] == one)
    for given in ({"documents": [one]}, {"documents": part}):
        done = dp.takedown(folder, near=False, reason="error", version="2.0.0", date=NEXT, **given)
        assert done.documents == (one,) and sum(done.rows.values()) == parts
    with pytest.raises(InvalidParameter, match=r"later than 1\.0\.0"):  # asked, too
        dp.takedown(folder, documents=[one], reason="error", version="0.9.0", date=NEXT)
    found = dp.takedown(folder, documents=["x"], reason="error", version="2.0.0", date=NEXT)
    assert found.missing == ("x",) and "Nothing" in str(found) and "x" in str(found)


def test_by_license_and_by_source(folder: dp.ReleaseFolder) -> None:
    given = {"reason": "rights", "version": "1.0.1", "date": NEXT, "near": False}
    ids = names(folder)
    assert dp.takedown(folder, license="CC-BY-4.0", **given).documents == (ids["tales/hers.txt"],)
    assert len(dp.takedown(folder, source="net-loft", **given).documents) in (0, 27)
    assert dp.takedown(folder, license="MIT", **given).documents == ()


def test_many_that_are_only_alike_are_pointed_out() -> None:
    few, many = ({"named": 1, "near duplicate": n} for n in (2, 40))
    ids = tuple("abc")
    assert "look" not in str(dp.Takedown(None, ids, few, {"f": 3}, ()))
    assert "only resemble" in str(dp.Takedown(None, ids, many, {"f": 41}, ()))


def test_what_hung_on_an_agreement_that_ended_can_go(tmp_path: Path) -> None:
    yaml = sample.DEPOSIT.replace("license: CC-BY-4.0", "license: LicenseRef-Tellers")
    yaml += "agreement: {id: LicenseRef-Tellers, from: 2026-01-01, until: 2026-11-22,"
    yaml += " publication: true}\n"
    source = sample.deposit(tmp_path / "in", yaml=yaml)
    release = sample.run(source, tmp_path / "out")
    folder = prepared((source, release), tmp_path / "v1")
    given = {"reason": "rights", "version": "1.0.1", "date": NEXT, "key": KEY, "near": False}
    # Another document alone: what is left hangs on it still.
    one = names(folder)["notes/monday.txt"]
    with pytest.raises(GatesShut, match="LicenseRef-Tellers is not in force"):
        dp.takedown(folder, tmp_path / "v2", documents=[one], **given)
    done = dp.takedown(folder, tmp_path / "v2", license="LicenseRef-Tellers", **given)
    assert len(done.documents) == 2 and done.folder is not None


def test_a_person_behind_a_surrogate_is_found_by_the_audit_of_the_run(tmp_path: Path) -> None:
    source = sample.deposit(tmp_path / "in", {f"{i}.txt": story(i) for i in range(4)})
    (source / "1.txt").write_text(f"{story(1)} by Mr. Orlan Quillmarsh of the harbor")
    recipe = RECIPE.replace(
        "[Contacts, Cues]", "[Contacts, {Names: {languages: [en]}}, Cues]"
    ).replace("  - Redact\n", "  - Redact: {policy: pseudonymize}\n")
    pipeline = dp.Pipeline.from_yaml(recipe, deposit=str(source), out=str(tmp_path / "out"))
    release = dp.run(pipeline, key="a key of these tests", progress=False)
    folder = prepared((source, release), tmp_path / "v1")
    given = {
        "person": "Orlan Quillmarsh",
        "reason": "personal data",
        "version": "2.0.0",
        "date": NEXT,
    }
    assert not holds(Path(folder.path), "Quillmarsh")
    assert dp.takedown(folder, **given).documents == ()
    one = names(folder)["1.txt"]
    found = dp.takedown(folder, **given, run=release, pseudonym_key="a key of these tests")
    assert found.documents == (one,)
    assert (
        dp.takedown(folder, **given, run=release, pseudonym_key="another key, 16 +").documents == ()
    )


def test_a_number_behind_a_surrogate_is_found_too(tmp_path: Path) -> None:
    source = sample.deposit(tmp_path / "in", {f"{i}.txt": story(i) for i in range(4)})
    (source / "1.txt").write_text(f"{story(1)} of the berth KQ-4471-09 as said")
    person = {"name": CANARY, "identifiers": ["KQ-4471-09"]}
    known = json.dumps({"KnownPeople": {"people": [person]}})
    recipe = RECIPE.replace("[Contacts, Cues]}", f"[Contacts, {known}, Cues]}}", 1)
    recipe = recipe.replace("  - Redact\n", "  - Redact: {policy: pseudonymize}\n")
    pipeline = dp.Pipeline.from_yaml(recipe, deposit=str(source), out=str(tmp_path / "out"))
    release = dp.run(pipeline, key="a key of these tests", progress=False)
    folder = prepared((source, release), tmp_path / "v1")
    # With a hyphen: four digits alone stand in some digest now and then.
    assert not any(holds(Path(folder.path), part) for part in ("KQ-4471", "4471-09"))
    found = dp.takedown(
        folder, person=person, reason="personal data", version="2.0.0", date=NEXT, run=release,
        pseudonym_key="a key of these tests",
    )  # fmt: skip
    assert found.documents == (names(folder)["1.txt"],)


def test_of_a_release_something_has_to_be_left(folder: dp.ReleaseFolder, tmp_path: Path) -> None:
    every = sorted(names(folder).values())
    given = {"documents": every, "reason": "rights", "version": "2.0.0", "date": NEXT, "key": KEY}
    with pytest.raises(ConfigurationError, match="nothing would be left"):
        dp.takedown(folder, tmp_path / "v2", **given)
    assert not (tmp_path / "v2").exists()


def test_what_cannot_be_asked_is_said(folder: dp.ReleaseFolder, tmp_path: Path) -> None:
    given = {"reason": "rights", "version": "1.0.1", "date": NEXT}
    with pytest.raises(ConfigurationError, match="Name documents, a person"):
        dp.takedown(folder, **given)
    with pytest.raises(UnknownName, match="court order"):
        dp.takedown(folder, documents=["a"], **{**given, "reason": "court"})
    with pytest.raises(ConfigurationError, match=r"later than 1\.0\.0"):
        dp.takedown(folder, documents=["a"], **{**given, "version": "1.0.0"})
    with pytest.raises(ConfigurationError, match="date"):
        dp.takedown(folder, documents=["a"], **{**given, "date": "tomorrow"})
    with pytest.raises(OutputError, match=r"MANIFEST\.json"):
        dp.takedown(tmp_path / "nothing", documents=["a"], **given)
    file = Path(folder.path) / "README.md"
    file.write_text(file.read_text() + "x")
    with pytest.raises(OutputError, match=r"README\.md"):
        dp.takedown(folder, documents=["a"], **given)


def test_what_nobody_signed_is_not_signed_by_a_takedown(
    folder: dp.ReleaseFolder, tmp_path: Path
) -> None:
    """Evidence of gates is believed and carried over: it has to be the partner's own."""
    one = names(folder)["notes/01.txt"]
    given = {"documents": [one], "reason": "error", "version": "1.0.1", "date": NEXT}
    manifest = Path(folder.path) / "MANIFEST.json"
    held = manifest.read_text()
    told = json.loads(held)
    for gate in told["gates"]:
        gate["passed"], gate["waiver"] = True, None
    manifest.write_text(json.dumps(told))
    with pytest.raises(OutputError, match="not what was signed"):
        dp.takedown(folder, tmp_path / "v2", key=KEY, **given)
    manifest.write_text(held)
    # By somebody else, as well as one may.
    other = bytes(range(1, 33))
    with pytest.raises(OutputError, match="signed by the key"):
        dp.takedown(folder, tmp_path / "v2", key=other, **given)
    done = dp.takedown(folder, tmp_path / "v2", key=other, public_key=KEY_OF, **given)
    assert done.documents == (one,)


def test_a_split_that_loses_all_its_rows(run: tuple[Path, dp.Release], tmp_path: Path) -> None:
    """`datasets` loads nothing of a release in which one split is empty."""
    folder = prepared(run, tmp_path / "v1", subsets_by="license")
    given = {"near": False, "reason": "rights", "date": NEXT, "key": KEY}
    done = dp.takedown(folder, tmp_path / "v2", license="CC-BY-4.0", version="1.0.1", **given)
    assert len(done.documents) == 1 and not (tmp_path / "v2" / "data" / "cc-by-4.0").exists()
    assert sum(split.num_rows for split in done.folder.dataset.values()) == 26
    # Who answers for a gate by their word is still said where people read.
    for name in ("README.md", "DATASHEET.md"):
        assert "The desk" in (tmp_path / "v2" / name).read_text()
    tests = [row["id"] for row in done.folder.dataset["test"]]
    last = dp.takedown(done.folder, tmp_path / "v3", documents=tests, version="1.0.2", **given)
    assert set(last.folder.dataset) == {"train"}
    assert len((tmp_path / "v3" / "TOMBSTONES.jsonl").read_text().splitlines()) == 1 + len(tests)
    assert len(list((tmp_path / "v3" / "notices").iterdir())) == 2
    with pytest.raises(ConfigurationError, match="later than"):
        dp.takedown(
            last.folder, tmp_path / "v4", license="CC0-1.0", **{**given, "version": "1.0.1"}
        )


def test_what_was_withdrawn_elsewhere_is_not_published(
    folder: dp.ReleaseFolder, tmp_path: Path
) -> None:
    """The partner's folder is of all releases, also of private ones."""
    kept = tmp_path / "withdrawn"
    marked = {"reason": "consent", "version": "7.0.0", "date": DAY}
    told = pa.array([story(500)])
    Withdrawn().with_documents(["of-a-private-one"], told, **marked).save(str(kept))
    one = names(folder)["notes/01.txt"]
    done = dp.takedown(
        folder, tmp_path / "v2", documents=[one], near=False, reason="error", version="1.0.1",
        date=NEXT, key=KEY, withdrawn=kept,
    )  # fmt: skip
    assert [stone.id for stone in stones(done.folder)] == [one]
    assert "1 document was withdrawn" in (tmp_path / "v2" / "README.md").read_text()
    assert done.folder.check(date=NEXT, tombstones=kept)["tombstones"].passed
    both = Withdrawn.open(str(kept))
    assert {stone.id for stone in both.tombstones} == {"of-a-private-one", one}
    again = pa.table({"id": ["x", "y"], "text": [story(500), f"well {story(1)}"]})
    assert both.matches(again).to_pylist() == ["text", f"near {one}"]


def test_a_person_is_found_wherever_a_string_stands() -> None:
    said = [f"by {CANARY}", "by nobody"]
    columns = {
        "place": pa.array(["in/Orlabeth_Quillmarsh.pdf", "in/Ida_Vik.pdf"]),
        "escaped": pa.array(["in/Orlabeth%20Quillmarsh.pdf", "in/Ida%20Vik.pdf"]),
        "plus": pa.array(["?q=Orlabeth+Quillmarsh", "?q=Ida+Vik"]),
        "map": pa.array([[("who", one)] for one in said], pa.map_(pa.string(), pa.string())),
        "key": pa.array([[(one, "x")] for one in said], pa.map_(pa.string(), pa.string())),
        "fixed": pa.array([["", one] for one in said], pa.list_(pa.string(), 2)),
        "large": pa.array([[one] for one in said], pa.large_list(pa.large_string())),
        "view": pa.array(said, pa.string_view()),
        "named": pa.array(said).dictionary_encode(),
    }
    wanted = Wanted(people=(CANARY,))
    people = KnownPeople(people=wanted.people)
    for name, column in columns.items():
        table = pa.table({"id": ["a", "b"], name: column})
        [(_, mask)] = _answers(table, wanted, people)
        assert mask.to_pylist() == [True, False], name


def test_rows_without_an_id_cannot_be_taken_down() -> None:
    with pytest.raises(ConfigurationError, match="1 rows of this release have no id"):
        roots_of(pa.table({"id": ["a", None]}))


def test_files_in_rows_stay_out_of_the_statistics(tmp_path: Path) -> None:
    held = {"bytes": b"sound of a bell", "path": "bell.wav"}
    kind = pa.struct([("bytes", pa.binary()), ("path", pa.string())])
    table = pa.table({"id": ["a", "b"], "file": pa.array([held, held], kind)})
    pq.write_table(table, tmp_path / "x.parquet")
    counts = without(Folder(str(tmp_path)), "x.parquet", frozenset("a"), tmp_path / "y.parquet")
    assert counts == {"rows": 2, "withdrawn": 1}
    group = pq.read_metadata(tmp_path / "y.parquet").row_group(0)
    [column] = [
        group.column(i)
        for i in range(group.num_columns)
        if group.column(i).path_in_schema == "file.bytes"
    ]
    assert column.statistics is None and column.compression == "UNCOMPRESSED"


# On the Hub, through the real client.


@pytest.fixture(scope="module")
def hub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hub]:
    with Hub(tmp_path_factory.mktemp("hub")) as hub:
        yield hub


@pytest.fixture(scope="module")
def driver(hub: Hub, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Driver]:
    found = Driver(hub.url, hub.token, tmp_path_factory.mktemp("home"))
    yield found
    found.close()


def test_from_the_hub_no_version_before_can_be_had(
    run: tuple[Path, dp.Release], hub: Hub, driver: Driver, tmp_path: Path
) -> None:
    repo = f"org/loft-{next(_NUMBERS)}"
    folder = prepared(run, tmp_path / "v1")
    first = driver.ask("publish", folder=folder.path, repo=repo, date=DAY)
    (tmp_path / "key").write_bytes(KEY)
    given = {"person": CANARY, "reason": "consent", "version": "1.0.1", "date": NEXT}
    done = driver.ask(
        "takedown", repo=repo, path=str(tmp_path / "v2"), key=str(tmp_path / "key"), **given
    )
    assert done["documents"] == 3 and done["remains"] == []
    assert done["tag"] == "v1.0.1" and done["commit"] != first["commit"]
    store = hub.store.repo(repo)
    assert set(store.tags) == {"v1.0.1"} and set(store.branches) == {"main"}
    error, words = driver.error("load", repo=repo, revision=first["commit"])
    assert error, words
    # Not in any byte that the server still has for it.
    assert not any(CANARY in text for text in served(hub, repo, tmp_path / "served"))
    pin = driver.ask("check_pin", repo=repo, revision="v1.0.0")
    assert not pin["ok"] and pin["move_to"] == "v1.0.1"
    assert driver.ask("check_pin", repo=repo, revision="v1.0.1")["ok"]
    assert sum(map(len, driver.ask("load", repo=repo, revision="v1.0.1").values())) == 24


def served(hub: Hub, repo: str, path: Path) -> Iterator[str]:
    """Every file of every commit that is still there, as `every_string` reads it."""
    store = hub.store.repo(repo)
    for sha, commit in store.commits.items():
        for name, file in commit.files.items():
            target = path / sha / name
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(hub.store.path(file.blob).read_bytes())
    yield from every_string(path)


def test_a_takedown_that_was_interrupted_goes_on(
    run: tuple[Path, dp.Release], hub: Hub, driver: Driver, tmp_path: Path
) -> None:
    repo = f"org/loft-{next(_NUMBERS)}"
    folder = prepared(run, tmp_path / "v1")
    driver.ask("publish", folder=folder.path, repo=repo, date=DAY)
    given = {"reason": "consent", "version": "1.0.1", "date": NEXT}
    done = dp.takedown(folder, tmp_path / "v2", person=CANARY, key=KEY, **given)
    # It arrived, and then the line broke: what was before is still there.
    driver.ask("publish", folder=done.folder.path, repo=repo, date=NEXT)
    assert set(hub.store.repo(repo).tags) == {"v1.0.0", "v1.0.1"}
    (tmp_path / "key").write_bytes(KEY)
    again = driver.ask(
        "takedown", repo=repo, path=str(tmp_path / "v3"), key=str(tmp_path / "key"), person=CANARY,
        **given,
    )  # fmt: skip
    assert again["documents"] == 0 and again["tag"] == "v1.0.1"
    assert set(hub.store.repo(repo).tags) == {"v1.0.1"}
    assert not any(CANARY in text for text in served(hub, repo, tmp_path / "served"))


def test_what_was_withdrawn_does_not_come_back_by_a_version_that_knows_nothing_of_it(
    run: tuple[Path, dp.Release], hub: Hub, driver: Driver, tmp_path: Path
) -> None:
    """The gate of tombstones sees those of the folder: without `previous` there are none."""
    repo = f"org/loft-{next(_NUMBERS)}"
    folder = prepared(run, tmp_path / "v1")
    given = {"person": CANARY, "reason": "consent", "version": "1.0.1", "date": NEXT}
    done = dp.takedown(folder, tmp_path / "v2", key=KEY, **given)
    driver.ask("publish", folder=done.folder.path, repo=repo, date=NEXT)
    later = prepared(run, tmp_path / "v3", version="1.1.0", date=NEXT)
    assert holds(Path(later.path), CANARY)
    error, words = driver.error("publish", folder=later.path, repo=repo, date=NEXT)
    assert error == "PublishError" and "3 documents were taken down" in words
    assert set(hub.store.repo(repo).tags) == {"v1.0.1"}


def test_a_release_that_no_takedown_made_loses_no_version(
    run: tuple[Path, dp.Release], hub: Hub, driver: Driver, tmp_path: Path
) -> None:
    """An id with a slip of the pen, and the version that is there: not everything before it."""
    repo = f"org/loft-{next(_NUMBERS)}"
    folder = prepared(run, tmp_path / "v1")
    driver.ask("publish", folder=folder.path, repo=repo, date=DAY)
    after = prepared(run, tmp_path / "v2", version="1.1.0", date=NEXT, previous=folder)
    driver.ask("publish", folder=after.path, repo=repo, date=NEXT)
    (tmp_path / "key").write_bytes(KEY)
    error, words = driver.error(
        "takedown", repo=repo, path=str(tmp_path / "v3"), key=str(tmp_path / "key"),
        documents=["not-there"], reason="error", version="1.1.0", date=NEXT,
    )  # fmt: skip
    assert error == "InvalidParameter" and "later than 1.1.0" in words
    assert set(hub.store.repo(repo).tags) == {"v1.0.0", "v1.1.0"}


def test_nothing_is_forgotten_when_main_has_moved(
    run: tuple[Path, dp.Release], hub: Hub, driver: Driver, tmp_path: Path
) -> None:
    repo = f"org/loft-{next(_NUMBERS)}"
    folder = prepared(run, tmp_path / "v1")
    driver.ask("publish", folder=folder.path, repo=repo, date=DAY)
    error, words = driver.error("forget", repo=repo, tag="v1.0.0", at="0" * 40)
    assert error == "PublishError" and "nothing was forgotten" in words
    assert set(hub.store.repo(repo).tags) == {"v1.0.0"}


def test_a_takedown_that_was_interrupted_before_anything_was_sent(
    run: tuple[Path, dp.Release], hub: Hub, driver: Driver, tmp_path: Path
) -> None:
    repo = f"org/loft-{next(_NUMBERS)}"
    folder = prepared(run, tmp_path / "v1")
    driver.ask("publish", folder=folder.path, repo=repo, date=DAY)
    given = {"person": CANARY, "reason": "consent", "version": "1.0.1", "date": NEXT}
    dp.takedown(folder, tmp_path / "v2", key=KEY, **given)
    (tmp_path / "key").write_bytes(KEY)
    given |= {"repo": repo, "path": str(tmp_path / "v2"), "key": str(tmp_path / "key")}
    assert driver.ask("takedown", **given)["documents"] == 3
    assert set(hub.store.repo(repo).tags) == {"v1.0.1"}
    # What is there follows another version now.
    one = names(folder)["notes/01.txt"]
    given |= {"person": None, "documents": [one], "version": "1.0.2"}
    error, words = driver.error("takedown", **given)
    assert error == "OutputError" and "holds a release already" in words


@pytest.mark.slow
def test_200_people_in_100_000_rows(tmp_path: Path) -> None:
    rng = random.Random(7)
    ends = ["ba", "de", "fi", "go", "lu", "ma", "ne", "pi", "ro", "su", "ta", "vel", "wyn"]

    def name() -> str:
        first, last = ("".join(rng.choice(ends) for _ in range(n)).capitalize() for n in (3, 4))
        return f"{first} {last}"

    people = sorted({name() for _ in range(260)})[:200]
    planted = dict(zip(rng.sample(range(100_000), 200), people, strict=True))
    (tmp_path / "in").mkdir()
    with open(tmp_path / "in" / "rows.jsonl", "w") as stream:
        for i in range(100_000):
            text = story(i, 50) + (f" for {planted[i]} of the quay" if i in planted else "")
            stream.write(json.dumps({"text": text}) + "\n")
    (tmp_path / "in" / "deposit.yaml").write_text(sample.DEPOSIT)
    recipe = RECIPE.replace("target_bytes: 1}", "target_bytes: 400000}")
    release = sample.run(tmp_path / "in", tmp_path / "out", recipe)
    folder = prepared((tmp_path / "in", release), tmp_path / "v1")
    done = dp.takedown(
        folder, tmp_path / "v2", person=people, reason="consent", version="2.0.0", date=NEXT,
        key=KEY,
    )  # fmt: skip
    assert done.why["person"] == 200
    held = set()
    for entry in folder.manifest.files:
        if entry.path.endswith(".parquet"):
            found = " ".join(pq.read_table(Path(folder.path) / entry.path)["text"].to_pylist())
            if any(person in found for person in people):
                held.add(entry.path)
    assert set(done.rows) == held and len(held) > 1
    for text in every_string(Path(done.folder.path)):
        assert not any(person in text for person in people)
    table = pa.concat_tables(
        pq.read_table(path, columns=["id"]) for path in Path(done.folder.path).rglob("*.parquet")
    )
    assert table.num_rows == 100_000 - sum(done.rows.values())
