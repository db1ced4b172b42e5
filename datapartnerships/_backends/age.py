"""age: encryption of whole files and of keys. The only importer of pyrage."""

from __future__ import annotations

from collections.abc import Sequence
from typing import IO, Any

from datapartnerships.errors import ConfigurationError, TamperedFile, WrongKey, extra

with extra("private", needed_by="Vault"):
    import pyrage

# What age says of a key that opens none of a file's stanzas, and of a passphrase that does not.
_OTHER_KEY = ("No matching keys found", "Decryption failed")


def new_identity() -> str:
    """``AGE-SECRET-KEY-1...``"""
    return str(pyrage.x25519.Identity.generate())


def public(identity: str) -> str:
    """``age1...``, which may be told to anybody."""
    return str(_identity(identity).to_public())


def encrypt(data: bytes, recipients: Sequence[str]) -> bytes:
    return bytes(pyrage.encrypt(data, _recipients(recipients)))


def encrypt_stream(source: IO[bytes], target: IO[bytes], recipients: Sequence[str]) -> None:
    """In pieces of 64 KiB."""
    pyrage.encrypt_io(source, target, _recipients(recipients))


def encrypt_by_passphrase(data: bytes, passphrase: str) -> bytes:
    """Seconds, on purpose: to guess it costs as much every time."""
    return bytes(pyrage.passphrase.encrypt(data, passphrase))


def decrypt(data: bytes, identity: str, what: str) -> bytes:
    try:
        return bytes(pyrage.decrypt(data, [_identity(identity)]))
    except pyrage.DecryptError as error:
        raise _error(error, what) from None


def decrypt_stream(source: IO[bytes], target: IO[bytes], identity: str, what: str) -> None:
    """In pieces of 64 KiB, each proven before it is written; that there are no more, at the end.

    So after an error `target` may hold plaintext: it is for the caller to destroy it.
    """
    try:
        pyrage.decrypt_io(source, target, [_identity(identity)])
    except pyrage.DecryptError as error:
        raise _error(error, what) from None


def decrypt_by_passphrase(data: bytes, passphrase: str, what: str) -> bytes:
    try:
        return bytes(pyrage.passphrase.decrypt(data, passphrase))
    except pyrage.DecryptError as error:
        raise _error(error, what) from None


def _error(error: Exception, what: str) -> WrongKey | TamperedFile:
    if str(error) in _OTHER_KEY:
        return WrongKey(f"{what} is encrypted for another key than the one given.")
    return TamperedFile(f"{what} is not as it was encrypted: {error}.")


def _identity(text: str) -> Any:
    try:
        return pyrage.x25519.Identity.from_str(text)
    except pyrage.IdentityError:
        # Never the text: it may be a key with a slip in it.
        raise ConfigurationError("Expected an age identity, AGE-SECRET-KEY-1...") from None


def _recipients(given: Sequence[str]) -> list[Any]:
    try:
        return [pyrage.x25519.Recipient.from_str(text) for text in given]
    except pyrage.RecipientError as error:
        raise ConfigurationError(f"Expected age recipients, age1...: {error}.") from None
