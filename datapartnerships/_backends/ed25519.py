"""Ed25519 keys and signatures: the only importer of `cryptography` for attestations."""

from __future__ import annotations

from datapartnerships.errors import ConfigurationError, extra

with extra("release", needed_by="An attestation"):
    from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric.ed25519 import (
        Ed25519PrivateKey,
        Ed25519PublicKey,
    )

_PEM = serialization.Encoding.PEM


def new_key() -> bytes:
    """A private key as PEM (PKCS 8, not encrypted)."""
    return Ed25519PrivateKey.generate().private_bytes(
        _PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


def sign(key: bytes, message: bytes) -> tuple[bytes, bytes]:
    """The signature of 64 bytes, and the public key of 32, by a private key as PEM or 32 bytes.

    Raises
    ------
    ConfigurationError
        It is no private Ed25519 key.
    """
    private = _private(key)
    raw = serialization.Encoding.Raw
    public = private.public_key().public_bytes(raw, serialization.PublicFormat.Raw)
    return private.sign(message), public


def verifies(public: bytes, signature: bytes, message: bytes) -> bool:
    """Whether the holder of the private half of `public` (32 bytes) signed `message`."""
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(signature, message)
    except (InvalidSignature, ValueError):
        return False
    return True


def public_pem(public: bytes) -> str:
    """A public key of 32 bytes as PEM."""
    key = Ed25519PublicKey.from_public_bytes(public)
    form = serialization.PublicFormat.SubjectPublicKeyInfo
    return key.public_bytes(_PEM, form).decode()


def public_raw(pem: bytes) -> bytes:
    """The 32 bytes of a public key as PEM.

    Raises
    ------
    ConfigurationError
        It is no public Ed25519 key.
    """
    try:
        key = serialization.load_pem_public_key(pem)
    except (ValueError, UnsupportedAlgorithm) as error:
        raise ConfigurationError(
            f"This is no public key: PEM is needed ({type(error).__name__})."
        ) from None
    if not isinstance(key, Ed25519PublicKey):
        raise ConfigurationError("This is no public Ed25519 key, but one of another kind.")
    return key.public_bytes(serialization.Encoding.Raw, serialization.PublicFormat.Raw)


def _private(key: bytes) -> Ed25519PrivateKey:
    try:
        if len(key) == 32:
            return Ed25519PrivateKey.from_private_bytes(key)
        found = serialization.load_pem_private_key(key, password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        # Never what it is: it may be half of a secret.
        raise ConfigurationError(
            "What is to sign is no private key: it must be an Ed25519 PEM without a password "
            f"({type(error).__name__})."
        ) from None
    if not isinstance(found, Ed25519PrivateKey):
        raise ConfigurationError("This is no private Ed25519 key, but one of another kind.")
    return found
