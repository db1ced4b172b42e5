"""A report as HTML: one page that needs nothing else, or a box in a notebook."""

from __future__ import annotations

import html
from collections.abc import Sequence

from datapartnerships._report import sections
from datapartnerships._report.charts import parts
from datapartnerships._report.facts import Facts, failures
from datapartnerships._report.style import notebook_css, page_css
from datapartnerships._report.words import (
    count,
    counted,
    cut,
    duration,
    escaped,
    share_html,
    size,
    visible,
)

TITLE = 200
_POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"


def page(facts: Facts) -> str:
    """A whole page: no script, nothing loaded, readable without either theme."""
    title = html.escape(visible(cut(facts.title, TITLE)))
    shown = sections.all_of(facts)
    head = _head(facts, "h1")
    body = "".join(
        f'<section id="{part.id}" aria-labelledby="{part.id}-title">'
        f'<h2 class="t2" id="{part.id}-title">{part.title}</h2>{part.body}</section>\n'
        for part in shown
    )
    return (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        '<meta name="color-scheme" content="light dark">\n'
        '<meta name="referrer" content="no-referrer">\n'
        '<meta name="robots" content="noindex, nofollow">\n'
        f"<title>Run report: {title}</title>\n<style>{page_css()}</style>\n</head>\n"
        f'<body class="dpr">\n<main class="sheet">\n{head}{_contents(shown)}'
        f"{body}{_foot()}</main>\n</body>\n</html>\n"
    )


def box(facts: Facts) -> str:
    """The same in a box of its own; its parts are folded."""
    head = _head(facts, "h2")
    body = "".join(
        f'<details class="part"><summary><span class="t2">{part.title}</span></summary>'
        f"{part.body}</details>\n"
        for part in sections.all_of(facts)
    )
    return (
        f'<div class="dpr nb"><style>{notebook_css()}</style><div class="sheet">'
        f"{head}{body}{_foot()}</div></div>"
    )


def _head(facts: Facts, tag: str) -> str:
    title = escaped(cut(facts.title, TITLE)) or "Untitled"
    return (
        '<header><p class="kicker">Run report</p>'
        f'<{tag} class="t1"><bdi>{title}</bdi></{tag}><p class="run">{_run(facts)}</p>'
        f"</header>\n{_books(facts)}{_care(facts)}"
    )


def _run(facts: Facts) -> str:
    text = (
        f"{duration(facts.seconds)} with {counted(facts.workers, 'worker')}, "
        f"{counted(facts.shards, 'shard')}"
    )
    if facts.resumed:
        text += f", {count(facts.resumed)} resumed"
    digest = escaped(facts.manifest.fingerprint[: sections.DIGEST])
    return f'{text}, fingerprint <span class="mono">{digest}</span>'


def _contents(shown: Sequence[sections.Part]) -> str:
    links = "".join(f'<li><a href="#{part.id}">{part.title}</a></li>' for part in shown)
    return f'<nav aria-label="Contents"><ul>{links}</ul></nav>\n'


def _books(facts: Facts) -> str:
    """The equation that every run must satisfy."""
    m, gone = facts.manifest, facts.rejected
    came = f"{size(facts.bytes_in)} in {counted(len(facts.tally.formats), 'format')}"
    went = (
        f"{counted(facts.characters_out, 'character')} in {counted(len(m.files), 'file')}, "
        f"{size(facts.bytes_out)}"
    )
    why = "Nothing was rejected"
    if gone:
        why = f"for {counted(len(m.rejected), 'reason')}"
    chart = parts(
        "Where the documents went",
        f"{counted(m.documents_in, 'document')} came in: {count(m.documents_out)} went out, "
        f"{count(gone)} were rejected.",
        [(m.documents_out, "kept"), (gone, "gone")],
        14,
    )
    return (
        '<div class="books"><div class="sum">'
        + _term("", m.documents_in, "came in", came)
        + '<span class="sign">=</span>'
        + _term(" out", m.documents_out, "went out", went)
        + '<span class="sign">+</span>'
        + _term(" rej", gone, "rejected", why)
        + f"</div>{_verdict(facts)}{chart}{_key(facts)}</div>\n"
    )


def _key(facts: Facts) -> str:
    m = facts.manifest
    if not m.documents_in:
        return ""
    items = (("kept", m.documents_out, "went out"), ("gone", facts.rejected, "rejected"))
    return (
        '<p class="key ends">'
        + "".join(
            f'<span><svg width="10" height="10" aria-hidden="true" focusable="false"><rect class='
            f'"{color}" width="10" height="10" rx="1"/></svg>'
            f"{share_html(number, m.documents_in)} {what}</span>"
            for color, number, what in items
        )
        + "</p>"
    )


def _term(name: str, number: int, what: str, more: str) -> str:
    noun = "document" if number == 1 else "documents"
    return (
        f'<div class="term{name}"><span class="big">{count(number)}</span>\n'
        f'<span class="what">{noun} {what}</span>\n<span class="more">{more}</span></div>'
    )


def _verdict(facts: Facts) -> str:
    if missing := facts.unaccounted:
        return (
            '<p class="verdict bad"><span class="tick" aria-hidden="true">✗</span>'
            f"The books do not balance: {counted(abs(missing), 'document')} "
            f"{'not accounted for' if missing > 0 else 'more than came in'}.</p>"
        )
    said = "Every document is accounted for." if facts.manifest.documents_in else "Nothing came in."
    failed = "".join(
        f'<p class="verdict bad"><span class="tick" aria-hidden="true">✗</span>{escaped(line)}.</p>'
        for line in failures(facts.manifest)
    )
    return f'<p class="verdict"><span class="tick" aria-hidden="true">✓</span>{said}</p>{failed}'


def _care(facts: Facts) -> str:
    if facts.masked:
        examples = (
            "The text of examples was masked by this pipeline’s own detectors, and by nothing "
            "else: what they do not know stands as it was, and so do file names."
        )
    else:
        examples = (
            "This pipeline has no step that acts on personal data, so the text of examples "
            "stands as it is in the deposit, unmasked; so do file names and reasons."
        )
    return (
        '<aside class="care" aria-label="How to handle this report"><p><strong>This report may '
        f"still hold personal data.</strong> {examples} It belongs with the partner, not on the "
        "Hub.</p></aside>\n"
    )


def _foot() -> str:
    said = "This report loads nothing, runs no script and sends nothing."
    return f"<footer>Made by datapartnerships. {said}</footer>\n"
