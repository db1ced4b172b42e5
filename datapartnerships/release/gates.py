"""What is checked before anything leaves.

A gate is a function of a `Candidate`; the table `GATES` says which there are. It is shut unless it
could be shown that it may be open: what is missing, and an error while looking, shut it.
"""

from __future__ import annotations

import datetime
import html
import textwrap
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from datapartnerships.errors import (
    ConfigurationError,
    DataPartnershipsError,
    GatesShut,
    InvalidParameter,
    UnknownName,
)
from datapartnerships.executors._result import Release
from datapartnerships.intake import Intake
from datapartnerships.release import _gates_folder as folder
from datapartnerships.release import _gates_privacy as privacy
from datapartnerships.release import _gates_rights as rights
from datapartnerships.release._manifest import TRACKS, GateResult, Waiver
from datapartnerships.release.candidate import Candidate, NoEvidence, check_day
from datapartnerships.release.folder import ReleaseFolder
from datapartnerships.release.policy import ReleasePolicy
from datapartnerships.sheet import Audit

__all__ = ["GATES", "Candidate", "Checks", "Gate", "GateResult", "ReleasePolicy", "Waiver", "check"]


@dataclass(frozen=True)
class Gate:
    """One check.

    Attributes:
        function: looks at a candidate; its name is that of the gate.
        needs: ``data``, which a run and a folder have, or ``folder``.
        tracks: releases of these tracks have to pass it.
        waivable: whether somebody's word is enough. It is not, where there is another place to say
            it (rights: deposit.yaml), and where it is what all others are believed by.
    """

    function: Callable[[Candidate], GateResult]
    needs: str = "data"
    tracks: tuple[str, ...] = TRACKS
    waivable: bool = True

    @property
    def name(self) -> str:
        return self.function.__name__

    @property
    def about(self) -> str:
        return (self.function.__doc__ or "").splitlines()[0]


_OPEN = ("open",)
GATES: Mapping[str, Gate] = {
    gate.name: gate
    for gate in (
        Gate(folder.run, waivable=False),
        Gate(rights.rights, waivable=False),
        Gate(rights.agreement, waivable=False),
        Gate(rights.embargo, waivable=False),
        Gate(rights.opt_outs, waivable=False),
        Gate(rights.private, tracks=_OPEN, waivable=False),
        Gate(rights.tombstones),
        Gate(privacy.redaction, tracks=_OPEN),
        Gate(privacy.residual, tracks=_OPEN),
        Gate(privacy.audit, tracks=_OPEN),
        Gate(privacy.failed_redactions),
        Gate(privacy.containers),
        Gate(privacy.local_paths),
        Gate(privacy.secrets),
        Gate(folder.card, "folder"),
        Gate(folder.croissant, "folder"),
        Gate(folder.files, "folder", waivable=False),
        Gate(folder.attestation, "folder", waivable=False),
    )
}


@dataclass(frozen=True)
class Checks:
    """What all gates found; prints as a table.

    Attributes:
        subject: where the candidate lies.
        track: that it was held against.
        date: the day that it was held against.
        results: of each gate that was asked, in the order of `GATES`.
        later: gates that were not asked, and why.
    """

    subject: str
    track: str
    date: str
    results: tuple[GateResult, ...]
    later: Mapping[str, str]

    @property
    def passed(self) -> bool:
        """Whether every gate that was asked is open, by itself or by a waiver."""
        return all(result.open for result in self.results)

    @property
    def shut(self) -> tuple[GateResult, ...]:
        return tuple(result for result in self.results if not result.open)

    def require(self) -> Checks:
        """Itself, if all gates are open.

        Raises
        ------
        GatesShut
            One is not; all that are not are named.
        """
        if not self.passed:
            names = "\n".join(f"  {result.name}: {result.finding}" for result in self.shut)
            raise GatesShut(f"{self.subject} may not leave ({self.track} track):\n{names}")
        return self

    def __iter__(self) -> Iterator[GateResult]:
        return iter(self.results)

    def __len__(self) -> int:
        return len(self.results)

    def __getitem__(self, name: str) -> GateResult:
        for result in self.results:
            if result.name == name:
                return result
        raise UnknownName("gate", name, [result.name for result in self.results])

    def __str__(self) -> str:
        shut = len(self.shut)
        verdict = "may leave" if not shut else f"may NOT leave: {shut} of {len(self)} gates shut"
        lines = [f"{self.subject}, {self.track} track, {self.date}: {verdict}", ""]
        for result in self.results:
            head = f"{_state(result):7} {result.name:18} "
            lines += textwrap.wrap(
                _told(result), 100, initial_indent=head, subsequent_indent=" " * len(head)
            )
        lines += [f"{'later':7} {name:18} {why}" for name, why in self.later.items()]
        return "\n".join(lines)

    def _repr_html_(self) -> str:
        rows = "".join(
            f"<tr><td>{_state(result)}</td><td><code>{html.escape(result.name)}</code></td>"
            f"<td style='text-align:left'>{html.escape(_told(result))}</td></tr>"
            for result in self.results
        )
        rows += "".join(
            f"<tr><td>later</td><td><code>{html.escape(name)}</code></td>"
            f"<td style='text-align:left'>{html.escape(why)}</td></tr>"
            for name, why in self.later.items()
        )
        head = html.escape(str(self).splitlines()[0])
        return f"<p>{head}</p><table><tbody>{rows}</tbody></table>"


def _state(result: GateResult) -> str:
    return "open" if result.passed else "waived" if result.waiver else "SHUT"


def _told(result: GateResult) -> str:
    waiver = result.waiver
    word = f" Waived by {waiver.by} on {waiver.date}: {waiver.reason}" if waiver else ""
    return f"{result.finding}.{word}" if word else result.finding


def check(candidate: Candidate) -> Checks:
    """Ask every gate that the candidate has to pass.

    Raises
    ------
    ConfigurationError
        A waiver names no gate, or one that cannot be waived, or lacks a name, a day or a reason.
    """
    waivers = _waivers(candidate)
    results, later = [], {}
    for name, gate in GATES.items():
        if candidate.track not in gate.tracks:
            later[name] = f"not asked of the {candidate.track} track"
        elif gate.needs == "folder" and candidate.folder is None:
            later[name] = "asked of the release folder"
        else:
            result = _asked(gate, candidate)
            results.append(result if result.passed else replace(result, waiver=waivers.get(name)))
    return Checks(candidate.where, candidate.track, candidate.date, tuple(results), later)


def _asked(gate: Gate, candidate: Candidate) -> GateResult:
    try:
        found = gate.function(candidate)
    except NoEvidence as error:
        return GateResult(gate.name, False, str(error))
    except DataPartnershipsError as error:
        return GateResult(gate.name, False, f"could not be checked: {error}")
    except Exception as error:  # it says what it is; what it says may be text of a document
        return GateResult(gate.name, False, f"could not be checked: {type(error).__name__}")
    return found


def _waivers(candidate: Candidate) -> dict[str, Waiver]:
    """By gate. Those of the manifest of the folder count too: they are signed."""
    told = [result.waiver for result in candidate.said.values() if result.waiver is not None]
    found = {}
    for waiver in (*told, *candidate.waivers):
        if waiver.gate not in GATES:
            raise UnknownName("gate", waiver.gate, GATES, where="a waiver")
        if not GATES[waiver.gate].waivable:
            raise ConfigurationError(
                f"The gate {waiver.gate!r} cannot be waived: {GATES[waiver.gate].about} What is "
                "not so has to be made so."
            )
        for name in ("by", "reason"):
            if not str(getattr(waiver, name)).strip():
                raise InvalidParameter(waiver, name, "some words", getattr(waiver, name))
        check_day(waiver, "date", waiver.date)
        if waiver.date > candidate.date:
            rule = f"no later than the day of the release, {candidate.date}"
            raise InvalidParameter(waiver, "date", rule, waiver.date)
        found[waiver.gate] = waiver
    return found


def candidate_of(
    source: Release | ReleaseFolder,
    *,
    track: str | None = None,
    date: str | None = None,
    deposit: Any = None,
    policy: Any = None,
    audit: Any = None,
    tombstones: Any = None,
    private: Iterable[str] = (),
    waivers: Iterable[Waiver] = (),
    run: Release | None = None,
    signer: str | None = None,
) -> Candidate:
    """What `Release.check` and `ReleaseFolder.check` hand to `check`.

    Args:
        source: what wants to leave.
        track: ``open`` or ``private``; that of the folder, or ``open``.
        date: the day of the release; today, where it is not given.
        deposit: an `Intake`, or the path of a deposit.yaml.
        policy: a `ReleasePolicy`, or a mapping; that of the deposit, if none is given, or the one
            that the manifest of the folder says.
        audit: an `Audit`, or the file that the reader of a sheet saved.
        tombstones: what was taken down; see `Candidate`.
        private: ids and digests that must not be in an open release.
        waivers: words of people.
        run: the run that the folder was made of.
        signer: fingerprint of the key that must have signed the folder.
    """
    from datapartnerships.sheet import read_audit

    intake = deposit if isinstance(deposit, Intake | None) else Intake.load(deposit)
    if audit is not None and not isinstance(audit, Audit):
        audit = read_audit(audit)
    made = source if isinstance(source, ReleaseFolder) else None
    if policy is None and intake is not None:
        policy = intake.policy
    elif policy is None and made is not None:  # it left under this one, and that was signed
        said = {result.name: result for result in made.manifest.gates}.get("rights")
        policy = said.evidence.get("policy") if said else None
    return Candidate(
        run=source if isinstance(source, Release) else run,
        folder=made,
        intake=intake,
        policy=ReleasePolicy.from_plain(policy),
        track=track or (made.manifest.track if made else "open"),
        date=date or datetime.date.today().isoformat(),
        audit=audit,
        tombstones=tombstones,
        private=frozenset(private),
        waivers=tuple(waivers),
        signer=signer,
    )


def check_release(source: Release | ReleaseFolder, **given: Any) -> Checks:
    """`check` of what `candidate_of` makes of these."""
    return check(candidate_of(source, **given))
