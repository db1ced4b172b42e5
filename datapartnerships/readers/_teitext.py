"""From the elements of a TEI text to segments: every character of the text once, in order."""

from __future__ import annotations

import html
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from datapartnerships.readers import _recognized as rec
from datapartnerships.readers._blocks import (
    MAX_HEADING_CHARACTERS,
    PATH_SEPARATOR,
    table_text,
)
from datapartnerships.schema import Segment

_ID = "{http://www.w3.org/XML/1998/namespace}id"
_SPACES = re.compile(r"\s+")
_DIVISION = re.compile(r"div[0-7]?")
# They begin and end a block of text; all that is not named here stands in a line.
_BLOCK_NAMES = (
    "text front body back group floatingText head p ab lg list item table figure sp speaker stage "
    "quote cit bibl listBibl epigraph argument opener closer salute signed dateline byline "
    "docTitle titlePart titlePage docAuthor docImprint docDate docEdition imprimatur trailer "
    "postscript u incident castList castItem castGroup set view entry entryFree superEntry sense "
    "eg formula spGrp"
)
_BLOCKS = frozenset(_BLOCK_NAMES.split())
# What may stand in the line of a paragraph as well: a block only where it holds blocks.
_EITHER = frozenset({"quote", "cit", "bibl", "stage", "eg", "formula", "figure", "q", "said"})
_HOLDERS = frozenset({"p", "ab", "lg", "l", "list", "table", "floatingText", "sp"})
# Struck out by the author, printed by the press for its own use, or not the text at all.
_LEFT_OUT = frozenset({"del", "fw", "teiHeader", "facsimile", "sourceDoc", "standOff", "figDesc"})
_BREAKS = frozenset({"lb", "pb", "cb", "gb", "milestone"})
_FORMS = {"original": ("sic", "orig", "abbr"), "regularized": ("corr", "reg", "expan")}
# Each form, and the attribute in which P4 has the other one.
_OTHER = {"sic": "corr", "corr": "sic", "orig": "reg", "reg": "orig", "abbr": "expan",
          "expan": "abbr"}  # fmt: skip
# A note in a note in a note: past this, their text is taken as it stands.
_MAX_INNER = 20


def segments(root: Any, forms: str) -> list[Segment]:
    """The segments of one TEI element; `forms` is ``original`` or ``regularized``."""
    walk = _Walk(forms, _pages(root), _names(root))
    for text in root.iterchildren("{*}text"):
        walk.run(text)
        walk.end_block()
    return walk.found


def _pages(root: Any) -> Mapping[Any, int]:
    """Page breaks to page numbers: as printed if all are plain, else counted."""
    breaks = list(root.iter("{*}pb"))
    printed = [rec.whole_number(element.get("n")) for element in breaks]
    plain = bool(breaks) and all(number is not None for number in printed)
    numbers = printed if plain else range(1, len(breaks) + 1)
    return {e: int(n or 0) for e, n in zip(breaks, numbers, strict=True)}


def _names(root: Any) -> dict[str, str]:
    """Persons that the header introduces: id to name."""
    found = {}
    for person in root.iter("{*}person"):
        name = rec.flat(rec.first(person, "persName")) or rec.flat(rec.first(person, "name"))
        if name and (key := person.get(_ID) or person.get("id")):
            found[key] = name
    return found


@dataclass(slots=True)
class _Walk:
    """A walk without recursion: texts are nested as deep as their editors like."""

    forms: str
    pages: Mapping[Any, int]
    names: Mapping[str, str]
    inner: int = 0
    page: int | None = None
    began: int | None = None
    found: list[Segment] = field(default_factory=list)
    parts: list[str] = field(default_factory=list)
    notes: list[Segment] = field(default_factory=list)
    # Of each open division its heading.
    path: list[str] = field(default_factory=list)
    lists: list[int] = field(default_factory=list)
    prefix: str = ""
    speech: _Speech | None = None
    # The parent of the last token, and whether it has spaces as elements.
    tokens: tuple[Any, bool] = (None, False)

    def run(self, root: Any, *, tail: bool = False) -> None:
        """Walk an element and, with `tail`, the text after it."""
        steps: list[tuple[Any, bool]] = [(root, True)]
        while steps:
            element, enter = steps.pop()
            name = rec.local(element)
            if enter and (children := self.enter(element, name)) is not None:
                steps.append((element, False))
                steps += [(child, True) for child in reversed(children)]
                continue
            if not enter:
                self.leave(element, name)
            if tail or element is not root:
                glue = _glued(element, name, "right") or self.is_spaced(element, name)
                self.text(element.tail, glue=glue)

    def text(self, text: str | None, *, glue: bool = False) -> None:
        if not text or (glue and text.isspace()):
            return
        if self.began is None and not text.isspace():
            self.began = self.page or 0
        self.parts.append(_SPACES.sub(" ", text))

    def enter(self, element: Any, name: str) -> list[Any] | None:
        """Begin an element: its children to be walked, or None where it is done with."""
        if not name:  # an entity that the file does not define
            known = html.unescape(element.text or "")
            self.text(known)
            return None
        if name in _LEFT_OUT:
            return None
        if name in _BREAKS:
            self.line_break(element, name)
            return None
        if name == "note":
            self.note(element)
            return None
        if name == "table":
            self.end_block()
            rows = (
                [self.within(c) for c in r.iterchildren("{*}cell")] for r in element.iter("{*}row")
            )
            head = element.find("{*}head")
            lines = [] if head is None else [self.within(head)]
            self.parts = ["\n".join(filter(None, [*lines, table_text(rows)]))]
            self.began = self.page or 0
            self.end_block()
            return None
        if other := self.other_form(element, name):
            self.text(other)
            return None
        if self.is_block(element, name):
            self.begin_block(element, name)
        elif name == "l" and "".join(self.parts).strip() and not self.parts[-1].endswith("\n"):
            self.parts.append("\n")
        elif _glued(element, name, "left"):
            while self.parts and self.parts[-1].isspace():
                self.parts.pop()
        self.text(element.text)
        return self.children(element, name)

    def children(self, element: Any, name: str) -> list[Any]:
        children = list(element)
        if name == "choice":
            wanted = [c for c in children if rec.local(c) in _FORMS[self.forms]]
            return (wanted or [c for c in children if rec.local(c)])[:1]
        if name == "app":
            readings = [c for c in children if rec.local(c) in ("lem", "rdg")]
            readings.sort(key=lambda c: rec.local(c) != "lem")
            return readings[:1]
        if name == "subst":
            return [c for c in children if rec.local(c) != "del"]
        return children

    def is_spaced(self, element: Any, name: str) -> bool:
        """A token among tokens whose spaces are elements too (``c``): what is between is none."""
        if name not in ("w", "c", "pc"):
            return False
        parent = element.getparent()
        if parent is not self.tokens[0]:
            self.tokens = parent, parent is not None and parent.find("{*}c") is not None
        return self.tokens[1]

    def other_form(self, element: Any, name: str) -> str | None:
        """What P4 writes in an attribute: ``<sic corr="the">teh</sic>``."""
        if name in _OTHER and name not in _FORMS[self.forms]:
            value: str | None = element.get(_OTHER[name])
            return value
        return None

    def is_block(self, element: Any, name: str) -> bool:
        if name in _EITHER:
            parent = element.getparent()
            inside = parent is not None and rec.local(parent) in ("p", "ab", "l", "head", "item")
            return not inside or any(rec.local(child) in _HOLDERS for child in element)
        if name == "seg":
            return rec.local(element.getparent()) == "u"
        return name in _BLOCKS or _DIVISION.fullmatch(name) is not None

    def begin_block(self, element: Any, name: str) -> None:
        before = element.getprevious()
        if name == "item" and before is not None and rec.local(before) == "label":
            self.parts.append(" ")
            return
        self.end_block()
        if _DIVISION.fullmatch(name):
            self.path.append("")
        elif name == "list":
            kind = f"{element.get('type') or ''} {element.get('rend') or ''}"
            self.lists.append(1 if "ordered" in kind or "number" in kind else 0)
        elif name == "item" and self.lists:
            number = self.lists[-1]
            self.prefix = "  " * (len(self.lists) - 1) + (f"{number}. " if number else "- ")
            self.lists[-1] += bool(number)
        elif name in ("sp", "u") and self.speech is None:
            self.speech = _Speech("turn" if name == "sp" else "utterance", self.named(element))

    def leave(self, element: Any, name: str) -> None:
        if name == "l":
            self.parts.append("\n")
        if name == "label" and rec.local(element.getparent()) == "list":
            self.parts.append(" ")
        if not self.is_block(element, name):
            return
        if name == "speaker" and self.speech is not None:
            said = self.take()
            self.speech.speaker = said.rstrip(".: ") or self.speech.speaker
            return
        parent = rec.local(element.getparent()) if element.getparent() is not None else ""
        if name == "head" and _DIVISION.fullmatch(parent) and self.path and not self.path[-1]:
            heading = _SPACES.sub(" ", _tidy("".join(self.parts)))
            self.path[-1] = heading if len(heading) <= MAX_HEADING_CHARACTERS else ""
        self.end_block()
        if _DIVISION.fullmatch(name) and self.path:
            self.path.pop()
        elif name == "list" and self.lists:
            self.lists.pop()
            self.prefix = ""
        elif name == "item":
            self.prefix = ""
        elif name in ("sp", "u"):
            self.end_speech()

    def take(self) -> str:
        text = _tidy("".join(self.parts))
        self.parts.clear()
        return text

    def end_block(self) -> None:
        text = self.take()
        page, self.began = self.began or None, None
        if text:
            text, self.prefix = self.prefix + text, ""
            if self.speech is not None:
                # What stands between the speaker's name and the speech belongs to the name.
                if not self.speech.lines and not text.strip(".:- \u2013\u2014"):
                    return
                self.speech.lines.append(text)
                self.speech.page = self.speech.page or page
                return
            self.found.append(Segment(text, page=page, ref=self.reference()))
        if self.speech is None:
            self.found += self.notes
            self.notes.clear()

    def end_speech(self) -> None:
        speech, self.speech = self.speech, None
        if speech is not None and speech.lines:
            self.found.append(
                Segment(
                    "\n".join(speech.lines),
                    kind=speech.kind,
                    speaker=speech.speaker,
                    page=speech.page,
                    ref=self.reference(),
                )
            )
        self.end_block()

    def reference(self) -> str | None:
        return PATH_SEPARATOR.join(filter(None, self.path)) or None

    def line_break(self, element: Any, name: str) -> None:
        if name == "pb":
            self.page = self.pages.get(element, self.page)
        if element.get("break") == "no":
            while self.parts and self.parts[-1].isspace():
                self.parts.pop()
            if self.parts:
                self.parts[-1] = self.parts[-1].rstrip().rstrip("-" + "".join(rec.CUT_MARKS))
        else:
            self.parts.append("\n" if name == "lb" else " ")

    def note(self, element: Any) -> None:
        text = self.within(element)
        if text:
            self.notes.append(Segment(text, page=self.page, ref="notes"))

    def within(self, element: Any) -> str:
        """The text of a cell or a note, blocks apart by a line feed; its own notes in place."""
        if self.inner >= _MAX_INNER:
            return rec.flat(element)
        walk = _Walk(self.forms, self.pages, self.names, self.inner + 1, self.page)
        walk.text(element.text)
        for child in element:
            walk.run(child, tail=True)
        walk.end_block()
        self.page = walk.page
        return "\n".join(segment.text for segment in walk.found)

    def named(self, element: Any) -> str | None:
        keys = [key.lstrip("#") for key in (element.get("who") or "").split()]
        return ", ".join(self.names.get(key, key) for key in keys) or None


def _glued(element: Any, name: str, side: str) -> bool:
    """A token of a tagged text with no space on this side of it."""
    return name in ("w", "pc") and element.get("join") in (side, "both")


@dataclass(slots=True)
class _Speech:
    kind: str
    speaker: str | None
    page: int | None = None
    lines: list[str] = field(default_factory=list)


def _tidy(text: str) -> str:
    lines = (_SPACES.sub(" ", line).strip() for line in text.split("\n"))
    return "\n".join(line for line in lines if line)
