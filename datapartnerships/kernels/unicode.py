"""Repair Unicode exactly as ``ftfy.fix_text`` does, at the speed of Arrow kernels.

The result for every value equals ``ftfy.fix_text(value)`` with ftfy's default ``TextFixerConfig``,
but for ``uncurl_quotes`` where that is said.
Hardly any text needs ftfy, but ftfy must look at all of it to know. Here one expression, made from
ftfy's own tables, looks instead (RE2, or a compiled pass); it may suspect too much, never too
little:

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

import itertools
import unicodedata
from collections.abc import Iterator
from typing import Any

import ftfy
import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
from ftfy import fixes

from datapartnerships.kernels._unicode_scan import replaced, scan
from datapartnerships.kernels._unicode_tables import Search, Tables, tables

__all__ = ["fix_text"]

_Flags = npt.NDArray[np.bool_]
_Integers = npt.NDArray[Any]

_ESCAPE = "\x1b"
_MAX_SEGMENT = ftfy.TextFixerConfig().max_decode_length
_SLICE_BYTES = 1 << 25  # bounds memory; large against the time to compile expressions
_SCAN_BYTES = 1 << 18  # a stretch and its temporaries stay in a core's cache


def fix_text(
    texts: pa.Array | pa.ChunkedArray, *, uncurl_quotes: bool = True
) -> pa.Array | pa.ChunkedArray:
    """Return ``texts`` with every value as ``ftfy.fix_text(value, uncurl_quotes=...)`` returns it.

    ``texts`` holds ``string`` or ``large_string``; type, length and nulls stay. If no value
    changes, the result is ``texts`` itself, so ``fix_text(texts) is texts`` tells that it is clean.
    A chunked array stays chunked: its chunks are repaired one after the other.
    """
    if isinstance(texts, pa.ChunkedArray):
        chunks = texts.chunks
        fixed = [fix_text(chunk, uncurl_quotes=uncurl_quotes) for chunk in chunks]
        return texts if _same(fixed, chunks) else pa.chunked_array(fixed, type=texts.type)
    if not (pa.types.is_string(texts.type) or pa.types.is_large_string(texts.type)):
        raise TypeError(f"fix_text needs an array of string or large_string. Got {texts.type}.")
    slices = list(_slices(texts))
    table = tables(uncurl_quotes)
    fixed = [_fix_slice(part, table) for part in slices]
    return texts if _same(fixed, slices) else pa.concat_arrays(fixed)


def _same(new: list[pa.Array], old: list[pa.Array]) -> bool:
    return all(one is other for one, other in zip(new, old, strict=True))


def _slices(texts: pa.Array) -> Iterator[pa.Array]:
    """Cut an array where it passes a multiple of ``_SLICE_BYTES``; views, nothing is copied."""
    lengths = pc.binary_length(texts).fill_null(0).to_numpy(zero_copy_only=False)
    slices = np.cumsum(lengths, dtype=np.int64) // _SLICE_BYTES
    cuts = [0, *(np.flatnonzero(np.diff(slices)) + 1).tolist(), len(texts)]
    for start, stop in itertools.pairwise(cuts):
        yield texts.slice(start, stop - start)


def _fix_slice(texts: pa.Array, table: Tables) -> pa.Array:
    suspects = _match(texts, table.suspicious, table)
    if not suspects.any():
        return texts
    documents = _select(texts, suspects)
    deep = _match(documents, table.beyond_characters, table)
    deep[deep] = ~_marks_in_order(_select(documents, deep), table)
    deep |= _breaks_segments(documents)
    plain = _select(documents, ~deep)
    mapped = _map_certain(plain, deep, table)
    originals = _select(documents, deep)
    repaired = _repair_documents(originals, table)
    if mapped is plain and repaired is originals:
        return texts
    return _put(_put(texts, _within(suspects, ~deep), mapped), _within(suspects, deep), repaired)


def _match(texts: pa.Array, wanted: Search, table: Tables) -> _Flags:
    if not len(texts):
        return np.zeros(0, dtype=bool)
    if table.automaton is not None:
        found = scan(texts, wanted.signs, table.automaton)
        if found is not None:
            return found
    return _flagged(pc.match_substring_regex(texts, wanted.pattern))


def _returns(texts: pa.Array) -> _Flags:
    return _flagged(pc.match_substring(texts, "\r\n"))


def _flagged(matches: pa.Array) -> _Flags:
    matches = matches.fill_null(False)
    flags: _Flags = matches.to_numpy(zero_copy_only=False)
    return flags.copy()


def _marks_in_order(documents: pa.Array, table: Tables) -> _Flags:
    """Documents suspected only for marks next to each other (Thai, Hebrew), and wrongly so."""
    flags = ~_match(documents, table.beyond_marks, table)
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


def _map_certain(plain: pa.Array, deep: _Flags, table: Tables) -> pa.Array:
    """Replace single characters in the texts that are not ``deep``.

    Those that ftfy might change further become ``deep``, to be done from their original; what is
    returned is without them.
    """
    mapped, unsure = _map_characters(plain, table)
    if not len(unsure):
        return mapped
    deep[np.flatnonzero(~deep)[unsure]] = True
    return _select(mapped, ~_flags(unsure, len(mapped)))


def _map_characters(documents: pa.Array, table: Tables) -> tuple[pa.Array, _Integers]:
    """Replace single characters; also return which texts may need more than that.

    Texts where only quotes were straightened are not looked at again (``_final``).
    """
    layout = _layout(documents)
    done = replaced(*layout, table.leads, table.bytes, table.sizes, table.widths, table.final)
    if done is None:
        mapped, again = _map_by_columns(documents, table)
    else:
        changed, edges, again, count = done
        mapped = _strings(edges, changed, documents) if count else documents
    # Not `suspicious`: a "<" that stands there only now keeps no entity from being replaced.
    again[again] = _match(_select(mapped, again), table.suspicious_line, table)
    return mapped, np.flatnonzero(again)


def _map_by_columns(documents: pa.Array, table: Tables) -> tuple[pa.Array, _Flags]:
    again = _returns(documents)
    if again.any():
        documents = pc.replace_substring(documents, "\r\n", "\n")
    offsets, data = _layout(documents)
    places, codes = _find_characters(data, table)
    if not (len(places) or again.any()):
        return documents, again
    sizes, widths = table.sizes[codes], table.widths[codes]
    keep = np.ones(len(data), dtype=bool)
    for nth in range(3):
        keep[places[(nth >= sizes) & (nth < widths)] + nth] = False
    removed = np.concatenate(([0], np.cumsum(widths - sizes, dtype=np.int64)))
    changed = data[keep]
    moved = places - removed[:-1]
    for nth in range(3):
        written = nth < sizes
        changed[moved[written] + nth] = table.bytes[codes[written], nth]
    mapped = _strings(offsets - removed[np.searchsorted(places, offsets)], changed, documents)
    others = places[~table.final[codes]]
    return mapped, again | (np.diff(np.searchsorted(others, offsets)) > 0)


def _find_characters(data: npt.NDArray[np.uint8], table: Tables) -> tuple[_Integers, _Integers]:
    """Where the bytes hold a character of ``Tables.bytes``, and which one."""
    places, codes = [np.zeros(0, np.int64)], [np.zeros(0, np.int32)]
    for start in range(0, len(data), _SCAN_BYTES):
        stretch = data[start : start + _SCAN_BYTES]
        leads = table.leads[stretch]
        place = np.flatnonzero(leads) + start
        code = _decode(data, place)
        known = table.widths[code] > 0
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
    return long & _returns(documents) if long.any() else long


def _repair_documents(documents: pa.Array, table: Tables) -> pa.Array:
    """Repair the suspicious lines and rebuild the documents around them."""
    offsets, data = _layout(documents)
    breaks = np.flatnonzero(data == ord("\n")) + 1
    cuts = np.sort(np.concatenate((offsets, breaks), dtype=np.int64), kind="stable")
    cuts = cuts[np.diff(cuts, prepend=-1) > 0]
    starts = np.searchsorted(cuts, offsets)
    lines = _strings(cuts, data, documents)
    places = np.flatnonzero(_match(lines, table.suspicious_line, table))
    owners = np.searchsorted(starts, places, "right") - 1
    # ftfy cuts a very long line by its number of characters: too rare to be done here.
    long = np.unique(owners[np.diff(cuts)[places] > _MAX_SEGMENT])
    places, owners = (some[~np.isin(owners, long)] for some in (places, owners))
    markup = cuts[places + 1] > _first_markup(offsets, data)[owners]
    fixed = _repair_lines(lines.take(pa.array(places)), markup, table)
    ends, joined = _layout(_put(lines, _flags(places, len(lines)), fixed))
    repaired = _strings(ends[starts], joined, documents)
    whole = [ftfy.fix_text(documents[i].as_py(), table.config) for i in long.tolist()]
    repaired = _put(repaired, _flags(long, len(documents)), pa.array(whole, documents.type))
    return documents if repaired.equals(documents) else repaired


def _repair_lines(lines: pa.Array, markup: _Flags, table: Tables) -> pa.Array:
    """Repair suspicious lines; ``markup`` is set for those where entities are left alone."""
    deep = _match(lines, table.beyond_line, table)
    mapped = _map_certain(_select(lines, ~deep), deep, table)
    lines = _put(lines, ~deep, mapped)
    for entities in (True, False):
        group = deep & (markup != entities)
        distinct = _select(lines, group).dictionary_encode()
        fixed = pa.array(_fix_lines(distinct.dictionary, table, entities=entities), lines.type)
        lines = _put(lines, group, fixed.take(distinct.indices))
    return lines


def _flags(places: _Integers, length: int) -> _Flags:
    flags = np.zeros(length, dtype=bool)
    flags[places] = True
    return flags


def _first_markup(offsets: _Integers, data: npt.NDArray[np.uint8]) -> _Integers:
    """Where in each document the first ``<`` is: ftfy leaves entities alone from that line on."""
    found = np.append(np.flatnonzero(data == ord("<")), np.iinfo(np.int64).max)
    firsts: _Integers = found[np.searchsorted(found, offsets[:-1])]
    return firsts


def _fix_lines(lines: pa.Array, table: Tables, *, entities: bool) -> list[str]:
    """The loop of ``ftfy.fix_and_explain`` over many lines: until a line stays or is clean."""
    done: list[str] = lines.to_pylist()
    active = list(range(len(done)))
    expression = table.suspicious_line if entities else table.suspicious_markup
    while active:
        changed = []
        for i, text in zip(active, _fix_once(lines, table, entities=entities), strict=True):
            if text != done[i]:
                done[i] = text
                changed.append(i)
        lines = pa.array([done[i] for i in changed], pa.large_string())
        again = np.flatnonzero(_match(lines, expression, table))
        active = [changed[i] for i in again]
        lines = lines.take(again)
    return done


def _fix_once(lines: pa.Array, table: Tables, *, entities: bool) -> list[str]:
    """One round of ``ftfy.fix_and_explain``, its fixers in their order."""
    texts: list[str] = lines.to_pylist()
    hits = np.flatnonzero(_match(lines, table.entity, table)).tolist() if entities else []
    for i in hits:
        texts[i] = fixes.unescape_html(texts[i])
    if hits:
        lines = pa.array(texts, pa.large_string())
    _fix_encodings(texts, np.flatnonzero(_match(lines, table.bad, table)), table)
    return [_fix_characters(text, table) for text in texts]


def _fix_encodings(texts: list[str], active: _Integers, table: Tables) -> None:
    """``ftfy.fix_encoding`` of some texts, in place.

    Its loop is turned inside out, because most of its time goes into finding that a text it has
    just repaired is not bad.
    """
    while len(active):
        changed = []
        for i in active.tolist():
            text = _fix_encoding_step(texts[i], table)
            if text != texts[i]:
                texts[i] = text
                changed.append(i)
        lines = pa.array([texts[i] for i in changed], pa.large_string())
        active = np.array(changed, np.int64)[_match(lines, table.bad, table)]


def _fix_encoding_step(text: str, table: Tables) -> str:
    step = getattr(ftfy, "_fix_encoding_one_step_and_explain", ftfy.fix_encoding_and_explain)
    fixed: str = step(text, table.config).text
    return fixed


def _fix_characters(text: str, table: Tables) -> str:
    """What ``ftfy.fix_and_explain`` does after ``fix_encoding``.

    Without ``fix_surrogates``: UTF-8 cannot hold surrogates, and no fixer makes them.
    """
    text = table.replaced.sub(lambda match: table.replacements[match[0]], text)
    text = fixes.fix_line_breaks(text)
    if _ESCAPE in text:
        text = fixes.remove_terminal_escapes(text)
    return unicodedata.normalize("NFC", table.controls.sub("", text))
