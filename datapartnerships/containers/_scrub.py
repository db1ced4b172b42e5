"""One file scrubbed, and looked at a second time."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from datapartnerships import _apart
from datapartnerships._process import emit
from datapartnerships.containers import (
    _flac,
    _gif,
    _heif,
    _jpeg,
    _jpeg2000,
    _mpeg,
    _ooxml,
    _opendocument,
    _png,
    _remux,
    _riff,
    _tiff,
    _verify,
)
from datapartnerships.containers._icc import rebuilt
from datapartnerships.containers._types import media_type as type_of
from datapartnerships.errors import DocumentError, MissingExtra

_OFFICE = "application/vnd.openxmlformats-officedocument."
_OPEN = "application/vnd.oasis.opendocument."
# Each format that is scrubbed, with the suffix its files get.
SUFFIXES = {
    "image/jpeg": ".jpg",
    "image/png": ".png",
    "image/gif": ".gif",
    "image/tiff": ".tif",
    "image/webp": ".webp",
    "image/heic": ".heic",
    "image/avif": ".avif",
    "audio/wav": ".wav",
    "audio/flac": ".flac",
    "audio/mpeg": ".mp3",
    "audio/mp4": ".m4a",
    "audio/ogg": ".ogg",
    "video/mp4": ".mp4",
    "video/quicktime": ".mov",
    "video/matroska": ".mkv",
    "video/webm": ".webm",
    "video/ogg": ".ogv",
    "application/pdf": ".pdf",
    _OFFICE + "wordprocessingml.document": ".docx",
    _OFFICE + "spreadsheetml.sheet": ".xlsx",
    _OFFICE + "presentationml.presentation": ".pptx",
    _OPEN + "text": ".odt",
    _OPEN + "spreadsheet": ".ods",
    _OPEN + "presentation": ".odp",
    _OPEN + "graphics": ".odg",
}
MAX_FILE_BYTES = 1 << 30
# Why a format is refused that looks as if it could be scrubbed.
_REFUSED = {
    "application/x-ole-storage": "old office files keep deleted text: save it as OOXML or PDF",
    "application/rtf": "save it as OOXML or PDF",
    "application/zip": "scrub the files in it",
}


@dataclass(frozen=True)
class Scrubbed:
    """A file without what hid in it.

    Attributes:
        data: the bytes.
        removed: kinds of what was taken out, in alphabetical order; never what it said.
        media_type: what the file is, by its content.
    """

    data: bytes
    removed: tuple[str, ...]
    media_type: str


def scrub(data: bytes, media_type: str = "") -> Scrubbed:
    """The same pixels, samples or visible text, and nothing else. The same bytes each time.

    In this process: of a file that nobody vouches for, use `scrub_apart`.

    Args:
        media_type: what the file is said to be; another content is an error.

    Raises:
        DocumentError: the format is not known, the file is damaged or protected, or a second
            look at the result found something left.
    """
    found = type_of(data)
    if media_type and media_type != found:
        raise DocumentError("not the format it is said to be", f"{found}, not {media_type}")
    if found not in SUFFIXES:
        detail = f"{found}: {_REFUSED[found]}" if found in _REFUSED else found
        raise DocumentError("no scrubber for this format", detail)
    removed: set[str] = set()
    try:
        new = _scrubber(found)(data, removed)
        _verify.check(data, new, found)
    except (DocumentError, MissingExtra):
        raise
    # Whatever a damaged file brings about in those who read it.
    except Exception as error:
        raise DocumentError("cannot be scrubbed", type(error).__name__) from None
    return Scrubbed(new, tuple(sorted(removed)), found)


def _scrubber(found: str) -> Callable[[bytes, set[str]], bytes]:
    plain: dict[str, Callable[[bytes, set[str]], bytes]] = {
        "image/jpeg": _jpeg.scrub,
        "image/png": _png.scrub,
        "image/gif": _gif.scrub,
        "image/tiff": _tiff.scrub,
        "image/webp": _riff.webp,
        "image/heic": _heif.scrub,
        "image/avif": _heif.scrub,
        "audio/wav": _riff.wave,
        "audio/mpeg": _mpeg.scrub,
        "audio/flac": _sound_of_flac,
        "application/pdf": _pages_of_pdf,
    }
    if found in plain:
        return plain[found]
    if found.startswith(_OFFICE):
        return lambda data, removed: _ooxml.scrub(data, removed, partial(_inner, removed))
    if found.startswith(_OPEN):
        return lambda data, removed: _opendocument.scrub(data, removed, partial(_inner, removed))
    return lambda data, removed: _remux.scrub(data, found, removed)


def _inner(removed: set[str], data: bytes) -> bytes:
    """A picture inside a document."""
    found = type_of(data)
    if not found.startswith("image/"):
        raise DocumentError("no scrubber for this format", f"a picture of type {found} inside")
    done = scrub(data)
    removed.update(f"in pictures: {name}" for name in done.removed)
    return done.data


def _sound_of_flac(data: bytes, removed: set[str]) -> bytes:
    return _flac.scrub(data, removed, _remux.decodes)


def _pages_of_pdf(data: bytes, removed: set[str]) -> bytes:
    from datapartnerships._backends.pypdf import Parts, rewritten

    def jpeg(body: bytes) -> bytes:
        inside: set[str] = set()
        new = _jpeg.scrub(body, inside)
        removed.update(f"in pictures: {name}" for name in inside)
        return new

    return rewritten(data, removed, Parts(jpeg, _jpeg2000.scrub, rebuilt, _apart.alive))


def scrub_apart(place: str, media_type: str = "") -> Scrubbed:
    """`scrub` of the file at `place`, in a process apart: a hang or a crash costs this file."""
    if os.path.getsize(place) > MAX_FILE_BYTES:
        raise DocumentError("file is too large", f"more than {MAX_FILE_BYTES:,} bytes")
    got: list[Scrubbed] = []

    def keep(event: tuple[str, Scrubbed]) -> None:
        if event[0] == "scrubbed":
            got.append(event[1])

    _apart.stream(_scrub_there, place, media_type, on_event=keep)
    return got[0]


def _scrub_there(place: str, media_type: str) -> None:
    emit(("scrubbed", scrub(Path(place).read_bytes(), media_type)))


def scrub_file(
    path_in: str | os.PathLike[str], path_out: str | os.PathLike[str]
) -> tuple[str, ...]:
    """Write the file at `path_in` to `path_out` without what hides in it.

    Of a folder, every file in it is written to the same place in the folder `path_out`; nothing
    is written there of any file where one of them cannot be scrubbed. Names of files are kept.

    Returns:
        The kinds of what was taken out, in alphabetical order.

    Raises:
        DocumentError: it cannot be scrubbed; nothing is written then.
        OSError: it cannot be read or written.
    """
    source, target = Path(path_in), Path(path_out)
    if not source.is_dir():
        done = scrub_apart(str(source))
        _put(target, done.data)
        return done.removed
    removed: set[str] = set()
    with tempfile.TemporaryDirectory(prefix="datapartnerships-") as waiting:
        names = sorted(p.relative_to(source) for p in source.rglob("*") if p.is_file())
        for number, name in enumerate(names):
            try:
                done = scrub_apart(str(source / name))
            except DocumentError as error:
                raise DocumentError(error.reason, f"{name}: {error.detail}") from None
            Path(waiting, str(number)).write_bytes(done.data)
            removed.update(done.removed)
        for number, name in enumerate(names):
            _put(target / name, Path(waiting, str(number)).read_bytes())
    return tuple(sorted(removed))


def _put(target: Path, data: bytes) -> None:
    """All of it or nothing."""
    target.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=target.parent, prefix=".datapartnerships-")
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(data)
        os.chmod(name, 0o644)
        os.replace(name, target)
    except BaseException:
        os.unlink(name)
        raise
