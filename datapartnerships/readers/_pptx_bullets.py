"""Which paragraphs of a slide are items of a list, and how they are labeled.

Most slides say nothing of it themselves: the layout that a slide fills in does, or its master
(ECMA-376 part 1, 21.1.2.4: bullets and numbering; 19.7.10: placeholders).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from datapartnerships.readers._docx_styles import formatted

_A = "{http://schemas.openxmlformats.org/drawingml/2006/main}"
_P = "{http://schemas.openxmlformats.org/presentationml/2006/main}"
_KINDS = ("buNone", "buChar", "buAutoNum", "buBlip")
# Names of numberings begin with the form of the number and end with what stands around it.
_FORMS = {
    "arabic": "decimal", "alphaLc": "lowerLetter", "alphaUc": "upperLetter",
    "romanLc": "lowerRoman", "romanUc": "upperRoman",
}  # fmt: skip
_AROUND = {"ParenBoth": ("(", ")"), "ParenR": ("", ")"), "Period": ("", "."), "Plain": ("", "")}
_BODIES = ("body", "obj", "tbl", "chart", "dgm", "media", "clipArt", "pic")


class Bullets:
    """What the layout and the master of a slide say of the paragraphs of their placeholders."""

    def __init__(self, layouts: Iterable[Any]) -> None:
        self.layouts = list(layouts)

    def label(self, paragraph: Any, body: Any, place: Any, counts: dict[int, int]) -> str:
        """What stands before the paragraph; `counts` are the numbers of its text box so far."""
        properties = paragraph.find(_A + "pPr")
        said = None if properties is None else properties.get("lvl")
        level = min(int(said), 8) if said and said.isdigit() else 0
        for deeper in [known for known in counts if known > level]:
            del counts[deeper]
        kind = next(
            (child for element in self._told(properties, body, place, level) for child in element
             if isinstance(child.tag, str) and child.tag.removeprefix(_A) in _KINDS),
            None,
        )  # fmt: skip
        if kind is None or kind.tag == _A + "buNone":
            counts.pop(level, None)
            return "  " * level
        if kind.tag != _A + "buAutoNum":
            counts.pop(level, None)
            return "  " * level + "- "
        start = kind.get("startAt", "1")
        counts[level] = counts.get(level, (int(start) if start.isdigit() else 1) - 1) + 1
        return "  " * level + _number(counts[level], kind.get("type", "arabicPeriod")) + " "

    def _told(self, properties: Any, body: Any, place: Any, level: int) -> Iterator[Any]:
        """The properties that hold for a paragraph, the nearest first."""
        name = f"{_A}lvl{level + 1}pPr"
        if properties is not None:
            yield properties
        lists = [body.find(_A + "lstStyle")]
        if place is not None:
            lists += [self._style(layout, place) for layout in self.layouts]
            if place.get("type", "obj") in _BODIES:
                lists += [layout.find(f"{_P}txStyles/{_P}bodyStyle") for layout in self.layouts]
        for style in lists:
            if style is not None and (own := style.find(name)) is not None:
                yield own

    def _style(self, layout: Any, place: Any) -> Any:
        """The list style of the same placeholder: by its number, else by its type."""
        places = list(layout.iter(_P + "ph"))
        kind = place.get("type", "obj")
        alike = [known for known in places if known.get("idx") == place.get("idx", "0")]
        alike = alike or [known for known in places if known.get("type", "obj") == kind]
        if not alike:
            return None
        shape = next(alike[0].iterancestors(_P + "sp"), None)
        return None if shape is None else shape.find(f"{_P}txBody/{_A}lstStyle")


def _number(number: int, kind: str) -> str:
    form = next((form for name, form in _FORMS.items() if kind.startswith(name)), "decimal")
    before, after = next(
        (around for name, around in _AROUND.items() if kind.endswith(name)), ("", ".")
    )
    return before + formatted(number, form) + after
