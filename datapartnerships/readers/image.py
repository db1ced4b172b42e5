"""Pictures of pages: their text by OCR, with its place."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from datapartnerships.errors import DocumentError, InvalidParameter
from datapartnerships.ocr import Ocr, recognize
from datapartnerships.readers import _isolation
from datapartnerships.readers._base import FileReader
from datapartnerships.readers._source import Source
from datapartnerships.schema import Document, Segment


@dataclass(frozen=True, kw_only=True)
class ImageReader(FileReader):
    """Reads the text of pictures: photographs and scans of pages, one document for each file.

    A segment is a paragraph, with its box and how sure the engine is of it. The pages of a TIFF
    are the pages of one document. EXIF says how a photograph is to be turned; nothing else of
    it is kept. A picture without text is rejected as ``no text found``.

    Attributes:
        ocr: engines and languages: ``Ocr(languages=("is",))``.
    """

    ocr: Ocr = Ocr()
    # A page takes seconds: shards of the usual size would leave workers without any.
    shard_bytes: int = 8 << 20

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
        segments: list[Segment] = []
        metadata: dict[str, str] = {}
        damaged: list[str] = []
        count, notes = 0, ""
        for count, frame in enumerate(frames(data, heic=heic), 1):
            if frame.image is None:
                damaged.append(f"page {count}: {frame.error}")
                continue
            if not metadata:
                metadata["width"], metadata["height"] = map(str, frame.image.size)
                if frame.dpi:
                    metadata["dpi"] = f"{frame.dpi:g}"
            page = recognize(frame.image, self.ocr)
            notes = notes or page.reason
            segments += page.segments(page=count, why="an image")
            _isolation.alive()
        if segments:
            metadata["pages"] = str(count)
            yield source.document(self, segments, kind="image", data=data, metadata=metadata)
        if damaged:
            detail = f"{len(damaged)} of {count} pages; {damaged[0]}"
            raise DocumentError("damaged image", detail)
        if not segments:
            raise DocumentError("no text found", notes)
