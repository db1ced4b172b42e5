"""Finding the transcript of a recording in a folder, and reading it."""

from __future__ import annotations

import dataclasses
import functools
import posixpath
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from datapartnerships import registry
from datapartnerships.errors import ConfigurationError, DataPartnershipsError, DocumentError
from datapartnerships.protocols import Reader
from datapartnerships.schema import iter_rows

# What transcripts are written in. A folder may hold the recordings too, and their pictures.
SUFFIXES = (
    ".srt", ".vtt", ".ttml", ".dfxp", ".itt", ".xml", ".sbv", ".ass", ".ssa", ".sub", ".lrc",
    ".textgrid", ".eaf", ".stm", ".ctm", ".txt", ".text", ".md", ".docx", ".doc", ".odt", ".rtf",
    ".wpd", ".pdf", ".html", ".htm",
)  # fmt: skip
# hearing.en.srt, hearing.pt-BR.vtt
_LANGUAGE = re.compile(r"\.[a-z]{2,3}(?:-[A-Za-z]{2,4})?$")


@dataclass(frozen=True, slots=True)
class Transcript:
    """A transcript as it was read; `note` says what of its file could not be."""

    path: str
    sha256: str | None
    segments: list[dict[str, Any]]
    note: str | None


class Folder:
    """The files below a folder, listed once."""

    def __init__(self, path: str, reader: Reader | None) -> None:
        self.path, self._reader = path, reader

    @functools.cached_property
    def _files(self) -> tuple[Any, str, list[str]]:
        """The file system, its name of the folder, and the transcripts below it."""
        try:
            import fsspec

            system, root = fsspec.core.url_to_fs(self.path)
        except (ValueError, ImportError) as error:
            raise ConfigurationError(f"{self.path!r} cannot be opened: {error}") from error
        root = root.rstrip("/")
        if not system.isdir(root):
            raise ConfigurationError(f"There is no folder {self.path!r} with transcripts.")
        names = [file[len(root) :].lstrip("/") for file in system.find(root)]
        return system, root, sorted(n for n in names if n.lower().endswith(SUFFIXES))

    @functools.cached_property
    def _by_place(self) -> tuple[dict[str, list[str]], dict[str, list[str]]]:
        """Files by their path without suffix, and by their name without suffix."""
        places: dict[str, list[str]] = {}
        stems: dict[str, list[str]] = {}
        for file in self._files[2]:
            place = posixpath.splitext(file)[0]
            for name in dict.fromkeys((place, _LANGUAGE.sub("", place))):
                places.setdefault(name, []).append(file)
                stems.setdefault(posixpath.basename(name), []).append(file)
        return places, stems

    def find(self, recording: str) -> str | None:
        """The transcript of a recording, by their paths in the two folders.

        Raises:
            DocumentError: two fit alike.
        """
        place = posixpath.splitext(recording)[0]
        places, stems = self._by_place
        found = places.get(place) or stems.get(posixpath.basename(place)) or []
        # The name without a language in it is the nearer one.
        stem = posixpath.basename(place)
        exact = [f for f in found if posixpath.splitext(posixpath.basename(f))[0] == stem]
        found = exact or found
        if len(found) > 1:
            raise DocumentError("several transcripts", f"{_listed(found)}: leave one of them")
        return found[0] if found else None

    def read(self, name: str) -> Transcript:
        """The one document of a file.

        Raises:
            DocumentError: it cannot be read, or is none or several.
        """
        system, root, _ = self._files
        reader: Any = self._reader or registry.load("readers", "FolderReader")()
        remote = "://" in self.path or "::" in self.path
        place = f"{root}/{name}"
        reader = dataclasses.replace(
            reader, path=system.unstrip_protocol(place) if remote else place
        )
        try:
            rows = [
                row for shard in reader.shards() for table in reader.read(shard)
                for row in iter_rows(table)
            ]  # fmt: skip
        except (DataPartnershipsError, OSError) as error:
            raise DocumentError("transcript cannot be read", f"{name}: {error}") from error
        kept = [row for row in rows if row["drop_reason"] is None]
        reasons = "; ".join(row["drop_reason"] for row in rows if row["drop_reason"] is not None)
        if not kept:
            raise DocumentError("transcript cannot be read", f"{name}: {reasons or 'it is empty'}")
        if len(kept) > 1:
            raise DocumentError(
                "transcript is several documents", f"{name} holds {len(kept)}: one is expected"
            )
        digest = kept[0]["provenance"]["sha256"]
        return Transcript(name, digest, kept[0]["segments"], reasons or None)


def _listed(names: Sequence[str]) -> str:
    more = f" and {len(names) - 5} more" if len(names) > 5 else ""
    return " and ".join(names[:5]) + more
