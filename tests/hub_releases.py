"""Small release folders, made by hand for tests of what happens to them."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from datapartnerships.release._manifest import MANIFEST, ReleaseManifest
from datapartnerships.release.folder import ReleaseFolder
from datapartnerships.schema import FileEntry

CARD = """---
configs:
- config_name: default
  data_files:
  - split: train
    path: data/train-*
---
# {}
"""


def release(
    path: Path,
    *,
    version: str = "1.0.0",
    shards: Sequence[Sequence[str]] = (("a", "b"), ("c",)),
    extra: Mapping[str, str] | None = None,
    name: str = "letters",
    track: str = "open",
    previous: str | None = None,
) -> ReleaseFolder:
    """A folder of `shards`, each a Parquet file of documents with these ids.

    No gate would open for it.
    """
    (path / "data").mkdir(parents=True)
    rows = {}
    for i, ids in enumerate(shards):
        file = f"data/train-{i:05d}-of-{len(shards):05d}.parquet"
        texts = [f"What {one} wrote to the ministry about the harbor." * 20 for one in ids]
        pq.write_table(pa.table({"id": list(ids), "text": texts}), path / file)
        rows[file] = len(ids)
    texts = {"README.md": CARD.format(name), "CHANGELOG.md": f"# {version}\n", **(extra or {})}
    for file, text in texts.items():
        (path / file).parent.mkdir(parents=True, exist_ok=True)
        (path / file).write_text(text)
    entries = tuple(
        FileEntry(file, (path / file).stat().st_size, digest(path / file), rows.get(file, 0))
        for file in sorted([*rows, *texts])
    )
    count = sum(rows.values())
    manifest = ReleaseManifest(
        name=name,
        version=version,
        date="2026-11-22",
        track=track,
        run="0" * 64,
        fingerprint="1" * 64,
        deposit="2" * 64,
        documents_in=count,
        documents_out=count,
        rejected={},
        files=entries,
        previous=previous,
    )
    (path / MANIFEST).write_text(manifest.to_json())
    return ReleaseFolder.open(str(path))


def digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def content(folder: Path) -> dict[str, str]:
    """Digest of every file of a folder."""
    return {
        str(path.relative_to(folder)): digest(path)
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }
