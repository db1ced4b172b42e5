"""One private release in a vault: what is asked of it before anything is decrypted."""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass, field
from urllib.parse import quote

from datapartnerships.errors import ReleaseErased, VaultError
from datapartnerships.release._vault_manifest import ENTRY, ERASED, INDEX, VaultManifest
from datapartnerships.release.folder import sha256
from datapartnerships.release.keys import Kms
from datapartnerships.writers._folder import Folder

WORK = ".work"
# The first file of a release that is being put.
SECRETS = f"{WORK}/secrets.json"
_GRANTS = "grants"


@dataclass(frozen=True)
class VaultEntry:
    """One private release in a vault.

    Attributes:
        path: its folder.
        manifest: policy, files with digests of what lies there, names of keys.
    """

    path: str
    manifest: VaultManifest = field(repr=False)

    @classmethod
    def open(cls, vault: str, release: str) -> VaultEntry:
        """The entry of ``name@version``.

        Raises
        ------
        ReleaseErased
            It was there.
        VaultError
            It never was; `TamperedFile` where its manifest is not as it was written.
        """
        path = place_of(vault, release)
        folder = Folder(path)
        if folder.exists(ERASED):
            raise ReleaseErased(f"{release} was erased{_when(folder)}: nobody can read it.")
        if not folder.exists(ENTRY):
            raise VaultError(f"{vault} has no release {release!r}, or not yet all of it.")
        (data,) = folder.read_all([ENTRY])
        manifest = VaultManifest.from_json(data, f"{path}/{ENTRY}")
        if manifest.title != release:
            raise VaultError(f"{path} holds {manifest.title!r}: it was put elsewhere.")
        return cls(path, manifest)

    def secret(self, kms: Kms, group: str) -> bytes:
        """The secret of a group, unwrapped."""
        wrapped = self.manifest.secrets[group].encode()
        return base64.b64decode(kms.unwrap_key(wrapped, self.manifest.key(group)))

    def check(self, kms: Kms) -> None:
        """Raise `TamperedFile` unless a holder of the keys wrote the manifest."""
        self.manifest.check(self.secret(kms, INDEX), f"{self.path}/{ENTRY}")


def place_of(vault: str, release: str) -> str:
    """The folder of ``name@version``: always one inside the vault."""
    name, at, version = release.rpartition("@")
    for part in (*name.split("/"), version):
        if not at or part in ("", ".", "..") or any(sign in part for sign in "@\\/"):
            raise VaultError(f"{release!r} is no release: expected 'name@version'.")
    return f"{vault.rstrip('/')}/{name}/{version}"


def _when(folder: Folder) -> str:
    try:
        return f" on {json.loads(folder.read_text(ERASED))['date']}"
    except (ValueError, KeyError, TypeError):  # that it stands there is enough
        return ""


def releases_in(path: str) -> tuple[str, ...]:
    """``name@version`` of the releases in a vault that are complete and not erased."""
    found = []
    for name in Folder(path).sizes(""):
        place, _, last = name.rpartition("/")
        if last == ENTRY:
            found.append("@".join(place.rsplit("/", 1)))
    return tuple(sorted(found))


def grants_of(folder: Folder, party: str) -> list[str]:
    """The grants of a party in the folder of an entry."""
    return sorted(name for name in folder.sizes(_GRANTS) if name.startswith(grant_stem(party)))


def problems(entry: VaultEntry) -> list[str]:
    """What is not as the manifest says."""
    folder = Folder(entry.path)
    there = folder.sizes("")
    named = {file.stored: file for file in entry.manifest.files}
    kept = (f"{_GRANTS}/", f"{WORK}/", ENTRY)
    found = [
        f"{n}: is not in the manifest" for n in there if n not in named and not n.startswith(kept)
    ]
    for name, file in named.items():
        if name not in there:
            found.append(f"{name}: is not there")
        elif there[name] != file.size or sha256(folder, name) != file.sha256:
            found.append(f"{name}: is not what was put there")
    return sorted(found)


def grant_stem(party: str) -> str:
    """What the names of a party's grants begin with; "=" stands in no quoted name."""
    return f"{_GRANTS}/{quote(party, safe='')}="
