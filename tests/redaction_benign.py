"""PDFs that only look as if something were hidden in them: none is to raise an alarm."""

from __future__ import annotations

from collections.abc import Callable

from PIL import Image, ImageDraw
from redaction_samples import (
    BEFORE,
    BODY,
    BOX,
    CANARY,
    CLEAN,
    FULL,
    PAGE,
    QUAD,
    RECT,
    SECRET,
    WIDE,
    XOBJECT,
    X,
    Y,
    annotated,
    attached,
    field_of,
    layer,
    pdf,
    photograph,
    picture,
    prose,
    scan,
    stream,
    text,
    written,
)


def _columns(rows: int = 6) -> str:
    cells = ""
    for row in range(rows):
        for column in range(3):
            cells += text(80 + 150 * column, 500 - 20 * row, f"Cell {row} {column}")
    lines = "".join(f"0 G .7 w 72 {494 - 20 * n} m 520 {494 - 20 * n} l S\n" for n in range(rows))
    return (
        cells + lines + "".join(f"{75 + 150 * n} 390 m {75 + 150 * n} 520 l S\n" for n in range(4))
    )


_SHADED = ".85 g 72 494 450 20 re f 0 g\n"
_HEAD = f"0 g 72 {Y - 6} 300 20 re f 1 g {text(80, Y, 'Findings of the Commission')}0 g\n"
_YELLOW = f"/Type/Annot/Subtype/Highlight{RECT}{QUAD}/C[1 1 0]/F 4"
_STATE = "/ExtGState<</G <</ca .3/BM/Multiply>>>>"


def _photo(place: str, content: str) -> bytes:
    return pdf(
        f"0 g\nq 200 0 0 120 72 450 cm /Im Do Q\n{content}{place}",
        objects=[picture(photograph())],
        resources=XOBJECT,
    )


def _signature(*, white: bool) -> bytes:
    image = Image.new("L", (160, 60), 255)
    ImageDraw.Draw(image).line([(5, 40), (40, 10), (60, 50), (90, 15), (150, 45)], fill=0, width=4)
    body = BODY + text(72, 470, "Signed: Roland Pettibone") + "72 466 m 300 466 l S\n"
    place = "q 150 0 0 50 110 450 cm /Im Do Q\n"
    return pdf(body + (place if white else ""), objects=[picture(image)], resources=XOBJECT)


def _slug() -> bytes:
    """Facing pages that share their drawing: each shows its half."""
    both = prose() + text(PAGE[0] + 40, 600, "The ferry came in with its lights still burning")
    other = prose() + text(72, 500, "The ferry came in with its lights still burning")
    return pdf(both, other)


def _stamped() -> bytes:
    """A revision that adds a stamp and takes nothing away."""
    first = pdf(BODY)
    more = BODY + text(72, 40, "Filed with the clerk on 3 March, page 1 of 1")
    return written({21: stream("", more.encode())}, start=first)


def misread_photograph() -> bytes:
    """A dark photograph on a scan, in which OCR saw letters."""
    page = scan(bar=False)
    page.paste(photograph((400, 240)), (200, 700))
    layer = "".join(
        text(110 + 7 * n, 400 - 9 * n, "i lI 1oO mw", before="3 Tr", size=9) for n in range(8)
    )
    return pdf(FULL + layer, objects=[picture(page)], resources=XOBJECT)


def visible_field() -> bytes:
    """A field that shows what it holds."""
    place = f"/Rect[{X} 300 {X + 120} 320]"
    return field_of().replace(RECT.encode(), place.encode())


BENIGN: dict[str, Callable[[], bytes]] = {
    "prose": lambda: pdf(BODY),
    "two-pages": lambda: pdf(BODY, prose()),
    "table-borders": lambda: pdf(prose() + _columns()),
    "shaded-head": lambda: pdf(prose() + _SHADED + _columns()),
    "zebra": lambda: pdf(
        "".join(f".9 g 72 {494 - 40 * n} 450 20 re f\n" for n in range(3)) + "0 g\n" + _columns()
    ),
    "dark-head": lambda: pdf(BODY.replace(BEFORE, "") + _HEAD),
    "dark-cells": lambda: pdf(
        f"0 0 .4 rg 72 494 450 20 re f 1 g {text(80, 500, 'Year Amount Balance')}"
    ),
    "white-on-photo": lambda: _photo("1 g " + text(90, 470, "Harbour at night"), ""),
    "caption-under-photo": lambda: _photo(text(72, 435, "The harbour at night, 1931"), prose()),
    "photo-over-nothing": lambda: _photo("", prose()),
    "dark-caption-bar": lambda: _photo(
        f"0 g 72 450 200 24 re f 1 g {text(80, 456, 'Harbour at night')}", ""
    ),
    "highlighted": lambda: annotated(_YELLOW),
    "marker-before-text": lambda: pdf(BODY + f"1 1 0 rg {BOX} re f 0 g {SECRET}"),
    "marker-after-text": lambda: pdf(
        BODY + SECRET + f"/G gs 1 1 0 rg {BOX} re f\n", resources=_STATE
    ),
    "gray-veil": lambda: pdf(BODY + SECRET + f"/G gs 0 g {BOX} re f\n", resources=_STATE),
    "underlined": lambda: pdf(BODY + SECRET + f"0 g {X} {Y - 2} {WIDE} .8 re f\n"),
    "struck-out": lambda: pdf(BODY + SECRET + f"0 g {X} {Y + 3} {WIDE} .8 re f\n"),
    "strikeout-note": lambda: annotated(f"/Type/Annot/Subtype/StrikeOut{RECT}{QUAD}/C[1 0 0]/F 4"),
    "underline-note": lambda: annotated(f"/Type/Annot/Subtype/Underline{RECT}{QUAD}/C[0 0 1]/F 4"),
    "framed": lambda: pdf(BODY + SECRET + f"0 G 2 w {BOX} re S\n"),
    "page-frame": lambda: pdf(BODY + "0 G 4 w 40 40 532 712 re S\n"),
    "white-ground": lambda: pdf(f"1 g 0 0 {PAGE[0]} {PAGE[1]} re f\n" + BODY),
    "dark-slide": lambda: pdf(f".1 g 0 0 {PAGE[0]} {PAGE[1]} re f 1 g\n" + prose()),
    "redacted-well": lambda: pdf(CLEAN),
    "redacted-white": lambda: pdf(BODY + f"1 g {BOX} re f\n"),
    "label-on-clean-box": lambda: pdf(CLEAN + "1 g " + text(X + 6, Y, "REDACTED")),
    "redacted-with-usual-properties": lambda: pdf(CLEAN, info="/Title(untitled)/Author(anonymous)"),
    "redacted-with-shown-title": lambda: pdf(CLEAN, info="/Title(Statement of the witness)"),
    "redacted-scan": lambda: pdf(FULL, objects=[picture(scan(bar=True))], resources=XOBJECT),
    "scan": lambda: pdf(FULL, objects=[picture(scan(bar=False))], resources=XOBJECT),
    "scan-with-layer": lambda: pdf(
        FULL + BODY.replace("BT  ", "BT 3 Tr "),
        objects=[picture(scan(bar=False))],
        resources=XOBJECT,
    ),
    "layer-under-scan": lambda: pdf(
        BODY + FULL, objects=[picture(scan(bar=False))], resources=XOBJECT
    ),
    "redacted-scan-clean-layer": lambda: pdf(
        FULL + BODY.replace("BT  ", "BT 3 Tr "),
        objects=[picture(scan(bar=True))],
        resources=XOBJECT,
    ),
    "signature-over-line": lambda: _signature(white=True),
    "signature-line": lambda: _signature(white=False),
    "gray-print": lambda: pdf(BODY + ".8 g " + text(72, 500, "Watermark of the archive")),
    "small-print": lambda: pdf(BODY + text(72, 500, "Terms in small print apply", size=5)),
    "title-of-a-plain-document": lambda: pdf(BODY, info="/Title(Minutes for Roland Pettibone)"),
    "layer-on": lambda: layer("ON"),
    "filled-field": lambda: field_of("/AP<</N<</Length 0>>>>", BODY),
    "stamp-added": _stamped,
    "facing-pages": _slug,
    "drawn-twice": lambda: pdf(BODY + SECRET + text(X + 0.3, Y, CANARY)),
    "painted-over-and-rewritten": lambda: pdf(BODY + SECRET + f"1 g {BOX} re f 0 g {SECRET}"),
    "shadow": lambda: pdf(BODY + ".5 g " + text(X + 1, Y - 1, CANARY) + "0 g " + SECRET),
    "bar-chart": lambda: pdf(
        "".join(
            f"0 g {100 + 60 * n} 200 40 {50 + 30 * n} re f {text(100 + 60 * n, 186, f'Q{n}')}"
            for n in range(4)
        )
        + prose()
    ),
    "turned": lambda: pdf(BODY + SECRET, page="/Rotate 270"),
    "cropped-margins": lambda: pdf(BODY, page=f"/CropBox[50 50 {PAGE[0] - 20} {PAGE[1] - 20}]"),
    "outlines": lambda: pdf(BODY + "0 g " + text(72, 500, "LARGE", size=40)),
    "attached-invoice": lambda: attached(
        b"<invoice><total>12</total></invoice>", "invoice.xml", BODY
    ),
    "comment-of-a-reader": lambda: pdf(
        BODY, annots=["/Type/Annot/Subtype/Text/Rect[500 700 520 720]/Contents(See Pettibone)"]
    ),
    "link": lambda: pdf(BODY + SECRET, annots=[f"/Type/Annot/Subtype/Link{RECT}/Border[0 0 1]"]),
    "misread-photograph": misread_photograph,
    "mark-of-a-note-on-text": lambda: pdf(
        BODY + SECRET,
        annots=[
            f"/Type/Annot/Subtype/Text/Rect[{X} {Y - 4} {X + 24} {Y + 16}]/Contents(why?)"
            "/AP<</N 20 0 R>>"
        ],
        objects=[stream("/Type/XObject/Subtype/Form/BBox[0 0 24 20]", b"1 1 0 rg 0 0 24 20 re f")],
    ),
    "thick-rules-and-a-title": lambda: pdf(
        BODY + "".join(f"0 g 72 {500 - 30 * n} 468 6 re f\n" for n in range(3)),
        info="/Title(Minutes for Roland Pettibone)",
    ),
    "chart-and-a-title": lambda: pdf(
        BODY + "".join(f"0 g {100 + 50 * n} 200 30 {60 + 40 * n} re f\n" for n in range(5)),
        info="/Title(Minutes for Roland Pettibone)",
    ),
    "edited-well": lambda: written(
        {21: stream("", (BODY + text(72, 560, "Seen by the clerk.")).encode())}, start=pdf(BODY)
    ),
    "visible-field-beside-a-bar": lambda: visible_field(),
    "empty": lambda: pdf(""),
}
