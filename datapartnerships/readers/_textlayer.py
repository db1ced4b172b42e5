"""Whether the text layer of a page is its text, or the page has to be recognized."""

from __future__ import annotations

from datapartnerships.kernels.legible import illegible, misread_share

# A scan with a stamp over it has fewer characters than this on a page that is all image. The
# shares and counts are those that told scans apart among 172 pages of court PDFs.
STAMP_CHARACTERS = 250
WHOLE_PAGE = 0.8
ILLUSTRATION = 0.2
# Of the words of an earlier OCR, how many may have misread letters that show. Pages that were read
# lying on their side have 27 in 100, real prose at most 3. What does not show is not found: an
# engine that guesses words was wrong in 2 to 65 of 100 characters, and left no trace.
MAX_MISREAD = 0.12
# Paths on a page of few characters that make it likely that its text was turned into outlines.
MANY_PATHS = 300


def why_ocr(text: str, image_share: float = 0.0, paths: int = 0) -> str | None:
    """Why a page has to be recognized; None where its text layer is its text.

    `text` is the text layer, `image_share` the part of the page that images cover, `paths` the
    number of lines and curves drawn on it. A page without text, images and drawings is blank.
    """
    length = len(text.strip())
    if length < STAMP_CHARACTERS:
        if image_share >= WHOLE_PAGE and length:
            return f"a scan, its text layer is a stamp of {length} characters"
        if paths >= MANY_PATHS:
            return f"its text seems to be drawn: {paths:,} paths, {length} characters"
        if not length:
            return "no text layer" if image_share >= ILLUSTRATION else None
    if reason := illegible(text):
        return f"its text layer is illegible: {reason}"
    if image_share >= WHOLE_PAGE and (share := misread_share(text)) > MAX_MISREAD:
        return f"a scan, {share:.0%} of the words of its earlier OCR are misread"
    return None
