"""Repair Unicode exactly as ``ftfy.fix_text`` does, at the speed of Arrow kernels.

The result for every value equals ``ftfy.fix_text(value)`` with ftfy's default ``TextFixerConfig``.
Hardly any text needs ftfy, but ftfy must look at all of it to know. Here one RE2 expression, made
from ftfy's own tables, looks instead; it may suspect too much, never too little:

1. *Documents.* What the expression does not find in a document, ftfy would not change.
2. *Characters.* Where all that is suspicious is characters that ftfy replaces one by one
   (curly quotes, fullwidth forms, typographic ligatures, line breaks), numpy replaces them.
3. *Lines.* ftfy works line by line. Of what is left, each distinct suspicious line goes through
   ftfy's loop once, its fixers called only where their own expression matches.

Order and end of the loop follow ``ftfy.fix_and_explain``; how a text is cut into lines and when
HTML entities are left alone follow ``ftfy.fix_text`` (both read in ftfy 6.3.1). The tables follow
the installed ftfy and the Unicode version of the running Python.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

import ftfy
import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
from ftfy import badness, chardata, fixes

__all__ = ["fix_text"]

_Flags = npt.NDArray[np.bool_]
_Integers = npt.NDArray[Any]

_ESCAPE = "\x1b"
_LINE_BREAKS = "\r\u2028\u2029"  # fixes.fix_line_breaks; U+0085 is a C1 control, mended before it
_CONFIG = ftfy.TextFixerConfig(explain=False)
_MAX_SEGMENT = _CONFIG.max_decode_length
_SCAN_BYTES = 1 << 18  # a stretch and its temporaries stay in a core's cache


def fix_text(texts: pa.Array | pa.ChunkedArray) -> pa.Array | pa.ChunkedArray:
    """Return ``texts`` with every value as ``ftfy.fix_text`` would return it.

    ``texts`` holds ``string`` or ``large_string``; type, length and nulls stay. If no value
    changes, the result is ``texts`` itself, so ``fix_text(texts) is texts`` tells that it is clean.
    A chunked array stays chunked: its chunks are repaired one after the other.
    """
    if isinstance(texts, pa.ChunkedArray):
        chunks = [fix_text(chunk) for chunk in texts.chunks]
        same = all(new is old for new, old in zip(chunks, texts.chunks, strict=True))
        return texts if same else pa.chunked_array(chunks, type=texts.type)
    if not (pa.types.is_string(texts.type) or pa.types.is_large_string(texts.type)):
        raise TypeError(f"fix_text needs an array of string or large_string. Got {texts.type}.")
    return _fix_array(texts)


def _fix_array(texts: pa.Array) -> pa.Array:
    tables = _tables()
    suspects = _match(texts, tables.suspicious)
    documents = _select(texts, suspects)
    deep = _match(documents, tables.beyond_characters)
    deep[deep] = ~_marks_in_order(_select(documents, deep))
    deep |= _breaks_segments(documents)
    plain = _select(documents, ~deep)
    mapped, unsure = _map_characters(plain)
    deep[np.flatnonzero(~deep)[unsure]] = True
    originals = _select(documents, deep)
    repaired = _repair_documents(originals)
    if mapped is plain and repaired is originals:
        return texts
    if len(unsure):
        mapped = _select(mapped, ~_flags(unsure, len(mapped)))
    return _put(_put(texts, _within(suspects, ~deep), mapped), _within(suspects, deep), repaired)


def _match(texts: pa.Array, expression: str) -> _Flags:
    if not len(texts):
        return np.zeros(0, dtype=bool)
    matches = pc.match_substring_regex(texts, expression).fill_null(False)
    flags: _Flags = matches.to_numpy(zero_copy_only=False)
    return flags.copy()


def _marks_in_order(documents: pa.Array) -> _Flags:
    """Documents suspected only for marks next to each other (Thai, Hebrew), and wrongly so."""
    flags = ~_match(documents, _tables().beyond_marks)
    for i in np.flatnonzero(flags).tolist():
        flags[i] = unicodedata.is_normalized("NFC", documents[i].as_py())
    return flags


def _within(flags: _Flags, some: _Flags) -> _Flags:
    """``flags`` with those of them that are set narrowed down to ``some``."""
    narrowed = flags.copy()
    narrowed[flags] = some
    return narrowed


def _select(texts: pa.Array, flags: _Flags) -> pa.Array:
    return texts if flags.all() else texts.filter(pa.array(flags))


def _put(texts: pa.Array, flags: _Flags, values: pa.Array) -> pa.Array:
    """Return ``texts`` with ``values``, in their order, where ``flags`` is set."""
    return pc.replace_with_mask(texts, pa.array(flags), values) if flags.any() else texts


def _layout(texts: pa.Array) -> tuple[_Integers, npt.NDArray[np.uint8]]:
    """The offsets, from 0, and the bytes of an array without nulls; a view, nothing is copied."""
    kind = np.int64 if pa.types.is_large_string(texts.type) else np.int32
    _, offsets, data = texts.buffers()
    if not len(texts) or data is None:
        return np.zeros(len(texts) + 1, kind), np.zeros(0, np.uint8)
    ends = np.frombuffer(offsets, kind)[texts.offset : texts.offset + len(texts) + 1]
    return ends - ends[0], np.frombuffer(data, np.uint8)[ends[0] : ends[-1]]


def _strings(offsets: _Integers, data: npt.NDArray[np.uint8], like: pa.Array) -> pa.Array:
    kind = np.int64 if pa.types.is_large_string(like.type) else np.int32
    offsets = np.ascontiguousarray(offsets, kind)
    buffers = [None, pa.py_buffer(offsets), pa.py_buffer(data)]
    return pa.Array.from_buffers(like.type, len(offsets) - 1, buffers)


# --- characters: all documents at once -----------------------------------------------------------


def _map_characters(documents: pa.Array) -> tuple[pa.Array, _Integers]:
    """Replace single characters; also return which documents ftfy might change further.

    Those have to be done line by line from their original. Documents where only quotes were
    straightened are not looked at again (``_final``).
    """
    tables = _tables()
    offsets, data = _layout(documents)
    places, codes = _find_characters(data)
    if not len(places):
        return documents, places
    sizes, widths = tables.sizes[codes], tables.widths[codes]
    sizes[_before_newline(offsets, data, places, codes)] = 0
    keep = np.ones(len(data), dtype=bool)
    for nth in range(3):
        keep[places[(nth >= sizes) & (nth < widths)] + nth] = False
    removed = np.concatenate(([0], np.cumsum(widths - sizes, dtype=np.int64)))
    changed = data[keep]
    moved = places - removed[:-1]
    for nth in range(3):
        written = nth < sizes
        changed[moved[written] + nth] = tables.bytes[codes[written], nth]
    mapped = _strings(offsets - removed[np.searchsorted(places, offsets)], changed, documents)
    others = places[~tables.final[codes]]
    touched = np.unique(np.searchsorted(offsets, others, "right") - 1)
    return mapped, touched[_match(mapped.take(pa.array(touched)), tables.suspicious)]


def _before_newline(
    offsets: _Integers, data: npt.NDArray[np.uint8], places: _Integers, codes: _Integers
) -> _Integers:
    """Which of the characters found are a ``\\r`` before ``\\n`` in the same document."""
    returns = np.flatnonzero(codes == ord("\r"))
    following = places[returns] + 1
    inside = offsets[np.searchsorted(offsets, places[returns], "right")] > following
    newline = data[np.minimum(following, len(data) - 1)] == ord("\n")
    found: _Integers = returns[inside & newline]
    return found


def _find_characters(data: npt.NDArray[np.uint8]) -> tuple[_Integers, _Integers]:
    """Where the bytes hold a character of ``_Tables.bytes``, and which one."""
    tables = _tables()
    places, codes = [np.zeros(0, np.int64)], [np.zeros(0, np.int32)]
    for start in range(0, len(data), _SCAN_BYTES):
        stretch = data[start : start + _SCAN_BYTES]
        leads = np.zeros(len(stretch), dtype=bool)
        for low, high in tables.leads:
            leads |= (stretch - np.uint8(low)) <= np.uint8(high - low)
        place = np.flatnonzero(leads) + start
        code = _decode(data, place)
        known = tables.widths[code] > 0
        places.append(place[known])
        codes.append(code[known])
    return np.concatenate(places), np.concatenate(codes)


def _decode(data: npt.NDArray[np.uint8], places: _Integers) -> _Integers:
    """Code points of the characters of up to 3 bytes that start at ``places``."""
    last = len(data) - 1
    first = data[places].astype(np.int32)
    second = data[np.minimum(places + 1, last)].astype(np.int32) & 0x3F
    third = data[np.minimum(places + 2, last)].astype(np.int32) & 0x3F
    two = (first & 0x1F) << 6 | second
    three = (first & 0x0F) << 12 | second << 6 | third
    return np.where(first < 0x80, first, np.where(first < 0xE0, two, three))


# --- lines: the documents that need more ---------------------------------------------------------


def _breaks_segments(documents: pa.Array) -> _Flags:
    """Documents that ftfy may cut between ``\\r`` and ``\\n``, as it cuts very long lines."""
    long: _Flags = pc.binary_length(documents).to_numpy(zero_copy_only=False) > _MAX_SEGMENT
    return long & _match(documents, "\r\n") if long.any() else long


def _repair_documents(documents: pa.Array) -> pa.Array:
    """Repair distinct suspicious lines, one by one, and rebuild the documents around them."""
    offsets, data = _layout(documents)
    breaks = np.flatnonzero(data == ord("\n")) + 1
    cuts = np.sort(np.concatenate((offsets, breaks), dtype=np.int64), kind="stable")
    cuts = cuts[np.diff(cuts, prepend=-1) > 0]
    starts = np.searchsorted(cuts, offsets)
    lines = _strings(cuts, data, documents)
    places = np.flatnonzero(_match(lines, _tables().suspicious_line))
    owners = np.searchsorted(starts, places, "right") - 1
    # ftfy cuts a very long line by its number of characters: too rare to be done here.
    long = np.unique(owners[np.diff(cuts)[places] > _MAX_SEGMENT])
    markup = cuts[places + 1] > _first_markup(offsets, data)[owners]
    short = ~np.isin(owners, long)
    for entities in (True, False):
        lines = _repair_lines(lines, places[short & (markup != entities)], entities=entities)
    ends, joined = _layout(lines)
    repaired = _strings(ends[starts], joined, documents)
    whole = [ftfy.fix_text(documents[i].as_py()) for i in long.tolist()]
    repaired = _put(repaired, _flags(long, len(documents)), pa.array(whole, documents.type))
    return documents if repaired.equals(documents) else repaired


def _repair_lines(lines: pa.Array, places: _Integers, *, entities: bool) -> pa.Array:
    distinct = lines.take(pa.array(places)).dictionary_encode()
    fixed = pa.array(_fix_lines(distinct.dictionary, entities=entities), lines.type)
    return _put(lines, _flags(places, len(lines)), fixed.take(distinct.indices))


def _flags(places: _Integers, length: int) -> _Flags:
    flags = np.zeros(length, dtype=bool)
    flags[places] = True
    return flags


def _first_markup(offsets: _Integers, data: npt.NDArray[np.uint8]) -> _Integers:
    """Where in each document the first ``<`` is: ftfy leaves entities alone from that line on."""
    found = np.append(np.flatnonzero(data == ord("<")), np.iinfo(np.int64).max)
    firsts: _Integers = found[np.searchsorted(found, offsets[:-1])]
    return firsts


def _fix_lines(lines: pa.Array, *, entities: bool) -> list[str]:
    """The loop of ``ftfy.fix_and_explain`` over many lines: until a line stays or is clean."""
    tables = _tables()
    done: list[str] = lines.to_pylist()
    active = list(range(len(done)))
    expression = tables.suspicious_line if entities else tables.suspicious_markup
    while active:
        changed = []
        for i, text in zip(active, _fix_once(lines, entities=entities), strict=True):
            if text != done[i]:
                done[i] = text
                changed.append(i)
        lines = pa.array([done[i] for i in changed], pa.large_string())
        again = np.flatnonzero(_match(lines, expression))
        active = [changed[i] for i in again]
        lines = lines.take(again)
    return done


def _fix_once(lines: pa.Array, *, entities: bool) -> list[str]:
    """One round of ``ftfy.fix_and_explain``, its fixers in their order."""
    tables = _tables()
    texts: list[str] = lines.to_pylist()
    hits = np.flatnonzero(_match(lines, _ENTITY)).tolist() if entities else []
    for i in hits:
        texts[i] = fixes.unescape_html(texts[i])
    if hits:
        lines = pa.array(texts, pa.large_string())
    _fix_encodings(texts, np.flatnonzero(_match(lines, tables.bad)))
    return [_fix_characters(text) for text in texts]


def _fix_encodings(texts: list[str], active: _Integers) -> None:
    """``ftfy.fix_encoding`` of some texts, in place.

    Its loop is turned inside out, because most of its time goes into finding that a text it has
    just repaired is not bad.
    """
    while len(active):
        changed = []
        for i in active.tolist():
            text = _fix_encoding_step(texts[i])
            if text != texts[i]:
                texts[i] = text
                changed.append(i)
        lines = pa.array([texts[i] for i in changed], pa.large_string())
        active = np.array(changed, np.int64)[_match(lines, _tables().bad)]


def _fix_encoding_step(text: str) -> str:
    step = getattr(ftfy, "_fix_encoding_one_step_and_explain", ftfy.fix_encoding_and_explain)
    fixed: str = step(text, _CONFIG).text
    return fixed


def _fix_characters(text: str) -> str:
    """What ``ftfy.fix_and_explain`` does after ``fix_encoding``.

    Without ``fix_surrogates``: UTF-8 cannot hold surrogates, and no fixer makes them.
    """
    tables = _tables()
    text = tables.replaced.sub(lambda match: tables.replacements[match[0]], text)
    text = fixes.fix_line_breaks(text)
    if _ESCAPE in text:
        text = fixes.remove_terminal_escapes(text)
    return unicodedata.normalize("NFC", tables.controls.sub("", text))


# --- tables: from ftfy and unicodedata, once in a process ----------------------------------------

_ENTITY = chardata.HTML_ENTITY_RE.pattern
_C1 = [chr(code) for code in range(0x80, 0xA0)]
# Planes 3 and up hold ideographs, tags and private characters: none combines or decomposes.
_SCANNED = "".join(chr(code) for code in range(0x30000) if not 0xD800 <= code < 0xE000)


@dataclass(frozen=True)
class _Tables:
    """RE2 expressions (``str``), tables by code point (arrays), and Python's own expressions."""

    suspicious: str  # a document without a match stays as it is
    beyond_characters: str  # a document without a match needs single characters replaced at most
    beyond_marks: str  # the same, but for marks next to each other
    suspicious_line: str
    suspicious_markup: str  # a line for which ftfy leaves entities alone
    bad: str
    replacements: dict[str, str]
    replaced: re.Pattern[str]
    controls: re.Pattern[str]
    leads: list[tuple[int, int]]  # ranges of the first bytes of the characters in the next four
    bytes: npt.NDArray[np.uint8]  # replacement, UTF-8
    sizes: npt.NDArray[np.int8]  # length of the replacement
    widths: npt.NDArray[np.int8]  # length of the character; 0: not replaced here
    final: _Flags  # replacing it cannot set off another fixer


@cache
def _tables() -> _Tables:
    quotes = [c for c in _SCANNED if fixes.uncurl_quotes(c) != c]
    controls = [chr(code) for code in chardata.CONTROL_CHARS]
    fixed = [*_C1, *map(chr, chardata.LIGATURES), *map(chr, chardata.WIDTH_MAP), *quotes]
    replacements = {c: _replacement(c) for c in fixed}
    simple = {c: replacements[c] for c in fixed if c not in _C1}
    simple |= dict.fromkeys(_LINE_BREAKS, "\n") | dict.fromkeys(controls, "")
    mapped = {c: new for c, new in simple.items() if _fits(c, new, quotes)}
    tokens = list(_re2_tokens(badness.BADNESS_RE.pattern))
    bad = "".join(tokens)
    changing, marks = _denormal()
    others = _one_of([*_C1, *(simple.keys() - mapped), *changing])
    beyond = "|".join((bad, others, _one_of(marks) * 2))
    within = _one_of(mapped)
    entity = rf"\A[^<]*{_ENTITY}"  # elsewhere ftfy takes it for markup
    return _Tables(
        suspicious="|".join((beyond, within, entity)),
        beyond_characters="|".join((beyond, entity)),
        beyond_marks="|".join((bad, others, entity)),
        suspicious_line="|".join((beyond, within, _ENTITY)),
        suspicious_markup="|".join((beyond, within)),
        bad=bad,
        replacements=replacements,
        replaced=re.compile(_python_class(replacements)),
        controls=re.compile(_python_class(controls)),
        **_byte_tables(mapped, _final(tokens, mapped, quotes)),
    )


def _replacement(character: str) -> str:
    """One character through ftfy's fixers of single characters, in ftfy's order."""
    for fixer in (
        fixes.fix_c1_controls,
        fixes.fix_latin_ligatures,
        fixes.fix_character_width,
        fixes.uncurl_quotes,
    ):
        character = fixer(character)
    return character


def _fits(character: str, new: str, quotes: list[str]) -> bool:
    """Whether it can be replaced in place, and is found by a first byte that is not too common."""
    width = len(character.encode())
    common = width != 3 and character not in (*quotes, *_LINE_BREAKS)
    return not common and len(new.encode()) <= width <= 3


def _byte_tables(mapped: dict[str, str], final: set[str]) -> dict[str, Any]:
    table = np.zeros((0x10000, 3), np.uint8)
    sizes, widths = np.zeros(0x10000, np.int8), np.zeros(0x10000, np.int8)
    for character, new in mapped.items():
        encoded = new.encode()
        sizes[ord(character)], widths[ord(character)] = len(encoded), len(character.encode())
        table[ord(character), : len(encoded)] = list(encoded)
    flags = np.zeros(0x10000, dtype=bool)
    flags[[ord(character) for character in final]] = True
    leads = _ranges(character.encode()[0] for character in mapped)
    return {"bytes": table, "sizes": sizes, "widths": widths, "final": flags, "leads": leads}


def _final(tokens: list[str], mapped: dict[str, str], quotes: list[str]) -> set[str]:
    """Quotes, if whatever in BADNESS_RE matches a straight one matches the curly ones as well.

    Then straightening adds no match. No other expression matches a straight quote (tested).
    """
    for token in tokens:
        one = token.startswith("[") or token == "."
        for quote in quotes if one or token in ("'", '"') else ():
            found = re.fullmatch(token, mapped[quote])
            if found and not re.fullmatch(token, quote):
                return set()
    return set(quotes)


def _re2_tokens(verbose: str) -> Iterator[str]:
    """A verbose Python expression as RE2 takes it, matching the same and possibly more.

    RE2's classes differ from Python's, so ``\\s`` and ``\\w`` are spelled out, the latter with all
    that is not ASCII; ``^`` goes, because ftfy applies it to lines and this to documents.
    """
    space = _python_class(c for c in _SCANNED if c.isspace())
    classes = {r"\s": space, r"\w": "[0-9A-Za-z_\x80-\U0010ffff]"}
    for token in re.findall(r"\\.|\[\^?\]?(?:\\.|[^\]])*\]|#[^\n]*|.|\n", verbose):
        if token in classes:
            yield classes[token]
        elif token[0] == "\\" and token[1].isalpha():
            raise NotImplementedError(
                f"ftfy {ftfy.__version__}: BADNESS_RE has {token}, which this version of "
                "datapartnerships cannot translate to RE2. Install ftfy 6.3."
            )
        elif not token.isspace() and token[0] != "#" and token != "^":
            yield token


def _denormal() -> tuple[set[str], list[str]]:
    """What a text must have that is not in normalization form C (UAX #15, 9: quick check).

    A character that is not allowed or that may combine with the one before it (the first value),
    or two marks next to each other, which may be out of order (the second).
    """
    changing = {c for c in _SCANNED if not unicodedata.is_normalized("NFC", c)}
    marks = [c for c in _SCANNED if unicodedata.combining(c)]
    parts = {c: unicodedata.normalize("NFD", c) for c in _SCANNED if c not in changing}
    changing.update(*(some[1:] for some in parts.values()))  # Hangul vowels and finals too
    changing.update([c for c, some in parts.items() if some[0] in changing])
    return changing, marks


def _one_of(characters: Iterable[str]) -> str:
    """RE2 class of characters."""
    ranges = _ranges(map(ord, characters))
    return "[" + "".join(f"\\x{{{low:x}}}-\\x{{{high:x}}}" for low, high in ranges) + "]"


def _python_class(characters: Iterable[str]) -> str:
    return "[" + "".join(map(re.escape, characters)) + "]"


def _ranges(numbers: Iterable[int]) -> list[tuple[int, int]]:
    ranges: list[tuple[int, int]] = []
    for number in sorted(set(numbers)):
        if ranges and ranges[-1][1] == number - 1:
            ranges[-1] = (ranges[-1][0], number)
        else:
            ranges.append((number, number))
    return ranges
