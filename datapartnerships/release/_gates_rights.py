"""Gates of rights: who may let go of this, and did they."""

from __future__ import annotations

import json
import os
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from datapartnerships import licenses
from datapartnerships.intake import RIGHTS_FIELDS, Agreement
from datapartnerships.kernels.segments import whole
from datapartnerships.release._manifest import GateResult
from datapartnerships.release._stats import document_ids
from datapartnerships.release.candidate import Candidate, NoEvidence, need
from datapartnerships.tombstones import IDS, TOMBSTONES, Withdrawn
from datapartnerships.transforms._places import ledger_rows, opted_out, placeless

# So many ids are in a finding; the number of all is there too.
SHOWN = 20
_NOT_GIVEN = "deposit.yaml was not given"


# What a row, or the document that it is a part of, is known by.
NAMES = ("id", "parent_id", "document_id", "provenance", "media")


class Rows:
    """Rows that are not as they should be: by reason, how many, and the first ids."""

    def __init__(self) -> None:
        self.count: Counter[str] = Counter()
        self.ids: dict[str, list[str]] = {}
        self.seen = 0

    def add(self, reason: str, id: Any) -> None:
        self.count[reason] += 1
        shown = self.ids.setdefault(reason, [])
        if len(shown) < SHOWN:
            shown.append(str(id))

    def add_all(self, reason: str, ids: Any) -> None:
        self.count[reason] += len(ids)
        shown = self.ids.setdefault(reason, [])
        shown += [str(id) for id in ids.slice(0, SHOWN - len(shown)).to_pylist()]

    def result(self, name: str, good: str, **evidence: Any) -> GateResult:
        facts = {"rows": self.seen, **evidence}
        self.count += Counter()  # without what is none
        if not self.count:
            return GateResult(name, True, f"{self.seen:,} rows: {good}", facts)
        facts["reasons"] = dict(sorted(self.count.items()))
        facts["ids"] = {reason: ids for reason, ids in sorted(self.ids.items()) if ids}
        most = "; ".join(f"{reason}: {n:,}" for reason, n in self.count.most_common(3))
        finding = f"{sum(self.count.values()):,} of {self.seen:,} rows are not as they must be: "
        return GateResult(name, False, finding + most, facts)


def rights(candidate: Candidate) -> GateResult:
    """Every row has a right that is known, holds on this day, and permits what is meant."""
    need(candidate, ["id", "rights", "provenance"])
    agreements = _agreements(candidate)
    found, kinds = Rows(), Counter[str]()
    for table in candidate.batches(["id", "rights", "provenance"]):
        found.seen += table.num_rows
        for own, said, rows in _kinds(candidate, table):
            kinds[str(own.get("license"))] += len(rows)
            wrong = _wrong(candidate, own, agreements) or _not_as_deposited(own, said)
            if wrong:
                found.add_all(wrong, table["id"].take(pa.array(rows)))
    facts = {"licenses": dict(sorted(kinds.items())), "policy": candidate.policy.to_plain()}
    return found.result("rights", "known, and enough for this track", **facts)


def _kinds(
    candidate: Candidate, table: pa.Table
) -> Iterator[tuple[dict[str, Any], Mapping[str, Any] | str | None, Any]]:
    """The rights that rows have, what deposit.yaml says of them, and the rows; each pair once."""
    intake, rights = candidate.intake, whole(table["rights"])
    which = np.zeros(table.num_rows, np.int64)
    if intake is not None:
        which = np.where(placeless(table), -1, ledger_rows(intake, table))
    columns = [pa.array(which).cast(pa.string())]
    for name, column in zip((item.name for item in rights.type), rights.flatten(), strict=True):
        if name == "signals":
            told = ["" if x is None else json.dumps(x, sort_keys=True) for x in column.to_pylist()]
            column = pa.array(told)
        column = column.cast(pa.string())
        # With their lengths, so that no value can pass for the end of one and the next.
        lengths = pc.fill_null(pc.binary_length(column), -1)
        columns += [lengths.cast(pa.string()), pc.fill_null(column, "")]
    keys = pc.binary_join_element_wise(*columns, " ").dictionary_encode().indices.to_numpy()
    order = np.argsort(keys, kind="stable")
    starts = np.flatnonzero(np.diff(keys[order], prepend=-1))
    for rows in np.split(order, starts[1:]) if len(order) else ():
        at = int(rows[0])
        said: Mapping[str, Any] | str | None = None
        if intake is not None:
            said = "" if which[at] < 0 else intake.ledger[int(which[at])]
        yield rights[at].as_py() or {}, said, rows


def _wrong(candidate: Candidate, own: Mapping[str, Any], agreements: set[str]) -> str:
    """What is wrong with a right; empty where nothing is."""
    policy = candidate.policy
    license, basis = own.get("license"), own.get("basis")
    if not license:
        return "no license is known"
    if basis not in policy.bases:
        return f"the basis {basis!r} is not enough"
    if own.get("track") not in ("open", candidate.track):
        return f"the track is {own.get('track')!r}"
    until = own.get("valid_until")
    if until and until < candidate.date:
        return f"the right ended on {until}"
    if candidate.track != "open":
        try:
            licenses.parse(license)
        except ValueError as error:
            return str(error)
        return ""
    if licenses.permits_publication(license, classes=policy.license_classes, agreements=agreements):
        return ""
    return f"{license} does not permit publication"


def _not_as_deposited(own: Mapping[str, Any], said: Mapping[str, Any] | str | None) -> str:
    """The ledger against its source: what deposit.yaml says of the place of this row."""
    if said is None:
        return ""
    if isinstance(said, str):
        return "nothing says where it is from"
    differ = [name for name in RIGHTS_FIELDS if (own.get(name) or None) != (said[name] or None)]
    return f"{', '.join(differ)}: not as deposit.yaml says" if differ else ""


def _agreements(candidate: Candidate) -> set[str]:
    """Agreements that are in force and permit publication, as far as anybody says."""
    if candidate.intake is not None:
        return {
            one.id for one in candidate.intake.agreements
            if one.publication and one.in_force(candidate.date)
        }  # fmt: skip
    said = candidate.said.get("agreement")
    held = said.evidence.get("agreements", []) if said is not None and said.passed else []
    return {
        one["id"] for one in held
        if one["publication"] and _in_force(one, candidate.date)
    }  # fmt: skip


def _in_force(one: Mapping[str, Any], date: str) -> bool:
    return bool(one["from"] <= date and (one["until"] is None or date <= one["until"]))


def agreement(candidate: Candidate) -> GateResult:
    """The agreements of the deposit are in force; the private track does not go without one."""
    if candidate.intake is not None:
        held = [_plain(one) for one in candidate.intake.agreements]
    else:
        held = candidate.recorded("agreement", _NOT_GIVEN).evidence["agreements"]
        # After a takedown of what hung on an agreement that ended, nothing does.
        used = _named(candidate) if any(not _in_force(x, candidate.date) for x in held) else ()
        held = [x for x in held if _in_force(x, candidate.date) or x["id"] in used]
    if not held:
        if candidate.track == "private":
            return GateResult("agreement", False, "the private track needs an agreement")
        finding = "no document hangs on one"
        return GateResult("agreement", True, finding, {"agreements": []})
    evidence = {"agreements": held}
    for one in held:
        if not _in_force(one, candidate.date):
            finding = f"{one['id']} is not in force on {candidate.date}"
            return GateResult("agreement", False, finding, evidence)
    names = ", ".join(one["id"] for one in held)
    return GateResult("agreement", True, f"in force: {names}", evidence)


def _named(candidate: Candidate) -> frozenset[str]:
    """Every license and agreement that a row names."""
    need(candidate, ["rights"])
    every = {
        name
        for table in candidate.batches(["rights"])
        for name in pc.unique(whole(table["rights"]).field("license")).to_pylist()
    }
    return frozenset(one for name in every if name for one in licenses.ids(name))


def _plain(one: Agreement) -> dict[str, Any]:
    return {
        "id": one.id, "from": one.start, "until": one.end,
        "publication": one.publication, "evidence": one.evidence,
    }  # fmt: skip


def embargo(candidate: Candidate) -> GateResult:
    """No row is under an embargo, nor is the deposit."""
    need(candidate, ["id", "rights"])
    found = Rows()
    last = candidate.intake.embargo_until if candidate.intake else None
    if last and candidate.date < last:
        facts = {"embargo_until": last}
        return GateResult("embargo", False, f"the deposit is under embargo until {last}", facts)
    for table in candidate.batches(["id", "rights"]):
        found.seen += table.num_rows
        days = _field(table, "embargo_until")
        if days is None:
            raise NoEvidence("the rights of the data say no embargo: they are of an older version")
        early = pc.fill_null(pc.greater(days, candidate.date), False)
        for id, day in zip(
            table["id"].filter(early).to_pylist(), days.filter(early).to_pylist(), strict=True
        ):
            found.add(f"under embargo until {day}", id)
    return found.result("embargo", "none is under embargo")


def _field(table: pa.Table, name: str) -> pa.Array | None:
    column = whole(table["rights"])
    return column.field(name) if column.type.get_field_index(name) >= 0 else None


def opt_outs(candidate: Candidate) -> GateResult:
    """No row is of a document that is opted out of in deposit.yaml."""
    if candidate.intake is None:
        return candidate.recorded("opt_outs", _NOT_GIVEN)
    need(candidate, ["id", "provenance"])
    found = Rows()
    for table in candidate.batches(["id", "provenance"]):
        found.seen += table.num_rows
        if candidate.intake.opt_outs:
            nowhere = placeless(table)
            found.add_all("nothing says where it is from", table["id"].filter(pa.array(nowhere)))
            out = opted_out(candidate.intake, table) & ~nowhere
            found.add_all("opted out of", table["id"].filter(pa.array(out)))
    count = len(candidate.intake.opt_outs)
    return found.result("opt_outs", "none is opted out of", opt_outs=count)


def private(candidate: Candidate) -> GateResult:
    """In an open release, no row of the private track, by its rights, its id or its digests."""
    need(candidate, ["id", "rights", "provenance"])
    found = Rows()
    for table in candidate.batches([*NAMES, "rights"]):
        found.seen += table.num_rows
        for row in table.to_pylist():
            if (row["rights"] or {}).get("track") != "open":
                found.add("not of the open track", row["id"])
            if candidate.private & _names(row):
                found.add("is of a private release", row["id"])
    return found.result("private", "all open", private_known=len(candidate.private))


def _names(row: Mapping[str, Any]) -> set[str]:
    """All that a document is known by."""
    digests = [(row.get(name) or {}).get("sha256") for name in ("provenance", "media")]
    return {name for name in (row["id"], *digests) if name}


def tombstones(candidate: Candidate) -> GateResult:
    """Nothing that was taken down, and nothing that is nearly the same."""
    gone = _gone(candidate)
    if gone is None:
        if candidate.folder is not None and candidate.folder.manifest.previous:
            raise NoEvidence("there was a version before, and nobody says what was taken down")
        finding = "nothing was ever taken down, as far as anybody says"
        return GateResult("tombstones", True, finding, {"tombstones": 0})
    found = Rows()
    for table in candidate.batches(None if gone.tombstones else IDS):
        found.seen += table.num_rows
        why = gone.matches(table)
        rows = pc.indices_nonzero(pc.is_valid(why)).to_pylist()
        names = document_ids(table)
        for row in rows:
            near = why[row].as_py().startswith("near")
            found.add(
                "is nearly what was taken down" if near else "was taken down", names[row].as_py()
            )
    return found.result(
        "tombstones",
        "none was taken down",
        tombstones=len(gone.tombstones),
        near_duplicates=gone.near is not None,
    )


def _gone(candidate: Candidate) -> Withdrawn | None:
    """What was taken down, as the folder says and as the partner knows; None if nobody says."""
    given = candidate.tombstones
    if isinstance(given, str | os.PathLike):
        given = Withdrawn.open(os.fspath(given))
    if candidate.folder is None or not candidate.root.exists(TOMBSTONES):
        return given
    said = Withdrawn.open(candidate.root.at(TOMBSTONES))
    return said if given is None else given.with_tombstones(said.tombstones)
