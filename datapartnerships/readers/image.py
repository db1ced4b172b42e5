"""Pictures of pages: their text by OCR, with its place."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from datapartnerships import _apart
from datapartnerships.errors import DocumentError, InvalidParameter
from datapartnerships.ocr import Ocr, recognize_pages
from datapartnerships.readers import _blocks
from datapartnerships.readers._base import FileReader
from datapartnerships.readers._blocks import page_ranges
from datapartnerships.readers._pages import LaidOut, counts_lines, document_blocks
from datapartnerships.readers._source import Source
from datapartnerships.schema import Document

if TYPE_CHECKING:
    from datapartnerships._backends.pillow import Frame

# Pixels to an inch where the picture does not say.
_DPI = 300.0


@dataclass(frozen=True, kw_only=True)
class ImageReader(FileReader):
    """Reads the text of pictures: photographs and scans of pages, one document for each file.

    A segment is a heading, paragraph or table, with its box and how sure the engine is of it; they
    come and are told as by `PdfReader`. The pages of a TIFF are the pages of one document. EXIF
    says how a photograph is to be turned; nothing else of it is kept. A picture without text is
    rejected as ``no text found``. A page that is damaged is named in ``metadata["pages_damaged"]``,
    and, where nothing could be had of it, rejected besides.

    Attributes:
        ocr: engines and languages: ``Ocr(languages=("is",))``.
    """

    ocr: Ocr = Ocr()

    version = 2
    keeps = "headings, paragraphs and tables as recognized, with page, box and confidence"
    media_types = frozenset({
        "image/jpeg", "image/png", "image/tiff", "image/webp", "image/jp2", "image/heic",
        "image/bmp", "image/gif",
    })  # fmt: skip
    suffixes = (
        ".jpg", ".jpeg", ".png", ".tif", ".tiff", ".webp", ".jp2", ".j2k", ".heic", ".heif",
        ".bmp", ".gif",
    )  # fmt: skip
    isolated = True

    def __post_init__(self) -> None:
        super().__post_init__()
        if not isinstance(self.ocr, Ocr):
            raise InvalidParameter(self, "ocr", "an Ocr", self.ocr)

    def parse(self, source: Source) -> Iterator[Document]:
        from datapartnerships._backends.pillow import frames

        data = source.read(self.limits)
        heic = source.media_type == "image/heic" or data[4:8] == b"ftyp"
        sound: dict[int, Frame] = {}
        lost: list[str] = []
        damaged: list[int] = []

        def pictures() -> Iterator[tuple[int, Any]]:
            for number, frame in enumerate(frames(data, heic=heic), 1):
                if frame.error:
                    damaged.append(number)
                if frame.image is None:
                    lost.append(f"page {number}: {frame.error}")
                    continue
                sound[number] = replace(frame, image=frame.image.size)
                yield number, frame.image

        pages: list[LaidOut] = []
        notes: list[str] = []
        for number, page in recognize_pages(pictures(), self.ocr):
            _apart.alive()
            notes.append(page.reason)
            found = page.blocks(points=72 / (sound[number].dpi or _DPI))
            pages.append(LaidOut(number, found, page.origin("an image")))
        count = len(sound) + len(lost)
        segments = _blocks.segments(document_blocks(pages))
        if segments:
            yield source.document(
                self,
                segments,
                kind="image",
                data=data,
                metadata=_metadata(next(iter(sound.values())), count, pages, damaged),
            )
        if lost:
            raise DocumentError("damaged image", f"{len(lost)} of {count} pages; {lost[0]}")
        if not segments and damaged:
            detail = f"{len(damaged)} of {count} pages are damaged, and none has text"
            raise DocumentError("damaged image", detail)
        if not segments:
            raise DocumentError("no text found", next(iter(notes), ""))


def _metadata(
    first: Frame, count: int, pages: Sequence[LaidOut], damaged: list[int]
) -> dict[str, str]:
    width, height = first.image
    metadata = {"width": str(width), "height": str(height), "pages": str(count)}
    if first.dpi:
        metadata["dpi"] = f"{first.dpi:g}"
    for key, numbers in {
        "pages_with_line_numbers": [p.number for p in pages if any(map(counts_lines, p.blocks))],
        "pages_without_text": [page.number for page in pages if not page.blocks],
        "pages_damaged": damaged,
    }.items():
        if numbers:
            metadata[key] = page_ranges(numbers)
    return metadata
