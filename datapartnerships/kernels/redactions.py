"""What an audit of a PDF finds: text that is there and is not seen, and what may repeat it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

# Where a reader leaves what it found, among the metadata of a document; and why it found nothing.
KEY = "redactions"
ERROR_KEY = "redactions_error"
# The kinds, by what hides the text, with what is said of them.
KINDS = {
    "rectangle": "text under a filled rectangle",
    "polygon": "text under a filled shape",
    "line": "text under a thick line",
    "shading": "text under a shading",
    "image": "text under a picture of one color, or where a picture is black",
    "block_characters": "text under characters that are blocks",
    "annotation": "text under an annotation that covers it",
    "unapplied_redaction": "text marked for redaction, which was never applied",
    "same_color": "text in the color of its ground, or transparent",
    "invisible_text": "invisible text where the page is black, or where it has no picture",
    "outside_page": "text outside the part of the page that is shown",
    "clipped": "text that is clipped away",
    "hidden_layer": "text in a layer that is switched off",
    "covered_scan": "part of a scan under a box",
    "earlier_revision": "text of an earlier revision, gone from the last",
    "metadata": "properties of the document",
    "bookmark": "entries of the outline",
    "form_field": "values of form fields",
    "script": "scripts",
    "comment": "contents of annotations",
    "alternative_text": "alternative or actual text",
    "thumbnail": "a small picture of the page as it was",
    "attachment": "attached files",
}  # fmt: skip
# What a layout does too.
_LIGHT = frozenset(
    {"rectangle", "polygon", "line", "shading", "image", "same_color", "invisible_text"}
    | {"outside_page", "clipped", "hidden_layer"}
)
# Where a document says it was redacted.
REDACTED = re.compile(
    r"[\[(<]\s*(?i:redact)|\bREDACTED\b|\(b\)\s?\(\d|[\u2586-\u2588\u25a0\u25ac\u25ae\u2b1b]{3}"
)
BLOCKS = frozenset("\u2586\u2587\u2588\u25a0\u25ac\u25ae\u2b1b")
_WORD = re.compile(r"[^\W_]+")
_FILE = re.compile(r"\.(docx?|pdf|indd|wpd|rtf|odt|xlsx?|pptx?|tex|qxd)\b", re.I)
# What programs write into properties, and words that documents are called by.
_USUAL = frozenset({
    "untitled", "anonymous", "unspecified", "microsoft", "word", "excel", "powerpoint", "acrobat",
    "adobe", "document", "draft", "final", "copy", "page", "pages", "print", "scan", "scanned",
    "version", "date", "file", "case", "brief", "motion", "order", "opinion", "report", "letter",
    "exhibit", "memo", "memorandum", "statement", "agreement", "contract", "form", "appendix",
    "redacted", "redaction", "public", "court", "district", "united", "states", "part", "section",
    "chapter", "none", "null", "true", "false", "user", "admin", "owner", "author", "the", "and",
    "logo", "image", "picture", "figure", "graphic", "chart", "table", "signature", "seal", "icon",
    "photo", "photograph", "background", "header", "footer", "text", "box", "description", "shape",
    "for", "with", "from", "this", "that", "please", "enter", "january", "february", "march",
    "april", "may", "june", "july", "august", "september", "october", "november", "december",
    "monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday",
})  # fmt: skip


@dataclass(frozen=True, slots=True)
class Finding:
    """One place where something survives.

    Attributes:
        kind: one of `KINDS`.
        page: its number, from 1; None where it is on none.
        bbox: shares of the page as it is shown, from its top left corner: left, top, right, bottom;
            below 0 or above 1 for what lies outside.
        characters: letters and digits that survive; None where they cannot be counted.
        alarm: false for what a person should know and nothing says was redacted.
        text: what survives.
        dark: what hides it is dark: it looks like a redaction.
    """

    kind: str
    page: int | None = None
    bbox: tuple[float, float, float, float] | None = None
    characters: int | None = None
    alarm: bool = True
    text: str = ""
    dark: bool = False

    def plain(self, *, with_text: bool) -> dict[str, Any]:
        """For JSON; the text only where it is asked for."""
        bbox = None if self.bbox is None else [round(edge, 4) for edge in self.bbox]
        found = {
            "kind": self.kind,
            "page": self.page,
            "bbox": bbox,
            "characters": self.characters,
            "alarm": self.alarm,
        }
        return found | {"text": self.text} if with_text else found


@dataclass(frozen=True, slots=True)
class Told:
    """What stands beside the pages: of a kind, on a page or none.

    `usual` is what names people in most documents: who wrote it.
    """

    kind: str
    text: str
    page: int | None = None
    usual: bool = False


def dumps(findings: Iterable[Finding], *, with_text: bool = False) -> str:
    """As JSON, which `loads` reads."""
    return json.dumps([item.plain(with_text=with_text) for item in findings])


def loads(text: str) -> list[Finding]:
    return [
        Finding(**{**item, "bbox": item["bbox"] and tuple(item["bbox"])})
        for item in json.loads(text)
    ]


def size(text: str) -> int:
    """Letters and digits."""
    return sum(map(str.isalnum, text))


def words(text: str) -> list[str]:
    """Runs of letters and digits, in lower case."""
    return _WORD.findall(text.casefold())


def telling(text: str) -> list[str]:
    """The words that may be a name or a number: with a capital or four digits, and none of those
    that programs and forms write everywhere."""
    found = []
    for word in _WORD.findall(_FILE.sub(" ", text)):
        digits = sum(map(str.isdigit, word))
        name = len(word) >= 3 and word[:1].isupper() and not digits
        if (name or digits >= 4) and word.casefold() not in _USUAL:
            found.append(word.casefold())
    return found


def settled(found: Iterable[Finding], shown: frozenset[str]) -> list[Finding]:
    """No alarm for what no dark box hides and the document shows elsewhere.

    So it is with text beside the page that is that of the next one, and with what a layout paints
    over.
    """
    return [
        replace(item, alarm=False)
        if item.kind in _LIGHT and not item.dark and shown.issuperset(words(item.text))
        else item
        for item in found
    ]


def repeats(
    told: Sequence[Told], hidden: frozenset[str], shown: frozenset[str], redacted: bool
) -> list[Finding]:
    """What stands beside the pages and should not.

    That is what repeats a word that is hidden on them; and, in a document that was redacted, names
    and numbers that no page shows.
    """
    found = []
    for item in told:
        secret = {word for word in words(item.text) if word in hidden}
        alarm = bool(secret) or not item.usual
        if redacted:
            secret |= {word for word in telling(item.text) if word not in shown}
        if secret:
            count = sum(len(word) for word in words(item.text) if word in secret)
            found.append(Finding(item.kind, item.page, None, count, alarm, item.text))
    return found
