"""Bytes to text: which encoding they are in, how that was found out, or that nobody can tell.

Order: what the caller says; a byte order mark; strict UTF-8; UTF-16/32 by their zero bytes;
escape sequences; then `_legacy`, which weighs the legacy encodings by the letters that languages
really use, and abstains rather than guess.
"""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass

from datapartnerships.errors import DocumentError
from datapartnerships.readers import _legacy
from datapartnerships.readers.sniff import wide_encoding

_BOMS = (
    # UTF-32 first: its little-endian mark begins with that of UTF-16.
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_ESCAPES = ((b"\x1b$B", "iso2022_jp"), (b"\x1b$@", "iso2022_jp"), (b"\x1b$)C", "iso2022_kr"))
# What is written under these names (WHATWG Encoding, 4.2): the superset of it.
_SUPERSETS = {
    "iso8859-1": "cp1252", "iso8859-9": "cp1254", "gb2312": "gb18030", "gbk": "gb18030",
    "euc_kr": "cp949", "shift_jis": "cp932", "tis-620": "cp874", "iso8859-11": "cp874",
}  # fmt: skip
# Codecs of Python's own: no file is written in one, though "undefined" is declared now and then.
_NO_ENCODINGS = frozenset({"undefined", "punycode", "idna", "unicode-escape", "raw-unicode-escape"})
_UTF8_SEQUENCE = re.compile(
    rb"[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}"
)
# Text with more damage than one byte in so many characters is rather another encoding.
_DAMAGE = 10
# Tab, line ends and form feed are text; so is the end mark of DOS, and ESC of some old printers.
_CONTROLS = re.compile("[\x00-\x08\x0e-\x19\x1c-\x1f\x7f]")
_MOST_CONTROLS = 100


@dataclass(frozen=True, slots=True)
class Encoding:
    """An encoding and how it was found: "given", "declared", "bom", "utf-8", "detected"."""

    name: str
    basis: str
    skip: int = 0


@dataclass(frozen=True, slots=True)
class Decoded:
    """Text with its encoding, and how many characters could not be decoded."""

    text: str
    encoding: Encoding
    replaced: int = 0

    def metadata(self) -> dict[str, str]:
        found = {"encoding": self.encoding.name, "encoding_basis": self.encoding.basis}
        if self.replaced:
            found["encoding_replaced"] = str(self.replaced)
        return found


def decode(data: bytes, given: str | None = None, declared: str | None = None) -> Decoded:
    """The text of `data`. `DocumentError` when no encoding can be told or it is not text.

    Args:
        given: the encoding the user says it is; it is not doubted.
        declared: what the data say of themselves (a MIME header); tried before detection.
    """
    encoding = detect(data, given, declared)
    body = data[encoding.skip :]
    try:
        decoded = Decoded(body.decode(encoding.name), encoding)
    except (UnicodeDecodeError, LookupError) as error:
        decoded = _with_damage(body, encoding, error)
    check_controls(decoded.text)
    return decoded


def _with_damage(body: bytes, encoding: Encoding, error: Exception) -> Decoded:
    """Decoding with U+FFFD where bytes are wrong, counted; only for encodings that are certain."""
    if isinstance(error, LookupError):
        raise DocumentError("encoding unknown", f"there is no encoding {encoding.name!r}")
    text = body.decode(encoding.name, "replace")
    before = body.decode(encoding.name, "ignore").count("\ufffd")
    replaced = text.count("\ufffd") - before
    if encoding.basis != "given" and replaced * _DAMAGE > len(text):
        raise DocumentError("encoding unknown", f"not {encoding.name}: {error}"[:200])
    return Decoded(text, encoding, replaced)


def detect(data: bytes, given: str | None = None, declared: str | None = None) -> Encoding:
    """The encoding of `data`, or of a text that begins with it."""
    if given:
        return Encoding(_canonical(given), "given", _mark_length(data, given))
    for mark, name in _BOMS:
        if data.startswith(mark) and _even(data, name):
            return Encoding(name, "bom", len(mark))
    for escape, name in _ESCAPES:
        if escape in data and _decodes(data, name):
            return Encoding(name, "detected")
    if declared and (fitting := _declared(data, declared)):
        return Encoding(fitting, "declared")
    if b"\0" in data[:4096] and (wide := wide_encoding(data[:4096])):
        return Encoding(wide, "detected")
    if _is_utf8(data):
        return Encoding("utf-8", "utf-8")
    found = _legacy.detect(data)
    if found is None:
        raise DocumentError("encoding unknown", "give it as encoding=... of the reader")
    return Encoding(found, "detected")


def _declared(data: bytes, label: str) -> str | None:
    """The encoding meant by `label`, where it fits: programs write one name and mean another."""
    name = _known(label)
    if name is None:
        return None
    if name.startswith(("utf-16", "utf-32")) and data.isascii() and b"\0" not in data:
        return None
    if name.startswith(("iso8859", "cp125", "koi8")) and _decodes(data, "utf-8"):
        return None if data.isascii() else "utf-8"
    for candidate in (_SUPERSETS.get(name, name), name):
        if _decodes(data, candidate):
            return candidate
    return None


def _is_utf8(data: bytes) -> bool:
    """Strict UTF-8, or so much of it that the few other bytes are damage."""
    try:
        data.decode("utf-8")
        return True
    except UnicodeDecodeError:
        pass
    high = data.translate(None, bytes(range(128)))
    whole = _UTF8_SEQUENCE.findall(data)
    wrong = len(high) - sum(map(len, whole))
    # No legacy text of more than a few letters has even one pair of bytes in twenty like this.
    return len(whole) >= 3 and wrong * _DAMAGE <= len(whole)


def _even(data: bytes, name: str) -> bool:
    # FF FE 00 00 is the mark of UTF-32, or UTF-16 that begins with a zero character: never text.
    return name != "utf-32-le" or len(data) % 4 == 0


def _mark_length(data: bytes, given: str) -> int:
    name = _canonical(given)
    return next((len(mark) for mark, known in _BOMS if data.startswith(mark) and known == name), 0)


def _canonical(name: str) -> str:
    found = _known(name)
    if found is None:
        raise DocumentError("encoding unknown", f"there is no encoding {name!r}")
    return found


def _known(name: str) -> str | None:
    """The name Python has for a text encoding; latin-1 as the superset that is really meant."""
    try:
        info = codecs.lookup(name.strip())
    except (LookupError, ValueError):
        return None
    if not getattr(info, "_is_text_encoding", True) or info.name in _NO_ENCODINGS:
        return None
    return {"ascii": "utf-8", "utf-8-sig": "utf-8"}.get(info.name, info.name)


def _decodes(data: bytes, name: str) -> bool:
    try:
        data.decode(name)
    except (UnicodeDecodeError, LookupError):
        return False
    return True


def check_controls(text: str) -> None:
    """A few stray control characters are dirt; many say that this is no text."""
    if len(_CONTROLS.findall(text)) * _MOST_CONTROLS > len(text) + 5 * _MOST_CONTROLS:
        raise DocumentError("binary controls in the text", "it is not a text file")
