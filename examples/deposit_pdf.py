"""The PDF files of the sample deposit, written by hand so that every byte is under control.

The catalog and the page tree come last in a file, so that a copy which broke off midway has lost
them: that is how `truncated.pdf` becomes a file that no reader can repair.
"""

from __future__ import annotations

import zlib
from collections.abc import Sequence

from PIL import Image

# Widths of Times-Roman in thousandths of an em, as in Adobe's font metrics.
_WIDTHS = {
    character: width
    for width, characters in (
        (250, " .,"),
        (278, "ijlt;:/"),
        (333, "frI-()!'’"),
        (389, "sJ"),
        (444, "acez?"),
        (500, "0123456789bdghknopquvxy–"),
        (556, "FPS"),
        (564, "+"),
        (611, "ELTZ"),
        (667, "BCR"),
        (722, "wADGHKNOQUVXY"),
        (778, "m"),
        (889, "M"),
        (921, "@"),
        (944, "W"),
    )
    for character in characters
}
_PAGE = (420, 595)  # points: A5
_LEFT, _TOP, _BOTTOM = 70, 520, 66
_MEASURE = _PAGE[0] - 2 * _LEFT
_SIZE, _LEADING, _GAP = 12.0, 16.5, 7.0
_FONTS = {"F1": "Times-Roman", "F2": "Times-Bold", "F3": "Times-Italic"}


def pdf_file(objects: Sequence[bytes], *, title: str) -> bytes:
    """A PDF of `objects`, numbered from 1; the last one must be the catalog."""
    info = b"<< /Title (%s) /CreationDate (D:20190901120000Z) >>" % title.encode("cp1252")
    out = bytearray(b"%PDF-1.4\n%\xe2\xe3\xcf\xd3\n")
    offsets = []
    for number, body in enumerate([info, *objects], start=1):
        offsets.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    start = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(offsets) + 1)
    out += b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    out += b"trailer\n<< /Size %d /Root %d 0 R /Info 1 0 R >>\n" % (
        len(offsets) + 1,
        len(offsets),
    )
    out += b"startxref\n%d\n%%%%EOF\n" % start
    return bytes(out)


def _stream(data: bytes, entries: bytes = b"") -> bytes:
    packed = zlib.compress(data, 9)
    head = b"<< %s /Filter /FlateDecode /Length %d >>" % (entries, len(packed))
    return head + b"\nstream\n" + packed + b"\nendstream"


def _width(text: str, size: float = _SIZE) -> float:
    return sum(_WIDTHS[character] for character in text) * size / 1000


def _break_lines(
    paragraph: str,
    hyphenation: dict[str, list[str]],
    measure: float = _MEASURE,
    size: float = _SIZE,
) -> list[str]:
    """Fill lines of the measure; a word that does not fit is broken where `hyphenation` says."""
    lines: list[str] = []
    line = ""
    for word in paragraph.split():
        joined = f"{line} {word}" if line else word
        if _width(joined, size) <= measure:
            line = joined
            continue
        bare = word.rstrip(".,;:?")
        parts = hyphenation.get(bare.lower(), [])
        for count in range(len(parts) - 1, 0, -1):
            head = bare[: sum(len(part) for part in parts[:count])]
            if _width(f"{line} {head}-", size) <= measure:
                lines.append(f"{line} {head}-")
                line = word[len(head) :]
                break
        else:
            lines.append(line)
            line = word
    return [*lines, line]


def _show(x: float, y: float, text: str, *, font: str = "F1", size: float = _SIZE) -> bytes:
    escaped = text.replace("\\", r"\\").replace("(", r"\(").replace(")", r"\)")
    return b"BT /%s %.1f Tf %.2f %.2f Td (%s) Tj ET\n" % (
        font.encode(),
        size,
        x,
        y,
        escaped.encode("cp1252"),
    )


def report_pdf(
    title: str, subtitle: str, text: str, *, running_head: str, hyphenation: str
) -> bytes:
    """A typeset report: running head and page number on every page, justified, hyphenated."""
    breaks = {word.replace("-", ""): word.split("-") for word in hyphenation.split()}
    pages: list[bytes] = []
    y = 0.0

    def open_page() -> None:
        nonlocal y
        number = len(pages) + 1
        pages.append(
            _show(_LEFT, 552, running_head, font="F3", size=9)
            + b"0.4 w %d 545 m %d 545 l S\n" % (_LEFT, _PAGE[0] - _LEFT)
            + _show(_PAGE[0] / 2 - 10, 36, f"– {number} –", size=9)
        )
        y = _TOP

    open_page()
    pages[-1] += _show(_LEFT, y - 8, title, font="F2", size=17)
    pages[-1] += _show(_LEFT, y - 28, subtitle, font="F3", size=12)
    y -= 62
    for paragraph in text.replace("'", "’").split("\n\n"):
        lines = _break_lines(paragraph, breaks)
        for index, line in enumerate(lines):
            if y < _BOTTOM:
                open_page()
            last = index == len(lines) - 1
            stretch = 0.0 if last else (_MEASURE - _width(line)) / line.count(" ")
            pages[-1] += b"%.3f Tw " % stretch + _show(_LEFT, y, line) + b"0 Tw\n"
            y -= _LEADING
        y -= _GAP
    return _paged(pages, title)


def _paged(pages: Sequence[bytes], title: str) -> bytes:
    """Objects: 1 info, 2.. fonts, then content and page in turn, page tree, catalog."""
    fonts = [
        b"<< /Type /Font /Subtype /Type1 /BaseFont /%s /Encoding /WinAnsiEncoding >>"
        % name.encode()
        for name in _FONTS.values()
    ]
    resources = b" ".join(b"/%s %d 0 R" % (key.encode(), n) for n, key in enumerate(_FONTS, 2))
    tree = 2 + len(fonts) + 2 * len(pages)
    objects = list(fonts)
    kids = []
    for content in pages:
        objects.append(_stream(content))
        place = len(objects) + 1  # object 1 is the info dictionary
        objects.append(
            b"<< /Type /Page /Parent %d 0 R /MediaBox [0 0 %d %d] /Contents %d 0 R "
            b"/Resources << /Font << %s >> >> >>" % (tree, *_PAGE, place, resources)
        )
        kids.append(b"%d 0 R" % (place + 1))
    objects.append(b"<< /Type /Pages /Kids [%s] /Count %d >>" % (b" ".join(kids), len(kids)))
    objects.append(b"<< /Type /Catalog /Pages %d 0 R >>" % tree)
    return pdf_file(objects, title=title)


def columns_pdf(name: str, title: str, text: str, note: str) -> bytes:
    """One page in two columns: a heading over both, a note at the foot of the first.

    The columns are of one height, so that their lines stand side by side: whoever reads across the
    page mixes them.
    """
    size, leading, gutter, left = 9.5, 12.5, 20.0, 44
    measure = (_PAGE[0] - 2 * left - gutter) / 2
    content = _show(left, 552, name, font="F3", size=9)
    content += _show(left, 518, title, font="F2", size=22)
    lines: list[tuple[str, bool]] = []
    for paragraph in text.replace("'", "’").split("\n\n"):
        broken = _break_lines(paragraph, {}, measure - 10, size)
        lines += [(line, number == 0) for number, line in enumerate(broken)]
    notes = _break_lines(note.replace("'", "’"), {}, measure, 7.5)
    # The first column is shorter by the note and the rule above it.
    half = (len(lines) - len(notes) - 1) // 2
    for column, part in enumerate((lines[:half], lines[half:])):
        x, y = left + column * (measure + gutter), 484.0
        for line, first in part:
            content += _show(x + (10 if first else 0), y, line, size=size)
            y -= leading
        if column == 0:
            y -= 6
            content += b"0.4 w %d %.1f m %d %.1f l S\n" % (left, y + 8, left + 60, y + 8)
            for line in notes:
                y -= 3
                content += _show(left, y, line, size=7.5)
                y -= 7
    return _paged([content], title)


def plain_pdf(text: str, title: str) -> bytes:
    """One page of text, without ornament."""
    content = b""
    y = float(_TOP)
    for paragraph in text.split("\n\n"):
        for line in _break_lines(paragraph, {}):
            content += _show(_LEFT, y, line)
            y -= _LEADING
        y -= _GAP
    return _paged([content], title)


def image_pdf(image: Image.Image, *, dpi: int, title: str) -> bytes:
    """One page that is nothing but a black-and-white picture."""
    width, height = image.size
    size = (width * 72 / dpi, height * 72 / dpi)
    picture = _stream(
        image.convert("1", dither=Image.Dither.NONE).tobytes(),
        b"/Type /XObject /Subtype /Image /Width %d /Height %d /ColorSpace /DeviceGray "
        b"/BitsPerComponent 1" % (width, height),
    )
    objects = [
        picture,
        _stream(b"q %.2f 0 0 %.2f 0 0 cm /Im0 Do Q" % size),
        b"<< /Type /Page /Parent 5 0 R /MediaBox [0 0 %.2f %.2f] /Contents 3 0 R "
        b"/Resources << /XObject << /Im0 2 0 R >> >> >>" % size,
        b"<< /Type /Pages /Kids [4 0 R] /Count 1 >>",
        b"<< /Type /Catalog /Pages 5 0 R >>",
    ]
    return pdf_file(objects, title=title)
