"""A release folder: all that leaves, and nothing else."""

from __future__ import annotations

import hashlib
import os
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Literal, Self

from datapartnerships.errors import ConfigurationError, OutputError
from datapartnerships.executors._result import _cache, _quiet
from datapartnerships.release._manifest import FORMAT, MANIFEST, PROOF, ReleaseManifest
from datapartnerships.schema import digest
from datapartnerships.writers._folder import Folder

if TYPE_CHECKING:
    from datapartnerships.release.gates import Checks

_BLOCK = 1 << 22
_BESIDE = re.compile(r"\.gitattributes$|\.git/|\.cache/huggingface/")


@dataclass(frozen=True)
class ReleaseFolder:
    """A complete release, as `prepare` made it or as it was downloaded again.

    It is an `OpenFolder` or a `PrivateFolder`: what goes to a public place takes the former only,
    so that a type checker refuses a private release there before anything runs.

    Attributes:
        path: the folder, here or behind an fsspec URL.
        manifest: files, digests, gates.
    """

    path: str
    manifest: ReleaseManifest

    track: ClassVar[str | None] = None

    def __post_init__(self) -> None:
        if self.track not in (None, self.manifest.track):
            raise ConfigurationError(
                f"{self.path} is of the {self.manifest.track} track: it is no {type(self).__name__}"
            )

    def __repr__(self) -> str:
        said = self.manifest
        rows = sum(entry.rows for entry in said.files)
        return (
            f"{type(self).__name__}({self.path!r}: {said.name} {said.version} of {said.date}, "
            f"{said.track} track, {rows:,} rows)"
        )

    @classmethod
    def of(cls, path: str, manifest: ReleaseManifest) -> Self:
        """The folder as the type that its track asks for.

        Raises
        ------
        ConfigurationError
            The manifest says another track than this class stands for, or none that is known.
        """
        for kind in (OpenFolder, PrivateFolder):
            if kind.track == manifest.track:
                chosen: Any = kind if cls is ReleaseFolder else cls
                found: Self = chosen(path, manifest)
                return found
        raise ConfigurationError(
            f"{path} is of the track {manifest.track!r}: expected 'open' or 'private'."
        )

    @classmethod
    def open(cls, path: str) -> Self:
        """The release that lies in `path`; its files are not looked at (see `problems`).

        Raises
        ------
        OutputError
            There is none, or its manifest cannot be read.
        ConfigurationError
            It is of another track than this class stands for.
        """
        folder = Folder(path)
        if not folder.exists(MANIFEST):
            raise OutputError(f"{path} has no {MANIFEST}: it is no release folder.")
        try:
            manifest = ReleaseManifest.from_json(folder.read_text(MANIFEST))
        except (ValueError, TypeError, KeyError, AttributeError) as error:
            raise OutputError(f"{path}/{MANIFEST} is no manifest of a release: {error}") from None
        if manifest.format != FORMAT:
            raise OutputError(
                f"{path}/{MANIFEST} has the format {manifest.format!r}; this version of the "
                f"library reads {FORMAT!r}."
            )
        return cls.of(path, manifest)

    def problems(self, *, downloaded: bool = False) -> list[str]:
        """What is not as the manifest says: files that are missing, changed or too many.

        Args:
            downloaded: what the Hub, its client and git put beside a release is not too many.
        """
        folder = Folder(self.path)
        there = folder.sizes("")
        if downloaded:
            there = {name: size for name, size in there.items() if not _BESIDE.match(name)}
        named = {entry.path: entry for entry in self.manifest.files}
        found = [
            f"{name}: is in the manifest and not in the folder"
            for name in named.keys() - there.keys()
        ]
        found += [
            f"{name}: is in the folder and not in the manifest"
            for name in there.keys() - named.keys() - set(PROOF)
        ]
        for name in sorted(named.keys() & there.keys()):
            entry = named[name]
            if there[name] != entry.size:
                found.append(f"{name}: {there[name]:,} bytes, {entry.size:,} in the manifest")
            elif sha256(folder, name) != entry.sha256:
                found.append(f"{name}: its content is not what the manifest has the digest of")
        return sorted(found)

    def check(self, *, date: str | None = None, **given: Any) -> Checks:
        """Whether this may leave: what each gate finds, as a table.

        Args:
            date: the day that it is to leave, ISO 8601; today, where it is not given.
            given: `track`, `deposit`, `policy`, `audit`, `tombstones`, `private`, `waivers`, `run`
                and `signer`; see docs/explanation/gates.md.
        """
        from datapartnerships.release.gates import check_release

        return check_release(self, date=date, **given)

    @property
    def dataset(self) -> Any:
        """The documents, as anybody loads them who has the folder.

        In a cache of this process: nothing of it stays behind in the one of the user.
        """
        import datasets

        cache = os.path.join(_cache(), digest([entry.sha256 for entry in self.manifest.files])[:16])
        with _quiet():
            return datasets.load_dataset(self.path, cache_dir=cache)


class OpenFolder(ReleaseFolder):
    """A release that may go to a public place, once its gates let it."""

    track: ClassVar[Literal["open"]] = "open"


class PrivateFolder(ReleaseFolder):
    """A release that goes into a `Vault`, and to no public place."""

    track: ClassVar[Literal["private"]] = "private"


def sha256(folder: Folder, name: str) -> str:
    """Hexadecimal, of a file; it is read in pieces."""
    found = hashlib.sha256()
    with folder.system.open(folder.at(name), "rb") as stream:
        while block := stream.read(_BLOCK):
            found.update(block)
    return found.hexdigest()
