"""What a run gives back."""

from __future__ import annotations

import contextlib
import itertools
import json
import os
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.parquet as pq

from datapartnerships.errors import OutputError
from datapartnerships.kernels.segments import finished
from datapartnerships.registry import import_string
from datapartnerships.report import Report
from datapartnerships.schema import CHANGE, DOCUMENT, FileEntry, Manifest, digest
from datapartnerships.writers._folder import MANIFEST, Folder

if TYPE_CHECKING:
    import datasets


class _Page(str):
    """Where the page of a report is; says so to whoever takes it for a report."""

    def __getattr__(self, name: str) -> Any:
        raise AttributeError(
            f"There is no {name!r}: this run was finished earlier, and its report is the page "
            f"{str(self)!r}. Counts are in `manifest`. To run again, choose another output folder "
            "or delete this one."
        )


@dataclass(frozen=True)
class Release:
    """A finished run: its dataset, its rejected rows, its proof and its report.

    Attributes:
        path: the output folder.
        manifest: counts, files and digests.
    """

    path: str
    manifest: Manifest
    _report: Report | None = field(default=None, repr=False, compare=False)

    @classmethod
    def open(cls, path: str) -> Release:
        """A release that an earlier run left in `path`."""
        path = os.fspath(path)
        output = Folder(path)
        if not output.exists(MANIFEST):
            raise OutputError(f"{path} has no {MANIFEST}: it is not a finished dataset.")
        return cls(path, Manifest.from_json(output.read_text(MANIFEST)))

    @property
    def dataset(self) -> datasets.Dataset | datasets.DatasetDict:
        """The documents as a `datasets.Dataset`, memory-mapped, with its features.

        A `datasets.DatasetDict` where there are several splits: they are never mixed.
        """
        import datasets

        empty = finished(DOCUMENT.empty_table())
        splits: dict[str, list[FileEntry]] = {}
        for entry in self.manifest.files:
            name = entry.path.rsplit("/", 1)[-1].split("-", 1)[0]
            splits.setdefault(name, []).append(entry)
        if len(splits) > 1:
            return datasets.DatasetDict({n: self._load(f, empty) for n, f in splits.items()})
        return self._load(self.manifest.files, empty)

    @property
    def rejected(self) -> datasets.Dataset:
        """The rejected rows, with `drop_reason`; without text where the reason is privacy."""
        files = self.manifest.rejected_files
        return self._load(files, DOCUMENT.empty_table(), format="parquet")

    @property
    def changes(self) -> datasets.Dataset:
        """What steps changed in the texts, where the run was to keep it: one row a change."""
        empty = pa.schema([("id", pa.string()), *CHANGE]).empty_table()
        return self._load(self.manifest.changes_files, empty, format="parquet")

    @property
    def report(self) -> Report | str:
        """The report of this run; for a run finished earlier, the place of its page: a string."""
        return self._report or _Page(Folder(self.path).at("report.html"))

    def check(self, *, track: str = "open", date: str | None = None, **given: Any) -> Any:
        """Whether this may leave: what each gate that looks at a run finds, as a table.

        Args:
            track: ``open`` or ``private``.
            date: day of the release, ISO 8601; today, where it is not given.
            given: `deposit`, `policy`, `audit`, `tombstones`, `private` and `waivers`; see
                docs/explanation/gates.md.
        """
        # Gates know releases, so a release finds them by their name only.
        found = import_string("datapartnerships.release.gates:check_release")
        return found(self, track=track, date=date, **given)

    def _load(
        self, entries: Sequence[FileEntry], empty: pa.Table, format: str | None = None
    ) -> Any:
        import datasets

        output, files = Folder(self.path), [entry.path for entry in entries]
        kind = format or self.manifest.format
        if not any(entry.rows for entry in entries):  # which `datasets` cannot load (5.2)
            if files and kind == "parquet":
                with output.system.open(output.at(files[0]), "rb") as stream:
                    empty = pq.read_schema(stream).empty_table()
            return datasets.Dataset(empty)
        paths = [output.at(name) if output.local else f"{self.path}/{name}" for name in files]
        # Its own cache, gone with the process: a dataset of a partner must not stay behind in
        # the user's shared cache folder.
        # One for each state of the folder: `datasets` would take the old rows for the new ones.
        digests = [entry.sha256 for entry in self.manifest.files]
        cache = os.path.join(_cache(), digest([self.manifest.fingerprint, digests])[:16])
        with _quiet():
            if kind == "parquet":
                return datasets.Dataset.from_parquet(paths, cache_dir=cache)
            schema = _schema_of_lines(self.path, files)
            return datasets.Dataset.from_generator(
                _rows_of_lines,
                gen_kwargs={"path": self.path, "files": files},
                features=datasets.Features.from_arrow_schema(schema),
                cache_dir=cache,
            )

    def __repr__(self) -> str:
        m = self.manifest
        rejected = sum(m.rejected.values())
        return (
            f"Release({self.path!r}: {m.documents_in:,} documents in = {m.documents_out:,} out "
            f"+ {rejected:,} rejected)"
        )


_caches: list[tempfile.TemporaryDirectory[str]] = []


def _rows_of_lines(path: str, files: list[str]) -> Iterator[dict[str, Any]]:
    output = Folder(path)
    for name in files:
        with output.system.open(output.at(name), "rb", compression="infer") as stream:
            for line in stream:
                yield json.loads(line)


def _schema_of_lines(path: str, files: list[str]) -> pa.Schema:
    """The columns of every document, and those that transforms added, as their values show."""
    schema = finished(DOCUMENT.empty_table()).schema
    rows = list(itertools.islice(_rows_of_lines(path, files), 1000))
    for name in rows[0] if rows else ():
        if name not in schema.names:
            kind = pa.array([row[name] for row in rows]).type
            schema = schema.append(pa.field(name, pa.string() if kind == pa.null() else kind))
    return pa.schema([schema.field(name) for name in rows[0]]) if rows else schema


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """Without the bars of `datasets`: loading one's own files is no progress to report."""
    import datasets

    shown = not datasets.are_progress_bars_disabled()
    datasets.disable_progress_bars()
    try:
        yield
    finally:
        if shown:
            datasets.enable_progress_bars()


def _cache() -> str:
    if not _caches:
        _caches.append(tempfile.TemporaryDirectory(prefix="datapartnerships-cache-"))
    return _caches[0].name
