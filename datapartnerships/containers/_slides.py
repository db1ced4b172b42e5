"""PresentationML (ECMA-376, part 1, 19): slides that are shown."""

from __future__ import annotations

from typing import Any

from datapartnerships.containers._markup import RELATIONS, drop, every, local


def hidden(package: Any, main: str) -> set[str]:
    """The parts of slides that are not shown; the list of slides no longer names them."""
    tree, relations = package.trees[main], package.relations[main]
    found = set[str]()
    for item in every(tree, ("sldId",)):
        relation = relations.get(item.get(RELATIONS + "id", ""))
        slide = package.trees.get(relation.target) if relation else None
        if slide is not None and slide.get("show") in ("0", "false"):
            package.removed.add("hidden slides")
            found.add(relation.target)
            drop(item)
    for element in every(tree, ("custShowLst", "modifyVerifier", "embeddedFontLst", "smartTags")):
        drop(element)
    for name, tree in package.trees.items():
        if name in found:
            continue
        for shape in every(tree, ("cNvPr",)):
            if shape.get("hidden") in ("1", "true"):
                owner = shape.getparent().getparent()
                if owner is not None and owner.getparent() is not None:
                    package.removed.add("hidden shapes")
                    drop(owner)
        for note in every(tree, ("cmAuthorLst", "tagLst", "custData", "tags")):
            drop(note)
        if local(tree) == "presentationPr":
            for child in list(tree):
                drop(child)
    return found
