"""From unstructured's elements to blocks."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any

from datapartnerships.readers._blocks import Block, table_text

# A list item that Word numbers has its number already.
_LABEL = re.compile(r"\(?(?:\d+|[a-zA-Z]{1,6})(?:\.\d+)*[.):]|§|\d+(?:\.\d+)+\s")
_SPACES = re.compile(r"[ \t]+(?=\n|$)")


def blocks_of(elements: Iterable[Any]) -> Iterator[Block]:
    """A block for each element; headings are those that a style of the document makes one."""
    for element in elements:
        yield _block(element)


def _block(element: Any) -> Block:
    block = _placed(element)
    block.origin = f"unstructured {type(element).__name__}"
    return block


def _placed(element: Any) -> Block:
    name, metadata = type(element).__name__, element.metadata
    text, page = _SPACES.sub("", element.text).strip("\n"), metadata.page_number
    if name == "Title":
        return Block(text.strip(), level=(metadata.category_depth or 0) + 1, page=page)
    if name == "ListItem":
        item = text if _LABEL.match(text) else f"- {text}"
        return Block("  " * (metadata.category_depth or 0) + item, page=page)
    if name == "Table":
        return Block(_table(element), page=page)
    if name in ("Header", "Footer"):
        return Block(text, page=page, place=f"page {name.lower()}")
    return Block(text, page=page)


def _table(element: Any) -> str:
    """Its cells row by row; where unstructured refused to lay them out, their text."""
    from datapartnerships._backends.lxml import html_tree

    page = html_tree(element.metadata.text_as_html or "")
    if page is None:
        return str(element.text)
    rows = [["".join(cell.itertext()) for cell in row] for row in page.iter("tr")]
    return table_text(rows)
