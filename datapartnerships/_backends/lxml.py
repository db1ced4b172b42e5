"""Trees of XML and HTML, built so that the input can neither read files nor expand.

The only importer of lxml, but for the libraries that bring it along.
"""

from __future__ import annotations

import re
from typing import Any

from datapartnerships._backends._damage import damage
from datapartnerships.errors import DocumentError, extra

with extra("documents", needed_by="The reader of office files and web pages"):
    from lxml import etree, html

# Control characters, as bytes of UTF-8 and as references.
_FORBIDDEN = re.compile(
    rb"[\x00-\x08\x0b\x0c\x0e-\x1f]|&#(?:0*(?:[0-8]|1[124-9]|2\d|3[01])|x0*(?:[0-8bcef]|1[0-9a-f]));",
    re.IGNORECASE,
)


def xml_tree(data: bytes, what: str = "the file") -> Any:
    """The root of an XML document; entities stay what they are, and nothing is fetched.

    A document type that declares entities is refused: no office program writes one. Characters
    that XML forbids are taken out; any other damage is an error, as what libxml2 repairs it
    repairs by leaving text out.
    """
    # Without zero bytes, so that UTF-16 hides none; anywhere, as a comment before can be long.
    if b"<!ENTITY" in (data.replace(b"\0", b"") if b"\0" in data[:64] else data):
        raise DocumentError("unsafe XML", f"{what} declares entities")
    try:
        try:
            return etree.fromstring(data, _parser())
        except etree.XMLSyntaxError:
            return etree.fromstring(_FORBIDDEN.sub(b"", data), _parser())
    except (etree.XMLSyntaxError, ValueError) as error:
        raise DocumentError("damaged XML", damage(error, what)) from None


def _parser() -> Any:
    return etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=True,
        remove_comments=True,
        remove_pis=True,
    )


def html_tree(text: str) -> Any:
    """The root of an HTML page, or None for one without any element."""
    # Bytes with a declared encoding: lxml refuses a text that has an encoding declaration.
    parser = html.HTMLParser(
        encoding="utf-8", remove_comments=True, remove_pis=True, huge_tree=True
    )
    try:
        return html.document_fromstring(text.encode("utf-8", "replace"), parser=parser)
    except (etree.ParserError, etree.XMLSyntaxError, ValueError):
        return None


def to_bytes(root: Any) -> bytes:
    """An XML tree, written out."""
    written: bytes = etree.tostring(root, encoding="UTF-8", xml_declaration=True, standalone=True)
    return written
