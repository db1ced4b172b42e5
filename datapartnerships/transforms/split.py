"""Train and test, with no speaker in both."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import ClassVar

import pyarrow as pa

from datapartnerships.errors import InvalidParameter
from datapartnerships.kernels.segments import flat, set_column
from datapartnerships.kernels.splits import Shares, joined

_TOGETHER = pa.schema([("speakers", pa.list_(pa.string()))])
_GROUPS = pa.schema([("speaker", pa.string()), ("group", pa.string())])

# What recognizers and editors call a voice whose owner they do not know; "Speaker 1" of two
# recordings are two persons.
_NUMBERED = r"(?:channel|speaker|spk|spkr|voice|s|unknown)?[ _.-]*[0-9]*|[a-z]"


@dataclass(frozen=True, kw_only=True)
class SplitBySpeaker:
    """Put each document into a split, so that no speaker is in two: adds the column `split`.

    A `Fit`: the first pass notes which named speakers appear together, the second gives all
    documents that hang together through a speaker one split. A document is never parted. Speakers
    are told apart by their names within a source, letter case and spaces aside; a document without
    named speakers is dealt by itself, so a person whom nobody named may be in two splits.

    Shares are met about, by a keyed hash: where one speaker is in most documents (the presiding
    judge), these are all in one split. Put it before `Redact`, which may give several speakers
    one name.

    Attributes:
        test: share of ``test``, 0 to 1.
        validation: share of ``validation``; the rest is ``train``.
        seed: another seed deals anew.
        numbered: regular expression of names that mean somebody else in every document, such as
            ``SPEAKER_00`` or ``channel 1``; matched against the whole name, letter case aside.
    """

    test: float = 0.1
    validation: float = 0.0
    seed: str = ""
    numbered: str = _NUMBERED

    version: ClassVar[int] = 1
    requires = frozenset({"id", "source", "segments"})
    provides = frozenset({"split"})

    def __post_init__(self) -> None:
        for name in ("test", "validation"):
            share = getattr(self, name)
            if not isinstance(share, int | float) or not 0 <= share <= 1:
                raise InvalidParameter(self, name, "a share, 0 to 1", share)
        if self.test + self.validation > 1:
            rule = "such that test + validation <= 1"
            raise InvalidParameter(self, "validation", rule, self.validation)
        try:
            re.compile(self.numbered)
        except re.error as error:
            rule = f"a regular expression ({error})"
            raise InvalidParameter(self, "numbered", rule, self.numbered) from None

    def sketch(self, batches: Iterable[pa.Table]) -> pa.Table:
        sets = {
            tuple(sorted(set(found)))
            for batch in batches
            for found in _speakers(batch, self.numbered)
            if found
        }
        return pa.table([pa.array(sorted(sets), _TOGETHER.types[0])], schema=_TOGETHER)

    def combine(self, sketches: Iterable[pa.Table]) -> AssignSplits:
        sets = (row for table in sketches for row in table["speakers"].to_pylist())
        groups = sorted(joined(sets).items())
        columns = [[name for name, _ in groups], [group for _, group in groups]]
        table = pa.table([pa.array(c, pa.string()) for c in columns], schema=_GROUPS)
        shares = (self.test, self.validation, self.seed)
        return AssignSplits(groups=table, shares=shares, numbered=self.numbered)


@dataclass(frozen=True, kw_only=True, eq=False)
class AssignSplits:
    """Give each document the split of its speakers.

    Attributes:
        groups: table of (speaker, group), as `SplitBySpeaker.combine` makes it.
        shares: of test, of validation, and the seed.
        numbered: names that mean nobody in particular.
    """

    groups: pa.Table = field(default_factory=_GROUPS.empty_table, repr=False)
    shares: tuple[float, float, str] = (0.1, 0.0, "")
    numbered: str = _NUMBERED

    version: ClassVar[int] = 1
    name = "SplitBySpeaker"
    requires = frozenset({"id", "source", "segments"})
    provides = frozenset({"split"})

    def __eq__(self, other: object) -> bool:
        return (
            isinstance(other, AssignSplits)
            and (self.shares, self.numbered) == (other.shares, other.numbered)
            and self.groups.equals(other.groups)
        )

    def __hash__(self) -> int:
        return hash((type(self), self.shares, self.numbered, self.groups.num_rows))

    def __call__(self, batch: pa.Table) -> pa.Table:
        shares = Shares(*self.shares)
        columns = (self.groups[name].to_pylist() for name in _GROUPS.names)
        groups = dict(zip(*columns, strict=True))
        ids = batch["id"].to_pylist()
        splits = [
            # A speaker whom the first pass did not see has no group but himself.
            shares.of(groups.get(found[0], found[0]) if found else f"document {name}")
            for name, found in zip(ids, _speakers(batch, self.numbered), strict=True)
        ]
        return set_column(batch, "split", pa.array(splits, pa.string()))


def _speakers(batch: pa.Table, numbered: str) -> Iterator[list[str]]:
    """For each row digests of its named speakers, of no one twice."""
    nobody = re.compile(numbered, re.IGNORECASE)
    offsets, segments = flat(batch)
    names = segments.field("speaker").to_pylist()
    edges = offsets.to_pylist()
    for i, source in enumerate(batch["source"].to_pylist()):
        plain = (
            " ".join((name or "").split()).casefold() for name in names[edges[i] : edges[i + 1]]
        )
        found = dict.fromkeys(name for name in plain if not nobody.fullmatch(name))
        yield [_digest(f"{source}\0{name}") for name in found]


def _digest(text: str) -> str:
    """Names of persons do not stand in sketches."""
    return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()
