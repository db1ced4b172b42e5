"""Where private releases lie: encrypted, under a policy, with a log of who read them."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal
from urllib.parse import quote

from datapartnerships.errors import (
    AccessDenied,
    ConfigurationError,
    InvalidParameter,
    MissingKey,
    UnknownName,
    VaultError,
)
from datapartnerships.release._access_log import AccessLog, LogState
from datapartnerships.release._manifest import MANIFEST
from datapartnerships.release._vault_entry import (
    SECRETS,
    WORK,
    VaultEntry,
    grant_stem,
    grants_of,
    place_of,
    problems,
    releases_in,
)
from datapartnerships.release._vault_manifest import (
    CONTENT,
    ENTRY,
    ERASED,
    FILES,
    INDEX,
    INDEX_COLUMNS,
    POLICY,
    VaultManifest,
)
from datapartnerships.release._vault_put import check_closed, encrypt_files, secrets_of, stored
from datapartnerships.release._vault_reader import document_ids
from datapartnerships.release.access import AccessPolicy, today
from datapartnerships.release.folder import PrivateFolder, sha256
from datapartnerships.release.keys import KeyFile, KeyStore, Kms, Passphrase
from datapartnerships.schema import canonical_json
from datapartnerships.writers._folder import Folder

Cipher = Literal["parquet", "age"]


@dataclass(frozen=True)
class Vault:
    """A folder of private releases: only ciphertext, policies and the access log lie in it.

    Attributes:
        path: a folder here, or an fsspec URL: ``s3://bucket/vault``, or a private or gated
            repository on the Hub, ``hf://datasets/org/vault`` (there a `log` elsewhere is needed).
        keys: who keeps the keys: the path of a key file, a `KeyFile`, or a `Kms`. By default a
            key file in the user's configuration folder.
        log: folder or URL of the access log; by default ``log`` in the vault.
    """

    path: str
    keys: Kms = field(default_factory=KeyFile)
    log: str | None = None

    def __init__(
        self,
        path: str | os.PathLike[str],
        *,
        keys: Kms | str | os.PathLike[str] | None = None,
        log: str | None = None,
    ) -> None:
        if keys is None:
            keys = KeyFile()
        elif isinstance(keys, str | os.PathLike):
            keys = KeyFile(os.fspath(keys))
        if not isinstance(keys, Kms):
            raise InvalidParameter("Vault", "keys", "a path, a KeyFile or a Kms", keys)
        object.__setattr__(self, "path", os.fspath(path).rstrip("/"))
        object.__setattr__(self, "keys", keys)
        object.__setattr__(self, "log", log)

    @property
    def access_log(self) -> AccessLog:
        return AccessLog(self.log or f"{self.path}/log")

    @property
    def releases(self) -> tuple[str, ...]:
        """``name@version`` of all that can be read."""
        return releases_in(self.path)

    def put(
        self,
        release: PrivateFolder | str | os.PathLike[str],
        policy: AccessPolicy,
        *,
        recipients: Mapping[str, str | Passphrase] | None = None,
        cipher: Cipher = "parquet",
        groups: Mapping[str, Sequence[str]] | None = None,
        **given: Any,
    ) -> VaultEntry:
        """Encrypt a release folder into the vault; it is there when all of it is.

        The gates are asked once more before. Keys of its own are made for the release. Stopped and
        called again, it goes on where it was. Nothing that it writes anywhere is plaintext,
        temporary files too.

        Args:
            release: of the private track, or the path of its folder.
            policy: who may read it.
            recipients: parties, with the ``age1...`` key or passphrase of each: they are granted
                the keys (see `grant`).
            cipher: of Parquet files: ``parquet`` encrypts each column by itself, so that readers
                fetch and decrypt only what they need, and a row group at a time; ``age`` whole
                files, as all others are. To read one of these, all of it must be in memory.
            groups: columns that open with a key of their own, by the name of the group:
                ``{"people": ["metadata"]}``. The group ``index`` (by default id, kind, language,
                rights and split) can be given without the content.
            given: what the gates look at besides, as in `ReleaseFolder.check` (``date``,
                ``deposit``, ``waivers``, ...).

        Raises
        ------
        ConfigurationError
            The release is not private, or a party is not in `policy`.
        GatesShut
            A gate of the private track is shut.
        VaultError
            Another release of this name and version lies there.
        """
        if isinstance(release, str | os.PathLike):
            release = PrivateFolder.open(os.fspath(release))
        self._check(release, policy, recipients or {}, cipher)
        release.check(track="private", **given).require()
        return self._put(release, policy, recipients or {}, cipher, groups or {})

    def _put(
        self,
        release: PrivateFolder,
        policy: AccessPolicy,
        recipients: Mapping[str, str | Passphrase],
        cipher: str,
        groups: Mapping[str, Sequence[str]],
    ) -> VaultEntry:
        """Everything of `put` that comes after the gates."""
        check_closed(self.path)
        manifest = self._plan(release, policy, cipher, groups)
        entry_path = place_of(self.path, manifest.title)
        folder = Folder(entry_path)
        if folder.exists(ERASED) or folder.exists(ENTRY):
            there = VaultEntry.open(self.path, manifest.title)
            same = ("release", "policy", "cipher", "groups")
            if any(getattr(there.manifest, name) != getattr(manifest, name) for name in same):
                raise VaultError(
                    f"{entry_path} holds another release, policy or cipher: a version that parties "
                    "may have read does not change. Put a new version."
                )
            for party, recipient in recipients.items():
                if not grants_of(folder, party):
                    self.grant(manifest.title, party, recipient)
            return there
        if isinstance(self.keys, KeyStore):
            self.keys.create_keys(manifest.keys)
        manifest = replace(manifest, secrets=secrets_of(self.keys, folder, manifest))
        entry = VaultEntry(entry_path, manifest)
        files = encrypt_files(self.keys, release, entry)
        odrl = policy.to_odrl(f"urn:datapartnerships:{quote(manifest.title, safe='')}")
        folder.write_text(POLICY, json.dumps(odrl, indent=1, ensure_ascii=False) + "\n")
        files.append(stored(folder, POLICY, "none"))
        manifest = replace(manifest, files=tuple(sorted(files, key=lambda file: file.path)))
        manifest = manifest.sealed(entry.secret(self.keys, INDEX))
        for party, recipient in recipients.items():
            self._grant(VaultEntry(entry_path, manifest), party, recipient, None)
        self.access_log.append(event="put", release=manifest.title, manifest=manifest.digest)
        folder.write_text(ENTRY, manifest.to_json())
        folder.clear(WORK)
        return VaultEntry(entry_path, manifest)

    def grant(
        self,
        release: str,
        party: str,
        recipient: str | Passphrase,
        *,
        groups: Sequence[str] | None = None,
    ) -> None:
        """Hand the keys of a release to a party: encrypted for it, in the vault.

        ``age --decrypt`` opens the grant too, and what `age` encrypted with what is in it.

        Args:
            release: ``name@version``.
            party: one that the policy names.
            recipient: its public key (``age1...``), or a passphrase that it knows.
            groups: only the keys of these groups; `index` is always among them.

        Raises
        ------
        ConfigurationError
            The keys are in a service: grant access there.
        """
        entry = self._open(release)
        if party in entry.manifest.revoked:
            raise AccessDenied(f"{party!r} was revoked: put a new version to admit it again.")
        self._grant(entry, party, recipient, groups)

    def revoke(self, release: str, party: str, *, date: str | None = None) -> None:
        """Take the keys of a release back from a party, as far as that is possible.

        Its grant goes, and `open_vault` refuses it from now on. Keys or rows that it has copied
        stay with it: for what comes next, put a new version.
        """
        entry = self._open(release)
        manifest = entry.manifest
        if party not in manifest.policy.parties:
            raise UnknownName("party", party, manifest.policy.parties, where="the policy")
        self.access_log.append(event="revoke", release=release, party=party)
        folder = Folder(entry.path)
        day = date or today().isoformat()
        revoked = {**manifest.revoked, party: manifest.revoked.get(party, day)}
        secret = entry.secret(self.keys, INDEX)
        folder.write_text(ENTRY, replace(manifest, revoked=revoked).sealed(secret).to_json())
        for name in grants_of(folder, party):
            folder.clear(name)

    def erase(self, release: str, *, reason: str = "", date: str | None = None) -> None:
        """Delete the keys of a release, the grants, and the files.

        What others copied of the files cannot be read any more, unless they copied keys as well.
        Of keys in a service, its administrator deletes ``name@version/...``. Erased once more, the
        same happens: a kill meanwhile is made good.
        """
        folder = Folder(place_of(self.path, release))
        sizes = folder.sizes("")
        if not {ENTRY, ERASED, SECRETS} & sizes.keys():
            raise VaultError(f"{self.path} has no release {release!r}.")
        self.access_log.append(event="erase", release=release, reason=reason)
        if isinstance(self.keys, KeyStore):
            self.keys.delete_keys(release)
        day = date or today().isoformat()
        folder.write_text(ERASED, canonical_json({"release": release, "date": day}))
        # The manifest first: without it, none of the others is read.
        for path in sorted(sizes, key=lambda path: path != ENTRY):
            if path != ERASED:
                folder.clear(path)

    def ids(self, release: str) -> frozenset[str]:
        """Ids and digests that the documents of a release are known by, for the gate `private`.

        ``folder.check(private=vault.ids("name@version"))`` refuses an open release that holds one
        of them. Keep the list as you keep the vault: who has a file can look for its digest.
        """
        entry = self._open(release)
        self.access_log.append(event="ids", release=release)
        return document_ids(entry, self.keys)

    def verify_log(self, head: str | None = None) -> LogState:
        """Whether the access log is whole; else the first broken line. See `LogState.head`."""
        return self.access_log.verify(head)

    def verify(self, release: str) -> list[str]:
        """What is not as the manifest of a release says: files missing, changed or too many."""
        entry = self._open(release)
        return problems(entry)

    def _open(self, release: str) -> VaultEntry:
        entry = VaultEntry.open(self.path, release)
        entry.check(self.keys)
        return entry

    def _check(
        self,
        release: Any,
        policy: Any,
        recipients: Mapping[str, Any],
        cipher: str,
    ) -> None:
        if not isinstance(release, PrivateFolder):
            raise InvalidParameter("Vault.put", "release", "a PrivateFolder", release)
        if not isinstance(policy, AccessPolicy):
            raise InvalidParameter("Vault.put", "policy", "an AccessPolicy", policy)
        if cipher not in ("parquet", "age"):
            raise InvalidParameter("Vault.put", "cipher", "'parquet' or 'age'", cipher)
        for party in recipients:
            if party not in policy.parties:
                raise UnknownName("party", party, policy.parties, where="the policy")

    def _plan(
        self,
        release: PrivateFolder,
        policy: AccessPolicy,
        cipher: str,
        groups: Mapping[str, Sequence[str]],
    ) -> VaultManifest:
        said = release.manifest
        place_of(self.path, f"{said.name}@{said.version}")
        if cipher == "age" and groups:
            raise InvalidParameter("Vault.put", "groups", "None with cipher='age'", groups)
        given = {name: tuple(columns) for name, columns in groups.items()}
        named = [column for columns in given.values() for column in columns]
        if len(named) != len(set(named)) or {CONTENT, FILES} & given.keys():
            rule = "each column in one group, no group called 'content' or 'files'"
            raise InvalidParameter("Vault.put", "groups", rule, groups)
        if cipher == "parquet":
            rest = tuple(column for column in INDEX_COLUMNS if column not in named)
            given = {INDEX: rest, **given}
        digest = sha256(Folder(release.path), MANIFEST)
        return VaultManifest(
            said.name, said.version, said.date, digest, cipher, policy, given, (), {}
        )

    def _grant(
        self,
        entry: VaultEntry,
        party: str,
        recipient: str | Passphrase,
        groups: Sequence[str] | None,
    ) -> None:
        from datapartnerships._backends import age

        manifest = entry.manifest
        if not isinstance(self.keys, KeyFile):
            raise ConfigurationError(
                "These keys are in a service and do not leave it: grant the party access there."
            )
        if party not in manifest.policy.parties:
            raise UnknownName("party", party, manifest.policy.parties, where="the policy")
        known = {name.rpartition("/")[2]: name for name in manifest.keys}
        for group in groups or ():
            if group not in known:
                raise UnknownName("group of keys", group, known, where=manifest.title)
        names = known.values() if groups is None else {known[g] for g in (INDEX, *groups)}
        held = self.keys.held().identities
        if missing := [name for name in names if name not in held]:
            raise MissingKey(f"{self.keys.path} has no {missing}.")
        said = {"release": manifest.title, "party": party, "keys": {n: held[n] for n in names}}
        text = canonical_json(said).encode()
        if isinstance(recipient, Passphrase):
            data = age.encrypt_by_passphrase(text, recipient.text)
        else:
            data = age.encrypt(text, [recipient])
        folder = Folder(entry.path)
        before = grants_of(folder, party)
        # Its digest in its name: a byte that changes is told from a key that does not fit.
        name = f"{grant_stem(party)}{hashlib.sha256(data).hexdigest()[:32]}.age"
        self.access_log.append(
            event="grant", release=manifest.title, party=party, keys=sorted(names)
        )
        with folder.replacing(name) as stream:
            stream.write(data)
        for old in before:
            folder.clear(old)
