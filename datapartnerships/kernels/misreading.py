"""How many characters of a page are wrong, told by what other pages of the same deposit hold.

An error makes a word that stands on no other page, mostly beside one that does: a letter was
exchanged, lost or added, the word was parted, or two ran together. A new word that is right has
seldom such a neighbor. Errors also make sequences of four letters that no other page has. These
are counted; what clean pages of the deposit have of them is taken off.

Words are looked up by a hash that is a polynomial in its letters, so that the hashes of a word
without its n-th letter, of its parts, and of two words joined come from sums over the whole text:
no loop over words (deletions as in SymSpell, W. Garbe 2012).
"""

from __future__ import annotations

import sys
from functools import cache
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from datapartnerships.kernels._misreading_table import TABLE
from datapartnerships.kernels.words import buffers, words

ORDER = 4  # letters in a sequence
SLOTS_LOG2 = 22  # of the table of sequences
SLOTS = 1 << SLOTS_LOG2
LONGEST = 24  # letters of a word whose neighbors are looked for
SHORTEST = 3
_BASE = 0x9E3779B97F4A7C15  # odd, so that it has an inverse modulo 2^64
_INVERSE = pow(_BASE, -1, 1 << 64)
_MIX = np.uint64(0xFF51AFD7ED558CCD)

Codes = npt.NDArray[np.uint32]
Slots = npt.NDArray[np.uint32]
Rows = npt.NDArray[np.int64]
Hashes = npt.NDArray[np.uint64]
Floats = npt.NDArray[np.float64]


class Traces(NamedTuple):
    """What texts are made of."""

    texts: int  # how many
    rows: Rows  # of each character, the text that it stands in
    grams: Slots  # of each character, the slot of the sequence that ends with it
    word_rows: Rows
    starts: Rows  # of each word, its first character
    lengths: Rows
    sums: Hashes  # before each character, and after the last
    powers: Hashes  # of the inverse of the base, for each character

    def between(self, start: Rows, end: Rows) -> Any:
        """The hash of the characters from start to end, not yet mixed."""
        return (self.sums[end] - self.sums[start]) * self.powers[start]

    @property
    def words(self) -> Hashes:
        found: Hashes = mixed(self.between(self.starts, self.starts + self.lengths))
        return found


def mixed(value: Any) -> Any:
    value = (value ^ (value >> np.uint64(32))) * _MIX
    return value ^ (value >> np.uint64(29))


@cache
def _folded() -> Codes:
    """Of every code point: small letters, one digit for all, one space for all."""
    table = np.arange(sys.maxunicode + 1, dtype=np.uint32)
    for code in (*range(0x3000), *range(0xA640, 0xABC0), *range(0xFB00, 0x10000)):
        character = chr(code)
        if character.isspace() or code < 0x20:
            table[code] = 0x20
        elif character.isdigit():
            table[code] = 0x30
        elif len(small := character.lower()) == 1:
            table[code] = ord(small)
    table.flags.writeable = False
    return table


def _powers(base: int, count: int) -> Hashes:
    held = np.full(count, np.uint64(base))
    if count:
        held[0] = 1
    return np.multiply.accumulate(held)


def traces(texts: pa.Array) -> Traces:
    """Of each of `texts` (string; a null has nothing)."""
    data, edges = buffers(texts)
    raw = np.frombuffer(data.tobytes().decode("utf-8", "replace").encode("utf-32-le"), "<u4")
    codes = _folded()[raw]
    places = np.flatnonzero((data & 0xC0) != 0x80)
    rows = np.searchsorted(edges, places, side="right") - 1
    found = words(texts)
    starts = np.searchsorted(places, found.starts[found.lettered])
    word_rows = np.repeat(np.arange(len(texts)), np.diff(found.edges))[found.lettered]
    powers = _powers(_BASE, len(codes))
    sums = np.zeros(len(codes) + 1, np.uint64)
    np.cumsum((codes.astype(np.uint64) + np.uint64(1)) * powers, out=sums[1:])
    return Traces(
        len(texts),
        rows,
        _grams(codes, rows),
        word_rows,
        starts,
        found.characters[found.lettered].astype(np.int64),
        sums,
        _powers(_INVERSE, len(codes) + 1),
    )


def _grams(codes: Codes, rows: Rows) -> Slots:
    total = np.zeros(len(codes), np.uint64)
    for back in range(ORDER):
        there = np.full(len(codes), 0x20, np.uint64)
        there[back:] = codes[: len(codes) - back]
        if back:
            there[back:][rows[back:] != rows[: len(rows) - back]] = 0x20
        total = mixed(total + there)
    slots: Slots = (total >> np.uint64(64 - SLOTS_LOG2)).astype(np.uint32)
    return slots


class Known(NamedTuple):
    """What the best pages of a deposit hold."""

    grams: npt.NDArray[np.uint8]  # by slot: on how many pages, weighted; 255 at most
    words: Hashes  # sorted
    pages: npt.NDArray[np.int32]  # of each word: on how many, weighted
    lacking: Hashes  # frequent words without one letter, sorted


def learn(found: Traces, weights: npt.NDArray[np.int64]) -> Known:
    """From pages, those of weight 0 left out."""
    grams = np.zeros(SLOTS, np.int64)
    key = np.unique(found.rows * SLOTS + found.grams)
    np.add.at(grams, key % SLOTS, weights[key // SLOTS])
    hashes = found.words
    order = np.lexsort((found.word_rows, hashes))
    hashes, rows = hashes[order], found.word_rows[order]
    first = np.ones(len(hashes), bool)
    first[1:] = (hashes[1:] != hashes[:-1]) | (rows[1:] != rows[:-1])
    hashes, rows, order = hashes[first], rows[first], order[first]
    heads = np.flatnonzero(np.append(True, hashes[1:] != hashes[:-1])[: len(hashes)])
    pages = np.add.reduceat(weights[rows], heads) if len(heads) else np.empty(0, np.int64)
    there = pages > 0
    _, lacking = _lacking(found, order[heads[pages >= FREQUENT]])
    return Known(
        np.minimum(grams, 255).astype(np.uint8),
        hashes[heads][there],
        pages[there].astype(np.int32),
        np.unique(lacking),
    )


FREQUENT = 8
ENOUGH = 2


def _spread(found: Traces, chosen: Rows) -> tuple[Rows, Rows]:
    """For each letter of the chosen words: the word's index, and its place. Long ones are left."""
    lengths = found.lengths[chosen]
    fit = np.flatnonzero((lengths <= LONGEST) & (lengths >= SHORTEST))
    lengths = lengths[fit]
    which = np.repeat(fit, lengths)
    ends = np.cumsum(lengths)
    inside = np.arange(len(which)) - np.repeat(ends - lengths, lengths)
    return which, found.starts[chosen[which]] + inside


def _bare(found: Traces, chosen: Rows) -> tuple[Rows, Rows, Hashes]:
    """The chosen words without one of their letters, in turn: word, place of it, hash."""
    which, place = _spread(found, chosen)
    start = found.starts[chosen[which]]
    end = start + found.lengths[chosen[which]]
    before = found.sums[place] - found.sums[start]
    after = (found.sums[end] - found.sums[place + 1]) * np.uint64(_INVERSE)
    return which, place - start, mixed((before + after) * found.powers[start])


def _lacking(found: Traces, chosen: Rows) -> tuple[Rows, Hashes]:
    """The same, with the place in the hash: equal ones differ in one letter, exchanged."""
    which, place, bare = _bare(found, chosen)
    return which, mixed(bare + place.astype(np.uint64))


def _pages(known: Known, hashes: Hashes) -> Rows:
    """On how many pages these words stand."""
    if not len(known.words):
        return np.zeros(len(hashes), np.int64)
    at = np.minimum(np.searchsorted(known.words, hashes), len(known.words) - 1)
    return np.where(known.words[at] == hashes, known.pages[at], 0).astype(np.int64)


def _among(values: Hashes, held: Hashes) -> npt.NDArray[np.bool_]:
    if not len(held):
        return np.zeros(len(values), bool)
    at = np.minimum(np.searchsorted(held, values), len(held) - 1)
    found: npt.NDArray[np.bool_] = held[at] == values
    return found


# What `counts` counts, a column each.
COUNTS = (
    "characters", "letters", "words", "sequences", "stretches", "exchanged", "lost", "parted",
    "joined", "strange",
)  # fmt: skip


def counts(
    found: Traces,
    known: Known,
    own: npt.NDArray[np.int64],
    groups: Rows | None = None,
    count: int | None = None,
) -> Floats:
    """A row a text, a column for each of `COUNTS`.

    Args:
        own: the weight that each text was learned with: what stands on it alone is unknown.
        groups: of each character, the row to count it in; by default its text.
        count: how many rows.
    """
    groups = found.rows if groups is None else groups
    count = found.texts if count is None else count
    total = count

    def by(rows: Rows, values: Any = None) -> Any:
        return np.bincount(rows, values, minlength=total)

    held = known.grams[found.grams].astype(np.int64)
    new = (held < 255) & (held - own[found.rows] < ENOUGH)
    begins = new.copy()
    begins[1:] &= ~(new[:-1] & (found.rows[1:] == found.rows[:-1]))
    hashes = found.words
    stands = _pages(known, hashes) - own[found.word_rows]
    unknown = stands < ENOUGH
    size = len(hashes)
    place_of = groups[found.starts]

    # Parted: with the word after it, it makes a known one, and one of both is not.
    pair = np.flatnonzero(found.word_rows[1:] == found.word_rows[:-1]) if size else np.empty(0, int)
    gap = found.starts[pair + 1] - found.starts[pair] - found.lengths[pair] if size else pair
    pair = pair[(gap == 1) & (unknown[pair] | unknown[pair + 1])]
    end = found.starts[pair] + found.lengths[pair]
    tail = found.starts[pair + 1]
    both = found.between(found.starts[pair], end) + (
        (found.sums[tail + found.lengths[pair + 1]] - found.sums[tail])
        * found.powers[found.starts[pair] + 1]
    )
    parted = np.zeros(size, bool)
    whole = pair[_pages(known, mixed(both)) - own[found.word_rows[pair]] >= ENOUGH]
    parted[whole] = True
    explained = parted.copy()
    explained[whole + 1] = True

    chosen = np.flatnonzero(unknown & ~explained)
    near = np.zeros(len(chosen), bool)
    which, lacking = _lacking(found, chosen)
    near[which[_among(lacking, known.lacking)]] = True
    lost = np.zeros(len(chosen), bool)
    which, _, bare = _bare(found, chosen)
    lost[which[_pages(known, bare) >= FREQUENT]] = True
    lost &= ~near

    # Joined: cut somewhere, it is two known words.
    left = np.flatnonzero(~near & ~lost)
    which, place = _spread(found, chosen[left])
    start = found.starts[chosen[left][which]]
    end = start + found.lengths[chosen[left][which]]
    inner = (place - start >= 2) & (end - place >= 2)
    which, place, start, end = which[inner], place[inner], start[inner], end[inner]
    first = _pages(known, mixed(found.between(start, place)))
    second = _pages(known, mixed(found.between(place, end)))
    joined = np.zeros(len(chosen), bool)
    joined[left[which[(first >= FREQUENT) & (second >= FREQUENT)]]] = True

    rows = place_of[chosen]
    strange = ~near & ~lost & ~joined
    return np.stack(
        [
            by(groups),
            by(place_of, found.lengths),
            by(place_of),
            by(groups, new),
            by(groups, begins),
            by(rows, near),
            by(rows, lost),
            by(place_of, parted),
            by(rows, joined),
            by(rows, strange),
        ],
        axis=1,
    ).astype(float)


# ------------------------------------------------------------------------- the rate

FEATURES = 8
ROUNDS = 2
# Origins of segments whose confidence the estimate was calibrated on.
ENGINES = "^ocr tesseract "
# Of a hundred pages, the best come to count four times, the next twice, the worst not at all.
_WEIGHTS = ((0.25, 4), (0.5, 2), (0.75, 1))


def features(counted: Floats) -> Floats:
    """Traces of errors a character, a row a page."""
    characters, letters, count, new, begins, exchanged, lost, parted, joined, strange = counted.T
    size = np.maximum(characters, 1)
    count = np.maximum(count, 1)
    unknown = (exchanged + lost + parted + joined + strange) / count
    # Where most words are wrong, most have several errors: as many as make so few words right.
    by_words = -np.log1p(-np.clip(unknown, 0, 0.97)) * count / np.maximum(letters, 1)
    by_grams = -np.log1p(-np.clip(new / size, 0, 0.97)) / ORDER
    long = np.maximum(new - ORDER * begins, 0)  # stretches that nobody can read
    rates = (long, exchanged, parted, joined, lost, strange)
    return np.stack([by_grams, by_words, *(rate / size for rate in rates)], axis=1)


def best(
    found: Traces, groups: Rows, confidence: Floats
) -> tuple[npt.NDArray[np.int64], Known, list[Floats]]:
    """The weight of each page, what the good ones hold, and of each group what they have of errors.

    Pages are ranked in their group by the confidence of the engine, then by what is unknown on
    them, given the others; twice.
    """
    # Where no engine said how sure it was (a text layer, a typed page), it counts as sure.
    doubt = np.nan_to_num(_doubt(confidence))
    weights = _ranked(groups, doubt, tied=True)
    held = learn(found, weights)
    values = np.empty((0, FEATURES))
    for _ in range(ROUNDS):
        values = features(counts(found, held, weights))
        weights = _ranked(groups, values[:, 0] + values[:, 1] + doubt / 10)
        held = learn(found, weights)
    values = features(counts(found, held, weights))
    values = np.column_stack([values, doubt])
    baselines = []
    for group in range(int(groups.max()) + 1 if len(groups) else 0):
        good = (groups == group) & (weights == _WEIGHTS[0][1])
        base = np.median(values[good], axis=0) if good.any() else np.zeros(FEATURES + 1)
        recognized = good & ~np.isnan(confidence)
        base[-1] = np.median(doubt[recognized]) if recognized.any() else 0.0
        baselines.append(base)
    return weights, held, baselines


def _ranked(groups: Rows, values: Floats, tied: bool = False) -> npt.NDArray[np.int64]:
    """The weight of each page by its place in its group; `tied`: equal ones have an equal place."""
    order = np.lexsort((values, groups))
    sizes = np.bincount(groups) if len(groups) else np.zeros(0, np.int64)
    before = np.cumsum(sizes) - sizes
    place = np.empty(len(groups), np.int64)
    place[order] = np.arange(len(groups)) - before[groups[order]]
    if tied:
        for group in range(len(sizes)):
            held = groups == group
            place[held] = np.searchsorted(np.sort(values[held]), values[held])
    share = place / np.maximum(sizes[groups], 1)
    weights = np.zeros(len(groups), np.int64)
    for edge, weight in reversed(_WEIGHTS):
        weights[share < edge] = weight
    return weights


def served(texts: pa.Array) -> npt.NDArray[np.bool_]:
    """Whether at least nine in ten letters are Latin, Greek or Cyrillic."""
    letters = pc.count_substring_regex(texts, r"\p{L}").to_numpy()
    ours = pc.count_substring_regex(texts, r"\p{Latin}|\p{Greek}|\p{Cyrillic}").to_numpy()
    answer: npt.NDArray[np.bool_] = ours >= 0.9 * letters
    return answer


def _doubt(confidence: Floats) -> Floats:
    found: Floats = -np.log(np.clip(confidence, 0.05, 1))
    return found


def columns(counted: Floats, base: Floats, confidence: Floats) -> Floats:
    """What the lines of the table go through: with the engine's doubt and its square first."""
    doubt = np.nan_to_num(_doubt(confidence) - base[:, -1])
    return np.column_stack([doubt, doubt**2, features(counted) - base[:, :-1]])


def estimate(
    counted: Floats, base: Floats, confidence: Floats
) -> tuple[Floats, Floats, Floats, npt.NDArray[np.bool_]]:
    """Rate, bounds, and whether it is within what was calibrated, of each row of `counted`.

    `confidence` is NaN where there is none: then the text alone is looked at.
    """
    values = columns(counted, base, confidence)
    out = np.zeros((4, len(values)))
    for name, rows in (("text", np.isnan(confidence)), ("engine", ~np.isnan(confidence))):
        table = TABLE[name]
        score = values[rows] @ np.array(table["line"])
        for place, figure in enumerate(("mean", "low", "high")):
            out[place, rows] = np.interp(score, table["score"], table[figure])
        out[3, rows] = score <= table["score"][-1]
    return out[0], out[1], out[2], out[3] > 0
