"""Recordings with pictures: their sound, and frames where they are asked for."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from datapartnerships._backends._recording import Picture
from datapartnerships.errors import InvalidParameter
from datapartnerships.ocr import Ocr, recognize
from datapartnerships.readers._recording import RecordingReader
from datapartnerships.schema import Segment


@dataclass(frozen=True, kw_only=True)
class VideoReader(RecordingReader):
    """Reads the sound of videos: one document each, of kind ``video``.

    MP4, MOV, Matroska, WebM, AVI, MPEG, transport streams, WMV, FLV, MXF and RealVideo. The
    metadata are those of `AudioReader`, and `video_codec`, `width`, `height` and `frame_rate`.
    A video without sound is rejected, unless its frames are asked for.

    Attributes:
        frames: seconds between two frames, at least: each becomes a segment of kind ``frame``
            with its time. Only frames at which the encoder began anew (mostly, where the picture
            changed) and that do not look like the last one. 0 gives none.
        ocr: engines and languages for what is written on the frames; its text is that of the
            segment. None leaves it empty.
    """

    frames: float = 0.0
    ocr: Ocr | None = None

    version = 1
    keeps = (
        "utterances with times, channel as speaker, language, confidence and words; music, silence "
        "and applause; fingerprint; tags, chapters, length and levels of the sound"
        "; frames with what is written on them"
    )
    media_types = frozenset({
        "video/mp4", "video/quicktime", "video/matroska", "video/webm", "video/vnd.avi",
        "video/mpeg", "video/mp2t", "video/x-ms-wmv", "video/x-ms-asf", "video/x-flv",
        "video/3gpp", "video/ogg", "video/vnd.rn-realvideo", "application/mxf",
    })  # fmt: skip
    suffixes = (
        ".mp4", ".m4v", ".mov", ".mkv", ".webm", ".avi", ".mpg", ".mpeg", ".vob", ".ts", ".mts",
        ".m2ts", ".wmv", ".asf", ".flv", ".f4v", ".3gp", ".3g2", ".ogv", ".rm", ".rmvb", ".mxf",
    )  # fmt: skip

    def __post_init__(self) -> None:
        super().__post_init__()
        if not isinstance(self.frames, int | float) or not self.frames >= 0:
            raise InvalidParameter(self, "frames", "a number of seconds, 0 for none", self.frames)
        if self.ocr is not None and not isinstance(self.ocr, Ocr):
            raise InvalidParameter(self, "ocr", "an Ocr, or None", self.ocr)

    @property
    def every_s(self) -> float:
        return self.frames

    def frame_segments(self, picture: Picture) -> Iterator[Segment]:
        frame = Segment("", "frame", start_s=picture.second, end_s=picture.second)
        if self.ocr is not None:
            page = recognize(picture.pixels, self.ocr)
            if page.lines:
                frame.text = page.text
                frame.confidence = page.confidence
                frame.origin = page.origin("a frame of a video")
        yield frame
