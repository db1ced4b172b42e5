"""Office Open XML (ECMA-376): the parts that make pages, sheets and slides, without what they hide.

Parts are reached from the document on, over relations that are known; all others stay behind.
"""

from __future__ import annotations

import posixpath
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote

from datapartnerships.containers import _sheets, _slides, _wordprocessing, _zip
from datapartnerships.containers._markup import (
    RELATIONS,
    drop,
    local,
    scrub_common,
    unwrap,
)
from datapartnerships.errors import DocumentError

_PACKAGE = "http://schemas.openxmlformats.org/package/2006/"
_TYPES = "[Content_Types].xml"
# What is followed: the last word of the type of a relation.
_FOLLOWED = frozenset({
    "officeDocument", "styles", "stylesWithEffects", "theme", "themeOverride", "settings",
    "fontTable", "numbering", "footnotes", "endnotes", "header", "footer", "image", "chart",
    "chartUserShapes", "chartStyle", "chartColorStyle", "diagramData", "diagramLayout",
    "diagramQuickStyle", "diagramColors", "diagramDrawing", "drawing", "sharedStrings",
    "worksheet", "chartsheet", "table", "slide", "slideLayout", "slideMaster", "presProps",
    "tableStyles", "font", "chartEx",
})  # fmt: skip
# Of these, those that an element names by their key.
_NAMED = frozenset({
    "image", "chart", "chartUserShapes", "diagramData", "diagramLayout", "diagramQuickStyle",
    "diagramColors", "header", "footer", "drawing", "worksheet", "chartsheet", "table", "slide",
    "font", "chartEx",
})  # fmt: skip
_NAMES = {
    "core-properties": "properties", "extended-properties": "properties",
    "custom-properties": "properties", "thumbnail": "thumbnail", "comments": "comments",
    "commentsExtended": "comments", "commentsIds": "comments", "commentsExtensible": "comments",
    "threadedComment": "comments", "commentAuthors": "comments", "person": "authors",
    "people": "authors", "customXml": "custom data", "printerSettings": "printer settings",
    "oleObject": "embedded files", "package": "embedded files", "externalLink": "external links",
    "hyperlink": "links", "notesSlide": "notes", "vbaProject": "macros", "video": "media",
    "audio": "media", "media": "media", "revisionHeaders": "earlier revisions",
    "usernames": "authors", "pivotTable": "pivot tables",
    "pivotCacheDefinition": "pivot tables", "vmlDrawing": "comments", "glossaryDocument":
    "building blocks", "attachedTemplate": "settings", "webSettings": "settings",
}  # fmt: skip
_IMAGES = (".png", ".jpg", ".jpeg", ".gif", ".tif", ".tiff", ".webp")
_FONTS = (".odttf", ".fntdata")


@dataclass
class _Relation:
    kind: str
    type: str
    target: str


@dataclass
class Package:
    """An office document that is being written anew.

    `removed` gathers what was left out, `image` scrubs a picture.
    """

    old: dict[str, bytes]
    removed: set[str]
    image: Callable[[bytes], bytes]
    parse: Callable[[bytes], Any]
    to_bytes: Callable[[Any], bytes]
    types: dict[str, str] = field(default_factory=dict)
    trees: dict[str, Any] = field(default_factory=dict)
    raw: dict[str, bytes] = field(default_factory=dict)
    relations: dict[str, dict[str, _Relation]] = field(default_factory=dict)
    order: list[str] = field(default_factory=list)


def scrub(data: bytes, removed: set[str], image: Callable[[bytes], bytes]) -> bytes:
    """The document with its visible text, pictures and layout."""
    from datapartnerships._backends.lxml import to_bytes, xml_tree

    package = Package(_zip.members(data), removed, image, xml_tree, to_bytes)
    if _TYPES not in package.old:
        raise DocumentError("damaged archive", "no list of content types")
    _read_types(package)
    _read_relations(package, "")
    starts = [r for r in package.relations[""].values() if r.kind == "officeDocument"]
    package.relations[""] = {
        k: r for k, r in package.relations[""].items() if r.kind == "officeDocument"
    }
    if len(starts) != 1:
        raise DocumentError("damaged archive", "no document, or several")
    main = starts[0].target
    if "macro" in package.types.get(main, "").lower() or "binary" in package.types.get(main, ""):
        raise DocumentError("no scrubber for this format", "it holds programs (macros)")
    _follow(package, main)
    for name in package.old:
        if name not in package.order and not name.endswith(".rels") and name != _TYPES:
            removed.add(_kind_of(name))
    _written_parts(package, main)
    return _zip.zipped(_output(package))


def _kind_of(name: str) -> str:
    if name.startswith("docProps/"):
        return "thumbnail" if "thumbnail" in name else "properties"
    if name.startswith("customXml/"):
        return "custom data"
    if "printerSettings" in name:
        return "printer settings"
    return "comments" if "omment" in name else "other parts"


def _read_types(package: Package) -> None:
    defaults = {}
    for item in package.parse(package.old[_TYPES]):
        kind = item.get("ContentType", "")
        if local(item) == "Default":
            defaults[item.get("Extension", "").lower()] = kind
        else:
            package.types[item.get("PartName", "").lstrip("/")] = kind
    for name in package.old:
        end = posixpath.splitext(name)[1][1:].lower()
        if end in defaults:
            package.types.setdefault(name, defaults[end])


def _read_relations(package: Package, name: str) -> None:
    folder, base = posixpath.split(name)
    place = posixpath.join(folder, "_rels", base + ".rels")
    found: dict[str, _Relation] = {}
    for item in package.parse(package.old[place]) if place in package.old else ():
        kind = item.get("Type", "").rsplit("/", 1)[-1]
        target = unquote(item.get("Target", ""))
        path = posixpath.normpath(posixpath.join("/", folder, target)).lstrip("/")
        known = kind in _FOLLOWED and item.get("TargetMode") != "External" and path in package.old
        if kind == "font" and not path.endswith(_FONTS):
            known = False
        if known:
            found[item.get("Id", "")] = _Relation(kind, item.get("Type", ""), path)
        else:
            package.removed.add(_NAMES.get(kind, "other parts"))
    package.relations[name] = found


def _follow(package: Package, main: str) -> None:
    """Reads what is reached, breadth first, so that the order is the same each time."""
    waiting = [main]
    while waiting:
        name = waiting.pop(0)
        if name in package.order:
            continue
        package.order.append(name)
        data = package.old[name]
        if _is_xml(package, name):
            package.trees[name] = package.parse(data)
            _read_relations(package, name)
            waiting += [r.target for r in package.relations[name].values()]
        elif name.lower().endswith(_IMAGES):
            package.raw[name] = package.image(data)
        elif name.lower().endswith(_FONTS):
            package.raw[name] = data
        elif name.lower().endswith(".svg"):
            package.order.remove(name)
        else:
            raise DocumentError(
                "no scrubber for this format", f"a part of type {package.types.get(name, '?')}"
            )
    for relations in package.relations.values():
        for key in [k for k, r in relations.items() if r.target not in package.order]:
            del relations[key]


def _is_xml(package: Package, name: str) -> bool:
    kind = package.types.get(name, "")
    return kind.endswith(("+xml", "/xml")) and not kind.endswith("svg+xml")


def _written_parts(package: Package, main: str) -> None:
    kind = package.types.get(main, "")
    hidden = set[str]()
    if "spreadsheetml" in kind:
        hidden = _sheets.hidden(package, main)
    elif "presentationml" in kind:
        hidden = _slides.hidden(package, main)
    for relations in package.relations.values():
        for key in [k for k, r in relations.items() if r.target in hidden]:
            del relations[key]
    # What only a hidden sheet or slide leads to goes with it.
    _keep_reached(package, main)
    if "spreadsheetml" in kind:
        _sheets.scrub(package, main)
    elif "wordprocessingml" in kind:
        _wordprocessing.scrub(package.trees, package.removed)
    for name, tree in package.trees.items():
        scrub_common(tree, package.removed)
        _drop_references(package, name, tree)
    # And what only deleted text leads to, such as its pictures.
    for name, tree in package.trees.items():
        used = {v for e in tree.iter() for k, v in e.attrib.items() if k.startswith(RELATIONS)}
        relations = package.relations[name]
        for key in [k for k, r in relations.items() if r.kind in _NAMED and k not in used]:
            del relations[key]
    _keep_reached(package, main)


def _keep_reached(package: Package, main: str) -> None:
    reached, waiting = set[str](), [main]
    while waiting:
        name = waiting.pop()
        if name not in reached:
            reached.add(name)
            waiting += [r.target for r in package.relations.get(name, {}).values()]
    package.order = [name for name in package.order if name in reached]
    for parts in (package.trees, package.raw):
        for name in [name for name in parts if name not in reached]:
            del parts[name]


def _drop_references(package: Package, name: str, tree: Any) -> None:
    """Elements that point to parts which are no longer there."""
    known = package.relations.get(name, {})
    for element in list(tree.iter()):
        for attribute, value in list(element.attrib.items()):
            if not attribute.startswith(RELATIONS) or value in known:
                continue
            if not value:
                del element.attrib[attribute]
            elif local(element) == "hyperlink" and "wordprocessingml" in element.tag:
                unwrap(element)
            elif local(element) == "blip":
                del element.attrib[attribute]
            elif element.getparent() is not None:
                drop(element)
            break


def _output(package: Package) -> list[tuple[str, bytes]]:
    types = package.parse(f'<Types xmlns="{_PACKAGE}content-types"/>'.encode())
    ends = {posixpath.splitext(n)[1][1:].lower() for n in package.order if n in package.raw}
    for end in ["rels", "xml", *sorted(ends)]:
        kinds = [
            package.types[n] for n in package.order if n in package.raw and n.lower().endswith(end)
        ]
        plain = {"rels": "application/vnd.openxmlformats-package.relationships+xml"}
        kind = plain.get(end) or (kinds[0] if kinds else "application/xml")
        child = types.makeelement(
            f"{{{_PACKAGE}content-types}}Default", {"Extension": end, "ContentType": kind}
        )
        types.append(child)
    parts = []
    for name in package.order:
        if name in package.trees:
            parts.append((name, package.to_bytes(package.trees[name])))
            pair = {"PartName": "/" + name, "ContentType": package.types[name]}
            types.append(types.makeelement(f"{{{_PACKAGE}content-types}}Override", pair))
        else:
            parts.append((name, package.raw[name]))
    relations = []
    for name in ["", *package.order]:
        if package.relations.get(name):
            folder, base = posixpath.split(name)
            place = posixpath.join(folder, "_rels", base + ".rels")
            relations.append((place, _relations(package, folder, package.relations[name])))
    return [(_TYPES, package.to_bytes(types)), *relations, *parts]


def _relations(package: Package, folder: str, given: dict[str, _Relation]) -> bytes:
    space = f"{_PACKAGE}relationships"
    root = package.parse(f'<Relationships xmlns="{space}"/>'.encode())
    for key, relation in given.items():
        target = posixpath.relpath("/" + relation.target, "/" + folder)
        pair = {"Id": key, "Type": relation.type, "Target": target}
        root.append(root.makeelement(f"{{{space}}}Relationship", pair))
    return package.to_bytes(root)
