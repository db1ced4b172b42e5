"""Web pages."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from datapartnerships.errors import DocumentError, InvalidParameter
from datapartnerships.readers._base import FileReader
from datapartnerships.readers._blocks import Block, segments, table_text
from datapartnerships.readers._markup import blocks, flat_blocks
from datapartnerships.readers._page_encoding import decode_page
from datapartnerships.readers._source import Source
from datapartnerships.schema import Document

_CHOICES = ("main", "full")
# Of a page's visible text; below it, main content is taken to have missed what matters.
_MIN_SHARE = 0.4
_DECLARED = {
    "author": "author",
    "dc.creator": "author",
    "dcterms.creator": "author",
    "date": "date",
    "dc.date": "date",
    "dcterms.created": "date",
    "article:published_time": "date",
}
# Deeper than any page that a person wrote; trafilatura and copying recurse.
_MAX_DEPTH = 400
# What is nested deeper than this (2,048 elements), libxml2 leaves out of the tree.
_PARSED_DEPTH = 2000
# Of the text of the element that the page itself marks as its article.
_MIN_ARTICLE_SHARE = 0.85


@dataclass(frozen=True, kw_only=True)
class HtmlReader(FileReader):
    """Reads web pages: their main content, or all of their text.

    Attributes:
        content: ``main`` for the main content as trafilatura finds it, ``full`` for all visible
            text but navigation, page headers and footers and cookie notices. A page in which
            ``main`` keeps less than 40 % of that, or loses part of what the page itself marks as
            its article, or that has no sign of an article (opinions of courts, lists, forms), is
            read in full all the same: ``metadata["content"]`` says how each page was read.
    """

    content: str = "main"

    keeps = "the main content, or all text; blocks with the headings above them"
    media_types = frozenset({"text/html", "application/xhtml+xml"})
    suffixes = (".html", ".htm", ".xhtml")
    isolated = True

    def __post_init__(self) -> None:
        if self.content not in _CHOICES:
            raise InvalidParameter(self, "content", "'main' or 'full'", self.content)

    def parse(self, source: Source) -> Iterator[Document | Source]:
        from datapartnerships._backends.lxml import html_tree

        data = source.read(self.limits)
        decoded = decode_page(data, source.charset)
        tree = html_tree(decoded.text)
        if tree is None:
            raise DocumentError("no text found", "no element of HTML in it")
        metadata = _metadata(tree) | decoded.metadata()
        found, metadata["content"] = _chosen(tree, self.content)
        if _depth(tree) >= _PARSED_DEPTH:
            found = flat_blocks(decoded.text)
        if not found:
            raise DocumentError("no text found")
        yield source.document(self, segments(found), data=data, metadata=metadata)


def _chosen(tree: Any, content: str) -> tuple[list[Block], str]:
    """The blocks of the page, and how they were chosen."""
    full = blocks(tree, boilerplate=False)
    if not full:
        # Everything was taken for navigation: better all of it than nothing.
        return blocks(tree), "full"
    if content == "full" or not _is_article(tree) or _depth(tree) > _MAX_DEPTH:
        return full, "full"
    main = _main(tree)
    kept = _characters(main)
    marked = max((_characters(blocks(e)) for e in tree.iter("article", "main")), default=0)
    if kept < _MIN_SHARE * _characters(full) or kept < _MIN_ARTICLE_SHARE * marked:
        return full, "full"
    return main, "main"


def _characters(found: list[Block]) -> int:
    return sum(len("".join(block.text.split())) for block in found)


def _is_article(tree: Any) -> bool:
    """The page says that it is one article, or is laid out as one."""
    if next(tree.iter("article", "main"), None) is not None:
        return True
    for meta in tree.iter("meta"):
        name = (meta.get("property") or meta.get("name") or "").lower()
        if name.startswith("article:") or (name == "og:type" and meta.get("content") == "article"):
            return True
    return any(element.get("itemtype", "").endswith("Article") for element in tree.iter("div"))


def _depth(tree: Any) -> int:
    """How deep elements are nested, found without recursion."""
    deepest, level = 0, [tree]
    while level:
        level = [child for element in level for child in element]
        deepest += 1
    return deepest


def _main(tree: Any) -> list[Block]:
    from datapartnerships._backends.trafilatura import main_content

    body = main_content(tree)
    return [] if body is None else [block for element in body for block in _translated(element)]


def _translated(element: Any) -> Iterator[Block]:
    """From trafilatura's tags: head, p, list and item, table with row and cell, quote, code."""
    name = element.tag
    if name == "head":
        rank = (element.get("rend") or "h2")[-1]
        yield Block(_flow(element), level=int(rank) if rank.isdigit() else 2)
    elif name == "list":
        for item in element.iter("item"):
            yield Block(f"- {_flow(item)}")
    elif name == "table":
        yield Block(
            table_text(["".join(cell.itertext()) for cell in row] for row in element.iter("row"))
        )
    elif name == "code":
        yield Block("".join(element.itertext()))
    elif any(child.tag in ("p", "head", "list", "table", "quote") for child in element):
        if element.text and element.text.strip():
            yield Block(" ".join(element.text.split()))
        for child in element:
            yield from _translated(child)
            if child.tail and child.tail.strip():
                yield Block(" ".join(child.tail.split()))
    else:
        yield Block(_flow(element))


def _flow(element: Any) -> str:
    """Text with `lb` as line ends and all other white space as single spaces."""
    lines = "".join(_with_breaks(element)).split("\n")
    return "\n".join(" ".join(line.split()) for line in lines).strip()


def _with_breaks(element: Any) -> Iterator[str]:
    yield " ".join((element.text or "").split("\n"))
    for child in element:
        if child.tag == "lb":
            yield "\n"
        else:
            yield from _with_breaks(child)
        yield " ".join((child.tail or "").split("\n"))


def _metadata(tree: Any) -> dict[str, str]:
    """What the page says of itself; nothing is guessed from its address."""
    from datapartnerships._backends.trafilatura import page_metadata

    found: dict[str, str] = {} if _depth(tree) > _MAX_DEPTH else page_metadata(tree)
    for meta in tree.iter("meta"):
        name = (meta.get("name") or meta.get("property") or "").lower()
        value = " ".join((meta.get("content") or "").split())
        if value and name in _DECLARED:
            # In its own words: trafilatura rewrites names and drops those of one word.
            found[_DECLARED[name]] = value
    language = tree.get("lang") or tree.get("{http://www.w3.org/XML/1998/namespace}lang")
    if language:
        found["language"] = language
    return found
