"""Utterances in words and characters, as numbers; and which of them are in another language."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from datapartnerships.kernels._function_words import BLOCKS, FAMILY, SCRIPT_OF, WORDS
from datapartnerships.kernels._loops import Floats, Ints

if TYPE_CHECKING:
    from datapartnerships.kernels.transcription import Limits, Utterances

SCRIPTS = sorted({script for _, script, _ in BLOCKS})
_STARTS = np.array([start for start, _, _ in BLOCKS])
_SCRIPT = np.array([SCRIPTS.index(script) for _, script, _ in BLOCKS])
_WEIGHT = np.array([weight for _, _, weight in BLOCKS])
_DIGIT, _LATIN = SCRIPTS.index("digit"), SCRIPTS.index("latin")
_ACCENT = SCRIPTS.index("mark")
# With spaces between words, and nothing that laughter is written with by one letter many times.
_SPELT = [SCRIPTS.index(name) for name in ("latin", "greek", "cyrillic", "armenian", "georgian")]
# Scripts that are one where a language writes with both.
_JAPANESE = (SCRIPTS.index("kana"), SCRIPTS.index("han"))


class Words:
    """The texts as columns of numbers. Nothing here depends on which texts stand together."""

    def __init__(self, texts: pa.Array) -> None:
        texts = texts.fill_null("")
        size = len(texts)
        lower = pc.utf8_lower(texts)
        codes, owner = _code_points(lower)
        block = np.searchsorted(_STARTS, codes, side="right") - 1
        weight = _WEIGHT[block]
        # The longest run of one mark, for texts of nothing else.
        spoken = weight > 0
        self.character_text: Ints = owner[spoken]
        self.characters: Ints = codes[spoken]
        self.character_weight: Floats = weight[spoken]
        self.letters: Floats = _sums(owner, weight, size)
        self.marks: Ints = _marks(codes, owner, spoken, size)
        script = _SCRIPT[block[spoken]]
        # The word of each character, accents of their own aside; all but letters of `_SPELT` are
        # words alone.
        at = np.cumsum(_SCRIPT[block] != _ACCENT)[spoken]
        apart = np.diff(at, prepend=-1) > 1
        apart |= np.diff(self.character_text, prepend=-1) > 0
        spelt = np.isin(script, _SPELT)
        apart |= ~spelt | ~np.concatenate([[True], spelt[:-1]])[: len(spelt)]
        self.character_word: Ints = np.cumsum(apart)
        self.digits: Floats = _sums(self.character_text, script == _DIGIT, size)
        # Texts by scripts: how many spoken letters of each.
        place = self.character_text * len(SCRIPTS) + script
        self.scripts: Floats = _sums(place, self.character_weight, size * len(SCRIPTS)).reshape(
            size, len(SCRIPTS)
        )
        plain = pc.replace_substring_regex(lower, r"['’]", "")
        plain = pc.replace_substring_regex(plain, r"[^\pL\pM\pN]+", " ")
        self.plain: pa.Array = pc.utf8_trim(plain, " ")
        split = pc.split_pattern(self.plain, " ")
        lengths = np.asarray(pc.list_value_length(split))
        encoded = split.flatten().dictionary_encode()
        self.vocabulary: pa.Array = encoded.dictionary
        self.tokens: Ints = np.asarray(encoded.indices).astype(np.int64)
        self.token_text: Ints = np.repeat(np.arange(size), lengths)
        self.token_weight: Floats = _weights(self.vocabulary)[self.tokens]
        self.text_codes: Ints = np.asarray(self.plain.dictionary_encode().indices).astype(np.int64)


def _code_points(texts: pa.Array) -> tuple[Ints, Ints]:
    """All characters of all texts, and the text of each."""
    joined = "".join(texts.to_pylist())
    codes = np.frombuffer(joined.encode("utf-32-le", "replace"), "<u4").astype(np.int64)
    return codes, np.repeat(np.arange(len(texts)), np.asarray(pc.utf8_length(texts)))


def _sums(owner: Ints, weight: Any, size: int) -> Floats:
    return np.bincount(owner, weights=weight, minlength=size).astype(np.float64)


def _weights(words: pa.Array) -> Floats:
    codes, owner = _code_points(words)
    weight = _WEIGHT[np.searchsorted(_STARTS, codes, side="right") - 1]
    return _sums(owner, weight, len(words))


def _marks(codes: Ints, owner: Ints, spoken: Any, size: int) -> Ints:
    """How many characters the longest run without a letter or digit has, spaces not counted."""
    mark = ~spoken & (codes > 0x20)
    # Runs are between two spoken characters, or the ends of a text.
    total = np.cumsum(mark)
    cut = np.flatnonzero(spoken | np.concatenate([[True], owner[1:] != owner[:-1]])[: len(codes)])
    out = np.zeros(size, np.int64)
    if len(cut):
        before = total[cut] - mark[cut]
        run = np.append(before[1:], total[-1]) - before
        np.maximum.at(out, owner[cut], run)
    return out


def foreign(
    many: Utterances, words: Words, limits: Limits, asked: Sequence[str]
) -> Iterator[tuple[int, str]]:
    """Utterances in another script or language than was asked for, or than the rest is in."""
    yield from _other_script(many, words, limits, asked)
    yield from _other_language(many, words, limits, asked)


def _other_script(
    many: Utterances, words: Words, limits: Limits, asked: Sequence[str]
) -> Iterator[tuple[int, str]]:
    mass = words.scripts.copy()
    mass[:, _DIGIT] = 0
    # Han characters are at home in Japanese, and kana tell nothing against them.
    mass[:, _JAPANESE[0]] += mass[:, _JAPANESE[1]]
    mass[:, _JAPANESE[1]] = 0
    own = mass.argmax(axis=1)
    total = mass.sum(axis=1)
    with np.errstate(divide="ignore", invalid="ignore"):
        sure = np.nan_to_num(mass.max(axis=1) / total) >= 0.8
    count = np.bincount(words.token_text, minlength=len(total))
    raw = np.bincount(words.character_text, minlength=len(total)) - words.digits
    # A name, a title or a word of English is at home everywhere.
    enough = np.where(own == _LATIN, (total >= 16) & (count >= 4), raw >= 4)
    scripts = {_script_of(language) for language in asked}
    rest = _rest(many, mass)
    home, share, others = rest.argmax(axis=1), rest.max(axis=1), rest.sum(axis=1)
    for i in np.flatnonzero(sure & enough):
        if asked:
            if None in scripts or int(own[i]) in scripts:
                continue
            yield int(i), f"{SCRIPTS[own[i]]} script, {total[i]:.0f} letters, not that of {asked}"
        elif (
            others[i] >= 40 and share[i] >= limits.language_share * others[i] and home[i] != own[i]
        ):
            part = share[i] / others[i]
            yield int(i), f"{SCRIPTS[own[i]]} script, the rest {part:.0%} {SCRIPTS[home[i]]}"


def _script_of(language: str) -> int | None:
    script = SCRIPT_OF.get(language)
    if script is None:
        return None
    return SCRIPTS.index("kana" if script in ("japanese", "han") else script)


def _rest(many: Utterances, values: Floats) -> Floats:
    """For each utterance the sum over the others of its document."""
    rows = int(many.document.max()) + 1 if len(many.document) else 0
    total = np.zeros((rows, values.shape[1]))
    np.add.at(total, many.document, values)
    out: Floats = total[many.document] - values
    return out


def _other_language(
    many: Utterances, words: Words, limits: Limits, asked: Sequence[str]
) -> Iterator[tuple[int, str]]:
    names = list(WORDS)
    size = len(many.texts)
    hits = np.zeros((size, len(names)))
    for k, name in enumerate(names):
        known = np.asarray(pc.is_in(words.vocabulary, pa.array(WORDS[name].split())))
        hits[:, k] = np.bincount(words.token_text, weights=known[words.tokens], minlength=size)
    count = np.bincount(words.token_text, minlength=size)
    best = hits.argmax(axis=1)
    top = hits.max(axis=1)
    rest = _rest(many, hits)
    home = rest.argmax(axis=1)
    families = [FAMILY.get(name, name) for name in names]
    said = many.language.to_pylist()
    told = (count >= limits.language_words) & (top >= 3) & (top >= 0.2 * count)
    for i in np.flatnonzero(told):
        found = families[best[i]]
        if asked:
            expected = {FAMILY.get(name, name) for name in asked}
            if not all(name in WORDS or FAMILY.get(name) in families for name in asked):
                continue
        elif rest[i].sum() >= 30 and _sure(rest[i], home[i], families, limits):
            expected = {families[home[i]]}
        elif said[i] is not None and (said[i] in WORDS or FAMILY.get(said[i]) in families):
            expected = {FAMILY.get(said[i], said[i])}
        else:
            continue
        own = max(hits[i, k] for k, family in enumerate(families) if family in expected)
        if found not in expected and top[i] >= max(3 * own + (own > 0), 3):
            yield (
                int(i),
                f"{top[i]:.0f} of {count[i]} words are small words of {names[best[i]]}, "
                f"{own:.0f} of {'/'.join(sorted(expected))}",
            )


def _sure(rest: Floats, home: Any, families: list[str], limits: Limits) -> bool:
    """Whether the rest of a recording is one language: its small words are by far the most."""
    others = [rest[k] for k, family in enumerate(families) if family != families[home]]
    return bool(max(others) <= (1 - limits.language_share) * 2.5 * rest[home])
