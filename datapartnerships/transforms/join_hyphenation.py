"""Words that a hyphen cuts at the end of a line, a column or a page."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import ClassVar

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from datapartnerships.kernels import count_min, hyphens
from datapartnerships.kernels.segments import flat, parents, with_text
from datapartnerships.kernels.strings import put, replace_regex
from datapartnerships.kernels.words import Hashes

Integers = npt.NDArray[np.int64]


@dataclass(frozen=True, kw_only=True)
class JoinHyphenation:
    """Join words that were cut at line ends; what they were, the corpus says.

    A `Fit`: the first pass counts words, and compounds with a hyphen, into at most 67 MB, however
    large the corpus is. See `JoinHyphens`, which it becomes.
    """

    version: ClassVar[int] = 3
    requires = frozenset({"segments"})
    provides = frozenset({"segments"})

    def sketch(self, batches: Iterable[pa.Table]) -> pa.Table:
        seen = np.zeros(2 * count_min.CELLS, np.uint32)
        for batch in batches:
            count_min.add(seen, hyphens.evidence(flat(batch)[1].field("text")))
        return count_min.table(seen)

    def combine(self, sketches: Iterable[pa.Table]) -> JoinHyphens:
        return JoinHyphens(counts=count_min.table(count_min.summed(sketches)))


@dataclass(frozen=True, kw_only=True, eq=False)
class JoinHyphens:
    """Join words that were cut at line ends, by how often each form of them stands elsewhere.

    The joined word or the compound with its hyphen, whichever is more frequent. Where neither is
    known the word is joined, except behind what no hyphenation parts (a single letter, a figure,
    letters without a vowel, capitals before small letters), before a capital, in paths and names
    of hosts, and at parts that are used with hyphens elsewhere. In URLs, e-mail addresses and
    names with an underscore the hyphen always stays. A hyphen that several words share stays with
    its line (``Haupt-`` before ``und``). Soft hyphens, ``¬`` and U+FFFE are always taken out;
    ``k-k`` is ``ck`` where that word is more frequent.

    The whole word is put at the beginning of the line where it ends, so that the line above is as
    long as it could be; where that line had no other letter, the two become one. A word
    that is cut by the end of a column or a page goes whole to the segment in which it begins;
    notes, margins and segments without a text between the two are passed over.

    Attributes:
        counts: table of (cell, count), as `JoinHyphenation.combine` makes it; without one, the
            words of each document are counted, and decide in it.
    """

    counts: pa.Table = field(default_factory=count_min.COUNTS.empty_table, repr=False)

    version: ClassVar[int] = 3
    name = "JoinHyphenation"
    requires = frozenset({"segments"})
    provides = frozenset({"segments"})

    def __post_init__(self) -> None:
        if isinstance(self.counts, tuple | list):  # from a configuration
            rows = [dict(row) for row in self.counts]
            object.__setattr__(self, "counts", pa.Table.from_pylist(rows, count_min.COUNTS))

    def __eq__(self, other: object) -> bool:
        return type(other) is type(self) and self.counts.equals(other.counts)

    def __hash__(self) -> int:
        return hash((type(self), self.counts.num_rows))

    def __call__(self, batch: pa.Table) -> pa.Table:
        offsets, structs = flat(batch)
        texts = structs.field("text")
        whole = replace_regex(texts, r"([\pL\pM])[\x{AD}\x{FFFE}]+([\pL\pM])", r"\1\2")
        rows = parents(offsets)
        counts = self._counts(whole, rows)
        found = hyphens.cuts(whole)
        by_row = found._replace(text=rows[found.text])
        whole = hyphens.join(whole, found, hyphens.decide(by_row, counts))
        whole = put(whole, _across(whole, structs, rows, counts))
        return batch if whole is texts else with_text(batch, whole)

    def _counts(self, texts: pa.Array, rows: Integers) -> hyphens.Counts:
        if not self.counts.num_rows:
            return _by_document(texts, rows)
        return lambda hashes, _: count_min.looked_up(self.counts, hashes)


def _by_document(texts: pa.Array, rows: Integers) -> hyphens.Counts:
    """Counts in the documents that have a cut word, each by itself."""
    cut = pc.match_substring_regex(texts, r"[-\x{2010}\x{AD}¬\x{FFFE}]\s*(\n|$)")
    wanted = np.unique(rows[np.asarray(pc.fill_null(cut, False))])
    held = {
        int(row): np.unique(
            hyphens.evidence(
                texts.slice(*_extent(rows, row)),
            ),
            return_counts=True,
        )
        for row in wanted
    }

    def seen(hashes: Hashes, of: Integers) -> Integers:
        answer = np.zeros(len(hashes), np.int64)
        for row in np.unique(of):
            known, counts = held[int(row)]
            mine = of == row
            if len(known):
                answer[mine] = count_min.found(known, counts, hashes[mine])
        return answer

    return seen


def _extent(rows: Integers, row: int) -> tuple[int, int]:
    start, stop = np.searchsorted(rows, [row, row + 1])
    return int(start), int(stop - start)


# ------------------------------------------------------------------- from segment to segment

# The rest of a word is looked for in so many segments behind it, and on this page or the next.
_AHEAD = 12
_BESIDE = ("footnotes", "margin", "page header", "page footer")


def _across(
    texts: pa.Array, structs: pa.StructArray, rows: Integers, counts: hyphens.Counts
) -> dict[int, str]:
    """The segments that words are moved out of and into."""
    open_ends = pc.match_substring_regex(texts, r"[\pL\pM][-\x{2010}\x{AD}¬\x{FFFE}]\s*$")
    ends = np.flatnonzero(np.asarray(pc.fill_null(open_ends, False)))
    kinds, pages, refs = (structs.field(name) for name in ("kind", "page", "ref"))

    def beside(index: int) -> bool:
        return not (texts[index].as_py() or "").strip() or refs[index].as_py() in _BESIDE

    pairs: list[tuple[int, int]] = []
    for end in ends.tolist():
        if kinds[end].as_py() not in ("page", "paragraph"):
            continue
        for index in range(end + 1, min(end + 1 + _AHEAD, len(rows))):
            if rows[index] != rows[end]:
                break
            if beside(index) and refs[index].as_py() != refs[end].as_py():
                continue
            if not (texts[index].as_py() or "").strip():
                continue
            here, there = pages[end].as_py(), pages[index].as_py()
            near = here is None or there is None or 0 <= there - here <= 2
            if near and texts[index].as_py().lstrip()[:1].islower():
                pairs.append((end, index))
            break
    if not pairs:
        return {}
    before = [texts[end].as_py().rstrip() for end, _ in pairs]
    behind = [texts[index].as_py().lstrip() for _, index in pairs]
    parted = hyphens.parts(
        pa.array([text[-65:-1] for text in before], pa.string()), pa.array(behind, pa.string())
    )
    sizes = [pc.fill_null(pc.binary_length(part), 0).to_numpy() for part in parted[2:4]]
    words = np.flatnonzero((sizes[0] > 0) & (sizes[1] > 0))
    if not len(words):
        return {}
    pairs, before = [pairs[i] for i in words], [before[i] for i in words]
    none = np.zeros(len(pairs), np.int64)
    found = hyphens.Cuts(
        rows[[end for end, _ in pairs]],
        none,
        none,
        none,
        np.array([text[-1] not in "-\u2010" for text in before]),
        *(part.take(pa.array(words)) for part in parted),
    )
    return _moved(texts, pairs, hyphens.decide(found, counts))


def _moved(texts: pa.Array, pairs: list[tuple[int, int]], answers: Integers) -> dict[int, str]:
    """The texts of segments after the rest of a word went from the second of a pair to the first.

    A segment may give its first word away and get the rest of its last, so each is taken as it is
    by then; the pairs are in the order of their first segments.
    """
    changed: dict[int, str] = {}
    given: set[int] = set()
    for (end, index), answer in zip(pairs, answers.tolist(), strict=True):
        start = changed.get(end, texts[end].as_py()).rstrip()
        # Nothing is left of a segment of one word; and one rest is not of two words.
        if answer == hyphens.LEAVE or not start or index in given:
            continue
        rest = texts[index].as_py().lstrip()
        word = rest.split(None, 1)[0]
        if answer != hyphens.KEEP:
            start = start[:-2] + "c" if answer == hyphens.JOIN_CK else start[:-1]
        changed[end] = start + word
        changed[index] = rest[len(word) :].lstrip()
        given.add(index)
    return changed
