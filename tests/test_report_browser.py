"""The report in a real browser: both themes, four widths, print, and inside a notebook.

Chromium is driven through its own pipe, so nothing but the browser is needed. Where
DATAPARTNERSHIPS_SCREENSHOTS names a folder, pictures to look at are left there.
"""

from __future__ import annotations

import base64
import fcntl
import json
import os
import runpy
import select
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
BINARY = next(filter(None, map(shutil.which, NAMES)), None)
pytestmark = pytest.mark.skipif(BINARY is None, reason=f"no browser on PATH: {', '.join(NAMES)}")

FLAGS = ("--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage",
         "--hide-scrollbars", "--no-first-run", "--remote-debugging-pipe")  # fmt: skip
# Instead of `preexec_fn`, which Python 3.12 and later warn about in a process with threads.
LAUNCH = """import os, sys
os.dup2(int(sys.argv[1]), 3)
os.dup2(int(sys.argv[2]), 4)
os.execv(sys.argv[3], sys.argv[3:])"""
SECONDS = 60
# What a page must not do, as the browser tells it.
NOISE = {"Runtime.consoleAPICalled", "Runtime.exceptionThrown", "Log.entryAdded",
         "Audits.issueAdded", "Page.javascriptDialogOpening"}  # fmt: skip


class Browser:
    """One tab of a headless Chromium, over the DevTools pipe: descriptors 3 and 4 of the child."""

    def __init__(self, profile: Path) -> None:
        ours, theirs = os.pipe(), os.pipe()
        # Out of the way first: either might itself be 3 or 4.
        orders, answers = (fcntl.fcntl(f, fcntl.F_DUPFD_CLOEXEC, 64) for f in (ours[0], theirs[1]))
        os.close(ours[0])
        os.close(theirs[1])
        self.process = subprocess.Popen(
            [sys.executable, "-c", LAUNCH, str(orders), str(answers), str(BINARY), *FLAGS,
             f"--user-data-dir={profile}", "about:blank"],
            pass_fds=(orders, answers),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )  # fmt: skip
        os.close(orders)
        os.close(answers)
        self.write, self.read, self.buffer, self.number = ours[1], theirs[0], b"", 0
        self.session: str | None = None
        self.events: list[dict[str, Any]] = []
        target = self("Target.createTarget", url="about:blank")["targetId"]
        self.session = self("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Log", "Network", "Audits"):
            self(f"{domain}.enable")

    def __call__(self, method: str, **params: Any) -> dict[str, Any]:
        self.number += 1
        order = {"id": self.number, "method": method, "params": params}
        if self.session:
            order["sessionId"] = self.session
        os.write(self.write, json.dumps(order).encode() + b"\0")
        while (message := self._next()).get("id") != self.number:
            self.events.append(message)
        assert "error" not in message, message
        result: dict[str, Any] = message["result"]
        return result

    def _next(self) -> dict[str, Any]:
        while b"\0" not in self.buffer:
            ready, _, _ = select.select([self.read], [], [], SECONDS)
            data = os.read(self.read, 1 << 16) if ready else b""
            assert data, "the browser does not answer"
            self.buffer += data
        line, self.buffer = self.buffer.split(b"\0", 1)
        message: dict[str, Any] = json.loads(line)
        return message

    def open(self, path: Path, width: int, theme: str) -> None:
        media = [{"name": "prefers-color-scheme", "value": theme}]
        self("Emulation.setEmulatedMedia", features=media)
        self("Emulation.setDeviceMetricsOverride",
             width=width, height=900, deviceScaleFactor=1, mobile=False)  # fmt: skip
        self.events.clear()
        self("Page.navigate", url=path.as_uri())
        deadline = time.monotonic() + SECONDS
        while self.value("document.readyState") != "complete":
            assert time.monotonic() < deadline, "the page does not load"
            time.sleep(0.02)

    def value(self, expression: str) -> Any:
        answer = self("Runtime.evaluate", expression=expression, returnByValue=True)
        assert "exceptionDetails" not in answer, answer
        return answer["result"].get("value")

    def picture(self, path: Path, width: int) -> None:
        height = min(9000, self.value("document.documentElement.scrollHeight"))
        clip = {"x": 0, "y": 0, "width": width, "height": height, "scale": 1}
        shot = self("Page.captureScreenshot", captureBeyondViewport=True, clip=clip)
        path.write_bytes(base64.b64decode(shot["data"]))

    def requests(self) -> list[str]:
        sent = [e for e in self.events if e.get("method") == "Network.requestWillBeSent"]
        return [event["params"]["request"]["url"] for event in sent]

    def close(self) -> None:
        self.process.terminate()
        self.process.wait(timeout=SECONDS)
        os.close(self.write)
        os.close(self.read)


# Opens everything, and measures what a reader would see.
AUDIT = """(() => {
  document.querySelectorAll('details').forEach(d => { d.open = true; });
  const rgb = text => (text.match(/[\\d.]+/g) || []).map(Number);
  const shine = text => { const [r, g, b] = rgb(text).map(v => { v /= 255;
    return v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4; });
    return 0.2126 * r + 0.7152 * g + 0.0722 * b; };
  const contrast = (a, b) => { const [x, y] = [shine(a), shine(b)].sort((p, q) => q - p);
    return (x + 0.05) / (y + 0.05); };
  const ground = node => { for (; node; node = node.parentElement) {
    const color = getComputedStyle(node).backgroundColor;
    if (rgb(color).length === 3 || rgb(color)[3] === 1) return color; }
    return 'rgb(255,255,255)'; };
  const dim = [], thin = [];
  document.querySelectorAll('body *').forEach(node => {
    if (node.closest('svg, style')) return;
    const text = [...node.childNodes].filter(n => n.nodeType === 3 && n.data.trim());
    if (!text.length) return;
    const found = contrast(getComputedStyle(node).color, ground(node));
    if (found < 4.5) dim.push([found, node.className, text[0].data.slice(0, 40)]);
  });
  const bars = [...document.querySelectorAll('svg rect:not(.track)')].map(bar => {
    const found = contrast(getComputedStyle(bar).fill, ground(bar.closest('svg').parentElement));
    if (found < 3) thin.push([found, bar.getAttribute('class')]);
    const box = bar.getBoundingClientRect(); return Math.min(box.width, box.height); });
  const wide = [...document.querySelectorAll('body *')].filter(node =>
    !node.parentElement.closest('.scroll, pre, svg') &&
    node.getBoundingClientRect().right > innerWidth + 0.5).map(node => node.outerHTML.slice(0, 90));
  return { dim, thin, wide, bars: bars.length, least: Math.min(...bars), pwned: window.pwned,
    overflow: document.documentElement.scrollWidth - innerWidth,
    ground: getComputedStyle(document.querySelector('.dpr')).backgroundColor };
})()"""


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    made = Browser(tmp_path_factory.mktemp("profile"))
    yield made
    made.close()


@pytest.fixture(scope="module")
def report() -> Any:
    return runpy.run_path(str(Path(__file__).with_name("report_sample.py")))["sample"]()


@pytest.fixture(scope="module")
def page(report: Any, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("report") / "report.html"
    path.write_text(report.to_html(), encoding="utf-8")
    return path


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [360, 400, 1280, 1600])
def test_every_screen(browser: Browser, page: Path, width: int, theme: str, tmp_path: Path) -> None:
    browser.open(page, width, theme)
    folder = Path(os.environ.get("DATAPARTNERSHIPS_SCREENSHOTS") or tmp_path)
    browser.picture(folder / f"report-{width}-{theme}.png", width)
    seen = browser.value(AUDIT)
    browser.picture(folder / f"report-{width}-{theme}-open.png", width)
    assert seen["overflow"] <= 0 and not seen["wide"], seen
    assert not seen["dim"] and not seen["thin"], seen
    assert seen["bars"] > 30 and seen["least"] > 0
    assert seen["ground"] == ("rgb(18, 24, 30)" if theme == "dark" else "rgb(255, 255, 255)")
    # A second answer: whatever the page set off has been told by now.
    assert browser.value("window.pwned === undefined")
    assert [e for e in browser.events if e.get("method") in NOISE] == []
    assert browser.requests() == [page.as_uri()]


def test_a_page_that_tries_something_is_heard(browser: Browser, page: Path, tmp_path: Path) -> None:
    """The assertions above can fail: the policy stops a script, and the browser says so."""
    path = tmp_path / "broken.html"
    text = page.read_text(encoding="utf-8")
    attack = "<script>window.pwned = 1</script><img src=x onerror='window.pwned = 1'>"
    path.write_text(text.replace("</main>", f"{attack}</main>"), encoding="utf-8")
    browser.open(path, 1280, "light")
    assert browser.value("window.pwned === undefined")
    assert [e for e in browser.events if e.get("method") in NOISE]


def test_print_opens_what_is_folded(browser: Browser, page: Path) -> None:
    pdfium = pytest.importorskip("pypdfium2")
    browser.open(page, 1280, "dark")
    data = base64.b64decode(browser("Page.printToPDF", printBackground=True)["data"])
    document = pdfium.PdfDocument(data)
    text = "".join(sheet.get_textpage().get_text_range() for sheet in document)
    document.close()
    assert "Sjá aftur" in text and "FilterLength" in text and "accounted for" in text


HOST = """<!DOCTYPE html><html lang="en"><meta charset="utf-8"><title>notebook</title><style>
.jp-RenderedHTMLCommon td, .jp-RenderedHTMLCommon th { text-align: right; padding: 1px; }
.jp-RenderedHTMLCommon table { table-layout: fixed; font-size: 9px; }
.jp-RenderedHTMLCommon tbody tr:nth-child(odd) { background: rgb(255, 0, 0); }
</style><body data-jp-theme-light="LIGHT"><h1>Title</h1><p>Words <a href="#">here</a>
<code>code</code></p><table><tr><th>a</th><td>b</td></tr></table><pre>c</pre><ins>d</ins>
<details><summary>e</summary></details><svg></svg><dl><dt>f</dt><dd>g</dd></dl>
<div class="jp-RenderedHTMLCommon">REPORT</div></body></html>"""
OUTSIDE = """JSON.stringify([...document.querySelectorAll('html, body, body *')]
.filter(node => !node.closest('.jp-RenderedHTMLCommon')).map(node => {
const style = getComputedStyle(node); return [node.tagName, ...[...style]
.filter(name => !/size|width|height|origin|perspective/.test(name))
.map(name => name + ':' + style.getPropertyValue(name))]; }))"""


@pytest.mark.parametrize("light", [True, False])
def test_a_notebook_keeps_its_own_look(
    browser: Browser, report: Any, tmp_path: Path, light: bool
) -> None:
    host = HOST.replace("LIGHT", str(light).lower())
    path = tmp_path / "notebook.html"
    path.write_text(host.replace("REPORT", ""), encoding="utf-8")
    # The system says one thing, the notebook the other: the notebook is right.
    browser.open(path, 900, "dark" if light else "light")
    before = browser.value(OUTSIDE)
    path.write_text(host.replace("REPORT", report._repr_html_()), encoding="utf-8")
    browser.open(path, 900, "dark" if light else "light")
    assert browser.value(OUTSIDE) == before
    seen = browser.value(AUDIT)
    if folder := os.environ.get("DATAPARTNERSHIPS_SCREENSHOTS"):
        browser.picture(Path(folder) / f"notebook-{'light' if light else 'dark'}.png", 900)
    assert seen["ground"] == ("rgb(255, 255, 255)" if light else "rgb(18, 24, 30)")
    assert not seen["wide"] and seen["least"] > 0
    cell = "getComputedStyle(document.querySelector('.dpr tbody th'))"
    assert browser.value(f"{cell}.textAlign") == "left"
    row = "getComputedStyle(document.querySelector('.dpr tbody tr')).backgroundColor"
    assert browser.value(row) == "rgba(0, 0, 0, 0)"
    assert browser.requests() == [path.as_uri()]
