"""What a component must be. Any class that fits is one; nothing has to be inherited.

A component is a value: a frozen dataclass whose fields are its whole truth. It holds no open
file, model, counter, worker number or token, so it prints, compares, hashes, pickles and goes
to YAML and back.

A component may have an attribute ``preload``: import strings, ``module`` or ``module:function``,
that a run with several workers loads once, before the workers are forked from it. A `Fit` may have
``adds``, a schema: the columns that its transform adds to a batch that does not have them, which
spares a run to write again what was rejected before.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Protocol, runtime_checkable

import pyarrow as pa

from datapartnerships.schema import Manifest, Receipt, Shard


@runtime_checkable
class Reader(Protocol):
    """Plans shards cheaply, and reads any of them in any process, in any order."""

    def shards(self) -> Sequence[Shard]:
        """The plan: stable order, no content read."""
        ...

    def read(self, shard: Shard) -> Iterator[pa.Table]:
        """The documents of one shard, as batches with the columns of `schema.DOCUMENT`."""
        ...


@runtime_checkable
class Transform(Protocol):
    """A batch in, the same rows in the same order out."""

    @property
    def requires(self) -> frozenset[str]:
        """Columns it reads."""
        ...

    @property
    def provides(self) -> frozenset[str]:
        """Columns it adds or rewrites; all others pass through."""
        ...

    def __call__(self, batch: pa.Table) -> pa.Table: ...


@runtime_checkable
class Detector(Protocol):
    """Finds, changes nothing. Answers with columns of `schema.SPANS`, sorted by place.

    One that knows only some languages has `languages` too, their codes (ISO 639-1, or 639-3 where
    there is none): `DetectPii` shows it texts in these, and those whose language nobody said.
    """

    @property
    def labels(self) -> frozenset[str]:
        """The labels it can give."""
        ...

    def covers(self, language: str) -> Mapping[str, str]:
        """How it finds each label in texts of a language; a label that is missing it does not."""
        ...

    def __call__(self, texts: pa.Array) -> pa.Table: ...


@runtime_checkable
class Fit(Protocol):
    """A step that must see the corpus first. Never changes itself.

    `sketch` maps the batches of one shard to a small table; `combine` takes the sketches in
    shard order and answers with an ordinary transform for the second pass.
    """

    @property
    def requires(self) -> frozenset[str]: ...

    @property
    def provides(self) -> frozenset[str]:
        """What the transform that `combine` makes will provide."""
        ...

    def sketch(self, batches: Iterable[pa.Table]) -> pa.Table: ...

    def combine(self, sketches: Iterable[pa.Table]) -> Transform: ...


@runtime_checkable
class Writer(Protocol):
    """Writes shards anywhere, in any order; `commit` makes them one dataset, at once.

    One that has `finish(release)` too, as `HubWriter` does, is called with the complete run, and
    again by every `run` that finds it complete.
    """

    def write(self, shard: Shard, batches: Iterable[pa.Table]) -> Receipt:
        """Write one shard. Doing it twice changes nothing; nothing is visible yet."""
        ...

    def commit(self, receipts: Sequence[Receipt]) -> Manifest:
        """Make the shards of these receipts, in this order, the dataset."""
        ...
