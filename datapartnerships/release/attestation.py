"""The signed statement of a release: in-toto Statement v1 in a DSSE envelope, Ed25519.

https://github.com/in-toto/attestation/tree/main/spec/v1 and
https://github.com/secure-systems-lab/dsse/blob/master/envelope.md, protocol 1.0.2.
"""

from __future__ import annotations

import base64
import contextlib
import hashlib
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from datapartnerships.errors import ConfigurationError
from datapartnerships.release._manifest import ATTESTATION, MANIFEST, ReleaseManifest
from datapartnerships.release.folder import ReleaseFolder, sha256
from datapartnerships.schema import canonical_json
from datapartnerships.writers._folder import Folder

VARIABLE = "DATAPARTNERSHIPS_SIGNING_KEY"
PAYLOAD = "application/vnd.in-toto+json"
STATEMENT = "https://in-toto.io/Statement/v1"
# A URI that names a kind of predicate; nothing has to be there.
PREDICATE = "urn:datapartnerships:release:1"


@dataclass(frozen=True)
class Verification:
    """What was found when a release folder was held against what was signed.

    Attributes:
        path: of the folder.
        key: fingerprint of the public key that signed it; empty if nothing valid did.
        pinned: whether the caller said which key it has to be.
        files: how many were looked at.
        problems: what is not as it was signed; nothing may be relied on unless there is none.
    """

    path: str
    key: str
    pinned: bool
    files: int
    problems: tuple[str, ...]

    @property
    def passed(self) -> bool:
        return not self.problems

    def __str__(self) -> str:
        if self.problems:
            lines = [f"{self.path} is NOT what was signed:", *(f"  {p}" for p in self.problems)]
            return "\n".join(lines)
        text = f"{self.path}: {self.files:,} files are as they were signed, by the key {self.key}."
        if not self.pinned:
            text += (
                "\nThe key came with the folder: ask the publisher, by another way, whether it is "
                "theirs."
            )
        return text


def key_file() -> Path:
    """Where the key is that signs, unless one is passed in."""
    base = os.environ.get("XDG_CONFIG_HOME") or os.path.join(os.path.expanduser("~"), ".config")
    return Path(base) / "datapartnerships" / "signing.pem"


def signing_key(given: bytes | str | os.PathLike[str] | None = None) -> bytes:
    """The private key: what was given, the file that `VARIABLE` names, or one made on first use.

    Raises
    ------
    ConfigurationError
        It cannot be read or kept.
    """
    if isinstance(given, bytes):
        return given
    named = given or os.environ.get(VARIABLE)
    path = Path(named) if named else key_file()
    try:
        if not named and not path.exists():
            from datapartnerships._backends.ed25519 import new_key

            path.parent.mkdir(parents=True, exist_ok=True)
            # Exclusive, so that two processes on first use cannot end with two keys.
            with contextlib.suppress(FileExistsError):
                handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
                with os.fdopen(handle, "wb") as stream:
                    stream.write(new_key())
        return path.read_bytes()
    except OSError as error:
        raise ConfigurationError(
            f"A release is signed with a key, and {path} cannot be used ({error.strerror}). Set "
            f"{VARIABLE} to the path of another, or pass key=."
        ) from error


def fingerprint(public: bytes) -> str:
    """SHA-256 of a public key of 32 bytes: what two people read to each other."""
    return hashlib.sha256(public).hexdigest()


def signer(key: bytes) -> str:
    """The fingerprint of the public half of a private key."""
    from datapartnerships._backends.ed25519 import sign

    return fingerprint(sign(key, b"")[1])


def attest(manifest: ReleaseManifest, text: str, key: bytes) -> str:
    """The envelope of a release with this manifest, whose file holds `text`."""
    files = {entry.path: entry.sha256 for entry in manifest.files}
    files[MANIFEST] = hashlib.sha256(text.encode()).hexdigest()
    said = {
        "name": manifest.name,
        "version": manifest.version,
        "date": manifest.date,
        "track": manifest.track,
        "run": manifest.run,
        "fingerprint": manifest.fingerprint,
        "deposit": manifest.deposit,
        "previous": manifest.previous,
    }
    return envelope(PREDICATE, files, said, key)


def envelope(kind: str, files: Mapping[str, str], said: Mapping[str, Any], key: bytes) -> str:
    """A signed statement of a `kind` about files, by their SHA-256, as DSSE's JSON."""
    from datapartnerships._backends.ed25519 import public_pem, sign

    _, public = sign(key, b"")
    statement = {
        "_type": STATEMENT,
        "subject": [{"name": n, "digest": {"sha256": files[n]}} for n in sorted(files)],
        "predicateType": kind,
        "predicate": {**said, "publicKey": public_pem(public)},
    }
    payload = canonical_json(statement).encode()
    signature, _ = sign(key, _encoded(payload))
    found = {
        "payloadType": PAYLOAD,
        "payload": base64.b64encode(payload).decode(),
        "signatures": [{"keyid": fingerprint(public), "sig": base64.b64encode(signature).decode()}],
    }
    return json.dumps(found, indent=2) + "\n"


def _encoded(payload: bytes) -> bytes:
    """What is signed: DSSE's pre-authentication encoding."""
    kind = PAYLOAD.encode()
    return b"DSSEv1 %d %b %d %b" % (len(kind), kind, len(payload), payload)


def verify_release(
    path: str | os.PathLike[str] | ReleaseFolder,
    public_key: bytes | str | os.PathLike[str] | None = None,
) -> Verification:
    """Hold every file of a release folder against what was signed.

    A folder that was downloaded from the Hub or cloned may have `.gitattributes`, ``.git/`` and
    ``.cache/huggingface/`` beside the release; they are not looked at.

    Args:
        path: a release folder, here or behind an fsspec URL.
        public_key: whose signature it must be: PEM, the path of a PEM file, 32 bytes, or the
            fingerprint that the publisher told. None takes the key that is in the folder: then
            it is known that nothing changed since, and not who signed.

    Raises
    ------
    ConfigurationError
        `public_key` is none.
    OutputError
        There is no release in `path`.
    """
    path = path.path if isinstance(path, ReleaseFolder) else os.fspath(path)
    wanted = _wanted(public_key)
    release = ReleaseFolder.open(path)
    problems = release.problems(downloaded=True)
    key, statement, found = _opened(Folder(path), wanted)
    problems += found
    if statement is not None:
        problems += _compared(release, statement)
    return Verification(
        path, key, wanted is not None, len(release.manifest.files) + 1, tuple(problems)
    )


def _wanted(given: bytes | str | os.PathLike[str] | None) -> str | None:
    """The fingerprint of the key that it must be."""
    from datapartnerships._backends.ed25519 import public_raw

    if given is None:
        return None
    if isinstance(given, bytes):
        return fingerprint(given if len(given) == 32 else public_raw(given))
    text = os.fspath(given).strip()
    if len(text) == 64 and all(character in "0123456789abcdef" for character in text.lower()):
        return text.lower()
    if text.startswith("-----BEGIN"):
        return fingerprint(public_raw(text.encode()))
    try:
        return fingerprint(public_raw(Path(text).read_bytes()))
    except OSError as error:
        raise ConfigurationError(
            "The public key must be a PEM file or a fingerprint, all 64 hexadecimal digits of it. "
            f"Got {text!r}: {error.strerror}."
        ) from None


def _opened(folder: Folder, wanted: str | None) -> tuple[str, Mapping[str, Any] | None, list[str]]:
    """The key that signed, what it signed, and what is wrong with the envelope."""
    from datapartnerships._backends.ed25519 import public_raw, verifies

    if not folder.exists(ATTESTATION):
        return "", None, [f"{ATTESTATION}: is not there"]
    try:
        envelope = json.loads(folder.read_text(ATTESTATION))
        payload = base64.b64decode(envelope["payload"], validate=True)
        statement = json.loads(payload)
        if envelope["payloadType"] != PAYLOAD or statement["_type"] != STATEMENT:
            raise ValueError("it is of another kind")
        if statement["predicateType"] != PREDICATE:
            raise ValueError(f"its predicate is {statement['predicateType']!r}")
        public = public_raw(statement["predicate"]["publicKey"].encode())
        signatures = [
            base64.b64decode(item["sig"], validate=True) for item in envelope["signatures"]
        ]
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        return "", None, [f"{ATTESTATION}: cannot be read: {error}"]
    if not any(verifies(public, signature, _encoded(payload)) for signature in signatures):
        return "", None, [f"{ATTESTATION}: its signature is not that of its key"]
    key = fingerprint(public)
    if wanted is not None and key != wanted:
        return key, statement, [f"{ATTESTATION}: signed by the key {key}, not by {wanted}"]
    return key, statement, []


def _compared(release: ReleaseFolder, statement: Mapping[str, Any]) -> list[str]:
    """Where the manifest is not what was signed."""
    try:
        signed = {item["name"]: item["digest"]["sha256"] for item in statement["subject"]}
    except (KeyError, TypeError):
        return [f"{ATTESTATION}: its subjects cannot be read"]
    there = {entry.path: entry.sha256 for entry in release.manifest.files}
    there[MANIFEST] = sha256(Folder(release.path), MANIFEST)
    found = [f"{n}: was signed, and is not in the manifest" for n in signed.keys() - there.keys()]
    found += [f"{n}: is in the manifest and was not signed" for n in there.keys() - signed.keys()]
    found += [
        f"{name}: its digest is not the one that was signed"
        for name in signed.keys() & there.keys()
        if signed[name] != there[name]
    ]
    return sorted(found)


def public_key(key: bytes | str | os.PathLike[str] | None = None) -> str:
    """The public half of the signing key as PEM: what others are given to verify with."""
    from datapartnerships._backends.ed25519 import public_pem, sign

    return public_pem(sign(signing_key(key), b"")[1])
