"""Documents whose text is another document's text, or nearly."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import chain
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from datapartnerships.errors import InvalidParameter, PipelineError
from datapartnerships.kernels.clusters import Groups, Signed
from datapartnerships.kernels.digests import digests
from datapartnerships.kernels.minhash import SIGNATURE_BYTES, banding, signatures
from datapartnerships.kernels.segments import (
    characters,
    flat,
    join_text,
    parents,
    reasons,
    whole,
)
from datapartnerships.licenses import strictness
from datapartnerships.transforms._duplicate_index import check_index, read_index, write_index
from datapartnerships.transforms.drop_duplicates import DropDuplicates

# `loose` is the less, the less the rights of a document let one do: the least is kept.
_BEGIN = [("id", pa.string()), ("rank", pa.float64()), ("loose", pa.int8())]
_EXACT = pa.schema([*_BEGIN, ("digest", pa.binary(16))])
_DATES = ("created", "date", "published", "issued")
_DAY = r"^\s*(?P<y>[0-9]{4})(?:-(?P<m>[0-9]{2}))?(?:-(?P<d>[0-9]{2}))?(?:[^0-9]|$)"
_NEVER = 99_999_999.0
# Sketches put on disk at once.
_ROWS = 1 << 14


@dataclass(frozen=True, kw_only=True)
class Deduplicate:
    """Keep one of all documents with the same text, or nearly the same, in the whole corpus.

    A `Fit`: the first pass makes a small sketch of each document, the second rejects every copy
    (or says that it is one: `policy`).
    `duplicate_of` names the kept one, `duplicate_cluster` the first of all that hang together.

    With `threshold` 1.0 copies are the same text. Below, they are documents whose sets of shingles
    (runs of `shingle` words in small letters, punctuation aside) have at least that Jaccard
    similarity: shingles in both, divided by shingles in any. It is estimated from signatures. Of
    pairs exactly at the threshold 98 in 100 are found; some a little below it are removed too: at
    0.8 half of those at 0.74, and one in a thousand at 0.65. Below 0.7 fewer are found, so that
    nothing less alike than 0.5 is removed: at 0.6 half of the pairs at 0.62, and nearly all from
    0.7 on (docs/explanation/duplicates.md).
    A document is rejected only for one that is kept and is like itself, never by way of a third.

    Of copies with different rights, the one whose rights let one do least is kept, whatever `keep`
    says: what is under an agreement in one folder is not free because it lies in another, too.

    Attributes:
        threshold: similarity from which two documents are duplicates, 0.5 to 1; 1.0 is the same
            text.
        keep: which one stays: ``first`` in shard order, the ``longest``, the ``oldest`` (by its
            first dated segment, or the metadata created, date, published or issued), or the name
            of a column of numbers, whose highest value stays. Among equal ones their ids decide.
        shingle: words of a shingle. In scripts without spaces each letter is a word.
        ignore_whitespace: of exact duplicates, texts that differ in ASCII white space alone are the
            same.
        against: an index of documents that are released already, as `index` writes it:
            they are kept, and new documents that are like them are rejected. For `threshold` < 1.
        policy: ``reject``, or ``flag``: the columns alone, and every document stays. So near
            ones can be kept in one split, or looked at, that are not to be removed.
    """

    threshold: float = 1.0
    keep: str = "first"
    shingle: int = 5
    ignore_whitespace: bool = True
    against: str | None = None
    policy: str = "reject"

    version: ClassVar[int] = 3
    # A sketch has a row a document, with its `id`, and what is made of sketches goes by ids alone:
    # so steps like this one after another are sketched for in one pass.
    by_document: ClassVar[bool] = True
    provides = frozenset({"drop_reason", "duplicate_of", "duplicate_cluster"})
    adds: ClassVar = pa.schema([("duplicate_of", pa.string()), ("duplicate_cluster", pa.string())])

    def __post_init__(self) -> None:
        if not isinstance(self.threshold, int | float) or not 0.5 <= self.threshold <= 1:
            rule = "a similarity from 0.5 to 1.0 (exact duplicates)"
            raise InvalidParameter(self, "threshold", rule, self.threshold)
        if not isinstance(self.shingle, int) or not 1 <= self.shingle <= 50:
            raise InvalidParameter(self, "shingle", "1 to 50 words", self.shingle)
        if not isinstance(self.keep, str) or not self.keep:
            rule = "'first', 'longest', 'oldest' or the name of a numeric column"
            raise InvalidParameter(self, "keep", rule, self.keep)
        given: Any = self.against
        if isinstance(given, os.PathLike):
            given = os.fspath(given)
            object.__setattr__(self, "against", given)
        if given is not None and not isinstance(given, str):
            raise InvalidParameter(self, "against", "the path of one index, of all releases", given)
        if self.against is not None and self.threshold == 1:
            raise InvalidParameter(self, "against", "None where threshold is 1.0", self.against)
        if self.policy not in ("reject", "flag"):
            raise InvalidParameter(self, "policy", "'reject' or 'flag'", self.policy)

    @property
    def content_id(self) -> str | None:
        """The digest in the name of the index, which is looked at before a run begins."""
        return None if self.against is None else check_index(self.against, self)

    @property
    def requires(self) -> frozenset[str]:
        columns = {"oldest": {"metadata"}, "first": set(), "longest": set()}
        return frozenset({"id", "segments", "drop_reason", *columns.get(self.keep, {self.keep})})

    def sketch(self, batches: Iterable[pa.Table]) -> pa.Table:
        schema = _EXACT if self.threshold == 1 else self._schema()
        return pa.concat_tables([schema.empty_table(), *map(self._sketch, batches)])

    def _schema(self) -> pa.Schema:
        keys = pa.binary(4 * banding(self.threshold).bands)
        return pa.schema(
            [
                *(_EXACT.field(name) for name, _ in _BEGIN),
                ("keys", keys),
                ("signature", pa.binary(SIGNATURE_BYTES)),
            ]
        )

    def _sketch(self, batch: pa.Table) -> pa.Table:
        # What another step rejected cannot be the copy that is kept.
        rejected = reasons(batch)
        if rejected.null_count < len(rejected):  # else it would be a copy
            batch = batch.filter(pc.is_null(rejected))
        texts = whole(join_text(batch))
        columns = [whole(batch["id"]), pa.array(_rank(batch, self.keep)), loose(batch)]
        # Empty documents are no duplicates: they are for FilterLength.
        if self.threshold == 1:
            found = digests(texts, ignore_whitespace=self.ignore_whitespace)
            table = pa.table([*columns, pa.array(found, pa.binary(16))], schema=_EXACT)
            return table.filter(pc.is_valid(table["digest"]))
        signed, keys, there = signatures(texts, self.shingle, banding(self.threshold))
        columns += [_as_binary(keys.view(np.uint8)), _as_binary(signed)]
        return pa.table(columns, schema=self._schema()).filter(pa.array(there))

    def combine(self, sketches: Iterable[pa.Table]) -> DropDuplicates:
        found = self._exact(sketches) if self.threshold == 1 else self._near(sketches)
        return DropDuplicates(duplicates=found, policy=self.policy)

    def _exact(self, sketches: Iterable[pa.Table]) -> pa.Table:
        table = pa.concat_tables([_EXACT.empty_table(), *sketches])
        names = ["loose", *(["rank", "id"] if self.keep != "first" else [])]
        if self.keep != "first" or pc.count_distinct(table["loose"]).as_py() > 1:
            place = np.arange(table.num_rows)  # sort_indices is not stable
            table = table.append_column("place", pa.array(place))
            order = [(name, "ascending") for name in (*names, "place")]
            table = table.take(pc.sort_indices(table, order)).drop_columns("place")
        table = table.combine_chunks()
        digests = _as_rows(table["digest"], 16).view("V16").reshape(-1)
        _, first, inverse = np.unique(digests, return_index=True, return_inverse=True)
        keeper = first[inverse.reshape(-1)]
        rows = np.flatnonzero(np.bincount(keeper, minlength=len(keeper))[keeper] > 1)
        ids = whole(table["id"])
        kept = ids.take(pa.array(keeper[rows])).dictionary_encode()
        copies = pa.DictionaryArray.from_arrays(
            pa.array(np.arange(len(rows))), ids.take(pa.array(rows))
        )
        return _copies(copies, kept, kept, rows != keeper[rows], None)

    def _near(self, sketches: Iterable[pa.Table]) -> pa.Table:
        bands = banding(self.threshold)
        with Signed(bands.bands) as signed:
            for table in chain(self._released(), sketches):
                for batch in table.to_batches(_ROWS):
                    keys = _as_rows(batch["keys"], 4 * bands.bands).view(np.uint32)
                    rows = _as_rows(batch["signature"], SIGNATURE_BYTES)
                    signed.add(batch["id"], batch["rank"], rows, keys, batch["loose"])
            groups: Groups = signed.groups(bands.accept, by_id=self.keep != "first")
            columns = (groups.rows, groups.kept, groups.first)
            ids, kept, first = (signed.ids(column) for column in columns)
        gone = groups.rows != groups.kept
        alike = np.round(groups.similarity, 2)
        del groups, columns
        return _copies(ids, kept, first, gone, alike)

    def index(self, batches: Iterable[pa.Table], folder: str) -> str:
        """Write the sketches of released documents into a file of `folder`, for `against`.

        `batches` need the columns that a sketch needs. The file is named by a digest of what is in
        it, so a pipeline `against` another content is another pipeline. Any fsspec URL will do.
        """
        if self.threshold == 1:
            raise InvalidParameter(self, "threshold", "below 1.0 for an index", self.threshold)
        return write_index(self, batches, folder)

    def _released(self) -> Iterator[pa.Table]:
        """The documents of the index, before all others."""
        if self.against is None:
            return
        for table in read_index(self.against, self):
            best = pa.array(np.full(table.num_rows, -np.inf))
            yield table.set_column(1, "rank", best)


def _copies(
    ids: pa.DictionaryArray,
    kept: pa.DictionaryArray,
    first: pa.DictionaryArray,
    gone: npt.NDArray[np.bool_],
    alike: Any,
) -> pa.Table:
    """As `DropDuplicates` has them."""
    # Where two documents share an id, rejecting a copy by its id would reject the kept one.
    known = pc.is_in(ids.dictionary, kept.dictionary).to_numpy(zero_copy_only=False)
    stays = ~gone | known[ids.indices.to_numpy()]
    of = pa.array(kept.indices.to_numpy(), mask=stays)
    if alike is None:
        similar = pa.nulls(len(ids), pa.float32())
    else:
        similar = pa.array(alike, pa.float32(), mask=stays)
    columns = {
        "id": ids,
        "of": pa.DictionaryArray.from_arrays(of, kept.dictionary),
        "cluster": first,
        "similarity": similar,
    }
    return pa.table(columns)


def loose(batch: pa.Table) -> pa.Array:
    """What is kept stands for its copies, so the strictest rights of them all have to hold for it.

    Those of the private track are stricter than all others.
    """
    if "rights" not in batch.column_names:
        return pa.array(np.zeros(batch.num_rows, np.int8))
    rights = whole(batch["rights"])
    pairs = pc.binary_join_element_wise(
        *(pc.fill_null(rights.field(name), "") for name in ("license", "track")), "\n"
    ).dictionary_encode()
    found = []
    for pair in pairs.dictionary.to_pylist():
        license, track = pair.split("\n")
        found.append(-strictness(license) - 100 * (track == "private"))
    return pa.array(found, pa.int8()).take(pairs.indices)


def _rank(batch: pa.Table, keep: str) -> npt.NDArray[np.float64]:
    """The least is kept."""
    if keep == "first":
        return np.zeros(batch.num_rows)
    if keep == "longest":
        lengths: npt.NDArray[np.float64] = -characters(batch).to_numpy().astype(np.float64)
        return lengths
    if keep == "oldest":
        return _days(batch)
    try:
        values = pc.fill_null(whole(batch[keep]).cast(pa.float64()), -np.inf).to_numpy()
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError) as error:
        raise PipelineError(
            f"Deduplicate(keep={keep!r}): the column has no numbers. Add one that has before it, "
            "such as by @dp.document(provides={'score': 'float64'})."
        ) from error
    return np.where(np.isnan(values), np.inf, -values)


def _days(batch: pa.Table) -> npt.NDArray[np.float64]:
    """The first date of each document, as 20040131.0; a year alone counts as its beginning."""
    offsets, segments = flat(batch)
    days = np.full(batch.num_rows, _NEVER)
    np.minimum.at(days, parents(offsets), _day(segments.field("created")))
    offsets, told = flat(batch, "metadata")
    dated = pc.is_in(told.field("key"), pa.array(_DATES)).to_numpy(zero_copy_only=False)
    values = told.field("value").filter(pa.array(dated))
    np.minimum.at(days, parents(offsets)[dated], _day(values))
    return days


def _day(dates: pa.Array) -> npt.NDArray[np.float64]:
    """Of ISO 8601 dates, and times that begin with one; others count as none."""
    found = pc.extract_regex(dates, _DAY)
    number = np.zeros(len(dates))
    for part, weight in (("y", 10_000), ("m", 100), ("d", 1)):
        text = pc.struct_field(found, part)
        text = pc.if_else(pc.equal(text, ""), "0", text)
        number += weight * pc.fill_null(text.cast(pa.float64()), _NEVER).to_numpy()
    return np.minimum(number, _NEVER)


def _as_binary(rows: npt.NDArray[np.uint8]) -> pa.Array:
    """Rows of bytes (n, width) as fixed-size binary."""
    data = pa.py_buffer(np.ascontiguousarray(rows).data)
    return pa.Array.from_buffers(pa.binary(rows.shape[1]), len(rows), [None, data])


def _as_rows(column: Any, width: int) -> npt.NDArray[np.uint8]:
    """Fixed-size binary as rows of bytes, without a Python object for each value."""
    array = whole(column)
    data = array.buffers()[1]
    if data is None or not len(array):
        return np.empty((0, width), np.uint8)
    rows = np.frombuffer(data, np.uint8, len(array) * width, array.offset * width)
    return rows.reshape(len(array), width)
