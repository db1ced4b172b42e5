"""The report of a run: every number is in it, and nothing hostile gets out of its place."""

from __future__ import annotations

import re
import runpy
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import pyarrow as pa
import pytest

from datapartnerships._report import words
from datapartnerships._report.examples import differences
from datapartnerships._report.style import notebook_css, page_css
from datapartnerships.report import Report
from datapartnerships.schema import (
    Document,
    FileEntry,
    Manifest,
    Segment,
    documents_to_table,
)
from datapartnerships.tally import Example, FormatTally, StepTally, Tally

_SAMPLE = runpy.run_path(str(Path(__file__).with_name("report_sample.py")))
FORMATS, STEPS, REASONS = _SAMPLE["FORMATS"], _SAMPLE["STEPS"], _SAMPLE["REASONS"]
VOID = {"meta", "br", "img", "hr", "link", "input"}


class Reading(HTMLParser):
    """What a browser reads: the text, the elements; fails where tags do not match."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.words: list[str] = []
        self.feed(page)
        self.close()
        assert not self.open, f"never closed: {self.open}"

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open and self.open.pop() == tag, f"</{tag}> at {self.getpos()}"

    def handle_data(self, data: str) -> None:
        if "style" not in self.open:
            self.words.append(data)

    @property
    def text(self) -> str:
        return "".join(self.words)

    def tags(self) -> set[str]:
        return {tag for tag, _ in self.elements}


@pytest.fixture(scope="module")
def report() -> Report:
    made: Report = _SAMPLE["sample"]()
    return made


@pytest.fixture(params=["page", "notebook"])
def shown(request: pytest.FixtureRequest, report: Report) -> Reading:
    return Reading(report.to_html() if request.param == "page" else report._repr_html_())


def empty(**changes: object) -> Report:
    made = Report(Tally(), Manifest("", "", 0, 0, {}, ()), "", "", 0.0, 1, 0, 0)
    return replace(made, **changes)  # type: ignore[arg-type]


def numbers_of(report: Report) -> list[str]:
    m = report.manifest
    found = [m.documents_in, m.documents_out, report.rejected, report.characters_out]
    found += [n for a, b, _, d in FORMATS.values() for n in (a, b, d)]
    found += [n for row in STEPS for n in row[2:7] if n]
    found += [*REASONS.values(), *(entry.rows for entry in m.files)]
    return [f"{number:,}" for number in found]


def test_the_page_says_every_number(shown: Reading, report: Report) -> None:
    apart = "\n".join(shown.words)
    for number in numbers_of(report):
        assert re.search(rf"(?<![\d,]){number}(?![\d,])", apart), number
    for text in (*REASONS, *(row[0] for row in STEPS), *FORMATS):
        assert text in shown.text
    for entry in (*report.manifest.files, *report.manifest.rejected_files):
        assert entry.path in shown.text and entry.sha256[:12] in shown.text
        assert words.size(entry.size) in shown.text
    for name, version in report.manifest.versions.items():
        assert name in shown.text and version in shown.text
    for text in ("2.1 GB", "88.2", "131.2", "308.8", "33.7 MB", "202 documents per second"):
        assert text in shown.text
    assert report.manifest.fingerprint in shown.text
    assert report.recipe in shown.text


def test_the_equation_holds_or_says_so(report: Report) -> None:
    assert "Every document is accounted for" in report.to_html()
    assert "12,480 = 11,902 + 578  [adds up]" in str(report)
    lost = replace(report, manifest=replace(report.manifest, documents_in=12_483))
    assert "✗" in lost.to_html() and "3 documents not accounted for" in lost.to_html()
    assert "DOES NOT ADD UP: 3 unaccounted for" in str(lost)
    more = replace(report, manifest=replace(report.manifest, documents_in=12_479))
    assert "1 document more than came in" in more.to_html()


def test_who_may_see_it_is_said(shown: Reading, report: Report) -> None:
    assert "may still hold personal data" in shown.text
    assert "belongs with the partner, not on the Hub" in shown.text
    assert "masked by this pipeline’s own detectors" in shown.text
    plain = replace(report, tally=Tally(steps=[StepTally("RepairUnicode")]))
    assert "unmasked" in plain.to_html()


def test_resumed_runs_say_so_and_claim_no_speed(report: Report) -> None:
    resumed = replace(report, resumed=3)
    for text in (str(resumed), resumed.to_html()):
        assert "3 resumed" in text
        assert "MB/s" not in text and "documents per second" not in text
    assert "3 were taken over" in resumed.to_html()


def test_hostile_strings_stay_text(shown: Reading) -> None:
    assert not shown.tags() & {"script", "img", "iframe", "object", "link", "base", "b", "form"}
    assert not [name for _, attrs in shown.elements for name in attrs if name.startswith("on")]
    assert "</script><img src=x onerror=window.pwned=1>" in shown.text
    assert not re.search("[\u202a-\u202e\u2066-\u2069\u200b\x00-\x08\x0b-\x1f\x7f]", shown.text)
    for symbol in ("RLO", "ESC", "BEL", "NUL", "ZWSP", "SHY", "TAB", "↵"):
        assert symbol in shown.words
    assert max(len(word) for word in shown.words) < 1000


def test_any_string_anywhere_is_escaped() -> None:
    bad = "<i>&\u202e\x1b[2J\ud800\ufdd0'\""
    example = Example(bad, bad, bad, bad, bad + "x")
    tally = Tally(
        steps=[StepTally(bad, examples=[example], documents=1, changed=1)],
        formats={bad: FormatTally(1, 0, 1, 1)},
        rejected={bad: 1},
        rejected_examples={bad: [example]},
    )
    entry = FileEntry(bad, 1, bad, 1)
    manifest = Manifest(
        bad, bad, 1, 0, {bad: 1}, (entry,), (entry,), format=bad, versions={bad: bad}
    )
    report = Report(tally, manifest, bad, bad, 1.0, 1, 1, 0)
    for page in (report.to_html(), report._repr_html_()):
        reading = Reading(page)
        assert "i" not in reading.tags()
        page.encode()
        assert "\x1b" not in page and "\u202e" not in page
    assert "\x1b" not in str(report) and "\u202e" not in str(report)
    str(report).encode()


def test_nothing_is_loaded(report: Report) -> None:
    for page in (report.to_html(), report._repr_html_()):
        assert not re.search(r"https?:|//[a-z]|url\(|@import|src=\"|data:", page)
    attributes = dict(Reading(report.to_html()).elements)["meta"]
    assert attributes  # the page has its policy; html.parser keeps the last one only
    assert "default-src 'none'; style-src 'unsafe-inline'" in report.to_html()
    assert '<html lang="en">' in report.to_html() and '<meta charset="utf-8">' in report.to_html()


def test_the_page_is_strict_html(report: Report) -> None:
    html5lib = pytest.importorskip("html5lib")
    box = f"<!DOCTYPE html><title>x</title>{report._repr_html_()}"
    for page in (report.to_html(), box, empty().to_html()):
        html5lib.HTMLParser(strict=True).parse(page.replace(report._repr_html_(), ""))


def test_charts_have_words(shown: Reading) -> None:
    charts = [attrs for tag, attrs in shown.elements if tag == "svg" and "role" in attrs]
    silent = [attrs for tag, attrs in shown.elements if tag == "svg" and "role" not in attrs]
    assert len(charts) == 1 + len(FORMATS) + len(REASONS) + 2 * len(STEPS) + 2
    assert all(attrs["aria-hidden"] == "true" for attrs in silent)
    assert "FilterLength: fewer than 20 characters: 288 documents, 49.8% of those" in shown.text
    assert "12,480 documents came in: 11,902 went out, 578 were rejected." in shown.text


def test_a_run_of_nothing() -> None:
    report = empty()
    page = Reading(report.to_html())
    Reading(report._repr_html_())
    for text in ("Nothing came in.", "Nothing was rejected", "no transforms", "Untitled"):
        assert text in page.text
    assert "nan" not in page.text and "inf" not in page.text.replace("information", "")
    assert "0 = 0 + 0" in str(report)
    idle = replace(report, tally=Tally(steps=[StepTally("RepairUnicode")]), seconds=0.5)
    assert "RepairUnicode" in Reading(idle.to_html()).text


def test_many_reasons_formats_and_files() -> None:
    reasons = {f"Step{i}: reason {i}": 200 - i for i in range(200)}
    total = sum(reasons.values())
    tally = Tally(formats={f"text/x-kind-{i}": FormatTally(1, 1, i, i) for i in range(40)})
    files = tuple(FileEntry(f"data/part-{i}.parquet", i, "ab" * 32, i) for i in range(1500))
    report = empty(tally=tally, manifest=Manifest("", "", total, 0, reasons, files))
    text = Reading(report.to_html()).text
    assert all(reason in text for reason in reasons)
    assert "188 reasons more" in text and "988 files more" in text
    assert "500 more are not in this page." in text
    assert len(str(report).splitlines()) < 45
    assert "186 other reasons" in str(report) and "and 32 more formats" in str(report)


def test_the_terminal_form_is_compact(report: Report) -> None:
    lines = str(replace(report, title="長い名前" * 50)).splitlines()
    assert 25 <= len(lines) <= 47
    assert max(words.columns(line) for line in lines) <= 100
    assert not [line for line in lines if line != line.rstrip()]
    assert all(name in str(report) for name in ("PDF", "Redact", "Reading", "PdfReader: file is"))
    assert repr(report).startswith("Report('Bréfasafn") and "12,480 documents in" in repr(report)


def test_what_the_writer_left_out_is_said(report: Report) -> None:
    counts = {"rows": 0, "documents": 14, "left out: no <role>": 4, "left out: too short": 10}
    found = replace(report, manifest=replace(report.manifest, counts=counts))
    lines = str(found).splitlines()
    at = lines.index("The writer made 0 rows, and left out")
    assert [line.split() for line in lines[at + 1 : at + 3]] == [
        ["10", "too", "short"], ["4", "no", "<role>"],
    ]  # fmt: skip
    page = found.to_html()
    assert "made 0 rows of it and left out: too short (10), no &lt;role&gt; (4)." in page
    assert "left out" not in str(report)


def test_recordings_are_told_of_where_there_are_any(report: Report) -> None:
    def table(kind: str, seconds: str, *flags: list[str] | None) -> pa.Table:
        said = [
            Segment("aye", "utterance", start_s=2.0 * i, end_s=2.0 * i + 1.5, flags=flag)
            for i, flag in enumerate(flags)
        ]
        segments = [*said, Segment("", "sound", ref="music", start_s=90.0, end_s=99.0)]
        made = Document("1", "tapes", kind, segments, metadata={"duration_s": seconds})
        return documents_to_table([made])

    assert "Sound  " not in str(report)
    tally, other = Tally(), Tally()
    tally.count_out(table("audio", "3700.5", None, ["loop"], ["loop", "rate"]))
    tally.count_out(table("text", "99", ["loop"]))
    other.count_out(table("video", "about an hour", None))
    tally.add(Tally.from_dict(other.to_dict()))
    said = "2 recordings of 1 h 1 min, 6.00 s of it in 4 utterances; flags: loop 2, rate 1"
    heard = empty(tally=tally)
    assert said in heard.sound and f"Sound     {said}" in str(heard)
    assert said in Reading(heard.to_html()).text


def test_the_same_run_gives_the_same_page(report: Report) -> None:
    again = _SAMPLE["sample"]()
    again.tally.formats = dict(reversed(again.tally.formats.items()))
    assert again.to_html() == report.to_html()
    assert again._repr_html_() == report._repr_html_()
    assert str(again) == str(report)


def test_styles_are_scoped() -> None:
    for css in (notebook_css(), page_css()):
        rules = re.sub(r"@media [^{]*\{", "", css)
        for selectors in re.findall(r"([^{}]+)\{", rules):
            assert all(".dpr" in selector for selector in selectors.split(",")), selectors
    assert not re.search(r"(^|[},])\s*(html|body|:root|\*)", notebook_css().replace("html[", ""))


@pytest.mark.parametrize(
    ("before", "after", "old", "new"),
    [
        ("Ãžað var", "Það var", ["Ãž"], ["Þ"]),
        ("a  b", "a b", [" "], []),
        ("…x - a b c…", "…x a b c d…", [" -"], []),
        ("…x - a burg…", "…x a burgund…", ["- "], []),
        ("a b", "a", [" b"], []),
        ("", "a", [], ["a"]),
        ("…", "…", [], []),
    ],
)
def test_differences(before: str, after: str, old: list[str], new: list[str]) -> None:
    left, right = differences(before, after)
    assert "".join(text for text, _ in left) == before
    assert "".join(text for text, _ in right) == after
    assert [text for text, marked in left if marked] == old
    assert [text for text, marked in right if marked] == new


def test_words() -> None:
    assert [words.size(n) for n in (0, 1, 999, 1000, 999_949, 999_950, 1_900_000_000)] == [
        "0 bytes", "1 byte", "999 bytes", "1.0 kB", "999.9 kB", "1.0 MB", "1.9 GB",
    ]  # fmt: skip
    assert [words.duration(s) for s in (0, 0.42, 12.4, 59.99, 192, 7500)] == [
        "0.000 s", "0.42 s", "12.4 s", "1 min 0 s", "3 min 12 s", "2 h 5 min",
    ]  # fmt: skip
    assert [words.share(*pair) for pair in ((0, 5), (5, 5), (1, 9999), (9999, 10_000))] == [
        "0%", "100%", "<0.1%", ">99.9%",
    ]  # fmt: skip
    assert words.share(0, 0) == "-"
    assert words.media_name("audio/x-ms-wma") == "WMA audio"
    assert words.media_name("chemical/x-pdb") == "chemical/x-pdb"
    assert words.media_name("text/vnd.hocr+html") == "hOCR"
    assert words.media_name("inode/x-empty") == "Empty file"
    assert words.visible("a\u202eb\x1b") == "a<RLO>b<ESC>"
    persian, family = "می\u200cخواهم", "👨\u200d👩"
    assert words.escaped(persian) == persian and words.escaped(family) == family
    assert words.cut_middle("a" * 90 + "z" * 90, 30).endswith("z" * 10)
    assert len(words.cut_middle("a" * 10_000, 160)) == 160
