"""PDFs that leak, each in a way of its own, and PDFs that only look as if they did.

Written by hand, object by object: what is under test is what stands in the file.
"""

from __future__ import annotations

import io
import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from PIL import Image, ImageDraw, ImageFont

CANARY = "Winterbourne"
# Where the secret stands on its page, in points from the bottom left.
X, Y, WIDE, HIGH = 160, 600, 76, 14
PAGE = (612, 792)
LINES = (
    "The clerk read the list aloud while the witness counted the chairs along the wall.",
    "Nobody had asked for the second key, and so nobody knew that it had been missing since May.",
    "It rained on the harbour until four, when the ferry came in with its lights still burning.",
    "A letter about the roof was answered on the following Thursday, with a bill folded inside.",
)


def text(x: float, y: float, words: str, *, size: float = 12, before: str = "") -> str:
    escaped = words.replace("\\", r"\\").replace("(", r"\(").replace(")", r"\)")
    return f"BT {before} /F1 {size} Tf {x} {y} Td ({escaped}) Tj ET\n"


def prose(start: float = 740, lines: Sequence[str] = LINES) -> str:
    return "".join(text(72, start - 16 * n, line) for n, line in enumerate(lines))


SECRET = text(X, Y, CANARY)
BEFORE = text(72, Y, "Statement of")
BOX = f"{X - 2} {Y - 3} {WIDE} {HIGH}"
BODY = "0 g\n" + prose() + BEFORE
BAR = f"0 g {BOX} re f\n"
# What a document is like that was redacted as it should be.
CLEAN = BODY + BAR


def pdf(
    *contents: str | bytes,
    annots: Sequence[str] = (),
    page: str = "",
    resources: str = "",
    catalog: str = "",
    info: str = "",
    objects: Sequence[bytes] = (),
    trailer: str = "",
) -> bytes:
    """A file: `objects` have the numbers from 20; `annots` and `page` are of the first page."""
    table: dict[int, bytes] = {
        3: b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica/Encoding/WinAnsiEncoding>>",
        5: f"<<{info}>>".encode("latin-1"),
    }
    table |= {20 + n: item for n, item in enumerate(objects)}
    first = 20 + len(objects)
    kids = []
    for n, content in enumerate(contents):
        raw = content if isinstance(content, bytes) else content.encode("latin-1")
        number = first + 2 * n
        table[number + 1] = stream("", raw)
        extra = page + "/Annots[" + " ".join(f"<<{a}>>" for a in annots) + "]" if n == 0 else ""
        table[number] = (
            f"<</Type/Page/Parent 2 0 R/MediaBox[0 0 {PAGE[0]} {PAGE[1]}]/Contents {number + 1} 0 R"
            f"/Resources<</Font<</F1 3 0 R>>{resources}>>{extra}>>"
        ).encode("latin-1")
        kids.append(f"{number} 0 R")
    table[1] = f"<</Type/Catalog/Pages 2 0 R{catalog}>>".encode("latin-1")
    table[2] = f"<</Type/Pages/Count {len(kids)}/Kids[{' '.join(kids)}]>>".encode()
    return written(table, trailer=trailer)


def written(table: dict[int, bytes], *, start: bytes = b"%PDF-1.7\n", trailer: str = "") -> bytes:
    """The objects with their table; behind `start`, an earlier revision, as an update of it."""
    out, places = bytearray(start), {}
    for number, body in sorted(table.items()):
        places[number] = len(out)
        out += b"%d 0 obj\n" % number + body + b"\nendobj\n"
    xref = len(out)
    out += b"xref\n"
    for number, place in places.items():
        out += b"%d 1\n%010d 00000 n \n" % (number, place)
    previous = start.rpartition(b"startxref\n")[2].split(b"\n")[0] if b"startxref" in start else b""
    prev = f"/Prev {previous.decode()}" if previous else ""
    out += f"trailer <</Size 200/Root 1 0 R/Info 5 0 R{prev}{trailer}>>\n".encode()
    return bytes(out) + b"startxref\n%d\n%%%%EOF\n" % xref


def stream(dictionary: str, data: bytes) -> bytes:
    head = f"<<{dictionary}/Length {len(data)}>>stream\n".encode("latin-1")
    return head + data + b"\nendstream"


def picture(image: Image.Image, extra: str = "") -> bytes:
    mode = {"L": "DeviceGray", "RGB": "DeviceRGB"}[image.mode]
    width, height = image.size
    return stream(
        f"/Type/XObject/Subtype/Image/Width {width}/Height {height}/ColorSpace/{mode}"
        f"/BitsPerComponent 8/Filter/FlateDecode{extra}",
        zlib.compress(image.tobytes()),
    )


def scan(*, bar: bool, secret: bool = False) -> Image.Image:
    """A page as a picture, with a bar where the secret is, or with the secret."""
    page = Image.new("L", (PAGE[0] * 2, PAGE[1] * 2), 250)
    draw = ImageDraw.Draw(page)
    font = ImageFont.load_default(24)
    for n, line in enumerate(LINES):
        draw.text((144, 2 * (PAGE[1] - 750 + 16 * n)), line, fill=20, font=font)
    draw.text((144, 2 * (PAGE[1] - Y - 11)), "Statement of", fill=20, font=font)
    if secret:
        draw.text((2 * X, 2 * (PAGE[1] - Y - 11)), CANARY, fill=20, font=font)
    if bar:
        top = 2 * (PAGE[1] - Y - HIGH)
        draw.rectangle((2 * X - 6, top, 2 * (X + WIDE), top + 2 * HIGH + 8), fill=8)
    return page


def photograph(size: tuple[int, int] = (200, 120)) -> Image.Image:
    """Dark, with grain and a light spot."""
    image = Image.effect_noise(size, 28).point(lambda level: max(0, level - 90))
    ImageDraw.Draw(image).ellipse((20, 20, 60, 60), fill=170)
    return image


FULL = f"q {PAGE[0]} 0 0 {PAGE[1]} 0 0 cm /Im Do Q\n"
XOBJECT = "/XObject<</Im 20 0 R>>"
_SOLID = Image.new("L", (8, 8), 0)
RECT = f"/Rect[{X - 2} {Y - 3} {X - 2 + WIDE} {Y - 3 + HIGH}]"
QUAD = (
    f"/QuadPoints[{X - 2} {Y + 11} {X + WIDE - 2} {Y + 11} {X - 2} {Y - 3} {X + WIDE - 2} {Y - 3}]"
)


@dataclass(frozen=True)
class Leak:
    """A file, and what is to be found in it; `box` where it can be told."""

    name: str
    make: Callable[[], bytes]
    kinds: tuple[str, ...]
    page: int | None = 1
    box: bool = True


def annotated(*annots: str, over: str = SECRET, objects: Sequence[bytes] = ()) -> bytes:
    return pdf(BODY + over, annots=annots, objects=objects)


def _appearance(content: str) -> bytes:
    return stream(f"/Type/XObject/Subtype/Form/BBox[0 0 {WIDE} {HIGH}]", content.encode())


def _image_over(image: bytes, content: str = "") -> bytes:
    at = f"q {WIDE} 0 0 {HIGH} {X - 2} {Y - 3} cm /Im Do Q\n"
    return pdf(BODY + SECRET + (content or at), objects=[image], resources=XOBJECT)


def _inline_mask() -> bytes:
    mask = b"q %d 0 0 %d %d %d cm BI /W 8 /H 1 /IM true /BPC 1 /D [0 1] ID " % (
        WIDE, HIGH, X - 2, Y - 3,
    )  # fmt: skip
    return pdf((BODY + SECRET + "0 g ").encode() + mask + b"\x00 EI Q\n")


def _ocr(mode: int, *, bar: bool = True, secret: str = CANARY) -> bytes:
    layer = text(X, Y, secret, before=f"{mode} Tr")
    body = BODY.replace("BT  ", f"BT {mode} Tr ") + layer
    return pdf(FULL + body, objects=[picture(scan(bar=bar))], resources=XOBJECT)


def two_bars() -> bytes:
    """The end of a line and the begin of the next, of a scan with recognized text."""
    image = scan(bar=False)
    draw = ImageDraw.Draw(image)
    for left, line in ((380, 600), (60, 580)):
        top = 2 * (PAGE[1] - line - 12)
        draw.rectangle((2 * left, top, 2 * left + 180, top + 32), fill=8)
    layer = text(385, 600, "Edda", before="3 Tr") + text(64, 580, CANARY, before="3 Tr")
    return pdf(FULL + layer, objects=[picture(image)], resources=XOBJECT)


def _text_under_scan() -> bytes:
    return pdf(BODY + SECRET + FULL, objects=[picture(scan(bar=True))], resources=XOBJECT)


def _covered_scan() -> bytes:
    image = picture(scan(bar=False, secret=True))
    return pdf(FULL + BAR, objects=[image], resources=XOBJECT)


def _revised() -> bytes:
    first = pdf(BODY + SECRET, prose(lines=LINES[:2]))
    return written({21: stream("", CLEAN.encode())}, start=first)


def attached(data: bytes, name: str = "draft.txt", content: str = CLEAN) -> bytes:
    return pdf(
        content,
        catalog=f"/Names<</EmbeddedFiles<</Names[({name}) 20 0 R]>>>>",
        objects=[
            f"<</Type/Filespec/F({name})/UF({name})/EF<</F 21 0 R>>>>".encode(),
            stream("/Type/EmbeddedFile", data),
        ],
    )


def layer(state: str) -> bytes:
    return pdf(
        BODY + f"/OC /L1 BDC\n{SECRET}EMC\n",
        resources="/Properties<</L1 20 0 R>>",
        catalog=f"/OCProperties<</OCGs[20 0 R]/D<</{state}[20 0 R]>>>>",
        objects=[b"<</Type/OCG/Name(notes)>>"],
    )


def field_of(extra: str = "", content: str = CLEAN) -> bytes:
    widget = (
        f"<</Type/Annot/Subtype/Widget/FT/Tx/T(name)/V({CANARY}){RECT}{extra}"
        "/DA(/F1 10 Tf 0 g)>>"
    )  # fmt: skip
    return pdf(
        content,
        page="/Dummy true",
        catalog="/AcroForm<</Fields[20 0 R]/DR<</Font<</F1 3 0 R>>>>>>",
        objects=[widget.encode()],
    ).replace(b"/Annots[]", b"/Annots[20 0 R]")


def _titled() -> bytes:
    return pdf(CLEAN, info=f"/Title(Statement of {CANARY})")


def _xmp() -> bytes:
    packet = (
        "<?xpacket begin='' id='W5M0MpCehiHzreSzNTczkc9d'?><x:xmpmeta xmlns:x='adobe:ns:meta/'>"
        "<rdf:RDF xmlns:rdf='http://www.w3.org/1999/02/22-rdf-syntax-ns#'><rdf:Description "
        "xmlns:dc='http://purl.org/dc/elements/1.1/'><dc:title><rdf:Alt><rdf:li>Statement of "
        f"{CANARY}</rdf:li></rdf:Alt></dc:title></rdf:Description></rdf:RDF></x:xmpmeta>"
    ).encode()
    body = stream("/Type/Metadata/Subtype/XML/Filter/FlateDecode", zlib.compress(packet))
    return pdf(CLEAN, catalog="/Metadata 20 0 R", objects=[body])


def _outlined() -> bytes:
    return pdf(
        CLEAN,
        catalog="/Outlines 20 0 R",
        objects=[
            b"<</Type/Outlines/First 21 0 R/Last 21 0 R/Count 1>>",
            f"<</Title(Statement of {CANARY})/Parent 20 0 R/Dest[22 0 R/Fit]>>".encode(),
        ],
    )


def _scripted() -> bytes:
    script = f"app.alert('Seen by {CANARY}');"
    return pdf(
        CLEAN,
        catalog="/Names<</JavaScript<</Names[(a) 20 0 R]>>>>",
        objects=[f"<</S/JavaScript/JS({script})>>".replace("('", "\\('").replace("')", "'\\)")
                 .encode()],
    )  # fmt: skip


def _spoken() -> bytes:
    bar = f"/Span <</ActualText({CANARY})>> BDC\n{BAR}EMC\n"
    return pdf(BODY + bar)


def _alternative() -> bytes:
    return pdf(
        BODY + f"/Figure <</MCID 0>> BDC\n{BAR}EMC\n",
        page="/StructParents 0",
        catalog="/MarkInfo<</Marked true>>/StructTreeRoot 20 0 R",
        objects=[
            b"<</Type/StructTreeRoot/K 21 0 R/ParentTree<</Nums[0[21 0 R]]>>>>",
            f"<</Type/StructElem/S/Figure/P 20 0 R/Pg 22 0 R/K 0/Alt({CANARY})>>".encode(),
        ],
    )


def _thumbnail() -> bytes:
    small = Image.new("RGB", (153, 198), (255, 255, 255))
    image = picture(small).replace(b"/Type/XObject/Subtype/Image", b"")
    return pdf(CLEAN, page="/Thumb 20 0 R", objects=[image])


def _in_form(*, box: bool) -> bytes:
    """The secret in a form that is drawn scaled and moved; the bar on it, or in one of its own."""
    inner = f"BT /F1 6 Tf 0 0 Td ({CANARY}) Tj ET".encode()
    head = "/Type/XObject/Subtype/Form/BBox[-10 -10 200 50]/Resources<</Font<</F1 3 0 R>>>>"
    bar = stream("/Type/XObject/Subtype/Form/BBox[0 0 99 99]", b"0 g 0 0 1 1 re f")
    drawn = f"q {WIDE} 0 0 {HIGH} {X - 2} {Y - 3} cm /Bar Do Q\n" if box else BAR
    return pdf(
        BODY + f"q 2 0 0 2 {X} {Y} cm /Im Do Q\n" + drawn,
        objects=[stream(head, inner), bar],
        resources="/XObject<</Im 20 0 R/Bar 21 0 R>>",
    )


def _attached_pdf() -> bytes:
    return attached(pdf(BODY + SECRET), "original.pdf", BODY)


_PEN = f"{X - 2} {Y + 4} m {X - 2 + WIDE} {Y + 4} l S\n"
_ZIGZAG = "".join(
    f"{X - 2 + step * 4} {Y - 3 if step % 2 else Y - 3 + HIGH} l " for step in range(1, 20)
)
_POLYGON = (
    f"{X - 6} {Y + 4} m {X - 2} {Y - 4} l {X + WIDE} {Y - 4} l {X + WIDE + 4} {Y + 4} l "
    f"{X + WIDE} {Y + 12} l {X - 2} {Y + 12} l h f\n"
)

LEAKS = (
    Leak("rectangle", lambda: pdf(BODY + SECRET + BAR), ("rectangle",)),
    Leak("even-odd", lambda: pdf(BODY + SECRET + f"0 g {BOX} re f*\n"), ("rectangle",)),
    Leak("fill-stroke", lambda: pdf(BODY + SECRET + f"0 G 0 g {BOX} re B\n"), ("rectangle",)),
    Leak("thick-line", lambda: pdf(BODY + SECRET + f"0 G {HIGH} w {_PEN}"), ("line",)),
    Leak(
        "scribble",
        lambda: pdf(BODY + SECRET + f"0 G 6 w {X - 2} {Y - 3} m {_ZIGZAG} S\n"),
        ("line", "polygon"),
    ),
    Leak("polygon", lambda: pdf(BODY + SECRET + f"0 g {_POLYGON}"), ("polygon",)),
    Leak("white-box", lambda: pdf(BODY + SECRET + f"1 g {BOX} re f\n"), ("rectangle",)),
    Leak("gray-box", lambda: pdf(BODY + SECRET + f".6 g {BOX} re f\n"), ("rectangle",)),
    Leak("blue-box", lambda: pdf(BODY + SECRET + f"0 0 .8 rg {BOX} re f\n"), ("rectangle",)),
    Leak(
        "label-on-box",
        lambda: pdf(BODY + SECRET + BAR + "1 g " + text(X + 6, Y, "REDACTED")),
        ("rectangle",),
    ),
    Leak("black-image", lambda: _image_over(picture(_SOLID)), ("image",)),
    Leak("inline-mask", _inline_mask, ("image",)),
    Leak("scan-over-text", _text_under_scan, ("image",)),
    Leak(
        "blocks-over-text",
        lambda: pdf(
            (BODY + SECRET).encode()
            + b"BT /Z 15 Tf -2 Tc %d %d Td (nnnnnnnnnn) Tj ET\n" % (X - 6, Y - 1),
            resources="",
            objects=[b"<</Type/Font/Subtype/Type1/BaseFont/ZapfDingbats>>"],
        ).replace(b"/F1 3 0 R", b"/F1 3 0 R/Z 20 0 R"),
        ("block_characters",),
    ),
    Leak(
        "highlight",
        lambda: annotated(f"/Type/Annot/Subtype/Highlight{RECT}{QUAD}/C[0 0 0]/F 4"),
        ("annotation",),
    ),
    Leak(
        "square",
        lambda: annotated(f"/Type/Annot/Subtype/Square{RECT}/C[0 0 0]/IC[0 0 0]/F 4"),
        ("annotation",),
    ),
    Leak(
        "free-text",
        lambda: annotated(f"/Type/Annot/Subtype/FreeText{RECT}/C[0 0 0]/DA(0 g)/F 4"),
        ("annotation",),
    ),
    Leak(
        "stamp",
        lambda: annotated(
            f"/Type/Annot/Subtype/Stamp{RECT}/F 4/AP<</N 20 0 R>>",
            objects=[_appearance(f"0 g 0 0 {WIDE} {HIGH} re f")],
        ),
        ("annotation",),
    ),
    Leak(
        "ink",
        lambda: annotated(
            f"/Type/Annot/Subtype/Ink{RECT}/F 4/C[0 0 0]/BS<</W {HIGH}>>"
            f"/InkList[[{X - 2} {Y + 4} {X + WIDE} {Y + 4}]]"
        ),
        ("annotation",),
    ),
    Leak(
        "unapplied",
        lambda: annotated(f"/Type/Annot/Subtype/Redact{RECT}{QUAD}/IC[0 0 0]/F 4"),
        ("unapplied_redaction",),
    ),
    Leak(
        "line-annotation",
        lambda: annotated(
            f"/Type/Annot/Subtype/Line{RECT}/C[0 0 0]/BS<</W {HIGH}>>/F 4"
            f"/L[{X - 2} {Y + 4} {X + WIDE} {Y + 4}]"
        ),
        ("annotation",),
    ),
    Leak(
        "dark-gray-highlight",
        lambda: annotated(f"/Type/Annot/Subtype/Highlight{RECT}{QUAD}/C[.2 .2 .2]/F 4"),
        ("annotation",),
    ),
    Leak(
        "opening-script",
        lambda: pdf(
            CLEAN, catalog=f'/OpenAction<</S/JavaScript/JS(f(app.alert\\("{CANARY}"\\)))>>'
        ),
        ("script",),
        None,
        False,
    ),
    Leak("white-on-white", lambda: pdf(BODY + "1 g " + SECRET), ("same_color",)),
    Leak("black-on-black", lambda: pdf(BODY + BAR + SECRET), ("same_color",)),
    Leak(
        "invisible-on-bar",
        lambda: pdf(BODY + BAR + text(X, Y, CANARY, before="3 Tr")),
        ("invisible_text",),
    ),
    Leak("ocr-under-redacted-scan", lambda: _ocr(3), ("invisible_text",)),
    Leak("clip-mode-under-redacted-scan", lambda: _ocr(7), ("invisible_text",)),
    Leak(
        "invisible-on-blank",
        lambda: pdf(BODY + text(X, Y, CANARY, before="3 Tr")),
        ("invisible_text",),
    ),
    Leak("two-bars-on-a-scan", two_bars, ("invisible_text",), box=False),
    Leak("covered-scan", _covered_scan, ("covered_scan",)),
    Leak("earlier-revision", _revised, ("earlier_revision",)),
    Leak("title", _titled, ("metadata",), None, False),
    Leak("xmp", _xmp, ("metadata",), None, False),
    Leak(
        "crop-box",
        lambda: pdf(BODY + SECRET, page=f"/CropBox[0 0 {PAGE[0]} {Y - 20}]"),
        ("outside_page",),
        box=False,
    ),
    Leak(
        "off-page",
        lambda: pdf(BODY + text(PAGE[0] + 30, Y, CANARY)),
        ("outside_page",),
        box=False,
    ),
    Leak(
        "clipped",
        lambda: pdf(BODY + f"q 0 0 10 10 re W n {SECRET} Q\n"),
        ("clipped",),
    ),
    Leak(
        "attachment",
        lambda: attached(f"Statement of {CANARY}".encode()),
        ("attachment",),
        None,
        False,
    ),
    Leak("attached-original", _attached_pdf, ("attachment",), None, False),
    Leak("layer-off", lambda: layer("OFF"), ("hidden_layer",)),
    Leak(
        "form-in-a-layer-off",
        lambda: pdf(
            BODY + f"q 1 0 0 1 {X} {Y} cm /Im Do Q\n",
            objects=[
                stream(
                    "/Type/XObject/Subtype/Form/BBox[-10 -10 200 50]/OC 21 0 R"
                    "/Resources<</Font<</F1 3 0 R>>>>",
                    f"BT /F1 12 Tf 0 0 Td ({CANARY}) Tj ET".encode(),
                ),
                b"<</Type/OCG/Name(notes)>>",
            ],
            resources=XOBJECT,
            catalog="/OCProperties<</OCGs[21 0 R]/D<</OFF[21 0 R]>>>>",
        ),
        ("clipped", "hidden_layer"),
    ),
    Leak("form-field", field_of, ("form_field",), 1, False),
    Leak("script", _scripted, ("script",), None, False),
    Leak("bookmark", _outlined, ("bookmark",), 1, False),
    Leak("actual-text", _spoken, ("alternative_text",), 1, False),
    Leak("alternative-text", _alternative, ("alternative_text",), 1, False),
    Leak(
        "comment",
        lambda: pdf(
            CLEAN, annots=[f"/Type/Annot/Subtype/Text/Rect[500 700 520 720]/Contents({CANARY})"]
        ),
        ("comment",),
        1,
        False,
    ),
    Leak("thumbnail", _thumbnail, ("thumbnail",)),
    Leak("in-a-form", lambda: _in_form(box=False), ("rectangle",)),
    Leak("bar-in-a-form", lambda: _in_form(box=True), ("rectangle",)),
    Leak(
        "turned-page",
        lambda: pdf(BODY + SECRET + BAR, page="/Rotate 90"),
        ("rectangle",),
        box=False,
    ),
    Leak("second-page", lambda: pdf(prose(), BODY + SECRET + BAR), ("rectangle",), 2),
)


def picture_of(data: bytes, page: int = 1) -> Image.Image:
    """The page as it is shown, to be looked at."""
    import pypdfium2

    document = pypdfium2.PdfDocument(io.BytesIO(data))
    found: Image.Image = document[page - 1].render(scale=1.5).to_pil().convert("RGB")
    document.close()
    return found
