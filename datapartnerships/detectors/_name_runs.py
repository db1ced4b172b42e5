"""Which runs of capitalized words are names of persons, for many texts at once.

A run is what hangs together of the words that may be part of a name; it is a person if enough
speaks for it.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from datapartnerships.detectors import _name_lexicon as lex
from datapartnerships.detectors._name_lexicon import Bits, Lexicon, Places
from datapartnerships.detectors._name_reading import COMMA, DOT, Mask
from datapartnerships.detectors._name_tokens import Tokens, of_last, of_next, tokens
from datapartnerships.kernels import words

Scores = npt.NDArray[np.float64]

# Names that are words too may follow a surer one in a list; so many of them in turn, and one where
# nouns are written like names.
_LONGEST_LIST = 8

# A word that is known to be (part of) a name lends its run this many unknown words after it.
REACH = 3


class People(NamedTuple):
    """Where names are, in bytes from the beginning of the first text, and how likely."""

    starts: Places
    ends: Places
    scores: Scores


def find(texts: pa.Array, lexicon: Lexicon) -> People:
    """The names in `texts` (no nulls); those of scores below 0.3 are left out."""
    data, _ = words.buffers(texts)
    found = words.words(texts)
    held = tokens(data, found, lexicon)
    if held is None:
        none = np.empty(0, np.int64)
        return People(none, none, np.empty(0))
    return _people(data, found, held, lexicon)


def _people(data: words.Bytes, found: words.Words, token: Tokens, lexicon: Lexicon) -> People:
    bits, cue = token.bits, token.cue
    word = ~token.initial & ~token.small
    sure = word & ((bits & lex.WEAK) == 0)
    strong = ((bits & lex.GIVEN) > 0) & sure & ~token.shout
    surname = (((bits & lex.SURNAME) > 0) & sure & ~token.shout) | (token.morph > 0)
    named = (((bits & lex.NAME) > 0) | (token.morph > 0)) & word
    told = (cue & lex.BEFORE) > 0
    blocked = _blocked(token, strong, named, told)
    member = ~blocked
    linked = token.linked & member & of_last(member)
    proof = (named | token.initial | ((cue & ~lex.VERB) > 0)) & member
    unknown = member & word & (bits == 0) & (token.morph == 0)
    both = linked & unknown & of_last(unknown)
    proof |= both | of_next(both)
    listed = _listed(found, token, lexicon)
    beside = listed & of_last(named)
    beside |= of_next(listed & named)
    beside &= np.bool_(not lexicon.nouns)
    proof |= beside & unknown & ~linked & ~of_next(linked)
    keep = member & _near(proof, linked, token)
    linked &= keep & of_last(keep)
    keep = _without_loose_particles(keep, linked, token, told)
    linked &= keep & of_last(keep)

    kept = np.flatnonzero(keep)
    if not len(kept):
        return People(kept, kept, np.empty(0))
    opens = np.flatnonzero(~linked[kept])
    first, last = kept[opens], kept[np.append(opens[1:], len(kept)) - 1]

    def count(mask: Mask) -> Places:
        return np.add.reduceat(mask[kept].astype(np.int64), opens)

    run = Runs(
        first=first,
        last=last,
        full=count(~token.initial & ~token.small),
        strong=count(strong),
        surnames=count(surname & ~strong),
        named=count(named),
        unknown=count(unknown),
        patronymics=count(token.morph == lex.PATRONYMIC),
        initials=count(token.initial),
        cue=cue[first],
        after=(cue[last] & lex.AFTER) > 0,
        verb=(cue[last] & lex.VERB) > 0,
        sentence=token.first[first],
        tainted=_tainted(token, blocked, first, last),
        shout=(token.shout | token.brief)[first],
        strong_first=strong[first],
        named_first=named[first],
        given_first=((bits[first] & lex.GIVEN) > 0) & named[first],
        surname_last=((bits[last] & lex.SURNAME) > 0) & named[last],
    )
    longest = 1 if lexicon.nouns else _LONGEST_LIST
    scores = _enumerated(listed, longest, run, _reversed(run, token, _scores(run, lexicon.nouns)))
    some = np.flatnonzero(scores >= 0.3)
    starts = found.starts[token.word[first[some]]]
    ends = found.ends[token.word[last[some]]].copy()
    # The period after a last initial is its own.
    dotted = token.initial[last[some]] & ((token.after[last[some]] & DOT) > 0)
    dotted &= data[np.minimum(ends, len(data) - 1)] == 0x2E
    return People(starts, ends + dotted, scores[some])


class Runs(NamedTuple):
    """Of each run of tokens: where it is, and how much of each kind is in it."""

    first: Places
    last: Places
    full: Places
    strong: Places
    surnames: Places
    named: Places
    unknown: Places
    patronymics: Places
    initials: Places
    cue: Bits
    after: Mask
    verb: Mask
    sentence: Mask
    tainted: Mask
    shout: Mask
    strong_first: Mask
    named_first: Mask
    given_first: Mask
    surname_last: Mask


def _blocked(token: Tokens, strong: Mask, named: Mask, told: Mask) -> Mask:
    """Words that end a name: no names, titles, organizations, places."""
    bits = token.bits
    within = token.linked & of_last(named | token.initial | token.small)
    spared = named & token.linked & of_last(strong | token.initial)
    letter = token.initial | token.small
    # ``De`` and ``La`` begin sentences, and surnames after a cue or a name.
    particle = ((bits & lex.PARTICLE) > 0) & (told | (within & (token.before == 0)))
    particle &= of_next(token.linked)
    blocked = ((bits & lex.STOP) > 0) & ~particle
    blocked |= ((bits & lex.SOFT) > 0) & ~token.sure & ~within
    blocked |= ((bits & lex.TITLE) > 0) & ~spared
    blocked |= ((bits & lex.PLACE) > 0) & ~spared & ~particle
    blocked |= ((bits & lex.ORGANIZATION) > 0) & ~particle
    found: Mask = blocked & ~letter
    return found


def _near(proof: Mask, linked: Mask, token: Tokens) -> Mask:
    """Tokens that prove something, up to `REACH` unknown ones after them, and one before them."""
    index = np.arange(len(proof))
    opening = np.maximum.accumulate(np.where(~linked, index, 0))
    before = np.maximum.accumulate(np.where(proof, index, -1))
    near = (before >= opening) & (index - before <= REACH)
    after = of_next(linked & proof)
    starts = token.first & ~linked
    near |= after & (~starts | of_next(token.initial) | (token.bits == 0))
    # A whole name of unknown words may stand before what says that it was one.
    behind = (token.cue & lex.AFTER) > 0
    for _ in range(2):
        behind = of_next(behind & linked)
        near |= behind
    found: Mask = near
    return found


def _without_loose_particles(keep: Mask, linked: Mask, token: Tokens, told: Mask) -> Mask:
    """Without particles that no name follows, and those before one that no cue announces."""
    keep = keep.copy()
    for _ in range(3):
        goes_on = of_next(linked & keep)
        comes_on = linked & of_last(keep)
        keep &= ~(token.small & (~goes_on | (~comes_on & ~(told & token.leads))))
    return keep


def _tainted(token: Tokens, blocked: Mask, first: Places, last: Places) -> Mask:
    """An organization or a place stands beside the run, with nothing between them."""
    bad = blocked & ((token.bits & (lex.ORGANIZATION | lex.PLACE)) > 0)
    count = len(bad)
    before, after = np.maximum(first - 1, 0), np.minimum(last + 1, count - 1)
    tainted = (first > 0) & bad[before] & token.linked[first]
    tainted |= (last < count - 1) & bad[after] & token.linked[after]
    found: Mask = tainted
    return found


def _scores(run: Runs, nouns: bool) -> Scores:
    """How likely each run is a person: the best of what speaks for it; 0 if too little does.

    Where nouns are written like names, a surname in a list says little: most are nouns.
    """
    told = (run.cue & (lex.BY_TITLE | lex.BY_FIELD)) > 0
    role = (run.cue & (lex.BY_ROLE | lex.CLOSING)) > 0
    some = run.full + run.initials > 0
    several = (run.full > 1) | (run.initials > 0)
    score = np.zeros(len(run.first))

    def atleast(value: float, where: Mask) -> None:
        np.maximum(score, np.where(where, value, 0), out=score)

    clean = ~run.tainted
    atleast(0.4, clean & (run.strong > 0) & (run.full == 1) & ~run.shout)
    listed = (run.surnames > 0) & np.bool_(not nouns)
    alone = clean & listed
    none = (run.unknown == run.full) & (run.full > 1) & (run.full < 4) & ~run.shout
    atleast(0.3, clean & none & np.bool_(not nouns))
    atleast(0.4, alone & (run.full == 1) & ~run.shout & (~run.sentence | run.verb))
    likely = alone | (clean & (run.strong > 0))
    atleast(0.5, likely & (run.full > 1) & (run.full < 5))
    proved = listed | (run.strong > 0)
    atleast(0.5, clean & (run.named > 1) & run.named_first & proved)
    # What little is known of each is of two names.
    pair = (
        run.given_first & run.surname_last & (run.full > 1) & (run.full < 4) & np.bool_(not nouns)
    )
    atleast(0.4, clean & pair)
    # ``Jan`` is a month too, and what is behind it no word.
    half = run.given_first & (run.unknown > 0) & (run.unknown == run.full - 1)
    half &= (run.full < 4) & ~run.sentence & ~run.shout & np.bool_(not nouns)
    atleast(0.3, clean & half)
    atleast(0.5, clean & (run.patronymics > 0))
    atleast(0.6, clean & (run.initials > 0) & (run.full > 0) & (~run.sentence | (run.named > 0)))
    atleast(0.7, clean & (run.initials > 1) & (run.full > 0))
    atleast(0.7, clean & (run.initials > 0) & (run.full > 1))
    atleast(0.7, clean & run.after & (run.full > 0))
    atleast(0.8, clean & (run.strong > 0) & several & (run.strong_first | (run.named > 1)))
    atleast(0.9, clean & (run.patronymics > 0) & several)
    atleast(0.8, role & some & clean)
    atleast(0.95, told & some)
    return score


def _reversed(run: Runs, token: Tokens, scores: Scores) -> Scores:
    """``Brown, C.V.`` and ``Brown, Anna``: the surname before the comma is of the same person."""
    if len(scores) < 2:
        return scores
    scores = scores.copy()
    next_to = np.append(run.first[1:] == run.last[:-1] + 1, False)
    after = np.append(run.first[1:], 0)
    comma = (token.before[after] == COMMA) & (token.word[after] - token.word[run.last] == 1)

    def following(values: Any) -> Any:
        return np.append(values[1:], values[:1])

    likely = next_to & comma & (run.full == 1) & ((run.surnames > 0) | (run.named > 0))
    bare = following((run.full == 0) & (run.initials > 0))
    given = following(run.strong_first & (run.full <= 2) & (scores >= 0.4))
    whole = np.flatnonzero(likely & (bare | given))
    scores[whole] = np.maximum(scores[whole], 0.6)
    letters = whole[bare[whole]]
    scores[letters + 1] = np.maximum(scores[letters + 1], 0.6)
    return scores


def _listed(found: words.Words, token: Tokens, lexicon: Lexicon) -> Mask:
    """Whether nothing but a comma or an "and" is between each token and the one before it."""
    apart = np.diff(token.word)
    listed = (apart == 1) & (token.before[1:] == COMMA)
    over = np.flatnonzero((apart == 2) & (token.before[1:] == 0))
    listed[over] = np.isin(found.hashes[token.word[over] + 1], lexicon.joining)
    found_some: Mask = np.append(False, listed)
    return found_some


def _enumerated(listed: Mask, longest: int, run: Runs, scores: Scores) -> Scores:
    """``Brown, Weber and King``: beside a name and a comma or an "and", another name is one.

    So is a word of which nothing is known.
    """
    if len(scores) < 2:
        return scores
    joined = listed[run.first[1:]] & (run.first[1:] == run.last[:-1] + 1)
    some = (run.full == 1) & (run.initials == 0) & ~run.tainted & ~run.shout
    known, unknown = some & (run.named == 1), some & (run.unknown == 1)
    sure = (run.strong + run.surnames > 0) | (scores >= 0.4)

    def beside(likely: Mask) -> Mask:
        """Runs next to a likely one."""
        next_to: Mask = np.append(joined & likely[1:], False)
        next_to[1:] |= joined & likely[:-1]
        return next_to

    for _ in range(longest):
        more = known & ~sure & beside(sure)
        if not more.any():
            break
        sure |= more
    scores = np.maximum(scores, np.where(known & sure & beside(sure | known), 0.4, 0))
    likely = (scores >= 0.4) & (run.full == 1)
    found: Scores = np.maximum(scores, np.where(unknown & beside(likely), 0.3, 0))
    return found
