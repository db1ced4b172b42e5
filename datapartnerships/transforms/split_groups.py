"""Train, validation and test, with nothing in two of them that belongs together."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import ClassVar

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from datapartnerships.errors import InvalidParameter, PipelineError
from datapartnerships.kernels.segments import metadata_values, set_column, whole
from datapartnerships.kernels.splits import Shares, keys, linked
from datapartnerships.kernels.words import Hashes

_LINKS = pa.schema([("left", pa.uint64()), ("right", pa.uint64())])
_GROUPS = pa.schema([("key", pa.uint64()), ("group", pa.uint64())])
# A record of a data file (`#1190`), with what hangs on it (`#2!timeline.txt`).
_RECORD = r"^(?P<record>.*?#[0-9]+)(?:!.*)?$"
_DOCUMENTS = "documents"
_CLUSTER = "duplicate_cluster"


@dataclass(frozen=True, kw_only=True)
class Split:
    """Put each document into a split; what belongs together is never parted: adds `split`.

    A `Fit`: the first pass notes what documents share, 16 bytes for each two things that are
    shared by one document; the second gives all that hang together, directly or through others,
    one split. Near-duplicates hang together wherever the batch has the column `duplicate_cluster`
    (`Deduplicate` adds it); name it in `together` as well, and a pipeline without it is refused.

    Shares are met about, by a keyed hash: one file with half of all documents is in one split. A
    new document that links two groups may move one of them. The writers make files of each split.

    Attributes:
        test: share of ``test``, 0 to 1.
        validation: share of ``validation``; the rest is ``train``.
        seed: another seed deals anew.
        together: what documents share that stay together: ``file``, which is one source file, or
            one record of a data file or mailbox with its attachments; a key of the metadata, as
            ``metadata.docket``; or a column of strings. Values that are null link nothing; a run
            stops where no document at all has a key that is named. An archive is one file: without
            ``file``, as in ``together=()``, its members are dealt one by one.
    """

    test: float = 0.1
    validation: float = 0.0
    seed: str = ""
    together: tuple[str, ...] = ("file",)

    version: ClassVar[int] = 1
    provides = frozenset({"split"})

    def __post_init__(self) -> None:
        for name in ("test", "validation"):
            share = getattr(self, name)
            if not isinstance(share, int | float) or not 0 <= share <= 1:
                raise InvalidParameter(self, name, "a share, 0 to 1", share)
        if self.test + self.validation > 1:
            rule = "such that test + validation <= 1"
            raise InvalidParameter(self, "validation", rule, self.validation)
        wanted = self.together
        if not isinstance(wanted, list | tuple) or not all(isinstance(w, str) for w in wanted):
            raise InvalidParameter(self, "together", "a list of names", wanted)
        object.__setattr__(self, "together", tuple(wanted))

    @property
    def requires(self) -> frozenset[str]:
        return frozenset({"id"}.union(*(_columns(name) for name in self.together)))

    def sketch(self, batches: Iterable[pa.Table]) -> pa.Table:
        parts = [_LINKS.empty_table(), *(self._sketch(batch) for batch in batches)]
        return _distinct(pa.concat_tables(parts))

    def _sketch(self, batch: pa.Table) -> pa.Table:
        first, others = _keys(batch, self.together)
        left = [first[other > 0] for other in others]
        right = [other[other > 0] for other in others]
        # What links to itself was seen.
        names = _told_in(self.together) if batch.num_rows else []
        told = [n for values, n in _values(batch, names) if values.null_count < len(values)]
        seen = _seen([_DOCUMENTS, *told] if names else [])
        pairs = (np.concatenate([seen, *side]) for side in (left, right))
        return _distinct(pa.table(list(pairs), schema=_LINKS))

    def combine(self, sketches: Iterable[pa.Table]) -> AssignGroups:
        links = pa.concat_tables([_LINKS.empty_table(), *sketches])
        found, group = linked(links["left"].to_numpy(), links["right"].to_numpy())
        moved = found != group
        names = [_DOCUMENTS, *_told_in(self.together)]
        lacking = [n for n, key in zip(names, _seen(names), strict=True) if key not in found]
        return AssignGroups(
            groups=pa.table([found[moved], group[moved]], schema=_GROUPS),
            shares=(self.test, self.validation, self.seed),
            together=self.together,
            lacking=() if _DOCUMENTS in lacking else tuple(lacking),
        )


@dataclass(frozen=True, kw_only=True, eq=False)
class AssignGroups:
    """Give each document the split of its group.

    Attributes:
        groups: table of (key, group), sorted, as `Split.combine` makes it.
        shares: of test, of validation, and the seed.
        together: what documents share.
        lacking: the keys of the metadata among these that no document of the corpus has.
    """

    groups: pa.Table = field(default_factory=_GROUPS.empty_table, repr=False)
    shares: tuple[float, float, str] = (0.1, 0.0, "")
    together: tuple[str, ...] = ("file",)
    lacking: tuple[str, ...] = ()

    version: ClassVar[int] = 1
    name = "Split"
    provides = frozenset({"split"})
    requires = Split.requires

    def __eq__(self, other: object) -> bool:
        return (
            isinstance(other, AssignGroups)
            and (self.shares, self.together, self.lacking)
            == (other.shares, other.together, other.lacking)
            and self.groups.equals(other.groups)
        )

    def __hash__(self) -> int:
        return hash((type(self), self.shares, self.together, self.groups.num_rows))

    @property
    def problem(self) -> str:
        """What a run stops for; of a few documents it would mean nothing."""
        if not self.lacking:
            return ""
        return (
            f"Split(together={[*self.together]}): no document has {' or '.join(self.lacking)}, so "
            "nothing would be kept together by it. Look at the metadata in pipeline.preview(), "
            "and put the key right or leave it out."
        )

    def __call__(self, batch: pa.Table) -> pa.Table:
        # All keys of a document are of one group.
        first, _ = _keys(batch, self.together)
        known, group = (self.groups[name].to_numpy() for name in _GROUPS.names)
        if len(known):
            place = np.minimum(np.searchsorted(known, first), len(known) - 1)
            first = np.where(known[place] == first, group[place], first)
        return set_column(batch, "split", Shares(*self.shares).of_each(first))


def _columns(name: str) -> set[str]:
    """The columns that a name in `together` is read from."""
    if name == "file":
        return {"source", "provenance"}
    return {"metadata" if name.startswith("metadata.") else name}


def _told_in(together: Iterable[str]) -> list[str]:
    return [name for name in together if name.startswith("metadata.")]


def _seen(names: list[str]) -> Hashes:
    """A number for each name, which is that of no value."""
    return keys(pa.array(names, pa.string()), "\0seen")


def _distinct(links: pa.Table) -> pa.Table:
    """Each link once, in order."""
    pairs = np.column_stack([links[name].to_numpy() for name in _LINKS.names])
    found = np.unique(pairs.view("u8,u8")).view(np.uint64).reshape(-1, 2)
    return pa.table([found[:, 0], found[:, 1]], schema=_LINKS)


def _keys(batch: pa.Table, together: tuple[str, ...]) -> tuple[Hashes, list[Hashes]]:
    """The first key of each document, and each of its others; 0 where there is none of these."""
    names = [*together]
    if _CLUSTER in batch.column_names and _CLUSTER not in names:
        names.append(_CLUSTER)
    first = np.zeros(batch.num_rows, np.uint64)
    others = []
    for values, name in _values(batch, names):
        found = keys(values, name)
        others.append(np.where(first > 0, found, 0).astype(np.uint64))
        first = np.where(first > 0, first, found)
    alone = keys(whole(batch["id"]), "id")
    return np.where(first > 0, first, alone), others


def _values(batch: pa.Table, names: Iterable[str]) -> Iterator[tuple[pa.Array, str]]:
    for name in names:
        if name == "file":
            yield _files(batch), name
        elif name.startswith("metadata."):
            yield metadata_values(batch, name.removeprefix("metadata.")), name
        else:
            kind = batch.schema.field(name).type
            if not (pa.types.is_string(kind) or pa.types.is_large_string(kind)):
                raise PipelineError(
                    f"Split(together=[{name!r}]): the column is {kind}, expected strings."
                )
            yield whole(batch[name]), name


def _files(batch: pa.Table) -> pa.Array:
    """The source file of each document; of a record of a data file, the record."""
    place = whole(batch["provenance"])
    uri, member = pc.struct_field(place, "uri"), pc.struct_field(place, "member")
    record = pc.struct_field(pc.extract_regex(member, _RECORD), "record")
    parts = [whole(batch["source"]).fill_null(""), uri, record.fill_null("")]
    return pc.binary_join_element_wise(*parts, "\0")
