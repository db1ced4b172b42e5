"""The words of many texts that may be part of a name, as columns.

They are a tenth of the words of prose: those with a capital letter, and small ones between them.
In a text without any capital letter they are those in lists of names.
"""

from __future__ import annotations

from functools import cache
from typing import NamedTuple

import numpy as np

from datapartnerships.detectors import _name_lexicon as lex
from datapartnerships.detectors._name_lexicon import Bits, Lexicon, Places
from datapartnerships.detectors._name_reading import (
    AT,
    COLON,
    COMMA,
    DOT,
    HYPHEN,
    LINE,
    OPENING,
    OTHER,
    SLASH,
    Kinds,
    Mask,
    read,
    text_of,
)
from datapartnerships.kernels import words

# Between two words of a name; more spaces are a column of a table.
MOST_SPACES = 12


class Tokens(NamedTuple):
    """Of the words that may be part of a name, in order.

    Attributes:
        word: int64, which of the words each is.
        bits: what it may be (`_name_lexicon`).
        before, after: what stands between it and its neighbors, as bits; OTHER at a text's end.
        cue: what the phrase before it says, and the one after it.
        initial: one letter, as of a given name.
        small: a particle in lower case.
        morph: what its ending says (`_name_lexicon`), 0 nothing.
        linked: it goes on from the token before it.
        first: it may be the first word of a sentence.
        shout: a few capital letters, as of an abbreviation.
        brief: a few small letters.
        sure: the cue before it lets it be any word.
        leads: a particle like this may begin a name after a cue.
    """

    word: Places
    bits: Bits
    before: Bits
    after: Bits
    cue: Bits
    initial: Mask
    small: Mask
    morph: Kinds
    linked: Mask
    first: Mask
    shout: Mask
    brief: Mask
    sure: Mask
    leads: Mask


def tokens(data: words.Bytes, found: words.Words, lexicon: Lexicon) -> Tokens | None:
    """The words that may be part of a name; None where there is none.

    `found` is changed: the possessive ending is no longer part of a word.
    """
    capital = _capital(data, found.starts) & found.lettered
    lower = _in_lower_case(found, capital, lexicon)
    capital |= lower
    if not capital.any():
        return None
    small = _particles(found, capital, lexicon)
    word = np.flatnonzero(capital | small)
    small = small[word]
    some, bits, numbered, cue, morph, before, after, wrapped = read(data, found, word, lexicon)
    if not len(some):
        return None
    word, small = word[some], small[some]
    text = text_of(found, word)
    size = found.characters[word]
    bits[(size == 1) & ~small] &= ~lex.PARTICLE
    bits[small] = lex.PARTICLE
    opens = word == found.edges[text]
    initial = _initials(data, found, word, before, after) & ~small & ~numbered
    linked = np.append(False, np.diff(word) == 1) & ~opens
    linked &= _goes_on(found, word, before, after, wrapped, initial, bits)
    # A lone letter is an initial if a period follows, or a word that goes on from it.
    letter = (bits & lex.WORD_LETTER) == 0
    letter |= linked & of_last((bits & lex.GIVEN) > 0)
    spaced = of_next(linked) & (after == 0) & letter
    initial &= ((after & DOT) > 0) | spaced | ((before == DOT) & linked)
    told = np.flatnonzero(cue)
    cue[told] &= _allowed(found, word[told], before[told], after[told])
    # ``Director General`` is none; what stands after ``Mr`` or ``Name:`` is one, whatever it is.
    shorter = found.characters[np.maximum(word - 1, 0)] <= 4
    sure = ((cue & lex.BY_FIELD) > 0) | (((cue & lex.BY_TITLE) > 0) & shorter)
    # A lone surname proves nothing where a sentence begins, nor in lower case.
    first = opens | ((before & ~COMMA) > 0) | lower[word]
    shout, brief = _shouted(data, found, word, linked)
    announced = _capital(data, found.starts[np.maximum(word - 1, 0)]) | (size > 2)
    return Tokens(
        word,
        bits,
        before,
        after,
        cue,
        initial,
        small,
        morph,
        linked,
        first,
        shout,
        brief,
        sure,
        announced & (size > 1),
    )


def of_last(mask: Mask) -> Mask:
    """What each has of the one before it; False of the first."""
    moved = np.zeros_like(mask)
    moved[1:] = mask[:-1]
    return moved


def of_next(mask: Mask) -> Mask:
    """What each has of the one after it; False of the last."""
    moved = np.zeros_like(mask)
    moved[:-1] = mask[1:]
    return moved


def _capital(data: words.Bytes, starts: Places) -> Mask:
    """Whether a capital letter begins the word: of Latin, Greek, Cyrillic or Armenian."""
    if not len(starts):
        return np.empty(0, np.bool_)
    byte = data[starts]
    found: Mask = (byte >= 0x41) & (byte <= 0x5A)
    high = np.flatnonzero(byte > 0xC2)
    at = starts[high]
    code = byte[high].astype(np.int64) & 0x1F
    code = code << 6 | (data[np.minimum(at + 1, len(data) - 1)] & 0x3F)
    three = byte[high] == 0xE1  # Latin Extended Additional: U+1E00 to U+1EFF
    third = data[np.minimum(at + 2, len(data) - 1)]
    wide = 0x1000 | (data[np.minimum(at + 1, len(data) - 1)].astype(np.int64) & 0x3F) << 6
    code = np.where(three, wide | (third & 0x3F), code)
    some = (byte[high] < 0xE0) | three
    found[high] = some & _upper()[np.minimum(code, 0x1FFF)]
    return found


@cache
def _upper() -> Mask:
    table = np.array([chr(code).isupper() for code in range(0x2000)], np.bool_)
    table.flags.writeable = False
    return table


def _in_lower_case(found: words.Words, capital: Mask, lexicon: Lexicon) -> Mask:
    """In texts that have no capital letter at all: words that may be names by themselves.

    Those of the lists that are no words too; and after a title or a given name what is no plain
    word, with letters between.
    """
    mask = np.zeros(len(capital) + 1, np.bool_)
    counts = np.searchsorted(np.flatnonzero(capital), found.edges)
    lower = (np.diff(counts) == 0) & (np.diff(found.edges) > 0)
    if not lower.any():
        return mask[:-1]
    which = np.flatnonzero(np.repeat(lower, np.diff(found.edges)) & found.lettered)
    bits = np.full(len(mask), lex.STOP, np.int16)
    bits[which] = lexicon.words.of(found.hashes[which])
    closing = np.zeros(len(mask), np.bool_)
    closing[found.edges[1:] - 1] = True
    closing[-1] = True
    long = np.append(found.characters > 2, False)
    free = (bits & (lex.STOP | lex.SOFT | lex.TITLE | lex.PARTICLE)) == 0
    sure = free & ((bits & lex.NAME) > 0) & ((bits & lex.WEAK) == 0) & long
    mask |= sure
    # ``mr jaczewska``, but not ``the judge remanded``: verbs stand after the longer titles.
    title = (bits & lex.TITLE) > 0
    brief = title & np.append(found.characters <= 4, False)
    listed = free & ((bits & lex.NAME) > 0)
    given = sure & ((bits & lex.GIVEN) > 0)
    at = np.flatnonzero((title | given) & ~closing) + 1
    at = at[brief[at - 1] | given[at - 1] | listed[at] | (found.characters[at] == 1)]
    at = np.unique(np.append(at, _introduced(found, which, lexicon)))
    at = at[~closing[at - 1]]
    for _ in range(3):
        letter = (found.characters[at] == 1) & ((bits[at] & lex.WORD_LETTER) == 0)
        at = at[letter | listed[at] | (free[at] & long[at])]
        mask[at] = True
        at = at[~closing[at]] + 1
    return mask[:-1]


def _introduced(found: words.Words, which: Places, lexicon: Lexicon) -> Places:
    """Words behind `my name is` and the like, of those in texts without a capital letter."""
    which = which[lexicon.may(found.hashes[which], lex.INTRODUCES)]
    some = []
    for size in range(1, lex.LONGEST_PHRASE + 1):
        first = which[which + size < len(found.hashes)]
        whole = found.hashes[first]
        for step in range(1, size):
            whole = lex.phrase_hash(whole, found.hashes[first + step])
        told = (lexicon.phrases[size - 1].of(whole) & lex.INTRODUCED) > 0
        some.append(first[told] + size)
    return np.concatenate(some)


def _particles(found: words.Words, capital: Mask, lexicon: Lexicon) -> Mask:
    """Small words between capitalized ones, up to three: ``van der``, ``de la``."""
    mask = np.zeros(len(capital), np.bool_)
    # Before a capital letter one must stand, or it is no part of a name (but after a title).
    at = np.flatnonzero(capital) - 1
    for _ in range(3):
        at = at[at >= 0]
        at = at[~capital[at] & (found.characters[at] <= 5)]
        at = at[lexicon.may(found.hashes[at], lex.STANDS)]
        at = at[(lexicon.words.of(found.hashes[at]) & lex.PARTICLE) > 0]
        mask[at] = True
        at = at - 1
    return mask


def _initials(
    data: words.Bytes, found: words.Words, word: Places, before: Bits, after: Bits
) -> Mask:
    """What may be an initial: one letter, or two capital ones as in ``UM.Brown``."""
    size = found.characters[word]
    start, end = found.starts[word], found.ends[word]
    behind = found.starts[np.minimum(word + 1, len(found.starts) - 1)]
    pair = (size == 2) & (end - start == 2) & (after == DOT) & (data[end - 1] - 65 < 26)
    pair &= behind == end + 1
    found_some: Mask = ((size == 1) | pair) & ((before & SLASH) == 0)
    return found_some


def _shouted(
    data: words.Bytes, found: words.Words, word: Places, linked: Mask
) -> tuple[Mask, Mask]:
    """Words of a few letters: all capital ones, with no other word of these beside; all small."""
    brief = found.characters[word] <= 4
    capitals = data[np.minimum(found.starts[word] + 1, len(data) - 1)] - 65 < 26
    capitals &= found.characters[word] > 1
    beside = of_next(linked & capitals)
    beside |= linked & of_last(capitals)
    return brief & capitals & ~beside, brief & (data[found.starts[word]] - 97 < 26)


def _goes_on(
    found: words.Words,
    word: Places,
    before: Bits,
    after: Bits,
    wrapped: Mask,
    initial: Mask,
    bits: Bits,
) -> Mask:
    """Whether each token may be of one name with the token before it, by what is between them."""
    gap = found.starts[word] - found.ends[np.maximum(word - 1, 0)]
    letter = of_last(initial | ((bits & lex.SHORT) > 0))
    on: Mask = (before == 0) & (gap <= MOST_SPACES)
    on |= (before == HYPHEN) & (gap == 1)
    on |= (before == AT) & (gap <= 3)  # an alias, in India
    on |= letter & ((before & ~(DOT | HYPHEN)) == 0) & (gap <= MOST_SPACES)
    # ``Brown.K``: an initial after the name, glued to it, and no word after it.
    on |= (
        (before == DOT)
        & (gap <= 2)
        & initial
        & ((after & ~(DOT | LINE | COMMA | OTHER)) == 0)
        & (after > 0)
    )
    on |= wrapped & ((before == LINE) | letter)
    return on


def _allowed(found: words.Words, word: Places, before: Bits, after: Bits) -> Bits:
    """What phrases beside each word may say, by what is between."""
    # A period ends an abbreviation, or a sentence.
    brief = found.characters[np.maximum(word - 1, 0)] <= 5
    title = (before == 0) | ((before == LINE) | (before == DOT) & brief)
    role = (before & ~(COMMA | COLON | LINE)) == 0
    field = ((before & COLON) > 0) & ((before & ~(COLON | LINE | HYPHEN | DOT)) == 0)
    behind = (after & ~(COMMA | OPENING | LINE)) == 0
    allowed = np.where(title, lex.BY_TITLE, 0) | np.where(role, lex.BY_ROLE, 0)
    allowed |= np.where(field, lex.BY_FIELD | lex.BY_ROLE | lex.BY_TITLE, 0)
    closing = ((before & LINE) > 0) & ((before & ~(COMMA | LINE | HYPHEN)) == 0)
    allowed |= np.where(closing, lex.CLOSING, 0)
    allowed |= np.where(behind, lex.AFTER, 0) | np.where(after == 0, lex.VERB, 0)
    held: Bits = allowed.astype(np.int16)
    return held
