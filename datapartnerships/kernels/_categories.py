"""The general category of every character, by the Unicode of the running Python."""

from __future__ import annotations

import sys
import unicodedata
from functools import cache

import numpy as np
import numpy.typing as npt

# All of these are letters since Unicode 10, and nearly half of all characters; to ask for each
# takes a while. What lies between 0x32400 and the variation selectors is not assigned.
_LETTERS = (
    (0x3400, 0x4DB6), (0x4E00, 0x9FEB), (0xAC00, 0xD7A4), (0x20000, 0x2A6D7), (0x2A700, 0x2B735),
    (0x2B740, 0x2B81E), (0x2B820, 0x2CEA2), (0x2CEB0, 0x2EBE1),
)  # fmt: skip
_OTHERS = ((0xD800, 0xF900), (0x32400, 0xE0000), (0xE0200, sys.maxunicode + 1))


@cache
def categories() -> npt.NDArray[np.uint8]:
    """The first letter of each one's general category ("L", "M", "N", ...), as ASCII; read only."""
    found = np.empty(sys.maxunicode + 1, np.uint8)
    at = 0
    for first, stop in sorted((*_LETTERS, *_OTHERS)):
        some = "".join(map(unicodedata.category, map(chr, range(at, first))))
        found[at:first] = np.frombuffer(some.encode(), np.uint8)[::2]
        found[first:stop] = ord("L" if (first, stop) in _LETTERS else "C")
        at = stop
    found.flags.writeable = False
    return found
