"""A new version in the files and row groups of the one before."""

from __future__ import annotations

import hashlib
import random
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
from hypothesis import given, settings
from hypothesis import strategies as st

from datapartnerships.release._layout import follow
from datapartnerships.testing import sample_batch
from datapartnerships.writers import ParquetWriter
from datapartnerships.writers._base import Ahead
from datapartnerships.writers._folder import Folder

WRITER = ParquetWriter(row_group_bytes=6_000, target_bytes=9_000)


def text(one: int) -> str:
    rng = random.Random(one)
    return " ".join(f"{rng.randrange(1 << 30):x}" for _ in range(60))


def table(ids: list[int], **columns: list[str]) -> pa.Table:
    texts = [text(one) for one in ids]
    return pa.table({"id": [f"{one:032x}" for one in ids], "text": texts, **columns})


def written(folder: Path, rows: pa.Table, split: str = "train") -> list[str]:
    """As a run writes them; names of the files."""
    folder.mkdir(parents=True, exist_ok=True)
    waiting, names = Ahead(WRITER.chunks(iter([rows]))), []
    while waiting:
        with open(folder / f"{split}-{len(names)}.parquet", "wb") as stream:
            WRITER.fill(stream, waiting)
        names.append(f"{split}-{len(names)}.parquet")
    return names


def laid_out(root: Path, old: list[str], new: list[str]) -> list[Path]:
    target = root / "target"
    done = follow(
        Folder(str(root / "new")), new, Folder(str(root / "old")), old, target, "train", WRITER
    )
    assert done
    return sorted(target.iterdir())


def digests(files: list[Path]) -> list[str]:
    return [hashlib.sha256(file.read_bytes()).hexdigest() for file in files]


def test_what_is_new_stands_behind_and_nothing_else_changes(tmp_path: Path) -> None:
    every = list(range(120))
    added = {3, 40, 41, 90, 119}
    old = written(tmp_path / "old", table([one for one in every if one not in added]))
    new = written(tmp_path / "new", table(every))
    files = laid_out(tmp_path, old, new)
    before = digests([tmp_path / "old" / name for name in old])
    assert len(before) > 2 and digests(files)[: len(before)] == before
    assert len(files) == len(before) + 1
    assert files[0].name == f"train-00000-of-{len(files):05d}.parquet"
    assert pq.read_table(files[-1]).equals(table(sorted(added)))


def test_a_table_that_was_read_back_is_the_same_file(tmp_path: Path) -> None:
    files = [tmp_path / name for name in ("first", "again")]
    rows = sample_batch()
    for file in files:
        with open(file, "wb") as stream, ParquetWriter()._file(stream, rows.schema) as writer:
            writer.write_table(rows)
        rows = pq.read_table(file)
    assert len(set(digests(files))) == 1


def test_only_the_row_group_of_what_is_gone_or_changed_is_another(tmp_path: Path) -> None:
    old = written(tmp_path / "old", table(list(range(120))))
    rows = table([one for one in range(120) if one != 50]).to_pylist()
    rows[100]["text"] = "other words"
    new = written(tmp_path / "new", pa.Table.from_pylist(rows))
    files = laid_out(tmp_path, old, new)
    before = digests([tmp_path / "old" / name for name in old])
    other = [a != b for a, b in zip(before, digests(files), strict=True)]
    assert 1 <= sum(other) <= 2
    assert [row for file in files for row in pq.read_table(file).to_pylist()] == rows


def test_a_file_with_nothing_left_is_gone(tmp_path: Path) -> None:
    old = written(tmp_path / "old", table(list(range(120))))
    first = pq.read_metadata(tmp_path / "old" / old[0]).num_rows
    new = written(tmp_path / "new", table(list(range(first, 120))))
    files = laid_out(tmp_path, old, new)
    assert digests(files) == digests([tmp_path / "old" / name for name in old[1:]])


@settings(max_examples=40, deadline=None)
@given(st.data())
def test_every_row_is_there_once_whatever_the_order(data: st.DataObject) -> None:
    import tempfile

    ids = st.lists(st.integers(0, 60), unique=True, min_size=1, max_size=60)
    before, after = data.draw(ids), data.draw(ids)
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        old = written(root / "old", table(before))
        new = written(root / "new", table(after))
        files = laid_out(root, old, new)
        rows = [row["id"] for file in files for row in pq.read_table(file).to_pylist()]
        assert sorted(rows) == sorted(f"{one:032x}" for one in after)
        assert not [file for file in files if file.name.startswith(".")]
        texts = {r["id"]: r["text"] for f in files for r in pq.read_table(f).to_pylist()}
        assert all(texts[f"{one:032x}"] == text(one) for one in after)


def test_ids_that_repeat_or_are_not_there_cannot_be_followed(tmp_path: Path) -> None:
    old = written(tmp_path / "old", table([1, 2, 3]))
    for number, rows in enumerate((table([1, 2, 2]), table([1, 2]).drop_columns(["id"]))):
        new = written(tmp_path / f"new{number}", rows)
        target, source = tmp_path / f"target{number}", Folder(str(tmp_path / f"new{number}"))
        before = Folder(str(tmp_path / "old"))
        assert not follow(source, new, before, old, target, "train", WRITER)
        assert not target.exists()
