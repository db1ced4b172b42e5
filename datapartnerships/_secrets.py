"""The key of pseudonyms: an argument of a run, never a field of a component.

Looked for in this order: `use_key` (what ``run(key=...)`` calls), the environment variable
``DATAPARTNERSHIPS_KEY``, a file in the user's configuration folder, made on first use. Whoever
holds the key can test whether a given person is behind a surrogate: keep it like a password.
"""

from __future__ import annotations

import contextlib
import hashlib
import hmac
import os
import secrets
from collections.abc import Iterator
from pathlib import Path

from datapartnerships.errors import ConfigurationError

VARIABLE = "DATAPARTNERSHIPS_KEY"
MINIMUM = 16
_key: bytes | None = None


def use_key(key: str | bytes | None) -> None:
    """Set the key of this process; None goes back to the environment and the file."""
    global _key
    if key is not None and len(key) < MINIMUM:
        raise ConfigurationError(f"A pseudonym key must have at least {MINIMUM} characters.")
    _key = key.encode() if isinstance(key, str) else key


@contextlib.contextmanager
def using(key: str | bytes | None) -> Iterator[None]:
    """The key of one run: what was set before comes back afterwards."""
    before = _key
    if key is not None:
        use_key(key)
    try:
        yield
    finally:
        use_key(before)


def pseudonym_key() -> bytes:
    """The key, made and kept on first use when nobody gave one."""
    if _key is not None:
        return _key
    if given := os.environ.get(VARIABLE):
        if len(given) < MINIMUM:
            raise ConfigurationError(f"{VARIABLE} must have at least {MINIMUM} characters.")
        return given.encode()
    path = key_file()
    try:
        if not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True)
            # Exclusive, so that two processes on first use cannot end with two keys.
            with contextlib.suppress(FileExistsError):
                handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
                with os.fdopen(handle, "w") as stream:
                    stream.write(secrets.token_hex(32))
        text = path.read_text().strip()
    except OSError as error:
        raise ConfigurationError(
            f"Pseudonyms and audits need a key, and {path} cannot be used ({error.strerror}). Set "
            f"{VARIABLE}, or pass run(..., key=...)."
        ) from error
    if len(text) < MINIMUM:
        raise ConfigurationError(f"The pseudonym key in {path} is too short: delete the file.")
    return text.encode()


def key_file() -> Path:
    base = os.environ.get("XDG_CONFIG_HOME") or os.path.join(os.path.expanduser("~"), ".config")
    return Path(base) / "datapartnerships" / "pseudonym.key"


def key_id() -> str:
    """Tells keys apart without telling the key: for receipts and manifests."""
    return hmac.new(pseudonym_key(), b"datapartnerships key id", hashlib.sha256).hexdigest()[:12]


def current_key() -> bytes | None:
    """The key set by `use_key`, to hand it to a worker."""
    return _key
