"""What is wrong with a damaged file, in words for whoever has it: libraries say it in their own."""

from __future__ import annotations

import re
import struct
import zipfile
import zlib

_MISSING = re.compile(r"There is no item named '([^']+)'")
_MEMBER = re.compile(r"for file '([^']+)'")
_ADVICE = "get another copy, or save it again with the program that made it"


def damage(error: Exception, what: str = "the file") -> str:
    """The place of the damage, as far as the error tells it, and what to do."""
    said = str(error)
    if match := _MISSING.search(said):
        return f"{match[1]} is missing: {_ADVICE}"
    if match := _MEMBER.search(said):
        what = match[1]
    return f"{what} {_what_is_wrong(error, said)}: {_ADVICE}"


def _what_is_wrong(error: Exception, said: str) -> str:
    place = getattr(error, "position", None)
    if isinstance(place, tuple) and len(place) == 2:
        if place[0] and "empty" not in said and "'<' not found" not in said:
            return f"is damaged or cut off at line {place[0]}, column {place[1]}"
        return "is empty" if "empty" in said else "holds no XML"
    if isinstance(error, zipfile.BadZipFile) and "CRC" in said:
        return "does not match its checksum"
    if isinstance(error, zlib.error):
        return "cannot be decompressed"
    if isinstance(error, zipfile.BadZipFile) and "not a zip" in said:
        return "is cut off: the directory at its end is missing"
    if isinstance(error, zipfile.BadZipFile | UnicodeDecodeError | NotImplementedError):
        return "has a damaged directory"
    if isinstance(error, EOFError | struct.error):
        return "is cut off"
    return "is damaged: a part of it is not what it should be"
