"""The words of texts with a key each that the spellings of one name share.

A key stands for the first letters of a word, without case and accents, with letters that
recognition takes for each other made one, and without the vowels and consonants that grammatical
endings are made of. Words of one key need not be one name: what has a key is compared closely.
"""

from __future__ import annotations

import sys
import unicodedata
from functools import cache
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from datapartnerships.kernels._compiled import compiled
from datapartnerships.kernels.words import Hashes, Words, _mixed, buffers, words

# Letters of a word that its key is of, at most; and those that are never taken off its end.
LONG, SHORT = 7, 3

_LETTERS = {
    "ß": "ss", "æ": "ae", "œ": "oe", "ø": "o", "đ": "d", "ð": "d", "þ": "th", "ł": "l", "ı": "i",
    "ſ": "s", "ς": "σ", "ħ": "h", "ŧ": "t", "ŋ": "n", "ə": "e",
}  # fmt: skip
# Marks that writers leave out. Vowel signs of Indic scripts are letters to a reader.
_MARKS = ((0x300, 0x36F), (0x591, 0x5C7), (0x64B, 0x65F), (0x670, 0x670), (0x6D6, 0x6ED))
_DROPPED = "\u00ad\u00b7\u05f3\u05f4\u200b\u200c\u200d\u2027\u2060'\u2018\u2019\uff07\u0640"
# What recognition takes for each other: single letters, then two letters and the one they look as.
_ALIKE = {"0": "o", "1": "l", "i": "l", "|": "l"}
_PAIRS = (("rn", "m"), ("cl", "d"), ("vv", "w"))
# Letters of endings, as they are after `_ALIKE`.
_SOFT = "aeolumnrsty" + "аеиоуыюяьмнйх" + "ασηουεν" + "가이은는을를의에게와과도"

Codes = npt.NDArray[np.int32]


class NameWords(NamedTuple):
    """Words as `kernels.words` gives them, and the key of each (uint64, never 0)."""

    words: Words
    keys: Hashes


def name_words(texts: pa.Array) -> NameWords:
    """The words of `texts` (string) with their keys; a null has none.

    On the way it takes up to 50 times the bytes of the texts: cut long columns with `pieces`.
    """
    found = words(texts)
    data, _ = buffers(texts)
    loop = compiled(_loop, _mixed)
    if loop is not None:
        return NameWords(found, loop(data, found.starts, found.ends, *_tables()))
    _, first, place = np.unique(found.hashes, return_index=True, return_inverse=True)
    raw = data.tobytes()
    spans = zip(found.starts[first].tolist(), found.ends[first].tolist(), strict=True)
    known = np.array([_key(raw[start:end].decode()) for start, end in spans], np.uint64)
    return NameWords(found, known[place.reshape(-1)])


def without_breaks(texts: pa.Array) -> pa.Array:
    """The same texts, byte for byte as long, in which a hyphen at a line end parts no word.

    The hyphen and the line end become a soft hyphen, which is inside a word.
    """
    data, edges = buffers(texts)
    if not len(data):
        return texts
    at = np.flatnonzero((data[:-1] == 0x2D) & ((data[1:] == 0x0A) | (data[1:] == 0x0D)))
    at = at[~np.isin(at + 1, edges)]
    if not len(at):
        return texts
    data = np.concatenate([data, np.zeros(2, np.uint8)])
    long = (data[at + 1] == 0x0D) & (data[at + 2] == 0x0A) & ~np.isin(at + 2, edges)
    for places, code in ((at[~long], b"\xc2\xad"), (at[long], b"\xe2\x80\xa7")):
        for step, byte in enumerate(code):
            data[places + step] = byte
    kind = np.int64 if pa.types.is_large_string(texts.type) else np.int32
    held = [None, pa.py_buffer(edges.astype(kind)), pa.py_buffer(data[:-2])]
    return pa.Array.from_buffers(texts.type, len(texts), held)


def fold(text: str) -> str:
    """Without letter case, accents and apostrophes; digits of all scripts are ASCII ones."""
    if text.isascii():
        return text.lower().replace("'", "")
    return text.translate(_plain())


def alike(folded: str) -> str:
    """What `folded` has in common with all that recognition may take it for."""
    for one, other in _ALIKE.items():
        folded = folded.replace(one, other)
    for two, one in _PAIRS:
        folded = folded.replace(two, one)
    return folded


def _key(word: str) -> int:
    """The same as `_loop` gives; for where nothing is compiled."""
    left = alike(fold(word))[:LONG]
    while len(left) > SHORT and left[-1] in _SOFT:
        left = left[:-1]
    key = len(left)
    for letter in left:
        key = _mixed_int(key + ord(letter))
    return key or 1


def _mixed_int(value: int) -> int:
    value &= 0xFFFFFFFFFFFFFFFF
    value = ((value ^ (value >> 33)) * 0xFF51AFD7ED558CCD) & 0xFFFFFFFFFFFFFFFF
    value = ((value ^ (value >> 33)) * 0xC4CEB9FE1A85EC53) & 0xFFFFFFFFFFFFFFFF
    return value ^ (value >> 33)


def _folded(code: int) -> str:
    if any(low <= code <= high for low, high in _MARKS) or chr(code) in _DROPPED:
        return ""
    digit = unicodedata.digit(chr(code), None)
    if digit is not None:
        return str(digit)
    out = []
    for letter in unicodedata.normalize("NFKD", chr(code).lower()):
        if not any(low <= ord(letter) <= high for low, high in _MARKS):
            out.append(_LETTERS.get(letter, letter))
    folded = "".join(out).lower()
    return folded if 0 < len(folded) < 3 else chr(code)


@cache
def _plain() -> dict[int, str]:
    """Of every character that is not folded to itself, what it is folded to."""
    ranges = (range(0x3000), range(0xA640, 0xA800), range(0xAB30, 0xABF0), range(0xFB00, 0x10000))
    changed = {}
    for code in (code for some in ranges for code in some):
        folded = _folded(code)
        if folded != chr(code):
            changed[code] = folded
    return changed


@cache
def _tables() -> tuple[Codes, Codes, npt.NDArray[np.bool_]]:
    """First and second letter of each code point, folded, 0 for none; and which are soft."""
    first = np.arange(sys.maxunicode + 1, dtype=np.int32)
    second = np.zeros(sys.maxunicode + 1, np.int32)
    for code, folded in _plain().items():
        first[code] = ord(folded[0]) if folded else 0
        second[code] = ord(folded[1]) if len(folded) > 1 else 0
    for one, other in _ALIKE.items():
        first[first == ord(one)] = ord(other)
        second[second == ord(one)] = ord(other)
    soft = np.zeros(sys.maxunicode + 1, np.bool_)
    soft[[ord(letter) for letter in _SOFT]] = True
    for table in (first, second, soft):
        table.flags.writeable = False
    return first, second, soft


def _loop(data: Any, starts: Any, ends: Any, first: Any, second: Any, soft: Any) -> Any:
    keys = np.empty(len(starts), np.uint64)
    letters = np.empty(LONG + 3, np.int64)
    for word in range(len(starts)):
        at, end = starts[word], ends[word]
        count = 0
        # One more than is kept: two letters may yet become one.
        while at < end and count <= LONG:
            byte = data[at]
            if byte < 0x80:
                code = np.int64(byte)
                at += 1
            elif byte < 0xE0:
                code = np.int64(byte & 0x1F) << 6 | np.int64(data[at + 1] & 0x3F)
                at += 2
            else:
                code = np.int64(data[at + 1] & 0x3F) << 6 | np.int64(data[at + 2] & 0x3F)
                if byte < 0xF0:
                    code |= np.int64(byte & 0x0F) << 12
                    at += 3
                else:
                    code = np.int64(byte & 0x07) << 18 | code << 6 | np.int64(data[at + 3] & 0x3F)
                    at += 4
            for part in range(2):
                letter = np.int64(first[code] if part == 0 else second[code])
                if letter == 0:
                    continue
                before = letters[count - 1] if count else np.int64(0)
                if letter == 110 and before == 114:  # rn, m
                    letters[count - 1] = 109
                elif letter == 108 and before == 99:  # cl, d
                    letters[count - 1] = 100
                elif letter == 118 and before == 118:  # vv, w
                    letters[count - 1] = 119
                else:
                    letters[count] = letter
                    count += 1
        count = min(count, LONG)
        while count > SHORT and soft[letters[count - 1]]:
            count -= 1
        key = np.uint64(count)
        for i in range(count):
            key = _mixed(key + np.uint64(letters[i]))
        keys[word] = key if key else np.uint64(1)
    return keys
