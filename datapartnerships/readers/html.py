"""Web pages."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from datapartnerships.errors import DocumentError, InvalidParameter
from datapartnerships.readers._base import FileReader
from datapartnerships.readers._blocks import Block, segments
from datapartnerships.readers._markup import Placed, flat_blocks, placed_blocks
from datapartnerships.readers._page_encoding import decode_page
from datapartnerships.readers._source import Source
from datapartnerships.schema import Document

_CHOICES = ("main", "full")
# Deeper than any page that a person wrote: not searched for its main content.
_MAX_DEPTH = 400
# What is nested deeper than this (2,048 elements), libxml2 leaves out of the tree.
_PARSED_DEPTH = 2000


@dataclass(frozen=True, kw_only=True)
class HtmlReader(FileReader):
    """Reads web pages: their main content, or all of their text.

    ``metadata["content"]`` says how a page was read, and ``characters_left_out`` how many visible
    characters were not: navigation, notices, teasers.

    Attributes:
        content: ``main`` for the text that a page was made for, without what its site puts
            around it; the kind of page decides. A page with hardly a link on it (an opinion of a
            court, a statute, minutes) and one in which no text stands out are read as with
            ``full``: all visible text but navigation, page headers and footers and cookie notices.
    """

    content: str = "main"

    keeps = "the main content, or all text; blocks with the headings above them"
    media_types = frozenset({"text/html", "application/xhtml+xml"})
    suffixes = (".html", ".htm", ".xhtml")
    isolated = True

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.content not in _CHOICES:
            raise InvalidParameter(self, "content", "'main' or 'full'", self.content)

    def parse(self, source: Source) -> Iterator[Document | Source]:
        from datapartnerships._backends.lxml import html_tree
        from datapartnerships.readers._page_facts import page_facts

        data = source.read(self.limits)
        decoded = decode_page(data, source.charset)
        tree = html_tree(decoded.text)
        if tree is None:
            raise DocumentError("no text found", "no element of HTML in it")
        metadata = page_facts(tree) | decoded.metadata()
        found, chosen = _chosen(tree, self.content, decoded.text)
        if not found:
            raise DocumentError("no text found")
        metadata |= chosen
        yield source.document(self, segments(found), data=data, metadata=metadata)


def _chosen(tree: Any, content: str, text: str) -> tuple[list[Block], dict[str, str]]:
    """The blocks of the page, how they were chosen, and how much was left out."""
    from datapartnerships.readers._article import article

    depth = _depth(tree)
    try:
        page = placed_blocks(tree) if depth < _PARSED_DEPTH else None
    except RecursionError:  # hundreds of tables in one another
        page = None
    if page is None:
        return flat_blocks(text), {"content": "full"}
    # Where everything was taken for navigation, better all of it than nothing.
    full = [placed for placed in page if not placed.beside] or page
    main = article(page, tree) if content == "main" and depth <= _MAX_DEPTH else None
    kept = full if main is None else main
    said = {"content": "full" if main is None else "main"}
    if left_out := _characters(page) - _characters(kept):
        said["characters_left_out"] = str(left_out)
    return [placed.block for placed in kept], said


def _characters(page: list[Placed]) -> int:
    return sum(len(placed.block.text) for placed in page)


def _depth(tree: Any) -> int:
    """How deep elements are nested, found without recursion."""
    deepest, level = 0, [tree]
    while level:
        level = [child for element in level for child in element]
        deepest += 1
    return deepest
