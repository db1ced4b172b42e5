"""Gates of privacy: what was looked for, what is still there, what else travels along."""

from __future__ import annotations

import contextlib
import hashlib
import re
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from datapartnerships.kernels.segments import strings, whole
from datapartnerships.release._gates_rights import Rows
from datapartnerships.release._manifest import PROOF, GateResult
from datapartnerships.release.candidate import Candidate, NoEvidence, need
from datapartnerships.residual import estimate_residual

# Steps and writers after which a file is what `containers.scrub` made of it.
SCRUBBERS = ("ScrubContainers", "FileWriter", "ClipWriter")
# What people wrote: a path in it may be what it is about, if it leads to nobody's home.
_CONTENT = ("line", "text", "messages", "segments.text", "messages.content")
_HOME = (
    r"(?i:file://)|(?:^|[\s\"'`(=<>,;])(?:/home/[^/\s]+/|/Users/[^/\s]+/|/root/"
    r"|[A-Za-z]:[\\/]+(?i:users|documents and settings)[\\/]+[^\\/\s]+[\\/])"
)
_ABSOLUTE = rf"{_HOME}|^(?:/[^/\s][^\n]*/|[A-Za-z]:[\\/]|\\\\[^\\\s]+\\|~[A-Za-z0-9_.-]*/)"


def redaction(candidate: Candidate) -> GateResult:
    """The recipe looked for personal data and replaced it; no span was left."""
    steps = candidate.steps
    names = [name for name, _ in steps]
    evidence: dict[str, Any] = {"steps": [n for n in names if n in ("DetectPii", "Redact")]}
    if "DetectPii" not in names or "Redact" not in names[names.index("DetectPii") :]:
        finding = "the recipe has no DetectPii with a Redact behind it"
        return GateResult("redaction", False, finding, evidence)
    last = len(names) - 1 - names[::-1].index("Redact")
    if "DetectPii" in names[last:]:
        finding = "the recipe detects once more behind its last Redact"
        return GateResult("redaction", False, finding, evidence)
    kept = sorted({label for name, f in steps if name == "Redact" for label in _kept(f)})
    if kept:
        evidence["kept"] = kept
    if unasked := set(kept) - set(candidate.policy.labels_kept):
        finding = f"Redact keeps {', '.join(sorted(unasked))}, and the policy does not say so"
        return GateResult("redaction", False, finding, evidence)
    if candidate.writer == "ClipWriter":  # its rows have no spans: it leaves out what is marked
        return GateResult("redaction", True, "clips of what nobody marked", evidence)
    # ClipWriter leaves out what holds a span, and writes none.
    need(candidate, ["id"] if candidate.writer == "ClipWriter" else ["id", "spans"])
    found = Rows()
    for table in candidate.batches(["id", "spans"]):
        found.seen += table.num_rows
        if "spans" not in table.column_names:
            continue
        left = pc.greater(pc.fill_null(pc.list_value_length(whole(table["spans"])), 0), 0)
        for id in table["id"].filter(left).to_pylist():
            found.add("a span was left", id)
    return found.result("redaction", "no span was left", **evidence)


def _kept(fields: Mapping[str, Any]) -> list[str]:
    """What `Redact` with these fields leaves as it is."""
    pairs = fields.get("by_label") or {}
    pairs = pairs.items() if isinstance(pairs, Mapping) else [tuple(pair) for pair in pairs]
    kept = [str(label) for label, policy in pairs if policy == "keep"]
    return [*kept, *(["everything else"] if fields.get("policy") == "keep" else [])]


def residual(candidate: Candidate) -> GateResult:
    """What two families of detectors found says how much neither did: not too much of any kind."""
    need(candidate, ["detectors_compared"])
    columns = ("detectors_compared", "kind")
    tables = list(candidate.batches(columns))
    if not tables:
        return GateResult("residual", True, "there are no rows", {"rows": 0})
    estimates = estimate_residual(pa.concat_tables(tables), by=("label",))
    most, evidence, shut, unsaid = candidate.policy.max_residual_share, {}, [], []
    for one in estimates:
        label = " ".join(one.group) or "all"
        if not one.found:
            continue
        high = one.high
        share = None if high is None else high / (one.found + high) if high else 0.0
        evidence[label] = {
            "found": one.found, "still_there_low": one.low, "still_there_high": high,
            "share_high": share, "abstains": one.abstains,
        }  # fmt: skip
        if label in candidate.policy.audit_only:
            continue
        if share is None:
            unsaid.append(f"{label}: nothing can be said ({one.abstains})")
        elif share > most:
            shut.append(f"{label}: up to {share:.1%} may still be there")
    alone = sorted(candidate.policy.audit_only)
    facts = {"max_residual_share": most, "audit_only": alone, "labels": evidence}
    if not shut and (unsaid or not evidence):
        # After a takedown there may be too few left to say what was said of all of them.
        with contextlib.suppress(NoEvidence):
            return candidate.recorded("residual", "")
    if shut or unsaid:
        if unsaid:
            unsaid.append("where the audit sheet is to speak alone, name the label in audit_only")
        return GateResult("residual", False, "; ".join([*shut, *unsaid]), facts)
    if not evidence:
        raise NoEvidence("neither family found anything, so nothing can be said of the rest")
    count = len(set(evidence) - set(alone))
    finding = f"of {count} kinds, at most {most:.1%} each may still be there"
    if alone:
        finding = f"{finding}; " if count else ""
        finding += f"the audit sheet alone speaks for {', '.join(alone)}"
    return GateResult("residual", True, finding, facts)


def audit(candidate: Candidate) -> GateResult:
    """Somebody read a sample of this data, enough of it, and found little enough."""
    policy, given = candidate.policy, candidate.audit
    if given is None:
        return candidate.recorded("audit", "no audit sheet was read (audit_sheet, read_audit)")
    facts = {
        "sheet": given.sheet, "reader": given.reader, "date": given.date, "read": given.read,
        "missed": given.missed, "skipped": given.skipped, "share_high": given.share_high,
        "min_audit_passages": policy.min_audit_passages, "max_audit_share": policy.max_audit_share,
    }  # fmt: skip
    unknown = _not_there(candidate, {item.id for item in given.passages})
    population = sum(given.population.values())
    wrong = ""
    if unknown:
        wrong = f"the sheet has {len(unknown):,} documents that are not in this data"
        facts["ids"] = sorted(unknown)[:20]
    elif not given.reader:
        wrong = "nobody says who read it"
    elif given.date[:10] > candidate.date:
        wrong = f"it was read on {given.date[:10]}, after the day of this release"
    elif given.skipped:
        wrong = f"{given.skipped:,} passages were left out between those that were read"
    elif given.read < min(policy.min_audit_passages, population):
        wrong = f"{given.read:,} passages were read, {policy.min_audit_passages:,} have to be"
    elif given.read < population and given.share_high > policy.max_audit_share:
        wrong = f"up to {given.share_high:.1%} of passages may hold a miss"
    elif given.read == population and given.missed > policy.max_audit_share * population:
        wrong = f"{given.missed:,} of {population:,} passages hold a miss"
    if wrong:
        return GateResult("audit", False, wrong, facts)
    finding = f"{given.read:,} passages read by {given.reader}, {given.missed:,} with a miss"
    return GateResult("audit", True, finding, facts)


def _not_there(candidate: Candidate, ids: set[str]) -> set[str]:
    for table in candidate.batches(["id"]):
        ids = ids - set(table["id"].to_pylist())
    return ids


def failed_redactions(candidate: Candidate) -> GateResult:
    """Every PDF was looked at, and none shows more than its bars let through."""
    need(candidate, ["id", "provenance"])
    found, pdfs = Rows(), 0
    for table in candidate.batches(["id", "provenance", "failed_redactions"]):
        found.seen += table.num_rows
        for row in table.to_pylist():
            place, told = row["provenance"] or {}, row.get("failed_redactions")
            if told is None and not _is_pdf(place):
                continue
            pdfs += 1
            if told is None:
                found.add("a PDF was not audited", row["id"])
            elif any(item["alarm"] for item in told):
                found.add("text survives under what looks redacted", row["id"])
    return found.result("failed_redactions", f"{pdfs:,} of a PDF, no alarm", pdfs=pdfs)


def _is_pdf(place: Mapping[str, Any]) -> bool:
    name = str(place.get("member") or place.get("uri") or "").lower()
    media_type = place.get("media_type")
    told = "pdf" in media_type if media_type else name.endswith(".pdf")
    return told or place.get("reader") == "PdfReader"


def containers(candidate: Candidate) -> GateResult:
    """Of every file that travels in the data, nothing hides in it: a second look at its bytes."""
    names = sorted({n for schema in candidate.schemas for n in schema.names if _holds(schema, n)})
    if not names:
        return GateResult("containers", True, "no file travels", {"files": 0})
    done = [n for n, _ in candidate.steps if n in SCRUBBERS]
    done += [candidate.writer] if candidate.writer in SCRUBBERS else []
    found, files = Rows(), 0
    for table in candidate.batches(["id", "document_id", "media", *names]):
        found.seen += table.num_rows
        for row in table.to_pylist():
            for name in names:
                data = (row.get(name) or {}).get("bytes")
                if data is None:
                    continue
                files += 1
                if wrong := _hides(data, row.get("media") or {}):
                    found.add(wrong, row.get("id") or row.get("document_id"))
    facts = {"files": files, "columns": names, "steps": done}
    if files and not done:
        finding = f"files travel, and the recipe has none of {', '.join(SCRUBBERS)}"
        return GateResult("containers", False, finding, facts)
    return found.result("containers", f"{files:,} files travel, nothing hides in them", **facts)


def _holds(schema: pa.Schema, name: str) -> bool:
    kind = schema.field(name).type
    return bool(pa.types.is_struct(kind) and kind.get_field_index("bytes") >= 0)


def _hides(data: bytes, media: Mapping[str, Any]) -> str:
    from datapartnerships.containers._types import media_type
    from datapartnerships.containers._verify import left

    if media.get("sha256") and hashlib.sha256(data).hexdigest() != media["sha256"]:
        return "a file is not the one that was scrubbed"
    try:
        found = left(data, media_type(data))
    except Exception as error:  # of a parser of somebody else: it says what it is, and not why
        return f"a file cannot be looked into ({type(error).__name__})"
    return f"in a file: {', '.join(found)}" if found else ""


def local_paths(candidate: Candidate) -> GateResult:
    """No string says where something lay on a machine, in the data or in any other file."""
    found = Rows()
    for table in candidate.batches():
        found.seen += table.num_rows
        ids = _ids(table)
        for name, rows, values in strings(table):
            pattern = _HOME if name in _CONTENT else _ABSOLUTE
            hits = pc.fill_null(pc.match_substring_regex(values, pattern), False)
            for row in sorted(set(rows[np.asarray(hits)].tolist())):
                found.add(f"a path of a machine in {name}", ids[row])
    for name, text in _files(candidate):
        if re.search(_HOME, text, re.MULTILINE):
            found.add(f"a path of a machine in {name}", name)
    return found.result("local_paths", "no path of a machine")


def secrets(candidate: Candidate) -> GateResult:
    """No key, token or password, in the data or in any other file."""
    from datapartnerships.detectors.secrets import Secrets

    look, found = Secrets(), Rows()
    for table in candidate.batches():
        found.seen += table.num_rows
        ids = _ids(table)
        for name, rows, values in strings(table):
            hits = look(values)
            for at in sorted(set(rows[np.asarray(hits["text"].combine_chunks())].tolist())):
                found.add(f"a secret in {name}", ids[at])
    for name, text in _files(candidate):
        if look(pa.array([text])).num_rows:
            found.add(f"a secret in {name}", name)
    return found.result("secrets", "no secret", detector=f"Secrets {Secrets.version}")


def _ids(table: pa.Table) -> list[Any]:
    for name in ("id", "document_id"):
        if name in table.column_names:
            return list(table[name].to_pylist())
    raise NoEvidence("the data has no column 'id'")


def _files(candidate: Candidate) -> Iterator[tuple[str, str]]:
    """Every other file that leaves; of a run, nothing but its data does."""
    if candidate.folder is None:
        return
    for name in sorted(candidate.root.sizes("")):
        if name not in candidate.data and name not in PROOF[1:]:
            yield name, candidate.root.read_text(name)
