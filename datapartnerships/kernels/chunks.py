"""Documents cut into chunks at the strongest bound near the size that is wanted.

Nothing is copied but offsets: the chunks of a batch lie over the bytes of its segments, in order,
so no character can be lost or be in two chunks. Places are characters of all segments of the batch,
one after another.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from datapartnerships.kernels.lines import NUMERAL, SPACE, _flags, sentence_ends
from datapartnerships.kernels.segments import SEPARATOR, flat, lists, set_column
from datapartnerships.kernels.words import (
    DIGIT,
    LETTER,
    MARK,
    PIECE_BYTES,
    UNSPACED,
    Edges,
    _kinds,
    buffers,
    hash_strings,
    words,
)

_BETWEEN = len(SEPARATOR)
# What readers call a place that is no heading: "line 12", "row 3", "message 4".
_PLACE = r"^[a-z]+ [0-9]+$"
_JOINER = 0x200D
# Words before a full stop that is theirs and hardly ever that of a sentence; general knowledge, in
# the languages of several deposits. What may well end a sentence ("etc.", "usw.") is not here.
_SHORTENED = (
    "abs al avv bijv bl bls bzw ca cap capt cf chap col dhr dipl dott dr dra eks ex evtl fig frh "
    "geb gen gest gov hab hl hon hr ing inkl inż jf jfr kap kl lt mag mevr mgr mlle mme mr mrs ms "
    "např nr prof próf pág rep rev sbr sec sen sgt sig skv sog sr sra st św sv tj ul vgl viz vol "
    "vs zzgl акад гл им млн напр проф рис св см стр тыс ул"
)
_LONGEST = max(map(len, _SHORTENED.split()))
_ROMAN = np.frombuffer("IVX".encode("utf-32-le"), "<u4")
# A letter with more marks than these is cut somewhere.
_MOST_MARKS = 32


class Rules(NamedTuple):
    """How documents are cut.

    Attributes:
        most: the greatest size of a chunk, in `unit`.
        unit: ``characters`` (of its text, blank lines between segments included) or ``words``
            (of `kernels.words`; letters of Han, Kana and Thai are words).
        least: a cut that leaves less than this is made only where there is no other.
        keep_sections: whether every heading begins a chunk.
    """

    most: int = 4000
    unit: str = "characters"
    least: int = 2000
    keep_sections: bool = False


class Chunks(NamedTuple):
    """Attributes:
    table: a row for each chunk, with the columns of the documents and `parent_id`, `position`,
        `start` and `end`.
    documents: those that were cut.
    inside: cuts in the middle of a word.
    """

    table: pa.Table
    documents: int
    inside: int


def chunks(table: pa.Table, rules: Rules) -> Iterator[Chunks]:
    """The chunks of the documents of a batch, some documents at a time; of none, the columns."""
    if not table.num_rows:
        yield _chunks(table, rules)
    offsets, structs = flat(table)
    _, at = buffers(structs.field("text"))
    size = at[np.asarray(offsets)]
    row = 0
    while row < table.num_rows:
        stop = int(np.searchsorted(size, size[row] + PIECE_BYTES, side="right")) - 1
        stop = min(max(stop, row + 1), table.num_rows)
        yield _chunks(table.slice(row, stop - row), rules)
        row = stop


def _chunks(table: pa.Table, rules: Rules) -> Chunks:
    offsets, structs = flat(table)
    rows = np.asarray(offsets).astype(np.int64)
    layout = _Layout.of(structs, rows)
    cuts, inside = layout.cuts(rules)
    pieces = layout.pieces(cuts)
    owner = np.searchsorted(layout.documents[:-1], cuts, side="right") - 1
    row = np.concatenate([np.arange(table.num_rows), owner])
    first = np.concatenate(
        [np.searchsorted(pieces.segment, rows[:-1]), np.searchsorted(pieces.starts, cuts)]
    )
    begin = np.concatenate([layout.documents[:-1], cuts])
    order = np.lexsort((begin, row))
    row, first, begin = row[order], first[order], begin[order]
    heads = np.searchsorted(row, np.arange(table.num_rows))
    over = np.append(begin[1:], 0)
    last = np.append(row[1:] != row[:-1], True)[: len(row)]
    over[last] = layout.documents[1:][row[last]]
    base = layout.opening(layout.documents[:-1])[row]
    full = over > begin
    start = np.where(full, layout.opening(begin) - base, 0)
    end = np.where(full, layout.closing(over) - base, 0)
    position = np.arange(len(row)) - heads[row]

    ids = table["id"].take(pa.array(row))
    names = pc.binary_join_element_wise(ids, pa.array(position).cast(pa.string()), "-")
    segments = lists(
        pa.array(np.append(first, len(pieces.segment)).astype(np.int32)), pieces.of(structs)
    )
    kept = table.drop_columns(["segments"]).take(pa.array(row))
    kept = kept.add_column(table.schema.get_field_index("segments"), "segments", segments)
    kept = set_column(kept, "id", names)
    for name, values in (
        ("parent_id", ids), ("position", pa.array(position.astype(np.int32))),
        ("start", pa.array(start)), ("end", pa.array(end)),
    ):  # fmt: skip
        kept = set_column(kept, name, values)
    return Chunks(kept, len(np.unique(owner)), inside)


class _Pieces(NamedTuple):
    """What segments are cut into: the segment of each, its first character, and its bytes."""

    segment: Edges
    starts: Edges
    edges: Edges
    data: Any

    def of(self, structs: pa.StructArray) -> pa.StructArray:
        """The segments, each as often as it has pieces; its words only where it is whole."""
        cut = np.bincount(self.segment, minlength=len(structs))[self.segment] > 1
        children = {
            item.name: structs.field(item.name).take(pa.array(self.segment, mask=mask))
            for item in structs.type
            if item.name != "text"
            for mask in [cut if item.name == "words" else None]
        }
        bounds = pa.py_buffer(self.edges.astype(np.int32))
        texts = pa.StringArray.from_buffers(len(self.segment), bounds, pa.py_buffer(self.data))
        given = structs.field("text").is_valid().take(pa.array(self.segment))
        children["text"] = pc.if_else(given, texts, None)
        return pa.StructArray.from_arrays(
            [children[item.name] for item in structs.type], fields=list(structs.type)
        )


class _Layout(NamedTuple):
    """Characters of all segments of a batch, one after another.

    Attributes:
        structs: the segments.
        data: their bytes.
        codes: their code points.
        places: byte of each character, and of the end.
        segments: first character of each segment, and the end.
        full: the first character of each that has one.
        documents: first character of each document, and the end.
        owner: the document of each of `full`.
        number: the index of each of `full` among the segments.
    """

    structs: pa.StructArray
    data: Any
    codes: Any
    places: Edges
    segments: Edges
    full: Edges
    documents: Edges
    owner: Edges
    number: Edges

    @classmethod
    def of(cls, structs: pa.StructArray, rows: Edges) -> _Layout:
        data, edges = buffers(structs.field("text"))
        codes = np.frombuffer(data.tobytes().decode().encode("utf-32-le"), "<u4")
        places = np.append(np.flatnonzero((data & 0xC0) != 0x80), len(data)).astype(np.int64)
        segments = np.searchsorted(places, edges)
        number = np.flatnonzero(np.diff(segments))
        owner = np.searchsorted(rows, number, side="right") - 1
        return cls(
            structs, data, codes, places, segments, segments[number], segments[rows], owner, number
        )

    def opening(self, at: Edges) -> Edges:
        """Characters before a chunk that begins `at`, with a blank line between segments."""
        found: Edges = at + _BETWEEN * np.searchsorted(self.full, at, side="right")
        return found

    def closing(self, at: Edges) -> Edges:
        """The same up to the end of one that ends before `at`."""
        found: Edges = at + _BETWEEN * np.searchsorted(self.full, at, side="left")
        return found

    def cuts(self, rules: Rules) -> tuple[Edges, int]:
        """Where all documents are cut, in order, and how many cuts are inside a word."""
        bounds = self.bounds()
        begins = ends = np.empty(0, np.int64)
        if rules.unit == "words":
            found_words = words(self.structs.field("text"))
            begins = np.searchsorted(self.places, found_words.starts)
            ends = np.searchsorted(self.places, found_words.ends)

        def opening(at: Any) -> Any:
            # What is left of a word that was cut counts as one.
            whole = np.searchsorted(ends, at, side="right")
            return whole if rules.unit == "words" else self.opening(at)

        def closing(at: Any) -> Any:
            return np.searchsorted(begins, at) if rules.unit == "words" else self.closing(at)

        blocks, found, inside = self.documents, [], 0
        if rules.keep_sections:
            found = [bounds[0]]
            blocks = np.sort(np.concatenate([blocks, bounds[0]]))
        large = closing(blocks[1:]) - opening(blocks[:-1]) > rules.most
        sizes = [closing(bound) for bound in bounds]
        for index in np.flatnonzero(large):
            # One round for each chunk, not for each word.
            at, stop, some = int(blocks[index]), closing(blocks[index + 1]), []
            while stop - (begin := int(opening(at))) > rules.most:
                cut = _cut(bounds, sizes, at, begin, rules)
                if cut is None:
                    far = begins[begin + rules.most] if len(begins) else at + rules.most
                    cut = self.between_letters(at, int(far))
                    inside += 1
                some.append(cut)
                at = cut
            found.append(np.array(some, np.int64))
        return np.sort(np.concatenate([np.empty(0, np.int64), *found])), inside

    def bounds(self) -> tuple[Edges, ...]:
        """Where sections, paragraphs, sentences, lines and words begin, but no document."""
        flags = _flags()[self.codes]
        inner = np.append(False, self.owner[1:] == self.owner[:-1])[: len(self.owner)]
        refs = self.structs.field("ref").take(pa.array(self.number))
        names = pc.binary_join_element_wise("h", refs.fill_null(""), "")
        name = hash_strings(names)
        heading = ~np.asarray(pc.match_substring_regex(refs.fill_null(""), _PLACE))
        new = np.append(False, name[1:] != name[:-1])[: len(name)]
        new &= heading & np.append(False, heading[:-1])[: len(name)]
        sections, paragraphs = self.full[inner & new], self.full[inner]

        seen = (flags & SPACE) == 0
        visible = np.flatnonzero(seen)
        at = visible[1:][np.diff(visible) > 1]
        before = visible[:-1][np.diff(visible) > 1]
        # White space at the beginning of a segment parts nothing in it.
        same = np.searchsorted(self.full, at, side="right") == np.searchsorted(
            self.full, before, side="right"
        )
        at, before = at[same], before[same]
        breaks = np.flatnonzero(self.codes == 10)
        lines = np.searchsorted(breaks, at) - np.searchsorted(breaks, before)
        _, after = sentence_ends(flags, self.segments[:-1], self.segments[1:], visible)
        follows = np.searchsorted(visible, after)
        there = follows < len(visible)
        begun, after = visible[follows[there]], after[there]
        taken, parted = (np.zeros(len(self.codes), bool) for _ in range(2))
        taken[self.full] = True
        parted[at] = True
        # The end of a sentence is that of its segment: a bound already; "p. 12" is none.
        begun = begun[
            ~self.within_sentence(after - 1)
            & (parted[begun] | (begun == after))
            & ~taken[begun]
            & ((flags[begun] & NUMERAL) == 0)
        ]
        paragraphs = np.sort(np.concatenate([paragraphs, at[lines > 1]]))
        return sections, paragraphs, begun, at[lines > 0], at

    def within_sentence(self, ends: Edges) -> Any:
        """Whether the sentence goes on after the mark at each of `ends`.

        It does after the full stop of an initial (J. R. Smith), of a number of up to three digits
        (3. Jón, Art. 5.) or in Roman numerals, and of what is shortened (bls., Dr.). Where a
        sentence ends so all the same, a chunk is cut at another one.
        """
        begins = np.zeros(len(self.codes) + 1, bool)
        begins[self.full] = True
        goes_on = np.zeros(len(ends), bool)
        stops = np.flatnonzero(self.codes[ends] == ord("."))
        alive = ~begins[ends[stops]]
        length, key = np.zeros(len(stops), np.int64), np.zeros(len(stops), np.uint64)
        digits, roman = alive.copy(), alive.copy()
        for step in range(1, _LONGEST + 2):
            place = np.maximum(ends[stops] - step, 0)
            code, kind = self.codes[place], _kinds()[self.codes[place]]
            alive &= np.isin(kind, (LETTER, DIGIT, UNSPACED, MARK))
            length += alive & (kind != MARK)
            digits &= ~alive | (kind == DIGIT)
            roman &= ~alive | np.isin(code, _ROMAN)
            key = np.where(alive, _key(key, code), key)
            alive &= ~begins[place]
        short = (length == 1) | (digits & (length <= 3)) | (roman & (length <= _LONGEST))
        short |= (length <= _LONGEST) & np.isin(key, _shortened())
        goes_on[stops] = short & (length > 0)
        return goes_on

    def between_letters(self, begin: int, at: int) -> int:
        """`at`, or a little before it where marks would be parted from their letter."""
        kinds = _kinds()
        for back in range(at, max(begin, at - _MOST_MARKS), -1):
            joined = _JOINER in (self.codes[back], self.codes[back - 1])
            if not joined and kinds[self.codes[back]] != MARK:
                return back
        return at

    def pieces(self, cuts: Edges) -> _Pieces:
        inside = cuts[~np.isin(cuts, self.full)]
        starts = np.concatenate([self.segments[:-1], inside])
        owner = np.searchsorted(self.segments[:-1], inside, side="right") - 1
        segment = np.concatenate([np.arange(len(self.structs)), owner])
        order = np.lexsort((starts, segment))
        starts, segment = starts[order], segment[order]
        edges = self.places[np.append(starts, self.segments[-1])]
        return _Pieces(segment, starts, edges, self.data)


def _key(key: Any, code: Any) -> Any:
    """A number for letters that come one after another, the last one first."""
    return key * np.uint64(0x100000001B3) + code.astype(np.uint64)


@cache
def _shortened() -> Any:
    keys = []
    for word in {form for w in _SHORTENED.split() for form in (w, w.capitalize(), w.upper())}:
        key = np.zeros(1, np.uint64)
        for letter in reversed(word):
            key = _key(key, np.array([ord(letter)]))
        keys.append(key[0])
    return np.array(keys, np.uint64)


def _cut(
    bounds: tuple[Edges, ...], sizes: list[Any], at: int, begin: int, rules: Rules
) -> int | None:
    """The last of the strongest bounds that is neither too near nor too far; else the last word."""
    for least in (rules.least, 1):
        for bound, size in zip(bounds, sizes, strict=True):
            index = int(np.searchsorted(size, begin + rules.most, side="right")) - 1
            if index >= 0 and size[index] - begin >= least and bound[index] > at:
                return int(bound[index])
    return None
