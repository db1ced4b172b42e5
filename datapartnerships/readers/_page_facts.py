"""What a web page says of itself: in its head, and in its data for search engines."""

from __future__ import annotations

import json
from collections.abc import Iterator
from itertools import islice
from typing import Any

# The first name that a page has is taken.
_NAMES = {
    "title": ("og:title", "dc.title", "dcterms.title", "citation_title", "twitter:title"),
    "author": ("author", "dc.creator", "dcterms.creator", "citation_author", "article:author"),
    "date": (
        "date", "dc.date", "dcterms.created", "article:published_time", "citation_date",
        "citation_publication_date", "datepublished",
    ),
    "description": ("description", "og:description", "dc.description"),
    "sitename": ("og:site_name", "application-name"),
    "url": ("og:url",),
}  # fmt: skip
_MAX_DATA = 1 << 20


def page_facts(tree: Any) -> dict[str, str]:
    """Title, author, date, description, site, address, license and language, where declared.

    In the words of the page; nothing is guessed from its text or its address.
    """
    meta: dict[str, str] = {}
    for element in tree.iter("meta"):
        name = element.get("name") or element.get("property") or element.get("itemprop") or ""
        if value := _line(element.get("content")):
            meta.setdefault(name.strip().lower(), value)
    found = {
        key: next((meta[name] for name in names if name in meta), "")
        for key, names in _NAMES.items()
    }
    # A profile somewhere else is no name.
    if found["author"].startswith(("http:", "https:")):
        found["author"] = ""
    for relation in tree.iter("link", "a"):
        if (kind := relation.get("rel")) in ("canonical", "license"):
            key = "url" if kind == "canonical" else "license"
            found[key] = found.get(key) or _line(relation.get("href"))
    for key, value in _search_data(tree).items():
        found[key] = found[key] or value
    found["title"] = found["title"] or _heading(tree)
    found["language"] = _line(
        tree.get("lang") or tree.get("{http://www.w3.org/XML/1998/namespace}lang")
    )
    return {key: value for key, value in found.items() if value}


def _line(text: str | None) -> str:
    return " ".join((text or "").split())


def _heading(tree: Any) -> str:
    """The one first-level heading of the page, or its title."""
    # Two are enough to know that there is not one; headings in one another hold the same text.
    first = islice(tree.iter("h1"), 2)
    headings = [_line("".join(element.itertext())) for element in first]
    if len(headings) == 1 and headings[0]:
        return headings[0]
    title = next(tree.iter("title"), None)
    return "" if title is None else _line("".join(title.itertext()))


def _search_data(tree: Any) -> dict[str, str]:
    """Title, author and date from the page's data in JSON-LD, in schema.org's words."""
    found: dict[str, str] = {}
    for script in tree.iter("script"):
        text = script.text or ""
        if script.get("type") != "application/ld+json" or len(text) > _MAX_DATA:
            continue
        try:
            data = json.loads(text)
        except (ValueError, RecursionError):
            continue
        for thing in _things(data):
            if "datePublished" not in thing and "headline" not in thing:
                continue
            names = {"title": thing.get("headline"), "date": thing.get("datePublished")}
            names["author"] = ", ".join(_people(thing.get("author")))
            for key, value in names.items():
                if isinstance(value, str) and _line(value):
                    found.setdefault(key, _line(value))
    return found


def _things(data: Any) -> Iterator[dict[str, Any]]:
    for item in data if isinstance(data, list) else [data]:
        if isinstance(item, dict):
            yield item
            graph = item.get("@graph")
            nodes = graph if isinstance(graph, list) else [graph]
            yield from (node for node in nodes if isinstance(node, dict))


def _people(author: Any) -> Iterator[str]:
    for person in author if isinstance(author, list) else [author]:
        name = person.get("name") if isinstance(person, dict) else person
        if isinstance(name, str) and _line(name) and not name.startswith("http"):
            yield _line(name)
