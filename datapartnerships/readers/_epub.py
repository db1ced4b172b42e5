"""E-books: the chapters of an EPUB in the order of its spine.

Read here and not by unstructured, which converts the book with pandoc: that refuses a book for
one byte that is not UTF-8, takes seconds, and forgets the title page's metadata.
"""

from __future__ import annotations

import posixpath
import urllib.parse
import zipfile
from collections.abc import Iterator
from typing import Any

from datapartnerships.errors import DocumentError
from datapartnerships.readers._blocks import Block
from datapartnerships.readers._markup import blocks
from datapartnerships.readers._zipcheck import apart, read_member

_CHAPTER_TYPES = (
    "application/xhtml+xml",
    "text/html",
    "application/x-dtbook+xml",
    "text/x-oeb1-document",
)
# Fonts may be obfuscated in any book; only the text counts.
_FONT_METHODS = ("http://www.idpf.org/2008/embedding", "http://ns.adobe.com/pdf/enc#RC")
_ENCRYPTION = "META-INF/encryption.xml"


def package_part(archive: zipfile.ZipFile) -> str:
    """The name of the part that lists the chapters."""
    from datapartnerships._backends.lxml import xml_tree

    root = xml_tree(read_member(archive, "META-INF/container.xml"), "container.xml")
    for file in root.iter("{*}rootfile"):
        return str(file.get("full-path", ""))
    raise DocumentError("damaged EPUB", "META-INF/container.xml names no package")


def epub_blocks(archive: zipfile.ZipFile, damaged: list[str]) -> Iterator[Block]:
    """The blocks of the chapters; `damaged` says which could not be read."""
    from datapartnerships._backends.lxml import html_tree, xml_tree
    from datapartnerships.readers._page_encoding import decode_page

    _refuse_encrypted(archive)
    package = package_part(archive)
    # Each once, however often it is listed.
    for part in dict.fromkeys(_chapters(xml_tree(read_member(archive, package), package), package)):
        with apart(damaged, part):
            tree = html_tree(decode_page(read_member(archive, part)).text)
            if tree is not None:
                yield from blocks(tree)


def _chapters(package: Any, name: str) -> Iterator[str]:
    folder = posixpath.dirname(name)
    parts = {
        item.get("id"): item.get("href", "")
        for item in package.iter("{*}item")
        if item.get("media-type") in _CHAPTER_TYPES
    }
    for reference in package.iter("{*}itemref"):
        if target := parts.get(reference.get("idref")):
            path = urllib.parse.unquote(target.partition("#")[0])
            yield posixpath.normpath(posixpath.join(folder, path))


def _refuse_encrypted(archive: zipfile.ZipFile) -> None:
    from datapartnerships._backends.lxml import xml_tree

    if _ENCRYPTION not in archive.NameToInfo:
        return
    root = xml_tree(read_member(archive, _ENCRYPTION), _ENCRYPTION)
    for method in root.iter("{*}EncryptionMethod"):
        if method.get("Algorithm") not in _FONT_METHODS:
            raise DocumentError("encrypted", "the book is protected: its text cannot be read")
