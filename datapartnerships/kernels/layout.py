"""From the pieces of a page (words with boxes) to its blocks in the order they are read.

Words become runs (stretches of one line), runs become bands (what stands at one height), bands
that share a gutter become columns, and the lines of a column become paragraphs. It is a
recursive XY-cut (Nagy and Seth 1984) whose horizontal cuts are made where a gutter ends, so that
a heading over two columns, or a footnote below them, does not hide the gutter.

Coordinates are in any unit, y downwards. Nothing here knows what a PDF or an image is.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from datapartnerships.kernels import _layout_columns as columns
from datapartnerships.kernels._layout_numbers import line_numbers
from datapartnerships.kernels._layout_roles import SECTION, set_roles, title_key
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
# How far the lines of an entry are set in behind its number, in ems.
MAX_HANGING = 4.0

_SENTENCE_END = re.compile(r"[.?!:;][\"'”’»)\]]*\d*$")
_ENTRY = re.compile(r"[(\[]?(?:\d{1,3}|[A-Za-z]|[ivxlcIVXLC]{1,5})[.)\]]{1,2}\s+\S")
_BULLET = re.compile(r"[•▪◦●‣■]")
_DRAWN = re.compile(r"[\W_]{4,}")
_RIGHT_TO_LEFT = re.compile("[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc]")
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
    if rules:
        drawn = {id(mark) for rule in rules for mark in rule.marks}
        upright = [piece for piece in upright if id(piece) not in drawn]
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
    if text.isascii() or not _RIGHT_TO_LEFT.search(text):
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
    if before.text.endswith(HYPHEN):
        return False
    early = _ends_early(before, line, right)
    if early and before.text[-1] != "," and _is_capitals(before.text) != _is_capitals(line.text):
        return True
    centered = abs(line.left + line.right - before.left - before.right) < 2 * em
    if _is_title(current, line, after, centered, left, right):
        return True
    indent = (line.left - before.left) / em
    if centered and (min(line.left, before.left) > left + 2 * em or (indent > 2 > step / em)):
        return False
    if len(current) == 1 and indent > 0.8:
        full = after is not None and not _ends_early(line, after, right)
        # A full line, and the next not set in: a paragraph begins, under a title.
        opens = early and full and after is not None and after.left < line.left - 0.8 * em
        if _hangs(before, line, em) and not opens:
            return indent > MAX_HANGING
        if not (early or full or _SENTENCE_END.search(before.text)):
            return indent > MAX_HANGING
    close = same and below < step + 0.3 * em
    if _is_entry(current, line, after if close else None, early, right):
        return True
    if line.left > before.left + 0.8 * em:
        # Indented, and the lines after it are not: the first line of a paragraph.
        return after is None or after.left < line.left - 0.8 * em or len(current) > 1
    short = before.right < right - max(0.22 * (right - left), 3 * em)
    return short and bool(_SENTENCE_END.search(before.text))


def _is_title(
    current: Sequence[Run],
    line: Run,
    after: Run | None,
    centered: bool,
    left: float,
    right: float,
) -> bool:
    """The line before is a title by itself, or `line` is; `centered` over one another or not."""
    letter = _LETTERS.search(line.text)
    if letter is not None and letter.group().islower():
        return False
    before, above = current[-1], current[-2] if len(current) > 1 else None
    apart = not centered or line.left < left + 2 * line.size
    if (apart or SECTION.fullmatch(before.text)) and _alone(before, above, line, left, right):
        return True
    apart = not centered or SECTION.fullmatch(line.text) is not None
    return apart and _alone(line, before, after, left, right)


def _is_entry(
    current: Sequence[Run], line: Run, after: Run | None, early: bool, right: float
) -> bool:
    """`line` begins an entry, whose other lines are set in; `early`: the line before it ends so."""
    em, before = line.size, current[-1]
    outdented = line.left < before.left - 0.8 * em
    set_in = after is not None and after.left > line.left + 0.8 * em
    if set_in and early and outdented:
        return True
    # A number without a mark is one of a column of numbers, or begins a line by chance.
    sure = early or abs(before.second - line.second) < 0.5 * em
    if set_in and (sure or not line.text.partition(" ")[0].isalnum()) and _hangs(line, after, em):
        return True
    if not outdented or len(current) < 2 or line.left > current[0].left + 0.8 * em:
        return False
    first, second = current[:2]
    return second.left > first.left + 0.8 * em and (
        _hangs(first, second, em) or (early and not _ends_early(first, second, right))
    )


def _hangs(first: Run, line: Run | None, em: float) -> bool:
    """`line` is set in as far as the text behind the number of the entry that `first` begins."""
    label, _, text = first.text.partition(" ")
    if line is None or not text or not columns.LABEL.fullmatch(label):
        return False
    if first.second:
        # What has no mark is a word or a number of the text, unless it stands apart.
        apart = first.second - first.left > (0.6 * len(label) + 0.5) * em
        return abs(line.left - first.second) < 0.5 * em and (apart or not label.isalnum())
    return bool(first.counted and _ENTRY.match(first.text))


def _ends_early(line: Run, after: Run, right: float) -> bool:
    """The first word of the line after it would have found room on it: nothing is carried on."""
    letters = len(after.text.partition(" ")[0])
    word = (after.right - after.left) * letters / max(1, len(after.text))
    return right - line.right > word + line.size


def _alone(line: Run, before: Run | None, after: Run | None, left: float, right: float) -> bool:
    """It is centered, no line next to it begins where it does, and it is not carried on."""
    if abs(line.left + line.right - left - right) > line.size or line.left < left + 2 * line.size:
        return False
    near = () if SECTION.fullmatch(line.text) else (before, after)
    if any(other is not None and abs(other.left - line.left) < 0.8 * line.size for other in near):
        return False
    return after is None or _ends_early(line, after, right)


def _is_capitals(text: str) -> bool:
    """Most of its letters are."""
    capitals = sum(map(str.isupper, text))
    return capitals > 3 and capitals > 3 * sum(map(str.islower, text))


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
