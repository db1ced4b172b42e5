"""From the elements of a web page to blocks: every visible character once, in order."""

from __future__ import annotations

import re
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
_INLINE_NAMES = (
    "a abbr acronym b bdi bdo big cite code data del dfn em font i img input ins kbd "
    "label mark page-number q rp rt ruby s samp small span strike strong sub sup time tt "
    "u var wbr o:p"
)
_INLINE = frozenset(_INLINE_NAMES.split())
_HEADING = re.compile(r"h([1-6])")
_SPACES = re.compile(r"[ \t\n\r\f]+")


@dataclass(slots=True)
class _Walk:
    """A walk through the tree without recursion: pages are nested as deep as they like."""

    boilerplate: bool
    blocks: list[Block] = field(default_factory=list)
    parts: list[str] = field(default_factory=list)
    level: int = 0
    prefix: str = ""
    lists: list[list[int]] = field(default_factory=list)
    preformatted: int = 0

    def text(self, text: str | None) -> None:
        if text:
            self.parts.append(text if self.preformatted else _SPACES.sub(" ", text))

    def end_block(self) -> None:
        text = "".join(self.parts)
        self.parts.clear()
        if not self.preformatted:
            text = "\n".join(_SPACES.sub(" ", line).strip() for line in text.split("\n"))
        if text.strip():
            self.blocks.append(Block(self.prefix + text.strip("\n"), level=self.level))
            self.prefix = ""


def blocks(root: Any, *, boilerplate: bool = True) -> list[Block]:
    """The blocks of a page; without `boilerplate`, navigation and notices are left out."""
    walk = _Walk(boilerplate)
    # Steps still to be taken: (element, True) enters it, (element, False) leaves it.
    steps: list[tuple[Any, bool]] = [(root, True)]
    while steps:
        element, enter = steps.pop()
        if not enter:
            _leave(walk, element)
            walk.text(element.tail if element is not root else None)
            continue
        if not isinstance(element.tag, str) or _passed_over(element, boilerplate):
            walk.text(element.tail if element is not root else None)
            continue
        if element.tag == "table" and not _is_layout(element):
            walk.end_block()
            walk.blocks.append(Block(_table(element)))
            walk.text(element.tail)
            continue
        _enter(walk, element)
        steps.append((element, False))
        steps += [(child, True) for child in reversed(element)]
    walk.end_block()
    return walk.blocks


def _enter(walk: _Walk, element: Any) -> None:
    name = element.tag.lower()
    if name == "br":
        walk.parts.append("\n")
    elif name == "img":
        return
    elif name not in _INLINE:
        walk.end_block()
        if match := _HEADING.fullmatch(name):
            walk.level = int(match[1])
        elif name in ("ul", "ol"):
            walk.lists.append([0, name == "ol"])
        elif name == "li":
            walk.prefix = _item_prefix(walk)
        elif name == "pre":
            walk.preformatted += 1
    walk.text(element.text)


def _leave(walk: _Walk, element: Any) -> None:
    name = element.tag.lower()
    if name in _INLINE or name == "br":
        return
    walk.end_block()
    if _HEADING.fullmatch(name):
        walk.level = 0
    elif name in ("ul", "ol") and walk.lists:
        walk.lists.pop()
    elif name == "li":
        walk.prefix = ""
    elif name == "pre":
        walk.preformatted -= 1


def _item_prefix(walk: _Walk) -> str:
    if not walk.lists:
        return "- "
    counted = walk.lists[-1]
    counted[0] += 1
    indent = "  " * (len(walk.lists) - 1)
    return f"{indent}{counted[0]}. " if counted[1] else f"{indent}- "


def _passed_over(element: Any, boilerplate: bool) -> bool:
    name = element.tag.lower()
    if name in _UNSEEN or element.get("hidden") is not None:
        return True
    if "display:none" in (element.get("style") or "").replace(" ", "").lower():
        return True
    return not boilerplate and _is_boilerplate(element, name)


def _is_boilerplate(element: Any, name: str) -> bool:
    if name in ("body", "html", "main", "article"):
        return False
    # The header of an article holds its title.
    if name in _BESIDE and next(element.iterancestors("article", "main"), None) is None:
        return True
    if element.get("role") in _BESIDE_ROLES:
        return True
    names = f"{element.get('class') or ''} {element.get('id') or ''}"
    return bool(_BESIDE_NAMES.search(names))


def _is_layout(table: Any) -> bool:
    """A table that arranges a page and is no table: one that holds blocks or other tables."""
    if next(table.iter("th", "caption"), None) is not None:
        return False
    if next(table.iterdescendants("table"), None) is not None:
        return True
    rows = list(table.iter("tr"))
    if not rows or max(sum(cell.tag in ("td", "th") for cell in row) for row in rows) < 2:
        return True
    return any(sum(1 for _ in cell.iter("p", "div", "h1", "h2", "h3", "li")) > 3
               for cell in table.iter("td"))  # fmt: skip


def _table(table: Any) -> str:
    caption = next(table.iter("caption"), None)
    title = "" if caption is None else _SPACES.sub(" ", _cell(caption)).strip()
    rows = table_text(
        [_cell(cell) for cell in row if cell.tag in ("td", "th")] for row in table.iter("tr")
    )
    return f"{title}\n{rows}" if title else rows


def _cell(cell: Any) -> str:
    return " ".join(block.text for block in blocks(cell))


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
    parser.feed(text)
    parser.close()
    lines = (_SPACES.sub(" ", "".join(line)).strip() for line in parser.lines)
    return [Block(line) for line in lines if line]
