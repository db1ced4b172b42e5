"""Files that make one document together: a METS file, and the pages that lie with it.

Planning reads no content, so names decide what is planned together: a file with "mets" in its name
(or Kitodo's ``meta.xml``), and the XML files and pictures in its folder and below. They are one
shard's. What of them is part of the object, the METS file says when it is read; all others are read
as documents of their own.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TypeVar

from datapartnerships.schema import FileSpan

PAGES = (".xml", ".alto")
_PARTS = (
    *PAGES, ".jpg", ".jpeg", ".png", ".tif", ".tiff", ".jp2", ".j2k", ".webp", ".gif",
)  # fmt: skip
T = TypeVar("T")


def is_index(path: str) -> bool:
    """Whether a file is named as METS files are."""
    name = path.rsplit("/", 1)[-1].lower()
    return name.endswith(".mets") or name == "meta.xml" or ("mets" in name and ".xml" in name[-4:])


def grouped(spans: Iterable[FileSpan]) -> Iterator[list[FileSpan]]:
    """The files that are to be read together, in order; METS files first in their group."""
    # Links and the like are rows of their own: the name is one that no METS file claims.
    yield from together([(span.path if _is_plain(span) else "", span) for span in spans])


def together(items: list[tuple[str, T]]) -> Iterator[list[T]]:
    """`items`, each with its path: those that the folder of a METS file holds in one list."""
    homes = {_folder(path) for path, _ in items if is_index(path)}
    groups: dict[str | int, list[tuple[bool, T]]] = {}
    for number, (path, item) in enumerate(items):
        home = _home(path, homes)
        # What belongs to no METS file stands alone.
        groups.setdefault(number if home is None else home, []).append((not is_index(path), item))
    for group in groups.values():
        yield [item for _, item in sorted(group, key=lambda pair: pair[0])]


def _home(path: str, homes: set[str]) -> str | None:
    """The nearest folder around a file that has a METS file in it."""
    if not homes or not path.lower().endswith((*_PARTS, ".mets")):
        return None
    folder = _folder(path)
    while folder not in homes:
        if not folder:
            return None
        folder = _folder(folder)
    return folder


def _folder(path: str) -> str:
    return path.rpartition("/")[0]


def _is_plain(span: FileSpan) -> bool:
    return span.modified not in ("link", "special") and not span.modified.startswith("unreadable")
