"""How well running heads, feet and page numbers are told from text: books of known truth.

Six layouts in three languages (`_books.py`), clean and with misread characters. Counted are lines:
taken and furniture, taken and text, furniture that stayed. The speed is that of the transform on
all books, in CPU seconds of one thread, after a first call.
"""

from __future__ import annotations

from collections import Counter
from typing import Any

import pyarrow as pa
from _books import BODY, LAYOUTS, WORDS, Leaf, book, misread
from _common import arguments, cpu_seconds, report, save, versions

from datapartnerships.kernels.segments import flat
from datapartnerships.schema import Document, Segment, documents_to_table
from datapartnerships.transforms import RemoveRunningHeads

RATES = (0.0, 0.01, 0.03)


def document(name: str, leaves: list[Leaf], boxed: bool) -> tuple[Document, list[list[str]]]:
    """The book, and the kinds of the lines of each of its segments."""
    segments: list[Segment] = []
    truth: list[list[str]] = []
    for number, leaf in enumerate(leaves, 1):
        height = 1 / (len(leaf.lines) + 8)
        parts = _parts(leaf) if boxed else [leaf.lines]
        at = 4
        for part in parts:
            box = [0.1, at * height, 0.9, (at + len(part)) * height] if boxed else None
            at += len(part) + 1
            segments.append(Segment("\n".join(t for t, _ in part), page=number, bbox=box))
            truth.append([kind for _, kind in part])
    return Document(name, "books", segments=segments), truth


def _parts(leaf: Leaf) -> list[list[tuple[str, str]]]:
    """Its blocks: furniture by itself, paragraphs by themselves."""
    parts: list[list[tuple[str, str]]] = []
    for text, kind in leaf.lines:
        if not text:
            continue
        if kind != BODY or text.startswith("    ") or not parts or parts[-1][-1][1] != BODY:
            parts.append([])
        parts[-1].append((text, kind))
    return parts


def score(out: pa.Table, before: pa.Table, truths: list[list[list[str]]]) -> Counter[str]:
    found: Counter[str] = Counter()
    offsets, new = flat(out)
    old = flat(before)[1]
    edges = offsets.to_pylist()
    for row, truth in enumerate(truths):
        for index, kinds in enumerate(truth):
            lines = old[edges[row] + index]["text"].as_py().split("\n")
            kept = Counter(new[edges[row] + index]["text"].as_py().split("\n"))
            for line, kind in zip(lines, kinds, strict=True):
                if not line.strip():
                    continue
                stays = kept[line] > 0
                kept[line] -= 1
                furniture = kind != BODY
                found["kept" if stays and furniture else "right" if furniture else
                      "" if stays else "lost"] += 1  # fmt: skip
    return found


def f1(found: Counter[str]) -> float:
    return round(2 * found["right"] / max(1, 2 * found["right"] + found["lost"] + found["kept"]), 4)


def run(pages: int, books: int, runs: int, show: bool) -> dict[str, Any]:
    transform = RemoveRunningHeads()
    total: Counter[str] = Counter()
    by: dict[str, Counter[str]] = {}
    tables = []
    for rate in RATES:
        for layout in LAYOUTS:
            for language in WORDS:
                made = [
                    document(
                        f"{layout} {language} {seed}",
                        misread(book(layout, language, pages, seed), rate, seed),
                        layout == "boxes",
                    )
                    for seed in range(books)
                ]
                table = documents_to_table(item for item, _ in made)
                tables.append(table)
                out = transform(table)
                found = score(out, table, [truth for _, truth in made])
                if show and f1(found) < 0.99:
                    _show(rate, layout, language, out, table, [truth for _, truth in made])
                total += found
                for name in (layout, language, f"misread {rate:.0%}"):
                    by[name] = by.get(name, Counter()) + found
    everything = pa.concat_tables(tables)
    size = sum(len(t.encode()) for t in flat(everything)[1].field("text").to_pylist()) / 1e6
    seconds, _ = cpu_seconds(lambda: transform(everything), runs)
    return {
        "F1": f1(total),
        "lines": dict(total),
        "F1 of": {name: f1(found) for name, found in by.items()},
        "MB per CPU second": round(size / seconds, 1),
        "versions": versions(),
    }


def _show(
    rate: float, layout: str, language: str, out: pa.Table, before: pa.Table, truths: list[Any]
) -> None:
    for row, truth in enumerate(truths):
        old, new = before["segments"][row].as_py(), out["segments"][row].as_py()
        for a, b, kinds in zip(old, new, truth, strict=True):
            kept = b["text"].split("\n")
            for line, kind in zip(a["text"].split("\n"), kinds, strict=True):
                if line.strip() and (line in kept) == (kind != BODY):
                    print(rate, layout, language, a["page"], kind, repr(line[:70]))


def main() -> None:
    given = arguments(
        __doc__ or "",
        pages={"type": int, "default": 60},
        books={"type": int, "default": 3},
        runs={"type": int, "default": 3},
        show={"action": "store_true", "help": "print the lines that are wrong"},
    )
    result = run(given.pages, given.books, given.runs, given.show)
    report(result, given.json)
    if given.save:
        save("running_heads", [{"reader": "", **result}])


if __name__ == "__main__":
    main()
