"""The parts of a report below its head."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from datapartnerships._report import examples
from datapartnerships._report.charts import bars
from datapartnerships._report.facts import Facts, Timing
from datapartnerships._report.words import (
    change,
    count,
    counted,
    cut,
    cut_middle,
    duration,
    escaped,
    media_name,
    rate,
    seconds,
    share,
    share_html,
    size,
)
from datapartnerships.residual import Residual
from datapartnerships.schema import FileEntry
from datapartnerships.tally import Example, StepTally

# Rows that are seen at once, and rows that are in the page at all.
SEEN, MOST = 12, 1000
NAME, PATH, RECIPE = 120, 200, 100_000
DIGEST = 12
_NONE = '<span class="zero">–</span>'


@dataclass(frozen=True, slots=True)
class Part:
    """A part of the report: its name in links, its title, and its HTML."""

    id: str
    title: str
    body: str


def all_of(facts: Facts) -> list[Part]:
    return [
        Part("in", "What came in", _came_in(facts)),
        Part("out", "What went out", _went_out(facts)),
        *([Part("worst", "The worst pages", _worst(facts))] if facts.tally.worst else []),
        Part("rejected", "What was rejected, and why", _rejected(facts)),
        *([Part("remains", "What may remain", _remains(facts))] if facts.masked else []),
        Part("transforms", "What each transform did", _transforms(facts)),
        Part("time", "Where the time went", _time(facts)),
        Part("recipe", "How to do it again", _recipe(facts)),
    ]


def _came_in(facts: Facts) -> str:
    if not facts.tally.formats:
        return _lead("No documents came in.")
    rows = []
    for name, entry in facts.formats():
        chart = bars(
            f"{media_name(name)}: {size(entry.bytes_in)}, "
            f"{share(entry.bytes_in, facts.bytes_in)} of all bytes",
            [(entry.bytes_in, "wall", 6)],
            facts.bytes_in,
        )
        name_cell = (
            f"{escaped(cut(media_name(name), NAME))}"
            f'<span class="kind mono">{escaped(cut(name, NAME))}</span>{chart}'
        )
        rows.append(
            _row(
                name_cell,
                count(entry.documents_in),
                size(entry.bytes_in),
                _number(entry.documents_out),
                _number(entry.characters_out),
            )
        )
    lead = (
        f"{counted(facts.manifest.documents_in, 'document')} of "
        f"{counted(len(facts.tally.formats), 'format')}. Sizes are those of what each document "
        "was read from, as its reader measured it. Bars are shares of all bytes."
    )
    head = ("Format", "Documents in", "Size", "Documents out", "Characters out")
    return _lead(lead) + _table("Formats", head, rows, "formats")


def _went_out(facts: Facts) -> str:
    m = facts.manifest
    lead = (
        f"{counted(m.documents_out, 'document')} of {counted(facts.characters_out, 'character')} "
        f"in {counted(len(m.files), 'file')} of {escaped(cut(m.format, NAME))}, "
        f"{size(facts.bytes_out)}. The whole digests stand in the manifest of the run."
    )
    head = ("File", "Documents", "Size", "SHA-256")
    if facts.sound:
        lead += f" Among them {escaped(facts.sound)}."
    if gone := facts.left_out():
        told = ", ".join(f"{escaped(reason)} ({count(number)})" for reason, number in gone)
        made = counted(m.counts.get("rows", 0), "row")
        lead += f" The writer made {made} of it and left out: {told}."
    body = _lead(lead) + _table("Files", head, [_file(entry) for entry in m.files], "files")
    for what, kind, entries in (
        ("Rejected documents", "Documents", m.rejected_files),
        ("Changes of texts", "Changes", m.changes_files),
    ):
        if entries:
            rows = [_file(entry) for entry in entries]
            body += f'<h3 class="t3">{what}, kept beside the output</h3>' + _table(
                f"Files of {what[0].lower()}{what[1:]}", (head[0], kind, *head[2:]), rows, "files"
            )
    return body


def _file(entry: FileEntry) -> str:
    return _row(
        f"<bdi>{escaped(cut_middle(entry.path, PATH))}</bdi>",
        count(entry.rows),
        size(entry.size),
        f'<span class="mono">{escaped(entry.sha256[:DIGEST])}</span>',
    )


def _worst(facts: Facts) -> str:
    rows = []
    for page in facts.tally.worst:
        name = (
            f"<bdi>{escaped(cut_middle(page.uri, PATH))}</bdi> "
            f'<span class="place">{escaped(cut(page.place, NAME))}</span>'
        )
        rows.append(_row(name, *map(_rate, (page.cer, page.low, page.high))))
    lead = (
        "Pages with the highest estimated share of wrong characters, and the bounds that most such "
        "pages lie between; where there is only the least, it is worse than what the estimate was "
        "calibrated on. Pages of which nothing can be said are not among them."
    )
    head = ("Page", "Estimate", "At least", "At most")
    return _lead(lead) + _table("The worst pages", head, rows, "pages")


def _rate(value: float | None) -> str:
    return _NONE if value is None else f"{value:.1%}"


def _rejected(facts: Facts) -> str:
    reasons = facts.reasons()
    if not reasons:
        return _lead("Nothing was rejected.")
    came, gone = facts.manifest.documents_in, facts.rejected
    rows = []
    for reason, number in reasons:
        chart = bars(
            f"{cut(reason, NAME)}: {counted(number, 'document')}, "
            f"{share(number, gone)} of those rejected",
            [(number, "gone", 8)],
            gone,
        )
        cells = (count(number), share_html(number, gone), share_html(number, came))
        rows.append(_row(_reason(reason) + chart, *cells))
    lead = f"{counted(gone, 'document')}, {share_html(gone, came)} of what came in."
    if facts.manifest.rejected_files:
        lead += " Each is kept beside the output with its reason, and can be looked at again."
    lead += " Bars are shares of the rejected."
    head = ("Reason", "Documents", "Of rejected", "Of all")
    found = [(reason, facts.tally.rejected_examples.get(reason, [])) for reason, _ in reasons]
    groups = [
        _examples(_reason(reason), items, examples.rejection) for reason, items in found if items
    ]
    return _lead(lead) + _table("Reasons", head, rows, "reasons") + _groups(groups)


def _reason(reason: str) -> str:
    step, colon, rest = cut(reason, examples.REASON).partition(": ")
    if not colon:
        return f"<bdi>{escaped(step)}</bdi>"
    return f'<bdi><span class="step">{escaped(step)}:</span> {escaped(rest)}</bdi>'


def _remains(facts: Facts) -> str:
    found = [_row(f"<bdi>{escaped(cut(x, NAME))}</bdi>", count(n)) for x, n in facts.spans()]
    lead = (
        "What the detectors marked, before anything was redacted. They do not find everything: "
        "what they missed is still there, and is not among these."
    )
    body = _lead(lead) + _table("Spans by label", ("Label", "Spans"), found, "labels")
    if said := facts.residuals():
        body += (
            '<h3 class="t3">Still there, as estimated</h3>'
            + _lead(
                "From what two families of detectors found apart and together: how many neither "
                "did, of what these two can find at all. The bounds are those of 95%, "
                "if the families depend on each other by an odds ratio of no more than "
                f"{said[0].dependence:g}."
            )
            + _estimates(said)
        )
    return f'{body}<h3 class="t3">Audit</h3>{_lead(_audit(facts))}'


_RESIDUAL = ("Label and language", "Found", "Estimate", "At least", "At most")


def _estimates(said: list[Residual]) -> str:
    """A row for each estimate, and a sentence for each reason why there is none."""
    rows, silent = [], dict[str, list[str]]()
    for item in said:
        name = cut(" ".join(item.group), NAME)
        if item.high is None:
            silent.setdefault(item.abstains, []).append(f"{name} ({item.found:,} found)")
        else:
            cells = f"{item.estimate:,.0f}", count(item.low), count(item.high)
            rows.append(_row(f"<bdi>{escaped(name)}</bdi>", count(item.found), *cells))
    body = _table("Estimates", _RESIDUAL, rows, "estimates") if rows else ""
    return body + "".join(
        _lead(f"Nothing is said of {escaped(', '.join(names))}: {escaped(reason)}.")
        for reason, names in silent.items()
    )


def _audit(facts: Facts) -> str:
    if facts.audit is None:
        return (
            "No audit stands in this report: nobody is known to have read a sample of what went "
            "out. <code>audit_sheet</code> makes a page to do so."
        )
    return escaped(str(facts.audit))


def _transforms(facts: Facts) -> str:
    steps = facts.tally.steps
    if not steps:
        return _lead("This pipeline has no transforms.")
    rows = []
    for step in steps:
        chart = bars(
            f"{cut(step.name, NAME)}: changed {share(step.changed, step.documents)} of "
            f"{counted(step.documents, 'document')}",
            [(step.changed, "kept", 6)],
            step.documents,
        )
        name = f"<bdi>{escaped(cut(step.name, NAME))}</bdi>" + _found(step)
        numbers = (_number(n) for n in (step.documents, step.changed, step.rejected))
        rows.append(_row(name + chart, *numbers, *_characters(step)))
    head = (
        "Transform",
        "Seen",
        "Changed",
        "Rejected",
        "Characters before",
        "Characters after",
        "Change",
    )
    groups = [
        _examples(f"<bdi>{escaped(cut(step.name, NAME))}</bdi>", step.examples, examples.change)
        for step in steps
        if step.examples
    ]
    lead = (
        "In their order. The bar is the share of documents whose text was changed; characters "
        "are counted in those documents only."
    )
    return _lead(lead) + _table("Transforms", head, rows, "transforms") + _groups(groups)


def _found(step: StepTally) -> str:
    """How many spans of each label a detection added."""
    if not step.found:
        return ""
    spans = ", ".join(f"{escaped(cut(k, NAME))} {count(n)}" for k, n in step.found.items())
    return f'<br><span class="kicker">found {spans}</span>'


def _characters(step: StepTally) -> tuple[str, str, str]:
    before, after = step.characters_before, step.characters_after
    if not step.changed:
        return _NONE, _NONE, _NONE
    return count(before), count(after), change(before, after)


def _groups(groups: Sequence[str]) -> str:
    if not groups:
        return ""
    return f'<h3 class="t3">Examples</h3>{"".join(groups)}'


def _examples(title: str, items: Sequence[Example], show: Callable[[Example], str]) -> str:
    return (
        f'<details class="group"><summary>{title} <span class="muted">'
        f"{counted(len(items), 'example')}</span></summary>"
        f"{''.join(show(item) for item in items)}</details>"
    )


def _time(facts: Facts) -> str:
    timings = facts.timings()
    most = max(max(item.wall, item.cpu or 0.0) for item in timings)
    rows = [_timing(item, most, facts.busy_seconds) for item in timings]
    foot = _row("All steps", seconds(facts.busy_seconds, most), "", "")
    key = (
        '<p class="key"><span><svg width="24" height="8" aria-hidden="true" focusable="false">'
        '<rect class="wall" width="24" height="8" rx="1"/></svg>wall clock, the thick bar</span>'
        "<span>"
        '<svg width="24" height="3" aria-hidden="true" focusable="false"><rect class="cpu" '
        'width="24" height="3" rx="1"/></svg>CPU, the thin bar (not measured for reading '
        "and writing)</span></p>"
    )
    head = ("Step", "Wall, s", "CPU, s", "Share")
    return _lead(_pace(facts)) + _table("Seconds", head, rows, "steps", foot) + key


def _pace(facts: Facts) -> str:
    took = (
        f"{duration(facts.seconds)} with {counted(facts.workers, 'worker')} for "
        f"{counted(facts.shards, 'shard')}"
    )
    if facts.resumed:
        return (
            f"{took}, of which {count(facts.resumed)} "
            f"{'was' if facts.resumed == 1 else 'were'} taken over from an earlier, interrupted "
            "run. Seconds by step hold the work of both runs, added up over all workers; no "
            "throughput is given, because this run did not do all of the work."
        )
    speed = facts.throughput
    pace = (
        f": {size(speed.bytes)} and {rate(speed.documents)} documents per second" if speed else ""
    )
    return (
        f"{took}{pace}. No shard was taken over from an earlier run. Seconds by step are added "
        "up over all workers, so they can exceed the wall clock of the run."
    )


def _timing(item: Timing, most: float, whole: float) -> str:
    values = [(item.wall, "wall", 8)]
    if item.cpu is not None:
        values.append((item.cpu, "cpu", 3))
    cpu = "not measured" if item.cpu is None else f"{seconds(item.cpu)} s of CPU"
    name = cut(item.name, NAME)
    chart = bars(f"{name}: {seconds(item.wall)} s of wall clock, {cpu}", values, most)
    return _row(
        f"<bdi>{escaped(name)}</bdi>{chart}",
        seconds(item.wall, most),
        _NONE if item.cpu is None else seconds(item.cpu, most),
        share_html(item.wall, whole),
    )


def _recipe(facts: Facts) -> str:
    m = facts.manifest
    facts_list = [
        ("Fingerprint", f'<span class="mono">{escaped(cut(m.fingerprint, PATH))}</span>'),
        ("Plan of the deposit", f'<span class="mono">{escaped(cut(m.plan, PATH))}</span>'),
        ("Schema", f"version {m.schema_version}"),
        *(
            (f"<bdi>{escaped(cut(name, NAME))}</bdi>", escaped(cut(str(version), NAME)))
            for name, version in sorted(m.versions.items())
        ),
    ]
    items = "".join(f"<dt>{name}</dt><dd>{value or _NONE}</dd>" for name, value in facts_list)
    recipe = escaped(cut(facts.recipe, RECIPE), lines=True)
    recipe = recipe.replace('<span class="ctl">↵</span>\n', "\n")
    lead = (
        "The same deposit, recipe and versions give the same bytes, with any number of workers. "
        "The fingerprint changes when anything of the recipe does."
    )
    return (
        f"{_lead(lead)}<dl>{items}</dl>"
        '<h3 class="t3">Recipe</h3><pre tabindex="0" role="region" aria-label="Recipe">'
        f"<code>{recipe}</code></pre>"
    )


def _lead(text: str) -> str:
    return f'<p class="lead">{text}</p>'


def _number(value: int) -> str:
    return count(value) if value else '<span class="zero">0</span>'


def _row(name: str, *cells: str) -> str:
    return f'<tr><th scope="row">{name}</th>{"".join(f"<td>{cell}</td>" for cell in cells)}</tr>'


def _table(label: str, head: Sequence[str], rows: Sequence[str], noun: str, foot: str = "") -> str:
    """A table in a box that scrolls by itself; what is past the first rows is folded away."""
    if not rows:
        return f'<p class="note">No {noun}.</p>'
    if len(rows) <= SEEN + 2:
        return _grid(label, head, rows, foot)
    rest = rows[SEEN:MOST]
    more = f"{counted(len(rest), noun.removesuffix('s'))} more"
    unseen = len(rows) - SEEN - len(rest)
    note = f'<p class="note">{count(unseen)} more are not in this page.</p>' if unseen else ""
    return (
        _grid(label, head, rows[:SEEN], foot)
        + f"<details><summary>{more}</summary>{_grid(f'{label}, continued', head, rest)}{note}"
        "</details>"
    )


def _grid(label: str, head: Sequence[str], rows: Sequence[str], foot: str = "") -> str:
    cells = "".join(f'<th scope="col">{name}</th>' for name in head)
    foot = f"<tfoot>{foot}</tfoot>" if foot else ""
    return (
        f'<div class="scroll" tabindex="0" role="region" aria-label="{label}"><table>'
        f"<thead><tr>{cells}</tr></thead><tbody>{''.join(rows)}</tbody>{foot}</table></div>"
    )
