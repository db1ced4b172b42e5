"""The encoding of a web page: its mark, what it declares, or the best guess, in that order."""

from __future__ import annotations

import codecs
import re

_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_DECLARED = re.compile(
    rb"""<(?:meta\b[^>]*?charset\s*=\s*["']?|\?xml[^>]*?encoding\s*=\s*["'])\s*([\w.:-]+)""",
    re.IGNORECASE,
)
_HEAD = 8192
# As browsers do (WHATWG encoding standard): pages that say these mean their Windows supersets.
_MEANT = {"iso8859-1": "cp1252", "ascii": "cp1252", "iso8859-9": "cp1254", "gb2312": "gb18030",
          "gbk": "gb18030", "euc_kr": "cp949", "shift_jis": "cp932", "iso8859-11": "cp874"}  # fmt: skip


def decode(data: bytes) -> tuple[str, str]:
    """The text of a page and the name of the encoding it was read in."""
    for mark, name in _MARKS:
        if data.startswith(mark):
            return data[len(mark) if name == "utf-8" else 0 :].decode(name, "replace"), name
    if (wide := _wide(data)) is not None:
        return data.decode(wide, "replace"), wide
    try:
        return data.decode("utf-8"), "utf-8"
    except UnicodeDecodeError:
        pass
    if (name := _declared(data)) is not None and name != "utf-8":
        text = data.decode(name, "replace")
        # A declaration is often copied along from elsewhere: it must at least fit.
        if text.count("\ufffd") <= len(text) / 1000:
            return text, name
    return _guess(data, declared=name)


def _declared(data: bytes) -> str | None:
    match = _DECLARED.search(data[:_HEAD])
    if not match:
        return None
    try:
        name = codecs.lookup(match[1].decode("ascii")).name
    except (LookupError, ValueError):
        return None
    # It was found in single bytes, so these cannot be wide.
    return "utf-8" if name.startswith(("utf-16", "utf-32")) else _MEANT.get(name, name)


def _wide(data: bytes) -> str | None:
    """UTF-16 without a mark: every other byte of markup is zero."""
    head = data[: _HEAD // 2]
    if len(head) < 4:
        return None
    even, odd = head[::2].count(0), head[1::2].count(0)
    if odd > 0.4 * len(head) / 2 and even < 0.1 * odd:
        return "utf-16-le"
    if even > 0.4 * len(head) / 2 and odd < 0.1 * even:
        return "utf-16-be"
    return None


def _guess(data: bytes, declared: str | None) -> tuple[str, str]:
    from datapartnerships._backends.charset_normalizer import best_guess

    if declared == "utf-8":
        # A few damaged bytes in a page of UTF-8 are that, and no other encoding.
        text = data.decode("utf-8", "replace")
        if text.count("\ufffd") <= len(text) / 100:
            return text, "utf-8"
    name = best_guess(data) or "cp1252"
    return data.decode(name, "replace"), name
