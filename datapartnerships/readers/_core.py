"""What an Open XML file says about itself: title, author, dates."""

from __future__ import annotations

import zipfile

from datapartnerships.errors import DocumentError
from datapartnerships.readers._zipcheck import read_member

_NAMES = {
    "title": "title",
    "creator": "author",
    "subject": "subject",
    "keywords": "keywords",
    "language": "language",
    "created": "created",
    "modified": "modified",
    "date": "modified",
    "initial-creator": "author",
    "creation-date": "created",
}


def described(archive: zipfile.ZipFile, part: str = "docProps/core.xml") -> dict[str, str]:
    """Title, author, subject, language and dates; nothing where the part is absent or damaged."""
    from datapartnerships._backends.lxml import xml_tree

    try:
        root = xml_tree(read_member(archive, part), part)
    except DocumentError:
        return {}
    found: dict[str, list[str]] = {}
    for element in root.iter("{*}*"):
        key = _NAMES.get(element.tag.rpartition("}")[2])
        text = " ".join((element.text or "").split())
        if key and text and text not in found.setdefault(key, []):
            found[key].append(text)
    return {key: "; ".join(values) for key, values in found.items() if values}
