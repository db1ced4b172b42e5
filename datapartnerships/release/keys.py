"""Keys of private releases: who wraps them, where they lie, how they are handed over."""

from __future__ import annotations

import base64
import binascii
import contextlib
import json
import os
import re
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol, runtime_checkable

from datapartnerships._secrets import key_file
from datapartnerships.errors import ConfigurationError, MissingKey, WrongKey

_IDENTITY = re.compile(r"^AGE-SECRET-KEY-1[0-9A-Z]+$", re.MULTILINE)


@runtime_checkable
class Kms(Protocol):
    """Who keeps the keys: a key file of this machine, or a service.

    The two methods are those of `pyarrow.parquet.encryption.KmsClient`: a client written for
    Parquet serves as it is. A key is named ``<release>/<group>``.
    """

    def wrap_key(self, key_bytes: bytes, master_key_identifier: str) -> bytes:
        """`key_bytes` encrypted under the key of this name, as UTF-8 text."""
        ...

    def unwrap_key(self, wrapped_key: bytes, master_key_identifier: str) -> bytes:
        """The reverse. `MissingKey` where there is no key of this name."""
        ...


@runtime_checkable
class KeyStore(Kms, Protocol):
    """One that makes and deletes keys too; of any other, the administrator does both."""

    def create_keys(self, names: Sequence[str]) -> None:
        """Make those that are not there."""
        ...

    def delete_keys(self, release: str) -> None:
        """Delete all keys of a release, for good."""
        ...


@dataclass(frozen=True)
class Passphrase:
    """Instead of a key pair. To try one costs seconds; choose a long one all the same."""

    text: str = field(repr=False)

    def __post_init__(self) -> None:
        if len(self.text) < 16:
            raise ConfigurationError("A passphrase must have at least 16 characters.")


@dataclass(frozen=True)
class HeldKeys:
    """Keys in memory: what a grant holds. An age identity for every name."""

    identities: Mapping[str, str] = field(repr=False)

    def wrap_key(self, key_bytes: bytes, master_key_identifier: str) -> bytes:
        from datapartnerships._backends import age

        recipient = age.public(self._identity(master_key_identifier))
        return base64.b64encode(age.encrypt(key_bytes, [recipient]))

    def unwrap_key(self, wrapped_key: bytes, master_key_identifier: str) -> bytes:
        from datapartnerships._backends import age

        identity = self._identity(master_key_identifier)
        try:
            packed = base64.b64decode(wrapped_key, validate=True)
        except binascii.Error:
            raise WrongKey(f"What the key {master_key_identifier} wrapped is damaged.") from None
        return age.decrypt(packed, identity, f"What the key {master_key_identifier} wrapped")

    def _identity(self, name: str) -> str:
        if name not in self.identities:
            raise MissingKey(f"There is no key {name}: it was never given, or deleted.")
        return self.identities[name]


@dataclass(frozen=True)
class KeyFile:
    """The keys of one's own releases, in a file that nobody else may read (mode 600).

    Copies of it, in a backup as well, can read what it can. Deleting a key from it is the erasure
    of a release, as far as no copy was made.

    Attributes:
        path: made on first use; the default lies in the user's configuration folder.
    """

    path: str = field(default_factory=lambda: str(key_file().with_name("vault.keys.json")))

    def wrap_key(self, key_bytes: bytes, master_key_identifier: str) -> bytes:
        return self.held().wrap_key(key_bytes, master_key_identifier)

    def unwrap_key(self, wrapped_key: bytes, master_key_identifier: str) -> bytes:
        return self.held().unwrap_key(wrapped_key, master_key_identifier)

    def held(self) -> HeldKeys:
        """What is in the file now."""
        try:
            with open(self.path, encoding="utf-8") as stream:
                if os.fstat(stream.fileno()).st_mode & 0o077:
                    raise ConfigurationError(
                        f"Others may read the keys in {self.path}: chmod 600 {self.path}, and "
                        "think about who has read them."
                    )
                found = json.load(stream)
            return HeldKeys({str(name): str(key) for name, key in found["keys"].items()})
        except FileNotFoundError:
            return HeldKeys({})
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            if isinstance(error, ConfigurationError):
                raise
            raise ConfigurationError(f"{self.path} is no file of vault keys.") from None

    def create_keys(self, names: Sequence[str]) -> None:
        from datapartnerships._backends import age

        with self._changing() as keys:
            for name in names:
                if name not in keys:
                    keys[name] = age.new_identity()

    def delete_keys(self, release: str) -> None:
        with self._changing() as keys:
            for name in [name for name in keys if name.rpartition("/")[0] == release]:
                del keys[name]

    @contextlib.contextmanager
    def _changing(self) -> Iterator[dict[str, str]]:
        import filelock

        folder = Path(self.path).absolute().parent
        folder.mkdir(parents=True, exist_ok=True)
        with filelock.FileLock(f"{self.path}.lock"):
            keys = dict(self.held().identities)
            before = dict(keys)
            yield keys
            if keys == before:
                return
            text = json.dumps({"keys": keys}, indent=1, sort_keys=True) + "\n"
            handle, temporary = tempfile.mkstemp(dir=folder, prefix=".tmp-")  # mode 600
            try:
                with os.fdopen(handle, "w") as stream:
                    stream.write(text)
                    stream.flush()
                    os.fsync(stream.fileno())
                with self._wiped(bool(before.keys() - keys.keys())):
                    os.replace(temporary, self.path)
            except BaseException:
                with contextlib.suppress(FileNotFoundError):
                    os.unlink(temporary)
                raise

    @contextlib.contextmanager
    def _wiped(self, deleted: bool) -> Iterator[None]:
        """After the block, zeros where the file was: what a disk frees, it does not clear."""
        if not deleted:
            yield
            return
        with open(self.path, "r+b") as old:
            yield
            size = old.seek(0, os.SEEK_END)
            old.seek(0)
            old.write(bytes(size))
            old.flush()
            os.fsync(old.fileno())


def make_identity(path: str | os.PathLike[str]) -> str:
    """A key pair of a party, as ``age-keygen`` makes one: the secret to `path`, the public back.

    The public one (``age1...``) goes to whoever puts releases into a vault for this party.

    Raises
    ------
    FileExistsError
        There is a file already: a key is never lost to another.
    """
    from datapartnerships._backends import age

    identity = age.new_identity()
    recipient = age.public(identity)
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w") as stream:
        stream.write(f"# public key: {recipient}\n{identity}\n")
    return recipient


def identity_of(given: str | os.PathLike[str]) -> str:
    """The age identity that `given` is, or that lies in the file of this path."""
    text = os.fspath(given)
    if not _IDENTITY.fullmatch(text.strip()):
        try:
            text = Path(given).read_text(encoding="utf-8")
        except (OSError, ValueError) as error:
            raise MissingKey(
                "keys must be an age identity (AGE-SECRET-KEY-1...), the path of a file with one, "
                f"a Passphrase, a KeyFile or a Kms; there is no such file ({type(error).__name__})."
            ) from None
    found: list[str] = _IDENTITY.findall(text.strip())
    if len(found) != 1:
        raise MissingKey(f"Expected one age identity in the file of keys; found {len(found)}.")
    return found[0]
