"""What a file is, from its content; its name decides only between what the content allows."""

from __future__ import annotations

import codecs
import json
import re
from collections import Counter

from datapartnerships.readers import _containers, _magic
from datapartnerships.readers._crawlbytes import begins_crawl
from datapartnerships.readers._dialects import EAF, HOCR, TEI, TTML, dialect
from datapartnerships.readers._nistlines import CTM, STM, STM_LINE
from datapartnerships.readers._script import TRANSCRIPT, turns_of
from datapartnerships.readers._source import Source
from datapartnerships.readers._subtitleformats import ASS, LRC, SBV, SUBRIP, VTT, subtitle_format

HEAD_BYTES = 8192
# A first line of JSON Lines may be a whole book.
_LONG_LINE = 1 << 20

HTML = "text/html"
XHTML = "application/xhtml+xml"
XML = "application/xml"
JSON = "application/json"
JSON_LINES = "application/jsonl"
EML = "message/rfc822"
MBOX = "application/mbox"
CSV = "text/csv"
TSV = "text/tab-separated-values"
MARKDOWN = "text/markdown"
TEXT = "text/plain"
WARC = "application/warc"
TEXTGRID = "text/praat-textgrid"
EMPTY = "inode/x-empty"

# What a suffix makes of content that is text. Content that says otherwise is asked first.
_TEXT_SUFFIXES = {
    ".jsonl": JSON_LINES,
    ".ndjson": JSON_LINES,
    ".json": JSON,
    ".csv": CSV,
    ".tsv": TSV,
    ".tab": TSV,
    ".md": MARKDOWN,
    ".markdown": MARKDOWN,
    ".eml": EML,
    ".mbox": MBOX,
    ".mbx": MBOX,
    ".html": HTML,
    ".htm": HTML,
    ".xhtml": XHTML,
    ".xml": XML,
    ".tei": TEI,
    ".hocr": HOCR,
    ".svg": "image/svg+xml",
    ".rtf": "application/rtf",
    ".srt": SUBRIP,
    ".vtt": VTT,
    ".sbv": SBV,
    ".ass": ASS,
    ".ssa": ASS,
    ".lrc": LRC,
    ".ttml": TTML,
    ".dfxp": TTML,
    ".itt": TTML,
    ".eaf": EAF,
    ".stm": STM,
    ".ctm": CTM,
    ".textgrid": TEXTGRID,
}
# What a suffix makes of a container whose own directory cannot be read.
_OOXML = "application/vnd.openxmlformats-officedocument."
_ZIP_SUFFIXES = {
    ".docx": _OOXML + "wordprocessingml.document",
    ".dotx": _OOXML + "wordprocessingml.document",
    ".docm": "application/vnd.ms-word.document.macroEnabled.12",
    ".xlsx": _OOXML + "spreadsheetml.sheet",
    ".xlsm": "application/vnd.ms-excel.sheet.macroEnabled.12",
    ".pptx": _OOXML + "presentationml.presentation",
    ".pptm": "application/vnd.ms-powerpoint.presentation.macroEnabled.12",
    ".odt": "application/vnd.oasis.opendocument.text",
    ".ods": "application/vnd.oasis.opendocument.spreadsheet",
    ".odp": "application/vnd.oasis.opendocument.presentation",
    ".epub": "application/epub+zip",
}
_OLE_SUFFIXES = {
    ".doc": "application/msword",
    ".dot": "application/msword",
    ".xls": "application/vnd.ms-excel",
    ".ppt": "application/vnd.ms-powerpoint",
    ".msg": "application/vnd.ms-outlook",
}
# Formats that share one container: the suffix says which of them the container holds.
_SAME_CONTAINER = {
    ("video/x-ms-asf", ".wma"): "audio/x-ms-wma",
    ("video/x-ms-asf", ".wmv"): "video/x-ms-wmv",
    ("audio/ogg", ".ogv"): "video/ogg",
    ("video/matroska", ".mka"): "audio/matroska",
    ("video/mp4", ".m4a"): "audio/mp4",
}

_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_CONTROLS = bytes(set(range(32)) - {9, 10, 11, 12, 13, 26, 27}) + b"\x7f"
_MARKUP = re.compile(r"\s*(?:<\?xml[^>]*>\s*)?(?:<!--.*?-->\s*|<\?.*?\?>\s*)*", re.S)
_HTML_TAG = re.compile(
    r"<(?:!doctype\s+html|html|head|body|title|meta|link|script|style|base|center|font|table|div"
    r"|span|frameset|h[1-6]|p|a|b|i|ul|ol|hr|br|pre|article|section)[\s>/]",
    re.I,
)
_STRONG_HTML = re.compile(r"<(?:!doctype\s+html|html|head|body)[\s>]", re.I)
_XML_TAG = re.compile(r"<(?:!DOCTYPE\s|[A-Za-z_][\w:.-]*(?:\s+[\w:.-]+\s*=|\s*/?>))")
_HEADER = re.compile(r"([A-Za-z][A-Za-z0-9-]*):(?:[ \t]|\r?\n|$)")
# Headers that programs write; people who begin a memo with From, To and Date write none of them.
_MACHINE_HEADERS = frozenset({
    "received", "return-path", "delivered-to", "message-id", "mime-version", "content-type",
    "dkim-signature", "x-mailer", "x-originating-ip", "x-received", "arc-seal", "in-reply-to",
    "references", "x-gm-thrid",
})  # fmt: skip
_MBOX = re.compile(r"From \S+.*\b\d\d?:\d\d(?::\d\d)?\b.*\d{4}\s*$|From \S+ +\S+.*\d{4}", re.M)


def media_type(source: Source, name: str = "") -> str:
    """The media type of `source`.

    `name` stands for the name of the source where that says nothing of the content: the name
    without ``.gz``, say. Content that fits nothing known is ``application/octet-stream``.
    """
    name = (name or source.name).lower()
    suffix = name[name.rfind(".") :] if "." in name else ""
    with source.open() as stream:
        head = stream.read(HEAD_BYTES)
        if not head:
            return EMPTY
        if head[:4] in (b"PK\3\4", b"PK\5\6", b"PK\7\x08"):
            found = _magic.zip_type(stream, head) if stream.seekable() else ""
            return found or _ZIP_SUFFIXES.get(suffix, _magic.ZIP)
        if head[:8] == b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1":
            found = _magic.ole_type(stream, head) if stream.seekable() else _magic.OLE2
            return _OLE_SUFFIXES.get(suffix, found) if found == _magic.OLE2 else found
        if _is_crawl(head, name):
            return WARC
        found = _magic.binary_type(head) or _containers.sound_type(head)
        if found:
            streams = _containers.streams_type(found, head, stream)
            return streams or _SAME_CONTAINER.get((found, suffix), found)
        text = _as_text(head, suffix)
        if text is None:
            found = _magic.weak_type(head)
            return _containers.late_sound_type(head) or found if found == _magic.UNKNOWN else found
        if text.lstrip()[:1] == "{" and "\n" not in text.strip() and len(head) == HEAD_BYTES:
            text += stream.read(_LONG_LINE).decode("utf-8", "replace")
    return _text_type(text, suffix)


def _is_crawl(head: bytes, name: str) -> bool:
    """A web archive, in gzip or not; one whose first record is damaged is so by its name too."""
    if begins_crawl(head):
        return True
    if name.endswith((".warc.gz", ".arc.gz")):
        return head.startswith(b"\x1f\x8b\x08")
    return name.endswith(".warc") and b"WARC-Type:" in head


def _as_text(head: bytes, suffix: str) -> str | None:
    """The head as text, roughly: all that is asked of it is what kind of text it is."""
    for mark, encoding in _BOMS:
        if head.startswith(mark):
            return head[len(mark) :].decode(_byte_order(mark, encoding), "replace")
    if 0 in head and (wide := wide_encoding(head)):
        return head.decode(wide, "replace")
    controls = len(head) - len(head.translate(None, _CONTROLS))
    # A table with a few stray zero bytes is still a table; an unnamed file with them is not text.
    if controls > len(head) // (50 if suffix in _TEXT_SUFFIXES or suffix == ".txt" else 500) + 1:
        return None
    return head.decode("utf-8", "replace")


def _byte_order(mark: bytes, encoding: str) -> str:
    if encoding == "utf-8":
        return encoding
    little = mark in (codecs.BOM_UTF16_LE, codecs.BOM_UTF32_LE)
    return encoding + ("-le" if little else "-be")


def wide_encoding(head: bytes) -> str:
    """UTF-16 or UTF-32 without a mark, by where its zero bytes are; "" when it is neither."""
    sample = head[: len(head) // 4 * 4][:4096]
    if len(sample) < 4:
        return ""
    share = [sample[i::4].count(0) * 4 / len(sample) for i in range(4)]
    if share[0] > 0.99 and share[1] > 0.9 and share[3] < 0.1:
        return "utf-32-be"
    if share[3] > 0.99 and share[2] > 0.9 and share[0] < 0.1:
        return "utf-32-le"
    even, odd = (share[0] + share[2]) / 2, (share[1] + share[3]) / 2
    # Both halves of a code unit are never zero in text; the upper one is zero in all of ASCII,
    # and one of few numbers in any alphabet.
    if odd > 0.03 and even < 0.02 and _few(sample[1::2]):
        return "utf-16-le"
    if even > 0.03 and odd < 0.02 and _few(sample[0::2]):
        return "utf-16-be"
    return ""


def _few(upper: bytes) -> bool:
    common = sum(count for _, count in Counter(upper).most_common(4))
    return common > 0.95 * len(upper)


def _text_type(text: str, suffix: str) -> str:
    if not text.strip():
        return _TEXT_SUFFIXES.get(suffix, TEXT)
    if text.startswith("From ") and suffix != ".eml" and _MBOX.match(text):
        return MBOX
    if _is_email(text, suffix):
        return EML
    first = text.lstrip()[0]
    if first == "<":
        found = _markup_type(text, suffix)
        if found:
            return found
    if first in "{[" and suffix not in (".csv", ".tsv", ".md", ".markdown"):
        found = _json_type(text.lstrip(), suffix)
        if found:
            return found
    return _speech_type(text, suffix) or _TEXT_SUFFIXES.get(suffix, TEXT)


def _speech_type(text: str, suffix: str) -> str:
    """Subtitles and transcripts of speech, or ""."""
    if suffix in (".md", ".markdown", ".csv", ".tsv", ".tab"):
        return ""
    if '"TextGrid"' in text[:200] and "ooTextFile" in text[:200]:
        return TEXTGRID
    if found := subtitle_format(text, suffix):
        return found
    if suffix not in ("", ".txt", ".text"):
        return ""
    if _is_stm(text):
        return STM
    return TRANSCRIPT if _is_transcript(text) else ""


def _is_stm(text: str) -> bool:
    """A file of another name must have the label, which is optional, in all of its lines."""
    lines = [line for line in text.split("\n")[:-1] if line.strip() and line[:2] != ";;"][:50]
    if len(lines) < 3:
        return False
    return all((found := STM_LINE.fullmatch(line.strip())) and found[6] for line in lines)


def _is_transcript(text: str) -> bool:
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    # Cut off within a line, where the file goes on.
    if len(text) >= HEAD_BYTES // 4 and "\n" in text:
        text = text[: text.rfind("\n")]
    return turns_of(text) is not None


def _markup_type(text: str, suffix: str) -> str:
    lead = _MARKUP.match(text)
    root = lead.end() if lead else 0
    declared = text.lstrip()[:5].lower() == "<?xml"
    if suffix not in (".md", ".markdown", ".txt") and (found := dialect(text)):
        return found
    if _STRONG_HTML.match(text, root) or _STRONG_HTML.match(text.lstrip()):
        return XHTML if declared else HTML
    if suffix in (".md", ".markdown", ".txt"):
        return ""
    if text[root : root + 4].lower() == "<svg":
        return "image/svg+xml"
    if declared:
        return XHTML if suffix == ".xhtml" else XML
    if suffix in (".html", ".htm", ".xhtml", ".xml"):
        return _TEXT_SUFFIXES[suffix]
    if _HTML_TAG.match(text, root):
        return HTML
    if _STRONG_HTML.search(text):
        return HTML
    return XML if _XML_TAG.match(text, root) else ""


def _json_type(text: str, suffix: str) -> str:
    line, _, rest = text.partition("\n")
    try:
        value = json.loads(line)
    except (ValueError, RecursionError):
        if suffix in (".jsonl", ".ndjson"):
            return JSON_LINES
        return JSON if suffix == ".json" or re.match(r'[{\[]\s*["{\[\]}]', text) else ""
    if not isinstance(value, dict):
        return JSON_LINES if suffix in (".jsonl", ".ndjson") else JSON
    # One object on one line is both; more lines after it are JSON Lines whatever the name says.
    return JSON if suffix == ".json" and not rest.strip() else JSON_LINES


def _is_email(text: str, suffix: str) -> bool:
    """Whether `text` begins with a block of RFC 822 headers."""
    names: list[str] = []
    for number, line in enumerate(text.split("\n", 60)[:60]):
        if not line.strip():
            break
        if number == 0 and line.startswith("From "):
            continue
        if line[0] in " \t" and names:
            continue
        found = _HEADER.match(line)
        if not found:
            if suffix != ".eml":
                return False
            break
        names.append(found[1].lower())
    if suffix == ".eml":
        return bool(names)
    return len(names) >= 2 and not _MACHINE_HEADERS.isdisjoint(names)
