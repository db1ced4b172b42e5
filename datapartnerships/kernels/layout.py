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
# What is narrower is no column of text.
WIDE = 0.22
# A page number with what is set around it.
MAX_FOLIO = 12
# Larger than the body by this factor: a heading. Smaller by this one, at the foot: a note.
LARGER, SMALLER = 1.12, 0.94
# Numbered lines: at least so many in a row, over at least this share of the page's height.
MIN_NUMBERED, NUMBERED_SHARE = 12, 0.4

_SENTENCE_END = re.compile(r"[.?!:;][\"'”’»)\]]*\d*$")
_BULLET = re.compile(r"[•▪◦●‣■]")
_DRAWN = re.compile(r"[\W_]{4,}")
_NUMBERED_LINE = re.compile(r"\d{1,2}")
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
        size, bold: of its type; what `set_roles` tells headings by.
    """

    text: str
    bbox: Box
    level: int = 0
    role: str = "paragraph"
    confidence: float | None = None
    size: float = 0.0
    bold: bool = False
    lines: int = 1


def blocks(pieces: Sequence[Piece], *, width: float, height: float) -> list[Block]:
    """The blocks of one page in reading order; footnotes stay where they stand.

    `width` and `height` of the page are in the unit of the pieces.

    Line numbers down the margin (pleading paper, transcripts, bills) become one block of role
    ``margin`` at the end, like text that does not run along the lines. Text of a script written
    from right to left has its columns read from right to left. Brackets that are drawn one
    below the other in place of a rule, as in the captions of court papers, are left out.
    """
    upright = [piece for piece in pieces if not piece.turned]
    numbers = _line_numbers(upright, height)
    if numbers:
        taken = {id(piece) for piece in numbers}
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
    turned = [piece for piece in pieces if piece.turned]
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
    return [Block(text, _around(pieces), role="margin", size=pieces[0].size)]


def _line_numbers(pieces: Sequence[Piece], height: float) -> list[Piece]:
    """Numbers that count the lines down the left margin, where that is certain.

    They follow one another without a gap, at one distance, over much of the page, and nothing
    else stands as far to the left as their right edge.
    """
    numbers = [p for p in pieces if p.text.isascii() and _NUMBERED_LINE.fullmatch(p.text)]
    if len(numbers) < MIN_NUMBERED:
        return []
    numbers.sort(key=lambda piece: (piece.top, piece.left))
    edge = min(piece.left for piece in numbers)
    stripe = [p for p in numbers if p.left < edge + 2 * p.size]
    best: list[Piece] = []
    chain: list[Piece] = []
    for piece in stripe:
        if chain and int(piece.text) != int(chain[-1].text) + 1:
            chain = []
        chain = [*chain, piece]
        best = max(best, chain, key=len)
    if len(best) < MIN_NUMBERED or best[-1].bottom - best[0].top < NUMBERED_SHARE * height:
        return []
    steps = sorted(after.top - before.top for before, after in pairwise(best))
    if steps[-1] > 1.6 * steps[0] or steps[0] <= 0:
        return []
    right = max(piece.right for piece in best)
    chosen = {id(piece) for piece in best}
    top, bottom = best[0].top, best[-1].bottom
    beside = [p for p in pieces if top <= p.top <= bottom and id(p) not in chosen]
    return best if all(p.left >= right - 0.2 * p.size for p in beside) else []


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
    if len(current) > 1:
        usual = before.middle - current[-2].middle
    else:
        same = after is not None and abs(after.size - line.size) < 0.1 * em
        usual = after.middle - line.middle if after is not None and same else step
    if step > usual + max(0.25 * usual, 0.3 * em):
        return True
    if len(current) > 1 and step < 0.7 * usual:
        return True
    centered = abs(line.left + line.right - before.left - before.right) < 2 * em
    if centered and min(line.left, before.left) > left + 2 * em:
        return False
    if before.text.endswith(HYPHEN):
        return False
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
    )


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
    """
    weights: Counter[float] = Counter()
    bold = 0
    for block in (block for page in pages for block in page if block.role == "paragraph"):
        weights[_rounded(block.size)] += len(block.text)
        bold += len(block.text) if block.bold else 0
    if not weights:
        return
    body = _weighted_median(weights)
    plain = 2 * bold < sum(weights.values())
    heads: list[tuple[float, int, Block]] = []
    for page in pages:
        for block in page:
            if block.role == "paragraph" and block.lines <= MAX_HEADING_LINES:
                depth = (outline or {}).get(title_key(block.text), 0)
                if depth or (_is_heading(block, body, plain) and _in_line(block, page)):
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


def _weighted_median(weights: Counter[float]) -> float:
    half, seen = sum(weights.values()) / 2, 0
    for size in sorted(weights):
        seen += weights[size]
        if seen >= half:
            return size
    return max(weights)


def _is_heading(block: Block, body: float, plain: bool) -> bool:
    if block.lines > MAX_HEADING_LINES or len(block.text) > MAX_HEADING_CHARACTERS:
        return False
    if len(_LETTERS.findall(block.text)) < 2:
        return False
    if block.size >= LARGER * body:
        return True
    ends = block.text.rstrip()[-1:]
    return plain and block.bold and block.size > SMALLER * body and ends not in ",;"


def _in_line(block: Block, page: Sequence[Block]) -> bool:
    """It begins where a paragraph of its page begins, or stands over the middle of one.

    A stamp in a corner is set large too, and names nothing.
    """
    left, _, right, _ = block.bbox
    others = (b.bbox for b in page if b.role == "paragraph" and b.lines > 1 and b is not block)
    wide = [box for box in others if box[2] - box[0] > WIDE]
    if not wide:
        return True
    middle = (left + right) / 2
    page_middle = (min(box[0] for box in wide) + max(box[2] for box in wide)) / 2
    places = [page_middle, *((box[0] + box[2]) / 2 for box in wide)]
    return any(abs(middle - place) < IN_LINE for place in places) or any(
        abs(left - box[0]) < IN_LINE for box in wide
    )


def _set_footnotes(page: list[Block], body: float) -> None:
    """Small type under all of the body in its column, the topmost begun by a mark."""
    small = [b for b in page if b.role == "paragraph" and b.size < SMALLER * body]
    large = [b for b in page if b.role != "margin" and b.size >= SMALLER * body]
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
