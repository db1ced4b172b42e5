"""From the elements of a web page to blocks: every visible character once, in order."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any

from datapartnerships.readers._blocks import Block, table_text

_UNSEEN_NAMES = (
    "title script style noscript template svg math-annotation iframe object embed canvas "
    "audio video map datalist select button"
)
_UNSEEN = frozenset(_UNSEEN_NAMES.split())
# Beside the text in every page of a site.
_BESIDE = frozenset({"nav", "footer", "aside", "header"})
_BESIDE_ROLES = frozenset({"navigation", "banner", "contentinfo", "complementary", "search"})
_BESIDE_NAMES = re.compile(
    r"(?:^|[\s_-])(?:cookies?|consent|gdpr|navbar|breadcrumbs?|site-?nav|skip-?link|share-?bar|"
    r"social-?share)(?:$|[\s_-])",
    re.IGNORECASE,
)
# What rows stand in; forms are put between a table and its rows, or a row and its cells.
_ROWS = frozenset({"thead", "tbody", "tfoot", "tr", "form"})
# Notes belong to the text, though many are marked up as an aside.
NOTES = re.compile(r"(?:foot|end)-?notes?(?![a-z])", re.IGNORECASE)
_INLINE_NAMES = (
    "a abbr acronym b bdi bdo big cite code data del dfn em font i img input ins kbd "
    "label mark page-number q rp rt ruby s samp small span strike strong sub sup time tt "
    "u var wbr o:p"
)
_INLINE = frozenset(_INLINE_NAMES.split())
_HEADING = re.compile(r"h([1-6])")
_SPACES = re.compile(r"[ \t\n\r\f]+")
# Deeper lists are indented no further: thousands in one another would be more blanks than text.
_MAX_INDENT = 20


@dataclass(slots=True)
class Placed:
    """A block and where in the page it stands.

    Attributes:
        block: the block.
        element: the element that its text begins in.
        linked: how many of its characters are links, about.
        beside: whether it stands beside the text: navigation, page header or footer, a notice.
    """

    block: Block
    element: Any
    linked: int
    beside: bool


@dataclass(slots=True)
class _Walk:
    """A walk through the tree without recursion: pages are nested as deep as they like."""

    placed: list[Placed] = field(default_factory=list)
    parts: list[str] = field(default_factory=list)
    owner: Any = None
    links: int = 0
    linked: int = 0
    beside: int = 0
    level: int = 0
    prefix: str = ""
    lists: list[list[int]] = field(default_factory=list)
    preformatted: int = 0

    def text(self, text: str | None, owner: Any) -> None:
        if text:
            if not self.parts:
                self.owner = owner
            self.parts.append(text if self.preformatted else _SPACES.sub(" ", text))
            if self.links:
                self.linked += len(self.parts[-1])

    def line_end(self, element: Any) -> None:
        if not self.parts:
            self.owner = element.getparent()
        self.parts.append("\n")

    def end_block(self) -> None:
        if not self.parts:
            return
        text, linked = "".join(self.parts), self.linked
        self.parts.clear()
        self.linked = 0
        if not self.preformatted:
            text = "\n".join(_SPACES.sub(" ", line).strip() for line in text.split("\n"))
        if text.strip():
            self.put(Block(self.prefix + text.strip("\n"), level=self.level), self.owner, linked)
            self.prefix = ""

    def put(self, block: Block, element: Any, linked: int = 0) -> None:
        self.placed.append(Placed(block, element, linked, self.beside > 0))


def blocks(root: Any) -> list[Block]:
    """All blocks of a page or of a part of it."""
    return [placed.block for placed in placed_blocks(root, told_apart=False)]


def placed_blocks(root: Any, *, told_apart: bool = True) -> list[Placed]:
    """The same with their places; `beside` is only found out where they are to be `told_apart`."""
    walk = _Walk()
    # Steps still to be taken: (element, 0) enters it, (element, 1 or 2) leaves it; 2 is beside.
    steps: list[tuple[Any, int]] = [(root, 0)]
    while steps:
        element, step = steps.pop()
        if step:
            _leave(walk, element, beside=step == 2)
        elif not isinstance(element.tag, str) or _is_unseen(element):
            pass
        elif element.tag == "table" and not _is_layout(element):
            walk.end_block()
            walk.put(Block(_table(element)), element, _linked(element))
        else:
            beside = told_apart and _is_beside(element, element.tag.lower())
            _enter(walk, element, beside=beside)
            steps.append((element, 1 + beside))
            steps += [(child, 0) for child in reversed(element)]
            continue
        if element is not root:
            walk.text(element.tail, element.getparent())
    walk.end_block()
    return walk.placed


def _enter(walk: _Walk, element: Any, *, beside: bool) -> None:
    name = element.tag.lower()
    if beside:
        walk.end_block()
        walk.beside += 1
    if name == "br":
        walk.line_end(element)
    elif name == "a":
        walk.links += 1
    elif name not in _INLINE:
        walk.end_block()
        if match := _HEADING.fullmatch(name):
            walk.level = int(match[1])
        elif name in ("ul", "ol"):
            walk.lists.append([_count(element.get("start"), 1) - 1, name == "ol"])
        elif name == "li":
            walk.prefix = _item_prefix(walk, element.get("value"))
        elif name == "pre":
            walk.preformatted += 1
    walk.text(element.text, element)


def _leave(walk: _Walk, element: Any, *, beside: bool) -> None:
    name = element.tag.lower()
    if name == "a":
        walk.links -= 1
    elif name not in _INLINE and name != "br":
        walk.end_block()
        if _HEADING.fullmatch(name):
            walk.level = 0
        elif name in ("ul", "ol") and walk.lists:
            walk.lists.pop()
        elif name == "li":
            walk.prefix = ""
        elif name == "pre":
            walk.preformatted -= 1
    if beside:
        walk.end_block()
        walk.beside -= 1


def _linked(element: Any) -> int:
    return sum(len(text) for link in element.iter("a") for text in link.itertext())


def _count(said: str | None, otherwise: int) -> int:
    return int(said) if said and re.fullmatch(r"\s*-?[0-9]{1,9}\s*", said) else otherwise


def _item_prefix(walk: _Walk, said: str | None) -> str:
    if not walk.lists:
        return "- "
    counted = walk.lists[-1]
    counted[0] = _count(said, counted[0] + 1)
    indent = "  " * min(len(walk.lists) - 1, _MAX_INDENT)
    return f"{indent}{counted[0]}. " if counted[1] else f"{indent}- "


def _is_unseen(element: Any) -> bool:
    name = element.tag.lower()
    if name in _UNSEEN or name == "img" or element.get("hidden") is not None:
        return True
    return "display:none" in (element.get("style") or "").replace(" ", "").lower()


def _is_beside(element: Any, name: str) -> bool:
    if name in ("body", "html", "main", "article"):
        return False
    names = f"{element.get('class') or ''} {element.get('id') or ''}"
    if NOTES.search(names):
        return False
    # The header of an article holds its title.
    if name in _BESIDE and next(element.iterancestors("article", "main"), None) is None:
        return True
    if element.get("role") in _BESIDE_ROLES:
        return True
    if not _BESIDE_NAMES.search(names):
        return False
    # What is around the title or the text of a page is no notice: sites note there who agreed.
    return next(element.iter("main", "article", "h1"), None) is None


def _is_layout(table: Any) -> bool:
    """A table that arranges a page and is no table: one that holds blocks or other tables."""
    # A heading in a table that stands in this one says nothing of this one.
    own = list(_own(table))
    if any(element.tag in ("th", "caption") for element in own):
        return False
    if next(table.iterdescendants("table"), None) is not None:
        return True
    rows = [element for element in own if element.tag == "tr"]
    if not rows or max(sum(cell.tag in ("td", "th") for cell in row) for row in rows) < 2:
        return True
    return any(sum(1 for _ in cell.iter("p", "div", "h1", "h2", "h3", "li")) > 3
               for cell in table.iter("td"))  # fmt: skip


def _own(table: Any) -> Iterator[Any]:
    """The elements in a table but for those of the tables in it, in order."""
    steps = list(reversed(table))
    while steps:
        element = steps.pop()
        if element.tag != "table":
            yield element
            steps += reversed(element)


def _table(table: Any) -> str:
    """Its caption and its rows; what stands between cells is one, so that none of it is lost."""
    title = ""
    rows: list[list[str]] = [[table.text or ""]]
    steps = list(reversed(table))
    while steps:
        element = steps.pop()
        if isinstance(element, str):
            rows[-1] += [element] if element.strip() else []
            continue
        if element.tail:
            steps.append(element.tail)
        if element.tag == "caption":
            title = " ".join(filter(None, (title, _SPACES.sub(" ", _cell(element)).strip())))
        elif element.tag in _ROWS:
            if element.tag == "tr":
                rows.append([])
            steps += reversed(element)
            steps += [element.text] if element.text else []
        elif (text := _cell(element)) or element.tag in ("td", "th"):
            rows[-1].append(text)
    shown = table_text(rows)
    return f"{title}\n{shown}" if title else shown


def _cell(cell: Any) -> str:
    return " ".join(block.text for block in blocks(cell))


def with_ends(html: str) -> str:
    """The page, in which a tag or a comment that never ends is text.

    The parser of the standard library (until 3.11.13) goes through all that follows for each.
    """
    for begin, end in (("<", ">"), ("<!--", "-->")):
        place = html.rfind(end) + 1
        html = html[:place] + html[place:].replace(begin, f"&lt;{begin[1:]}")
    return html


class _Flat(HTMLParser):
    """Text as it stands between the tags: for pages that no tree can hold."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.lines: list[list[str]] = [[]]
        self.unseen = 0

    def handle_starttag(self, tag: str, attrs: object) -> None:  # noqa: ARG002
        self.unseen += tag in ("script", "style", "template")
        self._tag(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag in ("script", "style", "template"):
            self.unseen = max(0, self.unseen - 1)
        self._tag(tag)

    def _tag(self, tag: str) -> None:
        if tag not in _INLINE and self.lines[-1]:
            self.lines.append([])

    def handle_data(self, data: str) -> None:
        if not self.unseen and (data.strip() or self.lines[-1]):
            self.lines[-1].append(data)


def flat_blocks(text: str) -> list[Block]:
    """A block for every run of text that no block-level tag interrupts."""
    parser = _Flat()
    parser.feed(with_ends(text))
    parser.close()
    lines = (_SPACES.sub(" ", "".join(line)).strip() for line in parser.lines)
    return [Block(line) for line in lines if line]
