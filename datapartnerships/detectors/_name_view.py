"""The words of a piece of a column while names are compared with them: strings only on demand."""

from __future__ import annotations

from collections.abc import Container, Mapping
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from datapartnerships.detectors._endings import same
from datapartnerships.detectors._name_parts import ORDINARY, PARTICLES, is_initial, near
from datapartnerships.detectors._scan import table_of
from datapartnerships.kernels.name_words import fold, name_words, without_breaks
from datapartnerships.kernels.words import Edges, Hashes, buffers

EXACT_NAME, INITIALS, ALL_SMALL, BESIDE_TITLE, ALONE = 0.95, 0.8, 0.7, 0.7, 0.4
# Characters between two words of a name, with up to three particles among them.
_GAP = 40
# Letters and digits of a value that are looked at before the others.
HEAD = 4
# First bytes of what may stand between them; some are of spaces and hyphens beyond ASCII.
_BETWEEN = table_of(b" \t\n\r\f\v-,.\xc2\xe2\xe3")


class Place(NamedTuple):
    """From the first word of a piece to the last, and how surely."""

    first: int
    last: int
    score: float


class View:
    """Words of `texts` by number: `keys`, `text` (which one each is in), and their strings."""

    def __init__(self, texts: pa.Array) -> None:
        texts = without_breaks(texts)
        found = name_words(texts)
        self.keys: Hashes = found.keys
        self.starts, self.ends = found.words.starts, found.words.ends
        self.edges: Edges = found.words.edges
        self.text = np.repeat(np.arange(len(texts)), np.diff(self.edges))
        self.hashes = found.words.hashes
        self.data, self.bounds = buffers(texts)
        self._raw = self.data.data
        first = self.data[self.starts]
        capital = (first - 65) < 26
        # Other letters than ASCII ones may be capitals.
        after = self.data[np.minimum(self.starts + 1, max(len(self.data) - 1, 0))]
        self.large = capital | (first > 127) | (after == 0x27) | (after == 0xE2)  # d'Anna
        many = np.bincount(self.text[capital], minlength=len(texts))
        # Texts with hardly a capital: of recognized speech, of people who write so.
        small = many * 50 < np.diff(self.edges)
        self.small = small[self.text]
        self.single = found.words.characters == 1
        self.joins = self._joins()

    def _joins(self) -> npt.NDArray[np.bool_]:
        """Whether each word and the next of its text may be of one name, by what is between."""
        joins = np.zeros(len(self.keys), np.bool_)
        joins[:-1] = self.text[1:] == self.text[:-1]
        i = np.flatnonzero(joins)
        between = self.data[np.minimum(self.ends[i], len(self.data) - 1)]
        apart = self.starts[i + 1] - self.ends[i]
        near = (apart <= _GAP) & (_BETWEEN[between] | (apart == 0))
        joins[i] = near & ((between != 46) | self.single[i])  # a period, after an initial only
        return joins

    def word(self, number: int) -> str:
        return str(self._raw[self.starts[number] : self.ends[number]], "utf-8")

    def gap(self, number: int) -> str:
        """What stands between this word and the next one of its text."""
        start, end = self.ends[number], self.starts[number + 1]
        return str(self._raw[start : min(end, start + _GAP)], "utf-8", "ignore")

    def beside(self, one: int, other: int) -> bool:
        """Whether both are words of one text."""
        return one >= 0 and other < len(self.text) and bool(self.text[one] == self.text[other])


def person_at(view: View, i: int, j: int, name: tuple[str, ...]) -> Place | None:
    """Whether words `i` to `j` (1 to 3 apart) are the person `name`; with what is beside them."""
    if all(len(part) == 1 for part in name):  # of a script without spaces
        return _unspaced(view, i, name)
    last = len(name) - 1
    head, tail = _part(name, view.word(i)), _part(name, view.word(j))
    if head is None or tail is None:
        return None
    words = [view.word(at) for at in range(i, j + 1)]
    gaps = [view.gap(at) for at in range(i, j)]
    (one, first), (other, second) = head, tail
    turned = one > other or (is_initial(words[-1]) and other == 0)
    if one == other or (turned and one != last) or not joined(words, gaps, turned):
        return None
    short = is_initial(words[0]) or is_initial(words[-1])
    for word in words[1:-1]:
        part = _part(name, word)
        if part is not None and part[0] in (one, other):  # another mention begins or ends here
            return None
        known = part is not None or is_initial(word) or fold(word) in PARTICLES
        if not known and not (word[0].isupper() and not turned and not short):
            return None
    if turned and short and not (is_initial(words[-1]) and view.data[view.ends[j]] == 46):
        return None
    small = [word for word in (words[0], words[-1]) if word[:1].islower()]
    if any(fold(word) in ORDINARY for word in small):
        return None
    grade = min(first, second) - (0.01 if turned else 0)
    used = {part[0] for word in words if (part := _part(name, word))}
    return Place(*_extended(view, i, j, name, used), _score(grade, short, bool(small)))


def _score(grade: float, short: bool, small: bool) -> float:
    score = EXACT_NAME * grade
    if short:
        score = min(score, INITIALS)
    return min(score, ALL_SMALL) if small else score


def _part(name: tuple[str, ...], word: str) -> tuple[int, float] | None:
    """Which word of `name` this is, or begins, and how surely."""
    for index, part in enumerate(name):
        if found := same(part, word, None):
            return index, found.grade
    if is_initial(word):
        for index, part in enumerate(name[:-1]):
            if fold(part[0]) == fold(word):
                return index, 1.0
    return None


def joined(words: list[str], gaps: list[str], turned: bool) -> bool:
    """Whether these gaps behind words stand in one name; with commas where it is turned round."""
    for word, gap in zip(words, gaps, strict=False):
        if is_initial(word) and gap.startswith("."):
            gap = gap[1:] or " "
        if not (near().fullmatch(gap) or (turned and near(comma=True).fullmatch(gap))):
            return False
    return True


def _extended(view: View, i: int, j: int, name: tuple[str, ...], used: set[int]) -> tuple[int, int]:
    """With other words of the name, and initials of them, on both sides."""
    for step in (-1, 1):
        while True:
            beside, gap = (i - 1, i - 1) if step < 0 else (j + 1, j)
            if not view.beside(gap, gap + 1):
                break
            word = view.word(beside)
            part = _part(name, word) if word[:1].isupper() else None
            if part is None or part[0] in used:
                break
            if not joined([view.word(gap)], [view.gap(gap)], False):
                break
            used.add(part[0])
            i, j = (beside, j) if step < 0 else (i, beside)
    return i, j


def _unspaced(view: View, i: int, name: tuple[str, ...]) -> Place | None:
    end = i + len(name) - 1
    if not view.beside(i, end) or view.starts[end] - view.ends[i] > 4 * len(name):
        return None
    for offset, letter in enumerate(name):
        if view.word(i + offset) != letter:
            return None
    return Place(i, end, EXACT_NAME)


def edges_of(view: View, place: Place, name: tuple[str, ...]) -> tuple[int, int]:
    """Bytes of the piece that are the name: without what is elided before or appended after it."""
    start, end = int(view.starts[place.first]), int(view.ends[place.last])
    word = view.word(place.first)
    for part in name:
        if (found := same(part, word, None)) and found.start:
            start += len(word[: found.start].encode())
            break
    word = view.word(place.last)
    for part in name:
        if (found := same(part, word, None)) and found.end < len(word):
            end -= len(word[found.end :].encode())
            break
    if is_initial(word) and view.data[end : end + 1].tobytes() == b".":
        end += 1
    return start, end


def matched(
    view: View, start: int, stop: int, known: Mapping[str, str], heads: Container[str], longest: int
) -> tuple[int, str] | None:
    """The one of `known` (letters and digits, folded) that stands at `start`, and its end.

    Between its letters may be up to three characters that are neither letters nor digits; of
    several it is the longest.

    Args:
        heads: the first `HEAD` letters of each; what begins otherwise is not read on.
        longest: letters of the longest.
    """
    window = str(view.data[start : min(stop, start + 6 * longest + 8)].data, "utf-8", "ignore")
    found: tuple[int, str] | None = None
    bare, apart = "", 0
    for index, letter in enumerate(window):
        if letter.isalnum():
            bare, apart = bare + fold(letter), 0
            # Nothing stands between words of scripts from Thai on.
            ends = not window[index + 1 : index + 2].isalnum() or ord(letter) >= 0x0E00
            if ends and bare in known:
                found = index + 1, bare
            if len(bare) >= longest or (len(bare) == HEAD and bare not in heads):
                break
        elif not fold(letter):
            continue
        elif apart == 3:
            break
        else:
            apart += 1
    if found is None:
        return None
    return start + len(window[: found[0]].encode()), found[1]
