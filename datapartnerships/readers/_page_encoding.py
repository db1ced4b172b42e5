"""The encoding of a web page: what all text is tried for, with what the page declares."""

from __future__ import annotations

import codecs
import re

from datapartnerships.errors import DocumentError
from datapartnerships.readers._encoding import Decoded, decode

_DECLARED = re.compile(
    rb"""<(?:meta\b[^>]*?charset\s*=\s*["']?|\?xml[^>]*?encoding\s*=\s*["'])\s*([\w.:-]+)""",
    re.IGNORECASE,
)
_HEAD = 8192
# As browsers do (WHATWG encoding standard): pages that say these mean their Windows supersets.
_MEANT = {
    "iso8859-1": "cp1252",
    "ascii": "cp1252",
    "iso8859-9": "cp1254",
    "iso8859-11": "cp874",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "euc_kr": "cp949",
    "shift_jis": "cp932",
}


def decode_page(data: bytes, charset: str = "") -> Decoded:
    """The text of a page. What is valid UTF-8 is that, whatever the page says it is.

    `charset` is what the server said, which counts before what the page says (HTML, 13.2.3.2).
    """
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        pass
    else:
        return decode(data)
    name = _meant(charset) or _declared(data)
    try:
        return decode(data, declared=name)
    except DocumentError:
        if name is None:
            raise
        # Nothing fits without damage: then it is damaged, and what it says is the best there is.
        return decode(data, given=name)


def _declared(data: bytes) -> str | None:
    match = _DECLARED.search(data[:_HEAD])
    if not match:
        return None
    name = _meant(match[1].decode("ascii"))
    # It was found in single bytes, so these cannot be wide.
    return "utf-8" if name and name.startswith(("utf-16", "utf-32")) else name


def _meant(label: str) -> str | None:
    try:
        name = codecs.lookup(label).name
    except (LookupError, ValueError):
        return None
    return _MEANT.get(name, name)
