"""Where private releases lie: encrypted, under a policy, with a log of who read them."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import os
import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Any, Literal
from urllib.parse import quote

from datapartnerships.errors import (
    AccessDenied,
    ConfigurationError,
    InvalidParameter,
    MissingKey,
    ReleaseErased,
    UnknownName,
    VaultError,
)
from datapartnerships.release import _ciphers
from datapartnerships.release._access_log import AccessLog, LogState
from datapartnerships.release._manifest import ATTESTATION, MANIFEST
from datapartnerships.release._vault_manifest import (
    CONTENT,
    ENTRY,
    ERASED,
    FILES,
    INDEX,
    INDEX_COLUMNS,
    POLICY,
    VaultFile,
    VaultManifest,
)
from datapartnerships.release.access import AccessPolicy, today
from datapartnerships.release.folder import PrivateFolder, sha256
from datapartnerships.release.keys import KeyFile, KeyStore, Kms, Passphrase
from datapartnerships.schema import canonical_json
from datapartnerships.writers._folder import Folder

Cipher = Literal["parquet", "age"]
_WORK = ".work"
_GRANTS = "grants"


@dataclass(frozen=True)
class VaultEntry:
    """One private release in a vault.

    Attributes:
        path: its folder.
        manifest: policy, files with digests of what lies there, names of keys.
    """

    path: str
    manifest: VaultManifest

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
        name, _, version = release.rpartition("@")
        path = f"{vault.rstrip('/')}/{name}/{version}"
        folder = Folder(path)
        if folder.exists(ERASED):
            said = json.loads(folder.read_text(ERASED))
            raise ReleaseErased(f"{release} was erased on {said['date']}: nobody can read it.")
        if not folder.exists(ENTRY):
            raise VaultError(f"{vault} has no release {release!r}, or not yet all of it.")
        manifest = VaultManifest.from_json(folder.read_text(ENTRY), f"{path}/{ENTRY}")
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


@dataclass(frozen=True)
class Vault:
    """A folder of private releases: only ciphertext, policies and the access log lie in it.

    Attributes:
        path: a folder here, or an fsspec URL such as ``s3://bucket/vault``.
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
        release: PrivateFolder,
        policy: AccessPolicy,
        *,
        recipients: Mapping[str, str | Passphrase] | None = None,
        cipher: Cipher = "parquet",
        groups: Mapping[str, Sequence[str]] | None = None,
    ) -> VaultEntry:
        """Encrypt a release folder into the vault; it is there when all of it is.

        Keys of its own are made for it. Stopped and called again, it goes on where it was. Nothing
        that it writes anywhere is plaintext, temporary files too.

        Args:
            release: of the private track.
            policy: who may read it.
            recipients: parties, with the ``age1...`` key or passphrase of each: they are granted
                the keys (see `grant`).
            cipher: of Parquet files: ``parquet`` encrypts each column by itself, so that readers
                fetch and decrypt only what they need, and a row group at a time; ``age`` whole
                files, as all others are. To read one of these, all of it must be in memory.
            groups: columns that open with a key of their own, by the name of the group:
                ``{"people": ["metadata"]}``. The group ``index`` (by default id, kind, language,
                rights and split) can be given without the content.

        Raises
        ------
        ConfigurationError
            The release is not private, a gate did not let it pass, or a party is not in `policy`.
        VaultError
            Another release of this name and version lies there.
        """
        self._check(release, policy, recipients or {}, cipher)
        manifest = self._plan(release, policy, cipher, groups or {})
        entry_path = f"{self.path}/{manifest.name}/{manifest.version}"
        folder = Folder(entry_path)
        if folder.exists(ERASED) or folder.exists(ENTRY):
            there = VaultEntry.open(self.path, manifest.title)
            same = ("release", "policy", "cipher", "groups")
            if any(getattr(there.manifest, name) != getattr(manifest, name) for name in same):
                raise VaultError(
                    f"{entry_path} holds another release, policy or cipher: a version that parties "
                    "may have read does not change. Put a new version."
                )
            return there
        if isinstance(self.keys, KeyStore):
            self.keys.create_keys(manifest.keys)
        manifest = replace(manifest, secrets=self._secrets(folder, manifest))
        entry = VaultEntry(entry_path, manifest)
        files = self._files(release, entry)
        odrl = policy.to_odrl(f"urn:datapartnerships:{quote(manifest.title, safe='')}")
        folder.write_text(POLICY, json.dumps(odrl, indent=1, ensure_ascii=False) + "\n")
        files.append(_stored(folder, POLICY, "none"))
        manifest = replace(manifest, files=tuple(sorted(files, key=lambda file: file.path)))
        manifest = manifest.sealed(entry.secret(self.keys, INDEX))
        for party, recipient in (recipients or {}).items():
            self._grant(VaultEntry(entry_path, manifest), party, recipient, None)
        self.access_log.append(event="put", release=manifest.title, manifest=manifest.digest)
        folder.write_text(ENTRY, manifest.to_json())
        folder.clear(_WORK)
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
        name, _, version = release.rpartition("@")
        folder = Folder(f"{self.path}/{name}/{version}")
        sizes = folder.sizes("")
        if not sizes:
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
        shut = [gate.name for gate in release.manifest.gates if not gate.open]
        if shut:
            raise ConfigurationError(f"{release.path} does not pass its gates: {shut}.")
        if found := release.problems():
            raise ConfigurationError(f"{release.path} is not as its manifest says: {found[:5]}")

    def _plan(
        self,
        release: PrivateFolder,
        policy: AccessPolicy,
        cipher: str,
        groups: Mapping[str, Sequence[str]],
    ) -> VaultManifest:
        said = release.manifest
        for part in (*said.name.split("/"), said.version):
            if part in ("", ".", "..") or "@" in part or "\\" in part:
                raise ConfigurationError(f"{said.name}@{said.version} is no name for a folder.")
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

    def _secrets(self, folder: Folder, manifest: VaultManifest) -> dict[str, str]:
        """Made once, and kept wrapped: to go on later, they must be the same."""
        from datapartnerships._backends import age

        place = f"{_WORK}/secrets.json"
        if folder.exists(place):
            found: dict[str, str] = json.loads(folder.read_text(place))
            return found
        made = {INDEX: secrets.token_bytes(32), FILES: age.new_identity().encode()}
        wrapped = {
            group: self.keys.wrap_key(base64.b64encode(secret), manifest.key(group)).decode()
            for group, secret in made.items()
        }
        folder.write_text(place, canonical_json(wrapped))
        return wrapped

    def _files(self, release: PrivateFolder, entry: VaultEntry) -> list[VaultFile]:
        """Encrypt every file, but those that an earlier call got done."""
        source, target = Folder(release.path), Folder(entry.path)
        secret = entry.secret(self.keys, INDEX)
        plain = {item.path: item.sha256 for item in release.manifest.files}
        for name in (MANIFEST, ATTESTATION):
            if source.exists(name):
                plain[name] = sha256(source, name)
        there = target.sizes("")
        done = []
        for path, digest in sorted(plain.items()):
            parquet = entry.manifest.cipher == "parquet" and path.endswith(".parquet")
            # Keyed: the digest of a plain file would tell whoever has the same file.
            what = canonical_json([path, digest, parquet, entry.manifest.column_keys()])
            mark = hmac.new(secret, what.encode("utf-8", "surrogatepass"), "sha256").hexdigest()
            receipt = f"{_WORK}/{mark}.json"
            if receipt in there:
                file = VaultFile(**json.loads(target.read_text(receipt)))
                if there.get(file.stored) == file.size:
                    done.append(file)
                    continue
            file = self._encrypt(source, path, target, entry, parquet)
            target.write_text(receipt, canonical_json(asdict(file)))
            done.append(file)
        return done

    def _encrypt(
        self, source: Folder, path: str, target: Folder, entry: VaultEntry, parquet: bool
    ) -> VaultFile:
        from datapartnerships._backends import age

        manifest = entry.manifest
        if parquet:
            keys = {"": manifest.key(INDEX), **manifest.column_keys()}

            def encrypt(plain: Any, out: Any) -> None:
                _ciphers.encrypt_parquet(plain, out, self.keys, keys, manifest.key(CONTENT))

        else:
            recipient = age.public(entry.secret(self.keys, FILES).decode())

            def encrypt(plain: Any, out: Any) -> None:
                age.encrypt_stream(plain, out, [recipient])

        return _written(source, path, target, "parquet" if parquet else "age", encrypt)

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
        name = f"{_stem(party)}{hashlib.sha256(data).hexdigest()[:32]}.age"
        self.access_log.append(
            event="grant", release=manifest.title, party=party, keys=sorted(names)
        )
        with folder.replacing(name) as stream:
            stream.write(data)
        for old in before:
            folder.clear(old)


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
    return sorted(name for name in folder.sizes(_GRANTS) if name.startswith(_stem(party)))


def problems(entry: VaultEntry) -> list[str]:
    """What is not as the manifest says."""
    folder = Folder(entry.path)
    there = folder.sizes("")
    named = {file.stored: file for file in entry.manifest.files}
    kept = (f"{_GRANTS}/", f"{_WORK}/", ENTRY)
    found = [
        f"{n}: is not in the manifest" for n in there if n not in named and not n.startswith(kept)
    ]
    for name, file in named.items():
        if name not in there:
            found.append(f"{name}: is not there")
        elif there[name] != file.size or sha256(folder, name) != file.sha256:
            found.append(f"{name}: is not what was put there")
    return sorted(found)


def _stem(party: str) -> str:
    return f"{_GRANTS}/{quote(party, safe='')}="


def _written(
    source: Folder, path: str, target: Folder, cipher: str, encrypt: Callable[[Any, Any], None]
) -> VaultFile:
    stored = VaultFile(path, cipher, 0, "").stored
    with source.system.open(source.at(path), "rb") as plain, target.replacing(stored) as out:
        encrypt(plain, out)
    return _stored(target, path, cipher)


def _stored(folder: Folder, path: str, cipher: str) -> VaultFile:
    """Read back from where it lies."""
    entry = folder.entry(VaultFile(path, cipher, 0, "").stored, 0)
    return VaultFile(path, cipher, entry.size, entry.sha256)
