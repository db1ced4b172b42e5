"""Guessing an encoding. The only importer of charset_normalizer."""

from __future__ import annotations

import re

from datapartnerships.errors import extra

with extra("documents", needed_by="HtmlReader"):
    from charset_normalizer import from_bytes

_TAGS = re.compile(rb"<[^>]{0,2000}>")


def best_guess(data: bytes) -> str | None:
    """The likeliest encoding of a page, judged by its text alone: markup is ASCII anyway."""
    lines = [line for line in _TAGS.sub(b" ", data).splitlines() if not line.isascii()]
    found = from_bytes(b"\n".join(lines)[:65536] or data[:65536]).best()
    return None if found is None else str(found.encoding)
