"""A second look at what was scrubbed, by other means than the scrubbers'."""

from __future__ import annotations

import io
import re
import zipfile

from datapartnerships.containers import _remux
from datapartnerships.errors import DocumentError

# In any part of an office document: what must be gone, as bytes.
_FORBIDDEN = re.compile(
    rb"<w:(?:ins|del|moveFrom|moveTo|comment\w*|rsids?|vanish/)[ />]"
    rb"|<w:instrText[^>]*>(?!\s*(?:NUM|SECTION)?PAGES?\b)"
    rb"|<w:fldSimple w:instr=\"(?!\s*(?:NUM|SECTION)?PAGES?\b)"
    rb"|\sw:rsid\w*=|<office:annotation|<text:tracked-changes|<office:meta[ >]|<!--"
    rb"|state=\"(?:veryH|h)idden\"|TargetMode=\"External\"|<c:externalData|<dc:creator"
)
_HEIF = ("image/heic", "image/avif")
_PARTS = re.compile(
    r"docProps/|customXml/|.*comments|.*people\.xml|.*printerSettings|.*embeddings/|.*vbaProject"
    r"|.*externalLink|.*notesSlide|meta\.xml|settings\.xml$|Thumbnails/|Basic/|Versions/",
    re.I,
)


def check(old: bytes, new: bytes, media_type: str) -> None:
    """`DocumentError` where something is left, or where the picture or the sound is another."""
    if found := left(new, media_type):
        raise DocumentError("something is left after scrubbing", ", ".join(found))
    if not _same(old, new, media_type):
        raise DocumentError("scrubbing would change the content", media_type)


def left(new: bytes, media_type: str) -> list[str]:
    """Kinds of what hides in a file all the same."""
    if media_type.startswith("image/"):
        from datapartnerships._backends.pillow import hidden_in

        return hidden_in(new, heic=media_type in _HEIF)
    if media_type == "application/pdf":
        from datapartnerships._backends.pypdfium2 import hidden_in as hidden_in_pdf

        return hidden_in_pdf(new)
    if media_type.startswith(("audio/", "video/")):
        return _remux.left(new)
    return _office(new)


def _same(old: bytes, new: bytes, media_type: str) -> bool:
    if media_type.startswith("image/"):
        from datapartnerships._backends.pillow import same_pixels

        return same_pixels(old, new, heic=media_type in _HEIF)
    if media_type == "application/pdf":
        from datapartnerships._backends.pypdfium2 import pages

        return pages(old) == pages(new)
    if media_type.startswith(("audio/", "video/")):
        return _remux.same(old, new, media_type)
    return True


def _office(new: bytes) -> list[str]:
    found = set[str]()
    with zipfile.ZipFile(io.BytesIO(new)) as archive:
        if archive.comment:
            found.add("comment of the archive")
        for info in archive.infolist():
            if info.extra or info.comment:
                found.add("fields of the archive")
            if _PARTS.match(info.filename) and not info.filename.endswith("word/settings.xml"):
                found.add("parts")
            if info.filename.endswith((".xml", ".rels")) and (
                match := _FORBIDDEN.search(archive.read(info))
            ):
                found.add(match[0].decode("latin-1").strip(" <>/"))
    return sorted(found)
