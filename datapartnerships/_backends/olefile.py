"""Compound files, which Office wrote before 2007: their streams and what they say of themselves."""

from __future__ import annotations

import codecs
import datetime
import io
from dataclasses import dataclass

from datapartnerships.errors import DocumentError, extra

with extra("documents", needed_by="LegacyOfficeReader"):
    import olefile

_PROPERTIES = {
    "title": "title",
    "subject": "subject",
    "author": "author",
    "keywords": "keywords",
    "create_time": "created",
    "last_saved_time": "modified",
}


@dataclass(slots=True)
class Compound:
    """The streams asked for, and title, author and dates."""

    streams: dict[str, bytes]
    metadata: dict[str, str]


def compound(data: bytes, *names: str) -> Compound:
    """The streams of `names` that `data` has. `DocumentError` for a damaged file."""
    try:
        with olefile.OleFileIO(io.BytesIO(data)) as file:
            streams = {name: file.openstream(name).read() for name in names if file.exists(name)}
            return Compound(streams, _described(file))
    except Exception as error:  # struct.error, IndexError, OleFileError, ...: all mean damage
        raise DocumentError("damaged legacy office file", f"no streams: {error}") from None


def _described(file: olefile.OleFileIO) -> dict[str, str]:
    """Nothing where the properties are damaged: the text does not depend on them."""
    try:
        said = file.get_metadata()
    except Exception:
        return {}
    encoding = _encoding(said.codepage)
    found = {}
    for name, key in _PROPERTIES.items():
        value = getattr(said, name, None)
        if isinstance(value, datetime.datetime):
            found[key] = value.isoformat() if value.year > 1601 else ""
        elif isinstance(value, bytes):
            found[key] = " ".join(value.decode(encoding, "replace").replace("\0", "").split())
    return {key: value for key, value in found.items() if value}


def _encoding(codepage: int | None) -> str:
    number = (codepage or 1252) % 65536
    name = {65001: "utf-8", 10000: "mac-roman", 1200: "utf-16-le"}.get(number, f"cp{number}")
    try:
        codecs.lookup(name)
    except LookupError:
        return "cp1252"
    return name
