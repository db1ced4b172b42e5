"""The data of a release folder: the files of a run, where `load_dataset` looks for them."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from datapartnerships.config import load_yaml
from datapartnerships.errors import ConfigurationError
from datapartnerships.executors._output import RECIPE
from datapartnerships.executors._result import Release
from datapartnerships.kernels.segments import whole
from datapartnerships.release._layout import follow
from datapartnerships.release._tables import tables as tables
from datapartnerships.release.folder import ReleaseFolder
from datapartnerships.schema import FileEntry
from datapartnerships.writers._folder import Folder
from datapartnerships.writers.clips import ClipWriter
from datapartnerships.writers.files import FileWriter
from datapartnerships.writers.parquet import ParquetWriter

DATA = "data"
# Of rows that nobody stated a license for.
UNKNOWN = "unknown"


@dataclass(frozen=True)
class DataFile:
    """One Parquet file, by its footer.

    Attributes:
        path: in the release folder.
        rows: of all row groups.
        bytes: of all columns before compression.
        size: on disk.
        sha256: of all of it.
    """

    path: str
    rows: int
    bytes: int
    size: int
    sha256: str


@dataclass(frozen=True)
class Split:
    """A split of a subset; its files in the order of their names."""

    name: str
    files: tuple[DataFile, ...]

    @property
    def rows(self) -> int:
        return sum(file.rows for file in self.files)

    @property
    def bytes(self) -> int:
        return sum(file.bytes for file in self.files)


@dataclass(frozen=True)
class Subset:
    """A named part of the dataset: `data_dir` of `load_dataset`, or its name."""

    name: str
    splits: tuple[Split, ...]
    schema: pa.Schema

    @property
    def files(self) -> tuple[DataFile, ...]:
        return tuple(file for split in self.splits for file in split.files)

    @property
    def rows(self) -> int:
        return sum(split.rows for split in self.splits)

    @property
    def size(self) -> int:
        return sum(file.size for file in self.files)


def place(
    release: Release, root: Path, by_license: bool, before: ReleaseFolder | None = None
) -> None:
    """Put the data of a run below `root`: linked, else copied; rewritten where it is taken apart,
    and where there was a version `before`, in whose order it is put (`_layout`).

    Raises
    ------
    ConfigurationError
        The data is not Parquet.
    """
    if release.manifest.format != "parquet":
        raise ConfigurationError(
            f"{release.path} holds {release.manifest.format}: a release folder is made of Parquet "
            "files. Run the recipe with a ParquetWriter, FileWriter, ChunkWriter or ClipWriter."
        )
    source = Folder(release.path)
    for split, entries in sorted(_by_split(release.manifest.files).items()):
        if by_license:
            _take_apart(source, split, entries, root)
            continue
        folder, old = root / DATA / "default", _before(before, split)
        if before is not None and old:
            names = [entry.path for entry in entries]
            parquet = _as_run(release, next(tables(source, names[0]), pa.table({})).schema)
            if follow(source, names, Folder(before.path), old, folder, split, parquet):
                continue
        for number, entry in enumerate(entries):
            name = f"{split}-{number:05d}-of-{len(entries):05d}.parquet"
            bring(source, entry.path, folder / name)


def _before(before: ReleaseFolder | None, split: str) -> list[str]:
    """The files of a split of the version before, where it has one subset."""
    start = f"{DATA}/default/{split}-"
    names = [] if before is None else [entry.path for entry in before.manifest.files]
    return sorted(n for n in names if n.startswith(start) and n.endswith(".parquet"))


def _as_run(release: Release, schema: pa.Schema) -> ParquetWriter:
    """Writes as the run did: what did not change is to have the same bytes."""
    folder = Folder(release.path)
    recipe = load_yaml(folder.read_text(RECIPE)) if folder.exists(RECIPE) else None
    given = recipe.get("writer") if isinstance(recipe, Mapping) else None
    told = next(iter(given.values())) if isinstance(given, Mapping) else None
    names = ("compression_level", "row_group_bytes", "target_bytes")
    chosen = {name: told[name] for name in names if name in told} if told else {}
    return replace(writer_of(schema), **chosen)


def _by_split(files: Sequence[FileEntry]) -> dict[str, list[FileEntry]]:
    found: dict[str, list[FileEntry]] = {}
    for entry in files:
        found.setdefault(entry.path.rsplit("/", 1)[-1].split("-", 1)[0], []).append(entry)
    return {split: sorted(entries, key=lambda e: e.path) for split, entries in found.items()}


def bring(source: Folder, name: str, target: Path) -> None:
    """A file as it is: linked, else copied."""
    target.parent.mkdir(parents=True, exist_ok=True)
    if source.local:
        try:
            os.link(source.at(name), target)
            return
        except OSError:  # another file system, or one without hard links
            pass
    with source.system.open(source.at(name), "rb") as stream, open(target, "wb") as out:
        shutil.copyfileobj(stream, out, 1 << 22)


class _Parts:
    """The files of one split of one license; their final names are known at the end."""

    def __init__(self, folder: Path, split: str, writer: ParquetWriter) -> None:
        self.folder, self.split, self.writer = folder, split, writer
        self.count = 0
        self.file: pq.ParquetWriter | None = None
        folder.mkdir(parents=True, exist_ok=True)

    def write(self, table: pa.Table) -> None:
        if self.file is None:
            self.stream = open(self._part(self.count), "wb")
            self.file = self.writer._file(self.stream, table.schema)
            self.count += 1
        self.file.write_table(table, row_group_size=max(1, table.num_rows))
        if self.stream.tell() >= self.writer.target_bytes:
            self.close()

    def close(self) -> None:
        if self.file is not None:
            self.file.close()
            self.stream.close()
            self.file = None

    def name(self) -> None:
        self.close()
        for number in range(self.count):
            final = f"{self.split}-{number:05d}-of-{self.count:05d}.parquet"
            self._part(number).rename(self.folder / final)

    def _part(self, number: int) -> Path:
        return self.folder / f".{self.split}-{number:05d}"


def _take_apart(source: Folder, split: str, entries: Sequence[FileEntry], root: Path) -> None:
    """A subset for each license, in the order of the rows; no license holds more than a row
    group in memory."""
    parts: dict[str, _Parts] = {}
    for entry in entries:
        for table in tables(source, entry.path):
            names = license_of(table)
            for name in sorted(pc.unique(names).to_pylist()):
                folder = root / DATA / slug(name)
                if name not in parts:
                    parts[name] = _Parts(folder, split, writer_of(table.schema))
                parts[name].write(table.filter(pc.equal(names, name)))
    folders = [part.folder for part in parts.values()]
    if len(set(folders)) != len(folders):
        raise ConfigurationError(f"Two licenses have one name of a subset: {sorted(parts)}.")
    for part in parts.values():
        part.name()


def writer_of(schema: pa.Schema) -> ParquetWriter:
    """The one that keeps the bytes of files out of statistics and dictionaries."""
    if "audio" in schema.names:
        return ClipWriter()
    return FileWriter() if "file" in schema.names else ParquetWriter()


def license_of(table: pa.Table) -> pa.Array:
    """The SPDX expression of every row, `UNKNOWN` where there is none."""
    if "rights" not in table.column_names:
        return pa.repeat(UNKNOWN, table.num_rows)
    stated = whole(table["rights"]).field("license")
    return pc.if_else(pc.equal(pc.fill_null(stated, ""), ""), UNKNOWN, stated)


def slug(license: str) -> str:
    """The name of a subset: ``cc-by-4.0``."""
    return re.sub(r"[^a-z0-9._]+", "-", license.lower()).strip("-.") or UNKNOWN


def subsets(root: Path) -> tuple[Subset, ...]:
    """What lies in the folder, by the footers of its files."""
    found = []
    for folder in sorted((root / DATA).iterdir()):
        names: dict[str, list[Path]] = {}
        for path in sorted(folder.glob("*.parquet")):
            names.setdefault(path.name.split("-", 1)[0], []).append(path)
        splits = [
            Split(name, tuple(_footer(path, root) for path in paths))
            for name, paths in sorted(names.items())
        ]
        schema = pq.read_schema(next(iter(names.values()))[0])
        found.append(Subset(folder.name, tuple(splits), schema))
    return tuple(found)


def _footer(path: Path, root: Path) -> DataFile:
    footer = pq.read_metadata(path)
    before = sum(footer.row_group(i).total_byte_size for i in range(footer.num_row_groups))
    name = path.relative_to(root).as_posix()
    entry = Folder(str(root)).entry(name, footer.num_rows)
    return DataFile(name, entry.rows, before, entry.size, entry.sha256)
