"""A name that was found once is found everywhere in its document."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from datapartnerships.errors import InvalidParameter
from datapartnerships.kernels.language_tags import UNKNOWN
from datapartnerships.kernels.segments import flat, reasons
from datapartnerships.transforms._spans import spans_with_rows, strings, with_spans

if TYPE_CHECKING:
    from datapartnerships.transforms._propagation import Value

_OWN = "PropagateNames"
_SHARED = pa.schema([("case", pa.string()), ("label", pa.string()), ("value", pa.string())])


@dataclass(frozen=True, kw_only=True)
class PropagateNames:
    """Add spans wherever a value that was found once stands again in its document.

    It looks at the text, speaker and reference of every segment and at the metadata. A person is
    found again by the whole name and by each word of it, with possessives, in the cases of the
    document's language (of all known ones, where nobody said which), with initials before it, in
    capitals, with letters that recognition takes for each other; and by initials with periods
    ("A. J."). A single word of a name needs a capital letter. One that is an ordinary word (Will,
    May, Sol), or that the same document also writes in small letters, counts alone only inside of a
    sentence. In texts without capitals names are found in small letters.

    Values with other labels are found as they are, letter case and separators aside, if they have
    at least 4 letters and digits.

    Put it between `DetectPii` and `Redact`; what must stay (judges, the partner itself) is taken
    out by `KeepSpans` before it, and once more after it.

    Attributes:
        labels: whose values are looked for again.

    Scores: 0.9 for a whole name or value, 0.7 for a single word of a name, 0.5 for initials; less
    for an inflected or misread form.
    """

    labels: tuple[str, ...] = ("PERSON",)

    version: ClassVar[int] = 1
    acts_on_spans: ClassVar[bool] = True
    requires = frozenset({"segments", "metadata", "spans"})
    provides = frozenset({"spans"})

    def __post_init__(self) -> None:
        _check(self)

    @property
    def named_labels(self) -> frozenset[str]:
        """The labels that a detection before it must be able to give."""
        return frozenset(self.labels)

    def __call__(self, batch: pa.Table) -> pa.Table:
        return _propagated(batch, _values(batch, self.labels))


@dataclass(frozen=True, kw_only=True)
class PropagateNamesAcross:
    """Do as `PropagateNames` does across all documents of one case, thread or file.

    A `Fit`: the first pass notes which values were found in which case, the second looks for them
    in all documents of the case. The notes hold the names in clear, once for each case. They are in
    the work folder of the run only, beside the documents themselves, and in nothing that is
    published. They are held in memory: some 60 bytes for each name of each case.

    Attributes:
        by: what the documents of a case share: a key of the metadata, as ``metadata.docket``, or a
            column of strings. A document without it is a case of its own.
        labels: whose values are looked for again.
    """

    by: str
    labels: tuple[str, ...] = ("PERSON",)

    version: ClassVar[int] = 1
    acts_on_spans: ClassVar[bool] = True
    provides = frozenset({"spans"})

    def __post_init__(self) -> None:
        if not isinstance(self.by, str) or not self.by or self.by == "metadata.":
            rule = "a key such as 'metadata.docket', or the name of a column"
            raise InvalidParameter(self, "by", rule, self.by)
        _check(self)

    @property
    def requires(self) -> frozenset[str]:
        """Columns it reads."""
        column = "metadata" if self.by.startswith("metadata.") else self.by
        return frozenset({"segments", "metadata", "spans", "drop_reason", column})

    @property
    def named_labels(self) -> frozenset[str]:
        """The labels that a detection before it must be able to give."""
        return frozenset(self.labels)

    def sketch(self, batches: Iterable[pa.Table]) -> pa.Table:
        shared: set[tuple[str, str, str]] = set()
        for batch in batches:
            batch = batch.filter(pc.is_null(reasons(batch)))
            cases = told(batch, self.by)
            for value in _values(batch, self.labels):
                if (case := cases[value.row]) is not None:
                    shared.add((case, value.label, value.text))
        rows = [dict(zip(_SHARED.names, row, strict=True)) for row in sorted(shared)]
        return pa.Table.from_pylist(rows, _SHARED)

    def combine(self, sketches: Iterable[pa.Table]) -> _ShareNames:
        every = pa.concat_tables([_SHARED.empty_table(), *sketches])
        every = every.group_by(_SHARED.names).aggregate([]).select(_SHARED.names)
        order = pc.sort_indices(every, [(name, "ascending") for name in _SHARED.names])
        return _ShareNames(
            by=self.by, labels=self.labels, shared=every.take(order).combine_chunks()
        )


@dataclass(frozen=True, kw_only=True, eq=False)
class _ShareNames:
    """Look in each document for what was found in all of its case."""

    by: str
    labels: tuple[str, ...]
    shared: pa.Table = field(default_factory=_SHARED.empty_table, repr=False)

    version: ClassVar[int] = 1
    acts_on_spans: ClassVar[bool] = True
    name = "PropagateNamesAcross"
    provides = frozenset({"spans"})
    requires = PropagateNamesAcross.requires

    def __eq__(self, other: object) -> bool:
        return (
            isinstance(other, _ShareNames)
            and (self.by, self.labels) == (other.by, other.labels)
            and self.shared.equals(other.shared)
        )

    def __hash__(self) -> int:
        return hash((self.by, self.labels, self.shared.num_rows))

    def __call__(self, batch: pa.Table) -> pa.Table:
        values = _values(batch, self.labels)
        return _propagated(batch, {*values, *self._of_cases(batch)})

    def _of_cases(self, batch: pa.Table) -> Iterator[Value]:
        from datapartnerships.transforms._propagation import Value

        rows: dict[str, list[int]] = defaultdict(list)
        for row, case in enumerate(told(batch, self.by)):
            if case is not None:
                rows[case].append(row)
        mine = pc.is_in(self.shared["case"], pa.array(list(rows), pa.string()))
        for item in self.shared.filter(mine).to_pylist():
            for row in rows[item["case"]]:
                yield Value(row, item["value"], item["label"])


def _check(step: Any) -> None:
    given: Any = step.labels
    if isinstance(given, str) or not given or not all(isinstance(x, str) for x in given):
        raise InvalidParameter(step, "labels", "labels, such as ('PERSON',)", given)
    object.__setattr__(step, "labels", tuple(given))


def told(batch: pa.Table, name: str) -> list[str | None]:
    """Of each document, a column of strings or what its metadata says first under a key."""
    if not name.startswith("metadata."):
        values: list[str | None] = batch[name].cast(pa.string()).to_pylist()
        return values
    offsets, items = flat(batch, "metadata")
    out: list[str | None] = [None] * batch.num_rows
    some = pc.fill_null(pc.equal(items.field("key"), name.removeprefix("metadata.")), False)
    at = np.flatnonzero(np.asarray(some))
    rows = np.searchsorted(np.asarray(offsets), at, side="right") - 1
    told = items.field("value").take(pa.array(at)).to_pylist()
    for row, value in zip(rows.tolist(), told, strict=True):
        out[row] = out[row] or value
    return out


def _values(batch: pa.Table, labels: tuple[str, ...]) -> set[Value]:
    """What was found in each row, other than by propagation."""
    from datapartnerships.transforms._propagation import Value

    spans = spans_with_rows(batch)
    some = pc.and_(
        pc.is_in(spans["label"], pa.array(labels, pa.string())),
        pc.not_equal(spans["detector"], _OWN),
    )
    spans = spans.filter(pc.fill_null(some, False))
    texts = {some.field: some for some in strings(batch)}
    found: set[Value] = set()
    held: dict[tuple[str, int], str] = {}
    bases: dict[str, Any] = {}
    for name, row, place, start, end, label in zip(
        *(spans[n].to_pylist() for n in ("field", "row", "segment", "start", "end", "label")),
        strict=True,
    ):
        if name not in bases:
            bases[name] = np.searchsorted(texts[name].rows, np.arange(batch.num_rows))
        index = int(bases[name][row]) + place
        if (name, index) not in held:
            held[name, index] = texts[name].texts[index].as_py() or ""
        found.add(Value(row, held[name, index][start:end], label))
    return found


def _propagated(batch: pa.Table, values: set[Value]) -> pa.Table:
    from datapartnerships.transforms._propagation import Wanted, found_again

    if not values:
        return batch
    old = spans_with_rows(batch)
    wanted = Wanted(values, _languages(batch))
    new = [_uncovered(table, old) for table in found_again(strings(batch), wanted)]
    new = [table for table in new if table.num_rows]
    return with_spans(batch, [old, *new]) if new else batch


def _languages(batch: pa.Table) -> list[str | None]:
    if "language" not in batch.column_names:
        return [None] * batch.num_rows
    tags = pc.replace_substring_regex(pc.fill_null(batch["language"], UNKNOWN), "[-_].*", "")
    return [None if tag == UNKNOWN else tag for tag in tags.to_pylist()]


def _uncovered(new: pa.Table, old: pa.Table) -> pa.Table:
    """Spans that no span with the same label holds already."""
    names = ("field", "row", "segment", "label", "start", "end")
    places: dict[tuple[Any, ...], list[tuple[int, int]]] = defaultdict(list)
    for *place, start, end in zip(*(old[n].to_pylist() for n in names), strict=True):
        places[tuple(place)].append((start, end))
    keep = [
        not any(a <= start and end <= b for a, b in places.get(tuple(place), ()))
        for *place, start, end in zip(*(new[n].to_pylist() for n in names), strict=True)
    ]
    return new.filter(pa.array(keep, pa.bool_()))
