"""What a PDF holds beside the text of its pages: properties, outline, forms, comments, files."""

from __future__ import annotations

import html
import itertools
import re
import zlib
from collections.abc import Callable, Iterator
from functools import partial
from mmap import mmap
from typing import Any

import numpy as np
import pypdfium2 as pdfium
import pypdfium2.raw as raw

from datapartnerships._backends import _redaction_objects as objects
from datapartnerships._backends._redaction_pixels import Ground, Pixels
from datapartnerships.kernels.redactions import Finding, Told, size

# Of each kind; what claims to have more was made to.
_MANY = 20_000
Bytes = bytes | mmap
_MAX_STREAM_BYTES = 4 << 20
_MAX_ATTACHED_BYTES = 64 << 20
_PACKETS = re.compile(rb"<x:xmpmeta.{0,1000000}?</x:xmpmeta>", re.DOTALL)
_STREAMS = re.compile(rb"/Subtype\s{0,4}/XML\b[^\x00]{0,300}?stream\r?\n")
_PACKED = re.compile(rb"/Type\s{0,4}/ObjStm\b[^\x00]{0,300}?stream\r?\n")
_ACTIONS = re.compile(rb"/JS\s{0,4}\(")
_MAX_SCRIPT_BYTES = 50_000
_FIELDS = re.compile(
    r"<(dc:title|dc:description|dc:subject|dc:creator|pdf:Keywords|photoshop:Headline)\b[^>]*>"
    r"(.*?)</\1>|\bpdf:(Keywords)=\"([^\"]*)\"",
    re.DOTALL,
)
_TAGS = re.compile(r"<[^>]*>")
_QUOTED = re.compile(r"\"((?:[^\"\\\n]|\\.){0,2000})\"|'((?:[^'\\\n]|\\.){0,2000})'")
_LIGHTER = 60.0
# What invoices and forms carry for programs.
_DATA = (".xml", ".json", ".csv", ".fdf", ".xfdf")


def properties(document: Any, data: Bytes) -> Iterator[Told]:
    """Title, author, subject and keywords, of both places where a PDF has them."""
    described = document.get_metadata_dict(skip_empty=True)
    for key in ("Title", "Subject", "Keywords", "Author"):
        if described.get(key):
            yield Told("metadata", described[key], usual=key == "Author")
    packets = _PACKETS.findall(data)
    for start in itertools.islice(_STREAMS.finditer(data), 100):
        packets.append(_inflated(data, start.end()))
    for packet in packets:
        text = packet[:_MAX_STREAM_BYTES].decode("utf-8", "replace")
        for match in _FIELDS.finditer(text):
            value = html.unescape(_TAGS.sub(" ", match[2] or match[4] or "")).strip()
            if value:
                yield Told("metadata", value, usual=match[1] == "dc:creator")


def outline(document: Any) -> Iterator[Told]:
    for entry in itertools.islice(document.get_toc(), _MANY):
        target = entry.get_dest()
        page = target.get_index() if target is not None else None
        yield Told("bookmark", entry.get_title(), None if page is None else page + 1)


def scripts(document: Any, data: Bytes) -> Iterator[Told]:
    """What scripts say in quotation marks: those of the document, and of its actions."""
    for body in _bodies(data):
        for match in itertools.islice(_ACTIONS.finditer(body), _MANY):
            script = _literal(body[match.end() : match.end() + _MAX_SCRIPT_BYTES])
            yield Told("script", _said(script.decode("latin-1").replace("\\", "")))
    for place in range(min(_MANY, max(0, raw.FPDFDoc_GetJavaScriptActionCount(document.raw)))):
        action = raw.FPDFDoc_GetJavaScriptAction(document.raw, place)
        if not action:
            continue
        source = objects.string(partial(raw.FPDFJavaScriptAction_GetScript, action))
        raw.FPDFDoc_CloseJavaScriptAction(action)
        yield Told("script", _said(source))


def _literal(data: bytes) -> bytes:
    """A string of a PDF, up to the bracket that closes it."""
    depth, escaped = 1, False
    for place, byte in enumerate(data):
        if not escaped:
            depth += (byte == ord("(")) - (byte == ord(")"))
            if not depth:
                return data[:place]
        escaped = byte == ord("\\") and not escaped
    return data


def _said(source: str) -> str:
    return " | ".join(one or other for one, other in _QUOTED.findall(source))


def _bodies(data: Bytes) -> Iterator[Bytes]:
    """The objects of a file, those that are packed into streams too."""
    yield data
    for start in itertools.islice(_PACKED.finditer(data), _MANY):
        unpacked = _inflated(data, start.end())
        if unpacked:
            yield unpacked


def _inflated(data: Bytes, start: int) -> bytes:
    try:
        packed = data[start : start + _MAX_STREAM_BYTES]
        return zlib.decompressobj().decompress(packed, _MAX_STREAM_BYTES)
    except zlib.error:
        return b""


def spoken(page: Any, number: int, items: list[objects.Item]) -> Iterator[Told]:
    """What is read out or copied instead of what is drawn."""
    for text in dict.fromkeys(item.spoken for item in items if item.spoken):
        yield Told("alternative_text", text, number)
    tree = raw.FPDF_StructTree_GetForPage(page.raw)
    if not tree:
        return
    try:
        waiting = [
            raw.FPDF_StructTree_GetChildAtIndex(tree, place)
            for place in range(raw.FPDF_StructTree_CountChildren(tree))
        ]
        for _ in range(_MANY):
            if not waiting:
                break
            element = waiting.pop()
            if not element:
                continue
            for ask in (
                raw.FPDF_StructElement_GetActualText,
                raw.FPDF_StructElement_GetAltText,
                raw.FPDF_StructElement_GetTitle,
            ):
                if text := objects.string(partial(ask, element)):
                    yield Told("alternative_text", text, number)
            for place in range(min(_MANY, raw.FPDF_StructElement_CountChildren(element))):
                waiting.append(raw.FPDF_StructElement_GetChildAtIndex(element, place))
    finally:
        raw.FPDF_StructTree_Close(tree)


def notes(document: Any, page: Any, number: int, is_empty: Any) -> Iterator[tuple[Told, bool]]:
    """Comments and values of fields, and whether the page shows them.

    `is_empty` tells of a box whether nothing is to be seen in it.
    """
    form = document.formenv.raw if document.formenv else None
    for place in range(min(_MANY, raw.FPDFPage_GetAnnotCount(page.raw))):
        handle = raw.FPDFPage_GetAnnot(page.raw, place)
        if not handle:
            continue
        try:
            found = objects.annotation(handle)
            empty = not found.drawn or is_empty(found.parts)
            if found.subtype == raw.FPDF_ANNOT_WIDGET and form:
                ask = partial(raw.FPDFAnnot_GetFormFieldValue, form, handle)
                yield Told("form_field", objects.string(ask), number), not empty
            seen = found.subtype == raw.FPDF_ANNOT_FREETEXT and not empty
            yield Told("comment", found.contents, number), seen
            if found.subtype == raw.FPDF_ANNOT_REDACT:
                text = objects.annotation_string(handle, b"OverlayText")
                yield Told("comment", text, number), True
        finally:
            raw.FPDFPage_CloseAnnot(handle)


def thumbnail(page: Any, number: int, full: Pixels, bars: Any) -> Iterator[Finding]:
    """Bars that the small picture kept of the page does not have."""
    if not bars:
        return
    bitmap = raw.FPDFPage_GetThumbnailAsBitmap(page.raw)
    if not bitmap:
        return
    pixels = np.atleast_3d(pdfium.PdfBitmap.from_raw(bitmap).to_numpy())
    small = Ground(np.broadcast_to(pixels[:, :, :3], (*pixels.shape[:2], 3)))
    now = Ground(full)
    for bar in bars:
        if small.mean(bar) - now.mean(bar) > _LIGHTER:
            yield Finding("thumbnail", number, tuple(bar))


def attachments(
    document: Any, redacted: bool, open_pdf: Callable[[bytes], Any]
) -> Iterator[Finding]:
    """Files inside: nobody who looks at the pages sees them. A note where they are data alone, and
    the document was not redacted."""
    for place in range(min(_MANY, document.count_attachments())):
        attached = document.get_attachment(place)
        name = attached.get_name() or f"attachment-{place + 1}"
        try:
            data = bytes(attached.get_data())
        except pdfium.PdfiumError:
            data = b""
        text = _text_inside(data, open_pdf)
        alarm = redacted or not name.lower().endswith(_DATA)
        yield Finding("attachment", None, None, size(text) or None, alarm, f"{name}: {text}"[:4000])


def _text_inside(data: bytes, open_pdf: Callable[[bytes], Any]) -> str:
    if len(data) > _MAX_ATTACHED_BYTES:
        return ""
    if b"%PDF-" not in data[:1024]:
        try:
            return data.decode()
        except UnicodeDecodeError:
            return ""
    try:
        document = open_pdf(data)
    except Exception:  # whatever is wrong with it: it is attached all the same
        return ""
    try:
        return "\n".join(page_texts(document))
    finally:
        document.close()


def page_texts(document: Any) -> Iterator[str]:
    """The text of every page; empty for one that cannot be opened."""
    for place in range(len(document)):
        try:
            page = document[place]
            textpage = page.get_textpage()
            yield textpage.get_text_range()
            textpage.close()
            page.close()
        except pdfium.PdfiumError:
            yield ""


def is_empty(full: Pixels, canvas: Any) -> Callable[[Any], bool]:
    ground = Ground(full)

    def empty(parts: Any) -> bool:
        boxes = np.array(parts, np.float64).reshape(-1, 4)
        return bool(ground.even(canvas.edges(boxes, shrink=1)).all())

    return empty
