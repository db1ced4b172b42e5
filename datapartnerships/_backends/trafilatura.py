"""The main content of a web page. The only importer of trafilatura."""

from __future__ import annotations

import copy
import logging
from typing import Any

from datapartnerships.errors import extra

with extra("documents", needed_by="HtmlReader"):
    import trafilatura
    from trafilatura.metadata import extract_metadata

# It logs every page that it finds little in; that is a value here, not a message.
logging.getLogger("trafilatura").setLevel(logging.CRITICAL)


def main_content(tree: Any) -> Any:
    """The element that holds the main content, in trafilatura's own tags; None without any."""
    found = trafilatura.bare_extraction(
        copy.deepcopy(tree),
        include_comments=False,
        include_tables=True,
        include_formatting=False,
        favor_recall=True,
        fast=True,
        with_metadata=False,
    )
    return None if found is None else found.body


def page_metadata(tree: Any) -> dict[str, str]:
    """Title, author, date, site, description and address, as far as the page says them.

    Not `extensive`: that takes any date in the text, such as that of a crime, for the page's.
    """
    found = extract_metadata(copy.deepcopy(tree), extensive=False)
    names = ("title", "author", "date", "url", "sitename", "description", "license")
    return {name: str(value) for name in names if (value := getattr(found, name, None))}
