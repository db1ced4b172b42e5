"""Whether the text layer that an earlier OCR left in a PDF is good: by reading some pages again.

Letters tell little: engines guess words, and layers with 2 to 65 wrong characters of 100 look like
prose. Two readings of one page that agree are hardly wrong in the same places, in any language.
"""

from __future__ import annotations

import itertools
import re
import unicodedata
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from datapartnerships import _apart
from datapartnerships.errors import DocumentError
from datapartnerships.kernels.legible import MIN_JUDGED
from datapartnerships.ocr import Ocr, Recognized, recognize_pages
from datapartnerships.readers._textlayer import WHOLE_PAGE

if TYPE_CHECKING:
    from datapartnerships._backends.pypdfium2 import Page, Pdf

# Of the words that OCR reads, so many must be in the layer (benchmarks/ocr_layers.py).
MIN_SHARED = 0.96
# OCR that is less sure of a page than this is no judge of it.
MIN_SURE = 0.9
# Letters beyond a to z that OCR did not read, of all letters of the layer: more are no mistakes of
# the layer, they are those of a language that the OCR was not told.
MAX_NOT_READ = 0.01
PAGES_A_CHECK = 10
_CUT = re.compile("[-\u00ad\u2010\ufffe][ \t]*\r?\n\\s*")
_WORD = re.compile(r"\w+")


@dataclass
class Checked:
    """What was found out, by the number of the page.

    Attributes:
        origins: what the segments of a page say whose layer is kept.
        reasons: why a page is to be recognized.
        answers: what was read in order to compare: of every page that was checked.
    """

    origins: dict[int, str] = field(default_factory=dict)
    reasons: dict[int, str] = field(default_factory=dict)
    answers: dict[int, Recognized] = field(default_factory=dict)


def check_layers(
    pdf: Pdf, pages: Sequence[Page], reasons: Sequence[str | None], ocr: Ocr | None, checks: int
) -> Checked:
    """Compare layers with what OCR reads. A page without a reason to be recognized is looked at
    if its text lies hidden on or under the picture of it; other documents cost nothing.
    """
    found = Checked()
    lengths = {
        number: len(page.text or "")
        for number, (page, why) in enumerate(zip(pages, reasons, strict=True), 1)
        if why is None and page.text and page.image_share >= WHOLE_PAGE
    }
    found.origins = dict.fromkeys(lengths, "text layer: not checked")
    if ocr is None:
        return found
    groups = page_groups(lengths, checks)
    pictures = ((number, pdf.render(number - 1)) for number, _ in groups)
    try:
        for number, answer in recognize_pages(((n, p) for n, p in pictures if p is not None), ocr):
            _apart.alive()
            found.answers[number] = answer
    except DocumentError as error:
        found.origins = dict.fromkeys(lengths, f"text layer: not checked, {error.reason}")
        return found
    for checked, group in groups:
        if checked not in found.answers:
            continue
        answer = found.answers[checked]
        good, said = judged(pages[checked - 1].text or "", answer, f"page {checked}")
        for number in group:
            if good:
                found.origins[number] = f"text layer: {said}"
            else:
                found.reasons[number] = said
                del found.origins[number]
    return found


def judged(layer: str, answer: Recognized, place: str) -> tuple[bool, str]:
    """Whether to keep the layer, and why, from what OCR read on one page of it."""
    reading = answer.text
    if (answer.confidence or 0.0) < MIN_SURE or _words(reading).total() < MIN_JUDGED:
        return True, f"not checked, OCR is not sure of {place}"
    if letters := letters_not_read(layer, reading):
        return True, f"not checked, OCR does not read its letters {letters} on {place}"
    share = shared_words(layer, reading)
    if share >= MIN_SHARED:
        return True, f"agrees with what OCR reads on {place} ({share:.2f} of the words)"
    return False, f"its text layer has {share:.2f} of the words that OCR reads on {place}"


def shared_words(layer: str, reading: str) -> float:
    """Of the words of `reading`, how many `layer` has too: as many times, in whatever order.

    Upper and lower case are one; marks, and hyphens at line ends, do not count.
    """
    ours, theirs = _words(reading), _words(layer)
    return (ours & theirs).total() / max(1, ours.total())


def _words(text: str) -> Counter[str]:
    joined = _CUT.sub("", unicodedata.normalize("NFKC", text))
    return Counter(_WORD.findall(joined.casefold()))


def letters_not_read(layer: str, reading: str) -> str:
    """The letters that `layer` has and `reading` does not, where they are too many for mistakes."""
    lost = _letters(layer) - _letters(reading)
    if lost.total() <= MAX_NOT_READ * sum(map(str.isalpha, layer)):
        return ""
    return "".join(letter for letter, _ in lost.most_common(4))


def _letters(text: str) -> Counter[str]:
    """How often each letter beyond a to z stands in a text."""
    folded = unicodedata.normalize("NFKC", text).casefold()
    return Counter(c for c in folded if c > "\x7f" and c.isalpha())


def page_groups(lengths: Mapping[int, int], checks: int) -> list[tuple[int, list[int]]]:
    """The page to check, that of middling length, and the pages in a row for which it speaks.

    One of every `PAGES_A_CHECK` is checked, but no more than `checks` of a document.

    Args:
        lengths: characters of each page that has such a layer, by number.
    """
    numbers = sorted(lengths)
    count = min(checks, -(-len(numbers) // PAGES_A_CHECK))
    ends = [len(numbers) * part // count for part in range(count + 1)] if count else []
    groups = [numbers[start:end] for start, end in itertools.pairwise(ends)]
    return [
        (sorted(group, key=lambda number: lengths[number])[len(group) // 2], group)
        for group in groups
    ]
