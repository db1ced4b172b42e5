"""How many characters of a page are wrong, told by what other pages of the same deposit hold.

An error makes a word that stands on no other page, mostly beside one that does: a letter was
exchanged, lost or added. A new word that is right has seldom such a neighbor, and its letters
surprise less (`surprise.py`). So the errors in a new word are the places in it that surprise, each
once, and one at least where it has such a neighbor. Every kind of error counts as one that way:
traces that some kinds leave and others do not, each with a weight of its own, tell less of a kind
that nobody has seen yet. In known words count letters without the marks that good pages have there
(`accents.py`), and what is no letter and surprises between two. Words that begin with a capital or
stand twice on the page are not judged: most of these are names and right, as far as they are
unknown. What clean pages of the deposit have of all this is taken off.

Words are looked up by a hash that is a polynomial in its letters, so that the hashes of a word
without its n-th letter, of its parts, and of two words joined come from sums over the whole text:
no loop over words (deletions as in SymSpell, W. Garbe 2012).
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from functools import cache
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from datapartnerships.kernels import accents, surprise
from datapartnerships.kernels.words import buffers, pieces, words

LONGEST = 24  # letters of a word whose neighbors are looked for
SHORTEST = 3
# Looked at together, so that what is made of each character is not held for all.
PIECE = 1 << 18  # bytes of texts
_WORDS = 1 << 15  # words with a letter left out
_BASE = 0x9E3779B97F4A7C15  # odd, so that it has an inverse modulo 2^64
_INVERSE = pow(_BASE, -1, 1 << 64)
_MIX = np.uint64(0xFF51AFD7ED558CCD)

Codes = npt.NDArray[np.uint32]
Rows = npt.NDArray[np.int64]
Hashes = npt.NDArray[np.uint64]
Floats = npt.NDArray[np.float64]


class Traces(NamedTuple):
    """What texts are made of."""

    rows: Rows  # of each character, the text that it stands in
    codes: Codes  # of each character: small, one for all digits, one for all white space
    word_rows: Rows
    starts: Rows  # of each word, its first character
    lengths: Rows
    capital: npt.NDArray[np.bool_]  # whether it begins with one
    sums: Hashes  # before each character, and after the last
    powers: Hashes  # of the inverse of the base, for each character

    def parts(self, texts: Rows, begins: Rows) -> Rows:
        """For each character the part that it is in, of the parts of these texts, in order."""
        first, last = (np.searchsorted(self.rows, texts, side) for side in ("left", "right"))
        steps = np.bincount(np.minimum(first + begins, last), minlength=len(self.rows) + 1)[:-1]
        answer: Rows = np.maximum(np.cumsum(steps) - 1, 0)
        return answer

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
    raw, places, rows = _characters(texts)
    codes = _folded()[raw]
    found = words(texts)
    starts = np.searchsorted(places, found.starts[found.lettered])
    word_rows = np.repeat(np.arange(len(texts)), np.diff(found.edges))[found.lettered]
    lengths = found.characters[found.lettered].astype(np.int64)
    capital = raw[starts] != codes[starts]
    return Traces(rows, codes, word_rows, starts, lengths, capital, *_sums(codes))


def _characters(texts: pa.Array) -> tuple[Codes, Rows, Rows]:
    """Of each character of texts its code point, its first byte, and the text it stands in."""
    data, edges = buffers(texts)
    raw = np.frombuffer(data.tobytes().decode("utf-8", "replace").encode("utf-32-le"), "<u4")
    places = np.flatnonzero((data & 0xC0) != 0x80)
    return raw, places, np.repeat(np.arange(len(texts)), np.diff(np.searchsorted(places, edges)))


def _sums(codes: Codes) -> tuple[Hashes, Hashes]:
    sums = np.zeros(len(codes) + 1, np.uint64)
    np.cumsum((codes.astype(np.uint64) + np.uint64(1)) * _powers(_BASE, len(codes)), out=sums[1:])
    return sums, _powers(_INVERSE, len(codes) + 1)


class Known(NamedTuple):
    """What the best pages of a deposit hold."""

    letters: surprise.Held
    accents: accents.Held
    words: Hashes  # sorted
    pages: npt.NDArray[np.int32]  # of each word: on how many, weighted
    lacking: Hashes  # frequent words without one letter, and its place, sorted
    bare: Hashes  # the same without its place


class _Vocabulary(NamedTuple):
    """The words of pages, each once."""

    hashes: Hashes  # sorted
    pages: Rows  # on how many, weighted
    letters: Any  # pa.ListArray of codes


def learn(texts: pa.Array, weights: npt.NDArray[np.int64]) -> Known:
    """From pages, those of weight 0 left out."""
    tallied = np.zeros((2, 1))
    for piece, weight in _weighed(texts, weights):
        raw, _, rows = _characters(piece)
        tallied = tallied + accents.tally(_folded()[raw], rows, weight)
    marked = accents.nothing(tallied)
    sequences = np.zeros(surprise.SIZE, np.uint32)
    parts = [_vocabulary(traces(texts.slice(0, 0)), weights)]
    for piece, weight in _weighed(texts, weights):
        found = traces(piece)
        surprise.learn(found.codes, found.rows, weight, sequences)
        accents.learn(found.codes, found.rows, weight, marked)
        parts.append(_vocabulary(found, weight))
        if sum(len(part.hashes) for part in parts[1:]) >= len(parts[0].hashes):
            parts = [_joined(parts)]
    held, pages, letters = _joined(parts)

    frequent = np.flatnonzero(pages >= FREQUENT)
    without = [np.concatenate(of) for of in zip(*_shortened(letters, frequent), strict=True)]
    which, keys, places = without if without else (frequent, held[:0], held[:0])
    lacking, near = _most(places, pages[which])
    bare, short = _most(keys, pages[which])

    # An error that several pages have is known by the word that it was made from.
    rare = pages * RARER <= pages.max(initial=0)
    rare = np.flatnonzero(rare & (pc.list_value_length(letters).to_numpy() >= SHORTEST))
    right = np.zeros(len(held), np.int64)
    right[rare] = _looked(held[rare], bare, short)
    for which, keys, places in _shortened(letters, rare):
        np.maximum.at(right, which, _looked(places, lacking, near))
        np.maximum.at(right, which, _looked(keys, held, pages))
    good = np.ones(len(held), bool)
    good[rare] = right[rare] < RARER * pages[rare]
    return Known(sequences, marked, held[good], pages[good].astype(np.int32), lacking, bare)


def _weighed(
    texts: pa.Array, weights: npt.NDArray[np.int64]
) -> Iterator[tuple[pa.Array, npt.NDArray[np.int64]]]:
    """The texts that have weight, in pieces, and theirs."""
    for at, piece in pieces(texts, PIECE):
        weight = weights[at : at + len(piece)]
        yield piece.filter(pa.array(weight > 0)), weight[weight > 0]


def _vocabulary(found: Traces, weights: npt.NDArray[np.int64]) -> _Vocabulary:
    hashes = found.words
    order = np.lexsort((found.word_rows, hashes))
    hashes, rows = hashes[order], found.word_rows[order]
    first = np.ones(len(hashes), bool)
    first[1:] = (hashes[1:] != hashes[:-1]) | (rows[1:] != rows[:-1])
    hashes, rows, order = hashes[first], rows[first], order[first]
    heads = _heads(hashes)
    chosen = order[heads]
    lengths = found.lengths[chosen]
    edges = np.append(0, np.cumsum(lengths))
    at = np.arange(edges[-1]) + np.repeat(found.starts[chosen] - edges[:-1], lengths)
    letters = pa.ListArray.from_arrays(pa.array(edges.astype(np.int32)), pa.array(found.codes[at]))
    return _Vocabulary(hashes[heads], _added(weights[rows], heads), letters)


def _joined(parts: list[_Vocabulary]) -> _Vocabulary:
    hashes = np.concatenate([part.hashes for part in parts])
    pages = np.concatenate([part.pages for part in parts])
    order = np.argsort(hashes, kind="stable")
    hashes = hashes[order]
    heads = _heads(hashes)
    # Arrow's own pool would keep for later what is free by then.
    pool = pa.system_memory_pool()
    letters = pa.concat_arrays([part.letters for part in parts], pool)
    letters = pc.take(letters, pa.array(order[heads]), memory_pool=pool)
    return _Vocabulary(hashes[heads], _added(pages[order], heads), letters)


def _heads(keys: Hashes) -> Rows:
    """Where each of sorted keys stands first."""
    return np.flatnonzero(np.append(True, keys[1:] != keys[:-1])[: len(keys)])


def _added(values: Rows, heads: Rows) -> Rows:
    return np.add.reduceat(values, heads) if len(heads) else np.empty(0, np.int64)


def _shortened(letters: Any, chosen: Rows) -> Iterator[tuple[Rows, Hashes, Hashes]]:
    """The chosen words without one of their letters: word, hash, hash with its place."""
    for at in range(0, len(chosen), _WORDS):
        part = chosen[at : at + _WORDS]
        spelled = letters.take(pa.array(part))
        lengths = pc.list_value_length(spelled).to_numpy().astype(np.int64)
        codes = spelled.flatten().to_numpy()
        starts, number = np.cumsum(lengths) - lengths, np.arange(len(part))
        rows, small = np.repeat(number, lengths), np.zeros(len(part), bool)
        alone = Traces(rows, codes, number, starts, lengths, small, *_sums(codes))
        which, bare, lacking = _bare(alone, number)
        yield part[which], bare, lacking


def _most(keys: Hashes, pages: Rows) -> tuple[Hashes, Rows]:
    """Keys, sorted, and the most pages that each comes with."""
    order = np.lexsort((-pages, keys))
    keys, pages = keys[order], pages[order]
    first = np.append(True, keys[1:] != keys[:-1])[: len(keys)]
    return keys[first], pages[first]


FREQUENT = 16
ENOUGH = 2
RARER = 20  # times than a neighbor: a word is taken for a misreading of it


def _spread(found: Traces, chosen: Rows) -> tuple[Rows, Rows]:
    """For each letter of the chosen words: the word's index, and its place. Long ones are left."""
    lengths = found.lengths[chosen]
    fit = np.flatnonzero((lengths <= LONGEST) & (lengths >= SHORTEST))
    lengths = lengths[fit]
    which = np.repeat(fit, lengths)
    ends = np.cumsum(lengths)
    inside = np.arange(len(which)) - np.repeat(ends - lengths, lengths)
    return which, found.starts[chosen[which]] + inside


def _bare(found: Traces, chosen: Rows) -> tuple[Rows, Hashes, Hashes]:
    """The chosen words without one of their letters, in turn: word, hash, hash with its place.

    Of words with equal ones of the second kind, one letter is exchanged.
    """
    which, place = _spread(found, chosen)
    start = found.starts[chosen[which]]
    end = start + found.lengths[chosen[which]]
    before = found.sums[place] - found.sums[start]
    after = (found.sums[end] - found.sums[place + 1]) * np.uint64(_INVERSE)
    bare = mixed((before + after) * found.powers[start])
    return which, bare, mixed(bare + (place - start).astype(np.uint64))


def _looked(keys: Hashes, held: Hashes, values: Any) -> Rows:
    """The values that the keys have, 0 where they are not held."""
    if not len(held):
        return np.zeros(len(keys), np.int64)
    at = np.minimum(np.searchsorted(held, keys), len(held) - 1)
    return np.where(held[at] == keys, values[at], 0).astype(np.int64)


def _pages(known: Known, hashes: Hashes) -> Rows:
    """On how many pages these words stand."""
    return _looked(hashes, known.words, known.pages)


def _among(values: Hashes, held: Hashes) -> npt.NDArray[np.bool_]:
    if not len(held):
        return np.zeros(len(values), bool)
    at = np.minimum(np.searchsorted(held, values), len(held) - 1)
    found: npt.NDArray[np.bool_] = held[at] == values
    return found


# What `counts` counts, a column each. "judged" are characters, neither in words with a capital nor
# in unknown ones that come twice; "edits" are errors of unknown words, "odd" places in and between
# all that is judged (so of other words too).
COUNTS = ("characters", "judged", "edits", "odd")
ODD, STUNNING = 0.01, 0.003  # chances of a place


def counts(
    texts: pa.Array,
    known: Known,
    own: npt.NDArray[np.int64],
    rows: Rows | None = None,
    begins: Rows | None = None,
) -> Floats:
    """A row a text, or a part of one, a column for each of `COUNTS`.

    Args:
        own: the weight that each text was learned with: what stands on it alone is unknown.
        rows: of each part, in order, its text; by default a text is one.
        begins: and where it begins in it.
    """
    rows = np.arange(len(texts)) if rows is None else rows
    begins = np.zeros(len(rows), np.int64) if begins is None else begins
    counted = [np.empty((0, len(COUNTS)))]
    for at, piece in pieces(texts, PIECE):
        end = at + len(piece)
        part = slice(*np.searchsorted(rows, [at, end]))
        found = traces(piece)
        groups = found.parts(rows[part] - at, begins[part])
        counted.append(_counts(found, known, own[at:end], groups, part.stop - part.start))
    return np.concatenate(counted)


def _counts(
    found: Traces, known: Known, own: npt.NDArray[np.int64], groups: Rows, total: int
) -> Floats:
    """`groups`: of each character, the row to count it in."""
    unknown = _pages(known, found.words) - own[found.word_rows] < ENOUGH
    plain = ~found.capital & ~(unknown & _again(found))
    suspect = unknown & plain
    alone, chance = surprise.chances(found.codes, found.rows, known.letters, own)
    within, skipped = _inside(found, suspect), _inside(found, ~plain)
    # A place is between a character and the next.
    at_suspect = within | _next(within)
    judged = ~(skipped | _next(skipped))
    word = np.cumsum(np.bincount(found.starts, minlength=len(within))) - 1
    places = np.flatnonzero(_apart(at_suspect & (chance < STUNNING)))
    # A place before a word is in it.
    edits = np.bincount((word + ~within)[places], minlength=len(unknown))
    edits[_neighbors(found, known, np.flatnonzero(suspect & (edits == 0)))] = 1
    # In known words too: accents lost, and dirt.
    lost = accents.odd(found.codes, found.rows, known.accents, own) & _inside(found, plain)
    spoilt = lost | (_amid(found, plain) & (alone < STUNNING))
    edits = np.maximum(edits, np.bincount(word[spoilt], minlength=len(unknown)))
    odd = _apart(judged & (chance < ODD))
    return np.stack(
        [
            np.bincount(groups, minlength=total),
            np.bincount(groups[~skipped], minlength=total),
            np.bincount(groups[found.starts], edits, minlength=total),
            np.bincount(groups[odd], minlength=total),
        ],
        axis=1,
    ).astype(float)


def _apart(places: npt.NDArray[np.bool_]) -> npt.NDArray[np.bool_]:
    """Every other one of those that follow each other: a wrong letter has one on each side."""
    at = np.arange(len(places))
    begins = places & ~np.append(False, places)[:-1]
    since = at - np.maximum.accumulate(np.where(begins, at, 0))
    answer: npt.NDArray[np.bool_] = places & (since % 2 == 0)
    return answer


def _again(found: Traces) -> npt.NDArray[np.bool_]:
    """Whether a word stands more than once in its text."""
    hashes, rows = found.words, found.word_rows
    order = np.lexsort((rows, hashes))
    same = np.zeros(len(order) + 1, bool)
    same[1:-1] = (hashes[order][1:] == hashes[order][:-1]) & (rows[order][1:] == rows[order][:-1])
    again = np.empty(len(order), bool)
    again[order] = same[1:] | same[:-1]
    return again


def _inside(found: Traces, chosen: npt.NDArray[np.bool_]) -> npt.NDArray[np.bool_]:
    """Whether a character is in one of the chosen words."""
    steps = np.zeros(len(found.codes) + 1, np.int32)
    steps[found.starts[chosen]] += 1
    steps[found.starts[chosen] + found.lengths[chosen]] -= 1
    answer: npt.NDArray[np.bool_] = np.cumsum(steps[:-1], dtype=np.int32) > 0
    return answer


def _amid(found: Traces, plain: npt.NDArray[np.bool_]) -> npt.NDArray[np.bool_]:
    """What is between letters of two plain words that no space parts, as in *cap;tain*."""
    letter = _inside(found, plain)
    amid: npt.NDArray[np.bool_] = ~letter & (found.codes != 0x20)
    amid[:1] = amid[-1:] = False
    amid[1:-1] &= letter[:-2] & letter[2:] & (found.rows[:-2] == found.rows[2:])
    return amid


def _next(values: npt.NDArray[np.bool_]) -> npt.NDArray[np.bool_]:
    return np.append(values[1:], False)[: len(values)]


def _neighbors(found: Traces, known: Known, chosen: Rows) -> Rows:
    """The chosen words that are a frequent one with a letter exchanged, lost or added."""
    near = (found.lengths[chosen] >= SHORTEST) & _among(found.words[chosen], known.bare)
    which, bare, lacking = _bare(found, chosen)
    near[which[_among(lacking, known.lacking)]] = True
    near[which[_pages(known, bare) >= FREQUENT]] = True
    return chosen[near]
