"""XML and HTML formats of libraries, editors and subtitles, told by their root element."""

from __future__ import annotations

import re

ALTO = "application/alto+xml"
METS = "application/mets+xml"
TEI = "application/tei+xml"
# As OCR-D names it; it has no registered type.
PAGE = "application/vnd.prima.page+xml"
HOCR = "text/vnd.hocr+html"
TTML = "application/ttml+xml"
# As the program's own schema is named; it has no registered type.
EAF = "application/x-elan+xml"

_ROOTS = {
    "alto": ALTO,
    "ALTO": ALTO,
    "mets": METS,
    "PcGts": PAGE,
    "TEI": TEI,
    "TEI.2": TEI,
    "teiCorpus": TEI,
    "teiCorpus.2": TEI,
    "tt": TTML,
    "ANNOTATION_DOCUMENT": EAF,
}
# Declaration, comments, processing instructions and document type before the root.
_LEAD = re.compile(
    r"\s*(?:(?:<\?.*?\?>|<!--.*?-->|<!DOCTYPE[^\[>]*(?:\[[^\]]*\]\s*)?>)\s*)*", re.S | re.I
)
_ROOT = re.compile(r"<(?:[\w.-]+:)?([\w.-]+)(?=[\s/>])")
_HOCR = re.compile(
    r"""class\s*=\s*["'](?:[^"'<>]*\s)?ocr_page\b|name\s*=\s*["']ocr-(?:system|capabilities)["']""",
    re.I,
)


def dialect(text: str) -> str:
    """The media type of the format that a file beginning with `text` is in, or ""."""
    lead = _LEAD.match(text)
    root = _ROOT.match(text, lead.end() if lead else 0)
    if root is None:
        return ""
    name = root[1]
    if name.lower() == "html" or name.lower() in ("head", "body", "div"):
        return HOCR if _HOCR.search(text) else ""
    return _ROOTS.get(name, "")
