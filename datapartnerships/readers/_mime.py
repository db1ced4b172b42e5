"""One RFC 822 message as texts, attachments and headers, from the standard library's parser."""

from __future__ import annotations

import email
import email.errors
import email.header
import email.policy
import email.utils
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from email.message import Message
from html.parser import HTMLParser

from datapartnerships.errors import DocumentError
from datapartnerships.readers import _encoding
from datapartnerships.readers._markup import with_ends

_SIGNATURES = frozenset(
    {"application/pgp-signature", "application/pkcs7-signature", "application/x-pkcs7-signature"}
)
_SEALED = frozenset({"application/pkcs7-mime", "application/x-pkcs7-mime"})
_BROKEN = (
    email.errors.InvalidBase64LengthDefect,
    email.errors.InvalidBase64CharactersDefect,
)


@dataclass(slots=True)
class Body:
    text: str
    metadata: dict[str, str]
    html: bool = False


@dataclass(slots=True)
class Parsed:
    """The parts of a message.

    Attributes:
        bodies: its texts, in order.
        attachments: (name, bytes); names may repeat.
        failures: (name, why) of parts that could not be had.
    """

    headers: dict[str, str] = field(default_factory=dict)
    bodies: list[Body] = field(default_factory=list)
    attachments: list[tuple[str, bytes]] = field(default_factory=list)
    failures: list[tuple[str, DocumentError]] = field(default_factory=list)


def parse(data: bytes) -> Parsed:
    """`data` taken apart. `DocumentError` when the whole of it is encrypted."""
    if data.startswith(b"From "):
        data = data.partition(b"\n")[2]
    # compat32: the newer policies parse every header by a grammar, which is slow and fragile.
    message = email.message_from_bytes(data, policy=email.policy.compat32)
    found = Parsed(headers=_headers(message))
    _collect(message, found)
    return found


def _headers(message: Message) -> dict[str, str]:
    found: dict[str, str] = {}
    for name, value in message.raw_items():
        found.setdefault(name.lower(), header_text(str(value)))
    return found


def header_text(value: str) -> str:
    """A header as people read it: encoded words and raw 8-bit bytes decoded, on one line."""
    if not value.isascii():
        raw = value.encode("ascii", "surrogateescape") if _escaped(value) else value.encode()
        try:
            value = _encoding.decode(raw).text
        except DocumentError:
            value = raw.decode("ascii", "backslashreplace")
    if "=?" in value:
        value = "".join(_words(value))
    return " ".join(value.split())


def _escaped(value: str) -> bool:
    try:
        value.encode("ascii", "surrogateescape")
    except UnicodeEncodeError:
        return False
    return True


def _words(value: str) -> Iterator[str]:
    try:
        parts = email.header.decode_header(value)
    except (email.errors.HeaderParseError, ValueError):
        yield value
        return
    for part, charset in parts:
        if isinstance(part, str):
            yield part
            continue
        try:
            yield _encoding.decode(part, declared=charset).text
        except DocumentError:
            yield part.decode("ascii", "backslashreplace")


def _collect(part: Message, found: Parsed) -> None:
    """Sort the leaves below `part` into bodies, attachments and failures."""
    kind = part.get_content_type()
    if kind == "multipart/encrypted":
        raise DocumentError("encrypted", str(part.get_param("protocol") or kind))
    if kind in _SEALED:
        sealed = str(part.get_param("smime-type") or kind)
        raise DocumentError("encrypted", f"S/MIME: {sealed}")
    if kind == "message/rfc822" and part.is_multipart():
        found.attachments.append((_name(part, "message.eml"), _message_bytes(part)))
    elif kind == "multipart/alternative" and part.is_multipart():
        _collect_alternative(part, found)
    elif part.is_multipart() and kind.startswith("multipart/"):
        for inner in _parts(part):
            if kind != "multipart/signed" or inner.get_content_type() not in _SIGNATURES:
                _collect_inner(inner, found)
    elif part.is_multipart():
        # Delivery reports: blocks of headers, which are text.
        text = "\n".join(inner.as_string() for inner in _parts(part))
        found.attachments.append((_name(part, "report.txt"), text.encode("utf-8", "replace")))
    else:
        _collect_leaf(part, kind, found)


def _collect_inner(part: Message, found: Parsed) -> None:
    """The same for a part of a message: one that is encrypted does not cost the others."""
    try:
        _collect(part, found)
    except DocumentError as error:
        found.failures.append((_name(part, "part.bin"), error))


def _parts(part: Message) -> list[Message]:
    payload = part.get_payload()
    return [inner for inner in payload if isinstance(inner, Message)] if payload else []


def _collect_alternative(part: Message, found: Parsed) -> None:
    """Of the same text in several formats, the plain one; HTML where there is no plain one."""
    inside = Parsed()
    for inner in _parts(part):
        _collect_inner(inner, inside)
    plain = [body for body in inside.bodies if not body.html and body.text.strip()]
    found.bodies += plain or inside.bodies
    found.attachments += inside.attachments
    found.failures += inside.failures


def _collect_leaf(part: Message, kind: str, found: Parsed) -> None:
    attached = part.get_content_disposition() == "attachment" or bool(_filename(part))
    name = _name(part, "part" + _SUFFIXES.get(kind, ".bin"))
    try:
        data = _content(part)
        if attached or kind not in ("text/plain", "text/html"):
            if data or attached:
                found.attachments.append((name, data))
            return
        decoded = _encoding.decode(data, declared=part.get_content_charset())
        text = html_text(decoded.text) if kind == "text/html" else decoded.text
        text = text.replace("\r\n", "\n").replace("\r", "\n").strip("\n")
        if text.strip():
            found.bodies.append(Body(text, decoded.metadata(), kind == "text/html"))
    except DocumentError as error:
        found.failures.append((name, error))


_SUFFIXES = {"text/plain": ".txt", "text/html": ".html", "text/calendar": ".ics"}


def _content(part: Message) -> bytes:
    data = part.get_payload(decode=True)
    broken = [defect for defect in part.defects if isinstance(defect, _BROKEN)]
    if broken:
        raise DocumentError("broken base64", type(broken[0]).__name__)
    return data if isinstance(data, bytes) else b""


def _message_bytes(part: Message) -> bytes:
    inner = _parts(part)
    if not inner:
        return b""
    try:
        return inner[0].as_bytes()
    except (UnicodeError, KeyError, ValueError):
        return inner[0].as_string().encode("utf-8", "replace")


def _filename(part: Message) -> str:
    try:
        return header_text(part.get_filename() or "")
    except (ValueError, TypeError, LookupError):
        return ""


def _name(part: Message, otherwise: str) -> str:
    return _filename(part).replace("\\", "/").rsplit("/", 1)[-1] or otherwise


_SPACED = frozenset({
    "p", "ul", "ol", "table", "h1", "h2", "h3", "h4", "h5", "h6", "blockquote", "pre", "hr",
    "section", "article",
})  # fmt: skip
_BLOCKS = _SPACED | {"br", "tr", "li", "div", "dt", "dd"}


class _HtmlText(HTMLParser):
    """Text of an HTML body: blocks on lines of their own, nothing that is not shown."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []
        self._hidden = 0

    def handle_starttag(self, tag: str, attrs: object) -> None:  # noqa: ARG002
        if tag in ("script", "style", "title"):
            self._hidden += 1
        elif tag in _BLOCKS:
            self.parts.append("\n\n" if tag in _SPACED else "\n")
        elif tag in ("td", "th"):
            self.parts.append(" ")

    def handle_endtag(self, tag: str) -> None:
        if tag in ("script", "style", "title"):
            self._hidden = max(0, self._hidden - 1)
        elif tag in _SPACED:
            self.parts.append("\n\n")

    def handle_data(self, data: str) -> None:
        if not self._hidden:
            self.parts.append(re.sub(r"\s+", " ", data))


def html_text(html: str) -> str:
    """The text that `html` shows."""
    parser = _HtmlText()
    parser.feed(with_ends(html))
    parser.close()
    # Spaces are made one first: to look for a line end behind each of many takes their square.
    text = re.sub(r" ?\n ?", "\n", re.sub(r" {2,}", " ", "".join(parser.parts)))
    return re.sub(r"\n{3,}", "\n\n", text).strip()
