"""What a zip container would expand to, asked before any parser opens it."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from typing import BinaryIO

from datapartnerships._backends._damage import damage
from datapartnerships.errors import DocumentError, MissingExtra
from datapartnerships.readers._source import Limits

# Below this size a high ratio is only a form full of empty cells.
RATIO_APPLIES_BYTES = 64 << 20


def check_zip(data: bytes | BinaryIO, limits: Limits) -> zipfile.ZipFile:
    """The open archive, or a `DocumentError` where opening its members could cost too much.

    The sizes are those that the directory of the archive declares: `zipfile` never gives more
    than the declared size of a member, so a false one ends in an error and not in memory.
    """
    stream = io.BytesIO(data) if isinstance(data, bytes) else data
    try:
        archive = zipfile.ZipFile(stream)
        members = archive.infolist()
    # Damaged directories also end in errors of struct, of decoding and of seeking.
    except (zipfile.BadZipFile, OSError, ValueError, EOFError, NotImplementedError) as error:
        raise DocumentError("damaged archive", damage(error, "the archive")) from None
    if len(members) > limits.max_members:
        raise DocumentError(
            "too many members", f"{len(members):,}; max_members is {limits.max_members:,}"
        )
    packed = stream.seek(0, io.SEEK_END)
    _check_size("the archive", sum(member.file_size for member in members), packed, limits)
    for member in members:
        _check_size(member.filename, member.file_size, member.compress_size, limits)
    return archive


def _check_size(what: str, expanded: int, packed: int, limits: Limits) -> None:
    if expanded > limits.max_expanded_bytes:
        raise DocumentError(
            "expands too much",
            f"{what}: {expanded:,} bytes; max_expanded_bytes is {limits.max_expanded_bytes:,}",
        )
    if expanded > RATIO_APPLIES_BYTES and expanded > limits.max_ratio * max(packed, 1):
        raise DocumentError(
            "expands too much",
            f"{what}: {expanded:,} bytes from {packed:,}; max_ratio is {limits.max_ratio:g}",
        )


@contextmanager
def apart(damaged: list[str], what: str) -> Iterator[None]:
    """What cannot be read of one part costs that part alone, and `damaged` says which and why."""
    try:
        yield
    except (MissingExtra, MemoryError, RecursionError):
        raise
    except DocumentError as error:
        damaged.append(error.detail or error.reason)
    except Exception as error:
        damaged.append(damage(error, what))


def read_member(archive: zipfile.ZipFile, name: str) -> bytes:
    """The bytes of one member; a damaged one is a `DocumentError`."""
    try:
        return archive.read(name)
    except KeyError:
        raise DocumentError("damaged archive", f"{name} is missing: get another copy") from None
    except RuntimeError:  # zipfile's word for a password
        raise DocumentError("encrypted", f"{name} needs a password: decrypt it first") from None
    except Exception as error:  # zlib.error, BadZipFile, EOFError, NotImplementedError, ...
        raise DocumentError("damaged archive", damage(error, name)) from None
