"""Runs of digits with only separators between, and what stands around them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from datapartnerships.detectors import _scan
from datapartnerships.detectors._scan import Block, Column

# Enough for "Telephone number of the office: " before, and for an extension after.
_BEFORE_BYTES, _AFTER_BYTES = 48, 24
_GROUP = re.compile(r"[0-9]+")
SPACES = frozenset(" \u00a0\u202f")
_SPACE_BRACKET = frozenset(space + "(" for space in SPACES)


class Group(NamedTuple):
    """Neighboring digits, in characters of a window."""

    start: int
    end: int

    @property
    def size(self) -> int:
        return self.end - self.start


class Run(NamedTuple):
    """Groups of digits with only separators between, and the characters around them."""

    text: str
    groups: list[Group]

    def gap(self, index: int) -> str:
        """What stands between group `index` and the next one."""
        if index + 1 >= len(self.groups):
            return ""
        return self.text[self.groups[index].end : self.groups[index + 1].start]

    def starts(self) -> list[int]:
        """Groups at which a number may begin: the first, and those after a space.

        A digit alone between spaces begins none; long rows of them are where time would go.
        """
        text = self.text
        return [
            index
            for index, (start, end) in enumerate(self.groups)
            if index == 0
            or (
                (text[start - 1] in SPACES or text[start - 2 : start] in _SPACE_BRACKET)
                and (end - start > 1 or text[end : end + 1] not in SPACES)
            )
        ]

    def parts(self, index: int) -> bool:
        """Whether there is a space after group `index`."""
        return not SPACES.isdisjoint(self.gap(index))

    def opens(self, index: int) -> bool:
        """Whether nothing is glued to the front of a group of `starts`."""
        if index:
            return True
        start, lead = self.lead(0)
        before, earlier = self.text[start - 1 : start], self.text[max(0, start - 2) : start - 1]
        if before.isalnum() or before == "_":
            return False
        if lead == "+" or before not in _GLUE:
            return True
        # `Tel.030 ...`, but not `fig. 1.030 ...`
        return before == "." and earlier.isalpha()

    def lead(self, index: int) -> tuple[int, str]:
        """Where a number with its ``+`` or opening bracket begins, and which of them it has."""
        start = self.groups[index].start
        if index == 0 and (plus := _PLUS.search(self.text, max(0, start - 3), start)):
            return plus.start() + (plus[0][0] == "(" and ")" not in self.gap(0)), "+"
        if start and self.text[start - 1] == "(":
            return (start - 1, "(") if self.gap(index).startswith(")") else (start, "")
        return start, ""

    def closes(self, index: int) -> bool:
        """Whether a number may end with this group."""
        if index + 1 < len(self.groups):
            return self.parts(index) or self.gap(index) == "/"
        end = self.groups[-1].end
        return bool(_ENDS.match(self.text, end) or EXTENSION.match(self.text, end))

    def digits(self, first: int, last: int) -> str:
        return "".join(self.text[g.start : g.end] for g in self.groups[first : last + 1])


EXTENSION = re.compile(
    r"(?:[ \u00a0]{0,2}[,;]?[ ]?(?:ext(?:ension|n)?|poste|durchwahl|int)\.?:?[ ]{0,2}|[ ]?x[ ]?)"
    r"[0-9]{1,6}(?!\w)",
    re.IGNORECASE,
)
_GLUE = frozenset("/\\@.-,#$€£¥%&")
_PLUS = re.compile(r"\(?\+ ?\Z")
# Not into a word, a decimal, a percentage or a sum of money.
_ENDS = re.compile(
    r"""(?![\w@%‰°€$£¥]|[.,]\d|[ \u00a0\n](?:[%‰€$£¥]|(?:eur|euros?|usd|gbp|isk|chf|dkk|nok|sek|kr
    |mio|mill?|milj|million\w*|dollars?|pounds?|krón\w+|kronor|kroner|pesetas)\b))""",
    re.IGNORECASE | re.VERBOSE,
)
# Decimals and dates, most runs of prose: no number in `_phones` or `_cards` is one of these, if no
# plus stands before it.
_DAY, _YEAR = rb"(?:0?[1-9]|[12][0-9]|3[01])", rb"(?:1[5-9]|20)[0-9]{2}"
_PLAIN = re.compile(
    rb"(?!00)[0-9]{6,9}\.[0-9]{1,2}|[02-79]\.[0-9]{6,}|%(y)s([./\-])%(d)s\1%(d)s"
    rb"|%(d)s([./\-])%(d)s\2(?:%(y)s|[0-9]{2})|%(y)s ?[/\-] ?%(y)s" % {b"d": _DAY, b"y": _YEAR}
)
# What glues a number to what stands before it (see `Run.opens`); without a space none begins in it.
_GLUED = re.compile(rb"[0-9A-Za-z_/\\@\-,#$&%]\Z|(?<![A-Za-z\x80-\xff])\.\Z")
_ONE = re.compile(rb"[0-9./()\-]+")
_IBAN = re.compile(r"(?<![A-Za-z0-9])[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){0,3} ?\Z")


def runs(column: Column, block: Block, least: int) -> Iterator[tuple[Run, int]]:
    """Runs of at least `least` digits, with the byte at which their window begins.

    Left out are those inside an IBAN (ISO 13616), which others detect.
    """
    first, past = _scan.digit_runs(block, least)
    texts = column.text_of(first)
    floors, ceilings = column.bounds[texts].tolist(), column.bounds[texts + 1].tolist()
    for at, to, floor, ceiling in zip(first.tolist(), past.tolist(), floors, ceilings, strict=True):
        before = bytes(column.raw[max(floor, at - 4) : at])
        if _GLUED.search(before) and _ONE.fullmatch(column.raw, at, to):
            continue
        if to - at < 24 and _PLAIN.fullmatch(column.raw, at, to) and b"+" not in before:
            continue
        begin = max(floor, at - _BEFORE_BYTES)
        text, begin = column.window(begin, min(ceiling, to + _AFTER_BYTES))
        start = len(str(column.raw[begin:at], "utf-8"))
        stop = start + (to - at if text.isascii() else len(str(column.raw[at:to], "utf-8")))
        run = Run(text, [Group(*m.span()) for m in _GROUP.finditer(text, start, stop)])
        if not _IBAN.search(text, 0, run.groups[0].end):
            yield run, begin
