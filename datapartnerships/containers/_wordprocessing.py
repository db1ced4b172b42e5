"""WordprocessingML (ECMA-376, part 1, 17): the text as it is shown, without how it came about."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from datapartnerships.containers._markup import attribute, drop, every, local, unwrap

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
# Fields that number pages, and how; ECMA-376, part 1, 17.16.
PAGES = re.compile(
    r"\s*(?:PAGE|NUMPAGES|SECTIONPAGES)\s*(?:\\\*\s*(?:MERGEFORMAT|Arabic|roman|alphabetic)\s*)*",
    re.I,
)
_STRICT = "{http://purl.oclc.org/ooxml/wordprocessingml/main}"
_DELETED = {
    "del": "tracked changes", "moveFrom": "tracked changes", "rPrChange": "tracked changes",
    "pPrChange": "tracked changes", "sectPrChange": "tracked changes",
    "tblPrChange": "tracked changes", "tcPrChange": "tracked changes",
    "trPrChange": "tracked changes", "tblPrExChange": "tracked changes",
    "tblGridChange": "tracked changes", "numberingChange": "tracked changes",
    "cellDel": "tracked changes", "cellIns": "tracked changes", "cellMerge": "tracked changes",
    "commentRangeStart": "comments", "commentRangeEnd": "comments", "commentReference": "comments",
    "annotationRef": "comments", "instrText": "fields", "delInstrText": "fields",
    "fldChar": "fields", "bookmarkStart": "bookmarks", "bookmarkEnd": "bookmarks",
    "moveFromRangeStart": "tracked changes", "moveFromRangeEnd": "tracked changes",
    "moveToRangeStart": "tracked changes", "moveToRangeEnd": "tracked changes",
    "sdtPr": "content controls", "sdtEndPr": "content controls", "customXmlPr": "custom data",
    "smartTagPr": "custom data", "OLEObject": "embedded files", "control": "embedded files",
    "altChunk": "embedded files", "proofErr": "marks of the speller", "permStart": "permissions",
    "permEnd": "permissions", "tblCaption": "descriptions of tables",
    "tblDescription": "descriptions of tables", "rsids": "identities of edits",
    "rsid": "identities of edits",
}  # fmt: skip
_UNWRAPPED = {
    "ins": "tracked changes", "moveTo": "tracked changes", "fldSimple": "fields",
    "sdt": "content controls", "sdtContent": "content controls", "customXml": "custom data",
    "smartTag": "custom data",
}  # fmt: skip
# Of the settings: what changes how a page looks.
_SETTINGS = frozenset({
    "defaultTabStop", "evenAndOddHeaders", "mirrorMargins", "alignBordersAndEdges",
    "bordersDoNotSurroundHeader", "bordersDoNotSurroundFooter", "gutterAtTop", "autoHyphenation",
    "consecutiveHyphenLimit", "hyphenationZone", "doNotHyphenateCaps", "characterSpacingControl",
    "displayBackgroundShape", "footnotePr", "endnotePr", "compat", "themeFontLang",
    "clrSchemeMapping", "decimalSymbol", "listSeparator", "noLineBreaksAfter",
    "noLineBreaksBefore", "drawingGridHorizontalSpacing", "drawingGridVerticalSpacing",
})  # fmt: skip


def scrub(trees: Mapping[str, Any], removed: set[str]) -> None:
    """All parts as if every change was accepted, without comments, fields and hidden text."""
    for tree in trees.values():
        if str(tree.tag).startswith((W, _STRICT)):
            _scrub_part(tree, removed)
    _scrub_styles(trees, removed)
    _scrub_notes(trees, removed)


def _scrub_part(tree: Any, removed: set[str]) -> None:
    if local(tree) == "settings":
        for child in list(tree):
            if local(child) not in _SETTINGS:
                removed.add("settings")
                drop(child)
        return
    _remove_rows(tree, removed)
    _join_paragraphs(tree, removed)
    _show_choices(tree)
    kept = _numbering_fields(tree)
    for element in every(tree, _DELETED):
        if element in kept:
            continue
        if not _is_word(element) and local(element) not in ("OLEObject", "control"):
            continue
        if element.getparent() is not None:
            removed.add(_DELETED[local(element)])
            drop(element)
    for element in every(tree, _UNWRAPPED):
        if _is_word(element) and element not in kept:
            removed.add(_UNWRAPPED[local(element)])
            # Inside the properties of a run, `ins` is a mark without content.
            (drop if not len(element) and not element.text else unwrap)(element)
    for element in every(tree, ("vanish",)):
        run = element.getparent().getparent()
        if local(run) == "r" and _is_on(element):
            removed.add("hidden text")
            drop(run)
    for element in every(tree, ("hyperlink",)):
        for key in list(element.attrib):
            if attribute(key) in ("anchor", "tooltip", "docLocation", "tgtFrame"):
                removed.add("links")
                del element.attrib[key]
        if _is_word(element) and not element.attrib:
            unwrap(element)


def _show_choices(tree: Any) -> None:
    """What was chosen in a list, and whether a box is ticked, as the text it looks like."""
    for mark in every(tree, ("fldChar",)):
        text = ""
        for field in mark.iter():
            values = {local(child): _value(child) for child in field}
            if local(field) == "ddList":
                entries = [_value(child) for child in field if local(child) == "listEntry"]
                chosen = values.get("result") or values.get("default") or "0"
                text = entries[int(chosen)] if int(chosen) < len(entries) else ""
            elif local(field) == "checkBox":
                ticks = [c for c in field if local(c) in ("checked", "default")]
                text = "\u2612" if ticks and _is_on(ticks[-1]) else "\u2610"
        if text:
            shown = mark.makeelement(mark.tag.replace("}fldChar", "}t"))
            shown.text = text
            mark.addnext(shown)


def _numbering_fields(tree: Any) -> set[Any]:
    """Elements of fields that number pages: they show another text on each."""
    kept, opened = set[Any](), list[list[Any]]()
    for element in every(tree, ("fldChar", "instrText", "fldSimple")):
        kind = _value(element, "fldCharType")
        if local(element) == "fldSimple":
            if PAGES.fullmatch(_value(element, "instr")):
                kept.add(element)
            continue
        if kind == "begin":
            opened.append([])
        if opened:
            opened[-1].append(element)
        if kind == "end" and opened:
            parts = opened.pop()
            code = "".join(e.text or "" for e in parts if local(e) == "instrText")
            if PAGES.fullmatch(code):
                kept.update(parts)
                for part in parts:
                    for child in list(part):
                        drop(child)
    return kept


def _is_word(element: Any) -> bool:
    return str(element.tag).startswith((W, _STRICT))


def _is_on(element: Any) -> bool:
    value = next((v for k, v in element.attrib.items() if attribute(k) == "val"), "1")
    return value not in ("0", "false", "off")


def _remove_rows(tree: Any, removed: set[str]) -> None:
    """Rows of tables that were deleted or are hidden."""
    for properties in every(tree, ("trPr",)):
        if any(local(child) in ("del", "hidden") and _is_on(child) for child in properties):
            removed.add("tracked changes")
            drop(properties.getparent())


def _join_paragraphs(tree: Any, removed: set[str]) -> None:
    """A paragraph whose end was deleted goes on in the next one; empty ones simply go."""
    for paragraph in every(tree, ("p",)):
        marks = [e for e in paragraph.iter() if local(e) == "del" and local(e.getparent()) == "rPr"]
        ends = [e for e in marks if local(e.getparent().getparent()) == "pPr"]
        after = paragraph.getnext()
        if not ends or after is None or local(after) != "p":
            continue
        removed.add("tracked changes")
        place = 1 if len(after) and local(after[0]) == "pPr" else 0
        for child in [c for c in paragraph if local(c) != "pPr"]:
            after.insert(place, child)
            place += 1
        paragraph.getparent().remove(paragraph)


def _value(element: Any, name: str = "val") -> str:
    return next((v for k, v in element.attrib.items() if attribute(k) == name), "")


def _scrub_styles(trees: Mapping[str, Any], removed: set[str]) -> None:
    """Text that a style hides, or one that the style is based on."""
    hiding, based = set[str](), dict[str, str]()
    for tree in trees.values():
        if local(tree) == "styles":
            for style in every(tree, ("style",)):
                name = _value(style, "styleId")
                if any(local(e) == "vanish" and _is_on(e) for e in style.iter()):
                    hiding.add(name)
                for base in style:
                    if local(base) == "basedOn":
                        based[name] = _value(base)
    while more := {name for name, base in based.items() if base in hiding} - hiding:
        hiding |= more
    for tree in trees.values() if hiding else ():
        if local(tree) == "styles":
            continue
        for used in every(tree, ("rStyle", "pStyle")):
            owner = used.getparent().getparent()
            if _value(used) in hiding and owner.getparent() is not None:
                removed.add("hidden text")
                for child in [owner] if local(owner) == "r" else list(owner):
                    if local(child) != "pPr":
                        drop(child)


def _scrub_notes(trees: Mapping[str, Any], removed: set[str]) -> None:
    """Footnotes that no text has any more: it was deleted."""
    for kind in ("footnote", "endnote"):
        used = {
            _value(element, "id")
            for tree in trees.values()
            for element in every(tree, (f"{kind}Reference",))
        }
        for tree in trees.values():
            for note in every(tree, (kind,)) if local(tree) == f"{kind}s" else ():
                if not _value(note, "type") and _value(note, "id") not in used:
                    removed.add("tracked changes")
                    drop(note)
