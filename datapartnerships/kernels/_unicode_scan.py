"""What `_unicode_tables` looks for with RE2, in one compiled pass over the bytes; same answers.

ftfy's expression for what looks like mojibake is a list of short sequences of character classes.
All of them are followed at once, a bit each for every place in every sequence (Shift-And:
Baeza-Yates and Gonnet 1992); the other signs are a look at a table. Stretches of ASCII, in which no
sequence can end, are stepped over.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from datapartnerships.kernels._compiled import compiled
from datapartnerships.kernels.words import buffers

# Signs that a text may be changed: a sequence of `BADNESS_RE`, a character that is always looked
# at, two marks next to each other, a character that is replaced in place, an HTML entity, and one
# that no "<" stands before.
BAD, OTHER, MARKS, SINGLE, ENTITY, EARLY_ENTITY = (1 << n for n in range(6))
_LESS = 1 << 6
# What `_entity` looks for; where ftfy's is another one, RE2 does the work.
ENTITIES = "&#?[0-9A-Za-z]{1,24};"
_WORDS, _BITS = 2, 64


class Automaton(NamedTuple):
    """Sequences of character classes, and signs of single characters.

    Attributes:
        kinds: of each code point; those of one kind are the same to all classes and signs.
        steps: uint64, kinds x 2: the places in sequences where a character may stand.
        firsts: uint64, 2: the first places of sequences.
        lasts: the last ones.
        signs: of each kind, as bits.
        plain: of each byte whether it is ASCII and no sign.
        reach: characters of ASCII that a sequence may begin with.
    """

    kinds: npt.NDArray[np.uint8]
    steps: npt.NDArray[np.uint64]
    firsts: npt.NDArray[np.uint64]
    lasts: npt.NDArray[np.uint64]
    signs: npt.NDArray[np.uint8]
    plain: npt.NDArray[np.bool_]
    reach: int


def automaton(
    tokens: Iterable[str], signs: Mapping[int, Iterable[str]], scanned: str
) -> Automaton | None:
    """For expressions of single characters, classes, ``|`` and ``?``; None for others.

    Args:
        tokens: of the expression, for Python; in it ``\\x80-\\U0010ffff`` may stand for more.
        signs: by sign (of `OTHER`, `MARKS`, `SINGLE`) its characters.
        scanned: all characters that a class may treat otherwise than most.
    """
    sequences = _sequences(list(tokens))
    ascii_only = "".join(map(chr, range(128)))
    if sequences is None:
        return None
    classes = sorted({token for some in sequences for token in some})
    in_ascii = {token: bool(re.search(token, ascii_only)) for token in classes}
    places = _places([len(some) for some in sequences])
    if places is None or any(all(map(in_ascii.__getitem__, some)) for some in sequences):
        return None

    # Characters that some class is about; all others are as this one.
    usual = "\U0002fffe"
    wide = [token for token in classes if re.fullmatch(token, usual)]
    about = set(re.findall("|".join(set(classes).difference(wide)), scanned)) | set(ascii_only)
    about.update(*(re.sub(f"(?:{token})+", "", scanned) for token in wide))
    every = "".join(sorted(about)) + usual
    masks = dict.fromkeys(every, 0)
    firsts = lasts = 0
    at = dict.fromkeys(classes, 0)
    for some, place in zip(sequences, places, strict=True):
        firsts |= 1 << place
        lasts |= 1 << place + len(some) - 1
        for n, token in enumerate(some):
            at[token] |= 1 << place + n
    for token, bits in at.items():
        for character in re.findall(token, every):
            masks[character] |= bits

    told = {"&": ENTITY, "<": _LESS}
    for sign, characters in signs.items():
        for character in characters:
            told[character] = told.get(character, 0) | sign
    numbers: dict[tuple[int, int], int] = {(masks[usual], 0): 0}
    kinds = np.zeros(sys.maxunicode + 1, np.uint8)
    for character in {**masks, **told}:
        key = masks.get(character, masks[usual]), told.get(character, 0)
        kinds[ord(character)] = numbers.setdefault(key, len(numbers))
    if len(numbers) > 256:
        return None
    signs_of = np.array([sign for _, sign in numbers], np.uint8)
    plain = np.zeros(256, bool)
    plain[:128] = signs_of[kinds[:128]] == 0
    return Automaton(
        kinds,
        _words([mask for mask, _ in numbers]),
        _words([firsts])[0],
        _words([lasts])[0],
        signs_of,
        plain,
        max((_leading(map(in_ascii.__getitem__, some)) for some in sequences), default=0),
    )


def _sequences(tokens: list[str]) -> list[list[str]] | None:
    """The alternatives, with and without what is optional; None where they are more than that."""
    done: list[list[str]] = []
    open_: list[list[str]] = [[]]
    for at, token in enumerate([*tokens, "|"]):
        optional = tokens[at + 1 : at + 2] == ["?"]
        if token == "|":
            done += open_
            open_ = [[]]
        elif token in "(){}*+$^":
            return None
        elif token != "?":
            open_ = [[*some, token] for some in open_] + (open_ if optional else [])
    return done if all(done) else None


def _places(lengths: Sequence[int]) -> list[int] | None:
    """The bit that each sequence begins with: none goes from one word into the next."""
    places, at = [], 0
    for length in lengths:
        if at % _BITS + length > _BITS:
            at += _BITS - at % _BITS
        places.append(at)
        at += length
    return places if at <= _WORDS * _BITS else None


def _words(masks: list[int]) -> npt.NDArray[np.uint64]:
    rows = [[mask >> _BITS * n & (1 << _BITS) - 1 for n in range(_WORDS)] for mask in masks]
    return np.array(rows, np.uint64)


def _leading(flags: Iterable[bool]) -> int:
    return next((n for n, flag in enumerate(flags) if not flag), 0)


def scan(texts: pa.Array, wanted: int, table: Automaton) -> npt.NDArray[np.bool_] | None:
    """Whether each of `texts` has one of the `wanted` signs; None where nothing is compiled."""
    loop = compiled(_loop, _entity)
    if loop is None:
        return None
    found: npt.NDArray[np.bool_] = loop(*buffers(texts), wanted, *table)
    return found


def replaced(
    edges: Any, data: Any, leads: Any, replacements: Any, sizes: Any, widths: Any, final: Any
) -> tuple[Any, Any, npt.NDArray[np.bool_], int] | None:
    """Texts with single characters replaced; None where nothing is compiled.

    Returns:
        Bytes; where each text begins in them; whether it may need more than that: it had "\\r\\n",
        or something replaced that is not `final`; how much was replaced in all.
    """
    loop = compiled(_replace_loop)
    if loop is None:
        return None
    found: tuple[Any, Any, Any, int] = loop(
        data, edges.astype(np.int64), leads, replacements, sizes, widths, final
    )
    return found


def _replace_loop(
    data: Any, edges: Any, leads: Any, replacements: Any, sizes: Any, widths: Any, final: Any
) -> Any:
    out = np.empty(len(data), np.uint8)
    ends = np.zeros(len(edges), np.int64)
    again = np.zeros(len(edges) - 1, np.bool_)
    to, count = 0, 0
    for text in range(len(edges) - 1):
        at, stop = edges[text], edges[text + 1]
        while at < stop:
            byte = np.int64(data[at])
            if not leads[byte]:
                out[to] = data[at]
                at += 1
                to += 1
                continue
            if byte == 13 and at + 1 < stop and data[at + 1] == 10:
                again[text] = True
                count += 1
                at += 1
                continue
            code = byte
            if byte >= 0xE0:
                code = (byte & 0x0F) << 12 | np.int64(data[at + 1] & 0x3F) << 6
                code |= np.int64(data[at + 2] & 0x3F)
            elif byte >= 0x80:
                code = (byte & 0x1F) << 6 | (data[at + 1] & 0x3F)
            width = widths[code] if byte < 0xF0 else 0
            if width == 0:
                out[to] = data[at]
                at += 1
                to += 1
                continue
            for nth in range(sizes[code]):
                out[to] = replacements[code, nth]
                to += 1
            again[text] = again[text] or not final[code]
            count += 1
            at += width
        ends[text + 1] = to
    return out[:to], ends, again, count


def _entity(data: Any, at: Any, stop: Any) -> Any:
    """Whether `ENTITIES` matches from "&" on."""
    at += 1
    if at < stop and data[at] == 35:
        at += 1
    begin = at
    while at < stop and (48 <= data[at] <= 57 or 65 <= data[at] <= 90 or 97 <= data[at] <= 122):
        at += 1
        if at - begin > 24:
            return False
    return at > begin and at < stop and data[at] == 59


def _loop(
    data: Any,
    edges: Any,
    wanted: Any,
    kinds: Any,
    steps: Any,
    firsts: Any,
    lasts: Any,
    signs: Any,
    plain: Any,
    reach: Any,
) -> Any:
    found = np.zeros(len(edges) - 1, np.bool_)
    one = np.uint64(1)
    first, second = firsts[0], firsts[1]
    last, end = lasts[0], lasts[1]
    if wanted & BAD == 0:
        last = end = np.uint64(0)
    for text in range(len(edges) - 1):
        at, stop = edges[text], edges[text + 1]
        low = high = np.uint64(0)
        marked = False
        early = wanted & EARLY_ENTITY
        while at < stop:
            byte = np.int64(data[at])
            if byte < 0x80:
                code, width = byte, 1
            elif byte < 0xE0:
                code, width = (byte & 0x1F) << 6 | (data[at + 1] & 0x3F), 2
            elif byte < 0xF0:
                code = (byte & 0x0F) << 12 | np.int64(data[at + 1] & 0x3F) << 6
                code, width = code | (data[at + 2] & 0x3F), 3
            else:
                code = (byte & 0x07) << 18 | np.int64(data[at + 1] & 0x3F) << 12
                code |= np.int64(data[at + 2] & 0x3F) << 6
                code, width = code | (data[at + 3] & 0x3F), 4
            kind = kinds[code]
            sign = signs[kind]
            low = ((low << one) | first) & steps[kind, 0]
            high = ((high << one) | second) & steps[kind, 1]
            if (low & last) | (high & end):
                found[text] = True
                break
            if sign:
                if sign & wanted & (OTHER | SINGLE):
                    found[text] = True
                    break
                if sign & wanted & MARKS and marked:
                    found[text] = True
                    break
                if sign & ENTITY and (wanted & ENTITY or early) and _entity(data, at, stop):
                    found[text] = True
                    break
                if sign & _LESS:
                    early = 0
            marked = sign & MARKS != 0
            at += width
            if byte < 0x80 and (low & ~first) | (high & ~second) == 0:
                run = at
                while at < stop and plain[data[at]]:
                    at += 1
                if at - run > reach:
                    low = high = np.uint64(0)
                    marked = False
                    at -= reach
                else:
                    at = run
    return found
