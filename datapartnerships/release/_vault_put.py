"""The files of a release folder, encrypted into a vault; what was done is not done again."""

from __future__ import annotations

import base64
import hmac
import json
import secrets
from collections.abc import Callable
from dataclasses import asdict
from typing import Any

from datapartnerships.errors import ConfigurationError
from datapartnerships.release import _ciphers
from datapartnerships.release._manifest import ATTESTATION, MANIFEST
from datapartnerships.release._vault_entry import SECRETS, WORK, VaultEntry
from datapartnerships.release._vault_manifest import CONTENT, FILES, INDEX, VaultFile, VaultManifest
from datapartnerships.release.folder import PrivateFolder, sha256
from datapartnerships.release.keys import Kms
from datapartnerships.schema import canonical_json
from datapartnerships.writers._folder import Folder


def check_closed(path: str) -> None:
    """On the Hub, ciphertext too lies in private or gated repositories only."""
    folder = Folder(path)
    if folder.system.protocol != "hf":
        return
    place = folder.system.resolve_path(folder.root)
    info = folder.system._api.repo_info(place.repo_id, repo_type=place.repo_type)
    if not (info.private or info.gated):
        raise ConfigurationError(
            f"{place.repo_id} is open to anybody: a vault is a private or a gated repository."
        )


def secrets_of(kms: Kms, folder: Folder, manifest: VaultManifest) -> dict[str, str]:
    """Made once, and kept wrapped: to go on later, they must be the same."""
    from datapartnerships._backends import age

    if folder.exists(SECRETS):
        found: dict[str, str] = json.loads(folder.read_text(SECRETS))
        return found
    made = {INDEX: secrets.token_bytes(32), FILES: age.new_identity().encode()}
    wrapped = {
        group: kms.wrap_key(base64.b64encode(secret), manifest.key(group)).decode()
        for group, secret in made.items()
    }
    folder.write_text(SECRETS, canonical_json(wrapped))
    return wrapped


def encrypt_files(kms: Kms, release: PrivateFolder, entry: VaultEntry) -> list[VaultFile]:
    """Encrypt every file, but those that an earlier call got done."""
    source, target = Folder(release.path), Folder(entry.path)
    secret = entry.secret(kms, INDEX)
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
        receipt = f"{WORK}/{mark}.json"
        if receipt in there:
            file = VaultFile(**json.loads(target.read_text(receipt)))
            if there.get(file.stored) == file.size:
                done.append(file)
                continue
        file = _encrypt(kms, source, path, target, entry, parquet)
        target.write_text(receipt, canonical_json(asdict(file)))
        done.append(file)
    return done


def _encrypt(
    kms: Kms, source: Folder, path: str, target: Folder, entry: VaultEntry, parquet: bool
) -> VaultFile:
    from datapartnerships._backends import age

    manifest = entry.manifest
    if parquet:
        keys = {"": manifest.key(INDEX), **manifest.column_keys()}

        def encrypt(plain: Any, out: Any) -> None:
            _ciphers.encrypt_parquet(plain, out, kms, keys, manifest.key(CONTENT))

    else:
        recipient = age.public(entry.secret(kms, FILES).decode())

        def encrypt(plain: Any, out: Any) -> None:
            age.encrypt_stream(plain, out, [recipient])

    return _written(source, path, target, "parquet" if parquet else "age", encrypt)


def _written(
    source: Folder, path: str, target: Folder, cipher: str, encrypt: Callable[[Any, Any], None]
) -> VaultFile:
    name = VaultFile(path, cipher, 0, "").stored
    with source.system.open(source.at(path), "rb") as plain, target.replacing(name) as out:
        encrypt(plain, out)
    return stored(target, path, cipher)


def stored(folder: Folder, path: str, cipher: str) -> VaultFile:
    """Read back from where it lies."""
    entry = folder.entry(VaultFile(path, cipher, 0, "").stored, 0)
    return VaultFile(path, cipher, entry.size, entry.sha256)
