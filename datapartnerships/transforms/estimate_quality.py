"""How many characters of a page are wrong, where nobody has typed it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, ClassVar, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from datapartnerships._memory import release
from datapartnerships.errors import InvalidParameter
from datapartnerships.kernels import accents, error_rate, misreading
from datapartnerships.kernels.segments import flat, lists, parents, reasons, set_column, whole
from datapartnerships.kernels.words import hashes

# Of a document without pages, and of a long page, about so many characters at a time.
PIECE = 4000
LONGEST = 4 * PIECE  # of one page; what is behind is not looked at
SHORTEST = 300  # characters that a segment must have for a score of its own

_SKETCH = pa.schema(
    [
        ("language", pa.string()),
        ("key", pa.uint64()),
        ("confidence", pa.float64()),
        ("text", pa.string()),
    ]
)
_PAGE = pa.struct(
    [
        ("segment", pa.int32()),
        ("page", pa.int32()),
        ("cer", pa.float32()),
        ("low", pa.float32()),
        ("high", pa.float32()),
    ]
)
_KINDS = ("text", "document", "image")


@dataclass(frozen=True, kw_only=True)
class EstimateQuality:
    """Add estimated character error rates: of documents, of pages, and a score of each segment.

    A `Fit`: the first pass takes a sample of the pages, at most `sample_pages` of a language (about
    4,000 characters each, whatever the size of the deposit); the best of them, told by the
    confidence of the engine and by each other, are what pages are compared with in the second.

    Columns: `cer_estimate`, `cer_low` and `cer_high` (shares of the characters; between the bounds
    are about 80 in 100 pages), `cer_pages` (for each page its first segment, its number where it
    has one, and the same three figures) and `quality_segments` (1 less the rate for each segment;
    the page's, for segments of less than 300 characters). All are null where nothing is known: for
    recordings and conversations, for pages of less than `min_characters`, in scripts other than
    Latin, Greek and Cyrillic, in languages (`Segment.language`) of which the deposit has less than
    `min_pages` good pages, and past the rates that the estimate was calibrated on (such a page has
    the lower bound alone; `benchmarks/quality_estimate.py`). Lines that are missing are not seen.

    Attributes:
        sample_pages: the most pages of a language to learn from.
        min_pages: the least good pages of a language to compare with.
        min_characters: of a page.
    """

    sample_pages: int = 2000
    min_pages: int = 20
    min_characters: int = 600

    version: ClassVar[int] = 1
    requires = frozenset({"id", "kind", "segments", "drop_reason"})
    provides = frozenset({"cer_estimate", "cer_low", "cer_high", "cer_pages", "quality_segments"})

    def __post_init__(self) -> None:
        for name, least in (("sample_pages", 1), ("min_pages", 1), ("min_characters", SHORTEST)):
            value = getattr(self, name)
            if not isinstance(value, int) or value < least:
                raise InvalidParameter(self, name, f"an int >= {least}", value)

    def sketch(self, batches: Iterable[pa.Table]) -> pa.Table:
        held = _SKETCH.empty_table()
        for batch in batches:
            held = self._sample([held, self._pages(batch)])
        return held

    def _pages(self, batch: pa.Table) -> pa.Table:
        found = _units(batch)
        there = pc.is_null(reasons(batch)).to_numpy(zero_copy_only=False)
        fit = there[found.row] & (found.characters >= self.min_characters)
        columns = [found.language, pa.array(found.key), pa.array(found.confidence), found.text]
        return pa.table(columns, schema=_SKETCH).filter(pa.array(fit))

    def _sample(self, tables: list[pa.Table]) -> pa.Table:
        """The pages with the least keys, of each language: the same however they come."""
        table = pa.concat_tables(tables)
        order = pc.sort_indices(
            table,
            sort_keys=[("language", "ascending"), ("key", "ascending"), ("text", "ascending")],
        )
        codes = _codes(table["language"].take(order))
        first = np.flatnonzero(np.append(True, codes[1:] != codes[:-1])[: len(codes)])
        number = np.arange(len(codes)) - np.repeat(first, np.diff(np.append(first, len(codes))))
        return table.take(order.filter(pa.array(number < self.sample_pages))).combine_chunks()

    def combine(self, sketches: Iterable[pa.Table]) -> ScoreQuality:
        table = _SKETCH.empty_table()
        for sketch in sketches:
            table = self._sample([table, sketch])
        release()
        texts = whole(table["text"])
        languages = whole(table["language"])
        groups = _codes(table["language"])
        confidence = np.asarray(table["confidence"])
        weights, known, baselines = error_rate.best(texts, groups, confidence)
        names = languages.take(pa.array(np.unique(groups, return_index=True)[1])).to_pylist()
        pages = np.bincount(groups[weights > 0], minlength=len(names))
        enough = [i for i in range(len(names)) if pages[i] >= self.min_pages]
        good = weights > 0
        learned = (
            pa.table({"times": known.letters}),
            pa.table({"letter": known.accents.letters}),
            pa.table({"times": known.accents.times}),
            pa.table({"hash": known.words, "pages": known.pages}),
            pa.table({"hash": known.lacking}),
            pa.table({"hash": known.bare}),
            pa.table({"key": np.asarray(table["key"])[good], "weight": weights[good]}).sort_by(
                "key"
            ),
            pa.table(
                {
                    "language": pa.array([names[i] for i in enough], pa.string()),
                    "traces": pa.array([baselines[i] for i in enough], pa.list_(pa.float64())),
                }
            ),
        )
        return ScoreQuality(learned=learned, min_characters=self.min_characters)


@dataclass(frozen=True, kw_only=True, eq=False)
class ScoreQuality:
    """What `EstimateQuality` becomes after its first pass.

    Attributes:
        learned: what `EstimateQuality.combine` makes: sequences of letters, letters that can have
            marks and their spellings, words, words without a letter (with its place and without),
            the pages that they were learned from, and of each language what its good pages have of
            each trace of errors.
        min_characters: of a page.
    """

    learned: tuple[pa.Table, ...] = field(repr=False)
    min_characters: int = 600

    version: ClassVar[int] = 1
    name = "EstimateQuality"
    requires = frozenset({"id", "kind", "segments"})
    provides = EstimateQuality.provides

    def __eq__(self, other: object) -> bool:
        return (
            isinstance(other, ScoreQuality)
            and self.min_characters == other.min_characters
            and all(a.equals(b) for a, b in zip(self.learned, other.learned, strict=True))
        )

    def __hash__(self) -> int:
        return hash((type(self), *(table.num_rows for table in self.learned)))

    def __call__(self, batch: pa.Table) -> pa.Table:
        found = _units(batch)
        count = len(found.row)
        letters, marked, spellings, words, lacking, bare, pages, baselines = self.learned
        known = misreading.Known(
            np.asarray(letters["times"]),
            accents.Held(np.asarray(marked["letter"]), np.asarray(spellings["times"])),
            np.asarray(words["hash"]),
            np.asarray(words["pages"]),
            np.asarray(lacking["hash"]),
            np.asarray(bare["hash"]),
        )
        own = _own(found.key, np.asarray(pages["key"]), np.asarray(pages["weight"]))
        # The pages' texts are made of the segments'.
        by_segment = misreading.counts(found.text, known, own, found.unit, found.starts)
        unit = found.unit
        by_unit = np.zeros((count, by_segment.shape[1]))
        np.add.at(by_unit, unit, by_segment)

        told = np.zeros(count, bool)
        base = np.zeros((count, error_rate.FEATURES + 1))
        for language in baselines.to_pylist():
            hit = np.asarray(pc.equal(found.language, language["language"]))
            told |= hit
            base[hit] = language["traces"]
        cer, low, high, inside = error_rate.estimate(by_unit, base, found.confidence)
        told &= (found.characters >= self.min_characters) & found.served
        past = told & ~inside  # worse than anything calibrated on: as bad as that at least
        told &= inside
        mine, _, _, fit = error_rate.estimate(by_segment, base[unit], found.confidence[unit])
        fit &= by_segment[:, 0] >= SHORTEST
        score = 1 - np.where(fit, mine, cer[unit])

        # Of a document: the mean over its pages, where most of it is told.
        rows = batch.num_rows
        letters = found.characters * told
        heard = np.bincount(found.row, letters, rows)
        total = np.bincount(found.row, found.characters, rows)
        unknown = (heard == 0) | (heard < 0.5 * total)
        out = batch
        for name, values in (("cer_estimate", cer), ("cer_low", low), ("cer_high", high)):
            mean = np.bincount(found.row, values * letters, rows) / np.maximum(heard, 1)
            out = set_column(out, name, pa.array(mean, pa.float64(), mask=unknown))
        edges = np.searchsorted(found.row, np.arange(rows + 1)).astype(np.int32)
        lacking = ~told
        columns = [
            pa.array(found.first, pa.int32()),
            found.page,
            pa.array(cer.astype(np.float32), mask=lacking),
            pa.array(low.astype(np.float32), mask=lacking & ~past),
            pa.array(high.astype(np.float32), mask=lacking),
        ]
        figures = pa.StructArray.from_arrays(columns, fields=list(_PAGE))
        out = set_column(out, "cer_pages", lists(pa.array(edges), figures))
        scores = np.zeros(found.segments)
        scores[found.segment] = score
        blank = np.ones(found.segments, bool)
        blank[found.segment] = lacking[unit]
        values = pa.array(scores.astype(np.float32), mask=blank)
        return set_column(out, "quality_segments", lists(found.offsets, values))


class _Units(NamedTuple):
    """The pages of a batch: a page of a document, or a piece of one without pages."""

    row: Any  # of each page: its document
    first: Any  # its first segment, counted in the document
    page: pa.Array
    language: pa.Array  # of most of it; "" where nobody says
    characters: Any
    confidence: Any  # mean of its characters; NaN where an engine did not say, or an unknown one
    key: Any
    text: pa.Array
    served: Any  # whether it is in a script that is
    offsets: pa.Array  # of the segments of the batch
    segments: int  # how many there are
    segment: Any  # of each that is in a page: its index
    unit: Any  # and its page
    starts: Any  # and where it begins in the page's text


def _units(batch: pa.Table) -> _Units:
    offsets, structs = flat(batch)
    row = parents(offsets)
    texts = pc.fill_null(structs.field("text"), "")
    sizes = pc.utf8_length(texts).to_numpy().astype(np.int64)
    kinds = pc.fill_null(pc.is_in(batch["kind"], pa.array(_KINDS)), False).combine_chunks()
    chosen = np.asarray(kinds)[row] & (sizes > 0)
    segment = np.flatnonzero(chosen)
    row, sizes = row[segment], sizes[segment]
    taken = pa.array(segment)
    page = structs.field("page").take(taken)
    number = np.asarray(pc.fill_null(page, -1))
    new_row = np.append(True, row[1:] != row[:-1])[: len(row)]
    before = np.cumsum(sizes) - sizes
    since = before - np.repeat(
        before[new_row], np.diff(np.append(np.flatnonzero(new_row), len(row)))
    )
    piece = np.where(number < 0, since // PIECE, 0)
    new = new_row.copy()
    new[1:] |= (number[1:] != number[:-1]) | (piece[1:] != piece[:-1])
    heads = np.flatnonzero(new)
    unit = np.cumsum(new) - 1
    count = len(heads)
    edges = pa.array(np.append(heads, len(row)).astype(np.int32))
    text = pc.binary_join(lists(edges, texts.take(taken)), "\n")
    text = pc.utf8_slice_codeunits(text, 0, LONGEST)
    length = np.bincount(unit, sizes, count)
    sure = np.asarray(_confidence(structs, taken))
    ids = hashes(whole(batch["id"]))
    order = np.arange(count) - np.repeat(
        np.flatnonzero(new_row[heads]), np.diff(np.append(np.flatnonzero(new_row[heads]), count))
    )
    confidence = np.bincount(unit, sure * sizes, count) / np.maximum(length, 1)
    starts = before - before[heads][unit] + np.arange(len(row)) - heads[unit]
    return _Units(
        row[heads],
        segment[heads] - np.asarray(offsets)[row[heads]],
        page.take(pa.array(heads)),
        _language(structs.field("language").take(taken), unit, sizes, count),
        length,
        confidence,
        misreading.mixed(ids[row[heads]] + order.astype(np.uint64)),
        text,
        error_rate.served(text),
        offsets,
        len(structs),
        segment,
        unit,
        starts,
    )


def _confidence(structs: pa.StructArray, taken: pa.Array) -> pa.Array:
    """Of the engines that the estimate was calibrated on; NaN for others."""
    origins = pc.fill_null(structs.field("origin").take(taken), "")
    ours = pc.match_substring_regex(origins, error_rate.ENGINES)
    values = structs.field("confidence").take(taken).cast(pa.float64())
    return pc.fill_null(pc.if_else(ours, values, float("nan")), float("nan"))


def _language(names: pa.Array, unit: Any, sizes: Any, count: int) -> pa.Array:
    """The language of most characters of each page."""
    names = pc.fill_null(names, "").dictionary_encode()
    held = len(names.dictionary)
    if not held:
        return pa.array([], pa.string())
    sums = np.bincount(unit * held + np.asarray(names.indices), sizes, count * held)
    return names.dictionary.take(pa.array(sums.reshape(count, held).argmax(1)))


def _codes(languages: pa.ChunkedArray) -> Any:
    """A number for each value of a sorted column."""
    values = whole(languages).dictionary_encode()
    return np.asarray(values.indices)


def _own(keys: Any, held: Any, weights: Any) -> Any:
    if not len(held):
        return np.zeros(len(keys), np.int64)
    at = np.minimum(np.searchsorted(held, keys), len(held) - 1)
    return np.where(held[at] == keys, weights[at], 0)
