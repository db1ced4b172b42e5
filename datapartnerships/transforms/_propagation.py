"""Where values that were found once stand again in their documents."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from datapartnerships.detectors._endings import EXACT, MISREAD, Same, same
from datapartnerships.detectors._name_parts import (
    FUNCTION_WORDS,
    ORDINARY,
    PARTICLES,
    is_initial,
    is_named,
)
from datapartnerships.detectors._name_view import HEAD, View, joined, matched
from datapartnerships.detectors._people import bare, bits, keys_of, pair, table_of, words_of
from datapartnerships.detectors._scan import Column, Hit
from datapartnerships.detectors._spans import as_table
from datapartnerships.kernels.name_words import fold
from datapartnerships.kernels.words import pieces
from datapartnerships.transforms._spans import Strings, placed

PERSON = "PERSON"
# Letters and digits of a value that is looked for as it is.
LEAST = 4
WHOLE, LONE, LETTERS = 0.9, 0.7, 0.5
_SENTENCE = re.compile(r"(?:^|[.!?:;\u2026\u3002\n][\"'»”’)\]]*)\s*[\"'«“„‘(\[*•-]*\s*$")


class Value(NamedTuple):
    """What was found: in which row, what it was, and its label."""

    row: int
    text: str
    label: str


class _Part(NamedTuple):
    """One word of a name."""

    name: int
    place: int
    word: str
    label: str


class _Mention(NamedTuple):
    """A word of a text that may be a part of a name; offsets are bytes of the column."""

    start: int
    end: int
    # Where initials of the same name begin that stand before it.
    first: int
    word: str
    grade: float
    parts: tuple[_Part, ...]
    begins: bool  # a sentence
    small: bool  # the text has no capitals
    follows: bool  # the mention before it, as words of one name do


class Wanted:
    """The values of the rows of a batch, by the row and the key of a word.

    Args:
        values: what is looked for.
        languages: of each row, whose endings its names have; None for those of all.
    """

    def __init__(self, values: Iterable[Value], languages: list[str | None]) -> None:
        self.languages = languages
        some = sorted(set(values))
        words = dict(zip(some, words_of([v.text for v in some]), strict=True))
        persons, others = [], []
        for value in some:
            whole = value.label != PERSON or _unspaced(words[value])
            if not whole:
                persons.append(value)
            elif len(bare(value.text)) >= (2 if value.label == PERSON else LEAST):
                others.append(value)
        keys = keys_of({w for v in persons for w in words[v]})
        # The first word of a value that is looked for as it is, whatever it may be.
        heads = {v: _head(v.text) for v in others}
        head_keys = keys_of(set(heads.values()), plain=True)
        short = {v: _initials(v.text) for v in persons if len(words[v]) > 1}
        letters = {one[0] for some in short.values() for one in some}
        letter_keys = keys_of(letters, plain=True)
        self.parts: dict[tuple[int, int], list[_Part]] = defaultdict(list)
        self.exact: dict[tuple[int, int], dict[str, str]] = defaultdict(dict)
        self.letters: dict[tuple[int, int], dict[str, str]] = defaultdict(dict)
        for number, value in enumerate(persons):
            for place, word in enumerate(words[value]):
                for key in keys[word]:
                    part = _Part(number, place, word, value.label)
                    self.parts[value.row, key].append(part)
            for one in short.get(value, ()):
                self.letters[value.row, letter_keys[one[0]][0]][fold(one)] = value.label
        for value in others:
            key = head_keys[heads[value]][0]
            self.exact[value.row, key].setdefault(bare(value.text), value.label)
        every = [*self.parts, *self.exact, *self.letters]
        self.rows = np.zeros(len(languages), np.bool_)
        self.rows[[row for row, _ in every]] = True
        rows, held = np.array(every, np.uint64).reshape(-1, 2).T
        self.table = table_of(pair(held, rows))


def _unspaced(words: tuple[str, ...]) -> bool:
    return all(len(word) == 1 for word in words)


def _head(text: str) -> str:
    found = re.search(r"[^\W_]", text)
    return text[found.start() :] if found else text


def _initials(name: str) -> set[str]:
    """The first letters of all words of a name, and of its first and last; two or more."""
    words = (w for w in re.findall(r"[^\W\d_]+", name) if w[0].isupper() and is_named(w))
    letters = "".join(word[0] for word in words)
    return {letters, letters[0] + letters[-1]} if len(letters) > 1 else set()


def found_again(strings: Iterable[Strings], wanted: Wanted) -> Iterator[pa.Table]:
    """Spans of every place where the values of a row stand in its strings."""
    mentions: list[
        tuple[Strings, npt.NDArray[np.int64], Column, dict[int, list[_Mention]], list[Hit]]
    ]
    mentions = []
    common: dict[int, set[str]] = defaultdict(set)
    for some in strings:
        index = np.flatnonzero(wanted.rows[some.rows])
        if not len(index):
            continue
        texts = some.texts if len(index) == len(some.texts) else some.texts.take(pa.array(index))
        by_row: dict[int, list[_Mention]] = defaultdict(list)
        hits: list[Hit] = []
        for row, mention in _mentions(texts, some.rows[index], wanted, hits):
            by_row[row].append(mention)
            if mention.word.islower() and not mention.small and mention.grade == EXACT:
                common[row].add(fold(mention.word))
        mentions.append((some, index, Column(texts), by_row, hits))
    for some, index, column, by_row, hits in mentions:
        for row, held in by_row.items():
            hits += _decided(held, common[row])
        spans = as_table(column, sorted(set(hits)), "PropagateNames")
        if spans.num_rows:
            yield placed(some, index[spans["text"].to_numpy()], spans)


def _mentions(
    texts: pa.Array, rows: npt.NDArray[np.int64], wanted: Wanted, hits: list[Hit]
) -> Iterator[tuple[int, _Mention]]:
    """Words that may be parts of names; what is looked for as it is goes to `hits`."""
    bounds = Column(texts).bounds
    for at, piece in pieces(texts):
        view = View(piece)
        if not len(view.keys):
            continue
        row_of = rows[at + view.text]
        likely = wanted.table[bits(pair(view.keys, row_of.astype(np.uint64)))]
        base = int(bounds[at])
        before = -9
        for i in np.flatnonzero(likely).tolist():
            where = int(row_of[i]), int(view.keys[i])
            if known := wanted.exact.get(where):
                hits += _as_it_is(view, i, known, base)
            if known := wanted.letters.get(where):
                hits += _bare_initials(view, i, known, base)
            parts = wanted.parts.get(where)
            mention = parts and _mention(view, i, before, parts, wanted.languages[where[0]], base)
            if mention:
                before = i
                yield where[0], mention


def _mention(
    view: View, i: int, before: int, parts: list[_Part], language: str | None, base: int
) -> _Mention | None:
    word = view.word(i)
    graded: dict[_Part, Same] = {}
    for part in parts:
        if found := same(part.word, word, language):
            graded[part] = found
    if not graded:
        return None
    best = max(graded.values())
    small = bool(view.small[i])
    head = word[best.start]
    if head.islower() and not small and (best.grade < EXACT or fold(word) in ORDINARY):
        return None
    start = int(view.starts[i]) + len(word[: best.start].encode())
    end = int(view.ends[i]) - len(word[best.end :].encode())
    first = _first_initial(view, i) if not best.start else start
    begin = int(view.bounds[view.text[i]])
    left = str(view.data[max(begin, start - 12) : start].data, "utf-8", "ignore")
    if start - begin > 12:
        left = "x" + left
    follows = 0 < i - before < 4 and view.joins[before:i].all() and _one_name(view, before, i)
    return _Mention(
        base + start, base + end, base + first, word[best.start : best.end], best.grade,
        tuple(graded), bool(_SENTENCE.search(left)), small, bool(follows),
    )  # fmt: skip


def _one_name(view: View, i: int, j: int) -> bool:
    """Whether between these words stand only particles and initials, as in one name."""
    words = [view.word(at) for at in range(i, j + 1)]
    between = all(is_initial(word) or fold(word) in PARTICLES for word in words[1:-1])
    return between and joined(words, [view.gap(at) for at in range(i, j)], True)


def _first_initial(view: View, i: int) -> int:
    """Where the initials before a word begin, up to five."""
    first = i
    while first > 0 and i - first < 5 and view.joins[first - 1] and view.single[first - 1]:
        word = view.word(first - 1)
        if not is_initial(word) or not joined([word], [view.gap(first - 1)], False):
            break
        first -= 1
    return int(view.starts[first])


def _as_it_is(view: View, i: int, known: dict[str, str], base: int) -> Iterator[Hit]:
    stop = int(view.bounds[view.text[i] + 1])
    start = int(view.starts[i])
    heads = {value[:HEAD] for value in known}
    if found := matched(view, start, stop, known, heads, max(map(len, known))):
        end = found[0]
        # ``O.K.``: the period behind the last initial is its own.
        end += view.data[end - 2 : end + 1 : 2].tobytes() == b".."
        yield Hit(base + start, base + end, known[found[1]], WHOLE)


def _bare_initials(view: View, i: int, known: dict[str, str], base: int) -> Iterator[Hit]:
    """``A.J.``, of exactly the first letters of a name; no name may stand behind it."""
    letters, j = "", i
    if not view.single[i] or (i and view.joins[i - 1] and is_initial(view.word(i - 1))):
        return
    while is_initial(view.word(j)):
        letters += fold(view.word(j))
        last = not view.beside(j, j + 1)
        gap = "" if last else view.gap(j)
        end = int(view.ends[j])
        if view.data[end : end + 1].tobytes() != b".":
            return
        if last or not is_initial(view.word(j + 1)) or gap not in (".", ". ", ".-"):
            break
        j += 1
    if letters in known and (last or not (gap == ". " and view.word(j + 1)[0].isupper())):
        yield Hit(base + int(view.starts[i]), base + end + 1, known[letters], LETTERS)


def _decided(mentions: list[_Mention], common: set[str]) -> Iterator[Hit]:
    """Those that are names: two parts of one name together, and single ones that are no word."""
    run: list[_Mention] = []
    names: set[int] = set()
    for mention in mentions:
        own = {part.name for part in mention.parts}
        if run and mention.follows and names & own and _another(run, mention, names & own):
            run.append(mention)
            names &= own
            continue
        yield from _of_run(run, common)
        run, names = [mention], own
    yield from _of_run(run, common)


def _another(run: list[_Mention], mention: _Mention, names: set[int]) -> bool:
    """Whether it is a part of the name that the run has not yet."""
    seen = {(p.name, p.place) for m in run for p in m.parts if p.name in names}
    return any(p.name in names and (p.name, p.place) not in seen for p in mention.parts)


def _of_run(run: list[_Mention], common: set[str]) -> Iterator[Hit]:
    if len(run) > 1:
        score = WHOLE * min(mention.grade for mention in run)
        yield Hit(run[0].first, run[-1].end, run[0].parts[0].label, score)
    elif run and _alone(run[0], common):
        yield Hit(run[0].first, run[0].end, run[0].parts[0].label, LONE * run[0].grade)


def _alone(mention: _Mention, common: set[str]) -> bool:
    """Whether a word of a name is one where no other word of the name is beside it."""
    word = mention.word
    folded = fold(word)
    if mention.first < mention.start and word[0].isupper():  # behind initials
        return True
    if folded in FUNCTION_WORDS:
        return False
    ordinary = folded in ORDINARY or folded in common or len(folded) < 3
    if mention.grade == MISREAD:
        looks = any(letter.isdigit() for letter in word) or len(word) > 5
        return looks and not ordinary
    if word[0].isupper():
        return not ordinary or (mention.grade == EXACT and not mention.begins)
    if word[0].islower():
        return mention.small and not ordinary and len(folded) > 3
    return True
