"""What many documents begin or end with goes; what many of them say stays."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pyarrow as pa
import pytest

from datapartnerships.errors import InvalidParameter
from datapartnerships.kernels import count_min
from datapartnerships.kernels.segments import flat, reject
from datapartnerships.readers import HtmlReader
from datapartnerships.schema import Document, Segment, documents_to_table
from datapartnerships.transforms import DropBoilerplate, RemoveBoilerplate

_STAMP = "Downloaded on 2021-03-{:02d} by reader {} of the county library"
_MENU = ["Home", "Boats", "Weather", "Contact us"]
_NAMES = ("Anna", "Bertil", "Cecilia", "David", "Erla", "Fanney", "Gunnar", "Halla", "Ingi", "Lára")


def _text(number: int) -> str:
    """A text of its own."""
    name = _NAMES[number % len(_NAMES)]
    letter = chr(97 + number // len(_NAMES))
    return "\n".join(
        f"{name} {letter} wrote {part} to the keeper of the lamp, and got an answer of {part} too."
        for part in ("a letter", "a card", "a bill", "a book", "a poem", "a song", "a will")
    )


def _table(texts: list[str]) -> pa.Table:
    return documents_to_table(
        [Document(str(n), "s", segments=[Segment(text)]) for n, text in enumerate(texts)]
    )


def _after(texts: list[str], **options: float) -> list[str]:
    table = _table(texts)
    fit = RemoveBoilerplate(**options)
    out = fit.combine([fit.sketch([table])])(table)
    found: list[str] = flat(out)[1].field("text").to_pylist()
    return found


def test_a_stamp_with_its_own_numbers() -> None:
    texts = [f"{_text(n)}\n{_STAMP.format(n, n * 7)}" for n in range(30)]
    assert _after(texts) == [_text(n) for n in range(30)]


def test_a_menu_goes_as_a_block() -> None:
    texts = ["\n".join([*_MENU, "", _text(n)]) for n in range(30)]
    assert _after(texts) == [_text(n) for n in range(30)]


def test_on_some_documents_only() -> None:
    texts = [_text(n) + (f"\n{_STAMP.format(n, n)}" if n % 3 == 0 else "") for n in range(60)]
    assert _after(texts) == [_text(n) for n in range(60)]
    assert _after(texts, min_share=0.5) == texts
    assert _after(texts, min_documents=30) == texts


@pytest.mark.parametrize(
    "line",
    ["Chapter 1", "Amen.", "Yours faithfully,", "It is so ordered by the whole court of the land."],
)
@pytest.mark.parametrize("first", [True, False])
def test_what_many_texts_share_stays(line: str, first: bool) -> None:
    texts = [
        (f"{line}\n{_text(n)}" if first else f"{_text(n)}\n{line}") if n % 3 == 0 else _text(n)
        for n in range(60)
    ]
    assert _after(texts) == texts


def test_a_short_line_beside_a_notice_stays() -> None:
    notice = "This copy was made for the reading room alone\nNo part of it may leave the house"
    texts = [f"{_text(n)}\n" + ("Amen\n" if n % 2 else "") + notice for n in range(40)]
    assert _after(texts) == [_text(n) + ("\nAmen" if n % 2 else "") for n in range(40)]


def test_what_stands_in_the_midst_stays() -> None:
    line = "and all of them sang the old song of the harbour"
    texts = [f"{_text(n)}\n{line}\n{_text(n + 50)}" for n in range(30)]
    assert _after(texts) == texts


def test_at_the_edges_of_pages() -> None:
    rows = [
        Document(
            str(n),
            "s",
            segments=[
                Segment(f"{_STAMP.format(n, page)}\n{_text(n * 3 + page)}", page=page)
                for page in (1, 2, 3)
            ],
        )
        for n in range(20)
    ]
    table = documents_to_table(rows)
    fit = RemoveBoilerplate()
    out = flat(fit.combine([fit.sketch([table])])(table))[1].to_pylist()
    assert [s["text"] for s in out] == [_text(n * 3 + p) for n in range(20) for p in (1, 2, 3)]
    assert {tuple(s["flags"]) for s in out} == {("boilerplate",)}


def test_labels_of_what_each_says_stay() -> None:
    texts = [f"Date\n2021-03-{n:02d}\nPage\n{n}\n{_text(n)}" for n in range(30)]
    assert _after(texts) == texts


def test_versions_of_one_document_stay() -> None:
    texts = [f"{_text(0)}\nDraft {n} of the letter to the keeper of the lamp" for n in range(30)]
    assert _after(texts) == texts


def test_rejected_documents_count_for_nothing() -> None:
    texts = [f"{_text(n)}\n{_STAMP.format(n, n)}" for n in range(20)]
    table = _table(texts)
    dropped = reject(table, pa.array([n < 15 for n in range(20)]), "x: y")
    fit = RemoveBoilerplate()
    assert fit.combine([fit.sketch([dropped])])(table).equals(table)


def test_sketches_add_up() -> None:
    table = _table([f"{_text(n)}\n{_STAMP.format(n, n)}" for n in range(20)])
    fit = RemoveBoilerplate()
    once = fit.combine([fit.sketch([table])])
    parts = [fit.sketch([table.slice(at, 7)]) for at in (0, 7, 14)]
    assert fit.combine(parts) == fit.combine(parts[::-1]) == once
    assert hash(fit.combine(parts)) == hash(once)
    assert once.documents == 20 and once != DropBoilerplate()
    rows = dataclasses.replace(once, counts=once.counts.to_pylist())
    assert rows == once


def test_the_sketch_does_not_grow() -> None:
    fit = RemoveBoilerplate()
    many = _table(["\n".join(f"{chr(97 + i % 26) * (i % 97)} {n}x" for i in range(2522))
                   for n in range(40)])  # fmt: skip
    sketch = fit.sketch([many] * 3)
    assert sketch.num_rows <= 2 * count_min.CELLS + 1
    assert fit.combine([sketch]).documents == 120


@pytest.mark.parametrize("options", [{"min_documents": 1}, {"min_share": 2}, {"max_share": -1}])
def test_wrong_options(options: dict[str, float]) -> None:
    with pytest.raises(InvalidParameter, match=next(iter(options))):
        RemoveBoilerplate(**options)


def test_nothing_counted() -> None:
    table = _table([_text(1), ""])
    assert DropBoilerplate()(table) is table
    assert RemoveBoilerplate().combine([])(table) is table


def test_what_leaks_out_of_web_pages(tmp_path: Path) -> None:
    cookies = "This site keeps cookies to remember how you like to read it. Choose which you allow"
    for number in range(12):
        own = "".join(f"<p>{line}</p>" for line in _text(number).split("\n"))
        (tmp_path / f"{number}.html").write_text(
            f"<html><body><div>{cookies}</div><h1>{_NAMES[number % len(_NAMES)]} {number}</h1>{own}"
            "<p>Printed for the friends of the harbour museum</p></body></html>"
        )
    reader = HtmlReader(str(tmp_path))
    table = pa.concat_tables(part for shard in reader.shards() for part in reader.read(shard))
    before = "\n".join(flat(table)[1].field("text").to_pylist())
    assert before.count("cookies") == before.count("harbour museum") == 12
    fit = RemoveBoilerplate()
    out = flat(fit.combine([fit.sketch([table])])(table))[1].field("text").to_pylist()
    after = "\n".join(out)
    assert "harbour museum" not in after and "cookies" not in after
    assert all(line in after for number in range(12) for line in _text(number).split("\n"))
