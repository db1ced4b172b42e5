"""Which pages have to be recognized, and what is said of them."""

from __future__ import annotations

import pytest

from datapartnerships.readers._textlayer import why_ocr

LETTER = (
    "The keeper of the lighthouse wrote to the harbor office every autumn, and every autumn the "
    "office answered that the lamp would be mended in spring. In the ninth year he mended it "
    "himself, sent the bill, and was asked by whose order he had done so. He kept the letter."
)


@pytest.mark.parametrize(
    ("text", "image_share", "paths", "reason"),
    [
        (LETTER, 0.0, 0, None),
        (LETTER, 1.0, 0, None),  # a scan that was recognized before
        ("", 0.0, 0, None),  # blank
        ("", 0.05, 0, None),  # a logo on a blank page
        ("Chapter One", 0.0, 12, None),
        ("", 0.3, 0, "no text layer"),
        ("", 1.0, 0, "no text layer"),
        ("Case 9:99-cv-1 Filed 01/02/03", 0.97, 0, "a scan, its text layer is a stamp of 29"),
        ("Page 3", 0.0, 2400, "its text seems to be drawn: 2,400 paths"),
        ("\ue001\ue002 \ue003" * 30, 0.0, 0, "its text layer is illegible: 100% of its characters"),
        (
            LETTER.translate({c: c + 3 for c in range(97, 120)}),
            0.0,
            0,
            "its text layer is illegible: ",
        ),
    ],
)
def test_why_a_page_has_to_be_recognized(
    text: str, image_share: float, paths: int, reason: str | None
) -> None:
    found = why_ocr(text, image_share, paths)
    assert found is None if reason is None else found is not None and reason in found


def _misread(text: str, every: int) -> str:
    """One letter in `every` as engines confuse it."""
    confused = {"e": "c", "o": "0", "l": "1", "i": "!", "t": "+", "a": "^", "s": "5", "h": "|i"}
    return "".join(
        confused.get(letter, letter) if place % every == 0 else letter
        for place, letter in enumerate(text)
    )


def test_a_poor_earlier_ocr_is_done_again() -> None:
    assert why_ocr(LETTER, 1.0) is None
    poor = _misread(2 * LETTER, 5)
    found = why_ocr(poor, 1.0)
    assert found is not None and "of its earlier OCR are misread" in found
    # Born digital, the page says what it says.
    assert why_ocr(poor, 0.0) is None


@pytest.mark.parametrize("share", [0.0, 1.0])
def test_other_languages_and_names_are_not_misread(share: float) -> None:
    sentences = (
        "Vitavörðurinn skrifaði hafnarskrifstofunni á hverju hausti, en þar var því svarað að "
        "ljósið yrði lagað að vori, hvað sem liði óveðrum, skipum og þeim sem á þeim voru. ",
        "Смотритель маяка писал в контору порта каждую осень, и каждую осень контора отвечала, "
        "что лампу починят весной, как бы ни было темно на море и сколько бы судов ни шло. ",
        "MacDonald v. McKinley, 117 Wn.2d 263, 280 (1991); see § 23(b)(2), e.g., the 2nd and 10th "
        "clauses; mail to clerk@example.org by 5:30 p.m., or call 555-0142 about O'Neill's case. ",
    )
    for sentence in sentences:
        assert why_ocr(3 * sentence, share) is None
