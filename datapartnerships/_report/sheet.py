"""The audit sheet: one page that works offline, with its own script and nothing else."""

from __future__ import annotations

import base64
import hashlib
import html
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from datapartnerships._report.style import page_css
from datapartnerships._report.words import counted, cut, escaped, visible

TITLE, NOTE = 200, 4000


@dataclass(frozen=True, slots=True)
class Passage:
    """A stretch of a document: its place, its text, and what stands beside it there."""

    id: str
    start: int
    end: int
    words: int
    group: str
    text: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Sheet:
    """A sample: what it is called, of how many passages by group, and the passages drawn."""

    digest: str
    format: str
    title: str
    note: str
    population: Mapping[str, int]
    passages: tuple[Passage, ...]


def page(sheet: Sheet) -> str:
    title = html.escape(visible(cut(sheet.title, TITLE))) or "Audit"
    script = _script()
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode("ascii")
    policy = (
        f"default-src 'none'; style-src 'unsafe-inline'; script-src 'sha256-{digest}'; "
        "base-uri 'none'; form-action 'none'"
    )
    shown = "".join(_article(i, item, len(sheet.passages)) for i, item in enumerate(sheet.passages))
    sizes = "".join(_pair("population", name, size) for name, size in sheet.population.items())
    return (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        '<meta name="color-scheme" content="light dark">\n'
        '<meta name="referrer" content="no-referrer">\n'
        '<meta name="robots" content="noindex, nofollow">\n'
        f"<title>Audit sheet: {title}</title>\n<style>{page_css()}{_RULES}</style>\n</head>\n"
        f'<body class="dpr">\n<main class="sheet" id="sheet" data-sheet="{sheet.digest}" '
        f'data-format="{html.escape(sheet.format)}">\n{_head(sheet)}{sizes}'
        f'{_BAR}<div id="passages">\n{shown}</div>\n{_END}</main>\n'
        f"<script>{script}</script>\n</body>\n</html>\n"
    )


@cache
def _script() -> str:
    return Path(__file__).with_name("sheet.js").read_text(encoding="utf-8")


def _pair(name: str, key: str, value: int) -> str:
    return f'<data class="{name}" hidden data-name="{html.escape(key)}" value="{value}"></data>\n'


def _head(sheet: Sheet) -> str:
    everything = sum(sheet.population.values())
    groups = ", ".join(f"{escaped(name)}: {size:,}" for name, size in sheet.population.items())
    note = f'<p class="lead">{escaped(cut(sheet.note, NOTE), lines=True)}</p>' if sheet.note else ""
    return (
        '<header><p class="kicker">Audit sheet</p>'
        f'<h1 class="t1"><bdi>{escaped(cut(sheet.title, TITLE)) or "What was missed"}</bdi></h1>'
        f'<p class="lead">A sample of {counted(len(sheet.passages), "passage")} out of '
        f"{everything:,} ({groups}), in random order; each had the same chance to be drawn. What "
        "could tell who somebody is should not be in them any more: a name, a number, an address, "
        "a date of birth, a secret. Placeholders and surrogates stand in its place. What a reader "
        "does not notice is not counted.</p>"
        f"{note}</header>\n"
        '<aside class="care" aria-label="How to use this page"><p><strong>This page holds text of '
        "the dataset.</strong> It loads and sends nothing. The result that is saved from it holds "
        "no text: ids of documents, places and counts alone. Answers stay in this browser until "
        "you forget them.</p></aside>\n"
        '<details class="how"><summary>How to read</summary><ul>'
        "<li>Read the passages in their order, and all of them. To stop early because of what was "
        "found, or to leave some out, makes the bounds wrong.</li>"
        "<li>Click a word that should have gone, or go there with the arrow keys and press the "
        "space bar. Words that follow each other count as one miss; the number can be "
        "corrected.</li>"
        "<li>Gray text shows what stands beside a passage. It is not part of it.</li>"
        "<li>Keys: <kbd>n</kbd> nothing was missed, and on; <kbd>m</kbd> something was missed; "
        "<kbd>j</kbd> and <kbd>k</kbd> to the next and the one before.</li></ul></details>\n"
    )


_BAR = (
    '<div class="bar" role="status" aria-live="polite"><p id="counts"></p><p id="bounds"></p>'
    '<p id="skipped" class="muted"></p></div>\n'
    '<noscript><p class="care">This page needs its script, which is part of it.</p></noscript>\n'
)
_END = (
    '<section aria-labelledby="end-title"><h2 class="t2" id="end-title">When you are done</h2>'
    '<p class="lead">The bounds are one-sided, at 95%, exact (Clopper and Pearson). They hold for '
    "what you can see, in a dataset that this sample was drawn from. The one in 1,000 words takes "
    "misses as independent of each other: where many stand in one document it is too low.</p>"
    '<p><label>Read by <input id="reader" autocomplete="off" maxlength="80"></label> '
    '<span class="muted">a name or a sign, as you like; it stands in the result</span></p>'
    '<p><button id="save" type="button">Save the result</button> '
    '<button id="forget" type="button">Forget all answers</button></p>'
    '<details><summary>The result as text</summary><textarea id="result" readonly rows="12" '
    'aria-label="The result as JSON"></textarea></details></section>\n'
    "<footer>Made by datapartnerships. This page loads nothing and sends nothing.</footer>\n"
)


def _article(index: int, passage: Passage, of: int) -> str:
    number = index + 1
    place = " ".join(
        f'data-{name}="{html.escape(str(getattr(passage, name)))}"'
        for name in ("id", "start", "end", "words", "group")
    )
    name = f"s{number}"
    beside = [f'<span class="beside">{_exact(t)}</span>' for t in (passage.before, passage.after)]
    return (
        f'<article class="passage" id="p{number}" {place} aria-labelledby="t{number}" '
        f'tabindex="-1"><h2 class="t3" id="t{number}">{number} of {of} <span class="muted">'
        f"{escaped(passage.group)}, {counted(passage.words, 'word')}</span></h2>"
        f'<div class="passage-text" dir="auto">{beside[0]}<span class="body" tabindex="0" '
        f'role="listbox" aria-multiselectable="true" aria-label="Words of passage {number}">'
        f"{_exact(passage.text)}</span>{beside[1]}</div>"
        f'<fieldset><legend class="hidden">Passage {number}</legend>'
        f'<label><input type="radio" name="{name}" value="clean"> Nothing was missed</label> '
        f'<label><input type="radio" name="{name}" value="missed"> Something was missed</label> '
        f'<label class="many">How many <input type="number" class="misses" name="n{number}" '
        'min="1" max="9999" value="1" disabled></label></fieldset></article>\n'
    )


def _exact(text: str) -> str:
    """`text` so that a browser has as many characters of it as there are: places must agree."""
    return html.escape(text).replace("\r", "&#13;").replace("\0", "\ufffd")


_RULES = """
.dpr .t1+.lead{margin-top:1rem}
.dpr .bar{position:sticky;top:0;z-index:1;margin:1.5rem 0 0;padding:.75rem 0;background:var(--bg);
border-bottom:1px solid var(--strong)}
.dpr .bar p{margin:0}.dpr #counts{font-weight:600}
.dpr .how{margin:1rem 0 0}.dpr .how ul{margin:.5rem 0 0;padding-left:1.25rem;max-width:46rem}
.dpr kbd{border:1px solid var(--strong);border-radius:3px;padding:0 .3rem;font-family:inherit}
.dpr .passage{margin:2rem 0 0;padding:1rem 0 0;border-top:1px solid var(--line);
scroll-margin-top:8rem}
.dpr .passage-text{white-space:pre-wrap;overflow-wrap:anywhere;max-width:46rem;font-size:1.0625rem;
line-height:1.7;unicode-bidi:isolate}
.dpr .beside{color:var(--muted)}
.dpr .body{cursor:pointer;display:inline}
.dpr .word[aria-selected=true]{background:var(--del);color:var(--del-ink);border-radius:2px;
text-decoration:underline}
.dpr .body:focus-visible{outline:1px dotted var(--strong);outline-offset:4px}
.dpr .body:focus-visible .word.at{outline:2px solid var(--wall);outline-offset:1px}
.dpr fieldset{border:0;margin:.75rem 0 0;padding:0;display:flex;flex-wrap:wrap;gap:.5rem 1.5rem;
align-items:center;min-width:0}
.dpr .hidden{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%)}
.dpr input,.dpr button,.dpr textarea{font:inherit;color:inherit;background:var(--soft);
border:1px solid var(--strong);border-radius:4px;padding:.3rem .6rem;max-width:100%}
.dpr input[type=radio]{margin:0 .35rem 0 0;padding:0;accent-color:var(--wall)}
.dpr .misses{width:5.5rem}.dpr .passage:not(.missed) .many{visibility:hidden}
.dpr button{cursor:pointer}.dpr textarea{width:100%}
.dpr .passage.clean{border-top-color:var(--kept)}.dpr .passage.missed{border-top-color:var(--gone)}
@media print{.dpr .bar{position:static}}
"""
