"""What stands in the MANIFEST.json of a release folder."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from datapartnerships.schema import FileEntry

FORMAT = "datapartnerships release 1"
MANIFEST = "MANIFEST.json"
ATTESTATION = "attestation.intoto.json"
# Of the release folder itself: they cannot hold their own digests.
PROOF = (MANIFEST, ATTESTATION)
TRACKS = ("open", "private")


@dataclass(frozen=True, slots=True)
class Waiver:
    """Somebody's word that a gate may be passed all the same; it travels in the manifest.

    Attributes:
        gate: name of the gate.
        by: who answers for it: a person, with their office.
        date: ISO 8601.
        reason: why.
    """

    gate: str
    by: str
    date: str
    reason: str


@dataclass(frozen=True, slots=True)
class GateResult:
    """What one gate found.

    Attributes:
        name: of the gate.
        passed: whether the release may leave, as far as this gate is concerned. Unknown is False.
        finding: one sentence.
        evidence: what it was decided by: counts, digests, places. Never any text of a document.
        waiver: who lets it pass although it did not.
    """

    name: str
    passed: bool
    finding: str
    evidence: Mapping[str, Any] = field(default_factory=dict)
    waiver: Waiver | None = None

    @property
    def open(self) -> bool:
        return self.passed or self.waiver is not None


@dataclass(frozen=True, slots=True)
class ReleaseManifest:
    """Proof of a release folder: every file in it, and why it may leave.

    Attributes:
        name: of the dataset.
        version: semantic version, ``1.0.0``.
        date: ISO 8601 day of the release, as it was passed in.
        track: ``open`` or ``private``.
        run: digest of the manifest of the run that made the data.
        fingerprint: of the recipe of that run.
        deposit: SHA-256 of deposit.yaml.
        documents_in: as in the manifest of the run; so are the next two.
        files: all files but the manifest and the attestation; `rows` is 0 but for data.
        gates: what was found before it left.
        previous: digest of the manifest of the version before.
    """

    name: str
    version: str
    date: str
    track: str
    run: str
    fingerprint: str
    deposit: str
    documents_in: int
    documents_out: int
    rejected: Mapping[str, int]
    files: tuple[FileEntry, ...]
    gates: tuple[GateResult, ...] = ()
    previous: str | None = None
    format: str = FORMAT

    def to_json(self) -> str:
        return json.dumps(asdict(self), indent=2, sort_keys=True, ensure_ascii=False) + "\n"

    @classmethod
    def from_json(cls, text: str) -> ReleaseManifest:
        raw = json.loads(text)
        raw["files"] = tuple(FileEntry(**entry) for entry in raw["files"])
        raw["gates"] = tuple(
            GateResult(**{**gate, "waiver": Waiver(**gate["waiver"]) if gate["waiver"] else None})
            for gate in raw["gates"]
        )
        return cls(**raw)


def order(version: str) -> tuple[Any, ...]:
    """Sorts versions as semver does: numbers by value, a pre-release before its release."""
    core, _, before = version.split("+")[0].partition("-")
    numbers = tuple(int(part) if part.isdigit() else -1 for part in core.split("."))
    parts = tuple(
        (part.isdigit() and (0, int(part), "")) or (1, 0, part) for part in before.split(".")
    )
    return (numbers, not before, parts)
