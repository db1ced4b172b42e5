"""Headings and footnotes of a document, by the type of its body: the roles of `layout`."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datapartnerships.kernels.layout import Block

MAX_HEADING_CHARACTERS = 200
MAX_HEADING_LINES = 3
MAX_LEVEL = 6
# How far a heading may be off the edge or the middle of the text it names: share of the width.
IN_LINE = 0.04
# What is narrower is no column of text.
WIDE = 0.22
# A page number with what is set around it.
MAX_FOLIO = 12
# Larger than the body by this factor: a heading. Smaller by this one, at the foot: a note.
LARGER, SMALLER = 1.12, 0.94
# Of recognized text: characters that tell the type of a page, how sure a heading has to be, and
# how near to the edge of the page a line of capitals is its running head or foot.
ENOUGH, SURE, EDGE = 300, 0.9, 0.08
# A heading in body type stands over the middle of its text by this share of the page's width, and
# not higher above it than this one of its height.
MIDDLE, NEAR = 0.015, 0.06
# What recurs in the head or foot of so many pages is their furniture; so many digits make a code.
MIN_PAGES, OUTER, OFF, CODE = 3, 0.15, 0.02, 5
# The number of a section that stands alone.
SECTION = re.compile(r"(?:[IVXLC]{1,6}|[A-Z])\.?")
_AMOUNT = re.compile(
    r"(?:[^\w\s(\[]?\s?\d{1,3}(?:[.,]\d{2,3})*[.,]\d{3}(?:[.,]\d\d?)?|[$€£¥₹]\s?[\d.,]+)\s*\S{0,12}"
)
_NOTE_MARK = re.compile(r"\d{1,3}(?![\d.,)]*\d)|[*∗†‡§¶]")
_ALPHANUMERIC = re.compile(r"[^\W_]+")
_DRAWN = re.compile(r"[\W_]{4,}")
_LETTERS = re.compile(r"[^\W\d_]")


def set_roles(pages: Sequence[list[Block]], outline: Mapping[str, int] | None = None) -> None:
    """Headings and footnotes of a document, by the type of its body; changes the blocks.

    A heading is set larger than the body, or in bold where the body is not; or it is a line of
    capitals, or the number of a section (II, A), over the middle of a paragraph. What recurs in
    the head or foot of most pages is none, nor is an amount. Or it stands in the
    document's own `outline`, a depth from 1 for each title as `title_key` has it. Its level is
    that depth, else the rank of its size among the headings. Footnotes, in smaller type at the
    foot of a column and begun by a mark, go behind the rest of their page.

    What has a confidence is recognized: it has no bold, and a line of capitals over the middle of
    its column is a heading. Its sizes are measured, and are compared with the body of their page.
    """
    paragraphs = [b for page in pages for b in page if b.role == "paragraph" and b.size > 0]
    if not paragraphs:
        return
    typed = [block for block in paragraphs if block.confidence is None]
    body = _body(typed or paragraphs)
    bold = sum(len(block.text) for block in typed if block.bold)
    plain = 2 * bold < sum(len(block.text) for block in typed)
    _scale_recognized(pages, body)
    heads: list[tuple[float, int, Block]] = []
    furniture = _Furniture(pages)
    for page in pages:
        titles = _centered_titles(page)
        for block in page:
            if block.role == "paragraph" and block.lines <= MAX_HEADING_LINES:
                depth = (outline or {}).get(title_key(block.text), 0)
                found = depth or id(block) in titles or _is_heading(block, page, body, plain)
                if found and not furniture.has(block):
                    larger = block.size >= LARGER * body
                    heads.append((_rounded(block.size) if larger else body, depth, block))
        _set_footnotes(page, body)
    ranks = {size: rank for rank, size in enumerate(sorted({h[0] for h in heads})[::-1], 1)}
    if known := sorted((size, depth) for size, depth, _ in heads if depth):
        deepest = max(depth for _, depth in known)
        ranks = {size: dict(known[::-1]).get(size, deepest + 1) for size in ranks}
    for size, depth, block in heads:
        block.role, block.level = "heading", min(depth or ranks[size], MAX_LEVEL)


def title_key(text: str) -> str:
    """A title without what differs between an outline and the page: case, spaces, marks."""
    return "".join(_ALPHANUMERIC.findall(text.casefold()))


def _rounded(size: float) -> float:
    return round(2 * size) / 2


def _body(found: Iterable[Block]) -> float:
    """The size of its type."""
    weights: Counter[float] = Counter()
    for block in found:
        weights[_rounded(block.size)] += len(block.text)
    return _weighted_median(weights)


def _scale_recognized(pages: Sequence[Sequence[Block]], body: float) -> None:
    """Give recognized pages the size of the body: each may be magnified by its own factor.

    A page of few words, such as a title page, is scaled as the others are.
    """
    recognized = [
        [b for b in page if b.confidence is not None and b.role == "paragraph" and b.size > 0]
        for page in pages
    ]
    everything = [block for page in recognized for block in page]
    usual = _body(everything) if everything else 0.0
    for page, found in zip(pages, recognized, strict=True):
        own = _body(found) if sum(len(b.text) for b in found) >= ENOUGH else usual
        for block in page:
            if own and block.confidence is not None:
                block.size *= body / own


def _weighted_median(weights: Counter[float]) -> float:
    half, seen = sum(weights.values()) / 2, 0
    for size in sorted(weights):
        seen += weights[size]
        if seen >= half:
            return size
    return max(weights)


def _is_heading(block: Block, page: Sequence[Block], body: float, plain: bool) -> bool:
    if block.lines > MAX_HEADING_LINES or len(block.text) > MAX_HEADING_CHARACTERS:
        return False
    if len(_LETTERS.findall(block.text)) < 2 or _AMOUNT.fullmatch(block.text):
        return False
    ends = block.text.rstrip()[-1:]
    if block.confidence is not None and (block.confidence < SURE or ends in ",;"):
        return False
    if block.confidence is not None and (block.text[0].islower() or not block.text[0].isalnum()):
        return False
    if block.size >= LARGER * body:
        return _in_line(block, page) and (block.confidence is None or _alone(block, page))
    if block.size <= SMALLER * body or ends in ",;":
        return False
    if block.confidence is not None:
        inside = block.bbox[1] > EDGE and block.bbox[3] < 1 - EDGE
        capitals = inside and block.text.isupper() and _alone(block, page)
        return capitals and _in_line(block, page, centered=True)
    return plain and block.bold and _in_line(block, page)


def _centered_titles(page: Sequence[Block]) -> set[int]:
    """Titles in the type of their text, by `id`: capitals or a number over the middle of it."""
    found: set[int] = set()
    below: Block | None = None
    top = 0.0
    for block in reversed(page):
        if block.role == "margin":
            continue
        near = 0 <= top - block.bbox[3] + OFF < OFF + NEAR
        if below is not None and near and _is_title_of(block, below):
            found.add(id(block))
        else:
            below = block
        top = block.bbox[1]
    return found


def _is_title_of(block: Block, below: Block) -> bool:
    left, top, right, bottom = block.bbox
    start, _, stop, _ = below.bbox
    return (
        block.role == below.role == "paragraph"
        and block.confidence is None
        and block.lines < MAX_HEADING_LINES
        and below.lines > 1
        and stop - start > 2 * WIDE
        and SMALLER * below.size < block.size
        and abs(left + right - start - stop) < 2 * MIDDLE
        and start + IN_LINE < left
        and top > EDGE
        and bottom < 1 - EDGE
        and not block.text.endswith((",", ";"))
        and (
            (block.text.isupper() and len(_LETTERS.findall(block.text)) > 1)
            or SECTION.fullmatch(block.text) is not None
        )
    )


class _Furniture:
    """What recurs at the same place on most pages, and the codes in it (of a file, a case)."""

    def __init__(self, pages: Sequence[Sequence[Block]]) -> None:
        self._places: dict[str, list[tuple[float, float]]] = {}
        self._least = max(MIN_PAGES, len(pages) / 2 + 0.5)
        codes: Counter[str] = Counter()
        if len(pages) >= MIN_PAGES:
            for page in pages:
                lines: set[str] = set()
                for block in page:
                    if block.lines <= MAX_HEADING_LINES and _is_outer(block):
                        place = (block.bbox[1], block.size)
                        self._places.setdefault(_name(block.text), []).append(place)
                        lines.update(map(title_key, block.text.split("\n")))
                codes.update(lines)
        self._codes = [line for line, n in codes.items() if n >= self._least and _is_code(line)]

    def has(self, block: Block) -> bool:
        places = self._places.get(_name(block.text), ()) if _is_outer(block) else ()
        near = (size for top, size in places if abs(top - block.bbox[1]) < OFF)
        if sum(size > SMALLER * block.size for size in near) >= self._least:
            return True
        key = title_key(block.text) if self._codes else ""
        return any(code in key for code in self._codes)


def _is_code(key: str) -> bool:
    digits = sum(map(str.isdecimal, key))
    return digits >= CODE and 3 * digits > len(key)


def _is_outer(block: Block) -> bool:
    return block.bbox[1] < OUTER or block.bbox[3] > 1 - OUTER


def _name(text: str) -> str:
    """Without the numbers, which are those of the page."""
    return "".join(letter for letter in title_key(text) if not letter.isdecimal())


def _alone(block: Block, page: Sequence[Block]) -> bool:
    """Nothing stands beside it."""
    middle = (block.bbox[1] + block.bbox[3]) / 2
    others = (b for b in page if b is not block and b.role != "margin")
    return not any(
        other.bbox[1] < middle < other.bbox[3] and not _share_width(block, other)
        for other in others
    )


def _in_line(block: Block, page: Sequence[Block], *, centered: bool = False) -> bool:
    """It begins where a paragraph of its page begins, or stands over the middle of one.

    A stamp in a corner is set large too, and names nothing. With `centered`, only the middle
    counts, of a paragraph that is wider.
    """
    left, _, right, _ = block.bbox
    others = (b.bbox for b in page if b.role == "paragraph" and b.lines > 1 and b is not block)
    wide = [box for box in others if box[2] - box[0] > WIDE]
    if centered:
        wide = [box for box in wide if box[0] + IN_LINE < left and right < box[2] - IN_LINE]
    if not wide:
        return not centered
    middle = (left + right) / 2
    page_middle = (min(box[0] for box in wide) + max(box[2] for box in wide)) / 2
    places = [page_middle, *((box[0] + box[2]) / 2 for box in wide)]
    if any(abs(middle - place) < IN_LINE for place in places):
        return True
    return not centered and any(abs(left - box[0]) < IN_LINE for box in wide)


def _set_footnotes(page: list[Block], body: float) -> None:
    """Small type under all of the body in its column, the topmost begun by a mark."""
    small = [b for b in page if b.role == "paragraph" and b.size < SMALLER * body]
    # A table has the type it has: there are no notes above it.
    large = [
        b for b in page if b.role == "table" or (b.role != "margin" and b.size >= SMALLER * body)
    ]
    notes: list[Block] = []
    for block in small:
        column = [other for other in large if _share_width(block, other)]
        above = [other for other in column if other.bbox[1] < block.bbox[1]]
        # Under a heading alone stands no note, but a list of references.
        if all(other.lines == 1 for other in above):
            continue
        # A page number in the type of the body stands below all.
        below = [b for b in column if b.bbox[1] >= block.bbox[1] and len(b.text) > MAX_FOLIO]
        if below or len(_LETTERS.findall(block.text)) < 2:
            continue
        if _NOTE_MARK.match(_plain_digits(block.text)) or _under(notes, block):
            notes.append(block)
    for rule, block in pairwise(page):
        if any(block is note for note in notes) and _DRAWN.fullmatch(rule.text):
            notes.append(rule)
    for block in notes:
        block.role = "footnote"
    if notes:
        page.sort(key=lambda block: block.role in ("footnote", "margin"))


def _under(notes: Sequence[Block], block: Block) -> bool:
    """`block` carries on the note before it."""
    return bool(notes) and _share_width(notes[-1], block) and notes[-1].bbox[1] <= block.bbox[1]


def _share_width(one: Block, other: Block) -> bool:
    return min(one.bbox[2], other.bbox[2]) > max(one.bbox[0], other.bbox[0])


def _plain_digits(text: str) -> str:
    return unicodedata.normalize("NFKC", text[:4])
