"""A thousand ways to spoil a release: each is seen, and nothing without a right passes."""

from __future__ import annotations

import json
import random
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import mutations as m
import pytest
import release_sample as sample

import datapartnerships as dp
from datapartnerships.errors import DataPartnershipsError
from datapartnerships.release.attestation import fingerprint

MANY, FEW = 1000, 60


class Made(NamedTuple):
    deposit: Path
    run: Path
    folder: Path
    keys: dict[str, bytes]
    signer: str
    audit: Any


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Made:
    from datapartnerships._backends.ed25519 import new_key, sign

    root = tmp_path_factory.mktemp("made")
    texts = dict(sample.TEXTS)
    for n in range(12):
        texts[f"tales/more-{n}.txt"] = f"The tale of knot number {n} was short, as knots are."
    source = sample.deposit(root / "in", texts)
    release = sample.run(source, root / "run")
    keys = {"insider": new_key(), "resigned": new_key()}
    audit = sample.audit(release)
    dp.prepare(
        release, root / "release", version="1.0.0", date=sample.DAY, deposit=source,
        key=keys["insider"], audit=audit,
    )  # fmt: skip
    signer = fingerprint(sign(keys["insider"], b"")[1])
    return Made(source, root / "run", root / "release", keys, signer, audit)


def look(made: Made, folder: Path, **given: Any) -> tuple[bool, str, set[str]]:
    """Whether it may leave; all that was said; the gates that are shut."""
    try:
        release = dp.ReleaseFolder.open(str(folder))
        found = release.check(date=sample.DAY, signer=made.signer, track="open", **given)
    except (DataPartnershipsError, OSError) as error:
        return False, str(error), {"could not be opened"}
    told = json.dumps([[r.name, r.finding, dict(r.evidence)] for r in found.shut])
    return found.passed, told, {result.name for result in found.shut}


def spoil(
    ways: tuple[Callable[..., m.Spoiled], ...], source: Path, target: Path, rng: random.Random
) -> m.Spoiled:
    """A copy that is another: a change that changes nothing is none."""
    before = m.state(source)
    for _ in range(50):
        m.copy(source, target)
        try:
            done = rng.choice(ways)(target, rng)
        except (TypeError, KeyError):  # such a change is not possible here
            continue
        if m.state(target) != before:
            return done
    raise AssertionError("no change could be made")


def of_folder(made: Made, place: Path, rng: random.Random) -> tuple[str, set[str]]:
    """A folder is spoiled, perhaps covered up by somebody without the key."""
    ways = rng.choice([m.OF_CONTENT, m.OF_CONTENT, m.OF_PROOF])
    done = spoil(ways, made.folder, place, rng)
    cover = rng.choice(m.COVERS[:3]) if ways is m.OF_CONTENT else "bare"
    m.cover_folder(place, cover, made.keys)
    with_deposit = {"deposit": made.deposit} if rng.random() < 0.5 else {}
    passed, told, gates = look(made, place, **with_deposit)
    assert not passed, f"{done.kind} ({cover}) was not seen"
    if cover == "bare":
        assert any(n in told for n in done.named.split("|")), f"{done.kind}: {done} {told}"
    else:
        assert gates & {"attestation", "could not be opened"}, f"{done.kind} ({cover}): {gates}"
    return f"folder, {cover}: {done.kind}", gates


def of_insider(made: Made, place: Path, rng: random.Random) -> tuple[str, set[str]]:
    """The publisher's own key signs what nobody has a right to."""
    done = spoil(m.LAWLESS, made.folder, place, rng)
    m.cover_folder(place, "insider", made.keys)
    passed, told, gates = look(made, place)
    assert not passed and done.gates & gates, f"{done.kind}: {gates} {told}"
    assert "attestation" not in gates, "the signature is good: what is not are the rows"
    return f"insider: {done.kind}", gates


def of_ledger(made: Made, place: Path, rng: random.Random) -> tuple[str, set[str]]:
    """The run is spoiled before anything is made of it, or after."""
    done = spoil(m.OF_RUN, made.run, place, rng)
    covered = rng.random() < 0.5
    if covered:
        m.cover_run(place)
    run = dp.Release.open(str(place))
    found = run.check(date=sample.DAY, deposit=made.deposit, audit=made.audit)
    gates = {result.name for result in found.shut}
    told = json.dumps([[r.name, r.finding, dict(r.evidence)] for r in found.shut])
    if not covered:
        assert "run" in gates and done.named in told, f"{done.kind}: {gates}"
    if done.gates:
        assert "rights" in gates, f"{done.kind}: {gates}"
    # Whoever made the manifest of the run fit is told by the folder that was made before.
    passed, told, gates = look(made, made.folder, run=run, deposit=made.deposit)
    assert not passed and "run" in gates, f"{done.kind}: {gates}"
    return f"run{', covered' if covered else ''}: {done.kind}", gates


def spoiled(made: Made, place: Path, seed: int) -> tuple[str, set[str]]:
    rng = random.Random(seed)
    return rng.choice([of_folder, of_folder, of_insider, of_ledger])(made, place, rng)


def test_unspoiled_it_may_leave(made: Made) -> None:
    assert look(made, made.folder) == (True, "[]", set())
    run = dp.Release.open(str(made.run))
    assert look(made, made.folder, run=run, deposit=made.deposit, audit=made.audit)[0]


def test_another_key_is_not_the_publishers(made: Made, tmp_path: Path) -> None:
    place = m.copy(made.folder, tmp_path / "x")
    m.cover_folder(place, "resigned", made.keys)
    passed, told, gates = look(made, place)
    assert not passed and gates == {"attestation"} and made.signer in told


def test_another_deposit_yaml_is_not_the_one_it_was_made_with(made: Made, tmp_path: Path) -> None:
    place = m.copy(made.deposit, tmp_path / "in")
    with open(place / "deposit.yaml", "a", encoding="utf-8") as stream:
        stream.write("purposes: [anything]\n")
    passed, told, gates = look(made, made.folder, deposit=place)
    assert not passed and gates == {"files"} and "deposit.yaml" in told


def test_some_ways_to_spoil_it_are_seen(made: Made, tmp_path: Path) -> None:
    for seed in range(FEW):
        spoiled(made, tmp_path / "x", seed)


@pytest.mark.slow
def test_a_thousand_ways_to_spoil_it_are_seen(made: Made, tmp_path: Path) -> None:
    kinds, shut, missed = Counter[str](), Counter[str](), []
    for seed in range(MANY):
        try:
            kind, gates = spoiled(made, tmp_path / "x", seed)
        except AssertionError as error:
            missed.append(f"{seed}: {error}")
            continue
        kinds[kind] += 1
        shut.update(gates)
    print("\n".join(f"{n:5} {kind}" for kind, n in sorted(kinds.items())))
    print(dict(shut.most_common()))
    assert not missed, "\n".join(missed)
    assert kinds.total() == MANY
