"""What stands in the vault.json of a private release."""

from __future__ import annotations

import hmac
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from datapartnerships.errors import TamperedFile, VaultError
from datapartnerships.release.access import AccessPolicy
from datapartnerships.schema import canonical_json, digest

FORMAT = "datapartnerships vault 1"
ENTRY = "vault.json"
ERASED = "ERASED.json"
POLICY = "policy.odrl.json"
# Groups of keys: for columns that tell rows apart, for all others, for whole files.
INDEX, CONTENT, FILES = "index", "content", "files"
INDEX_COLUMNS = ("id", "kind", "language", "rights", "split")


@dataclass(frozen=True, slots=True)
class VaultFile:
    """One file of a private release, as it lies in the vault.

    Attributes:
        path: as in the release folder.
        cipher: ``parquet``, ``age``, or ``none`` for the policy.
        size: bytes of the encrypted file; so is the digest, SHA-256.
    """

    path: str
    cipher: str
    size: int
    sha256: str

    @property
    def stored(self) -> str:
        return f"{self.path}.age" if self.cipher == "age" else self.path


@dataclass(frozen=True, slots=True)
class VaultManifest:
    """Proof of a private release in a vault; nothing in it comes from a document.

    Attributes:
        name: of the dataset; so are version and date, as in its own manifest.
        release: SHA-256 of that manifest.
        cipher: ``parquet`` or ``age``, of the data.
        groups: columns by the key that opens them; those that are not named open with `content`.
        secrets: of this release, each wrapped under the key of its group.
        revoked: parties that the policy names and that may not read any more, and since when.
        digest: of all of this; found before any key is.
        proof: HMAC of the digest under a secret of the release: only who can read it could have
            written it.
    """

    name: str
    version: str
    date: str
    release: str
    cipher: str
    policy: AccessPolicy
    groups: Mapping[str, tuple[str, ...]]
    files: tuple[VaultFile, ...]
    secrets: Mapping[str, str]
    revoked: Mapping[str, str] = field(default_factory=dict)
    digest: str = ""
    proof: str = ""
    format: str = FORMAT

    @property
    def title(self) -> str:
        return f"{self.name}@{self.version}"

    def key(self, group: str) -> str:
        """The name of the key of a group."""
        return f"{self.title}/{group}"

    @property
    def keys(self) -> tuple[str, ...]:
        """The names of all keys of this release."""
        groups = (INDEX, FILES) if self.cipher == "age" else (INDEX, CONTENT, FILES, *self.groups)
        return tuple(dict.fromkeys(map(self.key, groups)))

    def column_keys(self) -> dict[str, str]:
        return {column: self.key(group) for group, names in self.groups.items() for column in names}

    def sealed(self, secret: bytes) -> VaultManifest:
        found = self._digest()
        return replace(self, digest=found, proof=_proof(secret, found))

    def check(self, secret: bytes, what: str) -> None:
        """Raise `TamperedFile` unless someone with the secret wrote it."""
        if not hmac.compare_digest(self.proof.encode(), _proof(secret, self._digest()).encode()):
            raise TamperedFile(f"{what} was not written by a holder of its keys.")

    def to_json(self) -> str:
        return _text(self._plain())

    @classmethod
    def from_json(cls, data: bytes, what: str) -> VaultManifest:
        """Raises `TamperedFile` where a byte is another than was written."""
        try:
            text = data.decode()
            raw = json.loads(text)
            same = raw["digest"] == digest({**raw, "digest": "", "proof": ""})
            if not same or text != _text(raw):
                raise TamperedFile(f"{what} is not as it was written.")
            if raw["format"] != FORMAT:
                raise VaultError(
                    f"{what} has the format {raw['format']!r}; this version of the library reads "
                    f"{FORMAT!r}."
                )
            raw["policy"] = AccessPolicy.from_plain(raw["policy"])
            raw["groups"] = {name: tuple(columns) for name, columns in raw["groups"].items()}
            raw["files"] = tuple(VaultFile(**entry) for entry in raw["files"])
            return cls(**raw)
        except (ValueError, TypeError, KeyError, AttributeError) as error:
            raise TamperedFile(f"{what} is not as it was written: {error}") from None

    def _digest(self) -> str:
        return digest({**self._plain(), "digest": "", "proof": ""})

    def _plain(self) -> dict[str, Any]:
        return {**asdict(self), "policy": self.policy.to_plain()}


def _text(plain: Mapping[str, Any]) -> str:
    return json.dumps(plain, indent=1, sort_keys=True, ensure_ascii=False) + "\n"


def _proof(secret: bytes, found: str) -> str:
    return hmac.new(secret, canonical_json(found).encode(), "sha256").hexdigest()
