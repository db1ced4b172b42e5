"""CHANGELOG.md and TOMBSTONES.jsonl: what is different from the version before."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

import pyarrow.compute as pc

from datapartnerships._report.words import count, counted
from datapartnerships.kernels.segments import whole
from datapartnerships.release._data import license_of, tables
from datapartnerships.release._facts import Facts
from datapartnerships.release._stats import document_ids
from datapartnerships.release.folder import ReleaseFolder
from datapartnerships.writers._folder import Folder

CHANGELOG = "CHANGELOG.md"
TOMBSTONES = "TOMBSTONES.jsonl"
_HEAD = "# Changes"
_LISTED = 20


def tombstones(previous: ReleaseFolder | None) -> str:
    """Those of the version before: one JSON object a line, ``id``, ``digest``,
    ``reason_class``, ``version``, ``date``. What was withdrawn stays withdrawn."""
    if previous is None:
        return ""
    folder = Folder(previous.path)
    return folder.read_text(TOMBSTONES) if folder.exists(TOMBSTONES) else ""


def changelog(facts: Facts, folder: Folder, previous: ReleaseFolder | None) -> str:
    """The newest version first; what the version before said of itself and its own follows."""
    head = f"## {facts.version} - {facts.date}"
    if previous is None:
        return f"{_HEAD}\n\n{head}\n\nThe first version: {_size(facts)}.\n"
    old = digests(Folder(previous.path), _data_of(previous))
    new = digests(folder, [file.path for subset in facts.subsets for file in subset.files])
    added = sorted(new.keys() - old.keys())
    removed = sorted(old.keys() - new.keys())
    changed = sorted(id for id in new.keys() & old.keys() if new[id] != old[id])
    same = len(new) - len(added) - len(changed)
    lines = [
        f"Against {previous.manifest.version}: {_size(facts)}, of which {count(same)} are as they "
        "were.",
        "",
        f"- Added: {_named(added)}",
        f"- Changed: {_named(changed)}",
        f"- No longer there: {_named(removed)}",
    ]
    before = Folder(previous.path)
    earlier = before.read_text(CHANGELOG) if before.exists(CHANGELOG) else ""
    earlier = earlier.removeprefix(_HEAD).strip()
    return f"{_HEAD}\n\n{head}\n\n" + "\n".join(lines) + (f"\n\n{earlier}\n" if earlier else "\n")


def _size(facts: Facts) -> str:
    text = counted(facts.stats.documents, "document")
    return text if facts.plain else f"{text} in {counted(facts.stats.rows, 'row')}"


def _named(ids: list[str]) -> str:
    """How many, and the ids where they are few. An id says nothing of what is in a document."""
    if not ids or len(ids) > _LISTED:
        return count(len(ids))
    return f"{count(len(ids))} ({', '.join(f'`{id}`' for id in ids)})"


def _data_of(release: ReleaseFolder) -> list[str]:
    return [e.path for e in release.manifest.files if e.path.startswith("data/")]


def digests(folder: Folder, names: Iterable[str]) -> dict[str, bytes]:
    """Of each document, 16 bytes that change with its text, its file or its license.

    A document of several rows has them in their order. All that is held is ids and digests: about
    150 bytes a document.
    """
    found: dict[str, bytes] = {}
    for name in names:
        for table in tables(
            folder, name, ("id", "parent_id", "document_id", "text", "media", "rights")
        ):
            ids = document_ids(table).to_pylist()
            texts = (
                whole(table["text"]).to_pylist()
                if "text" in table.column_names
                else [""] * len(ids)
            )
            media = [None] * len(ids)
            if "media" in table.column_names:
                media = whole(table["media"]).field("sha256").to_pylist()
            rights = pc.cast(license_of(table), "string").to_pylist()
            for id, text, file, license in zip(ids, texts, media, rights, strict=True):
                seen = hashlib.blake2b(found.get(id, b""), digest_size=16)
                for part in (text or "", file or "", license):
                    seen.update(part.encode() + b"\0")
                found[id] = seen.digest()
    return found
