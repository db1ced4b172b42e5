"""The audit sheet: who is drawn, what the page holds, and what comes back from it."""

from __future__ import annotations

import dataclasses
import html
import json
import os
import re
from collections import Counter
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from test_report_browser import AUDIT, BINARY, NOISE, Browser, browser, report  # noqa: F401

import datapartnerships as dp
from datapartnerships import sheet as module
from datapartnerships.errors import ConfigurationError, DataPartnershipsError
from datapartnerships.kernels.binomial import upper_bound
from datapartnerships.sheet import FORMAT, _cut, audit_sheet, read_audit

HOSTILE = (
    'Ein </div></article><script>window.pwned = 1</script> & "Zitat"\r\nmit\u202e Umkehr\u202c, '
    "\x00 und 𝔘nsinn 👩\u200d👧 hier."
)
HEBREW = "שלום לכולם, המכתב של רות לוי מיום שלישי הגיע."
CHINESE = "王小明住在海边的小村里。他每天写信。"


def table(*texts: str, language: str | list[str] = "en") -> pa.Table:
    languages = [language] * len(texts) if isinstance(language, str) else language
    ids = [f"{i:032x}" for i in range(len(texts))]
    return pa.table({"id": ids, "text": list(texts), "language": languages,
                     "kind": ["text"] * len(texts)})  # fmt: skip


def drawn(page: str) -> list[dict[str, str]]:
    """What the page holds of each passage."""
    found = []
    for article in re.findall(r"<article.*?</article>", page, re.DOTALL):
        item = dict(re.findall(r'data-(\w+)="([^"]*)"', article))
        body = re.search(r'<span class="body"[^>]*>(.*?)</span><span class="beside">', article,
                         re.DOTALL)  # fmt: skip
        assert body
        found.append({k: html.unescape(v) for k, v in item.items()} | {
            "text": html.unescape(body[1].replace("&#13;", "\r"))})  # fmt: skip
    return found


def sheet(tmp_path: Path, source: Any, **options: Any) -> list[dict[str, str]]:
    path = audit_sheet(source, tmp_path / "sheet.html", **options)
    return drawn(Path(path).read_text(encoding="utf-8", errors="strict"))


def test_passages_are_those_of_the_text_and_leave_no_gap(tmp_path: Path) -> None:
    text = " ".join(f"word{i}" for i in range(500))
    found = sheet(tmp_path, table(text, HOSTILE, ""), k=10_000, max_characters=100)
    pieces = sorted((x for x in found if x["id"].endswith("0")), key=lambda x: int(x["start"]))
    assert "".join(x["text"] for x in pieces) == text
    assert all(x["text"].endswith(" ") for x in pieces[:-1])
    for item in pieces:
        assert item["text"] == text[int(item["start"]) : int(item["end"])]
        assert int(item["words"]) == len(item["text"].split())
    others = [x["text"] for x in found if x["id"].endswith("1")]
    assert "".join(others) == HOSTILE.replace("\0", "\ufffd")
    assert not [x for x in found if x["id"].endswith("2")]


@pytest.mark.parametrize("at", [0, 3, 7, 8, 99])
def test_cuts(at: int) -> None:
    assert _cut("one two three", at) == {0: 0, 3: 3, 7: 4, 8: 8, 99: 13}[at]


def test_the_same_seed_draws_the_same_and_every_passage_has_the_same_chance(tmp_path: Path) -> None:
    languages = ["is"] * 70 + ["en"] * 25 + ["fo"] * 5
    texts = [f"A text of its own, number {i}. " * (1 + i % 2) for i in range(100)]
    source = table(*texts, language=languages)
    options = {"k": 20, "max_characters": 40}
    first = sheet(tmp_path, source, **options)
    assert first == sheet(tmp_path, source, **options)
    assert first != sheet(tmp_path, source, seed=1, **options)
    counts: Counter[tuple[str, str]] = Counter()
    for seed in range(150):
        found = sheet(tmp_path, source, seed=seed, **options)
        groups = Counter(x["group"] for x in found)
        # Of 150 passages 105 are Icelandic, 37 or 38 English, 7 or 8 Faroese.
        assert groups["is text"] in (13, 14, 15) and groups["en text"] in (4, 5, 6)
        counts.update((x["id"], x["start"]) for x in found)
    assert len(counts) == 150
    assert min(counts.values()) >= 6 and max(counts.values()) <= 40  # 20 are expected


def test_whole_documents(tmp_path: Path) -> None:
    found = sheet(tmp_path, table("One. " * 900, "Two."), k=5, max_characters=None)
    assert sorted(len(x["text"]) for x in found) == [4, 4500]


def test_words_without_spaces_are_counted_by_characters(tmp_path: Path) -> None:
    (found,) = sheet(tmp_path, table(CHINESE))
    assert int(found["words"]) >= 16
    (found,) = sheet(tmp_path, table(HEBREW))
    assert int(found["words"]) == 9


def test_the_page_loads_nothing_and_cannot_be_broken_out_of(tmp_path: Path) -> None:
    path = audit_sheet(table(HOSTILE, language='"><script>'), tmp_path / "a.html", title=HOSTILE,
                       note="</p><script>1</script>")  # fmt: skip
    page = Path(path).read_text(encoding="utf-8")
    assert page.count("<script") == 1
    assert "http:" not in page and "https:" not in page
    assert "default-src 'none'" in page


@pytest.mark.parametrize(
    ("options", "message"),
    [({"k": 0}, "int >= 1"), ({"max_characters": 0}, "or None"), ({"by": "kind"}, "any of"),
     ({"by": ["langage"]}, "'language'"), ({"by": ["source"]}, "no column 'source'")],
)  # fmt: skip
def test_what_cannot_be_drawn(tmp_path: Path, options: Any, message: str) -> None:
    with pytest.raises(DataPartnershipsError, match=message):
        sheet(tmp_path, table("One."), **options)
    with pytest.raises(ConfigurationError, match="no text to read"):
        sheet(tmp_path, table("", ""))


def result(*passages: dict[str, Any], **changed: Any) -> dict[str, Any]:
    whole = [
        {"id": f"{i}", "start": 0, "end": 50, "words": 10, "group": "is text", "state": "clean",
         "misses": 0, "marks": [], **item}
        for i, item in enumerate(passages)
    ]  # fmt: skip
    made = {"format": FORMAT, "reader": "AB", "date": "2024-05-01", "passages": whole,
            "population": {"en text": 5, "is text": 900}}  # fmt: skip
    readings = [module._reading(item) for item in whole]
    return {**made, "sheet": module._digest(readings), **changed}


def test_figures_of_a_result() -> None:
    missed = {"state": "missed", "misses": 2, "marks": [[3, 9], [12, 20]]}
    audit = read_audit(json.dumps(result(*[{}] * 30, missed, *[{}] * 29)))
    assert (audit.read, audit.missed, audit.misses, audit.words, audit.skipped) == (
        60,
        1,
        2,
        600,
        0,
    )
    assert audit.share_high == upper_bound(1, 60) == pytest.approx(0.0766399949)
    assert audit.per_thousand_high == 1000 * upper_bound(2, 600)
    assert audit.groups() == [("en text", 5, 0, 0), ("is text", 900, 60, 1)]
    assert str(audit) == (
        "60 of 905 passages were read by AB on 2024-05-01: 1 with a miss, 2 misses in 600 words. "
        "With 95%, at most 7.7% of passages hold one, and there are at most 10.5 in 1,000 words."
    )


def test_three_in_k_without_a_miss_and_nothing_known_without_reading() -> None:
    audit = read_audit(json.dumps(result(*[{}] * 300)))
    assert audit.share_high == pytest.approx(3 / 300, rel=0.01)
    unread = {"state": "unread"}
    audit = read_audit(json.dumps(result(*[unread] * 4)))
    assert (audit.share_high, audit.per_thousand_high, audit.skipped) == (1.0, 1000.0, 0)
    audit = read_audit(json.dumps(result({}, unread, {}, unread)))
    assert audit.skipped == 1 and "1 passage left out in between" in str(audit)


@pytest.mark.parametrize(
    ("broken", "message"),
    [
        ("{", "Expecting"),
        ("{}", "format"),
        (json.dumps(result({}, format="x")), "format 'x'"),
        (json.dumps(result({}, sheet="0")), "not those of its sheet"),
        (json.dumps(result({}, population={"is text": 0})), "more passages than"),
        (json.dumps(result({}) | {"passages": [{}]}), "start"),
        (json.dumps(result({})).replace('"misses": 0', '"misses": -1'), "-1 is no count"),
        (json.dumps(result({})).replace('"misses": 0', '"misses": 1'), "'clean' with 1 misses"),
        (json.dumps(result({})).replace('"marks": []', '"marks": [[3, 51]]'), "outside"),
        (json.dumps(result({})).replace('"words": 10', '"words": true'), "True is no count"),
    ],
)
def test_what_is_no_result(broken: str, message: str) -> None:
    with pytest.raises(ConfigurationError, match=message):
        read_audit(broken)


def test_a_file_that_is_none_or_not_there_is_named(tmp_path: Path) -> None:
    other = tmp_path / "stats.json"
    other.write_text("{}")
    with pytest.raises(ConfigurationError, match=r"stats\.json is no result .* no 'format'"):
        read_audit(other)
    with pytest.raises(ConfigurationError, match=r"nowhere\.json cannot be read"):
        read_audit(tmp_path / "nowhere.json")


def test_a_release_is_read_and_its_report_told(tmp_path: Path) -> None:
    from datapartnerships import detectors as d
    from datapartnerships import readers, writers
    from datapartnerships import transforms as t

    (tmp_path / "in").mkdir()
    for number in range(8):
        (tmp_path / "in" / f"{number}.txt").write_text(f"Letter {number} to a{number}@example.com.")
    pipeline = dp.Pipeline(
        reader=readers.FolderReader(str(tmp_path / "in")),
        transforms=[t.DetectPii([d.Contacts()]), t.Redact()],
        writer=writers.ParquetWriter(str(tmp_path / "out")),
    )
    release = dp.run(pipeline)
    path = dp.audit_sheet(release, tmp_path / "sheet.html", title="Letters")
    found = drawn(Path(path).read_text(encoding="utf-8"))
    assert len(found) == 8 and all("[EMAIL]" in item["text"] for item in found)
    assert {item["group"] for item in found} == {"unknown text"}
    audit = dp.read_audit(json.dumps(result(*[{}] * 8)))
    assert isinstance(release.report, dp.Report)
    assert "No audit stands" in release.report.to_html()
    told = dataclasses.replace(release.report, audit=audit).to_html()
    assert "8 of 905 passages were read by AB" in told and "No audit stands" not in told


needs_browser = pytest.mark.skipif(BINARY is None, reason="no browser on PATH")

PRESS = """(key => document.activeElement.dispatchEvent(
new KeyboardEvent('keydown', {key, bubbles: true, cancelable: true})))"""


@needs_browser
def test_the_page_says_what_python_says(browser: Browser, tmp_path: Path) -> None:  # noqa: F811
    texts = [HOSTILE, HEBREW, CHINESE, *(f"A letter, number {i}, of Anna Berg." for i in range(40))]
    languages = ["de", "he", "zh", *["en"] * 40]
    path = Path(audit_sheet(table(*texts, language=languages), tmp_path / "a.html",
                            title="Bréf <1911>"))  # fmt: skip
    browser.open(path, 1000, "light")
    places = {item["id"]: i for i, item in enumerate(drawn(path.read_text(encoding="utf-8")))}
    assert "Nothing is known yet" in browser.value("document.body.innerText")
    # All but one, the last, are read with keys alone.
    browser.value("document.getElementById('p1').focus()")
    for _ in range(42):
        browser.value(f"{PRESS}('n')")
    assert browser.value("document.activeElement.id") == "p43"
    browser.value(f"{PRESS}('m')")
    # The name in an English letter, with a click; two words are one miss.
    english = places[f"{5:032x}"] + 1
    click = "document.querySelectorAll('#p{} .word')[{}].click()"
    browser.value(click.format(english, 5))
    browser.value(click.format(english, 6))
    # The third word of the Hebrew one, from right to left, with the keyboard.
    hebrew = places[f"{1:032x}"] + 1
    browser.value(f"document.querySelector('#p{hebrew} .body').focus()")
    for key in ("ArrowLeft", "ArrowLeft", " "):
        browser.value(f"{PRESS}('{key}')")
    german, chinese = places[f"{0:032x}"] + 1, places[f"{2:032x}"] + 1
    last = "[...document.querySelectorAll('#p{} .word')].slice({})[0].click()"
    browser.value(last.format(german, -2))
    browser.value(last.format(chinese, 0))
    browser.value("(() => { const r = document.getElementById('reader'); r.value = 'AB';"
                  "r.dispatchEvent(new Event('input')); })()")  # fmt: skip
    if folder := os.environ.get("DATAPARTNERSHIPS_SCREENSHOTS"):
        browser.picture(Path(folder) / "audit.png", 1000)
    said = browser.value("document.querySelector('.bar').innerText")
    saved = browser.value("document.getElementById('result').value")
    audit = read_audit(saved)
    by_id = {int(item.id, 16): item for item in audit.passages}
    marked = {
        number: [texts[number][a:b] for a, b in by_id[number].marks] for number in (0, 1, 2, 5)
    }
    assert marked[5] == ["Anna Berg."]
    assert marked[1] == ["המכתב"]
    assert marked[0] == ["👩\u200d👧"]
    assert CHINESE.startswith(marked[2][0])
    missed = 4 + (places_last(audit) not in (0, 1, 2, 5))
    assert (audit.read, audit.missed, audit.misses) == (43, missed, missed)
    assert f"43 of 43 read: {missed} with a miss, {missed} misses in {audit.words:,} words" in said
    assert f"at most {module._up(100 * audit.share_high)}% of passages" in said
    assert f"at most {module._up(audit.per_thousand_high)} are in 1,000 words" in said
    for hits, tries in ((0, 60), (1, 60), (5, 100), (300, 20_000), (0, 10**7), (9, 9)):
        assert browser.value(f"upperBound({hits}, {tries})") == pytest.approx(
            upper_bound(hits, tries), rel=1e-9
        )
    assert not [word for word in ("Anna", "letter", "Zitat") if word in saved]
    # Nothing was tried that the page may not do, and nothing was loaded.
    assert browser.value("window.pwned === undefined")
    assert [e for e in browser.events if e.get("method") in NOISE] == []
    assert browser.requests() == [path.as_uri()]
    # Opened again, the answers are still there; then they are forgotten.
    browser.open(path, 360, "dark")
    assert browser.value("document.querySelector('.bar').innerText") == said
    seen = browser.value(AUDIT)
    assert seen["overflow"] <= 0 and not seen["wide"] and not seen["dim"], seen
    if folder:
        browser.picture(Path(folder) / "audit-360-dark.png", 360)
    browser.value("document.getElementById('forget').click()")
    browser.open(path, 360, "light")
    assert "Nothing is known yet" in browser.value("document.body.innerText")


def places_last(audit: dp.Audit) -> int:
    return int(audit.passages[-1].id, 16)


@needs_browser
def test_the_result_is_saved(browser: Browser, tmp_path: Path) -> None:  # noqa: F811
    path = Path(audit_sheet(table("One letter."), tmp_path / "a.html"))
    browser.open(path, 800, "light")
    browser("Browser.setDownloadBehavior", behavior="allow", downloadPath=str(tmp_path))
    browser.value("document.querySelector('input[value=clean]').click()")
    browser.value("document.getElementById('save').click()")
    for _ in range(200):
        if files := list(tmp_path.glob("audit-*.json")):
            break
        browser.value("new Promise(done => setTimeout(done, 50))")
    assert read_audit(files[0]).read == 1
