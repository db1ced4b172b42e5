"""From pieces of a page to blocks in reading order, alone and through the PDF reader."""

from __future__ import annotations

import io
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from datapartnerships.errors import InvalidParameter
from datapartnerships.kernels.layout import HYPHEN, Block, Piece, blocks, set_roles
from datapartnerships.pipeline import Pipeline
from datapartnerships.readers.pdf import PdfReader
from datapartnerships.writers import ParquetWriter

WIDTH, HEIGHT = 600.0, 800.0
# Sentences of our own, long enough for lines.
STORY = (
    "The ferry left the pier before the fog had lifted and nobody on the shore could say whether "
    "it carried the mail. A clerk wrote the hour into the book and closed the shutters of the "
    "office. Two women waited until noon, then walked back along the wall with their baskets. "
    "The harbor master kept a list of every crossing that was late, and he read it aloud on "
    "Sundays. In that year the list grew so long that he bought a second book for it. When the "
    "bridge was opened both books were laid into a glass case in the town hall."
)
TEXT = STORY.split()


def words(text: str, x: float, y: float, size: float = 10.0, **more: Any) -> list[Piece]:
    """A line drawn at `x`, its top at `y`: half an em for each character."""
    pieces = []
    for word in text.split():
        right = x + 0.5 * size * len(word)
        pieces.append(Piece(word, x, y, right, y + 1.2 * size, size, **more))
        x = right + 0.3 * size
    return pieces


def column(x: float, y: float, count: int, *, offset: int = 0, size: float = 10.0) -> list[Piece]:
    """`count` lines of eight words each."""
    found: list[Piece] = []
    for line in range(count):
        at = (offset + 8 * line) % (len(TEXT) - 8)
        found += words(" ".join(TEXT[at : at + 8]), x, y + 1.3 * size * line, size)
    return found


def read(pieces: list[Piece]) -> list[Block]:
    page = blocks(pieces, width=WIDTH, height=HEIGHT)
    set_roles([page])
    return page


def flat(found: list[Block]) -> str:
    return " ".join(" ".join(block.text for block in found).split())


def as_text(pieces: list[Piece]) -> str:
    return " ".join(piece.text for piece in pieces)


def test_columns_are_read_one_after_the_other_whatever_the_order_of_the_words() -> None:
    title = words("A title that stands over both of the columns of the page", 60, 60, 16)
    left, right = column(50, 120, 20), column(320, 120, 20, offset=20)
    interleaved = sorted(title + left + right, key=lambda p: (p.top, p.left))
    for drawn in (title + left + right, right + title + left, interleaved):
        found = read(drawn)
        assert flat(found) == as_text(title + left + right)
        assert found[0].role == "heading"


def test_a_heading_over_one_column_stays_in_it() -> None:
    left = [*words("Crossings", 110, 100, 12, bold=True), *column(50, 130, 14)]
    right = column(320, 104, 16, offset=24)
    found = read(sorted(left + right, key=lambda p: (p.top, p.left)))
    assert flat(found) == as_text(left + right)
    assert [block.text for block in found if block.role == "heading"] == ["Crossings"]


def test_two_sections_of_two_columns_each() -> None:
    parts = [column(50, 100, 8), column(320, 100, 8, offset=9)]
    between = words(
        "A heading in the middle of the page that crosses the gutter of it", 60, 240, 14
    )
    parts += [between, column(50, 300, 8, offset=3), column(320, 300, 8, offset=17)]
    everything = [piece for part in parts for piece in part]
    found = read(sorted(everything, key=lambda p: (p.top, p.left)))
    assert flat(found) == as_text(everything)


def test_line_numbers_are_put_away() -> None:
    text = column(120, 100, 25)
    numbers = [
        Piece(str(n), 60 - 5 * len(str(n)), 100 + 24 * (n - 1), 60, 112 + 24 * (n - 1), 10)
        for n in range(1, 29)
    ]
    found = read(sorted(text + numbers, key=lambda p: (p.top, p.left)))
    assert found[-1].role == "margin"
    assert found[-1].text.split("\n") == [str(n) for n in range(1, 29)]
    assert flat(found[:-1]) == as_text(text)


def test_a_column_of_numbers_inside_the_text_is_not_line_numbers() -> None:
    pieces = []
    for row in range(1, 21):
        pieces += words(f"Crossing number of the day {row}", 50, 100 + 20 * row)
        pieces.append(Piece(str(row), 400, 100 + 20 * row, 410, 112 + 20 * row, 10))
    assert not [block for block in read(pieces) if block.role == "margin"]


def test_a_table_has_its_cells_apart() -> None:
    rows = [
        ("Pier", "Late", "Early"),
        ("North", "12", "3"),
        ("South", "7", "41"),
        ("East", "0", "8"),
    ]
    drawn = column(50, 60, 6)
    for line, row in enumerate(rows):
        for place, cell in enumerate(row):
            drawn += words(cell, 60 + 150 * place, 170 + 16 * line)
    drawn += column(50, 270, 6, offset=11)
    tables = [block for block in read(drawn) if block.role == "table"]
    assert [block.text for block in tables] == ["\n".join(" | ".join(row) for row in rows)]


def test_footnotes_go_behind_the_page() -> None:
    left = column(50, 100, 20)
    note = words("1 The book is kept in the town hall and may be seen", 50, 400, 7)
    right = column(320, 100, 24, offset=10)
    found = read(sorted(left + note + right, key=lambda p: (p.top, p.left)))
    assert found[-1].role == "footnote"
    assert found[-1].text == as_text(note)
    assert flat(found[:-1]) == as_text(left + right)


def test_small_type_on_a_page_of_its_own_is_no_footnote() -> None:
    body = blocks(column(50, 100, 40), width=WIDTH, height=HEIGHT)
    small = blocks(column(50, 100, 20, size=7), width=WIDTH, height=HEIGHT)
    set_roles([body, small])
    assert {block.role for block in small} == {"paragraph"}


def test_references_under_a_heading_alone_are_no_footnotes() -> None:
    body = blocks(column(50, 100, 40), width=WIDTH, height=HEIGHT)
    left = words("Books", 50, 60) + words("1. The list of the crossings, bound", 50, 90, 8)
    left += column(50, 100.4, 18, size=8)
    page = blocks(left + column(320, 60, 20, size=8), width=WIDTH, height=HEIGHT)
    set_roles([body, page])
    assert "footnote" not in {block.role for block in page}


def test_columns_with_a_table_in_one_of_them_are_columns() -> None:
    rows = [("Pier", "Late"), ("North", "12"), ("South", "7"), ("East", "0"), ("West", "31")]
    left: list[Piece] = []
    for line, row in enumerate(6 * rows):
        for place, cell in enumerate(row):
            left += words(cell, 60 + 120 * place, 60 + 13 * line)
    left += column(50, 60 + 13 * 31, 8)
    right = column(320, 64, 38, offset=10)
    found = read(sorted(left + right, key=lambda p: (p.top, p.left)))
    assert flat(found).replace(" |", "") == as_text(left + right)


def test_paragraphs_part_at_an_indent_and_at_a_gap() -> None:
    first, second = column(50, 100, 5), column(50, 165, 5, offset=7)
    for piece in second[:8]:
        piece.left += 15
        piece.right += 15
    third = column(50, 250, 4, offset=30)
    assert [block.text.replace("\n", " ") for block in read(first + second + third)] == [
        as_text(first),
        as_text(second),
        as_text(third),
    ]


def lines(rows: list[tuple[float, str]], y: float = 100, **more: Any) -> list[Piece]:
    """Lines one below the other, each with where it begins."""
    return [p for n, (x, text) in enumerate(rows) for p in words(text, x, y + 13 * n, **more)]


FULL = "The harbor master kept a list of every crossing that was late and read it aloud"


@pytest.mark.parametrize("confidence", [None, 0.95])
def test_an_entry_begins_where_it_hangs_out_and_keeps_the_lines_that_are_set_in(
    confidence: float | None,
) -> None:
    rows = [
        (60, "1. " + FULL),
        (73, "before the fog had lifted"),
        (60, "2. " + FULL),
        (73, "of the office"),
        (60, "3. Two women waited"),
    ]
    found = read(lines(rows, confidence=confidence))
    texts = ["\n".join(text for _, text in part) for part in (rows[:2], rows[2:4], rows[4:])]
    assert [block.text for block in found] == texts


def test_entries_without_a_number_begin_where_they_hang_out() -> None:
    rows = [(60, FULL), (80, "and closed the shutters"), (60, FULL), (80, "on Sundays")]
    found = read(lines(rows))
    assert [block.text for block in found] == [
        "\n".join(text for _, text in rows[:2]),
        "\n".join(text for _, text in rows[2:]),
    ]


def test_a_numbered_title_has_no_part_in_the_paragraph_set_in_under_it() -> None:
    title = [*words("1.", 60, 100), *words("The books of the pier", 80, 100)]
    found = read([*title, *lines([(80, FULL), (60, FULL), (60, FULL)], 113)])
    assert [block.lines for block in found] == [1, 3]


def test_the_last_line_of_a_paragraph_above_one_that_is_set_in_is_no_entry() -> None:
    wide = lines([(60, FULL)] * 3)
    first = lines([(120, "(i) to keep the first book of"), (90, "the pier;")], 160)
    second = lines([(120, "(ii) to keep the second one of"), (90, "the town hall.")], 200)
    assert [block.lines for block in read([*wide, *first, *second])] == [3, 2, 2]


def test_a_line_that_begins_with_a_number_or_a_letter_is_no_entry() -> None:
    rows = [
        (74, FULL[:72]),
        (60, FULL),
        (60, "a certain year and the year after it, both."),
        (68, FULL),
        (60, "that was late."),
    ]
    found = read(lines(rows))
    assert [block.lines for block in found] == [3, 2]


def test_entries_of_a_contents_list_with_numbers_that_stand_apart() -> None:
    pieces: list[Piece] = []
    for n, (number, text) in enumerate(
        [("2", "The ferry at a glance"), ("14", "Crossings of the"), ("", "second year")]
    ):
        pieces += words(number, 60, 100 + 13 * n) + words(text, 85, 100 + 13 * n)
    found = read(pieces)
    assert [block.text for block in found] == [
        "2 The ferry at a glance",
        "14 Crossings of the\nsecond year",
    ]


def test_headings_over_one_another_are_apart() -> None:
    pieces = words("Discussion", 217, 100, bold=True)
    pieces += words("I. The books were kept with care.", 60, 113, bold=True)
    pieces += lines([(60, FULL)] * 3, 126)
    found = read(pieces)
    assert [block.role for block in found] == ["heading", "heading", "paragraph"]
    assert [block.text for block in found][:2] == [
        "Discussion",
        "I. The books were kept with care.",
    ]


def test_numbers_and_capitals_over_the_middle_of_a_text_are_headings() -> None:
    edge = 60 + words(FULL, 60, 0)[-1].right
    body = [(60.0, FULL)] * 4
    pieces = lines(body, 90)
    for y, title in ((200, "II"), (213, "A"), (330, "CERTIFICATE OF SERVICE")):
        width = words(title, 0, 0)[-1].right
        pieces += words(title, (edge - width) / 2, y)
    pieces += lines(body, 235) + lines(body, 350)
    found = read(pieces)
    heads = [block.text for block in found if block.role == "heading"]
    assert heads == ["II", "A", "CERTIFICATE OF SERVICE"]
    assert sum(block.role == "paragraph" for block in found) == 3


def test_capitals_beside_the_middle_or_with_a_comma_are_no_headings() -> None:
    pieces = words("ANNA OF THE PIER,", 200, 100)
    pieces += lines([(60.0, FULL)] * 4, 125)
    pieces += words("A NOTE", 60, 200) + lines([(60.0, FULL)] * 4, 225)
    assert all(block.role == "paragraph" for block in read(pieces))


def test_what_recurs_at_one_place_of_most_pages_is_no_heading() -> None:
    pages = []
    for number in range(1, 6):
        pieces = words(f"The ferry book {number}", 60, 30, 14) + column(60, 120, 20)
        pieces += words("Crossings", 60, 90, 14) if number == 2 else []
        pages.append(blocks(pieces, width=WIDTH, height=HEIGHT))
    set_roles(pages)
    heads = [block.text for page in pages for block in page if block.role == "heading"]
    assert heads == ["Crossings"]


def test_a_case_number_that_recurs_is_no_heading_and_the_title_is() -> None:
    pages = []
    for number in range(4):
        pieces = column(60, 120, 20) + words("3:21-cv-04567-AB", 60, 770, 8)
        if not number:
            pieces += words("The ferry case", 60, 60, 16)
            pieces += words("Case No. 3:21-cv-04567-AB", 60, 90, 14)
        pages.append(blocks(pieces, width=WIDTH, height=HEIGHT))
    set_roles(pages)
    heads = [block.text for page in pages for block in page if block.role == "heading"]
    assert heads == ["The ferry case"]


@pytest.mark.parametrize("amount", ["$1,186 million", "€ 12.50 each", "1.234.567 kr."])
def test_amounts_are_no_headings(amount: str) -> None:
    found = read(words(amount, 60, 60, 20) + column(60, 120, 20))
    assert [block.role for block in found] == ["paragraph", "paragraph"]


def test_a_wide_gap_in_a_line_alone_does_not_cut_it() -> None:
    first = "the shutters of the office were all closed."
    second = "See the second book, which was kept in a case"
    pieces = lines([(60, FULL)] * 3)
    pieces += words(first, 60, 139)
    pieces += words(second, pieces[-1].right + 12, 139) + lines([(60, FULL)] * 3, 152)
    found = read(pieces)
    assert len(found) == 1
    assert found[0].text.split("\n")[3] == f"{first} {second}"


def test_a_raised_mark_stays_in_its_line() -> None:
    start = words("a span of w", 60, 139)
    raised = Piece("(i)", start[-1].right + 0.3, 133, start[-1].right + 10, 142, 7)
    lowered = Piece("2", start[-1].right + 0.3, 144, start[-1].right + 4, 152, 7)
    rest = words("that was read aloud", raised.right + 3, 139)
    pieces = [*lines([(60, FULL)] * 3), *start, raised, lowered, *rest, *lines([(60, FULL)], 152)]
    found = read(pieces)
    assert len(found) == 1
    assert found[0].text.split("\n")[3] == "a span of w (i) 2 that was read aloud"


def test_words_cut_at_a_column_end_are_carried_over() -> None:
    left = [*column(50, 100, 8), *words(f"and read it cross{HYPHEN}", 50, 204)]
    right = [*words("ing after crossing", 320, 100), *column(320, 113, 8, offset=4)]
    text = "\n".join(block.text for block in read(left + right))
    assert f"read it cross{HYPHEN}ing" in text
    assert "ing after" not in text.split("read it", 1)[1].split(f"{HYPHEN}ing", 1)[1][:4]


def test_confidence_is_the_mean_over_characters() -> None:
    pieces = [Piece("abc", 50, 100, 65, 112, 10, 0.9), Piece("d", 68, 100, 73, 112, 10, 0.5)]
    [block] = read(pieces)
    assert block.confidence == pytest.approx(0.8)
    assert block.bbox == pytest.approx((50 / WIDTH, 100 / HEIGHT, 73 / WIDTH, 112 / HEIGHT))


def test_columns_of_a_script_written_leftwards() -> None:
    letters = "אבגדהוזחט"
    right = [Piece(letters, 400 - 60 * (i % 3), 100 + 13 * (i // 3), 450 - 60 * (i % 3),
                   112 + 13 * (i // 3), 10) for i in range(24)]  # fmt: skip
    left = [Piece("כלמנס", 190 - 60 * (i % 3), 100 + 13 * (i // 3), 240 - 60 * (i % 3),
                  112 + 13 * (i // 3), 10) for i in range(24)]  # fmt: skip
    found = read(left + right)
    assert flat(found) == as_text(right + left)


boxes = st.builds(
    lambda text, x, y, w, size, turned: Piece(text, x, y, x + w, y + size, size, turned=turned),
    st.text("ab1)-§\ufffe א", min_size=1, max_size=6).filter(lambda text: text.strip()),
    st.floats(-50, 650), st.floats(-50, 850), st.floats(0, 300), st.floats(0.1, 60),
    st.booleans(),
)  # fmt: skip


@settings(deadline=None, max_examples=150)
@given(st.lists(boxes, max_size=40))
def test_no_character_is_lost_whatever_the_boxes(pieces: list[Piece]) -> None:
    def count(texts: list[str]) -> Counter[str]:
        counted = Counter("".join(texts))
        # Hyphens and ruling brackets may change; the rest may not.
        return Counter({c: n for c, n in counted.items() if c in "ab1א"})

    found = read(pieces)
    assert count([block.text for block in found]) == count([piece.text for piece in pieces])
    assert all(0 <= edge <= 1 for block in found for edge in block.bbox)


# ------------------------------------------------------------------------- the PDF reader

pytest.importorskip("pypdfium2", reason="the extra 'documents' is not installed")
canvas = pytest.importorskip("reportlab.pdfgen.canvas", reason="reportlab is not installed")


class Drawn:
    """A PDF under construction; y is counted from the top of the page."""

    def __init__(self, **options: Any) -> None:
        self.buffer = io.BytesIO()
        self.canvas = canvas.Canvas(self.buffer, pagesize=(WIDTH, HEIGHT), **options)

    def show(
        self, x: float, y: float, text: str, size: float = 10, font: str = "Times-Roman"
    ) -> None:
        self.canvas.setFont(font, size)
        self.canvas.drawString(x, HEIGHT - y, text)

    def lines(self, x: float, y: float, count: int, offset: int = 0, size: float = 10) -> str:
        shown = []
        for line in range(count):
            at = (offset + 7 * line) % (len(TEXT) - 8)
            # A sentence that ends in a short line would end the paragraph.
            shown.append(" ".join(TEXT[at : at + 7]).replace(".", ""))
            self.show(x, y + 1.3 * size * line, shown[-1], size)
        return "\n".join(shown)

    def save(self, path: Path) -> Path:
        self.canvas.save()
        path.write_bytes(self.buffer.getvalue())
        return path


def segments(reader: PdfReader) -> list[dict[str, Any]]:
    [row] = [r for shard in reader.shards() for t in reader.read(shard) for r in t.to_pylist()]
    assert row["drop_reason"] is None, row["drop_reason"]
    return list(row["segments"])


def test_pdf_page_with_everything(tmp_path: Path) -> None:
    pdf = Drawn()
    pdf.show(150, 80, "Crossings of the northern ferry", 18, "Times-Bold")
    # Drawn line by line over both columns, as some programs do.
    left = right = ""
    for line in range(12):
        left += pdf.lines(60, 120 + 13 * line, 1, 7 * line) + "\n"
        right += pdf.lines(320, 120 + 13 * line, 1, 7 * line + 5) + "\n"
    rows = [
        ("Pier", "Late", "Early"),
        ("North", "12", "3"),
        ("South", "7", "41"),
        ("East", "0", "8"),
    ]
    for place, row in enumerate(rows):
        for cell, text in enumerate(row):
            pdf.show(80 + 150 * cell, 320 + 16 * place, text)
    note = "1 The second book is kept apart."
    pdf.show(60, 700, note, 7)
    pdf.canvas.saveState()
    pdf.canvas.rotate(90)
    pdf.show(200, HEIGHT + 20, "received in the archive", 9)
    pdf.canvas.restoreState()
    found = segments(PdfReader(str(pdf.save(tmp_path / "a.pdf"))))
    title = "Crossings of the northern ferry"
    assert [(s["text"], s["ref"]) for s in found] == [
        (title, title),
        (left.strip(), title),
        (right.strip(), title),
        ("\n".join(" | ".join(row) for row in rows), title),
        (note, "footnotes"),
        ("received in the archive", "margin"),
    ]
    assert {s["origin"] for s in found} == {"text layer"}
    assert {s["kind"] for s in found} == {"paragraph"}
    box = found[0]["bbox"]
    assert box[0] == pytest.approx(150 / WIDTH, abs=0.01)
    assert box[1] < 80 / HEIGHT < box[3] < 95 / HEIGHT


@pytest.mark.parametrize("turn", [90, 180, 270])
def test_pdf_pages_shown_turned(tmp_path: Path, turn: int) -> None:
    """A page drawn sideways and shown upright: boxes are those of the page as it is shown."""
    pdf = Drawn()
    pdf.canvas.setPageRotation(turn)
    # The page is drawn with its sides exchanged, so that it is shown with those asked for.
    wide, high = (HEIGHT, WIDTH) if turn % 180 else (WIDTH, HEIGHT)
    pdf.canvas.translate(*{90: (wide, 0), 180: (wide, high), 270: (0, high)}[turn])
    pdf.canvas.rotate(turn)
    pdf.show(100, 200, "Shown upright")
    [segment] = segments(PdfReader(str(pdf.save(tmp_path / "a.pdf"))))
    assert segment["text"] == "Shown upright"
    left, top, right, bottom = segment["bbox"]
    assert left == pytest.approx(100 / WIDTH, abs=0.01)
    assert top < 200 / HEIGHT < bottom < 215 / HEIGHT
    assert right == pytest.approx((100 + 57) / WIDTH, abs=0.02)


def test_pdf_line_numbers_are_left_out_and_named(tmp_path: Path) -> None:
    pdf = Drawn()
    for number in range(1, 29):
        pdf.show(50, 60 + 24 * number, str(number))
    text = pdf.lines(100, 84, 20, size=18.46)
    reader = PdfReader(str(pdf.save(tmp_path / "a.pdf")))
    [row] = [r for shard in reader.shards() for t in reader.read(shard) for r in t.to_pylist()]
    assert [s["text"] for s in row["segments"]] == [text]
    assert {"key": "pages_with_line_numbers", "value": "1"} in row["metadata"]


def test_pdf_outline_gives_the_levels(tmp_path: Path) -> None:
    pdf = Drawn()
    for depth, (y, title) in enumerate([(60, "The year"), (200, "The winter")]):
        pdf.canvas.bookmarkPage(title)
        pdf.canvas.addOutlineEntry(title, title, depth)
        pdf.show(60, y, title)
        pdf.lines(60, y + 40, 4)
    found = segments(PdfReader(str(pdf.save(tmp_path / "a.pdf"))))
    assert [s["ref"] for s in found] == ["The year"] * 2 + ["The year > The winter"] * 2


def test_pdf_without_blocks_has_one_segment_a_page(tmp_path: Path) -> None:
    pdf = Drawn()
    pdf.lines(60, 60, 4)
    pdf.lines(60, 300, 4)
    path = str(pdf.save(tmp_path / "a.pdf"))
    [page] = segments(PdfReader(path, blocks=False))
    assert page["kind"] == "page" and page["bbox"] is None
    assert len(segments(PdfReader(path))) == 2


def test_pdf_opens_with_a_password_that_is_written_nowhere(tmp_path: Path) -> None:
    from reportlab.lib.pdfencrypt import StandardEncryption

    pdf = Drawn(encrypt=StandardEncryption("quince", strength=128))
    text = pdf.lines(60, 60, 3)
    path = str(pdf.save(tmp_path / "a.pdf"))
    reader = PdfReader(path, passwords=("medlar", "quince"))
    assert [s["text"] for s in segments(reader)] == [text]
    pipeline = Pipeline(reader=reader, transforms=[], writer=ParquetWriter(str(tmp_path / "out")))
    assert "quince" not in repr(reader) + pipeline.to_yaml() + pipeline.to_yaml(locations=False)
    assert (
        reader.passwords
        and pipeline.fingerprint
        == Pipeline(
            reader=PdfReader(path), transforms=[], writer=ParquetWriter(str(tmp_path / "out"))
        ).fingerprint
    )
    for tried in ((), ("medlar",)):
        wrong = PdfReader(path, passwords=tried)
        [row] = [r for shard in wrong.shards() for t in wrong.read(shard) for r in t.to_pylist()]
        assert "encrypted" in row["drop_reason"] and "medlar" not in row["drop_reason"]
    with pytest.raises(InvalidParameter) as refused:
        PdfReader(path, passwords="quince")  # type: ignore[arg-type]
    assert "quince" not in str(refused.value)


def test_real_pages_lose_no_character(real_data: Path) -> None:
    """Blocks against the text of the page; only hyphens, bars and ruling brackets may differ."""
    from datapartnerships._backends.pypdfium2 import Pdf

    def letters(text: str) -> Counter[str]:
        return Counter(char for char in text if char.isalnum())

    for path in sorted((real_data / "documents" / "court_pdf").glob("*.pdf")):
        with Pdf(path.read_bytes()) as pdf:
            for number, page in enumerate(pdf.pages(layout=True), 1):
                found = "".join(block.text for block in page.blocks)
                assert letters(found) == letters(page.text or ""), (path.name, number)


def test_real_two_columns_in_reading_order(real_data: Path) -> None:
    path = real_data / "documents" / "corrupt" / "multi-column-2p.pdf"
    found = [" ".join(s["text"].split()) for s in segments(PdfReader(str(path)))]
    text = " ".join(found)
    order = [
        "Abstract", "Open-domain question answering relies on efficient passage retrieval",
        "1 Introduction", "indicating the needs of improving retrieval",
        "Retrieval in open-domain QA is usually implemented",
        "1The code and trained models have been released", "2 Background",
        "3 Dense Passage Retriever", "3.1 Overview",
    ]  # fmt: skip
    places = [text.index(phrase) for phrase in order]
    assert places == sorted(places)
