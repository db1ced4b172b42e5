"""What a page end cuts in two: the last words of a page with the first ones of the next."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from datapartnerships.transforms._spans import Strings

# Characters on either side: a name, a number or an address, and the words that announce it.
_REACH = 64
# A page that ends so may go on with the next; most end with a sentence. A title or an initial has a
# period too.
_GOES_ON = r"(?:[\p{L}\p{N}@,\-]|\b\p{Lu}\p{Ll}{0,3}\.)\s*$"
_WITH = r"^\s*[\p{L}\p{N}(+@]"
# What is likely enough where nothing says that the pages belong together.
_LEAST = 0.5


class Borders(NamedTuple):
    """Ends and beginnings of pages.

    Attributes:
        texts: both, with a space between; where a word is broken, without its hyphen.
        left: index of the string that ends there; the one behind it begins there.
        base: of the left one, the first character taken; `size`: how many were taken.
        gap: characters between; `lead`: white space before the first character of the right one.
    """

    texts: pa.Array
    left: npt.NDArray[np.int64]
    base: npt.NDArray[np.int64]
    size: npt.NDArray[np.int64]
    gap: npt.NDArray[np.int64]
    lead: npt.NDArray[np.int64]

    def cut(self, found: pa.Table, some: Strings) -> pa.Table:
        """Spans over a border or right behind it, as those of the strings that they are in.

        Others are found without it.
        """
        at = found["text"].to_numpy()
        start, end = found["start"].to_numpy(), found["end"].to_numpy()
        behind = self.size[at] + self.gap[at]
        over = (start <= behind) & (end > behind) & (found["score"].to_numpy() >= _LEAST)
        found = found.filter(pa.array(over))
        at, start, end, behind = at[over], start[over], end[over], behind[over]
        left = self.left[at]
        sides = (
            (left, self.base[at] + start, self.base[at] + self.size[at]),
            (left + 1, self.lead[at], self.lead[at] + end - behind),
        )
        tables = []
        for index, first, last in sides:
            table = pa.table(
                {
                    "field": pa.repeat(some.field, len(index)),
                    "segment": pa.array(some.places[index].astype(np.int32)),
                    "start": pa.array(first.astype(np.int32)),
                    "end": pa.array(last.astype(np.int32)),
                    **{name: found[name] for name in ("label", "score", "detector")},
                    "row": pa.array(some.rows[index]),
                }
            )
            tables.append(table.filter(pa.array(first < last)))
        return pa.concat_tables(tables)


def borders(some: Strings, kinds: pa.Array) -> Borders | None:
    """Where a page may go on with the next one; None if none does."""
    page = np.asarray(pc.fill_null(pc.equal(kinds, "page"), False))
    both = page[:-1] & page[1:] & (some.rows[1:] == some.rows[:-1])
    left = np.flatnonzero(both)
    if not len(left):
        return None
    tails = pc.utf8_slice_codeunits(pc.fill_null(some.texts.take(pa.array(left)), ""), -_REACH)
    heads = some.texts.take(pa.array(left + 1))
    heads = pc.utf8_slice_codeunits(pc.fill_null(heads, ""), 0, _REACH)
    likely = pc.and_(
        pc.match_substring_regex(tails, _GOES_ON), pc.match_substring_regex(heads, _WITH)
    )
    left, tails, heads = left[np.asarray(likely)], tails.filter(likely), heads.filter(likely)
    if not len(left):
        return None
    ends, begins = pc.utf8_rtrim_whitespace(tails), pc.utf8_ltrim_whitespace(heads)
    broken = pc.and_(
        pc.match_substring_regex(ends, r"\p{L}-$"), pc.match_substring_regex(begins, r"^\p{Ll}")
    )
    ends = pc.if_else(broken, pc.utf8_rtrim(ends, "-"), ends)
    between = pc.if_else(pc.or_(broken, pc.ends_with(ends, "-")), "", " ")
    whole = pc.utf8_length(some.texts.take(pa.array(left)))

    def numbers(values: pa.Array) -> npt.NDArray[np.int64]:
        return np.asarray(values).astype(np.int64)

    return Borders(
        pc.binary_join_element_wise(ends, begins, between),
        left,
        numbers(whole) - numbers(pc.utf8_length(tails)),
        numbers(pc.utf8_length(ends)),
        numbers(pc.utf8_length(between)),
        numbers(pc.utf8_length(heads)) - numbers(pc.utf8_length(begins)),
    )
