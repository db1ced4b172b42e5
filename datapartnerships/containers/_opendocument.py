"""OpenDocument (ISO/IEC 26300): content, styles and pictures, without what they hide."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from datapartnerships.containers import _zip
from datapartnerships.containers._markup import attribute, drop, every, local, unwrap
from datapartnerships.errors import DocumentError

_MANIFEST = "urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"
_PREFIX = "application/vnd.oasis.opendocument."
_KINDS = ("text", "spreadsheet", "presentation", "graphics")
_IMAGES = (".png", ".jpg", ".jpeg", ".gif", ".tif", ".tiff", ".webp")
_DROPPED = {
    "annotation": "comments", "annotation-end": "comments", "tracked-changes": "tracked changes",
    "change": "tracked changes", "change-start": "tracked changes",
    "change-end": "tracked changes", "scripts": "macros", "event-listeners": "macros",
    "hidden-text": "hidden text", "hidden-paragraph": "hidden text", "notes": "notes",
    "bookmark": "bookmarks", "bookmark-start": "bookmarks", "bookmark-end": "bookmarks",
    "title": "descriptions of pictures", "desc": "descriptions of pictures", "forms": "forms",
    "database-ranges": "defined names", "named-expressions": "defined names",
    "content-validations": "lists of values", "dde-links": "external links",
    "table-source": "external links", "cell-range-source": "external links",
    "dde-connection-decls": "external links", "user-field-decls": "fields",
    "variable-decls": "fields", "data-pilot-tables": "pivot tables", "scenario": "scenarios",
    "consolidation": "external links", "calculation-settings": "settings", "meta": "properties",
    "user-index-mark": "bookmarks", "alphabetical-index-mark": "bookmarks",
    "toc-mark": "bookmarks", "reference-mark": "bookmarks", "config-item-set": "settings",
    "reference-mark-start": "bookmarks", "reference-mark-end": "bookmarks",
    "label-ranges": "defined names", "detective": "formulas", "settings": "settings",
}  # fmt: skip
# Fields stay as the text they show.
_UNWRAPPED = frozenset({
    "a", "author-name", "author-initials", "initial-creator", "creator", "printed-by",
    "user-defined", "description", "sender-firstname", "sender-lastname", "sender-initials",
    "sender-title", "sender-position", "sender-email", "sender-phone-private", "sender-fax",
    "sender-company", "sender-phone-work", "sender-street", "sender-city", "sender-postal-code",
    "sender-country", "sender-state-or-province", "file-name", "template-name", "user-field-get",
    "user-field-input", "variable-set", "variable-get", "variable-input", "expression",
    "database-display", "database-name", "conditional-text", "text-input", "placeholder",
    "subject", "keywords", "creation-date", "creation-time", "modification-date",
    "modification-time", "print-date", "print-time", "editing-cycles", "editing-duration",
    "dde-connection", "execute-macro", "meta-field", "script", "bookmark-ref", "reference-ref",
})  # fmt: skip
_LAYOUT = ("number-columns-repeated", "number-columns-spanned", "number-rows-spanned", "style-name")
_DRAW = "{urn:oasis:names:tc:opendocument:xmlns:drawing:1.0}"
_KEPT_ATTRIBUTES = ("value", "value-type", "date-value", "time-value", "boolean-value")


def scrub(data: bytes, removed: set[str], image: Callable[[bytes], bytes]) -> bytes:
    """The document with its visible text, pictures and layout."""
    from datapartnerships._backends.lxml import to_bytes, xml_tree

    old = _zip.members(data)
    kind = old.get("mimetype", b"").decode("latin-1").strip()
    if kind.removeprefix(_PREFIX).removesuffix("-template") not in _KINDS:
        raise DocumentError("no scrubber for this format", "OpenDocument of an unknown kind")
    if b"encryption-data" in old.get("META-INF/manifest.xml", b""):
        raise DocumentError("encrypted", "it needs a password")
    if "content.xml" not in old:
        raise DocumentError("damaged archive", "content.xml is missing")
    new: dict[str, bytes] = {}
    trees: dict[str, Any] = {
        name: xml_tree(old[name], name) for name in ("content.xml", "styles.xml") if name in old
    }
    hiding = _hiding_styles(trees.values())
    links = set[str]()
    for name, tree in trees.items():
        _scrub_tree(tree, removed, hiding)
        links |= _links(tree, removed)
        new[name] = to_bytes(tree)
    for name, body in old.items():
        if name in links and name.lower().endswith(_IMAGES):
            new[name] = image(body)
        elif name not in new and name not in ("mimetype", "META-INF/manifest.xml"):
            removed.add(_kind_of(name))
    if links - new.keys():
        # Such as charts and formulas: they are seen on the page.
        raise DocumentError("no scrubber for this format", "an object inside, or a kind of picture")
    manifest = _manifest(kind, new, xml_tree, to_bytes)
    return _zip.zipped(
        [("mimetype", kind.encode()), *new.items(), ("META-INF/manifest.xml", manifest)]
    )


def _kind_of(name: str) -> str:
    for start, what in (
        ("meta.xml", "properties"), ("settings.xml", "settings"), ("Thumbnails", "thumbnail"),
        ("Basic", "macros"), ("Scripts", "macros"), ("Object", "embedded files"),
        ("Versions", "earlier revisions"), ("META-INF", "signatures"),
        ("Pictures", "unused pictures"),
    ):  # fmt: skip
        if name.startswith(start):
            return what
    return "other parts"


def _hiding_styles(trees: Any) -> set[str]:
    """Names of styles whose text, table, row or column is not shown."""
    found = set[str]()
    for tree in trees:
        for style in every(tree, ("style",)):
            for child in style:
                values = {attribute(k): v for k, v in child.attrib.items()}
                if (
                    (local(child) == "text-properties" and values.get("display") == "none")
                    or (local(child) == "table-properties" and values.get("display") == "false")
                    or (
                        local(child) == "drawing-page-properties"
                        and values.get("visibility") == "hidden"
                    )
                ):
                    found |= {v for k, v in style.attrib.items() if attribute(k) == "name"}
    return found


def _scrub_tree(tree: Any, removed: set[str], hiding: set[str]) -> None:
    for element in every(tree, _DROPPED):
        if local(element) == "notes" and "presentation" not in element.tag:
            continue
        removed.add(_DROPPED[local(element)])
        drop(element)
    for element in list(tree.iter()):
        if element.getparent() is None:
            continue
        values = {attribute(k): v for k, v in element.attrib.items()}
        if local(element) in ("p", "h", "span", "table", "page") and (
            values.get("style-name") in hiding
        ):
            removed.add("hidden sheets" if local(element) == "table" else "hidden text")
            drop(element)
        elif local(element) in ("table-row", "table-column") and (
            values.get("visibility") in ("collapse", "filter")
        ):
            if _empty(element):
                removed.add("hidden rows and columns")
        elif local(element) == "section" and values.get("display") in ("none", "condition"):
            removed.add("hidden text")
            drop(element)
    for element in every(tree, _UNWRAPPED):
        # Names of fields; `draw:a` stays where a frame is in it.
        if str(element.tag).startswith("{urn:oasis:names:tc:opendocument:xmlns:text:1.0}"):
            removed.add("links" if local(element) == "a" else "fields")
            unwrap(element)
    for element in tree.iter():
        for key in list(element.attrib):
            name = attribute(key)
            if name == "formula":
                if not any(attribute(k) in _KEPT_ATTRIBUTES for k in element.attrib) and not len(
                    element
                ):
                    raise DocumentError(
                        "formulas without values", "open it in an office program and save it again"
                    )
                removed.add("formulas")
                del element.attrib[key]
            elif name in (
                "rsid",
                "paragraph-rsid",
                "target-frame-name",
                "generator",
                "protection-key",
            ):
                removed.add("identities of edits")
                del element.attrib[key]
            elif name in ("name", "id") and key.startswith(_DRAW):
                element.attrib.pop(key)
                removed.add("descriptions of pictures")


def _empty(element: Any) -> bool:
    """A hidden row loses what is in its cells, a hidden column that of every row."""
    if local(element) == "table-row":
        return any(list(map(_emptied, element)))
    table = element.getparent()
    while local(table) != "table":
        table = table.getparent()
    start = 0
    for column in every(table, ("table-column",)):
        if column is element:
            break
        start += _repeated(column)
    end, hit = start + _repeated(element), False
    for row in every(table, ("table-row",)):
        at = 0
        for cell in row:
            if at < end and at + _repeated(cell) > start:
                hit = _emptied(cell) or hit
            at += _repeated(cell)
    return hit


def _emptied(cell: Any) -> bool:
    """Whether there was anything in it."""
    gone = [key for key in cell.attrib if attribute(key) not in _LAYOUT]
    hit = bool(len(cell) or gone)
    for child in list(cell):
        drop(child)
    for key in gone:
        del cell.attrib[key]
    return hit


def _repeated(element: Any) -> int:
    values = [v for k, v in element.attrib.items() if attribute(k) == "number-columns-repeated"]
    return int(values[0]) if values and values[0].isdigit() else 1


def _links(tree: Any, removed: set[str]) -> set[str]:
    """Names of members that are pointed to; what points elsewhere points to nothing."""
    found = set[str]()
    for element in list(tree.iter()):
        for key in list(element.attrib):
            if attribute(key) != "href":
                continue
            value = element.attrib[key].removeprefix("./")
            if value.startswith(("Pictures/", "Object ", "ObjectReplacements/")):
                found.add(value)
            else:
                removed.add("links")
                del element.attrib[key]
    return found


def _manifest(kind: str, new: dict[str, bytes], parse: Any, to_bytes: Any) -> bytes:
    root = parse(f'<m:manifest xmlns:m="{_MANIFEST}" m:version="1.2"/>'.encode())
    space = f"{{{_MANIFEST}}}"
    for name in ("/", *new):
        end = name.rsplit(".", 1)[-1].lower()
        found = kind if name == "/" else "text/xml" if end == "xml" else f"image/{end}"
        pair = {space + "full-path": name, space + "media-type": found}
        root.append(root.makeelement(space + "file-entry", pair))
    written: bytes = to_bytes(root)
    return written
