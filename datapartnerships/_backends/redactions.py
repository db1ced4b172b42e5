"""An audit of a PDF: text that survives under what looks redacted, and what else is not seen."""

from __future__ import annotations

import mmap
import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, closing, suppress
from functools import partial
from typing import Any

import numpy as np

from datapartnerships._backends import pypdfium2
from datapartnerships.errors import DocumentError, extra
from datapartnerships.kernels.redactions import Finding, Told, repeats, settled, size, words

with extra("documents", needed_by="AuditRedactions"):
    import pypdfium2 as pdfium
    import pypdfium2.raw as raw

    from datapartnerships._backends import _redaction_beside as beside
    from datapartnerships._backends._glyphs import Glyphs
    from datapartnerships._backends._redaction_page import Looked, look
    from datapartnerships._backends._redaction_pixels import Canvas

MAX_REVISIONS = 100
# What is told of one file; alarms come first.
MAX_FINDINGS = 2000
_END = re.compile(rb"startxref\s{1,9}(\d{1,12})\s{1,9}%%EOF[ \t]*\r?\n?")
_TABLE = re.compile(rb"\s{0,9}(?:xref\b|\d{1,10}\s{1,9}\d{1,10}\s{1,9}obj\b)")
_MORE = re.compile(rb"\S")
_WORD = re.compile(r"[^\W_]+")
# Letters and digits: less is a speck that an edit left.
_FEW = 3


def audit(
    file: bytes | str, passwords: Sequence[str] = (), alive: Callable[[], None] = lambda: None
) -> list[Finding]:
    """What is found, page after page, then what stands beside the pages.

    `alive` is called after every page. Raises `DocumentError` for what cannot be audited whole.
    """
    open_pdf = partial(pypdfium2.open_pdf, passwords=passwords)
    with ExitStack() as stack:
        document = stack.enter_context(closing(open_pdf(file)))
        if not len(document):
            raise DocumentError("damaged PDF", "it has no page")
        data = _mapped(file, stack) if isinstance(file, str) else file
        if document.get_formtype() != raw.FORMTYPE_NONE:
            document.init_forms()
        found, told, shown, redacted = _pages(document, alive)
        told += [*beside.properties(document, data), *beside.outline(document)]
        told += beside.scripts(document, data)
        seen = frozenset(words(shown))
        found = settled(found, seen)
        hidden = frozenset(w for item in found for w in words(item.text) if size(w) >= _FEW)
        found += repeats(told, hidden - seen, seen, redacted)
        found += beside.attachments(document, redacted, open_pdf)
        older_ones = _revisions(data)
        texts = beside.page_texts(document) if older_ones else ()
        last = Counter(word for text in texts for word in words(text))
        for start, end in older_ones:
            alive()
            found += _removed(data[start:end], last, open_pdf)
    found = list(dict.fromkeys(found))  # properties are said twice
    found.sort(key=lambda item: not item.alarm)
    return sorted(found[:MAX_FINDINGS], key=_place)


def _mapped(file: str, stack: ExitStack) -> mmap.mmap:
    """The bytes of a file, which may be larger than there is room for."""
    stream = stack.enter_context(open(file, "rb"))
    return stack.enter_context(mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ))


def _pages(document: Any, alive: Callable[[], None]) -> tuple[list[Finding], list[Told], str, bool]:
    found: list[Finding] = []
    told: list[Told] = []
    shown: list[str] = []
    redacted = False
    for index in range(len(document)):
        try:
            page = document[index]
        except pdfium.PdfiumError:
            why = f"page {index + 1} cannot be opened"
            raise DocumentError("page cannot be audited", why) from None
        with closing(page):
            looked = look(document, page, index + 1)
            found += looked.findings
            found += beside.thumbnail(page, index + 1, looked.full, looked.bars)
            told += beside.spoken(page, index + 1, looked.items)
            shown.append(looked.shown)
            redacted = redacted or looked.redacted
            _note(document, page, index + 1, looked, told, shown)
        alive()
    return found, told, "\n".join(shown), redacted


def _note(
    document: Any, page: Any, number: int, looked: Looked, told: list[Told], shown: list[str]
) -> None:
    empty = beside.is_empty(looked.full, looked.canvas)
    for item, seen in beside.notes(document, page, number, empty):
        if seen:
            shown.append(item.text)
        elif item.text:
            told.append(item)


def _revisions(data: bytes | mmap.mmap) -> list[tuple[int, int]]:
    """Where the file ended before each time that something was added to it, and where it begins."""
    start = max(data.find(b"%PDF-"), 0)
    ends = [
        match.end()
        for match in _END.finditer(data, start)
        # Of a PDF inside this one the place of the table is another.
        if any(_TABLE.match(data, int(match[1]) + begin) for begin in {0, start})
        and _MORE.search(data, match.end())
    ]
    if len(ends) > MAX_REVISIONS:
        raise DocumentError("too many revisions", f"{len(ends):,}; {MAX_REVISIONS} are looked at")
    return [(start, end) for end in ends]


def _removed(
    older: bytes, last: Counter[str], open_pdf: Callable[[bytes], Any]
) -> Iterator[Finding]:
    """Words of an earlier revision that are gone from the last."""
    try:
        document = open_pdf(older)
    except DocumentError:
        return
    with closing(document):
        texts = list(beside.page_texts(document))
        gone = Counter(w for text in texts for w in words(text)) - last
        # Words that are still there at other places say little.
        wanted = frozenset(word for word in gone if word not in last)
        alarm = size("".join(wanted)) >= _FEW
        wanted = wanted if alarm else frozenset(gone)
        for index, text in enumerate(texts):
            if wanted & set(words(text)):
                with suppress(pdfium.PdfiumError), closing(document[index]) as page:
                    yield from _words_of(page, index + 1, wanted, alarm)


def _words_of(page: Any, number: int, wanted: frozenset[str], alarm: bool) -> Iterator[Finding]:
    with closing(page.get_textpage()) as textpage:
        glyphs = Glyphs(textpage)
        codes = glyphs.codes_of_glyphs()
        text = "".join(chr(code) if 0 < code < 0x110000 else " " for code in codes)
        places = [m for m in _WORD.finditer(text) if m.group().casefold() in wanted]
        letters = [place for m in places for place in range(*m.span())]
        if len(letters) < _FEW:
            return
        boxes = glyphs.boxes(letters)
    around = np.concatenate([boxes[:, :2].min(axis=0), boxes[:, 2:].max(axis=0)])
    shares = Canvas(page).shares(around[None])[0].tolist()
    said = " ".join(m.group() for m in places)
    yield Finding("earlier_revision", number, tuple(shares), len(letters), alarm, said)


def _place(item: Finding) -> tuple[bool, int]:
    return item.page is None, item.page or 0
