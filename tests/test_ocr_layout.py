"""What engines read, laid out as typed pages are: order, headings, tables, notes, line numbers."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from datapartnerships.kernels.layout import Block, set_roles
from datapartnerships.ocr import Line, Word, _layout

pytest.importorskip("PIL", reason="the extra 'documents' is not installed")

from PIL import ImageFont

WIDTH, HEIGHT = 1700, 2200
PITCH = 44
PROSE = (
    "The ferry left before the fog had lifted and nobody on the",
    "shore could say whether it carried the mail. A clerk wrote",
    "the hour into the book and closed the shutters of his office,",
    "while two women waited until noon and then walked back along",
    "the wall. The harbor master kept a list of every crossing that",
    "was late, and on Sundays he read it aloud to those who came.",
)


def printed(text: str, x: float, y: float, size: int = 32, *, rough: bool = False) -> Line:
    """A line of print whose base line lies at `y`: the ink of each word, or boxes of the line."""
    font = ImageFont.load_default(size)
    words = []
    whole = font.getbbox(text, anchor="ls")
    for word in text.split():
        left, top, right, bottom = font.getbbox(word, anchor="ls")
        if rough:
            top, bottom = whole[1] - 0.11 * size, whole[3] + 0.11 * size
        words.append(Word(word, (x + left, y + top, x + right, y + bottom), 0.95))
        x += font.getlength(word + " ")
    return Line.of(words)


def prose(x: float, y: float, lines: int, size: int = 32, *, rough: bool = False) -> list[Line]:
    step = PITCH * size / 32
    return [
        printed(PROSE[n % len(PROSE)], x, y + n * step, size, rough=rough) for n in range(lines)
    ]


def centered(text: str, y: float, size: int = 32, *, rough: bool = False) -> Line:
    wide = ImageFont.load_default(size).getlength(text)
    return printed(text, 650 - wide / 2, y, size, rough=rough)


def read(lines: Sequence[Line], *, rough: bool = False, slope: float = 0.0) -> list[Block]:
    """The blocks, their roles told as of a page alone."""
    given = list(lines)
    random.Random(4).shuffle(given)
    found = _layout.arranged(
        given, WIDTH, HEIGHT, padding=0.22 if rough else None, slope=slope
    )  # fmt: skip
    page = [block for block, _ in found]
    for block in page:
        left, top, right, bottom = block.bbox
        assert 0 <= left <= right <= 1 and 0 <= top <= bottom <= 1
    set_roles([page])
    return page


def role(found: Sequence[Block], name: str) -> list[str]:
    return [block.text for block in found if block.role == name]


BOTH = pytest.mark.parametrize("rough", [False, True], ids=["words", "lines"])


@BOTH
def test_larger_type_is_a_heading_and_rough_boxes_are_none(rough: bool) -> None:
    title = printed("The crossings of that year", 200, 200, 48, rough=rough)
    page = [title, *prose(200, 300, 12, rough=rough)]
    # What stains and rules add to the boxes of some lines.
    for place in (3, 7):
        words = page[place].words
        page[place] = Line.of(
            Word(w.text, (w.box[0], w.box[1] - 3, w.box[2], w.box[3] + 4), 0.95) for w in words
        )
    found = read(page, rough=rough)
    assert role(found, "heading") == ["The crossings of that year"]
    assert role(found, "paragraph") == ["\n".join(PROSE * 2)]


@BOTH
def test_capitals_over_the_middle_are_a_heading_and_elsewhere_are_not(rough: bool) -> None:
    page = [
        centered("OF THE FERRY", 300, rough=rough),
        *prose(200, 380, 10, rough=rough),
        printed("NO TRAFFIC AFTER DARK", 200, 900, rough=rough),
        *prose(200, 980, 8, rough=rough),
        centered("Of the harbor", 1420, rough=rough),  # not in capitals: who knows
        *prose(200, 1500, 6, rough=rough),
        centered("PAGE THIRTEEN", 2150, rough=rough),  # the foot of the page
    ]
    assert role(read(page, rough=rough), "heading") == ["OF THE FERRY"]


def test_what_is_read_with_doubt_is_no_heading() -> None:
    title = printed("Signed by hand", 200, 200, 60)
    unsure = Line.of(Word(word.text, word.box, 0.6) for word in title.words)
    assert role(read([title, *prose(200, 300, 8)]), "heading") == ["Signed by hand"]
    assert role(read([unsure, *prose(200, 300, 8)]), "heading") == []


@BOTH
def test_small_type_at_the_foot_is_a_note(rough: bool) -> None:
    note = [
        printed("3 The book is kept in the town hall and may be seen", 230, 1900, 25, rough=rough),
        printed(
            "there on any day of the week but one, and it has two hundred",
            200,
            1934,
            25,
            rough=rough,
        ),
        printed("and nine leaves.", 200, 1968, 25, rough=rough),
    ]
    found = read([*prose(200, 300, 30, rough=rough), *note], rough=rough)
    assert role(found, "footnote") == ["\n".join(line.text for line in note)]


def test_a_table_has_its_cells_apart() -> None:
    rows = [
        ("Pier", "Late", "Early"),
        ("North", "12", "3"),
        ("South", "7", "41"),
        ("East", "0", "8"),
    ]
    cells = [
        printed(cell, 220 + 400 * column, 700 + PITCH * row)
        for row, line in enumerate(rows)
        for column, cell in enumerate(line)
    ]
    found = read([*prose(200, 300, 6), *cells, *prose(200, 1000, 6)])
    assert role(found, "table") == ["\n".join(" | ".join(row) for row in rows)]


def test_columns_with_lines_at_different_heights() -> None:
    title = centered("A title that runs over both of the columns of it", 200, 44)
    left, right = prose(90, 300, 24, 22), prose(900, 311, 22, 22)
    found = read([title, *left, *right], rough=True)
    assert [line for block in found for line in block.text.split("\n")] == [
        line.text for line in (title, *left, *right)
    ]


def test_hyphens_stay_as_they_were_recognized() -> None:
    lines = [printed(text, 200, 300 + PITCH * n) for n, text in enumerate(
        ("Nobody had asked the harbor mas-", "ter for his list, and so he gave it", "to the clerk.")
    )]  # fmt: skip
    assert [block.text for block in read(lines)] == ["\n".join(line.text for line in lines)]


def fallen(word: Word, slope: float) -> Word:
    left, top, right, bottom = word.box
    falls = sorted((slope * left, slope * right))
    return Word(word.text, (left, top + falls[0], right, bottom + falls[1]))


@pytest.mark.parametrize("slope", [0.007, -0.007])
def test_lines_that_are_nearly_level(slope: float) -> None:
    """0.4 degrees are not leveled, and move the end of a line by a quarter of its height."""
    straight = [printed("The crossings of that year", 200, 200, 48), *prose(200, 300, 12)]
    lines = [Line.of(fallen(word, slope) for word in line.words) for line in straight]
    leaning = [block.text for block in read(lines, slope=slope)]
    assert leaning == [block.text for block in read(straight)]


# ------------------------------------------------------------------------------------ line numbers


def numbered(numbers: Sequence[str], *, joined: bool = False) -> list[Line]:
    """Pleading paper: prose on every other line, the numbers of all of them down the margin.

    With `joined`, what stands beside a number is one run with it, as some engines give it.
    """
    text = prose(300, 300, 26)
    lines = text[:]
    for place, number in enumerate(numbers):
        y = 300 + PITCH * place
        mark = printed(number, 210 - 16 * len(number), y)
        beside = text[place] if place < len(text) else None
        if joined and beside is not None:
            lines[place] = Line.of([*mark.words, *beside.words])
        else:
            lines.append(mark)
    return lines


@pytest.mark.parametrize("joined", [False, True], ids=["apart", "in one run"])
def test_line_numbers_are_put_away(joined: bool) -> None:
    found = read(numbered([str(n) for n in range(1, 29)], joined=joined))
    assert role(found, "margin") == ["\n".join(str(n) for n in range(1, 29))]
    assert "\n".join(role(found, "paragraph")) == "\n".join((PROSE * 5)[:26])


def test_misread_line_numbers_are_put_away_with_the_others() -> None:
    numbers = [str(n) for n in range(1, 29)]
    numbers[0], numbers[8], numbers[9], numbers[20] = "I", "g", "1O", "27"
    found = read(numbered(numbers))
    assert role(found, "margin") == ["\n".join(numbers)]
    assert "\n".join(role(found, "paragraph")) == "\n".join((PROSE * 5)[:26])


def _listed(entries: Sequence[str], gap: float = PITCH) -> list[Line]:
    return [printed(text, 200, 300 + gap * place) for place, text in enumerate(entries)]


@pytest.mark.parametrize(
    "lines",
    [
        _listed([f"{n} Of the {w} crossings" for n, w in enumerate("abcdefghijklmnopqrstuvwx", 1)]),
        _listed([f"{n} Chapters of Harbor Law {3 * n}" for n in range(1, 27)], 60),
        _listed([f"{n}. the master reads his list" for n in range(1, 27)]),
        _listed([f"§ {n} Whoever crosses after dark pays" for n in range(1, 27)]),
        # Sections of a statute: a number where one begins, and lines between that have none.
        [
            line
            for n in range(14)
            for line in (
                printed(f"{n + 1} Whoever crosses after dark, or", 200, 300 + n * 120),
                printed("without a lamp, pays what is due.", 240, 344 + n * 120),
            )
        ],
        _listed([str(1880 + n) + " was a year of late ferries" for n in range(26)]),
    ],
    ids=["list", "contents", "list with points", "statute", "sections", "years"],
)
def test_other_numbers_are_text(lines: list[Line]) -> None:
    found = read(lines)
    assert role(found, "margin") == []
    assert Counter(w for b in found for w in b.text.replace(" | ", " ").split()) == Counter(
        word.text for line in lines for word in line.words
    )


def test_narrow_words_do_not_stand_up_and_turned_ones_do() -> None:
    """The words of an engine that reads whole lines are narrower than their ink."""
    text = prose(200, 300, 8, rough=True)
    words = text[3].words
    for place, word in enumerate(words):
        left, top, right, bottom = word.box
        if len(word.text) < 4:
            narrow = Word("til", (left, top, left + (right - left) / 3, bottom), word.confidence)
            text[3] = Line.of([*text[3].words[:place], narrow, *text[3].words[place + 1 :]])
    assert text[3].text.count("til") > 1
    stamp = Line.of([Word("COPY", (90, 400, 130, 620), 0.9)])
    found = read([*text, stamp], rough=True)
    assert role(found, "paragraph") == ["\n".join(line.text for line in text)]
    assert role(found, "margin") == ["COPY"]


def test_titles_set_wide_are_not_of_the_paragraph_below() -> None:
    titles = [printed("Of the ferry", 200, 200), printed("and its crossings", 200, 300)]
    found = read([*titles, *prose(200, 420, 6)])
    assert [block.text for block in found][-1] == "\n".join(PROSE)


def test_an_entry_is_one_paragraph_with_the_lines_set_in_behind_its_number() -> None:
    entries = [
        [printed(f"{n}. {PROSE[n]}", 200, 300 + 110 * n), printed(PROSE[0], 240, 344 + 110 * n)]
        for n in range(5)
    ]
    found = read([line for entry in entries for line in entry])
    assert [block.text for block in found] == [f"{a.text}\n{b.text}" for a, b in entries]


def test_bits_of_a_stamp_up_the_edge_do_not_part_the_page() -> None:
    bits = [printed(bit, 30, 500 + 130 * n, 30) for n, bit in enumerate(("2", "e", "S]", "C", "."))]
    text = prose(300, 300, 30)
    found = read([*bits, *text])
    assert role(found, "paragraph") == ["\n".join(PROSE * 5)]
    assert [set(block.split()) for block in role(found, "margin")] == [{"2", "e", "S]", "C", "."}]


BOXES = st.tuples(
    st.integers(0, 1500), st.integers(0, 2100), st.integers(1, 700), st.integers(1, 90)
)


@settings(deadline=None)
@given(st.lists(BOXES, max_size=40), st.booleans())
def test_every_word_is_in_one_line(boxes: list[tuple[int, int, int, int]], rough: bool) -> None:
    words = [
        Word(f"w{n}", (x, y, x + width, y + height), None if n % 3 else 0.5)
        for n, (x, y, width, height) in enumerate(boxes)
    ]
    lines = [Line.of(words[n : n + 3]) for n in range(0, len(words), 3)]
    found = _layout.arranged(lines, WIDTH, HEIGHT, padding=0.22 if rough else None)
    read_words: list[Any] = [word for _, page in found for line in page for word in line.words]
    assert Counter(read_words) == Counter(words)
    for block, page in found:
        assert sorted(block.text.replace(" | ", " ").split()) == sorted(
            word.text for line in page for word in line.words
        )
