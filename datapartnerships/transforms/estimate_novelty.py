"""How much of a document is new against reference corpora."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, ClassVar, NamedTuple

import numpy as np
import pyarrow as pa

from datapartnerships._given_files import as_paths, content_id, stamp
from datapartnerships.errors import ConfigurationError, InvalidParameter
from datapartnerships.kernels import bloom
from datapartnerships.kernels.repetition import earlier
from datapartnerships.kernels.segments import join_text, set_column, whole
from datapartnerships.kernels.word_runs import Spoken, inside, prefix_sums, runs, spoken
from datapartnerships.kernels.words import Edges, Hashes
from datapartnerships.transforms._reference_texts import read

_KEY = b"reference"


def build_reference(
    files: str | Sequence[str],
    out: str,
    *,
    ngram: int = 8,
    false_positive_rate: float = 0.01,
    fields: Sequence[str] | None = None,
) -> str:
    """Write a Bloom filter of the runs of words of a corpus, for `EstimateNovelty`; its path.

    The files are gone through twice: to count the runs, and to put them in. The filter has room for
    them all as if none came twice, -ln(rate) / ln(2)^2 bits each (1.2 bytes at 0.01), and is held
    in memory meanwhile. No text can be read out of it; who has a text can ask whether it is in.

    Args:
        files: JSON Lines, Parquet or text, which may be packed; paths or fsspec URLs.
        out: the file to write, a path or fsspec URL.
        ngram: words of a run.
        false_positive_rate: of the runs that are not in the corpus, those that may seem to be. What
            it is in truth is measured, and stands in the file.
        fields: fields of JSON Lines and Parquet that hold text; all, if None.
    """
    import fsspec

    paths = as_paths("build_reference", "files", files)
    if not isinstance(ngram, int) or not 1 <= ngram <= 100:
        raise InvalidParameter("build_reference", "ngram", "1 to 100 words", ngram)
    if not 1e-4 <= false_positive_rate <= 0.5:
        rule = "a share from 0.0001 to 0.5"
        raise InvalidParameter("build_reference", "false_positive_rate", rule, false_positive_rate)
    many = sum(len(found) for found in _runs_of(paths, ngram, fields))
    if not many:
        raise ConfigurationError(
            f"build_reference: {list(paths)} have no text of {ngram} words: nothing could be "
            "found again."
        )
    blocks, bits = bloom.sized(many, false_positive_rate)
    for found in _runs_of(paths, ngram, fields):
        bloom.add(blocks, bits, found)
    said = {
        "ngram": ngram, "bits": bits, "runs": many, "false_positive_rate": bloom.rate(blocks, bits),
        "content": content_id(paths), "format": 1,
    }  # fmt: skip
    schema = pa.schema([("blocks", pa.uint64())], {_KEY: json.dumps(said, sort_keys=True).encode()})
    system, name = fsspec.core.url_to_fs(out)
    system.makedirs(system._parent(name), exist_ok=True)
    with system.open(f"{name}.part", "wb") as raw, pa.ipc.new_file(raw, schema) as writer:
        writer.write_table(pa.table([pa.array(blocks)], schema=schema))
    system.mv(f"{name}.part", name)
    return out


def _runs_of(paths: Sequence[str], ngram: int, fields: Sequence[str] | None) -> Iterator[Hashes]:
    for path in paths:
        for _, texts in read(path, fields):
            for some in spoken(pa.array(texts, pa.string())):
                yield _runs(some, ngram)[0]


def _runs(some: Spoken, size: int) -> tuple[Hashes, Edges]:
    """The runs of words of each text, and the text."""
    found = runs(prefix_sums(some.hashes), size)
    within, part = inside(some.edges, np.arange(len(found)), size)
    return found[within], some.row[part[within]]


@dataclass(frozen=True, kw_only=True)
class EstimateNovelty:
    """Say how much of each document is new against reference corpora.

    `novelty` is the share of a document's runs of words that are in none of the corpora, each run
    once: 1 - (h - f) / (1 - f), for h that a Bloom filter has and f, the share of absent runs that
    it seems to have. It is 0 on average where everything is in the corpora and 1 where nothing is,
    and may lie a little above 1, so that means of it are right. `novelty_error` is its standard
    error, sqrt(novelty f / (runs (1 - f))): what chance the filter adds, and nothing else. Both are
    null where a document has no run.

    New against these corpora is not new to the world: a text that is in none of them may be online.

    The files are read when they are needed. What is in them is part of the fingerprint of a run.

    Attributes:
        against: files that `build_reference` wrote; what is in any of them is known.
    """

    against: tuple[str, ...]

    version: ClassVar[int] = 1
    requires = frozenset({"segments"})
    provides = frozenset({"novelty", "novelty_error"})

    def __post_init__(self) -> None:
        object.__setattr__(self, "against", as_paths(self, "against", self.against))

    @property
    def content_id(self) -> str:
        """A digest of what is in the files."""
        return content_id(self.against)

    def __call__(self, batch: pa.Table) -> pa.Table:
        filters = [_filter(path, stamp(path)) for path in self.against]
        sizes = {one.ngram for one in filters}
        if len(sizes) > 1:
            raise ConfigurationError(
                f"EstimateNovelty: {list(self.against)} hold runs of {sorted(sizes)} words. Build "
                "them with the same ngram."
            )
        known = np.zeros(batch.num_rows, np.int64)
        total = np.zeros(batch.num_rows, np.int64)
        for some in spoken(whole(join_text(batch))):
            found, row = _runs(some, filters[0].ngram)
            again, _ = earlier(found, row)
            found, row = found[~again], row[~again]
            hit = np.zeros(len(found), bool)
            for one in filters:
                left = np.flatnonzero(~hit)
                hit[left] = bloom.seen(one.blocks, one.bits, found[left])
            total += np.bincount(row, minlength=batch.num_rows)
            known += np.bincount(row[hit], minlength=batch.num_rows)
        absent = 1 - math.prod(1 - one.rate for one in filters)
        none = total == 0
        count = np.maximum(total, 1)
        share = (count - known) / count / (1 - absent)
        error = np.sqrt(share * absent / (count * (1 - absent)))
        for name, values in (("novelty", share), ("novelty_error", error)):
            batch = set_column(batch, name, pa.array(values.astype(np.float32), mask=none))
        return batch


class _Filter(NamedTuple):
    blocks: bloom.Blocks
    bits: int
    ngram: int
    rate: float


@lru_cache(maxsize=8)
def _filter(path: str, _: str) -> _Filter:
    """Once in a process; a local file is mapped, so that all workers share it."""
    import fsspec

    system, name = fsspec.core.url_to_fs(path)
    local = "file" in ([system.protocol] if isinstance(system.protocol, str) else system.protocol)
    try:
        source: Any = pa.memory_map(name) if local else pa.BufferReader(system.cat_file(name))
        table = pa.ipc.open_file(source).read_all()
        said: dict[str, Any] = json.loads((table.schema.metadata or {})[_KEY])
        blocks = whole(table["blocks"]).to_numpy()
        return _Filter(blocks, said["bits"], said["ngram"], said["false_positive_rate"])
    except (pa.ArrowInvalid, KeyError, ValueError, OSError) as error:
        raise ConfigurationError(
            f"EstimateNovelty: {path!r} is no file that build_reference wrote ({error})."
        ) from error
