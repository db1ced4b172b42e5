"""Text in plain letters and digits, and where each of its characters was.

Digits of other scripts, full-width and mathematical letters and signs, and letters of another
script that look like the Latin ones beside them are one ASCII character each; accents that are
characters of their own are put on their letter; what is not seen is left out.
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

Positions = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]

# Zero-width characters, marks of direction, invisible operators, the soft hyphen.
INVISIBLE = (
    0xAD, 0x034F, 0x061C, 0x180E, *range(0x200B, 0x2010), *range(0x202A, 0x202F),
    *range(0x2060, 0x2065), *range(0x2066, 0x206A), 0xFEFF,
)  # fmt: skip


@cache
def digits() -> tuple[int, ...]:
    """Code points of the decimal digits of other scripts, the full-width ones among them."""
    # All characters at once: to ask for one after another takes ten times as long.
    text = np.arange(0x600, 0xFF1A, dtype="<u4").tobytes().decode("utf-32-le", "surrogatepass")
    return tuple(map(ord, re.findall(r"\d", text)))


class Folded(NamedTuple):
    """Folded characters; where each began and ended in the text; and which were changed."""

    text: str
    begins: Positions
    ends: Positions
    changed: Mask


# Letters that look like a Latin one in most typefaces (Unicode's confusables, the common ones).
_ALIKE = dict(
    zip(
        "АВСЕНІЈКМОРЅТХҮаеосрхуіјѕһԁԛԝѵґАΑΒΕΖΗΙΚΜΝΟΡΤΥΧοϳνα",
        "ABCEHIJKMOPSTXYaeocpxyijshdqwvrAABEZHIKMNOPTYXojva",
        strict=True,
    )
)
_WORD = re.compile(r"[^\W\d_]{2,}")
_OTHER = re.compile("[\u0370-\u052f]")
_MORE = re.compile(f"[{''.join(map(chr, INVISIBLE))}]+|[^\\W\\d_][\u0300-\u034e]+", re.UNICODE)


@cache
def _plain() -> dict[int, str]:
    """One ASCII character for one of another script or form."""
    table = {code: str(unicodedata.digit(chr(code))) for code in digits()}
    table |= {code: chr(code - 0xFEE0) for code in range(0xFF01, 0xFF5F)}
    for code in range(0x1D400, 0x1D800):
        plain = unicodedata.normalize("NFKC", chr(code))
        if plain.isascii():
            table[code] = plain
    return table | {0x3000: " ", 0xFE6B: "@", 0x2024: ".", 0x2215: "/", 0x2044: "/"}


def fold(text: str) -> Folded:
    """`text` in plain letters and digits, with nothing in it that is not seen."""
    same = np.arange(len(text), dtype=np.int64)
    plain = (_OTHER.search(text) and _WORD.sub(_latin, text)) or text
    plain = plain.translate(_plain())
    changed = _codes(text) != _codes(plain)
    parts: list[str] = []
    keep = np.ones(len(text), np.bool_)
    ends = same + 1
    at = 0
    for found in _MORE.finditer(plain):
        start, end = found.span()
        whole = unicodedata.normalize("NFC", found[0]) if found[0][0].isalpha() else ""
        if len(whole) > 1:
            continue
        parts += [plain[at:start], whole]
        at = end
        keep[start + len(whole) : end] = False
        if whole:
            ends[start] = end
            changed[start] = True
        elif end < len(text):  # what is not seen is gone before this one
            changed[end] = True
    if not parts:
        return Folded(plain, same, ends, changed)
    parts.append(plain[at:])
    return Folded("".join(parts), same[keep], ends[keep], changed[keep])


def _codes(text: str) -> npt.NDArray[np.uint32]:
    return np.frombuffer(text.encode("utf-32-le"), np.uint32)


def _latin(found: re.Match[str]) -> str:
    """A word of Latin letters and such that look like them, in Latin letters alone."""
    word = found[0]
    if not _OTHER.search(word) or not any(letter < "\u0250" for letter in word):
        return word
    plain = "".join(_ALIKE.get(letter, letter) for letter in word)
    return word if _OTHER.search(plain) else plain
