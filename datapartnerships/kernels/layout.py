"""From the pieces of a page (words with boxes) to its blocks in the order they are read.

Words become runs (stretches of one line), runs become bands (what stands at one height), bands
that share a gutter become columns, and the lines of a column become paragraphs. It is a
recursive XY-cut (Nagy and Seth 1984) whose horizontal cuts are made where a gutter ends, so that
a heading over two columns, or a footnote below them, does not hide the gutter.

Coordinates are in any unit, y downwards. Nothing here knows what a PDF or an image is.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from datapartnerships.kernels import _layout_columns as columns
from datapartnerships.kernels._layout_numbers import line_numbers
from datapartnerships.kernels._layout_runs import (
    HYPHEN,
    Piece,
    Run,
    mean_confidence,
    runs,
    usual_size,
)

__all__ = ["HYPHEN", "Block", "Piece", "blocks", "set_roles", "title_key"]

Box = tuple[float, float, float, float]

CELL_SEPARATOR = " | "
MAX_HEADING_CHARACTERS = 200
MAX_HEADING_LINES = 3
MAX_LEVEL = 6
# How far a heading may be off the edge or the middle of the text it names: share of the width.
IN_LINE = 0.04
# How far the lines of an entry are set in behind its number, in ems.
MAX_HANGING = 4.0
# What is narrower is no column of text.
WIDE = 0.22
# A page number with what is set around it.
MAX_FOLIO = 12
# Larger than the body by this factor: a heading. Smaller by this one, at the foot: a note.
LARGER, SMALLER = 1.12, 0.94

# Of recognized text: characters that tell the type of a page, how sure a heading has to be, and
# how near to the edge of the page a line of capitals is its running head or foot.
ENOUGH, SURE, EDGE = 300, 0.9, 0.08

_SENTENCE_END = re.compile(r"[.?!:;][\"'”’»)\]]*\d*$")
_ENTRY = re.compile(r"[(\[]?(?:\d{1,3}|[A-Za-z]|[ivxlcIVXLC]{1,5})[.)\]]{1,2}\s+\S")
_BULLET = re.compile(r"[•▪◦●‣■]")
_DRAWN = re.compile(r"[\W_]{4,}")
_NOTE_MARK = re.compile(r"\d{1,3}(?![\d.,)]*\d)|[*∗†‡§¶]")
_RIGHT_TO_LEFT = re.compile("[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc]")
_ALPHANUMERIC = re.compile(r"[^\W_]+")
_LETTERS = re.compile(r"[^\W\d_]")


@dataclass(slots=True)
class Block:
    """One block of a page.

    Attributes:
        text: lines ended by a line feed; a word cut at a line end has U+FFFE in place of its
            hyphen and of the line's end.
        bbox: left, top, right, bottom as shares of the page's width and height.
        level: 1 and up for a heading, else 0; known after `set_roles`.
        role: paragraph, heading, footnote, table or margin.
        confidence: mean over characters, where the pieces had one.
        size, bold: of its type; what `set_roles` tells headings by. A size of 0 is not known.
        lines: how many it has.
        places: those of its pieces, line by line, where they have one.
    """

    text: str
    bbox: Box
    level: int = 0
    role: str = "paragraph"
    confidence: float | None = None
    size: float = 0.0
    bold: bool = False
    lines: int = 1
    places: tuple[tuple[int, ...], ...] = ()


def blocks(pieces: Sequence[Piece], *, width: float, height: float) -> list[Block]:
    """The blocks of one page in reading order; footnotes stay where they stand.

    `width` and `height` of the page are in the unit of the pieces.

    Line numbers down the margin (pleading paper, transcripts, bills) become one block of role
    ``margin`` at the end, like text that does not run along the lines. Text of a script written
    from right to left has its columns read from right to left. Brackets that are drawn one
    below the other in place of a rule, as in the captions of court papers, are left out.
    """
    upright = [piece for piece in pieces if not piece.turned]
    turned = [piece for piece in pieces if piece.turned]
    numbers, outside = line_numbers(upright, height)
    if numbers:
        turned += outside
        taken = {id(piece) for piece in (*numbers, *outside)}
        upright = [piece for piece in upright if id(piece) not in taken]
    mirrored = _reads_leftwards(upright)
    if mirrored:
        upright = [replace(p, left=-p.right, right=-p.left) for p in upright]
    found: list[Block] = []
    rules = columns.rules(upright)
    upright = [piece for piece in upright if not any(rule.owns(piece) for rule in rules)]
    for part in columns.regions(runs(upright), height, rules):
        found += [_table(part)] if part.table else _paragraphs(part.lines)
    if mirrored:
        for block in found:
            left, top, right, bottom = block.bbox
            block.bbox = (-right, top, -left, bottom)
    _carry_hyphens(found)
    found += [*_margin(numbers, "\n"), *_margin(turned, " ")]
    for block in found:
        left, top, right, bottom = block.bbox
        block.bbox = (
            _share(left, width), _share(top, height), _share(right, width), _share(bottom, height),
        )  # fmt: skip
    return found


def _share(value: float, whole: float) -> float:
    return min(1.0, max(0.0, value / whole)) if whole > 0 else 0.0


def _reads_leftwards(pieces: Sequence[Piece]) -> bool:
    text = "".join(piece.text for piece in pieces)
    if text.isascii():
        return False
    return 2 * len(_RIGHT_TO_LEFT.findall(text)) > len(_LETTERS.findall(text))


def _margin(pieces: Sequence[Piece], separator: str) -> list[Block]:
    if not pieces:
        return []
    text = separator.join(piece.text for piece in pieces)
    parts = [run for piece in pieces for run in runs([piece])]
    lines = [[run] for run in parts] if separator == "\n" else [parts]
    return [
        Block(
            text,
            _around(pieces),
            role="margin",
            confidence=mean_confidence(parts),
            size=pieces[0].size,
            places=_places(lines),
        )
    ]


# ------------------------------------------------------------------------------- paragraphs


def _paragraphs(lines: Sequence[Run]) -> Iterator[Block]:
    """Lines of one column to its paragraphs, from above to below."""
    if not lines:
        return
    left = min(line.left for line in lines)
    right = max(line.right for line in lines)
    current = [lines[0]]
    for index in range(1, len(lines)):
        after = lines[index + 1] if index + 1 < len(lines) else None
        if _begins(current, lines[index], after, left, right):
            yield _block(current)
            current = []
        current.append(lines[index])
    yield _block(current)


def _begins(
    current: Sequence[Run], line: Run, after: Run | None, left: float, right: float
) -> bool:
    """A new paragraph begins with `line`; `left` and `right` are the edges of the column."""
    before = current[-1]
    em = min(before.size, line.size)
    if max(before.size, line.size) > 1.12 * em or before.bold != line.bold:
        return True
    step = line.middle - before.middle
    if step > 3.2 * em or _BULLET.match(line.text) or _DRAWN.fullmatch(before.text):
        return True
    same = after is not None and abs(after.size - line.size) < 0.1 * em
    below = after.middle - line.middle if after is not None and same else step
    usual = before.middle - current[-2].middle if len(current) > 1 else below
    if line.counted and len(current) == 2:
        # Two lines may be two titles, set wide, above a body in what seems their type.
        usual = min(usual, below)
    if step > usual + max(0.25 * usual, 0.3 * em):
        return True
    if len(current) > 1 and step < 0.7 * usual:
        return True
    centered = abs(line.left + line.right - before.left - before.right) < 2 * em
    if centered and min(line.left, before.left) > left + 2 * em:
        return False
    if before.text.endswith(HYPHEN):
        return False
    indent = (line.left - before.left) / em
    if before.counted and len(current) == 1 and indent > 0.8 and _ENTRY.match(before.text):
        return indent > MAX_HANGING
    if line.left > before.left + 0.8 * em:
        # Indented, and the lines after it are not: the first line of a paragraph.
        return after is None or after.left < line.left - 0.8 * em or len(current) > 1
    short = before.right < right - max(0.22 * (right - left), 3 * em)
    return short and bool(_SENTENCE_END.search(before.text))


def _block(lines: Sequence[Run]) -> Block:
    text = lines[0].text
    for line in lines[1:]:
        if text.endswith(HYPHEN):
            text += line.text
        elif text.endswith(("-", "\u00ad")) and text[-2:-1].isalpha() and line.text[:1].islower():
            text = text[:-1] + HYPHEN + line.text
        else:
            text += "\n" + line.text
    return Block(
        text,
        _around(lines),
        confidence=mean_confidence(lines),
        size=usual_size(lines),
        bold=all(line.bold for line in lines),
        lines=len(lines),
        places=_places([line] for line in lines),
    )


def _table(part: columns.Region) -> Block:
    cells = [run for row in part.rows for cell in row for run in cell]
    lines = []
    for row in part.rows:
        texts = [" ".join(run.text for run in cell) for cell in row]
        while texts and not texts[-1]:
            texts.pop()
        lines.append(CELL_SEPARATOR.join(texts))
    return Block(
        "\n".join(lines),
        _around(cells),
        role="table",
        confidence=mean_confidence(cells),
        size=usual_size(cells),
        lines=len(lines),
        places=_places([run for cell in row for run in cell] for row in part.rows),
    )


def _places(lines: Iterable[Iterable[Run]]) -> tuple[tuple[int, ...], ...]:
    return tuple(tuple(place for run in line for place in run.places) for line in lines)


def _around(parts: Iterable[Piece | Run]) -> Box:
    boxes = [(part.left, part.top, part.right, part.bottom) for part in parts]
    lefts, tops, rights, bottoms = zip(*boxes, strict=True)
    return min(lefts), min(tops), max(rights), max(bottoms)


def _carry_hyphens(found: Sequence[Block]) -> None:
    """A word cut at the end of a column gets its second half from the next paragraph."""
    for index, block in enumerate(found):
        if not block.text.endswith(HYPHEN):
            continue
        for later in found[index + 1 :]:
            if later.role == "paragraph" and later.text[:1].islower():
                word = later.text.split(None, 1)
                block.text += word[0]
                later.text = word[1] if len(word) > 1 else ""
                break
        else:
            block.text = block.text[:-1] + "-"


# ------------------------------------------------------------------------------------ roles


def set_roles(pages: Sequence[list[Block]], outline: Mapping[str, int] | None = None) -> None:
    """Headings and footnotes of a document, by the type of its body; changes the blocks.

    A heading is set larger than the body, or in bold where the body is not; or it stands in the
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
    for page in pages:
        for block in page:
            if block.role == "paragraph" and block.lines <= MAX_HEADING_LINES:
                depth = (outline or {}).get(title_key(block.text), 0)
                if depth or _is_heading(block, page, body, plain):
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
    if len(_LETTERS.findall(block.text)) < 2:
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
    large = [b for b in page if b.role != "margin" and b.size >= SMALLER * body]
    notes: list[Block] = []
    for block in small:
        column = [other for other in large if _share_width(block, other)]
        above = [other for other in column if other.bbox[1] < block.bbox[1]]
        # A page number in the type of the body stands below all.
        below = [b for b in column if b.bbox[1] >= block.bbox[1] and len(b.text) > MAX_FOLIO]
        if not above or below or len(_LETTERS.findall(block.text)) < 2:
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
