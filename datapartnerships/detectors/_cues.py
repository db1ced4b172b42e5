"""What follows a cue: a number, a name, a date, or the rest of the line."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from datapartnerships.detectors import _scan
from datapartnerships.detectors._literals import Literals
from datapartnerships.detectors._scan import Block, Column, Hit, Positions, byte_length

_BEFORE_BYTES, _AFTER_BYTES = 64, 200
# What may stand between a cue and its value, besides a line end.
_LINK = re.compile(
    r"""(?:[ \t\u00a0.:;=#()\[\]|"'*_<>\-–—№º°]|\0){0,12}
    (?:(?:is\ the|is|was|er|var|ist|lautet|es|est|é|è|jest|no|nr|number|númer|nummer|numer|número
    |nº|n[°º.]|n\.º)\b[ \t.:#º°]{0,3}){0,2}(?:\n[ \t]{0,8})?["'*(\[]?""",
    re.VERBOSE | re.IGNORECASE,
)
_SIGN = re.compile(r"[:=#№]|\bn[rºo°]\b|º|°|\bnumber|\bnummer|\bnúmer", re.IGNORECASE)

# A group with a digit in it, with up to five letters and a sign before: `nhc-7946`, `F1628`.
_GROUP = r"[^\W_]*[0-9][^\W_]*"
_NUMBER = re.compile(
    rf"(?:[A-Z]{{1,5}} ){{0,2}}(?:[^\W\d_]{{1,5}}[\-/. ]{{1,2}})?{_GROUP}"
    rf"(?:[\-/.:_–‑]{{1,2}}[^\W_]+|[ \u00a0](?:[A-Z][A-Za-z]{{0,3}} )?{_GROUP}(?![^\W_]))*"
)
# `28 28 20943 years`: what a word in small letters counts is another number.
_COUNTED = re.compile(r"[ \u00a0][0-9]{1,3}\Z")
_AND = re.compile(r"(?:,| (?:and|og|und|et|y|e|i|en|och|oraz|&)) ")
_ASCII_YEAR = re.compile(r"(?:1[5-9]|20)[0-9]{2}\Z")
_MONTH = r"[^\W\d_]{3,12}\.?"
_DATE = re.compile(
    rf"""[0-9]{{1,2}}[ ]?[./\-–][ ]?[0-9]{{1,2}}[ ]?[./\-–][ ]?(?:[0-9]{{4}}|[0-9]{{2}})(?![0-9])
    |[0-9]{{4}}[ ]?[./\-–][ ]?[0-9]{{1,2}}[ ]?[./\-–][ ]?[0-9]{{1,2}}(?![0-9])
    |[0-9]{{1,2}}(?:st|nd|rd|th|er|\.|º|°|ª)?[ \-]?(?:de[ ]|of[ ])?
        {_MONTH}(?:[ ]del?)?,?[ \-]?[0-9]{{2,4}}(?![0-9])
    |{_MONTH}[ ][0-9]{{1,2}}(?:st|nd|rd|th)?,?[ ][0-9]{{4}}(?![0-9])
    |[0-9]{{8}}(?![0-9])|[0-9]{{6}}(?![0-9])|[0-9]{{4}}(?![0-9])
    |[0-9]{{4}}年[0-9]{{1,2}}月[0-9]{{1,2}}日""",
    re.VERBOSE,
)
_WORD = r"[^\W\d_](?:[^\W\d_]|['’.\-](?=[^\W\d_]))*\.?"
_PARTICLE = (
    r"(?:de|del|la|las|los|y|i|e|da|das|do|dos|di|van|von|der|den|het|ten|ter|zu|af|og|le|du|bin"
    r"|al|el|á|í)"
)
_NAME = re.compile(rf"{_WORD}(?:,[ ]?{_WORD})?(?:[ \u00a0](?:{_PARTICLE}[ ]){{0,3}}{_WORD}){{0,7}}")
_LINE = re.compile(r"[^\n\t\"]*?(?=[ ]{2}|[\n\t\"]|\Z)")


def _number(text: str, at: int, told: bool) -> Iterator[tuple[int, int]]:
    while match := _NUMBER.match(text, at):
        value, end = match[0], match.end()
        if text[end : end + 1] == " " and text[end + 1 : end + 2].islower():
            value = _COUNTED.sub("", value) if " " in value else value
        end = at + len(value)
        digits = sum(character.isdigit() for character in value)
        if not told and (digits < 4 or _ASCII_YEAR.match(value)):
            return
        if len(value) < 2 and not told:
            return
        yield at, end
        further = _AND.match(text, end)
        # `Nos. 19670/07, 20667/07 and 22043/07`
        following = further and _NUMBER.match(text, further.end())
        if (
            not following
            or not following[0][0].isdigit()
            or sum(c.isdigit() for c in following[0]) < max(3, digits - 2)
        ):
            return
        at, told = following.start(), False


def _name(text: str, at: int, _told: bool) -> Iterator[tuple[int, int]]:
    match = _NAME.match(text, at)
    if match is None or not text[at].isupper():
        return
    end = match.end()
    words = [(m.start(), m.end()) for m in re.finditer(r"[^\s,]+", text[at:end])]
    # The next label of a form stands on the same line: `Anna Jónsdóttir Kt.: ...`.
    if re.match(r"[ ]?[:#º°]", text[end:]) and len(words) > 1:
        words.pop()
    while words and not text[at + words[-1][0]].isupper():
        words.pop()
    kept = 0
    for start, past in words:
        word = text[at + start : at + past]
        if not word[0].isupper() and not re.fullmatch(_PARTICLE, word):
            break
        kept = past
        # A sentence ends: a dot after more than an initial or a title.
        if word.endswith(".") and len(word) > 5:
            break
    value = text[at : at + kept].rstrip()
    if value.endswith(".") and len(value.split()[-1]) > 2:
        value = value[:-1]
    # One word and a small letter are a sentence.
    after = text[at + len(value) : at + len(value) + 2]
    if len(value) > 1 and (" " in value or not after[1:].islower()):
        yield at, at + len(value)


def _date(text: str, at: int, _told: bool) -> Iterator[tuple[int, int]]:
    match = _DATE.match(text, at)
    if match is not None:
        yield match.span()


def _line(text: str, at: int, told: bool) -> Iterator[tuple[int, int]]:
    match = _LINE.match(text, at)
    value = match[0].rstrip(" .,;") if match else ""
    if told and len(value) > 1 and value[0].isalnum() and "@" not in value:
        yield at, at + len(value)


Reader = Callable[[str, int, bool], Iterator[tuple[int, int]]]
FORMS: dict[str, Reader] = {"number": _number, "name": _name, "date": _date, "line": _line}
FORM_OF = {"PERSON": "name", "BIRTH_DATE": "date", "DATE": "date", "ADDRESS": "line",
           "ORGANIZATION": "line", "LOCATION": "line", "USERNAME": "word"}  # fmt: skip
_USER = re.compile(r"[^\s,;:()\"']{2,64}")


def _word(text: str, at: int, told: bool) -> Iterator[tuple[int, int]]:
    match = _USER.match(text, at)
    if told and match is not None:
        yield at, at + len(match[0].rstrip("."))


FORMS["word"] = _word


class Cue(NamedTuple):
    """A cue, and what follows it: `form` is one of `FORMS`, or an expression."""

    word: str
    label: str
    form: str

    def values(self, text: str, told: bool) -> Iterator[tuple[int, int]]:
        """Start and end in characters of what follows, in text right behind the cue."""
        link = _LINK.match(text)
        at = link.end() if link else 0
        told = told or (link is not None and _SIGN.search(link[0]) is not None)
        reader = FORMS.get(self.form)
        if reader is not None:
            yield from reader(text, at, told)
        elif match := re.compile(self.form).match(text, at):
            yield match.span()


# A part of a name in code or in a URL.
_GLUED = re.compile(r"[^\W_][^\W_]\Z|[_\-]\w\Z|//\w\Z")
# Words between a cue and its number.
_LINKS = "is|was|er|var|ist|lautet|es|est|jest"
_LINKED = re.compile(rf"[ :](?:{_LINKS})\Z")
_LONGEST_LINK = max(map(len, _LINKS.split("|")))
_STOP = re.compile(r"[^\W_]+|[^\s\w]|_")
_TRAILING = ".: "


class Endings(NamedTuple):
    """Many cues, to be found from where their values or signs begin, backwards."""

    cues: Mapping[str, Cue]
    # The longest cue that ends with each word or sign.
    longest: Mapping[str, int]
    table: _scan.Mask
    # The last words of cues, and those that link, where they are ASCII (see `_last_words`): sorted.
    last: npt.NDArray[np.uint64]
    links: npt.NDArray[np.uint64]

    @classmethod
    def of(cls, cues: Iterable[Cue]) -> Endings:
        known: dict[str, Cue] = {}
        tails = {tail for link in _LINKS.split("|") for tail in _tails(link.encode())}
        for cue in cues:
            key = cue.word.casefold().rstrip(_TRAILING)
            known.setdefault(key, cue)
            for form in {key, key.upper(), key.title(), cue.word.rstrip(_TRAILING)}:
                tails.update(_tails(form.encode()))
        table = np.zeros(1 << _TABLE_BITS, np.bool_)
        table[_place(*np.array([list(tail) for tail in tails], np.uint8).T)] = True
        longest: dict[str, int] = {}
        for key in known:
            last = _STOP.findall(key)[-1]
            longest[last] = max(longest.get(last, 0), len(key))
        return cls(known, longest, table, _numbers(longest), _numbers(_LINKS.split("|")))

    def likely(self, codes: _scan.Codes, last: Positions) -> _scan.Mask:
        """Whether the word that ends at each byte ends a cue; true where that is not clear."""
        numbers, size, unclear = _last_words(codes, last)
        found: _scan.Mask = unclear | _scan.among(numbers, self.last)
        link = _scan.among(numbers, self.links) & _BLANK[codes[last - size]]
        before = _scan.back_over(codes, (last - size)[link], _SKIPPED, _MOST_SKIPPED)
        numbers, _, unclear = _last_words(codes, before)
        found[link] = unclear | _scan.among(numbers, self.last)
        return found

    def before(self, text: str) -> tuple[Cue, int] | None:
        """The longest cue that `text` ends with, and how many characters follow it."""
        bare = text.rstrip(_SEPARATORS)
        low = bare.casefold()
        if len(low) != len(bare):
            return None
        low = " ".join(low.split())
        if link := _LINKED.search(low, max(0, len(low) - _LONGEST_LINK - 1)):
            low = low[: link.start()]
        end = _STOP.match(low[::-1])
        size = self.longest.get(end[0][::-1], 0) if end else 0
        if not size:
            return None
        # A cue begins where a word does, and ends here.
        floor = max(0, len(low) - size)
        for match in _STOP.finditer(low, floor):
            start = match.start()
            if start == floor and floor and low[floor - 1 : floor + 1].isalnum():
                continue
            cue = self.cues.get(low[start:])
            if cue is None or (start and _GLUED.search(low, max(0, start - 2), start + 1)):
                continue
            between = text[len(bare) :]
            last = cue.word[-1]
            if (last == ":" and ":" not in between) or (
                last == "." and len(cue.word) < 4 and not between.startswith(".")
            ):
                continue
            return cue, len(between)
        return None


def _tails(form: bytes) -> Iterator[bytes]:
    """Four bytes that a cue ends with; before a shorter one, those that are of no word."""
    if len(form) >= 4:
        yield form[-4:]
    elif len(form) == 3:
        yield from (bytes([first]) + form for first in _APART)
    elif len(form) == 2:
        yield from (bytes([x, y]) + form for x in range(256) for y in _APART)
    else:
        raise ValueError(f"a cue needs two characters: {form!r}")


# Letters of a last word that are compared.
_MOST_WORD = 24
_ALPHANUMERIC = _scan.table_of(_scan.LETTERS + b"0123456789")
_BLANK = _scan.table_of(b" \t\r\n:")
# They wrap around on purpose: a number of the letters of a word.
_POWERS = np.cumprod(np.full(_MOST_WORD, 0x9E3779B97F4A7C15, np.uint64))


def _last_words(
    codes: _scan.Codes, last: Positions
) -> tuple[npt.NDArray[np.uint64], Positions, _scan.Mask]:
    """Of the ASCII words that end at these bytes: a number, the size, and whether it may be longer.

    None of the places is among the first `_MOST_WORD` bytes.
    """
    back = codes[last[:, None] - np.arange(_MOST_WORD)]
    inside = np.logical_and.accumulate(_ALPHANUMERIC[back], axis=1)
    size: Positions = inside.sum(axis=1)
    letters = np.where(inside, back | np.uint8(0x20), 0).astype(np.uint64)
    numbers: npt.NDArray[np.uint64] = np.asarray(letters @ _POWERS, np.uint64)
    unclear: _scan.Mask = (size == 0) | (size == _MOST_WORD) | (codes[last - size] > 127)
    return numbers, size, unclear


def _numbers(words: Iterable[str]) -> npt.NDArray[np.uint64]:
    some = [word.encode()[:_MOST_WORD] for word in words if word.isascii()]
    codes = np.frombuffer(b"".join(b" " * (2 * _MOST_WORD) + word for word in some), np.uint8)
    ends = np.cumsum([2 * _MOST_WORD + len(word) for word in some], dtype=np.int64) - 1
    return np.sort(_last_words(codes, ends)[0])


_TABLE_BITS = 20
_APART = b" \n\t.,;:(|-*\xa0"
_SEPARATORS = " \t\u00a0\n.:\"'*()[]=|>"
_SKIPPED = _scan.table_of(b" \t\n.:\"'*()[]=|>")
_MOST_SKIPPED = 6


def _place(*codes: _scan.Codes) -> Positions:
    """Of four bytes, a place in the table; ASCII letters of both cases alike."""
    word = np.zeros(len(codes[0]), np.uint64)
    for one in codes:
        word = (word << np.uint64(8)) | (one | np.uint8(0x20))
    mixed = (word * np.uint64(0x9E3779B1)) & np.uint64(0xFFFFFFFF)
    place: Positions = (mixed >> np.uint64(32 - _TABLE_BITS)).astype(np.int64)
    return place


def announced(column: Column, block: Block, known: Endings) -> Iterator[Hit]:
    """What follows cues that a sign or a number comes after."""
    codes = np.concatenate([np.full(_PADDING, 0x20, np.uint8), block.codes])
    unbroken = np.flatnonzero(codes[:-1] == 0xC2)
    unbroken = unbroken[codes[unbroken + 1] == 0xA0]
    codes[unbroken] = codes[unbroken + 1] = 0x20
    starts = block.digits[np.diff(block.digits, prepend=-2) > 1] + _PADDING
    # Letters and hyphens may begin the number.
    starts = _scan.back_over(codes, starts - 1, _BEGINS_NUMBER, _MOST_LETTERS) + 1
    starts = starts[~_IN_NUMBER[codes[starts - 1]]]
    places = np.append(starts, block.colons + _PADDING)
    last = _scan.back_over(codes, places - 1, _SKIPPED, _MOST_SKIPPED)
    some = known.table[_place(*(codes[last - i] for i in (3, 2, 1, 0)))]
    places, last = places - _PADDING + block.begin, last - _PADDING + block.begin
    texts = column.text_of(places)
    # What begins a text is looked at closely: the bytes before it are another's.
    deep = last - column.bounds[texts]
    likely = np.flatnonzero(some | (deep < 4))
    far = np.flatnonzero(deep[likely] >= 2 * _MOST_WORD)
    ends_cue = known.likely(codes, last[likely[far]] + _PADDING - block.begin)
    likely = np.delete(likely, far[~ends_cue])
    places, texts = places[likely], texts[likely]
    floors, ceilings = column.bounds[texts].tolist(), column.bounds[texts + 1].tolist()
    for place, floor, ceiling in zip(places.tolist(), floors, ceilings, strict=True):
        before, _ = column.window(max(floor, place - _BEFORE_BYTES), place + 1)
        before = before[:-1] + (before[-1] if before[-1] == ":" else "")
        found = known.before(before)
        if found is not None:
            cue, between = found
            begin = place + before.endswith(":") - byte_length(before[len(before) - between :])
            yield from _values(column, cue, begin, ceiling)


_PADDING, _MOST_LETTERS = 16, 6
_BEGINS_NUMBER = _scan.table_of(_scan.LETTERS + b"-")
_IN_NUMBER = _scan.table_of(_scan.LETTERS + b"-0123456789")


def written(
    column: Column, block: Block, words: Literals, cues: Mapping[str, Cue]
) -> Iterator[Hit]:
    """What follows cues wherever they stand."""
    for found in words.find(column, block):
        owner = int(column.text_of([found.start])[0])
        ceiling = int(column.bounds[owner + 1])
        yield from _values(column, cues[found.literal], found.end, ceiling, told=True)


def _values(
    column: Column, cue: Cue, begin: int, ceiling: int, told: bool = False
) -> Iterator[Hit]:
    text, begin = column.window(begin, min(ceiling, begin + _AFTER_BYTES))
    places = [i for i, character in enumerate(text) if character != "\0"]
    seen = text.replace("\0", "")
    for first, past in cue.values(seen, told or not cue.word[-1].isalnum()):
        if past > first:
            start, end = places[first], places[past - 1] + 1
            at = begin + byte_length(text[:start])
            yield Hit(at, at + byte_length(text[start:end]), cue.label, 0.8)
