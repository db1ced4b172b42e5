"""Numbers and hostile strings in a form that people can read and nothing can hide in."""

from __future__ import annotations

import html
import unicodedata

_UNITS = ("bytes", "kB", "MB", "GB", "TB", "PB")
# Characters nobody sees, by the names that people who work with text know. Unicode has pictures
# for the first of them, but few fonts do.
_CONTROLS = (
    "NUL SOH STX ETX EOT ENQ ACK BEL BS TAB LF VT FF CR SO SI DLE DC1 DC2 DC3 DC4 NAK SYN ETB CAN "
    "EM SUB ESC FS GS RS US"
)
_NAMES = {
    **dict(enumerate(_CONTROLS.split())), 0x7F: "DEL", 0x85: "NEL",
    0x00A0: "NBSP", 0x00AD: "SHY", 0x061C: "ALM", 0x200B: "ZWSP", 0x200C: "ZWNJ", 0x200D: "ZWJ",
    0x200E: "LRM", 0x200F: "RLM", 0x202A: "LRE", 0x202B: "RLE", 0x202C: "PDF", 0x202D: "LRO",
    0x202E: "RLO", 0x202F: "NNBSP", 0x2060: "WJ", 0x2066: "LRI", 0x2067: "RLI", 0x2068: "FSI",
    0x2069: "PDI", 0xFEFF: "BOM",
}  # fmt: skip
_HIDDEN = frozenset(("Cc", "Cf", "Cs", "Co", "Zl", "Zp"))
_JOINERS = "\u200c\u200d"

_OOXML = "application/vnd.openxmlformats-officedocument."
_ODF = "application/vnd.oasis.opendocument."
MEDIA_NAMES = {
    "application/alto+xml": "ALTO",
    "application/epub+zip": "EPUB book",
    "application/gzip": "Gzip archive",
    "application/json": "JSON",
    "application/jsonl": "JSON Lines",
    "application/mbox": "Mailbox",
    "application/msword": "Word (before 2007)",
    "application/mets+xml": "METS",
    "application/octet-stream": "Unknown content",
    "application/pdf": "PDF",
    "application/rtf": "Rich text",
    "application/tei+xml": "TEI",
    "application/ttml+xml": "TTML subtitles",
    "application/vnd.apache.parquet": "Parquet table",
    "application/vnd.ms-excel": "Excel (before 2007)",
    "application/vnd.ms-excel.sheet.macroEnabled.12": "Excel with macros",
    "application/vnd.ms-outlook": "Outlook message",
    "application/vnd.ms-powerpoint": "PowerPoint (before 2007)",
    "application/vnd.ms-powerpoint.presentation.macroEnabled.12": "PowerPoint with macros",
    "application/vnd.ms-word.document.macroEnabled.12": "Word with macros",
    "application/vnd.prima.page+xml": "PAGE XML",
    "application/vnd.wordperfect": "WordPerfect",
    "application/warc": "Web archive",
    "application/x-elan+xml": "ELAN annotations",
    "application/x-ooxml-protected": "Office (encrypted)",
    "application/x-subrip": "SubRip subtitles",
    f"{_ODF}presentation": "OpenDocument slides",
    f"{_ODF}spreadsheet": "OpenDocument spreadsheet",
    f"{_ODF}text": "OpenDocument text",
    f"{_OOXML}presentationml.presentation": "PowerPoint",
    f"{_OOXML}spreadsheetml.sheet": "Excel",
    f"{_OOXML}wordprocessingml.document": "Word",
    "application/xhtml+xml": "Web page (XHTML)",
    "application/xml": "XML",
    "application/zip": "Zip archive",
    "audio/mpeg": "MP3 audio",
    "image/jpeg": "JPEG image",
    "image/jp2": "JPEG 2000 image",
    "image/png": "PNG image",
    "image/svg+xml": "SVG image",
    "image/tiff": "TIFF image",
    "inode/x-empty": "Empty file",
    "message/rfc822": "Email",
    "text/csv": "CSV table",
    "text/html": "Web page",
    "text/markdown": "Markdown",
    "text/plain": "Plain text",
    "text/praat-textgrid": "Praat TextGrid",
    "text/tab-separated-values": "TSV table",
    "text/vnd.hocr+html": "hOCR",
    "text/vtt": "WebVTT subtitles",
    "text/x-lrc": "LRC lyrics",
    "text/x-microdvd": "MicroDVD subtitles",
    "text/x-nist-ctm": "NIST CTM",
    "text/x-nist-stm": "NIST STM",
    "text/x-sbv": "SBV subtitles",
    "text/x-ssa": "SubStation subtitles",
    "text/x-transcript": "Transcript",
    "unknown": "Unknown",
}
_FAMILIES = ("audio", "video", "image", "text", "font")


def media_name(media_type: str) -> str:
    """``PDF`` for ``application/pdf``; the type itself where nobody has a better name."""
    if name := MEDIA_NAMES.get(media_type):
        return name
    family, _, kind = media_type.partition("/")
    if family in _FAMILIES and kind:
        kind = kind.removeprefix("x-").removeprefix("ms-")
        return f"{kind.upper() if len(kind) <= 5 else kind.capitalize()} {family}"
    return media_type or "Unknown"


def count(number: int) -> str:
    return f"{number:,}"


def counted(number: int, noun: str) -> str:
    """``1 file``, ``2,000 files``."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def size(number: float) -> str:
    """Bytes in decimal units: ``812 bytes``, ``1.9 GB``."""
    value, unit = float(number), 0
    # 999,950 would be written 1000.0 kB.
    while value >= (1000 if unit == 0 else 999.95) and unit < len(_UNITS) - 1:
        value, unit = value / 1000, unit + 1
    if unit == 0:
        return f"{value:,.0f} {'byte' if value == 1 else 'bytes'}"
    return f"{value:,.1f} {_UNITS[unit]}"


def seconds(value: float, most: float | None = None) -> str:
    """``0.042``, ``12.4``, ``1,204``; in a table, as precise for all as `most` deserves."""
    most = value if most is None else most
    digits = 0 if most >= 1000 else 1 if most >= 10 else 2 if most >= 0.1 else 3
    return f"{value:,.{digits}f}"


def duration(value: float) -> str:
    """``0.42 s``, ``12.4 s``, ``3 min 12 s``, ``2 h 5 min``."""
    if value < 59.95:
        return f"{seconds(max(value, 0.0))} s"
    whole = round(value)
    minutes, rest = divmod(whole, 60)
    if minutes < 60:
        return f"{minutes} min {rest} s"
    return f"{minutes // 60:,} h {minutes % 60} min"


def rate(value: float) -> str:
    """A number per second: two digits while it is small."""
    return f"{value:,.0f}" if value >= 10 else f"{value:.2g}"


def share(part: float, whole: float) -> str:
    """Percent; neither nothing nor everything unless it is exactly that."""
    if not whole:
        return "-"
    percent = 100 * part / whole
    if 0 < percent < 0.05:
        return "<0.1%"
    if 99.95 <= percent < 100:
        return ">99.9%"
    return f"{percent:.1f}%" if 0 < percent < 100 else f"{percent:.0f}%"


def share_html(part: float, whole: float) -> str:
    """`share`, for HTML."""
    return html.escape(share(part, whole))


def change(before: int, after: int) -> str:
    """``+12`` or ``-1,204`` (with a real minus sign)."""
    return f"{after - before:+,}".replace("-", "\u2212") if after != before else "0"


def cut(text: str, length: int) -> str:
    """The beginning of `text`."""
    return text if len(text) <= length else text[: length - 1] + "…"


def cut_middle(text: str, length: int) -> str:
    """The beginning and the end of `text`: a path is known by both."""
    if len(text) <= length:
        return text
    tail = length // 3
    return f"{text[: length - tail - 1]}…{text[-tail:]}"


def visible(text: str) -> str:
    """`text` in plain characters, ``<ESC>`` for a control or any other that cannot be seen."""
    if text.isprintable():
        return text
    return "".join(f"<{symbol}>" if symbol else char for char, symbol in _symbols(text))


def escaped(text: str, *, lines: bool = False, spaces: bool = False) -> str:
    """`text` as HTML; what cannot be seen becomes a mark that can.

    With `lines` a line break also breaks the line; with `spaces` unusual spaces are marked too.
    """
    if text.isprintable() and not spaces:
        return html.escape(text)
    parts = []
    for char, symbol in _symbols(text, spaces):
        if char == "\n" and lines:
            parts.append('<span class="ctl">↵</span>\n')
        elif symbol:
            parts.append(f'<span class="ctl">{symbol}</span>')
        else:
            parts.append(html.escape(char))
    return "".join(parts)


def _symbols(text: str, spaces: bool = False) -> list[tuple[str, str | None]]:
    return [(char, _symbol(text, i, char, spaces)) for i, char in enumerate(text)]


def _symbol(text: str, i: int, char: str, spaces: bool) -> str | None:
    code = ord(char)
    if char in _JOINERS and _joins(text, i):
        return None
    category = unicodedata.category(char)
    if category in _HIDDEN or (category == "Zs" and spaces and char != " ") or _nothing(code):
        return _NAMES.get(code, f"U+{code:04X}")
    return None


def _joins(text: str, i: int) -> bool:
    """Whether a joiner stands where scripts and emoji need one: between two such characters."""
    before, after = text[i - 1 : i], text[i + 1 : i + 2]
    needed = ("Lo", "Mn", "Mc", "So", "Sk")
    return bool(before and after) and all(
        unicodedata.category(char) in needed for char in (before, after)
    )


def _nothing(code: int) -> bool:
    """The 66 code points that are no character in Unicode, nor allowed in HTML."""
    return code & 0xFFFE == 0xFFFE or 0xFDD0 <= code <= 0xFDEF


def columns(text: str) -> int:
    """How wide `text` is in a terminal."""
    return sum(
        0 if unicodedata.combining(char) else 2 if unicodedata.east_asian_width(char) in "WF" else 1
        for char in text
    )


def fit(text: str, width: int) -> str:
    """`text` for one line of a terminal, at most `width` columns."""
    text = visible(text[: 8 * width])
    if columns(text) <= width:
        return text
    while columns(text) > width - 3:
        text = text[:-1]
    return text + "..."
