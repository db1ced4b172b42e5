"""Values of a PDF as pypdf gives them, and its layers; pypdf itself is not imported here."""

from __future__ import annotations

import re
from typing import Any

from datapartnerships.errors import DocumentError


def dictionary(value: Any) -> Any:
    """The dictionary that it is or refers to; an empty one for anything else."""
    value = value.get_object() if hasattr(value, "get_object") else value
    return value if isinstance(value, dict) else {}


def plain(source: Any, name: str, default: Any = None) -> Any:
    """What stands under a name, also where it is somewhere else in the file."""
    # Not `get`, which gives the reference.
    return source[name] if name in source else default  # noqa: SIM401


def items(value: Any) -> list[Any]:
    """The items of an array as they stand in it, references not followed."""
    value = value.get_object() if hasattr(value, "get_object") else value
    return list(list.__iter__(value)) if isinstance(value, list) else []


def box(value: Any) -> list[float] | None:
    """Left, low, right and high."""
    corners = [float(item.get_object()) for item in items(value)]
    if len(corners) != 4:
        return None
    left, low, right, high = corners
    return [min(left, right), min(low, high), max(left, right), max(low, high)]


def inherited(page: Any, name: str) -> Any:
    """Of the page, or of the branches it hangs from."""
    for _ in range(64):
        if name in page:
            return page[name]
        if "/Parent" not in page:
            return None
        page = dictionary(page["/Parent"])
    return None


def fitted(form: Any, rect: list[float]) -> list[float] | None:
    """The matrix that puts a form into a rectangle (ISO 32000-2, 12.5.5); None for no size."""
    bounds = box(form.get("/BBox"))
    if bounds is None:
        return None
    a, b, c, d, e, f = [float(v) for v in items(form.get("/Matrix"))] or [1, 0, 0, 1, 0, 0]
    corners = [(x, y) for x in (bounds[0], bounds[2]) for y in (bounds[1], bounds[3])]
    across = [a * x + c * y + e for x, y in corners]
    up = [b * x + d * y + f for x, y in corners]
    wide, high = max(across) - min(across), max(up) - min(up)
    if wide <= 0 or high <= 0:
        return None
    x, y = (rect[2] - rect[0]) / wide, (rect[3] - rect[1]) / high
    return [x, 0.0, 0.0, y, rect[0] - min(across) * x, rect[1] - min(up) * y]


# Families of color spaces (ISO 32000-2, 8.6), with the numbers each color has; None: it says.
_COLORS = {
    "/DeviceGray": 1, "/G": 1, "/CalGray": 1, "/Indexed": 1, "/I": 1, "/Separation": 1,
    "/DeviceRGB": 3, "/RGB": 3, "/CalRGB": 3, "/Lab": 3, "/DeviceCMYK": 4, "/CMYK": 4,
    "/ICCBased": None, "/DeviceN": None, "/Pattern": None,
}  # fmt: skip


def check_colors(value: Any) -> None:
    """`DocumentError` for a color space of no known family: it could hold anything."""
    first = (items(value) or [value.get_object()])[0]
    if isinstance(first, str) and items(value) and first not in _COLORS:
        raise DocumentError("no scrubber for this format", "a color space of its own")


def image_bytes(image: Any) -> int | None:
    """How many bytes the pixels of an image have, unpacked; None where that is not known."""
    wide, high = plain(image, "/Width"), plain(image, "/Height")
    bits = plain(image, "/BitsPerComponent", 1 if plain(image, "/ImageMask") else None)
    colors = plain(image, "/ColorSpace")
    count: Any = 1
    if not plain(image, "/ImageMask"):
        parts = items(colors) or [colors]
        count = _COLORS.get(parts[0]) if isinstance(parts[0], str) else None
        if parts[0] == "/ICCBased":
            count = plain(parts[1].get_object(), "/N")
        elif parts[0] == "/DeviceN":
            count = len(items(parts[1]))
    numbers = (wide, high, bits, count)
    if not all(isinstance(number, int) and number > 0 for number in numbers):
        return None
    return (int(wide) * int(bits) * int(count) + 7) // 8 * int(high)


def open_states(body: bytes) -> int:
    """How many graphics states are saved and not restored."""
    saved = re.findall(rb"(?:^|\s)q(?=\s|$)", body)
    return max(0, len(saved) - len(re.findall(rb"(?:^|\s)Q(?=\s|$)", body)))


def besides(reader: Any, data: bytes) -> set[str]:
    """Kinds of what there is in a file besides its pages."""
    root = reader.root_object
    names = dictionary(root.get("/Names"))
    found = (
        (reader.trailer.get("/Info"), "document information"),
        (reader.trailer.get("/ID"), "file identifiers"),
        (root.get("/Metadata"), "XMP"),
        ("/EmbeddedFiles" in names or root.get("/AF"), "attachments"),
        ("/JavaScript" in names or root.get("/OpenAction") or root.get("/AA"), "actions"),
        (root.get("/Outlines"), "bookmarks"),
        (root.get("/AcroForm"), "form"),
        (root.get("/OCProperties"), "layers"),
        (root.get("/StructTreeRoot"), "structure"),
        (root.get("/PageLabels"), "page labels"),
        (root.get("/OutputIntents"), "output intents"),
        (len(re.findall(rb"%%EOF", data)) > 1, "earlier revisions"),
    )
    return {name for there, name in found if there}


class Layers:
    """Which optional content is not shown when the file is opened (ISO 32000-2, 8.11)."""

    def __init__(self, root: Any) -> None:
        properties = dictionary(root.get("/OCProperties"))
        default = dictionary(properties.get("/D"))

        def numbers(value: Any) -> set[int]:
            return {item.idnum for item in items(value) if hasattr(item, "idnum")}

        self._off = numbers(default.get("/OFF"))
        if plain(default, "/BaseState") == "/OFF":
            self._off |= numbers(properties.get("/OCGs")) - numbers(default.get("/ON"))

    def hides(self, layer: Any) -> bool:
        """Whether a layer, or a combination of layers, is not shown."""
        if getattr(layer, "idnum", None) in self._off:
            return True
        item = dictionary(layer)
        if plain(item, "/Type") != "/OCMD":
            return False
        if "/VE" in item:
            raise DocumentError("no scrubber for this format", "layers shown by an expression")
        given = item.raw_get("/OCGs") if "/OCGs" in item else None
        off = [getattr(value, "idnum", None) in self._off for value in items(given) or [given]]
        rule = plain(item, "/P", "/AnyOn")
        if rule == "/AllOn":
            return any(off)
        if rule == "/AnyOff":
            return not any(off)
        return not all(off) if rule == "/AllOff" else all(off)

    def hides_mark(self, operands: Any, resources: Any) -> bool:
        """Whether what follows a mark with these operands is not shown."""
        named = dictionary(resources.get("/Properties"))
        if len(operands) < 2 or operands[0] != "/OC" or operands[1] not in named:
            return False
        return self.hides(named.raw_get(operands[1]))
