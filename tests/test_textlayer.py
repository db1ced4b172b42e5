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
