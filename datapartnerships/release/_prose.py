"""Paragraphs that several texts of a release share; each says what was measured, and no more."""

from __future__ import annotations

import re

from datapartnerships._report.words import count, counted, share
from datapartnerships.release._data import UNKNOWN
from datapartnerships.release._facts import Facts
from datapartnerships.residual import Residual

_POLICIES = {
    "redact": "put its label in its place, such as `[EMAIL]`",
    "mask": "hid most of its characters",
    "pseudonymize": "put a made-up value in its place, made with a key that is not in this folder",
    "generalize": "made it less exact, as a date to its year",
}
_COLUMNS = {
    "id": "stable between versions: a digest of where the document was",
    "source": "name of the folder or file that was read",
    "kind": "text, document, conversation, image, audio or video",
    "segments": "pages, paragraphs, turns or utterances, with their places in the source",
    "media": "name, digest and type of the file that travels with it",
    "provenance": "the file it was read from; its digest, unless something in it was replaced",
    "rights": "license, basis, holder, evidence and track of this row",
    "metadata": "what the source said of itself: title, date and the like",
    "spans": "empty: what was found and not replaced would stand here",
    "text": "what its segments join to",
    "messages": "a conversation as roles and contents, as tools for fine-tuning expect it",
    "language": "as it was measured",
    "duplicate_of": "the document that it is a copy of; null",
    "duplicate_cluster": "the documents that it is like",
    "detectors_compared": "what two families of detectors found, as counts",
    "failed_redactions": "what survives under the bars of a PDF; empty where nothing does",
    "language_score": "how sure the language is, 0 to 1",
    "split": "train, validation or test",
    "utterances": "how many utterances are in it",
    "segment": "index of its first segment in the recording",
    "confidence": "how sure the recognizer was, 0 to 1",
    "flags": "what was found wrong with it, in single words",
    "position": "which part of the document it is, from 0",
    "start": "its first character in the document",
    "end": "the character after its last one in the document",
    "audio": "sound: 16 kHz, mono, FLAC without tags",
    "file": "the file itself, scrubbed; null where it must not travel",
    "document_id": "the recording that it was cut from",
    "parent_id": "the document that it is a part of",
    "speaker": "who speaks, under a made-up name where names were replaced",
    "start_s": "where it begins, in seconds",
    "end_s": "where it ends, in seconds",
    "duration_s": "how long it is, in seconds",
}


def columns(facts: Facts) -> str:
    """What each column is."""
    from datapartnerships.release._card import table

    schema = facts.subsets[0].schema
    rows = [
        (f"`{item.name}`", _COLUMNS.get(item.name, "added by a step of the recipe"))
        for item in schema
    ]
    return table(("Column", "What it is"), rows)


def recipe(facts: Facts) -> str:
    """Every step, in the order in which it was done."""
    if not facts.steps:
        return "By functions of the publisher's own that cannot be written as a recipe."
    came = counted(facts.run.documents_in, "document")
    lines = [f"{came} came in, and these steps were taken, in order:"]
    for number, step in enumerate(facts.steps, 1):
        text = f"{number}. **{step.name}**"
        if step.what:
            text += f": {step.what}"
        if step.settings:
            text += f" Set to: `{step.settings}`."
        if step.rejected:
            text += f" Rejected {counted(sum(step.rejected.values()), 'document')}."
        lines.append(text)
    head, *steps = lines
    return f"{head}\n\n" + "\n".join(steps)


def not_in(facts: Facts) -> str:
    """In = out + rejected, with each reason."""
    from datapartnerships.release._card import table

    run = facts.run
    text = (
        f"Of {counted(run.documents_in, 'document')}, {count(run.documents_out)} came out and "
        f"{count(facts.rejected)} {'was' if facts.rejected == 1 else 'were'} rejected."
    )
    if facts.withdrawn:
        text += (
            f" {counted(facts.withdrawn, 'document')} "
            f"{'was' if facts.withdrawn == 1 else 'were'} withdrawn from this dataset later, or "
            "from a version before it: TOMBSTONES.jsonl names them by their ids."
        )
    left = {name: n for name, n in run.counts.items() if name.startswith("left out: ")}
    told = [(name.removeprefix("left out: "), count(n)) for name, n in sorted(left.items())]
    out = f"Left out when files or clips were written:\n\n{table(('Reason', 'How many'), told)}"
    after = f"\n\n{out}" if left else ""
    if not run.rejected:
        return f"{text}{after}"
    rows = sorted(run.rejected.items(), key=lambda item: (-item[1], item[0]))
    head = ("Step and reason", "Documents", "Share")
    listed = table(head, [(r, count(n), share(n, run.documents_in)) for r, n in rows])
    return f"{text}\n\n{listed}{after}"


def redacted(facts: Facts) -> str:
    """What was found and replaced, by label and policy."""
    from datapartnerships.release._card import table

    found = facts.redacted
    if not found:
        if any(step.name in ("Redact", "DetectPii") for step in facts.steps):
            return "Detectors looked for personal data, and nothing was replaced."
        return "Nothing: no step of the recipe replaced personal data."
    total = sum(sum(policies.values()) for policies in found.values())
    rows = [
        (label, ", ".join(f"{policy} {count(n)}" for policy, n in sorted(policies.items())))
        for label, policies in sorted(found.items())
    ]
    used = sorted({policy for policies in found.values() for policy in policies})
    how = "; ".join(f"`{policy}` {_POLICIES.get(policy, 'changed it')}" for policy in used)
    text = (
        f"{counted(total, 'place')} that detectors found, and replaced:\n\n"
        f"{table(('Label', 'How often'), rows)}\n\n{how[:1].upper()}{how[1:]}."
    )
    if facts.kept:
        kept = ", ".join(f"{label} {count(n)}" for label, n in sorted(facts.kept.items()))
        text += f" Found and left as it was, by choice: {kept}."
    return text


def remaining(facts: Facts) -> str:
    """What is known of what was missed: what a person found, what two families estimate."""
    lines = [
        "Detectors miss things: what they did not find is still there. A text in which everything "
        "found was replaced may still say who somebody is, by a story or a role."
    ]
    estimates = [one for one in facts.stats.residuals() if one.found]
    told = [one for one in estimates if not one.abstains]
    if told:
        lines.append(
            "Estimated from what two families of detectors found apart, by label and language:\n\n"
            + "\n".join(f"- {_residual(one)}" for one in told)
        )
    if estimates and len(told) < len(estimates):
        quiet = ", ".join(
            sorted({" ".join(one.group).removesuffix(" und") for one in estimates if one.abstains})
        )
        lines.append(
            f"Two families of detectors were compared. For {quiet} they shared too few finds to "
            "estimate from."
        )
    if not estimates:
        lines.append("Nobody estimated how much.")
    lines.append(audited(facts))
    if facts.waivers:
        lines.append(
            "Where one of these checks did not pass before this left, somebody answers for it by "
            "their word alone (see `gates` in MANIFEST.json):\n\n"
            + "\n".join(f"- {w.gate}: {w.by}, {w.date}: {w.reason}" for w in facts.waivers)
        )
    return "\n\n".join(lines)


def _residual(one: Residual) -> str:
    name = " ".join(one.group).removesuffix(" und")
    return (
        f"{name}: {count(one.found)} found by at least one; of what these two can find, about "
        f"{one.estimate:,.0f} may still be there (95 %: {count(one.low)} to {count(one.high or 0)})"
    )


def audited(facts: Facts) -> str:
    """What a person found who read a sample; nobody is named."""
    if facts.audit is None:
        return "No person's reading of a sample is on record for this version."
    audit, share_high = facts.audit, 100 * facts.audit.share_high
    return (
        f"A person read {count(audit.read)} of {counted(audit.passages, 'passage')} and found "
        f"something missed in {count(audit.missed)}. With 95 %, at most {share_high:.1f} % of "
        "passages hold something that this person would see."
    )


def limits(facts: Facts) -> str:
    """What a user has to know, as far as the files tell it."""
    stats = facts.stats
    found = []
    if UNKNOWN in stats.licenses:
        rows = stats.licenses[UNKNOWN]["rows"]
        found.append(f"Nobody stated a license of {counted(rows, 'row')}.")
    if not stats.has_language:
        told = "; those named above are the giver's word" if facts.about.languages else ""
        found.append(f"No step measured languages{told}.")
    pages = [step for step in facts.steps if step.name in ("FolderReader", "PdfReader")]
    recognized = sorted(
        kind for kind in stats.media_types if kind.startswith(("image/", "audio/", "video/"))
    )
    if recognized:
        kinds = ", ".join(recognized)
        found.append(
            f"Text of {kinds} was recognized by a machine and has its errors; "
            "`segments.confidence` says how sure it was, where it said so."
        )
    elif pages and any(kind == "application/pdf" for kind in stats.media_types):
        found.append(
            "Pages without a text layer were recognized by a machine and have its errors; "
            "`segments.origin` says which."
        )
    if not stats.years:
        found.append("No document says when it was written.")
    elif sum(stats.years.values()) < stats.rows:
        rest = stats.rows - sum(stats.years.values())
        found.append(f"{counted(rest, 'row')} of {count(stats.rows)} do not say of what year.")
    if not facts.redacted:
        found.append("No personal data was replaced.")
    found.append(
        "It is what one giver had and chose to give. It stands for nobody else, and what was "
        "rejected may have been more often of one kind than of another."
    )
    return "\n".join(f"- {line}" for line in found)


def citation(facts: Facts) -> str:
    """BibTeX; CITATION.cff has the same."""
    who = re.sub(r"([&%$#_{}])", r"\\\1", facts.about.organization or "Not stated")
    year = facts.date[:4]
    return (
        "```bibtex\n"
        f"@misc{{{facts.name.replace(' ', '-')}-{facts.version},\n"
        f"  title = {{{facts.title}}},\n"
        f"  author = {{{{{who}}}}},\n"
        f"  year = {{{year}}},\n"
        f"  version = {{{facts.version}}}\n"
        "}\n"
        "```"
    )
