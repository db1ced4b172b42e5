"""Who read what, in a chain: each entry holds the digest of the one before."""

from __future__ import annotations

import contextlib
import datetime as dt
import hashlib
import json
import os
import random
import re
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from datapartnerships.errors import ConfigurationError, VaultError
from datapartnerships.schema import canonical_json, digest
from datapartnerships.writers._folder import Folder

FIRST = "0" * 64
_NAME = re.compile(r"\d{9}\.jsonl")
_TRIES = 200


@dataclass(frozen=True, slots=True)
class LogState:
    """What the check of an access log found; true where the chain is whole.

    Attributes:
        entries: how many there are.
        head: digest of the last one. Noted elsewhere, it proves later that none was taken off the
            end: the chain by itself cannot.
        problem: the first broken line, and how; None where there is none.
    """

    entries: int
    head: str
    problem: str | None = None

    def __bool__(self) -> bool:
        return self.problem is None


@dataclass(frozen=True, slots=True)
class AccessLog:
    """A folder with one file an entry, ``000000001.jsonl`` and on: put together, JSON Lines.

    Two who append at once would both follow the same entry. Each number can be made once only (a
    hard link here, a conditional put on S3); who comes second goes on after the other. So there is
    no lock that a killed process could leave behind.
    """

    path: str

    def append(self, **said: Any) -> dict[str, Any]:
        """Add an entry, with the time, in UTC.

        Raises
        ------
        VaultError
            It cannot be written: what was to be logged must not happen.
        """
        folder = Folder(self.path)
        for _ in range(_TRIES):
            names = _names(folder)
            previous = FIRST
            if names:
                (raw,) = folder.read_all(names[-1:])
                last = _read(raw)
                previous = str(last["digest"]) if last else hashlib.sha256(raw).hexdigest()
            number = int(names[-1][:9]) + 1 if names else 1
            entry = {"number": number, "previous": previous, "at": _now(), **said}
            entry["digest"] = digest(entry)
            try:
                _create(folder, f"{number:09d}.jsonl", canonical_json(entry).encode() + b"\n")
            except FileExistsError:
                time.sleep(random.uniform(0.001, 0.05))
                continue
            except OSError as error:
                raise VaultError(
                    f"The access log {self.path} cannot be written ({error}), and nothing is read "
                    "without an entry. Name a folder that can: log='...'."
                ) from error
            return entry
        raise VaultError(f"The access log {self.path} is written to by too many at once.")

    def entries(self) -> Iterator[dict[str, Any]]:
        """From the first on, as they stand; `verify` says whether they are to be believed."""
        folder = Folder(self.path)
        for raw in folder.read_all(_names(folder)):
            with contextlib.suppress(ValueError):
                yield json.loads(raw)

    def verify(self, head: str | None = None) -> LogState:
        """Whether every entry is as it was written and follows the one before.

        With the `head` of an earlier check, also whether that one is still there.
        """
        folder = Folder(self.path)
        names = _names(folder)
        previous, seen = FIRST, head in (None, FIRST)
        for number, (name, raw) in enumerate(zip(names, folder.read_all(names), strict=True), 1):
            entry, how = _read(raw), None
            if name != f"{number:09d}.jsonl":
                how = f"the entry {number:09d} before it is missing"
            elif entry is None:
                how = "it is not as it was written"
            elif entry["number"] != number or entry["previous"] != previous:
                how = "it does not follow the one before"
            if entry is None or how:
                return LogState(len(names), previous, f"line {number} ({name}): {how}")
            previous = str(entry["digest"])
            seen = seen or previous == head
        if not seen:
            found = f"after line {len(names)}: the entry with the digest {head} is gone"
            return LogState(len(names), previous, found)
        return LogState(len(names), previous)


def _read(raw: bytes) -> dict[str, Any] | None:
    """The entry of a line; None where a byte of it is another than was written."""
    try:
        entry = json.loads(raw)
        said = {name: value for name, value in entry.items() if name != "digest"}
        whole = entry["digest"] == digest(said) and {"number", "previous"} <= said.keys()
    except (ValueError, KeyError, AttributeError, TypeError):
        return None
    same = canonical_json(entry).encode("utf-8", "surrogatepass") + b"\n" == raw
    return entry if whole and same else None


def _names(folder: Folder) -> list[str]:
    return sorted(name for name in folder.sizes("") if _NAME.fullmatch(name))


def _now() -> str:
    return dt.datetime.now(dt.UTC).isoformat(timespec="milliseconds")


def _create(folder: Folder, name: str, data: bytes) -> None:
    """Make a file that is not there, whole; `FileExistsError` where it is."""
    if folder.local:
        os.makedirs(folder.root, exist_ok=True)
        handle, temporary = tempfile.mkstemp(dir=folder.root, prefix=".tmp-")
        try:
            with os.fdopen(handle, "wb") as stream:
                stream.write(data)
                stream.flush()
                os.fsync(stream.fileno())
            os.chmod(temporary, 0o644)
            os.link(temporary, folder.at(name))
        finally:
            os.unlink(temporary)
        return
    protocol: Any = folder.system.protocol
    if not {"s3", "s3a"} & {*([protocol] if isinstance(protocol, str) else protocol)}:
        raise ConfigurationError(
            f"{folder.path} cannot hold an access log: only S3 and folders of this machine are "
            "known to make a file only where there is none. Name another folder: log='...'."
        )
    folder.system.pipe_file(folder.at(name), data, mode="create")
