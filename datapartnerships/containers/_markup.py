"""What office formats have in common: elements that are taken out, and what is around them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

RELATIONS = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}"
# Namespaces whose attributes are identities of edits and persons.
_REVISIONS = ("/word/2010/wordml", "/word/2012/", "/word/2015/", "/word/2016/", "/word/2018/",
              "/word/2020/", "/spreadsheetml/2014/revision", "/spreadsheetml/2015/revision",
              "/spreadsheetml/2016/revision", "/spreadsheetml/2010/11/ac")  # fmt: skip


def local(element: Any) -> str:
    """The name of an element without its namespace."""
    tag = element.tag
    return str(tag).rsplit("}", 1)[-1]


def attribute(name: str) -> str:
    return name.rsplit("}", 1)[-1]


def drop(element: Any) -> None:
    """Take an element out, and leave the text behind it."""
    parent = element.getparent()
    if element.tail:
        before = element.getprevious()
        if before is not None:
            before.tail = (before.tail or "") + element.tail
        else:
            parent.text = (parent.text or "") + element.tail
    parent.remove(element)


def unwrap(element: Any) -> None:
    """Take an element out, and leave what is in it."""
    parent = element.getparent()
    place = parent.index(element)
    if element.text:
        if place:
            parent[place - 1].tail = (parent[place - 1].tail or "") + element.text
        else:
            parent.text = (parent.text or "") + element.text
    for child in list(element):
        parent.insert(place, child)
        place += 1
    tail, element.tail = element.tail, None
    parent.remove(element)
    if tail:
        if place:
            parent[place - 1].tail = (parent[place - 1].tail or "") + tail
        else:
            parent.text = (parent.text or "") + tail


def every(tree: Any, names: Iterable[str]) -> list[Any]:
    """The elements of these names below the root, in any namespace, inner ones last."""
    wanted = set(names)
    return [e for e in tree.iter() if local(e) in wanted and e.getparent() is not None]


def scrub_common(tree: Any, removed: set[str]) -> None:
    """What any part of Office Open XML may hide: descriptions, extensions, identities."""
    for element in every(tree, ("extLst", "externalData", "custDataLst", "creationId")):
        drop(element)
    for element in tree.iter():
        name = local(element)
        if name in ("docPr", "cNvPr"):
            for key in ("descr", "title", "name"):
                if element.get(key):
                    removed.add("descriptions of pictures")
                    element.attrib.pop(key)
            element.set("name", "")
        elif name in ("shape", "shapetype", "rect", "oval", "line", "group", "imagedata"):
            # VML.
            for key in list(element.attrib):
                if attribute(key) in ("alt", "title", "href", "spid", "gfxdata"):
                    del element.attrib[key]
        for key in list(element.attrib):
            if attribute(key) == "uid" or any(part in key for part in _REVISIONS):
                if attribute(key) != "val":
                    del element.attrib[key]
            elif attribute(key).startswith("rsid"):
                removed.add("identities of edits")
                del element.attrib[key]
