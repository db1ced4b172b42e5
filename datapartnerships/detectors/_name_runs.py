"""Which runs of capitalized words are names of persons, for many texts at once.

All is done on columns of the words that count, a tenth of those of prose: what each may be, what
stands before and after it, whether it goes on from the word before. A run is what hangs together;
it is a person if enough speaks for it.
"""

from __future__ import annotations

from functools import cache
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from datapartnerships.detectors import _name_lexicon as lex
from datapartnerships.detectors import _name_words as lists
from datapartnerships.detectors._name_lexicon import Bits, Lexicon
from datapartnerships.kernels import words

Mask = npt.NDArray[np.bool_]
Places = npt.NDArray[np.int64]
Scores = npt.NDArray[np.float64]

# What stands between two words: nothing but spaces is 0.
LINE, DOT, COMMA, COLON, HYPHEN, OPENING, SLASH, AT, OTHER = (1 << i for i in range(9))
# A word that is known to be (part of) a name lends its run this many unknown words after it.
REACH = 3
# Typed lines break inside a name; the lines of a list, which are shorter, do not.
WRAPPED_BYTES = 40
# Between two words of a name; more spaces are a column of a table.
MOST_SPACES = 12


class People(NamedTuple):
    """Where names are, in bytes from the beginning of the first text, and how likely."""

    starts: Places
    ends: Places
    scores: Scores


def find(texts: pa.Array, lexicon: Lexicon) -> People:
    """The names in `texts` (no nulls); those of scores below 0.4 are left out."""
    data, _ = words.buffers(texts)
    found = words.words(texts)
    capital = _capital(data, found.starts) & found.lettered
    capital |= _in_lower_case(data, found, capital, lexicon)
    if not capital.any():
        none = np.empty(0, np.int64)
        return People(none, none, np.empty(0))
    return _people(data, found, _tokens(data, found, capital, lexicon), lexicon)


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
        shout: a few capital letters, as of an abbreviation, or none.
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
    morph: npt.NDArray[np.uint8]
    linked: Mask
    first: Mask
    shout: Mask
    sure: Mask
    leads: Mask


# ------------------------------------------------------------------- the words that may be names


def _tokens(data: words.Bytes, found: words.Words, capital: Mask, lexicon: Lexicon) -> Tokens:
    starts, ends = found.starts, found.ends
    small = _particles(found, capital, lexicon)
    word = np.flatnonzero(capital | small)
    small = small[word]
    bits = lexicon.words.of(found.hashes[word])
    ends_at = _trimmed(data, starts[word], ends[word])
    cut = np.flatnonzero(ends_at < ends[word])
    bits[cut] = lexicon.words.of(words.hash_ranges(data, starts[word[cut]], ends_at[cut]))
    numbered = (data[ends[word] - 1] - 48 < 10) & (ends_at - starts[word] < 3)
    bits[numbered] = lex.STOP
    ends[word] = ends_at
    size = found.characters[word]
    bits[(size == 1) & ~small] &= ~lex.PARTICLE
    bits[small] = lex.PARTICLE
    text = np.searchsorted(found.edges, word, side="right") - 1
    opens = word == found.edges[text]
    before = _between(data, found, word, opens)
    after = _between(data, found, word + 1, word + 1 == found.edges[text + 1])
    initial = _initials(data, found, word, before, after) & ~small & ~numbered
    linked = np.append(False, np.diff(word) == 1) & ~opens
    linked &= _goes_on(data, found, word, before, after, initial, bits)
    # A lone letter is an initial if a period follows, or a word that goes on from it.
    letter = (data[starts[word]] != 0x49) & (data[starts[word]] != 0x41)
    letter |= linked & np.append(False, (bits[:-1] & lex.GIVEN) > 0)
    spaced = np.append(linked[1:] & (after[:-1] == 0), False) & letter
    initial &= ((after & DOT) > 0) | spaced | ((before == DOT) & linked)
    cue = _cues(found, word, text, before, after, lexicon)
    # ``Director General`` is none; what stands after ``Mr`` or ``Name:`` is one, whatever it is.
    shorter = found.characters[np.maximum(word - 1, 0)] <= 4
    sure = ((cue & lex.BY_FIELD) > 0) | (((cue & lex.BY_TITLE) > 0) & shorter)
    first = opens | ((before & ~COMMA) > 0)
    morph = _morphology(data, found, word, lexicon)
    shout = _shouted(data, found, word)
    announced = _capital(data, starts[np.maximum(word - 1, 0)]) | (size > 2)
    return Tokens(word, bits, before, after, cue, initial, small, morph, linked, first, shout, sure, announced & (size > 1))


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


def _in_lower_case(
    data: words.Bytes, found: words.Words, capital: Mask, lexicon: Lexicon
) -> Mask:
    """In texts that have no capital letter at all: the words that are names, and no other word."""
    counts = np.append(0, np.cumsum(capital))[found.edges]
    lower = (np.diff(counts) == 0) & (np.diff(found.edges) > 0)
    if not lower.any():
        return np.zeros(len(capital), np.bool_)
    inside = np.repeat(lower, np.diff(found.edges))
    which = np.flatnonzero(inside & (found.characters > 2))
    bits = lexicon.words.of(found.hashes[which])
    some = ((bits & lex.NAME) > 0) & ((bits & (lex.STOP | lex.TITLE)) == 0)
    sure = some & ((bits & lex.WEAK) == 0)
    # A surname that is a word too is one after a given name.
    given = which[sure & ((bits & lex.GIVEN) > 0)]
    mask = np.zeros(len(capital), np.bool_)
    mask[which[some]] = True
    follows = np.zeros(len(capital) + 1, np.bool_)
    follows[given + 1] = True
    mask &= follows[:-1]
    mask[which[sure]] = True
    behind = given[given + 1 < len(capital)] + 1
    mask[behind[_morphology(data, found, behind, lexicon) > 0]] = True
    # ``anna b brown``: a letter after a given name, and a word after it.
    letters = behind[found.characters[behind] == 1]
    mask[letters] = True
    mask[letters[letters + 1 < len(capital)] + 1] = True
    return mask & inside


def _particles(found: words.Words, capital: Mask, lexicon: Lexicon) -> Mask:
    """Small words between capitalized ones, up to three: ``van der``, ``de la``."""
    mask = np.zeros(len(capital), np.bool_)
    # Before a capital letter one must stand, or it is no part of a name (but after a title).
    at = np.flatnonzero(capital) - 1
    for _ in range(3):
        at = at[at >= 0]
        at = at[~capital[at] & (found.characters[at] <= 5)]
        at = at[(lexicon.words.of(found.hashes[at]) & lex.PARTICLE) > 0]
        mask[at] = True
        at = at - 1
    return mask


def _trimmed(data: words.Bytes, starts: Places, ends: Places) -> Places:
    """Where each word ends without its ``'s``, and without the number of a footnote."""
    last = data[ends - 1]
    plain = (ends - starts > 2) & ((last == 0x73) | (last == 0x53)) & (data[ends - 2] == 0x27)
    curly = (ends - starts > 4) & (last == 0x73) & (data[ends - 2] == 0x99)
    curly &= (data[np.maximum(ends - 3, 0)] == 0x80) & (data[np.maximum(ends - 4, 0)] == 0xE2)
    ends = ends - 2 * plain - 4 * curly
    for _ in range(3):
        ends = ends - ((ends - starts > 1) & (data[ends - 1] - 48 < 10))
    return ends


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


def _shouted(data: words.Bytes, found: words.Words, word: Places) -> Mask:
    """Words of a few letters, all capital ones (mostly abbreviations), or small ones."""
    second = data[np.minimum(found.starts[word] + 1, len(data) - 1)]
    short: Mask = found.characters[word] <= 4
    short &= (second - 65 < 26) | (data[found.starts[word]] - 97 < 26)
    return short


@cache
def _signs() -> Bits:
    table = np.full(256, OTHER, np.int64)
    table[list(b" \t\r\xc2\xa0")] = 0
    for sign, bit in ((b"\n", LINE), (b".", DOT), (b",", COMMA), (b":", COLON), (b"-", HYPHEN)):
        table[list(sign)] = bit
    table[list(b"(")], table[list(b"/")], table[list(b"@")] = OPENING, SLASH, AT
    table.flags.writeable = False
    return table


def _between(data: words.Bytes, found: words.Words, word: Places, edge: Mask) -> Bits:
    """What stands before each of `word`, as bits; OTHER where a text begins (or, after, ends)."""
    inside = np.flatnonzero(~edge)
    bits = np.full(len(word), OTHER, np.int64)
    if not len(inside):
        return bits
    begins, stops = found.ends[word[inside] - 1], found.starts[word[inside]]
    sizes = stops - begins
    held = np.where(sizes > 0, _signs()[data[np.minimum(begins, len(data) - 1)]], OTHER)
    for step in (1, 2):
        long = np.flatnonzero(sizes > step)
        held[long] |= _signs()[data[begins[long] + step]]
    long = np.flatnonzero(sizes > 3)
    if len(long):
        sizes = np.minimum(sizes[long], 64) - 3
        heads = np.append(0, np.cumsum(sizes))[:-1]
        at = np.repeat(begins[long] + 3 - heads, sizes) + np.arange(int(sizes.sum()))
        held[long] |= np.bitwise_or.reduceat(_signs()[data[at]], heads)
    bits[inside] = held
    return bits


def _goes_on(
    data: words.Bytes,
    found: words.Words,
    word: Places,
    before: Bits,
    after: Bits,
    initial: Mask,
    bits: Bits,
) -> Mask:
    """Whether each token may be of one name with the token before it, by what is between them."""
    stop = found.starts[word]
    begin = found.ends[np.maximum(word - 1, 0)]
    gap = stop - begin
    short = np.append(False, (found.characters[word[:-1]] <= 4) & ((bits[:-1] & lex.GIVEN) > 0))
    letter = np.append(False, initial[:-1]) | short
    on: Mask = (before == 0) & (gap <= MOST_SPACES)
    on |= (before == HYPHEN) & (gap == 1)
    on |= (before == AT) & (gap <= 3)  # an alias, in India
    on |= letter & ((before & ~(DOT | HYPHEN)) == 0) & (gap <= MOST_SPACES)
    # ``Brown.K``: an initial after the name, glued to it, and no word after it.
    on |= (before == DOT) & (gap <= 2) & initial & ((after & ~(DOT | LINE | COMMA | OTHER)) == 0) & (after > 0)
    wrapped = np.flatnonzero((before & ~(DOT if letter.any() else 0)) == LINE)
    if len(wrapped):
        lines = np.flatnonzero(data == 0x0A)
        at = np.searchsorted(lines, begin[wrapped])
        once = np.searchsorted(lines, stop[wrapped]) - at == 1
        length = begin[wrapped] - np.where(at > 0, lines[np.maximum(at - 1, 0)], 0)
        alike = (before[wrapped] == LINE) | letter[wrapped]
        on[wrapped] = once & alike & (length >= WRAPPED_BYTES)
    return on


def _cues(
    found: words.Words, word: Places, text: Places, before: Bits, after: Bits, lexicon: Lexicon
) -> Bits:
    """What the phrases beside each token say: only where what is between them allows it."""
    low, high = found.edges[text], found.edges[text + 1]
    hashes = found.hashes
    cue = np.zeros(len(word), np.int64)
    for size in range(1, lex.LONGEST_PHRASE + 1):
        table = lexicon.phrases[size - 1]
        for at, inside, side in (
            (word - size, word - size >= low, "before"),
            (word + 1, word + size < high, "after"),
        ):
            at = np.where(inside, at, 0)
            whole = hashes[at]
            for step in range(1, size):
                whole = lex.phrase_hash(whole, hashes[np.minimum(at + step, len(hashes) - 1)])
            bits = np.where(inside, table.of(whole), 0)
            cue |= bits & (lex.AFTER if side == "after" else ~lex.AFTER)
    # A period ends an abbreviation, or a sentence.
    brief = found.characters[np.maximum(word - 1, 0)] <= 5
    title = (before == 0) | ((before == LINE) | (before == DOT) & brief)
    role = (before & ~(COMMA | COLON | LINE)) == 0
    field = ((before & COLON) > 0) & ((before & ~(COLON | LINE | HYPHEN | DOT)) == 0)
    behind = (after & ~(COMMA | OPENING | LINE)) == 0
    allowed = np.where(title, lex.BY_TITLE, 0) | np.where(role, lex.BY_ROLE, 0)
    allowed |= np.where(field, lex.BY_FIELD | lex.BY_ROLE | lex.BY_TITLE, 0)
    allowed |= np.where(behind, lex.AFTER, 0)
    held: Bits = (cue & allowed).astype(np.int64)
    return held


@cache
def _not_patronymics() -> words.Hashes:
    given = lists.NOT_PATRONYMICS.split()
    return words.hash_strings(pa.array([f(x) for x in given for f in (str.title, str.upper)]))


def _morphology(
    data: words.Bytes, found: words.Words, word: Places, lexicon: Lexicon
) -> npt.NDArray[np.uint8]:
    """What the ending of each word says; 0 nothing."""
    end = found.ends[word]
    size = end - found.starts[word]
    last = np.zeros(len(word), np.uint64)
    for back in range(8, 0, -1):
        held = data[np.maximum(end - back, 0)].astype(np.uint64)
        last = last << np.uint64(8) | held
    kind = np.zeros(len(word), np.uint8)
    for length, number, says in lexicon.endings:
        part = last & np.uint64((1 << 8 * length) - 1)
        kind[(part == number) & (size >= length + (3 if length < 5 else 2))] = says
    kind[np.isin(found.hashes[word], _not_patronymics())] = 0
    return kind


# ---------------------------------------------------------------------------- runs of them


def _people(
    data: words.Bytes, found: words.Words, token: Tokens, lexicon: Lexicon
) -> People:
    bits, cue = token.bits, token.cue
    strong = ((bits & lex.GIVEN) > 0) & ((bits & lex.WEAK) == 0) & ~token.initial & ~token.small
    surname = ((bits & lex.SURNAME) > 0) & ((bits & lex.WEAK) == 0) & ~token.small
    surname |= token.morph > 0
    named = (((bits & lex.NAME) > 0) | (token.morph > 0)) & ~token.initial & ~token.small
    told = (cue & ~lex.AFTER) > 0
    blocked = _blocked(token, strong, named, told)
    member = ~blocked
    linked = token.linked & member & np.append(False, member[:-1])
    proof = (strong | surname | named | token.initial | (token.morph > 0) | (cue > 0)) & member
    keep = member & _near(proof, linked, token)
    linked &= keep & np.append(False, keep[:-1])
    keep = _without_loose_particles(keep, linked, token, told)
    linked &= keep & np.append(False, keep[:-1])

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
        patronymics=count(token.morph == lex.PATRONYMIC),
        initials=count(token.initial),
        cue=cue[first],
        after=(cue[last] & lex.AFTER) > 0,
        sentence=token.first[first],
        tainted=_tainted(token, blocked, first, last),
        shout=token.shout[first],
        strong_first=strong[first],
        named_first=named[first],
        given_first=((bits[first] & lex.GIVEN) > 0) & named[first],
        surname_last=((bits[last] & lex.SURNAME) > 0) & named[last],
    )
    scores = _enumerated(found, run, token, _reversed(run, token, _scores(run, lexicon.nouns)))
    some = np.flatnonzero(scores >= 0.4)
    starts = found.starts[token.word[first[some]]]
    ends = found.ends[token.word[last[some]]].copy()
    # The period after a last initial is its own.
    dotted = token.initial[last[some]] & (ends < len(data))
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
    patronymics: Places
    initials: Places
    cue: Bits
    after: Mask
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
    within = token.linked & np.append(False, (named | token.initial | token.small)[:-1])
    spared = named & token.linked & np.append(False, (strong | token.initial)[:-1])
    letter = token.initial | token.small
    # ``De`` and ``La`` begin sentences, and surnames after a cue or a name.
    particle = ((bits & lex.PARTICLE) > 0) & (told | (within & (token.before == 0)))
    particle &= np.append(token.linked[1:], False)
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
    after = np.append(linked[1:] & proof[1:], False)
    starts = token.first & ~linked
    near |= after & (~starts | np.append(token.initial[1:], False) | (token.bits == 0))
    # A whole name of unknown words may stand before what says that it was one.
    behind = (token.cue & lex.AFTER) > 0
    for _ in range(2):
        behind = np.append(behind[1:] & linked[1:], False)
        near |= behind
    found: Mask = near
    return found


def _without_loose_particles(keep: Mask, linked: Mask, token: Tokens, told: Mask) -> Mask:
    """Without particles that no name follows, and those before one that no cue announces."""
    keep = keep.copy()
    for _ in range(3):
        goes_on = np.append(linked[1:] & keep[1:], False)
        comes_on = linked & np.append(False, keep[:-1])
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
    role = (run.cue & lex.BY_ROLE) > 0
    some = run.full + run.initials > 0
    several = (run.full > 1) | (run.initials > 0)
    score = np.zeros(len(run.first))

    def atleast(value: float, where: Mask) -> None:
        np.maximum(score, np.where(where, value, 0), out=score)

    clean = ~run.tainted
    atleast(0.4, clean & (run.strong > 0) & (run.full == 1) & ~run.shout)
    alone = clean & (run.surnames > 0) & ~nouns
    atleast(0.4, alone & (run.full == 1) & ~run.shout & ~run.sentence)
    likely = alone | (clean & (run.strong > 0))
    atleast(0.5, likely & (run.full > 1) & (run.full < 5))
    atleast(0.5, clean & (run.named > 1) & run.named_first & (run.surnames + run.strong > 0))
    # What little is known of each is of two names.
    pair = run.given_first & run.surname_last & (run.full > 1) & (run.full < 4)
    atleast(0.4, clean & pair)
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


@cache
def _and() -> words.Hashes:
    return np.sort(words.hash_strings(pa.array([word for word in lists.AND.split() if word != "&"])))


def _enumerated(found: words.Words, run: Runs, token: Tokens, scores: Scores) -> Scores:
    """``Brown, Weber and King``: beside a name and a comma or an "and", another name is one."""
    if len(scores) < 2:
        return scores
    word, first, last = token.word, run.first[1:], run.last[:-1]
    apart = word[first] - word[last]
    joined = (apart == 1) & (token.before[first] == COMMA)
    between = np.minimum(word[last] + 1, len(found.hashes) - 1)
    joined |= (apart == 2) & (token.before[first] == 0) & np.isin(found.hashes[between], _and())
    some = (run.named == run.full) & (run.full == 1) & (run.initials == 0) & ~run.tainted
    sure = (run.strong + run.surnames > 0) | (scores >= 0.4)
    pairs = joined & (sure[1:] | sure[:-1])
    beside = np.append(pairs & (some | sure)[1:], False) | np.append(False, pairs & (some | sure)[:-1])
    return np.maximum(scores, np.where(some & beside & ~run.shout, 0.4, 0))
