"""Trees of XML and HTML, built so that the input can neither read files nor expand.

The only importer of lxml, but for the libraries that bring it along.
"""

from __future__ import annotations

from typing import Any

from datapartnerships.errors import DocumentError, extra

with extra("documents", needed_by="The reader of office files and web pages"):
    from lxml import etree, html


def xml_tree(data: bytes, what: str = "the file") -> Any:
    """The root of an XML document; entities stay what they are, damage is repaired if it can be.

    A document type is refused where it declares entities: no office program writes one.
    """
    # Without zero bytes, so that UTF-16 hides none.
    if b"<!ENTITY" in data[:65536].replace(b"\0", b""):
        raise DocumentError("unsafe XML", f"{what} declares entities")
    parser = etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        recover=True,
        huge_tree=True,
        remove_comments=True,
        remove_pis=True,
    )
    try:
        root = etree.fromstring(data, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise DocumentError("damaged XML", f"{what}: {error}") from None
    if root is None:
        raise DocumentError("damaged XML", f"{what} holds no element")
    return root


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
