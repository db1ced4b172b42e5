"""Which blocks of a web page are its text: decided by where its running text stands.

A page is either a document (an opinion of a court, a statute, minutes: hardly anything on it is a
link) or a page with a text in it, as sites make them. The first is read whole. In the second, the
element that holds the running text is looked for from the top: down to the child that has most of
it, as long as what is left outside is links and furniture and no running text. Within it, share
bars, teasers, captions and lists of links are left out.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from datapartnerships.readers._markup import NOTES, Placed

# A block is running text from so many characters on, if so much of it at most is links.
_PROSE_BYTES = 80
_ENDS = (".", "!", "?", "…", "。", "！", "？", "।", "။", "۔")
_CLOSING = "\"'”’»«“)]」』 "
_PROSE_LINKS = 0.3
# Of a page's characters; where fewer are links, there is nothing on it but the document.
_DOCUMENT_LINKS = 0.1
# Of the running text; a child with less is one part of several.
_MOST = 0.5
# Of the running text; an element with more is no furniture, whatever it is called.
_OWN = 0.4
# Of what is neither link nor furniture; with less, the text was not where it was looked for.
_LEAST = 0.5
_APART_NAMES = (
    r"comments?|commentlist|kommentare?|commentaires?|comentarios?|disqus|respond|replies|reactions?|"
    r"related|recirc|recommend(?:ed|ations?)|read-?more|more-?(?:stories|from|on)|also|"
    r"sidebar|aside|rail|promo(?:tion|box)?|teasers?|advert(?:isement|ising)?|ads?|banner|sponsor(?:ed)?|"
    r"share|sharing|sharebar|social|follow|newsletter|subscribe|signup|sign-?up|login|"
    r"breadcrumbs?|menu|nav|navigation|pagination|pager|footer|copyright|"
    r"tags?|topics|keywords|byline|author-?(?:bio|box|info)|about-?(?:the-)?author|bio|"
    r"captions?|credits?|popular|most-?read|trending|toolbar|tools|widget|poll|modal|popup"
)
_APART = re.compile(rf"(?:^|[\s_-])(?:{_APART_NAMES})(?:$|[\s_-])", re.IGNORECASE)
_APART_TAGS = frozenset({"aside", "figcaption", "nav", "footer", "form", "fieldset"})


@dataclass(slots=True)
class _Sums:
    """Characters under an element: all, of links, of running text."""

    all: int = 0
    linked: int = 0
    prose: int = 0


def article(page: Sequence[Placed], root: Any) -> list[Placed] | None:
    """The blocks of the text in a page; None for a page that is a document itself."""
    shown = [placed for placed in page if not placed.beside]
    characters = sum(len(placed.block.text) for placed in page)
    linked = sum(min(placed.linked, len(placed.block.text)) for placed in page)
    if linked <= _DOCUMENT_LINKS * characters:
        return None
    apart = _apart(root, _sums(shown))
    inside = [placed for placed in shown if not _within(placed.element, apart, root)]
    holder = _holder(_sums(inside), root)
    if holder is None:
        return None
    kept = _trimmed([placed for placed in inside if _holds(holder, placed.element)])
    return kept if _own_characters(kept) >= _LEAST * _own_characters(inside) else None


def _own_characters(page: Iterable[Placed]) -> int:
    """Characters that are no links."""
    return sum(max(0, len(placed.block.text) - placed.linked) for placed in page)


def _apart(root: Any, sums: dict[Any, _Sums]) -> set[Any]:
    """The elements that are named as standing beside the text, and hold little of it."""
    found = set()
    whole = sums[root].prose if root in sums else 0
    for element in root.iter():
        if not isinstance(element.tag, str) or element.tag in ("html", "body", "main", "article"):
            continue
        names = f"{element.get('class') or ''} {element.get('id') or ''}"
        if (
            (element.tag in _APART_TAGS or _APART.search(names))
            and not NOTES.search(names)
            and not (element in sums and sums[element].prose > _OWN * whole)
        ):
            found.add(element)
    return found


def _within(element: Any, apart: set[Any], root: Any) -> bool:
    while element is not None and element is not root:
        if element in apart:
            return True
        element = element.getparent()
    return False


def _holds(holder: Any, element: Any) -> bool:
    while element is not None:
        if element is holder:
            return True
        element = element.getparent()
    return False


def is_prose(placed: Placed) -> bool:
    text = placed.block.text
    # Bytes: a letter of Chinese says as much as three of Latin.
    return len(text.encode()) >= _PROSE_BYTES and placed.linked < _PROSE_LINKS * len(text)


def _is_sentence(placed: Placed) -> bool:
    text = placed.block.text.rstrip(_CLOSING)
    return (
        placed.linked < _PROSE_LINKS * len(text)
        and text.endswith(_ENDS)
        and len(text.encode()) > 20
    )


def _sums(page: Iterable[Placed]) -> dict[Any, _Sums]:
    """What stands under each element, its own text included."""
    sums: dict[Any, _Sums] = {}
    for placed in page:
        size, prose = len(placed.block.text), is_prose(placed)
        element = placed.element
        while element is not None:
            total = sums.setdefault(element, _Sums())
            total.all += size
            total.linked += min(placed.linked, size)
            total.prose += size if prose else 0
            element = element.getparent()
    return sums


def _holder(sums: dict[Any, _Sums], root: Any) -> Any:
    """The element that holds the running text; None where there is none."""
    if root not in sums or not sums[root].prose:
        return None
    holder = root
    while True:
        children = [child for child in holder if child in sums]
        if not children:
            return holder
        best = max(children, key=lambda child: sums[child].prose)
        here, there = sums[holder], sums[best]
        if there.prose < _MOST * here.prose:
            return holder
        outside, prose = here.all - there.all, here.prose - there.prose
        if prose > 0.5 * outside and here.linked - there.linked < 0.25 * outside:
            return holder
        holder = best


def _trimmed(blocks: list[Placed]) -> list[Placed]:
    kept = []
    for placed in blocks:
        size = len(placed.block.text)
        if placed.linked >= 0.5 * size and not placed.block.level:
            continue
        kept.append(placed)
    prose = [
        number for number, placed in enumerate(kept) if is_prose(placed) or _is_sentence(placed)
    ]
    if not prose:
        return kept
    return kept[: prose[-1] + 1]
