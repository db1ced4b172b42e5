"""What each kind of component promises."""

from __future__ import annotations

import dataclasses
import os
import shutil
import sys
import tempfile
from pathlib import Path
from typing import Any

import pyarrow as pa

from datapartnerships.errors import DataPartnershipsError
from datapartnerships.kernels.segments import concat, flat
from datapartnerships.protocols import Fit, Reader, Transform
from datapartnerships.schema import DOCUMENT
from datapartnerships.testing._sample import sample_batch

PLACE = ("kind", "speaker", "page", "bbox", "start_s", "end_s", "created", "origin")

# Columns that our own transforms add and others read, with values for the sample in turn.
ADDED: dict[str, list[Any]] = {
    "language": ["en", "is", None, "und", "nb"],
    "language_score": [0.9, 0.3, None, 0.0],
}

# Say what a deposit or a saved dataset is; they are no part of what it holds.
DESCRIPTIONS = ("deposit.yaml", "state.json", "dataset_info.json", "dataset_dict.json")


def _input(transform: Transform) -> pa.Table:
    """The sample, with columns that other transforms would have provided."""
    batch = sample_batch()
    for name in sorted(transform.requires & set(ADDED)):
        values = [ADDED[name][i % len(ADDED[name])] for i in range(batch.num_rows)]
        batch = batch.append_column(name, pa.array(values))
    unknown = sorted(transform.requires - set(batch.column_names))
    assert not unknown, (
        f"requires {unknown}, which no reader gives: call checks() on an instance that needs only "
        f"{DOCUMENT.names}, or test it in a pipeline"
    )
    return batch.filter(pa.compute.is_null(batch["drop_reason"]))


# Transforms.


def loses_no_row_and_keeps_ids(transform: Transform) -> None:
    batch = _input(transform)
    out = transform(batch)
    assert isinstance(out, pa.Table)
    assert out.num_rows == batch.num_rows, "a transform never deletes a row: set drop_reason"
    assert out["id"].equals(batch["id"]), "ids and order stay"


def changes_only_what_it_provides(transform: Transform) -> None:
    batch = _input(transform)
    out = transform(batch)
    for name in batch.column_names:
        assert name in out.column_names, f"column {name!r} was taken away"
        if name not in transform.provides:
            assert out[name].equals(batch[name]), f"{name!r} changed and is not in provides"
    added = set(out.column_names) - set(batch.column_names)
    assert added <= transform.provides, f"{added - transform.provides} not in provides"
    for name in batch.column_names:
        assert out.schema.field(name).type == batch.schema.field(name).type, f"type of {name!r}"


def is_deterministic(transform: Transform) -> None:
    assert transform(_input(transform)).equals(transform(_input(transform)))


def does_not_depend_on_batch_cuts(transform: Transform) -> None:
    batch = _input(transform)
    at_once = transform(batch)
    for size in (1, 3, 7):
        parts = [transform(batch.slice(i, size)) for i in range(0, batch.num_rows, size)]
        assert _same(concat(parts), at_once), f"cut into batches of {size}, the result differs"


def does_not_depend_on_document_order(transform: Transform) -> None:
    batch = _input(transform)
    back = pa.array(range(batch.num_rows - 1, -1, -1))
    assert _same(transform(batch.take(back)).take(back), transform(batch))


def keeps_the_schema_of_an_empty_batch(transform: Transform) -> None:
    batch = _input(transform)
    assert transform(batch.slice(0, 0)).schema.equals(transform(batch).schema)
    assert transform(batch.slice(0, 0)).num_rows == 0


def keeps_the_place_of_every_segment(transform: Transform) -> None:
    batch = _input(transform)
    before, after = flat(batch)[1], flat(transform(batch))[1]
    if getattr(transform, "makes_segments", False):
        return  # joins other material: its segments are not those that were there
    known = {tuple(str(s[name]) for name in PLACE) for s in before.to_pylist()}
    if "spans" in transform.provides:
        return  # a redaction may change who speaks, and only that
    for segment in after.to_pylist():
        place = tuple(str(segment[name]) for name in PLACE)
        assert place in known, f"a segment is where none was: {place}"


def keeps_the_rights_of_every_document(transform: Transform) -> None:
    """Every document of the sample has rights of its own."""
    if getattr(transform, "assigns_rights", False):
        return
    assert "rights" not in transform.provides, "rights are assigned in one place only"
    batch = _input(transform)
    back = batch.take(pa.array(range(batch.num_rows - 1, -1, -1)))
    for given in (batch, back, batch.slice(3, 4)):
        assert transform(given)["rights"].to_pylist() == given["rights"].to_pylist()


def runs_in_datasets_map(transform: Transform) -> None:
    import datasets

    batch = _input(transform)
    dataset = datasets.Dataset(pa.table(batch.columns, schema=batch.schema.remove_metadata()))
    mapped = dataset.with_format("arrow").map(
        transform, batched=True, batch_size=5, load_from_cache_file=False
    )
    expected = transform(batch)
    rows = mapped.with_format(None).to_list()
    assert rows == expected.to_pylist(), "datasets.map gives another result"


# Fits.


def _fitted(fit: Fit, batch: pa.Table, size: int) -> Transform:
    cuts = [batch.slice(i, size) for i in range(0, batch.num_rows, size)]
    return fit.combine([fit.sketch([cut]) for cut in cuts])


def fits_alike_however_the_corpus_is_cut(fit: Fit) -> None:
    batch = sample_batch()
    at_once = fit.combine([fit.sketch([batch])])
    for size in (1, 4):
        assert _fitted(fit, batch, size) == at_once
    in_batches = fit.sketch([batch.slice(0, 5), batch.slice(5)])
    assert fit.combine([in_batches]) == at_once


def fits_nothing(fit: Fit) -> None:
    batch = sample_batch()
    transform = fit.combine([fit.sketch([])])
    assert transform(batch)["drop_reason"].equals(batch["drop_reason"])


def makes_a_transform_that_keeps_the_contract(fit: Fit) -> None:
    transform = _fitted(fit, sample_batch(), 6)
    assert transform.provides <= fit.provides, "provides of a fit covers its transform's"
    for check in TRANSFORM:
        check(transform)


# Readers.


def plans_alike_every_time(reader: Reader) -> None:
    first, second = list(reader.shards()), list(reader.shards())
    assert first == second
    assert len({shard.key for shard in first}) == len(first), "shards share a key"
    assert first, "give the reader something to read"


def reads_no_content_when_it_plans(reader: Reader) -> None:
    root = os.path.abspath(str(getattr(reader, "path", "")))
    with _Opened() as opened:
        reader.shards()
    inside = [
        path
        for path in opened
        if root
        and os.path.abspath(path).startswith(root)
        and os.path.isfile(path)
        and os.path.basename(path) not in DESCRIPTIONS
    ]
    assert not inside, f"shards() opened {inside[:3]}"


def reads_documents_with_unique_stable_ids(reader: Reader) -> None:
    first, second = _read(reader), _read(reader)
    assert first.num_rows, "give the reader something to read"
    assert first.equals(second), "two reads differ"
    assert len(set(first["id"].to_pylist())) == first.num_rows, "ids are not unique"


def reads_shards_in_any_order(reader: Reader) -> None:
    there = [concat([DOCUMENT.empty_table(), *reader.read(s)]) for s in reader.shards()]
    back = [concat([DOCUMENT.empty_table(), *reader.read(s)]) for s in reversed(reader.shards())]
    assert there == back[::-1]


def turns_a_corrupt_file_into_a_rejected_row(reader: Any) -> None:
    """Half of every file is cut off: nothing is raised, and every file still has its row."""
    path = getattr(reader, "path", None)
    if not path or "://" in str(path) or not os.path.exists(path):
        return
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / "deposit"
        if os.path.isdir(path):
            shutil.copytree(path, copy, symlinks=True)
        else:
            copy.mkdir()
            shutil.copy(path, copy)
        files = [file for file in copy.rglob("*") if file.is_file() and not file.is_symlink()]
        for file in files:
            data = file.read_bytes()
            file.write_bytes(data[: len(data) // 2])
        broken = dataclasses.replace(reader, path=str(copy))
        try:
            broken.shards()
        except DataPartnershipsError as error:
            # A format whose plan is in its files may say that there is nothing to plan.
            assert str(copy) in str(error), f"the error does not name the file: {error}"
            return
        uris = {row["uri"] for row in _read(broken)["provenance"].to_pylist()}
        for shard in broken.shards():
            for span in shard.files:
                assert span.path in uris, f"{span.path} left no row"


def _read(reader: Reader) -> pa.Table:
    tables = [table for shard in reader.shards() for table in reader.read(shard)]
    for table in tables:
        assert table.schema.equals(DOCUMENT), "a batch has exactly the columns of DOCUMENT"
    return concat([DOCUMENT.empty_table(), *tables])


def _same(one: pa.Table, other: pa.Table) -> bool:
    return bool(one.schema.equals(other.schema)) and one.to_pylist() == other.to_pylist()


class _Opened:
    """The paths that are opened meanwhile."""

    _active: list[list[str]] = []
    _hooked = False

    def __enter__(self) -> list[str]:
        if not _Opened._hooked:
            sys.addaudithook(_Opened._hear)  # cannot be taken away again: it checks _active
            _Opened._hooked = True
        self._paths: list[str] = []
        _Opened._active.append(self._paths)
        return self._paths

    def __exit__(self, *_: object) -> None:
        _Opened._active.remove(self._paths)

    @staticmethod
    def _hear(event: str, args: tuple[Any, ...]) -> None:
        if event == "open" and _Opened._active and isinstance(args[0], str):
            for paths in _Opened._active:
                paths.append(args[0])


TRANSFORM = [
    loses_no_row_and_keeps_ids,
    changes_only_what_it_provides,
    is_deterministic,
    does_not_depend_on_batch_cuts,
    does_not_depend_on_document_order,
    keeps_the_schema_of_an_empty_batch,
    keeps_the_place_of_every_segment,
    keeps_the_rights_of_every_document,
    runs_in_datasets_map,
]
FIT = [
    fits_alike_however_the_corpus_is_cut,
    fits_nothing,
    makes_a_transform_that_keeps_the_contract,
]
READER = [
    plans_alike_every_time,
    reads_no_content_when_it_plans,
    reads_documents_with_unique_stable_ids,
    reads_shards_in_any_order,
    turns_a_corrupt_file_into_a_rejected_row,
]
